#define CK_SET ck_reduce_portable
#include "reduce_set.h"
