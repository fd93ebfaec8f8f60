// Reports about models.
#include "support.h"

TEST(a_summary_of_modules) {
  snn_module* first = LAYER("Linear", snn_int(3), snn_int(4));
  snn_module* relu = layer("ReLU", NULL, 0);
  snn_module* second = LAYER("Linear", snn_int(4), snn_int(2));
  snn_module* parts[] = {first, relu, second};
  snn_module* model = LAYER("Sequential", snn_modules(parts, 3));
  snn_tensor* input = MATRIX(2, 3, 1, 2, 3, 4, 5, 6);
  uint64_t before = in_use();
  snn_report* report = NULL;
  CHECK(snn_module_summary(model, &input, 1, &report, NULL) == SNN_OK);
  CHECK(in_use() == before);
  CHECK(snn_report_count(report) == 3);
  const snn_report_row* row = snn_report_at(report, 0);
  CHECK(!strcmp(row->name, "0") && !strcmp(row->layer, "Linear") && row->parameters == 16 && row->flops == 48);
  CHECK(row->rank == 2 && row->sizes[0] == 2 && row->sizes[1] == 4 && row->output_bytes == 32);
  CHECK(row->state_bytes == 64 && row->field_rank == 0 && row->field == NULL && isnan(row->variance));
  CHECK(row->verdict == SNN_SIGNAL_UNKNOWN && snn_report_at(report, 3) == NULL);
  char* text = NULL;
  CHECK(snn_report_text(report, &text, NULL) == SNN_OK && strstr(text, "26") != NULL);
  snn_free(text);
  snn_report_release(report);
  REFUSES(SNN_ERROR_ARGUMENT, "'module'", snn_module_summary(NULL, &input, 1, &report, error));
  snn_tensor_release(input);
  snn_module_release(model);
  for (int i = 0; i < 3; i++) snn_module_release(parts[i]);
}

typedef struct {
  snn_tensor *x, *w;
} Product;

static snn_status run_product(void* user) {
  Product* product = user;
  snn_observe_enter("inner", "Product");
  snn_tensor* y = APPLY("matmul", snn_of(product->x), snn_of(product->w));
  snn_observe_leave(y);
  snn_tensor* loss = APPLY("sum", snn_of(y));
  snn_status status = snn_backward(loss, NULL, false, false, NULL);
  snn_tensor_release(loss);
  snn_tensor_release(y);
  return status;
}

static snn_status fail(void* user) {
  (void)user;
  return -99;
}

TEST(signals_of_a_callback) {
  Product product = {MATRIX(2, 2, 1, 2, 3, 4), learned(MATRIX(2, 2, 1, 0, 0, 0))};
  const char* name = "inner.w";
  snn_report* report = NULL;
  CHECK(snn_observe("Model", &name, &product.w, NULL, 1, true, run_product, &product, &report, NULL) == SNN_OK);
  const snn_report_row* row = snn_report_at(report, 0);
  CHECK(snn_report_count(report) == 1 && !strcmp(row->name, "inner") && row->parameters == 4);
  CHECK_CLOSE(row->variance, 1.5, 1e-12);
  CHECK(row->gradient_variance == 0 && row->units == 2 && row->dead_units == 1 && row->verdict == SNN_SIGNAL_DEAD);
  snn_report_release(report);
  REFUSES(SNN_ERROR_CALLBACK, "-99", snn_observe("Model", NULL, NULL, NULL, 0, false, fail, NULL, &report, error));
  snn_observe_enter("outside", "of any");
  snn_observe_leave(NULL);
  snn_tensor_release(product.x);
  snn_tensor_release(product.w);
}
