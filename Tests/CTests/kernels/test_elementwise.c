// Values of the elementwise rows against the C library's long double, at dense and special arguments.
#include <float.h>

#include "../check.h"
#include "CKernels.h"
#include "each_isa.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static float float_of(uint32_t bits) {
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

// How many units in the last place lie between a result and what it should be; special values have to match.
static double ulps(double actual, long double expected, bool single) {
  const long double most = single ? (long double)FLT_MAX : (long double)DBL_MAX;
  if (isnan(expected)) return isnan(actual) ? 0 : INFINITY;
  if (isnan(actual)) return INFINITY;
  const int digits = single ? 24 : 53, least = single ? -149 : -1074;
  int exponent;
  frexpl(expected, &exponent);
  const int last = exponent - digits > least ? exponent - digits : least;
  if (isinf(expected) || fabsl(expected) > most) {
    if (isinf(actual)) return (actual > 0) == (expected > 0) ? 0 : INFINITY;
    if (isinf(expected)) return INFINITY;
  }
  if (isinf(actual)) actual = copysign((double)most, actual);
  return (double)(fabsl(actual - expected) / ldexpl(1, last));
}

static const float specials[] = {
    0.0f,     -0.0f,      1.0f,       -1.0f,   0.5f,    -0.5f,   2.0f,     -2.0f,     3.0f,     1e-45f,
    -1e-45f,  1e-38f,     -1e-38f,    1e-10f,  -1e-10f, 88.7f,   88.73f,   89.5f,     -87.3f,   -103.9f,
    -104.5f,  1e10f,      -1e10f,     1e38f,   -1e38f,  FLT_MAX, -FLT_MAX, FLT_MIN,   -FLT_MIN, 20.0f,
    -20.0f,   9.0f,       10.05f,     -10.05f, 127.9f,  128.0f,  -149.0f,  -150.5f,   0.9999f,  1.0001f,
    -0.9999f, 1.5707964f, 3.1415927f, 1e5f,    1.3e8f,  1.4e8f,  INFINITY, -INFINITY, NAN};

typedef struct value_case {
  ck_unary_op op;
  const char* name;
  long double (*value)(long double x);
  double low, high;        // where samples are dense
  double single, doubled;  // the greatest errors in ulp
  double params[3];
} value_case;

#define PI 3.14159265358979323846264338327950288L
static long double half_normal(long double x) { return 0.5L * erfcl(-x * sqrtl(0.5L)); }
static long double gelu(long double x) { return x * half_normal(x); }
static long double gelu_tanh(long double x) {
  return x / (1 + expl(-2 * sqrtl(2 / PI) * (x + (long double)0.044715 * x * x * x)));
}
static long double sigmoid(long double x) { return 1 / (1 + expl(-x)); }
static long double silu(long double x) { return x / (1 + expl(-x)); }
static long double softplus(long double x) { return x > 20 ? x : log1pl(expl(x)); }
static long double logsigmoid(long double x) { return -(x < 0 ? log1pl(expl(x)) - x : log1pl(expl(-x))); }
static long double mish(long double x) { return x * tanhl(log1pl(expl(x))); }
static long double elu(long double x) { return x > 0 ? x : expm1l(x); }
static long double selu(long double x) {
  const long double scale = 1.0507009873554804934193349852946L;
  return scale * (x > 0 ? x : 1.6732632423543772848170429916717L * expm1l(x));
}
static long double rsqrt_of(long double x) { return 1 / sqrtl(x); }
static long double reciprocal(long double x) { return 1 / x; }
static long double relu(long double x) { return isnan(x) ? x : x > 0 ? x : 0; }
static long double softsign(long double x) { return x / (1 + fabsl(x)); }
static long double cube_power(long double x) { return powl(x, 3.5L); }

#define ROW(row, reference, low, high, single, ...) {ck_unary_##row, #row, reference, low, high, single, __VA_ARGS__}
static const value_case cases[] = {
    ROW(exp, expl, -105, 90, 1.5, 1, {0}),
    ROW(exp2, exp2l, -151, 129, 1.5, 1, {0}),
    ROW(expm1, expm1l, -20, 90, 2, 1.5, {0}),
    ROW(log, logl, 0, 10, 1.5, 1, {0}),
    ROW(log2, log2l, 0, 10, 2.5, 1, {0}),
    ROW(log10, log10l, 0, 10, 2, 2, {0}),
    ROW(log1p, log1pl, -1, 10, 2, 1, {0}),
    ROW(sin, sinl, -100, 100, 1, 1, {0}),
    ROW(cos, cosl, -100, 100, 1, 1, {0}),
    ROW(tan, tanl, -100, 100, 1, 1, {0}),
    ROW(asin, asinl, -1.1, 1.1, 1, 1, {0}),
    ROW(acos, acosl, -1.1, 1.1, 1, 1, {0}),
    ROW(atan, atanl, -10, 10, 1, 1, {0}),
    ROW(sinh, sinhl, -90, 90, 1, 2, {0}),
    ROW(cosh, coshl, -90, 90, 1, 2, {0}),
    ROW(tanh, tanhl, -10, 10, 2, 2, {0}),
    ROW(asinh, asinhl, -10, 10, 1, 2, {0}),
    ROW(acosh, acoshl, 0.9, 10, 1, 2, {0}),
    ROW(atanh, atanhl, -1.1, 1.1, 1, 2, {0}),
    ROW(erf, erfl, -5, 5, 1.5, 1.5, {0}),
    ROW(erfc, erfcl, -5, 11, 3, 4, {0}),
    ROW(lgamma, lgammal, 0.1, 50, 1, 4, {0}),
    ROW(sqrt, sqrtl, 0, 100, 0.51, 0.51, {0}),
    ROW(rsqrt, rsqrt_of, 0, 100, 1.5, 1.5, {0}),
    ROW(reciprocal, reciprocal, -10, 10, 0.51, 0.51, {0}),
    ROW(sigmoid, sigmoid, -87, 20, 2.5, 2.5, {0}),
    ROW(silu, silu, -80, 20, 2.5, 2.5, {0}),
    ROW(softplus, softplus, -80, 30, 2.5, 2.5, {1, 20}),
    ROW(logsigmoid, logsigmoid, -80, 80, 2.5, 2.5, {0}),
    ROW(mish, mish, -80, 30, 4, 4, {0}),
    ROW(gelu, gelu, -13, 10, 4, 400, {0}),
    ROW(gelu_tanh, gelu_tanh, -4, 10, 24, 40, {0}),
    ROW(elu, elu, -20, 20, 2, 2, {1, 1, 1}),
    ROW(selu, selu, -20, 20, 3, 3, {0}),
    ROW(relu, relu, -20, 20, 0, 0, {0}),
    ROW(softsign, softsign, -20, 20, 1.5, 1.5, {0}),
    ROW(pow_scalar, cube_power, 0, 100, 1, 1, {3.5}),
    ROW(floor, floorl, -20, 20, 0, 0, {0}),
    ROW(ceil, ceill, -20, 20, 0, 0, {0}),
    ROW(round, rintl, -20, 20, 0, 0, {0}),
    ROW(trunc, truncl, -20, 20, 0, 0, {0}),
};

enum { SAMPLES = 60000 };
static float singles[SAMPLES], single_results[SAMPLES];
static double doubles[SAMPLES], double_results[SAMPLES];

// A third over the domain, a third over all floats, and the special values.
static void fill_samples(const value_case* c) {
  for (int i = 0; i < SAMPLES; i++) {
    const double share = (double)i / (SAMPLES / 2);
    singles[i] = i < SAMPLES / 2 ? (float)(c->low + (c->high - c->low) * share) : float_of((uint32_t)i * 143165u);
  }
  memcpy(singles, specials, sizeof specials);
  for (int i = 0; i < SAMPLES; i++) doubles[i] = singles[i];
}

// Rows whose tails PyTorch, too, gives no relative accuracy.
static bool is_checked(const value_case* c, double x) {
  if (c->op == ck_unary_gelu || c->op == ck_unary_gelu_tanh || c->op == ck_unary_mish || c->op == ck_unary_silu ||
      c->op == ck_unary_sigmoid) {
    return isnan(x) || x >= c->low;
  }
  return true;
}

static void check_values(const value_case* c, bool single) {
  const int64_t size = SAMPLES;
  const ck_dtype dtype = single ? CK_FLOAT32 : CK_FLOAT64;
  const ck_out out = {single ? (void*)single_results : double_results, NULL};
  const ck_in in = {single ? (void*)singles : doubles, NULL};
  CHECK(ck_unary(c->op, dtype, c->params, 1, &size, out, in));
  double worst = 0, at = 0, got = 0;
  for (int i = 0; i < SAMPLES; i++) {
    const double x = doubles[i], actual = single ? single_results[i] : double_results[i];
    if (!is_checked(c, x)) continue;
    const double error = ulps(actual, c->value(x), single);
    if (error > worst || isnan(error)) worst = error, at = x, got = actual;
  }
  if (getenv("SHOW_ERRORS"))
    printf("%-12s %s %-8s %.3f ulp at %.9g\n", c->name, single ? "f32" : "f64", ck_isa_name(ck_isa_in_use()), worst,
           at);
  if (!(worst <= (single ? c->single : c->doubled))) {
    CHECK_SAY("%s %s: %g ulp at %.9g: %.9g instead of %.9Lg", ck_isa_name(ck_isa_in_use()), c->name, worst, at, got,
              c->value(at));
  }
}

TEST(values_of_unary_rows) {
  for (int i = 0; i < COUNT(cases); i++) {
    fill_samples(&cases[i]);
    check_values(&cases[i], true);
    check_values(&cases[i], false);
  }
}

TEST_EACH_ISA
