// Short ways to call the library in tests.
#ifndef SUPPORT_H
#define SUPPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "check.h"
#include "swiftnn.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static inline uint64_t in_use(void) {
  snn_memory_counts counts;
  snn_memory(&counts);
  return counts.in_use;
}

static inline snn_tensor* made(snn_dtype dtype, int32_t rank, const int64_t* sizes, const void* data) {
  snn_tensor* tensor = NULL;
  snn_error error = {0, ""};
  if (snn_tensor_new(dtype, rank, sizes, data, &tensor, &error) != SNN_OK)
    CHECK_SAY("snn_tensor_new: %s", error.message);
  return tensor;
}

// A float32 tensor: VECTOR(1, 2, 3), MATRIX(2, 2, 1, 2, 3, 4), NUMBER(1).
#define VECTOR(...) \
  made(SNN_FLOAT32, 1, (const int64_t[]){sizeof((const float[]){__VA_ARGS__}) / 4}, (const float[]){__VA_ARGS__})
#define MATRIX(rows, columns, ...) made(SNN_FLOAT32, 2, (const int64_t[]){rows, columns}, (const float[]){__VA_ARGS__})
#define NUMBER(value) made(SNN_FLOAT32, 0, NULL, (const float[]){value})

static inline snn_tensor* learned(snn_tensor* tensor) {
  CHECK(snn_tensor_set_requires_grad(tensor, true, NULL) == SNN_OK);
  return tensor;
}

static inline snn_tensor* applied(const char* name, const snn_value* arguments, size_t count) {
  snn_tensor* result = NULL;
  snn_error error = {0, ""};
  if (snn_apply(snn_find(SNN_OPERATIONS, name), arguments, count, &result, 1, NULL, &error) != SNN_OK)
    CHECK_SAY("%s: %s", name, error.message);
  return result;
}

// The only result of an operation: APPLY("add", snn_of(a), snn_of(b)).
#define APPLY(name, ...) \
  applied(name, (const snn_value[]){__VA_ARGS__}, sizeof((const snn_value[]){__VA_ARGS__}) / sizeof(snn_value))

static inline double item(const snn_tensor* tensor) {
  double value = NAN;
  CHECK(snn_tensor_item(tensor, &value, NULL) == SNN_OK);
  return value;
}

static inline double element(const snn_tensor* tensor, int64_t index) {
  double values[256] = {0};
  int64_t count = snn_tensor_count(tensor);
  if (count > 256 || index >= count || snn_tensor_read(tensor, SNN_FLOAT64, values, (size_t)count * 8, NULL) != SNN_OK)
    return NAN;
  return values[index];
}

static inline double gradient_of(const snn_tensor* tensor, int64_t index) {
  snn_tensor* gradient = NULL;
  CHECK(snn_tensor_gradient(tensor, &gradient, NULL) == SNN_OK);
  double value = gradient ? element(gradient, index) : NAN;
  snn_tensor_release(gradient);
  return value;
}

static inline snn_module* layer(const char* name, const snn_value* arguments, size_t count) {
  snn_module* module = NULL;
  snn_error error = {0, ""};
  if (snn_module_new(snn_find(SNN_LAYERS, name), arguments, count, &module, &error) != SNN_OK)
    CHECK_SAY("%s: %s", name, error.message);
  return module;
}
#define LAYER(name, ...) \
  layer(name, (const snn_value[]){__VA_ARGS__}, sizeof((const snn_value[]){__VA_ARGS__}) / sizeof(snn_value))

// The call fails with this status, and a message that holds the text; also without anywhere to put the message.
#define REFUSES(expected, text, call)                                                       \
  do {                                                                                      \
    snn_error problem = {0, ""}, *error = &problem;                                         \
    snn_status got = (call);                                                                \
    if (got != (expected)) CHECK_SAY("%s is %d: %s", #call, (int)got, problem.message);     \
    if (problem.status != got) CHECK_SAY("%s wrote status %d", #call, (int)problem.status); \
    if (!strstr(problem.message, text)) CHECK_SAY("%s says: %s", #call, problem.message);   \
    error = NULL;                                                                           \
    CHECK((call) == (expected));                                                            \
  } while (0)

#endif
