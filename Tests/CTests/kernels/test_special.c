// The rows `special`: against values computed with 40 digits, and where the functions end.
#include "../check.h"
#include "CKernels.h"

static const struct {
  int which;
  double x, y;
} ones[] = {
    {ck_special_airy_ai, -30.0, -0.087968188456842163},
    {ck_special_airy_ai, -4.5, 0.29215278105595947},
    {ck_special_airy_ai, -1.0, 0.53556088329235212},
    {ck_special_airy_ai, 0.0, 0.35502805388781724},
    {ck_special_airy_ai, 1.5, 0.07174949700810541},
    {ck_special_airy_ai, 2.5, 0.01572592338047049},
    {ck_special_airy_ai, 9.0, 2.4711684308724898e-9},
    {ck_special_bessel_j0, 0.5, 0.9384698072408129},
    {ck_special_bessel_j0, 3.0, -0.26005195490193344},
    {ck_special_bessel_j0, 20.0, 0.16702466434058315},
    {ck_special_bessel_j1, 0.5, 0.24226845767487389},
    {ck_special_bessel_j1, 3.0, 0.33905895852593646},
    {ck_special_bessel_j1, 20.0, 0.066833124175850046},
    {ck_special_bessel_y0, 0.5, -0.44451873350670656},
    {ck_special_bessel_y0, 3.0, 0.37685001001279038},
    {ck_special_bessel_y0, 20.0, 0.062640596809383831},
    {ck_special_bessel_y1, 0.5, -1.4714723926702431},
    {ck_special_bessel_y1, 3.0, 0.32467442479179998},
    {ck_special_bessel_y1, 20.0, -0.1655116143625213},
    {ck_special_spherical_bessel_j0, 1e-05, 0.99999999998333333},
    {ck_special_spherical_bessel_j0, 0.5, 0.958851077208406},
    {ck_special_spherical_bessel_j0, 7.0, 0.093855228388398441},
    {ck_special_i1_slope, 1e-05, 0.50000000001875},
    {ck_special_i1_slope, 0.5, 0.54769475995953089},
    {ck_special_i1_slope, 7.0, 146.30260952886749},
    {ck_special_i2_ratio, 1e-05, 1.2500000000104168e-6},
    {ck_special_i2_ratio, 0.5, 0.063812298355476508},
    {ck_special_i2_ratio, 7.0, 17.715901506777898},
    {ck_special_i2_ratio, 12.0, 1327.1139349185975},
    {ck_special_k0, 0.01, 4.7212447301610949},
    {ck_special_k0, 1.5, 0.21380556264752574},
    {ck_special_k0, 2.5, 0.062347553200366186},
    {ck_special_k0, 40.0, 8.392861100099567e-19},
    {ck_special_k1, 0.01, 99.973894118296246},
    {ck_special_k1, 1.5, 0.27738780045684382},
    {ck_special_k1, 2.5, 0.073890816347747064},
    {ck_special_k1, 40.0, 8.4971319548610387e-19},
    {ck_special_scaled_k0, 0.01, 4.7686940285444619},
    {ck_special_scaled_k0, 1.5, 0.9582100532948965},
    {ck_special_scaled_k0, 2.5, 0.75954869032809958},
    {ck_special_scaled_k0, 400.0, 0.062646151299578114},
    {ck_special_scaled_k1, 0.01, 100.97864845824005},
    {ck_special_scaled_k1, 1.5, 1.243165873552553},
    {ck_special_scaled_k1, 2.5, 0.90017442390787809},
    {ck_special_scaled_k1, 400.0, 0.062724410168277165},
    {ck_special_erfcx, -3.0, 16205.988853999587},
    {ck_special_erfcx, -0.5, 1.9523604891825571},
    {ck_special_erfcx, 0.0, 1.0},
    {ck_special_erfcx, 0.5, 0.61569034419292587},
    {ck_special_erfcx, 4.0, 0.13699945762506139},
    {ck_special_erfcx, 100.0, 0.0056416137829894329},
    {ck_special_log_ndtr, -30.0, -454.3212439563432},
    {ck_special_log_ndtr, -2.0, -3.7831843336820319},
    {ck_special_log_ndtr, 0.5, -0.36894641528865639},
    {ck_special_log_ndtr, 6.0, -9.8658764552437573e-10},
    {ck_special_sinc_slope, 1e-05, -3.2898681333717562e-5},
    {ck_special_sinc_slope, 0.05, -0.16408789296847297},
    {ck_special_sinc_slope, 0.1, -0.32575126788312397},
    {ck_special_sinc_slope, 2.5, -0.050929581789406507},
    {ck_special_entr, 0.5, 0.34657359027997265},
    {ck_special_entr, 3.0, -3.2958368660043291},
};
static const struct {
  int which;
  double x, y, z;
} pairs[] = {
    {ck_special_zeta, 1.5, 0.3, 8.2377616714597234},
    {ck_special_zeta, 4.0, 7.5, 0.00096207277609644895},
    {ck_special_igamma, 0.3, 0.1, 0.5459128495917965},
    {ck_special_igamma, 5.0, 2.0, 0.052653017343711157},
    {ck_special_igamma, 50.0, 60.0, 0.91559331890630817},
    {ck_special_igamma, 2000.0, 2010.0, 0.59122052833813181},
    {ck_special_igammac, 0.3, 0.1, 0.4540871504082035},
    {ck_special_igammac, 5.0, 9.0, 0.054963641495104904},
    {ck_special_igammac, 50.0, 60.0, 0.08440668109369183},
    {ck_special_igammac, 2000.0, 1950.0, 0.86864736304328529},
    {ck_special_igammac, 2000.0, 2010.0, 0.40877947166186819},
    {ck_special_chebyshev_t, 0.3, 12.0, -0.87043099443200007},
    {ck_special_chebyshev_t, -1.2, 9.0, -135.38586931199992},
    {ck_special_chebyshev_u, 0.3, 12.0, -0.71561281126400011},
    {ck_special_chebyshev_u, -1.2, 9.0, -380.30144102399979},
    {ck_special_chebyshev_v, 0.3, 12.0, -1.231673421824},
    {ck_special_chebyshev_v, -1.2, 9.0, -584.39775078399969},
    {ck_special_chebyshev_w, 0.3, 12.0, -0.19955220070400024},
    {ck_special_chebyshev_w, -1.2, 9.0, -176.20513126399989},
    {ck_special_hermite, 0.3, 12.0, 49478.715933659174},
    {ck_special_hermite_he, 0.3, 12.0, 5192.6906016580414},
    {ck_special_laguerre, 0.3, 12.0, -0.46807352348911626},
    {ck_special_legendre, 0.3, 12.0, -0.18100217969140725},
};

static double one(int which, double x) {
  const int64_t n = 1;
  const double number = which;
  double out = 0;
  CHECK(ck_unary(ck_unary_special, CK_FLOAT64, &number, 1, &n, (ck_out){&out, NULL}, (ck_in){&x, NULL}));
  return out;
}

static double pair(int which, double x, double y) {
  const int64_t n = 1;
  const double number = which;
  double out = 0;
  CHECK(ck_binary(ck_binary_special, CK_FLOAT64, &number, 1, &n, (ck_out){&out, NULL}, (ck_in){&x, NULL},
                  (ck_in){&y, NULL}));
  return out;
}

static void compare(int which, double x, double found, double wanted) {
  if (!(fabs(found - wanted) <= 1e-12 * fabs(wanted) + 1e-300))
    CHECK_SAY("special %d at %g: %.17g, not %.17g", which, x, found, wanted);
}

TEST(special_functions_have_twelve_digits) {
  for (size_t i = 0; i < sizeof ones / sizeof *ones; i++)
    compare(ones[i].which, ones[i].x, one(ones[i].which, ones[i].x), ones[i].y);
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
    compare(pairs[i].which, pairs[i].x, pair(pairs[i].which, pairs[i].x, pairs[i].y), pairs[i].z);
}

TEST(special_functions_at_their_ends) {
  CHECK(one(ck_special_airy_ai, INFINITY) == 0 && one(ck_special_airy_ai, -INFINITY) == 0);
  CHECK(one(ck_special_bessel_y0, 0) == -INFINITY && isnan(one(ck_special_bessel_y1, -1)));
  CHECK(one(ck_special_k0, 0) == INFINITY && one(ck_special_k1, INFINITY) == 0 && isnan(one(ck_special_k0, -1)));
  CHECK(one(ck_special_erfcx, INFINITY) == 0 && one(ck_special_erfcx, -INFINITY) == INFINITY);
  CHECK(pair(ck_special_igamma, 2, 0) == 0 && pair(ck_special_igammac, 2, INFINITY) == 0);
  CHECK(isnan(pair(ck_special_igamma, -1, 1)) && isnan(pair(ck_special_igamma, 0, 0)));
  CHECK(pair(ck_special_chebyshev_v, -1, 3) == -7 && pair(ck_special_legendre, 0.5, -2) == 0);
  CHECK(isnan(pair(ck_special_legendre, 0.5, 1e18)) && isfinite(pair(ck_special_chebyshev_t, 0.5, 1e18)));
}

TEST(large_parameters_take_no_time) {
  CHECK(fabs(pair(ck_special_igamma, 1e15, 1e15) - 0.5) < 1e-7);
  CHECK(pair(ck_special_igamma, 1e12, 2e12) == 1 && pair(ck_special_igammac, 1e12, 1e11) == 1);
  CHECK(pair(ck_special_poisson, 0.5, 1e300) > 0 && pair(ck_special_poisson, 0.999, 1e-300) == 0);
}

TEST(distributions_invert_their_sums) {
  enum { N = 20000 };
  double sum = 0, squares = 0;
  for (int i = 0; i < N; i++) {
    const double count = pair(ck_special_poisson, (i + 0.5) / N, 3.5);
    sum += count;
    squares += count * count;
  }
  CHECK(fabs(sum / N - 3.5) < 1e-3 && fabs(squares / N - 3.5 * 4.5) < 2e-2);
  const int64_t n = 1;
  const double trials = 10, p = 0.3;
  sum = 0;
  for (int i = 0; i < N; i++) {
    const double chance = (i + 0.5) / N;
    double count = 0;
    CHECK(ck_ternary(ck_ternary_binomial, CK_FLOAT64, NULL, 1, &n, (ck_out){&count, NULL}, (ck_in){&chance, NULL},
                     (ck_in){&trials, NULL}, (ck_in){&p, NULL}));
    CHECK(count >= 0 && count <= trials);
    sum += count;
  }
  CHECK(fabs(sum / N - 3) < 1e-3);
}
