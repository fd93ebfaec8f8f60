// Optimizer steps against their formulas written out in float64.
#include "../check.h"
#include "CKernels.h"
#include "each_isa.h"

enum { N = 1037, STEPS = 4 };

static double gradient(int i, int step) { return sin(0.37 * i + step) * (1 + i % 5); }

typedef struct sgd {
  double lr, momentum, dampening, weight_decay;
  bool nesterov, maximize;
} sgd;

static void update(ck_update* u, int64_t count) {
  static double scratch[1024];
  CHECK(ck_update_scratch(count, u) <= 1024);
  ck_update_all(count, u, scratch);
}

static void check_sgd(ck_dtype dtype, sgd s, double tolerance) {
  static double p[N], b[N], wide_p[N], wide_b[N], wide_g[N];
  static float single_p[N], single_b[N], single_g[N];
  const bool single = dtype == CK_FLOAT32;
  for (int i = 0; i < N; i++) wide_p[i] = p[i] = single_p[i] = (float)cos(i), wide_b[i] = single_b[i] = 0;
  for (int step = 0; step < STEPS; step++) {
    const bool first = step == 0, kept = s.momentum != 0;
    for (int i = 0; i < N; i++) {
      wide_g[i] = single_g[i] = (float)gradient(i, step);
      double d = (s.maximize ? -wide_g[i] : wide_g[i]) + s.weight_decay * p[i];
      if (kept) {
        b[i] = first ? d : s.momentum * b[i] + (1 - s.dampening) * d;
        d = s.nesterov ? d + s.momentum * b[i] : b[i];
      }
      p[i] -= s.lr * d;
    }
    ck_update u = {.rule = kept ? CK_MOMENTUM : CK_DESCENT,
                   .dtype = dtype,
                   .n = N,
                   .p = single ? (void*)single_p : wide_p,
                   .g = single ? (void*)single_g : wide_g,
                   .kept = {single ? (void*)single_b : wide_b},
                   .sign = s.maximize ? -1 : 1,
                   .decay = s.weight_decay,
                   .shrink = 1,
                   .terms = {s.lr}};
    if (kept) {
      const double terms[CK_MOST_TERMS] = {
          first ? 0 : s.momentum, first ? 1 : 1 - s.dampening, 1, s.lr, s.nesterov, s.momentum};
      memcpy(u.terms, terms, sizeof terms);
    }
    update(&u, 1);
  }
  for (int i = 0; i < N; i++) CHECK_CLOSE(single ? single_p[i] : wide_p[i], p[i], tolerance * (1 + fabs(p[i])));
}

TEST(sgd) {
  const sgd settings[] = {
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

typedef struct adam {
  double lr, beta1, beta2, eps, weight_decay;
  bool decoupled, amsgrad, maximize;
} adam;

static ck_update adam_step(ck_dtype dtype, int64_t n, void* p, void* g, void* m, void* v, void* most, adam s,
                           int step) {
  const double c1 = 1 - pow(s.beta1, step), c2 = 1 - pow(s.beta2, step);
  return (ck_update){.rule = s.amsgrad ? CK_AMSGRAD : CK_ADAM,
                     .dtype = dtype,
                     .n = n,
                     .p = p,
                     .g = g,
                     .kept = {m, v, s.amsgrad ? most : NULL},
                     .sign = s.maximize ? -1 : 1,
                     .decay = s.decoupled ? 0 : s.weight_decay,
                     .shrink = s.decoupled ? 1 - s.lr * s.weight_decay : 1,
                     .terms = {s.lr / c1, 1 - s.beta1, s.beta2, 1 - s.beta2, sqrt(c2), s.eps}};
}

static void check_adam(ck_dtype dtype, adam s, double tolerance) {
  static double p[N], m[N], v[N], most[N], wide_p[N], wide_g[N], wide_m[N], wide_v[N], wide_most[N];
  static float single_p[N], single_g[N], single_m[N], single_v[N], single_most[N];
  const bool single = dtype == CK_FLOAT32;
  for (int i = 0; i < N; i++) {
    wide_p[i] = p[i] = single_p[i] = (float)cos(i);
    m[i] = v[i] = most[i] = wide_m[i] = wide_v[i] = wide_most[i] = single_m[i] = single_v[i] = single_most[i] = 0;
  }
  for (int step = 1; step <= STEPS; step++) {
    const double c1 = 1 - pow(s.beta1, step), c2 = 1 - pow(s.beta2, step);
    for (int i = 0; i < N; i++) {
      wide_g[i] = single_g[i] = (float)(gradient(i, step) / step);
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
    ck_update u = single ? adam_step(dtype, N, single_p, single_g, single_m, single_v, single_most, s, step)
                         : adam_step(dtype, N, wide_p, wide_g, wide_m, wide_v, wide_most, s, step);
    update(&u, 1);
  }
  for (int i = 0; i < N; i++) CHECK_CLOSE(single ? single_p[i] : wide_p[i], p[i], tolerance * (1 + fabs(p[i])));
}

TEST(adam) {
  const adam settings[] = {
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

static ck_update momentum(ck_dtype dtype, int64_t n, void* p, void* g, void* b) {
  return (ck_update){.rule = CK_MOMENTUM,
                     .dtype = dtype,
                     .n = n,
                     .p = p,
                     .g = g,
                     .kept = {b},
                     .sign = 1,
                     .shrink = 1,
                     .terms = {0.9, 1, 1, 0.1}};
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
    ck_update both[] = {momentum((ck_dtype)d, N, p, g, b), momentum(CK_FLOAT32, N, wide_p, wide_g, wide_b)};
    update(both, 2);
    CHECK(memcmp(b, wide_b, sizeof b) == 0);
    ck_cast(CK_FLOAT32, (ck_dtype)d, 1, &n, (ck_out){g, NULL}, (ck_in){wide_p, NULL});
    CHECK(memcmp(p, g, sizeof p) == 0);
  }
}

TEST(threads_and_infinities) {
  enum { LONG = 100003, PARTS = 5 };
  static float p[2][LONG], g[LONG], m[2][LONG], v[2][LONG], most[2][LONG];
  // Many parameters, some of them empty, are one pass; whatever the threads, it has the same cuts.
  const int64_t sizes[PARTS] = {7, 0, 40000, 60000 - 8, 0};
  double lengths[2] = {0};
  for (int rule = 0; rule < CK_RULES; rule++) {
    for (int i = 0; i < LONG; i++) {
      g[i] = (float)sin(i), p[0][i] = p[1][i] = (float)cos(i);
      for (int k = 0; k < 2; k++) m[k][i] = 0.5f, v[k][i] = most[k][i] = 0.25f;
    }
    for (int k = 0; k < 2; k++) {
      ck_update all[PARTS];
      int64_t begin = 0;
      for (int part = 0; part < PARTS; begin += sizes[part++]) {
        all[part] = (ck_update){.rule = (ck_rule)rule,
                                .dtype = CK_FLOAT32,
                                .n = sizes[part],
                                .p = p[k] + begin,
                                .g = g + begin,
                                .kept = {m[k] + begin, v[k] + begin, most[k] + begin},
                                .sign = 1,
                                .shrink = 1,
                                .terms = {0.1, 0.2, 0.9, 0.1, 0.5, 0.3, 0.7, 1}};
      }
      ck_set_threads(k + 1);
      update(all, PARTS);
      if (rule == CK_LENGTHS) lengths[k] = all[2].lengths[0];
    }
    CHECK(memcmp(p[0], p[1], sizeof p[0]) == 0 && memcmp(v[0], v[1], sizeof v[0]) == 0);
    CHECK(p[0][LONG - 4] == (float)cos(LONG - 4));
  }
  ck_set_threads(0);
  double expected = 0;
  for (int i = 7; i < 40007; i++) expected += (double)(float)cos(i) * (float)cos(i);
  CHECK(lengths[0] == lengths[1]);
  CHECK_CLOSE(lengths[0], expected, 1e-5 * expected);
  float infinite = INFINITY, one = 1;
  ck_update plain = {.dtype = CK_FLOAT32, .n = 1, .p = &infinite, .g = &one, .sign = 1, .shrink = 1, .terms = {0.1}};
  update(&plain, 1);
  CHECK(infinite == INFINITY);
}

TEST_EACH_ISA
