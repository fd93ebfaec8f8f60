// Metrics of the table give scikit-learn's numbers, at once and in parts; what is refused, and that nothing then
// changes.
#include "support.h"

enum { MOST_OPTIONS = 16, MOST_RESULTS = 8 };

typedef struct Array {
  snn_dtype dtype;
  int32_t rank;
  const int64_t* sizes;
  const void* values;
} Array;

typedef struct Set {
  const char* name;
  Array outputs, targets, weights;  // without weights, dtype 0
} Set;

static const Set sets[] = {
#define METRIC_SETS
#include "metric_cases.inc"
#undef METRIC_SETS
};

static struct {
  const snn_entry* entry;
  const Set* set;
  snn_value options[MOST_OPTIONS];
  snn_tensor *whole[MOST_RESULTS], *parts[MOST_RESULTS];
  size_t count, expected;
} run;

static void run_begin(const char* metric, const Set* set) {
  memset(&run, 0, sizeof run);
  run.entry = snn_entry_at(SNN_METRICS, snn_find(SNN_METRICS, metric));
  run.set = set;
  if (run.entry == NULL) CHECK_SAY("there is no metric %s", metric);
}

static void run_option(const char* name, snn_value value) {
  for (int32_t i = 0; run.entry != NULL && i < run.entry->field_count; i++) {
    if (strcmp(run.entry->fields[i].name, name) != 0) continue;
    run.options[i] = value;
    return;
  }
  CHECK_SAY("there is no option %s", name);
}

static snn_tensor* tensor_of(const Array* array) {
  return array->dtype == 0 ? NULL : made(array->dtype, array->rank, array->sizes, array->values);
}

static snn_metric* metric_of_run(void) {
  snn_metric* metric = NULL;
  snn_error error = {0, ""};
  if (snn_metric_new(run.entry->id, run.options, (size_t)run.entry->field_count, &metric, &error) != SNN_OK)
    CHECK_SAY("%s: %s", run.entry->name, error.message);
  return metric;
}

// Examples [first, end) of a tensor; NULL for NULL.
static snn_tensor* rows(const snn_tensor* tensor, int64_t first, int64_t end) {
  if (tensor == NULL) return NULL;
  snn_tensor* part = NULL;
  const snn_value arguments[] = {snn_of((snn_tensor*)tensor), snn_int(0), snn_int(first), snn_int(end - first)};
  CHECK(snn_apply(snn_find(SNN_OPERATIONS, "narrow"), arguments, 4, &part, 1, NULL, NULL) == SNN_OK);
  return part;
}

static void feed(snn_metric* metric, int64_t first, int64_t end) {
  snn_tensor* all[] = {tensor_of(&run.set->outputs), tensor_of(&run.set->targets), tensor_of(&run.set->weights)};
  snn_tensor* part[3];
  for (int i = 0; i < 3; i++) part[i] = rows(all[i], first, end);
  snn_error error = {0, ""};
  if (snn_metric_update(metric, part[0], part[1], part[2], &error) != SNN_OK)
    CHECK_SAY("%s of %s: %s", run.entry->name, run.set->name, error.message);
  for (int i = 0; i < 3; i++) {
    snn_tensor_release(part[i]);
    snn_tensor_release(all[i]);
  }
}

static void compute(void) {
  const int64_t n = run.set->targets.sizes[0];
  snn_metric *first = metric_of_run(), *second = metric_of_run();
  snn_error error = {0, ""};
  feed(first, 0, n);
  if (snn_metric_compute(first, run.whole, MOST_RESULTS, &run.count, &error) != SNN_OK)
    CHECK_SAY("%s of %s: %s", run.entry->name, run.set->name, error.message);
  // Half of the examples, and the rest in a metric that goes on from there.
  snn_metric_reset(first);
  feed(first, 0, n / 2);
  snn_tensor* gathered[MOST_RESULTS];
  size_t count = 0;
  CHECK(snn_metric_gathered(first, gathered, MOST_RESULTS, &count, NULL) == SNN_OK);
  CHECK(snn_metric_load(second, gathered, count, NULL) == SNN_OK);
  for (size_t i = 0; i < count; i++) snn_tensor_release(gathered[i]);
  feed(second, n / 2, n);
  CHECK(snn_metric_compute(second, run.parts, MOST_RESULTS, &count, NULL) == SNN_OK && count == run.count);
  snn_metric_release(first);
  snn_metric_release(second);
}

static void run_expect(size_t index, Array expected) {
  if (index == 0) compute();
  if (index >= run.count) {
    CHECK_SAY("%s of %s has %zu results", run.entry->name, run.set->name, run.count);
    return;
  }
  snn_tensor* wanted = tensor_of(&expected);
  const int64_t count = snn_tensor_count(wanted);
  double numbers[3][256];
  CHECK(snn_tensor_dtype(run.whole[index]) == expected.dtype && snn_tensor_count(run.whole[index]) == count);
  CHECK(count <= 256 && snn_tensor_read(wanted, SNN_FLOAT64, numbers[0], (size_t)count * 8, NULL) == SNN_OK);
  CHECK(snn_tensor_read(run.whole[index], SNN_FLOAT64, numbers[1], (size_t)count * 8, NULL) == SNN_OK);
  CHECK(snn_tensor_read(run.parts[index], SNN_FLOAT64, numbers[2], (size_t)count * 8, NULL) == SNN_OK);
  CHECK(memcmp(numbers[1], numbers[2], (size_t)count * 8) == 0);
  for (int64_t i = 0; i < count; i++) {
    const double a = numbers[1][i], b = numbers[0][i];
    if (!(a == b || (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-12 * fabs(b) + 1e-14))
      CHECK_SAY("%s of %s: result %zu has %.17g, not %.17g", run.entry->name, run.set->name, index, a, b);
  }
  snn_tensor_release(wanted);
  snn_tensor_release(run.whole[index]);
  snn_tensor_release(run.parts[index]);
}

static bool run_case(int number) {
  switch (number) {
#include "metric_cases.inc"
    default:
      return false;
  }
}

TEST(table) {
  const uint64_t before = in_use();
  int cases = 0;
  while (run_case(cases)) cases++;
  CHECK(cases > 300);
  CHECK(in_use() == before);
}

static snn_metric* new_metric(const char* name) {
  snn_metric* metric = NULL;
  CHECK(snn_metric_new(snn_find(SNN_METRICS, name), NULL, 0, &metric, NULL) == SNN_OK);
  return metric;
}

TEST(refusals) {
  const uint64_t before = in_use();
  snn_metric* metric = new_metric("Accuracy");
  snn_tensor *two = VECTOR(1, 0), *three = VECTOR(1, 0, 1), *broken = VECTOR(NAN, 1), *results[2];
  size_t count = 0;
  REFUSES(SNN_ERROR_NAME, "999", snn_metric_new(999, NULL, 0, &metric, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_metric_new(0, NULL, 0, NULL, error));
  const snn_value wrong[] = {snn_float(2)};
  REFUSES(SNN_ERROR_ARGUMENT, "threshold", snn_metric_new(0, wrong, 1, &metric, error));
  REFUSES(SNN_ERROR_ARGUMENT, "metric", snn_metric_update(NULL, two, two, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "outputs", snn_metric_update(metric, NULL, two, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "targets", snn_metric_update(metric, two, NULL, NULL, error));
  REFUSES(SNN_ERROR_SHAPE, "got [3]", snn_metric_update(metric, three, two, NULL, error));
  REFUSES(SNN_ERROR_SHAPE, "got [3]", snn_metric_update(metric, two, two, three, error));
  REFUSES(SNN_ERROR_ARGUMENT, "position 0", snn_metric_update(metric, broken, two, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "position 0", snn_metric_update(metric, two, two, broken, error));
  REFUSES(SNN_ERROR_ARGUMENT, "nothing to judge", snn_metric_compute(metric, results, 2, &count, error));
  CHECK(snn_metric_gathered(metric, NULL, 0, &count, NULL) == SNN_OK && count == 0);
  CHECK(snn_metric_update(metric, two, two, NULL, NULL) == SNN_OK);
  REFUSES(SNN_ERROR_CAPACITY, "room for 0", snn_metric_compute(metric, results, 0, &count, error));
  CHECK(count == 1);
  REFUSES(SNN_ERROR_ARGUMENT, "results", snn_metric_compute(metric, NULL, 1, &count, error));
  REFUSES(SNN_ERROR_ARGUMENT, "gathered", snn_metric_load(metric, &two, 1, error));
  REFUSES(SNN_ERROR_ARGUMENT, "gathered", snn_metric_load(metric, NULL, 1, error));
  CHECK(snn_metric_compute(metric, results, 2, NULL, NULL) == SNN_OK && item(results[0]) == 1);
  snn_tensor_release(results[0]);
  CHECK(snn_metric_prefers_more(metric) && !snn_metric_prefers_more(NULL));
  CHECK(snn_metric_retain(metric) == metric && snn_metric_retain(NULL) == NULL);
  snn_metric_release(metric);
  snn_metric_reset(metric);
  snn_metric_reset(NULL);
  REFUSES(SNN_ERROR_ARGUMENT, "nothing to judge", snn_metric_compute(metric, results, 2, &count, error));
  snn_metric_release(metric);
  snn_metric_release(NULL);
  snn_tensor_release(two);
  snn_tensor_release(three);
  snn_tensor_release(broken);
  CHECK(in_use() == before);
}
