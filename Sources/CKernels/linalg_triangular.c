#include <math.h>
#include <string.h>

#include "ck_linalg.h"
#include "linalg_dot.h"

static int64_t cholesky(int64_t n, double* a) {
  for (int64_t i = 0; i < n; i++) {
    double* row = a + i * n;
    for (int64_t j = 0; j < i; j++) row[j] = (row[j] - ck_dot(j, row, a + j * n)) / a[j * n + j];
    const double pivot = row[i] - ck_dot(i, row, row);
    if (!(pivot > 0)) return i + 1;
    row[i] = sqrt(pivot);
    memset(row + i + 1, 0, (size_t)(n - i - 1) * sizeof *row);
  }
  return 0;
}

int64_t ck_cholesky(int64_t batch, int64_t n, double* a, int64_t* minor) {
  for (int64_t b = 0; b < batch; b++) {
    *minor = cholesky(n, a + b * n * n);
    if (*minor) return b;
  }
  return CK_DONE;
}

static void solve(bool upper, bool unit, int64_t n, int64_t m, const double* a, double* b) {
  for (int64_t step = 0; step < n; step++) {
    const int64_t i = upper ? n - 1 - step : step;
    double* row = b + i * m;
    const int64_t first = upper ? i + 1 : 0, last = upper ? n : i;
    for (int64_t k = first; k < last; k++) ck_subtract(m, a[i * n + k], b + k * m, row);
    if (unit) continue;
    for (int64_t j = 0; j < m; j++) row[j] /= a[i * n + i];
  }
}

void ck_triangular_solve(bool upper, bool unit, int64_t batch, int64_t n, int64_t m, const double* a, double* b) {
  for (int64_t i = 0; i < batch; i++) solve(upper, unit, n, m, a + i * n * n, b + i * n * m);
}
