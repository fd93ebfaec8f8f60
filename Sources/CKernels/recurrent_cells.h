// The cells in elements of type T, by the basic functions M(…) of the type. Gates stand in PyTorch's order.

static inline T M(gate)(T x) { return (T)1 / ((T)1 + M(exp)(-x)); }

static void M(add_rows)(int64_t n, void* sum, const void* x) {
  T* to = sum;
  const T* from = x;
  CK_LOOP for (int64_t i = 0; i < n; i++) to[i] += from[i];
}

static void M(tanh_forward)(const ck_cell_rows* r) {
  T* out = r->out;
  CK_LOOP for (int64_t i = 0; i < r->rows * r->n; i++) out[i] = M(tanh)(out[i]);
}

static void M(tanh_backward)(const ck_cell_rows* r, void* aside) {
  (void)aside;
  const T *y = r->gates, *g = r->g;
  T* out = r->out;
  CK_LOOP for (int64_t i = 0; i < r->rows * r->n; i++) out[i] = g[i] * ((T)1 - y[i] * y[i]);
}

static void M(relu_forward)(const ck_cell_rows* r) {
  T* out = r->out;
  CK_LOOP for (int64_t i = 0; i < r->rows * r->n; i++) out[i] = out[i] < (T)0 ? (T)0 : out[i];
}

static void M(relu_backward)(const ck_cell_rows* r, void* aside) {
  (void)aside;
  const T *y = r->gates, *g = r->g;
  T* out = r->out;
  CK_LOOP for (int64_t i = 0; i < r->rows * r->n; i++) out[i] = y[i] <= (T)0 ? (T)0 : g[i];
}

static void M(lstm_forward)(const ck_cell_rows* r) {
  const int64_t n = r->n;
  for (int64_t row = 0; row < r->rows; row++) {
    T *gates = (T*)r->gates + 4 * row * n, *out = (T*)r->out + row * n;
    T *state = (T*)r->state + row * n, *aside = (T*)r->aside + row * n;
    CK_LOOP for (int64_t i = 0; i < n; i++) {
      const T in = M(gate)(gates[i]), forget = M(gate)(gates[n + i]);
      const T candidate = M(tanh)(gates[2 * n + i]), shown = M(gate)(gates[3 * n + i]);
      const T c = forget * state[i] + in * candidate;
      gates[i] = in;
      gates[n + i] = forget;
      gates[2 * n + i] = candidate;
      gates[3 * n + i] = shown;
      state[i] = aside[i] = c;
      out[i] = shown * M(tanh)(c);
    }
  }
}

static void M(lstm_backward)(const ck_cell_rows* r, void* unused) {
  (void)unused;
  const int64_t n = r->n;
  for (int64_t row = 0; row < r->rows; row++) {
    const T *gates = (const T*)r->gates + 4 * row * n, *c = (const T*)r->aside + row * n;
    const T *before = (const T*)r->before + row * n, *g = (const T*)r->g + row * n;
    T *out = (T*)r->out + 4 * row * n, *of_state = (T*)r->state_gradients + row * n;
    CK_LOOP for (int64_t i = 0; i < n; i++) {
      const T in = gates[i], forget = gates[n + i], candidate = gates[2 * n + i], shown = gates[3 * n + i];
      const T t = M(tanh)(c[i]);
      const T of_c = of_state[i] + g[i] * shown * ((T)1 - t * t);
      out[i] = of_c * candidate * (in * ((T)1 - in));
      out[n + i] = of_c * before[i] * (forget * ((T)1 - forget));
      out[2 * n + i] = of_c * in * ((T)1 - candidate * candidate);
      out[3 * n + i] = g[i] * t * (shown * ((T)1 - shown));
      of_state[i] = of_c * forget;
    }
  }
}

static void M(gru_forward)(const ck_cell_rows* r) {
  const int64_t n = r->n;
  for (int64_t row = 0; row < r->rows; row++) {
    T *gates = (T*)r->gates + 3 * row * n, *out = (T*)r->out + row * n;
    const T *before = (const T*)r->before + row * n, *aside = (const T*)r->aside + row * n;
    CK_LOOP for (int64_t i = 0; i < n; i++) {
      const T reset = M(gate)(gates[i]), update = M(gate)(gates[n + i]);
      const T candidate = M(tanh)(gates[2 * n + i] + reset * aside[i]);
      gates[i] = reset;
      gates[n + i] = update;
      gates[2 * n + i] = candidate;
      out[i] = (before[i] - candidate) * update + candidate;
    }
  }
}

static void M(gru_backward)(const ck_cell_rows* r, void* aside_gradients) {
  const int64_t n = r->n;
  for (int64_t row = 0; row < r->rows; row++) {
    const T *gates = (const T*)r->gates + 3 * row * n, *aside = (const T*)r->aside + row * n;
    const T* before = (const T*)r->before + row * n;
    T *out = (T*)r->out + 3 * row * n, *of_aside = (T*)aside_gradients + row * n, *g = (T*)r->g + row * n;
    CK_LOOP for (int64_t i = 0; i < n; i++) {
      const T reset = gates[i], update = gates[n + i], candidate = gates[2 * n + i];
      const T of_candidate = g[i] * ((T)1 - update) * ((T)1 - candidate * candidate);
      out[i] = of_candidate * aside[i] * (reset * ((T)1 - reset));
      out[n + i] = g[i] * (before[i] - candidate) * (update * ((T)1 - update));
      out[2 * n + i] = of_candidate;
      of_aside[i] = of_candidate * reset;
      g[i] = g[i] * update;
    }
  }
}
