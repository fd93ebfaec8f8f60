// Datasets, loaders with and without workers, augmentations and splits.
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"
#include "swiftnn_typed.h"

static snn_tensor* range(int64_t n, int64_t width) {
  float values[4096];
  for (int64_t i = 0; i < n * width; i++) values[i] = (float)(i / width);
  snn_tensor* tensor = NULL;
  snn_tensor_new(SNN_FLOAT32, 2, (int64_t[]){n, width}, values, &tensor, NULL);
  return tensor;
}

static snn_dataset* dataset_of(int64_t n, int64_t width) {
  snn_tensor* tensor = range(n, width);
  snn_dataset* dataset = NULL;
  CHECK(snn_dataset_from_tensors(&tensor, 1, &dataset, NULL) == SNN_OK);
  snn_tensor_release(tensor);
  return dataset;
}

enum { MOST = 400, END = -1 };

// The first numbers of the examples of so many epochs, with an END behind each batch and two behind an epoch.
static int run(snn_loader* loader, int epochs, double* out) {
  int n = 0;
  while (epochs > 0) {
    snn_tensor* parts[4];
    size_t count = 9;
    snn_error error;
    if (snn_loader_next(loader, parts, 4, &count, &error) != SNN_OK) {
      CHECK_SAY("%s", error.message);
      return n;
    }
    if (count == 0) epochs--;
    for (size_t k = 0; k < count; k++) {
      const int64_t* sizes = snn_tensor_sizes(parts[k]);
      const float* rows = snn_tensor_data(parts[k]);
      for (int64_t i = 0; k == 0 && i < sizes[0]; i++) out[n++] = rows[i * sizes[1]];
      snn_tensor_release(parts[k]);
    }
    out[n++] = END;
  }
  return n;
}

static snn_loader* loader_of(snn_dataset* dataset, snn_loader_options options) {
  snn_loader* loader = NULL;
  snn_error error;
  options.size = sizeof options;
  if (snn_loader_new(dataset, &options, &loader, &error) != SNN_OK) CHECK_SAY("%s", error.message);
  return loader;
}

TEST(batches_come_in_order_and_end) {
  const uint64_t before = in_use();
  snn_dataset* dataset = dataset_of(5, 3);
  CHECK(snn_dataset_count(dataset) == 5);
  snn_loader* loader = loader_of(dataset, (snn_loader_options){.batch_size = 2});
  CHECK(snn_loader_batch_count(loader) == 3);
  double got[MOST];
  const double expected[] = {0, 1, END, 2, 3, END, 4, END, END};
  CHECK(run(loader, 1, got) == COUNT(expected) && memcmp(got, expected, sizeof expected) == 0);
  snn_loader_release(loader);
  snn_loader* each = NULL;
  CHECK(snn_loader_new(dataset, NULL, &each, NULL) == SNN_OK && snn_loader_batch_count(each) == 5);
  snn_loader_release(each);
  snn_dataset_release(dataset);
  CHECK(in_use() == before);
}

TEST(any_number_of_workers_gives_the_same_batches) {
  snn_dataset* dataset = dataset_of(37, 16);
  const int64_t labels[37] = {[5] = 1, [6] = 1, [30] = 2};
  double weights[37];
  for (int i = 0; i < 37; i++) weights[i] = i % 5;
  for (int sampling = SNN_SEQUENTIAL; sampling <= SNN_CURRICULUM; sampling++) {
    for (int ending = SNN_ENDING_KEEP; ending <= SNN_ENDING_FILL; ending++) {
      if (sampling == SNN_CURRICULUM && ending == SNN_ENDING_FILL) continue;
      double got[4][MOST];
      int count[4];
      for (int workers = 0; workers < 4; workers++) {
        snn_loader* loader = loader_of(dataset, (snn_loader_options){.batch_size = 5,
                                                                     .sampling = sampling,
                                                                     .ending = ending,
                                                                     .seed = 11,
                                                                     .labels = labels,
                                                                     .label_count = 37,
                                                                     .numbers = weights,
                                                                     .number_count = 37,
                                                                     .workers = workers,
                                                                     .prefetch = workers});
        count[workers] = run(loader, 3, got[workers]);
        snn_loader_release(loader);
        CHECK(count[workers] == count[0]);
        CHECK(memcmp(got[workers], got[0], (size_t)count[0] * sizeof(double)) == 0);
      }
    }
  }
  snn_dataset_release(dataset);
}

TEST(positions_are_taken_up) {
  snn_dataset* dataset = dataset_of(10, 2);
  for (int workers = 0; workers < 3; workers += 2) {
    snn_loader_options options = {.batch_size = 3, .sampling = SNN_RANDOM, .seed = UINT64_MAX, .workers = workers};
    snn_loader* first = loader_of(dataset, options);
    snn_tensor* part;
    size_t count;
    for (int i = 0; i < 6; i++) {
      snn_loader_next(first, &part, 1, &count, NULL);
      if (count) snn_tensor_release(part);
    }
    char* state = NULL;
    CHECK(snn_loader_state(first, &state, NULL) == SNN_OK && strstr(state, "18446744073709551615"));
    options.seed = 3;
    snn_loader* second = loader_of(dataset, options);
    CHECK(snn_loader_load_state(second, state, NULL) == SNN_OK);
    double a[MOST], b[MOST];
    const int n = run(first, 2, a);
    CHECK(n == run(second, 2, b) && memcmp(a, b, (size_t)n * sizeof *a) == 0);
    snn_error error;
    CHECK(snn_loader_load_state(second, "{\"epoch\": 1}", &error) == SNN_ERROR_ARGUMENT);
    CHECK(snn_loader_begin(second, -1, &error) == SNN_ERROR_ARGUMENT && strstr(error.message, "-1"));
    snn_free(state);
    snn_loader_release(first), snn_loader_release(second);
  }
  snn_dataset_release(dataset);
}

TEST(too_little_room_loses_nothing) {
  snn_tensor* tensors[2] = {range(4, 1), range(4, 2)};
  snn_dataset* dataset = NULL;
  snn_dataset_from_tensors(tensors, 2, &dataset, NULL);
  snn_loader* loader = loader_of(dataset, (snn_loader_options){.batch_size = 4});
  snn_tensor* parts[2];
  size_t count = 0;
  CHECK(snn_loader_next(loader, parts, 1, &count, NULL) == SNN_ERROR_CAPACITY && count == 2);
  CHECK(snn_loader_next(loader, parts, 2, &count, NULL) == SNN_OK && count == 2);
  CHECK(snn_tensor_sizes(parts[1])[0] == 4 && snn_tensor_sizes(parts[1])[1] == 2);
  for (int i = 0; i < 2; i++) snn_tensor_release(parts[i]), snn_tensor_release(tensors[i]);
  snn_loader_release(loader), snn_dataset_release(dataset);
}

// ---- Functions of the caller

typedef struct host {
  pthread_mutex_t mutex;
  int calls, destroyed;
  int64_t broken;  // this example fails
} host;

static void destroy_host(void* user) { ((host*)user)->destroyed++; }

static snn_status squares(void* user, const int64_t* numbers, size_t count, snn_tensor** parts, size_t capacity,
                          size_t* part_count) {
  host* mine = user;
  pthread_mutex_lock(&mine->mutex);
  mine->calls++;
  const int64_t broken = mine->broken;
  pthread_mutex_unlock(&mine->mutex);
  float values[64];
  for (size_t i = 0; i < count; i++) {
    if (numbers[i] == broken) return SNN_ERROR_FILE;
    values[i] = (float)(numbers[i] * numbers[i]);
  }
  *part_count = 1;
  return capacity < 1 ? SNN_ERROR_CAPACITY
                      : snn_tensor_new(SNN_FLOAT32, 2, (int64_t[]){(int64_t)count, 1}, values, parts, NULL);
}

TEST(datasets_of_functions) {
  for (int workers = 0; workers < 4; workers += 3) {
    host mine = {.mutex = PTHREAD_MUTEX_INITIALIZER, .broken = 5};
    snn_dataset *dataset = NULL, *none = NULL;
    CHECK(snn_dataset_from_function(8, squares, &mine, destroy_host, &dataset, NULL) == SNN_OK);
    CHECK(snn_dataset_from_function(-1, squares, &mine, destroy_host, &none, NULL) == SNN_ERROR_ARGUMENT);
    CHECK(none == NULL && mine.destroyed == 0);
    snn_loader* loader = loader_of(dataset, (snn_loader_options){.batch_size = 2, .workers = workers});
    snn_dataset_release(dataset);
    snn_tensor* part;
    size_t count;
    snn_error error;
    for (int i = 0; i < 2; i++) {
      CHECK(snn_loader_next(loader, &part, 1, &count, &error) == SNN_OK && count == 1);
      CHECK(((float*)snn_tensor_data(part))[1] == (float)((2 * i + 1) * (2 * i + 1)));
      snn_tensor_release(part);
    }
    for (int i = 0; i < 2; i++) CHECK(snn_loader_next(loader, &part, 1, &count, &error) == SNN_ERROR_CALLBACK);
    pthread_mutex_lock(&mine.mutex);
    mine.broken = -1;
    pthread_mutex_unlock(&mine.mutex);
    double got[MOST];
    const double expected[] = {16, 25, END, 36, 49, END, END};
    CHECK(run(loader, 1, got) == COUNT(expected) && memcmp(got, expected, sizeof expected) == 0);
    snn_loader_release(loader);
    CHECK(mine.destroyed == 1);
  }
}

static snn_status backwards(void* user, int64_t epoch, snn_order* order) {
  const int64_t numbers[] = {4, 3, epoch}, sizes[] = {1, 2};
  snn_error error;
  CHECK(snn_order_set(order, numbers, 3, (int64_t[]){2, 2}, 2, &error) == SNN_ERROR_ARGUMENT);
  return *(bool*)user ? snn_order_set(order, numbers, 3, sizes, 2, NULL)
                      : snn_order_set(order, numbers, 3, NULL, 0, NULL);
}

TEST(orders_of_functions) {
  snn_dataset* dataset = dataset_of(5, 1);
  for (int batches = 0; batches < 2; batches++) {
    bool says_batches = batches == 1;
    snn_loader* loader =
        loader_of(dataset, (snn_loader_options){.batch_size = 2,
                                                .sampling = batches ? SNN_BATCHES_OF_FUNCTION : SNN_ORDER_OF_FUNCTION,
                                                .order = backwards,
                                                .order_user = &says_batches});
    CHECK(snn_loader_batch_count(loader) == -1);
    double got[MOST];
    const double plain[] = {4, 3, END, 0, END, END, 4, 3, END, 1, END, END};
    const double cut[] = {4, END, 3, 0, END, END, 4, END, 3, 1, END, END};
    CHECK(run(loader, 2, got) == COUNT(plain) && memcmp(got, batches ? cut : plain, sizeof plain) == 0);
    snn_loader_release(loader);
  }
  snn_dataset_release(dataset);
}

static snn_status count_next(void* user, snn_tensor** parts, size_t capacity, size_t* part_count) {
  int64_t* at = user;
  *part_count = 0;
  if (++*at % 3 == 0) return SNN_OK;
  if (*at > 100) return SNN_ERROR_FILE;
  float value = (float)*at;
  *part_count = capacity > 0;
  return snn_tensor_new(SNN_FLOAT32, 2, (int64_t[]){1, 1}, &value, parts, NULL);
}
static snn_status count_begin(void* user, int64_t epoch) {
  *(int64_t*)user = 3 * epoch;
  return SNN_OK;
}
static snn_status count_state(void* user, char* json, size_t capacity, size_t* length) {
  // Longer than the first room that is given.
  char text[3000];
  *length = (size_t)snprintf(text, sizeof text, "%2500d", (int)*(int64_t*)user);
  if (*length < capacity) memcpy(json, text, *length + 1);
  return SNN_OK;
}
static snn_status count_load(void* user, const char* json) {
  *(int64_t*)user = atoll(json);
  return strlen(json) == 2500 ? SNN_OK : SNN_ERROR_FILE;
}

TEST(batches_of_functions) {
  int64_t at = 0;
  const snn_batch_functions functions = {sizeof functions, count_next, count_begin, count_state, count_load, NULL};
  snn_loader* loader = NULL;
  CHECK(snn_loader_from_functions(&functions, &at, NULL, &loader, NULL) == SNN_OK);
  CHECK(snn_loader_batch_count(loader) == -1);
  double got[MOST];
  const double expected[] = {1, END, 2, END, END, 4, END, 5, END, END};
  CHECK(run(loader, 2, got) == COUNT(expected) && memcmp(got, expected, sizeof expected) == 0);
  char* state = NULL;
  CHECK(snn_loader_state(loader, &state, NULL) == SNN_OK && strlen(state) == 2500);
  CHECK(snn_loader_begin(loader, 0, NULL) == SNN_OK && at == 0);
  CHECK(snn_loader_load_state(loader, state, NULL) == SNN_OK && at == 6);
  CHECK(snn_loader_load_state(loader, "7", NULL) == SNN_ERROR_CALLBACK);
  snn_free(state);
  at = 100;
  snn_tensor* part;
  size_t count;
  CHECK(snn_loader_next(loader, &part, 1, &count, NULL) == SNN_ERROR_CALLBACK);
  snn_loader_release(loader);
  CHECK(snn_loader_from_functions(&(snn_batch_functions){sizeof functions, NULL, NULL, NULL, NULL, NULL}, NULL, NULL,
                                  &loader, NULL) == SNN_ERROR_ARGUMENT);
}

// ---- Threads

TEST(loaders_side_by_side_and_dropped_early) {
  snn_dataset* dataset = dataset_of(50, 4);
  for (int round = 0; round < 30; round++) {
    snn_loader* loaders[3];
    for (int i = 0; i < 3; i++) {
      loaders[i] = loader_of(dataset, (snn_loader_options){.batch_size = 2, .sampling = SNN_RANDOM, .workers = 2});
      snn_tensor* part;
      size_t count;
      for (int k = 0; k < round % 4; k++) {
        CHECK(snn_loader_next(loaders[i], &part, 1, &count, NULL) == SNN_OK);
        snn_tensor_release(part);
      }
      if (round % 2) CHECK(snn_loader_begin(loaders[i], round, NULL) == SNN_OK);
    }
    for (int i = 0; i < 3; i++) snn_loader_release(loaders[i]);
  }
  snn_dataset_release(dataset);
}

#if !defined(__SANITIZE_THREAD__)
TEST(a_child_goes_on_where_the_parent_stood) {
  snn_dataset* dataset = dataset_of(20, 1);
  snn_loader* loader = loader_of(dataset, (snn_loader_options){.batch_size = 4, .workers = 2});
  snn_tensor* part;
  size_t count;
  snn_loader_next(loader, &part, 1, &count, NULL);
  snn_tensor_release(part);
  const pid_t child = fork();
  if (child == 0) {
    double got[MOST];
    const int n = run(loader, 1, got);
    snn_loader_release(loader);
    _exit(n == 21 && got[0] == 4 ? 0 : 1);
  }
  int status = 1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  double got[MOST];
  CHECK(run(loader, 1, got) == 21 && got[0] == 4);
  snn_loader_release(loader), snn_dataset_release(dataset);
}
#endif

// ---- Other datasets, augmentations, splits

TEST(datasets_of_datasets) {
  snn_dataset *all[2] = {dataset_of(3, 1), dataset_of(2, 1)}, *joined = NULL, *some = NULL, *stacked = NULL;
  CHECK(snn_dataset_concat(all, 2, &joined, NULL) == SNN_OK && snn_dataset_count(joined) == 5);
  CHECK(snn_dataset_subset(joined, (int64_t[]){4, 0}, 2, &some, NULL) == SNN_OK && snn_dataset_count(some) == 2);
  CHECK(snn_dataset_stack((snn_dataset*[]){some, all[1]}, 2, &stacked, NULL) == SNN_OK);
  snn_tensor* parts[2];
  size_t count;
  CHECK(snn_dataset_examples(stacked, (int64_t[]){0}, 1, parts, 1, &count, NULL) == SNN_ERROR_CAPACITY && count == 2);
  CHECK(snn_dataset_examples(stacked, (int64_t[]){0}, 1, parts, 2, &count, NULL) == SNN_OK);
  CHECK(((float*)snn_tensor_data(parts[0]))[0] == 1 && ((float*)snn_tensor_data(parts[1]))[0] == 0);
  for (int i = 0; i < 2; i++) snn_tensor_release(parts[i]);
  snn_error error;
  CHECK(snn_dataset_examples(stacked, (int64_t[]){2}, 1, parts, 2, &count, &error) == SNN_ERROR_INDEX);
  CHECK(snn_dataset_subset(joined, (int64_t[]){5}, 1, &some, &error) == SNN_ERROR_INDEX);
  CHECK(snn_dataset_stack(all, 2, &stacked, &error) == SNN_ERROR_SHAPE);
  CHECK(snn_dataset_concat(NULL, 0, &stacked, &error) == SNN_ERROR_ARGUMENT);
  snn_tensor* sequence = range(10, 1);
  snn_dataset* windows = NULL;
  CHECK(snn_dataset_windows(sequence, 4, 2, 1, &windows, NULL) == SNN_OK && snn_dataset_count(windows) == 3);
  CHECK(snn_dataset_windows(sequence, 11, 1, -1, &windows, NULL) == SNN_ERROR_SHAPE);
  snn_tensor_release(sequence), snn_dataset_release(windows), snn_dataset_release(all[0]), snn_dataset_release(all[1]);
  snn_dataset_release(joined), snn_dataset_release(some), snn_dataset_release(stacked);
}

TEST(augmentations) {
  snn_tensor *x = NULL, *y = NULL;
  float values[12];
  for (int i = 0; i < 12; i++) values[i] = (float)i;
  snn_tensor_new(SNN_FLOAT32, 4, (int64_t[]){1, 1, 3, 4}, values, &x, NULL);
  snn_augmentation *flip = NULL, *crop = NULL;
  CHECK(snn_new_randomhorizontalflip(&(snn_new_randomhorizontalflip_options){.p = snn_float(1)}, &flip, NULL) ==
        SNN_OK);
  CHECK(snn_augmentation_apply(flip, &x, 1, NULL, &y, NULL) == SNN_OK && ((float*)snn_tensor_data(y))[0] == 3);
  snn_tensor_release(y);
  CHECK(snn_new_randomcrop((int64_t[]){2, 2}, 2, NULL, &crop, NULL) == SNN_OK);
  snn_generator* generator = NULL;
  snn_generator_new(1, &generator, NULL);
  CHECK(snn_augmentation_apply(crop, &x, 1, generator, &y, NULL) == SNN_OK && snn_tensor_sizes(y)[2] == 2);
  snn_tensor_release(y);
  snn_error error;
  CHECK(snn_augmentation_apply(crop, NULL, 0, generator, &y, &error) == SNN_ERROR_SHAPE);
  CHECK(snn_augmentation_new(-1, NULL, 0, &flip, &error) == SNN_ERROR_NAME);
  // Batches depend on their number, not on the threads that make them.
  snn_dataset* dataset = NULL;
  snn_tensor *images = NULL, *first = NULL, *second = NULL;
  snn_tensor_new(SNN_FLOAT32, 4, (int64_t[]){8, 1, 12, 12}, NULL, &images, NULL);
  snn_dataset_from_tensors(&images, 1, &dataset, NULL);
  snn_augmentation* noise = NULL;
  snn_new_gaussiannoise(NULL, &noise, NULL);
  size_t count;
  for (int workers = 0; workers < 3; workers += 2) {
    snn_loader* loader = loader_of(dataset, (snn_loader_options){.batch_size = 2,
                                                                 .augmentations = &noise,
                                                                 .augmentation_count = 1,
                                                                 .image_sizes = (int64_t[]){6},
                                                                 .image_size_count = 1,
                                                                 .workers = workers});
    for (int i = 0; i < 3; i++) {
      snn_tensor** out = workers ? &second : &first;
      snn_tensor_release(*out);
      CHECK(snn_loader_next(loader, out, 1, &count, NULL) == SNN_OK);
    }
    snn_loader_release(loader);
  }
  CHECK(snn_tensor_sizes(first)[3] == 6 && memcmp(snn_tensor_data(first), snn_tensor_data(second), 72 * 4) == 0);
  snn_tensor_release(x), snn_tensor_release(images), snn_tensor_release(first), snn_tensor_release(second);
  snn_augmentation_release(flip), snn_augmentation_release(crop), snn_augmentation_release(noise);
  snn_generator_release(generator), snn_dataset_release(dataset);
}

TEST(splits_are_those_of_scikit_learn) {
  snn_splits* splits = NULL;
  snn_splits_options options = {.size = sizeof options, .splits = 3, .shuffle = true, .seed = 42};
  CHECK(snn_splits_new(SNN_K_FOLD, 10, NULL, &options, &splits, NULL) == SNN_OK && snn_splits_count(splits) == 3);
  const int64_t *train, *test, expected[3][4] = {{0, 1, 5, 8}, {2, 7, 9}, {3, 4, 6}};
  size_t train_count, test_count;
  for (int i = 0; i < 3; i++) {
    CHECK(snn_splits_next(splits, &train, &train_count, &test, &test_count, NULL) == SNN_OK);
    CHECK(test_count == (i ? 3 : 4) && train_count + test_count == 10);
    CHECK(memcmp(test, expected[i], test_count * sizeof *test) == 0);
  }
  CHECK(snn_splits_next(splits, &train, &train_count, &test, &test_count, NULL) == SNN_OK && train == NULL);
  snn_splits_release(splits);
  snn_error error;
  for (int kind = 0; kind < 10; kind++) {
    const int64_t labels[] = {0, 1, 0, 1, 1, 0, 2, 2, 2, 2};
    options = (snn_splits_options){.size = sizeof options, .splits = 2};
    const snn_status status = snn_splits_new((snn_split_kind)kind, 10, labels, &options, &splits, &error);
    CHECK((status == SNN_OK) == (kind != 9 && kind != SNN_STRATIFIED_SHUFFLE_SPLIT));
    if (status != SNN_OK) continue;
    CHECK(snn_splits_next(splits, &train, &train_count, &test, &test_count, NULL) == SNN_OK && train != NULL);
    snn_splits_release(splits);
  }
  CHECK(snn_splits_new(SNN_STRATIFIED_K_FOLD, 10, NULL, NULL, &splits, &error) == SNN_ERROR_ARGUMENT);
  CHECK(snn_splits_new(SNN_K_FOLD, INT64_MAX, NULL, NULL, &splits, &error) == SNN_ERROR_ARGUMENT);
  int64_t numbers[100], counts[3], sum = 0;
  CHECK(snn_split_parts(100, NULL, 0, NULL, true, 7, numbers, counts, NULL) == SNN_OK);
  CHECK(counts[0] == 80 && counts[1] == 10 && counts[2] == 10);
  for (int i = 0; i < 100; i++) sum += numbers[i];
  CHECK(sum == 4950);
  CHECK(snn_split_parts(100, (double[]){0.5}, 1, NULL, true, 7, numbers, counts, &error) == SNN_ERROR_ARGUMENT);
}

TEST(null_is_a_mistake) {
  snn_error error;
  size_t count;
  CHECK(snn_loader_new(NULL, NULL, NULL, &error) == SNN_ERROR_ARGUMENT);
  CHECK(snn_loader_next(NULL, NULL, 0, &count, &error) == SNN_ERROR_ARGUMENT);
  CHECK(snn_loader_state(NULL, NULL, &error) == SNN_ERROR_ARGUMENT && snn_loader_batch_count(NULL) == -1);
  CHECK(snn_dataset_count(NULL) == -1 && snn_splits_count(NULL) == -1);
  CHECK(snn_order_set(NULL, NULL, 0, NULL, 0, &error) == SNN_ERROR_ARGUMENT);
  snn_loader_release(NULL), snn_dataset_release(NULL), snn_augmentation_release(NULL), snn_splits_release(NULL);
}
