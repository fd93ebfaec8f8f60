// Tables, tokenizers, transforms and arrays from random text and with random options. fuzz_files opens broken files.
#include "fuzz.h"

static snn_csv* csv;
static snn_tokenizer* tokenizer;
static snn_transform* transform;

void drop_readers(void) {
  snn_csv_release(csv);
  snn_tokenizer_release(tokenizer);
  snn_transform_release(transform);
  csv = NULL;
  tokenizer = NULL;
  transform = NULL;
}

static char text[256];

static size_t random_text(void) {
  static const char letters[] = "ab,;\n\r\"' 0123.-eNA\xC3\xBC\xFF";
  size_t size = below(sizeof text);
  for (size_t i = 0; i < size; i++) text[i] = letters[below(sizeof letters - 1)];
  return size;
}

static snn_source random_source(void) {
  snn_source source = {.size = sizeof source, .data = chance(97) ? text : NULL, .data_size = random_text()};
  if (chance(3)) source.path = "/nowhere/at/all";
  if (chance(10)) source.limit = below(1000);
  return source;
}

static void fuzz_csv(void) {
  snn_error error;
  snn_source source = random_source();
  snn_csv_pick picks[] = {{chance(50) ? "a" : NULL, (int32_t)below(4), (int32_t)below(6)},
                          {NULL, chance(95) ? 0 : (int32_t)random_int(), 0}};
  snn_csv_options options = {.size = sizeof options,
                             .delimiter = chance(70) ? 0 : (char)draw(),
                             .quote = chance(90) ? 0 : (char)draw(),
                             .no_header = chance(50),
                             .skip_rows = chance(90) ? 0 : random_int(),
                             .picks = chance(95) ? picks : NULL,
                             .pick_count = chance(70) ? 0 : below(3),
                             .only_picks = chance(10),
                             .on_missing = chance(95) ? (int32_t)below(3) : (int32_t)random_int(),
                             .filling = random_float(),
                             .longest_row = chance(90) ? 0 : random_int(),
                             .most_words = chance(90) ? 0 : random_int()};
  snn_csv* opened = MARK;
  CALL("snn_csv_open");
  if (ended(snn_csv_open(chance(98) ? &source : NULL, chance(80) ? &options : NULL, &opened, &error), &error)) {
    snn_csv_release(csv);
    csv = opened;
  } else if (opened != MARK) {
    WRONG("wrote its result");
  }
}

static void fuzz_rows(void) {
  snn_error error;
  snn_tensor* result = NULL;
  int32_t columns[] = {chance(90) ? 0 : (int32_t)random_int(), (int32_t)below(3)};
  int64_t rows[] = {chance(90) ? 0 : random_int(), (int64_t)below(4)};
  snn_dtype dtype = (snn_dtype)(chance(95) ? 1 + below(8) : draw());
  switch (below(4)) {
    case 0: {
      int32_t count = snn_csv_column_count(csv);
      snn_tensor** all = calloc((size_t)count + 1, sizeof *all);
      CALL("snn_csv_read");
      if (ended(snn_csv_read(csv, chance(80) ? 0 : random_int(), chance(80) ? -1 : random_int(), all, &error), &error))
        for (int32_t i = 0; i < count; i++) keep_tensor(all[i]);
      free(all);
      break;
    }
    case 1:
      CALL("snn_csv_matrix");
      if (ended(snn_csv_matrix(csv, chance(50) ? columns : NULL, below(3), rows[0], chance(50) ? -1 : rows[1], dtype,
                               &result, &error),
                &error))
        keep_tensor(result);
      break;
    case 2:
      CALL("snn_csv_rows");
      if (ended(snn_csv_rows(csv, chance(50) ? columns : NULL, below(3), rows, below(3), dtype, &result, &error),
                &error))
        keep_tensor(result);
      break;
    default: {
      snn_csv_column about;
      size_t size;
      CALL("snn_csv_column_at");
      ended(snn_csv_column_at(csv, columns[0], &about, &error), &error);
      snn_csv_word(csv, columns[0], columns[1], &size);
    }
  }
}

static void fuzz_saving(void) {
  snn_error error;
  const char* names[] = {"a", chance(90) ? random_name() : NULL};
  snn_tensor* all[] = {any_tensor(), any_tensor()};
  const char* words[] = {"x", "y,\"z"};
  snn_csv_words lists[] = {{chance(50) ? words : NULL, 2}, {NULL, 0}};
  void* data = NULL;
  size_t size = 0;
  snn_status status;
  switch (below(3)) {
    case 0:
      CALL("snn_save_npy");
      status = snn_save_npy(NULL, all[0], &data, &size, &error);
      break;
    case 1:
      CALL("snn_save_npz");
      status = snn_save_npz(NULL, names, all, below(3), &data, &size, &error);
      break;
    default:
      CALL("snn_save_csv");
      status = snn_save_csv(NULL, names, all, below(3), chance(50) ? lists : NULL, chance(80) ? 0 : (char)draw(),
                            chance(50), &data, &size, &error);
  }
  if (ended(status, &error)) snn_free(data);
}

static void fuzz_tokenizer(void) {
  snn_error error;
  snn_tokenizer* made = NULL;
  const char* texts[] = {text, chance(95) ? "abc abc" : NULL};
  size_t sizes[] = {random_text(), 7};
  const char* special[] = {"<a>", chance(95) ? "b" : NULL};
  snn_bpe_options options = {.size = sizeof options,
                             .vocabulary = chance(80) ? 300 : random_int(),
                             .least = chance(90) ? 2 : random_int(),
                             .special = special,
                             .special_count = below(3),
                             .add_prefix_space = chance(50)};
  snn_status status;
  if (chance(50)) {
    CALL("snn_tokenizer_characters");
    status = snn_tokenizer_characters(chance(97) ? text : NULL, sizes[0], chance(50) ? "?" : NULL, &made, &error);
  } else {
    CALL("snn_tokenizer_train");
    status = snn_tokenizer_train(texts, sizes, below(3), chance(80) ? &options : NULL, &made, &error);
  }
  if (!ended(status, &error)) return;
  snn_tokenizer_release(tokenizer);
  tokenizer = made;
}

static void fuzz_tokens(void) {
  snn_error error;
  snn_tensor *result = NULL, *targets = NULL;
  void* data = NULL;
  size_t size = random_text();
  int64_t places[] = {chance(80) ? 0 : random_int(), 1};
  switch (below(4)) {
    case 0:
      CALL("snn_tokenizer_encode");
      if (ended(snn_tokenizer_encode(tokenizer, text, size, &result, &error), &error)) keep_tensor(result);
      break;
    case 1:
      CALL("snn_tokenizer_decode");
      if (ended(snn_tokenizer_decode(tokenizer, any_tensor(), &data, &size, &error), &error)) snn_free(data);
      break;
    case 2:
      CALL("snn_tokenizer_token");
      if (ended(snn_tokenizer_token(tokenizer, random_int(), &data, &size, &error), &error)) snn_free(data);
      break;
    default:
      CALL("snn_token_windows");
      if (!ended(snn_token_windows(any_tensor(), chance(80) ? 2 : random_int(), places, below(3), &result, &targets,
                                   &error),
                 &error))
        break;
      keep_tensor(result);
      keep_tensor(targets);
  }
}

static void fuzz_transform(void) {
  snn_error error;
  snn_tensor* result = NULL;
  const char* name = NULL;
  switch (below(5)) {
    case 0: {
      int32_t id = chance(95) ? (int32_t)below((uint64_t)snn_entry_count(SNN_TRANSFORMS)) : (int32_t)random_int();
      const snn_entry* entry = snn_entry_at(SNN_TRANSFORMS, id);
      snn_value arguments[64];
      size_t count = entry ? random_arguments(entry, arguments) : 0;
      snn_transform* made = NULL;
      CALL("snn_transform_new");
      if (!ended(snn_transform_new(id, arguments, count, &made, &error), &error)) break;
      snn_transform_release(transform);
      transform = made;
      break;
    }
    case 1:
      CALL("snn_transform_fit");
      ended(snn_transform_fit(transform, any_tensor(), chance(50), &error), &error);
      break;
    case 2:
      CALL("snn_transform_apply");
      if (ended(snn_transform_apply(transform, any_tensor(), chance(50), &result, &error), &error)) keep_tensor(result);
      break;
    case 3:
      CALL("snn_transform_state");
      if (ended(snn_transform_state(transform, (int32_t)below(7), &name, &result, &error), &error)) keep_tensor(result);
      break;
    default: {
      static const char* const names[] = {"mean_", "var_", "n_samples_seen_", "data_min_", "categories_.0", "classes_"};
      const char* chosen[] = {names[below(6)], names[below(6)], names[below(6)]};
      snn_tensor* all[] = {any_tensor(), any_tensor(), any_tensor()};
      CALL("snn_transform_load");
      ended(snn_transform_load(transform, chosen, all, below(4), &error), &error);
    }
  }
}

void fuzz_readers(void) {
  snn_error error;
  snn_tensor* result = NULL;
  forget_lists();
  switch (below(8)) {
    case 0:
      fuzz_csv();
      break;
    case 1:
      fuzz_rows();
      break;
    case 2:
      fuzz_saving();
      break;
    case 3:
      fuzz_tokenizer();
      break;
    case 4:
      fuzz_tokens();
      break;
    case 5: {
      snn_source source = random_source();
      CALL("snn_read_idx");
      if (ended(snn_read_idx(&source, &result, &error), &error)) keep_tensor(result);
      break;
    }
    default:
      fuzz_transform();
  }
}
