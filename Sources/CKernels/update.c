#include <math.h>

#include "ck_isa.h"
#include "ck_thread.h"
#include "ck_update_sets.h"
#include "ck_walk.h"

#define CK_GRAIN 16384

static const ck_update_set* set_in_use(void) {
#if defined(__x86_64__)
  const ck_isa isa = ck_isa_in_use();
  if (isa == CK_AVX512) return &ck_update_avx512;
  if (isa == CK_AVX2) return &ck_update_avx2;
#endif
  return &ck_update_portable;
}

typedef struct sgd {
  void (*kernel)(int64_t n, void* p, const void* g, void* momentum, const ck_sgd* s);
  char *p, *momentum;
  const char* g;
  int width, state_width;
  const ck_sgd* settings;
} sgd;

static void sgd_share(void* context, int64_t begin, int64_t end) {
  const sgd* s = context;
  s->kernel(end - begin, s->p + begin * s->width, s->g + begin * s->width,
            s->momentum ? s->momentum + begin * s->state_width : NULL, s->settings);
}

void ck_update_sgd(ck_dtype dtype, int64_t n, void* p, const void* g, void* momentum, const ck_sgd* s) {
  sgd context = {set_in_use()->sgd[dtype], p, momentum, g, ck_width(dtype), dtype == CK_FLOAT64 ? 8 : 4, s};
  ck_parallel(n, CK_GRAIN, sgd_share, &context);
}

typedef struct adam {
  void (*kernel)(int64_t n, void* p, const void* g, void* m, void* v, void* vmax, const ck_adam_terms* s);
  char* p;
  const char* g;
  char *m, *v, *vmax;
  int width, state_width;
  ck_adam_terms terms;
} adam;

static void adam_share(void* context, int64_t begin, int64_t end) {
  const adam* s = context;
  const int64_t state = begin * s->state_width;
  s->kernel(end - begin, s->p + begin * s->width, s->g + begin * s->width, s->m + state, s->v + state,
            s->vmax ? s->vmax + state : NULL, &s->terms);
}

void ck_update_adam(ck_dtype dtype, int64_t n, void* p, const void* g, void* m, void* v, void* vmax, const ck_adam* s) {
  const double correction1 = 1 - pow(s->beta1, (double)s->step), correction2 = 1 - pow(s->beta2, (double)s->step);
  adam context = {set_in_use()->adam[dtype],
                  p,
                  g,
                  m,
                  v,
                  s->amsgrad ? vmax : NULL,
                  ck_width(dtype),
                  dtype == CK_FLOAT64 ? 8 : 4,
                  {.sign = s->maximize ? -1 : 1,
                   .keep = s->decoupled ? 1 - s->lr * s->weight_decay : 1,
                   .decay = s->decoupled ? 0 : s->weight_decay,
                   .beta1 = s->beta1,
                   .beta2 = s->beta2,
                   .eps = s->eps,
                   .step_size = s->lr / correction1,
                   .root2 = sqrt(correction2)}};
  ck_parallel(n, CK_GRAIN, adam_share, &context);
}
