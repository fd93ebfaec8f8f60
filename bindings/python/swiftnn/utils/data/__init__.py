"""Datasets and loaders of batches, with PyTorch's names; orders, batches and their seeds are the engine's."""

from swiftnn.utils.data.collate import default_collate, default_convert
from swiftnn.utils.data.dataloader import DataLoader
from swiftnn.utils.data.dataset import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    WindowDataset,
    random_split,
)
from swiftnn.utils.data.sampler import (
    BalancedSampler,
    BatchSampler,
    CurriculumSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from swiftnn.utils.data.worker import get_worker_info

__all__ = [
    "BalancedSampler",
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "CurriculumSampler",
    "DataLoader",
    "Dataset",
    "IterableDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "WindowDataset",
    "default_collate",
    "default_convert",
    "get_worker_info",
    "random_split",
]
