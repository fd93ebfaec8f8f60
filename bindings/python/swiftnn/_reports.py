"""summary and signals: what the engine saw during one run of a model."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn.autograd.grad_mode import enable_grad

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from swiftnn._hooks import RemovableHandle
    from swiftnn.nn.module import Module


class Row:
    """A line of a report; its fields are the annotations of the class."""

    def __init__(self, values: tuple[Any, ...]) -> None:
        for name, value in zip(type(self).__annotations__, values):
            setattr(self, name, value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class Report:
    """Rows, printed as the table that the engine makes of them."""

    _row: type[Row]

    def __init__(self, rows: list[tuple[Any, ...]], text: str) -> None:
        self.rows: list[Any] = [self._row(row) for row in rows]
        self._text = text

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Any:
        return self.rows[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)


class ReportRow(Row):
    """A layer in the order of the run."""

    name: str
    layer: str
    parameters: int
    flops: float
    state_bytes: int
    output_bytes: int
    shape: list[int]
    receptive_field: list[int]
    variance: float | None
    gradient_variance: float | None
    units: int
    dead_units: int
    verdict: str | None


class ModelReport(Report):
    """Rows for the layers."""

    _row = ReportRow
    rows: list[ReportRow]

    @property
    def parameters(self) -> int:
        """Numbers that are learned."""
        return sum(row.parameters for row in self.rows)

    @property
    def flops(self) -> float:
        """A multiplication and the addition of its product count as two."""
        return sum(row.flops for row in self.rows)


def summary(model: Module, *inputs: Any, **keywords: Any) -> ModelReport:
    """Parameters, FLOPs, bytes, output shapes and receptive fields of layers, from one run in evaluation mode."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        return _observed(model, False, lambda: model(*map(_variable, inputs), **keywords))
    finally:
        for module, mode in modes:
            module.training = mode


def signals(model: Module, *inputs: Any, loss: Callable[[Any], Tensor], **keywords: Any) -> ModelReport:
    """How activations and gradients go through the layers, from one batch; gradients of parameters stay as they are.

    loss turns the output into one number. A layer vanishes below a thousandth, and explodes above a thousandfold, of
    the standard deviation of the first layer's output or the size of the last layer's gradient; a unit that is 0 for
    the whole batch is dead.
    """
    gradients = [(parameter, parameter.grad) for parameter in model.parameters()]
    try:
        return _observed(model, True, lambda: loss(model(*inputs, **keywords)).backward())
    finally:
        for parameter, gradient in gradients:
            parameter.grad = gradient


def _variable(value: Any) -> Any:
    """What needs gradients is recorded, and so seen."""
    is_real = isinstance(value, Tensor) and value.is_floating_point()
    return value.detach().requires_grad_() if is_real else value


def _observed(model: Module, with_signals: bool, run: Callable[[], object]) -> ModelReport:
    state: list[tuple[str, Tensor, bool]] = [(name, value, True) for name, value in model.named_parameters()]
    state += [(name, value, False) for name, value in model.named_buffers()]
    hooks = [hook for name, module in model.named_modules() for hook in _watch(name, module)]
    try:
        with enable_grad():
            return ModelReport(*_C.observe(type(model).__name__, state, with_signals, run))
    finally:
        for hook in hooks:
            hook.remove()


def _watch(name: str, module: Module) -> list[RemovableHandle]:
    last = name.rpartition(".")[2]

    def enter(module: Module, args: Any) -> None:
        _C.observe_enter(last, module._get_name())

    def leave(module: Module, args: Any, output: Any) -> None:
        while isinstance(output, (tuple, list)) and output:
            output = output[0]
        _C.observe_leave(output)

    return [module.register_forward_pre_hook(enter), module.register_forward_hook(leave)]
