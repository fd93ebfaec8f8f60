#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "ck_attention.h"
#include "ck_elementwise.h"
#include "ck_gemm.h"
#include "ck_memory.h"
#include "ck_target.h"
#include "ck_thread.h"

enum {
  QUERIES = 128,  // rows of a block of scores
  KEYS = 256,     // columns of it
};

typedef struct plan {
  const ck_attention* sizes;
  const float *q, *k, *v, *g;
  const float *out, *log_sums;
  float *results, *sums, *q_gradient, *k_gradient, *v_gradient;
  int64_t query_blocks;
  _Atomic bool failed;
} plan;

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// C = A · B, or the sum with what is there; `a_turned` and `b_turned` say which operands lie by columns.
static void multiply(const float* a, int64_t a_step, bool a_turned, const float* b, int64_t b_step, bool b_turned,
                     float* c, int64_t c_step, int64_t m, int64_t n, int64_t k, bool accumulate) {
  ck_gemm_args args = {.dtype = CK_FLOAT32, .accumulate = accumulate, .batch = 1, .m = m, .n = n, .k = k};
  args.a = a;
  args.a_row = a_turned ? 1 : a_step;
  args.a_column = a_turned ? a_step : 1;
  args.b = b;
  args.b_row = b_turned ? 1 : b_step;
  args.b_column = b_turned ? b_step : 1;
  args.c = c;
  args.c_row = c_step;
  ck_gemm(&args);
}

// The scores of a block: those that a query must not see are -infinity.
static void score(const ck_attention* s, const float* q, const float* k, int64_t query, int64_t queries, int64_t key,
                  int64_t keys, float* scores) {
  multiply(q + query * s->width, s->width, false, k + key * s->width, s->width, true, scores, keys, queries, keys,
           s->width, false);
  for (int64_t i = 0; i < queries; i++) {
    float* row = scores + i * keys;
    int64_t seen = s->causal ? query + i + 1 - key : keys;
    for (int64_t j = 0; j < keys; j++) row[j] = j < seen ? row[j] * s->scale : -INFINITY;
  }
}

static void exponentials(float* x, int64_t count) {
  ck_unary(ck_unary_exp, CK_FLOAT32, NULL, 1, &count, (ck_out){x, NULL}, (ck_in){x, NULL});
}

// Sums and maxima run in a fixed number of lanes, so that their order is the same for every instruction set.
CK_CLONES float ck_attention_greatest(const float* x, int64_t n, float start) {
  float lane[16];
  for (int k = 0; k < 16; k++) lane[k] = start;
  for (int64_t i = 0; i < n; i += 16) {
    int count = (int)(n - i < 16 ? n - i : 16);
    for (int k = 0; k < count; k++) lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
  }
  for (int k = 1; k < 16; k++) lane[0] = lane[k] > lane[0] ? lane[k] : lane[0];
  return lane[0];
}

CK_CLONES float ck_attention_dot(const float* x, const float* y, int64_t n) {
  float lane[16] = {0};
  for (int64_t i = 0; i < n; i += 16) {
    int count = (int)(n - i < 16 ? n - i : 16);
    for (int k = 0; k < count; k++) lane[k] += y ? x[i + k] * y[i + k] : x[i + k];
  }
  float sum = 0;
  for (int k = 0; k < 16; k++) sum += lane[k];
  return sum;
}

// One block of queries against all keys: the result is scaled anew whenever a greater score turns up.
static void forward_block(const plan* plan, int64_t task, float* scores) {
  const ck_attention* s = plan->sizes;
  const int64_t batch = task / plan->query_blocks, query = task % plan->query_blocks * QUERIES;
  const int64_t queries = least(QUERIES, s->queries - query), width = s->value_width;
  const float *q = plan->q + batch * s->queries * s->width, *k = plan->k + batch * s->keys * s->width;
  const float* v = plan->v + batch * s->keys * width;
  float* out = plan->results + (batch * s->queries + query) * width;
  float top[QUERIES], sum[QUERIES];
  for (int64_t i = 0; i < queries; i++) top[i] = -INFINITY, sum[i] = 0;
  memset(out, 0, (size_t)(queries * width) * sizeof(float));
  const int64_t end = s->causal ? least(s->keys, query + queries) : s->keys;
  for (int64_t key = 0; key < end; key += KEYS) {
    const int64_t keys = least(KEYS, end - key);
    score(s, q, k, query, queries, key, keys, scores);
    for (int64_t i = 0; i < queries; i++) {
      float* row = scores + i * keys;
      const float now = ck_attention_greatest(row, keys, top[i]);
      const float shift = isfinite(now) ? now : 0;
      const float shrink = top[i] == now ? 1 : expf(top[i] - shift);
      for (int64_t j = 0; j < keys; j++) row[j] -= shift;
      if (shrink != 1) {
        sum[i] *= shrink;
        for (int64_t j = 0; j < width; j++) out[i * width + j] *= shrink;
      }
      top[i] = now;
    }
    exponentials(scores, queries * keys);
    for (int64_t i = 0; i < queries; i++) sum[i] += ck_attention_dot(scores + i * keys, NULL, keys);
    multiply(scores, keys, false, v + key * width, width, false, out, width, queries, width, keys, true);
  }
  for (int64_t i = 0; i < queries; i++) {
    for (int64_t j = 0; j < width; j++) out[i * width + j] /= sum[i];
    plan->sums[batch * s->queries + query + i] = top[i] + logf(sum[i]);
  }
}

// One batch entry: all blocks of keys against all blocks of queries, in their order.
static void backward_batch(const plan* plan, int64_t batch, float* weights, float* slopes, float* along) {
  const ck_attention* s = plan->sizes;
  const int64_t width = s->value_width, row = batch * s->queries, column = batch * s->keys;
  const float *q = plan->q + row * s->width, *k = plan->k + column * s->width, *v = plan->v + column * width;
  const float *g = plan->g + row * width, *out = plan->out + row * width;
  float *dq = plan->q_gradient + row * s->width, *dk = plan->k_gradient + column * s->width;
  float* dv = plan->v_gradient + column * width;
  memset(dk, 0, (size_t)(s->keys * s->width) * sizeof(float));
  memset(dv, 0, (size_t)(s->keys * width) * sizeof(float));
  for (int64_t query = 0; query < s->queries; query += QUERIES) {
    const int64_t queries = least(QUERIES, s->queries - query);
    const int64_t end = s->causal ? least(s->keys, query + queries) : s->keys;
    for (int64_t i = 0; i < queries; i++) {
      along[i] = ck_attention_dot(g + (query + i) * width, out + (query + i) * width, width);
    }
    memset(dq + query * s->width, 0, (size_t)(queries * s->width) * sizeof(float));
    for (int64_t key = 0; key < end; key += KEYS) {
      const int64_t keys = least(KEYS, end - key);
      score(s, q, k, query, queries, key, keys, weights);
      for (int64_t i = 0; i < queries; i++) {
        const float shift = plan->log_sums[row + query + i];
        for (int64_t j = 0; j < keys; j++) weights[i * keys + j] -= shift;
      }
      exponentials(weights, queries * keys);
      multiply(weights, keys, true, g + query * width, width, false, dv + key * width, width, keys, width, queries,
               true);
      multiply(g + query * width, width, false, v + key * width, width, true, slopes, keys, queries, keys, width,
               false);
      for (int64_t i = 0; i < queries; i++) {
        for (int64_t j = 0; j < keys; j++) {
          slopes[i * keys + j] = weights[i * keys + j] * (slopes[i * keys + j] - along[i]) * s->scale;
        }
      }
      multiply(slopes, keys, false, k + key * s->width, s->width, false, dq + query * s->width, s->width, queries,
               s->width, keys, true);
      multiply(slopes, keys, true, q + query * s->width, s->width, false, dk + key * s->width, s->width, keys, s->width,
               queries, true);
    }
  }
}

static void run(void* context, int64_t begin, int64_t end) {
  plan* plan = context;
  const size_t block = QUERIES * KEYS * sizeof(float), bytes = 2 * block + QUERIES * sizeof(float);
  float* scratch = ck_alloc(bytes);
  if (!scratch) {
    atomic_store_explicit(&plan->failed, true, memory_order_relaxed);
    return;
  }
  for (int64_t i = begin; i < end; i++) {
    if (plan->g) {
      backward_batch(plan, i, scratch, scratch + QUERIES * KEYS, scratch + 2 * QUERIES * KEYS);
    } else {
      forward_block(plan, i, scratch);
    }
  }
  ck_free(scratch, bytes);
}

bool ck_attention_forward(const ck_attention* sizes, const float* q, const float* k, const float* v, float* out,
                          float* log_sums) {
  plan plan = {.sizes = sizes, .q = q, .k = k, .v = v, .results = out, .sums = log_sums};
  plan.query_blocks = (sizes->queries + QUERIES - 1) / QUERIES;
  ck_parallel(sizes->batch * plan.query_blocks, 1, run, &plan);
  return !atomic_load_explicit(&plan.failed, memory_order_relaxed);
}

bool ck_attention_backward(const ck_attention* sizes, const float* q, const float* k, const float* v, const float* out,
                           const float* log_sums, const float* g, float* q_gradient, float* k_gradient,
                           float* v_gradient) {
  plan plan = {.sizes = sizes, .q = q, .k = k, .v = v, .g = g, .out = out, .log_sums = log_sums};
  plan.q_gradient = q_gradient;
  plan.k_gradient = k_gradient;
  plan.v_gradient = v_gradient;
  ck_parallel(sizes->batch, 1, run, &plan);
  return !atomic_load_explicit(&plan.failed, memory_order_relaxed);
}
