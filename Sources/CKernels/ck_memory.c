#include "ck_memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "ck_tls.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CK_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define CK_ADDRESS_SANITIZER
#endif

#ifdef CK_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#define forbid(address, bytes) ASAN_POISON_MEMORY_REGION(address, bytes)
#define permit(address, bytes) ASAN_UNPOISON_MEMORY_REGION(address, bytes)
#else
#define forbid(address, bytes) ((void)(address), (void)(bytes))
#define permit(address, bytes) ((void)(address), (void)(bytes))
#endif

// Classes: multiples of 64 bytes up to 1 KiB, then eight to each doubling, so a large block is at most an eighth too
// long.
enum { LINE = 64, LINEAR_CLASSES = 16, CLASSES = LINEAR_CLASSES + 38 * 8, SMALL_CLASSES = LINEAR_CLASSES + 5 * 8 };
static const uint64_t most_bytes = UINT64_C(1) << 48;
static const uint64_t huge_page = UINT64_C(1) << 21;
static const uint64_t always_cached = UINT64_C(256) << 20;

// What links the free blocks. It stays readable: the leak checker follows it. Only large ones are linked both ways and
// know since when they are free.
typedef struct block {
  struct block *next, *previous;
  uint64_t since;
} block;

typedef struct bin {
  block* first;
  int32_t count, room;
} bin;

typedef struct thread_cache {
  uint32_t trims;
  bin bins[SMALL_CLASSES];
} thread_cache;

static thread_cache retired;  // stands in for the cache of a thread that is ending
static CK_THREAD_LOCAL thread_cache* cache;
static pthread_key_t cache_key;
static bool cache_key_exists;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
  block *first, *last;          // last: of the large classes alone
} shared[CLASSES];              // guarded by mutex
static uint64_t frees;          // guarded by mutex; of large blocks
static uint64_t large_cached;   // guarded by mutex; bytes in shared lists past the small classes
static _Atomic uint32_t trims;  // a thread that sees it change gives its cache back

static _Alignas(64) _Atomic uint64_t in_use;
static _Atomic uint64_t peak, limit;
static _Alignas(64) _Atomic uint64_t reserved, system_allocations;

static int class_of(size_t bytes) {
  if (bytes <= LINE * LINEAR_CLASSES) return bytes == 0 ? 0 : (int)((bytes - 1) / LINE);
  int exponent = 63 - __builtin_clzll((unsigned long long)(bytes - 1));
  return LINEAR_CLASSES + (exponent - 10) * 8 + (int)((bytes - 1) >> (exponent - 3)) - 8;
}

static size_t class_bytes(int class) {
  if (class < LINEAR_CLASSES) return (size_t)(class + 1) * LINE;
  int exponent = 10 + (class - LINEAR_CLASSES) / 8;
  return (size_t)((class - LINEAR_CLASSES) % 8 + 9) << (exponent - 3);
}

static void* from_system(int class) {
  size_t bytes = class_bytes(class);
  void* memory = NULL;
  if (posix_memalign(&memory, bytes >= 2 * huge_page ? huge_page : LINE, bytes) != 0) return NULL;
#ifdef MADV_HUGEPAGE
  if (bytes >= 2 * huge_page) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  atomic_fetch_add_explicit(&reserved, bytes, memory_order_relaxed);
  atomic_fetch_add_explicit(&system_allocations, 1, memory_order_relaxed);
  return memory;
}

static void list_to_system(block* first, int class) {
  size_t bytes = class_bytes(class);
  while (first) {
    block* next = first->next;
    permit(first, bytes);
    free(first);
    atomic_fetch_sub_explicit(&reserved, bytes, memory_order_relaxed);
    first = next;
  }
}

static block* pop(block** list, size_t bytes) {
  block* first = *list;
  if (first) {
    *list = first->next;
    permit(first, bytes);
  }
  return first;
}

static void push(block** list, block* freed, size_t bytes) {
  freed->next = *list;
  *list = freed;
  forbid(freed + 1, bytes - sizeof *freed);
}

static void* take_shared(int class) {
  size_t bytes = class_bytes(class);
  pthread_mutex_lock(&mutex);
  block* taken = pop(&shared[class].first, bytes);
  if (taken && class >= SMALL_CLASSES) {
    *(taken->next ? &taken->next->previous : &shared[class].last) = NULL;
    large_cached -= bytes;
  }
  pthread_mutex_unlock(&mutex);
  return taken;
}

static block* take_longest_free(int* class) {
  *class = -1;
  for (int i = SMALL_CLASSES; i < CLASSES; i++) {
    if (shared[i].last && (*class < 0 || shared[i].last->since < shared[*class].last->since)) *class = i;
  }
  if (*class < 0) return NULL;
  block* taken = shared[*class].last;
  shared[*class].last = taken->previous;
  *(taken->previous ? &taken->previous->next : &shared[*class].first) = NULL;
  large_cached -= class_bytes(*class);
  return taken;
}

// Large blocks stay cached while they fit in what the program has needed at its peak: the same sizes come back every
// step.
static void give_large(block* freed, int class) {
  size_t bytes = class_bytes(class);
  uint64_t most = atomic_load_explicit(&peak, memory_order_relaxed);
  most = most < always_cached ? always_cached : most + most / 8;  // blocks are up to an eighth longer than asked for
  pthread_mutex_lock(&mutex);
  block* second = shared[class].first;
  freed->previous = NULL;
  freed->since = ++frees;
  *(second ? &second->previous : &shared[class].last) = freed;
  push(&shared[class].first, freed, bytes);
  large_cached += bytes;
  while (large_cached > most) {
    int oldest;
    block* evicted = take_longest_free(&oldest);
    pthread_mutex_unlock(&mutex);
    list_to_system(evicted, oldest);
    pthread_mutex_lock(&mutex);
  }
  pthread_mutex_unlock(&mutex);
}

static void give_shared(block* first, block* last, int class) {
  pthread_mutex_lock(&mutex);
  last->next = shared[class].first;
  shared[class].first = first;
  pthread_mutex_unlock(&mutex);
}

static void empty_bin_into_shared(bin* bin, int class, int32_t count) {
  if (count == 0) return;
  block *first = bin->first, *last = first;
  for (int32_t i = 1; i < count; i++) last = last->next;
  bin->first = last->next;
  bin->count -= count;
  give_shared(first, last, class);
}

static void retire_cache(void* ending) {
  thread_cache* own = ending;
  cache = &retired;
  for (int class = 0; class < SMALL_CLASSES; class++)
    empty_bin_into_shared(&own->bins[class], class, own->bins[class].count);
  free(own);
}

static thread_cache* make_cache(void) {
  if (!cache_key_exists) return &retired;
  thread_cache* made = calloc(1, sizeof *made);
  if (!made || pthread_setspecific(cache_key, made) != 0) {
    free(made);
    return &retired;
  }
  made->trims = atomic_load_explicit(&trims, memory_order_relaxed);
  for (int class = 0; class < SMALL_CLASSES; class++) {
    size_t room = 131072 / class_bytes(class);
    made->bins[class].room = room > 64 ? 64 : (int32_t)room;
  }
  return cache = made;
}

static void trim_cache(thread_cache* own) {
  own->trims = atomic_load_explicit(&trims, memory_order_relaxed);
  for (int class = 0; class < SMALL_CLASSES; class++) {
    list_to_system(own->bins[class].first, class);
    own->bins[class].first = NULL;
    own->bins[class].count = 0;
  }
}

// The cache of this thread, or &retired, whose bins have no room and no blocks.
static inline thread_cache* current_cache(void) {
  thread_cache* own = cache;
  if (__builtin_expect(own == NULL, 0)) own = make_cache();
  if (__builtin_expect(own->trims != atomic_load_explicit(&trims, memory_order_relaxed), 0) && own != &retired) {
    trim_cache(own);
  }
  return own;
}

static void trim_shared(void) {
  for (int class = 0; class < CLASSES; class++) {
    pthread_mutex_lock(&mutex);
    block* first = shared[class].first;
    shared[class].first = shared[class].last = NULL;
    if (class >= SMALL_CLASSES) {
      for (block* at = first; at; at = at->next) large_cached -= class_bytes(class);
    }
    pthread_mutex_unlock(&mutex);
    list_to_system(first, class);
  }
}

void ck_memory_trim(void) {
  atomic_fetch_add_explicit(&trims, 1, memory_order_relaxed);
  current_cache();
  trim_shared();
}

static bool count_in(size_t bytes) {
  uint64_t now = atomic_fetch_add_explicit(&in_use, bytes, memory_order_relaxed) + bytes;
  uint64_t cap = atomic_load_explicit(&limit, memory_order_relaxed);
  if (__builtin_expect(cap != 0 && now > cap, 0)) {
    atomic_fetch_sub_explicit(&in_use, bytes, memory_order_relaxed);
    return false;
  }
  uint64_t most = atomic_load_explicit(&peak, memory_order_relaxed);
  while (__builtin_expect(now > most, 0) &&
         !atomic_compare_exchange_weak_explicit(&peak, &most, now, memory_order_relaxed, memory_order_relaxed)) {
  }
  return true;
}

static __attribute__((noinline)) void* alloc_slowly(int class) {
  void* taken = take_shared(class);
  if (!taken) taken = from_system(class);
  if (!taken) {
    ck_memory_trim();
    taken = from_system(class);
  }
  return taken;
}

void* ck_alloc(size_t bytes) {
  if (bytes > most_bytes || !count_in(bytes)) return NULL;
  int class = class_of(bytes);
  void* taken = NULL;
  if (class < SMALL_CLASSES) {
    bin* bin = &current_cache()->bins[class];
    taken = pop(&bin->first, class_bytes(class));
    if (taken) bin->count--;
  }
  if (__builtin_expect(!taken, 0)) taken = alloc_slowly(class);
  if (__builtin_expect(!taken, 0)) {
    atomic_fetch_sub_explicit(&in_use, bytes, memory_order_relaxed);
    return NULL;
  }
  forbid((char*)taken + bytes, class_bytes(class) - bytes);
  return taken;
}

void ck_free(void* freed, size_t bytes) {
  if (!freed) return;
  atomic_fetch_sub_explicit(&in_use, bytes, memory_order_relaxed);
  int class = class_of(bytes);
  permit(freed, class_bytes(class));
  if (class >= SMALL_CLASSES) {
    give_large(freed, class);
    return;
  }
  bin* bin = &current_cache()->bins[class];
  if (__builtin_expect(bin->room == 0, 0)) {
    block* alone = NULL;
    push(&alone, freed, class_bytes(class));
    give_shared(alone, alone, class);
    return;
  }
  if (__builtin_expect(bin->count == bin->room, 0)) empty_bin_into_shared(bin, class, (bin->room + 1) / 2);
  push(&bin->first, freed, class_bytes(class));
  bin->count++;
}

ck_memory_counts ck_memory(void) {
  return (ck_memory_counts){
      .in_use = atomic_load_explicit(&in_use, memory_order_relaxed),
      .peak = atomic_load_explicit(&peak, memory_order_relaxed),
      .reserved = atomic_load_explicit(&reserved, memory_order_relaxed),
      .system_allocations = atomic_load_explicit(&system_allocations, memory_order_relaxed),
  };
}

void ck_memory_reset_peak(void) { atomic_store(&peak, atomic_load(&in_use)); }
void ck_memory_set_limit(uint64_t bytes) { atomic_store(&limit, bytes); }
uint64_t ck_memory_limit(void) { return atomic_load(&limit); }

static void lock_for_fork(void) { pthread_mutex_lock(&mutex); }
static void unlock_after_fork(void) { pthread_mutex_unlock(&mutex); }

__attribute__((constructor)) static void prepare(void) {
  cache_key_exists = pthread_key_create(&cache_key, retire_cache) == 0;
  pthread_atfork(lock_for_fork, unlock_after_fork, unlock_after_fork);
}
