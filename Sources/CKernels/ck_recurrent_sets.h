// The cells of recurrent layers for one instruction set.
#ifndef CK_RECURRENT_SETS_H
#define CK_RECURRENT_SETS_H

#include "ck_recurrent.h"

// Neighbouring rows of one step, `n` wide and `gates` to a row. What stands for what is told by the cell.
typedef struct ck_cell_rows {
  int64_t rows, n;
  void *gates, *aside, *out;
  void* state;         // of an LSTM, its cell states, which are replaced
  const void* before;  // the states of a GRU before the step; backward the cell states of an LSTM
  // Backward: the gradients of the result, which a GRU replaces by those that pass it by, and of the cell states, which
  // are replaced.
  void *g, *state_gradients;
} ck_cell_rows;

typedef struct ck_recurrent_set {
  void (*forward[CK_CELLS])(const ck_cell_rows* rows);
  // Gives the gradients of the products in `out`, and of a GRU's candidates' in `aside_gradients`.
  void (*backward[CK_CELLS])(const ck_cell_rows* rows, void* aside_gradients);
  void (*add)(int64_t n, void* sum, const void* x);
} ck_recurrent_set;

extern const ck_recurrent_set ck_recurrent_portable, ck_recurrent_doubles;
#if defined(__x86_64__)
extern const ck_recurrent_set ck_recurrent_avx2, ck_recurrent_avx512;
#endif

#endif
