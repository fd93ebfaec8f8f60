// A number that grows with every call, from any thread: the order in which graph nodes were made.
#ifndef CK_COUNTER_H
#define CK_COUNTER_H

#include <stdint.h>

uint64_t ck_next_sequence(void);

#endif
