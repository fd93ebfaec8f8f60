// Every layer of the registry is made, called, differentiated and trained by a step.
#include <stdarg.h>

#include "support.h"

enum { MOST_ARGUMENTS = 24, MOST_INPUTS = 8, MOST_WORDS = 64 };

// A layer to make, and what to call it with.
typedef struct Setup {
  const snn_entry* entry;
  snn_value arguments[MOST_ARGUMENTS];
  int argument_count;
  snn_value inputs[MOST_INPUTS];
  int input_count;
  int64_t words[MOST_WORDS];  // the numbers of lists
  int word_count;
  bool is_untrained;  // its parameters learn by another result than the first
} Setup;

static void setup_layer(Setup* setup, const char* name) {
  memset(setup, 0, sizeof *setup);
  setup->entry = snn_entry_at(SNN_LAYERS, snn_find(SNN_LAYERS, name));
  if (setup->entry == NULL) CHECK_SAY("there is no layer %s", name);
}

// Lists are copied: those of a case live only as long as its line.
static snn_value kept(Setup* setup, snn_value value) {
  if (value.kind != SNN_KIND_INTS && value.kind != SNN_KIND_FLOATS) return value;
  int64_t* words = setup->words + setup->word_count;
  memcpy(words, value.as.ints, (size_t)value.count * 8);
  setup->word_count += value.count;
  value.as.ints = words;
  return value;
}

static void setup_argument(Setup* setup, snn_value value) {
  setup->arguments[setup->argument_count++] = kept(setup, value);
}

static void setup_option(Setup* setup, const char* name, snn_value value) {
  for (int32_t i = 0; setup->entry != NULL && i < setup->entry->field_count; i++) {
    if (strcmp(setup->entry->fields[i].name, name) != 0) continue;
    setup->arguments[i] = kept(setup, value);
    if (setup->argument_count <= i) setup->argument_count = i + 1;
    return;
  }
  CHECK_SAY("there is no option %s", name);
}

static void setup_value(Setup* setup, snn_value value) { setup->inputs[setup->input_count++] = kept(setup, value); }

static void sizes_from(va_list list, int32_t rank, int64_t* sizes, size_t* count) {
  *count = 1;
  for (int32_t i = 0; i < rank; i++) {
    sizes[i] = va_arg(list, int);
    *count *= (size_t)sizes[i];
  }
}

// An input of numbers between 0 and 1, which suit every layer.
static void setup_numbers(Setup* setup, int32_t rank, ...) {
  int64_t sizes[8];
  size_t count;
  va_list list;
  va_start(list, rank);
  sizes_from(list, rank, sizes, &count);
  va_end(list);
  float* data = malloc((count + 1) * sizeof *data);
  for (size_t i = 0; i < count; i++) data[i] = 0.1f + 0.8f * (float)((i * 61 % 97) / 97.0);
  setup_value(setup, snn_of(made(SNN_FLOAT32, rank, sizes, data)));
  free(data);
}

static void setup_given(Setup* setup, snn_dtype dtype, const void* data, int32_t rank, ...) {
  int64_t sizes[8];
  size_t count;
  va_list list;
  va_start(list, rank);
  sizes_from(list, rank, sizes, &count);
  va_end(list);
  setup_value(setup, snn_of(made(dtype, rank, sizes, data)));
}
#define setup_integers(setup, ...) setup_given(setup, SNN_INT64, __VA_ARGS__)
#define setup_truths(setup, ...) setup_given(setup, SNN_BOOL, __VA_ARGS__)

// The last inputs, which are tensors, as one list.
static void setup_list(Setup* setup, int count) {
  snn_tensor** tensors = (snn_tensor**)(setup->words + setup->word_count);
  setup->word_count += count;
  setup->input_count -= count;
  for (int i = 0; i < count; i++) tensors[i] = setup->inputs[setup->input_count + i].as.tensor;
  setup_value(setup, snn_list(tensors, count));
}

static void setup_release(Setup* setup) {
  for (int i = 0; i < setup->input_count; i++) {
    const snn_value* input = &setup->inputs[i];
    if (input->kind == SNN_KIND_TENSOR) snn_tensor_release(input->as.tensor);
    for (int k = 0; input->kind == SNN_KIND_TENSORS && k < input->count; k++) {
      snn_tensor_release((snn_tensor*)input->as.tensors[k]);
    }
  }
}

#include "layer_cases.inc"

enum { MOST_PARAMETERS = 32, MOST_RESULTS = 8 };

static int parameters_of(const snn_module* module, snn_tensor** parameters) {
  int count = 0;
  for (int32_t i = 0; i < snn_module_state_count(module); i++) {
    snn_state state;
    CHECK(snn_module_state_at(module, i, &state, NULL) == SNN_OK);
    if (state.is_parameter && state.tensor != NULL && count < MOST_PARAMETERS)
      parameters[count++] = (snn_tensor*)state.tensor;
  }
  return count;
}

// The first element of a tensor of any size.
static double first(const snn_tensor* tensor) {
  size_t count = tensor == NULL ? 0 : (size_t)snn_tensor_count(tensor);
  double* values = malloc((count + 1) * sizeof *values);
  bool is_read = count > 0 && snn_tensor_read(tensor, SNN_FLOAT64, values, count * 8, NULL) == SNN_OK;
  double value = is_read ? values[0] : NAN;
  free(values);
  return value;
}

static double first_slope(const snn_tensor* parameter) {
  snn_tensor* gradient = NULL;
  CHECK(snn_tensor_gradient(parameter, &gradient, NULL) == SNN_OK);
  double value = first(gradient);
  snn_tensor_release(gradient);
  return value;
}

// A step changes every parameter by its gradient, as exactly as float32 can.
static void train(const char* name, const snn_module* module, snn_tensor* loss) {
  snn_tensor* parameters[MOST_PARAMETERS];
  int count = parameters_of(module, parameters);
  if (count == 0) return;
  snn_error error = {0, ""};
  double before[MOST_PARAMETERS], slope[MOST_PARAMETERS];
  if (snn_backward(loss, NULL, false, false, &error) != SNN_OK) CHECK_SAY("%s: %s", name, error.message);
  for (int i = 0; i < count; i++) {
    before[i] = first(parameters[i]);
    slope[i] = first_slope(parameters[i]);
    if (isnan(slope[i])) CHECK_SAY("%s: parameter %d has no gradient", name, i);
  }
  snn_optimizer* sgd = NULL;
  const snn_value rate = snn_float(0.5);
  CHECK(snn_optimizer_new(snn_find(SNN_OPTIMIZERS, "SGD"), parameters, (size_t)count, &rate, 1, &sgd, NULL) == SNN_OK);
  CHECK(snn_optimizer_step(sgd, NULL) == SNN_OK);
  for (int i = 0; i < count; i++) {
    double expected = before[i] - 0.5 * slope[i];
    if (!(fabs(first(parameters[i]) - expected) <= 1e-6 * (1 + fabs(expected)))) CHECK_SAY("%s: did not step", name);
  }
  snn_optimizer_release(sgd);
}

static void try_layer(const Setup* setup) {
  const char* name = setup->entry->name;
  snn_error error = {0, ""};
  snn_module* module = NULL;
  if (snn_module_new(setup->entry->id, setup->arguments, (size_t)setup->argument_count, &module, &error) != SNN_OK) {
    CHECK_SAY("%s: %s", name, error.message);
    return;
  }
  for (int mode = 0; mode < 2; mode++) {
    snn_module_train(module, mode == 1);
    snn_tensor* results[MOST_RESULTS];
    size_t count = 0;
    if (snn_module_call(module, setup->inputs, (size_t)setup->input_count, results, MOST_RESULTS, &count, &error) !=
            SNN_OK ||
        count == 0) {
      CHECK_SAY("%s: %s", name, error.message);
      continue;
    }
    snn_tensor* loss = APPLY("sum", snn_of(results[0]));
    CHECK(isfinite(item(loss)));
    if (mode == 1 && !setup->is_untrained) train(name, module, loss);
    snn_tensor_release(loss);
    for (size_t i = 0; i < count; i++) snn_tensor_release(results[i]);
  }
  snn_module_release(module);
}

TEST(every_layer_is_made_called_and_trained) {
  uint64_t before = in_use();
  Setup setup;
  for (int number = 0; layer_case(number, &setup); number++) {
    if (setup.entry == NULL) continue;
    try_layer(&setup);
    setup_release(&setup);
  }
  CHECK(in_use() == before);
}

// A layer of layers has no line: what it is called with depends on them. Models have tests of their own.
TEST(every_layer_has_a_case) {
  for (int32_t id = 0; id < snn_entry_count(SNN_LAYERS); id++) {
    const snn_entry* entry = snn_entry_at(SNN_LAYERS, id);
    int32_t kind = entry->field_count > 0 ? entry->fields[0].kind : 0;
    bool known = kind == SNN_KIND_MODULE || kind == SNN_KIND_MODULES || strchr(entry->name, '.') != NULL;
    Setup setup;
    for (int number = 0; !known && layer_case(number, &setup); number++) {
      known = setup.entry == entry;
      setup_release(&setup);
    }
    if (!known) CHECK_SAY("%s has no case: add a line under Tests/Golden/layers", entry->name);
  }
}
