// Random calls on datasets, loaders, augmentations and splits. Workers call back too: what they call draws nothing.
#include <math.h>

#include "fuzz.h"

enum { DATASETS = 8, LOADERS = 4, AUGMENTATIONS = 4, SPLITS = 3, MOST_PARTS = 6, MOST_ARGUMENTS = 64 };
static snn_dataset* datasets[DATASETS];
static snn_loader* loaders[LOADERS];
static snn_augmentation* augmentations[AUGMENTATIONS];
static snn_splits* splits[SPLITS];

#define KEEP(type, pool, made)                                    \
  do {                                                            \
    snn_##type** slot = &pool[below(sizeof pool / sizeof *pool)]; \
    snn_##type##_release(*slot);                                  \
    *slot = made;                                                 \
  } while (0)

static snn_dataset* any_dataset(void) { return datasets[below(DATASETS)]; }
static snn_loader* any_loader(void) { return loaders[below(LOADERS)]; }

void drop_data(void) {
  for (int i = 0; i < LOADERS; i++) snn_loader_release(loaders[i]), loaders[i] = NULL;
  for (int i = 0; i < DATASETS; i++) snn_dataset_release(datasets[i]), datasets[i] = NULL;
  for (int i = 0; i < AUGMENTATIONS; i++) snn_augmentation_release(augmentations[i]), augmentations[i] = NULL;
  for (int i = 0; i < SPLITS; i++) snn_splits_release(splits[i]), splits[i] = NULL;
}

static void random_numbers(int64_t* numbers, size_t count, int64_t limit) {
  for (size_t i = 0; i < count; i++)
    numbers[i] = limit > 0 && chance(95) ? (int64_t)below((uint64_t)limit) : random_int();
}

// ---- Callbacks

static snn_status some_examples(void* user, const int64_t* numbers, size_t count, snn_tensor** parts, size_t capacity,
                                size_t* part_count) {
  if (*(int*)user != 0x00C0FFEE) return SNN_ERROR_INTERNAL;
  const int64_t kind = count > 0 ? numbers[0] % 11 : 0;
  if (kind == 7 || capacity < 2 || count > 4096) return -43;
  *part_count = kind == 8 ? 0 : kind == 9 ? 99 : 2;
  if (kind == 10) return SNN_OK;
  const int64_t sizes[] = {(int64_t)count + (kind == 6), 2};
  if (snn_tensor_new(SNN_FLOAT32, 2, sizes, NULL, &parts[0], NULL) != SNN_OK) return -44;
  return snn_tensor_new(SNN_INT64, 1, sizes, NULL, &parts[1], NULL) == SNN_OK ? SNN_OK : -44;
}

static snn_status some_order(void* user, int64_t epoch, snn_order* order) {
  (void)user;
  (void)epoch;
  int64_t numbers[8], sizes[4];
  random_numbers(numbers, 8, 4);
  random_numbers(sizes, 4, 4);
  if (chance(5)) return -45;
  snn_order_set(order, chance(98) ? numbers : NULL, below(9), chance(60) ? sizes : NULL, below(5), NULL);
  return SNN_OK;
}

static snn_status give_next(void* user, snn_tensor** parts, size_t capacity, size_t* part_count) {
  (void)user;
  *part_count = below(4);
  for (size_t i = 0; i < *part_count && i < capacity; i++) parts[i] = snn_tensor_retain(any_tensor());
  return chance(95) ? SNN_OK : -46;
}
static snn_status give_begin(void* user, int64_t epoch) {
  (void)user;
  return epoch % 5 == 4 ? -47 : SNN_OK;
}
static snn_status give_state(void* user, char* json, size_t capacity, size_t* length) {
  (void)user;
  *length = chance(95) ? below(3000) : SIZE_MAX - below(3);
  if (*length < capacity) memset(json, 'x', *length), json[*length] = 0;
  return chance(95) ? SNN_OK : -48;
}
static snn_status give_load(void* user, const char* json) {
  (void)user;
  return json[0] == 'x' ? SNN_OK : -49;
}
static int64_t give_count(void* user) {
  (void)user;
  return random_int();
}

// ---- Making

static void make_dataset(void) {
  snn_dataset *made = MARK, *parts[3] = {any_dataset(), any_dataset(), any_dataset()};
  snn_tensor* all[3] = {any_tensor(), any_tensor(), any_tensor()};
  int64_t numbers[16];
  random_numbers(numbers, 16, snn_dataset_count(parts[0]));
  if (chance(60)) all[1] = all[2] = all[0];
  snn_error error;
  snn_status status;
  switch (below(8)) {
    case 0: {
      void* user = new_user();
      CALL("snn_dataset_from_function");
      status = snn_dataset_from_function(chance(80) ? (int64_t)below(30) : random_int(),
                                         chance(98) ? some_examples : NULL, user, destroy_user, &made, &error);
      if (status != SNN_OK) destroy_user(user);
      break;
    }
    case 1:
      CALL("snn_dataset_windows");
      status = snn_dataset_windows(all[0], chance(80) ? (int64_t)below(5) : random_int(),
                                   chance(80) ? (int64_t)below(4) : random_int(),
                                   chance(80) ? (int64_t)below(4) - 1 : random_int(), &made, &error);
      break;
    case 2:
      CALL("snn_dataset_subset");
      status = snn_dataset_subset(parts[0], numbers, below(17), &made, &error);
      break;
    case 3:
      CALL("snn_dataset_concat");
      status = snn_dataset_concat(parts, below(4), &made, &error);
      break;
    case 4:
      CALL("snn_dataset_stack");
      status = snn_dataset_stack(parts, below(4), &made, &error);
      break;
    default:
      CALL("snn_dataset_from_tensors");
      status = snn_dataset_from_tensors(all, below(4), &made, &error);
      break;
  }
  if (ended(status, &error)) {
    KEEP(dataset, datasets, made);
  } else if (made != MARK) {
    WRONG("wrote a dataset on failure");
  }
}

static void make_augmentation(void) {
  int32_t id = (int32_t)below((uint64_t)snn_entry_count(SNN_AUGMENTATIONS));
  const snn_entry* entry = snn_entry_at(SNN_AUGMENTATIONS, id);
  snn_value arguments[MOST_ARGUMENTS];
  size_t count = random_arguments(entry, arguments);
  snn_augmentation* made = MARK;
  snn_error error;
  CALL("snn_augmentation_new %s", entry->name);
  if (ended(snn_augmentation_new(chance(2) ? (int32_t)random_int() : id, arguments, count, &made, &error), &error)) {
    KEEP(augmentation, augmentations, made);
  } else if (made != MARK) {
    WRONG("wrote an augmentation on failure");
  }
}

static void make_loader(void) {
  snn_loader* made = MARK;
  snn_error error;
  void* user = new_user();
  snn_status status;
  if (chance(15)) {
    const snn_batch_functions functions = {sizeof functions, chance(98) ? give_next : NULL, give_begin, give_state,
                                           give_load,        chance(50) ? give_count : NULL};
    CALL("snn_loader_from_functions");
    status = snn_loader_from_functions(chance(98) ? &functions : NULL, user, destroy_user, &made, &error);
  } else {
    snn_dataset* dataset = any_dataset();
    const int64_t examples = snn_dataset_count(dataset);
    double numbers[40];
    int64_t labels[40], sizes[3];
    for (int i = 0; i < 40; i++) numbers[i] = chance(95) ? (double)below(9) : random_float();
    random_numbers(labels, 40, 4);
    random_numbers(sizes, 3, 9);
    const size_t given = examples >= 0 && examples <= 40 && chance(90) ? (size_t)examples : below(41);
    const snn_loader_options options = {
        .size = chance(98) ? sizeof options : below(9),
        .batch_size = chance(90) ? (int64_t)below(6) : random_int(),
        .sampling = (int32_t)below(9),
        .ending = (int32_t)below(4),
        .seed = draw(),
        .count = chance(70) ? (int64_t)below(20) : random_int(),
        .numbers = numbers,
        .number_count = given,
        .labels = chance(95) ? labels : NULL,
        .label_count = given,
        .once = chance(20),
        .pacing = (int32_t)below(4),
        .pacing_start = chance(80) ? 0 : random_float(),
        .pacing_epochs = chance(80) ? (int64_t)below(4) : random_int(),
        .order = chance(95) ? some_order : NULL,
        .order_user = user,
        .order_destructor = destroy_user,
        .augmentations = augmentations,
        .augmentation_count = chance(70) ? 0 : below(AUGMENTATIONS + 1),
        .image_sizes = sizes,
        .image_size_count = chance(80) ? 0 : below(4),
        .workers = chance(70)   ? 0
                   : chance(95) ? (int32_t)below(3)
                                : (int32_t)random_int(),
        .prefetch = chance(95) ? (int32_t)below(4) : (int32_t)random_int(),
    };
    const bool plain = chance(5);
    CALL("snn_loader_new sampling %d ending %d batch %lld workers %d", (int)options.sampling, (int)options.ending,
         (long long)options.batch_size, (int)options.workers);
    status = snn_loader_new(dataset, plain ? NULL : &options, &made, &error);
    if (plain && status == SNN_OK) destroy_user(user);
  }
  if (status != SNN_OK) destroy_user(user);
  if (ended(status, &error)) {
    KEEP(loader, loaders, made);
  } else if (made != MARK) {
    WRONG("wrote a loader on failure");
  }
}

static void make_splits(void) {
  int64_t labels[40];
  random_numbers(labels, 40, 4);
  const snn_splits_options options = {
      .size = chance(98) ? sizeof options : below(9),
      .splits = chance(90) ? (int64_t)below(7) : random_int(),
      .shuffle = chance(50),
      .repeats = chance(90) ? (int64_t)below(3) : random_int(),
      .seed = (uint32_t)draw(),
      .test_share = chance(60)   ? 0
                    : chance(80) ? 0.3
                                 : random_float(),
      .train_share = chance(60)   ? 0
                     : chance(80) ? 0.5
                                  : random_float(),
      .test_count = chance(60)   ? 0
                    : chance(80) ? (int64_t)below(9)
                                 : random_int(),
      .train_count = chance(60)   ? 0
                     : chance(80) ? (int64_t)below(9)
                                  : random_int(),
      .max_train_count = chance(60) ? 0 : random_int(),
      .gap = chance(60)   ? 0
             : chance(80) ? (int64_t)below(9)
                          : random_int(),
  };
  const uint64_t kind = below(10);
  // Kinds with labels read as many of them as there are examples.
  int64_t examples = (int64_t)below(41);
  if (chance(5) && (kind == SNN_K_FOLD || kind >= SNN_TIME_SERIES_SPLIT)) examples = INT64_MAX - (int64_t)below(2);
  if (chance(5)) examples = -examples;
  snn_splits* made = MARK;
  snn_error error;
  CALL("snn_splits_new kind %d of %lld", (int)kind, (long long)examples);
  if (ended(snn_splits_new((snn_split_kind)kind, examples, chance(95) ? labels : NULL, chance(90) ? &options : NULL,
                           &made, &error),
            &error)) {
    KEEP(splits, splits, made);
  } else if (made != MARK) {
    WRONG("wrote splits on failure");
  }
}

// ---- Using

static void keep_parts(snn_tensor** parts, size_t count) {
  for (size_t i = 0; i < count; i++) keep_tensor(parts[i]);
}

static void take_batch(void) {
  snn_tensor* parts[MOST_PARTS];
  const size_t room = below(MOST_PARTS + 1);
  size_t count = 0;
  snn_error error;
  CALL("snn_loader_next");
  if (ended(snn_loader_next(any_loader(), parts, room, chance(98) ? &count : NULL, &error), &error)) {
    if (count > room) WRONG("%zu parts where there is room for %zu", count, room);
    keep_parts(parts, count);
  }
}

static void move_position(void) {
  char* text = NULL;
  snn_error error;
  CALL("snn_loader_state");
  if (!ended(snn_loader_state(any_loader(), &text, &error), &error)) return;
  const size_t length = strlen(text);
  for (int i = (int)below(3); length > 0 && i > 0; i--) text[below(length)] = "0129-.e{}[],:\"xN"[below(16)];
  CALL("snn_loader_load_state %s", text);
  ended(snn_loader_load_state(any_loader(), text, &error), &error);
  snn_free(text);
}

static void split_once(void) {
  int64_t numbers[40], counts[4], classes[40];
  double shares[4] = {0.5, 0.25, 0.25, 0};
  if (chance(30)) shares[below(4)] = random_float();
  random_numbers(classes, 40, 3);
  snn_error error;
  CALL("snn_split_parts");
  ended(snn_split_parts((int64_t)below(41), chance(80) ? shares : NULL, chance(70) ? 3 : below(5),
                        chance(50) ? classes : NULL, chance(70), (uint32_t)draw(), numbers, counts, &error),
        &error);
  const int64_t *train, *test;
  size_t train_count, test_count;
  CALL("snn_splits_next");
  ended(snn_splits_next(splits[below(SPLITS)], &train, &train_count, &test, &test_count, &error), &error);
}

static void take_examples(void) {
  snn_dataset* dataset = any_dataset();
  int64_t numbers[16];
  random_numbers(numbers, 16, snn_dataset_count(dataset));
  snn_tensor* parts[MOST_PARTS];
  size_t count = 0;
  snn_error error;
  CALL("snn_dataset_examples");
  if (ended(snn_dataset_examples(dataset, numbers, below(17), parts, below(MOST_PARTS + 1), &count, &error), &error))
    keep_parts(parts, count);
}

static void change_batch(void) {
  snn_tensor *batch[3] = {any_tensor(), any_tensor(), any_tensor()}, *results[3];
  const size_t count = below(4);
  snn_error error;
  CALL("snn_augmentation_apply");
  if (ended(snn_augmentation_apply(augmentations[below(AUGMENTATIONS)], batch, count, any_generator(), results, &error),
            &error))
    keep_parts(results, count);
}

void fuzz_data(void) {
  snn_error error;
  switch (below(14)) {
    case 0:
    case 1:
      make_dataset();
      break;
    case 2:
    case 3:
      make_loader();
      break;
    case 4:
      make_augmentation();
      break;
    case 5:
      make_splits();
      break;
    case 6:
      split_once();
      break;
    case 7:
      take_examples();
      break;
    case 8:
      change_batch();
      break;
    case 9:
      move_position();
      break;
    case 10:
      CALL("snn_loader_begin");
      ended(snn_loader_begin(any_loader(), chance(80) ? (int64_t)below(5) : random_int(), &error), &error);
      snn_loader_batch_count(any_loader());
      break;
    default:
      take_batch();
      break;
  }
}
