// A warm-up before a cosine, and gradients clipped on the way.
#include <stdio.h>

#include "swiftnn_typed.h"

#define TRY(call)                                     \
  if ((call) != SNN_OK) {                             \
    fprintf(stderr, "schedule: %s\n", error.message); \
    return 1;                                         \
  }

int main(void) {
  snn_error error;
  snn_tensor *weight, *square, *loss;
  snn_optimizer *optimizer;
  snn_schedule *cosine, *schedule;
  double rate;
  TRY(snn_tensor_new(SNN_FLOAT32, 1, (int64_t[]){2}, (float[]){3, -4}, &weight, &error));
  TRY(snn_tensor_set_requires_grad(weight, true, &error));
  TRY(snn_new_sgd(&weight, 1, &(snn_new_sgd_options){.lr = snn_float(0.1)}, &optimizer, &error));
  TRY(snn_square(weight, &square, &error));
  TRY(snn_sum(square, NULL, &loss, &error));
  TRY(snn_backward(loss, NULL, false, false, &error));
  TRY(snn_clip_norm(&weight, 1, 1.0, 2.0, true, NULL, &error));

  TRY(snn_new_cosineannealinglr(optimizer, 90, NULL, &cosine, &error));
  TRY(snn_schedule_warmup(cosine, 10, 0.01, false, &schedule, &error));
  for (int step = 0; step < 20; step++) {
    TRY(snn_optimizer_step(optimizer, &error));
    TRY(snn_schedule_step(schedule, &error));
  }
  TRY(snn_schedule_rates(schedule, &rate, 1, NULL, &error));
  printf("the rate behind 20 steps: %.4f\n", rate);

  snn_schedule_release(schedule);
  snn_schedule_release(cosine);
  snn_optimizer_release(optimizer);
  snn_tensor *all[] = {loss, square, weight};
  for (int i = 0; i < 3; i++) snn_tensor_release(all[i]);
  return 0;
}
