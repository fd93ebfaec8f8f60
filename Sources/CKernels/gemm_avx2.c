#if defined(__x86_64__)

#include <immintrin.h>

#include "ck_half.h"
#include "ck_target.h"
#include "gemm_kernels.h"

CK_TARGET_BEGIN_AVX2

static const int32_t select32[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
static const int64_t select64[8] = {-1, -1, -1, -1};

#define REAL float
#define LANES 8
#define ROWS 6
#define NAME(x) f32_avx2_##x
#define TABLE ck_gemm_f32_avx2
#define HALVES
#define MASK __m256i
#define MASK_OF(count) _mm256_loadu_si256((const __m256i*)(select32 + 8 - (count)))
#define LOAD_PART(p, mask) ((VECTOR)_mm256_maskload_ps(p, mask))
#define STORE_PART(p, v, mask) _mm256_maskstore_ps(p, mask, (__m256)(v))
#define READS_PART 1
#include "gemm_template.h"

#define REAL double
#define LANES 4
#define ROWS 6
#define NAME(x) f64_avx2_##x
#define TABLE ck_gemm_f64_avx2
#define MASK __m256i
#define MASK_OF(count) _mm256_loadu_si256((const __m256i*)(select64 + 4 - (count)))
#define LOAD_PART(p, mask) ((VECTOR)_mm256_maskload_pd(p, mask))
#define STORE_PART(p, v, mask) _mm256_maskstore_pd(p, mask, (__m256d)(v))
#define READS_PART 1
#include "gemm_template.h"

CK_TARGET_END

#endif
