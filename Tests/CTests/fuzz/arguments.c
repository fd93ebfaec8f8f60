// Random arguments: mostly what a field asks for, now and then anything.
#include <math.h>

#include "fuzz.h"

int64_t random_int(void) {
  static const int64_t odd[] = {INT64_MAX, INT64_MIN,    INT64_MAX - 1,   -1,        1ll << 62, 1ll << 46, 1ll << 40,
                                1ll << 32, -(1ll << 31), (1ll << 31) - 1, 1ll << 31, -100,      12,        13};
  if (chance(20)) return odd[below(sizeof odd / sizeof *odd)];
  return (int64_t)below(9) - 3;
}

double random_float(void) {
  static const double odd[] = {NAN,    INFINITY, -INFINITY, -0.0, 1e308, -1e308, 1e-308,
                               5e-324, 1e19,     -1e19,     0.5,  1,     -1,     0};
  if (chance(40)) return odd[below(sizeof odd / sizeof *odd)];
  return (double)(int64_t)below(4001) / 1000 - 2;
}

const char* random_name(void) {
  static char text[700];
  static const char* const words[] = {
      "",    "mean",  "sum",  "none",    "weight",          "bias",     "0.weight", "2.bias",
      "lr",  "betas", "step", "exp_avg", "momentum_buffer", "\xFF\xFE", "é",        "no such name",
      "%s%n"};
  if (chance(3)) {
    size_t length = below(sizeof text);
    for (size_t i = 0; i < length; i++) text[i] = (char)(1 + below(255));
    text[length] = 0;
    return text;
  }
  return words[below(sizeof words / sizeof *words)];
}

enum { LISTS = 64, LENGTH = 16 };
static union {
  int64_t ints[LENGTH];
  double floats[LENGTH];
  snn_tensor* tensors[LENGTH];
  snn_module* modules[LENGTH];
} lists[LISTS];
static int lists_used;

void forget_lists(void) { lists_used = 0; }

static int32_t random_length(void) { return (int32_t)(chance(90) ? below(4) : below(LENGTH + 1)); }

static snn_value random_value(int32_t kind) {
  snn_value value = snn_none();
  int32_t n = random_length();
  if (lists_used == LISTS) return value;
  switch (kind) {
    case SNN_KIND_TENSOR:
      return snn_of(any_tensor());
    case SNN_KIND_INT:
      return snn_int(random_int());
    case SNN_KIND_FLOAT:
      return snn_float(random_float());
    case SNN_KIND_BOOL:
      return snn_bool(chance(50));
    case SNN_KIND_STRING:
      return snn_string(chance(2) ? NULL : random_name());
    case SNN_KIND_DTYPE:
      return snn_type((snn_dtype)(chance(90) ? 1 + below(8) : (uint64_t)random_int() & 0xFFFF));
    case SNN_KIND_INTS:
      for (int32_t i = 0; i < n; i++) lists[lists_used].ints[i] = random_int();
      return snn_ints(lists[lists_used++].ints, n);
    case SNN_KIND_FLOATS:
      for (int32_t i = 0; i < n; i++) lists[lists_used].floats[i] = random_float();
      return snn_floats(lists[lists_used++].floats, n);
    case SNN_KIND_TENSORS:
      for (int32_t i = 0; i < n; i++) lists[lists_used].tensors[i] = any_tensor();
      return snn_list(lists[lists_used++].tensors, n);
    case SNN_KIND_MODULES:
      for (int32_t i = 0; i < n; i++) lists[lists_used].modules[i] = any_module();
      return snn_modules(lists[lists_used++].modules, n);
    case SNN_KIND_MODULE:
      value.kind = SNN_KIND_MODULE;
      value.as.module = any_module();
      return value;
    case SNN_KIND_GENERATOR:
      value.kind = SNN_KIND_GENERATOR;
      value.as.generator = any_generator();
      return value;
    case SNN_KIND_SCALAR:
      return random_value(SNN_KIND_INT + (int32_t)below(3));
    case SNN_KIND_OPERAND:
      return random_value(chance(70) ? SNN_KIND_TENSOR : SNN_KIND_SCALAR);
    default:
      return value;
  }
}

static snn_value broken_value(void) {
  snn_value value = random_value((int32_t)below(13));
  switch (below(6)) {
    case 0:
      value.kind = (int32_t)random_int();
      value.as.i = 0;
      break;
    case 1:
      value.count = -1 - (int32_t)below(5);
      break;
    case 2:
      if (value.kind >= SNN_KIND_STRING) value.as.s = NULL;
      break;
    default:
      break;
  }
  return value;
}

snn_value random_argument(const snn_field* field) {
  if (chance(4)) return broken_value();
  if (field->choices && chance(90)) {
    int count = 0;
    while (field->choices[count]) count++;
    if (count) return snn_string(field->choices[below((uint64_t)count)]);
  }
  if (field->has_default && chance(40)) return snn_none();
  if ((field->kind == SNN_KIND_INT || field->kind == SNN_KIND_FLOAT) && field->minimum == field->minimum &&
      chance(70)) {
    double low = field->minimum,
           high = field->maximum == field->maximum && field->maximum < low + 4 ? field->maximum : low + 4;
    double value = low + (high - low) * (double)below(1001) / 1000;
    return field->kind == SNN_KIND_INT ? snn_int((int64_t)value) : snn_float(value);
  }
  // A list as long as the tensors' shapes are, with sizes that occur.
  if (field->kind == SNN_KIND_INTS && chance(60) && lists_used < LISTS) {
    int32_t n = (int32_t)below(4);
    for (int32_t i = 0; i < n; i++) lists[lists_used].ints[i] = (int64_t)below(6) - (chance(20) ? 2 : 0);
    return snn_ints(lists[lists_used++].ints, n);
  }
  return random_value(field->kind);
}

size_t random_arguments(const snn_entry* entry, snn_value* arguments) {
  forget_lists();
  size_t count = (size_t)entry->field_count;
  for (size_t i = 0; i < count; i++) arguments[i] = random_argument(&entry->fields[i]);
  if (count > 0 && chance(10)) count = below(count + 1);
  return count;
}
