"""Arrays in files: those of NumPy, of MNIST and of CIFAR."""

from __future__ import annotations

import os
from collections.abc import Mapping

from swiftnn import _C
from swiftnn._C import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Path = str | os.PathLike[str]
    Source = Path | bytes | bytearray | memoryview

USUAL_LIMIT = 1 << 32  # bytes that packed data may unpack to


def load_npy(file: Source, mmap: bool = False) -> Tensor:
    """The array of a NPY file, or of the bytes of one. With mmap it shows the pages of the file, which is read when
    its elements are; changing it does not change the file. Whole numbers that tensors lack become wider ones."""
    archive = _C.read_archive(file, mmap, 0)
    count = len(archive.entries())
    if count != 1:
        raise ValueError(f"load_npy: not a NPY file: it has {count} arrays")
    return archive.tensor(0)


def save_npy(file: Path, arr: Any) -> None:
    """Writes an array that numpy.load reads. An existing file is replaced when the new one is complete."""
    _C.save_npy(file, _C.as_tensor(arr))


class NpzFile(Mapping[str, Tensor]):
    """The arrays of a NPZ file by name; each is read, or unpacked, when it is asked for."""

    def __init__(self, archive: _C.Archive) -> None:
        self._archive = archive
        self._numbers = {name: number for number, (name, _, _) in enumerate(archive.entries())}

    @property
    def files(self) -> list[str]:
        """The names of the arrays."""
        return list(self._numbers)

    def __getitem__(self, name: str) -> Tensor:
        return self._archive.tensor(self._numbers[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __repr__(self) -> str:
        return f"NpzFile({self.files})"


def load_npz(file: Source, mmap: bool = False, max_bytes: int = USUAL_LIMIT) -> NpzFile:
    """Opens a NPZ file, stored or compressed, whose compressed arrays unpack to at most max_bytes together."""
    return NpzFile(_C.read_archive(file, mmap, max_bytes))


def save_npz(file: Path, *args: Any, **kwds: Any) -> None:
    """Writes arrays by name, those without one as arr_0, arr_1, …, as numpy.savez does."""
    arrays = {f"arr_{i}": arr for i, arr in enumerate(args)}
    if arrays.keys() & kwds.keys():
        raise ValueError(f"save_npz: two arrays are called {sorted(arrays.keys() & kwds.keys())[0]}")
    _C.save_npz(file, {name: _C.as_tensor(arr) for name, arr in (arrays | kwds).items()})


def read_idx(file: Source, mmap: bool = False, max_bytes: int = USUAL_LIMIT) -> Tensor:
    """The array of a file of MNIST, packed by gzip or not, of any rank and type."""
    return _C.read_idx(file, mmap, max_bytes)


def read_cifar(*files: Source, classes: int = 10, mmap: bool = False) -> tuple[Tensor, ...]:
    """Pictures, uint8 of [n, 3, 32, 32], and labels of binary files of CIFAR-10, one behind the other. For 100 classes,
    the labels of the 20 classes that contain them, too."""
    from swiftnn import cat

    parts = [_C.read_cifar(file, classes, mmap) for file in files]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        raise ValueError("read_cifar: expects at least one file")
    return tuple(cat(list(part)) for part in zip(*parts))
