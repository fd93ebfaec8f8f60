#include "ck_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ck_file.h"

int ck_log_open(const char* path, bool keeps, int* out) {
  // A pipe without a reader would be waited for.
  int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
  if (file < 0) return errno == ENXIO ? CK_FILE_NOT_REGULAR : errno;
  struct stat about;
  int code = fstat(file, &about) != 0 ? errno : S_ISREG(about.st_mode) ? 0 : CK_FILE_NOT_REGULAR;
  if (code == 0 && !keeps && ftruncate(file, 0) != 0) code = errno;
  if (code != 0) {
    close(file);
    return code;
  }
  *out = file;
  return 0;
}

int ck_log_add(int file, const void* record, size_t size) {
  off_t before = lseek(file, 0, SEEK_END);
  if (before < 0) return errno;
  const char* rest = record;
  while (size > 0) {
    ssize_t put = write(file, rest, size < 1u << 30 ? size : 1u << 30);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      int code = errno;
      return ftruncate(file, before) == 0 ? code : errno;
    }
    rest += put;
    size -= (size_t)put;
  }
  return 0;
}

int ck_log_sync(int file) { return fsync(file) == 0 ? 0 : errno; }

void ck_log_close(int file) { close(file); }

int ck_log_make_folders(const char* path) {
  char* part = strdup(path);
  if (part == NULL) return ENOMEM;
  int code = 0;
  for (char* end = part; code == 0 && *end != 0;) {
    end += strspn(end, "/");
    end += strcspn(end, "/");
    char after = *end;
    *end = 0;
    struct stat about;
    if (*part != 0 && mkdir(part, 0777) != 0 && !(stat(part, &about) == 0 && S_ISDIR(about.st_mode)))
      code = errno == EEXIST ? ENOTDIR : errno;
    *end = after;
  }
  free(part);
  return code;
}

double ck_log_time(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void ck_log_event_name(double time, char* out, size_t size) {
  static _Atomic unsigned counter;
  char host[65] = "localhost";
  gethostname(host, sizeof host - 1);
  for (char* letter = host; *letter != 0; letter++) {
    if (*letter == '/') *letter = '-';
  }
  snprintf(out, size, "events.out.tfevents.%010.0f.%s.%ld.%u", time, host, (long)getpid(),
           atomic_fetch_add(&counter, 1));
}
