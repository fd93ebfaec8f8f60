// The dtype objects: swiftnn.float32 and its like.
#include "binding.h"

PyTypeObject* dtype_type;

enum { DTYPE_LIMIT = 64 };
static PyObject* dtype_objects[DTYPE_LIMIT];

bool dtype_is_floating(snn_dtype value) {
  return value == SNN_FLOAT32 || value == SNN_FLOAT64 || value == SNN_FLOAT16 || value == SNN_BFLOAT16;
}

const char* dtype_format(snn_dtype value) {
  switch (value) {
    case SNN_FLOAT32:
      return "f";
    case SNN_FLOAT64:
      return "d";
    case SNN_FLOAT16:
      return "e";
    case SNN_INT64:
      return "q";
    case SNN_INT32:
      return "i";
    case SNN_UINT8:
      return "B";
    case SNN_BOOL:
      return "?";
    default:
      return NULL;
  }
}

PyObject* dtype_object(snn_dtype value) {
  if ((int)value <= 0 || (int)value >= DTYPE_LIMIT || dtype_objects[value] == NULL) {
    return PyErr_Format(PyExc_RuntimeError, "unknown element type %d", (int)value);
  }
  return Py_NewRef(dtype_objects[value]);
}

bool dtype_from_object(PyObject* object, snn_dtype* out) {
  if (Py_TYPE(object) == dtype_type) {
    *out = ((DtypeObject*)object)->value;
  } else if (object == (PyObject*)&PyFloat_Type) {
    *out = SNN_FLOAT64;
  } else if (object == (PyObject*)&PyLong_Type) {
    *out = SNN_INT64;
  } else if (object == (PyObject*)&PyBool_Type) {
    *out = SNN_BOOL;
  } else {
    return false;
  }
  return true;
}

static const char* name_of(PyObject* self) { return snn_dtype_name(((DtypeObject*)self)->value); }

static PyObject* dtype_repr(PyObject* self) { return PyUnicode_FromFormat("swiftnn.%s", name_of(self)); }

static PyObject* dtype_reduce(PyObject* self, PyObject* unused) {
  (void)unused;
  return PyUnicode_FromString(name_of(self));  // pickle looks the name up in the type's module
}

static PyObject* get_size(PyObject* self, void* closure) {
  (void)closure;
  return PyLong_FromSize_t(snn_dtype_size(((DtypeObject*)self)->value));
}

static PyObject* get_floating(PyObject* self, void* closure) {
  (void)closure;
  return PyBool_FromLong(dtype_is_floating(((DtypeObject*)self)->value));
}

static PyObject* get_complex(PyObject* self, void* closure) {
  (void)self;
  (void)closure;
  Py_RETURN_FALSE;
}

static PyObject* get_signed(PyObject* self, void* closure) {
  (void)closure;
  snn_dtype value = ((DtypeObject*)self)->value;
  return PyBool_FromLong(value != SNN_UINT8 && value != SNN_BOOL);
}

static PyObject* get_name(PyObject* self, void* closure) {
  (void)closure;
  return PyUnicode_FromString(name_of(self));
}

static PyGetSetDef dtype_properties[] = {
    {"itemsize", get_size, NULL, "Bytes of an element.", NULL},
    {"is_floating_point", get_floating, NULL, "Whether elements are floating-point numbers.", NULL},
    {"is_complex", get_complex, NULL, "Always False.", NULL},
    {"is_signed", get_signed, NULL, "Whether elements can be negative.", NULL},
    {"name", get_name, NULL, "The name without the module.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef dtype_methods[] = {
    {"__reduce__", dtype_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static void dtype_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_Free(self);
  Py_DECREF(type);
}

static PyType_Slot dtype_slots[] = {
    {Py_tp_doc, "The element type of a tensor."},
    {Py_tp_repr, dtype_repr},
    {Py_tp_getset, dtype_properties},
    {Py_tp_methods, dtype_methods},
    {Py_tp_dealloc, dtype_dealloc},
    {0, NULL},
};

static PyType_Spec dtype_spec = {
    .name = "swiftnn.dtype",
    .basicsize = sizeof(DtypeObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = dtype_slots,
};

static PyObject* get_default(PyObject* self, PyObject* unused) {
  (void)self;
  (void)unused;
  return dtype_object(snn_default_dtype());
}

static PyObject* set_default(PyObject* self, PyObject* argument) {
  (void)self;
  snn_dtype dtype;
  if (!dtype_from_object(argument, &dtype))
    return PyErr_Format(PyExc_TypeError, "expected a dtype, got %R", Py_TYPE(argument));
  snn_error error;
  snn_status status = snn_set_default_dtype(dtype, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  Py_RETURN_NONE;
}

static PyMethodDef dtype_functions[] = {
    {"get_default_dtype", get_default, METH_NOARGS,
     "get_default_dtype()\n--\n\nThe dtype of floating-point numbers without one."},
    {"set_default_dtype", set_default, METH_O,
     "set_default_dtype(d, /)\n--\n\nSets the dtype of floating-point numbers without one."},
    {NULL, NULL, 0, NULL},
};

int dtype_init(PyObject* module) {
  if (add_type(module, &dtype_spec, &dtype_type) < 0) return -1;
  for (int value = 1; value < DTYPE_LIMIT; value++) {
    const char* name = snn_dtype_name((snn_dtype)value);
    if (name == NULL) continue;
    DtypeObject* object = PyObject_New(DtypeObject, dtype_type);
    if (object == NULL) return -1;
    object->value = (snn_dtype)value;
    dtype_objects[value] = (PyObject*)object;
    if (PyModule_AddObjectRef(module, name, (PyObject*)object) < 0) return -1;
  }
  return PyModule_AddFunctions(module, dtype_functions);
}
