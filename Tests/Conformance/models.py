"""Compares the models with those of torchvision and Hugging Face, and with the same written in PyTorch.

Nothing is downloaded: the models are made from their configurations. Random weights go to SwiftNN through files.
Outputs are compared in float32, and outputs, gradients and statistics in float64: in float32, where rounding moves an
activation past 0, gradients jump.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
import torchvision
import transformers

import swiftnn
from swiftnn import models
from swiftnn.safetensors import load_file

sys.path.insert(0, str(Path(__file__).parent.parent / "Golden"))
import reference_models

# Of outputs in float32, unless those of PyTorch are farther from its own in float64; twice that is then allowed.
TOLERANCE = 1e-5
EXACT = 1e-9  # of everything in float64

GPT2 = {"vocab_size": 97, "n_positions": 64, "n_embd": 48, "n_layer": 3, "n_head": 4}
GPT2_DROPOUTS = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
BERT = {
    "vocab_size": 97,
    "hidden_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 80,
    "max_position_embeddings": 64,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}


def ours(value: Any) -> Any:
    return tuple(map(ours, value)) if isinstance(value, tuple) else swiftnn.tensor(value.numpy())


def farthest(mine: swiftnn.Tensor, theirs: torch.Tensor) -> float:
    """The greatest difference, in parts of the greatest number."""
    expected = theirs.detach().numpy()
    assert tuple(mine.shape) == expected.shape, (mine.shape, expected.shape)
    return float(np.abs(np.asarray(mine.detach()) - expected).max() / max(1.0, np.abs(expected).max()))


def through_files(theirs: torch.nn.Module) -> dict[str, swiftnn.Tensor]:
    """The weights of a model of PyTorch as SwiftNN reads them, the same from both kinds of files."""
    state = theirs.state_dict()
    with tempfile.TemporaryDirectory() as folder:
        torch.save(state, Path(folder, "weights.pt"))
        pickled = swiftnn.load(str(Path(folder, "weights.pt")))
        separate = {key: tensor.clone() for key, tensor in state.items()}  # the format knows no shared memory
        safetensors.torch.save_file(separate, Path(folder, "weights.safetensors"))
        read = load_file(str(Path(folder, "weights.safetensors")))
    assert set(pickled) == set(read) == set(state)
    for key, tensor in state.items():
        assert np.array_equal(np.asarray(pickled[key].detach()), tensor.numpy()), key
        assert np.array_equal(np.asarray(read[key]), tensor.numpy()), key
    return dict(read)


def double(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(double, value))
    return value.double() if value.is_floating_point() else value


def results(mine: Any, theirs: torch.nn.Module, inputs: dict[str, Any], outputs: Callable[[Any], list]) -> list[tuple]:
    """What both give, and which of it counts."""
    by_position = "input" in inputs  # which torchvision calls x
    expected = outputs(theirs(*inputs.values()) if by_position else theirs(**inputs))
    given = mine(**{key: ours(value) for key, value in inputs.items()})
    found = [result for result in flat(given) if result is not None]
    shown = inputs.get("attention_mask")
    triples = []
    for result, wanted in zip(found, expected, strict=True):
        weight = torch.ones_like(wanted)
        if shown is not None and wanted.shape[: shown.dim()] == shown.shape:  # what stands at padding is of no use
            weight = shown.reshape(shown.shape + (1,) * (wanted.dim() - shown.dim())).expand_as(wanted).to(wanted)
        triples.append((result * ours(weight), wanted * weight, weight))
    return triples


def compare(
    name: str, mine: Any, theirs: torch.nn.Module, inputs: dict[str, Any], outputs: Callable[[Any], list]
) -> bool:
    state = {key: tensor.clone() for key, tensor in theirs.state_dict().items()}
    mine.load_state_dict(through_files(theirs))
    with torch.no_grad():
        single = results(mine, theirs, inputs, outputs)
    theirs.load_state_dict(state)
    theirs, mine = theirs.double(), mine.double()
    mine.load_state_dict(through_files(theirs))
    pairs = results(mine, theirs, {key: double(value) for key, value in inputs.items()}, outputs)
    difference = max(farthest(result, wanted) for result, wanted, _ in single)
    rounding = max(
        farthest(swiftnn.tensor(rounded.double().numpy()), exact)
        for (_, rounded, _), (_, exact, _) in zip(single, pairs, strict=True)
    )
    worst = max(farthest(result, wanted) for result, wanted, _ in pairs)
    total, other = swiftnn.zeros((), dtype=swiftnn.float64), torch.zeros((), dtype=torch.float64)
    for result, wanted, weight in pairs:
        wave = torch.linspace(-1, 1, wanted.numel(), dtype=torch.float64).reshape(wanted.shape) * weight
        total, other = total + (result * ours(wave)).sum(), other + (wanted * wave).sum()
    total.backward()
    other.backward()
    named, mine_named = dict(theirs.named_parameters()), dict(mine.named_parameters())
    assert set(named) == set(mine_named), set(named) ^ set(mine_named)
    steepest = max(farthest(mine_named[key].grad, one.grad) for key, one in named.items() if one.grad is not None)
    kept = dict(theirs.named_buffers())
    statistics = max((farthest(tensor, kept[key]) for key, tensor in mine.named_buffers() if key in kept), default=0.0)
    good = difference <= max(TOLERANCE, 2 * rounding) and max(worst, steepest, statistics) <= EXACT
    print(
        f"{'ok  ' if good else 'DIFF'} {name:52} float32 {difference:.1e} (rounding of PyTorch {rounding:.1e})  "
        f"float64: outputs {worst:.1e} gradients {steepest:.1e} statistics {statistics:.1e}",
        flush=True,
    )
    return good


def flat(values: Any) -> list:
    """The items of tuples within each other, in order."""
    return [item for value in values for item in flat(value)] if isinstance(values, (tuple, list)) else [values]


def drawn(model: torch.nn.Module, std: float = 0.15) -> torch.nn.Module:
    """The usual weights are nearly zero, and so would be the differences."""
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=std)
    return model


def trained(model: torch.nn.Module) -> torch.nn.Module:
    """Norms and statistics as after some training."""
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, std=0.2)
            torch.nn.init.normal_(module.running_mean, std=0.2)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
    return model


def vision() -> list[bool]:
    good = []
    cases: list[tuple[str, dict]] = [(name, {}) for name in ("resnet18", "resnet34", "resnet50", "resnet101")]
    cases += [
        ("resnet18", {"zero_init_residual": True, "num_classes": 7}),
        ("resnet50", {"groups": 4, "width_per_group": 8, "num_classes": 7}),
        ("resnet50", {"replace_stride_with_dilation": [False, True, True], "num_classes": 7}),
    ]
    images = torch.randn(4, 3, 64, 64)
    for name, options in cases:
        for training in (True, False):
            theirs = trained(getattr(torchvision.models, name)(**options)).train(training)
            mine = getattr(models, name)(**options).train(training)
            text = " ".join([name, *map(str, options), "training" if training else "evaluation"])
            good.append(compare(text, mine, theirs, {"input": images}, lambda y: [y]))
    return good


def small() -> list[bool]:
    good = []
    hidden = (torch.randn(2, 3, 16), torch.randn(2, 3, 16))
    text = torch.randint(0, 11, (20, 3))
    for name, arguments, inputs in (
        ("MLP", (12, [24, 16, 5], "BatchNorm1d"), {"input": torch.randn(9, 12)}),
        ("MLP", (12, [24, 16, 5], None, "GELU"), {"input": torch.randn(9, 12)}),
        ("LeNet", (), {"input": torch.randn(4, 1, 28, 28)}),
        ("LeNet", (10, 1, "Tanh", "avg", 32, 0), {"input": torch.randn(4, 1, 32, 32)}),
        ("CifarCNN", (), {"input": torch.randn(4, 3, 32, 32)}),
        ("RNNModel", ("LSTM", 11, 16, 16, 2, 0.0, True), {"input": text, "hidden": hidden}),
        ("RNNModel", ("GRU", 11, 0, 16, 2, 0.0), {"input": text, "hidden": hidden[:1]}),
        ("RNNModel", ("RNN_TANH", 11, 8, 16, 1, 0.0), {"input": text}),
    ):
        theirs = drawn(getattr(reference_models, name)(*arguments))
        mine = getattr(models, name)(*arguments)
        good.append(compare(f"{name}{arguments}", mine, theirs, inputs, flat))
    perceptron = torchvision.ops.MLP(12, [24, 5], torch.nn.LayerNorm, dropout=0.0)
    mine = models.MLP(12, [24, 5], "LayerNorm")
    good.append(compare("MLP as torchvision.ops.MLP", mine, perceptron, {"input": torch.randn(9, 12)}, flat))
    return good


def main() -> int:
    torch.manual_seed(0)
    swiftnn.manual_seed(0)
    ids = torch.randint(1, 97, (3, 20))
    padded = torch.ones(3, 20, dtype=torch.int64)
    padded[1, 15:] = 0
    padded[2, 9:] = 0
    kinds = (torch.arange(20) >= 8).long().expand(3, 20).contiguous()
    good = small() + vision()
    for activation in ("gelu_new", "gelu", "relu"):
        for inputs in ({"input_ids": ids}, {"input_ids": ids, "attention_mask": padded}):
            options = GPT2 | GPT2_DROPOUTS | {"activation_function": activation}
            theirs = drawn(transformers.GPT2LMHeadModel(transformers.GPT2Config(**options)))
            text = f"GPT2LMHeadModel {activation} {'padded' if len(inputs) > 1 else ''}"
            good.append(compare(text, models.GPT2LMHeadModel(**options), theirs, inputs, lambda y: [y.logits]))
    for inputs in ({"input_ids": ids}, {"input_ids": ids, "attention_mask": padded, "token_type_ids": kinds}):
        config = transformers.BertConfig(**BERT, num_labels=5)
        text = "with masks" if len(inputs) > 1 else ""
        model = drawn(transformers.BertModel(config))
        mine = models.BertModel(**BERT)
        good.append(compare(f"BertModel {text}", mine, model, inputs, lambda y: [y.last_hidden_state, y.pooler_output]))
        model = drawn(transformers.BertForMaskedLM(config))
        good.append(compare(f"BertForMaskedLM {text}", models.BertForMaskedLM(**BERT), model, inputs, logits))
        model = drawn(transformers.BertForSequenceClassification(config))
        mine = models.BertForSequenceClassification(**BERT, num_labels=5)
        good.append(compare(f"BertForSequenceClassification {text}", mine, model, inputs, logits))
    print(f"{sum(good)} of {len(good)} agree")
    return 0 if all(good) else 1


def logits(output: Any) -> list:
    return [output.logits]


if __name__ == "__main__":
    sys.exit(main())
