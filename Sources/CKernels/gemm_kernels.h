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

// Neighbours in an image and where they go, or come from, in a row.
typedef struct conv_piece {
  int64_t from, to, count;
} conv_piece;

typedef struct conv_tap_pieces {
  const conv_piece* list;
  int64_t count;
  bool whole;  // no place of the row is left out
} conv_tap_pieces;

typedef struct conv_pieces {
  int64_t taps, places;
  conv_piece* list;
  conv_tap_pieces* tap;
} conv_pieces;

// `count` rows of the matrix [channels · taps][places] of an image, `stride` apart and `width` wide.
typedef struct conv_rows {
  const conv_pieces* pieces;
  const void* source;
  int64_t plane, step;  // elements between channels, and between neighbours
  int64_t first, count;
  void* out;
  int64_t stride, width;
} conv_rows;

// Sums [rows][2 · lanes] for as many channels; a bias for each goes in as well.
typedef struct conv_tile {
  const void* sums;
  int rows;
  const conv_piece* pieces;
  int64_t piece_count;
  void* out;
  int64_t plane, step;
  const void* bias;
  bool accumulate;
} conv_tile;

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
  void (*image_rows)(const conv_rows* rows);
  void (*tile_to_image)(const conv_tile* tile);
} gemm_kernels;

extern const gemm_kernels ck_gemm_f32_portable, ck_gemm_f64_portable;
#if defined(__x86_64__)
extern const gemm_kernels ck_gemm_f32_avx2, ck_gemm_f64_avx2, ck_gemm_f32_avx512, ck_gemm_f64_avx512;
#elif defined(__aarch64__)
extern const gemm_kernels ck_gemm_f32_neon, ck_gemm_f64_neon;
#endif

const gemm_kernels* ck_gemm_kernels(bool doubles);

#endif
