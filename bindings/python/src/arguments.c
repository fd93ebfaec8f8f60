// Python's arguments as the fields of a declaration.
#include <stdlib.h>
#include <string.h>

#include "binding.h"

static bool is_list(int32_t kind) {
  return kind == SNN_KIND_INTS || kind == SNN_KIND_FLOATS || kind == SNN_KIND_TENSORS || kind == SNN_KIND_MODULES;
}

Overload* overload_new(const snn_entry* entry) {
  if (entry->field_count > MAXIMUM_FIELDS) {
    PyErr_Format(PyExc_ImportError, "%s has more than %d arguments", entry->name, (int)MAXIMUM_FIELDS);
    return NULL;
  }
  Overload* overload = calloc(1, sizeof *overload);
  PyObject** names = calloc((size_t)entry->field_count + 1, sizeof *names);
  if (overload == NULL || names == NULL) {
    free(overload);
    free(names);
    PyErr_NoMemory();
    return NULL;
  }
  overload->entry = entry;
  overload->names = names;
  for (int32_t i = 0; i < entry->field_count; i++) {
    const snn_field* field = &entry->fields[i];
    if ((names[i] = PyUnicode_InternFromString(field->name)) == NULL) return NULL;
    if (!field->keyword_only) overload->positional_count = i + 1;
    if (!field->has_default && !field->optional) overload->required_count = i + 1;
  }
  int32_t last = overload->positional_count - 1;
  overload->collects = last >= 0 && is_list(entry->fields[last].kind);
  return overload;
}

static int32_t find_name(const Overload* overload, PyObject* name) {
  int32_t count = overload->entry->field_count;
  for (int32_t i = 0; i < count; i++) {
    if (overload->names[i] == name) return i;
  }
  for (int32_t i = 0; i < count; i++) {
    if (PyUnicode_Compare(overload->names[i], name) == 0) return i;
  }
  return -1;
}

// NumPy's words for the same arguments.
static int32_t find_alias(const Overload* overload, PyObject* name) {
  static const char* const aliases[][2] = {
      {"axis", "dim"}, {"keepdims", "keepdim"}, {"x", "input"}, {"self", "input"}, {"from_", "from"}};
  for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
    if (PyUnicode_CompareWithASCIIString(name, aliases[i][0]) != 0) continue;
    for (int32_t field = 0; field < overload->entry->field_count; field++) {
      if (strcmp(overload->entry->fields[field].name, aliases[i][1]) == 0) return field;
    }
  }
  return -1;
}

// There is one device and one layout, so the words that choose them say nothing; `device` has to name the CPU.
static Conversion take_extra(Extras* extras, PyObject* name, PyObject* value) {
  static const char* const ignored[] = {"layout", "pin_memory", "memory_format", "non_blocking"};
  if (extras == NULL) return MISMATCH;
  if (PyUnicode_CompareWithASCIIString(name, "requires_grad") == 0) {
    int truth = PyObject_IsTrue(value);
    extras->requires_grad = truth == 1;
    return truth < 0 ? FAILED : CONVERTED;
  }
  if (PyUnicode_CompareWithASCIIString(name, "out") == 0) {
    if (value != Py_None && !is_tensor(value) && !PySequence_Check(value)) return MISMATCH;
    extras->out = value == Py_None ? NULL : value;
    return CONVERTED;
  }
  if (PyUnicode_CompareWithASCIIString(name, "device") == 0) {
    PyObject* text = value == Py_None ? PyUnicode_FromString("cpu") : PyObject_Str(value);
    if (text == NULL) return FAILED;
    bool cpu =
        PyUnicode_CompareWithASCIIString(text, "cpu") == 0 || PyUnicode_CompareWithASCIIString(text, "cpu:0") == 0;
    if (!cpu) PyErr_Format(PyExc_RuntimeError, "there is no device '%U': this build computes on the CPU", text);
    Py_DECREF(text);
    return cpu ? CONVERTED : FAILED;
  }
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
    if (PyUnicode_CompareWithASCIIString(name, ignored[i]) == 0) return CONVERTED;
  }
  return MISMATCH;
}

static Conversion fail(Mismatch* mismatch, int reason, int32_t field, PyObject* object) {
  mismatch->reason = reason;
  mismatch->field = field;
  mismatch->object = object;
  return MISMATCH;
}

static Conversion bind_positional(Call* call, const Overload* overload, const Arguments* arguments, Mismatch* mismatch,
                                  int32_t* bound) {
  const snn_field* fields = overload->entry->fields;
  int32_t next = 0;
  if (arguments->self != NULL) {
    if (overload->positional_count == 0) return fail(mismatch, TOO_MANY, 0, NULL);
    call->values[next++] = snn_of(handle_of(arguments->self));
  }
  Py_ssize_t room = overload->positional_count - next;
  Py_ssize_t direct = arguments->count;
  if (overload->collects && room > 0 && arguments->count >= room) {
    PyObject* first = arguments->positional[room - 1];
    bool alone = arguments->count == room &&
                 !(fields[overload->positional_count - 1].kind == SNN_KIND_TENSORS && is_tensor(first));
    if (!alone) direct = room - 1;
  } else if (arguments->count > room) {
    return fail(mismatch, TOO_MANY, 0, NULL);
  }
  for (Py_ssize_t i = 0; i < direct; i++, next++) {
    Conversion result = convert(call, &fields[next], arguments->positional[i], &call->values[next]);
    if (result != CONVERTED)
      return result == FAILED ? FAILED : fail(mismatch, WRONG_TYPE, next, arguments->positional[i]);
  }
  if (direct < arguments->count) {
    PyObject* const* rest = arguments->positional + direct;
    Conversion result = convert_rest(call, &fields[next], rest, arguments->count - direct, &call->values[next]);
    if (result != CONVERTED) return result == FAILED ? FAILED : fail(mismatch, WRONG_TYPE, next, rest[0]);
    next++;
  }
  *bound = next;
  return CONVERTED;
}

static Conversion bind_keywords(Call* call, const Overload* overload, const Arguments* arguments, Extras* extras,
                                Mismatch* mismatch, int32_t bound) {
  const snn_entry* entry = overload->entry;
  uint64_t set = ((uint64_t)1 << bound) - 1;
  for (int32_t i = bound; i < entry->field_count; i++) call->values[i] = snn_none();
  Py_ssize_t count = PyTuple_Size(arguments->keyword_names);
  for (Py_ssize_t i = 0; i < count; i++) {
    PyObject* name = PyTuple_GetItem(arguments->keyword_names, i);
    PyObject* value = arguments->positional[arguments->count + i];
    int32_t field = find_name(overload, name);
    if (field < 0) field = find_alias(overload, name);
    if (field < 0) {
      Conversion result = take_extra(extras, name, value);
      if (result != CONVERTED) return result == FAILED ? FAILED : fail(mismatch, UNKNOWN, -1, name);
      continue;
    }
    if (set >> field & 1) return fail(mismatch, TWICE, field, name);
    set |= (uint64_t)1 << field;
    Conversion result = convert(call, &entry->fields[field], value, &call->values[field]);
    if (result != CONVERTED) return result == FAILED ? FAILED : fail(mismatch, WRONG_TYPE, field, value);
  }
  for (int32_t i = bound; i < overload->required_count; i++) {
    const snn_field* field = &entry->fields[i];
    if (!field->has_default && !field->optional && !(set >> i & 1)) return fail(mismatch, MISSING, i, NULL);
  }
  call->count = (size_t)entry->field_count;
  return CONVERTED;
}

Conversion bind_arguments(Call* call, const Overload* overload, const Arguments* arguments, Extras* extras,
                          Mismatch* mismatch) {
  int32_t bound = 0;
  mismatch->given = arguments->count + (arguments->self != NULL);
  Conversion result = bind_positional(call, overload, arguments, mismatch, &bound);
  if (result != CONVERTED) return result;
  if (arguments->keyword_names != NULL && PyTuple_Size(arguments->keyword_names) > 0) {
    return bind_keywords(call, overload, arguments, extras, mismatch, bound);
  }
  for (int32_t i = bound; i < overload->required_count; i++) {
    const snn_field* field = &overload->entry->fields[i];
    if (!field->has_default && !field->optional) return fail(mismatch, MISSING, i, NULL);
  }
  call->count = (size_t)bound;
  return CONVERTED;
}

// ---- Texts

static size_t append(char* text, size_t capacity, size_t length, const char* part, size_t part_length) {
  if (part_length > capacity - 1 - length) part_length = capacity - 1 - length;
  memcpy(text + length, part, part_length);
  text[length + part_length] = 0;
  return length + part_length;
}

size_t text_append(char* text, size_t capacity, size_t length, const char* part) {
  return append(text, capacity, length, part, strlen(part));
}

// Python's own words cannot be argument names: `from` is written and taken as `from_`.
static bool is_reserved(const char* name) {
  static const char* const words[] = {"as", "from", "in", "is", "lambda", "not", "with"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(name, words[i]) == 0) return true;
  }
  return false;
}

size_t signature_write(const snn_entry* entry, bool method, char* text, size_t capacity) {
  size_t length = append(text, capacity, 0, entry->name, strcspn(entry->name, "."));
  length = append(text, capacity, length, "(", 1);
  bool starred = false;
  for (int32_t i = 0; i < entry->field_count; i++) {
    const snn_field* field = &entry->fields[i];
    if (i > 0) length = append(text, capacity, length, ", ", 2);
    if (method && i == 0) {
      length = append(text, capacity, length, "$self", 5);
      continue;
    }
    if (field->keyword_only && !starred) length = append(text, capacity, length, "*, ", 3);
    starred = starred || field->keyword_only;
    length = append(text, capacity, length, field->name, strlen(field->name));
    if (is_reserved(field->name)) length = append(text, capacity, length, "_", 1);
    const char* value = field->default_text != NULL ? field->default_text : field->optional ? "None" : NULL;
    if (value == NULL) continue;
    length = append(text, capacity, length, "=", 1);
    length = append(text, capacity, length, value, strlen(value));
  }
  return append(text, capacity, length, ")", 1);
}

size_t document_write(const snn_entry* entry, char* text, size_t capacity, size_t length) {
  length = text_append(text, capacity, length, entry->doc == NULL ? "" : entry->doc);
  bool titled = false;
  for (int32_t i = 0; i < entry->field_count; i++) {
    const snn_field* field = &entry->fields[i];
    if (field->doc == NULL || field->doc[0] == 0) continue;
    if (!titled) length = text_append(text, capacity, length, "\n\nArgs:");
    titled = true;
    length = text_append(text, capacity, length, "\n    ");
    length = text_append(text, capacity, length, field->name);
    length = text_append(text, capacity, length, ": ");
    length = text_append(text, capacity, length, field->doc);
  }
  return length;
}

static PyObject* raise_combination(const Overload* overloads, const char* name, const Arguments* arguments) {
  PyObject* text = PyUnicode_FromFormat("%s() received an invalid combination of arguments - got (", name);
  Py_ssize_t keywords = arguments->keyword_names == NULL ? 0 : PyTuple_Size(arguments->keyword_names);
  for (Py_ssize_t i = 0; text != NULL && i < arguments->count + keywords; i++) {
    const char* separator = i == 0 ? "" : ", ";
    PyObject* type = PyType_GetName(Py_TYPE(arguments->positional[i]));
    PyObject* part;
    if (i < arguments->count) {
      part = PyUnicode_FromFormat("%s%V", separator, type, "?");
    } else {
      PyObject* keyword = PyTuple_GetItem(arguments->keyword_names, i - arguments->count);
      part = PyUnicode_FromFormat("%s%U=%V", separator, keyword, type, "?");
    }
    Py_XDECREF(type);
    PyUnicode_AppendAndDel(&text, part);
  }
  if (text != NULL) PyUnicode_AppendAndDel(&text, PyUnicode_FromString("), but expected one of:"));
  for (const Overload* overload = overloads; text != NULL && overload != NULL; overload = overload->next) {
    char signature[SIGNATURE_SIZE];
    signature_write(overload->entry, false, signature, sizeof signature);
    PyUnicode_AppendAndDel(&text, PyUnicode_FromFormat("\n * %s", signature));
  }
  if (text != NULL) PyErr_SetObject(PyExc_TypeError, text);
  Py_XDECREF(text);
  return NULL;
}

PyObject* raise_mismatch(const Overload* overloads, const char* name, const Arguments* arguments,
                         const Mismatch* mismatch) {
  if (overloads->next != NULL) return raise_combination(overloads, name, arguments);
  const snn_field* field = mismatch->field >= 0 ? &overloads->entry->fields[mismatch->field] : NULL;
  switch (mismatch->reason) {
    case WRONG_TYPE: {
      PyObject* type = PyType_GetName(Py_TYPE(mismatch->object));
      if (type == NULL) return NULL;
      PyErr_Format(PyExc_TypeError, "%s(): argument '%s' (position %d) must be %s, not %U", name, field->name,
                   (int)mismatch->field + 1, kind_text(field), type);
      Py_DECREF(type);
      return NULL;
    }
    case TOO_MANY:
      return PyErr_Format(PyExc_TypeError, "%s() takes %d positional arguments but %zd were given", name,
                          (int)overloads->positional_count, mismatch->given);
    case MISSING:
      return PyErr_Format(PyExc_TypeError, "%s() missing required argument '%s' (position %d)", name, field->name,
                          (int)mismatch->field + 1);
    case TWICE:
      return PyErr_Format(PyExc_TypeError, "%s() got multiple values for argument '%U'", name, mismatch->object);
    default:
      return PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", name, mismatch->object);
  }
}
