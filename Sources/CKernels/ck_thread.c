#include "ck_thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "ck_cpus.h"
#include "ck_tls.h"

enum { MOST_THREADS = 1024, CLAIMS_PER_THREAD = 8, SPIN_NANOSECONDS = 50000 };

static CK_THREAD_LOCAL ck_thread_state thread_state;
static CK_THREAD_LOCAL bool inside_body;

ck_thread_state* ck_thread(void) { return &thread_state; }

// One job at a time. Its plain fields are written before the gate opens and read only by workers that passed the gate.
static struct {
  ck_body body;
  void* context;
  int64_t count, step;
  _Alignas(64) _Atomic int64_t next;
  _Alignas(64) _Atomic uint32_t finished;  // workers that passed the gate and are done
} job;

// The low 16 bits are the places left for workers, the rest numbers the job. A worker enters by taking a place; the
// caller closes the gate by taking all of them, so it waits for the workers that came and for no others.
static _Alignas(64) _Atomic uint64_t gate;
static const uint64_t places_mask = 0xffff;

static _Alignas(64) _Atomic bool pool_taken;
static int workers;  // guarded by pool_taken
static _Atomic int sleepers;
static pthread_mutex_t sleep_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t sleep_condition = PTHREAD_COND_INITIALIZER;

static _Atomic int chosen_threads, automatic_threads;

static int count_threads(void) {
  const char* wish = getenv("SWIFTNN_NUM_THREADS");
  long count = wish ? strtol(wish, NULL, 10) : 0;
  if (count <= 0) count = ck_cpus();
  return count < MOST_THREADS ? (int)count : MOST_THREADS;
}

int ck_threads(void) {
  int count = atomic_load_explicit(&chosen_threads, memory_order_relaxed);
  if (count == 0) count = atomic_load_explicit(&automatic_threads, memory_order_relaxed);
  if (count == 0) {
    count = count_threads();
    atomic_store_explicit(&automatic_threads, count, memory_order_relaxed);
  }
  return count;
}

void ck_set_threads(int count) {
  if (count <= 0) atomic_store(&automatic_threads, 0);
  atomic_store(&chosen_threads, count <= 0 ? 0 : count < MOST_THREADS ? count : MOST_THREADS);
}

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void work(void) {
  for (;;) {
    int64_t begin = atomic_fetch_add_explicit(&job.next, job.step, memory_order_relaxed);
    if (begin >= job.count) return;
    job.body(job.context, begin, job.count - begin < job.step ? job.count : begin + job.step);
  }
}

static bool open_for(uint64_t state, uint64_t last_job) {
  return (state & places_mask) != 0 && state >> 16 != last_job;
}

static void sleep_until_called(uint64_t last_job) {
  pthread_mutex_lock(&sleep_mutex);
  atomic_fetch_add(&sleepers, 1);
  if (!open_for(atomic_load(&gate), last_job)) pthread_cond_wait(&sleep_condition, &sleep_mutex);
  atomic_fetch_sub(&sleepers, 1);
  pthread_mutex_unlock(&sleep_mutex);
}

// A worker that was called too late spins before it sleeps again: where there was one job the next is near.
static uint64_t wait_until_open(uint64_t last_job) {
  for (;;) {
    int64_t deadline = nanoseconds() + SPIN_NANOSECONDS;
    do {
      for (int i = 0; i < 32; i++) {
        uint64_t state = atomic_load_explicit(&gate, memory_order_relaxed);
        if (open_for(state, last_job)) return state;
        pause_briefly();
      }
    } while (nanoseconds() < deadline);
    sleep_until_called(last_job);
  }
}

static void* worker(void* unused) {
  (void)unused;
  inside_body = true;
  uint64_t last_job = 0;
  for (;;) {
    uint64_t state = wait_until_open(last_job);
    if (!atomic_compare_exchange_strong_explicit(&gate, &state, state - 1, memory_order_acquire,
                                                 memory_order_relaxed)) {
      continue;
    }
    last_job = state >> 16;
    work();
    atomic_fetch_add_explicit(&job.finished, 1, memory_order_release);
  }
  return NULL;
}

// A child has only the thread that forked: it starts without workers, and whatever held the pool is gone.
static void forget_workers(void) {
  workers = 0;
  atomic_store(&gate, 0);
  atomic_store(&sleepers, 0);
  atomic_store(&pool_taken, false);
  sleep_mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
  sleep_condition = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
}

__attribute__((constructor)) static void watch_forks(void) { pthread_atfork(NULL, NULL, forget_workers); }

// Workers take no signals: those belong to the threads of the program.
static void start_workers(int wanted) {
  sigset_t all, before;
  sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) return;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  while (workers < wanted && pthread_create(&thread, &attributes, worker, NULL) == 0) workers++;
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void wake(int wanted) {
  if (atomic_load(&sleepers) == 0) return;
  pthread_mutex_lock(&sleep_mutex);
  int sleeping = atomic_load(&sleepers);
  if (wanted >= sleeping) {
    pthread_cond_broadcast(&sleep_condition);
  } else {
    for (int i = 0; i < wanted; i++) pthread_cond_signal(&sleep_condition);
  }
  pthread_mutex_unlock(&sleep_mutex);
}

static void run_with_workers(int64_t count, int64_t step, ck_body body, void* context, int helpers) {
  job.body = body;
  job.context = context;
  job.count = count;
  job.step = step;
  atomic_store_explicit(&job.next, 0, memory_order_relaxed);
  atomic_store_explicit(&job.finished, 0, memory_order_relaxed);
  uint64_t number = (atomic_load_explicit(&gate, memory_order_relaxed) >> 16) + 1;
  atomic_store(&gate, number << 16 | (uint64_t)helpers);
  wake(helpers);
  inside_body = true;
  work();
  inside_body = false;
  uint64_t left = atomic_fetch_and_explicit(&gate, ~places_mask, memory_order_relaxed) & places_mask;
  uint32_t came = (uint32_t)((uint64_t)helpers - left);
  for (int turns = 0; atomic_load_explicit(&job.finished, memory_order_acquire) != came; turns++) {
    if (turns < 2000) {
      pause_briefly();
    } else {
      sched_yield();
    }
  }
}

void ck_parallel(int64_t count, int64_t grain, ck_body body, void* context) {
  if (count <= 0) return;
  if (grain < 1) grain = 1;
  int threads;
  if (count <= grain || inside_body || (threads = ck_threads()) == 1 ||
      atomic_exchange_explicit(&pool_taken, true, memory_order_acquire)) {
    body(context, 0, count);
    return;
  }
  int64_t pieces = (count - 1) / grain + 1;
  int helpers = pieces < threads ? (int)pieces - 1 : threads - 1;
  if (workers < helpers) start_workers(helpers);
  if (helpers > workers) helpers = workers;
  if (helpers == 0) {
    body(context, 0, count);
  } else {
    int64_t together = pieces / ((int64_t)CLAIMS_PER_THREAD * threads);
    run_with_workers(count, grain * (together > 1 ? together : 1), body, context, helpers);
  }
  atomic_store_explicit(&pool_taken, false, memory_order_release);
}
