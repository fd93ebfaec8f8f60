// Words by number: each different one once, in the order in which they came.
#ifndef CK_WORDS_H
#define CK_WORDS_H

#include "ck_types.h"

typedef struct ck_words {
  char* text;  // all words, one behind the other
  size_t text_size, text_capacity;
  size_t* ends;
  int32_t count, capacity;
  int32_t* slots;  // numbers + 1 by hash
  size_t slot_count;
} ck_words;

// Zeroed words are none. -1: no memory, or more than 2^31 of them.
int32_t ck_words_add(ck_words* words, const char* word, size_t size);
int32_t ck_words_find(const ck_words* words, const char* word, size_t size);  // -1: not there
const char* ck_words_at(const ck_words* words, int32_t number, size_t* size);
void ck_words_release(ck_words* words);

// order[i] = the number of the i-th word when they are sorted by bytes.
void ck_words_sort(const ck_words* words, int32_t* order);

#endif
