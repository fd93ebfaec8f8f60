#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ck_csv.h"
#include "ck_file.h"

int ck_csv_text_open(const char* path, ck_csv_text* out) {
  struct stat about;
  // A pipe without a writer would be waited for.
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return errno;
  int code = fstat(file, &about) != 0 ? errno
             : S_ISDIR(about.st_mode) ? EISDIR
             : S_ISREG(about.st_mode) ? 0
                                      : CK_FILE_NOT_REGULAR;
  if (code != 0) {
    close(file);
    return code;
  }
  *out = (ck_csv_text){file, NULL, (uint64_t)about.st_size};
  return 0;
}

void ck_csv_text_close(ck_csv_text* text) {
  if (text->file >= 0) close(text->file);
  text->file = -1;
}

static int read_text(const ck_csv_text* text, uint64_t offset, char* out, size_t size) {
  if (text->file < 0) {
    memcpy(out, text->data + offset, size);
    return 0;
  }
  while (size > 0) {
    ssize_t got = pread(text->file, out, size, (off_t)offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return CK_CSV_CUT;
    out += got;
    offset += (uint64_t)got;
    size -= (size_t)got;
  }
  return 0;
}

bool ck_csv_reader_begin(ck_csv_reader* reader, const ck_csv_text* text, const ck_csv_format* format, size_t chunk) {
  *reader = (ck_csv_reader){.text = text, .format = format, .capacity = chunk < 64 ? 64 : chunk, .line = 1};
  if (reader->capacity > text->size + 1) reader->capacity = (size_t)text->size + 1;
  reader->chunk = malloc(reader->capacity);
  reader->stops[(uint8_t)format->delimiter] = reader->stops['\n'] = reader->stops['\r'] = 1;
  if (format->comment) reader->stops[(uint8_t)format->comment] = 1;
  return reader->chunk != NULL;
}

void ck_csv_reader_seek(ck_csv_reader* reader, uint64_t offset, int64_t line) {
  reader->chunk_offset = offset;
  reader->filled = reader->position = 0;
  reader->line = line;
}

void ck_csv_reader_end(ck_csv_reader* reader) {
  free(reader->chunk);
  free(reader->fields);
  free(reader->rows);
}

static bool fail(ck_csv_problem* problem, int code, int64_t line) {
  *problem = (ck_csv_problem){.code = code, .line = line};
  return false;
}

static bool at_end(const ck_csv_reader* reader) { return reader->chunk_offset + reader->filled >= reader->text->size; }

// Moves what has not been scanned to the front and reads on. A row that fills the chunk makes it larger.
static bool refill(ck_csv_reader* reader, ck_csv_problem* problem) {
  size_t rest = reader->filled - reader->position;
  if (reader->position > 0) {
    memmove(reader->chunk, reader->chunk + reader->position, rest);
    reader->chunk_offset += reader->position;
    reader->position = 0;
    reader->filled = rest;
  }
  if (rest == reader->capacity) {
    if (rest >= reader->format->longest) return fail(problem, CK_CSV_LONG, reader->line);
    size_t larger = 2 * rest > reader->format->longest ? reader->format->longest : 2 * rest;
    char* chunk = realloc(reader->chunk, larger);
    if (chunk == NULL) return fail(problem, CK_CSV_MEMORY, reader->line);
    reader->chunk = chunk;
    reader->capacity = larger;
  }
  uint64_t place = reader->chunk_offset + rest, left = reader->text->size - place;
  size_t size = reader->capacity - rest;
  if (size > left) size = (size_t)left;
  int code = read_text(reader->text, place, reader->chunk + rest, size);
  if (code != 0) return fail(problem, code, reader->line);
  reader->filled += size;
  return true;
}

enum { QUOTED = 1u << 31 };

static bool add_field(ck_csv_reader* reader, size_t start, size_t end, uint32_t quoted) {
  if (reader->field_count == reader->field_capacity) {
    size_t capacity = 2 * reader->field_capacity + 256;
    ck_csv_field* fields = realloc(reader->fields, capacity * sizeof *fields);
    if (fields == NULL) return false;
    reader->fields = fields;
    reader->field_capacity = capacity;
  }
  reader->fields[reader->field_count++] = (ck_csv_field){(uint32_t)start, (uint32_t)(end - start) | quoted};
  return true;
}

typedef enum { ROW, NOTHING, UNFINISHED, NO_MEMORY, OPEN_QUOTE } Scan;

// The length of a line end at `at`; 0 where it cannot be told yet.
static size_t line_end(const ck_csv_reader* reader, size_t at) {
  if (reader->chunk[at] == '\n') return 1;
  if (at + 1 < reader->filled) return reader->chunk[at + 1] == '\n' ? 2 : 1;
  return at_end(reader) ? 1 : 0;
}

static bool is_space(const ck_csv_reader* reader, char c) {
  return (c == ' ' || c == '\t') && c != reader->format->delimiter;
}

// A line of nothing or of a comment.
static Scan scan_nothing(ck_csv_reader* reader) {
  size_t at = reader->position, filled = reader->filled;
  const char* chunk = reader->chunk;
  while (at < filled && is_space(reader, chunk[at])) at++;
  if (at < filled && reader->format->comment && chunk[at] == reader->format->comment)
    while (at < filled && chunk[at] != '\n' && chunk[at] != '\r') at++;
  if (at == filled) {
    if (!at_end(reader)) return UNFINISHED;
    reader->position = at;
    return NOTHING;
  }
  if (chunk[at] != '\n' && chunk[at] != '\r') return ROW;
  size_t length = line_end(reader, at);
  if (length == 0) return UNFINISHED;
  reader->position = at + length;
  reader->line++;
  return NOTHING;
}

// Behind the opening quote: *at comes to stand behind the field.
static Scan scan_quoted(const ck_csv_reader* reader, size_t* at, int64_t* lines) {
  const char *chunk = reader->chunk, quote = reader->format->quote;
  size_t p = *at, filled = reader->filled;
  while (true) {
    const char* found = memchr(chunk + p, quote, filled - p);
    size_t end = found ? (size_t)(found - chunk) : filled;
    for (; p < end; p++) *lines += chunk[p] == '\n' || (chunk[p] == '\r' && !(p + 1 < filled && chunk[p + 1] == '\n'));
    if (found == NULL) return at_end(reader) ? OPEN_QUOTE : UNFINISHED;
    if (++p == filled && !at_end(reader)) return UNFINISHED;
    if (p == filled || chunk[p] != quote) break;
    p++;
  }
  while (p < filled && !reader->stops[(uint8_t)chunk[p]]) p++;
  *at = p;
  return ROW;
}

static Scan scan_row(ck_csv_reader* reader) {
  const char* chunk = reader->chunk;
  size_t at = reader->position, filled = reader->filled;
  int64_t lines = 0;
  while (true) {
    if (reader->format->skip_spaces)
      while (at < filled && is_space(reader, chunk[at])) at++;
    size_t start = at;
    uint32_t quoted = 0;
    if (at < filled && reader->format->quote && chunk[at] == reader->format->quote) {
      at++;
      quoted = QUOTED;
      Scan scan = scan_quoted(reader, &at, &lines);
      if (scan != ROW) return scan;
    } else {
      while (at < filled && !reader->stops[(uint8_t)chunk[at]]) at++;
    }
    if (at == filled && !at_end(reader)) return UNFINISHED;
    if (!add_field(reader, start, at, quoted)) return NO_MEMORY;
    if (at < filled && chunk[at] == reader->format->delimiter) {
      at++;
      continue;
    }
    break;
  }
  while (at < filled && chunk[at] != '\n' && chunk[at] != '\r') at++;  // a comment
  size_t length = at < filled ? line_end(reader, at) : 0;
  if (length == 0 && !at_end(reader)) return UNFINISHED;
  reader->position = at + length;
  reader->line += lines + 1;
  return ROW;
}

// Takes the quotes away, in place.
static void unquote(ck_csv_reader* reader, size_t first) {
  char quote = reader->format->quote;
  for (size_t i = first; i < reader->field_count; i++) {
    ck_csv_field* field = &reader->fields[i];
    if (!(field->size & QUOTED)) continue;
    char *text = reader->chunk + field->start, *out = text;
    size_t size = field->size & ~(uint32_t)QUOTED, at = 1;
    for (; at < size; at++) {
      if (text[at] == quote && !(at + 1 < size && text[at + 1] == quote)) break;
      at += text[at] == quote;
      *out++ = text[at];
    }
    if (at < size) at++;
    if (at < size) memmove(out, text + at, size - at);
    field->size = (uint32_t)((size_t)(out - text) + size - (at < size ? at : size));
  }
}

static bool add_row(ck_csv_reader* reader, uint64_t offset, int64_t line, size_t first) {
  if (reader->row_count == reader->row_capacity) {
    size_t capacity = 2 * reader->row_capacity + 64;
    ck_csv_row* rows = realloc(reader->rows, capacity * sizeof *rows);
    if (rows == NULL) return false;
    reader->rows = rows;
    reader->row_capacity = capacity;
  }
  reader->rows[reader->row_count++] =
      (ck_csv_row){(uint32_t)first, (uint32_t)(reader->field_count - first), offset, line};
  return true;
}

bool ck_csv_reader_next(ck_csv_reader* reader, size_t most, ck_csv_problem* problem) {
  reader->row_count = reader->field_count = 0;
  while (reader->row_count < most) {
    if (reader->position == reader->filled && (at_end(reader) || reader->row_count > 0)) break;
    size_t start = reader->position, first = reader->field_count;
    int64_t line = reader->line;
    Scan scan = start == reader->filled ? UNFINISHED : scan_nothing(reader);
    if (scan == NOTHING) continue;
    if (scan == ROW) scan = scan_row(reader);
    switch (scan) {
      case ROW:
        if (reader->position - start > reader->format->longest) return fail(problem, CK_CSV_LONG, line);
        unquote(reader, first);
        if (!add_row(reader, reader->chunk_offset + start, line, first)) return fail(problem, CK_CSV_MEMORY, line);
        break;
      case UNFINISHED:
        reader->field_count = first;
        if (reader->row_count > 0) return true;  // refilled when these have been used
        if (!refill(reader, problem)) return false;
        break;
      case OPEN_QUOTE:
        return fail(problem, CK_CSV_QUOTE, line);
      default:
        return fail(problem, CK_CSV_MEMORY, line);
    }
  }
  return true;
}

bool ck_csv_skip_lines(ck_csv_reader* reader, int64_t count, ck_csv_problem* problem) {
  while (count > 0) {
    size_t at = reader->position;
    while (at < reader->filled && reader->chunk[at] != '\n' && reader->chunk[at] != '\r') at++;
    size_t length = at < reader->filled ? line_end(reader, at) : 0;
    if (length > 0) {
      reader->position = at + length;
      reader->line++;
      count--;
    } else if (at_end(reader)) {
      reader->position = reader->filled;
      return true;
    } else if (!refill(reader, problem)) {
      return false;
    }
  }
  return true;
}

size_t ck_csv_peek(const ck_csv_text* text, char* out, size_t size) {
  if (size > text->size) size = (size_t)text->size;
  return size > 0 && read_text(text, 0, out, size) == 0 ? size : 0;
}
