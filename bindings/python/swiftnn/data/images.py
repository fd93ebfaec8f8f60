"""Folders of pictures, which Pillow decodes."""

from __future__ import annotations

import os

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._creation import frombuffer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Path = str | os.PathLike[str]

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def read_image(path: Path) -> Tensor:
    """A picture as uint8 of [3, height, width]."""
    from PIL import Image  # type: ignore[import-not-found, unused-ignore]

    with open(path, "rb") as file, Image.open(file) as image:
        picture = image.convert("RGB")
    width, height = picture.size
    pixels = frombuffer(bytearray(picture.tobytes()), dtype=_C.uint8)
    return pixels.reshape(height, width, 3).permute(2, 0, 1).contiguous()


class ImageFolder:
    """Pictures in a folder for each class, root/class/….png, as torchvision has them. They are decoded when they are
    asked for, by `loader`: uint8 of [3, height, width]."""

    def __init__(
        self,
        root: Path,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        loader: Callable[[str], Any] = read_image,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        self.root = os.fspath(root)
        self.transform, self.target_transform, self.loader = transform, target_transform, loader
        self.classes, self.class_to_idx = self.find_classes(self.root)
        self.samples = self._samples(is_valid_file, allow_empty)
        self.imgs = self.samples
        self.targets = [target for _, target in self.samples]

    def find_classes(self, directory: str) -> tuple[list[str], dict[str, int]]:
        """The names of the folders, sorted, and their numbers."""
        classes = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
        if not classes:
            raise FileNotFoundError(f"Couldn't find any class folder in {directory}.")
        return classes, {name: number for number, name in enumerate(classes)}

    def _samples(self, is_valid_file: Callable[[str], bool] | None, allow_empty: bool) -> list[tuple[str, int]]:
        is_valid = is_valid_file or (lambda path: path.lower().endswith(IMG_EXTENSIONS))
        samples: list[tuple[str, int]] = []
        empty: list[str] = []
        for name, number in sorted(self.class_to_idx.items()):
            before = len(samples)
            for folder, _, files in sorted(os.walk(os.path.join(self.root, name), followlinks=True)):
                paths = [os.path.join(folder, file) for file in sorted(files)]
                samples += [(path, number) for path in paths if is_valid(path)]
            if len(samples) == before:
                empty.append(name)
        if empty and not allow_empty:
            supported = "" if is_valid_file else f" Supported extensions are: {', '.join(IMG_EXTENSIONS)}"
            raise FileNotFoundError(f"Found no valid file for the classes {', '.join(empty)}.{supported}")
        return samples

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        path, target = self.samples[index]
        try:
            sample = self.loader(path)
        except OSError as error:
            raise OSError(f"{path}: {error}") from error
        if self.transform is not None:
            sample = self.transform(sample)
        return sample, target if self.target_transform is None else self.target_transform(target)

    def __getitems__(self, numbers: Sequence[int]) -> list[tuple[Any, Any]]:
        """Several examples at once, as loaders ask for them."""
        return [self[number] for number in numbers]
