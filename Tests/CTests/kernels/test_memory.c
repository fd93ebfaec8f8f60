#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../check.h"
#include "ck_memory.h"

// Children of a program with threads are what is tested here; the thread sanitizer would end them otherwise.
const char* __tsan_default_options(void);
const char* __tsan_default_options(void) { return "die_after_fork=0:report_thread_leaks=0"; }

static const size_t sizes[] = {0,    1,    63,    64,    65,    100,   1000,    1024,    1025,    4096,   5000,
                               8191, 8192, 32768, 32769, 65536, 99999, 1 << 20, 1234567, 4 << 20, 9000001};
enum { SIZES = sizeof sizes / sizeof *sizes };

TEST(blocks_are_aligned_and_apart) {
  unsigned char* blocks[SIZES][3];
  for (int i = 0; i < SIZES; i++) {
    for (int j = 0; j < 3; j++) {
      blocks[i][j] = ck_alloc(sizes[i]);
      CHECK(blocks[i][j] && (uintptr_t)blocks[i][j] % 64 == 0);
      memset(blocks[i][j], i * 3 + j, sizes[i]);
    }
  }
  for (int i = 0; i < SIZES; i++) {
    for (int j = 0; j < 3; j++) {
      for (size_t at = 0; at < sizes[i]; at += sizes[i] / 7 + 1) CHECK(blocks[i][j][at] == i * 3 + j);
      ck_free(blocks[i][j], sizes[i]);
    }
  }
  CHECK(ck_memory().in_use == 0);
}

TEST(bytes_are_counted_exactly) {
  ck_memory_reset_peak();
  void *a = ck_alloc(1000), *b = ck_alloc(3000001);
  CHECK(ck_memory().in_use == 3001001);
  ck_free(b, 3000001);
  CHECK(ck_memory().in_use == 1000);
  CHECK(ck_memory().peak == 3001001);
  ck_memory_reset_peak();
  CHECK(ck_memory().peak == 1000);
  ck_free(a, 1000);
  CHECK(ck_memory().in_use == 0);
}

TEST(blocks_are_reused) {
  for (int i = 0; i < SIZES; i++) {
    void* first = ck_alloc(sizes[i]);
    ck_free(first, sizes[i]);
    uint64_t asked = ck_memory().system_allocations;
    void* second = ck_alloc(sizes[i]);
    CHECK(second == first);
    CHECK(ck_memory().system_allocations == asked);
    ck_free(second, sizes[i]);
  }
}

TEST(a_large_block_wastes_little) {
  ck_memory_trim();
  void* huge = ck_alloc(64 << 20);
  ck_free(huge, 64 << 20);
  uint64_t before = ck_memory().reserved;
  void* smaller = ck_alloc(5 << 20);
  CHECK(ck_memory().reserved - before >= 5 << 20);
  CHECK(ck_memory().reserved - before <= (5 << 20) * 5 / 4);
  ck_free(smaller, 5 << 20);
}

TEST(trimming_gives_everything_back) {
  for (int i = 0; i < SIZES; i++) ck_free(ck_alloc(sizes[i]), sizes[i]);
  CHECK(ck_memory().reserved > 0);
  ck_memory_trim();
  CHECK(ck_memory().reserved == 0);
}

TEST(what_is_cached_stays_below_what_was_needed) {
  ck_memory_trim();
  ck_memory_reset_peak();
  for (size_t bytes = 50 << 20; bytes < 200 << 20; bytes += 1 << 20) ck_free(ck_alloc(bytes), bytes);
  CHECK(ck_memory().reserved <= 256 << 20);
  ck_memory_trim();
}

TEST(what_an_earlier_program_left_is_given_back_first) {
  enum { STEPS = 3, BLOCKS = 4 };
  const size_t before = 60 << 20, now[] = {80 << 20, 96 << 20, 60 << 20};
  void* blocks[BLOCKS];
  ck_memory_trim();
  ck_memory_reset_peak();
  for (int i = 0; i < BLOCKS; i++) blocks[i] = ck_alloc(before);
  for (int i = 0; i < BLOCKS; i++) ck_free(blocks[i], before);
  uint64_t settled = 0;
  for (int step = 0; step < STEPS; step++) {
    for (int i = 0; i < 3; i++) blocks[i] = ck_alloc(now[i]);
    for (int i = 0; i < 3; i++) ck_free(blocks[i], now[i]);
    if (step == 0) settled = ck_memory().system_allocations;
  }
  CHECK(ck_memory().system_allocations == settled);
  ck_memory_trim();
}

TEST(the_cap_holds) {
  ck_memory_set_limit(10000);
  CHECK(ck_memory_limit() == 10000);
  void* a = ck_alloc(6000);
  CHECK(a != NULL);
  CHECK(ck_alloc(4001) == NULL);
  void* b = ck_alloc(4000);
  CHECK(b != NULL);
  CHECK(ck_alloc(1) == NULL);
  ck_free(a, 6000);
  ck_free(b, 4000);
  ck_memory_set_limit(0);
  CHECK(ck_memory().in_use == 0);
}

TEST(absurd_sizes_are_refused) {
  CHECK(ck_alloc(SIZE_MAX) == NULL);
  CHECK(ck_alloc(((size_t)1 << 48) + 1) == NULL);
  CHECK(ck_memory().in_use == 0);
}

TEST(freeing_nothing_does_nothing) {
  ck_free(NULL, 100);
  CHECK(ck_memory().in_use == 0);
}

typedef struct handed {
  void* block;
  size_t bytes;
} handed;

static void* churn(void* seed) {
  unsigned state = *(unsigned*)seed;
  handed held[64] = {{0}};
  for (int i = 0; i < 20000; i++) {
    state = state * 1664525u + 1013904223u;
    handed* slot = &held[state >> 26];
    if (slot->block) {
      CHECK(*(char*)slot->block == (char)slot->bytes);
      ck_free(slot->block, slot->bytes);
      slot->block = NULL;
    } else {
      slot->bytes = 1 + (state >> 8) % (i % 50 == 0 ? 200000 : 3000);
      slot->block = ck_alloc(slot->bytes);
      *(char*)slot->block = (char)slot->bytes;
    }
  }
  for (int i = 0; i < 64; i++) {
    if (held[i].block) ck_free(held[i].block, held[i].bytes);
  }
  return NULL;
}

TEST(threads_allocate_at_once) {
  pthread_t threads[4];
  unsigned seeds[4] = {1, 2, 3, 4};
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, churn, &seeds[i]);
  for (int i = 0; i < 50; i++) ck_memory_trim();
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  CHECK(ck_memory().in_use == 0);
  ck_memory_trim();
  CHECK(ck_memory().reserved == 0);
}

static void* free_elsewhere(void* blocks) {
  for (int i = 0; i < 1000; i++) ck_free(((void**)blocks)[i], 200);
  return NULL;
}

TEST(blocks_may_be_freed_by_another_thread) {
  void* blocks[1000];
  for (int i = 0; i < 1000; i++) blocks[i] = ck_alloc(200);
  pthread_t other;
  pthread_create(&other, NULL, free_elsewhere, blocks);
  pthread_join(other, NULL);
  CHECK(ck_memory().in_use == 0);
  ck_memory_trim();
  CHECK(ck_memory().reserved == 0);
}

TEST(a_child_may_allocate) {
  pthread_t other;
  unsigned seed = 9;
  pthread_create(&other, NULL, churn, &seed);
  for (int i = 0; i < 10; i++) {
    pid_t child = fork();
    if (child == 0) {
      void *small = ck_alloc(100), *large = ck_alloc(1 << 20);
      ck_free(small, 100);
      ck_free(large, 1 << 20);
      ck_memory_trim();
      _exit(small && large ? 0 : 1);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  pthread_join(other, NULL);
}
