#include "conv_places.h"

#include "ck_memory.h"

int64_t ck_conv_runs(const int64_t grid[3], int64_t first, int64_t count, conv_run* runs) {
  int64_t row = first / grid[2];
  conv_run run = {row / grid[1] / grid[0], {row / grid[1] % grid[0], row % grid[1], first % grid[2]}, 0, 0};
  int64_t found = 0;
  while (run.to < count) {
    int64_t left = count - run.to, there = grid[2] - run.place[2];
    run.count = there < left ? there : left;
    runs[found++] = run;
    run.to += run.count;
    run.place[2] = 0;
    if (++run.place[1] < grid[1]) continue;
    run.place[1] = 0;
    if (++run.place[0] < grid[0]) continue;
    run.place[0] = 0;
    run.image++;
  }
  return found;
}

void ck_conv_bound(const conv_window* window, conv_tap* tap) {
  int64_t step = window->step[2], offset = tap->offset[2], last = window->source[2] - 1 - offset;
  tap->low = offset < 0 ? (step - 1 - offset) / step : 0;
  tap->high = last < 0 ? 0 : last / step + 1;
}

static bool inside(int64_t place, int64_t size) { return place >= 0 && place < size; }

void ck_conv_pieces(const conv_window* window, const conv_run* runs, int64_t run_count, conv_pieces* pieces) {
  const int64_t *source = window->source, *step = window->step;
  conv_piece* piece = pieces->list;
  int64_t width = 0;
  for (int64_t r = 0; r < run_count; r++) width += runs[r].count;
  for (int64_t t = 0; t < window->taps; t++) {
    const conv_tap* tap = &window->tap[t];
    conv_piece* first = piece;
    int64_t covered = 0;
    for (int64_t r = 0; r < run_count; r++) {
      const conv_run* run = &runs[r];
      int64_t depth = run->place[0] * step[0] + tap->offset[0], row = run->place[1] * step[1] + tap->offset[1];
      int64_t low = run->place[2], high = low + run->count;
      if (low < tap->low) low = tap->low;
      if (high > tap->high) high = tap->high;
      if (low >= high || !inside(depth, source[0]) || !inside(row, source[1])) continue;
      int64_t from =
          run->image * window->image + (depth * source[1] + row) * source[2] + low * step[2] + tap->offset[2];
      int64_t to = run->to + low - run->place[2];
      covered += high - low;
      bool continues = piece > first && step[2] == 1 && piece[-1].from + piece[-1].count == from &&
                       piece[-1].to + piece[-1].count == to;
      if (continues) {
        piece[-1].count += high - low;
      } else {
        *piece++ = (conv_piece){from, to, high - low};
      }
    }
    pieces->tap[t] = (conv_tap_pieces){first, piece - first, covered == width};
  }
}

static size_t list_bytes(const conv_pieces* pieces) {
  return (size_t)(pieces->taps * pieces->places) * sizeof(conv_piece);
}

bool ck_conv_pieces_make(conv_pieces* pieces, int64_t taps, int64_t places) {
  *pieces = (conv_pieces){.taps = taps, .places = places};
  pieces->list = ck_alloc(list_bytes(pieces));
  pieces->tap = ck_alloc((size_t)taps * sizeof *pieces->tap);
  if (pieces->list && pieces->tap) return true;
  ck_conv_pieces_free(pieces);
  return false;
}

void ck_conv_pieces_free(conv_pieces* pieces) {
  ck_free(pieces->list, list_bytes(pieces));
  ck_free(pieces->tap, (size_t)pieces->taps * sizeof *pieces->tap);
}
