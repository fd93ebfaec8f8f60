#include <string.h>

#include "ck_half.h"
#include "ck_target.h"

CK_SHORT_BEGIN

#define REAL float
#define LANES 4
#define ROWS 4
#define NAME(x) f32_portable_##x
#define TABLE ck_gemm_f32_portable
#define HALVES
#include "gemm_narrow.h"

#define REAL double
#define LANES 2
#define ROWS 4
#define NAME(x) f64_portable_##x
#define TABLE ck_gemm_f64_portable
#include "gemm_narrow.h"
CK_SHORT_END
