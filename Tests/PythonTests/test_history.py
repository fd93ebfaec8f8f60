"""Histories in files, against Python's own readers of them."""

import csv
import json
import math
import os
import struct

import pytest

import swiftnn as torch
from swiftnn import History, HistoryWriter

AWKWARD = [0.1, -0.0, 5e-324, 1.7976931348623157e308, 1 / 3, 2.0**53 + 2, math.inf, -math.inf, 123456.789e-20, 1e22]


def filled():
    history = History()
    for epoch, value in enumerate(AWKWARD):
        history.add(epoch, 100 * epoch, 0.1 * epoch, loss=value, **({'val, "loss"': -value} if epoch % 2 else {}))
    return history


def bits(value):
    return struct.pack("<d", value)


def same(a, b):
    rows = [[(r.epoch, r.step, bits(r.seconds), [(k, bits(v)) for k, v in r.items()]) for r in h] for h in (a, b)]
    return rows[0] == rows[1]


@pytest.mark.parametrize("format", ["csv", "json"])
def test_doubles_come_back(format, tmp_path):
    history = filled()
    path = tmp_path / "a.txt"
    history.save(path, format)
    assert path.read_text() == history.text(format)
    assert same(History.load(path, format), history)
    assert same(History.parse(history.text(format), format), history)


def test_python_reads_json_lines():
    history = filled()
    history.add(99, 9900, float("nan"), loss=float("nan"), ü=1)
    rows = [json.loads(line) for line in history.text().splitlines()]
    assert [bits(row["loss"]) for row in rows] == [bits(value) for value in history["loss"]]
    assert list(rows[1]) == ["epoch", "step", "seconds", "loss", 'val, "loss"']
    assert math.isnan(rows[-1]["seconds"]) and rows[-1]["ü"] == 1
    written = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    assert same(History.parse(written), history)
    assert same(History.parse(json.dumps(rows[0])), History.parse(json.dumps(rows[0]) + "\n"))


def test_python_reads_tables(tmp_path):
    history = filled()
    history.save(tmp_path / "a.csv")
    with open(tmp_path / "a.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [bits(float(row["loss"])) for row in rows] == [bits(value) for value in history["loss"]]
    assert [row['val, "loss"'] == "" for row in rows] == [epoch % 2 == 0 for epoch in range(len(rows))]
    with open(tmp_path / "b.csv", "w", newline="") as file:
        writer = csv.writer(file)  # which ends lines as Windows does
        writer.writerow(rows[0])
        writer.writerows(row.values() for row in rows)
    assert same(History.load(tmp_path / "b.csv"), history)


def test_columns():
    history = History()
    history.add(1, 10, 0.5, loss=3)
    history.add(2, 20, 1.5, loss=2, val_loss=torch.tensor(4.0))
    assert history.names == ["loss", "val_loss"] and history.epochs == [1, 2] and history.steps == [10, 20]
    assert history["loss"] == [3, 2] and math.isnan(history["val_loss"][0]) and history["val_loss"][1] == 4
    assert len(history) == 2 and [row.seconds for row in history] == [0.5, 1.5]
    assert "2 rows" in repr(history)
    with pytest.raises(KeyError):
        history["accuracy"]


def test_a_killed_program_leaves_whole_lines(run_python, tmp_path):
    for name in ("a.csv", "a.jsonl"):
        path = tmp_path / name
        run_python(
            f"""
import os, swiftnn
pid = os.fork()
if pid == 0:
    writer = swiftnn.HistoryWriter({str(path)!r})
    for epoch in range(5):
        writer.add(epoch, epoch, 0.5, loss=epoch / 3)
    os.kill(os.getpid(), 9)
os.waitpid(pid, 0)
"""
        )
        assert History.load(path)["loss"] == [epoch / 3 for epoch in range(5)]
        with HistoryWriter(path, append=True) as writer:
            writer.add(5, 5, loss=1, val_loss=2)
        assert History.load(path).epochs == [0, 1, 2, 3, 4, 5]
        with pytest.raises(ValueError, match="closed"):
            writer.add(6, 6)


def test_a_writer_begins_anew(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("something else\n")
    with HistoryWriter(path) as writer:
        writer.add(1, 2, 3, a=4)
    assert path.read_text() == "epoch,step,seconds,a\n1,2,3.0,4.0\n"


def test_bad_input(tmp_path):
    history = History()
    with pytest.raises(ValueError, match="name of one line"):
        history.add(1, 1, 0.0, **{"a\nb": 1})
    with pytest.raises(TypeError, match="real number"):
        history.add(1, 1, 0.0, loss="x")
    with pytest.raises(ValueError, match="format"):
        history.save(tmp_path / "a", "xml")
    with pytest.raises(OSError, match="line 2: expected"):
        History.parse('{"epoch": 1, "step": 1, "seconds": 0}\n{"epoch": 1}\n')
    with pytest.raises(OSError, match="none"):
        HistoryWriter(tmp_path / "none" / "a.csv")
    with pytest.raises(OSError, match="none"):
        history.save(tmp_path / "none" / "a.csv")
    with pytest.raises(OSError, match="irectory"):
        HistoryWriter(tmp_path)
    assert len(history) == 0 and os.listdir(tmp_path) == []
