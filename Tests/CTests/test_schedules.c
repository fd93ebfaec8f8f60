// Schedules of the table give the rates that PyTorch's give; clipping, penalties and the range test from C.
#include "support.h"
#include "swiftnn_typed.h"

enum { MOST_GROUPS = 4, MOST_PARTS = 4, MOST_STEPS = 512, MOST_OPTIONS = 16 };
typedef enum { STEPS, JUMPS, METRICS } Kind;

typedef struct Run {
  int groups;
  snn_tensor* parameters[MOST_GROUPS];
  snn_optimizer* optimizer;
  snn_schedule* schedules[MOST_PARTS];  // those that wait to become parts of another, and in the end the one
  int count;
  const snn_entry* entry;  // of the schedule in the making
  snn_value options[MOST_OPTIONS];
  int64_t words[64];  // the numbers of lists
  int word_count;
  bool is_halved;
  double changes[MOST_STEPS];  // NAN: none
  double rates[MOST_STEPS][MOST_GROUPS];
} Run;

static snn_optimizer* sgd(snn_tensor** parameter, double rate) {
  snn_optimizer* optimizer = NULL;
  const snn_value options = snn_float(rate);
  CHECK(snn_optimizer_new(snn_find(SNN_OPTIMIZERS, "SGD"), parameter, 1, &options, 1, &optimizer, NULL) == SNN_OK);
  return optimizer;
}

// What is kept of a run in its middle, from which another one goes on.
static const char* const moved[] = {"lr",     "momentum",     "betas",         "initial_lr", "max_lr",
                                    "min_lr", "max_momentum", "base_momentum", "swa_lr"};
static struct {
  char* state;
  snn_value options[MOST_GROUPS][COUNT(moved)];
  double betas[MOST_GROUPS][2];
  double rates[MOST_STEPS][MOST_GROUPS];
  bool is_wanted;
} middle;

static void save_middle(const Run* run) {
  CHECK(snn_schedule_state(run->schedules[0], &middle.state, NULL) == SNN_OK);
  for (int i = 0; i < run->groups; i++) {
    for (size_t o = 0; o < COUNT(moved); o++) {
      snn_value* value = &middle.options[i][o];
      if (snn_optimizer_get(run->optimizer, i, moved[o], value, NULL) != SNN_OK) *value = snn_none();
      if (value->kind != SNN_KIND_FLOATS) continue;
      memcpy(middle.betas[i], value->as.floats, sizeof middle.betas[i]);
      value->as.floats = middle.betas[i];
    }
  }
}

static void load_middle(Run* run) {
  CHECK(snn_schedule_load_state(run->schedules[0], middle.state, NULL) == SNN_OK);
  for (int i = 0; i < run->groups; i++) {
    for (size_t o = 0; o < COUNT(moved); o++) {
      const snn_value value = middle.options[i][o];
      if (value.kind != SNN_KIND_NONE) CHECK(snn_optimizer_set(run->optimizer, i, moved[o], value, NULL) == SNN_OK);
    }
  }
}

static void run_begin(Run* run, const char* optimizer, int groups, const double* rates, bool resumed) {
  memset(run, 0, sizeof *run);
  run->groups = groups;
  for (int i = 0; i < MOST_STEPS; i++) run->changes[i] = NAN;
  for (int i = 0; i < groups; i++) {
    run->parameters[i] = learned(VECTOR(1));
    const snn_value rate = snn_float(rates[i]);
    snn_status status = i == 0 ? snn_optimizer_new(snn_find(SNN_OPTIMIZERS, optimizer), run->parameters, 1, &rate, 1,
                                                   &run->optimizer, NULL)
                               : snn_optimizer_add_group(run->optimizer, run->parameters + i, 1, &rate, 1, NULL);
    CHECK(status == SNN_OK);
    if (resumed) CHECK(snn_optimizer_set(run->optimizer, i, "initial_lr", rate, NULL) == SNN_OK);
  }
}

static void run_schedule(Run* run, const char* name) {
  run->entry = snn_entry_at(SNN_SCHEDULES, snn_find(SNN_SCHEDULES, name));
  if (run->entry == NULL) CHECK_SAY("there is no schedule %s", name);
  memset(run->options, 0, sizeof run->options);
}

static void run_option(Run* run, const char* name, snn_value value) {
  if (value.kind == SNN_KIND_INTS || value.kind == SNN_KIND_FLOATS) {
    int64_t* words = run->words + run->word_count;
    memcpy(words, value.as.ints, (size_t)value.count * 8);
    run->word_count += value.count;
    value.as.ints = words;
  }
  for (int32_t i = 0; run->entry != NULL && i < run->entry->field_count; i++) {
    if (strcmp(run->entry->fields[i].name, name) != 0) continue;
    run->options[i] = value;
    return;
  }
  CHECK_SAY("there is no option %s", name);
}

static snn_status halved(void* user, double number, double* result) {
  *(int*)user += 1;
  *result = 1 / (1 + number);
  return SNN_OK;
}

static int scale_calls;
static void run_halved(Run* run) { run->is_halved = true; }

static void run_make(Run* run) {
  snn_error error = {0, ""};
  snn_schedule* made = NULL;
  if (run->entry == NULL) return;
  if (snn_schedule_new(run->entry->id, run->optimizer, run->options, (size_t)run->entry->field_count, &made, &error) !=
      SNN_OK)
    CHECK_SAY("%s: %s", run->entry->name, error.message);
  if (run->is_halved) CHECK(snn_schedule_set_scale(made, halved, &scale_calls, NULL, NULL) == SNN_OK);
  run->schedules[run->count++] = made;
}

// The last `count` schedules become one.
static void run_join(Run* run, int count, snn_schedule* joined) {
  for (int i = 0; i < count; i++) snn_schedule_release(run->schedules[--run->count]);
  run->schedules[run->count++] = joined;
}

static void run_sequence(Run* run, int count, const int64_t* milestones) {
  snn_schedule* made = NULL;
  snn_schedule** parts = run->schedules + run->count - count;
  CHECK(snn_schedule_sequence(parts, (size_t)count, milestones, (size_t)count - 1, -1, &made, NULL) == SNN_OK);
  run_join(run, count, made);
}

static void run_chain(Run* run, int count) {
  snn_schedule* made = NULL;
  CHECK(snn_schedule_chain(run->schedules + run->count - count, (size_t)count, &made, NULL) == SNN_OK);
  run_join(run, count, made);
}

static void run_warmup(Run* run, int64_t steps, double start, bool exponential) {
  snn_schedule* made = NULL;
  CHECK(snn_schedule_warmup(run->schedules[run->count - 1], steps, start, exponential, &made, NULL) == SNN_OK);
  run_join(run, 1, made);
}

static void run_change(Run* run, int step, double rate) { run->changes[step] = rate; }

static void run_go(Run* run, Kind kind, const double* arguments, int steps) {
  snn_error error = {0, ""};
  snn_schedule* schedule = run->schedules[0];
  const bool resumes = middle.is_wanted && middle.state != NULL;
  if (resumes) {
    load_middle(run);
    memcpy(run->rates, middle.rates, sizeof run->rates);
  }
  for (int step = resumes ? steps / 2 + 1 : 0; step <= steps; step++) {
    for (int i = 0; step > 0 && i < run->groups; i++) {
      if (!isnan(run->changes[step]))
        CHECK(snn_optimizer_set(run->optimizer, i, "lr", snn_float(run->changes[step]), NULL) == SNN_OK);
    }
    snn_status status = step == 0         ? SNN_OK
                        : kind == STEPS   ? snn_schedule_step(schedule, &error)
                        : kind == METRICS ? snn_schedule_step_metric(schedule, arguments[step - 1], &error)
                                          : snn_schedule_step_to(schedule, arguments[step - 1], &error);
    if (status != SNN_OK) CHECK_SAY("step %d: %s", step, error.message);
    for (int i = 0; i < run->groups; i++) {
      snn_value rate;
      CHECK(snn_optimizer_get(run->optimizer, i, "lr", &rate, NULL) == SNN_OK);
      run->rates[step][i] = rate.as.f;
    }
    if (middle.is_wanted && !resumes && step == steps / 2) save_middle(run);
  }
  if (resumes && memcmp(run->rates, middle.rates, sizeof run->rates) != 0)
    CHECK_SAY("%s does not go on with the same bits", run->entry->name);
  if (middle.is_wanted && !resumes) memcpy(middle.rates, run->rates, sizeof run->rates);
}

static void run_expect(Run* run, int step, const double* rates) {
  for (int i = 0; i < run->groups; i++) CHECK_CLOSE(run->rates[step][i], rates[i], 1e-12 * fabs(rates[i]) + 1e-17);
}

static void run_end(Run* run) {
  for (int i = 0; i < run->count; i++) snn_schedule_release(run->schedules[i]);
  for (int i = 0; i < run->groups; i++) snn_tensor_release(run->parameters[i]);
  snn_optimizer_release(run->optimizer);
}

// Runs a case of the table; false behind the last.
static bool run_case(Run* run, int number) {
  switch (number) {
#include "schedule_cases.inc"
  }
  return false;
}

TEST(schedules_of_the_table) {
  uint64_t before = in_use();
  Run run;
  int count = 0;
  while (run_case(&run, count)) {
    run_end(&run);
    count++;
  }
  CHECK(count > 90 && scale_calls > 0 && in_use() == before);
}

// Every case once more: saved in its middle, and continued by a new optimizer and a new schedule.
TEST(saved_states_of_the_table_go_on) {
  uint64_t before = in_use();
  Run run;
  middle.is_wanted = true;
  for (int number = 0; run_case(&run, number); number++) {
    run_end(&run);
    run_case(&run, number);
    run_end(&run);
    snn_free(middle.state);
    middle.state = NULL;
  }
  middle.is_wanted = false;
  CHECK(in_use() == before);
}

TEST(past_the_end) {
  snn_tensor* parameter = learned(VECTOR(1));
  snn_optimizer *first = sgd(&parameter, 0.1), *second = sgd(&parameter, 0.1);
  snn_schedule *cycle = NULL, *line = NULL;
  double rate;
  const double top = 1;
  const snn_new_onecyclelr_options four = {.total_steps = snn_int(4), .cycle_momentum = snn_bool(false)};
  const snn_new_polynomiallr_options three = {.total_iters = snn_int(3)};
  CHECK(snn_new_onecyclelr(first, &top, 1, &four, &cycle, NULL) == SNN_OK);
  for (int step = 0; step < 4; step++) CHECK(snn_schedule_step(cycle, NULL) == SNN_OK);
  REFUSES(SNN_ERROR_ARGUMENT, "Tried to step 5 times", snn_schedule_step(cycle, error));
  CHECK(snn_new_polynomiallr(second, &three, &line, NULL) == SNN_OK);
  for (int step = 0; step < 9; step++) CHECK(snn_schedule_step(line, NULL) == SNN_OK);
  CHECK(snn_schedule_rates(line, &rate, 1, NULL, NULL) == SNN_OK && rate == 0);
  snn_schedule_release(cycle), snn_schedule_release(line);
  snn_optimizer_release(first), snn_optimizer_release(second), snn_tensor_release(parameter);
}

TEST(states_move_to_other_schedules) {
  snn_tensor* parameter = learned(VECTOR(1));
  snn_optimizer *first = sgd(&parameter, 0.1), *second = sgd(&parameter, 0.1);
  snn_schedule *a = NULL, *b = NULL;
  const snn_value options[] = {snn_int(3), snn_float(0.5)};
  int32_t id = snn_find(SNN_SCHEDULES, "StepLR");
  CHECK(snn_schedule_new(id, first, options, 2, &a, NULL) == SNN_OK);
  CHECK(snn_schedule_new(id, second, options, 2, &b, NULL) == SNN_OK);
  for (int i = 0; i < 4; i++) CHECK(snn_schedule_step(a, NULL) == SNN_OK);
  CHECK(snn_schedule_position(a) == 4 && snn_schedule_position(NULL) == -1);
  char* state = NULL;
  CHECK(snn_schedule_state(a, &state, NULL) == SNN_OK);
  CHECK(strstr(state, "\"last_epoch\": 4") != NULL);
  CHECK(snn_schedule_load_state(b, state, NULL) == SNN_OK);
  snn_free(state);
  CHECK(snn_optimizer_set(second, 0, "lr", snn_float(0.05), NULL) == SNN_OK);
  double rate_a, rate_b, rate;
  size_t count;
  for (int i = 0; i < 9; i++) {
    CHECK(snn_schedule_step(a, NULL) == SNN_OK && snn_schedule_step(b, NULL) == SNN_OK);
    CHECK(snn_schedule_rates(a, &rate_a, 1, &count, NULL) == SNN_OK && count == 1);
    CHECK(snn_schedule_rates(b, &rate_b, 1, NULL, NULL) == SNN_OK);
    CHECK(rate_a == rate_b);
  }
  CHECK(snn_schedule_at(a, 7, &rate, 1, NULL, NULL) == SNN_OK && rate == 0.025);
  REFUSES(SNN_ERROR_CAPACITY, "has 1 results", snn_schedule_rates(a, &rate, 0, &count, error));
  REFUSES(SNN_ERROR_ARGUMENT, "JSON", snn_schedule_load_state(a, "{", error));
  REFUSES(SNN_ERROR_NAME, "speed", snn_schedule_load_state(a, "{\"speed\": 1}", error));
  CHECK(snn_schedule_retain(a) == a);
  snn_schedule_release(a);
  snn_schedule_release(a);
  snn_schedule_release(b);
  snn_optimizer_release(first);
  snn_optimizer_release(second);
  snn_tensor_release(parameter);
}

static snn_status by_group(void* user, snn_schedule* schedule, int64_t step, int32_t group, double* result) {
  CHECK(snn_schedule_position(schedule) == step || step < 9);
  *result = 1.0 / (double)(step + 1) + group;
  return *(int*)user > 0 ? SNN_OK : -77;
}

static void count_end(void* user) { *(int*)user += 100; }

TEST(functions_and_mistakes) {
  snn_tensor* parameter = learned(VECTOR(1));
  snn_optimizer* optimizer = sgd(&parameter, 0.1);
  snn_schedule *schedule = NULL, *other = NULL;
  int works = 1;
  CHECK(snn_schedule_from_function(optimizer, SNN_RATE_FACTOR_OF_FIRST, by_group, &works, count_end, -1, &schedule,
                                   NULL) == SNN_OK);
  CHECK(snn_schedule_step(schedule, NULL) == SNN_OK);
  double rate;
  CHECK(snn_schedule_rates(schedule, &rate, 1, NULL, NULL) == SNN_OK && rate == 0.05);
  works = 0;
  REFUSES(SNN_ERROR_CALLBACK, "-77", snn_schedule_step(schedule, error));
  CHECK(snn_schedule_position(schedule) == 1 && works == 0);
  snn_schedule_release(schedule);
  CHECK(works == 100);
  works = 0;
  REFUSES(SNN_ERROR_CALLBACK, "-77",
          snn_schedule_from_function(optimizer, SNN_RATE_ITSELF, by_group, &works, count_end, -1, &other, error));
  CHECK(works == 0 && other == NULL);

  REFUSES(SNN_ERROR_NAME, "-5", snn_schedule_new(-5, optimizer, NULL, 0, &other, error));
  REFUSES(SNN_ERROR_ARGUMENT, "optimizer", snn_schedule_new(0, NULL, NULL, 0, &other, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_schedule_new(0, optimizer, NULL, 0, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "step_size", snn_schedule_new(0, optimizer, NULL, 0, &other, error));
  REFUSES(SNN_ERROR_ARGUMENT, "function",
          snn_schedule_from_function(optimizer, SNN_RATE_ITSELF, NULL, NULL, NULL, -1, &other, error));
  REFUSES(SNN_ERROR_ARGUMENT, "kind",
          snn_schedule_from_function(optimizer, (snn_rate_kind)9, by_group, &works, NULL, -1, &other, error));
  REFUSES(SNN_ERROR_ARGUMENT, "at least one", snn_schedule_sequence(NULL, 0, NULL, 0, -1, &other, error));
  REFUSES(SNN_ERROR_ARGUMENT, "schedules", snn_schedule_chain(NULL, 3, &other, error));
  REFUSES(SNN_ERROR_ARGUMENT, "schedule", snn_schedule_warmup(NULL, 3, 0, false, &other, error));
  REFUSES(SNN_ERROR_ARGUMENT, "schedule", snn_schedule_step(NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "schedule", snn_schedule_step_to(NULL, 0, error));
  REFUSES(SNN_ERROR_ARGUMENT, "schedule", snn_schedule_step_metric(NULL, 0, error));
  REFUSES(SNN_ERROR_ARGUMENT, "schedule", snn_schedule_state(NULL, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "schedule", snn_schedule_load_state(NULL, NULL, error));
  const snn_value plateau[] = {snn_none()};
  CHECK(snn_schedule_new(snn_find(SNN_SCHEDULES, "ReduceLROnPlateau"), optimizer, plateau, 1, &other, NULL) == SNN_OK);
  REFUSES(SNN_ERROR_ARGUMENT, "measurement", snn_schedule_step(other, error));
  REFUSES(SNN_ERROR_UNSUPPORTED, "function of the step", snn_schedule_at(other, 1, &rate, 1, NULL, error));
  CHECK(snn_schedule_step_metric(other, NAN, NULL) == SNN_OK);
  snn_schedule_release(other);
  snn_optimizer_release(optimizer);
  snn_tensor_release(parameter);
}

static void give_gradient(snn_tensor* parameter, snn_tensor* gradient) {
  CHECK(snn_tensor_set_gradient(parameter, gradient, NULL) == SNN_OK);
  snn_tensor_release(gradient);
}

TEST(gradients_are_clipped) {
  snn_tensor* all[] = {learned(MATRIX(2, 2, 1, 2, 3, 4)), learned(VECTOR(1))};
  snn_tensor* norm = NULL;
  give_gradient(all[0], MATRIX(2, 2, 3, 0, 0, 4));
  CHECK(snn_clip_norm(all, 2, 1, 2, true, &norm, NULL) == SNN_OK);
  CHECK_CLOSE(item(norm), 5, 1e-6);
  CHECK_CLOSE(gradient_of(all[0], 3), 0.8, 1e-6);
  CHECK(snn_clip_with_norm(all, 2, 1, norm, NULL) == SNN_OK);
  CHECK_CLOSE(gradient_of(all[0], 3), 0.16, 1e-6);
  snn_tensor_release(norm);
  CHECK(snn_clip_value(all, 2, 0.1, NULL) == SNN_OK);
  CHECK_CLOSE(gradient_of(all[0], 3), 0.1, 1e-7);
  CHECK(snn_clip_each(all, 2, 0.01, INFINITY, NULL) == SNN_OK);
  CHECK_CLOSE(gradient_of(all[0], 3), 0.01, 1e-6);
  give_gradient(all[0], MATRIX(2, 2, 3, 4, 0, 0.01f));
  CHECK(snn_clip_adaptive(all, 2, 0.1, 0.001, NULL) == SNN_OK);
  CHECK_CLOSE(gradient_of(all[0], 0), 0.6 * 0.1 * sqrt(5), 1e-6);
  CHECK_CLOSE(gradient_of(all[0], 3), 0.01, 1e-7);
  give_gradient(all[0], MATRIX(2, 2, NAN, 0, 0, 4));
  REFUSES(SNN_ERROR_GRADIENT, "non-finite", snn_clip_norm(all, 2, 1, 2, true, NULL, error));
  CHECK(snn_total_norm(NULL, 0, 2, false, &norm, NULL) == SNN_OK && item(norm) == 0);
  snn_tensor_release(norm);
  REFUSES(SNN_ERROR_ARGUMENT, "parameters", snn_clip_value(NULL, 2, 1, error));
  const char* names[] = {"a.weight", "a.bias"};
  snn_gradient_row rows[2];
  char* text = NULL;
  CHECK(snn_gradient_report(names, all, 2, NULL, rows, &text, NULL) == SNN_OK);
  CHECK(rows[0].verdict == SNN_GRADIENT_NOT_FINITE && rows[1].verdict == SNN_GRADIENT_NONE);
  CHECK(strstr(text, "a.weight") != NULL && strstr(text, "not finite") != NULL);
  snn_free(text);
  REFUSES(SNN_ERROR_ARGUMENT, "names", snn_gradient_report(NULL, all, 2, NULL, rows, NULL, error));
  for (int i = 0; i < 2; i++) snn_tensor_release(all[i]);
}

TEST(penalties_and_constraints) {
  snn_tensor* all[] = {learned(MATRIX(2, 2, 1, -2, 3, -4)), learned(VECTOR(5))};
  const char *names[] = {"a.weight", "a.bias"}, *patterns[] = {"*.bias"};
  snn_tensor *penalty = NULL, *other = NULL;
  snn_penalty_options options = {.size = sizeof options, .scale = "lambda/2m", .examples = 4};
  snn_selection vectors = {.size = sizeof vectors, .patterns = patterns, .pattern_count = 1, .vectors = true};
  CHECK(snn_penalty("l2", 0.5, names, all, 2, &options, NULL, &penalty, NULL) == SNN_OK);
  CHECK_CLOSE(item(penalty), 0.5 / 8 * 30, 1e-6);
  CHECK(snn_backward(penalty, NULL, false, false, NULL) == SNN_OK);
  CHECK_CLOSE(gradient_of(all[0], 3), 0.5 / 8 * -8, 1e-6);
  snn_tensor_release(penalty);
  CHECK(snn_penalty("l1", 1, names, all, 2, NULL, &vectors, &penalty, NULL) == SNN_OK && item(penalty) == 5);
  snn_tensor_release(penalty);
  REFUSES(SNN_ERROR_NAME, "l3", snn_penalty("l3", 1, names, all, 2, NULL, NULL, &other, error));
  REFUSES(SNN_ERROR_ARGUMENT, "anchor", snn_penalty("l2_sp", 1, names, all, 2, NULL, NULL, &other, error));
  REFUSES(SNN_ERROR_ARGUMENT, "kind", snn_penalty(NULL, 1, names, all, 2, NULL, NULL, &other, error));
  CHECK(snn_proximal_l1(names, all, 2, 1.5, NULL, NULL) == SNN_OK);
  CHECK(element(all[0], 0) == 0 && element(all[0], 3) == -2.5 && element(all[1], 0) == 5);
  CHECK(snn_limit_norm(names, all, 2, 1, 2, 0, NULL, NULL) == SNN_OK);
  CHECK_CLOSE(element(all[0], 1), -0.5, 1e-6);
  CHECK_CLOSE(element(all[0], 3), -2.5 / sqrt(1.5 * 1.5 + 2.5 * 2.5), 1e-6);
  REFUSES(SNN_ERROR_ARGUMENT, "-1", snn_proximal_l1(names, all, 2, -1, NULL, error));
  REFUSES(SNN_ERROR_INDEX, "", snn_limit_norm(names, all, 2, 1, 2, 7, NULL, error));
  for (int i = 0; i < 2; i++) snn_tensor_release(all[i]);
}

typedef struct {
  snn_tensor* parameter;
  int calls;
} Problem;

static snn_status fail(void* user, double* loss) {
  *loss = 0;
  return user == NULL ? -5 : SNN_OK;
}

static snn_status loss_of(void* user, double* loss) {
  Problem* problem = user;
  snn_tensor* square = APPLY("square", snn_of(problem->parameter));
  snn_tensor* sum = APPLY("sum", snn_of(square));
  snn_status status = snn_backward(sum, NULL, false, false, NULL);
  *loss = item(sum);
  snn_tensor_release(sum);
  snn_tensor_release(square);
  problem->calls++;
  return status;
}

TEST(range_test_and_rates) {
  Problem problem = {learned(VECTOR(1, -2)), 0};
  snn_optimizer* optimizer = sgd(&problem.parameter, 0.1);
  double rates[100], losses[100], smoothed[100];
  snn_rate_range_result found;
  const snn_rate_range_options options = {sizeof options, 1e-4, 10, 100, true, 0.5, 4};
  CHECK(snn_rate_range_test(optimizer, NULL, 0, &options, loss_of, &problem, rates, losses, smoothed, &found, NULL) ==
        SNN_OK);
  CHECK(found.count > 50 && (size_t)problem.calls >= found.count && found.count < 100 && losses[0] == 5 &&
        found.steepest > 0.01 && found.steepest < 1);
  CHECK(element(problem.parameter, 1) == -2);
  REFUSES(SNN_ERROR_CALLBACK, "-5",
          snn_rate_range_test(optimizer, NULL, 0, NULL, fail, NULL, NULL, NULL, NULL, NULL, error));
  CHECK(element(problem.parameter, 1) == -2);
  snn_value rate;
  CHECK(snn_optimizer_get(optimizer, 0, "lr", &rate, NULL) == SNN_OK && rate.as.f == 0.1);
  CHECK(snn_discriminative_rates(0.1, 3, 2, rates, NULL) == SNN_OK && rates[0] == 0.025 && rates[2] == 0.1);
  CHECK(snn_scaled_rate(0.1, 512, 256, false, rates, NULL) == SNN_OK && rates[0] == 0.2);
  REFUSES(SNN_ERROR_ARGUMENT, "0", snn_discriminative_rates(0.1, 0, 2, rates, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_scaled_rate(0.1, 1, 1, false, NULL, error));
  snn_optimizer_release(optimizer);
  snn_tensor_release(problem.parameter);
}
