// Every optimizer of the registry goes the way that PyTorch's takes, or that of its paper, by name and options.
#include <math.h>

#include "support.h"
#include "swiftnn_typed.h"

enum { MOST_OPTIONS = 16, MOST_PARAMETERS = 8 };
// Where parameters go downhill, as in Tests/Golden/optimizers.
enum { SLOPE, VALLEY, MODEL };

typedef struct Option {
  const char* name;
  snn_value value;
} Option;

typedef struct Way {
  snn_optimizer* optimizer;
  snn_tensor* parameters[MOST_PARAMETERS];
  int count, moved, step, nan_at, problem;
} Way;

static size_t read_elements(const snn_tensor* tensor, double* elements) {
  const size_t count = (size_t)snn_tensor_count(tensor);
  CHECK(snn_tensor_read(tensor, SNN_FLOAT64, elements, count * sizeof *elements, NULL) == SNN_OK);
  return count;
}

// What a declaration takes, from options by name; a name that it does not have is a failure.
static int32_t bind(snn_section section, const char* name, const Option* options, snn_value* values) {
  const snn_entry* entry = snn_entry_at(section, snn_find(section, name));
  CHECK(entry != NULL);
  for (int32_t i = 0; i < MOST_OPTIONS; i++) values[i] = snn_none();
  for (; options->name; options++) {
    bool known = false;
    for (int32_t i = 0; i < entry->field_count; i++) {
      if (strcmp(entry->fields[i].name, options->name) == 0) values[i] = options->value, known = true;
    }
    if (!known) CHECK_SAY("%s has no option %s", name, options->name);
  }
  return entry->field_count;
}

// Parameters whose elements are told apart, as in Tests/Golden/units/optimizers.py.
static Way begin(const char* name, const Option* options, const int* ranks, int count, const int64_t* sizes) {
  Way way = {.count = count};
  int number = 0;
  for (int p = 0; p < count; p++) {
    double elements[64];
    int64_t total = 1;
    for (int axis = 0; axis < ranks[p]; axis++) total *= sizes[axis];
    for (int i = 0; i < total; i++, number++) elements[i] = ((7 * number + 3) % 11 - 5) / 4.0 + number / 64.0;
    CHECK(snn_tensor_new(SNN_FLOAT64, ranks[p], sizes, elements, &way.parameters[p], NULL) == SNN_OK);
    CHECK(snn_tensor_set_requires_grad(way.parameters[p], true, NULL) == SNN_OK);
    sizes += ranks[p];
  }
  snn_value values[MOST_OPTIONS];
  const int32_t fields = bind(SNN_OPTIMIZERS, name, options, values);
  snn_error error = {0};
  if (snn_optimizer_new(snn_find(SNN_OPTIMIZERS, name), way.parameters, (size_t)count, values, (size_t)fields,
                        &way.optimizer, &error) != SNN_OK)
    CHECK_SAY("%s", error.message);
  return way;
}

static void wrap(Way* way, const char* name, const Option* options) {
  snn_value values[MOST_OPTIONS];
  const int32_t fields = bind(SNN_WRAPPERS, name, options, values);
  CHECK(snn_optimizer_wrap(way->optimizer, snn_find(SNN_WRAPPERS, name), values, (size_t)fields, NULL) == SNN_OK);
}

static snn_tensor* then(snn_tensor* used, snn_tensor* result) {
  snn_tensor_release(used);
  return result;
}

static snn_tensor* square(snn_tensor* tensor) { return then(tensor, APPLY("square", snn_of(tensor))); }

// Rosenbrock's valley along the elements of each parameter, as in Tests/Golden/units/optimizers.py.
static snn_status valley(Way* way, snn_tensor** loss) {
  snn_tensor* total = NULL;
  snn_optimizer_zero_grad(way->optimizer);
  for (int p = 0; p < way->count; p++) {
    const int64_t flat[] = {-1}, steps = snn_tensor_count(way->parameters[p]) - 1;
    snn_tensor* x = APPLY("reshape", snn_of(way->parameters[p]), snn_ints(flat, 1));
    snn_tensor* left = APPLY("narrow", snn_of(x), snn_int(0), snn_int(0), snn_int(steps));
    snn_tensor* right = APPLY("narrow", snn_of(x), snn_int(0), snn_int(1), snn_int(steps));
    snn_tensor* squared = APPLY("square", snn_of(left));
    snn_tensor* rest = square(APPLY("sub", snn_of(right), snn_of(squared)));
    snn_tensor* one = square(APPLY("rsub", snn_of(left), snn_int(1)));
    snn_tensor* sum = APPLY("add", snn_of(one), snn_of(rest), snn_int(100));
    snn_tensor* part = APPLY("sum", snn_of(sum));
    total = total ? then(part, then(total, APPLY("add", snn_of(total), snn_of(part)))) : part;
    snn_tensor* used[] = {x, left, right, squared, rest, one, sum};
    for (size_t i = 0; i < COUNT(used); i++) snn_tensor_release(used[i]);
  }
  CHECK(snn_backward(total, NULL, true, false, NULL) == SNN_OK);
  *loss = total;
  return SNN_OK;
}

// (step · i + first) % period, less the middle, in parts.
static snn_tensor* pattern(int rank, const int64_t* sizes, int step, int first, int period, double parts) {
  double elements[128];
  int64_t count = 1;
  for (int axis = 0; axis < rank; axis++) count *= sizes[axis];
  for (int i = 0; i < count; i++) elements[i] = ((step * i + first) % period - period / 2) / parts;
  snn_tensor* made = NULL;
  CHECK(count <= 128 && snn_tensor_new(SNN_FLOAT64, rank, sizes, elements, &made, NULL) == SNN_OK);
  return made;
}

// A network with these weights: after each a tanh but the last; as in Tests/Golden/units/optimizers.py.
static snn_status model(Way* way, snn_tensor** loss) {
  static const int64_t stride[] = {1, 2}, padding[] = {1};
  const int32_t rank = snn_tensor_rank(way->parameters[0]), scale = way->count - 1;
  const int64_t sizes[] = {6, snn_tensor_sizes(way->parameters[0])[1], 4, 4};
  snn_optimizer_zero_grad(way->optimizer);
  snn_tensor* x = pattern(rank, sizes, 5, 2, 13, 8);
  for (int p = 0; p < scale;) {
    snn_tensor* weight = way->parameters[p++];
    snn_tensor* bias = p < scale && snn_tensor_rank(way->parameters[p]) == 1 ? way->parameters[p++] : NULL;
    const snn_value given = bias ? snn_of(bias) : snn_none();
    if (snn_tensor_rank(weight) == 4) {
      x = then(x, APPLY("conv2d", snn_of(x), snn_of(weight), given, snn_ints(stride, 2), snn_ints(padding, 1)));
    } else {
      x = then(x, APPLY("flatten", snn_of(x), snn_int(1)));
      x = then(x, APPLY("div", snn_of(x), snn_float(4)));
      x = then(x, APPLY("linear", snn_of(x), snn_of(weight), given));
    }
    x = then(x, p < scale ? APPLY("tanh", snn_of(x)) : APPLY("mul", snn_of(x), snn_of(way->parameters[scale])));
  }
  CHECK(snn_optimizer_set_outputs(way->optimizer, &x, 1, NULL) == SNN_OK);
  snn_tensor* target = pattern(snn_tensor_rank(x), snn_tensor_sizes(x), 3, 0, 7, 4);
  snn_tensor* sum = then(target, square(then(x, APPLY("sub", snn_of(x), snn_of(target)))));
  sum = then(sum, APPLY("sum", snn_of(sum)));
  *loss = then(sum, APPLY("div", snn_of(sum), snn_float(12)));
  CHECK(snn_backward(*loss, NULL, true, false, NULL) == SNN_OK);
  return SNN_OK;
}

// A gradient with changes of sign, as in Tests/Golden/units/optimizers.py.
static snn_status closure(void* user, snn_tensor** loss) {
  Way* way = user;
  if (way->problem == VALLEY) return valley(way, loss);
  if (way->problem == MODEL) return model(way, loss);
  for (int p = 0; p < way->moved; p++) {
    double elements[64];
    const size_t count = read_elements(way->parameters[p], elements);
    for (size_t i = 0; i < count; i++) elements[i] = elements[i] * 0.75 - way->step % 3 + 0.5;
    if (p == 0 && way->step == way->nan_at) elements[0] = NAN;
    snn_tensor* gradient = NULL;
    CHECK(snn_tensor_new(SNN_FLOAT64, snn_tensor_rank(way->parameters[p]), snn_tensor_sizes(way->parameters[p]),
                         elements, &gradient, NULL) == SNN_OK);
    CHECK(snn_tensor_set_gradient(way->parameters[p], gradient, NULL) == SNN_OK);
    snn_tensor_release(gradient);
  }
  const double zero = 0;
  return loss ? snn_tensor_new(SNN_FLOAT64, 0, NULL, &zero, loss, NULL) : SNN_OK;
}

static void take(Way* way, bool by_closure) {
  snn_error error = {0};
  snn_status status;
  if (by_closure) {
    snn_tensor* loss = NULL;
    status = snn_optimizer_step_closure(way->optimizer, closure, way, &loss, &error);
    snn_tensor_release(loss);
  } else {
    closure(way, NULL);
    status = snn_optimizer_step(way->optimizer, &error);
  }
  if (status != SNN_OK) CHECK_SAY("%s", error.message);
}

static void end(Way* way) {
  snn_optimizer_zero_grad(way->optimizer);
  snn_optimizer_release(way->optimizer);
  for (int p = 0; p < way->count; p++) snn_tensor_release(way->parameters[p]);
}

// Everything that is kept, into another optimizer.
static void carry_over(const Way* from, const Way* to) {
  for (int32_t i = 0; i < snn_optimizer_state_count(from->optimizer); i++) {
    const char* name = snn_optimizer_state_name(from->optimizer, i);
    for (int32_t p = 0; p < from->count; p++) {
      snn_tensor* state = NULL;
      CHECK(snn_optimizer_state(from->optimizer, 0, p, name, &state, NULL) == SNN_OK);
      if (state) CHECK(snn_optimizer_set_state(to->optimizer, 0, p, name, state, NULL) == SNN_OK);
      snn_tensor_release(state);
    }
  }
  for (int p = 0; p < from->count; p++) {
    double elements[64];
    const size_t count = read_elements(from->parameters[p], elements);
    memcpy(snn_tensor_data(to->parameters[p]), elements, count * sizeof *elements);
  }
}

static void follow(Way* way, Way* twin, int steps, bool by_closure, const double* expected, const char* name) {
  const int middle = steps > 6 ? 6 : (steps + 1) / 2;
  for (int step = 1; step <= steps; step++) {
    way->step = twin->step = step;
    take(way, by_closure);
    if (step == middle) carry_over(way, twin);
    if (step > middle) take(twin, by_closure);
  }
  int number = 0;
  for (int p = 0; p < way->count; p++) {
    double elements[64], others[64];
    const size_t count = read_elements(way->parameters[p], elements);
    read_elements(twin->parameters[p], others);
    if (memcmp(elements, others, count * 8) != 0) CHECK_SAY("%s does not continue with the same bits", name);
    for (size_t i = 0; i < count; i++, number++) {
      const bool close = elements[i] == expected[number] || (isnan(elements[i]) && isnan(expected[number])) ||
                         fabs(elements[i] - expected[number]) <= 1e-12 + 1e-9 * fabs(expected[number]);
      if (!close) CHECK_SAY("%s: parameter %d has %.17g, expected %.17g", name, p, elements[i], expected[number]);
    }
  }
}

#define OPTIONS(...)          \
  (Option[]) {                \
    __VA_ARGS__ { NULL, {0} } \
  }
#define SHAPES(...) (const int[]){__VA_ARGS__}, (int)(sizeof((int[]){__VA_ARGS__}) / sizeof(int))
#define SIZES(...) \
  (const int64_t[]) { __VA_ARGS__ }
#define VALUES(...) \
  (const double[]) { __VA_ARGS__ }
#define WRAPPED(wrapper, options) wrap(&way, wrapper, options), wrap(&twin, wrapper, options),
#define EACH(...) __VA_ARGS__
#define TRAJECTORY(name, options, by_closure, which, nan_step, steps, without, shapes, sizes, wrappers, values) \
  do {                                                                                                          \
    Way way = begin(name, options, shapes, sizes), twin = begin(name, options, shapes, sizes);                  \
    EACH wrappers(void) 0;                                                                                      \
    way.moved = twin.moved = way.count - (without);                                                             \
    way.problem = twin.problem = which;                                                                         \
    way.nan_at = twin.nan_at = nan_step;                                                                        \
    follow(&way, &twin, steps, by_closure, values, name);                                                       \
    end(&way), end(&twin);                                                                                      \
  } while (0);

TEST(trajectories) {
#include "optimizer_cases.inc"
}

static snn_status failing(void* user, snn_tensor** loss) {
  (void)loss;
  ++*(int*)user;
  return SNN_ERROR_CALLBACK;
}

static snn_status without_loss(void* user, snn_tensor** loss) {
  (void)user, (void)loss;
  return SNN_OK;
}

TEST(mistakes) {
  Way way = begin("SGD", OPTIONS({"lr", snn_float(0.1)}, {"momentum", snn_float(0.9)}, ), SHAPES(1), SIZES(3));
  int calls = 0;
  snn_tensor* loss = NULL;
  REFUSES(SNN_ERROR_ARGUMENT, "optimizer", snn_optimizer_step_closure(NULL, failing, &calls, &loss, error));
  REFUSES(SNN_ERROR_ARGUMENT, "closure", snn_optimizer_step_closure(way.optimizer, NULL, &calls, &loss, error));
  REFUSES(SNN_ERROR_CALLBACK, "status -10", snn_optimizer_step_closure(way.optimizer, failing, &calls, &loss, error));
  REFUSES(SNN_ERROR_CALLBACK, "NULL", snn_optimizer_step_closure(way.optimizer, without_loss, NULL, &loss, error));
  CHECK(calls > 0 && loss == NULL);
  REFUSES(SNN_ERROR_ARGUMENT, "optimizer", snn_optimizer_clear_state(NULL, 0, 0, error));
  REFUSES(SNN_ERROR_INDEX, "parameter 1", snn_optimizer_clear_state(way.optimizer, 0, 1, error));
  REFUSES(SNN_ERROR_ARGUMENT, "optimizer", snn_optimizer_first_step(NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "no first step", snn_optimizer_first_step(way.optimizer, error));
  REFUSES(SNN_ERROR_ARGUMENT, "optimizer", snn_optimizer_wrap(NULL, 0, NULL, 0, error));
  REFUSES(SNN_ERROR_NAME, "wrapper number 99", snn_optimizer_wrap(way.optimizer, 99, NULL, 0, error));
  const snn_value never = snn_int(0), negative = snn_float(-1);
  const int32_t lookahead = snn_find(SNN_WRAPPERS, "Lookahead"), sam = snn_find(SNN_WRAPPERS, "SAM");
  REFUSES(SNN_ERROR_ARGUMENT, "k must be", snn_optimizer_wrap(way.optimizer, lookahead, &never, 1, error));
  REFUSES(SNN_ERROR_ARGUMENT, "Invalid rho", snn_optimizer_wrap(way.optimizer, sam, &negative, 1, error));
  CHECK(snn_optimizer_state_count(way.optimizer) == 1);
  CHECK(snn_optimizer_wrap(way.optimizer, sam, NULL, 0, NULL) == SNN_OK);
  REFUSES(SNN_ERROR_ARGUMENT, "already", snn_optimizer_wrap(way.optimizer, sam, NULL, 0, error));
  REFUSES(SNN_ERROR_ARGUMENT, "needs a closure", snn_optimizer_step(way.optimizer, error));
  snn_optimizer* other = NULL;
  const int32_t adam = snn_find(SNN_OPTIMIZERS, "Adam"), muon = snn_find(SNN_OPTIMIZERS, "Muon");
  const snn_value wrong[] = {snn_none(), snn_floats((const double[]){0.9, 1}, 2)};
  REFUSES(SNN_ERROR_ARGUMENT, "Invalid learning rate: -1.0",
          snn_optimizer_new(adam, way.parameters, 1, &negative, 1, &other, error));
  REFUSES(SNN_ERROR_ARGUMENT, "Invalid beta parameter at index 1: 1.0",
          snn_optimizer_new(adam, way.parameters, 1, wrong, 2, &other, error));
  REFUSES(SNN_ERROR_ARGUMENT, "empty parameter list", snn_optimizer_new(adam, NULL, 0, NULL, 0, &other, error));
  snn_tensor* twice[] = {way.parameters[0], way.parameters[0]};
  REFUSES(SNN_ERROR_ARGUMENT, "more than once", snn_optimizer_new(adam, twice, 2, NULL, 0, &other, error));
  REFUSES(SNN_ERROR_SHAPE, "2D", snn_optimizer_new(muon, way.parameters, 1, NULL, 0, &other, error));
  CHECK(other == NULL);
  end(&way);
}

// A rate of 0, a parameter without a gradient, gradients that are NaN.
TEST(ends) {
  Way way = begin("Adam", OPTIONS({"lr", snn_float(0)}, ), SHAPES(1, 1), SIZES(2, 2));
  double before[4], after[4];
  read_elements(way.parameters[0], before), read_elements(way.parameters[1], before + 2);
  const double slope[] = {NAN, 1};
  const int64_t size = 2;
  snn_tensor *gradient = NULL, *kept = NULL;
  CHECK(snn_tensor_new(SNN_FLOAT64, 1, &size, (const double[]){1, 1}, &gradient, NULL) == SNN_OK);
  CHECK(snn_tensor_set_gradient(way.parameters[0], gradient, NULL) == SNN_OK);
  CHECK(snn_optimizer_step(way.optimizer, NULL) == SNN_OK);
  read_elements(way.parameters[0], after), read_elements(way.parameters[1], after + 2);
  CHECK(memcmp(before, after, sizeof before) == 0);
  CHECK(snn_optimizer_state(way.optimizer, 0, 1, "exp_avg", &kept, NULL) == SNN_OK && kept == NULL);
  snn_tensor_release(gradient);
  CHECK(snn_tensor_new(SNN_FLOAT64, 1, &size, slope, &gradient, NULL) == SNN_OK);
  CHECK(snn_tensor_set_gradient(way.parameters[0], gradient, NULL) == SNN_OK);
  CHECK(snn_optimizer_set(way.optimizer, 0, "lr", snn_float(0.1), NULL) == SNN_OK);
  CHECK(snn_optimizer_step(way.optimizer, NULL) == SNN_OK);
  read_elements(way.parameters[0], after);
  CHECK(isnan(after[0]) && after[1] < before[1]);
  REFUSES(SNN_ERROR_ARGUMENT, "Invalid learning rate: -0.5",
          snn_optimizer_set(way.optimizer, 0, "lr", snn_float(-0.5), error));
  snn_value lr, betas;
  CHECK(snn_optimizer_get(way.optimizer, 0, "lr", &lr, NULL) == SNN_OK && lr.as.f == 0.1);
  CHECK(snn_optimizer_get(way.optimizer, 0, "betas", &betas, NULL) == SNN_OK && betas.as.floats[1] == 0.999);
  snn_tensor_release(gradient);
  REFUSES(SNN_ERROR_ARGUMENT, "'optimizer'", snn_optimizer_set_outputs(NULL, NULL, 0, error));
  REFUSES(SNN_ERROR_ARGUMENT, "'outputs'", snn_optimizer_set_outputs(way.optimizer, NULL, 1, error));
  end(&way);
}

// Methods of second order say what they miss.
TEST(closures_without_outputs) {
  Way way = begin("HessianFree", OPTIONS({"curvature", snn_string("gauss_newton")}, ), SHAPES(1), SIZES(2));
  way.problem = VALLEY;
  REFUSES(SNN_ERROR_ARGUMENT, "set_outputs", snn_optimizer_step_closure(way.optimizer, closure, &way, NULL, error));
  end(&way);
  way = begin("KFAC", OPTIONS({"fisher", snn_string("gaussian")}, ), SHAPES(1), SIZES(2));
  way.problem = VALLEY;
  REFUSES(SNN_ERROR_ARGUMENT, "set_outputs", snn_optimizer_step_closure(way.optimizer, closure, &way, NULL, error));
  end(&way);
}

// Gradients of parts of a batch add up to that of the whole; see docs/c.md.
TEST(accumulation) {
  double ends[2][3];
  for (int parts = 1; parts <= 2; parts++) {
    Way way = begin("Adam", OPTIONS({"lr", snn_float(0.1)}, ), SHAPES(1), SIZES(3));
    for (int step = 0; step < 5; step++) {
      snn_optimizer_zero_grad(way.optimizer);
      for (int part = 0; part < parts; part++) {
        snn_tensor *square = NULL, *mean = NULL;
        CHECK(snn_mul(way.parameters[0], snn_of(way.parameters[0]), &square, NULL) == SNN_OK);
        CHECK(snn_sum(square, NULL, &mean, NULL) == SNN_OK);
        snn_tensor* share = NULL;
        CHECK(snn_mul(mean, snn_float(1.0 / parts), &share, NULL) == SNN_OK);
        CHECK(snn_backward(share, NULL, false, false, NULL) == SNN_OK);
        snn_tensor_release(square), snn_tensor_release(mean), snn_tensor_release(share);
      }
      CHECK(snn_optimizer_step(way.optimizer, NULL) == SNN_OK);
    }
    read_elements(way.parameters[0], ends[parts - 1]);
    end(&way);
  }
  for (int i = 0; i < 3; i++) CHECK_CLOSE(ends[0][i], ends[1][i], 1e-12);
}
