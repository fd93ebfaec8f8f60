// Gathering, scattering and ordering. All arrays are contiguous; the engine makes them so.
#ifndef CK_INDEX_H
#define CK_INDEX_H

#include "ck_types.h"

// The position of the first index outside [-limit, limit), or -1 when all are inside.
int64_t ck_index_check(const int64_t* index, int64_t n, int64_t limit);

// Rows: x is [outer, limit, inner], index is [n], out is [outer, n, inner]; negative indices count from the end.
void ck_index_select(ck_dtype dtype, int64_t outer, int64_t limit, int64_t inner, const int64_t* index, int64_t n,
                     void* out, const void* x);

typedef enum ck_combine { ck_combine_set, ck_combine_add, ck_combine_mul, ck_combine_amax, ck_combine_amin } ck_combine;

// out[o, index[i], :] = combine(out, x[o, i, :]), in the order of i.
void ck_index_put(ck_combine how, ck_dtype dtype, int64_t outer, int64_t limit, int64_t inner, const int64_t* index,
                  int64_t n, void* out, const void* x);

// out[o, j, i] = x[o, index[o, j, i], i] with x [outer, limit, inner], index and out [outer, n, inner].
void ck_gather(ck_dtype dtype, int64_t outer, int64_t limit, int64_t inner, int64_t n, const int64_t* index, void* out,
               const void* x);
// out[o, index[o, j, i], i] = combine(out, x[o, j, i]), in the order of j.
void ck_scatter(ck_combine how, ck_dtype dtype, int64_t outer, int64_t limit, int64_t inner, int64_t n,
                const int64_t* index, void* out, const void* x);

// Adds x over the given sizes into out at any strides, overlaps allowed, in row-major order.
void ck_strided_add(ck_dtype dtype, int rank, const int64_t* size, void* out, const int64_t* out_stride, const void* x,
                    const int64_t* x_stride);

// Stable order of each row of [rows, n]: index gets the positions. NaN sorts after everything (first when descending).
// Returns false when scratch memory could not be had.
bool ck_argsort(ck_dtype dtype, bool descending, int64_t rows, int64_t n, int64_t* index, const void* x);

// Writes the flat positions of the non-zero elements, returns their number; out NULL counts only.
int64_t ck_nonzero(ck_dtype dtype, int64_t n, int64_t* out, const void* x);

// For each of [rows, n] values its insertion point in the sorted row of [rows, limit] (one row for all when shared).
void ck_searchsorted(ck_dtype dtype, bool right, bool shared, int64_t rows, int64_t limit, int64_t n, int64_t* out,
                     const void* sorted, const void* values);

#endif
