"""Golden numbers that belong to no single operation: one module each, one JSON file each, with `golden()`."""

import importlib
import json
from pathlib import Path

NAMES = ["promotion", "views", "in_place", "indexing", "descriptions", "optimizers", "schedules", "transforms"]


def write(folder: Path) -> None:
    for name in NAMES:
        golden = importlib.import_module(f"units.{name}").golden()
        lines = ",\n".join(json.dumps(item, allow_nan=False) for item in golden)
        (folder / f"{name}.json").write_text(f"[\n{lines}\n]\n")
