"""Files of named tensors, with the names of safetensors.torch."""

from __future__ import annotations

import os

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._device import device as Device

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

    Path = str | bytes | os.PathLike[str]

__all__ = ["SafetensorError", "load", "load_file", "safe_open", "save", "save_file"]


class SafetensorError(Exception):
    """A file that is not what it should be."""


def save_file(tensors: dict[str, Tensor], filename: Path, metadata: dict[str, str] | None = None) -> None:
    """Saves tensors by name, with words beside them. An existing file is replaced when the new one is complete."""
    _check(tensors)
    _C.save_tensors(filename, tensors, metadata)


def save(tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> bytes:
    """The bytes of the file that save_file would write."""
    _check(tensors)
    return _C.save_tensors(None, tensors, metadata) or b""


def load_file(filename: Path, device: str | int | Device = "cpu", *, backend: str = "mmap") -> dict[str, Tensor]:
    """The tensors of a file by name. They show the pages of the file; changing them does not change it."""
    with safe_open(filename, framework="pt", device=device, backend=backend) as file:
        return file.get_tensors()


def load(data: bytes) -> dict[str, Tensor]:
    """The tensors of a file that is in memory."""
    return _tensors(_C.parse_archive, data)


def _tensors(read: Any, *arguments: Any) -> dict[str, Tensor]:
    archive = _archive(read, *arguments)
    return {name: archive.tensor(index) for index, (name, _, _) in enumerate(archive.entries())}


def _archive(read: Any, *arguments: Any) -> _C.Archive:
    try:
        return read(*arguments)  # type: ignore[no-any-return]
    except OSError as error:
        raise SafetensorError(f"Error while deserializing header: {error}") from None


class safe_open:
    """A file whose tensors are taken one by one: `with safe_open(name, "pt") as f: f.get_tensor("weight")`."""

    def __init__(
        self, filename: Path, framework: str = "pt", device: str | int | Device | None = "cpu", backend: str = "mmap"
    ) -> None:
        if framework not in ("pt", "torch", "pytorch", "swiftnn"):
            raise SafetensorError(f"framework {framework} is invalid")
        if backend not in ("mmap", "pread"):
            raise ValueError(f"backend must be 'mmap' or 'pread', got '{backend}'")
        if isinstance(device, (str, Device)):
            Device(device)
        path = os.fspath(filename)
        if not os.path.exists(path):
            raise FileNotFoundError(f"No such file or directory: {os.fsdecode(path)}")
        archive = _archive(_C.open_archive, path, backend == "mmap")
        self._archive: _C.Archive | None = archive
        self._entries = {name: (index, dtype, shape) for index, (name, dtype, shape) in enumerate(archive.entries())}

    def _open(self) -> _C.Archive:
        if self._archive is None:
            raise SafetensorError("File is closed")
        return self._archive

    def _entry(self, name: str) -> tuple[int, str, list[int]]:
        if name not in self._entries:
            raise SafetensorError(f"File does not contain tensor {name}")
        return self._entries[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive = None

    def keys(self) -> list[str]:
        """The names of the tensors, sorted."""
        self._open()
        return sorted(self._entries)

    def offset_keys(self) -> list[str]:
        """The names of the tensors in the order of their data."""
        self._open()
        return list(self._entries)

    def metadata(self) -> dict[str, str] | None:
        """The words beside the tensors."""
        return self._open().metadata() or None

    def get_tensor(self, name: str) -> Tensor:
        """The tensor of that name."""
        return self._open().tensor(self._entry(name)[0])

    def get_tensors(self) -> dict[str, Tensor]:
        """All tensors by name."""
        return {name: self.get_tensor(name) for name in self._entries}

    def get_slice(self, name: str) -> _Slice:
        """A tensor of which an index takes a part."""
        index, dtype, shape = self._entry(name)
        return _Slice(self._open(), index, dtype, shape)


class _Slice:
    def __init__(self, archive: _C.Archive, index: int, dtype: str, shape: list[int]) -> None:
        self._archive = archive
        self._index = index
        self._dtype = dtype
        self._shape = shape

    def get_shape(self) -> list[int]:
        """The shape of the whole tensor."""
        return list(self._shape)

    def get_dtype(self) -> str:
        """The type of the elements in the words of the file."""
        return self._dtype

    def __getitem__(self, key: Any) -> Tensor:
        return self._archive.tensor(self._index)[key].contiguous()


def _check(tensors: dict[str, Tensor]) -> None:
    if not isinstance(tensors, dict):
        raise ValueError(f"Expected a dict of [str, swiftnn.Tensor] but received {type(tensors)}")
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor):
            raise ValueError(f"Key `{name}` is invalid, expected swiftnn.Tensor but received {type(tensor)}")
    shared = _shared(tensors)
    if shared:
        raise RuntimeError(
            "Some tensors share memory, this will lead to duplicate memory on disk and potential differences when "
            f"loading them again: {shared}."
        )
    for name, tensor in tensors.items():
        if not tensor.is_contiguous():
            raise ValueError(
                f"You are trying to save a non contiguous tensor: `{name}` which is not allowed. It either means you "
                "are trying to save tensors which are reference of each other in which case it's recommended to save "
                "only the full tensors, and reslice at load time, or simply call `.contiguous()` on your tensor to "
                "pack it before saving."
            )


def _shared(tensors: dict[str, Tensor]) -> list[list[str]]:
    """The names of those whose elements lie in the same memory."""
    groups: list[list[str]] = []
    end = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1].data_ptr()):
        if tensor.numel() == 0:
            continue
        start = tensor.data_ptr()
        if start < end:
            groups[-1].append(name)
        else:
            groups.append([name])
        reach = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride()))
        end = max(end, start + (reach + 1) * tensor.element_size())
    return [sorted(group) for group in groups if len(group) > 1]
