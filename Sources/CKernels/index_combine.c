#include <string.h>

#include "ck_half.h"
#include "ck_index.h"
#include "ck_thread.h"
#include "ck_walk.h"

#define CK_GRAIN 16384

typedef struct combination {
  ck_combine how;
  int64_t limit, inner, n;
  bool same_rows;  // one index for a whole row
  const int64_t* index;
  void* out;
  const void* x;
} combination;

static inline int64_t wrap(int64_t index, int64_t limit) { return index < 0 ? index + limit : index; }

#if defined(__clang__)
#define CK_LOOP _Pragma("clang loop vectorize(assume_safety)")
#else
#define CK_LOOP _Pragma("GCC ivdep")
#endif

// Columns begin … end of [outer, inner]: each output belongs to one column, so that columns may run apart while
// collisions within one keep their order. One row at a time where a row has one index, one output at a time where each
// has its own.
#define CK_EACH(value)                                                              \
  for (int64_t at = begin; at < end;) {                                             \
    const int64_t o = at / s->inner, first = at % s->inner;                         \
    const int64_t last = end - at < s->inner - first ? first + end - at : s->inner; \
    stored* to = (stored*)s->out + o * s->limit * s->inner;                         \
    const stored* from = (const stored*)s->x + o * s->n * s->inner;                 \
    for (int64_t j = 0; j < s->n; j++, from += s->inner) {                          \
      if (s->inner == 1) {                                                          \
        const int64_t* index = s->same_rows ? s->index : s->index + o * s->n;       \
        for (; j < s->n; j++) {                                                     \
          stored* place = to + wrap(index[j], s->limit);                            \
          const stored kept = *place, given = from[j];                              \
          (void)kept;                                                               \
          *place = value;                                                           \
        }                                                                           \
        break;                                                                      \
      }                                                                             \
      if (s->same_rows) {                                                           \
        stored* row = to + wrap(s->index[j], s->limit) * s->inner;                  \
        CK_LOOP for (int64_t i = first; i < last; i++) {                            \
          const stored kept = row[i], given = from[i];                              \
          (void)kept;                                                               \
          row[i] = value;                                                           \
        }                                                                           \
      } else {                                                                      \
        const int64_t* index = s->index + (o * s->n + j) * s->inner;                \
        for (int64_t i = first; i < last; i++) {                                    \
          stored* place = to + wrap(index[i], s->limit) * s->inner + i;             \
          const stored kept = *place, given = from[i];                              \
          (void)kept;                                                               \
          *place = value;                                                           \
        }                                                                           \
      }                                                                             \
    }                                                                               \
    at += last - first;                                                             \
  }                                                                                 \
  break;

#define CK_HIGHER(a, b) ((a) > (b) || (a) != (a) ? (a) : (b))
#define CK_LOWER(a, b) ((a) < (b) || (a) != (a) ? (a) : (b))

#define CK_COMBINE(name, type, read, write, plus, times)                  \
  static void combine_##name(void* context, int64_t begin, int64_t end) { \
    typedef type stored;                                                  \
    const combination* s = context;                                       \
    switch (s->how) {                                                     \
      case ck_combine_set:                                                \
        CK_EACH(given)                                                    \
      case ck_combine_add:                                                \
        CK_EACH((stored)write(plus(read(kept), read(given))))             \
      case ck_combine_mul:                                                \
        CK_EACH((stored)write(times(read(kept), read(given))))            \
      case ck_combine_amax:                                               \
        CK_EACH((stored)write(CK_HIGHER(read(kept), read(given))))        \
      case ck_combine_amin:                                               \
        CK_EACH((stored)write(CK_LOWER(read(kept), read(given))))         \
    }                                                                     \
  }

#define CK_SAME(v) (v)
#define CK_PLUS(a, b) ((a) + (b))
#define CK_TIMES(a, b) ((a) * (b))
#define CK_PLUS64(a, b) ((uint64_t)(a) + (uint64_t)(b))
#define CK_TIMES64(a, b) ((uint64_t)(a) * (uint64_t)(b))
#define CK_OR(a, b) ((a) | (b))
#define CK_AND(a, b) ((a) & (b))
CK_COMBINE(f32, float, CK_SAME, CK_SAME, CK_PLUS, CK_TIMES)
CK_COMBINE(f64, double, CK_SAME, CK_SAME, CK_PLUS, CK_TIMES)
CK_COMBINE(f16, uint16_t, ck_f16_widen, ck_f16_narrow, CK_PLUS, CK_TIMES)
CK_COMBINE(bf16, uint16_t, ck_bf16_widen, ck_bf16_narrow, CK_PLUS, CK_TIMES)
CK_COMBINE(i64, int64_t, CK_SAME, CK_SAME, CK_PLUS64, CK_TIMES64)
CK_COMBINE(i32, int32_t, CK_SAME, CK_SAME, CK_PLUS64, CK_TIMES64)
CK_COMBINE(u8, uint8_t, CK_SAME, CK_SAME, CK_PLUS64, CK_TIMES64)
CK_COMBINE(b1, uint8_t, CK_SAME, CK_SAME, CK_OR, CK_AND)

static void combine(ck_dtype dtype, int64_t outer, combination* c) {
  static const ck_body bodies[] = {[CK_FLOAT32] = combine_f32,   [CK_FLOAT64] = combine_f64, [CK_FLOAT16] = combine_f16,
                                   [CK_BFLOAT16] = combine_bf16, [CK_INT64] = combine_i64,   [CK_INT32] = combine_i32,
                                   [CK_UINT8] = combine_u8,      [CK_BOOL] = combine_b1};
  if (outer * c->inner * c->n == 0) return;
  const int64_t grain = CK_GRAIN / c->n;
  ck_parallel(outer * c->inner, grain > 0 ? grain : 1, bodies[dtype], c);
}

void ck_index_put(ck_combine how, ck_dtype dtype, int64_t outer, int64_t limit, int64_t inner, const int64_t* index,
                  int64_t n, void* out, const void* x) {
  combination c = {how, limit, inner, n, true, index, out, x};
  combine(dtype, outer, &c);
}

void ck_scatter(ck_combine how, ck_dtype dtype, int64_t outer, int64_t limit, int64_t inner, int64_t n,
                const int64_t* index, void* out, const void* x) {
  combination c = {how, limit, inner, n, false, index, out, x};
  combine(dtype, outer, &c);
}

typedef void (*add_run)(int64_t n, void* out, int64_t out_stride, const void* x, int64_t x_stride);
#define CK_ADD_RUN(name, type, read, write, plus)                                                     \
  static void add_##name(int64_t n, void* out, int64_t out_stride, const void* x, int64_t x_stride) { \
    type* o = out;                                                                                    \
    const type* a = x;                                                                                \
    for (int64_t i = 0; i < n; i++) {                                                                 \
      o[i * out_stride] = (type)write(plus(read(o[i * out_stride]), read(a[i * x_stride])));          \
    }                                                                                                 \
  }
CK_ADD_RUN(f32, float, CK_SAME, CK_SAME, CK_PLUS)
CK_ADD_RUN(f64, double, CK_SAME, CK_SAME, CK_PLUS)
CK_ADD_RUN(f16, uint16_t, ck_f16_widen, ck_f16_narrow, CK_PLUS)
CK_ADD_RUN(bf16, uint16_t, ck_bf16_widen, ck_bf16_narrow, CK_PLUS)
CK_ADD_RUN(i64, int64_t, CK_SAME, CK_SAME, CK_PLUS64)
CK_ADD_RUN(i32, int32_t, CK_SAME, CK_SAME, CK_PLUS64)
CK_ADD_RUN(u8, uint8_t, CK_SAME, CK_SAME, CK_PLUS64)
CK_ADD_RUN(b1, uint8_t, CK_SAME, CK_SAME, CK_OR)

void ck_strided_add(ck_dtype dtype, int rank, const int64_t* size, void* out, const int64_t* out_stride, const void* x,
                    const int64_t* x_stride) {
  static const add_run runs[] = {[CK_FLOAT32] = add_f32,   [CK_FLOAT64] = add_f64, [CK_FLOAT16] = add_f16,
                                 [CK_BFLOAT16] = add_bf16, [CK_INT64] = add_i64,   [CK_INT32] = add_i32,
                                 [CK_UINT8] = add_u8,      [CK_BOOL] = add_b1};
  if (ck_count(rank, size) == 0) return;
  int64_t dense[CK_MAX_RANK], dense_out[CK_MAX_RANK], index[CK_MAX_RANK] = {0};
  int64_t step = 1;
  for (int i = rank - 1; i >= 0; i--) {
    dense[i] = x_stride ? x_stride[i] : step;
    dense_out[i] = out_stride ? out_stride[i] : step;
    step *= size[i];
  }
  const int width = ck_width(dtype), inner = rank - 1;
  char* to = out;
  const char* from = x;
  for (;;) {
    runs[dtype](rank ? size[inner] : 1, to, rank ? dense_out[inner] : 1, from, rank ? dense[inner] : 1);
    int i = inner - 1;
    for (; i >= 0; i--) {
      to += dense_out[i] * width;
      from += dense[i] * width;
      if (++index[i] < size[i]) break;
      to -= size[i] * dense_out[i] * width;
      from -= size[i] * dense[i] * width;
      index[i] = 0;
    }
    if (i < 0) return;
  }
}
