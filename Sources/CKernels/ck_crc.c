#include "ck_crc.h"

#include <pthread.h>

// Eight bytes a step, with tables for the two polynomials.
typedef uint32_t Tables[8][256];
static Tables zip_tables, castagnoli_tables;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_tables(Tables tables, uint32_t polynomial) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
    tables[0][i] = crc;
  }
  for (uint32_t i = 0; i < 256; i++) {
    for (int t = 1; t < 8; t++) tables[t][i] = tables[t - 1][i] >> 8 ^ tables[0][tables[t - 1][i] & 255];
  }
}

static void make_all(void) {
  make_tables(zip_tables, 0xEDB88320u);
  make_tables(castagnoli_tables, 0x82F63B78u);
}

static uint32_t checksum(Tables tables, uint32_t crc, const unsigned char* byte, size_t size) {
  crc = ~crc;
  for (; size >= 8; size -= 8, byte += 8) {
    crc ^= (uint32_t)byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;
    crc = tables[7][crc & 255] ^ tables[6][crc >> 8 & 255] ^ tables[5][crc >> 16 & 255] ^ tables[4][crc >> 24] ^
          tables[3][byte[4]] ^ tables[2][byte[5]] ^ tables[1][byte[6]] ^ tables[0][byte[7]];
  }
  for (; size > 0; size--, byte++) crc = crc >> 8 ^ tables[0][(crc ^ *byte) & 255];
  return ~crc;
}

uint32_t ck_crc32(uint32_t crc, const void* data, size_t size) {
  pthread_once(&once, make_all);
  return checksum(zip_tables, crc, data, size);
}

uint32_t ck_crc32c_masked(const void* data, size_t size) {
  pthread_once(&once, make_all);
  uint32_t crc = checksum(castagnoli_tables, 0, data, size);
  return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}

uint32_t ck_adler32(const void* data, size_t size) {
  const unsigned char* byte = data;
  uint32_t sum = 1, sums = 0;
  while (size > 0) {
    size_t part = size < 5552 ? size : 5552;  // the most that cannot overflow
    size -= part;
    for (; part > 0; part--) sums += sum += *byte++;
    sum %= 65521;
    sums %= 65521;
  }
  return sums << 16 | sum;
}
