// Open files of rows, and writing them. Python's names for them are in swiftnn/data/tables.py.
#include "binding.h"

typedef struct {
  PyObject_HEAD snn_csv* handle;
} CSVObject;

static PyTypeObject* csv_type;

static snn_csv* csv_handle(PyObject* self) { return ((CSVObject*)self)->handle; }

static void csv_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  snn_csv_release(csv_handle(self));
  PyObject_Free(self);
  Py_DECREF(type);
}

// Picks come as (name or number, type).
static const snn_csv_pick* convert_picks(Call* call, PyObject* list) {
  Py_ssize_t count = PyList_Size(list);
  snn_csv_pick* picks = call_block(call, (size_t)(count + 1) * sizeof *picks);
  for (Py_ssize_t i = 0; picks != NULL && i < count; i++) {
    PyObject* name;
    picks[i] = (snn_csv_pick){NULL, 0, 0};
    if (!PyArg_ParseTuple(PyList_GetItem(list, i), "Oi:picks", &name, &picks[i].type)) return NULL;
    if (PyUnicode_Check(name)) {
      picks[i].name = PyUnicode_AsUTF8AndSize(name, NULL);
      if (picks[i].name == NULL) return NULL;
      continue;
    }
    long long number = PyLong_AsLongLong(name);
    if (number == -1 && PyErr_Occurred()) return NULL;
    picks[i].number = number < INT32_MIN || number > INT32_MAX ? -1 : (int32_t)number;
  }
  return picks;
}

static PyObject* open_csv(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *object, *picks, *missing;
  unsigned long long limit;
  int delimiter, quote, comment, decimal, no_quotes, no_header, skip_spaces, only_picks;
  snn_csv_options options = {.size = sizeof options};
  long long skip_rows, longest_row, most_words;
  if (!PyArg_ParseTuple(args, "OKCCCCpppLO!pOidLL:open_csv", &object, &limit, &delimiter, &quote, &comment, &decimal,
                        &no_quotes, &no_header, &skip_spaces, &skip_rows, &PyList_Type, &picks, &only_picks, &missing,
                        &options.on_missing, &options.filling, &longest_row, &most_words))
    return NULL;
  const int letters[] = {delimiter, quote, comment, decimal};
  for (int i = 0; i < 4; i++) {
    if (letters[i] > 127) return PyErr_Format(PyExc_ValueError, "read_csv: '%c' is not an ASCII character", letters[i]);
  }
  options.delimiter = (char)delimiter;
  options.quote = (char)quote;
  options.comment = (char)comment;
  options.decimal = (char)decimal;
  options.no_quotes = no_quotes != 0;
  options.no_header = no_header != 0;
  options.skip_spaces = skip_spaces != 0;
  options.only_picks = only_picks != 0;
  options.skip_rows = skip_rows;
  options.longest_row = longest_row;
  options.most_words = most_words;
  Source source;
  if (!source_begin(&source, object, 0, limit)) return NULL;
  Call call;
  call_begin(&call);
  PyObject* result = NULL;
  options.picks = convert_picks(&call, picks);
  options.pick_count = (size_t)PyList_Size(picks);
  bool converted = options.picks != NULL;
  if (converted && missing != Py_None) {
    options.missing = PyList_Check(missing) ? convert_texts(&call, missing, "na_values") : NULL;
    options.missing_count = options.missing == NULL ? 0 : (size_t)PyList_Size(missing);
    converted = options.missing != NULL;
  }
  if (converted && (result = PyType_GenericAlloc(csv_type, 0)) != NULL) {
    snn_error error;
    PyThreadState* state = PyEval_SaveThread();
    snn_status status = snn_csv_open(&source.source, &options, &((CSVObject*)result)->handle, &error);
    PyEval_RestoreThread(state);
    if (status != SNN_OK) {
      Py_CLEAR(result);
      raise_error(status, &error);
    }
  }
  call_end(&call);
  source_end(&source);
  return result;
}

static PyObject* csv_row_count(PyObject* self, PyObject* unused) {
  (void)unused;
  return PyLong_FromLongLong(snn_csv_row_count(csv_handle(self)));
}

// Name, type, values that are missing, and number of words.
static PyObject* csv_columns(PyObject* self, PyObject* unused) {
  (void)unused;
  int32_t count = snn_csv_column_count(csv_handle(self));
  PyObject* list = PyList_New(count);
  for (int32_t i = 0; list != NULL && i < count; i++) {
    snn_csv_column column = {0};
    snn_csv_column_at(csv_handle(self), i, &column, NULL);
    PyObject* item =
        Py_BuildValue("(siLi)", column.name, (int)column.type, (long long)column.missing, column.word_count);
    if (item == NULL || PyList_SetItem(list, i, item) < 0) Py_CLEAR(list);
  }
  return list;
}

static PyObject* csv_words(PyObject* self, PyObject* argument) {
  long column = PyLong_AsLong(argument);
  if (column == -1 && PyErr_Occurred()) return NULL;
  snn_csv_column about = {0};
  snn_error error;
  snn_status status = snn_csv_column_at(csv_handle(self), (int32_t)column, &about, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  PyObject* list = PyList_New(about.word_count);
  for (int32_t i = 0; list != NULL && i < about.word_count; i++) {
    size_t size;
    const char* word = snn_csv_word(csv_handle(self), (int32_t)column, i, &size);
    PyObject* text = PyUnicode_DecodeUTF8(word, (Py_ssize_t)size, "strict");
    if (text == NULL || PyList_SetItem(list, i, text) < 0) Py_CLEAR(list);
  }
  return list;
}

static PyObject* csv_read(PyObject* self, PyObject* args) {
  long long first, count;
  if (!PyArg_ParseTuple(args, "LL:read", &first, &count)) return NULL;
  Call call;
  call_begin(&call);
  size_t columns = (size_t)snn_csv_column_count(csv_handle(self));
  snn_tensor** results = call_block(&call, (columns + 1) * sizeof *results);
  PyObject* result = NULL;
  if (results != NULL) {
    snn_error error;
    PyThreadState* state = PyEval_SaveThread();
    snn_status status = snn_csv_read(csv_handle(self), first, count, results, &error);
    PyEval_RestoreThread(state);
    result = status != SNN_OK ? raise_error(status, &error) : wrap_all(results, columns);
  }
  call_end(&call);
  return result;
}

// Numbers of a list, as int32 or int64; NULL with an exception.
static void* convert_numbers(Call* call, PyObject* list, bool wide) {
  Py_ssize_t count = PyList_Size(list);
  int64_t* all = count < 0 ? NULL : call_block(call, (size_t)(count + 1) * sizeof *all);
  int32_t* narrow = (int32_t*)all;
  for (Py_ssize_t i = 0; all != NULL && i < count; i++) {
    long long number = PyLong_AsLongLong(PyList_GetItem(list, i));
    if (number == -1 && PyErr_Occurred()) return NULL;
    if (wide)
      all[i] = number;
    else
      narrow[i] = number < INT32_MIN || number > INT32_MAX ? -1 : (int32_t)number;
  }
  return all;
}

// Of a range of rows, or of a list of them.
static PyObject* csv_matrix(PyObject* self, PyObject* args) {
  PyObject *columns, *rows, *type;
  long long first, count;
  snn_dtype dtype;
  if (!PyArg_ParseTuple(args, "OLLOO:matrix", &columns, &first, &count, &rows, &type)) return NULL;
  if (!dtype_from_object(type, &dtype))
    return PyErr_Format(PyExc_TypeError, "dtype must be a dtype, not %R", Py_TYPE(type));
  Call call;
  call_begin(&call);
  const int32_t* chosen = columns == Py_None ? NULL : convert_numbers(&call, columns, false);
  size_t column_count = columns == Py_None ? 0 : (size_t)PyList_Size(columns);
  const int64_t* numbers = rows == Py_None ? NULL : convert_numbers(&call, rows, true);
  PyObject* result = NULL;
  if (!PyErr_Occurred()) {
    snn_tensor* tensor = NULL;
    snn_error error;
    size_t row_count = rows == Py_None ? 0 : (size_t)PyList_Size(rows);
    PyThreadState* state = PyEval_SaveThread();
    snn_status status =
        rows == Py_None
            ? snn_csv_matrix(csv_handle(self), chosen, column_count, first, count, dtype, &tensor, &error)
            : snn_csv_rows(csv_handle(self), chosen, column_count, numbers, row_count, dtype, &tensor, &error);
    PyEval_RestoreThread(state);
    result = status != SNN_OK ? raise_error(status, &error) : wrap(tensor);
  }
  call_end(&call);
  return result;
}

// words: for each column None, or a list of str.
static PyObject* save_csv(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *target, *names, *columns, *words, *bytes;
  const char* path;
  int delimiter, header;
  if (!PyArg_ParseTuple(args, "OO!O!O!Cp:save_csv", &target, &PyList_Type, &names, &PyList_Type, &columns, &PyList_Type,
                        &words, &delimiter, &header))
    return NULL;
  if (delimiter > 127) return PyErr_Format(PyExc_ValueError, "write_csv: '%c' is not an ASCII character", delimiter);
  if (!convert_path(target, &bytes, &path)) return NULL;
  Call call;
  call_begin(&call);
  size_t count, size = 0;
  void* data = NULL;
  PyObject* result = NULL;
  snn_tensor** handles = convert_handles(&call, columns, false, &count, "the columns");
  const char** titles = handles == NULL ? NULL : convert_texts(&call, names, "names of columns");
  snn_csv_words* lists = titles == NULL ? NULL : call_block(&call, (count + 1) * sizeof *lists);
  bool converted = lists != NULL && (size_t)PyList_Size(names) == count && (size_t)PyList_Size(words) == count;
  if (lists != NULL && !converted)
    PyErr_SetString(PyExc_ValueError, "write_csv: a name and a list of words for each column");
  for (size_t i = 0; converted && i < count; i++) {
    PyObject* list = PyList_GetItem(words, (Py_ssize_t)i);
    lists[i] = (snn_csv_words){NULL, 0};
    if (list == Py_None) continue;
    lists[i] = (snn_csv_words){convert_texts(&call, list, "words"), (size_t)PyList_Size(list)};
    converted = lists[i].words != NULL;
  }
  if (converted) {
    snn_error error;
    PyThreadState* state = PyEval_SaveThread();
    snn_status status =
        snn_save_csv(path, titles, handles, count, lists, (char)delimiter, header != 0, &data, &size, &error);
    PyEval_RestoreThread(state);
    result = written(status, &error, data, size);
  }
  call_end(&call);
  Py_XDECREF(bytes);
  return result;
}

static PyMethodDef csv_methods[] = {
    {"row_count", csv_row_count, METH_NOARGS, "row_count($self)\n--\n\nThe number of rows."},
    {"columns", csv_columns, METH_NOARGS, "columns($self)\n--\n\nName, type, missing values and words of each column."},
    {"words", csv_words, METH_O, "words($self, column, /)\n--\n\nThe words of a column of texts."},
    {"read", csv_read, METH_VARARGS, "read($self, first, count, /)\n--\n\nRows, as a tensor for each column."},
    {"matrix", csv_matrix, METH_VARARGS,
     "matrix($self, columns, first, count, rows, dtype, /)\n--\n\nRows as one tensor of numbers."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot csv_slots[] = {
    {Py_tp_doc, "An open file of rows."},
    {Py_tp_dealloc, csv_dealloc},
    {Py_tp_methods, csv_methods},
    {0, NULL},
};

static PyType_Spec csv_spec = {
    .name = "swiftnn._C.CSV",
    .basicsize = sizeof(CSVObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = csv_slots,
};

static PyMethodDef csv_functions[] = {
    {"open_csv", open_csv, METH_VARARGS, "open_csv(source, /, *options)\n--\n\nOpens a file of rows."},
    {"save_csv", save_csv, METH_VARARGS,
     "save_csv(path, names, columns, words, delimiter, header, /)\n--\n\nWrites rows; without a path, returns their "
     "text."},
    {NULL, NULL, 0, NULL},
};

int csv_init(PyObject* module) {
  if (add_type(module, &csv_spec, &csv_type) < 0) return -1;
  return PyModule_AddFunctions(module, csv_functions);
}
