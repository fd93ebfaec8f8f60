"""100 epochs at once, and 63 behind the 37 of begin.c: the same bits. Usage: continue.py FOLDER."""

import pathlib
import sys

import swiftnn as torch
from swiftnn import data, nn
from swiftnn.training import Trainer
from swiftnn.transforms import GaussianNoise
from swiftnn.utils.data import DataLoader, TensorDataset


def begin():
    table = data.read_csv("examples/data/wine.csv").to_tensor()
    examples = TensorDataset(table[:, :13].reshape(-1, 1, 1, 13), table[:, 13].long())
    loader = DataLoader(examples, batch_size=16, shuffle=True, seed=3, augmentations=[GaussianNoise(clip=False)])
    torch.manual_seed(1)
    model = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(13), nn.Linear(13, 16), nn.Dropout(0.2), nn.Linear(16, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 100)
    return Trainer(model, nn.CrossEntropyLoss(), optimizer, schedule=schedule), loader


def fitted(trainer, loader):
    trainer.fit(loader, epochs=100, progress=False)
    return [value.numpy().tobytes() for value in trainer.model.state_dict().values()], trainer.history["loss"]


whole = fitted(*begin())
torch.manual_seed(99)
trainer, loader = begin()
trainer.load(pathlib.Path(sys.argv[1]) / "last.safetensors", loader)
assert trainer.epoch == 37, trainer.epoch
resumed = fitted(trainer, loader)
assert resumed == whole, (resumed[1][-3:], whole[1][-3:])
print("the same bits", whole[1][-1])
