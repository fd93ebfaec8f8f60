"""Event files, byte for byte those that TensorBoard's own writer made (Tests/Golden/events)."""

import io
import math
import struct
from pathlib import Path

import numpy as np
import pytest

import swiftnn as torch
from swiftnn import _C
from swiftnn.utils.tensorboard import SummaryWriter

GOLDEN = Path(__file__).parents[1] / "Golden" / "events" / "golden.tfevents"
TIME = 1700000000.25


def only(folder):
    (path,) = folder.glob("events.out.tfevents.*")
    return path


def records(path):
    """The messages of an event file."""
    data = path.read_bytes()
    found = []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        found.append(data[12 : 12 + length])
        data = data[16 + length :]
    return found


def write_golden(writer):
    values = torch.arange(-8, 24).double().reshape(4, 8) / 4
    image = np.array([i * 13 % 256 for i in range(18)], np.uint8).reshape(2, 3, 3)
    writer.add_scalar("loss", 0.1, walltime=TIME)
    writer.add_scalar("loss", torch.tensor(math.nan), 7, TIME + 1)
    writer.add_scalar("accuracy/train", 0, 300, TIME + 2)
    writer.add_scalar("loss", 1e-40, -1, TIME + 3, new_style=True)
    writer.add_scalar("loss", 0.1, 2, TIME + 4, new_style=True, double_precision=True)
    writer.add_text("note", 'größer *and* "smaller"', 3, TIME + 5)
    writer.add_histogram("weights", values, 4, walltime=TIME + 6)
    writer.add_histogram("weights", values, 4, [-2, -0.5, 0.25, 3, 5.75], TIME + 7)
    writer.add_histogram("weights", values.numpy(), 5, walltime=TIME + 8, max_bins=64)
    writer.add_image("picture", image, 6, TIME + 9, dataformats="HWC")


def test_events_are_those_of_tensorboard(tmp_path, monkeypatch):
    opened = _C.open_event_writer
    monkeypatch.setattr(_C, "open_event_writer", lambda *args: opened(*args[:-1], TIME))
    with SummaryWriter(tmp_path / "run", purge_step=5, filename_suffix=".x") as writer:
        assert writer.get_logdir() == str(tmp_path / "run")
        write_golden(writer)
    path = only(tmp_path / "run")
    assert path.name.startswith("events.out.tfevents.1700000000.") and path.name.endswith(".x")
    assert path.read_bytes() == GOLDEN.read_bytes()


def test_scalars_together(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalars("a/loss", {"train": 1, "val": 2.5}, 3)
        writer.add_scalars("a/loss", {"train": 0.5}, 4)
    assert len(records(only(tmp_path / "a_loss_train"))) == 3 and len(records(only(tmp_path / "a_loss_val"))) == 2
    assert b"a/loss" in records(only(tmp_path / "a_loss_val"))[1]


def test_a_closed_writer_begins_another_file(tmp_path):
    writer = SummaryWriter(tmp_path)
    writer.add_scalar("a", 1)
    writer.close()
    writer.add_scalar("a", 2)
    writer.close()
    assert [len(records(path)) for path in tmp_path.iterdir()] == [2, 2]


def test_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    SummaryWriter(comment="-x").close()
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.endswith("-x") and only(folder)


def picture(path):
    image = pytest.importorskip("PIL.Image")
    data = records(path)[1]
    return np.array(image.open(io.BytesIO(data[data.index(b"\x89PNG") :])))


@pytest.mark.parametrize("axes", ["CHW", "HWC", "WHC", "HW", "WH"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_images(axes, channels, tmp_path):
    shown = np.random.default_rng(1).integers(0, 256, (150, 170, channels), np.uint8)  # more than one stored block
    if "C" not in axes:
        shown = shown[:, :, :1]
    given = shown.transpose(["HWC".index(axis) for axis in axes]) if "C" in axes else shown[:, :, 0]
    given = given.T if axes == "WH" else given
    with SummaryWriter(tmp_path) as writer:
        writer.add_image("x", np.ascontiguousarray(given), dataformats=axes)
    found = picture(only(tmp_path))
    assert (found.reshape(shown.shape) == shown).all()


def test_images_of_real_numbers(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        writer.add_image("x", torch.tensor([[-1.0, 0.0, 0.5], [0.999, 1.0, 7.0]]), dataformats="HW")
    assert picture(only(tmp_path)).tolist() == [[0, 0, 127], [254, 255, 255]]


def test_figures(tmp_path):
    from swiftnn import plots

    ax = plots.rates([1.0, 0.5])
    with SummaryWriter(tmp_path) as writer:
        writer.add_figure("figure", ax.figure)
    assert picture(only(tmp_path)).shape[2] == 4


def test_bad_input(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        for call, error in [
            (lambda: writer.add_scalar("", 1), "tag"),
            (lambda: writer.add_scalar("a", 1, walltime=-1), "1970"),
            (lambda: writer.add_histogram("a", [math.nan]), "not finite"),
            (lambda: writer.add_histogram("a", torch.zeros(0)), "no elements"),
            (lambda: writer.add_histogram("a", [1.0], bins="auto"), "'auto'"),
            (lambda: writer.add_histogram("a", [1.0], bins=[2, 1]), "rise"),
            (lambda: writer.add_image("a", torch.zeros(2, 3)), "dataformats"),
            (lambda: writer.add_image("a", torch.zeros(3, 3, 2), dataformats="HWC"), "channels"),
            (lambda: writer.add_scalar("a", [1, 2]), "element"),
        ]:
            with pytest.raises((ValueError, RuntimeError), match=error):
                call()
        writer.add_scalar("a", 1)
    assert len(records(only(tmp_path))) == 2
    with pytest.raises(OSError, match="irectory"):
        SummaryWriter(only(tmp_path) / "x")
