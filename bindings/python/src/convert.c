// Python values as the values of the engine, by what a field takes.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"

// ---- Memory of a call

void call_end_slow(Call* call) {
  for (int i = 0; i < call->owned_count; i++) Py_DECREF(call->owned[i]);
  for (int i = 0; i < call->block_count; i++) free(call->blocks[i]);
}

void* call_block(Call* call, size_t bytes) {
  size_t words = (bytes + 7) / 8;
  if (words <= (size_t)(INLINE_WORDS - call->words_used)) {
    void* block = &call->words[call->words_used];
    call->words_used += (int)words;
    return block;
  }
  void* block = call->block_count < INLINE_OWNED ? malloc(bytes) : NULL;
  if (block == NULL) return PyErr_NoMemory();
  call->blocks[call->block_count++] = block;
  return block;
}

bool call_own(Call* call, PyObject* object) {
  if (object == NULL) return false;
  if (call->owned_count == INLINE_OWNED) {
    Py_DECREF(object);
    PyErr_SetString(PyExc_TypeError, "too many list arguments in one call");
    return false;
  }
  call->owned[call->owned_count++] = object;
  return true;
}

// ---- Single values

static bool is_numpy_bool(PyObject* object) {
  PyObject* name = PyType_GetName(Py_TYPE(object));
  if (name == NULL) return false;
  bool same =
      PyUnicode_CompareWithASCIIString(name, "bool") == 0 || PyUnicode_CompareWithASCIIString(name, "bool_") == 0;
  Py_DECREF(name);
  return same;
}

static Conversion scalar_from_tensor(PyObject* object, snn_value* out) {
  snn_tensor* handle = handle_of(object);
  if (snn_tensor_rank(handle) != 0 || snn_tensor_requires_grad(handle)) return MISMATCH;
  out->count = 0;
  snn_error error;
  snn_status status;
  snn_dtype dtype = snn_tensor_dtype(handle);
  if (dtype_is_floating(dtype)) {
    out->kind = SNN_KIND_FLOAT;
    status = snn_tensor_item(handle, &out->as.f, &error);
  } else {
    out->kind = dtype == SNN_BOOL ? SNN_KIND_BOOL : SNN_KIND_INT;
    status = snn_tensor_item_int(handle, &out->as.i, &error);
  }
  if (status == SNN_OK) return CONVERTED;
  raise_error(status, &error);
  return FAILED;
}

static Conversion scalar_from_protocol(PyObject* object, snn_value* out) {
  PyTypeObject* type = Py_TYPE(object);
  if (is_array(object)) return MISMATCH;
  if (is_numpy_bool(object)) {
    *out = snn_bool(PyObject_IsTrue(object) == 1);
    return CONVERTED;
  }
  if (PyType_GetSlot(type, Py_nb_index) != NULL) {
    PyObject* integer = PyNumber_Index(object);
    if (integer != NULL) {
      *out = snn_int(PyLong_AsLongLong(integer));
      Py_DECREF(integer);
      return PyErr_Occurred() ? FAILED : CONVERTED;
    }
    PyErr_Clear();
  }
  if (PyType_GetSlot(type, Py_nb_float) == NULL) return MISMATCH;
  PyObject* number = PyNumber_Float(object);
  if (number == NULL) {
    PyErr_Clear();
    return MISMATCH;
  }
  *out = snn_float(PyFloat_AsDouble(number));
  Py_DECREF(number);
  return CONVERTED;
}

Conversion convert_scalar(PyObject* object, snn_value* out) {
  if (PyFloat_Check(object)) {
    *out = snn_float(PyFloat_AsDouble(object));
    return CONVERTED;
  }
  if (PyBool_Check(object)) {
    *out = snn_bool(object == Py_True);
    return CONVERTED;
  }
  if (PyLong_Check(object)) {
    int overflow = 0;
    long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow != 0) {
      PyErr_SetString(PyExc_OverflowError, "the number does not fit in 64 bits");
      return FAILED;
    }
    *out = snn_int(value);
    return CONVERTED;
  }
  if (is_tensor(object)) return scalar_from_tensor(object, out);
  if (PyUnicode_Check(object) || object == Py_None) return MISMATCH;
  return scalar_from_protocol(object, out);
}

static Conversion convert_int(PyObject* object, snn_value* out) {
  if (PyBool_Check(object)) return MISMATCH;
  Conversion result = convert_scalar(object, out);
  return result != CONVERTED || out->kind == SNN_KIND_INT ? result : MISMATCH;
}

static Conversion convert_float(PyObject* object, snn_value* out) {
  if (PyLong_Check(object)) {  // may be larger than an int64
    double value = PyLong_AsDouble(object);
    if (value == -1 && PyErr_Occurred()) return FAILED;
    *out = snn_float(value);
    return CONVERTED;
  }
  Conversion result = convert_scalar(object, out);
  if (result == CONVERTED && out->kind != SNN_KIND_FLOAT) *out = snn_float((double)out->as.i);
  return result;
}

static Conversion convert_bool(const Call* call, const snn_field* field, PyObject* object, snn_value* out) {
  if (PyBool_Check(object)) {
    *out = snn_bool(object == Py_True);
    const bool refused = *(object == Py_True ? &field->maximum : &field->minimum) == (object != Py_True);
    return refused ? MISMATCH : CONVERTED;
  }
  if (!call->lenient && (is_tensor(object) || !is_numpy_bool(object))) return MISMATCH;
  int truth = PyObject_IsTrue(object);
  if (truth < 0) return FAILED;
  *out = snn_bool(truth == 1);
  return CONVERTED;
}

static Conversion convert_string(PyObject* object, snn_value* out) {
  if (!PyUnicode_Check(object)) return MISMATCH;
  const char* text = PyUnicode_AsUTF8AndSize(object, NULL);
  if (text == NULL) return FAILED;
  *out = snn_string(text);
  return CONVERTED;
}

Conversion convert_operand(Call* call, PyObject* object, snn_value* out) {
  if (is_tensor(object)) {
    *out = snn_of(handle_of(object));
    return CONVERTED;
  }
  Conversion result = convert_scalar(object, out);
  if (result != MISMATCH || !is_array(object)) return result;
  snn_tensor* handle = tensor_from_buffer(object, false);
  if (handle == NULL || !call_own(call, wrap(handle))) return FAILED;
  *out = snn_of(handle);
  return CONVERTED;
}

// ---- Lists

static Conversion convert_numbers(Call* call, const snn_field* field, PyObject* const* objects, Py_ssize_t count,
                                  snn_value* out) {
  uint64_t* words = call_block(call, (size_t)count * 8);
  if (words == NULL) return FAILED;
  bool ints = field->kind == SNN_KIND_INTS;
  for (Py_ssize_t i = 0; i < count; i++) {
    snn_value value;
    Conversion result = ints ? convert_int(objects[i], &value) : convert_float(objects[i], &value);
    if (ints && call->lenient && PyBool_Check(objects[i])) {
      value = snn_int(objects[i] == Py_True);
      result = CONVERTED;
    }
    if (objects[i] == Py_None && field->minimum == (double)INT64_MIN) {
      value = ints ? snn_int(INT64_MIN) : snn_float(NAN);
      result = CONVERTED;
    }
    if (result != CONVERTED) return result;
    memcpy(&words[i], ints ? (const void*)&value.as.i : (const void*)&value.as.f, 8);
  }
  *out = ints ? snn_ints((const int64_t*)words, (int32_t)count) : snn_floats((const double*)words, (int32_t)count);
  return CONVERTED;
}

static Conversion convert_tensors(Call* call, PyObject* const* objects, Py_ssize_t count, snn_value* out) {
  snn_tensor** handles = call_block(call, (size_t)count * sizeof *handles);
  if (handles == NULL) return FAILED;
  for (Py_ssize_t i = 0; i < count; i++) {
    if (objects[i] == Py_None) {
      handles[i] = NULL;
    } else if (is_tensor(objects[i])) {
      handles[i] = handle_of(objects[i]);
    } else {
      return MISMATCH;
    }
  }
  *out = snn_list(handles, (int32_t)count);
  return CONVERTED;
}

static Conversion convert_modules(Call* call, PyObject* const* objects, Py_ssize_t count, snn_value* out) {
  snn_module** handles = call_block(call, (size_t)count * sizeof *handles);
  if (handles == NULL) return FAILED;
  for (Py_ssize_t i = 0; i < count; i++) {
    if ((handles[i] = layer_handle(objects[i])) == NULL) return MISMATCH;
  }
  *out = snn_modules(handles, (int32_t)count);
  return CONVERTED;
}

Conversion convert_rest(Call* call, const snn_field* field, PyObject* const* objects, Py_ssize_t count,
                        snn_value* out) {
  switch (field->kind) {
    case SNN_KIND_INTS:
    case SNN_KIND_FLOATS:
      return convert_numbers(call, field, objects, count, out);
    case SNN_KIND_TENSORS:
      return convert_tensors(call, objects, count, out);
    case SNN_KIND_MODULES:
      return convert_modules(call, objects, count, out);
    default:
      return MISMATCH;
  }
}

// The elements of a vector of integers.
static Conversion convert_vector(Call* call, PyObject* object, snn_value* out) {
  snn_tensor* handle = handle_of(object);
  if (snn_tensor_dtype(handle) != SNN_INT64 && snn_tensor_dtype(handle) != SNN_INT32) return MISMATCH;
  size_t bytes = (size_t)snn_tensor_count(handle) * 8;
  int64_t* words = call_block(call, bytes);
  if (words == NULL) return FAILED;
  snn_error error;
  snn_status status = snn_tensor_read(handle, SNN_INT64, words, bytes, &error);
  if (status != SNN_OK) {
    raise_error(status, &error);
    return FAILED;
  }
  *out = snn_ints(words, (int32_t)(bytes / 8));
  return CONVERTED;
}

static Conversion convert_list(Call* call, const snn_field* field, PyObject* object, snn_value* out) {
  bool numbers = field->kind == SNN_KIND_INTS || field->kind == SNN_KIND_FLOATS;
  if (field->choices != NULL && PyUnicode_Check(object)) return convert_string(object, out);
  if (field->kind == SNN_KIND_INTS && is_tensor(object) && snn_tensor_rank(handle_of(object)) == 1)
    return convert_vector(call, object, out);
  if (!PyTuple_Check(object) && !PyList_Check(object)) {
    return numbers ? convert_numbers(call, field, &object, 1, out) : MISMATCH;
  }
  PyObject* tuple = PySequence_Tuple(object);  // a list could change while the engine reads it
  if (!call_own(call, tuple)) return FAILED;
  Py_ssize_t count = PyTuple_Size(tuple);
  PyObject** objects = call_block(call, (size_t)count * sizeof *objects);
  if (objects == NULL) return FAILED;
  for (Py_ssize_t i = 0; i < count; i++) objects[i] = PyTuple_GetItem(tuple, i);
  return convert_rest(call, field, objects, count, out);
}

snn_tensor** convert_handles(Call* call, PyObject* iterable, bool allow_none, size_t* count, const char* what) {
  PyObject* tuple = is_tensor(iterable) ? PyTuple_Pack(1, iterable) : PySequence_Tuple(iterable);
  if (!call_own(call, tuple)) return NULL;
  *count = (size_t)PyTuple_Size(tuple);
  snn_tensor** handles = call_block(call, *count * sizeof *handles);
  for (size_t i = 0; handles != NULL && i < *count; i++) {
    PyObject* object = PyTuple_GetItem(tuple, (Py_ssize_t)i);
    if (!is_tensor(object) && !(allow_none && object == Py_None)) {
      PyErr_Format(PyExc_TypeError, "%s must be tensors, got %R", what, Py_TYPE(object));
      return NULL;
    }
    handles[i] = object == Py_None ? NULL : handle_of(object);
  }
  return handles;
}

// ---- By field

Conversion convert(Call* call, const snn_field* field, PyObject* object, snn_value* out) {
  if (object == Py_None) {
    bool other = field->has_default && field->default_value.kind == SNN_KIND_FLOAT;
    *out = other ? snn_float(NAN) : snn_none();
    return field->optional ? CONVERTED : MISMATCH;
  }
  switch (field->kind) {
    case SNN_KIND_TENSOR:
      if (!is_tensor(object)) return MISMATCH;
      *out = snn_of(handle_of(object));
      return CONVERTED;
    case SNN_KIND_OPERAND:
      return convert_operand(call, object, out);
    case SNN_KIND_SCALAR:
      return convert_scalar(object, out);
    case SNN_KIND_INT:
      return convert_int(object, out);
    case SNN_KIND_FLOAT:
      return convert_float(object, out);
    case SNN_KIND_BOOL:
      return convert_bool(call, field, object, out);
    case SNN_KIND_STRING:
      return convert_string(object, out);
    case SNN_KIND_DTYPE: {
      snn_dtype dtype;
      if (!dtype_from_object(object, &dtype)) return MISMATCH;
      *out = snn_type(dtype);
      return CONVERTED;
    }
    case SNN_KIND_GENERATOR:
      if (Py_TYPE(object) != generator_type) return MISMATCH;
      out->kind = SNN_KIND_GENERATOR;
      out->count = 0;
      out->as.generator = generator_handle(object);
      if (out->as.generator == NULL) out->kind = SNN_KIND_NONE;  // the default generator
      return CONVERTED;
    case SNN_KIND_MODULE:
      out->kind = SNN_KIND_MODULE;
      out->count = 0;
      out->as.module = layer_handle(object);
      return out->as.module == NULL ? MISMATCH : CONVERTED;
    default:
      return convert_list(call, field, object, out);
  }
}

const char* kind_text(const snn_field* field) {
  static const char* const texts[] = {"None",
                                      "Tensor",
                                      "list of Tensors",
                                      "int",
                                      "float",
                                      "bool",
                                      "str",
                                      "int or tuple of ints",
                                      "tuple of floats",
                                      "dtype",
                                      "Module",
                                      "list of Modules",
                                      "Generator",
                                      "number",
                                      "Tensor or number"};
  return field->kind >= 0 && field->kind < (int32_t)(sizeof texts / sizeof *texts) ? texts[field->kind] : "value";
}

// ---- Back to Python

static PyObject* tuple_of(const snn_value* list) {
  PyObject* tuple = PyTuple_New(list->count);
  for (int32_t i = 0; tuple != NULL && i < list->count; i++) {
    // Among floats, NaN stands for None.
    PyObject* item = list->kind == SNN_KIND_INTS     ? PyLong_FromLongLong(list->as.ints[i])
                     : list->kind != SNN_KIND_FLOATS ? wrap(snn_tensor_retain(list->as.tensors[i]))
                     : isnan(list->as.floats[i])     ? Py_NewRef(Py_None)
                                                     : PyFloat_FromDouble(list->as.floats[i]);
    if (item == NULL || PyTuple_SetItem(tuple, i, item) < 0) Py_CLEAR(tuple);
  }
  return tuple;
}

PyObject* value_to_object(const snn_value* value) {
  switch (value->kind) {
    case SNN_KIND_NONE:
      Py_RETURN_NONE;
    case SNN_KIND_TENSOR:
      return wrap(snn_tensor_retain(value->as.tensor));
    case SNN_KIND_INT:
      return PyLong_FromLongLong(value->as.i);
    case SNN_KIND_FLOAT:
      return PyFloat_FromDouble(value->as.f);
    case SNN_KIND_BOOL:
      return PyBool_FromLong(value->as.i != 0);
    case SNN_KIND_STRING:
      return PyUnicode_FromString(value->as.s);
    case SNN_KIND_DTYPE:
      return dtype_object((snn_dtype)value->as.i);
    case SNN_KIND_INTS:
    case SNN_KIND_FLOATS:
    case SNN_KIND_TENSORS:
      return tuple_of(value);
    default:
      return PyErr_Format(PyExc_RuntimeError, "a value of kind %d has no Python form", (int)value->kind);
  }
}
