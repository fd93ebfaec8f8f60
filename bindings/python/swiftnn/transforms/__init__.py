"""Random changes of batches of images, with torchvision's names: each image of a batch is changed in its own way."""

from swiftnn.transforms._augmentations import (
    GaussianNoise,
    Normalize,
    RandomCrop,
    RandomHorizontalFlip,
    RandomVerticalFlip,
)
from swiftnn.transforms.augmentation import Augmentation, Compose

__all__ = [
    "Augmentation",
    "Compose",
    "GaussianNoise",
    "Normalize",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomVerticalFlip",
]
