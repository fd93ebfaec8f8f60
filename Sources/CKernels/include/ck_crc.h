// Checksums.
#ifndef CK_CRC_H
#define CK_CRC_H

#include "ck_types.h"

uint32_t ck_crc32(uint32_t crc, const void* data, size_t size);  // of zip and PNG files; starts from 0
// The Castagnoli checksum as TFRecord files store it: turned and shifted, so that a checksum of checksums is one too.
uint32_t ck_crc32c_masked(const void* data, size_t size);
uint32_t ck_adler32(const void* data, size_t size);  // of zlib streams

#endif
