// DLPack, both ways without a copy: https://dmlc.github.io/dlpack/latest/python_spec.html
#include <stdlib.h>
#include <string.h>

#include "binding.h"

// ---- The ABI of DLPack 1.x

typedef struct {
  int32_t device_type, device_id;
} Device;

typedef struct {
  uint8_t code, bits;
  uint16_t lanes;
} ElementType;

typedef struct {
  void* data;
  Device device;
  int32_t ndim;
  ElementType dtype;
  int64_t *shape, *strides;
  uint64_t byte_offset;
} Array;

typedef struct Managed {
  Array array;
  void* context;
  void (*deleter)(struct Managed*);
} Managed;

typedef struct ManagedVersioned {
  uint32_t major, minor;
  void* context;
  void (*deleter)(struct ManagedVersioned*);
  uint64_t flags;
  Array array;
} ManagedVersioned;

enum { CPU = 1, MAJOR = 1, MINOR = 1, READ_ONLY = 1, IS_COPIED = 2 };
enum { CODE_INT = 0, CODE_UINT = 1, CODE_FLOAT = 2, CODE_BFLOAT = 4, CODE_BOOL = 6 };

static const char LEGACY[] = "dltensor", VERSIONED[] = "dltensor_versioned";
static const char USED_LEGACY[] = "used_dltensor", USED_VERSIONED[] = "used_dltensor_versioned";

static const struct {
  snn_dtype dtype;
  ElementType type;
} element_types[] = {
    {SNN_FLOAT32, {CODE_FLOAT, 32, 1}},   {SNN_FLOAT64, {CODE_FLOAT, 64, 1}}, {SNN_FLOAT16, {CODE_FLOAT, 16, 1}},
    {SNN_BFLOAT16, {CODE_BFLOAT, 16, 1}}, {SNN_INT64, {CODE_INT, 64, 1}},     {SNN_INT32, {CODE_INT, 32, 1}},
    {SNN_UINT8, {CODE_UINT, 8, 1}},       {SNN_BOOL, {CODE_BOOL, 8, 1}},
};
enum { TYPES = sizeof element_types / sizeof *element_types };

// ---- Out

typedef struct {
  union {
    Managed legacy;
    ManagedVersioned versioned;
  } as;
  snn_tensor* tensor;
  int64_t sizes[SNN_MAX_RANK], strides[SNN_MAX_RANK];
} Shared;

static void shared_free(Shared* shared) {
  snn_tensor_release(shared->tensor);
  free(shared);
}

static void delete_legacy(Managed* managed) { shared_free(managed->context); }

static void delete_versioned(ManagedVersioned* managed) { shared_free(managed->context); }

// A capsule that nobody consumed still owns the memory.
static void capsule_destroyed(PyObject* capsule) {
  if (PyCapsule_IsValid(capsule, LEGACY)) {
    Managed* managed = PyCapsule_GetPointer(capsule, LEGACY);
    if (managed->deleter != NULL) managed->deleter(managed);
  } else if (PyCapsule_IsValid(capsule, VERSIONED)) {
    ManagedVersioned* managed = PyCapsule_GetPointer(capsule, VERSIONED);
    if (managed->deleter != NULL) managed->deleter(managed);
  }
}

static bool describe(Shared* shared, Array* array) {
  snn_tensor* tensor = shared->tensor;
  snn_dtype dtype = snn_tensor_dtype(tensor);
  int32_t rank = snn_tensor_rank(tensor);
  int known = 0;
  while (known < TYPES && element_types[known].dtype != dtype) known++;
  if (known == TYPES) {
    PyErr_SetString(PyExc_BufferError, "DLPack has no such element type");
    return false;
  }
  memcpy(shared->sizes, snn_tensor_sizes(tensor), (size_t)rank * sizeof(int64_t));
  memcpy(shared->strides, snn_tensor_strides(tensor), (size_t)rank * sizeof(int64_t));
  *array =
      (Array){snn_tensor_data(tensor), {CPU, 0}, rank, element_types[known].type, shared->sizes, shared->strides, 0};
  return true;
}

// Takes the reference.
static PyObject* make_capsule(snn_tensor* tensor, bool versioned, bool copied) {
  Shared* shared = malloc(sizeof *shared);
  if (shared == NULL) {
    snn_tensor_release(tensor);
    return PyErr_NoMemory();
  }
  shared->tensor = tensor;
  bool good;
  if (versioned) {
    shared->as.versioned = (ManagedVersioned){.major = MAJOR,
                                              .minor = MINOR,
                                              .context = shared,
                                              .deleter = delete_versioned,
                                              .flags = copied ? IS_COPIED : 0};
    good = describe(shared, &shared->as.versioned.array);
  } else {
    shared->as.legacy = (Managed){.context = shared, .deleter = delete_legacy};
    good = describe(shared, &shared->as.legacy.array);
  }
  PyObject* capsule = good ? PyCapsule_New(&shared->as, versioned ? VERSIONED : LEGACY, capsule_destroyed) : NULL;
  if (capsule == NULL) shared_free(shared);
  return capsule;
}

static bool device_is_cpu(PyObject* device) {
  if (device == Py_None) return true;
  int type, number;
  if (!PyArg_ParseTuple(device, "ii;dl_device is a tuple of two ints", &type, &number)) return false;
  if (type == CPU) return true;
  PyErr_SetString(PyExc_BufferError, "the tensor is on the CPU and cannot be shared with another device");
  return false;
}

PyObject* tensor_dlpack(PyObject* self, PyObject* args, PyObject* keywords) {
  static char* names[] = {"stream", "max_version", "dl_device", "copy", NULL};
  PyObject *stream = Py_None, *version = Py_None, *device = Py_None, *copy = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|$OOOO:__dlpack__", names, &stream, &version, &device, &copy))
    return NULL;
  if (stream != Py_None) return PyErr_Format(PyExc_ValueError, "stream must be None on the CPU");
  if (!device_is_cpu(device)) return NULL;
  if (snn_tensor_requires_grad(handle_of(self))) {
    return PyErr_Format(PyExc_BufferError, "the tensor requires grad: share x.detach() instead");
  }
  if (snn_tensor_is_batched(handle_of(self))) {
    return PyErr_Format(PyExc_BufferError, "vmap: a tensor that stands for many examples has no memory of its own");
  }
  int major = 0, minor = 0;
  if (version != Py_None && !PyArg_ParseTuple(version, "ii;max_version is a tuple of two ints", &major, &minor))
    return NULL;
  int copied = copy == Py_None ? 0 : PyObject_IsTrue(copy);
  if (copied < 0) return NULL;
  snn_tensor* tensor = copied ? tensor_from_data(self, 0) : tensor_alias(handle_of(self));
  return tensor == NULL ? NULL : make_capsule(tensor, major >= MAJOR, copied != 0);
}

PyObject* tensor_dlpack_device(PyObject* self, PyObject* unused) {
  (void)self;
  (void)unused;
  return Py_BuildValue("(ii)", CPU, 0);
}

// ---- In

// A consumed capsule does nothing any more; the owner object of the tensor calls the deleter.
static void owner_destroyed(PyObject* owner) {
  if (PyCapsule_IsValid(owner, USED_LEGACY)) {
    Managed* managed = PyCapsule_GetPointer(owner, USED_LEGACY);
    if (managed->deleter != NULL) managed->deleter(managed);
  } else if (PyCapsule_IsValid(owner, USED_VERSIONED)) {
    ManagedVersioned* managed = PyCapsule_GetPointer(owner, USED_VERSIONED);
    if (managed->deleter != NULL) managed->deleter(managed);
  }
}

static void drop_owner(void* owner) { defer_release(owner); }

static snn_tensor* borrow_array(const Array* array, PyObject* owner) {
  int known = 0;
  while (known < TYPES && memcmp(&element_types[known].type, &array->dtype, sizeof array->dtype) != 0) known++;
  if (known == TYPES) {
    PyErr_Format(PyExc_BufferError, "no tensor has elements of DLPack type (%d, %d bits, %d lanes)", array->dtype.code,
                 array->dtype.bits, array->dtype.lanes);
    return NULL;
  }
  if (array->device.device_type != CPU) {
    PyErr_Format(PyExc_BufferError, "the memory is on DLPack device %d, not on the CPU",
                 (int)array->device.device_type);
    return NULL;
  }
  snn_tensor* handle = NULL;
  snn_error error;
  char* data = array->data == NULL ? NULL : (char*)array->data + array->byte_offset;
  snn_status status = snn_tensor_borrow(element_types[known].dtype, array->ndim, array->shape, array->strides, data,
                                        drop_owner, owner, &handle, &error);
  if (status != SNN_OK) {
    raise_error(status, &error);
    return NULL;
  }
  Py_INCREF(owner);
  return handle;
}

static PyObject* consume(PyObject* capsule) {
  bool versioned = PyCapsule_IsValid(capsule, VERSIONED);
  if (!versioned && !PyCapsule_IsValid(capsule, LEGACY)) {
    return PyErr_Format(PyExc_ValueError, "expected a DLPack capsule that has not been used yet");
  }
  void* managed = PyCapsule_GetPointer(capsule, versioned ? VERSIONED : LEGACY);
  const Array* array = versioned ? &((ManagedVersioned*)managed)->array : &((Managed*)managed)->array;
  if (versioned && ((ManagedVersioned*)managed)->major > MAJOR) {
    return PyErr_Format(PyExc_BufferError, "DLPack version %u is newer than %d", ((ManagedVersioned*)managed)->major,
                        MAJOR);
  }
  PyObject* owner = PyCapsule_New(managed, versioned ? USED_VERSIONED : USED_LEGACY, owner_destroyed);
  if (owner == NULL) return NULL;
  snn_tensor* handle = borrow_array(array, owner);
  if (handle == NULL) {
    PyCapsule_SetDestructor(owner, NULL);  // the capsule still owns the memory
    Py_DECREF(owner);
    return NULL;
  }
  PyCapsule_SetName(capsule, versioned ? USED_VERSIONED : USED_LEGACY);
  PyCapsule_SetDestructor(capsule, NULL);
  Py_DECREF(owner);  // the tensor holds it
  PyObject* result = wrap(handle);
  if (result == NULL || !versioned || !(((ManagedVersioned*)managed)->flags & READ_ONLY)) return result;
  snn_tensor* copy = PyErr_WarnEx(PyExc_UserWarning, "the array is read-only, so the tensor gets a copy of it", 1) < 0
                         ? NULL
                         : tensor_from_data(result, 0);
  Py_DECREF(result);
  return copy == NULL ? NULL : wrap(copy);
}

static PyObject* export_capsule(PyObject* object) {
  PyObject* method = PyObject_GetAttrString(object, "__dlpack__");
  if (method == NULL) return NULL;
  PyObject *none = PyTuple_New(0), *keywords = Py_BuildValue("{s(ii)}", "max_version", MAJOR, MINOR);
  PyObject* capsule = none == NULL || keywords == NULL ? NULL : PyObject_Call(method, none, keywords);
  if (capsule == NULL && none != NULL && PyErr_ExceptionMatches(PyExc_TypeError)) {  // made before there were versions
    PyErr_Clear();
    capsule = PyObject_Call(method, none, NULL);
  }
  Py_XDECREF(none);
  Py_XDECREF(keywords);
  Py_DECREF(method);
  return capsule;
}

static PyObject* from_dlpack(PyObject* self, PyObject* object) {
  (void)self;
  PyObject* capsule = PyCapsule_CheckExact(object) ? Py_NewRef(object) : export_capsule(object);
  if (capsule == NULL) return NULL;
  PyObject* result = consume(capsule);
  Py_DECREF(capsule);
  return result;
}

static PyMethodDef dlpack_functions[] = {
    {"from_dlpack", from_dlpack, METH_O,
     "from_dlpack(ext_tensor, /)\n--\n\nA tensor over the memory of an object that speaks DLPack, or of a capsule."},
    {NULL, NULL, 0, NULL},
};

int dlpack_init(PyObject* module) { return PyModule_AddFunctions(module, dlpack_functions); }
