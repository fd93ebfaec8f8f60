#include "gemm_blocks.h"

#include <stdatomic.h>

#include "ck_memory.h"
#include "ck_thread.h"

enum {
  BLOCK_K_BYTES = 1536,  // of a row of A: a panel of B stays in the first-level cache
  BLOCK_TILES = 12,      // rows of tiles: a block of A stays in the second-level cache
  LEAST_TILES = 4,       // fewer do not pay for reading a panel of B
  TASKS_PER_THREAD = 4,
  BLOCK_COLUMNS = 3072,  // a block of B stays in the last-level cache
  SMALL_BYTES = 131072,  // operands up to this size are read where they lie
  PACKING_ROWS = 16,
  PACKING_GRAIN = 32768,    // elements that one thread packs at a time
  PARALLEL_WORK = 1 << 18,  // multiplications below which threads do not pay
};

typedef struct plan {
  const gemm_product* product;
  size_t source_size;
  bool pack_a, pack_b;
  int64_t k_block;
  // The block at hand.
  int64_t first_k, k, first_column, columns;
  char* b_panels;
  // The tasks it is cut into.
  int64_t task_rows, task_columns, tasks_across;
  _Atomic bool failed;
} plan;

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t pieces(int64_t count, int64_t size) { return (count + size - 1) / size; }
static int64_t round_up(int64_t count, int64_t size) { return pieces(count, size) * size; }

// The size of equal pieces of at most `most`, a multiple of `unit`.
static int64_t even_piece(int64_t count, int64_t most, int64_t unit) {
  return round_up(pieces(count, pieces(count, most)), unit);
}

static gemm_operand moved(const plan* plan, const gemm_operand* from, int64_t rows, int64_t columns) {
  int64_t elements = rows * from->row + columns * from->column;
  return (gemm_operand){(const char*)from->data + elements * (int64_t)plan->source_size, from->row, from->column};
}

// Rows of B are read some at a time across the panels, in the order in which they lie in memory.
static void pack_panels(void* context, int64_t begin, int64_t end) {
  const plan* plan = context;
  const gemm_product* product = plan->product;
  const gemm_kernels* kernels = product->kernels;
  int64_t step = product->b.column == 1 ? PACKING_ROWS : plan->k;
  for (int64_t k = 0; k < plan->k; k += step) {
    for (int64_t panel = begin; panel < end; panel++) {
      int64_t column = panel * kernels->columns;
      gemm_operand b = moved(plan, &product->b, plan->first_k + k, plan->first_column + column);
      char* out = plan->b_panels + (column * plan->k + k * kernels->columns) * (int64_t)kernels->size;
      int64_t columns = least(kernels->columns, plan->columns - column);
      kernels->pack_columns[product->source](&b, columns, least(step, plan->k - k), out);
    }
  }
}

// Rows of packed A lie an odd number of cache lines apart, so that they do not fall on the same place in the cache.
static int64_t packed_stride(const plan* plan) {
  int64_t line = 64 / (int64_t)plan->product->kernels->size;
  return round_up(plan->k, 2 * line) + line;
}

static void run_tiles(const plan* plan, int64_t first_row, int64_t rows, int64_t first_column, int64_t columns,
                      char* packed_a) {
  const gemm_product* product = plan->product;
  const gemm_kernels* kernels = product->kernels;
  const int64_t size = (int64_t)kernels->size;
  gemm_operand a = moved(plan, &product->a, first_row, plan->first_k);
  int64_t a_step = kernels->rows * a.row * size;
  if (packed_a) {
    bool by_rows = a.column == 1;
    int64_t stride = packed_stride(plan);
    kernels->pack_rows[product->source](&a, rows, plan->k, packed_a, stride);
    a = (gemm_operand){packed_a, by_rows ? stride : 1, by_rows ? 1 : kernels->rows};
    a_step = kernels->rows * (by_rows ? stride : plan->k) * size;
  }
  int64_t b_step = kernels->columns * (plan->b_panels ? plan->k : product->b.column) * size;
  int64_t column = plan->first_column + first_column;
  int64_t c_row = (product->transposed ? 1 : product->c_row) * size;
  int64_t c_column = (product->transposed ? product->c_row : 1) * size;
  bool last_k = plan->first_k + plan->k == product->k;
  const char* bias = last_k ? product->bias : NULL;
  const char* b = plan->b_panels ? plan->b_panels + first_column * plan->k * size
                                 : moved(plan, &product->b, plan->first_k, column).data;
  char* c = (char*)product->c + first_row * c_row + column * c_column;
  if (bias) bias += (product->transposed ? first_row : column) * size;
  gemm_tile tile = {.k = plan->k, .a_row = a.row, .a_column = a.column, .c_row = product->c_row};
  tile.b_row = plan->b_panels ? kernels->columns : product->b.row;
  tile.accumulate = product->accumulate || plan->first_k > 0;
  void (*run)(const gemm_tile*) = product->transposed ? kernels->tile_transposed : kernels->tile;
  for (int64_t j = 0; j < columns; j += kernels->columns, b += b_step, c += kernels->columns * c_column) {
    tile.columns = (int)least(kernels->columns, columns - j);
    tile.b = b;
    tile.a = a.data;
    tile.c = c;
    tile.bias = bias ? bias + (product->transposed ? 0 : j * size) : NULL;
    for (int64_t i = 0; i < rows; i += kernels->rows) {
      tile.rows = (int)least(kernels->rows, rows - i);
      run(&tile);
      tile.a = (const char*)tile.a + a_step;
      tile.c = (char*)tile.c + kernels->rows * c_row;
      if (bias && product->transposed) tile.bias = (const char*)tile.bias + kernels->rows * size;
    }
  }
}

static void run_tasks(void* context, int64_t begin, int64_t end) {
  plan* plan = context;
  const gemm_product* product = plan->product;
  size_t packed_bytes = 0;
  char* packed_a = NULL;
  if (plan->pack_a) {
    int64_t rows = round_up(least(plan->task_rows, product->m), product->kernels->rows);
    packed_bytes = (size_t)(rows * packed_stride(plan)) * product->kernels->size;
    packed_a = ck_alloc(packed_bytes);
    if (!packed_a) {
      atomic_store_explicit(&plan->failed, true, memory_order_relaxed);
      return;
    }
  }
  for (int64_t task = begin; task < end; task++) {
    int64_t row = task / plan->tasks_across * plan->task_rows, column = task % plan->tasks_across * plan->task_columns;
    run_tiles(plan, row, least(plan->task_rows, product->m - row), column,
              least(plan->task_columns, plan->columns - column), packed_a);
  }
  ck_free(packed_a, packed_bytes);
}

// Some tasks for each thread, so that a slow one takes fewer. What a task computes does not depend on where it is cut.
static int64_t cut_tasks(plan* plan, bool parallel) {
  const gemm_product* product = plan->product;
  const gemm_kernels* kernels = product->kernels;
  int64_t wanted = parallel && ck_threads() > 1 ? TASKS_PER_THREAD * ck_threads() : 1;
  int64_t tiles = pieces(product->m, wanted * kernels->rows);
  tiles = tiles < LEAST_TILES ? LEAST_TILES : least(tiles, BLOCK_TILES);
  plan->task_rows = even_piece(product->m, tiles * kernels->rows, kernels->rows);
  plan->task_columns = plan->columns;
  int64_t tasks_down = pieces(product->m, plan->task_rows);
  if (tasks_down < wanted) {
    int64_t narrow = pieces(plan->columns, pieces(wanted, tasks_down));
    plan->task_columns = round_up(narrow, kernels->columns);
  }
  plan->tasks_across = pieces(plan->columns, plan->task_columns);
  return tasks_down * plan->tasks_across;
}

static void run(int64_t count, int64_t grain, ck_body body, plan* plan, bool parallel) {
  if (parallel) {
    ck_parallel(count, grain, body, plan);
  } else {
    body(plan, 0, count);
  }
}

// What is copied depends on the shape and the strides alone, as do the sums.
static void choose(plan* plan) {
  const gemm_product* product = plan->product;
  const gemm_kernels* kernels = product->kernels;
  int64_t size = (int64_t)kernels->size;
  bool widened = product->source != GEMM_SAME;
  int64_t a_bytes = product->m * product->k * size, b_bytes = product->n * product->k * size;
  bool b_readable = product->b.column == 1 && (kernels->reads_part || product->n % kernels->lanes == 0);
  plan->source_size = widened ? sizeof(uint16_t) : kernels->size;
  plan->pack_a = widened || (a_bytes > SMALL_BYTES && product->n > 2 * kernels->columns);
  plan->pack_b = widened || !b_readable || (b_bytes > SMALL_BYTES && product->m > BLOCK_TILES * kernels->rows);
  plan->k_block = product->k;
  if (product->k * size > BLOCK_K_BYTES) plan->k_block = even_piece(product->k, BLOCK_K_BYTES / size, 8);
}

static void run_columns(plan* plan, bool parallel) {
  const gemm_product* product = plan->product;
  const gemm_kernels* kernels = product->kernels;
  plan->first_k = 0;
  do {
    plan->k = least(plan->k_block, product->k - plan->first_k);
    if (plan->pack_b) {
      int64_t grain = pieces(PACKING_GRAIN, plan->k * kernels->columns + 1);
      run(pieces(plan->columns, kernels->columns), grain, pack_panels, plan, parallel);
    }
    run(cut_tasks(plan, parallel), 1, run_tasks, plan, parallel);
    plan->first_k += plan->k_block;
  } while (plan->first_k < product->k);
}

bool ck_gemm_blocks(const gemm_product* product) {
  plan plan = {.product = product, .columns = product->n};
  choose(&plan);
  bool parallel = (double)product->m * (double)product->n * (double)product->k >= PARALLEL_WORK;
  if (!plan.pack_a && !plan.pack_b && !parallel && plan.k_block == product->k) {
    plan.k = product->k;
    run_tiles(&plan, 0, product->m, 0, product->n, NULL);
    return true;
  }
  int64_t column_block = product->n;
  size_t panel_bytes = 0;
  if (plan.pack_b) {
    const gemm_kernels* kernels = product->kernels;
    column_block = even_piece(product->n, BLOCK_COLUMNS, kernels->columns);
    panel_bytes = (size_t)(round_up(column_block, kernels->columns) * plan.k_block) * kernels->size;
    plan.b_panels = ck_alloc(panel_bytes);
    if (!plan.b_panels) return false;
  }
  for (; plan.first_column < product->n; plan.first_column += column_block) {
    plan.columns = least(column_block, product->n - plan.first_column);
    run_columns(&plan, parallel);
  }
  ck_free(plan.b_panels, panel_bytes);
  return !atomic_load_explicit(&plan.failed, memory_order_relaxed);
}
