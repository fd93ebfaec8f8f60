// Types shared by all kernels. Kernels see pointers, counts and strides: no shapes of tensors, no tape, no errors to
// format.
#ifndef CK_TYPES_H
#define CK_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The numbers are those of `snn_dtype` in swiftnn.h.
typedef enum ck_dtype {
  CK_FLOAT32 = 1,
  CK_FLOAT64 = 2,
  CK_FLOAT16 = 3,
  CK_BFLOAT16 = 4,
  CK_INT64 = 5,
  CK_INT32 = 6,
  CK_UINT8 = 7,
  CK_BOOL = 8,
} ck_dtype;

#define CK_MAX_RANK 12

// Strides count elements, sizes and strides run from the outermost axis to the innermost, and a NULL stride array means
// "contiguous in the order of the sizes". A stride of 0 repeats an operand along an axis.

#endif
