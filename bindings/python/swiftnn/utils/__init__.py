"""What stands around models: data."""

from swiftnn.utils import data

__all__ = ["data"]
