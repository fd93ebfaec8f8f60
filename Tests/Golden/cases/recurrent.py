from table import T, V, case, float32, int64


def network(gates, features, hidden, layers=1, directions=1, bias=True, projection=0, **options):
    """Weights of a stack, in PyTorch's order."""
    found, state = [], projection or hidden
    for layer in range(layers):
        for _ in range(directions):
            inputs = state * directions if layer else features
            found += [T(gates * hidden, inputs, **options), T(gates * hidden, state, **options)]
            found += [T(gates * hidden, **options)] * 2 if bias else []
            found += [T(projection, hidden, **options)] if projection else []
    return found


CELLS = (("lstm", 4), ("gru", 3), ("rnn_tanh", 1), ("rnn_relu", 1))
# layers, directions, bias, batch_first
OPTIONS = ((1, 1, True, False), (1, 1, False, True), (1, 2, True, False), (2, 1, True, True), (2, 2, True, False))


def states(name, layers, batch, hidden, projection=0, **options):
    h = T(layers, batch, projection or hidden, **options)
    return [h, T(layers, batch, hidden, **options)] if name == "lstm" else h


for name, gates in CELLS:
    for layers, directions, bias, batch_first in OPTIONS:
        x = T(3, 2, 2) if not batch_first else T(2, 3, 2)
        hx = states(name, layers * directions, 2, 2)
        weights = network(gates, 2, 2, layers, directions, bias)
        case(name, x, hx, weights, bias, layers, 0.0, False, directions == 2, batch_first)
    for directions in (1, 2):
        hx, weights = states(name, directions, 3, 2), network(gates, 2, 2, directions=directions)
        case(f"{name}.data", T(6, 2), V([3, 2, 1], int64), hx, weights, True, 1, 0.0, False, directions == 2)
    case(f"{name}.data", T(5, 2), V([2, 2, 1], int64), states(name, 4, 2, 2), network(gates, 2, 2, 2, 2), True, 2, 0.0,
         False, True)  # fmt: skip
    # Dropping everything leaves nothing to chance.
    case(name, T(3, 2, 2), states(name, 2, 2, 2), network(gates, 2, 2, 2), True, 2, 1.0, True, False, False)
    case(name, T(3, 2, 2), states(name, 2, 2, 2), network(gates, 2, 2, 2), True, 2, 0.5, True, False, False,
         any_values=True, differences=False)  # fmt: skip
    case(name, T(3, 0, 2), states(name, 1, 0, 2), network(gates, 2, 2), True, 1, 0.0, False, False, False)
    single = {"dtype": float32, "low": -0.5, "high": 0.5}
    case(name, T(5, 17, 9, **single), states(name, 2, 17, 35, **single), network(gates, 9, 35, 1, 2, **single), True, 1,
         0.0, False, True, False)  # fmt: skip
    cell, hx = f"{name}_cell", [T(3, 2), T(3, 2)] if name == "lstm" else T(3, 2)
    case(cell, T(3, 4), hx, *network(gates, 4, 2))
    case(cell, T(3, 4), hx, *network(gates, 4, 2, bias=False))

for layers, directions, bias in ((1, 1, True), (1, 2, False), (2, 2, True)):
    hx, weights = states("lstm", layers * directions, 2, 3, 2), network(4, 2, 3, layers, directions, bias, 2)
    case("lstm", T(3, 2, 2), hx, weights, bias, layers, 0.0, False, directions == 2, False)
case("lstm.data", T(5, 2), V([2, 2, 1], int64), states("lstm", 2, 2, 3, 2), network(4, 2, 3, 1, 2, True, 2), True, 1,
     0.0, False, True)  # fmt: skip


def pad_sequence(sequences, *arguments, **named):
    import torch

    return torch.nn.utils.rnn.pad_sequence(sequences, *arguments, **named)


for rest in ((), (2,), (2, 3)):
    case("_pack_padded_sequence", T(4, 3, *rest), V([4, 2, 1], int64), False)
    case("_pack_padded_sequence", T(3, 5, *rest), V([4, 2, 2], int64), True)
    case("_pad_packed_sequence", T(7, *rest), V([3, 2, 1, 1], int64), False, 0.0, 4)
    case("_pad_packed_sequence", T(7, *rest), V([3, 2, 1, 1], int64), True, 1.5, 6)
    case("pad_sequence", [T(2, *rest), T(4, *rest), T(1, *rest)], reference=pad_sequence)
    case("pad_sequence", [T(2, *rest), T(4, *rest), T(1, *rest)], True, 0.5, "left", reference=pad_sequence)
