// The example of sequences in docs/c.md, run.
#include <stdio.h>

#include "swiftnn_typed.h"

int main(void) {
  snn_error error = {0};
  snn_tensor *padded = NULL, *lengths = NULL, *data = NULL, *batch_sizes = NULL, *states = NULL, *h = NULL, *c = NULL;
  snn_tensor *output = NULL, *found = NULL;
  snn_module *layer = NULL;
  snn_randn((int64_t[]){5, 3, 8}, 3, NULL, &padded, &error);
  snn_tensor_new(SNN_INT64, 1, (int64_t[]){3}, (int64_t[]){5, 3, 2}, &lengths, &error);

  snn__pack_padded_sequence(padded, lengths, false, &data, &batch_sizes, &error);
  snn_new_lstm(8, 16, &(snn_new_lstm_options){.bidirectional = snn_bool(true)}, &layer, &error);
  snn_call_lstm(layer, data, &(snn_call_lstm_options){.batch_sizes = snn_of(batch_sizes)}, &states, &h, &c, &error);
  snn__pad_packed_sequence(states, batch_sizes, false, snn_float(0), 5, &output, &found, &error);

  const bool right = output != NULL && snn_tensor_sizes(output)[0] == 5 && snn_tensor_sizes(output)[1] == 3 &&
                     snn_tensor_sizes(output)[2] == 32 && snn_tensor_sizes(h)[0] == 2;
  if (!right) fprintf(stderr, "%s\n", error.message);
  snn_module_release(layer);
  snn_tensor *tensors[] = {padded, lengths, data, batch_sizes, states, h, c, output, found};
  for (int i = 0; i < 9; i++) snn_tensor_release(tensors[i]);
  return right ? 0 : 1;
}
