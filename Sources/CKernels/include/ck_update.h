// Optimizer updates: one pass over parameter, gradient and state. All arrays contiguous, n elements, PyTorch's
// formulas. dtype (float32, float64, bfloat16, float16) is that of parameter and gradient; state is float32 for the
// halves, else dtype.
#ifndef CK_UPDATE_H
#define CK_UPDATE_H

#include "ck_types.h"

typedef struct ck_sgd {
  double lr, momentum, dampening, weight_decay;
  bool nesterov, maximize, first;  // first: momentum takes the gradient itself
} ck_sgd;
void ck_update_sgd(ck_dtype dtype, int64_t n, void* p, const void* g, void* momentum,
                   const ck_sgd* s);  // momentum NULL when 0

typedef struct ck_adam {
  double lr, beta1, beta2, eps, weight_decay;
  bool decoupled, amsgrad, maximize;  // decoupled: AdamW
  int64_t step;                       // 1 at the first update
} ck_adam;
void ck_update_adam(ck_dtype dtype, int64_t n, void* p, const void* g, void* m, void* v, void* vmax, const ck_adam* s);

#endif
