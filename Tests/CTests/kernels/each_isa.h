// Runs a test program once more for every other instruction set that the processor has.
#ifndef EACH_ISA_H
#define EACH_ISA_H

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ck_isa.h"

// True when the program passes under the instruction set of this name, or the processor lacks it.
static inline bool passes_under(const char* name) {
  const pid_t child = fork();
  if (child == 0) {
    setenv("SWIFTNN_ISA", name, 1);
    execl("/proc/self/exe", "test", (char*)NULL);
    _exit(127);
  }
  int status = 1;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#define TEST_EACH_ISA                                                \
  TEST(every_instruction_set) {                                      \
    if (getenv("SWIFTNN_ISA")) return;                               \
    CHECK(passes_under("portable"));                                 \
    if (ck_isa_in_use() != CK_PORTABLE) CHECK(passes_under("avx2")); \
  }

#endif
