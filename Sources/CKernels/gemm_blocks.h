// A product cut into blocks for the caches and into tasks for the threads.
#ifndef CK_GEMM_BLOCKS_H
#define CK_GEMM_BLOCKS_H

#include "gemm_kernels.h"

typedef struct gemm_product {
  const gemm_kernels* kernels;
  gemm_source source;  // what a and b hold; c holds the kernels' element
  int64_t m, n, k;
  gemm_operand a, b;
  void* c;
  int64_t c_row;
  bool transposed;  // c[j * c_row + i] instead of c[i * c_row + j], and bias[i] instead of bias[j]
  bool accumulate;
  const void* bias;
} gemm_product;

bool ck_gemm_blocks(const gemm_product* product);  // false when there was no memory

#endif
