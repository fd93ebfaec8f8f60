// The training loop from C: what it computes and what it tells.
#include "training.h"

// ---- Learning

TEST(learns_and_leaves_nothing_behind) {
  const uint64_t before = in_use();
  Training all = begun();
  CHECK(snn_trainer_epoch(all.trainer) == 0 && snn_trainer_step(all.trainer) == 0);
  CHECK(!snn_trainer_best(all.trainer, NULL, NULL));
  DONE(snn_trainer_fit(all.trainer, all.training, all.validation, 20, error));
  CHECK(snn_trainer_epoch(all.trainer) == 20 && snn_trainer_step(all.trainer) == 20 * 8);
  CHECK(snn_trainer_end_reason(all.trainer) == NULL);
  CHECK(measured(&all, 19, "loss") < measured(&all, 0, "loss") / 2);
  CHECK(measured(&all, 19, "accuracy") > 0.9 && measured(&all, 19, "val_accuracy") > 0.9);
  CHECK_CLOSE(measured(&all, 19, "lr"), 0.05 * pow(0.8, 6), 1e-15);
  CHECK(isnan(measured(&all, 20, "loss")) && isnan(measured(&all, 0, "penalty")));

  int64_t epoch = -1;
  double best = NAN;
  CHECK(snn_trainer_best(all.trainer, &epoch, &best));
  CHECK(measured(&all, epoch, "val_loss") == best);
  for (int i = 0; i < 20; i++) CHECK(measured(&all, i, "val_loss") >= best);

  double values[2] = {NAN, NAN};
  size_t count = 0;
  DONE(snn_trainer_evaluate(all.trainer, all.validation, values, 2, &count, error));
  CHECK(count == 2 && values[0] == measured(&all, 19, "val_loss") && values[1] == measured(&all, 19, "val_accuracy"));
  end(all);
  CHECK(in_use() == before);
}

// A loop of the caller's own gives the same bits.
TEST(equals_a_loop_by_hand) {
  Training trained = begun();
  DONE(snn_trainer_fit(trained.trainer, trained.training, NULL, 4, error));

  Training hand = begun();
  for (int epoch = 0; epoch < 4; epoch++) {
    for (;;) {
      snn_tensor *batch[2], *outputs = NULL, *loss = NULL;
      size_t count = 0;
      DONE(snn_loader_next(hand.training, batch, 2, &count, error));
      if (count == 0) break;
      snn_optimizer_zero_grad(hand.optimizer);
      DONE(snn_module_forward(hand.model, batch, 1, &outputs, 1, NULL, error));
      snn_tensor* pair[] = {outputs, batch[1]};
      DONE(snn_module_forward(hand.loss, pair, 2, &loss, 1, NULL, error));
      DONE(snn_backward(loss, NULL, false, false, error));
      DONE(snn_optimizer_step(hand.optimizer, error));
      snn_tensor_release(loss), snn_tensor_release(outputs);
      snn_tensor_release(batch[0]), snn_tensor_release(batch[1]);
    }
    DONE(snn_schedule_step(hand.schedule, error));
  }
  CHECK(same(bits(trained.model), bits(hand.model)));
  end(trained);
  end(hand);
}

TEST(accumulated_batches_are_one_large_batch) {
  Bits results[2];
  for (int i = 0; i < 2; i++) {
    snn_generator_seed(NULL, 2);
    snn_module *model = network(0), *loss = NULL;
    DONE(snn_new_crossentropyloss(NULL, &loss, error));
    snn_tensor* parameters[STATE];
    snn_optimizer* optimizer = NULL;
    DONE(snn_new_sgd(parameters, parameters_of(model, parameters), &(snn_new_sgd_options){.lr = snn_float(0.1)},
                     &optimizer, error));
    snn_dataset* data = clouds(22, 3);
    snn_loader* loader = NULL;
    DONE(snn_loader_new(data, &(snn_loader_options){.size = sizeof(snn_loader_options), .batch_size = i ? 4 : 8},
                        &loader, error));
    snn_trainer* trainer = NULL;
    DONE(snn_trainer_new(model, loss, optimizer,
                         &(snn_trainer_options){.size = sizeof(snn_trainer_options), .accumulation = i ? 2 : 0},
                         &trainer, error));
    DONE(snn_trainer_fit(trainer, loader, NULL, 2, error));
    CHECK(snn_trainer_step(trainer) == 6);
    results[i] = bits(model);
    snn_trainer_release(trainer), snn_loader_release(loader), snn_dataset_release(data);
    snn_optimizer_release(optimizer), snn_module_release(loss), snn_module_release(model);
  }
  for (size_t i = 0; i < results[0].count; i++) CHECK_CLOSE(results[0].weights[i], results[1].weights[i], 1e-6);
}

// ---- What is told

TEST(callbacks_are_told_everything_in_order) {
  Training all = begun();
  Told told = {0}, second = {0};
  listen(&all, &told);
  listen(&all, &second);
  DONE(snn_trainer_fit(all.trainer, all.training, all.validation, 2, error));
  const char* expected =
      "began 2;epoch 0;1 1/8;2 2/16;3 3/24;4 4/32;5 5/40;6 6/48;7 7/56;8 8/60;"
      "done 0 loss accuracy val_loss val_accuracy lr;"
      "epoch 1;9 1/8;10 2/16;11 3/24;12 4/32;13 5/40;14 6/48;15 7/56;16 8/60;"
      "done 1 loss accuracy val_loss val_accuracy lr;ended ;";
  if (strcmp(told.text, expected)) CHECK_SAY("told: %s", told.text);
  CHECK(!strcmp(second.text, expected));
  CHECK(told.destroyed == 0);
  end(all);
  CHECK(told.destroyed == 1 && second.destroyed == 1);
}

TEST(a_callback_that_fails_ends_training) {
  Training all = begun();
  Told told = {.fail_at = 3};
  listen(&all, &told);
  snn_error problem = {0, ""};
  CHECK(snn_trainer_fit(all.trainer, all.training, NULL, 2, &problem) == SNN_ERROR_CALLBACK);
  CHECK(problem.status == SNN_ERROR_CALLBACK && strstr(problem.message, "-7"));
  // The steps made so far stand, and training can go on.
  CHECK(snn_trainer_step(all.trainer) == 3 && snn_trainer_epoch(all.trainer) == 0);
  DONE(snn_trainer_fit(all.trainer, all.training, NULL, 2, error));
  CHECK(snn_trainer_step(all.trainer) == 16);
  end(all);
}

TEST(stopped_and_gone_on_with) {
  Training whole = begun(), stopped = {0};
  DONE(snn_trainer_fit(whole.trainer, whole.training, whole.validation, 4, error));
  stopped = begun();
  Told told = {.stop_at = 11};
  listen(&stopped, &told);
  DONE(snn_trainer_fit(stopped.trainer, stopped.training, stopped.validation, 4, error));
  CHECK(snn_trainer_step(stopped.trainer) == 11 && snn_trainer_epoch(stopped.trainer) == 1);
  const char* reason = snn_trainer_end_reason(stopped.trainer);
  CHECK(reason && !strcmp(reason, "stopped") && strstr(told.text, "ended stopped;"));
  DONE(snn_trainer_fit(stopped.trainer, stopped.training, stopped.validation, 4, error));
  CHECK(snn_trainer_end_reason(stopped.trainer) == NULL);
  CHECK(same(bits(whole.model), bits(stopped.model)) && same_history(&whole, &stopped));
  // No epochs are left.
  DONE(snn_trainer_fit(stopped.trainer, stopped.training, stopped.validation, 4, error));
  CHECK(snn_trainer_step(stopped.trainer) == 32);
  end(whole);
  end(stopped);
}

static void write_down(void* user, const char* text) {
  char* all = user;
  strncat(all, text, 4095 - strlen(all));
}

TEST(progress_as_text) {
  char plain[4096] = "", bar[4096] = "";
  Training all = begun();
  Told told = {.stop_at = 17};
  listen(&all, &told);
  DONE(snn_trainer_show_progress(all.trainer, write_down, plain, 0, error));
  DONE(snn_trainer_show_progress(all.trainer, write_down, bar, 80, error));
  DONE(snn_trainer_fit(all.trainer, all.training, NULL, 10, error));
  CHECK(!strncmp(plain, "Epoch  1/10  ", 13));
  const char* second = strchr(plain, '\n') + 1;
  CHECK(!strncmp(second, "Epoch  2/10  ", 13) && strstr(second, "  accuracy "));
  CHECK(!strcmp(strchr(second, '\n'), "\nEnded: stopped\n"));
  CHECK(!strpbrk(plain, "\r\033"));
  CHECK(strstr(bar, "\r\033[K") && strstr(bar, "Epoch  2/10  "));
  end(all);
}

// ---- What else is done around steps

TEST(penalties_and_constraints) {
  Training all = begun();
  const char* patterns[] = {"0.*"};
  const snn_selection first = {.size = sizeof first, .patterns = patterns, .pattern_count = 1};
  DONE(snn_trainer_add_penalty(all.trainer, "l2", 0.01, NULL, NULL, error));
  DONE(snn_trainer_add_penalty(all.trainer, "l2_sp", 0.01, NULL, &first, error));
  DONE(snn_trainer_add_proximal_l1(all.trainer, 0.05, &first, error));
  DONE(snn_trainer_add_max_norm(all.trainer, 0.3, 2, 0, &first, error));
  Told told = {0};
  listen(&all, &told);
  DONE(snn_trainer_fit(all.trainer, all.training, NULL, 5, error));
  CHECK(strstr(told.text, "done 0 loss penalty accuracy lr;") && measured(&all, 4, "penalty") > 0);
  const Bits weights = bits(all.model);
  int zeros = 0;
  for (int row = 0; row < HIDDEN; row++) {
    double sum = 0;
    for (int k = 0; k < FEATURES; k++) {
      const float weight = weights.weights[row * FEATURES + k];
      sum += (double)weight * weight;
      zeros += weight == 0;
    }
    CHECK(sqrt(sum) <= 0.3001);
  }
  CHECK(zeros > 0);
  end(all);
}

// The change of all weights in the first step, without momentum behind it, is the rate times the clipped gradient.
TEST(clipping) {
  static const struct {
    const char* name;
    double limit, order;
  } kinds[] = {
      {"norm", 0.01, 0}, {"norm", 0.01, INFINITY}, {"value", 0.001, 0}, {"each", 0.01, 0}, {"adaptive", 0.01, 0}};
  for (size_t i = 0; i < COUNT(kinds); i++) {
    const snn_trainer_options options = {
        .size = sizeof options, .clip = kinds[i].name, .clip_limit = kinds[i].limit, .clip_order = kinds[i].order};
    Training all = begun_with(&options, 0), free = {0};
    Told told = {.stop_at = 1}, other = {.stop_at = 1};
    const Bits start = bits(all.model);
    listen(&all, &told);
    DONE(snn_trainer_fit(all.trainer, all.training, NULL, 1, error));
    const Bits after = bits(all.model);
    double sum = 0, most = 0;
    for (size_t k = 0; k < start.count; k++) {
      const double moved = fabs((double)after.weights[k] - start.weights[k]) / 0.05;
      sum += moved * moved;
      most = fmax(most, moved);
    }
    if (!strcmp(kinds[i].name, "norm"))
      CHECK_CLOSE(isinf(kinds[i].order) ? most : sqrt(sum), kinds[i].limit, 1e-5);
    else if (!strcmp(kinds[i].name, "value"))
      CHECK_CLOSE(most, kinds[i].limit, 1e-5);
    free = begun();
    listen(&free, &other);
    DONE(snn_trainer_fit(free.trainer, free.training, NULL, 1, error));
    CHECK(!same(after, bits(free.model)));
    end(all), end(free);
  }
}

// ---- Evaluating and predicting

TEST(predicts_all_batches_in_order) {
  const snn_trainer_options options = {.size = sizeof options, .inputs = 1};
  Training all = begun_with(&options, 0);
  snn_dataset* data = clouds(20, 3);
  snn_loader* loader = NULL;
  DONE(
      snn_loader_new(data, &(snn_loader_options){.size = sizeof(snn_loader_options), .batch_size = 8}, &loader, error));
  snn_tensor *results = NULL, *parts[2], *expected = NULL;
  size_t count = 0;
  DONE(snn_trainer_predict(all.trainer, loader, &results, 1, &count, error));
  CHECK(count == 1 && snn_tensor_count(results) == 20 * CLASSES && !snn_tensor_requires_grad(results));
  CHECK(snn_module_training(all.model));
  int64_t numbers[20];
  for (int i = 0; i < 20; i++) numbers[i] = i;
  DONE(snn_dataset_examples(data, numbers, 20, parts, 2, NULL, error));
  snn_module_train(all.model, false);
  DONE(snn_module_forward(all.model, parts, 1, &expected, 1, NULL, error));
  for (int i = 0; i < 20 * CLASSES; i++) CHECK_CLOSE(element(results, i), element(expected, i), 1e-6);

  REFUSES(SNN_ERROR_CAPACITY, "", snn_trainer_predict(all.trainer, loader, parts, 0, &count, error));
  CHECK(count == 1);
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_predict(NULL, loader, parts, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "loader", snn_trainer_predict(all.trainer, NULL, parts, 1, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "results", snn_trainer_predict(all.trainer, loader, NULL, 1, NULL, error));
  double values[2] = {7, 7};
  REFUSES(SNN_ERROR_CAPACITY, "", snn_trainer_evaluate(all.trainer, loader, values, 1, &count, error));
  CHECK(count == 2 && values[0] == 7);
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_evaluate(NULL, loader, values, 2, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "loader", snn_trainer_evaluate(all.trainer, NULL, values, 2, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "must not be NULL", snn_trainer_evaluate(all.trainer, loader, NULL, 2, NULL, error));
  for (int i = 0; i < 2; i++) snn_tensor_release(parts[i]);
  snn_tensor_release(results), snn_tensor_release(expected);
  snn_loader_release(loader), snn_dataset_release(data);
  end(all);
}
