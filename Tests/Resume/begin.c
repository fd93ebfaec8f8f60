// Trains for 37 of 100 epochs and leaves a checkpoint, from which continue.py goes on: begin FOLDER.
#include <stdio.h>
#include <stdlib.h>

#include "swiftnn_typed.h"

static snn_error error;

static void check(snn_status status) {
  if (status == SNN_OK) return;
  fprintf(stderr, "begin: %s\n", error.message);
  exit(1);
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  snn_csv* table;
  check(snn_csv_open(&(snn_source){sizeof(snn_source), .path = "examples/data/wine.csv"}, NULL, &table, &error));
  int32_t columns[14];
  for (int32_t i = 0; i < 14; i++) columns[i] = i;
  snn_tensor *parts[2], *matrix, *column;
  const int64_t count = snn_csv_row_count(table);
  check(snn_csv_matrix(table, columns, 13, 0, count, SNN_FLOAT32, &matrix, &error));
  check(snn_reshape(matrix, (int64_t[]){-1, 1, 1, 13}, 4, &parts[0], &error));
  check(snn_csv_matrix(table, columns + 13, 1, 0, count, SNN_INT64, &column, &error));
  check(snn_reshape(column, &(int64_t){-1}, 1, &parts[1], &error));

  snn_dataset* dataset;
  snn_loader* loader;
  snn_augmentation* noise;
  check(snn_dataset_from_tensors(parts, 2, &dataset, &error));
  check(snn_new_gaussiannoise(&(snn_new_gaussiannoise_options){.clip = snn_bool(false)}, &noise, &error));
  const snn_loader_options options = {sizeof options, .batch_size = 16,        .sampling = SNN_RANDOM,
                                      .seed = 3,      .augmentations = &noise, .augmentation_count = 1};
  check(snn_loader_new(dataset, &options, &loader, &error));

  snn_generator_seed(NULL, 1);
  snn_module *layers[5], *model, *loss;
  check(snn_new_flatten(NULL, &layers[0], &error));
  check(snn_new_batchnorm1d(13, NULL, &layers[1], &error));
  check(snn_new_linear(13, 16, NULL, &layers[2], &error));
  check(snn_new_dropout(&(snn_new_dropout_options){.p = snn_float(0.2)}, &layers[3], &error));
  check(snn_new_linear(16, 3, NULL, &layers[4], &error));
  check(snn_new_sequential(layers, 5, &model, &error));
  check(snn_new_crossentropyloss(NULL, &loss, &error));
  static const char* const names[] = {"1.weight", "1.bias", "2.weight", "2.bias", "4.weight", "4.bias"};
  snn_tensor* parameters[6];
  for (int i = 0; i < 6; i++) check(snn_module_get(model, names[i], &parameters[i], &error));
  snn_optimizer* optimizer;
  check(snn_new_sgd(parameters, 6, &(snn_new_sgd_options){.lr = snn_float(0.05), .momentum = snn_float(0.9)},
                    &optimizer, &error));
  snn_schedule* schedule;
  check(snn_new_cosineannealinglr(optimizer, 100, NULL, &schedule, &error));
  snn_trainer* trainer;
  check(snn_trainer_new(model, loss, optimizer, &(snn_trainer_options){sizeof(snn_trainer_options), .folder = argv[1]},
                        &trainer, &error));
  check(snn_trainer_set_schedule(trainer, schedule, false, &error));
  check(snn_trainer_fit(trainer, loader, NULL, 37, &error));
  return 0;
}
