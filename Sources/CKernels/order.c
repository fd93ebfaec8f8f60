#include <string.h>

#include "ck_half.h"
#include "ck_index.h"
#include "ck_memory.h"
#include "ck_thread.h"
#include "ck_walk.h"

#define CK_GRAIN 4096
#define CK_SHORT 32

// Elements as unsigned numbers of the same order: negatives reversed below the others, both zeros one, NaN last.
static inline uint64_t key_i64(int64_t x) { return (uint64_t)x ^ (uint64_t)1 << 63; }
static inline uint64_t key_i32(int32_t x) { return (uint32_t)x ^ 1u << 31; }
static inline uint64_t key_u8(uint8_t x) { return x; }
static inline uint64_t key_f64(double x) {
  const uint64_t bits = ck_bits_of_double(x + 0.0);
  return x != x ? UINT64_MAX : bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}
static inline uint64_t key_f32(float x) {
  const uint32_t bits = ck_bits_of_float(x + 0.0f);
  return x != x ? UINT32_MAX : bits >> 31 ? ~bits : bits | 1u << 31;
}
static inline uint64_t key_f16(uint16_t x) { return key_f32(ck_f16_widen(x)); }
static inline uint64_t key_bf16(uint16_t x) { return key_f32(ck_bf16_widen(x)); }

typedef struct entry {
  uint64_t key;
  int64_t index;
} entry;

#define CK_KEYS(name, type)                                                             \
  static void keys_##name(int64_t n, entry* entries, const void* from, uint64_t flip) { \
    const type* x = from;                                                               \
    for (int64_t i = 0; i < n; i++) entries[i] = (entry){key_##name(x[i]) ^ flip, i};   \
  }
CK_KEYS(f32, float)
CK_KEYS(f64, double)
CK_KEYS(f16, uint16_t)
CK_KEYS(bf16, uint16_t)
CK_KEYS(i64, int64_t)
CK_KEYS(i32, int32_t)
CK_KEYS(u8, uint8_t)

static void sort_short(int64_t n, entry* entries) {
  for (int64_t i = 1; i < n; i++) {
    const entry moving = entries[i];
    int64_t j = i;
    for (; j > 0 && entries[j - 1].key > moving.key; j--) entries[j] = entries[j - 1];
    entries[j] = moving;
  }
}

// Byte by byte from the lowest, each pass stable; bytes that all keys share cost nothing. Returns where the result
// lies.
static entry* sort_long(int64_t n, entry* entries, entry* spare, int bytes) {
  int64_t count[8][256];
  memset(count, 0, sizeof count);
  for (int64_t i = 0; i < n; i++) {
    for (int b = 0; b < bytes; b++) count[b][entries[i].key >> 8 * b & 255]++;
  }
  for (int b = 0; b < bytes; b++) {
    if (count[b][entries[0].key >> 8 * b & 255] == n) continue;
    int64_t place = 0;
    for (int d = 0; d < 256; d++) {
      const int64_t here = count[b][d];
      count[b][d] = place;
      place += here;
    }
    for (int64_t i = 0; i < n; i++) spare[count[b][entries[i].key >> 8 * b & 255]++] = entries[i];
    entry* swap = entries;
    entries = spare;
    spare = swap;
  }
  return entries;
}

typedef struct ordering {
  void (*keys)(int64_t n, entry* entries, const void* from, uint64_t flip);
  int width, key_bytes;
  uint64_t flip;
  int64_t n;
  int64_t* index;
  const char* x;
  int failed;
} ordering;

static void order_row(const ordering* o, int64_t row, entry* entries) {
  o->keys(o->n, entries, o->x + row * o->n * o->width, o->flip);
  if (o->n <= CK_SHORT)
    sort_short(o->n, entries);
  else
    entries = sort_long(o->n, entries, entries + o->n, o->key_bytes);
  for (int64_t i = 0; i < o->n; i++) o->index[row * o->n + i] = entries[i].index;
}

static void order_share(void* context, int64_t begin, int64_t end) {
  ordering* o = context;
  entry few[CK_SHORT];
  const size_t bytes = (size_t)o->n * 2 * sizeof(entry);
  entry* entries = o->n <= CK_SHORT ? few : ck_alloc(bytes);
  if (!entries) {
    __atomic_store_n(&o->failed, 1, __ATOMIC_RELAXED);
    return;
  }
  for (int64_t row = begin; row < end; row++) order_row(o, row, entries);
  if (entries != few) ck_free(entries, bytes);
}

bool ck_argsort(ck_dtype dtype, bool descending, int64_t rows, int64_t n, int64_t* index, const void* x) {
  static void (*const keys[])(int64_t, entry*, const void*, uint64_t) = {
      [CK_FLOAT32] = keys_f32, [CK_FLOAT64] = keys_f64, [CK_FLOAT16] = keys_f16, [CK_BFLOAT16] = keys_bf16,
      [CK_INT64] = keys_i64,   [CK_INT32] = keys_i32,   [CK_UINT8] = keys_u8,    [CK_BOOL] = keys_u8};
  if (rows == 0 || n == 0) return true;
  const int width = ck_width(dtype), key_bytes = ck_is_half(dtype) ? 4 : width;
  const uint64_t flip = descending ? UINT64_MAX >> (64 - 8 * key_bytes) : 0;
  ordering o = {keys[dtype], width, key_bytes, flip, n, index, x, 0};
  const int64_t grain = CK_GRAIN / n;
  ck_parallel(rows, grain > 0 ? grain : 1, order_share, &o);
  return !o.failed;
}

#define CK_NONZERO(type)                                  \
  {                                                       \
    const type* v = x;                                    \
    if (!out) {                                           \
      for (int64_t i = 0; i < n; i++) count += v[i] != 0; \
    } else {                                              \
      for (int64_t i = 0; i < n; i++) {                   \
        if (v[i] != 0) out[count++] = i;                  \
      }                                                   \
    }                                                     \
    return count;                                         \
  }

int64_t ck_nonzero(ck_dtype dtype, int64_t n, int64_t* out, const void* x) {
  int64_t count = 0;
  switch (dtype) {
    case CK_FLOAT32:
      CK_NONZERO(float)
    case CK_FLOAT64:
      CK_NONZERO(double)
    case CK_INT64:
      CK_NONZERO(int64_t)
    case CK_INT32:
      CK_NONZERO(int32_t)
    case CK_UINT8:
    case CK_BOOL:
      CK_NONZERO(uint8_t)
    case CK_FLOAT16:
    case CK_BFLOAT16:
      break;
  }
  const uint16_t* halves = x;
  for (int64_t i = 0; i < n; i++) {
    if ((halves[i] & 0x7fff) == 0) continue;
    if (out) out[count] = i;
    count++;
  }
  return count;
}

typedef struct search {
  bool right, shared;
  int64_t limit, n;
  int64_t* out;
  const void *sorted, *values;
} search;

#define CK_SAME(v) (v)
// A NaN looked for goes to the end, as nothing is greater.
#define CK_SEARCH(name, type, read)                                                             \
  static void search_##name(void* context, int64_t begin, int64_t end) {                        \
    const search* s = context;                                                                  \
    for (int64_t i = begin; i < end; i++) {                                                     \
      const type* row = (const type*)s->sorted + (s->shared ? 0 : i / s->n * s->limit);         \
      int64_t low = 0, high = s->limit;                                                         \
      while (low < high) {                                                                      \
        const int64_t middle = low + (high - low) / 2;                                          \
        const bool reached = s->right ? read(row[middle]) > read(((const type*)s->values)[i])   \
                                      : read(row[middle]) >= read(((const type*)s->values)[i]); \
        if (reached)                                                                            \
          high = middle;                                                                        \
        else                                                                                    \
          low = middle + 1;                                                                     \
      }                                                                                         \
      s->out[i] = low;                                                                          \
    }                                                                                           \
  }
CK_SEARCH(f32, float, CK_SAME)
CK_SEARCH(f64, double, CK_SAME)
CK_SEARCH(f16, uint16_t, ck_f16_widen)
CK_SEARCH(bf16, uint16_t, ck_bf16_widen)
CK_SEARCH(i64, int64_t, CK_SAME)
CK_SEARCH(i32, int32_t, CK_SAME)
CK_SEARCH(u8, uint8_t, CK_SAME)

void ck_searchsorted(ck_dtype dtype, bool right, bool shared, int64_t rows, int64_t limit, int64_t n, int64_t* out,
                     const void* sorted, const void* values) {
  static const ck_body bodies[] = {[CK_FLOAT32] = search_f32,   [CK_FLOAT64] = search_f64, [CK_FLOAT16] = search_f16,
                                   [CK_BFLOAT16] = search_bf16, [CK_INT64] = search_i64,   [CK_INT32] = search_i32,
                                   [CK_UINT8] = search_u8,      [CK_BOOL] = search_u8};
  search s = {right, shared, limit, n, out, sorted, values};
  ck_parallel(rows * n, CK_GRAIN, bodies[dtype], &s);
}
