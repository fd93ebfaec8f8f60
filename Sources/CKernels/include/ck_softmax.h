// Softmax and its logarithm along one axis, and the likelihood of classes, both ways.
#ifndef CK_SOFTMAX_H
#define CK_SOFTMAX_H

#include "ck_types.h"

// Element i of row (o, k) stands at (o · length + i) · inner + k. dtype is float32 or float64.
typedef struct ck_rows {
  ck_dtype dtype;
  int64_t outer, length, inner;
} ck_rows;

// y = exp(x) / sum(exp(x)) of each row, or its logarithm.
void ck_softmax(const ck_rows* rows, bool logarithm, const void* x, void* y);

// The gradient of x from that of y.
void ck_softmax_slope(const ck_rows* rows, bool logarithm, const void* g, const void* y, void* x_gradient);

typedef struct ck_targets {
  const int64_t* classes;  // one for each row, in the order (o, k)
  int64_t ignored;         // rows of this class count for nothing
  const void* weights;     // one for each class, of the dtype, or NULL
} ck_targets;

// Whether all classes that count are below the length of a row.
bool ck_targets_fit(const ck_rows* rows, const ck_targets* targets);

// losses[row] = -x[class] · weight[class].
void ck_likelihood_each(const ck_rows* rows, const ck_targets* targets, const void* x, void* losses);

// Their sum, 0 without x, and the sum of their weights.
void ck_likelihood_sum(const ck_rows* rows, const ck_targets* targets, const void* x, double* loss, double* weight);

// x_gradient = -g[row · step] · weight[class] · scale at the class, zero elsewhere.
void ck_likelihood_slope(const ck_rows* rows, const ck_targets* targets, const void* g, int64_t step, double scale,
                         void* x_gradient);

#endif
