"""The augmentations of the registry."""

from swiftnn import _C
from swiftnn.transforms.augmentation import make_augmentation

for _name, _doc, _id in _C.entries(_C.AUGMENTATIONS):
    globals()[_name] = make_augmentation(_name, _doc, _id)
