"""Trains perceptrons on four small data sets of scikit-learn by fit, at least as well as scikit-learn's own."""

import os
import sys

import swiftnn as torch
from swiftnn import data, nn
from swiftnn.model_selection import train_val_test_split
from swiftnn.preprocessing import StandardScaler
from swiftnn.training import Multiclass, Regression, Trainer
from swiftnn.utils.data import DataLoader, TensorDataset

FOLDER = os.path.join(os.path.dirname(__file__), "..", "data")

# Name, classes (0: a number), and what scikit-learn's perceptron of the same size reaches on the same examples
# (examples/data/reference.py).
PROBLEMS = [("wine", 3, 1.0), ("breast_cancer", 2, 0.9561), ("digits", 10, 0.9694), ("diabetes", 0, 0.3954)]
HIDDEN, EPOCHS = 32, 40


def score(name, classes):
    table = data.read_csv(os.path.join(FOLDER, f"{name}.csv"))
    features = table.to_tensor()[:, :-1]
    targets = table["target"] if classes else table["target"].float()
    train_x, test_x, train_y, test_y = train_val_test_split(
        features, targets, sizes=(0.8, 0.2), stratify=targets if classes else None, random_state=42
    )
    scaler = StandardScaler()
    train_x, test_x = scaler.fit_transform(train_x), scaler.transform(test_x)
    if not classes:
        size = StandardScaler()
        train_y, test_y = size.fit_transform(train_y[:, None]), size.transform(test_y[:, None])

    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(train_x.shape[1], HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, classes or 1))
    trainer = Trainer(
        model,
        Multiclass() if classes else Regression(),
        torch.optim.AdamW(model.parameters(), lr=0.002),
        transforms={"scaler": scaler},
    )
    loader = DataLoader(TensorDataset(train_x, train_y), batch_size=32, shuffle=True, seed=1)
    trainer.fit(loader, epochs=EPOCHS, progress=False)
    return trainer.evaluate((test_x, test_y))["accuracy" if classes else "r2"]


failed = False
for name, classes, reference in PROBLEMS:
    reached = score(name, classes)
    failed |= reached < reference
    measure = "accuracy" if classes else "R2      "
    print(f"{name:14s} {measure} {reached:.9f}  scikit-learn {reference:.4f}")
sys.exit(failed)
