#include <stdatomic.h>
#include <string.h>

#include "ck_conv.h"
#include "ck_memory.h"
#include "ck_thread.h"
#include "conv_places.h"

enum {
  BLOCK_BYTES = 1536,  // of a row of places
  ROW_TILES = 12,      // tiles of rows that one task takes: their places stay in the second-level cache
  LEAST_TASKS = 16,
  FEW_CHANNELS = 4,        // of y: too few for a panel of them
  PANEL_BYTES = 32 << 20,  // of y turned round at a time
  SUMMING_GRAIN = 1 << 14,
};

// The gradient of the weights: a product [channels of x · taps][places] · [places][channels of y], for each group.
typedef struct plan {
  const gemm_kernels* kernels;
  const ck_conv* conv;
  conv_window window;
  const char *x, *y;
  char* w;
  int64_t places, rows, columns;
  int64_t block, blocks;  // places that are multiplied at a time
  // The blocks of one pass, and their y with the channels side by side.
  int64_t first_block, pass_blocks;
  char* panels;
  int64_t padded;
  // Tasks: row blocks of groups, each cut into splits of the blocks with sums of their own.
  int64_t task_rows, row_blocks, splits, split_blocks;
  char* sums;
  _Atomic bool failed;
} plan;

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t parts(int64_t count, int64_t size) { return (count + size - 1) / size; }

static int64_t block_places(const plan* plan, int64_t block) {
  return least(plan->block, plan->places - block * plan->block);
}

// Calls with the pieces of a block of places that lie in one image: y there, places before it, places.
typedef void (*piece_body)(const plan* plan, const char* y, int64_t done, int64_t count, void* out);

static void each_piece(const plan* plan, int64_t group, int64_t channel, int64_t block, piece_body body, void* out) {
  const int64_t size = (int64_t)plan->kernels->size, plane = conv_volume(plan->conv->y_size);
  const int64_t image = plan->conv->groups * plan->columns * plane;
  int64_t first = block * plan->block, count = block_places(plan, block);
  for (int64_t done = 0; done < count;) {
    int64_t place = (first + done) % plane, here = least(plane - place, count - done);
    int64_t at = (first + done) / plane * image + (group * plan->columns + channel) * plane + place;
    body(plan, plan->y + at * size, done, here, out);
    done += here;
  }
}

typedef struct panel {
  char* out;
  int64_t columns;
} panel;

static void pack_piece(const plan* plan, const char* y, int64_t done, int64_t count, void* context) {
  const panel* panel = context;
  gemm_operand b = {y, 1, conv_volume(plan->conv->y_size)};
  plan->kernels->pack_columns[GEMM_SAME](&b, panel->columns, count,
                                         panel->out + done * plan->kernels->columns * (int64_t)plan->kernels->size);
}

static void pack_blocks(void* context, int64_t begin, int64_t end) {
  const plan* plan = context;
  const int64_t size = (int64_t)plan->kernels->size, width = plan->kernels->columns;
  for (int64_t i = begin; i < end; i++) {
    int64_t block = i / plan->conv->groups, group = i % plan->conv->groups;
    char* out = plan->panels + i * plan->block * plan->padded * size;
    for (int64_t column = 0; column < plan->columns; column += width) {
      panel panel = {out + column * plan->block * size, least(width, plan->columns - column)};
      each_piece(plan, group, column, plan->first_block + block, pack_piece, &panel);
    }
  }
}

static void copy_piece(const plan* plan, const char* y, int64_t done, int64_t count, void* out) {
  memcpy((char*)out + done * (int64_t)plan->kernels->size, y, (size_t)count * plan->kernels->size);
}

typedef struct task {
  int64_t group, row, rows, block, stride;
  bool accumulate;
  char *image_rows, *y_row, *sums;
} task;

static void multiply_tiles(const plan* plan, const task* task) {
  const gemm_kernels* kernels = plan->kernels;
  const int64_t size = (int64_t)kernels->size, places = block_places(plan, task->block);
  const int64_t height = parts(task->rows, parts(task->rows, kernels->rows));
  const char* panels = plan->panels + ((task->block - plan->first_block) * plan->conv->groups + task->group) *
                                          plan->block * plan->padded * size;
  for (int64_t column = 0; column < plan->columns; column += kernels->columns) {
    for (int64_t row = 0; row < task->rows; row += height) {
      gemm_tile tile = {.rows = (int)least(height, task->rows - row),
                        .columns = (int)least(kernels->columns, plan->columns - column),
                        .k = places,
                        .a = task->image_rows + row * task->stride * size,
                        .a_row = task->stride,
                        .a_column = 1,
                        .b = panels + column * plan->block * size,
                        .b_row = kernels->columns,
                        .c = task->sums + (column * plan->rows + row) * size,
                        .c_row = plan->rows,
                        .accumulate = task->accumulate};
      kernels->tile_transposed(&tile);
    }
  }
}

static void multiply_rows(const plan* plan, const task* task) {
  const int64_t size = (int64_t)plan->kernels->size;
  for (int64_t column = 0; column < plan->columns; column++) {
    each_piece(plan, task->group, column, task->block, copy_piece, task->y_row);
    gemm_vector product = {.count = task->rows,
                           .k = block_places(plan, task->block),
                           .matrix = {task->image_rows, task->stride, 1},
                           .x = task->y_row,
                           .x_stride = 1,
                           .y = task->sums + column * plan->rows * size,
                           .y_stride = 1,
                           .accumulate = task->accumulate};
    plan->kernels->dots(&product);
  }
}

// The sums of some rows over the blocks of one split.
static void run_task(const plan* plan, int64_t number, conv_run* runs, conv_pieces* pieces, char* image_rows,
                     char* y_row, int64_t stride) {
  const int64_t size = (int64_t)plan->kernels->size, across = plan->conv->groups * plan->row_blocks;
  int64_t split = number / across, row = number % plan->row_blocks * plan->task_rows;
  task task = {.group = number % across / plan->row_blocks,
               .row = row,
               .rows = least(plan->task_rows, plan->rows - row),
               .stride = stride,
               .image_rows = image_rows,
               .y_row = y_row};
  int64_t weights = plan->columns * plan->rows;
  task.sums = plan->sums + ((split * plan->conv->groups + task.group) * weights + row) * size;
  int64_t first = plan->first_block + split * plan->split_blocks;
  int64_t end = least(first + plan->split_blocks, plan->first_block + plan->pass_blocks);
  int64_t plane = conv_volume(plan->conv->x_size);
  task.accumulate = plan->first_block > 0;
  for (task.block = first; task.block < end; task.block++) {
    int64_t places = block_places(plan, task.block);
    int64_t count = ck_conv_runs(plan->window.grid, task.block * plan->block, places, runs);
    ck_conv_pieces(&plan->window, runs, count, pieces);
    conv_rows rows = {.pieces = pieces,
                      .source = plan->x + task.group * plan->conv->x_channels * plane * size,
                      .plane = plane,
                      .step = plan->window.step[2],
                      .first = row,
                      .count = task.rows,
                      .out = image_rows,
                      .stride = stride,
                      .width = places};
    plan->kernels->image_rows(&rows);
    if (plan->panels) {
      multiply_tiles(plan, &task);
    } else {
      multiply_rows(plan, &task);
    }
    task.accumulate = true;
  }
}

static void run_tasks(void* context, int64_t begin, int64_t end) {
  plan* plan = context;
  const int64_t size = (int64_t)plan->kernels->size, line = 64 / size;
  // Rows lie an odd number of cache lines apart, so that they do not fall on the same place in the cache.
  const int64_t stride = parts(plan->block, 2 * line) * 2 * line + line;
  size_t run_bytes = (size_t)plan->block * sizeof(conv_run);
  size_t row_bytes = (size_t)((plan->task_rows + plan->kernels->rows + 1) * stride * size);
  conv_run* runs = ck_alloc(run_bytes);
  char* rows = ck_alloc(row_bytes);
  conv_pieces pieces = {0};
  if (runs && rows && ck_conv_pieces_make(&pieces, plan->window.taps, plan->block)) {
    for (int64_t i = begin; i < end; i++) {
      run_task(plan, i, runs, &pieces, rows, rows + (row_bytes - (size_t)(stride * size)), stride);
    }
    ck_conv_pieces_free(&pieces);
  } else {
    atomic_store_explicit(&plan->failed, true, memory_order_relaxed);
  }
  ck_free(rows, row_bytes);
  ck_free(runs, run_bytes);
}

// The splits in their order.
static void add_splits(void* context, int64_t begin, int64_t end) {
  const plan* plan = context;
  int64_t weights = plan->conv->groups * plan->columns * plan->rows;
  for (int64_t split = 1; split < plan->splits; split++) {
    if (plan->kernels->size == sizeof(float)) {
      float* to = (float*)plan->w;
      const float* from = (const float*)plan->sums + split * weights;
      for (int64_t i = begin; i < end; i++) to[i] = (split == 1 ? ((const float*)plan->sums)[i] : to[i]) + from[i];
    } else {
      double* to = (double*)plan->w;
      const double* from = (const double*)plan->sums + split * weights;
      for (int64_t i = begin; i < end; i++) to[i] = (split == 1 ? ((const double*)plan->sums)[i] : to[i]) + from[i];
    }
  }
}

static void cut(plan* plan) {
  const int64_t size = (int64_t)plan->kernels->size;
  plan->block = least(BLOCK_BYTES / size, plan->places);
  plan->blocks = parts(plan->places, plan->block);
  plan->padded = parts(plan->columns, plan->kernels->columns) * plan->kernels->columns;
  plan->task_rows = least(ROW_TILES * plan->kernels->rows, plan->rows);
  plan->row_blocks = parts(plan->rows, plan->task_rows);
  plan->pass_blocks = plan->blocks;
  if (plan->columns > FEW_CHANNELS) {
    int64_t bytes = plan->conv->groups * plan->block * plan->padded * size;
    plan->pass_blocks = least(plan->blocks, PANEL_BYTES / bytes + 1);
  }
  plan->splits = least(parts(LEAST_TASKS, plan->conv->groups * plan->row_blocks), plan->pass_blocks);
  plan->split_blocks = parts(plan->pass_blocks, plan->splits);
  plan->splits = parts(plan->pass_blocks, plan->split_blocks);
}

static bool run_passes(plan* plan) {
  const int64_t size = (int64_t)plan->kernels->size, groups = plan->conv->groups;
  size_t panel_bytes = (size_t)(plan->pass_blocks * groups * plan->block * plan->padded * size);
  if (plan->columns > FEW_CHANNELS) {
    plan->panels = ck_alloc(panel_bytes);
    if (!plan->panels) return false;
  }
  int64_t whole = plan->pass_blocks;
  for (; plan->first_block < plan->blocks; plan->first_block += whole) {
    plan->pass_blocks = least(whole, plan->blocks - plan->first_block);
    if (plan->panels) ck_parallel(plan->pass_blocks * groups, 1, pack_blocks, plan);
    // The last pass may be too short for all splits.
    ck_parallel(parts(plan->pass_blocks, plan->split_blocks) * groups * plan->row_blocks, 1, run_tasks, plan);
  }
  if (plan->panels) ck_free(plan->panels, panel_bytes);
  return !atomic_load_explicit(&plan->failed, memory_order_relaxed);
}

bool ck_conv_w(const ck_conv* conv, const void* x, const void* y, void* w) {
  int64_t taps = conv_volume(conv->kernel);
  plan plan = {.kernels = ck_gemm_kernels(conv->dtype == CK_FLOAT64), .conv = conv, .x = x, .y = y, .w = w};
  plan.places = conv->batch * conv_volume(conv->y_size);
  plan.rows = conv->x_channels * taps;
  plan.columns = conv->y_channels;
  int64_t weights = conv->groups * plan.rows * plan.columns;
  if (weights == 0) return true;
  if (plan.places == 0) {
    memset(w, 0, (size_t)weights * plan.kernels->size);
    return true;
  }
  plan.window.image = conv->groups * conv->x_channels * conv_volume(conv->x_size);
  plan.window.taps = taps;
  for (int i = 0; i < 3; i++) {
    plan.window.source[i] = conv->x_size[i];
    plan.window.grid[i] = conv->y_size[i];
    plan.window.step[i] = conv->stride[i];
  }
  size_t tap_bytes = (size_t)taps * sizeof(conv_tap);
  plan.window.tap = ck_alloc(tap_bytes);
  if (!plan.window.tap) return false;
  for (int64_t t = 0; t < taps; t++) {
    conv_tap* tap = &plan.window.tap[t];
    for (int64_t i = 2, rest = t; i >= 0; rest /= conv->kernel[i--]) {
      tap->offset[i] = rest % conv->kernel[i] * conv->dilation[i] - conv->padding[i];
    }
    ck_conv_bound(&plan.window, tap);
  }
  cut(&plan);
  size_t sum_bytes = (size_t)(plan.splits * weights) * plan.kernels->size;
  plan.sums = plan.splits > 1 ? ck_alloc(sum_bytes) : w;
  bool done = plan.sums && run_passes(&plan);
  if (done) ck_parallel(weights, SUMMING_GRAIN, add_splits, &plan);
  if (plan.splits > 1) ck_free(plan.sums, sum_bytes);
  ck_free(plan.window.tap, tap_bytes);
  return done;
}
