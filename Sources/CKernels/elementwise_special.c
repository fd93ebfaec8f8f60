#include "elementwise_special.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#define CK_PI 3.14159265358979323846

double ck_lgamma(double x) {
#if defined(__GLIBC__) || defined(__APPLE__)
  int sign;
  extern double lgamma_r(double, int*);
  return lgamma_r(x, &sign);
#else
  return lgamma(x);
#endif
}

double ck_digamma(double x) {
  if (x == 0) return copysign(INFINITY, -x);
  double result = 0;
  if (x < 0) {
    if (x == trunc(x)) return NAN;
    result = -CK_PI / tan(CK_PI * (x - trunc(x)));
    x = 1 - x;
  }
  for (; x < 10; x += 1) result -= 1 / x;
  const double z = 1 / (x * x);
  const double series =
      z *
      (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132 - z * (691.0 / 32760 - z / 12))))));
  return result + log(x) - 0.5 / x - (x < 1e17 ? series : 0);
}

double ck_trigamma(double x) {
  double sign = 1, result = 0;
  if (x < 0.5) {
    const double sine = sin(CK_PI * (x - trunc(x)));
    sign = -1;
    result = -(CK_PI * CK_PI) / (sine * sine);
    x = 1 - x;
  }
  for (; x < 12; x += 1) result += 1 / (x * x);
  const double z = 1 / (x * x);
  const double series = z * (1.0 / 6 - z * (1.0 / 30 - z * (1.0 / 42 - z * (1.0 / 30 - z * (5.0 / 66)))));
  return sign * (result + (1 + 0.5 / x + series) / x);
}

// The Hurwitz zeta function by Euler-Maclaurin summation.
double ck_zeta(double s, double q) {
  static const double terms[] = {12.0,
                                 -720.0,
                                 30240.0,
                                 -1209600.0,
                                 47900160.0,
                                 -1.8924375803183791606e9,
                                 7.47242496e10,
                                 -2.950130727918164224e12,
                                 1.1646782814350067249e14,
                                 -4.5979787224074726105e15,
                                 1.8152105401943546773e17,
                                 -7.1661652561756670113e18};
  if (s == 1) return INFINITY;
  if (s < 1 || isnan(q)) return NAN;
  if (q <= 0) {
    if (q == floor(q)) return INFINITY;
    if (s != floor(s)) return NAN;
  }
  double a = q, b = pow(q, -s), sum = b;
  for (int i = 0; i < 9 || a <= 9; i++) {
    a += 1;
    b = pow(a, -s);
    sum += b;
    if (fabs(b) < 1e-17 * fabs(sum)) return sum;
  }
  sum += b * a / (s - 1) - 0.5 * b;
  double factor = 1, k = 0;
  for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
    factor *= s + k;
    b /= a;
    const double term = factor * b / terms[i];
    sum += term;
    if (fabs(term) < 1e-17 * fabs(sum)) break;
    k += 1;
    factor *= s + k;
    b /= a;
    k += 1;
  }
  return sum;
}

double ck_polygamma(double order, double x) {
  if (order == 0) return ck_digamma(x);
  if (order == 1) return ck_trigamma(x);
  return (fmod(order, 2) != 0 ? 1 : -1) * tgamma(order + 1) * ck_zeta(order + 1, x);
}

double ck_erfinv(double y) {
  const double t = fabs(y), tail = 1 - t;
  if (!(t < 1)) return t == 1 ? copysign(INFINITY, y) : NAN;
  double x;
  if (t <= 0.7) {
    const double z = t * t;
    x = t * (((-0.140543331 * z + 0.914624893) * z - 1.645349621) * z + 0.886226899) /
        ((((0.012229801 * z - 0.329097515) * z + 1.442710462) * z - 2.118377725) * z + 1);
  } else {
    const double z = sqrt(-log(tail / 2));
    x = (((1.641345311 * z + 3.429567803) * z - 1.624906493) * z - 1.970840454) /
        ((1.637067800 * z + 3.543889200) * z + 1);
  }
  // Newton's steps; the complement keeps the digits near one.
  for (int i = 0; i < 2; i++) {
    const double error = t <= 0.7 ? erf(x) - t : tail - erfc(x);
    x -= error / (2 / sqrt(CK_PI) * exp(-x * x));
  }
  return copysign(x, y);
}

static const double i0_near[] = {
    0.67679527440947608,    -0.3046826723431984,     0.17162090152220878,    -0.094901097048047644,
    0.049305284239670708,   -0.023737414805899469,   0.010546460394594998,   -0.0043243099950505759,
    0.0016394756169413358,  -0.00057637557453858237, 0.00018850288509584166, -5.7541950100821037e-5,
    1.6448448070728897e-5,  -4.4167383584587506e-6,  1.1173875391201037e-6,  -2.6707938539406117e-7,
    6.0469950225419189e-8,  -1.300025009986248e-8,   2.6598237246823867e-9,  -5.1897956016352629e-10,
    9.6758090353732369e-11, -1.7268262914415557e-11, 2.9550526631296398e-12, -4.8564467831119295e-13,
    7.6761854986049356e-14, -1.1685332877993452e-14, 1.715391285555133e-15,  -2.4312798465479547e-16,
    3.3307945188222381e-17, -4.4153416464793394e-18,
};
static const double i0_far[] = {
    0.80449041101410883,     0.0033691164782556941,   6.889758346916824e-5,    2.8913705208347565e-6,
    2.0489185894690637e-7,   2.2666689904981781e-8,   3.3962320257083863e-9,   4.9406023882249696e-10,
    1.1889147107846438e-11,  -3.1499165279632414e-11, -1.3215811840447713e-11, -1.7941785315068061e-12,
    7.1801244513836662e-13,  3.8527783827421427e-13,  1.5400862175214098e-14,  -4.1505693472872221e-14,
    -9.5548466988283076e-15, 3.8116806693526224e-15,  1.7725601330565264e-15,  -3.4254856196772191e-16,
    -2.8276239805165835e-16, 3.4612228676974611e-17,  4.46562142029676e-17,    -4.8305044859441821e-18,
    -7.233180487874754e-18,  9.9214754121736986e-19,  1.1936508908459821e-18,  -2.4887098371508072e-19,
    -1.9384264541609059e-19, 6.4446566973734439e-20,
};
static const double i1_near[] = {
    0.25258718644363365,    -0.17641651835783406,    0.1026436586898471,     -0.052945981208094991,
    0.024726449030626517,   -0.010564084894626198,   0.0041564229443128882,  -0.0015135724506312531,
    0.00051228595616857577, -0.00016176081582589675, 4.7815651075500542e-5,  -1.3273163656039436e-5,
    3.4702513081376785e-6,  -8.5687202646954547e-7,  2.0032947535521353e-7,  -4.4450591287963281e-8,
    9.3815373864957718e-9,  -1.8872497517228293e-9,  3.625590281552117e-10,  -6.6634897235020277e-11,
    1.1736186298890902e-11, -1.9839743977649437e-12, 3.2237933659455747e-13, -5.0421855047279117e-14,
    7.6006842947354069e-15, -1.1055969477353863e-15, 1.5536319577362005e-16, -2.1114212143581661e-17,
    2.7779141127610464e-18, -3.5415817725421362e-19,
};
static const double i1_far[] = {
    0.77857623501828012,     -0.0097610974913614684,  -0.00011058893876262372, -3.8825648088776904e-6,
    -2.5122362378702089e-7,  -2.6314688468895195e-8,  -3.835380385964237e-9,   -5.5897434621965838e-10,
    -1.8974958123505412e-11, 3.2526035830154882e-11,  1.4125807436613781e-11,  2.0356285441470895e-12,
    -7.1985517762459085e-13, -4.0835511110921973e-13, -2.1015418427726643e-14, 4.2724400167119514e-14,
    1.0420276984128803e-14,  -3.8144030724370078e-15, -1.8803547755107824e-15, 3.3082023109209283e-16,
    2.9626289976459501e-16,  -3.209525921993424e-17,  -4.6503053684893583e-17, 4.4143483230717079e-18,
    7.5172963108421048e-18,  -9.3141788673268834e-19, -1.242193275194891e-18,  2.4142767194548485e-19,
    2.0269443840532852e-19,  -6.3942671882690978e-20,
};

#define SERIES(name, x) ck_chebyshev(name, sizeof name / sizeof *name, x)

double ck_i0e(double x) {
  const double t = fabs(x);
  if (isnan(t)) return t;
  return t <= 8 ? SERIES(i0_near, t / 4 - 1) : SERIES(i0_far, 16 / t - 1) / sqrt(t);
}

double ck_i1e(double x) {
  const double t = fabs(x);
  if (isnan(t)) return t;
  return copysign(t <= 8 ? t * SERIES(i1_near, t / 4 - 1) : SERIES(i1_far, 16 / t - 1) / sqrt(t), x);
}

// exp(t) · scaled without overflow before the product does.
static double unscale(double t, double scaled) {
  const double root = exp(t / 2);
  return t < 700 ? exp(t) * scaled : root * scaled * root;
}

double ck_i0(double x) { return isinf(x) ? INFINITY : unscale(fabs(x), ck_i0e(x)); }
double ck_i1(double x) { return isinf(x) ? x : unscale(fabs(x), ck_i1e(x)); }
