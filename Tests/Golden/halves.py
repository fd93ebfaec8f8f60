"""References for halves."""

from collections.abc import Callable


def rounded_once(name: str) -> Callable:
    """PyTorch's function on the same numbers in float32: where it rounds halves at every step, and we do at the end."""

    def call(first, *arguments, **named):
        import torch

        def wide(argument):
            is_half = isinstance(argument, torch.Tensor) and argument.dtype in (torch.float16, torch.bfloat16)
            return argument.float() if is_half else argument

        found = getattr(torch.nn.functional, name)(
            wide(first), *map(wide, arguments), **{key: wide(value) for key, value in named.items()}
        )
        return found.to(first.dtype)

    return call
