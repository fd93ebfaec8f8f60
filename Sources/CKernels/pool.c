#include <math.h>
#include <string.h>

#include "ck_pool.h"
#include "ck_target.h"
#include "ck_thread.h"

enum {
  GRAIN = 1 << 15,  // elements that one thread takes at a time
  MOST_TAPS = 256,  // positions of a window that are looked at side by side
};

typedef struct pool_plan {
  const ck_windows* windows;
  const void* x;
  void* values;
  int64_t* positions;
  // Places of the last axis whose windows are alike, and how far apart these are.
  int64_t inside_from, inside_to, stride;
} pool_plan;

typedef struct plane_plan {
  bool adds;
  int64_t in, out;
  const int64_t* positions;
  const void* from;
  void* to;
} plane_plan;

#define T float
#define CODE int32_t
#define NAME(x) f32_##x
#include "pool_template.h"

#define T double
#define CODE int64_t
#define NAME(x) f64_##x
#include "pool_template.h"

// The longest run of equally long windows that lie equally far apart: all but those that the border cuts.
static void find_inside(pool_plan* plan) {
  const ck_windows* w = plan->windows;
  const int64_t *begin = w->begin[2], *end = w->end[2];
  for (int64_t from = 0; from + 1 < w->out[2];) {
    int64_t to = from + 1, stride = begin[to] - begin[from], size = end[from] - begin[from];
    while (to < w->out[2] && begin[to] - begin[to - 1] == stride && end[to] - begin[to] == size) to++;
    if (to - from > plan->inside_to - plan->inside_from && stride > 0) {
      plan->inside_from = from;
      plan->inside_to = to;
      plan->stride = stride;
    }
    from = to;
  }
  if (plan->inside_to - plan->inside_from < 2) plan->inside_from = plan->inside_to = 0;
}

void ck_max_pool(ck_dtype dtype, const ck_windows* windows, const void* x, void* values, int64_t* positions) {
  pool_plan plan = {.windows = windows, .x = x, .values = values, .positions = positions};
  find_inside(&plan);
  int64_t plane = windows->in[0] * windows->in[1] * windows->in[2] + 1;
  ck_body body = dtype == CK_FLOAT32 ? f32_max_planes : f64_max_planes;
  ck_parallel(windows->planes, GRAIN / plane + 1, body, &plan);
}

void ck_plane_put(ck_dtype dtype, bool adds, int64_t planes, int64_t in, int64_t out, const int64_t* positions,
                  const void* y, void* x) {
  plane_plan plan = {adds, in, out, positions, y, x};
  ck_body body = dtype == CK_FLOAT32 ? f32_put_planes : f64_put_planes;
  ck_parallel(planes, GRAIN / (in + out + 1) + 1, body, &plan);
}

void ck_plane_take(ck_dtype dtype, int64_t planes, int64_t in, int64_t out, const int64_t* positions, const void* x,
                   void* y) {
  plane_plan plan = {false, in, out, positions, x, y};
  ck_body body = dtype == CK_FLOAT32 ? f32_take_planes : f64_take_planes;
  ck_parallel(planes, GRAIN / (in + out + 1) + 1, body, &plan);
}
