// Reports about models: what a run of one costs, and how signals go through it.
#include <math.h>

#include "binding.h"

static PyObject* number_or_none(double number) {
  return isnan(number) ? Py_NewRef(Py_None) : PyFloat_FromDouble(number);
}

static PyObject* sizes_list(const int64_t* sizes, int32_t count) {
  PyObject* list = PyList_New(sizes == NULL ? 0 : count);
  for (int32_t i = 0; list != NULL && sizes != NULL && i < count; i++) {
    PyObject* size = PyLong_FromLongLong(sizes[i]);
    if (size == NULL || PyList_SetItem(list, i, size) < 0) Py_CLEAR(list);
  }
  return list;
}

static const char* verdict_text(snn_verdict verdict) {
  static const char* const texts[] = {NULL, "fine", "vanishing", "exploding", "dead units"};
  return texts[verdict];
}

static PyObject* row_object(const snn_report_row* row) {
  return Py_BuildValue("(ssLdLLNNNNLLz)", row->name, row->layer, (long long)row->parameters, row->flops,
                       (long long)row->state_bytes, (long long)row->output_bytes, sizes_list(row->sizes, row->rank),
                       sizes_list(row->field, row->field_rank), number_or_none(row->variance),
                       number_or_none(row->gradient_variance), (long long)row->units, (long long)row->dead_units,
                       verdict_text(row->verdict));
}

// (rows, text)
static PyObject* report_object(const snn_report* report) {
  PyObject* rows = PyList_New(snn_report_count(report));
  for (int32_t i = 0; rows != NULL && i < snn_report_count(report); i++) {
    PyObject* row = row_object(snn_report_at(report, i));
    if (row == NULL || PyList_SetItem(rows, i, row) < 0) Py_CLEAR(rows);
  }
  if (rows == NULL) return NULL;
  char* text = NULL;
  snn_error error;
  snn_status status = snn_report_text(report, &text, &error);
  if (status != SNN_OK) {
    Py_DECREF(rows);
    return raise_error(status, &error);
  }
  PyObject* result = Py_BuildValue("(Ns)", rows, text);
  snn_free(text);
  return result;
}

static snn_status run(void* user) {
  PyObject* result = PyObject_CallNoArgs(user);
  Py_XDECREF(result);
  return result == NULL ? SNN_ERROR_CALLBACK : SNN_OK;
}

// Names and flags of (name, tensor, is_parameter).
static PyObject* observe_state(Call* call, const char* layer, PyObject* state, bool signals, PyObject* function) {
  Py_ssize_t count = PyList_Size(state);
  const char** names = call_block(call, (size_t)(count + 1) * sizeof *names);
  snn_tensor** tensors = call_block(call, (size_t)(count + 1) * sizeof *tensors);
  bool* are_parameters = call_block(call, (size_t)(count + 1) * sizeof *are_parameters);
  if (names == NULL || tensors == NULL || are_parameters == NULL) return NULL;
  for (Py_ssize_t i = 0; i < count; i++) {
    PyObject* tensor;
    int is_parameter;
    if (!PyArg_ParseTuple(PyList_GetItem(state, i), "sO!p", &names[i], tensor_type, &tensor, &is_parameter))
      return NULL;
    tensors[i] = handle_of(tensor);
    are_parameters[i] = is_parameter;
  }
  snn_report* report = NULL;
  snn_error error;
  snn_status status =
      snn_observe(layer, names, tensors, are_parameters, (size_t)count, signals, run, function, &report, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  PyObject* result = report_object(report);
  snn_report_release(report);
  return result;
}

static PyObject* observe(PyObject* module, PyObject* args) {
  (void)module;
  const char* layer;
  PyObject *state, *function;
  int signals;
  if (!PyArg_ParseTuple(args, "sO!pO:observe", &layer, &PyList_Type, &state, &signals, &function)) return NULL;
  Call call;
  call_begin(&call);
  PyObject* result = observe_state(&call, layer, state, signals != 0, function);
  call_end(&call);
  return result;
}

static PyObject* observe_enter(PyObject* module, PyObject* args) {
  (void)module;
  const char *name, *layer;
  if (!PyArg_ParseTuple(args, "ss:observe_enter", &name, &layer)) return NULL;
  snn_observe_enter(name, layer);
  Py_RETURN_NONE;
}

static PyObject* observe_leave(PyObject* module, PyObject* output) {
  (void)module;
  snn_observe_leave(is_tensor(output) ? handle_of(output) : NULL);
  Py_RETURN_NONE;
}

static PyMethodDef report_functions[] = {
    {"observe", observe, METH_VARARGS,
     "observe(layer, state, signals, function, /)\n--\n\nWhat function() does with parameters: rows and a table."},
    {"observe_enter", observe_enter, METH_VARARGS, "observe_enter(name, layer, /)\n--\n\nA layer begins."},
    {"observe_leave", observe_leave, METH_O, "observe_leave(output, /)\n--\n\nThe layer ends."},
    {NULL, NULL, 0, NULL},
};

int report_init(PyObject* module) { return PyModule_AddFunctions(module, report_functions); }
