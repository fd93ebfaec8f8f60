#ifndef CKERNELS_H
#define CKERNELS_H

#include "ck_attention.h"
#include "ck_conv.h"
#include "ck_counter.h"
#include "ck_elementwise.h"
#include "ck_file.h"
#include "ck_format.h"
#include "ck_gemm.h"
#include "ck_index.h"
#include "ck_isa.h"
#include "ck_linalg.h"
#include "ck_math.h"
#include "ck_memory.h"
#include "ck_mt19937.h"
#include "ck_norm.h"
#include "ck_pool.h"
#include "ck_queue.h"
#include "ck_random.h"
#include "ck_recurrent.h"
#include "ck_reduce.h"
#include "ck_rows.h"
#include "ck_softmax.h"
#include "ck_thread.h"
#include "ck_types.h"
#include "ck_update.h"

#endif
