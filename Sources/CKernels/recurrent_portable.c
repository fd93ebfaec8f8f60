#define CK_SET ck_recurrent_portable
#if defined(__aarch64__) || defined(__FMA__)
#define CK_FUSED 1
#else
#define CK_FUSED 0
#endif
#include "recurrent_set.h"
