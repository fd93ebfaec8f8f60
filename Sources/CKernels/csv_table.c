#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "ck_csv.h"
#include "ck_thread.h"

enum { CHUNK = 1 << 20, SMALL_CHUNK = 1 << 18, GRAIN = 512, PLACES_AT_ONCE = 16 };
enum { SAW_WHOLE = 1, SAW_REAL = 2, SAW_BOOL = 4, SAW_TEXT = 8 };

typedef struct {
  const char* text;
  size_t size;
} Field;

// A row may be shorter than it should be: what it lacks is missing.
static Field field_at(const ck_csv_reader* reader, const ck_csv_row* row, uint32_t position) {
  if (position >= row->count) return (Field){"", 0};
  const ck_csv_field* field = &reader->fields[row->first + position];
  return (Field){reader->chunk + field->start, field->size};
}

// Most fields do not begin as any of the words does.
static bool is_missing(const ck_csv_table* table, Field field) {
  if (field.size > 0 && !table->missing_starts[(uint8_t)field.text[0]]) return false;
  return ck_words_find(&table->missing, field.text, field.size) >= 0;
}

// 1 for true, 0 for false, -1 for neither: pandas's words.
static int truth_of(Field field) {
  static const char words[6][6] = {"False", "True", "FALSE", "TRUE", "false", "true"};
  for (int i = 0; i < 6; i++) {
    if (field.size == (size_t)(i & 1 ? 4 : 5) && memcmp(field.text, words[i], field.size) == 0) return i & 1;
  }
  return -1;
}

static void tell(ck_csv_problem* problem, int code, int64_t line, int32_t column, Field field) {
  *problem = (ck_csv_problem){.code = code, .line = line, .column = column};
  size_t size = field.size < sizeof problem->text - 1 ? field.size : sizeof problem->text - 1;
  memcpy(problem->text, field.text, size);
}

// Rows of one chunk, told by several threads; of their problems the first one counts.
typedef struct {
  ck_csv_table* table;
  const ck_csv_reader* reader;
  _Atomic uint32_t* seen;
  _Atomic int64_t* missing;
  ck_csv_problem* problems;  // by piece
} Look;

static uint32_t kind_of(const ck_csv_table* table, Field field) {
  int64_t whole;
  switch (ck_csv_number(field.text, field.size, table->format.decimal, NULL, &whole)) {
    case CK_CSV_WHOLE:
      return SAW_WHOLE;
    case CK_CSV_REAL:
      return SAW_REAL;
    default:
      return truth_of(field) >= 0 ? SAW_BOOL : SAW_TEXT;
  }
}

// What a column of a given type cannot take.
static bool is_wrong(ck_csv_type type, uint32_t kind) {
  return (type == CK_CSV_INT && kind != SAW_WHOLE) || (type == CK_CSV_FLOAT && kind != SAW_WHOLE && kind != SAW_REAL) ||
         (type == CK_CSV_BOOL && kind != SAW_BOOL);
}

static void look_at_rows(void* context, int64_t begin, int64_t end) {
  Look* look = context;
  const ck_csv_table* table = look->table;
  ck_csv_problem* problem = &look->problems[begin / GRAIN];
  for (int64_t r = begin; r < end && problem->code == 0; r++) {
    const ck_csv_row* row = &look->reader->rows[r];
    if (row->count > table->width) {
      *problem = (ck_csv_problem){.code = CK_CSV_WIDE, .line = row->line, .count = row->count};
      return;
    }
    for (int32_t c = 0; c < table->column_count; c++) {
      const ck_csv_column* column = &table->columns[c];
      Field field = field_at(look->reader, row, column->position);
      if (is_missing(table, field)) {
        atomic_fetch_add_explicit(&look->missing[c], 1, memory_order_relaxed);
        if (table->refuses_missing) {
          tell(problem, CK_CSV_MISSING, row->line, c, field);
          return;
        }
        continue;
      }
      uint32_t seen = atomic_load_explicit(&look->seen[c], memory_order_relaxed);
      if (column->type == CK_CSV_TEXT || (column->type == CK_CSV_ANY && seen & SAW_TEXT)) continue;
      uint32_t kind = kind_of(table, field);
      if (is_wrong(column->type, kind)) {
        tell(problem, CK_CSV_VALUE, row->line, c, field);
        return;
      }
      if (!(seen & kind)) atomic_fetch_or_explicit(&look->seen[c], kind, memory_order_relaxed);
    }
  }
}

static bool is_utf8(const char* text, size_t size) {
  const uint8_t *p = (const uint8_t*)text, *end = p + size;
  while (p < end) {
    if (*p < 0x80) {
      p++;
      continue;
    }
    int more = *p >= 0xC2 && *p <= 0xDF ? 1 : *p >= 0xE0 && *p <= 0xEF ? 2 : *p >= 0xF0 && *p <= 0xF4 ? 3 : 0;
    if (more == 0 || end - p <= more) return false;
    if ((*p == 0xE0 && p[1] < 0xA0) || (*p == 0xED && p[1] > 0x9F) || (*p == 0xF0 && p[1] < 0x90) ||
        (*p == 0xF4 && p[1] > 0x8F))
      return false;
    for (int i = 1; i <= more; i++) {
      if ((p[i] & 0xC0) != 0x80) return false;
    }
    p += more + 1;
  }
  return true;
}

static bool collect_words(ck_csv_table* table, const ck_csv_reader* reader, int32_t c, ck_csv_problem* problem) {
  ck_csv_column* column = &table->columns[c];
  for (size_t r = 0; r < reader->row_count; r++) {
    Field field = field_at(reader, &reader->rows[r], column->position);
    if (is_missing(table, field)) continue;
    int32_t known = column->words.count, number = ck_words_add(&column->words, field.text, field.size);
    bool is_new = column->words.count > known;
    if (number < 0 || column->words.count > table->most_words) {
      tell(problem, CK_CSV_MEMORY, reader->rows[r].line, c, field);
      return false;
    }
    if (is_new && (memchr(field.text, 0, field.size) || !is_utf8(field.text, field.size))) {
      tell(problem, CK_CSV_ENCODING, reader->rows[r].line, c, field);
      return false;
    }
  }
  return true;
}

static bool add_places(ck_csv_table* table, const ck_csv_reader* reader) {
  for (size_t r = (size_t)(-table->row_count & (CK_CSV_STEP - 1)); r < reader->row_count; r += CK_CSV_STEP) {
    if (table->place_count == table->place_capacity) {
      size_t capacity = 2 * table->place_capacity + 64;
      ck_csv_place* places = realloc(table->places, capacity * sizeof *places);
      if (places == NULL) return false;
      table->places = places;
      table->place_capacity = capacity;
    }
    table->places[table->place_count++] = (ck_csv_place){reader->rows[r].offset, reader->rows[r].line};
  }
  table->row_count += (int64_t)reader->row_count;
  return true;
}

static bool look_at(ck_csv_table* table, const ck_csv_reader* reader, Look* look, ck_csv_problem* problem) {
  size_t pieces = (reader->row_count + GRAIN - 1) / GRAIN;
  look->problems = calloc(pieces, sizeof *look->problems);
  if (look->problems == NULL) {
    problem->code = CK_CSV_MEMORY;
    return false;
  }
  ck_parallel((int64_t)reader->row_count, GRAIN, look_at_rows, look);
  for (size_t i = 0; i < pieces && problem->code == 0; i++) *problem = look->problems[i];
  free(look->problems);
  bool is_first = table->row_count == 0;
  for (int32_t c = 0; c < table->column_count && problem->code == 0; c++) {
    ck_csv_column* column = &table->columns[c];
    column->seen = look->seen[c];
    column->missing = look->missing[c];
    bool is_text = column->type == CK_CSV_TEXT || (column->type == CK_CSV_ANY && column->seen & SAW_TEXT);
    if (is_first) column->is_complete = is_text;
    if (column->is_complete) collect_words(table, reader, c, problem);
  }
  if (problem->code == 0 && !add_places(table, reader)) problem->code = CK_CSV_MEMORY;
  return problem->code == 0;
}

static ck_csv_type type_of(const ck_csv_table* table, const ck_csv_column* column) {
  bool has_nan = column->missing > 0 && !(table->fills && table->filling == floor(table->filling));
  if (column->seen & SAW_TEXT || (column->seen & SAW_BOOL && column->seen & (SAW_WHOLE | SAW_REAL))) return CK_CSV_TEXT;
  if (column->seen & SAW_BOOL) return column->missing > 0 ? CK_CSV_FLOAT : CK_CSV_BOOL;
  if (column->seen & SAW_REAL || has_nan || column->seen == 0) return CK_CSV_FLOAT;
  return CK_CSV_INT;
}

// A second time, for the texts whose first rows looked like numbers.
static bool collect_late(ck_csv_table* table, ck_csv_reader* reader, ck_csv_place start, ck_csv_problem* problem) {
  bool any = false;
  for (int32_t c = 0; c < table->column_count; c++)
    any = any || (table->columns[c].type == CK_CSV_TEXT && !table->columns[c].is_complete);
  if (!any) return true;
  ck_csv_reader_seek(reader, start.offset, start.line);
  while (ck_csv_reader_next(reader, SIZE_MAX, problem) && reader->row_count > 0) {
    for (int32_t c = 0; c < table->column_count; c++) {
      bool is_late = table->columns[c].type == CK_CSV_TEXT && !table->columns[c].is_complete;
      if (is_late && !collect_words(table, reader, c, problem)) return false;
    }
  }
  return problem->code == 0;
}

static bool sort_words(ck_csv_column* column) {
  size_t count = (size_t)column->words.count + 1;
  int32_t* order = malloc(count * sizeof *order);
  ck_words sorted = {0};
  bool done = order != NULL;
  if (done) ck_words_sort(&column->words, order);
  for (int32_t i = 0; done && i < column->words.count; i++) {
    size_t size;
    const char* word = ck_words_at(&column->words, order[i], &size);
    done = ck_words_add(&sorted, word, size) == i;
  }
  // The words stand in their order now, so that a number is a rank.
  ck_words_release(&column->words);
  column->words = sorted;
  free(order);
  return done;
}

bool ck_csv_survey(ck_csv_table* table, ck_csv_place start, ck_csv_problem* problem) {
  ck_csv_reader reader;
  size_t count = (size_t)table->column_count + 1;
  Look look = {table, &reader, calloc(count, sizeof *look.seen), calloc(count, sizeof *look.missing), NULL};
  *problem = (ck_csv_problem){0};
  for (int32_t i = 0; i < table->missing.count; i++) {
    size_t size;
    const char* word = ck_words_at(&table->missing, i, &size);
    if (size > 0) table->missing_starts[(uint8_t)word[0]] = true;
  }
  bool begun = ck_csv_reader_begin(&reader, &table->text, &table->format, CHUNK);
  if (!begun || look.seen == NULL || look.missing == NULL) {
    problem->code = CK_CSV_MEMORY;
  } else {
    ck_csv_reader_seek(&reader, start.offset, start.line);
    while (ck_csv_reader_next(&reader, SIZE_MAX, problem) && reader.row_count > 0)
      if (!look_at(table, &reader, &look, problem)) break;
  }
  for (int32_t c = 0; c < table->column_count && problem->code == 0; c++) {
    ck_csv_column* column = &table->columns[c];
    // What was found out may not hold what was given to all: whole numbers and none.
    if (column->type == CK_CSV_ANY) {
      column->type = type_of(table, column);
    } else if (column->type == CK_CSV_INT || column->type == CK_CSV_BOOL) {
      ck_csv_column seen = *column;
      seen.seen = column->type == CK_CSV_INT ? SAW_WHOLE : SAW_BOOL;
      column->type = type_of(table, &seen);
    }
  }
  if (problem->code == 0) collect_late(table, &reader, start, problem);
  for (int32_t c = 0; c < table->column_count && problem->code == 0; c++)
    if (!sort_words(&table->columns[c])) problem->code = CK_CSV_MEMORY;
  ck_csv_reader_end(&reader);
  free(look.seen);
  free(look.missing);
  return problem->code == 0;
}

void ck_csv_table_release(ck_csv_table* table) {
  ck_csv_text_close(&table->text);
  for (int32_t c = 0; c < table->column_count; c++) ck_words_release(&table->columns[c].words);
  ck_words_release(&table->missing);
  free(table->columns);
  free(table->places);
  table->columns = NULL;
  table->column_count = 0;
}

// ---- Reading

static void store(const ck_csv_output* output, int64_t row, double real, int64_t whole) {
  int64_t at = row * output->stride;
  switch (output->dtype) {
    case CK_FLOAT32:
      ((float*)output->data)[at] = (float)real;
      break;
    case CK_FLOAT64:
      ((double*)output->data)[at] = real;
      break;
    case CK_INT64:
      ((int64_t*)output->data)[at] = whole;
      break;
    default:
      ((uint8_t*)output->data)[at] = whole != 0;
  }
}

static bool read_row(const ck_csv_table* table, const ck_csv_reader* reader, const ck_csv_row* row, int64_t target,
                     const ck_csv_output* outputs, int32_t count, ck_csv_problem* problem) {
  for (int32_t i = 0; i < count; i++) {
    const ck_csv_column* column = &table->columns[outputs[i].column];
    Field field = field_at(reader, row, column->position);
    double real = 0;
    int64_t whole = 0;
    if (is_missing(table, field)) {
      bool is_text = column->type == CK_CSV_TEXT;
      real = is_text ? -1 : table->fills ? table->filling : NAN;
      whole = is_text ? -1 : table->fills && fabs(table->filling) < 0x1p63 ? (int64_t)table->filling : 0;
      store(&outputs[i], target, real, whole);
      continue;
    }
    bool fits = true;
    if (column->type == CK_CSV_TEXT) {
      whole = ck_words_find(&column->words, field.text, field.size);
      fits = whole >= 0;
      real = (double)whole;
    } else {
      ck_csv_kind kind = ck_csv_number(field.text, field.size, table->format.decimal, &real, &whole);
      if (kind == CK_CSV_NO_NUMBER) {
        int truth = column->seen & SAW_BOOL ? truth_of(field) : -1;
        fits = truth >= 0;
        real = (double)(whole = truth);
      }
      fits = fits && (column->type != CK_CSV_INT || kind == CK_CSV_WHOLE);
    }
    if (!fits) {
      tell(problem, CK_CSV_VALUE, row->line, outputs[i].column, field);
      return false;
    }
    store(&outputs[i], target, real, whole);
  }
  return true;
}

typedef struct {
  const ck_csv_table* table;
  int64_t first, count;
  const ck_csv_output* outputs;
  int32_t output_count;
  ck_csv_problem* problems;  // by place
} Reading;

// The rows behind some of the places.
static void read_places(void* context, int64_t begin, int64_t end) {
  Reading* reading = context;
  const ck_csv_table* table = reading->table;
  ck_csv_problem* problem = &reading->problems[begin / PLACES_AT_ONCE];
  int64_t place = reading->first / CK_CSV_STEP + begin, row = place * CK_CSV_STEP;
  int64_t stop = (reading->first / CK_CSV_STEP + end) * CK_CSV_STEP;
  if (stop > reading->first + reading->count) stop = reading->first + reading->count;
  ck_csv_reader reader;
  if (!ck_csv_reader_begin(&reader, &table->text, &table->format, SMALL_CHUNK)) problem->code = CK_CSV_MEMORY;
  if (problem->code == 0) ck_csv_reader_seek(&reader, table->places[place].offset, table->places[place].line);
  while (problem->code == 0 && row < stop) {
    if (!ck_csv_reader_next(&reader, (size_t)(stop - row), problem)) break;
    if (reader.row_count == 0) problem->code = CK_CSV_CUT;
    for (size_t i = 0; i < reader.row_count && problem->code == 0; i++, row++) {
      if (row < reading->first) continue;
      read_row(table, &reader, &reader.rows[i], row - reading->first, reading->outputs, reading->output_count, problem);
    }
  }
  ck_csv_reader_end(&reader);
}

bool ck_csv_read(const ck_csv_table* table, int64_t first, int64_t count, const ck_csv_output* outputs,
                 int32_t output_count, ck_csv_problem* problem) {
  *problem = (ck_csv_problem){0};
  if (count == 0) return true;
  int64_t places = (first + count - 1) / CK_CSV_STEP - first / CK_CSV_STEP + 1;
  size_t pieces = (size_t)(places + PLACES_AT_ONCE - 1) / PLACES_AT_ONCE;
  Reading reading = {table, first, count, outputs, output_count, calloc(pieces, sizeof *reading.problems)};
  if (reading.problems == NULL) {
    problem->code = CK_CSV_MEMORY;
    return false;
  }
  ck_parallel(places, PLACES_AT_ONCE, read_places, &reading);
  for (size_t i = 0; i < pieces && problem->code == 0; i++) *problem = reading.problems[i];
  free(reading.problems);
  return problem->code == 0;
}

bool ck_csv_gather(const ck_csv_table* table, const int64_t* numbers, int64_t count, const ck_csv_output* outputs,
                   int32_t output_count, ck_csv_problem* problem) {
  ck_csv_reader reader;
  *problem = (ck_csv_problem){0};
  if (!ck_csv_reader_begin(&reader, &table->text, &table->format, SMALL_CHUNK / 8)) problem->code = CK_CSV_MEMORY;
  int64_t next = -1;  // the row that the reader comes to
  for (int64_t i = 0; i < count && problem->code == 0; i++) {
    int64_t place = numbers[i] / CK_CSV_STEP;
    if (next < 0 || next > numbers[i] || next / CK_CSV_STEP < place) {
      ck_csv_reader_seek(&reader, table->places[place].offset, table->places[place].line);
      next = place * CK_CSV_STEP;
    }
    while (next <= numbers[i] && problem->code == 0) {
      if (!ck_csv_reader_next(&reader, (size_t)(numbers[i] - next + 1), problem)) break;
      if (reader.row_count == 0) problem->code = CK_CSV_CUT;
      next += (int64_t)reader.row_count;
    }
    if (problem->code == 0)
      read_row(table, &reader, &reader.rows[reader.row_count - 1], i, outputs, output_count, problem);
  }
  ck_csv_reader_end(&reader);
  return problem->code == 0;
}
