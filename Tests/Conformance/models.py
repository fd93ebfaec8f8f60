"""Compares GPT-2 and BERT with those of Hugging Face: random weights, outputs and gradients in float32.

Nothing is downloaded: the models are made from their configurations.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import transformers

import swiftnn
from swiftnn import models

TOLERANCE = 1e-5

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


def ours(tensor: torch.Tensor) -> swiftnn.Tensor:
    return swiftnn.tensor(tensor.numpy())


def farthest(mine: swiftnn.Tensor, theirs: torch.Tensor) -> float:
    """The greatest difference, in parts of the greatest number."""
    expected = theirs.detach().numpy()
    assert tuple(mine.shape) == expected.shape, (mine.shape, expected.shape)
    return float(np.abs(np.asarray(mine.detach()) - expected).max() / max(1.0, np.abs(expected).max()))


def compare(
    name: str, mine: Any, theirs: torch.nn.Module, inputs: dict[str, torch.Tensor], outputs: Callable[[Any], list]
) -> bool:
    for parameter in theirs.parameters():  # the usual ones are nearly zero, and so would be the differences
        torch.nn.init.normal_(parameter, std=0.15)
    mine.load_state_dict({key: ours(tensor) for key, tensor in theirs.state_dict().items()})
    shown = inputs.get("attention_mask", torch.ones_like(inputs["input_ids"]))
    expected = outputs(theirs(**inputs))
    given = {key: ours(value) for key, value in inputs.items()}
    results = mine(**given)
    found = list(results) if isinstance(results, tuple) else [results]
    found = [result for result in found if result is not None]
    assert len(found) == len(expected)
    worst = 0.0
    total, other = swiftnn.zeros(()), torch.zeros(())
    for result, wanted in zip(found, expected, strict=True):
        # What stands at padding is of no use to anybody.
        weight = shown.float()
        while weight.dim() < wanted.dim():
            weight = weight[..., None]
        weight = weight if wanted.shape[: shown.dim()] == shown.shape else torch.ones_like(wanted)
        worst = max(worst, farthest(result * ours(weight), wanted * weight))
        wave = torch.linspace(-1, 1, wanted.numel()).reshape(wanted.shape) * weight
        total, other = total + (result * ours(wave)).sum(), other + (wanted * wave).sum()
    total.backward()
    other.backward()
    steepest = 0.0
    named = dict(theirs.named_parameters())
    mine_named = dict(mine.named_parameters())
    assert set(named) == set(mine_named), set(named) ^ set(mine_named)
    for key, parameter in named.items():
        if parameter.grad is not None:
            steepest = max(steepest, farthest(mine_named[key].grad, parameter.grad))
    good = worst <= TOLERANCE and steepest <= TOLERANCE
    print(
        f"{'ok  ' if good else 'DIFF'} {name:48} outputs {worst:.1e}  gradients {steepest:.1e}  "
        f"({len(named)} parameters)"
    )
    return good


def main() -> int:
    torch.manual_seed(0)
    swiftnn.manual_seed(0)
    ids = torch.randint(1, 97, (3, 20))
    padded = torch.ones(3, 20, dtype=torch.int64)
    padded[1, 15:] = 0
    padded[2, 9:] = 0
    kinds = (torch.arange(20) >= 8).long().expand(3, 20).contiguous()
    good = []
    for activation in ("gelu_new", "gelu", "relu"):
        for inputs in ({"input_ids": ids}, {"input_ids": ids, "attention_mask": padded}):
            options = GPT2 | GPT2_DROPOUTS | {"activation_function": activation}
            theirs = transformers.GPT2LMHeadModel(transformers.GPT2Config(**options))
            text = f"GPT2LMHeadModel {activation} {'padded' if len(inputs) > 1 else ''}"
            good.append(compare(text, models.GPT2LMHeadModel(**options), theirs, inputs, lambda y: [y.logits]))
    for inputs in ({"input_ids": ids}, {"input_ids": ids, "attention_mask": padded, "token_type_ids": kinds}):
        config = transformers.BertConfig(**BERT, num_labels=5)
        text = "with masks" if len(inputs) > 1 else ""
        model = transformers.BertModel(config)
        mine = models.BertModel(**BERT)
        good.append(compare(f"BertModel {text}", mine, model, inputs, lambda y: [y.last_hidden_state, y.pooler_output]))
        model = transformers.BertForMaskedLM(config)
        good.append(compare(f"BertForMaskedLM {text}", models.BertForMaskedLM(**BERT), model, inputs, logits))
        model = transformers.BertForSequenceClassification(config)
        mine = models.BertForSequenceClassification(**BERT, num_labels=5)
        good.append(compare(f"BertForSequenceClassification {text}", mine, model, inputs, logits))
    print(f"{sum(good)} of {len(good)} within {TOLERANCE}")
    return 0 if all(good) else 1


def logits(output: Any) -> list:
    return [output.logits]


if __name__ == "__main__":
    sys.exit(main())
