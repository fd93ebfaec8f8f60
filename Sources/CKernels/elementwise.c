#include "ck_isa.h"
#include "ck_sets.h"

#define CK_CHEAP_GRAIN 32768
#define CK_COSTLY_GRAIN 4096
#define CK_GRAIN_HOT CK_CHEAP_GRAIN
#define CK_GRAIN_WARM CK_COSTLY_GRAIN
#define CK_GRAIN_COLD CK_COSTLY_GRAIN

#define CK_TO_BOOL_SAME false
#define CK_TO_BOOL_BOOL true
#define CK_CONDITION_OPERAND false
#define CK_CONDITION_CONDITION true

typedef struct ck_row {
  int32_t grain;
  bool to_bool;    // the output is bool
  bool condition;  // the first operand is bool
  uint8_t saves;
} ck_row;

#define CK_UNARY(name, types, speed, result, params, saves, ...) \
  {CK_GRAIN_##speed, CK_TO_BOOL_##result, false, CK_SAVES_##saves},
#define CK_BINARY(name, types, speed, result, ...) {CK_GRAIN_##speed, CK_TO_BOOL_##result, false, 0},
#define CK_TERNARY(name, types, speed, first, ...) {CK_GRAIN_##speed, false, CK_CONDITION_##first, 0},

static const ck_row unary_row[] = {
#define CK_TABLE_UNARY
#include "elementwise_table.h"
#undef CK_TABLE_UNARY
};
static const ck_row binary_row[] = {
#define CK_TABLE_BINARY
#include "elementwise_table.h"
#undef CK_TABLE_BINARY
};
static const ck_row ternary_row[] = {
#define CK_TABLE_TERNARY
#include "elementwise_table.h"
#undef CK_TABLE_TERNARY
};

static const ck_set* chosen;

const ck_set* ck_set_in_use(void) {
  const ck_set* set = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
  if (set) return set;
  set = &ck_set_portable;
#if defined(__x86_64__)
  const ck_isa isa = ck_isa_in_use();
  if (isa == CK_AVX512) set = &ck_set_avx512;
  if (isa == CK_AVX2) set = &ck_set_avx2;
#endif
  __atomic_store_n(&chosen, set, __ATOMIC_RELAXED);
  return set;
}

// The row's kernel in the set in use, else the one shared by all.
#define CK_FIND(kind, index, op)                             \
  const ck_kernel kernel = ck_set_in_use()->kind[index][op]; \
  return kernel ? kernel : ck_set_portable.kind[index][op]

static ck_kernel find_unary(ck_unary_op op, ck_dtype dtype) { CK_FIND(unary, ck_compute_of(dtype), op); }

static ck_kernel find_binary(ck_binary_op op, ck_dtype dtype) { CK_FIND(binary, ck_compute_of(dtype), op); }

static ck_kernel find_ternary(ck_ternary_op op, ck_dtype dtype) { CK_FIND(ternary, ck_compute_of(dtype), op); }

static ck_kernel find_slope(ck_unary_op op, ck_dtype dtype) {
  const ck_compute compute = ck_compute_of(dtype);
  if (compute > CK_F64) return NULL;
  CK_FIND(slope, compute, op);
}

bool ck_unary_supports(ck_unary_op op, ck_dtype dtype) { return find_unary(op, dtype) != NULL; }
bool ck_binary_supports(ck_binary_op op, ck_dtype dtype) { return find_binary(op, dtype) != NULL; }
bool ck_ternary_supports(ck_ternary_op op, ck_dtype dtype) { return find_ternary(op, dtype) != NULL; }
ck_saves ck_slope_saves(ck_unary_op op) { return (ck_saves)unary_row[op].saves; }

// The commonest call by far: a few contiguous elements.
static inline bool is_small(int64_t grain, int rank, const int64_t* size, ck_dtype dtype, bool dense) {
  return dense && !ck_is_half(dtype) && ck_count(rank, size) <= grain;
}

// The powers that have a row of their own, as PyTorch chooses them.
static ck_unary_op power_row(double exponent) {
  return exponent == 2      ? ck_unary_square
         : exponent == 0.5  ? ck_unary_sqrt
         : exponent == -1   ? ck_unary_reciprocal
         : exponent == -0.5 ? ck_unary_rsqrt
         : exponent == 1    ? ck_unary_positive
                            : ck_unary_pow_scalar;
}

bool ck_unary(ck_unary_op op, ck_dtype dtype, const double* params, int rank, const int64_t* size, ck_out out,
              ck_in x) {
  if (op == ck_unary_pow_scalar && ck_compute_of(dtype) <= CK_F64) op = power_row(params[0]);
  const ck_kernel kernel = find_unary(op, dtype);
  if (!kernel) return false;
  if (is_small(unary_row[op].grain, rank, size, dtype, !out.stride && !x.stride)) {
    kernel(ck_count(rank, size), out.data, (const void* const[]){x.data}, params);
    return true;
  }
  const ck_operand operand[] = {{out.data, out.stride, unary_row[op].to_bool ? CK_BOOL : dtype},
                                {(void*)x.data, x.stride, dtype}};
  ck_walk_kernel(kernel, params, unary_row[op].grain, rank, size, 2, operand);
  return true;
}

bool ck_binary(ck_binary_op op, ck_dtype dtype, const double* params, int rank, const int64_t* size, ck_out out,
               ck_in x, ck_in y) {
  const ck_kernel kernel = find_binary(op, dtype);
  if (!kernel) return false;
  if (is_small(binary_row[op].grain, rank, size, dtype, !out.stride && !x.stride && !y.stride)) {
    kernel(ck_count(rank, size), out.data, (const void* const[]){x.data, y.data}, params);
    return true;
  }
  const ck_operand operand[] = {{out.data, out.stride, binary_row[op].to_bool ? CK_BOOL : dtype},
                                {(void*)x.data, x.stride, dtype},
                                {(void*)y.data, y.stride, dtype}};
  ck_walk_kernel(kernel, params, binary_row[op].grain, rank, size, 3, operand);
  return true;
}

bool ck_ternary(ck_ternary_op op, ck_dtype dtype, const double* params, int rank, const int64_t* size, ck_out out,
                ck_in x, ck_in y, ck_in z) {
  const ck_kernel kernel = find_ternary(op, dtype);
  if (!kernel) return false;
  const ck_operand operand[] = {{out.data, out.stride, dtype},
                                {(void*)x.data, x.stride, ternary_row[op].condition ? CK_BOOL : dtype},
                                {(void*)y.data, y.stride, dtype},
                                {(void*)z.data, z.stride, dtype}};
  ck_walk_kernel(kernel, params, ternary_row[op].grain, rank, size, 4, operand);
  return true;
}

bool ck_slope(ck_unary_op op, ck_dtype dtype, const double* params, int rank, const int64_t* size, ck_out out, ck_in g,
              ck_in saved) {
  const ck_kernel kernel = find_slope(op, dtype);
  if (!kernel) return false;
  const ck_operand operand[] = {
      {out.data, out.stride, dtype}, {(void*)g.data, g.stride, dtype}, {(void*)saved.data, saved.stride, dtype}};
  ck_walk_kernel(kernel, params, unary_row[op].grain, rank, size, 3, operand);
  return true;
}

void ck_cast(ck_dtype from, ck_dtype to, int rank, const int64_t* size, ck_out out, ck_in x) {
  if (from == to) {
    ck_walk_copy(from, rank, size, out, x);
    return;
  }
  const ck_kernel kernel = ck_set_in_use()->cast[ck_compute_of(from)][ck_compute_of(to)];
  const ck_operand operand[] = {{out.data, out.stride, to}, {(void*)x.data, x.stride, from}};
  ck_walk_kernel(kernel, NULL, CK_CHEAP_GRAIN, rank, size, 2, operand);
}
