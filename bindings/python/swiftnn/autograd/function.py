"""Functions with a derivative written by hand."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class FunctionCtx:
    """What forward hands to backward."""

    def __init__(self) -> None:
        self.needs_input_grad: tuple[bool, ...] = ()
        self.saved_tensors: tuple[Tensor | None, ...] = ()
        self.materialize_grads = True
        self._constant: tuple[Tensor, ...] = ()
        self._versions: tuple[int, ...] = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keeps tensors; backward finds them in saved_tensors."""
        self.saved_tensors = tensors
        self._versions = tuple(0 if tensor is None else tensor._version for tensor in tensors)

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Outputs that have no gradient."""
        self._constant = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Inputs changed in place; not possible here."""
        raise NotImplementedError("a Function cannot change its inputs in place: return new tensors")

    def set_materialize_grads(self, value: bool) -> None:
        """Whether missing gradients come as zeros (the default) or as None."""
        self.materialize_grads = value

    def _check_saved(self, name: str) -> None:
        for tensor, version in zip(self.saved_tensors, self._versions, strict=True):
            if tensor is not None and tensor._version != version:
                raise RuntimeError(f"{name}: a tensor saved for backward was changed in place after it was saved")


class Function:
    """Subclass it with static methods forward(ctx, ...) and backward(ctx, *gradients); call MyFunction.apply(...)."""

    @staticmethod
    def forward(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("a Function needs a static method forward")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        raise NotImplementedError

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        raise NotImplementedError("a Function needs a static method backward to be differentiated")

    vjp = backward

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Computes forward and records how to go backward."""
        ctx = FunctionCtx()
        # Inside of vmap the examples behind a tensor may require grad though it does not.
        ctx.needs_input_grad = tuple(
            isinstance(value, Tensor) and (value.requires_grad or value._is_batched()) for value in args
        )
        previous = _C._set_grad_enabled(False)
        try:
            if cls.setup_context is Function.setup_context:
                result = cls.forward(ctx, *args, **kwargs)
            else:
                result = cls.forward(*args, **kwargs)
                cls.setup_context(ctx, args, result)
        finally:
            _C._set_grad_enabled(previous)
        if not previous or not any(ctx.needs_input_grad):
            return result
        return cls._record(ctx, args, result)

    @classmethod
    def _record(cls, ctx: FunctionCtx, args: tuple[Any, ...], result: Any) -> Any:
        single = isinstance(result, Tensor)
        outputs = [result] if single else list(result)
        places = [
            place
            for place, value in enumerate(outputs)
            if isinstance(value, Tensor) and not any(value is other for other in ctx._constant)
        ]
        inputs = [(place, value) for place, value in enumerate(args) if isinstance(value, Tensor)]
        # The graph keeps the closure, so the closure must not keep what has the graph: the recorded outputs.
        plain = [value.detach() if isinstance(value, Tensor) else None for value in outputs]
        again = _Again(cls, args, ctx, outputs)
        count = len(args)

        def backward(gradients: tuple[Tensor | None, ...]) -> tuple[Tensor | None, ...]:
            ctx._check_saved(cls.__name__)
            again.prepare(ctx)
            given: list[Tensor | None] = [None] * len(plain)
            for place, gradient in zip(places, gradients, strict=True):
                given[place] = gradient
            if ctx.materialize_grads:
                given = [_zeros(value) if grad is None else grad for grad, value in zip(given, plain, strict=True)]
            returned = cls.backward(ctx, *given)
            returned = returned if isinstance(returned, tuple) else (returned,)
            if len(returned) < count:
                raise RuntimeError(
                    f"function {cls.__name__} returned an incorrect number of gradients "
                    f"(expected {count}, got {len(returned)})"
                )
            return tuple(returned[place] for place, _ in inputs)

        sources = [value for _, value in inputs]
        fresh = [_fresh(outputs[place], args) for place in places]
        for place, value in zip(places, _C._record(f"{cls.__name__}Backward", sources, fresh, backward), strict=True):
            outputs[place] = value
        return outputs[0] if single else tuple(outputs)


class _Again:
    """Outputs that were saved for backward have no graph; where one is needed, forward runs again with a graph."""

    def __init__(self, function: type[Function], args: tuple[Any, ...], ctx: FunctionCtx, outputs: list[Any]) -> None:
        self.saved_outputs = {
            position: place
            for position, saved in enumerate(ctx.saved_tensors)
            for place, output in enumerate(outputs)
            if saved is not None and saved is output and not any(saved is value for value in args)
        }
        self.function = function
        self.args = args if self.saved_outputs else ()

    def prepare(self, ctx: FunctionCtx) -> None:
        if not self.saved_outputs or not _C.is_grad_enabled():
            return
        result = self.function.apply(*self.args)
        outputs = [result] if isinstance(result, Tensor) else list(result)
        saved = list(ctx.saved_tensors)
        for position, place in self.saved_outputs.items():
            saved[position] = outputs[place]
        ctx.saved_tensors = tuple(saved)
        ctx._versions = tuple(0 if tensor is None else tensor._version for tensor in saved)


def once_differentiable(backward: Any) -> Any:
    """Marks a backward whose gradients cannot be differentiated again; asking for that is an error."""
    import functools

    @functools.wraps(backward)
    def wrapper(ctx: Any, *gradients: Any) -> Any:
        recorded = _C.is_grad_enabled()
        previous = _C._set_grad_enabled(False)
        try:
            found = backward(ctx, *gradients)
        finally:
            _C._set_grad_enabled(previous)
        if not recorded:
            return found
        sources = [value for value in (*gradients, *ctx.saved_tensors) if isinstance(value, Tensor)]
        if not any(source.requires_grad for source in sources):
            return found
        single = not isinstance(found, tuple)
        values = (found,) if single else found
        results = tuple(_refusing(value, sources) if isinstance(value, Tensor) else value for value in values)
        return results[0] if single else results

    return wrapper


def _refusing(value: Tensor, sources: list[Tensor]) -> Tensor:
    def refuse(_: Any) -> Any:
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")

    result: Tensor = _C._record("Error", sources, [value], refuse)[0]
    return result


def _zeros(value: Any) -> Tensor | None:
    import swiftnn

    return swiftnn.zeros_like(value) if isinstance(value, Tensor) else None


def _fresh(output: Tensor, args: tuple[Any, ...]) -> Tensor:
    """An output that is an input becomes a tensor of its own."""
    return output.detach() if any(output is value for value in args) else output
