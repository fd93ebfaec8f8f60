// Tensors from nested sequences and numbers.
#include <stdlib.h>
#include <string.h>

#include "binding.h"

static bool has_buffer(PyObject* object) {
  return PyObject_CheckBuffer(object) && !PyBytes_Check(object) && !PyByteArray_Check(object) && !is_tensor(object);
}

bool is_array(PyObject* object) {
  if (!has_buffer(object)) return false;
  PyObject* shape = PyObject_GetAttrString(object, "shape");
  if (shape == NULL) {
    PyErr_Clear();
    return true;
  }
  bool scalar = PyTuple_Check(shape) && PyTuple_Size(shape) == 0;
  Py_DECREF(shape);
  return !scalar;
}

static snn_tensor* apply_to(int32_t* id, const char* name, const snn_value* values, size_t count) {
  if (*id < 0 && (*id = need_operation(name)) < 0) return NULL;
  PyObject* object = apply_single(*id, values, count);
  if (object == NULL) return NULL;
  snn_tensor* handle = snn_tensor_retain(handle_of(object));
  Py_DECREF(object);
  return handle;
}

// Takes the reference. dtype 0 changes nothing.
static snn_tensor* with_dtype(snn_tensor* handle, snn_dtype dtype) {
  static int32_t to = -1;
  if (handle == NULL || dtype == 0 || snn_tensor_dtype(handle) == dtype) return handle;
  snn_value values[2] = {snn_of(handle), snn_type(dtype)};
  snn_tensor* result = apply_to(&to, "to", values, 2);
  snn_tensor_release(handle);
  return result;
}

static snn_tensor* copy_of(PyObject* tensor, snn_dtype dtype) {
  static int32_t clone = -1;
  snn_tensor* detached = NULL;
  snn_error error;
  snn_status status = snn_tensor_detach(handle_of(tensor), &detached, &error);
  if (status != SNN_OK) {
    raise_error(status, &error);
    return NULL;
  }
  if (dtype != 0 && snn_tensor_dtype(detached) != dtype) return with_dtype(detached, dtype);
  snn_value value = snn_of(detached);
  snn_tensor* result = apply_to(&clone, "clone", &value, 1);
  snn_tensor_release(detached);
  return result;
}

// ---- Nested sequences: one walk finds the shape and the dtype, a second one writes the elements

typedef struct {
  int64_t sizes[SNN_MAX_RANK];
  int32_t rank;
  snn_dtype dtype;  // of the elements seen so far; 0: none yet
  bool found_leaf;  // the rank is settled
  char* next;
} Nest;

static bool is_sequence(PyObject* object) {
  if (PyList_Check(object) || PyTuple_Check(object)) return true;
  if (PyFloat_Check(object) || PyLong_Check(object) || PyUnicode_Check(object) || PyBytes_Check(object)) return false;
  if (is_tensor(object)) return snn_tensor_rank(handle_of(object)) > 0;
  return is_array(object) || (PySequence_Check(object) && !has_buffer(object));
}

static snn_dtype wider(snn_dtype a, snn_dtype b) {
  static const snn_dtype order[] = {0,           SNN_BOOL,     SNN_UINT8,   SNN_INT32,  SNN_INT64,
                                    SNN_FLOAT16, SNN_BFLOAT16, SNN_FLOAT32, SNN_FLOAT64};
  int rank_a = 0, rank_b = 0;
  for (int i = 0; i < (int)(sizeof order / sizeof *order); i++) {
    if (order[i] == a) rank_a = i;
    if (order[i] == b) rank_b = i;
  }
  return rank_a > rank_b ? a : b;
}

static snn_dtype dtype_of_leaf(PyObject* object, const snn_value* value) {
  if (is_tensor(object)) return snn_tensor_dtype(handle_of(object));
  if (value->kind == SNN_KIND_BOOL) return SNN_BOOL;
  if (value->kind == SNN_KIND_INT) return SNN_INT64;
  return PyFloat_Check(object) && Py_TYPE(object) != &PyFloat_Type
             ? SNN_FLOAT64
             : snn_default_dtype();  // numpy.float64 derives from float
}

static bool leaf_value(PyObject* object, snn_value* value) {
  if (is_tensor(object)) {
    PyObject* item = tensor_item(object, NULL);
    if (item == NULL) return false;
    Conversion conversion = convert_scalar(item, value);
    Py_DECREF(item);
    return conversion == CONVERTED;
  }
  Conversion conversion = convert_scalar(object, value);
  if (conversion == MISMATCH) PyErr_Format(PyExc_TypeError, "cannot make a tensor of %R", Py_TYPE(object));
  return conversion == CONVERTED;
}

static bool ragged(int32_t axis, int64_t expected, int64_t found) {
  PyErr_Format(PyExc_ValueError, "expected sequence of length %lld at dim %d (got %lld)", (long long)expected,
               (int)axis, (long long)found);
  return false;
}

static bool measure(Nest* nest, PyObject* object, int32_t axis) {
  if (!is_sequence(object)) {
    snn_value value;
    if (!leaf_value(object, &value)) return false;
    if (nest->found_leaf && axis != nest->rank) return ragged(axis, nest->sizes[axis], 0);
    nest->found_leaf = true;
    nest->rank = axis;
    nest->dtype = wider(nest->dtype, dtype_of_leaf(object, &value));
    return true;
  }
  Py_ssize_t length = PySequence_Size(object);
  if (length < 0) return false;
  if (axis == SNN_MAX_RANK) {
    PyErr_Format(PyExc_ValueError, "a tensor has at most %d axes", SNN_MAX_RANK);
    return false;
  }
  if (nest->found_leaf && axis >= nest->rank) return ragged(axis, 0, length);
  if (nest->sizes[axis] >= 0 && nest->sizes[axis] != length) return ragged(axis, nest->sizes[axis], length);
  nest->sizes[axis] = length;
  if (length == 0 && !nest->found_leaf) {
    nest->found_leaf = true;
    nest->rank = axis + 1;
  }
  for (Py_ssize_t i = 0; i < length; i++) {
    PyObject* item = PySequence_GetItem(object, i);
    bool good = item != NULL && measure(nest, item, axis + 1);
    Py_XDECREF(item);
    if (!good) return false;
  }
  return true;
}

static int64_t integer_of(const snn_value* value) {
  if (value->kind != SNN_KIND_FLOAT) return value->as.i;
  return value->as.f > -9.2e18 && value->as.f < 9.2e18 ? (int64_t)value->as.f : 0;
}

static void write_element(char* at, snn_dtype dtype, const snn_value* value) {
  double number = value->kind == SNN_KIND_FLOAT ? value->as.f : (double)value->as.i;
  switch (dtype) {
    case SNN_FLOAT64:
      *(double*)at = number;
      break;
    case SNN_INT64:
      *(int64_t*)at = integer_of(value);
      break;
    case SNN_INT32:
      *(int32_t*)at = (int32_t)integer_of(value);
      break;
    case SNN_UINT8:
      *(uint8_t*)at = (uint8_t)integer_of(value);
      break;
    case SNN_BOOL:
      *(uint8_t*)at = number != 0;
      break;
    default:
      *(float*)at = (float)number;
      break;
  }
}

static bool write_all(Nest* nest, PyObject* object, int32_t axis, snn_dtype dtype) {
  if (axis == nest->rank) {
    snn_value value;
    if (!leaf_value(object, &value)) return false;
    write_element(nest->next, dtype, &value);
    nest->next += snn_dtype_size(dtype);
    return true;
  }
  Py_ssize_t length = PySequence_Size(object);
  if (length != nest->sizes[axis]) return PyErr_Occurred() ? false : ragged(axis, nest->sizes[axis], length);
  for (Py_ssize_t i = 0; i < length; i++) {
    PyObject* item = PySequence_GetItem(object, i);
    bool good = item != NULL && write_all(nest, item, axis + 1, dtype);
    Py_XDECREF(item);
    if (!good) return false;
  }
  return true;
}

static snn_tensor* tensor_from_nest(PyObject* data, snn_dtype dtype) {
  Nest nest = {.rank = 0, .dtype = 0};
  for (int i = 0; i < SNN_MAX_RANK; i++) nest.sizes[i] = -1;
  if (!measure(&nest, data, 0)) return NULL;
  snn_dtype wanted = dtype != 0 ? dtype : nest.dtype != 0 ? nest.dtype : snn_default_dtype();
  snn_dtype written = wanted == SNN_FLOAT16 || wanted == SNN_BFLOAT16 ? SNN_FLOAT32 : wanted;
  size_t bytes = snn_dtype_size(written);
  for (int32_t i = 0; i < nest.rank; i++) bytes *= (size_t)nest.sizes[i];
  char* elements = malloc(bytes == 0 ? 1 : bytes);
  if (elements == NULL) {
    PyErr_NoMemory();
    return NULL;
  }
  nest.next = elements;
  snn_tensor* handle = NULL;
  if (bytes == 0 || write_all(&nest, data, 0, written)) {
    snn_error error;
    snn_status status = snn_tensor_new(written, nest.rank, nest.sizes, elements, &handle, &error);
    if (status != SNN_OK) raise_error(status, &error);
  }
  free(elements);
  return with_dtype(handle, wanted);
}

// ---- From anything

// NumPy's array of an object that only knows how to become one.
static PyObject* array_of(PyObject* object) {
  PyObject* numpy = PyImport_ImportModule("numpy");
  if (numpy == NULL) return NULL;
  PyObject* array = PyObject_CallMethod(numpy, "asarray", "O", object);
  Py_DECREF(numpy);
  return array;
}

static bool becomes_array(PyObject* object) {
  if (PyList_Check(object) || PyTuple_Check(object) || PyFloat_Check(object) || PyLong_Check(object)) return false;
  return PyObject_HasAttrString(object, "__array_interface__") || PyObject_HasAttrString(object, "__array__");
}

static snn_tensor* convert_data(PyObject* data, snn_dtype dtype, bool copy) {
  if (is_tensor(data)) return copy ? copy_of(data, dtype) : with_dtype(snn_tensor_retain(handle_of(data)), dtype);
  if (has_buffer(data)) return with_dtype(tensor_from_buffer(data, copy), dtype);
  if (!becomes_array(data)) return tensor_from_nest(data, dtype);
  PyObject* array = array_of(data);
  if (array == NULL) return NULL;
  snn_tensor* handle = with_dtype(tensor_from_buffer(array, copy), dtype);
  Py_DECREF(array);
  return handle;
}

snn_tensor* tensor_from_data(PyObject* data, snn_dtype dtype) { return convert_data(data, dtype, true); }

snn_tensor* tensor_sharing(PyObject* data, snn_dtype dtype) { return convert_data(data, dtype, false); }

static PyObject* wrap_or_fail(snn_tensor* handle) { return handle == NULL ? NULL : wrap(handle); }

static PyObject* make(PyObject* args, PyObject* keywords, const char* format, bool copy) {
  static char* names[] = {"data", "dtype", "device", "requires_grad", "pin_memory", NULL};
  PyObject *data, *dtype_argument = Py_None, *device = Py_None;
  int requires_grad = 0, pin_memory = 0;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, format, names, &data, &dtype_argument, &device, &requires_grad,
                                   &pin_memory))
    return NULL;
  snn_dtype dtype = 0;
  if (dtype_argument != Py_None && !dtype_from_object(dtype_argument, &dtype)) {
    return PyErr_Format(PyExc_TypeError, "dtype must be a swiftnn.dtype, not %R", Py_TYPE(dtype_argument));
  }
  if (!copy && is_tensor(data) && (dtype == 0 || dtype == snn_tensor_dtype(handle_of(data)))) return Py_NewRef(data);
  snn_tensor* handle = convert_data(data, dtype, copy);
  PyObject* result = handle == NULL ? NULL : wrap(handle);
  if (result != NULL && requires_grad && PyObject_SetAttrString(result, "requires_grad", Py_True) < 0) Py_CLEAR(result);
  return result;
}

static PyObject* make_tensor(PyObject* self, PyObject* args, PyObject* keywords) {
  (void)self;
  return make(args, keywords, "O|$OOpp:tensor", true);
}

static PyObject* make_as_tensor(PyObject* self, PyObject* args, PyObject* keywords) {
  (void)self;
  return make(args, keywords, "O|OOpp:as_tensor", false);
}

static PyObject* convert_dtype(PyObject* self, PyObject* args) {
  (void)self;
  PyObject *tensor, *dtype_argument;
  snn_dtype dtype;
  if (!PyArg_ParseTuple(args, "O!O:to", tensor_type, &tensor, &dtype_argument)) return NULL;
  if (!dtype_from_object(dtype_argument, &dtype)) {
    return PyErr_Format(PyExc_TypeError, "dtype must be a swiftnn.dtype, not %R", Py_TYPE(dtype_argument));
  }
  return wrap_or_fail(with_dtype(snn_tensor_retain(handle_of(tensor)), dtype));
}

// Pickles hold the elements as bytes.
static PyObject* get_bytes(PyObject* self, PyObject* tensor) {
  (void)self;
  if (!is_tensor(tensor)) return PyErr_Format(PyExc_TypeError, "expected a Tensor, got %R", Py_TYPE(tensor));
  snn_tensor* handle = handle_of(tensor);
  snn_dtype dtype = snn_tensor_dtype(handle);
  size_t size = (size_t)snn_tensor_count(handle) * snn_dtype_size(dtype);
  PyObject* bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
  if (bytes == NULL) return NULL;
  snn_error error;
  snn_status status = snn_tensor_read(handle, dtype, PyBytes_AsString(bytes), size, &error);
  if (status == SNN_OK) return bytes;
  Py_DECREF(bytes);
  return raise_error(status, &error);
}

static PyObject* from_bytes(PyObject* self, PyObject* args) {
  (void)self;
  PyObject *dtype_argument, *shape;
  const char* data;
  Py_ssize_t length;
  if (!PyArg_ParseTuple(args, "O!O!y#:from_bytes", dtype_type, &dtype_argument, &PyTuple_Type, &shape, &data, &length))
    return NULL;
  snn_dtype dtype = ((DtypeObject*)dtype_argument)->value;
  Py_ssize_t rank = PyTuple_Size(shape);
  if (rank > SNN_MAX_RANK) return PyErr_Format(PyExc_ValueError, "a tensor has at most %d axes", SNN_MAX_RANK);
  int64_t sizes[SNN_MAX_RANK];
  for (Py_ssize_t i = 0; i < rank; i++) {
    sizes[i] = PyLong_AsLongLong(PyTuple_GetItem(shape, i));
    if (sizes[i] == -1 && PyErr_Occurred()) return NULL;
  }
  snn_tensor* handle = NULL;
  snn_error error;
  snn_status status = snn_tensor_new(dtype, (int32_t)rank, sizes, NULL, &handle, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  if (snn_tensor_count(handle) * (int64_t)snn_dtype_size(dtype) != length) {
    snn_tensor_release(handle);
    return PyErr_Format(PyExc_ValueError, "%zd bytes are not the elements of this shape", length);
  }
  if (length > 0) memcpy(snn_tensor_data(handle), data, (size_t)length);
  return wrap(handle);
}

static PyMethodDef data_functions[] = {
    {"_to", convert_dtype, METH_VARARGS, "_to(tensor, dtype, /)\n--\n\nThe tensor with another dtype."},
    {"_bytes", get_bytes, METH_O, "_bytes(tensor, /)\n--\n\nThe elements, row by row."},
    {"_from_bytes", from_bytes, METH_VARARGS, "_from_bytes(dtype, shape, data, /)\n--\n\nA tensor of such bytes."},
    {"tensor", (PyCFunction)(void (*)(void))make_tensor, METH_VARARGS | METH_KEYWORDS,
     "tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False)\n--\n\n"
     "A tensor with a copy of nested sequences, numbers, an array or a tensor."},
    {"as_tensor", (PyCFunction)(void (*)(void))make_as_tensor, METH_VARARGS | METH_KEYWORDS,
     "as_tensor(data, dtype=None, device=None, requires_grad=False)\n--\n\n"
     "A tensor of the data, which is copied only where it cannot be shared."},
    {NULL, NULL, 0, NULL},
};

int data_init(PyObject* module) { return PyModule_AddFunctions(module, data_functions); }
