"""Train neural networks: PyTorch's names over the SwiftNN engine."""

from swiftnn import _C, _tensor

_tensor.install()

from swiftnn._C import (  # noqa: E402
    Generator,
    Size,
    Tensor,
    as_tensor,
    bfloat16,
    bool,
    default_generator,
    dtype,
    float16,
    float32,
    float64,
    from_dlpack,
    get_default_dtype,
    get_num_threads,
    int32,
    int64,
    is_grad_enabled,
    is_inference_mode_enabled,
    set_default_dtype,
    set_num_threads,
    tensor,
    uint8,
)
from swiftnn._creation import asarray, from_numpy, frombuffer, is_floating_point, is_tensor, numel  # noqa: E402
from swiftnn._device import device  # noqa: E402
from swiftnn._operations import *  # noqa: E402, F403
from swiftnn._operations import _histogramdd as _histogramdd  # noqa: E402
from swiftnn._operations import _pack_padded_sequence as _pack_padded_sequence  # noqa: E402
from swiftnn._operations import _pad_packed_sequence as _pad_packed_sequence  # noqa: E402
from swiftnn._questions import (  # noqa: E402
    are_deterministic_algorithms_enabled,
    can_cast,
    detach,
    get_default_device,
    is_complex,
    is_conj,
    is_inference,
    is_neg,
    is_nonzero,
    is_same_size,
    is_signed,
    is_storage,
    promote_types,
    result_type,
    set_default_device,
    typename,
    use_deterministic_algorithms,
)
from swiftnn._random import get_rng_state, initial_seed, manual_seed, seed, set_rng_state  # noqa: E402
from swiftnn._types import finfo, iinfo  # noqa: E402
from swiftnn.autograd.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled  # noqa: E402

from swiftnn import autograd, func, linalg, nn, optim, signal, special  # isort: skip  # noqa: E402
from swiftnn._forms import broadcast_shapes, einsum, histogramdd, tensordot  # type: ignore[assignment, no-redef]  # isort: skip  # noqa: E402
from swiftnn.func import vmap  # isort: skip  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from swiftnn import data, metrics, model_selection, preprocessing, sklearn, training, transforms, utils
    from swiftnn._history import History, HistoryWriter
    from swiftnn._reports import ModelReport, signals, summary
    from swiftnn._serialization import load, save

_LATER = {
    "History": "_history",
    "HistoryWriter": "_history",
    "ModelReport": "_reports",
    "signals": "_reports",
    "summary": "_reports",
    "load": "_serialization",
    "data": "data",
    "metrics": "metrics",
    "model_selection": "model_selection",
    "preprocessing": "preprocessing",
    "save": "_serialization",
    "sklearn": "sklearn",
    "training": "training",
    "transforms": "transforms",
    "utils": "utils",
}


def __getattr__(name: str) -> object:
    """What few programs ask for is imported when they do."""
    if name not in _LATER:
        raise AttributeError(f"module 'swiftnn' has no attribute '{name}'")
    from importlib import import_module

    module = import_module(f"swiftnn.{_LATER[name]}")
    return module if _LATER[name] == name else getattr(module, name)


__version__: str = _C.version

float = float32
double = float64
half = float16
long = int64
int = int32
inf = 1e999
nan = inf - inf
pi = 3.141592653589793
e = 2.718281828459045
newaxis = None
strided = contiguous_format = preserve_format = "strided"

__all__ = [
    "Generator",
    "History",
    "HistoryWriter",
    "ModelReport",
    "Size",
    "Tensor",
    "are_deterministic_algorithms_enabled",
    "as_tensor",
    "asarray",
    "autograd",
    "bfloat16",
    "bool",
    "broadcast_shapes",
    "can_cast",
    "data",
    "default_generator",
    "detach",
    "device",
    "double",
    "dtype",
    "einsum",
    "enable_grad",
    "finfo",
    "float",
    "float16",
    "float32",
    "float64",
    "from_dlpack",
    "from_numpy",
    "frombuffer",
    "func",
    "get_default_device",
    "get_default_dtype",
    "get_num_threads",
    "get_rng_state",
    "half",
    "histogramdd",
    "iinfo",
    "inference_mode",
    "initial_seed",
    "int",
    "int32",
    "int64",
    "is_complex",
    "is_conj",
    "is_floating_point",
    "is_grad_enabled",
    "is_inference",
    "is_inference_mode_enabled",
    "is_neg",
    "is_nonzero",
    "is_same_size",
    "is_signed",
    "is_storage",
    "is_tensor",
    "linalg",
    "load",
    "long",
    "manual_seed",
    "metrics",
    "model_selection",
    "nn",
    "no_grad",
    "numel",
    "optim",
    "preprocessing",
    "promote_types",
    "result_type",
    "save",
    "seed",
    "set_default_device",
    "set_default_dtype",
    "set_grad_enabled",
    "set_num_threads",
    "set_rng_state",
    "signal",
    "signals",
    "sklearn",
    "special",
    "summary",
    "tensor",
    "tensordot",
    "training",
    "transforms",
    "typename",
    "uint8",
    "use_deterministic_algorithms",
    "utils",
    "vmap",
]
