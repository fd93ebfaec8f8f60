#include "ck_histogram.h"

#include <math.h>

// How many limits are at most the value.
static size_t rank_of(double value, const double* limits, size_t count) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (limits[middle] <= value)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void ck_histogram(const double* values, size_t count, const double* limits, size_t limit_count, double* counts,
                  ck_histogram_totals* totals) {
  ck_histogram_totals all = {INFINITY, -INFINITY, 0, 0, 0};
  for (size_t i = 0; i < count; i++) {
    double value = values[i];
    if (!isfinite(value)) {
      all.wild++;
      continue;
    }
    if (value < all.least) all.least = value;
    if (value > all.greatest) all.greatest = value;
    all.sum += value;
    all.squares += value * value;
    size_t rank = rank_of(value, limits, limit_count);
    if (rank == limit_count && value == limits[limit_count - 1]) rank--;
    if (rank > 0 && rank < limit_count) counts[rank - 1]++;
  }
  *totals = all;
}
