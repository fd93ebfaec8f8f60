// Kernels of one compute type from the table. The includer defines T, C, CK_PREFIX, CK_PARAM, CK_BUILD_… for the speeds
// and CK_HAS_… for the classes of rows.

#define M(f) CK_JOIN(CK_PREFIX, f)

#define CK_PARAMS_0
#define CK_PARAMS_1 const T p0 = CK_PARAM(p[0]);
#define CK_PARAMS_2 CK_PARAMS_1 const T p1 = CK_PARAM(p[1]);
#define CK_PARAMS_3 CK_PARAMS_2 const T p2 = CK_PARAM(p[2]);

#define CK_FIRST_OPERAND T
#define CK_FIRST_CONDITION uint8_t

#define CK_UNARY(name, types, speed, result, params, saves, value, gradient)                   \
  CK_WHEN(types, speed)                                                                        \
  (static void M(unary_##name)(int64_t n, void *out, const void *const *in, const double *p) { \
    const T *a = in[0];                                                                        \
    CK_RESULT_##result *o = out;                                                               \
    CK_PARAMS_##params(void) p;                                                                \
    CK_LOOP for (int64_t i = 0; i < n; i++) {                                                  \
      const T x = a[i];                                                                        \
      o[i] = (CK_RESULT_##result)(value);                                                      \
    }                                                                                          \
  })

#define CK_BINARY(name, types, speed, result, params, value)                                    \
  CK_WHEN(types, speed)                                                                         \
  (static void M(binary_##name)(int64_t n, void *out, const void *const *in, const double *p) { \
    const T *a = in[0], *b = in[1];                                                             \
    CK_RESULT_##result *o = out;                                                                \
    CK_PARAMS_##params(void) p;                                                                 \
    CK_LOOP for (int64_t i = 0; i < n; i++) {                                                   \
      const T x = a[i], y = b[i];                                                               \
      o[i] = (CK_RESULT_##result)(value);                                                       \
    }                                                                                           \
  })

#define CK_TERNARY(name, types, speed, first, params, value)                                     \
  CK_WHEN(types, speed)                                                                          \
  (static void M(ternary_##name)(int64_t n, void *out, const void *const *in, const double *p) { \
    const CK_FIRST_##first *a = in[0];                                                           \
    const T *b = in[1], *c = in[2];                                                              \
    T *o = out;                                                                                  \
    CK_PARAMS_##params(void) p;                                                                  \
    CK_LOOP for (int64_t i = 0; i < n; i++) {                                                    \
      const CK_FIRST_##first x = a[i];                                                           \
      const T y = b[i], z = c[i];                                                                \
      o[i] = (T)(value);                                                                         \
    }                                                                                            \
  })

#define CK_TABLE_UNARY
#define CK_TABLE_BINARY
#define CK_TABLE_TERNARY
#include "elementwise_table.h"
#undef CK_UNARY
#undef CK_BINARY
#undef CK_TERNARY

#define CK_UNARY(name, types, speed, ...) CK_WHEN(types, speed)([ck_unary_##name] = M(unary_##name), )
#define CK_BINARY(name, types, speed, ...) CK_WHEN(types, speed)([ck_binary_##name] = M(binary_##name), )
#define CK_TERNARY(name, types, speed, ...) CK_WHEN(types, speed)([ck_ternary_##name] = M(ternary_##name), )
#undef CK_TABLE_BINARY
#undef CK_TABLE_TERNARY
static const ck_kernel M(unary_rows)[CK_UNARY_COUNT] = {
#include "elementwise_table.h"
};
#undef CK_TABLE_UNARY
#define CK_TABLE_BINARY
static const ck_kernel M(binary_rows)[CK_BINARY_COUNT] = {
#include "elementwise_table.h"
};
#undef CK_TABLE_BINARY
#define CK_TABLE_TERNARY
static const ck_kernel M(ternary_rows)[CK_TERNARY_COUNT] = {
#include "elementwise_table.h"
};
#undef CK_TABLE_TERNARY
#undef CK_UNARY
#undef CK_BINARY
#undef CK_TERNARY

#if CK_HAS_F
#define CK_SLOPE_NONE(...)
#define CK_SLOPE_INPUT(...) __VA_ARGS__
#define CK_SLOPE_OUTPUT(...) __VA_ARGS__

#define CK_UNARY(name, types, speed, result, params, saves, value, gradient)                                    \
  CK_WHEN(types, speed)                                                                                         \
  (CK_SLOPE_##saves(static void M(slope_##name)(int64_t n, void *out, const void *const *in, const double *p) { \
    const T *a = in[0], *b = in[1];                                                                             \
    T *o = out;                                                                                                 \
    CK_PARAMS_##params(void) p;                                                                                 \
    CK_LOOP for (int64_t i = 0; i < n; i++) {                                                                   \
      const T g = a[i], s = b[i];                                                                               \
      (void)s;                                                                                                  \
      o[i] = gradient;                                                                                          \
    }                                                                                                           \
  }))
#define CK_TABLE_UNARY
#include "elementwise_table.h"
#undef CK_UNARY
#define CK_UNARY(name, types, speed, result, params, saves, ...) \
  CK_WHEN(types, speed)(CK_SLOPE_##saves([ck_unary_##name] = M(slope_##name), ))
static const ck_kernel M(slope_rows)[CK_UNARY_COUNT] = {
#include "elementwise_table.h"
};
#undef CK_UNARY
#undef CK_TABLE_UNARY
#undef CK_SLOPE_NONE
#undef CK_SLOPE_INPUT
#undef CK_SLOPE_OUTPUT
#endif

#undef M
#undef CK_PARAMS_0
#undef CK_PARAMS_1
#undef CK_PARAMS_2
#undef CK_PARAMS_3
#undef CK_FIRST_OPERAND
#undef CK_FIRST_CONDITION
