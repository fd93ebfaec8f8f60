"""Runs PyTorch's public operators through both libraries on the samples of PyTorch's own tests.

run.py                    everything, compared with differences.toml; writes docs/pytorch.md with --write
run.py sort linalg.qr     these operators, with every difference shown
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tomllib
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import torch
from compare import CHECKS, Result, compare
from samples import operators

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "pytorch.md"
DTYPES = [torch.float64, torch.float32, torch.bfloat16, torch.int64, torch.uint8, torch.bool]
SECONDS_AN_OPERATOR = 300


def in_child(op: object, name: str, wide: bool) -> Result:
    """Compares in a process of its own, so that a crash is a difference and not the end."""
    here, there = multiprocessing.Pipe(duplex=False)

    def work() -> None:
        torch.set_num_threads(1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a crash is reported by the parent
        try:
            dtypes = [dtype for dtype in DTYPES if dtype in op.dtypes]
            there.send(compare(op, name, dtypes, wide))
        except Exception as error:
            failed = Result(name)
            failed.differences.append(("function", f"the comparison failed: {type(error).__name__}: {error}"))
            there.send(failed)

    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    there.close()
    try:
        result = here.recv() if here.poll(SECONDS_AN_OPERATOR) else None
    except EOFError:
        result = None
    if result is None:
        child.kill()
        result = Result(name)
        result.differences.append(("function", f"no answer: the process crashed or took over {SECONDS_AN_OPERATOR} s"))
    child.join()
    return result


def reasons_of(result: Result, known: list[dict]) -> tuple[list[str], list[dict]]:
    """The differences that no entry explains, and the entries that were used."""
    entries = [entry for entry in known if any(fnmatch(result.name, pattern) for pattern in entry["operators"])]
    used, unexplained = [], []
    for spelling in result.missing:
        found = [entry for entry in entries if "missing" in entry["checks"]]
        used += found
        if not found:
            unexplained.append(f"missing {spelling}")
    for check, text in result.differences:
        found = [
            entry for entry in entries
            if check in entry["checks"] and fnmatch(text, f"*{entry.get('text', '')}*")
        ]  # fmt: skip
        used += found
        if not found:
            unexplained.append(text)
    return unexplained, used


HEADING = """# Compared with PyTorch

Written by `make conformance` from a run against PyTorch {version} over its public operators, on the samples of
PyTorch's own tests. `function`, `method`, `inplace` and `out` compare values, shapes and dtypes; `gradient` and
`second` the first and second derivatives in float64; `errors` calls that have to fail.

{count} operators are in both libraries. Comparisons: {checks}.

## What differs

| operators | where | why |
|---|---|---|
"""


def page(results: list[Result], known: list[dict]) -> str:
    """docs/pytorch.md: what was compared, and every difference with its reason."""
    total: Counter = Counter()
    for result in results:
        total += result.compared
    heading = HEADING.format(
        version=torch.__version__.split("+")[0],
        count=sum(1 for result in results if result.compared),
        checks=", ".join(f"{check} {total[check]:,}" for check in CHECKS),
    )
    rows = []
    for entry in known:
        names = ", ".join(f"`{name}`" for name in entry["operators"])
        rows.append(f"| {names} | {', '.join(entry['checks'])} | {entry['why']} |\n")
    return heading + "".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("operators", nargs="*", help="names or patterns; all without them")
    parser.add_argument("--write", action="store_true", help="write docs/pytorch.md")
    parser.add_argument("--narrow", action="store_true", help="only the short list of samples")
    parser.add_argument("--show", type=int, default=8, help="differences shown of each operator")
    options = parser.parse_args()
    known = tomllib.loads((HERE / "differences.toml").read_text())["difference"]
    results, unexplained, used = [], 0, []
    for op in operators():
        name = f"{op.name}.{op.variant_test_name}" if op.variant_test_name else op.name
        if options.operators and not any(fnmatch(name, p) or fnmatch(op.name, p) for p in options.operators):
            continue
        skipped = next(
            (e for e in known if e["checks"] == ["all"] and any(fnmatch(name, p) for p in e["operators"])), None
        )
        if skipped:
            used.append(skipped)
            continue
        result = in_child(op, name, not options.narrow)
        results.append(result)
        open_ones, entries = reasons_of(result, known)
        used += entries
        unexplained += len(open_ones)
        if open_ones:
            print(f"{name}: {len(open_ones)} unexplained of {sum(result.compared.values())} comparisons")
            for text in open_ones[: options.show]:
                print(f"    {text}")
            sys.stdout.flush()
    made = sum(sum(result.compared.values()) for result in results)
    print(f"conformance: {len(results)} operators, {made} comparisons, {unexplained} unexplained")
    if not options.operators:
        stale = [entry for entry in known if not any(entry is other for other in used)]
        for entry in stale:
            print(f"no longer differs: {entry['operators']} {entry['checks']} {entry.get('text', '')}")
        unexplained += len(stale)
        if options.write:
            PAGE.write_text(page(results, known))
    return int(unexplained > 0)


if __name__ == "__main__":
    raise SystemExit(main())
