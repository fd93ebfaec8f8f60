// Engine errors as Python exceptions, and work that waits for a thread that holds the GIL.
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"

static PyObject* exception_for(snn_status status) {
  switch (status) {
    case SNN_ERROR_ARGUMENT:
      return PyExc_ValueError;
    case SNN_ERROR_INDEX:
      return PyExc_IndexError;
    case SNN_ERROR_NAME:
      return PyExc_AttributeError;
    case SNN_ERROR_MEMORY:
      return PyExc_MemoryError;
    case SNN_ERROR_FILE:
      return PyExc_OSError;
    case SNN_ERROR_UNSUPPORTED:
      return PyExc_NotImplementedError;
    default:
      return PyExc_RuntimeError;
  }
}

PyObject* raise_error(snn_status status, const snn_error* error) {
  if (status == SNN_ERROR_CALLBACK && PyErr_Occurred()) return NULL;
  PyObject* text =
      PyUnicode_DecodeUTF8(error->message, (Py_ssize_t)strnlen(error->message, SNN_MESSAGE_SIZE), "replace");
  if (text == NULL) return NULL;
  // Modules that the error passes put the path to where it happened in front (nn/_module_walk.py).
  PyObject* raised = PyObject_CallFunctionObjArgs(exception_for(status), text, NULL);
  if (raised != NULL && PyObject_SetAttrString(raised, "_engine_message", text) == 0)
    PyErr_SetObject((PyObject*)Py_TYPE(raised), raised);
  Py_XDECREF(raised);
  Py_DECREF(text);
  return NULL;
}

// The engine may drop borrowed memory, or warn, on a thread without the GIL and inside a call whose caller holds it.
// Taking the GIL there could wait for ever, so the work is queued and the next call that does hold it runs the queue.
typedef struct Deferred {
  struct Deferred* next;
  PyObject* object;
  char message[];
} Deferred;

static _Atomic(Deferred*) deferred;
_Atomic int deferred_count;

static void defer(Deferred* item) {
  item->next = atomic_load(&deferred);
  while (!atomic_compare_exchange_weak(&deferred, &item->next, item)) {
  }
  atomic_fetch_add(&deferred_count, 1);
}

void defer_release(PyObject* object) {
  Deferred* item = malloc(sizeof(Deferred));
  if (item == NULL) return;  // out of memory: the object is lost rather than the process
  item->object = object;
  defer(item);
}

static void defer_warning(void* user, snn_log_level level, const char* message) {
  (void)user;
  if (level != SNN_LOG_WARNING) return;
  size_t length = strlen(message);
  Deferred* item = malloc(sizeof(Deferred) + length + 1);
  if (item == NULL) return;
  item->object = NULL;
  memcpy(item->message, message, length + 1);
  defer(item);
}

int run_deferred(void) {
  int result = 0;
  Deferred* item = atomic_exchange(&deferred, NULL);
  while (item != NULL) {
    Deferred* next = item->next;
    atomic_fetch_sub(&deferred_count, 1);
    if (item->object != NULL) {
      Py_DECREF(item->object);
    } else if (result == 0) {
      result = PyErr_WarnEx(PyExc_UserWarning, item->message, 2);
    }
    free(item);
    item = next;
  }
  return result;
}

int errors_init(PyObject* module) {
  (void)module;
  snn_set_log_callback(defer_warning, NULL);
  return 0;
}
