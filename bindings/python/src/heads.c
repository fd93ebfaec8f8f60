// Handles of the engine's heads. The Python classes around them are made in swiftnn/training/_head.py.
#include <string.h>

#include "binding.h"

typedef struct {
  PyObject_HEAD snn_head* handle;
  PyObject* arguments;  // (name, positional, keywords): how to make another one
} HeadObject;

static PyTypeObject* head_type;

static snn_head* handle_of_head(PyObject* self) { return ((HeadObject*)self)->handle; }

static PyObject* head_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  (void)keywords;
  const char* name;
  PyObject *positional, *named;
  if (!PyArg_ParseTuple(args, "sO!O!:Head", &name, &PyTuple_Type, &positional, &PyDict_Type, &named)) return NULL;
  const Overload* overload = overloads_of(SNN_HEADS, name);
  if (overload == NULL) return NULL;
  HeadObject* self = (HeadObject*)PyType_GenericAlloc(type, 0);
  if (self == NULL) return NULL;
  self->arguments = Py_NewRef(args);
  Call call;
  call_begin(&call);
  call.lenient = true;
  if (bind_made(&call, overload, positional, named)) {
    snn_error error;
    snn_status status = snn_head_new(overload->entry->id, call.values, call.count, &self->handle, &error);
    if (status != SNN_OK) raise_error(status, &error);
  }
  call_end(&call);
  if (self->handle == NULL) Py_CLEAR(self);
  return (PyObject*)self;
}

static void head_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  snn_head_release(handle_of_head(self));
  Py_XDECREF(((HeadObject*)self)->arguments);
  PyObject_Free(self);
  Py_DECREF(type);
}

// Named as the children of layers are reached, so that copies of what it gives find their way.
static PyObject* head_child(PyObject* self, PyObject* name) {
  const char* text = PyUnicode_AsUTF8AndSize(name, NULL);
  if (text == NULL) return NULL;
  snn_module* module = NULL;
  snn_error error;
  snn_status status = strcmp(text, "loss") == 0 ? snn_head_loss(handle_of_head(self), &module, &error)
                                                : snn_head_activation(handle_of_head(self), &module, &error);
  return status != SNN_OK ? raise_error(status, &error) : layer_of_head(module, name, self);
}

static PyObject* head_metrics(PyObject* self, PyObject* unused) {
  (void)unused;
  PyObject* dictionary = PyDict_New();
  const int32_t count = snn_head_metric_count(handle_of_head(self));
  for (int32_t i = 0; dictionary != NULL && i < count; i++) {
    const char* name;
    snn_metric* metric = NULL;
    snn_error error;
    snn_status status = snn_head_metric(handle_of_head(self), i, &name, &metric, &error);
    PyObject* object = status != SNN_OK ? raise_error(status, &error) : metric_object(metric);
    if (object == NULL || PyDict_SetItemString(dictionary, name, object) < 0) Py_CLEAR(dictionary);
    Py_XDECREF(object);
  }
  return dictionary;
}

static PyObject* head_reduce(PyObject* self, PyObject* unused) {
  (void)unused;
  return Py_BuildValue("(OO)", head_type, ((HeadObject*)self)->arguments);
}

static PyMethodDef head_methods[] = {
    {"child", head_child, METH_O, "child($self, name, /)\n--\n\nThe layer \"activation\" or \"loss\"."},
    {"metrics", head_metrics, METH_NOARGS, "metrics($self)\n--\n\nThe metrics by name."},
    {"__reduce__", head_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot head_slots[] = {
    {Py_tp_doc, "A head of the engine."},
    {Py_tp_new, head_new},
    {Py_tp_dealloc, head_dealloc},
    {Py_tp_methods, head_methods},
    {0, NULL},
};

static PyType_Spec head_spec = {
    .name = "swiftnn._C.Head",
    .basicsize = sizeof(HeadObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = head_slots,
};

int heads_init(PyObject* module) { return add_type(module, &head_spec, &head_type); }
