#include <math.h>
#include <string.h>

#include "ck_linalg.h"
#include "ck_memory.h"
#include "linalg_dot.h"

#define CK_MAX_SWEEPS 64

static void rotate(int64_t n, double c, double s, double* x, double* y) {
  for (int64_t i = 0; i < n; i++) {
    const double kept = x[i];
    x[i] = c * kept - s * y[i];
    y[i] = s * kept + c * y[i];
  }
}

// The length below which a row of g is nothing but rounding.
static double rounding(int64_t n, const double* g) { return 2 * 0x1p-52 * sqrt((double)n) * sqrt(ck_dot(n * n, g, g)); }

// One-sided Jacobi: turns the rows of g against each other until all that are more than rounding are orthogonal, and
// the rows of v alike.
static void orthogonalise(int64_t n, double* g, double* v) {
  const double floor = rounding(n, g);
  const double tolerance = 0x1p-52 * fmax(4, sqrt((double)n));
  for (int sweep = 0; sweep < CK_MAX_SWEEPS; sweep++) {
    bool changed = false;
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = i + 1; j < n; j++) {
        double *x = g + i * n, *y = g + j * n;
        const double a = ck_dot(n, x, x), b = ck_dot(n, y, y), c = ck_dot(n, x, y);
        if (!(fabs(c) > tolerance * sqrt(a) * sqrt(b)) || sqrt(fmin(a, b)) <= floor) continue;
        changed = true;
        const double turn = (b - a) / (2 * c);
        const double t = copysign(1, turn) / (fabs(turn) + hypot(1, turn));
        const double cosine = 1 / hypot(1, t), sine = cosine * t;
        rotate(n, cosine, sine, x, y);
        rotate(n, cosine, sine, v + i * n, v + j * n);
      }
    }
    if (!changed) return;
  }
}

// Makes row i a unit vector orthogonal to the `known` other rows of g.
static void complete(int64_t n, double* g, int64_t i, const int64_t* known, int64_t count) {
  double least = INFINITY;
  int64_t axis = 0;
  for (int64_t k = 0; k < n; k++) {
    double sum = 0;
    for (int64_t j = 0; j < count; j++) sum += g[known[j] * n + k] * g[known[j] * n + k];
    if (sum < least) {
      least = sum;
      axis = k;
    }
  }
  double* row = g + i * n;
  memset(row, 0, (size_t)n * sizeof *row);
  row[axis] = 1;
  for (int pass = 0; pass < 2; pass++) {
    for (int64_t j = 0; j < count; j++) {
      const double* other = g + known[j] * n;
      ck_subtract(n, ck_dot(n, row, other), other, row);
    }
    const double length = sqrt(ck_dot(n, row, row));
    for (int64_t k = 0; k < n; k++) row[k] /= length;
  }
}

typedef struct workspace {
  double *q, *g, *v, *sizes;
  int64_t* order;
} workspace;

static bool decompose(int64_t m, int64_t n, double* a, double* u, int64_t width, double* s, double* v, workspace* at) {
  double greatest = 0;
  for (int64_t i = 0; i < m * n; i++) greatest = fmax(greatest, fabs(a[i]));
  const double unit = greatest > 0 ? greatest : 1;
  for (int64_t i = 0; i < m * n; i++) a[i] /= unit;
  if (!ck_qr(1, m, n, a, at->q, width)) return false;
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < n; j++) {
      at->g[i * n + j] = a[j * n + i];
      at->v[i * n + j] = i == j;
    }
  }
  const double floor = rounding(n, at->g);
  orthogonalise(n, at->g, at->v);
  for (int64_t i = 0; i < n; i++) {
    at->sizes[i] = sqrt(ck_dot(n, at->g + i * n, at->g + i * n));
    int64_t j = i;
    for (; j > 0 && at->sizes[at->order[j - 1]] < at->sizes[i]; j--) at->order[j] = at->order[j - 1];
    at->order[j] = i;
  }
  for (int64_t i = 0; i < n; i++) {
    const int64_t from = at->order[i];
    double* row = at->g + from * n;
    if (at->sizes[from] > floor) {
      for (int64_t k = 0; k < n; k++) row[k] /= at->sizes[from];
    } else {
      complete(n, at->g, from, at->order, i);
    }
    s[i] = at->sizes[from] * unit;
    memcpy(v + i * n, at->v + from * n, (size_t)n * sizeof *v);
  }
  for (int64_t r = 0; r < m; r++) {
    double* row = u + r * width;
    for (int64_t i = 0; i < n; i++) row[i] = ck_dot(n, at->q + r * width, at->g + at->order[i] * n);
    for (int64_t i = n; i < width; i++) row[i] = at->q[r * width + i];
  }
  return true;
}

bool ck_svd(int64_t batch, int64_t m, int64_t n, double* a, double* u, int64_t width, double* s, double* v) {
  const size_t bytes = (size_t)(m * width + 2 * n * n + 2 * n + 1) * sizeof(double);
  workspace at = {.q = ck_alloc(bytes)};
  if (at.q == NULL) return false;
  at.g = at.q + m * width;
  at.v = at.g + n * n;
  at.sizes = at.v + n * n;
  at.order = (int64_t*)(at.sizes + n);
  bool done = true;
  for (int64_t b = 0; b < batch && done; b++) {
    done = decompose(m, n, a + b * m * n, u + b * m * width, width, s + b * n, v + b * n * n, &at);
  }
  ck_free(at.q, bytes);
  return done;
}
