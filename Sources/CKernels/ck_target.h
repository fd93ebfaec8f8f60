// CK_TARGET_BEGIN_… to CK_TARGET_END are compiled for an instruction set, whatever the command line says.
#ifndef CK_TARGET_H
#define CK_TARGET_H

// Included before the target changes: their inline functions belong to the baseline.
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CK_FEATURES_AVX2 "avx2,fma,f16c,bmi,bmi2"
#define CK_FEATURES_AVX512 "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c,bmi,bmi2"

// clang-format off
#define CK_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define CK_TARGET(features) CK_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define CK_TARGET_END _Pragma("clang attribute pop")
#else
#define CK_TARGET(features) _Pragma("GCC push_options") CK_PRAGMA(GCC target(features))
#define CK_TARGET_END _Pragma("GCC pop_options")
#endif
// clang-format on

// The function is compiled for each instruction set, and the loader takes the best. It does so before a sanitizer is
// ready, which then crashes.
#if defined(__has_feature)
#define CK_IS_SANITIZED (__has_feature(thread_sanitizer) || __has_feature(address_sanitizer))
#else
#define CK_IS_SANITIZED 0
#endif
#if defined(__x86_64__) && !CK_IS_SANITIZED
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif

// Before a loop that often has few turns: one vector at a time, and no wide one.
#if defined(__clang__)
#define CK_SHORT_LOOP _Pragma("clang loop vectorize_width(8) interleave_count(1)")
#else
#define CK_SHORT_LOOP
#endif

// Between these the compiler keeps the code short: on x86-64, that for any processor runs on those without AVX2 alone.
#if defined(__x86_64__) && defined(__clang__)
#define CK_SHORT_BEGIN _Pragma("clang attribute push(__attribute__((minsize)), apply_to = function)")
#define CK_SHORT_END _Pragma("clang attribute pop")
#else
#define CK_SHORT_BEGIN
#define CK_SHORT_END
#endif

#define CK_TARGET_BEGIN_AVX2 CK_TARGET(CK_FEATURES_AVX2)
#define CK_TARGET_BEGIN_AVX512 CK_TARGET(CK_FEATURES_AVX512)

#endif
