"""The figures of a run as tables."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from statistics import median
from typing import Any

import steps

TITLES = {"torch": "PyTorch", "torch-compile": "its compile", "jax": "JAX jit", "numpy": "OpenBLAS (NumPy)"}
START, END = "<!-- figures of benchmarks/run.py: start -->", "<!-- figures of benchmarks/run.py: end -->"


def machine() -> str:
    """The processor, and the versions of all contestants."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    versions = []
    for name in ("swiftnn", "torch", "jax", "numpy"):
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores; {', '.join(versions)}"


def duration(seconds: float) -> str:
    return f"{1e6 * seconds:.0f} µs" if seconds < 1e-3 else f"{1e3 * seconds:.2f} ms"


def best_peer(entry: dict[str, Any]) -> float:
    """How much longer the best of the peers took; 0 without peers."""
    ratios = [own["ratio"] for name, own in entry["contestants"].items() if name != "swiftnn"]
    return min(ratios, default=0.0)


def rate(entry: dict[str, Any]) -> float:
    return float(entry["gflop"] / entry["contestants"]["swiftnn"]["seconds"])


def step_line(case: str, entry: dict[str, Any]) -> str:
    others = ", ".join(
        f"{TITLES[name]} {duration(own['seconds'])} = {own['ratio']:.2f}×"
        for name, own in entry["contestants"].items()
        if name != "swiftnn"
    )
    return f"{case:10} {duration(entry['contestants']['swiftnn']['seconds'])}; {others}"


def product_line(case: str, entry: dict[str, Any]) -> str:
    return f"{case:32} {rate(entry):6.1f} GFLOP/s; " + ", ".join(
        f"{name} {own['ratio']:.2f}×" for name, own in entry["contestants"].items() if name != "swiftnn"
    )


def page(figures: dict[str, Any]) -> str:
    parts = [f"{figures['machine']}; {figures['threads']} threads.", ""]
    best = max((rate(entry) for table in ("steps", "products") for entry in figures[table].values()), default=1.0)
    if figures["steps"]:
        parts += step_table(figures["steps"], best)
    if figures["products"]:
        parts += product_table(figures["products"])
    return "\n".join(parts)


def step_table(rows: dict[str, Any], best: float) -> list[str]:
    names = [name for name in TITLES if any(name in entry["contestants"] for entry in rows.values())]
    head = ["step", "SwiftNN", *(TITLES[name] for name in names), "best peer ÷ SwiftNN", "GFLOP/s"]
    head += ["of the best rate seen", "system allocations a step", "memory: SwiftNN, PyTorch", "losses differ by"]
    lines = [line(head), line(["---"] * len(head))]
    for case, entry in rows.items():
        all_of = entry["contestants"]
        cells = [steps.STEPS[case].title, duration(all_of["swiftnn"]["seconds"])]
        cells += [
            f"{duration(all_of[name]['seconds'])} ({all_of[name]['ratio']:.2f}×)" if name in all_of else "–"
            for name in names
        ]
        memory = [
            f"{all_of[name]['memory'] / 2**20:.0f} MiB" if name in all_of else "–" for name in ("swiftnn", "torch")
        ]
        difference = f"{entry['loss_difference']:.0e}" if "loss_difference" in entry else "–"
        cells += [f"**{best_peer(entry):.2f}**", f"{rate(entry):.0f}", f"{rate(entry) / best:.0%}",
                  f"{entry['allocations']:.2f}", ", ".join(memory), difference]  # fmt: skip
        lines.append(line(cells))
    return [*lines, ""]


def product_table(rows: dict[str, Any]) -> list[str]:
    names = [name for name in ("numpy", "torch") if any(name in entry["contestants"] for entry in rows.values())]
    lines = []
    for name in names:
        ratios = [entry["contestants"][name]["ratio"] for entry in rows.values()]
        level = sum(ratio >= 1 for ratio in ratios)
        lines.append(
            f"Against {TITLES[name]}: level or ahead on {level} of {len(ratios)} shapes ({level / len(ratios):.0%}), "
            f"least {min(ratios):.2f}, median {median(ratios):.2f}."
        )
    head = ["product", "SwiftNN, GFLOP/s", *(f"{TITLES[name]} ÷ SwiftNN" for name in names)]
    lines += ["", line(head), line(["---"] * len(head))]
    for case, entry in rows.items():
        ratios = [f"{entry['contestants'][name]['ratio']:.2f}" for name in names]
        lines.append(line([case, f"{rate(entry):.1f}", *ratios]))
    return [*lines, ""]


def line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def comparison(old: dict[str, Any], new: dict[str, Any]) -> str:
    """SwiftNN of two runs, each measured by the best peer of its own run."""
    lines = [line(["case", "best peer ÷ SwiftNN before", "now"]), line(["---"] * 3)]
    for table in ("steps", "products"):
        for case, entry in new[table].items():
            if case in old[table]:
                lines.append(line([case, f"{best_peer(old[table][case]):.2f}", f"{best_peer(entry):.2f}"]))
    return "\n".join(lines)


def write(path: Path, figures: dict[str, Any]) -> None:
    """Puts the tables between the marks of a page."""
    text = path.read_text()
    if START not in text or END not in text:
        raise SystemExit(f"{path}: the marks {START} and {END} are missing")
    before, rest = text.split(START)
    path.write_text(before + START + "\n" + page(figures) + "\n" + END + rest.split(END)[1])
