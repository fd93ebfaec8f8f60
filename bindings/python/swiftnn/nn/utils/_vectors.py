"""All parameters of a model as one vector."""

from __future__ import annotations

import swiftnn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from swiftnn._C import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """The elements of all parameters behind each other."""
    return swiftnn.cat([parameter.reshape(-1) for parameter in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Gives the parameters the elements of a vector, which they then show."""
    start = 0
    for parameter in parameters:
        count = parameter.numel()
        parameter.data = vec[start : start + count].view(parameter.shape).data
        start += count
