"""Tables of text: read_csv as pandas has it, and files of rows that are larger than memory."""

from __future__ import annotations

import os
from operator import index

from swiftnn import _C
from swiftnn._C import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    Path = str | os.PathLike[str]
    Source = Path | bytes | bytearray | memoryview

_TYPES = {int: 1, "int": 1, float: 2, "float": 2, bool: 3, "bool": 3, str: 4, "str": 4, "text": 4}
_NAMES = ("any", "int", "float", "bool", "text")


class Table:
    """Columns of the same length by name; a column of texts holds numbers of its words, -1 for none."""

    def __init__(self, columns: dict[str, Any], words: dict[str, list[str]] | None = None) -> None:
        self.columns: dict[str, Tensor] = {name: _C.as_tensor(column) for name, column in columns.items()}
        self.words = dict(words or {})

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return list(self.columns)

    def __getitem__(self, name: str) -> Tensor:
        return self.columns[name]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def to_tensor(self, dtype: _C.dtype | None = None) -> Tensor:
        """All columns as numbers: [rows, columns]."""
        from swiftnn import stack

        wanted = dtype or _C.get_default_dtype()
        return stack([column.to(wanted) for column in self.columns.values()], 1)

    def to_csv(self, path: Path | None = None, sep: str = ",", header: bool = True) -> str | None:
        """Writes the table; without a path, returns its text. read_csv reads it back to the same numbers."""
        words = [self.words.get(name) for name in self.columns]
        text = _C.save_csv(path, self.names, list(self.columns.values()), words, sep, header)
        return None if text is None else text.decode()

    def __repr__(self) -> str:
        about = ", ".join(f"{name}: {str(column.dtype).rpartition('.')[2]}" for name, column in self.columns.items())
        return f"Table({len(self)} rows; {about})"


class CSVFile:
    """A file of rows that has been looked through once, and of which any rows can be read: see open_csv."""

    def __init__(self, core: _C.CSV) -> None:
        self._core = core
        columns = core.columns()
        self.names: list[str] = [name for name, *_ in columns]
        self.types: list[str] = [_NAMES[type] for _, type, *_ in columns]
        self.missing: list[int] = [missing for _, _, missing, _ in columns]

    def __len__(self) -> int:
        return self._core.row_count()

    def words(self, name: str) -> list[str]:
        """The words of a column of texts, in alphabetical order."""
        return self._core.words(self.number(name))

    def number(self, name: str) -> int:
        """The place of a column."""
        if name not in self.names:
            raise KeyError(f"there is no column '{name}' among {self.names[:20]}")
        return self.names.index(name)

    def read(self, start: int = 0, stop: int | None = None) -> Table:
        """Rows as a table."""
        start, stop, _ = slice(start, stop).indices(len(self))
        columns = dict(zip(self.names, self._core.read(start, max(stop - start, 0))))
        texts = [name for name, type in zip(self.names, self.types) if type == "text"]
        return Table(columns, {name: self.words(name) for name in texts})

    def chunks(self, size: int) -> Iterator[Table]:
        """All rows, so many at a time: no more than one such table is in memory."""
        if size < 1:
            raise ValueError(f"chunks: expects at least one row at a time, got {size}")
        for start in range(0, len(self), size):
            yield self.read(start, start + size)

    def matrix(
        self, rows: Sequence[int] | slice | None = None, columns: Sequence[str] | None = None, dtype: Any = None
    ) -> Tensor:
        """Rows, all or those of these numbers in any order, as numbers: [rows, columns]."""
        chosen = None if columns is None else [self.number(name) for name in columns]
        wanted = dtype or _C.get_default_dtype()
        if rows is None or isinstance(rows, slice):
            start, stop, step = (rows or slice(None)).indices(len(self))
            if step == 1:
                return self._core.matrix(chosen, start, max(stop - start, 0), None, wanted)
            rows = range(start, stop, step)
        return self._core.matrix(chosen, 0, 0, [index(row) for row in rows], wanted)


class CSVDataset:
    """The rows of a file as examples: some columns as an input, float32 of [columns], and perhaps one as a target.

    A target of whole numbers or texts is int64, for losses of classes; another one float32.
    """

    def __init__(self, file: CSVFile, inputs: Sequence[str] | None = None, target: str | None = None) -> None:
        self._file = file
        self._inputs = [name for name in file.names if name != target] if inputs is None else list(inputs)
        self._target = target
        self._dtype = _C.float32
        if target is not None and file.types[file.number(target)] != "float":
            self._dtype = _C.int64

    def __len__(self) -> int:
        return len(self._file)

    def _parts(self, rows: Sequence[int]) -> tuple[Tensor, ...]:
        parts = (self._file.matrix(rows, self._inputs, _C.float32),)
        if self._target is None:
            return parts
        return (*parts, self._file.matrix(rows, [self._target], self._dtype).reshape(len(rows)))

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        row = index(number)
        return tuple(part[0] for part in self._parts([row + len(self) if row < 0 else row]))

    def __getitems__(self, numbers: Sequence[int]) -> list[tuple[Tensor, ...]]:
        """Several examples at once, as loaders ask for them."""
        return list(zip(*self._parts(list(numbers))))


def open_csv(
    file: Source,
    sep: str = ",",
    *,
    header: bool = True,
    usecols: Sequence[str | int] | None = None,
    dtype: dict[str | int, Any] | None = None,
    na_values: Sequence[str] = (),
    keep_default_na: bool = True,
    missing: str | float = "nan",
    skiprows: int = 0,
    skipinitialspace: bool = False,
    comment: str | None = None,
    decimal: str = ".",
    quotechar: str | None = '"',
    max_line: int = 1 << 26,
    max_words: int = 1 << 24,
    max_bytes: int = 1 << 32,
) -> CSVFile:
    """Looks through a file of rows, or the bytes of one, so that any of them can be read. It stays on the disk, and may
    be larger than memory. Options are those of pandas.read_csv, and:

    missing: "nan", "error", or a number that takes the place of values that are missing among numbers.
    max_line, max_words, max_bytes: of a row, of different texts of a column, and of a file that gzip packed.
    """
    picks: list[tuple[str | int, int]] = [] if usecols is None else [(column, 0) for column in usecols]
    types = {column: _type(kind) for column, kind in (dtype or {}).items()}
    if usecols is None:
        picks = list(types.items())
    else:
        picks = [(column, types.get(column, 0)) for column, _ in picks]
        if unknown := [column for column in types if column not in usecols]:
            raise ValueError(f"read_csv: dtype has {unknown[0]!r}, which is not among usecols")
    words: list[str] | None = None
    if na_values or not keep_default_na:
        words = list(na_values) + (list(DEFAULT_NA_VALUES) if keep_default_na else [])
    behaviour = {"nan": 0, "error": 1}.get(missing, 2) if isinstance(missing, str) else 2
    if behaviour == 2 and isinstance(missing, str):
        raise ValueError(f"read_csv: missing must be 'nan', 'error' or a number, got '{missing}'")
    core = _C.open_csv(
        file,
        max_bytes,
        sep,
        quotechar or "\0",
        comment or "\0",
        decimal,
        quotechar is None,
        not header,
        skipinitialspace,
        skiprows,
        picks,
        usecols is not None,
        words,
        behaviour,
        float(missing) if behaviour == 2 else 0.0,
        max_line,
        max_words,
    )
    return CSVFile(core)


def _type(kind: Any) -> int:
    if isinstance(kind, _C.dtype):
        return 3 if kind is _C.bool else 2 if kind.is_floating_point else 1
    if kind not in _TYPES:
        raise ValueError(f"read_csv: a column can be int, float, bool or str, not {kind!r}")
    return _TYPES[kind]


def read_csv(file: Source, sep: str = ",", **options: Any) -> Table:
    """A table of the rows of a file: whole numbers as int64, numbers as float64, truth values as bool, and texts as
    int64, the places of their words in alphabetical order. Options are those of open_csv."""
    return open_csv(file, sep, **options).read()


# The words that pandas takes for no value.
DEFAULT_NA_VALUES = (
    "",
    "#N/A",
    "#N/A N/A",
    "#NA",
    "-1.#IND",
    "-1.#QNAN",
    "-NaN",
    "-nan",
    "1.#IND",
    "1.#QNAN",
    "<NA>",
    "N/A",
    "NA",
    "NULL",
    "NaN",
    "None",
    "n/a",
    "nan",
    "null",
)
