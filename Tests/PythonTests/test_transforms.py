"""Augmentations of images."""

import inspect
import pickle

import numpy as np
import pytest

import swiftnn as torch
from swiftnn import transforms as t


def test_one_image_and_many():
    image = torch.arange(24.0).reshape(2, 3, 4)
    assert torch.equal(t.RandomHorizontalFlip(1.0)(image), image.flip(-1))
    assert torch.equal(t.RandomVerticalFlip(p=1)(image), image.flip(-2))
    batch = torch.stack([image] * 50)
    flipped = t.RandomHorizontalFlip()(batch, torch.Generator().manual_seed(1))
    found = [torch.equal(one, image.flip(-1)) for one in flipped]
    assert 10 < sum(found) < 40
    assert all(torch.equal(one, image) for one, was in zip(flipped, found) if not was)


def test_crop():
    image = torch.arange(24.0).reshape(2, 3, 4)
    assert torch.equal(t.RandomCrop((3, 4))(image), image)
    assert t.RandomCrop(5, padding=1, fill=2, padding_mode="constant")(image).shape == (2, 5, 5)
    assert t.RandomCrop(9, pad_if_needed=True)(image).shape == (2, 9, 9)
    edge = t.RandomCrop((5, 6), padding=[1], padding_mode="edge")(image)
    assert np.array_equal(np.asarray(edge), np.pad(np.asarray(image), ((0, 0), (1, 1), (1, 1)), "edge"))
    with pytest.raises(ValueError, match="Required crop size"):
        t.RandomCrop(4)(image)


def test_normalize_and_noise():
    x = torch.rand(4, 3, 5, 5)
    expected = (x - torch.tensor([0.1, 0.2, 0.3]).reshape(3, 1, 1)) / torch.tensor([1.0, 2.0, 4.0]).reshape(3, 1, 1)
    assert torch.equal(t.Normalize([0.1, 0.2, 0.3], [1, 2, 4])(x), expected)
    noisy = t.GaussianNoise(sigma=0.5)(x)
    assert noisy.min().item() == 0 and noisy.max().item() == 1


def test_classes():
    crop = t.RandomCrop(8, padding=2)
    assert repr(crop) == "RandomCrop(8, padding=2)"
    assert str(inspect.signature(t.GaussianNoise)) == "(mean=0.0, sigma=0.1, clip=True)"
    assert repr(pickle.loads(pickle.dumps(crop))) == repr(crop)
    both = t.Compose([t.RandomHorizontalFlip(1.0), t.RandomHorizontalFlip(1.0)])
    image = torch.rand(1, 2, 3)
    assert torch.equal(both(image), image)
    with pytest.raises(TypeError):
        t.RandomCrop()
    with pytest.raises((TypeError, ValueError)):
        t.RandomHorizontalFlip(2.0)
