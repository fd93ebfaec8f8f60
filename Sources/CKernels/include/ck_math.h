// The functions of the C library that formulas over single numbers need.
#ifndef CK_MATH_H
#define CK_MATH_H

static inline double ck_cos(double x) { return __builtin_cos(x); }
static inline double ck_exp(double x) { return __builtin_exp(x); }
static inline double ck_log(double x) { return __builtin_log(x); }
static inline double ck_pow(double x, double y) { return __builtin_pow(x, y); }

#endif
