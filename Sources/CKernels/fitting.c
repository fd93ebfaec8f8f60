#include <math.h>
#include <stdlib.h>

#include "ck_fitting.h"

void ck_column_sums(int64_t rows, int64_t columns, const double* data, double* counts, double* sums) {
  for (int64_t r = 0; r < rows; r++, data += columns) {
    for (int64_t c = 0; c < columns; c++) {
      bool counts_here = !isnan(data[c]);
      counts[c] += counts_here;
      sums[c] += counts_here ? data[c] : 0;
    }
  }
}

void ck_column_deviations(int64_t rows, int64_t columns, const double* data, const double* means, double* deviations,
                          double* squares) {
  for (int64_t r = 0; r < rows; r++, data += columns) {
    for (int64_t c = 0; c < columns; c++) {
      double x = isnan(data[c]) ? 0 : data[c] - means[c];
      deviations[c] += x;
      squares[c] += x * x;
    }
  }
}

void ck_column_bounds(int64_t rows, int64_t columns, const double* data, double* lowest, double* greatest) {
  for (int64_t r = 0; r < rows; r++, data += columns) {
    for (int64_t c = 0; c < columns; c++) {
      lowest[c] = fmin(lowest[c], data[c]);
      greatest[c] = fmax(greatest[c], data[c]);
    }
  }
}

static int compare(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return isnan(x) || isnan(y) ? isnan(x) - isnan(y) : (x > y) - (x < y);
}

int64_t ck_sort_unique(double* numbers, int64_t count) {
  qsort(numbers, (size_t)count, sizeof *numbers, compare);
  int64_t kept = 0;
  for (int64_t i = 0; i < count; i++) {
    if (kept == 0 || compare(&numbers[kept - 1], &numbers[i]) != 0) numbers[kept++] = numbers[i];
  }
  return kept;
}

void ck_find_sorted(const double* sorted, int64_t sorted_count, const double* numbers, int64_t count, int64_t stride,
                    int64_t* places, int64_t place_stride) {
  for (int64_t i = 0; i < count; i++) {
    const double* found =
        sorted_count == 0 ? NULL : bsearch(&numbers[i * stride], sorted, (size_t)sorted_count, sizeof *sorted, compare);
    places[i * place_stride] = found ? found - sorted : -1;
  }
}

void ck_one_hot(const int64_t* places, int64_t count, int64_t stride, int64_t dropped, int64_t size, double* out,
                int64_t width) {
  for (int64_t i = 0; i < count; i++) {
    int64_t place = places[i * stride] - dropped;
    if (place >= 0 && place < size) out[i * width + place] = 1;
  }
}

void ck_hot_place(const double* data, int64_t count, int64_t width, int64_t size, int64_t* places, int64_t stride) {
  for (int64_t i = 0; i < count; i++, data += width) {
    int64_t best = 0;
    bool any = false;
    for (int64_t k = 0; k < size; k++) {
      any = any || data[k] != 0;
      if (data[k] > data[best]) best = k;
    }
    places[i * stride] = any ? best : -1;
  }
}
