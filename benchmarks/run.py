#!/usr/bin/env python3
"""Times training steps and matrix products against the peers, in turn, in one run.

run.py                              everything, against every peer that is installed
run.py gpt cnn --peers torch        some cases, some peers
run.py --json new.json --compare old.json
run.py --write ../docs/performance.md

Each contestant runs in a process of its own; they take turns, so that a machine whose speed drifts is the same for all.
A figure is the median of the rounds, a ratio the median of the ratios of the rounds.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import products
import report
import steps

HERE = Path(__file__).parent
PEERS = {"step": ["torch", "torch-compile", "jax"], "product": ["numpy", "torch"]}
NOT_IN_JAX = ("lstm", "resnet18")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "SWIFTNN_NUM_THREADS")


class Worker:
    """A contestant in its process."""

    def __init__(self, name: str, threads: int) -> None:
        environment = os.environ | {variable: str(threads) for variable in THREADS} | {"JAX_PLATFORMS": "cpu"}
        self.process = subprocess.Popen(
            [sys.executable, HERE / "worker.py", name, str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, env=environment,
        )  # fmt: skip

    def __call__(self, do: str, **request: Any) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"do": do} | request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args[2]}: stopped at {do} {request}")  # type: ignore[index]
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def measured(workers: dict[str, Worker], case: str, rounds: int, seconds: float) -> dict[str, list[dict[str, Any]]]:
    """Every contestant in turn, so many times."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in workers}
    for worker in workers.values():
        worker("run", case=case, seconds=seconds / 2)
    for _ in range(rounds):
        for name, worker in workers.items():
            time.sleep(0.02)  # the threads of the one before go to sleep
            found[name].append(worker("run", case=case, seconds=seconds))
    return found


def row(found: dict[str, list[dict[str, Any]]], gflop: float) -> dict[str, Any]:
    ours = found["swiftnn"]
    entry: dict[str, Any] = {"gflop": gflop, "contestants": {}}
    for name, rounds in found.items():
        times = [turn["seconds"] for turn in rounds]
        ratios = [turn["seconds"] / own["seconds"] for turn, own in zip(rounds, ours, strict=True)]
        entry["contestants"][name] = {"seconds": median(times), "least": min(times), "ratio": median(ratios)}
    entry["allocations"] = median(turn["allocations"] for turn in ours)
    return entry


def step_rows(cases: list[str], options: argparse.Namespace) -> dict[str, Any]:
    rows = {}
    for case in cases:
        peers = [name for name in options.peers["step"] if not (name == "jax" and case in NOT_IN_JAX)]
        workers = {name: Worker(name, options.threads) for name in ["swiftnn", *peers]}
        for worker in workers.values():
            worker("prepare", kind="step", case=case)
        losses = {
            name: workers[name]("losses", case=case, count=20)["losses"]
            for name in ("swiftnn", "torch")
            if name in workers
        }
        rows[case] = row(measured(workers, case, options.rounds, options.seconds), steps.STEPS[case].gflop)
        for name, worker in workers.items():
            rows[case]["contestants"][name]["memory"] = worker("memory")["peak"]
            worker.close()
        if len(losses) == 2:
            rows[case]["loss_difference"] = max(abs(a - b) for a, b in zip(*losses.values(), strict=True))
        print(report.step_line(case, rows[case]), flush=True)
    return rows


def product_rows(cases: list[str], options: argparse.Namespace) -> dict[str, Any]:
    workers = {name: Worker(name, options.threads) for name in ["swiftnn", *options.peers["product"]]}
    rows = {}
    for case in cases:
        for worker in workers.values():
            worker("prepare", kind="product", case=case)
        rows[case] = row(measured(workers, case, options.rounds, options.seconds / 6), products.gflop(case))
        print(report.product_line(case, rows[case]), flush=True)
    for worker in workers.values():
        worker.close()
    return rows


def installed(names: list[str], wanted: list[str] | None) -> list[str]:
    return [
        name
        for name in names
        if (wanted is None or name in wanted) and importlib.util.find_spec(name.partition("-")[0])
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", help=f"of {', '.join(steps.STEPS)}, products, or a product by name")
    parser.add_argument(
        "--peers", nargs="*", help="torch, torch-compile, jax, numpy; all that are installed unless given"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--seconds", type=float, default=0.6, help="a turn's length for steps; a sixth of it for products"
    )
    parser.add_argument("--json", type=Path, help="writes all figures there")
    parser.add_argument("--compare", type=Path, help="figures of an earlier run to stand beside these")
    parser.add_argument("--write", type=Path, help="writes the tables into this page, between its marks")
    options = parser.parse_args()
    options.peers = {kind: installed(names, options.peers) for kind, names in PEERS.items()}
    wanted = options.cases or [*steps.STEPS, "products"]
    chosen_steps = [case for case in steps.STEPS if case in wanted]
    chosen_products = [case for case in products.SHAPES if "products" in wanted or case in wanted]
    unknown = set(wanted) - set(chosen_steps) - set(chosen_products) - {"products"}
    if unknown:
        parser.error(f"there is no case {', '.join(sorted(unknown))}")
    figures: dict[str, Any] = {"machine": report.machine(), "threads": options.threads, "steps": {}, "products": {}}
    if chosen_steps:
        figures["steps"] = step_rows(chosen_steps, options)
    if chosen_products:
        figures["products"] = product_rows(chosen_products, options)
    print("\n" + report.page(figures))
    if options.compare:
        print(report.comparison(json.loads(options.compare.read_text()), figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    if options.write:
        report.write(options.write, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
