// One set of contiguous kernels per instruction set.
#ifndef CK_SETS_H
#define CK_SETS_H

#include "ck_walk.h"

typedef enum ck_compute { CK_F32, CK_F64, CK_I64, CK_I32, CK_U8, CK_B1, CK_COMPUTES } ck_compute;

typedef struct ck_set {
  const ck_kernel* unary[CK_COMPUTES];
  const ck_kernel* binary[CK_COMPUTES];
  const ck_kernel* ternary[CK_COMPUTES];
  const ck_kernel* slope[2];
  ck_kernel cast[CK_COMPUTES][CK_COMPUTES];  // [from][to]
  void (*widen_f16)(int64_t n, float* out, const uint16_t* x);
  void (*widen_bf16)(int64_t n, float* out, const uint16_t* x);
  void (*narrow_f16)(int64_t n, uint16_t* out, const float* x);
  void (*narrow_bf16)(int64_t n, uint16_t* out, const float* x);
} ck_set;

extern const ck_set ck_set_portable;  // has every row; the others leave out what gains nothing
#if defined(__x86_64__)
extern const ck_set ck_set_avx2;
extern const ck_set ck_set_avx512;
#endif

const ck_set* ck_set_in_use(void);

static inline ck_compute ck_compute_of(ck_dtype dtype) {
  static const uint8_t compute[] = {CK_F32, CK_F32, CK_F64, CK_F32, CK_F32, CK_I64, CK_I32, CK_U8, CK_B1};
  return (ck_compute)compute[dtype];
}

static inline void ck_widen(const ck_set* set, ck_dtype dtype, int64_t n, float* out, const uint16_t* x) {
  (dtype == CK_FLOAT16 ? set->widen_f16 : set->widen_bf16)(n, out, x);
}

static inline void ck_narrow(const ck_set* set, ck_dtype dtype, int64_t n, uint16_t* out, const float* x) {
  (dtype == CK_FLOAT16 ? set->narrow_f16 : set->narrow_bf16)(n, out, x);
}

#endif
