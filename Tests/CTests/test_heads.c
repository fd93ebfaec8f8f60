// Heads of the table give PyTorch's losses, gradients and predictions; what they hold, and their mistakes, from C.
#include "support.h"
#include "swiftnn_typed.h"

enum { MOST_OPTIONS = 8, MOST_NUMBERS = 64 };

typedef struct Run {
  const snn_entry* entry;
  snn_value options[MOST_OPTIONS];
  double numbers[MOST_OPTIONS][8];  // of lists
  snn_tensor *outputs, *targets;
} Run;

static void run_head(Run* run, const char* name) {
  memset(run, 0, sizeof *run);
  run->entry = snn_entry_at(SNN_HEADS, snn_find(SNN_HEADS, name));
  if (run->entry == NULL) CHECK_SAY("there is no head %s", name);
}

static void run_option(Run* run, const char* name, snn_value value) {
  for (int32_t i = 0; run->entry != NULL && i < run->entry->field_count; i++) {
    if (strcmp(run->entry->fields[i].name, name) != 0) continue;
    if (value.kind == SNN_KIND_FLOATS) {
      memcpy(run->numbers[i], value.as.floats, (size_t)value.count * 8);
      value.as.floats = run->numbers[i];
    }
    run->options[i] = value;
    return;
  }
  CHECK_SAY("there is no option %s", name);
}

static void run_outputs(Run* run, int32_t rank, const int64_t* sizes, const double* numbers) {
  run->outputs = learned(made(SNN_FLOAT64, rank, sizes, numbers));
}

static void run_targets(Run* run, snn_dtype dtype, int32_t rank, const int64_t* sizes, const double* numbers) {
  int64_t classes[MOST_NUMBERS], count = 1;
  for (int32_t i = 0; i < rank; i++) count *= sizes[i];
  for (int64_t i = 0; i < count; i++) classes[i] = (int64_t)numbers[i];
  run->targets = made(dtype, rank, sizes, dtype == SNN_INT64 ? (const void*)classes : numbers);
}

static void run_expect(Run* run, double expected, const double* gradient, const double* predictions) {
  if (run->entry == NULL) return;
  snn_head* head = NULL;
  snn_error error = {0, ""};
  if (snn_head_new(run->entry->id, run->options, (size_t)run->entry->field_count, &head, &error) != SNN_OK)
    CHECK_SAY("%s: %s", run->entry->name, error.message);
  snn_module *activation = NULL, *loss = NULL;
  CHECK(snn_head_activation(head, &activation, NULL) == SNN_OK && snn_head_loss(head, &loss, NULL) == SNN_OK);
  snn_head_release(head);
  snn_tensor *inputs[] = {run->outputs, run->targets}, *value = NULL, *given = NULL;
  if (snn_module_forward(loss, inputs, 2, &value, 1, NULL, &error) != SNN_OK)
    CHECK_SAY("%s: %s", run->entry->name, error.message);
  CHECK_CLOSE(item(value), expected, 1e-12 * fmax(fabs(expected), 1));
  CHECK(snn_backward(value, NULL, false, false, NULL) == SNN_OK);
  CHECK(snn_module_forward(activation, inputs, 1, &given, 1, NULL, NULL) == SNN_OK);
  for (int64_t i = 0; i < snn_tensor_count(run->outputs); i++) {
    CHECK_CLOSE(gradient_of(run->outputs, i), gradient[i], 1e-12 * fmax(fabs(gradient[i]), 1));
    CHECK_CLOSE(element(given, i), predictions[i], 1e-12 * fmax(fabs(predictions[i]), 1));
  }
  snn_tensor* all[] = {value, given, run->outputs, run->targets};
  for (size_t i = 0; i < COUNT(all); i++) snn_tensor_release(all[i]);
  snn_module_release(activation);
  snn_module_release(loss);
}

// Runs a case of the table; false behind the last.
static bool run_case(Run* run, int number) {
  switch (number) {
#include "head_cases.inc"
  }
  return false;
}

TEST(heads_of_the_table) {
  const uint64_t before = in_use();
  Run run;
  int count = 0;
  while (run_case(&run, count)) count++;
  CHECK(count >= 28 && in_use() == before);
}

TEST(metrics_of_heads) {
  snn_head* head = NULL;
  CHECK(snn_new_boundedregression(0, 1, NULL, &head, NULL) == SNN_OK && snn_head_metric_count(head) == 3);
  const char* name = NULL;
  snn_metric* metric = NULL;
  CHECK(snn_head_metric(head, 0, &name, &metric, NULL) == SNN_OK && strcmp(name, "mae") == 0);
  CHECK(snn_head_retain(head) == head);
  snn_head_release(head);
  snn_head_release(head);
  snn_tensor *outputs = MATRIX(2, 1, 0, 0), *targets = VECTOR(0.5f, 1), *result = NULL;
  CHECK(snn_metric_update(metric, outputs, targets, NULL, NULL) == SNN_OK);
  CHECK(snn_metric_compute(metric, &result, 1, NULL, NULL) == SNN_OK && item(result) == 0.25);
  snn_metric_release(metric);
  snn_tensor_release(outputs);
  snn_tensor_release(targets);
  snn_tensor_release(result);
}

TEST(mistakes) {
  snn_head *head = NULL, *other = NULL;
  snn_module* module = NULL;
  snn_metric* metric = NULL;
  REFUSES(SNN_ERROR_NAME, "number -1", snn_head_new(-1, NULL, 0, &other, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_head_new(0, NULL, 0, NULL, error));
  const snn_value wrong = snn_float(-1);
  REFUSES(SNN_ERROR_ARGUMENT, "pos_weight", snn_head_new(snn_find(SNN_HEADS, "Binary"), &wrong, 1, &other, error));
  CHECK(snn_new_binary(NULL, &head, NULL) == SNN_OK && other == NULL);
  REFUSES(SNN_ERROR_ARGUMENT, "head", snn_head_activation(NULL, &module, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_head_activation(head, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "head", snn_head_loss(NULL, &module, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_head_loss(head, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "head", snn_head_metric(NULL, 0, NULL, &metric, error));
  REFUSES(SNN_ERROR_INDEX, "1 metrics, got index 1", snn_head_metric(head, 1, NULL, &metric, error));
  REFUSES(SNN_ERROR_INDEX, "-1", snn_head_metric(head, -1, NULL, &metric, error));
  CHECK(snn_head_metric(head, 0, NULL, NULL, NULL) == SNN_OK);
  CHECK(snn_head_metric_count(NULL) == -1 && snn_head_retain(NULL) == NULL);
  CHECK(snn_head_loss(head, &module, NULL) == SNN_OK);
  snn_tensor *inputs[] = {MATRIX(2, 1, 1, 2), MATRIX(2, 2, 1, 1, 0, 0)}, *value = NULL;
  REFUSES(SNN_ERROR_SHAPE, "[2, 1] and targets of [2, 2]",
          snn_module_forward(module, inputs, 2, &value, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "got 1 tensors", snn_module_forward(module, inputs, 1, &value, 1, NULL, error));
  snn_tensor_release(inputs[0]);
  snn_tensor_release(inputs[1]);
  snn_module_release(module);
  snn_head_release(NULL);
  snn_head_release(head);
}
