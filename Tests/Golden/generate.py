#!/usr/bin/env python3
"""Writes the golden numbers: cases.json, values.safetensors and the files of units/, computed by PyTorch.

generate.py           computes everything anew (needs torch and numpy)
generate.py --check   fails when the table has other cases than cases.json (needs neither)
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import table

HERE = Path(__file__).parent
CASES, VALUES = HERE / "cases.json", HERE / "values.safetensors"


def check() -> int:
    """The number of differences between the table and cases.json."""
    known = [entry["text"] for entry in json.loads(CASES.read_text())["cases"]] if CASES.exists() else []
    wanted = [case.text for case in table.load()]
    stale = [f"not in the table any more: {text}" for text in known if text not in set(wanted)]
    missing = [f"not in cases.json: {text}" for text in wanted if text not in set(known)]
    for line in stale + missing:
        print(line)
    if known != wanted and not stale + missing:
        print("the cases stand in another order, or some more than once")
    if known != wanted:
        print("run `make golden`")
    return int(known != wanted)


def generate() -> None:
    import evaluate
    import units

    entries, store = [], evaluate.Store()
    for case in table.load():
        try:
            entries.append(json.dumps(evaluate.entry(case, store), allow_nan=False))
        except Exception as error:
            raise SystemExit(f"{case.text}: {error}") from error
    CASES.write_text('{"cases": [\n' + ",\n".join(entries) + "\n]}\n")
    VALUES.write_bytes(store.safetensors())
    print(f"{len(entries)} cases, {len(store.tensors)} tensors, {VALUES.stat().st_size // 1024} KiB")
    units.write(HERE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        return check()
    generate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
