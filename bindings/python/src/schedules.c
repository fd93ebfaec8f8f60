// Handles of the engine's schedules. The Python classes around them are made in swiftnn/optim/lr_scheduler.py.
#include "binding.h"

typedef struct {
  PyObject_HEAD snn_schedule* handle;
} ScheduleObject;

static PyTypeObject* schedule_type;

static snn_schedule* handle_of_schedule(PyObject* self) { return ((ScheduleObject*)self)->handle; }

snn_schedule* schedule_handle(PyObject* object) {
  return Py_TYPE(object) == schedule_type ? handle_of_schedule(object) : NULL;
}

// Takes the reference.
static PyObject* schedule_object(snn_status status, snn_schedule* handle, const snn_error* error) {
  if (status != SNN_OK) return raise_error(status, error);
  ScheduleObject* self = (ScheduleObject*)PyType_GenericAlloc(schedule_type, 0);
  if (self == NULL) {
    snn_schedule_release(handle);
  } else {
    self->handle = handle;
  }
  return (PyObject*)self;
}

static void schedule_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  snn_schedule_release(handle_of_schedule(self));
  PyObject_Free(self);
  Py_DECREF(type);
}

// ---- Making

static PyObject* new_schedule(PyObject* module, PyObject* args) {
  (void)module;
  const char* name;
  PyObject *optimizer, *options;
  if (!PyArg_ParseTuple(args, "sO!O!:new_schedule", &name, optimizer_type, &optimizer, &PyDict_Type, &options))
    return NULL;
  const Overload* overload = overloads_of(SNN_SCHEDULES, name);
  if (overload == NULL) return NULL;
  Call call;
  call_begin(&call);
  PyObject* result = NULL;
  if (bind_options(&call, overload, options)) {
    snn_schedule* handle = NULL;
    snn_error error;
    snn_status status =
        snn_schedule_new(overload->entry->id, handle_of_optimizer(optimizer), call.values, call.count, &handle, &error);
    result = schedule_object(status, handle, &error);
  }
  call_end(&call);
  return result;
}

// The number that a call gave; the reference is taken.
static snn_status number_of(PyObject* result, double* out) {
  *out = result == NULL ? -1 : PyFloat_AsDouble(result);
  Py_XDECREF(result);
  return *out == -1 && PyErr_Occurred() ? SNN_ERROR_CALLBACK : SNN_OK;
}

static snn_status run_rate(void* user, snn_schedule* schedule, int64_t step, int32_t group, double* out) {
  PyObject* object = schedule_object(SNN_OK, snn_schedule_retain(schedule), NULL);
  if (object == NULL) return SNN_ERROR_CALLBACK;
  snn_status status = number_of(PyObject_CallFunction(user, "OLi", object, (long long)step, (int)group), out);
  Py_DECREF(object);
  return status;
}

static void drop(void* function) { defer_release(function); }

static PyObject* schedule_from_function(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *optimizer, *function;
  int kind;
  long long last_epoch;
  if (!PyArg_ParseTuple(args, "O!iOL:schedule_from_function", optimizer_type, &optimizer, &kind, &function,
                        &last_epoch))
    return NULL;
  snn_schedule* handle = NULL;
  snn_error error;
  Py_INCREF(function);
  snn_status status = snn_schedule_from_function(handle_of_optimizer(optimizer), (snn_rate_kind)kind, run_rate,
                                                 function, drop, last_epoch, &handle, &error);
  if (status != SNN_OK) Py_DECREF(function);
  return schedule_object(status, handle, &error);
}

// The handles of a list of schedules; NULL with an exception.
static snn_schedule** schedule_handles(Call* call, PyObject* list) {
  Py_ssize_t count = PyList_Size(list);
  snn_schedule** handles = call_block(call, (size_t)(count + 1) * sizeof *handles);
  for (Py_ssize_t i = 0; handles != NULL && i < count; i++) {
    PyObject* item = PyList_GetItem(list, i);
    if (!PyObject_TypeCheck(item, schedule_type)) {
      PyErr_Format(PyExc_TypeError, "expected a schedule, not %R", Py_TYPE(item));
      return NULL;
    }
    handles[i] = handle_of_schedule(item);
  }
  return handles;
}

static PyObject* sequence(Call* call, PyObject* schedules, PyObject* milestones, long long last_epoch) {
  snn_schedule** handles = schedule_handles(call, schedules);
  Py_ssize_t count = PyList_Size(milestones);
  int64_t* places = call_block(call, (size_t)(count + 1) * sizeof *places);
  if (handles == NULL || places == NULL) return NULL;
  for (Py_ssize_t i = 0; i < count; i++) {
    places[i] = PyLong_AsLongLong(PyList_GetItem(milestones, i));
    if (places[i] == -1 && PyErr_Occurred()) return NULL;
  }
  snn_schedule* handle = NULL;
  snn_error error;
  snn_status status = snn_schedule_sequence(handles, (size_t)PyList_Size(schedules), places, (size_t)count, last_epoch,
                                            &handle, &error);
  return schedule_object(status, handle, &error);
}

static PyObject* schedule_sequence(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *schedules, *milestones;
  long long last_epoch;
  if (!PyArg_ParseTuple(args, "O!O!L:schedule_sequence", &PyList_Type, &schedules, &PyList_Type, &milestones,
                        &last_epoch))
    return NULL;
  Call call;
  call_begin(&call);
  PyObject* result = sequence(&call, schedules, milestones, last_epoch);
  call_end(&call);
  return result;
}

static PyObject* schedule_chain(PyObject* module, PyObject* list) {
  (void)module;
  if (!PyList_Check(list)) return PyErr_Format(PyExc_TypeError, "expected a list of schedules, not %R", Py_TYPE(list));
  Call call;
  call_begin(&call);
  PyObject* result = NULL;
  snn_schedule** handles = schedule_handles(&call, list);
  if (handles != NULL) {
    snn_schedule* handle = NULL;
    snn_error error;
    snn_status status = snn_schedule_chain(handles, (size_t)PyList_Size(list), &handle, &error);
    result = schedule_object(status, handle, &error);
  }
  call_end(&call);
  return result;
}

static PyObject* schedule_warmup(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* schedule;
  long long steps;
  double start;
  int exponential;
  if (!PyArg_ParseTuple(args, "O!Ldp:schedule_warmup", schedule_type, &schedule, &steps, &start, &exponential))
    return NULL;
  snn_schedule* handle = NULL;
  snn_error error;
  snn_status status =
      snn_schedule_warmup(handle_of_schedule(schedule), steps, start, exponential != 0, &handle, &error);
  return schedule_object(status, handle, &error);
}

// ---- Methods

static snn_status run_scale(void* user, double number, double* out) {
  return number_of(PyObject_CallFunction(user, "d", number), out);
}

static PyObject* schedule_set_scale(PyObject* self, PyObject* function) {
  snn_error error;
  Py_INCREF(function);
  snn_status status = snn_schedule_set_scale(handle_of_schedule(self), run_scale, function, drop, &error);
  if (status != SNN_OK) Py_DECREF(function);
  return done(status, &error);
}

static PyObject* schedule_step(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_error error;
  return done(snn_schedule_step(handle_of_schedule(self), &error), &error);
}

static PyObject* schedule_step_to(PyObject* self, PyObject* argument) {
  double step = PyFloat_AsDouble(argument);
  if (step == -1 && PyErr_Occurred()) return NULL;
  snn_error error;
  return done(snn_schedule_step_to(handle_of_schedule(self), step, &error), &error);
}

static PyObject* schedule_step_metric(PyObject* self, PyObject* argument) {
  double metric = PyFloat_AsDouble(argument);
  if (metric == -1 && PyErr_Occurred()) return NULL;
  snn_error error;
  return done(snn_schedule_step_metric(handle_of_schedule(self), metric, &error), &error);
}

static PyObject* schedule_at(PyObject* self, PyObject* argument) {
  long long step = PyLong_AsLongLong(argument);
  if (step == -1 && PyErr_Occurred()) return NULL;
  double few[16], *rates = few;
  size_t count = 0;
  snn_error error;
  snn_schedule* handle = handle_of_schedule(self);
  snn_status status = snn_schedule_at(handle, step, rates, 16, &count, &error);
  Call call;
  call_begin(&call);
  if (status == SNN_ERROR_CAPACITY && (rates = call_block(&call, count * sizeof *rates)) != NULL)
    status = snn_schedule_at(handle, step, rates, count, &count, &error);
  PyObject* list = NULL;
  if (rates != NULL) list = status != SNN_OK ? raise_error(status, &error) : PyList_New((Py_ssize_t)count);
  for (size_t i = 0; list != NULL && i < count; i++) {
    PyObject* rate = PyFloat_FromDouble(rates[i]);
    if (rate == NULL || PyList_SetItem(list, (Py_ssize_t)i, rate) < 0) Py_CLEAR(list);
  }
  call_end(&call);
  return list;
}

static PyObject* schedule_state(PyObject* self, PyObject* unused) {
  (void)unused;
  char* text = NULL;
  snn_error error;
  snn_status status = snn_schedule_state(handle_of_schedule(self), &text, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  PyObject* result = PyUnicode_FromString(text);
  snn_free(text);
  return result;
}

static PyObject* schedule_load(PyObject* self, PyObject* argument) {
  PyObject* bytes = PyUnicode_AsUTF8String(argument);
  if (bytes == NULL) return NULL;
  snn_error error;
  snn_status status = snn_schedule_load_state(handle_of_schedule(self), PyBytes_AsString(bytes), &error);
  Py_DECREF(bytes);
  return done(status, &error);
}

static PyMethodDef schedule_methods[] = {
    {"step", schedule_step, METH_NOARGS, "step($self)\n--\n\nGoes on by one step."},
    {"step_to", schedule_step_to, METH_O, "step_to($self, step, /)\n--\n\nGoes to a step."},
    {"step_metric", schedule_step_metric, METH_O, "step_metric($self, metric, /)\n--\n\nA step with a measurement."},
    {"set_scale", schedule_set_scale, METH_O, "set_scale($self, function, /)\n--\n\nThe height of cycles."},
    {"at", schedule_at, METH_O, "at($self, step, /)\n--\n\nThe rates at a step."},
    {"state", schedule_state, METH_NOARGS, "state($self)\n--\n\nAll that is remembered, as JSON."},
    {"load", schedule_load, METH_O, "load($self, json, /)\n--\n\nGoes on from a saved state."},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef schedule_functions[] = {
    {"new_schedule", new_schedule, METH_VARARGS,
     "new_schedule(name, optimizer, options, /)\n--\n\nA schedule of the registry."},
    {"schedule_from_function", schedule_from_function, METH_VARARGS,
     "schedule_from_function(optimizer, kind, function, last_epoch, /)\n--\n\nA schedule that asks function(schedule, "
     "step, group)."},
    {"schedule_sequence", schedule_sequence, METH_VARARGS,
     "schedule_sequence(schedules, milestones, last_epoch, /)\n--\n\nOne after the other."},
    {"schedule_chain", schedule_chain, METH_O, "schedule_chain(schedules, /)\n--\n\nAll together."},
    {"schedule_warmup", schedule_warmup, METH_VARARGS,
     "schedule_warmup(schedule, steps, start_factor, exponential, /)\n--\n\nA warm-up before a schedule."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot schedule_slots[] = {
    {Py_tp_doc, "A schedule of the engine."},
    {Py_tp_dealloc, schedule_dealloc},
    {Py_tp_methods, schedule_methods},
    {0, NULL},
};

static PyType_Spec schedule_spec = {
    .name = "swiftnn._C.Schedule",
    .basicsize = sizeof(ScheduleObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = schedule_slots,
};

int schedules_init(PyObject* module) {
  if (add_type(module, &schedule_spec, &schedule_type) < 0) return -1;
  return PyModule_AddFunctions(module, schedule_functions);
}
