"""Golden numbers that belong to no single operation: one module each, one JSON file each, with `golden()`."""

import importlib
import json
from pathlib import Path

NAMES: list[str] = []


def write(folder: Path) -> None:
    for name in NAMES:
        golden = importlib.import_module(f"units.{name}").golden()
        (folder / f"{name}.json").write_text(json.dumps(golden, indent=None, separators=(", ", ": ")) + "\n")
