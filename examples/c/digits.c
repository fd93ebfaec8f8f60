// Trains a classifier of handwritten digits. Usage: digits [--losses FILE]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "swiftnn_typed.h"

enum { COUNT = 1797, PIXELS = 64, TRAIN = 1438, EPOCHS = 30, BATCH = 32 };

static snn_error error;

// Every call of the library returns a status; here each failure ends the program with the message.
static void check(snn_status status) {
  if (status == SNN_OK) return;
  fprintf(stderr, "digits: %s\n", error.message);
  exit(1);
}

static void read_digits(const char *path, snn_tensor **images, snn_tensor **labels) {
  static unsigned char records[COUNT][PIXELS + 1];
  static float pixels[COUNT][PIXELS];
  static int64_t digits[COUNT];
  FILE *file = fopen(path, "rb");
  if (!file || fread(records, sizeof records, 1, file) != 1) {
    fprintf(stderr, "digits: cannot read %s\n", path);
    exit(1);
  }
  fclose(file);
  for (int i = 0; i < COUNT; i++) {
    for (int k = 0; k < PIXELS; k++) pixels[i][k] = (float)records[i][k] / 16;
    digits[i] = records[i][PIXELS];
  }
  check(snn_tensor_new(SNN_FLOAT32, 2, (int64_t[]){COUNT, PIXELS}, pixels, images, &error));
  check(snn_tensor_new(SNN_INT64, 1, (int64_t[]){COUNT}, digits, labels, &error));
}

static snn_module *make_model(void) {
  snn_module *layers[4], *model;
  check(snn_new_linear(PIXELS, 128, NULL, &layers[0], &error));
  check(snn_new_relu(NULL, &layers[1], &error));
  check(snn_new_dropout(&(snn_new_dropout_options){.p = snn_float(0.1)}, &layers[2], &error));
  check(snn_new_linear(128, 10, NULL, &layers[3], &error));
  check(snn_new_sequential(layers, 4, &model, &error));
  for (int i = 0; i < 4; i++) snn_module_release(layers[i]);
  return model;
}

// images[order[start:end]] and the labels likewise.
static void pick(snn_tensor *images, snn_tensor *labels, snn_tensor *order, int64_t start, int64_t end, snn_tensor **x,
                 snn_tensor **y) {
  snn_tensor *rows;
  check(snn_narrow(order, 0, start, end - start, &rows, &error));
  check(snn_index_select(images, 0, rows, x, &error));
  check(snn_index_select(labels, 0, rows, y, &error));
  snn_tensor_release(rows);
}

static double train_step(snn_module *model, snn_optimizer *optimizer, snn_tensor *x, snn_tensor *y) {
  snn_tensor *scores, *loss;
  double value;
  check(snn_module_forward(model, &x, 1, &scores, 1, NULL, &error));
  check(snn_cross_entropy(scores, y, NULL, &loss, &error));
  snn_optimizer_zero_grad(optimizer);
  check(snn_backward(loss, NULL, false, false, &error));
  check(snn_optimizer_step(optimizer, &error));
  check(snn_tensor_item(loss, &value, &error));
  snn_tensor_release(scores);
  snn_tensor_release(loss);
  return value;
}

static double accuracy(snn_module *model, snn_tensor *x, snn_tensor *y) {
  snn_tensor *scores, *guess, *hit, *hits;
  int64_t count;
  const bool before = snn_set_grad_enabled(false);
  snn_module_train(model, false);
  check(snn_module_forward(model, &x, 1, &scores, 1, NULL, &error));
  check(snn_argmax(scores, &(snn_argmax_options){.dim = snn_int(1)}, &guess, &error));
  check(snn_eq(guess, snn_of(y), &hit, &error));
  check(snn_sum(hit, NULL, &hits, &error));
  check(snn_tensor_item_int(hits, &count, &error));
  snn_module_train(model, true);
  snn_set_grad_enabled(before);
  snn_tensor *all[] = {scores, guess, hit, hits};
  for (int i = 0; i < 4; i++) snn_tensor_release(all[i]);
  return (double)count / (double)snn_tensor_count(y);
}

static void show(int epoch, double loss, double accuracy) {
  static const char bar[] = "##############################";
  const bool terminal = isatty(STDOUT_FILENO);
  const int done = 30 * epoch / EPOCHS;
  printf("%sC       epoch %2d/%d [%.*s%*s] loss %.4f  held-out %.2f %%%s", terminal ? "\r" : "", epoch, EPOCHS, done,
         bar, 30 - done, "", loss, 100 * accuracy, terminal && epoch < EPOCHS ? "" : "\n");
  fflush(stdout);
}

int main(int argc, char **argv) {
  FILE *losses = argc == 3 && strcmp(argv[1], "--losses") == 0 ? fopen(argv[2], "w") : NULL;
  snn_tensor *images, *labels, *order, *test_x, *test_y, *train_order, *parameters[4];
  snn_optimizer *optimizer;
  double held_out = 0;
  read_digits(getenv("DIGITS") ? getenv("DIGITS") : "examples/data/digits.bin", &images, &labels);
  snn_generator_seed(NULL, 1);
  snn_module *model = make_model();
  for (int i = 0; i < 4; i++) {
    snn_state state;
    check(snn_module_state_at(model, i, &state, &error));
    parameters[i] = state.tensor;
  }
  check(snn_new_adam(parameters, 4, &(snn_new_adam_options){.lr = snn_float(0.002)}, &optimizer, &error));
  check(snn_randperm(COUNT, NULL, &order, &error));
  pick(images, labels, order, TRAIN, COUNT, &test_x, &test_y);
  check(snn_narrow(order, 0, 0, TRAIN, &train_order, &error));
  for (int epoch = 1; epoch <= EPOCHS; epoch++) {
    snn_tensor *shuffle, *epoch_order;
    double total = 0;
    check(snn_randperm(TRAIN, NULL, &shuffle, &error));
    check(snn_index_select(train_order, 0, shuffle, &epoch_order, &error));
    for (int64_t start = 0; start < TRAIN; start += BATCH) {
      const int64_t end = start + BATCH < TRAIN ? start + BATCH : TRAIN;
      snn_tensor *x, *y;
      pick(images, labels, epoch_order, start, end, &x, &y);
      total += train_step(model, optimizer, x, y) * (double)(end - start);
      snn_tensor_release(x);
      snn_tensor_release(y);
    }
    snn_tensor_release(shuffle);
    snn_tensor_release(epoch_order);
    held_out = accuracy(model, test_x, test_y);
    show(epoch, total / TRAIN, held_out);
    if (losses) {
      uint64_t bits;
      total /= TRAIN;
      memcpy(&bits, &total, sizeof bits);
      fprintf(losses, "%d %016llx %.6f\n", epoch, (unsigned long long)bits, held_out);
    }
  }
  if (losses) fclose(losses);
  snn_tensor *tensors[] = {images, labels, order, test_x, test_y, train_order};
  for (int i = 0; i < 6; i++) snn_tensor_release(tensors[i]);
  snn_optimizer_release(optimizer);
  snn_module_release(model);
  return held_out > 0.96 ? 0 : 1;
}
