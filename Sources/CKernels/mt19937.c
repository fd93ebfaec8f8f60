#include <stdlib.h>

#include "ck_mt19937.h"

enum { WORDS = 624, APART = 397 };

struct ck_mt19937 {
  uint32_t words[WORDS];
  int used;
};

ck_mt19937* ck_mt19937_new(uint32_t seed) {
  ck_mt19937* generator = malloc(sizeof *generator);
  if (generator == NULL) return NULL;
  for (uint32_t i = 0; i < WORDS; i++) {
    generator->words[i] = seed;
    seed = 1812433253u * (seed ^ (seed >> 30)) + i + 1;
  }
  generator->used = WORDS;
  return generator;
}

void ck_mt19937_free(ck_mt19937* generator) { free(generator); }

static void renew(ck_mt19937* generator) {
  uint32_t* words = generator->words;
  for (int i = 0; i < WORDS; i++) {
    const uint32_t mixed = (words[i] & 0x80000000u) | (words[(i + 1) % WORDS] & 0x7fffffffu);
    words[i] = words[(i + APART) % WORDS] ^ (mixed >> 1) ^ (mixed & 1 ? 0x9908b0dfu : 0);
  }
  generator->used = 0;
}

static uint32_t next(ck_mt19937* generator) {
  if (generator->used == WORDS) renew(generator);
  uint32_t word = generator->words[generator->used++];
  word ^= word >> 11;
  word ^= (word << 7) & 0x9d2c5680u;
  word ^= (word << 15) & 0xefc60000u;
  return word ^ (word >> 18);
}

// A number from 0 to `greatest`: draws again what is above it within its bits.
static uint64_t up_to(ck_mt19937* generator, uint64_t greatest) {
  uint64_t mask = greatest, word;
  for (int shift = 1; shift < 64; shift *= 2) mask |= mask >> shift;
  do {
    word = next(generator);
    if (greatest > UINT32_MAX) word = word << 32 | next(generator);
    word &= mask;
  } while (word > greatest);
  return word;
}

void ck_mt19937_shuffle(ck_mt19937* generator, int64_t n, int64_t* items) {
  for (int64_t i = n - 1; i > 0; i--) {
    const int64_t other = (int64_t)up_to(generator, (uint64_t)i), item = items[i];
    items[i] = items[other];
    items[other] = item;
  }
}
