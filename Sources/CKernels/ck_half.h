// Halves one at a time, rounding to nearest even; NaN stays NaN.
#ifndef CK_HALF_H
#define CK_HALF_H

#include <stdint.h>
#include <string.h>

static inline float ck_float_of_bits(uint32_t bits) {
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

static inline uint32_t ck_bits_of_float(float f) {
  uint32_t bits;
  memcpy(&bits, &f, sizeof bits);
  return bits;
}

static inline double ck_double_of_bits(uint64_t bits) {
  double d;
  memcpy(&d, &bits, sizeof d);
  return d;
}

static inline uint64_t ck_bits_of_double(double d) {
  uint64_t bits;
  memcpy(&bits, &d, sizeof bits);
  return bits;
}

static inline float ck_bf16_widen(uint16_t h) { return ck_float_of_bits((uint32_t)h << 16); }

static inline uint16_t ck_bf16_narrow(float f) {
  uint32_t bits = ck_bits_of_float(f);
  uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return (uint16_t)(f != f ? (bits >> 16 | 0x40) : rounded);
}

static inline float ck_f16_widen(uint16_t h) {
  uint32_t sign = (uint32_t)(h & 0x8000) << 16, rest = (uint32_t)(h & 0x7fff) << 13;
  // Scaling by 2^112 moves the exponent's bias and normalises denormals.
  float scaled = ck_float_of_bits(rest) * 0x1p112f;
  uint32_t bits = ck_bits_of_float(scaled);
  bits = rest >= (0x7c00u << 13) ? rest | 0x7f800000 : bits;
  return ck_float_of_bits(bits | sign);
}

static inline uint16_t ck_f16_narrow(float f) {
  uint32_t bits = ck_bits_of_float(f), sign = bits >> 16 & 0x8000, rest = bits & 0x7fffffff;
  uint32_t normal = (rest - (112u << 23) + 0xfff + (rest >> 13 & 1)) >> 13;
  // Adding 0.5 leaves a denormal half, rounded, in the lowest bits.
  uint32_t small = ck_bits_of_float(ck_float_of_bits(rest) + 0.5f) - 0x3f000000;
  uint32_t half = rest < (113u << 23) ? small : normal;
  half = rest >= 0x47800000 ? 0x7c00 : half;
  half = rest > 0x7f800000 ? 0x7e00 | (rest >> 13 & 0x3ff) : half;
  return (uint16_t)(half | sign);
}

#endif
