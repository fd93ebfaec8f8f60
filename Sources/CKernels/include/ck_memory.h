// A caching pool of 64-byte aligned blocks. Thread-safe.
#ifndef CK_MEMORY_H
#define CK_MEMORY_H

#include "ck_types.h"

// NULL when the system has no more, when the cap would be passed, or when the size is absurd (over 2^48).
// The caller passes the same byte count to ck_free. Contents are undefined.
void* ck_alloc(size_t bytes);
void ck_free(void* block, size_t bytes);

typedef struct ck_memory_counts {
  uint64_t in_use;              // bytes handed out now
  uint64_t peak;                // the most ever handed out since the last reset
  uint64_t reserved;            // bytes held from the system, cached blocks included
  uint64_t system_allocations;  // how often the system was asked
} ck_memory_counts;

ck_memory_counts ck_memory(void);
void ck_memory_reset_peak(void);
void ck_memory_set_limit(uint64_t bytes);  // 0: no cap. Applies to bytes in use.
uint64_t ck_memory_limit(void);
// Gives all cached blocks back to the system; the few small ones of other threads follow at their next call.
void ck_memory_trim(void);

#endif
