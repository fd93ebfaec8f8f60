"""The default random generator."""

from __future__ import annotations

from swiftnn._C import default_generator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from swiftnn._C import Generator, Tensor


def manual_seed(seed: int) -> Generator:
    """Starts the default sequence of random numbers from a seed."""
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Starts the default sequence from a seed of the system and returns it."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the default sequence."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """Where the default sequence stands."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Continues the default sequence from what get_rng_state returned."""
    default_generator.set_state(new_state)
