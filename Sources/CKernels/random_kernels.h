// What random.c asks of the code compiled for one instruction set: groups of 64 random words, and what is made of them.
#ifndef CK_RANDOM_KERNELS_H
#define CK_RANDOM_KERNELS_H

#include "ck_types.h"

enum { RANDOM_WORDS = 64, RANDOM_BLOCKS = RANDOM_WORDS / 4 };

// u is uniform in [0, 1) for uniform, and never 0 or 1 for the others. 64 words make 64 floats or 32 doubles.
typedef struct random_kernels {
  void (*words)(uint64_t seed, uint64_t first_block, uint32_t* words);
  void (*uniform32)(const uint32_t* words, float* out);
  void (*uniform64)(const uint32_t* words, double* out);
  void (*normal32)(const uint32_t* words, float* out);
  void (*normal64)(const uint32_t* words, double* out);
  void (*exponential32)(const uint32_t* words, float* out);
  void (*exponential64)(const uint32_t* words, double* out);
} random_kernels;

extern const random_kernels ck_random_portable;
#if defined(__x86_64__)
extern const random_kernels ck_random_avx2, ck_random_avx512;
#endif

#endif
