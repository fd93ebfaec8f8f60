// Images of a batch, each changed in its own way. All arrays are contiguous.
#ifndef CK_IMAGES_H
#define CK_IMAGES_H

#include "ck_types.h"

// x is [images, channels, height, width] and out is [images, channels, rows, columns]: what lies in image i from
// top[i] and left[i] on. The cut lies within the image.
typedef struct ck_crop {
  int64_t images, channels, height, width, rows, columns;
  const int64_t *top, *left;
} ck_crop;

void ck_crop_images(ck_dtype dtype, const ck_crop* crop, void* out, const void* x);

#endif
