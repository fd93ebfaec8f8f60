// Methods of a tensor that are no operations: sizes, elements as Python numbers, graph.
#include <stdlib.h>

#include "binding.h"

static bool axis_of(PyObject* self, PyObject* object, int32_t* axis) {
  long long value = PyLong_AsLongLong(object);
  if (value == -1 && PyErr_Occurred()) return false;
  int32_t rank = snn_tensor_rank(handle_of(self));
  if (value < -rank || value >= rank) {
    PyErr_Format(PyExc_IndexError, "Dimension out of range (expected to be in range of [%d, %d], but got %lld)",
                 rank == 0 ? -1 : (int)-rank, rank == 0 ? 0 : (int)rank - 1, value);
    return false;
  }
  *axis = (int32_t)(value < 0 ? value + rank : value);
  return true;
}

static PyObject* get_axis(PyObject* self, PyObject* args, PyObject* keywords, const int64_t* numbers,
                          const char* format, bool as_size) {
  static char* names[] = {"dim", NULL};
  PyObject* dim = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, format, names, &dim)) return NULL;
  int32_t rank = snn_tensor_rank(handle_of(self));
  if (dim != Py_None) {
    int32_t axis;
    return axis_of(self, dim, &axis) ? PyLong_FromLongLong(numbers[axis]) : NULL;
  }
  if (as_size) return size_object(numbers, rank);
  PyObject* result = PyTuple_New(rank);
  for (int32_t i = 0; result != NULL && i < rank; i++) {
    PyObject* number = PyLong_FromLongLong(numbers[i]);
    if (number == NULL || PyTuple_SetItem(result, i, number) < 0) Py_CLEAR(result);
  }
  return result;
}

static PyObject* tensor_size(PyObject* self, PyObject* args, PyObject* keywords) {
  return get_axis(self, args, keywords, snn_tensor_sizes(handle_of(self)), "|O:size", true);
}

static PyObject* tensor_stride(PyObject* self, PyObject* args, PyObject* keywords) {
  return get_axis(self, args, keywords, snn_tensor_strides(handle_of(self)), "|O:stride", false);
}

static PyObject* tensor_rank(PyObject* self, PyObject* unused) {
  (void)unused;
  return PyLong_FromLong(snn_tensor_rank(handle_of(self)));
}

static PyObject* tensor_count(PyObject* self, PyObject* unused) {
  (void)unused;
  return PyLong_FromLongLong(snn_tensor_count(handle_of(self)));
}

static PyObject* tensor_element_size(PyObject* self, PyObject* unused) {
  (void)unused;
  return PyLong_FromSize_t(snn_dtype_size(snn_tensor_dtype(handle_of(self))));
}

static PyObject* tensor_data_pointer(PyObject* self, PyObject* unused) {
  (void)unused;
  return PyLong_FromVoidPtr(snn_tensor_data(handle_of(self)));
}

static PyObject* tensor_is_floating(PyObject* self, PyObject* unused) {
  (void)unused;
  return PyBool_FromLong(dtype_is_floating(snn_tensor_dtype(handle_of(self))));
}

static PyObject* tensor_is_contiguous(PyObject* self, PyObject* args, PyObject* keywords) {
  static char* names[] = {"memory_format", NULL};
  PyObject* format = NULL;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:is_contiguous", names, &format)) return NULL;
  snn_tensor* handle = handle_of(self);
  const int64_t *sizes = snn_tensor_sizes(handle), *strides = snn_tensor_strides(handle);
  bool contiguous = true;
  int64_t expected = 1;
  for (int32_t axis = snn_tensor_rank(handle) - 1; axis >= 0; axis--) {
    if (sizes[axis] != 1 && strides[axis] != expected) contiguous = false;
    expected *= sizes[axis];
  }
  return PyBool_FromLong(contiguous || expected == 0);
}

// ---- Elements as Python numbers

PyObject* tensor_item(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_tensor* handle = handle_of(self);
  snn_dtype dtype = snn_tensor_dtype(handle);
  snn_error error;
  if (dtype_is_floating(dtype)) {
    double value;
    snn_status status = snn_tensor_item(handle, &value, &error);
    return status != SNN_OK ? raise_error(status, &error) : PyFloat_FromDouble(value);
  }
  int64_t value;
  snn_status status = snn_tensor_item_int(handle, &value, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  return dtype == SNN_BOOL ? PyBool_FromLong(value != 0) : PyLong_FromLongLong(value);
}

typedef struct {
  const int64_t* sizes;
  int32_t rank;
  snn_dtype dtype;
  const void* next;
} Listing;

static PyObject* next_element(Listing* listing) {
  if (dtype_is_floating(listing->dtype)) {
    const double* value = listing->next;
    listing->next = value + 1;
    return PyFloat_FromDouble(*value);
  }
  const int64_t* value = listing->next;
  listing->next = value + 1;
  return listing->dtype == SNN_BOOL ? PyBool_FromLong(*value != 0) : PyLong_FromLongLong(*value);
}

static PyObject* next_list(Listing* listing, int32_t axis) {
  if (axis == listing->rank) return next_element(listing);
  PyObject* list = PyList_New((Py_ssize_t)listing->sizes[axis]);
  for (int64_t i = 0; list != NULL && i < listing->sizes[axis]; i++) {
    PyObject* element = next_list(listing, axis + 1);
    if (element == NULL || PyList_SetItem(list, (Py_ssize_t)i, element) < 0) Py_CLEAR(list);
  }
  return list;
}

static PyObject* tensor_to_list(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_tensor* handle = handle_of(self);
  snn_dtype dtype = snn_tensor_dtype(handle);
  size_t bytes = (size_t)snn_tensor_count(handle) * 8;  // as float64 or int64
  void* elements = malloc(bytes == 0 ? 1 : bytes);
  if (elements == NULL) return PyErr_NoMemory();
  snn_error error;
  snn_status status =
      snn_tensor_read(handle, dtype_is_floating(dtype) ? SNN_FLOAT64 : SNN_INT64, elements, bytes, &error);
  Listing listing = {snn_tensor_sizes(handle), snn_tensor_rank(handle), dtype, elements};
  PyObject* result = status != SNN_OK ? raise_error(status, &error) : next_list(&listing, 0);
  free(elements);
  return result;
}

static PyObject* tensor_bool(PyObject* self, PyObject* unused) {
  PyObject* item = tensor_item(self, unused);
  if (item == NULL) return NULL;
  int truth = PyObject_IsTrue(item);
  Py_DECREF(item);
  return truth < 0 ? NULL : PyBool_FromLong(truth);
}

// ---- Graph

static PyObject* tensor_detach(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_tensor* handle = NULL;
  snn_error error;
  snn_status status = snn_tensor_detach(handle_of(self), &handle, &error);
  return status != SNN_OK ? raise_error(status, &error) : wrap(handle);
}

static PyObject* tensor_retain_gradient(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_error error;
  snn_status status = snn_tensor_retain_grad(handle_of(self), &error);
  if (status != SNN_OK) return raise_error(status, &error);
  Py_RETURN_NONE;
}

static PyObject* tensor_set_requires(PyObject* self, PyObject* args, PyObject* keywords) {
  static char* names[] = {"requires_grad", NULL};
  PyObject* value = Py_True;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:requires_grad_", names, &value)) return NULL;
  return PyObject_SetAttrString(self, "requires_grad", value) < 0 ? NULL : Py_NewRef(self);
}

static PyObject* tensor_gradient_function(PyObject* self, PyObject* unused) {
  (void)unused;
  const char* name = snn_tensor_gradient_function(handle_of(self));
  if (name == NULL) Py_RETURN_NONE;
  return PyUnicode_FromString(name);
}

static PyObject* tensor_shares_memory(PyObject* self, PyObject* other) {
  if (!is_tensor(other)) return PyErr_Format(PyExc_TypeError, "expected a Tensor, got %R", Py_TYPE(other));
  return PyBool_FromLong(snn_tensor_shares_memory(handle_of(self), handle_of(other)));
}

// The same engine tensor as an object of this class.
static PyObject* tensor_wrap(PyObject* type, PyObject* tensor) {
  if (!is_tensor(tensor)) return PyErr_Format(PyExc_TypeError, "expected a Tensor, got %R", Py_TYPE(tensor));
  return wrap_as((PyTypeObject*)type, snn_tensor_retain(handle_of(tensor)));
}

#define WITH_KEYWORDS(function) ((PyCFunction)(void (*)(void))(function))

PyMethodDef tensor_methods[] = {
    {"size", WITH_KEYWORDS(tensor_size), METH_VARARGS | METH_KEYWORDS,
     "size($self, dim=None)\n--\n\nThe sizes of the axes, or the size of one."},
    {"stride", WITH_KEYWORDS(tensor_stride), METH_VARARGS | METH_KEYWORDS,
     "stride($self, dim=None)\n--\n\nSteps between elements along the axes, in elements."},
    {"dim", tensor_rank, METH_NOARGS, "dim($self)\n--\n\nThe number of axes."},
    {"ndimension", tensor_rank, METH_NOARGS, "ndimension($self)\n--\n\nThe number of axes."},
    {"numel", tensor_count, METH_NOARGS, "numel($self)\n--\n\nThe number of elements."},
    {"nelement", tensor_count, METH_NOARGS, "nelement($self)\n--\n\nThe number of elements."},
    {"element_size", tensor_element_size, METH_NOARGS, "element_size($self)\n--\n\nBytes of an element."},
    {"data_ptr", tensor_data_pointer, METH_NOARGS, "data_ptr($self)\n--\n\nThe address of the first element."},
    {"is_floating_point", tensor_is_floating, METH_NOARGS,
     "is_floating_point($self)\n--\n\nWhether the elements are floating-point numbers."},
    {"is_contiguous", WITH_KEYWORDS(tensor_is_contiguous), METH_VARARGS | METH_KEYWORDS,
     "is_contiguous($self, memory_format=None)\n--\n\nWhether the elements lie row by row without gaps."},
    {"item", tensor_item, METH_NOARGS, "item($self)\n--\n\nThe only element as a Python number."},
    {"is_inference", tensor_is_inference, METH_NOARGS,
     "is_inference($self)\n--\n\nWhether the memory was made in inference mode."},
    {"_is_batched", tensor_is_batched, METH_NOARGS,
     "_is_batched($self)\n--\n\nWhether the tensor stands for each of many examples."},
    {"tolist", tensor_to_list, METH_NOARGS, "tolist($self)\n--\n\nThe elements as nested lists of Python numbers."},
    {"is_nonzero", tensor_bool, METH_NOARGS, "is_nonzero($self)\n--\n\nWhether the only element is not zero."},
    {"detach", tensor_detach, METH_NOARGS, "detach($self)\n--\n\nThe same memory without a graph."},
    {"retain_grad", tensor_retain_gradient, METH_NOARGS,
     "retain_grad($self)\n--\n\nKeep the gradient although the tensor is no leaf."},
    {"requires_grad_", WITH_KEYWORDS(tensor_set_requires), METH_VARARGS | METH_KEYWORDS,
     "requires_grad_($self, requires_grad=True)\n--\n\nSets requires_grad and returns the tensor."},
    {"backward", WITH_KEYWORDS(tensor_backward), METH_VARARGS | METH_KEYWORDS,
     "backward($self, gradient=None, retain_graph=None, create_graph=False, inputs=None)\n--\n\n"
     "Adds the derivatives of this tensor to the grad of every leaf it depends on."},
    {"_add_hook", tensor_add_hook, METH_O, NULL},
    {"_remove_hook", tensor_remove_hook, METH_O, NULL},
    {"_gradient_function", tensor_gradient_function, METH_NOARGS, NULL},
    {"_shares_memory", tensor_shares_memory, METH_O, NULL},
    {"_wrap", tensor_wrap, METH_O | METH_CLASS, NULL},
    {"__dlpack__", WITH_KEYWORDS(tensor_dlpack), METH_VARARGS | METH_KEYWORDS,
     "__dlpack__($self, *, stream=None, max_version=None, dl_device=None, copy=None)\n--\n\nA DLPack capsule of this "
     "memory."},
    {"__dlpack_device__", tensor_dlpack_device, METH_NOARGS,
     "__dlpack_device__($self)\n--\n\nThe kind and number of the device: (1, 0), the CPU."},
    {NULL, NULL, 0, NULL},
};
