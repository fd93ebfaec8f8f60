// One set of optimizer kernels per instruction set, by rule, for elements that are float or double.
//
// There is none for AVX-512: a step waits for memory, and 256 bits at a time keep it busy.
#ifndef CK_UPDATE_SETS_H
#define CK_UPDATE_SETS_H

#include "ck_update.h"

// p, g and kept: n elements each, all present. sums: the squares of lengths that the rule measures are added to it.
typedef void (*ck_update_kernel)(int64_t n, void* p, const void* g, void* const* kept, const ck_update* u,
                                 double* sums);

typedef struct ck_update_set {
  ck_update_kernel single[CK_RULES], wide[CK_RULES];
} ck_update_set;

extern const ck_update_set ck_update_portable;
#if defined(__x86_64__)
extern const ck_update_set ck_update_avx2;
#endif

#endif
