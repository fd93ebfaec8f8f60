// Which elements of an image the places of a grid meet under each tap of a window.
#ifndef CK_CONV_PLACES_H
#define CK_CONV_PLACES_H

#include "gemm_kernels.h"

// Place p of the grid meets the place p · step + offset of the source; within the last axis from `low` up to `high`.
typedef struct conv_tap {
  int64_t offset[3], low, high;
  int64_t weight;  // the tap's number in the weights
} conv_tap;

typedef struct conv_window {
  int64_t source[3], grid[3], step[3];
  int64_t image;  // elements from one source image to the next
  int64_t taps;
  conv_tap* tap;
} conv_window;

static inline int64_t conv_volume(const int64_t size[3]) { return size[0] * size[1] * size[2]; }

// Neighbours along the last axis of the grid, of places that are numbered through all images.
typedef struct conv_run {
  int64_t image, place[3];
  int64_t to, count;  // among the places asked for
} conv_run;

// Finds the runs of `count` places from `first` on; as many as places at most.
int64_t ck_conv_runs(const int64_t grid[3], int64_t first, int64_t count, conv_run* runs);

// Finds the pieces of the source that the taps see of the runs.
void ck_conv_pieces(const conv_window* window, const conv_run* runs, int64_t run_count, conv_pieces* pieces);

// Fills in low and high; the offsets are there.
void ck_conv_bound(const conv_window* window, conv_tap* tap);

// Room for the pieces of so many places. False when there was no memory.
bool ck_conv_pieces_make(conv_pieces* pieces, int64_t taps, int64_t places);
void ck_conv_pieces_free(conv_pieces* pieces);

#endif
