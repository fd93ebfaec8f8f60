"""Functions and methods that are made from the registry."""

from __future__ import annotations

import contextlib
import inspect
import pydoc

import numpy as np
import pytest

import swiftnn as torch
import swiftnn.nn.functional as F
from swiftnn import _C

PLACES = {
    "swiftnn": torch,
    "swiftnn.nn.functional": F,
    "swiftnn.nn.init": torch.nn.init,
    "swiftnn.linalg": torch.linalg,
    "swiftnn.special": torch.special,
    "swiftnn.signal.windows": torch.signal.windows,
}


@pytest.mark.parametrize("place", PLACES)
def test_every_function_is_where_it_belongs(place: str) -> None:
    for name, function in _C.functions_of(place).items():
        assert function.__name__ == name
        for home in (PLACES[place], PLACES.get(function.__module__)):
            spelled = getattr(home, name)
            assert spelled is function or spelled.__module__ == "swiftnn._forms"


def test_every_function_has_a_signature_and_help() -> None:
    for place in PLACES:
        for name, function in _C.functions_of(place).items():
            signature = inspect.signature(function)
            assert function.__doc__, name
            text = pydoc.plain(pydoc.render_doc(function))
            assert f"{name}(" in text
            assert len(signature.parameters) == len(inspect.signature(function).parameters)


def test_every_method_has_a_signature() -> None:
    for name, method in vars(torch.Tensor).items():
        if inspect.ismethoddescriptor(method) and not name.startswith("_"):
            assert next(iter(inspect.signature(method).parameters)) == "self", name


def test_signature_and_help_of_add() -> None:
    assert str(inspect.signature(torch.add)) == "(input, other, *, alpha=1)"
    assert str(inspect.signature(torch.Tensor.add)) == "(self, /, other, *, alpha=1)"
    assert str(inspect.signature(torch.ones(1).add)) == "(other, *, alpha=1)"
    assert torch.add.__module__ == "swiftnn"


def test_positional_and_keyword_arguments() -> None:
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    expected = [7.0, 10.0]
    assert torch.add(x, y, alpha=2).tolist() == expected
    assert torch.add(x, other=y, alpha=2).tolist() == expected
    assert torch.add(other=y, input=x, alpha=2).tolist() == expected
    assert x.add(y, alpha=2).tolist() == expected
    assert x.add(other=y, alpha=2).tolist() == expected
    assert torch.add(x, y, **{"".join(["al", "pha"]): 2}).tolist() == expected


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: torch.add(), "missing required argument 'input'"),
        (lambda x: torch.add(x), r"add\(\) missing required argument 'other' \(position 2\)"),
        (lambda x: torch.add(x, other=x, other2=x), "unexpected keyword argument 'other2'"),
        (lambda x: torch.add(x, x, 3), "takes 2 positional arguments but 3 were given"),
        (lambda x: torch.add(x, x, other=x), "multiple values for argument 'other'"),
        (lambda x: torch.add(x, "a"), "argument 'other' .* must be Tensor or number, not str"),
        (lambda x: torch.add(x, None), "not NoneType"),
        (lambda x: torch.add(x, x, alpha="a"), "argument 'alpha' .* must be number"),
        (lambda x: torch.relu(3), "must be Tensor, not int"),
        (lambda x: x.add(), "missing required argument 'other'"),
        (lambda x: x.add(x, x), "takes 2 positional arguments but 3 were given"),
        (lambda x: x.reshape("a"), "must be int or tuple of ints"),
        (lambda x: x.reshape(1.5), "must be int or tuple of ints"),
        (lambda x: torch.zeros(2, dtype="float32"), "must be dtype"),
        (lambda x: torch.cat(x), "must be list of Tensors"),
        (lambda x: torch.cat([x, 1]), "must be list of Tensors"),
        (lambda x: torch.rand(2, generator=3), "must be Generator"),
        (lambda x: torch.softmax(x, True), "must be int"),
    ],
)
def test_wrong_arguments_are_named(call: object, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        call(torch.ones(2))  # type: ignore[operator]


def test_errors_of_the_engine_have_pytorchs_types() -> None:
    x = torch.ones(2)
    with pytest.raises(RuntimeError, match=r"size of tensor a \(2\) must match the size of tensor b \(3\)"):
        torch.add(x, torch.ones(3))
    with pytest.raises(IndexError, match="Dimension out of range"):
        x.sum(2)
    with pytest.raises(RuntimeError):
        x.reshape(3)
    with pytest.raises(RuntimeError):
        torch.ones(2, 3) @ torch.ones(2, 3)
    with pytest.raises(MemoryError):
        torch.zeros(1 << 44)


def test_sizes_one_by_one_or_together() -> None:
    for x in (
        torch.zeros(2, 3),
        torch.zeros((2, 3)),
        torch.zeros([2, 3]),
        torch.zeros(size=(2, 3)),
        torch.zeros(torch.ones(2, 3).shape),
        torch.zeros(np.int64(2), 3),
        torch.zeros(torch.tensor(2), 3),
    ):
        assert x.shape == (2, 3)
    x = torch.arange(6)
    assert x.view(2, 3).shape == x.view((2, 3)).shape == x.view([2, -1]).shape == (2, 3)
    assert torch.zeros(4).shape == (4,)
    assert x.reshape(2, 3).permute(1, 0).shape == (3, 2)


def test_words_of_other_libraries() -> None:
    x = torch.ones(2, 3)
    assert torch.sum(x, axis=0, keepdims=True).shape == (1, 3)
    assert torch.ones(2, device="cpu", requires_grad=True, pin_memory=False).requires_grad
    assert torch.zeros_like(x, memory_format=None).shape == (2, 3)


def test_out_takes_the_result() -> None:
    x, out = torch.ones(2), torch.zeros(2)
    assert torch.add(x, x, out=out) is out
    assert out.tolist() == [2, 2]
    with pytest.raises(TypeError):
        torch.add(x, x, out=3)
    with pytest.raises(RuntimeError, match="float32 can't be cast"):
        torch.add(x, x, out=torch.zeros(2, dtype=torch.int64))
    with pytest.raises(RuntimeError, match="automatic differentiation"):
        torch.add(x, x.requires_grad_(), out=out)


def test_out_of_another_shape_is_resized() -> None:
    x, out = torch.ones(2), torch.empty(0)
    assert torch.add(x, x, out=out) is out
    assert out.tolist() == [2, 2]
    with pytest.warns(UserWarning, match="resized"):
        torch.add(x[:1], 2, out=out)
    assert out.tolist() == [3]


def test_out_takes_several_results() -> None:
    values, indices = torch.empty(0), torch.empty(0, dtype=torch.int64)
    given = torch.sort(torch.tensor([3.0, 1.0, 2.0]), out=(values, indices))
    assert given[0] is values
    assert values.tolist() == [1, 2, 3]
    assert indices.tolist() == [1, 2, 0]
    with pytest.raises(TypeError, match="each of the 2 results"):
        torch.sort(values, out=(values,))


def test_memory_that_numpy_shows_outlives_a_resize() -> None:
    x = torch.arange(4)
    shown = memoryview(x)
    x.resize_(1000)
    assert shown.tolist() == x[:4].tolist() == [0, 1, 2, 3]


def test_methods_in_place_return_the_same_object() -> None:
    x = torch.ones(2)
    assert x.add_(1) is x
    assert x.mul_(torch.tensor([2.0, 3.0])) is x
    assert x.tolist() == [4, 6]
    before = x._version
    x += 1
    assert x._version > before
    assert x.tolist() == [5, 7]


def test_results_with_names() -> None:
    result = torch.tensor([[1.0, 5.0], [7.0, 2.0]]).max(dim=1)
    assert result.values.tolist() == [5, 7]
    assert result.indices.tolist() == [1, 0]
    values, _ = result
    assert values is result[0]
    assert repr(result).startswith("swiftnn.return_types.max(")


def test_functions_can_be_pickled() -> None:
    import pickle

    assert pickle.loads(pickle.dumps(torch.relu)) is torch.relu
    assert pickle.loads(pickle.dumps(F.cross_entropy)) is F.cross_entropy


def test_generators() -> None:
    generator = torch.Generator()
    assert generator.manual_seed(3) is generator
    first = torch.rand(4, generator=generator)
    state = generator.get_state()
    second = torch.rand(4, generator=generator)
    generator.set_state(state)
    assert torch.rand(4, generator=generator).tolist() == second.tolist()
    assert torch.rand(4, generator=generator.manual_seed(3)).tolist() == first.tolist()
    assert generator.initial_seed() == 3
    assert generator.seed() == generator.initial_seed()
    assert torch.manual_seed(7).initial_seed() == 7 == torch.initial_seed()
    a = torch.randn(3)
    state = torch.get_rng_state()
    b = torch.randn(3)
    torch.set_rng_state(state)
    assert torch.randn(3).tolist() == b.tolist() != a.tolist()
    with pytest.raises(TypeError):
        generator.set_state(torch.zeros(3))
    with pytest.raises(TypeError):
        generator.manual_seed("a")


def test_calls_do_not_leak(assert_no_leak: object) -> None:
    x = torch.ones(8)

    def calls() -> None:
        torch.add(x, x, alpha=2)
        x + 1
        1 - x
        x[0]
        x[[0, 1]]
        torch.cat([x, x])
        assert x.reshape(2, 4).shape == (2, 4)
        for wrong in (lambda: torch.add(x), lambda: torch.add(x, "a"), lambda: x.reshape(3), lambda: x[9]):
            with contextlib.suppress(TypeError, RuntimeError, IndexError):
                wrong()

    assert_no_leak(calls)  # type: ignore[operator]


def test_an_empty_view_behind_the_end_of_its_memory_may_grow() -> None:
    x = torch.as_strided(torch.zeros(2), (0,), (1,), 100)
    assert x.resize_(3).shape == (3,)


def test_margin_losses_want_their_targets() -> None:
    """One number is the target of a single sample, never those of several classes."""
    x = torch.randn(3)
    assert F.multi_margin_loss(x, torch.tensor(1)).shape == ()
    assert F.multilabel_margin_loss(x[:1], torch.tensor(0)).shape == ()
    for target in (torch.tensor(1), torch.tensor([1]), torch.tensor([[1]])):
        with pytest.raises(RuntimeError, match="inconsistent target size"):
            F.multilabel_margin_loss(x, target)
