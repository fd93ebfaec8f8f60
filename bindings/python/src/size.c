// swiftnn.Size: a tuple of sizes.
#include "binding.h"

static PyTypeObject* size_type;

PyObject* size_object(const int64_t* sizes, int32_t rank) {
  PyObject* result = PyType_GenericAlloc(size_type, rank);
  if (result == NULL) return NULL;
  for (int32_t i = 0; i < rank; i++) {
    PyObject* size = PyLong_FromLongLong(sizes[i]);
    if (size == NULL || PyTuple_SetItem(result, i, size) < 0) {
      Py_DECREF(result);
      return NULL;
    }
  }
  return result;
}

static PyObject* as_size(PyObject* tuple) {
  if (tuple == NULL || !PyTuple_Check(tuple)) return tuple;
  PyObject* result = PyObject_CallFunctionObjArgs((PyObject*)size_type, tuple, NULL);
  Py_DECREF(tuple);
  return result;
}

static PyObject* size_repr(PyObject* self) {
  PyObject* list = PySequence_List(self);
  if (list == NULL) return NULL;
  PyObject* text = PyUnicode_FromFormat("swiftnn.Size(%R)", list);
  Py_DECREF(list);
  return text;
}

static PyObject* size_count(PyObject* self, PyObject* unused) {
  (void)unused;
  PyObject* product = PyLong_FromLong(1);
  for (Py_ssize_t i = 0; product != NULL && i < PyTuple_Size(self); i++) {
    PyObject* next = PyNumber_Multiply(product, PyTuple_GetItem(self, i));
    Py_DECREF(product);
    product = next;
  }
  return product;
}

static PyObject* size_get(PyObject* self, PyObject* key) {
  binaryfunc get = (binaryfunc)PyType_GetSlot(&PyTuple_Type, Py_mp_subscript);
  PyObject* result = get(self, key);
  return PySlice_Check(key) ? as_size(result) : result;
}

static PyObject* size_concatenate(PyObject* self, PyObject* other) {
  binaryfunc concatenate = (binaryfunc)PyType_GetSlot(&PyTuple_Type, Py_sq_concat);
  return as_size(concatenate(self, other));
}

static PyObject* size_reduce(PyObject* self, PyObject* unused) {
  (void)unused;
  return Py_BuildValue("O(N)", size_type, PySequence_List(self));
}

static PyMethodDef size_methods[] = {
    {"numel", size_count, METH_NOARGS, "numel($self)\n--\n\nThe product of the sizes: the number of elements."},
    {"__reduce__", size_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot size_slots[] = {
    {Py_tp_doc, "The sizes of a tensor: a tuple."},
    {Py_tp_repr, size_repr},
    {Py_tp_methods, size_methods},
    {Py_mp_subscript, size_get},
    {Py_sq_concat, size_concatenate},
    {0, NULL},
};

static PyType_Spec size_spec = {
    .name = "swiftnn.Size",
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = size_slots,
};

int size_init(PyObject* module) {
  PyObject* type = PyType_FromSpecWithBases(&size_spec, (PyObject*)&PyTuple_Type);
  if (type == NULL) return -1;
  size_type = (PyTypeObject*)type;
  return PyModule_AddObjectRef(module, "Size", type);
}
