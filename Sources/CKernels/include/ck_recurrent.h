// Recurrent layers over whole sequences, both ways. Results do not depend on the number of threads.
#ifndef CK_RECURRENT_H
#define CK_RECURRENT_H

#include "ck_types.h"

typedef enum ck_cell { CK_TANH_CELL, CK_RELU_CELL, CK_LSTM_CELL, CK_GRU_CELL, CK_CELLS } ck_cell;

// Step t has sizes[t] rows, never more than the step before: row r belongs to sequence r. The rows of all steps lie one
// after another. Everything is contiguous. `gates` is 1, 4 (LSTM) or 3 (GRU) times `hidden`.
typedef struct ck_recurrent {
  ck_dtype dtype;  // float32 or float64
  ck_cell cell;
  bool reversed;  // from the last step to the first
  int64_t steps, sequences, hidden, projected;
  const int64_t* sizes;
  const void* weight;      // [gates][projected]: what the state adds to the gates
  const void* bias;        // [hidden], added to the product of a GRU's candidate, or NULL
  const void* projection;  // [projected][hidden], from the cell's result to the state; NULL where they are the same
} ck_recurrent;

// Forward, `gates` holds the products of the inputs and becomes the values of the gates, `h` and `c` hold the first
// states and become the last. A cell of one gate works in place: there `gates` is `output`.
// Backward, the same members are the values of the forward pass, with the first states; and of the gradients, `output`
// (or NULL), `h` and `c` are given, `h` and `c` become those of the first states, and the others are written.
typedef struct ck_recurrent_values {
  void* gates;   // [rows][gates]
  void* aside;   // [rows][hidden]: the cell states of an LSTM, the products of a GRU's candidates; else NULL
  void* output;  // [rows][projected]
  void* h;       // [sequences][projected]
  void* c;       // [sequences][hidden] of an LSTM
} ck_recurrent_values;

// False when there was no memory.
bool ck_recurrent_forward(const ck_recurrent* recurrent, const ck_recurrent_values* values);

// Also gives the state before each step, [rows][projected], and, where there is a projection, the gradient of the state
// after each step.
bool ck_recurrent_backward(const ck_recurrent* recurrent, const ck_recurrent_values* values,
                           const ck_recurrent_values* gradients, void* before, void* totals);

#endif
