// Optimizer steps: one pass over parameters, gradients and what is kept of them, for many parameters at once.
#ifndef CK_UPDATE_H
#define CK_UPDATE_H

#include "ck_types.h"

// The formulas of update_rules.h, by name.
typedef enum ck_rule {
  CK_DESCENT,
  CK_MOMENTUM,
  CK_ADAGRAD,
  CK_ADADELTA,
  CK_RMSPROP,
  CK_CENTERED,
  CK_ADAM,
  CK_AMSGRAD,
  CK_ADAMAX,
  CK_NADAM,
  CK_RADAM,
  CK_RPROP,
  CK_ASGD,
  CK_LION,
  CK_ADABOUND,
  CK_LAMB_MOMENTS,
  CK_LAMB,
  CK_LENGTHS,
  CK_RULES
} ck_rule;

enum { CK_MOST_KEPT = 3, CK_MOST_TERMS = 8 };

// One parameter. Arrays are contiguous; dtype (float32, float64, bfloat16, float16) is that of parameter and gradient,
// what is kept is float32 for the halves, else dtype. A kept array that is NULL reads as anything and is not written.
typedef struct ck_update {
  ck_rule rule;
  ck_dtype dtype;
  int64_t n;
  void* p;
  const void* g;
  void* kept[CK_MOST_KEPT];
  double sign;                  // of the gradient: -1 climbs
  double decay;                 // decay · p is added to the gradient
  double shrink;                // p is multiplied by it
  double terms[CK_MOST_TERMS];  // in the order of the rule
  double lengths[2];            // written: the sums of squares that the rule measures
  int64_t first_block;          // scratch of ck_update_all
} ck_update;

// The number of doubles that ck_update_all needs as scratch.
int64_t ck_update_scratch(int64_t count, const ck_update* updates);
// The cuts depend on the numbers of elements alone.
void ck_update_all(int64_t count, ck_update* updates, double* scratch);

static inline double ck_power(double base, double exponent) { return __builtin_pow(base, exponent); }

#endif
