// Tokenizers. Python's names for them are in swiftnn/data/text.py.
#include "binding.h"

typedef struct {
  PyObject_HEAD snn_tokenizer* handle;
} TokenizerObject;

static PyTypeObject* tokenizer_type;

static snn_tokenizer* tokenizer_handle(PyObject* self) { return ((TokenizerObject*)self)->handle; }

static PyObject* tokenizer_object(snn_status status, snn_tokenizer* handle, const snn_error* error) {
  if (status != SNN_OK) return raise_error(status, error);
  PyObject* self = PyType_GenericAlloc(tokenizer_type, 0);
  if (self == NULL)
    snn_tokenizer_release(handle);
  else
    ((TokenizerObject*)self)->handle = handle;
  return self;
}

static void tokenizer_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  snn_tokenizer_release(tokenizer_handle(self));
  PyObject_Free(self);
  Py_DECREF(type);
}

// The bytes of a str or of bytes; NULL with an exception.
static const char* text_of(PyObject* object, Py_ssize_t* size) {
  if (PyUnicode_Check(object)) return PyUnicode_AsUTF8AndSize(object, size);
  char* data;
  if (!PyBytes_Check(object)) {
    PyErr_Format(PyExc_TypeError, "text must be str or bytes, not %R", Py_TYPE(object));
    return NULL;
  }
  return PyBytes_AsStringAndSize(object, &data, size) < 0 ? NULL : data;
}

static PyObject* character_tokenizer(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* object;
  const char* unknown;
  Py_ssize_t size;
  if (!PyArg_ParseTuple(args, "Oz:character_tokenizer", &object, &unknown)) return NULL;
  const char* text = text_of(object, &size);
  if (text == NULL) return NULL;
  snn_tokenizer* handle = NULL;
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_tokenizer_characters(text, (size_t)size, unknown, &handle, &error);
  PyEval_RestoreThread(state);
  return tokenizer_object(status, handle, &error);
}

static PyObject* train_tokenizer(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *texts, *special;
  snn_bpe_options options = {.size = sizeof options};
  long long vocabulary, least;
  int space;
  if (!PyArg_ParseTuple(args, "O!LLO!p:train_tokenizer", &PyList_Type, &texts, &vocabulary, &least, &PyList_Type,
                        &special, &space))
    return NULL;
  Call call;
  call_begin(&call);
  size_t count = (size_t)PyList_Size(texts);
  const char** starts = call_block(&call, (count + 1) * sizeof *starts);
  size_t* sizes = call_block(&call, (count + 1) * sizeof *sizes);
  bool converted = starts != NULL && sizes != NULL;
  for (size_t i = 0; converted && i < count; i++) {
    Py_ssize_t size = 0;
    starts[i] = text_of(PyList_GetItem(texts, (Py_ssize_t)i), &size);
    sizes[i] = (size_t)size;
    converted = starts[i] != NULL;
  }
  options.vocabulary = vocabulary;
  options.least = least;
  options.special = converted ? convert_texts(&call, special, "special tokens") : NULL;
  options.special_count = (size_t)PyList_Size(special);
  options.add_prefix_space = space != 0;
  PyObject* result = NULL;
  if (options.special != NULL) {
    snn_tokenizer* handle = NULL;
    snn_error error;
    PyThreadState* state = PyEval_SaveThread();
    snn_status status = snn_tokenizer_train(starts, sizes, count, &options, &handle, &error);
    PyEval_RestoreThread(state);
    result = tokenizer_object(status, handle, &error);
  }
  call_end(&call);
  return result;
}

// merges: None for a tokenizer of characters.
static PyObject* open_tokenizer(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *vocabulary, *merges, *special;
  int space;
  if (!PyArg_ParseTuple(args, "OOO!p:open_tokenizer", &vocabulary, &merges, &PyList_Type, &special, &space))
    return NULL;
  Source first, second = {0};
  if (!source_begin(&first, vocabulary, 0, 0)) return NULL;
  PyObject* result = NULL;
  Call call;
  call_begin(&call);
  if (merges == Py_None || source_begin(&second, merges, 0, 0)) {
    snn_bpe_options options = {.size = sizeof options, .add_prefix_space = space != 0};
    options.special = convert_texts(&call, special, "special tokens");
    options.special_count = (size_t)PyList_Size(special);
    if (options.special != NULL) {
      snn_tokenizer* handle = NULL;
      snn_error error;
      snn_status status =
          snn_tokenizer_open(&first.source, merges == Py_None ? NULL : &second.source, &options, &handle, &error);
      result = tokenizer_object(status, handle, &error);
    }
  }
  call_end(&call);
  source_end(&first);
  source_end(&second);
  return result;
}

static PyObject* tokenizer_save(PyObject* self, PyObject* args) {
  PyObject *vocabulary, *merges, *first = NULL, *second = NULL;
  const char *path, *other = NULL;
  if (!PyArg_ParseTuple(args, "OO:save", &vocabulary, &merges)) return NULL;
  PyObject* result = NULL;
  if (convert_path(vocabulary, &first, &path) && convert_path(merges, &second, &other)) {
    snn_error error;
    result = done(snn_tokenizer_save(tokenizer_handle(self), path, other, &error), &error);
  }
  Py_XDECREF(first);
  Py_XDECREF(second);
  return result;
}

static PyObject* tokenizer_count(PyObject* self, PyObject* unused) {
  (void)unused;
  return PyLong_FromLongLong(snn_tokenizer_count(tokenizer_handle(self)));
}

static PyObject* tokenizer_token(PyObject* self, PyObject* argument) {
  long long number = PyLong_AsLongLong(argument);
  if (number == -1 && PyErr_Occurred()) return NULL;
  void* data = NULL;
  size_t size = 0;
  snn_error error;
  snn_status status = snn_tokenizer_token(tokenizer_handle(self), number, &data, &size, &error);
  return written(status, &error, data, size);
}

static PyObject* tokenizer_find(PyObject* self, PyObject* argument) {
  Py_ssize_t size;
  const char* text = text_of(argument, &size);
  return text == NULL ? NULL : PyLong_FromLongLong(snn_tokenizer_find(tokenizer_handle(self), text, (size_t)size));
}

static PyObject* tokenizer_encode(PyObject* self, PyObject* argument) {
  Py_ssize_t size;
  const char* text = text_of(argument, &size);
  if (text == NULL) return NULL;
  snn_tensor* result = NULL;
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_tokenizer_encode(tokenizer_handle(self), text, (size_t)size, &result, &error);
  PyEval_RestoreThread(state);
  return status != SNN_OK ? raise_error(status, &error) : wrap(result);
}

static PyObject* tokenizer_decode(PyObject* self, PyObject* argument) {
  if (!is_tensor(argument)) return PyErr_Format(PyExc_TypeError, "tokens must be a tensor, not %R", Py_TYPE(argument));
  void* data = NULL;
  size_t size = 0;
  snn_error error;
  snn_status status = snn_tokenizer_decode(tokenizer_handle(self), handle_of(argument), &data, &size, &error);
  return written(status, &error, data, size);
}

static PyObject* token_windows(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *tokens, *list;
  long long length;
  if (!PyArg_ParseTuple(args, "O!LO!:token_windows", tensor_type, &tokens, &length, &PyList_Type, &list)) return NULL;
  Call call;
  call_begin(&call);
  Py_ssize_t count = PyList_Size(list);
  int64_t* places = call_block(&call, (size_t)(count + 1) * sizeof *places);
  for (Py_ssize_t i = 0; places != NULL && i < count; i++) places[i] = PyLong_AsLongLong(PyList_GetItem(list, i));
  PyObject* result = NULL;
  if (places != NULL && !PyErr_Occurred()) {
    snn_tensor* results[2] = {NULL, NULL};
    snn_error error;
    snn_status status =
        snn_token_windows(handle_of(tokens), length, places, (size_t)count, &results[0], &results[1], &error);
    result = status != SNN_OK ? raise_error(status, &error) : wrap_all(results, 2);
  }
  call_end(&call);
  return result;
}

static PyMethodDef tokenizer_methods[] = {
    {"save", tokenizer_save, METH_VARARGS, "save($self, vocabulary, merges, /)\n--\n\nWrites its files."},
    {"count", tokenizer_count, METH_NOARGS, "count($self)\n--\n\nThe number of tokens."},
    {"token", tokenizer_token, METH_O, "token($self, number, /)\n--\n\nThe bytes of a token."},
    {"find", tokenizer_find, METH_O, "find($self, token, /)\n--\n\nThe number of a token, or -1."},
    {"encode", tokenizer_encode, METH_O, "encode($self, text, /)\n--\n\nThe numbers of a text."},
    {"decode", tokenizer_decode, METH_O, "decode($self, tokens, /)\n--\n\nThe bytes that were encoded."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot tokenizer_slots[] = {
    {Py_tp_doc, "Text as numbers and back."},
    {Py_tp_dealloc, tokenizer_dealloc},
    {Py_tp_methods, tokenizer_methods},
    {0, NULL},
};

static PyType_Spec tokenizer_spec = {
    .name = "swiftnn._C.Tokenizer",
    .basicsize = sizeof(TokenizerObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = tokenizer_slots,
};

static PyMethodDef tokenizer_functions[] = {
    {"character_tokenizer", character_tokenizer, METH_VARARGS,
     "character_tokenizer(text, unknown, /)\n--\n\nA number for each character of a text."},
    {"train_tokenizer", train_tokenizer, METH_VARARGS,
     "train_tokenizer(texts, vocab_size, min_frequency, special_tokens, add_prefix_space, /)\n--\n\nLearns pairs of "
     "bytes."},
    {"open_tokenizer", open_tokenizer, METH_VARARGS,
     "open_tokenizer(vocabulary, merges, special_tokens, add_prefix_space, /)\n--\n\nOpens what save wrote."},
    {"token_windows", token_windows, METH_VARARGS,
     "token_windows(tokens, length, places, /)\n--\n\nPieces of a row of tokens, and those one further."},
    {NULL, NULL, 0, NULL},
};

int tokenizer_init(PyObject* module) {
  if (add_type(module, &tokenizer_spec, &tokenizer_type) < 0) return -1;
  return PyModule_AddFunctions(module, tokenizer_functions);
}
