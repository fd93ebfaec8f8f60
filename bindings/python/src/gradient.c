// Derivatives: backward, grad, hooks and the gradient mode of the thread.
#include "binding.h"

static PyObject* set_enabled(PyObject* self, PyObject* value) {
  (void)self;
  int enabled = PyObject_IsTrue(value);
  return enabled < 0 ? NULL : PyBool_FromLong(snn_set_grad_enabled(enabled == 1));
}

static PyObject* is_enabled(PyObject* self, PyObject* unused) {
  (void)self;
  (void)unused;
  return PyBool_FromLong(snn_grad_enabled());
}

// None means: keep the graph exactly when a graph of the gradients is made.
static bool wants_retained(PyObject* retain, bool create, bool* out) {
  int truth = retain == Py_None ? create : PyObject_IsTrue(retain);
  *out = truth == 1;
  return truth >= 0;
}

typedef struct {
  snn_tensor **outputs, **seeds, **inputs;
  size_t output_count, input_count;
  bool retain, create;
} Pass;

// None as seeds: no seeds at all.
static bool collect(Call* call, Pass* pass, PyObject* outputs, PyObject* seeds, PyObject* inputs) {
  pass->outputs = convert_handles(call, outputs, false, &pass->output_count, "outputs");
  if (pass->outputs == NULL) return false;
  if (seeds != Py_None) {
    size_t seed_count;
    pass->seeds = convert_handles(call, seeds, true, &seed_count, "gradients");
    if (pass->seeds == NULL) return false;
    if (seed_count != pass->output_count) {
      PyErr_Format(PyExc_RuntimeError, "got %zd tensors and %zd gradients", (Py_ssize_t)pass->output_count,
                   (Py_ssize_t)seed_count);
      return false;
    }
  }
  if (inputs == Py_None) return true;
  pass->inputs = convert_handles(call, inputs, false, &pass->input_count, "inputs");
  if (pass->inputs != NULL && pass->input_count == 0) PyErr_SetString(PyExc_RuntimeError, "inputs must not be empty");
  return pass->inputs != NULL && pass->input_count > 0;
}

static PyObject* run_backward(PyObject* outputs, PyObject* seeds, PyObject* retain, int create, PyObject* inputs) {
  Call call;
  call_begin(&call);
  Pass pass = {.create = create != 0};
  PyObject* result = NULL;
  if (wants_retained(retain, pass.create, &pass.retain) && collect(&call, &pass, outputs, seeds, inputs)) {
    snn_error error;
    PyThreadState* state = PyEval_SaveThread();
    snn_status status = snn_backward_many(pass.outputs, pass.output_count, pass.seeds, pass.inputs, pass.input_count,
                                          pass.retain, pass.create, &error);
    PyEval_RestoreThread(state);
    result = status != SNN_OK ? raise_error(status, &error) : Py_NewRef(Py_None);
  }
  call_end(&call);
  if (result != NULL && settle() < 0) Py_CLEAR(result);
  return result;
}

PyObject* tensor_backward(PyObject* self, PyObject* args, PyObject* keywords) {
  static char* names[] = {"gradient", "retain_graph", "create_graph", "inputs", NULL};
  PyObject *gradient = Py_None, *retain = Py_None, *inputs = Py_None;
  int create = 0;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|OOpO:backward", names, &gradient, &retain, &create, &inputs))
    return NULL;
  return run_backward(self, gradient, retain, create, inputs);
}

static PyObject* backward(PyObject* self, PyObject* args, PyObject* keywords) {
  (void)self;
  static char* names[] = {"tensors", "grad_tensors", "retain_graph", "create_graph", "inputs", NULL};
  PyObject *tensors, *seeds = Py_None, *retain = Py_None, *inputs = Py_None;
  int create = 0;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|OOpO:backward", names, &tensors, &seeds, &retain, &create,
                                   &inputs))
    return NULL;
  return run_backward(tensors, seeds, retain, create, inputs);
}

PyObject* wrap_all(snn_tensor** handles, size_t count) {
  PyObject* tuple = PyTuple_New((Py_ssize_t)count);
  for (size_t i = 0; i < count; i++) {
    PyObject* item = wrap(handles[i]);
    if (item == NULL || tuple == NULL || PyTuple_SetItem(tuple, (Py_ssize_t)i, item) < 0) {
      if (tuple == NULL) Py_XDECREF(item);
      Py_CLEAR(tuple);
    }
  }
  return tuple;
}

static PyObject* grad(PyObject* self, PyObject* args, PyObject* keywords) {
  (void)self;
  static char* names[] = {"outputs", "inputs", "grad_outputs", "retain_graph", "create_graph", "allow_unused", NULL};
  PyObject *outputs, *inputs, *seeds = Py_None, *retain = Py_None, *unused = Py_None;
  int create = 0;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "OO|OOpO:grad", names, &outputs, &inputs, &seeds, &retain, &create,
                                   &unused))
    return NULL;
  int allow_unused = unused == Py_None ? 0 : PyObject_IsTrue(unused);
  if (allow_unused < 0) return NULL;
  Call call;
  call_begin(&call);
  Pass pass = {.create = create != 0};
  PyObject* result = NULL;
  if (wants_retained(retain, pass.create, &pass.retain) && collect(&call, &pass, outputs, seeds, inputs)) {
    snn_tensor** gradients = call_block(&call, pass.input_count * sizeof *gradients);
    if (gradients != NULL) {
      snn_error error;
      PyThreadState* state = PyEval_SaveThread();
      snn_status status = snn_grad(pass.outputs, pass.output_count, pass.inputs, pass.input_count, pass.seeds,
                                   pass.retain, pass.create, allow_unused == 1, gradients, &error);
      PyEval_RestoreThread(state);
      result = status != SNN_OK ? raise_error(status, &error) : wrap_all(gradients, pass.input_count);
    }
  }
  call_end(&call);
  return result;
}

// ---- Hooks

static snn_status run_hook(void* user, snn_tensor* gradient, snn_tensor** replacement) {
  PyGILState_STATE state = PyGILState_Ensure();
  snn_status status = SNN_OK;
  PyObject* argument = wrap(snn_tensor_retain(gradient));
  PyObject* result = argument == NULL ? NULL : PyObject_CallFunctionObjArgs(user, argument, NULL);
  Py_XDECREF(argument);
  if (result != NULL && result != Py_None && !is_tensor(result)) {
    PyErr_Format(PyExc_TypeError, "a hook returns None or a Tensor, not %R", Py_TYPE(result));
    Py_CLEAR(result);
  }
  if (result == NULL) {
    status = SNN_ERROR_CALLBACK;  // the exception stays set and leaves the pass with it
  } else if (result != Py_None) {
    *replacement = snn_tensor_retain(handle_of(result));
  }
  Py_XDECREF(result);
  PyGILState_Release(state);
  return status;
}

static void drop_hook(void* hook) { defer_release(hook); }

PyObject* tensor_add_hook(PyObject* self, PyObject* hook) {
  if (!PyCallable_Check(hook)) return PyErr_Format(PyExc_TypeError, "a hook is a function, not %R", Py_TYPE(hook));
  int64_t id = 0;
  snn_error error;
  Py_INCREF(hook);
  snn_status status = snn_tensor_add_hook(handle_of(self), run_hook, hook, drop_hook, &id, &error);
  if (status == SNN_OK) return PyLong_FromLongLong(id);
  Py_DECREF(hook);
  return raise_error(status, &error);
}

PyObject* tensor_remove_hook(PyObject* self, PyObject* id) {
  long long number = PyLong_AsLongLong(id);
  if (number == -1 && PyErr_Occurred()) return NULL;
  snn_error error;
  snn_status status = snn_tensor_remove_hook(handle_of(self), number, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  if (settle() < 0) return NULL;
  Py_RETURN_NONE;
}

// ---- Functions of the user in the graph

PyObject* wrap_borrowed(snn_tensor* const* handles, size_t count) {
  PyObject* tuple = PyTuple_New((Py_ssize_t)count);
  for (size_t i = 0; tuple != NULL && i < count; i++) {
    PyObject* item = wrap(handles[i] == NULL ? NULL : snn_tensor_retain(handles[i]));
    if (item == NULL || PyTuple_SetItem(tuple, (Py_ssize_t)i, item) < 0) Py_CLEAR(tuple);
  }
  return tuple;
}

// The function returns a tuple of one gradient or None per input.
static snn_status run_user_backward(void* user, snn_tensor* const* output_gradients, size_t output_count,
                                    snn_tensor** input_gradients, size_t input_count) {
  PyGILState_STATE state = PyGILState_Ensure();
  snn_status status = SNN_ERROR_CALLBACK;
  PyObject* arguments = wrap_borrowed(output_gradients, output_count);
  PyObject* gradients = arguments == NULL ? NULL : PyObject_CallFunctionObjArgs(user, arguments, NULL);
  Py_XDECREF(arguments);
  if (gradients != NULL && (!PyTuple_Check(gradients) || (size_t)PyTuple_Size(gradients) != input_count)) {
    PyErr_SetString(PyExc_RuntimeError, "backward returned another number of gradients than there are inputs");
  } else if (gradients != NULL) {
    status = SNN_OK;
    for (size_t i = 0; i < input_count; i++) {
      PyObject* gradient = PyTuple_GetItem(gradients, (Py_ssize_t)i);
      input_gradients[i] = is_tensor(gradient) ? snn_tensor_retain(handle_of(gradient)) : NULL;
    }
  }
  Py_XDECREF(gradients);
  PyGILState_Release(state);
  return status;
}

static PyObject* record(PyObject* self, PyObject* args) {
  (void)self;
  const char* name;
  PyObject *inputs, *outputs, *function;
  if (!PyArg_ParseTuple(args, "sOOO:record", &name, &inputs, &outputs, &function)) return NULL;
  Call call;
  call_begin(&call);
  size_t input_count, output_count;
  PyObject* result = NULL;
  snn_tensor** input_handles = convert_handles(&call, inputs, false, &input_count, "inputs");
  snn_tensor** output_handles =
      input_handles == NULL ? NULL : convert_handles(&call, outputs, false, &output_count, "outputs");
  snn_tensor** results = output_handles == NULL ? NULL : call_block(&call, output_count * sizeof *results);
  if (results != NULL) {
    snn_error error;
    Py_INCREF(function);
    snn_status status = snn_record(name, input_handles, input_count, output_handles, output_count, run_user_backward,
                                   function, drop_hook, results, &error);
    if (status != SNN_OK) Py_DECREF(function);
    result = status != SNN_OK ? raise_error(status, &error) : wrap_all(results, output_count);
  }
  call_end(&call);
  return result;
}

static PyMethodDef gradient_functions[] = {
    {"_record", record, METH_VARARGS,
     "_record(name, inputs, outputs, backward, /)\n--\n\nPuts a function of the user into the graph."},
    {"_set_grad_enabled", set_enabled, METH_O,
     "_set_grad_enabled(enabled, /)\n--\n\nSets the mode of this thread and returns the old one."},
    {"is_grad_enabled", is_enabled, METH_NOARGS,
     "is_grad_enabled()\n--\n\nWhether operations of this thread are recorded."},
    {"backward", (PyCFunction)(void (*)(void))backward, METH_VARARGS | METH_KEYWORDS,
     "backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, inputs=None)\n--\n\n"
     "Adds the derivatives of the tensors to the grad of every leaf they depend on."},
    {"grad", (PyCFunction)(void (*)(void))grad, METH_VARARGS | METH_KEYWORDS,
     "grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, allow_unused=None)\n--\n\n"
     "The derivatives of the sum of the outputs by each input, as a tuple."},
    {NULL, NULL, 0, NULL},
};

int gradient_init(PyObject* module) { return PyModule_AddFunctions(module, gradient_functions); }
