// A small training, and a record of what is told of it, for the tests of the training loop.
#ifndef TRAINING_H
#define TRAINING_H

#include <unistd.h>

#include "support.h"
#include "swiftnn_typed.h"

#define DONE(call)                                                     \
  do {                                                                 \
    snn_error problem = {0, ""}, *error = &problem;                    \
    if ((call) != SNN_OK) CHECK_SAY("%s: %s", #call, problem.message); \
  } while (0)

enum { FEATURES = 4, HIDDEN = 16, CLASSES = 2, STATE = 4, MOST_WEIGHTS = 128 };

static char folder[64];  // of this program

static inline const char* path(const char* name) {
  static char text[4][128];
  static int next;
  char* out = text[next++ % 4];
  if (!*folder) {
    strcpy(folder, "/tmp/swiftnn-training-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
  }
  snprintf(out, sizeof text[0], "%s/%s", folder, name);
  return out;
}

static inline void remove_folder(void) {
  char command[96];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  if (*folder) CHECK(system(command) == 0);
}

// ---- What is trained

// Points in two clouds that overlap a little.
static inline snn_dataset* clouds(int64_t count, uint64_t seed) {
  float points[256 * FEATURES];
  int64_t labels[256];
  for (int64_t i = 0; i < count; i++) {
    labels[i] = i % 2;
    for (int k = 0; k < FEATURES; k++) {
      double noise = 0;
      for (int n = 0; n < 4; n++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        noise += (double)(seed >> 40) / (1 << 24) - 0.5;
      }
      points[i * FEATURES + k] = (float)(noise * 1.4 + (double)(labels[i] * 2 - 1));
    }
  }
  snn_tensor* parts[] = {made(SNN_FLOAT32, 2, (int64_t[]){count, FEATURES}, points),
                         made(SNN_INT64, 1, &count, labels)};
  snn_dataset* dataset = NULL;
  DONE(snn_dataset_from_tensors(parts, 2, &dataset, error));
  snn_tensor_release(parts[0]);
  snn_tensor_release(parts[1]);
  return dataset;
}

static inline snn_loader* loader_of(snn_dataset* dataset, int32_t workers) {
  snn_loader* loader = NULL;
  const snn_loader_options options = {
      .size = sizeof options, .batch_size = 8, .sampling = SNN_RANDOM, .seed = 5, .workers = workers};
  DONE(snn_loader_new(dataset, &options, &loader, error));
  snn_dataset_release(dataset);
  return loader;
}

static inline snn_module* network(double dropout) {
  const snn_new_dropout_options options = {.p = snn_float(dropout)};
  snn_module *parts[4] = {NULL}, *network = NULL;
  DONE(snn_new_linear(FEATURES, HIDDEN, NULL, &parts[0], error));
  DONE(snn_new_relu(NULL, &parts[1], error));
  DONE(snn_new_dropout(&options, &parts[2], error));
  DONE(snn_new_linear(HIDDEN, CLASSES, NULL, &parts[3], error));
  DONE(snn_new_sequential(parts, 4, &network, error));
  for (int i = 0; i < 4; i++) snn_module_release(parts[i]);
  return network;
}

static inline size_t parameters_of(snn_module* module, snn_tensor** parameters) {
  size_t count = 0;
  for (int32_t i = 0; i < snn_module_state_count(module); i++) {
    snn_state state;
    DONE(snn_module_state_at(module, i, &state, error));
    if (state.is_parameter) parameters[count++] = state.tensor;
  }
  return count;
}

typedef struct Training {
  snn_module *model, *loss;
  snn_optimizer* optimizer;
  snn_schedule* schedule;
  snn_metric* metric;
  snn_loader *training, *validation;
  snn_trainer* trainer;
} Training;

// Momentum, dropout, shuffling, a schedule and a metric.
static inline Training begun_with(const snn_trainer_options* options, int32_t workers) {
  Training all = {0};
  snn_generator_seed(NULL, 9);
  all.model = network(0.3);
  DONE(snn_new_crossentropyloss(NULL, &all.loss, error));
  snn_tensor* parameters[STATE];
  const size_t count = parameters_of(all.model, parameters);
  const snn_new_sgd_options momentum = {.lr = snn_float(0.05), .momentum = snn_float(0.9)};
  DONE(snn_new_sgd(parameters, count, &momentum, &all.optimizer, error));
  DONE(snn_new_steplr(all.optimizer, 3, &(snn_new_steplr_options){.gamma = snn_float(0.8)}, &all.schedule, error));
  DONE(snn_new_accuracy(NULL, &all.metric, error));
  all.training = loader_of(clouds(60, 3), workers);
  all.validation = loader_of(clouds(40, 4), 0);
  DONE(snn_trainer_new(all.model, all.loss, all.optimizer, options, &all.trainer, error));
  DONE(snn_trainer_set_schedule(all.trainer, all.schedule, false, error));
  DONE(snn_trainer_add_metric(all.trainer, "accuracy", all.metric, error));
  return all;
}

static inline Training begun(void) { return begun_with(NULL, 0); }

static inline void end(Training all) {
  snn_trainer_release(all.trainer);
  snn_loader_release(all.training);
  snn_loader_release(all.validation);
  snn_metric_release(all.metric);
  snn_schedule_release(all.schedule);
  snn_tensor* parameters[STATE];
  const size_t count = parameters_of(all.model, parameters);
  for (size_t i = 0; i < count; i++) snn_tensor_set_gradient(parameters[i], NULL, NULL);
  snn_optimizer_release(all.optimizer);
  snn_module_release(all.model);
  snn_module_release(all.loss);
}

typedef struct Bits {
  size_t count;
  float weights[MOST_WEIGHTS];
} Bits;

static inline Bits bits(snn_module* model) {
  Bits all;
  memset(&all, 0, sizeof all);
  snn_tensor* parameters[STATE];
  const size_t count = parameters_of(model, parameters);
  for (size_t i = 0; i < count; i++) {
    const size_t n = (size_t)snn_tensor_count(parameters[i]);
    CHECK(all.count + n <= MOST_WEIGHTS);
    DONE(snn_tensor_read(parameters[i], SNN_FLOAT32, all.weights + all.count, n * 4, error));
    all.count += n;
  }
  return all;
}

static inline bool same(Bits a, Bits b) { return a.count > 0 && memcmp(&a, &b, sizeof a) == 0; }

// A number of a row of the history; NAN where there is none.
static inline double measured(const Training* all, int64_t row, const char* name) {
  snn_history* history = NULL;
  DONE(snn_trainer_history(all->trainer, &history, error));
  snn_history_row found;
  double value = NAN;
  if (snn_history_at(history, row < 0 ? snn_history_count(history) + row : row, &found))
    for (size_t i = 0; i < found.count; i++)
      if (!strcmp(found.names[i], name)) value = found.values[i];
  snn_history_release(history);
  return value;
}

static inline bool same_history(const Training* a, const Training* b) {
  snn_history* histories[2] = {NULL};
  DONE(snn_trainer_history(a->trainer, &histories[0], error));
  DONE(snn_trainer_history(b->trainer, &histories[1], error));
  const int64_t count = snn_history_count(histories[0]);
  bool equal = count > 0 && count == snn_history_count(histories[1]);
  for (int64_t i = 0; equal && i < count; i++) {
    snn_history_row x, y;
    equal = snn_history_at(histories[0], i, &x) && snn_history_at(histories[1], i, &y) && x.epoch == y.epoch &&
            x.step == y.step && x.count == y.count && memcmp(x.values, y.values, x.count * sizeof(double)) == 0;
    for (size_t k = 0; equal && k < x.count; k++) equal = strcmp(x.names[k], y.names[k]) == 0;
  }
  snn_history_release(histories[0]);
  snn_history_release(histories[1]);
  return equal;
}

// ---- What is told

typedef struct Told {
  char text[4096];
  int64_t stop_at;  // the step behind which training is stopped
  int64_t fail_at;
  snn_trainer* trainer;
  int destroyed;
} Told;

static inline snn_status tell(void* user, const snn_training_event* event) {
  Told* told = user;
  CHECK(event->size == sizeof *event);
  char line[128];
  const char* name = event->text && strrchr(event->text, '/') ? strrchr(event->text, '/') + 1 : event->text;
  switch (event->kind) {
    case SNN_TRAINING_BEGAN:
      snprintf(line, sizeof line, "began %d;", (int)event->epochs);
      break;
    case SNN_EPOCH_BEGAN:
      snprintf(line, sizeof line, "epoch %d;", (int)event->epoch);
      break;
    case SNN_STEP_DONE:
      CHECK(event->batch_count == 8 && isfinite(event->loss));
      snprintf(line, sizeof line, "%d %d/%d;", (int)event->step, (int)event->batch, (int)event->examples);
      break;
    case SNN_EPOCH_DONE: {
      int length = snprintf(line, sizeof line, "done %d", (int)event->epoch);
      for (size_t i = 0; i < event->value_count; i++) {
        CHECK(isfinite(event->values[i]));
        length += snprintf(line + length, sizeof line - (size_t)length, " %s", event->names[i]);
      }
      strcat(line, ";");
      break;
    }
    case SNN_CHECKPOINT_SAVED:
      snprintf(line, sizeof line, "saved %s;", name);
      break;
    default:
      snprintf(line, sizeof line, "ended %s;", name);
  }
  strncat(told->text, line, sizeof told->text - strlen(told->text) - 1);
  const bool is_step = event->kind == SNN_STEP_DONE;
  if (is_step && event->step == told->stop_at) snn_trainer_stop(told->trainer);
  return is_step && event->step == told->fail_at ? -7 : SNN_OK;
}

static inline void destroy_told(void* user) { ((Told*)user)->destroyed++; }

static inline void listen(Training* all, Told* told) {
  told->trainer = all->trainer;
  DONE(snn_trainer_add_callback(all->trainer, tell, told, destroy_told, error));
}

#endif
