// Gradients of each example, a derivative along a direction and a check of derivatives: the examples of docs/c.md.
#include <math.h>
#include <stdio.h>

#include "swiftnn_typed.h"

#define TRY(call)                                      \
  if ((call) != SNN_OK) {                              \
    fprintf(stderr, "functions: %s\n", error.message); \
    return 1;                                          \
  }

// The loss of one example, 0.5 * (row . weight - target)^2, written for one row and one target.
static snn_status loss_of_one(snn_tensor *row, snn_tensor *target, snn_tensor *weight, snn_tensor **out) {
  snn_tensor *guess = NULL, *miss = NULL, *square = NULL;
  snn_status status = snn_matmul(row, weight, &guess, NULL);
  if (status == SNN_OK) status = snn_sub(guess, snn_of(target), NULL, &miss, NULL);
  if (status == SNN_OK) status = snn_square(miss, &square, NULL);
  if (status == SNN_OK) status = snn_mul(square, snn_float(0.5), out, NULL);
  snn_tensor_release(guess);
  snn_tensor_release(miss);
  snn_tensor_release(square);
  return status;
}

static snn_status gradient_of_one(void *user, snn_tensor *const *inputs, size_t input_count, snn_tensor **outputs,
                                  size_t capacity, size_t *output_count) {
  snn_tensor *variable = NULL, *loss = NULL;
  snn_status status = snn_variable(user, &variable, NULL);
  if (status == SNN_OK) status = loss_of_one(inputs[0], inputs[1], variable, &loss);
  if (status == SNN_OK) status = snn_grad(&loss, 1, &variable, 1, NULL, false, false, false, outputs, NULL);
  *output_count = status == SNN_OK && input_count == 2 && capacity > 0 ? 1 : 0;
  snn_tensor_release(variable);
  snn_tensor_release(loss);
  return status;
}

static snn_status checked(void *user, snn_tensor *const *inputs, size_t input_count, snn_tensor **outputs,
                          size_t capacity, size_t *output_count) {
  (void)user;
  *output_count = input_count == 1 && capacity > 0 ? 1 : 0;
  return snn_sin(inputs[0], outputs, NULL);
}

int main(void) {
  snn_error error;
  snn_tensor *x, *targets, *weight, *gradients, *variable, *sine, *change, *point;
  const double rows[] = {1, 2, 3, 4, 5, 6}, wanted[] = {1, 0}, numbers[] = {0.5, -1, 2};
  TRY(snn_tensor_new(SNN_FLOAT64, 2, (int64_t[]){2, 3}, rows, &x, &error));
  TRY(snn_tensor_new(SNN_FLOAT64, 1, (int64_t[]){2}, wanted, &targets, &error));
  TRY(snn_tensor_new(SNN_FLOAT64, 1, (int64_t[]){3}, numbers, &weight, &error));

  snn_tensor *inputs[] = {x, targets};
  TRY(snn_vmap(gradient_of_one, weight, inputs, (int64_t[]){0, 0}, 2, NULL, SNN_RANDOMNESS_ERROR, 0, &gradients, 1,
               NULL, &error));
  double found[6];
  TRY(snn_tensor_read(gradients, SNN_FLOAT64, found, sizeof found, &error));
  for (int i = 0; i < 6; i++) {
    const double *row = rows + i / 3 * 3, guess = row[0] * 0.5 - row[1] + row[2] * 2;
    if (fabs(found[i] - (guess - wanted[i / 3]) * rows[i]) > 1e-12) return 1;
  }

  TRY(snn_variable(weight, &variable, &error));
  TRY(snn_sin(variable, &sine, &error));
  TRY(snn_jvp(&sine, 1, &variable, 1, &weight, false, &change, &error));
  TRY(snn_tensor_read(change, SNN_FLOAT64, found, 3 * sizeof *found, &error));
  for (int i = 0; i < 3; i++) {
    if (fabs(found[i] - cos(numbers[i]) * numbers[i]) > 1e-12) return 1;
  }

  TRY(snn_tensor_new(SNN_FLOAT64, 1, (int64_t[]){3}, numbers, &point, &error));
  TRY(snn_tensor_set_requires_grad(point, true, &error));
  TRY(snn_gradcheck(checked, NULL, &point, 1, NULL, &error));

  snn_tensor *all[] = {x, targets, weight, gradients, variable, sine, change, point};
  for (int i = 0; i < 8; i++) snn_tensor_release(all[i]);
  printf("gradients of each example, a direction and a check agree\n");
  return 0;
}
