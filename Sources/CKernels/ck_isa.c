#include "ck_isa.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const char* const names[] = {"portable", "avx2", "avx512", "neon"};
static pthread_once_t once = PTHREAD_ONCE_INIT;
static ck_isa chosen;

static int processor_has(ck_isa isa) {
  switch (isa) {
    case CK_PORTABLE:
      return 1;
#if defined(__x86_64__)
    case CK_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    case CK_AVX512:
      return processor_has(CK_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#elif defined(__aarch64__)
    case CK_NEON:
      return 1;
#endif
    default:
      return 0;
  }
}

static void choose(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  static const ck_isa best_first[] = {CK_AVX512, CK_AVX2, CK_NEON, CK_PORTABLE};
  const char* wish = getenv("SWIFTNN_ISA");
  for (int i = 0; wish && i < 4; i++) {
    if (strcmp(wish, names[best_first[i]]) == 0 && processor_has(best_first[i])) {
      chosen = best_first[i];
      return;
    }
  }
  int i = 0;
  while (!processor_has(best_first[i])) i++;
  chosen = best_first[i];
}

ck_isa ck_isa_in_use(void) {
  pthread_once(&once, choose);
  return chosen;
}

const char* ck_isa_name(ck_isa isa) { return (unsigned)isa < 4 ? names[isa] : "unknown"; }
