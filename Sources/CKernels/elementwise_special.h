// Special functions of the rarely used rows, in float64, one element at a time.
#ifndef CK_ELEMENTWISE_SPECIAL_H
#define CK_ELEMENTWISE_SPECIAL_H

double ck_lgamma(double x);
double ck_digamma(double x);
double ck_trigamma(double x);
double ck_polygamma(double order, double x);
double ck_erfinv(double y);
double ck_i0(double x);
double ck_i0e(double x);
double ck_i1(double x);
double ck_i1e(double x);

#endif
