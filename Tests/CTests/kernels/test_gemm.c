#include <sys/mman.h>
#include <unistd.h>

#include "../../../Sources/CKernels/ck_half.h"
#include "../check.h"
#include "ck_gemm.h"
#include "ck_memory.h"
#include "ck_thread.h"
#include "each_isa.h"

static uint32_t state = 1;
static uint32_t next_random(void) { return (state = state * 1664525u + 1013904223u) >> 8; }
static double small_random(void) { return (double)(next_random() % 2001) / 1000.0 - 1.0; }

static size_t size_of(ck_dtype dtype) {
  return dtype == CK_FLOAT64 || dtype == CK_INT64      ? 8
         : dtype == CK_UINT8                           ? 1
         : dtype == CK_FLOAT16 || dtype == CK_BFLOAT16 ? 2
                                                       : 4;
}

static void put(ck_dtype dtype, void* data, int64_t i, double value) {
  switch (dtype) {
    case CK_FLOAT32:
      ((float*)data)[i] = (float)value;
      break;
    case CK_FLOAT64:
      ((double*)data)[i] = value;
      break;
    case CK_FLOAT16:
      ((uint16_t*)data)[i] = ck_f16_narrow((float)value);
      break;
    case CK_BFLOAT16:
      ((uint16_t*)data)[i] = ck_bf16_narrow((float)value);
      break;
    case CK_INT64:
      ((int64_t*)data)[i] = (int64_t)(value * 50);
      break;
    case CK_INT32:
      ((int32_t*)data)[i] = (int32_t)(value * 50);
      break;
    default:
      ((uint8_t*)data)[i] = (uint8_t)(int)(value * 50);
      break;
  }
}

static double get(ck_dtype dtype, const void* data, int64_t i) {
  switch (dtype) {
    case CK_FLOAT32:
      return ((const float*)data)[i];
    case CK_FLOAT64:
      return ((const double*)data)[i];
    case CK_FLOAT16:
      return ck_f16_widen(((const uint16_t*)data)[i]);
    case CK_BFLOAT16:
      return ck_bf16_widen(((const uint16_t*)data)[i]);
    case CK_INT64:
      return (double)((const int64_t*)data)[i];
    case CK_INT32:
      return ((const int32_t*)data)[i];
    default:
      return ((const uint8_t*)data)[i];
  }
}

static double epsilon(ck_dtype dtype) {
  return dtype == CK_FLOAT32    ? 0x1p-24
         : dtype == CK_FLOAT64  ? 0x1p-53
         : dtype == CK_FLOAT16  ? 0x1p-11
         : dtype == CK_BFLOAT16 ? 0x1p-8
                                : 0;
}

// Blocks of exactly the size they need, so that the address sanitizer sees a step outside.
typedef struct problem {
  ck_gemm_args args;
  void *a, *b, *c, *before, *bias;
  size_t c_bytes;
} problem;

static void* random_block(ck_dtype dtype, int64_t count) {
  void* block = malloc((size_t)count * size_of(dtype) + (count == 0));
  for (int64_t i = 0; i < count; i++) put(dtype, block, i, small_random());
  return block;
}

enum { PLAIN, TRANSPOSED, SPACED, LAYOUTS };

static int64_t lay(int layout, int64_t rows, int64_t columns, int64_t* row, int64_t* column) {
  *row = layout == TRANSPOSED ? 1 : layout == SPACED ? 2 * columns + 1 : columns;
  *column = layout == TRANSPOSED ? rows : layout == SPACED ? 2 : 1;
  return rows > 0 && columns > 0 ? (rows - 1) * *row + (columns - 1) * *column + 1 : 0;
}

static problem make(ck_dtype dtype, int64_t batch, int64_t m, int64_t n, int64_t k, int a_layout, int b_layout,
                    bool accumulate, bool bias) {
  problem p = {.args = {.dtype = dtype, .accumulate = accumulate, .batch = batch, .m = m, .n = n, .k = k}};
  ck_gemm_args* args = &p.args;
  args->a_batch = lay(a_layout, m, k, &args->a_row, &args->a_column);
  args->b_batch = lay(b_layout, k, n, &args->b_row, &args->b_column);
  args->c_row = n + (a_layout == SPACED ? 3 : 0);
  args->c_batch = m * args->c_row;
  int64_t c_count = (batch - 1) * args->c_batch + (m - 1) * args->c_row + n;
  p.c_bytes = (size_t)c_count * size_of(dtype);
  args->a = p.a = random_block(dtype, batch * args->a_batch);
  args->b = p.b = random_block(dtype, batch * args->b_batch);
  args->c = p.c = random_block(dtype, c_count);
  p.before = malloc(p.c_bytes);
  memcpy(p.before, p.c, p.c_bytes);
  p.bias = random_block(dtype, n);
  args->bias = bias ? p.bias : NULL;
  return p;
}

static void discard(problem* p) { free(p->a), free(p->b), free(p->c), free(p->before), free(p->bias); }

static void compare(const problem* p) {
  const ck_gemm_args* g = &p->args;
  ck_dtype t = g->dtype;
  double eps = epsilon(t), sum_eps = eps > 0x1p-24 ? 0x1p-24 : eps;
  int wrong_before = check_wrong;
  for (int64_t batch = 0; batch < g->batch; batch++) {
    for (int64_t i = 0; i < g->m; i++) {
      for (int64_t j = 0; j < g->c_row; j++) {
        int64_t at = batch * g->c_batch + i * g->c_row + j;
        if ((size_t)(at + 1) * size_of(t) > p->c_bytes) continue;
        double expected = get(t, p->before, at), magnitude = fabs(expected);
        if (j < g->n) {
          if (!g->accumulate) expected = magnitude = 0;
          if (g->bias) expected += get(t, g->bias, j), magnitude += fabs(get(t, g->bias, j));
          for (int64_t k = 0; k < g->k; k++) {
            double term = get(t, g->a, batch * g->a_batch + i * g->a_row + k * g->a_column) *
                          get(t, g->b, batch * g->b_batch + k * g->b_row + j * g->b_column);
            expected += term, magnitude += fabs(term);
          }
        }
        if (t == CK_UINT8) expected = (double)((int64_t)expected & 255);
        double allowed = j < g->n ? eps * fabs(expected) + sum_eps * magnitude * (sqrt((double)g->k) + 4) : 0;
        if (t == CK_FLOAT16) allowed += 0x1p-25;
        CHECK_CLOSE(get(t, g->c, at), expected, allowed);
      }
    }
  }
  if (check_wrong != wrong_before) {
    CHECK_SAY("  for dtype %d, %lld x %lldx%lldx%lld, a %lld %lld, b %lld %lld", t, (long long)g->batch,
              (long long)g->m, (long long)g->n, (long long)g->k, (long long)g->a_row, (long long)g->a_column,
              (long long)g->b_row, (long long)g->b_column);
  }
}

static void run_and_compare(ck_dtype dtype, int64_t batch, int64_t m, int64_t n, int64_t k, int layouts,
                            bool accumulate, bool bias) {
  problem p = make(dtype, batch, m, n, k, layouts % LAYOUTS, layouts / LAYOUTS, accumulate, bias);
  CHECK(ck_gemm(&p.args));
  compare(&p);
  discard(&p);
}

static const ck_dtype dtypes[] = {CK_FLOAT32, CK_FLOAT64, CK_FLOAT16, CK_BFLOAT16, CK_INT64, CK_INT32, CK_UINT8};
enum { DTYPES = 7 };

TEST(every_odd_size_to_67) {
  for (int64_t m = 1; m <= 67; m += 6) {
    for (int64_t n = 1; n <= 67; n += 2) {
      int64_t k = 1 + next_random() % 67;
      int layouts = next_random() % 9;
      run_and_compare(CK_FLOAT32, 1, m, n, k, layouts, next_random() & 1, next_random() & 1);
      run_and_compare(CK_FLOAT64, 1, n, m, k, layouts, next_random() & 1, next_random() & 1);
    }
  }
}

TEST(every_layout_of_every_dtype) {
  static const int sizes[][3] = {{1, 1, 1},    {1, 37, 19},  {41, 1, 23}, {5, 7, 1},
                                 {14, 32, 16}, {33, 35, 41}, {67, 9, 50}, {3, 66, 67}};
  for (int d = 0; d < DTYPES; d++) {
    for (int s = 0; s < 8; s++) {
      for (int layouts = 0; layouts < 9; layouts++) {
        for (int mode = 0; mode < 4; mode++) {
          run_and_compare(dtypes[d], 1, sizes[s][0], sizes[s][1], sizes[s][2], layouts, mode & 1, mode & 2);
        }
      }
    }
  }
}

TEST(blocks_of_k_and_packing) {
  static const int sizes[][3] = {{70, 75, 900},  {200, 40, 401}, {40, 170, 770},
                                 {1, 300, 1000}, {300, 1, 1000}, {190, 200, 64}};
  for (int d = 0; d < 4; d++) {
    for (int s = 0; s < 6; s++) {
      for (int layouts = 0; layouts < 9; layouts += 1 + (d > 1)) {
        run_and_compare(dtypes[d], 1, sizes[s][0], sizes[s][1], sizes[s][2], layouts, s & 1, true);
      }
    }
  }
}

TEST(batches) {
  for (int d = 0; d < DTYPES; d++) {
    for (int layouts = 0; layouts < 9; layouts++) {
      run_and_compare(dtypes[d], 3, 17, 21, 13, layouts, layouts & 1, layouts & 2);
      run_and_compare(dtypes[d], 5, 1, 21, 13, layouts, layouts & 1, layouts & 2);
    }
  }
}

TEST(one_operand_repeated_over_the_batch) {
  for (int repeated = 0; repeated < 2; repeated++) {
    problem p = make(CK_FLOAT32, 4, 9, 11, 7, PLAIN, PLAIN, false, true);
    *(repeated ? &p.args.b_batch : &p.args.a_batch) = 0;
    CHECK(ck_gemm(&p.args));
    compare(&p);
    discard(&p);
  }
}

TEST(a_stride_of_zero_repeats) {
  problem p = make(CK_FLOAT32, 1, 20, 40, 30, PLAIN, PLAIN, false, false);
  p.args.a_row = 0;
  p.args.b_row = 0;
  CHECK(ck_gemm(&p.args));
  compare(&p);
  discard(&p);
}

TEST(nothing_to_sum_gives_zeros_or_leaves_c) {
  for (int d = 0; d < DTYPES; d++) {
    for (int mode = 0; mode < 4; mode++) run_and_compare(dtypes[d], 2, 5, 37, 0, 0, mode & 1, mode & 2);
  }
}

TEST(no_rows_no_columns_no_products) {
  ck_gemm_args args = {.dtype = CK_FLOAT32, .batch = 1, .m = 0, .n = 4, .k = 4};
  CHECK(ck_gemm(&args));
  args.m = 4, args.n = 0;
  CHECK(ck_gemm(&args));
  args.n = 4, args.batch = 0;
  CHECK(ck_gemm(&args));
}

TEST(nan_and_infinity_are_not_skipped) {
  float a[4] = {0, NAN, 1, INFINITY}, b[4] = {INFINITY, 1, 0, 1}, c[4];
  ck_gemm_args args = {.dtype = CK_FLOAT32,
                       .batch = 1,
                       .m = 2,
                       .n = 2,
                       .k = 2,
                       .a = a,
                       .a_row = 2,
                       .a_column = 1,
                       .b = b,
                       .b_row = 2,
                       .b_column = 1,
                       .c = c,
                       .c_row = 2};
  CHECK(ck_gemm(&args));
  CHECK(isnan(c[0]) && isnan(c[1]) && isnan(c[2]) && isinf(c[3]));
}

TEST(integers_wrap_around) {
  int32_t a = INT32_MAX, b = 3, c;
  ck_gemm_args args = {.dtype = CK_INT32, .batch = 1, .m = 1, .n = 1, .k = 1, .a = &a, .b = &b, .c = &c, .b_column = 1};
  CHECK(ck_gemm(&args));
  CHECK(c == (int32_t)((uint32_t)INT32_MAX * 3u));
}

TEST(halves_are_rounded_once) {
  uint16_t a[2000], b[2000], c;
  for (int i = 0; i < 2000; i++) a[i] = b[i] = ck_bf16_narrow(1);
  ck_gemm_args args = {.dtype = CK_BFLOAT16,
                       .batch = 1,
                       .m = 1,
                       .n = 1,
                       .k = 2000,
                       .a = a,
                       .a_row = 2000,
                       .a_column = 1,
                       .b = b,
                       .b_row = 1,
                       .b_column = 1,
                       .c = &c,
                       .c_row = 1};
  CHECK(ck_gemm(&args));
  CHECK(ck_bf16_widen(c) == 2000);
}

TEST(threads_do_not_change_a_bit) {
  static const int sizes[][4] = {{1, 300, 290, 500}, {1, 1, 3000, 400}, {1, 2500, 1, 400},
                                 {1, 40, 700, 900},  {1, 700, 33, 90},  {9, 70, 60, 50}};
  for (int d = 0; d < 4; d++) {
    for (int s = 0; s < 6; s++) {
      for (int layouts = 0; layouts < 5; layouts += 1) {
        problem p = make(dtypes[d], sizes[s][0], sizes[s][1], sizes[s][2], sizes[s][3], layouts % LAYOUTS,
                         layouts / LAYOUTS, false, true);
        void* first = malloc(p.c_bytes);
        memcpy(first, p.c, p.c_bytes);
        ck_set_threads(1);
        CHECK(ck_gemm(&p.args));
        memcpy(p.before, p.c, p.c_bytes);
        for (int threads = 2; threads <= 5; threads++) {
          memcpy(p.c, first, p.c_bytes);
          ck_set_threads(threads);
          CHECK(ck_gemm(&p.args));
          CHECK(memcmp(p.c, p.before, p.c_bytes) == 0);
        }
        free(first);
        discard(&p);
      }
    }
  }
  ck_set_threads(0);
}

// The last element of each operand lies before a page that must not be touched; the sanitizer cannot see all vector
// loads.
TEST(nothing_outside_is_touched) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = 16 * page;
  char* blocks[3];
  for (int i = 0; i < 3; i++) {
    blocks[i] = mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(blocks[i] != MAP_FAILED);
    CHECK(mprotect(blocks[i] + bytes, page, PROT_NONE) == 0);
  }
  for (int64_t n = 1; n <= 70; n += 3) {
    for (int layouts = 0; layouts < 4; layouts++) {
      int64_t m = 1 + next_random() % 40, k = 1 + next_random() % 40;
      for (int doubles = 0; doubles < 2; doubles++) {
        ck_gemm_args args = {
            .dtype = doubles ? CK_FLOAT64 : CK_FLOAT32, .batch = 1, .m = m, .n = n, .k = k, .c_row = n};
        size_t size = doubles ? 8 : 4;
        lay(layouts % 2, m, k, &args.a_row, &args.a_column);
        lay(layouts / 2, k, n, &args.b_row, &args.b_column);
        args.a = blocks[0] + bytes - (size_t)(m * k) * size;
        args.b = blocks[1] + bytes - (size_t)(k * n) * size;
        args.c = blocks[2] + bytes - (size_t)(m * n) * size;
        CHECK(ck_gemm(&args));
      }
    }
  }
  for (int i = 0; i < 3; i++) munmap(blocks[i], bytes + page);
}

TEST(no_memory_is_reported) {
  problem p = make(CK_FLOAT32, 1, 400, 400, 400, PLAIN, PLAIN, false, false);
  ck_memory_set_limit(ck_memory().in_use + 1);
  CHECK(!ck_gemm(&p.args));
  ck_memory_set_limit(0);
  CHECK(ck_gemm(&p.args));
  compare(&p);
  CHECK(ck_memory().in_use == 0);
  discard(&p);
}

TEST_EACH_ISA
