"""Function transformations against the numbers that PyTorch gives for the same programs."""

import json
import sys
import warnings
from pathlib import Path

import pytest

import swiftnn as torch
from swiftnn import Tensor, autograd, func
from swiftnn.nn import functional

GOLDEN = Path(__file__).resolve().parents[1] / "Golden"
sys.path.insert(0, str(GOLDEN))
from units import transforms  # noqa: E402

NUMBERS = {entry["program"]: entry["results"] for entry in json.loads((GOLDEN / "transforms.json").read_text())}


@pytest.mark.parametrize("program", transforms.PROGRAMS, ids=lambda program: program.__name__)
def test_program(program):
    found = program(torch)
    expected = NUMBERS[program.__name__]
    assert [list(tensor.shape) for tensor in found] == [entry["shape"] for entry in expected]
    for tensor, entry in zip(found, expected, strict=True):
        assert tensor.detach().flatten().tolist() == pytest.approx(entry["values"], rel=1e-9, abs=1e-11)


def test_jacobians_stand_outside_of_the_graph() -> None:
    x = torch.randn(3)
    weight = torch.ones(3, requires_grad=True)
    for jacobian in (func.jacrev, func.jacfwd, func.hessian):
        assert not jacobian(lambda x: (x * x).exp())(x).requires_grad
        assert jacobian(lambda x: x * x * weight)(x).requires_grad


def test_class_likelihood_of_many_examples() -> None:
    """The loss by classes is one kernel: its derivatives along a batch are those one by one."""
    x = torch.randn(5, 4, dtype=torch.float64)
    classes, weight = torch.tensor([1, 0, -100, 3, 2]), torch.rand(4, dtype=torch.float64)
    for reduction in ("none", "mean", "sum"):

        def loss(x: Tensor, reduction: str = reduction) -> Tensor:
            return functional.cross_entropy(x, classes, weight, reduction=reduction)

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            rows, columns = func.jacrev(loss)(x), func.jacfwd(loss)(x)
            second = func.hessian(lambda x, loss=loss: loss(x).sum())(x)
        assert torch.allclose(rows, autograd.functional.jacobian(loss, x))
        assert torch.allclose(columns, rows)
        assert torch.allclose(second, autograd.functional.hessian(lambda x, loss=loss: loss(x).sum(), x))


@pytest.mark.filterwarnings("error")
def test_images_of_all_examples_at_once() -> None:
    """Convolutions and pools have rules: nothing runs example by example, which would warn."""
    images, kernels = torch.randn(4, 2, 3, 7, 7), torch.randn(4, 5, 3, 3, 3)

    def loss(kernel: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        y = torch.nn.functional.conv2d(x, kernel, padding=1)
        return (torch.nn.functional.max_pool2d(y, 2) - torch.nn.functional.avg_pool2d(y, 2)).square().sum()

    for dims in ((None, 0), (0, None), (0, 0)):
        given = (kernels if dims[0] == 0 else kernels[0], images if dims[1] == 0 else images[0])
        found = torch.func.vmap(torch.func.grad(loss), dims)(*given)
        for i in range(4):
            one = [value if axis is None else value[i] for value, axis in zip(given, dims, strict=True)]
            assert torch.allclose(found[i], torch.func.grad(loss)(*one), rtol=1e-4, atol=1e-4)


def test_gauss_newton_products() -> None:
    """Against the whole matrix, for functions of several tensors with several results."""
    a, b = torch.randn(3, dtype=torch.float64), torch.randn(3, dtype=torch.float64)
    along = (torch.randn(3, dtype=torch.float64), torch.randn(3, dtype=torch.float64))

    def model(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        return (a * b.exp()).cumsum(0), a.sin()

    def loss(z: tuple[Tensor, Tensor]) -> Tensor:
        return (z[0] * z[1]).sum().exp()

    value, products = func.gauss_newton_product(model, loss, (a, b), along)
    assert torch.equal(value, loss(model(a, b)))
    rows = func.jacrev(lambda v: torch.cat(model(v[:3], v[3:])))(torch.cat([a, b]))
    curves = func.hessian(lambda z: loss((z[:3], z[3:])))(torch.cat(model(a, b)))
    assert torch.allclose(torch.cat(products), rows.T @ curves @ rows @ torch.cat(along))
    single = func.gauss_newton_product(torch.sin, lambda z: z.square().sum(), a, along[0])[1]
    assert torch.allclose(single, 2 * a.cos() ** 2 * along[0])
    with pytest.raises(RuntimeError, match="one element"):
        func.gauss_newton_product(torch.sin, lambda z: z, a, along[0])
    # Gradients go on through the product.
    third = func.grad(lambda a: func.gauss_newton_product(torch.sin, lambda z: z.square().sum(), a, along[0])[1].sum())(
        a
    )
    assert torch.allclose(third, -4 * a.cos() * a.sin() * along[0])
