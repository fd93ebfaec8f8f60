// Handles of the engine's trainers. The Python class around them is in swiftnn/training.
#include "binding.h"

typedef struct {
  PyObject_HEAD snn_trainer* handle;
} TrainerObject;

static PyTypeObject* trainer_type;

static snn_trainer* trainer_of(PyObject* self) { return ((TrainerObject*)self)->handle; }

static PyObject* trainer_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  static char* names[] = {"model",        "loss",   "optimizer",    "inputs",     "accumulation",
                          "monitor",      "mode",   "restore_best", "clip",       "clip_limit",
                          "clip_order",   "folder", "save_epochs",  "save_steps", "keep_epochs",
                          "without_best", NULL};
  PyObject *model, *loss, *optimizer;
  snn_trainer_options options = {.size = sizeof options};
  long long inputs, accumulation, save_epochs, save_steps, keep_epochs;
  int restore_best, without_best;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOO!LLzzpzddzLLLp:Trainer", names, &model, &loss, optimizer_type,
                                   &optimizer, &inputs, &accumulation, &options.monitor, &options.mode, &restore_best,
                                   &options.clip, &options.clip_limit, &options.clip_order, &options.folder,
                                   &save_epochs, &save_steps, &keep_epochs, &without_best))
    return NULL;
  options.inputs = inputs;
  options.accumulation = accumulation;
  options.restore_best = restore_best != 0;
  options.save_epochs = save_epochs;
  options.save_steps = save_steps;
  options.keep_epochs = keep_epochs;
  options.without_best = without_best != 0;
  TrainerObject* self = (TrainerObject*)PyType_GenericAlloc(type, 0);
  if (self == NULL) return NULL;
  snn_error error;
  snn_status status = snn_trainer_new(layer_handle(model), layer_handle(loss), handle_of_optimizer(optimizer), &options,
                                      &self->handle, &error);
  if (status == SNN_OK) return (PyObject*)self;
  Py_DECREF(self);
  return raise_error(status, &error);
}

static void trainer_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  snn_trainer_release(trainer_of(self));
  PyObject_Free(self);
  Py_DECREF(type);
}

// ---- What it is given

static PyObject* trainer_set_schedule(PyObject* self, PyObject* args) {
  PyObject* schedule;
  int by_step;
  if (!PyArg_ParseTuple(args, "Op:set_schedule", &schedule, &by_step)) return NULL;
  snn_error error;
  return done(snn_trainer_set_schedule(trainer_of(self), schedule_handle(schedule), by_step != 0, &error), &error);
}

static PyObject* trainer_set_stopping(PyObject* self, PyObject* rule) {
  snn_error error;
  return done(snn_trainer_set_stopping(trainer_of(self), stopping_rule_handle(rule), &error), &error);
}

static PyObject* trainer_add_metric(PyObject* self, PyObject* args) {
  const char* name;
  PyObject* metric;
  if (!PyArg_ParseTuple(args, "sO:add_metric", &name, &metric)) return NULL;
  snn_error error;
  return done(snn_trainer_add_metric(trainer_of(self), name, handle_of_metric(metric), &error), &error);
}

// The patterns of a list of texts; false with an exception.
static bool selection_of(Call* call, PyObject* patterns, int vectors, snn_selection* out) {
  Py_ssize_t count = PyList_Size(patterns);
  const char** words = call_block(call, (size_t)(count + 1) * sizeof *words);
  for (Py_ssize_t i = 0; words != NULL && i < count; i++) {
    words[i] = PyUnicode_AsUTF8AndSize(PyList_GetItem(patterns, i), NULL);
    if (words[i] == NULL) return false;
  }
  *out = (snn_selection){sizeof *out, words, (size_t)count, vectors != 0};
  return words != NULL;
}

static PyObject* trainer_add_penalty(PyObject* self, PyObject* args) {
  const char* kind;
  double strength;
  PyObject *anchors, *patterns;
  int vectors;
  snn_penalty_options options = {.size = sizeof options};
  if (!PyArg_ParseTuple(args, "sdsddOO!p:add_penalty", &kind, &strength, &options.scale, &options.examples,
                        &options.ratio, &anchors, &PyList_Type, &patterns, &vectors))
    return NULL;
  Call call;
  call_begin(&call);
  snn_selection selection;
  size_t count;
  PyObject* result = NULL;
  bool complete = selection_of(&call, patterns, vectors, &selection);
  if (complete && anchors != Py_None)
    complete = (options.anchors = convert_handles(&call, anchors, false, &count, "anchors")) != NULL;
  if (complete) {
    snn_error error;
    result = done(snn_trainer_add_penalty(trainer_of(self), kind, strength, &options, &selection, &error), &error);
  }
  call_end(&call);
  return result;
}

static PyObject* trainer_add_proximal_l1(PyObject* self, PyObject* args) {
  double strength;
  PyObject* patterns;
  int vectors;
  if (!PyArg_ParseTuple(args, "dO!p:add_proximal_l1", &strength, &PyList_Type, &patterns, &vectors)) return NULL;
  Call call;
  call_begin(&call);
  snn_selection selection;
  snn_error error;
  PyObject* result = NULL;
  if (selection_of(&call, patterns, vectors, &selection))
    result = done(snn_trainer_add_proximal_l1(trainer_of(self), strength, &selection, &error), &error);
  call_end(&call);
  return result;
}

static PyObject* trainer_add_max_norm(PyObject* self, PyObject* args) {
  double most, p;
  long long dim;
  PyObject* patterns;
  int vectors;
  if (!PyArg_ParseTuple(args, "ddLO!p:add_max_norm", &most, &p, &dim, &PyList_Type, &patterns, &vectors)) return NULL;
  Call call;
  call_begin(&call);
  snn_selection selection;
  snn_error error;
  PyObject* result = NULL;
  if (selection_of(&call, patterns, vectors, &selection))
    result = done(snn_trainer_add_max_norm(trainer_of(self), most, p, dim, &selection, &error), &error);
  call_end(&call);
  return result;
}

static PyObject* trainer_add_transform(PyObject* self, PyObject* args) {
  const char* name;
  PyObject* transform;
  if (!PyArg_ParseTuple(args, "sO:add_transform", &name, &transform)) return NULL;
  snn_error error;
  return done(snn_trainer_add_transform(trainer_of(self), name, transform_handle(transform), &error), &error);
}

static PyObject* trainer_set_note(PyObject* self, PyObject* args) {
  const char *key, *value;
  if (!PyArg_ParseTuple(args, "ss:set_note", &key, &value)) return NULL;
  snn_error error;
  return done(snn_trainer_set_note(trainer_of(self), key, value, &error), &error);
}

// ---- What it tells

static PyObject* values_of(const snn_training_event* event) {
  PyObject* values = PyDict_New();
  for (size_t i = 0; values != NULL && i < event->value_count; i++) {
    PyObject* value = PyFloat_FromDouble(event->values[i]);
    if (value == NULL || PyDict_SetItemString(values, event->names[i], value) < 0) Py_CLEAR(values);
    Py_XDECREF(value);
  }
  return values;
}

static snn_status run_callback(void* user, const snn_training_event* event) {
  PyGILState_STATE state = PyGILState_Ensure();
  PyObject* values = values_of(event);
  PyObject* result =
      values == NULL
          ? NULL
          : PyObject_CallFunction(user, "iLLLLLLdNs", (int)event->kind, (long long)event->epoch,
                                  (long long)event->epochs, (long long)event->batch, (long long)event->batch_count,
                                  (long long)event->examples, (long long)event->step, event->loss, values, event->text);
  Py_XDECREF(result);
  PyGILState_Release(state);
  return result == NULL ? SNN_ERROR_CALLBACK : SNN_OK;
}

static void drop(void* callback) { defer_release(callback); }

static PyObject* trainer_add_callback(PyObject* self, PyObject* callback) {
  snn_error error;
  Py_INCREF(callback);
  snn_status status = snn_trainer_add_callback(trainer_of(self), run_callback, callback, drop, &error);
  if (status != SNN_OK) Py_DECREF(callback);
  return done(status, &error);
}

// Behind every step the signals of Python have their turn, which otherwise wait until the engine returns.
static snn_status heed_signals(void* user, const snn_training_event* event) {
  (void)user;
  (void)event;
  PyGILState_STATE state = PyGILState_Ensure();
  int raised = PyErr_CheckSignals();
  PyGILState_Release(state);
  return raised < 0 ? SNN_ERROR_CALLBACK : SNN_OK;
}

static PyObject* trainer_heed_signals(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_error error;
  return done(snn_trainer_add_callback(trainer_of(self), heed_signals, NULL, NULL, &error), &error);
}

static void write_progress(void* user, const char* text) {
  PyGILState_STATE state = PyGILState_Ensure();
  PyObject* result = PyObject_CallFunction(user, "s", text);
  if (result == NULL) PyErr_WriteUnraisable(user);
  Py_XDECREF(result);
  PyGILState_Release(state);
}

static PyObject* trainer_show_progress(PyObject* self, PyObject* args) {
  PyObject* write;
  int columns;
  if (!PyArg_ParseTuple(args, "Oi:show_progress", &write, &columns)) return NULL;
  snn_error error;
  return done(snn_trainer_show_progress(trainer_of(self), write_progress, write, columns, &error), &error);
}

// ---- What it does

static PyObject* trainer_fit(PyObject* self, PyObject* args) {
  PyObject *training, *validation;
  long long epochs;
  if (!PyArg_ParseTuple(args, "OOL:fit", &training, &validation, &epochs)) return NULL;
  snn_loader* source = loader_handle(training);
  snn_loader* other = validation == Py_None ? NULL : loader_handle(validation);
  if (validation != Py_None && other == NULL)
    return PyErr_Format(PyExc_TypeError, "fit: validation must be a loader, not %R", Py_TYPE(validation));
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_trainer_fit(trainer_of(self), source, other, epochs, &error);
  PyEval_RestoreThread(state);
  return done(status, &error);
}

static PyObject* trainer_stop(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_trainer_stop(trainer_of(self));
  Py_RETURN_NONE;
}

static PyObject* trainer_evaluate(PyObject* self, PyObject* loader) {
  enum { MOST_VALUES = 256 };
  double values[MOST_VALUES];
  size_t count = 0;
  snn_error error;
  snn_loader* source = loader_handle(loader);
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_trainer_evaluate(trainer_of(self), source, values, MOST_VALUES, &count, &error);
  PyEval_RestoreThread(state);
  if (status != SNN_OK) return raise_error(status, &error);
  PyObject* list = PyList_New((Py_ssize_t)count);
  for (size_t i = 0; list != NULL && i < count; i++) {
    PyObject* value = PyFloat_FromDouble(values[i]);
    if (value == NULL || PyList_SetItem(list, (Py_ssize_t)i, value) < 0) Py_CLEAR(list);
  }
  return list;
}

static PyObject* trainer_predict(PyObject* self, PyObject* loader) {
  enum { MOST_RESULTS = 64 };
  snn_tensor* results[MOST_RESULTS];
  size_t count = 0;
  snn_error error;
  snn_loader* source = loader_handle(loader);
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_trainer_predict(trainer_of(self), source, results, MOST_RESULTS, &count, &error);
  PyEval_RestoreThread(state);
  return status != SNN_OK ? raise_error(status, &error) : wrap_all(results, count);
}

static PyObject* trainer_save(PyObject* self, PyObject* args) {
  PyObject* loader;
  const char* path;
  if (!PyArg_ParseTuple(args, "Os:save", &loader, &path)) return NULL;
  snn_error error;
  return done(snn_trainer_save(trainer_of(self), loader_handle(loader), path, &error), &error);
}

static PyObject* trainer_load(PyObject* self, PyObject* args) {
  PyObject* loader;
  const char* path;
  if (!PyArg_ParseTuple(args, "Os:load", &loader, &path)) return NULL;
  snn_error error;
  return done(snn_trainer_load(trainer_of(self), loader_handle(loader), path, &error), &error);
}

// (epoch, step, why training ended, (epoch, value) of the best or None)
static PyObject* trainer_state(PyObject* self, PyObject* unused) {
  (void)unused;
  const snn_trainer* trainer = trainer_of(self);
  int64_t epoch;
  double value;
  PyObject* best =
      snn_trainer_best(trainer, &epoch, &value) ? Py_BuildValue("(Ld)", (long long)epoch, value) : Py_NewRef(Py_None);
  return Py_BuildValue("(LLzN)", (long long)snn_trainer_epoch(trainer), (long long)snn_trainer_step(trainer),
                       snn_trainer_end_reason(trainer), best);
}

static PyObject* trainer_history(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_history* history = NULL;
  snn_error error;
  snn_status status = snn_trainer_history(trainer_of(self), &history, &error);
  return history_object(status, history, &error);
}

static PyMethodDef trainer_methods[] = {
    {"set_schedule", trainer_set_schedule, METH_VARARGS, "set_schedule($self, schedule, by_step, /)\n--\n\n"},
    {"set_stopping", trainer_set_stopping, METH_O, "set_stopping($self, rule, /)\n--\n\n"},
    {"add_metric", trainer_add_metric, METH_VARARGS, "add_metric($self, name, metric, /)\n--\n\n"},
    {"add_penalty", trainer_add_penalty, METH_VARARGS,
     "add_penalty($self, kind, strength, scale, examples, ratio, anchors, patterns, vectors, /)\n--\n\n"},
    {"add_proximal_l1", trainer_add_proximal_l1, METH_VARARGS,
     "add_proximal_l1($self, strength, patterns, vectors, /)\n--\n\n"},
    {"add_max_norm", trainer_add_max_norm, METH_VARARGS,
     "add_max_norm($self, max_norm, p, dim, patterns, vectors, /)\n--\n\n"},
    {"add_transform", trainer_add_transform, METH_VARARGS, "add_transform($self, name, transform, /)\n--\n\n"},
    {"set_note", trainer_set_note, METH_VARARGS, "set_note($self, key, value, /)\n--\n\n"},
    {"add_callback", trainer_add_callback, METH_O, "add_callback($self, callback, /)\n--\n\n"},
    {"heed_signals", trainer_heed_signals, METH_NOARGS,
     "heed_signals($self)\n--\n\nGives the handlers of signals their turn behind every step."},
    {"show_progress", trainer_show_progress, METH_VARARGS, "show_progress($self, write, columns, /)\n--\n\n"},
    {"fit", trainer_fit, METH_VARARGS, "fit($self, training, validation, epochs, /)\n--\n\n"},
    {"stop", trainer_stop, METH_NOARGS, "stop($self)\n--\n\nEnds the training behind the step that is going on."},
    {"evaluate", trainer_evaluate, METH_O, "evaluate($self, loader, /)\n--\n\nThe loss, then the metrics."},
    {"predict", trainer_predict, METH_O, "predict($self, loader, /)\n--\n\n"},
    {"save", trainer_save, METH_VARARGS, "save($self, training, path, /)\n--\n\n"},
    {"load", trainer_load, METH_VARARGS, "load($self, training, path, /)\n--\n\n"},
    {"state", trainer_state, METH_NOARGS,
     "state($self)\n--\n\nEpochs, steps, why training ended, and epoch and value of the best."},
    {"history", trainer_history, METH_NOARGS, "history($self)\n--\n\nA row for each epoch."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot trainer_slots[] = {
    {Py_tp_doc, "A trainer of the engine."},
    {Py_tp_new, trainer_new},
    {Py_tp_dealloc, trainer_dealloc},
    {Py_tp_methods, trainer_methods},
    {0, NULL},
};

static PyType_Spec trainer_spec = {
    .name = "swiftnn._C.Trainer",
    .basicsize = sizeof(TrainerObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = trainer_slots,
};

int trainer_init(PyObject* module) { return add_type(module, &trainer_spec, &trainer_type); }
