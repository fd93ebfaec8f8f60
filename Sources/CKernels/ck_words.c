#define _GNU_SOURCE
#include "ck_words.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(const char* word, size_t size) {
  uint64_t hash = 0x9E3779B97F4A7C15u ^ size;
  for (; size >= 8; size -= 8, word += 8) {
    uint64_t part;
    memcpy(&part, word, 8);
    hash = (hash ^ part) * 0xBF58476D1CE4E5B9u;
    hash ^= hash >> 29;
  }
  uint64_t rest = 0;
  memcpy(&rest, word, size);
  hash = (hash ^ rest) * 0x94D049BB133111EBu;
  return hash ^ hash >> 32;
}

const char* ck_words_at(const ck_words* words, int32_t number, size_t* size) {
  size_t start = number == 0 ? 0 : words->ends[number - 1];
  *size = words->ends[number] - start;
  return words->text + start;
}

static size_t slot_of(const ck_words* words, const char* word, size_t size) {
  size_t slot = hash_of(word, size) & (words->slot_count - 1);
  while (words->slots[slot] != 0) {
    size_t length;
    const char* other = ck_words_at(words, words->slots[slot] - 1, &length);
    if (length == size && memcmp(other, word, size) == 0) break;
    slot = (slot + 1) & (words->slot_count - 1);
  }
  return slot;
}

int32_t ck_words_find(const ck_words* words, const char* word, size_t size) {
  return words->slot_count == 0 ? -1 : words->slots[slot_of(words, word, size)] - 1;
}

static bool grow_slots(ck_words* words) {
  ck_words larger = *words;
  larger.slot_count = words->slot_count == 0 ? 64 : 2 * words->slot_count;
  larger.slots = calloc(larger.slot_count, sizeof *larger.slots);
  if (larger.slots == NULL) return false;
  for (int32_t i = 0; i < words->count; i++) {
    size_t size;
    const char* word = ck_words_at(words, i, &size);
    larger.slots[slot_of(&larger, word, size)] = i + 1;
  }
  free(words->slots);
  *words = larger;
  return true;
}

static bool make_room(ck_words* words, size_t size) {
  if (words->text == NULL || words->text_capacity - words->text_size < size) {
    size_t capacity = 2 * words->text_capacity + size + 64;
    char* text = realloc(words->text, capacity);
    if (text == NULL) return false;
    words->text = text;
    words->text_capacity = capacity;
  }
  if (words->count == words->capacity) {
    if (words->capacity > INT32_MAX / 2 - 32) return false;
    int32_t capacity = 2 * words->capacity + 32;
    size_t* ends = realloc(words->ends, (size_t)capacity * sizeof *ends);
    if (ends == NULL) return false;
    words->ends = ends;
    words->capacity = capacity;
  }
  return 2 * (size_t)(words->count + 1) <= words->slot_count || grow_slots(words);
}

int32_t ck_words_add(ck_words* words, const char* word, size_t size) {
  if (words->slot_count > 0) {
    int32_t known = words->slots[slot_of(words, word, size)] - 1;
    if (known >= 0) return known;
  }
  if (!make_room(words, size)) return -1;
  size_t slot = slot_of(words, word, size);
  if (size > 0) memcpy(words->text + words->text_size, word, size);
  words->text_size += size;
  words->ends[words->count] = words->text_size;
  words->slots[slot] = words->count + 1;
  return words->count++;
}

void ck_words_release(ck_words* words) {
  free(words->text);
  free(words->ends);
  free(words->slots);
  *words = (ck_words){0};
}

static int compare(const void* a, const void* b, void* context) {
  size_t left_size, right_size;
  const char* left = ck_words_at(context, *(const int32_t*)a, &left_size);
  const char* right = ck_words_at(context, *(const int32_t*)b, &right_size);
  int order = memcmp(left, right, left_size < right_size ? left_size : right_size);
  return order != 0 ? order : (left_size > right_size) - (left_size < right_size);
}

void ck_words_sort(const ck_words* words, int32_t* order) {
  for (int32_t i = 0; i < words->count; i++) order[i] = i;
  qsort_r(order, (size_t)words->count, sizeof *order, compare, (void*)words);
}
