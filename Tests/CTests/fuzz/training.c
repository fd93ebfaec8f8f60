// Random calls on schedules, and on what keeps gradients and parameters small.
#include <math.h>

#include "fuzz.h"

enum { SCHEDULES = 6, MOST_ARGUMENTS = 64 };
static snn_schedule* schedules[SCHEDULES];

static snn_schedule* any_schedule(void) { return schedules[below(SCHEDULES)]; }

static void keep_schedule(snn_schedule* schedule) {
  int slot = (int)below(SCHEDULES);
  snn_schedule_release(schedules[slot]);
  schedules[slot] = schedule;
}

void drop_schedules(void) {
  for (int i = 0; i < SCHEDULES; i++) {
    snn_schedule_release(schedules[i]);
    schedules[i] = NULL;
  }
}

static snn_status random_rate(void* user, snn_schedule* schedule, int64_t step, int32_t group, double* result) {
  (void)user;
  (void)step;
  (void)group;
  // What a function may ask while it is asked.
  char* text = NULL;
  if (chance(10) && snn_schedule_state(schedule, &text, NULL) == SNN_OK) snn_free(text);
  if (chance(5)) snn_schedule_step(schedule, NULL);
  *result = random_float();
  return chance(95) ? SNN_OK : -40;
}

static snn_status random_scale(void* user, double number, double* result) {
  (void)user;
  *result = number * random_float();
  return chance(95) ? SNN_OK : -41;
}

static void make_schedule(void) {
  int32_t id = (int32_t)below((uint64_t)snn_entry_count(SNN_SCHEDULES));
  const snn_entry* entry = snn_entry_at(SNN_SCHEDULES, id);
  snn_value arguments[MOST_ARGUMENTS];
  size_t count = random_arguments(entry, arguments);
  snn_schedule *made = MARK, *parts[3] = {any_schedule(), any_schedule(), any_schedule()};
  int64_t milestones[3] = {(int64_t)below(6), random_int(), (int64_t)below(9)};
  snn_error error;
  snn_status status;
  snn_optimizer* optimizer = any_optimizer();
  int64_t last = chance(90) ? -1 : random_int();
  switch (below(8)) {
    case 0: {
      void* user = new_user();
      CALL("snn_schedule_from_function");
      status = snn_schedule_from_function(optimizer, (snn_rate_kind)below(4), chance(98) ? random_rate : NULL, user,
                                          destroy_user, last, &made, &error);
      if (status != SNN_OK) destroy_user(user);
      break;
    }
    case 1:
      CALL("snn_schedule_sequence");
      status = snn_schedule_sequence(parts, below(4), milestones, below(3), last, &made, &error);
      break;
    case 2:
      CALL("snn_schedule_chain");
      status = snn_schedule_chain(parts, below(4), &made, &error);
      break;
    case 3:
      CALL("snn_schedule_warmup");
      status = snn_schedule_warmup(parts[0], chance(80) ? (int64_t)below(9) : random_int(), random_float(), chance(50),
                                   &made, &error);
      break;
    default:
      CALL("snn_schedule_new %s", entry->name);
      status = snn_schedule_new(chance(1) ? (int32_t)random_int() : id, optimizer, arguments, count, &made, &error);
      break;
  }
  if (ended(status, &error)) {
    keep_schedule(made);
  } else if (made != MARK) {
    WRONG("wrote a schedule on failure");
  }
}

// The state of one schedule goes into another, sometimes with characters changed.
static void move_state(snn_schedule* schedule) {
  char* text = NULL;
  snn_error error;
  CALL("snn_schedule_state");
  if (!ended(snn_schedule_state(schedule, &text, &error), &error)) return;
  size_t length = strlen(text);
  for (int i = (int)below(3); length > 0 && i > 0; i--) text[below(length)] = "0129-.e{}[],:\"xN"[below(16)];
  CALL("snn_schedule_load_state %s", text);
  ended(snn_schedule_load_state(chance(70) ? schedule : any_schedule(), text, &error), &error);
  snn_free(text);
}

void fuzz_schedule(void) {
  snn_schedule* schedule = any_schedule();
  snn_error error;
  double rates[8];
  size_t count;
  forget_lists();
  switch (below(12)) {
    case 0:
    case 1:
    case 2:
      make_schedule();
      break;
    case 3:
      move_state(schedule);
      break;
    case 4:
      CALL("snn_schedule_step_to");
      ended(snn_schedule_step_to(schedule, chance(60) ? (double)below(40) : random_float(), &error), &error);
      break;
    case 5:
      CALL("snn_schedule_step_metric");
      ended(snn_schedule_step_metric(schedule, random_float(), &error), &error);
      break;
    case 6:
      CALL("snn_schedule_at");
      ended(snn_schedule_at(schedule, chance(90) ? (int64_t)below(99) : random_int(), rates, below(9), &count, &error),
            &error);
      break;
    case 7:
      CALL("snn_schedule_rates");
      ended(snn_schedule_rates(schedule, rates, below(9), &count, &error), &error);
      snn_schedule_position(schedule);
      break;
    case 8: {
      void* user = new_user();
      CALL("snn_schedule_set_scale");
      if (!ended(snn_schedule_set_scale(schedule, random_scale, user, destroy_user, &error), &error))
        destroy_user(user);
      break;
    }
    default:
      CALL("snn_schedule_step");
      ended(snn_schedule_step(schedule, &error), &error);
      break;
  }
}

static snn_status random_loss(void* user, double* loss) {
  (void)user;
  *loss = random_float();
  return chance(98) ? SNN_OK : -42;
}

void fuzz_training(void) {
  snn_tensor *all[4], *result = NULL;
  const char *names[4], *patterns[] = {"*", "a*", random_name()};
  for (int i = 0; i < 4; i++) {
    all[i] = any_tensor();
    names[i] = chance(95) ? random_name() : NULL;
  }
  size_t count = below(5);
  double number = chance(50) ? 1 : random_float(), p = chance(70) ? 2 : random_float();
  snn_error error;
  snn_selection selection = {sizeof selection, patterns, below(4), chance(70)};
  switch (below(11)) {
    case 0:
      CALL("snn_total_norm");
      if (ended(snn_total_norm(all, count, p, chance(50), &result, &error), &error)) keep_tensor(result);
      break;
    case 1:
      CALL("snn_clip_norm");
      if (ended(snn_clip_norm(all, count, number, p, chance(50), &result, &error), &error)) keep_tensor(result);
      break;
    case 2:
      CALL("snn_clip_with_norm");
      ended(snn_clip_with_norm(all, count, number, any_tensor(), &error), &error);
      break;
    case 3:
      CALL("snn_clip_value");
      ended(snn_clip_value(all, count, number, &error), &error);
      break;
    case 4:
      CALL("snn_clip_each");
      ended(snn_clip_each(all, count, number, p, &error), &error);
      break;
    case 5:
      CALL("snn_clip_adaptive");
      ended(snn_clip_adaptive(all, count, number, random_float(), &error), &error);
      break;
    case 6: {
      static const char* const kinds[] = {"l1", "l2", "elastic_net", "frobenius", "l2_sp", "l3"};
      static const char* const scales[] = {"lambda", "lambda/2", "lambda/m", "lambda/2m", "", NULL};
      snn_tensor* anchors[4] = {any_tensor(), any_tensor(), any_tensor(), any_tensor()};
      snn_penalty_options options = {sizeof options, scales[below(6)], random_float(), random_float(),
                                     chance(50) ? anchors : NULL};
      CALL("snn_penalty");
      if (ended(snn_penalty(kinds[below(6)], number, names, all, count, chance(70) ? &options : NULL,
                            chance(70) ? &selection : NULL, &result, &error),
                &error))
        keep_tensor(result);
      break;
    }
    case 7:
      CALL("snn_proximal_l1");
      ended(snn_proximal_l1(names, all, count, number, &selection, &error), &error);
      break;
    case 8:
      CALL("snn_limit_norm");
      ended(snn_limit_norm(names, all, count, number, p, chance(80) ? 0 : random_int(), &selection, &error), &error);
      break;
    case 9: {
      snn_gradient_row rows[4];
      char* text = NULL;
      CALL("snn_gradient_report");
      if (ended(snn_gradient_report(names, all, count, NULL, rows, &text, &error), &error)) snn_free(text);
      break;
    }
    default: {
      const snn_rate_range_options options = {sizeof options,
                                              chance(90) ? 1e-6 : random_float(),
                                              number,
                                              chance(95) ? (int64_t)below(9) : random_int(),
                                              chance(50),
                                              0.5,
                                              4};
      snn_rate_range_result found;
      CALL("snn_rate_range_test");
      ended(snn_rate_range_test(any_optimizer(), all, count, &options, random_loss, NULL, NULL, NULL, NULL, &found,
                                &error),
            &error);
      break;
    }
  }
}
