// Pooling of elements of type T; NAME(x) is a name of its own and CODE an integer as wide.

enum { NAME(CHUNK) = 64 };

#define CONSIDER(value, tap)                    \
  do {                                          \
    const T v = value;                          \
    const bool wins = (v > best[j]) | (v != v); \
    best[j] = wins ? v : best[j];               \
    which[j] = wins ? (CODE)(tap) : which[j];   \
  } while (0)

// Places whose windows are whole and lie `stride` apart, `count` of them: taps outside, places side by side. Two
// neighbouring taps of every second place are whole vectors.
static inline __attribute__((always_inline)) void NAME(max_inside)(const T* row_taps, const int64_t* offsets,
                                                                   int64_t taps, int64_t stride, int count,
                                                                   T* restrict best, CODE* restrict which) {
  CK_SHORT_LOOP for (int j = 0; j < count; j++) best[j] = -INFINITY, which[j] = 0;
  for (int64_t t = 0; t < taps; t++) {
    const T* restrict x = row_taps + offsets[t];
    if (stride == 2 && t + 1 < taps && offsets[t + 1] == offsets[t] + 1) {
      CK_SHORT_LOOP for (int j = 0; j < count; j++) {
        const T first = x[2 * j], second = x[2 * j + 1];
        CONSIDER(first, t);
        CONSIDER(second, t + 1);
      }
      t++;
      continue;
    }
    CK_SHORT_LOOP for (int j = 0; j < count; j++) CONSIDER(x[j * stride], t);
  }
}
#undef CONSIDER

CK_CLONES void NAME(max_chunk)(const T* x, const int64_t* offsets, int64_t taps, int64_t stride, int count, T* best,
                               CODE* which) {
  if (stride == 1) {
    NAME(max_inside)(x, offsets, taps, 1, count, best, which);
  } else if (stride == 2) {
    NAME(max_inside)(x, offsets, taps, 2, count, best, which);
  } else {
    NAME(max_inside)(x, offsets, taps, stride, count, best, which);
  }
}

static void NAME(max_one)(const ck_windows* w, const T* x, const int64_t place[3], T* value, int64_t* position) {
  T best = -INFINITY;
  int64_t at = -1;
  for (int64_t d = w->begin[0][place[0]]; d < w->end[0][place[0]]; d += w->step[0]) {
    for (int64_t h = w->begin[1][place[1]]; h < w->end[1][place[1]]; h += w->step[1]) {
      const int64_t row = (d * w->in[1] + h) * w->in[2];
      for (int64_t i = w->begin[2][place[2]]; i < w->end[2][place[2]]; i += w->step[2]) {
        T v = x[row + i];
        if (at < 0 || v > best || v != v) best = v, at = row + i;
      }
    }
  }
  *value = best;
  *position = at;
}

static void NAME(max_row)(const pool_plan* plan, const T* x, int64_t d, int64_t h, T* values, int64_t* positions) {
  const ck_windows* w = plan->windows;
  int64_t offsets[MOST_TAPS], taps = 0, from = w->begin[0][d] * w->in[1] * w->in[2] + w->begin[1][h] * w->in[2];
  int64_t first = plan->inside_from, last = plan->inside_to;
  for (int64_t i = w->begin[0][d]; i < w->end[0][d] && first < last; i += w->step[0]) {
    for (int64_t j = w->begin[1][h]; j < w->end[1][h] && first < last; j += w->step[1]) {
      for (int64_t k = w->begin[2][first]; k < w->end[2][first]; k += w->step[2]) {
        if (taps == MOST_TAPS) {
          first = last = 0;
          break;
        }
        offsets[taps++] = (i * w->in[1] + j) * w->in[2] + k - w->begin[2][first] - from;
      }
    }
  }
  if (taps == 0) first = last = 0;
  for (int64_t p = 0; p < w->out[2];) {
    if (p < first || p >= last) {
      const int64_t place[3] = {d, h, p};
      NAME(max_one)(w, x, place, values + p, positions + p);
      p++;
      continue;
    }
    CODE which[NAME(CHUNK)];
    int count = (int)(last - p < NAME(CHUNK) ? last - p : NAME(CHUNK));
    const int64_t base = from + w->begin[2][p];
    NAME(max_chunk)(x + base, offsets, taps, plan->stride, count, values + p, which);
    for (int j = 0; j < count; j++) positions[p + j] = base + j * plan->stride + offsets[which[j]];
    p += count;
  }
}

static void NAME(max_planes)(void* context, int64_t begin, int64_t end) {
  const pool_plan* plan = context;
  const ck_windows* w = plan->windows;
  const int64_t in = w->in[0] * w->in[1] * w->in[2], rows = w->out[0] * w->out[1];
  for (int64_t p = begin; p < end; p++) {
    for (int64_t row = 0; row < rows; row++) {
      const int64_t at = (p * rows + row) * w->out[2];
      NAME(max_row)(plan, (const T*)plan->x + p * in, row / w->out[1], row % w->out[1], (T*)plan->values + at,
                    plan->positions + at);
    }
  }
}

static void NAME(put_planes)(void* context, int64_t begin, int64_t end) {
  const plane_plan* plan = context;
  for (int64_t p = begin; p < end; p++) {
    T* x = (T*)plan->to + p * plan->in;
    const T* y = (const T*)plan->from + p * plan->out;
    const int64_t* at = plan->positions + p * plan->out;
    memset(x, 0, (size_t)plan->in * sizeof(T));
    for (int64_t i = 0; i < plan->out; i++) {
      if (at[i] >= 0) x[at[i]] = plan->adds ? x[at[i]] + y[i] : y[i];
    }
  }
}

static void NAME(take_planes)(void* context, int64_t begin, int64_t end) {
  const plane_plan* plan = context;
  for (int64_t p = begin; p < end; p++) {
    const T* x = (const T*)plan->from + p * plan->in;
    T* y = (T*)plan->to + p * plan->out;
    const int64_t* at = plan->positions + p * plan->out;
    for (int64_t i = 0; i < plan->out; i++) y[i] = at[i] >= 0 ? x[at[i]] : 0;
  }
}

#undef T
#undef CODE
#undef NAME
