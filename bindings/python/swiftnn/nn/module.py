"""nn.Module: what holds parameters, buffers and other modules."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._device import device as Device
from swiftnn.nn._module_hooks import ModuleHooks
from swiftnn.nn._module_state import ModuleState
from swiftnn.nn._module_walk import ModuleWalk, add_path
from swiftnn.nn.parameter import Buffer, Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

    from swiftnn._C import dtype as Dtype


class Module(ModuleHooks, ModuleState, ModuleWalk):
    """Base of layers and models: assign parameters and modules to attributes in __init__, compute in forward."""

    training: bool
    _version = 1

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args or kwargs:
            raise TypeError(f"{type(self).__name__}.__init__() takes no arguments for Module")
        state = self.__dict__
        state["training"] = True
        state["_parameters"] = {}
        state["_buffers"] = {}
        state["_modules"] = {}
        state["_non_persistent_buffers_set"] = set()
        self._init_hooks()

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        state = self.__dict__
        if (
            state["_forward_hooks"]
            or state["_forward_pre_hooks"]
            or state["_backward_hooks"]
            or state["_backward_pre_hooks"]
        ):
            return self._call_with_hooks(args, kwargs)
        try:
            return self.forward(*args, **kwargs)
        except Exception as error:
            add_path(error, self)
            raise

    # ---- Attributes

    def __getattr__(self, name: str) -> Any:
        state = self.__dict__
        for table in ("_parameters", "_buffers", "_modules"):
            if table in state and name in state[table]:
                return state[table][name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Parameter):
            self._remove_from("_buffers", "_modules", name=name)
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            self._remove_from("_parameters", "_buffers", name=name)
            self._tables(name, "module")["_modules"][name] = value
        elif isinstance(value, Buffer):
            self._remove_from("_parameters", "_modules", name=name)
            self.register_buffer(name, value, value.persistent)
        else:
            self._set_plain(name, value)

    def _set_plain(self, name: str, value: Any) -> None:
        state = self.__dict__
        for table, kind in (("_parameters", "parameter"), ("_modules", "child module"), ("_buffers", "buffer")):
            if table not in state or name not in state[table]:
                continue
            if value is not None and not (table == "_buffers" and isinstance(value, Tensor)):
                wanted = {"_parameters": "swiftnn.nn.Parameter", "_modules": "swiftnn.nn.Module"}.get(table, "Tensor")
                raise TypeError(
                    f"cannot assign '{type(value).__name__}' as {kind} '{name}' ({wanted} or None expected)"
                )
            state[table][name] = value
            return
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        state = self.__dict__
        for table in ("_parameters", "_buffers", "_modules"):
            if name in state[table]:
                del state[table][name]
                state["_non_persistent_buffers_set"].discard(name)
                return
        object.__delattr__(self, name)

    def _remove_from(self, *tables: str, name: str) -> None:
        state = self.__dict__
        state.pop(name, None)
        for table in tables:
            if table in state and name in state[table]:
                del state[table][name]
        state.get("_non_persistent_buffers_set", set()).discard(name)

    def _tables(self, name: str, what: str) -> dict[str, Any]:
        if "_parameters" not in self.__dict__:
            raise AttributeError(f"cannot assign {what}s before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{what} name should be a string. Got {type(name).__name__}")
        if "." in name:
            raise KeyError(f'{what} name can\'t contain "."')
        if name == "":
            raise KeyError(f'{what} name can\'t be empty string ""')
        return self.__dict__

    def _check_free(self, name: str, table: str) -> None:
        if hasattr(self, name) and name not in self.__dict__[table]:
            raise KeyError(f"attribute '{name}' already exists")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Adds a parameter by name."""
        tables = self._tables(name, "parameter")
        self._check_free(name, "_parameters")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{type(param).__name__}' object to parameter '{name}' "
                "(swiftnn.nn.Parameter or None required)"
            )
        if param is not None and not param.is_leaf:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly."
            )
        tables["_parameters"][name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Adds a tensor that is saved with the module but not trained."""
        tables = self._tables(name, "buffer")
        self._check_free(name, "_buffers")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{type(tensor).__name__}' object to buffer '{name}' (swiftnn Tensor or None required)"
            )
        tables["_buffers"][name] = tensor
        if persistent:
            tables["_non_persistent_buffers_set"].discard(name)
        else:
            tables["_non_persistent_buffers_set"].add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Adds a child by name."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        tables = self._tables(name, "module")
        self._check_free(name, "_modules")
        tables["_modules"][name] = module

    def register_module(self, name: str, module: Module | None) -> None:
        """The same as add_module."""
        self.add_module(name, module)

    # ---- Changing everything

    def train(self, mode: bool = True) -> Self:
        """Training mode for the module and its children."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """Evaluation mode for the module and its children."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Whether the parameters are trained."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients of the parameters."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad = parameter.grad.detach()
                parameter.grad.zero_()

    def apply(self, fn: Callable[[Module], object]) -> Self:
        """Calls fn with every module, children first."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        if recurse:
            for module in self.children():
                module._apply(fn)
        for parameter in self._parameters.values():
            if parameter is not None:
                gradient = parameter.grad
                parameter.data = fn(parameter.detach())
                if gradient is not None:
                    parameter.grad = fn(gradient.detach())
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._put_buffer(name, buffer, fn(buffer))
        return self

    def _put_buffer(self, name: str, buffer: Tensor, changed: Tensor) -> None:
        self._buffers[name] = changed

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Another dtype for the floating-point parameters and buffers. The only device is the CPU."""
        dtype: Dtype | None = kwargs.get("dtype")
        if kwargs.get("device") is not None:
            Device(kwargs["device"])
        for value in args:
            if isinstance(value, _C.dtype):
                dtype = value
            elif isinstance(value, Tensor):
                dtype = value.dtype
            elif isinstance(value, (str, Device)):
                Device(value)
        if dtype is None:
            return self
        if not dtype.is_floating_point:
            raise TypeError(f"nn.Module.to only accepts floating point dtypes, but got desired dtype={dtype}")
        wanted = dtype
        return self._apply(lambda t: t.to(wanted) if t.is_floating_point() else t)

    def float(self) -> Self:
        """float32 parameters and buffers."""
        return self.to(_C.float32)

    def double(self) -> Self:
        """float64 parameters and buffers."""
        return self.to(_C.float64)

    def half(self) -> Self:
        """float16 parameters and buffers."""
        return self.to(_C.float16)

    def bfloat16(self) -> Self:
        """bfloat16 parameters and buffers."""
        return self.to(_C.bfloat16)

    def type(self, dst_type: Dtype) -> Self:
        """Parameters and buffers of this dtype."""
        return self._apply(lambda t: t.to(dst_type))

    def cpu(self) -> Self:
        return self

    # ---- Text

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What is printed between the parentheses."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [f"({name}): {_indent(repr(module))}" for name, module in self._modules.items()]
        everything = lines + children
        if not everything:
            return self._get_name() + "()"
        if len(lines) == 1 and not children:
            return f"{self._get_name()}({lines[0]})"
        body = "\n  ".join(everything)
        return f"{self._get_name()}(\n  {body}\n)"

    def __dir__(self) -> list[str]:
        state = self.__dict__
        names = {*dir(type(self)), *state, *state["_parameters"], *state["_buffers"], *state["_modules"]}
        return sorted(name for name in names if not name[0].isdigit())

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._init_hooks()
        self.__dict__.update(state)


def _indent(text: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *("  " + line for line in rest)])
