// What a caller does wrong: every NULL, unknown names, shapes that do not fit, and what messages promise.
#include "support.h"

static snn_status quiet_hook(void* user, snn_tensor* gradient, snn_tensor** replacement) {
  (void)user, (void)gradient, (void)replacement;
  return SNN_OK;
}

static snn_status quiet_backward(void* user, snn_tensor* const* given, size_t n, snn_tensor** found, size_t m) {
  (void)user, (void)given, (void)n, (void)found, (void)m;
  return SNN_OK;
}

static void must_not_run(void* user) {
  (void)user;
  CHECK(!"the destructor of a call that failed");
}

TEST(null_tensors_and_outs) {
  snn_tensor *x = VECTOR(1, 2), *out = (void*)&x, *before = out;
  int64_t two = 2;
  float data[2] = {0};
  double number = 7;
  int64_t whole = 7;
  char* text = (void*)&x;
  REFUSES(SNN_ERROR_ARGUMENT, "snn_tensor_new", snn_tensor_new(SNN_FLOAT32, 1, &two, data, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "sizes", snn_tensor_new(SNN_FLOAT32, 1, NULL, data, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out",
          snn_tensor_borrow(SNN_FLOAT32, 1, &two, NULL, data, must_not_run, NULL, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "sizes",
          snn_tensor_borrow(SNN_FLOAT32, 1, NULL, NULL, data, must_not_run, NULL, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "NULL",
          snn_tensor_borrow(SNN_FLOAT32, 1, &two, NULL, NULL, must_not_run, NULL, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "tensor", snn_tensor_read(NULL, SNN_FLOAT32, data, 8, error));
  REFUSES(SNN_ERROR_ARGUMENT, "data", snn_tensor_read(x, SNN_FLOAT32, NULL, 8, error));
  REFUSES(SNN_ERROR_ARGUMENT, "tensor", snn_tensor_item(NULL, &number, error));
  REFUSES(SNN_ERROR_ARGUMENT, "tensor", snn_tensor_item_int(NULL, &whole, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_tensor_text(x, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "tensor", snn_tensor_text(NULL, &text, error));
  REFUSES(SNN_ERROR_ARGUMENT, "tensor", snn_tensor_set_requires_grad(NULL, true, error));
  REFUSES(SNN_ERROR_ARGUMENT, "tensor", snn_tensor_retain_grad(NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "tensor", snn_tensor_gradient(NULL, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_tensor_gradient(x, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "tensor", snn_tensor_set_gradient(NULL, x, error));
  REFUSES(SNN_ERROR_ARGUMENT, "tensor", snn_tensor_detach(NULL, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_tensor_detach(x, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "tensor", snn_tensor_set_data(NULL, x, error));
  REFUSES(SNN_ERROR_ARGUMENT, "data", snn_tensor_set_data(x, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "tensor", snn_tensor_add_hook(NULL, quiet_hook, NULL, must_not_run, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "hook", snn_tensor_add_hook(x, NULL, NULL, must_not_run, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "tensor", snn_tensor_remove_hook(NULL, 1, error));
  REFUSES(SNN_ERROR_ARGUMENT, "output", snn_backward(NULL, NULL, false, false, error));
  REFUSES(SNN_ERROR_ARGUMENT, "outputs", snn_backward_many(NULL, 1, NULL, NULL, 0, false, false, error));
  REFUSES(SNN_ERROR_ARGUMENT, "NULL", snn_backward_many((snn_tensor*[]){NULL}, 1, NULL, NULL, 0, false, false, error));
  REFUSES(SNN_ERROR_ARGUMENT, "gradients", snn_grad(&x, 1, &x, 1, NULL, false, false, false, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "inputs", snn_grad(&x, 1, NULL, 1, NULL, false, false, false, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "name", snn_record(NULL, &x, 1, &x, 1, quiet_backward, NULL, must_not_run, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "inputs",
          snn_record("f", NULL, 1, &x, 1, quiet_backward, NULL, must_not_run, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "outputs",
          snn_record("f", &x, 1, NULL, 1, quiet_backward, NULL, must_not_run, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "backward", snn_record("f", &x, 1, &x, 1, NULL, NULL, must_not_run, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "results",
          snn_record("f", &x, 1, &x, 1, quiet_backward, NULL, must_not_run, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_generator_new(1, NULL, error));
  CHECK(out == before && number == 7 && whole == 7 && text == (char*)(void*)&x);
  snn_tensor_release(x);
}

TEST(null_objects) {
  snn_tensor *x = VECTOR(1, 2), *out = NULL;
  snn_module* module = LAYER("Linear", snn_int(2), snn_int(1));
  snn_state state;
  char* text;
  snn_value value;
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_module_new(snn_find(SNN_LAYERS, "ReLU"), NULL, 0, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "NULL", snn_module_new(snn_find(SNN_LAYERS, "Linear"), NULL, 2, &module, error));
  REFUSES(SNN_ERROR_ARGUMENT, "module", snn_module_forward(NULL, &x, 1, &out, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "inputs", snn_module_forward(module, NULL, 1, &out, 1, NULL, error));
  REFUSES(SNN_ERROR_CAPACITY, "Linear", snn_module_forward(module, &x, 1, NULL, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "module", snn_module_config(NULL, &text, error));
  REFUSES(SNN_ERROR_ARGUMENT, "json", snn_module_config(module, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "module", snn_module_text(NULL, &text, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_module_text(module, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "module", snn_module_state_at(NULL, 0, &state, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_module_state_at(module, 0, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "module", snn_module_get(NULL, "weight", &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "name", snn_module_get(module, NULL, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_module_get(module, "weight", NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "module", snn_module_set(NULL, "weight", x, error));
  REFUSES(SNN_ERROR_ARGUMENT, "name", snn_module_set(module, NULL, x, error));
  REFUSES(SNN_ERROR_ARGUMENT, "without", snn_module_set(module, "weight", NULL, error));
  snn_optimizer* optimizer = NULL;
  int32_t sgd = snn_find(SNN_OPTIMIZERS, "SGD");
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_optimizer_new(sgd, &x, 1, NULL, 0, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "parameters", snn_optimizer_new(sgd, NULL, 1, NULL, 0, &optimizer, error));
  REFUSES(SNN_ERROR_ARGUMENT, "NULL", snn_optimizer_new(sgd, &x, 1, NULL, 1, &optimizer, error));
  CHECK(snn_optimizer_new(sgd, &x, 1, NULL, 0, &optimizer, NULL) == SNN_OK);
  REFUSES(SNN_ERROR_ARGUMENT, "optimizer", snn_optimizer_add_group(NULL, &x, 1, NULL, 0, error));
  REFUSES(SNN_ERROR_ARGUMENT, "parameters", snn_optimizer_add_group(optimizer, NULL, 1, NULL, 0, error));
  REFUSES(SNN_ERROR_ARGUMENT, "optimizer", snn_optimizer_parameter(NULL, 0, 0, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_optimizer_parameter(optimizer, 0, 0, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "optimizer", snn_optimizer_get(NULL, 0, "lr", &value, error));
  REFUSES(SNN_ERROR_ARGUMENT, "option", snn_optimizer_get(optimizer, 0, NULL, &value, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_optimizer_get(optimizer, 0, "lr", NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "optimizer", snn_optimizer_set(NULL, 0, "lr", snn_float(1), error));
  REFUSES(SNN_ERROR_ARGUMENT, "option", snn_optimizer_set(optimizer, 0, NULL, snn_float(1), error));
  REFUSES(SNN_ERROR_ARGUMENT, "optimizer", snn_optimizer_step(NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "optimizer", snn_optimizer_state(NULL, 0, 0, "step", &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "name", snn_optimizer_state(optimizer, 0, 0, NULL, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_optimizer_state(optimizer, 0, 0, "momentum_buffer", NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "optimizer", snn_optimizer_set_state(NULL, 0, 0, "step", x, error));
  REFUSES(SNN_ERROR_ARGUMENT, "name", snn_optimizer_set_state(optimizer, 0, 0, NULL, x, error));
  REFUSES(SNN_ERROR_ARGUMENT, "value", snn_optimizer_set_state(optimizer, 0, 0, "momentum_buffer", NULL, error));
  CHECK(out == NULL);
  snn_optimizer_release(optimizer);
  snn_module_release(module);
  snn_tensor_release(x);
}

TEST(null_where_nothing_can_be_reported) {
  CHECK(snn_tensor_retain(NULL) == NULL && snn_module_retain(NULL) == NULL);
  CHECK(snn_optimizer_retain(NULL) == NULL && snn_generator_retain(NULL) == NULL);
  snn_tensor_release(NULL), snn_module_release(NULL), snn_optimizer_release(NULL), snn_generator_release(NULL);
  CHECK(snn_tensor_dtype(NULL) == 0 && snn_tensor_rank(NULL) == -1 && snn_tensor_count(NULL) == -1);
  CHECK(!snn_tensor_sizes(NULL) && !snn_tensor_strides(NULL) && !snn_tensor_data(NULL));
  CHECK(!snn_tensor_requires_grad(NULL) && !snn_tensor_is_leaf(NULL) && !snn_tensor_gradient_function(NULL));
  CHECK(snn_tensor_version(NULL) == 0 && !snn_tensor_shares_memory(NULL, NULL));
  CHECK(!snn_module_layer(NULL) && !snn_module_training(NULL) && snn_module_state_count(NULL) == 0);
  CHECK(snn_optimizer_group_count(NULL) == 0 && snn_optimizer_parameter_count(NULL, 0) == -1);
  CHECK(snn_optimizer_state_count(NULL) == 0 && !snn_optimizer_state_name(NULL, 0));
  CHECK(snn_find(SNN_OPERATIONS, NULL) == -1 && snn_entry_at(SNN_OPERATIONS, -1) == NULL);
  snn_tensor_touch(NULL), snn_module_train(NULL, true), snn_optimizer_zero_grad(NULL), snn_memory(NULL), snn_free(NULL);
  snn_generator_state(NULL, NULL, NULL);
}

TEST(arguments_of_operations) {
  snn_tensor *x = VECTOR(1, 2), *out = NULL;
  int32_t add = snn_find(SNN_OPERATIONS, "add"), reshape = snn_find(SNN_OPERATIONS, "reshape");
  snn_value two[2] = {snn_of(x), snn_of(x)}, many[9];
  for (size_t i = 0; i < COUNT(many); i++) many[i] = snn_of(x);
  snn_value with_null[2] = {snn_of(x), snn_of(NULL)}, word[2] = {snn_of(x), snn_string("a")};
  snn_value unknown[2] = {snn_of(x), {999, 0, {0}}}, negative[2] = {snn_of(x), snn_ints(snn_tensor_sizes(x), -1)};
  snn_value list[2] = {snn_of(x), snn_ints(NULL, 2)};
  REFUSES(SNN_ERROR_NAME, "-1", snn_apply(-1, two, 2, &out, 1, NULL, error));
  REFUSES(SNN_ERROR_NAME, "2147483647", snn_apply(INT32_MAX, two, 2, &out, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "add", snn_apply(add, two, 1, &out, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "at most 3 arguments, got 9", snn_apply(add, many, 9, &out, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "arguments", snn_apply(add, NULL, 2, &out, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "add", snn_apply(add, with_null, 2, &out, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "other must be a tensor or a number, got a string",
          snn_apply(add, word, 2, &out, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "999", snn_apply(add, unknown, 2, &out, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "-1", snn_apply(reshape, negative, 2, &out, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "NULL", snn_apply(reshape, list, 2, &out, 1, NULL, error));
  size_t needed = 99;
  REFUSES(SNN_ERROR_CAPACITY, "gives 1 results, the array holds 0", snn_apply(add, two, 2, &out, 0, &needed, error));
  CHECK(needed == 1);
  REFUSES(SNN_ERROR_CAPACITY, "add", snn_apply(add, two, 2, NULL, 1, NULL, error));
  CHECK(out == NULL);
  snn_tensor_release(x);
}

TEST(shapes) {
  snn_tensor *x = MATRIX(2, 3, 1, 2, 3, 4, 5, 6), *y = VECTOR(1, 2), *out = NULL;
  int64_t huge[2] = {1ll << 40, 1ll << 40}, negative[1] = {-1}, empty[3] = {0, 1ll << 62, 1ll << 62}, many[20];
  for (size_t i = 0; i < COUNT(many); i++) many[i] = 1;
  REFUSES(SNN_ERROR_SHAPE, "1099511627776, 1099511627776", snn_tensor_new(SNN_FLOAT32, 2, huge, NULL, &out, error));
  REFUSES(SNN_ERROR_SHAPE, "-1", snn_tensor_new(SNN_FLOAT32, 1, negative, NULL, &out, error));
  REFUSES(SNN_ERROR_SHAPE, "zeros", snn_tensor_new(SNN_FLOAT32, 3, empty, NULL, &out, error));
  REFUSES(SNN_ERROR_SHAPE, "13", snn_tensor_new(SNN_FLOAT32, 13, many, NULL, &out, error));
  REFUSES(SNN_ERROR_SHAPE, "-3", snn_tensor_new(SNN_FLOAT32, -3, many, NULL, &out, error));
  snn_value add[2] = {snn_of(x), snn_of(y)};
  REFUSES(SNN_ERROR_SHAPE, "add: The size of tensor a (3) must match the size of tensor b (2)",
          snn_apply(snn_find(SNN_OPERATIONS, "add"), add, 2, &out, 1, NULL, error));
  snn_value product[2] = {snn_of(x), snn_of(x)};
  REFUSES(SNN_ERROR_SHAPE, "matmul", snn_apply(snn_find(SNN_OPERATIONS, "matmul"), product, 2, &out, 1, NULL, error));
  snn_value linear[2] = {snn_of(y), snn_of(x)};
  REFUSES(SNN_ERROR_SHAPE, "linear: expects 3 input features, got 2",
          snn_apply(snn_find(SNN_OPERATIONS, "linear"), linear, 2, &out, 1, NULL, error));
  snn_value axis[3] = {snn_of(x), snn_int(0), snn_int(-3)};
  REFUSES(SNN_ERROR_INDEX, "[-2, 1], but got -3",
          snn_apply(snn_find(SNN_OPERATIONS, "transpose"), axis, 3, &out, 1, NULL, error));
  axis[2] = snn_int(INT64_MIN);
  REFUSES(SNN_ERROR_INDEX, "transpose",
          snn_apply(snn_find(SNN_OPERATIONS, "transpose"), axis, 3, &out, 1, NULL, error));
  CHECK(out == NULL);
  snn_tensor_release(x), snn_tensor_release(y);
}

TEST(products_of_broadcasting_are_checked) {
  // Each view is small, what they broadcast to is not: 2^80 elements, a product that wraps to 0.
  snn_tensor* one = made(SNN_FLOAT32, 2, (const int64_t[]){1, 1}, NULL);
  int64_t tall[2] = {1ll << 40, 1}, wide[2] = {1, 1ll << 40};
  snn_tensor *a = APPLY("expand", snn_of(one), snn_ints(tall, 2)), *b = APPLY("expand", snn_of(one), snn_ints(wide, 2)),
             *out = NULL;
  snn_value both[2] = {snn_of(a), snn_of(b)};
  REFUSES(SNN_ERROR_SHAPE, "add", snn_apply(snn_find(SNN_OPERATIONS, "add"), both, 2, &out, 1, NULL, error));
  REFUSES(SNN_ERROR_SHAPE, "matmul", snn_apply(snn_find(SNN_OPERATIONS, "matmul"), both, 2, &out, 1, NULL, error));
  snn_tensor_release(one), snn_tensor_release(a), snn_tensor_release(b);
}

TEST(dtypes) {
  snn_tensor *x = VECTOR(1, 2), *out = NULL;
  int64_t two = 2;
  snn_tensor* whole = made(SNN_INT64, 1, &two, NULL);
  for (int32_t unknown = 0; unknown < 3; unknown++) {
    snn_dtype dtype = (snn_dtype)(int32_t[]){0, 9, 257}[unknown];
    REFUSES(SNN_ERROR_DTYPE, "dtype", snn_tensor_new(dtype, 1, &two, NULL, &out, error));
    CHECK(snn_dtype_size(dtype) == 0 && snn_dtype_name(dtype) == NULL);
  }
  snn_value cast[2] = {snn_of(x), snn_type((snn_dtype)0)};
  for (int64_t unknown = -255; unknown <= 512; unknown += 511) {
    cast[1].as.i = unknown == -255 ? -255 : 257;
    REFUSES(SNN_ERROR_DTYPE, "to", snn_apply(snn_find(SNN_OPERATIONS, "to"), cast, 2, &out, 1, NULL, error));
  }
  REFUSES(SNN_ERROR_DTYPE, "int64", snn_set_default_dtype(SNN_INT64, error));
  REFUSES(SNN_ERROR_GRADIENT, "int64", snn_tensor_set_requires_grad(whole, true, error));
  snn_value mixed[2] = {snn_of(x), snn_of(whole)};
  REFUSES(SNN_ERROR_DTYPE, "float32 and int64",
          snn_apply(snn_find(SNN_OPERATIONS, "matmul"), mixed, 2, &out, 1, NULL, error));
  snn_tensor_release(x), snn_tensor_release(whole);
}

TEST(names) {
  snn_tensor *x = VECTOR(1, 2), *out = NULL;
  snn_value gelu[2] = {snn_of(x), snn_string("cubic")};
  CHECK(snn_find(SNN_OPERATIONS, "no such operation") == -1 && snn_find(SNN_LAYERS, "linear") == -1);
  CHECK(snn_find((snn_section)77, "add") == -1 && snn_entry_count((snn_section)77) == 0);
  CHECK(!snn_describe(SNN_OPERATIONS, "no such operation") && !snn_describe((snn_section)77, NULL));
  REFUSES(SNN_ERROR_ARGUMENT, "approximate must be one of none, tanh, got 'cubic'",
          snn_apply(snn_find(SNN_OPERATIONS, "gelu"), gelu, 2, &out, 1, NULL, error));
  snn_module* module = LAYER("Linear", snn_int(2), snn_int(1));
  REFUSES(SNN_ERROR_NAME, "Linear: there is no parameter or buffer named 'wieght'",
          snn_module_get(module, "wieght", &out, error));
  snn_module_release(module);
  snn_tensor_release(x);
}

TEST(long_messages_are_cut_between_characters) {
  // A name of characters of two bytes, at an even and at an odd distance from the end.
  for (int shift = 0; shift < 2; shift++) {
    char name[2000];
    memset(name, 'a', sizeof name);
    for (size_t i = (size_t)shift; i + 2 < sizeof name; i += 2) memcpy(name + i, "\xC3\xA9", 2);
    name[sizeof name - 2 + (size_t)0] = 0;
    snn_module* module = LAYER("ReLU", snn_none());
    snn_tensor* out = NULL;
    snn_error error;
    memset(&error, 0x7F, sizeof error);
    CHECK(snn_module_get(module, name, &out, &error) == SNN_ERROR_NAME);
    size_t length = strnlen(error.message, SNN_MESSAGE_SIZE);
    CHECK(length == SNN_MESSAGE_SIZE - 1 || length == SNN_MESSAGE_SIZE - 2);
    CHECK((unsigned char)error.message[length - 1] == 0xA9 && (unsigned char)error.message[length - 2] == 0xC3);
    snn_module_release(module);
  }
}

TEST(statuses_have_names) {
  CHECK(!strcmp(snn_status_name(SNN_OK), "ok") && !strcmp(snn_status_name(SNN_ERROR_SHAPE), "shape"));
  CHECK(!strcmp(snn_status_name(SNN_ERROR_INTERNAL), "internal") && !strcmp(snn_status_name(-99), "unknown"));
  for (snn_status status = SNN_ERROR_INTERNAL; status <= SNN_OK; status++)
    CHECK(strcmp(snn_status_name(status), "unknown") != 0);
}

TEST(nothing_is_left) { CHECK(in_use() == 0); }
