"""Layers that are made from the registry."""

from __future__ import annotations

import copy
import inspect
import pickle
import pydoc
from typing import Any

import pytest

import swiftnn
import swiftnn as torch
import swiftnn.models
from swiftnn import _C, nn
from swiftnn.nn import _layers, lazy

ENTRIES = [entry for entry in _C.entries(_C.LAYERS) if entry[0] not in _layers._OF_ANY_MODULE]
HOMES = {"": nn, "models": swiftnn.models}


@pytest.mark.parametrize(("name", "doc", "number"), ENTRIES)
def test_every_layer_of_the_registry(name: str, doc: str, number: int) -> None:
    home, _, name = name.rpartition(".")
    cls = getattr(HOMES[home], name)
    assert issubclass(cls, nn.Module)
    assert cls.__doc__ == doc != ""
    assert cls.__module__ == HOMES[home].__name__
    fields = _C.fields(_C.LAYERS, number)
    parameters = inspect.signature(cls).parameters
    assert [name for name in parameters if name != "device"] == [field[0] for field in fields]
    assert f"class {name}(" in pydoc.plain(pydoc.render_doc(cls))


def test_arguments() -> None:
    for layer in (nn.Linear(3, 2), nn.Linear(in_features=3, out_features=2), nn.Linear(3, out_features=2, bias=1)):
        assert (layer.in_features, layer.out_features) == (3, 2)
        assert layer.weight.shape == (2, 3)
        assert isinstance(layer.bias, nn.Parameter)
    assert nn.Linear(3, 2, bias=False).bias is None
    assert list(nn.Linear(3, 2, bias=False).state_dict()) == ["weight"]
    assert nn.Linear(3, 2, dtype=torch.float64).weight.dtype is torch.float64
    assert nn.Linear(3, 2, device="cpu").weight.device == torch.device("cpu")
    assert nn.Dropout(0.25).p == 0.25
    for wrong, error in (
        (lambda: nn.Linear(3), TypeError),
        (lambda: nn.Linear(3, "a"), TypeError),
        (lambda: nn.Linear(3, 2, depth=1), TypeError),
        (lambda: nn.Linear(3, -2), ValueError),
        (lambda: nn.Dropout(1.5), ValueError),
        (lambda: nn.Linear(3, 2, device="cuda"), RuntimeError),
    ):
        with pytest.raises(error):
            wrong()


def test_calls() -> None:
    layer = nn.Linear(3, 2)
    assert layer(torch.ones(5, 3)).shape == (5, 2)
    for wrong, error in (
        (lambda: layer(torch.ones(5, 4)), RuntimeError),
        (lambda: layer("a"), TypeError),
        (lambda: layer([1.0, 2.0, 3.0]), TypeError),
    ):
        with pytest.raises(error):
            wrong()


def test_parameters_keep_their_identity() -> None:
    layer = nn.Linear(3, 2)
    weight = layer.weight
    assert layer.weight is weight
    assert next(layer.parameters()) is weight
    layer(torch.ones(1, 3)).sum().backward()
    assert weight.grad.tolist() == [[1, 1, 1], [1, 1, 1]]
    weight.data = torch.zeros(2, 3)
    assert layer(torch.ones(1, 3)).tolist() == [layer.bias.tolist()]


def test_assigned_parameters_are_used() -> None:
    layer = nn.Linear(2, 2)
    layer.weight = nn.Parameter(torch.eye(2) * 3)
    layer.bias = nn.Parameter(torch.zeros(2))
    x = torch.tensor([[1.0, 2.0]])
    assert layer(x).tolist() == [[3, 6]]
    layer.bias = None
    assert layer(x).tolist() == [[3, 6]]
    with pytest.raises(RuntimeError):
        layer.weight = nn.Parameter(torch.ones(3, 3))


def test_weights_can_be_tied() -> None:
    a, b = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
    b.weight = a.weight
    (a(torch.ones(1, 2)) + b(torch.ones(1, 2))).sum().backward()
    assert a.weight.grad.tolist() == [[2, 2], [2, 2]]
    assert a.weight.grad is b.weight.grad


def test_computed_weights() -> None:
    layer = nn.Linear(2, 1, bias=False)
    v = nn.Parameter(torch.ones(1, 2))
    del layer.weight
    layer.weight = v * 3
    assert layer(torch.ones(1, 2)).item() == 6
    layer(torch.ones(1, 2)).sum().backward()
    assert v.grad.tolist() == [[3, 3]]
    assert list(layer.parameters()) == []


def test_subclasses() -> None:
    class Doubled(nn.Linear):
        def __init__(self, size: int) -> None:
            super().__init__(size, size, bias=False)
            self.factor = 2.0

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) * self.factor

    layer = Doubled(2)
    layer.weight = nn.Parameter(torch.eye(2))
    assert layer(torch.ones(1, 2)).tolist() == [[2, 2]]
    assert list(inspect.signature(Doubled).parameters) == ["size"]
    assert repr(layer) == "Doubled(in_features=2, out_features=2, bias=False)"

    class Plain(nn.Linear):
        pass

    assert list(inspect.signature(Plain).parameters)[:2] == ["in_features", "out_features"]


def test_random_initial_values_follow_the_seed() -> None:
    torch.manual_seed(5)
    a = nn.Linear(3, 3).weight.tolist()
    torch.manual_seed(5)
    assert nn.Linear(3, 3).weight.tolist() == a
    assert nn.Linear(3, 3).weight.tolist() != a


def test_layers_do_not_leak(assert_no_leak: Any) -> None:
    x = torch.ones(1, 3)

    def use() -> None:
        layer = nn.Linear(3, 2)
        layer.note = layer
        layer(x).sum().backward()

    assert_no_leak(use, 200)


def test_a_layer_of_two_inputs_takes_them_by_name() -> None:
    layer = torch.nn.Bilinear(2, 3, 4)
    a, b = torch.ones(5, 2), torch.ones(5, 3)
    expected = torch.nn.functional.bilinear(a, b, layer.weight, layer.bias)
    assert torch.equal(layer(a, b), expected)
    assert torch.equal(layer(input2=b, input1=a), expected)
    with pytest.raises(TypeError, match="input2"):
        layer(a)
    with pytest.raises(TypeError, match="unexpected"):
        layer(a, b, other=a)


def test_errors_name_the_path_of_the_module() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(4, 4)])

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            for layer in self.layers:
                x = layer(x)
            return x

    model = nn.Sequential(nn.ReLU(), Block())
    expected = "1.layers.1: linear: expects 4 input features, got 3"
    with pytest.raises(RuntimeError, match=expected):
        model(torch.ones(2, 3))
    model.register_forward_hook(lambda module, args, output: None)
    with pytest.raises(RuntimeError, match=expected):
        model(torch.ones(2, 3))
    with pytest.raises(RuntimeError, match=r"^linear: expects"):
        nn.Linear(3, 3)(torch.ones(2, 4))

    class Broken(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise ValueError("as the user wrote it")

    with pytest.raises(ValueError, match=r"^as the user wrote it$"):
        nn.Sequential(Broken())(torch.ones(1))


def test_arguments_can_be_changed() -> None:
    norm = nn.BatchNorm1d(2)
    assert (norm.momentum, norm.eps, norm.affine, norm.num_features) == (0.1, 1e-5, True, 2)
    norm.momentum = None
    norm(torch.tensor([[0.0, 2.0], [2.0, 4.0]]))
    assert norm.running_mean.tolist() == [1, 3]
    dropout = nn.Dropout(0.5)
    dropout.p = 0.0
    x = torch.ones(100)
    assert repr(dropout) == "Dropout(p=0.0, inplace=False)"
    for layer in (dropout, copy.deepcopy(dropout), pickle.loads(pickle.dumps(dropout))):
        assert layer(x).tolist() == x.tolist()
        assert layer.p == 0
    with pytest.raises(ValueError, match=r"p must be between 0\.0 and 1\.0, got 2\.0"):
        dropout.p = 2.0
    with pytest.raises(TypeError):
        dropout.p = "a"
    assert dropout.p == 0


def test_arguments_are_attributes_as_in_pytorch() -> None:
    conv = nn.Conv2d(3, 6, 3, padding="same", bias=False)
    assert (conv.kernel_size, conv.stride, conv.padding, conv.groups) == ((3, 3), (1, 1), "same", 1)
    assert conv.bias is None
    assert nn.Conv1d(3, 6, 2).kernel_size == (2,)
    assert (nn.MaxPool2d(2).kernel_size, nn.MaxPool2d((2, 3)).kernel_size) == (2, (2, 3))
    assert nn.LayerNorm(5).normalized_shape == (5,)
    assert nn.Upsample(scale_factor=2.0).size is None
    assert nn.CrossEntropyLoss(ignore_index=3).ignore_index == 3
    assert not hasattr(conv, "dtype")


def test_embeddings_from_given_rows() -> None:
    rows = torch.randn(4, 3)
    layer = nn.Embedding.from_pretrained(rows, padding_idx=1)
    assert not layer.weight.requires_grad
    assert layer(torch.tensor([2])).tolist() == [rows[2].tolist()]
    assert repr(layer) == "Embedding(4, 3, padding_idx=1)"
    bag = nn.EmbeddingBag.from_pretrained(rows, freeze=False, mode="sum")
    assert bag.weight.requires_grad
    assert torch.allclose(bag(torch.tensor([[0, 3]])), rows[0] + rows[3])


def test_triplets_with_any_distance() -> None:
    a, p, n = torch.randn(5, 3), torch.randn(5, 3), torch.randn(5, 3)
    for swap in (False, True):
        for reduction in ("none", "mean", "sum"):
            expected = nn.TripletMarginLoss(swap=swap, reduction=reduction)(a, p, n)
            assert torch.allclose(nn.TripletMarginWithDistanceLoss(swap=swap, reduction=reduction)(a, p, n), expected)

    def city(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return (x - y).abs().sum(1)

    loss = nn.TripletMarginWithDistanceLoss(distance_function=city, margin=2.0)(a, p, n)
    assert torch.allclose(loss, (city(a, p) - city(a, n) + 2).clamp(min=0).mean())
    with pytest.raises(ValueError, match="margin"):
        nn.TripletMarginWithDistanceLoss(margin=0.0)


def test_residual() -> None:
    inner = nn.Linear(3, 3)
    model = nn.Residual(inner)
    x = torch.randn(2, 3)
    assert torch.equal(model(x), x + inner(x))
    assert list(model.state_dict()) == ["module.weight", "module.bias"]


def test_an_identity_takes_the_arguments_of_any_layer() -> None:
    layer = nn.Identity(64, eps=1e-6)
    x = torch.ones(2)
    assert layer(x) is x or torch.equal(layer(x), x)
    assert repr(layer) == "Identity()"
    assert repr(copy.deepcopy(layer)) == "Identity()"


def test_none_keeps_a_size() -> None:
    x = torch.randn(2, 3, 5, 7)
    for kind in (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d):
        assert torch.equal(kind((None, 2))(x), kind((5, 2))(x))
        assert repr(kind((None, 2))) == f"{kind.__name__}(output_size=(None, 2))"
    with pytest.raises(TypeError):
        nn.MaxPool2d((None, 2))


def test_star_import_has_every_layer() -> None:
    names: dict[str, Any] = {}
    exec("from swiftnn.nn import *", names)
    layers = {name for name, _, _ in torch._C.entries(torch._C.LAYERS) if hasattr(nn, name)}
    assert len(layers) > 100 and layers <= set(names)
    assert set(nn.__all__) <= set(names) and len(set(nn.__all__)) == len(nn.__all__)
    assert names["Linear"] is nn.Linear and names["Sequential"] is nn.Sequential
    assert {name for name in vars(lazy) if name.startswith("Lazy")} <= set(names)
