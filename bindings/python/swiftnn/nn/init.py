"""Ways to fill a parameter before training."""

from __future__ import annotations

from swiftnn import _C
from swiftnn.autograd.grad_mode import no_grad

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike

    from swiftnn._C import Tensor

globals().update(_C.functions_of("swiftnn.nn.init"))


def from_file_(tensor: Tensor, path: str | bytes | PathLike[str], name: str) -> Tensor:
    """Copies a tensor of a safetensors file or a checkpoint."""
    archive = _C.open_archive(path, True)
    for index, (found, _, shape) in enumerate(archive.entries()):
        if found != name:
            continue
        if shape != list(tensor.shape):
            raise ValueError(f"from_file_: '{name}' has shape {shape}, the tensor has {list(tensor.shape)}")
        with no_grad():
            return tensor.copy_(archive.tensor(index))
    raise KeyError(f"from_file_: there is no tensor '{name}' in {path!r}")
