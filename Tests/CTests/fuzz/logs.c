// Random calls on histories, event files and charts.
#define _GNU_SOURCE
#include <dirent.h>
#include <math.h>
#include <unistd.h>

#include "fuzz.h"

enum { HISTORIES = 3, MOST_POINTS = 40, MOST_SERIES = 4 };
static snn_history* histories[HISTORIES];
static snn_history_writer* history_writer;
static snn_event_writer* event_writer;
static char folder[64];

static snn_history* any_history(void) { return histories[below(HISTORIES)]; }

static void keep_history(snn_history* history) {
  int slot = (int)below(HISTORIES);
  snn_history_release(histories[slot]);
  histories[slot] = history;
}

static const char* in_folder(const char* name) {
  static char path[128];
  if (folder[0] == 0) {
    strcpy(folder, "/tmp/swiftnn-fuzz-XXXXXX");
    if (mkdtemp(folder) == NULL) abort();
  }
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return chance(95) ? path : "/dev/null";
}

void drop_logs(void) {
  for (int i = 0; i < HISTORIES; i++) {
    snn_history_release(histories[i]);
    histories[i] = NULL;
  }
  snn_history_writer_release(history_writer);
  snn_event_writer_release(event_writer);
  history_writer = NULL;
  event_writer = NULL;
  if (folder[0] == 0) return;
  DIR* directory = opendir(folder);
  for (struct dirent* entry; directory && (entry = readdir(directory));) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    unlink(path);
  }
  if (directory) closedir(directory);
  rmdir(folder);
  folder[0] = 0;
}

static void random_numbers(double* numbers, size_t count) {
  bool are_tame = chance(70);
  for (size_t i = 0; i < count; i++) numbers[i] = are_tame ? (double)below(1000) / 7 : random_float();
}

static snn_history_row random_row(void) {
  static const char* names[3];
  static double values[3];
  for (int i = 0; i < 3; i++) {
    static const char* const usual[] = {"loss", "val_loss", "lr", "a,\"b\"", ""};
    names[i] = chance(80) ? usual[below(5)] : chance(95) ? random_name() : NULL;
  }
  random_numbers(values, 3);
  return (snn_history_row){chance(90) ? (int64_t)below(50) : random_int(),
                           chance(90) ? (int64_t)below(500) : random_int(),
                           random_float(),
                           chance(98) ? names : NULL,
                           chance(98) ? values : NULL,
                           below(4)};
}

// A history as text, sometimes with characters changed, and back.
static void move_history(void) {
  void* data = MARK;
  size_t size = 0;
  snn_error error;
  snn_history_format format = (snn_history_format)below(chance(95) ? 3 : 9);
  CALL("snn_history_save");
  if (!ended(snn_history_save(any_history(), NULL, format, &data, &size, &error), &error)) {
    if (data != MARK) WRONG("wrote data on failure");
    return;
  }
  char* text = data;
  for (int i = (int)below(3); size > 0 && i > 0; i--) text[below(size)] = "0129-.e{}[],:\"xN\n\r\0\xC3"[below(20)];
  snn_history* made = MARK;
  CALL("snn_history_parse %.*s", (int)(size < 900 ? size : 900), text);
  if (ended(snn_history_parse(text, chance(80) ? size : below(size + 1), format, &made, &error), &error))
    keep_history(made);
  else if (made != MARK)
    WRONG("wrote a history on failure");
  snn_free(data);
}

static void fuzz_history(void) {
  snn_error error;
  snn_history* made = NULL;
  snn_history_row row = random_row();
  switch (below(7)) {
    case 0:
      CALL("snn_history_new");
      if (ended(snn_history_new(&made, &error), &error)) keep_history(made);
      break;
    case 1:
      move_history();
      break;
    case 2:
      CALL("snn_history_at");
      snn_history_at(any_history(), chance(80) ? (int64_t)below(9) : random_int(), &row);
      break;
    case 3: {
      snn_history_writer* writer = NULL;
      CALL("snn_history_writer_open");
      if (ended(snn_history_writer_open(in_folder("h"), (snn_history_format)below(4), chance(50), &writer, &error),
                &error)) {
        snn_history_writer_release(history_writer);
        history_writer = writer;
      }
      break;
    }
    case 4:
      CALL("snn_history_write");
      ended(snn_history_write(history_writer, chance(98) ? &row : NULL, &error), &error);
      break;
    case 5:
      CALL("snn_history_open");
      if (ended(snn_history_open(in_folder("h"), (snn_history_format)below(4), &made, &error), &error))
        keep_history(made);
      break;
    default:
      CALL("snn_history_add");
      ended(snn_history_add(any_history(), chance(98) ? &row : NULL, &error), &error);
      break;
  }
}

static void fuzz_event(void) {
  snn_error error;
  double time = chance(90) ? (double)NAN : random_float(), limits[5];
  int64_t step = random_int();
  const char* tag = chance(90) ? "tag" : chance(50) ? random_name() : NULL;
  snn_event_writer* writer = chance(95) ? event_writer : NULL;
  switch (below(7)) {
    case 0:
      CALL("snn_event_writer_open");
      in_folder("");
      if (ended(snn_event_writer_open(folder, chance(80) ? NULL : random_name(), random_int(), time, &writer, &error),
                &error)) {
        snn_event_writer_release(event_writer);
        event_writer = writer;
      }
      break;
    case 1:
      CALL("snn_event_text");
      ended(snn_event_text(writer, tag, chance(95) ? "text" : NULL, step, time, &error), &error);
      break;
    case 2:
      random_numbers(limits, 5);
      if (chance(50)) limits[0] = -1, limits[1] = 0, limits[2] = limits[3] = 2, limits[4] = INFINITY;
      CALL("snn_event_histogram");
      ended(snn_event_histogram(writer, tag, any_tensor(), chance(60) ? NULL : limits, below(6),
                                chance(80) ? (int64_t)below(20) : random_int(), step, time, &error),
            &error);
      break;
    case 3:
      CALL("snn_event_image");
      ended(snn_event_image(writer, tag, any_tensor(), chance(50), step, time, &error), &error);
      break;
    case 4: {
      char* path = NULL;
      CALL("snn_event_writer_path");
      if (ended(snn_event_writer_path(writer, &path, &error), &error)) snn_free(path);
      break;
    }
    default:
      CALL("snn_event_scalar");
      ended(snn_event_scalar(writer, tag, random_float(), (snn_event_precision)below(4), step, time, &error), &error);
      break;
  }
}

static void fuzz_chart(void) {
  static double numbers[2 * MOST_SERIES][MOST_POINTS], ranges[2][2];
  snn_series series[MOST_SERIES];
  for (int i = 0; i < MOST_SERIES; i++) {
    random_numbers(numbers[2 * i], MOST_POINTS);
    random_numbers(numbers[2 * i + 1], MOST_POINTS);
    series[i] = (snn_series){chance(90) ? random_name() : NULL,         chance(50) ? numbers[2 * i] : NULL,
                             chance(98) ? numbers[2 * i + 1] : NULL,    below(MOST_POINTS + 1),
                             (snn_line_style)below(chance(95) ? 6 : 9), (int32_t)below(chance(95) ? 8 : 20)};
  }
  random_numbers(ranges[0], 2);
  random_numbers(ranges[1], 2);
  snn_chart_options options = {.size = sizeof options,
                               .title = chance(50) ? random_name() : NULL,
                               .width = chance(80)   ? 0
                                        : chance(50) ? (double)(100 + below(500))
                                                     : random_float(),
                               .height = chance(80)   ? 0
                                         : chance(50) ? (double)(100 + below(500))
                                                      : random_float(),
                               .log_x = chance(30),
                               .log_y = chance(30),
                               .x_range = chance(80) ? NULL : ranges[0],
                               .y_range = chance(80) ? NULL : ranges[1]};
  const snn_chart_options* given = chance(70) ? &options : NULL;
  const char* names[6];
  for (int i = 0; i < 6; i++) names[i] = chance(99) ? random_name() : NULL;
  size_t count = below(MOST_SERIES + 1), size = 0;
  double* areas = chance(50) ? numbers[0] : NULL;
  void* data = MARK;
  snn_error error;
  snn_status status;
  switch (below(6)) {
    case 0:
      CALL("snn_chart_roc");
      status = snn_chart_roc(series, areas, count, given, NULL, &data, &size, &error);
      break;
    case 1:
      CALL("snn_chart_precision_recall");
      status = snn_chart_precision_recall(series, areas, count, random_float(), given, NULL, &data, &size, &error);
      break;
    case 2: {
      size_t classes = below(7);
      CALL("snn_chart_confusion");
      status = snn_chart_confusion(numbers[0], chance(98) ? classes : SIZE_MAX - below(9), chance(50) ? NULL : names,
                                   chance(50), given, NULL, &data, &size, &error);
      break;
    }
    case 3:
      CALL("snn_chart_residuals");
      status = snn_chart_residuals(numbers[0], numbers[1], below(MOST_POINTS + 1), given, NULL, &data, &size, &error);
      break;
    case 4:
      CALL("snn_chart_history");
      status = snn_chart_history(any_history(), chance(70) ? NULL : names, below(3), given, NULL, &data, &size, &error);
      break;
    default:
      CALL("snn_chart_lines");
      status = snn_chart_lines(series, count, given, NULL, &data, &size, &error);
      break;
  }
  if (ended(status, &error)) {
    if (size < 100 || memcmp(data, "<svg ", 5) != 0) WRONG("%zu bytes are no picture", size);
    if (memmem(data, size, "\"nan", 4) || memmem(data, size, "\"inf", 4)) WRONG("a place is not a number");
    snn_free(data);
  } else if (data != MARK) {
    WRONG("wrote data on failure");
  }
}

void fuzz_logs(void) {
  switch (below(3)) {
    case 0:
      fuzz_history();
      break;
    case 1:
      fuzz_event();
      break;
    default:
      fuzz_chart();
      break;
  }
}
