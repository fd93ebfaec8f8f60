#include "ck_unpack.h"

#include <string.h>

#include "ck_crc.h"
#include "ck_inflate.h"
#include "ck_memory.h"

static uint64_t element_at(const uint8_t* bytes, size_t size, bool swapped) {
  uint64_t word = 0;
  for (size_t i = 0; i < size; i++) word |= (uint64_t)bytes[i] << (8 * (swapped ? size - 1 - i : i));
  return word;
}

static void copy_swapped(size_t size, int64_t count, const uint8_t* from, uint8_t* to) {
  for (int64_t i = 0; i < count; i++, from += size, to += size) {
    uint64_t word = element_at(from, size, true);
    memcpy(to, &word, size);
  }
}

int64_t ck_unpack(ck_element element, size_t size, bool swapped, int64_t count, const void* from, void* to) {
  const uint8_t* source = from;
  if (element == CK_ELEMENT_SAME && swapped && size > 1) {
    copy_swapped(size, count, source, to);
  } else if (element == CK_ELEMENT_SAME) {
    if (count > 0) memcpy(to, from, size * (size_t)count);
  } else if (element == CK_ELEMENT_BOOL) {
    for (int64_t i = 0; i < count; i++) ((uint8_t*)to)[i] = source[i] != 0;
  } else {
    for (int64_t i = 0; i < count; i++, source += size) {
      uint64_t word = element_at(source, size, swapped);
      switch (element) {
        case CK_ELEMENT_INT8:
          ((int32_t*)to)[i] = (int8_t)word;
          break;
        case CK_ELEMENT_INT16:
          ((int32_t*)to)[i] = (int16_t)word;
          break;
        case CK_ELEMENT_UINT16:
          ((int32_t*)to)[i] = (uint16_t)word;
          break;
        default:
          if (word > INT64_MAX) return i;
          ((int64_t*)to)[i] = (int64_t)word;
      }
    }
  }
  return -1;
}

// ---- gzip: RFC 1952

// The size of the header, or 0.
static size_t header_size(const uint8_t* data, size_t size) {
  if (size < 18 || data[0] != 0x1F || data[1] != 0x8B || data[2] != 8 || data[3] & 0xE0) return 0;
  size_t at = 10;
  if (data[3] & 4) at += 2 + (size_t)data[10] + ((size_t)data[11] << 8);
  for (int flag = 8; flag <= 16; flag *= 2) {  // a name and a comment, each up to a zero
    if (!(data[3] & flag)) continue;
    while (at < size && data[at] != 0) at++;
    at++;
  }
  if (data[3] & 2) at += 2;
  return at + 8 <= size ? at : 0;
}

static bool grow(ck_block* block, size_t capacity) {
  void* data = ck_alloc(capacity);
  if (data == NULL) return false;
  if (block->size > 0) memcpy(data, block->data, block->size);
  if (block->data) ck_free(block->data, block->capacity);
  block->data = data;
  block->capacity = capacity;
  return true;
}

// One part, behind what is in the block. Its size is known only when it has been unpacked.
static int add_part(const uint8_t** data, size_t* size, size_t limit, ck_block* out) {
  size_t header = header_size(*data, *size), read, written;
  if (header == 0) return CK_GZIP_WRONG;
  size_t room = 4 * *size + 4096;
  while (true) {
    if (room > limit - out->size) room = limit - out->size;
    if (out->capacity - out->size < room && !grow(out, out->size + room)) return CK_GZIP_NO_MEMORY;
    ck_inflate_result result =
        ck_inflate(*data + header, *size - header - 8, (uint8_t*)out->data + out->size, room, &read, &written);
    if (result == CK_INFLATE_WRONG) return CK_GZIP_WRONG;
    if (result == CK_INFLATE_END) break;
    if (room == limit - out->size) return CK_GZIP_TOO_LARGE;
    room *= 4;
  }
  const uint8_t* trailer = *data + header + read;
  if (ck_crc32(0, (uint8_t*)out->data + out->size, written) != (uint32_t)element_at(trailer, 4, false))
    return CK_GZIP_CHECKSUM;
  out->size += written;
  *data += header + read + 8;
  *size -= header + read + 8;
  return 0;
}

int ck_gunzip(const void* data, size_t size, size_t limit, ck_block* out) {
  const uint8_t* next = data;
  int code = 0;
  *out = (ck_block){NULL, 0, 0};
  if (limit > SIZE_MAX / 2) limit = SIZE_MAX / 2;
  do {
    code = add_part(&next, &size, limit, out);
  } while (code == 0 && size > 0);
  if (code != 0 && out->data) {
    ck_free(out->data, out->capacity);
    *out = (ck_block){NULL, 0, 0};
  }
  return code;
}
