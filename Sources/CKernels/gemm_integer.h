// Products of integers, which wrap around.
#ifndef CK_GEMM_INTEGER_H
#define CK_GEMM_INTEGER_H

#include "ck_gemm.h"

void ck_gemm_integer(const ck_gemm_args* args);

#endif
