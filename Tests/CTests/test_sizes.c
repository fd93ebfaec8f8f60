// Every size from 1 to 67: float32, which has kernels of vectors, against float64 from the same numbers, forwards and
// backwards. Under AddressSanitizer memory ends where a tensor ends, so that a kernel that reads on is seen.
#include "support.h"

enum { MOST_INPUTS = 5, MOST_SIZES = 4, LARGEST = 67 };

typedef snn_tensor* (*formula)(snn_tensor* const* x, int64_t n);

#define INTS(...) snn_ints((const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / 8)
#define X(i) snn_of(x[i])

// The operation of a tensor that nothing else needs.
static snn_tensor* then(const char* name, snn_tensor* tensor) {
  snn_tensor* result = APPLY(name, snn_of(tensor));
  snn_tensor_release(tensor);
  return result;
}

#define FORMULA(name, ...)                                   \
  static snn_tensor* name(snn_tensor* const* x, int64_t n) { \
    (void)n;                                                 \
    return __VA_ARGS__;                                      \
  }

FORMULA(unary, then("gelu", APPLY("tanh", X(0))))
FORMULA(binary, APPLY("mul", X(0), X(1)))
FORMULA(column, APPLY("add", X(0), X(1)))
FORMULA(transposed, then("contiguous", APPLY("transpose", X(0), snn_int(0), snn_int(1))))
FORMULA(rows_added, APPLY("sum", X(0), INTS(1)))
FORMULA(columns_added, APPLY("sum", X(0), INTS(0)))
FORMULA(running, APPLY("cumsum", X(0), snn_int(1)))
FORMULA(largest, APPLY("amax", X(0), INTS(1)))
FORMULA(softmax, APPLY("softmax", X(0), snn_int(1)))
FORMULA(log_softmax, APPLY("log_softmax", X(0), snn_int(0)))
FORMULA(product, APPLY("matmul", X(0), X(1)))
FORMULA(linear_unbiased, APPLY("linear", X(0), X(1)))
FORMULA(linear, APPLY("linear", X(0), X(1), X(2)))
FORMULA(layer_norm, APPLY("layer_norm", X(0), INTS(n), X(1), X(2)))
FORMULA(group_norm, APPLY("group_norm", X(0), snn_int(2), X(1), X(2)))
FORMULA(batch_norm, APPLY("batch_norm", X(0), snn_none(), snn_none(), X(1), X(2), snn_bool(true)))
FORMULA(conv1d, APPLY("conv1d", X(0), X(1), X(2)))
FORMULA(conv2d, APPLY("conv2d", X(0), X(1), X(2), INTS(1, 1), INTS(1, 1)))
FORMULA(conv2d_strided, APPLY("conv2d", X(0), X(1), X(2), INTS(2, 1), INTS(2, 1), INTS(1, 2)))
FORMULA(conv2d_depthwise, APPLY("conv2d", X(0), X(1), X(2), INTS(1, 1), INTS(1, 1), INTS(1, 1), snn_int(3)))
FORMULA(conv_transpose2d, APPLY("conv_transpose2d", X(0), X(1), X(2), INTS(2, 2)))
FORMULA(max_pool2d, APPLY("max_pool2d", X(0), INTS(2, 2), INTS(1, 1), INTS(1, 1)))
FORMULA(avg_pool2d, APPLY("avg_pool2d", X(0), INTS(2, 2), INTS(1, 1), INTS(1, 1)))
FORMULA(adaptive_pool2d, APPLY("adaptive_avg_pool2d", X(0), INTS(3, 2)))
FORMULA(attention, APPLY("scaled_dot_product_attention", X(0), X(1), X(2)))
FORMULA(upsample, APPLY("interpolate", X(0), INTS(9, 11), snn_none(), snn_string("bilinear")))
FORMULA(concatenated, APPLY("cat", snn_list(x, 2), snn_int(1)))
FORMULA(rolled, APPLY("roll", X(0), INTS(1), INTS(1)))
FORMULA(padded, APPLY("pad", X(0), INTS(1, 2)))

typedef struct sweep {
  const char* name;
  formula apply;
  const char* shapes;  // of the inputs, with n for the size that runs: "3,n;n"
} sweep;

#define SWEEP(name, shapes) {#name, name, shapes}
static const sweep sweeps[] = {
    SWEEP(unary, "3,n"),
    SWEEP(unary, "n,3"),
    SWEEP(binary, "n,n;n,n"),
    SWEEP(binary, "3,n;n"),
    SWEEP(column, "n,5;n,1"),
    SWEEP(transposed, "n,n"),
    SWEEP(transposed, "5,n"),
    SWEEP(transposed, "n,17"),
    SWEEP(rows_added, "3,n"),
    SWEEP(rows_added, "n,9"),
    SWEEP(columns_added, "n,3"),
    SWEEP(columns_added, "9,n"),
    SWEEP(running, "3,n"),
    SWEEP(largest, "3,n"),
    SWEEP(softmax, "3,n"),
    SWEEP(softmax, "n,7"),
    SWEEP(log_softmax, "n,3"),
    SWEEP(log_softmax, "7,n"),
    SWEEP(product, "n,5;5,3"),
    SWEEP(product, "3,n;n,5"),
    SWEEP(product, "3,5;5,n"),
    SWEEP(product, "n,n;n,n"),
    SWEEP(product, "3,n,2;3,2,n"),
    SWEEP(linear_unbiased, "n,33;17,33"),
    SWEEP(linear_unbiased, "17,n;33,n"),
    SWEEP(linear, "n,5;3,5;3"),
    SWEEP(linear, "4,n;3,n;3"),
    SWEEP(linear, "4,5;n,5;n"),
    SWEEP(layer_norm, "3,n;n;n"),
    SWEEP(group_norm, "2,4,n;4;4"),
    SWEEP(batch_norm, "n,3,2;3;3"),
    SWEEP(batch_norm, "3,n;n;n"),
    SWEEP(batch_norm, "3,2,n;2;2"),
    SWEEP(conv1d, "2,n,5;3,n,3;3"),
    SWEEP(conv1d, "2,3,9;n,3,4;n"),
    SWEEP(conv2d, "2,n,4,5;3,n,3,3;3"),
    SWEEP(conv2d, "2,3,4,n;5,3,3,3;5"),
    SWEEP(conv2d, "2,3,n,4;5,3,3,3;5"),
    SWEEP(conv2d, "2,3,4,5;n,3,3,3;n"),
    SWEEP(conv2d, "n,2,3,3;2,2,3,3;2"),
    SWEEP(conv2d, "2,n,3,4;5,n,1,1;5"),
    SWEEP(conv2d_strided, "2,3,n,7;5,3,3,2;5"),
    SWEEP(conv2d_strided, "2,3,5,n;5,3,3,1;5"),
    SWEEP(conv2d_depthwise, "2,3,5,n;3,1,3,3;3"),
    SWEEP(conv_transpose2d, "2,3,4,n;3,2,3,3;2"),
    SWEEP(conv_transpose2d, "2,n,3,4;n,2,2,2;2"),
    SWEEP(max_pool2d, "1,3,n,4"),
    SWEEP(max_pool2d, "1,2,4,n"),
    SWEEP(avg_pool2d, "1,3,n,4"),
    SWEEP(avg_pool2d, "1,2,4,n"),
    SWEEP(adaptive_pool2d, "1,2,n,5"),
    SWEEP(attention, "2,n,8;2,n,8;2,n,8"),
    SWEEP(attention, "2,5,n;2,7,n;2,7,n"),
    SWEEP(upsample, "1,2,4,n"),
    SWEEP(concatenated, "3,n;3,n"),
    SWEEP(rolled, "3,n"),
    SWEEP(padded, "3,n"),
};

static uint32_t state = 1;
static double next_number(void) { return (double)((state = state * 1664525u + 1013904223u) >> 16) / 16384.0 - 2.0; }

// The next shape of the text; NULL after the last.
static const char* read_shape(const char* text, int64_t n, int64_t* sizes, int32_t* rank) {
  if (!text || !*text) return NULL;
  for (*rank = 0; *text && *text != ';'; text += *text == ',') {
    char* end = (char*)text + 1;
    sizes[(*rank)++] = *text == 'n' ? n : strtoll(text, &end, 10);
    text = end;
  }
  return text + (*text == ';');
}

static int64_t read_all(const snn_tensor* tensor, double** values) {
  int64_t count = snn_tensor_count(tensor);
  *values = calloc((size_t)count + 1, 8);
  CHECK(snn_tensor_read(tensor, SNN_FLOAT64, *values, (size_t)count * 8, NULL) == SNN_OK);
  return count;
}

// The result and the gradients of all inputs, one after another; the tensors they came from go.
static int64_t found(const sweep* sweep, int64_t n, snn_dtype dtype, double* values[MOST_INPUTS + 1],
                     int64_t counts[MOST_INPUTS + 1]) {
  snn_tensor *x[MOST_INPUTS] = {0}, *wide = NULL;
  int64_t inputs = 0, sizes[MOST_SIZES], count = 1;
  int32_t rank;
  state = (uint32_t)n;
  for (const char* at = sweep->shapes; (at = read_shape(at, n, sizes, &rank)); inputs++) {
    count = 1;
    for (int i = 0; i < rank; i++) count *= sizes[i];
    double* numbers = malloc((size_t)count * 8);
    for (int64_t i = 0; i < count; i++) numbers[i] = next_number();
    wide = made(SNN_FLOAT64, rank, sizes, numbers);
    x[inputs] = learned(APPLY("to", snn_of(wide), snn_type(dtype)));
    snn_tensor_release(wide), free(numbers);
  }
  snn_tensor* y = sweep->apply(x, n);
  if (y) {
    snn_tensor *weights = APPLY("linspace", snn_float(-1), snn_float(2), snn_int(snn_tensor_count(y)), snn_type(dtype)),
               *seed = APPLY("reshape", snn_of(weights), snn_ints(snn_tensor_sizes(y), snn_tensor_rank(y)));
    CHECK(snn_backward(y, seed, false, false, NULL) == SNN_OK);
    counts[0] = read_all(y, &values[0]);
    for (int64_t i = 0; i < inputs; i++) {
      snn_tensor* gradient = NULL;
      CHECK(snn_tensor_gradient(x[i], &gradient, NULL) == SNN_OK && gradient);
      counts[i + 1] = read_all(gradient, &values[i + 1]);
      snn_tensor_release(gradient);
    }
    snn_tensor_release(weights), snn_tensor_release(seed), snn_tensor_release(y);
  }
  for (int64_t i = 0; i < inputs; i++) snn_tensor_release(x[i]);
  return y ? inputs + 1 : 0;
}

TEST(vectors_of_every_size) {
  for (size_t s = 0; s < COUNT(sweeps); s++) {
    for (int64_t n = 1; n <= LARGEST; n++) {
      double *narrow[MOST_INPUTS + 1], *wide[MOST_INPUTS + 1];
      int64_t narrow_counts[MOST_INPUTS + 1], wide_counts[MOST_INPUTS + 1];
      const int64_t parts = found(&sweeps[s], n, SNN_FLOAT32, narrow, narrow_counts);
      CHECK(parts > 0 && parts == found(&sweeps[s], n, SNN_FLOAT64, wide, wide_counts));
      for (int64_t part = 0; part < parts; part++) {
        CHECK(narrow_counts[part] == wide_counts[part]);
        for (int64_t i = 0; i < narrow_counts[part]; i++) {
          if (!(fabs(narrow[part][i] - wide[part][i]) <= 2e-4 * (1 + fabs(wide[part][i]))))
            CHECK_SAY("%s of %s, n = %lld, part %lld, element %lld: %g, not %g", sweeps[s].name, sweeps[s].shapes,
                      (long long)n, (long long)part, (long long)i, narrow[part][i], wide[part][i]);
        }
        free(narrow[part]), free(wide[part]);
      }
    }
  }
}
