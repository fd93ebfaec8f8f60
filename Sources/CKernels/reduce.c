#include <string.h>

#include "ck_axes.h"
#include "ck_isa.h"
#include "ck_reduce.h"
#include "ck_reduce_sets.h"
#include "ck_thread.h"
#include "ck_tiles.h"

#define CK_BLOCK 128        // outputs that run together
#define CK_ROW_PIECE 4096   // elements of a row that one partial result covers
#define CK_COLUMN_PIECE 64  // and of a column
#define CK_LEVELS 24        // of the cascade of partial results
#define CK_SEGMENT 65536    // elements after which a reduction is cut for the threads
#define CK_SEGMENTS 64
#define CK_PARTIALS 4096
#define CK_GRAIN 32768

typedef struct reduction {
  const ck_reducer* reducer;
  const ck_set* set;
  ck_dtype dtype;
  int width, partial_width;
  bool by_rows;  // the inner reduced axis is the dense one
  const char* x;
  char* out;
  char* partials;      // of the segments, [segments][kept], when there are several
  bool narrowed;       // the output is half, the partial results are float32
  int64_t kept_total;  // all outputs
  ck_axes kept, reduced;
  int64_t blocks, pieces, piece, steps, segments, segment_steps;
} reduction;

typedef struct cascade {
  int64_t count;
  _Alignas(64) char level[CK_LEVELS][CK_BLOCK * sizeof(int64_t)];
} cascade;

// Adds a partial result as one adds 1 to a binary counter: equal numbers of pieces meet.
static void cascade_push(cascade* c, const reduction* r, int64_t n, char* partial) {
  int level = 0;
  for (; level < CK_LEVELS - 1 && (c->count >> level & 1); level++) {
    r->reducer->merge(n, c->level[level], partial);
    memcpy(partial, c->level[level], (size_t)(n * r->partial_width));
  }
  const bool full = level == CK_LEVELS - 1 && c->count >> level != 0;
  if (full)
    r->reducer->merge(n, c->level[level], partial);
  else
    memcpy(c->level[level], partial, (size_t)(n * r->partial_width));
  c->count++;
}

static const char* cascade_result(cascade* c, const reduction* r, int64_t n) {
  int found = -1;
  for (int level = 0; level < CK_LEVELS; level++) {
    const bool used = level == CK_LEVELS - 1 ? c->count >> level != 0 : c->count >> level & 1;
    if (!used) continue;
    if (found >= 0) r->reducer->merge(n, c->level[level], c->level[found]);
    found = level;
  }
  return c->level[found];
}

static int64_t smaller(int64_t x, int64_t y) { return x < y ? x : y; }

// Where a flat position along the axes lies, the innermost `skip` axes left out.
static const char* place(const ck_axes* axes, int operand, int skip, int64_t position, const char* x) {
  for (int i = axes->rank - 1 - skip; i >= 0; i--) {
    x += position % axes->size[i] * axes->stride[operand][i];
    position /= axes->size[i];
  }
  return x;
}

typedef struct scratch {
  cascade cascade;
  _Alignas(64) char partial[CK_BLOCK * sizeof(int64_t)];
  _Alignas(64) char packed[CK_BLOCK * CK_COLUMN_PIECE * sizeof(int64_t)];
  _Alignas(64) uint16_t halves[CK_BLOCK * CK_COLUMN_PIECE];
} scratch;

// One piece of up to CK_BLOCK outputs: n elements each, the outputs a stride of `across` apart, the elements one of
// `along`.
static void reduce_piece(const reduction* r, scratch* s, const char* x, int64_t outputs, int64_t across, int64_t n,
                         int64_t along) {
  const bool half = ck_is_half(r->dtype);
  const int64_t dense = r->by_rows ? along : across;
  int64_t stride = r->by_rows ? across : along;
  const int64_t rows = r->by_rows ? outputs : n, columns = r->by_rows ? n : outputs;
  if (half || (dense != r->width && columns > 1)) {
    char* raw = half ? (char*)s->halves : s->packed;
    ck_copy_tile(r->width, rows, columns, raw, columns * r->width, r->width, x, stride, dense);
    if (half) ck_widen(r->set, r->dtype, rows * columns, (float*)s->packed, s->halves);
    x = s->packed;
    stride = columns * (half ? (int)sizeof(float) : r->width);
  }
  const int64_t elements = stride / (half ? (int)sizeof(float) : r->width);
  (r->by_rows ? r->reducer->rows : r->reducer->columns)(rows, columns, x, elements, s->partial);
}

static void store(const reduction* r, int64_t position, int64_t n, const char* result) {
  if (r->narrowed)
    ck_narrow(r->set, r->dtype, n, (uint16_t*)r->out + position, (const float*)result);
  else
    memcpy(r->out + position * r->partial_width, result, (size_t)(n * r->partial_width));
}

// One block of outputs over one segment of the reduced elements.
static void reduce_unit(const reduction* r, scratch* s, int64_t unit) {
  const int64_t segment = unit % r->segments, block = unit / r->segments;
  const int64_t kept_inner = r->kept.size[r->kept.rank - 1];
  const int64_t blocks_inner = (kept_inner + CK_BLOCK - 1) / CK_BLOCK;
  const int64_t first = block % blocks_inner * CK_BLOCK, outputs = smaller(CK_BLOCK, kept_inner - first);
  const int64_t across = r->kept.stride[1][r->kept.rank - 1];
  const char* x = place(&r->kept, 1, 1, block / blocks_inner, r->x) + first * across;
  const int64_t position = block / blocks_inner * kept_inner + first;

  const int64_t inner = r->reduced.size[r->reduced.rank - 1], along = r->reduced.stride[0][r->reduced.rank - 1];
  const int64_t begin = segment * r->segment_steps, end = smaller(r->steps, begin + r->segment_steps);
  s->cascade.count = 0;
  for (int64_t step = begin; step < end; step++) {
    const int64_t from = step % r->pieces * r->piece, n = smaller(r->piece, inner - from);
    reduce_piece(r, s, place(&r->reduced, 0, 1, step / r->pieces, x) + from * along, outputs, across, n, along);
    if (end - begin > 1) cascade_push(&s->cascade, r, outputs, s->partial);
  }
  const char* result = end - begin > 1 ? cascade_result(&s->cascade, r, outputs) : s->partial;
  if (r->segments > 1) {
    memcpy(r->partials + (segment * r->kept_total + position) * r->partial_width, result,
           (size_t)(outputs * r->partial_width));
  } else {
    store(r, position, outputs, result);
  }
}

static void reduce_share(void* context, int64_t begin, int64_t end) {
  scratch s;
  for (int64_t unit = begin; unit < end; unit++) reduce_unit(context, &s, unit);
}

// The pairs of a fixed tree over the segments.
static void join_segments(const reduction* r) {
  const int64_t bytes = r->kept_total * r->partial_width;
  for (int64_t apart = 1; apart < r->segments; apart *= 2) {
    for (int64_t i = 0; i + apart < r->segments; i += 2 * apart) {
      r->reducer->merge(r->kept_total, r->partials + i * bytes, r->partials + (i + apart) * bytes);
    }
  }
  store(r, 0, r->kept_total, r->partials);
}

const ck_reduce_set* ck_reduce_set_in_use(void) {
#if defined(__x86_64__)
  const ck_isa isa = ck_isa_in_use();
  if (isa == CK_AVX512) return &ck_reduce_avx512;
  if (isa == CK_AVX2) return &ck_reduce_avx2;
#endif
  return &ck_reduce_portable;
}

const ck_reducer* ck_reducer_in_use(ck_reduce_op op, ck_dtype dtype) {
  return &ck_reduce_set_in_use()->reducer[ck_compute_of(dtype)][op];
}

static ck_dtype result_dtype(ck_reduce_op op, ck_dtype dtype) {
  switch (op) {
    case ck_reduce_all:
    case ck_reduce_any:
      return CK_BOOL;
    case ck_reduce_count_nonzero:
      return CK_INT64;
    default:
      return dtype;
  }
}

// Cuts the work by sizes and strides alone.
static void plan(reduction* r) {
  const int inner = r->reduced.rank - 1;
  const int64_t along = r->reduced.stride[0][inner], across = r->kept.stride[1][r->kept.rank - 1];
  const int64_t n = r->reduced.size[inner], kept_inner = r->kept.size[r->kept.rank - 1];
  r->by_rows = along == r->width ||
               (across != r->width && (along < 0 ? -along : along) < (across < 0 ? -across : across)) ||
               r->kept_total == 1;
  const bool direct = r->by_rows && along == r->width && !ck_is_half(r->dtype);
  r->piece = direct ? CK_ROW_PIECE : CK_COLUMN_PIECE;
  if (r->by_rows && !direct) r->piece = CK_BLOCK * CK_COLUMN_PIECE / smaller(CK_BLOCK, kept_inner);
  r->pieces = (n + r->piece - 1) / r->piece;
  const int64_t reduced_total = ck_count(r->reduced.rank, r->reduced.size);
  r->steps = r->pieces * (reduced_total / n);
  r->blocks = (kept_inner + CK_BLOCK - 1) / CK_BLOCK * (r->kept_total / kept_inner);
  int64_t segments = smaller(CK_SEGMENTS, reduced_total * r->kept_total / CK_SEGMENT);
  segments = smaller(smaller(segments, CK_PARTIALS / r->kept_total), r->steps);
  if (segments < 2 || r->blocks >= 8) segments = 1;
  r->segment_steps = (r->steps + segments - 1) / segments;
  r->segments = (r->steps + r->segment_steps - 1) / r->segment_steps;
}

static void fill_start(const reduction* r, ck_dtype result) {
  _Alignas(8) char start[sizeof(int64_t)];
  uint16_t half;
  r->reducer->start(1, start);
  if (ck_is_half(result)) ck_narrow(r->set, result, 1, &half, (const float*)start);
  ck_fill(result, 1, &r->kept_total, (ck_out){r->out, NULL}, ck_is_half(result) ? (const void*)&half : start);
}

void ck_reduce(ck_reduce_op op, ck_dtype dtype, int kept_rank, const int64_t* kept_size, const int64_t* kept_stride,
               int reduced_rank, const int64_t* reduced_size, const int64_t* reduced_stride, void* out, const void* x) {
  _Alignas(64) char partials[CK_PARTIALS * sizeof(int64_t)];
  const ck_dtype result = result_dtype(op, dtype);
  reduction r = {.reducer = ck_reducer_in_use(op, dtype),
                 .set = ck_set_in_use(),
                 .dtype = dtype,
                 .width = ck_width(dtype),
                 .partial_width = ck_is_half(result) ? (int)sizeof(float) : ck_width(result),
                 .narrowed = ck_is_half(result),
                 .x = x,
                 .out = out,
                 .kept_total = ck_count(kept_rank, kept_size)};
  if (r.kept_total == 0) return;
  if (ck_count(reduced_rank, reduced_size) == 0) {
    fill_start(&r, result);
    return;
  }
  ck_axes_make(&r.kept, kept_rank, kept_size, 2, (const int64_t* const[]){NULL, kept_stride},
               (const int[]){1, r.width});
  ck_axes_make(&r.reduced, reduced_rank, reduced_size, 1, &reduced_stride, &r.width);
  plan(&r);
  if (r.segments > 1) r.partials = partials;
  const int64_t units = r.blocks * r.segments;
  const int64_t grain = CK_GRAIN * units / (ck_count(r.reduced.rank, r.reduced.size) * r.kept_total);
  ck_parallel(units, grain > 0 ? grain : 1, reduce_share, &r);
  if (r.segments > 1) join_segments(&r);
}
