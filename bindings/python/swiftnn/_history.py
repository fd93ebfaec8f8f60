"""What training has measured, row by row, in memory and in files."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike, fspath
from typing import Literal

from swiftnn import _C

Format = Literal["csv", "json"]
Path = str | bytes | PathLike[str]
_FORMATS: dict[str | None, int] = {None: 0, "csv": 1, "json": 2}


def _format(format: str | None) -> int:
    if format not in _FORMATS:
        raise ValueError(f"format must be 'csv' or 'json', got {format!r}")
    return _FORMATS[format]


class HistoryRow(dict[str, float]):
    """Values by name, measured in an epoch, after so many steps and seconds."""

    def __init__(self, epoch: int, step: int, seconds: float, values: dict[str, float]) -> None:
        super().__init__(values)
        self.epoch, self.step, self.seconds = epoch, step, seconds

    def __repr__(self) -> str:
        return f"HistoryRow(epoch={self.epoch}, step={self.step}, seconds={self.seconds}, {super().__repr__()})"


class History:
    """Rows of values by name. history["loss"] is a column, with NaN where a row has no such value."""

    def __init__(self, core: _C.History | None = None) -> None:
        self._core = _C.new_history() if core is None else core

    @classmethod
    def load(cls, path: Path, format: Format | None = None) -> History:
        """From a file: a table where the name ends in .csv, else JSON lines, unless format says it."""
        return cls(_C.open_history(path, _format(format)))

    @classmethod
    def parse(cls, text: str | bytes, format: Format = "json") -> History:
        """From the text of a file."""
        return cls(_C.parse_history(text.encode() if isinstance(text, str) else text, _format(format)))

    def save(self, path: Path, format: Format | None = None) -> None:
        """Replaces a file when all is written."""
        self._core.save(path, _format(format))

    def text(self, format: Format = "json") -> str:
        """JSON lines, or a table of comma-separated values, from which the same numbers come back."""
        return (self._core.save(None, _format(format)) or b"").decode()

    def add(self, epoch: int, step: int, seconds: float = 0.0, **values: float) -> None:
        """Appends a row."""
        self._core.add(epoch, step, seconds, values)

    @property
    def names(self) -> list[str]:
        """All names, in the order in which they came first."""
        return list(dict.fromkeys(name for row in self for name in row))

    @property
    def epochs(self) -> list[int]:
        return [row.epoch for row in self]

    @property
    def steps(self) -> list[int]:
        return [row.step for row in self]

    def __len__(self) -> int:
        return self._core.count()

    def __iter__(self) -> Iterator[HistoryRow]:
        return (HistoryRow(*self._core.at(index)) for index in range(len(self)))

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.names:
            raise KeyError(name)
        return [row.get(name, float("nan")) for row in self]

    def __repr__(self) -> str:
        return f"History({len(self)} rows, names={self.names})"


class HistoryWriter:
    """Writes a history while it grows: each row is in the file when add returns; a crash leaves whole lines."""

    def __init__(self, path: Path, format: Format | None = None, append: bool = False) -> None:
        self.path = fspath(path)
        self._core: _C.HistoryWriter | None = _C.open_history_writer(path, _format(format), append)

    def add(self, epoch: int, step: int, seconds: float = 0.0, **values: float) -> None:
        if self._core is None:
            raise ValueError(f"history: the writer of {self.path!r} is closed")
        self._core.write(epoch, step, seconds, values)

    def close(self) -> None:
        self._core = None

    def __enter__(self) -> HistoryWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
