// Copies of the operands in the order in which tiles read them. SOURCE elements become REAL by WIDEN.
static void PACK(pack_rows)(const gemm_operand* a, int64_t rows, int64_t k, void* out, int64_t stride) {
  const SOURCE* from = a->data;
  REAL* to = out;
  if (a->column == 1) {
    for (int64_t i = 0; i < rows; i++) {
      const SOURCE* row = from + i * a->row;
      for (int64_t j = 0; j < k; j++) to[i * stride + j] = WIDEN(row[j]);
    }
    return;
  }
  for (; rows > 0; rows -= ROWS, from += ROWS * a->row, to += ROWS * k) {
    if (rows >= ROWS && a->row == 1) {
      for (int64_t j = 0; j < k; j++) {
        for (int i = 0; i < ROWS; i++) to[j * ROWS + i] = WIDEN(from[j * a->column + i]);
      }
      continue;
    }
    int present = rows < ROWS ? (int)rows : ROWS;
    for (int64_t j = 0; j < k; j++) {
      for (int i = 0; i < present; i++) to[j * ROWS + i] = WIDEN(from[j * a->column + i * a->row]);
    }
  }
}

#if LANES == 16
#define LOWER(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define UPPER(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif LANES == 8
#define LOWER(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define UPPER(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#elif LANES == 4
#define LOWER(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define UPPER(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#else
#define LOWER(a, b) __builtin_shufflevector(a, b, 0, 2)
#define UPPER(a, b) __builtin_shufflevector(a, b, 1, 3)
#endif

// Up to LANES columns of LANES contiguous elements each become LANES rows, with zeros for the columns that are not
// there. Each round of interleaving halves moves one bit of an element's place from column to row.
INLINE void PACK(transpose)(const SOURCE* from, int64_t column, int columns, REAL* to, int64_t row) {
  VECTOR v[LANES], w[LANES];
  UNROLL for (int i = 0; i < LANES; i++) {
    REAL widened[LANES] = {0};
    if (i < columns) {
      for (int j = 0; j < LANES; j++) widened[j] = WIDEN(from[i * column + j]);
    }
    v[i] = LOAD(widened);
  }
  UNROLL for (int round = 1; round < LANES; round *= 2) {
    UNROLL for (int i = 0; i < LANES / 2; i++) {
      w[2 * i] = LOWER(v[i], v[i + LANES / 2]);
      w[2 * i + 1] = UPPER(v[i], v[i + LANES / 2]);
    }
    UNROLL for (int i = 0; i < LANES; i++) v[i] = w[i];
  }
  UNROLL for (int i = 0; i < LANES; i++) STORE(to + i * row, v[i]);
}

#undef LOWER
#undef UPPER

// One panel: k rows of two vectors each, with zeros after the last column.
static void PACK(pack_columns)(const gemm_operand* b, int64_t columns, int64_t k, void* out) {
  enum { WIDTH = 2 * LANES };
  const SOURCE* from = b->data;
  REAL* to = out;
  if (b->column == 1 && columns == WIDTH) {
    for (int64_t i = 0; i < k; i++) {
      const SOURCE* row = from + i * b->row;
      for (int j = 0; j < WIDTH; j++) to[i * WIDTH + j] = WIDEN(row[j]);
    }
    return;
  }
  int64_t whole_k = b->row == 1 ? k - k % LANES : 0;
  for (int64_t i = 0; i < whole_k; i += LANES) {
    for (int64_t j = 0; j < WIDTH; j += LANES) {
      PACK(transpose)(from + i + j * b->column, b->column, (int)(columns - j), to + i * WIDTH + j, WIDTH);
    }
  }
  for (int64_t i = whole_k; i < k; i++) {
    for (int64_t j = 0; j < columns; j++) to[i * WIDTH + j] = WIDEN(from[i * b->row + j * b->column]);
    for (int64_t j = columns; j < WIDTH; j++) to[i * WIDTH + j] = 0;
  }
}

#undef SOURCE
#undef WIDEN
#undef PACK
