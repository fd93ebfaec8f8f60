"""NumPy, the buffer protocol and DLPack, both ways."""

from __future__ import annotations

import gc
import io
import sys
import weakref

import numpy as np
import pytest

import swiftnn as torch
from swiftnn import _C

PAIRS = [
    (torch.float32, np.float32),
    (torch.float64, np.float64),
    (torch.float16, np.float16),
    (torch.int64, np.int64),
    (torch.int32, np.int32),
    (torch.uint8, np.uint8),
    (torch.bool, np.bool_),
]


@pytest.mark.parametrize(("dtype", "other"), PAIRS)
def test_numpy_shows_the_same_memory(dtype: torch.dtype, other: type) -> None:
    x = torch.tensor([[1, 0, 1], [0, 1, 1]], dtype=dtype)
    view = x.numpy()
    assert view.dtype == other
    assert view.tolist() == x.tolist()
    view[0, 1] = 1
    assert x[0, 1].item() == 1
    assert np.asarray(x).ctypes.data == x.data_ptr()


@pytest.mark.parametrize(("dtype", "other"), PAIRS)
def test_from_numpy_shows_the_same_memory(dtype: torch.dtype, other: type) -> None:
    source = np.array([[1, 0], [1, 1]], dtype=other)
    x = torch.from_numpy(source)
    assert x.dtype is dtype
    assert x.data_ptr() == source.ctypes.data
    source[0, 1] = 1
    assert x.tolist() == source.tolist()


def test_strided_views_both_ways() -> None:
    x = torch.arange(12).reshape(3, 4)
    assert np.asarray(x.T).strides == (8, 32)
    assert np.array_equal(np.asarray(x[:, 1:3]), np.arange(12).reshape(3, 4)[:, 1:3])
    source = np.arange(24.0).reshape(4, 6)
    y = torch.from_numpy(source[::2, 1::2])
    assert y.stride() == (12, 2)
    assert y.tolist() == source[::2, 1::2].tolist()
    assert torch.from_numpy(source.T).tolist() == source.T.tolist()
    assert torch.from_numpy(np.broadcast_to(source[0], (3, 6)).copy()).shape == (3, 6)


def test_empty_and_zero_dimensional() -> None:
    assert torch.zeros(0, 3).numpy().shape == (0, 3)
    assert torch.tensor(2.5).numpy().shape == ()
    assert torch.from_numpy(np.zeros((2, 0))).shape == (2, 0)
    assert torch.from_numpy(np.array(3.0)).item() == 3.0


def test_arrays_that_cannot_be_shared() -> None:
    with pytest.raises(ValueError, match="negative strides"):
        torch.from_numpy(np.arange(3)[::-1])
    assert torch.tensor(np.arange(3)[::-1]).tolist() == [2, 1, 0]
    with pytest.raises(TypeError, match="format"):
        torch.from_numpy(np.zeros(2, np.complex64))
    with pytest.raises(TypeError, match="format"):
        torch.from_numpy(np.zeros(2, ">f4"))
    with pytest.raises(TypeError, match="NumPy array"):
        torch.from_numpy([1, 2])
    with pytest.raises((TypeError, ValueError)):
        torch.tensor(np.array(["a"]))


def test_read_only_arrays_are_copied_with_a_warning() -> None:
    source = np.arange(3)
    source.flags.writeable = False
    with pytest.warns(UserWarning, match="read-only"):
        x = torch.from_numpy(source)
    x[0] = 5
    assert source[0] == 0


def test_the_array_outlives_the_tensor() -> None:
    x = torch.arange(5)
    view = x.numpy()
    del x
    gc.collect()
    torch.zeros(5)
    assert view.tolist() == [0, 1, 2, 3, 4]


def test_the_tensor_outlives_the_array() -> None:
    source = np.arange(5.0)
    watcher = weakref.ref(source)
    x = torch.from_numpy(source)
    y = x[1:3]
    del source, x
    gc.collect()
    assert watcher() is not None
    assert y.tolist() == [1, 2]
    del y
    gc.collect()
    assert watcher() is None


def test_reference_counts_return_to_what_they_were() -> None:
    source = np.arange(5.0)
    before = sys.getrefcount(source)
    for _ in range(100):
        x = torch.from_numpy(source)
        y = x + x
        z = torch.from_dlpack(source)
        del x, y, z
    assert sys.getrefcount(source) == before


def test_gradients_guard_the_memory() -> None:
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="detach"):
        x.numpy()
    with pytest.raises(RuntimeError, match="detach"):
        np.asarray(x)
    with pytest.raises(BufferError, match="detach"):
        memoryview(x)
    with pytest.raises(BufferError, match="detach"):
        x.__dlpack__()
    assert x.numpy(force=True).tolist() == [1, 1]
    assert x.detach().numpy().tolist() == [1, 1]


def test_bfloat16_is_refused_clearly() -> None:
    x = torch.ones(2, dtype=torch.bfloat16)
    with pytest.raises(TypeError, match="bfloat16"):
        x.numpy()
    with pytest.raises(BufferError, match="bfloat16"):
        memoryview(x)


def test_memoryview() -> None:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    view = memoryview(x)
    assert (view.format, view.shape, view.strides, view.readonly) == ("f", (2, 2), (8, 4), False)
    assert view.tolist() == [[1, 2], [3, 4]]
    assert bytes(x) == view.tobytes()
    with pytest.raises(BufferError, match="contiguous"):
        io.BytesIO().write(x.T)


def test_numpy_functions_take_tensors() -> None:
    x = torch.tensor([1.0, 4.0])
    assert np.sqrt(x.numpy()).tolist() == [1, 2]
    assert np.allclose(x, [1, 4])
    assert np.asarray(x, dtype=np.float64).dtype == np.float64
    assert np.array(x, copy=True).ctypes.data != x.data_ptr()


def test_arithmetic_with_arrays_gives_tensors() -> None:
    x, other = torch.ones(2), np.array([1.0, 2.0], np.float32)
    for result in (x + other, other + x, x * other, other * x):
        assert isinstance(result, torch.Tensor)
    assert (other - x).tolist() == [0, 1]
    assert (x == other).tolist() == [True, False]
    assert (x + np.float32(2)).tolist() == [3, 3]
    assert (np.float64(2) * x).tolist() == [2, 2]


# ---- DLPack


def test_dlpack_to_numpy_and_back() -> None:
    x = torch.arange(6).reshape(2, 3)
    array = np.from_dlpack(x)
    assert array.ctypes.data == x.data_ptr()
    back = torch.from_dlpack(array)
    assert back.data_ptr() == x.data_ptr()
    back[0, 0] = 9
    assert x[0, 0] == 9
    assert x.__dlpack_device__() == (1, 0)


def test_dlpack_strides() -> None:
    x = torch.arange(6).reshape(2, 3)
    assert np.from_dlpack(x.T).strides == (8, 24)
    assert torch.from_dlpack(np.arange(6).reshape(2, 3).T).stride() == (1, 3)


@pytest.mark.parametrize("version", [None, (0, 8), (1, 0), (1, 1), (2, 0)])
def test_dlpack_capsules_are_used_once(version: tuple[int, int] | None) -> None:
    x = torch.ones(3)
    capsule = x.__dlpack__(max_version=version)
    name = "dltensor_versioned" if version and version[0] >= 1 else "dltensor"
    assert f'"{name}"' in repr(capsule)
    y = torch.from_dlpack(capsule)
    assert f'"used_{name}"' in repr(capsule)
    assert y.data_ptr() == x.data_ptr()
    with pytest.raises(ValueError, match="not been used"):
        torch.from_dlpack(capsule)


def test_dlpack_unused_capsules_free_their_memory() -> None:
    before = _C.memory_counts()["in_use"]
    for version in (None, (1, 0)):
        capsule = torch.ones(1000).__dlpack__(max_version=version)
        del capsule
    assert _C.memory_counts()["in_use"] == before


def test_dlpack_keeps_both_sides_alive() -> None:
    before = _C.memory_counts()["in_use"]
    array = np.from_dlpack(torch.arange(1000))
    gc.collect()
    assert array[999] == 999
    again = torch.from_dlpack(array)
    del array
    gc.collect()
    assert again[999] == 999
    del again
    gc.collect()
    assert _C.memory_counts()["in_use"] == before


def test_dlpack_arguments() -> None:
    x = torch.ones(2)
    with pytest.raises(ValueError, match="stream"):
        x.__dlpack__(stream=1)
    with pytest.raises(BufferError, match="device"):
        x.__dlpack__(dl_device=(2, 0))
    copied = torch.from_dlpack(x.__dlpack__(copy=True))
    assert copied.data_ptr() != x.data_ptr()
    with pytest.raises(AttributeError):
        torch.from_dlpack(3)


def test_dlpack_bfloat16_between_tensors() -> None:
    x = torch.ones(3, dtype=torch.bfloat16)
    assert torch.from_dlpack(x).dtype is torch.bfloat16


def test_dlpack_read_only_memory_is_copied() -> None:
    source = np.arange(3)
    source.flags.writeable = False
    with pytest.warns(UserWarning, match="read-only"):
        x = torch.from_dlpack(source)
    x[0] = 5
    assert source[0] == 0


def test_asarray() -> None:
    source = np.ones(3)
    assert torch.asarray(source).data_ptr() == source.ctypes.data
    assert torch.asarray(source, copy=True).data_ptr() != source.ctypes.data
    assert torch.asarray([1, 2]).tolist() == [1, 2]
    x = torch.ones(2)
    assert torch.asarray(x) is x


def test_objects_with_only_the_array_method() -> None:
    class Holder:
        def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
            return np.array([1.0, 2.0])

    assert torch.tensor(Holder()).tolist() == [1, 2]
