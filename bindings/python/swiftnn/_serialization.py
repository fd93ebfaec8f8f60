"""save and load: checkpoints as PyTorch writes and reads them."""

from __future__ import annotations

import os

from swiftnn import _C
from swiftnn._device import device as Device
from swiftnn.nn.parameter import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO, Any

    Path = str | bytes | os.PathLike[str]


def save(
    obj: object,
    f: Path | IO[bytes],
    pickle_module: Any = None,
    pickle_protocol: int = 2,
    _use_new_zipfile_serialization: bool = True,
) -> None:
    """Saves tensors, numbers, strings, None and lists, tuples and dicts of them so that torch.load reads them too.

    Tensors that share memory share it in the file. A file with the same name is replaced when the new one is complete.
    """
    if pickle_module is not None:
        raise ValueError("save: another pickle module cannot be used, since nothing is pickled that would need it")
    if pickle_protocol != 2:
        raise ValueError(f"save: pickle_protocol must be 2, got {pickle_protocol}")
    if not _use_new_zipfile_serialization:
        raise ValueError("save: the format from before PyTorch 1.6 is read but not written")
    if hasattr(f, "write"):
        data = _C.save_value(None, obj, Parameter)
        f.write(data or b"")
    else:
        _C.save_value(f, obj, Parameter)


def load(
    f: Path | IO[bytes],
    map_location: Callable[..., Any] | Device | str | dict[str, str] | None = None,
    pickle_module: Any = None,
    *,
    weights_only: bool = True,
    mmap: bool | None = None,
) -> Any:
    """Loads what save or torch.save wrote: tensors and plain values, as dicts, lists and tuples of them.

    Nothing in the file is executed; one that asks for more than weights raises pickle.UnpicklingError, which names it.
    With mmap, tensors show the file's pages: changing them does not change the file.
    """
    if pickle_module is not None:
        raise RuntimeError("Can not safely load weights when explicit pickle_module is specified")
    if not weights_only:
        raise NotImplementedError("load: weights_only=False would run what the file says, which is not possible")
    if isinstance(map_location, (str, Device)):
        Device(map_location)
    if hasattr(f, "read"):
        if mmap:
            raise ValueError("f must be a file path in order to use the mmap argument")
        return _opened(lambda: _C.parse_archive(f.read())).value(Parameter)
    path = os.fspath(f)
    with open(path, "rb"):  # a missing file, a folder: in Python's words
        pass
    return _opened(lambda: _C.open_archive(path, bool(mmap))).value(Parameter)


def _opened(make: Callable[[], _C.Archive]) -> _C.Archive:
    try:
        return make()
    except OSError as error:
        import pickle

        raise pickle.UnpicklingError(str(error)) from None
