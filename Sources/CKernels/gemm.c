#include <stdatomic.h>

#include "ck_gemm.h"
#include "ck_half.h"
#include "ck_isa.h"
#include "ck_memory.h"
#include "ck_thread.h"
#include "gemm_blocks.h"
#include "gemm_integer.h"

enum {
  VECTOR_GRAIN = 1 << 16,  // elements of a matrix that one thread multiplies by a vector at a time
  BATCH_GRAIN = 1 << 18,   // multiplications in the products of a batch that one thread takes at a time
  WIDE_WORK = 1 << 24,     // multiplications above which a product of a batch has all threads
  NARROW_GRAIN = 1 << 15,
};

const gemm_kernels* ck_gemm_kernels(bool doubles) {
  switch (ck_isa_in_use()) {
#if defined(__x86_64__)
    case CK_AVX512:
      return doubles ? &ck_gemm_f64_avx512 : &ck_gemm_f32_avx512;
    case CK_AVX2:
      return doubles ? &ck_gemm_f64_avx2 : &ck_gemm_f32_avx2;
#elif defined(__aarch64__)
    case CK_NEON:
      return doubles ? &ck_gemm_f64_neon : &ck_gemm_f32_neon;
#endif
    default:
      return doubles ? &ck_gemm_f64_portable : &ck_gemm_f32_portable;
  }
}

typedef struct vector_task {
  const gemm_kernels* kernels;
  gemm_vector product;
  bool contiguous_rows;
} vector_task;

static void run_vector(void* context, int64_t begin, int64_t end) {
  const vector_task* task = context;
  gemm_vector product = task->product;
  int64_t size = (int64_t)task->kernels->size;
  product.count = end - begin;
  product.matrix.data = (const char*)product.matrix.data + begin * product.matrix.row * size;
  product.y = (char*)product.y + begin * product.y_stride * size;
  if (product.bias) product.bias = (const char*)product.bias + begin * product.bias_stride * size;
  (task->contiguous_rows ? task->kernels->dots : task->kernels->sums)(&product);
}

// A product with one row or one column. False when the matrix lies so that packing it is better.
static bool run_as_vector(const gemm_product* whole) {
  bool one_row = whole->m == 1;
  if ((!one_row && whole->n != 1) || whole->source != GEMM_SAME) return false;
  gemm_vector product = {.k = whole->k, .y = whole->c, .accumulate = whole->accumulate, .bias = whole->bias};
  if (one_row) {
    product.count = whole->n;
    product.matrix = (gemm_operand){whole->b.data, whole->b.column, whole->b.row};
    product.x = whole->a.data;
    product.x_stride = whole->a.column;
    product.y_stride = product.bias_stride = 1;
  } else {
    product.count = whole->m;
    product.matrix = whole->a;
    product.x = whole->b.data;
    product.x_stride = whole->b.row;
    product.y_stride = whole->c_row;
  }
  vector_task task = {whole->kernels, product, product.matrix.column == 1 && product.x_stride == 1};
  if (!task.contiguous_rows && product.matrix.row != 1) return false;
  int64_t grain = VECTOR_GRAIN / (product.k + 1) / 128 * 128 + 128;
  ck_parallel(product.count, grain, run_vector, &task);
  return true;
}

// C' = B'·A' asks for the transpose of A where the product asks for that of B: it serves when A is the cheaper
// to turn, or when the columns of C are too few to fill a vector.
static gemm_product turned(const gemm_product* product) {
  gemm_product other = *product;
  other.m = product->n;
  other.n = product->m;
  other.a = (gemm_operand){product->b.data, product->b.column, product->b.row};
  other.b = (gemm_operand){product->a.data, product->a.column, product->a.row};
  other.transposed = true;
  return other;
}

static bool run_product(const gemm_product* product) {
  if (run_as_vector(product)) return true;
  bool turn = product->b.column != 1 && (product->a.row == 1 || product->m < product->n);
  bool narrow = product->n <= product->kernels->lanes && product->m >= product->kernels->columns;
  if (!turn && !(narrow && product->a.row == 1)) return ck_gemm_blocks(product);
  gemm_product other = turned(product);
  return ck_gemm_blocks(&other);
}

typedef struct halves {
  const ck_gemm_args* args;
  const float* sums;
  uint16_t* c;
} halves;

static void narrow_rows(void* context, int64_t begin, int64_t end) {
  const halves* halves = context;
  const ck_gemm_args* args = halves->args;
  bool bfloat = args->dtype == CK_BFLOAT16;
  const uint16_t* bias = args->bias;
  for (int64_t i = begin; i < end; i++) {
    const float* sums = halves->sums + i * args->n;
    uint16_t* c = halves->c + i * args->c_row;
    for (int64_t j = 0; j < args->n; j++) {
      float sum = sums[j];
      if (args->accumulate) sum += bfloat ? ck_bf16_widen(c[j]) : ck_f16_widen(c[j]);
      if (bias) sum += bfloat ? ck_bf16_widen(bias[j]) : ck_f16_widen(bias[j]);
      c[j] = bfloat ? ck_bf16_narrow(sum) : ck_f16_narrow(sum);
    }
  }
}

static bool run_one(const ck_gemm_args* args, int64_t batch) {
  bool half = args->dtype == CK_FLOAT16 || args->dtype == CK_BFLOAT16, doubles = args->dtype == CK_FLOAT64;
  int64_t size = half ? 2 : doubles ? 8 : 4;
  gemm_product product = {
      .kernels = ck_gemm_kernels(doubles),
      .source = !half                       ? GEMM_SAME
                : args->dtype == CK_FLOAT16 ? GEMM_FLOAT16
                                            : GEMM_BFLOAT16,
      .m = args->m,
      .n = args->n,
      .k = args->k,
      .a = {(const char*)args->a + batch * args->a_batch * size, args->a_row, args->a_column},
      .b = {(const char*)args->b + batch * args->b_batch * size, args->b_row, args->b_column},
      .c = (char*)args->c + batch * args->c_batch * size,
      .c_row = args->c_row,
      .accumulate = args->accumulate,
      .bias = args->bias,
  };
  if (!half) return run_product(&product);
  size_t bytes = (size_t)(args->m * args->n) * sizeof(float);
  halves halves = {args, ck_alloc(bytes), product.c};
  if (!halves.sums) return false;
  product.c = (void*)halves.sums;
  product.c_row = args->n;
  product.accumulate = false;
  product.bias = NULL;
  bool done = run_product(&product);
  if (done) ck_parallel(args->m, NARROW_GRAIN / args->n + 1, narrow_rows, &halves);
  ck_free((void*)halves.sums, bytes);
  return done;
}

typedef struct batch {
  const ck_gemm_args* args;
  _Atomic bool failed;
} batch;

static void run_batch(void* context, int64_t begin, int64_t end) {
  batch* batch = context;
  for (int64_t i = begin; i < end; i++) {
    if (!run_one(batch->args, i)) atomic_store_explicit(&batch->failed, true, memory_order_relaxed);
  }
}

bool ck_gemm(const ck_gemm_args* given) {
  if (given->m <= 0 || given->n <= 0 || given->batch <= 0) return true;
  ck_gemm_args args = *given;
  static const double nothing[1];
  if (args.k <= 0) {
    args.k = 0;
    args.a = args.b = nothing;
    args.a_row = args.a_column = args.a_batch = args.b_row = args.b_batch = 0;
    args.b_column = 1;
  }
  if (args.b_batch == 0 && args.a_batch == args.m * args.a_row && args.c_batch == args.m * args.c_row) {
    args.m *= args.batch;
    args.batch = 1;
  }
  if (args.dtype == CK_INT64 || args.dtype == CK_INT32 || args.dtype == CK_UINT8) {
    ck_gemm_integer(&args);
    return true;
  }
  if (args.batch == 1) return run_one(&args, 0);
  batch batch = {.args = &args};
  double work = (double)args.m * (double)args.n * (double)(args.k + 1);
  if (work >= WIDE_WORK) {
    run_batch(&batch, 0, args.batch);
  } else {
    ck_parallel(args.batch, (int64_t)(BATCH_GRAIN / work) + 1, run_batch, &batch);
  }
  return !atomic_load_explicit(&batch.failed, memory_order_relaxed);
}
