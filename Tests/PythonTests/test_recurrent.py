"""Recurrent layers and packed sequences as Python users write them."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import swiftnn as torch
from swiftnn import nn
from swiftnn.nn.utils import rnn

KINDS = ("RNN", "LSTM", "GRU")


def made(kind: str, *sizes: int, **options: Any) -> Any:
    return getattr(nn, kind)(*sizes, dtype=torch.float64, **options)


def sequences(*lengths: int) -> list[torch.Tensor]:
    return [torch.randn(length, 3, dtype=torch.float64) for length in lengths]


def assert_close(a: torch.Tensor, b: torch.Tensor) -> None:
    assert a.shape == b.shape
    assert torch.allclose(a, b, rtol=1e-12, atol=1e-12)


def parts(state: Any) -> tuple[torch.Tensor, ...]:
    return state if isinstance(state, tuple) else (state,)


# ---- Packed sequences


def test_packing() -> None:
    padded = torch.tensor([[1, 2, 0], [3, 0, 0], [4, 5, 6]])
    packed = rnn.pack_padded_sequence(padded, [2, 1, 3], batch_first=True, enforce_sorted=False)
    assert isinstance(packed, tuple)
    assert packed.data.tolist() == [4, 1, 3, 5, 2, 6]
    assert packed.batch_sizes.tolist() == [3, 2, 1]
    assert packed.sorted_indices.tolist() == [2, 0, 1]
    assert packed.unsorted_indices.tolist() == [1, 2, 0]
    unpacked, lengths = rnn.pad_packed_sequence(packed, batch_first=True)
    assert torch.equal(unpacked, padded)
    assert lengths.tolist() == [2, 1, 3]
    wide, _ = rnn.pad_packed_sequence(packed, padding_value=-1, total_length=4)
    assert wide.tolist() == [[1, 3, 4], [2, -1, 5], [-1, -1, 6], [-1, -1, -1]]
    sorted_one = rnn.pack_padded_sequence(padded.t().flip(1), torch.tensor([3, 1, 1]))
    assert sorted_one.sorted_indices is None
    assert sorted_one.data.tolist() == [4, 3, 1, 5, 6]


def test_sequences_come_back() -> None:
    given = sequences(2, 5, 1, 4)
    packed = rnn.pack_sequence(given, enforce_sorted=False)
    for mine, theirs in zip(rnn.unpack_sequence(packed), given, strict=True):
        assert torch.equal(mine, theirs)
    with pytest.raises(RuntimeError, match="enforce_sorted"):
        rnn.pack_sequence(given)
    padded = rnn.pad_sequence(given)
    assert padded.shape == (5, 4, 3)
    for mine, theirs in zip(rnn.unpad_sequence(padded, torch.tensor([2, 5, 1, 4])), given, strict=True):
        assert torch.equal(mine, theirs)


def test_padding() -> None:
    given = [torch.tensor([1, 2]), torch.tensor([3])]
    assert rnn.pad_sequence(given).tolist() == [[1, 3], [2, 0]]
    assert rnn.pad_sequence(iter(given), True, 9).tolist() == [[1, 2], [3, 9]]
    assert rnn.pad_sequence(given, True, 9, "left").tolist() == [[1, 2], [9, 3]]
    assert rnn.pad_sequence(torch.ones(2, 3)).shape == (3, 2)
    for wrong, error in (
        (lambda: rnn.pad_sequence([]), RuntimeError),
        (lambda: rnn.pad_sequence([torch.ones(2, 3), torch.ones(2, 4)]), RuntimeError),
        (lambda: rnn.pad_sequence(given, padding_side="top"), ValueError),
        (lambda: rnn.pad_sequence(3), TypeError),
    ):
        with pytest.raises(error):
            wrong()


def test_packing_refuses() -> None:
    x = torch.ones(4, 2)
    for lengths in ([3, 4], [4, 0], [4, -1], [5, 1], [4], [4, 2, 1]):
        with pytest.raises(RuntimeError, match="pack_padded_sequence"):
            rnn.pack_padded_sequence(x, lengths)
    packed = rnn.pack_padded_sequence(x, [4, 2])
    for total in (3, 0, -1):
        with pytest.raises(ValueError, match="total_length"):
            rnn.pad_packed_sequence(packed, total_length=total)
    for sizes in ([4, 4], [2, 3, 1], [6, 0], [2, 2], [2, 2, 1, 2]):
        broken = rnn.PackedSequence(packed.data, torch.tensor(sizes))
        with pytest.raises(RuntimeError, match="batch_sizes"):
            rnn.pad_packed_sequence(broken)


def test_packed_sequences_are_converted() -> None:
    packed = rnn.pack_sequence(sequences(1, 3), enforce_sorted=False)
    assert packed.to(torch.float64) is packed
    assert packed.cpu() is packed
    single = packed.float()
    assert single.data.dtype is torch.float32
    assert single.unsorted_indices is packed.unsorted_indices
    assert [p.data.dtype for p in (packed.half(), packed.long(), packed.int(), packed.double())] == [
        torch.float16, torch.int64, torch.int32, torch.float64,
    ]  # fmt: skip
    assert not packed.is_cuda
    assert torch.equal(pickle.loads(pickle.dumps(packed)).data, packed.data)
    doubled = packed._replace(data=packed.data * 2)
    assert doubled.batch_sizes is packed.batch_sizes
    assert repr(doubled).startswith("PackedSequence(data=tensor(")


# ---- Layers


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"bidirectional": True, "num_layers": 2}, {"bias": False}])
def test_packed_sequences_are_those_alone(kind: str, options: dict[str, Any]) -> None:
    net = made(kind, 3, 4, **options)
    given = sequences(2, 5, 1, 5)
    places = (2 if options.get("bidirectional") else 1) * options.get("num_layers", 1)
    first = tuple(torch.randn(places, 4, 4, dtype=torch.float64) for _ in range(2 if kind == "LSTM" else 1))
    packed = rnn.pack_sequence(given, enforce_sorted=False)
    output, state = net(packed, first if kind == "LSTM" else first[0])
    assert isinstance(output, rnn.PackedSequence)
    assert output.batch_sizes is packed.batch_sizes
    for i, (sequence, found) in enumerate(zip(given, rnn.unpack_sequence(output), strict=True)):
        own = tuple(part[:, i] for part in first)
        alone, last = net(sequence, own if kind == "LSTM" else own[0])
        assert_close(found, alone)
        for mine, theirs in zip(parts(state), parts(last), strict=True):
            assert_close(mine[:, i], theirs)


@pytest.mark.parametrize("kind", KINDS)
def test_batch_first_and_zeros(kind: str) -> None:
    net, other = made(kind, 3, 4), made(kind, 3, 4, batch_first=True)
    other.load_state_dict(net.state_dict())
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    zeros = torch.zeros(1, 2, 4, dtype=torch.float64)
    output, state = net(x)
    again, _ = net(x, (zeros, zeros) if kind == "LSTM" else zeros)
    turned, last = other(x.transpose(0, 1))
    assert_close(again, output)
    assert_close(turned, output.transpose(0, 1))
    for mine, theirs in zip(parts(last), parts(state), strict=True):
        assert_close(mine, theirs)


@pytest.mark.parametrize("kind", KINDS)
def test_cells_are_steps(kind: str) -> None:
    net, cell = made(kind, 3, 4), made(f"{kind}Cell", 3, 4)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in net.state_dict().items()})
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    expected, last = net(x)
    state = None
    for step in range(5):
        state = cell(x[step], state)
        assert_close(parts(state)[0], expected[step])
    for mine, theirs in zip(parts(state), parts(last), strict=True):
        assert_close(mine, theirs[0])
    alone = cell(x[0, 0])
    assert_close(parts(alone)[0], expected[0, 0])


@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_of_both_orders(kind: str) -> None:
    net = made(kind, 2, 3, bidirectional=True)
    names = [name for name, _ in net.named_parameters()]
    x = torch.randn(3, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: net(x)[0], (x,))
    assert torch.autograd.gradgradcheck(lambda x: net(x)[0], (x,))

    def of_weights(*weights: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(net, dict(zip(names, weights, strict=True)), (x.detach(),))[0]

    weights = tuple(parameter.detach().requires_grad_() for parameter in net.parameters())
    assert torch.autograd.gradgradcheck(of_weights, weights)


def test_states_are_learned() -> None:
    net = made("LSTM", 2, 3)
    first = nn.Parameter(torch.zeros(2, 1, 1, 3, dtype=torch.float64))
    h, c = first.expand(2, 1, 4, 3)
    net(torch.randn(5, 4, 2, dtype=torch.float64), (h, c))[0].sum().backward()
    assert first.grad is not None
    assert first.grad.shape == (2, 1, 1, 3)
    assert (first.grad != 0).all()


def test_examples_of_vmap() -> None:
    cell = made("GRUCell", 3, 4)
    x, h = torch.randn(5, 2, 3, dtype=torch.float64), torch.randn(5, 2, 4, dtype=torch.float64)
    assert_close(torch.func.vmap(cell)(x, h), torch.stack([cell(a, b) for a, b in zip(x, h, strict=True)]))
    net = made("LSTM", 3, 4)
    each = torch.func.vmap(torch.func.grad(lambda x: net(x)[0].square().sum()))(x)
    for row, expected in zip(x, each, strict=True):
        row = row.clone().requires_grad_()
        net(row)[0].square().sum().backward()
        assert_close(row.grad, expected)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_halves_are_rounded_once(dtype: str) -> None:
    half = getattr(torch, dtype)
    net = nn.GRU(3, 4).to(half)
    exact = nn.GRU(3, 4)
    exact.load_state_dict({name: value.float() for name, value in net.state_dict().items()})
    x = torch.randn(5, 2, 3).to(half)
    output, _ = net(x)
    assert output.dtype is half
    assert torch.equal(output, exact(x.float())[0].to(half))


def test_dropout_between_layers() -> None:
    net = nn.LSTM(3, 4, num_layers=2, dropout=0.5)
    x = torch.randn(5, 2, 3)
    torch.manual_seed(1)
    a = net(x)[0]
    torch.manual_seed(1)
    assert torch.equal(net(x)[0], a)
    assert not torch.equal(net(x)[0], a)
    net.eval()
    assert torch.equal(net(x)[0], net(x)[0])
    with pytest.warns(UserWarning, match="num_layers"):
        nn.GRU(3, 4, dropout=0.5)


def test_what_a_layer_shows() -> None:
    net = nn.LSTM(3, 4, num_layers=2, bidirectional=True, proj_size=2)
    assert (net.mode, net.hidden_size, net.proj_size, net.bias, net.batch_first) == ("LSTM", 4, 2, True, False)
    assert nn.RNN(3, 4, nonlinearity="relu").mode == "RNN_RELU"
    assert isinstance(net, nn.RNNBase)
    weights = net.all_weights
    assert [len(group) for group in weights] == [5, 5, 5, 5]
    assert weights[3][4] is net.weight_hr_l1_reverse
    net.flatten_parameters()
    assert all((abs(parameter) <= 0.5).all() for parameter in net.parameters())
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert torch.equal(other(torch.ones(2, 1, 3))[0], net(torch.ones(2, 1, 3))[0])
    net.weight_hh_l0 = nn.Parameter(torch.zeros(16, 2))
    assert net.all_weights[0][1] is net.weight_hh_l0


def test_layers_refuse() -> None:
    x = torch.ones(5, 2, 3)
    lstm, gru, cell = nn.LSTM(3, 4), nn.GRU(3, 4, num_layers=2), nn.LSTMCell(3, 4)
    h = torch.zeros(1, 2, 4)
    packed = rnn.pack_padded_sequence(x, [5, 2])
    for wrong, error, words in (
        (lambda: nn.LSTM(3, 0), ValueError, "hidden_size"),
        (lambda: nn.LSTM(0, 3), ValueError, "input_size"),
        (lambda: nn.GRU(3, 4, num_layers=0), ValueError, "num_layers"),
        (lambda: nn.GRU(3, 4, num_layers=2**31 - 1), ValueError, "num_layers"),
        (lambda: nn.LSTM(3, 4, proj_size=4), ValueError, "proj_size"),
        (lambda: nn.LSTM(3, 4, proj_size=-1), ValueError, "proj_size"),
        (lambda: nn.RNN(3, 4, nonlinearity="sine"), ValueError, "nonlinearity"),
        (lambda: nn.RNN(3, 4, num_layers=2, dropout=1.5), ValueError, "dropout"),
        (lambda: nn.GRU(3, 4, proj_size=2), TypeError, "proj_size"),
        (lambda: lstm(torch.ones(3)), ValueError, "Expected input to be 2D or 3D, got 1D"),
        (lambda: lstm(torch.ones(5, 2, 4)), RuntimeError, "Expected 3, got 4"),
        (lambda: lstm(x.double()), ValueError, "does not match weight dtype"),
        (lambda: lstm(x, (h, torch.zeros(1, 3, 4))), RuntimeError, r"Expected hidden\[1\] size"),
        (lambda: lstm(x, (h,)), ValueError, "expects 2 hidden states, got 1"),
        (lambda: lstm(x, (h[0], h[0])), RuntimeError, "3-D"),
        (lambda: lstm(x[0], (h, h)), RuntimeError, "2-D"),
        (lambda: lstm(x, h), TypeError, "hx"),
        (lambda: lstm(torch.ones(0, 2, 3)), RuntimeError, "sequence length"),
        (lambda: gru(x, h), RuntimeError, "Expected hidden size"),
        (lambda: gru(packed, h), RuntimeError, "Expected hidden size"),
        (lambda: gru(rnn.PackedSequence(x, packed.batch_sizes)), RuntimeError, "2 dimensions"),
        (lambda: cell(x), ValueError, "Expected input to be 1D or 2D, got 3D"),
        (lambda: cell(torch.ones(2, 4)), RuntimeError, "got 4 expected 3"),
        (lambda: cell(x[0], (h[0], torch.zeros(3, 4))), RuntimeError, "batch size"),
        (lambda: cell(x[0], (h[0], torch.zeros(2, 5))), RuntimeError, "hidden_size"),
        (lambda: torch.lstm(x, (h, h), [], True, 1, 0.0, False, False, False), RuntimeError, "expected 4, got 0"),
        (lambda: torch.gru(x, h, [h] * 4, True, 1, 0.0, False, False, False), RuntimeError, "position 0"),
    ):
        with pytest.raises(error, match=words):
            wrong()


def test_an_error_changes_nothing() -> None:
    net = nn.GRU(3, 4)
    with pytest.raises(RuntimeError):
        net(torch.ones(5, 2, 4))
    assert net(torch.ones(5, 2, 3))[0].shape == (5, 2, 4)
    assert net(torch.ones(5, 0, 3))[0].shape == (5, 0, 4)
    # More steps than memory has places for, in a tensor without memory of its own.
    with pytest.raises((RuntimeError, MemoryError)):
        net(torch.ones(1, 1, 1).expand(2**44, 1, 3))


def test_layers_do_not_leak(assert_no_leak: Any) -> None:
    x = torch.ones(3, 2, 3)

    def use() -> None:
        net = nn.LSTM(3, 2, bidirectional=True)
        output, (h, c) = net(rnn.pack_padded_sequence(x, [3, 1]))
        (output.data.sum() + h.sum() + c.sum()).backward()

    assert_no_leak(use, 100)
