// Training as Hugging Face's `tokenizers` does it, ties and all: of the pairs that come most often, the one with the
// lowest numbers; places of a pair are kept with the count that they were found with, so that both give the same
// merges.
#include <stdlib.h>
#include <string.h>

#include "ck_tokens.h"

bool ck_bpe_count(ck_bpe_counts* counts, const char* text, size_t size, bool leading_space) {
  char* copy = NULL;
  if (leading_space && size > 0 && text[0] != ' ') {
    copy = malloc(size + 1);
    if (copy == NULL) return false;
    copy[0] = ' ';
    memcpy(copy + 1, text, size++);
    text = copy;
  }
  bool done = true;
  for (size_t at = 0; done && at < size;) {
    size_t end = ck_piece_end(text, size, at);
    int32_t number = ck_words_add(&counts->pieces, text + at, end - at);
    done = number >= 0 && (number < (int64_t)counts->counts.count || ck_numbers_add(&counts->counts, 0));
    if (done) counts->counts.data[number]++;
    at = end;
  }
  free(copy);
  return done;
}

void ck_bpe_counts_release(ck_bpe_counts* counts) {
  ck_words_release(&counts->pieces);
  ck_numbers_release(&counts->counts);
}

// How often a pair comes, and the pieces where it has been found since it was last queued.
typedef struct {
  uint64_t pair;
  int64_t count;
  ck_numbers places;
  bool is_used, is_new;
} Tally;

typedef struct {
  int64_t count;
  uint64_t pair;
  ck_numbers places;
} Entry;

typedef struct {
  Tally* slots;
  size_t slot_count, used;
  Entry* heap;
  size_t heap_count, heap_capacity;
  int32_t* symbols;  // of all pieces
  size_t* starts;
  int32_t* lengths;
  ck_numbers fresh;  // pairs that were found while joining
  bool failed;
} Training;

static size_t slot_of(const Training* t, uint64_t pair) {
  uint64_t hash = pair * 0x9E3779B97F4A7C15u;
  size_t slot = (hash ^ hash >> 29) & (t->slot_count - 1);
  while (t->slots[slot].is_used && t->slots[slot].pair != pair) slot = (slot + 1) & (t->slot_count - 1);
  return slot;
}

static Tally* tally_of(Training* t, uint64_t pair) {
  if (2 * (t->used + 1) > t->slot_count) {
    Training larger = *t;
    larger.slot_count = t->slot_count ? 2 * t->slot_count : 1024;
    larger.slots = calloc(larger.slot_count, sizeof *larger.slots);
    if (larger.slots == NULL) return NULL;
    for (size_t i = 0; i < t->slot_count; i++) {
      if (t->slots[i].is_used) larger.slots[slot_of(&larger, t->slots[i].pair)] = t->slots[i];
    }
    free(t->slots);
    t->slots = larger.slots;
    t->slot_count = larger.slot_count;
  }
  Tally* tally = &t->slots[slot_of(t, pair)];
  if (!tally->is_used) {
    *tally = (Tally){.pair = pair, .is_used = true};
    t->used++;
  }
  return tally;
}

static void change(Training* t, int32_t left, int32_t right, int64_t by, int64_t piece) {
  uint64_t pair = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
  Tally* tally = tally_of(t, pair);
  if (tally == NULL) {
    t->failed = true;
    return;
  }
  tally->count += by;
  if (by <= 0) return;
  if (!tally->is_new) {
    tally->is_new = true;
    t->failed = t->failed || !ck_numbers_add(&t->fresh, (int64_t)pair);
  }
  bool is_last = tally->places.count > 0 && tally->places.data[tally->places.count - 1] == piece;
  t->failed = t->failed || (!is_last && !ck_numbers_add(&tally->places, piece));
}

static bool goes_first(const Entry* a, const Entry* b) {
  return a->count != b->count ? a->count > b->count : a->pair < b->pair;
}

static void push(Training* t, Entry entry) {
  if (t->heap_count == t->heap_capacity) {
    size_t capacity = 2 * t->heap_capacity + 256;
    Entry* heap = realloc(t->heap, capacity * sizeof *heap);
    if (heap == NULL) {
      ck_numbers_release(&entry.places);
      t->failed = true;
      return;
    }
    t->heap = heap;
    t->heap_capacity = capacity;
  }
  size_t i = t->heap_count++;
  for (; i > 0 && goes_first(&entry, &t->heap[(i - 1) / 2]); i = (i - 1) / 2) t->heap[i] = t->heap[(i - 1) / 2];
  t->heap[i] = entry;
}

static Entry pop(Training* t) {
  Entry top = t->heap[0], last = t->heap[--t->heap_count];
  size_t i = 0, child;
  while ((child = 2 * i + 1) < t->heap_count) {
    if (child + 1 < t->heap_count && goes_first(&t->heap[child + 1], &t->heap[child])) child++;
    if (!goes_first(&t->heap[child], &last)) break;
    t->heap[i] = t->heap[child];
    i = child;
  }
  t->heap[i] = last;
  return top;
}

static void queue_fresh(Training* t) {
  for (size_t i = 0; i < t->fresh.count; i++) {
    Tally* tally = &t->slots[slot_of(t, (uint64_t)t->fresh.data[i])];
    tally->is_new = false;
    if (tally->count > 0)
      push(t, (Entry){tally->count, tally->pair, tally->places});
    else
      ck_numbers_release(&tally->places);
    tally->places = (ck_numbers){0};
  }
  t->fresh.count = 0;
}

static void join_piece(Training* t, int64_t piece, int64_t times, int32_t left, int32_t right, int32_t token) {
  int32_t* symbols = t->symbols + t->starts[piece];
  int32_t length = t->lengths[piece], out = 0;
  for (int32_t i = 0; i < length; i++) {
    if (i + 1 >= length || symbols[i] != left || symbols[i + 1] != right) {
      symbols[out++] = symbols[i];
      continue;
    }
    if (out > 0) {
      change(t, symbols[out - 1], left, -times, piece);
      change(t, symbols[out - 1], token, times, piece);
    }
    if (i + 2 < length) {
      change(t, right, symbols[i + 2], -times, piece);
      change(t, token, symbols[i + 2], times, piece);
    }
    symbols[out++] = token;
    i++;
  }
  t->lengths[piece] = out;
}

static bool begin(Training* t, const ck_bpe* bpe, const ck_bpe_counts* counts) {
  size_t count = (size_t)counts->pieces.count + 1;
  t->symbols = malloc((counts->pieces.text_size + 1) * sizeof *t->symbols);
  t->starts = malloc(count * sizeof *t->starts);
  t->lengths = malloc(count * sizeof *t->lengths);
  if (t->symbols == NULL || t->starts == NULL || t->lengths == NULL) return false;
  size_t at = 0;
  for (int32_t p = 0; p < counts->pieces.count; p++) {
    size_t size;
    const char* text = ck_words_at(&counts->pieces, p, &size);
    if (size > INT32_MAX) return false;
    t->starts[p] = at;
    t->lengths[p] = (int32_t)size;
    for (size_t i = 0; i < size; i++) t->symbols[at++] = bpe->bytes[(uint8_t)text[i]];
    for (size_t i = 1; i < size; i++)
      change(t, t->symbols[at - size + i - 1], t->symbols[at - size + i], counts->counts.data[p], p);
  }
  queue_fresh(t);
  return !t->failed;
}

static int32_t token_of(ck_bpe* bpe, int32_t left, int32_t right) {
  size_t left_size, right_size;
  const char* word = ck_words_at(&bpe->tokens, left, &left_size);
  const char* other = ck_words_at(&bpe->tokens, right, &right_size);
  char* joined = malloc(left_size + right_size);
  if (joined == NULL) return -1;
  memcpy(joined, word, left_size);
  memcpy(joined + left_size, other, right_size);
  int32_t token = ck_words_add(&bpe->tokens, joined, left_size + right_size);
  free(joined);
  return token;
}

static void join(Training* t, ck_bpe* bpe, const ck_bpe_counts* counts, Entry* top, ck_numbers* merges) {
  int32_t left = (int32_t)(top->pair >> 32), right = (int32_t)(uint32_t)top->pair;
  int32_t token = token_of(bpe, left, right);
  if (token < 0 || !ck_pairs_set(&bpe->merges, left, right, (int32_t)(merges->count / 2), token) ||
      !ck_numbers_add(merges, left) || !ck_numbers_add(merges, right)) {
    t->failed = true;
    return;
  }
  for (size_t i = 0; i < top->places.count && !t->failed; i++)
    join_piece(t, top->places.data[i], counts->counts.data[top->places.data[i]], left, right, token);
  queue_fresh(t);
}

bool ck_bpe_train(ck_bpe* bpe, const ck_bpe_counts* counts, int32_t size, int64_t least, ck_numbers* merges) {
  Training t = {0};
  t.failed = !begin(&t, bpe, counts);
  while (!t.failed && bpe->tokens.count < size && t.heap_count > 0) {
    Entry top = pop(&t);
    int64_t count = t.slots[slot_of(&t, top.pair)].count;
    if (top.count != count) {
      top.count = count;
      push(&t, top);
      continue;
    }
    bool ends = top.count < 1 || top.count < least;
    if (!ends) join(&t, bpe, counts, &top, merges);
    ck_numbers_release(&top.places);
    if (ends) break;
  }
  for (size_t i = 0; i < t.heap_count; i++) ck_numbers_release(&t.heap[i].places);
  for (size_t i = 0; i < t.slot_count; i++) ck_numbers_release(&t.slots[i].places);
  free(t.slots);
  free(t.heap);
  free(t.symbols);
  free(t.starts);
  free(t.lengths);
  ck_numbers_release(&t.fresh);
  return !t.failed;
}
