#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "ck_cpus.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)

static int affinity(void) {
  // The kernel refuses masks smaller than its own, so the mask grows until it fits.
  for (int cpus = 1024; cpus <= 1 << 20; cpus *= 4) {
    cpu_set_t* mask = CPU_ALLOC(cpus);
    if (!mask) break;
    size_t bytes = CPU_ALLOC_SIZE(cpus);
    int found = sched_getaffinity(0, bytes, mask) == 0 ? CPU_COUNT_S(bytes, mask) : 0;
    CPU_FREE(mask);
    if (found > 0) return found;
  }
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

static int read_line(const char* path, char* line, int size) {
  FILE* file = fopen(path, "re");
  if (!file) return 0;
  int read = fgets(line, size, file) != NULL;
  fclose(file);
  return read;
}

static double ratio(double quota, double period) { return quota > 0 && period > 0 ? quota / period : 0; }

// The quota in processors that one directory of a cgroup tree sets; 0 where it sets none.
static double quota_in(const char* directory, int version) {
  char path[1100], line[128];
  double quota = 0, period = 0;
  if (version == 2) {
    snprintf(path, sizeof path, "%s/cpu.max", directory);
    if (!read_line(path, line, sizeof line) || sscanf(line, "%lf %lf", &quota, &period) != 2) return 0;
    return ratio(quota, period);
  }
  snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", directory);
  if (!read_line(path, line, sizeof line)) return 0;
  quota = atof(line);
  snprintf(path, sizeof path, "%s/cpu.cfs_period_us", directory);
  if (!read_line(path, line, sizeof line)) return 0;
  return ratio(quota, atof(line));
}

// A quota binds everything below it, so the smallest on the way up to the root counts.
static double quota_towards_root(const char* root, const char* group, int version) {
  char path[1024];
  if (snprintf(path, sizeof path, "%s%s", root, group) >= (int)sizeof path) return 0;
  size_t shortest = strlen(root);
  double least = 0;
  for (;;) {
    double quota = quota_in(path, version);
    if (quota > 0 && (least == 0 || quota < least)) least = quota;
    char* slash = strrchr(path, '/');
    if (strlen(path) <= shortest || !slash || (size_t)(slash - path) < shortest) return least;
    *slash = 0;
  }
}

static int names_controller(const char* list, const char* name) {
  size_t length = strlen(name);
  for (const char* at = list; at; at = strchr(at, ',')) {
    if (*at == ',') at++;
    if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == 0)) return 1;
  }
  return 0;
}

static double cgroup_quota(void) {
  FILE* file = fopen("/proc/self/cgroup", "re");
  if (!file) return 0;
  char line[1024];
  double least = 0;
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = 0;
    char* controllers = strchr(line, ':');
    char* group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group) continue;
    *group++ = 0;
    controllers++;
    double quota = 0;
    if (*controllers == 0) {
      quota = quota_towards_root("/sys/fs/cgroup", group, 2);
    } else if (names_controller(controllers, "cpu")) {
      quota = quota_towards_root("/sys/fs/cgroup/cpu", group, 1);
      if (quota == 0) quota = quota_towards_root("/sys/fs/cgroup/cpu,cpuacct", group, 1);
    }
    if (quota > 0 && (least == 0 || quota < least)) least = quota;
  }
  fclose(file);
  return least;
}

int ck_cpus(void) {
  int cpus = affinity();
  double quota = cgroup_quota();
  if (quota > 0 && quota < cpus) cpus = (int)quota + (quota > (int)quota);
  return cpus > 0 ? cpus : 1;
}

#else

int ck_cpus(void) {
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

#endif
