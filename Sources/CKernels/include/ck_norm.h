// Normalisation of rows to mean 0 and variance 1, both ways.
#ifndef CK_NORM_H
#define CK_NORM_H

#include "ck_types.h"

// Row r begins at (r / period) · outer_step + (r % period) · row_step and has `parts` runs of `length` neighbours,
// part_step apart. Its element i of part p has the weight (r % period) · weight_row + p · weight_part + i ·
// weight_item.
typedef struct ck_norm {
  ck_dtype dtype;  // float32 or float64
  bool centred;    // else the mean is taken for 0
  int64_t rows, period, outer_step, row_step, parts, part_step, length;
  int64_t weight_row, weight_part, weight_item, weights;
  double epsilon;
} ck_norm;

// y = (x - mean) / sqrt(variance + epsilon) · weight + bias; weight and bias may be NULL. Mean and variance are those
// of the rows, as elements of the dtype.
void ck_norm_forward(const ck_norm* norm, const void* x, const void* weight, const void* bias, void* y, void* mean,
                     void* variance);

// The gradients of x, of the weights and of the biases from that of y; each may be NULL. False when there was no
// memory.
bool ck_norm_backward(const ck_norm* norm, const void* g, const void* x, const void* mean, const void* variance,
                      const void* weight, void* x_gradient, void* weight_gradient, void* bias_gradient);

#endif
