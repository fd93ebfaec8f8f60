// Reduction kernels of one compute type from the table. The includer defines T, C, CK_PREFIX, LOWEST and HIGHEST.

#define M(f) CK_JOIN(CK_PREFIX, f)
// Partial results run in a fixed number of lanes, so that their order is the same for every instruction set.
#define CK_LANES 64

#define CK_REDUCE(name, result, start, map, combine)                                                              \
  static inline CK_RESULT_##result M(name##_combine)(CK_RESULT_##result a, CK_RESULT_##result b) {                \
    return (CK_RESULT_##result)(combine);                                                                         \
  }                                                                                                               \
  static inline CK_RESULT_##result M(name##_map)(T x) { return (CK_RESULT_##result)(map); }                       \
  static CK_RESULT_##result M(name##_row)(int64_t n, const T *x) {                                                \
    CK_RESULT_##result lane[CK_LANES];                                                                            \
    for (int k = 0; k < CK_LANES; k++) lane[k] = M(name##_map)(x[k]);                                             \
    int64_t i = CK_LANES;                                                                                         \
    for (; i + CK_LANES <= n; i += CK_LANES) {                                                                    \
      for (int k = 0; k < CK_LANES; k++) lane[k] = M(name##_combine)(lane[k], M(name##_map)(x[i + k]));           \
    }                                                                                                             \
    for (int k = 0; k < n - i; k++) lane[k] = M(name##_combine)(lane[k], M(name##_map)(x[i + k]));                \
    for (int half = CK_LANES / 2; half > 0; half /= 2) {                                                          \
      for (int k = 0; k < half; k++) lane[k] = M(name##_combine)(lane[k], lane[k + half]);                        \
    }                                                                                                             \
    return lane[0];                                                                                               \
  }                                                                                                               \
  static void M(name##_rows)(int64_t rows, int64_t n, const void *from, int64_t stride, void *partial) {          \
    CK_RESULT_##result *o = partial;                                                                              \
    for (int64_t r = 0; r < rows; r++) {                                                                          \
      const T *x = (const T *)from + r * stride;                                                                  \
      if (n >= CK_LANES) {                                                                                        \
        o[r] = M(name##_row)(n, x);                                                                               \
        continue;                                                                                                 \
      }                                                                                                           \
      CK_RESULT_##result sum = M(name##_map)(x[0]);                                                               \
      for (int64_t i = 1; i < n; i++) sum = M(name##_combine)(sum, M(name##_map)(x[i]));                          \
      o[r] = sum;                                                                                                 \
    }                                                                                                             \
  }                                                                                                               \
  static void M(name##_columns)(int64_t rows, int64_t columns, const void *from, int64_t stride, void *partial) { \
    CK_RESULT_##result *o = partial;                                                                              \
    int64_t c = 0;                                                                                                \
    for (; c + CK_LANES <= columns; c += CK_LANES) {                                                              \
      const T *x = (const T *)from + c;                                                                           \
      CK_RESULT_##result lane[CK_LANES];                                                                          \
      for (int k = 0; k < CK_LANES; k++) lane[k] = M(name##_map)(x[k]);                                           \
      for (int64_t r = 1; r < rows; r++) {                                                                        \
        x += stride;                                                                                              \
        for (int k = 0; k < CK_LANES; k++) lane[k] = M(name##_combine)(lane[k], M(name##_map)(x[k]));             \
      }                                                                                                           \
      for (int k = 0; k < CK_LANES; k++) o[c + k] = lane[k];                                                      \
    }                                                                                                             \
    if (c == columns) return;                                                                                     \
    const T *x = from;                                                                                            \
    for (int64_t k = c; k < columns; k++) o[k] = M(name##_map)(x[k]);                                             \
    for (int64_t r = 1; r < rows; r++) {                                                                          \
      x += stride;                                                                                                \
      CK_LOOP for (int64_t k = c; k < columns; k++) o[k] = M(name##_combine)(o[k], M(name##_map)(x[k]));          \
    }                                                                                                             \
  }                                                                                                               \
  static void M(name##_merge)(int64_t n, void *partial, const void *later) {                                      \
    CK_RESULT_##result *a = partial;                                                                              \
    const CK_RESULT_##result *b = later;                                                                          \
    CK_LOOP for (int64_t i = 0; i < n; i++) a[i] = M(name##_combine)(a[i], b[i]);                                 \
  }                                                                                                               \
  static void M(name##_start)(int64_t n, void *partial) {                                                         \
    CK_RESULT_##result *a = partial;                                                                              \
    for (int64_t i = 0; i < n; i++) a[i] = start;                                                                 \
  }
#include "reduce_table.h"
#undef CK_REDUCE

#define CK_REDUCE(name, ...) [ck_reduce_##name] = {M(name##_rows), M(name##_columns), M(name##_merge), M(name##_start)},
static const ck_reducer M(reducers)[CK_REDUCE_COUNT] = {
#include "reduce_table.h"
};
#undef CK_REDUCE

// The first extreme wins, and the first NaN over all.
static void M(arg_columns)(bool greatest, int64_t from, int64_t rows, int64_t columns, const void *first,
                           int64_t stride, void *extreme, int64_t *at) {
  const T *x = first;
  T *best = extreme;
  if (from == 0) {
    for (int64_t c = 0; c < columns; c++) best[c] = x[c], at[c] = 0;
  }
  for (int64_t r = 0; r < rows; r++, x += stride) {
    CK_LOOP for (int64_t c = 0; c < columns; c++) {
      const T v = x[c];
      const bool beyond = greatest ? v > best[c] : v < best[c];
      const int nan = M(isnan)(v), held = M(isnan)(best[c]), wins = beyond | (nan & ~held);
      best[c] = wins ? v : best[c];
      at[c] = wins ? from + r : at[c];
    }
  }
}
#undef CK_LANES
#undef M
