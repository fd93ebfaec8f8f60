#include "../../../Sources/CKernels/ck_half.h"
#include "../../../Sources/CKernels/random_kernels.h"
#include "../check.h"
#include "ck_isa.h"
#include "ck_random.h"
#include "ck_thread.h"

enum { MANY = 1 << 18 };

static float floats[MANY];
static double doubles[MANY];
static uint16_t halves[MANY];
static int64_t longs[MANY];

// Ten rounds written out one word at a time.
static void plain_philox(uint32_t key0, uint32_t key1, uint32_t x[4]) {
  for (int round = 0; round < 10; round++, key0 += 0x9E3779B9, key1 += 0xBB67AE85) {
    uint64_t p = (uint64_t)x[0] * 0xD2511F53, q = (uint64_t)x[2] * 0xCD9E8D57;
    uint32_t next[4] = {(uint32_t)(q >> 32) ^ x[1] ^ key0, (uint32_t)q, (uint32_t)(p >> 32) ^ x[3] ^ key1, (uint32_t)p};
    memcpy(x, next, sizeof next);
  }
}

// The vectors published with Random123.
TEST(the_known_answers) {
  uint32_t zeros[4] = {0}, ones[4] = {~0u, ~0u, ~0u, ~0u}, pi[4] = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344};
  static const uint32_t of_zeros[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  static const uint32_t of_ones[4] = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
  static const uint32_t of_pi[4] = {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
  plain_philox(0, 0, zeros);
  plain_philox(~0u, ~0u, ones);
  plain_philox(0xa4093822, 0x299f31d0, pi);
  CHECK(memcmp(zeros, of_zeros, sizeof zeros) == 0);
  CHECK(memcmp(ones, of_ones, sizeof ones) == 0);
  CHECK(memcmp(pi, of_pi, sizeof pi) == 0);
  uint32_t words[RANDOM_WORDS];
  ck_random_portable.words(0, 0, words);
  CHECK(memcmp(words, of_zeros, sizeof of_zeros) == 0);
}

TEST(words_follow_their_blocks) {
  static const uint64_t starts[] = {0, 5, 0xfffffff8, 0x123456789abcdef0, UINT64_MAX - 3};
  for (int s = 0; s < 5; s++) {
    uint32_t words[RANDOM_WORDS];
    ck_random_portable.words(0xfedcba9876543210, starts[s], words);
    for (int block = 0; block < RANDOM_BLOCKS; block++) {
      uint64_t counter = starts[s] + (uint64_t)block;
      uint32_t expected[4] = {(uint32_t)counter, (uint32_t)(counter >> 32)};
      plain_philox(0x76543210, 0xfedcba98, expected);
      CHECK(memcmp(words + 4 * block, expected, sizeof expected) == 0);
    }
  }
}

#if defined(__x86_64__)
static void compare_kernels(const random_kernels* other) {
  const random_kernels* plain = &ck_random_portable;
  for (uint64_t block = 0; block < 4096 * RANDOM_BLOCKS; block += RANDOM_BLOCKS) {
    uint32_t words[RANDOM_WORDS], others[RANDOM_WORDS];
    plain->words(42, block, words);
    other->words(42, block, others);
    CHECK(memcmp(words, others, sizeof words) == 0);
    float f[2][RANDOM_WORDS];
    double d[2][RANDOM_WORDS / 2];
#define SAME(kind, out)       \
  plain->kind(words, out[0]); \
  other->kind(words, out[1]); \
  CHECK(memcmp(out[0], out[1], sizeof out[0]) == 0)
    SAME(uniform32, f);
    SAME(normal32, f);
    SAME(exponential32, f);
    SAME(uniform64, d);
    SAME(normal64, d);
    SAME(exponential64, d);
#undef SAME
  }
}

TEST(every_instruction_set_gives_the_same_bits) {
  if (ck_isa_in_use() == CK_AVX512) compare_kernels(&ck_random_avx512);
  if (ck_isa_in_use() == CK_AVX512 || ck_isa_in_use() == CK_AVX2) compare_kernels(&ck_random_avx2);
}
#endif

TEST(a_draw_fits_in_its_blocks) {
  CHECK(ck_random_blocks(0) == 0 && ck_random_blocks(1) == 1 && ck_random_blocks(2) == 1 && ck_random_blocks(7) == 4);
}

// What element i is depends neither on how many are drawn nor on the threads.
TEST(elements_stand_alone) {
  static float shorter[MANY];
  ck_set_threads(3);
  ck_random_normal(CK_FLOAT32, 7, 100, MANY, floats, 0, 1);
  ck_set_threads(1);
  for (int64_t n = 1; n < MANY; n = n * 3 + 1) {
    ck_random_normal(CK_FLOAT32, 7, 100, n, shorter, 0, 1);
    CHECK(memcmp(shorter, floats, (size_t)n * sizeof *floats) == 0);
  }
  ck_set_threads(0);
}

TEST(draws_differ_by_seed_and_counter) {
  float other[64];
  ck_random_uniform(CK_FLOAT32, 1, 0, 64, floats, 0, 1);
  ck_random_uniform(CK_FLOAT32, 2, 0, 64, other, 0, 1);
  CHECK(memcmp(floats, other, sizeof other) != 0);
  ck_random_uniform(CK_FLOAT32, 1, 4, 64, other, 0, 1);
  CHECK(memcmp(floats + 16, other, 48 * sizeof *other) == 0);
}

static double moment(int power, double about) {
  double sum = 0;
  for (int i = 0; i < MANY; i++) sum += pow(doubles[i] - about, power);
  return sum / MANY;
}

static void widen(ck_dtype dtype) {
  for (int i = 0; i < MANY; i++) {
    if (dtype == CK_FLOAT32) doubles[i] = floats[i];
    if (dtype == CK_FLOAT16) doubles[i] = ck_f16_widen(halves[i]);
    if (dtype == CK_BFLOAT16) doubles[i] = ck_bf16_widen(halves[i]);
  }
}

static void* storage(ck_dtype dtype) {
  return dtype == CK_FLOAT32 ? (void*)floats : dtype == CK_FLOAT64 ? (void*)doubles : (void*)halves;
}

TEST(uniform_numbers) {
  for (ck_dtype dtype = CK_FLOAT32; dtype <= CK_BFLOAT16; dtype++) {
    ck_random_uniform(dtype, 3, 0, MANY, storage(dtype), -2, 4);
    widen(dtype);
    int outside = 0;
    for (int i = 0; i < MANY; i++) outside += !(doubles[i] >= -2 && doubles[i] < 4);
    CHECK(outside == 0);
    CHECK_CLOSE(moment(1, 0), 1, 0.02);
    CHECK_CLOSE(moment(2, 1), 3, 0.03);
    CHECK_CLOSE(moment(4, 1), 81.0 / 5, 0.25);
  }
}

TEST(uniform_numbers_never_reach_the_end) {
  for (ck_dtype dtype = CK_FLOAT32; dtype <= CK_BFLOAT16; dtype++) {
    static const double ranges[][2] = {{1, 1.001}, {-1, 0}, {0, 1e-40}, {1000, 1000.5}, {-3, -2.99}};
    for (int r = 0; r < 5; r++) {
      double low = ranges[r][0], high = ranges[r][1];
      if (dtype != CK_FLOAT64 && r != 1 && r != 0) continue;
      ck_random_uniform(dtype, 3, 0, MANY, storage(dtype), low, high);
      widen(dtype);
      int outside = 0;
      for (int i = 0; i < MANY; i++) outside += !(doubles[i] >= low && doubles[i] < high);
      CHECK(outside == 0);
    }
    ck_random_uniform(dtype, 3, 0, 100, storage(dtype), 2, 2);
    widen(dtype);
    CHECK(doubles[0] == 2 && doubles[99] == 2);
  }
}

TEST(normal_numbers) {
  for (ck_dtype dtype = CK_FLOAT32; dtype <= CK_BFLOAT16; dtype++) {
    ck_random_normal(dtype, 5, 0, MANY, storage(dtype), 1, 2);
    widen(dtype);
    CHECK_CLOSE(moment(1, 0), 1, 0.02);
    CHECK_CLOSE(moment(2, 1), 4, 0.06);
    CHECK_CLOSE(moment(3, 1), 0, 0.2);
    CHECK_CLOSE(moment(4, 1), 48, 1.5);
    double neighbours = 0;
    for (int i = 0; i < MANY; i += 2) neighbours += (doubles[i] - 1) * (doubles[i + 1] - 1);
    CHECK_CLOSE(neighbours / (MANY / 2), 0, 0.05);
  }
}

// Box–Muller by the library's functions.
TEST(normal_numbers_are_accurate) {
  uint32_t words[RANDOM_WORDS];
  for (uint64_t block = 0; block < 1000 * RANDOM_BLOCKS; block += RANDOM_BLOCKS) {
    ck_random_portable.words(11, block, words);
    ck_random_portable.normal32(words, floats);
    ck_random_portable.normal64(words, doubles);
    for (int i = 0; i < RANDOM_WORDS; i += 2) {
      double radius = sqrt(-2 * log(((words[i] >> 9) + 0.5) * 0x1p-23)),
             angle = 2 * M_PI * ((words[i + 1] >> 8) * 0x1p-24);
      CHECK_CLOSE(floats[i], radius * cos(angle), 1e-6);
      CHECK_CLOSE(floats[i + 1], radius * sin(angle), 1e-6);
    }
    for (int i = 0; i < RANDOM_WORDS / 2; i += 2) {
      uint64_t first = (uint64_t)words[2 * i + 1] << 32 | words[2 * i],
               second = (uint64_t)words[2 * i + 3] << 32 | words[2 * i + 2];
      double radius = sqrt(-2 * log(((double)(first >> 12) + 0.5) * 0x1p-52)),
             angle = 2 * M_PI * ((double)(second >> 11) * 0x1p-53);
      CHECK_CLOSE(doubles[i], radius * cos(angle), 4e-15);
      CHECK_CLOSE(doubles[i + 1], radius * sin(angle), 4e-15);
    }
  }
}

TEST(exponential_numbers) {
  for (ck_dtype dtype = CK_FLOAT32; dtype <= CK_BFLOAT16; dtype++) {
    ck_random_exponential(dtype, 6, 0, MANY, storage(dtype), 0.5);
    widen(dtype);
    int outside = 0;
    for (int i = 0; i < MANY; i++) outside += !(doubles[i] > 0 && doubles[i] < 1000);
    CHECK(outside == 0);
    CHECK_CLOSE(moment(1, 0), 2, 0.03);
    CHECK_CLOSE(moment(2, 2), 4, 0.15);
  }
}

TEST(coins) {
  static uint8_t bytes[MANY];
  static const double chances[] = {0, 0.1, 0.5, 0.999, 1};
  for (int c = 0; c < 5; c++) {
    ck_random_bernoulli(CK_BOOL, 8, 0, MANY, bytes, chances[c]);
    ck_random_bernoulli(CK_FLOAT32, 8, 0, MANY, floats, chances[c]);
    int64_t heads = 0, differ = 0;
    for (int i = 0; i < MANY; i++) heads += bytes[i], differ += floats[i] != (float)bytes[i] || bytes[i] > 1;
    CHECK(differ == 0);
    CHECK_CLOSE((double)heads / MANY, chances[c], chances[c] == 0 || chances[c] == 1 ? 0 : 0.005);
  }
}

TEST(integers) {
  int counts[10] = {0};
  ck_random_integers(CK_INT64, 9, 0, MANY, longs, -3, 7);
  int outside = 0;
  for (int i = 0; i < MANY; i++) {
    if (longs[i] < -3 || longs[i] >= 7)
      outside++;
    else
      counts[longs[i] + 3]++;
  }
  CHECK(outside == 0);
  for (int i = 0; i < 10; i++) CHECK_CLOSE(counts[i] / (double)MANY, 0.1, 0.005);
  ck_random_integers(CK_FLOAT32, 9, 0, MANY, floats, -3, 7);
  for (int i = 0; i < MANY; i += 999) CHECK(floats[i] == (float)longs[i]);
  ck_random_integers(CK_INT64, 9, 0, MANY, longs, INT64_MIN, INT64_MAX);
  int negative = 0;
  for (int i = 0; i < MANY; i++) negative += longs[i] < 0;
  CHECK_CLOSE(negative / (double)MANY, 0.5, 0.005);
}

TEST(permutations) {
  static const int64_t sizes[] = {0, 1, 2, 3, 31, 32, 33, 1000};
  for (int s = 0; s < 8; s++) {
    char seen[1000] = {0};
    ck_random_permutation(4, 0, sizes[s], longs);
    for (int64_t i = 0; i < sizes[s]; i++) {
      CHECK(longs[i] >= 0 && longs[i] < sizes[s] && !seen[longs[i]]);
      seen[longs[i]] = 1;
    }
  }
}

TEST(permutations_are_uniform) {
  int counts[27] = {0};
  for (int draw = 0; draw < 60000; draw++) {
    int64_t order[3];
    ck_random_permutation(12, (uint64_t)draw * 2, 3, order);
    counts[order[0] * 9 + order[1] * 3 + order[2]]++;
  }
  int used = 0;
  for (int i = 0; i < 27; i++) {
    used += counts[i] > 0;
    if (counts[i]) CHECK_CLOSE(counts[i], 10000, 500);
  }
  CHECK(used == 6);
}
