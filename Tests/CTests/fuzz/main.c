// Calls every export and every registry entry with random arguments, good and bad. The library must not trap, hang or
// leak, and must keep what its header says about failures: `fuzz --calls N --seed S`.
#include <execinfo.h>
#include <inttypes.h>
#include <signal.h>
#include <unistd.h>

#include "fuzz.h"

char last_call[1024] = "nothing";
long wrong;
bool cycles_allowed, retains_allowed;
static uint64_t state;
static uint64_t round_seed;

uint64_t draw(void) {
  uint64_t z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

enum { CALLS_OF_A_ROUND = 2000, SECONDS_WITHOUT_PROGRESS = 120 };

static void died(int signal_number) {
  char text[1200];
  int length = snprintf(text, sizeof text, "signal %d in %s; run again with --seed %" PRIu64 " --calls %d\n",
                        signal_number, last_call, round_seed, CALLS_OF_A_ROUND);
  if (write(2, text, (size_t)length) < 0) _exit(3);
  void* frames[40];
  backtrace_symbols_fd(frames, backtrace(frames, 40), 2);
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

static void call_something(void) {
  uint64_t kind = below(100);
  if (kind < 43)
    fuzz_apply();
  else if (kind < 46)
    fuzz_metric();
  else if (kind < 50)
    fuzz_schedule();
  else if (kind < 52)
    fuzz_training();
  else if (kind < 54)
    fuzz_logs();
  else if (kind < 56)
    fuzz_readers();
  else if (kind < 57)
    fuzz_stopping();
  else if (kind < 59)
    fuzz_data();
  else if (kind < 61)
    fuzz_trainer();
  else if (kind < 70)
    fuzz_tensor();
  else if (kind < 79)
    fuzz_gradient();
  else if (kind < 82)
    fuzz_functions();
  else if (kind < 90)
    fuzz_module();
  else if (kind < 96)
    fuzz_optimizer();
  else
    fuzz_rest();
}

// A round starts from its own seed and from nothing, so that it can be run again alone.
static void run_round(uint64_t seed, long calls) {
  round_seed = state = seed;
  cycles_allowed = seed % 8 == 7;
  retains_allowed = seed % 2 == 1;
  snn_memory_counts before, after;
  snn_memory(&before);
  alarm(SECONDS_WITHOUT_PROGRESS);
  snn_set_grad_enabled(true);
  snn_set_inference_mode(false);
  snn_set_anomaly_mode(false, false);
  snn_set_default_dtype(SNN_FLOAT32, NULL);
  snn_set_memory_limit(64 << 20);
  snn_generator_seed(NULL, seed);
  for (int i = 0; i < TENSORS / 2; i++) tensors[i] = random_tensor();
  for (long i = 0; i < calls; i++) {
    call_something();
    if (getenv("FUZZ_TRACE")) fprintf(stderr, "%ld %s\n", i, last_call);
  }
  CALL("releasing everything");
  drop_schedules();
  drop_metrics();
  drop_logs();
  drop_data();
  drop_readers();
  drop_rules_and_heads();
  drop_trainers();
  drop_everything();
  snn_memory(&after);
  if (!cycles_allowed && after.in_use != before.in_use)
    WRONG("%" PRIu64 " bytes in use became %" PRIu64 "; --seed %" PRIu64, before.in_use, after.in_use, seed);
  if (!cycles_allowed && destructors_due != 0)
    WRONG("%ld destructors did not run; --seed %" PRIu64, destructors_due, seed);
  destructors_due = 0;
}

int main(int argc, char** argv) {
  long calls = 100000;
  uint64_t seed = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (!strcmp(argv[i], "--calls")) calls = strtol(argv[i + 1], NULL, 10);
    if (!strcmp(argv[i], "--seed")) seed = strtoull(argv[i + 1], NULL, 10);
  }
  int signals[] = {SIGSEGV, SIGILL, SIGBUS, SIGFPE, SIGABRT, SIGTRAP, SIGALRM};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], died);
  printf("fuzz: %ld calls from seed %" PRIu64 "\n", calls, seed);
  long done = 0, shown = 0;
  for (uint64_t round = 0; done < calls; round++) {
    long here = calls - done < CALLS_OF_A_ROUND ? calls - done : CALLS_OF_A_ROUND;
    run_round(seed + round, here);
    done += here;
    if (done - shown >= calls / 10 || done == calls) {
      printf("fuzz: %ld calls, %ld wrong\n", done, wrong);
      fflush(stdout);
      shown = done;
    }
  }
  return wrong > 0;
}
