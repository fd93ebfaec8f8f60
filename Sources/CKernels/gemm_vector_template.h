// Products with a vector: each element of the matrix is read once, so these run at the speed of memory.
INLINE REAL NAME(total)(VECTOR v) {
  REAL parts[LANES];
  STORE(parts, v);
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) parts[i] += parts[i + width];
  }
  return parts[0];
}

INLINE void NAME(put)(const gemm_vector* product, int64_t i, REAL value) {
  REAL* y = (REAL*)product->y + i * product->y_stride;
  if (product->accumulate) value += *y;
  if (product->bias) value += ((const REAL*)product->bias)[i * product->bias_stride];
  *y = value;
}

INLINE void NAME(dot_rows)(const gemm_vector* product, int64_t first, const int rows) {
  const REAL *matrix = (const REAL*)product->matrix.data + first * product->matrix.row, *x = product->x;
  const int64_t row = product->matrix.row, k = product->k;
  VECTOR sum[4][2];
  UNROLL for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = (VECTOR){0};
  int64_t j = 0;
  for (; j + 2 * LANES <= k; j += 2 * LANES) {
    VECTOR x0 = LOAD(x + j), x1 = LOAD(x + j + LANES);
    UNROLL for (int i = 0; i < rows; i++) {
      sum[i][0] += x0 * LOAD(matrix + i * row + j);
      sum[i][1] += x1 * LOAD(matrix + i * row + j + LANES);
    }
  }
  for (; j < k; j += LANES) {
    const MASK part = MASK_OF(k - j < LANES ? (int)(k - j) : LANES);
    VECTOR x0 = LOAD_PART(x + j, part);
    UNROLL for (int i = 0; i < rows; i++) sum[i][0] += x0 * LOAD_PART(matrix + i * row + j, part);
  }
  UNROLL for (int i = 0; i < rows; i++) NAME(put)(product, first + i, NAME(total)(sum[i][0] + sum[i][1]));
}

// A row is summed in the same order whether it comes alone or with three others.
static void NAME(dots)(const gemm_vector* product) {
  int64_t i = 0;
  for (; i + 4 <= product->count; i += 4) NAME(dot_rows)(product, i, 4);
  for (; i < product->count; i++) NAME(dot_rows)(product, i, 1);
}

INLINE void NAME(sum_columns)(const gemm_vector* product, int64_t first, const int vectors) {
  const REAL *matrix = (const REAL*)product->matrix.data + first, *x = product->x;
  VECTOR sum[8];
  UNROLL for (int v = 0; v < vectors; v++) sum[v] = (VECTOR){0};
  for (int64_t k = 0; k < product->k; k++) {
    UNROLL for (int v = 0; v < vectors; v++) sum[v] += *x * LOAD(matrix + v * LANES);
    matrix += product->matrix.column;
    x += product->x_stride;
  }
  UNROLL for (int v = 0; v < vectors; v++) {
    for (int i = 0; i < LANES; i++) NAME(put)(product, first + v * LANES + i, sum[v][i]);
  }
}

static void NAME(sums)(const gemm_vector* product) {
  int64_t i = 0;
  for (; i + 8 * LANES <= product->count; i += 8 * LANES) NAME(sum_columns)(product, i, 8);
  for (; i + LANES <= product->count; i += LANES) NAME(sum_columns)(product, i, 1);
  for (; i < product->count; i++) {
    const REAL *matrix = (const REAL*)product->matrix.data + i, *x = product->x;
    REAL sum = 0;
    for (int64_t k = 0; k < product->k; k++) sum += x[k * product->x_stride] * matrix[k * product->matrix.column];
    NAME(put)(product, i, sum);
  }
}
