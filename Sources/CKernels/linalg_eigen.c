#include <math.h>
#include <string.h>

#include "ck_linalg.h"
#include "ck_memory.h"

#define CK_MAX_STEPS 64

// Brings a symmetric matrix to tridiagonal form (diagonal d, below it e), after EISPACK's tred2. w holds columns as
// rows.
static void tridiagonalise(int64_t n, double* w, double* d, double* e) {
  for (int64_t j = 0; j < n; j++) d[j] = w[j * n + n - 1];
  for (int64_t i = n - 1; i > 0; i--) {
    double scale = 0, h = 0;
    for (int64_t k = 0; k < i; k++) scale += fabs(d[k]);
    if (scale == 0) {
      e[i] = d[i - 1];
      for (int64_t j = 0; j < i; j++) {
        d[j] = w[j * n + i - 1];
        w[j * n + i] = w[i * n + j] = 0;
      }
      d[i] = 0;
      continue;
    }
    for (int64_t k = 0; k < i; k++) {
      d[k] /= scale;
      h += d[k] * d[k];
    }
    const double head = d[i - 1], length = head > 0 ? -sqrt(h) : sqrt(h);
    e[i] = scale * length;
    h -= head * length;
    d[i - 1] = head - length;
    for (int64_t j = 0; j < i; j++) e[j] = 0;
    for (int64_t j = 0; j < i; j++) {
      const double f = d[j], *column = w + j * n;
      double g = e[j] + column[j] * f;
      w[i * n + j] = f;
      for (int64_t k = j + 1; k < i; k++) {
        g += column[k] * d[k];
        e[k] += column[k] * f;
      }
      e[j] = g;
    }
    double f = 0;
    for (int64_t j = 0; j < i; j++) {
      e[j] /= h;
      f += e[j] * d[j];
    }
    const double half = f / (h + h);
    for (int64_t j = 0; j < i; j++) e[j] -= half * d[j];
    for (int64_t j = 0; j < i; j++) {
      const double fj = d[j], gj = e[j];
      double* column = w + j * n;
      for (int64_t k = j; k < i; k++) column[k] -= fj * e[k] + gj * d[k];
      d[j] = column[i - 1];
      column[i] = 0;
    }
    d[i] = h;
  }
}

// The product of tridiagonalise's reflections, over w.
static void accumulate(int64_t n, double* w, double* d, double* e) {
  for (int64_t i = 0; i < n - 1; i++) {
    double* next = w + (i + 1) * n;
    w[i * n + n - 1] = w[i * n + i];
    w[i * n + i] = 1;
    const double h = d[i + 1];
    if (h != 0) {
      for (int64_t k = 0; k <= i; k++) d[k] = next[k] / h;
      for (int64_t j = 0; j <= i; j++) {
        double* column = w + j * n;
        double g = 0;
        for (int64_t k = 0; k <= i; k++) g += next[k] * column[k];
        for (int64_t k = 0; k <= i; k++) column[k] -= g * d[k];
      }
    }
    memset(next, 0, (size_t)(i + 1) * sizeof *next);
  }
  for (int64_t j = 0; j < n; j++) {
    d[j] = w[j * n + n - 1];
    w[j * n + n - 1] = 0;
  }
  w[n * n - 1] = 1;
  e[0] = 0;
}

// One implicit QL step on rows l … m, after EISPACK's tql2; returns what it took off the diagonal.
static double step(int64_t n, int64_t l, int64_t m, double* w, double* d, double* e) {
  double g = d[l], p = (d[l + 1] - g) / (2 * e[l]);
  double r = p < 0 ? -hypot(p, 1) : hypot(p, 1);
  d[l] = e[l] / (p + r);
  d[l + 1] = e[l] * (p + r);
  const double next = d[l + 1], taken = g - d[l], edge = e[l + 1];
  for (int64_t i = l + 2; i < n; i++) d[i] -= taken;
  double c = 1, c2 = 1, c3 = 1, s = 0, s2 = 0;
  p = d[m];
  for (int64_t i = m - 1; i >= l; i--) {
    c3 = c2;
    c2 = c;
    s2 = s;
    g = c * e[i];
    const double h = c * p;
    r = hypot(p, e[i]);
    e[i + 1] = s * r;
    s = r == 0 ? 0 : e[i] / r;
    c = r == 0 ? 1 : p / r;
    p = c * d[i] - s * g;
    d[i + 1] = h + s * (c * g + s * d[i]);
    double *low = w + i * n, *high = low + n;
    for (int64_t k = 0; k < n; k++) {
      const double kept = high[k];
      high[k] = s * low[k] + c * kept;
      low[k] = c * low[k] - s * kept;
    }
  }
  p = -s * s2 * c3 * edge * e[l] / next;
  e[l] = s * p;
  d[l] = c * p;
  return taken;
}

static bool diagonalise(int64_t n, double* w, double* d, double* e) {
  double shift = 0, size = 0;
  for (int64_t i = 1; i < n; i++) e[i - 1] = e[i];
  e[n - 1] = 0;
  for (int64_t l = 0; l < n; l++) {
    size = fmax(size, fabs(d[l]) + fabs(e[l]));
    int64_t m = l;
    while (m < n - 1 && !(fabs(e[m]) <= 0x1p-52 * size)) m++;
    if (m > l) {
      int steps = 0;
      do {
        if (++steps > CK_MAX_STEPS) return false;
        shift += step(n, l, m, w, d, e);
      } while (!(fabs(e[l]) <= 0x1p-52 * size));
    }
    d[l] += shift;
    e[l] = 0;
  }
  return true;
}

// Ascending, with the vectors, which are rows of w, as columns of a.
static void arrange(int64_t n, const double* w, const double* d, double* a, double* values, int64_t* order) {
  for (int64_t i = 0; i < n; i++) {
    int64_t j = i;
    for (; j > 0 && d[order[j - 1]] > d[i]; j--) order[j] = order[j - 1];
    order[j] = i;
  }
  for (int64_t j = 0; j < n; j++) {
    values[j] = d[order[j]];
    for (int64_t i = 0; i < n; i++) a[i * n + j] = w[order[j] * n + i];
  }
}

int64_t ck_eigh(int64_t batch, int64_t n, double* a, double* values) {
  const size_t bytes = (size_t)(n * n + 3 * n + 1) * sizeof(double);
  double* w = ck_alloc(bytes);
  if (w == NULL) return CK_NO_MEMORY;
  double *d = w + n * n, *e = d + n;
  int64_t failed = CK_DONE;
  for (int64_t b = 0; b < batch && failed == CK_DONE && n > 0; b++) {
    double *matrix = a + b * n * n, greatest = 0;
    for (int64_t i = 0; i < n * n; i++) greatest = fmax(greatest, fabs(matrix[i]));
    const double unit = greatest > 0 ? greatest : 1;
    for (int64_t i = 0; i < n * n; i++) w[i] = matrix[i] / unit;
    tridiagonalise(n, w, d, e);
    accumulate(n, w, d, e);
    if (!diagonalise(n, w, d, e)) failed = b;
    for (int64_t i = 0; i < n; i++) d[i] *= unit;
    arrange(n, w, d, matrix, values + b * n, (int64_t*)(e + n));
  }
  ck_free(w, bytes);
  return failed;
}
