// All optimizer kernels of one instruction set. The includer defines CK_SET and has pushed its target.

#include <math.h>

#include "ck_half.h"
#include "ck_update_sets.h"

#define CK_JOIN2(a, b) a##_##b
#define CK_JOIN(a, b) CK_JOIN2(a, b)
#if defined(__clang__)
#define CK_LOOP _Pragma("clang loop vectorize(assume_safety)")
#define CK_SQRT(x) __builtin_elementwise_sqrt(x)
#else
#define CK_LOOP _Pragma("GCC ivdep")
#define CK_SQRT(x) (T) sqrt(x)
#endif

#define NAME f32
#define S float
#define T float
#define READ(x) (x)
#define WRITE(x) (x)
#include "update_kernels.h"
#undef NAME
#undef S
#undef T

#define NAME f64
#define S double
#define T double
#include "update_kernels.h"
#undef NAME
#undef S
#undef T
#undef READ
#undef WRITE

#define NAME f16
#define S uint16_t
#define T float
#define READ(x) ck_f16_widen(x)
#define WRITE(x) ck_f16_narrow(x)
#include "update_kernels.h"
#undef NAME
#undef READ
#undef WRITE

#define NAME bf16
#define READ(x) ck_bf16_widen(x)
#define WRITE(x) ck_bf16_narrow(x)
#include "update_kernels.h"

const ck_update_set CK_SET = {
    .sgd = {[CK_FLOAT32] = sgd_f32, [CK_FLOAT64] = sgd_f64, [CK_FLOAT16] = sgd_f16, [CK_BFLOAT16] = sgd_bf16},
    .adam = {[CK_FLOAT32] = adam_f32, [CK_FLOAT64] = adam_f64, [CK_FLOAT16] = adam_f16, [CK_BFLOAT16] = adam_bf16},
};
