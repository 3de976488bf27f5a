"""Specs that compile, and all that is promised of what they compile to.

Each `accept/NAME.py` is what `accept/NAME.cdsl` compiles to; `CDSL_UPDATE=1 pytest tests/test_accept.py` renews them.
"""

import copy
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils import _pytree as pytree

import cdsl
from cdsl.constraints import domains
from cdsl.emit import LAYOUTS, emit
from cdsl.emit.shape import returned
from cdsl.files import class_of
from cdsl.model import Expression, Model

from .allowed import foreign
from .conftest import run_python

SPECS = sorted((Path(__file__).parent / "accept").glob("*.cdsl"))
HUGE = {"huge_numbers"}
"""Specs of modules that no machine can hold: they are built on the meta device."""

each_spec = pytest.mark.parametrize("spec", SPECS, ids=lambda file: file.stem)


def model_of(spec):
    """The checked model of a spec file."""
    return cdsl.check(cdsl.parse(spec.read_bytes().decode()), class_of(spec)).model


def compiled(spec):
    """What a spec file compiles to."""
    return cdsl.compile(spec.read_bytes().decode("utf-8-sig"), name=class_of(spec))


def golden(spec):
    """What it should compile to."""
    return spec.with_suffix(".py").read_bytes().decode()


def class_in(path):
    """The module class of a compiled file, imported under its own name."""
    loaded = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(loaded)
    loaded.loader.exec_module(module)
    return getattr(module, class_of(path))


def tool(*arguments, cwd):
    """A development tool's complaint; empty where it has none."""
    done = subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False)
    return done.stdout + done.stderr if done.returncode else ""


def unformatted(place, cwd):
    """What the formatter would change; that of the interpreter, whose scripts need not be on the path."""
    pytest.importorskip("ruff")
    return tool(sys.executable, "-m", "ruff", "format", "--isolated", "--diff", place, cwd=cwd)


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """Every compiled file in a folder of its own, away from the checkout and its settings."""
    folder = tmp_path_factory.mktemp("compiled")
    for spec in SPECS:
        (folder / f"{spec.stem}.py").write_text(compiled(spec), encoding="utf-8")
    return folder


# -- the text ----------------------------------------------------------------------------------------------------------


@each_spec
def test_compiled_text_is_that_of_the_golden_file(spec):
    text = compiled(spec)
    if os.environ.get("CDSL_UPDATE"):
        spec.with_suffix(".py").write_bytes(text.encode())
    assert text == golden(spec)


def test_every_golden_file_has_its_spec():
    assert {file.stem for file in SPECS[0].parent.glob("*.py")} == {file.stem for file in SPECS}


def test_specs_cover_every_transform_of_every_domain():
    used = {(one.domain, one.transform) for spec in SPECS for one in model_of(spec).parameters}
    assert used == {(name, transform) for name, domain in domains().items() for transform in domain.transforms}


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(
            spec,
            id=spec.stem,
            marks=[pytest.mark.xfail(strict=True, reason="names wider than a line break in ways of their own")]
            if spec.stem == "longest_names"
            else [],
        )
        for spec in SPECS
    ],
)
def test_compiled_text_is_formatted(spec, everything):
    assert unformatted(f"{spec.stem}.py", cwd=everything) == ""


def test_names_of_every_length_are_laid_out_as_the_formatter_would(tmp_path):
    kinds = ["prob", "greater_than(2) via softplus", "simplex[3] via stick_breaking = [0.2, 0.3, 0.5]", "real[2, 3]"]
    for number, kind in enumerate(kinds):
        text = "".join(
            f"{'n' * length}: {kind}\n" for length in range(1, 51)
        )  # longer ones break lines in ways of their own
        (tmp_path / f"kind{number}.py").write_text(cdsl.compile(text))
    assert unformatted(".", cwd=tmp_path)[:1000] == ""


def test_arrays_of_every_length_are_laid_out_as_the_formatter_would(tmp_path):
    for count in range(1, 40):
        entries = ", ".join(f"{0.5 + entry}" for entry in range(count))
        spec = f"x: real[{count}] = [{entries}]\ny: real[1, {count}] = [[{entries}]]\n"
        (tmp_path / f"arrays{count}.py").write_text(cdsl.compile(spec))
    assert unformatted(".", cwd=tmp_path)[:1000] == ""


def test_batches_of_every_rank_are_laid_out_as_the_formatter_would(tmp_path):
    for rank in range(1, 40):
        spec = f"x: real[{', '.join('1' * rank)}]\nw: simplex[{', '.join('1' * rank)}, 3]\n"
        (tmp_path / f"batch{rank}.py").write_text(cdsl.compile(spec))
    assert unformatted(".", cwd=tmp_path)[:1000] == ""


def test_compiled_text_has_no_trailing_space_and_one_newline_at_its_end():
    for spec in SPECS:
        text = compiled(spec)
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        in_strings = [token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == 3]
        assert [line for line in text.split("\n") if line != line.rstrip()] == []
        assert "\t" not in "".join(token.string for token in in_strings)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_compiled_text_is_the_same_under_every_hash_seed(seed, tmp_path):
    specs = [spec for spec in SPECS if golden(spec)]
    done = run_python(
        "-m", "cdsl", "compile", *specs, "--out-dir", tmp_path, cwd=tmp_path, env={"PYTHONHASHSEED": str(seed)}
    )
    assert (done.rc, done.stderr) == (0, "")
    for spec in specs:
        assert (tmp_path / f"{spec.stem}.py").read_bytes() == golden(spec).encode()


# -- its types ---------------------------------------------------------------------------------------------------------


USE = """\
from one_liner import OneLiner

model = OneLiner()
reveal_type(model.p)
reveal_type(model())
reveal_type(model().p)
model.p = 0.5
model.p = [0.5]
model.p = {"half": 0.5}
"""
TOLD = [
    'use.py:4: note: Revealed type is "torch._tensor.Tensor"',
    'use.py:5: note: Revealed type is "tuple[torch._tensor.Tensor, fallback=one_liner.OneLinerValues]"',
    'use.py:6: note: Revealed type is "torch._tensor.Tensor"',
    "use.py:9: error:",
]


def test_compiled_text_passes_mypy_in_strict_mode(everything, mypy, tmp_path):
    """And a user's code is understood: a value is read as a tensor, and set as a tensor, a number or a list."""
    (tmp_path / "use.py").write_text(USE)
    told = mypy("use.py", *(everything / f"{spec.stem}.py" for spec in SPECS))
    assert [line for line in told.splitlines() if not line.startswith("use.py")] == []
    for line, expected in zip(told.splitlines(), TOLD, strict=True):
        assert line.startswith(expected)


def test_compiled_text_passes_pyright(everything):
    pyright = shutil.which("pyright") or pytest.skip("pyright is not installed")
    assert tool(pyright, "--pythonpath", sys.executable, ".", cwd=everything) == ""


# -- the module --------------------------------------------------------------------------------------------------------


@each_spec
def test_golden_file_imports_and_its_spec_is_the_checked_model(spec):
    cls = class_in(spec.with_suffix(".py"))
    model = cls(device="meta") if spec.stem in HUGE else cls()
    assert Model.model_validate(json.loads(json.dumps(model.spec))) == model_of(spec)


def neutral(one):
    """The start of a parameter that names none: of an elementwise domain that of each entry's own arguments; None where the
    spec computes these."""
    if any(isinstance(part, Expression) for part in (*one.arguments, *one.sizes)):
        return None
    domain, arrays = domains()[one.domain], [torch.tensor(bound, dtype=torch.float64) for bound in one.arguments]
    if not any(array.ndim for array in arrays):
        return domain.start(one.sizes, *one.arguments)
    entries = torch.stack(torch.broadcast_tensors(*arrays), -1)
    starts = [domain.start(one.sizes, *numbers) for numbers in entries.reshape(-1, len(arrays)).tolist()]
    return torch.tensor(starts, dtype=torch.float64).reshape(entries.shape[:-1])


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.stem not in HUGE], ids=lambda file: file.stem)
def test_values_begin_at_the_start_that_is_written(spec):
    meant, model = model_of(spec), class_in(spec.with_suffix(".py"))(dtype=torch.float64)
    values = model()
    assert values._fields == tuple(one.name for one in returned(meant))
    for one in meant.parameters:
        value = getattr(values, one.name)
        start = neutral(one) if one.start is None else one.start
        torch.testing.assert_close(getattr(model, one.name), value, rtol=0, atol=0)
        if start is None or isinstance(start, Expression):
            continue  # computed: tests/test_language.py
        expected = torch.as_tensor(start, dtype=torch.float64).expand(value.shape)
        torch.testing.assert_close(value.detach(), expected, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.stem not in HUGE], ids=lambda file: file.stem)
def test_every_property_sets_what_it_reads(spec):
    model = class_in(spec.with_suffix(".py"))(dtype=torch.float64)
    before = copy.deepcopy(model)
    for one in model_of(spec).parameters:
        setattr(model, one.name, getattr(before, one.name).detach())
    pairs = zip(pytree.tree_leaves(model()), pytree.tree_leaves(before()), strict=True)
    for ours, theirs in pairs:
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-300)


# -- nothing of the spec is code ---------------------------------------------------------------------------------------


@each_spec
@pytest.mark.parametrize("layout", LAYOUTS)
def test_compiled_text_holds_nothing_but_what_the_emitter_writes(spec, layout):
    assert list(foreign(emit(model_of(spec), layout=layout), model_of(spec))) == []


HOSTILE = (
    *("import os", "from os import path", "from torch import load", "import torch.hub", "print(1)", "exec('')"),
    *("torch.load", "torch.ops", "cdsl.torch", "self.__class__", "p.q", "().__class__", "getattr(self, 'p')"),
    *(
        "lambda: 0",
        "lambda self, p: 0",
        "f'{p}'",
        "b''",
        "1j",
        "[p]",
        "{p}",
        "p if p else p",
        "[p for p in p]",
        "(p := 1)",
    ),
    *(
        "def f(): pass",
        "async def p(): pass",
        "class P: pass",
        "@torch.no_grad\nclass Model: pass",
        "@torch.compile\ndef p(): pass",
    ),
    *(
        "q = 1",
        "global p",
        "del p",
        "assert p",
        "raise p",
        "while p: p",
        "for p in p: p",
        "with p: p",
        "try: p\nfinally: p",
    ),
    *(
        "self.p()",
        "self.p",
        "p",
        "torch.empty()",
        "p = 'text'",
        "p = torch.inf  # a comment",
        "# coding: utf-7",
        "torch.empty(q=1)",
    ),
    *(
        "match p:\n    case _: p",
        "yield",
        "await p",
        "*p, = p",
        "p[p] += 1",
        "not p",
        "p and p",
        "p is p",
        "p in p",
        "~p",
        "p % p",
    ),
)


def test_this_allow_list_can_fail():
    model = cdsl.check(cdsl.parse("p: prob\n")).model
    text = cdsl.compile("p: prob\n")
    assert list(foreign(text, model)) == []
    for hostile in HOSTILE:
        assert list(foreign(f"{text}{hostile}\n", model)), hostile
    for before, after in (
        ('"p"', '"q"'),
        ("def p(", "def q("),
        ("class Model(", "class Other("),
        ("import torch", "import torch as p"),
    ):
        assert before in text
        assert list(foreign(text.replace(before, after, 1), model)), after


docs = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("\"'\\ \t#:{}nNxu0")), max_size=60).filter(
    lambda text: "\n" not in text
)


@settings(max_examples=100)
@given(st.lists(docs, min_size=1, max_size=4))
def test_any_text_in_a_doc_comment_stays_text(lines):
    spec = "".join(f"#: {line}\n" for line in lines) + "p: prob\n"
    checked = cdsl.check(cdsl.parse(spec))
    if checked.model is None:
        assert {one.code for one in checked.diagnostics} <= {"E004", "E101", "W101"}
        return
    text = cdsl.compile(spec)
    assert list(foreign(text, checked.model)) == []
    for char in "\n".join(lines).strip():
        assert char.isspace() or char in checked.model.parameters[0].doc


@settings(max_examples=2)
@given(st.lists(docs, min_size=100, max_size=100))
def test_any_text_in_a_doc_comment_is_formatted(tmp_path_factory, lines):
    spec = "".join(f"#: {line}\np{number}: prob\n" for number, line in enumerate(lines))
    if cdsl.check(cdsl.parse(spec)).model is None:  # control characters that reorder, or end a comment
        spec = "".join(
            f"#: {line}\np{number}: prob\n"
            for number, line in enumerate(lines)
            if cdsl.check(cdsl.parse(f"#: {line}\np: prob\n")).model
        )
    folder = tmp_path_factory.mktemp("docs")
    (folder / "docs.py").write_bytes(cdsl.compile(spec).encode())
    assert unformatted("docs.py", cwd=folder)[:1000] == ""


# -- standalone --------------------------------------------------------------------------------------------------------

IMPORT_ALL = """
import importlib, json, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "cdsl":
            raise ImportError("a standalone module must not need cdsl")

sys.meta_path.insert(0, Blocker())
specs = {}
for stem, name, device in json.loads(sys.argv[1]):
    specs[stem] = getattr(importlib.import_module(stem), name)(device=device).spec
print(json.dumps(specs))
"""


def test_standalone_modules_need_no_cdsl_and_mean_the_same(tmp_path):
    wanted = []
    for spec in SPECS:
        text = cdsl.compile(spec.read_bytes().decode("utf-8-sig"), name=class_of(spec), standalone=True)
        (tmp_path / f"{spec.stem}.py").write_text(text, encoding="utf-8")
        wanted.append((spec.stem, class_of(spec), "meta" if spec.stem in HUGE else "cpu"))
    done = run_python("-c", IMPORT_ALL, json.dumps(wanted), cwd=tmp_path)
    assert done.stderr == ""
    found = {stem: Model.model_validate(meant) for stem, meant in json.loads(done.stdout).items()}
    assert found == {spec.stem: model_of(spec) for spec in SPECS}
