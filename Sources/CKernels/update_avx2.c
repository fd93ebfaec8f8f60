#if defined(__x86_64__)
#include "ck_target.h"
CK_TARGET_BEGIN_AVX2
#define CK_SET ck_update_avx2
#include "update_set.h"
CK_TARGET_END
#else
typedef int ck_no_update_avx2;
#endif
