// What a histogram says of numbers.
#ifndef CK_HISTOGRAM_H
#define CK_HISTOGRAM_H

#include "ck_types.h"

typedef struct ck_histogram_totals {
  double least, greatest, sum, squares;
  size_t wild;  // numbers that are not finite: nothing else is right then
} ck_histogram_totals;

// Adds to counts[i] how many numbers lie from limits[i] up to limits[i + 1], which counts into the last part alone.
// Numbers outside of all parts count nowhere. The limits rise.
void ck_histogram(const double* values, size_t count, const double* limits, size_t limit_count, double* counts,
                  ck_histogram_totals* totals);

#endif
