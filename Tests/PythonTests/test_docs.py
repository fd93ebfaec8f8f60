"""Code in README and docs runs: Python blocks here, C and Swift blocks as lines of examples that the tests run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language):
    return [
        pytest.param(block, id=f"{page.name}-{number}")
        for page in PAGES
        for number, block in enumerate(re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.M | re.S))
    ]


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


def stands_in(block, folder, ending):
    """Whether one file has all lines of the block, in their order."""

    def has_all(path):
        rest = iter(lines(path.read_text()))
        return all(line in rest for line in lines(block))

    return any(has_all(path) for path in sorted(folder.rglob(f"*{ending}")))


@pytest.mark.parametrize("block", blocks("python"))
def test_python_blocks_run(block, tmp_path):
    script = tmp_path / "block.py"
    script.write_text(block)
    result = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("block", blocks("c"))
def test_c_blocks_stand_in_examples(block):
    assert stands_in(block, ROOT / "examples" / "c", ".c")


@pytest.mark.parametrize("block", [p for p in blocks("swift") if ".package(" not in p.values[0]])
def test_swift_blocks_stand_in_examples(block):
    assert stands_in(block, ROOT / "examples" / "swift", ".swift")
