// The live objects of a run, and how new tensors are made.
#include "fuzz.h"

snn_tensor* tensors[TENSORS];
snn_module* modules[MODULES];
snn_optimizer* optimizers[OPTIMIZERS];
snn_generator* generators[GENERATORS];
long destructors_due;

static snn_tensor* tensor_or_null(unsigned percent) {
  if (chance(percent)) return NULL;
  for (int tries = 0; tries < 8; tries++) {
    snn_tensor* tensor = tensors[below(TENSORS)];
    if (tensor) return tensor;
  }
  return NULL;
}

snn_tensor* any_tensor(void) { return tensor_or_null(2); }

snn_tensor* live_tensor(void) {
  snn_tensor* tensor = tensor_or_null(0);
  if (tensor) return tensor;
  int slot = (int)below(TENSORS);
  drop_tensor(slot);
  return tensors[slot] = random_tensor();
}

snn_module* any_module(void) { return modules[below(MODULES)]; }
snn_optimizer* any_optimizer(void) { return optimizers[below(OPTIMIZERS)]; }
snn_generator* any_generator(void) { return generators[below(GENERATORS)]; }

// A gradient that was made with create_graph leads back to its tensor: clearing it first is the owner's part.
static void forget(snn_tensor* tensor) {
  snn_tensor_set_gradient(tensor, NULL, NULL);
  snn_tensor_release(tensor);
}

void keep_tensor(snn_tensor* tensor) {
  if (!tensor) return;
  if (snn_tensor_count(tensor) > MOST_ELEMENTS) {
    forget(tensor);
    return;
  }
  int slot = (int)below(TENSORS);
  drop_tensor(slot);
  tensors[slot] = tensor;
}

void drop_tensor(int slot) {
  if (tensors[slot]) forget(tensors[slot]);
  tensors[slot] = NULL;
}

static void drop_module(snn_module* module) {
  snn_state state;
  for (int32_t i = 0; i < snn_module_state_count(module); i++)
    if (snn_module_state_at(module, i, &state, NULL) == SNN_OK && state.tensor)
      snn_tensor_set_gradient(state.tensor, NULL, NULL);
  snn_module_release(module);
}

static void drop_optimizer(snn_optimizer* optimizer) {
  snn_optimizer_zero_grad(optimizer);
  snn_optimizer_release(optimizer);
}

void drop_everything(void) {
  // In an order of its own each time.
  enum { ALL = TENSORS + MODULES + OPTIMIZERS + GENERATORS };
  int order[ALL];
  for (int i = 0; i < ALL; i++) {
    int j = (int)below((uint64_t)i + 1);
    order[i] = order[j];
    order[j] = i;
  }
  for (int i = 0; i < TENSORS; i++) snn_tensor_set_gradient(tensors[i], NULL, NULL);
  for (int i = 0; i < ALL; i++) {
    int slot = order[i];
    if (slot < TENSORS) {
      drop_tensor(slot);
    } else if ((slot -= TENSORS) < MODULES) {
      drop_module(modules[slot]);
      modules[slot] = NULL;
    } else if ((slot -= MODULES) < OPTIMIZERS) {
      drop_optimizer(optimizers[slot]);
      optimizers[slot] = NULL;
    } else {
      snn_generator_release(generators[slot - OPTIMIZERS]);
      generators[slot - OPTIMIZERS] = NULL;
    }
  }
}

static snn_dtype random_dtype(void) { return (snn_dtype)(chance(60) ? 1 : 1 + below(8)); }

static void fill(snn_dtype dtype, void* data, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    double value = chance(4) ? random_float() : (double)(int64_t)below(2001) / 500 - 2;
    int64_t whole = chance(4) ? random_int() : (int64_t)below(7) - 2;
    switch (dtype) {
      case SNN_FLOAT32:
        ((float*)data)[i] = (float)value;
        break;
      case SNN_FLOAT64:
        ((double*)data)[i] = value;
        break;
      case SNN_FLOAT16:
      case SNN_BFLOAT16:
        ((uint16_t*)data)[i] = (uint16_t)draw();
        break;
      case SNN_INT64:
        ((int64_t*)data)[i] = whole;
        break;
      case SNN_INT32:
        ((int32_t*)data)[i] = (int32_t)whole;
        break;
      case SNN_UINT8:
        ((uint8_t*)data)[i] = (uint8_t)whole;
        break;
      case SNN_BOOL:
        ((uint8_t*)data)[i] = (uint8_t)(whole & 1);
        break;
    }
  }
}

static int32_t random_shape(int64_t* sizes, int64_t* count) {
  // Few shapes, so that many of them fit together.
  static const int64_t usual[] = {2, 3, 3, 4, 1, 5};
  int32_t rank = (int32_t)(chance(3) ? below(SNN_MAX_RANK + 1) : below(4));
  *count = 1;
  for (int32_t i = 0; i < rank; i++) {
    sizes[i] = rank > 4 ? 1 + (int64_t)below(2) : chance(4) ? 0 : usual[below(6)];
    *count *= sizes[i];
  }
  return rank;
}

snn_tensor* random_tensor(void) {
  int64_t sizes[SNN_MAX_RANK], count;
  int32_t rank = random_shape(sizes, &count);
  snn_dtype dtype = random_dtype();
  double data[4096];
  fill(dtype, data, count);
  snn_tensor* tensor = NULL;
  snn_tensor_new(dtype, rank, sizes, chance(90) ? data : NULL, &tensor, NULL);
  if (tensor && chance(40)) snn_tensor_set_requires_grad(tensor, true, NULL);
  return tensor;
}

void* new_user(void) {
  destructors_due++;
  int* user = malloc(sizeof *user);
  *user = 0x00C0FFEE;
  return user;
}

void destroy_user(void* user) {
  if (*(int*)user != 0x00C0FFEE) WRONG("a destructor got something else");
  *(int*)user = 0;
  destructors_due--;
  free(user);
}

typedef struct block {
  int* user;
  double data[];
} block;

static void destroy_block(void* user) {
  destroy_user(((block*)user)->user);
  free(user);
}

// Memory of the caller with strides of any sign that stay inside it.
snn_tensor* random_borrowed(void) {
  int64_t sizes[SNN_MAX_RANK], strides[SNN_MAX_RANK], count, lowest = 0, highest = 0, step = 1;
  int32_t rank = random_shape(sizes, &count);
  bool wild = count == 0 && chance(50);
  for (int32_t i = rank - 1; i >= 0; i--) {
    strides[i] = chance(10) ? 0 : chance(25) ? -step : chance(10) ? (int64_t)below(4) : step;
    if (sizes[i] <= 1 && chance(20)) strides[i] = random_int();
    if (wild) strides[i] = random_int();
    if (count > 0 && sizes[i] > 1) {
      int64_t reach = strides[i] * (sizes[i] - 1);
      if (reach < 0)
        lowest += reach;
      else
        highest += reach;
    }
    if (sizes[i] > 0) step *= sizes[i];
  }
  size_t elements = (size_t)(highest - lowest + 1);
  block* memory = malloc(sizeof *memory + elements * 8);
  snn_dtype dtype = random_dtype();
  fill(dtype, memory->data, (int64_t)elements);
  memory->user = new_user();
  void* data = (char*)memory->data - lowest * (int64_t)snn_dtype_size(dtype);
  snn_tensor* tensor = NULL;
  CALL("snn_tensor_borrow dtype %d rank %d", (int)dtype, (int)rank);
  if (snn_tensor_borrow(dtype, rank, sizes, strides, data, destroy_block, memory, &tensor, NULL) != SNN_OK)
    destroy_block(memory);
  if (tensor && chance(30)) snn_tensor_set_requires_grad(tensor, true, NULL);
  return tensor;
}
