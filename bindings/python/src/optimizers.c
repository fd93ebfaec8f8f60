// Handles of the engine's optimizers. The Python classes around them are made in swiftnn/optim/_optimizers.py.
#include <string.h>

#include "binding.h"

typedef struct {
  PyObject_HEAD snn_optimizer* handle;
  const Overload* overload;
} OptimizerObject;

PyTypeObject* optimizer_type;

snn_optimizer* handle_of_optimizer(PyObject* self) { return ((OptimizerObject*)self)->handle; }

PyObject* done(snn_status status, const snn_error* error) {
  if (status != SNN_OK) return raise_error(status, error);
  if (settle() < 0) return NULL;
  Py_RETURN_NONE;
}

bool bind_options(Call* call, const Overload* overload, PyObject* options) {
  call->lenient = true;
  return bind_made(call, overload, NULL, options);
}

bool bind_made(Call* call, const Overload* overload, PyObject* positional, PyObject* named) {
  Arguments arguments;
  Mismatch mismatch;
  if (!spread_arguments(call, positional, named, &arguments)) return false;
  Conversion conversion = bind_arguments(call, overload, &arguments, NULL, &mismatch);
  if (conversion == MISMATCH) raise_mismatch(overload, overload->entry->name, &arguments, &mismatch);
  return conversion == CONVERTED;
}

// Tensors and options of one group, for the engine.
static snn_tensor** bind_group(Call* call, const Overload* overload, PyObject* parameters, PyObject* options,
                               size_t* count) {
  return bind_options(call, overload, options) ? convert_handles(call, parameters, false, count, "parameters") : NULL;
}

static PyObject* optimizer_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  (void)keywords;
  const char* name;
  PyObject *parameters, *options;
  if (!PyArg_ParseTuple(args, "sOO!:Optimizer", &name, &parameters, &PyDict_Type, &options)) return NULL;
  const Overload* overload = overloads_of(SNN_OPTIMIZERS, name);
  if (overload == NULL) return NULL;
  OptimizerObject* self = (OptimizerObject*)PyType_GenericAlloc(type, 0);
  if (self == NULL) return NULL;
  self->overload = overload;
  Call call;
  call_begin(&call);
  size_t count;
  snn_tensor** handles = bind_group(&call, overload, parameters, options, &count);
  snn_error error;
  snn_status status = SNN_OK;
  if (handles != NULL)
    status = snn_optimizer_new(overload->entry->id, handles, count, call.values, call.count, &self->handle, &error);
  call_end(&call);
  if (handles != NULL && status == SNN_OK) return (PyObject*)self;
  Py_DECREF(self);
  return handles == NULL ? NULL : raise_error(status, &error);
}

static void optimizer_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  snn_optimizer_release(handle_of_optimizer(self));
  PyObject_Free(self);
  Py_DECREF(type);
}

static PyObject* optimizer_add_group(PyObject* self, PyObject* args) {
  PyObject *parameters, *options;
  if (!PyArg_ParseTuple(args, "OO!:add_group", &parameters, &PyDict_Type, &options)) return NULL;
  Call call;
  call_begin(&call);
  size_t count;
  snn_tensor** handles = bind_group(&call, ((OptimizerObject*)self)->overload, parameters, options, &count);
  PyObject* result = NULL;
  if (handles != NULL) {
    snn_error error;
    result = done(snn_optimizer_add_group(handle_of_optimizer(self), handles, count, call.values, call.count, &error),
                  &error);
  }
  call_end(&call);
  return result;
}

static PyObject* optimizer_get(PyObject* self, PyObject* args) {
  int group;
  const char* option;
  if (!PyArg_ParseTuple(args, "is:get", &group, &option)) return NULL;
  snn_value value;
  snn_error error;
  snn_status status = snn_optimizer_get(handle_of_optimizer(self), group, option, &value, &error);
  return status != SNN_OK ? raise_error(status, &error) : value_to_object(&value);
}

// None where nobody has kept one.
static PyObject* optimizer_note(PyObject* self, PyObject* args) {
  int group;
  const char* name;
  if (!PyArg_ParseTuple(args, "is:note", &group, &name)) return NULL;
  snn_value value;
  snn_status status = snn_optimizer_get(handle_of_optimizer(self), group, name, &value, NULL);
  return status != SNN_OK ? Py_NewRef(Py_None) : value_to_object(&value);
}

static PyObject* optimizer_set(PyObject* self, PyObject* args) {
  int group;
  const char* option;
  PyObject* object;
  if (!PyArg_ParseTuple(args, "isO:set", &group, &option, &object)) return NULL;
  const snn_entry* entry = ((OptimizerObject*)self)->overload->entry;
  const snn_field* field = NULL;
  for (int32_t i = 0; i < entry->field_count; i++)
    field = strcmp(entry->fields[i].name, option) == 0 ? &entry->fields[i] : field;
  static const snn_field note = {.kind = SNN_KIND_FLOAT};  // one of those that schedules keep with a group
  if (field == NULL) field = &note;
  Call call;
  call_begin(&call);
  call.lenient = true;
  PyObject* result = NULL;
  Conversion conversion = convert(&call, field, object, &call.values[0]);
  if (conversion == CONVERTED) {
    snn_error error;
    result = done(snn_optimizer_set(handle_of_optimizer(self), group, option, call.values[0], &error), &error);
  } else if (conversion == MISMATCH) {
    PyErr_Format(PyExc_TypeError, "%s: option '%s' must be %s, not %R", entry->name, option, kind_text(field),
                 Py_TYPE(object));
  }
  call_end(&call);
  return result;
}

static PyObject* optimizer_step(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_optimizer* handle = handle_of_optimizer(self);
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_optimizer_step(handle, &error);
  PyEval_RestoreThread(state);
  return done(status, &error);
}

// Calls the closure, keeps what it returned first, and gives the engine the loss as a tensor.
typedef struct {
  PyObject *closure, *first;
} Evaluation;

static snn_status evaluate(void* user, snn_tensor** loss) {
  Evaluation* evaluation = user;
  PyGILState_STATE state = PyGILState_Ensure();
  snn_status status = SNN_ERROR_CALLBACK;
  PyObject* result = PyObject_CallNoArgs(evaluation->closure);
  if (result != NULL && is_tensor(result)) {
    *loss = snn_tensor_retain(handle_of(result));
    status = SNN_OK;
  } else if (result != NULL) {
    double number = result == Py_None ? 0 : PyFloat_AsDouble(result);
    if (!PyErr_Occurred()) status = snn_tensor_new(SNN_FLOAT64, 0, NULL, &number, loss, NULL);
  }
  if (evaluation->first == NULL) {
    evaluation->first = result;
  } else {
    Py_XDECREF(result);
  }
  PyGILState_Release(state);
  return status;
}

static PyObject* optimizer_step_closure(PyObject* self, PyObject* closure) {
  Evaluation evaluation = {closure, NULL};
  snn_optimizer* handle = handle_of_optimizer(self);
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_optimizer_step_closure(handle, evaluate, &evaluation, NULL, &error);
  PyEval_RestoreThread(state);
  PyObject* finished = done(status, &error);
  if (finished == NULL) {
    Py_XDECREF(evaluation.first);
    return NULL;
  }
  Py_DECREF(finished);
  return evaluation.first == NULL ? Py_NewRef(Py_None) : evaluation.first;
}

static PyObject* optimizer_first_step(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_error error;
  return done(snn_optimizer_first_step(handle_of_optimizer(self), &error), &error);
}

static PyObject* optimizer_set_outputs(PyObject* self, PyObject* outputs) {
  Call call;
  call_begin(&call);
  size_t count;
  snn_tensor** handles = convert_handles(&call, outputs, false, &count, "outputs");
  snn_error error;
  PyObject* result = handles == NULL
                         ? NULL
                         : done(snn_optimizer_set_outputs(handle_of_optimizer(self), handles, count, &error), &error);
  call_end(&call);
  return result;
}

static PyObject* optimizer_wrap(PyObject* self, PyObject* args) {
  const char* name;
  PyObject* options;
  if (!PyArg_ParseTuple(args, "sO!:wrap", &name, &PyDict_Type, &options)) return NULL;
  const Overload* overload = overloads_of(SNN_WRAPPERS, name);
  if (overload == NULL) return NULL;
  Call call;
  call_begin(&call);
  PyObject* result = NULL;
  if (bind_options(&call, overload, options)) {
    snn_error error;
    result = done(snn_optimizer_wrap(handle_of_optimizer(self), overload->entry->id, call.values, call.count, &error),
                  &error);
  }
  call_end(&call);
  return result;
}

static PyObject* optimizer_zero_grad(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_optimizer_zero_grad(handle_of_optimizer(self));
  Py_RETURN_NONE;
}

static PyObject* optimizer_get_state(PyObject* self, PyObject* args) {
  int group, index;
  if (!PyArg_ParseTuple(args, "ii:state", &group, &index)) return NULL;
  snn_optimizer* handle = handle_of_optimizer(self);
  PyObject* result = PyDict_New();
  int32_t count = snn_optimizer_state_count(handle);
  for (int32_t i = 0; result != NULL && i < count; i++) {
    const char* name = snn_optimizer_state_name(handle, i);
    snn_tensor* tensor = NULL;
    snn_error error;
    snn_status status = snn_optimizer_state(handle, group, index, name, &tensor, &error);
    if (status != SNN_OK) {
      Py_DECREF(result);
      return raise_error(status, &error);
    }
    if (tensor == NULL) continue;
    PyObject* object = wrap(tensor);
    if (object == NULL || PyDict_SetItemString(result, name, object) < 0) Py_CLEAR(result);
    Py_XDECREF(object);
  }
  return result;
}

static PyObject* optimizer_clear_state(PyObject* self, PyObject* args) {
  int group, index;
  if (!PyArg_ParseTuple(args, "ii:clear_state", &group, &index)) return NULL;
  snn_error error;
  return done(snn_optimizer_clear_state(handle_of_optimizer(self), group, index, &error), &error);
}

static PyObject* optimizer_set_state(PyObject* self, PyObject* args) {
  int group, index;
  const char* name;
  PyObject* tensor;
  if (!PyArg_ParseTuple(args, "iisO:set_state", &group, &index, &name, &tensor)) return NULL;
  if (!is_tensor(tensor))
    return PyErr_Format(PyExc_TypeError, "state '%s' must be a Tensor, not %R", name, Py_TYPE(tensor));
  snn_error error;
  snn_status status = snn_optimizer_set_state(handle_of_optimizer(self), group, index, name, handle_of(tensor), &error);
  return done(status, &error);
}

static PyMethodDef optimizer_methods[] = {
    {"add_group", optimizer_add_group, METH_VARARGS,
     "add_group($self, parameters, options, /)\n--\n\nAnother group of parameters."},
    {"get", optimizer_get, METH_VARARGS, "get($self, group, option, /)\n--\n\nAn option of a group."},
    {"note", optimizer_note, METH_VARARGS, "note($self, group, name, /)\n--\n\nWhat a schedule keeps with a group."},
    {"set", optimizer_set, METH_VARARGS, "set($self, group, option, value, /)\n--\n\nChanges an option of a group."},
    {"step", optimizer_step, METH_NOARGS, "step($self)\n--\n\nChanges the parameters by their gradients."},
    {"step_closure", optimizer_step_closure, METH_O,
     "step_closure($self, closure, /)\n--\n\nThe same by the gradients of a closure; what that returned first."},
    {"first_step", optimizer_first_step, METH_NOARGS,
     "first_step($self)\n--\n\nMoves the parameters to where gradients are taken."},
    {"set_outputs", optimizer_set_outputs, METH_O,
     "set_outputs($self, outputs, /)\n--\n\nWhat the loss of the closure that runs is a function of."},
    {"wrap", optimizer_wrap, METH_VARARGS, "wrap($self, name, options, /)\n--\n\nDoes something around every step."},
    {"zero_grad", optimizer_zero_grad, METH_NOARGS, "zero_grad($self)\n--\n\nClears the gradients."},
    {"state", optimizer_get_state, METH_VARARGS,
     "state($self, group, index, /)\n--\n\nWhat is kept for a parameter, by name."},
    {"clear_state", optimizer_clear_state, METH_VARARGS,
     "clear_state($self, group, index, /)\n--\n\nForgets what is kept for a parameter."},
    {"set_state", optimizer_set_state, METH_VARARGS,
     "set_state($self, group, index, name, tensor, /)\n--\n\nReplaces what is kept for a parameter."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot optimizer_slots[] = {
    {Py_tp_doc, "An optimizer of the engine."},
    {Py_tp_new, optimizer_new},
    {Py_tp_dealloc, optimizer_dealloc},
    {Py_tp_methods, optimizer_methods},
    {0, NULL},
};

static PyType_Spec optimizer_spec = {
    .name = "swiftnn._C.Optimizer",
    .basicsize = sizeof(OptimizerObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = optimizer_slots,
};

int optimizers_init(PyObject* module) { return add_type(module, &optimizer_spec, &optimizer_type); }
