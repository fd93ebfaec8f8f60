// The registry as Python data: what the classes of layers and optimizers are made from.
#include <stdlib.h>
#include <string.h>

#include "binding.h"

static PyObject* known[SNN_AUGMENTATIONS + 1];  // by section: Python name -> capsule of an overload list

const Overload* overloads_of(snn_section section, const char* name) {
  if (known[section] == NULL && (known[section] = PyDict_New()) == NULL) return NULL;
  PyObject* capsule = PyDict_GetItemString(known[section], name);
  if (capsule != NULL) return PyCapsule_GetPointer(capsule, NULL);
  Overload *first = NULL, *last = NULL;
  int32_t count = snn_entry_count(section);
  for (int32_t id = 0; id < count; id++) {
    const snn_entry* entry = snn_entry_at(section, id);
    size_t length = entry == NULL ? 0 : strcspn(entry->name, ".");
    bool overloads = length > 0 && strncmp(entry->name, name, length) == 0 && name[length] == 0;
    if (!overloads && (entry == NULL || strcmp(entry->name, name) != 0)) continue;
    Overload* overload = overload_new(entry);
    if (overload == NULL) return NULL;
    if (first == NULL) {
      first = overload;
    } else {
      last->next = overload;
    }
    last = overload;
  }
  if (first == NULL) {
    PyErr_Format(PyExc_AttributeError, "the registry has no '%s'", name);
    return NULL;
  }
  capsule = PyCapsule_New(first, NULL, NULL);
  if (capsule == NULL || PyDict_SetItemString(known[section], name, capsule) < 0) first = NULL;
  Py_XDECREF(capsule);
  return first;
}

bool spread_arguments(Call* call, PyObject* tuple, PyObject* dictionary, Arguments* out) {
  Py_ssize_t count = tuple == NULL ? 0 : PyTuple_Size(tuple);
  Py_ssize_t keywords = dictionary == NULL ? 0 : PyDict_Size(dictionary);
  PyObject** objects = call_block(call, (size_t)(count + keywords) * sizeof *objects);
  if (objects == NULL) return false;
  for (Py_ssize_t i = 0; i < count; i++) objects[i] = PyTuple_GetItem(tuple, i);
  PyObject* names = PyTuple_New(keywords);
  if (!call_own(call, names)) return false;
  PyObject *key, *value;
  Py_ssize_t position = 0, next = 0;
  while (keywords > 0 && PyDict_Next(dictionary, &position, &key, &value)) {
    if (PyTuple_SetItem(names, next, Py_NewRef(key)) < 0) return false;
    objects[count + next++] = value;
  }
  *out = (Arguments){NULL, objects, count, keywords == 0 ? NULL : names};
  return true;
}

static PyObject* list_entries(PyObject* self, PyObject* argument) {
  (void)self;
  long section = PyLong_AsLong(argument);
  if (section == -1 && PyErr_Occurred()) return NULL;
  int32_t count = snn_entry_count((snn_section)section);
  PyObject* list = PyList_New(0);
  for (int32_t id = 0; list != NULL && id < count; id++) {
    const snn_entry* entry = snn_entry_at((snn_section)section, id);
    if (entry == NULL) continue;
    char text[DOCUMENT_SIZE];
    document_write(entry, text, sizeof text, 0);
    PyObject* item = Py_BuildValue("(ssi)", entry->name, text, (int)id);
    if (item == NULL || PyList_Append(list, item) < 0) Py_CLEAR(list);
    Py_XDECREF(item);
  }
  return list;
}

static PyObject* list_fields(PyObject* self, PyObject* args) {
  (void)self;
  int section, id;
  if (!PyArg_ParseTuple(args, "ii:fields", &section, &id)) return NULL;
  const snn_entry* entry = snn_entry_at((snn_section)section, id);
  if (entry == NULL) return PyErr_Format(PyExc_IndexError, "section %d of the registry has no entry %d", section, id);
  PyObject* tuple = PyTuple_New(entry->field_count);
  for (int32_t i = 0; tuple != NULL && i < entry->field_count; i++) {
    const snn_field* field = &entry->fields[i];
    PyObject* value = field->has_default ? value_to_object(&field->default_value) : Py_NewRef(Py_None);
    PyObject* item =
        value == NULL
            ? NULL
            : Py_BuildValue("(sONOsz)", field->name, field->has_default || field->optional ? Py_True : Py_False, value,
                            field->keyword_only ? Py_True : Py_False, kind_text(field), field->doc);
    if (item == NULL || PyTuple_SetItem(tuple, i, item) < 0) Py_CLEAR(tuple);
  }
  return tuple;
}

static PyObject* describe(PyObject* self, PyObject* args) {
  (void)self;
  int section;
  const char* name;
  if (!PyArg_ParseTuple(args, "iz:describe", &section, &name)) return NULL;
  const char* json = snn_describe((snn_section)section, name);
  if (json == NULL) return PyErr_Format(PyExc_AttributeError, "the registry has no '%s'", name == NULL ? "" : name);
  return PyUnicode_FromString(json);
}

static PyMethodDef registry_functions[] = {
    {"entries", list_entries, METH_O, "entries(section, /)\n--\n\nName, doc and id of every declaration of a section."},
    {"fields", list_fields, METH_VARARGS,
     "fields(section, id, /)\n--\n\nName, whether it may be left out, default, whether keyword-only, kind and doc of "
     "every argument."},
    {"describe", describe, METH_VARARGS,
     "describe(section, name, /)\n--\n\nThe declaration, or all of a section, as JSON."},
    {NULL, NULL, 0, NULL},
};

int registry_init(PyObject* module) {
  static const char* const names[] = {"OPERATIONS", "LAYERS",         "OPTIMIZERS", "WRAPPERS",   "SCHEDULES",
                                      "METRICS",    "STOPPING_RULES", "HEADS",      "TRANSFORMS", "AUGMENTATIONS"};
  for (int section = SNN_OPERATIONS; section <= SNN_AUGMENTATIONS; section++) {
    if (PyModule_AddIntConstant(module, names[section], section) < 0) return -1;
  }
  return PyModule_AddFunctions(module, registry_functions);
}
