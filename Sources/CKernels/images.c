#include <string.h>

#include "ck_images.h"
#include "ck_thread.h"
#include "ck_walk.h"

typedef struct cropping {
  ck_crop crop;
  int64_t element;  // bytes
  char* out;
  const char* x;
} cropping;

static void crop_planes(void* context, int64_t begin, int64_t end) {
  const cropping* c = context;
  const int64_t line = c->crop.width * c->element, cut = c->crop.columns * c->element;
  for (int64_t plane = begin; plane < end; plane++) {
    const int64_t image = plane / c->crop.channels;
    const char* x = c->x + (plane * c->crop.height + c->crop.top[image]) * line + c->crop.left[image] * c->element;
    char* out = c->out + plane * c->crop.rows * cut;
    for (int64_t row = 0; row < c->crop.rows; row++) memcpy(out + row * cut, x + row * line, (size_t)cut);
  }
}

void ck_crop_images(ck_dtype dtype, const ck_crop* crop, void* out, const void* x) {
  const int64_t plane = crop->rows * crop->columns, grain = plane > 0 ? (1 << 14) / plane : 0;
  if (plane == 0) return;
  cropping c = {*crop, ck_width(dtype), out, x};
  ck_parallel(crop->images * crop->channels, grain, crop_planes, &c);
}
