// The examples of docs/c.md, run.
#include <stdio.h>
#include <string.h>

#include "swiftnn_typed.h"

int main(void) {
  snn_error error;
  snn_tensor *x, *weight, *y = NULL;
  snn_tensor_new(SNN_FLOAT32, 2, (int64_t[]){32, 780}, NULL, &x, &error);
  snn_tensor_new(SNN_FLOAT32, 2, (int64_t[]){10, 784}, NULL, &weight, &error);
  if (snn_linear(x, weight, NULL, &y, &error) != SNN_OK) fprintf(stderr, "%s\n", error.message);
  /* linear: expects 784 input features, got 780 (input of shape [32, 780]) */
  const bool told =
      strcmp(error.message, "linear: expects 784 input features, got 780 (input of shape [32, 780])") == 0;

  snn_sum(x, &(snn_sum_options){.dim = snn_int(1), .keepdim = snn_bool(true)}, &y, &error);
  const bool summed = snn_tensor_sizes(y)[0] == 32 && snn_tensor_sizes(y)[1] == 1;

  snn_module *layer;
  snn_optimizer *optimizer;
  snn_new_linear(784, 10, NULL, &layer, &error);
  const size_t count = (size_t)snn_module_state_count(layer);
  snn_tensor *parameters[2];
  for (int i = 0; i < 2; i++) {
    snn_state state;
    snn_module_state_at(layer, i, &state, &error);
    parameters[i] = state.tensor;
  }
  const snn_status made =
      snn_new_adam(parameters, count, &(snn_new_adam_options){.lr = snn_float(0.001)}, &optimizer, &error);

  snn_optimizer_release(optimizer);
  snn_module_release(layer);
  snn_tensor *tensors[] = {x, weight, y};
  for (int i = 0; i < 3; i++) snn_tensor_release(tensors[i]);
  return told && summed && made == SNN_OK ? 0 : 1;
}
