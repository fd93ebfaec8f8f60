// Elements as files hold them: of types that tensors lack, in either byte order, at any address.
#ifndef CK_UNPACK_H
#define CK_UNPACK_H

#include "ck_types.h"

typedef enum ck_element {
  CK_ELEMENT_SAME = 0,  // of the tensor's type
  CK_ELEMENT_INT8,      // become int32
  CK_ELEMENT_INT16,
  CK_ELEMENT_UINT16,
  CK_ELEMENT_UINT32,  // become int64
  CK_ELEMENT_UINT64,
  CK_ELEMENT_BOOL,  // bytes of which any but 0 means true
} ck_element;

// Copies `count` elements of `size` bytes each. -1, or the number of the first one that does not fit.
int64_t ck_unpack(ck_element element, size_t size, bool swapped, int64_t count, const void* from, void* to);

// Unpacks a gzip file of one or several parts. The block is given back with ck_free(block, capacity).
enum { CK_GZIP_WRONG = -1, CK_GZIP_TOO_LARGE = -2, CK_GZIP_NO_MEMORY = -3, CK_GZIP_CHECKSUM = -4 };
typedef struct ck_block {
  void* data;
  size_t size;
  size_t capacity;
} ck_block;
int ck_gunzip(const void* data, size_t size, size_t limit, ck_block* out);

#endif
