"""Training a model from batches; the loop runs in the engine."""

from __future__ import annotations

import os
import re
import sys
from typing import NamedTuple
from weakref import ref

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._history import History
from swiftnn.metrics.metric import Metric
from swiftnn.nn.module import Module
from swiftnn.optim.engine import EngineOptimizer, unwrapped
from swiftnn.training._interruption import Interruption

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, TypeAlias

    from swiftnn.optim.optimizer import Optimizer
    from swiftnn.optim.scheduler import LRScheduler
    from swiftnn.preprocessing.transform import Transform
    from swiftnn.training._stopping import StoppingRule
    from swiftnn.utils.data import DataLoader

    Path: TypeAlias = str | os.PathLike[str]
    Patterns: TypeAlias = str | Sequence[str]
    Data: TypeAlias = Any  # a DataLoader, a Dataset, or a tuple of arrays whose first axis counts the examples


class TrainingEvent(NamedTuple):
    """Something that happened while a model was trained."""

    kind: str
    """"train_begin", "epoch_begin", "step_end", "epoch_end", "checkpoint" or "train_end"."""
    epoch: int
    """Counts from 0."""
    epochs: int
    """As many as are asked for in all."""
    batch: int
    """Batches of this epoch that are done."""
    batch_count: int | None
    """None where only the end tells."""
    examples: int
    """Examples of this epoch that are done."""
    step: int
    """Steps of the optimizer so far."""
    loss: float
    """Of the last step, with penalties."""
    values: dict[str, float]
    """Behind an epoch, what was measured: "loss", "accuracy", "val_loss", …, "lr"."""
    text: str
    """The path of a checkpoint; at the end why, empty at the number of epochs asked for."""


_KINDS = ("train_begin", "epoch_begin", "step_end", "epoch_end", "checkpoint", "train_end")


class Callback:
    """Is told of what happens. What a method raises ends the training; trainer.stop() ends it behind the step."""

    def on_train_begin(self, trainer: Trainer, event: TrainingEvent) -> None: ...
    def on_epoch_begin(self, trainer: Trainer, event: TrainingEvent) -> None: ...
    def on_step_end(self, trainer: Trainer, event: TrainingEvent) -> None: ...
    def on_epoch_end(self, trainer: Trainer, event: TrainingEvent) -> None: ...
    def on_checkpoint(self, trainer: Trainer, event: TrainingEvent) -> None: ...
    def on_train_end(self, trainer: Trainer, event: TrainingEvent) -> None: ...


class Checkpoints(NamedTuple):
    """Where and when training saves itself: last.safetensors, best.safetensors and epoch-000010.safetensors."""

    folder: Path
    epochs: int = 1
    """The last state every so many epochs; -1: only where training is stopped."""
    steps: int = 0
    """Also every so many steps; 0: not."""
    keep: int = 0
    """A file of its own every so many epochs; 0: none."""
    best: bool = True


class Clipping(NamedTuple):
    """How gradients are kept small before a step: kind is "norm", "value", "each" or "adaptive"."""

    kind: str
    limit: float
    order: float = 2.0


class Penalty(NamedTuple):
    """What is added to each loss, as by swiftnn.nn.penalties."""

    kind: str
    strength: float
    scale: str = "lambda"
    m: float = 1.0
    ratio: float = 0.5
    anchors: Sequence[Tensor] | None = None
    """For "l2_sp", in the order of the parameters; where they are when training begins unless given."""
    patterns: Patterns = ()
    vectors: bool = False


class ProximalL1(NamedTuple):
    """Moves parameters towards 0 by strength · rate behind each step: exact zeros."""

    strength: float
    patterns: Patterns = ()
    vectors: bool = False


class MaxNorm(NamedTuple):
    """Scales each part along dim whose norm is greater down to the limit, behind each step."""

    limit: float
    p: float = 2.0
    dim: int = 0
    patterns: Patterns = ()
    vectors: bool = False


class Trainer:
    """Takes a model through epochs of batches, validation behind each, and an end where there is nothing more to gain.

    Args:
        model: any Module.
        loss: called with what the model gives and the targets; a Module, a function, or a head, which brings metrics.
        optimizer: one of swiftnn.optim.
        schedule: of the learning rate; schedule_by says whether it steps by "epoch" or by "step".
        metrics: by name, or a list of metrics that are named after their classes.
        stopping: a rule that says when to stop.
        penalties: added to each loss. constraints: what is done to parameters behind each step.
        clip: a Clipping, or the largest norm of all gradients.
        accumulate: so many batches make one step, which is that of one large batch.
        inputs: so many parts of an example are inputs, the others are targets; all but the last without.
        monitor: what is watched for the best model: "val_loss" with validation, else "loss". mode: "min" or "max".
        restore_best: in the end, the model gets back the weights with which it was best.
        checkpoints: a folder, or Checkpoints.
        callbacks: Callback objects, or functions of a TrainingEvent.
        transforms: fitted ones of swiftnn.preprocessing by name, which checkpoints keep. notes: words that they keep.
    """

    def __init__(
        self, model: Module, loss: Any, optimizer: Optimizer, *, schedule: LRScheduler | None = None,
        schedule_by: str = "epoch", metrics: Mapping[str, Metric] | Iterable[Metric] | None = None,
        stopping: StoppingRule | None = None, penalties: Iterable[Penalty] = (),
        constraints: Iterable[ProximalL1 | MaxNorm] = (), clip: Clipping | float | None = None, accumulate: int = 1,
        inputs: int | None = None, monitor: str | None = None, mode: str | None = None, restore_best: bool = False,
        checkpoints: Checkpoints | Path | None = None,
        callbacks: Iterable[Callback | Callable[[TrainingEvent], object]] = (),
        transforms: Mapping[str, Transform] | None = None, notes: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        bare = unwrapped(optimizer)
        if not isinstance(bare, EngineOptimizer):
            raise TypeError(f"Trainer: optimizer must be one of swiftnn.optim, not {type(optimizer).__name__}")
        if schedule_by not in ("epoch", "step"):
            raise ValueError(f"Trainer: schedule_by must be 'epoch' or 'step', got '{schedule_by}'")
        self.model, self.loss, self.optimizer, self.schedule, self.stopping = (
            model, _loss_of(loss), optimizer, schedule, stopping,
        )  # fmt: skip
        self.metrics = _named({**getattr(loss, "metrics", {}), **_named(metrics)})
        self.callbacks = list(callbacks)
        self._shows = False
        self._sources: dict[int, tuple[Data, _C.Loader]] = {}
        self._training: _C.Loader | None = None
        self._write: Callable[[str], None] | None = None
        clipping = Clipping("norm", float(clip)) if isinstance(clip, (int, float)) else clip
        saving = Checkpoints(checkpoints) if isinstance(checkpoints, (str, os.PathLike)) else checkpoints
        self._core = _C.Trainer(
            _host(model), _host(self.loss), bare._core, inputs=inputs or 0, accumulation=accumulate, monitor=monitor,
            mode=mode, restore_best=restore_best, clip=clipping and clipping.kind,
            clip_limit=clipping.limit if clipping else 0.0, clip_order=clipping.order if clipping else 0.0,
            folder=saving and os.fspath(saving.folder), save_epochs=saving.epochs if saving else 0,
            save_steps=saving.steps if saving else 0, keep_epochs=saving.keep if saving else 0,
            without_best=not saving.best if saving else False,
        )  # fmt: skip
        if schedule is not None:
            self._core.set_schedule(schedule._core, schedule_by == "step")
        if stopping is not None:
            self._core.set_stopping(stopping._core)
        for name, metric in self.metrics.items():
            self._core.add_metric(name, metric._core)
        for term in penalties:
            self._core.add_penalty(*term[:6], _patterns(term.patterns), term.vectors)
        for constraint in constraints:
            patterns = _patterns(constraint.patterns)
            if isinstance(constraint, MaxNorm):
                self._core.add_max_norm(constraint.limit, constraint.p, constraint.dim, patterns, constraint.vectors)
            else:
                self._core.add_proximal_l1(constraint.strength, patterns, constraint.vectors)
        for name, transform in (transforms or {}).items():
            self._core.add_transform(name, transform._core)
        for key, value in (notes or {}).items():
            self._core.set_note(key, value)
        self._core.heed_signals()
        if self.callbacks:
            self._core.add_callback(_telling(self))

    def fit(
        self, training: Data, validation: Data | None = None, epochs: int = 1, *, batch_size: int = 32,
        progress: bool | Any = True,
    ) -> History:  # fmt: skip
        """Trains until `epochs` epochs are done in all, those before and those of a loaded checkpoint included.

        Data are a DataLoader, or a Dataset or arrays, which are shuffled and cut into batches. Ctrl-C ends the training
        behind a step, with a checkpoint where there is a folder for it, and then raises KeyboardInterrupt; pressed
        twice, at once.
        progress: False, or a file to write to; sys.stderr gets a bar on a terminal, and plain lines elsewhere.
        """
        self._training = self._source(training, batch_size, True)
        other = None if validation is None else self._source(validation, batch_size, False)
        self._show(progress)
        with Interruption(self.stop):
            self._core.fit(self._training, other, epochs)
        return self.history

    def evaluate(self, data: Data, *, batch_size: int = 256) -> dict[str, float]:
        """The loss and the metrics of the model as it is."""
        values = self._core.evaluate(_loader(data, batch_size, False)._handle())
        return dict(zip(["loss", *self.metrics], values))

    def predict(self, data: Data, *, batch_size: int = 256) -> Any:
        """What the model gives for all examples. Their parts are the inputs, or as many as inputs says."""
        single = isinstance(data, Tensor) or hasattr(data, "__array__")
        results = self._core.predict(_loader((data,) if single else data, batch_size, False)._handle())
        return results[0] if len(results) == 1 else results

    def stop(self) -> None:
        """Ends the training behind the step that is going on; from callbacks and other threads."""
        self._core.stop()

    def save(self, path: Path, training: Data = None, *, batch_size: int = 32) -> None:
        """Saves everything: weights, optimizer, schedule, random numbers, place in the data, rule, history.

        training: what the model is trained from; that of the last fit() or load() without."""
        self._core.save(self._same(training, batch_size), os.fspath(path))

    def load(self, path: Path, training: Data = None, *, batch_size: int = 32) -> None:
        """Goes on from what save() or checkpoints of a trainer made in the same way have left, in any language."""
        self._training = self._same(training, batch_size)
        self._core.load(self._training, os.fspath(path))

    def _same(self, training: Data, batch_size: int) -> _C.Loader:
        if training is not None:
            return self._source(training, batch_size, True)
        if self._training is None:
            raise ValueError("Trainer: expects the data that the model is trained from")
        return self._training

    def _source(self, data: Data, batch_size: int, shuffle: bool) -> _C.Loader:
        """The batches of data in the engine, which stay where they stand as long as the trainer lives."""
        if id(data) not in self._sources:
            self._sources[id(data)] = data, _loader(data, batch_size, shuffle)._handle()
        return self._sources[id(data)][1]

    @property
    def history(self) -> History:
        """A row for each epoch."""
        return History(self._core.history())

    @property
    def epoch(self) -> int:
        """Epochs that are done."""
        return self._core.state()[0]

    @property
    def step(self) -> int:
        """Steps of the optimizer so far."""
        return self._core.state()[1]

    @property
    def end_reason(self) -> str | None:
        """Why training ended; None at the number of epochs that was asked for."""
        return self._core.state()[2]

    @property
    def best(self) -> tuple[int, float] | None:
        """The epoch, counted from 0, and the value of what is watched, with which the model was best."""
        return self._core.state()[3]

    def _show(self, progress: Any) -> None:
        file = sys.stderr if progress is True else progress
        self._write = None
        if not file:
            return

        def write(text: str) -> None:
            file.write(text)
            file.flush()

        self._write = write
        if not self._shows:
            self._shows = True
            isatty = getattr(file, "isatty", lambda: False)
            columns = os.get_terminal_size(file.fileno()).columns if isatty() else 0
            self._writer = _writing(self)
            self._core.show_progress(self._writer, columns)


def _writing(trainer: Trainer) -> Callable[[str], None]:
    """What writes for a trainer without keeping it alive."""
    known = ref(trainer)

    def write(text: str) -> None:
        trainer = known()
        if trainer is not None and trainer._write is not None:
            trainer._write(text)

    return write


def _telling(trainer: Trainer) -> Callable[..., None]:
    """What tells the callbacks of a trainer without keeping it alive."""
    known = ref(trainer)

    def tell(kind: int, epoch: int, epochs: int, batch: int, batch_count: int, *rest: Any) -> None:
        trainer = known()
        if trainer is None:
            return
        name = _KINDS[kind]
        event = TrainingEvent(name, epoch, epochs, batch, None if batch_count < 0 else batch_count, *rest)
        for callback in trainer.callbacks:
            if isinstance(callback, Callback):
                getattr(callback, f"on_{name}")(trainer, event)
            else:
                callback(event)

    return tell


def _patterns(patterns: Patterns) -> list[str]:
    return [patterns] if isinstance(patterns, str) else list(patterns)


def _loss_of(loss: Any) -> Any:
    """The loss itself, or that of a head."""
    return getattr(loss, "loss", loss)


def _named(metrics: Mapping[str, Metric] | Iterable[Metric] | None) -> dict[str, Metric]:
    from collections.abc import Mapping

    if metrics is None or isinstance(metrics, Mapping):
        return dict(metrics or {})
    return {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(metric).__name__).lower(): metric for metric in metrics}


def _host(module: Any) -> Any:
    """A module or function of Python as a layer of the engine."""
    if not callable(module):
        raise TypeError(f"Trainer: expects a module or a function, not {type(module).__name__}")
    name = getattr(module, "__name__", type(module).__name__)
    if not isinstance(module, Module):
        return _C.host_layer(name, [], module, lambda mode: None)
    parameters = {id(parameter) for parameter in module.parameters()}
    state = [(key, value, id(value) in parameters) for key, value in module.state_dict(keep_vars=True).items()]
    return _C.host_layer(name, state, module, module.train)


def _loader(data: Data, batch_size: int, shuffle: bool) -> DataLoader[Any]:
    """What gives batches of data."""
    from swiftnn.utils.data import DataLoader, Dataset, TensorDataset

    if isinstance(data, (tuple, list)):
        data = TensorDataset(*(_C.as_tensor(part) for part in data))
    if isinstance(data, Dataset):
        data = DataLoader(data, batch_size, shuffle=shuffle)
    if not isinstance(data, DataLoader):
        raise TypeError(f"fit: expects a DataLoader, a Dataset or arrays, not {type(data).__name__}")
    return data
