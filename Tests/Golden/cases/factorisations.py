"""Dense linear algebra."""

from math import sin

from table import T, V, case, each, float32, float64, inf, int32, int64


def _linalg(name):
    def call(*arguments, **named):
        import torch

        return getattr(torch.linalg, name)(*arguments, **named)

    return call


def _upper(a, upper):
    return _linalg("cholesky")(a, upper=upper)


def _of_triangle(name):
    """PyTorch gives a gradient to the triangle that it does not read, too."""

    def call(*arguments, upper=False):
        import torch

        factor = arguments[-1].triu() if upper else arguments[-1].tril()
        return getattr(torch, name)(*arguments[:-1], factor, upper=upper)

    return call


def _cond(a, p):
    """PyTorch's own changes a tensor in place that its derivative reads."""
    import torch

    return torch.linalg.norm(a, p) * torch.linalg.norm(torch.linalg.inv(a), p)


def matrix(rows, columns, phase=1, shift=0.0):
    """Numbers without a pattern, and more on the diagonal."""
    return [[sin(3.7 * i + 5.3 * j + phase) + (shift if i == j else 0.0) for j in range(columns)] for i in range(rows)]


def positive(n, phase=1):
    """A symmetric positive-definite matrix."""
    b = matrix(n, n, phase)
    return [[sum(b[i][k] * b[j][k] for k in range(n)) + (i == j) for j in range(n)] for i in range(n)]


def symmetric(n, phase=1):
    b = matrix(n, n, phase)
    return [[b[i][j] + b[j][i] for j in range(n)] for i in range(n)]


P3, P4 = positive(3), positive(4, 2)
BATCH = [positive(3, k) for k in range(2)]
REGULAR = matrix(3, 3, 1, 2.0)
DIAGONAL = [[1.0, 0.0], [0.0, -1.0]]
ONE_TRIANGLE = {"symmetric_input": True}

for a in (P3, P4, BATCH, [[4.0]]):
    case("cholesky", V(a), reference=_linalg("cholesky"), **ONE_TRIANGLE)
case("cholesky", V(P3), upper=True, reference=_linalg("cholesky"), **ONE_TRIANGLE)
case("cholesky", T(0, 0), reference=_linalg("cholesky"))
case("cholesky", T(0, 2, 2), reference=_linalg("cholesky"))
case("cholesky", V(P3, float32), reference=_linalg("cholesky"))
case("cholesky.classic", V(P3), reference=_linalg("cholesky"), **ONE_TRIANGLE)
case("cholesky.classic", V(P3), True, reference=_upper, **ONE_TRIANGLE)
LOWER = [[1.5, 0.0, 0.0], [0.3, 2.0, 0.0], [-0.4, 0.7, 1.2]]
UPPER = [list(row) for row in zip(*LOWER)]
case("cholesky_solve", T(3, 2), V(LOWER), reference=_of_triangle("cholesky_solve"))
case("cholesky_solve", T(3, 2), V(UPPER), upper=True, reference=_of_triangle("cholesky_solve"))
case("cholesky_solve", T(2, 3, 2), V(LOWER), reference=_of_triangle("cholesky_solve"))
case("cholesky_inverse", V(LOWER), reference=_of_triangle("cholesky_inverse"))
case("cholesky_inverse", V(UPPER), upper=True, reference=_of_triangle("cholesky_inverse"))
for upper in (True, False):
    for left in (True, False):
        for unit in (True, False):
            case("solve_triangular", V(REGULAR), T(3, 3), upper=upper, left=left, unitriangular=unit)
case("solve_triangular", V([LOWER, LOWER]), T(3, 2), upper=False)
case("solve_triangular", T(0, 0), T(0, 2), upper=False)

case("solve", V(REGULAR), T(3, 2), reference=_linalg("solve"))
case("solve", V(REGULAR), T(3), reference=_linalg("solve"))
case("solve", V(REGULAR), T(2, 3), left=False, reference=_linalg("solve"))
case("solve", V([REGULAR, P3]), T(2, 3), reference=_linalg("solve"))
case("solve", V([REGULAR, P3]), T(3, 2), reference=_linalg("solve"))
case("solve", T(0, 0), T(0, 2), reference=_linalg("solve"))
case("solve", V(REGULAR, float32), T(3, 2, dtype=float32), reference=_linalg("solve"))
case("inv", V(REGULAR))
case("inv", V([REGULAR, P3]))
case("inv", T(0, 0))
case("inv", V([[0.0, 2.0], [1.0, 0.0]]))
each(["det", "slogdet"], V(REGULAR))
each(["det", "slogdet"], V([REGULAR, P3]))
each(["det", "slogdet"], V([[0.0, 2.0], [1.0, 0.5]]))
each(["det", "slogdet"], T(0, 0))
each(["det", "slogdet"], V([[1.0, 2.0], [2.0, 4.0]], grad=False))
case("det", V([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]]), second=False, differences=False)
case("det", V([[3.5]]))
case("logdet", V(P3))
case("logdet", V([P3, P3]))
case("logdet", V([[0.0, 1.0], [1.0, 0.0]], grad=False))

for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 3)):
    case("lu_factor", T(*shape))
    case("lu", T(*shape), reference=_linalg("lu"))
case("lu", T(0, 3), reference=_linalg("lu"))
PIVOTS = V([2, 3, 3], int32)
for left in (True, False):
    for adjoint in (True, False):
        case("lu_solve", V(REGULAR), PIVOTS, T(3, 3), left=left, adjoint=adjoint, reference=_linalg("lu_solve"))
case("lu_solve", V([REGULAR, P3]), V([[1, 2, 3], [3, 3, 3]], int32), T(3, 2), reference=_linalg("lu_solve"))

for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2), (1, 1)):
    case("qr", T(*shape), reference=_linalg("qr"))
case("qr", T(3, 3), "complete", reference=_linalg("qr"))
case("qr", T(4, 2, grad=False), mode="complete", reference=_linalg("qr"))
case("qr", T(4, 2, grad=False), mode="r", reference=_linalg("qr"))
case("qr", T(0, 2, grad=False), reference=_linalg("qr"))
case("qr", T(3, 2, dtype=float32), reference=_linalg("qr"))

for a in (symmetric(3), symmetric(4, 2), [symmetric(3, 1), symmetric(3, 5)], [[2.0]], DIAGONAL):
    # The absolute value has a kink at the zeros of a diagonal matrix's vectors.
    case("eigh", V(a), absolute=True, differences=a != DIAGONAL, **ONE_TRIANGLE)
    case("eigvalsh", V(a), **ONE_TRIANGLE)
case("eigh", V(matrix(3, 3)), "U", absolute=True, **ONE_TRIANGLE)
case("eigvalsh", V(matrix(3, 3)), UPLO="U", **ONE_TRIANGLE)
case("eigh", T(0, 0, grad=False))
case("eigvalsh", T(6, 6), **ONE_TRIANGLE)
case("eigvalsh", V(symmetric(8, 3), grad=False))
case("svdvals", V(matrix(9, 6), grad=False))
case("pinv", V(matrix(6, 5), grad=False), reference=_linalg("pinv"))

for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2)):
    case("svd", T(*shape), False, absolute=True, reference=_linalg("svd"))
    case("svdvals", T(*shape))
case("svd", T(3, 3), absolute=True, reference=_linalg("svd"))
case("svd", T(3, 2, grad=False), True, absolute=True, reference=_linalg("svd"))
case("svd", T(2, 3, grad=False), absolute=True, reference=_linalg("svd"))
case("svd", T(0, 3, grad=False), False, reference=_linalg("svd"))
case("svdvals", V([[1.0, 2.0], [2.0, 4.0]], grad=False))
case("svdvals", V([[0.0, 0.0], [0.0, 0.0]], grad=False))
case("svd.classic", T(4, 2), absolute=True)
case("svd.classic", T(3, 2, grad=False), False, absolute=True)

for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2)):
    case("pinv", T(*shape), reference=_linalg("pinv"))
case("pinv", V([[1.0, 2.0], [2.0, 4.0]]), differences=False, second=False, reference=_linalg("pinv"))
case("pinv", V(P3), rtol=0.1, atol=0.1, differences=False, reference=_linalg("pinv"))
case("pinv", V(P3), hermitian=True, reference=_linalg("pinv"), **ONE_TRIANGLE)
case("pinv", T(0, 2, grad=False), reference=_linalg("pinv"))
case("pinverse", T(3, 2))
case("lstsq", T(4, 2), T(4, 3), reference=_linalg("lstsq"))
case("lstsq", T(2, 4), T(2, 3), reference=_linalg("lstsq"))
case("lstsq", T(4, 2), T(4, 3), driver="gelsd", reference=_linalg("lstsq"))
case("lstsq", T(4, 2, grad=False), T(4, 3, grad=False), driver="gels", reference=_linalg("lstsq"))
case("lstsq", T(2, 4, 2), T(2, 4, 1), reference=_linalg("lstsq"))
case("matrix_rank", V([[1.0, 2.0], [2.0, 4.0]], grad=False), reference=_linalg("matrix_rank"))
case("matrix_rank", T(2, 3, 4, grad=False), reference=_linalg("matrix_rank"))
case("matrix_rank", V(P3, grad=False), atol=1.5, reference=_linalg("matrix_rank"))
case("matrix_rank", V(P3, grad=False), rtol=0.9, hermitian=True, reference=_linalg("matrix_rank"))
for p in (None, 2, -2):
    case("cond", V(REGULAR), p, reference=_linalg("cond"))
for p in (1, -1, inf, -inf):
    case("cond", V(REGULAR), p, reference=_cond)
case("cond", T(3, 2), reference=_linalg("cond"))
case("cond", V([REGULAR, P3]), 2, reference=_linalg("cond"))
case("cond.name", V(REGULAR), "fro", reference=_cond)
case("cond.name", V(REGULAR), p="nuc", reference=_cond)

case("matrix_norm", T(3, 4))
case("matrix_norm", T(3, 4), "nuc")
case("matrix_norm", T(2, 3, 4), dim=(0, 2), keepdim=True)
case("matrix_norm", T(2, 3, 4), "nuc", (2, 0), True)
case("matrix_norm", V([[0.0, 0.0]]), differences=False, second=False)
for order in (1, -1, 2, -2, inf, -inf):
    case("matrix_norm.order", T(3, 4, distinct=True), order)
    case("matrix_norm.order", T(2, 3, 4, distinct=True), order, (0, 2), True)
    case("norm.linalg", T(3, 4, distinct=True), order, reference=_linalg("norm"))
    case("norm.linalg", T(4, distinct=True), order, reference=_linalg("norm"))
for order in (None, 0, 1.5, 3, -3):
    case("norm.linalg", T(5), order, reference=_linalg("norm"), differences=order != 0)
case("norm.linalg", T(3, 4), None, 1, True, reference=_linalg("norm"))
case("norm.linalg", T(3, 4), reference=_linalg("norm"))
case("norm.linalg", T(2, 3, 4), 3, dim=1, reference=_linalg("norm"))
case("norm.linalg", T(3, dtype=float32), dtype=float64, reference=_linalg("norm"))
case("norm.linalg_name", T(3, 4), "fro", reference=_linalg("norm"))
case("norm.linalg_name", T(2, 3, 4), "nuc", (0, 1), reference=_linalg("norm"))

case("cholesky_ex", V(P3), **ONE_TRIANGLE)
case("cholesky_ex", V([P3, P3]), upper=True, **ONE_TRIANGLE)
case("cholesky_ex", V(P4, grad=False), check_errors=True)
case("cholesky_ex", T(0, 2, 2))
case("solve_ex", V(REGULAR), T(3, 2))
case("solve_ex", V(REGULAR), T(2, 3), left=False)
case("solve_ex", V([REGULAR, P3]), T(2, 3), check_errors=True)
case("inv_ex", V([REGULAR, P3]))
case("inv_ex", V(REGULAR), check_errors=True)
case("lu_factor_ex", V(REGULAR))
case("lu_factor_ex", T(2, 3, 2))
case("lu_factor_ex", V([[0.0, 0.0], [0.0, 1.0]], grad=False))
case("lu.classic", V(REGULAR), get_infos=False, reference=lambda a, **named: _linalg("lu_factor")(a))
case("lu.classic", T(2, 4), reference=lambda a, **named: _linalg("lu_factor")(a))
case("lu.infos", V([REGULAR, P3]), get_infos=True, reference=lambda a, get_infos: _linalg("lu_factor_ex")(a))
case("lu_solve.classic", T(3, 2), V(REGULAR), PIVOTS)
case("lu_unpack", V(REGULAR), PIVOTS)
case("lu_unpack", T(2, 4, 3), V([[2, 2, 3], [4, 2, 3]], int32))
case("lu_unpack", V(REGULAR, grad=False), PIVOTS, unpack_data=False)
case("lu_unpack", V(REGULAR), PIVOTS, True, False)
for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2), (0, 2)):
    case("geqrf", T(*shape, grad=False))
case("householder_product", T(4, 3), T(3))
case("householder_product", T(2, 3, 3), T(2, 2))
case("householder_product", T(3, 0), T(0))
for left in (True, False):
    for transpose in (True, False):
        case("ormqr", T(3, 3), T(3), T(3, 3), left, transpose)
case("ormqr", T(4, 2), T(2), T(4, 3))
case("ormqr", T(2, 4, 2), T(2, 2), T(2, 3, 4), left=False)
for upper in (True, False):
    for transpose in (True, False):
        case("triangular_solve", T(3, 2), V(REGULAR), upper, transpose)
case("triangular_solve", T(2, 3, 2), V(REGULAR), unitriangular=True)
for size in (0.1, 1.0, 3.0, 20.0):
    grown = V([[size * x for x in row] for row in matrix(3, 3)])
    case("matrix_exp", grown, tolerance={"float64": 1e-8}, halves=size < 3)
case("matrix_exp", V([REGULAR, P3]))
case("matrix_exp", V([[2.0]]))
case("matrix_exp", T(0, 0))
case("matrix_sqrth", V(P3), **ONE_TRIANGLE)
case("matrix_sqrth", V([P3, positive(3, 5)]), **ONE_TRIANGLE)
case("matrix_sqrth", V([[4.0]]))
for shape in ((3, 3), (4, 2), (2, 3, 2)):
    case("polar", T(*shape), reference=_linalg("polar"))
case("tensorinv", T(4, 6, 8, 3), 2)
case("tensorinv", T(2, 3, 6), 2)
case("tensorinv", V(REGULAR), ind=1)
case("tensorsolve", T(2, 3, 6), T(2, 3))
case("tensorsolve", T(2, 6, 3), T(6), dims=(0, 2))
case("vander.linalg", T(3), reference=_linalg("vander"))
case("vander.linalg", T(2, 3), N=4, reference=_linalg("vander"))
case("vander.linalg", V([1, 2, 0], int32), N=3, reference=_linalg("vander"))
case("vander.linalg", T(), N=3, reference=_linalg("vander"))
case("vander", T(3), reference=lambda x: _linalg("vander")(x).flip(1))
case("vander", T(3), 2, True, reference=lambda x, n, increasing: _linalg("vander")(x, N=n))
case("vander", V([1, 2, 3], int64))
case("diagonal.linalg", T(2, 3, 4), reference=_linalg("diagonal"))
case("diagonal.linalg", T(2, 3, 4), offset=1, dim1=0, dim2=2, reference=_linalg("diagonal"))


def _low_rank(centres):
    """With as many components as there are, nothing is left to chance but the signs."""

    def factors(a, q=None, niter=2):
        u, s, vh = _linalg("svd")(a - a.mean(-2, keepdim=True) if centres else a, full_matrices=False)
        return u, s, vh.mT

    return factors


for name in ("svd_lowrank", "pca_lowrank"):
    case(name, T(5, 4), 2, any_values=True, differences=False)
    case(name, T(2, 3, 6), q=2, niter=1, any_values=True, differences=False)
case("svd_lowrank", T(4, 3), 3, absolute=True, reference=_low_rank(False))
case("svd_lowrank", T(2, 3, 5), q=3, niter=1, absolute=True, reference=_low_rank(False))
case("pca_lowrank", T(5, 3), 3, absolute=True, reference=_low_rank(True))
case("pca_lowrank", T(2, 6, 3), niter=1, absolute=True, reference=_low_rank(True))
case("pinv.rcond", T(3, 2), 1e-3, reference=_linalg("pinv"))
case("pinv.rcond", V(P3), 0.1, True, reference=_linalg("pinv"), **ONE_TRIANGLE)
case("pinv", V([REGULAR, P3]), rtol=V([0.1, 0.2], grad=False), reference=_linalg("pinv"), differences=False)
case("matrix_rank.tol", V([P3, REGULAR], grad=False), 1.5, reference=_linalg("matrix_rank"))
case("matrix_rank.tol", V([P3, P3], grad=False), V([1.5, 4.0], grad=False), reference=_linalg("matrix_rank"))
