#include "ck_target.h"

CK_SHORT_BEGIN
#define CK_SET ck_reduce_portable
#include "reduce_set.h"
CK_SHORT_END
