"""Text as numbers."""

from __future__ import annotations

import os
from operator import index

from swiftnn import _C
from swiftnn._C import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Self

    Path = str | os.PathLike[str]
    Source = Path | bytes


class _Tokenizer:
    """What tokenizers have in common."""

    _core: _C.Tokenizer

    def encode(self, text: str | bytes) -> Tensor:
        """The tokens of a text, int64."""
        return self._core.encode(text)

    def decode_bytes(self, ids: Any) -> bytes:
        """The bytes that were encoded, whatever they are."""
        tokens = ids if isinstance(ids, Tensor) else _C.tensor(list(ids), dtype=_C.int64)
        return self._core.decode(tokens)

    def decode(self, ids: Any) -> str:
        """The text of tokens."""
        return self.decode_bytes(ids).decode(errors="replace")

    def get_vocab_size(self) -> int:
        """The number of tokens."""
        return self._core.count()

    def __len__(self) -> int:
        return self._core.count()

    def id_to_bytes(self, id: int) -> bytes:
        """The bytes of a token."""
        return self._core.token(id)

    def token_to_id(self, token: str | bytes) -> int | None:
        """The number of a token; None where there is none."""
        number = self._core.find(token)
        return None if number < 0 else number


class CharacterTokenizer(_Tokenizer):
    """A number for each character of a text, in the order of Unicode. With an unknown token, which has number 0, other
    characters become that; without one they are an error."""

    def __init__(self, text: str, unknown: str | None = None) -> None:
        self._core = _C.character_tokenizer(text, unknown)

    def save(self, path: Path) -> None:
        """Writes the characters as JSON."""
        self._core.save(path, None)

    @classmethod
    def from_file(cls, path: Source) -> Self:
        """Opens what save() wrote."""
        self = cls.__new__(cls)
        self._core = _C.open_tokenizer(path, None, [], False)
        return self


class ByteLevelBPETokenizer(_Tokenizer):
    """Byte pair encoding as of GPT-2: any bytes, and back. Training and encoding equal those of Hugging Face's
    tokenizers."""

    def __init__(
        self,
        vocab: Source | None = None,
        merges: Source | None = None,
        add_prefix_space: bool = False,
        special_tokens: Sequence[str] = (),
    ) -> None:
        self._add_prefix_space = add_prefix_space
        if (vocab is None) != (merges is None):
            raise ValueError("ByteLevelBPETokenizer: expects both a vocabulary and merges, or neither")
        if vocab is not None:
            self._core = _C.open_tokenizer(vocab, merges, list(special_tokens), add_prefix_space)
        else:
            self.train_from_iterator([], 0, special_tokens=special_tokens)

    @classmethod
    def from_file(cls, vocab_filename: Source, merges_filename: Source, **kwargs: Any) -> Self:
        """Opens GPT-2's vocab.json and merges.txt."""
        return cls(vocab_filename, merges_filename, **kwargs)

    def train_from_iterator(
        self,
        iterator: Iterable[str | bytes],
        vocab_size: int = 30000,
        min_frequency: int = 2,
        special_tokens: Sequence[str] = (),
    ) -> None:
        """Learns from texts which bytes come together often."""
        texts = list(iterator)
        self._core = _C.train_tokenizer(
            texts, max(vocab_size, 1), min_frequency, list(special_tokens), self._add_prefix_space
        )

    def save(self, vocab: Path, merges: Path) -> None:
        """Writes GPT-2's vocab.json and merges.txt."""
        self._core.save(vocab, merges)

    def save_model(self, directory: Path, prefix: str | None = None) -> list[str]:
        """Writes vocab.json and merges.txt into a folder."""
        start = "" if prefix is None else f"{prefix}-"
        paths = [os.path.join(directory, start + name) for name in ("vocab.json", "merges.txt")]
        self._core.save(*paths)
        return paths


class TokenDataset:
    """Pieces of a row of tokens for language models: length of them, and as targets those one further. The tokens may
    be those of a mapped file, as of load_npy(path, mmap=True)."""

    def __init__(self, tokens: Tensor, length: int, stride: int | None = None) -> None:
        self._step = length if stride is None else stride
        if length < 1 or self._step < 1:
            raise ValueError(f"TokenDataset: length and stride must be at least 1, got {length} and {self._step}")
        self._tokens = tokens
        self._length = length

    def __len__(self) -> int:
        return max(len(self._tokens) - self._length - 1 + self._step, 0) // self._step

    def _parts(self, numbers: Sequence[int]) -> tuple[Tensor, ...]:
        for number in numbers:
            if not 0 <= number < len(self):
                raise IndexError(f"TokenDataset: there is no example {number} of {len(self)}")
        return _C.token_windows(self._tokens, self._length, [number * self._step for number in numbers])

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        place = index(number)
        return tuple(part[0] for part in self._parts([place + len(self) if place < 0 else place]))

    def __getitems__(self, numbers: Sequence[int]) -> list[tuple[Tensor, ...]]:
        """Several examples at once, as loaders ask for them."""
        return list(zip(*self._parts(list(numbers))))
