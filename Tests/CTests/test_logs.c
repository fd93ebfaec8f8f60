// Histories and event files. The golden file is TensorBoard's own, made by Tests/Golden/events/make.py.
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

static const char path[] = "/tmp/swiftnn-test-history";

// The bytes of a file, zero-terminated, for free.
static char* contents(const char* name, size_t* size) {
  FILE* file = fopen(name, "rb");
  char* bytes = calloc(1, 1 << 16);
  *size = file == NULL ? 0 : fread(bytes, 1, (1 << 16) - 1, file);
  if (file == NULL) CHECK_SAY("cannot open %s", name);
  if (file != NULL) fclose(file);
  return bytes;
}

static snn_history* parsed(const char* text, snn_history_format format) {
  snn_history* history = NULL;
  snn_error error = {0, ""};
  if (snn_history_parse(text, strlen(text), format, &history, &error) != SNN_OK) CHECK_SAY("%s", error.message);
  return history;
}

TEST(histories_go_out_and_in) {
  const char* names[] = {"loss", "a,\"b\""};
  const double values[] = {0.1, -INFINITY};
  snn_history* history = NULL;
  CHECK(snn_history_new(&history, NULL) == SNN_OK);
  CHECK(snn_history_add(history, &(snn_history_row){0, 0, 0.5, NULL, NULL, 0}, NULL) == SNN_OK);
  CHECK(snn_history_add(history, &(snn_history_row){1, 45, 5e-324, names, values, 2}, NULL) == SNN_OK);
  const char* const texts[] = {NULL, "epoch,step,seconds,loss,\"a,\"\"b\"\"\"\n0,0,0.5,,\n1,45,5e-324,0.1,-Infinity\n",
                               "{\"epoch\": 0, \"step\": 0, \"seconds\": 0.5}\n{\"epoch\": 1, \"step\": 45, "
                               "\"seconds\": 5e-324, \"loss\": 0.1, \"a,\\\"b\\\"\": -Infinity}\n"};
  for (int format = SNN_HISTORY_CSV; format <= SNN_HISTORY_JSON_LINES; format++) {
    void* data = NULL;
    size_t size = 0;
    CHECK(snn_history_save(history, NULL, (snn_history_format)format, &data, &size, NULL) == SNN_OK);
    CHECK(size == strlen(texts[format]) && !memcmp(data, texts[format], size));
    snn_free(data);
    snn_history* again = parsed(texts[format], (snn_history_format)format);
    snn_history_row row;
    CHECK(snn_history_count(again) == 2 && snn_history_at(again, 1, &row));
    CHECK(row.epoch == 1 && row.step == 45 && row.seconds == 5e-324 && row.count == 2);
    CHECK(!strcmp(row.names[1], "a,\"b\"") && row.values[0] == 0.1 && row.values[1] == -INFINITY);
    CHECK(!snn_history_at(again, 2, &row) && !snn_history_at(again, -1, &row) && !snn_history_at(NULL, 0, &row));
    snn_history_release(again);
  }
  snn_history_release(history);
}

TEST(broken_histories_are_refused) {
  snn_history* history = NULL;
  const struct {
    const char *text, *says;
    snn_history_format format;
  } cases[] = {
      {"{\"epoch\": 0, \"step\": 0}\n", "epoch, step, seconds", SNN_HISTORY_JSON_LINES},
      {"{\"epoch\": -1, \"step\": 0, \"seconds\": 0}\n", "line 1", SNN_HISTORY_JSON_LINES},
      {"{\"epoch\": 0, \"step\": 0, \"seconds\": 0, \"a\": 0x1p3}\n", "'0x1p3'", SNN_HISTORY_JSON_LINES},
      {"{\"epoch\": 0, \"step\": 0, \"seconds\": 0, \"a\": 1, \"a\": 2}\n", "two values 'a'", SNN_HISTORY_JSON_LINES},
      {"\n{\"epoch\": 0, \"step\": 0, \"seconds\": 0} 3\n", "line 2", SNN_HISTORY_JSON_LINES},
      {"epoch,step\n", "columns", SNN_HISTORY_CSV},
      {"epoch,step,seconds,a,a\n", "two values 'a'", SNN_HISTORY_CSV},
      {"epoch,step,seconds,a\n1,2,3\n", "expected 4 cells, got 3", SNN_HISTORY_CSV},
      {"epoch,step,seconds\n1,x,3\n", "'x'", SNN_HISTORY_CSV},
      {"epoch,step,seconds,\"a\n", "quote", SNN_HISTORY_CSV},
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    REFUSES(SNN_ERROR_FILE, cases[i].says,
            snn_history_parse(cases[i].text, strlen(cases[i].text), cases[i].format, &history, error));
  REFUSES(SNN_ERROR_ARGUMENT, "format 7", snn_history_parse("", 0, (snn_history_format)7, &history, error));
  REFUSES(SNN_ERROR_FILE, "/none", snn_history_open("/none/history", SNN_HISTORY_BY_NAME, &history, error));
  CHECK(history == NULL);
  history = parsed("", SNN_HISTORY_CSV);
  const char* names[] = {"a", "a", "epoch", ""};
  const double values[] = {1, 2, 3, 4};
  snn_history_row row = {0, 0, 0, names, values, 2};
  REFUSES(SNN_ERROR_ARGUMENT, "two values 'a'", snn_history_add(history, &row, error));
  row.names = names + 2;
  REFUSES(SNN_ERROR_ARGUMENT, "'epoch'", snn_history_add(history, &row, error));
  row.names = names + 3;
  row.count = 1;
  REFUSES(SNN_ERROR_ARGUMENT, "name", snn_history_add(history, &row, error));
  row = (snn_history_row){-1, 0, 0, NULL, NULL, 0};
  REFUSES(SNN_ERROR_ARGUMENT, "-1", snn_history_add(history, &row, error));
  CHECK(snn_history_count(history) == 0);
  snn_history_release(history);
}

TEST(rows_are_in_the_file_at_once) {
  const char* names[] = {"loss", "val_loss"};
  double values[] = {1, 2};
  for (int format = SNN_HISTORY_CSV; format <= SNN_HISTORY_JSON_LINES; format++) {
    snn_history_writer* writer = NULL;
    CHECK(snn_history_writer_open(path, (snn_history_format)format, false, &writer, NULL) == SNN_OK);
    for (int epoch = 0; epoch < 4; epoch++) {
      // A value that comes later, as that of validation may, widens a table.
      snn_history_row row = {epoch, 10 * epoch, 0.25, names, values, epoch < 2 ? 1 : 2};
      CHECK(snn_history_write(writer, &row, NULL) == SNN_OK);
      snn_history* history = NULL;
      CHECK(snn_history_open(path, (snn_history_format)format, &history, NULL) == SNN_OK);
      CHECK(snn_history_count(history) == epoch + 1 && snn_history_at(history, epoch, &row));
      CHECK(row.count == (epoch < 2 ? 1u : 2u) && row.values[row.count - 1] == values[row.count - 1]);
      snn_history_release(history);
    }
    REFUSES(SNN_ERROR_ARGUMENT, "-3", snn_history_write(writer, &(snn_history_row){.epoch = -3}, error));
    snn_history_writer_release(writer);
    // What a dying program leaves is no row, and what follows is not glued to it.
    FILE* file = fopen(path, "a");
    fputs(format == SNN_HISTORY_CSV ? "9,9,0.2" : "{\"epoch\": 9, \"st", file);
    fclose(file);
    CHECK(snn_history_writer_open(path, (snn_history_format)format, true, &writer, NULL) == SNN_OK);
    CHECK(snn_history_write(writer, &(snn_history_row){4, 40, 0.5, names, values, 2}, NULL) == SNN_OK);
    snn_history_writer_release(writer);
    snn_history* history = NULL;
    CHECK(snn_history_open(path, (snn_history_format)format, &history, NULL) == SNN_OK);
    CHECK(snn_history_count(history) == 5);
    snn_history_release(history);
  }
  unlink(path);
  snn_history_writer* writer = NULL;
  REFUSES(SNN_ERROR_FILE, "/none", snn_history_writer_open("/none/x", SNN_HISTORY_CSV, false, &writer, error));
  REFUSES(SNN_ERROR_FILE, "regular", snn_history_writer_open("/dev/null", SNN_HISTORY_CSV, false, &writer, error));
}

// The numbers of make.py.
static snn_status write_golden_events(snn_event_writer* writer) {
  const double time = 1700000000.25, limits[] = {-2, -0.5, 0.25, 3, 5.75};
  double numbers[32];
  uint8_t pixels[18];
  for (int i = 0; i < 32; i++) numbers[i] = (i - 8) / 4.0;
  for (int i = 0; i < 18; i++) pixels[i] = (uint8_t)(i * 13);
  snn_tensor* values = made(SNN_FLOAT64, 2, (const int64_t[]){4, 8}, numbers);
  snn_tensor* image = made(SNN_UINT8, 3, (const int64_t[]){2, 3, 3}, pixels);
  snn_status status = snn_event_scalar(writer, "loss", 0.1, SNN_EVENT_SIMPLE, 0, time, NULL);
  status |= snn_event_scalar(writer, "loss", (double)NAN, SNN_EVENT_SIMPLE, 7, time + 1, NULL);
  status |= snn_event_scalar(writer, "accuracy/train", 0, SNN_EVENT_SIMPLE, 300, time + 2, NULL);
  status |= snn_event_scalar(writer, "loss", 1e-40, SNN_EVENT_SINGLE, -1, time + 3, NULL);
  status |= snn_event_scalar(writer, "loss", 0.1, SNN_EVENT_DOUBLE, 2, time + 4, NULL);
  status |= snn_event_text(writer, "note",
                           "gr\xC3\xB6\xC3\x9F"
                           "er *and* \"smaller\"",
                           3, time + 5, NULL);
  status |= snn_event_histogram(writer, "weights", values, NULL, 0, 0, 4, time + 6, NULL);
  status |= snn_event_histogram(writer, "weights", values, limits, 5, 0, 4, time + 7, NULL);
  status |= snn_event_histogram(writer, "weights", values, NULL, 0, 64, 5, time + 8, NULL);
  status |= snn_event_image(writer, "picture", image, false, 6, time + 9, NULL);
  snn_tensor_release(values);
  snn_tensor_release(image);
  return status;
}

TEST(events_are_those_of_tensorboard) {
  char folder[] = "/tmp/swiftnn-events-XXXXXX", inner[64];
  CHECK(mkdtemp(folder) != NULL);
  snprintf(inner, sizeof inner, "%s/a/b", folder);
  snn_event_writer* writer = NULL;
  CHECK(snn_event_writer_open(inner, ".x", 5, 1700000000.25, &writer, NULL) == SNN_OK);
  CHECK(write_golden_events(writer) == SNN_OK && snn_event_flush(writer, NULL) == SNN_OK);
  char* name = NULL;
  CHECK(snn_event_writer_path(writer, &name, NULL) == SNN_OK);
  snn_event_writer_release(writer);
  CHECK(strstr(name, "/a/b/events.out.tfevents.1700000000.") && !strcmp(name + strlen(name) - 2, ".x"));
  size_t size, golden_size;
  char *bytes = contents(name, &size), *golden = contents("../Golden/events/golden.tfevents", &golden_size);
  CHECK(size > 0 && size == golden_size && !memcmp(bytes, golden, size));
  free(bytes);
  free(golden);
  unlink(name);
  snn_free(name);
  rmdir(inner);
  snprintf(inner, sizeof inner, "%s/a", folder);
  rmdir(inner);
  rmdir(folder);
}

TEST(events_that_cannot_be) {
  char folder[] = "/tmp/swiftnn-events-XXXXXX";
  CHECK(mkdtemp(folder) != NULL);
  snn_event_writer* writer = NULL;
  REFUSES(SNN_ERROR_FILE, "/dev/null", snn_event_writer_open("/dev/null/x", NULL, -1, NAN, &writer, error));
  REFUSES(SNN_ERROR_ARGUMENT, "a/b", snn_event_writer_open(folder, "a/b", -1, NAN, &writer, error));
  REFUSES(SNN_ERROR_ARGUMENT, "1970", snn_event_writer_open(folder, NULL, -1, -1, &writer, error));
  CHECK(writer == NULL && snn_event_writer_open(folder, NULL, -1, (double)NAN, &writer, NULL) == SNN_OK);
  snn_tensor *wild = VECTOR(1, NAN, INFINITY), *one = NUMBER(1),
             *none = made(SNN_FLOAT32, 1, (const int64_t[]){0}, NULL);
  const double falls[] = {1, 0}, far[] = {5, 6};
  REFUSES(SNN_ERROR_ARGUMENT, "'writer'", snn_event_scalar(NULL, "a", 0, SNN_EVENT_SIMPLE, 0, NAN, error));
  REFUSES(SNN_ERROR_ARGUMENT, "tag", snn_event_scalar(writer, "", 0, SNN_EVENT_SIMPLE, 0, NAN, error));
  REFUSES(SNN_ERROR_ARGUMENT, "precision 9", snn_event_scalar(writer, "a", 0, 9, 0, NAN, error));
  REFUSES(SNN_ERROR_ARGUMENT, "2 of 3", snn_event_histogram(writer, "a", wild, NULL, 0, 0, 0, NAN, error));
  REFUSES(SNN_ERROR_ARGUMENT, "no elements", snn_event_histogram(writer, "a", none, NULL, 0, 0, 0, NAN, error));
  REFUSES(SNN_ERROR_ARGUMENT, "rise", snn_event_histogram(writer, "a", one, falls, 2, 0, 0, NAN, error));
  REFUSES(SNN_ERROR_ARGUMENT, "outside", snn_event_histogram(writer, "a", one, far, 2, 0, 0, NAN, error));
  REFUSES(SNN_ERROR_ARGUMENT, "-1", snn_event_histogram(writer, "a", one, NULL, 0, -1, 0, NAN, error));
  REFUSES(SNN_ERROR_SHAPE, "image", snn_event_image(writer, "a", one, true, 0, NAN, error));
  snn_tensor_release(wild);
  snn_tensor_release(one);
  snn_tensor_release(none);
  char* name = NULL;
  CHECK(snn_event_writer_path(writer, &name, NULL) == SNN_OK);
  snn_event_writer_release(writer);
  unlink(name);
  snn_free(name);
  rmdir(folder);
}
