// The functions of the rows `special` by number, and the next number of a half.
#include <math.h>
#include <string.h>

#include "ck_elementwise.h"
#include "elementwise_special.h"

static double frexp_exponent(double x) {
  int exponent = 0;
  if (isfinite(x)) frexp(x, &exponent);
  return exponent;
}

double ck_special(double which, double x) {
  static double (*const function[])(double) = {
      [ck_special_airy_ai] = ck_airy_ai,
      [ck_special_bessel_j0] = ck_bessel_j0,
      [ck_special_bessel_j1] = ck_bessel_j1,
      [ck_special_bessel_y0] = ck_bessel_y0,
      [ck_special_bessel_y1] = ck_bessel_y1,
      [ck_special_spherical_bessel_j0] = ck_spherical_bessel_j0,
      [ck_special_i1_slope] = ck_i1_slope,
      [ck_special_i2_ratio] = ck_i2_ratio,
      [ck_special_k0] = ck_k0,
      [ck_special_k1] = ck_k1,
      [ck_special_scaled_k0] = ck_scaled_k0,
      [ck_special_scaled_k1] = ck_scaled_k1,
      [ck_special_erfcx] = ck_erfcx,
      [ck_special_log_ndtr] = ck_log_ndtr,
      [ck_special_sinc_slope] = ck_sinc_slope,
      [ck_special_entr] = ck_entr,
      [ck_special_frexp_exponent] = frexp_exponent,
  };
  return function[(int)which](x);
}

double ck_special_of_two(double which, double x, double y) {
  static double (*const function[])(double, double) = {
      [ck_special_zeta] = ck_zeta,
      [ck_special_igamma] = ck_igamma,
      [ck_special_igammac] = ck_igammac,
      [ck_special_chebyshev_t] = ck_chebyshev_t,
      [ck_special_chebyshev_u] = ck_chebyshev_u,
      [ck_special_chebyshev_v] = ck_chebyshev_v,
      [ck_special_chebyshev_w] = ck_chebyshev_w,
      [ck_special_hermite] = ck_hermite,
      [ck_special_hermite_he] = ck_hermite_he,
      [ck_special_laguerre] = ck_laguerre,
      [ck_special_legendre] = ck_legendre,
      [ck_special_poisson] = ck_poisson,
  };
  return function[(int)which](x, y);
}

float ck_nextafter_half(float x, float y, int fraction) {
  if (x != x || y != y) return x + y;
  if (x == y) return y;
  const int away = x == 0 || (x > 0) == (y > x);
  const float smallest_normal = 0x1p-14f;
  // Below its normal numbers float16 has a fixed step; bfloat16 has the exponents of float32.
  if (fraction == 10 && (fabsf(x) < smallest_normal || (fabsf(x) == smallest_normal && !away)))
    return x + (y > x ? 0x1p-24f : -0x1p-24f);
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  const int32_t step = 1 << (23 - fraction);
  if (x == 0)
    bits = step | (y < 0 ? INT32_MIN : 0);
  else
    bits += away ? step : -step;
  memcpy(&x, &bits, sizeof x);
  return x;
}
