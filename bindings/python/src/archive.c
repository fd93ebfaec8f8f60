// Open files of tensors and values, and writing them.
#include <stdlib.h>
#include <string.h>

#include "binding.h"

typedef struct {
  PyObject_HEAD snn_archive* handle;
} ArchiveObject;

static PyTypeObject* archive_type;

static snn_archive* archive_handle(PyObject* self) { return ((ArchiveObject*)self)->handle; }

PyObject* archive_object(snn_status status, snn_archive* handle, const snn_error* error) {
  if (status != SNN_OK) return raise_error(status, error);
  ArchiveObject* self = (ArchiveObject*)PyType_GenericAlloc(archive_type, 0);
  if (self == NULL) {
    snn_archive_release(handle);
    return NULL;
  }
  self->handle = handle;
  return (PyObject*)self;
}

static PyObject* open_archive(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* path;
  int mapped;
  if (!PyArg_ParseTuple(args, "O&p:open_archive", PyUnicode_FSConverter, &path, &mapped)) return NULL;
  const char* name = PyBytes_AsString(path);
  snn_archive* handle = NULL;
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_archive_open(name, mapped != 0, &handle, &error);
  PyEval_RestoreThread(state);
  Py_DECREF(path);
  return archive_object(status, handle, &error);
}

static PyObject* parse_archive(PyObject* module, PyObject* data) {
  (void)module;
  Py_buffer view;
  if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0) return NULL;
  snn_archive* handle = NULL;
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_archive_parse(view.buf, (size_t)view.len, &handle, &error);
  PyEval_RestoreThread(state);
  PyBuffer_Release(&view);
  return archive_object(status, handle, &error);
}

static void archive_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  snn_archive_release(archive_handle(self));
  PyObject_Free(self);
  Py_DECREF(type);
}

static PyObject* archive_entries(PyObject* self, PyObject* unused) {
  (void)unused;
  int32_t count = snn_archive_count(archive_handle(self));
  PyObject* list = PyList_New(count);
  for (int32_t i = 0; list != NULL && i < count; i++) {
    snn_archived entry;
    snn_error error;
    snn_status status = snn_archive_at(archive_handle(self), i, &entry, &error);
    PyObject* shape = status == SNN_OK ? PyList_New(entry.rank) : raise_error(status, &error);
    for (int32_t k = 0; shape != NULL && k < entry.rank; k++) {
      PyObject* size = PyLong_FromLongLong(entry.sizes[k]);
      if (size == NULL || PyList_SetItem(shape, k, size) < 0) Py_CLEAR(shape);
    }
    PyObject* item = shape == NULL ? NULL : Py_BuildValue("(ssN)", entry.name, entry.dtype_name, shape);
    if (item == NULL || PyList_SetItem(list, i, item) < 0) Py_CLEAR(list);
  }
  return list;
}

static PyObject* tensor_at(const snn_archive* archive, int64_t index) {
  snn_tensor* handle = NULL;
  snn_error error;
  snn_status status = snn_archive_tensor(archive, (int32_t)index, &handle, &error);
  return status != SNN_OK ? raise_error(status, &error) : wrap(handle);
}

static PyObject* archive_tensor(PyObject* self, PyObject* argument) {
  long index = PyLong_AsLong(argument);
  if (index == -1 && PyErr_Occurred()) return NULL;
  return tensor_at(archive_handle(self), index);
}

static PyObject* archive_metadata(PyObject* self, PyObject* unused) {
  (void)unused;
  const char *key, *value;
  PyObject* words = PyDict_New();
  for (int32_t i = 0; words != NULL && snn_archive_metadata(archive_handle(self), i, &key, &value); i++) {
    PyObject* text = PyUnicode_FromString(value);
    if (text == NULL || PyDict_SetItemString(words, key, text) < 0) Py_CLEAR(words);
    Py_XDECREF(text);
  }
  return words;
}

// ---- Values: from an archive to Python

typedef struct {
  const snn_archive* archive;
  PyObject* parameter;  // the class of parameters
  PyObject* known;      // objects by position: what stands in two places is one object
} Reading;

static PyObject* value_at(Reading* reading, int64_t position);

static PyObject* new_members(Reading* reading, const snn_node* node) {
  bool is_tuple = node->kind == SNN_KIND_TUPLE;
  PyObject* members = is_tuple ? PyTuple_New((Py_ssize_t)node->count) : PyList_New((Py_ssize_t)node->count);
  for (int64_t i = 0; members != NULL && i < node->count; i++) {
    PyObject* value = value_at(reading, node->as.members[i]);
    if (value == NULL) {
      Py_CLEAR(members);
    } else if (is_tuple) {
      PyTuple_SetItem(members, (Py_ssize_t)i, value);
    } else {
      PyList_SetItem(members, (Py_ssize_t)i, value);
    }
  }
  return members;
}

static PyObject* new_dict(Reading* reading, const snn_node* node) {
  PyObject* dict = PyDict_New();
  for (int64_t i = 0; dict != NULL && i + 1 < node->count; i += 2) {
    PyObject* key = value_at(reading, node->as.members[i]);
    PyObject* value = key == NULL ? NULL : value_at(reading, node->as.members[i + 1]);
    if (value == NULL || PyDict_SetItem(dict, key, value) < 0) Py_CLEAR(dict);
    Py_XDECREF(key);
    Py_XDECREF(value);
  }
  return dict;
}

static PyObject* new_tensor(Reading* reading, const snn_node* node) {
  PyObject* tensor = tensor_at(reading->archive, node->as.i);
  if (tensor == NULL || !node->is_parameter) return tensor;
  PyObject* learned = snn_tensor_requires_grad(handle_of(tensor)) ? Py_True : Py_False;
  PyObject* parameter = PyObject_CallFunctionObjArgs(reading->parameter, tensor, learned, NULL);
  Py_DECREF(tensor);
  return parameter;
}

static PyObject* new_value(Reading* reading, const snn_node* node) {
  switch (node->kind) {
    case SNN_KIND_BOOL:
      return PyBool_FromLong(node->as.i != 0);
    case SNN_KIND_INT:
      return PyLong_FromLongLong(node->as.i);
    case SNN_KIND_FLOAT:
      return PyFloat_FromDouble(node->as.f);
    case SNN_KIND_STRING:
      return PyUnicode_FromStringAndSize(node->as.s, (Py_ssize_t)node->count);
    case SNN_KIND_DTYPE:
      return dtype_object((snn_dtype)node->as.i);
    case SNN_KIND_TENSOR:
      return new_tensor(reading, node);
    case SNN_KIND_LIST:
    case SNN_KIND_TUPLE:
      return new_members(reading, node);
    case SNN_KIND_DICT:
      return new_dict(reading, node);
    default:
      return Py_NewRef(Py_None);
  }
}

static PyObject* value_at(Reading* reading, int64_t position) {
  PyObject* key = PyLong_FromLongLong(position);
  if (key == NULL) return NULL;
  PyObject* value = Py_XNewRef(PyDict_GetItemWithError(reading->known, key));
  if (value == NULL && !PyErr_Occurred()) {
    snn_node node;
    snn_error error;
    snn_status status = snn_archive_node(reading->archive, position, &node, &error);
    value = status != SNN_OK ? raise_error(status, &error) : new_value(reading, &node);
    if (value != NULL && PyDict_SetItem(reading->known, key, value) < 0) Py_CLEAR(value);
  }
  Py_DECREF(key);
  return value;
}

static PyObject* archive_value(PyObject* self, PyObject* parameter) {
  Reading reading = {archive_handle(self), parameter, PyDict_New()};
  if (reading.known == NULL) return NULL;
  PyObject* value = value_at(&reading, snn_archive_root(reading.archive));
  Py_DECREF(reading.known);
  return value;
}

// ---- Values: from Python to nodes

typedef struct {
  PyObject* parameter;
  PyObject* kept;  // a list of the objects whose memory the nodes show
  snn_node* nodes;
  int64_t count, capacity;
} Writing;

static int64_t add_node(Writing* writing, PyObject* object);

// The place of a new node; -1 with an exception.
static int64_t new_node(Writing* writing) {
  if (writing->count == writing->capacity) {
    int64_t capacity = writing->capacity == 0 ? 64 : 2 * writing->capacity;
    snn_node* nodes = realloc(writing->nodes, (size_t)capacity * sizeof *nodes);
    if (nodes == NULL) {
      PyErr_NoMemory();
      return -1;
    }
    writing->nodes = nodes;
    writing->capacity = capacity;
  }
  memset(&writing->nodes[writing->count], 0, sizeof(snn_node));
  return writing->count++;
}

// Nodes of the members of a tuple or of the items of a dict, taken one after the other.
static bool add_members(Writing* writing, int64_t place, PyObject* sequence, int width) {
  Py_ssize_t count = PyList_Size(sequence);
  int64_t* members = malloc((size_t)(count * width + 1) * sizeof *members);
  if (members == NULL) {
    PyErr_NoMemory();
    return false;
  }
  writing->nodes[place].as.members = members;
  writing->nodes[place].count = count * width;
  for (Py_ssize_t i = 0; i < count; i++) {
    PyObject* item = PyList_GetItem(sequence, i);
    for (int part = 0; part < width; part++) {
      int64_t member = add_node(writing, width == 1 ? item : PyTuple_GetItem(item, part));
      if (member < 0) return false;
      members[i * width + part] = member;
    }
  }
  return true;
}

static bool add_container(Writing* writing, int64_t place, PyObject* object) {
  bool is_dict = PyDict_Check(object);
  writing->nodes[place].kind = is_dict ? SNN_KIND_DICT : PyTuple_Check(object) ? SNN_KIND_TUPLE : SNN_KIND_LIST;
  PyObject* items = is_dict ? PyDict_Items(object) : PySequence_List(object);
  if (items == NULL) return false;
  bool added = PyList_Append(writing->kept, items) == 0 && add_members(writing, place, items, is_dict ? 2 : 1);
  Py_DECREF(items);
  return added;
}

static bool fill_node(Writing* writing, int64_t place, PyObject* object) {
  snn_node* node = &writing->nodes[place];
  if (object == Py_None) return true;
  if (PyBool_Check(object)) {
    node->kind = SNN_KIND_BOOL;
    node->as.i = object == Py_True;
  } else if (PyLong_Check(object)) {
    node->kind = SNN_KIND_INT;
    node->as.i = PyLong_AsLongLong(object);
    return !(node->as.i == -1 && PyErr_Occurred());
  } else if (PyFloat_Check(object)) {
    node->kind = SNN_KIND_FLOAT;
    node->as.f = PyFloat_AsDouble(object);
  } else if (PyUnicode_Check(object)) {
    Py_ssize_t length;
    node->kind = SNN_KIND_STRING;
    node->as.s = PyUnicode_AsUTF8AndSize(object, &length);
    node->count = length;
    return node->as.s != NULL;
  } else if (is_tensor(object)) {
    int is_parameter = PyObject_IsInstance(object, writing->parameter);
    if (is_parameter < 0) return false;
    node->kind = SNN_KIND_TENSOR;
    node->is_parameter = is_parameter;
    node->as.tensor = handle_of(object);
  } else if (PyList_Check(object) || PyTuple_Check(object) || PyDict_Check(object)) {
    return add_container(writing, place, object);
  } else if (Py_TYPE(object) == dtype_type) {
    node->kind = SNN_KIND_DTYPE;
    node->as.i = (int64_t)((DtypeObject*)object)->value;
  } else {
    PyErr_Format(PyExc_TypeError,
                 "save: only tensors, numbers, strings, None and lists, tuples and dicts of them can be saved, got %R",
                 Py_TYPE(object));
    return false;
  }
  return true;
}

static int64_t add_node(Writing* writing, PyObject* object) {
  if (Py_EnterRecursiveCall(" while saving")) return -1;
  int64_t place = new_node(writing);
  if (place >= 0 && !fill_node(writing, place, object)) place = -1;
  Py_LeaveRecursiveCall();
  return place;
}

PyObject* written(snn_status status, const snn_error* error, void* data, size_t size) {
  if (status != SNN_OK) return raise_error(status, error);
  if (data == NULL) Py_RETURN_NONE;
  PyObject* bytes = PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
  snn_free(data);
  return bytes;
}

bool convert_path(PyObject* object, PyObject** bytes, const char** path) {
  *bytes = NULL;
  *path = NULL;
  if (object == Py_None) return true;
  if (!PyUnicode_FSConverter(object, bytes)) return false;
  *path = PyBytes_AsString(*bytes);
  return true;
}

static PyObject* save_value(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *target, *object, *parameter, *path_bytes;
  const char* path;
  if (!PyArg_ParseTuple(args, "OOO:save_value", &target, &object, &parameter)) return NULL;
  if (!convert_path(target, &path_bytes, &path)) return NULL;
  Writing writing = {.parameter = parameter, .kept = PyList_New(0)};
  PyObject* result = NULL;
  if (writing.kept != NULL && add_node(&writing, object) >= 0) {
    void* data = NULL;
    size_t size = 0;
    snn_error error;
    PyThreadState* state = PyEval_SaveThread();
    snn_status status = snn_save_nodes(path, writing.nodes, (size_t)writing.count, &data, &size, &error);
    PyEval_RestoreThread(state);
    result = written(status, &error, data, size);
  }
  for (int64_t i = 0; i < writing.count; i++) {
    int32_t kind = writing.nodes[i].kind;
    if (kind == SNN_KIND_LIST || kind == SNN_KIND_TUPLE || kind == SNN_KIND_DICT)
      free((void*)writing.nodes[i].as.members);
  }
  free(writing.nodes);
  Py_XDECREF(writing.kept);
  Py_XDECREF(path_bytes);
  return result;
}

static const char* word_of(PyObject* object, const char* what) {
  if (PyUnicode_Check(object)) return PyUnicode_AsUTF8AndSize(object, NULL);
  PyErr_Format(PyExc_TypeError, "argument '%s': %R object is not an instance of 'str'", what, Py_TYPE(object));
  return NULL;
}

// The keys and, for words, the values of the items of a dict.
const char** convert_words(Call* call, PyObject* items, bool with_values, const char* what) {
  Py_ssize_t count = PyList_Size(items);
  int width = with_values ? 2 : 1;
  const char** words = call_block(call, (size_t)(count * width + 1) * sizeof *words);
  for (Py_ssize_t i = 0; words != NULL && i < count * width; i++) {
    words[i] = word_of(PyTuple_GetItem(PyList_GetItem(items, i / width), i % width), what);
    if (words[i] == NULL) return NULL;
  }
  return words;
}

static PyObject* save_all(Call* call, const char* path, PyObject* tensors, PyObject* metadata) {
  PyObject* items = PyDict_Items(tensors);
  if (!call_own(call, items)) return NULL;
  PyObject* values = PyDict_Values(tensors);
  if (!call_own(call, values)) return NULL;
  size_t count;
  snn_tensor** handles = convert_handles(call, values, false, &count, "the values");
  const char** names = handles == NULL ? NULL : convert_words(call, items, false, "tensor_dict");
  if (names == NULL) return NULL;
  const char** words = NULL;
  Py_ssize_t word_count = 0;
  if (metadata != Py_None) {
    PyObject* pairs = PyDict_Items(metadata);
    if (!call_own(call, pairs)) return NULL;
    word_count = PyList_Size(pairs);
    words = convert_words(call, pairs, true, "metadata");
    if (words == NULL) return NULL;
  }
  void* data = NULL;
  size_t size = 0;
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_save_tensors(path, names, handles, count, words, (size_t)word_count, &data, &size, &error);
  PyEval_RestoreThread(state);
  return written(status, &error, data, size);
}

static PyObject* save_tensors(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *target, *tensors, *metadata, *path_bytes;
  const char* path;
  if (!PyArg_ParseTuple(args, "OO!O:save_tensors", &target, &PyDict_Type, &tensors, &metadata)) return NULL;
  if (!convert_path(target, &path_bytes, &path)) return NULL;
  Call call;
  call_begin(&call);
  PyObject* result = save_all(&call, path, tensors, metadata);
  call_end(&call);
  Py_XDECREF(path_bytes);
  return result;
}

static PyMethodDef archive_methods[] = {
    {"entries", archive_entries, METH_NOARGS, "entries($self)\n--\n\nName, type and shape of every tensor."},
    {"tensor", archive_tensor, METH_O, "tensor($self, index, /)\n--\n\nA tensor over the memory of the file."},
    {"metadata", archive_metadata, METH_NOARGS, "metadata($self)\n--\n\nThe words beside the tensors."},
    {"value", archive_value, METH_O,
     "value($self, parameter, /)\n--\n\nAll values, with parameters made by `parameter`."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot archive_slots[] = {
    {Py_tp_doc, "An open file of tensors and values."},
    {Py_tp_dealloc, archive_dealloc},
    {Py_tp_methods, archive_methods},
    {0, NULL},
};

static PyType_Spec archive_spec = {
    .name = "swiftnn._C.Archive",
    .basicsize = sizeof(ArchiveObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = archive_slots,
};

static PyMethodDef archive_functions[] = {
    {"open_archive", open_archive, METH_VARARGS, "open_archive(path, mapped, /)\n--\n\nOpens a file."},
    {"parse_archive", parse_archive, METH_O, "parse_archive(data, /)\n--\n\nThe same for the bytes of a file."},
    {"save_value", save_value, METH_VARARGS,
     "save_value(path, value, parameter, /)\n--\n\nWrites a checkpoint; without a path, returns its bytes."},
    {"save_tensors", save_tensors, METH_VARARGS,
     "save_tensors(path, tensors, metadata, /)\n--\n\nWrites safetensors; without a path, returns their bytes."},
    {NULL, NULL, 0, NULL},
};

int archive_init(PyObject* module) {
  if (add_type(module, &archive_spec, &archive_type) < 0) return -1;
  return PyModule_AddFunctions(module, archive_functions);
}
