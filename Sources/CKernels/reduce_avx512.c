#if defined(__x86_64__)
#include "ck_target.h"
CK_TARGET_BEGIN_AVX512
#define CK_SET ck_reduce_avx512
#include "reduce_set.h"
CK_TARGET_END
#else
typedef int ck_no_reduce_avx512;
#endif
