// Text of rows and fields: scanning it piece by piece, telling what columns hold, and reading them into memory.
#ifndef CK_CSV_H
#define CK_CSV_H

#include "ck_types.h"
#include "ck_words.h"

// ---- Numbers

typedef enum ck_csv_kind { CK_CSV_NO_NUMBER = 0, CK_CSV_WHOLE = 1, CK_CSV_REAL = 2 } ck_csv_kind;

// A number with spaces around it, rounded to the nearest as strtod does. Whole ones that fit also come as *whole.
// real NULL: only what it is.
ck_csv_kind ck_csv_number(const char* text, size_t size, char decimal, double* real, int64_t* whole);

// ---- Rows

typedef struct ck_csv_format {
  char delimiter;
  char quote;    // 0: none
  char comment;  // 0: none; what follows it in a line is passed over
  char decimal;
  bool skip_spaces;  // behind delimiters
  size_t longest;    // bytes of a row
} ck_csv_format;

// Where the text is: in an open file, or in memory. An open file is read at places, so that threads can share it.
typedef struct ck_csv_text {
  int file;  // -1: in memory
  const char* data;
  uint64_t size;
} ck_csv_text;
int ck_csv_text_open(const char* path, ck_csv_text* out);  // 0 or an error as of ck_file.h
void ck_csv_text_close(ck_csv_text* text);
size_t ck_csv_peek(const ck_csv_text* text, char* out, size_t size);  // the first bytes

typedef struct ck_csv_field {
  uint32_t start;  // in the chunk
  uint32_t size;
} ck_csv_field;

typedef struct ck_csv_row {
  uint32_t first;  // of its fields
  uint32_t count;
  uint64_t offset;  // in the text
  int64_t line;     // from 1
} ck_csv_row;

// What went wrong, and where.
enum {
  CK_CSV_CUT = -2,  // as CK_FILE_CHANGED
  CK_CSV_MEMORY = -3,
  CK_CSV_LONG = -10,      // a row is longer than allowed
  CK_CSV_QUOTE = -11,     // the text ends inside of quotes
  CK_CSV_WIDE = -12,      // a row has more fields than there are columns; `count` of them
  CK_CSV_VALUE = -13,     // not what the column holds
  CK_CSV_MISSING = -14,   // no value
  CK_CSV_ENCODING = -15,  // a text that is not UTF-8
};
typedef struct ck_csv_problem {
  int code;  // 0: none; positive: an error of the system
  int64_t line;
  int32_t column;  // of those read
  int64_t count;
  char text[48];  // the beginning of the field, zero-terminated
} ck_csv_problem;

typedef struct ck_csv_reader {
  const ck_csv_text* text;
  const ck_csv_format* format;
  uint8_t stops[256];  // bytes that end a field without quotes
  char* chunk;
  size_t capacity, filled, position;
  uint64_t chunk_offset;  // of the chunk in the text
  int64_t line;
  ck_csv_field* fields;
  size_t field_count, field_capacity;
  ck_csv_row* rows;
  size_t row_count, row_capacity;
} ck_csv_reader;

// Starts at an offset, where line `line` begins. `chunk`: bytes that are read at once.
bool ck_csv_reader_begin(ck_csv_reader* reader, const ck_csv_text* text, const ck_csv_format* format, size_t chunk);
void ck_csv_reader_seek(ck_csv_reader* reader, uint64_t offset, int64_t line);
// The next rows, at most `most`; row_count 0 at the end. Fields are good until the next call.
bool ck_csv_reader_next(ck_csv_reader* reader, size_t most, ck_csv_problem* problem);
void ck_csv_reader_end(ck_csv_reader* reader);
bool ck_csv_skip_lines(ck_csv_reader* reader, int64_t count, ck_csv_problem* problem);

// ---- Columns

typedef enum ck_csv_type {
  CK_CSV_ANY = 0,  // is found out
  CK_CSV_INT = 1,
  CK_CSV_FLOAT = 2,
  CK_CSV_BOOL = 3,
  CK_CSV_TEXT = 4,
} ck_csv_type;

typedef struct ck_csv_column {
  uint32_t position;  // in a row
  ck_csv_type type;
  bool has_missing;
  uint32_t seen;  // kinds of values
  int64_t missing;
  ck_words words;    // of a column of texts, sorted when the survey is done
  bool is_complete;  // words of all rows so far are there
} ck_csv_column;

typedef struct ck_csv_place {
  uint64_t offset;
  int64_t line;
} ck_csv_place;

typedef struct ck_csv_table {
  ck_csv_text text;
  ck_csv_format format;
  uint32_t width;  // of a row: fields that it may have
  ck_csv_column* columns;
  int32_t column_count;
  ck_words missing;  // words for no value
  bool missing_starts[256];
  bool refuses_missing;
  bool fills;  // missing values are `filling`
  double filling;
  int32_t most_words;
  ck_csv_place* places;  // of every CK_CSV_STEP-th row
  size_t place_count, place_capacity;
  int64_t row_count;
} ck_csv_table;

enum { CK_CSV_STEP = 256 };

// Reads everything from `start` once, or twice where texts show up late: counts rows, notes places, finds types and
// words.
bool ck_csv_survey(ck_csv_table* table, ck_csv_place start, ck_csv_problem* problem);
void ck_csv_table_release(ck_csv_table* table);

// Where the values of a column go: float32, float64, int64 or bool. Texts are places in the order of the words, -1 for
// none.
typedef struct ck_csv_output {
  int32_t column;
  ck_dtype dtype;
  int64_t stride;  // in elements, from row to row
  void* data;
} ck_csv_output;

bool ck_csv_read(const ck_csv_table* table, int64_t first, int64_t count, const ck_csv_output* outputs,
                 int32_t output_count, ck_csv_problem* problem);
// The same of rows by number.
bool ck_csv_gather(const ck_csv_table* table, const int64_t* numbers, int64_t count, const ck_csv_output* outputs,
                   int32_t output_count, ck_csv_problem* problem);

#endif
