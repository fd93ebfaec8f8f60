// Random calls on stopping rules and heads.
#include <math.h>

#include "fuzz.h"

enum { RULES = 4, HEADS = 4, MOST_ARGUMENTS = 64 };
static snn_stopping_rule* rules[RULES];
static snn_head* heads[HEADS];

void drop_rules_and_heads(void) {
  for (int i = 0; i < RULES; i++) {
    snn_stopping_rule_release(rules[i]);
    rules[i] = NULL;
  }
  for (int i = 0; i < HEADS; i++) {
    snn_head_release(heads[i]);
    heads[i] = NULL;
  }
}

static void make_rule(void) {
  const int32_t id = (int32_t)below((uint64_t)snn_entry_count(SNN_STOPPING_RULES));
  const snn_entry* entry = snn_entry_at(SNN_STOPPING_RULES, id);
  snn_value arguments[MOST_ARGUMENTS];
  size_t count = random_arguments(entry, arguments);
  // Mostly names that are measured.
  if (count > 0 && chance(80)) arguments[0] = snn_string(chance(70) ? "a" : "a, b");
  for (size_t i = 1; i < count; i++)
    if (arguments[i].kind == SNN_KIND_STRING && entry->fields[i].choices == NULL && chance(80))
      arguments[i] = snn_none();
  snn_stopping_rule* rule = MARK;
  snn_error error;
  CALL("snn_stopping_rule_new %s", entry->name);
  if (ended(snn_stopping_rule_new(chance(1) ? (int32_t)random_int() : id, arguments, count, chance(2) ? NULL : &rule,
                                  &error),
            &error)) {
    const int slot = (int)below(RULES);
    snn_stopping_rule_release(rules[slot]);
    rules[slot] = rule;
  } else if (rule != MARK) {
    WRONG("wrote a rule on failure");
  }
}

static void observe(snn_stopping_rule* rule) {
  static int64_t epoch;
  const char* names[] = {"a", "b", chance(95) ? random_name() : NULL};
  const double values[] = {random_float(), random_float(), random_float()};
  epoch = chance(97) ? epoch % 100000 + 1 : random_int();
  snn_stopping_verdict verdict = {false, MARK};
  snn_error error;
  CALL("snn_stopping_rule_observe");
  if (ended(snn_stopping_rule_observe(rule, chance(2) ? NULL : names, chance(2) ? NULL : values,
                                      chance(95) ? 2 : below(4), epoch, chance(2) ? NULL : &verdict, &error),
            &error))
    snn_free(verdict.reason);
  else if (verdict.reason != MARK)
    WRONG("wrote a verdict on failure");
}

// The state of one rule goes into another, sometimes with characters changed.
static void move_rule(snn_stopping_rule* rule) {
  char* text = NULL;
  snn_error error;
  CALL("snn_stopping_rule_state");
  if (!ended(snn_stopping_rule_state(rule, &text, &error), &error)) return;
  const size_t length = strlen(text);
  for (int i = (int)below(3); length > 0 && i > 0; i--) text[below(length)] = "0129-.e{}[],:\"xN"[below(16)];
  CALL("snn_stopping_rule_load_state %.900s", text);
  ended(snn_stopping_rule_load_state(chance(70) ? rule : rules[below(RULES)], text, &error), &error);
  snn_free(text);
}

static void make_head(void) {
  const int32_t id = (int32_t)below((uint64_t)snn_entry_count(SNN_HEADS));
  const snn_entry* entry = snn_entry_at(SNN_HEADS, id);
  snn_value arguments[MOST_ARGUMENTS];
  const size_t count = random_arguments(entry, arguments);
  snn_head* head = MARK;
  snn_error error;
  CALL("snn_head_new %s", entry->name);
  if (ended(snn_head_new(chance(1) ? (int32_t)random_int() : id, arguments, count, chance(2) ? NULL : &head, &error),
            &error)) {
    const int slot = (int)below(HEADS);
    snn_head_release(heads[slot]);
    heads[slot] = head;
  } else if (head != MARK) {
    WRONG("wrote a head on failure");
  }
}

static void use_head(const snn_head* head) {
  snn_module* module = NULL;
  snn_metric* metric = NULL;
  snn_tensor *inputs[] = {any_tensor(), any_tensor(), any_tensor()}, *result = NULL;
  const char* name;
  snn_error error;
  CALL("snn_head_loss");
  const bool good = ended(chance(60) ? snn_head_loss(head, chance(2) ? NULL : &module, &error)
                                     : snn_head_activation(head, chance(2) ? NULL : &module, &error),
                          &error);
  if (good) {
    CALL("snn_module_forward of a head's %s", snn_module_layer(module));
    if (ended(snn_module_forward(module, inputs, chance(90) ? 2 : below(4), &result, 1, NULL, &error), &error))
      keep_tensor(result);
    snn_module_release(module);
  }
  CALL("snn_head_metric");
  const int32_t index = chance(90) ? (int32_t)below(2) : (int32_t)random_int();
  if (ended(snn_head_metric(head, index, chance(50) ? NULL : &name, &metric, &error), &error)) {
    CALL("snn_metric_update of a head");
    ended(snn_metric_update(metric, inputs[0], inputs[1], chance(80) ? NULL : inputs[2], &error), &error);
    CALL("snn_metric_compute of a head");
    result = NULL;
    if (ended(snn_metric_compute(metric, &result, 1, NULL, &error), &error)) keep_tensor(result);
    snn_metric_release(metric);
  }
}

void fuzz_stopping(void) {
  snn_stopping_rule* rule = rules[below(RULES)];
  forget_lists();
  switch (below(16)) {
    case 0:
      make_rule();
      break;
    case 1:
      move_rule(rule);
      break;
    case 2:
      snn_stopping_rule_reset(rule);
      if (snn_stopping_rule_retain(rule) != rule) WRONG("retain");
      snn_stopping_rule_release(rule);
      break;
    case 3:
      make_head();
      break;
    case 4:
    case 5:
      use_head(heads[below(HEADS)]);
      break;
    default:
      observe(rule);
      break;
  }
}
