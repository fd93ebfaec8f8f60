"""Function transformations against the numbers that PyTorch gives for the same programs."""

import json
import sys
from pathlib import Path

import pytest

import swiftnn as torch

GOLDEN = Path(__file__).resolve().parents[1] / "Golden"
sys.path.insert(0, str(GOLDEN))
from units import transforms  # noqa: E402

NUMBERS = {entry["program"]: entry["results"] for entry in json.loads((GOLDEN / "transforms.json").read_text())}


@pytest.mark.parametrize("program", transforms.PROGRAMS, ids=lambda program: program.__name__)
def test_program(program):
    found = program(torch)
    expected = NUMBERS[program.__name__]
    assert [list(tensor.shape) for tensor in found] == [entry["shape"] for entry in expected]
    for tensor, entry in zip(found, expected, strict=True):
        assert tensor.detach().flatten().tolist() == pytest.approx(entry["values"], rel=1e-9, abs=1e-11)
