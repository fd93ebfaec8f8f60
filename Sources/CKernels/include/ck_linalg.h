// Factorisations of dense matrices, in double precision: the engine converts shorter elements. All arrays are
// contiguous and row-major, [batch, rows, columns]. Results do not depend on the number of threads. No kernel loops
// without end, whatever it reads.
#ifndef CK_LINALG_H
#define CK_LINALG_H

#include "ck_types.h"

// What a factorisation that may fail returns: CK_DONE, CK_NO_MEMORY, or the number of the first matrix that it cannot
// do.
#define CK_DONE (-1)
#define CK_NO_MEMORY (-2)

// a = L·Lᵀ, of which only the lower triangle is read; L replaces a, zeros above. *minor: the size of the leading block
// that is not positive-definite, where one is not.
int64_t ck_cholesky(int64_t batch, int64_t n, double* a, int64_t* minor);

// b [n, m] becomes a⁻¹·b for a triangular a [n, n], of which only that triangle is read (unit: ones on the diagonal).
void ck_triangular_solve(bool upper, bool unit, int64_t batch, int64_t n, int64_t m, const double* a, double* b);

// P·L·U = a [m, n] with partial pivoting; U and L below the ones of its diagonal replace a. At step i, row i was
// swapped with row pivots[i], which counts from 0; pivots is [min(m, n)]. A column of zeros is passed over.
void ck_lu(int64_t batch, int64_t m, int64_t n, double* a, int32_t* pivots);

// b [n, m] becomes a⁻¹·b; a [n, n] is overwritten by its factors. *minor: the position of the pivot that is zero, where
// one is.
int64_t ck_solve(int64_t batch, int64_t n, int64_t m, double* a, double* b, int64_t* minor);

// Determinants as they are, and as sign · exp(log); a is overwritten.
bool ck_determinant(int64_t batch, int64_t n, double* a, double* determinant, double* sign, double* log);

// Q [m, width] and R of a [m, n] by Householder reflections, with LAPACK's signs; R replaces a's upper triangle, zeros
// below. width: min(m, n) or m; 0 without Q.
bool ck_qr(int64_t batch, int64_t m, int64_t n, double* a, double* q, int64_t width);

// R in a's upper triangle; below it the reflections I - factor·v·vᵀ that make Q, without the ones that v begins with.
bool ck_geqrf(int64_t batch, int64_t m, int64_t n, double* a, double* factors);

// Eigenvalues in ascending order and eigenvectors, which replace a as columns. a [n, n] is symmetric and finite.
int64_t ck_eigh(int64_t batch, int64_t n, double* a, double* values);

// a [m, n] = U·diag(s)·V, m ≥ n, finite: u is [m, width] with width n or m, s [n] descending, v [n, n]. a is
// overwritten.
bool ck_svd(int64_t batch, int64_t m, int64_t n, double* a, double* u, int64_t width, double* s, double* v);

#endif
