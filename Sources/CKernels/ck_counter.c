#include "ck_counter.h"

#include <stdatomic.h>

static _Atomic uint64_t next_sequence = 1;

uint64_t ck_next_sequence(void) { return atomic_fetch_add_explicit(&next_sequence, 1, memory_order_relaxed); }
