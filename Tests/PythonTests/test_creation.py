"""Tensors from Python data."""

from __future__ import annotations

import array

import numpy as np
import pytest

import swiftnn as torch


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (1, torch.int64, ()),
        (1.5, torch.float32, ()),
        (True, torch.bool, ()),
        ([], torch.float32, (0,)),
        ([[]], torch.float32, (1, 0)),
        ([1, 2, 3], torch.int64, (3,)),
        ([1, 2.5], torch.float32, (2,)),
        ([True, False], torch.bool, (2,)),
        ([True, 2], torch.int64, (2,)),
        ([[1.0, 2.0], [3.0, 4.0]], torch.float32, (2, 2)),
        (((1, 2), (3, 4)), torch.int64, (2, 2)),
        (range(4), torch.int64, (4,)),
        (np.float64(2.0), torch.float64, ()),
        ([np.float32(2.0), np.float32(3.0)], torch.float32, (2,)),
        ([np.int64(2), np.int64(3)], torch.int64, (2,)),
        (np.zeros((2, 3)), torch.float64, (2, 3)),
        (np.zeros((2, 3), np.float32), torch.float32, (2, 3)),
        (np.zeros((2, 3), np.uint8), torch.uint8, (2, 3)),
        (np.array(3), torch.int64, ()),
        (array.array("d", [1.0, 2.0]), torch.float64, (2,)),
        ([np.array([1, 2]), np.array([3, 4])], torch.int64, (2, 2)),
    ],
)
def test_dtype_and_shape_come_from_the_data(data: object, dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    x = torch.tensor(data)
    assert x.dtype is dtype
    assert x.shape == shape


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.uint8]
)
def test_elements_arrive_in_every_dtype(dtype: torch.dtype) -> None:
    x = torch.tensor([[1, 2], [3, 4]], dtype=dtype)
    assert x.dtype is dtype
    assert x.tolist() == [[1, 2], [3, 4]]


def test_bool_elements() -> None:
    assert torch.tensor([0, 2, 0.5], dtype=torch.bool).tolist() == [False, True, True]


def test_python_types_name_dtypes() -> None:
    assert torch.zeros(1, dtype=float).dtype is torch.float64
    assert torch.zeros(1, dtype=int).dtype is torch.int64
    assert torch.tensor(1, dtype=bool).dtype is torch.bool


def test_tensors_inside_lists() -> None:
    x = torch.tensor([torch.tensor(1.0), torch.tensor(2.0)])
    assert x.tolist() == [1.0, 2.0]
    assert torch.tensor([torch.tensor([1, 2]), torch.tensor([3, 4])]).tolist() == [[1, 2], [3, 4]]


def test_a_tensor_is_copied_without_its_graph() -> None:
    x = torch.ones(2, requires_grad=True)
    y = torch.tensor(x * 2)
    assert y.is_leaf
    assert not y.requires_grad
    y[0] = 9.0
    assert x.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ([[1, 2], [3]], ValueError),
        ([1, [2]], ValueError),
        ([[1], 2], ValueError),
        ("text", TypeError),
        ([None], TypeError),
        (object(), TypeError),
        ([1, "a"], TypeError),
        (2**70, OverflowError),
    ],
)
def test_unusable_data_is_an_error(data: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        torch.tensor(data)


def test_a_list_inside_itself_is_an_error() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(ValueError, match="at most 12 axes"):
        torch.tensor(endless)


def test_requires_grad() -> None:
    assert torch.tensor([1.0], requires_grad=True).requires_grad
    assert torch.zeros(2, requires_grad=True).requires_grad
    with pytest.raises(RuntimeError):
        torch.tensor([1], requires_grad=True)


def test_devices() -> None:
    assert torch.tensor([1.0], device="cpu").device == torch.device("cpu")
    assert torch.zeros(2, device=torch.device("cpu")).shape == (2,)
    with pytest.raises(RuntimeError, match="no device 'cuda'"):
        torch.zeros(2, device="cuda")
    with pytest.raises(RuntimeError, match="no device 'cuda:0'"):
        torch.device("cuda:0")
    assert repr(torch.device("cpu", 0)) == "device(type='cpu', index=0)"


def test_new_tensor_has_the_same_dtype() -> None:
    assert torch.ones(1, dtype=torch.float64).new_tensor([1, 2]).dtype is torch.float64
    assert torch.ones(1).new_tensor([1], dtype=torch.int64).dtype is torch.int64


def test_as_tensor_keeps_what_it_can() -> None:
    x = torch.ones(2)
    assert torch.as_tensor(x) is x
    assert torch.as_tensor(x, dtype=torch.float64) is not x
    source = np.ones(2, np.float32)
    shared = torch.as_tensor(source)
    source[0] = 5
    assert shared[0] == 5


def test_tensor_constructor_takes_sizes_or_values() -> None:
    assert torch.Tensor(2, 3).shape == (2, 3)
    assert torch.Tensor([1, 2]).dtype is torch.float32
    assert torch.Tensor().shape == (0,)


def test_frombuffer() -> None:
    memory = bytearray(np.arange(4, dtype=np.float32).tobytes())
    x = torch.frombuffer(memory, dtype=torch.float32)
    x[0] = 7.0
    assert np.frombuffer(memory, np.float32).tolist() == [7, 1, 2, 3]
    assert torch.frombuffer(memory, dtype=torch.float32, count=2, offset=4).tolist() == [1, 2]
    assert torch.frombuffer(bytes(memory), dtype=torch.uint8).shape == (16,)
    with pytest.raises(ValueError, match="offset"):
        torch.frombuffer(memory, dtype=torch.float32, offset=17)
    with pytest.raises(ValueError, match="need 20 bytes"):
        torch.frombuffer(memory, dtype=torch.float32, count=5)


def test_too_many_axes_is_an_error() -> None:
    with pytest.raises((ValueError, RuntimeError)):
        torch.tensor(np.zeros((1,) * 13))
    with pytest.raises(RuntimeError):
        torch.zeros(*[1] * 13)
    with pytest.raises((RuntimeError, MemoryError)):
        torch.zeros(1 << 40, 1 << 40)


def test_default_dtype() -> None:
    assert torch.get_default_dtype() is torch.float32
    torch.set_default_dtype(torch.float64)
    try:
        assert torch.tensor([1.0]).dtype is torch.float64
        assert torch.zeros(2).dtype is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.tensor([1.0]).dtype is torch.float32


def test_limits_of_dtypes_equal_numpy() -> None:
    for dtype, other in ((torch.float32, np.float32), (torch.float64, np.float64), (torch.float16, np.float16)):
        ours, theirs = torch.finfo(dtype), np.finfo(other)
        assert (ours.bits, ours.eps, ours.max, ours.min, ours.tiny) == (
            theirs.bits,
            float(theirs.eps),
            float(theirs.max),
            float(theirs.min),
            float(theirs.tiny),
        )
    assert torch.iinfo(torch.int32).max == np.iinfo(np.int32).max
    with pytest.raises(TypeError):
        torch.finfo(torch.int64)
