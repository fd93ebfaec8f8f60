// Fits y = 3x + 2 by gradient descent: a whole training program in C.
#include <stdio.h>

#include "swiftnn_typed.h"

#define TRY(call)                                 \
  if ((call) != SNN_OK) {                         \
    fprintf(stderr, "line: %s\n", error.message); \
    return 1;                                     \
  }

int main(void) {
  float xs[100], ys[100];
  for (int i = 0; i < 100; i++) {
    xs[i] = (float)i / 50 - 1;
    ys[i] = 3 * xs[i] + 2;
  }
  snn_error error;
  snn_tensor *x, *y, *guess, *miss, *square, *loss, *weight, *bias;
  snn_module *line;
  snn_optimizer *optimizer;
  const int64_t column[] = {100, 1};
  TRY(snn_tensor_borrow(SNN_FLOAT32, 2, column, NULL, xs, NULL, NULL, &x, &error));
  TRY(snn_tensor_borrow(SNN_FLOAT32, 2, column, NULL, ys, NULL, NULL, &y, &error));
  TRY(snn_new_linear(1, 1, NULL, &line, &error));
  TRY(snn_module_get(line, "weight", &weight, &error));
  TRY(snn_module_get(line, "bias", &bias, &error));
  snn_tensor *parameters[] = {weight, bias};
  TRY(snn_new_sgd(parameters, 2, &(snn_new_sgd_options){.lr = snn_float(0.1), .momentum = snn_float(0.9)}, &optimizer,
                  &error));
  for (int step = 0; step < 200; step++) {
    TRY(snn_module_forward(line, &x, 1, &guess, 1, NULL, &error));
    TRY(snn_sub(guess, snn_of(y), NULL, &miss, &error));
    TRY(snn_square(miss, &square, &error));
    TRY(snn_mean(square, NULL, &loss, &error));
    snn_optimizer_zero_grad(optimizer);
    TRY(snn_backward(loss, NULL, false, false, &error));
    TRY(snn_optimizer_step(optimizer, &error));
    snn_tensor *all[] = {guess, miss, square, loss};
    for (int i = 0; i < 4; i++) snn_tensor_release(all[i]);
  }
  double slope, offset;
  TRY(snn_tensor_item(weight, &slope, &error));
  TRY(snn_tensor_item(bias, &offset, &error));
  printf("y = %.3f x + %.3f\n", slope, offset);
  snn_tensor *all[] = {x, y, weight, bias};
  for (int i = 0; i < 4; i++) snn_tensor_release(all[i]);
  snn_optimizer_release(optimizer);
  snn_module_release(line);
  return 0;
}
