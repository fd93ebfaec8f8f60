#include "ck_axes.h"

static int64_t magnitude(int64_t x) { return x < 0 ? -x : x; }

static void move_axis(ck_axes* axes, int from, int to) {
  axes->size[to] = axes->size[from];
  for (int k = 0; k < axes->operands; k++) axes->stride[k][to] = axes->stride[k][from];
}

static void swap_axes(ck_axes* axes, int a, int b) {
  const int spare = CK_MAX_RANK;
  move_axis(axes, a, spare);
  move_axis(axes, b, a);
  move_axis(axes, spare, b);
}

static bool mergeable(const ck_axes* axes, int outer, int inner) {
  for (int k = 0; k < axes->operands; k++) {
    if (axes->stride[k][outer] != axes->stride[k][inner] * axes->size[inner]) return false;
  }
  return true;
}

void ck_axes_make(ck_axes* axes, int rank, const int64_t* size, int operands, const int64_t* const* stride,
                  const int* width) {
  axes->operands = operands;
  int kept = 0;
  for (int i = 0; i < rank; i++) {
    if (size[i] != 1) axes->size[kept++] = size[i];
  }
  axes->rank = kept;
  for (int k = 0; k < operands; k++) {
    int64_t dense = width[k];
    for (int i = rank - 1, at = kept - 1; i >= 0; i--) {
      if (size[i] == 1) continue;
      axes->stride[k][at--] = stride[k] ? stride[k][i] * width[k] : dense;
      dense *= size[i];
    }
  }
  // Insertion keeps equal strides in their order.
  for (int i = 1; i < kept; i++) {
    for (int j = i; j > 0 && magnitude(axes->stride[0][j - 1]) < magnitude(axes->stride[0][j]); j--)
      swap_axes(axes, j - 1, j);
  }
  int last = 0;
  for (int i = 1; i < kept; i++) {
    if (mergeable(axes, last, i)) {
      const int64_t merged = axes->size[last] * axes->size[i];
      move_axis(axes, i, last);
      axes->size[last] = merged;
    } else {
      move_axis(axes, i, ++last);
    }
  }
  axes->rank = last + 1;
  if (kept == 0) {
    axes->size[0] = 1;
    for (int k = 0; k < operands; k++) axes->stride[k][0] = width[k];
  }
}
