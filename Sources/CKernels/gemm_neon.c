#if defined(__aarch64__)

#include <string.h>

#include "ck_half.h"

#define REAL float
#define LANES 4
#define ROWS 12
#define NAME(x) f32_neon_##x
#define TABLE ck_gemm_f32_neon
#define HALVES
#include "gemm_narrow.h"

#define REAL double
#define LANES 2
#define ROWS 12
#define NAME(x) f64_neon_##x
#define TABLE ck_gemm_f64_neon
#include "gemm_narrow.h"

#endif
