#include "ck_walk.h"

#include <string.h>

#include "ck_sets.h"
#include "ck_thread.h"
#include "ck_tiles.h"

typedef struct walk {
  ck_kernel kernel;
  const double* params;
  int operands;
  const ck_operand* operand;
  const ck_set* set;
  ck_tiles tiles;
} walk;

// Where the operands of a tile are made contiguous.
typedef struct buffers {
  const walk* walk;
  const char* filled_from[CK_MAX_OPERANDS];  // what a repeated operand's buffer is filled with
  int64_t filled[CK_MAX_OPERANDS];
  _Alignas(64) char packed[CK_MAX_OPERANDS][CK_TILE_BYTES];
  _Alignas(64) uint16_t halves[CK_TILE_BYTES / sizeof(float)];
} buffers;

static bool is_dense(const ck_tile* tile, int k, int width) {
  return tile->column_stride[k] == width && (tile->rows == 1 || tile->row_stride[k] == tile->columns * width);
}

static const void* pack(buffers* state, const ck_tile* tile, int k) {
  const walk* w = state->walk;
  const ck_dtype dtype = w->operand[k].dtype;
  const int width = ck_width(dtype);
  const int64_t n = tile->rows * tile->columns;
  const bool dense = is_dense(tile, k, width), half = ck_is_half(dtype);
  if (dense && !half) return tile->data[k];
  const bool repeated = tile->column_stride[k] == 0 && (tile->row_stride[k] == 0 || tile->rows == 1);
  if (repeated && state->filled_from[k] == tile->data[k] && state->filled[k] >= n) return state->packed[k];
  char* raw = half ? (char*)state->halves : state->packed[k];
  if (!dense) {
    ck_copy_tile(width, tile->rows, tile->columns, raw, tile->columns * width, width, tile->data[k],
                 tile->row_stride[k], tile->column_stride[k]);
  }
  if (half) {
    ck_widen(w->set, dtype, n, (float*)state->packed[k], dense ? (const uint16_t*)tile->data[k] : state->halves);
  }
  state->filled_from[k] = repeated ? tile->data[k] : NULL;
  state->filled[k] = n;
  return state->packed[k];
}

static void run_tile(void* context, const ck_tile* tile) {
  buffers* state = context;
  const walk* w = state->walk;
  const ck_dtype dtype = w->operand[0].dtype;
  const int width = ck_width(dtype);
  const int64_t n = tile->rows * tile->columns;
  const bool dense = is_dense(tile, 0, width), half = ck_is_half(dtype);
  const void* in[CK_MAX_OPERANDS - 1] = {NULL};
  for (int k = 1; k < w->operands; k++) in[k - 1] = pack(state, tile, k);
  char* out = dense && !half ? tile->data[0] : state->packed[0];
  w->kernel(n, out, in, w->params);
  if (half) {
    uint16_t* halves = dense ? (uint16_t*)tile->data[0] : state->halves;
    ck_narrow(w->set, dtype, n, halves, (const float*)out);
    out = (char*)halves;
  }
  if (!dense) {
    ck_copy_tile(width, tile->rows, tile->columns, tile->data[0], tile->row_stride[0], tile->column_stride[0], out,
                 tile->columns * width, width);
  }
}

static void run_share(void* context, int64_t begin, int64_t end) {
  buffers state;
  state.walk = context;
  for (int k = 0; k < CK_MAX_OPERANDS; k++) state.filled_from[k] = NULL;
  ck_tiles_each(&state.walk->tiles, begin, end, run_tile, &state);
}

static void run_dense(void* context, int64_t begin, int64_t end) {
  const walk* w = context;
  const void* in[CK_MAX_OPERANDS - 1] = {NULL};
  for (int k = 1; k < w->operands; k++)
    in[k - 1] = (const char*)w->operand[k].data + begin * ck_width(w->operand[k].dtype);
  w->kernel(end - begin, (char*)w->operand[0].data + begin * ck_width(w->operand[0].dtype), in, w->params);
}

static bool all_dense(int rank, int operands, const ck_operand* operand) {
  for (int k = 0; k < operands; k++) {
    if (operand[k].stride && !(rank == 1 && operand[k].stride[0] == 1)) return false;
    if (ck_is_half(operand[k].dtype)) return false;
  }
  return true;
}

static void run_strided(walk* w, int64_t grain, int rank, const int64_t* size) {
  const int64_t* stride[CK_MAX_OPERANDS];
  int width[CK_MAX_OPERANDS], widest = 1;
  void* data[CK_MAX_OPERANDS];
  bool direct = true;
  for (int k = 0; k < w->operands; k++) {
    const ck_operand* operand = &w->operand[k];
    const bool half = ck_is_half(operand->dtype);
    stride[k] = operand->stride;
    width[k] = ck_width(operand->dtype);
    data[k] = operand->data;
    const int held = half ? (int)sizeof(float) : width[k];
    if (held > widest) widest = held;
    direct = direct && !half;
  }
  ck_axes axes;
  ck_axes_make(&axes, rank, size, w->operands, stride, width);
  ck_tiles_make(&w->tiles, &axes, width, data, CK_TILE_BYTES / widest, direct);
  w->set = ck_set_in_use();
  const int64_t tiles = grain / (w->tiles.tile_rows * w->tiles.tile_columns);
  ck_parallel(w->tiles.count, tiles > 0 ? tiles : 1, run_share, w);
}

void ck_walk_kernel(ck_kernel kernel, const double* params, int64_t grain, int rank, const int64_t* size, int operands,
                    const ck_operand* operand) {
  const int64_t n = ck_count(rank, size);
  if (n == 0) return;
  if (!all_dense(rank, operands, operand)) {
    walk w = {.kernel = kernel, .params = params, .operands = operands, .operand = operand};
    run_strided(&w, grain, rank, size);
    return;
  }
  if (n <= grain) {
    const void* in[CK_MAX_OPERANDS - 1] = {NULL};
    for (int k = 1; k < operands; k++) in[k - 1] = operand[k].data;
    kernel(n, operand[0].data, in, params);
    return;
  }
  walk w = {.kernel = kernel, .params = params, .operands = operands, .operand = operand};
  ck_parallel(n, grain, run_dense, &w);
}
