#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../check.h"
#include "ck_thread.h"

// Children of a program with threads are what is tested here; the thread sanitizer would end them otherwise.
const char* __tsan_default_options(void);
const char* __tsan_default_options(void) { return "die_after_fork=0:report_thread_leaks=0"; }

enum { MOST = 100000 };

typedef struct tally {
  int64_t grain, count;
  _Atomic int* visits;
  _Atomic int misplaced, calls;
} tally;

static void visit(void* context, int64_t begin, int64_t end) {
  tally* tally = context;
  atomic_fetch_add(&tally->calls, 1);
  if (begin % tally->grain != 0 || begin >= end || end > tally->count) atomic_fetch_add(&tally->misplaced, 1);
  if (end != tally->count && end % tally->grain != 0) atomic_fetch_add(&tally->misplaced, 1);
  for (int64_t i = begin; i < end; i++) atomic_fetch_add(&tally->visits[i], 1);
}

static int everything_once(int64_t count, int64_t grain) {
  tally tally = {.grain = grain, .count = count, .visits = calloc((size_t)count + 1, sizeof(int))};
  ck_parallel(count, grain, visit, &tally);
  int right = tally.misplaced == 0;
  for (int64_t i = 0; i < count; i++) right &= tally.visits[i] == 1;
  free(tally.visits);
  return right;
}

TEST(each_element_is_visited_once) {
  for (int threads = 1; threads <= 9; threads += 2) {
    ck_set_threads(threads);
    for (int64_t count = 0; count <= 300; count += 7) {
      for (int64_t grain = 1; grain <= 64; grain *= 4) CHECK(everything_once(count, grain));
    }
    CHECK(everything_once(MOST, 1));
    CHECK(everything_once(MOST, 33));
  }
  ck_set_threads(0);
}

TEST(one_piece_is_one_call) {
  ck_set_threads(4);
  _Atomic int visits[10] = {0};
  tally tally = {.grain = 10, .count = 10, .visits = visits};
  ck_parallel(10, 10, visit, &tally);
  CHECK(tally.calls == 1);
  ck_set_threads(0);
}

static void visit_nested(void* context, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) atomic_fetch_add((_Atomic int*)context, everything_once(50, 3));
}

TEST(nested_calls_run_inside) {
  ck_set_threads(4);
  _Atomic int right = 0;
  ck_parallel(40, 1, visit_nested, &right);
  CHECK(right == 40);
  ck_set_threads(0);
}

static void* use_the_pool(void* wrong) {
  for (int i = 0; i < 200; i++) {
    if (!everything_once(400, 5)) atomic_fetch_add((_Atomic int*)wrong, 1);
  }
  return NULL;
}

TEST(many_threads_use_the_pool_at_once) {
  ck_set_threads(3);
  pthread_t threads[6];
  _Atomic int wrong = 0;
  for (int i = 0; i < 6; i++) pthread_create(&threads[i], NULL, use_the_pool, &wrong);
  for (int i = 0; i < 100; i++) ck_set_threads(1 + i % 5);
  for (int i = 0; i < 6; i++) pthread_join(threads[i], NULL);
  CHECK(wrong == 0);
  ck_set_threads(0);
}

static int child_works(void) {
  pid_t child = fork();
  if (child == 0) _exit(everything_once(5000, 7) && everything_once(5000, 7) ? 0 : 1);
  int status = -1;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(a_child_makes_its_own_workers) {
  ck_set_threads(3);
  CHECK(everything_once(1000, 1));
  CHECK(child_works());
  CHECK(everything_once(1000, 1));
  ck_set_threads(0);
}

static _Atomic bool stop;

static void* keep_the_pool_busy(void* wrong) {
  while (!atomic_load(&stop)) use_the_pool(wrong);
  return NULL;
}

TEST(a_fork_while_the_pool_is_busy) {
  ck_set_threads(3);
  pthread_t busy;
  _Atomic int wrong = 0;
  pthread_create(&busy, NULL, keep_the_pool_busy, &wrong);
  for (int i = 0; i < 20; i++) CHECK(child_works());
  atomic_store(&stop, true);
  pthread_join(busy, NULL);
  CHECK(wrong == 0);
  ck_set_threads(0);
}

static void* read_state(void* zero) {
  ck_thread_state* state = ck_thread();
  *(bool*)zero = state->gradients_off == 0 && state->inference == 0 && state->anomaly == 0 && state->releasing == 0 &&
                 state->release_list == NULL;
  return NULL;
}

TEST(the_state_is_each_thread_its_own) {
  ck_thread()->gradients_off = 3;
  bool zero = false;
  pthread_t other;
  pthread_create(&other, NULL, read_state, &zero);
  pthread_join(other, NULL);
  CHECK(zero);
  CHECK(ck_thread()->gradients_off == 3);
  ck_thread()->gradients_off = 0;
}

TEST(the_number_of_threads) {
  CHECK(ck_threads() >= 1);
  ck_set_threads(7);
  CHECK(ck_threads() == 7);
  setenv("SWIFTNN_NUM_THREADS", "5", 1);
  CHECK(ck_threads() == 7);
  ck_set_threads(0);
  CHECK(ck_threads() == 5);
  setenv("SWIFTNN_NUM_THREADS", "many", 1);
  ck_set_threads(0);
  CHECK(ck_threads() >= 1);
  unsetenv("SWIFTNN_NUM_THREADS");
  ck_set_threads(-4);
  CHECK(ck_threads() >= 1);
  ck_set_threads(0);
}
