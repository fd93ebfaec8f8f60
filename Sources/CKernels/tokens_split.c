#include <stdlib.h>
#include <string.h>

#include "ck_tokens.h"
#include "unicode_table.h"

enum { OTHER = 0, LETTER = 1, NUMBER = 2, SPACE = 3 };

int32_t ck_utf8_at(const char* text, size_t size, size_t at, int* length) {
  const uint8_t* p = (const uint8_t*)text + at;
  size_t left = size - at;
  *length = 1;
  if (p[0] < 0x80) return p[0];
  int count = p[0] >= 0xC2 && p[0] <= 0xDF   ? 2
              : p[0] >= 0xE0 && p[0] <= 0xEF ? 3
              : p[0] >= 0xF0 && p[0] <= 0xF4 ? 4
                                             : 0;
  if (count == 0 || left < (size_t)count) return -1;
  int32_t code = p[0] & (0x7F >> count);
  for (int i = 1; i < count; i++) {
    if ((p[i] & 0xC0) != 0x80) return -1;
    code = code << 6 | (p[i] & 0x3F);
  }
  static const int32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[count] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return -1;
  *length = count;
  return code;
}

static int kind_of(int32_t code) {
  if (code < 0) return OTHER;
  if (code < 128) {
    int32_t lower = code | 32;
    return (lower >= 'a' && lower <= 'z')             ? LETTER
           : code >= '0' && code <= '9'               ? NUMBER
           : code == ' ' || (code >= 9 && code <= 13) ? SPACE
                                                      : OTHER;
  }
  size_t low = 0, high = sizeof unicode_runs / sizeof *unicode_runs;
  while (high - low > 1) {
    size_t middle = (low + high) / 2;
    if ((int32_t)(unicode_runs[middle] >> 2) <= code)
      low = middle;
    else
      high = middle;
  }
  return unicode_runs[low] & 3;
}

static int kind_at(const char* text, size_t size, size_t at, int* length) {
  return kind_of(ck_utf8_at(text, size, at, length));
}

static size_t contraction(const char* text, size_t size, size_t at) {
  static const char words[7][4] = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};
  for (int i = 0; i < 7; i++) {
    size_t length = strlen(words[i]);
    if (size - at >= length && memcmp(text + at, words[i], length) == 0) return length;
  }
  return 0;
}

size_t ck_piece_end(const char* text, size_t size, size_t at) {
  size_t found = text[at] == '\'' ? contraction(text, size, at) : 0;
  if (found) return at + found;
  int length, kind = kind_at(text, size, at, &length);
  size_t p = at + (size_t)length;
  if (kind == SPACE) {
    int next = p < size ? kind_at(text, size, p, &length) : SPACE;
    if (text[at] != ' ' || next == SPACE) {
      // All spaces but the last one, which goes with what follows.
      size_t last = at;
      while (p < size && kind_at(text, size, p, &length) == SPACE) {
        last = p;
        p += (size_t)length;
      }
      return p == size || last == at ? p : last;
    }
    kind = next;
  }
  while (p < size && kind_at(text, size, p, &length) == kind) p += (size_t)length;
  return p;
}

bool ck_numbers_add(ck_numbers* numbers, int64_t number) {
  if (numbers->count == numbers->capacity) {
    size_t capacity = 2 * numbers->capacity + 64;
    int64_t* data = realloc(numbers->data, capacity * sizeof *data);
    if (data == NULL) return false;
    numbers->data = data;
    numbers->capacity = capacity;
  }
  numbers->data[numbers->count++] = number;
  return true;
}

void ck_numbers_release(ck_numbers* numbers) {
  free(numbers->data);
  *numbers = (ck_numbers){0};
}

bool ck_characters_add(ck_words* characters, const char* text, size_t size) {
  int length;
  for (size_t at = 0; at < size; at += (size_t)length) {
    ck_utf8_at(text, size, at, &length);
    if (ck_words_add(characters, text + at, (size_t)length) < 0) return false;
  }
  return true;
}

int64_t ck_characters_encode(const ck_words* characters, int32_t unknown, const char* text, size_t size,
                             ck_numbers* out) {
  int length;
  for (size_t at = 0; at < size; at += (size_t)length) {
    ck_utf8_at(text, size, at, &length);
    int32_t number = ck_words_find(characters, text + at, (size_t)length);
    if (number < 0) number = unknown;
    if (number < 0) return (int64_t)at;
    if (!ck_numbers_add(out, number)) return -2;
  }
  return -1;
}
