#define RANDOM_TABLE ck_random_portable
#include "random_kernels_template.h"
