// Random trainers: models, losses, optimizers and data of all kinds, with random options and checkpoints that are
// broken.
#include <math.h>
#include <unistd.h>

#include "fuzz.h"

enum { TRAINERS = 3, MOST_ARGUMENTS = 64, MOST_PARAMETERS = 16, MOST_EVENTS = 24, MOST_ROOM = 4 };

typedef struct Training {
  snn_trainer* trainer;
  snn_module* model;
  snn_optimizer* optimizer;
  snn_loader* loader;
  int events;  // of the call of snn_trainer_fit that goes on
} Training;
static Training trainings[TRAINERS];

// A graph of gradients that belong to their own parameters would keep itself alive.
static void clear_gradients(snn_module* module) {
  for (int32_t i = 0; i < snn_module_state_count(module); i++) {
    snn_state state;
    if (snn_module_state_at(module, i, &state, NULL) == SNN_OK) snn_tensor_set_gradient(state.tensor, NULL, NULL);
  }
}

static void drop_training(Training* all) {
  snn_trainer_release(all->trainer);
  clear_gradients(all->model);
  snn_loader_release(all->loader);
  snn_optimizer_release(all->optimizer);
  snn_module_release(all->model);
  *all = (Training){0};
}

static const char* file_name(void) {
  static char name[64];
  snprintf(name, sizeof name, "/tmp/swiftnn-fuzz-%d.safetensors", (int)getpid());
  return name;
}

void drop_trainers(void) {
  for (int i = 0; i < TRAINERS; i++) drop_training(&trainings[i]);
  unlink(file_name());
}

// ---- Making one

// Numbers that are mostly those of a small problem: inputs (n, 4), and classes or numbers.
static snn_loader* random_loader(void) {
  const int64_t n = (int64_t)below(12), sizes[] = {n, 4}, narrow[] = {n, 1 + (int64_t)below(2)};
  float numbers[48];
  int64_t classes[12];
  for (int i = 0; i < 48; i++) numbers[i] = chance(99) ? (float)below(100) / 50 - 1 : (float)random_float();
  for (int i = 0; i < 12; i++) classes[i] = chance(99) ? (int64_t)below(2) : random_int();
  snn_tensor* parts[3] = {NULL};
  snn_tensor_new(SNN_FLOAT32, 2, sizes, numbers, &parts[0], NULL);
  if (chance(50))
    snn_tensor_new(SNN_INT64, 1, &n, classes, &parts[1], NULL);
  else
    snn_tensor_new(SNN_FLOAT32, 2, narrow, numbers, &parts[1], NULL);
  parts[2] = snn_tensor_retain(chance(5) ? any_tensor() : parts[0]);
  const size_t count = chance(90) ? 2 : 1 + below(3);
  snn_dataset* dataset = NULL;
  snn_loader* loader = NULL;
  snn_error error;
  CALL("snn_dataset_from_tensors");
  ended(snn_dataset_from_tensors(parts, count, &dataset, &error), &error);
  const snn_loader_options options = {.size = sizeof options,
                                      .batch_size = 1 + (int64_t)below(5),
                                      .sampling = (int32_t)below(3),
                                      .ending = (int32_t)below(3),
                                      .seed = draw(),
                                      .workers = chance(90) ? 0 : (int32_t)below(3)};
  CALL("snn_loader_new");
  ended(snn_loader_new(dataset, &options, &loader, &error), &error);
  snn_dataset_release(dataset);
  for (int i = 0; i < 3; i++) snn_tensor_release(parts[i]);
  return loader;
}

static snn_module* new_layer(const char* name, snn_value* arguments, size_t count) {
  snn_module* module = NULL;
  snn_error error;
  CALL("snn_module_new %s", name);
  ended(snn_module_new(snn_find(SNN_LAYERS, name), arguments, count, &module, &error), &error);
  return module;
}

static snn_module* random_model(void) {
  if (chance(10)) return snn_module_retain(any_module());
  static const char* const between[] = {"ReLU", "Dropout", "BatchNorm1d", "LayerNorm", "Tanh", "Identity"};
  const char* middle = between[below(6)];
  snn_value first[] = {snn_int(4), snn_int(3)}, width[] = {snn_int(3)}, last[] = {snn_int(3), snn_int(2)};
  const size_t count = strstr(middle, "Norm") ? 1 : 0;
  snn_module* parts[] = {new_layer("Linear", first, 2), new_layer(middle, width, count), new_layer("Linear", last, 2)};
  snn_value list = snn_modules(parts, 3);
  snn_module* model = new_layer("Sequential", &list, 1);
  for (int i = 0; i < 3; i++) snn_module_release(parts[i]);
  return model;
}

static snn_module* random_loss(void) {
  if (chance(5)) return snn_module_retain(any_module());
  if (chance(50)) return new_layer(chance(60) ? "CrossEntropyLoss" : "MSELoss", NULL, 0);
  const int32_t count = snn_entry_count(SNN_LAYERS);
  for (int tries = 0; tries < 200; tries++) {
    const snn_entry* entry = snn_entry_at(SNN_LAYERS, (int32_t)below((uint64_t)count));
    if (!strstr(entry->name, "Loss")) continue;
    snn_value arguments[MOST_ARGUMENTS];
    return new_layer(entry->name, arguments, chance(50) ? 0 : random_arguments(entry, arguments));
  }
  return NULL;
}

static snn_optimizer* random_optimizer(snn_module* model) {
  if (chance(5)) return snn_optimizer_retain(any_optimizer());
  snn_tensor* parameters[MOST_PARAMETERS];
  size_t count = 0;
  for (int32_t i = 0; i < snn_module_state_count(model) && count < MOST_PARAMETERS; i++) {
    snn_state state;
    snn_module_state_at(model, i, &state, NULL);
    if (state.is_parameter && state.tensor) parameters[count++] = state.tensor;
  }
  const int32_t id = (int32_t)below((uint64_t)snn_entry_count(SNN_OPTIMIZERS));
  snn_value arguments[MOST_ARGUMENTS];
  snn_optimizer* optimizer = NULL;
  snn_error error;
  CALL("snn_optimizer_new %s", snn_entry_at(SNN_OPTIMIZERS, id)->name);
  const size_t given = chance(60) ? 0 : random_arguments(snn_entry_at(SNN_OPTIMIZERS, id), arguments);
  ended(snn_optimizer_new(id, parameters, count, arguments, given, &optimizer, &error), &error);
  if (chance(20)) {
    const int32_t wrapper = (int32_t)below((uint64_t)snn_entry_count(SNN_WRAPPERS));
    CALL("snn_optimizer_wrap %s", snn_entry_at(SNN_WRAPPERS, wrapper)->name);
    ended(snn_optimizer_wrap(optimizer, wrapper, NULL, 0, &error), &error);
  }
  return optimizer;
}

static int64_t small(void) { return chance(90) ? (int64_t)below(3) : random_int(); }

static snn_trainer_options random_options(void) {
  static const char* const monitors[] = {"loss", "val_loss", "a", "no such"};
  static const char* const clips[] = {"norm", "value", "each", "adaptive", "no such"};
  static const char* const modes[] = {"min", "max", "no such"};
  return (snn_trainer_options){.size = sizeof(snn_trainer_options),
                               .inputs = chance(80) ? 0 : small(),
                               .accumulation = small(),
                               .monitor = chance(80) ? NULL : monitors[below(4)],
                               .mode = chance(80) ? NULL : modes[below(3)],
                               .restore_best = chance(30),
                               .clip = chance(60) ? NULL : clips[below(5)],
                               .clip_limit = chance(80) ? 0.5 : random_float(),
                               .clip_order = chance(80) ? 0 : random_float(),
                               .folder = chance(98) ? NULL : "/dev/null/folder",
                               .save_epochs = small(),
                               .save_steps = small(),
                               .keep_epochs = small(),
                               .without_best = chance(50)};
}

// Ends every training soon, and some with an error.
static snn_status listen(void* user, const snn_training_event* event) {
  Training* all = user;
  if (event->kind == SNN_TRAINING_BEGAN) all->events = 0;
  for (size_t i = 0; i < event->value_count; i++)
    if (strlen(event->names[i]) == 0) WRONG("a number without a name");
  if (++all->events >= MOST_EVENTS || chance(1)) snn_trainer_stop(all->trainer);
  if (all->events > 4 * MOST_EVENTS) WRONG("training does not stop");
  return chance(99) ? SNN_OK : -43;
}

static void make_trainer(void) {
  Training made = {.model = random_model(), .loader = random_loader()};
  made.optimizer = random_optimizer(made.model);
  snn_module* loss = random_loss();
  const snn_trainer_options options = random_options();
  snn_error error;
  Training* slot = &trainings[below(TRAINERS)];
  made.trainer = MARK;
  CALL("snn_trainer_new of %s", loss ? snn_module_layer(loss) : "NULL");
  if (ended(snn_trainer_new(made.model, loss, made.optimizer, chance(20) ? NULL : &options,
                            chance(1) ? NULL : &made.trainer, &error),
            &error)) {
    drop_training(slot);
    *slot = made;
    CALL("snn_trainer_add_callback");
    ended(snn_trainer_add_callback(slot->trainer, listen, slot, NULL, &error), &error);
  } else {
    if (made.trainer != MARK) WRONG("wrote a trainer on failure");
    made.trainer = NULL;
    drop_training(&made);
  }
  snn_module_release(loss);
}

// ---- Setting one up

static void add_part(Training* all) {
  snn_error error;
  snn_value arguments[MOST_ARGUMENTS];
  const char* name = chance(60) ? "a" : chance(98) ? random_name() : NULL;
  switch (below(4)) {
    case 0: {
      const int32_t id = (int32_t)below((uint64_t)snn_entry_count(SNN_SCHEDULES));
      snn_schedule* schedule = NULL;
      const size_t count = random_arguments(snn_entry_at(SNN_SCHEDULES, id), arguments);
      CALL("snn_schedule_new %s", snn_entry_at(SNN_SCHEDULES, id)->name);
      ended(snn_schedule_new(id, all->optimizer, arguments, count, &schedule, &error), &error);
      CALL("snn_trainer_set_schedule");
      ended(snn_trainer_set_schedule(all->trainer, schedule, chance(50), &error), &error);
      snn_schedule_release(schedule);
      break;
    }
    case 1: {
      const int32_t id = (int32_t)below((uint64_t)snn_entry_count(SNN_STOPPING_RULES));
      snn_stopping_rule* rule = NULL;
      CALL("snn_stopping_rule_new %s", snn_entry_at(SNN_STOPPING_RULES, id)->name);
      snn_value watched = snn_string("loss");
      ended(snn_stopping_rule_new(id, &watched, 1, &rule, &error), &error);
      CALL("snn_trainer_set_stopping");
      ended(snn_trainer_set_stopping(all->trainer, rule, &error), &error);
      snn_stopping_rule_release(rule);
      break;
    }
    case 2: {
      const int32_t id = (int32_t)below((uint64_t)snn_entry_count(SNN_METRICS));
      snn_metric* metric = NULL;
      CALL("snn_metric_new %s", snn_entry_at(SNN_METRICS, id)->name);
      ended(snn_metric_new(id, NULL, 0, &metric, &error), &error);
      CALL("snn_trainer_add_metric %s", snn_entry_at(SNN_METRICS, id)->name);
      if (chance(20)) ended(snn_trainer_add_metric(all->trainer, name, metric, &error), &error);
      snn_metric_release(metric);
      break;
    }
    default: {
      const int32_t id = (int32_t)below((uint64_t)snn_entry_count(SNN_TRANSFORMS));
      snn_transform* transform = NULL;
      CALL("snn_transform_new");
      ended(snn_transform_new(id, NULL, 0, &transform, &error), &error);
      if (chance(50)) ended(snn_transform_fit(transform, any_tensor(), false, &error), &error);
      CALL("snn_trainer_add_transform");
      ended(snn_trainer_add_transform(all->trainer, name, transform, &error), &error);
      snn_transform_release(transform);
    }
  }
}

static void ignore_text(void* user, const char* text) {
  (void)user;
  if (text == NULL) WRONG("no text");
}

static void add_numbers(Training* all) {
  static const char* const kinds[] = {"l1", "l2", "elastic_net", "frobenius", "l2_sp", "l3"};
  static const char* const scales[] = {NULL, "lambda/2", "lambda/m", "no such"};
  const char* patterns[] = {"*", "0.*", random_name()};
  const snn_selection selection = {sizeof selection, patterns, below(4), chance(70)};
  const snn_penalty_options options = {sizeof options, scales[below(4)], random_float(), random_float(), NULL};
  const double number = chance(70) ? 0.01 : random_float();
  snn_error error;
  switch (below(5)) {
    case 0:
      CALL("snn_trainer_add_penalty");
      ended(snn_trainer_add_penalty(all->trainer, kinds[below(6)], number, chance(60) ? NULL : &options,
                                    chance(50) ? NULL : &selection, &error),
            &error);
      break;
    case 1:
      CALL("snn_trainer_add_proximal_l1");
      ended(snn_trainer_add_proximal_l1(all->trainer, number, chance(50) ? NULL : &selection, &error), &error);
      break;
    case 2:
      CALL("snn_trainer_add_max_norm");
      ended(snn_trainer_add_max_norm(all->trainer, number, chance(80) ? 2 : random_float(), small(),
                                     chance(50) ? NULL : &selection, &error),
            &error);
      break;
    case 3:
      CALL("snn_trainer_set_note");
      ended(snn_trainer_set_note(all->trainer, random_name(), random_name(), &error), &error);
      break;
    default:
      CALL("snn_trainer_show_progress");
      ended(snn_trainer_show_progress(all->trainer, ignore_text, NULL,
                                      chance(80) ? (int32_t)below(100) : (int32_t)random_int(), &error),
            &error);
  }
}

// ---- Using one

static void break_file(void) {
  FILE* file = fopen(file_name(), "r+b");
  if (!file) return;
  fseek(file, 0, SEEK_END);
  const long size = ftell(file);
  for (int i = (int)below(4); size > 0 && i > 0; i--) {
    fseek(file, (long)below((uint64_t)size), SEEK_SET);
    fputc(chance(50) ? "0129-.e{}[],:\"xN"[below(16)] : (int)below(256), file);
  }
  fclose(file);
  if (size > 0 && chance(10) && truncate(file_name(), (long)below((uint64_t)size))) WRONG("truncate");
}

static void save_and_load(Training* all) {
  snn_error error;
  Training* other = chance(80) ? all : &trainings[below(TRAINERS)];
  CALL("snn_trainer_save");
  const bool saved = ended(snn_trainer_save(all->trainer, all->loader, file_name(), &error), &error);
  if (saved && chance(70)) break_file();
  const int64_t epoch = snn_trainer_epoch(other->trainer), step = snn_trainer_step(other->trainer);
  CALL("snn_trainer_load");
  const bool loaded =
      ended(snn_trainer_load(other->trainer, chance(95) ? other->loader : all->loader, file_name(), &error), &error);
  if (!loaded && (epoch != snn_trainer_epoch(other->trainer) || step != snn_trainer_step(other->trainer)))
    WRONG("a failed load changed the trainer");
}

static void ask(Training* all) {
  snn_error error;
  double values[MOST_ROOM];
  snn_tensor* results[MOST_ROOM] = {NULL};
  snn_history* history = NULL;
  size_t count = 0;
  switch (below(3)) {
    case 0:
      CALL("snn_trainer_evaluate");
      ended(snn_trainer_evaluate(all->trainer, all->loader, values, below(MOST_ROOM + 1), &count, &error), &error);
      break;
    case 1:
      CALL("snn_trainer_predict");
      if (ended(snn_trainer_predict(all->trainer, all->loader, results, below(MOST_ROOM + 1), &count, &error), &error))
        for (size_t i = 0; i < count; i++) keep_tensor(results[i]);
      break;
    default:
      CALL("snn_trainer_history");
      if (ended(snn_trainer_history(all->trainer, &history, &error), &error)) {
        snn_history_row row;
        snn_history_at(history, random_int(), &row);
        snn_history_release(history);
      }
      snn_trainer_end_reason(all->trainer);
      snn_trainer_best(all->trainer, NULL, values);
  }
}

static void train(Training* all) {
  snn_error error;
  const int64_t before = snn_trainer_epoch(all->trainer);
  const int64_t epochs = chance(95) ? (before < 0 ? 0 : before) + (int64_t)below(3) : random_int();
  snn_loader* validation = chance(60) ? NULL : chance(80) ? random_loader() : snn_loader_retain(all->loader);
  CALL("snn_trainer_fit");
  ended(snn_trainer_fit(all->trainer, chance(98) ? all->loader : NULL, validation, epochs, &error), &error);
  snn_loader_release(validation);
}

void fuzz_trainer(void) {
  Training* all = &trainings[below(TRAINERS)];
  forget_lists();
  switch (below(12)) {
    case 0:
    case 1:
      make_trainer();
      break;
    case 2:
    case 3:
      add_part(all);
      break;
    case 4:
      add_numbers(all);
      break;
    case 5:
    case 6:
      save_and_load(all);
      break;
    case 7:
      ask(all);
      break;
    default:
      train(all);
  }
}
