#include <stdlib.h>
#include <string.h>

#include "ck_thread.h"
#include "ck_tiles.h"

#define CK_COPY_GRAIN 65536

typedef struct copy {
  int width;
  ck_tiles tiles;
} copy;

static void copy_tile(void* context, const ck_tile* tile) {
  const int width = ((const copy*)context)->width;
  const bool turned = tile->row_stride[1] != 0 && llabs(tile->row_stride[1]) < llabs(tile->column_stride[1]);
  if (!turned) {
    ck_copy_tile(width, tile->rows, tile->columns, tile->data[0], tile->row_stride[0], tile->column_stride[0],
                 tile->data[1], tile->row_stride[1], tile->column_stride[1]);
    return;
  }
  // By way of a buffer, both sides are walked along their own lines.
  _Alignas(64) char packed[CK_TILE_BYTES];
  ck_copy_tile(width, tile->rows, tile->columns, packed, tile->columns * width, width, tile->data[1],
               tile->row_stride[1], tile->column_stride[1]);
  ck_copy_tile(width, tile->rows, tile->columns, tile->data[0], tile->row_stride[0], tile->column_stride[0], packed,
               tile->columns * width, width);
}

static void copy_share(void* context, int64_t begin, int64_t end) {
  ck_tiles_each(&((const copy*)context)->tiles, begin, end, copy_tile, context);
}

void ck_walk_copy(ck_dtype dtype, int rank, const int64_t* size, ck_out out, ck_in x) {
  const int64_t n = ck_count(rank, size);
  if (n == 0) return;
  const int width = ck_width(dtype);
  if (n <= CK_COPY_GRAIN && !out.stride && !x.stride) {
    memmove(out.data, x.data, (size_t)(n * width));
    return;
  }
  copy c = {.width = width};
  ck_axes axes;
  ck_axes_make(&axes, rank, size, 2, (const int64_t* const[]){out.stride, x.stride}, (const int[]){width, width});
  ck_tiles_make(&c.tiles, &axes, (const int[]){width, width}, (void* const[]){out.data, (void*)x.data},
                CK_TILE_BYTES / width, true);
  const int64_t tiles = CK_COPY_GRAIN / (c.tiles.tile_rows * c.tiles.tile_columns);
  ck_parallel(c.tiles.count, tiles > 0 ? tiles : 1, copy_share, &c);
}
