// All optimizer kernels of one instruction set. The includer defines CK_SET and has pushed its target.

#include <math.h>
#include <string.h>

#include "ck_update_sets.h"

#define CK_JOIN2(a, b) a##_##b
#define CK_JOIN(a, b) CK_JOIN2(a, b)
#if defined(__clang__)
#define CK_LOOP _Pragma("clang loop vectorize(assume_safety)")
#define CK_ANY_ORDER _Pragma("clang fp reassociate(on)")
#define CK_SQRT(x) __builtin_elementwise_sqrt(x)
#else
#define CK_LOOP _Pragma("GCC ivdep")
#define CK_ANY_ORDER
#define CK_SQRT(x) (T) sqrt(x)
#endif

#define READ_0
#define READ_1 T a = first[i];
#define READ_2 READ_1 T b = second[i];
#define READ_3 READ_2 T c = third[i];
#define WRITE_0
#define WRITE_1 first[i] = a;
#define WRITE_2 WRITE_1 second[i] = b;
#define WRITE_3 WRITE_2 third[i] = c;
#define TERMS(...) T __VA_ARGS__

// Without decay an infinite parameter does not touch the gradient.
#define BEGIN(name, names)                                                                                         \
  static void CK_JOIN(name, NAME)(int64_t n, void* p, const void* gradient, void* const* kept, const ck_update* q, \
                                  double* sums) {                                                                  \
    struct {                                                                                                       \
      TERMS names;                                                                                                 \
    } t;                                                                                                           \
    T all[CK_MOST_TERMS];                                                                                          \
    for (int k = 0; k < CK_MOST_TERMS; k++) all[k] = (T)q->terms[k];                                               \
    memcpy(&t, all, sizeof t);                                                                                     \
    T *parameter = p, *first = kept[0], *second = kept[1], *third = kept[2];                                       \
    const T* slope = gradient;                                                                                     \
    const T sign = (T)q->sign, decay = (T)q->decay, shrink = (T)q->shrink;                                         \
    (void)first, (void)second, (void)third, (void)sums, (void)t, (void)shrink;

#define ELEMENT          \
  T x = parameter[i];    \
  T g = sign * slope[i]; \
  g = decay == 0 ? g : g + decay * x;

#define RULE(name, count, names, ...)       \
  BEGIN(name, names)                        \
  CK_LOOP for (int64_t i = 0; i < n; i++) { \
    ELEMENT READ_##count x *= shrink;       \
    __VA_ARGS__ parameter[i] = x;           \
    WRITE_##count                           \
  }                                         \
  }

#define MEASURE(name, count, names, ...)            \
  BEGIN(name, names) {                              \
    CK_ANY_ORDER                                    \
    T us = 0, vs = 0;                               \
    CK_LOOP for (int64_t i = 0; i < n; i++) {       \
      T u, v;                                       \
      ELEMENT READ_##count __VA_ARGS__ us += u * u; \
      vs += v * v;                                  \
      WRITE_##count                                 \
    }                                               \
    sums[0] += (double)us;                          \
    sums[1] += (double)vs;                          \
  }                                                 \
  }

#define NAME f32
#define T float
#include "update_rules.h"
#undef NAME
#undef T

#define NAME f64
#define T double
#include "update_rules.h"

#define ALL_RULES(type)                        \
  {                                            \
      [CK_DESCENT] = descent_##type,           \
      [CK_MOMENTUM] = momentum_##type,         \
      [CK_ADAGRAD] = adagrad_##type,           \
      [CK_ADADELTA] = adadelta_##type,         \
      [CK_RMSPROP] = rmsprop_##type,           \
      [CK_CENTERED] = centered_##type,         \
      [CK_ADAM] = adam_##type,                 \
      [CK_AMSGRAD] = amsgrad_##type,           \
      [CK_ADAMAX] = adamax_##type,             \
      [CK_NADAM] = nadam_##type,               \
      [CK_RADAM] = radam_##type,               \
      [CK_RPROP] = rprop_##type,               \
      [CK_ASGD] = asgd_##type,                 \
      [CK_LION] = lion_##type,                 \
      [CK_ADABOUND] = adabound_##type,         \
      [CK_LAMB] = lamb_##type,                 \
      [CK_LAMB_MOMENTS] = lamb_moments_##type, \
      [CK_LENGTHS] = lengths_##type,           \
  }

const ck_update_set CK_SET = {.single = ALL_RULES(f32), .wide = ALL_RULES(f64)};
