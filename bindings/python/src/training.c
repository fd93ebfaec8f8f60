// What is done to gradients and parameters beside the steps of optimizers. Python's names for it are in swiftnn/nn.
#include "binding.h"

// Handles of an iterable of tensors for one call of the engine.
typedef struct {
  Call call;
  snn_tensor** handles;
  size_t count;
} Tensors;

static bool tensors_begin(Tensors* tensors, PyObject* iterable) {
  call_begin(&tensors->call);
  tensors->handles = convert_handles(&tensors->call, iterable, false, &tensors->count, "parameters");
  if (tensors->handles == NULL) call_end(&tensors->call);
  return tensors->handles != NULL;
}

static PyObject* tensors_end(Tensors* tensors, snn_status status, const snn_error* error) {
  call_end(&tensors->call);
  return done(status, error);
}

static PyObject* tensors_result(Tensors* tensors, snn_status status, snn_tensor* result, const snn_error* error) {
  call_end(&tensors->call);
  return status != SNN_OK ? raise_error(status, error) : wrap(result);
}

static PyObject* total_norm(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* iterable;
  double p;
  int strict;
  Tensors tensors;
  if (!PyArg_ParseTuple(args, "Odp:total_norm", &iterable, &p, &strict) || !tensors_begin(&tensors, iterable))
    return NULL;
  snn_tensor* result = NULL;
  snn_error error;
  snn_status status = snn_total_norm(tensors.handles, tensors.count, p, strict != 0, &result, &error);
  return tensors_result(&tensors, status, result, &error);
}

static PyObject* clip_norm(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* iterable;
  double most, p;
  int strict;
  Tensors tensors;
  if (!PyArg_ParseTuple(args, "Oddp:clip_norm", &iterable, &most, &p, &strict) || !tensors_begin(&tensors, iterable))
    return NULL;
  snn_tensor* result = NULL;
  snn_error error;
  snn_status status = snn_clip_norm(tensors.handles, tensors.count, most, p, strict != 0, &result, &error);
  return tensors_result(&tensors, status, result, &error);
}

static PyObject* clip_with_norm(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *iterable, *total;
  double most;
  Tensors tensors;
  if (!PyArg_ParseTuple(args, "OdO!:clip_with_norm", &iterable, &most, tensor_type, &total) ||
      !tensors_begin(&tensors, iterable))
    return NULL;
  snn_error error;
  snn_status status = snn_clip_with_norm(tensors.handles, tensors.count, most, handle_of(total), &error);
  return tensors_end(&tensors, status, &error);
}

static PyObject* clip_value(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* iterable;
  double value;
  Tensors tensors;
  if (!PyArg_ParseTuple(args, "Od:clip_value", &iterable, &value) || !tensors_begin(&tensors, iterable)) return NULL;
  snn_error error;
  return tensors_end(&tensors, snn_clip_value(tensors.handles, tensors.count, value, &error), &error);
}

static PyObject* clip_each(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* iterable;
  double most, p;
  Tensors tensors;
  if (!PyArg_ParseTuple(args, "Odd:clip_each", &iterable, &most, &p) || !tensors_begin(&tensors, iterable)) return NULL;
  snn_error error;
  return tensors_end(&tensors, snn_clip_each(tensors.handles, tensors.count, most, p, &error), &error);
}

static PyObject* clip_adaptive(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* iterable;
  double factor, eps;
  Tensors tensors;
  if (!PyArg_ParseTuple(args, "Odd:clip_adaptive", &iterable, &factor, &eps) || !tensors_begin(&tensors, iterable))
    return NULL;
  snn_error error;
  return tensors_end(&tensors, snn_clip_adaptive(tensors.handles, tensors.count, factor, eps, &error), &error);
}

// ---- Parameters by name

// Texts of a list; NULL with an exception. They live as long as the list.
static const char** texts(Call* call, PyObject* list) {
  Py_ssize_t count = PyList_Size(list);
  const char** words = call_block(call, (size_t)(count + 1) * sizeof *words);
  for (Py_ssize_t i = 0; words != NULL && i < count; i++) {
    words[i] = PyUnicode_AsUTF8AndSize(PyList_GetItem(list, i), NULL);
    if (words[i] == NULL) return NULL;
  }
  return words;
}

typedef struct {
  Tensors tensors;
  const char** names;
  snn_selection selection;
} Named;

static bool named_begin(Named* named, PyObject* names, PyObject* parameters, PyObject* patterns, int vectors) {
  if (!tensors_begin(&named->tensors, parameters)) return false;
  Call* call = &named->tensors.call;
  named->names = texts(call, names);
  const char** words = named->names == NULL ? NULL : texts(call, patterns);
  if (words == NULL) {
    call_end(call);
    return false;
  }
  named->selection = (snn_selection){sizeof(snn_selection), words, (size_t)PyList_Size(patterns), vectors != 0};
  return true;
}

static PyObject* penalty(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *names, *parameters, *anchors, *patterns;
  const char* kind;
  double strength;
  int vectors;
  snn_penalty_options options = {.size = sizeof options};
  if (!PyArg_ParseTuple(args, "sdO!OsddOO!p:penalty", &kind, &strength, &PyList_Type, &names, &parameters,
                        &options.scale, &options.examples, &options.ratio, &anchors, &PyList_Type, &patterns, &vectors))
    return NULL;
  Named named;
  if (!named_begin(&named, names, parameters, patterns, vectors)) return NULL;
  Tensors* tensors = &named.tensors;
  size_t count;
  if (anchors != Py_None) {
    options.anchors = convert_handles(&tensors->call, anchors, false, &count, "anchors");
    if (options.anchors != NULL && count != tensors->count) {
      PyErr_Format(PyExc_ValueError, "expected %zd anchors, got %zd", (Py_ssize_t)tensors->count, (Py_ssize_t)count);
      options.anchors = NULL;
    }
    if (options.anchors == NULL) {
      call_end(&tensors->call);
      return NULL;
    }
  }
  snn_tensor* result = NULL;
  snn_error error;
  snn_status status = snn_penalty(kind, strength, named.names, tensors->handles, tensors->count, &options,
                                  &named.selection, &result, &error);
  return tensors_result(tensors, status, result, &error);
}

static PyObject* proximal_l1(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *names, *parameters, *patterns;
  double threshold;
  int vectors;
  Named named;
  if (!PyArg_ParseTuple(args, "O!OdO!p:proximal_l1", &PyList_Type, &names, &parameters, &threshold, &PyList_Type,
                        &patterns, &vectors) ||
      !named_begin(&named, names, parameters, patterns, vectors))
    return NULL;
  snn_error error;
  snn_status status =
      snn_proximal_l1(named.names, named.tensors.handles, named.tensors.count, threshold, &named.selection, &error);
  return tensors_end(&named.tensors, status, &error);
}

static PyObject* limit_norm(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *names, *parameters, *patterns;
  double most, p;
  long long dim;
  int vectors;
  Named named;
  if (!PyArg_ParseTuple(args, "O!OddLO!p:limit_norm", &PyList_Type, &names, &parameters, &most, &p, &dim, &PyList_Type,
                        &patterns, &vectors) ||
      !named_begin(&named, names, parameters, patterns, vectors))
    return NULL;
  snn_error error;
  snn_status status =
      snn_limit_norm(named.names, named.tensors.handles, named.tensors.count, most, p, dim, &named.selection, &error);
  return tensors_end(&named.tensors, status, &error);
}

static const char* verdict_text(snn_gradient_verdict verdict) {
  static const char* const words[] = {"no gradient", "fine", "vanishing", "exploding", "dead", "not finite"};
  return words[verdict];
}

static PyObject* report_rows(const Named* named, const snn_gradient_row* rows) {
  size_t count = named->tensors.count;
  PyObject* list = PyList_New((Py_ssize_t)count);
  for (size_t i = 0; list != NULL && i < count; i++) {
    PyObject* row = Py_BuildValue("(sdddds)", named->names[i], rows[i].norm, rows[i].gradient_norm,
                                  rows[i].gradient_size, rows[i].zeros, verdict_text(rows[i].verdict));
    if (row == NULL || PyList_SetItem(list, (Py_ssize_t)i, row) < 0) Py_CLEAR(list);
  }
  return list;
}

static PyObject* gradient_report(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *names, *parameters, *none = PyList_New(0);
  snn_gradient_thresholds limits = {.size = sizeof limits};
  Named named;
  bool begun = none != NULL &&
               PyArg_ParseTuple(args, "O!Oddd:gradient_report", &PyList_Type, &names, &parameters, &limits.vanishing,
                                &limits.exploding, &limits.dead) &&
               named_begin(&named, names, parameters, none, true);
  Py_XDECREF(none);
  if (!begun) return NULL;
  Tensors* tensors = &named.tensors;
  PyObject* result = NULL;
  snn_gradient_row* rows = call_block(&tensors->call, (tensors->count + 1) * sizeof *rows);
  if (rows != NULL) {
    char* text = NULL;
    snn_error error;
    snn_status status =
        snn_gradient_report(named.names, tensors->handles, tensors->count, &limits, rows, &text, &error);
    result = status != SNN_OK ? raise_error(status, &error) : Py_BuildValue("(Ns)", report_rows(&named, rows), text);
    snn_free(text);
  }
  call_end(&tensors->call);
  return result;
}

// ---- Rates

static snn_status run_loss(void* user, double* loss) {
  PyObject* result = PyObject_CallNoArgs(user);
  *loss = result == NULL ? -1 : PyFloat_AsDouble(result);
  Py_XDECREF(result);
  return *loss == -1 && PyErr_Occurred() ? SNN_ERROR_CALLBACK : SNN_OK;
}

static PyObject* numbers(const double* values, size_t count) {
  PyObject* list = PyList_New((Py_ssize_t)count);
  for (size_t i = 0; list != NULL && i < count; i++) {
    PyObject* value = PyFloat_FromDouble(values[i]);
    if (value == NULL || PyList_SetItem(list, (Py_ssize_t)i, value) < 0) Py_CLEAR(list);
  }
  return list;
}

static PyObject* rate_range_test(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *optimizer, *function, *kept;
  long long steps;
  int exponential;
  snn_rate_range_options options = {.size = sizeof options};
  if (!PyArg_ParseTuple(args, "O!OOddLpdd:rate_range_test", optimizer_type, &optimizer, &function, &kept, &options.from,
                        &options.to, &steps, &exponential, &options.smoothing, &options.divergence))
    return NULL;
  options.steps = steps;
  options.exponential = exponential != 0;
  Tensors tensors;
  if (!tensors_begin(&tensors, kept)) return NULL;
  size_t room = steps > 0 && steps <= 1000000 ? (size_t)steps : 1;
  double* values = call_block(&tensors.call, 3 * room * sizeof *values);
  PyObject* result = NULL;
  if (values != NULL) {
    snn_rate_range_result found;
    snn_error error;
    snn_status status =
        snn_rate_range_test(handle_of_optimizer(optimizer), tensors.handles, tensors.count, &options, run_loss,
                            function, values, values + room, values + 2 * room, &found, &error);
    result = status != SNN_OK
                 ? raise_error(status, &error)
                 : Py_BuildValue("(NNNdd)", numbers(values, found.count), numbers(values + room, found.count),
                                 numbers(values + 2 * room, found.count), found.steepest, found.tenth_of_lowest);
  }
  call_end(&tensors.call);
  return result;
}

static PyObject* discriminative_rates(PyObject* module, PyObject* args) {
  (void)module;
  double rate, decay;
  Py_ssize_t groups;
  if (!PyArg_ParseTuple(args, "dnd:discriminative_rates", &rate, &groups, &decay)) return NULL;
  Call call;
  call_begin(&call);
  size_t room = groups > 0 && groups <= 1 << 24 ? (size_t)groups : 1;
  double* rates = call_block(&call, room * sizeof *rates);
  PyObject* result = NULL;
  if (rates != NULL) {
    snn_error error;
    snn_status status = snn_discriminative_rates(rate, (size_t)groups, decay, rates, &error);
    result = status != SNN_OK ? raise_error(status, &error) : numbers(rates, (size_t)groups);
  }
  call_end(&call);
  return result;
}

static PyObject* scaled_rate(PyObject* module, PyObject* args) {
  (void)module;
  double rate, result;
  long long size, base;
  int by_root;
  if (!PyArg_ParseTuple(args, "dLLp:scaled_rate", &rate, &size, &base, &by_root)) return NULL;
  snn_error error;
  snn_status status = snn_scaled_rate(rate, size, base, by_root != 0, &result, &error);
  return status != SNN_OK ? raise_error(status, &error) : PyFloat_FromDouble(result);
}

static PyMethodDef training_functions[] = {
    {"total_norm", total_norm, METH_VARARGS, "total_norm(tensors, p, error_if_nonfinite, /)"},
    {"clip_norm", clip_norm, METH_VARARGS, "clip_norm(parameters, max_norm, p, error_if_nonfinite, /)"},
    {"clip_with_norm", clip_with_norm, METH_VARARGS, "clip_with_norm(parameters, max_norm, total, /)"},
    {"clip_value", clip_value, METH_VARARGS, "clip_value(parameters, value, /)"},
    {"clip_each", clip_each, METH_VARARGS, "clip_each(parameters, max_norm, p, /)"},
    {"clip_adaptive", clip_adaptive, METH_VARARGS, "clip_adaptive(parameters, factor, eps, /)"},
    {"penalty", penalty, METH_VARARGS,
     "penalty(kind, strength, names, parameters, scale, examples, ratio, anchors, patterns, vectors, /)"},
    {"proximal_l1", proximal_l1, METH_VARARGS, "proximal_l1(names, parameters, threshold, patterns, vectors, /)"},
    {"limit_norm", limit_norm, METH_VARARGS, "limit_norm(names, parameters, max_norm, p, dim, patterns, vectors, /)"},
    {"gradient_report", gradient_report, METH_VARARGS,
     "gradient_report(names, parameters, vanishing, exploding, dead, /)"},
    {"rate_range_test", rate_range_test, METH_VARARGS,
     "rate_range_test(optimizer, function, kept, start, end, steps, exponential, smoothing, divergence, /)"},
    {"discriminative_rates", discriminative_rates, METH_VARARGS, "discriminative_rates(rate, groups, decay, /)"},
    {"scaled_rate", scaled_rate, METH_VARARGS, "scaled_rate(rate, batch_size, base_batch_size, by_root, /)"},
    {NULL, NULL, 0, NULL},
};

int training_init(PyObject* module) { return PyModule_AddFunctions(module, training_functions); }
