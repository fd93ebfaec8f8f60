// Examples by number: rows of an array in any order.
#ifndef CK_ROWS_H
#define CK_ROWS_H

#include "ck_types.h"

// out[i] = x[rows[i]] along the first of `rank` axes; out is contiguous. Returns the position of the first row that is
// not below size[0], having copied nothing, or -1.
int64_t ck_take_rows(ck_dtype dtype, int rank, const int64_t* size, const int64_t* stride, const int64_t* rows,
                     int64_t n, void* out, const void* x);

#endif
