"""Pictures, by matplotlib and by the engine."""

import io
import math
import struct
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import swiftnn as torch
from swiftnn import History, plots

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def matplotlib():
    pytest.importorskip("matplotlib").use("agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def history():
    made = History()
    for epoch in range(1, 6):
        made.add(
            epoch, 10 * epoch, 1.0, loss=1 / epoch, lr=0.1 / epoch, **({"val_loss": 2 / epoch} if epoch % 2 else {})
        )
    return made


def schedule():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    optimizer.add_param_group({"params": [torch.zeros(1, requires_grad=True)], "lr": 0.25})
    return torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)


def line(ax, label):
    (found,) = [line for line in ax.lines if line.get_label() == label]
    return [list(map(float, found.get_xdata())), list(map(float, found.get_ydata()))]


def saved(ax, format):
    file = io.BytesIO()
    ax.figure.savefig(file, format=format)
    return file.getvalue()


def texts(svg):
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")]


DRAWN = [
    lambda ax=None: plots.learning_curves(history(), ax=ax, title="t"),
    lambda ax=None: plots.rates(schedule(), 9, ax=ax, title="t", log=True),
    lambda ax=None: plots.roc_curve([0, 0.5, 1], [0, 0.9, 1], 0.7, name="m", ax=ax, title="t"),
    lambda ax=None: plots.precision_recall_curve([0.5, 0.9, 1], [1, 0.5, 0], 0.8, ax=ax, title="t"),
    lambda ax=None: plots.confusion_matrix([[5, 1], [0, 7]], ax=ax, title="t"),
    lambda ax=None: plots.residuals([1, 2, 4], [1, 3, 3.5], ax=ax, title="t"),
]


@pytest.mark.parametrize("draw", DRAWN)
def test_axes_are_drawn_and_saved(draw, matplotlib):
    ax = draw()
    png = saved(ax, "png")
    width, height = struct.unpack(">II", png[16:24])
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and (width, height) == (640, 480)
    assert len(np.unique(matplotlib.imread(io.BytesIO(png)).reshape(-1, 4), axis=0)) > 20
    assert ET.fromstring(saved(ax, "svg")).tag == f"{SVG}svg"
    own = matplotlib.subplots()[1]
    assert draw(own) is own and own.get_title() == "t"


def test_learning_curves():
    ax = plots.learning_curves(history())
    assert line(ax, "loss") == [[1, 2, 3, 4, 5], [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]]
    assert line(ax, "val_loss") == [[1, 3, 5], [2, 2 / 3, 2 / 5]]
    assert ax.lines[0].get_color() == ax.lines[1].get_color() and ax.lines[1].get_linestyle() == "--"
    assert [line.get_label() for line in plots.learning_curves(history(), ["lr"], log=True).lines] == ["lr"]


def test_rates():
    assert line(plots.rates(history()), "group 0") == [[10, 20, 30, 40, 50], [0.1 / e for e in range(1, 6)]]
    ax = plots.rates(schedule(), 3)
    assert line(ax, "group 1")[1] == pytest.approx([0.25 * 0.9**t for t in range(4)])
    assert line(plots.rates([3, 2, 1]), "group 0") == [[0, 1, 2], [3, 2, 1]]


def test_curves():
    ax = plots.roc_curve(torch.tensor([0, 0.5, 1]), np.array([0, 0.75, 1]), 0.625, name="model")
    assert line(ax, "model (AUC 0.625)") == [[0, 0.5, 1], [0, 0.75, 1]] and line(ax, "chance") == [[0, 1], [0, 1]]
    plots.roc_curve([0, 1], [0, 1], ax=ax)
    assert len(ax.lines) == 3
    ax = plots.precision_recall_curve([0.5, 1], [1, 0], 0.75)
    assert line(ax, "AP 0.750") == [[1, 0], [0.5, 1]] and ax.lines[0].get_drawstyle() == "steps-post"


def test_confusion_matrix():
    ax = plots.confusion_matrix(torch.tensor([[3, 1], [0, 0]]), ["a", "b"], normalize=True)
    assert [text.get_text() for text in ax.texts] == ["0.75", "0.25", "0.00", "0.00"]
    assert ax.images[0].get_array().tolist() == [[0.75, 0.25], [0, 0]]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b"]


def test_residuals():
    ax = plots.residuals([1, 2, 4], [1, 3, 3.5])
    assert ax.collections[0].get_offsets().tolist() == [[1, 0], [3, -1], [3.5, 0.5]]
    assert sum(bar.get_width() for bar in ax.child_axes[0].patches) == 3


def test_svg_is_written_or_given(tmp_path):
    path = tmp_path / "a.svg"
    assert plots.svg_learning_curves(history(), path=path, title="<T>") is None
    text = plots.svg_learning_curves(history(), title="<T>")
    assert path.read_text() == text == plots.svg_learning_curves(history(), title="<T>")
    root = ET.fromstring(text)
    assert (root.get("width"), root.get("height")) == ("640", "400")
    assert {"<T>", "epoch", "loss", "val_loss", "1", "5"} <= set(texts(text)) and "lr" not in texts(text)


def test_svg_of_each_kind():
    found = texts(plots.svg_rates(schedule(), 20, title="rates"))
    assert {"rates", "group 0", "group 1", "step", "learning rate"} <= set(found)
    found = texts(plots.svg_roc_curve([0, 0.5, 1], [0, 0.9, 1], 0.7, name="model"))
    assert {"model (AUC 0.700)", "chance", "true positive rate"} <= set(found)
    found = texts(plots.svg_precision_recall_curve([0.5, 0.9], [1, 0], 0.8, positives=0.5, xlabel="found"))
    assert {"AP 0.800", "chance", "found"} <= set(found)
    found = texts(plots.svg_confusion_matrix(torch.tensor([[8, 2], [1, 9]]), ["cat", "dog"], normalize=True))
    assert found.count("cat") == 2 and {"0.80", "0.90", "predicted", "true"} <= set(found)
    found = texts(plots.svg_residuals([1, 2, 4], torch.tensor([1, 3, 3.5])))
    assert {"n 3", "predicted"} <= set(found)


def paths(svg):
    """Points of what is drawn inside of the axes."""
    inner = ET.fromstring(svg).find(f"{SVG}svg")
    return [element.get("d") for element in inner.iter(f"{SVG}path")]


def test_places_of_points():
    svg = plots.svg_lines({"y": ([0, 1, 2], [0, 1, 4])}, xlim=(0, 2), ylim=(0, 4), style="line")
    inner = ET.fromstring(svg).find(f"{SVG}svg")
    width, height = float(inner.get("width")), float(inner.get("height"))
    (trace, _markers) = paths(svg)
    numbers = [float(number) for number in trace.replace("M", " ").replace("L", " ").split()]
    expected = [0, height, width / 2, height * 3 / 4, width, 0]
    assert numbers == pytest.approx(expected, abs=0.011)


def test_gaps():
    svg = plots.svg_lines({"y": [1, 2, math.nan, 4, math.inf, 1e301, 2, 3]}, style="dashed")
    trace, markers = paths(svg)
    assert trace.count("M") == 2 and trace.count("L") == 2 and markers.count("M") == 5


def test_logarithmic_places():
    svg = plots.svg_lines(
        {"y": ([1, 10, 100], [0.001, 1, -1])}, xlim=(1, 100), ylim=(0.001, 10), log_x=True, log_y=True
    )
    inner = ET.fromstring(svg).find(f"{SVG}svg")
    width, height = float(inner.get("width")), float(inner.get("height"))
    numbers = [float(number) for number in paths(svg)[0].replace("M", " ").replace("L", " ").split()]
    assert numbers == pytest.approx([0, height, width / 2, height / 4], abs=0.011)
    assert {"0.001", "0.1", "10", "100"} <= set(texts(svg))


def test_marks_are_nice():
    def marks(low, high, **options):
        svg = plots.svg_lines({"y": ([0, 1], [low, high])}, ylim=(low, high), **options)
        return [t for e, t in zip(ET.fromstring(svg).iter(f"{SVG}text"), texts(svg)) if e.get("text-anchor") == "end"]

    assert marks(0, 1) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    assert marks(-250, 1000) == ["\u2212250", "0", "250", "500", "750", "1000"]
    assert marks(0, 3e-6) == ["0", "1", "2", "3"]
    assert "×10\u22126" in texts(plots.svg_lines({"y": [0, 3e-6]}))
    assert marks(1e9, 1e9 + 10)[0].startswith("1.0000000")


@pytest.mark.parametrize("values", [[5e-324, 0], [1e300, -1e300], [1e15, 1e15 + 1], [0, 0], [7], [1e-300, 1e300]])
@pytest.mark.parametrize("log", [False, True])
def test_ranges_at_the_ends_of_doubles(values, log):
    if log and not any(value > 1e-300 for value in values):
        with pytest.raises(ValueError, match="no number"):
            plots.svg_lines({"y": values}, log_y=log)
        return
    ET.fromstring(plots.svg_lines({"y": values}, log_y=log))


def test_bad_input(tmp_path):
    for call, error in [
        (lambda: plots.svg_lines({}), "no number"),
        (lambda: plots.svg_lines({"a": ([1, 2], [1])}), "2 numbers along x and 1"),
        (lambda: plots.svg_lines({"a": [1]}, style="wavy"), "wavy"),
        (lambda: plots.svg_lines({"a": [1]}, width=-5), "-5"),
        (lambda: plots.svg_lines({"a": [1]}, ylim=(1, math.nan)), "nan"),
        (lambda: plots.svg_lines({"a": [1]}, colour=3), "'colour'"),
        (lambda: plots.svg_confusion_matrix([[1, 2, 3]]), "3 counts"),
        (lambda: plots.svg_confusion_matrix([[1]], ["a", "b"]), "2 names"),
        (lambda: plots.svg_confusion_matrix([[math.nan]]), "nan"),
        (lambda: plots.svg_residuals([1, 2], [1]), "2 actual and 1"),
        (lambda: plots.svg_learning_curves(History()), "no values"),
        (lambda: plots.learning_curves(History()), "no values"),
        (lambda: plots.learning_curves(history(), ["x"]), "'x'"),
        (lambda: plots.rates(History()), "'lr'"),
        (lambda: plots.roc_curve([0, 1]), "either"),
        (lambda: plots.roc_curve([0, 1], [0, 1], y_true=[0], scores=[1]), "either"),
    ]:
        with pytest.raises((ValueError, TypeError), match=error):
            call()
    with pytest.raises(OSError, match="none"):
        plots.svg_lines({"a": [1]}, tmp_path / "none" / "a.svg")
    assert list(tmp_path.iterdir()) == []


def test_nothing_leaks(assert_no_leak, tmp_path):
    made = history()
    assert_no_leak(lambda: plots.svg_lines({"y": ([1, 2], [3, 4])}), 200)
    assert_no_leak(lambda: plots.svg_learning_curves(made, ["loss"]), 200)
    assert_no_leak(lambda: plots.svg_confusion_matrix([[1, 2], [3, 4]], ["a", "b"]), 200)
    assert_no_leak(lambda: History.parse(made.text()), 200)


def test_matplotlib_is_imported_when_used(run_python):
    program = "import sys, swiftnn; from swiftnn import plots; plots.svg_lines({'a': [1, 2]})"
    assert run_python(program + "; print('matplotlib' in sys.modules, 'numpy' in sys.modules)") == "False False"
