// The generator behind the legacy functions of NumPy, for results equal to those of programs that use it.
#ifndef CK_MT19937_H
#define CK_MT19937_H

#include "ck_types.h"

typedef struct ck_mt19937 ck_mt19937;

// As numpy.random.RandomState(seed); NULL without memory.
ck_mt19937* ck_mt19937_new(uint32_t seed);
void ck_mt19937_free(ck_mt19937* generator);

// As its method shuffle.
void ck_mt19937_shuffle(ck_mt19937* generator, int64_t n, int64_t* items);

#endif
