"""Functions of one example, applied to many at once by the engine."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._pytree import broadcast_prefix, flatten, unflatten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_RANDOMNESS = {"error": 0, "different": 1, "same": 2}


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """func, written for one example, of many: in_dims and out_dims say along which axes they lie."""
    if randomness not in _RANDOMNESS:
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")
    name = getattr(func, "__name__", repr(func))

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = flatten(args)
        dims = _in_dims(name, in_dims, args, leaves, structure)
        # Keyword arguments are all mapped along their first axis, as in PyTorch.
        named, named_structure = flatten(kwargs)
        leaves += named
        dims += [0 if isinstance(leaf, Tensor) else None for leaf in named]
        places = [place for place, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
        shape: list[Any] = []

        def call(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            values = list(leaves)
            for place, tensor in zip(places, tensors, strict=True):
                values[place] = tensor
            split = structure.leaf_count
            result = func(*unflatten(values[:split], structure), **unflatten(values[split:], named_structure))
            outputs, result_structure = flatten(result)
            if not shape:
                shape.append(result_structure)
            for output in outputs:
                if not isinstance(output, Tensor):
                    raise ValueError(
                        f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(output)}. "
                        "Did you mean to set out_dims= to None for output?"
                    )
            return tuple(outputs)

        found = _C._vmap(
            call,
            [leaves[place] for place in places],
            tuple(dims[place] for place in places),
            _RANDOMNESS[randomness],
            chunk_size or 0,
        )
        return unflatten(_placed(name, found, out_dims, shape[0]), shape[0])

    return _named_like(func, wrapped)


def _in_dims(name: str, in_dims: Any, args: tuple[Any, ...], leaves: list[Any], structure: Any) -> list[Any]:
    where = f"vmap({name}, in_dims={in_dims}, ...)(<inputs>)"
    if not isinstance(in_dims, (int, tuple, list)):
        raise ValueError(
            f"{where}: expected `in_dims` to be int or a (potentially nested) tuple matching the structure of inputs, "
            f"got: {type(in_dims)}."
        )
    if not args:
        raise ValueError(
            f"vmap({name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a "
            "function with no inputs. The latter is unsupported."
        )
    dims = broadcast_prefix(in_dims, structure)
    if dims is None:
        raise ValueError(
            f"{where}: in_dims is not compatible with the structure of `inputs`. in_dims has structure "
            f"{flatten(in_dims)[1]} but inputs has structure {structure}."
        )
    for dim, leaf in zip(dims, leaves, strict=True):
        if dim is None:
            continue
        if not isinstance(leaf, Tensor):
            raise ValueError(
                f"{where}: Got in_dim={dim} for an input but the input is of type {type(leaf)}. We cannot vmap over "
                "non-Tensor arguments, please use None as the respective in_dim"
            )
        if not -leaf.dim() <= dim < leaf.dim():
            raise ValueError(
                f"{where}: Got in_dim={dim} for some input, but that input is a Tensor of dimensionality {leaf.dim()} "
                f"so expected in_dim to satisfy -{leaf.dim()} <= in_dim < {leaf.dim()}."
            )
    return dims


def _placed(name: str, found: tuple[Tensor, ...], out_dims: Any, structure: Any) -> list[Tensor]:
    if not isinstance(out_dims, (int, tuple, list, dict)):
        raise ValueError(
            f"vmap({name}, ..., out_dims={out_dims}): `out_dims` must be an int, None or a python collection of ints "
            "representing where in the outputs the vmapped dimension should appear."
        )
    # A single tensor may have its axis in a tuple of one.
    plain = out_dims
    if isinstance(out_dims, tuple) and len(out_dims) == 1 and structure.leaf_count == 1 and not structure.children:
        plain = out_dims[0]
    dims = broadcast_prefix(plain, structure)
    if dims is None:
        raise ValueError(
            f"vmap({name}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with the structure of "
            f"`outputs`. out_dims has structure {flatten(out_dims)[1]} but outputs has structure {structure}."
        )
    return [tensor if not dim else tensor.movedim(0, dim) for tensor, dim in zip(found, dims, strict=True)]


def _named_like(func: Callable[..., Any], wrapped: Callable[..., Any]) -> Callable[..., Any]:
    import functools

    return functools.update_wrapper(wrapped, func) if hasattr(func, "__name__") else wrapped
