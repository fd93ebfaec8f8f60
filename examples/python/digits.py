"""Trains a classifier of handwritten digits and draws how it learns. Usage: digits.py [--losses FILE] [--plot FILE]"""

import argparse
import os
import struct
import sys

import swiftnn as torch
from swiftnn import nn
from swiftnn.nn import functional as F

EPOCHS, BATCH, TRAIN = 30, 32, 1438


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(64, 128)
        self.dropout = nn.Dropout(0.1)
        self.output = nn.Linear(128, 10)

    def forward(self, images):
        return self.output(self.dropout(F.relu(self.hidden(images))))


def read_digits(path):
    with open(path, "rb") as file:
        records = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).reshape(-1, 65)
    return records[:, :64].float() / 16, records[:, 64].long()


def show(epoch, loss, accuracy):
    terminal = sys.stdout.isatty()
    bar = ("#" * (30 * epoch // EPOCHS)).ljust(30)
    text = f"Python  epoch {epoch:2d}/{EPOCHS} [{bar}] loss {loss:.4f}  held-out {100 * accuracy:.2f} %"
    print(("\r" if terminal else "") + text, end="" if terminal and epoch < EPOCHS else "\n", flush=True)


def train(images, labels):
    torch.manual_seed(1)
    model = Classifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    order = torch.randperm(len(labels))
    train_order, test = order[:TRAIN], order[TRAIN:]
    history = []
    for epoch in range(1, EPOCHS + 1):
        epoch_order = train_order[torch.randperm(TRAIN)]
        total = 0.0
        for start in range(0, TRAIN, BATCH):
            rows = epoch_order[start : start + BATCH]
            loss = F.cross_entropy(model(images[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        model.eval()
        with torch.no_grad():
            hits = (model(images[test]).argmax(1) == labels[test]).sum().item()
        model.train()
        history.append((total / TRAIN, hits / len(test)))
        show(epoch, *history[-1])
    return history


def plot(history, path):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    epochs = range(1, len(history) + 1)
    figure, loss_axis = plt.subplots(figsize=(7, 4), layout="constrained")
    accuracy_axis = loss_axis.twinx()
    (loss_line,) = loss_axis.plot(epochs, [loss for loss, _ in history], color="tab:red", label="training loss")
    (accuracy_line,) = accuracy_axis.plot(
        epochs, [100 * accuracy for _, accuracy in history], color="tab:blue", label="held-out accuracy"
    )
    loss_axis.set(xlabel="epoch", ylabel="cross entropy", yscale="log", title="Handwritten digits, 64-128-10")
    accuracy_axis.set(ylabel="accuracy [%]")
    loss_axis.legend(handles=[loss_line, accuracy_line], loc="center right")
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--losses", help="write the loss of every epoch, bit for bit")
    parser.add_argument("--plot", help="write the learning curve as PNG or SVG (needs matplotlib)")
    arguments = parser.parse_args()
    history = train(*read_digits(os.environ.get("DIGITS", "examples/data/digits.bin")))
    if arguments.losses:
        with open(arguments.losses, "w") as file:
            for epoch, (loss, accuracy) in enumerate(history, 1):
                file.write(f"{epoch} {struct.pack('>d', loss).hex()} {accuracy:.6f}\n")
    if arguments.plot:
        plot(history, arguments.plot)
    return 0 if history[-1][1] > 0.96 else 1


if __name__ == "__main__":
    sys.exit(main())
