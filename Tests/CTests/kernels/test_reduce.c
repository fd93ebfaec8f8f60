// Reductions and scans against plain loops in long double, over layouts, sizes and threads.
#include "../check.h"
#include "CKernels.h"
#include "each_isa.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))
enum { MOST = 600000 };

static float singles[MOST];
static double doubles[MOST];
static int32_t whole[MOST];
static uint16_t halves[MOST];
static uint64_t state = 7;

static uint32_t draw(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 33);
}

__attribute__((constructor)) static void fill(void) {
  for (int i = 0; i < MOST; i++) {
    doubles[i] = singles[i] = (float)((double)(draw() % 20001) / 10000 - 1);
    whole[i] = (int32_t)draw();
    halves[i] = (uint16_t)(0x3f00 | (draw() & 0x80ff));
  }
}

typedef struct layout {
  int kept_rank, reduced_rank;
  int64_t kept[3], kept_stride[3], reduced[3], reduced_stride[3];
} layout;

static const layout layouts[] = {
    {0, 1, {0}, {0}, {1}, {1}},
    {0, 1, {0}, {0}, {63}, {1}},
    {0, 1, {0}, {0}, {500001}, {1}},
    {0, 1, {0}, {0}, {200001}, {2}},
    {0, 2, {0}, {0}, {300, 700}, {701, 1}},
    {1, 1, {77}, {130}, {130}, {1}},
    {1, 1, {77}, {1}, {130}, {77}},
    {1, 1, {3}, {1}, {150000}, {3}},
    {1, 1, {3}, {150000}, {150000}, {1}},
    {1, 1, {300}, {1}, {1999}, {300}},
    {1, 1, {1000}, {8}, {8}, {1}},
    {1, 1, {500}, {0}, {9}, {3}},
    {1, 2, {16}, {49}, {200, 49}, {784, 1}},
    {2, 1, {20, 30}, {900, 1}, {30}, {30}},
    {2, 1, {20, 30}, {1, 20}, {30}, {600}},
    {3, 3, {2, 3, 4}, {3, 1, 600}, {5, 2, 5}, {6, 3000, 30}},
    {2, 1, {4, 5}, {-1, 10}, {300}, {50}},
};

static int64_t product(int rank, const int64_t* size) {
  int64_t n = 1;
  for (int i = 0; i < rank; i++) n *= size[i];
  return n;
}

static int64_t offset(int rank, const int64_t* size, const int64_t* stride, int64_t flat) {
  int64_t at = 0;
  for (int i = rank - 1; i >= 0; i--) {
    at += flat % size[i] * stride[i];
    flat /= size[i];
  }
  return at;
}

static void reduce(const layout* l, ck_reduce_op op, ck_dtype dtype, void* out, const void* x) {
  ck_reduce(op, dtype, l->kept_rank, l->kept, l->kept_stride, l->reduced_rank, l->reduced, l->reduced_stride, out, x);
}

static long double expected(const layout* l, ck_reduce_op op, int64_t o, long double* scale) {
  const int64_t n = product(l->reduced_rank, l->reduced), base = 10 + offset(l->kept_rank, l->kept, l->kept_stride, o);
  long double sum = 0, squares = 0, magnitude = 0, high = -INFINITY, low = INFINITY;
  int64_t count = 0;
  for (int64_t i = 0; i < n; i++) {
    const long double v = doubles[base + offset(l->reduced_rank, l->reduced, l->reduced_stride, i)];
    sum += v;
    squares += v * v;
    magnitude += fabsl(v);
    high = v > high ? v : high;
    low = v < low ? v : low;
    count += v != 0;
  }
  *scale = magnitude;
  switch (op) {
    case ck_reduce_sum:
    case ck_reduce_nansum:
      return sum;
    case ck_reduce_sum_squares:
      return squares;
    case ck_reduce_sum_abs:
      return magnitude;
    case ck_reduce_amax:
      return high;
    case ck_reduce_amin:
      return low;
    default:
      return (long double)count;
  }
}

static void check_layout(const layout* l, ck_reduce_op op) {
  static float out[4000];
  static double wide[4000];
  static int64_t counts[4000];
  const int64_t n = product(l->kept_rank, l->kept);
  const bool counting = op == ck_reduce_count_nonzero;
  reduce(l, op, CK_FLOAT32, counting ? (void*)counts : out, singles + 10);
  reduce(l, op, CK_FLOAT64, counting ? (void*)counts : wide, doubles + 10);
  for (int64_t i = 0; i < n; i += 1 + n / 50) {
    long double scale;
    const long double e = expected(l, op, i, &scale);
    const double got = counting ? (double)counts[i] : out[i], got_wide = counting ? (double)counts[i] : wide[i];
    if (!(fabsl(got - e) <= 1e-6L * scale + 1e-30L))
      CHECK_SAY("op %d layout %d: %.9g, not %.9Lg", op, (int)(l - layouts), got, e);
    if (!(fabsl(got_wide - e) <= 1e-14L * scale + 1e-30L))
      CHECK_SAY("op %d layout %d: %.17g, not %.17Lg", op, (int)(l - layouts), got_wide, e);
  }
}

TEST(reductions_follow_plain_loops) {
  const ck_reduce_op ops[] = {ck_reduce_sum,         ck_reduce_amax,    ck_reduce_amin,  ck_reduce_count_nonzero,
                              ck_reduce_sum_squares, ck_reduce_sum_abs, ck_reduce_nansum};
  for (int i = 0; i < COUNT(layouts); i++) {
    for (int k = 0; k < COUNT(ops); k++) check_layout(&layouts[i], ops[k]);
  }
}

TEST(threads_do_not_change_sums) {
  static float one[4000], two[4000];
  for (int i = 0; i < COUNT(layouts); i++) {
    const size_t bytes = (size_t)product(layouts[i].kept_rank, layouts[i].kept) * sizeof(float);
    ck_set_threads(1);
    reduce(&layouts[i], ck_reduce_sum, CK_FLOAT32, one, singles + 10);
    ck_set_threads(2);
    reduce(&layouts[i], ck_reduce_sum, CK_FLOAT32, two, singles + 10);
    CHECK(memcmp(one, two, bytes) == 0);
  }
  ck_set_threads(0);
}

TEST(sums_of_ones_are_exact) {
  const int64_t n = 1 << 23, stride = 0;
  const float one = 1;
  float out = 0;
  ck_reduce(ck_reduce_sum, CK_FLOAT32, 0, NULL, NULL, 1, &n, &stride, &out, &one);
  CHECK(out == 8388608.0f);
}

TEST(halves_add_in_float32) {
  static uint16_t out[4000];
  static float wide[MOST], sums[4000];
  const int64_t most = MOST, n = 300;
  ck_cast(CK_BFLOAT16, CK_FLOAT32, 1, &most, (ck_out){wide, NULL}, (ck_in){halves, NULL});
  static uint16_t narrowed[4000];
  for (int i = 0; i < COUNT(layouts); i++) {
    const int64_t kept = product(layouts[i].kept_rank, layouts[i].kept);
    reduce(&layouts[i], ck_reduce_amax, CK_BFLOAT16, out, halves + 10);
    reduce(&layouts[i], ck_reduce_amax, CK_FLOAT32, sums, wide + 10);
    ck_cast(CK_FLOAT32, CK_BFLOAT16, 1, &kept, (ck_out){narrowed, NULL}, (ck_in){sums, NULL});
    CHECK(memcmp(out, narrowed, (size_t)kept * 2) == 0);
  }
  const int64_t one = 1;
  const uint16_t small = 0x3c00;  // 2^-7, whose 300 copies a bfloat16 sum could not hold
  const int64_t zero = 0;
  ck_reduce(ck_reduce_sum, CK_BFLOAT16, 0, NULL, NULL, 1, &n, &zero, out, &small);
  ck_cast(CK_BFLOAT16, CK_FLOAT32, 1, &one, (ck_out){sums, NULL}, (ck_in){out, NULL});
  CHECK_CLOSE(sums[0], 300.0 / 128, 300.0 / 128 / 256);
}

TEST(integers_wrap) {
  int32_t out[77];
  const layout* l = &layouts[5];
  reduce(l, ck_reduce_sum, CK_INT32, out, whole + 10);
  for (int o = 0; o < 77; o++) {
    uint32_t sum = 0, product_ = 1;
    for (int i = 0; i < 130; i++)
      sum += (uint32_t)whole[10 + o * 130 + i], product_ *= (uint32_t)whole[10 + o * 130 + i];
    CHECK((uint32_t)out[o] == sum);
    int32_t p;
    ck_reduce(ck_reduce_prod, CK_INT32, 0, NULL, NULL, 1, l->reduced, l->reduced_stride, &p, whole + 10 + o * 130);
    CHECK((uint32_t)p == product_);
  }
}

TEST(nan_and_nothing) {
  const int64_t n = 100, zero = 0, one = 1, kept = 3;
  float x[100], out[3] = {5, 5, 5};
  for (int i = 0; i < 100; i++) x[i] = (float)i;
  x[70] = NAN;
  ck_reduce(ck_reduce_amax, CK_FLOAT32, 0, NULL, NULL, 1, &n, &one, out, x);
  CHECK(isnan(out[0]));
  ck_reduce(ck_reduce_nansum, CK_FLOAT32, 0, NULL, NULL, 1, &n, &one, out, x);
  CHECK(out[0] == 4950 - 70);
  ck_reduce(ck_reduce_sum, CK_FLOAT32, 1, &kept, &zero, 1, &zero, &one, out, x);
  CHECK(out[0] == 0 && out[1] == 0 && out[2] == 0);
  ck_reduce(ck_reduce_prod, CK_FLOAT32, 1, &kept, &zero, 1, &zero, &one, out, x);
  CHECK(out[0] == 1 && out[2] == 1);
  ck_reduce(ck_reduce_sum, CK_FLOAT32, 1, &zero, &one, 1, &n, &one, out, x);
  bool flag = false;
  ck_reduce(ck_reduce_all, CK_FLOAT32, 0, NULL, NULL, 1, &zero, &one, &flag, x);
  CHECK(flag);
  ck_reduce(ck_reduce_all, CK_FLOAT32, 0, NULL, NULL, 1, &n, &one, &flag, x);
  CHECK(!flag);
  ck_reduce(ck_reduce_any, CK_FLOAT32, 0, NULL, NULL, 1, &n, &one, &flag, x);
  CHECK(flag);
}

TEST(positions_of_extremes) {
  enum { ROWS = 37, N = 200 };
  static float x[ROWS * N], turned[ROWS * N];
  for (int i = 0; i < ROWS * N; i++) x[i] = (float)(draw() % 50);
  x[5 * N + 120] = x[5 * N + 60] = NAN;
  for (int r = 0; r < ROWS; r++) {
    for (int i = 0; i < N; i++) turned[i * ROWS + r] = x[r * N + i];
  }
  const int64_t rows = ROWS, along = N, one = 1;
  int64_t a[ROWS], b[ROWS];
  for (int greatest = 0; greatest < 2; greatest++) {
    ck_arg_reduce(greatest, CK_FLOAT32, 1, &rows, &along, N, 1, a, x);
    ck_arg_reduce(greatest, CK_FLOAT32, 1, &rows, &one, N, ROWS, b, turned);
    for (int r = 0; r < ROWS; r++) {
      int best = 0;
      for (int i = 1; i < N; i++) {
        if (isnan(x[r * N + best])) break;
        const float v = x[r * N + i], w = x[r * N + best];
        if (isnan(v) || (greatest ? v > w : v < w)) best = i;
      }
      CHECK(a[r] == best && b[r] == best);
    }
  }
}

TEST(scans) {
  const float x[] = {1, -2, 3, 3, NAN, 1, 4, 2, 2, 5};
  float out[10];
  int64_t at[10];
  ck_scan(ck_scan_cumsum, CK_FLOAT32, 1, 4, out, NULL, x);
  CHECK(out[0] == 1 && out[1] == -1 && out[2] == 2 && out[3] == 5);
  ck_scan(ck_scan_cumprod, CK_FLOAT32, 1, 4, out, NULL, x);
  CHECK(out[0] == 1 && out[1] == -2 && out[2] == -6 && out[3] == -18);
  ck_scan(ck_scan_cummax, CK_FLOAT32, 2, 5, out, at, x);
  CHECK(out[3] == 3 && at[3] == 3 && isnan(out[4]) && at[4] == 4);
  CHECK(out[5] == 1 && at[5] == 0 && at[7] == 1 && out[8] == 4 && at[9] == 4);
  ck_scan(ck_scan_cummin, CK_FLOAT32, 2, 5, out, at, x);
  CHECK(out[2] == -2 && at[2] == 1 && isnan(out[4]) && out[9] == 1);
  ck_scan(ck_scan_logcumsumexp, CK_FLOAT32, 1, 4, out, NULL, x);
  CHECK_CLOSE(out[3], log(exp(1) + exp(-2) + 2 * exp(3)), 1e-6);
  int64_t wide[] = {INT64_MAX, 1, 1}, sums[3];
  ck_scan(ck_scan_cumsum, CK_INT64, 1, 3, sums, NULL, wide);
  CHECK(sums[1] == INT64_MIN && sums[2] == INT64_MIN + 1);
}

TEST_EACH_ISA
