"""Builds the extension and puts libswiftnn.so beside it."""

import os
import pathlib
import re
import shutil
import subprocess
import sysconfig

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:
    from wheel.bdist_wheel import bdist_wheel

ROOT = pathlib.Path(__file__).resolve().parent
LIBRARY = ROOT / "build" / "lib" / "libswiftnn.so"
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))  # has no limited API


def newest(*folders: str) -> float:
    return max(path.stat().st_mtime for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())


def make_library() -> pathlib.Path:
    """libswiftnn.so: the one named by SWIFTNN_LIBRARY, or the one that `make lib` leaves."""
    given = os.environ.get("SWIFTNN_LIBRARY")
    if given:
        return pathlib.Path(given).resolve()
    if not LIBRARY.exists() or LIBRARY.stat().st_mtime < newest("Sources", "include"):
        subprocess.run(["make", "lib"], cwd=ROOT, check=True)
    return LIBRARY


def loaded_name(library: pathlib.Path) -> str:
    """The name under which the loader looks for the library: its SONAME."""
    found = re.search(rb"libswiftnn\.so\.\d+(?=\0)", library.read_bytes())
    return found.group().decode() if found else "libswiftnn.so"


class BuildExtension(build_ext):
    def run(self) -> None:
        library = make_library()
        for extension in self.extensions:
            extension.library_dirs = [str(library.parent)]
        super().run()
        target = pathlib.Path(self.get_ext_fullpath("swiftnn._C")).parent
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy2(library, target / loaded_name(library))


class Abi3Wheel(bdist_wheel):
    def get_tag(self) -> tuple[str, str, str]:
        python, abi, platform = super().get_tag()
        return (python, abi, platform) if FREE_THREADED else ("cp311", "abi3", platform)


extension = Extension(
    "swiftnn._C",
    sources=sorted(str(path.relative_to(ROOT)) for path in (ROOT / "bindings/python/src").glob("*.c")),
    depends=["bindings/python/src/binding.h", "include/swiftnn.h"],
    include_dirs=["include"],
    libraries=["swiftnn"],
    runtime_library_dirs=["$ORIGIN"],
    define_macros=[] if FREE_THREADED else [("Py_LIMITED_API", "0x030B0000")],
    extra_compile_args=["-std=gnu11", "-O2", "-g0", "-Wall", "-Wextra", "-fvisibility=hidden"],
    extra_link_args=["-Wl,-s"],
    py_limited_api=not FREE_THREADED,
)

setup(ext_modules=[extension], cmdclass={"build_ext": BuildExtension, "bdist_wheel": Abi3Wheel})
