"""Safetensors and checkpoints: what is written is read back, also by others, and what is broken is refused."""

import io
import json
import os
import pathlib
import pickle
import resource
import struct
import zipfile

import pytest

import swiftnn as snn
from swiftnn import nn
from swiftnn.safetensors import SafetensorError, load, load_file, safe_open, save, save_file

DTYPES = [snn.float32, snn.float64, snn.float16, snn.bfloat16, snn.int64, snn.int32, snn.uint8, snn.bool]


def some_tensors():
    tensors = {f"t{i}": snn.arange(i + 1).to(dtype) for i, dtype in enumerate(DTYPES)}
    return tensors | {"scalar": snn.tensor(1.5), "empty": snn.zeros(0, 3)}


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and snn.equal(a, b)


# ---- Safetensors


def test_round_trip_of_every_dtype(tmp_path):
    tensors = some_tensors()
    path = tmp_path / "all.safetensors"
    save_file(tensors, path, {"format": "pt", "ü": '"\\\n\x01'})
    found = load_file(path)
    assert sorted(found) == sorted(tensors)
    assert all(same(found[name], tensors[name]) for name in tensors)
    with safe_open(path, framework="pt") as file:
        assert file.metadata() == {"format": "pt", "ü": '"\\\n\x01'}
        assert file.keys() == sorted(tensors)
        assert file.get_slice("t7").get_shape() == [8]
        assert file.get_slice("t7").get_dtype() == "BOOL"
        assert same(file.get_slice("t1")[1:], tensors["t1"][1:])
    assert all(same(value, tensors[name]) for name, value in load(save(tensors)).items())


def test_the_bytes_are_those_of_the_format():
    data = save({"b": snn.ones(1, dtype=snn.uint8), "a": snn.ones(1), "c": snn.ones(1)}, {"k": "v"})
    size = struct.unpack("<Q", data[:8])[0]
    assert size % 8 == 0
    header = (
        '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},'
        '"c":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"b":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}'
    )
    assert data[8 : 8 + size].decode().rstrip(" ") == header
    assert data[8 + size :] == struct.pack("<ff", 1, 1) + b"\1"


def test_tensors_show_the_file_and_leave_it_alone(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"a": snn.arange(4.0), "b": snn.zeros(1, dtype=snn.uint8)}, path)
    before = path.read_bytes()
    in_use = snn._C.memory_counts()["in_use"]
    found = load_file(path)
    assert snn._C.memory_counts()["in_use"] == in_use
    found["a"].add_(1)
    assert found["a"].tolist() == [1, 2, 3, 4]
    assert path.read_bytes() == before
    save_file({"a": snn.zeros(2)}, path)
    assert found["a"].tolist() == [1, 2, 3, 4]
    os.remove(path)
    assert found["a"].tolist() == [1, 2, 3, 4]


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"a": snn.ones(2)}, path)
    before = path.read_bytes()
    with pytest.raises(TypeError, match="'str'"):
        save_file({"a": snn.ones(3)}, path, {"a": 1})
    with pytest.raises(OSError, match="No such file"):
        save_file({"a": snn.ones(3)}, tmp_path / "nowhere" / "a.safetensors")
    assert os.listdir(tmp_path) == ["a.safetensors"]
    assert path.read_bytes() == before


def test_a_full_disk_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"a": snn.ones(2)}, path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            save_file({"a": snn.ones(10_000)}, path)
        with pytest.raises(OSError, match="File too large"):
            snn.save({"a": snn.ones(10_000)}, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert os.listdir(tmp_path) == ["a.safetensors"]
    assert path.read_bytes() == before


def test_mode_and_links_stay(tmp_path):
    path, link = tmp_path / "a.safetensors", tmp_path / "link"
    save_file({"a": snn.ones(2)}, path)
    path.chmod(0o640)
    link.symlink_to(path)
    save_file({"a": snn.ones(3)}, link)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert load_file(path)["a"].shape == (3,)


def test_what_cannot_be_saved(tmp_path):
    base = snn.zeros(4)
    with pytest.raises(RuntimeError, match="share memory"):
        save({"a": base, "b": base[1:]})
    assert save({"a": base[:2], "b": base[2:]})
    with pytest.raises(ValueError, match="non contiguous tensor: `a`"):
        save({"a": snn.zeros(2, 3).t()})
    with pytest.raises(ValueError, match="Key `a` is invalid"):
        save({"a": 1})
    with pytest.raises(ValueError, match="Expected a dict"):
        save([1])
    with pytest.raises(TypeError, match="'tensor_dict'"):
        save({1: base})


def raw(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def item(dtype="F32", shape=(1,), offsets=(0, 4)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no length"),
        (raw({}, length=100_000_001), "100000001 bytes"),
        (raw({}, length=2**63), "no length"),
        (raw(b"[]"), r"does not begin with '\{'"),
        (raw(b" {}"), r"does not begin with '\{'"),
        (raw(b"{"), "byte 1"),
        (raw(b"{}x"), "the end"),
        (raw(b'{"a":\xff}'), "byte"),
        (raw(b'{"\xff":1}'), "UTF-8"),
        (raw({"a": 1}), "byte"),
        (raw({"a": {}}), "'a' has no dtype"),
        (raw({"a": {"dtype": "F32", "shape": [1]}}), "'a' has no data_offsets"),
        (raw({"a": item("F33")}, bytes(4)), "unknown dtype 'F33'"),
        (raw({"a": item(offsets=(0, 8))}, bytes(4)), "ends at byte 8 of the data, which has 4"),
        (raw({"a": item(offsets=(4, 0))}, bytes(4)), r"data_offsets \[4, 0\]"),
        (raw({"a": item(offsets=(0, 4, 8))}, bytes(8)), r"data_offsets \[0, 4, 8\]"),
        (raw({"a": item(shape=(2,))}, bytes(4)), "needs 8 bytes, its data_offsets hold 4"),
        (raw({"a": item(shape=(2**62, 4))}, bytes(4)), "more elements than can be counted"),
        (raw({"a": item("F4", (1,), (0, 1))}, bytes(1)), "needs 0 bytes"),
        (raw({"a": item(), "b": item()}, bytes(4)), "overlaps another"),
        (raw({"a": item(offsets=(4, 8))}, bytes(8)), "leaves a hole"),
        (raw({"a": item()}, bytes(5)), "hold 4 bytes, the file has 5"),
        (
            raw(
                b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
                bytes(8),
            ),
            "'a' twice",
        ),
        (raw(b'{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', bytes(4)), "'dtype' twice"),
        (raw(b'{"__metadata__":{"a":"b","a":"c"}}'), "metadata has 'a' twice"),
        (raw(b'{"__metadata__":{"a":1}}'), "byte"),
        (raw(b'{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', bytes(4)), "not negative"),
        (raw(b'{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}', bytes(4)), "byte"),
        (raw(b'{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}', bytes(4)), "below 2"),
        (raw(b'{"a":{"x":' + b"[" * 100 + b"]" * 100 + b"}}"), "at most 64 levels"),
    ],
)
def test_broken_safetensors_are_refused(data, message, tmp_path):
    with pytest.raises(SafetensorError, match=message):
        load(data)
    path = tmp_path / "broken"
    path.write_bytes(data)
    with pytest.raises(SafetensorError, match=f"{path}: .*{message}"):
        load_file(path)


def test_unknown_fields_and_escapes_are_read():
    header = b'{"\\u00fc\\ud83d\\ude00":{"dtype":"F32","new":{"x":[1,true,"y"]},"shape":[],"data_offsets":[0,4]}}  '
    assert list(load(raw(header, bytes(4)))) == ["ü😀"]


def test_types_without_tensors_are_named():
    data = raw({"a": item("I16", (2,), (0, 4))}, bytes(4))
    with pytest.raises(NotImplementedError, match="'a' has elements of type I16"):
        load(data)


def test_unaligned_tensors_are_copied():
    data = raw({"b": item("U8", (1,), (0, 1)), "a": item("F32", (2,), (1, 9))}, b"\7" + struct.pack("<ff", 1, 2))
    assert load(data)["a"].tolist() == [1, 2]


def test_files_that_are_none(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_file(tmp_path / "missing")
    with pytest.raises(SafetensorError, match="directory"):
        load_file(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SafetensorError, match="not a regular file"):
        load_file(tmp_path / "pipe")


# ---- Checkpoints


def checkpoint():
    weight = snn.arange(6.0).reshape(2, 3)
    return {
        "model": {"weight": weight, "row": weight[1], "turned": weight.t(), "p": nn.Parameter(snn.ones(2), False)},
        "optimizer": {"state": {0: {"step": snn.tensor(3.0)}}, "param_groups": [{"lr": 0.1, "betas": (0.9, 0.999)}]},
        "epoch": 3,
        "large": -(2**62),
        "small": [255, 256, -1, 2**31 - 1, -(2**31), 2**31],
        "nothing": None,
        "yes": True,
        "dtype": snn.bfloat16,
        "text": "ü😀",
    }


def check_checkpoint(found):
    wanted = checkpoint()
    assert found["optimizer"]["state"][0]["step"].item() == 3
    assert found["optimizer"]["param_groups"] == wanted["optimizer"]["param_groups"]
    for key in ("epoch", "large", "small", "nothing", "yes", "dtype", "text"):
        assert found[key] == wanted[key], key
    model = found["model"]
    assert all(same(model[name], wanted["model"][name]) for name in wanted["model"])
    assert isinstance(model["p"], nn.Parameter)
    assert not model["p"].requires_grad
    model["weight"].zero_()
    assert model["row"].tolist() == [0, 0, 0]
    assert model["turned"].stride() == (1, 3)


@pytest.mark.parametrize("mmap", [False, True])
def test_checkpoints_come_back(tmp_path, mmap):
    path = tmp_path / "a.pt"
    snn.save(checkpoint(), path)
    before = path.read_bytes()
    check_checkpoint(snn.load(path, mmap=mmap))
    assert path.read_bytes() == before


def test_checkpoints_in_memory():
    file = io.BytesIO()
    snn.save(checkpoint(), file)
    file.seek(0)
    check_checkpoint(snn.load(file))
    with zipfile.ZipFile(file) as zip_file:
        assert zip_file.testzip() is None
        assert all(info.compress_type == 0 for info in zip_file.infolist())


def test_state_dicts_of_modules(tmp_path):
    a, b = nn.Linear(3, 2), nn.Linear(3, 2)
    snn.save(a.state_dict(), tmp_path / "a.pt")
    b.load_state_dict(snn.load(tmp_path / "a.pt"))
    assert snn.equal(a.weight, b.weight)
    a.load_state_dict(snn.load(tmp_path / "a.pt", mmap=True), assign=True)
    a(snn.ones(1, 3)).sum().backward()
    assert a.weight.grad is not None


def test_the_report_of_a_state_dict_that_does_not_fit():
    """In PyTorch's words and order."""
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 3, bias=False))
    model.register_parameter("scale", nn.Parameter(snn.zeros(())))
    state = dict(model.state_dict())
    state["scale"] = snn.ones(1)
    assert str(model.load_state_dict(state)) == "<All keys matched successfully>"
    assert model.scale.item() == 1
    del state["0.weight"]
    state |= {"1.new": snn.ones(1), "zz": snn.ones(1), "2.weight": snn.ones(1), "0.bias": 3, "1.weight": snn.ones(2, 2)}
    with pytest.raises(RuntimeError) as problem:
        model.load_state_dict(state)
    assert str(problem.value) == (
        "Error(s) in loading state_dict for Sequential:\n"
        '\tMissing key(s) in state_dict: "0.weight". \n'
        '\tUnexpected key(s) in state_dict: "zz", "2.weight", "1.new". \n'
        '\tWhile copying the parameter named "0.bias", expected swiftnn.Tensor or Tensor-like object from checkpoint '
        "but received <class 'int'>\n"
        "\tsize mismatch for 1.weight: copying a param with shape swiftnn.Size([2, 2]) from checkpoint, the shape in "
        "current model is swiftnn.Size([3, 3])."
    )


def test_what_is_no_value_is_not_saved(tmp_path):
    with pytest.raises(TypeError, match="set"):
        snn.save({"a": {1, 2}}, tmp_path / "a.pt")
    with pytest.raises(OverflowError):
        snn.save(2**64, tmp_path / "a.pt")
    loop = []
    loop.append(loop)
    with pytest.raises(RecursionError):
        snn.save(loop, tmp_path / "a.pt")
    assert os.listdir(tmp_path) == []


def zipped(pickled, data=(), **entries):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zip_file:
        zip_file.writestr("x/data.pkl", pickled)
        for key, value in enumerate(data):
            zip_file.writestr(f"x/data/{key}", value)
        for name, value in entries.items():
            zip_file.writestr(f"x/{name}", value)
    file.seek(0)
    return file


class Evil:
    def __reduce__(self):
        return os.system, ("touch /tmp/never",)


def test_pickles_that_want_more_are_refused():
    with pytest.raises(pickle.UnpicklingError, match=r"refuses to load posix\.system"):
        snn.load(zipped(pickle.dumps({"a": Evil()}, protocol=2)))
    with pytest.raises(pickle.UnpicklingError, match="opcode 0x81"):
        snn.load(zipped(b"\x80\x02ccollections\nOrderedDict\n)\x81."))
    with pytest.raises(pickle.UnpicklingError, match="opcode 0x69"):
        snn.load(zipped(b"\x80\x02(i__main__\nx\n."))
    with pytest.raises(NotImplementedError):
        snn.load(zipped(b"\x80\x02N."), weights_only=False)


TENSOR = (
    b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\n%sStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK%ctQ"
    b"K%c(K%ctq\1(K%ct\x89ccollections\nOrderedDict\n)RtR."
)


@pytest.mark.parametrize("name", ["checkpoint.pt", "old.pt"])
@pytest.mark.parametrize("mmap", [False, True])
def test_files_that_pytorch_wrote(name, mmap):
    found = snn.load(pathlib.Path(__file__).parents[1] / "CTests" / "seeds" / "files" / name, mmap=mmap)
    assert list(found["model"]) == [
        "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked",
    ]  # fmt: skip
    base, part, turned = found["views"]
    assert base.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert part.tolist() == [[4, 6], [8, 10]]
    base[1, 2] = -1
    assert part[0, 1].item() == turned[2, 1].item() == -1
    assert [t.dtype for t in found["types"]] == [snn.float16, snn.bfloat16, snn.float64, snn.int32, snn.uint8]
    assert all(t.tolist() == [1, 1, 1] for t in found["types"])
    assert isinstance(found["parameter"], nn.Parameter)
    assert found["plain"] == (1, -1, 1 << 40, 0.5, None, True, "ü", snn.float16, (1, 2))
    assert found["optimizer"]["param_groups"][0]["params"] == [0, 1, 2, 3]
    assert found["optimizer"]["state"][0]["exp_avg"].shape == (2, 3)


def test_hostile_checkpoints():
    four = struct.pack("<4f", 1, 2, 3, 4)
    assert snn.load(zipped(TENSOR % (b"Float", 4, 1, 3, 1), [four])).tolist() == [2, 3, 4]
    assert snn.load(zipped(TENSOR % (b"Float", 4, 0, 2, 2), [four])).tolist() == [1, 3]
    swapped = zipped(TENSOR % (b"Float", 4, 1, 3, 1), [struct.pack(">4f", 1, 2, 3, 4)], byteorder="big")
    assert snn.load(swapped).tolist() == [2, 3, 4]
    for values, data, message in [
        ((b"Float", 4, 2, 3, 1), [four], "goes beyond the 4 elements"),
        ((b"Float", 4, 0, 3, 2), [four], "goes beyond the 4 elements"),
        ((b"Float", 8, 0, 1, 1), [four], "8 elements of float32 has 16 bytes"),
        ((b"Float", 4, 0, 1, 1), [], "no storage '0'"),
        ((b"Evil", 4, 0, 1, 1), [four], r"torch\.EvilStorage"),
    ]:
        with pytest.raises(pickle.UnpicklingError, match=message):
            snn.load(zipped(TENSOR % values, data))
    with pytest.raises(NotImplementedError, match="int16"):
        snn.load(zipped(TENSOR % (b"Short", 4, 0, 1, 1), [bytes(8)]))


def test_values_that_contain_themselves():
    with pytest.raises(pickle.UnpicklingError, match="contain themselves"):
        snn.load(zipped(b"\x80\x02]q\0h\0a."))
    doubling = b"\x80\x02]q\0" + b"".join(b"](h%ch%ceq%c" % (i, i, i + 1) for i in range(60)) + b"."
    with pytest.raises(pickle.UnpicklingError, match="within each other"):
        snn.load(zipped(doubling))
    with pytest.raises(pickle.UnpicklingError, match="200 deep"):
        snn.load(zipped(b"\x80\x02" + b"]" * 1000 + b"a" * 999 + b"."))


def test_zip_files_that_are_cut_or_compressed():
    whole = zipped(b"\x80\x02N.").getvalue()
    for cut in range(1, len(whole)):
        with pytest.raises((pickle.UnpicklingError, EOFError)):
            snn.load(io.BytesIO(whole[:cut]))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zip_file:
        zip_file.writestr("x/data.pkl", b"\x80\x02N.")
    file.seek(0)
    with pytest.raises(pickle.UnpicklingError, match="compressed by method 8"):
        snn.load(file)


def test_files_of_checkpoints_that_are_none(tmp_path):
    with pytest.raises(FileNotFoundError):
        snn.load(tmp_path / "missing.pt")
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(pickle.UnpicklingError, match="empty"):
        snn.load(tmp_path / "empty")
