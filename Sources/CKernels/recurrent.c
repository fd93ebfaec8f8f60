#include <stdatomic.h>
#include <string.h>

#include "ck_isa.h"
#include "ck_memory.h"
#include "ck_recurrent.h"
#include "ck_recurrent_sets.h"
#include "ck_thread.h"
#include "gemm_kernels.h"

enum {
  PANEL_BYTES = 1536,  // of a column of a panel, which stays in the first-level cache
  MOST_TILES = 4,      // rows of tiles that a task takes through all steps
};

// A matrix [k][n] in the order in which tiles read it: for each piece of k rows, panel after panel.
typedef struct panels {
  char* data;
  size_t bytes;
  gemm_operand matrix;
  int64_t k, n, k_piece;
} panels;

typedef struct plan {
  const ck_recurrent* r;
  const ck_recurrent_values *values, *gradients;
  char *before, *totals;
  const gemm_kernels* kernels;
  const ck_recurrent_set* set;
  int64_t size, gates;  // of an element, and the width of the gates
  int64_t* starts;      // the first row of each step
  // The weight in two parts for a GRU, whose candidate has its product for itself, and the projection.
  panels weight[2], projection;
  int64_t block;
  _Atomic bool failed;
} plan;

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t pieces(int64_t count, int64_t size) { return (count + size - 1) / size; }

static const ck_recurrent_set* set_in_use(bool doubles) {
  if (doubles) return &ck_recurrent_doubles;
#if defined(__x86_64__)
  const ck_isa isa = ck_isa_in_use();
  if (isa == CK_AVX512) return &ck_recurrent_avx512;
  if (isa == CK_AVX2) return &ck_recurrent_avx2;
#endif
  return &ck_recurrent_portable;
}

// ---- Products with the weights, packed once for all steps

typedef struct packing {
  const gemm_kernels* kernels;
  const panels* panels;
} packing;

static int64_t panel_place(const gemm_kernels* kernels, const panels* p, int64_t k, int64_t panel) {
  const int64_t across = pieces(p->n, kernels->columns);
  return (k * across + panel * least(p->k_piece, p->k - k)) * kernels->columns * (int64_t)kernels->size;
}

static void pack_panels(void* context, int64_t begin, int64_t end) {
  const packing* packing = context;
  const gemm_kernels* kernels = packing->kernels;
  const panels* p = packing->panels;
  for (int64_t k = 0; k < p->k; k += p->k_piece) {
    for (int64_t panel = begin; panel < end; panel++) {
      const int64_t column = panel * kernels->columns;
      const int64_t elements = k * p->matrix.row + column * p->matrix.column;
      const gemm_operand from = {(const char*)p->matrix.data + elements * (int64_t)kernels->size, p->matrix.row,
                                 p->matrix.column};
      kernels->pack_columns[GEMM_SAME](&from, least(kernels->columns, p->n - column), least(p->k_piece, p->k - k),
                                       p->data + panel_place(kernels, p, k, panel));
    }
  }
}

static bool pack(const plan* plan, panels* p, const void* matrix, int64_t row, int64_t column, int64_t k, int64_t n) {
  const int64_t most = PANEL_BYTES / plan->size, across = pieces(n, plan->kernels->columns);
  *p = (panels){.matrix = {matrix, row, column}, .k = k, .n = n, .k_piece = pieces(k, pieces(k, most))};
  p->bytes = (size_t)(across * plan->kernels->columns * k * plan->size);
  p->data = ck_alloc(p->bytes);
  if (!p->data) return false;
  packing packing = {plan->kernels, p};
  ck_parallel(across, 1, pack_panels, &packing);
  return true;
}

static void release(panels* p) {
  if (p->data) ck_free(p->data, p->bytes);
}

// c = a · matrix (+ c) (+ bias).
static void multiply(const plan* plan, const panels* p, const char* a, int64_t a_row, int64_t rows, char* c,
                     int64_t c_row, bool accumulate, const char* bias) {
  const gemm_kernels* kernels = plan->kernels;
  const int64_t size = plan->size, height = pieces(rows, pieces(rows, kernels->rows));
  for (int64_t k = 0; k < p->k; k += p->k_piece) {
    gemm_tile tile = {.k = least(p->k_piece, p->k - k), .a_row = a_row, .a_column = 1, .c_row = c_row};
    tile.b_row = kernels->columns;
    tile.accumulate = accumulate || k > 0;
    for (int64_t j = 0; j < p->n; j += kernels->columns) {
      tile.columns = (int)least(kernels->columns, p->n - j);
      tile.b = p->data + panel_place(kernels, p, k, j / kernels->columns);
      tile.bias = bias && k + tile.k == p->k ? bias + j * size : NULL;
      for (int64_t i = 0; i < rows; i += height) {
        tile.rows = (int)least(height, rows - i);
        tile.a = a + (i * a_row + k) * size;
        tile.c = c + (i * c_row + j) * size;
        kernels->tile(&tile);
      }
    }
  }
}

// ---- Steps of the sequences from `first` on

static char* row_of(const plan* plan, void* data, int64_t row, int64_t width) {
  return data ? (char*)data + row * width * plan->size : NULL;
}

static void forward_step(const plan* plan, int64_t step, int64_t first, int64_t rows, char* scratch) {
  const ck_recurrent* r = plan->r;
  const ck_recurrent_values* v = plan->values;
  const int64_t row = plan->starts[step] + first, n = r->hidden, width = r->projected;
  char *h = row_of(plan, v->h, first, width), *output = row_of(plan, v->output, row, width);
  char *gates = row_of(plan, v->gates, row, plan->gates), *aside = row_of(plan, v->aside, row, n);
  multiply(plan, &plan->weight[0], h, width, rows, gates, plan->gates, true, NULL);
  if (r->cell == CK_GRU_CELL) multiply(plan, &plan->weight[1], h, width, rows, aside, n, false, r->bias);
  const ck_cell_rows cells = {.rows = rows,
                              .n = n,
                              .gates = gates,
                              .aside = aside,
                              .out = r->projection ? scratch : output,
                              .state = row_of(plan, v->c, first, n),
                              .before = h};
  plan->set->forward[r->cell](&cells);
  if (r->projection) multiply(plan, &plan->projection, scratch, n, rows, output, width, false, NULL);
  memcpy(h, output, (size_t)(rows * width * plan->size));
}

// Rows whose states before the step lie next to each other, in `h` and `c`.
static void backward_rows(const plan* plan, int64_t step, int64_t first, int64_t rows, const char* h, char* c,
                          char* g) {
  const ck_recurrent* r = plan->r;
  const int64_t row = plan->starts[step] + first, n = r->hidden;
  if (rows <= 0) return;
  memcpy(row_of(plan, plan->before, row, r->projected), h, (size_t)(rows * r->projected * plan->size));
  const ck_cell_rows cells = {.rows = rows,
                              .n = n,
                              .gates = row_of(plan, plan->values->gates, row, plan->gates),
                              .aside = row_of(plan, plan->values->aside, row, n),
                              .out = row_of(plan, plan->gradients->gates, row, plan->gates),
                              .before = r->cell == CK_LSTM_CELL ? c : h,
                              .g = g,
                              .state_gradients = row_of(plan, plan->gradients->c, first, n)};
  plan->set->backward[r->cell](&cells, row_of(plan, plan->gradients->aside, row, n));
}

static void backward_step(const plan* plan, int64_t step, int64_t first, int64_t rows, char* scratch) {
  const ck_recurrent* r = plan->r;
  const ck_recurrent_values *v = plan->values, *gradients = plan->gradients;
  const int64_t row = plan->starts[step] + first, n = r->hidden, width = r->projected;
  char *of_h = row_of(plan, gradients->h, first, width), *g = of_h;
  if (gradients->output) plan->set->add(rows * width, of_h, row_of(plan, gradients->output, row, width));
  if (r->projection) {
    memcpy(row_of(plan, plan->totals, row, width), of_h, (size_t)(rows * width * plan->size));
    multiply(plan, &plan->projection, of_h, width, rows, scratch, n, false, NULL);
    g = scratch;
  }
  const int64_t other = r->reversed ? step + 1 : step - 1;
  int64_t known = other < 0 || other >= r->steps ? 0 : least(rows, r->sizes[other] - first);
  if (known < 0) known = 0;
  if (known > 0) {
    const int64_t earlier = plan->starts[other] + first;
    backward_rows(plan, step, first, known, row_of(plan, v->output, earlier, width), row_of(plan, v->aside, earlier, n),
                  g);
  }
  backward_rows(plan, step, first + known, rows - known, row_of(plan, v->h, first + known, width),
                row_of(plan, v->c, first + known, n), g + known * n * plan->size);
  const char* gates = row_of(plan, gradients->gates, row, plan->gates);
  multiply(plan, &plan->weight[0], gates, plan->gates, rows, of_h, width, r->cell == CK_GRU_CELL, NULL);
  if (r->cell != CK_GRU_CELL) return;
  multiply(plan, &plan->weight[1], row_of(plan, gradients->aside, row, n), n, rows, of_h, width, true, NULL);
}

// All steps of some sequences. What a sequence gives does not depend on those beside it.
static void run_block(const plan* plan, int64_t first, int64_t end, char* scratch) {
  const ck_recurrent* r = plan->r;
  const bool backward = plan->gradients != NULL;
  for (int64_t i = 0; i < r->steps; i++) {
    const int64_t step = r->reversed != backward ? r->steps - 1 - i : i;
    const int64_t rows = least(end, r->sizes[step]) - first;
    if (rows > 0) (backward ? backward_step : forward_step)(plan, step, first, rows, scratch);
  }
}

static void run_blocks(void* context, int64_t begin, int64_t end) {
  plan* plan = context;
  const size_t bytes = (size_t)(plan->block * plan->r->hidden * plan->size);
  char* scratch = plan->r->projection ? ck_alloc(bytes) : NULL;
  if (plan->r->projection && !scratch) {
    atomic_store_explicit(&plan->failed, true, memory_order_relaxed);
    return;
  }
  for (int64_t first = begin; first < end; first += plan->block) {
    run_block(plan, first, least(end, first + plan->block), scratch);
  }
  if (scratch) ck_free(scratch, bytes);
}

// The same number of sequences for each thread, so that the weights are read as seldom as can be.
static int64_t block_of(const plan* plan) {
  const int64_t most = MOST_TILES * plan->kernels->rows, sequences = plan->r->sequences;
  const int64_t blocks = pieces(pieces(sequences, ck_threads()), most) * ck_threads();
  return pieces(sequences, blocks);
}

static bool pack_weights(plan* plan) {
  const ck_recurrent* r = plan->r;
  const int64_t width = r->projected, n = r->hidden;
  const int64_t split = r->cell == CK_GRU_CELL ? 2 * n : plan->gates;
  const char* rest = row_of(plan, (void*)r->weight, split, width);
  const bool backward = plan->gradients != NULL;
  // From states to gates the matrices are turned.
  bool packed = backward ? pack(plan, &plan->weight[0], r->weight, width, 1, split, width)
                         : pack(plan, &plan->weight[0], r->weight, 1, width, width, split);
  if (r->cell == CK_GRU_CELL) {
    packed = packed && (backward ? pack(plan, &plan->weight[1], rest, width, 1, n, width)
                                 : pack(plan, &plan->weight[1], rest, 1, width, width, n));
  }
  if (r->projection) {
    packed = packed && (backward ? pack(plan, &plan->projection, r->projection, n, 1, width, n)
                                 : pack(plan, &plan->projection, r->projection, 1, n, n, width));
  }
  return packed;
}

static bool run(plan* plan) {
  static const int64_t gates[CK_CELLS] = {1, 1, 4, 3};
  const ck_recurrent* r = plan->r;
  const bool doubles = r->dtype == CK_FLOAT64;
  plan->kernels = ck_gemm_kernels(doubles);
  plan->set = set_in_use(doubles);
  plan->size = doubles ? 8 : 4;
  plan->gates = gates[r->cell] * r->hidden;
  plan->block = block_of(plan);
  const size_t bytes = (size_t)r->steps * sizeof *plan->starts;
  plan->starts = ck_alloc(bytes);
  bool ready = plan->starts && pack_weights(plan);
  if (ready) {
    for (int64_t step = 0, row = 0; step < r->steps; row += r->sizes[step++]) plan->starts[step] = row;
    ck_parallel(r->sequences, plan->block, run_blocks, plan);
    ready = !atomic_load_explicit(&plan->failed, memory_order_relaxed);
  }
  release(&plan->weight[0]);
  release(&plan->weight[1]);
  release(&plan->projection);
  if (plan->starts) ck_free(plan->starts, bytes);
  return ready;
}

bool ck_recurrent_forward(const ck_recurrent* recurrent, const ck_recurrent_values* values) {
  if (recurrent->sequences <= 0 || recurrent->steps <= 0) return true;
  plan plan = {.r = recurrent, .values = values};
  return run(&plan);
}

bool ck_recurrent_backward(const ck_recurrent* recurrent, const ck_recurrent_values* values,
                           const ck_recurrent_values* gradients, void* before, void* totals) {
  if (recurrent->sequences <= 0 || recurrent->steps <= 0) return true;
  plan plan = {.r = recurrent, .values = values, .gradients = gradients, .before = before, .totals = totals};
  return run(&plan);
}
