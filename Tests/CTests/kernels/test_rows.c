// Slopes by central differences, and what integer and special operands give.
#include <float.h>

#include "../check.h"
#include "CKernels.h"
#include "each_isa.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static double unary(int op, const double* params, double x) {
  const int64_t one = 1;
  double out = 0;
  CHECK(ck_unary((ck_unary_op)op, CK_FLOAT64, params, 1, &one, (ck_out){&out, NULL}, (ck_in){&x, NULL}));
  return out;
}

static double slope(int op, const double* params, double x) {
  const int64_t one = 1;
  const double g = 1.5, saved = ck_slope_saves((ck_unary_op)op) == CK_SAVES_OUTPUT ? unary(op, params, x) : x;
  double out = 0;
  CHECK(ck_slope((ck_unary_op)op, CK_FLOAT64, params, 1, &one, (ck_out){&out, NULL}, (ck_in){&g, NULL},
                 (ck_in){&saved, NULL}));
  return out / g;
}

TEST(slopes_are_central_differences) {
  const double points[] = {-2.6, -1.3, -0.45, -0.15, 0.2, 0.55, 0.85, 1.4, 2.7, 4.2, 7.1};
  for (int op = 0; op < CK_UNARY_COUNT; op++) {
    if (ck_slope_saves((ck_unary_op)op) == CK_SAVES_NONE) continue;
    double params[] = {0.5, 2.5, 0.75};
    if (op == ck_unary_polygamma) params[0] = 2;
    if (op == ck_unary_logit) params[0] = -1;
    if (op == ck_unary_nan_to_num || op == ck_unary_positive) continue;
    int checked = 0;
    for (int i = 0; i < COUNT(points); i++) {
      const double x = points[i], h = 1e-6;
      const double difference = (unary(op, params, x + h) - unary(op, params, x - h)) / (2 * h),
                   s = slope(op, params, x);
      if (isnan(difference)) continue;
      checked++;
      if (!(fabs(s - difference) <= 1e-6 * (1 + fabs(difference))))
        CHECK_SAY("unary %d at %g: %g, not %g", op, x, s, difference);
    }
    CHECK(checked > 0);
  }
}

TEST(slopes_in_float32_follow_float64) {
  for (int op = 0; op < CK_UNARY_COUNT; op++) {
    if (ck_slope_saves((ck_unary_op)op) == CK_SAVES_NONE) continue;
    const double params[] = {0.5, 2.5, 0.75};
    enum { N = 99 };
    const int64_t n = N;
    float g[N], s[N], out[N];
    double wide_g[N], wide_s[N], wide[N];
    for (int i = 0; i < N; i++) {
      wide_g[i] = g[i] = 1.25f;
      wide_s[i] = s[i] = (float)(i - 49) / 16;
    }
    ck_slope((ck_unary_op)op, CK_FLOAT32, params, 1, &n, (ck_out){out, NULL}, (ck_in){g, NULL}, (ck_in){s, NULL});
    ck_slope((ck_unary_op)op, CK_FLOAT64, params, 1, &n, (ck_out){wide, NULL}, (ck_in){wide_g, NULL},
             (ck_in){wide_s, NULL});
    for (int i = 0; i < N; i++) {
      if (isnan(wide[i]))
        CHECK(isnan(out[i]));
      else if (!(fabs(out[i] - wide[i]) <= 2e-6 * (1 + fabs(wide[i])) || (isinf(wide[i]) && out[i] == wide[i]))) {
        CHECK_SAY("slope %d at %g: %g, not %g", op, s[i], out[i], wide[i]);
      }
    }
  }
}

static int64_t integers(int op, int64_t x, int64_t y) {
  const int64_t one = 1;
  int64_t out = 0;
  CHECK(
      ck_binary((ck_binary_op)op, CK_INT64, NULL, 1, &one, (ck_out){&out, NULL}, (ck_in){&x, NULL}, (ck_in){&y, NULL}));
  return out;
}

TEST(integers_wrap_and_never_trap) {
  CHECK(integers(ck_binary_add, INT64_MAX, 1) == INT64_MIN);
  CHECK(integers(ck_binary_sub, INT64_MIN, 1) == INT64_MAX);
  CHECK(integers(ck_binary_mul, INT64_MAX, 2) == -2);
  CHECK(integers(ck_binary_floor_divide, 7, 0) == 0);
  CHECK(integers(ck_binary_floor_divide, INT64_MIN, -1) == INT64_MIN);
  CHECK(integers(ck_binary_floor_divide, -7, 2) == -4);
  CHECK(integers(ck_binary_trunc_divide, -7, 2) == -3);
  CHECK(integers(ck_binary_remainder, -7, 3) == 2);
  CHECK(integers(ck_binary_remainder, 7, -3) == -2);
  CHECK(integers(ck_binary_remainder, INT64_MIN, -1) == 0);
  CHECK(integers(ck_binary_remainder, 1, 0) == 0);
  CHECK(integers(ck_binary_fmod, -7, 3) == -1);
  CHECK(integers(ck_binary_pow, 3, 13) == 1594323);
  CHECK(integers(ck_binary_pow, -1, -3) == -1);
  CHECK(integers(ck_binary_pow, 2, -1) == 0);
  CHECK(integers(ck_binary_pow, 2, 64) == 0);
  CHECK(integers(ck_binary_gcd, -12, 18) == 6);
  CHECK(integers(ck_binary_lcm, 4, -6) == 12);
  CHECK(integers(ck_binary_gcd, 0, 0) == 0);
  CHECK(integers(ck_binary_lcm, 0, 0) == 0);
  CHECK(integers(ck_binary_bitwise_left_shift, 1, 64) == 0);
  CHECK(integers(ck_binary_bitwise_left_shift, -1, 63) == INT64_MIN);
  CHECK(integers(ck_binary_bitwise_right_shift, -8, 1) == -4);
  CHECK(integers(ck_binary_bitwise_right_shift, -8, 200) == -1);
  CHECK(integers(ck_binary_heaviside, 0, 5) == 5);
  const int64_t one = 1;
  int32_t low = INT32_MIN, minus = -1, out = 7;
  ck_unary(ck_unary_abs, CK_INT32, NULL, 1, &one, (ck_out){&out, NULL}, (ck_in){&low, NULL});
  CHECK(out == INT32_MIN);
  ck_binary(ck_binary_trunc_divide, CK_INT32, NULL, 1, &one, (ck_out){&out, NULL}, (ck_in){&low, NULL},
            (ck_in){&minus, NULL});
  CHECK(out == INT32_MIN);
  CHECK(!ck_binary_supports(ck_binary_div, CK_INT64));
  CHECK(!ck_binary_supports(ck_binary_sub, CK_BOOL));
  CHECK(!ck_unary_supports(ck_unary_exp, CK_INT32));
  CHECK(ck_binary_supports(ck_binary_nextafter, CK_FLOAT16));
}

static float floats(int op, float x, float y) {
  const int64_t one = 1;
  float out = 0;
  const double params[] = {op == ck_binary_nextafter ? 0 : 2};  // of a half, the bits of its fraction
  CHECK(ck_binary((ck_binary_op)op, CK_FLOAT32, params, 1, &one, (ck_out){&out, NULL}, (ck_in){&x, NULL},
                  (ck_in){&y, NULL}));
  return out;
}

TEST(special_operands) {
  CHECK(isnan(floats(ck_binary_maximum, NAN, 1)) && isnan(floats(ck_binary_maximum, 1, NAN)));
  CHECK(floats(ck_binary_fmax, NAN, 1) == 1 && floats(ck_binary_fmin, 1, NAN) == 1);
  CHECK(floats(ck_binary_remainder, -7, 3) == 2 && floats(ck_binary_fmod, -7, 3) == -1);
  CHECK(floats(ck_binary_floor_divide, -7, 2) == -4 && floats(ck_binary_trunc_divide, -7, 2) == -3);
  CHECK(isinf(floats(ck_binary_floor_divide, 1, 0)));
  CHECK(floats(ck_binary_xlogy, 0, 0) == 0 && isnan(floats(ck_binary_xlogy, 0, NAN)));
  CHECK(floats(ck_binary_logaddexp, -INFINITY, -INFINITY) == -INFINITY);
  CHECK_CLOSE(floats(ck_binary_logaddexp, 1000, 1000), 1000.6931, 1e-3);
  CHECK(floats(ck_binary_add_scaled, 1, 3) == 7 && floats(ck_binary_sub_scaled, 1, 3) == -5);
  CHECK(floats(ck_binary_hypot, INFINITY, NAN) == INFINITY);
  CHECK(floats(ck_binary_copysign, 3, -0.0f) == -3);
  CHECK(floats(ck_binary_nextafter, 1, 2) == 1 + FLT_EPSILON);
  CHECK(floats(ck_binary_ldexp, 3, 4) == 48);
}

TEST(powers_and_angles_follow_c) {
  const float values[] = {0,    -0.0f, 1,     -1,     2,      -2,          3,        -3,        0.5f, -0.5f,
                          2.5f, -2.5f, 1e30f, -1e30f, 1e-30f, 16777217.0f, INFINITY, -INFINITY, NAN};
  for (int i = 0; i < COUNT(values); i++) {
    for (int j = 0; j < COUNT(values); j++) {
      const float x = values[i], y = values[j], p = powf(x, y), q = floats(ck_binary_pow, x, y);
      if (!(isnan(p) ? isnan(q) : p == q || fabsf(p - q) <= FLT_EPSILON * fabsf(p)) ||
          (!isnan(p) && signbit(p) != signbit(q)))
        CHECK_SAY("pow(%g, %g) = %g, not %g", x, y, q, p);
      const float a = atan2f(x, y), b = floats(ck_binary_atan2, x, y);
      if (!(isnan(a) ? isnan(b) : a == b || fabsf(a - b) <= FLT_EPSILON * fabsf(a)) ||
          (!isnan(a) && signbit(a) != signbit(b)))
        CHECK_SAY("atan2(%g, %g) = %g, not %g", x, y, b, a);
      const float h = hypotf(x, y), k = floats(ck_binary_hypot, x, y);
      if (!(isnan(h) ? isnan(k) : h == k || fabsf(h - k) <= FLT_EPSILON * fabsf(h)))
        CHECK_SAY("hypot(%g, %g) = %g, not %g", x, y, k, h);
    }
  }
}

TEST(ternary_rows) {
  const int64_t n = 4;
  const double half[] = {0.5};
  const uint8_t choose[] = {1, 0, 1, 0};
  const float x[] = {1, 2, NAN, -4}, y[] = {0, 3, 0, -2}, z[] = {5, 4, 1, 0};
  float out[4];
  CHECK(ck_ternary(ck_ternary_where, CK_FLOAT32, NULL, 1, &n, (ck_out){out, NULL}, (ck_in){choose, NULL},
                   (ck_in){x, NULL}, (ck_in){y, NULL}));
  CHECK(out[0] == 1 && out[1] == 3 && isnan(out[2]) && out[3] == -2);
  CHECK(ck_ternary(ck_ternary_clamp, CK_FLOAT32, NULL, 1, &n, (ck_out){out, NULL}, (ck_in){x, NULL}, (ck_in){y, NULL},
                   (ck_in){z, NULL}));
  CHECK(out[0] == 1 && out[1] == 3 && isnan(out[2]) && out[3] == -2);
  CHECK(ck_ternary(ck_ternary_addcmul, CK_FLOAT32, half, 1, &n, (ck_out){out, NULL}, (ck_in){x, NULL}, (ck_in){y, NULL},
                   (ck_in){z, NULL}));
  CHECK(out[0] == 1 && out[1] == 8 && out[3] == -4);
  CHECK(ck_ternary(ck_ternary_lerp, CK_FLOAT32, NULL, 1, &n, (ck_out){out, NULL}, (ck_in){y, NULL}, (ck_in){z, NULL},
                   (ck_in){y, NULL}));
  CHECK(out[0] == 0 && out[1] == 6);
}

// Reference values from the functions' defining series, to fifteen digits.
TEST(special_functions) {
  const double zero[] = {0}, two[] = {2};
  CHECK_CLOSE(unary(ck_unary_digamma, zero, 1), -0.577215664901532861, 1e-14);
  CHECK_CLOSE(unary(ck_unary_digamma, zero, -0.5), 0.0364899739785765206, 1e-14);
  CHECK(isnan(unary(ck_unary_digamma, zero, -3)));
  CHECK_CLOSE(unary(ck_unary_trigamma, zero, 1), 1.64493406684822644, 1e-13);
  CHECK_CLOSE(unary(ck_unary_polygamma, two, 1), -2.40411380631918857, 1e-13);
  CHECK_CLOSE(unary(ck_unary_i0, zero, 1), 1.26606587775200834, 1e-14);
  CHECK_CLOSE(unary(ck_unary_i0, zero, 20), 43558282.5595535, 1e-6);
  CHECK_CLOSE(unary(ck_unary_i0e, zero, 20), 0.0897803118848260, 1e-15);
  CHECK_CLOSE(unary(ck_unary_i1, zero, -1), -0.565159103992485027, 1e-14);
  CHECK_CLOSE(unary(ck_unary_i1e, zero, 20), 0.0875062221832871, 1e-14);
  CHECK_CLOSE(unary(ck_unary_erfinv, zero, 0.5), 0.476936276204469873, 1e-15);
  CHECK_CLOSE(unary(ck_unary_erfinv, zero, -0.999), -2.32675376551352468, 1e-13);
  CHECK(isinf(unary(ck_unary_erfinv, zero, 1)) && isnan(unary(ck_unary_erfinv, zero, 1.5)));
  CHECK_CLOSE(unary(ck_unary_round_decimals, two, 3.14159), 3.14, 1e-15);
}

TEST_EACH_ISA
