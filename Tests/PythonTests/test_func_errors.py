"""What transformations of functions refuse, and the rest of their behaviour beside the numbers."""

import warnings

import pytest

import swiftnn as torch
from swiftnn.func import (
    functional_call,
    grad,
    grad_and_value,
    hvp,
    jacfwd,
    jacrev,
    jvp,
    linearize,
    stack_module_state,
    value_and_grad,
    vjp,
    vmap,
)


@pytest.fixture
def x():
    return torch.arange(12).reshape(3, 4).double() / 7


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: vmap(lambda a: a.sum().item())(x), RuntimeError, "vmap: item"),
        (lambda x: vmap(lambda a: bool(a.sum()))(x), RuntimeError, "vmap:"),
        (lambda x: vmap(lambda a: a.tolist())(x), RuntimeError, "vmap:"),
        (lambda x: vmap(lambda a: a.numpy())(x), BufferError, "vmap:"),
        (lambda x: vmap(lambda a: a.nonzero())(x), RuntimeError, "nonzero: vmap:"),
        (lambda x: vmap(lambda a: a[a > 0])(x), RuntimeError, "index: vmap:"),
        (lambda x: vmap(lambda a: torch.unique(a))(x), RuntimeError, "unique: vmap:"),
        (lambda x: vmap(lambda a: torch.masked_select(a, a > 0))(x), RuntimeError, "masked_select: vmap:"),
        (lambda x: vmap(lambda a: torch.rand(2))(x), RuntimeError, "random operation while in randomness error mode"),
        (lambda x: vmap(lambda a: a, in_dims=3)(x), ValueError, "Got in_dim=3 for some input"),
        (lambda x: vmap(lambda a, b: a, in_dims=(0,))(x, x), ValueError, "in_dims is not compatible"),
        (lambda x: vmap(lambda a, b: a)(x, x.T), ValueError, r"got sizes \[3, 4\] for the mapped dimension"),
        (lambda x: vmap(lambda a: a, in_dims=None)(x), ValueError, "expected `in_dims` to be int"),
        (lambda x: vmap(lambda a: 1.0)(x), ValueError, "must only return Tensors, got type <class 'float'>"),
        (lambda x: vmap(lambda a: (a, a), out_dims=(0, 1, 2))(x), ValueError, "out_dims is not compatible"),
        (lambda x: vmap(lambda a: a)(3.0), ValueError, "cannot vmap over non-Tensor arguments"),
        (lambda x: vmap(lambda: x)(), ValueError, "got no inputs"),
        (
            lambda x: vmap(lambda a: a, chunk_size=0),
            ValueError,
            r"chunk_size should be None or greater than 0. \(got 0\)",
        ),
        (lambda x: vmap(lambda a: a, randomness="foo"), RuntimeError, "Only allowed values for randomness"),
        (lambda x: vmap(lambda a: a, out_dims=5)(x), IndexError, "out of range"),
        (lambda x: grad(lambda a: a)(x), RuntimeError, "scalar Tensor, got tensor with 2 dims"),
        (lambda x: grad(lambda a: 1.0)(x), RuntimeError, "to return a Tensor, got <class 'float'>"),
        (lambda x: grad(lambda a: a.sum(), argnums=1)(x), RuntimeError, "Got argnum=1, but only 1 positional inputs"),
        (lambda x: grad(lambda a: a.sum(), argnums=(0, 0))(x), RuntimeError, "must be unique"),
        (lambda x: grad(lambda a: a.sum(), has_aux=True)(x), RuntimeError, "should be a tuple"),
        (lambda x: grad(lambda a: a.sum())(torch.tensor(1)), RuntimeError, "floating point"),
        (lambda x: grad(lambda a: a.sum())(1.0), ValueError, "must be Tensor, got <class 'float'>"),
        (lambda x: vjp(torch.sin, x)[1](torch.ones(2)), RuntimeError, "Mismatch in shape"),
        (lambda x: vjp(torch.sin, x)[1](x, x), RuntimeError, "pytree structure of cotangents"),
        (lambda x: vjp(lambda a: 1.0, x), RuntimeError, "to return only tensors"),
        (lambda x: jvp(torch.sin, (x,), (torch.ones(2),)), RuntimeError, "forward gradient that has a different size"),
        (lambda x: jvp(torch.sin, x, x), RuntimeError, "Expected primals to be a tuple"),
        (lambda x: jacrev(lambda a: a, argnums=3)(x), RuntimeError, "Got argnum=3"),
    ],
)
def test_errors(x, call, error, message):
    with pytest.raises(error, match=message):
        call(x)


def test_what_is_the_same_for_all_cannot_take_examples(x):
    shared = torch.zeros(4, dtype=torch.float64)
    with pytest.raises(RuntimeError, match="add_: vmap: an in-place operation is not possible"):
        vmap(lambda a: shared.add_(a))(x)
    assert shared.tolist() == [0, 0, 0, 0]


def test_backward_inside_of_vmap_is_refused(x):
    weight = torch.ones(4, dtype=torch.float64, requires_grad=True)
    with pytest.raises(RuntimeError, match="inside of vmap"):
        vmap(lambda a: (a * weight).sum().backward())(x)
    assert weight.grad is None


def test_examples_cannot_be_read_after_their_call(x):
    kept = []
    vmap(lambda a: kept.append(a) or a)(x)
    assert "BatchedTensor(3 examples of shape [4]" in repr(kept[0])
    with pytest.raises(RuntimeError, match="vmap:"):
        (kept[0] + 1).tolist()


def test_errors_of_the_function_come_through(x):
    class StopError(Exception):
        pass

    def stop(a):
        raise StopError("here")

    for call in (
        lambda: vmap(stop)(x),
        lambda: grad(stop)(x),
        lambda: torch.autograd.gradcheck(stop, x.requires_grad_()),
    ):
        with pytest.raises(StopError, match="here"):
            call()
    assert torch.rand(2).shape == (2,)


def test_an_operation_without_a_rule_says_so_once(x):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for _ in range(2):
            found = vmap(lambda a: torch.histc(a, bins=4, min=0, max=2))(x)
    assert len([w for w in seen if "histc has no rule" in str(w.message)]) == 1
    assert found.tolist() == [torch.histc(row, bins=4, min=0, max=2).tolist() for row in x]


def test_results_keep_their_structure(x):
    assert set(vmap(lambda a: {"sum": a.sum(), "pair": [a, (a, a)]})(x)) == {"sum", "pair"}
    gradient, (value, aux) = grad_and_value(lambda a: (a.sum(), {"twice": a * 2}), has_aux=True)(x)
    assert gradient.tolist() == torch.ones(3, 4).tolist()
    assert value.item() == pytest.approx(x.sum().item()) and aux["twice"].equal(x * 2)
    assert not aux["twice"].requires_grad and not value.requires_grad
    value, gradient = value_and_grad(lambda p: (p["a"] * p["b"][0]).sum())({"a": x, "b": (x,)})
    assert gradient["b"][0].equal(x)
    both = grad(lambda a, b: (a * b).sum(), argnums=(1, 0))(x, x * 2)
    assert both[0].equal(x) and both[1].equal(x * 2)


def test_no_examples(x):
    assert vmap(lambda a: a.sum())(torch.zeros(0, 3)).shape == (0,)


def test_keyword_arguments_are_mapped(x):
    assert vmap(lambda a, b: a * b)(x, b=x).equal(x * x)


def test_grad_of_a_graph_around_stays(x):
    weight = torch.ones(4, dtype=torch.float64, requires_grad=True)
    slope = grad(lambda a: (a**2 * weight).sum())(x)
    assert slope.requires_grad
    assert torch.autograd.grad(slope.sum(), weight)[0].tolist() == pytest.approx((2 * x).sum(0).tolist())
    with torch.no_grad():
        assert not grad(lambda a: (a**2 * weight).sum())(x).requires_grad


def test_jacobians_agree(x):
    def f(a):
        return a.softmax(0).cumsum(1), a.sum()

    for left, right in zip(jacrev(f)(x), jacfwd(f)(x), strict=True):
        assert left.flatten().tolist() == pytest.approx(right.flatten().tolist(), abs=1e-13)


def test_linearize_and_hvp(x):
    _, push = linearize(lambda a: a.sin() * a, x)
    assert push(x).flatten().tolist() == pytest.approx(jvp(lambda a: a.sin() * a, (x,), (x,))[1].flatten().tolist())
    _, product = hvp(lambda a: (a**3).sum(), x, x)
    assert product.flatten().tolist() == pytest.approx((6 * x * x).flatten().tolist())


def test_functions_of_the_user(x):
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a):
            ctx.save_for_backward(a)
            return a**3

        @staticmethod
        def backward(ctx, gradient):
            (a,) = ctx.saved_tensors
            return gradient * 3 * a**2

    assert vmap(grad(lambda a: Cube.apply(a).sum()))(x).flatten().tolist() == pytest.approx(
        (3 * x**2).flatten().tolist()
    )
    leaf = x.clone().requires_grad_()
    vmap(lambda a: Cube.apply(a).sum())(leaf).sum().backward()
    assert leaf.grad.flatten().tolist() == pytest.approx((3 * x**2).flatten().tolist())


def test_modules_as_functions(x):
    models = [
        torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2)).double() for _ in range(3)
    ]
    parameters, buffers = stack_module_state(models)
    found = vmap(lambda p, b: functional_call(models[0], (p, b), (x,)))(parameters, buffers)
    for place, model in enumerate(models):
        assert found[place].flatten().tolist() == pytest.approx(model(x).flatten().tolist())
    before = models[0][0].weight
    with pytest.raises(KeyError, match="no parameter"):
        functional_call(models[0], {"nothing": x}, (x,))
    with pytest.raises(RuntimeError):
        functional_call(models[0], {"0.weight": torch.ones(2, 2, dtype=torch.float64)}, (x,))
    assert models[0][0].weight is before and models[0](x).equal(models[0](x))
