#include <math.h>
#include <string.h>

#include "ck_elementwise.h"
#include "ck_softmax.h"
#include "ck_target.h"
#include "ck_thread.h"

enum {
  PIECE = 2048,     // elements that go through a function at a time
  GRAIN = 1 << 14,  // elements that one thread takes at a time
  LANES = 16,       // sums run in this many lanes, whatever the instruction set
};

typedef struct softmax_plan {
  const ck_rows* rows;
  bool logarithm;
  const void *x, *g;
  void* y;
} softmax_plan;

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

#define T float
#define DTYPE CK_FLOAT32
#define NAME(x) softmax_f32_##x
#define LOG logf
#define CLONES CK_CLONES
#include "softmax_template.h"

#define T double
#define DTYPE CK_FLOAT64
#define NAME(x) softmax_f64_##x
#define LOG log
#define CLONES static
#include "softmax_template.h"

static int64_t grain(const ck_rows* rows) { return GRAIN / (rows->length * rows->inner + 1) + 1; }

void ck_softmax(const ck_rows* rows, bool logarithm, const void* x, void* y) {
  softmax_plan plan = {.rows = rows, .logarithm = logarithm, .x = x, .y = y};
  ck_parallel(rows->outer, grain(rows), rows->dtype == CK_FLOAT64 ? softmax_f64_forward : softmax_f32_forward, &plan);
}

void ck_softmax_slope(const ck_rows* rows, bool logarithm, const void* g, const void* y, void* x_gradient) {
  softmax_plan plan = {.rows = rows, .logarithm = logarithm, .x = y, .g = g, .y = x_gradient};
  ck_parallel(rows->outer, grain(rows), rows->dtype == CK_FLOAT64 ? softmax_f64_backward : softmax_f32_backward, &plan);
}
