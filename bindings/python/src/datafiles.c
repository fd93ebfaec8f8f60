// Files of arrays and pictures. Python's names for them are in swiftnn/data.
#include "binding.h"

bool source_begin(Source* source, PyObject* object, int mapped, unsigned long long limit) {
  *source = (Source){.source = {.size = sizeof(snn_source), .mapped = mapped != 0, .limit = limit}};
  if (PyUnicode_Check(object) || PyObject_HasAttrString(object, "__fspath__")) {
    if (!PyUnicode_FSConverter(object, &source->path)) return false;
    source->source.path = PyBytes_AsString(source->path);
    return true;
  }
  if (PyObject_GetBuffer(object, &source->view, PyBUF_SIMPLE) < 0) return false;
  source->has_view = true;
  source->source.data = source->view.buf;
  source->source.data_size = (size_t)source->view.len;
  return true;
}

void source_end(Source* source) {
  Py_XDECREF(source->path);
  if (source->has_view) PyBuffer_Release(&source->view);
}

const char** convert_texts(Call* call, PyObject* list, const char* what) {
  Py_ssize_t count = PyList_Size(list);
  const char** texts = call_block(call, (size_t)(count + 1) * sizeof *texts);
  for (Py_ssize_t i = 0; texts != NULL && i < count; i++) {
    PyObject* item = PyList_GetItem(list, i);
    if (!PyUnicode_Check(item)) {
      PyErr_Format(PyExc_TypeError, "%s must be str, not %R", what, Py_TYPE(item));
      return NULL;
    }
    texts[i] = PyUnicode_AsUTF8AndSize(item, NULL);
    if (texts[i] == NULL) return NULL;
  }
  return texts;
}

static PyObject* read_archive(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* object;
  int mapped;
  unsigned long long limit;
  Source source;
  if (!PyArg_ParseTuple(args, "OpK:read_archive", &object, &mapped, &limit)) return NULL;
  if (!source_begin(&source, object, mapped, limit)) return NULL;
  snn_archive* handle = NULL;
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_archive_read(&source.source, &handle, &error);
  PyEval_RestoreThread(state);
  source_end(&source);
  return archive_object(status, handle, &error);
}

static PyObject* save_npy(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *target, *tensor, *bytes;
  const char* path;
  if (!PyArg_ParseTuple(args, "OO!:save_npy", &target, tensor_type, &tensor)) return NULL;
  if (!convert_path(target, &bytes, &path)) return NULL;
  void* data = NULL;
  size_t size = 0;
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_save_npy(path, handle_of(tensor), &data, &size, &error);
  PyEval_RestoreThread(state);
  Py_XDECREF(bytes);
  return written(status, &error, data, size);
}

static PyObject* save_npz(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *target, *tensors, *bytes;
  const char* path;
  if (!PyArg_ParseTuple(args, "OO!:save_npz", &target, &PyDict_Type, &tensors)) return NULL;
  if (!convert_path(target, &bytes, &path)) return NULL;
  Call call;
  call_begin(&call);
  size_t count, size = 0;
  void* data = NULL;
  PyObject *result = NULL, *items = PyDict_Items(tensors), *values = PyDict_Values(tensors);
  bool owned = call_own(&call, items) & call_own(&call, values);
  snn_tensor** handles = owned ? convert_handles(&call, values, false, &count, "the arrays") : NULL;
  const char** names = handles == NULL ? NULL : convert_words(&call, items, false, "the names");
  if (names != NULL) {
    snn_error error;
    PyThreadState* state = PyEval_SaveThread();
    snn_status status = snn_save_npz(path, names, handles, count, &data, &size, &error);
    PyEval_RestoreThread(state);
    result = written(status, &error, data, size);
  }
  call_end(&call);
  Py_XDECREF(bytes);
  return result;
}

static PyObject* read_idx(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* object;
  int mapped;
  unsigned long long limit;
  Source source;
  if (!PyArg_ParseTuple(args, "OpK:read_idx", &object, &mapped, &limit)) return NULL;
  if (!source_begin(&source, object, mapped, limit)) return NULL;
  snn_tensor* result = NULL;
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_read_idx(&source.source, &result, &error);
  PyEval_RestoreThread(state);
  source_end(&source);
  return status != SNN_OK ? raise_error(status, &error) : wrap(result);
}

// Pictures, labels, and for 100 classes the coarse labels.
static PyObject* read_cifar(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* object;
  int classes, mapped;
  Source source;
  if (!PyArg_ParseTuple(args, "Oip:read_cifar", &object, &classes, &mapped)) return NULL;
  if (!source_begin(&source, object, mapped, 0)) return NULL;
  snn_tensor* results[3] = {NULL, NULL, NULL};
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_read_cifar(&source.source, classes, &results[0], &results[1], &results[2], &error);
  PyEval_RestoreThread(state);
  source_end(&source);
  return status != SNN_OK ? raise_error(status, &error) : wrap_all(results, classes == 100 ? 3 : 2);
}

static PyMethodDef datafiles_functions[] = {
    {"read_archive", read_archive, METH_VARARGS,
     "read_archive(source, mapped, limit, /)\n--\n\nOpens a file of arrays, or the bytes of one."},
    {"save_npy", save_npy, METH_VARARGS,
     "save_npy(path, tensor, /)\n--\n\nWrites an array; without a path, returns its bytes."},
    {"save_npz", save_npz, METH_VARARGS,
     "save_npz(path, tensors, /)\n--\n\nWrites arrays by name; without a path, returns their bytes."},
    {"read_idx", read_idx, METH_VARARGS, "read_idx(source, mapped, limit, /)\n--\n\nReads a file of MNIST."},
    {"read_cifar", read_cifar, METH_VARARGS, "read_cifar(source, classes, mapped, /)\n--\n\nReads a file of CIFAR."},
    {NULL, NULL, 0, NULL},
};

int datafiles_init(PyObject* module) { return PyModule_AddFunctions(module, datafiles_functions); }
