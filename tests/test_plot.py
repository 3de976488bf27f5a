"""`cdsl plot`: what the picture says and shades, and what becomes of files that are no runs."""

import math
import random
import sys
import warnings
import xml.etree.ElementTree as ET
from itertools import chain

import pytest
from click.testing import CliRunner

pytest.importorskip("matplotlib")

import matplotlib.figure
import matplotlib.image
import torch

from cdsl import loads
from cdsl.cli import cdsl as command_line
from cdsl.monitor import Monitor
from cdsl.plot import MOST, WRONG, apart, between, chosen, draw, spans
from cdsl.runs import line, read

COLUMNS = ["step", "value/p", "value/w[0]", "value/w[1]", "value/big:min", "value/big:mean", "value/big:max", "value/twice",
           "raw/p", "grad/p", "saturated/p", "bound/p", "raw/w[0]", "grad/w", "saturated/w", "bound/w"]  # fmt: skip


def a_run(flagged=range(0), many=40):
    """A run of two parameters, a summary and a derived value; `p` flagged at some steps."""
    rows = [line(COLUMNS)]
    for at in range(many):
        t, flag = at / many, int(at in flagged)
        cells = [
            10 * at,
            t,
            t / 2,
            1 - t / 2,
            -t,
            0,
            t,
            2 * t,
            3 * t,
            math.exp(-t),
            flag,
            flag,
            t,
            0 if at > 20 else 1,
            0,
            0,
        ]
        rows.append(line([str(cell) for cell in cells]))
    return b"".join(rows)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plot(*arguments):
    return CliRunner().invoke(command_line, ["plot", *map(str, arguments)])


def words_of(svg):
    """Every text of an SVG picture."""
    root = ET.fromstring(svg)
    return ["".join(one.itertext()).strip() for one in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_picture_names_every_parameter_and_says_what_is_shaded(folder):
    (folder / "run.csv").write_bytes(a_run(range(25, 40)))
    ran = plot("run.csv", "-o", "run.svg")
    assert (ran.exit_code, ran.output) == (0, "")
    words = words_of((folder / "run.svg").read_bytes())
    assert {"p", "w", "big", "twice", "value", "raw", "gradient norm", "step"} <= set(words)
    assert {"on its bound", "saturated", "exactly 0", "[0] 0.487", "[1] 0.512", "mean 0"} <= set(words)
    assert "run.csv    steps 0 to 390, 40 records" in words
    (folder / "run.csv").write_bytes(a_run())
    assert plot("run.csv", "-o", "run.svg", "--force", "--only", "p").exit_code == 0
    assert not {"on its bound", "saturated"} & set(words_of((folder / "run.svg").read_bytes()))


def test_saturation_is_seen_in_the_pixels(folder):
    shade = [1 + 0.13 * (int(WRONG[at : at + 2], 16) / 255 - 1) for at in (1, 3, 5)]
    shares = []
    for flagged in (range(20, 40), range(40)):
        (folder / "run.csv").write_bytes(a_run(flagged))
        assert plot("run.csv", "-o", "run.png", "--force", "--only", "p").exit_code == 0
        pixels = matplotlib.image.imread(folder / "run.png")[..., :3]
        shares.append((abs(pixels - shade).max(-1) < 0.01).mean())
    assert pixels.shape[1] == 1650
    assert (pixels.min(-1) < 0.5).mean() > 0.003  # it has lines and words
    assert 0 < 1.5 * shares[0] < shares[1]


def shaded(axes, steps):
    """The steps that lie in what is shaded, by its colour."""
    found = {}
    for patch in axes.patches:
        ends = patch.get_window_extent().transformed(axes.transData.inverted())
        inside = {step for step in steps if ends.x0 - 0.01 < step < ends.x1 + 0.01}
        found.setdefault(matplotlib.colors.to_hex(patch.get_facecolor()).upper(), set()).update(inside)
    return found


def test_a_recorded_run_is_drawn_as_what_its_numbers_are(folder, monkeypatch):
    """A line for each entry with its label; shaded where another 1 of raw leaves the value as it is, and where that is 1."""
    model = loads("p: prob\nw: simplex[3]\nwide: real[40]\nlet twice = 2 * p").Model(dtype=torch.float32)
    raws = [float(at) for at in range(10, 24)]
    monitor = Monitor(model, every=1, to="run.csv")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it saturates, which is meant
        for raw in raws:
            model.load_flat_(torch.tensor([raw, 0.1 * raw, 0.3, *[raw] * 40]))
            model.zero_grad()
            (model().p + model().w[0] + model().wide.sum()).backward()
            monitor.step()
    monitor.close()
    figures = []
    save = matplotlib.figure.Figure.savefig
    monkeypatch.setattr(
        matplotlib.figure.Figure,
        "savefig",
        lambda self, *rest, **more: (figures.append(self), save(self, *rest, **more)),
    )
    assert plot("run.csv", "-o", "run.svg").exit_code == 0
    (figure,), run = figures, read(folder / "run.csv")
    rows = [figure.axes[at : at + 3] for at in range(0, len(figure.axes), 3)]
    names = [value.texts[0].get_text() for value, _, _ in rows]
    assert names == ["p", "w", "wide", "twice"]
    for name, (value, raw, grad) in zip(names, rows, strict=True):
        entries = {"p": 1, "w": 3, "wide": 1, "twice": 1}[name]  # of 40 the mean, in a band
        assert [len(axes.lines) for axes in (value, raw, grad)] == (
            [1, 0, 0] if name == "twice" else [entries, min(entries, 2), 1]
        )
        for axes, kind in ((value, "value"), (raw, "raw")):
            drawn = run.of(kind, name)
            drawn = {":mean": drawn[":mean"]} if name == "wide" else drawn
            for line_, (entry, numbers) in zip(axes.lines, drawn.items(), strict=True):
                assert list(line_.get_xdata()) == run.steps == list(range(1, len(raws) + 1))
                assert list(line_.get_ydata()) == numbers
                label = f"{entry.removeprefix(':')} {numbers[-1]:.3g}".strip()
                assert label in [text.get_text() for text in axes.texts]
    (numbers,) = run.of("value", "p").values()
    one = {step for step, number in zip(run.steps, numbers, strict=True) if number == 1}
    farther = [*numbers[1:], 1.0]  # that of raw + 1, which is the next step
    stuck = {step for step, *pair in zip(run.steps, numbers, farther, strict=True) if pair[0] == pair[1]}
    (value, raw, grad), others = rows[0], rows[1:]
    assert shaded(value, run.steps) == {WRONG: one}
    assert shaded(raw, run.steps) == {WRONG: stuck}
    assert 5 < len(one) <= len(stuck) < 9
    assert "on its bound" in [text.get_text() for text in value.texts]
    assert "saturated" in [text.get_text() for text in raw.texts]
    assert [axes for axes in (grad, *chain(*others)) if WRONG in shaded(axes, run.steps)] == []
    svg = (folder / "run.svg").read_text(encoding="utf-8").upper()
    assert svg.count(f"FILL: {WRONG}; OPACITY: 0.13") == 2  # in the file, too


def test_the_same_run_gives_the_same_bytes(folder):
    (folder / "run.csv").write_bytes(a_run())
    run = read(folder / "run.csv")
    for form in ("svg", "pdf"):  # each has dates and names of its own, where it is not told otherwise
        assert draw(run, "run", ["twice"], form) == draw(run, "run", ["twice"], form)


def test_of_many_parameters_those_are_drawn_that_went_wrong_and_then_the_first(folder):
    names = [f"p{at}" for at in range(40)]
    header = ["step"] + [f"{kind}/{name}" for name in names for kind in ("value", "saturated")]
    cells = ["1"] + [cell for at in range(40) for cell in ("0.5", str(int(at == 33)))]
    (folder / "run.csv").write_bytes(line(header) + line(cells))
    shown = chosen(read(folder / "run.csv"), ())
    assert shown == [*names[: MOST - 1], "p33"]
    ran = plot("run.csv", "-o", "run.svg")
    assert ran.output == "note: 12 of 40 parameters are drawn; `--only NAME` draws others\n"
    assert "12 of 40 parameters" in " ".join(words_of((folder / "run.svg").read_bytes()))
    assert plot("run.csv", "-o", "two.svg", "--only", "p20", "--only", "p3").output == ""
    assert {"p3", "p20"} == set(words_of((folder / "two.svg").read_bytes())) & set(names)


def test_a_run_that_goes_on_is_drawn_without_its_last_line(folder):
    (folder / "run.csv").write_bytes(a_run() + b"400,0.1")
    assert plot("run.csv", "-o", "run.png").output == "note: the last line was never finished, and is left out\n"


@pytest.mark.parametrize(
    ("arguments", "text", "code", "said"),
    [
        (("none.csv", "-o", "a.png"), None, 1, "cannot read `none.csv`: No such file"),
        ((".", "-o", "a.png"), None, 1, "cannot read `.`: Is a directory"),
        (("run.csv", "-o", "a.png"), b"", 1, "is empty: the run has not recorded anything yet"),
        (("run.csv", "-o", "a.png"), b"epoch,loss\n1,2\n", 1, "is no run file"),
        (("run.csv", "-o", "a.gif"), a_run(), 2, "expected a name that ends in .png, .pdf or .svg"),
        (("run.csv", "-o", "a.png", "--only", "pp"), a_run(), 2, "records no `pp`, did you mean `p`?"),
        (("run.csv",), a_run(), 2, "Missing option '-o'"),
        (("run.csv", "-o", "none/a.png"), a_run(), 1, "No such file"),
    ],
)
def test_what_cannot_be_drawn_is_told_and_nothing_is_written(folder, arguments, text, code, said):
    if text is not None:
        (folder / "run.csv").write_bytes(text)
    ran = plot(*arguments)
    assert ran.exit_code == code
    assert said in ran.output or said in str(ran.exception)
    assert [one.name for one in folder.iterdir()] == ["run.csv"] * (text is not None)


def test_a_picture_is_replaced_with_force_alone_and_the_run_never(folder):
    (folder / "run.csv").write_bytes(a_run())
    (folder / "run.png").write_bytes(b"a photograph")
    ran = plot("run.csv", "-o", "run.png")
    assert (ran.exit_code, (folder / "run.png").read_bytes()) == (2, b"a photograph")
    assert "is there already; replace it with `--force`" in ran.output
    (folder / "run.svg").write_bytes(a_run())
    assert plot("run.svg", "-o", "run.svg", "--force").exit_code == 2
    assert (folder / "run.svg").read_bytes() == a_run()


def test_without_matplotlib_it_says_what_installs_it(folder, monkeypatch):
    (folder / "run.csv").write_bytes(a_run())
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    ran = plot("run.csv", "-o", "run.png")
    assert ran.exit_code == 2
    assert "`cdsl plot` needs matplotlib: `pip install 'cdsl[plot]'`" in ran.output


ODD = ["", "nan", "inf", "-inf", "1e308", "-1e308", "5e-324", "0", "-0", "1e-300", "0.5"]


@pytest.mark.parametrize("many", [1, 9])
def test_numbers_of_any_kind_are_drawn(folder, many):
    """One record and several; gaps, infinities, numbers whose differences overflow, and gradients that are none."""
    pick = random.Random(many)
    names = ["p", "größe", "真值", "a_name_that_is_longer_than_there_is_room_for_beside_a_row"]
    header = ["step"] + [f"{kind}/{name}" for name in names for kind in ("value", "raw", "grad", "saturated", "bound")]
    header += [f"value/w[{at}]" for at in range(9)]
    rows = [[str(7 * at), *(pick.choice(ODD) for _ in header[1:])] for at in range(many)]
    (folder / "run.csv").write_bytes(b"".join(map(line, [header, *rows])))
    ran = plot("run.csv", "-o", "run.svg")
    assert (ran.exit_code, ran.output, ran.exception) == (0, "", None)
    assert {"p", "größe"} <= set(words_of((folder / "run.svg").read_bytes()))


def test_labels_are_moved_apart_and_stay_in_order():
    assert apart([0.1, 0.5, 0.9], 0.2) == [0.1, 0.5, 0.9]
    moved = apart([0.5, 0.5, 0.5], 0.2)
    assert moved == pytest.approx([0.3, 0.5, 0.7])


def test_a_span_reaches_half_a_record_beyond_what_is_flagged():
    assert list(spans([0, 10, 20, 30], [False, True, True, False])) == [(5, 25)]
    assert list(spans([0, 10], [True, False])) == [(0, 5)]
    assert list(spans([4], [True])) == [(3.5, 4.5)]
    assert between([0, 10], 1, 2) == 10
