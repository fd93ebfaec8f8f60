// All kernels of one instruction set. The includer defines CK_SET, CK_BUILD_COLD (1 in the set that has
// every row) and CK_FUSED (1 where the target has fused multiply-add), and has pushed its target.

#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed"  // the rare rows call libm and stay scalar
#endif

#include <math.h>

#include "ck_half.h"
#include "ck_sets.h"
#include "elementwise_f32_wide.h"
#include "elementwise_special.h"

#define CK_JOIN2(a, b) a##_##b
#define CK_JOIN(a, b) CK_JOIN2(a, b)

#define CK_KEEP_00(...)
#define CK_KEEP_01(...)
#define CK_KEEP_10(...)
#define CK_KEEP_11(...) __VA_ARGS__
#define CK_WHEN3(a, b) CK_KEEP_##a##b
#define CK_WHEN2(a, b) CK_WHEN3(a, b)
#define CK_WHEN(types, speed) CK_WHEN2(CK_HAS_##types, CK_BUILD_##speed)
#define CK_BUILD_HOT 1

// Operands either coincide or do not overlap, so that iterations are independent.
#if defined(__clang__)
#define CK_LOOP _Pragma("clang loop vectorize(assume_safety) interleave(enable)")
#pragma clang diagnostic ignored "-Wunused-variable"
#pragma clang diagnostic ignored "-Wunused-function"
#elif defined(__GNUC__)
#define CK_LOOP _Pragma("GCC ivdep")
#pragma GCC diagnostic ignored "-Wtype-limits"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-function"
#endif

#define CK_RESULT_SAME T
#define CK_RESULT_BOOL uint8_t

// Out of range and NaN become the nearest number the type has, and 0.
static inline int64_t ck_saturate_i64(double x) {
  return x >= 0x1p63 ? INT64_MAX : x >= -0x1p63 ? (int64_t)x : x != x ? 0 : INT64_MIN;
}
static inline int64_t ck_saturate(double x, int64_t low, int64_t high) {
  const int64_t i = ck_saturate_i64(x);
  return i < low ? low : i > high ? high : i;
}

#define CK_SPECIAL(f)                                                       \
  static inline float f32_##f(float x) { return (float)ck_##f((double)x); } \
  static inline double f64_##f(double x) { return ck_##f(x); }
CK_SPECIAL(lgamma)
CK_SPECIAL(digamma)
CK_SPECIAL(trigamma)
CK_SPECIAL(erfinv)
CK_SPECIAL(i0)
CK_SPECIAL(i0e)
CK_SPECIAL(i1)
CK_SPECIAL(i1e)
CK_SPECIAL(i1_slope)
CK_SPECIAL(sinc_slope)
#undef CK_SPECIAL
static inline float f32_polygamma(float order, float x) { return (float)ck_polygamma((double)order, (double)x); }
static inline double f64_polygamma(double order, double x) { return ck_polygamma(order, x); }
static inline float f32_special(float which, float x) { return (float)ck_special((double)which, (double)x); }
static inline double f64_special(double which, double x) { return ck_special(which, x); }
static inline float f32_special_pair(float which, float x, float y) {
  return (float)ck_special_of_two((double)which, (double)x, (double)y);
}
static inline double f64_special_pair(double which, double x, double y) { return ck_special_of_two(which, x, y); }
static inline float f32_binomial(float x, float y, float z) {
  return (float)ck_binomial((double)x, (double)y, (double)z);
}
static inline double f64_binomial(double x, double y, double z) { return ck_binomial(x, y, z); }
static inline float f32_nextafter(float x, float y, float fraction) {
  return fraction == 0 ? nextafterf(x, y) : ck_nextafter_half(x, y, (int)fraction);
}
static inline double f64_nextafter(double x, double y, double fraction) {
  (void)fraction;
  return nextafter(x, y);
}

#define CK_HAS_F 1
#define CK_HAS_FI 1
#define CK_HAS_FIB 1
#define CK_HAS_I 0
#define CK_HAS_IB 0
#define CK_PARAM(v) (T)(v)
#define C(v) ((T)(v))

#define T float
#define CK_PREFIX f32
#define CK_BUILD_WARM 1
#include "elementwise_float.h"
#include "elementwise_rows.h"
#undef T
#undef CK_PREFIX
#undef CK_BUILD_WARM

#define T double
#define CK_PREFIX f64
#define CK_BUILD_WARM CK_BUILD_COLD
#include "elementwise_float.h"
#include "elementwise_rows.h"
#undef T
#undef CK_PREFIX

#undef CK_HAS_F
#undef CK_HAS_I
#undef CK_HAS_IB
#undef CK_PARAM
#define CK_HAS_F 0
#define CK_HAS_I 1
#define CK_HAS_IB 1

#define T int64_t
#define U uint64_t
#define CK_PREFIX i64
#define CK_BITS 64
#define CK_SIGNED 1
#define CK_PARAM(v) ck_saturate_i64(v)
#include "elementwise_integer.h"
#include "elementwise_rows.h"
#undef T
#undef U
#undef CK_PREFIX
#undef CK_BITS
#undef CK_PARAM

#define T int32_t
#define U uint32_t
#define CK_PREFIX i32
#define CK_BITS 32
#define CK_PARAM(v) (T) ck_saturate(v, INT32_MIN, INT32_MAX)
#include "elementwise_integer.h"
#include "elementwise_rows.h"
#undef T
#undef U
#undef CK_PREFIX
#undef CK_BITS
#undef CK_SIGNED
#undef CK_PARAM

#define T uint8_t
#define U uint32_t
#define CK_PREFIX u8
#define CK_BITS 8
#define CK_SIGNED 0
#define CK_PARAM(v) (T) ck_saturate(v, 0, UINT8_MAX)
#include "elementwise_integer.h"
#include "elementwise_rows.h"
#undef U
#undef CK_PREFIX
#undef CK_PARAM

#undef CK_HAS_FI
#undef CK_HAS_I
#define CK_HAS_FI 0
#define CK_HAS_I 0
#define CK_PREFIX b1
#define CK_PARAM(v) ((v) != 0)
static inline uint8_t b1_abs(uint8_t x) { return x; }
static inline uint8_t b1_sign(uint8_t x) { return x; }
static inline uint8_t b1_add(uint8_t x, uint8_t y) { return x | y; }
static inline uint8_t b1_mul(uint8_t x, uint8_t y) { return x & y; }
static inline uint8_t b1_maximum(uint8_t x, uint8_t y) { return x | y; }
static inline uint8_t b1_minimum(uint8_t x, uint8_t y) { return x & y; }
static inline bool b1_isnan(uint8_t x) { return (void)x, false; }
static inline bool b1_isinf(uint8_t x) { return (void)x, false; }
static inline bool b1_isfinite(uint8_t x) { return (void)x, true; }
static inline bool b1_signbit(uint8_t x) { return (void)x, false; }
static inline uint8_t b1_bitwise_not(uint8_t x) { return x ^ 1; }
#include "elementwise_rows.h"
#undef T
#undef CK_PREFIX
#undef C

#include "elementwise_convert.h"

#define CK_ROWS(kind) {f32_##kind, f64_##kind, i64_##kind, i32_##kind, u8_##kind, b1_##kind}
const ck_set CK_SET = {
    .unary = CK_ROWS(unary_rows),
    .binary = CK_ROWS(binary_rows),
    .ternary = CK_ROWS(ternary_rows),
    .slope = {f32_slope_rows, f64_slope_rows},
    .cast = CK_CASTS,
    .widen_f16 = widen_f16,
    .widen_bf16 = widen_bf16,
    .narrow_f16 = narrow_f16,
    .narrow_bf16 = narrow_bf16,
};
