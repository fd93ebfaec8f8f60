// Elementwise kernels: one line of elementwise_table.h each. Halves are computed in float32 and rounded once.
#ifndef CK_ELEMENTWISE_H
#define CK_ELEMENTWISE_H

#include "ck_types.h"

#define CK_UNARY(name, ...) ck_unary_##name,
#define CK_BINARY(name, ...) ck_binary_##name,
#define CK_TERNARY(name, ...) ck_ternary_##name,

typedef enum ck_unary_op {
#define CK_TABLE_UNARY
#include "elementwise_table.h"
#undef CK_TABLE_UNARY
  CK_UNARY_COUNT
} ck_unary_op;

typedef enum ck_binary_op {
#define CK_TABLE_BINARY
#include "elementwise_table.h"
#undef CK_TABLE_BINARY
  CK_BINARY_COUNT
} ck_binary_op;

typedef enum ck_ternary_op {
#define CK_TABLE_TERNARY
#include "elementwise_table.h"
#undef CK_TABLE_TERNARY
  CK_TERNARY_COUNT
} ck_ternary_op;

#undef CK_UNARY
#undef CK_BINARY
#undef CK_TERNARY

// Functions that share the rows `special`: p0 says which one is meant.
typedef enum ck_special_function {
  ck_special_airy_ai,
  ck_special_bessel_j0,
  ck_special_bessel_j1,
  ck_special_bessel_y0,
  ck_special_bessel_y1,
  ck_special_spherical_bessel_j0,
  ck_special_i1_slope,
  ck_special_i2_ratio,
  ck_special_k0,
  ck_special_k1,
  ck_special_scaled_k0,
  ck_special_scaled_k1,
  ck_special_erfcx,
  ck_special_log_ndtr,
  ck_special_sinc_slope,
  ck_special_entr,
  ck_special_frexp_exponent,
} ck_special_function;
typedef enum ck_special_pair {
  ck_special_zeta,
  ck_special_igamma,
  ck_special_igammac,
  ck_special_chebyshev_t,
  ck_special_chebyshev_u,
  ck_special_chebyshev_v,
  ck_special_chebyshev_w,
  ck_special_hermite,
  ck_special_hermite_he,
  ck_special_laguerre,
  ck_special_legendre,
  ck_special_poisson,
} ck_special_pair;

// One operand: where it starts and its strides (NULL: contiguous in the order of the sizes).
typedef struct ck_in {
  const void* data;
  const int64_t* stride;
} ck_in;
typedef struct ck_out {
  void* data;
  const int64_t* stride;
} ck_out;

// All run over `rank` axes of `size`. dtype is that of the inputs; the output has the same dtype, except where the
// table says bool (comparisons, isnan, logical operations). params holds the numbers that a row names p0, p1, p2; may
// be NULL without them. Each returns false, having done nothing, when the row has no kernel for the dtype.
bool ck_unary(ck_unary_op op, ck_dtype dtype, const double* params, int rank, const int64_t* size, ck_out out, ck_in x);
bool ck_binary(ck_binary_op op, ck_dtype dtype, const double* params, int rank, const int64_t* size, ck_out out,
               ck_in x, ck_in y);
// where: x is bool and y, z have the dtype. All other rows: x, y, z have the dtype.
bool ck_ternary(ck_ternary_op op, ck_dtype dtype, const double* params, int rank, const int64_t* size, ck_out out,
                ck_in x, ck_in y, ck_in z);

// out = g · slope(saved), where saved is the row's input or output as ck_slope_saves says.
typedef enum ck_saves { CK_SAVES_NONE = 0, CK_SAVES_INPUT = 1, CK_SAVES_OUTPUT = 2 } ck_saves;
ck_saves ck_slope_saves(ck_unary_op op);  // NONE: the row has no slope kernel
bool ck_slope(ck_unary_op op, ck_dtype dtype, const double* params, int rank, const int64_t* size, ck_out out, ck_in g,
              ck_in saved);

bool ck_unary_supports(ck_unary_op op, ck_dtype dtype);
bool ck_binary_supports(ck_binary_op op, ck_dtype dtype);
bool ck_ternary_supports(ck_ternary_op op, ck_dtype dtype);

// Copies with conversion (same dtype: plain strided copy, transposing copies blocked). Float to integer truncates and,
// like integer narrowing, never traps: out-of-range and NaN give a defined value. Anything to bool is x != 0.
void ck_cast(ck_dtype from, ck_dtype to, int rank, const int64_t* size, ck_out out, ck_in x);

// Fills with one element of `dtype` read from value.
void ck_fill(ck_dtype dtype, int rank, const int64_t* size, ck_out out, const void* value);

// out[i] = start + i·step, contiguous: in float64 for floating dtypes, wrapping in int64 for integer ones (not bool).
void ck_arange(ck_dtype dtype, int64_t n, void* out, double start, double step);
void ck_arange_integer(ck_dtype dtype, int64_t n, void* out, int64_t start, int64_t step);

#endif
