// Modules and optimizers by name: state, sharing, options, learning.
#include "support.h"
#include "swiftnn_typed.h"

TEST(linear_by_name) {
  snn_module* linear = LAYER("Linear", snn_int(3), snn_int(2));
  CHECK(!strcmp(snn_module_layer(linear), "Linear") && snn_module_state_count(linear) == 2);
  snn_state state;
  CHECK(snn_module_state_at(linear, 0, &state, NULL) == SNN_OK && !strcmp(state.name, "weight") && state.is_parameter);
  CHECK(snn_tensor_sizes(state.tensor)[0] == 2 && snn_tensor_sizes(state.tensor)[1] == 3 &&
        snn_tensor_requires_grad(state.tensor));
  REFUSES(SNN_ERROR_INDEX, "2", snn_module_state_at(linear, 2, &state, error));
  snn_tensor *x = MATRIX(1, 3, 1, 2, 3), *y = NULL, *weight = MATRIX(2, 3, 1, 0, 0, 0, 1, 0), *bias = VECTOR(10, 20);
  CHECK(snn_module_set(linear, "weight", weight, NULL) == SNN_OK &&
        snn_module_set(linear, "bias", bias, NULL) == SNN_OK);
  size_t made_count = 0;
  CHECK(snn_module_forward(linear, &x, 1, &y, 1, &made_count, NULL) == SNN_OK && made_count == 1);
  CHECK(element(y, 0) == 11 && element(y, 1) == 22);
  REFUSES(SNN_ERROR_SHAPE, "expects a tensor of shape [2, 3], got [2]", snn_module_set(linear, "weight", bias, error));
  snn_tensor* whole = APPLY("to", snn_of(weight), snn_type(SNN_FLOAT64));
  REFUSES(SNN_ERROR_DTYPE, "float32, got float64", snn_module_set(linear, "weight", whole, error));
  char* text = NULL;
  CHECK(snn_module_text(linear, &text, NULL) == SNN_OK &&
        !strncmp(text, "in_features=3, out_features=2, bias=True", 40));
  snn_free(text);
  CHECK(snn_module_config(linear, &text, NULL) == SNN_OK && strstr(text, "\"Linear\"") &&
        strstr(text, "\"in_features\""));
  snn_free(text);
  snn_tensor_release(x), snn_tensor_release(y), snn_tensor_release(weight), snn_tensor_release(bias),
      snn_tensor_release(whole);
  const snn_value half = snn_float(0.5);
  REFUSES(SNN_ERROR_UNSUPPORTED, "Linear", snn_module_set_argument(linear, "in_features", &half, error));
  snn_module_release(linear);
}

TEST(arguments_are_read_and_changed) {
  snn_module* pool = LAYER("MaxPool2d", snn_ints((const int64_t[]){2, 3}, 2));
  snn_value value;
  CHECK(snn_module_argument(pool, 0, &value, NULL) == SNN_OK && value.kind == SNN_KIND_INTS && value.count == 2 &&
        value.as.ints[1] == 3);
  CHECK(snn_module_argument(pool, 1, &value, NULL) == SNN_OK && value.kind == SNN_KIND_NONE);
  value = snn_int(2);
  CHECK(snn_module_set_argument(pool, "kernel_size", &value, NULL) == SNN_OK);
  CHECK(snn_module_argument(pool, 0, &value, NULL) == SNN_OK && value.kind == SNN_KIND_INT && value.as.i == 2);
  char* text = NULL;
  CHECK(snn_module_text(pool, &text, NULL) == SNN_OK && !strncmp(text, "kernel_size=2, stride=2", 23));
  snn_free(text);
  value = snn_string("two");
  REFUSES(SNN_ERROR_ARGUMENT, "kernel_size", snn_module_set_argument(pool, "kernel_size", &value, error));
  REFUSES(SNN_ERROR_NAME, "depth", snn_module_set_argument(pool, "depth", &value, error));
  REFUSES(SNN_ERROR_INDEX, "6", snn_module_argument(pool, 6, &value, error));
  REFUSES(SNN_ERROR_ARGUMENT, "module", snn_module_argument(NULL, 0, &value, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_module_argument(pool, 0, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "value", snn_module_set_argument(pool, "kernel_size", NULL, error));
  snn_module_release(pool);
}

TEST(sequential_names_modes_and_sharing) {
  snn_module* parts[4] = {LAYER("Linear", snn_int(4), snn_int(4)), LAYER("ReLU", snn_none()),
                          LAYER("Dropout", snn_float(0.5)), LAYER("Linear", snn_int(4), snn_int(4))};
  snn_module* model = LAYER("Sequential", snn_modules(parts, 4));
  static const char* const names[] = {"0.weight", "0.bias", "3.weight", "3.bias"};
  CHECK(snn_module_state_count(model) == 4);
  for (int32_t i = 0; i < 4; i++) {
    snn_state state;
    CHECK(snn_module_state_at(model, i, &state, NULL) == SNN_OK && !strcmp(state.name, names[i]));
  }
  CHECK(snn_module_training(model));
  snn_module_train(model, false);
  CHECK(!snn_module_training(model));
  snn_tensor *x = APPLY("ones", snn_ints((const int64_t[]){2, 4}, 2)), *first = NULL, *second = NULL;
  CHECK(snn_module_forward(model, &x, 1, &first, 1, NULL, NULL) == SNN_OK);
  CHECK(snn_module_forward(model, &x, 1, &second, 1, NULL, NULL) == SNN_OK && element(first, 3) == element(second, 3));
  snn_tensor_release(first), snn_tensor_release(second);
  snn_tensor *shared = NULL, *other = NULL;
  CHECK(snn_module_get(model, "0.weight", &shared, NULL) == SNN_OK &&
        snn_module_set(model, "3.weight", shared, NULL) == SNN_OK);
  CHECK(snn_module_get(parts[3], "weight", &other, NULL) == SNN_OK && other == shared);
  CHECK(snn_module_forward(model, &x, 1, &first, 1, NULL, NULL) == SNN_OK);
  snn_tensor* sum = APPLY("sum", snn_of(first));
  CHECK(snn_backward(sum, NULL, false, false, NULL) == SNN_OK && !isnan(gradient_of(shared, 0)));
  for (int i = 0; i < 4; i++) snn_module_release(parts[i]);
  snn_tensor_release(x), snn_tensor_release(first), snn_tensor_release(sum), snn_tensor_release(shared),
      snn_tensor_release(other);
  snn_module_release(model);
}

TEST(calls_with_all_arguments) {
  const snn_entry* entry = snn_entry_at(SNN_LAYERS, snn_find(SNN_LAYERS, "Bilinear"));
  CHECK(entry->call->field_count == 2 && !strcmp(entry->call->fields[1].name, "input2"));
  snn_module* pair = LAYER("Bilinear", snn_int(2), snn_int(3), snn_int(4));
  snn_tensor *a = MATRIX(1, 2, 1, 2), *b = MATRIX(1, 3, 1, 2, 3), *called = NULL, *typed = NULL, *forwarded = NULL;
  snn_value values[] = {snn_of(a), snn_of(b)};
  CHECK(snn_module_call(pair, values, 2, &called, 1, NULL, NULL) == SNN_OK);
  CHECK(snn_call_bilinear(pair, a, b, &typed, NULL) == SNN_OK);
  snn_tensor* inputs[] = {a, b};
  CHECK(snn_module_forward(pair, inputs, 2, &forwarded, 1, NULL, NULL) == SNN_OK);
  for (int i = 0; i < 4; i++) {
    CHECK(element(called, i) == element(typed, i) && element(called, i) == element(forwarded, i));
  }
  snn_tensor* none = NULL;
  REFUSES(SNN_ERROR_ARGUMENT, "Bilinear: missing the argument 'input2'",
          snn_module_call(pair, values, 1, &none, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "Bilinear: expects 2 inputs, got 1",
          snn_module_forward(pair, inputs, 1, &none, 1, NULL, error));
  REFUSES(SNN_ERROR_CAPACITY, "gives 1", snn_module_call(pair, values, 2, NULL, 0, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "NULL", snn_module_call(NULL, values, 2, &none, 1, NULL, error));
  CHECK(none == NULL);
  snn_tensor_release(a), snn_tensor_release(b), snn_tensor_release(called), snn_tensor_release(typed),
      snn_tensor_release(forwarded);
  snn_module_release(pair);
}

TEST(bad_layers) {
  snn_module* out = NULL;
  int32_t linear = snn_find(SNN_LAYERS, "Linear");
  snn_value sizes[2] = {snn_int(-1), snn_int(3)}, huge[2] = {snn_int(INT32_MAX), snn_int(INT32_MAX)};
  snn_value missing[1] = {snn_int(3)}, words[2] = {snn_string("a"), snn_int(3)};
  REFUSES(SNN_ERROR_NAME, "-1", snn_module_new(-1, NULL, 0, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "Linear: in_features must be", snn_module_new(linear, sizes, 2, &out, error));
  REFUSES(SNN_ERROR_SHAPE, "2147483647", snn_module_new(linear, huge, 2, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "Linear: missing the argument 'out_features'",
          snn_module_new(linear, missing, 1, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "in_features must be an int, got a string",
          snn_module_new(linear, words, 2, &out, error));
  snn_value chance = snn_float(NAN);
  REFUSES(SNN_ERROR_ARGUMENT, "Dropout: p", snn_module_new(snn_find(SNN_LAYERS, "Dropout"), &chance, 1, &out, error));
  CHECK(out == NULL);
}

TEST(nesting_has_a_limit) {
  snn_module* model = LAYER("ReLU", snn_none());
  snn_error error = {0, ""};
  int depth = 1;
  for (;; depth++) {
    snn_module* outer = NULL;
    snn_value inside = snn_modules(&model, 1);
    if (snn_module_new(snn_find(SNN_LAYERS, "Sequential"), &inside, 1, &outer, &error) != SNN_OK) break;
    snn_module_release(model);
    model = outer;
  }
  CHECK(depth == 200 && error.status == SNN_ERROR_ARGUMENT && strstr(error.message, "nested"));
  snn_tensor *x = VECTOR(-1, 2), *y = NULL;
  CHECK(snn_module_forward(model, &x, 1, &y, 1, NULL, NULL) == SNN_OK && element(y, 1) == 2);
  snn_tensor_release(x), snn_tensor_release(y), snn_module_release(model);
}

static snn_optimizer* optimizer(const char* name, snn_tensor* parameter, const snn_value* options, size_t count) {
  snn_optimizer* made = NULL;
  snn_error error = {0, ""};
  if (snn_optimizer_new(snn_find(SNN_OPTIMIZERS, name), &parameter, 1, options, count, &made, &error) != SNN_OK)
    CHECK_SAY("%s: %s", name, error.message);
  return made;
}

TEST(options_and_groups) {
  snn_tensor *a = learned(VECTOR(1, 2)), *b = learned(VECTOR(3)), *out = NULL;
  snn_value rate = snn_float(0.5), value;
  snn_optimizer* adam = optimizer("Adam", a, &rate, 1);
  CHECK(snn_optimizer_add_group(adam, &b, 1, NULL, 0, NULL) == SNN_OK && snn_optimizer_group_count(adam) == 2);
  CHECK(snn_optimizer_parameter_count(adam, 1) == 1 && snn_optimizer_parameter_count(adam, 2) == -1);
  CHECK(snn_optimizer_parameter(adam, 1, 0, &out, NULL) == SNN_OK && out == b);
  snn_tensor_release(out);
  CHECK(snn_optimizer_get(adam, 0, "lr", &value, NULL) == SNN_OK && value.kind == SNN_KIND_FLOAT && value.as.f == 0.5);
  CHECK(snn_optimizer_get(adam, 1, "lr", &value, NULL) == SNN_OK && value.as.f == 0.001);
  CHECK(snn_optimizer_get(adam, 0, "betas", &value, NULL) == SNN_OK && value.count == 2 && value.as.floats[1] == 0.999);
  CHECK(snn_optimizer_set(adam, 1, "lr", snn_float(0.25), NULL) == SNN_OK);
  CHECK(snn_optimizer_get(adam, 1, "lr", &value, NULL) == SNN_OK && value.as.f == 0.25);
  REFUSES(SNN_ERROR_NAME, "Adam: there is no option 'rate'", snn_optimizer_get(adam, 0, "rate", &value, error));
  REFUSES(SNN_ERROR_INDEX, "no parameter group 7", snn_optimizer_get(adam, 7, "lr", &value, error));
  REFUSES(SNN_ERROR_ARGUMENT, "Invalid learning rate: -1.0", snn_optimizer_set(adam, 0, "lr", snn_float(-1), error));
  REFUSES(SNN_ERROR_ARGUMENT, "betas",
          snn_optimizer_set(adam, 0, "betas", snn_floats((const double[]){0.9}, 1), error));
  REFUSES(SNN_ERROR_ARGUMENT, "more than once", snn_optimizer_add_group(adam, &a, 1, NULL, 0, error));
  REFUSES(SNN_ERROR_INDEX, "no parameter 5", snn_optimizer_parameter(adam, 0, 5, &out, error));
  snn_tensor *result = APPLY("square", snn_of(a)), *whole = made(SNN_INT64, 0, NULL, NULL);
  REFUSES(SNN_ERROR_ARGUMENT, "non-leaf", snn_optimizer_add_group(adam, &result, 1, NULL, 0, error));
  REFUSES(SNN_ERROR_DTYPE, "int64", snn_optimizer_add_group(adam, &whole, 1, NULL, 0, error));
  snn_tensor_release(result), snn_tensor_release(whole), snn_tensor_release(a), snn_tensor_release(b);
  snn_optimizer_release(adam);
}

static void step(snn_optimizer* optimizer, snn_tensor* x) {
  snn_optimizer_zero_grad(optimizer);
  snn_tensor *square = APPLY("square", snn_of(x)), *sum = APPLY("sum", snn_of(square));
  CHECK(snn_backward(sum, NULL, false, false, NULL) == SNN_OK && snn_optimizer_step(optimizer, NULL) == SNN_OK);
  snn_tensor_release(square), snn_tensor_release(sum);
}

TEST(sgd_steps) {
  snn_tensor* x = learned(VECTOR(1, -2));
  snn_value options[2] = {snn_float(0.25), snn_float(0.5)};
  snn_optimizer* sgd = optimizer("SGD", x, options, 2);
  step(sgd, x);
  CHECK(element(x, 0) == 0.5 && element(x, 1) == -1);
  step(sgd, x);
  CHECK(element(x, 0) == 0 && element(x, 1) == 0);
  snn_optimizer_release(sgd);
  snn_tensor_release(x);
}

TEST(state_goes_out_and_in) {
  // 6 steps, and 3 steps with the state carried over to another optimizer for 3 more, give the same bits.
  snn_tensor *x = learned(VECTOR(1, -2)), *y = learned(VECTOR(1, -2));
  snn_optimizer *whole = optimizer("Adam", x, NULL, 0), *first = optimizer("Adam", y, NULL, 0),
                *second = optimizer("Adam", y, NULL, 0);
  for (int i = 0; i < 6; i++) step(whole, x);
  for (int i = 0; i < 3; i++) step(first, y);
  for (int32_t i = 0; i < snn_optimizer_state_count(first); i++) {
    const char* name = snn_optimizer_state_name(first, i);
    snn_tensor* state = NULL;
    CHECK(snn_optimizer_state(first, 0, 0, name, &state, NULL) == SNN_OK);
    if (state) CHECK(snn_optimizer_set_state(second, 0, 0, name, state, NULL) == SNN_OK);
    snn_tensor_release(state);
  }
  for (int i = 0; i < 3; i++) step(second, y);
  CHECK(element(x, 0) == element(y, 0) && element(x, 1) == element(y, 1));
  snn_tensor *out = NULL, *wrong = VECTOR(1, 2, 3), *endless = NUMBER(INFINITY);
  REFUSES(SNN_ERROR_NAME, "no state 'velocity'", snn_optimizer_state(first, 0, 0, "velocity", &out, error));
  REFUSES(SNN_ERROR_SHAPE, "[2], got [3]", snn_optimizer_set_state(first, 0, 0, "exp_avg", wrong, error));
  REFUSES(SNN_ERROR_ARGUMENT, "step", snn_optimizer_set_state(first, 0, 0, "step", endless, error));
  CHECK(snn_optimizer_state_name(first, 99) == NULL);
  CHECK(snn_tensor_set_data(y, wrong, NULL) == SNN_OK);
  REFUSES(SNN_ERROR_GRADIENT, "shape [3]", snn_optimizer_step(first, error));
  snn_optimizer_release(whole), snn_optimizer_release(first), snn_optimizer_release(second);
  snn_tensor_release(x), snn_tensor_release(y), snn_tensor_release(wrong), snn_tensor_release(endless);
}

TEST(noise_alone_outside_of_training) {
  snn_module* parts[2] = {LAYER("BatchNorm1d", snn_int(2)), LAYER("Dropout", snn_float(0.5))};
  snn_module* model = LAYER("Sequential", snn_modules(parts, 2));
  snn_tensor *x = MATRIX(2, 2, 1, 2, 3, 4), *mean = NULL, *variance = NULL, *counter = NULL;
  size_t count = 0;
  snn_module_train(model, false);
  CHECK(snn_module_monte_carlo(model, &x, 1, 2000, 1, &mean, &variance, 1, &count, NULL) == SNN_OK && count == 1);
  for (int i = 0; i < 4; i++) {  // nothing or twice the value
    double value = element(x, i);
    CHECK(fabs(element(mean, i) - value) < 0.14 * value);
    CHECK(fabs(element(variance, i) - value * value) < 0.04 * value * value);
  }
  CHECK(snn_module_get(model, "0.num_batches_tracked", &counter, NULL) == SNN_OK && item(counter) == 0);
  snn_tensor *plain = NULL, *noisy = NULL;
  CHECK(snn_module_forward(model, &x, 1, &plain, 1, &count, NULL) == SNN_OK);
  CHECK(fabs(element(plain, 3) - 4) < 1e-3);
  snn_module_set_noise(model, true);
  CHECK(snn_module_forward(model, &x, 1, &noisy, 1, &count, NULL) == SNN_OK);
  CHECK(fabs(element(noisy, 3) - 8) < 1e-3 || element(noisy, 3) == 0);
  REFUSES(SNN_ERROR_ARGUMENT, "1 pass", snn_module_monte_carlo(model, &x, 1, 0, 1, &plain, &noisy, 1, &count, error));
  REFUSES(SNN_ERROR_ARGUMENT, "variances", snn_module_monte_carlo(model, &x, 1, 2, 1, &plain, NULL, 1, &count, error));
  REFUSES(SNN_ERROR_CAPACITY, "1 results",
          snn_module_monte_carlo(model, &x, 1, 2, 1, &plain, &noisy, 0, &count, error));
  REFUSES(SNN_ERROR_ARGUMENT, "module", snn_module_monte_carlo(NULL, &x, 1, 2, 1, &plain, &noisy, 1, &count, error));
  snn_module_set_noise(NULL, true);
  snn_tensor_release(x), snn_tensor_release(mean), snn_tensor_release(variance), snn_tensor_release(counter),
      snn_tensor_release(plain), snn_tensor_release(noisy);
  snn_module_release(parts[0]), snn_module_release(parts[1]), snn_module_release(model);
}

TEST(weights_computed_from_others) {
  snn_module* linear = LAYER("Linear", snn_int(3), snn_int(2));
  snn_tensor *x = MATRIX(1, 3, 1, 2, 3), *before = NULL, *after = NULL, *last = NULL;
  size_t count = 0;
  CHECK(snn_module_forward(linear, &x, 1, &before, 1, &count, NULL) == SNN_OK);
  snn_module* normed = LAYER("WeightNorm", snn_of_module(linear));
  const char* const names[] = {"bias", "weight_g", "weight_v"};
  CHECK(snn_module_state_count(normed) == 3);
  for (int32_t i = 0; i < 3; i++) {
    snn_state state;
    CHECK(snn_module_state_at(normed, i, &state, NULL) == SNN_OK && !strcmp(state.name, names[i]));
  }
  CHECK(snn_module_forward(normed, &x, 1, &after, 1, &count, NULL) == SNN_OK);
  CHECK(fabs(element(before, 1) - element(after, 1)) < 1e-5);
  snn_module* spectral = LAYER("SpectralNorm", snn_of_module(linear), snn_string("weight"), snn_int(5));
  CHECK(snn_module_forward(spectral, &x, 1, &last, 1, &count, NULL) == SNN_OK);
  snn_module* out = NULL;
  const snn_value bad[2] = {snn_of_module(linear), snn_string("depth")};
  REFUSES(SNN_ERROR_NAME, "depth", snn_module_new(snn_find(SNN_LAYERS, "WeightNorm"), bad, 2, &out, error));
  snn_tensor_release(x), snn_tensor_release(before), snn_tensor_release(after), snn_tensor_release(last);
  snn_module_release(linear), snn_module_release(normed), snn_module_release(spectral);
}

TEST(gradnorm_learns_its_weights) {
  snn_module* balance = LAYER("GradNorm", snn_int(2));
  snn_tensor *shared = VECTOR(3, 4), *results[2] = {NULL, NULL}, *weights = NULL, *slope = NULL;
  CHECK(snn_tensor_set_requires_grad(shared, true, NULL) == SNN_OK);
  snn_tensor* square = APPLY("square", snn_of(shared));
  snn_tensor* first = APPLY("sum", snn_of(square));
  snn_tensor* losses[2] = {first, APPLY("mul", snn_of(first), snn_float(3))};
  const snn_value given[2] = {snn_list(losses, 2), snn_list(&shared, 1)};
  size_t count = 0;
  CHECK(snn_module_call(balance, given, 2, results, 2, &count, NULL) == SNN_OK && count == 2);
  CHECK(fabs(item(results[0]) - 100) < 1e-4);
  CHECK(snn_backward(results[1], NULL, false, false, NULL) == SNN_OK);
  CHECK(snn_module_get(balance, "weights", &weights, NULL) == SNN_OK);
  CHECK(snn_tensor_gradient(weights, &slope, NULL) == SNN_OK && element(slope, 0) < 0 && element(slope, 1) > 0);
  CHECK(snn_backward(results[0], NULL, false, false, NULL) == SNN_OK);
  snn_tensor_release(shared), snn_tensor_release(square), snn_tensor_release(first), snn_tensor_release(losses[1]);
  snn_tensor_release(results[0]), snn_tensor_release(results[1]), snn_tensor_release(weights),
      snn_tensor_release(slope);
  snn_module_release(balance);
}

TEST(nothing_is_left) { CHECK(in_use() == 0); }
