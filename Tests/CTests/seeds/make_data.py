"""Writes the files of data that the fuzz driver starts from, with NumPy and tokenizers: python make_data.py."""

import gzip
import io
import pathlib
import struct

import numpy
import tokenizers

files = pathlib.Path(__file__).parent / "files"


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def idx(array: numpy.ndarray, code: int) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape) + array.tobytes()


def npy(array: numpy.ndarray, version: tuple[int, int] | None = None) -> bytes:
    stream = io.BytesIO()
    numpy.lib.format.write_array(stream, array, version)
    return stream.getvalue()


def npz(save) -> bytes:
    stream = io.BytesIO()
    save(stream, a=numpy.arange(60.0), b=numpy.eye(3, dtype="<i2"), c=numpy.zeros((2, 0), dtype=bool))
    return stream.getvalue()


def main() -> None:
    tables = {
        "plain": "name,height,age,member\nann,1.5,3,True\nbob,NA,4,False\n\ncarl,-2e3,,True\n",
        "quoted": 'a;"b;""c"""\r\n"one\ntwo";1\r\n# none\r\n"x";2.25\r\n',
        "numbers": "\ufeff" + "".join(f"{i},{i * 0.37},{10.0**i}\n" for i in range(40)),
    }
    bpe = tokenizers.ByteLevelBPETokenizer()
    bpe.train_from_iterator(["the cat sat on the mat, the dog's bone: 12 höhere Häuser\n" * 5], vocab_size=300)
    bpe.save_model(str(files))
    for file, data in {
        "vector.npy": npy(numpy.arange(7, dtype="<f4")),
        "big.npy": npy(numpy.asfortranarray(numpy.arange(6, dtype=">i2").reshape(2, 3)), (2, 0)),
        "wide.npy": npy(numpy.array(2**40, dtype="<u8"), (3, 0)),
        "stored.npz": npz(numpy.savez),
        "packed.npz": npz(numpy.savez_compressed),
        "bytes.idx": idx(numpy.arange(24, dtype=">u1").reshape(2, 3, 4), 8),
        "floats.idx.gz": packed(idx(numpy.arange(5, dtype=">f4"), 13)),
        "two.cifar": bytes(i % 10 for i in range(2 * 3073)),
        "packed.csv.gz": packed(tables["plain"].encode()),
        "characters.json": b'{"type": "character", "unknown": "?", "characters": ["a", "b", "\\u00fc", "\\n"]}',
        **{f"{name}.csv": text.encode() for name, text in tables.items()},
    }.items():
        (files / file).write_bytes(data)


if __name__ == "__main__":
    main()
