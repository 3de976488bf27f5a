"""`cdsl migrate` and `cdsl.migrate.migrate`: checkpoints of one spec as those of another, the loaded result compared by value."""

import copy
import io
import pickle
import warnings
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import cdsl
from cdsl.cli import cdsl as command_line
from cdsl.constraints import domains
from cdsl.diff import Told, Unknown, diff
from cdsl.files import class_of, write_whole
from cdsl.migrate import MigrationError, carry, migrate
from cdsl.migrate.build import modules
from cdsl.runtime import SignatureMismatch
from cdsl.runtime.module import named

from .test_accept import SPECS
from .test_diff import CHANGES, SAME, model_of

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def live(text, dtype=torch.float64, seed=0, **given):
    """A module of a text at values of its own."""
    model = cdsl.loads(text).Model(dtype=dtype, **given)
    model.randomize_(radius=1.0, generator=torch.Generator().manual_seed(seed))
    return model


def values(model):
    with torch.no_grad():
        return {name: value.detach().clone() for name, value in named(model(), "")}


def close(one, other, dtype):
    torch.testing.assert_close(
        one.double(), other.double(), rtol=64 * torch.finfo(dtype).eps, atol=64 * torch.finfo(dtype).eps
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The test's own directory, with `old.cdsl`, `new.cdsl` and a checkpoint of the old one, `old.pt`."""
    monkeypatch.chdir(tmp_path)

    def fill(old, new, model=None, state=None, name="old.pt"):
        (tmp_path / "old.cdsl").write_text(old, encoding="utf-8")
        (tmp_path / "new.cdsl").write_text(new, encoding="utf-8")
        if model is not None or state is not None:
            torch.save(model.state_dict() if state is None else state, tmp_path / name)
        return tmp_path

    return fill


def invoke(*options, checkpoint="old.pt", output="new.pt"):
    arguments = ["migrate", "old.cdsl", "new.cdsl", checkpoint, "-o", output, *options]
    return CliRunner().invoke(command_line, arguments, catch_exceptions=False)


def result(path="new.pt"):
    return torch.load(path, weights_only=True)


# -- as a person would -------------------------------------------------------------------------------------------------

OLD = """
dim K
data y: real[K]
data t: positive = 1
model Noise {
    df: greater_than(2)
    width: positive
}
s: positive
tau: interval(0, 10)
w: simplex[K]
lo: real
hi: greater_than(lo)
noise: Noise
many: Noise[2]
frozen g: positive = 9.81
gone: real
let fit = sum(w * y)
"""
NEW = """
dim K
data y: real[K]
data t: positive = 1
model Noise {
    width: positive via softplus
    df: greater_than(2)
}
hi2: real = 3
scale: positive via softplus
lo: real
hi: greater_than(lo) via softplus
tau: interval(-1, 10) via probit
w: simplex[K] via stick_breaking
errors: Noise
many: Noise[3]
frozen g: positive = 9.8
let fit = sum(w * y) / t
"""


def test_a_checkpoint_is_carried_over(folder):
    model = live(OLD, torch.float32, y=[1.0, 2.0, 3.0])
    model.t = 2.5
    before = values(model)
    place = folder(OLD, NEW, model)
    kept = (place / "old.pt").read_bytes()
    ran = invoke("--rename", "s=scale", "--rename", "noise=errors", "--drop", "gone")
    assert ran.exit_code == 0, ran.output
    assert (place / "old.pt").read_bytes() == kept
    other = cdsl.loads(NEW).Model(y=[1.0, 2.0, 3.0])
    other.load_state_dict(result())
    after = values(other)
    names = {"scale": "s", "errors.df": "noise.df", "errors.width": "noise.width"}
    for name in ("scale", "lo", "hi", "tau", "w", "errors.df", "errors.width", "many[0].df", "many[1].width", "g"):
        close(after[name], before[names.get(name, name)], torch.float32)
    assert (other.t.item(), other.hi2.item(), other.many[2].df.item()) == (2.5, 3.0, 3.0)
    assert torch.equal(other.lo_raw, model.lo_raw)
    lines = [line.split() for line in ran.stdout.splitlines()]
    assert lines[0] == ["entry", "done", "moved", "by"]
    assert ["lo", "raw", "copied", "0"] in lines
    assert ["gone", "dropped"] in lines
    assert ["hi2", "its", "start"] in lines
    assert {line[0] for line in lines} >= {"t", "scale", "many[2].df"}


def test_there_and_back(folder):
    a, b = (
        "s: positive\nw: simplex[4]\nL: cov[3]\np: prob[2]",
        "s: positive via softplus\nw: simplex[4] via stick_breaking\nL: cov[3] via lkj\np: prob[2] via probit",
    )
    model = live(a)
    other = cdsl.loads(b).Model(dtype=torch.float64)
    there = migrate(model, other, model.state_dict())
    back = migrate(other, model, there)
    for key, value in model.state_dict().items():
        torch.testing.assert_close(back[key], value, rtol=1e-12, atol=1e-12)


def test_what_would_be_lost_is_refused_all_at_once(folder):
    model = live("x: real\ny: prob\nz: real[3]")
    model.x = -1
    place = folder("x: real\ny: prob\nz: real[3]", "x: positive\nz: real[4]", model)
    ran = invoke()
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert [line for line in ran.stderr.splitlines() if line.startswith("error")] == [
        "error[E804]: x is outside positive: -1, must be greater than 0, off by 1",
        "error[E804]: z: its shape was (3,) and is (4,)",
        "error[E804]: y: the new spec has no place for it",
    ]
    assert "`--drop OLD`" in ran.stderr
    assert not (place / "new.pt").exists()
    assert invoke("--start", "x", "--start", "z", "--drop", "y").exit_code == 0
    assert result()["x_raw"].item() == 0


# -- each kind of change: migrate does what diff says ------------------------------------------------------------------

KINDS = {f"{name}": (old, new) for name, (old, new, *_) in {**SAME, **CHANGES}.items()}


@pytest.mark.parametrize(("old", "new"), KINDS.values(), ids=KINDS)
def test_migrate_does_what_diff_says(old, new):
    dtype = torch.float32
    was, now = model_of(old), model_of(new)
    said = diff(was, now)
    dims = {one.name: 3 for one in was.dims}
    model = live(old, dtype, **dims)
    told = Told(None, (), ())
    state = model.state_dict()
    refused = None
    try:
        carried = carry(*modules(was, now, state, told, {}, {}), state, told)
    except MigrationError as error:
        refused = error
    if refused is not None:
        allowed = said.breaking or any(one.condition for one in said.changes)
        assert allowed, refused
        return
    assert not said.breaking
    given = {one.name: 3 for one in now.dims}
    other = cdsl.loads(new).Model(dtype=dtype, **given)
    other.load_state_dict(carried.state)
    assert {value.dtype for value in carried.state.values()} <= {dtype, torch.uint8, torch.int64}
    before, after = values(model), values(other)
    parameters = {leaf.name for leaf in other._leaves()} & {leaf.name for leaf in model._leaves()}
    for name in parameters:
        close(after[name], before[name].expand_as(after[name]), dtype)
    if not any(one.verdict.value != "same" for one in said.changes):
        other.load_state_dict(state)
        assert all(torch.equal(value, before[name]) for name, value in values(other).items() if name in parameters)
    untouched = {one.path for one in said.changes if one.verdict.value == "same" and one.kind == "parameter"}
    raws = {leaf.name: leaf.parameter for leaf in model._leaves()}
    for leaf in other._leaves():
        if leaf.name.replace("[0]", "[*]") in untouched and leaf.name in raws:
            assert torch.equal(leaf.parameter, raws[leaf.name]), leaf.name


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_dtype_is_kept(dtype):
    old, new = (
        "s: positive\nw: simplex[3]\nx: real\ndata t: real = 2",
        "x: real\ns: positive via softplus\nw: simplex[3] via stick_breaking\ndata t: real = 3",
    )
    model = live(old, dtype)
    state = migrate(model, cdsl.loads(new).Model(dtype=dtype), model.state_dict())
    assert {key: value.dtype for key, value in state.items() if key != "_extra_state"} == dict.fromkeys(
        ("x_raw", "s_raw", "w_raw", "t"), dtype
    )
    other = cdsl.loads(new).Model(dtype=dtype)
    other.load_state_dict(state)
    assert torch.equal(other.x_raw, model.x_raw)
    assert other.t == 2
    close(other.double().s, model.double().s, dtype)


def test_what_a_dtype_cannot_hold_is_refused():
    """float16 raw of a narrow step: the nearest value is farther than rounding explains."""
    model = live("x: real", torch.float16)
    model.x = 1000
    with pytest.raises(MigrationError, match=r"does not fit torch\.float16"):
        migrate(model, cdsl.loads("x: real(0, 0.001)").Model(), model.state_dict())


def test_modules_and_state_are_as_they_were():
    old, new = live("s: positive"), live("s: positive via softplus", seed=1)
    state = old.state_dict()
    before = [copy.deepcopy(one.state_dict()) for one in (old, new)]
    made = migrate(old, new, state)
    for one, kept in zip((old, new), before, strict=True):
        assert all(torch.equal(value, kept[key]) for key, value in one.state_dict().items())
    assert made["s_raw"].data_ptr() not in {one.s_raw.data_ptr() for one in (old, new)}


def test_a_frozen_constant_stays_that_of_the_checkpoint_unless_told():
    old, new = live("frozen g: positive = 9.81"), cdsl.loads("frozen g: positive = 9.8").Model(dtype=torch.float64)
    state = old.state_dict()
    assert torch.equal(migrate(old, new, state)["g_raw"], old.g_raw)
    assert torch.equal(migrate(old, new, state, start=["g"])["g_raw"], new.g_raw)


def test_entries_that_stay_are_freed_and_held():
    free, held = "b: real[3] = [1, 0, 0]", "b: real[3] = [1, 0, 0] frozen [true, false, false]"
    model, other = live(held), live(free)
    state = migrate(model, other, model.state_dict())
    assert state["b_raw"].tolist() == model.b.tolist()
    with pytest.raises(MigrationError, match=r"b\[0\] is frozen at 1, got"):
        migrate(other, model, other.state_dict())
    assert torch.equal(migrate(other, model, state)["b_raw"], model.b_raw)


def test_a_let_of_another_meaning_keeps_the_value():
    old, new = (f"x: real\nlet b = {factor} * x\ny: greater_than(b)" for factor in (1, 3))
    model = live(old)
    model.assign_(x=2, y=7)
    other = cdsl.loads(new).Model(dtype=torch.float64)
    other.load_state_dict(migrate(model, other, model.state_dict()))
    assert other.y.item() == pytest.approx(7, rel=1e-14)
    model.assign_(x=2, y=5)
    with pytest.raises(MigrationError, match=r"y is outside greater_than\(6\.0\): 5, must"):
        migrate(model, other, model.state_dict())


def test_names_in_lists(folder):
    model = live("model A { x: real }\na: A\nb: A[3]")
    other = cdsl.loads("model A { x: real }\nmany: A[2]").Model(dtype=torch.float64)
    told = {"rename": {"a": "many[1]", "b[2]": "many[0]"}, "drop": ["b[0]", "b[1]"]}
    state = migrate(model, other, model.state_dict(), **told)
    assert torch.equal(state["many.1.x_raw"], model.a.x_raw)
    assert torch.equal(state["many.0.x_raw"], model.b[2].x_raw)
    with pytest.raises(MigrationError, match=r"b\[1\]\.x: the new spec has no place for it"):
        migrate(model, other, model.state_dict(), rename=told["rename"], drop=["b[0]"])
    with pytest.raises(Unknown, match="the old spec has no `c`"):
        migrate(model, other, model.state_dict(), drop=["c"])


# -- sizes and data ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("dim K\nL: cholesky_corr[K]", {"K": 4}),
        ("dim K = 2\nw: simplex[K + 1]", {"K": 4}),
        ("dim n\ndim k\nx: stiefel[n, k]", {"n": 4, "k": 2}),
        ("dim J\nx: simplex[J, 3]", {"J": 5}),
        ("dim J\nmodel A {\n    dim n\n    x: real[2 * n]\n}\na: A(n=J)", {"J": 3}),
        ("dim M\nmodel A { x: real }\na: A[M]", {"M": 3}),
        ("dim N = 2\ndata y: real[N] = 0\nx: real", {"N": 5}),
        ("dim J\ndim K = J * 2\nx: real[K]\ny: real[J]", {"J": 3, "K": 7}),
    ],
)
def test_sizes_are_read_from_the_checkpoint(text, given, folder):
    new = text + "\nadded: prob\n"
    model = live(text, **given)
    folder(text, new, model)
    ran = invoke()
    assert ran.exit_code == 0, ran.output
    cdsl.loads(new).Model(**given).load_state_dict(result())


def test_sizes_without_a_signature_are_those_of_raw_values(folder):
    text = "dim K\nx: real[K]\nL: cholesky_corr[K]"
    model = live(text, K=4)
    state = {key: value for key, value in model.state_dict().items() if key != "_extra_state"}
    folder(text, text, state=state)
    ran = invoke()
    assert ran.exit_code == 0
    assert "note: Old: the checkpoint does not say under which constraints it was saved" in ran.stderr
    assert torch.equal(result()["L_raw"], model.L_raw)


def test_a_size_that_nothing_tells_is_asked_for(folder):
    old, new = "x: real", "dim K\nx: real\ny: real[K]"
    folder(old, new, live(old))
    ran = invoke()
    assert ran.exit_code == 1
    assert "error[E805]: the checkpoint does not tell the size `K` of the new spec" in ran.stderr
    assert "`--dim K=…`" in ran.stderr
    assert invoke("--dim", "K=4").exit_code == 0
    assert result()["y_raw"].shape == (4,)


def test_data_are_needed_where_bounds_need_them_and_nowhere_else(folder):
    old = "dim N\ndata y: real[N]\ndata z: real[N]\nx: greater_than(max(y))\nlet f = x * z"
    new = "dim N\ndata y: real[N]\ndata z: real[N]\nx: greater_than(max(y)) via softplus\nlet f = x + z"
    model = live(old, y=[1.0, 5.0], z=[0.0, 0.0])
    place = folder(old, new, model)
    ran = invoke()
    assert ran.exit_code == 1
    assert "error[E805]: sizes, bounds or starts of the old spec depend on data: `y`" in ran.stderr
    torch.save({"y": torch.tensor([1.0, 5.0])}, place / "data.pt")
    ran = invoke("--data", "data.pt")
    assert ran.exit_code == 0, ran.output
    other = cdsl.loads(new).Model(y=[1.0, 5.0], z=[0.0, 0.0], dtype=torch.float64)
    other.load_state_dict(result())
    assert other.x.item() == pytest.approx(model.x.item(), rel=1e-14)


def test_data_in_nested_models(folder):
    old = "data z: real[2]\nmodel A {\n    dim n\n    data u: real[n]\n    data v: real[2] = 3\n    x: real[n]\n    let f = u + x\n    let low = x[0]\n}\na: A(u=2 * z)\ny: greater_than(a.low)"
    model = live(old, z=[1.0, 2.0])
    model.a.v = [4.0, 5.0]
    new = old.replace("x: real[n]", "x: real(0, 2)[n]")
    folder(old, new, model)
    ran = invoke("--dim", "n=2")
    assert ran.exit_code == 2
    place = folder(old, new)
    torch.save({"z": torch.tensor([1.0, 2.0])}, place / "data.pt")
    ran = invoke("--data", "data.pt")
    assert ran.exit_code == 0, ran.output
    other = cdsl.loads(new).Model(z=[1.0, 2.0], dtype=torch.float64)
    other.load_state_dict(result())
    close(other.a.x, model.a.x, torch.float64)
    close(other.y, model.y, torch.float64)
    assert other.a.v.tolist() == [4.0, 5.0]


def test_data_of_the_checkpoint_come_along_or_are_refused(folder):
    old = "data t: real = 1\ndata n: int = 2\nx: real"
    model = live(old, t=-3.0, n=7)
    for new, wrong in ((old.replace("t: real", "t: positive"), "t is outside `positive`: -3"), (old, "")):
        folder(old, new, model)
        ran = invoke()
        assert ran.exit_code == int(bool(wrong)), ran.output
        assert wrong in ran.stderr
    assert (result()["t"].item(), result()["n"].item(), result()["n"].dtype) == (-3, 7, torch.int64)
    place = folder(old, old.replace("real", "positive", 1))
    torch.save({"t": torch.tensor(4.0)}, place / "data.pt")
    assert invoke("--start", "t", "--data", "data.pt", "--force").exit_code == 0
    assert result()["t"] == 4


@pytest.mark.parametrize(
    "size", ["K", "K=", "K=x", "K=-1", "K=1.5", "=3", "N=3", "K=" + "9" * 30, "K=\N{FULLWIDTH DIGIT THREE}"]
)
def test_a_size_that_is_none_is_wrong_usage(size, folder):
    text = "dim K\nx: real[K]"
    folder(text, text, live(text, K=2))
    assert invoke("--dim", size).exit_code == 2


# -- files -------------------------------------------------------------------------------------------------------------


def test_safetensors_both_ways(folder):
    library = pytest.importorskip("safetensors.torch")
    old, new = "s: positive\ndata b: bool = true", "s: positive via softplus\ndata b: bool = false"
    model = live(old, torch.bfloat16)
    place = folder(old, new, model)
    library.save_file(model.state_dict(), place / "old.safetensors")
    assert invoke(checkpoint="old.safetensors", output="new.safetensors").exit_code == 0
    assert invoke(checkpoint="old.safetensors").exit_code == 0
    one, other = library.load_file(place / "new.safetensors"), result()
    assert {*one} == {*other} == {"s_raw", "b", "_extra_state"}
    assert all(torch.equal(one[key], other[key]) for key in one)
    cdsl.loads(new).Model(dtype=torch.bfloat16).load_state_dict(one)


def test_a_saved_model_is_carried_over_and_loaded(folder):
    """With its data, on which a bound depends; the package safetensors is not needed."""
    old, new = "data y: real\ns: greater_than(y)", "data y: real\ns: greater_than(y) via softplus"
    model = cdsl.loads(old).Model(y=2.0, dtype=torch.float64)
    place = folder(old, new, model)
    model.save(place / "old.safetensors")
    assert invoke(checkpoint="old.safetensors", output="new.safetensors").exit_code == 0
    later = cdsl.loads(new).Model
    loaded = later.load(place / "new.safetensors", y=2.0)
    assert loaded.s_raw.dtype == torch.float64
    assert abs(loaded.s - model.s) < 1e-15  # of 3: two roundings
    with pytest.raises(SignatureMismatch, match=r"Model\.s: .*`greater_than\(y\) via exp`.*`cdsl migrate`"):
        later.load(place / "old.safetensors")


def test_a_module_within_a_larger_one(folder):
    old, new = "s: positive", "s: positive via softplus"
    model = live(old)
    state = {f"net.prior.{key}": value for key, value in model.state_dict().items()} | {"net.weight": torch.ones(2)}
    folder(old, new, state=state)
    ran = invoke()
    assert ran.exit_code == 1
    assert "`s_raw` is missing" in ran.stderr
    assert "the checkpoint has them under `net.prior.`: `--prefix net.prior.`" in ran.stderr
    assert invoke("--prefix", "net.prior.").exit_code == 0
    assert {*result()} == {*state}
    assert torch.equal(result()["net.weight"], torch.ones(2))
    assert invoke("--prefix", "model.", "--force").exit_code == 1


def test_a_file_that_is_there_stays(folder):
    place = folder("x: real", "x: real", live("x: real"))
    (place / "new.pt").write_text("mine")
    ran = invoke()
    assert (ran.exit_code, (place / "new.pt").read_text()) == (2, "mine")
    assert "replace it with `--force`" in ran.stderr
    assert invoke("--force").exit_code == 0
    kept = (place / "old.pt").read_bytes()
    for output in ("old.pt", "./old.pt"):
        ran = invoke("--force", output=output)
        assert (ran.exit_code, (place / "old.pt").read_bytes()) == (2, kept)
    assert invoke("--force", output=".").exit_code == 2
    ran = invoke(output="no/such/place.pt")
    assert ran.exit_code == 1
    assert "error[E008]" in ran.stderr


def test_a_failure_leaves_the_file_that_was_there(tmp_path, monkeypatch):
    (tmp_path / "a.pt").write_bytes(b"before")
    monkeypatch.setattr("os.fsync", lambda file: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "a.pt", b"after")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a.pt", b"before")]


class Payload:
    """What runs when it is unpickled."""

    def __reduce__(self):
        return print, ("payload was run",)


def hostile():
    """Bytes that are no checkpoint of the spec `x: real`, and what is said of each."""
    good = io.BytesIO()
    torch.save({"x_raw": torch.ones(1)}, good)
    made = {"empty": (b"", "E802"), "text": (b"x: real\n", "E802"), "zip": (b"PK\x03\x04" + bytes(100), "E802")}
    made["truncated"] = (good.getvalue()[: len(good.getvalue()) // 2], "E802")
    made["a payload"] = (pickle.dumps({"x_raw": Payload()}), "E802")
    objects = {
        "a payload in a checkpoint": ({"x_raw": torch.ones(1), "more": Payload()}, "E802"),
        "a list": ([1, 2], "E802"),
        "a tensor": (torch.ones(3), "E802"),
        "nothing": ({}, "E802"),
        "numbers": ({"x_raw": 1.0}, "E802"),
        "keys that are no names": ({0: torch.ones(1)}, "E802"),
        "a wrapped one": ({"model": {"x_raw": torch.ones(1)}, "epoch": 3}, "E802"),
        "sparse": ({"x_raw": torch.ones(1).to_sparse()}, "E802"),
        "other keys": ({"y_raw": torch.ones(1)}, "E803"),
        "more keys": ({"x_raw": torch.ones(1), "y_raw": torch.ones(1)}, "E803"),
        "another shape": ({"x_raw": torch.ones(2)}, "E803"),
        "whole numbers": ({"x_raw": torch.ones(1, dtype=torch.int64)}, "E803"),
        "complex": ({"x_raw": torch.ones(1, dtype=torch.complex64)}, "E803"),
        "nan": ({"x_raw": torch.tensor([float("nan")])}, "E803"),
        "infinite": ({"x_raw": torch.tensor([float("inf")])}, "E803"),
        "a signature that is none": ({"x_raw": torch.ones(1), "_extra_state": torch.zeros(1024, dtype=torch.uint8)}, "E803"),
        "a signature of floats": ({"x_raw": torch.ones(1), "_extra_state": torch.rand(1024)}, "E803"),
        "another spec": (cdsl.loads("x: positive").Model().state_dict(), "E803"),
    }  # fmt: skip
    for name, (value, code) in objects.items():
        buffer = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.save(value, buffer)
        made[name] = (buffer.getvalue(), code)
    return made


HOSTILE = hostile()


@pytest.mark.parametrize(("data", "code"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_checkpoint_of_the_old_spec(data, code, folder, capfd):
    place = folder("x: real", "x: real via identity")
    (place / "old.pt").write_bytes(data)
    ran = invoke()
    assert (ran.exit_code, ran.stdout) == (1, ""), ran.output
    assert f"error[{code}]: " in ran.stderr
    assert "payload was run" not in ran.stdout + capfd.readouterr().out
    assert sorted(one.name for one in place.iterdir()) == ["new.cdsl", "old.cdsl", "old.pt"]
    assert (place / "old.pt").read_bytes() == data


def test_another_signature_is_told(folder):
    folder("x: real", "x: real", cdsl.loads("x: positive").Model())
    ran = invoke()
    assert (
        "x: the checkpoint was saved under `positive via exp`, this module declares `real via identity`" in ran.stderr
    )


@pytest.mark.parametrize("data", [b"", b"\xff" * 100, (2**40).to_bytes(8, "little") + b"{}", b"\x02\0\0\0\0\0\0\0{}"])
def test_what_is_no_safetensors_file(data, folder):
    place = folder("x: real", "x: real")
    (place / "old.safetensors").write_bytes(data)
    ran = invoke(checkpoint="old.safetensors")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "error[E802]" in ran.stderr


def test_files_that_are_not_there_and_specs_with_problems(folder):
    place = folder("x: real", "x: real")
    ran = invoke()
    assert (ran.exit_code, "error[E802]: cannot read `old.pt`" in ran.stderr) == (1, True)
    (place / "directory.pt").mkdir()
    assert invoke(checkpoint="directory.pt").exit_code == 1
    for old, new in (("x: rael", "x: real"), ("x: real", "x: rael"), ("model A { x: real }", "x: real")):
        folder(old, new, live("x: real"))
        ran = invoke()
        assert (ran.exit_code, ran.stdout) == (1, "")
        assert "error[E" in ran.stderr
    assert not (place / "new.pt").exists()


def test_a_spec_of_data_alone(folder):
    text = "data t: real[2] = 1"
    model = cdsl.loads(text).Model(t=[2.0, 3.0])
    folder(text, text + "\nx: real\n", model)
    assert invoke().exit_code == 0
    assert result()["t"].tolist() == [2, 3]


def test_as_a_process(run_cdsl, tmp_path):
    (tmp_path / "old.cdsl").write_text("s: positive = 3")
    (tmp_path / "new.cdsl").write_text("scale: positive via softplus")
    torch.save(cdsl.loads("s: positive = 3").Model().state_dict(), tmp_path / "old.pt")
    ran = run_cdsl("migrate", "old.cdsl", "new.cdsl", "old.pt", "-o", "new.pt", "--rename", "s=scale")
    assert (ran.rc, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[0].split() == ["entry", "done", "moved", "by"]
    other = cdsl.loads("scale: positive via softplus").Model()
    other.load_state_dict(torch.load(Path(tmp_path / "new.pt"), weights_only=True))
    assert other.scale.item() == pytest.approx(3, rel=1e-6)


# -- everything there is -----------------------------------------------------------------------------------------------


def all_transforms(via):
    """A parameter for each transform of each domain, under what `via` says of the two."""
    arguments = {"floored_simplex": "(0.01)", "ordered_in": "(0, 1)", "interval": "(0, 10)", "scaled_simplex": "(2)"}
    sizes = ("", "[4]", "[4, 3]", "[4, 3, 2]")
    for name, domain in domains().items():
        given = arguments.get(name, f"({', '.join(['1'] * (len(domain.arguments) - len(domain.defaults)))})")
        for transform in domain.transforms:
            written = f"{name}{given if domain.arguments else ''}{sizes[len(domain.sizes)]}"
            yield f"{name}_{transform}_: {written} via {via(domain, transform)}\n"


def test_every_transform_of_every_domain_takes_the_values_of_the_default():
    old, new = (
        "".join(all_transforms(via)) for via in (lambda domain, _: domain.default, lambda _, transform: transform)
    )
    model, other = live(old), cdsl.loads(new).Model(dtype=torch.float64)
    other.load_state_dict(migrate(model, other, model.state_dict()))
    before, after = values(model), values(other)
    assert len(after) == sum(len(domain.transforms) for domain in domains().values())
    for name, value in after.items():
        torch.testing.assert_close(
            value, before[name], rtol=1e-13, atol=1e-14, msg=lambda text, name=name: f"{name}: {text}"
        )


@pytest.mark.parametrize(
    "spec", [spec for spec in SPECS if spec.stem not in ("huge_numbers", "matrices")], ids=lambda file: file.stem
)
def test_a_spec_migrates_to_itself_bit_by_bit(spec):
    name = class_of(spec)
    was = cdsl.check(cdsl.parse(spec.read_text(encoding="utf-8-sig")), name).model
    model = getattr(cdsl.load(spec), name)()
    model.randomize_(radius=0.5, generator=torch.Generator().manual_seed(0))
    state = model.state_dict()
    carried = carry(*modules(was, was, state, Told(None, (), ()), {}, {}), state, Told(None, (), ()))
    assert {*carried.state} == {*state}
    assert [key for key, value in state.items() if not torch.equal(carried.state[key], value)] == []


# -- sizes that a hostile checkpoint claims ----------------------------------------------------------------------------


def test_a_size_that_only_a_signature_has_costs_nothing(folder):
    text = "dim K\nx: real[K]"
    state = cdsl.loads(text).Model(K=3).state_dict()
    for claimed in (5, 10**17):
        signature = '{"x": {"domain": "real[%d]", "transform": "identity"}}' % claimed  # noqa: UP031  braces
        state["_extra_state"] = torch.tensor(list(signature.ljust(1024).encode()), dtype=torch.uint8)
        folder(text, text, state=state)
        ran = invoke()
        assert ran.exit_code == 1
        assert f"error[E803]: `x_raw` has shape (3,), the old spec gives it ({claimed},)" in ran.stderr


def test_a_list_is_as_long_as_there_are_models_in_it(folder):
    text = "dim M\nmodel A { x: real }\na: A[M]"
    folder(text, text, state={"a.0.x_raw": torch.ones(1), "a.999999999.x_raw": torch.ones(1)})
    ran = invoke()
    assert ran.exit_code == 1
    assert "`a.999999999.x_raw` is no entry of the old spec" in ran.stderr


def test_sizes_that_no_machine_has_are_refused(folder):
    folder("x: real", "x: real\ny: real[1000000000000000]", live("x: real"))
    ran = invoke()
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "error[E805]: the new spec cannot be built" in ran.stderr
    folder("x: real", "dim K\nx: real\ny: real[K]", live("x: real"))
    assert invoke("--dim", "K=" + "9" * 18).exit_code == 1
