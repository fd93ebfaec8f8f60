#include <string.h>

#include "ck_axes.h"
#include "ck_reduce_sets.h"
#include "ck_thread.h"
#include "ck_tiles.h"

#define CK_COLUMNS 128
#define CK_PIECE 1024
#define CK_ROWS 32
#define CK_GRAIN 16384

typedef struct arg_reduction {
  bool greatest;
  ck_dtype dtype;
  ck_axes kept;
  int64_t n, stride;  // in bytes
  int64_t* out;
  const char* x;
  const ck_set* set;
  const ck_reducer* extreme;
  int64_t (*row)(const struct arg_reduction* r, const char* x);
  ck_arg_columns columns;
} arg_reduction;

// The extreme of each piece tells whether a search within it is worth while. The first extreme wins and the first NaN
// over all.
#define CK_ARG_ROW(type)                                                                 \
  static int64_t row_##type(const arg_reduction* r, const char* x) {                     \
    type best = 0, piece[CK_PIECE];                                                      \
    int64_t at = -1;                                                                     \
    for (int64_t from = 0; from < r->n; from += CK_PIECE) {                              \
      const int64_t n = r->n - from < CK_PIECE ? r->n - from : CK_PIECE;                 \
      const type* v = (const type*)x + from;                                             \
      if (ck_is_half(r->dtype)) {                                                        \
        ck_widen(r->set, r->dtype, n, (float*)(void*)piece, (const uint16_t*)x + from);  \
        v = piece;                                                                       \
      }                                                                                  \
      type extreme;                                                                      \
      r->extreme->rows(1, n, v, 0, &extreme);                                            \
      const bool nan = extreme != extreme;                                               \
      if (at >= 0 && !nan && !(r->greatest ? extreme > best : extreme < best)) continue; \
      int64_t i = 0;                                                                     \
      while (nan ? v[i] == v[i] : v[i] != extreme) i++;                                  \
      at = from + i;                                                                     \
      best = extreme;                                                                    \
      if (nan) break;                                                                    \
    }                                                                                    \
    return at;                                                                           \
  }
CK_ARG_ROW(float)
CK_ARG_ROW(double)
CK_ARG_ROW(int64_t)
CK_ARG_ROW(int32_t)
CK_ARG_ROW(uint8_t)

// Columns side by side, by blocks that are made contiguous where they are not.
static void columns(const arg_reduction* r, int64_t columns, const char* x, int64_t across, int64_t* out) {
  _Alignas(64) char best[CK_COLUMNS * sizeof(int64_t)], packed[CK_ROWS * CK_COLUMNS * sizeof(int64_t)];
  uint16_t halves[CK_ROWS * CK_COLUMNS];
  const int width = ck_width(r->dtype);
  const bool half = ck_is_half(r->dtype), direct = across == width && !half && r->stride % width == 0;
  for (int64_t from = 0; from < r->n; from += CK_ROWS, x += CK_ROWS * r->stride) {
    const int64_t rows = r->n - from < CK_ROWS ? r->n - from : CK_ROWS;
    if (!direct) {
      char* raw = half ? (char*)halves : packed;
      ck_copy_tile(width, rows, columns, raw, columns * width, width, x, r->stride, across);
      if (half) ck_widen(r->set, r->dtype, rows * columns, (float*)(void*)packed, halves);
    }
    r->columns(r->greatest, from, rows, columns, direct ? x : packed, direct ? r->stride / width : columns, best, out);
  }
}

static void arg_share(void* context, int64_t begin, int64_t end) {
  const arg_reduction* r = context;
  const int inner = r->kept.rank - 1;
  const int64_t length = r->kept.size[inner], across = r->kept.stride[1][inner];
  const bool dense = r->stride == ck_width(r->dtype);
  for (int64_t at = begin; at < end;) {
    const char* x = r->x;
    int64_t rest = at;
    for (int i = inner; i >= 0; i--) {
      x += rest % r->kept.size[i] * r->kept.stride[1][i];
      rest /= r->kept.size[i];
    }
    int64_t run = length - at % length;
    if (run > end - at) run = end - at;
    if (run > CK_COLUMNS) run = CK_COLUMNS;
    if (dense) {
      for (int64_t c = 0; c < run; c++) r->out[at + c] = r->row(r, x + c * across);
    } else {
      columns(r, run, x, across, r->out + at);
    }
    at += run;
  }
}

void ck_arg_reduce(bool greatest, ck_dtype dtype, int kept_rank, const int64_t* kept_size, const int64_t* kept_stride,
                   int64_t n, int64_t stride, int64_t* out, const void* x) {
  static int64_t (*const rows[])(const arg_reduction*, const char*) = {row_float,   row_double,  row_int64_t,
                                                                       row_int32_t, row_uint8_t, row_uint8_t};
  const int width = ck_width(dtype);
  const int64_t total = ck_count(kept_rank, kept_size);
  if (total == 0) return;
  arg_reduction r = {.greatest = greatest,
                     .dtype = dtype,
                     .n = n,
                     .stride = stride * width,
                     .out = out,
                     .x = x,
                     .set = ck_set_in_use(),
                     .extreme = ck_reducer_in_use(greatest ? ck_reduce_amax : ck_reduce_amin, dtype),
                     .row = rows[ck_compute_of(dtype)],
                     .columns = ck_reduce_set_in_use()->arg_columns[ck_compute_of(dtype)]};
  ck_axes_make(&r.kept, kept_rank, kept_size, 2, (const int64_t* const[]){NULL, kept_stride}, (const int[]){1, width});
  const int64_t grain = CK_GRAIN / n;
  ck_parallel(total, grain > 0 ? grain : 1, arg_share, &r);
}
