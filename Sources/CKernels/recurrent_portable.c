#define CK_SET ck_recurrent_portable
#if defined(__aarch64__) || defined(__FMA__)
#define CK_FUSED 1
#else
#define CK_FUSED 0
#endif
#include "recurrent_set.h"

// Float64 calls the C library, which gains nothing from wider vectors.
#define T double
#define M(f) f64_##f
#include "recurrent_cells.h"
#define CK_F64(f) f64_##f
const ck_recurrent_set ck_recurrent_doubles = CK_CELLS_OF(CK_F64);
