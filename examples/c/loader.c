// Reads batches of tensors in a seeded order, stops in the middle of an epoch and goes on from there.
#include <stdio.h>
#include <stdlib.h>

#include "swiftnn_typed.h"

enum { COUNT = 1000, WIDTH = 8 };

static snn_error error;

static void check(snn_status status) {
  if (status == SNN_OK) return;
  fprintf(stderr, "loader: %s\n", error.message);
  exit(1);
}

int main(void) {
  snn_tensor *tensors[2];
  snn_dataset *dataset, *training;
  check(snn_randn((int64_t[]){COUNT, WIDTH}, 2, NULL, &tensors[0], &error));
  check(snn_randint(0, 10, (int64_t[]){COUNT}, 1, NULL, &tensors[1], &error));
  check(snn_dataset_from_tensors(tensors, 2, &dataset, &error));

  static int64_t numbers[COUNT], counts[3];
  check(snn_split_parts(COUNT, NULL, 0, NULL, true, 42, numbers, counts, &error));
  check(snn_dataset_subset(dataset, numbers, (size_t)counts[0], &training, &error));

  snn_loader *loader, *resumed;
  snn_loader_options options = {sizeof options, .batch_size = 32, .sampling = SNN_RANDOM, .seed = 1, .workers = 2};
  check(snn_loader_new(training, &options, &loader, &error));
  char *position = NULL;
  for (int batch = 0; batch < 10; batch++) {
    snn_tensor *parts[2];
    size_t count;
    check(snn_loader_next(loader, parts, 2, &count, &error));
    for (size_t i = 0; i < count; i++) snn_tensor_release(parts[i]);
  }
  check(snn_loader_state(loader, &position, &error));

  check(snn_loader_new(training, &options, &resumed, &error));
  check(snn_loader_load_state(resumed, position, &error));
  int64_t left = 0;
  for (size_t count = 1; count > 0; left += count > 0) {
    snn_tensor *parts[2];
    check(snn_loader_next(resumed, parts, 2, &count, &error));
    for (size_t i = 0; i < count; i++) snn_tensor_release(parts[i]);
  }
  printf("%s and %lld batches more\n", position, (long long)left);
  snn_free(position);

  snn_loader_release(loader), snn_loader_release(resumed);
  snn_dataset_release(training), snn_dataset_release(dataset);
  for (int i = 0; i < 2; i++) snn_tensor_release(tensors[i]);
  return left == 15 ? 0 : 1;
}
