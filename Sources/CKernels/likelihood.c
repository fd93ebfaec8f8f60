#include <string.h>

#include "ck_softmax.h"
#include "ck_thread.h"

#define GRAIN (1 << 14)

static double element(const void* x, ck_dtype dtype, int64_t i) {
  return dtype == CK_FLOAT64 ? ((const double*)x)[i] : (double)((const float*)x)[i];
}

// Where row (o, k) has its class; -1 where it is ignored.
static int64_t place(const ck_rows* rows, const ck_targets* targets, int64_t row) {
  const int64_t class = targets->classes[row], o = row / rows->inner, k = row % rows->inner;
  return class == targets->ignored ? -1 : (o * rows->length + class) * rows->inner + k;
}

static double weight(const ck_rows* rows, const ck_targets* targets, int64_t row) {
  return targets->weights ? element(targets->weights, rows->dtype, targets->classes[row]) : 1;
}

bool ck_targets_fit(const ck_rows* rows, const ck_targets* targets) {
  for (int64_t row = 0; row < rows->outer * rows->inner; row++) {
    const int64_t class = targets->classes[row];
    if (class != targets->ignored && (class < 0 || class >= rows->length)) return false;
  }
  return true;
}

void ck_likelihood_each(const ck_rows* rows, const ck_targets* targets, const void* x, void* losses) {
  for (int64_t row = 0; row < rows->outer * rows->inner; row++) {
    const int64_t at = place(rows, targets, row);
    const double loss = at < 0 ? 0 : -element(x, rows->dtype, at) * weight(rows, targets, row);
    if (rows->dtype == CK_FLOAT64) {
      ((double*)losses)[row] = loss;
    } else {
      ((float*)losses)[row] = (float)loss;
    }
  }
}

void ck_likelihood_sum(const ck_rows* rows, const ck_targets* targets, const void* x, double* loss, double* weights) {
  *loss = *weights = 0;
  for (int64_t row = 0; row < rows->outer * rows->inner; row++) {
    const int64_t at = place(rows, targets, row);
    if (at < 0) continue;
    const double share = weight(rows, targets, row);
    if (x) *loss -= element(x, rows->dtype, at) * share;
    *weights += share;
  }
}

typedef struct slope_plan {
  const ck_rows* rows;
  const ck_targets* targets;
  const void* g;
  int64_t step;
  double scale;
  void* out;
} slope_plan;

static void slope(void* context, int64_t begin, int64_t end) {
  const slope_plan* plan = context;
  const ck_rows* rows = plan->rows;
  const bool is_wide = rows->dtype == CK_FLOAT64;
  const int64_t each = rows->length * rows->inner, width = is_wide ? 8 : 4;
  memset((char*)plan->out + begin * each * width, 0, (size_t)((end - begin) * each * width));
  for (int64_t row = begin * rows->inner; row < end * rows->inner; row++) {
    const int64_t at = place(rows, plan->targets, row);
    if (at < 0) continue;
    const double value =
        -element(plan->g, rows->dtype, row * plan->step) * weight(rows, plan->targets, row) * plan->scale;
    if (is_wide) {
      ((double*)plan->out)[at] = value;
    } else {
      ((float*)plan->out)[at] = (float)value;
    }
  }
}

void ck_likelihood_slope(const ck_rows* rows, const ck_targets* targets, const void* g, int64_t step, double scale,
                         void* x_gradient) {
  slope_plan plan = {rows, targets, g, step, scale, x_gradient};
  ck_parallel(rows->outer, GRAIN / (rows->length * rows->inner + 1) + 1, slope, &plan);
}
