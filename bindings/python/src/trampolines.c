// A C function per Python function: METH_FASTCALL passes nothing that would tell them apart, so each knows its number.
#include "binding.h"

#define FUNCTION(n)                                                                                                \
  static PyObject* function_##n(PyObject* unused, PyObject* const* arguments, Py_ssize_t count, PyObject* names) { \
    return function_call(unused, arguments, count, names, n);                                                      \
  }
#define METHOD(n)                                                                                              \
  static PyObject* method_##n(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) { \
    return method_call(self, arguments, count, names, n);                                                      \
  }
#define FUNCTION_NAME(n) function_##n,
#define METHOD_NAME(n) method_##n,

// 0x000 … 0x3ff, digit by digit
// clang-format off
#define EACH_OF_16(M, p)                                          \
  M(p##0) M(p##1) M(p##2) M(p##3) M(p##4) M(p##5) M(p##6) M(p##7) \
  M(p##8) M(p##9) M(p##a) M(p##b) M(p##c) M(p##d) M(p##e) M(p##f)
#define EACH_OF_256(M, p)                                                               \
  EACH_OF_16(M, p##0) EACH_OF_16(M, p##1) EACH_OF_16(M, p##2) EACH_OF_16(M, p##3) \
  EACH_OF_16(M, p##4) EACH_OF_16(M, p##5) EACH_OF_16(M, p##6) EACH_OF_16(M, p##7) \
  EACH_OF_16(M, p##8) EACH_OF_16(M, p##9) EACH_OF_16(M, p##a) EACH_OF_16(M, p##b) \
  EACH_OF_16(M, p##c) EACH_OF_16(M, p##d) EACH_OF_16(M, p##e) EACH_OF_16(M, p##f)
#define EACH(M) EACH_OF_256(M, 0x0) EACH_OF_256(M, 0x1) EACH_OF_256(M, 0x2) EACH_OF_256(M, 0x3)
// clang-format on

EACH(FUNCTION)
EACH(METHOD)

const Trampoline function_trampolines[TRAMPOLINE_COUNT] = {EACH(FUNCTION_NAME)};
const Trampoline method_trampolines[TRAMPOLINE_COUNT] = {EACH(METHOD_NAME)};
