"""Reads batches of tensors in a seeded order, stops in the middle of an epoch and goes on from there."""

import swiftnn as torch
from swiftnn.model_selection import train_val_test_split
from swiftnn.utils.data import DataLoader, TensorDataset

images, labels = torch.randn(1000, 8), torch.arange(1000) % 10
train_x, val_x, test_x, train_y, val_y, test_y = train_val_test_split(images, labels, stratify=labels, random_state=42)

loader = DataLoader(TensorDataset(train_x, train_y), batch_size=32, shuffle=True, seed=1, num_workers=2)
batches = iter(loader)
for _ in range(10):
    x, y = next(batches)

resumed = DataLoader(TensorDataset(train_x, train_y), batch_size=32, shuffle=True)
resumed.load_state_dict(loader.state_dict())
left = len(list(resumed))
print(f"{loader.state_dict()} and {left} batches more")
assert left == 15
