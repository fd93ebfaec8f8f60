// x[index] and x[index] = value. Integers, slices, None and Ellipsis give views, one operation each; lists, arrays and
// tensors gather, all together in one operation at the end. As in PyTorch, integers never count as gathering.
#include "binding.h"

static int32_t select_id, slice_id, unsqueeze_id, index_id, index_put_id, copy_id, fill_id;

int indexing_init(void) {
  select_id = snn_find(SNN_OPERATIONS, "select");
  slice_id = snn_find(SNN_OPERATIONS, "slice");
  unsqueeze_id = snn_find(SNN_OPERATIONS, "unsqueeze");
  index_id = snn_find(SNN_OPERATIONS, "index");
  index_put_id = snn_find(SNN_OPERATIONS, "index_put_");
  copy_id = snn_find(SNN_OPERATIONS, "copy_");
  fill_id = snn_find(SNN_OPERATIONS, "fill_");
  return 0;
}

enum { MAXIMUM_INDICES = 2 * SNN_MAX_RANK };

typedef struct {
  PyObject* view;
  int32_t axis;                          // of the view, the next one to index
  PyObject* gathering[MAXIMUM_INDICES];  // tensors, or NULL for a whole axis
  int32_t gathered;                      // how many entries `gathering` has
  int32_t covered;                       // how many axes they stand for: a mask of n axes counts for n
} Walk;

static void walk_end(Walk* walk) {
  Py_XDECREF(walk->view);
  for (int32_t i = 0; i < walk->gathered; i++) Py_XDECREF(walk->gathering[i]);
}

static bool replace_view(Walk* walk, PyObject* view) {
  if (view == NULL) return false;
  Py_DECREF(walk->view);
  walk->view = view;
  return true;
}

static int64_t view_size(const Walk* walk, int32_t axis) { return snn_tensor_sizes(handle_of(walk->view))[axis]; }

static bool take_integer(Walk* walk, PyObject* index, Py_ssize_t position) {
  Py_ssize_t value = PyNumber_AsSsize_t(index, PyExc_IndexError);
  if (value == -1 && PyErr_Occurred()) return false;
  int64_t size = view_size(walk, walk->axis);
  if (value < -size || value >= size) {
    PyErr_Format(PyExc_IndexError, "index %zd is out of bounds for dimension %zd with size %lld", value, position,
                 (long long)size);
    return false;
  }
  snn_value values[3] = {snn_of(handle_of(walk->view)), snn_int(walk->axis), snn_int(value < 0 ? value + size : value)};
  return replace_view(walk, apply_single(select_id, values, 3));
}

static bool take_slice(Walk* walk, PyObject* slice) {
  Py_ssize_t start, stop, step;
  if (PySlice_Unpack(slice, &start, &stop, &step) < 0) return false;
  if (step <= 0) {
    PyErr_SetString(PyExc_ValueError, "step must be greater than zero");
    return false;
  }
  int64_t size = view_size(walk, walk->axis);
  PySlice_AdjustIndices((Py_ssize_t)size, &start, &stop, step);
  if (stop < start) stop = start;
  int32_t axis = walk->axis++;
  if (start == 0 && stop == size && step == 1) return true;
  snn_value values[5] = {snn_of(handle_of(walk->view)), snn_int(axis), snn_int(start), snn_int(stop), snn_int(step)};
  return replace_view(walk, apply_single(slice_id, values, 5));
}

static bool take_new_axis(Walk* walk) {
  snn_value values[2] = {snn_of(handle_of(walk->view)), snn_int(walk->axis)};
  walk->axis++;
  return replace_view(walk, apply_single(unsqueeze_id, values, 2));
}

// The number of axes that an index uses up.
static int32_t axes_of(PyObject* index) {
  if (index == Py_None || index == Py_Ellipsis || PyBool_Check(index)) return 0;
  if (!is_tensor(index)) return 1;
  snn_dtype dtype = snn_tensor_dtype(handle_of(index));
  return dtype == SNN_BOOL ? snn_tensor_rank(handle_of(index)) : 1;
}

static bool take_gathering(Walk* walk, PyObject* index) {
  int32_t axes = axes_of(index);
  PyObject* entry = Py_NewRef(index);
  if (axes == 0) {  // a single truth value keeps or drops everything: a mask over a new axis of size 1
    Py_DECREF(entry);
    if (!take_new_axis(walk)) return false;
    walk->axis--;
    axes = 1;
    snn_value values[2] = {snn_of(handle_of(index)), snn_int(0)};
    if ((entry = apply_single(unsqueeze_id, values, 2)) == NULL) return false;
  }
  while (walk->covered < walk->axis) {
    walk->gathering[walk->gathered++] = NULL;
    walk->covered++;
  }
  walk->gathering[walk->gathered++] = entry;
  walk->covered += axes;
  walk->axis += axes;
  return true;
}

// Lists, arrays and truth values as tensors; everything else as it is. New reference.
static PyObject* prepare(PyObject* index) {
  bool sequence = PyList_Check(index) || PyTuple_Check(index) || PyBool_Check(index) || is_array(index);
  if (!sequence) return Py_NewRef(index);
  snn_tensor* handle =
      PyList_Check(index) && PyList_Size(index) == 0 ? tensor_from_data(index, SNN_INT64) : tensor_sharing(index, 0);
  return handle == NULL ? NULL : wrap(handle);
}

static bool take(Walk* walk, PyObject* index, Py_ssize_t position, int32_t used) {
  int32_t rank = snn_tensor_rank(handle_of(walk->view));
  if (index == Py_None) return take_new_axis(walk);
  if (index == Py_Ellipsis) {
    walk->axis += used;  // here: the axes that the ellipsis stands for
    return true;
  }
  if (walk->axis + axes_of(index) > rank) {
    PyErr_Format(PyExc_IndexError, "too many indices for tensor of dimension %d", (int)rank);
    return false;
  }
  if (PySlice_Check(index)) return take_slice(walk, index);
  if (is_tensor(index)) {
    snn_tensor* handle = handle_of(index);
    bool integer = snn_tensor_rank(handle) == 0 && snn_tensor_dtype(handle) != SNN_BOOL &&
                   !dtype_is_floating(snn_tensor_dtype(handle));
    return integer ? take_integer(walk, index, position) : take_gathering(walk, index);
  }
  if (PyIndex_Check(index)) return take_integer(walk, index, position);
  PyErr_Format(PyExc_TypeError, "only integers, slices, Ellipsis, None, lists, arrays and tensors are indices, not %R",
               Py_TYPE(index));
  return false;
}

static bool walk_tuple(Walk* walk, PyObject* tuple) {
  Py_ssize_t count = PyTuple_Size(tuple);
  if (count > MAXIMUM_INDICES) {
    PyErr_SetString(PyExc_IndexError, "too many indices");
    return false;
  }
  int32_t used = 0, ellipses = 0;
  PyObject* prepared[MAXIMUM_INDICES];
  Py_ssize_t ready = 0;
  bool good = true;
  for (; good && ready < count; ready++) {
    prepared[ready] = prepare(PyTuple_GetItem(tuple, ready));
    if (prepared[ready] == NULL) {
      good = false;
      break;
    }
    used += axes_of(prepared[ready]);
    ellipses += prepared[ready] == Py_Ellipsis;
  }
  int32_t rank = snn_tensor_rank(handle_of(walk->view));
  if (good && ellipses > 1) {
    PyErr_SetString(PyExc_IndexError, "an index can only have a single ellipsis ('...')");
    good = false;
  } else if (good && used > rank) {
    PyErr_Format(PyExc_IndexError, "too many indices for tensor of dimension %d", (int)rank);
    good = false;
  }
  for (Py_ssize_t i = 0; good && i < count; i++) good = take(walk, prepared[i], i, rank - used);
  for (Py_ssize_t i = 0; i < ready; i++) Py_DECREF(prepared[i]);
  return good;
}

// As in PyTorch, a short list with an index in it that is no number is a tuple.
static bool is_tuple_like(PyObject* key) {
  enum { LIMIT = 32 };
  Py_ssize_t count = PyList_Check(key) ? PyList_Size(key) : LIMIT;
  for (Py_ssize_t i = 0; count < LIMIT && i < count; i++) {
    PyObject* item = PyList_GetItem(key, i);
    if (is_tensor(item) || PyList_Check(item) || PyTuple_Check(item) || PySlice_Check(item) || item == Py_None ||
        item == Py_Ellipsis || is_array(item))
      return true;
  }
  return false;
}

static bool walk_key(Walk* walk, PyObject* self, PyObject* key) {
  walk->view = Py_NewRef(self);
  walk->axis = 0;
  walk->gathered = 0;
  walk->covered = 0;
  if (PyTuple_Check(key)) return walk_tuple(walk, key);
  if (PyLong_Check(key) && !PyBool_Check(key)) {
    if (snn_tensor_rank(handle_of(self)) > 0) return take_integer(walk, key, 0);
    PyErr_SetString(PyExc_IndexError,
                    "invalid index of a 0-dim tensor. Use `tensor.item()` in Python to convert it to a number");
    return false;
  }
  PyObject* tuple = is_tuple_like(key) ? PySequence_Tuple(key) : PyTuple_Pack(1, key);
  bool good = tuple != NULL && walk_tuple(walk, tuple);
  Py_XDECREF(tuple);
  return good;
}

static snn_value gathering_value(const Walk* walk, snn_tensor** handles) {
  for (int32_t i = 0; i < walk->gathered; i++)
    handles[i] = walk->gathering[i] == NULL ? NULL : handle_of(walk->gathering[i]);
  return snn_list(handles, walk->gathered);
}

PyObject* tensor_get_item(PyObject* self, PyObject* key) {
  Walk walk;
  PyObject* result = NULL;
  if (walk_key(&walk, self, key)) {
    if (walk.gathered > 0) {
      snn_tensor* handles[MAXIMUM_INDICES];
      snn_value values[2] = {snn_of(handle_of(walk.view)), gathering_value(&walk, handles)};
      result = apply_single(index_id, values, 2);
    } else if (walk.view == self) {  // x[...] is a new view
      snn_value values[4] = {snn_of(handle_of(self)), snn_int(0), snn_int(0), snn_none()};
      bool scalar = snn_tensor_rank(handle_of(self)) == 0;
      result = scalar ? Py_NewRef(self) : apply_single(slice_id, values, 4);
    } else {
      result = Py_NewRef(walk.view);
    }
  }
  walk_end(&walk);
  return result;
}

PyObject* tensor_sequence_item(PyObject* self, Py_ssize_t position) {
  snn_tensor* handle = handle_of(self);
  if (snn_tensor_rank(handle) == 0 || position < 0 || position >= snn_tensor_sizes(handle)[0]) {
    PyErr_SetString(PyExc_IndexError, "index out of range");
    return NULL;
  }
  snn_value values[3] = {snn_of(handle), snn_int(0), snn_int(position)};
  return apply_single(select_id, values, 3);
}

// Leading axes of size 1 say nothing where values are broadcast. Takes the reference; NULL with an exception.
static PyObject* without_leading_ones(PyObject* source, int32_t kept) {
  while (source != NULL && snn_tensor_rank(handle_of(source)) > kept && snn_tensor_sizes(handle_of(source))[0] == 1) {
    snn_value values[3] = {snn_of(handle_of(source)), snn_int(0), snn_int(0)};
    PyObject* row = apply_single(select_id, values, 3);
    Py_DECREF(source);
    source = row;
  }
  return source;
}

static int assign(const Walk* walk, PyObject* value) {
  snn_value values[3] = {snn_of(handle_of(walk->view))};
  PyObject* source = NULL;
  int32_t operation = copy_id;
  snn_tensor* handles[MAXIMUM_INDICES];
  Conversion conversion = is_tensor(value) ? MISMATCH : convert_scalar(value, &values[1]);
  if (conversion == FAILED) return -1;
  bool scalar = conversion == CONVERTED && walk->gathered == 0;
  if (scalar) {
    operation = fill_id;
  } else {
    snn_dtype dtype = snn_tensor_dtype(handle_of(walk->view));
    snn_tensor* handle = is_tensor(value) ? snn_tensor_retain(handle_of(value)) : tensor_from_data(value, dtype);
    source = handle == NULL ? NULL : wrap(handle);
    source = without_leading_ones(source, walk->gathered > 0 ? 0 : snn_tensor_rank(handle_of(walk->view)));
    if (source == NULL) return -1;
    values[1] = snn_of(handle_of(source));
  }
  size_t count = 2;
  if (walk->gathered > 0) {
    operation = index_put_id;
    values[2] = values[1];
    values[1] = gathering_value(walk, handles);
    count = 3;
  }
  PyObject* result = apply_single(operation, values, count);
  Py_XDECREF(source);
  Py_XDECREF(result);
  return result == NULL ? -1 : 0;
}

int tensor_set_item(PyObject* self, PyObject* key, PyObject* value) {
  if (value == NULL) {
    PyErr_SetString(PyExc_TypeError, "elements of a tensor cannot be deleted");
    return -1;
  }
  Walk walk;
  int status = walk_key(&walk, self, key) ? assign(&walk, value) : -1;
  walk_end(&walk);
  return status;
}
