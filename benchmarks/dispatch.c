// What a call costs beside its work: additions of 8 elements, gradients off and on. The least of several rounds.
#include <stdio.h>
#include <time.h>

#include "swiftnn_typed.h"

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(void) {
  enum { ROUNDS = 7, CALLS = 500000 };
  snn_error error;
  snn_tensor *a, *b, *sum;
  float data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  if (snn_tensor_new(SNN_FLOAT32, 1, (int64_t[]){8}, data, &a, &error) ||
      snn_tensor_new(SNN_FLOAT32, 1, (int64_t[]){8}, data, &b, &error)) {
    return 1;
  }
  for (int gradients = 0; gradients < 2; gradients++) {
    double least = 1;
    if (gradients && snn_tensor_set_requires_grad(a, true, &error)) return 1;
    for (int round = 0; round < ROUNDS; round++) {
      const double start = seconds();
      for (int i = 0; i < CALLS; i++) {
        if (snn_add(a, snn_of(b), NULL, &sum, &error)) return 1;
        snn_tensor_release(sum);
      }
      const double each = (seconds() - start) / CALLS;
      if (each < least) least = each;
    }
    printf("C       add of 8 elements, gradients %s: %.0f ns\n", gradients ? "on " : "off", 1e9 * least);
  }
  snn_tensor_release(a);
  snn_tensor_release(b);
  return 0;
}
