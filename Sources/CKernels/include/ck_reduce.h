// Reductions and scans. The order of every sum is fixed by the sizes and strides, never by the number of threads.
#ifndef CK_REDUCE_H
#define CK_REDUCE_H

#include "ck_elementwise.h"

typedef enum ck_reduce_op {
  ck_reduce_sum,  // out has the input's dtype; halves add in float32; pairwise or blocked, error grows with log n
  ck_reduce_prod,
  ck_reduce_amax,  // NaN wins
  ck_reduce_amin,
  ck_reduce_all,            // out is bool
  ck_reduce_any,            // out is bool
  ck_reduce_count_nonzero,  // out is int64
  ck_reduce_sum_squares,    // sum of x·x
  ck_reduce_sum_abs,
  ck_reduce_nansum,  // NaN counts as 0
} ck_reduce_op;

// out (contiguous over the kept axes) = reduction over the reduced axes. Zero reduced elements give the identity (sum
// 0, prod 1, all true, any false); amax and amin are then the caller's error. bool and uint8 inputs to sum and prod:
// the caller casts first.
void ck_reduce(ck_reduce_op op, ck_dtype dtype, int kept_rank, const int64_t* kept_size, const int64_t* kept_stride,
               int reduced_rank, const int64_t* reduced_size, const int64_t* reduced_stride, void* out, const void* x);

// Position of the greatest or least element along one axis of n elements (the first among equals; NaN wins). n > 0.
void ck_arg_reduce(bool greatest, ck_dtype dtype, int kept_rank, const int64_t* kept_size, const int64_t* kept_stride,
                   int64_t n, int64_t stride, int64_t* out, const void* x);

typedef enum ck_scan_op {
  ck_scan_cumsum,
  ck_scan_cumprod,
  ck_scan_cummax,
  ck_scan_cummin,
  ck_scan_logcumsumexp
} ck_scan_op;

// Running reduction along the last axis of [rows, n], all contiguous. indices: for cummax and cummin, the position of
// the running extreme (the last among equals, NaN wins, as PyTorch's), else NULL.
void ck_scan(ck_scan_op op, ck_dtype dtype, int64_t rows, int64_t n, void* out, int64_t* indices, const void* x);

#endif
