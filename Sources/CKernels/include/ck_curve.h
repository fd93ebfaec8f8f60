// Where the curve of a measurement goes, in double precision.
#ifndef CK_CURVE_H
#define CK_CURVE_H

#include "ck_types.h"

// The slope of the line of least squares through n points; NaN where all x are the same.
double ck_curve_slope(int64_t n, const double* x, const double* y);

// Fits a Gaussian process to n values y that were measured at x > 0, in growing order, and writes the greatest of the
// probabilities that the value at x[n - 1] + 1, …, x[n - 1] + horizon is below `target`. The process is a constant with
// a flat prior, plus curves that fall or rise towards it: covariance s²·((b + 2) / (x + x' + b))^a, plus noise of
// variance s²·r. s² is the estimate of restricted maximum likelihood; a, b and r are those of a grid, weighed by that
// likelihood. 0 where all y are the same; NaN where numbers overflow. CK_DONE or CK_NO_MEMORY.
int64_t ck_curve_gain(int64_t n, const double* x, const double* y, double target, int64_t horizon, double* probability);

#endif
