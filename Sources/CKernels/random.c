#include <math.h>

#include "ck_half.h"
#include "ck_isa.h"
#include "ck_random.h"
#include "ck_thread.h"
#include "random_kernels.h"

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#else
#pragma GCC optimize("fp-contract=off")
#endif

enum { GRAIN = 16384 };

typedef union group {
  float floats[RANDOM_WORDS];
  double doubles[RANDOM_WORDS / 2];
  int64_t longs[RANDOM_WORDS];
} group;

typedef struct draw draw;
struct draw {
  ck_dtype dtype;
  uint64_t seed, counter;
  void* out;
  int per_group;
  void (*make)(const draw* draw, const uint32_t* words, group* made);
  void (*store)(const draw* draw, const group* made, int64_t first, int count);
  void (*make_floats)(const uint32_t* words, float* out);
  void (*make_doubles)(const uint32_t* words, double* out);
  double scale, offset, top;
  uint64_t range;
  int64_t low;
};

static const random_kernels* kernels(void) {
#if defined(__x86_64__)
  if (ck_isa_in_use() == CK_AVX512) return &ck_random_avx512;
  if (ck_isa_in_use() == CK_AVX2) return &ck_random_avx2;
#endif
  return &ck_random_portable;
}

#define STORE(type, from, convert)                                         \
  do {                                                                     \
    type* out = (type*)draw->out + first;                                  \
    for (int i = 0; i < count; i++) out[i] = (type)convert(made->from[i]); \
    return;                                                                \
  } while (0)

static void store_floating(const draw* draw, const group* made, int64_t first, int count) {
  switch (draw->dtype) {
    case CK_FLOAT64:
      STORE(double, doubles, );
    case CK_FLOAT16:
      STORE(uint16_t, floats, ck_f16_narrow);
    case CK_BFLOAT16:
      STORE(uint16_t, floats, ck_bf16_narrow);
    default:
      STORE(float, floats, );
  }
}

static void store_integers(const draw* draw, const group* made, int64_t first, int count) {
  switch (draw->dtype) {
    case CK_FLOAT32:
      STORE(float, longs, );
    case CK_FLOAT64:
      STORE(double, longs, );
    case CK_FLOAT16:
      STORE(uint16_t, longs, ck_f16_narrow);
    case CK_BFLOAT16:
      STORE(uint16_t, longs, ck_bf16_narrow);
    case CK_INT64:
      STORE(int64_t, longs, );
    case CK_INT32:
      STORE(int32_t, longs, );
    case CK_UINT8:
      STORE(uint8_t, longs, );
    case CK_BOOL:
      STORE(uint8_t, longs, 0 !=);
  }
}

static void draw_range(void* context, int64_t begin, int64_t end) {
  const draw* draw = context;
  const random_kernels* kernel = kernels();
  for (int64_t i = begin; i < end; i += draw->per_group) {
    uint32_t words[RANDOM_WORDS];
    group made;
    kernel->words(draw->seed, draw->counter + (uint64_t)(i / draw->per_group) * RANDOM_BLOCKS, words);
    draw->make(draw, words, &made);
    draw->store(draw, &made, i, end - i < draw->per_group ? (int)(end - i) : draw->per_group);
  }
}

static void make_floats(const draw* draw, const uint32_t* words, group* made) {
  float scale = (float)draw->scale, offset = (float)draw->offset, top = (float)draw->top;
  draw->make_floats(words, made->floats);
  for (int i = 0; i < RANDOM_WORDS; i++) {
    float value = made->floats[i] * scale + offset;
    made->floats[i] = value > top ? top : value;
  }
}

static void make_doubles(const draw* draw, const uint32_t* words, group* made) {
  draw->make_doubles(words, made->doubles);
  for (int i = 0; i < RANDOM_WORDS / 2; i++) {
    double value = made->doubles[i] * draw->scale + draw->offset;
    made->doubles[i] = value > draw->top ? draw->top : value;
  }
}

static void make_integers(const draw* draw, const uint32_t* words, group* made) {
  for (int i = 0; i < RANDOM_WORDS / 2; i++) {
    uint64_t word = (uint64_t)words[2 * i + 1] << 32 | words[2 * i];
    made->longs[i] = (int64_t)((uint64_t)draw->low + (uint64_t)((unsigned __int128)word * draw->range >> 64));
  }
}

static void make_flags(const draw* draw, const uint32_t* words, group* made) {
  for (int i = 0; i < RANDOM_WORDS; i++) made->longs[i] = words[i] < draw->range;
}

static void run_floating(draw draw, int64_t n) {
  bool doubles = draw.dtype == CK_FLOAT64;
  draw.per_group = doubles ? RANDOM_WORDS / 2 : RANDOM_WORDS;
  draw.make = doubles ? make_doubles : make_floats;
  draw.store = store_floating;
  ck_parallel(n, GRAIN, draw_range, &draw);
}

uint64_t ck_random_blocks(int64_t n) { return n > 0 ? ((uint64_t)n + 1) / 2 : 0; }

// The largest number of the dtype below `high`, or `low` when there is none from `low` on.
static double largest_below(ck_dtype dtype, double low, double high) {
  double largest = nextafter(high, -INFINITY);
  if (dtype != CK_FLOAT64) {
    float narrow = (float)high;
    if ((double)narrow >= high) narrow = nextafterf(narrow, -INFINITY);
    largest = narrow;
    if (dtype == CK_FLOAT16 || dtype == CK_BFLOAT16) {
      bool wide = dtype == CK_BFLOAT16;
      uint16_t half = wide ? ck_bf16_narrow(narrow) : ck_f16_narrow(narrow);
      while ((largest = wide ? ck_bf16_widen(half) : ck_f16_widen(half)) >= high) {
        half = (half & 0x7fff) == 0 ? 0x8001 : (uint16_t)(half & 0x8000 ? half + 1 : half - 1);
      }
    }
  }
  return largest < low ? low : largest;
}

void ck_random_uniform(ck_dtype dtype, uint64_t seed, uint64_t counter, int64_t n, void* out, double low, double high) {
  draw draw = {.dtype = dtype, .seed = seed, .counter = counter, .out = out};
  draw.make_floats = kernels()->uniform32;
  draw.make_doubles = kernels()->uniform64;
  draw.scale = high - low;
  draw.offset = low;
  draw.top = largest_below(dtype, low, high);
  run_floating(draw, n);
}

void ck_random_normal(ck_dtype dtype, uint64_t seed, uint64_t counter, int64_t n, void* out, double mean, double std) {
  draw draw = {.dtype = dtype, .seed = seed, .counter = counter, .out = out};
  draw.make_floats = kernels()->normal32;
  draw.make_doubles = kernels()->normal64;
  draw.scale = std;
  draw.offset = mean;
  draw.top = INFINITY;
  run_floating(draw, n);
}

void ck_random_exponential(ck_dtype dtype, uint64_t seed, uint64_t counter, int64_t n, void* out, double rate) {
  draw draw = {.dtype = dtype, .seed = seed, .counter = counter, .out = out};
  draw.make_floats = kernels()->exponential32;
  draw.make_doubles = kernels()->exponential64;
  draw.scale = 1 / rate;
  draw.top = INFINITY;
  run_floating(draw, n);
}

// How many of the 2^32 words mean yes.
static uint64_t yes_words(double p) { return p >= 1 ? UINT64_C(1) << 32 : p > 0 ? (uint64_t)(p * 0x1p32) : 0; }

void ck_random_bernoulli(ck_dtype dtype, uint64_t seed, uint64_t counter, int64_t n, void* out, double p) {
  draw draw = {.dtype = dtype, .seed = seed, .counter = counter, .out = out, .per_group = RANDOM_WORDS};
  draw.make = make_flags;
  draw.store = store_integers;
  draw.range = yes_words(p);
  ck_parallel(n, GRAIN, draw_range, &draw);
}

void ck_random_kept(uint64_t seed, uint64_t counter, int64_t first, int64_t n, double p, uint8_t* kept) {
  const uint64_t range = yes_words(p);
  uint32_t words[RANDOM_WORDS];
  for (int64_t i = 0; i < n;) {
    const int64_t group = (first + i) / RANDOM_WORDS, end = (group + 1) * RANDOM_WORDS - first;
    kernels()->words(seed, counter + (uint64_t)group * RANDOM_BLOCKS, words);
    for (int64_t to = end < n ? end : n; i < to; i++) kept[i] = words[(first + i) % RANDOM_WORDS] < range;
  }
}

void ck_random_integers(ck_dtype dtype, uint64_t seed, uint64_t counter, int64_t n, void* out, int64_t low,
                        int64_t high) {
  draw draw = {.dtype = dtype, .seed = seed, .counter = counter, .out = out, .per_group = RANDOM_WORDS / 2};
  draw.make = make_integers;
  draw.store = store_integers;
  draw.low = low;
  draw.range = high > low ? (uint64_t)high - (uint64_t)low : 0;
  ck_parallel(n, GRAIN, draw_range, &draw);
}

// Fisher–Yates. Swap i takes the 64-bit word i.
void ck_random_permutation(uint64_t seed, uint64_t counter, int64_t n, int64_t* out) {
  for (int64_t i = 0; i < n; i++) out[i] = i;
  uint32_t words[RANDOM_WORDS];
  for (int64_t i = 0; i + 1 < n; i++) {
    int at = (int)(i % (RANDOM_WORDS / 2));
    if (at == 0) kernels()->words(seed, counter + (uint64_t)i / 2, words);
    uint64_t word = (uint64_t)words[2 * at + 1] << 32 | words[2 * at];
    int64_t other = i + (int64_t)((unsigned __int128)word * (uint64_t)(n - i) >> 64);
    int64_t swapped = out[i];
    out[i] = out[other];
    out[other] = swapped;
  }
}
