"""Event files for TensorBoard, with the names of torch.utils.tensorboard. The engine writes them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from swiftnn import _C, as_tensor, float64

__all__ = ["SummaryWriter"]


def _number(value: Any) -> float:
    return float(as_tensor(value, dtype=float64).item())


def _moment(walltime: float | None) -> float:
    return float("nan") if walltime is None else walltime


class SummaryWriter:
    """Writes an event file in log_dir. Each event is in it when the call returns: there is no queue that max_queue and
    flush_secs could be about."""

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,
        flush_secs: int = 120,
        filename_suffix: str = "",
    ) -> None:
        if not log_dir:
            import socket
            from datetime import datetime

            log_dir = os.path.join("runs", f"{datetime.now():%b%d_%H-%M-%S}_{socket.gethostname()}{comment}")
        self.log_dir = os.fspath(log_dir)
        self.purge_step = purge_step
        self.filename_suffix = filename_suffix
        self._writers: dict[str, _C.EventWriter] = {}
        self._writer()

    def _writer(self, folder: str | None = None) -> _C.EventWriter:
        """That of a folder; after close, a new one."""
        purge_step = -1 if self.purge_step is None or folder else self.purge_step
        folder = folder or self.log_dir
        if folder not in self._writers:
            now = float("nan")
            self._writers[folder] = _C.open_event_writer(folder, self.filename_suffix, purge_step, now)
        return self._writers[folder]

    def get_logdir(self) -> str:
        return self.log_dir

    def add_scalar(
        self,
        tag: str,
        scalar_value: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        new_style: bool = False,
        double_precision: bool = False,
    ) -> None:
        """A number over steps. new_style keeps it as a tensor, which double_precision makes one of float64."""
        precision = (2 if double_precision else 1) if new_style else 0
        self._writer().scalar(tag, _number(scalar_value), precision, global_step or 0, _moment(walltime))

    def add_scalars(
        self,
        main_tag: str,
        tag_scalar_dict: dict[str, Any],
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Numbers that are shown together: each has a run of its own, a folder within log_dir."""
        for tag, value in tag_scalar_dict.items():
            writer = self._writer(f"{self.log_dir}/{main_tag.replace('/', '_')}_{tag}")
            writer.scalar(main_tag, _number(value), 0, global_step or 0, _moment(walltime))

    def add_histogram(
        self,
        tag: str,
        values: Any,
        global_step: int | None = None,
        bins: str | Sequence[float] = "tensorflow",
        walltime: float | None = None,
        max_bins: int | None = None,
    ) -> None:
        """The elements of a tensor by size, between TensorFlow's limits or between those given."""
        if isinstance(bins, str) and bins != "tensorflow":
            raise ValueError(f"bins must be 'tensorflow' or limits that rise, got '{bins}'")
        limits = None if isinstance(bins, str) else bins
        self._writer().histogram(tag, as_tensor(values), limits, max_bins or 0, global_step or 0, _moment(walltime))

    def add_image(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "CHW",
    ) -> None:
        """A picture of uint8, or of numbers from 0 to 1, with its axes in the order that dataformats names."""
        image, axes = as_tensor(img_tensor), dataformats.upper()
        if sorted(axes) not in (["C", "H", "W"], ["H", "W"]) or image.ndim != len(axes):
            raise ValueError(f"dataformats '{dataformats}' do not name the axes of the shape {list(image.shape)}")
        image = image.permute([axes.index(axis) for axis in "HWC" if axis in axes])
        self._writer().image(tag, image, False, global_step or 0, _moment(walltime))

    def add_figure(
        self,
        tag: str,
        figure: Any,
        global_step: int | None = None,
        close: bool = True,
        walltime: float | None = None,
    ) -> None:
        """A figure of matplotlib, as a picture."""
        from matplotlib import pyplot as plt  # type: ignore[import-not-found, unused-ignore]
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # type: ignore[import-not-found, unused-ignore]

        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()
        self.add_image(tag, canvas.buffer_rgba(), global_step, walltime, dataformats="HWC")
        if close:
            plt.close(figure)

    def add_text(
        self, tag: str, text_string: str, global_step: int | None = None, walltime: float | None = None
    ) -> None:
        """A text, which TensorBoard reads as Markdown."""
        self._writer().text(tag, text_string, global_step or 0, _moment(walltime))

    def flush(self) -> None:
        """Returns when all events are on the disk."""
        for writer in self._writers.values():
            writer.flush()

    def close(self) -> None:
        """Ends the files; what is added afterwards begins new ones."""
        self.flush()
        self._writers.clear()

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
