"""Properties, operators and conversions of tensors."""

from __future__ import annotations

import copy
import gc
import operator
import pickle
import weakref

import numpy as np
import pytest

import swiftnn as torch

BINARY = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.pow,
    operator.eq,
    operator.ne,
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
]


@pytest.mark.parametrize("function", BINARY)
def test_operators_equal_numpy(function: object) -> None:
    a, b = np.array([[1.0, 2.0, 3.0]]), np.array([[2.0], [3.0]])
    x, y = torch.tensor(a), torch.tensor(b)
    assert np.allclose(function(x, y).numpy(), function(a, b))  # type: ignore[operator]
    assert np.allclose(function(x, 2).numpy(), function(a, 2))  # type: ignore[operator]
    assert np.allclose(function(2.5, x).numpy(), function(2.5, a))  # type: ignore[operator]
    assert np.allclose(function(x, np.float64(2)).numpy(), function(a, 2.0))  # type: ignore[operator]


def test_unary_operators() -> None:
    x = torch.tensor([-1.0, 2.0])
    assert (-x).tolist() == [1, -2]
    assert (+x) is x
    assert abs(x).tolist() == [1, 2]


def test_in_place_operators_keep_the_object() -> None:
    x = torch.tensor([6.0])
    same = x
    x += 2
    x -= 4
    x *= 3
    x /= 6
    assert x is same
    assert x.item() == 2


def test_operators_with_foreign_objects() -> None:
    x = torch.ones(2)
    with pytest.raises(TypeError):
        x + "a"
    with pytest.raises(TypeError):
        "a" + x
    with pytest.raises(TypeError):
        x + None
    assert (x == None) is False  # noqa: E711
    assert (x != "a") is True


def test_matrix_product() -> None:
    x = torch.arange(6.0).reshape(2, 3)
    assert (x @ x.T).tolist() == [[5, 14], [14, 50]]
    with pytest.raises(TypeError):
        x @ 3


def test_conversions_to_python_numbers() -> None:
    assert int(torch.tensor(3.7)) == 3
    assert float(torch.tensor(3)) == 3.0
    assert [10, 20, 30][torch.tensor(1)] == 20
    assert bool(torch.tensor([1]))
    assert not torch.tensor(0.0)
    assert isinstance(torch.tensor(True).item(), bool)
    assert isinstance(torch.tensor(1).item(), int)
    assert isinstance(torch.tensor(1.0).item(), float)
    assert f"{torch.tensor(1.23456):.2f}" == "1.23"
    for wrong in (lambda: bool(torch.ones(2)), lambda: torch.ones(2).item(), lambda: int(torch.ones(3))):
        with pytest.raises((RuntimeError, ValueError)):
            wrong()
    with pytest.raises(TypeError):
        range(torch.tensor(1.0))  # type: ignore[call-overload]
    assert torch.tensor(2**62 + 1).item() == 2**62 + 1


def test_tolist() -> None:
    assert torch.tensor(3).tolist() == 3
    assert torch.zeros(2, 0).tolist() == [[], []]
    assert torch.arange(4).reshape(2, 2).T.tolist() == [[0, 2], [1, 3]]
    assert torch.tensor([True, False]).tolist() == [True, False]


def test_shape_questions() -> None:
    x = torch.zeros(2, 3, 4)
    assert isinstance(x.shape, torch.Size)
    assert x.size() == x.shape == (2, 3, 4)
    assert (x.size(0), x.size(-1), x.size(dim=1)) == (2, 4, 3)
    assert (x.dim(), x.ndim, x.numel(), x.nelement(), len(x)) == (3, 3, 24, 24, 2)
    assert x.stride() == (12, 4, 1)
    assert x.stride(0) == 12
    assert (x.element_size(), x.itemsize, x.nbytes) == (4, 4, 96)
    assert x.is_contiguous()
    assert not x.mT.is_contiguous()
    assert x.T.shape == (4, 3, 2)
    assert x.mT.shape == (2, 4, 3)
    with pytest.raises(IndexError, match="Dimension out of range"):
        x.size(3)
    assert torch.numel(x) == 24
    assert torch.is_tensor(x)
    assert torch.is_floating_point(x)


def test_size_is_a_tuple() -> None:
    size = torch.zeros(2, 3, 4).shape
    assert repr(size) == "swiftnn.Size([2, 3, 4])"
    assert isinstance(size[:2], torch.Size)
    assert isinstance(size + (5,), torch.Size)
    assert size[-1] == 4
    assert size.numel() == 24
    assert hash(size) == hash((2, 3, 4))
    assert pickle.loads(pickle.dumps(size)) == size
    batch, *rest = size
    assert (batch, rest) == (2, [3, 4])


def test_dtypes() -> None:
    assert repr(torch.float32) == "swiftnn.float32"
    assert torch.float is torch.float32
    assert torch.long is torch.int64
    assert torch.float32.itemsize == 4
    assert torch.bfloat16.is_floating_point
    assert not torch.int64.is_floating_point
    assert pickle.loads(pickle.dumps(torch.float16)) is torch.float16
    assert copy.deepcopy(torch.bool) is torch.bool
    assert {torch.float32: 1}[torch.float] == 1
    with pytest.raises(TypeError):
        torch.dtype()


def test_changing_the_dtype() -> None:
    x = torch.tensor([1.5, 2.5])
    assert x.to(torch.float64).dtype is torch.float64
    assert x.to(torch.float32) is x
    assert x.to("cpu") is x
    assert x.to(torch.device("cpu"), torch.float16).dtype is torch.float16
    assert x.to(dtype=torch.int64).tolist() == [1, 2]
    assert x.to(torch.ones(1, dtype=torch.float64)).dtype is torch.float64
    assert x.to(torch.float32, copy=True) is not x
    assert [getattr(x, name)().dtype for name in ("double", "half", "bfloat16", "long", "int", "byte", "bool")] == [
        torch.float64,
        torch.float16,
        torch.bfloat16,
        torch.int64,
        torch.int32,
        torch.uint8,
        torch.bool,
    ]
    assert x.cpu() is x
    assert x.type() == "swiftnn.float32"
    assert x.type(torch.int64).dtype is torch.int64
    with pytest.raises(RuntimeError):
        x.to("cuda")
    with pytest.raises(TypeError):
        x.to(3.5)


def test_text() -> None:
    assert repr(torch.tensor([1.0, 2.0])) == "tensor([1., 2.])"
    assert repr(torch.tensor([1, 2])) == "tensor([1, 2])"
    assert "requires_grad=True" in repr(torch.ones(1, requires_grad=True))
    assert "grad_fn=<" in repr(torch.ones(1, requires_grad=True) * 2)
    assert str(torch.tensor(True)) == "tensor(True)"


def test_hash_and_identity() -> None:
    x, y = torch.ones(2), torch.ones(2)
    assert len({x, y, x}) == 2
    assert {x: 1}[x] == 1


def test_attributes_and_weak_references() -> None:
    x = torch.ones(2)
    x.note = "kept"  # type: ignore[attr-defined]
    assert x.note == "kept"  # type: ignore[attr-defined]
    watcher = weakref.ref(x)
    x.itself = x  # type: ignore[attr-defined]
    del x
    gc.collect()
    assert watcher() is None


def test_subclasses() -> None:
    class Marked(torch.Tensor):
        pass

    x = Marked([1.0, 2.0])
    assert isinstance(x, torch.Tensor)
    assert (x + x).tolist() == [2, 4]
    assert (1 + x).tolist() == [2, 3]


# ---- Copies


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.bool]
)
def test_pickling(dtype: torch.dtype) -> None:
    x = torch.tensor([[1, 0], [1, 1]], dtype=dtype)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        y = pickle.loads(pickle.dumps(x, protocol))
        assert (y.dtype, y.shape, y.tolist()) == (x.dtype, x.shape, x.tolist())
    assert pickle.loads(pickle.dumps(x.T)).tolist() == x.T.tolist()


def test_pickling_keeps_attributes_and_requires_grad() -> None:
    x = torch.ones(2, requires_grad=True)
    x.note = "kept"  # type: ignore[attr-defined]
    y = pickle.loads(pickle.dumps(x))
    assert y.requires_grad
    assert y.note == "kept"
    p = pickle.loads(pickle.dumps(torch.nn.Parameter(torch.ones(2))))
    assert isinstance(p, torch.nn.Parameter)
    with pytest.raises(RuntimeError, match="leaf"):
        pickle.dumps(x * 2)


def test_copies() -> None:
    x = torch.ones(2, requires_grad=True)
    x.grad = torch.full((2,), 3.0)
    deep = copy.deepcopy(x)
    assert not deep._shares_memory(x)
    assert deep.requires_grad
    assert deep.grad.tolist() == [3, 3]
    assert deep.grad is not x.grad
    a, b = copy.deepcopy([x, x])
    assert a is b
    shallow = copy.copy(x)
    assert shallow._shares_memory(x)
    with pytest.raises(RuntimeError):
        copy.deepcopy(x * 2)


def test_memory_returns() -> None:
    from swiftnn import _C

    before = _C.memory_counts()["in_use"]
    x = torch.zeros(1000, 1000)
    assert _C.memory_counts()["in_use"] >= before + 4_000_000
    view = x[1:]
    del x
    assert _C.memory_counts()["in_use"] >= before + 4_000_000
    del view
    assert _C.memory_counts()["in_use"] == before


def test_memory_limit() -> None:
    from swiftnn import _C

    _C.set_memory_limit(_C.memory_counts()["in_use"] + 1_000_000)
    try:
        with pytest.raises(MemoryError):
            torch.zeros(1_000_000)
    finally:
        _C.set_memory_limit(0)
    assert torch.zeros(1_000_000).numel() == 1_000_000
