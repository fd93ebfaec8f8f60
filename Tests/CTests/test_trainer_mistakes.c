// What a trainer refuses, and that nothing has changed then.
#include "training.h"

TEST(mistakes_in_making_a_trainer) {
  Training all = begun();
  snn_trainer* out = NULL;
#define REFUSES_OPTIONS(status, text, ...)                                                             \
  do {                                                                                                 \
    const snn_trainer_options options = {.size = sizeof options, __VA_ARGS__};                         \
    REFUSES(status, text, snn_trainer_new(all.model, all.loss, all.optimizer, &options, &out, error)); \
  } while (0)
  REFUSES_OPTIONS(SNN_ERROR_ARGUMENT, "-1", .inputs = -1);
  REFUSES_OPTIONS(SNN_ERROR_ARGUMENT, "9223372036854775807", .inputs = INT64_MAX);
  REFUSES_OPTIONS(SNN_ERROR_ARGUMENT, "-2", .accumulation = -2);
  REFUSES_OPTIONS(SNN_ERROR_ARGUMENT, "9223372036854775807", .accumulation = INT64_MAX);
  REFUSES_OPTIONS(SNN_ERROR_NAME, "'middle'", .mode = "middle");
  REFUSES_OPTIONS(SNN_ERROR_NAME, "'hair'", .clip = "hair", .clip_limit = 1);
  REFUSES_OPTIONS(SNN_ERROR_ARGUMENT, "clip_limit", .clip = "norm");
  REFUSES_OPTIONS(SNN_ERROR_ARGUMENT, "nan", .clip = "norm", .clip_limit = NAN);
  REFUSES_OPTIONS(SNN_ERROR_ARGUMENT, "-2", .folder = "/tmp", .save_epochs = -2);
  REFUSES_OPTIONS(SNN_ERROR_ARGUMENT, "-9223372036854775808", .folder = "/tmp", .save_steps = INT64_MIN);
  REFUSES_OPTIONS(SNN_ERROR_ARGUMENT, "9223372036854775807", .folder = "/tmp", .keep_epochs = INT64_MAX);
  REFUSES(SNN_ERROR_ARGUMENT, "model", snn_trainer_new(NULL, all.loss, all.optimizer, NULL, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "loss", snn_trainer_new(all.model, NULL, all.optimizer, NULL, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "optimizer", snn_trainer_new(all.model, all.loss, NULL, NULL, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_trainer_new(all.model, all.loss, all.optimizer, NULL, NULL, error));
  CHECK(out == NULL);
  end(all);
}

static void write_down(void* user, const char* text) {
  char* all = user;
  strncat(all, text, 4095 - strlen(all));
}

TEST(mistakes_in_setting_a_trainer_up) {
  Training all = begun();
  snn_trainer* t = all.trainer;
  char text[1] = "";
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_set_schedule(NULL, all.schedule, true, error));
  REFUSES(SNN_ERROR_ARGUMENT, "schedule", snn_trainer_set_schedule(t, NULL, true, error));
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_set_stopping(NULL, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "rule", snn_trainer_set_stopping(t, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_add_metric(NULL, "a", all.metric, error));
  REFUSES(SNN_ERROR_ARGUMENT, "name", snn_trainer_add_metric(t, NULL, all.metric, error));
  REFUSES(SNN_ERROR_ARGUMENT, "metric", snn_trainer_add_metric(t, "a", NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "'accuracy' already", snn_trainer_add_metric(t, "accuracy", all.metric, error));
  REFUSES(SNN_ERROR_ARGUMENT, "'loss' already", snn_trainer_add_metric(t, "loss", all.metric, error));
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_add_penalty(NULL, "l2", 1, NULL, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "kind", snn_trainer_add_penalty(t, NULL, 1, NULL, NULL, error));
  REFUSES(SNN_ERROR_NAME, "l9", snn_trainer_add_penalty(t, "l9", 1, NULL, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "-1", snn_trainer_add_penalty(t, "l2", -1, NULL, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_add_proximal_l1(NULL, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "-1", snn_trainer_add_proximal_l1(t, -1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "nan", snn_trainer_add_proximal_l1(t, NAN, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_add_max_norm(NULL, 1, 2, 0, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "-1", snn_trainer_add_max_norm(t, -1, 2, 0, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_add_transform(NULL, "a", NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "name", snn_trainer_add_transform(t, NULL, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "transform", snn_trainer_add_transform(t, "a", NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_set_note(NULL, "a", "b", error));
  REFUSES(SNN_ERROR_ARGUMENT, "key", snn_trainer_set_note(t, NULL, "b", error));
  REFUSES(SNN_ERROR_ARGUMENT, "value", snn_trainer_set_note(t, "a", NULL, error));
  Told told = {0};
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_add_callback(NULL, tell, &told, destroy_told, error));
  REFUSES(SNN_ERROR_ARGUMENT, "callback", snn_trainer_add_callback(t, NULL, &told, destroy_told, error));
  CHECK(told.destroyed == 0);
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_show_progress(NULL, write_down, text, 0, error));
  REFUSES(SNN_ERROR_ARGUMENT, "write", snn_trainer_show_progress(t, NULL, text, 0, error));
  REFUSES(SNN_ERROR_ARGUMENT, "-1", snn_trainer_show_progress(t, write_down, text, -1, error));
  REFUSES(SNN_ERROR_ARGUMENT, "2147483647", snn_trainer_show_progress(t, write_down, text, INT32_MAX, error));
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_fit(NULL, all.training, NULL, 1, error));
  REFUSES(SNN_ERROR_ARGUMENT, "training", snn_trainer_fit(t, NULL, NULL, 1, error));
  REFUSES(SNN_ERROR_ARGUMENT, "-1", snn_trainer_fit(t, all.training, NULL, -1, error));
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_history(NULL, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_trainer_history(t, NULL, error));
  snn_trainer_stop(NULL);
  snn_trainer_release(NULL);
  CHECK(snn_trainer_retain(NULL) == NULL && snn_trainer_epoch(NULL) == -1 && snn_trainer_step(NULL) == -1);
  CHECK(snn_trainer_end_reason(NULL) == NULL && !snn_trainer_best(NULL, NULL, NULL));
  CHECK(snn_trainer_retain(t) == t && snn_trainer_epoch(t) == 0);
  snn_trainer_release(t);
  // Nothing of this has changed it.
  Training fresh = begun();
  snn_generator_seed(NULL, 1);
  DONE(snn_trainer_fit(t, all.training, NULL, 1, error));
  snn_generator_seed(NULL, 1);
  DONE(snn_trainer_fit(fresh.trainer, fresh.training, NULL, 1, error));
  CHECK(same(bits(all.model), bits(fresh.model)));
  end(all), end(fresh);
}

static snn_status train_again(void* user, const snn_training_event* event) {
  Training* all = user;
  if (event->kind != SNN_EPOCH_BEGAN) return SNN_OK;
  REFUSES(SNN_ERROR_ARGUMENT, "training already", snn_trainer_fit(all->trainer, all->training, NULL, 1, error));
  REFUSES(SNN_ERROR_ARGUMENT, "training already", snn_trainer_load(all->trainer, all->training, "/tmp/x", error));
  return SNN_OK;
}

TEST(one_training_at_a_time) {
  Training all = begun();
  DONE(snn_trainer_add_callback(all.trainer, train_again, &all, NULL, error));
  DONE(snn_trainer_fit(all.trainer, all.training, NULL, 1, error));
  CHECK(snn_trainer_step(all.trainer) == 8);
  end(all);
}

TEST(data_that_does_not_fit) {
  const snn_trainer_options three = {.size = sizeof three, .inputs = 3};
  Training all = begun_with(&three, 0);
  REFUSES(SNN_ERROR_ARGUMENT, "3 inputs in each batch, got 2",
          snn_trainer_fit(all.trainer, all.training, NULL, 1, error));
  end(all);

  all = begun();
  snn_module* none = LAYER("CrossEntropyLoss", snn_none(), snn_none(), snn_string("none"));
  snn_trainer* trainer = NULL;
  const Bits start = bits(all.model);
  DONE(snn_trainer_new(all.model, none, all.optimizer, NULL, &trainer, error));
  REFUSES(SNN_ERROR_SHAPE, "the loss must give one number, got shape [8]",
          snn_trainer_fit(trainer, all.training, NULL, 1, error));
  CHECK(same(bits(all.model), start));
  snn_trainer_release(trainer), snn_module_release(none);
  end(all);
}
