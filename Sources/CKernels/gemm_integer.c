#include "gemm_integer.h"

#include "ck_thread.h"

enum { WORK_GRAIN = 1 << 18 };

// Rows of C in [begin, end), counted through the batch. Unsigned arithmetic wraps where signed overflow is undefined.
#define ROWS_OF(name, type)                                                                               \
  static void name(void* context, int64_t begin, int64_t end) {                                           \
    const ck_gemm_args* args = context;                                                                   \
    for (int64_t row = begin; row < end; row++) {                                                         \
      int64_t batch = row / args->m, i = row % args->m;                                                   \
      const type* a = (const type*)args->a + batch * args->a_batch + i * args->a_row;                     \
      const type* b = (const type*)args->b + batch * args->b_batch;                                       \
      type* c = (type*)args->c + batch * args->c_batch + i * args->c_row;                                 \
      const type* bias = args->bias;                                                                      \
      for (int64_t j = 0; j < args->n; j++) {                                                             \
        c[j] = (type)((args->accumulate ? c[j] : 0) + (bias ? bias[j] : 0));                              \
      }                                                                                                   \
      for (int64_t k = 0; k < args->k; k++) {                                                             \
        type factor = a[k * args->a_column];                                                              \
        const type* b_row = b + k * args->b_row;                                                          \
        if (args->b_column == 1) {                                                                        \
          for (int64_t j = 0; j < args->n; j++) c[j] = (type)(c[j] + factor * b_row[j]);                  \
        } else {                                                                                          \
          for (int64_t j = 0; j < args->n; j++) c[j] = (type)(c[j] + factor * b_row[j * args->b_column]); \
        }                                                                                                 \
      }                                                                                                   \
    }                                                                                                     \
  }

ROWS_OF(rows_u64, uint64_t)
ROWS_OF(rows_u32, uint32_t)
ROWS_OF(rows_u8, uint8_t)

void ck_gemm_integer(const ck_gemm_args* args) {
  int64_t row_work = args->n * (args->k + 1), grain = row_work < WORK_GRAIN ? WORK_GRAIN / row_work : 1;
  ck_body body = args->dtype == CK_INT64 ? rows_u64 : args->dtype == CK_INT32 ? rows_u32 : rows_u8;
  ck_parallel(args->batch * args->m, grain, body, (void*)args);
}
