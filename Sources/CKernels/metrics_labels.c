#include <math.h>
#include <string.h>

#include "ck_half.h"
#include "ck_index.h"
#include "ck_memory.h"
#include "ck_metrics.h"

// Labels this close together are found by a table.
#define CK_TABLE 65536

#define CK_FIRST(type, read)                                \
  for (int64_t i = 0; i < n; i++) {                         \
    const double value = read(((const type*)x)[i]);         \
    if (finite ? !isfinite(value) : isnan(value)) return i; \
  }                                                         \
  return -1;
#define CK_SAME(v) (v)

int64_t ck_first_improper(ck_dtype dtype, bool finite, int64_t n, const void* x) {
  switch (dtype) {
    case CK_FLOAT32: {
      CK_FIRST(float, CK_SAME)
    }
    case CK_FLOAT64: {
      CK_FIRST(double, CK_SAME)
    }
    case CK_FLOAT16: {
      CK_FIRST(uint16_t, ck_f16_widen)
    }
    case CK_BFLOAT16: {
      CK_FIRST(uint16_t, ck_bf16_widen)
    }
    default:
      return -1;
  }
}

int64_t ck_whole_numbers(int64_t n, int64_t* out, const double* x) {
  for (int64_t i = 0; i < n; i++) {
    if (!(fabs(x[i]) <= 0x1p53) || x[i] != floor(x[i])) return i;
    out[i] = (int64_t)x[i];
  }
  return -1;
}

static int64_t distinct_by_table(int64_t n, const int64_t* x, int64_t least, int64_t* out) {
  bool seen[CK_TABLE];
  memset(seen, 0, sizeof seen);
  for (int64_t i = 0; i < n; i++) seen[x[i] - least] = true;
  int64_t count = 0;
  for (int64_t i = 0; i < CK_TABLE; i++) {
    if (seen[i]) out[count++] = least + i;
  }
  return count;
}

bool ck_distinct(int64_t n, const int64_t* x, int64_t* out, int64_t* count) {
  *count = 0;
  if (n == 0) return true;
  int64_t least = x[0], most = x[0];
  for (int64_t i = 1; i < n; i++) {
    least = x[i] < least ? x[i] : least;
    most = x[i] > most ? x[i] : most;
  }
  if ((uint64_t)most - (uint64_t)least < CK_TABLE) {
    *count = distinct_by_table(n, x, least, out);
    return true;
  }
  const size_t bytes = (size_t)n * sizeof(int64_t);
  int64_t* order = ck_alloc(bytes);
  const bool ordered = order && ck_argsort(CK_INT64, false, 1, n, order, x);
  for (int64_t i = 0; ordered && i < n; i++) {
    const int64_t next = x[order[i]];
    if (*count == 0 || out[*count - 1] != next) out[(*count)++] = next;
  }
  if (order) ck_free(order, bytes);
  return ordered;
}

void ck_label_positions(int64_t n, int64_t* out, const int64_t* x, int64_t count, const int64_t* labels) {
  const bool gapless = count > 0 && (uint64_t)labels[count - 1] - (uint64_t)labels[0] == (uint64_t)count - 1;
  for (int64_t i = 0; gapless && i < n; i++) {
    const uint64_t place = (uint64_t)x[i] - (uint64_t)labels[0];
    out[i] = place < (uint64_t)count ? (int64_t)place : -1;
  }
  for (int64_t i = 0; !gapless && i < n; i++) {
    int64_t low = 0, high = count;
    while (low < high) {
      const int64_t middle = low + (high - low) / 2;
      if (labels[middle] < x[i])
        low = middle + 1;
      else
        high = middle;
    }
    out[i] = low < count && labels[low] == x[i] ? low : -1;
  }
}
