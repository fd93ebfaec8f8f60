// Random calls of operations, tensors and gradients.
#include "fuzz.h"

enum { MOST_ARGUMENTS = 64, MOST_RESULTS = 24 };

bool ended(snn_status status, const snn_error* error) {
  if (status == SNN_OK) return true;
  if (status > 0 || status < SNN_ERROR_INTERNAL) WRONG("status %d is none of ours", (int)status);
  if (status == SNN_ERROR_INTERNAL) WRONG("internal error: %s", error ? error->message : "");
  if (!error) return false;
  if (error->status != status) WRONG("returned %d, wrote %d", (int)status, (int)error->status);
  size_t length = strnlen(error->message, SNN_MESSAGE_SIZE);
  if (length == 0 || length == SNN_MESSAGE_SIZE) WRONG("message of %zu bytes", length);
  return false;
}

// Calls with an out handle: checks that failure leaves it alone, and gives the result or NULL.
#define WITH_OUT(type, call)                                       \
  type* result = MARK;                                             \
  type** out = chance(2) ? NULL : &result;                         \
  snn_error problem, *error = chance(10) ? NULL : &problem;        \
  snn_status status = (call);                                      \
  bool good = ended(status, error);                                \
  if (!good && result != MARK) WRONG("wrote a result on failure"); \
  if (good && !out) WRONG("succeeded without an out parameter");   \
  if (result == MARK) result = NULL

// What a report needs to tell one call from another.
static void describe(const snn_entry* entry, const snn_value* arguments, size_t count) {
  size_t at = (size_t)snprintf(last_call, sizeof last_call, "snn_apply %s(", entry->name);
  for (size_t i = 0; i < count && at < sizeof last_call - 64; i++) {
    const snn_value* value = &arguments[i];
    size_t room = sizeof last_call - at;
    const char* comma = i ? ", " : "";
    const snn_tensor* tensor = value->kind == SNN_KIND_TENSOR ? value->as.tensor : NULL;
    int written = 0;
    if (tensor)
      written = snprintf(last_call + at, room, "%s%s %dD of %lld at %p%s%s%s", comma,
                         snn_dtype_name(snn_tensor_dtype(tensor)), (int)snn_tensor_rank(tensor),
                         (long long)snn_tensor_count(tensor), (const void*)tensor,
                         snn_tensor_is_batched(tensor) ? " batched" : "",
                         snn_tensor_requires_grad(tensor) ? " grad" : "", snn_tensor_is_leaf(tensor) ? "" : " result");
    else if (value->kind == SNN_KIND_INT)
      written = snprintf(last_call + at, room, "%s%lld", comma, (long long)value->as.i);
    else if (value->kind == SNN_KIND_FLOAT)
      written = snprintf(last_call + at, room, "%s%g", comma, value->as.f);
    else
      written = snprintf(last_call + at, room, "%skind %d of %d", comma, (int)value->kind, (int)value->count);
    at += (size_t)written;
  }
}

void fuzz_apply(void) {
  int32_t id = (int32_t)below((uint64_t)snn_entry_count(SNN_OPERATIONS));
  const snn_entry* entry = snn_entry_at(SNN_OPERATIONS, id);
  snn_value arguments[MOST_ARGUMENTS];
  size_t count = random_arguments(entry, arguments);
  size_t capacity = chance(3) ? below(2) : MOST_RESULTS, made = 99;
  snn_tensor* results[MOST_RESULTS];
  for (int i = 0; i < MOST_RESULTS; i++) results[i] = MARK;
  snn_error problem, *error = chance(10) ? NULL : &problem;
  describe(entry, arguments, count);
  snn_status status = snn_apply(chance(1) ? (int32_t)random_int() : id, chance(1) ? NULL : arguments, count,
                                chance(1) ? NULL : results, capacity, chance(10) ? NULL : &made, error);
  bool good = ended(status, error);
  for (size_t i = 0; i < MOST_RESULTS; i++) {
    if (results[i] == MARK) continue;
    if (!good && results[i])
      WRONG("wrote result %zu on failure", i);
    else if (good)
      keep_tensor(results[i]);
  }
}

static void new_broken_tensor(void) {
  int64_t sizes[20];
  int32_t rank = (int32_t)(chance(70) ? below(4) : below(20)) - (chance(10) ? 1 : 0);
  for (int i = 0; i < 20; i++) sizes[i] = random_int();
  // Memory for the data is not at hand, so none is passed unless the size is certain to fail.
  CALL("snn_tensor_new rank %d", (int)rank);
  WITH_OUT(snn_tensor, snn_tensor_new((snn_dtype)below(12), rank, chance(5) ? NULL : sizes, NULL, out, error));
  keep_tensor(result);
}

static void read_tensor(void) {
  snn_tensor* tensor = any_tensor();
  snn_dtype dtype = (snn_dtype)(1 + below(9));
  int64_t count = snn_tensor_count(tensor);
  size_t bytes = count < 0 || count > MOST_ELEMENTS ? 8 : (size_t)count * snn_dtype_size(dtype);
  if (chance(5)) bytes += below(3) - 1;
  void* data = malloc(bytes + 1);
  snn_error error;
  CALL("snn_tensor_read");
  ended(snn_tensor_read(tensor, dtype, chance(2) ? NULL : data, bytes, &error), &error);
  free(data);
  double number;
  int64_t whole;
  CALL("snn_tensor_item");
  ended(snn_tensor_item(tensor, chance(2) ? NULL : &number, &error), &error);
  ended(snn_tensor_item_int(tensor, chance(2) ? NULL : &whole, &error), &error);
}

static void look_at_tensor(void) {
  const snn_tensor *tensor = any_tensor(), *other = any_tensor();
  CALL("properties");
  int32_t rank = snn_tensor_rank(tensor);
  const int64_t *sizes = snn_tensor_sizes(tensor), *strides = snn_tensor_strides(tensor);
  int64_t count = 1;
  for (int32_t i = 0; i < rank; i++) count *= sizes[i], (void)strides[i];
  if (tensor && count != snn_tensor_count(tensor)) WRONG("count");
  if (!tensor && (rank != -1 || sizes || strides || snn_tensor_count(tensor) != -1)) WRONG("properties of NULL");
  snn_tensor_dtype(tensor);
  snn_tensor_data(tensor);
  snn_tensor_version(tensor);
  snn_tensor_shares_memory(tensor, other);
  snn_tensor_requires_grad(tensor);
  snn_tensor_is_leaf(tensor);
  snn_tensor_gradient_function(tensor);
  if (chance(30)) snn_tensor_touch((snn_tensor*)tensor);
}

static void print_tensor(void) {
  snn_tensor* tensor = any_tensor();
  CALL("snn_tensor_text");
  WITH_OUT(char, snn_tensor_text(tensor, out, error));
  snn_free(result);
}

void fuzz_tensor(void) {
  switch (below(10)) {
    case 0:
    case 1:
    case 2:
      keep_tensor(random_tensor());
      break;
    case 3:
      keep_tensor(random_borrowed());
      break;
    case 4:
      new_broken_tensor();
      break;
    case 5:
      read_tensor();
      break;
    case 6:
      look_at_tensor();
      break;
    case 7:
      print_tensor();
      break;
    case 8:
      drop_tensor((int)below(TENSORS));
      break;
    case 9: {
      snn_tensor* tensor = any_tensor();
      if (snn_tensor_retain(tensor) != tensor) WRONG("retain");
      if (tensor && chance(50))
        keep_tensor(tensor);
      else
        snn_tensor_release(tensor);
      break;
    }
  }
}

static snn_status random_hook(void* user, snn_tensor* gradient, snn_tensor** replacement) {
  if (*(int*)user != 0x00C0FFEE) WRONG("a hook got something else");
  switch (below(8)) {
    case 0:
      return -1 - (snn_status)below(20);
    case 1:
      *replacement = snn_tensor_retain(any_tensor());
      break;
    case 2:
      *replacement = snn_tensor_retain(gradient);
      break;
    case 3: {
      snn_value arguments[2] = {snn_of(gradient), snn_float(random_float())};
      snn_apply(snn_find(SNN_OPERATIONS, "mul"), arguments, 2, replacement, 1, NULL, NULL);
      break;
    }
    default:
      break;
  }
  return SNN_OK;
}

static snn_status random_backward(void* user, snn_tensor* const* gradients, size_t count, snn_tensor** found,
                                  size_t inputs) {
  if (*(int*)user != 0x00C0FFEE) WRONG("a function got something else");
  for (size_t i = 0; i < inputs; i++) {
    snn_tensor* gradient = chance(80) ? gradients[i % count] : any_tensor();
    found[i] = snn_tensor_retain(gradient);
  }
  return chance(5) ? SNN_ERROR_SHAPE : SNN_OK;
}

static void record_function(void) {
  snn_tensor *inputs[3], *outputs[3], *results[3] = {MARK, MARK, MARK};
  size_t input_count = below(4), output_count = below(4);
  for (int i = 0; i < 3; i++) inputs[i] = any_tensor(), outputs[i] = any_tensor();
  void* user = new_user();
  snn_error error;
  CALL("snn_record %zu inputs %zu outputs", input_count, output_count);
  snn_status status =
      snn_record(chance(2) ? NULL : random_name(), chance(2) ? NULL : inputs, input_count, outputs, output_count,
                 chance(2) ? NULL : random_backward, user, destroy_user, chance(2) ? NULL : results, &error);
  if (!ended(status, &error)) destroy_user(user);
  for (int i = 0; i < 3; i++) {
    if (results[i] == MARK) continue;
    if (status != SNN_OK)
      WRONG("wrote a result on failure");
    else
      keep_tensor(results[i]);
  }
}

static void add_hook(void) {
  void* user = new_user();
  int64_t id = 0;
  snn_error error;
  snn_tensor* tensor = any_tensor();
  CALL("snn_tensor_add_hook");
  snn_status status =
      snn_tensor_add_hook(tensor, chance(2) ? NULL : random_hook, user, destroy_user, chance(5) ? NULL : &id, &error);
  if (!ended(status, &error)) {
    destroy_user(user);
  } else if (chance(40)) {
    CALL("snn_tensor_remove_hook");
    ended(snn_tensor_remove_hook(chance(90) ? tensor : any_tensor(), chance(90) ? id : random_int(), &error), &error);
  }
}

static void differentiate(void) {
  snn_tensor *outputs[3], *inputs[3], *seeds[3], *gradients[3] = {MARK, MARK, MARK};
  size_t output_count = 1 + below(3), input_count = below(4);
  for (int i = 0; i < 3; i++) {
    outputs[i] = any_tensor();
    inputs[i] = any_tensor();
    seeds[i] = chance(60) ? outputs[i] : any_tensor();  // of the right shape
  }
  // A gradient that leads back to the tensor it belongs to keeps that alive, so such gradients go to owners only: by
  // snn_grad, in rounds in which no result retains its gradient.
  bool retain = chance(50), create = chance(20) && (cycles_allowed || !retains_allowed);
  snn_error error;
  switch (create && !cycles_allowed ? 2 : below(3)) {
    case 0:
      CALL("snn_backward retain %d create %d", retain, create);
      ended(snn_backward(outputs[0], chance(40) ? NULL : seeds[0], retain, create, &error), &error);
      break;
    case 1:
      CALL("snn_backward_many retain %d create %d", retain, create);
      ended(snn_backward_many(outputs, output_count, chance(40) ? NULL : seeds, chance(5) ? NULL : inputs, input_count,
                              retain, create, &error),
            &error);
      break;
    default:
      CALL("snn_grad retain %d create %d", retain, create);
      if (ended(snn_grad(outputs, output_count, inputs, input_count, chance(40) ? NULL : seeds, retain, create,
                         chance(70), chance(2) ? NULL : gradients, &error),
                &error)) {
        for (size_t i = 0; i < input_count; i++) keep_tensor(gradients[i] == MARK ? NULL : gradients[i]);
      } else {
        for (int i = 0; i < 3; i++)
          if (gradients[i] != MARK) WRONG("wrote a gradient on failure");
      }
  }
}

void fuzz_gradient(void) {
  snn_error error;
  snn_tensor *tensor = any_tensor(), *other = any_tensor();
  switch (below(14)) {
    case 0:
      CALL("snn_tensor_set_requires_grad");
      ended(snn_tensor_set_requires_grad(tensor, chance(80), &error), &error);
      break;
    case 1:
      if (!retains_allowed) break;
      CALL("snn_tensor_retain_grad");
      ended(snn_tensor_retain_grad(tensor, &error), &error);
      break;
    case 2: {
      CALL("snn_tensor_gradient");
      WITH_OUT(snn_tensor, snn_tensor_gradient(tensor, out, error));
      keep_tensor(result);
      break;
    }
    case 3:
      CALL("snn_tensor_set_gradient");
      ended(snn_tensor_set_gradient(tensor, other, &error), &error);
      break;
    case 4: {
      CALL("snn_tensor_detach");
      WITH_OUT(snn_tensor, snn_tensor_detach(tensor, out, error));
      keep_tensor(result);
      break;
    }
    case 5:
      CALL("snn_tensor_set_data");
      ended(snn_tensor_set_data(tensor, other, &error), &error);
      break;
    case 6:
      add_hook();
      break;
    case 7:
      record_function();
      break;
    case 8:
      snn_set_grad_enabled(chance(85));
      if (chance(50)) snn_set_grad_enabled(true);
      break;
    default:
      differentiate();
      break;
  }
}
