// Python's operators on tensors. Each is an operation of the registry, looked up once.
#include "binding.h"

typedef enum {
  ADD,
  SUBTRACT,
  MULTIPLY,
  DIVIDE,
  FLOOR_DIVIDE,
  REMAINDER,
  POWER,
  MATRIX_MULTIPLY,
  AND,
  OR,
  XOR,
  SHIFT_LEFT,
  SHIFT_RIGHT,
  EQUAL,
  NOT_EQUAL,
  LESS,
  LESS_EQUAL,
  GREATER,
  GREATER_EQUAL,
  NEGATIVE,
  ABSOLUTE,
  INVERT,
  OPERATOR_COUNT
} Operator;

static struct {
  const char *name, *name_in_place;
  int32_t id, id_in_place;
} operators[OPERATOR_COUNT] = {
    [ADD] = {"add", "add_", -1, -1},
    [SUBTRACT] = {"sub", "sub_", -1, -1},
    [MULTIPLY] = {"mul", "mul_", -1, -1},
    [DIVIDE] = {"div", "div_", -1, -1},
    [FLOOR_DIVIDE] = {"floor_divide", "floor_divide_", -1, -1},
    [REMAINDER] = {"remainder", "remainder_", -1, -1},
    [POWER] = {"pow", "pow_", -1, -1},
    [MATRIX_MULTIPLY] = {"matmul", NULL, -1, -1},
    [AND] = {"bitwise_and", "bitwise_and_", -1, -1},
    [OR] = {"bitwise_or", "bitwise_or_", -1, -1},
    [XOR] = {"bitwise_xor", "bitwise_xor_", -1, -1},
    [SHIFT_LEFT] = {"bitwise_left_shift", "bitwise_left_shift_", -1, -1},
    [SHIFT_RIGHT] = {"bitwise_right_shift", "bitwise_right_shift_", -1, -1},
    [EQUAL] = {"eq", NULL, -1, -1},
    [NOT_EQUAL] = {"ne", NULL, -1, -1},
    [LESS] = {"lt", NULL, -1, -1},
    [LESS_EQUAL] = {"le", NULL, -1, -1},
    [GREATER] = {"gt", NULL, -1, -1},
    [GREATER_EQUAL] = {"ge", NULL, -1, -1},
    [NEGATIVE] = {"neg", NULL, -1, -1},
    [ABSOLUTE] = {"abs", NULL, -1, -1},
    [INVERT] = {"bitwise_not", NULL, -1, -1},
};

int number_init(void) {
  for (int i = 0; i < OPERATOR_COUNT; i++) {
    operators[i].id = snn_find(SNN_OPERATIONS, operators[i].name);
    if (operators[i].name_in_place != NULL)
      operators[i].id_in_place = snn_find(SNN_OPERATIONS, operators[i].name_in_place);
  }
  return 0;
}

static PyObject* apply_operator(Operator kind, int32_t id, const snn_value* values, size_t count) {
  if (id >= 0) return apply_single(id, values, count);
  return PyErr_Format(PyExc_NotImplementedError, "this build of SwiftNN has no operation '%s'", operators[kind].name);
}

static PyObject* binary(PyObject* left, PyObject* right, Operator kind) {
  Call call;
  call_begin(&call);
  Conversion conversion = convert_operand(&call, left, &call.values[0]);
  if (conversion == CONVERTED) conversion = convert_operand(&call, right, &call.values[1]);
  if (kind == MATRIX_MULTIPLY && conversion == CONVERTED &&
      (call.values[0].kind != SNN_KIND_TENSOR || call.values[1].kind != SNN_KIND_TENSOR)) {
    conversion = MISMATCH;  // it alone takes no numbers
  }
  PyObject* result = NULL;
  if (conversion == CONVERTED) {
    result = apply_operator(kind, operators[kind].id, call.values, 2);
  } else if (conversion == MISMATCH) {
    result = Py_NewRef(Py_NotImplemented);
  }
  call_end(&call);
  return result;
}

static PyObject* in_place(PyObject* self, PyObject* other, Operator kind) {
  if (operators[kind].id_in_place < 0) return binary(self, other, kind);
  Call call;
  call_begin(&call);
  call.values[0] = snn_of(handle_of(self));
  Conversion conversion = convert_operand(&call, other, &call.values[1]);
  PyObject* result = NULL;
  if (conversion == CONVERTED) {
    PyObject* changed = apply_operator(kind, operators[kind].id_in_place, call.values, 2);
    result = changed == NULL ? NULL : Py_NewRef(self);
    Py_XDECREF(changed);
  } else if (conversion == MISMATCH) {
    result = Py_NewRef(Py_NotImplemented);
  }
  call_end(&call);
  return result;
}

static PyObject* unary(PyObject* self, Operator kind) {
  snn_value value = snn_of(handle_of(self));
  return apply_operator(kind, operators[kind].id, &value, 1);
}

PyObject* tensor_compare(PyObject* left, PyObject* right, int op) {
  static const Operator comparisons[] = {[Py_LT] = LESS,      [Py_LE] = LESS_EQUAL, [Py_EQ] = EQUAL,
                                         [Py_NE] = NOT_EQUAL, [Py_GT] = GREATER,    [Py_GE] = GREATER_EQUAL};
  return binary(left, right, comparisons[op]);
}

#define BINARY(function, operator) \
  static PyObject* function(PyObject* left, PyObject* right) { return binary(left, right, operator); }
#define IN_PLACE(function, operator) \
  static PyObject* function(PyObject* self, PyObject* other) { return in_place(self, other, operator); }
#define UNARY(function, operator) \
  static PyObject* function(PyObject* self) { return unary(self, operator); }

BINARY(add, ADD)
BINARY(subtract, SUBTRACT)
BINARY(multiply, MULTIPLY)
BINARY(divide, DIVIDE)
BINARY(floor_divide, FLOOR_DIVIDE)
BINARY(take_remainder, REMAINDER)
BINARY(matrix_multiply, MATRIX_MULTIPLY)
BINARY(and, AND)
BINARY(or, OR)
BINARY(xor, XOR)
BINARY(shift_left, SHIFT_LEFT)
BINARY(shift_right, SHIFT_RIGHT)
IN_PLACE(add_in_place, ADD)
IN_PLACE(subtract_in_place, SUBTRACT)
IN_PLACE(multiply_in_place, MULTIPLY)
IN_PLACE(divide_in_place, DIVIDE)
IN_PLACE(floor_divide_in_place, FLOOR_DIVIDE)
IN_PLACE(take_remainder_in_place, REMAINDER)
IN_PLACE(and_in_place, AND)
IN_PLACE(or_in_place, OR)
IN_PLACE(xor_in_place, XOR)
IN_PLACE(shift_left_in_place, SHIFT_LEFT)
IN_PLACE(shift_right_in_place, SHIFT_RIGHT)
UNARY(negative, NEGATIVE)
UNARY(absolute, ABSOLUTE)
UNARY(invert, INVERT)

static PyObject* positive(PyObject* self) { return Py_NewRef(self); }

static PyObject* power(PyObject* left, PyObject* right, PyObject* modulus) {
  if (modulus != Py_None) Py_RETURN_NOTIMPLEMENTED;
  return binary(left, right, POWER);
}

static PyObject* power_in_place(PyObject* self, PyObject* other, PyObject* modulus) {
  if (modulus != Py_None) Py_RETURN_NOTIMPLEMENTED;
  return in_place(self, other, POWER);
}

// ---- Conversions to Python numbers

static int truth(PyObject* self) {
  int64_t count = snn_tensor_count(handle_of(self));
  if (count != 1) {
    PyErr_Format(PyExc_RuntimeError, "Boolean value of Tensor with %s is ambiguous",
                 count == 0 ? "no values" : "more than one value");
    return -1;
  }
  PyObject* item = tensor_item(self, NULL);
  if (item == NULL) return -1;
  int result = PyObject_IsTrue(item);
  Py_DECREF(item);
  return result;
}

static PyObject* as_number(PyObject* self, PyObject* (*conversion)(PyObject*)) {
  PyObject* item = tensor_item(self, NULL);
  if (item == NULL) return NULL;
  PyObject* number = conversion(item);
  Py_DECREF(item);
  return number;
}

static PyObject* as_int(PyObject* self) { return as_number(self, PyNumber_Long); }

static PyObject* as_float(PyObject* self) { return as_number(self, PyNumber_Float); }

static PyObject* as_index(PyObject* self) {
  snn_tensor* handle = handle_of(self);
  if (dtype_is_floating(snn_tensor_dtype(handle)) || snn_tensor_count(handle) != 1) {
    return PyErr_Format(PyExc_TypeError, "only integer tensors of a single element can be converted to an index");
  }
  return as_number(self, PyNumber_Index);
}

PyType_Slot number_slots[] = {
    {Py_nb_add, add},
    {Py_nb_subtract, subtract},
    {Py_nb_multiply, multiply},
    {Py_nb_true_divide, divide},
    {Py_nb_floor_divide, floor_divide},
    {Py_nb_remainder, take_remainder},
    {Py_nb_power, power},
    {Py_nb_matrix_multiply, matrix_multiply},
    {Py_nb_and, and},
    {Py_nb_or, or},
    {Py_nb_xor, xor},
    {Py_nb_lshift, shift_left},
    {Py_nb_rshift, shift_right},
    {Py_nb_inplace_add, add_in_place},
    {Py_nb_inplace_subtract, subtract_in_place},
    {Py_nb_inplace_multiply, multiply_in_place},
    {Py_nb_inplace_true_divide, divide_in_place},
    {Py_nb_inplace_floor_divide, floor_divide_in_place},
    {Py_nb_inplace_remainder, take_remainder_in_place},
    {Py_nb_inplace_power, power_in_place},
    {Py_nb_inplace_and, and_in_place},
    {Py_nb_inplace_or, or_in_place},
    {Py_nb_inplace_xor, xor_in_place},
    {Py_nb_inplace_lshift, shift_left_in_place},
    {Py_nb_inplace_rshift, shift_right_in_place},
    {Py_nb_negative, negative},
    {Py_nb_positive, positive},
    {Py_nb_absolute, absolute},
    {Py_nb_invert, invert},
    {Py_nb_bool, truth},
    {Py_nb_int, as_int},
    {Py_nb_float, as_float},
    {Py_nb_index, as_index},
    {0, NULL},
};
