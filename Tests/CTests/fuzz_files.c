// Opens mutated safetensors, checkpoints and files of data. Whatever the bytes are, the library must end with an
// archive or an error, read nothing outside of them, ask for no memory that their size does not explain, and give all
// of it back: `fuzz_files --inputs N --seed S --seeds FOLDER`.
#define _GNU_SOURCE
#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "swiftnn.h"

enum { MOST_SEEDS = 64, MOST_BYTES = 1 << 16, SECONDS_WITHOUT_PROGRESS = 60 };
static const int64_t allowance = 4 << 20;  // beyond the size of the input

// ---- Memory: the program's malloc goes before that of the system. A sanitizer has one of its own.

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

static _Atomic int64_t live, peak;

#ifndef SANITIZED
extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);
extern void __libc_free(void*);

static void* counted(void* block) {
  if (block) {
    int64_t now = atomic_fetch_add(&live, (int64_t)malloc_usable_size(block)) + (int64_t)malloc_usable_size(block);
    if (now > atomic_load(&peak)) atomic_store(&peak, now);
  }
  return block;
}

static void discounted(void* block) {
  if (block) atomic_fetch_sub(&live, (int64_t)malloc_usable_size(block));
}

void* malloc(size_t size) { return counted(__libc_malloc(size)); }
void* calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size)); }
void* memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }
void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void** out, size_t alignment, size_t size) {
  *out = memalign(alignment, size);
  return *out == NULL && size > 0 ? 12 : 0;
}
void* realloc(void* block, size_t size) {
  discounted(block);
  return counted(__libc_realloc(block, size));
}
void free(void* block) {
  discounted(block);
  __libc_free(block);
}
#endif

// ---- Inputs

typedef enum { ARCHIVE, IDX, CIFAR, CSV, CHARACTERS, VOCABULARY, MERGES } Kind;

typedef struct {
  unsigned char* bytes;
  size_t size;
  Kind kind;
} Input;

static Input seeds[MOST_SEEDS];
static int seed_count;
static uint64_t state, input_seed;
static long wrong, opened_count;
static bool as_it_is;  // no options by chance

static uint64_t draw(void) {
  uint64_t z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}
static size_t below(size_t n) { return n == 0 ? 0 : draw() % n; }

static void add_seed(const void* bytes, size_t size, Kind kind) {
  if (seed_count == MOST_SEEDS || size > MOST_BYTES) return;
  seeds[seed_count].kind = kind;
  seeds[seed_count].bytes = malloc(size);
  memcpy(seeds[seed_count].bytes, bytes, size);
  seeds[seed_count++].size = size;
}

static Kind kind_of(const char* name) {
  static const struct {
    const char* ending;
    Kind kind;
  } kinds[] = {{".idx", IDX},
               {".idx.gz", IDX},
               {".cifar", CIFAR},
               {".csv", CSV},
               {".csv.gz", CSV},
               {"characters.json", CHARACTERS},
               {"vocab.json", VOCABULARY},
               {"merges.txt", MERGES}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    size_t length = strlen(name), count = strlen(kinds[i].ending);
    if (length >= count && strcmp(name + length - count, kinds[i].ending) == 0) return kinds[i].kind;
  }
  return ARCHIVE;
}

static void read_seeds(const char* folder) {
  DIR* directory = opendir(folder);
  for (struct dirent* entry; directory && (entry = readdir(directory));) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    FILE* file = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
    if (file == NULL) continue;
    static unsigned char bytes[MOST_BYTES];
    add_seed(bytes, fread(bytes, 1, sizeof bytes, file), kind_of(entry->d_name));
    fclose(file);
  }
  if (directory) closedir(directory);
}

static void write_seeds(void) {
  snn_tensor* tensors[8];
  const char* names[] = {"a", "b", "c", "layer.weight", "layer.bias", "f", "g", "h"};
  const char* words[] = {"format", "pt", "\xC3\xBC\"\n", "\x01"};
  for (int i = 0; i < 8; i++) {
    int64_t sizes[] = {i, 2};
    snn_tensor_new((snn_dtype)(i + 1), i % 3, sizes, NULL, &tensors[i], NULL);
  }
  void* data;
  size_t size;
  for (size_t count = 0; count <= 8; count += 4) {
    if (snn_save_tensors(NULL, names, tensors, count, words, count / 4, &data, &size, NULL) != SNN_OK) abort();
    add_seed(data, size, ARCHIVE);
    snn_free(data);
  }
  const int64_t members[] = {1, 2, 3, 4}, list[] = {5, 6, 7};
  snn_node nodes[] = {{.kind = SNN_KIND_DICT, .count = 4, .as.members = members},
                      {.kind = SNN_KIND_STRING, .as.s = "model"},
                      {.kind = SNN_KIND_TENSOR, .is_parameter = true, .as.tensor = tensors[3]},
                      {.kind = SNN_KIND_INT, .as.i = INT64_MIN},
                      {.kind = SNN_KIND_TUPLE, .count = 3, .as.members = list},
                      {.kind = SNN_KIND_FLOAT, .as.f = 0.5},
                      {.kind = SNN_KIND_TENSOR, .as.tensor = tensors[4]},
                      {.kind = SNN_KIND_DTYPE, .as.i = SNN_FLOAT16}};
  if (snn_save_nodes(NULL, nodes, 8, &data, &size, NULL) != SNN_OK) abort();
  add_seed(data, size, ARCHIVE);
  snn_free(data);
  for (int i = 0; i < 8; i++) snn_tensor_release(tensors[i]);
}

// Numbers that checks of sizes stumble over, of one to eight bytes.
static void write_hostile_number(Input* input) {
  static const uint64_t hostile[] = {0,          1,          0x7F,       0x80,         0xFF,
                                     0x7FFF,     0xFFFF,     0x7FFFFFFF, 0x80000000,   0xFFFFFFFF,
                                     1ull << 62, 1ull << 63, ~0ull,      100000000ull, 0x100000000ull};
  uint64_t number = hostile[below(sizeof hostile / sizeof *hostile)] + (draw() % 4 == 0 ? draw() % 3 - 1 : 0);
  size_t width = (size_t)1 << below(4);
  if (input->size < width) return;
  memcpy(input->bytes + below(input->size - width + 1), &number, width);
}

static void splice(Input* input) {
  const Input* other = &seeds[below((size_t)seed_count)];
  size_t from = below(other->size), count = below(other->size - from) + 1, at = below(input->size + 1);
  if (draw() % 2 == 0) {  // over what is there
    if (count > input->size - at) count = input->size - at;
    memcpy(input->bytes + at, other->bytes + from, count);
  } else if (input->size + count <= MOST_BYTES) {
    memmove(input->bytes + at + count, input->bytes + at, input->size - at);
    memcpy(input->bytes + at, other->bytes + from, count);
    input->size += count;
  }
}

static void mutate(Input* input) {
  static const char texts[] = "{}[]\",:\\u0123456789eE-.N()tQR}].cu";
  if (input->size == 0) return;
  switch (below(8)) {
    case 0:
    case 1:
      input->bytes[below(input->size)] ^= (unsigned char)(1u << below(8));
      break;
    case 2:
      input->bytes[below(input->size)] = (unsigned char)draw();
      break;
    case 3:
      input->bytes[below(input->size)] = (unsigned char)texts[below(sizeof texts - 1)];
      break;
    case 4:
    case 5:
      write_hostile_number(input);
      break;
    case 6:
      splice(input);
      break;
    default:
      if (below(4) == 0) {
        input->size = below(input->size);
      } else {  // a part goes
        size_t at = below(input->size), count = below((input->size - at) / 2) + 1;
        memmove(input->bytes + at, input->bytes + at + count, input->size - at - count);
        input->size -= count;
      }
  }
}

// ---- Use

#define WRONG(...)                                                  \
  do {                                                              \
    wrong++;                                                        \
    fprintf(stderr, "WRONG with --seed %" PRIu64 ": ", input_seed); \
    fprintf(stderr, __VA_ARGS__);                                   \
    fputc('\n', stderr);                                            \
  } while (0)

static void use_tensor(const snn_archive* archive, int32_t index) {
  snn_tensor* tensor = NULL;
  snn_error error = {0, ""};
  if (snn_archive_tensor(archive, index, &tensor, &error) != SNN_OK) {
    if (error.message[0] == 0) WRONG("an error without a message");
    return;
  }
  size_t bytes = (size_t)snn_tensor_count(tensor) * snn_dtype_size(snn_tensor_dtype(tensor));
  if (bytes <= 1 << 20) {
    void* copy = malloc(bytes + 1);
    if (copy && snn_tensor_read(tensor, snn_tensor_dtype(tensor), copy, bytes, NULL) != SNN_OK) WRONG("no elements");
    free(copy);
  }
  snn_tensor_release(tensor);
}

static void use(const snn_archive* archive) {
  for (int32_t i = 0; i < snn_archive_count(archive); i++) {
    snn_archived entry;
    if (snn_archive_at(archive, i, &entry, NULL) != SNN_OK || entry.name == NULL) WRONG("no tensor %d", i);
    use_tensor(archive, i);
  }
  snn_node node;
  for (int64_t i = 0; snn_archive_node(archive, i, &node, NULL) == SNN_OK; i++) {
    bool has_members = node.kind == SNN_KIND_LIST || node.kind == SNN_KIND_TUPLE || node.kind == SNN_KIND_DICT;
    for (int64_t k = 0; has_members && k < node.count; k++) {
      snn_node member;
      if (snn_archive_node(archive, node.as.members[k], &member, NULL) != SNN_OK) WRONG("a member without a node");
    }
  }
}

static bool open_archive(const Input* input, snn_module* module, snn_error* error) {
  snn_archive* archive = NULL;
  if (snn_archive_parse(input->bytes, input->size, &archive, error) != SNN_OK) return false;
  use(archive);
  snn_module_load(module, archive, NULL, 0, false, NULL, NULL, NULL);
  snn_archive_release(archive);
  return true;
}

static bool open_array(const snn_source* source, Kind kind, snn_error* error) {
  snn_tensor* tensors[3] = {NULL, NULL, NULL};
  int32_t classes = as_it_is || draw() % 2 ? 10 : 100;
  snn_status status = kind == IDX ? snn_read_idx(source, &tensors[0], error)
                                  : snn_read_cifar(source, classes, &tensors[0], &tensors[1], &tensors[2], error);
  for (int i = 0; i < 3; i++) snn_tensor_release(tensors[i]);
  return status == SNN_OK;
}

static bool open_csv(const snn_source* source, snn_error* error) {
  static const char delimiters[] = ",;\t |";
  const snn_csv_pick picks[] = {{NULL, 0, (int32_t)below(5)}};
  snn_csv_options options = {.size = sizeof options,
                             .delimiter = delimiters[below(5)],
                             .comment = draw() % 4 ? 0 : '#',
                             .no_quotes = draw() % 8 == 0,
                             .no_header = draw() % 2,
                             .skip_spaces = draw() % 2,
                             .skip_rows = (int64_t)below(3),
                             .picks = picks,
                             .pick_count = draw() % 4 == 0,
                             .only_picks = draw() % 8 == 0,
                             .on_missing = (int32_t)below(3),
                             .longest_row = draw() % 4 ? 0 : 64};
  if (options.only_picks && options.pick_count == 0) options.only_picks = false;
  if (as_it_is) options = (snn_csv_options){.size = sizeof options};
  snn_csv* csv = NULL;
  if (snn_csv_open(source, &options, &csv, error) != SNN_OK) return false;
  int32_t columns = snn_csv_column_count(csv);
  int64_t rows = snn_csv_row_count(csv);
  snn_tensor** tensors = calloc((size_t)columns + 1, sizeof *tensors);
  if (snn_csv_read(csv, 0, -1, tensors, error) != SNN_OK)
    WRONG("rows that were counted cannot be read: %s", error->message);
  for (int32_t i = 0; i < columns; i++) snn_tensor_release(tensors[i]);
  free(tensors);
  const int64_t numbers[] = {rows - 1, 0, rows / 2};
  snn_tensor* matrix = NULL;
  if (rows > 0 && snn_csv_rows(csv, NULL, 0, numbers, 3, SNN_FLOAT32, &matrix, error) != SNN_OK)
    WRONG("rows by number cannot be read: %s", error->message);
  snn_tensor_release(matrix);
  snn_csv_release(csv);
  return true;
}

// A vocabulary with the merges of the seeds, or the other way round.
static bool open_tokenizer(const snn_source* source, Kind kind, snn_error* error) {
  snn_source other = {.size = sizeof other};
  for (int i = 0; i < seed_count; i++) {
    if (seeds[i].kind != (kind == VOCABULARY ? MERGES : VOCABULARY)) continue;
    other.data = seeds[i].bytes;
    other.data_size = seeds[i].size;
  }
  snn_tokenizer* tokenizer = NULL;
  snn_status status = kind == CHARACTERS   ? snn_tokenizer_open(source, NULL, NULL, &tokenizer, error)
                      : kind == VOCABULARY ? snn_tokenizer_open(source, &other, NULL, &tokenizer, error)
                                           : snn_tokenizer_open(&other, source, NULL, &tokenizer, error);
  if (status != SNN_OK) return false;
  snn_tensor* tokens = NULL;
  void* text = NULL;
  size_t size = 0, sample = source->data_size < 256 ? source->data_size : 256;
  status = snn_tokenizer_encode(tokenizer, source->data, sample, &tokens, NULL);
  if (status == SNN_OK && snn_tokenizer_decode(tokenizer, tokens, &text, &size, NULL) != SNN_OK)
    WRONG("no text of tokens");
  if (text && kind != CHARACTERS && (size != sample || memcmp(text, source->data, size) != 0))
    WRONG("another text of tokens");
  snn_free(text);
  snn_tensor_release(tokens);
  snn_tokenizer_release(tokenizer);
  return true;
}

static bool open_input(const Input* input, snn_module* module, snn_error* error) {
  snn_source source = {.size = sizeof source, .data = input->bytes, .data_size = input->size, .limit = 1 << 20};
  switch (input->kind) {
    case ARCHIVE:
      return open_archive(input, module, error);
    case IDX:
    case CIFAR:
      return open_array(&source, input->kind, error);
    case CSV:
      return open_csv(&source, error);
    default:
      return open_tokenizer(&source, input->kind, error);
  }
}

// What a format may ask for: numbers of an int64 or float64 for each byte of text, arrays that were packed.
static int64_t allowed(const Input* input) {
  return (input->kind == ARCHIVE ? 8 : 64) * (int64_t)input->size + allowance;
}

static void try_input(const Input* input, snn_module* module) {
  snn_memory_counts before, after;
  snn_memory(&before);
  int64_t live_before = atomic_load(&live);
  atomic_store(&peak, live_before);
  snn_error error = {0, ""};
  snn_memory_reset_peak();
  bool opened = open_input(input, module, &error);
  snn_memory(&after);
  int64_t used = atomic_load(&peak) - live_before + (int64_t)(after.peak - before.in_use);
  if (used > allowed(input)) WRONG("%" PRId64 " bytes of memory for an input of %zu", used, input->size);
  opened_count += opened;
  if (!opened && error.message[0] == 0) WRONG("no message");
  snn_memory(&after);
  if (after.in_use != before.in_use) WRONG("%" PRIu64 " bytes in use became %" PRIu64, before.in_use, after.in_use);
}

static void died(int signal_number) {
  char text[200];
  int length = snprintf(text, sizeof text, "signal %d; run again with --inputs 1 --seed %" PRIu64 "\n", signal_number,
                        input_seed);
  if (write(2, text, (size_t)length) < 0) _exit(3);
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

int main(int argc, char** argv) {
  long inputs = 100000;
  uint64_t seed = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (!strcmp(argv[i], "--inputs")) inputs = strtol(argv[i + 1], NULL, 10);
    if (!strcmp(argv[i], "--seed")) seed = strtoull(argv[i + 1], NULL, 10);
    if (!strcmp(argv[i], "--seeds")) read_seeds(argv[i + 1]);
  }
  write_seeds();
  int signals[] = {SIGSEGV, SIGILL, SIGBUS, SIGFPE, SIGABRT, SIGTRAP, SIGALRM};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], died);
  const snn_value arguments[] = {snn_int(2), snn_int(3)};
  snn_module* module = NULL;
  if (snn_module_new(snn_find(SNN_LAYERS, "Linear"), arguments, 2, &module, NULL) != SNN_OK) return 3;
  printf("fuzz_files: %ld inputs from seed %" PRIu64 " and %d files\n", inputs, seed, seed_count);
  static unsigned char bytes[MOST_BYTES];
  as_it_is = true;
  for (int i = 0; i < seed_count; i++) {
    long before = opened_count;
    try_input(&seeds[i], module);
    if (opened_count == before) WRONG("file %d cannot be opened as it is", i);
  }
  as_it_is = false;
  // What is made once and kept is there now.
  for (long i = 0; i < inputs; i++) {
    if (i % 256 == 0) alarm(SECONDS_WITHOUT_PROGRESS);
    input_seed = state = seed + (uint64_t)i;
    const Input* start = &seeds[below((size_t)seed_count)];
    Input input = {bytes, start->size, start->kind};
    memcpy(bytes, start->bytes, start->size);
    for (size_t count = 1 + below(4); count > 0; count--) mutate(&input);
    try_input(&input, module);
  }
  snn_module_release(module);
  printf("fuzz_files: %ld inputs, %ld opened, %ld wrong\n", inputs, opened_count, wrong);
  return wrong > 0;
}
