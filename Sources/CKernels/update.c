#include "ck_half.h"
#include "ck_isa.h"
#include "ck_thread.h"
#include "ck_update_sets.h"
#include "ck_walk.h"

// A block is what one thread takes at a time; a chunk of it is summed up, or widened, before the next.
enum { BLOCK = 16384, CHUNK = 1024 };

static const ck_update_set* set_in_use(void) {
#if defined(__x86_64__)
  const ck_isa isa = ck_isa_in_use();
  if (isa == CK_AVX2 || isa == CK_AVX512) return &ck_update_avx2;
#endif
  return &ck_update_portable;
}

typedef struct pass {
  const ck_update_set* set;
  int64_t count;
  ck_update* updates;
  double* sums;  // two of each block
} pass;

static void widen(ck_dtype dtype, int64_t n, const uint16_t* from, float* to) {
  if (dtype == CK_FLOAT16) {
    for (int64_t i = 0; i < n; i++) to[i] = ck_f16_widen(from[i]);
  } else {
    for (int64_t i = 0; i < n; i++) to[i] = ck_bf16_widen(from[i]);
  }
}

static void narrow(ck_dtype dtype, int64_t n, const float* from, uint16_t* to) {
  if (dtype == CK_FLOAT16) {
    for (int64_t i = 0; i < n; i++) to[i] = ck_f16_narrow(from[i]);
  } else {
    for (int64_t i = 0; i < n; i++) to[i] = ck_bf16_narrow(from[i]);
  }
}

static void update_chunk(const pass* s, const ck_update* u, int64_t begin, int64_t n, double* sums) {
  const bool half = u->dtype == CK_FLOAT16 || u->dtype == CK_BFLOAT16, wide = u->dtype == CK_FLOAT64;
  double absent[CHUNK];
  float values[CHUNK], slopes[CHUNK];
  char *p = (char*)u->p + begin * ck_width(u->dtype), *g = (char*)u->g + begin * ck_width(u->dtype);
  void* kept[CK_MOST_KEPT];
  for (int k = 0; k < CK_MOST_KEPT; k++)
    kept[k] = u->kept[k] ? (char*)u->kept[k] + begin * (wide ? 8 : 4) : (void*)absent;
  const ck_update_kernel kernel = wide ? s->set->wide[u->rule] : s->set->single[u->rule];
  if (half) {
    widen(u->dtype, n, (uint16_t*)p, values);
    widen(u->dtype, n, (uint16_t*)g, slopes);
    kernel(n, values, slopes, kept, u, sums);
    narrow(u->dtype, n, values, (uint16_t*)p);
  } else {
    kernel(n, p, g, kept, u, sums);
  }
}

static int64_t blocks_of(const ck_update* u) { return (u->n + BLOCK - 1) / BLOCK; }

static void update_share(void* context, int64_t begin, int64_t end) {
  const pass* s = context;
  int64_t low = 0, high = s->count;
  while (high - low > 1) {
    const int64_t middle = (low + high) / 2;
    if (s->updates[middle].first_block <= begin)
      low = middle;
    else
      high = middle;
  }
  for (int64_t block = begin; block < end; block++) {
    while (block - s->updates[low].first_block >= blocks_of(&s->updates[low])) low++;
    const ck_update* u = &s->updates[low];
    const int64_t from = (block - u->first_block) * BLOCK, to = u->n - from < BLOCK ? u->n : from + BLOCK;
    double* sums = s->sums + 2 * block;
    sums[0] = sums[1] = 0;
    for (int64_t i = from; i < to; i += CHUNK) update_chunk(s, u, i, to - i < CHUNK ? to - i : CHUNK, sums);
  }
}

int64_t ck_update_scratch(int64_t count, const ck_update* updates) {
  int64_t blocks = 0;
  for (int64_t i = 0; i < count; i++) blocks += blocks_of(&updates[i]);
  return 2 * blocks;
}

void ck_update_all(int64_t count, ck_update* updates, double* scratch) {
  int64_t blocks = 0;
  for (int64_t i = 0; i < count; i++) {
    updates[i].first_block = blocks;
    blocks += blocks_of(&updates[i]);
  }
  pass context = {set_in_use(), count, updates, scratch};
  ck_parallel(blocks, 1, update_share, &context);
  for (int64_t i = 0; i < count; i++) {
    updates[i].lengths[0] = updates[i].lengths[1] = 0;
    for (int64_t block = 0; block < blocks_of(&updates[i]); block++)
      for (int k = 0; k < 2; k++) updates[i].lengths[k] += scratch[2 * (updates[i].first_block + block) + k];
  }
}
