#include <stdatomic.h>
#include <string.h>

#include "ck_conv.h"
#include "ck_memory.h"
#include "ck_thread.h"
#include "conv_places.h"

enum {
  BLOCK_K_BYTES = 1536,  // of a row of the image's matrix: a panel of it stays in the first-level cache
  PANELS = 4,            // panels that share the reading of a tile of weights
  PACKING_GRAIN = 1 << 15,
  WIDEST_TILE = 16 * 32,
};

// A product of weights [rows][channels · taps] with the matrix [channels · taps][places] of an image, for each group.
typedef struct plan {
  const gemm_kernels* kernels;
  conv_window window;
  int64_t batch, groups, rows, channels, k;
  // Weights, as they lie and as tiles read them.
  const char* weights;
  int64_t row_step, channel_step, group_step;
  int tile_rows;
  int64_t tiles;
  char* packed;
  // Where the places of the grid lie in the result.
  const char* source;
  char* out;
  const char* bias;
  int64_t out_size[3], out_first[3], out_step[3];
  _Atomic bool failed;
} plan;

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t parts(int64_t count, int64_t size) { return (count + size - 1) / size; }

// One tile of rows, k after k.
static void pack_weights(void* context, int64_t begin, int64_t end) {
  const plan* plan = context;
  const int64_t size = (int64_t)plan->kernels->size, height = plan->tile_rows;
  for (int64_t t = begin; t < end; t++) {
    int64_t group = t / plan->tiles, row = t % plan->tiles * height, rows = least(height, plan->rows - row);
    const char* from = plan->weights + (group * plan->group_step + row * plan->row_step) * size;
    char* to = plan->packed + t * plan->k * height * size;
    for (int64_t c = 0; c < plan->channels; c++, from += plan->channel_step * size) {
      for (int64_t tap = 0; tap < plan->window.taps; tap++, to += height * size) {
        int64_t at = plan->window.tap[tap].weight;
        if (size == sizeof(float)) {
          for (int64_t i = 0; i < rows; i++) ((float*)to)[i] = ((const float*)from)[at + i * plan->row_step];
        } else {
          for (int64_t i = 0; i < rows; i++) ((double*)to)[i] = ((const double*)from)[at + i * plan->row_step];
        }
      }
    }
  }
}

// What one thread works with.
typedef struct scratch {
  conv_run* runs;
  conv_pieces pieces[PANELS];
  conv_piece* places[PANELS];
  int64_t place_count[PANELS];
  char* panels;
  size_t run_bytes, place_bytes, panel_bytes;
} scratch;

static bool scratch_make(const plan* plan, scratch* scratch, int64_t k_block) {
  const int64_t columns = plan->kernels->columns;
  memset(scratch, 0, sizeof *scratch);
  scratch->run_bytes = (size_t)columns * sizeof(conv_run);
  scratch->place_bytes = (size_t)(PANELS * columns) * sizeof(conv_piece);
  scratch->panel_bytes = (size_t)(PANELS * columns * k_block) * plan->kernels->size;
  scratch->runs = ck_alloc(scratch->run_bytes);
  scratch->places[0] = ck_alloc(scratch->place_bytes);
  scratch->panels = ck_alloc(scratch->panel_bytes);
  bool made = scratch->runs && scratch->places[0] && scratch->panels;
  for (int i = 0; i < PANELS && made; i++) {
    scratch->places[i] = scratch->places[0] + i * columns;
    made = ck_conv_pieces_make(&scratch->pieces[i], plan->window.taps, columns);
  }
  return made;
}

static void scratch_free(scratch* scratch) {
  ck_free(scratch->runs, scratch->run_bytes);
  ck_free(scratch->places[0], scratch->place_bytes);
  ck_free(scratch->panels, scratch->panel_bytes);
  for (int i = 0; i < PANELS; i++) ck_conv_pieces_free(&scratch->pieces[i]);
}

// Where the runs lie in the result, one channel of which is given.
static int64_t find_places(const plan* plan, const conv_run* runs, int64_t count, conv_piece* places) {
  const int64_t *size = plan->out_size, *first = plan->out_first, *step = plan->out_step;
  int64_t image = plan->groups * plan->rows * conv_volume(size), found = 0;
  for (int64_t r = 0; r < count; r++) {
    int64_t at = 0;
    for (int i = 0; i < 3; i++) at = at * size[i] + first[i] + runs[r].place[i] * step[i];
    at += runs[r].image * image;
    conv_piece* last = found ? &places[found - 1] : NULL;
    if (last && step[2] == 1 && last->from + last->count == at) {
      last->count += runs[r].count;
    } else {
      places[found++] = (conv_piece){at, runs[r].to, runs[r].count};
    }
  }
  return found;
}

static void run_tile(const plan* plan, gemm_tile* tile, const conv_piece* places, int64_t place_count, char* out,
                     const char* bias, bool accumulate) {
  const gemm_kernels* kernels = plan->kernels;
  int64_t plane = conv_volume(plan->out_size);
  if (place_count == 1 && plan->out_step[2] == 1 && !bias) {
    tile->c = out + places->from * (int64_t)kernels->size;
    tile->c_row = plane;
    tile->accumulate = accumulate;
    kernels->tile(tile);
    return;
  }
  _Alignas(64) double sums[WIDEST_TILE];
  tile->c = sums;
  tile->c_row = kernels->columns;
  tile->accumulate = false;
  kernels->tile(tile);
  conv_tile finished = {sums, tile->rows, places, place_count, out, plane, plan->out_step[2], bias, accumulate};
  kernels->tile_to_image(&finished);
}

// The panels of one group from place `first` on.
static void run_places(const plan* plan, scratch* scratch, int64_t group, int64_t first, int64_t count,
                       int64_t k_block) {
  const gemm_kernels* kernels = plan->kernels;
  const int64_t size = (int64_t)kernels->size, width = kernels->columns, panels = parts(count, width);
  for (int64_t p = 0; p < panels; p++) {
    int64_t runs = ck_conv_runs(plan->window.grid, first + p * width, least(width, count - p * width), scratch->runs);
    ck_conv_pieces(&plan->window, scratch->runs, runs, &scratch->pieces[p]);
    scratch->place_count[p] = find_places(plan, scratch->runs, runs, scratch->places[p]);
  }
  int64_t plane = conv_volume(plan->window.source), out_plane = conv_volume(plan->out_size);
  const char* weights = plan->packed + group * plan->tiles * plan->k * plan->tile_rows * size;
  char* out = plan->out + group * plan->rows * out_plane * size;
  for (int64_t k = 0; k < plan->k; k += k_block) {
    int64_t depth = least(k_block, plan->k - k);
    for (int64_t p = 0; p < panels; p++) {
      conv_rows rows = {.pieces = &scratch->pieces[p],
                        .source = plan->source + group * plan->channels * plane * size,
                        .plane = plane,
                        .step = plan->window.step[2],
                        .first = k,
                        .count = depth,
                        .out = scratch->panels + p * width * k_block * size,
                        .stride = width,
                        .width = width};
      kernels->image_rows(&rows);
    }
    for (int64_t t = 0; t < plan->tiles; t++) {
      int64_t row = t * plan->tile_rows;
      const char* bias = k == 0 && plan->bias ? plan->bias + (group * plan->rows + row) * size : NULL;
      for (int64_t p = 0; p < panels; p++) {
        gemm_tile tile = {.rows = (int)least(plan->tile_rows, plan->rows - row),
                          .columns = (int)least(width, count - p * width),
                          .k = depth,
                          .a = weights + (t * plan->k + k) * plan->tile_rows * size,
                          .a_row = 1,
                          .a_column = plan->tile_rows,
                          .b = scratch->panels + p * width * k_block * size,
                          .b_row = width};
        run_tile(plan, &tile, scratch->places[p], scratch->place_count[p], out + row * out_plane * size, bias, k > 0);
      }
    }
  }
}

static void run_tasks(void* context, int64_t begin, int64_t end) {
  plan* plan = context;
  const int64_t k_block = least(plan->k, BLOCK_K_BYTES / (int64_t)plan->kernels->size);
  const int64_t places = plan->batch * conv_volume(plan->window.grid), columns = PANELS * plan->kernels->columns;
  const int64_t across = parts(places, columns);
  scratch scratch;
  if (scratch_make(plan, &scratch, k_block)) {
    for (int64_t task = begin; task < end; task++) {
      int64_t first = task % across * columns;
      run_places(plan, &scratch, task / across, first, least(columns, places - first), k_block);
    }
  } else {
    atomic_store_explicit(&plan->failed, true, memory_order_relaxed);
  }
  scratch_free(&scratch);
}

static bool run(plan* plan) {
  plan->k = plan->channels * plan->window.taps;
  int64_t tiles = parts(plan->rows, plan->kernels->rows);
  plan->tile_rows = (int)parts(plan->rows, tiles);
  plan->tiles = parts(plan->rows, plan->tile_rows);
  for (int64_t t = 0; t < plan->window.taps; t++) ck_conv_bound(&plan->window, &plan->window.tap[t]);
  size_t bytes = (size_t)(plan->groups * plan->tiles * plan->tile_rows * plan->k) * plan->kernels->size;
  plan->packed = ck_alloc(bytes);
  if (!plan->packed) return false;
  ck_parallel(plan->groups * plan->tiles, PACKING_GRAIN / (plan->tile_rows * plan->k) + 1, pack_weights, plan);
  int64_t places = plan->batch * conv_volume(plan->window.grid);
  int64_t tasks = plan->groups * parts(places, PANELS * plan->kernels->columns);
  double work = (double)places * (double)plan->groups * (double)plan->rows * (double)plan->k;
  ck_parallel(tasks, (int64_t)((double)tasks * PACKING_GRAIN / (work + 1)) + 1, run_tasks, plan);
  ck_free(plan->packed, bytes);
  return !atomic_load_explicit(&plan->failed, memory_order_relaxed);
}

static int64_t tap_room(const ck_conv* conv) { return conv_volume(conv->kernel) * (int64_t)sizeof(conv_tap); }

bool ck_conv_y(const ck_conv* conv, const void* x, const void* w, const void* bias, void* y) {
  int64_t taps = conv_volume(conv->kernel), places = conv->batch * conv_volume(conv->y_size);
  if (places == 0 || conv->y_channels == 0 || conv->groups == 0) return true;
  plan plan = {.kernels = ck_gemm_kernels(conv->dtype == CK_FLOAT64), .batch = conv->batch, .groups = conv->groups};
  plan.rows = conv->y_channels;
  plan.channels = conv->x_channels;
  plan.weights = w;
  plan.row_step = conv->x_channels * taps;
  plan.channel_step = taps;
  plan.group_step = conv->y_channels * plan.row_step;
  plan.source = x;
  plan.out = y;
  plan.bias = bias;
  plan.window.image = conv->groups * conv->x_channels * conv_volume(conv->x_size);
  plan.window.taps = taps;
  plan.window.tap = ck_alloc((size_t)tap_room(conv));
  if (!plan.window.tap) return false;
  for (int i = 0; i < 3; i++) {
    plan.window.source[i] = conv->x_size[i];
    plan.window.grid[i] = plan.out_size[i] = conv->y_size[i];
    plan.window.step[i] = conv->stride[i];
    plan.out_step[i] = 1;
  }
  for (int64_t t = 0; t < taps; t++) {
    conv_tap* tap = &plan.window.tap[t];
    tap->weight = t;
    for (int64_t i = 2, rest = t; i >= 0; rest /= conv->kernel[i--]) {
      tap->offset[i] = rest % conv->kernel[i] * conv->dilation[i] - conv->padding[i];
    }
  }
  bool done = run(&plan);
  ck_free(plan.window.tap, (size_t)tap_room(conv));
  return done;
}

// Places of x with the same remainder by the stride meet the same taps of y, whose places are then neighbours.
static bool run_phase(const ck_conv* conv, plan* plan, const int64_t phase[3]) {
  plan->window.taps = 0;
  for (int i = 0; i < 3; i++) {
    plan->window.grid[i] = phase[i] < conv->x_size[i] ? parts(conv->x_size[i] - phase[i], conv->stride[i]) : 0;
    plan->out_first[i] = phase[i];
  }
  for (int64_t t = 0; t < conv_volume(conv->kernel); t++) {
    conv_tap tap = {.weight = t};
    bool meets = true;
    for (int64_t i = 2, rest = t; i >= 0; rest /= conv->kernel[i--]) {
      int64_t distance = phase[i] + conv->padding[i] - rest % conv->kernel[i] * conv->dilation[i];
      tap.offset[i] = distance / conv->stride[i];
      meets = meets && distance % conv->stride[i] == 0;
    }
    if (meets) plan->window.tap[plan->window.taps++] = tap;
  }
  return plan->window.taps == 0 || conv_volume(plan->window.grid) == 0 || run(plan);
}

typedef struct filling {
  const ck_conv* conv;
  const char* bias;
  char* x;
} filling;

// Every place of x before the taps are added up.
static void fill_planes(void* context, int64_t begin, int64_t end) {
  const filling* filling = context;
  int64_t plane = conv_volume(filling->conv->x_size), channels = filling->conv->groups * filling->conv->x_channels;
  for (int64_t p = begin; p < end; p++) {
    for (int64_t i = p * plane; i < (p + 1) * plane; i++) {
      if (filling->conv->dtype == CK_FLOAT64) {
        ((double*)filling->x)[i] = filling->bias ? ((const double*)filling->bias)[p % channels] : 0;
      } else {
        ((float*)filling->x)[i] = filling->bias ? ((const float*)filling->bias)[p % channels] : 0;
      }
    }
  }
}

bool ck_conv_x(const ck_conv* conv, const void* y, const void* w, const void* bias, void* x) {
  int64_t taps = conv_volume(conv->kernel), places = conv_volume(conv->x_size);
  if (conv->batch * places == 0 || conv->x_channels == 0 || conv->groups == 0) return true;
  bool leaves_gaps = conv->y_channels == 0;
  for (int i = 0; i < 3; i++) leaves_gaps = leaves_gaps || conv->stride[i] > 1;
  if (leaves_gaps) {
    filling filling = {conv, bias, x};
    ck_parallel(conv->batch * conv->groups * conv->x_channels, PACKING_GRAIN / places + 1, fill_planes, &filling);
  }
  if (conv->y_channels == 0) return true;
  plan plan = {.kernels = ck_gemm_kernels(conv->dtype == CK_FLOAT64), .batch = conv->batch, .groups = conv->groups};
  plan.rows = conv->x_channels;
  plan.channels = conv->y_channels;
  plan.weights = w;
  plan.row_step = taps;
  plan.channel_step = conv->x_channels * taps;
  plan.group_step = conv->y_channels * plan.channel_step;
  plan.source = y;
  plan.out = x;
  plan.bias = bias;
  plan.window.image = conv->groups * conv->y_channels * conv_volume(conv->y_size);
  plan.window.tap = ck_alloc((size_t)tap_room(conv));
  if (!plan.window.tap) return false;
  bool done = true;
  int64_t phases[3];
  for (int i = 0; i < 3; i++) {
    plan.window.source[i] = conv->y_size[i];
    plan.window.step[i] = 1;
    plan.out_size[i] = conv->x_size[i];
    plan.out_step[i] = conv->stride[i];
    phases[i] = least(conv->stride[i], conv->x_size[i]);
  }
  int64_t phase[3];
  for (phase[0] = 0; phase[0] < phases[0] && done; phase[0]++) {
    for (phase[1] = 0; phase[1] < phases[1] && done; phase[1]++) {
      for (phase[2] = 0; phase[2] < phases[2] && done; phase[2]++) done = run_phase(conv, &plan, phase);
    }
  }
  ck_free(plan.window.tap, (size_t)tap_room(conv));
  return done;
}
