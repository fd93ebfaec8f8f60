// What the matrix product asks of the code compiled for one instruction set.
#ifndef CK_GEMM_KERNELS_H
#define CK_GEMM_KERNELS_H

#include "ck_types.h"

// C[i,j] = sum_k A[i,k]·B[k,j] (+ C[i,j]) (+ bias[j]) for a tile of C that fits in registers. Columns of B and C are
// contiguous. Without `reads_part`, B can be read up to the next whole vector.
typedef struct gemm_tile {
  int rows, columns;
  int64_t k;
  const void* a;
  int64_t a_row, a_column;
  const void* b;
  int64_t b_row;
  void* c;
  int64_t c_row;
  bool accumulate;
  const void* bias;
} gemm_tile;

// A matrix as it lies in memory.
typedef struct gemm_operand {
  const void* data;
  int64_t row, column;
} gemm_operand;

// y[i] = sum_k matrix[i,k]·x[k] (+ y[i]) (+ bias[i]) for i in [0, count).
typedef struct gemm_vector {
  int64_t count, k;
  gemm_operand matrix;
  const void* x;
  int64_t x_stride;
  void* y;
  int64_t y_stride;
  bool accumulate;
  const void* bias;
  int64_t bias_stride;
} gemm_vector;

typedef enum gemm_source { GEMM_SAME, GEMM_FLOAT16, GEMM_BFLOAT16, GEMM_SOURCES } gemm_source;

typedef struct gemm_kernels {
  size_t size;
  int rows, columns, lanes;
  bool reads_part;
  void (*tile)(const gemm_tile* tile);
  void (*tile_transposed)(const gemm_tile* tile);  // C's rows are contiguous, `c_row` apart; the bias goes by row
  // Copies `rows` rows of A, k long: row after row, `stride` apart. For A whose columns are not contiguous, column
  // after column, `rows` of the tile apart.
  void (*pack_rows[GEMM_SOURCES])(const gemm_operand* a, int64_t rows, int64_t k, void* out, int64_t stride);
  void (*pack_columns[GEMM_SOURCES])(const gemm_operand* b, int64_t columns, int64_t k, void* out);
  void (*dots)(const gemm_vector* product);  // rows of the matrix and x are contiguous
  void (*sums)(const gemm_vector* product);  // columns of the matrix and y are contiguous
} gemm_kernels;

extern const gemm_kernels ck_gemm_f32_portable, ck_gemm_f64_portable;
#if defined(__x86_64__)
extern const gemm_kernels ck_gemm_f32_avx2, ck_gemm_f64_avx2, ck_gemm_f32_avx512, ck_gemm_f64_avx512;
#elif defined(__aarch64__)
extern const gemm_kernels ck_gemm_f32_neon, ck_gemm_f64_neon;
#endif

#endif
