// Tensors: making, reading, borrowing memory, ownership.
#include <pthread.h>
#include <stdatomic.h>

#include "support.h"

TEST(versions) {
  char text[32];
  snprintf(text, sizeof text, "%d.%d.%d", SNN_VERSION_MAJOR, SNN_VERSION_MINOR, SNN_VERSION_PATCH);
  CHECK(!strcmp(snn_version(), text) && snn_abi_version() >= SNN_ABI_VERSION);
  const char* set = snn_instruction_set();
  CHECK(!strcmp(set, "avx512") || !strcmp(set, "avx2") || !strcmp(set, "neon") || !strcmp(set, "portable"));
}

TEST(properties) {
  snn_tensor* x = MATRIX(2, 3, 1, 2, 3, 4, 5, 6);
  CHECK(snn_tensor_dtype(x) == SNN_FLOAT32 && snn_tensor_rank(x) == 2 && snn_tensor_count(x) == 6);
  CHECK(snn_tensor_sizes(x)[0] == 2 && snn_tensor_sizes(x)[1] == 3);
  CHECK(snn_tensor_strides(x)[0] == 3 && snn_tensor_strides(x)[1] == 1);
  CHECK(((float*)snn_tensor_data(x))[4] == 5);
  CHECK((uintptr_t)snn_tensor_data(x) % 64 == 0);
  snn_tensor* turned = APPLY("transpose", snn_of(x), snn_int(0), snn_int(1));
  CHECK(snn_tensor_sizes(turned)[0] == 3 && snn_tensor_strides(turned)[0] == 1);
  CHECK(snn_tensor_shares_memory(x, turned) && element(turned, 1) == 4);
  uint64_t version = snn_tensor_version(x);
  snn_tensor_touch(turned);
  CHECK(snn_tensor_version(x) == version + 1);
  snn_tensor_release(x);
  CHECK(element(turned, 5) == 6);
  snn_tensor_release(turned);
}

TEST(dtypes) {
  static const size_t sizes[] = {0, 4, 8, 2, 2, 8, 4, 1, 1};
  static const char* const names[] = {"",      "float32", "float64", "float16", "bfloat16",
                                      "int64", "int32",   "uint8",   "bool"};
  for (int32_t d = SNN_FLOAT32; d <= SNN_BOOL; d++) {
    CHECK(snn_dtype_size((snn_dtype)d) == sizes[d] && !strcmp(snn_dtype_name((snn_dtype)d), names[d]));
    snn_tensor* x = VECTOR(0, 1, 2);
    snn_tensor* y = APPLY("to", snn_of(x), snn_type((snn_dtype)d));
    CHECK(snn_tensor_dtype(y) == (snn_dtype)d && element(y, 1) == 1 && element(y, 2) == (d == SNN_BOOL ? 1 : 2));
    snn_tensor_release(x), snn_tensor_release(y);
  }
  CHECK(snn_default_dtype() == SNN_FLOAT32 && snn_set_default_dtype(SNN_FLOAT64, NULL) == SNN_OK);
  int64_t two = 2;
  snn_tensor* x = APPLY("zeros", snn_ints(&two, 1));
  CHECK(snn_tensor_dtype(x) == SNN_FLOAT64);
  CHECK(snn_set_default_dtype(SNN_FLOAT32, NULL) == SNN_OK);
  snn_tensor_release(x);
}

TEST(reading) {
  snn_tensor* x = VECTOR(1.75, -2.5);
  int32_t whole[2];
  CHECK(snn_tensor_read(x, SNN_INT32, whole, sizeof whole, NULL) == SNN_OK && whole[0] == 1 && whole[1] == -2);
  REFUSES(SNN_ERROR_CAPACITY, "need 8 bytes, got 7", snn_tensor_read(x, SNN_INT32, whole, 7, error));
  double number = 3;
  REFUSES(SNN_ERROR_SHAPE, "2 elements", snn_tensor_item(x, &number, error));
  CHECK(number == 3);
  int64_t large = 0;
  snn_tensor* big = made(SNN_INT64, 0, NULL, (const int64_t[]){INT64_MAX - 1});
  CHECK(snn_tensor_item_int(big, &large, NULL) == SNN_OK && large == INT64_MAX - 1);
  char* text = NULL;
  CHECK(snn_tensor_text(x, &text, NULL) == SNN_OK && text && !strcmp(text, "tensor([ 1.7500, -2.5000])"));
  snn_free(text);
  int64_t zero = 0;
  snn_tensor* empty = made(SNN_FLOAT32, 1, &zero, NULL);
  CHECK(snn_tensor_read(empty, SNN_FLOAT32, NULL, 0, NULL) == SNN_OK && snn_tensor_count(empty) == 0);
  snn_tensor_release(x), snn_tensor_release(big), snn_tensor_release(empty);
}

static _Atomic int destroyed;
static void destroy(void* user) {
  CHECK(user == &destroyed);
  destroyed++;
}

static snn_tensor* borrowed(float* memory, int64_t count) {
  snn_tensor* tensor = NULL;
  CHECK(snn_tensor_borrow(SNN_FLOAT32, 1, &count, NULL, memory, destroy, &destroyed, &tensor, NULL) == SNN_OK);
  return tensor;
}

TEST(borrowed_memory_is_given_back_once) {
  float memory[4] = {1, 2, 3, 4};
  destroyed = 0;
  snn_tensor *x = borrowed(memory, 4), *view = APPLY("narrow", snn_of(x), snn_int(0), snn_int(1), snn_int(2));
  CHECK(snn_tensor_data(x) == memory);
  snn_tensor* same = APPLY("mul_", snn_of(x), snn_float(2));
  CHECK(same == x && memory[3] == 8);
  snn_tensor_release(same), snn_tensor_release(x);
  CHECK(destroyed == 0 && element(view, 0) == 4);
  snn_tensor_release(view);
  CHECK(destroyed == 1);
}

TEST(a_graph_keeps_borrowed_memory) {
  float memory[2] = {3, 4};
  destroyed = 0;
  snn_tensor* x = learned(borrowed(memory, 2));
  snn_tensor *y = APPLY("square", snn_of(x)), *sum = APPLY("sum", snn_of(y));
  snn_tensor_release(x), snn_tensor_release(y);
  CHECK(destroyed == 0 && snn_backward(sum, NULL, false, false, NULL) == SNN_OK);
  snn_tensor_release(sum);
  CHECK(destroyed == 1);
}

TEST(no_destructor_when_borrowing_fails) {
  float memory[4];
  int64_t sizes[2] = {2, 2}, far[2] = {INT64_MAX, 1}, wrong[1] = {-2};
  snn_tensor* out = NULL;
  destroyed = 0;
  REFUSES(SNN_ERROR_SHAPE, "stride", snn_tensor_borrow(SNN_FLOAT32, 2, sizes, far, memory, destroy, NULL, &out, error));
  REFUSES(SNN_ERROR_SHAPE, "-2", snn_tensor_borrow(SNN_FLOAT32, 1, wrong, NULL, memory, destroy, NULL, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "aligned",
          snn_tensor_borrow(SNN_FLOAT32, 2, sizes, NULL, (char*)memory + 1, destroy, NULL, &out, error));
  REFUSES(SNN_ERROR_DTYPE, "99", snn_tensor_borrow((snn_dtype)99, 2, sizes, NULL, memory, destroy, NULL, &out, error));
  CHECK(destroyed == 0 && out == NULL);
}

TEST(negative_strides) {
  float memory[6] = {1, 2, 3, 4, 5, 6};
  int64_t sizes[2] = {2, 3}, strides[2] = {-3, -1};
  snn_tensor* x = NULL;
  CHECK(snn_tensor_borrow(SNN_FLOAT32, 2, sizes, strides, memory + 5, NULL, NULL, &x, NULL) == SNN_OK);
  CHECK(element(x, 0) == 6 && element(x, 5) == 1);
  snn_tensor* weight = learned(NUMBER(2));
  snn_tensor *row = APPLY("select", snn_of(x), snn_int(0), snn_int(1)),
             *same = APPLY("mul_", snn_of(row), snn_of(weight));
  CHECK(memory[0] == 2 && memory[5] == 6);
  snn_tensor* sum = APPLY("sum", snn_of(x));
  CHECK(snn_backward(sum, NULL, false, false, NULL) == SNN_OK);
  CHECK_CLOSE(gradient_of(weight, 0), 6, 0);
  snn_tensor_release(x), snn_tensor_release(row), snn_tensor_release(same), snn_tensor_release(sum),
      snn_tensor_release(weight);
}

static void* take_and_give(void* tensor) {
  for (int i = 0; i < 20000; i++) snn_tensor_release(snn_tensor_retain(tensor));
  snn_tensor_release(tensor);
  return NULL;
}

TEST(references_are_counted_across_threads) {
  float memory[4] = {0};
  destroyed = 0;
  for (int round = 0; round < 20; round++) {
    snn_tensor* x = borrowed(memory, 4);
    pthread_t threads[8];
    for (int i = 0; i < 8; i++) pthread_create(&threads[i], NULL, take_and_give, snn_tensor_retain(x));
    snn_tensor_release(x);
    for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
    CHECK(destroyed == round + 1);
  }
}

TEST(memory_is_counted_and_capped) {
  uint64_t before = in_use();
  int64_t sizes[2] = {256, 1024};
  snn_tensor *x = made(SNN_FLOAT32, 2, sizes, NULL), *out = NULL;
  CHECK(in_use() == before + (1 << 20));
  snn_set_memory_limit(before + (3 << 19));
  REFUSES(SNN_ERROR_MEMORY, "cap", snn_tensor_new(SNN_FLOAT32, 2, sizes, NULL, &out, error));
  snn_value doubled[2] = {snn_of(x), snn_of(x)};
  REFUSES(SNN_ERROR_MEMORY, "add", snn_apply(snn_find(SNN_OPERATIONS, "add"), doubled, 2, &out, 1, NULL, error));
  CHECK(out == NULL);
  snn_set_memory_limit(0);
  snn_memory_reset_peak();
  snn_tensor* sum = APPLY("add", snn_of(x), snn_of(x));
  snn_tensor_release(sum);
  snn_memory_counts counts;
  snn_memory(&counts);
  CHECK(counts.peak >= before + (2 << 20) && counts.in_use == before + (1 << 20) && counts.reserved >= counts.in_use);
  CHECK(counts.system_allocations > 0);
  snn_tensor_release(x);
  snn_memory_trim();
  snn_memory(&counts);
  CHECK(counts.in_use == before && counts.reserved < 1 << 20);
}

TEST(detached_and_exchanged_data) {
  snn_tensor *x = learned(VECTOR(1, 2)), *plain = NULL, *other = VECTOR(5, 6, 7);
  CHECK(snn_tensor_detach(x, &plain, NULL) == SNN_OK && !snn_tensor_requires_grad(plain) &&
        snn_tensor_shares_memory(x, plain));
  snn_tensor* square = APPLY("square", snn_of(x));
  snn_tensor* sum = APPLY("sum", snn_of(square));
  CHECK(snn_tensor_set_data(x, other, NULL) == SNN_OK && snn_tensor_count(x) == 3 &&
        snn_tensor_shares_memory(x, other));
  REFUSES(SNN_ERROR_GRADIENT, "another shape", snn_backward(sum, NULL, false, false, error));
  snn_tensor_release(x), snn_tensor_release(plain), snn_tensor_release(other), snn_tensor_release(square),
      snn_tensor_release(sum);
}

TEST(nothing_is_left) { CHECK(in_use() == 0); }
