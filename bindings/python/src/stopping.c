// Handles of the engine's stopping rules. The Python classes around them are made in swiftnn/training/_stopping.py.
#include "binding.h"

typedef struct {
  PyObject_HEAD snn_stopping_rule* handle;
} RuleObject;

static PyTypeObject* rule_type;

static snn_stopping_rule* handle_of_rule(PyObject* self) { return ((RuleObject*)self)->handle; }

snn_stopping_rule* stopping_rule_handle(PyObject* object) {
  return Py_TYPE(object) == rule_type ? handle_of_rule(object) : NULL;
}

static PyObject* rule_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  (void)keywords;
  const char* name;
  PyObject *positional, *named;
  if (!PyArg_ParseTuple(args, "sO!O!:StoppingRule", &name, &PyTuple_Type, &positional, &PyDict_Type, &named))
    return NULL;
  const Overload* overload = overloads_of(SNN_STOPPING_RULES, name);
  if (overload == NULL) return NULL;
  RuleObject* self = (RuleObject*)PyType_GenericAlloc(type, 0);
  if (self == NULL) return NULL;
  Call call;
  call_begin(&call);
  call.lenient = true;
  if (bind_made(&call, overload, positional, named)) {
    snn_error error;
    snn_status status = snn_stopping_rule_new(overload->entry->id, call.values, call.count, &self->handle, &error);
    if (status != SNN_OK) raise_error(status, &error);
  }
  call_end(&call);
  if (self->handle == NULL) Py_CLEAR(self);
  return (PyObject*)self;
}

static void rule_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  snn_stopping_rule_release(handle_of_rule(self));
  PyObject_Free(self);
  Py_DECREF(type);
}

// Names and numbers of a dict; false with an exception.
static bool measurements(PyObject* dictionary, const char** names, double* values) {
  PyObject *key, *value;
  Py_ssize_t position = 0;
  for (size_t i = 0; PyDict_Next(dictionary, &position, &key, &value); i++) {
    if (!PyUnicode_Check(key)) {
      PyErr_Format(PyExc_TypeError, "expected the name of a measurement, not %R", Py_TYPE(key));
      return false;
    }
    names[i] = PyUnicode_AsUTF8AndSize(key, NULL);
    values[i] = PyFloat_AsDouble(value);
    if (names[i] == NULL || (values[i] == -1 && PyErr_Occurred())) return false;
  }
  return true;
}

static PyObject* rule_observe(PyObject* self, PyObject* args) {
  PyObject* given;
  long long epoch;
  if (!PyArg_ParseTuple(args, "O!L:observe", &PyDict_Type, &given, &epoch)) return NULL;
  // A copy: converting a value may call code that changes the dict.
  PyObject* dictionary = PyDict_Copy(given);
  if (dictionary == NULL) return NULL;
  Call call;
  call_begin(&call);
  const size_t count = (size_t)PyDict_Size(dictionary);
  const char** names = call_block(&call, (count + 1) * sizeof *names);
  double* values = call_block(&call, (count + 1) * sizeof *values);
  PyObject* result = NULL;
  if (names != NULL && values != NULL && measurements(dictionary, names, values)) {
    snn_stopping_verdict verdict;
    snn_error error;
    snn_status status = snn_stopping_rule_observe(handle_of_rule(self), names, values, count, epoch, &verdict, &error);
    if (status != SNN_OK) {
      raise_error(status, &error);
    } else {
      result = Py_BuildValue("(Oz)", verdict.is_best ? Py_True : Py_False, verdict.reason);
      snn_free(verdict.reason);
    }
  }
  call_end(&call);
  Py_DECREF(dictionary);
  return result;
}

static PyObject* rule_reset(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_stopping_rule_reset(handle_of_rule(self));
  Py_RETURN_NONE;
}

static PyObject* rule_state(PyObject* self, PyObject* unused) {
  (void)unused;
  char* text = NULL;
  snn_error error;
  snn_status status = snn_stopping_rule_state(handle_of_rule(self), &text, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  PyObject* result = PyUnicode_FromString(text);
  snn_free(text);
  return result;
}

static PyObject* rule_load(PyObject* self, PyObject* argument) {
  const char* json = PyUnicode_AsUTF8AndSize(argument, NULL);
  if (json == NULL) return NULL;
  snn_error error;
  return done(snn_stopping_rule_load_state(handle_of_rule(self), json, &error), &error);
}

static PyMethodDef rule_methods[] = {
    {"observe", rule_observe, METH_VARARGS,
     "observe($self, values, epoch, /)\n--\n\nWhether the model is the best so far, and why training should end."},
    {"reset", rule_reset, METH_NOARGS, "reset($self)\n--\n\nForgets everything."},
    {"state", rule_state, METH_NOARGS, "state($self)\n--\n\nAll that is remembered, as JSON."},
    {"load", rule_load, METH_O, "load($self, json, /)\n--\n\nGoes on from a saved state."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot rule_slots[] = {
    {Py_tp_doc, "A stopping rule of the engine."},
    {Py_tp_new, rule_new},
    {Py_tp_dealloc, rule_dealloc},
    {Py_tp_methods, rule_methods},
    {0, NULL},
};

static PyType_Spec rule_spec = {
    .name = "swiftnn._C.StoppingRule",
    .basicsize = sizeof(RuleObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = rule_slots,
};

int stopping_init(PyObject* module) { return add_type(module, &rule_spec, &rule_type); }
