// Gradients: backward, grad, hooks, functions of the caller.
#include "support.h"

static int destroyed;
static void destroy(void* user) {
  (void)user;
  destroyed++;
}

TEST(backward_adds_to_leaves) {
  snn_tensor *x = learned(VECTOR(1, 2, 3)), *w = learned(NUMBER(2));
  snn_tensor *y = APPLY("mul", snn_of(x), snn_of(w)), *z = APPLY("square", snn_of(y)), *sum = APPLY("sum", snn_of(z));
  CHECK(!strcmp(snn_tensor_gradient_function(y), "mul") && !snn_tensor_is_leaf(y) && snn_tensor_is_leaf(x));
  CHECK(snn_backward(sum, NULL, true, false, NULL) == SNN_OK);
  CHECK(gradient_of(x, 2) == 24 && gradient_of(w, 0) == 56);
  CHECK(snn_backward(sum, NULL, false, false, NULL) == SNN_OK);
  CHECK(gradient_of(x, 2) == 48);
  REFUSES(SNN_ERROR_GRADIENT, "second time", snn_backward(sum, NULL, false, false, error));
  REFUSES(SNN_ERROR_GRADIENT, "scalar outputs, got shape [3]", snn_backward(y, NULL, false, false, error));
  REFUSES(SNN_ERROR_SHAPE, "[]", snn_backward(sum, x, false, false, error));
  CHECK(snn_tensor_set_gradient(x, NULL, NULL) == SNN_OK && isnan(gradient_of(x, 0)));
  CHECK(snn_tensor_set_gradient(x, x, NULL) == SNN_ERROR_ARGUMENT);
  REFUSES(SNN_ERROR_SHAPE, "expected [3], got []", snn_tensor_set_gradient(x, w, error));
  snn_tensor_release(x), snn_tensor_release(w), snn_tensor_release(y), snn_tensor_release(z), snn_tensor_release(sum);
}

TEST(several_outputs_and_inputs) {
  snn_tensor *a = learned(VECTOR(1, 2)), *b = learned(VECTOR(3, 4)), *unused = learned(NUMBER(1)),
             *seed = VECTOR(10, 100);
  snn_tensor *outputs[2] = {APPLY("mul", snn_of(a), snn_of(b)), APPLY("square", snn_of(a))},
             *sum = APPLY("sum", snn_of(outputs[1]));
  outputs[1] = (snn_tensor_release(outputs[1]), sum);
  snn_tensor *seeds[2] = {seed, NULL}, *inputs[2] = {a, unused}, *found[2] = {seed, seed};
  REFUSES(SNN_ERROR_GRADIENT, "allow_unused", snn_grad(outputs, 2, inputs, 2, seeds, true, false, false, found, error));
  CHECK(found[0] == seed && found[1] == seed);
  CHECK(snn_grad(outputs, 2, inputs, 2, seeds, true, false, true, found, NULL) == SNN_OK);
  CHECK(element(found[0], 0) == 32 && element(found[0], 1) == 404 && found[1] == NULL && isnan(gradient_of(a, 0)));
  CHECK(snn_backward_many(outputs, 2, seeds, &b, 1, true, false, NULL) == SNN_OK);
  CHECK(gradient_of(b, 1) == 200 && isnan(gradient_of(a, 0)));
  CHECK(snn_backward_many(outputs, 2, seeds, NULL, 0, false, false, NULL) == SNN_OK && gradient_of(a, 0) == 32);
  REFUSES(SNN_ERROR_ARGUMENT, "at least one", snn_backward_many(outputs, 0, NULL, NULL, 0, false, false, error));
  snn_tensor_release(a), snn_tensor_release(b), snn_tensor_release(unused), snn_tensor_release(seed);
  snn_tensor_release(outputs[0]), snn_tensor_release(sum), snn_tensor_release(found[0]);
}

TEST(third_derivative) {
  snn_tensor* x = learned(NUMBER(2));
  snn_tensor *current = APPLY("pow", snn_of(x), snn_int(4)), *gradient = NULL;
  static const double expected[] = {32, 48, 48, 24};
  for (int order = 0; order < 4; order++) {
    CHECK(snn_grad(&current, 1, &x, 1, NULL, true, true, false, &gradient, NULL) == SNN_OK);
    CHECK_CLOSE(item(gradient), expected[order], 1e-4);
    snn_tensor_release(current);
    current = gradient;
  }
  snn_tensor_release(x), snn_tensor_release(current);
}

TEST(recording_can_be_switched_off) {
  snn_tensor* x = learned(VECTOR(1, 2));
  CHECK(snn_grad_enabled() && snn_set_grad_enabled(false));
  snn_tensor* y = APPLY("square", snn_of(x));
  CHECK(!snn_set_grad_enabled(true) && !snn_tensor_requires_grad(y) && snn_tensor_is_leaf(y));
  snn_tensor* z = APPLY("argmax", snn_of(x));
  CHECK(!snn_tensor_requires_grad(z));
  REFUSES(SNN_ERROR_GRADIENT, "does not require grad", snn_backward(z, NULL, false, false, error));
  snn_tensor_release(x), snn_tensor_release(y), snn_tensor_release(z);
}

TEST(changed_values_are_noticed) {
  snn_tensor *x = learned(VECTOR(1, 2)), *y = APPLY("exp", snn_of(x)), *sum = APPLY("sum", snn_of(y));
  snn_tensor* same = APPLY("add_", snn_of(y), snn_int(1));
  REFUSES(SNN_ERROR_GRADIENT, "exp: one of the variables", snn_backward(sum, NULL, true, false, error));
  snn_tensor* out = NULL;
  snn_value leaf[2] = {snn_of(x), snn_int(1)};
  REFUSES(SNN_ERROR_GRADIENT, "add_: a leaf",
          snn_apply(snn_find(SNN_OPERATIONS, "add_"), leaf, 2, &out, 1, NULL, error));
  snn_tensor_release(x), snn_tensor_release(y), snn_tensor_release(sum), snn_tensor_release(same);
}

TEST(in_place_keeps_what_a_gradient_needs) {
  snn_tensor *x = VECTOR(3, 4), *w = learned(NUMBER(2));
  snn_tensor *same = APPLY("mul_", snn_of(x), snn_of(w)), *sum = APPLY("sum", snn_of(x));
  CHECK(snn_backward(sum, NULL, false, false, NULL) == SNN_OK && gradient_of(w, 0) == 7);
  snn_tensor_release(x), snn_tensor_release(w), snn_tensor_release(same), snn_tensor_release(sum);
}

TEST(a_graph_that_leads_to_itself_is_freed) {
  uint64_t before = in_use();
  snn_tensor *x = VECTOR(1, 2), *w = learned(VECTOR(3, 4)), *y = APPLY("mul", snn_of(x), snn_of(w));
  snn_tensor* same = APPLY("copy_", snn_of(x), snn_of(y));
  snn_tensor_release(x), snn_tensor_release(w), snn_tensor_release(y), snn_tensor_release(same);
  CHECK(in_use() == before);
}

TEST(gradients_of_results_are_kept_on_request) {
  snn_tensor *x = learned(NUMBER(3)), *y = APPLY("square", snn_of(x)), *z = APPLY("square", snn_of(y));
  CHECK(snn_tensor_retain_grad(y, NULL) == SNN_OK && snn_backward(z, NULL, false, false, NULL) == SNN_OK);
  CHECK(gradient_of(y, 0) == 18 && isnan(gradient_of(z, 0)) && gradient_of(x, 0) == 108);
  snn_tensor_release(x), snn_tensor_release(y), snn_tensor_release(z);
}

static double seen;
static snn_status see(void* user, snn_tensor* gradient, snn_tensor** replacement) {
  seen = element(gradient, 0);
  if (user) *replacement = APPLY("mul", snn_of(gradient), snn_float(*(double*)user));
  return SNN_OK;
}
static snn_status fail(void* user, snn_tensor* gradient, snn_tensor** replacement) {
  (void)user, (void)gradient, (void)replacement;
  return -77;
}
static snn_status wrong_dtype(void* user, snn_tensor* gradient, snn_tensor** replacement) {
  (void)user;
  *replacement = APPLY("to", snn_of(gradient), snn_type(SNN_INT64));
  return SNN_OK;
}

TEST(hooks) {
  double ten = 10;
  destroyed = 0;
  int64_t id = 0, other = 0;
  snn_tensor *x = learned(NUMBER(3)), *y = APPLY("square", snn_of(x)), *z = APPLY("mul", snn_of(y), snn_int(1));
  CHECK(snn_tensor_add_hook(y, see, &ten, destroy, &id, NULL) == SNN_OK);
  CHECK(snn_tensor_add_hook(x, see, NULL, destroy, &other, NULL) == SNN_OK && id != other);
  CHECK(snn_backward(z, NULL, true, false, NULL) == SNN_OK && seen == 60 && gradient_of(x, 0) == 60);
  CHECK(destroyed == 0 && snn_tensor_remove_hook(y, id, NULL) == SNN_OK && destroyed == 1);
  REFUSES(SNN_ERROR_ARGUMENT, "hook", snn_tensor_remove_hook(y, id, error));
  CHECK(snn_tensor_add_hook(y, fail, NULL, destroy, NULL, NULL) == SNN_OK);
  REFUSES(SNN_ERROR_CALLBACK, "-77", snn_backward(z, NULL, true, false, error));
  snn_tensor_release(z);
  snn_tensor_release(y);
  CHECK(destroyed == 2);
  snn_tensor* plain = VECTOR(1, 2);
  REFUSES(SNN_ERROR_GRADIENT, "register_hook", snn_tensor_add_hook(plain, see, NULL, destroy, &id, error));
  CHECK(destroyed == 2);
  snn_tensor_release(plain);
  CHECK(snn_tensor_add_hook(x, wrong_dtype, NULL, NULL, NULL, NULL) == SNN_OK);
  y = APPLY("square", snn_of(x));
  REFUSES(SNN_ERROR_DTYPE, "expected a gradient of dtype float32, got int64",
          snn_backward(y, NULL, true, false, error));
  snn_tensor_release(y), snn_tensor_release(x);
  CHECK(destroyed == 3);
}

// The cube: its derivative in terms of the operations of the library, from the input kept by the caller.
static snn_status cube_backward(void* user, snn_tensor* const* given, size_t count, snn_tensor** found, size_t inputs) {
  CHECK(count == 1 && inputs == 1);
  snn_tensor* square = APPLY("square", snn_of(user));
  snn_tensor* slope = APPLY("mul", snn_of(square), snn_int(3));
  found[0] = APPLY("mul", snn_of(given[0]), snn_of(slope));
  snn_tensor_release(square), snn_tensor_release(slope);
  return SNN_OK;
}
static void release_input(void* user) {
  destroyed++;
  snn_tensor_release(user);
}

TEST(functions_of_the_caller_have_second_derivatives) {
  destroyed = 0;
  snn_tensor *x = learned(NUMBER(2)), *value = NUMBER(8), *y = NULL, *first = NULL, *second = NULL;
  CHECK(snn_record("cube", &x, 1, &value, 1, cube_backward, snn_tensor_retain(x), release_input, &y, NULL) == SNN_OK);
  CHECK(!strcmp(snn_tensor_gradient_function(y), "cube") && item(y) == 8);
  CHECK(snn_grad(&y, 1, &x, 1, NULL, true, true, false, &first, NULL) == SNN_OK && item(first) == 12);
  CHECK(snn_grad(&first, 1, &x, 1, NULL, false, false, false, &second, NULL) == SNN_OK && item(second) == 12);
  snn_tensor_release(x), snn_tensor_release(value), snn_tensor_release(y), snn_tensor_release(first),
      snn_tensor_release(second);
  CHECK(destroyed == 1);
}

static snn_status bad_backward(void* user, snn_tensor* const* given, size_t count, snn_tensor** found, size_t inputs) {
  (void)given, (void)count, (void)inputs;
  if (!user) return SNN_ERROR_SHAPE;
  *found = VECTOR(1, 2, 3, 4, 5);
  return SNN_OK;
}

TEST(functions_of_the_caller_may_fail) {
  snn_tensor *x = learned(VECTOR(1, 2)), *value = NUMBER(8), *y = NULL;
  CHECK(snn_record("stubborn", &x, 1, &value, 1, bad_backward, NULL, NULL, &y, NULL) == SNN_OK);
  REFUSES(SNN_ERROR_CALLBACK, "stubborn", snn_backward(y, NULL, true, false, error));
  snn_tensor_release(y);
  CHECK(snn_record("stubborn", &x, 1, &value, 1, bad_backward, x, NULL, &y, NULL) == SNN_OK);
  REFUSES(SNN_ERROR_SHAPE, "[5]", snn_backward(y, NULL, true, false, error));
  snn_tensor_release(x), snn_tensor_release(value), snn_tensor_release(y);
}

TEST(nothing_is_left) { CHECK(in_use() == 0); }
