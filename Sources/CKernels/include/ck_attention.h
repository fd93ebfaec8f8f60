// Attention in blocks of scores, both ways, in float32. Results do not depend on the number of threads.
#ifndef CK_ATTENTION_H
#define CK_ATTENTION_H

#include "ck_types.h"

// q is [batch][queries][width], k is [batch][keys][width], v is [batch][keys][value_width], all contiguous.
typedef struct ck_attention {
  int64_t batch, queries, keys, width, value_width;
  float scale;
  bool causal;  // query i sees the keys up to i
} ck_attention;

// out = softmax(q · kᵀ · scale) · v, and the logarithm of the sum of each row's exponentials. False without memory.
bool ck_attention_forward(const ck_attention* sizes, const float* q, const float* k, const float* v, float* out,
                          float* log_sums);

// The gradients of q, k and v from that of out.
bool ck_attention_backward(const ck_attention* sizes, const float* q, const float* k, const float* v, const float* out,
                           const float* log_sums, const float* g, float* q_gradient, float* k_gradient,
                           float* v_gradient);

#endif
