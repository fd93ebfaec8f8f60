// What transforms learn of data: sums and bounds of columns, without NaN, and sorted different values.
#ifndef CK_FITTING_H
#define CK_FITTING_H

#include "ck_types.h"

// Of `rows` rows of `columns` numbers, in their order; each is added to what is there.
void ck_column_sums(int64_t rows, int64_t columns, const double* data, double* counts, double* sums);
// Sums of (x - mean) and of its square.
void ck_column_deviations(int64_t rows, int64_t columns, const double* data, const double* means, double* deviations,
                          double* squares);
void ck_column_bounds(int64_t rows, int64_t columns, const double* data, double* lowest, double* greatest);

// Sorts numbers and leaves each different one once; NaN last. Returns how many are left.
int64_t ck_sort_unique(double* numbers, int64_t count);
// places[i * place_stride] = the place of numbers[i * stride] among them; -1: not there.
void ck_find_sorted(const double* sorted, int64_t sorted_count, const double* numbers, int64_t count, int64_t stride,
                    int64_t* places, int64_t place_stride);

// One column of places as ones: out[i * width + place - dropped] = 1 where there is such a place.
void ck_one_hot(const int64_t* places, int64_t count, int64_t stride, int64_t dropped, int64_t size, double* out,
                int64_t width);
// The greatest of `size` numbers of each row, as a place; -1 where all are 0.
void ck_hot_place(const double* data, int64_t count, int64_t width, int64_t size, int64_t* places, int64_t stride);

#endif
