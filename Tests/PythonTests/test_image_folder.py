"""Folders of pictures."""

import struct
import zlib

import pytest

import swiftnn as snn
from swiftnn.data import ImageFolder


def png(width, height, pixels):
    """A picture of 8-bit RGB."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + pixels[3 * width * y : 3 * width * (y + 1)] for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def root(tmp_path):
    for name in ("b/x.png", "a/2.PNG", "a/1.jpg", "a/deep/0.png", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(png(2, 1, bytes(range(6))))
    return tmp_path


def test_classes_and_samples(root):
    folder = ImageFolder(root, loader=lambda path: path)
    assert folder.classes == ["a", "b"] and folder.class_to_idx == {"a": 0, "b": 1}
    names = [str(root / name) for name in ("a/1.jpg", "a/2.PNG", "a/deep/0.png", "b/x.png")]
    assert folder.samples == list(zip(names, [0, 0, 0, 1])) == folder.imgs
    assert folder.targets == [0, 0, 0, 1] and len(folder) == 4 and folder[3] == (names[3], 1)
    changed = ImageFolder(root, lambda path: path[-3:], lambda target: -target, loader=lambda path: path)
    assert changed.__getitems__([3, 0]) == [("png", -1), ("jpg", 0)]
    chosen = ImageFolder(root, is_valid_file=lambda path: path.endswith("txt"), allow_empty=True)
    assert [path[-9:] for path, _ in chosen.samples] == ["notes.txt"]


def test_empty_folders_are_errors(root, tmp_path):
    (root / "c").mkdir()
    with pytest.raises(FileNotFoundError, match=r"no valid file for the classes c\. Supported extensions are: \.jpg"):
        ImageFolder(root)
    assert len(ImageFolder(root, allow_empty=True)) == 4
    with pytest.raises(FileNotFoundError, match="Couldn't find any class folder"):
        ImageFolder(root / "c")


def test_pictures_are_decoded_by_pillow(root):
    image, target = ImageFolder(root)[3]
    assert image.dtype == snn.uint8 and image.tolist() == [[[0, 3]], [[1, 4]], [[2, 5]]] and target == 1
    (root / "b" / "x.png").write_bytes(b"no picture")
    with pytest.raises(OSError, match=r"x\.png: "):
        ImageFolder(root)[3]
