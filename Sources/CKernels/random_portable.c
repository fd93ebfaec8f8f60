#include "ck_target.h"

CK_SHORT_BEGIN
#define RANDOM_TABLE ck_random_portable
#include "random_kernels_template.h"
CK_SHORT_END
