// What the files of the extension share. Every object of the extension belongs to the one interpreter that imported it.
#ifndef SWIFTNN_BINDING_H
#define SWIFTNN_BINDING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include "swiftnn.h"

// ---- errors.c

// Sets the Python exception that belongs to the engine's error. Always returns NULL.
PyObject* raise_error(snn_status status, const snn_error* error);
// Work that other threads or the engine left for a thread with the GIL: objects to give back and warnings to show.
void defer_release(PyObject* object);
extern _Atomic int deferred_count;
int run_deferred(void);
static inline int settle(void) { return deferred_count ? run_deferred() : 0; }
int errors_init(PyObject* module);

// ---- dtype.c

typedef struct {
  PyObject_HEAD snn_dtype value;
} DtypeObject;

extern PyTypeObject* dtype_type;
PyObject* dtype_object(snn_dtype value);                   // new reference
bool dtype_from_object(PyObject* object, snn_dtype* out);  // dtype objects and float, int, bool; sets no exception
bool dtype_is_floating(snn_dtype value);
const char* dtype_format(snn_dtype value);  // of the struct module; NULL for bfloat16
int dtype_init(PyObject* module);

// ---- tensor.c

typedef struct {
  PyObject_HEAD snn_tensor* handle;
  PyObject* attributes;
  PyObject* gradient;  // the object that .grad last returned, so that it keeps its identity
  PyObject* weak_references;
} TensorObject;

extern PyTypeObject* tensor_type;
static inline bool is_tensor(PyObject* object) {
  return Py_TYPE(object) == tensor_type || PyObject_TypeCheck(object, tensor_type);
}
static inline snn_tensor* handle_of(PyObject* object) { return ((TensorObject*)object)->handle; }
PyObject* wrap(snn_tensor* handle);                         // takes the reference; NULL handle: None
PyObject* wrap_as(PyTypeObject* type, snn_tensor* handle);  // takes the reference
PyObject* size_object(const int64_t* sizes, int32_t rank);
int size_init(PyObject* module);
int tensor_init(PyObject* module);
extern PyGetSetDef tensor_properties[];
extern PyMethodDef tensor_methods[];
PyObject* tensor_item(PyObject* self, PyObject* unused);
void tensor_keep_gradient(PyObject* self, PyObject* gradient);

// ---- number.c and indexing.c: slots of the tensor type

PyObject* tensor_compare(PyObject* left, PyObject* right, int op);
PyObject* tensor_get_item(PyObject* self, PyObject* key);
int tensor_set_item(PyObject* self, PyObject* key, PyObject* value);
PyObject* tensor_sequence_item(PyObject* self, Py_ssize_t position);
extern PyType_Slot number_slots[];
int number_init(void);
int indexing_init(void);

// ---- data.c: tensors from Python data

// A tensor with a copy of nested sequences, numbers, tensors, arrays. dtype 0: from the data.
snn_tensor* tensor_from_data(PyObject* data, snn_dtype dtype);
// The same without a copy where the object shares its memory. Tensors are retained.
snn_tensor* tensor_sharing(PyObject* data, snn_dtype dtype);
snn_tensor* tensor_from_buffer(PyObject* object, bool copy);
bool is_array(PyObject* object);  // has a buffer, but is neither bytes nor a tensor
int data_init(PyObject* module);

// ---- buffer.c and dlpack.c

snn_tensor* tensor_alias(const snn_tensor* tensor);
int tensor_get_buffer(PyObject* self, Py_buffer* view, int flags);
void tensor_release_buffer(PyObject* self, Py_buffer* view);
PyObject* tensor_dlpack(PyObject* self, PyObject* args, PyObject* keywords);
PyObject* tensor_dlpack_device(PyObject* self, PyObject* unused);
int dlpack_init(PyObject* module);

// ---- convert.c: Python values <-> snn_value

enum { MAXIMUM_FIELDS = 48, INLINE_WORDS = 32, INLINE_OWNED = 8 };

// The arguments of one call. Nothing is allocated while lists stay short; call_end gives back what was.
typedef struct {
  snn_value values[MAXIMUM_FIELDS];
  size_t count;
  bool lenient;  // a truth value may be anything, as in PyTorch's constructors
  int words_used;
  int owned_count;
  int block_count;
  PyObject* owned[INLINE_OWNED];
  void* blocks[INLINE_OWNED];
  uint64_t words[INLINE_WORDS];
} Call;

static inline void call_begin(Call* call) {
  call->count = 0;
  call->lenient = false;
  call->words_used = 0;
  call->owned_count = 0;
  call->block_count = 0;
}
void call_end_slow(Call* call);
static inline void call_end(Call* call) {
  if (call->owned_count | call->block_count) call_end_slow(call);
}
void* call_block(Call* call, size_t bytes);   // NULL with an exception
bool call_own(Call* call, PyObject* object);  // takes the reference; false with an exception

typedef enum { CONVERTED = 0, MISMATCH = 1, FAILED = -1 } Conversion;  // FAILED: a Python exception is set

Conversion convert(Call* call, const snn_field* field, PyObject* object, snn_value* out);
// The arguments from `first` on as one list for a field of kind INTS, FLOATS or TENSORS.
Conversion convert_rest(Call* call, const snn_field* field, PyObject* const* arguments, Py_ssize_t count,
                        snn_value* out);
Conversion convert_scalar(PyObject* object, snn_value* out);
Conversion convert_operand(Call* call, PyObject* object, snn_value* out);
// The handles of an iterable of tensors; the objects stay owned by the call. NULL with an exception on failure.
snn_tensor** convert_handles(Call* call, PyObject* iterable, bool allow_none, size_t* count, const char* what);
PyObject* value_to_object(const snn_value* value);
const char* kind_text(const snn_field* field);

// ---- call.c: arguments of a call -> engine -> results

// A declaration of the registry, prepared for calls from Python.
typedef struct Overload {
  const snn_entry* entry;
  PyObject** names;  // of the fields, interned
  int32_t positional_count;
  int32_t required_count;     // fields up to the last one without a default
  bool collects;              // the last positional field is a list that also takes the arguments one by one
  PyTypeObject* result_type;  // of several named results
  struct Overload* next;
} Overload;

// Why arguments do not fit a declaration; turned into text only when no overload fits.
typedef struct {
  enum { WRONG_TYPE, TOO_MANY, MISSING, TWICE, UNKNOWN } reason;
  int32_t field;
  PyObject* object;  // borrowed: the argument, or the keyword
  Py_ssize_t given;
} Mismatch;

// Keywords that every function understands.
typedef struct {
  PyObject* out;
  bool requires_grad;
} Extras;

typedef struct {
  PyObject* self;  // of a method: the first field
  PyObject* const* positional;
  Py_ssize_t count;
  PyObject* keyword_names;  // their values follow the positional arguments
} Arguments;

Overload* overload_new(const snn_entry* entry);
Conversion bind_arguments(Call* call, const Overload* overload, const Arguments* arguments, Extras* extras,
                          Mismatch* mismatch);
PyObject* raise_mismatch(const Overload* overloads, const char* name, const Arguments* arguments,
                         const Mismatch* mismatch);
PyObject* call_overloads(const Overload* overloads, const char* name, const Arguments* arguments);
PyObject* apply_single(int32_t operation, const snn_value* values, size_t count);
int32_t need_operation(const char* name);  // -1 with an exception
bool is_large(const snn_value* values, size_t count);
PyObject* pack_results(const Overload* overload, snn_tensor** results, size_t count);  // takes the references

// Writes "name(input, other, *, alpha=1)" and a zero; as a method the first field is written $self. Cut at the
// capacity.
size_t signature_write(const snn_entry* entry, bool method, char* text, size_t capacity);
enum { SIGNATURE_SIZE = 2048, DOCUMENT_SIZE = 8192 };
// Appends what a declaration does and what its arguments mean; returns the new length.
size_t document_write(const snn_entry* entry, char* text, size_t capacity, size_t length);
size_t text_append(char* text, size_t capacity, size_t length, const char* part);  // returns the new length

// ---- functions.c: Python functions and methods from the registry

enum { TRAMPOLINE_COUNT = 1024 };
typedef PyObject* (*Trampoline)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*);
extern const Trampoline function_trampolines[TRAMPOLINE_COUNT];
extern const Trampoline method_trampolines[TRAMPOLINE_COUNT];
PyObject* function_call(PyObject* unused, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords,
                        int position);
PyObject* method_call(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords, int position);
int functions_init(PyObject* module);

// ---- registry.c: what Python classes are made from

// The overloads of a Python name in a section, made once; NULL with an exception.
const Overload* overloads_of(snn_section section, const char* name);
// Python's arguments in the form of a fast call; the block belongs to the call.
bool spread_arguments(Call* call, PyObject* tuple, PyObject* dictionary, Arguments* out);
int registry_init(PyObject* module);

// ---- gradient.c, generator.c, layers.c, optimizers.c

PyObject* tensor_backward(PyObject* self, PyObject* args, PyObject* keywords);
PyObject* tensor_add_hook(PyObject* self, PyObject* hook);
PyObject* tensor_remove_hook(PyObject* self, PyObject* id);
PyObject* wrap_all(snn_tensor** handles, size_t count);             // a tuple; takes the references
PyObject* wrap_borrowed(snn_tensor* const* handles, size_t count);  // a tuple; None for NULL
int gradient_init(PyObject* module);

// ---- functional.c

PyObject* tensor_is_inference(PyObject* self, PyObject* unused);
PyObject* tensor_is_batched(PyObject* self, PyObject* unused);
int functional_init(PyObject* module);

extern PyTypeObject* generator_type;
snn_generator* generator_handle(PyObject* object);
int generator_init(PyObject* module);

snn_module* layer_handle(PyObject* object);  // of a layer handle or of an object whose _core is one; NULL: neither
int layers_init(PyObject* module);

extern PyTypeObject* optimizer_type;
snn_optimizer* handle_of_optimizer(PyObject* self);
PyObject* done(snn_status status, const snn_error* error);                   // None, or NULL with an exception
bool bind_options(Call* call, const Overload* overload, PyObject* options);  // of a dict; false with an exception
bool bind_made(Call* call, const Overload* overload, PyObject* positional, PyObject* named);  // of a tuple and a dict
int optimizers_init(PyObject* module);

// ---- schedules.c

snn_schedule* schedule_handle(PyObject* object);  // NULL for anything else
int schedules_init(PyObject* module);

// ---- metrics.c

snn_metric* handle_of_metric(PyObject* object);  // NULL for anything else
PyObject* metric_object(snn_metric* handle);     // takes the reference
int metrics_init(PyObject* module);

// ---- trainer.c

int trainer_init(PyObject* module);

// ---- loader.c

snn_loader* loader_handle(PyObject* object);  // of a handle; NULL with an exception
int loader_init(PyObject* module);

// ---- training.c

int training_init(PyObject* module);

// ---- stopping.c

snn_stopping_rule* stopping_rule_handle(PyObject* object);  // NULL for anything else
int stopping_init(PyObject* module);

// ---- heads.c

PyObject* layer_of_head(snn_module* handle, PyObject* name, PyObject* head);  // takes the reference
int heads_init(PyObject* module);

// ---- archive.c

PyObject* archive_object(snn_status status, snn_archive* handle, const snn_error* error);  // takes the reference
// What was written to memory, as bytes; None for a file.
PyObject* written(snn_status status, const snn_error* error, void* data, size_t size);
// A path, or NULL for None; false with an exception.
bool convert_path(PyObject* object, PyObject** bytes, const char** path);
// The keys and, for words, the values of the items of a dict.
const char** convert_words(Call* call, PyObject* items, bool with_values, const char* what);
int archive_init(PyObject* module);

// ---- datafiles.c, csv.c, tokenizer.c, transforms.c

// Where bytes come from: a path, or an object with bytes. source_end gives back what it held.
typedef struct {
  snn_source source;
  PyObject* path;
  Py_buffer view;
  bool has_view;
} Source;
bool source_begin(Source* source, PyObject* object, int mapped, unsigned long long limit);  // false with an exception
void source_end(Source* source);
// Texts of a list of str; NULL with an exception. They live as long as the list.
const char** convert_texts(Call* call, PyObject* list, const char* what);
int datafiles_init(PyObject* module);
int csv_init(PyObject* module);
int tokenizer_init(PyObject* module);
snn_transform* transform_handle(PyObject* object);  // NULL for anything else
int transforms_init(PyObject* module);

// ---- report.c

int report_init(PyObject* module);

// ---- logs.c and charts.c

PyObject* history_object(snn_status status, snn_history* handle, const snn_error* error);  // takes the reference
snn_history* history_handle(PyObject* object);                                             // NULL with an exception
int logs_init(PyObject* module);
// Float64 numbers of anything that makes a tensor, which `kept`, a list, keeps alive; false with an exception.
bool convert_doubles(PyObject* kept, PyObject* object, const double** numbers, size_t* count);
int charts_init(PyObject* module);

// ---- module.c

int add_type(PyObject* module, PyType_Spec* spec, PyTypeObject** out);

#endif
