#include <string.h>

#include "ck_half.h"
#include "ck_metrics.h"

static inline double weight_of(const double* weights, int64_t i) { return weights ? weights[i] : 1; }

void ck_agreement(int64_t n, int64_t width, const int64_t* predicted, const int64_t* actual, const double* weights,
                  double* sums) {
  for (int64_t i = 0; i < n; i++) {
    bool agrees = true;
    for (int64_t j = i * width; j < (i + 1) * width; j++) agrees &= predicted[j] == actual[j];
    const double weight = weight_of(weights, i);
    sums[0] += agrees ? weight : 0;
    sums[1] += weight;
  }
}

// How many classes come before one in the order of scores.
#define CK_BEFORE(type, read)                                   \
  {                                                             \
    const type* row = (const type*)scores + at;                 \
    const double own = read(row[class * inner]);                \
    for (int64_t c = 0; c < classes; c++) {                     \
      const double other = read(row[c * inner]);                \
      before += (other > own) | ((other == own) & (c > class)); \
    }                                                           \
    return before;                                              \
  }
#define CK_SAME(v) (v)

static int64_t classes_before(ck_dtype dtype, int64_t classes, int64_t inner, const void* scores, int64_t at,
                              int64_t class) {
  int64_t before = 0;
  switch (dtype) {
    case CK_FLOAT32:
      CK_BEFORE(float, CK_SAME)
    case CK_FLOAT16:
      CK_BEFORE(uint16_t, ck_f16_widen)
    case CK_BFLOAT16:
      CK_BEFORE(uint16_t, ck_bf16_widen)
    default:
      CK_BEFORE(double, CK_SAME)
  }
}

void ck_top_agreement(ck_dtype dtype, int64_t n, int64_t classes, int64_t inner, int64_t k, const void* scores,
                      const int64_t* actual, const double* weights, double* sums) {
  for (int64_t i = 0; i < n; i++) {
    const int64_t at = i / inner * classes * inner + i % inner;
    const double weight = weight_of(weights, i);
    sums[0] += classes_before(dtype, classes, inner, scores, at, actual[i]) < k ? weight : 0;
    sums[1] += weight;
  }
}

void ck_class_sums(int64_t n, int64_t classes, const int64_t* predicted, const int64_t* actual, const double* weights,
                   double* sums) {
  double *right = sums, *as_predicted = sums + classes, *as_actual = sums + 2 * classes;
  for (int64_t i = 0; i < n; i++) {
    const int64_t p = predicted[i], a = actual[i];
    const double weight = weight_of(weights, i);
    if (p >= 0) as_predicted[p] += weight;
    if (a >= 0) as_actual[a] += weight;
    if (p == a && p >= 0) right[p] += weight;
  }
}

void ck_label_sums(int64_t n, int64_t width, const int64_t* predicted, const int64_t* actual, const double* weights,
                   double* sums) {
  double *right = sums, *as_predicted = sums + width, *as_actual = sums + 2 * width;
  for (int64_t i = 0; i < n; i++) {
    const double weight = weight_of(weights, i);
    for (int64_t j = 0; j < width; j++) {
      const int64_t p = predicted[i * width + j], a = actual[i * width + j];
      right[j] += p && a ? weight : 0;
      as_predicted[j] += p ? weight : 0;
      as_actual[j] += a ? weight : 0;
    }
  }
}

void ck_confusion(int64_t n, int64_t classes, const int64_t* predicted, const int64_t* actual, const double* weights,
                  double* confusion) {
  for (int64_t i = 0; i < n; i++) {
    if (predicted[i] >= 0 && actual[i] >= 0) confusion[actual[i] * classes + predicted[i]] += weight_of(weights, i);
  }
}
