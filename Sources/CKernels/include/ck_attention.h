// Attention in blocks of scores, both ways: the scores are never all there. Results do not depend on the number of
// threads.
#ifndef CK_ATTENTION_H
#define CK_ATTENTION_H

#include "ck_types.h"

// Matrices with neighbouring columns, one for each place of the batch axes.
typedef struct ck_attention_rows {
  const void* data;
  int64_t row;
  int64_t batch[CK_MAX_RANK];
} ck_attention_rows;

// q is [batch][queries][width], k is [batch][keys][width], v is [batch][keys][value_width]. Float32 or float64.
typedef struct ck_attention {
  ck_dtype dtype;
  int64_t batch, queries, keys, width, value_width;
  int64_t rank;                // batch axes
  int64_t shape[CK_MAX_RANK];  // those of q
  int64_t group;               // so many neighbours along the last batch axis share k and v
  ck_attention_rows q, k, v;
  // Numbers that are added to the scores, or bytes that are 0 where a key is not seen; data is NULL without a mask.
  ck_attention_rows mask;
  int64_t mask_column;
  bool mask_is_bool;
  double scale;
  bool causal;  // query i sees the keys up to i + past
  int64_t past;
  // Each weight stays with the probability `kept` (1: all stay), drawn by its place in [batch][queries][keys].
  double kept;
  uint64_t seed, counter;
} ck_attention;

// out = dropout(softmax(q · kᵀ · scale + mask)) · v, and the logarithm of the sum of each row's exponentials; both are
// contiguous. A query that sees no key gives zeros. False without memory.
bool ck_attention_forward(const ck_attention* sizes, void* out, void* log_sums);

// The contiguous gradients of q, k and v from that of out, which is contiguous. That of the mask is
// [batch][queries][keys], or NULL where it is not asked for.
bool ck_attention_backward(const ck_attention* sizes, const void* out, const void* log_sums, const void* g,
                           void* q_gradient, void* k_gradient, void* v_gradient, void* mask_gradient);

#endif
