// One set of reduction kernels per instruction set.
#ifndef CK_REDUCE_SETS_H
#define CK_REDUCE_SETS_H

#include "ck_reduce.h"
#include "ck_sets.h"

#define CK_REDUCE_COUNT (ck_reduce_nansum + 1)

typedef struct ck_reducer {
  // partial[r] = reduction of the n contiguous elements at x + r · stride
  void (*rows)(int64_t rows, int64_t n, const void* x, int64_t stride, void* partial);
  // partial[c] = reduction of x[c], x[c + stride], …
  void (*columns)(int64_t rows, int64_t columns, const void* x, int64_t stride, void* partial);
  // partial[i] = partial[i] combined with later[i]
  void (*merge)(int64_t n, void* partial, const void* later);
  void (*start)(int64_t n, void* partial);
} ck_reducer;

// Goes on with the search for the extremes of columns: rows `from` and following lie `stride` elements apart at x.
typedef void (*ck_arg_columns)(bool greatest, int64_t from, int64_t rows, int64_t columns, const void* x,
                               int64_t stride, void* best, int64_t* at);

typedef struct ck_reduce_set {
  const ck_reducer* reducer[CK_COMPUTES];
  ck_arg_columns arg_columns[CK_COMPUTES];
} ck_reduce_set;

extern const ck_reduce_set ck_reduce_portable;
#if defined(__x86_64__)
extern const ck_reduce_set ck_reduce_avx2;
extern const ck_reduce_set ck_reduce_avx512;
#endif

const ck_reduce_set* ck_reduce_set_in_use(void);
const ck_reducer* ck_reducer_in_use(ck_reduce_op op, ck_dtype dtype);

#endif
