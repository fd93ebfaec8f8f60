#include "ck_metrics.h"

int64_t ck_curve(int64_t n, const int64_t* order, const double* scores, const bool* positive, const double* weights,
                 double* false_sums, double* true_sums, double* thresholds) {
  int64_t runs = 0;
  double false_sum = 0, true_sum = 0;
  for (int64_t i = 0; i < n; i++) {
    const int64_t example = order[i];
    const double weight = weights ? weights[example] : 1;
    if (weight == 0) continue;
    if (runs == 0 || scores[example] != thresholds[runs - 1]) thresholds[runs++] = scores[example];
    if (positive[example])
      true_sum += weight;
    else
      false_sum += weight;
    false_sums[runs - 1] = false_sum;
    true_sums[runs - 1] = true_sum;
  }
  return runs;
}

static bool stays(const double* sums, int64_t i) { return sums[i] - sums[i - 1] == sums[i + 1] - sums[i]; }

int64_t ck_thin_curve(int64_t n, bool vertical, double* false_sums, double* true_sums, double* thresholds) {
  if (n <= 2) return n;
  int64_t kept = 0;
  // What the point before the next one was, which may have been overwritten.
  double false_before = 0, true_before = 0;
  for (int64_t i = 0; i < n; i++) {
    const double false_sum = false_sums[i], true_sum = true_sums[i];
    bool keeps = i == 0 || i == n - 1;
    if (!keeps) {
      const double false_ways[] = {false_before, false_sum, false_sums[i + 1]};
      const double true_ways[] = {true_before, true_sum, true_sums[i + 1]};
      keeps = vertical ? true_ways[0] != true_ways[1] || true_ways[1] != true_ways[2]
                       : !stays(false_ways, 1) || !stays(true_ways, 1);
    }
    if (keeps) {
      false_sums[kept] = false_sum;
      true_sums[kept] = true_sum;
      thresholds[kept++] = thresholds[i];
    }
    false_before = false_sum;
    true_before = true_sum;
  }
  return kept;
}

double ck_area(int64_t n, const double* x, const double* y) {
  double area = 0;
  for (int64_t i = 1; i < n; i++) area += (x[i] - x[i - 1]) * (y[i] + y[i - 1]) / 2;
  return area;
}
