#include <math.h>
#include <string.h>

#include "ck_memory.h"
#include "ck_norm.h"
#include "ck_target.h"
#include "ck_thread.h"

enum {
  GRAIN = 1 << 14,     // elements that one thread takes at a time
  WEIGHT_PIECES = 16,  // sums of weights that are added up at the end
};

typedef struct plan {
  const ck_norm* norm;
  const void *g, *x, *weight, *bias;
  void *mean, *variance, *out;
  // Each piece of `grain` rows adds up the gradients of weights and biases on its own.
  void* sums;
  int64_t grain;
} plan;

static int64_t row_start(const ck_norm* norm, int64_t r) {
  return r / norm->period * norm->outer_step + r % norm->period * norm->row_step;
}

static int64_t first_weight(const ck_norm* norm, int64_t r, int64_t part) {
  return r % norm->period * norm->weight_row + part * norm->weight_part;
}

#define T float
#define NAME(x) norm_f32_##x
#define CLONES CK_CLONES
#include "norm_template.h"

#define T double
#define NAME(x) norm_f64_##x
#define CLONES static
#include "norm_template.h"

void ck_norm_forward(const ck_norm* norm, const void* x, const void* weight, const void* bias, void* y, void* mean,
                     void* variance) {
  plan plan = {.norm = norm, .x = x, .weight = weight, .bias = bias, .mean = mean, .variance = variance, .out = y};
  ck_parallel(norm->rows, GRAIN / (norm->parts * norm->length + 1) + 1,
              norm->dtype == CK_FLOAT64 ? norm_f64_forward_rows : norm_f32_forward_rows, &plan);
}

// Bodies get several pieces together when threads are few: each has its own sums all the same.
static void backward_pieces(void* context, int64_t begin, int64_t end) {
  const plan* plan = context;
  ck_body rows = plan->norm->dtype == CK_FLOAT64 ? norm_f64_backward_rows : norm_f32_backward_rows;
  for (int64_t from = begin; from < end; from += plan->grain) {
    rows(context, from, from + plan->grain < end ? from + plan->grain : end);
  }
}

bool ck_norm_backward(const ck_norm* norm, const void* g, const void* x, const void* mean, const void* variance,
                      const void* weight, void* x_gradient, void* weight_gradient, void* bias_gradient) {
  plan plan = {.norm = norm, .g = g, .x = x, .weight = weight, .mean = (void*)mean, .variance = (void*)variance};
  plan.out = x_gradient;
  plan.grain = GRAIN / (norm->parts * norm->length + 1) + 1;
  size_t bytes = 0;
  if (weight_gradient || bias_gradient) {
    int64_t least = (norm->rows + WEIGHT_PIECES - 1) / WEIGHT_PIECES;
    if (plan.grain < least) plan.grain = least;
    bytes =
        (size_t)((norm->rows + plan.grain - 1) / plan.grain * 2 * norm->weights) * (norm->dtype == CK_FLOAT64 ? 8 : 4);
    plan.sums = ck_alloc(bytes);
    if (!plan.sums) return false;
    memset(plan.sums, 0, bytes);
  }
  ck_parallel(norm->rows, plan.grain, backward_pieces, &plan);
  if (plan.sums) {
    (norm->dtype == CK_FLOAT64 ? norm_f64_add_pieces : norm_f32_add_pieces)(
        &plan, (norm->rows + plan.grain - 1) / plan.grain, weight_gradient, bias_gradient);
    ck_free(plan.sums, bytes);
  }
  return true;
}
