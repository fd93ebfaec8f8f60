"""The table of cases: what every operation and every layer is tried on, in every language.

A file under cases/ or layers/ holds one family. A line is one case:

    case("softmax", T(3, 4), dim=1)
    case("div", T(3, 4), T(4, low=0.5), rounding_mode="floor")
    each(["sin", "cos", "tanh"], T(3, 4))
    layer("Linear", 3, 2, bias=False, x=T(4, 3))

Arguments stand as in PyTorch, with the names of the registry's fields. Nothing here needs PyTorch or NumPy.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class DType(str):
    """An element type, by the name that every language uses."""

    def __repr__(self) -> str:
        return str(self)


float32, float64, float16, bfloat16 = (DType(name) for name in ("float32", "float64", "float16", "bfloat16"))
int64, int32, uint8, boolean = DType("int64"), DType("int32"), DType("uint8"), DType("bool")
FLOATS = (float32, float16, bfloat16)
INTEGERS = (int64, int32, uint8)
nan, inf = float("nan"), float("inf")


class T:
    """A tensor of random numbers.

    low, high   the domain: real numbers, or integers from low up to but without high
    distinct    no two elements are near each other
    away        points from which all elements keep a distance, such as kinks
    values      the elements themselves, nested as in a list
    grad        whether gradients are asked for; floating point tensors say yes
    """

    def __init__(self, *shape: int, dtype: DType = float64, grad: bool | None = None, **domain: Any):
        unknown = set(domain) - {"low", "high", "distinct", "away", "values"}
        if unknown:
            raise TypeError(f"T has no {', '.join(sorted(unknown))}")
        self.shape, self.dtype, self.domain = shape, dtype, domain
        self.grad = dtype == float64 if grad is None else grad
        options = {"dtype": dtype} if dtype != float64 else {}
        options |= domain | ({"grad": grad} if grad is not None else {})
        self.text = f"T({', '.join([*map(str, shape), *(f'{key}={value!r}' for key, value in options.items())])})"

    def __repr__(self) -> str:
        return self.text


def V(values: Any, dtype: DType = float64, grad: bool | None = None) -> T:
    """A tensor of the given numbers."""
    shape, inner = [], values
    while isinstance(inner, (list, tuple)):
        shape.append(len(inner))
        if not inner:
            break
        inner = inner[0]
    return T(*shape, dtype=dtype, grad=grad, values=values)


@dataclass
class Case:
    operation: str
    number: int
    arguments: tuple
    named: dict[str, Any]
    # Computes the right answer where PyTorch has no function of that name, or one that takes other arguments.
    reference: Callable | None = None
    # Only shape and dtype are known: random numbers, uninitialised memory.
    any_values: bool = False
    # False at a kink or a tie, where differences do not give the gradient that is agreed on.
    differences: bool = True
    # The first tensor is a symmetric matrix of which one triangle is read: differences are those of x + xᵀ over 2.
    symmetric_input: bool = False
    # False where PyTorch has no second derivative.
    second: bool = True
    # False where halves are not taken, or do not give what the same numbers in float64 give.
    halves: bool = True
    # Results are compared, and differentiated, by their absolute values: where signs are a matter of choice.
    absolute: bool = False
    # False where it matters how the arguments lie in memory.
    layouts: bool = True
    # By dtype name; only where it must differ from the usual one.
    tolerance: dict[str, float] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.operation}/{self.number}"

    @property
    def text(self) -> str:
        parts = [*map(repr, self.arguments), *(f"{key}={value!r}" for key, value in self.named.items())]
        flags = [f"{key}={value!r}" for key, value in self.flags.items()]
        return f"{self.operation}({', '.join(parts)})" + "".join(f" {flag}" for flag in flags)

    @property
    def flags(self) -> dict[str, Any]:
        """What differs from the usual."""
        usual = Case("", 0, (), {})
        names = [name for name in _OPTIONS if name != "reference"]
        return {name: getattr(self, name) for name in names if getattr(self, name) != getattr(usual, name)}


CASES: list[Case] = []
_OPTIONS = (
    "reference",
    "any_values",
    "differences",
    "symmetric_input",
    "second",
    "halves",
    "absolute",
    "layouts",
    "tolerance",
)


def case(operation: str, *arguments: Any, **named: Any) -> None:
    """Adds a case; options of the case itself (see Case) stand among the named arguments."""
    options = {key: named.pop(key) for key in _OPTIONS if key in named}
    number = sum(1 for other in CASES if other.operation == operation)
    CASES.append(Case(operation, number, arguments, named, **options))


def each(operations: list[str], *arguments: Any, **named: Any) -> None:
    """The same case for several operations."""
    for operation in operations:
        case(operation, *arguments, **named)


def unary(operation: str, **domain: Any) -> None:
    """The usual cases of a function of real numbers: a matrix, a scalar, nothing, every dtype, special values.

    Options of T describe the domain: unary("log", low=0.1, high=4). Options of Case may stand among them, `integers`
    (False where they are refused), `special` (other values than those) and `floats` (without the dtypes for which
    PyTorch rounds every step).
    """
    options = {key: domain.pop(key) for key in _OPTIONS if key in domain}
    takes_integers, floats = domain.pop("integers", True), domain.pop("floats", FLOATS)
    special = domain.pop("special", [0.0, -0.0, inf, -inf, nan])
    case(operation, T(3, 4, **domain), **options)
    case(operation, T(**domain), **options)
    case(operation, T(0, 3, **domain), **options)
    for dtype in floats:
        case(operation, T(5, dtype=dtype, **domain), **options)
    if takes_integers:
        for dtype in INTEGERS:
            case(operation, V([1, 2, 3], dtype), **options)
    if special:
        case(operation, V(special, grad=False), **options)


def binary(operation: str, left: dict | None = None, right: dict | None = None, **options: Any) -> None:
    """The usual cases of a function of two numbers: equal shapes, broadcasting both ways, scalars, nothing, dtypes.

    left and right are the domains of the operands.
    """
    a, b = left or {}, right or {}
    integers, numbers = options.pop("integers", True), options.pop("numbers", True)
    case(operation, T(3, 4, **a), T(3, 4, **b), **options)
    case(operation, T(3, 1, 2, **a), T(4, 1, **b), **options)
    case(operation, T(4, **a), T(2, 4, **b), **options)
    case(operation, T(**a), T(3, **b), **options)
    case(operation, T(**a), T(**b), **options)
    case(operation, T(0, 3, **a), T(3, **b), **options)
    for dtype in FLOATS:
        case(operation, T(5, dtype=dtype, **a), T(5, dtype=dtype, **b), **options)
    case(operation, T(5, dtype=float32, **a), T(5, **(b | {"grad": False})), **options)
    if numbers:
        case(operation, T(5, **a), 2, **options)
        case(operation, T(5, **a), 1.5, **options)
    if integers:
        for dtype in INTEGERS:
            case(operation, V([7, 5, 9, 4], dtype), V([2, 3, 4, 1], dtype), **options)
        case(operation, V([7, 5, 9], int64), V([2, 3, 4], int32), **options)
        case(operation, V([7, 5, 9], int32), T(3, dtype=float32, **b), **options)


@dataclass
class LayerCase:
    layer: str
    number: int
    arguments: tuple
    named: dict[str, Any]
    # What the layer is called with: one input, or all of them in a list.
    x: Any
    # Further arguments of the call, by name.
    call: dict[str, Any] = field(default_factory=dict)
    # In training only shapes are known; "always": also in evaluation.
    random: bool | str = False
    # False where PyTorch has no second derivative.
    second: bool = True
    # False where the first result says nothing about the parameters, which learn by another.
    trained: bool = True

    @property
    def id(self) -> str:
        return f"{self.layer}/{self.number}"

    @property
    def inputs(self) -> list:
        return self.x if isinstance(self.x, list) else [self.x]

    @property
    def text(self) -> str:
        parts = [*map(repr, self.arguments), *(f"{key}={value!r}" for key, value in self.named.items())]
        given = [*map(repr, self.inputs), *(f"{key}={value!r}" for key, value in self.call.items())]
        flags = (f" random={self.random!r}" if self.random else "") + f" second={self.second}" * (not self.second)
        return f"{self.layer}({', '.join(parts)})({', '.join(given)})" + flags


LAYERS: list[LayerCase] = []


def layer(name: str, *arguments: Any, x: Any, **named: Any) -> None:
    """Adds a case of a layer; `call`, `random`, `second` and `trained` (see LayerCase) stand among the named arguments.

    layer("Conv2d", 3, 6, 3, padding_mode="reflect", x=T(2, 3, 8, 8))
    """
    options = {key: named.pop(key) for key in ("call", "random", "second", "trained") if key in named}
    number = sum(1 for other in LAYERS if other.layer == name)
    LAYERS.append(LayerCase(name, number, arguments, named, x, **options))


def load() -> tuple[list[Case], list[LayerCase]]:
    """All cases of operations and of layers, families in the order of their names."""
    CASES.clear()
    LAYERS.clear()
    for path in sorted([*HERE.glob("cases/*.py"), *HERE.glob("layers/*.py")]):
        spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return list(CASES), list(LAYERS)
