"""Optimizers of the engine that step as those of scikit-learn do."""

from __future__ import annotations

from math import sqrt

from swiftnn.optim import SGD, Adam

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from swiftnn import Tensor


class Solver:
    """Steps by gradients, and says what happens when an epoch ends and when nothing becomes better."""

    def __init__(self, optimizer: SGD | Adam) -> None:
        self.optimizer = optimizer

    @property
    def parameters(self) -> list[Tensor]:
        found: list[Tensor] = self.optimizer.param_groups[0]["params"]
        return found

    def zero_grad(self) -> None:
        self.optimizer.zero_grad()

    def step(self) -> None:
        self.optimizer.step()

    def epoch_ends(self, seen: int) -> None:
        """seen: so many examples since training began."""

    def slows_down(self) -> str | None:
        """What is done where nothing becomes better; None: nothing can be done, and training ends."""
        return None


class Momentum(Solver):
    """Momentum whose velocity has the learning rate inside, so that a new rate leaves the velocity as it is."""

    def __init__(self, parameters: Sequence[Tensor], options: Any) -> None:
        self._schedule, self._first, self._power = options.learning_rate, options.learning_rate_init, options.power_t
        nesterov = bool(options.nesterovs_momentum) and options.momentum > 0
        super().__init__(SGD(parameters, lr=self._first, momentum=options.momentum, nesterov=nesterov))

    @property
    def rate(self) -> float:
        found: float = self.optimizer.param_groups[0]["lr"]
        return found

    @rate.setter
    def rate(self, rate: float) -> None:
        """The engine's velocity is free of the rate, and is scaled instead."""
        scale = self.rate / rate
        for parameter, kept in self.optimizer.state.items():
            self.optimizer.state[parameter] = {name: value * scale for name, value in kept.items()}
        self.optimizer.param_groups[0]["lr"] = rate

    def epoch_ends(self, seen: int) -> None:
        if self._schedule == "invscaling":
            self.rate = self._first / (seen + 1) ** self._power

    def slows_down(self) -> str | None:
        if self._schedule != "adaptive" or self.rate <= 1e-6:
            return None
        self.rate /= 5
        return f"Setting learning rate to {self.rate:f}"


class Moments(Solver):
    """Adam whose epsilon is added before the second moment is corrected."""

    def __init__(self, parameters: Sequence[Tensor], options: Any) -> None:
        self._steps, self._epsilon, self._decay = 0, options.epsilon, options.beta_2
        super().__init__(Adam(parameters, lr=options.learning_rate_init, betas=(options.beta_1, options.beta_2)))

    def step(self) -> None:
        self._steps += 1
        self.optimizer.param_groups[0]["eps"] = self._epsilon / sqrt(1 - self._decay**self._steps)
        super().step()


SOLVERS = {"sgd": Momentum, "adam": Moments}
