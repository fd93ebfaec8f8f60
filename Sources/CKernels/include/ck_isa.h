// The instruction set chosen once at run time: the best the processor has, or what SWIFTNN_ISA names
// (avx512, avx2, neon, portable) where the processor has it.
#ifndef CK_ISA_H
#define CK_ISA_H

typedef enum ck_isa { CK_PORTABLE = 0, CK_AVX2 = 1, CK_AVX512 = 2, CK_NEON = 3 } ck_isa;

ck_isa ck_isa_in_use(void);
const char* ck_isa_name(ck_isa isa);

#endif
