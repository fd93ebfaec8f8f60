"""Draws the figures of docs/pictures.md from real runs: the digits of examples/data, and a regression."""

from pathlib import Path

import numpy as np

import swiftnn as torch
from swiftnn import History, metrics, nn, plots
from swiftnn.optim.lr_scheduler import WarmupCosineLR

DIGITS = Path(__file__).parents[2] / "examples" / "data" / "digits.bin"
TRAINED = 1438


def digits() -> tuple[torch.Tensor, torch.Tensor]:
    records = np.fromfile(DIGITS, np.uint8).reshape(-1, 65)
    order = np.random.default_rng(0).permutation(len(records))
    return torch.tensor(records[order, :64].astype(np.float32) / 16), torch.tensor(records[order, 64].astype(np.int64))


def train(
    model: nn.Module, optimizer: torch.optim.Optimizer, schedule: WarmupCosineLR, epochs: int, data: tuple
) -> History:
    """Batches of 32; seconds are left out, so that each run gives the same bytes."""
    images, labels = data
    history, step = History(), 0
    for epoch in range(1, epochs + 1):
        total = 0.0
        for rows in torch.randperm(TRAINED).split(32):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images[rows]), labels[rows])
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
            total += loss.item() * len(rows)
        with torch.no_grad():
            held_out = nn.functional.cross_entropy(model(images[TRAINED:]), labels[TRAINED:]).item()
        history.add(epoch, step, loss=total / TRAINED, val_loss=held_out)
    return history


def draw_classifier(folder: Path) -> None:
    torch.manual_seed(0)
    images, labels = digits()
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.003)
    epochs, steps = 30, -(-TRAINED // 32)
    schedule = WarmupCosineLR(optimizer, warmup_iters=3 * steps, total_iters=epochs * steps)
    history = train(model, optimizer, schedule, epochs, (images, labels))
    plots.svg_learning_curves(history, path=folder / "plot-learning-curves.svg", title="Digits: loss", log_y=True)
    plots.svg_rates(schedule, epochs * steps, folder / "plot-rates.svg", title="Warm-up and cosine")
    counts = metrics.confusion_matrix(labels[TRAINED:], model(images[TRAINED:]).argmax(1))
    plots.svg_confusion_matrix(counts, path=folder / "plot-confusion.svg", title="Digits that were held out")


def draw_curves(folder: Path) -> None:
    """Eights against the other digits, by logistic regression of a fifth of the pixels."""
    images, labels = digits()
    eights = (labels == 8).float()
    torch.manual_seed(0)
    model = nn.Linear(64, 1)
    few = images * (torch.arange(64) % 5 == 0).float()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(300):
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(model(few[:TRAINED])[:, 0], eights[:TRAINED]).backward()
        optimizer.step()
    held_out, scores = eights[TRAINED:].long(), model(few[TRAINED:])[:, 0].detach()
    plots.svg_roc_curve(
        y_true=held_out, scores=scores, path=folder / "plot-roc.svg", name="13 of 64 pixels", title="Is it an eight?"
    )
    plots.svg_precision_recall_curve(
        y_true=held_out,
        scores=scores,
        path=folder / "plot-precision-recall.svg",
        name="13 of 64 pixels",
        positives=held_out.double().mean().item(),
        title="Is it an eight?",
    )


def draw_residuals(folder: Path) -> None:
    torch.manual_seed(0)
    x = torch.rand(600, 4, dtype=torch.float64)
    y = 10 * (np.pi * x[:, 0] * x[:, 1]).sin() + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3]
    y = y + torch.randn(600, dtype=torch.float64)
    one = torch.ones(600, 1, dtype=torch.float64)
    weights = torch.linalg.lstsq(torch.cat([x, one], 1), y[:, None])[0]
    predicted = (torch.cat([x, one], 1) @ weights)[:, 0]
    plots.svg_residuals(y, predicted, folder / "plot-residuals.svg", title="A line through Friedman's curve")


def draw(folder: Path) -> None:
    draw_classifier(folder)
    draw_curves(folder)
    draw_residuals(folder)
