// The generated header: the same results as by name, with options left out, given in part and wrong.
#include "support.h"
#include "swiftnn_typed.h"

TEST(no_options_are_the_defaults) {
  snn_tensor *x = MATRIX(2, 3, 1, 2, 3, 4, 5, 6), *typed = NULL, *named = APPLY("sum", snn_of(x));
  CHECK(snn_sum(x, NULL, &typed, NULL) == SNN_OK && item(typed) == item(named) && item(typed) == 21);
  snn_tensor_release(typed);
  CHECK(snn_sum(x, &(snn_sum_options){0}, &typed, NULL) == SNN_OK && item(typed) == 21);
  snn_tensor_release(typed);
  CHECK(snn_sum(x, &(snn_sum_options){.dim = snn_int(1), .keepdim = snn_bool(true)}, &typed, NULL) == SNN_OK);
  CHECK(snn_tensor_rank(typed) == 2 && element(typed, 1) == 15);
  snn_tensor_release(typed), snn_tensor_release(named), snn_tensor_release(x);
}

TEST(tensors_and_numbers_as_operands) {
  snn_tensor *x = VECTOR(1, 2), *y = NULL;
  CHECK(snn_add(x, snn_float(0.5), &(snn_add_options){.alpha = snn_int(2)}, &y, NULL) == SNN_OK && element(y, 1) == 3);
  snn_tensor_release(y);
  CHECK(snn_add(x, snn_of(x), NULL, &y, NULL) == SNN_OK && element(y, 1) == 4);
  snn_tensor_release(y), snn_tensor_release(x);
}

TEST(mistakes_are_reported_alike) {
  snn_tensor *x = VECTOR(1, 2), *out = NULL;
  REFUSES(SNN_ERROR_ARGUMENT, "gelu",
          snn_gelu(x, &(snn_gelu_options){.approximate = snn_string("cubic")}, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "gelu", snn_gelu(NULL, NULL, &out, error));
  CHECK(out == NULL);
  snn_tensor_release(x);
}

TEST(a_classifier_learns) {
  snn_module* model = NULL;
  snn_optimizer* sgd = NULL;
  snn_tensor *x = MATRIX(4, 2, 0, 0, 0, 1, 1, 0, 1, 1), *parameters[2] = {NULL, NULL};
  snn_tensor* target = made(SNN_INT64, 1, (const int64_t[]){4}, (const int64_t[]){0, 1, 1, 1});
  snn_generator_seed(NULL, 0);
  CHECK(snn_new_linear(2, 2, NULL, &model, NULL) == SNN_OK);
  CHECK(snn_module_get(model, "weight", &parameters[0], NULL) == SNN_OK);
  CHECK(snn_module_get(model, "bias", &parameters[1], NULL) == SNN_OK);
  CHECK(snn_new_sgd(parameters, 2, &(snn_new_sgd_options){.lr = snn_float(1)}, &sgd, NULL) == SNN_OK);
  double first = 0, last = 0;
  for (int i = 0; i < 100; i++) {
    snn_tensor *scores = NULL, *loss = NULL;
    snn_optimizer_zero_grad(sgd);
    CHECK(snn_module_forward(model, &x, 1, &scores, 1, NULL, NULL) == SNN_OK);
    CHECK(snn_cross_entropy(scores, target, NULL, &loss, NULL) == SNN_OK);
    CHECK(snn_backward(loss, NULL, false, false, NULL) == SNN_OK && snn_optimizer_step(sgd, NULL) == SNN_OK);
    last = item(loss);
    if (i == 0) first = last;
    snn_tensor_release(scores), snn_tensor_release(loss);
  }
  CHECK(last < first / 4);
  snn_optimizer_release(sgd), snn_module_release(model);
  snn_tensor_release(x), snn_tensor_release(target), snn_tensor_release(parameters[0]),
      snn_tensor_release(parameters[1]);
}

TEST(nothing_is_left) { CHECK(in_use() == 0); }
