"""Makes a linker that drops what nothing needs of Swift's standard library and of this one.

Swift marks all public functions as retained (SHF_GNU_RETAIN), which --gc-sections honours: more than a megabyte that
nothing calls. The linker made here is lld with copies of the objects that keep the mark on the runtime's records alone.
The standard library's comes before all else, so that the archive's own is never taken.

Usage: lean.py FOLDER, for FOLDER/ld.lld
"""

import json
import pathlib
import shlex
import struct
import subprocess
import sys
import tempfile

RETAIN = 0x200000
CODE_AND_DATA = (b".text", b".rodata", b".data")


def without_marks(original: bytes) -> bytearray:
    """A 64-bit ELF object whose sections of code and data are no longer retained."""
    elf = bytearray(original)
    if elf[:6] != b"\x7fELF\x02\x01":
        sys.exit("lean.py: an object is not a little-endian 64-bit ELF object")
    (table,) = struct.unpack_from("<Q", elf, 0x28)
    size, count, names = struct.unpack_from("<HHH", elf, 0x3A)
    first = struct.unpack_from("<IIQQQQII", elf, table)
    # Numbers too large for the file's header stand in the first section's.
    count, names = count or first[5], first[6] if names == 0xFFFF else names
    (strings,) = struct.unpack_from("<Q", elf, table + names * size + 24)
    for header in range(table, table + count * size, size):
        name, _, flags = struct.unpack_from("<IIQ", elf, header)
        if flags & RETAIN and elf.startswith(CODE_AND_DATA, strings + name):
            struct.pack_into("<Q", elf, header + 8, flags & ~RETAIN)
    return elf


def make(folder: pathlib.Path) -> None:
    """The linker, and beside it the object of the standard library in its archive."""
    target = json.loads(subprocess.run(["swiftc", "-print-target-info"], capture_output=True, check=True).stdout)
    libraries = pathlib.Path(target["paths"]["runtimeResourcePath"]).parent
    archive = libraries / "swift_static" / "linux" / "libswiftCore.a"
    folder.mkdir(parents=True, exist_ok=True)
    library, linker = folder / "Swift.o", folder / "ld.lld"
    library.write_bytes(
        without_marks(subprocess.run(["ar", "p", archive, "Swift.o"], capture_output=True, check=True).stdout)
    )
    words = [sys.executable, str(pathlib.Path(__file__).resolve()), "--link", str(libraries.parent / "bin" / "ld.lld")]
    linker.write_text(f'#!/bin/sh\nexec {shlex.join([*words, str(library)])} "$@"\n')
    linker.chmod(0o755)


def link(linker: str, library: str, arguments: list[str]) -> int:
    """Links copies of the objects among the arguments."""
    words = []
    for argument in arguments:
        words += shlex.split(pathlib.Path(argument[1:]).read_text()) if argument.startswith("@") else [argument]
    with tempfile.TemporaryDirectory() as folder:
        for i, word in enumerate(words):
            if word.endswith(".swift.o"):
                copy = pathlib.Path(folder) / f"{i}-{pathlib.Path(word).name}"
                copy.write_bytes(without_marks(pathlib.Path(word).read_bytes()))
                words[i] = str(copy)
        rest = pathlib.Path(folder) / "arguments"
        rest.write_text(shlex.join(words))
        return subprocess.run([linker, library, f"@{rest}"]).returncode


if sys.argv[1] == "--link":
    sys.exit(link(sys.argv[2], sys.argv[3], sys.argv[4:]))
make(pathlib.Path(sys.argv[1]).resolve())
