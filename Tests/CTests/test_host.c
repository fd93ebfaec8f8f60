// A host that was not linked with the library: it loads, uses, closes and loads it again. The Swift runtime cannot be
// unloaded, so the library asks the loader to stay, and dlclose leaves it in place.
#include <dlfcn.h>
#include <pthread.h>

#include "check.h"
#include "swiftnn.h"

static char path[4096];

static void use(void) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) CHECK_SAY("%s", dlerror());
  if (!library) return;
  snn_status (*make)(snn_dtype, int32_t, const int64_t*, const void*, snn_tensor**, snn_error*);
  void (*release)(snn_tensor*);
  int64_t (*count)(const snn_tensor*);
  *(void**)&make = dlsym(library, "snn_tensor_new");
  *(void**)&release = dlsym(library, "snn_tensor_release");
  *(void**)&count = dlsym(library, "snn_tensor_count");
  snn_tensor* tensor = NULL;
  int64_t sizes[2] = {100, 100};
  CHECK(make(SNN_FLOAT32, 2, sizes, NULL, &tensor, NULL) == SNN_OK && count(tensor) == 10000);
  release(tensor);
  CHECK(dlclose(library) == 0);
}

static void* use_in_thread(void* unused) {
  use();
  return unused;
}

TEST(the_library_is_found_beside_the_test) {
  FILE* file = fopen("/proc/self/cmdline", "r");
  char line[8192] = {0};
  size_t length = file ? fread(line, 1, sizeof line - 1, file) : 0;
  if (file) fclose(file);
  size_t program = strlen(line) + 1;
  if (program < length) snprintf(path, sizeof path, "%s", line + program);
  CHECK(path[0] == '/');
}

TEST(loaded_and_closed_many_times) {
  for (int i = 0; i < 5; i++) use();
}

TEST(a_thread_outlives_the_last_close) {
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, use_in_thread, NULL) == 0);
  pthread_join(thread, NULL);
}
