"""Writes Tests/Golden/data.json: what pandas, scikit-learn and tokenizers make of small data.

python data_files.py, with pandas, scikit-learn and tokenizers.
"""

import io
import json
import math
import pathlib
import random
import tempfile

import numpy
import pandas
import tokenizers
from sklearn import preprocessing

HERE = pathlib.Path(__file__).parent

# Text, options of pandas, and ours where they are others.
TABLES = [
    ("a,b\n1,2\n3,4\n", {}),
    ("a,b\n1,2.5\n3,\n", {}),
    ('a,b\n"x, y",1\n"he said ""hi""",2\n"multi\nline",3\n', {}),
    ("a,b\r\n1,2\r\n3,4", {}),
    ("a,b\r1,2\r3,4\r", {}),
    ("\ufeffa,b\n1,2\n", {}),
    ("a\n1\n\n2\n   \n3\n", {}),
    ("a,b\n1\n2,3\n", {}),
    ("a,a,b,a\n1,2,3,4\n", {}),
    (",a\n1,2\n", {}),
    ("a\nTrue\nFALSE\ntrue\n", {}),
    ("a\nTrue\n1\n", {}),
    ("a\n007\n+5\n-0\n", {}),
    ("a\n9223372036854775807\n-9223372036854775808\n", {}),
    ("a\n1e5\n1.\n.5\n+1.5\n1E+05\n-inf\nInfinity\n", {}),
    ("a\n1e400\n1e-400\n4.9e-324\n2.4703282292062327e-324\n1.7976931348623157e308\n", {}),
    ("a\n1_000\n1e\n0x10\n-\n.\n", {}),
    ("a\n 1.5\n2.5 \n", {}),
    ("a,b\n x , 1\ny,2\n", {}),
    ("a;b\n1,5;2\n", {"sep": ";", "decimal": ","}),
    ("1,2\n3,4\n", {"header": None}),
    ("# c\na,b\n1,2 # x\n# y\n3,4\n", {"comment": "#"}),
    ("x\ny\na,b\n1,2\n", {"skiprows": 2}),
    ("a, b\n1, 2\n3, x\n", {"skipinitialspace": True}),
    ("a\n-999\n3\n", {"na_values": ["-999"]}),
    ("a\nNA\nx\n", {"keep_default_na": False}),
    ('a\n"ab"c\nx"y"z\n', {}),
    ("a,b\nnan,x\nnull,NULL\n<NA>,n/a\n", {}),
    ("a\tb\n1\t2\n", {"sep": "\t"}),
    ("a,b,c\n1,2,3\n", {"usecols": ["a", "c"]}),
    ("a\n1\n2\nx\n", {}),
    ("a,b\n", {}),
    ("a\nü\nÄ\n日本\n", {}),
]


def column(series: pandas.Series) -> dict:
    values = series.to_numpy()
    if series.dtype == bool or values.dtype.kind == "i":
        return {"kind": "bool" if series.dtype == bool else "int", "values": values.tolist()}
    if values.dtype.kind == "f" or all(value != value for value in values):
        return {"kind": "float", "values": [float(value).hex() for value in values]}
    return {"kind": "text", "values": [None if value != value or value is None else str(value) for value in values]}


def tables() -> list:
    found = []
    for text, options in TABLES:
        frame = pandas.read_csv(io.StringIO(text), float_precision="round_trip", **options)
        ours = {key: value if key != "header" else False for key, value in options.items()}
        columns = [[str(name), column(frame[name])] for name in frame.columns]
        found.append({"text": text, "options": ours, "columns": columns})
    return found


def numbers() -> list[str]:
    """Every way to write a number, to be read as Python does."""
    draw = random.Random(1)
    words = []
    for digits in range(1, 30):
        for _ in range(12):
            whole = draw.randrange(10**digits)
            words += [f"{whole}e{draw.randrange(-330, 300)}", f"-{whole}.{draw.randrange(10**6)}", f".{whole}"]
            words += [f"{draw.uniform(-1e6, 1e6):.{digits}f}", f"{draw.random():.{digits}e}"]
    return words


def scalers() -> list:
    fitted = numpy.array([[1.0, 2.0, 5.0], [3.0, numpy.nan, 5.0], [-2.0, 8.5, 5.0], [0.25, 1e6, 5.0]])
    other = numpy.array([[2.0, numpy.nan, 6.0], [-7.0, 3.0, 5.0]])
    found = []
    for name, options in [
        ("StandardScaler", {}),
        ("StandardScaler", {"with_mean": False}),
        ("StandardScaler", {"with_std": False}),
        ("MinMaxScaler", {}),
        ("MinMaxScaler", {"feature_range": (-1, 2), "clip": True}),
    ]:
        scaler = getattr(preprocessing, name)(**options).fit(fitted)
        parts = getattr(preprocessing, name)(**options).partial_fit(fitted[:1]).partial_fit(fitted[1:])
        keys = [k for k in ("mean_", "var_", "scale_", "min_", "data_min_", "data_max_", "data_range_")]
        found.append(
            {
                "name": name,
                "options": {key: list(v) if isinstance(v, tuple) else v for key, v in options.items()},
                "fit": fitted.tolist(),
                "data": other.tolist(),
                "result": scaler.transform(other).tolist(),
                "inverse": scaler.inverse_transform(other).tolist(),
                "parts": parts.transform(other).tolist(),
                "state": {k: v.tolist() for k in keys if isinstance(v := getattr(scaler, k, None), numpy.ndarray)},
            }
        )
    return found


def encoders() -> list:
    fitted = numpy.array([[3, 0], [1, 7], [2, 7], [1, 0]])
    other = numpy.array([[2, 7], [3, 0]])
    found = []
    for options in ({}, {"drop": "first"}, {"drop": "if_binary"}, {"handle_unknown": "ignore"}):
        encoder = preprocessing.OneHotEncoder(sparse_output=False, **options).fit(fitted)
        data = other if options.get("handle_unknown") != "ignore" else numpy.array([[2, 5], [9, 0]])
        result = encoder.transform(data).tolist()
        found.append({"options": options, "fit": fitted.tolist(), "data": data.tolist(), "result": result})
    return found


TEXT = "The cat's 12 mats; we'll höher\n\n  run: don't — 日本 ½ x\u00a0y\u2003z  !!\t\tI'LL 'tis\r\n" * 3
SAMPLES = [
    TEXT,
    "",
    " ",
    "  a",
    "a  b   c",
    "'s's 'S",
    "x\n\n\ny",
    "½²٣Ⅷ12",
    "e\u0301 e\u200bz",
    "日本語 text🎉🎉",
    "<end>a<end><end> <",
    "\x00\x01",
]


def encodings() -> dict:
    hugging = tokenizers.ByteLevelBPETokenizer()
    hugging.train_from_iterator([TEXT], vocab_size=330, min_frequency=2, special_tokens=["<end>"], show_progress=False)
    with tempfile.TemporaryDirectory() as folder:
        paths = hugging.save_model(folder)
        vocabulary, merges = (pathlib.Path(path).read_text() for path in paths)
    return {
        "text": TEXT,
        "size": 330,
        "special": ["<end>"],
        "vocabulary": json.loads(vocabulary),
        "merges": merges,
        "samples": [[text, hugging.encode(text).ids] for text in SAMPLES],
    }


def plain(value):
    """NaN as a word: JSON has none."""
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else value


if __name__ == "__main__":
    content = {
        "tables": tables(),
        "numbers": numbers(),
        "scalers": scalers(),
        "encoders": encoders(),
        "bpe": encodings(),
    }
    (HERE / "data.json").write_text(json.dumps(plain(content), ensure_ascii=False, indent=0) + "\n")
