// Vectors of 16 bytes, for instruction sets that cannot load or store a part of one.
#define MASK int
#define MASK_OF(count) (count)
#define LOAD_PART(p, count) NAME(load_part)(p, count)
#define STORE_PART(p, v, count) NAME(store_part)(p, v, count)
#define READS_PART 0

typedef REAL NAME(part) __attribute__((vector_size(16)));

static inline NAME(part) NAME(load_part)(const REAL* from, int count) {
  NAME(part) v = {0};
  for (int i = 0; i < count; i++) v[i] = from[i];
  return v;
}

static inline void NAME(store_part)(REAL* to, NAME(part) v, int count) {
  if (count == LANES) {
    memcpy(to, &v, sizeof v);
    return;
  }
  for (int i = 0; i < count; i++) to[i] = v[i];
}

#include "gemm_template.h"
