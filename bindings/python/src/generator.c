// Random generators.
#include "binding.h"

typedef struct {
  PyObject_HEAD snn_generator* handle;  // NULL: the default generator
} GeneratorObject;

PyTypeObject* generator_type;

snn_generator* generator_handle(PyObject* object) { return ((GeneratorObject*)object)->handle; }

static bool parse_seed(PyObject* object, uint64_t* seed) {
  PyObject* integer = PyNumber_Index(object);
  if (integer == NULL) return false;
  *seed = PyLong_AsUnsignedLongLongMask(integer);  // negative seeds count from the top
  Py_DECREF(integer);
  return !(*seed == UINT64_MAX && PyErr_Occurred());
}

static PyObject* generator_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  static char* names[] = {"device", NULL};
  PyObject* device = NULL;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:Generator", names, &device)) return NULL;
  GeneratorObject* self = (GeneratorObject*)PyType_GenericAlloc(type, 0);
  if (self == NULL) return NULL;
  snn_error error;
  snn_status status = snn_generator_new(0, &self->handle, &error);
  if (status == SNN_OK) return (PyObject*)self;
  Py_DECREF(self);
  return raise_error(status, &error);
}

static void generator_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  snn_generator_release(generator_handle(self));
  PyObject_Free(self);
  Py_DECREF(type);
}

static PyObject* manual_seed(PyObject* self, PyObject* argument) {
  uint64_t seed;
  if (!parse_seed(argument, &seed)) return NULL;
  snn_generator_seed(generator_handle(self), seed);
  return Py_NewRef(self);
}

static PyObject* initial_seed(PyObject* self, PyObject* unused) {
  (void)unused;
  uint64_t seed, position;
  snn_generator_state(generator_handle(self), &seed, &position);
  return PyLong_FromUnsignedLongLong(seed);
}

static PyObject* new_seed(PyObject* self, PyObject* unused) {
  PyObject* random = PyImport_ImportModule("os");
  PyObject* bytes = random == NULL ? NULL : PyObject_CallMethod(random, "urandom", "i", (int)sizeof(uint64_t));
  Py_XDECREF(random);
  char* data = bytes == NULL ? NULL : PyBytes_AsString(bytes);
  if (data == NULL) return NULL;
  uint64_t seed = 0;
  for (size_t i = 0; i < sizeof seed; i++) seed = seed << 8 | (unsigned char)data[i];
  Py_DECREF(bytes);
  snn_generator_seed(generator_handle(self), seed);
  return initial_seed(self, unused);
}

// The state is a tensor of 16 bytes, as in PyTorch: seed and position.
static PyObject* get_state(PyObject* self, PyObject* unused) {
  (void)unused;
  uint64_t state[2];
  snn_generator_state(generator_handle(self), &state[0], &state[1]);
  const int64_t size = sizeof state;
  snn_tensor* handle = NULL;
  snn_error error;
  snn_status status = snn_tensor_new(SNN_UINT8, 1, &size, state, &handle, &error);
  return status != SNN_OK ? raise_error(status, &error) : wrap(handle);
}

static PyObject* set_state(PyObject* self, PyObject* tensor) {
  uint64_t state[2];
  if (!is_tensor(tensor) || snn_tensor_dtype(handle_of(tensor)) != SNN_UINT8 ||
      snn_tensor_count(handle_of(tensor)) != (int64_t)sizeof state) {
    return PyErr_Format(PyExc_TypeError, "the state of a generator is a uint8 tensor of %d elements",
                        (int)sizeof state);
  }
  snn_error error;
  snn_status status = snn_tensor_read(handle_of(tensor), SNN_UINT8, state, sizeof state, &error);
  if (status != SNN_OK) return raise_error(status, &error);
  snn_generator_set_state(generator_handle(self), state[0], state[1]);
  return Py_NewRef(self);
}

static PyObject* generator_repr(PyObject* self) {
  return PyUnicode_FromFormat("<swiftnn.Generator object at %p>", (void*)self);
}

static PyMethodDef generator_methods[] = {
    {"manual_seed", manual_seed, METH_O,
     "manual_seed($self, seed, /)\n--\n\nStarts the sequence of this seed and returns the generator."},
    {"initial_seed", initial_seed, METH_NOARGS, "initial_seed($self)\n--\n\nThe seed of the sequence."},
    {"seed", new_seed, METH_NOARGS,
     "seed($self)\n--\n\nStarts a sequence with a seed from the system and returns the seed."},
    {"get_state", get_state, METH_NOARGS, "get_state($self)\n--\n\nSeed and position, as a uint8 tensor."},
    {"set_state", set_state, METH_O, "set_state($self, new_state, /)\n--\n\nContinues from what get_state returned."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot generator_slots[] = {
    {Py_tp_doc, "A sequence of random numbers that depends on its seed alone."},
    {Py_tp_new, generator_new},
    {Py_tp_dealloc, generator_dealloc},
    {Py_tp_repr, generator_repr},
    {Py_tp_methods, generator_methods},
    {0, NULL},
};

static PyType_Spec generator_spec = {
    .name = "swiftnn.Generator",
    .basicsize = sizeof(GeneratorObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = generator_slots,
};

int generator_init(PyObject* module) {
  if (add_type(module, &generator_spec, &generator_type) < 0) return -1;
  PyObject* standard = PyType_GenericAlloc(generator_type, 0);
  if (standard == NULL) return -1;
  int status = PyModule_AddObjectRef(module, "default_generator", standard);
  Py_DECREF(standard);
  return status;
}
