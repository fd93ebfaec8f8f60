// Reads a table, scales its numbers as they were fitted on one part of it, and writes arrays that NumPy reads.
#include <stdio.h>
#include <swiftnn_typed.h>

#define TRY(call)                           \
  if ((call) != SNN_OK) {                   \
    fprintf(stderr, "%s\n", error.message); \
    return 1;                               \
  }

static const char houses[] =
    "area,rooms,heating,price\n"
    "52.5,2,gas,161\n"
    "80,3,oil,\n"
    "71,3,gas,240\n"
    "120,5,wood,390\n";

int main(void) {
  snn_error error = {0, ""};
  snn_source source = {.size = sizeof source, .data = houses, .data_size = sizeof houses - 1};
  snn_csv_options options = {.size = sizeof options, .on_missing = 2, .filling = 200};
  snn_csv *csv = NULL;
  TRY(snn_csv_open(&source, &options, &csv, &error));
  for (int32_t i = 0; i < snn_csv_column_count(csv); i++) {
    snn_csv_column column;
    TRY(snn_csv_column_at(csv, i, &column, &error));
    printf("%s: %s, %lld missing\n", column.name, snn_dtype_name(column.dtype), (long long)column.missing);
  }

  snn_tensor *seen = NULL, *all = NULL, *scaled = NULL;
  const int32_t inputs[] = {0, 1};
  TRY(snn_csv_matrix(csv, inputs, 2, 0, 3, SNN_FLOAT32, &seen, &error));
  TRY(snn_csv_matrix(csv, inputs, 2, 0, -1, SNN_FLOAT32, &all, &error));
  snn_transform *scaler = NULL;
  TRY(snn_new_standardscaler(NULL, &scaler, &error));
  TRY(snn_transform_fit(scaler, seen, false, &error));
  TRY(snn_transform_apply(scaler, all, false, &scaled, &error));

  void *bytes = NULL;
  size_t size = 0;
  TRY(snn_save_npy(NULL, scaled, &bytes, &size, &error));
  printf("%zu bytes of NPY\n", size);
  snn_free(bytes);

  snn_bpe_options bpe = {.size = sizeof bpe, .vocabulary = 300, .least = 2};
  const char *text = "the cat sat on the mat";
  const size_t length = 22;
  snn_tokenizer *tokenizer = NULL;
  snn_tensor *tokens = NULL;
  TRY(snn_tokenizer_train(&text, &length, 1, &bpe, &tokenizer, &error));
  TRY(snn_tokenizer_encode(tokenizer, text, length, &tokens, &error));
  printf("%lld tokens of %lld\n", (long long)snn_tensor_count(tokens), (long long)snn_tokenizer_count(tokenizer));

  snn_tensor_release(tokens);
  snn_tokenizer_release(tokenizer);
  snn_tensor_release(scaled);
  snn_transform_release(scaler);
  snn_tensor_release(all);
  snn_tensor_release(seen);
  snn_csv_release(csv);
  return 0;
}
