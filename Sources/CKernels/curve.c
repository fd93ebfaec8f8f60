#include <math.h>

#include "ck_curve.h"
#include "ck_linalg.h"
#include "ck_memory.h"

double ck_curve_slope(int64_t n, const double* x, const double* y) {
  double mean_x = 0, mean_y = 0, across = 0, along = 0;
  for (int64_t i = 0; i < n; i++) {
    mean_x += x[i] / (double)n;
    mean_y += y[i] / (double)n;
  }
  for (int64_t i = 0; i < n; i++) {
    across += (x[i] - mean_x) * (y[i] - mean_y);
    along += (x[i] - mean_x) * (x[i] - mean_x);
  }
  return across / along;
}

// ---- Gaussian process

static const double powers[] = {0.5, 1, 2, 4}, delays[] = {1, 4, 16, 64}, noises[] = {1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1};
enum { POWERS = 4, DELAYS = 4, NOISES = 6, CHOICES = POWERS * DELAYS * NOISES };

// What is fitted: y between 0 and 1, and room for one choice of a, b and r.
typedef struct {
  int64_t n, horizon;
  const double* x;
  double *y, target;
  double* covariance;  // [n, n]
  double* columns;     // [n, horizon + 2]: ones, y and the covariances with the epochs to come; then L⁻¹ of them
} Curve;

static double covariance(double power, double delay, double x, double other) {
  return pow((delay + 2) / (x + other + delay), power);
}

static void prepare(const Curve* curve, double power, double delay, double noise) {
  const int64_t n = curve->n, width = curve->horizon + 2;
  for (int64_t i = 0; i < n; i++) {
    double *row = curve->covariance + i * n, *columns = curve->columns + i * width;
    for (int64_t j = 0; j <= i; j++) row[j] = covariance(power, delay, curve->x[i], curve->x[j]);
    row[i] += noise;
    columns[0] = 1;
    columns[1] = curve->y[i];
    for (int64_t h = 0; h < curve->horizon; h++)
      columns[2 + h] = covariance(power, delay, curve->x[i], curve->x[n - 1] + (double)(h + 1));
  }
}

// The logarithm of the likelihood, and a probability for each epoch to come.
static double evaluate(const Curve* curve, double power, double delay, double noise, double* probabilities) {
  const int64_t n = curve->n, width = curve->horizon + 2;
  int64_t minor;
  prepare(curve, power, delay, noise);
  if (ck_cholesky(1, n, curve->covariance, &minor) != CK_DONE) return -INFINITY;
  ck_triangular_solve(false, false, 1, n, width, curve->covariance, curve->columns);
  double ones = 0, mean = 0, squares = 0, logarithm = 0;
  for (int64_t i = 0; i < n; i++) {
    const double* row = curve->columns + i * width;
    ones += row[0] * row[0];
    mean += row[0] * row[1];
    logarithm += 2 * log(curve->covariance[i * n + i]);
  }
  mean /= ones;
  for (int64_t i = 0; i < n; i++) {
    double* row = curve->columns + i * width;
    row[1] -= mean * row[0];
    squares += row[1] * row[1];
  }
  const double scale = fmax(squares / (double)(n - 1), 1e-20);
  for (int64_t h = 0; h < curve->horizon; h++) {
    const double x = curve->x[n - 1] + (double)(h + 1);
    double center = mean, known = 0, constant = 1;
    for (int64_t i = 0; i < n; i++) {
      const double* row = curve->columns + i * width;
      center += row[2 + h] * row[1];
      known += row[2 + h] * row[2 + h];
      constant -= row[2 + h] * row[0];
    }
    const double variance = covariance(power, delay, x, x) + noise - known + constant * constant / ones;
    probabilities[h] = 0.5 * erfc((center - curve->target) / sqrt(2 * scale * variance));
  }
  return -0.5 * ((double)(n - 1) * log(scale) + logarithm + log(ones));
}

static double gain(const Curve* curve, double* probabilities) {
  double likelihoods[CHOICES], most = -INFINITY, total = 0, greatest = 0;
  for (int i = 0; i < CHOICES; i++) {
    const double power = powers[i / (DELAYS * NOISES)], delay = delays[i / NOISES % DELAYS], noise = noises[i % NOISES];
    likelihoods[i] = evaluate(curve, power, delay, noise, probabilities + i * curve->horizon);
    most = fmax(most, likelihoods[i]);
  }
  for (int i = 0; i < CHOICES; i++) total += likelihoods[i] = exp(likelihoods[i] - most);
  for (int64_t h = 0; h < curve->horizon; h++) {
    double sum = 0;
    for (int i = 0; i < CHOICES; i++)
      if (likelihoods[i] > 0) sum += likelihoods[i] * probabilities[i * curve->horizon + h];
    greatest = isnan(sum) || sum > greatest ? sum : greatest;
  }
  return greatest / total;
}

int64_t ck_curve_gain(int64_t n, const double* x, const double* y, double target, int64_t horizon,
                      double* probability) {
  double least = INFINITY, greatest = -INFINITY;
  for (int64_t i = 0; i < n; i++) {
    least = fmin(least, y[i]);
    greatest = fmax(greatest, y[i]);
  }
  *probability = 0;
  if (!(greatest > least)) return CK_DONE;
  const size_t size = (size_t)n, ahead = (size_t)horizon;
  const size_t bytes = (size + size * size + size * (ahead + 2) + CHOICES * ahead) * sizeof(double);
  double* memory = ck_alloc(bytes);
  if (memory == NULL) return CK_NO_MEMORY;
  Curve curve = {n, horizon, x, memory, (target - least) / (greatest - least), memory + size, NULL};
  curve.columns = curve.covariance + size * size;
  for (int64_t i = 0; i < n; i++) curve.y[i] = (y[i] - least) / (greatest - least);
  *probability = gain(&curve, curve.columns + size * (ahead + 2));
  ck_free(memory, bytes);
  return CK_DONE;
}
