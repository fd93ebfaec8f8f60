#include <math.h>

#include "ck_metrics.h"

static inline double weight_of(const double* weights, int64_t i) { return weights ? weights[i] : 1; }

void ck_difference_sums(int64_t n, int64_t columns, int power, const double* outputs, const double* targets,
                        const double* weights, double* sums, double* total) {
  for (int64_t j = 0; j < columns; j++) {
    double sum = sums[j];
    for (int64_t i = 0; i < n; i++) {
      const double difference = targets[i * columns + j] - outputs[i * columns + j];
      sum += weight_of(weights, i) * (power == 2 ? difference * difference : fabs(difference));
    }
    sums[j] = sum;
  }
  for (int64_t i = 0; i < n; i++) *total += weight_of(weights, i);
}

void ck_scatter_sums(int64_t n, int64_t columns, const double* x, const double* weights, double* mean, double* scatter,
                     double* total) {
  for (int64_t i = 0; i < n; i++) {
    const double weight = weight_of(weights, i);
    if (weight == 0) continue;
    *total += weight;
    for (int64_t j = 0; j < columns; j++) {
      const double off = x[i * columns + j] - mean[j];
      mean[j] += off * weight / *total;
      scatter[j] += weight * off * (x[i * columns + j] - mean[j]);
    }
  }
}

void ck_surprise(int64_t n, int64_t classes, int64_t inner, double epsilon, const double* probabilities,
                 const int64_t* actual, const double* weights, double* sums) {
  for (int64_t i = 0; i < n; i++) {
    const double weight = weight_of(weights, i);
    const double probability = probabilities[(i / inner * classes + actual[i]) * inner + i % inner];
    sums[0] -= weight * (epsilon == 0 ? probability : log(fmin(fmax(probability, epsilon), 1 - epsilon)));
    sums[1] += weight;
  }
}
