#define CK_SET ck_update_portable
#include "update_set.h"
