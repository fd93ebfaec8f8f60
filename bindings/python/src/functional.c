// Functions of tensors: many examples at once, directions, checks of derivatives, and the modes that go with them.
#include <string.h>

#include "binding.h"

enum { MOST_RESULTS = 4096 };

// The function gets a tuple of tensors and returns a tuple of tensors.
static snn_status run_function(void* user, snn_tensor* const* inputs, size_t input_count, snn_tensor** outputs,
                               size_t capacity, size_t* output_count) {
  PyGILState_STATE state = PyGILState_Ensure();
  snn_status status = SNN_ERROR_CALLBACK;
  PyObject* arguments = wrap_borrowed(inputs, input_count);
  PyObject* results = arguments == NULL ? NULL : PyObject_CallFunctionObjArgs(user, arguments, NULL);
  Py_XDECREF(arguments);
  if (results != NULL && (!PyTuple_Check(results) || (size_t)PyTuple_Size(results) > capacity)) {
    PyErr_Format(PyExc_RuntimeError, "a function returns at most %zd tensors here", (Py_ssize_t)capacity);
  } else if (results != NULL) {
    status = SNN_OK;
    size_t count = (size_t)PyTuple_Size(results);
    for (size_t i = 0; i < count && status == SNN_OK; i++) {
      PyObject* result = PyTuple_GetItem(results, (Py_ssize_t)i);
      if (is_tensor(result)) {
        outputs[i] = snn_tensor_retain(handle_of(result));
      } else {
        PyErr_Format(PyExc_TypeError, "a function of tensors returned %R", Py_TYPE(result));
        status = SNN_ERROR_CALLBACK;
      }
    }
    *output_count = count;
  }
  Py_XDECREF(results);
  PyGILState_Release(state);
  return status;
}

static PyObject* vmap(PyObject* self, PyObject* args) {
  (void)self;
  PyObject *function, *inputs, *dims;
  int randomness;
  long long chunk_size;
  if (!PyArg_ParseTuple(args, "OOO!iL:_vmap", &function, &inputs, &PyTuple_Type, &dims, &randomness, &chunk_size))
    return NULL;
  Call call;
  call_begin(&call);
  size_t count;
  PyObject* result = NULL;
  snn_tensor** handles = convert_handles(&call, inputs, false, &count, "inputs");
  int64_t* in_dims = handles == NULL ? NULL : call_block(&call, (count + 1) * sizeof *in_dims);
  snn_tensor** results = in_dims == NULL ? NULL : call_block(&call, MOST_RESULTS * sizeof *results);
  bool good = results != NULL && (size_t)PyTuple_Size(dims) == count;
  if (results != NULL && !good) PyErr_SetString(PyExc_ValueError, "vmap: expects one in_dim for each input");
  for (size_t i = 0; good && i < count; i++) {
    PyObject* dim = PyTuple_GetItem(dims, (Py_ssize_t)i);
    in_dims[i] = dim == Py_None ? SNN_NOT_MAPPED : PyLong_AsLongLong(dim);
    good = !(in_dims[i] == -1 && PyErr_Occurred());
  }
  if (good) {
    snn_error error;
    size_t made = 0;
    PyThreadState* state = PyEval_SaveThread();
    snn_status status = snn_vmap(run_function, function, handles, in_dims, count, NULL, randomness, chunk_size, results,
                                 MOST_RESULTS, &made, &error);
    PyEval_RestoreThread(state);
    result = status != SNN_OK ? raise_error(status, &error) : wrap_all(results, made);
  }
  call_end(&call);
  if (result != NULL && settle() < 0) Py_CLEAR(result);
  return result;
}

static PyObject* variable(PyObject* self, PyObject* tensor) {
  (void)self;
  if (!is_tensor(tensor)) return PyErr_Format(PyExc_TypeError, "expects a Tensor, not %R", Py_TYPE(tensor));
  snn_tensor* out;
  snn_error error;
  snn_status status = snn_variable(handle_of(tensor), &out, &error);
  return status != SNN_OK ? raise_error(status, &error) : wrap(out);
}

static PyObject* settle_results(PyObject* self, PyObject* args) {
  (void)self;
  PyObject *tensors, *variables;
  if (!PyArg_ParseTuple(args, "OO:_settle", &tensors, &variables)) return NULL;
  Call call;
  call_begin(&call);
  size_t count, variable_count;
  PyObject* result = NULL;
  snn_tensor** handles = convert_handles(&call, tensors, false, &count, "tensors");
  snn_tensor** others = handles == NULL ? NULL : convert_handles(&call, variables, false, &variable_count, "variables");
  snn_tensor** results = others == NULL ? NULL : call_block(&call, (count + 1) * sizeof *results);
  if (results != NULL) {
    bool open = false;
    snn_error error;
    snn_status status = snn_settle(handles, count, others, variable_count, results, &open, &error);
    PyObject* settled = status != SNN_OK ? raise_error(status, &error) : wrap_all(results, count);
    if (settled != NULL) result = Py_BuildValue("(NO)", settled, open ? Py_True : Py_False);
  }
  call_end(&call);
  return result;
}

// jvp, hvp and products of Gauss and Newton: outputs, inputs, directions -> one tensor each.
enum { FIRST, SECOND, GAUSS_NEWTON };

static PyObject* directional(PyObject* args, int order) {
  PyObject *outputs, *inputs, *directions, *loss = NULL;
  int create;
  if (!(order == GAUSS_NEWTON
            ? PyArg_ParseTuple(args, "O!OOOp", tensor_type, &loss, &outputs, &inputs, &directions, &create)
            : PyArg_ParseTuple(args, "OOOp", &outputs, &inputs, &directions, &create)))
    return NULL;
  Call call;
  call_begin(&call);
  size_t output_count, input_count, direction_count;
  PyObject* result = NULL;
  snn_tensor** out = convert_handles(&call, outputs, false, &output_count, "outputs");
  snn_tensor** in = out == NULL ? NULL : convert_handles(&call, inputs, false, &input_count, "inputs");
  snn_tensor** along = in == NULL ? NULL : convert_handles(&call, directions, false, &direction_count, "directions");
  size_t made = order != FIRST ? input_count : output_count;
  snn_tensor** results = along == NULL ? NULL : call_block(&call, (made + 1) * sizeof *results);
  if (results != NULL && (direction_count != input_count || output_count == 0)) {
    PyErr_Format(PyExc_RuntimeError, "got %zd inputs and %zd directions", (Py_ssize_t)input_count,
                 (Py_ssize_t)direction_count);
  } else if (results != NULL) {
    snn_error error;
    PyThreadState* state = PyEval_SaveThread();
    snn_status status = order == FIRST
                            ? snn_jvp(out, output_count, in, input_count, along, create != 0, results, &error)
                        : order == SECOND ? snn_hvp(out[0], in, input_count, along, create != 0, results, &error)
                                          : snn_gauss_newton_product(handle_of(loss), out, output_count, in,
                                                                     input_count, along, create != 0, results, &error);
    PyEval_RestoreThread(state);
    result = status != SNN_OK ? raise_error(status, &error) : wrap_all(results, made);
  }
  call_end(&call);
  return result;
}

static PyObject* jvp(PyObject* self, PyObject* args) {
  (void)self;
  return directional(args, FIRST);
}

static PyObject* hvp(PyObject* self, PyObject* args) {
  (void)self;
  return directional(args, SECOND);
}

static PyObject* gauss_newton_product(PyObject* self, PyObject* args) {
  (void)self;
  return directional(args, GAUSS_NEWTON);
}

static PyObject* gradcheck(PyObject* self, PyObject* args) {
  (void)self;
  PyObject *function, *inputs, *seeds;
  int backward, forward, batched, fast, second;
  snn_gradcheck_options options = {.size = sizeof options};
  if (!PyArg_ParseTuple(args, "OOddddpppppO:_gradcheck", &function, &inputs, &options.step, &options.absolute,
                        &options.relative, &options.nondeterminism, &backward, &forward, &batched, &fast, &second,
                        &seeds))
    return NULL;
  options.backward = backward;
  options.forward = forward;
  options.batched = batched;
  options.fast = fast;
  options.second = second;
  Call call;
  call_begin(&call);
  size_t count;
  PyObject* result = NULL;
  snn_tensor** handles = convert_handles(&call, inputs, false, &count, "inputs");
  snn_tensor** given = handles == NULL ? NULL : convert_handles(&call, seeds, false, &options.seed_count, "seeds");
  if (given != NULL) {
    options.seeds = given;
    snn_error error;
    PyThreadState* state = PyEval_SaveThread();
    snn_status status = snn_gradcheck(run_function, function, handles, count, &options, &error);
    PyEval_RestoreThread(state);
    result = status != SNN_OK ? raise_error(status, &error) : Py_NewRef(Py_None);
  }
  call_end(&call);
  return result;
}

// ---- Modes

static PyObject* set_inference(PyObject* self, PyObject* value) {
  (void)self;
  int enabled = PyObject_IsTrue(value);
  return enabled < 0 ? NULL : PyBool_FromLong(snn_set_inference_mode(enabled == 1));
}

static PyObject* is_inference_mode(PyObject* self, PyObject* unused) {
  (void)self;
  (void)unused;
  return PyBool_FromLong(snn_inference_mode());
}

PyObject* tensor_is_inference(PyObject* self, PyObject* unused) {
  (void)unused;
  return PyBool_FromLong(snn_tensor_is_inference(handle_of(self)));
}

PyObject* tensor_is_batched(PyObject* self, PyObject* unused) {
  (void)unused;
  return PyBool_FromLong(snn_tensor_is_batched(handle_of(self)));
}

// Calls the Python function that tells the stack.
static void trace(void* user, char* text, size_t capacity) {
  PyGILState_STATE state = PyGILState_Ensure();
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyObject* stack = PyObject_CallFunctionObjArgs(user, NULL);
  Py_ssize_t length = 0;
  const char* words = stack == NULL ? NULL : PyUnicode_AsUTF8AndSize(stack, &length);
  if (words != NULL) {
    // The end of the stack is nearest to the call.
    size_t size = (size_t)length < capacity - 1 ? (size_t)length : capacity - 1;
    const char* start = words + (size_t)length - size;
    while (size > 0 && ((unsigned char)*start & 0xC0) == 0x80) start++, size--;
    memcpy(text, start, size);
    text[size] = 0;
  }
  Py_XDECREF(stack);
  PyErr_Restore(type, value, traceback);
  PyGILState_Release(state);
}

static PyObject* set_anomaly(PyObject* self, PyObject* args) {
  (void)self;
  static PyObject* tracer;
  PyObject* function;
  int enabled, check_nan;
  if (!PyArg_ParseTuple(args, "ppO:_set_anomaly", &enabled, &check_nan, &function)) return NULL;
  bool checked = false;
  bool before = snn_anomaly_mode(&checked);
  if (tracer == NULL && function != Py_None) {
    tracer = Py_NewRef(function);
    snn_set_anomaly_tracer(trace, tracer);
  }
  snn_set_anomaly_mode(enabled != 0, check_nan != 0);
  return Py_BuildValue("(OO)", before ? Py_True : Py_False, checked ? Py_True : Py_False);
}

static PyObject* anomaly(PyObject* self, PyObject* unused) {
  (void)self;
  (void)unused;
  bool checked = false;
  bool enabled = snn_anomaly_mode(&checked);
  return Py_BuildValue("(OO)", enabled ? Py_True : Py_False, checked ? Py_True : Py_False);
}

static PyMethodDef functions[] = {
    {"_vmap", vmap, METH_VARARGS,
     "_vmap(function, inputs, in_dims, randomness, chunk_size, /)\n--\n\nA function of one example of many."},
    {"_variable", variable, METH_O, "_variable(tensor, /)\n--\n\nA variable with the value of a tensor."},
    {"_settle", settle_results, METH_VARARGS,
     "_settle(tensors, variables, /)\n--\n\nTensors as they are seen outside of a function of the variables."},
    {"_jvp", jvp, METH_VARARGS, "_jvp(outputs, inputs, tangents, create_graph, /)\n--\n\nThe change of outputs."},
    {"_hvp", hvp, METH_VARARGS,
     "_hvp(output, inputs, vectors, create_graph, /)\n--\n\nSecond derivatives times vectors."},
    {"_gauss_newton_product", gauss_newton_product, METH_VARARGS,
     "_gauss_newton_product(loss, outputs, inputs, vectors, create_graph, /)\n--\n\nThe Gauss-Newton matrix times "
     "vectors."},
    {"_gradcheck", gradcheck, METH_VARARGS,
     "_gradcheck(function, inputs, eps, atol, rtol, nondet_tol, backward, forward, batched, fast, second, seeds, /)\n"
     "--\n\nCompares derivatives with differences."},
    {"_set_inference_mode", set_inference, METH_O,
     "_set_inference_mode(enabled, /)\n--\n\nSets the mode of this thread and returns the old one."},
    {"is_inference_mode_enabled", is_inference_mode, METH_NOARGS,
     "is_inference_mode_enabled()\n--\n\nWhether this thread is in inference mode."},
    {"_set_anomaly", set_anomaly, METH_VARARGS,
     "_set_anomaly(enabled, check_nan, tracer, /)\n--\n\nSets the mode of this thread and returns the old one."},
    {"_anomaly", anomaly, METH_NOARGS, "_anomaly()\n--\n\nWhether anomaly mode is on, and whether it checks for NaN."},
    {NULL, NULL, 0, NULL},
};

int functional_init(PyObject* module) { return PyModule_AddFunctions(module, functions); }
