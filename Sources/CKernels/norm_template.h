// Normalisation of elements of type T; NAME(x) is a name of its own, CLONES how its functions are compiled.

// Partial sums run in a fixed number of lanes, so that their order is the same for every instruction set.
enum { NAME(LANES) = 32 };

static inline __attribute__((always_inline)) double NAME(total)(const T* lane) {
  double sum = 0;
  for (int k = 0; k < NAME(LANES); k++) sum += (double)lane[k];
  return sum;
}

// The sum of the elements less `centre`, or of the squares of these.
CLONES double NAME(sum_run)(const T* x, int64_t n, T centre, bool squared) {
  T lane[NAME(LANES)] = {0};
  int64_t i = 0;
  if (squared) {
    for (; i + NAME(LANES) <= n; i += NAME(LANES)) {
      for (int k = 0; k < NAME(LANES); k++) lane[k] += (x[i + k] - centre) * (x[i + k] - centre);
    }
    for (int k = 0; k < n - i; k++) lane[k] += (x[i + k] - centre) * (x[i + k] - centre);
  } else {
    for (; i + NAME(LANES) <= n; i += NAME(LANES)) {
      for (int k = 0; k < NAME(LANES); k++) lane[k] += x[i + k] - centre;
    }
    for (int k = 0; k < n - i; k++) lane[k] += x[i + k] - centre;
  }
  return NAME(total)(lane);
}

// y = (x - mean) · scale · weight + bias, for weights that go along or stay.
CLONES void NAME(put_run)(T* y, const T* x, int64_t n, T mean, T scale, const T* weight, const T* bias, bool along) {
  if (along) {
    for (int64_t i = 0; i < n; i++) {
      y[i] = (x[i] - mean) * scale * (weight ? weight[i] : 1) + (bias ? bias[i] : 0);
    }
    return;
  }
  const T factor = scale * (weight ? *weight : 1), shift = bias ? *bias : 0;
  for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * factor + shift;
}

// One lane of both sums.
#define ADD_LANE(k, value)                               \
  do {                                                   \
    plain[k] += value;                                   \
    times[k] += (value) * ((x[i + (k)] - mean) * scale); \
  } while (0)

// The sums of g and of g times the normalised x, with their weights when these go along.
CLONES void NAME(gradient_sums)(const T* g, const T* x, int64_t n, T mean, T scale, const T* weight, double sums[2]) {
  T plain[NAME(LANES)] = {0}, times[NAME(LANES)] = {0};
  int64_t i = 0;
  if (weight) {
    for (; i + NAME(LANES) <= n; i += NAME(LANES)) {
      for (int k = 0; k < NAME(LANES); k++) ADD_LANE(k, g[i + k] * weight[i + k]);
    }
    for (int k = 0; k < n - i; k++) ADD_LANE(k, g[i + k] * weight[i + k]);
  } else {
    for (; i + NAME(LANES) <= n; i += NAME(LANES)) {
      for (int k = 0; k < NAME(LANES); k++) ADD_LANE(k, g[i + k]);
    }
    for (int k = 0; k < n - i; k++) ADD_LANE(k, g[i + k]);
  }
  sums[0] = NAME(total)(plain);
  sums[1] = NAME(total)(times);
}
#undef ADD_LANE

CLONES void NAME(gradient_run)(T* restrict out, const T* restrict g, const T* restrict x, int64_t n, T mean, T scale,
                               const T* restrict weight, T factor, T shift, T slope) {
  if (weight) {
    for (int64_t i = 0; i < n; i++) out[i] = scale * (g[i] * weight[i] - shift - (x[i] - mean) * scale * slope);
  } else {
    for (int64_t i = 0; i < n; i++) out[i] = scale * (g[i] * factor - shift - (x[i] - mean) * scale * slope);
  }
}

CLONES void NAME(weight_run)(T* weight_gradient, T* bias_gradient, const T* g, const T* x, int64_t n, T mean, T scale) {
  for (int64_t i = 0; i < n; i++) {
    weight_gradient[i] += g[i] * ((x[i] - mean) * scale);
    bias_gradient[i] += g[i];
  }
}

static void NAME(forward_rows)(void* context, int64_t begin, int64_t end) {
  const plan* plan = context;
  const ck_norm* norm = plan->norm;
  const double count = (double)norm->parts * (double)norm->length;
  for (int64_t r = begin; r < end; r++) {
    const int64_t first = row_start(norm, r);
    const T* x = (const T*)plan->x + first;
    double mean = 0, variance = 0;
    if (norm->centred) {
      for (int64_t p = 0; p < norm->parts; p++) mean += NAME(sum_run)(x + p * norm->part_step, norm->length, 0, false);
      mean /= count;
    }
    for (int64_t p = 0; p < norm->parts; p++) {
      variance += NAME(sum_run)(x + p * norm->part_step, norm->length, (T)mean, true);
    }
    variance /= count;
    ((T*)plan->mean)[r] = (T)mean;
    ((T*)plan->variance)[r] = (T)variance;
    const T scale = (T)(1 / sqrt(variance + norm->epsilon));
    for (int64_t p = 0; p < norm->parts; p++) {
      const int64_t w = first_weight(norm, r, p), at = p * norm->part_step;
      NAME(put_run)((T*)plan->out + first + at, x + at, norm->length, (T)mean, scale,
                    plan->weight ? (const T*)plan->weight + w : NULL, plan->bias ? (const T*)plan->bias + w : NULL,
                    norm->weight_item);
    }
  }
}

static void NAME(backward_rows)(void* context, int64_t begin, int64_t end) {
  const plan* plan = context;
  const ck_norm* norm = plan->norm;
  const double count = (double)norm->parts * (double)norm->length;
  T* own = plan->sums ? (T*)plan->sums + begin / plan->grain * 2 * norm->weights : NULL;
  for (int64_t r = begin; r < end; r++) {
    const int64_t first = row_start(norm, r);
    const T *x = (const T*)plan->x + first, *g = (const T*)plan->g + first;
    const T mean = ((const T*)plan->mean)[r];
    const T scale = (T)(1 / sqrt((double)((const T*)plan->variance)[r] + norm->epsilon));
    double shift = 0, slope = 0;
    for (int64_t p = 0; p < norm->parts; p++) {
      const int64_t w = first_weight(norm, r, p), at = p * norm->part_step;
      const T* weight = plan->weight ? (const T*)plan->weight + w : NULL;
      double sums[2];
      NAME(gradient_sums)(g + at, x + at, norm->length, mean, scale, norm->weight_item ? weight : NULL, sums);
      const double factor = weight && !norm->weight_item ? (double)*weight : 1;
      shift += factor * sums[0];
      slope += factor * sums[1];
      if (own && norm->weight_item) {
        NAME(weight_run)(own + w, own + norm->weights + w, g + at, x + at, norm->length, mean, scale);
      } else if (own) {
        own[w] += (T)sums[1];
        own[norm->weights + w] += (T)sums[0];
      }
    }
    if (!plan->out) continue;
    if (!norm->centred) shift = 0;
    for (int64_t p = 0; p < norm->parts; p++) {
      const int64_t w = first_weight(norm, r, p), at = p * norm->part_step;
      const T* weight = plan->weight ? (const T*)plan->weight + w : NULL;
      NAME(gradient_run)((T*)plan->out + first + at, g + at, x + at, norm->length, mean, scale,
                         norm->weight_item ? weight : NULL, weight ? *weight : 1, (T)(shift / count),
                         (T)(slope / count));
    }
  }
}

static void NAME(add_pieces)(const plan* plan, int64_t pieces, void* weight_gradient, void* bias_gradient) {
  const int64_t n = plan->norm->weights;
  for (int64_t piece = 0; piece < pieces; piece++) {
    const T* from = (const T*)plan->sums + piece * 2 * n;
    for (int64_t i = 0; i < n; i++) {
      if (weight_gradient) ((T*)weight_gradient)[i] = (piece ? ((T*)weight_gradient)[i] : 0) + from[i];
      if (bias_gradient) ((T*)bias_gradient)[i] = (piece ? ((T*)bias_gradient)[i] : 0) + from[n + i];
    }
  }
}

#undef T
#undef NAME
#undef CLONES
