// A call of an operation: bind, run, wrap.
#include <stdlib.h>
#include <string.h>

#include "binding.h"

enum { LARGE = 4096, RESULT_CAPACITY = 64 };

// Giving up the GIL costs about 10 ns while nobody waits for it (measured: 200 ns for a small addition, 210 ns with).
// While another thread does wait, it costs up to that thread's 5 ms turn, for each call. So it is given up only where
// the engine works longer than about half a microsecond. Factories, which take no tensor, are always treated as large.
bool is_large(const snn_value* values, size_t count) {
  bool any = false;
  for (size_t i = 0; i < count; i++) {
    if (values[i].kind == SNN_KIND_TENSOR) {
      any = true;
      if (snn_tensor_count(values[i].as.tensor) >= LARGE) return true;
    } else if (values[i].kind == SNN_KIND_TENSORS) {
      return true;
    }
  }
  return !any;
}

static snn_status run(int32_t operation, const snn_value* values, size_t count, snn_tensor** results, size_t capacity,
                      size_t* produced, snn_error* error) {
  if (!is_large(values, count)) return snn_apply(operation, values, count, results, capacity, produced, error);
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_apply(operation, values, count, results, capacity, produced, error);
  PyEval_RestoreThread(state);
  return status;
}

PyObject* apply_single(int32_t operation, const snn_value* values, size_t count) {
  snn_tensor* result = NULL;
  size_t produced = 0;
  snn_error error;
  snn_status status = run(operation, values, count, &result, 1, &produced, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  return wrap(result);
}

int32_t need_operation(const char* name) {
  int32_t id = snn_find(SNN_OPERATIONS, name);
  if (id < 0) PyErr_Format(PyExc_NotImplementedError, "this build of SwiftNN has no operation '%s'", name);
  return id;
}

// ---- Results

static PyTypeObject* named_results_type(const snn_entry* entry) {
  enum { LIMIT = 8 };
  PyStructSequence_Field fields[LIMIT + 1] = {{NULL, NULL}};
  for (int32_t i = 0; i < entry->result_count && i < LIMIT; i++) fields[i].name = entry->result_names[i];
  char name[128];
  const char* dot = strchr(entry->name, '.');
  PyOS_snprintf(name, sizeof name, "swiftnn.return_types.%.*s",
                (int)(dot == NULL ? strlen(entry->name) : (size_t)(dot - entry->name)), entry->name);
  PyStructSequence_Desc description = {name, entry->doc, fields, entry->result_count};
  return entry->result_count <= LIMIT ? PyStructSequence_NewType(&description) : NULL;
}

PyObject* pack_results(const Overload* overload, snn_tensor** results, size_t count) {
  const snn_entry* entry = overload->entry;
  bool named = entry->result_names != NULL && (int32_t)count == entry->result_count;
  if (named && overload->result_type == NULL) {
    ((Overload*)overload)->result_type = named_results_type(entry);
    if (overload->result_type == NULL) PyErr_Clear();
  }
  named = named && overload->result_type != NULL;
  PyObject* pack = named ? PyStructSequence_New(overload->result_type) : PyTuple_New((Py_ssize_t)count);
  for (size_t i = 0; i < count; i++) {
    PyObject* item = wrap(results[i]);
    if (item == NULL || pack == NULL) {
      Py_XDECREF(item);
      Py_CLEAR(pack);
    } else if (named) {
      PyStructSequence_SetItem(pack, (Py_ssize_t)i, item);
    } else if (PyTuple_SetItem(pack, (Py_ssize_t)i, item) < 0) {
      Py_CLEAR(pack);
    }
  }
  return pack;
}

static PyObject* first_object(const Overload* overload, const Arguments* arguments) {
  if (arguments->self != NULL) return arguments->self;
  if (arguments->count > 0) return arguments->positional[0];
  Py_ssize_t keywords = arguments->keyword_names == NULL ? 0 : PyTuple_Size(arguments->keyword_names);
  for (Py_ssize_t i = 0; i < keywords; i++) {
    if (PyUnicode_Compare(PyTuple_GetItem(arguments->keyword_names, i), overload->names[0]) == 0)
      return arguments->positional[i];
  }
  return NULL;
}

static bool write_out(PyObject* result, PyObject* place) {
  if (!is_tensor(result) || !is_tensor(place)) {
    PyErr_SetString(PyExc_TypeError, "out= takes a tensor for each result");
    return false;
  }
  snn_error error;
  snn_status status = snn_tensor_write(handle_of(place), handle_of(result), &error);
  if (status != SNN_OK) raise_error(status, &error);
  return status == SNN_OK;
}

static PyObject* write_outs(PyObject* result, PyObject* out) {
  if (is_tensor(result) || is_tensor(out)) {
    if (is_tensor(result) && is_tensor(out)) return write_out(result, out) ? Py_NewRef(out) : NULL;
    return PyErr_Format(PyExc_TypeError, "out= takes %s", is_tensor(result) ? "a tensor" : "a tuple of tensors");
  }
  Py_ssize_t count = PyTuple_Check(result) ? PyTuple_Size(result) : -1;
  if (count < 0 || PySequence_Size(out) != count) {
    if (PyErr_Occurred()) PyErr_Clear();
    return PyErr_Format(PyExc_TypeError, "out= takes a tensor for each of the %zd results", count);
  }
  PyObject* places = PySequence_Tuple(out);
  for (Py_ssize_t i = 0; places != NULL && i < count; i++) {
    if (!write_out(PyTuple_GetItem(result, i), PyTuple_GetItem(places, i))) Py_CLEAR(places);
  }
  return places;
}

static PyObject* finish_extras(PyObject* result, const Extras* extras) {
  PyObject* finished = NULL;
  if (extras->out != NULL) {
    finished = write_outs(result, extras->out);
    Py_DECREF(result);
    if (finished == NULL) return NULL;
  } else {
    finished = result;
  }
  if (extras->requires_grad && is_tensor(finished)) {
    snn_error error;
    snn_status status = snn_tensor_set_requires_grad(handle_of(finished), true, &error);
    if (status != SNN_OK) {
      Py_DECREF(finished);
      return raise_error(status, &error);
    }
  }
  return finished;
}

// ---- The call

static PyObject* run_call(const Overload* overload, const Arguments* arguments, const Call* call) {
  const snn_entry* entry = overload->entry;
  snn_tensor* inline_results[RESULT_CAPACITY];
  snn_tensor **results = inline_results, **block = NULL;
  size_t produced = 0;
  snn_error error;
  snn_status status = run(entry->id, call->values, call->count, results, RESULT_CAPACITY, &produced, &error);
  if (status == SNN_ERROR_CAPACITY) {
    results = block = malloc(produced * sizeof *block);
    if (block == NULL) return PyErr_NoMemory();
    status = run(entry->id, call->values, call->count, results, produced, &produced, &error);
  }
  PyObject* result = NULL;
  if (status != SNN_OK) {
    raise_error(status, &error);
  } else if (entry->scalar_result && produced == 1) {
    PyObject* tensor = wrap(results[0]);
    result = tensor == NULL ? NULL : tensor_item(tensor, NULL);
    Py_XDECREF(tensor);
  } else if (produced == 1 && (entry->result_count == 1 || (entry->result_count < 0 && entry->result_names != NULL))) {
    PyObject* first = first_object(overload, arguments);
    if (first != NULL && is_tensor(first) && (entry->in_place || handle_of(first) == results[0])) {
      snn_tensor_release(results[0]);
      result = Py_NewRef(first);
    } else {
      result = wrap(results[0]);
    }
  } else if (entry->result_count == 0) {
    result = Py_NewRef(Py_None);
  } else {
    result = pack_results(overload, results, produced);
  }
  free(block);
  return result;
}

PyObject* call_overloads(const Overload* overloads, const char* name, const Arguments* arguments) {
  Mismatch mismatch;
  for (const Overload* overload = overloads; overload != NULL; overload = overload->next) {
    Call call;
    Extras extras = {NULL, false};
    call_begin(&call);
    Conversion conversion = bind_arguments(&call, overload, arguments, &extras, &mismatch);
    if (conversion == CONVERTED) {
      PyObject* result = run_call(overload, arguments, &call);
      call_end(&call);
      if (result != NULL && (extras.out != NULL || extras.requires_grad)) result = finish_extras(result, &extras);
      if (result != NULL && settle() < 0) Py_CLEAR(result);
      return result;
    }
    call_end(&call);
    if (conversion == FAILED) return NULL;
  }
  return raise_mismatch(overloads, name, arguments, &mismatch);
}
