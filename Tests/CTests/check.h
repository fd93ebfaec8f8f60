// A test program: TEST(name) { CHECK(…); } any number of times. It runs them all, in the order of the file.
#ifndef CHECK_H
#define CHECK_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct check_test {
  const char* name;
  void (*run)(void);
  struct check_test* next;
} check_test;

static check_test *check_first, **check_end = &check_first;
static int check_wrong;

enum { CHECK_MOST_SHOWN = 10 };  // of one test: a wrong kernel fails thousands of times

#define TEST(test)                                              \
  static void test_##test(void);                                \
  static check_test entry_##test = {#test, test_##test, NULL};  \
  __attribute__((constructor)) static void enter_##test(void) { \
    *check_end = &entry_##test;                                 \
    check_end = &entry_##test.next;                             \
  }                                                             \
  static void test_##test(void)

#define CHECK_SAY(...)                                \
  do {                                                \
    if (check_wrong++ < CHECK_MOST_SHOWN) {           \
      fprintf(stderr, "%s:%d: ", __FILE__, __LINE__); \
      fprintf(stderr, __VA_ARGS__);                   \
      fputc('\n', stderr);                            \
    }                                                 \
  } while (0)

#define CHECK(condition)                           \
  do {                                             \
    if (!(condition)) CHECK_SAY("%s", #condition); \
  } while (0)

#define CHECK_CLOSE(actual, expected, tolerance)                                      \
  do {                                                                                \
    double check_a = (actual), check_e = (expected);                                  \
    if (!(fabs(check_a - check_e) <= (tolerance)))                                    \
      CHECK_SAY("%s is %.17g, not %s = %.17g", #actual, check_a, #expected, check_e); \
  } while (0)

int main(void) {
  int passed = 0, failed = 0;
  for (check_test* test = check_first; test; test = test->next) {
    check_wrong = 0;
    test->run();
    if (check_wrong) fprintf(stderr, "FAILED %s: %d wrong\n", test->name, check_wrong);
    *(check_wrong ? &failed : &passed) += 1;
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}

#endif
