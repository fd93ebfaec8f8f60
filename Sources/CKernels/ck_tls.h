// Thread-local variables that a shared library reaches without a call. Only glibc sets room aside for them at dlopen.
#ifndef CK_TLS_H
#define CK_TLS_H

#include <stdlib.h>

#if defined(__GLIBC__) && defined(__ELF__)
#define CK_THREAD_LOCAL _Thread_local __attribute__((tls_model("initial-exec")))
#else
#define CK_THREAD_LOCAL _Thread_local
#endif

#endif
