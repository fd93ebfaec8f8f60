// Files that grow by whole records while a program runs.
#ifndef CK_LOG_H
#define CK_LOG_H

#include "ck_types.h"

// Functions that return int return 0, or what ck_file_reason explains.

// keeps: records follow what is in the file, else it starts empty.
int ck_log_open(const char* path, bool keeps, int* file);
// One write for a record: a program that dies leaves whole ones. After a failure the file is as it was.
int ck_log_add(int file, const void* record, size_t size);
int ck_log_sync(int file);
void ck_log_close(int file);

int ck_log_make_folders(const char* path);
double ck_log_time(void);  // seconds since 1970
// The name that TensorBoard looks for; another one for each call.
void ck_log_event_name(double time, char* out, size_t size);

#endif
