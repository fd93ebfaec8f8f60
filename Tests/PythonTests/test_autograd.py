"""Gradients, hooks, gradient modes and functions of the user."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

import swiftnn as torch
from swiftnn.autograd import Function


def test_backward_accumulates() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert x.grad is None
    (x * x).sum().backward()
    assert x.grad.tolist() == [2, 4]
    assert x.grad is x.grad
    (x * x).sum().backward()
    assert x.grad.tolist() == [4, 8]


def test_gradients_can_be_set_and_cleared() -> None:
    x = torch.ones(2, requires_grad=True)
    g = torch.tensor([5.0, 6.0])
    x.grad = g
    assert x.grad is g
    x.grad = None
    assert x.grad is None
    x.grad = g
    del x.grad
    assert x.grad is None
    with pytest.raises(TypeError):
        x.grad = 3.0  # type: ignore[assignment]
    with pytest.raises(RuntimeError):
        x.grad = torch.ones(3)


def test_seeds() -> None:
    x = torch.ones(2, requires_grad=True)
    (x * 3).backward(torch.tensor([1.0, 10.0]))
    assert x.grad.tolist() == [3, 30]
    with pytest.raises(RuntimeError):
        (x * 3).backward()
    with pytest.raises(RuntimeError):
        (x * 3).backward(torch.ones(3))
    with pytest.raises(TypeError):
        (x * 3).backward(1.0)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        torch.ones(2).sum().backward()


def test_the_graph_is_freed_unless_retained() -> None:
    x = torch.ones(2, requires_grad=True)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    with pytest.raises(RuntimeError):
        y.backward()
    assert x.grad.tolist() == [4, 4]


def test_backward_into_chosen_inputs() -> None:
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    (x * y).sum().backward(inputs=[x])
    assert x.grad.tolist() == [1, 1]
    assert y.grad is None
    torch.autograd.backward([(x * 2).sum(), (y * 3).sum()])
    assert y.grad.tolist() == [3, 3]


def test_grad() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = torch.tensor([3.0, 4.0], requires_grad=True)
    dx, dy = torch.autograd.grad((x * y).sum(), (x, y))
    assert (dx.tolist(), dy.tolist()) == ([3, 4], [1, 2])
    assert x.grad is None
    (dx,) = torch.autograd.grad(x * y, x, grad_outputs=torch.tensor([1.0, 2.0]))
    assert dx.tolist() == [3, 8]
    with pytest.raises(RuntimeError):
        torch.autograd.grad((x * 2).sum(), y)
    assert torch.autograd.grad((x * 2).sum(), (x, y), allow_unused=True)[1] is None


def test_second_derivatives() -> None:
    x = torch.tensor(2.0, requires_grad=True)
    (first,) = torch.autograd.grad(x**3, x, create_graph=True)
    assert first.item() == pytest.approx(12)
    (second,) = torch.autograd.grad(first, x)
    assert second.item() == pytest.approx(12)


def test_properties_of_graphs() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    assert (x.is_leaf, y.is_leaf) == (True, False)
    assert x.grad_fn is None
    assert "mul" in y.grad_fn.name().lower()
    assert not y.detach().requires_grad
    assert y.data._shares_memory(y)
    y.retain_grad()
    y.sum().backward()
    assert y.grad.tolist() == [1, 1]
    x.requires_grad_(False)
    assert not x.requires_grad
    with pytest.raises(RuntimeError):
        torch.ones(2, dtype=torch.int64).requires_grad_()
    with pytest.raises(RuntimeError):
        (torch.ones(2, requires_grad=True) * 2).requires_grad = False
    with pytest.raises(TypeError):
        x.requires_grad = 1  # type: ignore[assignment]


def test_values_changed_after_they_were_saved() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x * 1
    z = (y * y).sum()
    y.add_(1)
    with pytest.raises(RuntimeError):
        z.backward()
    with pytest.raises(RuntimeError):
        x.add_(1)


def test_data_can_be_replaced() -> None:
    x = torch.ones(2, requires_grad=True)
    x.data = torch.tensor([5.0, 6.0, 7.0])
    assert x.shape == (3,)
    assert x.requires_grad
    x.data.add_(1)
    assert x.tolist() == [6, 7, 8]
    with pytest.raises(TypeError):
        x.data = 3  # type: ignore[assignment]


# ---- Modes


def test_modes_as_blocks() -> None:
    x = torch.ones(2, requires_grad=True)
    with torch.no_grad():
        assert not torch.is_grad_enabled()
        assert not (x * 2).requires_grad
        with torch.enable_grad():
            assert (x * 2).requires_grad
        with torch.set_grad_enabled(True):
            assert (x * 2).requires_grad
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()
    with torch.inference_mode():
        assert not torch.is_grad_enabled()
    with pytest.raises(ValueError), torch.no_grad():
        raise ValueError
    assert torch.is_grad_enabled()


def test_modes_as_decorators() -> None:
    @torch.no_grad()
    def without() -> bool:
        """Documented."""
        return torch.is_grad_enabled()

    @torch.no_grad
    def bare() -> bool:
        return torch.is_grad_enabled()

    @torch.set_grad_enabled(False)
    def switched() -> bool:
        return torch.is_grad_enabled()

    @torch.no_grad()
    def steps() -> Any:
        received = yield torch.is_grad_enabled()
        yield received, torch.is_grad_enabled()

    assert without() is bare() is switched() is False
    assert without.__name__ == "without"
    assert without.__doc__ == "Documented."
    assert torch.is_grad_enabled()
    generator = steps()
    assert next(generator) is False
    assert torch.is_grad_enabled()
    assert generator.send("sent") == ("sent", False)


def test_set_grad_enabled_as_a_function() -> None:
    torch.set_grad_enabled(False)
    try:
        assert not torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
    assert torch.is_grad_enabled()


# ---- Hooks


def test_hooks_see_and_replace_gradients() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x * 3
    seen: list[Any] = []
    handle = y.register_hook(lambda g: seen.append(g.tolist()))
    y.register_hook(lambda g: g * 10)
    y.sum().backward()
    assert seen == [[1, 1]]
    assert x.grad.tolist() == [30, 30]
    handle.remove()
    handle.remove()
    with x.register_hook(lambda g: g * 0):
        pass
    y = x * 3
    y.sum().backward()
    assert len(seen) == 1


def test_hooks_on_leaves() -> None:
    x = torch.ones(2, requires_grad=True)
    handle = x.register_hook(lambda g: g * 2)
    (x * 3).sum().backward()
    assert x.grad.tolist() == [6, 6]
    handle.remove()
    x.grad = None
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3, 3]
    with pytest.raises(RuntimeError):
        torch.ones(2).register_hook(lambda g: g)


def test_exceptions_leave_hooks() -> None:
    x = torch.ones(2, requires_grad=True)

    def fail(gradient: torch.Tensor) -> None:
        raise KeyError("from the hook")

    handle = x.register_hook(fail)
    with pytest.raises(KeyError, match="from the hook"):
        (x * 2).sum().backward()
    handle.remove()
    x.register_hook(lambda g: 3)  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match="a hook returns None or a Tensor"):
        (x * 2).sum().backward()
    with pytest.raises(TypeError):
        x.register_hook(3)  # type: ignore[arg-type]


def test_hooks_are_released_with_their_tensor() -> None:
    class Hook:
        def __call__(self, gradient: torch.Tensor) -> None:
            pass

    hook = Hook()
    watcher = weakref.ref(hook)
    x = torch.ones(2, requires_grad=True)
    x.register_hook(hook)
    del hook
    gc.collect()
    assert watcher() is not None
    del x
    gc.collect()
    assert watcher() is None


# ---- Functions


class Cube(Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return gradient * 3 * x * x


class ScaledPair(Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, y: torch.Tensor, factor: float) -> tuple[torch.Tensor, torch.Tensor]:
        ctx.factor = factor
        return x * factor, y + factor

    @staticmethod
    def backward(ctx: Any, gx: torch.Tensor, gy: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
        assert ctx.needs_input_grad == (True, True, False)
        return gx * ctx.factor, gy, None


def test_functions_of_the_user() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = Cube.apply(x)
    assert y.tolist() == [1, 8]
    assert "Cube" in y.grad_fn.name()
    y.sum().backward()
    assert x.grad.tolist() == [3, 12]
    assert not Cube.apply(torch.ones(1)).requires_grad
    with torch.no_grad():
        assert not Cube.apply(x).requires_grad


def test_functions_of_the_user_twice_differentiated() -> None:
    x = torch.tensor(2.0, requires_grad=True)
    (first,) = torch.autograd.grad(Cube.apply(x), x, create_graph=True)
    (second,) = torch.autograd.grad(first, x)
    assert second.item() == pytest.approx(12)


def test_functions_with_several_inputs_and_outputs() -> None:
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    a, b = ScaledPair.apply(x, y, 3.0)
    (a + b).sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([3, 3], [1, 1])
    x.grad = None
    a, _ = ScaledPair.apply(x, y, 3.0)
    a.sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_exceptions_leave_functions() -> None:
    class Failing(Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            return x * 2

        @staticmethod
        def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
            raise KeyError("from backward")

    class Short(Failing):
        @staticmethod
        def backward(ctx: Any, gradient: torch.Tensor) -> Any:
            return ()

    x = torch.ones(2, requires_grad=True)
    with pytest.raises(KeyError, match="from backward"):
        Failing.apply(x).sum().backward()
    with pytest.raises(RuntimeError, match="incorrect number of gradients"):
        Short.apply(x).sum().backward()


def test_training_steps_do_not_leak(assert_no_leak: Any) -> None:
    x = torch.ones(8, requires_grad=True)

    def step() -> None:
        y = Cube.apply(x * 2)
        y.register_hook(lambda g: g * 2)
        y.sum().backward()
        x.grad = None

    assert_no_leak(step, 500)


def test_long_graphs() -> None:
    x = torch.ones(1, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y + 1
    y.sum().backward()
    assert x.grad.item() == 1


def test_outputs_saved_for_backward_have_second_derivatives() -> None:
    class Exp(Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            result = x.exp()
            ctx.save_for_backward(result)
            return result

        @staticmethod
        def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
            return gradient * ctx.saved_tensors[0]

    x = torch.tensor(1.0, requires_grad=True)
    (first,) = torch.autograd.grad(Exp.apply(x), x, create_graph=True)
    (second,) = torch.autograd.grad(first, x, create_graph=True)
    (third,) = torch.autograd.grad(second, x)
    assert first.item() == second.item() == third.item() == pytest.approx(2.7182818)
