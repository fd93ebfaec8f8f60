// Included once for each instruction set, which defines RANDOM_TABLE. No sum here may be contracted into a fused
// multiply-add: the same seed gives the same bits on every machine.
#include <string.h>

#include "random_kernels.h"

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#define SQUARE_ROOT(x) __builtin_elementwise_sqrt(x)
#else
#pragma GCC optimize("fp-contract=off")
#define SQUARE_ROOT(x) (sizeof(x) == 4 ? __builtin_sqrtf((float)(x)) : __builtin_sqrt(x))
#endif

typedef uint32_t words16 __attribute__((vector_size(64)));
typedef uint64_t longs16 __attribute__((vector_size(128)));

#define LOW_HALVES(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH_HALVES(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

static void philox(uint64_t seed, uint64_t first_block, uint32_t* words) {
  longs16 block = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  block += first_block;
  words16 x0 = __builtin_convertvector(block, words16), x1 = __builtin_convertvector(block >> 32, words16);
  words16 x2 = {0}, x3 = {0};
  uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    longs16 product0 = __builtin_convertvector(x0, longs16) * 0xD2511F53;
    longs16 product1 = __builtin_convertvector(x2, longs16) * 0xCD9E8D57;
    x0 = __builtin_convertvector(product1 >> 32, words16) ^ x1 ^ key0;
    x1 = __builtin_convertvector(product1, words16);
    x2 = __builtin_convertvector(product0 >> 32, words16) ^ x3 ^ key1;
    x3 = __builtin_convertvector(product0, words16);
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  words16 even0 = LOW_HALVES(x0, x2), even1 = HIGH_HALVES(x0, x2);
  words16 odd0 = LOW_HALVES(x1, x3), odd1 = HIGH_HALVES(x1, x3);
  words16 out[4] = {LOW_HALVES(even0, odd0), HIGH_HALVES(even0, odd0), LOW_HALVES(even1, odd1),
                    HIGH_HALVES(even1, odd1)};
  memcpy(words, out, sizeof out);
}

static inline uint64_t long_at(const uint32_t* words, int i) { return (uint64_t)words[2 * i + 1] << 32 | words[2 * i]; }

// The logarithm of a normal number above 0, as in fdlibm: x = 2^k (1 + f), and a polynomial in f / (2 + f).
static inline float log32(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  int32_t k = (bits - 0x3f3504f3) >> 23;
  bits -= (int32_t)((uint32_t)k << 23);
  memcpy(&x, &bits, sizeof x);
  float f = x - 1.0f, s = f / (2.0f + f), z = s * s, w = z * z;
  float rest = z * (0xaaaaaa.0p-24f + w * 0x91e9ee.0p-25f) + w * (0xccce13.0p-25f + w * 0xf89e26.0p-26f);
  float half = 0.5f * f * f, kf = (float)k;
  return kf * 6.9313812256e-01f - ((half - (s * (half + rest) + kf * 9.0580006145e-06f)) - f);
}

static inline double log64(double x) {
  int64_t bits;
  memcpy(&bits, &x, sizeof bits);
  int64_t k = (bits - 0x3fe6a09e667f3bcd) >> 52;
  bits -= (int64_t)((uint64_t)k << 52);
  memcpy(&x, &bits, sizeof x);
  double f = x - 1.0, s = f / (2.0 + f), z = s * s, w = z * z;
  double odd = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  double even = z * (6.666666666666735130e-01 +
                     w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  double half = 0.5 * f * f, kf = (double)(int32_t)k;
  return kf * 6.93147180369123816490e-01 - ((half - (s * (half + odd + even) + kf * 1.90821492927058770002e-10)) - f);
}

// Cosine and sine of `angle` / 2^24 of a turn. The quarter is taken off in integers, exactly.
static inline void turn32(uint32_t angle, float* cosine, float* sine) {
  int32_t quarter = (int32_t)(angle + (1u << 21)) >> 22;
  float x = (float)((int32_t)angle - (quarter << 22)) * (float)(1.57079632679489661923 / 4194304.0), z = x * x;
  float s = x + x * z * (-1.6666654611e-1f + z * (8.3321608736e-3f + z * -1.9515295891e-4f));
  float c =
      1.0f - 0.5f * z + z * z * (4.166664568298827e-2f + z * (-1.388731625493765e-3f + z * 2.443315711809948e-5f));
  float near = quarter & 1 ? s : c, far = quarter & 1 ? c : s;
  *cosine = (quarter + 1) & 2 ? -near : near;
  *sine = quarter & 2 ? -far : far;
}

// The same of `angle` / 2^53.
static inline void turn64(uint64_t angle, double* cosine, double* sine) {
  int64_t quarter = (int64_t)(angle + (UINT64_C(1) << 50)) >> 51;
  double x =
      (double)((int64_t)angle - (int64_t)((uint64_t)quarter << 51)) * (1.57079632679489661923 / 2251799813685248.0);
  double z = x * x;
  double s = x + x * z *
                     (-1.66666666666666324348e-01 +
                      z * (8.33333333332248946124e-03 +
                           z * (-1.98412698298579493134e-04 +
                                z * (2.75573137070700676789e-06 +
                                     z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)))));
  double c = 1.0 - 0.5 * z +
             z * z *
                 (4.16666666666666019037e-02 +
                  z * (-1.38888888888741095749e-03 +
                       z * (2.48015872894767294178e-05 +
                            z * (-2.75573143513906633035e-07 +
                                 z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)))));
  double near = quarter & 1 ? s : c, far = quarter & 1 ? c : s;
  *cosine = (quarter + 1) & 2 ? -near : near;
  *sine = quarter & 2 ? -far : far;
}

static inline float open32(uint32_t word) { return ((float)(int32_t)(word >> 9) + 0.5f) * 0x1p-23f; }
static inline double open64(uint64_t word) { return ((double)(int64_t)(word >> 12) + 0.5) * 0x1p-52; }

static void uniform32(const uint32_t* words, float* out) {
  for (int i = 0; i < RANDOM_WORDS; i++) out[i] = (float)(int32_t)(words[i] >> 8) * 0x1p-24f;
}

static void uniform64(const uint32_t* words, double* out) {
  for (int i = 0; i < RANDOM_WORDS / 2; i++) out[i] = (double)(int64_t)(long_at(words, i) >> 11) * 0x1p-53;
}

static void exponential32(const uint32_t* words, float* out) {
  for (int i = 0; i < RANDOM_WORDS; i++) out[i] = -log32(open32(words[i]));
}

static void exponential64(const uint32_t* words, double* out) {
  for (int i = 0; i < RANDOM_WORDS / 2; i++) out[i] = -log64(open64(long_at(words, i)));
}

// Box–Muller: two uniform numbers make two normal ones.
static void normal32(const uint32_t* words, float* out) {
  for (int i = 0; i < RANDOM_WORDS / 2; i++) {
    float radius = SQUARE_ROOT(-2.0f * log32(open32(words[2 * i]))), cosine, sine;
    turn32(words[2 * i + 1] >> 8, &cosine, &sine);
    out[2 * i] = radius * cosine;
    out[2 * i + 1] = radius * sine;
  }
}

static void normal64(const uint32_t* words, double* out) {
  for (int i = 0; i < RANDOM_WORDS / 4; i++) {
    double radius = SQUARE_ROOT(-2.0 * log64(open64(long_at(words, 2 * i)))), cosine, sine;
    turn64(long_at(words, 2 * i + 1) >> 11, &cosine, &sine);
    out[2 * i] = radius * cosine;
    out[2 * i + 1] = radius * sine;
  }
}

const random_kernels RANDOM_TABLE = {philox, uniform32, uniform64, normal32, normal64, exponential32, exponential64};
