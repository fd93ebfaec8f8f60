// The basic functions of float64 rows: mostly the C library's.
#ifndef CK_ELEMENTWISE_F64_H
#define CK_ELEMENTWISE_F64_H

#include <math.h>
#include <stdbool.h>

#include "ck_half.h"

static inline double f64_abs(double x) { return __builtin_fabs(x); }
#if defined(__clang__)
static inline double f64_sqrt(double x) { return __builtin_elementwise_sqrt(x); }
#else
static inline double f64_sqrt(double x) { return sqrt(x); }
#endif
static inline double f64_copysign(double x, double y) { return __builtin_copysign(x, y); }
static inline bool f64_signbit(double x) { return ck_bits_of_double(x) >> 63; }
static inline double f64_floor(double x) { return __builtin_floor(x); }
static inline double f64_ceil(double x) { return __builtin_ceil(x); }
static inline double f64_trunc(double x) { return __builtin_trunc(x); }
static inline double f64_round(double x) { return __builtin_rint(x); }

#define CK_LIBM(f) \
  static inline double f64_##f(double x) { return f(x); }
CK_LIBM(exp)
CK_LIBM(exp2)
CK_LIBM(expm1)
CK_LIBM(log)
CK_LIBM(log2)
CK_LIBM(log10)
CK_LIBM(log1p)
CK_LIBM(sin)
CK_LIBM(cos)
CK_LIBM(tan)
CK_LIBM(asin)
CK_LIBM(acos)
CK_LIBM(atan)
CK_LIBM(sinh)
CK_LIBM(cosh)
CK_LIBM(tanh)
CK_LIBM(asinh)
CK_LIBM(acosh)
CK_LIBM(atanh)
CK_LIBM(erf)
CK_LIBM(erfc)
#undef CK_LIBM

#define CK_LIBM(f) \
  static inline double f64_##f(double x, double y) { return f(x, y); }
CK_LIBM(pow)
CK_LIBM(atan2)
CK_LIBM(hypot)
CK_LIBM(fmod)
#undef CK_LIBM

static inline double f64_twice_normal(double x) { return erfc(x * -0.70710678118654752440); }

#endif
