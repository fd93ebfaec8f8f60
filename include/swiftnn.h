/* SwiftNN: train neural networks from one shared library.
 *
 * This header is the manual of the C interface. Everything that the library can do is reached through the functions below:
 * operations, layers, optimizers and schedules are found by name in a registry and called with arrays of values. swiftnn_typed.h
 * (generated) adds typed inline functions on top, and snn_describe() prints every signature as JSON.
 *
 * Conventions
 *   Status     Functions that can fail return snn_status: SNN_OK (0) or a negative code. The last argument is the caller's
 *              snn_error, which receives the message; it may be NULL. Nothing a caller passes makes the library trap, abort,
 *              exit or print. NULL where an object is needed is an error like any other.
 *   Ownership  Objects are opaque and reference counted. Results come with one reference that the caller gives back with the
 *              _release function of the type; arguments are borrowed. _release(NULL) does nothing. *out is written on success
 *              only. Strings said to be immortal are never freed.
 *   Threads    Any function may be called from any thread. Different objects may be used at the same time. One tensor may be
 *              read by several threads at the same time; changing it (in-place operations, gradients, snn_tensor_set_…), and
 *              using a module or an optimizer, needs that no other thread uses it. The gradient mode belongs to the thread.
 *              The default random generator is shared: each draw takes its own range of the sequence.
 *   Results    The same calls give the same bits for any number of threads, from C, Python and Swift.
 *   Growth     Functions, codes and kinds are added, never changed or removed. SNN_ABI_VERSION counts additions; structs that
 *              may grow begin with their size.
 */
#ifndef SWIFTNN_H
#define SWIFTNN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

#define SNN_VERSION_MAJOR 0
#define SNN_VERSION_MINOR 1
#define SNN_VERSION_PATCH 0
#define SNN_ABI_VERSION 1

#define SNN_MAX_RANK 12

/* ---- Versions and errors ------------------------------------------------------------------------------------------- */

int32_t snn_abi_version(void);       /* SNN_ABI_VERSION of the library in use: at least the header's */
const char *snn_version(void);       /* "0.1.0"; immortal */

typedef int32_t snn_status;
enum {
  SNN_OK = 0,
  SNN_ERROR_ARGUMENT = -1,    /* a value outside its range, a missing argument, NULL */
  SNN_ERROR_SHAPE = -2,       /* shapes that do not fit, sizes that overflow */
  SNN_ERROR_DTYPE = -3,       /* an element type that the operation does not take */
  SNN_ERROR_INDEX = -4,       /* a position or axis out of range */
  SNN_ERROR_NAME = -5,        /* no such operation, layer, optimizer, parameter, option */
  SNN_ERROR_MEMORY = -6,      /* no memory, or the cap of snn_set_memory_limit would be passed */
  SNN_ERROR_GRADIENT = -7,    /* a gradient that does not exist, a graph already freed, a saved value that was changed */
  SNN_ERROR_FILE = -8,        /* a file that cannot be opened, read, written or understood */
  SNN_ERROR_UNSUPPORTED = -9, /* known, but not available here */
  SNN_ERROR_CALLBACK = -10,   /* a callback of the caller reported failure */
  SNN_ERROR_CAPACITY = -11,   /* the array for the results is too small */
  SNN_ERROR_INTERNAL = -12    /* a fault of the library: please report it */
};

#define SNN_MESSAGE_SIZE 508
typedef struct snn_error {
  snn_status status;
  char message[SNN_MESSAGE_SIZE]; /* UTF-8, zero-terminated, names the operation and the numbers; cut when longer */
} snn_error;

const char *snn_status_name(snn_status status); /* "shape", "dtype", …; immortal */

typedef enum snn_log_level { SNN_LOG_DEBUG = 0, SNN_LOG_INFO = 1, SNN_LOG_WARNING = 2 } snn_log_level;
typedef void (*snn_log_callback)(void *user, snn_log_level level, const char *message);
/* The library never prints. Warnings go to this callback; NULL (the default) drops them. */
void snn_set_log_callback(snn_log_callback callback, void *user);

/* ---- Threads and memory -------------------------------------------------------------------------------------------- */

int32_t snn_threads(void);                  /* the number of threads that kernels use */
void snn_set_threads(int32_t count);        /* 0: from SWIFTNN_NUM_THREADS, the affinity mask and the cgroup quota */
const char *snn_instruction_set(void);      /* "avx512", "avx2", "neon" or "portable"; SWIFTNN_ISA chooses; immortal */

typedef struct snn_memory_counts {
  uint64_t in_use;             /* bytes of tensor storage handed out now */
  uint64_t peak;               /* the most since the start or snn_memory_reset_peak */
  uint64_t reserved;           /* bytes held from the system, cached blocks included */
  uint64_t system_allocations; /* how often the system was asked for a block */
} snn_memory_counts;

void snn_memory(snn_memory_counts *counts);
void snn_memory_reset_peak(void);
void snn_set_memory_limit(uint64_t bytes);  /* a cap on in_use, past which operations fail with SNN_ERROR_MEMORY; 0: none */
void snn_memory_trim(void);                 /* gives cached blocks back to the system */

/* ---- Tensors ------------------------------------------------------------------------------------------------------- */

typedef enum snn_dtype {
  SNN_FLOAT32 = 1,
  SNN_FLOAT64 = 2,
  SNN_FLOAT16 = 3,
  SNN_BFLOAT16 = 4,
  SNN_INT64 = 5,
  SNN_INT32 = 6,
  SNN_UINT8 = 7,
  SNN_BOOL = 8
} snn_dtype;

typedef struct snn_tensor snn_tensor;

size_t snn_dtype_size(snn_dtype dtype);           /* bytes of an element; 0 when the dtype is unknown */
const char *snn_dtype_name(snn_dtype dtype);      /* "float32", …; NULL when unknown; immortal */

/* The dtype of new tensors of real numbers: float32, unless set to another floating dtype. */
snn_dtype snn_default_dtype(void);
snn_status snn_set_default_dtype(snn_dtype dtype, snn_error *error);

/* A new tensor with a copy of `data` (row-major). data NULL: zeros. rank 0: one element, sizes may be NULL. */
snn_status snn_tensor_new(snn_dtype dtype, int32_t rank, const int64_t *sizes, const void *data, snn_tensor **out,
                          snn_error *error);
/* A tensor over the caller's memory, not copied. strides in elements, NULL: row-major. destructor(user) is called once, when
 * nothing uses the memory any more, on whichever thread that happens; NULL: the caller keeps the memory alive. On failure
 * the destructor is not called. */
typedef void (*snn_destructor)(void *user);
snn_status snn_tensor_borrow(snn_dtype dtype, int32_t rank, const int64_t *sizes, const int64_t *strides, void *data,
                             snn_destructor destructor, void *user, snn_tensor **out, snn_error *error);
snn_tensor *snn_tensor_retain(snn_tensor *tensor); /* returns its argument */
void snn_tensor_release(snn_tensor *tensor);

/* Properties. For NULL: dtype 0, rank -1, count -1, pointers NULL, false. */
snn_dtype snn_tensor_dtype(const snn_tensor *tensor);
int32_t snn_tensor_rank(const snn_tensor *tensor);
const int64_t *snn_tensor_sizes(const snn_tensor *tensor);   /* rank numbers; valid while the tensor lives */
const int64_t *snn_tensor_strides(const snn_tensor *tensor); /* rank numbers, in elements */
int64_t snn_tensor_count(const snn_tensor *tensor);          /* number of elements */
/* The first element; NULL inside of snn_vmap for a tensor that stands for many. The memory is shared by all views; write through it only where no graph needs the old values, and call
 * snn_tensor_touch afterwards so that a graph that does need them reports it. */
void *snn_tensor_data(const snn_tensor *tensor);
void snn_tensor_touch(snn_tensor *tensor);
uint64_t snn_tensor_version(const snn_tensor *tensor);       /* grows with every change in place */
bool snn_tensor_shares_memory(const snn_tensor *a, const snn_tensor *b);

/* Copies all elements, row-major, converted to dtype, into `data` of `bytes` bytes. */
snn_status snn_tensor_read(const snn_tensor *tensor, snn_dtype dtype, void *data, size_t bytes, snn_error *error);
/* The value of a tensor with one element. */
snn_status snn_tensor_item(const snn_tensor *tensor, double *out, snn_error *error);
snn_status snn_tensor_item_int(const snn_tensor *tensor, int64_t *out, snn_error *error);
/* Text as Python prints it, zero-terminated; snn_free gives it back. */
snn_status snn_tensor_text(const snn_tensor *tensor, char **out, snn_error *error);
void snn_free(void *text);

/* ---- Values and the registry --------------------------------------------------------------------------------------- */

typedef struct snn_module snn_module;
typedef struct snn_optimizer snn_optimizer;
typedef struct snn_schedule snn_schedule;
typedef struct snn_generator snn_generator;
typedef struct snn_metric snn_metric;
typedef struct snn_augmentation snn_augmentation;
typedef struct snn_dataset snn_dataset;
typedef struct snn_head snn_head;
typedef struct snn_history snn_history;
typedef struct snn_loader snn_loader;
typedef struct snn_stopping_rule snn_stopping_rule;
typedef struct snn_transform snn_transform;

/* What a value holds, or what a field takes. */
typedef enum snn_kind {
  SNN_KIND_NONE = 0,        /* as an argument: take the default */
  SNN_KIND_TENSOR = 1,
  SNN_KIND_TENSORS = 2,     /* a list; NULL entries where a field allows them */
  SNN_KIND_INT = 3,
  SNN_KIND_FLOAT = 4,       /* fields of this kind take ints too */
  SNN_KIND_BOOL = 5,
  SNN_KIND_STRING = 6,
  SNN_KIND_INTS = 7,        /* fields of this kind take one int too */
  SNN_KIND_FLOATS = 8,
  SNN_KIND_DTYPE = 9,
  SNN_KIND_MODULE = 10,
  SNN_KIND_MODULES = 11,
  SNN_KIND_GENERATOR = 12,
  SNN_KIND_SCALAR = 13,     /* fields only: an int, float or bool */
  SNN_KIND_OPERAND = 14,    /* fields only: a tensor or a scalar */
  SNN_KIND_LIST = 15,       /* of files only, see snn_node: values of any kind */
  SNN_KIND_TUPLE = 16,
  SNN_KIND_DICT = 17
} snn_kind;

typedef struct snn_value {
  int32_t kind;        /* snn_kind */
  int32_t count;       /* of a list */
  union {
    int64_t i;         /* INT, BOOL (0 or 1), DTYPE */
    double f;
    const char *s;     /* zero-terminated UTF-8 */
    const int64_t *ints;
    const double *floats;
    snn_tensor *tensor;
    snn_tensor *const *tensors;
    snn_module *module;
    snn_module *const *modules;
    snn_generator *generator;
  } as;
} snn_value;

/* The parts of the registry. */
typedef enum snn_section {
  SNN_OPERATIONS = 0,
  SNN_LAYERS = 1,
  SNN_OPTIMIZERS = 2,
  SNN_WRAPPERS = 3,         /* what is done around the steps of an optimizer */
  SNN_SCHEDULES = 4,        /* how the rates of an optimizer go */
  SNN_METRICS = 5,          /* what judges predictions */
  SNN_STOPPING_RULES = 6,   /* what ends training early */
  SNN_HEADS = 7,            /* activation, loss and metrics for a kind of problem */
  SNN_TRANSFORMS = 8,       /* changes of data that are fitted to it */
  SNN_AUGMENTATIONS = 9     /* random changes of batches while a model is trained */
} snn_section;

/* One argument of a signature. */
typedef struct snn_field {
  const char *name;
  int32_t kind;             /* snn_kind */
  bool optional;            /* None (SNN_KIND_NONE) is a value of its own */
  bool has_default;
  bool keyword_only;        /* in Python, behind the * */
  snn_value default_value;
  const char *default_text; /* as Python writes it: "1", "None", "'mean'"; NULL without one */
  double minimum, maximum;  /* the range of numbers, both ends allowed; NAN: no bound */
  const char *const *choices; /* of a string: allowed words, NULL-terminated; NULL: any */
  const char *doc;          /* one line */
} snn_field;

/* Where an operation is spelled in Python. */
enum {
  SNN_PLACE_FUNCTION = 1,   /* swiftnn.name */
  SNN_PLACE_METHOD = 2,     /* Tensor.name, the first field is self */
  SNN_PLACE_FUNCTIONAL = 4, /* swiftnn.nn.functional.name */
  SNN_PLACE_LINALG = 8,     /* swiftnn.linalg.name */
  SNN_PLACE_SPECIAL = 16,   /* swiftnn.special.name */
  SNN_PLACE_INIT = 32,      /* swiftnn.nn.init.name */
  SNN_PLACE_SIGNAL = 64     /* swiftnn.signal.windows.name */
};

/* One declaration. Immortal. An overload is called "name.variant" and is tried after "name" under the same Python name. */
typedef struct snn_entry {
  size_t size;              /* of this struct in the library in use */
  int32_t id;               /* counts from 0 within the section */
  const char *name;
  const char *doc;          /* one line */
  int32_t field_count;
  const snn_field *fields;
  int32_t result_count;     /* of an operation; -1: depends on the arguments */
  const char *const *result_names; /* when there are several, else NULL; with a count of -1, the first may come alone */
  uint32_t places;          /* SNN_PLACE_… of an operation */
  bool in_place;            /* an operation that changes its first argument and returns it */
  bool differentiable;      /* an operation that passes gradients on */
  bool scalar_result;       /* Python returns the element of the result, not a tensor, as of equal() */
  const struct snn_entry *call; /* of a layer: what snn_module_call takes and gives. Results with the same word before a dot stand
                               * together in Python: "state.h", "state.c" */
} snn_entry;

int32_t snn_entry_count(snn_section section);
const snn_entry *snn_entry_at(snn_section section, int32_t id);          /* NULL out of range */
int32_t snn_find(snn_section section, const char *name);                 /* the id, or -1 */
/* The signature as JSON; name NULL: the whole section as an array. Immortal; NULL when there is no such name. */
const char *snn_describe(snn_section section, const char *name);

/* ---- Operations ---------------------------------------------------------------------------------------------------- */

/* results[0…*result_count) = operation(arguments…). Arguments stand in the order of the entry's fields; those left out at
 * the end, and those of kind SNN_KIND_NONE, take their defaults. result_count may be NULL. When capacity is too small, nothing is
 * returned, *result_count holds the number needed and the status is SNN_ERROR_CAPACITY. */
snn_status snn_apply(int32_t operation, const snn_value *arguments, size_t argument_count, snn_tensor **results,
                     size_t capacity, size_t *result_count, snn_error *error);

/* Shorthands for building arguments. */
static inline snn_value snn_none(void) { snn_value v; v.kind = SNN_KIND_NONE; v.count = 0; v.as.i = 0; return v; }
static inline snn_value snn_int(int64_t x) { snn_value v; v.kind = SNN_KIND_INT; v.count = 0; v.as.i = x; return v; }
static inline snn_value snn_float(double x) { snn_value v; v.kind = SNN_KIND_FLOAT; v.count = 0; v.as.f = x; return v; }
static inline snn_value snn_bool(bool x) { snn_value v; v.kind = SNN_KIND_BOOL; v.count = 0; v.as.i = x ? 1 : 0; return v; }
static inline snn_value snn_string(const char *x) { snn_value v; v.kind = SNN_KIND_STRING; v.count = 0; v.as.s = x; return v; }
static inline snn_value snn_type(snn_dtype x) { snn_value v; v.kind = SNN_KIND_DTYPE; v.count = 0; v.as.i = (int64_t)x; return v; }
static inline snn_value snn_of(snn_tensor *x) { snn_value v; v.kind = SNN_KIND_TENSOR; v.count = 0; v.as.tensor = x; return v; }
static inline snn_value snn_of_module(snn_module *x) { snn_value v; v.kind = SNN_KIND_MODULE; v.count = 0; v.as.module = x; return v; }
static inline snn_value snn_of_generator(snn_generator *x) { snn_value v; v.kind = SNN_KIND_GENERATOR; v.count = 0; v.as.generator = x; return v; }
static inline snn_value snn_ints(const int64_t *x, int32_t n) { snn_value v; v.kind = SNN_KIND_INTS; v.count = n; v.as.ints = x; return v; }
static inline snn_value snn_floats(const double *x, int32_t n) { snn_value v; v.kind = SNN_KIND_FLOATS; v.count = n; v.as.floats = x; return v; }
static inline snn_value snn_list(snn_tensor *const *x, int32_t n) { snn_value v; v.kind = SNN_KIND_TENSORS; v.count = n; v.as.tensors = x; return v; }
static inline snn_value snn_modules(snn_module *const *x, int32_t n) { snn_value v; v.kind = SNN_KIND_MODULES; v.count = n; v.as.modules = x; return v; }

/* ---- Gradients ----------------------------------------------------------------------------------------------------- */

snn_status snn_tensor_set_requires_grad(snn_tensor *tensor, bool value, snn_error *error); /* leaves of floating dtype only */
bool snn_tensor_requires_grad(const snn_tensor *tensor);
bool snn_tensor_is_leaf(const snn_tensor *tensor);
snn_status snn_tensor_retain_grad(snn_tensor *tensor, snn_error *error);        /* keep the gradient of a non-leaf too */
const char *snn_tensor_gradient_function(const snn_tensor *tensor);            /* name of the operation that made it, or NULL; immortal */
snn_status snn_tensor_gradient(const snn_tensor *tensor, snn_tensor **out, snn_error *error); /* *out NULL when there is none */
snn_status snn_tensor_set_gradient(snn_tensor *tensor, snn_tensor *gradient, snn_error *error); /* NULL clears */
/* The same memory without a graph. */
snn_status snn_tensor_detach(const snn_tensor *tensor, snn_tensor **out, snn_error *error);
/* Makes `tensor` show the memory, shape and dtype of `data` (Python's x.data = y). */
snn_status snn_tensor_set_data(snn_tensor *tensor, const snn_tensor *data, snn_error *error);
/* Gives `tensor` the shape and the elements of `result`, converted to its own dtype (Python's out=). Not while either of them
 * is part of a graph. */
snn_status snn_tensor_write(snn_tensor *tensor, const snn_tensor *result, snn_error *error);

/* Called with the gradient of the tensor; may return a replacement (with one reference) in *replacement, else leaves it NULL.
 * A return other than SNN_OK stops the backward pass with SNN_ERROR_CALLBACK. */
typedef snn_status (*snn_hook)(void *user, snn_tensor *gradient, snn_tensor **replacement);
snn_status snn_tensor_add_hook(snn_tensor *tensor, snn_hook hook, void *user, snn_destructor destructor, int64_t *id,
                               snn_error *error);
snn_status snn_tensor_remove_hook(snn_tensor *tensor, int64_t id, snn_error *error);

/* Adds d(output)/d(leaf) to the gradient of every leaf. seed NULL: 1, for an output of one element. retain_graph keeps the
 * graph for another pass; create_graph records the pass itself, for gradients of gradients (and retains). */
snn_status snn_backward(snn_tensor *output, snn_tensor *seed, bool retain_graph, bool create_graph, snn_error *error);
/* The same for several outputs, and only into `inputs` when input_count > 0. seeds NULL or entries NULL: ones. */
snn_status snn_backward_many(snn_tensor *const *outputs, size_t output_count, snn_tensor *const *seeds, snn_tensor *const *inputs,
                             size_t input_count, bool retain_graph, bool create_graph, snn_error *error);
/* gradients[i] = sum of d(outputs)/d(inputs[i]); leaves' gradients are left alone. An input that the outputs do not depend on
 * is an error, unless allow_unused: then its gradient is NULL. */
snn_status snn_grad(snn_tensor *const *outputs, size_t output_count, snn_tensor *const *inputs, size_t input_count,
                    snn_tensor *const *seeds, bool retain_graph, bool create_graph, bool allow_unused, snn_tensor **gradients,
                    snn_error *error);

/* A function of the caller in the graph. `outputs`, which the caller computed from `inputs` without a graph, come back as results
 * whose gradient `backward` computes: from one gradient per output (NULL where none flows) it writes one, with a reference, or
 * NULL per input. When it uses operations of this library it can be differentiated again. */
typedef snn_status (*snn_backward_function)(void *user, snn_tensor *const *output_gradients, size_t output_count,
                                            snn_tensor **input_gradients, size_t input_count);
snn_status snn_record(const char *name, snn_tensor *const *inputs, size_t input_count, snn_tensor *const *outputs,
                      size_t output_count, snn_backward_function backward, void *user, snn_destructor destructor,
                      snn_tensor **results, snn_error *error);

bool snn_grad_enabled(void);                 /* of this thread; true at its start */
bool snn_set_grad_enabled(bool enabled);     /* returns what it was */
/* In inference mode, which belongs to the thread, memory is made that no graph may save and that may not be changed outside of
 * the mode. Recording is switched off by itself. */
bool snn_inference_mode(void);
bool snn_set_inference_mode(bool enabled);   /* returns what it was */
bool snn_tensor_is_inference(const snn_tensor *tensor);

/* Anomaly mode, which belongs to the thread: recorded operations remember where they were called; with check_nan the first
 * that returns NaN in a backward pass is an error with its name, and one that makes NaN of numbers going forward is told to
 * the log. */
bool snn_anomaly_mode(bool *check_nan);      /* check_nan may be NULL */
void snn_set_anomaly_mode(bool enabled, bool check_nan);
/* Writes where the program is, as zero-terminated text of at most `capacity` bytes, for those messages. NULL: none. */
typedef void (*snn_tracer)(void *user, char *text, size_t capacity);
void snn_set_anomaly_tracer(snn_tracer tracer, void *user);

/* ---- Functions of tensors ------------------------------------------------------------------------------------------ */

/* A function of the caller: of borrowed inputs it writes results, each with one reference, and their number, which is at most
 * `capacity`. A return other than SNN_OK ends the call with SNN_ERROR_CALLBACK; what was written is released. */
typedef snn_status (*snn_function)(void *user, snn_tensor *const *inputs, size_t input_count, snn_tensor **outputs,
                                   size_t capacity, size_t *output_count);

/* What random operations do inside of snn_vmap. */
typedef enum snn_randomness {
  SNN_RANDOMNESS_ERROR = 0,     /* they are an error */
  SNN_RANDOMNESS_DIFFERENT = 1, /* every example has numbers of its own */
  SNN_RANDOMNESS_SAME = 2       /* all examples have the same numbers */
} snn_randomness;

#define SNN_NOT_MAPPED INT64_MIN

/* Calls a function that is written for one example with all of them at once: inside, a tensor stands for each example and has its
 * shape, and operations treat all together. Its numbers cannot be read there (snn_tensor_data gives NULL). in_dims[i] is the axis of
 * the examples in inputs[i], negative ones count from the end, SNN_NOT_MAPPED: the same for all. out_dims: where the results have
 * theirs; NULL: first. chunk_size > 0: as many examples at a time. Calls may stand within calls, around and inside of gradients. */
snn_status snn_vmap(snn_function function, void *user, snn_tensor *const *inputs, const int64_t *in_dims, size_t input_count,
                    const int64_t *out_dims, int32_t randomness, int64_t chunk_size, snn_tensor **results, size_t capacity,
                    size_t *result_count, snn_error *error);
bool snn_tensor_is_batched(const snn_tensor *tensor); /* stands for each of many examples */

/* A variable with the value of `tensor`, by which a function is differentiated with snn_grad, snn_jvp or snn_hvp; the graphs around it
 * see it as the tensor itself. */
snn_status snn_variable(snn_tensor *tensor, snn_tensor **out, snn_error *error);
/* Tensors that a function of the variables made, as they are seen outside: without a graph, unless something else than the
 * variables takes part in it. *open (may be NULL): whether that is so for one of them; then gradients of the function have to be
 * made with create_graph. */
snn_status snn_settle(snn_tensor *const *tensors, size_t tensor_count, snn_tensor *const *variables, size_t variable_count,
                      snn_tensor **results, bool *open, snn_error *error);
/* results[i] = the change of outputs[i] when the inputs, from which the outputs were computed, move along the tangents. */
snn_status snn_jvp(snn_tensor *const *outputs, size_t output_count, snn_tensor *const *inputs, size_t input_count,
                   snn_tensor *const *tangents, bool create_graph, snn_tensor **results, snn_error *error);
/* results[i] = sum over j of d2(output)/d(inputs[i])d(inputs[j]) · vectors[j], for an output of one element. */
snn_status snn_hvp(snn_tensor *output, snn_tensor *const *inputs, size_t input_count, snn_tensor *const *vectors,
                   bool create_graph, snn_tensor **results, snn_error *error);
/* results[i] = the product of the Gauss-Newton matrix Jᵀ·H·J and the vectors: J = d(outputs)/d(inputs), H = d2(loss)/d(outputs)2. The
 * loss is a function of the outputs, and no output of another one. */
snn_status snn_gauss_newton_product(snn_tensor *loss, snn_tensor *const *outputs, size_t output_count, snn_tensor *const *inputs,
                                    size_t input_count, snn_tensor *const *vectors, bool create_graph, snn_tensor **results,
                                    snn_error *error);

typedef struct snn_gradcheck_options {
  size_t size;             /* of this struct */
  double step;             /* how far an element is moved to either side: 1e-6 */
  double absolute;         /* tolerances: 1e-5 */
  double relative;         /* 1e-3 */
  double nondeterminism;   /* how much two passes may differ: 0 */
  bool backward, forward;  /* which modes are checked: true, false */
  bool batched;            /* also many seeds at once: false */
  bool fast;               /* one number for each pair of result and input: false */
  bool second;             /* the gradients of the gradients, which become functions of seeds too: false */
  snn_tensor *const *seeds; /* for `second`: one for each result, or NULL */
  size_t seed_count;
} snn_gradcheck_options;
/* Compares the gradients of a function with differences of its values, of float64 tensors by all means. Its inputs are moved in
 * place and put back. A mismatch is SNN_ERROR_GRADIENT with both numbers. options NULL: as above. */
snn_status snn_gradcheck(snn_function function, void *user, snn_tensor *const *inputs, size_t input_count,
                         const snn_gradcheck_options *options, snn_error *error);

/* ---- Random numbers ------------------------------------------------------------------------------------------------ */

/* Philox 4x32-10: element i of a draw depends on the seed, the position in the sequence and i alone. */
snn_status snn_generator_new(uint64_t seed, snn_generator **out, snn_error *error);
snn_generator *snn_generator_retain(snn_generator *generator);
void snn_generator_release(snn_generator *generator);
/* For NULL these speak of the default generator, which starts from seed 0. */
void snn_generator_seed(snn_generator *generator, uint64_t seed);              /* and goes to position 0 */
void snn_generator_state(const snn_generator *generator, uint64_t *seed, uint64_t *position);
void snn_generator_set_state(snn_generator *generator, uint64_t seed, uint64_t position);

/* ---- Modules: layers with parameters ------------------------------------------------------------------------------- */

/* A layer by name with its arguments, as for snn_apply. Sequential takes SNN_KIND_MODULES. */
snn_status snn_module_new(int32_t layer, const snn_value *arguments, size_t argument_count, snn_module **out, snn_error *error);
snn_module *snn_module_retain(snn_module *module);
void snn_module_release(snn_module *module);
const char *snn_module_layer(const snn_module *module);                        /* "Linear"; immortal; NULL for NULL */
/* Calls the layer with tensors alone. */
snn_status snn_module_forward(snn_module *module, snn_tensor *const *inputs, size_t input_count, snn_tensor **results,
                              size_t capacity, size_t *result_count, snn_error *error);
/* The same with everything that the layer's entry->call lists, as masks and states. A result that was not asked for is NULL. */
snn_status snn_module_call(snn_module *module, const snn_value *arguments, size_t argument_count, snn_tensor **results,
                           size_t capacity, size_t *result_count, snn_error *error);
void snn_module_train(snn_module *module, bool training);                      /* false: evaluation mode; children too */
bool snn_module_training(const snn_module *module);
/* Switches the noise of a module and its children, as that of dropout, and nothing else: after snn_module_train(module, false),
 * batch norms go on by their statistics. */
void snn_module_set_noise(snn_module *module, bool on);
/* How sure a module is: the means of what `passes` calls with noise give, and their variances, divided by passes - correction (1
 * for samples). Afterwards noise is as it was. Two arrays of results, of the same capacity. */
snn_status snn_module_monte_carlo(snn_module *module, snn_tensor *const *inputs, size_t input_count, int64_t passes,
                                  int64_t correction, snn_tensor **means, snn_tensor **variances, size_t capacity,
                                  size_t *result_count, snn_error *error);
snn_status snn_module_config(const snn_module *module, char **json, snn_error *error); /* name and arguments; snn_free */
/* An argument of the layer as it is now, by its position among the entry's fields; a list or word lives until the next call of
 * this function on the module. Setting one holds from the next call of the module on; parameters stay as they are. */
snn_status snn_module_argument(const snn_module *module, int32_t index, snn_value *out, snn_error *error);
snn_status snn_module_set_argument(snn_module *module, const char *name, const snn_value *value, snn_error *error);

/* What Python prints between the parentheses: "in_features=784, out_features=10, bias=True"; snn_free. */
snn_status snn_module_text(const snn_module *module, char **out, snn_error *error);

/* Parameters and buffers of the module and its children, named as in PyTorch's state_dict ("0.weight"). */
int32_t snn_module_state_count(const snn_module *module);
typedef struct snn_state {
  const char *name;       /* valid while the module lives */
  snn_tensor *tensor;     /* borrowed; NULL when absent, as the bias of a layer without one */
  bool is_parameter;      /* else a buffer */
} snn_state;
snn_status snn_module_state_at(const snn_module *module, int32_t index, snn_state *out, snn_error *error);
snn_status snn_module_get(const snn_module *module, const char *name, snn_tensor **out, snn_error *error);
/* The tensor itself becomes the parameter (shared: weight tying); its shape and dtype must fit. NULL: absent, where the layer
 * can do without, as a bias. */
snn_status snn_module_set(snn_module *module, const char *name, snn_tensor *tensor, snn_error *error);

/* The layers directly below a module, by name; a name lives as long as the module, NULL beyond the last. */
int32_t snn_module_child_count(const snn_module *module);
const char *snn_module_child_name(const snn_module *module, int32_t index);
/* The layer with a dotted name ("layer1.0.conv1"), as a module of its own: it has the same parameters, can be called, and is
 * kept alive by its handle. */
snn_status snn_module_child(const snn_module *module, const char *name, snn_module **out, snn_error *error);

/* Stands around every call of a layer, wherever the model calls it: calls `layer` by snn_module_forward with these inputs or
 * others, or not at all, and puts what the layer shall give into results, each with one reference. `layer` may be called until
 * the hook returns, on the same thread. A return other than SNN_OK ends the call of the model. */
typedef snn_status (*snn_forward_hook)(void *user, snn_module *layer, snn_tensor *const *inputs, size_t input_count,
                                       snn_tensor **results, size_t capacity, size_t *result_count);
/* The hook added last is called first. Not while another thread calls the module. */
snn_status snn_module_add_hook(snn_module *module, snn_forward_hook hook, void *user, snn_destructor destructor, int64_t *id,
                               snn_error *error);
snn_status snn_module_remove_hook(snn_module *module, int64_t id, snn_error *error);

/* Draws parameters and buffers as when the module was made: of all its layers, or of those at or below these names. */
snn_status snn_module_reset(snn_module *module, const char *const *names, size_t count, snn_generator *generator, snn_error *error);

/* ---- Optimizers ---------------------------------------------------------------------------------------------------- */

/* An optimizer by name. Arguments are its options ("lr", …), in the order of its fields; parameters are its first group. */
snn_status snn_optimizer_new(int32_t optimizer, snn_tensor *const *parameters, size_t parameter_count, const snn_value *arguments,
                             size_t argument_count, snn_optimizer **out, snn_error *error);
snn_optimizer *snn_optimizer_retain(snn_optimizer *optimizer);
void snn_optimizer_release(snn_optimizer *optimizer);
snn_status snn_optimizer_add_group(snn_optimizer *optimizer, snn_tensor *const *parameters, size_t parameter_count,
                                   const snn_value *arguments, size_t argument_count, snn_error *error);
int32_t snn_optimizer_group_count(const snn_optimizer *optimizer);
int32_t snn_optimizer_parameter_count(const snn_optimizer *optimizer, int32_t group);        /* -1 out of range */
snn_status snn_optimizer_parameter(const snn_optimizer *optimizer, int32_t group, int32_t index, snn_tensor **out, snn_error *error);
/* An option of a group; a word is immortal, a list is there until the next call for this optimizer. */
snn_status snn_optimizer_get(const snn_optimizer *optimizer, int32_t group, const char *option, snn_value *out, snn_error *error);
snn_status snn_optimizer_set(snn_optimizer *optimizer, int32_t group, const char *option, snn_value value, snn_error *error);
snn_status snn_optimizer_step(snn_optimizer *optimizer, snn_error *error);
/* The same with a closure, which clears the gradients, computes the loss, calls snn_backward and writes the loss, with one
 * reference. Gradients are recorded while it runs. Some optimizers call it several times, with parameters that lie elsewhere. A
 * return other than SNN_OK, or no loss, ends the step with SNN_ERROR_CALLBACK, and the parameters are where they were. *loss (may
 * be NULL): what the closure gave where the step began. */
typedef snn_status (*snn_closure)(void *user, snn_tensor **loss);
snn_status snn_optimizer_step_closure(snn_optimizer *optimizer, snn_closure closure, void *user, snn_tensor **loss,
                                      snn_error *error);
/* Without a closure, where gradients are taken elsewhere (SAM; SGD with look_ahead): moves the parameters there. Then compute the
 * gradients and call snn_optimizer_step, which takes them back before it moves them on. */
snn_status snn_optimizer_first_step(snn_optimizer *optimizer, snn_error *error);
/* Does something around every step, by name ("Lookahead", "SAM", …) with its options in the order of its fields. Several may be
 * around one optimizer. Their state is found by name like that of the optimizer. */
snn_status snn_optimizer_wrap(snn_optimizer *optimizer, int32_t wrapper, const snn_value *arguments, size_t argument_count,
                              snn_error *error);
/* For optimizers with curvature "gauss_newton": the closure says here which tensors its loss is a function of, the outputs of the
 * model. They are held until the step ends. */
snn_status snn_optimizer_set_outputs(snn_optimizer *optimizer, snn_tensor *const *outputs, size_t count, snn_error *error);
void snn_optimizer_zero_grad(snn_optimizer *optimizer);                                      /* clears the gradients */
/* State of one parameter by name ("momentum_buffer", "exp_avg", "step" …). *out is NULL where there is none yet; setting
 * copies. The names, for a parameter, are counted and listed by index. */
int32_t snn_optimizer_state_count(const snn_optimizer *optimizer);
const char *snn_optimizer_state_name(const snn_optimizer *optimizer, int32_t index);         /* immortal */
snn_status snn_optimizer_state(const snn_optimizer *optimizer, int32_t group, int32_t index, const char *name, snn_tensor **out,
                               snn_error *error);
snn_status snn_optimizer_set_state(snn_optimizer *optimizer, int32_t group, int32_t index, const char *name, snn_tensor *value,
                                   snn_error *error);
/* Forgets what is kept of one parameter, as if the optimizer were new. */
snn_status snn_optimizer_clear_state(snn_optimizer *optimizer, int32_t group, int32_t index, snn_error *error);

/* ---- Schedules of the learning rate -------------------------------------------------------------------------------- */

/* A schedule moves the learning rates of an optimizer, and the momentum where it says so; making one sets the first rates. After an
 * error of any of these functions nothing has changed. A schedule keeps its optimizer, and may be used where that may. */

/* A schedule by name. Arguments stand in the order of the entry's fields. */
snn_status snn_schedule_new(int32_t schedule, snn_optimizer *optimizer, const snn_value *arguments, size_t argument_count,
                            snn_schedule **out, snn_error *error);

/* What the number means that a function gives for a step. */
typedef enum snn_rate_kind {
  SNN_RATE_FACTOR_OF_FIRST = 0, /* a factor on the rate that the group began with: LambdaLR */
  SNN_RATE_FACTOR_OF_LAST = 1,  /* a factor on the rate as it stands: MultiplicativeLR */
  SNN_RATE_ITSELF = 2
} snn_rate_kind;
/* Writes the number for a step and a group. A return other than SNN_OK ends the call with SNN_ERROR_CALLBACK. */
typedef snn_status (*snn_rate_function)(void *user, snn_schedule *schedule, int64_t step, int32_t group, double *result);
/* A schedule of a function. last_epoch: the step to go on from; -1 begins. destructor(user) is called once; on failure it is not. */
snn_status snn_schedule_from_function(snn_optimizer *optimizer, snn_rate_kind kind, snn_rate_function function, void *user,
                                      snn_destructor destructor, int64_t last_epoch, snn_schedule **out, snn_error *error);
/* One schedule after another, each of them as it was made: number i + 1 begins at milestones[i], of which there are count - 1. */
snn_status snn_schedule_sequence(snn_schedule *const *schedules, size_t count, const int64_t *milestones, size_t milestone_count,
                                 int64_t last_epoch, snn_schedule **out, snn_error *error);
/* All schedules together: each changes what the one before it made of the rates. */
snn_status snn_schedule_chain(snn_schedule *const *schedules, size_t count, snn_schedule **out, snn_error *error);
/* A warm-up of `steps` steps before any schedule, from start_factor times the rates as they stand: evenly, or by equal factors. */
snn_status snn_schedule_warmup(snn_schedule *schedule, int64_t steps, double start_factor, bool exponential, snn_schedule **out,
                               snn_error *error);
/* The height of the cycles of CyclicLR as a function of the number of the cycle, or of the step with scale_mode "iterations". */
typedef snn_status (*snn_scale_function)(void *user, double number, double *result);
snn_status snn_schedule_set_scale(snn_schedule *schedule, snn_scale_function function, void *user, snn_destructor destructor,
                                  snn_error *error);
snn_schedule *snn_schedule_retain(snn_schedule *schedule);
void snn_schedule_release(snn_schedule *schedule);

snn_status snn_schedule_step(snn_schedule *schedule, snn_error *error);
/* Goes to a step; those of CosineAnnealingWarmRestarts may have fractions. */
snn_status snn_schedule_step_to(snn_schedule *schedule, double step, snn_error *error);
/* A step with a measurement, which ReduceLROnPlateau needs. NaN is never better. */
snn_status snn_schedule_step_metric(snn_schedule *schedule, double metric, snn_error *error);
int64_t snn_schedule_position(const snn_schedule *schedule);                   /* the step that the rates are for */
/* A rate for each group, as the schedule left them. *count (may be NULL) is the number of groups; when capacity is too small, nothing
 * is written and the status is SNN_ERROR_CAPACITY. */
snn_status snn_schedule_rates(const snn_schedule *schedule, double *rates, size_t capacity, size_t *count, snn_error *error);
/* The rates at any step, as a function of the step alone. Schedules that wait for measurements have none. */
snn_status snn_schedule_at(const snn_schedule *schedule, int64_t step, double *rates, size_t capacity, size_t *count,
                           snn_error *error);
/* All that is remembered, as JSON by the names of PyTorch's state_dict; snn_free. Names that a text leaves out keep their values. The
 * rates themselves and the notes of the groups (initial_lr, max_lr, min_lr, max_momentum, base_momentum, swa_lr) are options of the
 * optimizer: snn_optimizer_get and snn_optimizer_set. */
snn_status snn_schedule_state(const snn_schedule *schedule, char **json, snn_error *error);
snn_status snn_schedule_load_state(snn_schedule *schedule, const char *json, snn_error *error);

/* How the loss goes while the learning rate rises from step to step. */
typedef struct snn_rate_range_options {
  size_t size;              /* of this struct */
  double from, to;          /* rates: 1e-7, 10 */
  int64_t steps;            /* 100 */
  bool exponential;         /* by equal factors, not by equal differences: true */
  double smoothing;         /* how much of the mean of the losses stays at each step: 0.98 */
  double divergence;        /* the test ends when the smoothed loss is this many times the least so far: 4 */
} snn_rate_range_options;
typedef struct snn_rate_range_result {
  size_t count;             /* of points */
  double steepest;          /* the rate where the smoothed loss falls fastest; NAN where it does not fall */
  double tenth_of_lowest;   /* a tenth of the rate with the least smoothed loss; NAN without points */
} snn_rate_range_result;
/* Computes the gradients for a batch, as by snn_backward, and writes the loss. */
typedef snn_status (*snn_loss_function)(void *user, double *loss);
/* Trains with a rising rate; the steps of the optimizer are made here. Afterwards its parameters, their gradients, its state and the
 * tensors `kept` (running statistics) are what they were. rates, losses and smoothed have room for options->steps numbers each, and may
 * be NULL. options NULL: as above. */
snn_status snn_rate_range_test(snn_optimizer *optimizer, snn_tensor *const *kept, size_t kept_count, const snn_rate_range_options *options,
                               snn_loss_function function, void *user, double *rates, double *losses, double *smoothed,
                               snn_rate_range_result *result, snn_error *error);
/* rates[i] for groups of layers from the first to the last: the last has `rate`, each other the rate of the next divided by `decay`. */
snn_status snn_discriminative_rates(double rate, size_t groups, double decay, double *rates, snn_error *error);
/* The rate for batches of another size, in proportion to the size, or to its root. */
snn_status snn_scaled_rate(double rate, int64_t batch_size, int64_t base_batch_size, bool by_root, double *out, snn_error *error);

/* ---- Gradients and parameters kept small ---------------------------------------------------------------------------- */

/* Of gradients: parameters that have none are passed over. These are the functions of torch.nn.utils. */

/* *out = the p-norm of all elements of all tensors. */
snn_status snn_total_norm(snn_tensor *const *tensors, size_t count, double p, bool error_if_nonfinite, snn_tensor **out,
                          snn_error *error);
/* Scales all gradients together so that their norm is at most max_norm. *total (may be NULL): the norm that they had. */
snn_status snn_clip_norm(snn_tensor *const *parameters, size_t count, double max_norm, double p, bool error_if_nonfinite,
                         snn_tensor **total, snn_error *error);
snn_status snn_clip_with_norm(snn_tensor *const *parameters, size_t count, double max_norm, snn_tensor *total, snn_error *error);
/* Moves every element into -value…value. */
snn_status snn_clip_value(snn_tensor *const *parameters, size_t count, double value, snn_error *error);
/* The gradient of each parameter by itself. */
snn_status snn_clip_each(snn_tensor *const *parameters, size_t count, double max_norm, double p, snn_error *error);
/* The gradient of each unit to at most `factor` (0.01) times the norm of its weights, which counts as at least `eps` (0.001). */
snn_status snn_clip_adaptive(snn_tensor *const *parameters, size_t count, double factor, double eps, snn_error *error);

/* Of parameters by name. */
typedef struct snn_selection {
  size_t size;                 /* of this struct */
  const char *const *patterns; /* names with * and ?; NULL: all */
  size_t pattern_count;
  bool vectors;                /* also names that end in "bias" and tensors of at most one axis: biases, normalization layers */
} snn_selection;

typedef struct snn_penalty_options {
  size_t size;                 /* of this struct */
  const char *scale;           /* "lambda" (NULL), "lambda/2", "lambda/m", "lambda/2m" */
  double examples;             /* m: 1 when 0 */
  double ratio;                /* of elastic_net: the share of |w| */
  snn_tensor *const *anchors;  /* of l2_sp: a tensor for each parameter */
} snn_penalty_options;
/* *out = scale · sum over the selected parameters, to be added to a loss. kind: "l1" |w|, "l2" w^2, "elastic_net"
 * ratio·|w| + (1 - ratio)·w^2, "frobenius" the norm of each parameter, "l2_sp" (w - anchor)^2. options and selection may be NULL. */
snn_status snn_penalty(const char *kind, double strength, const char *const *names, snn_tensor *const *parameters, size_t count,
                       const snn_penalty_options *options, const snn_selection *selection, snn_tensor **out, snn_error *error);
/* Moves every element towards 0 by `threshold` (rate · λ) and no further: exact zeros, behind a step of the optimizer. */
snn_status snn_proximal_l1(const char *const *names, snn_tensor *const *parameters, size_t count, double threshold,
                           const snn_selection *selection, snn_error *error);
/* Scales each part along `dim` whose p-norm is greater down to max_norm. */
snn_status snn_limit_norm(const char *const *names, snn_tensor *const *parameters, size_t count, double max_norm, double p,
                          int64_t dim, const snn_selection *selection, snn_error *error);

/* The sizes of parameters and their gradients. */
typedef enum snn_gradient_verdict {
  SNN_GRADIENT_NONE = 0,
  SNN_GRADIENT_FINE = 1,
  SNN_GRADIENT_VANISHING = 2,
  SNN_GRADIENT_EXPLODING = 3,
  SNN_GRADIENT_DEAD = 4,
  SNN_GRADIENT_NOT_FINITE = 5
} snn_gradient_verdict;
typedef struct snn_gradient_row {
  double norm;                 /* of the parameter */
  double gradient_norm;        /* NAN without a gradient */
  double gradient_size;        /* the root of the mean of its squares */
  double zeros;                /* the share of its elements that are 0 */
  snn_gradient_verdict verdict;
} snn_gradient_row;
typedef struct snn_gradient_thresholds {
  size_t size;                 /* of this struct */
  double vanishing;            /* gradient_size below this: 1e-7 */
  double exploding;            /* above this: 1e3 */
  double dead;                 /* at least this share of zeros: 1 */
} snn_gradient_thresholds;
/* rows (may be NULL) has room for `count`; *text (text may be NULL) is a table, for snn_free. thresholds NULL: as above. */
snn_status snn_gradient_report(const char *const *names, snn_tensor *const *parameters, size_t count,
                               const snn_gradient_thresholds *thresholds, snn_gradient_row *rows, char **text, snn_error *error);

/* ---- Ends of training ------------------------------------------------------------------------------------------------ */

/* A stopping rule says from what is measured behind each epoch when training has nothing more to gain. It may be used by one thread
 * at a time. After an error of any of these functions nothing has changed. */

/* A rule by name. Arguments stand in the order of the entry's fields. */
snn_status snn_stopping_rule_new(int32_t rule, const snn_value *arguments, size_t argument_count, snn_stopping_rule **out,
                                 snn_error *error);
snn_stopping_rule *snn_stopping_rule_retain(snn_stopping_rule *rule);
void snn_stopping_rule_release(snn_stopping_rule *rule);

typedef struct snn_stopping_verdict {
  bool is_best; /* the model as it is now is the best so far */
  char *reason; /* why training should end, for snn_free; NULL while it should go on */
} snn_stopping_verdict;
/* Takes in what was measured behind an epoch, by name: "val_loss", "val_accuracy", … */
snn_status snn_stopping_rule_observe(snn_stopping_rule *rule, const char *const *names, const double *values, size_t count,
                                     int64_t epoch, snn_stopping_verdict *verdict, snn_error *error);
void snn_stopping_rule_reset(snn_stopping_rule *rule);
/* All that is remembered, as JSON in which every number comes back as it was; snn_free. */
snn_status snn_stopping_rule_state(const snn_stopping_rule *rule, char **json, snn_error *error);
snn_status snn_stopping_rule_load_state(snn_stopping_rule *rule, const char *json, snn_error *error);

/* ---- Metrics ------------------------------------------------------------------------------------------------------- */

/* A metric judges what a model gives, batch after batch, as scikit-learn judges all of it at once. Many batches give the bits of one.
 *
 * What a model gives for classes is scores of each class (N, C) or (N, C, d1, …) with targets (N) or (N, d1, …), where the first of the
 * greatest is the class; or floating scores of class 1 of the shape of the targets, probabilities unless `logits`; or classes, as
 * integers of the shape of the targets. For numbers, outputs have the shape of the targets. Weights are one for each example, (N), or of
 * the shape of the targets. Sums are taken in float64, and results are float64; counts are int64.
 *
 * After an error of any of these functions nothing has changed. A metric may be used by one thread at a time. */

/* A metric by number. Arguments stand in the order of the entry's fields. */
snn_status snn_metric_new(int32_t metric, const snn_value *arguments, size_t argument_count, snn_metric **out, snn_error *error);
snn_metric *snn_metric_retain(snn_metric *metric);
void snn_metric_release(snn_metric *metric);
/* Takes in a batch; weights NULL: each example counts once. NaN is an error. */
snn_status snn_metric_update(snn_metric *metric, snn_tensor *outputs, snn_tensor *targets, snn_tensor *weights, snn_error *error);
/* What all batches since the last reset come to: one tensor, several for curves. result_count may be NULL. When capacity is too small,
 * *result_count holds the number needed and the status is SNN_ERROR_CAPACITY. */
snn_status snn_metric_compute(snn_metric *metric, snn_tensor **results, size_t capacity, size_t *result_count, snn_error *error);
void snn_metric_reset(snn_metric *metric);
/* All that has been gathered, to go on with in another process by snn_metric_load, which copies. None after a reset. */
snn_status snn_metric_gathered(const snn_metric *metric, snn_tensor **results, size_t capacity, size_t *result_count,
                               snn_error *error);
snn_status snn_metric_load(snn_metric *metric, snn_tensor *const *gathered, size_t count, snn_error *error);
bool snn_metric_prefers_more(const snn_metric *metric); /* whether more is better */

/* ---- Data ---------------------------------------------------------------------------------------------------------- */

/* A dataset gives examples by number, an example being one or several parts, as an input and its target; a loader gives batches of
 * them, epoch after epoch. Datasets and augmentations may be used by several threads at the same time, a loader by one. */

/* Tensors whose first axis counts the examples; their memory is shown, not copied. */
snn_status snn_dataset_from_tensors(snn_tensor *const *tensors, size_t count, snn_dataset **out, snn_error *error);
/* Windows of `length` neighbours along the first axis, each `step` behind the one before. offset >= 0 adds a part: the windows so much
 * later, as what follows each; -1: none. The memory is shown, not copied. */
snn_status snn_dataset_windows(snn_tensor *sequence, int64_t length, int64_t step, int64_t offset, snn_dataset **out, snn_error *error);
/* Writes the parts of the examples of these numbers, each stacked along a first axis and with one reference; at most `capacity`. With
 * the workers of a loader, several threads call it at the same time. A return other than SNN_OK is SNN_ERROR_CALLBACK. */
typedef snn_status (*snn_examples_function)(void *user, const int64_t *numbers, size_t count, snn_tensor **parts, size_t capacity,
                                            size_t *part_count);
/* `count` examples of a function. destructor(user) is called once; on failure it is not. */
snn_status snn_dataset_from_function(int64_t count, snn_examples_function function, void *user, snn_destructor destructor,
                                     snn_dataset **out, snn_error *error);
/* Some examples, in the order of these numbers, which are copied. */
snn_status snn_dataset_subset(snn_dataset *dataset, const int64_t *numbers, size_t count, snn_dataset **out, snn_error *error);
/* The examples of several datasets one after another. */
snn_status snn_dataset_concat(snn_dataset *const *datasets, size_t count, snn_dataset **out, snn_error *error);
/* Examples with the parts of those of several datasets of one length. */
snn_status snn_dataset_stack(snn_dataset *const *datasets, size_t count, snn_dataset **out, snn_error *error);
snn_dataset *snn_dataset_retain(snn_dataset *dataset);
void snn_dataset_release(snn_dataset *dataset);
int64_t snn_dataset_count(const snn_dataset *dataset);                         /* -1 for NULL */
/* Copies of the examples of these numbers, one tensor for each part. part_count may be NULL. When capacity is too small, *part_count holds
 * the number needed and the status is SNN_ERROR_CAPACITY. */
snn_status snn_dataset_examples(snn_dataset *dataset, const int64_t *numbers, size_t count, snn_tensor **parts, size_t capacity,
                                size_t *part_count, snn_error *error);

/* A random change of batches by number. Arguments stand in the order of the entry's fields. */
snn_status snn_augmentation_new(int32_t augmentation, const snn_value *arguments, size_t argument_count, snn_augmentation **out,
                                snn_error *error);
snn_augmentation *snn_augmentation_retain(snn_augmentation *augmentation);
void snn_augmentation_release(snn_augmentation *augmentation);
/* results[i] = the changed part i of a batch. */
snn_status snn_augmentation_apply(snn_augmentation *augmentation, snn_tensor *const *batch, size_t count, snn_generator *generator,
                                  snn_tensor **results, snn_error *error);

/* Which examples an epoch has, and in which order. The order depends on the seed and the number of the epoch alone. */
typedef enum snn_sampling {
  SNN_SEQUENTIAL = 0,
  SNN_RANDOM = 1,
  SNN_REPLACEMENT = 2,         /* any example any number of times */
  SNN_WEIGHTED = 3,            /* with probabilities in proportion to `numbers`; any number of times, unless `once` */
  SNN_BALANCED = 4,            /* all classes equally often; `labels` are the classes */
  SNN_CURRICULUM = 5,          /* easy examples first: those with the lowest `numbers`, more from epoch to epoch, in random order */
  SNN_ORDER_OF_FUNCTION = 6,   /* what `order` says */
  SNN_BATCHES_OF_FUNCTION = 7  /* the same, and which batches they make */
} snn_sampling;
/* What becomes of a batch at the end of an epoch for which examples are lacking. */
typedef enum snn_ending {
  SNN_ENDING_KEEP = 0,         /* it is smaller */
  SNN_ENDING_DROP = 1,
  SNN_ENDING_FILL = 2          /* the first examples of the next epoch complete it, which goes on behind them */
} snn_ending;
/* How the share of a curriculum grows. */
typedef enum snn_pacing {
  SNN_PACING_LINEAR = 0,
  SNN_PACING_ROOT = 1,         /* its square evenly */
  SNN_PACING_GEOMETRIC = 2     /* by equal factors */
} snn_pacing;

/* Takes the numbers of an epoch, and, of BATCHES_OF_FUNCTION, how many of them each batch has. For an order function to call, on the
 * same thread. What it is given is copied. */
typedef struct snn_order snn_order;
snn_status snn_order_set(snn_order *order, const int64_t *numbers, size_t count, const int64_t *batch_sizes, size_t batch_count,
                         snn_error *error);
typedef snn_status (*snn_order_function)(void *user, int64_t epoch, snn_order *order);

/* Members that are 0 or NULL mean what stands behind them. */
typedef struct snn_loader_options {
  size_t size;                 /* of this struct */
  int64_t batch_size;          /* 1 */
  int32_t sampling;            /* snn_sampling */
  int32_t ending;              /* snn_ending */
  uint64_t seed;
  int64_t count;               /* examples of an epoch, of REPLACEMENT, WEIGHTED and BALANCED: as many as there are */
  const double *numbers;       /* one for each example: WEIGHTED, CURRICULUM */
  size_t number_count;
  const int64_t *labels;       /* one for each example: BALANCED */
  size_t label_count;
  bool once;                   /* WEIGHTED without replacement */
  int32_t pacing;              /* snn_pacing */
  double pacing_start;         /* the share of the first epoch: 0.2 */
  int64_t pacing_epochs;       /* the first epoch with all examples: 10; negative: 0 */
  snn_order_function order;
  void *order_user;
  snn_destructor order_destructor; /* called once; on failure it is not */
  snn_augmentation *const *augmentations; /* what is done to each batch, in this order */
  size_t augmentation_count;
  const int64_t *image_sizes;  /* height and width that the images (N, C, H, W) of the first part are brought to at last, for each epoch;
                                * the last holds for all epochs behind */
  size_t image_size_count;
  int32_t workers;             /* threads that make batches ahead; the batches are the same for any number */
  int32_t prefetch;            /* batches that each may be ahead: 2 */
} snn_loader_options;
/* Batches of a dataset. options NULL: each example by itself, in order. */
snn_status snn_loader_new(snn_dataset *dataset, const snn_loader_options *options, snn_loader **out, snn_error *error);

/* Batches of functions of the caller. */
typedef struct snn_batch_functions {
  size_t size;                 /* of this struct */
  /* Writes the parts of the next batch, each with one reference; none at the end of an epoch, behind which the next begins. */
  snn_status (*next)(void *user, snn_tensor **parts, size_t capacity, size_t *part_count);
  snn_status (*begin)(void *user, int64_t epoch);
  /* Writes where reading stands as zero-terminated JSON when it takes at most `capacity` bytes with its zero; *length: without it. */
  snn_status (*state)(void *user, char *json, size_t capacity, size_t *length);
  snn_status (*load_state)(void *user, const char *json);
  int64_t (*batch_count)(void *user); /* of an epoch; -1: only its end tells. NULL: the same */
} snn_batch_functions;
/* The functions are called by one thread at a time. destructor(user) is called once; on failure it is not. */
snn_status snn_loader_from_functions(const snn_batch_functions *functions, void *user, snn_destructor destructor, snn_loader **out,
                                     snn_error *error);

snn_loader *snn_loader_retain(snn_loader *loader);
/* The last release ends the threads of a loader and waits for them. */
void snn_loader_release(snn_loader *loader);
int64_t snn_loader_batch_count(const snn_loader *loader);                      /* of this epoch; -1 when only its end tells */
/* The parts of the next batch, each with one reference. *part_count is 0 at the end of an epoch, behind which the next one begins. When
 * capacity is too small, *part_count holds the number needed and the status is SNN_ERROR_CAPACITY. After an error the next call tries the
 * same batch again. */
snn_status snn_loader_next(snn_loader *loader, snn_tensor **parts, size_t capacity, size_t *part_count, snn_error *error);
snn_status snn_loader_begin(snn_loader *loader, int64_t epoch, snn_error *error); /* goes to the beginning of an epoch */
/* Where reading stands, as JSON, to go on there in another process; snn_free. */
snn_status snn_loader_state(const snn_loader *loader, char **json, snn_error *error);
snn_status snn_loader_load_state(snn_loader *loader, const char *json, snn_error *error);

/* Ways to cut examples into those that train and those that test: the lists of scikit-learn for the same arguments. */
typedef enum snn_split_kind {
  SNN_K_FOLD = 0,
  SNN_STRATIFIED_K_FOLD = 1,       /* labels: classes */
  SNN_GROUP_K_FOLD = 2,            /* labels: groups */
  SNN_LEAVE_ONE_OUT = 3,
  SNN_LEAVE_ONE_GROUP_OUT = 4,     /* labels: groups */
  SNN_SHUFFLE_SPLIT = 5,
  SNN_STRATIFIED_SHUFFLE_SPLIT = 6, /* labels: classes */
  SNN_GROUP_SHUFFLE_SPLIT = 7,     /* labels: groups */
  SNN_TIME_SERIES_SPLIT = 8
} snn_split_kind;
typedef struct snn_splits_options {
  size_t size;                 /* of this struct */
  int64_t splits;              /* 0: 5, of SHUFFLE_SPLIT and STRATIFIED_SHUFFLE_SPLIT 10 */
  bool shuffle;                /* of the k-folds */
  int64_t repeats;             /* of K_FOLD and STRATIFIED_K_FOLD, each shuffled anew; 0: once */
  uint32_t seed;               /* scikit-learn's random_state */
  double test_share;           /* of the shuffled ones, of all examples or groups; 0: what the others leave, or 0.1 (0.2 of groups) */
  double train_share;          /* 0: what the others leave */
  int64_t test_count;          /* instead of a share; of TIME_SERIES_SPLIT: examples / (splits + 1) when 0 */
  int64_t train_count;
  int64_t max_train_count;     /* of TIME_SERIES_SPLIT; 0: no bound */
  int64_t gap;                 /* of TIME_SERIES_SPLIT: examples left out before each test */
} snn_splits_options;
typedef struct snn_splits snn_splits;
/* labels: one for each example, NULL for kinds without. options NULL: as above. */
snn_status snn_splits_new(snn_split_kind kind, int64_t examples, const int64_t *labels, const snn_splits_options *options,
                          snn_splits **out, snn_error *error);
snn_splits *snn_splits_retain(snn_splits *splits);
void snn_splits_release(snn_splits *splits);
int64_t snn_splits_count(const snn_splits *splits);                            /* -1 for NULL */
/* The numbers of the next split, valid until the next call of this function; *train is NULL behind the last. */
snn_status snn_splits_next(snn_splits *splits, const int64_t **train, size_t *train_count, const int64_t **test, size_t *test_count,
                           snn_error *error);
/* All examples in parts of these shares: numbers (room for all) holds those of the first part, then those of the second, …, and
 * counts[i] how many part i has. shares NULL: 0.8, 0.1, 0.1. classes (may be NULL): each part gets about the same share of each class. */
snn_status snn_split_parts(int64_t examples, const double *shares, size_t share_count, const int64_t *classes, bool shuffle, uint32_t seed,
                     int64_t *numbers, int64_t *counts, snn_error *error);

/* ---- Heads for problems ---------------------------------------------------------------------------------------------- */

/* What stands at the end of a model for one kind of problem: an activation, the loss that belongs to it, and metrics. The loss and the
 * metrics take what the model gives before the activation, and targets of its shape, of which one may have an axis of size 1 more than
 * the other at the end: (N) and (N, 1). Others are an error. */

/* A head by number. Arguments stand in the order of the entry's fields. */
snn_status snn_head_new(int32_t head, const snn_value *arguments, size_t argument_count, snn_head **out, snn_error *error);
snn_head *snn_head_retain(snn_head *head);
void snn_head_release(snn_head *head);
snn_status snn_head_activation(const snn_head *head, snn_module **out, snn_error *error);
snn_status snn_head_loss(const snn_head *head, snn_module **out, snn_error *error);      /* called with outputs and targets */
int32_t snn_head_metric_count(const snn_head *head);                                      /* -1 for NULL */
/* The metric itself, of which the head has one, and its name, which is immortal; either may be NULL. */
snn_status snn_head_metric(const snn_head *head, int32_t index, const char **name, snn_metric **out, snn_error *error);

/* ---- Training ------------------------------------------------------------------------------------------------------ */

/* A trainer takes a model through epochs of batches: forward, loss, backward, a step of the optimizer; validation behind each epoch;
 * and what else is set below. It uses the objects it is given, which nothing else may use while it trains. Everything about it belongs
 * to one thread at a time, but for snn_trainer_stop. After an error of a function that sets something, nothing has changed; after one of
 * snn_trainer_fit, the steps made so far stand. */
typedef struct snn_trainer snn_trainer;

/* A model of the host's own, as a module: what it computes is a callback, and its parameters and buffers are tensors by name. */
typedef struct snn_host_module {
  size_t size;                 /* of this struct */
  const char *name;            /* what messages call it */
  snn_function forward;
  size_t capacity;             /* the most results that forward gives; 0: 1 */
  void (*train)(void *user, bool training); /* is told of snn_module_train; NULL: nothing to tell */
  const char *const *names;
  snn_tensor *const *tensors;
  const bool *are_parameters;  /* NULL: all are */
  size_t count;
  void *user;
  snn_destructor destructor;   /* called once with user, when nothing uses the module any more; not on failure */
} snn_host_module;
snn_status snn_module_from_host(const snn_host_module *host, snn_module **out, snn_error *error);

typedef struct snn_trainer_options {
  size_t size;                 /* of this struct */
  int64_t inputs;              /* so many parts of an example are inputs, the others are targets; 0: all but the last */
  int64_t accumulation;        /* so many batches make one step, which is that of one large batch; 0: 1 */
  const char *monitor;         /* what is watched for the best model: "val_loss" with validation, else "loss", when NULL */
  const char *mode;            /* "min" or "max" is better; NULL: as the metric says */
  bool restore_best;           /* in the end, the model gets back the weights with which it was best */
  const char *clip;            /* gradients, before each step: "norm", "value", "each", "adaptive"; NULL: not */
  double clip_limit;           /* the largest norm or value; the factor of "adaptive" */
  double clip_order;           /* of the norm; 0: 2 */
  const char *folder;          /* of checkpoints, made where there is none: "last.safetensors", "best.safetensors"; NULL: none */
  int64_t save_epochs;         /* the last state every so many epochs; 0: 1; -1: only where training is stopped */
  int64_t save_steps;          /* also every so many steps; 0: not */
  int64_t keep_epochs;         /* a file of its own every so many epochs, "epoch-000010.safetensors"; 0: none */
  bool without_best;           /* no file of the best state */
} snn_trainer_options;

/* The loss is called with what the model gives and the targets, as all layers of losses are. options NULL: as zeros. */
snn_status snn_trainer_new(snn_module *model, snn_module *loss, snn_optimizer *optimizer, const snn_trainer_options *options,
                           snn_trainer **out, snn_error *error);
snn_trainer *snn_trainer_retain(snn_trainer *trainer);
void snn_trainer_release(snn_trainer *trainer);

/* The schedule steps with each step of the optimizer, or behind each epoch; one that waits for measurements gets what is watched. */
snn_status snn_trainer_set_schedule(snn_trainer *trainer, snn_schedule *schedule, bool by_step, snn_error *error);
snn_status snn_trainer_set_stopping(snn_trainer *trainer, snn_stopping_rule *rule, snn_error *error);
/* A metric of one number, which stands in the history as `name` and, of validation, "val_name". */
snn_status snn_trainer_add_metric(snn_trainer *trainer, const char *name, snn_metric *metric, snn_error *error);
/* As snn_penalty, which is added to each loss. Anchors that are not given are the parameters when training begins. */
snn_status snn_trainer_add_penalty(snn_trainer *trainer, const char *kind, double strength, const snn_penalty_options *options,
                                   const snn_selection *selection, snn_error *error);
/* As snn_proximal_l1 by strength times the rate, and snn_limit_norm, behind each step. */
snn_status snn_trainer_add_proximal_l1(snn_trainer *trainer, double strength, const snn_selection *selection, snn_error *error);
snn_status snn_trainer_add_max_norm(snn_trainer *trainer, double max_norm, double p, int64_t dim, const snn_selection *selection,
                                    snn_error *error);
/* What a fitted transform has learned is in the checkpoints, and comes back with them. */
snn_status snn_trainer_add_transform(snn_trainer *trainer, const char *name, snn_transform *transform, snn_error *error);
/* Words in the checkpoints, as how the model is made. */
snn_status snn_trainer_set_note(snn_trainer *trainer, const char *key, const char *value, snn_error *error);

typedef enum snn_training_event_kind {
  SNN_TRAINING_BEGAN = 0,
  SNN_EPOCH_BEGAN = 1,
  SNN_STEP_DONE = 2,
  SNN_EPOCH_DONE = 3,       /* with its validation; values are the row of the history */
  SNN_CHECKPOINT_SAVED = 4, /* text: the path */
  SNN_TRAINING_ENDED = 5    /* text: why, "" at the number of epochs asked for */
} snn_training_event_kind;
typedef struct snn_training_event {
  size_t size;              /* of this struct in the library in use */
  snn_training_event_kind kind;
  int64_t epoch;            /* counts from 0 */
  int64_t epochs;           /* as many as are asked for in all */
  int64_t batch;            /* of this epoch that are done */
  int64_t batch_count;      /* -1: not known */
  int64_t examples;         /* of this epoch that are done */
  int64_t step;             /* of the optimizer, so far */
  double loss;              /* of the last step, with penalties */
  size_t value_count;
  const char *const *names; /* "loss", "accuracy", "val_loss", …, "lr" */
  const double *values;
  const char *text;
} snn_training_event;
/* Is told of everything. What it points to is valid until it returns. A return other than SNN_OK ends snn_trainer_fit with
 * SNN_ERROR_CALLBACK. destructor(user) is called once; on failure it is not. */
typedef snn_status (*snn_training_callback)(void *user, const snn_training_event *event);
snn_status snn_trainer_add_callback(snn_trainer *trainer, snn_training_callback callback, void *user, snn_destructor destructor,
                                    snn_error *error);
/* Shows how training goes, as text for `write`: on a terminal of so many columns a bar that moves, with rate, loss and time left; with
 * columns 0 a plain line for each epoch. */
typedef void (*snn_text_writer)(void *user, const char *text);
snn_status snn_trainer_show_progress(snn_trainer *trainer, snn_text_writer write, void *user, int32_t columns, snn_error *error);

/* Trains until `epochs` epochs are done in all, with those before; or until snn_trainer_stop or the rule for stopping. Called again, it
 * goes on. validation may be NULL. */
snn_status snn_trainer_fit(snn_trainer *trainer, snn_loader *training, snn_loader *validation, int64_t epochs, snn_error *error);
/* Ends snn_trainer_fit behind the step that is going on, with a checkpoint where there is a folder for it. From any thread and from
 * handlers of signals. */
void snn_trainer_stop(snn_trainer *trainer);
/* values[0] = the loss over all batches, then the metrics in their order. *count (may be NULL) is their number. */
snn_status snn_trainer_evaluate(snn_trainer *trainer, snn_loader *loader, double *values, size_t capacity, size_t *count,
                                snn_error *error);
/* What the model gives for all batches, joined along the first axis. All parts are inputs, or options.inputs of them. */
snn_status snn_trainer_predict(snn_trainer *trainer, snn_loader *loader, snn_tensor **results, size_t capacity, size_t *result_count,
                               snn_error *error);

/* The whole of a training as one safetensors file: weights ("model.…"), optimizer, schedule, random numbers, place in the data, rule for
 * stopping, history. Behind snn_trainer_load of a trainer that is made in the same way, from any language, training goes on with the
 * bits that it would have had. After an error nothing has changed. */
snn_status snn_trainer_save(snn_trainer *trainer, snn_loader *training, const char *path, snn_error *error);
snn_status snn_trainer_load(snn_trainer *trainer, snn_loader *training, const char *path, snn_error *error);

int64_t snn_trainer_epoch(const snn_trainer *trainer);       /* epochs that are done; -1 for NULL, as for the next */
int64_t snn_trainer_step(const snn_trainer *trainer);        /* steps of the optimizer so far */
/* Why training ended, valid until the next call of the trainer; NULL: at the number of epochs asked for. */
const char *snn_trainer_end_reason(const snn_trainer *trainer);
/* The epoch, counted from 0, and the value of what is watched, with which the model was best; false: there is none. */
bool snn_trainer_best(const snn_trainer *trainer, int64_t *epoch, double *value);
/* A copy of what was measured so far: a row for each epoch. */
snn_status snn_trainer_history(const snn_trainer *trainer, snn_history **out, snn_error *error);

/* ---- Files --------------------------------------------------------------------------------------------------------- */

/* An archive is an open file: one of safetensors, NumPy's NPY (one tensor, called "array") and NPZ, or a checkpoint that torch.save
 * wrote, of which nothing but weights and plain values is read. Which of them it is, the file says. Whatever is in a file, reading it runs nothing, asks for no memory that the
 * file's size does not explain, and ends with an archive or with SNN_ERROR_FILE, whose message names the file, the tensor and the
 * numbers. An archive may be used by several threads at the same time.
 *
 * The tensors of an archive show the memory of the file where it is aligned for their elements, and keep it as long as they live;
 * changing them does not change the file. A mapped file is read when its elements are. It may be replaced meanwhile, as the
 * functions below do, or removed; but when another program makes the file itself shorter, the system ends the program that touches
 * the lost part (SIGBUS). Without `mapped`, the whole file is read at once and may then change in any way. */
typedef struct snn_archive snn_archive;

snn_status snn_archive_open(const char *path, bool mapped, snn_archive **out, snn_error *error);
snn_status snn_archive_parse(const void *data, size_t size, snn_archive **out, snn_error *error); /* of a copy of bytes in memory */
snn_archive *snn_archive_retain(snn_archive *archive);
void snn_archive_release(snn_archive *archive);

/* A tensor of an archive. Everything is valid while the archive lives. */
typedef struct snn_archived {
  const char *name;       /* in a checkpoint with dots: "model.0.weight" */
  snn_dtype dtype;        /* 0: a type that there are no tensors of */
  const char *dtype_name; /* in the words of the file: "F32", "float32" */
  int32_t rank;
  const int64_t *sizes;
  bool is_parameter;      /* saved as one */
} snn_archived;
int32_t snn_archive_count(const snn_archive *archive);                          /* of tensors */
int32_t snn_archive_find(const snn_archive *archive, const char *name);         /* the index, or -1 */
snn_status snn_archive_at(const snn_archive *archive, int32_t index, snn_archived *out, snn_error *error);
snn_status snn_archive_tensor(const snn_archive *archive, int32_t index, snn_tensor **out, snn_error *error);
/* The words beside the tensors of a safetensors file: *key and *value, valid while the archive lives; false out of range. */
int32_t snn_archive_metadata_count(const snn_archive *archive);
bool snn_archive_metadata(const snn_archive *archive, int32_t index, const char **key, const char **value);

/* The values of a checkpoint, which contain each other by position. */
typedef struct snn_node {
  int32_t kind;      /* SNN_KIND_NONE, _BOOL, _INT, _FLOAT, _STRING, _DTYPE, _TENSOR, _LIST, _TUPLE or _DICT */
  bool is_parameter; /* of a tensor */
  int64_t count;     /* of members; of the bytes of a string */
  union {
    int64_t i;       /* BOOL, INT, DTYPE; of a tensor of an archive its index there */
    double f;
    const char *s;   /* zero-terminated UTF-8 */
    snn_tensor *tensor; /* to be saved */
    const int64_t *members; /* positions; of a dict, keys and values take turns */
  } as;
} snn_node;
int64_t snn_archive_root(const snn_archive *archive); /* the value that contains all others; -1 for NULL */
snn_status snn_archive_node(const snn_archive *archive, int64_t position, snn_node *out, snn_error *error);

/* What is saved replaces a file when it is complete and on the disk: after a failure the old file is as it was, and nothing else
 * is left behind. With `path` NULL it is given as bytes instead: *data, for snn_free, and *size. */

/* Tensors by name as a safetensors file, with 2 * metadata_count words beside them: key, value, key, … (NULL: none). */
snn_status snn_save_tensors(const char *path, const char *const *names, snn_tensor *const *tensors, size_t count,
                            const char *const *metadata, size_t metadata_count, void **data, size_t *size, snn_error *error);
/* Values as torch.save writes them and torch.load(weights_only=True) reads them. The first contains the others, each of which
 * stands in one place and behind what contains it. Tensors that share memory share it in the file. */
snn_status snn_save_nodes(const char *path, const snn_node *nodes, size_t count, void **data, size_t *size, snn_error *error);

/* How a name in a file becomes one in a module: the whole name, or its beginning. Whole names go first, then the first beginning
 * that fits. */
typedef struct snn_renaming {
  const char *from;
  const char *to;
  bool is_prefix;
} snn_renaming;

typedef enum snn_misfit {
  SNN_MISSING = 0,     /* the module has it and the file has not */
  SNN_UNEXPECTED = 1,  /* the file has it and the module has not */
  SNN_OTHER_SHAPE = 2
} snn_misfit;
/* Is told of everything that does not fit; `text` says it in words. */
typedef void (*snn_misfit_callback)(void *user, snn_misfit misfit, const char *name, const char *text);

/* The parameters and persistent buffers as a safetensors file. */
snn_status snn_module_save(const snn_module *module, const char *path, snn_error *error);
/* Copies parameters and persistent buffers, converted to the dtypes of the module. strict: whatever does not fit is an error;
 * otherwise it is left alone. `callback` may be NULL. After an error nothing has changed. */
snn_status snn_module_load(snn_module *module, const snn_archive *archive, const snn_renaming *renamings, size_t renaming_count,
                           bool strict, snn_misfit_callback callback, void *user, snn_error *error);

/* ---- Files of data ------------------------------------------------------------------------------------------------- */

/* Readers of data keep to the rules for archives: whatever is in a file, reading it ends with data or with SNN_ERROR_FILE, whose message
 * names the file, the line or byte and what stands there. */

/* Where bytes come from. Unless a reader says otherwise, those that gzip packed are unpacked. */
typedef struct snn_source {
  size_t size;              /* of this struct */
  const char *path;         /* NULL: the bytes below */
  const void *data;         /* are copied */
  size_t data_size;
  bool mapped;              /* as for archives */
  uint64_t limit;           /* of bytes that packed data may unpack to; 0: 4 GiB */
} snn_source;

/* snn_archive_open with a limit for the packed arrays of a NPZ file. They are unpacked when they are asked for. */
snn_status snn_archive_read(const snn_source *source, snn_archive **out, snn_error *error);
/* Arrays as NumPy reads them, stored as they are. `path`, `data` and `size` as of snn_save_tensors. */
snn_status snn_save_npy(const char *path, const snn_tensor *tensor, void **data, size_t *size, snn_error *error);
snn_status snn_save_npz(const char *path, const char *const *names, snn_tensor *const *tensors, size_t count, void **data,
                        size_t *size, snn_error *error);
/* The files of MNIST: any rank and type of elements; int8 and int16 become int32. */
snn_status snn_read_idx(const snn_source *source, snn_tensor **out, snn_error *error);
/* The binary files of CIFAR-10 and CIFAR-100: uint8 pictures of [n, 3, 32, 32] over the bytes of the file and int64 labels. classes: 10
 * or 100, and then *coarse are the labels of 20 classes. Each of the results may be NULL. */
snn_status snn_read_cifar(const snn_source *source, int32_t classes, snn_tensor **images, snn_tensor **labels, snn_tensor **coarse,
                          snn_error *error);

/* Text of rows and fields, as of pandas.read_csv: quotes with doubled quotes and line ends in them, any line ends, a byte order mark,
 * short rows whose last fields are missing. A file is looked through once and then read piece by piece, so that it may be larger than
 * memory; one that gzip packed is unpacked into memory. An open file may be used by several threads at the same time. */
typedef struct snn_csv snn_csv;

typedef enum snn_csv_type {
  SNN_CSV_ANY = 0,          /* is found out: the first of those below that takes all values */
  SNN_CSV_INT = 1,          /* int64; float64 where values are missing and not filled */
  SNN_CSV_FLOAT = 2,        /* float64, rounded as strtod does */
  SNN_CSV_BOOL = 3,         /* True, TRUE, true and their opposites; float64 where values are missing */
  SNN_CSV_TEXT = 4          /* int64: places of the words in alphabetical order, -1 for none */
} snn_csv_type;

typedef struct snn_csv_pick {
  const char *name;         /* of a column; NULL: by number */
  int32_t number;
  int32_t type;             /* snn_csv_type */
} snn_csv_pick;

/* Zeros, as of = {sizeof(snn_csv_options)}, are the defaults. */
typedef struct snn_csv_options {
  size_t size;              /* of this struct */
  char delimiter;           /* ',' */
  char quote;               /* '"' */
  char comment;             /* none; what follows it in a line is passed over */
  char decimal;             /* '.' */
  bool no_quotes;
  bool no_header;           /* columns are called "0", "1", … */
  bool skip_spaces;         /* behind delimiters */
  int64_t skip_rows;        /* lines before the header */
  const snn_csv_pick *picks; /* columns of given types */
  size_t pick_count;
  bool only_picks;          /* no others are read; in their order */
  const char *const *missing; /* words for no value; NULL: those of pandas */
  size_t missing_count;
  int32_t on_missing;       /* 0: NaN, 1: an error, 2: `filling` among numbers */
  double filling;
  int64_t longest_row;      /* bytes: 64 MiB */
  int64_t most_words;       /* of a column: 2^24 */
} snn_csv_options;

typedef struct snn_csv_column {
  const char *name;         /* valid while the file is open */
  snn_csv_type type;        /* never SNN_CSV_ANY */
  snn_dtype dtype;
  int64_t missing;          /* rows without a value */
  int32_t word_count;       /* of texts */
} snn_csv_column;

snn_status snn_csv_open(const snn_source *source, const snn_csv_options *options, snn_csv **out, snn_error *error);
snn_csv *snn_csv_retain(snn_csv *csv);
void snn_csv_release(snn_csv *csv);
int64_t snn_csv_row_count(const snn_csv *csv);
int32_t snn_csv_column_count(const snn_csv *csv);
snn_status snn_csv_column_at(const snn_csv *csv, int32_t column, snn_csv_column *out, snn_error *error);
/* A word of a column of texts, *size bytes without a zero; NULL out of range. */
const char *snn_csv_word(const snn_csv *csv, int32_t column, int32_t word, size_t *size);
/* `count` rows from `first` on as one tensor for each column; count -1: to the end. */
snn_status snn_csv_read(const snn_csv *csv, int64_t first, int64_t count, snn_tensor **columns, snn_error *error);
/* Rows as numbers: [rows, columns]. columns NULL: all of them. */
snn_status snn_csv_matrix(const snn_csv *csv, const int32_t *columns, size_t column_count, int64_t first, int64_t count,
                          snn_dtype dtype, snn_tensor **out, snn_error *error);
/* The same of rows by number, in any order. */
snn_status snn_csv_rows(const snn_csv *csv, const int32_t *columns, size_t column_count, const int64_t *rows, size_t row_count,
                        snn_dtype dtype, snn_tensor **out, snn_error *error);
/* Writes columns of the same length, with quotes where they are needed and nothing for NaN. words (may be NULL): for each column NULL, or
 * the words that its whole numbers stand for. */
typedef struct snn_csv_words {
  const char *const *words;
  size_t count;
} snn_csv_words;
snn_status snn_save_csv(const char *path, const char *const *names, snn_tensor *const *columns, size_t count,
                        const snn_csv_words *words, char delimiter, bool header, void **data, size_t *size, snn_error *error);

/* ---- Text ---------------------------------------------------------------------------------------------------------- */

/* A tokenizer turns text, any bytes, into numbers and back. It may be used by several threads at the same time. */
typedef struct snn_tokenizer snn_tokenizer;

/* One number for each character of a text, in the order of Unicode. unknown: a token, number 0, for other characters; NULL: they are
 * an error. */
snn_status snn_tokenizer_characters(const char *text, size_t size, const char *unknown, snn_tokenizer **out, snn_error *error);

/* Byte-level byte pair encoding with the pieces of GPT-2: the merges and numbers of Hugging Face's tokenizers. */
typedef struct snn_bpe_options {
  size_t size;              /* of this struct */
  int64_t vocabulary;       /* tokens that are made at most: 30000 when 0 */
  int64_t least;            /* how often a pair must come */
  const char *const *special; /* tokens that stand in the text as they are; the first numbers */
  size_t special_count;
  bool add_prefix_space;    /* to text that does not begin with a space */
} snn_bpe_options;
snn_status snn_tokenizer_train(const char *const *texts, const size_t *sizes, size_t count, const snn_bpe_options *options,
                               snn_tokenizer **out, snn_error *error);
/* A tokenizer of characters from its JSON; with merges, GPT-2's vocab.json and merges.txt. Of options (may be NULL), `special` and
 * `add_prefix_space` count. Nothing is unpacked. */
snn_status snn_tokenizer_open(const snn_source *vocabulary, const snn_source *merges, const snn_bpe_options *options,
                              snn_tokenizer **out, snn_error *error);
/* merges NULL for one of characters. */
snn_status snn_tokenizer_save(const snn_tokenizer *tokenizer, const char *vocabulary, const char *merges, snn_error *error);
snn_tokenizer *snn_tokenizer_retain(snn_tokenizer *tokenizer);
void snn_tokenizer_release(snn_tokenizer *tokenizer);
int64_t snn_tokenizer_count(const snn_tokenizer *tokenizer);
/* The bytes of a token, for snn_free; the number of one, or -1. */
snn_status snn_tokenizer_token(const snn_tokenizer *tokenizer, int64_t number, void **data, size_t *size, snn_error *error);
int64_t snn_tokenizer_find(const snn_tokenizer *tokenizer, const char *token, size_t size);
/* int64 of [n]. */
snn_status snn_tokenizer_encode(const snn_tokenizer *tokenizer, const char *text, size_t size, snn_tensor **out, snn_error *error);
/* The bytes that were encoded, for snn_free. */
snn_status snn_tokenizer_decode(const snn_tokenizer *tokenizer, const snn_tensor *tokens, void **data, size_t *size,
                                snn_error *error);
/* Pieces of a row of tokens for language models: `length` from each of the places, and as targets those one further: int64 of
 * [count, length]. */
snn_status snn_token_windows(const snn_tensor *tokens, int64_t length, const int64_t *places, size_t count, snn_tensor **inputs,
                             snn_tensor **targets, snn_error *error);

/* ---- Transforms ---------------------------------------------------------------------------------------------------- */

/* A transform is fitted to some data, as to the examples that a model is trained with, and then done to any: scikit-learn's, of
 * [examples, features], computed in float64. To use one before it is fitted is an error. A transform may be used by several threads at
 * the same time but while it is fitted. */

snn_status snn_transform_new(int32_t transform, const snn_value *arguments, size_t argument_count, snn_transform **out,
                             snn_error *error);
snn_transform *snn_transform_retain(snn_transform *transform);
void snn_transform_release(snn_transform *transform);
/* partial: goes on from what it was fitted to before. After an error nothing has changed. */
snn_status snn_transform_fit(snn_transform *transform, const snn_tensor *data, bool partial, snn_error *error);
snn_status snn_transform_apply(const snn_transform *transform, const snn_tensor *data, bool inverse, snn_tensor **out,
                               snn_error *error);
/* What it was fitted to, under scikit-learn's names ("mean_"), to be saved with a model. The name of the tensor at `index` is immortal;
 * NULL out of range. */
int32_t snn_transform_state_count(const snn_transform *transform);
snn_status snn_transform_state(const snn_transform *transform, int32_t index, const char **name, snn_tensor **out, snn_error *error);
snn_status snn_transform_load(snn_transform *transform, const char *const *names, snn_tensor *const *tensors, size_t count,
                              snn_error *error);

/* ---- Reports ------------------------------------------------------------------------------------------------------- */

/* What one run of a model told about its layers. Operations say themselves what they cost and how far they see. */
typedef struct snn_report snn_report;

typedef enum snn_verdict {
  SNN_SIGNAL_UNKNOWN = 0,   /* not measured */
  SNN_SIGNAL_FINE = 1,
  SNN_SIGNAL_VANISHING = 2, /* below a thousandth: the standard deviation of the first layer's output, or the size of the last's gradient */
  SNN_SIGNAL_EXPLODING = 3, /* above a thousandfold, or not finite */
  SNN_SIGNAL_DEAD = 4       /* units were 0 for the whole batch */
} snn_verdict;

/* A layer, in the order of the run. Valid while the report lives. */
typedef struct snn_report_row {
  size_t size;              /* of this struct in the library in use */
  const char *name;         /* as in the names of parameters, "0.2"; "" for the model itself */
  const char *layer;        /* "Conv2d" */
  int64_t parameters;       /* numbers that are learned; shared ones count once */
  double flops;             /* a multiplication and the addition of its product count as two */
  int64_t state_bytes;      /* of parameters and buffers */
  int64_t output_bytes;
  int32_t rank;
  const int64_t *sizes;     /* of the output */
  int32_t field_rank;
  const int64_t *field;     /* receptive field: how many positions of the input an element sees along the last axes; NULL: no window slid */
  double variance;          /* of the output; NAN in a summary */
  double gradient_variance; /* of the gradient of the output; NAN without one */
  int64_t units, dead_units; /* positions along the second axis of the output, and those that were 0 for the whole batch */
  snn_verdict verdict;
} snn_report_row;

/* Parameters, FLOPs, bytes, output shapes and receptive fields, from one run in evaluation mode. */
snn_status snn_module_summary(snn_module *module, snn_tensor *const *inputs, size_t input_count, snn_report **out,
                              snn_error *error);
/* The same of anything that `run` does with parameters and buffers of these names. are_parameters NULL: all are. signals: `run` also calls snn_backward, and the variance of
 * activations and gradients is measured. `layer` names the model. */
typedef snn_status (*snn_run)(void *user);
snn_status snn_observe(const char *layer, const char *const *names, snn_tensor *const *tensors, const bool *are_parameters,
                       size_t count, bool signals, snn_run run, void *user, snn_report **out, snn_error *error);
/* Inside of `run`: the calls in between are those of a layer with this name, inside of the one entered before. Elsewhere these do
 * nothing. Modules of this library and operations on parameters are found without. */
void snn_observe_enter(const char *name, const char *layer);
void snn_observe_leave(snn_tensor *output);

snn_report *snn_report_retain(snn_report *report);
void snn_report_release(snn_report *report);
int32_t snn_report_count(const snn_report *report);
const snn_report_row *snn_report_at(const snn_report *report, int32_t index); /* NULL out of range */
/* A table; snn_free. */
snn_status snn_report_text(const snn_report *report, char **out, snn_error *error);

/* ---- Pictures and logs --------------------------------------------------------------------------------------------- */

/* What training has measured: rows of an epoch (from 0), a step (from 0), the seconds so far, and values by name. Names are lines
 * of text, each once in a row. */
typedef struct snn_history_writer snn_history_writer;

typedef enum snn_history_format {
  SNN_HISTORY_BY_NAME = 0,    /* .csv as below, else JSON lines */
  SNN_HISTORY_CSV = 1,        /* a column for each name; empty where a row has no value */
  SNN_HISTORY_JSON_LINES = 2  /* an object a row, numbers spelled as Python's json does: NaN, Infinity */
} snn_history_format;

typedef struct snn_history_row {
  int64_t epoch;
  int64_t step;
  double seconds;
  const char *const *names;
  const double *values;
  size_t count;               /* of names and values */
} snn_history_row;

snn_status snn_history_new(snn_history **out, snn_error *error);
snn_history *snn_history_retain(snn_history *history);
void snn_history_release(snn_history *history);
snn_status snn_history_add(snn_history *history, const snn_history_row *row, snn_error *error);
int64_t snn_history_count(const snn_history *history); /* of rows */
/* A row, valid while the history lives and no row is added; false out of range. */
bool snn_history_at(const snn_history *history, int64_t index, snn_history_row *out);

/* Both formats give the same numbers back, bit for bit. A line that a program had not finished when it died is left out. */
snn_status snn_history_open(const char *path, snn_history_format format, snn_history **out, snn_error *error);
snn_status snn_history_parse(const void *data, size_t size, snn_history_format format, snn_history **out, snn_error *error);
/* The whole history as a file, as snn_save_tensors does; with `path` NULL as bytes. */
snn_status snn_history_save(const snn_history *history, const char *path, snn_history_format format, void **data, size_t *size,
                            snn_error *error);
/* The same file row by row: each is in it when snn_history_write returns, and a program that dies leaves whole lines. `appends`:
 * rows follow those that are there. A name that is new widens a table: it is written anew. */
snn_status snn_history_writer_open(const char *path, snn_history_format format, bool appends, snn_history_writer **out,
                                   snn_error *error);
snn_history_writer *snn_history_writer_retain(snn_history_writer *writer);
void snn_history_writer_release(snn_history_writer *writer); /* closes the file */
snn_status snn_history_write(snn_history_writer *writer, const snn_history_row *row, snn_error *error);

/* An event file for TensorBoard. Each event is in it when the call returns. `time`: seconds since 1970, NAN: now. */
typedef struct snn_event_writer snn_event_writer;
/* A new file in a folder, which is made where there is none; its name ends in `suffix` (NULL: ""). purge_step: what earlier files
 * of the folder say from this step on is no longer shown; -1: all is. */
snn_status snn_event_writer_open(const char *folder, const char *suffix, int64_t purge_step, double time, snn_event_writer **out,
                                 snn_error *error);
snn_event_writer *snn_event_writer_retain(snn_event_writer *writer);
void snn_event_writer_release(snn_event_writer *writer); /* closes the file */
snn_status snn_event_writer_path(const snn_event_writer *writer, char **out, snn_error *error); /* snn_free */
typedef enum snn_event_precision {
  SNN_EVENT_SIMPLE = 0,       /* float32, as TensorFlow 1 and PyTorch keep numbers */
  SNN_EVENT_SINGLE = 1,       /* a tensor of float32, as TensorFlow 2 does */
  SNN_EVENT_DOUBLE = 2        /* a tensor of float64 */
} snn_event_precision;
snn_status snn_event_scalar(snn_event_writer *writer, const char *tag, double value, snn_event_precision precision, int64_t step,
                            double time, snn_error *error);
snn_status snn_event_text(snn_event_writer *writer, const char *tag, const char *text, int64_t step, double time, snn_error *error);
/* Counts the numbers of a tensor between limits that rise (NULL: TensorFlow's). most_bins: joins parts until there are about so
 * many; 0: does not. */
snn_status snn_event_histogram(snn_event_writer *writer, const char *tag, const snn_tensor *values, const double *limits,
                               size_t limit_count, int64_t most_bins, int64_t step, double time, snn_error *error);
/* An image of 1, 3 or 4 channels, uint8 or numbers from 0 to 1. channels_first: [channels, height, width], else
 * [height, width, channels]; two axes are grey. */
snn_status snn_event_image(snn_event_writer *writer, const char *tag, const snn_tensor *image, bool channels_first, int64_t step,
                           double time, snn_error *error);
snn_status snn_event_flush(snn_event_writer *writer, snn_error *error); /* returns when all of it is on the disk */

/* Charts are SVG files, or, with `path` NULL, their bytes: *data, for snn_free, and *size. The same numbers give the same bytes.
 * Numbers that are not finite, or beyond 1e300, leave gaps; thousands of points are drawn as far as they are seen. */
typedef struct snn_chart_options {
  size_t size;                 /* of this struct */
  const char *title;           /* NULL: none */
  const char *x_label;         /* NULL: that of the kind of chart */
  const char *y_label;
  double width, height;        /* pixels from 120 to 10000; 0: that of the kind of chart */
  bool log_x, log_y;           /* numbers that are not positive are left out */
  const double *x_range;       /* two numbers; NULL: as far as the numbers go */
  const double *y_range;
} snn_chart_options;           /* NULL: zeros */

typedef enum snn_line_style {
  SNN_LINE_AUTOMATIC = 0,      /* solid, dashed, … by the place among the others */
  SNN_LINE_SOLID = 1,
  SNN_LINE_DASHED = 2,
  SNN_LINE_DOTTED = 3,
  SNN_LINE_POINTS = 4,
  SNN_LINE_STEPS = 5
} snn_line_style;

typedef struct snn_series {
  const char *name;            /* NULL: not in the legend */
  const double *x;             /* NULL: 0, 1, 2, … */
  const double *y;
  size_t count;
  snn_line_style style;
  int32_t colour;              /* one of 1 to 7; 0: by the place among the others */
} snn_series;

snn_status snn_chart_lines(const snn_series *series, size_t count, const snn_chart_options *options, const char *path, void **data,
                           size_t *size, snn_error *error);
/* Values of a history over its epochs. names NULL: "loss" and "val_loss", or all but "lr". */
snn_status snn_chart_history(const snn_history *history, const char *const *names, size_t count, const snn_chart_options *options,
                             const char *path, void **data, size_t *size, snn_error *error);
/* False positive rates as x, true positive rates as y. areas: one for each curve, said behind its name; may be NULL. */
snn_status snn_chart_roc(const snn_series *curves, const double *areas, size_t count, const snn_chart_options *options,
                         const char *path, void **data, size_t *size, snn_error *error);
/* Recalls as x, precisions as y. areas: average precisions. positives: the share of positives, which guessing has; NAN: none. */
snn_status snn_chart_precision_recall(const snn_series *curves, const double *areas, size_t count, double positives,
                                      const snn_chart_options *options, const char *path, void **data, size_t *size,
                                      snn_error *error);
/* counts[true * classes + predicted]. names NULL: 0, 1, 2, …; normalized: each row is divided by its sum. */
snn_status snn_chart_confusion(const double *counts, size_t classes, const char *const *names, bool normalized,
                               const snn_chart_options *options, const char *path, void **data, size_t *size, snn_error *error);
/* actual - predicted over predicted, with its histogram. */
snn_status snn_chart_residuals(const double *actual, const double *predicted, size_t count, const snn_chart_options *options,
                               const char *path, void **data, size_t *size, snn_error *error);

#if defined(__cplusplus)
}
#endif

#endif
