#include "ck_format.h"

#include <stdio.h>

void ck_format(char* out, size_t size, double number, int digits, bool scientific) {
  snprintf(out, size, scientific ? "%.*e" : "%.*f", digits, number);
}

void ck_format_short(char* out, size_t size, double number, int digits) { snprintf(out, size, "%.*g", digits, number); }

const void* ck_nothing(void) { return NULL; }
