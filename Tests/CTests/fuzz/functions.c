// Random calls of functions of tensors: many examples at once, directions, checks of derivatives, modes.
#include "fuzz.h"

enum { MOST_INPUTS = 3, MOST_CHECKED = 12 };

static int depth;

// A few random operations on the inputs and on whatever else there is; now and then a nested call, or a broken promise.
static snn_status random_function(void* user, snn_tensor* const* inputs, size_t input_count, snn_tensor** outputs,
                                  size_t capacity, size_t* output_count) {
  if (*(int*)user != 0x00C0FFEE) WRONG("a function got something else");
  *output_count = 0;
  for (size_t i = 0; i < 1 + below(2) && i < capacity; i++) {
    snn_tensor* input = input_count ? inputs[below(input_count)] : any_tensor();
    static const char* const names[] = {"mul",     "add",   "matmul",  "sum",      "sin",
                                        "softmax", "clone", "nonzero", "rand_like"};
    const char* name = names[below(sizeof names / sizeof *names)];
    snn_value arguments[2] = {snn_of(input), chance(70) ? snn_of(chance(50) ? input : any_tensor()) : snn_int(0)};
    snn_tensor* made = NULL;
    if (snn_apply(snn_find(SNN_OPERATIONS, name), arguments, 1 + below(2), &made, 1, NULL, NULL) != SNN_OK)
      made = snn_tensor_retain(input);
    if (snn_tensor_is_batched(made) && snn_tensor_data(made)) WRONG("one example shows its numbers");
    // Examples that outlive their call must do no harm.
    if (chance(3)) keep_tensor(snn_tensor_retain(made));
    outputs[i] = chance(2) ? NULL : made;
    if (outputs[i] == NULL) snn_tensor_release(made);
    *output_count = i + 1;
  }
  if (chance(10) && depth < 2) fuzz_functions();
  if (chance(1)) *output_count = capacity + below(3);
  return chance(3) ? -1 - (snn_status)below(20) : SNN_OK;
}

// A smooth function of one tensor, or one that reports failure.
static snn_status small_function(void* user, snn_tensor* const* inputs, size_t input_count, snn_tensor** outputs,
                                 size_t capacity, size_t* output_count) {
  (void)capacity;
  static const char* const names[] = {"sin", "square", "exp", "clone", "abs"};
  snn_value argument = snn_of(inputs[input_count - 1]);
  *output_count = 1;
  return snn_apply(snn_find(SNN_OPERATIONS, names[*(int*)user % 5]), &argument, 1, outputs, 1, NULL, NULL);
}

static void keep_results(snn_status status, snn_tensor** results, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (results[i] == MARK) continue;
    if (status != SNN_OK)
      WRONG("wrote a result on failure");
    else
      keep_tensor(results[i]);
  }
}

static void map(void) {
  int user = 0x00C0FFEE;
  snn_tensor *inputs[MOST_INPUTS], *results[4] = {MARK, MARK, MARK, MARK};
  int64_t dims[MOST_INPUTS], out[4];
  size_t count = below(MOST_INPUTS + 1), made = 0;
  for (size_t i = 0; i < MOST_INPUTS; i++) {
    inputs[i] = chance(95) ? live_tensor() : any_tensor();
    int32_t rank = snn_tensor_rank(inputs[i]);
    dims[i] = chance(20) || rank < 1 ? SNN_NOT_MAPPED : (int64_t)below((uint64_t)rank) - (chance(30) ? rank : 0);
    if (chance(3)) dims[i] = random_int();
  }
  for (int i = 0; i < 4; i++) out[i] = chance(90) ? (int64_t)below(2) : random_int();
  int64_t chunk = chance(70) ? 0 : chance(80) ? (int64_t)below(4) + 1 : random_int();
  snn_error error;
  CALL("snn_vmap of %zu", count);
  snn_status status = snn_vmap(chance(2) ? NULL : random_function, &user, chance(2) ? NULL : inputs,
                               chance(2) ? NULL : dims, count, chance(70) ? NULL : out, (int32_t)below(4), chunk,
                               chance(2) ? NULL : results, 1 + below(4), chance(10) ? NULL : &made, &error);
  ended(status, &error);
  keep_results(status, results, 4);
}

static void move(void) {
  snn_tensor *inputs[2], *outputs[2], *directions[2], *results[2] = {MARK, MARK};
  for (int i = 0; i < 2; i++) {
    inputs[i] = any_tensor(), outputs[i] = any_tensor();
    directions[i] = chance(70) ? inputs[i] : any_tensor();
  }
  size_t count = below(3), output_count = below(3);
  bool create = chance(30), open;
  snn_error error;
  snn_status status;
  switch (below(5)) {
    case 0:
      CALL("snn_jvp");
      status = snn_jvp(outputs, output_count, inputs, count, chance(2) ? NULL : directions, create,
                       chance(2) ? NULL : results, &error);
      break;
    case 1:
      CALL("snn_hvp");
      status =
          snn_hvp(outputs[0], inputs, count, chance(2) ? NULL : directions, create, chance(2) ? NULL : results, &error);
      break;
    case 2:
      CALL("snn_gauss_newton_product");
      status = snn_gauss_newton_product(outputs[0], outputs, output_count, inputs, count, chance(2) ? NULL : directions,
                                        create, chance(2) ? NULL : results, &error);
      break;
    case 3:
      CALL("snn_variable");
      status = snn_variable(inputs[0], chance(2) ? NULL : results, &error);
      break;
    default:
      CALL("snn_settle");
      status = snn_settle(outputs, output_count, inputs, count, chance(2) ? NULL : results, chance(20) ? NULL : &open,
                          &error);
  }
  ended(status, &error);
  keep_results(status, results, 2);
}

static void check(void) {
  int user = (int)below(100);
  snn_tensor* input = live_tensor();
  if (!input || snn_tensor_count(input) > MOST_CHECKED) return;
  snn_gradcheck_options options = {chance(95) ? sizeof options : below(100),
                                   1e-6,
                                   1e-5,
                                   1e-3,
                                   0,
                                   chance(80),
                                   chance(30),
                                   chance(30),
                                   chance(30),
                                   chance(30),
                                   NULL,
                                   0};
  snn_error error;
  CALL("snn_gradcheck of %lld elements", (long long)snn_tensor_count(input));
  ended(snn_gradcheck(chance(2) ? NULL : small_function, &user, chance(2) ? NULL : &input, 1,
                      chance(30) ? NULL : &options, &error),
        &error);
}

void fuzz_functions(void) {
  depth++;
  switch (below(10)) {
    case 0:
      CALL("snn_set_anomaly_mode");
      snn_set_anomaly_mode(chance(30), chance(50));
      snn_anomaly_mode(NULL);
      break;
    case 1:
      CALL("snn_set_inference_mode");
      snn_set_inference_mode(chance(20));
      snn_tensor_is_inference(any_tensor());
      break;
    case 2:
      check();
      break;
    case 3:
    case 4:
    case 5:
      move();
      break;
    default:
      map();
  }
  depth--;
}
