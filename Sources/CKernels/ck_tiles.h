// A strided loop cut into tiles of its two innermost axes.
#ifndef CK_TILES_H
#define CK_TILES_H

#include "ck_axes.h"

typedef struct ck_tile {
  int64_t rows, columns;
  char* data[CK_MAX_OPERANDS];
  const int64_t *row_stride, *column_stride;  // of each operand, in bytes
} ck_tile;

typedef struct ck_tiles {
  int operands;
  int rank;  // axes walked: the outer ones, then the tiles along the rows, then those along the columns
  int64_t size[CK_MAX_RANK + 2];
  int64_t stride[CK_MAX_OPERANDS][CK_MAX_RANK + 2];
  char* data[CK_MAX_OPERANDS];
  int64_t rows, columns, tile_rows, tile_columns;
  int64_t row_stride[CK_MAX_OPERANDS], column_stride[CK_MAX_OPERANDS];
  int64_t count;
} ck_tiles;

// direct: an operand is used in place where its columns are contiguous, so long rows need not be cut to `most`
// elements.
void ck_tiles_make(ck_tiles* tiles, const ck_axes* axes, const int* width, void* const* data, int64_t most,
                   bool direct);

typedef void (*ck_tile_body)(void* state, const ck_tile* tile);
void ck_tiles_each(const ck_tiles* tiles, int64_t begin, int64_t end, ck_tile_body body, void* state);

// Copies rows × columns elements of `width` bytes between any strides.
void ck_copy_tile(int width, int64_t rows, int64_t columns, char* out, int64_t out_row, int64_t out_column,
                  const char* x, int64_t x_row, int64_t x_column);

#endif
