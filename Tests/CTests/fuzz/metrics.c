// Random calls on metrics.
#include "fuzz.h"

enum { METRICS = 8, MOST_ARGUMENTS = 64, ROOM = 8 };
static snn_metric* metrics[METRICS];

static snn_metric* any_metric(void) { return metrics[below(METRICS)]; }

void drop_metrics(void) {
  for (int i = 0; i < METRICS; i++) {
    snn_metric_release(metrics[i]);
    metrics[i] = NULL;
  }
}

static void make_metric(void) {
  int32_t id = (int32_t)below((uint64_t)snn_entry_count(SNN_METRICS));
  const snn_entry* entry = snn_entry_at(SNN_METRICS, id);
  snn_value arguments[MOST_ARGUMENTS];
  size_t count = chance(30) ? 0 : random_arguments(entry, arguments);
  snn_metric* metric = MARK;
  snn_error error;
  CALL("snn_metric_new %s", entry->name);
  if (ended(
          snn_metric_new(chance(1) ? (int32_t)random_int() : id, arguments, count, chance(2) ? NULL : &metric, &error),
          &error)) {
    int slot = (int)below(METRICS);
    snn_metric_release(metrics[slot]);
    metrics[slot] = metric;
  } else if (metric != MARK) {
    WRONG("wrote a metric on failure");
  }
}

// Classes, or numbers between 0 and 1, that fit together.
static snn_tensor* fitting(bool whole, int32_t rank, const int64_t* sizes) {
  float floats[64];
  int64_t integers[64];
  for (int i = 0; i < 64; i++) {
    floats[i] = chance(1) ? (float)random_float() : (float)below(9) / 8;
    integers[i] = chance(1) ? random_int() : (int64_t)below(3) - chance(5);
  }
  snn_tensor* tensor = NULL;
  snn_tensor_new(whole ? SNN_INT64 : SNN_FLOAT32, rank, sizes, whole ? (void*)integers : floats, &tensor, NULL);
  return tensor;
}

static void update(snn_metric* metric) {
  const int64_t sizes[] = {(int64_t)below(7), 1 + (int64_t)below(3)};
  const int32_t rank = 1 + (int32_t)below(2);
  snn_tensor* outputs = fitting(chance(40), chance(50) ? 2 : rank, sizes);
  snn_tensor* targets = fitting(chance(70), rank, sizes);
  snn_tensor* weights = chance(70) ? NULL : fitting(chance(30), 1, sizes);
  snn_error error;
  CALL("snn_metric_update");
  ended(snn_metric_update(metric, chance(5) ? any_tensor() : outputs, chance(5) ? any_tensor() : targets,
                          chance(5) ? any_tensor() : weights, &error),
        &error);
  snn_tensor_release(outputs);
  snn_tensor_release(targets);
  snn_tensor_release(weights);
}

static void keep(snn_status status, const snn_error* error, snn_tensor** results, size_t count) {
  if (!ended(status, error)) return;
  for (size_t i = 0; i < count; i++) keep_tensor(results[i]);
}

void fuzz_metric(void) {
  snn_metric* metric = any_metric();
  snn_tensor* results[ROOM];
  size_t count = 0, room = chance(90) ? ROOM : below(3);
  snn_error error;
  snn_status status;
  forget_lists();
  switch (below(8)) {
    case 0:
    case 1:
      make_metric();
      break;
    case 2:
      CALL("snn_metric_compute");
      status = snn_metric_compute(metric, chance(2) ? NULL : results, room, &count, &error);
      keep(status, &error, results, count);
      break;
    case 3:
      CALL("snn_metric_gathered");
      status = snn_metric_gathered(metric, results, room, &count, &error);
      if (status == SNN_OK && chance(70)) {
        CALL("snn_metric_load");
        snn_metric_load(any_metric(), results, count, NULL);
      }
      keep(status, &error, results, count);
      break;
    case 4: {
      snn_tensor* given[] = {any_tensor(), any_tensor(), any_tensor()};
      CALL("snn_metric_load");
      ended(snn_metric_load(metric, given, below(4), &error), &error);
      break;
    }
    case 5:
      if (chance(20)) snn_metric_reset(metric);
      snn_metric_prefers_more(metric);
      if (snn_metric_retain(metric) != metric) WRONG("retain");
      snn_metric_release(metric);
      break;
    default:
      update(metric);
      break;
  }
}
