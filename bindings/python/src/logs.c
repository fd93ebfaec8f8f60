// What training leaves behind: histories and event files for TensorBoard.
#include "binding.h"

// ---- Histories

typedef struct {
  PyObject_HEAD snn_history* handle;
} HistoryObject;

typedef struct {
  PyObject_HEAD snn_history_writer* handle;
} HistoryWriterObject;

static PyTypeObject *history_type, *history_writer_type;

snn_history* history_handle(PyObject* object) {
  if (Py_TYPE(object) == history_type) return ((HistoryObject*)object)->handle;
  PyErr_SetString(PyExc_TypeError, "expected a history");
  return NULL;
}

PyObject* history_object(snn_status status, snn_history* handle, const snn_error* error) {
  if (status != SNN_OK) return raise_error(status, error);
  HistoryObject* self = (HistoryObject*)PyType_GenericAlloc(history_type, 0);
  if (self == NULL) {
    snn_history_release(handle);
    return NULL;
  }
  self->handle = handle;
  return (PyObject*)self;
}

static PyObject* new_history(PyObject* module, PyObject* unused) {
  (void)module;
  (void)unused;
  snn_history* handle = NULL;
  snn_error error;
  snn_status status = snn_history_new(&handle, &error);
  return history_object(status, handle, &error);
}

static PyObject* open_history(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* path;
  int format;
  if (!PyArg_ParseTuple(args, "O&i:open_history", PyUnicode_FSConverter, &path, &format)) return NULL;
  const char* name = PyBytes_AsString(path);
  snn_history* handle = NULL;
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_history_open(name, (snn_history_format)format, &handle, &error);
  PyEval_RestoreThread(state);
  Py_DECREF(path);
  return history_object(status, handle, &error);
}

static PyObject* parse_history(PyObject* module, PyObject* args) {
  (void)module;
  Py_buffer view;
  int format;
  if (!PyArg_ParseTuple(args, "y*i:parse_history", &view, &format)) return NULL;
  snn_history* handle = NULL;
  snn_error error;
  snn_status status = snn_history_parse(view.buf, (size_t)view.len, (snn_history_format)format, &handle, &error);
  PyBuffer_Release(&view);
  return history_object(status, handle, &error);
}

static void history_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  snn_history_release(((HistoryObject*)self)->handle);
  PyObject_Free(self);
  Py_DECREF(type);
}

// (epoch, step, seconds, {name: value}) as a row, whose memory belongs to the call.
static bool convert_row(Call* call, PyObject* args, snn_history_row* row) {
  long long epoch, step;
  PyObject* values;
  if (!PyArg_ParseTuple(args, "LLdO!", &epoch, &step, &row->seconds, &PyDict_Type, &values)) return false;
  row->epoch = epoch;
  row->step = step;
  row->count = (size_t)PyDict_Size(values);
  const char** names = call_block(call, (row->count + 1) * sizeof *names);
  double* numbers = names == NULL ? NULL : call_block(call, (row->count + 1) * sizeof *numbers);
  if (numbers == NULL || !call_own(call, Py_NewRef(values))) return false;
  PyObject *key, *value;
  Py_ssize_t position = 0;
  for (size_t i = 0; i < row->count && PyDict_Next(values, &position, &key, &value); i++) {
    names[i] = PyUnicode_Check(key) ? PyUnicode_AsUTF8AndSize(key, NULL) : NULL;
    if (names[i] == NULL) {
      if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "names of values must be strings");
      return false;
    }
    numbers[i] = PyFloat_AsDouble(value);
    if (numbers[i] == -1 && PyErr_Occurred()) return false;
  }
  row->names = names;
  row->values = numbers;
  return true;
}

static PyObject* history_add(PyObject* self, PyObject* args) {
  Call call;
  call_begin(&call);
  snn_history_row row;
  PyObject* result = NULL;
  if (convert_row(&call, args, &row)) {
    snn_error error;
    snn_status status = snn_history_add(((HistoryObject*)self)->handle, &row, &error);
    result = done(status, &error);
  }
  call_end(&call);
  return result;
}

static PyObject* history_count(PyObject* self, PyObject* unused) {
  (void)unused;
  return PyLong_FromLongLong(snn_history_count(((HistoryObject*)self)->handle));
}

static PyObject* history_at(PyObject* self, PyObject* argument) {
  long long index = PyLong_AsLongLong(argument);
  if (index == -1 && PyErr_Occurred()) return NULL;
  snn_history_row row;
  if (!snn_history_at(((HistoryObject*)self)->handle, index, &row)) {
    PyErr_SetString(PyExc_IndexError, "history: there is no such row");
    return NULL;
  }
  PyObject* values = PyDict_New();
  for (size_t i = 0; values != NULL && i < row.count; i++) {
    PyObject* value = PyFloat_FromDouble(row.values[i]);
    if (value == NULL || PyDict_SetItemString(values, row.names[i], value) < 0) Py_CLEAR(values);
    Py_XDECREF(value);
  }
  return values == NULL ? NULL
                        : Py_BuildValue("(LLdN)", (long long)row.epoch, (long long)row.step, row.seconds, values);
}

static PyObject* history_save(PyObject* self, PyObject* args) {
  PyObject *target, *path_bytes;
  const char* path;
  int format;
  if (!PyArg_ParseTuple(args, "Oi:save", &target, &format) || !convert_path(target, &path_bytes, &path)) return NULL;
  void* data = NULL;
  size_t size = 0;
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status =
      snn_history_save(((HistoryObject*)self)->handle, path, (snn_history_format)format, &data, &size, &error);
  PyEval_RestoreThread(state);
  Py_XDECREF(path_bytes);
  return written(status, &error, data, size);
}

static PyObject* open_history_writer(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* path;
  int format, appends;
  if (!PyArg_ParseTuple(args, "O&ip:open_history_writer", PyUnicode_FSConverter, &path, &format, &appends)) return NULL;
  snn_history_writer* handle = NULL;
  snn_error error;
  snn_status status =
      snn_history_writer_open(PyBytes_AsString(path), (snn_history_format)format, appends != 0, &handle, &error);
  Py_DECREF(path);
  if (status != SNN_OK) return raise_error(status, &error);
  HistoryWriterObject* self = (HistoryWriterObject*)PyType_GenericAlloc(history_writer_type, 0);
  if (self == NULL) {
    snn_history_writer_release(handle);
    return NULL;
  }
  self->handle = handle;
  return (PyObject*)self;
}

static void history_writer_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  snn_history_writer_release(((HistoryWriterObject*)self)->handle);
  PyObject_Free(self);
  Py_DECREF(type);
}

static PyObject* history_writer_write(PyObject* self, PyObject* args) {
  Call call;
  call_begin(&call);
  snn_history_row row;
  PyObject* result = NULL;
  if (convert_row(&call, args, &row)) {
    snn_error error;
    snn_status status = snn_history_write(((HistoryWriterObject*)self)->handle, &row, &error);
    result = done(status, &error);
  }
  call_end(&call);
  return result;
}

// ---- Events

typedef struct {
  PyObject_HEAD snn_event_writer* handle;
} EventWriterObject;

static PyTypeObject* event_writer_type;

static snn_event_writer* events(PyObject* self) { return ((EventWriterObject*)self)->handle; }

static PyObject* open_event_writer(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* folder;
  const char* suffix;
  long long purge_step;
  double time;
  if (!PyArg_ParseTuple(args, "O&sLd:open_event_writer", PyUnicode_FSConverter, &folder, &suffix, &purge_step, &time))
    return NULL;
  snn_event_writer* handle = NULL;
  snn_error error;
  snn_status status = snn_event_writer_open(PyBytes_AsString(folder), suffix, purge_step, time, &handle, &error);
  Py_DECREF(folder);
  if (status != SNN_OK) return raise_error(status, &error);
  EventWriterObject* self = (EventWriterObject*)PyType_GenericAlloc(event_writer_type, 0);
  if (self == NULL) {
    snn_event_writer_release(handle);
    return NULL;
  }
  self->handle = handle;
  return (PyObject*)self;
}

static void event_writer_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  snn_event_writer_release(events(self));
  PyObject_Free(self);
  Py_DECREF(type);
}

static PyObject* event_scalar(PyObject* self, PyObject* args) {
  const char* tag;
  double value, time;
  long long step;
  int precision;
  if (!PyArg_ParseTuple(args, "sdiLd:scalar", &tag, &value, &precision, &step, &time)) return NULL;
  snn_error error;
  return done(snn_event_scalar(events(self), tag, value, (snn_event_precision)precision, step, time, &error), &error);
}

static PyObject* event_text(PyObject* self, PyObject* args) {
  const char *tag, *text;
  double time;
  long long step;
  if (!PyArg_ParseTuple(args, "ssLd:text", &tag, &text, &step, &time)) return NULL;
  snn_error error;
  return done(snn_event_text(events(self), tag, text, step, time, &error), &error);
}

static PyObject* event_histogram(PyObject* self, PyObject* args) {
  const char* tag;
  PyObject *values, *limits;
  double time;
  long long most_bins, step;
  if (!PyArg_ParseTuple(args, "sO!OLLd:histogram", &tag, tensor_type, &values, &limits, &most_bins, &step, &time))
    return NULL;
  size_t count = 0;
  const double* numbers = NULL;
  PyObject* kept = limits == Py_None ? NULL : PyList_New(0);
  PyObject* result = NULL;
  bool is_ready = limits == Py_None || (kept != NULL && convert_doubles(kept, limits, &numbers, &count));
  if (is_ready) {
    snn_error error;
    snn_status status =
        snn_event_histogram(events(self), tag, handle_of(values), numbers, count, most_bins, step, time, &error);
    result = done(status, &error);
  }
  Py_XDECREF(kept);
  return result;
}

static PyObject* event_image(PyObject* self, PyObject* args) {
  const char* tag;
  PyObject* image;
  int channels_first;
  double time;
  long long step;
  if (!PyArg_ParseTuple(args, "sO!pLd:image", &tag, tensor_type, &image, &channels_first, &step, &time)) return NULL;
  snn_error error;
  return done(snn_event_image(events(self), tag, handle_of(image), channels_first != 0, step, time, &error), &error);
}

static PyObject* event_flush(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_event_flush(events(self), &error);
  PyEval_RestoreThread(state);
  return done(status, &error);
}

static PyObject* event_path(PyObject* self, PyObject* unused) {
  (void)unused;
  char* text = NULL;
  snn_error error;
  snn_status status = snn_event_writer_path(events(self), &text, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  PyObject* path = PyUnicode_DecodeFSDefault(text);
  snn_free(text);
  return path;
}

// ---- The types

static PyMethodDef history_methods[] = {
    {"add", history_add, METH_VARARGS, "add($self, epoch, step, seconds, values, /)\n--\n\nAnother row."},
    {"count", history_count, METH_NOARGS, "count($self)\n--\n\nRows."},
    {"at", history_at, METH_O, "at($self, index, /)\n--\n\nepoch, step, seconds and values of a row."},
    {"save", history_save, METH_VARARGS, "save($self, path, format, /)\n--\n\nA file; without a path, its bytes."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot history_slots[] = {
    {Py_tp_doc, "Rows of what training has measured."},
    {Py_tp_dealloc, history_dealloc},
    {Py_tp_methods, history_methods},
    {0, NULL},
};

static PyType_Spec history_spec = {
    .name = "swiftnn._C.History",
    .basicsize = sizeof(HistoryObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = history_slots,
};

static PyMethodDef history_writer_methods[] = {
    {"write", history_writer_write, METH_VARARGS,
     "write($self, epoch, step, seconds, values, /)\n--\n\nAnother row, into the file."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot history_writer_slots[] = {
    {Py_tp_doc, "A file that gets the rows of a history one by one."},
    {Py_tp_dealloc, history_writer_dealloc},
    {Py_tp_methods, history_writer_methods},
    {0, NULL},
};

static PyType_Spec history_writer_spec = {
    .name = "swiftnn._C.HistoryWriter",
    .basicsize = sizeof(HistoryWriterObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = history_writer_slots,
};

static PyMethodDef event_writer_methods[] = {
    {"scalar", event_scalar, METH_VARARGS, "scalar($self, tag, value, precision, step, time, /)\n--\n\nA number."},
    {"text", event_text, METH_VARARGS, "text($self, tag, text, step, time, /)\n--\n\nA text."},
    {"histogram", event_histogram, METH_VARARGS,
     "histogram($self, tag, values, limits, most_bins, step, time, /)\n--\n\nNumbers by size."},
    {"image", event_image, METH_VARARGS, "image($self, tag, image, channels_first, step, time, /)\n--\n\nA picture."},
    {"flush", event_flush, METH_NOARGS, "flush($self)\n--\n\nReturns when all is on the disk."},
    {"path", event_path, METH_NOARGS, "path($self)\n--\n\nThe file."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot event_writer_slots[] = {
    {Py_tp_doc, "An event file for TensorBoard."},
    {Py_tp_dealloc, event_writer_dealloc},
    {Py_tp_methods, event_writer_methods},
    {0, NULL},
};

static PyType_Spec event_writer_spec = {
    .name = "swiftnn._C.EventWriter",
    .basicsize = sizeof(EventWriterObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = event_writer_slots,
};

static PyMethodDef log_functions[] = {
    {"new_history", new_history, METH_NOARGS, "new_history()\n--\n\nA history without rows."},
    {"open_history", open_history, METH_VARARGS, "open_history(path, format, /)\n--\n\nA history from a file."},
    {"parse_history", parse_history, METH_VARARGS,
     "parse_history(data, format, /)\n--\n\nThe same from the bytes of a file."},
    {"open_history_writer", open_history_writer, METH_VARARGS,
     "open_history_writer(path, format, appends, /)\n--\n\nBegins or continues a file."},
    {"open_event_writer", open_event_writer, METH_VARARGS,
     "open_event_writer(folder, suffix, purge_step, time, /)\n--\n\nBegins an event file."},
    {NULL, NULL, 0, NULL},
};

int logs_init(PyObject* module) {
  if (add_type(module, &history_spec, &history_type) < 0) return -1;
  if (add_type(module, &history_writer_spec, &history_writer_type) < 0) return -1;
  if (add_type(module, &event_writer_spec, &event_writer_type) < 0) return -1;
  return PyModule_AddFunctions(module, log_functions);
}
