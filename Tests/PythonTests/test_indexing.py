"""x[index] and x[index] = value, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import swiftnn as torch

SOURCE = np.arange(60).reshape(3, 4, 5)

BASIC = [
    0,
    -1,
    (1, 2),
    (1, 2, 3),
    (-1, -1, -1),
    slice(None),
    slice(1, None),
    slice(None, -1),
    slice(None, None, 2),
    slice(5, 9),
    slice(2, 1),
    slice(-100, 100),
    (slice(None), 1),
    (slice(1, 3), slice(None, None, 3), slice(1, 4, 2)),
    Ellipsis,
    (Ellipsis, 0),
    (0, Ellipsis),
    (0, Ellipsis, 1),
    (slice(None), Ellipsis, slice(1, 2)),
    None,
    (None, 0),
    (slice(None), None, 1),
    (Ellipsis, None),
    (None, Ellipsis, None, 2),
    (),
    np.int64(1),
]

GATHERING = [
    [0, 2],
    [],
    ([0, 2], [1, 3]),
    (slice(None), [0, 2, 2]),
    (slice(None), slice(None), [4, 0]),
    ([[0, 1], [2, 0]],),
    (Ellipsis, [1, 2]),
    ([0, 1], slice(None), [2, 3]),
    (slice(1, None), [0, 3]),
    (slice(None), [1, 2], slice(1, 3)),
    (None, [0, 1]),
    np.array([2, 0]),
    (np.array([[0], [1]]), np.array([1, 2])),
    SOURCE[:, 0, 0] > 10,
    SOURCE[:, :, 0] > 10,
    SOURCE > 30,
    (slice(None), SOURCE[0] > 7),
    (0, SOURCE[0, :, 0] > 3),
    [True, False, True],
    (slice(None), [True, False, True, False]),
    True,
    False,
]


def convert(index: Any) -> Any:
    """The index with tensors in place of arrays."""
    if isinstance(index, tuple):
        return tuple(convert(part) for part in index)
    return torch.tensor(index) if isinstance(index, np.ndarray) else index


@pytest.mark.parametrize("index", BASIC + GATHERING, ids=repr)
def test_reading_equals_numpy(index: Any) -> None:
    x = torch.tensor(SOURCE)
    expected = SOURCE[index]
    for key in (index, convert(index)):
        result = x[key]
        assert result.shape == expected.shape
        assert result.tolist() == expected.tolist()


@pytest.mark.parametrize("index", BASIC + GATHERING, ids=repr)
@pytest.mark.parametrize("kind", ["scalar", "tensor", "array"])
def test_writing_equals_numpy(index: Any, kind: str) -> None:
    expected = SOURCE.copy()
    values = np.arange(expected[index].size).reshape(expected[index].shape) * 100
    x = torch.tensor(SOURCE)
    if kind == "scalar":
        expected[index] = -7
        x[convert(index)] = -7
    else:
        expected[index] = values
        x[convert(index)] = torch.tensor(values) if kind == "tensor" else values
    assert x.tolist() == expected.tolist()


def test_written_values_are_broadcast() -> None:
    x = torch.zeros(3, 4)
    x[1:] = torch.tensor([1.0, 2.0, 3.0, 4.0])
    x[:, 0] = [7, 8, 9]
    x[x == 0] = 0.5
    assert x.tolist() == [[7, 0.5, 0.5, 0.5], [8, 2, 3, 4], [9, 2, 3, 4]]


@pytest.mark.parametrize("index", BASIC, ids=repr)
def test_basic_indices_give_views(index: Any) -> None:
    x = torch.tensor(SOURCE)
    part = x[index]
    if part.numel():
        assert part._shares_memory(x)


def test_tensor_indices_of_one_element() -> None:
    x = torch.tensor(SOURCE)
    assert x[torch.tensor(1)].tolist() == SOURCE[1].tolist()
    assert x[torch.tensor(-1), 0].tolist() == SOURCE[-1, 0].tolist()


@pytest.mark.parametrize(
    ("index", "error", "text"),
    [
        (3, IndexError, "out of bounds for dimension 0 with size 3"),
        (-4, IndexError, "out of bounds"),
        ((0, 4), IndexError, "dimension 1 with size 4"),
        ((0, 0, 0, 0), IndexError, "too many indices"),
        ((Ellipsis, Ellipsis), IndexError, "single ellipsis"),
        ([0, 3], IndexError, None),
        ([True, False], IndexError, None),
        (1.5, TypeError, "indices"),
        ("a", TypeError, "indices"),
        (slice(None, None, -1), ValueError, "greater than zero"),
        (slice(None, None, 0), ValueError, None),
        (torch.tensor(1.5), IndexError, None),
    ],
    ids=repr,
)
def test_wrong_indices(index: Any, error: type[Exception], text: str | None) -> None:
    x = torch.tensor(SOURCE)
    with pytest.raises(error, match=text):
        x[index]
    with pytest.raises(error, match=text):
        x[index] = 0


def test_zero_dimensional_tensors() -> None:
    x = torch.tensor(5.0)
    assert x[()].item() == 5
    assert x[...].item() == 5
    assert x[None].shape == (1,)
    with pytest.raises(IndexError):
        x[0]
    x[()] = 6.0
    assert x.item() == 6
    with pytest.raises(TypeError):
        len(x)
    with pytest.raises(TypeError):
        iter(x)


def test_iteration_and_unpacking() -> None:
    x = torch.tensor([[1, 2], [3, 4]])
    assert [row.tolist() for row in x] == [[1, 2], [3, 4]]
    a, b = x
    assert (a.tolist(), b.tolist()) == ([1, 2], [3, 4])
    assert len(x) == 2
    assert list(reversed(x.tolist())) == [[3, 4], [1, 2]]


def test_containment() -> None:
    x = torch.tensor([1, 2, 3])
    assert 2 in x
    assert 5 not in x
    with pytest.raises(RuntimeError):
        "a" in x  # noqa: B015


def test_elements_cannot_be_deleted() -> None:
    x = torch.ones(2)
    with pytest.raises(TypeError, match="deleted"):
        del x[0]


def test_values_of_a_wrong_shape() -> None:
    x = torch.zeros(3)
    with pytest.raises(RuntimeError):
        x[:2] = torch.ones(3)
    with pytest.raises(TypeError):
        x[0] = "a"


def test_gradients_flow_through_indices() -> None:
    x = torch.arange(6.0).reshape(2, 3).requires_grad_()
    (x[0] * 2).sum().backward()
    assert x.grad.tolist() == [[2, 2, 2], [0, 0, 0]]
    x.grad = None
    x[:, [0, 0, 2]].sum().backward()
    assert x.grad.tolist() == [[2, 0, 1], [2, 0, 1]]
    x.grad = None
    x[x > 2].sum().backward()
    assert x.grad.tolist() == [[0, 0, 0], [1, 1, 1]]


def test_gradients_flow_into_written_parts() -> None:
    x = torch.ones(2, requires_grad=True)
    y = torch.zeros(3)
    y[1:] = x * 3
    y[0] = 5.0
    (y * torch.tensor([1.0, 2.0, 4.0])).sum().backward()
    assert x.grad.tolist() == [6, 12]
