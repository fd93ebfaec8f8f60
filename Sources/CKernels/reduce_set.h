// All reduction kernels of one instruction set. The includer defines CK_SET and has pushed its target.

#include <math.h>

#include "ck_half.h"
#include "ck_reduce_sets.h"

#define CK_JOIN2(a, b) a##_##b
#define CK_JOIN(a, b) CK_JOIN2(a, b)
#if defined(__clang__)
#define CK_LOOP _Pragma("clang loop vectorize(assume_safety)")
#else
#define CK_LOOP _Pragma("GCC ivdep")
#pragma GCC diagnostic ignored "-Wtype-limits"
#endif

#define CK_RESULT_SAME T
#define CK_RESULT_BOOL uint8_t
#define CK_RESULT_COUNT int64_t
#define C(v) ((T)(v))
#define M(f) CK_JOIN(CK_PREFIX, f)

#define CK_FLOAT_BASICS(prefix, type)                                                     \
  static inline type prefix##_add(type x, type y) { return x + y; }                       \
  static inline type prefix##_mul(type x, type y) { return x * y; }                       \
  static inline type prefix##_maximum(type x, type y) { return x > y || x != x ? x : y; } \
  static inline type prefix##_minimum(type x, type y) { return x < y || x != x ? x : y; } \
  static inline bool prefix##_isnan(type x) { return x != x; }                            \
  static inline type prefix##_abs(type x) { return (type)(x < 0 ? -x : x); }
#define CK_INTEGER_BASICS(prefix, type, wide)                                           \
  static inline type prefix##_add(type x, type y) { return (type)((wide)x + (wide)y); } \
  static inline type prefix##_mul(type x, type y) { return (type)((wide)x * (wide)y); } \
  static inline type prefix##_maximum(type x, type y) { return x > y ? x : y; }         \
  static inline type prefix##_minimum(type x, type y) { return x < y ? x : y; }         \
  static inline bool prefix##_isnan(type x) { return (void)x, false; }                  \
  static inline type prefix##_abs(type x) { return (type)(x < 0 ? (wide)0 - (wide)x : (wide)x); }
CK_FLOAT_BASICS(f32, float)
CK_FLOAT_BASICS(f64, double)
CK_INTEGER_BASICS(i64, int64_t, uint64_t)
CK_INTEGER_BASICS(i32, int32_t, uint32_t)
CK_INTEGER_BASICS(u8, uint8_t, uint32_t)
#undef M

#define T float
#define CK_PREFIX f32
#define LOWEST (-INFINITY)
#define HIGHEST INFINITY
#include "reduce_rows.h"
#undef T
#undef CK_PREFIX

#define T double
#define CK_PREFIX f64
#include "reduce_rows.h"
#undef T
#undef CK_PREFIX
#undef LOWEST
#undef HIGHEST

#define T int64_t
#define CK_PREFIX i64
#define LOWEST INT64_MIN
#define HIGHEST INT64_MAX
#include "reduce_rows.h"
#undef T
#undef CK_PREFIX
#undef LOWEST
#undef HIGHEST

#define T int32_t
#define CK_PREFIX i32
#define LOWEST INT32_MIN
#define HIGHEST INT32_MAX
#include "reduce_rows.h"
#undef T
#undef CK_PREFIX
#undef LOWEST
#undef HIGHEST

#define T uint8_t
#define CK_PREFIX u8
#define LOWEST 0
#define HIGHEST UINT8_MAX
#include "reduce_rows.h"
#undef T
#undef CK_PREFIX

const ck_reduce_set CK_SET = {
    .reducer = {f32_reducers, f64_reducers, i64_reducers, i32_reducers, u8_reducers, u8_reducers},
    .arg_columns = {f32_arg_columns, f64_arg_columns, i64_arg_columns, i32_arg_columns, u8_arg_columns, u8_arg_columns},
};
