// Trains perceptrons on four small data sets of scikit-learn by fit, at least as well as scikit-learn's own.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "swiftnn_typed.h"

enum { HIDDEN = 32, EPOCHS = 40, BATCH = 32, MOST_EXAMPLES = 2000, MOST_COLUMNS = 128 };

// What scikit-learn's perceptron of the same size reaches on the same examples: examples/data/reference.py.
static const struct {
  const char *name;
  int classes;  // 0: a number
  double reference;
} problems[] = {{"wine", 3, 1.0}, {"breast_cancer", 2, 0.9561}, {"digits", 10, 0.9694}, {"diabetes", 0, 0.3954}};

static snn_error error;

static void check(snn_status status) {
  if (status == SNN_OK) return;
  fprintf(stderr, "fit: %s\n", error.message);
  exit(1);
}

// Features and targets of the rows of a table.
static void read_rows(const snn_csv *table, const int64_t *rows, size_t count, int classes, snn_tensor *parts[2]) {
  const int32_t last = snn_csv_column_count(table) - 1;
  int32_t columns[MOST_COLUMNS];
  for (int32_t i = 0; i < last; i++) columns[i] = i;
  check(snn_csv_rows(table, columns, (size_t)last, rows, count, SNN_FLOAT32, &parts[0], &error));
  check(snn_csv_rows(table, &last, 1, rows, count, classes > 0 ? SNN_INT64 : SNN_FLOAT32, &parts[1], &error));
  if (classes == 0) return;
  snn_tensor *column = parts[1];
  check(snn_reshape(column, &(int64_t){-1}, 1, &parts[1], &error));
  snn_tensor_release(column);
}

static void replace(snn_tensor **tensor, snn_transform *transform) {
  snn_tensor *old = *tensor;
  check(snn_transform_apply(transform, old, false, tensor, &error));
  snn_tensor_release(old);
}

static snn_loader *batches(snn_tensor *const *parts, bool shuffled) {
  snn_dataset *dataset;
  snn_loader *loader;
  check(snn_dataset_from_tensors(parts, 2, &dataset, &error));
  const snn_loader_options options = {sizeof options, .batch_size = shuffled ? BATCH : 256,
                                      .sampling = shuffled ? SNN_RANDOM : SNN_SEQUENTIAL, .seed = 1};
  check(snn_loader_new(dataset, &options, &loader, &error));
  snn_dataset_release(dataset);
  return loader;
}

static snn_module *perceptron(int64_t inputs, int64_t outputs) {
  snn_module *layers[3], *model;
  check(snn_new_linear(inputs, HIDDEN, NULL, &layers[0], &error));
  check(snn_new_relu(NULL, &layers[1], &error));
  check(snn_new_linear(HIDDEN, outputs, NULL, &layers[2], &error));
  check(snn_new_sequential(layers, 3, &model, &error));
  for (int i = 0; i < 3; i++) snn_module_release(layers[i]);
  return model;
}

// A trainer with the loss and the metrics of the problem.
static snn_trainer *trainer_of(snn_module *model, int classes) {
  snn_head *head;
  snn_module *loss;
  snn_optimizer *optimizer;
  snn_trainer *trainer;
  check(classes > 0 ? snn_new_multiclass(NULL, &head, &error) : snn_new_regression(&head, &error));
  check(snn_head_loss(head, &loss, &error));
  snn_tensor *parameters[4];
  for (int32_t i = 0; i < 4; i++) {
    snn_state state;
    check(snn_module_state_at(model, i, &state, &error));
    parameters[i] = state.tensor;
  }
  check(snn_new_adamw(parameters, 4, &(snn_new_adamw_options){.lr = snn_float(0.002)}, &optimizer, &error));
  check(snn_trainer_new(model, loss, optimizer, NULL, &trainer, &error));
  for (int32_t i = 0; i < snn_head_metric_count(head); i++) {
    const char *name;
    snn_metric *metric;
    check(snn_head_metric(head, i, &name, &metric, &error));
    check(snn_trainer_add_metric(trainer, name, metric, &error));
    snn_metric_release(metric);
  }
  snn_optimizer_release(optimizer), snn_module_release(loss), snn_head_release(head);
  return trainer;
}

// Accuracy, or R² of numbers, on a fifth of the examples.
static double score(const char *folder, const char *name, int classes) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s.csv", folder, name);
  snn_csv *table;
  check(snn_csv_open(&(snn_source){sizeof(snn_source), .path = path}, NULL, &table, &error));

  static int64_t labels[MOST_EXAMPLES], rows[MOST_EXAMPLES];
  const int64_t count = snn_csv_row_count(table);
  const int32_t target = snn_csv_column_count(table) - 1;
  if (classes > 0) {
    snn_tensor *column;
    check(snn_csv_matrix(table, &target, 1, 0, count, SNN_INT64, &column, &error));
    check(snn_tensor_read(column, SNN_INT64, labels, (size_t)count * sizeof *labels, &error));
    snn_tensor_release(column);
  }
  int64_t counts[2];
  check(snn_split_parts(count, (double[]){0.8, 0.2}, 2, classes > 0 ? labels : NULL, true, 42, rows, counts, &error));
  snn_tensor *train[2], *test[2];
  read_rows(table, rows, (size_t)counts[0], classes, train);
  read_rows(table, rows + counts[0], (size_t)counts[1], classes, test);

  for (int part = 0; part < (classes > 0 ? 1 : 2); part++) {
    snn_transform *scaler;
    check(snn_new_standardscaler(NULL, &scaler, &error));
    check(snn_transform_fit(scaler, train[part], false, &error));
    replace(&train[part], scaler), replace(&test[part], scaler);
    snn_transform_release(scaler);
  }

  snn_generator_seed(NULL, 1);
  snn_module *model = perceptron(target, classes > 0 ? classes : 1);
  snn_trainer *trainer = trainer_of(model, classes);
  snn_loader *training = batches(train, true), *testing = batches(test, false);
  check(snn_trainer_fit(trainer, training, NULL, EPOCHS, &error));
  double values[4];
  size_t found;
  check(snn_trainer_evaluate(trainer, testing, values, 4, &found, &error));

  snn_loader_release(training), snn_loader_release(testing);
  snn_trainer_release(trainer), snn_module_release(model), snn_csv_release(table);
  for (int i = 0; i < 2; i++) snn_tensor_release(train[i]), snn_tensor_release(test[i]);
  return values[found - 1];
}

int main(int argc, char **argv) {
  int failed = 0;
  for (size_t i = 0; i < sizeof problems / sizeof *problems; i++) {
    const double reached = score(argc > 1 ? argv[1] : "examples/data", problems[i].name, problems[i].classes);
    failed |= reached < problems[i].reference;
    printf("%-14s %s %.9f  scikit-learn %.4f\n", problems[i].name, problems[i].classes > 0 ? "accuracy" : "R2      ",
           reached, problems[i].reference);
  }
  return failed;
}
