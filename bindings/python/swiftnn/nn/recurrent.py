"""What RNN, LSTM and GRU have beside other layers: packed sequences, and their weights in groups."""

from __future__ import annotations

from swiftnn._C import Tensor
from swiftnn.nn.layer import Layer
from swiftnn.nn.utils.rnn import PackedSequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from swiftnn.nn.parameter import Parameter


class RNNBase(Layer):
    """Base of RNN, LSTM and GRU."""

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
        if not isinstance(input, PackedSequence):
            return self._core(input, hx)
        data, batch_sizes, order, original = input
        output, state = self._core(data, _ordered(hx, order), batch_sizes)
        return PackedSequence(output, batch_sizes, order, original), _ordered(state, original)

    @property
    def mode(self) -> str:
        """RNN_TANH, RNN_RELU, LSTM or GRU."""
        name: str = self._entry[0]
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
