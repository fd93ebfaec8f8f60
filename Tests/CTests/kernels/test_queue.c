// Work done ahead by threads, rows and parts of images by number, and NumPy's legacy generator.
#include <stdatomic.h>
#include <unistd.h>

#include "../check.h"
#include "CKernels.h"

enum { CAPACITY = 6, NUMBERS = 200 };

typedef struct work {
  int64_t slots[CAPACITY];
  _Atomic int64_t ahead, most;
} work;

static void produce(void* context, int64_t number) {
  work* mine = context;
  const int64_t now = atomic_fetch_add(&mine->ahead, 1) + 1;
  int64_t most = atomic_load(&mine->most);
  while (now > most && !atomic_compare_exchange_weak(&mine->most, &most, now)) {
  }
  mine->slots[number % CAPACITY] = number * number;
}

static void take(ck_queue* queue, work* mine, int64_t number) {
  ck_queue_wait(queue, number);
  CHECK(mine->slots[number % CAPACITY] == number * number);
  atomic_fetch_sub(&mine->ahead, 1);
  ck_queue_taken(queue, number);
}

TEST(numbers_come_in_order_and_not_too_far_ahead) {
  for (int workers = 1; workers <= 5; workers++) {
    work mine = {.most = 0};
    ck_queue* queue = ck_queue_new(workers, CAPACITY, produce, &mine);
    ck_queue_begin(queue, 3, NUMBERS);
    for (int64_t number = 3; number < NUMBERS; number++) take(queue, &mine, number);
    CHECK(atomic_load(&mine.ahead) == 0 && atomic_load(&mine.most) <= CAPACITY);
    CHECK(ck_queue_is_here(queue));
    ck_queue_release(queue);
  }
}

TEST(queues_begin_again_and_end_anywhere) {
  for (int round = 0; round < 40; round++) {
    work mine = {.most = 0};
    ck_queue* queue = ck_queue_new(3, CAPACITY, produce, &mine);
    for (int again = 0; again < 3; again++) {
      ck_queue_begin(queue, 0, 0);
      atomic_store(&mine.ahead, 0);
      ck_queue_begin(queue, round, NUMBERS);
      for (int64_t number = round; number < round + again * 4; number++) take(queue, &mine, number);
    }
    ck_queue_release(queue);
  }
}

TEST(rows_of_any_strides) {
  float x[60], out[60];
  for (int i = 0; i < 60; i++) x[i] = (float)i;
  const int64_t size[] = {5, 3, 4}, plain[] = {12, 4, 1}, turned[] = {1, 5, 15}, rows[] = {4, 0, 4};
  CHECK(ck_take_rows(CK_FLOAT32, 3, size, plain, rows, 3, out, x) == -1);
  for (int i = 0; i < 36; i++) CHECK(out[i] == (float)(rows[i / 12] * 12 + i % 12));
  CHECK(ck_take_rows(CK_FLOAT32, 3, size, turned, rows, 3, out, x) == -1);
  for (int i = 0; i < 36; i++) CHECK(out[i] == (float)(rows[i / 12] + i % 12 / 4 * 5 + i % 4 * 15));
  CHECK(ck_take_rows(CK_FLOAT32, 3, size, plain, (int64_t[]){1, 2, 3}, 3, out, x) == -1);
  CHECK(memcmp(out, x + 12, 36 * sizeof *x) == 0);
  CHECK(ck_take_rows(CK_FLOAT32, 3, size, plain, (int64_t[]){0, 5}, 2, out, x) == 1);
  CHECK(ck_take_rows(CK_FLOAT32, 3, size, plain, (int64_t[]){-1}, 1, out, x) == 0);
}

TEST(parts_of_images) {
  uint8_t x[2 * 2 * 3 * 4], out[2 * 2 * 2 * 2];
  for (int i = 0; i < 48; i++) x[i] = (uint8_t)i;
  const int64_t top[] = {1, 0}, left[] = {2, 0};
  const ck_crop crop = {2, 2, 3, 4, 2, 2, top, left};
  ck_crop_images(CK_UINT8, &crop, out, x);
  const uint8_t expected[] = {6, 7, 10, 11, 18, 19, 22, 23, 24, 25, 28, 29, 36, 37, 40, 41};
  CHECK(memcmp(out, expected, sizeof expected) == 0);
}

TEST(shuffles_are_those_of_numpy) {
  // numpy.random.RandomState(42).permutation(10), twice.
  const int64_t first[] = {8, 1, 5, 0, 7, 2, 9, 4, 3, 6}, second[] = {0, 1, 8, 5, 3, 4, 7, 9, 6, 2};
  ck_mt19937* generator = ck_mt19937_new(42);
  for (int round = 0; round < 2; round++) {
    int64_t items[10];
    for (int i = 0; i < 10; i++) items[i] = i;
    ck_mt19937_shuffle(generator, 10, items);
    CHECK(memcmp(items, round ? second : first, sizeof items) == 0);
  }
  ck_mt19937_free(generator);
}
