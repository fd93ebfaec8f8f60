#include <math.h>
#include <string.h>

#include "../check.h"
#include "ck_attention.h"
#include "ck_conv.h"
#include "ck_norm.h"
#include "ck_thread.h"
#include "each_isa.h"

static uint32_t state = 7;
static int64_t below(int64_t limit) {
  state = state * 1664525u + 1013904223u;
  return (int64_t)(state >> 8) % limit;
}
static double small_random(void) { return (double)below(2001) / 1000.0 - 1.0; }
static int64_t volume(const int64_t size[3]) { return size[0] * size[1] * size[2]; }

typedef struct sides {
  int64_t count[3];  // of x, w and y
  double *x, *w, *y, *bias;
  double *wanted_x, *wanted_w, *wanted_y, *found;
} sides;

static double* some(int64_t count, bool random) {
  double* numbers = calloc((size_t)count + 1, sizeof *numbers);
  for (int64_t i = 0; random && i < count; i++) numbers[i] = small_random();
  return numbers;
}

static sides make_sides(const ck_conv* c) {
  sides s = {.count = {c->batch * c->groups * c->x_channels * volume(c->x_size),
                       c->groups * c->y_channels * c->x_channels * volume(c->kernel),
                       c->batch * c->groups * c->y_channels * volume(c->y_size)}};
  s.x = some(s.count[0], true);
  s.w = some(s.count[1], true);
  s.y = some(s.count[2], true);
  s.bias = some(1000, true);
  s.wanted_x = some(s.count[0], false);
  s.wanted_w = some(s.count[1], false);
  s.wanted_y = some(s.count[2], false);
  s.found = some(s.count[0] + s.count[1] + s.count[2], false);
  return s;
}

static void free_sides(sides* s) {
  double* all[] = {s->x, s->w, s->y, s->bias, s->wanted_x, s->wanted_w, s->wanted_y, s->found};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

// Where tap t of place p lies in x, or -1 outside.
static int64_t position(const ck_conv* c, int64_t p, int64_t t) {
  int64_t at = 0, unit = 1;
  for (int i = 2; i >= 0; i--) {
    int64_t q = p % c->y_size[i] * c->stride[i] + t % c->kernel[i] * c->dilation[i] - c->padding[i];
    if (q < 0 || q >= c->x_size[i]) return -1;
    at += q * unit;
    unit *= c->x_size[i];
    p /= c->y_size[i];
    t /= c->kernel[i];
  }
  return at;
}

// All three sides from their definition.
static void define(const ck_conv* c, sides* s) {
  int64_t places = volume(c->y_size), taps = volume(c->kernel), plane = volume(c->x_size);
  for (int64_t image = 0; image < c->batch * c->groups; image++) {
    int64_t group = image % c->groups;
    for (int64_t out = 0; out < c->y_channels; out++) {
      for (int64_t in = 0; in < c->x_channels; in++) {
        for (int64_t pt = 0; pt < places * taps; pt++) {
          int64_t at = position(c, pt / taps, pt % taps);
          if (at < 0) continue;
          int64_t x = (image * c->x_channels + in) * plane + at;
          int64_t y = (image * c->y_channels + out) * places + pt / taps;
          int64_t w = ((group * c->y_channels + out) * c->x_channels + in) * taps + pt % taps;
          s->wanted_y[y] += s->x[x] * s->w[w];
          s->wanted_x[x] += s->y[y] * s->w[w];
          s->wanted_w[w] += s->x[x] * s->y[y];
        }
      }
    }
  }
}

static bool agree(const double* found, const double* wanted, int64_t count, const double* bias, int64_t plane,
                  int64_t channels) {
  for (int64_t i = 0; i < count; i++) {
    double shift = bias ? bias[i / plane % channels] : 0;
    if (!(fabs(found[i] - wanted[i] - shift) < 1e-9)) return false;
  }
  return true;
}

static bool sides_agree(const ck_conv* c) {
  sides s = make_sides(c);
  define(c, &s);
  bool good = true;
  for (int biased = 0; biased < 2; biased++) {
    const double* bias = biased ? s.bias : NULL;
    good = good && ck_conv_y(c, s.x, s.w, bias, s.found) &&
           agree(s.found, s.wanted_y, s.count[2], bias, volume(c->y_size), c->groups * c->y_channels);
    good = good && ck_conv_x(c, s.y, s.w, bias, s.found) &&
           agree(s.found, s.wanted_x, s.count[0], bias, volume(c->x_size), c->groups * c->x_channels);
  }
  good = good && ck_conv_w(c, s.x, s.y, s.found) && agree(s.found, s.wanted_w, s.count[1], NULL, 1, 1);
  free_sides(&s);
  return good;
}

// A convolution of up to three axes, or false where the window is larger than the image.
static bool draw(ck_conv* c, int round) {
  *c = (ck_conv){CK_FLOAT64, 1 + below(3), 1 + below(3), 1 + below(5), 1 + below(round % 3 ? 7 : 40)};
  for (int i = 0; i < 3; i++) {
    bool absent = i == 0 && round % 2;
    c->x_size[i] = absent ? 1 : 1 + below(i == 2 ? 40 : 7);
    c->kernel[i] = absent ? 1 : 1 + below(3);
    c->stride[i] = absent ? 1 : 1 + below(3);
    c->padding[i] = absent ? 0 : below(4);
    c->dilation[i] = absent ? 1 : 1 + below(2);
    int64_t room = c->x_size[i] + 2 * c->padding[i] - c->dilation[i] * (c->kernel[i] - 1) - 1;
    if (room < 0) return false;
    c->y_size[i] = room / c->stride[i] + 1;
  }
  return true;
}

TEST(convolutions_are_what_their_definition_says) {
  ck_conv conv;
  for (int round = 0; round < 120; round++) {
    if (draw(&conv, round)) CHECK(sides_agree(&conv));
  }
}

TEST(convolutions_do_not_depend_on_threads) {
  ck_conv c = {CK_FLOAT32, 5, 2, 7, 9, {1, 13, 11}, {1, 7, 11}, {1, 3, 3}, {1, 2, 1}, {0, 1, 1}, {1, 1, 1}};
  int64_t x = 5 * 2 * 7 * 13 * 11, y = 5 * 2 * 9 * 7 * 11, w = 2 * 9 * 7 * 9;
  float* in = calloc((size_t)(x + y + w), sizeof *in);
  float* out[2] = {calloc((size_t)(x + y + w), sizeof *in), calloc((size_t)(x + y + w), sizeof *in)};
  for (int64_t i = 0; i < x + y + w; i++) in[i] = (float)small_random();
  for (int k = 0; k < 2; k++) {
    ck_set_threads(k ? 3 : 1);
    CHECK(ck_conv_y(&c, in, in + x + y, NULL, out[k] + x));
    CHECK(ck_conv_x(&c, in + x, in + x + y, NULL, out[k]));
    CHECK(ck_conv_w(&c, in, in + x, out[k] + x + y));
  }
  ck_set_threads(0);
  CHECK(memcmp(out[0], out[1], (size_t)(x + y + w) * sizeof *in) == 0);
  free(in);
  free(out[0]);
  free(out[1]);
}

TEST(attention_weighs_values_by_the_softmax_of_scores) {
  enum { QUERIES = 150, KEYS = 300, WIDTH = 5, VALUES = 3 };
  static float q[2 * QUERIES * WIDTH], k[2 * KEYS * WIDTH], v[2 * KEYS * VALUES], out[2 * QUERIES * VALUES];
  static float sums[2 * QUERIES];
  for (int i = 0; i < 2 * QUERIES * WIDTH; i++) q[i] = (float)small_random() * 3;
  for (int i = 0; i < 2 * KEYS * WIDTH; i++) k[i] = (float)small_random() * 3;
  for (int i = 0; i < 2 * KEYS * VALUES; i++) v[i] = (float)small_random();
  ck_attention sizes = {.dtype = CK_FLOAT32,
                        .batch = 2,
                        .queries = QUERIES,
                        .keys = KEYS,
                        .width = WIDTH,
                        .value_width = VALUES,
                        .rank = 1,
                        .shape = {2},
                        .group = 1,
                        .q = {q, WIDTH, {QUERIES * WIDTH}},
                        .k = {k, WIDTH, {KEYS * WIDTH}},
                        .v = {v, VALUES, {KEYS * VALUES}},
                        .scale = 0.7,
                        .causal = true,
                        .kept = 1};
  CHECK(ck_attention_forward(&sizes, out, sums));
  double worst = 0;
  for (int i = 0; i < 2 * QUERIES; i++) {
    double total = 0, wanted[VALUES] = {0};
    int batch = i / QUERIES;
    for (int j = 0; j <= i % QUERIES; j++) {
      double score = 0;
      for (int e = 0; e < WIDTH; e++) score += (double)q[i * WIDTH + e] * k[(batch * KEYS + j) * WIDTH + e];
      const double weight = exp(score * 0.7);
      total += weight;
      for (int e = 0; e < VALUES; e++) wanted[e] += weight * v[(batch * KEYS + j) * VALUES + e];
    }
    for (int e = 0; e < VALUES; e++) worst = fmax(worst, fabs(wanted[e] / total - out[i * VALUES + e]));
    worst = fmax(worst, fabs(log(total) - sums[i]) / 10);
  }
  CHECK(worst < 1e-5);
}

TEST(rows_are_normalised_to_mean_0_and_variance_1) {
  enum { ROWS = 3, LENGTH = 70 };
  ck_norm norm = {.dtype = CK_FLOAT32,
                  .centred = true,
                  .rows = ROWS,
                  .period = 1,
                  .outer_step = LENGTH,
                  .parts = 1,
                  .length = LENGTH,
                  .weight_item = 1,
                  .weights = LENGTH,
                  .epsilon = 0};
  float x[ROWS * LENGTH], y[ROWS * LENGTH], mean[ROWS], variance[ROWS];
  for (int i = 0; i < ROWS * LENGTH; i++) x[i] = (float)small_random() * 5 + 3;
  ck_norm_forward(&norm, x, NULL, NULL, y, mean, variance);
  for (int row = 0; row < ROWS; row++) {
    double sum = 0, squares = 0;
    for (int i = 0; i < LENGTH; i++) {
      sum += y[row * LENGTH + i];
      squares += (double)y[row * LENGTH + i] * y[row * LENGTH + i];
    }
    CHECK(fabs(sum) < 1e-4 && fabs(squares / LENGTH - 1) < 1e-4);
  }
}

TEST_EACH_ISA
