"""Makes a linker that drops what nothing needs of Swift's standard library.

Swift marks all public functions of its static library as retained (SHF_GNU_RETAIN), which --gc-sections honours: three
quarters of a megabyte that nothing calls. Here a copy of the library's object keeps the mark on the runtime's records
alone, and the linker made is lld with that copy before all else, so that the archive's own is never taken.

Usage: lean.py FOLDER, for FOLDER/ld.lld
"""

import json
import pathlib
import struct
import subprocess
import sys

RETAIN = 0x200000
CODE_AND_DATA = (b".text", b".rodata", b".data")


def standard_library(libraries: pathlib.Path) -> bytes:
    """The object of the standard library in its archive."""
    archive = libraries / "swift_static" / "linux" / "libswiftCore.a"
    return subprocess.run(["ar", "p", archive, "Swift.o"], capture_output=True, check=True).stdout


def without_marks(original: bytes) -> bytearray:
    """A 64-bit ELF object whose sections of code and data are no longer retained."""
    elf = bytearray(original)
    if elf[:6] != b"\x7fELF\x02\x01":
        sys.exit("lean.py: Swift.o is not a little-endian 64-bit ELF object")
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


target = json.loads(subprocess.run(["swiftc", "-print-target-info"], capture_output=True, check=True).stdout)
libraries = pathlib.Path(target["paths"]["runtimeResourcePath"]).parent
folder = pathlib.Path(sys.argv[1]).resolve()
folder.mkdir(parents=True, exist_ok=True)
copy, linker = folder / "Swift.o", folder / "ld.lld"
copy.write_bytes(without_marks(standard_library(libraries)))
linker.write_text(f"#!/bin/sh\nexec '{libraries.parent}/bin/ld.lld' '{copy}' \"$@\"\n")
linker.chmod(0o755)
