// Handles of the engine's layers. The Python classes around them are made in swiftnn/nn/_layers.py.
#include <stdlib.h>
#include <string.h>

#include "binding.h"

typedef struct {
  PyObject_HEAD snn_module* handle;
  const Overload* call;  // what a call takes; NULL for tensors alone
  PyObject* arguments;   // (name, positional, keywords): how to make another one; of a child its name
  PyObject* root;        // the layer or head that a child was made with, else NULL
} LayerObject;

static PyTypeObject* layer_type;

static snn_module* handle_of_layer(PyObject* self) { return ((LayerObject*)self)->handle; }

snn_module* layer_handle(PyObject* object) {
  if (Py_TYPE(object) == layer_type) return handle_of_layer(object);
  PyObject* core = PyObject_GetAttrString(object, "_core");
  if (core == NULL) {
    PyErr_Clear();
    return NULL;
  }
  snn_module* handle = Py_TYPE(core) == layer_type ? handle_of_layer(core) : NULL;
  Py_DECREF(core);  // the object keeps it
  return handle;
}

// The signature of a layer's call, made once for every layer.
static const Overload* call_of(const snn_entry* entry) {
  static Overload** known = NULL;
  if (known == NULL) known = calloc((size_t)snn_entry_count(SNN_LAYERS), sizeof *known);
  if (known == NULL) return (const Overload*)PyErr_NoMemory();
  if (known[entry->id] == NULL) known[entry->id] = overload_new(entry->call);
  return known[entry->id];
}

static snn_module* construct(const Overload* overloads, const char* name, const Arguments* arguments,
                             const Overload** layer_call) {
  Mismatch mismatch;
  for (const Overload* overload = overloads; overload != NULL; overload = overload->next) {
    Call call;
    call_begin(&call);
    call.lenient = true;
    snn_module* handle = NULL;
    Conversion conversion = bind_arguments(&call, overload, arguments, NULL, &mismatch);
    if (conversion == CONVERTED && (*layer_call = call_of(overload->entry)) != NULL) {
      snn_error error;
      PyThreadState* state = PyEval_SaveThread();
      snn_status status = snn_module_new(overload->entry->id, call.values, call.count, &handle, &error);
      PyEval_RestoreThread(state);
      if (status != SNN_OK) raise_error(status, &error);
    }
    call_end(&call);
    if (conversion != MISMATCH) return handle;
  }
  raise_mismatch(overloads, name, arguments, &mismatch);
  return NULL;
}

static PyObject* layer_object(snn_module* handle, const Overload* call, PyObject* arguments, PyObject* root) {
  LayerObject* self = (LayerObject*)PyType_GenericAlloc(layer_type, 0);
  if (self == NULL) {
    snn_module_release(handle);
    return NULL;
  }
  self->handle = handle;
  self->call = call;
  self->arguments = Py_XNewRef(arguments);
  self->root = Py_XNewRef(root);
  return (PyObject*)self;
}

PyObject* layer_of_head(snn_module* handle, PyObject* name, PyObject* head) {
  return layer_object(handle, NULL, name, head);
}

static PyObject* layer_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  (void)keywords;
  (void)type;
  const char* name;
  PyObject *positional, *named;
  if (!PyArg_ParseTuple(args, "sO!O!:Layer", &name, &PyTuple_Type, &positional, &PyDict_Type, &named)) return NULL;
  const Overload* overloads = overloads_of(SNN_LAYERS, name);
  if (overloads == NULL) return NULL;
  Call call;
  call_begin(&call);
  Arguments arguments;
  const Overload* layer_call = NULL;
  snn_module* handle = spread_arguments(&call, positional, named, &arguments)
                           ? construct(overloads, name, &arguments, &layer_call)
                           : NULL;
  call_end(&call);
  return handle == NULL ? NULL : layer_object(handle, layer_call, args, NULL);
}

static int layer_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(((LayerObject*)self)->arguments);
  Py_VISIT(((LayerObject*)self)->root);
  return 0;
}

static int layer_clear(PyObject* self) {
  Py_CLEAR(((LayerObject*)self)->arguments);
  Py_CLEAR(((LayerObject*)self)->root);
  return 0;
}

static void layer_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_XDECREF(((LayerObject*)self)->arguments);
  Py_XDECREF(((LayerObject*)self)->root);
  snn_module_release(handle_of_layer(self));
  PyObject_GC_Del(self);
  Py_DECREF(type);
}

// ---- Forward

enum { RESULT_CAPACITY = 16 };

// The word before the dot of a result's name, which its neighbours in a tuple share; 0 without a dot.
static size_t group_length(const char* name) {
  size_t length = strcspn(name, ".");
  return name[length] == 0 ? 0 : length;
}

static PyObject* pack_tuple(snn_tensor** results, size_t count) {
  PyObject* tuple = PyTuple_New((Py_ssize_t)count);
  for (size_t i = 0; i < count; i++) {
    PyObject* item = wrap(results[i]);
    if (tuple == NULL || item == NULL) {
      Py_XDECREF(item);
      Py_CLEAR(tuple);
    } else if (PyTuple_SetItem(tuple, (Py_ssize_t)i, item) < 0) {
      Py_CLEAR(tuple);
    }
  }
  return tuple;
}

// One result alone, several as a tuple in which those of one group stand in a tuple of their own.
static PyObject* pack(const snn_entry* call, snn_tensor** results, size_t count) {
  PyObject* parts = PyList_New(0);
  for (size_t i = 0, next; parts != NULL && i < count; i = next) {
    size_t length = (int32_t)i < call->result_count ? group_length(call->result_names[i]) : 0;
    for (next = i + 1; length > 0 && next < count; next++) {
      if (strncmp(call->result_names[i], call->result_names[next], length + 1) != 0) break;
    }
    PyObject* part = length > 0 ? pack_tuple(results + i, next - i) : wrap(results[i]);
    if (part == NULL || PyList_Append(parts, part) < 0) Py_CLEAR(parts);
    Py_XDECREF(part);
  }
  if (parts == NULL) return NULL;
  bool alone = PyList_Size(parts) == 1;
  PyObject* result = alone ? Py_NewRef(PyList_GetItem(parts, 0)) : PyList_AsTuple(parts);
  Py_DECREF(parts);
  return result;
}

// A call with tensors alone: of a part of a model, or of the layer inside of a hook.
static PyObject* run_part(PyObject* self, PyObject* args) {
  Call call;
  call_begin(&call);
  size_t count, produced = 0;
  snn_tensor** inputs = convert_handles(&call, args, false, &count, "the inputs of a layer");
  PyObject* result = NULL;
  if (inputs != NULL) {
    snn_tensor* results[RESULT_CAPACITY];
    snn_error error;
    PyThreadState* state = PyEval_SaveThread();
    snn_status status =
        snn_module_forward(handle_of_layer(self), inputs, count, results, RESULT_CAPACITY, &produced, &error);
    PyEval_RestoreThread(state);
    if (status != SNN_OK)
      raise_error(status, &error);
    else
      result = produced == 1 ? wrap(results[0]) : pack_tuple(results, produced);
  }
  call_end(&call);
  return result;
}

static PyObject* run_layer(PyObject* self, const Call* call) {
  snn_tensor* results[RESULT_CAPACITY];
  size_t produced = 0;
  snn_error error;
  PyThreadState* state = PyEval_SaveThread();
  snn_status status =
      snn_module_call(handle_of_layer(self), call->values, call->count, results, RESULT_CAPACITY, &produced, &error);
  PyEval_RestoreThread(state);
  if (status != SNN_OK) return raise_error(status, &error);
  PyObject* result = pack(((LayerObject*)self)->call->entry, results, produced);
  if (result != NULL && settle() < 0) Py_CLEAR(result);
  return result;
}

static PyObject* layer_call(PyObject* self, PyObject* args, PyObject* keywords) {
  const Overload* overload = ((LayerObject*)self)->call;
  if (overload == NULL) {
    if (keywords != NULL && PyDict_Size(keywords) > 0)
      return PyErr_Format(PyExc_TypeError, "%s takes tensors alone", snn_module_layer(handle_of_layer(self)));
    return run_part(self, args);
  }
  Call call, given;
  call_begin(&given);
  call_begin(&call);
  Arguments arguments;
  PyObject* result = NULL;
  if (spread_arguments(&given, args, keywords, &arguments)) {
    Mismatch mismatch;
    Conversion conversion = bind_arguments(&call, overload, &arguments, NULL, &mismatch);
    if (conversion == CONVERTED) result = run_layer(self, &call);
    if (conversion == MISMATCH) raise_mismatch(overload, overload->entry->name, &arguments, &mismatch);
  }
  call_end(&call);
  call_end(&given);
  return result;
}

// ---- State

static PyObject* layer_train(PyObject* self, PyObject* mode) {
  int training = PyObject_IsTrue(mode);
  if (training < 0) return NULL;
  snn_module_train(handle_of_layer(self), training == 1);
  Py_RETURN_NONE;
}

static PyObject* layer_set_noise(PyObject* self, PyObject* on) {
  int is_on = PyObject_IsTrue(on);
  if (is_on < 0) return NULL;
  snn_module_set_noise(handle_of_layer(self), is_on == 1);
  Py_RETURN_NONE;
}

static PyObject* layer_state(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_module* handle = handle_of_layer(self);
  int32_t count = snn_module_state_count(handle);
  PyObject* list = PyList_New(0);
  for (int32_t i = 0; list != NULL && i < count; i++) {
    snn_state entry;
    snn_error error;
    snn_status status = snn_module_state_at(handle, i, &entry, &error);
    PyObject* item = NULL;
    if (status != SNN_OK) {
      raise_error(status, &error);
    } else {
      PyObject* tensor = wrap(entry.tensor == NULL ? NULL : snn_tensor_retain(entry.tensor));
      item =
          tensor == NULL ? NULL : Py_BuildValue("(sNO)", entry.name, tensor, entry.is_parameter ? Py_True : Py_False);
    }
    if (item == NULL || PyList_Append(list, item) < 0) Py_CLEAR(list);
    Py_XDECREF(item);
  }
  return list;
}

static PyObject* layer_get(PyObject* self, PyObject* name) {
  const char* text = PyUnicode_AsUTF8AndSize(name, NULL);
  if (text == NULL) return NULL;
  snn_tensor* tensor = NULL;
  snn_error error;
  snn_status status = snn_module_get(handle_of_layer(self), text, &tensor, &error);
  return status != SNN_OK ? raise_error(status, &error) : wrap(tensor);
}

static PyObject* layer_set(PyObject* self, PyObject* args) {
  const char* name;
  PyObject* tensor;
  if (!PyArg_ParseTuple(args, "sO:set", &name, &tensor)) return NULL;
  if (tensor != Py_None && !is_tensor(tensor))
    return PyErr_Format(PyExc_TypeError, "%s must be a Tensor or None, not %R", name, Py_TYPE(tensor));
  snn_error error;
  snn_status status = snn_module_set(handle_of_layer(self), name, tensor == Py_None ? NULL : handle_of(tensor), &error);
  if (status != SNN_OK) return raise_error(status, &error);
  Py_RETURN_NONE;
}

static PyObject* layer_argument(PyObject* self, PyObject* index) {
  long position = PyLong_AsLong(index);
  if (position == -1 && PyErr_Occurred()) return NULL;
  snn_value value;
  snn_error error;
  snn_status status = snn_module_argument(handle_of_layer(self), (int32_t)position, &value, &error);
  return status != SNN_OK ? raise_error(status, &error) : value_to_object(&value);
}

static PyObject* layer_set_argument(PyObject* self, PyObject* args) {
  int section, id, position;
  PyObject* object;
  if (!PyArg_ParseTuple(args, "iiiO:set_argument", &section, &id, &position, &object)) return NULL;
  const snn_entry* entry = snn_entry_at((snn_section)section, id);
  if (entry == NULL || position < 0 || position >= entry->field_count)
    return PyErr_Format(PyExc_IndexError, "there is no argument %d", position);
  const snn_field* field = &entry->fields[position];
  Call call;
  call_begin(&call);
  call.lenient = true;
  snn_value value;
  snn_error error;
  Conversion conversion = convert(&call, field, object, &value);
  snn_status status = SNN_OK;
  if (conversion == CONVERTED) status = snn_module_set_argument(handle_of_layer(self), field->name, &value, &error);
  call_end(&call);
  if (conversion == MISMATCH)
    return PyErr_Format(PyExc_TypeError, "%s must be %s, not %R", field->name, kind_text(field), Py_TYPE(object));
  if (conversion == FAILED) return NULL;
  if (status != SNN_OK) return raise_error(status, &error);
  Py_RETURN_NONE;
}

static PyObject* text_of(snn_status status, char* text, const snn_error* error) {
  if (status != SNN_OK) return raise_error(status, error);
  PyObject* result = PyUnicode_FromString(text);
  snn_free(text);
  return result;
}

static PyObject* layer_config(PyObject* self, PyObject* unused) {
  (void)unused;
  char* text = NULL;
  snn_error error;
  snn_status status = snn_module_config(handle_of_layer(self), &text, &error);
  return text_of(status, text, &error);
}

static PyObject* layer_text(PyObject* self, PyObject* unused) {
  (void)unused;
  char* text = NULL;
  snn_error error;
  snn_status status = snn_module_text(handle_of_layer(self), &text, &error);
  return text_of(status, text, &error);
}

// A copy is made with the same arguments, that of a child with its root.
static PyObject* layer_reduce(PyObject* self, PyObject* unused) {
  (void)unused;
  LayerObject* layer = (LayerObject*)self;
  if (layer->root == NULL) return Py_BuildValue("(OO)", layer_type, layer->arguments);
  PyObject* make = PyObject_GetAttrString((PyObject*)Py_TYPE(layer->root), "child");
  return make == NULL ? NULL : Py_BuildValue("(N(OO))", make, layer->root, layer->arguments);
}

// ---- Children and hooks

static PyObject* layer_name(PyObject* self, PyObject* unused) {
  (void)unused;
  return PyUnicode_FromString(snn_module_layer(handle_of_layer(self)));
}

static PyObject* layer_children(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_module* handle = handle_of_layer(self);
  int32_t count = snn_module_child_count(handle);
  PyObject* list = PyList_New(0);
  for (int32_t i = 0; list != NULL && i < count; i++) {
    PyObject* name = PyUnicode_FromString(snn_module_child_name(handle, i));
    if (name == NULL || PyList_Append(list, name) < 0) Py_CLEAR(list);
    Py_XDECREF(name);
  }
  return list;
}

static PyObject* layer_child(PyObject* self, PyObject* name) {
  const char* text = PyUnicode_AsUTF8AndSize(name, NULL);
  if (text == NULL) return NULL;
  LayerObject* layer = (LayerObject*)self;
  snn_module* handle = NULL;
  snn_error error;
  snn_status status = snn_module_child(layer->handle, text, &handle, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  int32_t id = snn_find(SNN_LAYERS, snn_module_layer(handle));
  PyObject* path = layer->root == NULL ? Py_NewRef(name) : PyUnicode_FromFormat("%U.%U", layer->arguments, name);
  PyObject* child = NULL;
  if (path == NULL)
    snn_module_release(handle);
  else
    child = layer_object(handle, id < 0 ? NULL : call_of(snn_entry_at(SNN_LAYERS, id)), path,
                         layer->root == NULL ? self : layer->root);
  Py_XDECREF(path);
  return child;
}

// Root and name of a child, None of a layer that stands alone.
static PyObject* layer_place(PyObject* self, PyObject* unused) {
  (void)unused;
  LayerObject* layer = (LayerObject*)self;
  if (layer->root == NULL || Py_TYPE(layer->root) != layer_type) return Py_NewRef(Py_None);
  return PyTuple_Pack(2, layer->root, layer->arguments);
}

// Writes what a hook has returned, a tensor or several.
static snn_status give_results(PyObject* returned, snn_tensor** results, size_t capacity, size_t* count) {
  PyObject* tuple = is_tensor(returned) ? PyTuple_Pack(1, returned) : PySequence_Tuple(returned);
  if (tuple == NULL) return SNN_ERROR_CALLBACK;
  snn_status status = SNN_OK;
  for (Py_ssize_t i = 0; status == SNN_OK && i < PyTuple_Size(tuple); i++) {
    PyObject* item = PyTuple_GetItem(tuple, i);
    if (is_tensor(item) && (size_t)i < capacity) {
      results[(*count)++] = snn_tensor_retain(handle_of(item));
    } else {
      PyErr_Format(PyExc_TypeError, "a layer inside of a model gives a Tensor or several, not %R", Py_TYPE(item));
      status = SNN_ERROR_CALLBACK;
    }
  }
  Py_DECREF(tuple);
  return status;
}

static snn_status run_hook(void* user, snn_module* layer, snn_tensor* const* inputs, size_t input_count,
                           snn_tensor** results, size_t capacity, size_t* result_count) {
  PyGILState_STATE state = PyGILState_Ensure();
  snn_status status = SNN_ERROR_CALLBACK;
  PyObject* arguments = PyTuple_New((Py_ssize_t)input_count + 1);
  PyObject* forward = arguments == NULL ? NULL : layer_object(snn_module_retain(layer), NULL, NULL, NULL);
  bool complete = forward != NULL && PyTuple_SetItem(arguments, 0, forward) == 0;
  for (size_t i = 0; complete && i < input_count; i++) {
    PyObject* input = wrap(snn_tensor_retain(inputs[i]));
    complete = input != NULL && PyTuple_SetItem(arguments, (Py_ssize_t)i + 1, input) == 0;
  }
  PyObject* returned = complete ? PyObject_CallObject(user, arguments) : NULL;
  // The exception stays set and leaves the call of the model with this status.
  if (returned != NULL) status = give_results(returned, results, capacity, result_count);
  Py_XDECREF(returned);
  Py_XDECREF(arguments);
  PyGILState_Release(state);
  return status;
}

static void drop_hook(void* hook) { defer_release(hook); }

// ---- Modules that Python computes

typedef struct {
  PyObject *forward, *train;
} Host;

static snn_status run_host(void* user, snn_tensor* const* inputs, size_t input_count, snn_tensor** results,
                           size_t capacity, size_t* result_count) {
  PyGILState_STATE state = PyGILState_Ensure();
  snn_status status = SNN_ERROR_CALLBACK;
  PyObject* arguments = wrap_borrowed(inputs, input_count);
  PyObject* returned = arguments == NULL ? NULL : PyObject_CallObject(((Host*)user)->forward, arguments);
  if (returned != NULL) status = give_results(returned, results, capacity, result_count);
  Py_XDECREF(returned);
  Py_XDECREF(arguments);
  PyGILState_Release(state);
  return status;
}

static void tell_host(void* user, bool training) {
  PyGILState_STATE state = PyGILState_Ensure();
  PyObject* result = PyObject_CallFunctionObjArgs(((Host*)user)->train, training ? Py_True : Py_False, NULL);
  if (result == NULL) PyErr_WriteUnraisable(((Host*)user)->train);
  Py_XDECREF(result);
  PyGILState_Release(state);
}

static void drop_host(void* user) {
  Host* host = user;
  defer_release(host->forward);
  defer_release(host->train);
  free(host);
}

// Name, tensor and whether a parameter, of each of a list; false with an exception.
static bool host_state(Call* call, PyObject* list, snn_host_module* host) {
  Py_ssize_t count = PyList_Size(list);
  const char** names = call_block(call, (size_t)(count + 1) * sizeof *names);
  snn_tensor** tensors = call_block(call, (size_t)(count + 1) * sizeof *tensors);
  bool* are_parameters = call_block(call, (size_t)(count + 1) * sizeof *are_parameters);
  if (names == NULL || tensors == NULL || are_parameters == NULL) return false;
  for (Py_ssize_t i = 0; i < count; i++) {
    PyObject* tensor;
    int is_parameter;
    if (!PyArg_ParseTuple(PyList_GetItem(list, i), "sO!p", &names[i], tensor_type, &tensor, &is_parameter))
      return false;
    tensors[i] = handle_of(tensor);
    are_parameters[i] = is_parameter != 0;
  }
  *host = (snn_host_module){.size = sizeof *host, .names = names, .tensors = tensors, .are_parameters = are_parameters};
  host->count = (size_t)count;
  return true;
}

static PyObject* host_layer(PyObject* module, PyObject* args) {
  (void)module;
  enum { MOST_RESULTS_OF_HOST = 64 };
  const char* name;
  PyObject *list, *forward, *train;
  if (!PyArg_ParseTuple(args, "sO!OO:host_layer", &name, &PyList_Type, &list, &forward, &train)) return NULL;
  Host* user = malloc(sizeof *user);
  if (user == NULL) return PyErr_NoMemory();
  *user = (Host){Py_NewRef(forward), Py_NewRef(train)};
  Call call;
  call_begin(&call);
  snn_host_module host;
  snn_module* handle = NULL;
  if (host_state(&call, list, &host)) {
    host.name = name;
    host.forward = run_host;
    host.train = tell_host;
    host.capacity = MOST_RESULTS_OF_HOST;
    host.user = user;
    host.destructor = drop_host;
    snn_error error;
    snn_status status = snn_module_from_host(&host, &handle, &error);
    if (status != SNN_OK) raise_error(status, &error);
  }
  call_end(&call);
  if (handle != NULL) return layer_object(handle, NULL, NULL, NULL);
  drop_host(user);
  return NULL;
}

static PyMethodDef layer_functions[] = {
    {"host_layer", host_layer, METH_VARARGS,
     "host_layer(name, state, forward, train, /)\n--\n\nA layer of the engine that calls Python."},
    {NULL, NULL, 0, NULL},
};

static PyObject* layer_add_hook(PyObject* self, PyObject* hook) {
  int64_t id = 0;
  snn_error error;
  Py_INCREF(hook);
  snn_status status = snn_module_add_hook(handle_of_layer(self), run_hook, hook, drop_hook, &id, &error);
  if (status == SNN_OK) return PyLong_FromLongLong(id);
  Py_DECREF(hook);
  return raise_error(status, &error);
}

static PyObject* layer_reset(PyObject* self, PyObject* unused) {
  (void)unused;
  snn_error error;
  snn_status status = snn_module_reset(handle_of_layer(self), NULL, 0, NULL, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  Py_RETURN_NONE;
}

static PyMethodDef layer_methods[] = {
    {"train", layer_train, METH_O, "train($self, mode, /)\n--\n\nTraining or evaluation mode."},
    {"set_noise", layer_set_noise, METH_O, "set_noise($self, on, /)\n--\n\nRandom numbers in calls, in any mode."},
    {"state", layer_state, METH_NOARGS,
     "state($self)\n--\n\nName, tensor and whether a parameter, of everything it holds."},
    {"get", layer_get, METH_O, "get($self, name, /)\n--\n\nA parameter or buffer."},
    {"set", layer_set, METH_VARARGS,
     "set($self, name, tensor, /)\n--\n\nMakes the tensor itself the parameter or buffer."},
    {"argument", layer_argument, METH_O, "argument($self, index, /)\n--\n\nAn argument of the layer as it is now."},
    {"set_argument", layer_set_argument, METH_VARARGS,
     "set_argument($self, section, id, index, value, /)\n--\n\nGives an argument another value."},
    {"reset", layer_reset, METH_NOARGS, "reset($self)\n--\n\nDraws parameters and buffers as when it was made."},
    {"config", layer_config, METH_NOARGS, "config($self)\n--\n\nName and arguments as JSON."},
    {"name", layer_name, METH_NOARGS, "name($self)\n--\n\nWhat kind of layer it is."},
    {"children", layer_children, METH_NOARGS, "children($self)\n--\n\nThe names of the layers directly below."},
    {"child", layer_child, METH_O, "child($self, name, /)\n--\n\nThe layer with a dotted name."},
    {"place", layer_place, METH_NOARGS, "place($self)\n--\n\nRoot and dotted name of a child, else None."},
    {"add_hook", layer_add_hook, METH_O,
     "add_hook($self, hook, /)\n--\n\nCalls hook(forward, *inputs) instead of the layer; forward is the layer itself."},
    {"text", layer_text, METH_NOARGS, "text($self)\n--\n\nThe arguments as PyTorch prints them."},
    {"__reduce__", layer_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot layer_slots[] = {
    {Py_tp_doc, "A layer of the engine."},
    {Py_tp_new, layer_new},
    {Py_tp_dealloc, layer_dealloc},
    {Py_tp_traverse, layer_traverse},
    {Py_tp_clear, layer_clear},
    {Py_tp_call, layer_call},
    {Py_tp_methods, layer_methods},
    {0, NULL},
};

static PyType_Spec layer_spec = {
    .name = "swiftnn._C.Layer",
    .basicsize = sizeof(LayerObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = layer_slots,
};

int layers_init(PyObject* module) {
  return add_type(module, &layer_spec, &layer_type) < 0 ? -1 : PyModule_AddFunctions(module, layer_functions);
}
