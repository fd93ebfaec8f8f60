// The walk over strides: every layout gives the bits of the plain contiguous call, whatever the size and the threads.
#include <float.h>

#include "../check.h"
#include "CKernels.h"
#include "each_isa.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))
enum { MOST = 300000 };

static const int width[] = {0, 4, 8, 2, 2, 8, 4, 1, 1};
static uint64_t state = 1;

static uint32_t draw(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 33);
}

// Values of a dtype: small numbers, with a special one here and there.
static void fill_values(ck_dtype dtype, int64_t n, void* out) {
  for (int64_t i = 0; i < n; i++) {
    const uint32_t pick = draw() % 64;
    double v = (double)(draw() % 2001) / 100 - 10;
    if (pick == 0) v = 0;
    if (pick == 1) v = -0.0;
    if (pick == 2) v = INFINITY;
    if (pick == 3) v = NAN;
    switch (dtype) {
      case CK_FLOAT32:
        ((float*)out)[i] = (float)v;
        break;
      case CK_FLOAT64:
        ((double*)out)[i] = v;
        break;
      case CK_INT64:
        ((int64_t*)out)[i] = (int64_t)draw() % 21 - 10;
        break;
      case CK_INT32:
        ((int32_t*)out)[i] = (int32_t)(draw() % 21) - 10;
        break;
      case CK_UINT8:
        ((uint8_t*)out)[i] = (uint8_t)draw();
        break;
      case CK_BOOL:
        ((uint8_t*)out)[i] = draw() & 1;
        break;
      default:
        ((uint16_t*)out)[i] = pick == 3 ? 0x7fff : (uint16_t)(0x3000 | (draw() & 0x8fff));
        break;
    }
  }
}

typedef struct layout {
  int rank;
  int64_t size[4];
  int64_t stride[3][4];  // of the output and two inputs, in elements
} layout;

static const layout layouts[] = {
    {1, {0}, {{1}, {1}, {1}}},
    {1, {1}, {{1}, {1}, {1}}},
    {1, {7}, {{1}, {2}, {3}}},
    {1, {1000}, {{1}, {1}, {0}}},
    {1, {777}, {{3}, {1}, {2}}},
    {1, {333}, {{1}, {-1}, {1}}},
    {2, {17, 5}, {{5, 1}, {5, 1}, {0, 1}}},
    {2, {17, 5}, {{5, 1}, {1, 17}, {1, 0}}},
    {2, {130, 67}, {{67, 1}, {1, 130}, {0, 0}}},
    {2, {64, 2048}, {{2048, 1}, {2048, 1}, {1, 0}}},
    {2, {40, 5000}, {{1, 40}, {5000, 1}, {5000, 2}}},
    {3, {5, 1, 300}, {{300, 1, 1}, {600, 7, 2}, {0, 1, 1}}},
    {3, {6, 20, 40}, {{800, 40, 1}, {800, 1, 20}, {0, 1, 0}}},
    {4, {3, 4, 33, 9}, {{1188, 297, 9, 1}, {1188, 1, 36, 4}, {1, 0, 3, 0}}},
};

// Element by element through one-element calls: the plainest reference there is.
static char given[2][MOST * 8], strided_out[MOST * 8], reference_out[MOST * 8];

static int64_t offset_of(const layout* l, int k, int64_t flat) {
  int64_t offset = 0;
  for (int i = l->rank - 1; i >= 0; i--) {
    offset += flat % l->size[i] * l->stride[k][i];
    flat /= l->size[i];
  }
  return offset;
}

static int64_t size_of(const layout* l) {
  int64_t n = 1;
  for (int i = 0; i < l->rank; i++) n *= l->size[i];
  return n;
}

static void check_layout(const layout* l, ck_binary_op op, ck_dtype dtype, int result_width) {
  const int w = width[dtype];
  const double params[] = {0.5, 0.25, 0.125};
  const int64_t n = size_of(l), one = 1, middle = 1000;
  memset(strided_out, 0x55, sizeof strided_out);
  memset(reference_out, 0x55, sizeof reference_out);
  const ck_out out = {strided_out + middle * result_width, l->stride[0]};
  const ck_in x = {given[0] + middle * w, l->stride[1]}, y = {given[1] + middle * w, l->stride[2]};
  CHECK(ck_binary(op, dtype, params, l->rank, l->size, out, x, y));
  for (int64_t i = 0; i < n; i++) {
    const ck_out o = {reference_out + (middle + offset_of(l, 0, i)) * result_width, NULL};
    const ck_in a = {given[0] + (middle + offset_of(l, 1, i)) * w, NULL};
    const ck_in b = {given[1] + (middle + offset_of(l, 2, i)) * w, NULL};
    ck_binary(op, dtype, params, 1, &one, o, a, b);
  }
  if (memcmp(strided_out, reference_out, sizeof strided_out) != 0) {
    CHECK_SAY("binary %d dtype %d layout %d threads %d", op, dtype, (int)(l - layouts), ck_threads());
  }
}

TEST(layouts_give_the_same_bits) {
  const ck_dtype dtypes[] = {CK_FLOAT32, CK_FLOAT64, CK_FLOAT16, CK_BFLOAT16, CK_INT64, CK_INT32, CK_UINT8, CK_BOOL};
  for (int threads = 1; threads <= 2; threads++) {
    ck_set_threads(threads);
    for (int d = 0; d < COUNT(dtypes); d++) {
      fill_values(dtypes[d], MOST, given[0]);
      fill_values(dtypes[d], MOST, given[1]);
      for (int i = 0; i < COUNT(layouts); i++) {
        check_layout(&layouts[i], ck_binary_add, dtypes[d], width[dtypes[d]]);
        check_layout(&layouts[i], ck_binary_lt, dtypes[d], 1);
      }
    }
  }
  ck_set_threads(0);
}

static bool is_nan(ck_dtype dtype, const char* at) {
  uint16_t half;
  float single;
  double wide;
  memcpy(&half, at, 2);
  switch (dtype) {
    case CK_FLOAT32:
      return memcpy(&single, at, 4), isnan(single);
    case CK_FLOAT64:
      return memcpy(&wide, at, 8), isnan(wide);
    case CK_FLOAT16:
      return (half & 0x7fff) > 0x7c00;
    case CK_BFLOAT16:
      return (half & 0x7fff) > 0x7f80;
    default:
      return false;
  }
}

// The same bits, but for the sign and payload of NaN, which processors leave to the order of operands.
static bool same(ck_dtype dtype, int64_t n, const char* x, const char* y) {
  const int w = width[dtype];
  for (int64_t i = 0; i < n; i++) {
    if (memcmp(x + i * w, y + i * w, (size_t)w) != 0 && !(is_nan(dtype, x + i * w) && is_nan(dtype, y + i * w)))
      return false;
  }
  return true;
}

// Every row and dtype: odd sizes against one element at a time, on one thread and on two, and in place.
static void check_rows(ck_dtype dtype, int64_t n) {
  const int w = width[dtype];
  const double params[] = {0.5, 0.75, 0.25};
  const int64_t one = 1;
  fill_values(dtype, n, given[0]);
  fill_values(dtype, n, given[1]);
  for (int op = 0; op < CK_UNARY_COUNT; op++) {
    if (!ck_unary_supports((ck_unary_op)op, dtype)) continue;
    memset(strided_out, 0, (size_t)n * 8);
    memset(reference_out, 0, (size_t)n * 8);
    ck_unary((ck_unary_op)op, dtype, params, 1, &n, (ck_out){strided_out, NULL}, (ck_in){given[0], NULL});
    const bool to_bool = op >= ck_unary_isnan && op <= ck_unary_logical_not;
    const int rw = to_bool ? 1 : w;
    for (int64_t i = 0; i < n; i++) {
      ck_unary((ck_unary_op)op, dtype, params, 1, &one, (ck_out){reference_out + i * rw, NULL},
               (ck_in){given[0] + i * w, NULL});
    }
    if (!same(to_bool ? CK_BOOL : dtype, n, strided_out, reference_out))
      CHECK_SAY("unary %d dtype %d n %d", op, dtype, (int)n);
    if (to_bool) continue;
    memcpy(strided_out, given[0], (size_t)(n * w));
    ck_unary((ck_unary_op)op, dtype, params, 1, &n, (ck_out){strided_out, NULL}, (ck_in){strided_out, NULL});
    if (!same(dtype, n, strided_out, reference_out)) CHECK_SAY("unary %d in place, dtype %d", op, dtype);
  }
  for (int op = 0; op < CK_UNARY_COUNT; op++) {
    if (ck_slope_saves((ck_unary_op)op) == CK_SAVES_NONE) continue;
    if (!ck_slope((ck_unary_op)op, dtype, params, 1, &n, (ck_out){strided_out, NULL}, (ck_in){given[0], NULL},
                  (ck_in){given[1], NULL}))
      continue;
    for (int64_t i = 0; i < n; i++) {
      ck_slope((ck_unary_op)op, dtype, params, 1, &one, (ck_out){reference_out + i * w, NULL},
               (ck_in){given[0] + i * w, NULL}, (ck_in){given[1] + i * w, NULL});
    }
    if (!same(dtype, n, strided_out, reference_out)) CHECK_SAY("slope %d dtype %d n %d", op, dtype, (int)n);
  }
  for (int op = 0; op < CK_BINARY_COUNT; op++) {
    if (!ck_binary_supports((ck_binary_op)op, dtype)) continue;
    const int rw = op >= ck_binary_eq && op <= ck_binary_logical_xor ? 1 : w;
    ck_binary((ck_binary_op)op, dtype, params, 1, &n, (ck_out){strided_out, NULL}, (ck_in){given[0], NULL},
              (ck_in){given[1], NULL});
    for (int64_t i = 0; i < n; i++) {
      ck_binary((ck_binary_op)op, dtype, params, 1, &one, (ck_out){reference_out + i * rw, NULL},
                (ck_in){given[0] + i * w, NULL}, (ck_in){given[1] + i * w, NULL});
    }
    if (!same(rw == w ? dtype : CK_BOOL, n, strided_out, reference_out))
      CHECK_SAY("binary %d dtype %d n %d", op, dtype, (int)n);
  }
}

TEST(rows_do_not_depend_on_position) {
  const int64_t sizes[] = {1, 15, 16, 17, 63, 129, 1027};
  for (int d = CK_FLOAT32; d <= CK_BOOL; d++) {
    for (int i = 0; i < COUNT(sizes); i++) check_rows((ck_dtype)d, sizes[i]);
  }
  ck_set_threads(2);
  check_rows(CK_FLOAT32, 70001);
  ck_set_threads(1);
  check_rows(CK_FLOAT64, 40001);
  ck_set_threads(0);
}

TEST(casts_agree_with_c) {
  const int64_t n = 1000;
  float x[1000];
  fill_values(CK_FLOAT32, n, x);
  double wide[1000];
  int32_t whole[1000];
  uint8_t truth[1000];
  uint16_t half[1000];
  float back[1000];
  ck_cast(CK_FLOAT32, CK_FLOAT64, 1, &n, (ck_out){wide, NULL}, (ck_in){x, NULL});
  ck_cast(CK_FLOAT32, CK_INT32, 1, &n, (ck_out){whole, NULL}, (ck_in){x, NULL});
  ck_cast(CK_FLOAT32, CK_BOOL, 1, &n, (ck_out){truth, NULL}, (ck_in){x, NULL});
  for (int i = 0; i < n; i++) {
    CHECK(isnan(x[i]) ? isnan(wide[i]) : wide[i] == x[i]);
    if (isfinite(x[i])) CHECK(whole[i] == (int32_t)x[i]);
    CHECK(truth[i] == (x[i] != 0));
  }
  for (int d = CK_FLOAT16; d <= CK_BFLOAT16; d++) {
    // Every half there is survives the way to float32 and back.
    for (uint32_t first = 0; first < 65536; first += 500) {
      const int64_t m = 65536 - first < 500 ? 65536 - first : 500;
      for (int i = 0; i < m; i++) half[i] = (uint16_t)(first + (uint32_t)i);
      ck_cast((ck_dtype)d, CK_FLOAT32, 1, &m, (ck_out){back, NULL}, (ck_in){half, NULL});
      ck_cast(CK_FLOAT32, (ck_dtype)d, 1, &m, (ck_out){half + 500, NULL}, (ck_in){back, NULL});
      for (int i = 0; i < m; i++) CHECK(isnan(back[i]) ? half[500 + i] != 0 : half[i] == half[500 + i]);
    }
  }
  const float near[] = {1.00048828125f, 1.0014648f, 65519.0f, 65520.0f, 6e-8f, 2e-8f, 1.0039062f, 3.4e38f};
  const uint16_t f16[] = {0x3c00, 0x3c02, 0x7bff, 0x7c00, 0x0001, 0x0000, 0x3c04, 0x7c00};
  const uint16_t bf16[] = {0x3f80, 0x3f80, 0x4780, 0x4780, 0x3381, 0x32ac, 0x3f80, 0x7f80};
  const int64_t eight = 8;
  ck_cast(CK_FLOAT32, CK_FLOAT16, 1, &eight, (ck_out){half, NULL}, (ck_in){near, NULL});
  CHECK(memcmp(half, f16, sizeof f16) == 0);
  ck_cast(CK_FLOAT32, CK_BFLOAT16, 1, &eight, (ck_out){half, NULL}, (ck_in){near, NULL});
  CHECK(memcmp(half, bf16, sizeof bf16) == 0);
}

TEST(fills_and_ranges) {
  float x[6 * 7];
  memset(x, 0, sizeof x);
  const float value = 3;
  const int64_t size[] = {3, 2}, stride[] = {7, 2}, n = 5;
  ck_fill(CK_FLOAT32, 2, size, (ck_out){x, stride}, &value);
  for (int i = 0; i < 42; i++) CHECK(x[i] == (i / 7 < 3 && (i % 7 == 0 || i % 7 == 2) ? 3 : 0));
  ck_arange(CK_FLOAT32, n, x, 1, 0.5);
  for (int i = 0; i < n; i++) CHECK(x[i] == 1 + 0.5f * (float)i);
  int64_t whole[5];
  ck_arange_integer(CK_INT64, n, whole, INT64_MAX - 2, -1);
  for (int i = 0; i < n; i++) CHECK(whole[i] == INT64_MAX - 2 - i);
}

TEST_EACH_ISA
