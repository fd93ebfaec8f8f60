#include <math.h>

#include "ck_half.h"
#include "ck_reduce.h"
#include "ck_thread.h"

#define CK_GRAIN 16384

typedef struct scan {
  ck_scan_op op;
  int64_t n;
  void* out;
  int64_t* indices;
  const void* x;
} scan;

static double add_logs(double x, double y) {
  const double low = x < y || x != x ? x : y, high = x > y || x != x ? x : y;
  return low == high && isinf(low) ? low : high + log1p(exp(low - high));
}

#define CK_SAME(v) (v)

// Floating sums and products run in float64 and are rounded at every output. `wide` wraps for integers.
#define CK_SCAN(name, stored, type, wide, read, write)                                                    \
  static void scan_##name(void* context, int64_t begin, int64_t end) {                                    \
    const scan* s = context;                                                                              \
    for (int64_t row = begin; row < end; row++) {                                                         \
      const stored* x = (const stored*)s->x + row * s->n;                                                 \
      stored* o = (stored*)s->out + row * s->n;                                                           \
      int64_t* indices = s->indices ? s->indices + row * s->n : NULL;                                     \
      if (s->op == ck_scan_cumsum) {                                                                      \
        wide sum = 0;                                                                                     \
        for (int64_t i = 0; i < s->n; i++) o[i] = write((type)(sum += (wide)read(x[i])));                 \
      } else if (s->op == ck_scan_cumprod) {                                                              \
        wide product = 1;                                                                                 \
        for (int64_t i = 0; i < s->n; i++) o[i] = write((type)(product *= (wide)read(x[i])));             \
      } else if (s->op == ck_scan_logcumsumexp) {                                                         \
        double sum = -INFINITY;                                                                           \
        for (int64_t i = 0; i < s->n; i++) o[i] = write((type)(sum = add_logs((double)read(x[i]), sum))); \
      } else {                                                                                            \
        const bool greatest = s->op == ck_scan_cummax;                                                    \
        type best = read(x[0]);                                                                           \
        int64_t at = 0;                                                                                   \
        for (int64_t i = 0; i < s->n; i++) {                                                              \
          const type v = read(x[i]);                                                                      \
          if (v != v || (best == best && (greatest ? v >= best : v <= best))) {                           \
            best = v;                                                                                     \
            at = i;                                                                                       \
          }                                                                                               \
          o[i] = write(best);                                                                             \
          if (indices) indices[i] = at;                                                                   \
        }                                                                                                 \
      }                                                                                                   \
    }                                                                                                     \
  }
CK_SCAN(f32, float, float, double, CK_SAME, CK_SAME)
CK_SCAN(f64, double, double, double, CK_SAME, CK_SAME)
CK_SCAN(f16, uint16_t, float, double, ck_f16_widen, ck_f16_narrow)
CK_SCAN(bf16, uint16_t, float, double, ck_bf16_widen, ck_bf16_narrow)
CK_SCAN(i64, int64_t, int64_t, uint64_t, CK_SAME, CK_SAME)
CK_SCAN(i32, int32_t, int32_t, uint32_t, CK_SAME, CK_SAME)
CK_SCAN(u8, uint8_t, uint8_t, uint32_t, CK_SAME, CK_SAME)

void ck_scan(ck_scan_op op, ck_dtype dtype, int64_t rows, int64_t n, void* out, int64_t* indices, const void* x) {
  static const ck_body bodies[] = {[CK_FLOAT32] = scan_f32,   [CK_FLOAT64] = scan_f64, [CK_FLOAT16] = scan_f16,
                                   [CK_BFLOAT16] = scan_bf16, [CK_INT64] = scan_i64,   [CK_INT32] = scan_i32,
                                   [CK_UINT8] = scan_u8,      [CK_BOOL] = scan_u8};
  if (rows == 0 || n == 0) return;
  scan s = {op, n, out, indices, x};
  const int64_t grain = CK_GRAIN / n;
  ck_parallel(rows, grain > 0 ? grain : 1, bodies[dtype], &s);
}
