"""state_dict and load_state_dict."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._hooks import RemovableHandle
from swiftnn.autograd.grad_mode import no_grad
from swiftnn.nn.parameter import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any


class IncompatibleKeys(tuple):  # type: ignore[type-arg]
    """What load_state_dict returns: the names that were missing and those that nothing took."""

    __slots__ = ()

    def __new__(cls, missing_keys: list[str], unexpected_keys: list[str]) -> IncompatibleKeys:
        return super().__new__(cls, (missing_keys, unexpected_keys))

    @property
    def missing_keys(self) -> list[str]:
        return self[0]  # type: ignore[no-any-return]

    @property
    def unexpected_keys(self) -> list[str]:
        return self[1]  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class _Report:
    def __init__(self, assign: bool) -> None:
        self.assign = assign
        self.missing: list[str] = []
        self.unexpected: list[str] = []
        self.errors: list[str] = []


def _quote(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


class ModuleState:
    """The part of Module that saves and loads parameters and buffers."""

    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Any]
    _non_persistent_buffers_set: set[str]

    def state_dict(
        self, *args: Any, destination: dict[str, Any] | None = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Any]:
        """Parameters and persistent buffers by name."""
        if args:
            destination = args[0] if destination is None else destination
            prefix = args[1] if len(args) > 1 and prefix == "" else prefix
            keep_vars = args[2] if len(args) > 2 else keep_vars
        state: dict[str, Any] = {} if destination is None else destination
        self._save_to_state_dict(state, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=state, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in self.__dict__["_state_dict_hooks"].values():
            replaced = hook(self, state, prefix, {})
            state = state if replaced is None else replaced
        return state

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        for name, parameter in self._parameters.items():
            if parameter is not None:
                destination[prefix + name] = parameter if keep_vars else parameter.detach()
        for name, buffer in self._buffers.items():
            if buffer is not None and name not in self._non_persistent_buffers_set:
                destination[prefix + name] = buffer if keep_vars else buffer.detach()
        extra = getattr(type(self), "get_extra_state", None)
        if extra is not None:
            destination[prefix + "_extra_state"] = extra(self)

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copies parameters and buffers from what state_dict() returned; assign makes them the tensors themselves."""
        if not hasattr(state_dict, "keys"):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        report = _Report(assign)
        state = dict(state_dict)
        self._load(state, "", report)
        result = IncompatibleKeys(report.missing, report.unexpected)
        for hook in self.__dict__["_load_state_dict_post_hooks"].values():
            hook(self, result)
        if strict and report.unexpected:
            report.errors.insert(0, f"Unexpected key(s) in state_dict: {_quote(report.unexpected)}. ")
        if strict and report.missing:
            report.errors.insert(0, f"Missing key(s) in state_dict: {_quote(report.missing)}. ")
        if report.errors:
            details = "\n\t".join(report.errors)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{details}")
        return result

    def _load(self, state: dict[str, Any], prefix: str, report: _Report) -> None:
        for hook in self.__dict__["_load_state_dict_pre_hooks"].values():
            hook(self, state, prefix, {}, True, report.missing, report.unexpected, report.errors)
        self._load_from_state_dict(
            state, prefix, {"assign": report.assign}, True, report.missing, report.unexpected, report.errors
        )
        for name, module in self._modules.items():
            if module is not None:
                module._load(state, f"{prefix}{name}.", report)

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        assign = bool(local_metadata.get("assign"))
        persistent = {k: v for k, v in self._buffers.items() if k not in self._non_persistent_buffers_set}
        local = {k: v for k, v in [*self._parameters.items(), *persistent.items()] if v is not None}
        for name, own in local.items():
            key = prefix + name
            if key not in state_dict:
                missing_keys.append(key)
                continue
            value = state_dict[key]
            if not isinstance(value, Tensor):
                if not hasattr(value, "__array_interface__"):
                    error_msgs.append(
                        f'While copying the parameter named "{key}", expected swiftnn.Tensor or Tensor-like object '
                        f"from checkpoint but received {type(value)}"
                    )
                    continue
                value = _C.as_tensor(value)
            if own.dim() == 0 and value.dim() == 1 and len(value) == 1:
                value = value[0]  # as numbers were saved before they had no axes
            if value.shape != own.shape:
                error_msgs.append(
                    f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, "
                    f"the shape in current model is {own.shape}."
                )
                continue
            self._load_one(name, own, value, assign, key, error_msgs)
        extra, extra_key = getattr(type(self), "set_extra_state", None), prefix + "_extra_state"
        if extra is not None:
            if extra_key in state_dict:
                extra(self, state_dict[extra_key])
            else:
                missing_keys.append(extra_key)
        elif extra_key in state_dict:
            unexpected_keys.append(extra_key)
        for key in state_dict:
            if key.startswith(prefix) and key != extra_key:
                name, dot, _ = key[len(prefix) :].partition(".")
                if name not in (self._modules if dot else local):
                    unexpected_keys.append(key)

    def _load_one(self, name: str, own: Tensor, value: Tensor, assign: bool, key: str, errors: list[str]) -> None:
        try:
            if not assign:
                with no_grad():
                    own.copy_(value)
            elif isinstance(own, Parameter):
                assigned = value if isinstance(value, Parameter) else Parameter(value, requires_grad=own.requires_grad)
                setattr(self, name, assigned)
            else:
                setattr(self, name, value)
        except Exception as error:
            errors.append(f'While copying the parameter named "{key}", an exception occurred: {error}.')

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls hook(module, state_dict, prefix, local_metadata) after state_dict()."""
        return _add(self.__dict__["_state_dict_hooks"], hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls hook(module, state_dict, prefix, metadata, strict, missing, unexpected, errors) before loading."""
        return _add(self.__dict__["_load_state_dict_pre_hooks"], hook)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls hook(module, incompatible_keys) after loading."""
        return _add(self.__dict__["_load_state_dict_post_hooks"], hook)

    _register_state_dict_hook = register_state_dict_post_hook


def _add(hooks: dict[int, Any], hook: Callable[..., Any]) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle
