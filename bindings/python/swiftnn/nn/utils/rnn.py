"""Sequences of different lengths: padded to one, or packed step by step."""

from __future__ import annotations

import swiftnn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Literal, Self

    from swiftnn._C import Tensor


class PackedSequence(tuple):  # type: ignore[type-arg]
    """The elements of sequences, step by step: batch_sizes says how many sequences have each step.

    Made by pack_padded_sequence and pack_sequence. The longest sequence comes first; sorted_indices says which one of
    those given that was, and unsorted_indices where each of those given now is.
    """

    __slots__ = ()
    _fields = ("data", "batch_sizes", "sorted_indices", "unsorted_indices")

    def __new__(
        cls,
        data: Any,
        batch_sizes: Tensor | None = None,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> Self:
        if batch_sizes is None:
            if not (isinstance(data, (list, tuple)) and len(data) == 2):
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, (data, batch_sizes, sorted_indices, unsorted_indices))

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)

    def __repr__(self) -> str:
        return f"PackedSequence({', '.join(f'{name}={value}' for name, value in zip(self._fields, self, strict=True))})"

    def _replace(self, **changed: Any) -> Self:
        return type(self)(**(dict(zip(self._fields, self, strict=True)) | changed))

    @property
    def data(self) -> Tensor:
        return self[0]  # type: ignore[no-any-return]

    @property
    def batch_sizes(self) -> Tensor:
        return self[1]  # type: ignore[no-any-return]

    @property
    def sorted_indices(self) -> Tensor | None:
        return self[2]  # type: ignore[no-any-return]

    @property
    def unsorted_indices(self) -> Tensor | None:
        return self[3]  # type: ignore[no-any-return]

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """The same with the data of another dtype."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else type(self)(data, *self[1:])

    def cpu(self) -> Self:
        return self

    def double(self) -> Self:
        return self.to(dtype=swiftnn.float64)

    def float(self) -> Self:
        return self.to(dtype=swiftnn.float32)

    def half(self) -> Self:
        return self.to(dtype=swiftnn.float16)

    def long(self) -> Self:
        return self.to(dtype=swiftnn.int64)

    def int(self) -> Self:
        return self.to(dtype=swiftnn.int32)

    def byte(self) -> Self:
        return self.to(dtype=swiftnn.uint8)

    @property
    def is_cuda(self) -> bool:
        return False

    def is_pinned(self) -> bool:
        return False


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """Where each position went."""
    return None if permutation is None else permutation.argsort()


def pack_padded_sequence(
    input: Tensor, lengths: Tensor | Iterable[int], batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Packs sequences that fill [T, N, …], or [N, T, …]; without enforce_sorted of any order."""
    counts = swiftnn.as_tensor(lengths, dtype=swiftnn.int64)
    order = None
    if not enforce_sorted:
        counts, order = counts.sort(descending=True, stable=True)
        input = input.index_select(0 if batch_first else 1, order)
    data, batch_sizes = swiftnn._pack_padded_sequence(input, counts, batch_first)
    return PackedSequence(data, batch_sizes, order)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """Sequences of one length again, in the order in which they were given, and how long each was."""
    longest = sequence.batch_sizes.size(0)
    if total_length is not None and total_length < longest:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but got "
            f"total_length={total_length} and max sequence length being {longest}"
        )
    padded, lengths = swiftnn._pad_packed_sequence(
        sequence.data, sequence.batch_sizes, batch_first, padding_value, total_length or longest
    )
    original = sequence.unsorted_indices
    if original is None:
        return padded, lengths
    return padded.index_select(0 if batch_first else 1, original), lengths[original]


def pad_sequence(
    sequences: Tensor | Iterable[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: Literal["right", "left"] = "right",
) -> Tensor:
    """Stacks sequences [L, …] of different lengths, filled up to the greatest."""
    return swiftnn.pad_sequence(list(sequences), batch_first, padding_value, padding_side)


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The sequences without what fills them up."""
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[: int(length)] for row, length in zip(rows, lengths, strict=True)]


def pack_sequence(sequences: list[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Packs sequences [L, …]; without enforce_sorted of any order."""
    lengths = [sequence.size(0) for sequence in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences in the order in which they were given."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences, batch_first=True), batch_first=True)
