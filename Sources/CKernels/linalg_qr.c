#include <math.h>
#include <string.h>

#include "ck_linalg.h"
#include "ck_memory.h"
#include "linalg_dot.h"

// The norm of a column below row `first`, without overflow.
static double column_norm(int64_t first, int64_t m, int64_t n, const double* column) {
  double greatest = 0;
  for (int64_t i = first; i < m; i++) {
    const double size = fabs(column[i * n]);
    if (!(size <= greatest)) greatest = size;
  }
  if (greatest == 0 || !(greatest < INFINITY)) return greatest;
  double sum = 0;
  for (int64_t i = first; i < m; i++) sum += column[i * n] / greatest * (column[i * n] / greatest);
  return greatest * sqrt(sum);
}

// x[first…, from…] -= factor · v · (vᵀ·x) over the rows from `first`, with v[first] = 1 and the rest in a column.
static void reflect(int64_t first, int64_t m, double factor, const double* column, int64_t step, double* x,
                    int64_t width, int64_t from, double* sums) {
  const int64_t count = width - from;
  if (count <= 0) return;
  memcpy(sums, x + first * width + from, (size_t)count * sizeof *sums);
  for (int64_t i = first + 1; i < m; i++) ck_subtract(count, -column[i * step], x + i * width + from, sums);
  ck_subtract(count, factor, sums, x + first * width + from);
  for (int64_t i = first + 1; i < m; i++) {
    ck_subtract(count, factor * column[i * step], sums, x + i * width + from);
  }
}

static void factorise(int64_t m, int64_t n, double* a, double* factors, double* sums) {
  const int64_t steps = m < n ? m : n;
  for (int64_t k = 0; k < steps; k++) {
    double* column = a + k;
    const double head = column[k * n], tail = column_norm(k + 1, m, n, column);
    factors[k] = 0;
    if (tail == 0) continue;
    const double length = -copysign(hypot(head, tail), head);
    factors[k] = (length - head) / length;
    for (int64_t i = k + 1; i < m; i++) column[i * n] /= head - length;
    column[k * n] = length;
    reflect(k, m, factors[k], column, n, a, n, k + 1, sums);
  }
}

static void form(int64_t m, int64_t n, const double* a, const double* factors, double* q, int64_t width, double* sums) {
  memset(q, 0, (size_t)(m * width) * sizeof *q);
  for (int64_t i = 0; i < width; i++) q[i * width + i] = 1;
  for (int64_t k = (m < n ? m : n) - 1; k >= 0; k--) reflect(k, m, factors[k], a + k, n, q, width, 0, sums);
}

bool ck_geqrf(int64_t batch, int64_t m, int64_t n, double* a, double* factors) {
  const size_t bytes = (size_t)(n + 1) * sizeof(double);
  double* sums = ck_alloc(bytes);
  if (sums == NULL) return false;
  for (int64_t b = 0; b < batch; b++) factorise(m, n, a + b * m * n, factors + b * (m < n ? m : n), sums);
  ck_free(sums, bytes);
  return true;
}

bool ck_qr(int64_t batch, int64_t m, int64_t n, double* a, double* q, int64_t width) {
  const size_t bytes = (size_t)(2 * n + width + 1) * sizeof(double);
  double* scratch = ck_alloc(bytes);
  if (scratch == NULL) return false;
  for (int64_t b = 0; b < batch; b++) {
    double* r = a + b * m * n;
    factorise(m, n, r, scratch, scratch + n);
    if (width > 0) form(m, n, r, scratch, q + b * m * width, width, scratch + n);
    for (int64_t i = 1; i < m; i++) memset(r + i * n, 0, (size_t)(i < n ? i : n) * sizeof *r);
  }
  ck_free(scratch, bytes);
  return true;
}
