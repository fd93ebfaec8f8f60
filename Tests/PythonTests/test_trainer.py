"""Training by fit: what it tells, what it keeps, and that it goes on with the same bits."""

import gc
import io
import os
import signal
import subprocess
import sys
import weakref

import numpy as np
import pytest

import swiftnn as torch
from swiftnn.metrics import Accuracy
from swiftnn.training import (
    Binary,
    Callback,
    Checkpoints,
    Clipping,
    EarlyStopping,
    MaxNorm,
    Penalty,
    ProximalL1,
    Trainer,
)
from swiftnn.utils.data import DataLoader, Dataset, TensorDataset


def clouds(count=60, seed=3):
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    points = generator.normal(size=(count, 4), scale=0.8) + labels[:, None] * 2 - 1
    return torch.tensor(points.astype(np.float32)), torch.tensor(labels)


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = torch.nn.Linear(4, 16)
        self.norm = torch.nn.BatchNorm1d(16)
        self.drop = torch.nn.Dropout(0.3)
        self.output = torch.nn.Linear(16, 2)

    def forward(self, x):
        return self.output(self.drop(self.norm(self.hidden(x)).relu()))


def loader(count=60, seed=3, **options):
    return DataLoader(TensorDataset(*clouds(count, seed)), batch_size=8, shuffle=True, **options)


def trainer(**options):
    torch.manual_seed(7)
    model = Network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 3, gamma=0.8)
    return Trainer(
        model, torch.nn.CrossEntropyLoss(), optimizer, schedule=schedule, metrics=[Accuracy()], **options
    )  # fmt: skip


def bits(trainer):
    return {name: value.numpy().copy() for name, value in trainer.model.state_dict().items()}


def same(a, b):
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])


def test_learns():
    t = trainer()
    history = t.fit(loader(), loader(40, 4), epochs=15, progress=False)
    assert history.names == ["loss", "accuracy", "val_loss", "val_accuracy", "lr"]
    assert len(history) == 15 and t.epoch == 15 and t.step == 15 * 8
    assert history["loss"][-1] < history["loss"][0] / 2
    assert history["val_accuracy"][-1] > 0.9
    assert t.end_reason is None
    found = t.evaluate(loader(40, 4))
    assert found["loss"] == pytest.approx(history["val_loss"][-1])
    assert found["accuracy"] == history["val_accuracy"][-1]
    points, labels = clouds(40, 4)
    predictions = t.predict(points)
    assert predictions.shape == (40, 2)
    assert (predictions.argmax(1) == labels).float().mean().item() == pytest.approx(found["accuracy"])


def test_equals_a_loop_by_hand():
    fitted = trainer()
    fitted.fit(loader(), epochs=3, progress=False)
    by_hand = trainer()
    model, optimizer, schedule = by_hand.model, by_hand.optimizer, by_hand.schedule
    batches = loader()
    for _ in range(3):
        for points, labels in batches:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(points), labels).backward()
            optimizer.step()
        schedule.step()
    same(bits(fitted), bits(by_hand))


def test_arrays_and_datasets():
    points, labels = clouds()
    t = trainer()
    t.fit((points.numpy(), labels.numpy()), epochs=2, batch_size=10, progress=False)
    assert t.step == 12

    class Pairs(Dataset):
        def __len__(self):
            return len(points)

        def __getitem__(self, i):
            return points[i], labels[i]

    t = trainer()
    t.fit(DataLoader(Pairs(), batch_size=8), epochs=2, progress=False)
    assert t.history["loss"][1] < t.history["loss"][0]


@pytest.mark.parametrize("workers", [0, 2])
def test_goes_on_with_the_same_bits(tmp_path, workers):
    def begin(*callbacks):
        made = trainer(stopping=EarlyStopping(patience=1000), callbacks=callbacks)
        return made, loader(num_workers=workers), loader(40, 4)

    whole, data, validation = begin()
    whole.fit(data, validation, epochs=8, progress=False)

    first, data, validation = begin(Stopping(21))
    first.fit(data, validation, epochs=8, progress=False)
    assert first.step == 21 and first.end_reason == "stopped"
    first.save(tmp_path / "half.safetensors")

    second, data, validation = begin()
    torch.manual_seed(99)
    second.load(tmp_path / "half.safetensors", data)
    assert second.step == 21
    second.fit(data, validation, epochs=8, progress=False)
    same(bits(whole), bits(second))
    assert [dict(row) for row in whole.history] == [dict(row) for row in second.history]


class Stopping(Callback):
    def __init__(self, step):
        self.step = step

    def on_step_end(self, trainer, event):
        if event.step == self.step:
            trainer.stop()


def test_callbacks_are_told_of_everything():
    class Listener(Callback):
        def __init__(self):
            self.heard = []

        def on_train_begin(self, trainer, event):
            self.heard.append(event.kind)

        on_epoch_begin = on_step_end = on_epoch_end = on_train_end = on_train_begin

    listener, events = Listener(), []
    t = trainer(callbacks=[listener, events.append])
    t.fit(loader(), epochs=2, progress=False)
    epoch = ["epoch_begin", *["step_end"] * 8, "epoch_end"]
    assert listener.heard == ["train_begin", *epoch, *epoch, "train_end"]
    assert [event.kind for event in events] == listener.heard
    assert events[5].batch == 4 and events[5].batch_count == 8 and events[5].examples == 32
    assert events[-2].values == dict(list(t.history)[-1])


def test_what_callbacks_raise_ends_the_training():
    def refuse(event):
        if event.step == 3:
            raise RuntimeError("enough")

    t = trainer(callbacks=[refuse])
    with pytest.raises(RuntimeError, match="enough"):
        t.fit(loader(), epochs=2, progress=False)
    assert t.step == 3


def test_models_that_raise_and_losses_that_do_not_fit():
    class Broken(torch.nn.Module):
        def forward(self, x):
            raise ZeroDivisionError("in the model")

    model = torch.nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(ZeroDivisionError, match="in the model"):
        Trainer(Broken(), torch.nn.CrossEntropyLoss(), optimizer).fit(loader(), epochs=1, progress=False)
    with pytest.raises(RuntimeError, match="the loss must give one number"):
        Trainer(model, torch.nn.CrossEntropyLoss(reduction="none"), optimizer).fit(loader(), epochs=1, progress=False)
    with pytest.raises(TypeError, match="DataLoader"):
        trainer().fit(3, epochs=1)
    with pytest.raises(TypeError, match="optimizer"):
        Trainer(model, torch.nn.CrossEntropyLoss(), "SGD")
    with pytest.raises(ValueError, match="epochs, got -1"):
        trainer().fit(loader(), epochs=-1, progress=False)
    with pytest.raises(AttributeError, match="val_f1"):
        trainer(monitor="val_f1").fit(loader(), epochs=1, progress=False)


def test_functions_as_losses_and_heads():
    model = torch.nn.Linear(4, 1)
    head = Binary()
    t = Trainer(model, head, torch.optim.Adam(model.parameters(), lr=0.05))
    points, labels = clouds()
    t.fit((points, labels.float()), epochs=10, progress=False)
    assert "accuracy" in t.history.names and t.history["accuracy"][-1] > 0.85
    f = Trainer(model, lambda y, target: ((y - target[:, None]) ** 2).mean(), torch.optim.Adam(model.parameters()))
    f.fit((points, labels.float()), epochs=1, progress=False)
    assert f.history["loss"][0] > 0


def test_stops_early_and_returns_to_the_best():
    t = trainer(stopping=EarlyStopping(patience=3), restore_best=True)
    validation = loader(40, 4)
    t.fit(loader(), validation, epochs=300, progress=False)
    assert t.epoch < 300 and t.end_reason
    epoch, value = t.best
    assert t.history["val_loss"][epoch] == value == min(t.history["val_loss"])
    assert t.evaluate(validation)["loss"] == pytest.approx(value)


def test_checkpoints(tmp_path):
    saved = []

    def note(event):
        if event.kind == "checkpoint":
            saved.append(os.path.basename(event.text))

    t = trainer(checkpoints=Checkpoints(tmp_path / "run", keep=2), callbacks=[note], notes={"made by": "Network()"})
    t.fit(loader(), loader(40, 4), epochs=4, progress=False)
    numbered = {"epoch-000002.safetensors", "epoch-000004.safetensors"}
    assert {"last.safetensors", "best.safetensors", *numbered} == set(saved)
    other = trainer()
    other.load(tmp_path / "run" / "last.safetensors", loader())
    same(bits(t), bits(other))
    assert other.history["loss"] == t.history["loss"]


def test_loading_changes_nothing_where_it_fails(tmp_path):
    t = trainer()
    t.fit(loader(), epochs=1, progress=False)
    t.save(tmp_path / "a")
    model = Network()
    adam = Trainer(model, torch.nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters()))
    before = bits(adam)
    with pytest.raises(ValueError, match="another optimizer than Adam"):
        adam.load(tmp_path / "a", loader())
    same(before, bits(adam))
    data = bytearray((tmp_path / "a").read_bytes())
    (tmp_path / "b").write_bytes(data[: len(data) // 2])
    with pytest.raises(OSError):
        t.load(tmp_path / "b")
    with pytest.raises(OSError):
        t.load(tmp_path / "missing")


def test_penalties_constraints_and_clipping():
    t = trainer(
        clip=Clipping("norm", 0.5), penalties=[Penalty("l2", 0.01), Penalty("l2_sp", 0.01)],
        constraints=[MaxNorm(0.3, patterns="hidden*"), ProximalL1(0.05)],
    )  # fmt: skip
    t.fit(loader(), epochs=4, progress=False)
    weight = t.model.hidden.weight
    assert (weight == 0).any() and weight.norm(dim=1).max().item() <= 0.3001
    assert all(value > 0 for value in t.history["penalty"])


def test_progress_is_lines_where_there_is_no_terminal():
    file = io.StringIO()
    t = trainer()
    t.fit(loader(), epochs=2, progress=file)
    lines = file.getvalue().splitlines()
    assert len(lines) == 2 and lines[1].startswith("Epoch 2/2  ") and "  accuracy " in lines[1]


def test_trainers_are_freed():
    t = trainer(callbacks=[Stopping(5)])
    t.fit(loader(), epochs=1, progress=io.StringIO())
    known = weakref.ref(t.model)
    del t
    gc.collect()
    torch.zeros(1) + 1  # what waited for the GIL is given back
    gc.collect()
    assert known() is None


INTERRUPTED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from test_trainer import *

def interrupt(event):
    if event.step == 13:
        os.kill(os.getpid(), signal.SIGINT)

t = trainer(checkpoints={folder!r}, callbacks=[interrupt])
try:
    t.fit(loader(), epochs=1000, progress=False)
except KeyboardInterrupt:
    print("interrupted", t.step, t.end_reason)
"""


def test_an_interrupt_ends_with_a_checkpoint(tmp_path):
    script = INTERRUPTED.format(tests=os.path.dirname(__file__), folder=str(tmp_path))
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout.split() == ["interrupted", "13", "stopped"], result.stderr
    t = trainer()
    t.load(tmp_path / "last.safetensors", loader())
    assert t.step == 13


KILLED = """
import sys
sys.path.insert(0, {tests!r})
from test_trainer import *

t = trainer(checkpoints=Checkpoints({folder!r}, steps=3))
data = loader()
if os.path.exists({folder!r} + "/last.safetensors"):
    t.load({folder!r} + "/last.safetensors", data)
print("ready", flush=True)
t.fit(data, epochs=40, progress=False)
t.save({folder!r} + "/end.safetensors")
"""


def test_a_killed_run_goes_on_from_a_whole_checkpoint(tmp_path):
    """SIGKILL at random moments: every restart finds a whole checkpoint, and the end has the same bits."""
    whole = trainer()
    whole.fit(loader(), epochs=40, progress=False)
    script = KILLED.format(tests=os.path.dirname(__file__), folder=str(tmp_path))
    moments = np.random.default_rng(1)
    for _ in range(6):
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        try:
            process.wait(timeout=moments.uniform(0, 0.08))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        process.stdout.close()
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)
    end, data = trainer(), loader()
    end.load(tmp_path / "end.safetensors", data)
    assert end.epoch == 40
    same(bits(whole), bits(end))
