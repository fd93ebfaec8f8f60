// The walk over strided operands that all elementwise kernels share.
#ifndef CK_WALK_H
#define CK_WALK_H

#include "ck_elementwise.h"

#define CK_MAX_OPERANDS 4
#define CK_TILE_BYTES 4096

// One contiguous run of a row. in holds as many operands as the row has.
typedef void (*ck_kernel)(int64_t n, void* out, const void* const* in, const double* p);

typedef struct ck_operand {
  void* data;
  const int64_t* stride;
  ck_dtype dtype;
} ck_operand;

// operands[0] is the output. Halves are handed to the kernel as float32.
void ck_walk_kernel(ck_kernel kernel, const double* params, int64_t grain, int rank, const int64_t* size, int operands,
                    const ck_operand* operand);

void ck_walk_copy(ck_dtype dtype, int rank, const int64_t* size, ck_out out, ck_in x);

static inline int ck_width(ck_dtype dtype) {
  static const uint8_t width[] = {0, 4, 8, 2, 2, 8, 4, 1, 1};
  return width[dtype];
}

static inline bool ck_is_half(ck_dtype dtype) { return dtype == CK_FLOAT16 || dtype == CK_BFLOAT16; }

// The sizes' product; 1 for rank 0.
static inline int64_t ck_count(int rank, const int64_t* size) {
  int64_t n = 1;
  for (int i = 0; i < rank; i++) n *= size[i];
  return n;
}

#endif
