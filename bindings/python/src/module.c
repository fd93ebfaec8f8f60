// The module swiftnn._C.
#include "binding.h"

int add_type(PyObject* module, PyType_Spec* spec, PyTypeObject** out) {
  PyObject* type = PyType_FromSpec(spec);
  if (type == NULL) return -1;
  *out = (PyTypeObject*)type;
  return PyModule_AddType(module, *out);
}

static PyObject* get_threads(PyObject* self, PyObject* unused) {
  (void)self;
  (void)unused;
  return PyLong_FromLong(snn_threads());
}

static PyObject* set_threads(PyObject* self, PyObject* argument) {
  (void)self;
  long count = PyLong_AsLong(argument);
  if (count == -1 && PyErr_Occurred()) return NULL;
  if (count < 1 || count > INT32_MAX)
    return PyErr_Format(PyExc_RuntimeError, "set_num_threads expects a positive integer");
  snn_set_threads((int32_t)count);
  Py_RETURN_NONE;
}

static PyObject* get_memory(PyObject* self, PyObject* unused) {
  (void)self;
  (void)unused;
  snn_memory_counts counts;
  snn_memory(&counts);
  return Py_BuildValue("{sKsKsKsK}", "in_use", (unsigned long long)counts.in_use, "peak",
                       (unsigned long long)counts.peak, "reserved", (unsigned long long)counts.reserved,
                       "system_allocations", (unsigned long long)counts.system_allocations);
}

static PyObject* reset_peak(PyObject* self, PyObject* unused) {
  (void)self;
  (void)unused;
  snn_memory_reset_peak();
  Py_RETURN_NONE;
}

static PyObject* set_limit(PyObject* self, PyObject* argument) {
  (void)self;
  unsigned long long bytes = PyLong_AsUnsignedLongLong(argument);
  if (bytes == (unsigned long long)-1 && PyErr_Occurred()) return NULL;
  snn_set_memory_limit(bytes);
  Py_RETURN_NONE;
}

static PyObject* trim(PyObject* self, PyObject* unused) {
  (void)self;
  (void)unused;
  snn_memory_trim();
  Py_RETURN_NONE;
}

static PyObject* instruction_set(PyObject* self, PyObject* unused) {
  (void)self;
  (void)unused;
  return PyUnicode_FromString(snn_instruction_set());
}

static PyMethodDef module_functions[] = {
    {"get_num_threads", get_threads, METH_NOARGS, "get_num_threads()\n--\n\nThe number of threads that kernels use."},
    {"set_num_threads", set_threads, METH_O,
     "set_num_threads(count, /)\n--\n\nSets the number of threads that kernels use."},
    {"memory_counts", get_memory, METH_NOARGS,
     "memory_counts()\n--\n\nBytes of tensors now, at most, and held from the system."},
    {"memory_reset_peak", reset_peak, METH_NOARGS, "memory_reset_peak()\n--\n\nForgets the peak."},
    {"set_memory_limit", set_limit, METH_O,
     "set_memory_limit(bytes, /)\n--\n\nA cap on the bytes of tensors; 0: none."},
    {"memory_trim", trim, METH_NOARGS, "memory_trim()\n--\n\nGives cached memory back to the system."},
    {"instruction_set", instruction_set, METH_NOARGS, "instruction_set()\n--\n\nThe vector instructions in use."},
    {NULL, NULL, 0, NULL},
};

static int fill(PyObject* module) {
  if (snn_abi_version() < SNN_ABI_VERSION) {
    PyErr_Format(PyExc_ImportError, "libswiftnn.so has ABI version %d, the extension needs %d", (int)snn_abi_version(),
                 SNN_ABI_VERSION);
    return -1;
  }
  static int (*const parts[])(PyObject*) = {
      errors_init,     dtype_init,      size_init,     tensor_init,  data_init,       dlpack_init,    gradient_init,
      functional_init, generator_init,  registry_init, layers_init,  optimizers_init, schedules_init, metrics_init,
      stopping_init,   heads_init,      training_init, trainer_init, archive_init,    datafiles_init, csv_init,
      tokenizer_init,  transforms_init, report_init,   logs_init,    charts_init,     functions_init};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (parts[i](module) < 0) return -1;
  }
  if (number_init() < 0 || indexing_init() < 0) return -1;
  if (PyModule_AddStringConstant(module, "version", snn_version()) < 0) return -1;
  return PyModule_AddFunctions(module, module_functions);
}

// State of the module lies in C variables, so there is one of it in a process (m_size -1), for one interpreter. They
// are guarded by the GIL: an interpreter without one turns it on for this module.
static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "swiftnn._C",
    .m_doc = "The engine behind swiftnn.",
    .m_size = -1,
};

PyMODINIT_FUNC PyInit__C(void) {
  PyObject* module = PyModule_Create(&definition);
  if (module != NULL && fill(module) < 0) Py_CLEAR(module);
  return module;
}
