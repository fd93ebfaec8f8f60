#if defined(__x86_64__)

#include <string.h>

#include "ck_target.h"
#include "random_kernels.h"

CK_TARGET_BEGIN_AVX512
#define RANDOM_TABLE ck_random_avx512
#include "random_kernels_template.h"
CK_TARGET_END

#endif
