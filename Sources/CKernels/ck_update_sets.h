// One set of optimizer kernels per instruction set, by dtype.
#ifndef CK_UPDATE_SETS_H
#define CK_UPDATE_SETS_H

#include "ck_update.h"

// What an Adam step needs of its settings, worked out once.
typedef struct ck_adam_terms {
  double sign, keep, decay, beta1, beta2, eps, step_size, root2;
} ck_adam_terms;

typedef struct ck_update_set {
  void (*sgd[CK_BFLOAT16 + 1])(int64_t n, void* p, const void* g, void* momentum, const ck_sgd* s);
  void (*adam[CK_BFLOAT16 + 1])(int64_t n, void* p, const void* g, void* m, void* v, void* vmax,
                                const ck_adam_terms* s);
} ck_update_set;

extern const ck_update_set ck_update_portable;
#if defined(__x86_64__)
extern const ck_update_set ck_update_avx2;
extern const ck_update_set ck_update_avx512;
#endif

#endif
