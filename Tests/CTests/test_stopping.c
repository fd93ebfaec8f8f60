// Stopping rules of the table say what other implementations do; their state and their mistakes from C.
#include "support.h"
#include "swiftnn_typed.h"

enum { MOST_OPTIONS = 24, MOST_EPOCHS = 128 };

typedef struct Run {
  const snn_entry* entry;
  snn_value options[MOST_OPTIONS];
  double numbers[16];  // of lists
  int names_count;
  const char* names[4];
  double values[MOST_EPOCHS * 4];
} Run;

static void run_rule(Run* run, const char* name) {
  memset(run, 0, sizeof *run);
  run->entry = snn_entry_at(SNN_STOPPING_RULES, snn_find(SNN_STOPPING_RULES, name));
  if (run->entry == NULL) CHECK_SAY("there is no rule %s", name);
}

static void run_option(Run* run, const char* name, snn_value value) {
  if (value.kind == SNN_KIND_FLOATS) {
    memcpy(run->numbers, value.as.floats, (size_t)value.count * 8);
    value.as.floats = run->numbers;
  }
  for (int32_t i = 0; run->entry != NULL && i < run->entry->field_count; i++) {
    if (strcmp(run->entry->fields[i].name, name) != 0) continue;
    run->options[i] = value;
    return;
  }
  CHECK_SAY("there is no option %s", name);
}

static void run_watch(Run* run, int epochs, int count, const char* const* names, const double* values) {
  run->names_count = count;
  memcpy(run->names, names, (size_t)count * sizeof *names);
  memcpy(run->values, values, (size_t)(epochs * count) * sizeof *values);
}

static snn_stopping_rule* run_make(const Run* run) {
  snn_stopping_rule* rule = NULL;
  snn_error error = {0, ""};
  if (snn_stopping_rule_new(run->entry->id, run->options, (size_t)run->entry->field_count, &rule, &error) != SNN_OK)
    CHECK_SAY("%s: %s", run->entry->name, error.message);
  return rule;
}

// Whether one of the numbers in a text is this one.
static bool tells(const char* text, double number) {
  for (const char* at = text; *at; at++) {
    char* end;
    const double found = strtod(at, &end);
    if (end > at && fabs(found - number) <= 1e-9 * fmax(fabs(number), 1)) return true;
  }
  return false;
}

// A new rule goes on from the state of the old one in the middle.
static void run_expect(Run* run, int count, const int64_t* epochs, const char* best, const char* stop,
                       const double* numbers) {
  if (run->entry == NULL) return;
  snn_stopping_rule* rule = run_make(run);
  for (int i = 0; i < count; i++) {
    if (i == count / 2) {
      char *state = NULL, *again = NULL;
      snn_stopping_rule* other = run_make(run);
      CHECK(snn_stopping_rule_state(rule, &state, NULL) == SNN_OK);
      CHECK(snn_stopping_rule_load_state(other, state, NULL) == SNN_OK);
      CHECK(snn_stopping_rule_state(other, &again, NULL) == SNN_OK && strcmp(state, again) == 0);
      snn_free(state);
      snn_free(again);
      snn_stopping_rule_release(rule);
      rule = other;
    }
    snn_stopping_verdict verdict = {false, NULL};
    snn_error error = {0, ""};
    if (snn_stopping_rule_observe(rule, run->names, run->values + i * run->names_count, (size_t)run->names_count,
                                  epochs[i], &verdict, &error) != SNN_OK)
      CHECK_SAY("%s", error.message);
    if (verdict.is_best != (best[i] == '1') || (verdict.reason != NULL) != (stop[i] == '1'))
      CHECK_SAY("%s: epoch %d: %d, %s", run->entry->name, (int)epochs[i], verdict.is_best, verdict.reason);
    if (!isnan(numbers[i]) && (verdict.reason == NULL || !tells(verdict.reason, numbers[i])))
      CHECK_SAY("%s: not %.17g: %s", run->entry->name, numbers[i], verdict.reason);
    snn_free(verdict.reason);
  }
  snn_stopping_rule_release(rule);
}

// Runs a case of the table; false behind the last.
static bool run_case(Run* run, int number) {
  switch (number) {
#include "stopping_cases.inc"
  }
  return false;
}

TEST(rules_of_the_table) {
  Run run;
  int count = 0;
  while (run_case(&run, count)) count++;
  CHECK(count >= 38);
}

TEST(typed_rules) {
  snn_stopping_rule* rule = NULL;
  CHECK(snn_new_earlystopping(&(snn_new_earlystopping_options){.patience = snn_int(1), .monitor = snn_string("acc")},
                              &rule, NULL) == SNN_OK);
  const char* name = "acc";
  snn_stopping_verdict verdict;
  CHECK(snn_stopping_rule_observe(rule, &name, (const double[]){0.5}, 1, 1, &verdict, NULL) == SNN_OK);
  CHECK(verdict.is_best && verdict.reason == NULL);
  CHECK(snn_stopping_rule_observe(rule, &name, (const double[]){0.4}, 1, 2, &verdict, NULL) == SNN_OK);
  CHECK(!verdict.is_best &&
        strstr(verdict.reason, "acc did not become better for 1 epochs; the best was 0.5 behind epoch 1"));
  snn_free(verdict.reason);
  snn_stopping_rule_reset(rule);
  CHECK(snn_stopping_rule_observe(rule, &name, (const double[]){0.1}, 1, 3, &verdict, NULL) == SNN_OK);
  CHECK(verdict.is_best && verdict.reason == NULL && snn_stopping_rule_retain(rule) == rule);
  snn_stopping_rule_release(rule);
  snn_stopping_rule_release(rule);
}

TEST(mistakes) {
  snn_stopping_rule *rule = NULL, *other = NULL;
  snn_stopping_verdict verdict = {true, NULL};
  const char *name = "loss", *none = NULL;
  const double value = 1;
  char* json = NULL;
  REFUSES(SNN_ERROR_NAME, "number 77", snn_stopping_rule_new(77, NULL, 0, &other, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_stopping_rule_new(0, NULL, 0, NULL, error));
  const snn_value wrong = snn_int(3);
  REFUSES(SNN_ERROR_ARGUMENT, "monitor", snn_stopping_rule_new(0, &wrong, 1, &other, error));
  CHECK(snn_stopping_rule_new(0, NULL, 0, &rule, NULL) == SNN_OK && other == NULL);
  REFUSES(SNN_ERROR_NAME, "'val_loss' among what was measured: loss",
          snn_stopping_rule_observe(rule, &name, &value, 1, 0, &verdict, error));
  REFUSES(SNN_ERROR_NAME, "val_loss", snn_stopping_rule_observe(rule, NULL, NULL, 0, 0, &verdict, error));
  REFUSES(SNN_ERROR_ARGUMENT, "rule", snn_stopping_rule_observe(NULL, &name, &value, 1, 0, &verdict, error));
  REFUSES(SNN_ERROR_ARGUMENT, "names", snn_stopping_rule_observe(rule, NULL, &value, 1, 0, &verdict, error));
  REFUSES(SNN_ERROR_ARGUMENT, "names", snn_stopping_rule_observe(rule, &none, &value, 1, 0, &verdict, error));
  REFUSES(SNN_ERROR_ARGUMENT, "values", snn_stopping_rule_observe(rule, &name, NULL, 1, 0, &verdict, error));
  REFUSES(SNN_ERROR_ARGUMENT, "verdict", snn_stopping_rule_observe(rule, &name, &value, 1, 0, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "got", snn_stopping_rule_observe(rule, &name, &value, SIZE_MAX, 0, &verdict, error));
  CHECK(verdict.is_best && verdict.reason == NULL);
  REFUSES(SNN_ERROR_ARGUMENT, "json", snn_stopping_rule_state(rule, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "rule", snn_stopping_rule_state(NULL, &json, error));
  REFUSES(SNN_ERROR_ARGUMENT, "json", snn_stopping_rule_load_state(rule, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "'best'", snn_stopping_rule_load_state(rule, "{}", error));
  REFUSES(SNN_ERROR_ARGUMENT, "byte", snn_stopping_rule_load_state(rule, "{\"best\": [1", error));
  snn_stopping_rule_reset(NULL);
  snn_stopping_rule_release(NULL);
  CHECK(snn_stopping_rule_retain(NULL) == NULL);
  snn_stopping_rule_release(rule);
}
