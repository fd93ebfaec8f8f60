// What a tensor shows without computing: shape, dtype, gradient, graph.
#include "binding.h"

static PyObject* get_shape(PyObject* self, void* closure) {
  (void)closure;
  snn_tensor* handle = handle_of(self);
  return size_object(snn_tensor_sizes(handle), snn_tensor_rank(handle));
}

static PyObject* get_dtype(PyObject* self, void* closure) {
  (void)closure;
  return dtype_object(snn_tensor_dtype(handle_of(self)));
}

static PyObject* get_rank(PyObject* self, void* closure) {
  (void)closure;
  return PyLong_FromLong(snn_tensor_rank(handle_of(self)));
}

static PyObject* get_element_size(PyObject* self, void* closure) {
  (void)closure;
  return PyLong_FromSize_t(snn_dtype_size(snn_tensor_dtype(handle_of(self))));
}

static PyObject* get_bytes(PyObject* self, void* closure) {
  (void)closure;
  snn_tensor* handle = handle_of(self);
  return PyLong_FromLongLong(snn_tensor_count(handle) * (int64_t)snn_dtype_size(snn_tensor_dtype(handle)));
}

static PyObject* get_version(PyObject* self, void* closure) {
  (void)closure;
  return PyLong_FromUnsignedLongLong(snn_tensor_version(handle_of(self)));
}

static PyObject* get_is_leaf(PyObject* self, void* closure) {
  (void)closure;
  return PyBool_FromLong(snn_tensor_is_leaf(handle_of(self)));
}

static PyObject* get_requires_grad(PyObject* self, void* closure) {
  (void)closure;
  return PyBool_FromLong(snn_tensor_requires_grad(handle_of(self)));
}

static int set_requires_grad(PyObject* self, PyObject* value, void* closure) {
  (void)closure;
  if (value == NULL || !PyBool_Check(value)) {
    PyErr_SetString(PyExc_TypeError, "requires_grad must be True or False");
    return -1;
  }
  snn_error error;
  snn_status status = snn_tensor_set_requires_grad(handle_of(self), value == Py_True, &error);
  if (status == SNN_OK) return 0;
  raise_error(status, &error);
  return -1;
}

static PyObject* get_gradient(PyObject* self, void* closure) {
  (void)closure;
  snn_tensor* handle = NULL;
  snn_error error;
  snn_status status = snn_tensor_gradient(handle_of(self), &handle, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  PyObject* kept = ((TensorObject*)self)->gradient;
  if (kept != NULL && handle_of(kept) == handle) {
    snn_tensor_release(handle);
    return Py_NewRef(kept);
  }
  if (handle == NULL) {
    tensor_keep_gradient(self, NULL);
    Py_RETURN_NONE;
  }
  PyObject* gradient = wrap(handle);
  if (gradient != NULL) tensor_keep_gradient(self, gradient);
  return gradient;
}

static int set_gradient(PyObject* self, PyObject* value, void* closure) {
  (void)closure;
  bool clears = value == NULL || value == Py_None;
  if (!clears && !is_tensor(value)) {
    PyErr_Format(PyExc_TypeError, "grad must be a Tensor or None, got %R", Py_TYPE(value));
    return -1;
  }
  snn_error error;
  snn_status status = snn_tensor_set_gradient(handle_of(self), clears ? NULL : handle_of(value), &error);
  if (status != SNN_OK) {
    raise_error(status, &error);
    return -1;
  }
  tensor_keep_gradient(self, clears ? NULL : value);
  return 0;
}

static PyObject* get_data(PyObject* self, void* closure) {
  (void)closure;
  snn_tensor* handle = NULL;
  snn_error error;
  snn_status status = snn_tensor_detach(handle_of(self), &handle, &error);
  return status != SNN_OK ? raise_error(status, &error) : wrap(handle);
}

static int set_data(PyObject* self, PyObject* value, void* closure) {
  (void)closure;
  if (value == NULL || !is_tensor(value)) {
    PyErr_SetString(PyExc_TypeError, "data must be a Tensor");
    return -1;
  }
  snn_error error;
  snn_status status = snn_tensor_set_data(handle_of(self), handle_of(value), &error);
  if (status == SNN_OK) return 0;
  raise_error(status, &error);
  return -1;
}

// The closure says how many of the last axes are reversed: 0 all of them.
static PyObject* get_transposed(PyObject* self, void* closure) {
  static int32_t permute = -1;
  if (permute < 0 && (permute = need_operation("permute")) < 0) return NULL;
  int32_t rank = snn_tensor_rank(handle_of(self));
  int32_t reversed = closure == NULL ? rank : 2;
  if (rank < reversed) return PyErr_Format(PyExc_RuntimeError, "mT: needs at least 2 axes, got %d", (int)rank);
  int64_t axes[SNN_MAX_RANK];
  for (int32_t i = 0; i < rank; i++) axes[i] = i < rank - reversed ? i : rank - 1 - (i - (rank - reversed));
  snn_value values[2] = {snn_of(handle_of(self)), snn_ints(axes, rank)};
  return apply_single(permute, values, 2);
}

PyGetSetDef tensor_properties[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {"shape", get_shape, NULL, "The sizes of the axes, a Size.", NULL},
    {"dtype", get_dtype, NULL, "The element type.", NULL},
    {"ndim", get_rank, NULL, "The number of axes.", NULL},
    {"itemsize", get_element_size, NULL, "Bytes of an element.", NULL},
    {"nbytes", get_bytes, NULL, "Bytes of all elements.", NULL},
    {"_version", get_version, NULL, "Grows with every change in place.", NULL},
    {"is_leaf", get_is_leaf, NULL, "Whether no recorded operation made this tensor.", NULL},
    {"requires_grad", get_requires_grad, set_requires_grad, "Whether gradients are computed for this tensor.", NULL},
    {"grad", get_gradient, set_gradient, "The gradient that backward() accumulated, or None.", NULL},
    {"data", get_data, set_data, "The same memory without a graph.", NULL},
    {"T", get_transposed, NULL, "A view with the axes in reverse order.", NULL},
    {"mT", get_transposed, NULL, "A view with the last two axes exchanged.", ""},
    {NULL, NULL, NULL, NULL, NULL},
};
