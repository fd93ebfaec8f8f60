// Functions of tensors: many examples at once, directions, checks of derivatives, modes.
#include "support.h"

// user: how it should misbehave, or NULL.
static snn_status squares(void* user, snn_tensor* const* inputs, size_t input_count, snn_tensor** outputs,
                          size_t capacity, size_t* output_count) {
  const char* fault = user ? user : "";
  if (!strcmp(fault, "status")) {
    outputs[0] = snn_tensor_retain(inputs[0]);
    return SNN_ERROR_SHAPE;
  }
  if (!strcmp(fault, "null")) return (void)(*output_count = 1), SNN_OK;
  if (!strcmp(fault, "many")) return (void)(*output_count = capacity + 1), SNN_OK;
  if (!strcmp(fault, "count")) outputs[1 % capacity] = snn_tensor_retain(inputs[0]);
  if (!strcmp(fault, "data") && snn_tensor_data(inputs[0])) CHECK_SAY("the numbers of %s can be seen", "one example");
  CHECK(input_count >= 1 && capacity >= 1);
  snn_value argument = snn_of(inputs[0]);
  *output_count = 1;
  return snn_apply(snn_find(SNN_OPERATIONS, "square"), &argument, 1, outputs, 1, NULL, NULL);
}

TEST(vmap_maps_axes) {
  snn_tensor *x = MATRIX(2, 3, 1, 2, 3, 4, 5, 6), *y = NULL;
  const int64_t last[] = {-1}, first[] = {0}, none[] = {SNN_NOT_MAPPED}, beyond[] = {2}, out[] = {1};
  size_t count = 9;
  CHECK(snn_vmap(squares, "data", &x, last, 1, NULL, 0, 0, &y, 1, &count, NULL) == SNN_OK && count == 1);
  CHECK(snn_tensor_sizes(y)[0] == 3 && element(y, 1) == 16 && !snn_tensor_is_batched(y));
  snn_tensor_release(y);
  CHECK(snn_vmap(squares, NULL, &x, first, 1, out, 0, 1, &y, 1, NULL, NULL) == SNN_OK);
  CHECK(snn_tensor_sizes(y)[0] == 3 && snn_tensor_sizes(y)[1] == 2 && element(y, 1) == 16);
  snn_tensor_release(y);
  y = x;
  REFUSES(SNN_ERROR_ARGUMENT, "every in_dim", snn_vmap(squares, NULL, &x, none, 1, NULL, 0, 0, &y, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "in_dim=2", snn_vmap(squares, NULL, &x, beyond, 1, NULL, 0, 0, &y, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "randomness", snn_vmap(squares, NULL, &x, first, 1, NULL, 3, 0, &y, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "'function'", snn_vmap(NULL, NULL, &x, first, 1, NULL, 0, 0, &y, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "'in_dims'", snn_vmap(squares, NULL, &x, NULL, 1, NULL, 0, 0, &y, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "room for 0", snn_vmap(squares, NULL, &x, first, 1, NULL, 0, 0, &y, 0, NULL, error));
  REFUSES(SNN_ERROR_INDEX, "out of range", snn_vmap(squares, NULL, &x, first, 1, beyond, 0, 0, &y, 1, NULL, error));
  CHECK(y == x);
  snn_tensor_release(x);
}

TEST(bad_callbacks_leave_nothing_behind) {
  snn_tensor *x = MATRIX(2, 3, 1, 2, 3, 4, 5, 6), *y[2] = {x, x};
  const int64_t first[] = {0};
  const uint64_t before = in_use();
  REFUSES(SNN_ERROR_CALLBACK, "status -2", snn_vmap(squares, "status", &x, first, 1, NULL, 0, 0, y, 2, NULL, error));
  REFUSES(SNN_ERROR_CALLBACK, "NULL as result 0",
          snn_vmap(squares, "null", &x, first, 1, NULL, 0, 0, y, 2, NULL, error));
  REFUSES(SNN_ERROR_CALLBACK, "3 results", snn_vmap(squares, "many", &x, first, 1, NULL, 0, 0, y, 2, NULL, error));
  CHECK(y[0] == x && in_use() == before);
  CHECK(snn_vmap(squares, "count", &x, first, 1, NULL, 0, 0, y, 2, NULL, NULL) == SNN_OK);
  snn_tensor_release(y[0]), snn_tensor_release(x);
}

TEST(variables_and_directions) {
  snn_tensor *x = VECTOR(1, 2), *v = NULL, *y = NULL, *sum = NULL, *found = NULL, *seen = NULL;
  bool open = true;
  CHECK(snn_variable(x, &v, NULL) == SNN_OK && snn_tensor_requires_grad(v) && !snn_tensor_requires_grad(x));
  y = APPLY("pow", snn_of(v), snn_int(3));
  sum = APPLY("sum", snn_of(y));
  CHECK(snn_jvp(&y, 1, &v, 1, &x, false, &found, NULL) == SNN_OK);
  CHECK_CLOSE(element(found, 1), 24, 1e-5);
  snn_tensor_release(found);
  CHECK(snn_hvp(sum, &v, 1, &x, false, &found, NULL) == SNN_OK);
  CHECK_CLOSE(element(found, 1), 24, 1e-5);
  snn_tensor_release(found);
  CHECK(snn_settle(&y, 1, &v, 1, &seen, &open, NULL) == SNN_OK && !open && !snn_tensor_requires_grad(seen));
  snn_tensor_release(seen);
  CHECK(snn_settle(&y, 1, NULL, 0, &seen, &open, NULL) == SNN_OK && open && seen == y);
  snn_tensor_release(seen);
  CHECK(snn_gauss_newton_product(sum, &y, 1, &v, 1, &x, false, &found, NULL) == SNN_OK);
  CHECK_CLOSE(element(found, 1), 0, 1e-12);  // a sum is flat
  snn_tensor_release(found);
  snn_tensor *squares = APPLY("square", snn_of(y)), *loss = APPLY("sum", snn_of(squares));
  CHECK(snn_gauss_newton_product(loss, &y, 1, &v, 1, &x, false, &found, NULL) == SNN_OK);
  CHECK_CLOSE(element(found, 1), 2 * 12 * 12 * 2, 1e-3);
  snn_tensor_release(found);
  found = x;
  REFUSES(SNN_ERROR_ARGUMENT, "'loss'", snn_gauss_newton_product(NULL, &y, 1, &v, 1, &x, false, &found, error));
  REFUSES(SNN_ERROR_GRADIENT, "one element", snn_gauss_newton_product(y, &y, 1, &v, 1, &x, false, &found, error));
  REFUSES(SNN_ERROR_SHAPE, "direction", snn_gauss_newton_product(loss, &y, 1, &v, 1, &sum, false, &found, error));
  snn_tensor_release(squares), snn_tensor_release(loss);
  REFUSES(SNN_ERROR_SHAPE, "direction", snn_jvp(&y, 1, &v, 1, &sum, false, &found, error));
  REFUSES(SNN_ERROR_ARGUMENT, "'tangents'", snn_jvp(&y, 1, &v, 1, NULL, false, &found, error));
  REFUSES(SNN_ERROR_GRADIENT, "scalar outputs", snn_hvp(y, &v, 1, &x, false, &found, error));
  REFUSES(SNN_ERROR_ARGUMENT, "'tensor'", snn_variable(NULL, &found, error));
  CHECK(found == x);
  snn_tensor_release(x), snn_tensor_release(v), snn_tensor_release(y), snn_tensor_release(sum);
}

// A square whose derivative is off by a tenth.
static snn_status wrong_slope(void* user, snn_tensor* const* output_gradients, size_t output_count,
                              snn_tensor** input_gradients, size_t input_count) {
  CHECK(output_count == 1 && input_count == 1);
  snn_tensor* product = APPLY("mul", snn_of(output_gradients[0]), snn_of(user));
  input_gradients[0] = APPLY("mul", snn_of(product), snn_float(2.2));
  snn_tensor_release(product);
  return SNN_OK;
}

static void release_user(void* user) { snn_tensor_release(user); }

static snn_status planted(void* user, snn_tensor* const* inputs, size_t input_count, snn_tensor** outputs,
                          size_t capacity, size_t* output_count) {
  (void)user;
  snn_tensor *x = NULL, *y = NULL;
  CHECK(input_count == 1 && capacity > 0 && snn_tensor_detach(inputs[0], &x, NULL) == SNN_OK);
  y = APPLY("square", snn_of(x));
  snn_status status = snn_record("planted", inputs, 1, &y, 1, wrong_slope, x, release_user, outputs, NULL);
  snn_tensor_release(y);
  *output_count = 1;
  return status;
}

TEST(gradcheck_finds_a_wrong_derivative) {
  const double numbers[] = {0.5, -1.5};
  snn_tensor* x = learned(made(SNN_FLOAT64, 1, (const int64_t[]){2}, numbers));
  snn_gradcheck_options options = {.size = sizeof options,
                                   .step = 1e-6,
                                   .absolute = 1e-5,
                                   .relative = 1e-3,
                                   .backward = true,
                                   .forward = true,
                                   .batched = true};
  CHECK(snn_gradcheck(squares, NULL, &x, 1, NULL, NULL) == SNN_OK);
  CHECK(snn_gradcheck(squares, NULL, &x, 1, &options, NULL) == SNN_OK);
  options.second = true;
  CHECK(snn_gradcheck(squares, NULL, &x, 1, &options, NULL) == SNN_OK);
  REFUSES(SNN_ERROR_GRADIENT, "Jacobian mismatch", snn_gradcheck(planted, NULL, &x, 1, NULL, error));
  REFUSES(SNN_ERROR_GRADIENT, "analytical:tensor", snn_gradcheck(planted, NULL, &x, 1, NULL, error));
  REFUSES(SNN_ERROR_CALLBACK, "status -2", snn_gradcheck(squares, "status", &x, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "'function'", snn_gradcheck(NULL, NULL, &x, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "require gradient", snn_gradcheck(squares, NULL, NULL, 0, NULL, error));
  options.size = 8;
  REFUSES(SNN_ERROR_ARGUMENT, "size", snn_gradcheck(squares, NULL, &x, 1, &options, error));
  CHECK(element(x, 0) == 0.5 && element(x, 1) == -1.5);
  snn_tensor_release(x);
}

static void tracer(void* user, char* text, size_t capacity) {
  (*(int*)user)++;
  snprintf(text, capacity, "here");
}

TEST(anomaly_mode_names_the_operation) {
  int traces = 0;
  bool checks = true;
  snn_set_anomaly_tracer(tracer, &traces);
  snn_set_anomaly_mode(true, true);
  CHECK(snn_anomaly_mode(&checks) && checks);
  snn_tensor *x = learned(NUMBER(0)), *root = APPLY("sqrt", snn_of(x)), *y = APPLY("mul", snn_of(root), snn_int(0));
  CHECK(traces == 2);
  REFUSES(SNN_ERROR_GRADIENT, "Function 'SqrtBackward' returned nan", snn_backward(y, NULL, false, false, error));
  snn_set_anomaly_mode(false, false);
  snn_set_anomaly_tracer(NULL, NULL);
  CHECK(!snn_anomaly_mode(NULL));
  snn_tensor_release(x), snn_tensor_release(root), snn_tensor_release(y);
}

TEST(inference_tensors_are_known) {
  CHECK(!snn_set_inference_mode(true) && snn_inference_mode());
  snn_tensor* made_inside = NUMBER(1);
  CHECK(snn_set_inference_mode(false));
  CHECK(snn_tensor_is_inference(made_inside) && !snn_tensor_is_inference(NULL));
  REFUSES(SNN_ERROR_GRADIENT, "inference tensor", snn_tensor_set_requires_grad(made_inside, true, error));
  snn_tensor_release(made_inside);
}

TEST(nothing_is_left) { CHECK(in_use() == 0); }
