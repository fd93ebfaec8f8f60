// Compiles what lies between for an instruction set, whatever the command line says.
#ifndef CK_TARGET_H
#define CK_TARGET_H

// Included before the target changes: their inline functions belong to the baseline.
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__clang__)
#define CK_TARGET_BEGIN_AVX2 \
  _Pragma("clang attribute push(__attribute__((target(\"avx2,fma,f16c,bmi,bmi2\"))), apply_to = function)")
#define CK_TARGET_BEGIN_AVX512                                                                                  \
  _Pragma(                                                                                                      \
      "clang attribute push(__attribute__((target(\"avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c,bmi,bmi2\"))), apply_to = function)")
#define CK_TARGET_END _Pragma("clang attribute pop")
#else
#define CK_TARGET_BEGIN_AVX2 _Pragma("GCC push_options") _Pragma("GCC target(\"avx2,fma,f16c,bmi,bmi2\")")
#define CK_TARGET_BEGIN_AVX512 \
  _Pragma("GCC push_options") _Pragma("GCC target(\"avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c,bmi,bmi2\")")
#define CK_TARGET_END _Pragma("GCC pop_options")
#endif

#endif
