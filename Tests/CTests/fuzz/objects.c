// Random calls on modules, optimizers, generators and the library itself.
#include "fuzz.h"

enum { MOST_ARGUMENTS = 64 };

static void new_module(void) {
  int32_t id = (int32_t)below((uint64_t)snn_entry_count(SNN_LAYERS));
  const snn_entry* entry = snn_entry_at(SNN_LAYERS, id);
  snn_value arguments[MOST_ARGUMENTS];
  size_t count = random_arguments(entry, arguments);
  snn_module* module = MARK;
  snn_error error;
  CALL("snn_module_new %s", entry->name);
  if (ended(
          snn_module_new(chance(1) ? (int32_t)random_int() : id, arguments, count, chance(2) ? NULL : &module, &error),
          &error)) {
    int slot = (int)below(MODULES);
    for (int32_t i = 0; i < snn_module_state_count(modules[slot]); i++) {
      snn_state state;
      snn_module_state_at(modules[slot], i, &state, NULL);
      snn_tensor_set_gradient(state.tensor, NULL, NULL);
    }
    snn_module_release(modules[slot]);
    modules[slot] = module;
  } else if (module != MARK) {
    WRONG("wrote a module on failure");
  }
}

static void forward(snn_module* module) {
  snn_tensor *inputs[4], *results[8] = {0};
  size_t input_count = chance(85) ? 1 : below(5), made = 0;
  for (int i = 0; i < 4; i++) inputs[i] = any_tensor();
  snn_error error;
  CALL("snn_module_forward %s", module ? snn_module_layer(module) : "NULL");
  bool good = ended(snn_module_forward(module, inputs, input_count, chance(2) ? NULL : results, chance(3) ? 0 : 8,
                                       chance(10) ? NULL : &made, &error),
                    &error);
  for (int i = 0; i < 8; i++) {
    if (results[i] && !good) WRONG("wrote a result on failure");
    keep_tensor(good ? results[i] : NULL);
  }
}

static void change_argument(snn_module* module) {
  int32_t id = module ? snn_find(SNN_LAYERS, snn_module_layer(module)) : -1;
  const snn_entry* entry = id < 0 ? NULL : snn_entry_at(SNN_LAYERS, id);
  if (entry == NULL || entry->field_count == 0) return;
  snn_value arguments[MOST_ARGUMENTS], value;
  size_t count = random_arguments(entry, arguments);
  size_t field = below((uint64_t)entry->field_count);
  snn_error error;
  CALL("snn_module_set_argument %s", entry->name);
  if (field < count)
    ended(snn_module_set_argument(module, entry->fields[field].name, chance(2) ? NULL : &arguments[field], &error),
          &error);
  CALL("snn_module_argument %s", entry->name);
  ended(snn_module_argument(module, chance(5) ? (int32_t)random_int() : (int32_t)field, chance(2) ? NULL : &value,
                            &error),
        &error);
}

static void call(snn_module* module) {
  int32_t id = module ? snn_find(SNN_LAYERS, snn_module_layer(module)) : -1;
  if (id < 0) return;
  snn_value arguments[MOST_ARGUMENTS];
  size_t count = random_arguments(snn_entry_at(SNN_LAYERS, id)->call, arguments), made = 0;
  snn_tensor* results[8] = {0};
  snn_error error;
  CALL("snn_module_call %s", snn_module_layer(module));
  bool good = ended(snn_module_call(module, chance(2) ? NULL : arguments, count, chance(2) ? NULL : results,
                                    chance(3) ? 0 : 8, chance(10) ? NULL : &made, &error),
                    &error);
  for (int i = 0; i < 8; i++) {
    if (results[i] && !good) WRONG("wrote a result on failure");
    keep_tensor(good ? results[i] : NULL);
  }
}

void fuzz_module(void) {
  snn_module* module = any_module();
  snn_error error;
  char* text = NULL;
  snn_state state;
  snn_tensor* tensor = NULL;
  const char* name = chance(2) ? NULL : random_name();
  int32_t count = snn_module_state_count(module);
  if (count > 0 && chance(80) && snn_module_state_at(module, (int32_t)below((uint64_t)count), &state, NULL) == SNN_OK)
    name = state.name;
  switch (below(11)) {
    case 0:
    case 1:
    case 2:
      new_module();
      break;
    case 3:
      CALL("snn_module_train");
      snn_module_train(module, chance(50));
      snn_module_training(module);
      break;
    case 4:
      CALL("snn_module_config");
      if (ended(snn_module_config(module, chance(2) ? NULL : &text, &error), &error)) snn_free(text);
      text = NULL;
      CALL("snn_module_text");
      if (ended(snn_module_text(module, chance(2) ? NULL : &text, &error), &error)) snn_free(text);
      change_argument(module);
      break;
    case 5:
      CALL("snn_module_state_at");
      ended(snn_module_state_at(module, (int32_t)random_int(), chance(2) ? NULL : &state, &error), &error);
      break;
    case 6:
      CALL("snn_module_get");
      if (ended(snn_module_get(module, name, chance(2) ? NULL : &tensor, &error), &error)) keep_tensor(tensor);
      break;
    case 7:
      CALL("snn_module_set");
      ended(snn_module_set(module, name, any_tensor(), &error), &error);
      break;
    case 8:
      if (snn_module_retain(module) != module) WRONG("retain");
      snn_module_release(module);
      break;
    case 9:
      call(module);
      break;
    default:
      forward(module);
      break;
  }
}

static size_t random_parameters(snn_tensor** parameters) {
  size_t count = below(5);
  for (size_t i = 0; i < 5; i++) parameters[i] = any_tensor();
  snn_module* module = any_module();
  if (chance(50))
    for (size_t i = 0; i < count; i++) {
      snn_state state;
      if (snn_module_state_at(module, (int32_t)i, &state, NULL) == SNN_OK) parameters[i] = state.tensor;
    }
  return count;
}

static void new_optimizer(void) {
  int32_t id = (int32_t)below((uint64_t)snn_entry_count(SNN_OPTIMIZERS));
  const snn_entry* entry = snn_entry_at(SNN_OPTIMIZERS, id);
  snn_value arguments[MOST_ARGUMENTS];
  size_t count = random_arguments(entry, arguments);
  snn_tensor* parameters[5];
  size_t parameter_count = random_parameters(parameters);
  snn_optimizer* optimizer = MARK;
  snn_error error;
  CALL("snn_optimizer_new %s", entry->name);
  if (ended(snn_optimizer_new(chance(1) ? (int32_t)random_int() : id, parameters, parameter_count, arguments, count,
                              chance(2) ? NULL : &optimizer, &error),
            &error)) {
    int slot = (int)below(OPTIMIZERS);
    if (optimizers[slot]) snn_optimizer_zero_grad(optimizers[slot]);
    snn_optimizer_release(optimizers[slot]);
    optimizers[slot] = optimizer;
  } else if (optimizer != MARK) {
    WRONG("wrote an optimizer on failure");
  }
}

static const snn_field* any_option(void) {
  const snn_entry* entry = snn_entry_at(SNN_OPTIMIZERS, (int32_t)below((uint64_t)snn_entry_count(SNN_OPTIMIZERS)));
  return entry->field_count ? &entry->fields[below((uint64_t)entry->field_count)] : NULL;
}

static void wrap_optimizer(snn_optimizer* optimizer) {
  int32_t id = (int32_t)below((uint64_t)snn_entry_count(SNN_WRAPPERS));
  const snn_entry* entry = snn_entry_at(SNN_WRAPPERS, id);
  snn_value arguments[MOST_ARGUMENTS];
  size_t count = random_arguments(entry, arguments);
  snn_error error;
  CALL("snn_optimizer_wrap %s", entry->name);
  ended(snn_optimizer_wrap(optimizer, chance(1) ? (int32_t)random_int() : id, arguments, count, &error), &error);
}

// Leaves whatever gradients there are, and now and then no loss.
static snn_status any_loss(void* user, snn_tensor** loss) {
  (void)user;
  if (chance(5)) return SNN_ERROR_CALLBACK;
  if (chance(95)) *loss = snn_tensor_retain(any_tensor());
  return SNN_OK;
}

void fuzz_optimizer(void) {
  snn_optimizer* optimizer = any_optimizer();
  snn_error error;
  int32_t group = (int32_t)(chance(85) ? 0 : random_int()),
          index = (int32_t)(chance(85) ? below(3) : (uint64_t)random_int());
  const snn_field* option = any_option();
  const char* name = chance(90) && option ? option->name : chance(50) ? NULL : random_name();
  int32_t states = snn_optimizer_state_count(optimizer);
  const char* state =
      chance(90) && states ? snn_optimizer_state_name(optimizer, (int32_t)below((uint64_t)states)) : random_name();
  snn_tensor* tensor = NULL;
  snn_value value;
  forget_lists();
  switch (below(15)) {
    case 0:
    case 1:
      new_optimizer();
      break;
    case 2: {
      snn_tensor* parameters[5];
      size_t count = random_parameters(parameters);
      CALL("snn_optimizer_add_group");
      ended(snn_optimizer_add_group(optimizer, parameters, count, NULL, chance(95) ? 0 : 1, &error), &error);
      break;
    }
    case 3:
      CALL("snn_optimizer_parameter");
      if (ended(snn_optimizer_parameter(optimizer, group, index, chance(2) ? NULL : &tensor, &error), &error))
        keep_tensor(tensor);
      snn_optimizer_parameter_count(optimizer, (int32_t)random_int());
      snn_optimizer_group_count(optimizer);
      break;
    case 4:
      CALL("snn_optimizer_get");
      ended(snn_optimizer_get(optimizer, group, name, chance(2) ? NULL : &value, &error), &error);
      break;
    case 5:
      CALL("snn_optimizer_set %s", name ? name : "NULL");
      ended(snn_optimizer_set(optimizer, group, name, option ? random_argument(option) : snn_none(), &error), &error);
      break;
    case 6:
      CALL("snn_optimizer_zero_grad");
      snn_optimizer_zero_grad(optimizer);
      break;
    case 7:
      CALL("snn_optimizer_state");
      if (ended(snn_optimizer_state(optimizer, group, index, state, chance(2) ? NULL : &tensor, &error), &error))
        keep_tensor(tensor);
      snn_optimizer_state_name(optimizer, (int32_t)random_int());
      break;
    case 8:
      CALL("snn_optimizer_set_state %s", state ? state : "NULL");
      ended(snn_optimizer_set_state(optimizer, group, index, state, any_tensor(), &error), &error);
      break;
    case 9:
      if (snn_optimizer_retain(optimizer) != optimizer) WRONG("retain");
      snn_optimizer_release(optimizer);
      break;
    case 10:
      wrap_optimizer(optimizer);
      break;
    case 11:
      CALL("snn_optimizer_first_step");
      ended(snn_optimizer_first_step(optimizer, &error), &error);
      CALL("snn_optimizer_set_outputs");
      tensor = any_tensor();
      ended(snn_optimizer_set_outputs(optimizer, chance(2) ? NULL : &tensor, below(2), &error), &error);
      break;
    case 12:
      CALL("snn_optimizer_step_closure");
      if (ended(snn_optimizer_step_closure(optimizer, chance(2) ? NULL : any_loss, NULL, chance(5) ? NULL : &tensor,
                                           &error),
                &error) &&
          tensor)
        keep_tensor(tensor);
      break;
    default:
      CALL("snn_optimizer_step");
      ended(snn_optimizer_step(optimizer, &error), &error);
      break;
  }
}

static void note(void* user, snn_log_level level, const char* message) {
  (void)user;
  if (level > SNN_LOG_WARNING || !message) WRONG("log");
}

void fuzz_rest(void) {
  snn_section section = (snn_section)below(12);
  const char* name = chance(5) ? NULL : random_name();
  snn_error error;
  CALL("the rest");
  switch (below(12)) {
    case 0:
      snn_find(section, name);
      break;
    case 1:
      snn_describe(section, name);
      break;
    case 2:
      snn_entry_at(section, (int32_t)random_int());
      snn_entry_count(section);
      break;
    case 3:
      snn_status_name((snn_status)random_int());
      snn_dtype_name((snn_dtype)random_int());
      snn_dtype_size((snn_dtype)random_int());
      break;
    case 4: {
      CALL("snn_generator_new");
      snn_generator* generator = NULL;
      if (ended(snn_generator_new(draw(), chance(2) ? NULL : &generator, &error), &error)) {
        int slot = (int)below(GENERATORS);
        snn_generator_release(generators[slot]);
        generators[slot] = generator;
      }
      break;
    }
    case 5:
      snn_generator_seed(any_generator(), draw());
      break;
    case 6: {
      uint64_t seed, position;
      snn_generator_state(any_generator(), chance(5) ? NULL : &seed, chance(5) ? NULL : &position);
      snn_generator_set_state(any_generator(), draw(), chance(50) ? draw() : UINT64_MAX);
      snn_generator_release(snn_generator_retain(any_generator()));
      break;
    }
    case 7:
      snn_set_log_callback(chance(50) ? note : NULL, NULL);
      break;
    case 8: {
      snn_memory_counts counts;
      snn_memory(chance(2) ? NULL : &counts);
      if (chance(10)) snn_memory_trim();
      snn_memory_reset_peak();
      break;
    }
    case 9:
      // A cap so low that the next calls fail somewhere in the middle.
      snn_set_memory_limit(1 << below(16));
      for (int i = 0; i < 8; i++) chance(50) ? fuzz_apply() : chance(50) ? fuzz_gradient() : fuzz_module();
      snn_set_memory_limit(64 << 20);
      break;
    case 10:
      CALL("snn_set_default_dtype");
      ended(snn_set_default_dtype((snn_dtype)below(10), &error), &error);
      if (chance(80)) snn_set_default_dtype(SNN_FLOAT32, NULL);
      break;
    default:
      if (chance(2)) snn_set_threads((int32_t)(chance(90) ? below(4) : (uint64_t)random_int()));
      snn_threads();
      break;
  }
}
