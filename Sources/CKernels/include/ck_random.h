// Philox 4x32-10: element i of a draw depends on the seed, the counter and i alone, so any cut over threads gives the
// same bits. A draw of n elements uses blocks counter … counter + ck_random_blocks(n) - 1 of four 32-bit words each.
#ifndef CK_RANDOM_H
#define CK_RANDOM_H

#include "ck_types.h"

uint64_t ck_random_blocks(int64_t n);  // how far to advance the counter: (n + 1) / 2, enough for every kind of draw

// out[i] is contiguous. Floating dtypes only, unless said otherwise.
void ck_random_uniform(ck_dtype dtype, uint64_t seed, uint64_t counter, int64_t n, void* out, double low,
                       double high);  // [low, high)
void ck_random_normal(ck_dtype dtype, uint64_t seed, uint64_t counter, int64_t n, void* out, double mean, double std);
void ck_random_bernoulli(ck_dtype dtype, uint64_t seed, uint64_t counter, int64_t n, void* out,
                         double p);  // any dtype; 1 with probability p
// The numbers first … first + n - 1 of such a draw, as bytes, on the calling thread.
void ck_random_kept(uint64_t seed, uint64_t counter, int64_t first, int64_t n, double p, uint8_t* kept);
void ck_random_integers(ck_dtype dtype, uint64_t seed, uint64_t counter, int64_t n, void* out, int64_t low,
                        int64_t high);  // any dtype; [low, high), without modulo bias beyond 2^-64
void ck_random_exponential(ck_dtype dtype, uint64_t seed, uint64_t counter, int64_t n, void* out, double rate);
void ck_random_permutation(uint64_t seed, uint64_t counter, int64_t n, int64_t* out);  // a uniform permutation of 0..<n

#endif
