// The tensor type: a Python object around one engine tensor.
#include "binding.h"

PyTypeObject* tensor_type;

// Tensors made by operations start outside the garbage collector, which makes them cheaper. They enter it when they get
// something that could lead back to them: attributes or a gradient.
static inline void track(PyObject* self) {
  if (!PyObject_GC_IsTracked(self)) PyObject_GC_Track(self);
}

PyObject* wrap(snn_tensor* handle) {
  if (handle == NULL) Py_RETURN_NONE;
  TensorObject* self = PyObject_GC_New(TensorObject, tensor_type);
  if (self == NULL) {
    snn_tensor_release(handle);
    return NULL;
  }
  self->handle = handle;
  self->attributes = NULL;
  self->gradient = NULL;
  self->weak_references = NULL;
  return (PyObject*)self;
}

PyObject* wrap_as(PyTypeObject* type, snn_tensor* handle) {
  if (type == tensor_type) return wrap(handle);
  allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
  TensorObject* self = (TensorObject*)allocate(type, 0);
  if (self == NULL) {
    snn_tensor_release(handle);
    return NULL;
  }
  self->handle = handle;
  return (PyObject*)self;
}

void tensor_keep_gradient(PyObject* self, PyObject* gradient) {
  PyObject* old = ((TensorObject*)self)->gradient;
  ((TensorObject*)self)->gradient = Py_XNewRef(gradient);
  if (gradient != NULL) track(self);
  Py_XDECREF(old);
}

static int tensor_traverse(PyObject* self, visitproc visit, void* arg) {
  TensorObject* tensor = (TensorObject*)self;
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(tensor->attributes);
  Py_VISIT(tensor->gradient);
  return 0;
}

static int tensor_clear(PyObject* self) {
  TensorObject* tensor = (TensorObject*)self;
  Py_CLEAR(tensor->attributes);
  Py_CLEAR(tensor->gradient);
  return 0;
}

static void tensor_dealloc(PyObject* self) {
  TensorObject* tensor = (TensorObject*)self;
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (tensor->weak_references != NULL) PyObject_ClearWeakRefs(self);
  Py_XDECREF(tensor->attributes);
  Py_XDECREF(tensor->gradient);
  snn_tensor_release(tensor->handle);
  PyObject_GC_Del(self);
  Py_DECREF(type);
  if (deferred_count) {
    PyObject *kind, *value, *trace;
    PyErr_Fetch(&kind, &value, &trace);
    if (run_deferred() < 0) PyErr_WriteUnraisable(NULL);
    PyErr_Restore(kind, value, trace);
  }
}

static int tensor_set_attribute(PyObject* self, PyObject* name, PyObject* value) {
  int status = PyObject_GenericSetAttr(self, name, value);
  if (((TensorObject*)self)->attributes != NULL) track(self);
  return status;
}

// Tensor(2, 3) has those sizes, Tensor([1, 2]) those values, always float32.
static PyObject* tensor_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  (void)keywords;
  Py_ssize_t count = PyTuple_Size(args);
  PyObject* first = count > 0 ? PyTuple_GetItem(args, 0) : NULL;
  if (first != NULL && !PyLong_Check(first)) {
    if (is_tensor(first)) return wrap_as(type, snn_tensor_retain(handle_of(first)));
    snn_tensor* copy = tensor_from_data(first, SNN_FLOAT32);
    return copy == NULL ? NULL : wrap_as(type, copy);
  }
  int64_t sizes[SNN_MAX_RANK] = {0};
  if (count > SNN_MAX_RANK) return PyErr_Format(PyExc_ValueError, "a tensor has at most %d axes", SNN_MAX_RANK);
  for (Py_ssize_t i = 0; i < count; i++) {
    sizes[i] = PyLong_AsLongLong(PyTuple_GetItem(args, i));
    if (sizes[i] == -1 && PyErr_Occurred()) return NULL;
  }
  snn_tensor* handle = NULL;
  snn_error error;
  snn_status status = snn_tensor_new(SNN_FLOAT32, count == 0 ? 1 : (int32_t)count, sizes, NULL, &handle, &error);
  return status != SNN_OK ? raise_error(status, &error) : wrap_as(type, handle);
}

static PyObject* tensor_repr(PyObject* self) {
  char* text = NULL;
  snn_error error;
  snn_status status = snn_tensor_text(handle_of(self), &text, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  PyObject* result = PyUnicode_FromString(text);
  snn_free(text);
  return result;
}

static Py_hash_t tensor_hash(PyObject* self) { return (Py_hash_t)((uintptr_t)self >> 4); }

static Py_ssize_t tensor_length(PyObject* self) {
  snn_tensor* handle = handle_of(self);
  if (snn_tensor_rank(handle) > 0) return (Py_ssize_t)snn_tensor_sizes(handle)[0];
  PyErr_SetString(PyExc_TypeError, "len() of a 0-d tensor");
  return -1;
}

// Rows are taken one by one, so that a tensor can be iterated while it changes.
static PyObject* tensor_iterate(PyObject* self) {
  if (snn_tensor_rank(handle_of(self)) == 0) {
    PyErr_SetString(PyExc_TypeError, "iteration over a 0-d tensor");
    return NULL;
  }
  return PySeqIter_New(self);
}

static PyMemberDef tensor_members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(TensorObject, attributes), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(TensorObject, weak_references), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static const PyType_Slot own_slots[] = {
    {Py_tp_doc, "An array of numbers of one element type, and what is needed to differentiate through it."},
    {Py_tp_new, tensor_new},
    {Py_tp_dealloc, tensor_dealloc},
    {Py_tp_traverse, tensor_traverse},
    {Py_tp_clear, tensor_clear},
    {Py_tp_setattro, tensor_set_attribute},
    {Py_tp_repr, tensor_repr},
    {Py_tp_hash, tensor_hash},
    {Py_tp_iter, tensor_iterate},
    {Py_tp_richcompare, tensor_compare},
    {Py_tp_members, tensor_members},
    {Py_tp_getset, tensor_properties},
    {Py_tp_methods, tensor_methods},
    {Py_mp_length, tensor_length},
    {Py_mp_subscript, tensor_get_item},
    {Py_mp_ass_subscript, tensor_set_item},
    {Py_sq_length, tensor_length},
    {Py_sq_item, tensor_sequence_item},
    {Py_bf_getbuffer, tensor_get_buffer},
    {Py_bf_releasebuffer, tensor_release_buffer},
};

int tensor_init(PyObject* module) {
  enum { OWN = sizeof own_slots / sizeof *own_slots, LIMIT = 96 };
  static PyType_Slot slots[LIMIT];
  int count = 0;
  for (int i = 0; i < OWN; i++) slots[count++] = own_slots[i];
  for (int i = 0; number_slots[i].slot != 0; i++) slots[count++] = number_slots[i];
  PyType_Spec spec = {
      .name = "swiftnn.Tensor",
      .basicsize = sizeof(TensorObject),
      .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
      .slots = slots,
  };
  return add_type(module, &spec, &tensor_type);
}
