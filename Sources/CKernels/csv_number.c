#define _GNU_SOURCE
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ck_csv.h"

static locale_t plain;
static pthread_once_t plain_once = PTHREAD_ONCE_INIT;
static void make_plain(void) { plain = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

// Any number of digits, by the system.
static double by_system(const char* text, size_t size, char decimal) {
  enum { SHORT = 128 };
  char buffer[SHORT], *copy = size < SHORT ? buffer : malloc(size + 1), *end;
  if (copy == NULL) return NAN;
  for (size_t i = 0; i < size; i++) copy[i] = text[i] == decimal ? '.' : text[i];
  copy[size] = 0;
  pthread_once(&plain_once, make_plain);
  double result = strtod_l(copy, &end, plain);
  if (copy != buffer) free(copy);
  return result;
}

// The processor divides in two steps where the compiler's function for any 128 bits takes more.
static void divide(unsigned __int128 dividend, uint64_t divisor, unsigned __int128* quotient, bool* rest) {
#if defined(__x86_64__)
  uint64_t high = (uint64_t)(dividend >> 64), low, left;
  __asm__("divq %4" : "=a"(low), "=d"(left) : "a"((uint64_t)dividend), "d"(high % divisor), "r"(divisor) : "cc");
  *quotient = (unsigned __int128)(high / divisor) << 64 | low;
  *rest = left != 0;
#else
  *quotient = dividend / divisor;
  *rest = *quotient * divisor != dividend;
#endif
}

// digits * 10^power, rounded once: the quotient or product has at least 64 bits, and what is cut off is remembered.
static bool by_integers(uint64_t digits, int power, double* out) {
  static const uint64_t fives[28] = {1u,
                                     5u,
                                     25u,
                                     125u,
                                     625u,
                                     3125u,
                                     15625u,
                                     78125u,
                                     390625u,
                                     1953125u,
                                     9765625u,
                                     48828125u,
                                     244140625u,
                                     1220703125u,
                                     6103515625u,
                                     30517578125u,
                                     152587890625u,
                                     762939453125u,
                                     3814697265625u,
                                     19073486328125u,
                                     95367431640625u,
                                     476837158203125u,
                                     2384185791015625u,
                                     11920928955078125u,
                                     59604644775390625u,
                                     298023223876953125u,
                                     1490116119384765625u,
                                     7450580596923828125u};
  if (power < -27 || power > 27) return false;
  unsigned __int128 number;
  int exponent = power;
  bool rest = false;
  if (power >= 0) {
    number = (unsigned __int128)digits * fives[power];
  } else {
    int shift = __builtin_clzll(digits);
    unsigned __int128 dividend = (unsigned __int128)(digits << shift) << 64;
    divide(dividend, fives[-power], &number, &rest);
    exponent -= shift + 64;
  }
  uint64_t high = (uint64_t)(number >> 64);
  int bits = high ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll((uint64_t)number);
  if (bits > 64) {
    int cut = bits - 64;
    rest = rest || (number & (((unsigned __int128)1 << cut) - 1)) != 0;
    number >>= cut;
    exponent += cut;
  }
  // The lowest bit stands for all that was cut off; it is behind the one that decides.
  uint64_t top = (uint64_t)number;
  if (rest && bits < 64) return false;
  *out = ldexp((double)(rest ? top | 1 : top), exponent);
  return true;
}

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static bool is_word(const char* text, size_t size, const char* word) {
  return size == strlen(word) && strncasecmp(text, word, size) == 0;
}

ck_csv_kind ck_csv_number(const char* text, size_t size, char decimal, double* real, int64_t* whole) {
  static const double tens[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const char *p = text, *end = text + size;
  while (p < end && is_blank(*p)) p++;
  while (p < end && is_blank(end[-1])) end--;
  const char* start = p;
  bool negative = p < end && *p == '-';
  if (p < end && (*p == '-' || *p == '+')) p++;
  uint64_t digits = 0;
  int count = 0, power = 0;
  bool any = false, point = false, cut = false;
  for (; p < end; p++) {
    unsigned digit = (unsigned)(unsigned char)*p - '0';
    if (digit <= 9) {
      any = true;
      if (count < 19) {
        digits = 10 * digits + digit;
        count += digits != 0;
        power -= point;
      } else {
        cut = cut || digit != 0;
        power += !point;
        count++;
      }
    } else if (*p == decimal && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (!any) {
    size_t rest = (size_t)(end - p);
    if (point || p - start > 1 || !(is_word(p, rest, "inf") || is_word(p, rest, "infinity"))) return CK_CSV_NO_NUMBER;
    if (real) *real = negative ? -INFINITY : INFINITY;
    return CK_CSV_REAL;
  }
  bool has_power = p < end && (*p == 'e' || *p == 'E');
  if (has_power) {
    bool minus = ++p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) p++;
    if (p == end) return CK_CSV_NO_NUMBER;
    int exponent = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++) exponent = exponent < 100000 ? 10 * exponent + (*p - '0') : exponent;
    power += minus ? -exponent : exponent;
  }
  if (p != end) return CK_CSV_NO_NUMBER;
  bool is_whole = !point && !has_power;
  if (is_whole && count <= 19 && digits <= (uint64_t)INT64_MAX + negative) {
    *whole = negative ? (int64_t)(0 - digits) : (int64_t)digits;
    if (real) *real = digits == 0 && negative ? -0.0 : (double)*whole;
    return CK_CSV_WHOLE;
  }
  if (real == NULL) return CK_CSV_REAL;
  double value;
  if (digits == 0) {
    value = 0;
  } else if (!cut && digits <= 1ull << 53 && power >= -22 && power <= 22) {
    value = power < 0 ? (double)digits / tens[-power] : (double)digits * tens[power];
  } else if (cut || !by_integers(digits, power, &value)) {
    *real = by_system(start, (size_t)(end - start), decimal);
    return CK_CSV_REAL;
  }
  *real = negative ? -value : value;
  return CK_CSV_REAL;
}
