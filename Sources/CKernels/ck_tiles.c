#include "ck_tiles.h"

#include <string.h>

#define CK_LONG_ROW 64
#define CK_DIRECT_COLUMNS 16384
#define CK_SQUARE 32

static int64_t magnitude(int64_t x) { return x < 0 ? -x : x; }
static int64_t smaller(int64_t x, int64_t y) { return x < y ? x : y; }

// The axis along which some operand is denser than along the columns, or the next axis out when there is none.
static int row_axis(const ck_axes* axes, bool* transposed) {
  const int inner = axes->rank - 1;
  int best = inner - 1;
  *transposed = false;
  for (int k = 0; k < axes->operands; k++) {
    int64_t least = magnitude(axes->stride[k][inner]);
    for (int i = inner - 1; i >= 0; i--) {
      const int64_t stride = magnitude(axes->stride[k][i]);
      if (stride == 0 || stride >= least) continue;
      least = stride;
      best = i;
      *transposed = true;
    }
    if (*transposed) break;
  }
  return best;
}

void ck_tiles_make(ck_tiles* tiles, const ck_axes* axes, const int* width, void* const* data, int64_t most,
                   bool direct) {
  const int inner = axes->rank - 1;
  tiles->operands = axes->operands;
  tiles->columns = axes->size[inner];
  for (int k = 0; k < axes->operands; k++) direct = direct && axes->stride[k][inner] == width[k];
  bool transposed = false;
  const int row = inner == 0 ? -1 : row_axis(axes, &transposed);
  tiles->rows = row < 0 ? 1 : axes->size[row];
  if (direct && tiles->columns >= CK_LONG_ROW) {
    tiles->tile_columns = smaller(tiles->columns, CK_DIRECT_COLUMNS);
    tiles->tile_rows = 1;
  } else {
    tiles->tile_columns = smaller(tiles->columns, transposed ? CK_SQUARE : most);
    tiles->tile_rows = smaller(tiles->rows, most / tiles->tile_columns);
  }
  int at = 0;
  tiles->count = 1;
  for (int i = 0; i < inner; i++) {
    if (i == row) continue;
    tiles->size[at] = axes->size[i];
    tiles->count *= axes->size[i];
    for (int k = 0; k < axes->operands; k++) tiles->stride[k][at] = axes->stride[k][i];
    at++;
  }
  tiles->size[at] = (tiles->rows + tiles->tile_rows - 1) / tiles->tile_rows;
  tiles->size[at + 1] = (tiles->columns + tiles->tile_columns - 1) / tiles->tile_columns;
  tiles->count *= tiles->size[at] * tiles->size[at + 1];
  tiles->rank = at + 2;
  for (int k = 0; k < axes->operands; k++) {
    tiles->data[k] = data[k];
    tiles->row_stride[k] = row < 0 ? 0 : axes->stride[k][row];
    tiles->column_stride[k] = axes->stride[k][inner];
    tiles->stride[k][at] = tiles->row_stride[k] * tiles->tile_rows;
    tiles->stride[k][at + 1] = tiles->column_stride[k] * tiles->tile_columns;
  }
}

void ck_tiles_each(const ck_tiles* tiles, int64_t begin, int64_t end, ck_tile_body body, void* state) {
  const int rank = tiles->rank;
  int64_t index[CK_MAX_RANK + 2];
  ck_tile tile = {.row_stride = tiles->row_stride, .column_stride = tiles->column_stride};
  for (int k = 0; k < tiles->operands; k++) tile.data[k] = tiles->data[k];
  int64_t rest = begin;
  for (int i = rank - 1; i >= 0; i--) {
    index[i] = rest % tiles->size[i];
    rest /= tiles->size[i];
    for (int k = 0; k < tiles->operands; k++) tile.data[k] += index[i] * tiles->stride[k][i];
  }
  for (int64_t t = begin; t < end; t++) {
    tile.rows = smaller(tiles->tile_rows, tiles->rows - index[rank - 2] * tiles->tile_rows);
    tile.columns = smaller(tiles->tile_columns, tiles->columns - index[rank - 1] * tiles->tile_columns);
    body(state, &tile);
    for (int i = rank - 1; i >= 0; i--) {
      for (int k = 0; k < tiles->operands; k++) tile.data[k] += tiles->stride[k][i];
      if (++index[i] < tiles->size[i]) break;
      index[i] = 0;
      for (int k = 0; k < tiles->operands; k++) tile.data[k] -= tiles->size[i] * tiles->stride[k][i];
    }
  }
}

#define CK_COPY_TILE(type)                                                                                         \
  static void copy_##type(int64_t rows, int64_t columns, char* out, int64_t out_row, int64_t out_column,           \
                          const char* x, int64_t x_row, int64_t x_column) {                                        \
    for (int64_t r = 0; r < rows; r++) {                                                                           \
      char* to = out + r * out_row;                                                                                \
      const char* from = x + r * x_row;                                                                            \
      if (out_column == sizeof(type) && x_column == 0) {                                                           \
        const type value = *(const type*)from;                                                                     \
        for (int64_t c = 0; c < columns; c++) ((type*)to)[c] = value;                                              \
      } else if (out_column == sizeof(type)) {                                                                     \
        for (int64_t c = 0; c < columns; c++) ((type*)to)[c] = *(const type*)(from + c * x_column);                \
      } else {                                                                                                     \
        for (int64_t c = 0; c < columns; c++) *(type*)(to + c * out_column) = *(const type*)(from + c * x_column); \
      }                                                                                                            \
    }                                                                                                              \
  }
CK_COPY_TILE(uint8_t)
CK_COPY_TILE(uint16_t)
CK_COPY_TILE(uint32_t)
CK_COPY_TILE(uint64_t)

void ck_copy_tile(int width, int64_t rows, int64_t columns, char* out, int64_t out_row, int64_t out_column,
                  const char* x, int64_t x_row, int64_t x_column) {
  if (out_column == width && x_column == width) {
    const bool dense = rows == 1 || (out_row == columns * width && x_row == columns * width);
    const int64_t pieces = dense ? 1 : rows, bytes = (dense ? rows * columns : columns) * width;
    for (int64_t r = 0; r < pieces; r++) memmove(out + r * out_row, x + r * x_row, (size_t)bytes);
    return;
  }
  // Reading along the denser axis touches each cache line once.
  if (x_row != 0 && magnitude(x_row) < magnitude(x_column)) {
    int64_t swap = rows;
    rows = columns;
    columns = swap;
    swap = out_row;
    out_row = out_column;
    out_column = swap;
    swap = x_row;
    x_row = x_column;
    x_column = swap;
  }
  switch (width) {
    case 1:
      copy_uint8_t(rows, columns, out, out_row, out_column, x, x_row, x_column);
      break;
    case 2:
      copy_uint16_t(rows, columns, out, out_row, out_column, x, x_row, x_column);
      break;
    case 4:
      copy_uint32_t(rows, columns, out, out_row, out_column, x, x_row, x_column);
      break;
    default:
      copy_uint64_t(rows, columns, out, out_row, out_column, x, x_row, x_column);
      break;
  }
}
