#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "ck_attention.h"
#include "ck_elementwise.h"
#include "ck_gemm.h"
#include "ck_memory.h"
#include "ck_random.h"
#include "ck_target.h"
#include "ck_thread.h"

enum {
  QUERIES = 128,  // rows of a block of scores
  KEYS = 256,     // columns of it
  LANES = 16,     // partial sums, so that their order is the same for every instruction set
};

typedef struct plan {
  const ck_attention* sizes;
  const void *g, *out, *log_sums;
  void *results, *sums, *q_gradient, *k_gradient, *v_gradient, *mask_gradient;
  int64_t query_blocks;
  _Atomic bool failed;
} plan;

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// Where the matrix of a place of the batch axes starts, in elements. Of k and v, `group` places share one.
static int64_t start_of(const ck_attention* s, const ck_attention_rows* rows, int64_t place, int64_t group) {
  int64_t start = 0;
  for (int64_t axis = s->rank - 1; axis >= 0; axis--) {
    const int64_t position = place % s->shape[axis];
    place /= s->shape[axis];
    start += (axis == s->rank - 1 ? position / group : position) * rows->batch[axis];
  }
  return start;
}

// How many keys from `key` on the query sees.
static int64_t seen_keys(const ck_attention* s, int64_t query, int64_t key, int64_t keys) {
  if (!s->causal) return keys;
  const int64_t seen = query + s->past + 1 - key;
  return seen < 0 ? 0 : least(seen, keys);
}

#define T float
#define NAME(x) attention_f32_##x
#define DTYPE CK_FLOAT32
#define CLONES CK_CLONES
#include "attention_template.h"

#define T double
#define NAME(x) attention_f64_##x
#define DTYPE CK_FLOAT64
#define CLONES static
#include "attention_template.h"

static void run(void* context, int64_t begin, int64_t end) {
  plan* plan = context;
  const bool doubles = plan->sizes->dtype == CK_FLOAT64;
  const size_t block = QUERIES * KEYS * (doubles ? sizeof(double) : sizeof(float)), bytes = 3 * block;
  char* scratch = ck_alloc(bytes);
  if (!scratch) {
    atomic_store_explicit(&plan->failed, true, memory_order_relaxed);
    return;
  }
  for (int64_t i = begin; i < end; i++) {
    if (plan->g) {
      (doubles ? attention_f64_backward_batch : attention_f32_backward_batch)(plan, i, scratch);
    } else {
      (doubles ? attention_f64_forward_block : attention_f32_forward_block)(plan, i, scratch);
    }
  }
  ck_free(scratch, bytes);
}

bool ck_attention_forward(const ck_attention* sizes, void* out, void* log_sums) {
  plan plan = {.sizes = sizes, .results = out, .sums = log_sums};
  plan.query_blocks = (sizes->queries + QUERIES - 1) / QUERIES;
  ck_parallel(sizes->batch * plan.query_blocks, 1, run, &plan);
  return !atomic_load_explicit(&plan.failed, memory_order_relaxed);
}

bool ck_attention_backward(const ck_attention* sizes, const void* out, const void* log_sums, const void* g,
                           void* q_gradient, void* k_gradient, void* v_gradient, void* mask_gradient) {
  plan plan = {.sizes = sizes, .g = g, .out = out, .log_sums = log_sums};
  plan.q_gradient = q_gradient;
  plan.k_gradient = k_gradient;
  plan.v_gradient = v_gradient;
  plan.mask_gradient = mask_gradient;
  ck_parallel(sizes->batch / sizes->group, 1, run, &plan);
  return !atomic_load_explicit(&plan.failed, memory_order_relaxed);
}
