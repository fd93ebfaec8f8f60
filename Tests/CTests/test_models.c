// Models by name: the layers inside of them, hooks around these, files.
#include <stdio.h>

#include "support.h"

// What a hook is to do, and what it has seen.
typedef struct Watch {
  int calls, freed;
  int64_t width;
  double factor;
  snn_status answer;
  snn_module* kept;
} Watch;

static snn_status watch(void* user, snn_module* layer, snn_tensor* const* inputs, size_t input_count,
                        snn_tensor** results, size_t capacity, size_t* result_count) {
  Watch* seen = user;
  seen->calls++;
  if (seen->kept == NULL) seen->kept = snn_module_retain(layer);
  if (seen->answer != SNN_OK) return seen->answer;
  snn_tensor* own = NULL;
  size_t count = 0;
  snn_status status = snn_module_forward(layer, inputs, input_count, &own, 1, &count, NULL);
  if (status != SNN_OK) return status;
  seen->width = snn_tensor_sizes(own)[snn_tensor_rank(own) - 1];
  CHECK(capacity >= 1 && count == 1);
  results[0] = APPLY("mul", snn_of(own), snn_float(seen->factor));
  *result_count = 1;
  snn_tensor_release(own);
  return SNN_OK;
}

static void forget(void* user) { ((Watch*)user)->freed++; }

static snn_tensor* images(int64_t channels) {
  static float numbers[2 * 28 * 28];
  for (int i = 0; i < 2 * 28 * 28; i++) numbers[i] = (float)(i % 17) / 17;
  return made(SNN_FLOAT32, 4, (const int64_t[]){1, channels, 28, 28}, numbers);
}

static snn_tensor* forward(snn_module* module, snn_tensor* x) {
  snn_tensor* y = NULL;
  size_t count = 0;
  CHECK(snn_module_forward(module, &x, 1, &y, 1, &count, NULL) == SNN_OK && count == 1);
  return y;
}

TEST(children_have_names_and_can_be_called) {
  snn_module *net = LAYER("models.LeNet", snn_int(3)), *child = NULL;
  CHECK(snn_module_child_count(net) == 7 && !strcmp(snn_module_child_name(net, 0), "conv1"));
  CHECK(snn_module_child_name(net, 7) == NULL && snn_module_child_name(net, -1) == NULL);
  CHECK(snn_module_child_count(NULL) == 0 && snn_module_child_name(NULL, 0) == NULL);
  CHECK(snn_module_child(net, "conv1", &child, NULL) == SNN_OK && !strcmp(snn_module_layer(child), "Conv2d"));
  snn_value value;
  CHECK(snn_module_argument(child, 1, &value, NULL) == SNN_OK && value.as.i == 6);
  snn_tensor *mine = NULL, *whole = NULL;
  CHECK(snn_module_get(child, "weight", &mine, NULL) == SNN_OK &&
        snn_module_get(net, "conv1.weight", &whole, NULL) == SNN_OK);
  CHECK(mine == whole);
  snn_tensor *x = images(1), *y = forward(child, x);
  CHECK(snn_tensor_sizes(y)[1] == 6);
  snn_tensor_release(mine), snn_tensor_release(whole), snn_tensor_release(x), snn_tensor_release(y);
  snn_module* none = NULL;
  REFUSES(SNN_ERROR_NAME, "conv9", snn_module_child(net, "conv9", &none, error));
  REFUSES(SNN_ERROR_NAME, "'conv1.'", snn_module_child(net, "conv1.", &none, error));
  REFUSES(SNN_ERROR_NAME, "''", snn_module_child(net, "", &none, error));
  REFUSES(SNN_ERROR_ARGUMENT, "name", snn_module_child(net, NULL, &none, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_module_child(net, "conv1", NULL, error));
  CHECK(none == NULL);
  snn_module_release(net);
  x = images(1), y = forward(child, x);  // it lives without the model
  snn_tensor_release(x), snn_tensor_release(y), snn_module_release(child);
}

TEST(hooks_stand_around_layers) {
  snn_module *net = LAYER("models.LeNet", snn_int(3)), *child = NULL;
  CHECK(snn_module_child(net, "fc2", &child, NULL) == SNN_OK);
  snn_tensor *x = images(1), *before = forward(net, x);
  Watch seen = {.factor = 0};
  int64_t id = 0;
  CHECK(snn_module_add_hook(child, watch, &seen, forget, &id, NULL) == SNN_OK);
  snn_tensor *y = forward(net, x), *bias = NULL;
  CHECK(seen.calls == 1 && seen.width == 84);
  CHECK(snn_module_get(net, "fc3.bias", &bias, NULL) == SNN_OK && element(y, 1) == element(bias, 1));
  snn_tensor_release(y), snn_tensor_release(bias);

  snn_tensor* none = NULL;
  REFUSES(SNN_ERROR_ARGUMENT, "while that runs", snn_module_forward(seen.kept, &x, 1, &none, 1, NULL, error));
  seen.answer = SNN_ERROR_DTYPE;
  REFUSES(SNN_ERROR_CALLBACK, "fc2: Linear: the hook returned status -3",
          snn_module_forward(net, &x, 1, &none, 1, NULL, error));
  seen.answer = SNN_OK;
  CHECK(none == NULL);

  CHECK(snn_module_remove_hook(child, id, NULL) == SNN_OK && seen.freed == 1);
  REFUSES(SNN_ERROR_ARGUMENT, "there is no hook", snn_module_remove_hook(child, id, error));
  y = forward(net, x);
  CHECK(element(y, 1) == element(before, 1));
  snn_tensor_release(x), snn_tensor_release(y), snn_tensor_release(before);

  REFUSES(SNN_ERROR_ARGUMENT, "module", snn_module_add_hook(NULL, watch, &seen, forget, &id, error));
  REFUSES(SNN_ERROR_ARGUMENT, "hook", snn_module_add_hook(net, NULL, &seen, forget, &id, error));
  CHECK(seen.freed == 1);
  CHECK(snn_module_add_hook(net, watch, &seen, forget, NULL, NULL) == SNN_OK);  // goes with the model
  snn_module_release(net), snn_module_release(child), snn_module_release(seen.kept);
  CHECK(seen.freed == 2);
}

TEST(mistakes_inside_of_a_hook_come_out_with_their_path) {
  snn_module *net = LAYER("models.LeNet", snn_int(3)), *child = NULL;
  CHECK(snn_module_child(net, "conv1", &child, NULL) == SNN_OK);
  Watch seen = {.factor = 1};
  CHECK(snn_module_add_hook(child, watch, &seen, NULL, NULL, NULL) == SNN_OK);
  snn_tensor *x = images(2), *y = NULL;
  REFUSES(SNN_ERROR_SHAPE, "conv1: conv2d:", snn_module_forward(net, &x, 1, &y, 1, NULL, error));
  snn_tensor_release(x);
  snn_module_release(seen.kept), snn_module_release(child), snn_module_release(net);
}

TEST(models_are_saved_and_loaded) {
  const char* path = "/tmp/swiftnn-test-models";
  snn_module *net = LAYER("models.LeNet", snn_int(3)), *other = LAYER("models.LeNet", snn_int(3));
  CHECK(snn_module_save(net, path, NULL) == SNN_OK);
  snn_archive* archive = NULL;
  CHECK(snn_archive_open(path, false, &archive, NULL) == SNN_OK);
  CHECK(snn_module_load(other, archive, NULL, 0, true, NULL, NULL, NULL) == SNN_OK);
  snn_tensor *x = images(1), *a = forward(net, x), *b = forward(other, x);
  for (int i = 0; i < 3; i++) CHECK(element(a, i) == element(b, i));
  snn_tensor_release(x), snn_tensor_release(a), snn_tensor_release(b);
  snn_archive_release(archive), snn_module_release(net), snn_module_release(other);
  remove(path);
}

TEST(nothing_is_left) { CHECK(in_use() == 0); }
