// Float32 functions worked out in float64, whose spare digits cover the cancellations, and rounded once.
#ifndef CK_ELEMENTWISE_F32_WIDE_H
#define CK_ELEMENTWISE_F32_WIDE_H

#include "elementwise_f32.h"
#include "elementwise_f64.h"

// exp for arguments within float32's range and somewhat beyond; to about 1e-13.
static inline double ck_exp(double x) {
  double z = x > 200.0 ? 200.0 : x;
  z = z < -200.0 ? -200.0 : z;
  const double rounded = z * 1.44269504088896340736 + 0x1.8p52, n = rounded - 0x1.8p52;
  const double r = (z - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33;
  double p = 0x1.72ad3ae3ed777p-19;
  p = p * r + 0x1.a136b06babd51p-16;
  p = p * r + 0x1.a019c3721fb3ep-13;
  p = p * r + 0x1.6c166be75a859p-10;
  p = p * r + 0x1.111111170ad56p-7;
  p = p * r + 0x1.55555565c559fp-5;
  p = p * r + 0x1.5555555554f97p-3;
  p = p * r + 0x1.fffffffffe069p-2;
  const double scale = ck_double_of_bits((ck_bits_of_double(rounded) + 1023) << 52);
  return (p * (r * r) + r + 1.0) * scale;
}

// log for finite x > 0 that is normal; to about 1e-13 of the greater of 1 and the result.
static inline double ck_log(double x) {
  const uint64_t bits = ck_bits_of_double(x), above = (bits - 0x3fe6a09e667f3bcdu) & 0xfff0000000000000u;
  // The exponent, made positive, rides in the lowest bits of 2^52.
  const double n = ck_double_of_bits(((above + 0x4000000000000000u) >> 52) | 0x4330000000000000u) - (0x1p52 + 1024.0);
  const double f = ck_double_of_bits(bits - above) - 1.0, s = f / (2.0 + f), z = s * s;
  double p = 0x1.548fdddc53640p-3;
  p = p * z + 0x1.73805be338e71p-3;
  p = p * z + 0x1.c71fdb88010edp-3;
  p = p * z + 0x1.24924619a773fp-2;
  p = p * z + 0x1.9999999b94772p-2;
  p = p * z + 0x1.55555555553aap-1;
  return n * 0.69314718055994530942 + (p * (z * s) + 2.0 * s);
}

// atan for x from 0 to infinity; to about 1e-10.
static inline double ck_atan(double x) {
  const double t = x > 1.0 ? 1.0 / x : x, z = t * t;
  double p = 0x1.36ecfc48d188bp-11;
  p = p * z - 0x1.14abab0185470p-8;
  p = p * z + 0x1.cd243cc325c05p-7;
  p = p * z - 0x1.ea18af61c3e87p-6;
  p = p * z + 0x1.837061ab40426p-5;
  p = p * z - 0x1.ffb2b9595f5b2p-5;
  p = p * z + 0x1.36bfd2210f14ap-4;
  p = p * z - 0x1.73a719b0b93d9p-4;
  p = p * z + 0x1.c70a6be6d4163p-4;
  p = p * z - 0x1.2491d128f2977p-3;
  p = p * z + 0x1.9999971f594e7p-3;
  p = p * z - 0x1.555555543c557p-2;
  const double small = p * (z * t) + t;
  return x > 1.0 ? 1.57079632679489661923 - small : small;
}

static inline double ck_sqrt(double x) { return f64_sqrt(x); }

static inline float f32_atan(float x) { return f32_copysign((float)ck_atan((double)f32_abs(x)), x); }
static inline float f32_asin(float x) {
  const double t = (double)f32_abs(x);
  return f32_copysign((float)ck_atan(t / ck_sqrt((1.0 - t) * (1.0 + t))), x);
}
static inline float f32_acos(float x) {
  const double t = (double)x;
  return (float)(2.0 * ck_atan(ck_sqrt((1.0 - t) / (1.0 + t))));
}
static inline float f32_atan2(float y, float x) {
  const double b = (double)f32_abs(y), a = (double)f32_abs(x);
  // Equal operands, zeros and infinities among them, would divide into NaN.
  const double ratio = b == a ? (b == 0.0 ? 0.0 : 1.0) : b / a;
  const double angle = ck_atan(ratio);
  const float result = f32_copysign((float)(f32_signbit(x) ? 3.14159265358979323846 - angle : angle), y);
  return x != x || y != y ? x + y : result;
}

static inline float f32_sinh(float x) {
  const double t = (double)x, e = ck_exp(t);
  const double large = 0.5 * (e - 1.0 / e), small = t + t * t * t * (1.0 / 6.0);
  return f32_abs(x) < 0x1p-8f ? (x == 0.0f ? x : (float)small) : (float)large;
}
static inline float f32_cosh(float x) {
  const double e = ck_exp((double)x);
  return (float)(0.5 * (e + 1.0 / e));
}
static inline float f32_asinh(float x) {
  const double t = (double)f32_abs(x);
  const double large = ck_log(t + ck_sqrt(t * t + 1.0)), small = t - t * t * t * (1.0 / 6.0);
  const float result = f32_copysign(f32_abs(x) < 0x1p-8f ? (float)small : (float)large, x);
  return f32_abs(x) < INFINITY ? result : x;
}
static inline float f32_acosh(float x) {
  const double t = (double)x;
  const float result = (float)ck_log(t + ck_sqrt((t - 1.0) * (t + 1.0)));
  return x >= 1.0f ? (x < INFINITY ? result : x) : NAN;
}
static inline float f32_atanh(float x) {
  const double t = (double)f32_abs(x);
  const double large = 0.5 * ck_log((1.0 + t) / (1.0 - t)), small = t + t * t * t * (1.0 / 3.0);
  const float result = f32_copysign(f32_abs(x) < 0x1p-8f ? (float)small : (float)large, x);
  return f32_abs(x) < 1.0f ? result : f32_abs(x) == 1.0f ? x * INFINITY : NAN;
}

static inline float f32_hypot(float x, float y) {
  const double a = (double)x, b = (double)y;
  const float result = (float)ck_sqrt(a * a + b * b);
  return f32_abs(x) == INFINITY || f32_abs(y) == INFINITY ? INFINITY : result;
}

static inline float f32_pow(float x, float y) {
  const float t = f32_abs(x);
  const double exponent = (double)y * ck_log((double)t);
  const float usual = (float)ck_exp(exponent);
  const bool grows = t > 1.0f;
  // The ends: zero, infinity, and an infinite exponent.
  const float ends = grows == (y > 0.0f) ? INFINITY : 0.0f;
  float result = t == 0.0f || t == INFINITY || f32_abs(y) == INFINITY ? ends : usual;
  const bool whole = f32_trunc(y) == y, odd = whole & (f32_trunc(0.5f * y) != 0.5f * y);
  result = (f32_signbit(x) & odd) ? -result : result;
  result = ((x < 0.0f) & (t < INFINITY) & !whole) ? NAN : result;
  result = ((t == 1.0f) & (f32_abs(y) == INFINITY)) ? 1.0f : result;
  result = ((x != x) | (y != y)) ? x + y : result;
  return ((x == 1.0f) | (y == 0.0f)) ? 1.0f : result;
}

// 2^k mod 2π for the exponents of floats from 2^27 on, in 29 and 53 bits.
static const double ck_turns[][2] = {
    {-0x1.6cbe3fa000000p+1, 0x1.9bc5b961b1acep-29},  {0x1.2b0bad8000000p-1, -0x1.5385e583ebeffp-28},
    {0x1.2b0bad4000000p+0, 0x1.58f434f828201p-28},   {0x1.2b0bad6000000p+1, -0x1.4e17960fafbfep-28},
    {-0x1.9c501fc000000p+0, 0x1.4c71cb18f8747p-30},  {0x1.87ef4ac000000p+1, 0x1.b6ed46a6de9d7p-28},
    {-0x1.460d4e0000000p-3, -0x1.a2d9d3cca5286p-28}, {-0x1.460d4f0000000p-2, 0x1.7498b0cd6b5e8p-29},
    {-0x1.460d4f0000000p-1, 0x1.7498b0cd6b5e8p-28},  {-0x1.460d4ec000000p+0, -0x1.16ce9e6529430p-28},
    {-0x1.460d4ee000000p+1, 0x1.d262c335ad7a1p-28},  {0x1.304999c000000p+0, 0x1.6af3cf0b7aae9p-29},
    {0x1.304999c000000p+1, 0x1.6af3cf0b7aae9p-28},   {-0x1.87586e0000000p+0, 0x1.c5333cfc92f9ep-28},
    {-0x1.87586de000000p+1, -0x1.d666181b68310p-30}, {0x1.58e8ec0000000p-3, 0x1.2c0aa86572557p-31},
    {0x1.58e8ec0000000p-2, 0x1.2c0aa86572557p-30},   {0x1.58e8ec0000000p-1, 0x1.2c0aa86572557p-29},
    {0x1.58e8ec0000000p+0, 0x1.2c0aa86572557p-28},   {0x1.58e8ec2000000p+1, -0x1.a7eaaf351b553p-28},
    {-0x1.c9b6498000000p-1, -0x1.8226fe1264360p-30}, {-0x1.c9b6498000000p+0, -0x1.8226fe1264360p-29},
    {0x1.5a89210000000p+1, -0x1.c5ca73e0074b5p-30},  {-0x1.bcb4a20000000p-1, -0x1.f3999b0a6608ep-28},
    {-0x1.bcb4a24000000p+0, 0x1.8ccc9eb33ee4bp-32},  {0x1.678ac84000000p+1, 0x1.424df4f0ca3fdp-28},
    {-0x1.54a7680000000p-1, 0x1.73e788c7321c6p-28},  {-0x1.54a767c000000p+0, -0x1.1830ee719bc74p-28},
    {-0x1.54a767e000000p+1, 0x1.cf9e231cc8718p-28},  {0x1.ebc26b8000000p-1, 0x1.5fe14ea7e68c5p-29},
    {0x1.ebc26b8000000p+0, 0x1.5fe14ea7e68c5p-28},   {-0x1.387cff0000000p+1, 0x1.af0e3c356ab57p-28},
    {0x1.668ad94000000p+0, 0x1.bb436614df386p-30},   {0x1.668ad94000000p+1, 0x1.bb436614df386p-29},
    {-0x1.5ca6e00000000p-1, 0x1.551e09f4f9aa6p-29},  {-0x1.5ca6e00000000p+0, 0x1.551e09f4f9aa6p-28},
    {-0x1.5ca6dfe000000p+1, -0x1.55c3ec160cab4p-28}, {0x1.abc6ab0000000p-1, -0x1.9ad37711b6f35p-28},
    {0x1.abc6aac000000p+0, 0x1.94b223b92432cp-29},   {-0x1.7878bfc000000p+1, 0x1.07fb853d839f2p-29},
    {0x1.9a6f590000000p-2, -0x1.e75019a819fdbp-28},  {0x1.9a6f588000000p-1, 0x1.8afe657e60255p-31},
    {0x1.9a6f588000000p+0, 0x1.8afe657e60255p-30},   {-0x1.89d0120000000p+1, -0x1.2cd4b96cc9422p-30},
    {0x1.09f4680000000p-3, 0x1.e928118ff7087p-30},   {0x1.09f4680000000p-2, 0x1.e928118ff7087p-29},
    {0x1.09f4680000000p-1, 0x1.e928118ff7087p-28},   {0x1.09f4684000000p+0, -0x1.6d7ee7008f78ap-31},
    {0x1.09f4684000000p+1, -0x1.6d7ee7008f78ap-30},  {-0x1.10569a0000000p+1, -0x1.c773d49aaa1f8p-28},
    {0x1.0392366000000p+1, 0x1.81ccb7e50e243p-28},   {-0x1.1d1afdc000000p+1, 0x1.f2e50eafb9e54p-28},
    {0x1.d412de4000000p+0, 0x1.ecfcfcf3ac5b5p-29},   {-0x1.502c8c4000000p+1, 0x1.b89137b293f04p-29},
    {0x1.07cca44000000p+0, -0x1.36ba673309ac9p-28},  {0x1.07cca42000000p+1, 0x1.928b3199eca6ep-28},
    {-0x1.14a6222000000p+1, -0x1.eb9dfde689157p-28}, {0x1.f5e64c4000000p+0, 0x1.3978654d50385p-28},
    {-0x1.2e591e4000000p+1, 0x1.623c69803e0d8p-28},  {0x1.8f1a5c4000000p+0, -0x1.56965f290c0efp-31},
    {0x1.8f1a5c4000000p+1, -0x1.56965f290c0efp-30},  {-0x1.82ac800000000p-5, -0x1.bbff90aee86abp-28},
    {-0x1.82ac840000000p-4, 0x1.1001bd445e555p-29},  {-0x1.82ac840000000p-3, 0x1.1001bd445e555p-28},
    {-0x1.82ac830000000p-2, -0x1.dffc857743555p-28}, {-0x1.82ac838000000p-1, 0x1.001bd445e5556p-30},
    {-0x1.82ac838000000p+0, 0x1.001bd445e5556p-29},  {-0x1.82ac838000000p+1, 0x1.001bd445e5556p-28},
    {0x1.ee663a0000000p-3, -0x1.de27ecb3a5e43p-29},  {0x1.ee663a0000000p-2, -0x1.de27ecb3a5e43p-28},
    {0x1.ee66398000000p-1, 0x1.0ec09a62d0debp-30},   {0x1.ee66398000000p+0, 0x1.0ec09a62d0debp-29},
    {-0x1.35d9310000000p+1, -0x1.f3c6b791847c5p-36}, {0x1.711a110000000p+0, 0x1.0cccd3ab3f5a4p-28},
    {0x1.711a112000000p+1, -0x1.e66658a9814b9p-28},  {-0x1.082d218000000p-1, -0x1.bb0224dac9f4ap-29},
    {-0x1.082d218000000p+0, -0x1.bb0224dac9f4ap-28}, {-0x1.082d21a000000p+1, 0x1.13f76c94d82d9p-29},
    {0x1.13e5276000000p+1, -0x1.db543250c56f4p-28},  {-0x1.f8ea37c000000p+0, -0x1.8eb98b77da837p-29},
    {0x1.2b5532c000000p+1, -0x1.f814a975e080fp-30},  {-0x1.9b2a0a4000000p+0, 0x1.f3414a2aad5c6p-28},
    {0x1.8915606000000p+1, 0x1.ee6deadf7a37dp-29},   {-0x1.214a9c0000000p-3, 0x1.bb73138a2fa93p-29},
    {-0x1.214a9c0000000p-2, 0x1.bb73138a2fa93p-28},  {-0x1.214a9b8000000p-1, -0x1.1233b1d7415b4p-29},
    {-0x1.214a9b8000000p+0, -0x1.1233b1d7415b4p-28}, {-0x1.214a9ba000000p+1, 0x1.db989c517d499p-28},
    {0x1.c35466c000000p+0, 0x1.8fcb337ab9ec9p-29},   {-0x1.60eb03c000000p+1, 0x1.fc5b49815e257p-30},
    {0x1.89a58c8000000p-1, -0x1.f11dfa24ee8a1p-28},  {0x1.89a58c4000000p+0, 0x1.dc40bb622ebdap-32},
    {0x1.89a58c4000000p+1, 0x1.dc40bb622ebdap-31},   {-0x1.0f45200000000p-3, -0x1.33486483ad679p-29},
    {-0x1.0f45200000000p-2, -0x1.33486483ad679p-28}, {-0x1.0f45208000000p-1, 0x1.996f36f8a530ep-28},
    {-0x1.0f45204000000p+0, -0x1.9a43241d6b3c8p-29}, {-0x1.0f45204000000p+1, -0x1.9a43241d6b3c8p-28},
    {0x1.05b529e000000p+1, 0x1.dc2e18df8bea3p-28},   {-0x1.18d516a000000p+1, -0x1.58582f5b4a8edp-28},
    {0x1.e52a7a8000000p+0, -0x1.9ffbfd9c32ba7p-28},
};

typedef struct ck_quadrant {
  double angle;
  uint64_t number;
} ck_quadrant;

// x as a multiple of π/2 and a rest up to π/4.
static inline ck_quadrant ck_reduce_angle(float x) {
  const uint32_t bits = ck_bits_of_float(x), exponent = bits >> 23 & 255;
  const bool large = exponent >= 154;
  const uint32_t row = large ? (exponent < 255 ? exponent : 254) - 154 : 0;
  const double mantissa = (double)(int32_t)((bits & 0x7fffff) | 0x800000);
  const double whole = mantissa * ck_turns[row][0], part = mantissa * ck_turns[row][1];
  const bool negative = bits >> 31;
  const double y = large ? (negative ? -whole : whole) : (double)x, rest = large ? (negative ? -part : part) : 0.0;
  const double rounded = y * 0.63661977236758134308 + 0x1.8p52, n = rounded - 0x1.8p52;
  const double angle = ((y - n * 0x1.921fb50000000p+0) - n * 0x1.110b460000000p-26) - n * 0x1.1a62633145c07p-54 + rest;
  return (ck_quadrant){f32_abs(x) < INFINITY ? angle : (double)NAN, ck_bits_of_double(rounded)};
}

static inline double ck_small_sin(double r) {
  const double z = r * r;
  return r + r * z *
                 (-0x15555554cbac77.0p-55 +
                  z * (0x111110896efbb2.0p-59 + z * (-0x1a00f9e2cae774.0p-65 + z * 0x16cd878c3b46a7.0p-71)));
}
static inline double ck_small_cos(double r) {
  const double z = r * r;
  return 1.0 + z * (-0x1ffffffd0c5e81.0p-54 +
                    z * (0x155553e1053a42.0p-57 + z * (-0x16c087e80f1e27.0p-62 + z * 0x199342e0ee5069.0p-68)));
}

static inline float f32_sin(float x) {
  const ck_quadrant q = ck_reduce_angle(x);
  const double value = q.number & 1 ? ck_small_cos(q.angle) : ck_small_sin(q.angle);
  return x == 0.0f ? x : (float)(q.number & 2 ? -value : value);
}
static inline float f32_cos(float x) {
  const ck_quadrant q = ck_reduce_angle(x);
  const double value = q.number & 1 ? ck_small_sin(q.angle) : ck_small_cos(q.angle);
  return (float)((q.number + 1) & 2 ? -value : value);
}
static inline float f32_tan(float x) {
  const ck_quadrant q = ck_reduce_angle(x);
  const double sine = ck_small_sin(q.angle), cosine = ck_small_cos(q.angle);
  return x == 0.0f ? x : (float)(q.number & 1 ? -cosine / sine : sine / cosine);
}

#endif
