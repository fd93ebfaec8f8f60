// Unpacks what zip, gzip and zlib pack: RFC 1951.
#ifndef CK_INFLATE_H
#define CK_INFLATE_H

#include "ck_types.h"

typedef enum ck_inflate_result {
  CK_INFLATE_END = 0,    // all of it
  CK_INFLATE_FULL = 1,   // there is more than fits
  CK_INFLATE_WRONG = 2,  // no such data, or cut off
} ck_inflate_result;

// Unpacks `size` bytes into `capacity`. *read and *written: how far it came.
ck_inflate_result ck_inflate(const void* data, size_t size, void* out, size_t capacity, size_t* read, size_t* written);

// No more bytes than this can be packed into `size`.
size_t ck_inflate_bound(size_t size);

#endif
