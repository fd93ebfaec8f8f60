// Trains a classifier of handwritten digits.
#include <stdio.h>
#include <stdlib.h>

#include "swiftnn_typed.h"

static snn_error error;

static void check(snn_status status) {
  if (status == SNN_OK) return;
  fprintf(stderr, "quickstart: %s\n", error.message);
  exit(1);
}

static void write_text(void *file, const char *text) { fputs(text, file); }

static snn_loader *batches(snn_dataset *digits, const int64_t *numbers, int64_t count, snn_sampling sampling) {
  snn_dataset *part;
  snn_loader *loader;
  check(snn_dataset_subset(digits, numbers, (size_t)count, &part, &error));
  const snn_loader_options options = {sizeof options, .batch_size = 32, .sampling = sampling};
  check(snn_loader_new(part, &options, &loader, &error));
  snn_dataset_release(part);
  return loader;
}

int main(void) {
  snn_csv *table;
  snn_tensor *parts[2], *pixels, *column;
  check(snn_csv_open(&(snn_source){sizeof(snn_source), .path = "examples/data/digits.csv"}, NULL, &table, &error));
  const int64_t count = snn_csv_row_count(table);
  int32_t columns[65];
  for (int32_t i = 0; i < 65; i++) columns[i] = i;
  check(snn_csv_matrix(table, columns, 64, 0, count, SNN_FLOAT32, &pixels, &error));
  check(snn_csv_matrix(table, columns + 64, 1, 0, count, SNN_INT64, &column, &error));
  check(snn_div(pixels, snn_float(16), NULL, &parts[0], &error));
  check(snn_reshape(column, &(int64_t){-1}, 1, &parts[1], &error));

  snn_dataset *digits;
  int64_t *numbers = malloc((size_t)count * sizeof *numbers), counts[3];
  check(snn_dataset_from_tensors(parts, 2, &digits, &error));
  check(snn_split_parts(count, NULL, 0, snn_tensor_data(parts[1]), true, 0, numbers, counts, &error));
  snn_loader *training = batches(digits, numbers, counts[0], SNN_RANDOM);
  snn_loader *validation = batches(digits, numbers + counts[0], counts[1], SNN_SEQUENTIAL);
  snn_loader *testing = batches(digits, numbers + counts[0] + counts[1], counts[2], SNN_SEQUENTIAL);

  snn_module *layers[4], *model, *loss;
  check(snn_new_linear(64, 128, NULL, &layers[0], &error));
  check(snn_new_relu(NULL, &layers[1], &error));
  check(snn_new_dropout(&(snn_new_dropout_options){.p = snn_float(0.1)}, &layers[2], &error));
  check(snn_new_linear(128, 10, NULL, &layers[3], &error));
  check(snn_new_sequential(layers, 4, &model, &error));
  snn_tensor *parameters[4];
  for (int i = 0; i < 4; i++)
    check(snn_module_get(layers[i / 2 * 3], i % 2 ? "bias" : "weight", &parameters[i], &error));

  snn_optimizer *optimizer;
  snn_metric *accuracy;
  snn_trainer *trainer;
  check(snn_new_adam(parameters, 4, &(snn_new_adam_options){.lr = snn_float(0.002)}, &optimizer, &error));
  check(snn_new_crossentropyloss(NULL, &loss, &error));
  check(snn_new_accuracy(NULL, &accuracy, &error));
  check(snn_trainer_new(model, loss, optimizer, NULL, &trainer, &error));
  check(snn_trainer_add_metric(trainer, "accuracy", accuracy, &error));
  check(snn_trainer_show_progress(trainer, write_text, stdout, 0, &error));
  check(snn_trainer_fit(trainer, training, validation, 20, &error));
  double values[2];
  check(snn_trainer_evaluate(trainer, testing, values, 2, NULL, &error));
  printf("loss %.4f, accuracy %.4f\n", values[0], values[1]);

  for (int i = 0; i < 4; i++) snn_module_release(layers[i]), snn_tensor_release(parameters[i]);
  snn_trainer_release(trainer), snn_metric_release(accuracy), snn_optimizer_release(optimizer);
  snn_module_release(loss), snn_module_release(model), snn_dataset_release(digits), snn_csv_release(table);
  snn_loader_release(training), snn_loader_release(validation), snn_loader_release(testing);
  snn_tensor_release(pixels), snn_tensor_release(column), snn_tensor_release(parts[0]), snn_tensor_release(parts[1]);
  free(numbers);
  return 0;
}
