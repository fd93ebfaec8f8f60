// What training leaves behind: a history, a file for TensorBoard, and pictures.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "swiftnn.h"

#define TRY(call)                                     \
  if ((call) != SNN_OK) {                             \
    fprintf(stderr, "pictures: %s\n", error.message); \
    return 1;                                         \
  }

int main(void) {
  char folder[] = "/tmp/swiftnn-pictures-XXXXXX";
  if (mkdtemp(folder) == NULL || chdir(folder) != 0) return 1;
  snn_error error;

  snn_history_writer *rows;
  snn_event_writer *events;
  TRY(snn_history_writer_open("history.csv", SNN_HISTORY_BY_NAME, false, &rows, &error));
  TRY(snn_event_writer_open("runs/first", NULL, -1, NAN, &events, &error));
  for (int epoch = 1; epoch <= 20; epoch++) {
    const char *names[] = {"loss", "val_loss"};
    const double values[] = {exp(-epoch / 5.0), exp(-epoch / 6.0) + 0.05};
    snn_history_row row = {.epoch = epoch, .step = 45 * epoch, .names = names, .values = values, .count = 2};
    TRY(snn_history_write(rows, &row, &error));
    TRY(snn_event_scalar(events, "loss", values[0], SNN_EVENT_SIMPLE, row.step, NAN, &error));
  }

  snn_history *history;
  TRY(snn_history_open("history.csv", SNN_HISTORY_BY_NAME, &history, &error));
  snn_chart_options options = {.size = sizeof options, .title = "Learning curves", .log_y = true};
  TRY(snn_chart_history(history, NULL, 0, &options, "learning-curves.svg", NULL, NULL, &error));

  const double counts[] = {48, 2, 5, 45};
  const char *classes[] = {"cat", "dog"};
  TRY(snn_chart_confusion(counts, 2, classes, false, NULL, "confusion.svg", NULL, NULL, &error));
  printf("%lld epochs in %s\n", (long long)snn_history_count(history), folder);

  snn_history_release(history);
  snn_history_writer_release(rows);
  snn_event_writer_release(events);
  return 0;
}
