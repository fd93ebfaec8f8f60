// Handles of datasets, augmentations, loaders and splits. The Python classes around them are made in
// swiftnn/utils/data.
#include <string.h>

#include "binding.h"

enum { MOST_PARTS = 64 };

typedef struct {
  PyObject_HEAD snn_dataset* handle;
} DatasetObject;
typedef struct {
  PyObject_HEAD snn_augmentation* handle;
} AugmentationObject;
typedef struct {
  PyObject_HEAD snn_loader* handle;
  bool busy;  // a thread without the GIL is in the engine
} LoaderObject;
typedef struct {
  PyObject_HEAD snn_splits* handle;
} SplitsObject;

static PyTypeObject *dataset_type, *augmentation_type, *loader_type, *splits_type;

static snn_dataset* dataset_handle(PyObject* self) { return ((DatasetObject*)self)->handle; }

#define WRAP(name, Object)                                                                        \
  static PyObject* name##_object(snn_status status, snn_##name* handle, const snn_error* error) { \
    if (status != SNN_OK) return raise_error(status, error);                                      \
    Object* self = (Object*)PyType_GenericAlloc(name##_type, 0);                                  \
    if (self == NULL) {                                                                           \
      snn_##name##_release(handle);                                                               \
    } else {                                                                                      \
      self->handle = handle;                                                                      \
    }                                                                                             \
    return (PyObject*)self;                                                                       \
  }                                                                                               \
  static void name##_dealloc(PyObject* self) {                                                    \
    PyTypeObject* type = Py_TYPE(self);                                                           \
    /* Threads that end may wait for the GIL. */                                                  \
    PyThreadState* state = PyEval_SaveThread();                                                   \
    snn_##name##_release(((Object*)self)->handle);                                                \
    PyEval_RestoreThread(state);                                                                  \
    PyObject_Free(self);                                                                          \
    Py_DECREF(type);                                                                              \
  }

WRAP(dataset, DatasetObject)
WRAP(augmentation, AugmentationObject)
WRAP(loader, LoaderObject)
WRAP(splits, SplitsObject)

// The elements of a contiguous tensor of one axis, or none for None; false with an exception.
static bool elements(PyObject* object, snn_dtype dtype, const void** data, size_t* count) {
  *data = NULL;
  *count = 0;
  if (object == Py_None) return true;
  snn_tensor* tensor = is_tensor(object) ? handle_of(object) : NULL;
  if (tensor == NULL || snn_tensor_dtype(tensor) != dtype || snn_tensor_rank(tensor) != 1 ||
      (snn_tensor_count(tensor) > 1 && snn_tensor_strides(tensor)[0] != 1)) {
    PyErr_Format(PyExc_TypeError, "expected a contiguous tensor of one axis of dtype %s", snn_dtype_name(dtype));
    return false;
  }
  *data = snn_tensor_data(tensor);
  *count = (size_t)snn_tensor_count(tensor);
  return true;
}

static PyObject* tensor_of_numbers(const int64_t* numbers, size_t count) {
  snn_tensor* tensor = NULL;
  snn_error error;
  int64_t size = (int64_t)count;
  snn_status status = snn_tensor_new(SNN_INT64, 1, &size, count == 0 ? NULL : numbers, &tensor, &error);
  return status != SNN_OK ? raise_error(status, &error) : wrap(tensor);
}

// ---- Datasets

static PyObject* dataset_from_tensors(PyObject* module, PyObject* tensors) {
  (void)module;
  Call call;
  call_begin(&call);
  size_t count;
  PyObject* result = NULL;
  snn_tensor** handles = convert_handles(&call, tensors, false, &count, "tensors");
  if (handles != NULL) {
    snn_dataset* handle = NULL;
    snn_error error;
    snn_status status = snn_dataset_from_tensors(handles, count, &handle, &error);
    result = dataset_object(status, handle, &error);
  }
  call_end(&call);
  return result;
}

static PyObject* dataset_windows(PyObject* module, PyObject* args) {
  (void)module;
  PyObject* sequence;
  long long length, step, offset;
  if (!PyArg_ParseTuple(args, "O!LLL:dataset_windows", tensor_type, &sequence, &length, &step, &offset)) return NULL;
  snn_dataset* handle = NULL;
  snn_error error;
  snn_status status = snn_dataset_windows(handle_of(sequence), length, step, offset, &handle, &error);
  return dataset_object(status, handle, &error);
}

static PyObject* dataset_subset(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *dataset, *list;
  const void* numbers;
  size_t count;
  if (!PyArg_ParseTuple(args, "O!O:dataset_subset", dataset_type, &dataset, &list) ||
      !elements(list, SNN_INT64, &numbers, &count))
    return NULL;
  snn_dataset* handle = NULL;
  snn_error error;
  snn_status status = snn_dataset_subset(dataset_handle(dataset), numbers, count, &handle, &error);
  return dataset_object(status, handle, &error);
}

static PyObject* join(PyObject* list, snn_status (*function)(snn_dataset* const*, size_t, snn_dataset**, snn_error*)) {
  if (!PyList_Check(list)) return PyErr_Format(PyExc_TypeError, "expected a list of datasets, not %R", Py_TYPE(list));
  Call call;
  call_begin(&call);
  Py_ssize_t count = PyList_Size(list);
  snn_dataset** handles = call_block(&call, (size_t)(count + 1) * sizeof *handles);
  PyObject* result = NULL;
  Py_ssize_t i = 0;
  for (; handles != NULL && i < count && PyObject_TypeCheck(PyList_GetItem(list, i), dataset_type); i++)
    handles[i] = dataset_handle(PyList_GetItem(list, i));
  if (handles != NULL && i < count) {
    PyErr_Format(PyExc_TypeError, "expected a dataset of the engine, not %R", Py_TYPE(PyList_GetItem(list, i)));
  } else if (handles != NULL) {
    snn_dataset* handle = NULL;
    snn_error error;
    snn_status status = function(handles, (size_t)count, &handle, &error);
    result = dataset_object(status, handle, &error);
  }
  call_end(&call);
  return result;
}

static PyObject* dataset_concat(PyObject* module, PyObject* list) {
  (void)module;
  return join(list, snn_dataset_concat);
}

static PyObject* dataset_stack(PyObject* module, PyObject* list) {
  (void)module;
  return join(list, snn_dataset_stack);
}

static PyObject* dataset_examples(PyObject* self, PyObject* list) {
  const void* numbers;
  size_t count, made = 0;
  if (!elements(list, SNN_INT64, &numbers, &count)) return NULL;
  snn_tensor* parts[MOST_PARTS];
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_dataset_examples(dataset_handle(self), numbers, count, parts, MOST_PARTS, &made, &error);
  PyEval_RestoreThread(state);
  return status != SNN_OK ? raise_error(status, &error) : wrap_all(parts, made);
}

static PyObject* dataset_count(PyObject* self, void* unused) {
  (void)unused;
  return PyLong_FromLongLong(snn_dataset_count(dataset_handle(self)));
}

// ---- Augmentations

static PyObject* new_augmentation(PyObject* module, PyObject* args) {
  (void)module;
  const char* name;
  PyObject *positional, *keywords;
  if (!PyArg_ParseTuple(args, "sO!O!:new_augmentation", &name, &PyTuple_Type, &positional, &PyDict_Type, &keywords))
    return NULL;
  const Overload* overload = overloads_of(SNN_AUGMENTATIONS, name);
  if (overload == NULL) return NULL;
  Call call;
  call_begin(&call);
  PyObject* result = NULL;
  if (bind_made(&call, overload, positional, keywords)) {
    snn_augmentation* handle = NULL;
    snn_error error;
    snn_status status = snn_augmentation_new(overload->entry->id, call.values, call.count, &handle, &error);
    result = augmentation_object(status, handle, &error);
  }
  call_end(&call);
  return result;
}

static PyObject* augmentation_apply(PyObject* self, PyObject* args) {
  PyObject *batch, *generator;
  if (!PyArg_ParseTuple(args, "OO:apply", &batch, &generator)) return NULL;
  if (generator != Py_None && !PyObject_TypeCheck(generator, generator_type))
    return PyErr_Format(PyExc_TypeError, "expected a generator, not %R", Py_TYPE(generator));
  Call call;
  call_begin(&call);
  size_t count;
  PyObject* result = NULL;
  snn_tensor** handles = convert_handles(&call, batch, false, &count, "batch");
  snn_tensor** results = handles == NULL ? NULL : call_block(&call, (count + 1) * sizeof *results);
  if (results != NULL) {
    snn_generator* source = generator == Py_None ? NULL : generator_handle(generator);
    snn_augmentation* handle = ((AugmentationObject*)self)->handle;
    snn_error error;
    PyThreadState* state = PyEval_SaveThread();
    snn_status status = snn_augmentation_apply(handle, handles, count, source, results, &error);
    PyEval_RestoreThread(state);
    result = status != SNN_OK ? raise_error(status, &error) : wrap_all(results, count);
  }
  call_end(&call);
  return result;
}

// ---- Loaders

static snn_augmentation** augmentation_handles(Call* call, PyObject* list) {
  Py_ssize_t count = PyList_Size(list);
  snn_augmentation** handles = call_block(call, (size_t)(count + 1) * sizeof *handles);
  for (Py_ssize_t i = 0; handles != NULL && i < count; i++) {
    PyObject* item = PyList_GetItem(list, i);
    if (!PyObject_TypeCheck(item, augmentation_type)) {
      PyErr_Format(PyExc_TypeError, "expected an augmentation, not %R", Py_TYPE(item));
      return NULL;
    }
    handles[i] = ((AugmentationObject*)item)->handle;
  }
  return handles;
}

static PyObject* new_loader(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *dataset, *numbers, *labels, *sizes, *augmentations;
  long long batch_size, count, pacing_epochs;
  unsigned long long seed;
  int once;
  snn_loader_options options = {.size = sizeof options};
  if (!PyArg_ParseTuple(args, "O!LiiKLOOpidLO!Oii:new_loader", dataset_type, &dataset, &batch_size, &options.sampling,
                        &options.ending, &seed, &count, &numbers, &labels, &once, &options.pacing,
                        &options.pacing_start, &pacing_epochs, &PyList_Type, &augmentations, &sizes, &options.workers,
                        &options.prefetch))
    return NULL;
  options.batch_size = batch_size;
  options.count = count;
  options.pacing_epochs = pacing_epochs;
  options.seed = seed;
  options.once = once != 0;
  if (!elements(numbers, SNN_FLOAT64, (const void**)&options.numbers, &options.number_count) ||
      !elements(labels, SNN_INT64, (const void**)&options.labels, &options.label_count) ||
      !elements(sizes, SNN_INT64, (const void**)&options.image_sizes, &options.image_size_count))
    return NULL;
  Call call;
  call_begin(&call);
  PyObject* result = NULL;
  options.augmentations = augmentation_handles(&call, augmentations);
  options.augmentation_count = (size_t)PyList_Size(augmentations);
  if (options.augmentations != NULL) {
    snn_loader* handle = NULL;
    snn_error error;
    snn_status status = snn_loader_new(dataset_handle(dataset), &options, &handle, &error);
    result = loader_object(status, handle, &error);
  }
  call_end(&call);
  return result;
}

// The object of Python has the methods next, begin, state, load and count.
static snn_status run_next(void* user, snn_tensor** parts, size_t capacity, size_t* part_count) {
  PyGILState_STATE state = PyGILState_Ensure();
  PyObject* batch = PyObject_CallMethod(user, "next", NULL);
  snn_status status = batch == NULL ? SNN_ERROR_CALLBACK : SNN_OK;
  size_t count = 0;
  if (batch != NULL && batch != Py_None && !PyTuple_Check(batch)) {
    PyErr_Format(PyExc_TypeError, "a batch must be a tuple of tensors, not %R", Py_TYPE(batch));
    status = SNN_ERROR_CALLBACK;
  }
  for (Py_ssize_t i = 0; status == SNN_OK && batch != Py_None && i < PyTuple_Size(batch); i++) {
    PyObject* part = PyTuple_GetItem(batch, i);
    if (is_tensor(part) && count < capacity) {
      parts[count++] = snn_tensor_retain(handle_of(part));
    } else {
      PyErr_Format(PyExc_TypeError, "a batch must be at most %zd tensors, got %R", (Py_ssize_t)capacity, Py_TYPE(part));
      status = SNN_ERROR_CALLBACK;
    }
  }
  *part_count = count;
  Py_XDECREF(batch);
  PyGILState_Release(state);
  return status;
}

// Takes the reference.
static snn_status status_of(PyObject* result) {
  Py_XDECREF(result);
  return result == NULL ? SNN_ERROR_CALLBACK : SNN_OK;
}

static snn_status run_begin(void* user, int64_t epoch) {
  PyGILState_STATE state = PyGILState_Ensure();
  snn_status status = status_of(PyObject_CallMethod(user, "begin", "L", (long long)epoch));
  PyGILState_Release(state);
  return status;
}

static snn_status run_state(void* user, char* json, size_t capacity, size_t* length) {
  PyGILState_STATE state = PyGILState_Ensure();
  PyObject* text = PyObject_CallMethod(user, "state", NULL);
  Py_ssize_t size = 0;
  const char* bytes = text == NULL ? NULL : PyUnicode_AsUTF8AndSize(text, &size);
  if (bytes != NULL && (size_t)size < capacity) memcpy(json, bytes, (size_t)size + 1);
  *length = (size_t)size;
  snn_status status = bytes == NULL ? SNN_ERROR_CALLBACK : SNN_OK;
  Py_XDECREF(text);
  PyGILState_Release(state);
  return status;
}

static snn_status run_load(void* user, const char* json) {
  PyGILState_STATE state = PyGILState_Ensure();
  snn_status status = status_of(PyObject_CallMethod(user, "load", "s", json));
  PyGILState_Release(state);
  return status;
}

static int64_t run_count(void* user) {
  PyGILState_STATE state = PyGILState_Ensure();
  PyObject* count = PyObject_CallMethod(user, "count", NULL);
  long long result = count == NULL ? -1 : PyLong_AsLongLong(count);
  Py_XDECREF(count);
  PyErr_Clear();
  PyGILState_Release(state);
  return result;
}

static void drop(void* object) { defer_release(object); }

static PyObject* loader_from_functions(PyObject* module, PyObject* object) {
  (void)module;
  const snn_batch_functions functions = {sizeof functions, run_next, run_begin, run_state, run_load, run_count};
  snn_loader* handle = NULL;
  snn_error error;
  Py_INCREF(object);
  snn_status status = snn_loader_from_functions(&functions, object, drop, &handle, &error);
  if (status != SNN_OK) Py_DECREF(object);
  return loader_object(status, handle, &error);
}

snn_loader* loader_handle(PyObject* object) {
  if (PyObject_TypeCheck(object, loader_type)) return ((LoaderObject*)object)->handle;
  PyErr_Format(PyExc_TypeError, "expected a loader of the engine, not %R", Py_TYPE(object));
  return NULL;
}

// Between these no other thread may use the loader; NULL with an exception when one does.
static snn_loader* enter(PyObject* self) {
  LoaderObject* loader = (LoaderObject*)self;
  if (loader->busy) {
    PyErr_SetString(PyExc_RuntimeError, "another thread is using this loader");
    return NULL;
  }
  loader->busy = true;
  return loader->handle;
}

static void leave(PyObject* self) { ((LoaderObject*)self)->busy = false; }

static PyObject* loader_next(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_loader* handle = enter(self);
  if (handle == NULL) return NULL;
  snn_tensor* parts[MOST_PARTS];
  size_t count = 0;
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status = snn_loader_next(handle, parts, MOST_PARTS, &count, &error);
  PyEval_RestoreThread(state);
  leave(self);
  if (status != SNN_OK) return raise_error(status, &error);
  if (settle() < 0) {
    for (size_t i = 0; i < count; i++) snn_tensor_release(parts[i]);
    return NULL;
  }
  if (count == 0) Py_RETURN_NONE;
  return wrap_all(parts, count);
}

static PyObject* loader_begin(PyObject* self, PyObject* argument) {
  long long epoch = PyLong_AsLongLong(argument);
  if (epoch == -1 && PyErr_Occurred()) return NULL;
  snn_loader* handle = enter(self);
  if (handle == NULL) return NULL;
  snn_error error;
  snn_status status = snn_loader_begin(handle, epoch, &error);
  leave(self);
  return done(status, &error);
}

static PyObject* loader_state(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_loader* handle = enter(self);
  if (handle == NULL) return NULL;
  char* text = NULL;
  snn_error error;
  snn_status status = snn_loader_state(handle, &text, &error);
  leave(self);
  if (status != SNN_OK || PyErr_Occurred()) {
    snn_free(text);
    return PyErr_Occurred() ? NULL : raise_error(status, &error);
  }
  PyObject* result = PyUnicode_FromString(text);
  snn_free(text);
  return result;
}

static PyObject* loader_load(PyObject* self, PyObject* argument) {
  PyObject* bytes = PyUnicode_AsUTF8String(argument);
  if (bytes == NULL) return NULL;
  snn_loader* handle = enter(self);
  PyObject* result = NULL;
  if (handle != NULL) {
    snn_error error;
    snn_status status = snn_loader_load_state(handle, PyBytes_AsString(bytes), &error);
    leave(self);
    result = done(status, &error);
  }
  Py_DECREF(bytes);
  return result;
}

static PyObject* loader_count(PyObject* self, void* unused) {
  (void)unused;
  return PyLong_FromLongLong(snn_loader_batch_count(((LoaderObject*)self)->handle));
}

// ---- Splits

static PyObject* new_splits(PyObject* module, PyObject* args) {
  (void)module;
  int kind, shuffle;
  long long examples, splits, repeats, test_count, train_count, most, gap;
  unsigned long seed;
  PyObject* list;
  const void* labels;
  size_t count;
  snn_splits_options options = {.size = sizeof options};
  if (!PyArg_ParseTuple(args, "iLOLpLkddLLLL:new_splits", &kind, &examples, &list, &splits, &shuffle, &repeats, &seed,
                        &options.test_share, &options.train_share, &test_count, &train_count, &most, &gap) ||
      !elements(list, SNN_INT64, &labels, &count))
    return NULL;
  if (labels != NULL && (long long)count != examples)
    return PyErr_Format(PyExc_ValueError, "there are %lld samples and %zd labels", examples, (Py_ssize_t)count);
  options.splits = splits;
  options.shuffle = shuffle != 0;
  options.repeats = repeats;
  options.seed = (uint32_t)seed;
  options.test_count = test_count;
  options.train_count = train_count;
  options.max_train_count = most;
  options.gap = gap;
  snn_splits* handle = NULL;
  snn_error error;
  snn_status status = snn_splits_new((snn_split_kind)kind, examples, labels, &options, &handle, &error);
  return splits_object(status, handle, &error);
}

static PyObject* splits_next(PyObject* self, PyObject* unused) {
  (void)unused;
  const int64_t *train, *test;
  size_t train_count, test_count;
  snn_error error;
  snn_status status = snn_splits_next(((SplitsObject*)self)->handle, &train, &train_count, &test, &test_count, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  if (train == NULL) Py_RETURN_NONE;
  return Py_BuildValue("(NN)", tensor_of_numbers(train, train_count), tensor_of_numbers(test, test_count));
}

static PyObject* splits_count(PyObject* self, void* unused) {
  (void)unused;
  return PyLong_FromLongLong(snn_splits_count(((SplitsObject*)self)->handle));
}

static PyObject* split_parts(PyObject* module, PyObject* args) {
  (void)module;
  long long examples;
  PyObject *share_list, *class_list;
  int shuffle;
  unsigned long seed;
  const void *shares, *classes;
  size_t share_count, class_count;
  if (!PyArg_ParseTuple(args, "LOOpk:split_parts", &examples, &share_list, &class_list, &shuffle, &seed) ||
      !elements(share_list, SNN_FLOAT64, &shares, &share_count) ||
      !elements(class_list, SNN_INT64, &classes, &class_count))
    return NULL;
  if (examples < 0 || (classes != NULL && (long long)class_count != examples))
    return PyErr_Format(PyExc_ValueError, "there are %lld samples and %zd labels", examples, (Py_ssize_t)class_count);
  size_t parts = shares == NULL ? 3 : share_count;
  Call call;
  call_begin(&call);
  int64_t* numbers = call_block(&call, ((size_t)examples + 1) * sizeof *numbers);
  int64_t* counts = numbers == NULL ? NULL : call_block(&call, (parts + 1) * sizeof *counts);
  PyObject* result = NULL;
  if (counts != NULL) {
    snn_error error;
    snn_status status =
        snn_split_parts(examples, shares, share_count, classes, shuffle != 0, (uint32_t)seed, numbers, counts, &error);
    result = status != SNN_OK ? raise_error(status, &error) : PyList_New((Py_ssize_t)parts);
    for (size_t i = 0; result != NULL && i < parts; i++) {
      PyObject* part = tensor_of_numbers(numbers, (size_t)counts[i]);
      numbers += counts[i];
      if (part == NULL || PyList_SetItem(result, (Py_ssize_t)i, part) < 0) Py_CLEAR(result);
    }
  }
  call_end(&call);
  return result;
}

// ---- Types

static PyMethodDef dataset_methods[] = {
    {"examples", dataset_examples, METH_O, "examples($self, numbers, /)\n--\n\nThe parts of these examples."},
    {NULL, NULL, 0, NULL},
};
static PyGetSetDef dataset_properties[] = {
    {"count", dataset_count, NULL, "The number of examples.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
static PyMethodDef augmentation_methods[] = {
    {"apply", augmentation_apply, METH_VARARGS, "apply($self, batch, generator, /)\n--\n\nThe batch, changed."},
    {NULL, NULL, 0, NULL},
};
static PyMethodDef loader_methods[] = {
    {"next", loader_next, METH_NOARGS, "next($self)\n--\n\nThe next batch; None at the end of an epoch."},
    {"begin", loader_begin, METH_O, "begin($self, epoch, /)\n--\n\nGoes to the beginning of an epoch."},
    {"state", loader_state, METH_NOARGS, "state($self)\n--\n\nWhere reading stands, as JSON."},
    {"load", loader_load, METH_O, "load($self, json, /)\n--\n\nGoes on from a saved state."},
    {NULL, NULL, 0, NULL},
};
static PyGetSetDef loader_properties[] = {
    {"count", loader_count, NULL, "The number of batches in this epoch; -1 when only its end tells.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
static PyMethodDef splits_methods[] = {
    {"next", splits_next, METH_NOARGS, "next($self)\n--\n\nWhat trains and what tests; None behind the last."},
    {NULL, NULL, 0, NULL},
};
static PyGetSetDef splits_properties[] = {
    {"count", splits_count, NULL, "The number of splits.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef loader_functions[] = {
    {"dataset_from_tensors", dataset_from_tensors, METH_O,
     "dataset_from_tensors(tensors, /)\n--\n\nExamples along the first axis."},
    {"dataset_windows", dataset_windows, METH_VARARGS,
     "dataset_windows(sequence, length, step, offset, /)\n--\n\nWindows along the first axis."},
    {"dataset_subset", dataset_subset, METH_VARARGS, "dataset_subset(dataset, numbers, /)\n--\n\nSome examples."},
    {"dataset_concat", dataset_concat, METH_O, "dataset_concat(datasets, /)\n--\n\nOne after another."},
    {"dataset_stack", dataset_stack, METH_O, "dataset_stack(datasets, /)\n--\n\nThe parts of all."},
    {"new_augmentation", new_augmentation, METH_VARARGS,
     "new_augmentation(name, args, kwargs, /)\n--\n\nAn augmentation of the registry."},
    {"new_loader", new_loader, METH_VARARGS,
     "new_loader(dataset, batch_size, sampling, ending, seed, count, numbers, labels, once, pacing, pacing_start, "
     "pacing_epochs, augmentations, image_sizes, workers, prefetch, /)\n--\n\nBatches of a dataset."},
    {"loader_from_functions", loader_from_functions, METH_O,
     "loader_from_functions(object, /)\n--\n\nThe batches of an object with next, begin, state, load and count."},
    {"new_splits", new_splits, METH_VARARGS,
     "new_splits(kind, examples, labels, splits, shuffle, repeats, seed, test_share, train_share, test_count, "
     "train_count, max_train_count, gap, /)\n--\n\nWays to cut examples into those that train and those that test."},
    {"split_parts", split_parts, METH_VARARGS,
     "split_parts(examples, shares, classes, shuffle, seed, /)\n--\n\nAll examples in parts."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot dataset_slots[] = {
    {Py_tp_doc, "A dataset of the engine."},
    {Py_tp_dealloc, dataset_dealloc},
    {Py_tp_methods, dataset_methods},
    {Py_tp_getset, dataset_properties},
    {0, NULL},
};
static PyType_Slot augmentation_slots[] = {
    {Py_tp_doc, "An augmentation of the engine."},
    {Py_tp_dealloc, augmentation_dealloc},
    {Py_tp_methods, augmentation_methods},
    {0, NULL},
};
static PyType_Slot loader_slots[] = {
    {Py_tp_doc, "Batches of the engine."},
    {Py_tp_dealloc, loader_dealloc},
    {Py_tp_methods, loader_methods},
    {Py_tp_getset, loader_properties},
    {0, NULL},
};
static PyType_Slot splits_slots[] = {
    {Py_tp_doc, "Splits of the engine."},
    {Py_tp_dealloc, splits_dealloc},
    {Py_tp_methods, splits_methods},
    {Py_tp_getset, splits_properties},
    {0, NULL},
};

enum { FLAGS = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION };
static PyType_Spec dataset_spec = {"swiftnn._C.Dataset", sizeof(DatasetObject), 0, FLAGS, dataset_slots};
static PyType_Spec augmentation_spec = {"swiftnn._C.Augmentation", sizeof(AugmentationObject), 0, FLAGS,
                                        augmentation_slots};
static PyType_Spec loader_spec = {"swiftnn._C.Loader", sizeof(LoaderObject), 0, FLAGS, loader_slots};
static PyType_Spec splits_spec = {"swiftnn._C.Splits", sizeof(SplitsObject), 0, FLAGS, splits_slots};

int loader_init(PyObject* module) {
  if (add_type(module, &dataset_spec, &dataset_type) < 0 ||
      add_type(module, &augmentation_spec, &augmentation_type) < 0 ||
      add_type(module, &loader_spec, &loader_type) < 0 || add_type(module, &splits_spec, &splits_type) < 0)
    return -1;
  return PyModule_AddFunctions(module, loader_functions);
}
