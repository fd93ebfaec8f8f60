// Whole files: their bytes in memory, and replacing one so that either the old or the new one is there.
#ifndef CK_FILE_H
#define CK_FILE_H

#include "ck_types.h"

// These functions return 0, an error number of the system, or one of:
enum { CK_FILE_NOT_REGULAR = -1, CK_FILE_CHANGED = -2, CK_FILE_NO_MEMORY = -3 };
void ck_file_reason(int code, char* out, size_t size);

typedef struct ck_file {
  void* data;  // NULL for an empty file
  size_t size;
  bool is_mapped;  // private pages: changing them leaves the file as it is
} ck_file;

int ck_file_read(const char* path, bool mapped, ck_file* out);
void ck_file_release(ck_file* file);

// A file that takes the place of another when it is complete and on the disk.
typedef struct ck_writer {
  int file;
  char* target;     // behind symbolic links
  char* temporary;  // in the same folder
} ck_writer;

int ck_writer_open(const char* path, ck_writer* out);
int ck_writer_add(ck_writer* writer, const void* data, size_t size);
int ck_writer_finish(ck_writer* writer);  // also after a failure: nothing is left then, and the old file stays
void ck_writer_abandon(ck_writer* writer);

int ck_folder_make(const char* path);  // with those above it; none where it is there

#endif
