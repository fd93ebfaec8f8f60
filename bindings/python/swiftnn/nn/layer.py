"""Modules whose parameters and forward live in the engine."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._device import device as Device
from swiftnn._signatures import LazySignature, bind
from swiftnn.nn._held import KINDS, Held
from swiftnn.nn.module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from swiftnn.nn.parameter import Parameter
    from swiftnn.nn.utils.rnn import PackedSequence


_OBJECTS = ("Tensor", "list of Tensors", "Module", "list of Modules", "Generator")


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
            if self._is_argument(field[0]):
                has_plain_form = field[4] not in _OBJECTS
                if has_plain_form or given is not None:
                    self.__dict__[field[0]] = self._core.argument(position) if has_plain_form else given[position]

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
