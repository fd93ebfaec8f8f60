// Softmax of one dtype. The includer defines T, DTYPE, NAME, LOG and CLONES.

static void NAME(exponentials)(T* x, int64_t n) {
  ck_unary(ck_unary_exp, DTYPE, NULL, 1, &n, (ck_out){x, NULL}, (ck_in){x, NULL});
}

// Each element less the greatest of its row. NaN stays NaN, also where the greatest is infinite.
CLONES void NAME(shift)(const T* x, T* y, int64_t n) {
  T lane[LANES];
  for (int k = 0; k < LANES; k++) lane[k] = -INFINITY;
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int k = 0; k < LANES; k++) lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
  }
  for (; i < n; i++) lane[0] = x[i] > lane[0] ? x[i] : lane[0];
  for (int k = 1; k < LANES; k++) lane[0] = lane[k] > lane[0] ? lane[k] : lane[0];
  for (i = 0; i < n; i++) y[i] = x[i] - lane[0];
}

// The sum of x · y, or of x.
CLONES T NAME(sum)(const T* x, const T* y, int64_t n) {
  T lane[LANES] = {0};
  int64_t i = 0;
  if (y) {
    for (; i + LANES <= n; i += LANES) {
      for (int k = 0; k < LANES; k++) lane[k] += x[i + k] * y[i + k];
    }
    for (int k = 0; i < n; i++, k++) lane[k] += x[i] * y[i];
  } else {
    for (; i + LANES <= n; i += LANES) {
      for (int k = 0; k < LANES; k++) lane[k] += x[i + k];
    }
    for (int k = 0; i < n; i++, k++) lane[k] += x[i];
  }
  T sum = 0;
  for (int k = 0; k < LANES; k++) sum += lane[k];
  return sum;
}

// y · factor - subtrahend, in place.
CLONES void NAME(map)(T* y, T factor, T subtrahend, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] = y[i] * factor - subtrahend;
}

// g - y · total, or y · (g - total).
CLONES void NAME(slope)(const T* g, const T* y, T* out, T total, bool logarithm, int64_t n) {
  if (logarithm) {
    for (int64_t i = 0; i < n; i++) out[i] = g[i] - y[i] * total;
  } else {
    for (int64_t i = 0; i < n; i++) out[i] = y[i] * (g[i] - total);
  }
}

// The sum of the exponentials of a row, which stays as it is.
static T NAME(sum_of_exponentials)(const T* x, int64_t n) {
  T piece[PIECE], sum = 0;
  for (int64_t i = 0; i < n; i += PIECE) {
    const int64_t count = least(PIECE, n - i);
    memcpy(piece, x + i, (size_t)count * sizeof(T));
    NAME(exponentials)(piece, count);
    sum += NAME(sum)(piece, NULL, count);
  }
  return sum;
}

// Rows of neighbouring elements, several at a time when they are short.
static void NAME(forward_rows)(const softmax_plan* plan, int64_t begin, int64_t end) {
  const int64_t n = plan->rows->length, together = n < PIECE ? PIECE / n : 1;
  for (int64_t row = begin; row < end; row += together) {
    const int64_t rows = least(together, end - row);
    const T* x = (const T*)plan->x + row * n;
    T* y = (T*)plan->y + row * n;
    for (int64_t r = 0; r < rows; r++) NAME(shift)(x + r * n, y + r * n, n);
    if (!plan->logarithm) {
      NAME(exponentials)(y, rows * n);
      for (int64_t r = 0; r < rows; r++) NAME(map)(y + r * n, 1 / NAME(sum)(y + r * n, NULL, n), 0, n);
    } else if (rows == 1) {
      NAME(map)(y, 1, LOG(NAME(sum_of_exponentials)(y, n)), n);
    } else {
      T powers[PIECE];
      memcpy(powers, y, (size_t)(rows * n) * sizeof(T));
      NAME(exponentials)(powers, rows * n);
      for (int64_t r = 0; r < rows; r++) NAME(map)(y + r * n, 1, LOG(NAME(sum)(powers + r * n, NULL, n)), n);
    }
  }
}

static void NAME(backward_rows)(const softmax_plan* plan, int64_t begin, int64_t end) {
  const int64_t n = plan->rows->length;
  for (int64_t row = begin; row < end; row++) {
    const T *g = (const T*)plan->g + row * n, *y = (const T*)plan->x + row * n;
    T* out = (T*)plan->y + row * n;
    if (!plan->logarithm) {
      NAME(slope)(g, y, out, NAME(sum)(g, y, n), false, n);
      continue;
    }
    const T total = NAME(sum)(g, NULL, n);
    for (int64_t i = 0; i < n; i += PIECE) {
      const int64_t count = least(PIECE, n - i);
      T powers[PIECE];
      memcpy(powers, y + i, (size_t)count * sizeof(T));
      NAME(exponentials)(powers, count);
      NAME(slope)(g + i, powers, out + i, total, true, count);
    }
  }
}

// Rows that lie across: up to PIECE of them side by side.
CLONES void NAME(shift_across)(const T* x, T* y, T* top, int64_t length, int64_t inner, int64_t n) {
  for (int64_t k = 0; k < n; k++) top[k] = -INFINITY;
  for (int64_t i = 0; i < length; i++) {
    for (int64_t k = 0; k < n; k++) top[k] = x[i * inner + k] > top[k] ? x[i * inner + k] : top[k];
  }
  for (int64_t i = 0; i < length; i++) {
    for (int64_t k = 0; k < n; k++) y[i * inner + k] = x[i * inner + k] - top[k];
  }
}

CLONES void NAME(add_across)(T* sums, const T* x, const T* y, int64_t n) {
  for (int64_t k = 0; k < n; k++) sums[k] += y ? x[k] * y[k] : x[k];
}

CLONES void NAME(map_across)(T* y, const T* factors, const T* subtrahends, int64_t length, int64_t inner, int64_t n) {
  for (int64_t i = 0; i < length; i++) {
    for (int64_t k = 0; k < n; k++) {
      y[i * inner + k] = factors ? y[i * inner + k] * factors[k] : y[i * inner + k] - subtrahends[k];
    }
  }
}

CLONES void NAME(slope_across)(const T* g, const T* y, T* out, const T* totals, bool logarithm, int64_t n) {
  for (int64_t k = 0; k < n; k++) out[k] = logarithm ? g[k] - y[k] * totals[k] : y[k] * (g[k] - totals[k]);
}

static void NAME(forward_across)(const softmax_plan* plan, const T* x, T* y, int64_t n) {
  const int64_t length = plan->rows->length, inner = plan->rows->inner;
  T sums[PIECE], powers[PIECE];
  NAME(shift_across)(x, y, sums, length, inner, n);
  memset(sums, 0, (size_t)n * sizeof(T));
  for (int64_t i = 0; i < length; i++) {
    T* exponents = plan->logarithm ? powers : y + i * inner;
    if (plan->logarithm) memcpy(powers, y + i * inner, (size_t)n * sizeof(T));
    NAME(exponentials)(exponents, n);
    NAME(add_across)(sums, exponents, NULL, n);
  }
  for (int64_t k = 0; k < n; k++) sums[k] = plan->logarithm ? LOG(sums[k]) : 1 / sums[k];
  NAME(map_across)(y, plan->logarithm ? NULL : sums, sums, length, inner, n);
}

static void NAME(backward_across)(const softmax_plan* plan, const T* g, const T* y, T* out, int64_t n) {
  const int64_t length = plan->rows->length, inner = plan->rows->inner;
  T totals[PIECE] = {0}, powers[PIECE];
  for (int64_t i = 0; i < length; i++) {
    NAME(add_across)(totals, g + i * inner, plan->logarithm ? NULL : y + i * inner, n);
  }
  for (int64_t i = 0; i < length; i++) {
    const T* values = y + i * inner;
    if (plan->logarithm) {
      memcpy(powers, values, (size_t)n * sizeof(T));
      NAME(exponentials)(powers, n);
      values = powers;
    }
    NAME(slope_across)(g + i * inner, values, out + i * inner, totals, plan->logarithm, n);
  }
}

static void NAME(forward)(void* context, int64_t begin, int64_t end) {
  const softmax_plan* plan = context;
  const int64_t length = plan->rows->length, inner = plan->rows->inner;
  if (inner == 1) {
    NAME(forward_rows)(plan, begin, end);
    return;
  }
  for (int64_t o = begin; o < end; o++) {
    for (int64_t k = 0; k < inner; k += PIECE) {
      const int64_t start = o * length * inner + k;
      NAME(forward_across)(plan, (const T*)plan->x + start, (T*)plan->y + start, least(PIECE, inner - k));
    }
  }
}

static void NAME(backward)(void* context, int64_t begin, int64_t end) {
  const softmax_plan* plan = context;
  const int64_t length = plan->rows->length, inner = plan->rows->inner;
  if (inner == 1) {
    NAME(backward_rows)(plan, begin, end);
    return;
  }
  for (int64_t o = begin; o < end; o++) {
    for (int64_t k = 0; k < inner; k += PIECE) {
      const int64_t start = o * length * inner + k, n = least(PIECE, inner - k);
      NAME(backward_across)(plan, (const T*)plan->g + start, (const T*)plan->x + start, (T*)plan->y + start, n);
    }
  }
}

#undef T
#undef DTYPE
#undef NAME
#undef LOG
#undef CLONES
