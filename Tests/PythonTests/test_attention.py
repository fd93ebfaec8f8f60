"""Attention and transformers: what the tables of cases cannot say."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import swiftnn as torch
from swiftnn import _C, nn
from swiftnn.autograd import gradcheck, gradgradcheck
from swiftnn.nn import functional as F

COMPOSED = (
    nn.TransformerEncoderLayer,
    nn.TransformerDecoderLayer,
    nn.TransformerEncoder,
    nn.TransformerDecoder,
    nn.Transformer,
)


def doubles(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("cls", COMPOSED)
def test_defaults_are_those_of_the_engine(cls: type) -> None:
    number = next(number for name, _, number in _C.entries(_C.LAYERS) if name == cls.__name__)
    parameters = inspect.signature(cls).parameters
    for name, optional, default, *_ in _C.fields(_C.LAYERS, number):
        mine = parameters[name].default
        mine = getattr(mine, "__name__", mine) if name == "activation" else mine
        assert mine == (default if optional else inspect.Parameter.empty), name


def engine_call(module: nn.Module, name: str, arguments: tuple, options: dict, inputs: tuple, call: dict) -> Any:
    """The same layer of the engine with the same parameters."""
    core = _C.Layer(name, arguments, options)
    for key, tensor in module.state_dict().items():
        core.set(key, tensor)
    core.train(module.training)
    torch.manual_seed(3)
    return core(*inputs, **call)


@pytest.mark.parametrize("norm_first", [False, True])
def test_python_and_engine_agree(norm_first: bool) -> None:
    options = {"dim_feedforward": 12, "dropout": 0.2, "norm_first": norm_first, "dtype": torch.float64}
    source, target = doubles(5, 2, 8), doubles(4, 2, 8)
    mask = nn.Transformer.generate_square_subsequent_mask(4, dtype=torch.float64)
    for module, name, arguments, inputs, call in (
        (nn.TransformerEncoderLayer(8, 2, **options), "TransformerEncoderLayer", (8, 2), (source,), {}),
        (nn.TransformerDecoderLayer(8, 2, **options), "TransformerDecoderLayer", (8, 2), (target, source), {}),
        (nn.Transformer(8, 2, 2, 2, **options), "Transformer", (8, 2, 2, 2), (source, target), {"tgt_mask": mask}),
    ):
        torch.manual_seed(3)
        mine = module(*inputs, **call)
        theirs = engine_call(module, name, arguments, options, inputs, call)
        assert mine.tolist() == theirs.tolist()


def test_stacks_copy_their_layer() -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 12, 0.0)
    encoder = nn.TransformerEncoder(layer, 3, nn.LayerNorm(8))
    assert len(encoder.layers) == encoder.num_layers == 3
    weights = [child.linear1.weight for child in encoder.layers]
    assert all(weight.tolist() == layer.linear1.weight.tolist() for weight in weights)
    assert len({id(weight) for weight in [*weights, layer.linear1.weight]}) == 4
    x = torch.randn(5, 2, 8)
    expected = layer(layer(layer(x)))
    assert torch.allclose(encoder(x), encoder.norm(expected))
    core = _C.Layer("TransformerEncoder", (_C.Layer("TransformerEncoderLayer", (8, 2, 12, 0.0), {}), 2), {})
    names = [name for name, _, _ in core.state()]
    assert names[0] == "layers.0.self_attn.in_proj_weight"
    assert core(x).shape == (5, 2, 8)
    with pytest.raises(ValueError, match="TransformerDecoder: expects a TransformerDecoderLayer"):
        _C.Layer("TransformerDecoder", (_C.Layer("Linear", (8, 8), {}), 2), {})


def test_activations_and_overriding() -> None:
    class Louder(nn.TransformerEncoderLayer):
        def _ff_block(self, x: torch.Tensor) -> torch.Tensor:
            return 2 * super()._ff_block(x)

    torch.manual_seed(1)
    plain = nn.TransformerEncoderLayer(8, 2, 12, 0.0, torch.tanh, norm_first=True)
    torch.manual_seed(1)
    louder = Louder(8, 2, 12, 0.0, nn.Tanh(), norm_first=True)
    x = torch.randn(5, 2, 8)
    between = x + plain._sa_block(plain.norm1(x), None, None)
    assert torch.allclose(louder(x) - between, 2 * (plain(x) - between), atol=1e-6)
    seen = []
    plain.linear1.register_forward_hook(lambda module, args, output: seen.append(output.shape))
    plain(x)
    assert seen == [(5, 2, 12)]
    with pytest.raises(RuntimeError, match="activation should be relu/gelu, not tanh"):
        nn.TransformerEncoderLayer(8, 2, activation="tanh")


def test_custom_parts() -> None:
    class Nothing(nn.Module):
        def forward(self, src: torch.Tensor, **masks: Any) -> torch.Tensor:
            return src

    model = nn.Transformer(8, 2, num_decoder_layers=1, custom_encoder=Nothing(), dim_feedforward=12, dropout=0.0)
    source, target = torch.randn(5, 2, 8), torch.randn(4, 2, 8)
    assert torch.allclose(model(source, target), model.decoder(target, source))
    for bad in ((torch.randn(5, 3, 8), target), (torch.randn(5, 2, 7), target)):
        with pytest.raises(RuntimeError, match="must be equal"):
            model(*bad)


def test_weights_are_returned_when_asked_for() -> None:
    layer = nn.MultiheadAttention(8, 2, batch_first=True)
    x = torch.randn(3, 5, 8)
    output, weights = layer(x, x, x)
    assert weights.shape == (3, 5, 5)
    assert torch.allclose(weights.sum(-1), torch.ones(3, 5))
    assert layer(x, x, x, average_attn_weights=False)[1].shape == (3, 2, 5, 5)
    fast, nothing = layer(x, x, x, need_weights=False)
    assert nothing is None
    assert torch.allclose(output, fast, atol=1e-6)
    assert (layer.head_dim, layer.kdim, layer.vdim, layer._qkv_same_embed_dim) == (4, 8, 8, True)
    assert nn.MultiheadAttention(8, 2, kdim=3).kdim == 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"is_causal": True}, "Need attn_mask if specifying the is_causal hint"),
        ({"attn_mask": torch.zeros(4, 4)}, r"The shape of the 2D attn_mask is \[4, 4\], but should be \[4, 5\]"),
        (
            {"attn_mask": torch.zeros(3, 4, 5)},
            r"The shape of the 3D attn_mask is \[3, 4, 5\], but should be \[4, 4, 5\]",
        ),
        ({"attn_mask": torch.zeros(4)}, "expected attn_mask to be None, 2-D or 3-D but found 1-D"),
        ({"key_padding_mask": torch.zeros(5)}, "expected key_padding_mask to be None or 2-D but found 1-D"),
        ({"key_padding_mask": torch.zeros(3, 5)}, r"key_padding_mask.shape\[0\] to be 2, but got 3"),
        ({"key_padding_mask": torch.zeros(2, 6)}, r"key_padding_mask.shape\[1\] to be 5, but got 6"),
        ({"key_padding_mask": torch.zeros(2, 5, dtype=torch.int64)}, "only bool and float32 masks"),
    ],
)
def test_mistakes(call: dict, message: str) -> None:
    layer = nn.MultiheadAttention(8, 2)
    query, key = torch.randn(4, 2, 8), torch.randn(5, 2, 8)
    with pytest.raises((RuntimeError, ValueError, TypeError), match=message):
        layer(query, key, key, **call)
    for wrong in ((query, key[:, :1], key), (query[:, 0], key, key), (query, key, key[:4])):
        with pytest.raises((RuntimeError, ValueError)):
            layer(*wrong)
    for sizes in ((8, 3), (0, 1), (8, 0)):
        with pytest.raises(ValueError):
            nn.MultiheadAttention(*sizes)


def test_second_derivatives() -> None:
    q, k, v, mask = doubles(2, 4, 3), doubles(2, 5, 3), doubles(2, 5, 2), doubles(4, 5)

    def attend(*inputs: torch.Tensor) -> torch.Tensor:
        return F.scaled_dot_product_attention(*inputs)

    def drop(*inputs: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(1)
        return F.scaled_dot_product_attention(*inputs, dropout_p=0.4)

    def shared(*inputs: torch.Tensor) -> torch.Tensor:
        return F.scaled_dot_product_attention(*inputs, is_causal=True, enable_gqa=True)

    heads = (doubles(1, 4, 3, 2), doubles(1, 2, 3, 2), doubles(1, 2, 3, 2))
    for function, inputs in ((attend, (q, k, v, mask)), (drop, (q, k, v, mask)), (shared, heads)):
        assert gradcheck(function, inputs)
        assert gradgradcheck(function, inputs)


def test_dropout_is_that_of_the_weights() -> None:
    """The numbers are those that dropout of all weights draws, for any number of threads."""
    q, k, v, mask = doubles(2, 150, 4), doubles(2, 300, 4), doubles(2, 300, 3), doubles(150, 300)
    before, found = torch.get_num_threads(), []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        torch.manual_seed(2)
        output = F.scaled_dot_product_attention(q, k, v, mask, 0.3)
        found.append([output, *torch.autograd.grad(output.square().sum(), [q, k, v, mask])])
    torch.set_num_threads(before)
    assert [t.tolist() for t in found[0]] == [t.tolist() for t in found[1]]
    torch.manual_seed(2)
    weights = torch.softmax(q @ k.transpose(1, 2) / 2 + mask, -1)
    output = (weights * F.dropout(torch.ones(2, 150, 300, dtype=torch.float64), 0.3)) @ v
    expected = [output, *torch.autograd.grad(output.square().sum(), [q, k, v, mask])]
    for mine, theirs in zip(found[0], expected, strict=True):
        assert torch.allclose(mine, theirs, atol=1e-10)


def test_rotary_embedding_knows_relative_positions_alone() -> None:
    q, k = doubles(1, 6), doubles(1, 6)
    for interleaved in (False, True):

        def score(a: int, b: int, interleaved: bool = interleaved) -> torch.Tensor:
            turn = nn.RotaryEmbedding(interleaved=interleaved)
            return (turn(q, offset=a) * turn(k, offset=b)).sum()

        assert torch.allclose(score(3, 1), score(40, 38))
        assert not torch.allclose(score(3, 1), score(3, 2))


def test_cache_grows_in_place() -> None:
    layer, cache = nn.MultiheadAttention(8, 2), nn.KeyValueCache()
    keys, values = torch.randn(2, 2, 40, 4), torch.randn(2, 2, 40, 3)
    places = set()
    for i in range(40):
        k, v = cache(keys[:, :, i : i + 1], values[:, :, i : i + 1])
        places.add(k.data_ptr())
        assert k.tolist() == keys[:, :, : i + 1].tolist()
        assert v.tolist() == values[:, :, : i + 1].tolist()
    assert len(places) == 3  # room for 16, 32 and 64 positions
    assert cache(keys[:, :, :2], values[:, :, :2], 5)[0].shape == (2, 2, 7, 4)
    assert cache(keys[:1], values[:1], 0)[0].shape == (1, 2, 40, 4)
    for wrong in (
        lambda: cache(keys[:, :, :1], values[:, :, :1]),
        lambda: cache(keys[:1], values),
        lambda: cache(keys[:1], values[:1], 99),
        lambda: cache(layer.in_proj_weight, layer.in_proj_weight, 0),
    ):
        with pytest.raises((RuntimeError, ValueError), match="KeyValueCache"):
            wrong()


def test_decoding_step_by_step_is_causal_attention() -> None:
    q, k, v = (torch.randn(2, 3, 37, 8) for _ in range(3))
    whole = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    cache = nn.KeyValueCache()
    for i in range(37):
        at = slice(i, i + 1)
        keys, values = cache(k[:, :, at], v[:, :, at])
        step = F.scaled_dot_product_attention(q[:, :, at], keys, values)
        assert torch.allclose(step, whole[:, :, at], atol=1e-6)
