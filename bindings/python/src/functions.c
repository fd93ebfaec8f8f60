// The registry's operations as Python functions and methods, made at import.
#include <stdlib.h>
#include <string.h>

#include "binding.h"

// A Python name in one place with the declarations that share it there.
typedef struct {
  const char* name;
  Overload *first, *last;
  uint32_t place;
  PyMethodDef definition;
} Function;

typedef struct {
  Function items[TRAMPOLINE_COUNT];
  int count;
  PyObject* positions;  // name@place -> position
} Table;

static Table functions, methods;

PyObject* function_call(PyObject* unused, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords,
                        int position) {
  (void)unused;
  const Function* function = &functions.items[position];
  Arguments all = {NULL, arguments, count, keywords};
  return call_overloads(function->first, function->name, &all);
}

PyObject* method_call(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords, int position) {
  const Function* function = &methods.items[position];
  Arguments all = {self, arguments, count, keywords};
  return call_overloads(function->first, function->name, &all);
}

// The Python name of an entry: what stands before the dot. Kept for the life of the process, like everything here.
static char* python_name(const snn_entry* entry) {
  size_t length = strcspn(entry->name, ".");
  char* name = malloc(length + 1);
  if (name == NULL) return NULL;
  memcpy(name, entry->name, length);
  name[length] = 0;
  return name;
}

static Function* find_or_add(Table* table, const snn_entry* entry, uint32_t place) {
  char* name = python_name(entry);
  PyObject* key = name == NULL ? PyErr_NoMemory() : PyUnicode_FromFormat("%s@%u", name, (unsigned)place);
  if (key == NULL) {
    free(name);
    return NULL;
  }
  Function* function = NULL;
  PyObject* position = PyDict_GetItemWithError(table->positions, key);
  if (position != NULL) {
    function = &table->items[PyLong_AsLong(position)];
  } else if (table->count == TRAMPOLINE_COUNT) {
    PyErr_Format(PyExc_ImportError, "the registry has more than %d names of one sort", (int)TRAMPOLINE_COUNT);
  } else if ((position = PyLong_FromLong(table->count)) != NULL) {
    int status = PyDict_SetItem(table->positions, key, position);
    Py_DECREF(position);
    if (status == 0) {
      function = &table->items[table->count++];
      function->name = name;
      function->place = place;
      name = NULL;
    }
  }
  free(name);
  Py_DECREF(key);
  return function;
}

static int add_entry(Table* table, const snn_entry* entry, uint32_t place) {
  Function* function = find_or_add(table, entry, place);
  Overload* overload = function == NULL ? NULL : overload_new(entry);
  if (overload == NULL) return -1;
  if (function->first == NULL) {
    function->first = overload;
  } else {
    function->last->next = overload;
  }
  function->last = overload;
  return 0;
}

// "name(signature)\n--\n\n" is what inspect.signature and help() read.
static char* document(const Function* function, bool method) {
  char text[DOCUMENT_SIZE];
  const snn_entry* entry = function->first->entry;
  size_t length = signature_write(entry, method, text, DOCUMENT_SIZE);
  length = text_append(text, DOCUMENT_SIZE, length, "\n--\n\n");
  length = document_write(entry, text, DOCUMENT_SIZE, length);
  for (const Overload* overload = function->first->next; overload != NULL; overload = overload->next) {
    length = text_append(text, DOCUMENT_SIZE, length, "\n\nAlso: ");
    length += signature_write(overload->entry, false, text + length, DOCUMENT_SIZE - length);
  }
  char* copy = malloc(length + 1);
  if (copy != NULL) return memcpy(copy, text, length + 1);
  PyErr_NoMemory();
  return NULL;
}

static int define(Function* function, Trampoline trampoline, bool method) {
  function->definition.ml_name = function->name;
  function->definition.ml_meth = (PyCFunction)(void (*)(void))trampoline;
  function->definition.ml_flags = METH_FASTCALL | METH_KEYWORDS;
  function->definition.ml_doc = document(function, method);
  return function->definition.ml_doc == NULL ? -1 : 0;
}

static int add_methods(void) {
  for (int i = 0; i < methods.count; i++) {
    Function* method = &methods.items[i];
    if (define(method, method_trampolines[i], true) < 0) return -1;
    if (PyObject_HasAttrString((PyObject*)tensor_type, method->name)) continue;  // written by hand
    PyObject* descriptor = PyDescr_NewMethod(tensor_type, &method->definition);
    if (descriptor == NULL) return -1;
    int status = PyObject_SetAttrString((PyObject*)tensor_type, method->name, descriptor);
    Py_DECREF(descriptor);
    if (status < 0) return -1;
  }
  return 0;
}

// ---- The functions of a place, for the Python modules of the same names

static const struct {
  uint32_t place;
  const char* module;
} places[] = {
    {SNN_PLACE_FUNCTION, "swiftnn"},      {SNN_PLACE_FUNCTIONAL, "swiftnn.nn.functional"},
    {SNN_PLACE_LINALG, "swiftnn.linalg"}, {SNN_PLACE_SPECIAL, "swiftnn.special"},
    {SNN_PLACE_INIT, "swiftnn.nn.init"},  {SNN_PLACE_SIGNAL, "swiftnn.signal.windows"},
};
enum { PLACES = sizeof places / sizeof *places };

static PyObject* functions_of(const char* module) {
  static PyObject* made[TRAMPOLINE_COUNT];
  uint32_t place = 0;
  for (size_t i = 0; i < PLACES; i++) place |= strcmp(places[i].module, module) == 0 ? places[i].place : 0;
  PyObject* result = PyDict_New();
  for (int i = 0; result != NULL && i < functions.count; i++) {
    Function* function = &functions.items[i];
    if (function->place != place) continue;
    if (made[i] == NULL) {
      PyObject* home = PyUnicode_FromString(module);
      made[i] = home == NULL ? NULL : PyCFunction_NewEx(&function->definition, NULL, home);
      Py_XDECREF(home);
    }
    if (made[i] == NULL || PyDict_SetItemString(result, function->name, made[i]) < 0) Py_CLEAR(result);
  }
  return result;
}

static PyObject* get_functions(PyObject* self, PyObject* module) {
  (void)self;
  const char* name = PyUnicode_AsUTF8AndSize(module, NULL);
  return name == NULL ? NULL : functions_of(name);
}

static PyMethodDef module_functions[] = {
    {"functions_of", get_functions, METH_O,
     "functions_of(module, /)\n--\n\nThe operations that belong to a Python module, by name."},
    {NULL, NULL, 0, NULL},
};

int functions_init(PyObject* module) {
  functions.positions = PyDict_New();
  methods.positions = PyDict_New();
  if (functions.positions == NULL || methods.positions == NULL) return -1;
  int32_t count = snn_entry_count(SNN_OPERATIONS);
  for (int32_t id = 0; id < count; id++) {
    const snn_entry* entry = snn_entry_at(SNN_OPERATIONS, id);
    if (entry == NULL) continue;
    for (size_t i = 0; i < PLACES; i++) {
      if ((entry->places & places[i].place) && add_entry(&functions, entry, places[i].place) < 0) return -1;
    }
    if ((entry->places & SNN_PLACE_METHOD) && add_entry(&methods, entry, SNN_PLACE_METHOD) < 0) return -1;
  }
  for (int i = 0; i < functions.count; i++) {
    if (define(&functions.items[i], function_trampolines[i], false) < 0) return -1;
  }
  return add_methods() < 0 ? -1 : PyModule_AddFunctions(module, module_functions);
}
