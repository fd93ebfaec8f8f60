// The registry as C sees it, random generators and the log.
#include "support.h"

static void check_entry(snn_section section, const snn_entry* entry, int32_t id) {
  CHECK(entry->size == sizeof(snn_entry) && entry->id == id && snn_find(section, entry->name) == id);
  if (!entry->doc || !*entry->doc) CHECK_SAY("%s has no line of documentation", entry->name);
  const char* schema = snn_describe(section, entry->name);
  CHECK(schema && schema[0] == '{' && strstr(schema, entry->name));
  for (int32_t i = 0; i < entry->field_count; i++) {
    const snn_field* field = &entry->fields[i];
    CHECK(field->name && *field->name && field->kind > 0 && field->kind <= SNN_KIND_OPERAND);
    CHECK(field->has_default == (field->default_text != NULL));
    if (field->optional && !field->has_default)
      CHECK_SAY("%s.%s is optional without a default", entry->name, field->name);
  }
}

TEST(every_entry_is_complete) {
  for (int32_t section = SNN_OPERATIONS; section <= SNN_SCHEDULES; section++) {
    int32_t count = snn_entry_count((snn_section)section);
    CHECK(count > 0 && snn_entry_at((snn_section)section, count) == NULL);
    for (int32_t id = 0; id < count; id++)
      check_entry((snn_section)section, snn_entry_at((snn_section)section, id), id);
    const char* all = snn_describe((snn_section)section, NULL);
    CHECK(all && all[0] == '[' && all[strlen(all) - 1] == ']');
  }
}

TEST(fields_say_what_they_take) {
  const snn_entry* gelu = snn_entry_at(SNN_OPERATIONS, snn_find(SNN_OPERATIONS, "gelu"));
  CHECK(gelu->field_count == 2 && gelu->fields[0].kind == SNN_KIND_TENSOR && gelu->result_count == 1 &&
        gelu->differentiable);
  CHECK(!strcmp(gelu->fields[1].choices[1], "tanh") && gelu->fields[1].choices[2] == NULL);
  CHECK(!strcmp(gelu->fields[1].default_value.as.s, "none") && !strcmp(gelu->fields[1].default_text, "'none'"));
  const snn_entry* dropout = snn_entry_at(SNN_OPERATIONS, snn_find(SNN_OPERATIONS, "dropout"));
  CHECK(dropout->fields[1].minimum == 0 && dropout->fields[1].maximum == 1);
  CHECK(snn_entry_at(SNN_OPERATIONS, snn_find(SNN_OPERATIONS, "add_"))->in_place);
}

TEST(generators) {
  snn_generator *a = NULL, *b = NULL;
  CHECK(snn_generator_new(7, &a, NULL) == SNN_OK && snn_generator_new(7, &b, NULL) == SNN_OK);
  snn_value size = snn_ints((const int64_t[]){100}, 1);
  snn_tensor *x = APPLY("rand", size, snn_of_generator(a)), *y = APPLY("rand", size, snn_of_generator(b));
  CHECK(element(x, 99) == element(y, 99) && element(x, 0) != element(x, 1));
  uint64_t seed = 0, position = 0;
  snn_generator_state(a, &seed, &position);
  CHECK(seed == 7 && position > 0);
  snn_generator_set_state(b, 7, 0);
  snn_tensor* again = APPLY("rand", size, snn_of_generator(b));
  CHECK(element(again, 50) == element(x, 50));
  snn_generator_seed(NULL, 7);
  snn_tensor* global = APPLY("rand", size);
  CHECK(element(global, 50) == element(x, 50));
  snn_generator_seed(NULL, 0);
  snn_tensor_release(x), snn_tensor_release(y), snn_tensor_release(again), snn_tensor_release(global);
  CHECK(snn_generator_retain(a) == a);
  snn_generator_release(a), snn_generator_release(a), snn_generator_release(b);
}

static void note(void* user, snn_log_level level, const char* message) {
  if (level == SNN_LOG_WARNING && message) ++*(int*)user;
}

TEST(log_goes_to_the_callback) {
  int notes = 0;
  snn_set_log_callback(note, &notes);
  snn_set_log_callback(NULL, NULL);
  CHECK(notes == 0);
}

TEST(nothing_is_left) { CHECK(in_use() == 0); }
