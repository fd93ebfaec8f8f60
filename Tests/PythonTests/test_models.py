"""Models of the engine; `make conformance-models` compares them with those of torchvision and Hugging Face."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from typing import Any

import pytest

import swiftnn as torch
from swiftnn import models, nn
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


def lenet() -> Any:
    return models.LeNet(3)


IMAGE = (2, 1, 28, 28)


def test_children_are_layers() -> None:
    model = models.resnet18(num_classes=5, small_images=True)
    assert isinstance(model.conv1, nn.Conv2d)
    assert (model.conv1.out_channels, model.fc.in_features, model.relu.inplace) == (64, 512, True)
    assert isinstance(model.layer2, nn.Sequential)
    assert len(model.layer2) == 2
    assert repr(model.layer2[0].downsample[0]) == "Conv2d(64, 128, kernel_size=(1, 1), stride=(2, 2), bias=False)"
    assert repr(model).startswith("resnet18(\n  (conv1): Conv2d(3, 64, kernel_size=(3, 3)")
    assert "(0): BasicBlock(\n" in repr(model)
    names = [name for name, _ in model.named_modules()]
    assert {"layer4.1.bn2", "avgpool", "layer1.0.relu"} <= set(names)
    x = torch.randn(2, 3, 8, 8)
    model.eval()
    features = model.maxpool(model.relu(model.bn1(model.conv1(x))))
    for name in ("layer1", "layer2", "layer3", "layer4"):
        features = getattr(model, name)(features)
    assert torch.equal(model.fc(model.avgpool(features).flatten(1)), model(x))
    assert "(attn): GPT2Attention(" in repr(gpt2())
    assert "(self): BertSelfAttention(" in repr(BertModel(30, 8, **BERT))


def test_hooks_of_children_fire() -> None:
    model = lenet()
    x = torch.randn(IMAGE)
    plain = model(x)
    seen: list[Any] = []
    hooks = [
        model.conv1.register_forward_pre_hook(lambda module, given: seen.append(("before", given[0].shape))),
        model.conv1.register_forward_hook(lambda module, given, output: seen.append((type(module), output.shape))),
        model.fc3.register_full_backward_hook(lambda module, into, outof: seen.append((into[0].shape, outof[0].shape))),
    ]
    model(x).sum().backward()
    assert seen == [("before", IMAGE), (nn.Conv2d, (2, 6, 28, 28)), ((2, 84), (2, 3))]
    for hook in hooks:
        hook.remove()
    model(x)
    assert len(seen) == 3
    hook = model.fc2.register_forward_hook(lambda module, given, output: output * 0)
    assert torch.equal(model(x)[0], model.fc3.bias)
    copied = copy.deepcopy(model)
    assert torch.equal(copied(x)[0], model.fc3.bias)
    hook.remove()
    assert torch.equal(model(x), plain)
    hook = model.pool.register_forward_pre_hook(lambda module, given: (given[0] * 0,))
    assert torch.equal(model(x)[0], model(torch.randn(IMAGE))[0])
    hook.remove()
    calls: list[int] = []
    hook = model.fc1.register_forward_hook(lambda module, given, output: calls.append(1))
    model.fc1(torch.ones(1, 400))
    assert calls == [1]
    hook.remove()


def test_hooks_inside_of_transformers() -> None:
    model = BertModel(30, 8, **BERT)
    shapes: dict[str, Any] = {}
    for name, module in model.named_modules():
        if name and not isinstance(module, nn.ModuleList):
            module.register_forward_hook(lambda module, given, output, name=name: shapes.update({name: output.shape}))
    model(torch.randint(0, 30, (2, 6)))
    expected = {name for name, module in model.named_modules() if name and not isinstance(module, nn.ModuleList)}
    assert expected - set(shapes) == {"pooler.activation"}
    assert shapes["encoder.layer.1.attention.self"] == (2, 6, 8)


def test_mistakes_in_hooks() -> None:
    model = lenet()
    x = torch.randn(IMAGE)
    hook = model.conv2.register_forward_hook(lambda module, given, output: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        model(x)
    hook.remove()
    hook = model.conv2.register_forward_hook(lambda module, given, output: "text")
    with pytest.raises(TypeError, match="gives a Tensor"):
        model(x)
    hook.remove()
    hook = model.conv2.register_forward_hook(lambda module, given, output: (output, output))
    with pytest.raises(ValueError, match="gives 1 results, got 2"):
        model(x)
    hook.remove()
    hook = model.conv2.register_forward_hook(lambda module, given, output: output[:, :3])
    with pytest.raises(RuntimeError, match="fc1: linear: expects 400 input features, got 75"):
        model(x)
    hook.remove()
    assert model(x).shape == (2, 3)
    with pytest.raises(TypeError, match="takes tensors alone"):
        models.resnet18().layer1[0](x, mask=1)
    with pytest.raises(NotImplementedError, match="is not called by itself"):
        gpt2().transformer.h.register_forward_hook(lambda module, given, output: None)


def test_children_can_be_replaced() -> None:
    model = models.resnet18(num_classes=5, small_images=True).eval()
    x = torch.randn(2, 3, 8, 8)
    before, head = model(x), model.fc
    model.fc = nn.Linear(model.fc.in_features, 2)
    assert model(x).shape == (2, 2)
    assert model.state_dict()["fc.weight"].shape == (2, 512)
    model(x).sum().backward()
    assert model.fc.weight.grad is not None
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(other(x), model(x))
    model.fc = nn.Identity()
    assert model(x).shape == (2, 512)
    model.layer1[0] = nn.Identity()
    assert model(x).shape == (2, 512)
    model = models.resnet18(num_classes=5)
    head, before = model.fc, model.eval()(x)
    model.fc = nn.Identity()
    model.fc = head
    assert torch.equal(model(x), before)


def test_models_with_hooks_are_freed() -> None:
    model = lenet()
    model.fc1.register_forward_hook(lambda module, given, output: None)
    model.fc2 = nn.Linear(120, 84)
    model(torch.randn(IMAGE))
    gone = weakref.ref(model.fc1)
    del model
    gc.collect()
    assert gone() is None


def test_modes_of_children() -> None:
    model = models.resnet18(num_classes=5, small_images=True)
    model.bn1.eval()
    x = torch.randn(2, 3, 8, 8)
    for other in (model, copy.deepcopy(model)):
        before = other.bn1.running_mean.clone()
        other(x)
        assert torch.equal(other.bn1.running_mean, before)
        assert other.layer1[0].bn1.num_batches_tracked.item() == 1


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN_TANH", "RNN_RELU"])
def test_language_model(kind: str) -> None:
    model = models.RNNModel(kind, 11, 8, 8, 2, dropout=0.2, tie_weights=True, batch_first=True)
    assert model.decoder.weight is model.encoder.weight
    assert isinstance(model.rnn, nn.RNNBase)
    assert model.rnn.num_layers == 2
    ids = torch.randint(0, 11, (3, 6))
    texts = [
        model(ids, generate=7, temperature=0.8, top_k=4, generator=torch.Generator().manual_seed(s))[0]
        for s in (1, 1, 2)
    ]
    assert texts[0].shape == (3, 7)
    assert torch.equal(texts[0], texts[1])
    assert not torch.equal(texts[0], texts[2])
    assert model.training
    model.eval()
    whole, state = model(ids)
    first, part = model(ids[:, :2])
    second, part = model(ids[:, 2:], part)
    assert torch.allclose(torch.cat([first, second], 1), whole, atol=1e-6)
    for a, b in zip(state, part, strict=True):
        assert torch.allclose(a, b, atol=1e-6)
    written, state = model(ids, generate=2, temperature=0)
    rest, _ = model(written[:, -1:], state, generate=3, temperature=0)
    assert torch.equal(torch.cat([written, rest], 1), model(ids, generate=5, temperature=0)[0])


def test_mistakes_of_new_models() -> None:
    model = models.RNNModel("GRU", 11, 0, 8, 1)
    ids = torch.zeros(3, 1, dtype=torch.int64)
    for wrong, message in (
        (lambda: models.RNNModel("CNN", 11, 8, 8, 1), "rnn_type must be one of"),
        (lambda: models.RNNModel("GRU", 11, 6, 8, 1, tie_weights=True), "nhid must be equal to emsize, got 8 and 6"),
        (lambda: models.RNNModel("GRU", 0, 6, 8, 1), "must be positive, got 0 and 6"),
        (lambda: model(ids, generate=0), "generate must be between 1"),
        (lambda: model(ids, generate=1, temperature=float("nan")), "temperature must be a number from 0"),
        (lambda: model(ids, [ids, ids]), "expects 1 or 2 inputs, got 3"),
        (lambda: model(ids[:0], generate=1), "at least one token"),
        (lambda: models.resnet18(groups=2), "only supports groups=1 and base_width=64, got 2 and 64"),
        (lambda: models.resnet18(replace_stride_with_dilation=[False, True, False]), "Dilation > 1 not supported"),
        (lambda: models.resnet50(replace_stride_with_dilation=[True]), "3-element tuple, got 1"),
        (lambda: models.resnet18(norm_layer="ReLU"), "norm_layer must be one of"),
        (lambda: models.LeNet(image_size=4, padding=0), "are too small"),
        (lambda: models.CifarCNN(channels=[-1]), "channels must be"),
        (lambda: models.MLP(3, []), "at least one number"),
        (lambda: lenet()(torch.zeros(1, 2, 28, 28)), "^conv1: conv2d:"),
        (lambda: models.resnet18().layer1(torch.zeros(1, 3, 8, 8)), "^0.conv1: conv2d:"),
    ):
        with pytest.raises((RuntimeError, ValueError, NotImplementedError), match=message):
            wrong()
