// The basic functions of float32 rows: free of branches, so that loops over them become vector code, and with the same
// bits in the body of such a loop as in its tail. Errors stay below 2 ulp.
#ifndef CK_ELEMENTWISE_F32_H
#define CK_ELEMENTWISE_F32_H

#include <math.h>
#include <stdbool.h>

#include "ck_half.h"

static inline float f32_abs(float x) { return __builtin_fabsf(x); }
static inline float f32_copysign(float x, float y) { return __builtin_copysignf(x, y); }
static inline bool f32_signbit(float x) { return ck_bits_of_float(x) >> 31; }
static inline float f32_floor(float x) { return __builtin_floorf(x); }
static inline float f32_ceil(float x) { return __builtin_ceilf(x); }
static inline float f32_trunc(float x) { return __builtin_truncf(x); }
static inline float f32_round(float x) { return __builtin_rintf(x); }
static inline float f32_fmod(float x, float y) { return fmodf(x, y); }
#if defined(__clang__)
static inline float f32_sqrt(float x) { return __builtin_elementwise_sqrt(x); }
#else
static inline float f32_sqrt(float x) { return sqrtf(x); }
#endif

// Fused where the instruction set has it; f32_exact_fma also where it has not.
#if CK_FUSED
static inline float f32_fma(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
static inline float f32_exact_fma(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
#else
static inline float f32_fma(float x, float y, float z) { return x * y + z; }
static inline float f32_exact_fma(float x, float y, float z) { return (float)((double)x * (double)y + (double)z); }
#endif

// Adding this leaves the nearest integer in the lowest bits.
#define CK_ROUNDER 0x1.8p23f

// The integer that x + CK_ROUNDER holds, and 2 to the power of an integer from -126 to 127.
static inline int32_t f32_held(float rounded) { return (int32_t)(ck_bits_of_float(rounded) - 0x4b400000u); }
static inline float f32_power(int32_t n) { return ck_float_of_bits((uint32_t)(n + 127) << 23); }

// 2^n in two steps reaches the ends of the range, denormals included.
static inline float f32_scale(float x, int32_t n) {
  const int32_t half = n >> 1;
  return x * f32_power(half) * f32_power(n - half);
}

// x - n log 2 for the nearest n.
static inline float f32_reduce_log2(float x, float n) {
  return f32_fma(n, 2.12194440e-4f, f32_fma(n, -0.693359375f, x));
}

// exp(r) - 1 for |r| up to log(2) / 2.
static inline float f32_small_expm1(float r) {
  float p = 0x1.6d10fcp-10f;
  p = f32_fma(p, r, 0x1.120b62p-7f);
  p = f32_fma(p, r, 0x1.55551ap-5f);
  p = f32_fma(p, r, 0x1.5554dep-3f);
  p = f32_fma(p, r, 0.5f);
  return f32_fma(p, r * r, r);
}

static inline float f32_exp(float x) {
  float z = x > 89.0f ? 89.0f : x;
  z = z < -104.0f ? -104.0f : z;
  const float rounded = f32_fma(z, 1.44269504f, CK_ROUNDER);
  return f32_scale(1.0f + f32_small_expm1(f32_reduce_log2(z, rounded - CK_ROUNDER)), f32_held(rounded));
}

static inline float f32_exp2(float x) {
  float z = x > 129.0f ? 129.0f : x;
  z = z < -151.0f ? -151.0f : z;
  const float rounded = z + CK_ROUNDER, r = z - (rounded - CK_ROUNDER);
  float p = 0x1.00a582p-16f;
  p = f32_fma(p, r, 0x1.444000p-13f);
  p = f32_fma(p, r, 0x1.5d879ep-10f);
  p = f32_fma(p, r, 0x1.3b2a1cp-7f);
  p = f32_fma(p, r, 0x1.c6b08ep-5f);
  p = f32_fma(p, r, 0x1.ebfbe0p-3f);
  p = f32_fma(p, r, 0x1.62e430p-1f);
  return f32_scale(f32_fma(p, r, 1.0f), f32_held(rounded));
}

static inline float f32_expm1(float x) {
  float z = x > 89.0f ? 89.0f : x;
  z = z < -18.0f ? -18.0f : z;
  const float rounded = f32_fma(z, 1.44269504f, CK_ROUNDER);
  const float e = f32_small_expm1(f32_reduce_log2(z, rounded - CK_ROUNDER));
  // Half of 2^n, which stays finite for the greatest n.
  const float half = f32_power(f32_held(rounded) - 1);
  const float result = 2.0f * f32_fma(half, e, half - 0.5f);
  return f32_abs(x) < 0x1p-24f ? x : result;
}

// log(1 + f) - f for f from -1/3 to 1/2.
static inline float f32_log_tail(float f) {
  const float s = f * f;
  float odd = 0.140869141f, even = -0.130310059f;
  even = f32_fma(even, s, -0.121484190f);
  odd = f32_fma(odd, s, 0.139814854f);
  even = f32_fma(even, s, -0.166846052f);
  odd = f32_fma(odd, s, 0.200120345f);
  even = f32_fma(even, s, -0.249996200f);
  float p = f32_fma(odd, f, even);
  p = f32_fma(p, f, 0.333331972f);
  p = f32_fma(p, f, -0.5f);
  return p * s;
}

// x = (1 + fraction) · 2^exponent with the fraction from -1/3 to 1/3.
typedef struct f32_parts {
  float fraction, exponent;
} f32_parts;

static inline f32_parts f32_split(float x) {
  const bool tiny = x < 0x1p-126f;
  const uint32_t bits = ck_bits_of_float(tiny ? x * 0x1p23f : x);
  const uint32_t above = (bits - 0x3f2aaaabu) & 0xff800000u;
  const float exponent = (float)(int32_t)above * 0x1p-23f;
  return (f32_parts){ck_float_of_bits(bits - above) - 1.0f, tiny ? exponent - 23.0f : exponent};
}

// What the logarithms of zero, negatives, infinity and NaN are.
static inline float f32_log_ends(float x, float result) {
  result = x == INFINITY || x != x ? x : result;
  return x > 0.0f || x != x ? result : x == 0.0f ? -INFINITY : NAN;
}

static inline float f32_log(float x) {
  const f32_parts p = f32_split(x);
  const float small = p.fraction + f32_log_tail(p.fraction);
  return f32_log_ends(x, f32_fma(p.exponent, 0.693147182f, small));
}

static inline float f32_log2(float x) {
  const f32_parts p = f32_split(x);
  const float tail = f32_fma(p.fraction, 1.92596299e-8f, f32_log_tail(p.fraction) * 1.44269504f);
  const float small = f32_fma(p.fraction, 1.44269502f, tail);
  return f32_log_ends(x, p.exponent + small);
}

static inline float f32_log10(float x) {
  const f32_parts p = f32_split(x);
  const float tail = f32_fma(p.fraction, -1.010305e-08f, f32_log_tail(p.fraction) * 0.434294492f);
  const float small = f32_fma(p.fraction, 0.434294492f, f32_fma(p.exponent, -1.43209888e-08f, tail));
  return f32_log_ends(x, f32_fma(p.exponent, 0.30103001f, small));
}

static inline float f32_log1p(float x) {
  const uint32_t above = (ck_bits_of_float(1.0f + x) - 0x3f400000u) & 0xff800000u;
  // (1 + x) / 2^n - 1 from -1/4 to 1/2, without the rounding of 1 + x.
  const float scale = ck_float_of_bits(0x40800000u - above);
  const float f = ck_float_of_bits(ck_bits_of_float(x) - above) + f32_fma(0.25f, scale, -1.0f), s = f * f;
  float odd = 1.05529785e-1f, even = -4.54559326e-2f;
  even = f32_fma(even, s, -1.32279143e-1f);
  odd = f32_fma(odd, s, 1.44911006e-1f);
  even = f32_fma(even, s, -1.66416913e-1f);
  odd = f32_fma(odd, s, 1.99886635e-1f);
  even = f32_fma(even, s, -2.50001848e-1f);
  float p = f32_fma(odd, f, even);
  p = f32_fma(p, f, 3.33335280e-1f);
  p = f32_fma(p, f, -0.5f);
  float result = f32_fma((float)(int32_t)above * 0x1p-23f, 0.693147182f, f32_fma(p, s, f));
  result = x == INFINITY || x != x || f32_abs(x) < 0x1p-26f ? x : result;
  return x >= -1.0f || x != x ? (x == -1.0f ? -INFINITY : result) : NAN;
}

static inline float f32_tanh(float x) {
  const float t = f32_abs(x), s = x * x;
  float p = 0x1.01e000p-6f;
  p = f32_fma(p, s, -5.23025580e-2f);
  p = f32_fma(p, s, 1.33152470e-1f);
  p = f32_fma(p, s, -3.33327681e-1f);
  const float small = f32_fma(p * s, x, x), large = 1.0f - 2.0f / (1.0f + f32_exp(2.0f * t));
  return t < 0.55f ? small : f32_copysign(large, x);
}

// erfc(x + rest) for a rest far below x: (1 + 2t) exp(t²) erfc(t) as a polynomial in (t - 2) / (t + 2).
static inline float f32_erfc_of(float x, float rest) {
  const float t = f32_abs(x);
  const float r = 1.0f / (t + 2.0f), first = (t - 2.0f) * r;
  const float q = f32_fma(r, f32_exact_fma(first, -t, f32_exact_fma(first + 1.0f, -2.0f, t)), first);
  float p = -0x1.a4a000p-12f;
  p = f32_fma(p, q, -0x1.42a260p-10f);
  p = f32_fma(p, q, 0x1.585714p-10f);
  p = f32_fma(p, q, 0x1.1adcc4p-07f);
  p = f32_fma(p, q, -0x1.081b82p-07f);
  p = f32_fma(p, q, -0x1.bc0b6ap-05f);
  p = f32_fma(p, q, 0x1.4ffc46p-03f);
  p = f32_fma(p, q, -0x1.540840p-03f);
  p = f32_fma(p, q, -0x1.7bf616p-04f);
  p = f32_fma(p, q, 0x1.1ba03ap-02f);
  const float d = 1.0f / f32_fma(2.0f, t, 1.0f), scaled = f32_fma(p, d, d);
  const float wrong = f32_exact_fma(f32_exact_fma(scaled, -t, 0.5f), 2.0f, p - scaled);
  const float s = t * t, e = f32_exp(-s);
  const float inside = f32_exact_fma(-t, t, s) - 2.0f * t * (x < 0.0f ? -rest : rest);
  const float value = f32_fma(wrong, d, scaled) * e;
  const float right = t > 10.06f ? 0.0f : f32_fma(value, inside, value);
  return x != x ? x : x < 0.0f ? 2.0f - right : right;
}

static inline float f32_erfc(float x) { return f32_erfc_of(x, 0.0f); }

// erfc(-x / √2), the division kept to more digits than the tail can show.
static inline float f32_twice_normal(float x) {
  const float z = x * -0.707106769f;
  return f32_erfc_of(z, f32_fma(x, -1.21016175e-8f, f32_exact_fma(x, -0.707106769f, -z)));
}

static inline float f32_erf(float x) {
  // From 4 on the result is 1; exponentials of what lies beyond would be slow denormals.
  const float t = f32_abs(x) > 4.0f ? 4.0f : f32_abs(x), s = t * t;
  float p = f32_fma(-1.72853470e-5f, t, 3.83197126e-4f);
  const float u = f32_fma(-3.88396438e-3f, t, 2.42546219e-2f);
  p = f32_fma(p, s, u);
  p = f32_fma(p, t, -1.06777877e-1f);
  p = f32_fma(p, t, -6.34846687e-1f);
  p = f32_fma(p, t, -1.28717512e-1f);
  p = f32_fma(p, t, -t);
  const float large = 1.0f - f32_exp(p);
  float r = -5.96761703e-4f;
  r = f32_fma(r, s, 4.99119423e-3f);
  r = f32_fma(r, s, -2.67681349e-2f);
  r = f32_fma(r, s, 1.12819925e-1f);
  r = f32_fma(r, s, -3.76125336e-1f);
  r = f32_fma(r, s, 1.28379166e-1f);
  const float small = f32_fma(r, x, x);
  return t == 4.0f ? f32_copysign(1.0f, x) : t > 0.927734375f ? f32_copysign(large, x) : small;
}

#endif
