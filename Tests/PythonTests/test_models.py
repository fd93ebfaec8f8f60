"""Models of the engine; `make conformance-models` compares them with those of Hugging Face."""

from __future__ import annotations

import copy

import pytest

import swiftnn as torch
from swiftnn import models
from swiftnn.models import BertForMaskedLM, BertForSequenceClassification, BertModel, GPT2LMHeadModel

BERT = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 12}


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def gpt2(**options: float) -> GPT2LMHeadModel:
    return GPT2LMHeadModel(30, 40, 8, 2, 2, **options)


def test_names() -> None:
    names = list(gpt2().state_dict())
    assert names[:3] == ["transformer.wte.weight", "transformer.wpe.weight", "transformer.h.0.ln_1.weight"]
    assert {"transformer.h.1.attn.c_attn.weight", "transformer.ln_f.bias", "lm_head.weight"} <= set(names)
    names = list(BertForMaskedLM(30, 8, **BERT).state_dict())
    assert names[0] == "bert.embeddings.word_embeddings.weight"
    assert {"bert.encoder.layer.1.attention.self.query.weight", "cls.predictions.transform.LayerNorm.bias"} <= set(
        names
    )
    assert "pooler.dense.weight" in BertModel(30, 8, **BERT).state_dict()
    assert models.GPT2LMHeadModel.__module__ == "swiftnn.models"


def test_output_and_embedding_share_their_weight() -> None:
    model = gpt2()
    assert model.lm_head.weight is model.transformer.wte.weight
    named = [name for name, _ in model.named_parameters()]
    assert "transformer.wte.weight" in named
    assert "lm_head.weight" not in named
    for other in (model, copy.deepcopy(model)):
        assert other.lm_head.weight is other.transformer.wte.weight
        with torch.no_grad():
            other.transformer.wte.weight.zero_()
        assert not other(torch.tensor([[1, 2]])).any()


def test_training_lowers_the_loss() -> None:
    model = gpt2(resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)
    ids = torch.randint(0, 30, (2, 12))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        logits = model(ids[:, :-1])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("steps", [[1] * 20, [7, 1, 1, 11], [20]])
def test_decoding_with_a_cache_is_decoding_at_once(steps: list[int]) -> None:
    model = gpt2().eval()
    ids = torch.randint(0, 30, (2, 20))
    mask = torch.ones(2, 20, dtype=torch.int64)
    mask[1, 3] = 0
    with torch.no_grad():
        whole, masked = model(ids), model(ids, mask)
        for expected, given in ((whole, None), (masked, mask)):
            first, parts = 0, []
            for length in steps:
                end = first + length
                shown = None if given is None else given[:, :end]
                parts.append(model(ids[:, first:end], shown, cache_position=first))
                first = end
            assert torch.allclose(torch.cat(parts, 1), expected, atol=1e-6)


def test_bert() -> None:
    ids = torch.randint(0, 30, (2, 6))
    kinds = torch.tensor([[0, 0, 0, 1, 1, 1]] * 2)
    mask = torch.tensor([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]])
    model = BertModel(30, 8, **BERT).eval()
    hidden, pooled = model(ids, mask, kinds)
    assert hidden.shape == (2, 6, 8)
    assert pooled.shape == (2, 8)
    changed = ids.clone()
    changed[0, 4:] = 1
    assert torch.allclose(model(changed, mask, kinds)[0][0, :4], hidden[0, :4])
    assert BertModel(30, 8, **BERT, add_pooling_layer=False)(ids)[1] is None
    assert BertForMaskedLM(30, 8, **BERT)(ids).shape == (2, 6, 30)
    assert BertForSequenceClassification(30, 8, **BERT, num_labels=3)(ids).shape == (2, 3)


def test_mistakes() -> None:
    model = gpt2()
    for wrong, message in (
        (lambda: model(torch.zeros(2, 41, dtype=torch.int64)), "knows 40 positions, got 41 tokens behind 0"),
        (lambda: model(torch.zeros(2, dtype=torch.int64)), "expects input_ids of shape"),
        (lambda: model(torch.zeros(1, 2, dtype=torch.int64), torch.ones(1, 3)), "expects an attention_mask"),
        (lambda: model(torch.zeros(1, 2, dtype=torch.int64), cache_position=0), "keeps no gradients"),
        (lambda: GPT2LMHeadModel(30, 40, 8, 2, 3), "divisible by n_head 3"),
        (lambda: BertModel(30, 8, 1, 3, 8), "divisible by num_attention_heads 3"),
        (lambda: BertModel(30, 8, 1, 2, 8)(torch.zeros(1, 600, dtype=torch.int64)), "at most 512 positions"),
    ):
        with pytest.raises((RuntimeError, ValueError), match=message):
            wrong()
