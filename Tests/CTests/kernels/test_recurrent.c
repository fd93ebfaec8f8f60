// Recurrent layers of every size: against a plain loop, central differences, float32 against float64, and other numbers
// of threads.
#include "../check.h"
#include "ck_isa.h"
#include "ck_memory.h"
#include "ck_recurrent.h"
#include "ck_thread.h"
#include "each_isa.h"

enum { PARTS = 12, MOST_STEPS = 8 };

static uint32_t state = 1;
static double small_random(void) {
  state = state * 1664525u + 1013904223u;
  return (double)((state >> 8) % 2001) / 1000.0 - 1.0;
}

// What a kernel reads and writes, as doubles. Blocks have exactly the size they need, so that the address sanitizer
// sees a step outside.
typedef enum part { GATES, ASIDE, OUTPUT, H, C, WEIGHT, BIAS, PROJECTION, G, OF_H, OF_C, BEFORE } part;
typedef struct network {
  ck_recurrent r;
  int64_t sizes[MOST_STEPS], rows, gates;
  int64_t count[PARTS];
  double* data[PARTS];
} network;

static const int64_t gates_of[] = {1, 1, 4, 3};

static void set_counts(network* n) {
  const int64_t width = n->r.projected, hidden = n->r.hidden, gates = n->gates * hidden;
  const bool aside = n->r.cell == CK_LSTM_CELL || n->r.cell == CK_GRU_CELL;
  const int64_t count[PARTS] = {[GATES] = n->rows * gates,
                                [ASIDE] = aside ? n->rows * hidden : 0,
                                [OUTPUT] = n->rows * width,
                                [H] = n->r.sequences * width,
                                [C] = n->r.cell == CK_LSTM_CELL ? n->r.sequences * hidden : 0,
                                [WEIGHT] = gates * width,
                                [BIAS] = n->r.cell == CK_GRU_CELL ? hidden : 0,
                                [PROJECTION] = width < hidden ? width * hidden : 0,
                                [G] = n->rows * width,
                                [OF_H] = n->r.sequences * width,
                                [OF_C] = n->r.cell == CK_LSTM_CELL ? n->r.sequences * hidden : 0,
                                [BEFORE] = n->rows * width};
  memcpy(n->count, count, sizeof count);
}

static network new_network(ck_cell cell, bool reversed, int64_t steps, int64_t sequences, int64_t hidden,
                           int64_t projected) {
  network n = {.r = {.cell = cell, .reversed = reversed, .steps = steps, .sequences = sequences}};
  n.r.hidden = hidden;
  n.r.projected = projected;
  n.gates = gates_of[cell];
  for (int64_t t = 0; t < steps; t++) {
    n.sizes[t] = t == 0 ? sequences : n.sizes[t - 1] - (int64_t)(fabs(small_random()) * 0.4 * (double)n.sizes[t - 1]);
    n.rows += n.sizes[t];
  }
  set_counts(&n);
  for (int p = 0; p < PARTS; p++) {
    n.data[p] = malloc((size_t)n.count[p] * 8 + 1);
    const double scale = p == WEIGHT || p == PROJECTION ? 1 / sqrt((double)hidden) : 1;
    for (int64_t i = 0; i < n.count[p]; i++) n.data[p][i] = scale * small_random();
  }
  return n;
}

static void free_network(network* n) {
  for (int p = 0; p < PARTS; p++) free(n->data[p]);
}

static void* copy_of(const network* n, part p, ck_dtype dtype) {
  if (n->count[p] == 0) return NULL;
  void* copy = malloc((size_t)n->count[p] * (dtype == CK_FLOAT64 ? 8 : 4));
  for (int64_t i = 0; i < n->count[p]; i++) {
    if (dtype == CK_FLOAT64) {
      ((double*)copy)[i] = n->data[p][i];
    } else {
      ((float*)copy)[i] = (float)n->data[p][i];
    }
  }
  return copy;
}

// Replaces a part by what a kernel has made of its copy.
static void take(network* n, part p, void* copy, ck_dtype dtype) {
  for (int64_t i = 0; i < n->count[p]; i++)
    n->data[p][i] = dtype == CK_FLOAT64 ? ((double*)copy)[i] : (double)((float*)copy)[i];
  free(copy);
}

// The network after the forward pass, and after the backward pass, where `gates` and `aside` are the gradients.
static void run(const network* n, ck_dtype dtype, network* forward, network* backward) {
  *forward = *n;
  for (int p = 0; p < PARTS; p++) forward->data[p] = copy_of(n, (part)p, CK_FLOAT64);
  ck_recurrent r = n->r;
  r.dtype = dtype;
  r.sizes = n->sizes;
  void *weight = copy_of(n, WEIGHT, dtype), *bias = copy_of(n, BIAS, dtype), *map = copy_of(n, PROJECTION, dtype);
  r.weight = weight;
  r.bias = bias;
  r.projection = map;
  ck_recurrent_values v = {copy_of(n, GATES, dtype), copy_of(n, ASIDE, dtype), copy_of(n, OUTPUT, dtype),
                           copy_of(n, H, dtype), copy_of(n, C, dtype)};
  if (n->gates == 1) {
    free(v.output);
    v.output = v.gates;
  }
  CHECK(ck_recurrent_forward(&r, &v));
  if (backward) {
    *backward = *n;
    for (int p = 0; p < PARTS; p++) backward->data[p] = copy_of(n, (part)p, CK_FLOAT64);
    ck_recurrent_values first = v;
    first.h = copy_of(n, H, dtype);
    first.c = copy_of(n, C, dtype);
    ck_recurrent_values g = {copy_of(n, GATES, dtype), r.cell == CK_GRU_CELL ? copy_of(n, ASIDE, dtype) : NULL,
                             copy_of(n, G, dtype), copy_of(n, OF_H, dtype), copy_of(n, OF_C, dtype)};
    void *before = copy_of(n, BEFORE, dtype), *totals = map ? copy_of(n, G, dtype) : NULL;
    CHECK(ck_recurrent_backward(&r, &first, &g, before, totals));
    take(backward, GATES, g.gates, dtype);
    if (g.aside) take(backward, ASIDE, g.aside, dtype);
    take(backward, OF_H, g.h, dtype);
    take(backward, OF_C, g.c, dtype);
    take(backward, BEFORE, before, dtype);
    free(g.output);
    free(totals);
    free(first.h);
    free(first.c);
  }
  if (v.output != v.gates) take(forward, OUTPUT, v.output, dtype);
  take(forward, GATES, v.gates, dtype);
  if (n->gates == 1) memcpy(forward->data[OUTPUT], forward->data[GATES], (size_t)n->count[OUTPUT] * 8);
  take(forward, ASIDE, v.aside, dtype);
  take(forward, H, v.h, dtype);
  take(forward, C, v.c, dtype);
  free(weight);
  free(bias);
  free(map);
}

static double gate(double x) { return 1 / (1 + exp(-x)); }

static double product(const double* a, const double* b, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

// One step of one sequence by the book: h and c are replaced.
static void plain_step(const network* n, int64_t row, double* h, double* c) {
  const int64_t hidden = n->r.hidden, width = n->r.projected;
  const double *x = n->data[GATES] + row * n->gates * hidden, *w = n->data[WEIGHT];
  double* made = malloc((size_t)hidden * 8);
  for (int64_t i = 0; i < hidden; i++) {
    double s[4];
    for (int64_t k = 0; k < n->gates; k++) s[k] = product(w + (k * hidden + i) * width, h, width);
    const double a = x[i];
    switch (n->r.cell) {
      case CK_TANH_CELL:
        made[i] = tanh(a + s[0]);
        break;
      case CK_RELU_CELL:
        made[i] = fmax(a + s[0], 0);
        break;
      case CK_LSTM_CELL:
        c[i] = gate(x[hidden + i] + s[1]) * c[i] + gate(a + s[0]) * tanh(x[2 * hidden + i] + s[2]);
        made[i] = gate(x[3 * hidden + i] + s[3]) * tanh(c[i]);
        break;
      default: {
        const double z = gate(x[hidden + i] + s[1]);
        const double candidate = tanh(x[2 * hidden + i] + gate(a + s[0]) * (s[2] + n->data[BIAS][i]));
        made[i] = (1 - z) * candidate + z * h[i];
      }
    }
  }
  for (int64_t i = 0; i < width; i++)
    h[i] = width < hidden ? product(n->data[PROJECTION] + i * hidden, made, hidden) : made[i];
  free(made);
}

static double worst(const double* a, const double* b, int64_t count) {
  double most = 0;
  for (int64_t i = 0; i < count; i++) most = fmax(most, fabs(a[i] - b[i]) / (1 + fabs(b[i])));
  return most;
}

static void check_forward(const network* n, const network* found) {
  const int64_t width = n->r.projected, hidden = n->r.hidden;
  int64_t starts[MOST_STEPS] = {0};
  for (int64_t t = 1; t < n->r.steps; t++) starts[t] = starts[t - 1] + n->sizes[t - 1];
  for (int64_t q = 0; q < n->r.sequences; q++) {
    double *h = n->data[H] + q * width, *c = n->count[C] ? n->data[C] + q * hidden : NULL;
    double *h_now = malloc((size_t)width * 8), *c_now = malloc((size_t)hidden * 8);
    memcpy(h_now, h, (size_t)width * 8);
    if (c) memcpy(c_now, c, (size_t)hidden * 8);
    for (int64_t i = 0; i < n->r.steps; i++) {
      const int64_t t = n->r.reversed ? n->r.steps - 1 - i : i;
      if (q >= n->sizes[t]) continue;
      plain_step(n, starts[t] + q, h_now, c_now);
      CHECK_CLOSE(worst(found->data[OUTPUT] + (starts[t] + q) * width, h_now, width), 0, 1e-12);
    }
    CHECK_CLOSE(worst(found->data[H] + q * width, h_now, width), 0, 1e-12);
    if (c) CHECK_CLOSE(worst(found->data[C] + q * hidden, c_now, hidden), 0, 1e-12);
    free(h_now);
    free(c_now);
  }
}

static void check_size(ck_cell cell, bool reversed, int64_t steps, int64_t sequences, int64_t hidden, int64_t width) {
  network n = new_network(cell, reversed, steps, sequences, hidden, width), exact, of_exact, single, of_single;
  run(&n, CK_FLOAT64, &exact, &of_exact);
  run(&n, CK_FLOAT32, &single, &of_single);
  check_forward(&n, &exact);
  for (part p = GATES; p <= C; p++) CHECK_CLOSE(worst(single.data[p], exact.data[p], n.count[p]), 0, 2e-5);
  // A product near zero may fall on the other side of relu's kink.
  for (part p = GATES; p < PARTS && cell != CK_RELU_CELL; p++)
    CHECK_CLOSE(worst(of_single.data[p], of_exact.data[p], n.count[p]), 0, 5e-5);
  free_network(&n);
  free_network(&exact);
  free_network(&of_exact);
  free_network(&single);
  free_network(&of_single);
}

TEST(sizes) {
  const int64_t sizes[] = {1, 2, 3, 7, 13, 15, 16, 17, 31, 33, 48, 64, 67};
  for (int cell = 0; cell < CK_CELLS; cell++) {
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      check_size((ck_cell)cell, i & 1, 1 + (int64_t)i % 5, 1 + (int64_t)(i * 7 % 19), sizes[i], sizes[i]);
      check_size((ck_cell)cell, !(i & 1), 3, sizes[i], 1 + (int64_t)(i * 5 % 11), 1 + (int64_t)(i * 5 % 11));
    }
    check_size((ck_cell)cell, false, 2, 5, 401, 401);
  }
  for (int64_t width = 1; width < 20; width += 3) check_size(CK_LSTM_CELL, width & 1, 4, 6, 20, width);
  check_size(CK_LSTM_CELL, true, 2, 40, 67, 66);
}

// A number that depends on everything, and whose gradient the backward pass gives.
static double total(const network* n) {
  network found;
  run(n, CK_FLOAT64, &found, NULL);
  double sum =
      product(found.data[OUTPUT], n->data[G], n->count[G]) + product(found.data[H], n->data[OF_H], n->count[H]);
  if (n->count[C]) sum += product(found.data[C], n->data[OF_C], n->count[C]);
  free_network(&found);
  return sum;
}

static double difference(network* n, part p, int64_t i) {
  const double x = n->data[p][i], h = 1e-5;
  n->data[p][i] = x + h;
  double slope = total(n);
  n->data[p][i] = x - h;
  slope = (slope - total(n)) / (2 * h);
  n->data[p][i] = x;
  return slope;
}

TEST(gradients_are_central_differences) {
  for (int variant = 0; variant < 2 * CK_CELLS + 2; variant++) {
    const ck_cell cell = variant < 2 * CK_CELLS ? (ck_cell)(variant / 2) : CK_LSTM_CELL;
    const int64_t hidden = 4, width = variant < 2 * CK_CELLS ? hidden : 3;
    network n = new_network(cell, variant & 1, 4, 3, hidden, width), found, of;
    run(&n, CK_FLOAT64, &found, &of);
    const part given[] = {GATES, H, C}, made[] = {GATES, OF_H, OF_C};
    for (int k = 0; k < 3; k++) {
      for (int64_t i = 0; i < n.count[given[k]]; i++)
        CHECK_CLOSE(of.data[made[k]][i], difference(&n, given[k], i), 1e-7);
    }
    for (int64_t i = 0; i < n.count[BIAS]; i++) {
      double sum = 0;
      for (int64_t row = 0; row < n.rows; row++) sum += of.data[ASIDE][row * hidden + i];
      CHECK_CLOSE(sum, difference(&n, BIAS, i), 1e-7);
    }
    for (int64_t i = 0; i < n.count[WEIGHT]; i++) {
      const int64_t gates = n.gates * hidden, column = i / width;
      const bool apart = cell == CK_GRU_CELL && column >= 2 * hidden;
      double sum = 0;
      for (int64_t row = 0; row < n.rows; row++) {
        const double slope =
            apart ? of.data[ASIDE][row * hidden + column - 2 * hidden] : of.data[GATES][row * gates + column];
        sum += slope * of.data[BEFORE][row * width + i % width];
      }
      CHECK_CLOSE(sum, difference(&n, WEIGHT, i), 1e-7);
    }
    free_network(&n);
    free_network(&found);
    free_network(&of);
  }
}

TEST(any_number_of_threads_gives_the_same_bits) {
  for (int cell = 0; cell < CK_CELLS; cell++) {
    network n = new_network((ck_cell)cell, cell & 1, 5, 37, 50, cell == CK_LSTM_CELL ? 33 : 50), one, of_one;
    ck_set_threads(1);
    run(&n, CK_FLOAT32, &one, &of_one);
    for (int threads = 2; threads < 6; threads += 3) {
      network found, of;
      ck_set_threads(threads);
      run(&n, CK_FLOAT32, &found, &of);
      for (int p = 0; p < PARTS; p++) {
        if (n.count[p] == 0) continue;
        CHECK(memcmp(found.data[p], one.data[p], (size_t)n.count[p] * 8) == 0);
        CHECK(memcmp(of.data[p], of_one.data[p], (size_t)n.count[p] * 8) == 0);
      }
      free_network(&found);
      free_network(&of);
    }
    free_network(&n);
    free_network(&one);
    free_network(&of_one);
  }
  ck_set_threads(0);
}

TEST(without_memory_there_is_an_error) {
  network n = new_network(CK_LSTM_CELL, false, 2, 3, 40, 20), found;
  ck_recurrent r = n.r;
  r.dtype = CK_FLOAT64;
  r.sizes = n.sizes;
  r.weight = n.data[WEIGHT];
  r.projection = n.data[PROJECTION];
  ck_recurrent_values v = {n.data[GATES], n.data[ASIDE], n.data[OUTPUT], n.data[H], n.data[C]};
  ck_memory_trim();
  ck_memory_set_limit(1000);
  CHECK(!ck_recurrent_forward(&r, &v));
  ck_memory_set_limit(0);
  CHECK(ck_memory().in_use == 0);
  run(&n, CK_FLOAT64, &found, NULL);
  CHECK(ck_memory().in_use == 0);
  free_network(&n);
  free_network(&found);
}

TEST_EACH_ISA
