#ifndef LINALG_DOT_H
#define LINALG_DOT_H

#include <stdint.h>

// The sum of x[i]·y[i], in an order that n alone decides.
static inline double ck_dot(int64_t n, const double* x, const double* y) {
  double sum[4] = {0, 0, 0, 0};
  int64_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (int k = 0; k < 4; k++) sum[k] += x[i + k] * y[i + k];
  }
  for (; i < n; i++) sum[0] += x[i] * y[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

// y -= factor · x.
static inline void ck_subtract(int64_t n, double factor, const double* restrict x, double* restrict y) {
  for (int64_t i = 0; i < n; i++) y[i] -= factor * x[i];
}

#endif
