// Numbers as text, by C's printf.
#ifndef CK_FORMAT_H
#define CK_FORMAT_H

#include "ck_types.h"

void ck_format(char* out, size_t size, double number, int digits, bool scientific);

#endif
