// Handles of the engine's fitted transforms. The Python classes around them are made in swiftnn/preprocessing.
#include "binding.h"

typedef struct {
  PyObject_HEAD snn_transform* handle;
} TransformObject;

static PyTypeObject* transform_type;

snn_transform* transform_handle(PyObject* self) {
  return Py_TYPE(self) == transform_type ? ((TransformObject*)self)->handle : NULL;
}

static void transform_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  snn_transform_release(transform_handle(self));
  PyObject_Free(self);
  Py_DECREF(type);
}

static PyObject* new_transform(PyObject* module, PyObject* args) {
  (void)module;
  const char* name;
  PyObject *positional, *keywords;
  if (!PyArg_ParseTuple(args, "sO!O!:new_transform", &name, &PyTuple_Type, &positional, &PyDict_Type, &keywords))
    return NULL;
  const Overload* overload = overloads_of(SNN_TRANSFORMS, name);
  if (overload == NULL) return NULL;
  Call call;
  call_begin(&call);
  PyObject* result = NULL;
  if (bind_made(&call, overload, positional, keywords) && (result = PyType_GenericAlloc(transform_type, 0)) != NULL) {
    snn_error error;
    snn_status status =
        snn_transform_new(overload->entry->id, call.values, call.count, &((TransformObject*)result)->handle, &error);
    if (status != SNN_OK) {
      Py_CLEAR(result);
      raise_error(status, &error);
    }
  }
  call_end(&call);
  return result;
}

static PyObject* transform_fit(PyObject* self, PyObject* args) {
  PyObject* data;
  int partial;
  if (!PyArg_ParseTuple(args, "O!p:fit", tensor_type, &data, &partial)) return NULL;
  snn_error error;
  return done(snn_transform_fit(transform_handle(self), handle_of(data), partial != 0, &error), &error);
}

static PyObject* transform_apply(PyObject* self, PyObject* args) {
  PyObject* data;
  int inverse;
  if (!PyArg_ParseTuple(args, "O!p:apply", tensor_type, &data, &inverse)) return NULL;
  snn_tensor* result = NULL;
  snn_error error;
  snn_status status = snn_transform_apply(transform_handle(self), handle_of(data), inverse != 0, &result, &error);
  return status != SNN_OK ? raise_error(status, &error) : wrap(result);
}

static PyObject* transform_state(PyObject* self, PyObject* unused) {
  (void)unused;
  int32_t count = snn_transform_state_count(transform_handle(self));
  PyObject* state = PyDict_New();
  for (int32_t i = 0; state != NULL && i < count; i++) {
    const char* name = NULL;
    snn_tensor* tensor = NULL;
    snn_error error;
    snn_status status = snn_transform_state(transform_handle(self), i, &name, &tensor, &error);
    PyObject* value = status != SNN_OK ? raise_error(status, &error) : wrap(tensor);
    if (value == NULL || PyDict_SetItemString(state, name, value) < 0) Py_CLEAR(state);
    Py_XDECREF(value);
  }
  return state;
}

static PyObject* transform_load(PyObject* self, PyObject* state) {
  if (!PyDict_Check(state)) return PyErr_Format(PyExc_TypeError, "a state is a dict, not %R", Py_TYPE(state));
  Call call;
  call_begin(&call);
  size_t count;
  PyObject *result = NULL, *items = PyDict_Items(state), *values = PyDict_Values(state);
  bool owned = call_own(&call, items) & call_own(&call, values);
  snn_tensor** handles = owned ? convert_handles(&call, values, false, &count, "the state") : NULL;
  const char** names = handles == NULL ? NULL : convert_words(&call, items, false, "the names");
  if (names != NULL) {
    snn_error error;
    result = done(snn_transform_load(transform_handle(self), names, handles, count, &error), &error);
  }
  call_end(&call);
  return result;
}

static PyMethodDef transform_methods[] = {
    {"fit", transform_fit, METH_VARARGS, "fit($self, data, partial, /)\n--\n\nLearns from data."},
    {"apply", transform_apply, METH_VARARGS, "apply($self, data, inverse, /)\n--\n\nTransforms data, or back."},
    {"state", transform_state, METH_NOARGS, "state($self)\n--\n\nWhat it has learned."},
    {"load", transform_load, METH_O, "load($self, state, /)\n--\n\nTakes up what state() returned."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot transform_slots[] = {
    {Py_tp_doc, "A fitted transform."},
    {Py_tp_dealloc, transform_dealloc},
    {Py_tp_methods, transform_methods},
    {0, NULL},
};

static PyType_Spec transform_spec = {
    .name = "swiftnn._C.Transform",
    .basicsize = sizeof(TransformObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = transform_slots,
};

static PyMethodDef transform_functions[] = {
    {"new_transform", new_transform, METH_VARARGS,
     "new_transform(name, arguments, keywords, /)\n--\n\nA transform of the registry."},
    {NULL, NULL, 0, NULL},
};

int transforms_init(PyObject* module) {
  if (add_type(module, &transform_spec, &transform_type) < 0) return -1;
  return PyModule_AddFunctions(module, transform_functions);
}
