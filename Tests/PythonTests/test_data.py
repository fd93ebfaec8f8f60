"""Datasets, samplers and loaders, with what PyTorch does for the same arguments written out."""

import collections
import threading

import numpy as np
import pytest

import swiftnn as torch
from swiftnn.utils import data as d


def numbers(n=10):
    return d.TensorDataset(torch.arange(2 * n, dtype=torch.float).reshape(n, 2), torch.arange(n))


class Squares(d.Dataset):
    """A dataset of Python."""

    def __init__(self, n=10):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return torch.tensor([float(i), float(i * i)]), i


def joined(batches):
    return [number for batch in batches for number in batch]


def order(loader):
    return [batch[1].tolist() for batch in loader]


# ---- Datasets


def test_tensor_dataset():
    data = numbers()
    assert len(data) == 10
    x, y = data[3]
    assert x.tolist() == [6, 7] and y.item() == 3
    assert [part.tolist() for part in data[-1]] == [[18, 19], 9]
    with pytest.raises(AssertionError, match="Size mismatch"):
        d.TensorDataset(torch.zeros(2), torch.zeros(3))


def test_arrays_are_borrowed():
    array = np.zeros((4, 2), dtype=np.float32)
    loader = d.DataLoader(d.TensorDataset(torch.from_numpy(array)), batch_size=4)
    array[1] = 7
    assert next(iter(loader))[0][1].tolist() == [7, 7]


def test_datasets_of_datasets():
    joined = numbers(3) + numbers(2)
    assert isinstance(joined, d.ConcatDataset) and len(joined) == 5 and joined.cumulative_sizes == [3, 5]
    assert [joined[i][1].item() for i in (0, 3, -1)] == [0, 0, 1]
    with pytest.raises(ValueError, match="absolute value"):
        joined[-6]
    subset = d.Subset(joined, [4, -1, 0])
    assert [subset[i][1].item() for i in range(3)] == [1, 1, 0]
    assert order(d.DataLoader(subset, batch_size=2)) == [[1, 1], [0]]
    assert order(d.DataLoader(joined, batch_size=4)) == [[0, 1, 2, 0], [1]]
    stacked = d.StackDataset(Squares(3), numbers(3))
    assert stacked[2][0][1] == 2 and stacked[2][1][1].item() == 2
    named = d.StackDataset(a=Squares(3), b=numbers(3))
    assert named[1]["b"][1].item() == 1
    batch = next(iter(d.DataLoader(named, batch_size=3)))
    assert batch["a"][1].tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="Size mismatch"):
        d.StackDataset(numbers(2), numbers(3))


def test_windows():
    data = d.WindowDataset(torch.arange(10), 3, step=2, offset=1)
    assert len(data) == 4 and [part.tolist() for part in data[-1]] == [[6, 7, 8], [7, 8, 9]]
    (x, y), *_ = d.DataLoader(data, batch_size=4)
    assert x.tolist() == [[0, 1, 2], [2, 3, 4], [4, 5, 6], [6, 7, 8]] and y[0].tolist() == [1, 2, 3]
    with pytest.raises(IndexError):
        data[4]
    with pytest.raises(RuntimeError, match="no window of 11"):
        d.WindowDataset(torch.arange(10), 11)


def test_random_split():
    parts = d.random_split(Squares(10), [7, 3], generator=torch.Generator().manual_seed(1))
    assert [len(part) for part in parts] == [7, 3]
    assert sorted(parts[0].indices + parts[1].indices) == list(range(10))
    assert [len(part) for part in d.random_split(Squares(11), [0.5, 0.3, 0.2])] == [6, 3, 2]
    with pytest.raises(ValueError, match="Sum of input lengths"):
        d.random_split(Squares(10), [7, 4])


# ---- Loaders


@pytest.mark.parametrize("data", [numbers(), Squares(), d.Subset(Squares(20), range(10))])
@pytest.mark.parametrize("workers", [0, 3])
def test_batches(data, workers):
    loader = d.DataLoader(data, batch_size=4, num_workers=workers)
    assert len(loader) == 3
    assert order(loader) == order(loader) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert order(d.DataLoader(data, 4, num_workers=workers, drop_last=True)) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    fill = d.DataLoader(data, 4, num_workers=workers, ending="fill")
    assert [len(fill), order(fill), len(fill), order(fill)] == [
        3,
        [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 0, 1]],
        2,
        [[2, 3, 4, 5], [6, 7, 8, 9]],
    ]
    batch = next(iter(loader))
    assert isinstance(batch, list) and batch[0].shape == (4, 2) and batch[0].dtype == torch.float32


@pytest.mark.parametrize("data", [numbers(), Squares()])
@pytest.mark.parametrize("workers", [0, 1, 3])
def test_shuffled_orders_are_those_of_the_seed(data, workers):
    loader = d.DataLoader(data, 4, shuffle=True, num_workers=workers, seed=5)
    first, second = order(loader), order(loader)
    assert first != second
    assert sorted(joined(first)) == sorted(joined(second)) == list(range(10))
    again = d.DataLoader(numbers(), 4, shuffle=True, seed=5)
    assert order(again) == first and order(again) == second


def test_seeds_come_from_generators():
    def made(**options):
        return order(d.DataLoader(numbers(100), 100, shuffle=True, **options))

    torch.manual_seed(3)
    first = made()
    torch.manual_seed(3)
    assert made() == first and made() != first
    generator = torch.Generator().manual_seed(9)
    one = made(generator=generator)
    assert made(generator=torch.Generator().manual_seed(9)) == one


def test_iterations_are_independent():
    loader = d.DataLoader(numbers(4), 1, shuffle=True)
    pairs = [(a[1].item(), b[1].item()) for a in loader for b in loader]
    assert len(set(pairs)) == 16


@pytest.mark.parametrize("data", [numbers(), Squares()])
def test_samplers(data):
    def drawn(sampler, **options):
        return joined(order(d.DataLoader(data, 4, sampler=sampler, **options)))

    assert drawn([3, 1, 3]) == [3, 1, 3]
    assert drawn(d.SequentialSampler(data)) == list(range(10))
    assert sorted(drawn(d.SubsetRandomSampler([7, 2, 5]))) == [2, 5, 7]
    assert len(drawn(d.RandomSampler(data, replacement=True, num_samples=25))) == 25
    assert len(set(drawn(d.RandomSampler(data, num_samples=4)))) == 4
    weighted = drawn(d.WeightedRandomSampler([0, 0, 1, 3] + [0] * 6, 400))
    assert set(weighted) == {2, 3} and 250 < weighted.count(3) < 350
    assert sorted(drawn(d.WeightedRandomSampler([1, 1, 1] + [0] * 7, 3, replacement=False))) == [0, 1, 2]
    balanced = drawn(d.BalancedSampler([0] * 8 + [1] * 2, 20))
    assert sum(i >= 8 for i in balanced) == 10
    batches = order(d.DataLoader(data, batch_sampler=[[0, 9], [4]]))
    assert batches == [[0, 9], [4]]
    assert order(d.DataLoader(data, batch_sampler=d.BatchSampler(range(5), 2, True))) == [[0, 1], [2, 3]]
    endless = d.DataLoader(data, 2, sampler=iter(int, 1))
    assert next(iter(endless))[1].tolist() == [0, 0]


def test_samplers_by_themselves():
    assert list(d.SequentialSampler(range(3))) == [0, 1, 2]
    assert sorted(d.RandomSampler(range(5))) == [0, 1, 2, 3, 4]
    assert len(list(d.RandomSampler(range(5), num_samples=12))) == 12
    assert sorted(d.SubsetRandomSampler([4, 8])) == [4, 8]
    assert set(d.WeightedRandomSampler([0.0, 1.0], 5)) == {1}
    assert list(d.BatchSampler(range(5), 2, False)) == [[0, 1], [2, 3], [4]]
    assert len(d.BatchSampler(range(5), 2, False)) == 3 and len(d.BatchSampler(range(5), 2, True)) == 2
    with pytest.raises(ValueError, match="num_samples"):
        d.WeightedRandomSampler([1.0], 0)
    with pytest.raises(ValueError, match="batch_size"):
        d.BatchSampler(range(5), 0, False)
    with pytest.raises(TypeError, match="replacement"):
        d.RandomSampler(range(5), replacement=1)


def test_curriculum():
    loader = d.DataLoader(numbers(), 10, sampler=d.CurriculumSampler(range(10), start=0.2, epochs=4))
    seen = [sorted(joined(order(loader))) for _ in range(6)]
    assert seen == [list(range(n)) for n in (2, 4, 6, 8, 10, 10)]


def test_augmentations_and_sizes():
    from swiftnn.transforms import RandomHorizontalFlip

    images = torch.randn(6, 3, 8, 8)
    loaders = [
        d.DataLoader(
            d.TensorDataset(images, torch.arange(6)),
            2,
            num_workers=workers,
            seed=1,
            augmentations=[RandomHorizontalFlip(0.5)],
            image_sizes=[4, 8],
        )
        for workers in (0, 2)
    ]
    for size in (4, 8, 8):
        first, second = ([batch[0] for batch in loader] for loader in loaders)
        assert all(torch.equal(a, b) for a, b in zip(first, second))
        assert first[0].shape == (2, 3, size, size)
    flipped = [not torch.equal(a, b) for a, b in zip(torch.cat(first), images)]
    assert 0 < sum(flipped) < 6
    with pytest.raises(ValueError, match="augmentations"):
        d.DataLoader(Squares(), augmentations=[RandomHorizontalFlip()])


def test_mistakes():
    for options in [
        {"batch_size": 0},
        {"num_workers": -1},
        {"timeout": -1},
        {"prefetch_factor": 2},
        {"persistent_workers": True},
        {"sampler": [1], "shuffle": True},
        {"batch_sampler": [[1]], "batch_size": 2},
        {"batch_sampler": [[1]], "drop_last": True},
        {"batch_size": None, "drop_last": True},
        {"ending": "cut"},
        {"ending": "fill", "batch_size": 11},
        {"ending": "fill", "sampler": [1, 2]},
        {"ending": "fill", "drop_last": True},
        {"sampler": d.BalancedSampler([0, 1])},
    ]:
        with pytest.raises(ValueError):
            d.DataLoader(numbers(), **options)
    with pytest.raises(ValueError, match="IterableDataset"):
        d.DataLoader(Letters(), shuffle=True)


# ---- Positions


@pytest.mark.parametrize("data", [numbers(), Squares()])
@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("ending", ["keep", "drop", "fill"])
def test_positions_are_taken_up(data, workers, ending):
    def made():
        return d.DataLoader(data, 3, shuffle=True, num_workers=workers, ending=ending)

    whole = made()
    whole.seed = 4
    epochs = [order(whole) for _ in range(3)]
    for epoch in range(2):
        for done in range(len(epochs[epoch]) + 1):
            part = made()
            part.seed = 4
            for _ in range(epoch):
                order(part)
            rest = iter(part)
            for _ in range(done):
                next(rest)
            state = part.state_dict()
            resumed = made()
            resumed.load_state_dict(state)
            assert resumed.state_dict() == state
            assert order(resumed) == epochs[epoch][done:]
            assert order(resumed) == epochs[epoch + 1]
    with pytest.raises((ValueError, RuntimeError)):
        made().load_state_dict({"epoch": 0, "batch": 0, "seed": 1, "examples": 99})


def test_positions_of_iterables_and_samplers():
    for loader in (d.DataLoader(Letters(), 2), d.DataLoader(Squares(), 2, sampler=[5, 4, 3, 2, 1])):
        rest = iter(loader)
        next(rest)
        loader.load_state_dict(loader.state_dict())
        again = list(loader)
        assert len(again) == 2
        assert again[0] == ["c", "d"] or again[0][1].tolist() == [3, 2]


# ---- Examples of Python


class Letters(d.IterableDataset):
    def __iter__(self):
        info = d.get_worker_info()
        letters = "abcde"
        return iter(letters if info is None else letters[info.id :: info.num_workers])


def test_iterable_datasets():
    assert list(d.DataLoader(Letters(), 2)) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(d.DataLoader(Letters(), 2, drop_last=True)) == [["a", "b"], ["c", "d"]]
    assert list(d.DataLoader(Letters(), 1, num_workers=2)) == [["a"], ["b"], ["c"], ["d"], ["e"]]
    assert list(d.DataLoader(Letters(), None)) == list("abcde")
    assert list(Letters() + Letters()) == list("abcde") * 2
    with pytest.raises(TypeError):
        len(d.DataLoader(Letters(), 2))


def test_one_by_one():
    assert [y for _, y in d.DataLoader(Squares(3), None)] == [0, 1, 2]


Point = collections.namedtuple("Point", "x y")


def test_default_collate():
    collate = d.default_collate
    assert collate([1, 2]).dtype == torch.int64 and collate([1.0, 2.0]).dtype == torch.float64
    assert collate([True, False]).dtype == torch.bool
    assert collate(["a", "b"]) == ["a", "b"]
    assert collate([np.float32(1), np.float32(2)]).dtype == torch.float32
    assert collate([np.zeros((2, 3)), np.ones((2, 3))]).shape == (2, 2, 3)
    nested = collate([{"a": (1, [torch.zeros(2), "x"])}, {"a": (2, [torch.ones(2), "y"])}])
    assert nested["a"][0].tolist() == [1, 2] and nested["a"][1][1] == ("x", "y")
    assert nested["a"][1][0].tolist() == [[0, 0], [1, 1]]
    point = collate([Point(1, 2.0), Point(3, 4.0)])
    assert type(point) is Point and point.x.tolist() == [1, 3]
    ordered = collate([collections.OrderedDict(b=1, a=2)])
    assert type(ordered) is collections.OrderedDict and list(ordered) == ["b", "a"]
    for wrong, error in [([object()], TypeError), ([[1, 2], [1]], RuntimeError), ([np.array(["a"])], TypeError)]:
        with pytest.raises(error):
            collate(wrong)
    with pytest.raises(RuntimeError):
        collate([torch.zeros(2), torch.zeros(3)])


def test_default_convert():
    converted = d.default_convert({"a": np.zeros(2), "b": (np.float64(1), "x"), "c": Point(1, np.ones(1))})
    assert isinstance(converted["a"], torch.Tensor) and converted["b"][1] == "x"
    assert isinstance(converted["c"].y, torch.Tensor)


def test_workers_know_themselves():
    seen = []

    class Watched(Squares):
        def __getitem__(self, i):
            info = d.get_worker_info()
            seen.append((info.id, info.num_workers, info.dataset is self, info.seed))
            return i

    begun = []
    loader = d.DataLoader(Watched(8), 2, num_workers=2, worker_init_fn=begun.append, seed=100)
    assert [batch.tolist() for batch in loader] == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert sorted(begun) == [0, 1] and d.get_worker_info() is None
    assert set(seen) == {(0, 2, True, 100), (1, 2, True, 101)}


@pytest.mark.parametrize("workers", [0, 2])
def test_errors_of_examples_come_back(workers):
    class Broken(Squares):
        def __getitem__(self, i):
            if i == 5:
                raise KeyError("no five")
            return i

    rest = iter(d.DataLoader(Broken(), 2, num_workers=workers))
    assert next(rest).tolist() == [0, 1] and next(rest).tolist() == [2, 3]
    with pytest.raises(KeyError, match="no five"):
        next(rest)


def test_timeout():
    gate = threading.Event()

    class Slow(Squares):
        def __getitem__(self, i):
            gate.wait()
            return i

    try:
        with pytest.raises(RuntimeError, match="timed out"):
            list(d.DataLoader(Slow(), 2, num_workers=1, timeout=0.05))
    finally:
        gate.set()


def test_collate_and_getitems():
    class Several(Squares):
        def __getitems__(self, indices):
            return [i * 10 for i in indices]

    assert list(d.DataLoader(Several(4), 2, collate_fn=tuple)) == [(0, 10), (20, 30)]
    assert list(d.DataLoader(numbers(2), 2, collate_fn=len)) == [2]


def test_loaders_for_the_engine():
    for data in (numbers(), Squares()):
        loader = d.DataLoader(data, 4, shuffle=True, seed=2)
        expected = order(d.DataLoader(numbers(), 4, shuffle=True, seed=2))
        core = loader._handle()
        assert core.count == 3
        got = []
        for _ in range(2):
            while (parts := core.next()) is not None:
                got.append(parts[1].tolist())
        assert got[:3] == expected and len(got) == 6
        core.begin(0)
        core.next()
        state = core.state()
        second = core.next()[1].tolist()
        core.load(state)
        assert core.next()[1].tolist() == second == expected[1]
        with pytest.raises((ValueError, RuntimeError)):
            core.load("{")


def test_unfinished_loaders_end_their_threads():
    for data in (numbers(), Squares()):
        before = threading.active_count()
        for _ in range(5):
            next(iter(d.DataLoader(data, 1, num_workers=3)))
        assert threading.active_count() == before


def test_nothing_leaks(assert_no_leak):
    data = numbers(6)
    assert_no_leak(lambda: list(d.DataLoader(data, 4, shuffle=True)), times=300)
