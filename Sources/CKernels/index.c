#include <string.h>

#include "ck_index.h"
#include "ck_thread.h"
#include "ck_walk.h"

#define CK_GRAIN 16384

static int64_t pieces(int64_t elements_each) {
  const int64_t grain = CK_GRAIN / (elements_each > 0 ? elements_each : 1);
  return grain > 0 ? grain : 1;
}

int64_t ck_index_check(const int64_t* index, int64_t n, int64_t limit) {
  int64_t i = 0;
  for (; i + 64 <= n; i += 64) {
    bool outside = false;
    for (int64_t k = i; k < i + 64; k++) outside |= (index[k] < -limit) | (index[k] >= limit);
    if (outside) break;
  }
  for (; i < n; i++) {
    if (index[i] < -limit || index[i] >= limit) return i;
  }
  return -1;
}

typedef struct selection {
  int width;
  int64_t limit, inner, n;
  const int64_t* index;
  char* out;
  const char* x;
} selection;

static inline int64_t wrap(int64_t index, int64_t limit) { return index < 0 ? index + limit : index; }

static void select_share(void* context, int64_t begin, int64_t end) {
  const selection* s = context;
  const int64_t bytes = s->inner * s->width;
  for (int64_t row = begin, o = begin / s->n, i = begin % s->n; row < end; o++, i = 0) {
    const char* x = s->x + o * s->limit * bytes;
    const int64_t last = end - row < s->n - i ? end : row + s->n - i;
    const int64_t* index = s->index + i - row;
    if (bytes == 4) {
      for (; row < last; row++) memcpy(s->out + row * 4, x + wrap(index[row], s->limit) * 4, 4);
    } else {
      for (; row < last; row++) memcpy(s->out + row * bytes, x + wrap(index[row], s->limit) * bytes, (size_t)bytes);
    }
  }
}

void ck_index_select(ck_dtype dtype, int64_t outer, int64_t limit, int64_t inner, const int64_t* index, int64_t n,
                     void* out, const void* x) {
  if (outer * inner * n == 0) return;
  selection s = {ck_width(dtype), limit, inner, n, index, out, x};
  ck_parallel(outer * n, pieces(inner), select_share, &s);
}

#define CK_GATHER(type)                                                                          \
  static void gather_##type(void* context, int64_t begin, int64_t end) {                         \
    const selection* s = context;                                                                \
    int64_t o = begin / s->n, j = begin % s->n;                                                  \
    if (s->inner == 1) {                                                                         \
      for (int64_t row = begin; row < end; o++, j = 0) {                                         \
        const type* x = (const type*)s->x + o * s->limit;                                        \
        const int64_t last = end - row < s->n - j ? end : row + s->n - j;                        \
        for (; row < last; row++) ((type*)s->out)[row] = x[wrap(s->index[row], s->limit)];       \
      }                                                                                          \
      return;                                                                                    \
    }                                                                                            \
    for (int64_t row = begin; row < end; row++) {                                                \
      const type* x = (const type*)s->x + o * s->limit * s->inner;                               \
      const int64_t* index = s->index + row * s->inner;                                          \
      type* to = (type*)s->out + row * s->inner;                                                 \
      for (int64_t i = 0; i < s->inner; i++) to[i] = x[wrap(index[i], s->limit) * s->inner + i]; \
      if (++j == s->n) j = 0, o++;                                                               \
    }                                                                                            \
  }
CK_GATHER(uint8_t)
CK_GATHER(uint16_t)
CK_GATHER(uint32_t)
CK_GATHER(uint64_t)

void ck_gather(ck_dtype dtype, int64_t outer, int64_t limit, int64_t inner, int64_t n, const int64_t* index, void* out,
               const void* x) {
  static const ck_body bodies[] = {
      [1] = gather_uint8_t, [2] = gather_uint16_t, [4] = gather_uint32_t, [8] = gather_uint64_t};
  if (outer * inner * n == 0) return;
  selection s = {ck_width(dtype), limit, inner, n, index, out, x};
  ck_parallel(outer * n, pieces(inner), bodies[s.width], &s);
}
