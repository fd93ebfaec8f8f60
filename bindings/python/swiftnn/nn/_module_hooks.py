"""Hooks of modules: functions that run before and after forward, and in the backward pass."""

from __future__ import annotations

from swiftnn._C import Tensor
from swiftnn._hooks import RemovableHandle
from swiftnn.nn._module_walk import add_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Hook = Callable[..., Any]


def _register(
    hooks: dict[int, Any], hook: Hook, prepend: bool, *flags: tuple[dict[int, bool], bool]
) -> RemovableHandle:
    handle = RemovableHandle(hooks, *(table for table, _ in flags))
    if prepend:
        others = dict(hooks)
        hooks.clear()
        hooks[handle.id] = hook
        hooks.update(others)
    else:
        hooks[handle.id] = hook
    for table, wanted in flags:
        if wanted:
            table[handle.id] = True
    return handle


class _Backward:
    """Collects the gradients around one forward call and runs the backward hooks of a module."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.pre_hooks = list(module._backward_pre_hooks.values())
        self.hooks = list(module._backward_hooks.values())
        self.output_gradients: list[Tensor | None] = []
        self.input_gradients: list[Tensor | None] = []
        self.tracked: list[int] = []
        self.missing = 0

    def around_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        self.input_gradients = [None] * len(args)
        result = list(args)
        for position, value in enumerate(args):
            if isinstance(value, Tensor) and value.requires_grad:
                self.tracked.append(position)
                result[position] = _alias(value)
                result[position].register_hook(self._input_hook(position))
        self.missing = len(self.tracked)
        return tuple(result)

    def around_outputs(self, result: Any) -> Any:
        single = isinstance(result, Tensor)
        outputs = [result] if single else list(result) if isinstance(result, (tuple, list)) else []
        self.output_gradients = [None] * len(outputs)
        for position, value in enumerate(outputs):
            if isinstance(value, Tensor) and value.requires_grad:
                outputs[position] = _alias(value)
                outputs[position].register_hook(self._output_hook(position))
        if not outputs:
            return result
        return outputs[0] if single else type(result)(outputs)

    def _output_hook(self, position: int) -> Callable[[Tensor], Tensor | None]:
        def hook(gradient: Tensor) -> Tensor | None:
            self.output_gradients[position] = gradient
            changed = False
            for function in self.pre_hooks:
                replaced = function(self.module, tuple(self.output_gradients))
                if replaced is not None:
                    self.output_gradients = list(replaced) if isinstance(replaced, (tuple, list)) else [replaced]
                    changed = True
            if not self.tracked and position == 0:
                self._run_hooks()
            return self.output_gradients[position] if changed else None

        return hook

    def _input_hook(self, position: int) -> Callable[[Tensor], Tensor | None]:
        def hook(gradient: Tensor) -> Tensor | None:
            self.input_gradients[position] = gradient
            self.missing -= 1
            if self.missing > 0:
                return None
            self.missing = len(self.tracked)
            before = self.input_gradients[position]
            self._run_hooks()
            after = self.input_gradients[position]
            return None if after is before else after

        return hook

    def _run_hooks(self) -> None:
        for function in self.hooks:
            replaced = function(self.module, tuple(self.input_gradients), tuple(self.output_gradients))
            if replaced is None:
                continue
            gradients = list(replaced) if isinstance(replaced, (tuple, list)) else [replaced]
            if len(self.tracked) > 1 and any(gradients[i] is not self.input_gradients[i] for i in self.tracked[:-1]):
                raise RuntimeError("a backward hook can replace the gradient of a module with one input only")
            self.input_gradients = gradients


def _alias(tensor: Tensor) -> Tensor:
    return tensor.view(tensor.shape)


class ModuleHooks:
    """The part of Module that registers and runs hooks."""

    forward: Callable[..., Any]

    def _watch(self) -> None:
        """Comes before the first hook; modules that others call than Python see to it here."""

    def _init_hooks(self) -> None:
        state = self.__dict__
        for name in TABLES:
            state[name] = {}

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Calls hook(module, args) before forward; what it returns becomes the arguments."""
        self._watch()
        tables = self.__dict__
        flags = (tables["_forward_pre_hooks_with_kwargs"], with_kwargs)
        return _register(tables["_forward_pre_hooks"], hook, prepend, flags)

    def register_forward_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Calls hook(module, args, output) after forward; what it returns becomes the output."""
        self._watch()
        tables = self.__dict__
        flags = (tables["_forward_hooks_with_kwargs"], with_kwargs)
        always = (tables["_forward_hooks_always_called"], always_call)
        return _register(tables["_forward_hooks"], hook, prepend, flags, always)

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls hook(module, grad_output) before the backward pass goes through the module."""
        self._watch()
        return _register(self.__dict__["_backward_pre_hooks"], hook, prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls hook(module, grad_input, grad_output) when the backward pass has gone through the module."""
        self._watch()
        return _register(self.__dict__["_backward_hooks"], hook, prepend)

    def _call_with_hooks(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], forward: Callable[..., Any] | None = None
    ) -> Any:
        tables = self.__dict__
        for number, hook in list(tables["_forward_pre_hooks"].items()):
            if number in tables["_forward_pre_hooks_with_kwargs"]:
                replaced = hook(self, args, kwargs)
                if replaced is not None:
                    args, kwargs = replaced
            else:
                replaced = hook(self, args)
                if replaced is not None:
                    args = replaced if isinstance(replaced, tuple) else (replaced,)
        backward = _Backward(self) if tables["_backward_hooks"] or tables["_backward_pre_hooks"] else None
        if backward is not None:
            args = backward.around_inputs(args)
        try:
            result = (forward or self.forward)(*args, **kwargs)
        except BaseException as error:
            add_path(error, self)
            for number in list(tables["_forward_hooks_always_called"]):
                self._run_forward_hook(number, args, kwargs, None)
            raise
        for number in list(tables["_forward_hooks"]):
            result = self._run_forward_hook(number, args, kwargs, result)
        return result if backward is None else backward.around_outputs(result)

    def _run_forward_hook(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> Any:
        hook = self.__dict__["_forward_hooks"][number]
        with_kwargs = number in self.__dict__["_forward_hooks_with_kwargs"]
        replaced = hook(self, args, kwargs, result) if with_kwargs else hook(self, args, result)
        return result if replaced is None else replaced


TABLES = (
    "_forward_pre_hooks",
    "_forward_pre_hooks_with_kwargs",
    "_forward_hooks",
    "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called",
    "_backward_pre_hooks",
    "_backward_hooks",
    "_state_dict_hooks",
    "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks",
)
