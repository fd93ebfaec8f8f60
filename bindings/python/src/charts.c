// Pictures that the engine draws: SVG files, or their bytes.
#include "binding.h"

bool convert_doubles(PyObject* kept, PyObject* object, const double** numbers, size_t* count) {
  snn_tensor* handle = tensor_from_data(object, SNN_FLOAT64);
  PyObject* tensor = handle == NULL ? NULL : wrap(handle);
  bool is_kept = tensor != NULL && PyList_Append(kept, tensor) == 0;
  if (is_kept) {
    *numbers = snn_tensor_data(handle);
    *count = (size_t)snn_tensor_count(handle);
  }
  Py_XDECREF(tensor);
  return is_kept;
}

// What all charts take: where to, and how.
typedef struct {
  Call call;
  PyObject* kept;  // a list of the objects whose memory is shown to the engine
  PyObject* path_bytes;
  const char* path;
  snn_chart_options options;
  double x_range[2], y_range[2];
  void* data;
  size_t size;
  snn_error error;
} Drawing;

static bool convert_range(PyObject* object, double* range, const double** out) {
  if (object == Py_None) return true;
  *out = range;
  return PyArg_ParseTuple(object, "dd;a range of an axis has two ends", &range[0], &range[1]);
}

static bool drawing_begin(Drawing* drawing, PyObject* path, PyObject* options) {
  *drawing = (Drawing){.kept = PyList_New(0), .options = {.size = sizeof(snn_chart_options)}};
  call_begin(&drawing->call);
  snn_chart_options* made = &drawing->options;
  PyObject *x_range, *y_range;
  int log_x, log_y;
  if (drawing->kept == NULL ||
      !PyArg_ParseTuple(options, "zzzddppOO", &made->title, &made->x_label, &made->y_label, &made->width, &made->height,
                        &log_x, &log_y, &x_range, &y_range) ||
      !convert_range(x_range, drawing->x_range, &made->x_range) ||
      !convert_range(y_range, drawing->y_range, &made->y_range))
    return false;
  made->log_x = log_x != 0;
  made->log_y = log_y != 0;
  return convert_path(path, &drawing->path_bytes, &drawing->path);
}

static PyObject* drawing_end(Drawing* drawing, PyObject* result) {
  call_end(&drawing->call);
  Py_XDECREF(drawing->path_bytes);
  Py_XDECREF(drawing->kept);
  return result;
}

// A list of (name, x or None, y, style, colour); NULL with an exception.
static const snn_series* convert_series(Drawing* drawing, PyObject* list, size_t* count) {
  *count = (size_t)PyList_Size(list);
  snn_series* all = call_block(&drawing->call, (*count + 1) * sizeof *all);
  for (size_t i = 0; all != NULL && i < *count; i++) {
    PyObject *x, *y;
    int style;
    snn_series* one = &all[i];
    *one = (snn_series){0};
    if (!PyArg_ParseTuple(PyList_GetItem(list, (Py_ssize_t)i), "zOOii", &one->name, &x, &y, &style, &one->colour) ||
        !convert_doubles(drawing->kept, y, &one->y, &one->count))
      return NULL;
    one->style = (snn_line_style)style;
    size_t width = one->count;
    if (x != Py_None && !convert_doubles(drawing->kept, x, &one->x, &width)) return NULL;
    if (width != one->count) {
      PyErr_Format(PyExc_ValueError, "chart: '%s' has %zd numbers along x and %zd along y",
                   one->name == NULL ? "" : one->name, (Py_ssize_t)width, (Py_ssize_t)one->count);
      return NULL;
    }
  }
  return all;
}

static PyObject* chart_lines(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *path, *list, *options;
  if (!PyArg_ParseTuple(args, "OO!O!:chart_lines", &path, &PyList_Type, &list, &PyTuple_Type, &options)) return NULL;
  Drawing drawing;
  PyObject* result = NULL;
  size_t count = 0;
  const snn_series* series = drawing_begin(&drawing, path, options) ? convert_series(&drawing, list, &count) : NULL;
  if (series != NULL) {
    PyThreadState* state = PyEval_SaveThread();
    snn_status status =
        snn_chart_lines(series, count, &drawing.options, drawing.path, &drawing.data, &drawing.size, &drawing.error);
    PyEval_RestoreThread(state);
    result = written(status, &drawing.error, drawing.data, drawing.size);
  }
  return drawing_end(&drawing, result);
}

// Curves with their areas, for both kinds of curve.
static PyObject* chart_curves(PyObject* args, bool is_roc) {
  PyObject *path, *list, *areas, *options;
  double positives;
  if (!PyArg_ParseTuple(args, "OO!OdO!", &path, &PyList_Type, &list, &areas, &positives, &PyTuple_Type, &options))
    return NULL;
  Drawing drawing;
  PyObject* result = NULL;
  size_t count = 0, area_count = 0;
  const double* numbers = NULL;
  const snn_series* series = drawing_begin(&drawing, path, options) ? convert_series(&drawing, list, &count) : NULL;
  bool is_ready = series != NULL && (areas == Py_None || convert_doubles(drawing.kept, areas, &numbers, &area_count));
  if (is_ready && numbers != NULL && area_count != count) {
    PyErr_Format(PyExc_ValueError, "chart: got %zd areas for %zd curves", (Py_ssize_t)area_count, (Py_ssize_t)count);
    is_ready = false;
  }
  if (is_ready) {
    PyThreadState* state = PyEval_SaveThread();
    snn_status status = is_roc ? snn_chart_roc(series, numbers, count, &drawing.options, drawing.path, &drawing.data,
                                               &drawing.size, &drawing.error)
                               : snn_chart_precision_recall(series, numbers, count, positives, &drawing.options,
                                                            drawing.path, &drawing.data, &drawing.size, &drawing.error);
    PyEval_RestoreThread(state);
    result = written(status, &drawing.error, drawing.data, drawing.size);
  }
  return drawing_end(&drawing, result);
}

static PyObject* chart_roc(PyObject* module, PyObject* args) {
  (void)module;
  return chart_curves(args, true);
}

static PyObject* chart_precision_recall(PyObject* module, PyObject* args) {
  (void)module;
  return chart_curves(args, false);
}

// Texts of a list, or NULL for None; false with an exception.
static bool convert_names(Drawing* drawing, PyObject* list, const char* const** out, size_t* count) {
  *out = NULL;
  if (list == Py_None) return true;
  if (!PyList_Check(list)) {
    PyErr_SetString(PyExc_TypeError, "names must be a list");
    return false;
  }
  *count = (size_t)PyList_Size(list);
  const char** names = call_block(&drawing->call, (*count + 1) * sizeof *names);
  for (size_t i = 0; names != NULL && i < *count; i++) {
    names[i] = PyUnicode_AsUTF8AndSize(PyList_GetItem(list, (Py_ssize_t)i), NULL);
    if (names[i] == NULL) return false;
  }
  *out = names;
  return names != NULL;
}

static PyObject* chart_history(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *path, *history, *list, *options;
  if (!PyArg_ParseTuple(args, "OOOO!:chart_history", &path, &history, &list, &PyTuple_Type, &options)) return NULL;
  const snn_history* handle = history_handle(history);
  if (handle == NULL) return NULL;
  Drawing drawing;
  PyObject* result = NULL;
  const char* const* names;
  size_t count = 0;
  if (drawing_begin(&drawing, path, options) && convert_names(&drawing, list, &names, &count)) {
    snn_status status = snn_chart_history(handle, names, count, &drawing.options, drawing.path, &drawing.data,
                                          &drawing.size, &drawing.error);
    result = written(status, &drawing.error, drawing.data, drawing.size);
  }
  return drawing_end(&drawing, result);
}

static PyObject* chart_confusion(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *path, *counts, *list, *options;
  int normalized;
  if (!PyArg_ParseTuple(args, "OOOpO!:chart_confusion", &path, &counts, &list, &normalized, &PyTuple_Type, &options))
    return NULL;
  Drawing drawing;
  PyObject* result = NULL;
  const double* numbers;
  const char* const* names;
  size_t count = 0, name_count = 0, classes = 0;
  bool is_ready = drawing_begin(&drawing, path, options) && convert_doubles(drawing.kept, counts, &numbers, &count) &&
                  convert_names(&drawing, list, &names, &name_count);
  while (is_ready && classes * classes < count) classes++;
  if (is_ready && (classes * classes != count || (names != NULL && name_count != classes))) {
    PyErr_Format(PyExc_ValueError, "confusion_matrix: got %zd counts and %zd names", (Py_ssize_t)count,
                 (Py_ssize_t)name_count);
    is_ready = false;
  }
  if (is_ready) {
    PyThreadState* state = PyEval_SaveThread();
    snn_status status = snn_chart_confusion(numbers, classes, names, normalized != 0, &drawing.options, drawing.path,
                                            &drawing.data, &drawing.size, &drawing.error);
    PyEval_RestoreThread(state);
    result = written(status, &drawing.error, drawing.data, drawing.size);
  }
  return drawing_end(&drawing, result);
}

static PyObject* chart_residuals(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *path, *actual, *predicted, *options;
  if (!PyArg_ParseTuple(args, "OOOO!:chart_residuals", &path, &actual, &predicted, &PyTuple_Type, &options))
    return NULL;
  Drawing drawing;
  PyObject* result = NULL;
  const double *a, *p;
  size_t a_count = 0, p_count = 0;
  bool is_ready = drawing_begin(&drawing, path, options) && convert_doubles(drawing.kept, actual, &a, &a_count) &&
                  convert_doubles(drawing.kept, predicted, &p, &p_count);
  if (is_ready && a_count != p_count) {
    PyErr_Format(PyExc_ValueError, "residuals: got %zd actual and %zd predicted numbers", (Py_ssize_t)a_count,
                 (Py_ssize_t)p_count);
    is_ready = false;
  }
  if (is_ready) {
    PyThreadState* state = PyEval_SaveThread();
    snn_status status = snn_chart_residuals(a, p, a_count, &drawing.options, drawing.path, &drawing.data, &drawing.size,
                                            &drawing.error);
    PyEval_RestoreThread(state);
    result = written(status, &drawing.error, drawing.data, drawing.size);
  }
  return drawing_end(&drawing, result);
}

static PyMethodDef chart_functions[] = {
    {"chart_lines", chart_lines, METH_VARARGS, "chart_lines(path, series, options, /)"},
    {"chart_history", chart_history, METH_VARARGS, "chart_history(path, history, names, options, /)"},
    {"chart_roc", chart_roc, METH_VARARGS, "chart_roc(path, curves, areas, positives, options, /)"},
    {"chart_precision_recall", chart_precision_recall, METH_VARARGS,
     "chart_precision_recall(path, curves, areas, positives, options, /)"},
    {"chart_confusion", chart_confusion, METH_VARARGS, "chart_confusion(path, counts, names, normalized, options, /)"},
    {"chart_residuals", chart_residuals, METH_VARARGS, "chart_residuals(path, actual, predicted, options, /)"},
    {NULL, NULL, 0, NULL},
};

int charts_init(PyObject* module) { return PyModule_AddFunctions(module, chart_functions); }
