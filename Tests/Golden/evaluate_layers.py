"""Evaluates cases of layers with PyTorch."""

import zlib

import reference_models
import references
import torch
from evaluate import Encoder, Store, first_order, gradients, numbers, projection
from table import LayerCase, T

ENOUGH = 3000  # initial numbers of a parameter that say how they are distributed
RANGES = {"running_mean": {"low": -1.0, "high": 1.0}, "running_var": {"low": 0.5, "high": 2.0}}


def filled(module: torch.nn.Module) -> torch.nn.Module:
    """The module with known numbers in its parameters and running statistics."""
    learned = {name for name, _ in module.named_parameters()}
    with torch.no_grad():
        for position, (name, tensor) in enumerate(module.state_dict().items()):
            domain = RANGES.get(name.split(".")[-1], {"low": -1.0, "high": 1.0} if name in learned else None)
            if domain is not None:
                tensor.copy_(numbers(T(*tensor.shape, **domain), 100 + position))
    return module


def initial(make, count: int) -> dict:
    """How the numbers that a parameter begins with are distributed: mean, deviation, least and greatest."""
    drawn: dict[str, list] = {}
    for seed in range(count):
        torch.manual_seed(seed)
        for name, parameter in make().named_parameters():
            drawn.setdefault(name, []).append(parameter.detach().reshape(-1))
    found = {}
    for name, parts in drawn.items():
        values = torch.cat(parts).double()
        if values.numel():
            found[name] = [
                values.mean().item(),
                values.std(correction=0).item(),
                values.min().item(),
                values.max().item(),
            ]
    return found


def run(module: torch.nn.Module, case: LayerCase, store: Store, values: list, call: dict) -> dict:
    """Results, derivatives of both orders and the state after a call."""
    inputs, call = [copied(value) for value in values], {key: copied(value) for key, value in call.items()}
    results = module(*inputs, **call)
    outputs = [y for y in flat([results]) if y is not None]
    if case.random == "always" or (module.training and case.random):
        return {"shapes": [{"shape": list(y.shape), "dtype": str(y.dtype).split(".")[1]} for y in outputs]}
    found = {"results": [store.add(y) for y in outputs]}
    leaves = [x for x in flat([*inputs, *call.values()]) if isinstance(x, torch.Tensor) and x.requires_grad]
    leaves += [parameter for parameter in module.parameters() if parameter.requires_grad]
    if leaves and any(y.requires_grad for y in outputs):
        first = gradients(first_order(outputs), leaves)
        found["gradients"] = [store.add(g) for g in first]
        if case.second and any(g.requires_grad for g in first):
            total = sum((projection(i, g, (5, 13)) * g).sum() for i, g in enumerate(first))
            found["second"] = [store.add(g) for g in gradients(total, leaves)]
    found["state"] = [store.add(tensor) for tensor in module.state_dict().values()]
    return found


def entry(case: LayerCase, store: Store) -> dict:
    encode = Encoder(store)
    positional = [encode(argument) for argument in case.arguments]
    named = {key: encode(argument) for key, argument in case.named.items()}
    inputs = [encode(argument) for argument in case.inputs]
    call = {key: encode(argument) for key, argument in case.call.items()}

    def made() -> torch.nn.Module:
        options = {key: plain(value) for key, (value, _) in named.items()}
        place, _, name = case.layer.rpartition(".")
        layer = getattr(reference_models if place else torch.nn, name, None) or getattr(references, name)
        return layer(*(plain(value) for value, _ in positional), **options)

    def ready() -> torch.nn.Module:
        torch.manual_seed(zlib.crc32(case.text.encode()))
        return filled(made().double())

    module = ready()
    learned = {name for name, _ in module.named_parameters()}
    state = [{"name": name, "tensor": store.add(tensor), "shape": list(tensor.shape), "parameter": name in learned}
             for name, tensor in module.state_dict().items()]  # fmt: skip
    few = min((p.numel() for p in module.parameters() if p.numel()), default=0)
    count = -(-ENOUGH // few) if few and case.number == 0 else 0  # of the first case of a layer
    values = [value for value, _ in inputs]
    further = {key: value for key, (value, _) in call.items()}
    return {
        "id": case.id, "text": case.text, "layer": case.layer,
        "arguments": [described for _, described in positional],
        "named": {key: described for key, (_, described) in named.items()},
        "inputs": [described for _, described in inputs],
        "call": {key: described for key, (_, described) in call.items()},
        "repr": repr(module), "state": state, "initial": initial(made, count), "draws": count,
        "training": run(ready().train(), case, store, values, further),
        "evaluation": run(ready().eval(), case, store, values, further),
    }  # fmt: skip


def flat(values) -> list:
    """The items of lists and tuples within each other, in order."""
    return [item for value in values for item in (flat(value) if isinstance(value, (list, tuple)) else [value])]


def copied(value):
    """An argument of a call, of which no gradients are known yet."""
    if isinstance(value, list):
        return [copied(item) for item in value]
    is_tensor = isinstance(value, torch.Tensor)
    return value.detach().clone().requires_grad_(value.requires_grad) if is_tensor else value


def plain(value):
    """An argument without gradients: lists become tuples, as users write them."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    return tuple(value) if isinstance(value, list) else value


# ---- The same cases in C

C_HEAD = """// Written by Tests/Golden/generate.py: one case of every layer, without the numbers.
static bool layer_case(int number, Setup* setup) {
  switch (number) {
"""
C_FOOT = """    default:
      return false;
  }
}
"""


def c_value(argument) -> str:
    if isinstance(argument, bool):
        return f"snn_bool({str(argument).lower()})"
    if isinstance(argument, (int, str)):
        return f"snn_int({argument})" if isinstance(argument, int) else f'snn_string("{argument}")'
    if isinstance(argument, float):
        return f"snn_float({argument!r})"
    if argument is None:
        return "snn_none()"
    kind, c_type = ("ints", "int64_t") if all(isinstance(item, int) for item in argument) else ("floats", "double")
    return f"snn_{kind}((const {c_type}[]){{{', '.join(map(str, argument))}}}, {len(argument)})"


def c_input(argument) -> str:
    if isinstance(argument, list) and any(isinstance(item, T) for item in argument):
        return " ".join([*map(c_input, argument), f"setup_list(setup, {len(argument)});"])
    if not isinstance(argument, T):
        return f"setup_value(setup, {c_value(argument)});"
    sizes = "".join(f", {size}" for size in argument.shape)
    if argument.dtype not in ("int64", "bool"):
        return f"setup_numbers(setup, {len(argument.shape)}{sizes});"
    elements = numbers(argument, 0).reshape(-1).tolist()
    listed = ", ".join(map(str, elements)).lower()
    if argument.dtype == "bool":
        return f"setup_truths(setup, (const bool[]){{{listed}}}, {len(argument.shape)}{sizes});"
    return f"setup_integers(setup, (const int64_t[]){{{listed}}}, {len(argument.shape)}{sizes});"


def c_table(cases: list[LayerCase]) -> str:
    """The first case of every layer whose arguments are no tensors, as a C function that sets it up."""
    simple = [case for case in cases if not any(isinstance(a, T) for a in [*case.arguments, *case.named.values()])]
    first = {case.layer: case for case in reversed(simple)}
    lines = []
    for position, (name, case) in enumerate(sorted(first.items())):
        lines += [f"case {position}:", f'  setup_layer(setup, "{name}");']
        lines += [f"  setup_argument(setup, {c_value(argument)});" for argument in case.arguments]
        lines += [f'  setup_option(setup, "{key}", {c_value(argument)});' for key, argument in case.named.items()]
        lines += [f"  {c_input(argument)}" for argument in case.inputs]
        lines += ["  setup->is_untrained = true;"] * (not case.trained) + ["  return true;"]
    return C_HEAD + "".join(f"    {line}\n" for line in lines) + C_FOOT
