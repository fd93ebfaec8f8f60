// A training that is saved and loaded goes on with the same bits, and a broken file changes nothing.
#define _GNU_SOURCE
#include "training.h"

TEST(goes_on_with_the_same_bits) {
  const uint64_t before = in_use();
  for (int32_t workers = 0; workers < 3; workers += 2) {
    Training whole = begun_with(NULL, workers);
    DONE(snn_trainer_fit(whole.trainer, whole.training, whole.validation, 8, error));

    Training first = begun_with(NULL, workers);
    Told told = {.stop_at = 29};
    listen(&first, &told);
    DONE(snn_trainer_fit(first.trainer, first.training, first.validation, 8, error));
    const char* file = path("middle.safetensors");
    DONE(snn_trainer_save(first.trainer, first.training, file, error));

    Training second = begun_with(NULL, 2 - workers);
    snn_generator_seed(NULL, 1234);
    DONE(snn_trainer_load(second.trainer, second.training, file, error));
    CHECK(snn_trainer_step(second.trainer) == 29 && snn_trainer_epoch(second.trainer) == 3);
    CHECK(same(bits(first.model), bits(second.model)));
    DONE(snn_trainer_fit(second.trainer, second.training, second.validation, 8, error));
    CHECK(same(bits(whole.model), bits(second.model)) && same_history(&whole, &second));

    // And back, in the trainer that was stopped.
    DONE(snn_trainer_load(first.trainer, first.training, file, error));
    DONE(snn_trainer_fit(first.trainer, first.training, first.validation, 8, error));
    CHECK(same(bits(whole.model), bits(first.model)));
    end(whole), end(first), end(second);
  }
  CHECK(in_use() == before);
}

TEST(checkpoints_in_a_folder) {
  char deep[256];
  snprintf(deep, sizeof deep, "%s", path("made/for/this"));
  const snn_trainer_options options = {.size = sizeof options, .folder = deep, .keep_epochs = 2, .save_steps = 5};
  Training all = begun_with(&options, 0);
  Told told = {0};
  listen(&all, &told);
  DONE(snn_trainer_fit(all.trainer, all.training, NULL, 2, error));
  CHECK(strstr(told.text, "5 5/40;saved last.safetensors;6 6/48;"));
  CHECK(strstr(told.text, "saved best.safetensors;saved epoch-000002.safetensors;saved last.safetensors;done 1 "));
  char file[320];
  snprintf(file, sizeof file, "%s/epoch-000002.safetensors", deep);
  Training again = begun();
  DONE(snn_trainer_load(again.trainer, again.training, file, error));
  CHECK(snn_trainer_epoch(again.trainer) == 2 && same(bits(again.model), bits(all.model)));
  end(all), end(again);

  const snn_trainer_options few = {.size = sizeof few, .folder = path("few"), .save_epochs = -1, .without_best = true};
  Training quiet = begun_with(&few, 0);
  Told heard = {.stop_at = 19};
  listen(&quiet, &heard);
  DONE(snn_trainer_fit(quiet.trainer, quiet.training, NULL, 4, error));
  CHECK(strstr(heard.text, "19 3/24;saved last.safetensors;ended stopped;"));
  CHECK(strstr(heard.text, "saved") == strstr(heard.text, "saved last.safetensors;ended"));
  end(quiet);

  const snn_trainer_options nowhere = {.size = sizeof nowhere, .folder = "/dev/null/here"};
  Training lost = begun_with(&nowhere, 0);
  REFUSES(SNN_ERROR_FILE, "/dev/null/here", snn_trainer_fit(lost.trainer, lost.training, NULL, 100, error));
  end(lost);
}

TEST(early_stopping_returns_to_the_best) {
  const uint64_t before = in_use();
  const snn_trainer_options options = {.size = sizeof options, .restore_best = true};
  Training all = begun_with(&options, 0);
  snn_stopping_rule* rule = NULL;
  DONE(snn_new_earlystopping(&(snn_new_earlystopping_options){.patience = snn_int(3)}, &rule, error));
  DONE(snn_trainer_set_stopping(all.trainer, rule, error));
  snn_stopping_rule_release(rule);
  DONE(snn_trainer_fit(all.trainer, all.training, all.validation, 500, error));
  const char* reason = snn_trainer_end_reason(all.trainer);
  CHECK(snn_trainer_epoch(all.trainer) < 500 && reason && strstr(reason, "val_loss"));
  int64_t epoch = -1;
  double best = NAN, values[2] = {NAN};
  CHECK(snn_trainer_best(all.trainer, &epoch, &best) && epoch == snn_trainer_epoch(all.trainer) - 4);
  DONE(snn_trainer_evaluate(all.trainer, all.validation, values, 2, NULL, error));
  CHECK(values[0] == best && measured(&all, -1, "val_loss") > best);
  end(all);
  CHECK(in_use() == before);
}

TEST(what_is_watched) {
  const snn_trainer_options options = {.size = sizeof options, .monitor = "accuracy", .mode = "min"};
  Training all = begun_with(&options, 0);
  DONE(snn_trainer_fit(all.trainer, all.training, NULL, 5, error));
  int64_t epoch;
  double best;
  CHECK(snn_trainer_best(all.trainer, &epoch, &best) && best == measured(&all, epoch, "accuracy"));
  for (int i = 0; i < 5; i++) CHECK(measured(&all, i, "accuracy") >= best);
  end(all);

  const snn_trainer_options unknown = {.size = sizeof unknown, .monitor = "val_f1"};
  all = begun_with(&unknown, 0);
  REFUSES(SNN_ERROR_NAME, "there is no 'val_f1' to watch among loss, accuracy, lr",
          snn_trainer_fit(all.trainer, all.training, NULL, 100, error));
  end(all);
}

// A fitted transform and words come back with a checkpoint.
TEST(transforms_and_notes) {
  snn_transform* scalers[2] = {NULL};
  Training trainings[2];
  snn_tensor *numbers = MATRIX(3, 2, 1, 2, 3, 4, 8, 0), *scaled[2] = {NULL};
  for (int i = 0; i < 2; i++) {
    trainings[i] = begun();
    DONE(snn_new_standardscaler(NULL, &scalers[i], error));
    DONE(snn_trainer_add_transform(trainings[i].trainer, "scaler", scalers[i], error));
  }
  DONE(snn_transform_fit(scalers[0], numbers, false, error));
  DONE(snn_trainer_set_note(trainings[0].trainer, "made by", "someone else", error));
  DONE(snn_trainer_set_note(trainings[0].trainer, "made by", "two layers \xC3\xBC", error));
  const char* file = path("notes.safetensors");
  DONE(snn_trainer_save(trainings[0].trainer, trainings[0].training, file, error));
  DONE(snn_trainer_load(trainings[1].trainer, trainings[1].training, file, error));
  for (int i = 0; i < 2; i++) DONE(snn_transform_apply(scalers[i], numbers, false, &scaled[i], error));
  for (int i = 0; i < 6; i++) CHECK(element(scaled[0], i) == element(scaled[1], i));

  snn_archive* archive = NULL;
  DONE(snn_archive_open(file, false, &archive, error));
  int found = 0;
  const char *key, *value;
  for (int32_t i = 0; snn_archive_metadata(archive, i, &key, &value); i++)
    if (!strcmp(key, "note.made by")) found += !strcmp(value, "two layers \xC3\xBC");
  CHECK(found == 1 && snn_archive_find(archive, "model.0.weight") >= 0);
  snn_archive_release(archive);
  for (int i = 0; i < 2; i++) {
    snn_transform_release(scalers[i]), snn_tensor_release(scaled[i]);
    end(trainings[i]);
  }
  snn_tensor_release(numbers);
}

// The bytes of a file, with room for one more.
static char* contents(const char* file, size_t* size) {
  FILE* stream = fopen(file, "rb");
  char* data = malloc(1 << 20);
  *size = stream ? fread(data, 1, 1 << 20, stream) : 0;
  if (stream) fclose(stream);
  CHECK(*size > 0 && *size < 1 << 20);
  return data;
}

static void put(const char* file, const char* data, size_t size) {
  FILE* stream = fopen(file, "wb");
  CHECK(stream && fwrite(data, 1, size, stream) == size);
  if (stream) fclose(stream);
}

TEST(a_broken_checkpoint_changes_nothing) {
  const uint64_t before = in_use();
  Training saved = begun(), other = begun();
  DONE(snn_trainer_fit(saved.trainer, saved.training, NULL, 2, error));
  const char *file = path("good.safetensors"), *broken = path("broken.safetensors");
  DONE(snn_trainer_save(saved.trainer, saved.training, file, error));
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_save(NULL, saved.training, file, error));
  REFUSES(SNN_ERROR_ARGUMENT, "training", snn_trainer_save(saved.trainer, NULL, file, error));
  REFUSES(SNN_ERROR_ARGUMENT, "path", snn_trainer_save(saved.trainer, saved.training, NULL, error));
  REFUSES(SNN_ERROR_FILE, "/no/where", snn_trainer_save(saved.trainer, saved.training, "/no/where", error));
  REFUSES(SNN_ERROR_ARGUMENT, "trainer", snn_trainer_load(NULL, other.training, file, error));
  REFUSES(SNN_ERROR_ARGUMENT, "training", snn_trainer_load(other.trainer, NULL, file, error));
  REFUSES(SNN_ERROR_ARGUMENT, "path", snn_trainer_load(other.trainer, other.training, NULL, error));
  REFUSES(SNN_ERROR_FILE, "/no/where", snn_trainer_load(other.trainer, other.training, "/no/where", error));

  // Words of the file are misspelled one after another, and the file ends too early.
  static const char* const words[] = {"swiftnn.checkpoint", "trainer",        "optimizer", "loader",  "generators",
                                      "schedule",           "model.0.weight", "step",      "batches", "history"};
  size_t size;
  char* data = contents(file, &size);
  DONE(snn_trainer_fit(other.trainer, other.training, NULL, 1, error));
  const Bits start = bits(other.model);
  uint64_t seeds[2], positions[2];
  snn_generator_state(NULL, &seeds[0], &positions[0]);
  char* place = NULL;
  DONE(snn_loader_state(other.training, &place, error));
  for (size_t i = 0; i < COUNT(words) + 4; i++) {
    char* copy = malloc(size);
    memcpy(copy, data, size);
    size_t length = size;
    if (i < COUNT(words)) {
      char* at = memmem(copy, size, words[i], strlen(words[i]));
      CHECK(at != NULL);
      if (at) at[strlen(words[i]) - 1] = '_';
    } else {
      length = size * (i - COUNT(words)) / 4;
    }
    put(broken, copy, length);
    free(copy);
    snn_error problem = {0, ""};
    if (snn_trainer_load(other.trainer, other.training, broken, &problem) == SNN_OK)
      CHECK_SAY("loaded without '%s'", i < COUNT(words) ? words[i] : "its end");
    CHECK(same(bits(other.model), start) && snn_trainer_step(other.trainer) == 8);
    CHECK(snn_trainer_epoch(other.trainer) == 1 && !isnan(measured(&other, 0, "loss")));
    snn_generator_state(NULL, &seeds[1], &positions[1]);
    CHECK(seeds[0] == seeds[1] && positions[0] == positions[1]);
    char* now = NULL;
    DONE(snn_loader_state(other.training, &now, error));
    CHECK(now && !strcmp(now, place));
    snn_free(now);
  }
  snn_free(place);
  free(data);

  // A loader of other data.
  snn_loader* fewer = loader_of(clouds(20, 3), 0);
  snn_error problem;
  CHECK(snn_trainer_load(other.trainer, fewer, file, &problem) != SNN_OK);
  CHECK(same(bits(other.model), start) && snn_trainer_step(other.trainer) == 8);
  snn_loader_release(fewer);
  DONE(snn_trainer_load(other.trainer, other.training, file, error));
  CHECK(snn_trainer_step(other.trainer) == 16 && same(bits(other.model), bits(saved.model)));
  end(saved), end(other);
  CHECK(in_use() == before);
}

// A copy of a checkpoint in which a number of a word is another.
static void save_with(const char* file, const char* copy, const char* member, const char* number) {
  enum { MOST = 64 };
  snn_archive* archive = NULL;
  DONE(snn_archive_open(file, false, &archive, error));
  const int32_t count = snn_archive_count(archive), words = snn_archive_metadata_count(archive);
  CHECK(count <= MOST && words <= MOST);
  const char *names[MOST], *metadata[2 * MOST];
  snn_tensor* tensors[MOST];
  for (int32_t i = 0; i < count; i++) {
    snn_archived found;
    DONE(snn_archive_at(archive, i, &found, error));
    DONE(snn_archive_tensor(archive, i, &tensors[i], error));
    names[i] = found.name;
  }
  char changed[1024] = "";
  for (int32_t i = 0; i < words; i++) {
    CHECK(snn_archive_metadata(archive, i, &metadata[2 * i], &metadata[2 * i + 1]));
    if (strcmp(metadata[2 * i], "trainer")) continue;
    const char *start = metadata[2 * i + 1], *at = strstr(start, member);
    CHECK(at != NULL);
    if (at == NULL) continue;
    at += strlen(member);
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - start), start, number, at + strspn(at, "0123456789"));
    metadata[2 * i + 1] = changed;
  }
  DONE(snn_save_tensors(copy, names, tensors, (size_t)count, metadata, (size_t)words, NULL, NULL, error));
  for (int32_t i = 0; i < count; i++) snn_tensor_release(tensors[i]);
  snn_archive_release(archive);
}

// Counts that could not go on without an overflow are no counts of a training.
TEST(counts_beyond_all_measure) {
  static const char* const members[] = {
      "\"epoch\": ", "\"step\": ", "\"batches\": ", "\"examples\": ", "\"best_epoch\": "};
  Training saved = begun(), other = begun();
  Told told = {.stop_at = 11};
  listen(&saved, &told);
  DONE(snn_trainer_fit(saved.trainer, saved.training, NULL, 2, error));
  const char *file = path("counted.safetensors"), *copy = path("beyond.safetensors");
  DONE(snn_trainer_save(saved.trainer, saved.training, file, error));
  for (size_t i = 0; i < COUNT(members); i++) {
    save_with(file, copy, members[i], "9223372036854775807");
    REFUSES(SNN_ERROR_ARGUMENT, "9223372036854775807", snn_trainer_load(other.trainer, other.training, copy, error));
    CHECK(snn_trainer_epoch(other.trainer) == 0 && snn_trainer_step(other.trainer) == 0);
  }
  DONE(snn_trainer_fit(other.trainer, other.training, NULL, 2, error));
  end(saved), end(other);
}

TEST(nothing_is_left_on_the_disk) { remove_folder(); }
