// Files of data, tokenizers and fitted transforms.
#include <unistd.h>

#include "support.h"

#define BYTES(text) &(snn_source){.size = sizeof(snn_source), .data = (text), .data_size = sizeof(text) - 1}

static snn_csv* opened(const char* text, const snn_csv_options* options) {
  snn_source source = {.size = sizeof source, .data = text, .data_size = strlen(text)};
  snn_csv* csv = NULL;
  snn_error error = {0, ""};
  if (snn_csv_open(&source, options, &csv, &error) != SNN_OK) CHECK_SAY("%s", error.message);
  return csv;
}

TEST(tables_are_read) {
  uint64_t before = in_use();
  snn_csv* csv = opened("id,x,word\n3,1.5,b\n4,,a\n5,-2e-1,\n", NULL);
  CHECK(snn_csv_row_count(csv) == 3 && snn_csv_column_count(csv) == 3);
  snn_csv_column column;
  CHECK(snn_csv_column_at(csv, 2, &column, NULL) == SNN_OK);
  CHECK(!strcmp(column.name, "word") && column.type == SNN_CSV_TEXT && column.dtype == SNN_INT64);
  CHECK(column.missing == 1 && column.word_count == 2);
  size_t size = 0;
  const char* word = snn_csv_word(csv, 2, 1, &size);
  CHECK(word && size == 1 && word[0] == 'b');
  CHECK(snn_csv_word(csv, 2, 2, &size) == NULL && snn_csv_word(csv, 0, 0, &size) == NULL);
  snn_tensor* columns[3];
  CHECK(snn_csv_read(csv, 0, -1, columns, NULL) == SNN_OK);
  CHECK(element(columns[0], 2) == 5 && element(columns[1], 2) == -0.2 && isnan(element(columns[1], 1)));
  CHECK(element(columns[2], 0) == 1 && element(columns[2], 2) == -1);
  const int32_t chosen[] = {2, 0};
  const int64_t rows[] = {1, 0, 1};
  snn_tensor* matrix = NULL;
  CHECK(snn_csv_rows(csv, chosen, 2, rows, 3, SNN_FLOAT32, &matrix, NULL) == SNN_OK);
  CHECK(element(matrix, 0) == 0 && element(matrix, 1) == 4 && element(matrix, 2) == 1 && element(matrix, 5) == 4);
  snn_tensor* part = NULL;
  CHECK(snn_csv_matrix(csv, chosen, 2, 1, 2, SNN_FLOAT64, &part, NULL) == SNN_OK);
  CHECK(snn_tensor_count(part) == 4 && element(part, 3) == 5);
  REFUSES(SNN_ERROR_INDEX, "no 3 rows from 1 on of 3", snn_csv_read(csv, 1, 3, columns, error));
  REFUSES(SNN_ERROR_INDEX, "no column 3 of 3", snn_csv_column_at(csv, 3, &column, error));
  REFUSES(SNN_ERROR_INDEX, "no row 9 of 3",
          snn_csv_rows(csv, NULL, 0, (const int64_t[]){9}, 1, SNN_FLOAT32, &part, error));
  for (int i = 0; i < 3; i++) snn_tensor_release(columns[i]);
  snn_tensor_release(matrix);
  snn_tensor_release(part);
  snn_csv_release(csv);
  CHECK(in_use() == before);
}

TEST(options_of_tables) {
  const snn_csv_pick picks[] = {{"b", 0, SNN_CSV_FLOAT}, {NULL, 0, SNN_CSV_TEXT}};
  const char* missing[] = {"-"};
  snn_csv_options options = {.size = sizeof options,
                             .delimiter = ';',
                             .decimal = ',',
                             .comment = '#',
                             .quote = '\'',
                             .skip_rows = 1,
                             .picks = picks,
                             .pick_count = 2,
                             .only_picks = true,
                             .missing = missing,
                             .missing_count = 1,
                             .on_missing = 2,
                             .filling = 9};
  snn_csv* csv = opened("title\na;b;c\n'x;y';1,5;0\nz;-;0 # more\n", &options);
  snn_tensor* columns[2];
  CHECK(snn_csv_column_count(csv) == 2 && snn_csv_read(csv, 0, -1, columns, NULL) == SNN_OK);
  CHECK(element(columns[0], 0) == 1.5 && element(columns[0], 1) == 9 && element(columns[1], 1) == 1);
  for (int i = 0; i < 2; i++) snn_tensor_release(columns[i]);
  snn_csv_release(csv);
  options = (snn_csv_options){.size = sizeof options, .no_header = true, .on_missing = 7};
  snn_csv* none = NULL;
  REFUSES(SNN_ERROR_ARGUMENT, "got 7", snn_csv_open(BYTES("1\n"), &options, &none, error));
  options.on_missing = 1;
  REFUSES(SNN_ERROR_FILE, "the bytes:2: column 2 '1': has no value",
          snn_csv_open(BYTES("1,2\n3,\n"), &options, &none, error));
  options.longest_row = -1;
  REFUSES(SNN_ERROR_ARGUMENT, "a limit of -1", snn_csv_open(BYTES("1\n"), &options, &none, error));
  REFUSES(SNN_ERROR_FILE, "the bytes:2: expects 1 fields, got 2", snn_csv_open(BYTES("a\n1,2\n"), NULL, &none, error));
  REFUSES(SNN_ERROR_ARGUMENT, "'source'", snn_csv_open(NULL, NULL, &none, error));
  REFUSES(SNN_ERROR_ARGUMENT, "5 bytes at NULL",
          snn_csv_open(&(snn_source){.size = sizeof(snn_source), .data_size = 5}, NULL, &none, error));
  REFUSES(SNN_ERROR_FILE, "No such file",
          snn_csv_open(&(snn_source){.size = sizeof(snn_source), .path = "/nowhere/a"}, NULL, &none, error));
}

TEST(tables_are_written) {
  const char* names[] = {"x", "t"};
  const char* words[] = {"a,b", "c"};
  const int64_t codes[] = {0, -1}, sizes[] = {2};
  snn_tensor* columns[] = {VECTOR(0.1f, 2), made(SNN_INT64, 1, sizes, codes)};
  const snn_csv_words lists[] = {{NULL, 0}, {words, 2}};
  void* data = NULL;
  size_t size = 0;
  CHECK(snn_save_csv(NULL, names, columns, 2, lists, 0, true, &data, &size, NULL) == SNN_OK);
  CHECK(size == 19 && !memcmp(data, "x,t\n0.1,\"a,b\"\n2.0,\n", 19));
  snn_free(data);
  for (int i = 0; i < 2; i++) snn_tensor_release(columns[i]);
}

TEST(arrays_of_numpy) {
  snn_tensor* tensor = MATRIX(2, 2, 1, 2, 3, 4);
  void* data = NULL;
  size_t size = 0;
  CHECK(snn_save_npy(NULL, tensor, &data, &size, NULL) == SNN_OK && size == 128 + 16);
  snn_archive* archive = NULL;
  snn_source source = {.size = sizeof source, .data = data, .data_size = size};
  CHECK(snn_archive_read(&source, &archive, NULL) == SNN_OK && snn_archive_count(archive) == 1);
  snn_tensor* found = NULL;
  CHECK(snn_archive_tensor(archive, 0, &found, NULL) == SNN_OK && element(found, 3) == 4);
  snn_tensor_release(found);
  snn_archive_release(archive);
  source.data_size--;
  REFUSES(SNN_ERROR_FILE, "needs 16 bytes behind the header", snn_archive_read(&source, &archive, error));
  snn_free(data);
  const char* names[] = {"a", "b"};
  snn_tensor* tensors[] = {tensor, tensor};
  CHECK(snn_save_npz(NULL, names, tensors, 2, &data, &size, NULL) == SNN_OK);
  CHECK(snn_archive_parse(data, size, &archive, NULL) == SNN_OK && snn_archive_find(archive, "b") == 1);
  snn_archive_release(archive);
  snn_free(data);
  names[1] = "a";
  REFUSES(SNN_ERROR_ARGUMENT, "two tensors", snn_save_npz(NULL, names, tensors, 2, &data, &size, error));
  snn_tensor_release(tensor);
}

TEST(files_of_pictures) {
  static const char idx[] = "\0\0\x0B\1\0\0\0\2\0\1\xFF\xFE";
  snn_tensor* found = NULL;
  CHECK(snn_read_idx(BYTES(idx), &found, NULL) == SNN_OK && snn_tensor_dtype(found) == SNN_INT32);
  CHECK(element(found, 0) == 1 && element(found, 1) == -2);
  snn_tensor_release(found);
  REFUSES(SNN_ERROR_FILE, "end at byte 12, the file at 8", snn_read_idx(BYTES("\0\0\x0B\1\0\0\0\2"), &found, error));
  static unsigned char records[2 * 3073] = {[0] = 9, [3073] = 4, [3074] = 77};
  snn_source source = {.size = sizeof source, .data = records, .data_size = sizeof records};
  snn_tensor *images = NULL, *labels = NULL;
  CHECK(snn_read_cifar(&source, 10, &images, &labels, NULL, NULL) == SNN_OK);
  CHECK(snn_tensor_sizes(images)[1] == 3 && element(labels, 0) == 9 && element(labels, 1) == 4);
  snn_tensor_release(images);
  snn_tensor_release(labels);
  REFUSES(SNN_ERROR_ARGUMENT, "got 11", snn_read_cifar(&source, 11, &images, &labels, NULL, error));
  records[3073] = 10;
  REFUSES(SNN_ERROR_FILE, "record 1 at byte 3073 has label 10 of 10",
          snn_read_cifar(&source, 10, &images, &labels, NULL, error));
}

TEST(tokenizers) {
  const char* texts[] = {"low lower lowest low low"};
  const size_t sizes[] = {24};
  const char* special[] = {"<end>"};
  snn_bpe_options options = {.size = sizeof options, .vocabulary = 260, .special = special, .special_count = 1};
  snn_tokenizer* tokenizer = NULL;
  CHECK(snn_tokenizer_train(texts, sizes, 1, &options, &tokenizer, NULL) == SNN_OK);
  CHECK(snn_tokenizer_count(tokenizer) == 260 && snn_tokenizer_find(tokenizer, "<end>", 5) == 0);
  CHECK(snn_tokenizer_find(tokenizer, "low", 3) > 256 && snn_tokenizer_find(tokenizer, "no such", 7) == -1);
  snn_tensor* tokens = NULL;
  CHECK(snn_tokenizer_encode(tokenizer, "low<end>\xFF", 9, &tokens, NULL) == SNN_OK && snn_tensor_count(tokens) == 3);
  void* text = NULL;
  size_t size = 0;
  CHECK(snn_tokenizer_decode(tokenizer, tokens, &text, &size, NULL) == SNN_OK);
  CHECK(size == 9 && !memcmp(text, "low<end>\xFF", 9));
  snn_free(text);
  snn_tensor_release(tokens);
  REFUSES(SNN_ERROR_INDEX, "no token 260 of 260", snn_tokenizer_token(tokenizer, 260, &text, &size, error));
  REFUSES(SNN_ERROR_ARGUMENT, "needs a file for its merges", snn_tokenizer_save(tokenizer, "/tmp/a", NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "NULL", snn_tokenizer_encode(tokenizer, NULL, 4, &tokens, error));
  snn_tokenizer_release(tokenizer);
  CHECK(snn_tokenizer_characters("ba", 2, NULL, &tokenizer, NULL) == SNN_OK && snn_tokenizer_count(tokenizer) == 2);
  REFUSES(SNN_ERROR_ARGUMENT, "the character 'x' at byte 1", snn_tokenizer_encode(tokenizer, "ax", 2, &tokens, error));
  snn_tokenizer_release(tokenizer);
  REFUSES(SNN_ERROR_FILE, "at byte 0", snn_tokenizer_open(BYTES("x"), NULL, NULL, &tokenizer, error));
  snn_tensor *row = VECTOR(1), *inputs, *targets;
  REFUSES(SNN_ERROR_SHAPE, "whole numbers", snn_token_windows(row, 1, NULL, 0, &inputs, &targets, error));
  snn_tensor_release(row);
}

TEST(transforms) {
  snn_transform *scaler = NULL, *other = NULL;
  CHECK(snn_transform_new(snn_find(SNN_TRANSFORMS, "StandardScaler"), NULL, 0, &scaler, NULL) == SNN_OK);
  snn_tensor *data = MATRIX(2, 2, 1, 5, 3, 5), *row = MATRIX(1, 2, 4, 6), *found = NULL;
  REFUSES(SNN_ERROR_ARGUMENT, "must be fitted", snn_transform_apply(scaler, row, false, &found, error));
  CHECK(snn_transform_state_count(scaler) == 0);
  CHECK(snn_transform_fit(scaler, data, false, NULL) == SNN_OK);
  CHECK(snn_transform_apply(scaler, row, false, &found, NULL) == SNN_OK && element(found, 0) == 2 &&
        element(found, 1) == 1);
  snn_tensor_release(found);
  const char* names[8];
  snn_tensor* tensors[8];
  int32_t count = snn_transform_state_count(scaler);
  for (int32_t i = 0; i < count; i++) CHECK(snn_transform_state(scaler, i, &names[i], &tensors[i], NULL) == SNN_OK);
  CHECK(count == 4 && !strcmp(names[0], "mean_") && element(tensors[0], 0) == 2);
  CHECK(snn_transform_new(snn_find(SNN_TRANSFORMS, "StandardScaler"), NULL, 0, &other, NULL) == SNN_OK);
  CHECK(snn_transform_load(other, names, tensors, (size_t)count, NULL) == SNN_OK);
  CHECK(snn_transform_apply(other, row, true, &found, NULL) == SNN_OK && element(found, 0) == 6 &&
        element(found, 1) == 11);
  snn_tensor_release(found);
  REFUSES(SNN_ERROR_SHAPE, "[examples, features]", snn_transform_fit(scaler, tensors[0], true, error));
  REFUSES(SNN_ERROR_ARGUMENT, "'data'", snn_transform_fit(scaler, NULL, false, error));
  REFUSES(SNN_ERROR_NAME, "no transform number 99", snn_transform_new(99, NULL, 0, &other, error));
  for (int32_t i = 0; i < count; i++) snn_tensor_release(tensors[i]);
  snn_tensor_release(data);
  snn_tensor_release(row);
  snn_transform_release(scaler);
  snn_transform_release(other);
}
