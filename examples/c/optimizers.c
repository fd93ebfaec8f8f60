// Steps that take their gradient elsewhere, by a closure: the least of a sum of squares.
#include <stdio.h>
#include <stdlib.h>

#include "swiftnn_typed.h"

struct training {
  snn_tensor *parameter;
  snn_optimizer *optimizer;
};

static snn_status compute_loss(struct training *training, snn_tensor **loss) {
  snn_tensor *square = NULL;
  snn_status status = snn_square(training->parameter, &square, NULL);
  if (status == SNN_OK) status = snn_sum(square, NULL, loss, NULL);
  snn_tensor_release(square);
  return status;
}

static snn_status loss_of_model(void *user, snn_tensor **loss) {
  struct training *training = user;
  snn_optimizer_zero_grad(training->optimizer);
  const snn_status status = compute_loss(training, loss);
  return status == SNN_OK ? snn_backward(*loss, NULL, false, false, NULL) : status;
}

static void must(snn_status status, const snn_error *error) {
  if (status == SNN_OK) return;
  fprintf(stderr, "%s\n", error->message);
  exit(1);
}

int main(void) {
  snn_error error = {0};
  struct training training = {NULL, NULL};
  const float start[] = {1, -2, 3};
  const int64_t size = 3;
  must(snn_tensor_new(SNN_FLOAT32, 1, &size, start, &training.parameter, &error), &error);
  must(snn_tensor_set_requires_grad(training.parameter, true, &error), &error);
  snn_optimizer *optimizer = NULL;
  must(snn_new_sgd(&training.parameter, 1, &(snn_new_sgd_options){.lr = snn_float(0.1)}, &optimizer, &error), &error);
  training.optimizer = optimizer;
  snn_wrap_sam(optimizer, &(snn_wrap_sam_options){.rho = snn_float(0.05)}, &error);
  double value = 0;
  for (int step = 0; step < 20; step++) {
    snn_tensor *loss = NULL;
    snn_optimizer_step_closure(optimizer, loss_of_model, &training, &loss, &error);
    must(snn_tensor_item(loss, &value, &error), &error);
    snn_tensor_release(loss);
  }
  printf("the loss is %.4f\n", value);
  snn_optimizer_release(optimizer);
  snn_tensor_release(training.parameter);
  return value < 0.1 ? 0 : 1;
}
