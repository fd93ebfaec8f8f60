// Text as numbers: pieces of GPT-2, byte-level byte pair encoding, and characters.
#ifndef CK_TOKENS_H
#define CK_TOKENS_H

#include "ck_types.h"
#include "ck_words.h"

// The code point at `at` and its bytes; -1 and 1 byte where there is no UTF-8.
int32_t ck_utf8_at(const char* text, size_t size, size_t at, int* length);

// Where the piece that begins at `at` ends: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
size_t ck_piece_end(const char* text, size_t size, size_t at);

// Numbers that grow.
typedef struct ck_numbers {
  int64_t* data;
  size_t count, capacity;
} ck_numbers;
bool ck_numbers_add(ck_numbers* numbers, int64_t number);
void ck_numbers_release(ck_numbers* numbers);

// ---- Byte pair encoding

// What a pair of tokens becomes, by hash.
typedef struct ck_pair {
  uint64_t pair;  // left << 32 | right
  int32_t rank;
  int32_t token;  // -1: an empty slot
} ck_pair;
typedef struct ck_pairs {
  ck_pair* slots;
  size_t slot_count, count;
} ck_pairs;
bool ck_pairs_set(ck_pairs* pairs, int32_t left, int32_t right, int32_t rank, int32_t token);
const ck_pair* ck_pairs_find(const ck_pairs* pairs, int32_t left, int32_t right);  // NULL: none

typedef struct ck_bpe {
  ck_words tokens;  // the bytes of each
  ck_pairs merges;
  int32_t bytes[256];  // the token of each byte
  int32_t* special;    // tokens that are found in the text as they are
  int32_t special_count;
  bool leading_space;  // text that does not begin with one gets one
} ck_bpe;
void ck_bpe_release(ck_bpe* bpe);

// Texts to learn from, as pieces and how often each came.
typedef struct ck_bpe_counts {
  ck_words pieces;
  ck_numbers counts;
} ck_bpe_counts;
bool ck_bpe_count(ck_bpe_counts* counts, const char* text, size_t size, bool leading_space);
void ck_bpe_counts_release(ck_bpe_counts* counts);

// Adds to a vocabulary of the special tokens and all bytes until it has `size`, or no pair comes `least` times. merges:
// pairs of tokens in their order. False: no memory.
bool ck_bpe_train(ck_bpe* bpe, const ck_bpe_counts* counts, int32_t size, int64_t least, ck_numbers* merges);

bool ck_bpe_encode(const ck_bpe* bpe, const char* text, size_t size, ck_numbers* out);  // false: no memory

// ---- Characters

// The characters of a text; false: no memory.
bool ck_characters_add(ck_words* characters, const char* text, size_t size);
// unknown: the number of what is not there, or -1. -1 when done, the place of an unknown character, or -2: no memory.
int64_t ck_characters_encode(const ck_words* characters, int32_t unknown, const char* text, size_t size,
                             ck_numbers* out);

#endif
