// Special functions of the rarely used rows, in float64, one element at a time.
#ifndef CK_ELEMENTWISE_SPECIAL_H
#define CK_ELEMENTWISE_SPECIAL_H

#include <stddef.h>

double ck_lgamma(double x);
double ck_digamma(double x);
double ck_trigamma(double x);
double ck_polygamma(double order, double x);
double ck_erfinv(double y);
double ck_i0(double x);
double ck_i0e(double x);
double ck_i1(double x);
double ck_i1e(double x);

// Half the first coefficient and the others times Chebyshev's polynomials.
double ck_chebyshev(const double* coefficient, size_t n, double x);

double ck_bessel_j0(double x);
double ck_bessel_j1(double x);
double ck_bessel_y0(double x);
double ck_bessel_y1(double x);
double ck_spherical_bessel_j0(double x);
double ck_i1_slope(double x);
double ck_i2_ratio(double x);
double ck_sinc_slope(double x);
double ck_k0(double x);
double ck_k1(double x);
double ck_scaled_k0(double x);
double ck_scaled_k1(double x);
double ck_airy_ai(double x);
double ck_entr(double x);
double ck_erfcx(double x);
double ck_log_ndtr(double x);

double ck_zeta(double s, double q);
double ck_igamma(double a, double x);
double ck_igammac(double a, double x);
double ck_chebyshev_t(double x, double n);
double ck_chebyshev_u(double x, double n);
double ck_chebyshev_v(double x, double n);
double ck_chebyshev_w(double x, double n);
double ck_hermite(double x, double n);
double ck_hermite_he(double x, double n);
double ck_laguerre(double x, double n);
double ck_legendre(double x, double n);

// The number that a uniform one from [0, 1) stands for.
double ck_poisson(double chance, double rate);
double ck_binomial(double chance, double trials, double p);

// By number, as ck_elementwise.h lists them.
double ck_special(double which, double x);
double ck_special_of_two(double which, double x, double y);

// The next number towards y of a format with so many bits of fraction: 10 for float16, 7 for bfloat16.
float ck_nextafter_half(float x, float y, int fraction);

#endif
