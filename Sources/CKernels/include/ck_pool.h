// Windows that slide over images. Planes are contiguous images of up to three axes; fewer have leading ones of size 1.
#ifndef CK_POOL_H
#define CK_POOL_H

#include "ck_types.h"

// Place p of the result sees the positions from begin[axis][p] up to end[axis][p], step[axis] apart.
typedef struct ck_windows {
  int64_t planes, in[3], out[3], step[3];
  const int64_t *begin[3], *end[3];
} ck_windows;

// The greatest element of each window and its position in the plane; the first of equal ones, and NaN over all. A
// window without positions gives -infinity, and -1. dtype: float32 or float64.
void ck_max_pool(ck_dtype dtype, const ck_windows* windows, const void* x, void* values, int64_t* positions);

// Elements go to their positions in planes of `in` elements, or come from there; there are `out` of them to a plane.
// Positions of -1 count for nothing. float32 or float64. With `adds` they add up, else the last stays.
void ck_plane_put(ck_dtype dtype, bool adds, int64_t planes, int64_t in, int64_t out, const int64_t* positions,
                  const void* y, void* x);
void ck_plane_take(ck_dtype dtype, int64_t planes, int64_t in, int64_t out, const int64_t* positions, const void* x,
                   void* y);

// y[a][o][b] = Σ weight[i] · x[a][index[i]][b] for i from first[o] up to first[o + 1]. float32 or float64.
typedef struct ck_resampling {
  int64_t outer, in, out, inner;
  const int64_t *first, *index;
  const double* weight;
} ck_resampling;

void ck_resample(ck_dtype dtype, const ck_resampling* sampling, const void* x, void* y);

#endif
