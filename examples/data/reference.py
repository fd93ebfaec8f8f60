"""What scikit-learn's perceptrons reach on the examples of fit: the same sizes, splits and scaling. Needs scikit-learn.

With --write, writes the CSV files from scikit-learn's data first.
"""

import pathlib
import sys

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.neural_network import MLPClassifier, MLPRegressor

from swiftnn.model_selection import train_val_test_split
from swiftnn.preprocessing import StandardScaler

FOLDER = pathlib.Path(__file__).parent
DATA = {
    "wine": load_wine(),
    "breast_cancer": load_breast_cancer(),
    "digits": load_digits(),
    "diabetes": load_diabetes(scaled=False),
}

for name, data in DATA.items():
    if "--write" in sys.argv:
        names = [*(str(column).replace(" ", "_") for column in data.feature_names), "target"]
        rows = [[repr(float(value)).removesuffix(".0") for value in row] for row in np.c_[data.data, data.target]]
        (FOLDER / f"{name}.csv").write_text("\n".join(map(",".join, [names, *rows])) + "\n")
    x, y = data.data.astype(np.float32), data.target
    stratify = None if name == "diabetes" else y
    train_x, test_x, train_y, test_y = train_val_test_split(x, y, sizes=(0.8, 0.2), stratify=stratify, random_state=42)
    scaler = StandardScaler()
    train_x, test_x = scaler.fit_transform(train_x).numpy(), scaler.transform(test_x).numpy()
    kind = MLPClassifier if stratify is not None else MLPRegressor
    middle, width = (0, 1) if stratify is not None else (train_y.mean(), train_y.std())
    model = kind(hidden_layer_sizes=(32,), max_iter=1000, random_state=1).fit(train_x, (train_y - middle) / width)
    print(f"{name:14s} {model.score(test_x, (test_y - middle) / width):.4f}")
