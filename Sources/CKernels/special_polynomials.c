// Orthogonal polynomials of a degree that is given as a number, in float64.
#include <math.h>

#include "elementwise_special.h"

// Above it the recurrences would take seconds for an element.
#define HIGHEST_DEGREE 65536

static double odd_sign(double n) { return fmod(n, 2) == 0 ? 1 : -1; }

// y(n + 1) = (a x + b) y(n) - c y(n - 1), where the numbers follow from n.
typedef void step(double n, double* a, double* b, double* c);

static double recurrence(double x, double n, double first, double second, step* next) {
  n = trunc(n);
  if (!(n >= 0) || isnan(x)) return n < 0 ? 0 : NAN;
  if (n > HIGHEST_DEGREE) return NAN;
  double before = first, y = n == 0 ? first : second;
  for (double k = 1; k < n && !isnan(y); k++) {
    double a, b, c;
    next(k, &a, &b, &c);
    const double value = (a * x + b) * y - c * before;
    before = y;
    y = value;
  }
  return y;
}

static void hermite(double n, double* a, double* b, double* c) { *a = 2, *b = 0, *c = 2 * n; }
static void probabilist(double n, double* a, double* b, double* c) { *a = 1, *b = 0, *c = n; }
static void laguerre(double n, double* a, double* b, double* c) {
  *a = -1 / (n + 1), *b = (2 * n + 1) / (n + 1), *c = n / (n + 1);
}
static void legendre(double n, double* a, double* b, double* c) {
  *a = (2 * n + 1) / (n + 1), *b = 0, *c = n / (n + 1);
}

double ck_hermite(double x, double n) { return recurrence(x, n, 1, 2 * x, hermite); }
double ck_hermite_he(double x, double n) { return recurrence(x, n, 1, x, probabilist); }
double ck_laguerre(double x, double n) { return x == 0 && n > -1 ? 1 : recurrence(x, n, 1, 1 - x, laguerre); }
double ck_legendre(double x, double n) {
  if (fabs(x) == 1 && n > -1) return x > 0 ? 1 : odd_sign(trunc(n));
  return recurrence(x, n, 1, x, legendre);
}

static double chebyshev_of(double x, double n, double second) {
  double before = 1, y = n == 0 ? 1 : second;
  for (double k = 1; k < n; k++) {
    const double value = 2 * x * y - before;
    before = y;
    y = value;
  }
  return y;
}

double ck_chebyshev_t(double x, double n) {
  n = trunc(n);
  if (!(n >= 0) || isnan(x)) return n < 0 ? 0 : NAN;
  const double sign = x < 0 ? odd_sign(n) : 1;
  if (fabs(x) == 1) return sign;
  if (n <= 6) return chebyshev_of(x, n, x);
  return fabs(x) < 1 ? cos(n * acos(x)) : sign * cosh(n * acosh(fabs(x)));
}

double ck_chebyshev_u(double x, double n) {
  n = trunc(n);
  if (!(n >= 0) || isnan(x)) return n < 0 ? 0 : NAN;
  const double sign = x < 0 ? odd_sign(n) : 1;
  if (fabs(x) == 1) return sign * (n + 1);
  if (n <= 8) return chebyshev_of(x, n, 2 * x);
  const double angle = fabs(x) < 1 ? acos(x) : acosh(fabs(x));
  return fabs(x) < 1 ? sin((n + 1) * angle) / sin(angle) : sign * sinh((n + 1) * angle) / sinh(angle);
}

double ck_chebyshev_v(double x, double n) {
  n = trunc(n);
  if (!(n >= 0) || isnan(x)) return n < 0 ? 0 : NAN;
  if (fabs(x) == 1) return x > 0 ? 1 : odd_sign(n) * (2 * n + 1);
  if (n <= 8) return chebyshev_of(x, n, 2 * x - 1);
  if (x < -1) return odd_sign(n) * ck_chebyshev_w(-x, n);
  const double half = (x < 1 ? acos(x) : acosh(x)) / 2;
  return x < 1 ? cos((2 * n + 1) * half) / cos(half) : cosh((2 * n + 1) * half) / cosh(half);
}

double ck_chebyshev_w(double x, double n) {
  n = trunc(n);
  if (!(n >= 0) || isnan(x)) return n < 0 ? 0 : NAN;
  if (fabs(x) == 1) return x > 0 ? 2 * n + 1 : odd_sign(n);
  if (n <= 8) return chebyshev_of(x, n, 2 * x + 1);
  if (x < -1) return odd_sign(n) * ck_chebyshev_v(-x, n);
  const double half = (x < 1 ? acos(x) : acosh(x)) / 2;
  return x < 1 ? sin((2 * n + 1) * half) / sin(half) : sinh((2 * n + 1) * half) / sinh(half);
}
