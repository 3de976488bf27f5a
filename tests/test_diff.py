"""`cdsl diff`: what a change of spec does to checkpoints. That migrate does what is said here is held in `test_migrate.py`."""

import json
import time

import pytest
from click.testing import CliRunner

import cdsl
from cdsl.cli import cdsl as command_line
from cdsl.diff import Difference, Unknown, diff
from cdsl.files import class_of
from cdsl.source import width

from .test_accept import SPECS


def model_of(text):
    found = cdsl.check(cdsl.parse(text), "Model")
    assert found.model is not None, found.diagnostics
    return found.model


def compared(old, new, **told):
    return diff(model_of(old), model_of(new), **told)


def only(old, new, **told):
    """The one entry."""
    (change,) = compared(old, new, **told).changes
    return change


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """`invoke(old, new, *options)`: the command on two texts, in the test's own directory."""
    monkeypatch.chdir(tmp_path)

    def run(old, new, *options, stdin=None):
        (tmp_path / "old.cdsl").write_text(old, encoding="utf-8")
        (tmp_path / "new.cdsl").write_text(new, encoding="utf-8")
        arguments = ["diff", "old.cdsl", "new.cdsl", *options]
        return CliRunner().invoke(command_line, arguments, input=stdin, catch_exceptions=False)

    return run


OLD = """
dim K = 3
data t: positive = 1
w: simplex[K]
tau: interval(0, 10)
scale: positive
x: real
n: negative
frozen g: positive = 9.81
let b = 2 * x
over: greater_than(b)
"""
NEW = """
dim K = 4
data t: positive = 1
tau: interval(0, 5)
w: simplex[K]
sigma: positive
x: positive via softplus = 2
n: positive
frozen g: positive = 9.8
let b = 3 * x
over: greater_than(b)
"""
TABLE = """\
entry  verdict     what changed                                                                           migrate
t      same
tau    migratable  interval(0, 10) → interval(0, 5); if the values lie in `interval(0, 5)`                carries the value, to 0.95 eps
w      same
sigma  migratable  added                                                                                  takes its start, 1
x      migratable  real → positive; if the values lie in `positive`                                       carries the value, to 1 eps
n      breaking    negative → positive: no value is in both                                               refuses: `--start` begins anew
g      same        another constant, but a checkpoint brings its own: `--start` takes the spec's
over   migratable  the names in its arguments mean another thing; if the values lie in `greater_than(b)`  carries the value, to 0.47 eps
scale  breaking    removed                                                                                refuses to lose it: `--rename` or `--drop`

note: the flat vector is another one: flat vectors and optimizer states of the old spec do not fit
note: K has another default, 3 → 4: build the module with that of the checkpoint
note: x starts elsewhere
note: b is computed otherwise
hint: `--rename scale=sigma`? scale went and sigma came, declared alike

3 same, 4 migratable, 2 breaking (3 of them under a condition)
"""


def test_the_report_in_full(invoke):
    ran = invoke(OLD, NEW)
    assert ran.stdout == TABLE
    assert ran.exit_code == 1


def test_what_is_told_is_no_longer_breaking(invoke):
    ran = invoke(OLD, NEW, "--rename", "scale=sigma", "--start", "n")
    assert ran.exit_code == 0
    assert ran.stdout.splitlines()[-1] == "3 same, 5 migratable (3 of them under a condition)"
    assert invoke(OLD, NEW, "--drop", "scale", "--start", "n").exit_code == 0


# -- each kind of change -----------------------------------------------------------------------------------------------

SAME = {
    "nothing": ("p: prob", "p: prob"),
    "a comment, a doc, an alias": ("p: interval(0, 2)[3] via probit", "#: doc\ntype t = interval(0, 2) via probit\np: t[3] # c"),
    "the transform by another name": ("p: prob via sigmoid", "p: prob via logistic"),
    "the default transform named": ("s: positive", "s: positive via exp"),
    "a start": ("s: positive", "s: positive = 3"),
    "an argument by name": ("t: interval(0, 10)", "t: interval(low=0, high=10.0)"),
    "a size written otherwise": ("dim K\nx: real[2 * K]", "dim K\nx: real[K + K]"),
    "a let of another name": ("lo: real\nlet a = lo\nx: greater_than(lo)", "lo: real\nlet b = lo\nx: greater_than(lo)"),
    "frozen entries": ("b: real[2] = [1, 0] frozen [true, false]", "b: real[2] = [1, 3] frozen [true, false]"),
    "frozen, and trainable": ("frozen g: positive = 2", "g: positive = 2"),
    "a model of another name": ("model A { x: real }\nm: A", "model B { x: real }\nm: B"),
    "data of a wider domain": ("data t: prob = 0.5\nx: real", "data t: real = 0.5\nx: real"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
def test_same(old, new):
    found = compared(old, new)
    assert {one.verdict.value for one in found.changes} == {"same"}
    assert found.verdict.value == "same"


CHANGES = {
    "another transform": ("s: positive", "s: positive via softplus", "migratable", "transform exp → softplus", ""),
    "stages": ("p: prob", "p: prob via staged(train=logistic, eval=hard_sigmoid)", "migratable", "transform logistic → staged(train=logistic, eval=hard_sigmoid)", ""),
    "a step": ("s: positive", "s: positive via exp(loc=1)", "migratable", "step exp → exp(loc=1)", ""),
    "one set in two ways": ("p: prob", "p: interval(0, 1)", "migratable", "`prob` and `interval` are one set, written otherwise", ""),
    "a wider domain": ("s: positive", "s: real", "migratable", "positive → real", ""),
    "wider bounds": ("t: interval(0, 1)", "t: interval(-1, 2)", "migratable", "interval(0, 1) → interval(-1, 2)", ""),
    "a closed domain around an open one": ("t: positive", "t: nonnegative", "migratable", "positive → nonnegative", ""),
    "an open domain in a closed one": ("t: nonnegative", "t: positive", "migratable", "nonnegative → positive", "the values lie in `positive`"),
    "narrower bounds": ("t: interval(0, 2)", "t: interval(0, 1)", "migratable", "interval(0, 2) → interval(0, 1)", "the values lie in `interval(0, 1)`"),
    "a narrower domain": ("s: real", "s: positive", "migratable", "real → positive", "the values lie in `positive`"),
    "bounds of each entry": ("s: greater_than([1, 2])[2]", "s: greater_than([0, 3])[2]", "migratable", "greater_than([1, 2])[2] → greater_than([0, 3])[2]", "the values lie in `greater_than([0, 3])[2]`"),
    "wider bounds of each entry": ("s: greater_than([1, 2])[2]", "s: greater_than([0, 1])[2]", "migratable", "greater_than([1, 2])[2] → greater_than([0, 1])[2]", ""),
    "entries frozen": ("b: real[2] = [1, 0]", "b: real[2] = [1, 0] frozen [true, false]", "migratable", "other entries are frozen", "those that are frozen now are at their start"),
    "entries no longer frozen": ("b: real[2] = [1, 0] frozen [true, false]", "b: real[2] = [1, 0]", "migratable", "other entries are frozen", ""),
    "other numbers frozen": ("b: real[2] = [1, 0] frozen [true, false]", "b: real[2] = [2, 0] frozen [true, false]", "breaking", "its frozen entries are other numbers", ""),
    "disjoint": ("s: positive", "s: negative", "breaking", "positive → negative: no value is in both", ""),
    "apart": ("s: interval(0, 1)", "s: interval(2, 3)", "breaking", "interval(0, 1) → interval(2, 3): no value is in both", ""),
    "vectors": ("w: simplex[3]", "w: real[3]", "migratable", "simplex[3] → real[3]", ""),
    "other vectors": ("w: simplex[3]", "w: ordered[3]", "migratable", "simplex[3] → ordered[3]", "the values lie in `ordered[3]`"),
    "matrices of one shape": ("w: simplex[2, 3]", "w: row_stochastic[2, 3]", "migratable", "simplex[2, 3] → row_stochastic[2, 3]", "the values lie in `row_stochastic[2, 3]`"),
    "another rank": ("w: psd_rank[4, 2]", "w: psd_rank[4, 3]", "migratable", "psd_rank[4, 2] → psd_rank[4, 3]", "the values lie in `psd_rank[4, 3]`"),
    "another size": ("w: simplex[3]", "w: simplex[4]", "breaking", "shape (3,) → (4,)", ""),
    "another size of an event": ("L: cholesky_corr[3]", "L: cholesky_corr[4]", "breaking", "shape (3, 3) → (4, 4)", ""),
    "a batch": ("s: positive", "s: positive[3]", "migratable", "shape () → (3,), one value for all", ""),
    "a batch of vectors": ("w: simplex[3]", "w: simplex[2, 3]", "migratable", "shape (3,) → (2, 3), one value for all", ""),
    "no batch": ("s: positive[3]", "s: positive", "breaking", "shape (3,) → ()", ""),
    "a batch around a batch": ("s: positive[3]", "s: positive[2, 3]", "breaking", "shape (3,) → (2, 3)", ""),
    "a dim for a number": ("s: positive[3]", "dim K\ns: positive[K]", "migratable", "shape (3,) → (K,)", "3 = K"),
    "two dims": ("dim J\ns: real[J]", "dim K\ns: real[K]", "migratable", "shape (J,) → (K,)", "J = K"),
    "a let with another meaning": ("x: real\nlet b = x\ny: greater_than(b)", "x: real\nlet b = 2 * x\ny: greater_than(b)", "migratable", "the names in its arguments mean another thing", "the values lie in `greater_than(b)`"),
    "a let in a nested model": ("model A {\n    x: real\n    let b = x\n}\na: A\ny: greater_than(a.b)", "model A {\n    x: real\n    let b = 2 * x\n}\na: A\ny: greater_than(a.b)", "migratable", "the names in its arguments mean another thing", "the values lie in `greater_than(a.b)`"),
    "a let in a list": ("model A {\n    x: real\n    let b = x\n}\na: A[2]\ny: greater_than(a[1].b)", "model A {\n    x: real\n    let b = x\n}\na: A[2]\ny: greater_than(a[0].b)", "migratable", "greater_than(a[1].b) → greater_than(a[0].b)", "the values lie in `greater_than(a[0].b)`"),
    "another binding": ("data y: real[2] = 1\nmodel A {\n    data z: real[2]\n    y: greater_than(z[0])\n}\na: A(z=y)", "data y: real[2] = 1\nmodel A {\n    data z: real[2]\n    y: greater_than(z[0])\n}\na: A(z=2 * y)", "migratable", "the names in its arguments mean another thing", "the values lie in `greater_than(z[0])`"),
    "data of another kind": ("data y: real = 1\nx: real", "data y: int = 1\nx: real", "migratable", "real → int", "the values are whole numbers"),
    "data of a narrower domain": ("data y: real = 1\nx: real", "data y: positive = 1\nx: real", "migratable", "real → positive", "the values lie in `positive`"),
    "data of another shape": ("data y: real[2] = 1\nx: real", "data y: real[3] = 1\nx: real", "breaking", "shape (2,) → (3,)", ""),
    "data become a parameter": ("data y: real = 1", "y: real = 1", "breaking", "data and parameters are not each other", ""),
    "added": ("x: real", "x: real\ny: prob", "migratable", "added", ""),
    "data added": ("x: real", "x: real\ndata y: prob = 1", "migratable", "added", ""),
    "removed": ("x: real\ny: prob", "x: real", "breaking", "removed", ""),
    "data no longer with a default": ("data y: prob = 1\nx: real", "data y: prob\nx: real", "breaking", "removed", ""),
    "fewer models": ("model A { x: real }\na: A[3]", "model A { x: real }\na: A[2]", "breaking", "fewer models", ""),
    "more models": ("model A { x: real }\na: A[2]", "model A { x: real }\na: A[3]", "migratable", "more models", ""),
    "as many models as": ("dim K\nmodel A { x: real }\na: A[K]", "dim K\nmodel A { x: real }\na: A[3]", "migratable", "another number of models", "K = 3"),
    "one becomes a list": ("model A { x: real }\na: A", "model A { x: real }\na: A[2]", "breaking", "removed", ""),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "verdict", "why", "condition"), CHANGES.values(), ids=CHANGES)
def test_a_change(old, new, verdict, why, condition):
    found = compared(old, new)
    changed = [one for one in found.changes if one.verdict.value != "same"]
    assert (verdict, why, condition) in [(one.verdict.value, one.why, one.condition) for one in changed]
    assert found.verdict.value == verdict
    assert all(one.migrate or one.condition for one in changed)


def test_a_let_that_means_another_thing_is_one_that_nothing_else_tells():
    """The signature of a checkpoint has the name of the let: loading it says nothing, and gives another value."""
    old, new = (f"x: real\nlet b = {factor} * x\ny: greater_than(b)" for factor in (1, 3))
    one, other = (cdsl.loads(text).Model() for text in (old, new))
    one.assign_(x=2, y=7)
    other.load_state_dict(one.state_dict())
    assert other.y == 11
    assert only_of(compared(old, new), "y").verdict.value == "migratable"


def only_of(found, path):
    (one,) = (each for each in found.changes if each.path == path)
    return one


# -- names -------------------------------------------------------------------------------------------------------------

NESTED = "model N {\n    df: greater_than(2)\n    s: positive\n}\n%s: N\nmany: N[2]\n"


def test_a_rename_is_copied_and_so_is_all_that_stands_in_it():
    assert only("s: positive", "scale: positive", rename={"s": "scale"}).migrate == "copies raw"
    found = compared(NESTED % "noise", NESTED % "errors", rename={"noise": "errors"})
    assert [(one.path, one.verdict.value) for one in found.changes] == [
        ("errors.df", "migratable"),
        ("errors.s", "migratable"),
        ("many[*].df", "same"),
        ("many[*].s", "same"),
    ]
    assert found.flat == "same"


def test_what_uses_a_renamed_parameter_keeps_its_meaning():
    found = compared("lo: real\nhi: greater_than(lo)", "low: real\nhi: greater_than(low)", rename={"lo": "low"})
    hi = only_of(found, "hi")
    assert (hi.verdict.value, hi.condition, hi.migrate) == ("migratable", "", "copies raw")


def test_a_model_becomes_the_first_of_a_list():
    text = "model A { x: real }\na: A"
    found = compared(text, f"{text.removesuffix('a: A')}a: A[2]", rename={"a": "a[0]"})
    assert [one.verdict.value for one in found.changes] == ["migratable"]


def test_renames_are_suggested():
    found = compared("s: positive\nw: simplex[3]", "scale: positive\nweights: simplex[3]")
    assert found.hints == (
        "`--rename s=scale`? s went and scale came, declared alike",
        "`--rename w=weights`? w went and weights came, declared alike",
    )
    assert compared(NESTED % "noise", NESTED % "errors").hints == (
        "`--rename noise=errors`? noise.df went and errors.df came, declared alike",
    )
    assert compared("a: real\nb: real", "c: real\nd: real").hints == ()
    assert compared("s: positive", "scale: real").hints == ()


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"rename": {"y": "x"}}, "the old spec has no `y`"),
        ({"rename": {"scale": "sacle"}}, "the new spec has no `sacle`, did you mean `scale`?"),
        ({"drop": ["sclae"]}, "the old spec has no `sclae`, did you mean `scale`?"),
        ({"start": ["y"]}, "the new spec has no `y`"),
        ({"rename": {"x": "scale"}}, "two names of the old spec become `scale`"),
    ],
)
def test_names_that_there_are_not(told, message):
    with pytest.raises(Unknown, match=message.replace("?", r"\?")):
        compared("x: real\nscale: real", "x: real\nscale: real", **told)


def test_a_dropped_value_makes_room_for_another():
    found = compared("a: real\nb: real", "b: real", rename={"a": "b"}, drop=["b"])
    assert [(one.path, one.verdict.value, one.migrate) for one in found.changes] == [
        ("b", "migratable", "copies raw"),
        ("b", "migratable", "drops it"),
    ]


# -- the flat vector, and what checkpoints do not feel -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "flat"),
    [
        ("x: real\ny: prob", "x: real\ny: prob via probit", "same"),
        ("x: real\ny: prob", "y: prob\nx: real", "permuted"),
        ("x: real\ny: prob", "x: real", "changed"),
        ("x: real\ny: prob", "x: real\nfrozen y: prob = 0.5", "changed"),
        ("w: simplex[3]", "w: simplex[3] via softmax", "changed"),
        ("x: real\nmodel A { y: real }\na: A", "model A { y: real }\na: A\nx: real", "permuted"),
    ],
)
def test_the_flat_vector(old, new, flat):
    assert compared(old, new).flat == flat


def test_notes():
    old = "dim K = 3\ndata y: real\nx: real[K]\nlet a = x\nlet b = x"
    new = "dim K = 4\ndata y: real = 0\nx: real[K] = 2\nlet b = 2 * x\nlet c = x"
    assert compared(old, new).notes == (
        "K has another default, 3 → 4: build the module with that of the checkpoint",
        "y is in checkpoints from now on",
        "x starts elsewhere",
        "b is computed otherwise",
        "c is a new derived value",
        "a is no longer derived",
    )


# -- the command -------------------------------------------------------------------------------------------------------


def test_as_json(invoke):
    ran = invoke(OLD, NEW, "--json")
    found = json.loads(ran.stdout)
    assert ran.exit_code == 1
    assert (found["version"], found["verdict"], found["flat"]) == (1, "breaking", "changed")
    assert found["changes"][2] == {
        "kind": "parameter",
        "path": "w",
        "before": "simplex[K] via isometric_log_ratio",
        "after": "simplex[K] via isometric_log_ratio",
        "verdict": "same",
        "why": "",
        "condition": "",
        "migrate": "",
    }
    assert Difference.model_validate_json(ran.stdout) == compared(OLD, NEW).model_copy(
        update={"old": "Old", "new": "New"}
    )


@pytest.mark.parametrize("spec", SPECS, ids=lambda file: file.stem)
def test_every_spec_is_the_same_as_itself(spec):
    model = cdsl.check(cdsl.parse(spec.read_text(encoding="utf-8-sig")), class_of(spec)).model
    found = diff(model, model)
    assert (found.verdict.value, found.flat, found.notes, found.hints) == ("same", "same", (), ())


def test_usage(invoke, tmp_path):
    for options in (
        ["--rename", "x"],
        ["--rename", "x=y", "--rename", "x=z"],
        ["--rename", "=y"],
        ["--drop", "nothing"],
    ):
        ran = invoke("x: real", "y: real", *options)
        assert (ran.exit_code, ran.stdout) == (2, ""), options
    ran = CliRunner().invoke(command_line, ["diff", "-", "-"], input="x: real")
    assert ran.exit_code == 2
    ran = CliRunner().invoke(command_line, ["diff", "old.cdsl"])
    assert ran.exit_code == 2
    (tmp_path / "v1.0.cdsl").write_text("x: real")
    ran = CliRunner().invoke(command_line, ["diff", "-", "v1.0.cdsl"], input="x: real")
    assert (ran.exit_code, ran.stdout.splitlines()[-1]) == (0, "1 same")


@pytest.mark.parametrize("bad", ["", "p: postive", "p: [[[", "\0", "x: real\n" * 2])
def test_a_spec_with_problems_is_reported_and_nothing_else(bad, invoke):
    for old, new in ((bad, "x: real"), ("x: real", bad)):
        ran = invoke(old, new)
        assert (ran.exit_code, ran.stdout) == (1, "")
        assert "error[E" in ran.stderr


def test_models_that_double_are_refused(invoke):
    text = "model M0 { x: real }\n" + "".join(
        f"model M{n} {{\n    a: M{n - 1}\n    b: M{n - 1}\n}}\n" for n in range(1, 40)
    )
    ran = invoke(f"{text}top: M39\n", "x: real")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "error[E801]" in ran.stderr


def test_lets_that_stand_on_one_another_are_compared_once():
    began = time.monotonic()
    text = "x: real\nlet a0 = x\n" + "".join(f"let a{n} = a{n - 1} + a{n - 1}\n" for n in range(1, 300))
    assert compared(text + "y: greater_than(a299)", text + "y: greater_than(a299)").verdict.value == "same"
    other = text.replace("let a0 = x", "let a0 = 2 * x")
    assert compared(text + "y: greater_than(a299)", other + "y: greater_than(a299)").verdict.value == "migratable"
    assert time.monotonic() - began < 20


def test_columns_are_aligned(invoke):
    lines = invoke("σ: positive\n変数: real", "σ: positive\n変数: real\nx: real").stdout.splitlines()
    starts = {
        width(line[: line.index(word)]) for line, word in zip(lines, ["verdict", "same", "same", "migr"], strict=False)
    }
    assert len(starts) == 1
