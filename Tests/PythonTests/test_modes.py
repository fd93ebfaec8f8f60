"""Modes of recording, anomaly detection, checks of derivatives and the rest of autograd."""

import warnings

import pytest

import swiftnn as torch
from swiftnn import autograd
from swiftnn.autograd.function import once_differentiable


def leaf(*numbers):
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


class Planted(autograd.Function):
    """A square whose derivative is off by a hundredth."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * x * 2.02


def test_gradcheck_finds_a_wrong_derivative():
    x = leaf(0.5, -1.5)
    with pytest.raises(
        autograd.GradcheckError, match="Jacobian mismatch for output 0 with respect to input 0"
    ) as caught:
        autograd.gradcheck(Planted.apply, (x,))
    assert "numerical:tensor" in str(caught.value) and "analytical:tensor" in str(caught.value)
    assert not autograd.gradcheck(Planted.apply, x, raise_exception=False)
    assert not autograd.gradcheck(Planted.apply, x, raise_exception=False, fast_mode=True)
    assert not autograd.gradcheck(
        Planted.apply, x, raise_exception=False, check_forward_ad=True, check_backward_ad=False
    )
    assert autograd.gradcheck(Planted.apply, x, atol=0.1)
    assert x.tolist() == [0.5, -1.5]


def test_gradcheck_passes_what_is_right():
    x, y = leaf(0.5, -1.5), leaf(2.0, 3.0)
    options = {"check_forward_ad": True, "check_batched_grad": True}
    assert autograd.gradcheck(lambda x, y, n: (x * y**n, x.sum()), (x, y, 2), **options)
    assert autograd.gradgradcheck(lambda x, y: (x.sin() * y, x.exp()), (x, y), check_fwd_over_rev=True)
    assert autograd.gradgradcheck(lambda x: x.sin(), x, leaf(1.0, 2.0))
    with pytest.raises(autograd.GradcheckError):
        autograd.gradgradcheck(lambda x: x.detach() * x**2, x)
    module = torch.nn.Linear(2, 2).double()
    assert autograd.gradcheck(lambda *_: module(y), tuple(module.parameters()))
    with pytest.raises(ValueError, match="at least one input tensor to require gradient"):
        autograd.gradcheck(torch.sin, x.detach())


def test_anomaly_names_the_operation_and_the_place():
    x = leaf(0.0, 1.0)
    with warnings.catch_warnings(record=True) as seen, autograd.detect_anomaly():
        warnings.simplefilter("always")
        y = (x * 0).sqrt()  # the line that the warning shows
        with pytest.raises(RuntimeError, match=r"Function 'SqrtBackward' returned nan values in its 0th output.*\[2\]"):
            (y * 0).sum().backward()
    assert any("the line that the warning shows" in str(w.message) for w in seen)
    assert not autograd.is_anomaly_enabled()


def test_anomaly_names_what_makes_nan_going_forward():
    with warnings.catch_warnings(record=True) as seen, autograd.detect_anomaly():
        warnings.simplefilter("always")
        (leaf(-1.0).sqrt() + 1).log()
    named = [str(w.message) for w in seen if "made a NaN" in str(w.message)]
    assert len(named) == 1 and "the operation sqrt" in named[0]


def test_anomaly_without_the_check():
    with autograd.set_detect_anomaly(True, check_nan=False):
        assert autograd.is_anomaly_enabled() and not autograd.is_anomaly_check_nan_enabled()
        x = leaf(0.0)
        (x.sqrt() * 0).sum().backward()
    assert x.grad.isnan().all()


def test_inference_mode():
    with torch.inference_mode():
        made = torch.ones(2, dtype=torch.float64)
        assert not torch.is_grad_enabled() and torch.is_inference_mode_enabled()
        with torch.inference_mode(False):
            assert torch.is_grad_enabled() and not torch.ones(1).is_inference()
    assert made.is_inference() and not torch.ones(1).is_inference() and not torch.is_inference_mode_enabled()
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="Inference tensors cannot be saved for backward"):
        x * made
    with pytest.raises(RuntimeError, match="Inplace update to inference tensor"):
        made.add_(1)
    with pytest.raises(RuntimeError, match="requires_grad=True on inference tensor"):
        made.requires_grad_()
    assert (x + made).requires_grad and (x * made.clone()).requires_grad


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_modes_are_decorators(mode):
    @mode()
    def called():
        return torch.is_grad_enabled()

    @mode
    def plain():
        return torch.is_grad_enabled()

    @torch.enable_grad()
    def enabled():
        return torch.is_grad_enabled()

    @mode()
    def generator():
        yield torch.is_grad_enabled()

    assert not called() and not plain() and torch.is_grad_enabled()
    assert list(generator()) == [False] and torch.is_grad_enabled()
    with mode():
        assert enabled()


def test_once_differentiable():
    class Square(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx, gradient):
            (x,) = ctx.saved_tensors
            return gradient * 2 * x

    x = leaf(3.0)
    (first,) = autograd.grad(Square.apply(x).sum(), x, create_graph=True)
    assert first.item() == 6
    with pytest.raises(RuntimeError, match="once_differentiable"):
        first.sum().backward()


def test_many_gradients_at_once():
    x, unused = leaf(1.0, 2.0), leaf(1.0)
    y = x**2
    (rows,) = autograd.grad(y, x, torch.eye(2, dtype=torch.float64), is_grads_batched=True)
    assert rows.tolist() == [[2, 0], [0, 4]]
    found = autograd.grad((x**2).sum(), (x, unused), materialize_grads=True)
    assert found[1].tolist() == [0]
    with pytest.raises(ValueError, match="materialize_grads"):
        autograd.grad((x**2).sum(), x, materialize_grads=True, allow_unused=False)


def test_backward_into_some_inputs():
    a, b = leaf(1.0), leaf(2.0)
    product = a * b
    product.retain_grad()
    (product**2).sum().backward(inputs=[a])
    assert a.grad.item() == 8 and b.grad is None
    assert a.is_leaf and not product.is_leaf and product.grad_fn.name() == "MulBackward0"
