"""Files of data: arrays, tables, pictures and text."""

from __future__ import annotations

from swiftnn.data.arrays import NpzFile, load_npy, load_npz, read_cifar, read_idx, save_npy, save_npz
from swiftnn.data.images import ImageFolder
from swiftnn.data.tables import CSVDataset, CSVFile, Table, open_csv, read_csv
from swiftnn.data.text import ByteLevelBPETokenizer, CharacterTokenizer, TokenDataset

__all__ = [
    "ByteLevelBPETokenizer",
    "CSVDataset",
    "CSVFile",
    "CharacterTokenizer",
    "ImageFolder",
    "NpzFile",
    "Table",
    "TokenDataset",
    "load_npy",
    "load_npz",
    "open_csv",
    "read_cifar",
    "read_csv",
    "read_idx",
    "save_npy",
    "save_npz",
]
