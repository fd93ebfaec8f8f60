"""Ways to call operations that are Python's alone."""

from __future__ import annotations

import pytest

import swiftnn as torch


def test_tensordot_takes_numbers_lists_and_tensors() -> None:
    a, b = torch.arange(24.0).reshape(2, 3, 4), torch.arange(24.0).reshape(4, 3, 2)
    expected = torch.einsum("ijk,kjl->il", a, b)
    for dims in (([1, 2], [1, 0]), [(1, 2), (1, 0)], torch.tensor([[1, 2], [1, 0]])):
        assert torch.tensordot(a, b, dims=dims).tolist() == expected.tolist()
    assert torch.tensordot(a, b, dims=1).shape == (2, 3, 3, 2)
    assert torch.tensordot(a, b, dims=torch.tensor(1)).shape == (2, 3, 3, 2)


def test_einsum_takes_operands_lists_and_subscript_lists() -> None:
    a, b = torch.arange(6.0).reshape(2, 3), torch.arange(12.0).reshape(3, 4)
    expected = (a @ b).tolist()
    assert torch.einsum("ij,jk->ik", a, b).tolist() == expected
    assert torch.einsum("ij,jk->ik", [a, b]).tolist() == expected
    assert torch.einsum(a, [0, 1], b, [1, 2], [0, 2]).tolist() == expected
    assert torch.einsum(a, [0, 1], b, [1, 2]).tolist() == expected
    assert torch.einsum(a, [..., 1], [...]).tolist() == a.sum(1).tolist()
    with pytest.raises(ValueError, match="0 to 51"):
        torch.einsum(a, [0, 52])
    with pytest.raises(ValueError, match="operand"):
        torch.einsum("ij")


def test_broadcast_shapes() -> None:
    assert torch.broadcast_shapes((2, 1), (3,), 1) == torch.Size([2, 3])
    assert torch.broadcast_shapes() == torch.Size([])
    assert torch.broadcast_shapes((0, 1), (1, 4)) == (0, 4)
    with pytest.raises(RuntimeError, match="cannot be broadcast"):
        torch.broadcast_shapes((2,), (3,))


def test_flags_choose_what_is_returned() -> None:
    x = torch.tensor([[1, 0], [2, 1]])
    assert isinstance(torch.nonzero(x, as_tuple=False), torch.Tensor)
    assert isinstance(x.nonzero(as_tuple=True), tuple)
    assert torch.unique(x, return_inverse=False, return_counts=False).tolist() == [0, 1, 2]
    values, counts = x.unique(return_counts=True)
    assert (values.tolist(), counts.tolist()) == ([0, 1, 2], [1, 2, 1])
    assert len(torch.lu(torch.eye(2))) == 2
    assert len(torch.eye(2).lu(get_infos=True)) == 3


def test_vectors_of_integers_are_lists() -> None:
    x = torch.arange(7)
    assert [part.tolist() for part in torch.tensor_split(x, torch.tensor([2, 5]))] == [[0, 1], [2, 3, 4], [5, 6]]
    assert [part.tolist() for part in torch.tensor_split(x, torch.tensor(2))] == [[0, 1, 2, 3], [4, 5, 6]]
    assert x[:6].reshape(torch.tensor([2, 3])).shape == (2, 3)
    with pytest.raises((TypeError, RuntimeError)):
        x.reshape(torch.tensor([1.0, 7.0]))


def test_shapes_change_in_place() -> None:
    x = torch.arange(6.0).reshape(2, 3)
    y = x.t_()
    assert y is x
    assert x.tolist() == [[0, 3], [1, 4], [2, 5]]
    assert x.unsqueeze_(0).squeeze_().transpose_(0, 1).shape == (2, 3)
    leaf = torch.ones(2, 3, requires_grad=True)
    with pytest.raises(RuntimeError, match="leaf Variable"):
        leaf.t_()
    product = leaf * torch.arange(6.0).reshape(2, 3)
    product.t_()
    (product * torch.arange(6.0).reshape(3, 2)).sum().backward()
    assert leaf.grad.tolist() == [[0, 2, 8], [3, 12, 25]]


def test_what_was_saved_does_not_change_shape() -> None:
    x = torch.ones(2, 3, requires_grad=True)
    y = x * 2
    z = (y * y).sum()
    y.t_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.backward()


def test_detach_in_place() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    assert not y.detach_().requires_grad
    with pytest.raises(RuntimeError, match="view"):
        (x * 2)[0].detach_()


def test_assignment_passes_over_leading_ones() -> None:
    x = torch.zeros(2, 3)
    x[0] = torch.ones(1, 1, 3)
    x[1, [0, 2]] = torch.full((1, 1, 2), 5.0)
    assert x.tolist() == [[1, 1, 1], [5, 0, 5]]


def test_a_list_with_lists_is_a_tuple() -> None:
    x = torch.arange(6).reshape(2, 3)
    assert x[[[0, 1], [2, 0]]].tolist() == [2, 3]
    assert x[[slice(None), 1]].tolist() == [1, 4]
