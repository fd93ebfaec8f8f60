// Gathering, scattering and ordering against plain loops.
#include "../check.h"
#include "CKernels.h"

static uint64_t state = 3;

static uint32_t draw(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 33);
}

TEST(checks_find_the_first_outside) {
  int64_t index[200];
  for (int i = 0; i < 200; i++) index[i] = i % 10 - 5;
  CHECK(ck_index_check(index, 200, 5) == -1);
  index[130] = 5;
  index[150] = -6;
  CHECK(ck_index_check(index, 200, 5) == 130);
  CHECK(ck_index_check(index + 140, 60, 5) == 10);
  CHECK(ck_index_check(index, 0, 5) == -1);
}

enum { OUTER = 3, LIMIT = 11, INNER = 70, N = 40 };
static float x[OUTER * LIMIT * INNER], out[OUTER * N * INNER], source[OUTER * N * INNER];
static int64_t rows[N], each[OUTER * N * INNER];

static void fill(void) {
  for (int i = 0; i < OUTER * LIMIT * INNER; i++) x[i] = (float)(draw() % 100);
  for (int i = 0; i < OUTER * N * INNER; i++) source[i] = (float)(draw() % 100) / 7;
  for (int i = 0; i < N; i++) rows[i] = (int64_t)(draw() % (2 * LIMIT)) - LIMIT;
  for (int i = 0; i < OUTER * N * INNER; i++) each[i] = (int64_t)(draw() % (2 * LIMIT)) - LIMIT;
}

static int64_t wrap(int64_t i) { return i < 0 ? i + LIMIT : i; }

static float combined(ck_combine how, float a, float b) {
  switch (how) {
    case ck_combine_set:
      return b;
    case ck_combine_add:
      return a + b;
    case ck_combine_mul:
      return a * b;
    case ck_combine_amax:
      return a > b ? a : b;
    default:
      return a < b ? a : b;
  }
}

TEST(selecting_and_gathering) {
  for (int inner = 1; inner <= INNER; inner += INNER - 1) {
    fill();
    ck_index_select(CK_FLOAT32, OUTER, LIMIT, inner, rows, N, out, x);
    for (int o = 0; o < OUTER; o++) {
      for (int j = 0; j < N; j++) {
        for (int i = 0; i < inner; i++)
          CHECK(out[(o * N + j) * inner + i] == x[(o * LIMIT + wrap(rows[j])) * inner + i]);
      }
    }
    ck_gather(CK_FLOAT32, OUTER, LIMIT, inner, N, each, out, x);
    for (int o = 0; o < OUTER; o++) {
      for (int j = 0; j < N; j++) {
        for (int i = 0; i < inner; i++) {
          const int at = (o * N + j) * inner + i;
          CHECK(out[at] == x[(o * LIMIT + wrap(each[at])) * inner + i]);
        }
      }
    }
  }
}

TEST(putting_and_scattering) {
  static float plain[OUTER * LIMIT * INNER], result[OUTER * LIMIT * INNER];
  for (int threads = 1; threads <= 2; threads++) {
    ck_set_threads(threads);
    for (int how = ck_combine_set; how <= ck_combine_amin; how++) {
      for (int inner = 1; inner <= INNER; inner += INNER - 1) {
        for (int scatter = 0; scatter < 2; scatter++) {
          fill();
          memcpy(plain, x, sizeof x);
          memcpy(result, x, sizeof x);
          for (int o = 0; o < OUTER; o++) {
            for (int j = 0; j < N; j++) {
              for (int i = 0; i < inner; i++) {
                const int at = (o * N + j) * inner + i;
                float* to = &plain[(o * LIMIT + wrap(scatter ? each[at] : rows[j])) * inner + i];
                *to = combined((ck_combine)how, *to, source[at]);
              }
            }
          }
          if (scatter)
            ck_scatter((ck_combine)how, CK_FLOAT32, OUTER, LIMIT, inner, N, each, result, source);
          else
            ck_index_put((ck_combine)how, CK_FLOAT32, OUTER, LIMIT, inner, rows, N, result, source);
          CHECK(memcmp(plain, result, sizeof plain) == 0);
        }
      }
    }
  }
  ck_set_threads(0);
}

TEST(strided_sums_may_overlap) {
  float to[12] = {0}, from[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const int64_t size[] = {4, 3}, overlapping[] = {2, 1};
  ck_strided_add(CK_FLOAT32, 2, size, to, overlapping, from, NULL);
  const float expected[] = {1, 2, 7, 5, 13, 8, 19, 11, 12, 0, 0, 0};
  CHECK(memcmp(to, expected, sizeof to) == 0);
  const int64_t repeated[] = {0, 0};
  to[0] = 0;
  ck_strided_add(CK_FLOAT32, 2, size, to, repeated, from, NULL);
  CHECK(to[0] == 78);
  ck_strided_add(CK_FLOAT32, 0, NULL, to, NULL, from, NULL);
  CHECK(to[0] == 79);
}

static bool before(float a, float b, bool descending) {
  if (isnan(a) || isnan(b)) return descending ? isnan(a) && !isnan(b) : !isnan(a) && isnan(b);
  return descending ? a > b : a < b;
}

TEST(orders_are_stable) {
  enum { MOST = 3000 };
  static float values[MOST];
  static int64_t index[MOST];
  const int sizes[] = {1, 2, 31, 32, 33, 500, 3000};
  for (int k = 0; k < 7; k++) {
    for (int descending = 0; descending < 2; descending++) {
      const int n = sizes[k];
      for (int i = 0; i < n; i++) values[i] = draw() % 20 == 0 ? NAN : (float)(draw() % 200) / 8 - 12;
      if (n > 3) values[0] = 0, values[1] = -0.0f, values[2] = -INFINITY, values[3] = INFINITY;
      CHECK(ck_argsort(CK_FLOAT32, descending, 1, n, index, values));
      for (int i = 1; i < n; i++) {
        const float a = values[index[i - 1]], b = values[index[i]];
        CHECK(!before(b, a, descending));
        if (!before(a, b, descending)) CHECK(index[i - 1] < index[i]);
      }
    }
  }
  const int64_t wide[] = {3, INT64_MIN, -1, INT64_MAX, 0, -1};
  const int64_t up[] = {1, 2, 5, 4, 0, 3}, down[] = {3, 0, 4, 2, 5, 1};
  CHECK(ck_argsort(CK_INT64, false, 1, 6, index, wide) && memcmp(index, up, sizeof up) == 0);
  CHECK(ck_argsort(CK_INT64, true, 1, 6, index, wide) && memcmp(index, down, sizeof down) == 0);
  const uint8_t truth[] = {1, 0, 1, 0, 1, 0};
  const int64_t flags[] = {1, 3, 5, 0, 2, 4};
  CHECK(ck_argsort(CK_BOOL, false, 1, 6, index, truth) && memcmp(index, flags, sizeof flags) == 0);
  CHECK(ck_argsort(CK_FLOAT32, false, 0, 6, index, truth) && ck_argsort(CK_FLOAT32, false, 6, 0, index, truth));
}

TEST(finding) {
  const float values[] = {0, 1, -0.0f, NAN, 2, 0};
  int64_t at[6];
  CHECK(ck_nonzero(CK_FLOAT32, 6, NULL, values) == 3);
  CHECK(ck_nonzero(CK_FLOAT32, 6, at, values) == 3 && at[0] == 1 && at[1] == 3 && at[2] == 4);
  const uint16_t half[] = {0, 0x8000, 0x3c00};
  CHECK(ck_nonzero(CK_FLOAT16, 3, at, half) == 1 && at[0] == 2);
  const float sorted[] = {1, 2, 2, 3, 5, 6, 7, 8}, wanted[] = {2, 9, NAN, 6.5f};
  ck_searchsorted(CK_FLOAT32, false, true, 2, 8, 2, at, sorted, wanted);
  CHECK(at[0] == 1 && at[1] == 8 && at[2] == 8 && at[3] == 6);
  ck_searchsorted(CK_FLOAT32, true, true, 1, 8, 4, at, sorted, wanted);
  CHECK(at[0] == 3 && at[1] == 8 && at[2] == 8 && at[3] == 6);
  ck_searchsorted(CK_FLOAT32, false, false, 2, 4, 2, at, sorted, wanted);
  CHECK(at[0] == 1 && at[1] == 4 && at[2] == 4 && at[3] == 2);
}
