// Matrix products. Results do not depend on the number of threads.
#ifndef CK_GEMM_H
#define CK_GEMM_H

#include "ck_types.h"

// C[i,j] = sum_k A[i,k]·B[k,j] (+ C[i,j] when accumulate) (+ bias[j] when bias is not NULL), for each of `batch`
// products. Any row and column strides for A and B (transposes are strides, 0 repeats); C has column stride 1. dtype:
// float32, float64, bfloat16, float16 (sums in float32 for the halves), int64, int32, uint8. k == 0 gives zeros (or
// leaves C, when accumulating). m, n or batch == 0 does nothing. Returns false only when scratch memory could not be
// had; C is then undefined.
typedef struct ck_gemm_args {
  ck_dtype dtype;
  bool accumulate;
  int64_t batch, m, n, k;
  const void* a;
  int64_t a_row, a_column, a_batch;
  const void* b;
  int64_t b_row, b_column, b_batch;
  void* c;
  int64_t c_row, c_batch;
  const void* bias;  // n elements or NULL
} ck_gemm_args;

bool ck_gemm(const ck_gemm_args* args);

#endif
