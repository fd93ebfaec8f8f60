"""Tokenizers, against what Hugging Face's tokenizers made of the same text."""

import json
import os
import threading
from pathlib import Path

import pytest

import swiftnn as snn
from swiftnn import data

GOLDEN = json.loads((Path(__file__).parents[1] / "Golden" / "data.json").read_text())["bpe"]


@pytest.fixture(scope="module")
def trained():
    tokenizer = data.ByteLevelBPETokenizer()
    tokenizer.train_from_iterator([GOLDEN["text"]], GOLDEN["size"], 2, GOLDEN["special"])
    return tokenizer


def test_training_gives_the_same_merges(trained, tmp_path):
    vocabulary, merges = trained.save_model(tmp_path)
    assert json.loads(Path(vocabulary).read_text()) == GOLDEN["vocabulary"]
    assert Path(merges).read_text() == GOLDEN["merges"]


@pytest.mark.parametrize("number", range(len(GOLDEN["samples"])))
def test_encodings_are_the_same(trained, number, tmp_path):
    text, ids = GOLDEN["samples"][number]
    assert trained.encode(text).tolist() == ids
    assert trained.decode(ids) == text
    trained.save_model(tmp_path)
    again = data.ByteLevelBPETokenizer.from_file(
        tmp_path / "vocab.json", tmp_path / "merges.txt", special_tokens=GOLDEN["special"]
    )
    assert again.encode(text).tolist() == ids


def test_any_bytes_come_back(trained):
    every = bytes(range(256)) * 3 + os.urandom(5000)
    assert trained.decode_bytes(trained.encode(every)) == every
    assert trained.decode_bytes(trained.encode(b"a" * 100000)) == b"a" * 100000
    assert len(trained.encode("")) == 0 and trained.decode([]) == ""


def test_tokens_and_options(trained):
    assert trained.token_to_id("<end>") == 0 and trained.id_to_bytes(0) == b"<end>"
    assert trained.token_to_id("never") is None and len(trained) == trained.get_vocab_size() == 306
    with pytest.raises(IndexError, match="no token 306 of 306, at place 1"):
        trained.decode([0, 306])
    with pytest.raises(TypeError):
        trained.encode(3)
    spaced = data.ByteLevelBPETokenizer(add_prefix_space=True)
    assert spaced.decode(spaced.encode("ab")) == " ab"
    found = []
    threads = [threading.Thread(target=lambda: found.append(trained.encode(GOLDEN["text"]).tolist())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [trained.encode(GOLDEN["text"]).tolist()] * 4


def test_broken_vocabularies_name_the_place(trained, tmp_path):
    vocabulary, merges = trained.save_model(tmp_path)
    lines = Path(merges).read_text().splitlines()
    Path(merges).write_text("\n".join([*lines[:3], "a b c"]))
    with pytest.raises(OSError, match=r"merges\.txt:4: expects two tokens"):
        data.ByteLevelBPETokenizer(vocabulary, merges)
    Path(merges).write_text("#version: 0.2\nqq zz\n")
    with pytest.raises(OSError, match=r"merges\.txt:2: the token 'qq' is not in the vocabulary"):
        data.ByteLevelBPETokenizer(vocabulary, merges)
    Path(vocabulary).write_text('{"a": 0, "b": 0}')
    with pytest.raises(OSError, match=r"vocab\.json: token 'b' has number 0 of 2"):
        data.ByteLevelBPETokenizer(vocabulary, merges)
    Path(vocabulary).write_text('{"a": 0}')
    with pytest.raises(OSError, match="there is no token"):
        data.ByteLevelBPETokenizer(vocabulary, merges)
    Path(vocabulary).write_text("[1]")
    with pytest.raises(OSError, match="at byte 0"):
        data.ByteLevelBPETokenizer(vocabulary, merges)


def test_characters(tmp_path):
    plain = data.CharacterTokenizer("höhe ab日\n")
    assert [plain.id_to_bytes(i).decode() for i in range(len(plain))] == sorted(set("höhe ab日\n"))
    assert plain.decode(plain.encode("haböö日")) == "haböö日"
    with pytest.raises(ValueError, match="the character 'z' at byte 3 is not in the vocabulary"):
        plain.encode("höz")
    known = data.CharacterTokenizer("ab", unknown="<unk>")
    assert known.encode("xba日").tolist() == [0, 2, 1, 0]
    for tokenizer in (plain, known):
        tokenizer.save(tmp_path / "c.json")
        again = data.CharacterTokenizer.from_file(tmp_path / "c.json")
        assert again.encode("ab").tolist() == tokenizer.encode("ab").tolist() and len(again) == len(tokenizer)
    (tmp_path / "c.json").write_text('{"type": "word"}')
    with pytest.raises(OSError, match="of type 'word'"):
        data.CharacterTokenizer.from_file(tmp_path / "c.json")


def test_windows(tmp_path):
    data.save_npy(tmp_path / "tokens.npy", snn.arange(11).to(snn.int32))
    for tokens in (snn.arange(11), data.load_npy(tmp_path / "tokens.npy", mmap=True)):
        windows = data.TokenDataset(tokens, 3)
        assert len(windows) == 3 and [w.tolist() for w in windows[-1]] == [[6, 7, 8], [7, 8, 9]]
        assert len(data.TokenDataset(tokens, 3, 1)) == 8 and len(data.TokenDataset(tokens, 11)) == 0
    inputs, targets = zip(*windows.__getitems__([2, 0]))
    assert inputs[1].tolist() == [0, 1, 2] and targets[0].tolist() == [7, 8, 9] and targets[0].dtype == snn.int64
    with pytest.raises(IndexError):
        windows[3]
    with pytest.raises(ValueError, match="at least 1"):
        data.TokenDataset(snn.arange(3), 0)
