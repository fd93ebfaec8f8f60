#include "ck_inflate.h"

#include <string.h>

enum { FAST = 10, LONGEST = 15, LITERALS = 288, DISTANCES = 32 };

typedef struct {
  const uint8_t* next;
  const uint8_t* end;
  uint64_t bits;
  int count;
  bool starved;  // bits were asked for behind the end
} Bits;

// A canonical code. A word of at most FAST bits is found at once: symbol << 4 | length. Longer ones are counted up to.
typedef struct {
  uint16_t fast[1 << FAST];
  uint16_t counts[LONGEST + 1];
  uint16_t symbols[LITERALS];
} Code;

static inline void refill(Bits* b) {
  while (b->count <= 56 && b->next < b->end) {
    b->bits |= (uint64_t)*b->next++ << b->count;
    b->count += 8;
  }
}

static inline uint32_t take(Bits* b, int n) {
  if (b->count < n) refill(b);
  if (b->count < n) {
    b->starved = true;
    return 0;
  }
  uint32_t value = (uint32_t)(b->bits & ((1ull << n) - 1));
  b->bits >>= n;
  b->count -= n;
  return value;
}

static unsigned reversed(unsigned word, int length) {
  unsigned result = 0;
  for (int i = 0; i < length; i++) result |= (word >> i & 1) << (length - 1 - i);
  return result;
}

// False when the lengths say more words than there are; fewer are allowed where `partial`.
static bool make_code(Code* code, const uint8_t* lengths, int count, bool partial) {
  uint16_t offsets[LONGEST + 2] = {0};
  memset(code, 0, sizeof *code);
  for (int i = 0; i < count; i++) code->counts[lengths[i]]++;
  code->counts[0] = 0;
  int left = 1;
  for (int length = 1; length <= LONGEST; length++) {
    left = 2 * left - code->counts[length];
    if (left < 0) return false;
    offsets[length + 1] = (uint16_t)(offsets[length] + code->counts[length]);
  }
  if (left > 0 && !partial) return false;
  unsigned word = 0;
  uint16_t places[LONGEST + 2];
  memcpy(places, offsets, sizeof places);
  for (int i = 0; i < count; i++) {
    if (lengths[i]) code->symbols[places[lengths[i]]++] = (uint16_t)i;
  }
  for (int length = 1; length <= FAST; length++, word <<= 1) {
    for (int i = offsets[length]; i < offsets[length + 1]; i++, word++) {
      for (unsigned k = reversed(word, length); k < 1u << FAST; k += 1u << length)
        code->fast[k] = (uint16_t)(code->symbols[i] << 4 | length);
    }
  }
  return true;
}

// A symbol, or -1.
static inline int decode(Bits* b, const Code* code) {
  if (b->count < LONGEST) refill(b);
  unsigned entry = code->fast[b->bits & ((1u << FAST) - 1)];
  if (entry) {
    int length = entry & 15;
    if (length > b->count) return -1;
    b->bits >>= length;
    b->count -= length;
    return (int)(entry >> 4);
  }
  int word = 0, first = 0, index = 0;
  for (int length = 1; length <= LONGEST && length <= b->count; length++) {
    word |= (int)(b->bits >> (length - 1) & 1);
    int n = code->counts[length];
    if (word - n < first) {
      b->bits >>= length;
      b->count -= length;
      return code->symbols[index + word - first];
    }
    index += n;
    first = (first + n) << 1;
    word <<= 1;
  }
  return -1;
}

static bool read_codes(Bits* b, Code* literals, Code* distances) {
  static const uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  int literal_count = (int)take(b, 5) + 257, distance_count = (int)take(b, 5) + 1, count = (int)take(b, 4) + 4;
  uint8_t lengths[LITERALS + DISTANCES] = {0}, few[19] = {0};
  if (literal_count > 286 || distance_count > 30) return false;
  for (int i = 0; i < count; i++) few[order[i]] = (uint8_t)take(b, 3);
  if (b->starved || !make_code(literals, few, 19, false)) return false;
  for (int i = 0; i < literal_count + distance_count;) {
    int symbol = decode(b, literals), times = 1;
    uint8_t length = (uint8_t)symbol;
    if (symbol < 0) return false;
    if (symbol == 16) {
      if (i == 0) return false;
      length = lengths[i - 1];
      times = 3 + (int)take(b, 2);
    } else if (symbol > 16) {
      length = 0;
      times = symbol == 17 ? 3 + (int)take(b, 3) : 11 + (int)take(b, 7);
    }
    if (b->starved || i + times > literal_count + distance_count) return false;
    while (times-- > 0) lengths[i++] = length;
  }
  // One word of one bit is allowed among distances, and none.
  return lengths[256] != 0 && make_code(literals, lengths, literal_count, true) &&
         make_code(distances, lengths + literal_count, distance_count, true);
}

static void fixed_codes(Code* literals, Code* distances) {
  uint8_t lengths[LITERALS];
  for (int i = 0; i < LITERALS; i++) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  make_code(literals, lengths, LITERALS, false);
  memset(lengths, 5, DISTANCES);
  make_code(distances, lengths, DISTANCES, false);
}

typedef struct {
  uint8_t* start;
  uint8_t* next;
  uint8_t* end;
} Room;

static ck_inflate_result packed_block(Bits* b, Room* room, const Code* literals, const Code* distances) {
  static const uint16_t bases[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                     31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
  static const uint8_t extras[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                     2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
  static const uint16_t far[30] = {1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
                                   33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
                                   1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
  while (true) {
    int symbol = decode(b, literals);
    if (symbol < 0) return CK_INFLATE_WRONG;
    if (symbol < 256) {
      if (room->next == room->end) return CK_INFLATE_FULL;
      *room->next++ = (uint8_t)symbol;
      continue;
    }
    if (symbol == 256) return CK_INFLATE_END;
    if (symbol > 285) return CK_INFLATE_WRONG;
    size_t length = bases[symbol - 257] + take(b, extras[symbol - 257]);
    int place = decode(b, distances);
    if (place < 0 || place > 29) return CK_INFLATE_WRONG;
    size_t distance = far[place] + take(b, place < 2 ? 0 : place / 2 - 1);
    if (b->starved || distance > (size_t)(room->next - room->start)) return CK_INFLATE_WRONG;
    bool fits = length <= (size_t)(room->end - room->next);
    if (!fits) length = (size_t)(room->end - room->next);
    const uint8_t* source = room->next - distance;
    if (distance >= length) {
      memcpy(room->next, source, length);
    } else {
      for (size_t i = 0; i < length; i++) room->next[i] = source[i];
    }
    room->next += length;
    if (!fits) return CK_INFLATE_FULL;
  }
}

static ck_inflate_result stored_block(Bits* b, Room* room) {
  take(b, b->count & 7);
  // Whole bytes in the buffer go back.
  b->next -= b->count / 8;
  b->bits = 0;
  b->count = 0;
  if (b->end - b->next < 4) return CK_INFLATE_WRONG;
  size_t size = (size_t)(b->next[0] | b->next[1] << 8), other = (size_t)(b->next[2] | b->next[3] << 8);
  b->next += 4;
  if (size != (~other & 0xFFFF) || size > (size_t)(b->end - b->next)) return CK_INFLATE_WRONG;
  bool fits = size <= (size_t)(room->end - room->next);
  if (!fits) size = (size_t)(room->end - room->next);
  if (size > 0) memcpy(room->next, b->next, size);
  b->next += size;
  room->next += size;
  return fits ? CK_INFLATE_END : CK_INFLATE_FULL;
}

ck_inflate_result ck_inflate(const void* data, size_t size, void* out, size_t capacity, size_t* read, size_t* written) {
  Bits b = {data, (const uint8_t*)data + size, 0, 0, false};
  Room room = {out, out, (uint8_t*)out + capacity};
  Code literals, distances;
  ck_inflate_result result = CK_INFLATE_END;
  for (bool last = false; !last && result == CK_INFLATE_END;) {
    last = take(&b, 1) != 0;
    uint32_t kind = take(&b, 2);
    if (b.starved || kind == 3) {
      result = CK_INFLATE_WRONG;
    } else if (kind == 0) {
      result = stored_block(&b, &room);
    } else if (kind == 2 && !read_codes(&b, &literals, &distances)) {
      result = CK_INFLATE_WRONG;
    } else {
      if (kind == 1) fixed_codes(&literals, &distances);
      result = packed_block(&b, &room, &literals, &distances);
    }
  }
  *read = size - (size_t)(b.end - b.next) - (size_t)(b.count / 8);
  *written = (size_t)(room.next - room.start);
  return result;
}

// 258 bytes come of two bits.
size_t ck_inflate_bound(size_t size) { return size > SIZE_MAX / 1032 - 1 ? SIZE_MAX : (size + 1) * 1032; }
