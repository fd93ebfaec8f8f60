// The axes of a strided loop over several operands, in as few and as long axes as they allow.
#ifndef CK_AXES_H
#define CK_AXES_H

#include "ck_walk.h"

typedef struct ck_axes {
  int operands, rank;
  int64_t size[CK_MAX_RANK + 2];
  int64_t stride[CK_MAX_OPERANDS][CK_MAX_RANK + 2];  // in bytes
} ck_axes;

// Drops axes of size 1, orders the axes by the strides of operand 0 and merges what is contiguous for all operands.
// Keeps at least one axis. Sizes are not 0.
void ck_axes_make(ck_axes* axes, int rank, const int64_t* size, int operands, const int64_t* const* stride,
                  const int* width);

#endif
