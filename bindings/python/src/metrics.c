// Handles of the engine's metrics. The Python classes around them are made in swiftnn/metrics/metric.py.
#include "binding.h"

typedef struct {
  PyObject_HEAD snn_metric* handle;
  bool busy;  // a thread without the GIL is in the engine
} MetricObject;

static PyTypeObject* metric_type;

snn_metric* handle_of_metric(PyObject* object) {
  return Py_TYPE(object) == metric_type ? ((MetricObject*)object)->handle : NULL;
}

static void metric_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  snn_metric_release(((MetricObject*)self)->handle);
  PyObject_Free(self);
  Py_DECREF(type);
}

PyObject* metric_object(snn_metric* handle) {
  PyObject* self = PyType_GenericAlloc(metric_type, 0);
  if (self == NULL) {
    snn_metric_release(handle);
  } else {
    ((MetricObject*)self)->handle = handle;
  }
  return self;
}

static PyObject* new_metric(PyObject* module, PyObject* args) {
  (void)module;
  const char* name;
  PyObject *positional, *keywords;
  if (!PyArg_ParseTuple(args, "sO!O!:new_metric", &name, &PyTuple_Type, &positional, &PyDict_Type, &keywords))
    return NULL;
  const Overload* overload = overloads_of(SNN_METRICS, name);
  if (overload == NULL) return NULL;
  Call call;
  call_begin(&call);
  PyObject* result = NULL;
  if (bind_made(&call, overload, positional, keywords)) {
    snn_metric* handle = NULL;
    snn_error error;
    snn_status status = snn_metric_new(overload->entry->id, call.values, call.count, &handle, &error);
    result = status != SNN_OK ? raise_error(status, &error) : metric_object(handle);
  }
  call_end(&call);
  return result;
}

// ---- Methods

// Between these no other thread may use the metric; false with an exception when one does.
static bool enter(PyObject* self) {
  MetricObject* metric = (MetricObject*)self;
  if (metric->busy) {
    PyErr_SetString(PyExc_RuntimeError, "another thread is using this metric");
    return false;
  }
  return metric->busy = true;
}

static void leave(PyObject* self) { ((MetricObject*)self)->busy = false; }

static PyObject* metric_update(PyObject* self, PyObject* args) {
  PyObject *outputs, *targets, *weights;
  if (!PyArg_ParseTuple(args, "O!O!O:update", tensor_type, &outputs, tensor_type, &targets, &weights)) return NULL;
  if (weights != Py_None && !is_tensor(weights))
    return PyErr_Format(PyExc_TypeError, "weights must be a tensor, not %R", Py_TYPE(weights));
  if (!enter(self)) return NULL;
  snn_error error;
  snn_metric* handle = ((MetricObject*)self)->handle;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_metric_update(handle, handle_of(outputs), handle_of(targets),
                                        weights == Py_None ? NULL : handle_of(weights), &error);
  PyEval_RestoreThread(state);
  leave(self);
  PyObject* result = done(status, &error);
  if (result != NULL && settle() < 0) Py_CLEAR(result);
  return result;
}

enum { MOST_RESULTS = 16 };

static PyObject* metric_compute(PyObject* self, PyObject* unused) {
  (void)unused;
  if (!enter(self)) return NULL;
  snn_tensor* results[MOST_RESULTS];
  size_t count = 0;
  snn_error error;
  snn_metric* handle = ((MetricObject*)self)->handle;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_metric_compute(handle, results, MOST_RESULTS, &count, &error);
  PyEval_RestoreThread(state);
  leave(self);
  PyObject* tuple = status != SNN_OK ? raise_error(status, &error) : wrap_all(results, count);
  if (tuple != NULL && settle() < 0) Py_CLEAR(tuple);
  return tuple;
}

static PyObject* metric_gathered(PyObject* self, PyObject* unused) {
  (void)unused;
  if (!enter(self)) return NULL;
  snn_tensor* results[MOST_RESULTS];
  size_t count = 0;
  snn_error error;
  snn_status status = snn_metric_gathered(((MetricObject*)self)->handle, results, MOST_RESULTS, &count, &error);
  leave(self);
  return status != SNN_OK ? raise_error(status, &error) : wrap_all(results, count);
}

static PyObject* metric_load(PyObject* self, PyObject* tensors) {
  Call call;
  call_begin(&call);
  size_t count;
  PyObject* result = NULL;
  snn_tensor** handles = convert_handles(&call, tensors, false, &count, "gathered");
  if (handles != NULL && enter(self)) {
    snn_error error;
    snn_status status = snn_metric_load(((MetricObject*)self)->handle, handles, count, &error);
    leave(self);
    result = done(status, &error);
  }
  call_end(&call);
  return result;
}

static PyObject* metric_reset(PyObject* self, PyObject* unused) {
  (void)unused;
  if (!enter(self)) return NULL;
  snn_metric_reset(((MetricObject*)self)->handle);
  leave(self);
  Py_RETURN_NONE;
}

static PyObject* metric_prefers_more(PyObject* self, void* unused) {
  (void)unused;
  return PyBool_FromLong(snn_metric_prefers_more(((MetricObject*)self)->handle));
}

static PyMethodDef metric_methods[] = {
    {"update", metric_update, METH_VARARGS, "update($self, outputs, targets, weights, /)\n--\n\nTakes in a batch."},
    {"compute", metric_compute, METH_NOARGS, "compute($self)\n--\n\nWhat all batches come to."},
    {"gathered", metric_gathered, METH_NOARGS, "gathered($self)\n--\n\nAll that has been gathered."},
    {"load", metric_load, METH_O, "load($self, gathered, /)\n--\n\nGoes on from what was gathered."},
    {"reset", metric_reset, METH_NOARGS, "reset($self)\n--\n\nForgets all batches."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef metric_properties[] = {
    {"prefers_more", metric_prefers_more, NULL, "Whether more is better.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef metric_functions[] = {
    {"new_metric", new_metric, METH_VARARGS, "new_metric(name, args, kwargs, /)\n--\n\nA metric of the registry."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot metric_slots[] = {
    {Py_tp_doc, "A metric of the engine."},
    {Py_tp_dealloc, metric_dealloc},
    {Py_tp_methods, metric_methods},
    {Py_tp_getset, metric_properties},
    {0, NULL},
};

static PyType_Spec metric_spec = {
    .name = "swiftnn._C.Metric",
    .basicsize = sizeof(MetricObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = metric_slots,
};

int metrics_init(PyObject* module) {
  if (add_type(module, &metric_spec, &metric_type) < 0) return -1;
  return PyModule_AddFunctions(module, metric_functions);
}
