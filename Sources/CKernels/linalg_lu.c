#include <math.h>

#include "ck_linalg.h"
#include "ck_memory.h"
#include "linalg_dot.h"

static void swap_rows(int64_t n, double* x, double* y) {
  for (int64_t i = 0; i < n; i++) {
    const double kept = x[i];
    x[i] = y[i];
    y[i] = kept;
  }
}

static void factorise(int64_t m, int64_t n, double* a, int32_t* pivots) {
  const int64_t steps = m < n ? m : n;
  for (int64_t k = 0; k < steps; k++) {
    int64_t best = k;
    for (int64_t i = k + 1; i < m; i++) {
      if (fabs(a[i * n + k]) > fabs(a[best * n + k])) best = i;
    }
    pivots[k] = (int32_t)best;
    if (best != k) swap_rows(n, a + k * n, a + best * n);
    const double pivot = a[k * n + k];
    if (pivot == 0) continue;
    for (int64_t i = k + 1; i < m; i++) {
      double* row = a + i * n;
      row[k] /= pivot;
      ck_subtract(n - k - 1, row[k], a + k * n + k + 1, row + k + 1);
    }
  }
}

void ck_lu(int64_t batch, int64_t m, int64_t n, double* a, int32_t* pivots) {
  const int64_t steps = m < n ? m : n;
  for (int64_t b = 0; b < batch; b++) factorise(m, n, a + b * m * n, pivots + b * steps);
}

int64_t ck_solve(int64_t batch, int64_t n, int64_t m, double* a, double* b, int64_t* minor) {
  const size_t bytes = (size_t)(n + 1) * sizeof(int32_t);
  int32_t* pivots = ck_alloc(bytes);
  if (pivots == NULL) return CK_NO_MEMORY;
  int64_t failed = CK_DONE;
  for (int64_t i = 0; i < batch && failed == CK_DONE; i++) {
    double *lu = a + i * n * n, *x = b + i * n * m;
    factorise(n, n, lu, pivots);
    for (int64_t k = 0; k < n; k++) {
      if (lu[k * n + k] != 0) continue;
      *minor = k + 1;
      failed = i;
      break;
    }
    for (int64_t k = 0; k < n; k++) {
      if (pivots[k] != k) swap_rows(m, x + k * m, x + pivots[k] * m);
    }
    ck_triangular_solve(false, true, 1, n, m, lu, x);
    ck_triangular_solve(true, false, 1, n, m, lu, x);
  }
  ck_free(pivots, bytes);
  return failed;
}

bool ck_determinant(int64_t batch, int64_t n, double* a, double* determinant, double* sign, double* log_of) {
  const size_t bytes = (size_t)(n + 1) * sizeof(int32_t);
  int32_t* pivots = ck_alloc(bytes);
  if (pivots == NULL) return false;
  for (int64_t b = 0; b < batch; b++) {
    double* lu = a + b * n * n;
    factorise(n, n, lu, pivots);
    double product = 1, turn = 1, total = 0;
    for (int64_t k = 0; k < n; k++) {
      const double pivot = lu[k * n + k];
      product *= pivots[k] == k ? pivot : -pivot;
      if (pivots[k] != k) turn = -turn;
      turn = pivot != pivot ? pivot : pivot < 0 ? -turn : pivot == 0 ? 0 : turn;
      total += log(fabs(pivot));
    }
    determinant[b] = product;
    sign[b] = turn;
    log_of[b] = total;
  }
  ck_free(pivots, bytes);
  return true;
}
