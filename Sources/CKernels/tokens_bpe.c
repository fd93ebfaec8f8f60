#include <stdlib.h>
#include <string.h>

#include "ck_tokens.h"

static uint64_t hash_of(uint64_t pair) {
  pair *= 0x9E3779B97F4A7C15u;
  return pair ^ pair >> 31;
}

static ck_pair* slot_of(const ck_pairs* pairs, uint64_t pair) {
  size_t slot = hash_of(pair) & (pairs->slot_count - 1);
  while (pairs->slots[slot].token >= 0 && pairs->slots[slot].pair != pair) slot = (slot + 1) & (pairs->slot_count - 1);
  return &pairs->slots[slot];
}

static uint64_t pair_of(int32_t left, int32_t right) { return (uint64_t)(uint32_t)left << 32 | (uint32_t)right; }

bool ck_pairs_set(ck_pairs* pairs, int32_t left, int32_t right, int32_t rank, int32_t token) {
  if (2 * (pairs->count + 1) > pairs->slot_count) {
    ck_pairs larger = {NULL, pairs->slot_count ? 2 * pairs->slot_count : 256, pairs->count};
    larger.slots = malloc(larger.slot_count * sizeof *larger.slots);
    if (larger.slots == NULL) return false;
    for (size_t i = 0; i < larger.slot_count; i++) larger.slots[i].token = -1;
    for (size_t i = 0; i < pairs->slot_count; i++) {
      if (pairs->slots[i].token >= 0) *slot_of(&larger, pairs->slots[i].pair) = pairs->slots[i];
    }
    free(pairs->slots);
    *pairs = larger;
  }
  ck_pair* slot = slot_of(pairs, pair_of(left, right));
  pairs->count += slot->token < 0;
  *slot = (ck_pair){pair_of(left, right), rank, token};
  return true;
}

const ck_pair* ck_pairs_find(const ck_pairs* pairs, int32_t left, int32_t right) {
  if (pairs->slot_count == 0) return NULL;
  const ck_pair* slot = slot_of(pairs, pair_of(left, right));
  return slot->token < 0 ? NULL : slot;
}

void ck_bpe_release(ck_bpe* bpe) {
  ck_words_release(&bpe->tokens);
  free(bpe->merges.slots);
  free(bpe->special);
  *bpe = (ck_bpe){0};
}

// ---- Encoding

// A piece as a chain of tokens; pairs that can be joined wait in a heap, those of the lowest rank first.
typedef struct {
  int32_t token, before, after;  // after -2: joined to the one before
} Link;
typedef struct {
  int32_t rank, at, token;
} Join;
typedef struct {
  const ck_bpe* bpe;
  Link* links;
  Join* heap;
  size_t capacity, heap_count;
  ck_words pieces;    // seen before
  ck_numbers starts;  // of their tokens in `known`
  ck_numbers known;
} Encoder;

static bool goes_first(const Join* a, const Join* b) { return a->rank != b->rank ? a->rank < b->rank : a->at < b->at; }

static void push(Encoder* e, int32_t at) {
  Link* links = e->links;
  if (at < 0 || links[at].after < 0) return;
  const ck_pair* pair = ck_pairs_find(&e->bpe->merges, links[at].token, links[links[at].after].token);
  if (pair == NULL) return;
  Join join = {pair->rank, at, pair->token};
  size_t i = e->heap_count++;
  for (; i > 0 && goes_first(&join, &e->heap[(i - 1) / 2]); i = (i - 1) / 2) e->heap[i] = e->heap[(i - 1) / 2];
  e->heap[i] = join;
}

static Join pop(Encoder* e) {
  Join top = e->heap[0], last = e->heap[--e->heap_count];
  size_t i = 0, child;
  while ((child = 2 * i + 1) < e->heap_count) {
    if (child + 1 < e->heap_count && goes_first(&e->heap[child + 1], &e->heap[child])) child++;
    if (!goes_first(&e->heap[child], &last)) break;
    e->heap[i] = e->heap[child];
    i = child;
  }
  e->heap[i] = last;
  return top;
}

static void join_all(Encoder* e) {
  Link* links = e->links;
  while (e->heap_count > 0) {
    Join join = pop(e);
    Link* link = &links[join.at];
    if (link->after < 0) continue;
    const ck_pair* pair = ck_pairs_find(&e->bpe->merges, link->token, links[link->after].token);
    if (pair == NULL || pair->token != join.token) continue;
    int32_t gone = link->after;
    link->token = join.token;
    link->after = links[gone].after;
    links[gone].after = -2;
    if (link->after >= 0) links[link->after].before = join.at;
    push(e, link->before);
    push(e, join.at);
  }
}

static bool encode_new(Encoder* e, const char* text, size_t size, ck_numbers* out) {
  if (size > INT32_MAX / 4) return false;
  if (size > e->capacity) {
    free(e->links);
    free(e->heap);
    e->capacity = 2 * size + 64;
    e->links = malloc(e->capacity * sizeof *e->links);
    e->heap = malloc(3 * e->capacity * sizeof *e->heap);
    if (e->links == NULL || e->heap == NULL) return false;
  }
  for (size_t i = 0; i < size; i++)
    e->links[i] = (Link){e->bpe->bytes[(uint8_t)text[i]], (int32_t)i - 1, i + 1 < size ? (int32_t)i + 1 : -1};
  e->heap_count = 0;
  for (size_t i = 0; i < size; i++) push(e, (int32_t)i);
  join_all(e);
  for (int32_t i = 0; i >= 0; i = e->links[i].after) {
    if (!ck_numbers_add(out, e->links[i].token)) return false;
  }
  return true;
}

enum { LONGEST_KNOWN = 32, MOST_KNOWN = 1 << 16 };

static bool encode_piece(Encoder* e, const char* text, size_t size, ck_numbers* out) {
  int32_t number = size <= LONGEST_KNOWN ? ck_words_find(&e->pieces, text, size) : -1;
  size_t begin = out->count;
  if (number < 0) {
    if (!encode_new(e, text, size, out)) return false;
    if (size > LONGEST_KNOWN || e->pieces.count >= MOST_KNOWN) return true;
    if (ck_words_add(&e->pieces, text, size) < 0) return false;
    for (size_t i = begin; i < out->count; i++) {
      if (!ck_numbers_add(&e->known, out->data[i])) return false;
    }
    return ck_numbers_add(&e->starts, (int64_t)e->known.count);
  }
  int64_t from = number == 0 ? 0 : e->starts.data[number - 1];
  for (; from < e->starts.data[number]; from++) {
    if (!ck_numbers_add(out, e->known.data[from])) return false;
  }
  return true;
}

static bool encode_part(Encoder* e, const char* text, size_t size, ck_numbers* out) {
  size_t at = 0;
  if (e->bpe->leading_space && size > 0 && text[0] != ' ') {
    // The space goes with the first piece, as it would in the text.
    char* first = malloc(size + 1);
    if (first == NULL) return false;
    first[0] = ' ';
    memcpy(first + 1, text, size);
    size_t end = ck_piece_end(first, size + 1, 0);
    bool done = encode_piece(e, first, end, out);
    free(first);
    if (!done) return false;
    at = end - 1;
  }
  while (at < size) {
    size_t end = ck_piece_end(text, size, at);
    if (!encode_piece(e, text + at, end - at, out)) return false;
    at = end;
  }
  return true;
}

// The longest special token at this place, or -1.
static int32_t special_at(const ck_bpe* bpe, const char* text, size_t size, size_t* length) {
  int32_t found = -1;
  *length = 0;
  for (int32_t i = 0; i < bpe->special_count; i++) {
    size_t count;
    const char* word = ck_words_at(&bpe->tokens, bpe->special[i], &count);
    if (count <= size && count > *length && memcmp(word, text, count) == 0) {
      found = bpe->special[i];
      *length = count;
    }
  }
  return found;
}

bool ck_bpe_encode(const ck_bpe* bpe, const char* text, size_t size, ck_numbers* out) {
  Encoder encoder = {.bpe = bpe};
  bool begins[256] = {false}, done = true;
  for (int32_t i = 0; i < bpe->special_count; i++) {
    size_t length;
    const char* word = ck_words_at(&bpe->tokens, bpe->special[i], &length);
    if (length > 0) begins[(uint8_t)word[0]] = true;
  }
  size_t start = 0;
  for (size_t at = 0; done && bpe->special_count > 0 && at < size;) {
    size_t length = 0;
    int32_t token = begins[(uint8_t)text[at]] ? special_at(bpe, text + at, size - at, &length) : -1;
    if (token < 0) {
      at++;
      continue;
    }
    done = encode_part(&encoder, text + start, at - start, out) && ck_numbers_add(out, token);
    start = at += length;
  }
  done = done && encode_part(&encoder, text + start, size - start, out);
  free(encoder.links);
  free(encoder.heap);
  ck_words_release(&encoder.pieces);
  ck_numbers_release(&encoder.starts);
  ck_numbers_release(&encoder.known);
  return done;
}
