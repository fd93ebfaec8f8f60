"""Embeddings from given rows."""

from __future__ import annotations

from swiftnn._C import Tensor
from swiftnn.nn._layers import Embedding, EmbeddingBag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _from_pretrained(cls: Any, embeddings: Tensor, freeze: bool = True, *args: Any, **options: Any) -> Any:
    """An embedding whose rows are those of a matrix; they are learned unless freeze."""
    if embeddings.dim() != 2:
        raise AssertionError("Embeddings parameter is expected to be 2-dimensional")
    made = cls(*embeddings.shape, *args, _weight=embeddings, **options)
    made.weight.requires_grad = not freeze
    return made


Embedding.from_pretrained = EmbeddingBag.from_pretrained = classmethod(_from_pretrained)  # type: ignore[attr-defined]
