#if defined(__x86_64__)

#include <immintrin.h>

#include "ck_half.h"
#include "ck_target.h"
#include "gemm_kernels.h"

CK_TARGET_BEGIN_AVX512

#define REAL float
#define LANES 16
#define ROWS 14
#define NAME(x) f32_avx512_##x
#define TABLE ck_gemm_f32_avx512
#define HALVES
#define MASK __mmask16
#define MASK_OF(count) ((__mmask16)((1u << (count)) - 1))
#define LOAD_PART(p, mask) ((VECTOR)_mm512_maskz_loadu_ps(mask, p))
#define STORE_PART(p, v, mask) _mm512_mask_storeu_ps(p, mask, (__m512)(v))
#define READS_PART 1
#include "gemm_template.h"

#define REAL double
#define LANES 8
#define ROWS 14
#define NAME(x) f64_avx512_##x
#define TABLE ck_gemm_f64_avx512
#define MASK __mmask8
#define MASK_OF(count) ((__mmask8)((1u << (count)) - 1))
#define LOAD_PART(p, mask) ((VECTOR)_mm512_maskz_loadu_pd(mask, p))
#define STORE_PART(p, v, mask) _mm512_mask_storeu_pd(p, mask, (__m512d)(v))
#define READS_PART 1
#include "gemm_template.h"

CK_TARGET_END

#endif
