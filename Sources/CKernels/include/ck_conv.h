// Convolutions over up to three axes. Results do not depend on the number of threads.
#ifndef CK_CONV_H
#define CK_CONV_H

#include "ck_types.h"

// x is [batch][groups · x_channels][x_size…], y is [batch][groups · y_channels][y_size…] and w is
// [groups · y_channels][x_channels][kernel…], all contiguous; fewer axes than three have leading ones of size 1. Place
// p of y meets tap t of w at the place p · stride + t · dilation - padding of x, where x has one. dtype: float32 or
// float64.
typedef struct ck_conv {
  ck_dtype dtype;
  int64_t batch, groups, x_channels, y_channels;
  int64_t x_size[3], y_size[3], kernel[3];
  int64_t stride[3], padding[3], dilation[3];
} ck_conv;

// Each of the three from the other two; they are one another's derivatives. The bias has a number per channel of the
// result, or is NULL. False when there was no memory; the result is then undefined.
bool ck_conv_y(const ck_conv* conv, const void* x, const void* w, const void* bias, void* y);
bool ck_conv_x(const ck_conv* conv, const void* y, const void* w, const void* bias, void* x);
bool ck_conv_w(const ck_conv* conv, const void* x, const void* y, void* w);

#endif
