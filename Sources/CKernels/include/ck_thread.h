// What each thread keeps for itself, and the pool of worker threads.
#ifndef CK_THREAD_H
#define CK_THREAD_H

#include "ck_types.h"

// Per-thread modes of the engine; zero at the start of every thread.
typedef struct ck_thread_state {
  int32_t gradients_off;  // depth of no_grad scopes
  int32_t inference;      // depth of inference_mode scopes
  int32_t anomaly;        // depth of anomaly detection scopes
  int32_t releasing;      // a release of graph nodes is in progress on this thread
  void* release_list;     // nodes that wait for their release
  void* batching;         // the innermost vmap that runs on this thread
  void* observation;      // who watches what is recorded
} ck_thread_state;

ck_thread_state* ck_thread(void);

// Calls body(context, begin, end) over [0, count) cut into pieces of `grain` (the last may be shorter). The cuts depend
// on count and grain alone, never on the number of threads, so a body that writes one result per piece is
// deterministic. Runs on the calling thread when there is one piece or one thread, or when called from inside a body.
// Small pieces may be handed to a body together: begin is always a multiple of grain.
typedef void (*ck_body)(void* context, int64_t begin, int64_t end);
void ck_parallel(int64_t count, int64_t grain, ck_body body, void* context);

// The number of threads: set by the program, else SWIFTNN_NUM_THREADS, else the affinity mask and the cgroup's CPU
// quota.
int ck_threads(void);
void ck_set_threads(int count);  // 0 returns to the automatic choice; changes what later calls use

#endif
