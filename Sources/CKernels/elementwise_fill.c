#include <string.h>

#include "ck_half.h"
#include "ck_sets.h"
#include "ck_thread.h"

#define CK_FILL_GRAIN 65536

void ck_fill(ck_dtype dtype, int rank, const int64_t* size, ck_out out, const void* value) {
  static const int64_t repeat[CK_MAX_RANK];
  ck_walk_copy(dtype, rank, size, out, (ck_in){value, repeat});
}

typedef struct arange {
  ck_dtype dtype;
  void* out;
  double start, step;
  int64_t integer_start, integer_step;
} arange;

static void arange_body(void* context, int64_t begin, int64_t end) {
  const arange* a = context;
#define CK_RANGE(type, value)                                                                  \
  {                                                                                            \
    type* o = a->out;                                                                          \
    for (int64_t i = begin; i < end; i++) {                                                    \
      const double x = a->start + (double)i * a->step;                                         \
      const uint64_t n = (uint64_t)a->integer_start + (uint64_t)i * (uint64_t)a->integer_step; \
      (void)x, (void)n;                                                                        \
      o[i] = (type)(value);                                                                    \
    }                                                                                          \
    break;                                                                                     \
  }
  switch (a->dtype) {
    case CK_FLOAT32:
      CK_RANGE(float, x)
    case CK_FLOAT64:
      CK_RANGE(double, x)
    case CK_FLOAT16:
      CK_RANGE(uint16_t, ck_f16_narrow((float)x))
    case CK_BFLOAT16:
      CK_RANGE(uint16_t, ck_bf16_narrow((float)x))
    case CK_INT64:
      CK_RANGE(int64_t, n)
    case CK_INT32:
      CK_RANGE(int32_t, n)
    case CK_UINT8:
      CK_RANGE(uint8_t, n)
    case CK_BOOL:
      break;
  }
}

void ck_arange(ck_dtype dtype, int64_t n, void* out, double start, double step) {
  arange a = {dtype, out, start, step, 0, 0};
  ck_parallel(n, CK_FILL_GRAIN, arange_body, &a);
}

void ck_arange_integer(ck_dtype dtype, int64_t n, void* out, int64_t start, int64_t step) {
  arange a = {dtype, out, (double)start, (double)step, start, step};
  ck_parallel(n, CK_FILL_GRAIN, arange_body, &a);
}
