// Text: numbers by C's printf, characters without Unicode's tables.
#ifndef CK_FORMAT_H
#define CK_FORMAT_H

#include "ck_types.h"

void ck_format(char* out, size_t size, double number, int digits, bool scientific);
void ck_format_short(char* out, size_t size, double number, int digits);  // so many digits that count

// Zero: what the release build links in place of the standard library's tables of Unicode (packaging/lean.ld).
const void* ck_nothing(void);

#endif
