#!/usr/bin/env python3
"""Writes the golden numbers: cases.json, layers.json, values.safetensors, and the files of units/ and of optimizers/.

generate.py           computes everything anew (needs torch and numpy)
generate.py --check   fails when the table has other cases than the files (needs neither)
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import table

HERE = Path(__file__).parent
CASES, LAYERS, VALUES = HERE / "cases.json", HERE / "layers.json", HERE / "values.safetensors"
C_LAYERS = HERE.parent / "CTests" / "layer_cases.inc"
C_OPTIMIZERS = HERE.parent / "CTests" / "optimizer_cases.inc"
OPTIMIZERS, SAVED_OPTIMIZERS = HERE / "optimizers.json", HERE / "optimizers.pt"


def check() -> int:
    """The number of files that hold other cases than the table."""
    return sum(is_stale(path, cases) for path, cases in zip((CASES, LAYERS), table.load(), strict=True))


def is_stale(path: Path, cases: list) -> bool:
    known = [entry["text"] for entry in json.loads(path.read_text())["cases"]] if path.exists() else []
    wanted = [case.text for case in cases]
    stale = [f"not in the table any more: {text}" for text in known if text not in set(wanted)]
    missing = [f"not in {path.name}: {text}" for text in wanted if text not in set(known)]
    for line in stale + missing:
        print(line)
    if known != wanted and not stale + missing:
        print(f"the cases of {path.name} stand in another order, or some more than once")
    if known != wanted:
        print("run `make golden`")
    return known != wanted


def generate() -> None:
    import evaluate
    import evaluate_layers
    import units

    store = evaluate.Store()
    cases, layers = table.load()
    write(CASES, [(case.text, lambda case=case: evaluate.entry(case, store)) for case in cases])
    write(LAYERS, [(case.text, lambda case=case: evaluate_layers.entry(case, store)) for case in layers])
    C_LAYERS.write_text(evaluate_layers.c_table(layers))
    VALUES.write_bytes(store.safetensors())
    print(f"{len(store.tensors)} tensors, {VALUES.stat().st_size // 1024} KiB")
    units.write(HERE)
    C_OPTIMIZERS.write_text(units.optimizers.c_table(json.loads(OPTIMIZERS.read_text())))
    SAVED_OPTIMIZERS.write_bytes(units.optimizers.states())


def write(path: Path, entries: list) -> None:
    lines = []
    for text, evaluated in entries:
        try:
            lines.append(json.dumps(evaluated(), allow_nan=False))
        except Exception as error:
            raise SystemExit(f"{text}: {error}") from error
    path.write_text('{"cases": [\n' + ",\n".join(lines) + "\n]}\n")
    print(f"{path.name}: {len(lines)} cases")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        return check()
    generate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
