// All cells of one instruction set. The includer defines CK_SET and CK_FUSED (see elementwise_set.h), and has pushed
// its target.

#include "ck_recurrent_sets.h"
#include "elementwise_f32.h"
#include "elementwise_f64.h"

#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed"  // float64 calls libm and stays scalar
#pragma clang diagnostic ignored "-Wunused-function"
#define CK_LOOP _Pragma("clang loop vectorize(assume_safety) interleave(disable)")
#else
#pragma GCC diagnostic ignored "-Wunused-function"
#define CK_LOOP _Pragma("GCC ivdep")
#endif

#define T float
#define M(f) f32_##f
#include "recurrent_cells.h"
#undef T
#undef M

#define CK_CELLS_OF(M)                                                                     \
  {                                                                                        \
      .forward = {M(tanh_forward), M(relu_forward), M(lstm_forward), M(gru_forward)},      \
      .backward = {M(tanh_backward), M(relu_backward), M(lstm_backward), M(gru_backward)}, \
      .add = M(add_rows),                                                                  \
  }
#define CK_F32(f) f32_##f
const ck_recurrent_set CK_SET = CK_CELLS_OF(CK_F32);
