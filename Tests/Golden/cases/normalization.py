from halves import rounded_once
from table import FLOATS, T, case, float32


def unchanged(name):
    """PyTorch's function changes the statistics: each call gets its own."""

    def call(x, mean=None, var=None, *rest, **named):
        import torch

        named = {"running_mean": mean, "running_var": var} | named
        copies = {k: v.clone() if k.startswith("running") and v is not None else v for k, v in named.items()}
        return getattr(torch.nn.functional, name)(
            x, copies.pop("running_mean"), copies.pop("running_var"), *rest, **copies
        )

    return call


MEAN, VAR = T(3, grad=False), T(3, low=0.5, high=2.0, grad=False)
WEIGHT, BIAS = T(3), T(3)
for size in ((4, 3), (4, 3, 5), (2, 3, 3, 2), (2, 3, 2, 2, 2), (2, 3, 70)):
    case("batch_norm", T(*size), None, None, WEIGHT, BIAS, True, layouts=False)
    case("batch_norm", T(*size), MEAN, VAR, WEIGHT, BIAS, layouts=False)
case("batch_norm", T(4, 3, 5), MEAN, VAR, training=True, layouts=False, reference=unchanged("batch_norm"))
case(
    "batch_norm",
    T(4, 3, 5),
    MEAN,
    VAR,
    WEIGHT,
    training=True,
    eps=0.1,
    momentum=0.5,
    layouts=False,
    reference=unchanged("batch_norm"),
)
case("batch_norm", T(4, 3, 5), MEAN, VAR, None, BIAS, eps=0.1, second=False, layouts=False)
case("batch_norm", T(2, 3, 80), None, None, None, BIAS, True, eps=0.1, second=False, layouts=False)
for dtype in FLOATS:
    half = [T(3, dtype=dtype), T(3, dtype=dtype)]
    case(
        "batch_norm",
        T(4, 3, 5, dtype=dtype),
        None,
        None,
        *half,
        True,
        halves=False,
        layouts=False,
        reference=rounded_once("batch_norm"),
    )

for size in ((4, 3, 5), (2, 3, 3, 2)):
    case("instance_norm", T(*size), layouts=False)
    case("instance_norm", T(*size), None, None, WEIGHT, BIAS, layouts=False)
    case("instance_norm", T(*size), MEAN, VAR, WEIGHT, BIAS, False, layouts=False)
    case(
        "instance_norm",
        T(*size),
        MEAN,
        VAR,
        use_input_stats=True,
        eps=0.1,
        layouts=False,
        reference=unchanged("instance_norm"),
    )

for name in ("layer_norm", "rms_norm"):
    case(name, T(3, 4), [4])
    case(name, T(2, 3, 4), [3, 4], T(3, 4))
    case(name, T(4), [4], T(4), eps=0.1)
    case(name, T(0, 4), [4], T(4))
    case(name, T(5, 70), [70], T(70))
    for dtype in FLOATS:
        case(name, T(3, 4, dtype=dtype), [4], T(4, dtype=dtype), halves=False)
case("layer_norm", T(2, 3, 4), [4], T(4), T(4), 1e-3)
case("layer_norm", T(2, 3, 4), [3, 4], None, T(3, 4), second=False)

for size in ((2, 4), (2, 4, 3), (2, 4, 3, 2)):
    case("group_norm", T(*size), 2)
    case("group_norm", T(*size), 2, T(4), T(4), 0.1)
    case("group_norm", T(*size), 1, None, T(4))
case("group_norm", T(2, 4, 3), 4, T(4), T(4))
case("group_norm", T(0, 4, 3), 2, T(4), T(4))
case("group_norm", T(2, 4, 3, dtype=float32), 2)

case("local_response_norm", T(2, 5, 4), 2)
case("local_response_norm", T(2, 5, 3, 2), 3, 0.5, 0.6, 2.0)
case("local_response_norm", T(2, 4, 3, dtype=float32), 7)
