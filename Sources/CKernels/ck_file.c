#include "ck_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ck_memory.h"

void ck_file_reason(int code, char* out, size_t size) {
  const char* text = code == CK_FILE_NOT_REGULAR ? "is not a regular file"
                     : code == CK_FILE_CHANGED   ? "became shorter while it was read"
                     : code == CK_FILE_NO_MEMORY ? "does not fit into memory"
                                                 : NULL;
  if (text) {
    snprintf(out, size, "%s", text);
    return;
  }
  if (strerror_r(code, out, size) != 0) snprintf(out, size, "error %d", code);
}

static int read_all(int file, char* data, size_t size) {
  while (size > 0) {
    ssize_t got = read(file, data, size < 1u << 30 ? size : 1u << 30);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return CK_FILE_CHANGED;
    data += got;
    size -= (size_t)got;
  }
  return 0;
}

static int read_open(int file, bool mapped, ck_file* out) {
  struct stat about;
  if (fstat(file, &about) != 0) return errno;
  if (S_ISDIR(about.st_mode)) return EISDIR;
  if (!S_ISREG(about.st_mode)) return CK_FILE_NOT_REGULAR;
  size_t size = (size_t)about.st_size;
  if (size == 0) {
    *out = (ck_file){NULL, 0, false};
    return 0;
  }
  if (mapped) {
    void* data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    if (data == MAP_FAILED) return errno;
    *out = (ck_file){data, size, true};
    return 0;
  }
  void* data = ck_alloc(size);
  if (data == NULL) return CK_FILE_NO_MEMORY;
  int code = read_all(file, data, size);
  if (code != 0) {
    ck_free(data, size);
    return code;
  }
  *out = (ck_file){data, size, false};
  return 0;
}

int ck_file_read(const char* path, bool mapped, ck_file* out) {
  // A pipe without a writer would be waited for.
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return errno;
  int code = read_open(file, mapped, out);
  close(file);
  return code;
}

void ck_file_release(ck_file* file) {
  if (file->data == NULL) return;
  if (file->is_mapped)
    munmap(file->data, file->size);
  else
    ck_free(file->data, file->size);
}

// ---- Writing

static char* folder_of(const char* path) {
  const char* slash = strrchr(path, '/');
  if (slash == NULL) return strdup(".");
  return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

// Two threads, and two programs, take different names; what an earlier program left behind is passed over.
static int make_temporary(ck_writer* writer, mode_t mode) {
  static _Atomic unsigned counter;
  size_t size = strlen(writer->target) + 48;
  writer->temporary = malloc(size);
  if (writer->temporary == NULL) return ENOMEM;
  for (int attempt = 0; attempt < 100; attempt++) {
    snprintf(writer->temporary, size, "%s.%ld-%u.tmp", writer->target, (long)getpid(), atomic_fetch_add(&counter, 1));
    writer->file = open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (writer->file >= 0) return 0;
    if (errno != EEXIST) break;
  }
  int code = errno;
  free(writer->temporary);
  writer->temporary = NULL;
  return code;
}

int ck_writer_open(const char* path, ck_writer* out) {
  *out = (ck_writer){-1, NULL, NULL};
  struct stat about;
  bool exists = stat(path, &about) == 0;
  if (exists && S_ISDIR(about.st_mode)) return EISDIR;
  if (exists && !S_ISREG(about.st_mode)) return CK_FILE_NOT_REGULAR;
  out->target = exists ? realpath(path, NULL) : strdup(path);
  if (out->target == NULL) return errno;
  int code = make_temporary(out, 0666);
  if (code == 0 && exists && fchmod(out->file, about.st_mode & 07777) != 0) code = errno;
  if (code != 0) ck_writer_abandon(out);
  return code;
}

int ck_writer_add(ck_writer* writer, const void* data, size_t size) {
  const char* rest = data;
  while (size > 0) {
    ssize_t put = write(writer->file, rest, size < 1u << 30 ? size : 1u << 30);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    rest += put;
    size -= (size_t)put;
  }
  return 0;
}

// The new name of a file is on the disk only when its folder is.
static int sync_folder(const char* path) {
  char* name = folder_of(path);
  if (name == NULL) return ENOMEM;
  int folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  free(name);
  if (folder < 0) return errno;
  int code = fsync(folder) == 0 || errno == EINVAL ? 0 : errno;
  close(folder);
  return code;
}

int ck_writer_finish(ck_writer* writer) {
  int code = fsync(writer->file) == 0 ? 0 : errno;
  if (close(writer->file) != 0 && code == 0) code = errno;
  writer->file = -1;
  if (code == 0 && rename(writer->temporary, writer->target) != 0) code = errno;
  if (code == 0) {
    free(writer->temporary);
    writer->temporary = NULL;
    code = sync_folder(writer->target);
  }
  ck_writer_abandon(writer);
  return code;
}

void ck_writer_abandon(ck_writer* writer) {
  if (writer->file >= 0) close(writer->file);
  if (writer->temporary) unlink(writer->temporary);
  free(writer->temporary);
  free(writer->target);
  *writer = (ck_writer){-1, NULL, NULL};
}

int ck_folder_make(const char* path) {
  char* part = strdup(path);
  if (part == NULL) return CK_FILE_NO_MEMORY;
  int code = 0;
  for (char* end = part + 1; *part != 0 && code == 0; end++) {
    const char kept = *end;
    if (kept != '/' && kept != 0) continue;
    *end = 0;
    if (mkdir(part, 0777) != 0 && errno != EEXIST) code = errno;
    *end = kept;
    if (kept == 0) break;
  }
  free(part);
  return code;
}
