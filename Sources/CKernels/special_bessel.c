// Bessel and Airy functions, in float64. The series were fitted with 40 digits.
#include <math.h>
#include <stddef.h>

#include "elementwise_special.h"

#define CK_PI 3.14159265358979323846
#define SERIES(name, x) ck_chebyshev(name, sizeof name / sizeof *name, x)

double ck_chebyshev(const double* coefficient, size_t n, double x) {
  double b0 = 0, b1 = 0, b2 = 0;
  for (size_t i = n; i-- > 0;) {
    b2 = b1;
    b1 = b0;
    b0 = 2 * x * b1 - b2 + coefficient[i];
  }
  return 0.5 * (b0 - b2);
}

double ck_bessel_j0(double x) { return isinf(x) ? 0 : j0(x); }
double ck_bessel_j1(double x) { return isinf(x) ? 0 : j1(x); }
double ck_bessel_y0(double x) { return x == 0 ? -INFINITY : x < 0 ? NAN : isinf(x) ? 0 : y0(x); }
double ck_bessel_y1(double x) { return x == 0 ? -INFINITY : x < 0 ? NAN : isinf(x) ? 0 : y1(x); }

double ck_spherical_bessel_j0(double x) {
  if (isinf(x)) return 0;
  return fabs(x) < 1e-4 ? 1 - x * x / 6 : sin(x) / x;
}

double ck_sinc_slope(double x) {
  const double angle = CK_PI * x, z = angle * angle;
  // The quotient cancels near 0.
  if (z < 0.06) return -CK_PI * angle / 3 * (1 - z / 10 * (1 - z / 28 * (1 - z / 54 * (1 - z / 88))));
  return (angle * cos(angle) - sin(angle)) / (x * angle);
}

double ck_i1_slope(double x) { return fabs(x) < 1e-8 ? 0.5 : ck_i0(x) - ck_i1(x) / x; }

// I2(x) / x, by its power series where the recurrence cancels.
double ck_i2_ratio(double x) {
  const double t = x * x / 4;
  if (t > 16) return (ck_i0(x) - 2 * ck_i1(x) / x) / x;
  double term = 0.5, sum = 0.5;
  for (int k = 1; term > 1e-17 * sum; k++) {
    term *= t / (k * (k + 2.0));
    sum += term;
  }
  return x / 4 * sum;
}

static const double k0_near[] = {
    -0.53532739323390277,   0.34428989992462849,    0.035979936515361502,   0.0012646154114469259,
    2.2862121031194518e-5,  2.5347910790261495e-7,  1.9045163772202089e-9,  1.0349695257633625e-11,
    4.2598161427910826e-14, 1.3744654358807509e-16, 3.5708965285083736e-19,
};
static const double k0_far[] = {
    2.4403030820659555,     -0.031448101311964501,   0.0015698838857300534,  -0.00012849549581627803,
    1.3949813718876499e-5,  -1.8317555227191195e-6,  2.7668136394450151e-7,  -4.6604898976879477e-8,
    8.5740340174142261e-9,  -1.6975345093890615e-9,  3.5773972814003284e-10, -7.957489244477397e-11,
    1.8559491149549266e-11, -4.5145978833745192e-12, 1.1403405882073442e-12, -2.9800969231481784e-13,
    8.0328907750683744e-14, -2.2275133267462964e-14, 6.340076476276646e-15,  -1.8485933779209072e-15,
    5.5120559994043334e-16, -1.6782311257549006e-16, 5.2103917776435541e-17, -1.6475805939842633e-17,
};
static const double k1_near[] = {
    1.5253002273389478,      -0.35315596077654488,    -0.12261118082265715,    -0.0069757238596398644,
    -0.00017302889575130521, -2.4334061415659682e-6,  -2.2133876307347259e-8,  -1.4114883926335278e-10,
    -6.666901694199329e-13,  -2.4274498505193659e-15, -7.0238634793862876e-18,
};
static const double k1_far[] = {
    2.7206261904844427,      0.10392373657681724,    -0.0028578168596227794,  0.00019521551847135163,
    -1.936197974166083e-5,   2.4064849478372171e-6,  -3.5019606030878125e-7,  5.7410841254500493e-8,
    -1.0345762465678097e-8,  2.0150497551970346e-9,  -4.1903547593419256e-10, 9.2183151876053141e-11,
    -2.129967838427791e-11,  5.1396396734823435e-12, -1.2891739609498229e-12, 3.3484196660522431e-13,
    -8.9767051820101461e-14, 2.4771544242195987e-14, -7.0198370892147689e-15, 2.0387031662398609e-15,
    -6.0570472706430178e-16, 1.8380935752430454e-16, -5.6894628491936484e-17, 1.7940510478863573e-17,
};

double ck_scaled_k0(double x) {
  if (!(x > 0)) return x == 0 ? INFINITY : NAN;
  if (isinf(x)) return 0;
  if (x > 2) return SERIES(k0_far, 4 / x - 1) / sqrt(x);
  return exp(x) * (SERIES(k0_near, x * x / 2 - 1) - log(x / 2) * ck_i0(x));
}

double ck_scaled_k1(double x) {
  if (!(x > 0)) return x == 0 ? INFINITY : NAN;
  if (isinf(x)) return 0;
  if (x > 2) return SERIES(k1_far, 4 / x - 1) / sqrt(x);
  return exp(x) * (SERIES(k1_near, x * x / 2 - 1) / x + log(x / 2) * ck_i1(x));
}

double ck_k0(double x) { return exp(-x) * ck_scaled_k0(x); }
double ck_k1(double x) { return exp(-x) * ck_scaled_k1(x); }

static const double airy_far[] = {
    1.9688106098343104,     -0.014792784850104199,   0.00073271774654267143, -6.1259542341782499e-5,
    6.8347669755726903e-6,  -9.2372297354039816e-7,  1.4362253404380519e-7,  -2.489319422322096e-8,
    4.7097934400543278e-9,  -9.5838637081127321e-10, 2.0745855483677592e-10, -4.737267332192277e-11,
    1.1336099808224235e-11, -2.8277067823193508e-12, 7.3207120951255976e-13, -1.9599793911089722e-13,
    5.4101162570683922e-14, -1.5356466802223836e-14, 4.4723403933000248e-15, -1.3338094674756682e-15,
    4.066582046456231e-16,  -1.265583225645289e-16,  4.0151263340158711e-17, -1.2969972135960937e-17,
};
static const double airy_cosine[] = {
    1.9987417781485557,     -0.00062168365843741161, 7.1811937743686449e-6,  -2.3162698135017581e-7,
    1.3216283888528756e-8,  -1.0938736172758126e-9,  1.1794620737908534e-10, -1.5518841909929856e-11,
    2.386927411492466e-12,  -4.16552889201035e-13,   8.0716781107414668e-14, -1.7087573211105669e-14,
    3.9029451485408147e-15, -9.5239767849070646e-16, 2.4632810885752603e-16, -6.7090774634648578e-17,
    1.9139396837187071e-17,
};
static const double airy_sine[] = {
    0.13764341112616002,    -0.0006089151840832694,  1.3174151014089972e-5,  -6.0140719129082979e-7,
    4.3275373422984993e-8,  -4.2477317329547255e-9,  5.2322853768344937e-10, -7.6722909751150239e-11,
    1.2923809452698711e-11, -2.43852975710829e-12,   5.0590472378720842e-13, -1.1378513792256328e-13,
    2.7441377308322257e-14, -7.0344821126325795e-15, 1.9032114367198916e-15, -5.4030405414093074e-16,
    1.6016711026585233e-16, -4.9375274403528055e-17, 1.5773435797781131e-17, -5.2061295818384195e-18,
    1.7706787947399461e-18,
};

double ck_airy_ai(double x) {
  const double t = fabs(x), root = sqrt(t), zeta = 2 * t * root / 3;
  if (isnan(x)) return x;
  if (isinf(x)) return 0;
  if (x > 2) return exp(-zeta) / (2 * sqrt(CK_PI * root)) * SERIES(airy_far, 3.7712361663282534 / zeta - 1);
  if (x < -4) {
    const double s = 56.888888888888888889 / (zeta * zeta) - 1;
    const double angle = zeta + CK_PI / 4;
    const double wave = sin(angle) * SERIES(airy_cosine, s) - cos(angle) * SERIES(airy_sine, s) / zeta;
    return wave / sqrt(CK_PI * root);
  }
  // Taylor's series of the two solutions of y'' = xy.
  const double cube = x * x * x;
  double f = 1, g = x, even = 1, odd = x;
  for (int k = 1; k < 40; k++) {
    even *= cube / ((3.0 * k - 1) * (3.0 * k));
    odd *= cube / ((3.0 * k) * (3.0 * k + 1));
    f += even;
    g += odd;
  }
  return 0.35502805388781723926 * f - 0.25881940379280679840 * g;
}
