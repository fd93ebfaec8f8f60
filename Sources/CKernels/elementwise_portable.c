#define CK_SET ck_set_portable
#define CK_BUILD_COLD 1
#if defined(__aarch64__) || defined(__FMA__)
#define CK_FUSED 1
#else
#define CK_FUSED 0
#endif
#include "elementwise_set.h"
