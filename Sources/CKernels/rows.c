#include <string.h>

#include "ck_elementwise.h"
#include "ck_rows.h"
#include "ck_thread.h"
#include "ck_walk.h"

enum { GRAIN_BYTES = 1 << 16 };

typedef struct taking {
  ck_dtype dtype;
  int rank;
  const int64_t *size, *stride, *rows;
  int64_t bytes, step;  // of a row of the result, and from row to row of x
  char* out;
  const char* x;
} taking;

static void copy_rows(void* context, int64_t begin, int64_t end) {
  const taking* t = context;
  for (int64_t i = begin; i < end; i++) memcpy(t->out + i * t->bytes, t->x + t->rows[i] * t->step, (size_t)t->bytes);
}

static void walk_rows(void* context, int64_t begin, int64_t end) {
  const taking* t = context;
  for (int64_t i = begin; i < end; i++) {
    ck_cast(t->dtype, t->dtype, t->rank - 1, t->size + 1, (ck_out){t->out + i * t->bytes, NULL},
            (ck_in){t->x + t->rows[i] * t->step, t->stride + 1});
  }
}

static bool is_contiguous(int rank, const int64_t* size, const int64_t* stride) {
  int64_t step = 1;
  for (int i = rank - 1; i >= 0; i--) {
    if (size[i] != 1 && stride[i] != step) return false;
    step *= size[i];
  }
  return true;
}

static bool is_run(const int64_t* rows, int64_t n) {
  for (int64_t i = 1; i < n; i++) {
    if (rows[i] != rows[0] + i) return false;
  }
  return true;
}

int64_t ck_take_rows(ck_dtype dtype, int rank, const int64_t* size, const int64_t* stride, const int64_t* rows,
                     int64_t n, void* out, const void* x) {
  for (int64_t i = 0; i < n; i++) {
    if (rows[i] < 0 || rows[i] >= size[0]) return i;
  }
  int64_t elements = 1;
  for (int i = 1; i < rank; i++) elements *= size[i];
  if (n == 0 || elements == 0) return -1;
  const int64_t width = ck_width(dtype);
  taking t = {dtype, rank, size, stride, rows, elements * width, stride[0] * width, out, x};
  if (!is_contiguous(rank - 1, size + 1, stride + 1)) {
    ck_parallel(n, GRAIN_BYTES / t.bytes, walk_rows, &t);
  } else if (t.step == t.bytes && n * t.bytes <= GRAIN_BYTES && is_run(rows, n)) {
    memcpy(out, t.x + rows[0] * t.step, (size_t)(n * t.bytes));
  } else {
    ck_parallel(n, GRAIN_BYTES / t.bytes, copy_rows, &t);
  }
  return -1;
}
