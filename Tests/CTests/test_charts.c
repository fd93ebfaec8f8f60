// Pictures as SVG.
#define _GNU_SOURCE
#include <unistd.h>

#include "support.h"

// The text of a chart, for snn_free; "" with a failure when there is none.
typedef struct {
  void* data;
  size_t size;
} Text;

static bool says(const Text* text, const char* part) {
  return text->data != NULL && memmem(text->data, text->size, part, strlen(part)) != NULL;
}

static int times(const Text* text, const char* part) {
  int count = 0;
  const char *place = text->data, *end = place + text->size;
  for (; (place = memmem(place, (size_t)(end - place), part, strlen(part))) != NULL; place++) count++;
  return count;
}

TEST(lines) {
  const double x[] = {0, 1, 2, 3}, y[] = {1, NAN, 3, 2}, z[] = {2, 2};
  const snn_series series[] = {{"a<b & \"c\"", x, y, 4, SNN_LINE_SOLID, 2}, {NULL, NULL, z, 2, SNN_LINE_AUTOMATIC, 0}};
  const snn_chart_options options = {.size = sizeof options, .title = "T\x01 > t", .y_label = "loss"};
  Text text = {0}, again = {0};
  CHECK(snn_chart_lines(series, 2, &options, NULL, &text.data, &text.size, NULL) == SNN_OK);
  CHECK(snn_chart_lines(series, 2, &options, NULL, &again.data, &again.size, NULL) == SNN_OK);
  CHECK(text.size == again.size && !memcmp(text.data, again.data, text.size));
  CHECK(says(&text, "<svg ") && says(&text, "a&lt;b &amp; &quot;c&quot;") && says(&text, "T  &gt; t"));
  CHECK(says(&text, ">loss</text>") && says(&text, "#d55e00") && says(&text, "width=\"640\" height=\"400\""));
  CHECK(snn_chart_lines(series, 2, &options, "/tmp/swiftnn-chart.svg", NULL, NULL, NULL) == SNN_OK);
  CHECK(unlink("/tmp/swiftnn-chart.svg") == 0);
  snn_free(text.data);
  snn_free(again.data);
}

TEST(thousands_of_points_are_thinned) {
  enum { MANY = 100000 };
  double* y = malloc(MANY * sizeof *y);
  for (int i = 0; i < MANY; i++) y[i] = i == 70000 ? 100 : i % 7;
  const snn_series series = {"y", NULL, y, MANY, SNN_LINE_SOLID, 0};
  Text text = {0};
  CHECK(snn_chart_lines(&series, 1, NULL, NULL, &text.data, &text.size, NULL) == SNN_OK);
  CHECK(text.size < 60000 && says(&text, ">100</text>"));
  snn_free(text.data);
  free(y);
}

TEST(logarithmic_axes) {
  const double x[] = {1e-6, 1e-3, 1, 0}, y[] = {1, 1000, -5, 7};
  const snn_series series = {"y", x, y, 4, SNN_LINE_SOLID, 0};
  const snn_chart_options options = {.size = sizeof options, .log_x = true, .log_y = true};
  Text text = {0};
  CHECK(snn_chart_lines(&series, 1, &options, NULL, &text.data, &text.size, NULL) == SNN_OK);
  CHECK(says(&text, ">100</text>") && says(&text, "10<tspan") &&
        says(&text,
             "\xE2\x88\x92"
             "5</tspan>"));
  snn_free(text.data);
}

TEST(curves) {
  const double x[] = {0, 0.25, 1}, y[] = {0, 0.75, 1}, area = 0.75;
  const snn_series curve = {"model", x, y, 3, SNN_LINE_AUTOMATIC, 0};
  Text roc = {0}, precision = {0};
  CHECK(snn_chart_roc(&curve, &area, 1, NULL, NULL, &roc.data, &roc.size, NULL) == SNN_OK);
  CHECK(says(&roc, "model (AUC 0.750)") && says(&roc, ">chance<") && says(&roc, ">false positive rate<"));
  CHECK(snn_chart_precision_recall(&curve, &area, 1, 0.5, NULL, NULL, &precision.data, &precision.size, NULL) ==
        SNN_OK);
  CHECK(says(&precision, "model (AP 0.750)") && says(&precision, ">recall<") && says(&precision, ">chance<"));
  snn_free(precision.data);
  CHECK(snn_chart_precision_recall(&curve, NULL, 1, (double)NAN, NULL, NULL, &precision.data, &precision.size, NULL) ==
        SNN_OK);
  CHECK(says(&precision, ">model<") && !says(&precision, ">chance<"));
  snn_free(precision.data);
  snn_free(roc.data);
}

TEST(confusion_and_residuals) {
  const double counts[] = {8, 2, 1, 9}, wrong[] = {8, -2, 1, 9};
  const char* names[] = {"cat", "dog"};
  Text text = {0};
  CHECK(snn_chart_confusion(counts, 2, names, false, NULL, NULL, &text.data, &text.size, NULL) == SNN_OK);
  CHECK(times(&text, ">cat<") == 2 && says(&text, ">8<") && says(&text, ">9<") && says(&text, ">predicted<"));
  snn_free(text.data);
  CHECK(snn_chart_confusion(counts, 2, NULL, true, NULL, NULL, &text.data, &text.size, NULL) == SNN_OK);
  CHECK(says(&text, ">0.80<") && says(&text, ">0.20<") && says(&text, ">0.90<"));
  snn_free(text.data);
  const double actual[] = {1, 2, 3, NAN}, predicted[] = {1.5, 2, 2, 1};
  CHECK(snn_chart_residuals(actual, predicted, 4, NULL, NULL, &text.data, &text.size, NULL) == SNN_OK);
  CHECK(says(&text, ">n 3<") && says(&text, ">mean 0.167<") && says(&text, ">sd 0.624<"));
  snn_free(text.data);
  REFUSES(SNN_ERROR_ARGUMENT, "-2", snn_chart_confusion(wrong, 2, NULL, false, NULL, "/tmp/no.svg", NULL, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "0 classes", snn_chart_confusion(counts, 0, NULL, false, NULL, "x", NULL, NULL, error));
}

TEST(learning_curves) {
  const char* names[] = {"lr", "loss", "val_loss"};
  const double values[] = {0.1, 2, 3};
  snn_history* history = NULL;
  CHECK(snn_history_new(&history, NULL) == SNN_OK);
  void* data = NULL;
  size_t size = 0;
  REFUSES(SNN_ERROR_ARGUMENT, "no values", snn_chart_history(history, NULL, 0, NULL, NULL, &data, &size, error));
  for (int epoch = 0; epoch < 3; epoch++)
    CHECK(snn_history_add(history, &(snn_history_row){epoch, 0, 0, names, values, 3}, NULL) == SNN_OK);
  Text text = {0};
  CHECK(snn_chart_history(history, NULL, 0, NULL, NULL, &text.data, &text.size, NULL) == SNN_OK);
  CHECK(says(&text, ">val_loss<") && !says(&text, ">lr<") && says(&text, ">epoch<"));
  snn_free(text.data);
  CHECK(snn_chart_history(history, names, 1, NULL, NULL, &text.data, &text.size, NULL) == SNN_OK);
  CHECK(says(&text, ">lr<"));
  snn_free(text.data);
  const char* unknown = "x";
  REFUSES(SNN_ERROR_ARGUMENT, "'x'", snn_chart_history(history, &unknown, 1, NULL, NULL, &data, &size, error));
  snn_history_release(history);
}

TEST(charts_that_cannot_be) {
  const double y[] = {1, 2}, nothing[] = {NAN, INFINITY}, backwards[] = {2, 1};
  snn_series series = {"y", NULL, y, 2, SNN_LINE_SOLID, 0};
  snn_chart_options options = {.size = sizeof options};
  void* data = NULL;
  size_t size = 0;
#define CHART(count) snn_chart_lines(&series, count, &options, NULL, &data, &size, error)
  REFUSES(SNN_ERROR_ARGUMENT, "no number", CHART(0));
  REFUSES(SNN_ERROR_FILE, "/none", snn_chart_lines(&series, 1, NULL, "/none/x.svg", NULL, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "'data'", snn_chart_lines(&series, 1, NULL, NULL, NULL, NULL, error));
  series.y = nothing;
  REFUSES(SNN_ERROR_ARGUMENT, "no number", CHART(1));
  series.y = NULL;
  REFUSES(SNN_ERROR_ARGUMENT, "'y'", CHART(1));
  series.y = y;
  series.colour = 8;
  REFUSES(SNN_ERROR_ARGUMENT, "colour 8", CHART(1));
  series.colour = 0;
  options.width = 1e9;
  REFUSES(SNN_ERROR_ARGUMENT, "pixels", CHART(1));
  options.width = 0;
  options.y_range = backwards;
  REFUSES(SNN_ERROR_ARGUMENT, "from 2", CHART(1));
  options.size = 8;
  REFUSES(SNN_ERROR_ARGUMENT, "8 bytes", CHART(1));
  CHECK(data == NULL);
}
