// Trains with checkpoints, and goes on from the last, whichever language left it: resume [FOLDER [EPOCHS]]. Ctrl-C ends
// it.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "swiftnn_typed.h"

enum { FEATURES = 13, PARAMETERS = 6 };

static snn_error error;
static snn_trainer *trainer;

static void check(snn_status status) {
  if (status == SNN_OK) return;
  fprintf(stderr, "resume: %s\n", error.message);
  exit(1);
}

static void stop(int signal_number) {
  (void)signal_number;
  snn_trainer_stop(trainer);
}

// Shuffled batches of wines with noise that differs from epoch to epoch.
static snn_loader *batches(void) {
  snn_csv *table;
  check(snn_csv_open(&(snn_source){sizeof(snn_source), .path = "examples/data/wine.csv"}, NULL, &table, &error));
  int32_t columns[FEATURES + 1];
  for (int32_t i = 0; i <= FEATURES; i++) columns[i] = i;
  snn_tensor *parts[2], *matrix, *column;
  check(snn_csv_matrix(table, columns, FEATURES, 0, -1, SNN_FLOAT32, &matrix, &error));
  check(snn_csv_matrix(table, columns + FEATURES, 1, 0, -1, SNN_INT64, &column, &error));
  check(snn_reshape(matrix, (int64_t[]){-1, 1, 1, FEATURES}, 4, &parts[0], &error));
  check(snn_reshape(column, (int64_t[]){-1}, 1, &parts[1], &error));

  snn_dataset *wines;
  snn_augmentation *noise;
  snn_loader *loader;
  check(snn_dataset_from_tensors(parts, 2, &wines, &error));
  check(snn_new_gaussiannoise(&(snn_new_gaussiannoise_options){.clip = snn_bool(false)}, &noise, &error));
  const snn_loader_options options = {sizeof options, .batch_size = 16,        .sampling = SNN_RANDOM,
                                      .seed = 3,      .augmentations = &noise, .augmentation_count = 1};
  check(snn_loader_new(wines, &options, &loader, &error));
  snn_tensor_release(matrix), snn_tensor_release(column), snn_tensor_release(parts[0]), snn_tensor_release(parts[1]);
  snn_augmentation_release(noise), snn_dataset_release(wines), snn_csv_release(table);
  return loader;
}

static snn_module *network(void) {
  snn_module *layers[5], *model;
  check(snn_new_flatten(NULL, &layers[0], &error));
  check(snn_new_batchnorm1d(FEATURES, NULL, &layers[1], &error));
  check(snn_new_linear(FEATURES, 16, NULL, &layers[2], &error));
  check(snn_new_dropout(&(snn_new_dropout_options){.p = snn_float(0.2)}, &layers[3], &error));
  check(snn_new_linear(16, 3, NULL, &layers[4], &error));
  check(snn_new_sequential(layers, 5, &model, &error));
  for (int i = 0; i < 5; i++) snn_module_release(layers[i]);
  return model;
}

int main(int argc, char **argv) {
  const char *folder = argc > 1 ? argv[1] : "build/resume";
  const int64_t epochs = argc > 2 ? atoi(argv[2]) : 100;
  char last[512], end[512];
  snprintf(last, sizeof last, "%s/last.safetensors", folder);
  snprintf(end, sizeof end, "%s/end.safetensors", folder);

  snn_generator_seed(NULL, 1);
  snn_module *model = network(), *loss;
  static const char *const names[PARAMETERS] = {"1.weight", "1.bias", "2.weight", "2.bias", "4.weight", "4.bias"};
  snn_tensor *parameters[PARAMETERS];
  for (int i = 0; i < PARAMETERS; i++) check(snn_module_get(model, names[i], &parameters[i], &error));
  snn_optimizer *optimizer;
  snn_schedule *schedule;
  const snn_new_sgd_options options = {.lr = snn_float(0.05), .momentum = snn_float(0.9)};
  check(snn_new_sgd(parameters, PARAMETERS, &options, &optimizer, &error));
  check(snn_new_cosineannealinglr(optimizer, 100, NULL, &schedule, &error));
  check(snn_new_crossentropyloss(NULL, &loss, &error));

  const snn_trainer_options saving = {sizeof saving, .folder = folder, .save_steps = 5};
  check(snn_trainer_new(model, loss, optimizer, &saving, &trainer, &error));
  check(snn_trainer_set_schedule(trainer, schedule, false, &error));
  snn_loader *loader = batches();
  if (access(last, F_OK) == 0) check(snn_trainer_load(trainer, loader, last, &error));
  printf("from epoch %d\n", (int)snn_trainer_epoch(trainer));
  fflush(stdout);
  signal(SIGINT, stop);
  check(snn_trainer_fit(trainer, loader, NULL, epochs, &error));
  printf("to epoch %d, step %d\n", (int)snn_trainer_epoch(trainer), (int)snn_trainer_step(trainer));
  check(snn_module_save(model, end, &error));

  for (int i = 0; i < PARAMETERS; i++) snn_tensor_release(parameters[i]);
  snn_trainer_release(trainer), snn_loader_release(loader), snn_schedule_release(schedule);
  snn_optimizer_release(optimizer), snn_module_release(loss), snn_module_release(model);
  return 0;
}
