"""Modules whose parameters and forward live in the engine, down to the last child."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._device import device as Device
from swiftnn._signatures import LazySignature, bind
from swiftnn.nn.containers import ModuleList, Sequential
from swiftnn.nn.module import Module
from swiftnn.nn.parameter import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from swiftnn.nn.utils.rnn import PackedSequence


_OBJECTS = ("Tensor", "list of Tensors", "Module", "list of Modules", "Generator")


class _Bound(dict):  # type: ignore[type-arg]
    """Parameters or buffers by name; what is put in also becomes the engine's."""

    def __init__(self, core: _C.Layer, values: dict[str, Any]) -> None:
        super().__init__(values)
        self._core = core
        self._names = set(values)

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self._names and self.get(name) is not value:
            self._core.set(name, value)
        super().__setitem__(name, value)

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)


class Held(Module):
    """A module that stands for a layer of the engine, and its children for the layers in it."""

    _core: _C.Layer
    _part_types: dict[str, Any] = {}  # classes of children that are more than the engine knows

    def _hold(self, core: _C.Layer, known: dict[int, Parameter]) -> None:
        """A tensor under several names is one parameter: `known` has those so far by where their memory is."""
        object.__setattr__(self, "_core", core)
        parameters: dict[str, Parameter | None] = {}
        buffers: dict[str, Tensor | None] = {}
        for name, tensor, is_parameter in core.state():
            if "." in name:  # of a child
                continue
            if is_parameter:
                parameters[name] = None if tensor is None else _parameter(tensor, known)
            else:
                buffers[name] = tensor
        self.__dict__["_parameters"] = _Bound(core, parameters)
        self.__dict__["_buffers"] = _Bound(core, buffers)
        for name in core.children():
            self._modules[name] = _made(core.child(name), self._part_types.get(name), known)

    def _show_arguments(self) -> None:
        """A layer of the registry shows its arguments as attributes."""

    def _hold_again(self) -> None:
        """After copying or loading: gives a new engine layer the parameters and hooks that this module has."""
        core = self._core
        for table in ("_parameters", "_buffers"):
            values = self.__dict__[table]
            for name, value in values.items():
                if value is not None:
                    made = core.get(name)
                    if made is not None and made.dtype is not value.dtype:  # the copied layer had been converted
                        made.data = made.detach().to(value.dtype)
                    core.set(name, value)
            self.__dict__[table] = _Bound(core, values)
        for name in self.__dict__.pop("_replaced", ()):
            self._call_instead(name)
        if self.__dict__.pop("_is_watched", False):
            self._watch()
        for module in self.modules():
            if isinstance(module, Held):
                module._core.train(module.training)

    def _watch(self) -> None:
        """Hooks of a child run wherever the engine calls its layer."""
        import weakref

        if self._core.place() is not None and not self.__dict__.get("_is_watched"):
            reference = weakref.ref(self)

            def run(forward: _C.Layer, *inputs: Tensor) -> Any:
                module = reference()
                return forward(*inputs) if module is None else module._call_with_hooks(inputs, {}, forward)

            self._core.add_hook(run)
            self.__dict__["_is_watched"] = True

    def _call_instead(self, name: str) -> None:
        """Wherever the engine calls the child of that name, the module that now has the name is called."""
        import weakref

        replaced = self.__dict__.setdefault("_replaced", [])
        if name in replaced or name not in self._core.children():
            return
        replaced.append(name)
        reference = weakref.ref(self)

        def run(forward: _C.Layer, *inputs: Tensor) -> Any:
            owner = reference()
            module = None if owner is None else owner._modules.get(name)
            if owner is None or module is None or owner._is_own(name, module):
                return forward(*inputs)
            return module(*inputs)

        self._core.child(name).add_hook(run)

    def _is_own(self, name: str, module: Module) -> bool:
        """Whether a module is the one that was made for the engine's child of that name."""
        return isinstance(module, Held) and module._core.place() == self._core.child(name).place()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.__dict__.get("_is_watched"):
            return self._core(*args, **kwargs)  # which calls the hooks
        return super().__call__(*args, **kwargs)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self._core(*args, **kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "training":
            self._core.train(value)
        if isinstance(value, Tensor) and not isinstance(value, Parameter):
            names = getattr(self.__dict__.get("_parameters"), "_names", ())
            if name in names and name not in self._parameters:  # a tensor computed from others, in place of a parameter
                self._core.set(name, value)
        super().__setattr__(name, value)
        if isinstance(value, Module):
            self._call_instead(name)

    def _put_buffer(self, name: str, buffer: Tensor, changed: Tensor) -> None:
        if changed is not buffer:  # the engine keeps its tensors; they show the new memory
            buffer.data = changed

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._hold_again()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        import copy

        result = type(self).__new__(type(self))
        memo[id(self)] = result
        before = _C.default_generator.get_state()  # making the engine's layer draws initial values
        state = copy.deepcopy(self.__dict__, memo)
        _C.default_generator.set_state(before)
        result.__setstate__(state)
        return result


def _parameter(tensor: Tensor, known: dict[int, Parameter]) -> Parameter:
    made = Parameter._wrap(tensor)
    return known.setdefault(tensor.data_ptr(), made) if tensor.numel() > 0 else made


class _Part(Held):
    """A part of an engine model that is no layer of the registry."""

    def _get_name(self) -> str:
        return self._core.name()


class _SequentialPart(_Part, Sequential):
    """Layers that the engine calls one after another."""


class _ListPart(_Part, ModuleList):
    """Layers that the engine calls somewhere else."""


KINDS: dict[str, type[Held]] = {"Sequential": _SequentialPart, "ModuleList": _ListPart}  # by the engine's names


def _made(core: _C.Layer, kind: type[Held] | None, known: dict[int, Parameter]) -> Held:
    """The module of a layer that the engine has made inside of another."""
    kind = kind or KINDS.get(core.name(), _Part)
    module = kind.__new__(kind)
    Module.__init__(module)
    module._hold(core, known)
    module._show_arguments()
    return module


def made_part(core: _C.Layer) -> Module:
    """The module of a layer that the engine has made for something else."""
    return _made(core, _Part, {})


class Layer(Held):
    """Base of the layers of the registry."""

    _entry: tuple[str, int]  # name and id in the registry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        name, number = self._entry
        fields = _C.fields(_C.LAYERS, number)
        names = {field[0] for field in fields}
        device = None if "device" in names else kwargs.pop("device", None)
        dtype = None if "dtype" in names else kwargs.pop("dtype", None)
        if device is not None:
            Device(device)
        core = _C.Layer(name, args, kwargs)
        self._hold(core, {})
        self._show_arguments([value for _, value in bind(fields, args, kwargs)])
        if dtype is not None:
            self.to(dtype)

    def _show_arguments(self, given: list[Any] | None = None) -> None:
        """Arguments are attributes; what has no plain form is shown as it was given."""
        for position, field in enumerate(_C.fields(_C.LAYERS, self._entry[1])):
            if not self._is_argument(field[0]):
                continue
            if field[4] not in _OBJECTS:
                self.__dict__[field[0]] = self._core.argument(position)
            elif given is not None:
                self.__dict__[field[0]] = given[position]

    def _is_argument(self, name: str) -> bool:
        """Whether an argument is shown as an attribute: `bias` is the parameter, `dtype` that of the parameters."""
        held = name in self._parameters or name in self._buffers
        return not held and name != "dtype" and name[0] != "_" and not hasattr(Module, name)

    def _set_argument(self, name: str, value: Any) -> None:
        """Gives the engine's layer another value of an argument, and remembers it for copies."""
        number = self._entry[1]
        names = [field[0] for field in _C.fields(_C.LAYERS, number)]
        if name in names and self._is_argument(name):
            try:
                self._core.set_argument(_C.LAYERS, number, names.index(name), value)
            except NotImplementedError:  # a plain attribute
                return
            self.__dict__.setdefault("_changed", {})[name] = value

    def extra_repr(self) -> str:
        return self._core.text()

    def reset_parameters(self) -> None:
        """Draws parameters and buffers as when the layer was made."""
        self._core.reset()

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__ and name != "training":
            self._set_argument(name, value)
        super().__setattr__(name, value)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for name, value in dict(state.get("_changed", ())).items():
            self._set_argument(name, value)


class RNNBase(Layer):
    """Base of RNN, LSTM and GRU, which also take packed sequences."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.dropout > 0 and self.num_layers == 1:
            import warnings

            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={self.dropout} and num_layers={self.num_layers}",
                stacklevel=2,
            )

    def forward(self, input: Tensor | PackedSequence, hx: Any = None) -> Any:
        from swiftnn.nn.utils.rnn import PackedSequence

        if not isinstance(input, PackedSequence):
            return self._core(input, hx)
        data, batch_sizes, order, original = input
        output, state = self._core(data, _ordered(hx, order), batch_sizes)
        return PackedSequence(output, batch_sizes, order, original), _ordered(state, original)

    @property
    def mode(self) -> str:
        """RNN_TANH, RNN_RELU, LSTM or GRU."""
        name = self._entry[0]
        return f"RNN_{self.nonlinearity.upper()}" if name == "RNN" else name

    @property
    def all_weights(self) -> list[list[Parameter | None]]:
        """The parameters of each layer and direction."""
        groups: dict[str, list[Parameter | None]] = {}
        for name, parameter in self._parameters.items():
            groups.setdefault(name.rpartition("_l")[2], []).append(parameter)
        return list(groups.values())

    def flatten_parameters(self) -> None:
        """Does nothing: weights are put in order for each call."""


def _ordered(state: Any, order: Tensor | None) -> Any:
    """The states of sequences in another order."""
    if state is None or order is None:
        return state
    if isinstance(state, (tuple, list)):
        return tuple(part.index_select(1, order) for part in state)
    return state.index_select(1, order)


def make_layer(name: str, doc: str, number: int, base: type[Layer] = Layer) -> type[Layer]:
    """The class of a layer of the registry."""
    module, _, short = name.rpartition(".")
    namespace = {
        "__doc__": doc,
        "__module__": f"swiftnn.{module or 'nn'}",
        "__qualname__": short,
        "_entry": (name, number),
        "__signature__": LazySignature(_C.LAYERS, number),
    }
    kind = type(short, (base,), namespace)
    KINDS[name] = kind
    return kind


@classmethod  # type: ignore[misc]
def from_pretrained(cls: Any, embeddings: Tensor, freeze: bool = True, *args: Any, **options: Any) -> Any:
    """An embedding whose rows are those of a matrix; they are learned unless freeze."""
    if embeddings.dim() != 2:
        raise ValueError("Embeddings parameter is expected to be 2-dimensional")
    made = cls(*embeddings.shape, *args, _weight=embeddings, **options)
    made.weight.requires_grad = not freeze
    return made


def take_anything(self: Layer, *args: Any, **kwargs: Any) -> None:
    """Takes the arguments of the layer that an identity stands for."""
    Layer.__init__(self)
