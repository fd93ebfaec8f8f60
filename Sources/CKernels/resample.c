#include "ck_pool.h"
#include "ck_target.h"
#include "ck_thread.h"

enum { GRAIN = 1 << 15 };

typedef struct plan {
  const ck_resampling* sampling;
  const void* x;
  void* y;
} plan;

// Rows of the result: neighbours side by side, or, where the axis is the last, one after the other.
#define RESAMPLE(T, name)                                                    \
  CK_CLONES void name(const ck_resampling* s, const T* x, T* y, int64_t o) { \
    const int64_t inner = s->inner;                                          \
    if (inner == 1) {                                                        \
      T sum = 0;                                                             \
      for (int64_t i = s->first[o]; i < s->first[o + 1]; i++) {              \
        sum += (T)s->weight[i] * x[s->index[i]];                             \
      }                                                                      \
      y[o] = sum;                                                            \
      return;                                                                \
    }                                                                        \
    T* row = y + o * inner;                                                  \
    for (int64_t b = 0; b < inner; b++) row[b] = 0;                          \
    for (int64_t i = s->first[o]; i < s->first[o + 1]; i++) {                \
      const T weight = (T)s->weight[i], *from = x + s->index[i] * inner;     \
      for (int64_t b = 0; b < inner; b++) row[b] += weight * from[b];        \
    }                                                                        \
  }                                                                          \
  static void name##_outer(void* context, int64_t begin, int64_t end) {      \
    const plan* plan = context;                                              \
    const ck_resampling* s = plan->sampling;                                 \
    for (int64_t a = begin; a < end; a++) {                                  \
      const T* x = (const T*)plan->x + a * s->in * s->inner;                 \
      T* y = (T*)plan->y + a * s->out * s->inner;                            \
      for (int64_t o = 0; o < s->out; o++) name(s, x, y, o);                 \
    }                                                                        \
  }

RESAMPLE(float, ck_resample_f32)
RESAMPLE(double, ck_resample_f64)

void ck_resample(ck_dtype dtype, const ck_resampling* sampling, const void* x, void* y) {
  plan plan = {sampling, x, y};
  int64_t work = (sampling->first[sampling->out] + sampling->out) * sampling->inner + 1;
  ck_parallel(sampling->outer, GRAIN / work + 1, dtype == CK_FLOAT32 ? ck_resample_f32_outer : ck_resample_f64_outer,
              &plan);
}
