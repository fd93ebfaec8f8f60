#if defined(__x86_64__)
#include "ck_target.h"
CK_TARGET_BEGIN_AVX2
#define CK_SET ck_recurrent_avx2
#define CK_FUSED 1
#include "recurrent_set.h"
CK_TARGET_END
#else
typedef int ck_no_recurrent_avx2;
#endif
