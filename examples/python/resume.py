"""Trains with checkpoints, and goes on from the last, whichever language left it: resume.py [FOLDER [EPOCHS]].

Ctrl-C ends it.
"""

import os
import sys

import swiftnn as torch
from swiftnn import data, nn
from swiftnn.safetensors import save_file
from swiftnn.training import Checkpoints, Trainer
from swiftnn.transforms import GaussianNoise
from swiftnn.utils.data import DataLoader, TensorDataset

FOLDER = sys.argv[1] if len(sys.argv) > 1 else "build/resume"
EPOCHS = int(sys.argv[2]) if len(sys.argv) > 2 else 100

# Shuffled batches of wines with noise that differs from epoch to epoch.
table = data.read_csv("examples/data/wine.csv").to_tensor()
wines = TensorDataset(table[:, :13].reshape(-1, 1, 1, 13), table[:, 13].long())
loader = DataLoader(wines, batch_size=16, shuffle=True, seed=3, augmentations=[GaussianNoise(clip=False)])

torch.manual_seed(1)
model = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(13), nn.Linear(13, 16), nn.Dropout(0.2), nn.Linear(16, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 100)
trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer, schedule=schedule, checkpoints=Checkpoints(FOLDER, steps=5))

last = os.path.join(FOLDER, "last.safetensors")
if os.path.exists(last):
    trainer.load(last, loader)
print("from epoch", trainer.epoch)
trainer.fit(loader, epochs=EPOCHS, progress=False)
print(f"to epoch {trainer.epoch}, step {trainer.step}")
save_file(model.state_dict(), os.path.join(FOLDER, "end.safetensors"))
