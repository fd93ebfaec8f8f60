// Optimizer steps against their formulas written out in float64.
#include "../check.h"
#include "CKernels.h"
#include "each_isa.h"

enum { N = 1037, STEPS = 4 };

static double gradient(int i, int step) { return sin(0.37 * i + step) * (1 + i % 5); }

static void check_sgd(ck_dtype dtype, ck_sgd s, double tolerance) {
  static double p[N], b[N], wide_p[N], wide_b[N], wide_g[N];
  static float single_p[N], single_b[N], single_g[N];
  const bool single = dtype == CK_FLOAT32;
  for (int i = 0; i < N; i++) wide_p[i] = p[i] = single_p[i] = (float)cos(i);
  for (int step = 0; step < STEPS; step++) {
    s.first = step == 0;
    for (int i = 0; i < N; i++) {
      wide_g[i] = single_g[i] = (float)gradient(i, step);
      double d = (s.maximize ? -wide_g[i] : wide_g[i]) + s.weight_decay * p[i];
      if (s.momentum != 0) {
        b[i] = s.first ? d : s.momentum * b[i] + (1 - s.dampening) * d;
        d = s.nesterov ? d + s.momentum * b[i] : b[i];
      }
      p[i] -= s.lr * d;
    }
    const bool kept = s.momentum != 0;
    if (single)
      ck_update_sgd(dtype, N, single_p, single_g, kept ? single_b : NULL, &s);
    else
      ck_update_sgd(dtype, N, wide_p, wide_g, kept ? wide_b : NULL, &s);
  }
  for (int i = 0; i < N; i++) CHECK_CLOSE(single ? single_p[i] : wide_p[i], p[i], tolerance * (1 + fabs(p[i])));
}

TEST(sgd) {
  const ck_sgd settings[] = {
      {.lr = 0.1},
      {.lr = 0.1, .weight_decay = 0.01, .maximize = true},
      {.lr = 0.1, .momentum = 0.9},
      {.lr = 0.1, .momentum = 0.9, .dampening = 0.5, .weight_decay = 0.1},
      {.lr = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 0.1},
  };
  for (int i = 0; i < 5; i++) {
    check_sgd(CK_FLOAT32, settings[i], 2e-6);
    check_sgd(CK_FLOAT64, settings[i], 1e-14);
  }
}

static void check_adam(ck_dtype dtype, ck_adam s, double tolerance) {
  static double p[N], m[N], v[N], most[N], wide_p[N], wide_g[N], wide_m[N], wide_v[N], wide_most[N];
  static float single_p[N], single_g[N], single_m[N], single_v[N], single_most[N];
  const bool single = dtype == CK_FLOAT32;
  for (int i = 0; i < N; i++) {
    wide_p[i] = p[i] = single_p[i] = (float)cos(i);
    m[i] = v[i] = most[i] = wide_m[i] = wide_v[i] = wide_most[i] = single_m[i] = single_v[i] = single_most[i] = 0;
  }
  for (s.step = 1; s.step <= STEPS; s.step++) {
    const double c1 = 1 - pow(s.beta1, (double)s.step), c2 = 1 - pow(s.beta2, (double)s.step);
    for (int i = 0; i < N; i++) {
      wide_g[i] = single_g[i] = (float)(gradient(i, (int)s.step) / (double)s.step);
      double d = s.maximize ? -wide_g[i] : wide_g[i];
      if (s.decoupled)
        p[i] *= 1 - s.lr * s.weight_decay;
      else
        d += s.weight_decay * p[i];
      m[i] += (1 - s.beta1) * (d - m[i]);
      v[i] = s.beta2 * v[i] + (1 - s.beta2) * d * d;
      most[i] = v[i] > most[i] ? v[i] : most[i];
      p[i] -= s.lr / c1 * m[i] / (sqrt(s.amsgrad ? most[i] : v[i]) / sqrt(c2) + s.eps);
    }
    if (single)
      ck_update_adam(dtype, N, single_p, single_g, single_m, single_v, s.amsgrad ? single_most : NULL, &s);
    else
      ck_update_adam(dtype, N, wide_p, wide_g, wide_m, wide_v, s.amsgrad ? wide_most : NULL, &s);
  }
  for (int i = 0; i < N; i++) CHECK_CLOSE(single ? single_p[i] : wide_p[i], p[i], tolerance * (1 + fabs(p[i])));
}

TEST(adam) {
  const ck_adam settings[] = {
      {.lr = 0.01, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8},
      {.lr = 0.01, .beta1 = 0.3, .beta2 = 0.9, .eps = 1e-8, .weight_decay = 0.1, .maximize = true},
      {.lr = 0.01, .beta1 = 0.9, .beta2 = 0.9, .eps = 1e-8, .weight_decay = 0.1, .decoupled = true},
      {.lr = 0.01, .beta1 = 0.9, .beta2 = 0.9, .eps = 1e-8, .amsgrad = true},
  };
  for (int i = 0; i < 4; i++) {
    check_adam(CK_FLOAT32, settings[i], 2e-6);
    check_adam(CK_FLOAT64, settings[i], 1e-13);
  }
}

TEST(halves_keep_their_state_in_float32) {
  static uint16_t p[N], g[N];
  static float wide_p[N], wide_g[N], b[N], wide_b[N];
  const int64_t n = N;
  for (int d = CK_FLOAT16; d <= CK_BFLOAT16; d++) {
    for (int i = 0; i < N; i++) wide_p[i] = (float)cos(i), wide_g[i] = (float)sin(i), b[i] = wide_b[i] = 0.25f;
    ck_cast(CK_FLOAT32, (ck_dtype)d, 1, &n, (ck_out){p, NULL}, (ck_in){wide_p, NULL});
    ck_cast(CK_FLOAT32, (ck_dtype)d, 1, &n, (ck_out){g, NULL}, (ck_in){wide_g, NULL});
    ck_cast((ck_dtype)d, CK_FLOAT32, 1, &n, (ck_out){wide_p, NULL}, (ck_in){p, NULL});
    ck_cast((ck_dtype)d, CK_FLOAT32, 1, &n, (ck_out){wide_g, NULL}, (ck_in){g, NULL});
    const ck_sgd s = {.lr = 0.1, .momentum = 0.9};
    ck_update_sgd((ck_dtype)d, N, p, g, b, &s);
    ck_update_sgd(CK_FLOAT32, N, wide_p, wide_g, wide_b, &s);
    CHECK(memcmp(b, wide_b, sizeof b) == 0);
    ck_cast(CK_FLOAT32, (ck_dtype)d, 1, &n, (ck_out){g, NULL}, (ck_in){wide_p, NULL});
    CHECK(memcmp(p, g, sizeof p) == 0);
  }
}

TEST(threads_and_infinities) {
  enum { LONG = 100003 };
  static float p[2][LONG], g[LONG], m[2][LONG], v[2][LONG];
  const ck_adam s = {.lr = 0.01, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .step = 3};
  for (int i = 0; i < LONG; i++) g[i] = (float)sin(i), p[0][i] = p[1][i] = (float)cos(i);
  for (int k = 0; k < 2; k++) {
    ck_set_threads(k + 1);
    ck_update_adam(CK_FLOAT32, LONG, p[k], g, m[k], v[k], NULL, &s);
  }
  ck_set_threads(0);
  CHECK(memcmp(p[0], p[1], sizeof p[0]) == 0 && memcmp(v[0], v[1], sizeof v[0]) == 0);
  float infinite = INFINITY, one = 1;
  const ck_sgd plain = {.lr = 0.1};
  ck_update_sgd(CK_FLOAT32, 1, &infinite, &one, NULL, &plain);
  CHECK(infinite == INFINITY);
}

TEST_EACH_ISA
