// The kernels of one element type for one instruction set, whose file defines
//   REAL, LANES, ROWS              the element, the elements of a vector, the rows of a tile (two vectors wide)
//   NAME(x)                        a name of its own
//   TABLE                          the table to define
//   MASK, MASK_OF(count)           what selects the first `count` lanes
//   LOAD_PART(p, mask), STORE_PART(p, v, mask), READS_PART
#include "gemm_kernels.h"

typedef REAL NAME(vector) __attribute__((vector_size(sizeof(REAL) * LANES)));
typedef REAL NAME(loose) __attribute__((vector_size(sizeof(REAL) * LANES), aligned(sizeof(REAL)), may_alias));
#define VECTOR NAME(vector)
#define LOAD(p) ((VECTOR) * (const NAME(loose)*)(p))
#define STORE(p, v) (*(NAME(loose)*)(p) = (v))
#define INLINE static inline __attribute__((always_inline))

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

INLINE void NAME(finish)(const gemm_tile* tile, VECTOR (*sum)[2], const int rows, const int vectors, MASK last) {
  REAL* c = tile->c;
  VECTOR bias[2] = {0};
  if (tile->bias) {
    const REAL* from = tile->bias;
    if (vectors == 2) bias[0] = LOAD(from);
    bias[vectors - 1] = LOAD_PART(from + (vectors - 1) * LANES, last);
  }
  UNROLL for (int i = 0; i < rows; i++) {
    REAL *row = c + i * tile->c_row, *end = row + (vectors - 1) * LANES;
    VECTOR first = sum[i][0], second = sum[i][vectors - 1];
    if (tile->accumulate) {
      if (vectors == 2) first += LOAD(row);
      second += LOAD_PART(end, last);
    }
    if (vectors == 2) STORE(row, first + bias[0]);
    STORE_PART(end, second + bias[vectors - 1], last);
  }
}

// Three rows share a pointer, so that the addresses of fourteen rows fit in the registers.
INLINE void NAME(multiply)(const gemm_tile* tile, const int rows, const int vectors) {
  VECTOR sum[ROWS][2];
  UNROLL for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = (VECTOR){0};
  MASK last = MASK_OF(tile->columns - (vectors - 1) * LANES);
  const int64_t a_row = tile->a_row, a_column = tile->a_column, b_row = tile->b_row;
  const REAL *a[(ROWS + 2) / 3], *b = tile->b;
  UNROLL for (int i = 0; i < (rows + 2) / 3; i++) a[i] = (const REAL*)tile->a + 3 * i * a_row;
  UNROLL for (int i = 0; i < rows; i++) __builtin_prefetch((const REAL*)tile->c + i * tile->c_row, 1);
  for (int64_t k = tile->k; k > 0; k--) {
    VECTOR first = vectors == 2 ? LOAD(b) : (VECTOR){0};
    VECTOR second = READS_PART ? LOAD_PART(b + (vectors - 1) * LANES, last) : LOAD(b + (vectors - 1) * LANES);
    UNROLL for (int i = 0; i < rows; i++) {
      REAL factor = a[i / 3][i % 3 * a_row];
      if (vectors == 2) sum[i][0] += factor * first;
      sum[i][vectors - 1] += factor * second;
    }
    UNROLL for (int i = 0; i < (rows + 2) / 3; i++) a[i] += a_column;
    b += b_row;
  }
  NAME(finish)(tile, sum, rows, vectors, last);
}

#define TILE(rows)                                                                            \
  static void NAME(tile_##rows##_1)(const gemm_tile* tile) { NAME(multiply)(tile, rows, 1); } \
  static void NAME(tile_##rows##_2)(const gemm_tile* tile) { NAME(multiply)(tile, rows, 2); }
#define TILES(rows) {NAME(tile_##rows##_1), NAME(tile_##rows##_2)}

// clang-format off
TILE(1) TILE(2) TILE(3) TILE(4)
#if ROWS > 4
TILE(5) TILE(6)
#endif
#if ROWS > 6
TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#endif
#if ROWS > 12
TILE(13) TILE(14)
#endif

static void (*const NAME(tiles)[ROWS][2])(const gemm_tile*) = {
    TILES(1), TILES(2), TILES(3), TILES(4),
#if ROWS > 4
    TILES(5), TILES(6),
#endif
#if ROWS > 6
    TILES(7), TILES(8), TILES(9), TILES(10), TILES(11), TILES(12),
#endif
#if ROWS > 12
    TILES(13), TILES(14),
#endif
};
// clang-format on

static void NAME(tile)(const gemm_tile* tile) { NAME(tiles)[tile->rows - 1][tile->columns > LANES](tile); }

#include "conv_template.h"
#include "gemm_vector_template.h"

#define SOURCE REAL
#define WIDEN(x) (x)
#define PACK(x) NAME(x##_same)
#include "gemm_pack_template.h"

// The same tile, for a C whose rows are contiguous instead: `c_row` parts its columns, and there is a bias to each row.
static void NAME(tile_transposed)(const gemm_tile* tile) {
  enum { WIDTH = 2 * LANES, HEIGHT = (ROWS + LANES - 1) / LANES * LANES };
  _Alignas(64) REAL upright[HEIGHT * WIDTH], turned[WIDTH * HEIGHT];
  gemm_tile inner = *tile;
  inner.c = upright;
  inner.c_row = WIDTH;
  inner.accumulate = false;
  inner.bias = NULL;
  NAME(tile)(&inner);
  for (int i = 0; i < tile->rows; i += LANES) {
    for (int j = 0; j < tile->columns; j += LANES) {
      NAME(transpose_same)(upright + i * WIDTH + j, WIDTH, LANES, turned + j * HEIGHT + i, HEIGHT);
    }
  }
  for (int i = 0; i < tile->rows; i += LANES) {
    int count = tile->rows - i < LANES ? tile->rows - i : LANES;
    MASK mask = MASK_OF(count);
    VECTOR bias = {0};
    if (tile->bias) bias = LOAD_PART((const REAL*)tile->bias + i, mask);
    for (int j = 0; j < tile->columns; j++) {
      REAL* c = (REAL*)tile->c + j * tile->c_row + i;
      VECTOR sum = LOAD(turned + j * HEIGHT + i);
      if (tile->accumulate) sum += LOAD_PART(c, mask);
      STORE_PART(c, sum + bias, mask);
    }
  }
}

#ifdef HALVES
#define SOURCE uint16_t
#define WIDEN(x) ck_f16_widen(x)
#define PACK(x) NAME(x##_f16)
#include "gemm_pack_template.h"

#define SOURCE uint16_t
#define WIDEN(x) ck_bf16_widen(x)
#define PACK(x) NAME(x##_bf16)
#include "gemm_pack_template.h"
#endif

const gemm_kernels TABLE = {
    .size = sizeof(REAL),
    .rows = ROWS,
    .columns = 2 * LANES,
    .lanes = LANES,
    .reads_part = READS_PART,
    .tile = NAME(tile),
    .tile_transposed = NAME(tile_transposed),
#ifdef HALVES
    .pack_rows = {NAME(pack_rows_same), NAME(pack_rows_f16), NAME(pack_rows_bf16)},
    .pack_columns = {NAME(pack_columns_same), NAME(pack_columns_f16), NAME(pack_columns_bf16)},
#else
    .pack_rows = {NAME(pack_rows_same)},
    .pack_columns = {NAME(pack_columns_same)},
#endif
    .dots = NAME(dots),
    .sums = NAME(sums),
    .image_rows = NAME(image_rows),
    .tile_to_image = NAME(tile_to_image),
};

#undef VECTOR
#undef LOAD
#undef STORE
#undef INLINE
#undef UNROLL
#undef TILE
#undef TILES
#undef REAL
#undef LANES
#undef ROWS
#undef NAME
#undef TABLE
#undef MASK
#undef MASK_OF
#undef LOAD_PART
#undef STORE_PART
#undef READS_PART
#undef HALVES
