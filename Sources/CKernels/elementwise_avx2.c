#if defined(__x86_64__)
#include "ck_target.h"
CK_TARGET_BEGIN_AVX2
#define CK_SET ck_set_avx2
#define CK_BUILD_COLD 0
#define CK_FUSED 1
#include "elementwise_set.h"
CK_TARGET_END
#else
typedef int ck_no_avx2;
#endif
