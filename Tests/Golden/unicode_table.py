"""Writes Sources/CKernels/unicode_table.h, which characters are letters, numbers and spaces: python unicode_table.py.

With the package unicodedata2, of the version of Unicode that it has; else of Python's own.
"""

import pathlib

try:
    import unicodedata2 as unicodedata
except ImportError:
    import unicodedata

TARGET = pathlib.Path(__file__).parents[2] / "Sources" / "CKernels" / "unicode_table.h"


def kind(code: int) -> int:
    category = unicodedata.category(chr(code))
    if category[0] == "Z" or code in (9, 10, 11, 12, 13, 0x85):
        return 3
    return {"L": 1, "N": 2}.get(category[0], 0)


def runs() -> list[tuple[int, int]]:
    """Where a kind begins, and which."""
    found, before = [], -1
    for code in range(0x110000):
        now = kind(code)
        if now != before:
            found.append((code, now))
        before = now
    return found


def main() -> None:
    lines, line = [], " "
    for code, what in runs():
        word = f" {code << 2 | what:#x},"
        if len(line) + len(word) > 118:
            lines.append(line)
            line = " "
        line += word
    text = "\n".join([*lines, line])
    TARGET.write_text(
        f"// Written by Tests/Golden/unicode_table.py from Unicode {unicodedata.unidata_version}: do not edit.\n"
        "// Where a run of characters begins << 2 | 1 for letters, 2 for numbers, 3 for spaces, 0 for others.\n"
        "// clang-format off\n"
        f"static const uint32_t unicode_runs[] = {{\n{text}\n}};\n// clang-format on\n"
    )


if __name__ == "__main__":
    main()
