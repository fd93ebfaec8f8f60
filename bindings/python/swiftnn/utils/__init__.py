"""What stands around models, under PyTorch's names."""

from swiftnn.utils import data

__all__ = ["data"]
