"""`save` and `load`: what a file holds, that it is whole or as it was, and that no file does harm."""

import hashlib
import io
import json
import os
import random
import resource
import stat
import threading
from pathlib import Path

import pytest
import safetensors
import safetensors.torch
import torch
from torch import nn

import cdsl
from cdsl.loader import module_of
from cdsl.model import Model
from cdsl.runtime import CheckpointError, DomainError, SignatureMismatch
from cdsl.runtime import safetensors as ours
from cdsl.runtime.safetensors import contents, packed_safetensors, read_safetensors, write_parts
from cdsl.testing import DTYPES

CLOSED = """p: prob = 0.3
w: simplex[2, 3]
mu: ordered[3] = [-1, 0, 2.5]
tau: interval([0, -inf], 10)[2] = 0.5
b: real[3] = [1, 0, 0] frozen [true, false, false]
frozen g: positive = 9.81
"""

OPEN = """dim K = 2
dim M = 2 * K
dim N
data y: real[N]
data n: positive[K] = 1.0
data total: real = sum(y)
data on: bool = true
data ids: index(K)[N]
model Noise {
  data scale: positive = 2.0
  df: positive
}
w: simplex[M]
t: greater_than(y[0])
noise: Noise
many: Noise[K]
let a = w[0] * n
"""


def closed(**options):
    return filled(cdsl.loads(CLOSED, name="Closed").Closed, **options)


def opened(**options):
    given = {"K": 3, "y": [0.5, 1.5], "ids": [1, 2], "n": [1.0, 2.0, 3.0], **options}
    return filled(cdsl.loads(OPEN, name="Open").Open, **given)


def filled(cls, **options):
    model = cls(**{"dtype": torch.float64, **options})
    model.randomize_(generator=torch.Generator().manual_seed(0))
    return model


def same(one, other):
    """Bit by bit, in the state and beside it."""
    left, right = ({**dict(each.named_parameters()), **dict(each.named_buffers())} for each in (one, other))
    assert {*left} == {*right}
    assert [name for name in left if not torch.equal(left[name], right[name])] == []
    assert [name for name in left if left[name].dtype != right[name].dtype] == []
    assert one.frozen_names() == other.frozen_names()
    assert one.spec == other.spec
    return vars(one).get("_sized") == vars(other).get("_sized") and vars(one).get("_passed") == vars(other).get(
        "_passed"
    )


MODELS = {"closed": closed, "open": opened}
each_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


# -- there and back -----------------------------------------------------------------------------------------------------


@each_model
def test_what_is_saved_is_what_is_loaded(make, tmp_path):
    for dtype in DTYPES:
        model = make(dtype=dtype)
        model.freeze_(model._leaves()[0].name)
        model.save(tmp_path / "a.safetensors")
        assert same(type(model).load(tmp_path / "a.safetensors"), model)
        assert same(type(model).load(str(tmp_path / "a.safetensors"), dtype=dtype), model)
    assert [one.name for one in tmp_path.iterdir()] == ["a.safetensors"]


@each_model
def test_equal_models_are_equal_files(make, tmp_path):
    make().save(tmp_path / "a")
    type(make()).load(tmp_path / "a").save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@each_model
def test_the_package_safetensors_reads_the_file(make, tmp_path):
    model = make()
    model.save(tmp_path / "a")
    tensors = safetensors.torch.load_file(tmp_path / "a")
    assert {*tensors} == {*model.state_dict(), *model._unkept()}
    assert all(torch.equal(tensors[name], value) for name, value in model.state_dict().items())
    with safetensors.safe_open(tmp_path / "a", "pt") as file:
        about = file.metadata()
    assert json.loads(about["cdsl.model"]) == model.spec
    assert Model.model_validate_json(about["cdsl.model"]).name == type(model).__name__
    assert about["cdsl.digest"] == hashlib.sha256(about["cdsl.model"].encode()).hexdigest()
    if make is closed:
        other = make()
        other.randomize_()
        safetensors.torch.load_model(other, tmp_path / "a")
        assert torch.equal(other.to_flat(), model.to_flat())


def test_the_reader_and_the_writer_are_those_of_the_package(tmp_path):
    """Every dtype that the format and torch have, empty ones and scalars."""
    tensors = {str(dtype): torch.arange(6).reshape(2, 3).to(dtype) for dtype in ours.CODES}
    tensors |= {
        "empty": torch.empty(3, 0, 2),
        "scalar": torch.tensor(2.5, dtype=torch.bfloat16),
        '\u0436"\n': torch.ones(1),
    }
    tensors |= {"strided": torch.arange(6.0).reshape(2, 3).T, "conjugate": torch.tensor([1 + 2j]).conj()}
    write_parts(tmp_path / "ours", packed_safetensors(tensors, {"a": "b"}))
    whole = {name: value.contiguous().resolve_conj() for name, value in tensors.items()}
    safetensors.torch.save_file(whole, tmp_path / "theirs", {"a": "b"})
    for read in (
        safetensors.torch.load_file(tmp_path / "ours"),
        *(read_safetensors(tmp_path / name).tensors for name in ("ours", "theirs")),
    ):
        assert {*read} == {*tensors}
        for name, value in whole.items():
            assert read[name].dtype == value.dtype
            assert torch.equal(
                read[name].float() if value.dtype.itemsize == 1 else read[name],
                value.float() if value.dtype.itemsize == 1 else value,
            )


def test_a_state_dict_of_another_writer_is_loaded_with_what_it_lacks(tmp_path):
    model = closed()
    safetensors.torch.save_file(model.state_dict(), tmp_path / "a")
    assert same(type(model).load(tmp_path / "a"), model)
    other = opened()
    safetensors.torch.save_file(other.state_dict(), tmp_path / "b", {"format": "pt"})
    loaded = type(other).load(tmp_path / "b", K=3, y=other.y, ids=other.ids)
    assert torch.equal(loaded.to_flat(), other.to_flat())
    assert torch.equal(loaded.n, other.n)
    with pytest.raises(CheckpointError, match=r"b: expected data `y`, give them: `Open.load\(…, y=…\)`"):
        type(other).load(tmp_path / "b", K=3)
    for name in ("y", "w_raw", "n"):
        short = {**other.state_dict(), **other._unkept(), name: torch.ones(2).to(torch.float8_e5m2)}
        write_parts(tmp_path / "c", packed_safetensors(short, {}))
        with pytest.raises(CheckpointError, match=rf"c: expected .*`{name}`.*float8_e5m2"):
            type(other).load(tmp_path / "c", K=3)


def test_data_that_are_given_replace_those_of_the_file(tmp_path):
    model = opened()
    model.save(tmp_path / "a")
    cls = type(model)
    loaded = cls.load(tmp_path / "a", y=[0.25, 1.0, 2.0], ids=[0, 0, 1], n=[2.0, 2.0, 2.0])
    assert (loaded.N, loaded.total.item()) == (3, 3.25)
    assert torch.equal(loaded.n, torch.full((3,), 2.0, dtype=torch.float64))
    assert torch.equal(loaded.w, model.w)
    assert abs(loaded.t - model.t + 0.25) < 1e-12, "raw is kept, its bound has moved"
    for given, error, message in (
        ({"n": [1.0, -1.0, 1.0]}, DomainError, r"n\[1\]"),
        ({"ids": [1, 5]}, DomainError, r"ids\[1\]"),
        ({"K": 4}, DomainError, "4 by `K=4`"),
        ({"z": 1}, TypeError, "'z'"),
    ):
        with pytest.raises(error, match=message):
            cls.load(tmp_path / "a", **given)
    closed().save(tmp_path / "b")
    for name in ("K", "p", "p_raw"):
        with pytest.raises(TypeError, match=f"'{name}'"):
            type(closed()).load(tmp_path / "b", **{name: 3})


def test_loose_sizes_are_saved_as_they_are_now(tmp_path):
    model = opened()
    model.set_data_(y=[1.0, 2.0, 3.0], ids=[0, 1, 2])
    model.save(tmp_path / "a")
    loaded = type(model).load(tmp_path / "a")
    assert same(loaded, model)
    loaded.set_data_(y=[1.0], ids=[0])
    assert (loaded.N, loaded.total.item()) == (1, 1.0)


def test_a_changed_default_of_a_size_or_of_data_is_that_of_the_file(tmp_path):
    cdsl.loads("dim K = 3\ndata n: positive[K] = 1.0\nx: real[K]").Model().save(tmp_path / "a")
    loaded = cdsl.loads("dim K = 4\ndata n: positive[K] = 2.0\nx: real[K]").Model.load(tmp_path / "a")
    assert (loaded.K, loaded.n.tolist()) == (3, [1.0, 1.0, 1.0])


def test_a_nested_model_is_saved_by_itself_with_what_it_is_bound_to(tmp_path):
    text = "data k: positive = 1.0\nmodel A {\n  data n: positive = 1.0\n  data m: positive\n  x: greater_than(n + m)\n}\na: A(n=k, m=2 * k)"
    module = cdsl.loads(text)
    model = filled(module.Model, k=3.0)
    model.a.save(tmp_path / "a")
    loaded = module.A.load(tmp_path / "a")
    assert (loaded.n, loaded.m) == (3.0, 6.0)
    assert torch.equal(loaded.x, model.a.x)


def test_what_the_spec_freezes_is_no_matter_of_the_file(tmp_path):
    cdsl.loads("frozen g: positive = 2\np: prob\nq: prob").Model().save(tmp_path / "a")
    later = cdsl.loads("g: positive = 3\np: prob\nfrozen q: prob").Model.load(tmp_path / "a")
    assert (later.frozen_names(), later.g.item()) == (["q"], 2.0)


def test_several_dtypes_are_loaded_into_the_one_that_holds_them(tmp_path):
    model = closed(dtype=torch.float32)
    model.p_raw.data = model.p_raw.data.double() + 1e-12
    model.save(tmp_path / "a")
    loaded = type(model).load(tmp_path / "a")
    assert loaded.mu_raw.dtype == torch.float64
    assert torch.equal(loaded.p_raw, model.p_raw)


def test_a_subclass_is_saved_with_what_it_adds(tmp_path):
    class Mine(type(closed())):
        def __init__(self, **options):
            super().__init__(**options)
            self.net = nn.Linear(2, 2, dtype=torch.complex64)

    model = Mine()
    model.save(tmp_path / "a")
    loaded = Mine.load(tmp_path / "a")
    assert type(loaded) is Mine
    assert torch.equal(loaded.net.weight, model.net.weight)


def test_a_standalone_module_saves_what_the_other_loads(tmp_path):
    alone, model = module_of(cdsl.compile(OPEN, name="Open", standalone=True)).Open, opened()
    model.save(tmp_path / "a")
    alone.load(tmp_path / "a").save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_model_is_loaded_onto_a_device(tmp_path):
    closed().save(tmp_path / "a")
    with pytest.warns(UserWarning, match="no-op"):  # torch says of every tensor that nothing is copied
        assert type(closed()).load(tmp_path / "a", device="meta").p_raw.is_meta


# -- what does not fit --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "then", "now"),
    [
        ("w: simplex[4]", "simplex[2, 3] via isometric_log_ratio", "simplex[4] via isometric_log_ratio"),
        ("p: prob via probit", "prob via logistic", "prob via probit"),
        ("p: simplex[3]", "prob via logistic", "simplex[3] via isometric_log_ratio"),
    ],
)
def test_other_constraints_are_refused_by_parameter_and_both_domains(line, then, now, tmp_path):
    """geotorch#6, gpytorch: a checkpoint never replaces what the module declares."""
    closed().save(tmp_path / "a")
    text = "".join(f"{one}\n" for one in CLOSED.splitlines() if one[0] != line[0]) + line
    with pytest.raises(SignatureMismatch) as caught:
        cdsl.loads(text, name="Later").Later.load(tmp_path / "a")
    assert f"Later.{line[0]}: the checkpoint was saved under `{then}`, this module declares `{now}`" in str(
        caught.value
    )
    assert "`cdsl migrate`" in str(caught.value)


def test_another_model_is_told_with_the_file(tmp_path):
    cdsl.loads("z: real[3]").Model().save(tmp_path / "a")
    for text in ("x: real", "z: real[3]\nx: real", "dim K = 2\nx: real[K]"):
        with pytest.raises(
            CheckpointError, match=r"a: expected the state of a `Model`: .*Missing key.*x_raw.*cdsl migrate"
        ):
            cdsl.loads(text).Model.load(tmp_path / "a")
    state = cdsl.loads("z: real[3]").Model().state_dict()
    for wrong, message in (
        (torch.ones(2), "size mismatch for z_raw"),
        (torch.ones(3, dtype=torch.int64), "to be of real numbers"),
    ):
        write_parts(tmp_path / "b", packed_safetensors({**state, "z_raw": wrong}, {}))
        with pytest.raises(CheckpointError, match=f"b: expected.*{message}"):
            cdsl.loads("z: real[3]").Model.load(tmp_path / "b")


def test_what_cannot_be_saved_is_refused_and_the_old_file_stays(tmp_path):
    class Sharded(torch.Tensor):
        pass

    closed().save(tmp_path / "a")
    before = (tmp_path / "a").read_bytes()
    for buffer, message in (
        (torch.ones(2).to_sparse(), "sparse"),
        (torch.ones(2, dtype=torch.complex128), "complex128"),
        (torch.ones(2).as_subclass(Sharded), "a Sharded, expected a plain tensor"),
        (torch.ones(2, device="meta"), "`extra` is on the meta device"),
    ):
        model = closed()
        model.register_buffer("extra", buffer)
        with pytest.raises(CheckpointError, match=message):
            model.save(tmp_path / "a")
    with pytest.raises(CheckpointError, match="on the meta device"):
        closed(device="cpu").to("meta").save(tmp_path / "a")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a", before)]


# -- damaged ------------------------------------------------------------------------------------------------------------


def bytes_of(model):
    return b"".join(packed_safetensors(model.state_dict(), {"cdsl.version": "1"}))


def read(data):
    return contents(io.BufferedReader(io.BytesIO(data)), len(data))


def test_a_flipped_bit_anywhere_is_told():
    """In every byte one bit, not always the same."""
    whole, draw = bytearray(bytes_of(closed())), random.Random(0)
    assert len(read(whole).tensors) == 7
    for place in range(len(whole)):
        bit = 1 << draw.randrange(8)
        whole[place] ^= bit
        with pytest.raises(CheckpointError):
            read(whole)
        whole[place] ^= bit


def test_a_part_of_a_file_and_more_than_a_file_are_told(tmp_path):
    whole = bytes_of(closed())
    for end in (*range(0, len(whole), 7), len(whole) - 1):
        with pytest.raises(CheckpointError):
            read(whole[:end])
    with pytest.raises(CheckpointError, match="something follows"):
        read(whole + b"\0")
    (tmp_path / "a").write_bytes(whole[:-1])
    with pytest.raises(CheckpointError, match=r"^.*/a: expected \d+ bytes of tensors, found \d+"):
        type(closed()).load(tmp_path / "a")


def test_a_file_that_shrinks_while_it_is_read_is_told():
    whole = bytes_of(closed())
    with pytest.raises(CheckpointError, match="shorter"):
        contents(io.BufferedReader(io.BytesIO(whole[:-1])), len(whole))


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


HEADERS = {
    "no JSON": (b"{", "expected a header of JSON"),
    "no text": (b"\xff\xfe", "expected a header of JSON"),
    "a list": (b"[]", "an object"),
    "a number that is none": (b'{"a": NaN}', "NaN is no JSON"),
    "a number of 5,000 digits": (b'{"a": ' + b"1" * 5000 + b"}", "expected a header of JSON"),
    "deep": (b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested too deeply"),
    "two of a name": (json.dumps({"a": entry()})[:-1].encode() + b', "a": 1}', "twice"),
    "metadata of numbers": ({"__metadata__": {"a": 1}}, "metadata of text alone"),
    "no entry": ({"a": 3}, "expected dtype, shape and data_offsets"),
    "more in an entry": ({"a": {**entry(), "b": 1}}, "expected dtype, shape and data_offsets"),
    "a dtype that is none": ({"a": entry("F128")}, "expected a dtype out of F64"),
    "a dtype that is a list": ({"a": entry(["F32"])}, "expected a dtype out of F64"),
    "another dtype": ({"a": entry("F64")}, "not those of the bytes"),
    "a negative size": ({"a": entry(shape=(-2, -1))}, "whole numbers"),
    "a size of 1e30": ({"a": entry(shape=(10**30,))}, "that a tensor can have"),
    "a large empty one": ({"a": entry(shape=(2**62, 0, 2**62), offsets=(0, 0))}, "that a tensor can have"),
    "a size that is true": ({"a": entry(shape=(True, 2))}, "whole numbers"),
    "a size with a fraction": ({"a": entry(shape=(2.0,))}, "whole numbers"),
    "many axes": ({"a": entry(shape=(1,) * 65 + (2,))}, "whole numbers"),
    "one offset": ({"a": entry(offsets=(8,))}, "two offsets"),
    "offsets backwards": ({"a": entry(offsets=(8, 0))}, "not those of the bytes"),
    "offsets outside": ({"a": entry(shape=(2**40,), offsets=(0, 2**42))}, "bytes of tensors, found 8"),
    "a hole": ({"a": entry(shape=(1,), offsets=(4, 8))}, "expected to begin at byte 0"),
    "one over another": ({"a": entry(), "b": entry(shape=(1,), offsets=(4, 8))}, "expected to begin at byte 8"),
    "a lone surrogate": (b'{"\\ud800": 3}', r"'\\ud800': expected dtype"),
}  # fmt: skip


@pytest.mark.parametrize(("header", "message"), HEADERS.values(), ids=HEADERS)
def test_a_header_that_lies_is_told_before_anything_is_made_of_it(header, message):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    with pytest.raises(CheckpointError, match=message) as caught:
        read(len(text).to_bytes(8, "little") + text + bytes(8))
    assert len(str(caught.value)) < 300
    str(caught.value).encode()


def test_a_length_that_lies_is_told():
    for length in (9, 10**8 + 1, 2**63, 2**64 - 1):
        with pytest.raises(CheckpointError, match="expected a header of at most 2 bytes"):
            read(length.to_bytes(8, "little") + b"{}")
    for data in (b"", b"\0" * 7):
        with pytest.raises(CheckpointError, match="no safetensors file"):
            read(data)
    assert read((2).to_bytes(8, "little") + b"{}").tensors == {}


def test_truth_values_are_0_and_1():
    header = json.dumps({"a": entry("BOOL", (8,))}).encode()
    with pytest.raises(CheckpointError, match="truth values"):
        read(len(header).to_bytes(8, "little") + header + b"\2" * 8)


def test_names_out_of_a_file_are_told_briefly_and_harmlessly(tmp_path):
    state = cdsl.loads("z: real").Model().state_dict()
    for name in ("\x1b[31m", "\ud800", "\u202e", "x" * 10_000):
        write_parts(tmp_path / "a", packed_safetensors({**state, name: torch.ones(1)}, {}))
        with pytest.raises(CheckpointError, match="Unexpected key") as caught:
            cdsl.loads("z: real").Model.load(tmp_path / "a")
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 1300


LISTS = "dim K = 2\nmodel A { x: real }\na: A[K]\ndata n: real[K] = 0.0\nm: real[K, K]"


@pytest.mark.parametrize(
    ("notes", "message"),
    [
        ({"version": "2"}, "expected a checkpoint of version 1, found '2'"),
        ({"digest": "0"}, "digest"),
        ({"model": "\ud800"}, "not those that `save` writes"),
        ({"dims": "{"}, "not those that `save` writes"),
        ({"dims": "[" * 100_000}, "not those that `save` writes"),
        ({"dims": '{"K": -1}'}, "not those that `save` writes"),
        ({"dims": '{"K": true}'}, "not those that `save` writes"),
        ({"given": '"K"'}, "not those that `save` writes"),
        ({"frozen": "[1]"}, "not those that `save` writes"),
        ({"dims": '{"K": 1000000000000}'}, "a list of 1000000000000 `A`, of 7 tensors"),
        ({"dims": '{"K": 4000000000000000000}'}, "dims do not make a `Model`|a list of 4000000000000000000"),
        ({"dims": '{"K": 3}'}, r"under `real\[2, 2\] .* declares `real\[3, 3\]"),
    ],
    ids=str,
)  # fmt: skip
def test_metadata_that_lie_are_told_though_their_checksum_is_right(notes, message, tmp_path):
    cls = cdsl.loads(LISTS).Model
    cls().save(tmp_path / "a")
    tensors, about = read_safetensors(tmp_path / "a")
    write_parts(
        tmp_path / "a", packed_safetensors(tensors, {**about, **{f"cdsl.{name}": text for name, text in notes.items()}})
    )
    with pytest.raises((CheckpointError, SignatureMismatch), match=message):
        cls.load(tmp_path / "a")


def test_sizes_that_a_file_claims_take_no_memory(tmp_path):
    """Of raw values, and of data by default."""
    for text in ("dim K = 2\nm: cov[K]", "dim K = 2\ndata n: real[K] = 0.0\nx: real"):
        cls = cdsl.loads(text).Model
        cls().save(tmp_path / "a")
        tensors, about = read_safetensors(tmp_path / "a")
        write_parts(tmp_path / "a", packed_safetensors(tensors, {**about, "cdsl.dims": '{"K": 1000000000}'}))
        with pytest.raises(
            (CheckpointError, SignatureMismatch), match=r"declares `cov\[1000000000\]|size mismatch for n"
        ):
            cls.load(tmp_path / "a")


# -- whole or not at all ------------------------------------------------------------------------------------------------


def test_a_full_disk_leaves_the_old_file(tmp_path):
    closed().save(tmp_path / "a")
    before, model = (tmp_path / "a").read_bytes(), cdsl.loads("x: real[100_000]").Model()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            model.save(tmp_path / "a")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a", before)]


def test_a_failure_while_it_is_written_leaves_the_old_file(tmp_path, monkeypatch):
    closed().save(tmp_path / "a")
    before = (tmp_path / "a").read_bytes()
    for call in ("os.fsync", "pathlib.Path.replace"):
        for error in (OSError(28, "No space left on device"), KeyboardInterrupt()):
            with monkeypatch.context() as patch:
                patch.setattr(call, lambda *_, error=error: (_ for _ in ()).throw(error))
                with pytest.raises(type(error)):
                    opened().save(tmp_path / "a")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a", before)]
    for place in (tmp_path / "no" / "a", tmp_path / "a" / "b"):
        with pytest.raises(OSError, match="a"):
            closed().save(place)


def test_a_kill_leaves_a_whole_file(python, tmp_path):
    """Twenty processes that save two models in turns, each killed some milliseconds after it began."""
    script = """
import os, random, signal, time, warnings
import cdsl, torch
cls = cdsl.loads("x: real[100_000]").Model
models = [cls() for _ in range(2)]
models[1].load_flat_(torch.ones(100_000))
models[0].save("a")
draw, seen = random.Random(0), set()
for _ in range(20):
    child = os.fork()
    if not child:
        while True:
            for model in models:
                model.save("a")
    time.sleep(draw.uniform(0.005, 0.03))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    flat = cls.load("a").to_flat()
    assert (flat == flat[0]).all()
    seen.add(flat[0].item())
print(sorted(seen))
"""
    ran = python("-W", "ignore", "-c", script)
    assert ran.rc == 0, ran.stderr
    assert set(json.loads(ran.stdout)) <= {0.0, 1.0}


def test_a_reader_sees_one_file_or_the_other(tmp_path):
    cls = cdsl.loads("x: real[1000]").Model
    models = [cls(), cls()]
    models[1].load_flat_(torch.ones(1000))
    models[0].save(tmp_path / "a")
    done = threading.Event()

    def write():
        while not done.is_set():
            for model in models:
                model.save(tmp_path / "a")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(200):
            assert cls.load(tmp_path / "a").to_flat().unique().numel() == 1
    finally:
        done.set()
        writer.join()


def test_permissions_and_links_are_kept_and_what_is_no_file_is_refused(tmp_path):
    model = closed()
    mask = os.umask(0o027)
    try:
        model.save(tmp_path / "a")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640
    (tmp_path / "a").chmod(0o604)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    model.save(tmp_path / "link")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o604
    assert (tmp_path / "link").is_symlink()
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path, tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(CheckpointError, match="expected a file or nothing there"):
            model.save(place)
    assert {one.name for one in tmp_path.iterdir()} == {"a", "link", "pipe"}


def test_a_machine_of_another_byte_order_is_told(tmp_path, monkeypatch):
    closed().save(tmp_path / "a")
    monkeypatch.setattr("sys.byteorder", "big")
    for refused in (lambda: closed().save(tmp_path / "b"), lambda: type(closed()).load(tmp_path / "a")):
        with pytest.raises(CheckpointError, match="little-endian"):
            refused()
