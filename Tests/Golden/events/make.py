"""Makes golden.tfevents with TensorBoard's own writer and the messages of PyTorch: needs torch, tensorboard and numpy.

The same events are written by the tests of each language, from the numbers below, and compared byte for byte.
"""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter
from torch.utils.tensorboard import summary

HERE = Path(__file__).parent
TIME = 1700000000.25


def png(image: np.ndarray) -> bytes:
    """A PNG file whose data zlib has stored as they are."""
    height, width, channels = image.shape
    rows = b"".join(b"\0" + row.tobytes() for row in image)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2, 4: 6}[channels], 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def events() -> list[event_pb2.Event]:
    """What the tests write, in their order."""
    values = np.arange(-8, 24) / 4  # sums of which are exact
    limits = [-2.0, -0.5, 0.25, 3.0, 5.75]
    image = (np.arange(2 * 3 * 3) * 13 % 256).astype(np.uint8).reshape(2, 3, 3)
    picture = Summary.Image(height=2, width=3, colorspace=3, encoded_image_string=png(image))
    steps = [
        (0, summary.scalar("loss", 0.1)),
        (7, summary.scalar("loss", float("nan"))),
        (300, summary.scalar("accuracy/train", 0.0)),
        (-1, summary.scalar("loss", 1e-40, new_style=True)),
        (2, summary.scalar("loss", 0.1, new_style=True, double_precision=True)),
        (3, summary.text("note", 'größer *and* "smaller"')),
        (4, summary.histogram("weights", values, summary_bins())),
        (4, summary.histogram("weights", values, limits)),
        (5, summary.histogram("weights", values, summary_bins(), max_bins=64)),
        (6, Summary(value=[Summary.Value(tag="picture", image=picture)])),
    ]
    first = event_pb2.Event(wall_time=TIME, file_version="brain.Event:2")
    start = event_pb2.Event(wall_time=TIME, step=5, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START))
    found = [first, start]
    for i, (step, message) in enumerate(steps):
        found.append(event_pb2.Event(wall_time=TIME + i, step=step, summary=message))
    return found


def summary_bins() -> list[float]:
    """The limits of torch.utils.tensorboard.SummaryWriter."""
    limits, limit = [], 1e-12
    while limit < 1e20:
        limits.append(limit)
        limit *= 1.1
    return [-limit for limit in reversed(limits)] + [0.0] + limits


def main() -> None:
    file = io.BytesIO()
    writer = RecordWriter(file)
    for event in events():
        writer.write(event.SerializeToString())
    path = HERE / "golden.tfevents"
    path.write_bytes(file.getvalue())
    # TensorBoard reads it as the tests mean it, and so every file with the same bytes.
    found = EventAccumulator(str(path), {"tensors": 0, "scalars": 0, "histograms": 0, "images": 0}).Reload()
    assert [(e.step, e.value) for e in found.Scalars("accuracy/train")] == [(300, 0.0)]
    assert found.Scalars("loss")[0].value == np.float32(0.1) and found.Scalars("loss")[0].wall_time == TIME
    assert [h.histogram_value.num for h in found.Histograms("weights")] == [32, 32, 32]
    assert found.Images("picture")[0].width == 3
    assert found.Tensors("note/text_summary")[0].tensor_proto.string_val[0].decode().startswith("größer")


if __name__ == "__main__":
    main()
