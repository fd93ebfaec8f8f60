// What a convolution does beside multiplying tiles: elements of images become rows, tiles become elements of images.

// Row k, from `first` on, holds what the places see of channel k / taps under tap k % taps; zero outside the image.
static void NAME(image_rows)(const conv_rows* rows) {
  const conv_pieces* pieces = rows->pieces;
  int64_t tap = rows->first % pieces->taps;
  const REAL* channel = (const REAL*)rows->source + rows->first / pieces->taps * rows->plane;
  REAL* out = rows->out;
  for (int64_t k = 0; k < rows->count; k++, out += rows->stride) {
    const conv_tap_pieces* seen = &pieces->tap[tap];
    if (!seen->whole) {
      for (int64_t j = 0; j < rows->width; j += LANES) STORE(out + j, (VECTOR){0});
    }
    for (int64_t p = 0; p < seen->count; p++) {
      const REAL* from = channel + seen->list[p].from;
      REAL* to = out + seen->list[p].to;
      int64_t count = seen->list[p].count, i = 0;
      if (rows->step == 1) {
        for (; i + LANES <= count; i += LANES) STORE(to + i, LOAD(from + i));
        if (i < count) {
          MASK part = MASK_OF((int)(count - i));
          STORE_PART(to + i, LOAD_PART(from + i, part), part);
        }
      } else if (rows->step == 2) {
        for (; i < count; i++) to[i] = from[2 * i];
      } else {
        for (; i < count; i++) to[i] = from[i * rows->step];
      }
    }
    if (++tap == pieces->taps) {
      tap = 0;
      channel += rows->plane;
    }
  }
}

// Rows of a finished tile, each for one channel, go to the places of their columns.
static void NAME(tile_to_image)(const conv_tile* tile) {
  for (int i = 0; i < tile->rows; i++) {
    const REAL* from = (const REAL*)tile->sums + i * 2 * LANES;
    REAL* channel = (REAL*)tile->out + i * tile->plane;
    REAL bias = tile->bias ? ((const REAL*)tile->bias)[i] : 0;
    for (int64_t p = 0; p < tile->piece_count; p++) {
      const conv_piece* piece = &tile->pieces[p];
      REAL* to = channel + piece->from;
      const REAL* sums = from + piece->to;
      if (tile->step == 1) {
        for (int64_t j = 0; j < piece->count; j += LANES) {
          MASK part = MASK_OF((int)(piece->count - j < LANES ? piece->count - j : LANES));
          VECTOR sum = LOAD_PART(sums + j, part) + bias;
          if (tile->accumulate) sum += LOAD_PART(to + j, part);
          STORE_PART(to + j, sum, part);
        }
        continue;
      }
      for (int64_t j = 0; j < piece->count; j++) {
        REAL* at = to + j * tile->step;
        *at = tile->accumulate ? *at + (sums[j] + bias) : sums[j] + bias;
      }
    }
  }
}
