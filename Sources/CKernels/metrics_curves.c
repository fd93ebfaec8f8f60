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

// Whether the way to a point goes on in the same steps.
static bool goes_on(double before, double here, double next) { return here - before == next - here; }

int64_t ck_thin_curve(int64_t n, bool vertical, double* false_sums, double* true_sums, double* thresholds) {
  int64_t kept = 0;
  double false_before = 0, true_before = 0;  // of the point before, which may have been overwritten
  for (int64_t i = 0; i < n; i++) {
    const double false_sum = false_sums[i], true_sum = true_sums[i];
    const bool keeps = i == 0 || i == n - 1 ||
                       (vertical ? true_before != true_sum || true_sum != true_sums[i + 1]
                                 : !goes_on(false_before, false_sum, false_sums[i + 1]) ||
                                       !goes_on(true_before, true_sum, true_sums[i + 1]));
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

double ck_area(int64_t n, const double* x, const double* y, double limit) {
  double area = 0, last_x = 0, last_y = 0;
  for (int64_t i = 0; i < n; i++) {
    if (x[i] > limit) {
      const double y_there = last_y + (y[i] - last_y) / (x[i] - last_x) * (limit - last_x);
      return area + (limit - last_x) * (y_there + last_y) / 2;
    }
    area += (x[i] - last_x) * (y[i] + last_y) / 2;
    last_x = x[i];
    last_y = y[i];
  }
  return area;
}

double ck_average_precision(int64_t n, const double* false_sums, const double* true_sums) {
  double sum = 0, before = 0;
  const double all = n > 0 ? true_sums[n - 1] : 0;
  for (int64_t i = 0; i < n && all != 0; i++) {
    const double recall = true_sums[i] / all, said = true_sums[i] + false_sums[i];
    sum += (recall - before) * (said == 0 ? 0 : true_sums[i] / said);
    before = recall;
  }
  return sum > 0 ? sum : 0;
}
