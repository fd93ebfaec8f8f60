// The error function's and the gamma function's relatives, in float64.
#include <math.h>
#include <stddef.h>

#include "elementwise_special.h"

#define CK_PI 3.14159265358979323846

// (1 + 2x) erfcx(x) for x ≥ 0, over (x - 3.75) / (x + 3.75).
static const double erfcx_series[] = {
    2.3551578691348035,     -0.0045900545806464773,  -0.084249133366517916,   0.05920993999819189,
    -0.026658668435305752,  0.0090749976707052651,   -0.0024131635404176082,  0.00049077583652580863,
    -6.9169733025012064e-5, 4.1390279860730102e-6,   7.7403830661984907e-7,   -2.1886401049234396e-7,
    1.076499946567091e-8,   4.5219598112182869e-9,   -7.7544002088313511e-10, -6.3180883408866845e-11,
    2.8687950109306699e-11, 1.9455868545777342e-13,  -9.6546967484334392e-13, 3.2525481481487382e-14,
    3.3478119482868054e-14, -1.8645628804192971e-15, -1.2507950530688329e-15, 7.4182352566287964e-17,
    5.0681489048024028e-17, -2.237056659358086e-18,
};

double ck_erfcx(double x) {
  if (x < 0) return 2 * exp(x * x) - ck_erfcx(-x);
  if (isinf(x)) return 0;
  return ck_chebyshev(erfcx_series, sizeof erfcx_series / sizeof *erfcx_series, (x - 3.75) / (x + 3.75)) / (1 + 2 * x);
}

double ck_log_ndtr(double x) {
  const double t = x / sqrt(2);
  return x < -1 ? log(ck_erfcx(-t) / 2) - t * t : log1p(-erfc(t) / 2);
}

double ck_entr(double x) { return x > 0 ? -x * log(x) : x == 0 ? 0 : x < 0 ? -INFINITY : x; }

// log(1 + u) - u.
static double log1p_rest(double u) {
  if (fabs(u) > 0.3) return log1p(u) - u;
  double power = u, sum = 0;
  for (int k = 2; k < 60; k++) {
    power *= -u;
    sum += power / k;
    if (fabs(power) < 1e-18 * fabs(sum)) break;
  }
  return sum;
}

// x^a exp(-x) / Γ(a + 1).
static double gamma_density(double a, double x) {
  if (a < 20) return exp(a * log(x) - x - ck_lgamma(a + 1));
  const double z = 1 / (a * a), stirling = (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z / 1680))) / a;
  return exp(a * log1p_rest((x - a) / a) - stirling) / sqrt(2 * CK_PI * a);
}

// Temme's expansion of the upper function for large a and x near it.
static double temme(double a, double x, double sign) {
  static const double near[4][14] = {
      {-0.33333333333333333, 0.083333333333333333, -0.014814814814814815, 0.0011574074074074074, 0.0003527336860670194,
       -0.00017875514403292181, 3.9192631785224378e-5, -2.1854485106799922e-6, -1.85406221071516e-6,
       8.296711340953086e-7, -1.7665952736826079e-7, 6.7078535434014986e-9, 1.0261809784240308e-8,
       -4.3820360184533532e-9},
      {-0.0018518518518518519, -0.0034722222222222222, 0.0026455026455026455, -0.00099022633744855967,
       0.00020576131687242798, -4.0187757201646091e-7, -1.8098550334489978e-5, 7.6491609160811101e-6,
       -1.6120900894563446e-6, 4.6471278028074343e-9, 1.378633446915721e-7, -5.752545603517705e-8,
       1.1951628599778147e-8, -1.7543241719747648e-11},
      {0.0041335978835978836, -0.0026813271604938272, 0.00077160493827160494, 2.0093878600823045e-6,
       -0.00010736653226365161, 5.2923448829120125e-5, -1.2760635188618728e-5, 3.4235787340961381e-8,
       1.3721957309062933e-6, -6.298992138380055e-7, 1.4280614206064242e-7, -2.0477098421990866e-10,
       -1.4092529910867521e-8, 6.228974084922022e-9},
      {0.00064943415637860082, 0.00022947209362139918, -0.00046918949439525571, 0.00026772063206283885,
       -7.5618016718839764e-5, -2.3965051138672967e-7, 1.1082654115347302e-5, -5.6749528269915966e-6,
       1.4230900732435884e-6, -2.7861080291528142e-11},
  };
  const double rest = -log1p_rest((x - a) / a), eta = copysign(sqrt(2 * rest), x - a);
  double sum = 0, power = 1;
  for (int k = 0; k < 4; k++) {
    double inner = 0;
    for (int i = 14; i-- > 0;) inner = inner * eta + near[k][i];
    sum += inner * power;
    power /= a;
  }
  return 0.5 * erfc(sign * eta * sqrt(a / 2)) + sign * exp(-a * rest) / sqrt(2 * CK_PI * a) * sum;
}

// The lower function by its series.
static double lower_series(double a, double x) {
  double term = 1, sum = 1;
  for (double k = 1; term > 1e-17 * sum && k < 1e5; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return gamma_density(a, x) * sum;
}

// The upper function by its continued fraction.
static double upper_fraction(double a, double x) {
  const double tiny = 1e-300;
  double b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d;
  for (double k = 1; k < 1e5; k++) {
    const double n = -k * (k - a);
    b += 2;
    d = n * d + b;
    c = b + n / c;
    d = 1 / (fabs(d) < tiny ? tiny : d);
    if (fabs(c) < tiny) c = tiny;
    h *= d * c;
    if (fabs(d * c - 1) < 1e-16) break;
  }
  return gamma_density(a, x) * a * h;
}

// The upper function for small a and x, where it is 1 less nearly everything.
static double upper_series(double a, double x) {
  double term = 1, sum = 0;
  for (double k = 1; k < 200; k++) {
    term *= -x / k;
    const double part = term / (a + k);
    sum += part;
    if (fabs(part) < 1e-18 * fabs(sum)) break;
  }
  const double logarithm = a * log(x) - ck_lgamma(1 + a);
  return -expm1(logarithm) - a * exp(logarithm) * sum;
}

static double gamma_part(double a, double x, int upper) {
  if (isnan(a) || isnan(x) || a < 0 || x < 0) return NAN;
  if (a == 0) return x > 0 ? !upper : NAN;
  if (x == 0) return upper;
  if (isinf(a)) return isinf(x) ? NAN : upper;
  if (isinf(x)) return !upper;
  if (a > 1000 && fabs(x - a) < 0.25 * a) return temme(a, x, upper ? 1 : -1);
  if (x > 1.1 && x > a) {
    const double part = upper_fraction(a, x);
    return upper ? part : 1 - part;
  }
  if (upper && x <= 1.1 && a <= 1 && x >= 0.5 * a) return upper_series(a, x);
  const double part = lower_series(a, x);
  return upper ? 1 - part : part;
}

double ck_igamma(double a, double x) { return gamma_part(a, x, 0); }
double ck_igammac(double a, double x) { return gamma_part(a, x, 1); }

// The count at which the probabilities of a distribution, taken from the likeliest count outwards, add up to `chance`.
// `ratio(k)` is the probability of k + 1 over that of k.
typedef struct counting {
  double rate, trials, odds;
} counting;

static double next_ratio(const counting* of, double k) {
  return of->trials < 0 ? of->rate / (k + 1) : (of->trials - k) / (k + 1) * of->odds;
}

static double count_at(const counting* of, double chance, double mode, double likeliest) {
  double low = mode, high = mode, below = likeliest, above = likeliest;
  chance -= likeliest;
  while (chance > 0 && (below > 0 || above > 0)) {
    above *= next_ratio(of, high);
    if (above > 0) high += 1;
    chance -= above;
    if (chance <= 0) return high;
    below = low > 0 ? below / next_ratio(of, low - 1) : 0;
    if (below > 0) low -= 1;
    chance -= below;
    if (chance <= 0) return low;
  }
  return mode;
}

// Where so many counts have a chance that a normal number, rounded, cannot be told from one.
static double normal_count(double chance, double mean, double variance) {
  const double x = mean - sqrt(2 * variance) * ck_erfinv(1 - 2 * chance);
  return x < 0 ? 0 : rint(x);
}

double ck_poisson(double chance, double rate) {
  if (!(rate > 0)) return rate == 0 ? 0 : NAN;
  if (rate > 1e8) return normal_count(chance > 0 ? chance : 0x1p-54, rate, rate);
  const counting of = {rate, -1, 0};
  const double mode = floor(rate);
  return count_at(&of, chance, mode, gamma_density(mode > 0 ? mode : 1, rate) * (mode > 0 ? 1 : 1 / rate));
}

double ck_binomial(double chance, double trials, double p) {
  if (!(trials >= 0) || !(p >= 0) || !(p <= 1)) return NAN;
  trials = floor(trials);
  if (p == 0 || trials == 0) return 0;
  if (p == 1) return trials;
  const double mean = trials * p, variance = mean * (1 - p);
  if (variance > 1e8) return fmin(normal_count(chance > 0 ? chance : 0x1p-54, mean, variance), trials);
  const counting of = {0, trials, p / (1 - p)};
  const double mode = fmin(floor((trials + 1) * p), trials);
  const double ways = ck_lgamma(trials + 1) - ck_lgamma(mode + 1) - ck_lgamma(trials - mode + 1);
  return count_at(&of, chance, mode, exp(ways + mode * log(p) + (trials - mode) * log1p(-p)));
}
