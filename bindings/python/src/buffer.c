// The buffer protocol, both ways: memory of tensors for Python, memory of arrays for tensors.
#include <stdlib.h>
#include <string.h>

#include "binding.h"

// ---- Out

typedef struct {
  Py_ssize_t shape[SNN_MAX_RANK], strides[SNN_MAX_RANK];
  snn_tensor* tensor;
} Export;

// Another tensor over the same memory, which stays when the first is given other memory.
snn_tensor* tensor_alias(const snn_tensor* tensor) {
  snn_tensor* alias = NULL;
  snn_error error;
  snn_status status = snn_tensor_detach(tensor, &alias, &error);
  if (status != SNN_OK) raise_error(status, &error);
  return alias;
}

int tensor_get_buffer(PyObject* self, Py_buffer* view, int flags) {
  snn_tensor* handle = handle_of(self);
  snn_dtype dtype = snn_tensor_dtype(handle);
  const char* format = dtype_format(dtype);
  view->obj = NULL;
  if (format == NULL) {
    PyErr_Format(PyExc_BufferError, "Python has no buffer format for %s: convert the tensor first, x.float()",
                 snn_dtype_name(dtype));
    return -1;
  }
  if (snn_tensor_requires_grad(handle)) {
    PyErr_SetString(PyExc_BufferError, "the tensor requires grad: share x.detach() instead");
    return -1;
  }
  if (snn_tensor_is_batched(handle)) {
    PyErr_SetString(PyExc_BufferError, "vmap: a tensor that stands for many examples has no memory of its own");
    return -1;
  }
  Export* export = malloc(sizeof *export);
  if (export == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  if ((export->tensor = tensor_alias(handle)) == NULL) {
    free(export);
    return -1;
  }
  int32_t rank = snn_tensor_rank(handle);
  Py_ssize_t itemsize = (Py_ssize_t)snn_dtype_size(dtype), dense = itemsize;
  bool contiguous = true;
  for (int32_t i = rank - 1; i >= 0; i--) {
    export->shape[i] = (Py_ssize_t)snn_tensor_sizes(handle)[i];
    export->strides[i] = (Py_ssize_t)snn_tensor_strides(handle)[i] * itemsize;
    if (export->shape[i] != 1 && export->strides[i] != dense) contiguous = false;
    dense *= export->shape[i];
  }
  bool strided = (flags & PyBUF_STRIDES) == PyBUF_STRIDES;
  bool wants_order =
      (flags & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS || (flags & PyBUF_ANY_CONTIGUOUS) == PyBUF_ANY_CONTIGUOUS;
  bool fortran = (flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS && rank > 1;
  if (dense != 0 && ((!contiguous && (!strided || wants_order)) || fortran)) {
    snn_tensor_release(export->tensor);
    free(export);
    PyErr_SetString(PyExc_BufferError, "the elements do not lie in the order that was asked for: use x.contiguous()");
    return -1;
  }
  view->obj = Py_NewRef(self);
  view->buf = snn_tensor_data(handle);
  view->len = (Py_ssize_t)snn_tensor_count(handle) * itemsize;
  view->itemsize = itemsize;
  view->readonly = 0;
  view->ndim = rank;
  view->format = (flags & PyBUF_FORMAT) ? (char*)format : NULL;
  view->shape = (flags & PyBUF_ND) == PyBUF_ND ? export->shape : NULL;
  view->strides = strided ? export->strides : NULL;
  view->suboffsets = NULL;
  view->internal = export;
  return 0;
}

void tensor_release_buffer(PyObject* self, Py_buffer* view) {
  (void)self;
  Export* export = view->internal;
  snn_tensor_release(export->tensor);
  free(export);
}

// ---- In

static snn_dtype dtype_of_format(const char* format, Py_ssize_t itemsize) {
  if (format == NULL) return SNN_UINT8;
  if (*format == '@' || *format == '=' || *format == '<') format++;
  if (format[0] == 0 || format[1] != 0) return 0;
  switch (*format) {
    case 'f':
      return SNN_FLOAT32;
    case 'd':
      return SNN_FLOAT64;
    case 'e':
      return SNN_FLOAT16;
    case 'i':
    case 'l':
    case 'q':
      return itemsize == 8 ? SNN_INT64 : SNN_INT32;
    case 'B':
      return SNN_UINT8;
    case '?':
      return SNN_BOOL;
    default:
      return 0;
  }
}

static void drop_memory(void* owner) { defer_release(owner); }

static snn_tensor* raise_status(snn_status status, const snn_error* error) {
  raise_error(status, error);
  return NULL;
}

static snn_tensor* copy_buffer(Py_buffer* view, snn_dtype dtype, const int64_t* sizes) {
  snn_tensor* handle = NULL;
  snn_error error;
  snn_status status;
  if (PyBuffer_IsContiguous(view, 'C')) {
    status = snn_tensor_new(dtype, view->ndim, sizes, view->buf, &handle, &error);
    return status == SNN_OK ? handle : raise_status(status, &error);
  }
  status = snn_tensor_new(dtype, view->ndim, sizes, NULL, &handle, &error);
  if (status != SNN_OK) return raise_status(status, &error);
  if (PyBuffer_ToContiguous(snn_tensor_data(handle), view, view->len, 'C') == 0) return handle;
  snn_tensor_release(handle);
  return NULL;
}

// The memoryview keeps the memory alive.
static snn_tensor* borrow_buffer(PyObject* memory, const Py_buffer* view, snn_dtype dtype, const int64_t* sizes) {
  int64_t strides[SNN_MAX_RANK];
  for (int i = 0; i < view->ndim; i++) {
    if (view->strides[i] < 0 || view->strides[i] % view->itemsize != 0) {
      PyErr_SetString(PyExc_ValueError,
                      "arrays with negative strides, or strides that are no multiple of the element size, cannot be "
                      "shared: copy them");
      return NULL;
    }
    strides[i] = view->strides[i] / view->itemsize;
  }
  snn_tensor* handle = NULL;
  snn_error error;
  snn_status status =
      snn_tensor_borrow(dtype, view->ndim, sizes, strides, view->buf, drop_memory, memory, &handle, &error);
  if (status != SNN_OK) return raise_status(status, &error);
  Py_INCREF(memory);
  return handle;
}

static snn_tensor* import_view(PyObject* memory, Py_buffer* view, bool copy) {
  snn_dtype dtype = dtype_of_format(view->format, view->itemsize);
  if (dtype == 0) {
    PyErr_Format(PyExc_TypeError,
                 "cannot make a tensor of elements of format '%s': the types are float64, float32, float16, int64, "
                 "int32, uint8 and bool",
                 view->format);
    return NULL;
  }
  if (view->ndim > SNN_MAX_RANK) {
    PyErr_Format(PyExc_ValueError, "a tensor has at most %d axes, the array has %d", SNN_MAX_RANK, view->ndim);
    return NULL;
  }
  int64_t sizes[SNN_MAX_RANK];
  for (int i = 0; i < view->ndim; i++) sizes[i] = view->shape[i];
  if (!copy && view->readonly) {
    if (PyErr_WarnEx(PyExc_UserWarning, "the array is read-only, so the tensor gets a copy of it", 1) < 0) return NULL;
    copy = true;
  }
  return copy ? copy_buffer(view, dtype, sizes) : borrow_buffer(memory, view, dtype, sizes);
}

snn_tensor* tensor_from_buffer(PyObject* object, bool copy) {
  PyObject* memory = PyMemoryView_FromObject(object);
  if (memory == NULL) return NULL;
  Py_buffer view;
  snn_tensor* handle = NULL;
  if (PyObject_GetBuffer(memory, &view, PyBUF_FULL_RO) == 0) {
    handle = import_view(memory, &view, copy);
    PyBuffer_Release(&view);
  }
  Py_DECREF(memory);
  return handle;
}
