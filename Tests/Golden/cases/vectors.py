"""Products of vectors and matrices, contractions and distances."""

from table import FLOATS, T, V, boolean, case, each, float32, inf, int32, int64, nan, uint8


def _linalg(name):
    def call(*arguments, **named):
        import torch

        return getattr(torch.linalg, name)(*arguments, **named)

    return call


case("bmm", T(2, 3, 4), T(2, 4, 2))
case("bmm", T(2, 3, 0), T(2, 0, 2))
case("bmm", T(0, 3, 4), T(0, 4, 2))
case("bmm", V([[[1, 2]]], int64), V([[[3], [4]]], int64))
case("mv", T(3, 4), T(4))
case("mv", T(3, 0), T(0))
each(["dot", "vdot"], T(4), T(4))
each(["dot", "vdot"], T(0), T(0))
each(["dot", "vdot"], V([1, 2], int64), V([3, 4], int64))
case("inner", T(4), T(4))
case("inner", T(2, 3, 4), T(5, 4))
case("inner", T(2, 3), T())
case("inner", T(2, 0), T(3, 0))
case("outer", T(3), T(4))
case("outer", T(0), T(2))
case("outer", V([1, 2], int32), T(2, dtype=float32))
case("vecdot", T(3, 4), T(3, 4))
case("vecdot", T(3, 4), T(4), dim=-1)
case("vecdot", T(3, 1), T(3, 4), dim=0)
case("cross", T(2, 3), T(2, 3))
case("cross", T(3, 3), T(3, 3), 1)
case("cross", T(3, 4), T(3, 1), dim=0)
case("cross", V([1, 2, 3], int64), V([4, 5, 7], int64))
case("cross.linalg", T(2, 3), T(2, 3), reference=_linalg("cross"))
case("cross.linalg", T(3, 4), T(3, 1), dim=0, reference=_linalg("cross"))
case("kron", T(2, 3), T(4, 2))
case("kron", T(2), T(3, 2))
case("kron", T(2, 1, 2), T())
case("kron", V([1, 2], int64), V([3, 4], int64))
case("kron", T(0, 2), T(2, 2))

for beta, alpha in ((1, 1), (0.5, 2), (0, -1.5)):
    case("addmm", T(3, 2), T(3, 4), T(4, 2), beta=beta, alpha=alpha)
    case("addmv", T(3), T(3, 4), T(4), beta=beta, alpha=alpha)
    case("addbmm", T(3, 2), T(5, 3, 4), T(5, 4, 2), beta=beta, alpha=alpha)
    case("baddbmm", T(5, 3, 2), T(5, 3, 4), T(5, 4, 2), beta=beta, alpha=alpha)
    case("addr", T(3, 2), T(3), T(2), beta=beta, alpha=alpha)
case("addmm", T(2), T(3, 4), T(4, 2))
case("addmm", T(), T(3, 0), T(0, 2))
case("addmm", V([nan, inf], grad=False), T(3, 4, grad=False), T(4, 2, grad=False), beta=0)
case("addmm", V([[1, 2]], int64), V([[1, 2]], int64), V([[3, 4], [5, 6]], int64), beta=2, alpha=3)
case("addmv", T(), T(3, 4), T(4))
case("addmv", V([1, 2], int64), V([[1, 2], [3, 4]], int64), V([5, 6], int64), beta=1.7, alpha=2.9)
case("addr", V([[True, False]], boolean), V([True], boolean), V([True, True], boolean), beta=0, alpha=2)
case("addbmm", T(1, 2), T(2, 3, 4), T(2, 4, 2))
case("baddbmm", T(3, 1), T(2, 3, 4), T(2, 4, 2))
case("addr", T(2), T(3), T(2))
for dtype in FLOATS:
    case("addmm", T(3, 2, dtype=dtype), T(3, 4, dtype=dtype), T(4, 2, dtype=dtype))

case("multi_dot", [T(3, 4), T(4, 2)])
case("multi_dot", [T(3, 4), T(4, 2), T(2, 6)])
case("multi_dot", [T(4), T(4, 2), T(2, 5), T(5)])
case("multi_dot", [T(2, 7), T(7, 3), T(3, 5), T(5, 1)])
case("chain_matmul", [T(3, 4), T(4, 2), T(2, 6)], reference=lambda m: _linalg("multi_dot")(m))
case("chain_matmul", [T(3, 4)], reference=lambda m: m[0].clone())
for n in (0, 1, 2, 5, -1, -2):
    case("matrix_power", V([[1.5, 0.5], [-0.25, 2.0]]), n)
case("matrix_power", V([[[2, 1], [0, 3]], [[1, 1], [1, 0]]], int64), 6)

case("tensordot", T(3, 4, 2), T(4, 2, 5))
case("tensordot", T(3, 4), T(4, 5), 1)
case("tensordot", T(3), T(2), dims=0)


def _tensordot(a, b, dims_a, dims_b):
    import torch

    return torch.tensordot(a, b, (dims_a, dims_b))


case("tensordot.axes", T(3, 4, 2), T(2, 5, 3), (0, 2), (2, 0), reference=_tensordot)
case("tensordot.axes", T(3, 4), T(5, 4), (-1,), (1,), reference=_tensordot)
case("bilinear", T(3, 4), T(3, 5), T(2, 4, 5), T(2))
case("bilinear", T(2, 3, 4), T(2, 3, 5), T(2, 4, 5))
case("bilinear", T(4), T(5), T(2, 4, 5))

for equation, shapes in [
    ("ij,jk->ik", [(2, 3), (3, 4)]), ("ij,jk", [(2, 3), (3, 4)]), ("ba,cb", [(2, 3), (4, 2)]), ("i,i->", [(3,), (3,)]),
    ("i,j->ij", [(3,), (2,)]), ("ii->i", [(3, 3)]), ("ii", [(3, 3)]), ("ij->ji", [(2, 3)]), ("ij->", [(2, 3)]),
    ("bij,bjk->bik", [(2, 3, 4), (2, 4, 2)]), ("...ij,...jk->...ik", [(2, 3, 4), (4, 2)]), ("...i->...", [(2, 3, 4)]),
    ("bhqd,bhkd->bhqk", [(2, 2, 3, 4), (2, 2, 5, 4)]), ("ij,ij->ij", [(2, 3), (2, 3)]), ("ij,j,ki->k", [(2, 3),
    (3,), (4, 2)]),
    ("iij,jk->ik", [(2, 2, 3), (3, 4)]), ("ij,kj->ik", [(2, 1), (4, 3)]), (" i j , j -> i ", [(2, 3), (3,)]),
    ("...,...->...", [(2, 1), (3,)]), ("i...,i...->...", [(3, 2), (3, 2)]), ("bn,anm,bm->ba", [(2, 3), (5, 3, 4),
    (2, 4)]),
    ("aBc,cB->Ba", [(2, 3, 4), (4, 3)]), ("ij,jk->ik", [(0, 3), (3, 2)]), ("ij,jk->ik", [(2, 0), (0, 2)]),
    (",i->i", [(), (3,)]),
]:  # fmt: skip
    case("einsum", equation, [T(*shape) for shape in shapes])
case("einsum", "ij,jk->ik", [V([[1, 2]], int64), V([[3], [4]], int64)])
case("einsum", "ij->i", [V([[1, 2]], int64)])
case("einsum", "i->", [V([5, 1, 6], uint8)])
case("einsum", "ik,j->ij", [T(2, 3, dtype=uint8), V([5, 1], uint8)])

for p in (2, 1, inf, 3, 1.5, 0.5):
    case("cdist", T(4, 3), T(2, 3), p=p, second=False)
case("cdist", T(4, 3), T(2, 3), p=0, second=False, differences=False)
case("cdist", T(2, 4, 3), T(1, 2, 3), second=False)
case("cdist", V([[1.0, 2.0], [0.0, 1.0]]), V([[1.0, 2.0]]), second=False, differences=False)
case("cdist", T(0, 3), T(2, 3), second=False)
case("cdist", T(3, 0), T(2, 0), second=False)
for p in (2, 1, inf, 3, 0.5):
    case("pdist", T(4, 3), p, second=False)
case("pdist", T(1, 3), second=False)
case("pdist", T(3, 0), second=False)
for p in (2, 1, inf, 3):
    case("pairwise_distance", T(4, 3), T(4, 3), p=p)
case("pairwise_distance", T(4, 3), T(3), 2, 1e-3, True)
case("pairwise_distance", T(3), T(3))
case("cosine_similarity", T(4, 3), T(4, 3))
case("cosine_similarity", T(4, 3), T(1, 3), dim=0)
case("cosine_similarity", T(2, 3, 4), T(2, 3, 4), dim=-1, eps=1e-3)
case("cosine_similarity", T(2, 3, dtype=float32), T(2, 3, dtype=float32))
