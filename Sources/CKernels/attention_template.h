// Attention over elements of type T; NAME(x) is a name of its own, CLONES how its loops are compiled.

// C = A · B, or the sum with what is there; `a_turned` and `b_turned` say which operands lie by columns.
static bool NAME(multiply)(const T* a, int64_t a_step, bool a_turned, const T* b, int64_t b_step, bool b_turned, T* c,
                           int64_t c_step, int64_t m, int64_t n, int64_t k, bool accumulate) {
  ck_gemm_args args = {.dtype = DTYPE, .accumulate = accumulate, .batch = 1, .m = m, .n = n, .k = k};
  args.a = a;
  args.a_row = a_turned ? 1 : a_step;
  args.a_column = a_turned ? a_step : 1;
  args.b = b;
  args.b_row = b_turned ? 1 : b_step;
  args.b_column = b_turned ? b_step : 1;
  args.c = c;
  args.c_row = c_step;
  return ck_gemm(&args);
}

CLONES void NAME(scale_row)(T* row, int64_t n, T scale, T shift) {
  for (int64_t j = 0; j < n; j++) row[j] = row[j] * scale - shift;
}

CLONES void NAME(add_mask)(T* row, int64_t n, const T* mask, int64_t step) {
  if (step == 1) {
    for (int64_t j = 0; j < n; j++) row[j] += mask[j];
  } else {
    for (int64_t j = 0; j < n; j++) row[j] += mask[j * step];
  }
}

CLONES void NAME(hide)(T* row, int64_t n, const uint8_t* seen, int64_t step) {
  if (step == 1) {
    for (int64_t j = 0; j < n; j++) row[j] = seen[j] ? row[j] : -(T)INFINITY;
  } else {
    for (int64_t j = 0; j < n; j++) row[j] = seen[j * step] ? row[j] : -(T)INFINITY;
  }
}

CLONES T NAME(greatest)(const T* x, int64_t n, T start) {
  T lane[LANES];
  for (int k = 0; k < LANES; k++) lane[k] = start;
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int k = 0; k < LANES; k++) lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
  }
  for (int k = 0; k < n - i; k++) lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
  for (int k = 1; k < LANES; k++) lane[0] = lane[k] > lane[0] ? lane[k] : lane[0];
  return lane[0];
}

CLONES T NAME(sum)(const T* x, int64_t n) {
  T lane[LANES] = {0};
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int k = 0; k < LANES; k++) lane[k] += x[i + k];
  }
  for (int k = 0; k < n - i; k++) lane[k] += x[i + k];
  T sum = 0;
  for (int k = 0; k < LANES; k++) sum += lane[k];
  return sum;
}

CLONES T NAME(dot)(const T* x, const T* y, int64_t n) {
  T lane[LANES] = {0};
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int k = 0; k < LANES; k++) lane[k] += x[i + k] * y[i + k];
  }
  for (int k = 0; k < n - i; k++) lane[k] += x[i + k] * y[i + k];
  T sum = 0;
  for (int k = 0; k < LANES; k++) sum += lane[k];
  return sum;
}

// x · factor where the weight is kept, else 0.
CLONES void NAME(drop_row)(T* out, const T* x, const uint8_t* kept, int64_t n, T factor) {
  for (int64_t j = 0; j < n; j++) out[j] = kept[j] ? x[j] * factor : 0;
}

// The gradients of the scores: weights · (those of the weights - their mean along the row).
CLONES void NAME(score_slopes)(T* slopes, const T* weights, int64_t n, T along) {
  for (int64_t j = 0; j < n; j++) slopes[j] = weights[j] * (slopes[j] - along);
}

static void NAME(exponentials)(T* x, int64_t count) {
  ck_unary(ck_unary_exp, DTYPE, NULL, 1, &count, (ck_out){x, NULL}, (ck_in){x, NULL});
}

// The masked scores of a block: those that a query must not see are -infinity.
static bool NAME(score)(const ck_attention* s, const T* q, const T* k, int64_t mask_start, int64_t query,
                        int64_t queries, int64_t key, int64_t keys, T* scores) {
  const bool done = NAME(multiply)(q + query * s->q.row, s->q.row, false, k + key * s->k.row, s->k.row, true, scores,
                                   keys, queries, keys, s->width, false);
  for (int64_t i = 0; i < queries; i++) {
    T* row = scores + i * keys;
    const int64_t seen = seen_keys(s, query + i, key, keys);
    NAME(scale_row)(row, seen, (T)s->scale, 0);
    for (int64_t j = seen; j < keys; j++) row[j] = -(T)INFINITY;
    if (!s->mask.data) continue;
    const int64_t first = mask_start + (query + i) * s->mask.row + key * s->mask_column;
    if (s->mask_is_bool) {
      NAME(hide)(row, seen, (const uint8_t*)s->mask.data + first, s->mask_column);
    } else {
      NAME(add_mask)(row, seen, (const T*)s->mask.data + first, s->mask_column);
    }
  }
  return done;
}

// What dropout leaves of a row of a block of weights.
static void NAME(drop)(const ck_attention* s, int64_t place, int64_t query, int64_t key, int64_t keys, const T* x,
                       T* out) {
  uint8_t kept[KEYS];
  ck_random_kept(s->seed, s->counter, (place * s->queries + query) * s->keys + key, keys, s->kept, kept);
  NAME(drop_row)(out, x, kept, keys, s->kept > 0 ? (T)(1 / s->kept) : 0);
}

// One block of queries against all keys: the result is scaled anew whenever a greater score turns up.
static void NAME(forward_block)(plan* plan, int64_t task, void* scratch) {
  const ck_attention* s = plan->sizes;
  const int64_t place = task / plan->query_blocks, query = task % plan->query_blocks * QUERIES;
  const int64_t queries = least(QUERIES, s->queries - query), width = s->value_width;
  const T* q = (const T*)s->q.data + start_of(s, &s->q, place, 1);
  const T* k = (const T*)s->k.data + start_of(s, &s->k, place, s->group);
  const T* v = (const T*)s->v.data + start_of(s, &s->v, place, s->group);
  const int64_t mask = start_of(s, &s->mask, place, 1);
  T *out = (T*)plan->results + (place * s->queries + query) * width, *scores = scratch;
  T top[QUERIES], sum[QUERIES];
  bool done = true;
  for (int64_t i = 0; i < queries; i++) top[i] = -(T)INFINITY, sum[i] = 0;
  memset(out, 0, (size_t)(queries * width) * sizeof(T));
  const int64_t end = seen_keys(s, query + queries - 1, 0, s->keys);
  for (int64_t key = 0; key < end; key += KEYS) {
    const int64_t keys = least(KEYS, end - key);
    done &= NAME(score)(s, q, k, mask, query, queries, key, keys, scores);
    for (int64_t i = 0; i < queries; i++) {
      T* row = scores + i * keys;
      const T now = NAME(greatest)(row, keys, top[i]);
      const T shift = isfinite(now) ? now : 0;
      const T shrink = top[i] == now ? 1 : (T)exp((double)(top[i] - shift));
      NAME(scale_row)(row, keys, 1, shift);
      if (shrink != 1) {
        sum[i] *= shrink;
        NAME(scale_row)(out + i * width, width, shrink, 0);
      }
      top[i] = now;
    }
    NAME(exponentials)(scores, queries * keys);
    for (int64_t i = 0; i < queries; i++) {
      T* row = scores + i * keys;
      sum[i] += NAME(sum)(row, keys);
      if (s->kept < 1) NAME(drop)(s, place, query + i, key, keys, row, row);
    }
    done &= NAME(multiply)(scores, keys, false, v + key * s->v.row, s->v.row, false, out, width, queries, width, keys,
                           true);
  }
  for (int64_t i = 0; i < queries; i++) {
    const bool sees = sum[i] != 0;
    if (sees) NAME(scale_row)(out + i * width, width, 1 / sum[i], 0);
    ((T*)plan->sums)[place * s->queries + query + i] = sees ? top[i] + (T)log((double)sum[i]) : (T)INFINITY;
  }
  if (!done) atomic_store_explicit(&plan->failed, true, memory_order_relaxed);
}

// The part of one place of the batch in the gradients: all blocks of keys against all blocks of queries, in their
// order.
static bool NAME(backward_place)(const plan* plan, int64_t place, T* dk, T* dv, T* weights, T* slopes, T* dropped) {
  const ck_attention* s = plan->sizes;
  const int64_t width = s->value_width, row = place * s->queries;
  const T* q = (const T*)s->q.data + start_of(s, &s->q, place, 1);
  const T* k = (const T*)s->k.data + start_of(s, &s->k, place, s->group);
  const T* v = (const T*)s->v.data + start_of(s, &s->v, place, s->group);
  const int64_t mask = start_of(s, &s->mask, place, 1);
  const T *g = (const T*)plan->g + row * width, *out = (const T*)plan->out + row * width;
  T *dq = (T*)plan->q_gradient + row * s->width, *dmask = (T*)plan->mask_gradient;
  bool done = true;
  memset(dq, 0, (size_t)(s->queries * s->width) * sizeof(T));
  if (dmask) {
    dmask += row * s->keys;
    memset(dmask, 0, (size_t)(s->queries * s->keys) * sizeof(T));
  }
  for (int64_t query = 0; query < s->queries; query += QUERIES) {
    const int64_t queries = least(QUERIES, s->queries - query);
    const int64_t end = seen_keys(s, query + queries - 1, 0, s->keys);
    const T* block_g = g + query * width;
    T along[QUERIES];
    for (int64_t i = 0; i < queries; i++) along[i] = NAME(dot)(block_g + i * width, out + (query + i) * width, width);
    for (int64_t key = 0; key < end; key += KEYS) {
      const int64_t keys = least(KEYS, end - key);
      done &= NAME(score)(s, q, k, mask, query, queries, key, keys, weights);
      for (int64_t i = 0; i < queries; i++) {
        NAME(scale_row)(weights + i * keys, keys, 1, ((const T*)plan->log_sums)[row + query + i]);
      }
      NAME(exponentials)(weights, queries * keys);
      done &= NAME(multiply)(block_g, width, false, v + key * s->v.row, s->v.row, true, slopes, keys, queries, keys,
                             width, false);
      for (int64_t i = 0; i < queries; i++) {
        if (s->kept < 1) {
          NAME(drop)(s, place, query + i, key, keys, weights + i * keys, dropped + i * keys);
          NAME(drop)(s, place, query + i, key, keys, slopes + i * keys, slopes + i * keys);
        }
        NAME(score_slopes)(slopes + i * keys, weights + i * keys, keys, along[i]);
        if (dmask) memcpy(dmask + (query + i) * s->keys + key, slopes + i * keys, (size_t)keys * sizeof(T));
        NAME(scale_row)(slopes + i * keys, keys, (T)s->scale, 0);
      }
      done &= NAME(multiply)(s->kept < 1 ? dropped : weights, keys, true, block_g, width, false, dv + key * width,
                             width, keys, width, queries, true);
      done &= NAME(multiply)(slopes, keys, false, k + key * s->k.row, s->k.row, false, dq + query * s->width, s->width,
                             queries, s->width, keys, true);
      done &= NAME(multiply)(slopes, keys, true, q + query * s->q.row, s->q.row, false, dk + key * s->width, s->width,
                             keys, s->width, queries, true);
    }
  }
  return done;
}

// The places that share one k and v, one after the other.
static void NAME(backward_batch)(plan* plan, int64_t shared, void* scratch) {
  const ck_attention* s = plan->sizes;
  T* dk = (T*)plan->k_gradient + shared * s->keys * s->width;
  T* dv = (T*)plan->v_gradient + shared * s->keys * s->value_width;
  T* block = scratch;
  memset(dk, 0, (size_t)(s->keys * s->width) * sizeof(T));
  memset(dv, 0, (size_t)(s->keys * s->value_width) * sizeof(T));
  bool done = true;
  for (int64_t i = 0; i < s->group; i++) {
    done &= NAME(backward_place)(plan, shared * s->group + i, dk, dv, block, block + QUERIES * KEYS,
                                 block + 2 * QUERIES * KEYS);
  }
  if (!done) atomic_store_explicit(&plan->failed, true, memory_order_relaxed);
}

#undef T
#undef NAME
#undef DTYPE
#undef CLONES
