"""The one device, and what PyTorch scripts ask about it."""

from __future__ import annotations


class device:
    """Where a tensor lives: always the CPU."""

    __slots__ = ("index", "type")

    def __init__(self, device: str | device | None = "cpu", index: int | None = None) -> None:
        name = "cpu" if device is None else str(device)
        kind, _, number = name.partition(":")
        if kind != "cpu":
            raise RuntimeError(f"there is no device '{name}': this build computes on the CPU")
        self.type = kind
        self.index = int(number) if number else index

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> tuple[type[device], tuple[str, int | None]]:
        return device, (self.type, self.index)


CPU = device("cpu")
