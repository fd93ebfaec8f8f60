"""Arrays and tables in files, against NumPy, and what pandas made of the same text."""

import functools
import gzip
import io
import json
import math
import operator
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

import swiftnn as snn
from swiftnn import data

GOLDEN = json.loads((Path(__file__).parents[1] / "Golden" / "data.json").read_text())
SEEDS = Path(__file__).parents[1] / "CTests" / "seeds" / "files"


def npy(array, version=None):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version)
    return stream.getvalue()


# ---- NPY and NPZ


@pytest.mark.parametrize(
    "kind",
    ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", ">f2", ">f4", ">f8", ">i2", ">i8", ">u4"],
)
@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_npy_of_every_type(kind, version, tmp_path):
    values = np.array([[0, 1, 2], [3, 100, 7]]).astype(kind)
    for array in (values, np.asfortranarray(values), values[0, 1].reshape(()), values[:0]):
        path = tmp_path / "a.npy"
        path.write_bytes(npy(array, version))
        for found in (data.load_npy(path), data.load_npy(path, mmap=True), data.load_npy(npy(array, version))):
            assert found.shape == array.shape
            assert np.array_equal(found.numpy(), array)


def test_npy_is_mapped_without_a_copy(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.zeros((256, 1024, 8), "f4"))
    before = snn._C.memory_counts()
    tensor = data.load_npy(path, mmap=True)
    assert snn._C.memory_counts()["in_use"] == before["in_use"]
    tensor[0] = 1.0
    assert np.load(path)[0].max() == 0


@pytest.mark.parametrize("kind", [snn.float32, snn.float64, snn.float16, snn.int64, snn.int32, snn.uint8, snn.bool])
def test_numpy_reads_what_is_saved(kind, tmp_path):
    tensor = snn.arange(6).reshape(2, 3).to(kind)
    for value in (tensor, tensor.t(), tensor[0, 0], tensor[0], tensor[:0]):
        data.save_npy(tmp_path / "a.npy", value)
        found = np.load(tmp_path / "a.npy")
        assert (
            found.shape == value.shape and np.array_equal(found, value.numpy()) and found.dtype == value.numpy().dtype
        )
        data.save_npz(tmp_path / "a.npz", value, b=value)
        with np.load(tmp_path / "a.npz") as arrays:
            assert sorted(arrays) == ["arr_0", "b"] and np.array_equal(arrays["b"], value.numpy())


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz(save, tmp_path):
    arrays = {"a": np.arange(100000.0), "b": np.eye(3, dtype=">i2"), "ü": np.zeros((0, 2), bool)}
    save(tmp_path / "a.npz", **arrays)
    for found in (data.load_npz(tmp_path / "a.npz"), data.load_npz(tmp_path / "a.npz", mmap=True)):
        assert found.files == list(arrays) and len(found) == 3 and "c" not in found
        for name, array in arrays.items():
            assert np.array_equal(found[name].numpy(), array)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.array([{}], object), "Python objects"),
        (np.zeros(2, "c8"), "complex"),
        (np.array(["a"]), "text"),
        (np.zeros(2, "M8[s]"), "times"),
        (np.zeros(2, np.longdouble), "floats of 16 bytes"),
        (np.zeros(2, "i4,f4"), "records"),
        (np.array([2**63], "u8"), "2^63"),
    ],
)
def test_npy_that_no_tensor_holds(array, said):
    with pytest.raises((OSError, NotImplementedError), match=said.replace("^", r"\^")):
        data.load_npy(npy(array))


def test_broken_npy_names_the_place(tmp_path):
    whole = npy(np.arange(4.0))
    (tmp_path / "a.npy").write_bytes(whole[:-1])
    with pytest.raises(
        OSError, match=r"a\.npy: shape \[4\] of '<f8' needs 32 bytes behind the header, the file has 31"
    ):
        data.load_npy(tmp_path / "a.npy")
    with pytest.raises(OSError, match="at byte"):
        data.load_npy(whole.replace(b"False", b"Maybe"))
    with pytest.raises(OSError, match="version 9"):
        data.load_npy(whole[:6] + b"\x09" + whole[7:])
    for size in range(len(whole)):
        with pytest.raises((OSError, ValueError)):
            data.load_npy(whole[:size])


def test_bombs_are_refused(tmp_path):
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, a=np.zeros(1 << 22, "u1"))
    assert path.stat().st_size < 10000
    with pytest.raises(OSError, match="unpack to 4194432 bytes, more than the limit of 1000000"):
        data.load_npz(path, max_bytes=1000000)
    assert data.load_npz(path)["a"].sum() == 0
    packed = gzip.compress(struct.pack(">BBBBI", 0, 0, 8, 1, 1 << 22) + bytes(1 << 22))
    with pytest.raises(OSError, match="unpacks to more than the limit of 1000000 bytes"):
        data.read_idx(packed, max_bytes=1000000)


def test_changed_npz_is_noticed(tmp_path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, a=np.arange(1000))
    with zipfile.ZipFile(path) as file:
        start = file.infolist()[0].header_offset + 200
    whole = bytearray(path.read_bytes())
    whole[start] ^= 0x10
    with pytest.raises(OSError):
        data.load_npz(bytes(whole))["a"]


# ---- IDX and CIFAR


@pytest.mark.parametrize(("kind", "code"), [("u1", 8), ("i1", 9), (">i2", 11), (">i4", 12), (">f4", 13), (">f8", 14)])
def test_idx(kind, code, tmp_path):
    array = (np.arange(24).reshape(2, 3, 4) - (0 if kind == "u1" else 5)).astype(kind)
    whole = struct.pack(">BBBB3I", 0, 0, code, 3, 2, 3, 4) + array.tobytes()
    path = tmp_path / "a.idx"
    for stored in (whole, gzip.compress(whole), gzip.compress(whole[:20]) + gzip.compress(whole[20:])):
        path.write_bytes(stored)
        for found in (data.read_idx(path), data.read_idx(path, mmap=True), data.read_idx(stored)):
            assert np.array_equal(found.numpy(), array)
    with pytest.raises(OSError, match=rf"end at byte {len(whole)}, the file at {len(whole) - 1}"):
        data.read_idx(whole[:-1])
    with pytest.raises(OSError, match="not an IDX file"):
        data.read_idx(b"abcdef")


def test_cifar(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (3, 3072), dtype="u1")
    ten = b"".join(bytes([label]) + row.tobytes() for label, row in zip((3, 9, 0), pixels))
    images, labels = data.read_cifar(ten)
    assert np.array_equal(images.numpy(), pixels.reshape(3, 3, 32, 32)) and labels.tolist() == [3, 9, 0]
    (tmp_path / "b").write_bytes(ten)
    images, labels = data.read_cifar(ten, tmp_path / "b", mmap=True)
    assert images.shape == (6, 3, 32, 32) and labels.dtype == snn.int64 and labels.tolist() == [3, 9, 0] * 2
    hundred = b"".join(bytes([7, 77]) + row.tobytes() for row in pixels)
    images, labels, coarse = data.read_cifar(hundred, classes=100)
    assert np.array_equal(images.numpy(), pixels.reshape(3, 3, 32, 32))
    assert labels.tolist() == [77] * 3 and coarse.tolist() == [7] * 3
    with pytest.raises(OSError, match="record 1 at byte 3073 has label 200 of 10 classes"):
        data.read_cifar(ten[:3073] + b"\xc8" + ten[3074:])
    with pytest.raises(OSError, match="1 are left at the end"):
        data.read_cifar(ten + b"x")


# ---- Tables


@pytest.mark.parametrize("case", GOLDEN["tables"], ids=lambda case: repr(case["text"])[:30])
def test_tables_are_those_of_pandas(case):
    table = data.read_csv(case["text"].encode(), **case["options"])
    assert table.names == [name for name, _ in case["columns"]]
    for name, column in case["columns"]:
        found, values = table[name], column["values"]
        if column["kind"] == "text":
            words = table.words[name]
            assert [None if code < 0 else words[code] for code in found.tolist()] == values
        elif column["kind"] == "float":
            assert found.dtype == snn.float64
            expected = [float.fromhex(value) for value in values]
            assert np.array_equal(found.numpy(), np.array(expected, "f8"), equal_nan=True)
        else:
            assert str(found.dtype).removeprefix("swiftnn.") == {"int": "int64", "bool": "bool"}[column["kind"]]
            assert found.tolist() == values


def test_numbers_are_rounded_as_python_does():
    words = GOLDEN["numbers"]
    text = "x\n" + "\n".join(words) + "\n"
    assert data.read_csv(text.encode(), dtype={"x": float})["x"].tolist() == [float(word) for word in words]


def test_types_missing_values_and_columns():
    text = b"id,area,ok,name\n1,2.5,True,b\n,NA,,a\n3,x,False,b\n"
    table = data.read_csv(text, usecols=["name", "id"], missing=-7)
    assert table.names == ["name", "id"]
    assert table["id"].tolist() == [1, -7, 3] and table["id"].dtype == snn.int64
    assert table["name"].tolist() == [1, 0, 1] and table.words == {"name": ["a", "b"]}
    assert data.read_csv(text, usecols=[2])["ok"].dtype == snn.float64
    assert data.read_csv(text, dtype={"id": str}).words["id"] == ["1", "3"]
    assert data.read_csv(text, dtype={"area": str})["area"].tolist() == [0, -1, 1]
    with pytest.raises(OSError, match=r"the bytes:4: column 2 'area': expects a number, got 'x'"):
        data.read_csv(text, dtype={"area": float})
    with pytest.raises(OSError, match=r"the bytes:2: column 2 'area': expects a whole number, got '2\.5'"):
        data.read_csv(text, dtype={1: int})
    with pytest.raises(OSError, match=r"the bytes:3: column 1 'id': has no value: ''"):
        data.read_csv(text, missing="error")
    with pytest.raises(AttributeError, match="no column 'b'"):
        data.read_csv(text, usecols=["b"])
    with pytest.raises(IndexError, match="no column 4 of 4"):
        data.read_csv(text, usecols=[4])
    matrix = table.to_tensor()
    assert matrix.dtype == snn.float32 and matrix.tolist() == [[1, 1], [0, -7], [1, 3]]


def test_mistakes_name_file_and_line(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text('a,b,c\n"1\n2",2,3\n\n1,2,3,4\n')
    with pytest.raises(OSError, match=r"prices\.csv:5: expects 3 fields, got 4"):
        data.read_csv(path)
    path.write_text('a\n1\n"open\n2\n')
    with pytest.raises(OSError, match=r"prices\.csv:3: a quote that is opened in this row is never closed"):
        data.read_csv(path)
    path.write_bytes(b"a\nx\n\xff\n")
    with pytest.raises(OSError, match=r"prices\.csv:3: column 1 'a': the text is not UTF-8"):
        data.read_csv(path)
    path.write_text("a\n1\n" + "2" * 200 + "\n")
    with pytest.raises(OSError, match=r"prices\.csv:3: a row is longer than the limit of 64 bytes"):
        data.read_csv(path, max_line=64)
    path.write_text("a\nx\ny\nz\n")
    with pytest.raises(OSError, match=r"prices\.csv:4: column 1 'a': has more than 2 different texts"):
        data.read_csv(path, max_words=2)
    path.write_text("")
    with pytest.raises(OSError, match="no columns"):
        data.read_csv(path)
    with pytest.raises(OSError, match="No such file"):
        data.read_csv(tmp_path / "none.csv")
    with pytest.raises(ValueError, match="delimiter"):
        data.read_csv(b"a", sep='"')


def test_rows_are_read_in_any_order(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("i,x,t\n" + "".join(f'{i},{i / 7},"w{i % 5}\n"\n' for i in range(5000)))
    file = data.open_csv(path)
    assert len(file) == 5000 and file.types == ["int", "float", "text"] and file.words("t")[1] == "w1\n"
    whole = file.read()
    assert whole["x"].tolist() == [i / 7 for i in range(5000)]
    parts = list(file.chunks(999))
    assert [len(part) for part in parts] == [999] * 5 + [5]
    assert functools.reduce(operator.iadd, (part["i"].tolist() for part in parts), []) == list(range(5000))
    rows = [4999, 0, 255, 256, 257, 256, 3000, 1]
    assert file.matrix(rows, ["i", "t"], snn.int64).tolist() == [[i, i % 5] for i in rows]
    assert file.matrix(slice(10, 14, 2), ["i"]).tolist() == [[10], [12]]
    assert file.matrix(slice(510, 515), ["i"]).tolist() == [[i] for i in range(510, 515)]
    with pytest.raises(IndexError, match="no row 5000 of 5000"):
        file.matrix([5000])
    with pytest.raises(RuntimeError, match="'x' has numbers that are not whole"):
        file.matrix(dtype=snn.int64)
    examples = data.CSVDataset(file, ["x"], "t")
    x, t = examples[-1]
    assert x.shape == (1,) and t.dtype == snn.int64 and t.item() == 4
    assert [t.item() for _, t in examples.__getitems__([7, 3])] == [2, 3]
    packed = gzip.compress(path.read_bytes())
    path.write_bytes(packed)
    for source in (packed, path):
        assert data.read_csv(source)["i"].tolist() == list(range(5000))


def test_results_do_not_depend_on_threads():
    text = ("a,b\n" + "".join(f"{i * 0.1},{i}\n" for i in range(20000))).encode()
    before = snn.get_num_threads()
    try:
        found = []
        for count in (1, 2, 4):
            snn.set_num_threads(count)
            found.append(data.read_csv(text)["a"].numpy().tobytes())
        assert found[0] == found[1] == found[2]
    finally:
        snn.set_num_threads(before)


def test_tables_are_written_and_read_back(tmp_path):
    table = data.Table(
        {"x": snn.tensor([0.1, math.nan, 1e300], dtype=snn.float64), "a b": [1, 2, 3], "t": [1, -1, 0]},
        {"t": ['"q",\n', "plain"]},
    )
    table.to_csv(tmp_path / "a.csv")
    again = data.read_csv(tmp_path / "a.csv")
    assert np.array_equal(again["x"].numpy(), table["x"].numpy(), equal_nan=True)
    assert again["a b"].tolist() == [1, 2, 3] and again["t"].tolist() == [1, -1, 0] and again.words == table.words
    assert data.Table({"a": snn.tensor([True, False])}).to_csv() == "a\nTrue\nFalse\n"
    assert data.read_csv(data.Table({"a": [math.nan, 1.5]}).to_csv().encode())["a"].tolist()[1] == 1.5
    with pytest.raises(IndexError, match="no word 2 of 2"):
        data.Table({"t": [2]}, {"t": ["a", "b"]}).to_csv()
    with pytest.raises(RuntimeError, match=r"'b' has shape \[2\]"):
        data.Table({"a": [1], "b": [1, 2]}).to_csv()


# ---- Broken files of every kind end with an error


@pytest.mark.parametrize("path", sorted(SEEDS.iterdir()), ids=lambda path: path.name)
def test_cut_files_are_errors_or_shorter(path):
    whole = path.read_bytes()
    readers = [data.load_npy, lambda x: dict(data.load_npz(x)), data.read_idx, data.read_csv, data.read_cifar]
    for size in range(0, min(len(whole), 2000), 7):
        for read in readers:
            try:
                read(whole[:size])
            except (OSError, ValueError, RuntimeError, NotImplementedError) as error:
                assert str(error)


def test_objects_of_files_are_not_pickled():
    with pytest.raises(TypeError):
        pickle.dumps(data.open_csv(b"a\n1\n"))
