"""nn.Module and its containers."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import swiftnn as torch
from swiftnn import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.second = nn.Linear(8, 2)
        self.scale = nn.Parameter(torch.ones(2))
        self.register_buffer("count", torch.zeros(1))
        self.register_buffer("scratch", torch.zeros(1), persistent=False)
        self.note = "plain"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(torch.relu(self.first(x))) * self.scale


NAMES = ["scale", "first.weight", "first.bias", "second.weight", "second.bias"]


def test_members() -> None:
    net = Net()
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert [p is q for p, q in zip(net.parameters(), dict(net.named_parameters()).values())] == [True] * 5
    assert [name for name, _ in net.named_buffers()] == ["count", "scratch"]
    assert [name for name, _ in net.named_children()] == ["first", "second"]
    assert [name for name, _ in net.named_modules()] == ["", "first", "second"]
    assert [name for name, _ in net.named_parameters(prefix="net", recurse=False)] == ["net.scale"]
    assert len(list(net.modules())) == 3
    assert net.get_parameter("first.weight") is net.first.weight
    assert net.get_submodule("first") is net.first
    assert net.get_submodule("") is net
    assert net.get_buffer("count") is net.count
    for wrong in (lambda: net.get_parameter("first.nothing"), lambda: net.get_submodule("third"), lambda: net.nothing):
        with pytest.raises(AttributeError):
            wrong()
    assert "scale" in dir(net)
    assert list(net.state_dict()) == ["scale", "count", *NAMES[1:]]


def test_forward_and_backward() -> None:
    net = Net()
    y = net(torch.randn(3, 4))
    assert y.shape == (3, 2)
    y.sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_shared_modules_and_parameters_count_once() -> None:
    net = nn.Module()
    net.a = nn.Linear(2, 2)
    net.b = net.a
    net.c = nn.Linear(2, 2, bias=False)
    net.c.weight = net.a.weight
    assert [name for name, _ in net.named_parameters()] == ["a.weight", "a.bias"]
    assert len(list(net.named_parameters(remove_duplicate=False))) == 5
    assert len(list(net.modules())) == 3
    assert len(list(net.children())) == 2
    x = torch.ones(1, 2)
    before = net.c(x).tolist()
    with torch.no_grad():
        net.a.weight.add_(1)
    assert net.c(x).tolist() != before


def test_assignment() -> None:
    net = Net()
    weight = nn.Parameter(torch.zeros(8, 4))
    net.first.weight = weight
    assert net.first.weight is weight
    net.scale = None
    assert "scale" not in dict(net.named_parameters())
    assert net.scale is None
    with pytest.raises(TypeError, match="cannot assign 'Tensor' as parameter 'weight'"):
        net.first.weight = torch.zeros(8, 4)
    with pytest.raises(TypeError, match="cannot assign 'int' as child module"):
        net.first = 3
    net.first = nn.Linear(4, 8)
    del net.second
    assert [name for name, _ in net.named_children()] == ["first"]
    with pytest.raises(AttributeError):
        del net.second
    net.note = nn.Parameter(torch.ones(1))
    assert "note" in dict(net.named_parameters())
    net.count = torch.ones(1)
    assert dict(net.named_buffers())["count"] is net.count


def test_registration_errors() -> None:
    class Early(nn.Module):
        def __init__(self) -> None:
            self.weight = nn.Parameter(torch.ones(1))

    with pytest.raises(AttributeError, match=r"before Module.__init__\(\) call"):
        Early()
    net = Net()
    with pytest.raises(KeyError, match="already exists"):
        net.register_buffer("note", torch.ones(1))
    with pytest.raises(KeyError, match="name can"):
        net.register_parameter("a.b", None)
    with pytest.raises(KeyError, match="empty string"):
        net.register_parameter("", None)
    with pytest.raises(TypeError):
        net.register_parameter("p", torch.ones(1))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        net.register_buffer("b", 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        net.add_module("m", 3)  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError, match="forward"):
        nn.Module()(1)


def test_modes() -> None:
    net = nn.Sequential(nn.Dropout(0.5), nn.Sequential(nn.Dropout(0.5)))
    x = torch.ones(1000)
    assert (net(x) == 0).sum() > 0
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert net(x).tolist() == x.tolist()
    net.train()
    assert all(m.training for m in net.modules())
    net[0].training = False
    assert net[0](x).tolist() == x.tolist()
    with pytest.raises(ValueError):
        net.train(1)  # type: ignore[arg-type]


def test_apply_and_requires_grad() -> None:
    net, seen = Net(), []
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen == ["Linear", "Linear", "Net"]
    net.requires_grad_(False)
    assert not any(p.requires_grad for p in net.parameters())


def test_changing_the_dtype() -> None:
    net = Net()
    weight = net.first.weight
    assert net.double() is net
    assert net.first.weight is weight
    assert all(p.dtype is torch.float64 for p in net.parameters())
    assert net.count.dtype is torch.float64
    assert net(torch.ones(1, 4, dtype=torch.float64)).dtype is torch.float64
    net.to("cpu").to(dtype=torch.float32)
    assert net(torch.ones(1, 4)).dtype is torch.float32
    assert net.half().scale.dtype is torch.float16
    assert net.to(torch.bfloat16).scale.dtype is torch.bfloat16
    assert net.float().cpu() is net
    with pytest.raises(TypeError, match="floating point"):
        net.to(torch.int64)
    with pytest.raises(RuntimeError):
        net.to("cuda")


# ---- state_dict


def test_state_dict_round_trip() -> None:
    a, b = Net(), Net()
    result = b.load_state_dict(a.state_dict())
    assert repr(result) == "<All keys matched successfully>"
    x = torch.randn(2, 4)
    assert a(x).tolist() == b(x).tolist()
    state = a.state_dict()
    assert not state["scale"].requires_grad
    assert state["scale"]._shares_memory(a.scale)
    assert a.state_dict(keep_vars=True)["scale"] is a.scale
    assert next(iter(a.state_dict(prefix="net."))) == "net.scale"


def test_state_dict_reports() -> None:
    net = Net()
    state = net.state_dict()
    del state["scale"]
    state["extra"] = torch.ones(1)
    state["first.bias"] = torch.ones(3)
    with pytest.raises(RuntimeError) as report:
        net.load_state_dict(state)
    assert str(report.value) == (
        "Error(s) in loading state_dict for Net:\n"
        '\tMissing key(s) in state_dict: "scale". \n'
        '\tUnexpected key(s) in state_dict: "extra". \n'
        "\tsize mismatch for first.bias: copying a param with shape swiftnn.Size([3]) from checkpoint, "
        "the shape in current model is swiftnn.Size([8])."
    )
    del state["first.bias"]
    result = net.load_state_dict(state, strict=False)
    assert result.missing_keys == ["scale", "first.bias"]
    assert result.unexpected_keys == ["extra"]
    with pytest.raises(TypeError):
        net.load_state_dict(3)  # type: ignore[arg-type]


def test_state_dict_assign() -> None:
    a, b = Net(), Net()
    state = a.state_dict()
    b.load_state_dict(state, assign=True)
    assert b.first.weight._shares_memory(a.first.weight)
    assert isinstance(b.first.weight, nn.Parameter)
    x = torch.randn(2, 4)
    assert a(x).tolist() == b(x).tolist()


# ---- Hooks


def test_forward_hooks() -> None:
    layer = nn.Linear(2, 2)
    seen: list[Any] = []
    before = layer.register_forward_pre_hook(lambda m, args: seen.append((m is layer, args[0].shape)))
    after = layer.register_forward_hook(lambda m, args, out: out * 0)
    assert layer(torch.ones(1, 2)).tolist() == [[0, 0]]
    assert seen == [(True, (1, 2))]
    before.remove()
    after.remove()
    assert layer(torch.ones(1, 2)).tolist() != [[0, 0]]
    layer.register_forward_pre_hook(lambda m, args: torch.zeros(1, 2))
    assert layer(torch.ones(1, 2)).tolist() == [layer.bias.tolist()]
    assert len(seen) == 1


def test_hooks_with_keywords_and_order() -> None:
    class Adder(nn.Module):
        def forward(self, x: torch.Tensor, *, y: torch.Tensor) -> torch.Tensor:
            return x + y

    net, order = Adder(), []
    net.register_forward_pre_hook(lambda m, a, k: (a, {"y": k["y"] * 2}), with_kwargs=True)
    net.register_forward_hook(lambda m, a, k, out: order.append("last"), with_kwargs=True)
    net.register_forward_hook(lambda m, a, out: order.append("first"), prepend=True)
    assert net(torch.ones(1), y=torch.ones(1)).item() == 3
    assert order == ["first", "last"]


def test_full_backward_hooks() -> None:
    layer = nn.Linear(2, 1, bias=False)
    seen: list[Any] = []

    def hook(module: nn.Module, grad_input: Any, grad_output: Any) -> Any:
        seen.append((grad_input[0].tolist(), grad_output[0].tolist()))
        return (grad_input[0] * 2,)

    handle = layer.register_full_backward_hook(hook)
    x = torch.ones(1, 2, requires_grad=True)
    layer(x).sum().backward()
    assert seen == [(layer.weight.tolist(), [[1]])]
    assert x.grad.tolist() == (layer.weight.detach() * 2).tolist()
    handle.remove()
    layer.register_full_backward_pre_hook(lambda m, g: (g[0] * 3,))
    layer.weight.grad = None
    layer(x).sum().backward()
    assert layer.weight.grad.tolist() == [[3, 3]]
    assert len(seen) == 1


# ---- Copies


@pytest.mark.parametrize("copier", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_complete_and_apart(copier: Any) -> None:
    net = Net()
    net.eval()
    net.first.weight.requires_grad_(False)
    before = torch.get_rng_state().tolist()
    twin = copier(net)
    if copier is copy.deepcopy:
        assert torch.get_rng_state().tolist() == before
    x = torch.randn(2, 4)
    assert net(x).tolist() == twin(x).tolist()
    assert not twin.training
    assert not twin.first.training
    assert not twin.first.weight.requires_grad
    with torch.no_grad():
        twin.first.weight.zero_()
        twin.first.bias.zero_()
        twin.second.bias.zero_()
    assert twin(x).tolist() == [[0, 0], [0, 0]]
    assert net(x).tolist() != [[0, 0], [0, 0]]


def test_copies_keep_sharing() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    net[1].weight = net[0].weight
    twin = copy.deepcopy(net)
    assert twin[1].weight is twin[0].weight
    assert twin[1].weight is not net[1].weight


# ---- Containers


def test_sequential() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    assert len(net) == 3
    assert isinstance(net[1], nn.ReLU)
    assert isinstance(net[-1], nn.Linear)
    assert isinstance(net[:2], nn.Sequential)
    assert net[:2][0] is net[0]
    net.append(nn.ReLU())
    net.insert(0, nn.ReLU())
    assert [type(m).__name__ for m in net] == ["ReLU", "Linear", "ReLU", "Linear", "ReLU"]
    del net[0]
    assert isinstance(net.pop(-1), nn.ReLU)
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    net[1] = nn.Dropout()
    assert isinstance(net[1], nn.Dropout)
    both = net + nn.Sequential(nn.ReLU())
    assert len(both) == 4
    named = nn.Sequential({"a": nn.Linear(1, 1), "b": nn.ReLU()})
    assert [name for name, _ in named.named_children()] == ["a", "b"]
    assert named.a is named[0]
    with pytest.raises(IndexError):
        net[3]
    with pytest.raises(TypeError):
        nn.Sequential(3)


def test_module_list() -> None:
    modules = nn.ModuleList([nn.Linear(1, 1), nn.ReLU()])
    modules.extend([nn.ReLU()])
    modules += [nn.Dropout()]
    modules.insert(1, nn.Dropout())
    assert [type(m).__name__ for m in modules] == ["Linear", "Dropout", "ReLU", "ReLU", "Dropout"]
    assert len(modules[1:3]) == 2
    del modules[1:3]
    assert len(modules) == 3
    assert len(list(modules.parameters())) == 2
    assert modules[-1] in modules
    assert isinstance(modules + [nn.ReLU()], nn.ModuleList)


def test_module_dict() -> None:
    modules = nn.ModuleDict({"a": nn.Linear(1, 1)})
    modules["b"] = nn.ReLU()
    modules.update({"c": nn.Dropout()})
    assert list(modules) == ["a", "b", "c"] == list(modules.keys())
    assert "b" in modules
    assert isinstance(modules.pop("b"), nn.ReLU)
    assert len(modules) == 2
    del modules["c"]
    assert dict(modules.items()) == {"a": modules["a"]}
    assert list(modules.state_dict()) == ["a.weight", "a.bias"]
    modules.clear()
    assert len(modules) == 0


def test_parameter_containers() -> None:
    listed = nn.ParameterList([torch.ones(2), nn.Parameter(torch.zeros(1))])
    listed.append(torch.ones(3))
    assert len(listed) == 3
    assert all(isinstance(p, nn.Parameter) for p in listed)
    assert list(listed.state_dict()) == ["0", "1", "2"]
    listed[0] = nn.Parameter(torch.zeros(2))
    assert listed[-1].shape == (3,)
    assert len(listed[1:]) == 2
    named = nn.ParameterDict({"w": torch.ones(2)})
    named["v"] = torch.zeros(1)
    assert list(named.keys()) == ["w", "v"]
    assert [name for name, _ in named.named_parameters()] == ["w", "v"]
    assert named.pop("v").shape == (1,)
    assert "v" not in named
    assert copy.deepcopy(named)["w"].tolist() == [1, 1]


def test_parameters() -> None:
    x = torch.ones(2)
    p = nn.Parameter(x)
    assert isinstance(p, torch.Tensor)
    assert p.requires_grad
    assert p._shares_memory(x)
    assert not nn.Parameter(x, requires_grad=False).requires_grad
    assert repr(p) == "Parameter containing:\ntensor([1., 1.], requires_grad=True)"
    assert type(p + 1) is torch.Tensor
    assert isinstance(copy.deepcopy(p), nn.Parameter)
    with pytest.raises(TypeError):
        nn.Parameter([1.0])


def test_text() -> None:
    net = Net()
    assert repr(net) == (
        "Net(\n"
        "  (first): Linear(in_features=4, out_features=8, bias=True)\n"
        "  (second): Linear(in_features=8, out_features=2, bias=True)\n"
        ")"
    )
    assert repr(nn.Sequential(nn.Sequential(nn.ReLU()))) == ("Sequential(\n  (0): Sequential(\n    (0): ReLU()\n  )\n)")

    class Described(nn.Module):
        def extra_repr(self) -> str:
            return "size=3"

    assert repr(Described()) == "Described(size=3)"


def test_vectors_of_parameters() -> None:
    net = nn.Linear(2, 2)
    vector = nn.utils.parameters_to_vector(net.parameters())
    assert vector.shape == (6,)
    nn.utils.vector_to_parameters(torch.arange(6.0), net.parameters())
    assert net.weight.tolist() == [[0, 1], [2, 3]]
    assert net.bias.tolist() == [4, 5]
