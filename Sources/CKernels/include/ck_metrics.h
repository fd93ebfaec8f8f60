// Counts and sums that judge predictions. All arrays are contiguous. Sums are taken in float64, example after example,
// so that one call gives the bits of several in a row; weights may be NULL, which counts each example once.
#ifndef CK_METRICS_H
#define CK_METRICS_H

#include "ck_types.h"

// ---- Reading

// The position of the first NaN, or with `finite` of the first number that is not finite; -1 when there is none.
int64_t ck_first_improper(ck_dtype dtype, bool finite, int64_t n, const void* x);
// Whole numbers as integers. Returns the position of the first number that is not one, or -1.
int64_t ck_whole_numbers(int64_t n, int64_t* out, const double* x);
// The distinct numbers in order; out has room for n. False when scratch memory could not be had.
bool ck_distinct(int64_t n, const int64_t* x, int64_t* out, int64_t* count);
// The position of each number among the labels, which are in order; -1 where it is none of them.
void ck_label_positions(int64_t n, int64_t* out, const int64_t* x, int64_t count, const int64_t* labels);

// ---- Classes

// Adds to sums[0] the weights of rows of `width` that agree everywhere, and to sums[1] those of all.
void ck_agreement(int64_t n, int64_t width, const int64_t* predicted, const int64_t* actual, const double* weights,
                  double* sums);
// Adds to sums[0] the weights of examples whose class is among the k greatest scores of [n, classes, inner], the later
// class first where scores are equal, and to sums[1] those of all.
void ck_top_agreement(ck_dtype dtype, int64_t n, int64_t classes, int64_t inner, int64_t k, const void* scores,
                      const int64_t* actual, const double* weights, double* sums);
// Adds to sums[0] = right, sums[1] = predicted, sums[2] = actual, arrays of `classes` weights. Classes below 0 do not
// count.
void ck_class_sums(int64_t n, int64_t classes, const int64_t* predicted, const int64_t* actual, const double* weights,
                   double* sums);
// The same of rows that say for each of `width` labels whether it holds.
void ck_label_sums(int64_t n, int64_t width, const int64_t* predicted, const int64_t* actual, const double* weights,
                   double* sums);
// Adds the weight of each example to confusion[actual, predicted]. Classes below 0 do not count.
void ck_confusion(int64_t n, int64_t classes, const int64_t* predicted, const int64_t* actual, const double* weights,
                  double* confusion);

// ---- Numbers

// Of [n, columns]: adds weight · |difference|^power to sums[0...columns), power 1 or 2, and the weights to *total.
void ck_difference_sums(int64_t n, int64_t columns, int power, const double* outputs, const double* targets,
                        const double* weights, double* sums, double* total);
// The weighted mean of each column so far, and the sum of weight · (x - mean)^2; *total is the sum of weights so far.
void ck_scatter_sums(int64_t n, int64_t columns, const double* x, const double* weights, double* mean, double* scatter,
                     double* total);
// Adds weight · -log(probability of the actual class) to sums[0], and the weights to sums[1], of rows [n, classes,
// inner]. Probabilities are held within [epsilon, 1 - epsilon]; with epsilon 0 they are logarithms already.
void ck_surprise(int64_t n, int64_t classes, int64_t inner, double epsilon, const double* probabilities,
                 const int64_t* actual, const double* weights, double* sums);

// ---- Curves

// Examples in an order in which their scores fall: the weights of the false and the true positives at the end of each
// run of equal scores, and the score. Examples without weight are left out. Returns the number of runs; arrays have
// room for n.
int64_t ck_curve(int64_t n, const int64_t* order, const double* scores, const bool* positive, const double* weights,
                 double* false_sums, double* true_sums, double* thresholds);
// Keeps the points where a curve turns; with `vertical` those where the true positives change before or behind. Returns
// how many.
int64_t ck_thin_curve(int64_t n, bool vertical, double* false_sums, double* true_sums, double* thresholds);
// The area under straight lines from (0, 0) through the points, up to x = limit.
double ck_area(int64_t n, const double* x, const double* y, double limit);
// The sum of precision times the rise of recall, from sums of false and true positives.
double ck_average_precision(int64_t n, const double* false_sums, const double* true_sums);

#endif
