"""Specs that import others: what they bring, what is refused, and the modules that they compile to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

import cdsl
from cdsl.checker.imports import Files
from cdsl.cli import cdsl as command_line

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write({"lib/noise": "…"})`: spec files below a directory, which is returned."""

    def put(specs: dict[str, str], under: str = "root") -> Path:
        root = tmp_path / under
        root.mkdir(exist_ok=True)
        for name, text in specs.items():
            file = root / f"{name}.cdsl"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return root

    return put


def load(folder: Path, name: str = "main", **options: Any) -> Any:
    """An instance of a file's own model."""
    module = cdsl.load(folder / f"{name}.cdsl", **options)
    return getattr(module, "".join(part.capitalize() for part in Path(name).name.split("_")))(dtype=torch.float64)


def problems(root: Path, name: str = "main", **options: Any) -> list[tuple[str, str]]:
    """Code and message of each problem of a file."""
    with pytest.raises(cdsl.SpecError) as raised:
        cdsl.load(root / f"{name}.cdsl", **options)
    assert str(root / f"{name}.cdsl") in str(raised.value)
    return [(one.code, one.message) for one in raised.value.diagnostics]


LIBRARY = "type rate(h) = interval(0, h) via probit\nmodel Noise {\n    width: positive = 2\n    let twice = 2 * width\n}\nn: Noise\nx: greater_than(n.twice)\n"
MAIN = 'from "library.cdsl" import rate as speed, Noise, Library as Other\nr: speed(3)\nn: Noise\no: Other[2]\nlet z = r + n.twice + o[1].n.width + o[0].x\n'


def test_types_models_and_the_own_model_are_imported_under_their_names_or_others(write: Write) -> None:
    model = load(write({"library": LIBRARY, "main": MAIN}))
    assert model.raw_names() == [
        "r_raw",
        "n.width_raw",
        "o[0].n.width_raw",
        "o[0].x_raw",
        "o[1].n.width_raw",
        "o[1].x_raw",
    ]
    assert [type(one).__name__ for one in (model.n, model.o[0], model.o[0].n, model().o[0])] == [
        "Noise",
        "Other",
        "Noise",
        "OtherValues",
    ]
    assert model._declared[0].map.name == "probit"
    assert model.z.item() == pytest.approx(1.5 + 4 + 2 + 5, rel=1e-14)


@pytest.mark.parametrize(
    ("specs", "raw_names"),
    [
        ({"main": 'from "b.cdsl" import N\nx: N\n', "b": 'from "c.cdsl" import N\n', "c": "model N { w: real }\n"}, ["x.w_raw"]),
        ({"main": 'from "b.cdsl" import t\nx: t\n', "b": 'from "c.cdsl" import t\n', "c": "type t = positive[2]\n"}, ["x_raw[0]", "x_raw[1]"]),
        ({"main": 'from "./b.cdsl" import B\nx: B\n', "b": "w: real\n"}, ["x.w_raw"]),
        ({"main": 'from "sub/../b.cdsl" import B\nx: B\n', "b": "w: real\n"}, ["x.w_raw"]),
        ({"main": 'from "sub/b.cdsl" import B\nx: B\n', "sub/b": 'from "c.cdsl" import C\nw: C\n', "sub/c": "y: real\n"}, ["x.w.y_raw"]),
        ({"main": 'from "sub/b.cdsl" import B\nx: B\n', "sub/b": 'from "../c.cdsl" import C\nw: C\n', "c": "y: real\n"}, ["x.w.y_raw"]),
        ({"main": 'from "b.cdsl" import N, N as O\nx: N\ny: O\n', "b": "model N { w: real }\n"}, ["x.w_raw", "y.w_raw"]),
        ({"main": 'from "b.cdsl" import P as Q, N as O\nx: Q\ny: O\n', "b": "model N { w: real }\nmodel P { n: N }\n"}, ["x.n.w_raw", "y.w_raw"]),
        ({"main": 'from "b.cdsl" import positive_pair\nx: positive_pair[2]\n', "b": "type positive_pair = positive[2]\n"}, [f"x_raw[{i}, {j}]" for i in (0, 1) for j in (0, 1)]),
    ],
)  # fmt: skip
def test_an_import_brings_what_it_names(specs: dict[str, str], raw_names: list[str], write: Write) -> None:
    model = load(write(specs))
    assert model.raw_names() == raw_names
    model.forward_and_log_det()


def test_what_two_imports_share_is_one_class(write: Write) -> None:
    shared = {
        "base": "model N { w: positive }\n",
        "left": 'from "base.cdsl" import N\nn: N\n',
        "right": 'from "base.cdsl" import N\nm: N\n',
    }
    main = 'from "left.cdsl" import Left\nfrom "right.cdsl" import Right\nfrom "base.cdsl" import N\nl: Left\nr: Right\nn: N\n'
    model = load(write({**shared, "main": main}))
    assert type(model.l.n) is type(model.r.m) is type(model.n)
    assert model.raw_names() == ["l.n.w_raw", "r.m.w_raw", "n.w_raw"]


def test_two_classes_of_one_name_are_refused(write: Write) -> None:
    specs = {
        "base": "model N { w: real }\n",
        "other": "model N { v: real }\n",
        "left": 'from "base.cdsl" import N\nn: N\n',
        "right": 'from "other.cdsl" import N\nm: N\n',
        "main": 'from "left.cdsl" import Left\nfrom "right.cdsl" import Right\nl: Left\nr: Right\n',
        "own": 'from "left.cdsl" import Left\nmodel N { z: real }\nl: Left\nn: N\n',
    }
    root = write(specs)
    assert problems(root) == [("E203", "`N`, which `Right` nests, is another class of this module already")]
    assert [code for code, _ in problems(root, "own")] == ["E203"]


N = "model N { w: real }\n"


@pytest.mark.parametrize(
    ("specs", "code", "at", "message", "help"),
    [
        ({"main": 'from "main.cdsl" import Main\n'}, "E702", '"main.cdsl"', "`main.cdsl` imports itself", "move what both need into a third spec"),
        ({"main": 'from "b.cdsl" import B\n', "b": 'from "main.cdsl" import Main\nx: Main\n'}, "E702", '"b.cdsl"', "`b.cdsl` cannot be imported: `main.cdsl` imports this spec", "`cdsl check b.cdsl` says where"),
        ({"main": 'from "b.cdsl" import B\n', "b": 'from "c.cdsl" import C\n', "c": 'from "b.cdsl" import B\n'}, "E702", '"b.cdsl"', "`b.cdsl` cannot be imported: `c.cdsl` cannot be imported: `b.cdsl` imports this spec", "`cdsl check b.cdsl` says where"),
        ({"main": 'from "b.cdsl" import B\n'}, "E702", '"b.cdsl"', "`b.cdsl` cannot be imported: cannot read the spec: No such file or directory", "`cdsl check b.cdsl` says where"),
        ({"main": 'from "b.cdsl" import B\n', "b": "let y = 2 * q\nx: postive\n"}, "E702", '"b.cdsl"', "`b.cdsl` cannot be imported: unknown name `q`", "`cdsl check b.cdsl` says where"),
        ({"main": 'from "b.cdsl" import B\n', "b": ""}, "E703", "B", "`b.cdsl` has no type or model `B`", ""),
        ({"main": 'from "b.cdsl" import N, M\n', "b": N + "type t = real\n"}, "E703", "M", "`b.cdsl` has no type or model `M`", "it has `t`, `N`"),
        ({"main": 'from "b.cdsl" import speeds as v\n', "b": "type speed = positive\n"}, "E703", "speeds as v", "`b.cdsl` has no type or model `speeds`", "did you mean `speed`?"),
        ({"main": 'from "b.cdsl" import x\n', "b": "x: real\n"}, "E703", "x", "`b.cdsl` has no type or model `x`", "it has `B`"),
        ({"main": 'from "b.cdsl" import row\n', "b": "dim J = 3\ntype row = simplex[J]\n"}, "E703", "row", "`row` uses `J` of its own file, which is not known here", "give the type a parameter: `type row(J) = …`"),
        ({"main": 'from "b.cdsl" import row as r\n', "b": "let mu = 3\ntype row = real via identity(loc=mu + pi)\n"}, "E703", "row as r", "`row` uses `mu` of its own file, which is not known here", "give the type a parameter: `type row(mu) = …`"),
        ({"main": 'from "b.cdsl" import N\nmodel N { x: real }\n', "b": N}, "E203", "N", "`N` is a class of this module already", "give it another name"),
        ({"main": 'from "b.cdsl" import N as positive\n', "b": N}, "E211", "positive", "`positive` is a type of the language", "write `positive_`"),
        ({"main": 'from "b.cdsl" import N as print\n', "b": N}, "E003", "print", "`print` cannot be the name of a class in the generated module", "give it another name with `as`"),
        ({"main": 'from "b.cdsl" import Main\ny: real\n', "b": "model Main { w: real }\n"}, "E211", "Main", "the type `Main` is declared twice", ""),
        ({"main": 'from "b.cdsl" import t, N as t\n', "b": N + "type t = real\n"}, "E211", "t", "the type `t` is declared twice", ""),
        ({"main": 'from "b.cdsl" import N as t, t\n', "b": N + "type t = real\n"}, "E211", "t", "the type `t` is declared twice", ""),
        ({"main": 'from "torch.cdsl" import T\n', "torch": N}, "E701", '"torch.cdsl"', "`torch` cannot be the name of a Python module, which an import names", "rename the file or the folder"),
        ({"main": 'from "class/d.cdsl" import T\n', "class/d": N}, "E701", '"class/d.cdsl"', "`class` cannot be the name of a Python module, which an import names", "rename the file or the folder"),
        ({"main": 'from "b-c/d.cdsl" import T\n', "b-c/d": N}, "E701", '"b-c/d.cdsl"', "`b-c` cannot be the name of a Python module, which an import names", "rename the file or the folder"),
        ({"main": 'from "../b.cdsl" import T\n'}, "E701", '"../b.cdsl"', "`../b.cdsl` lies outside the root of imports", "name a root above both with `--root`"),
        ({"main": f'from "{"b" * 61}" import T\n'}, "E701", f'"{"b" * 61}"', f"`{'b' * 60}…` is no relative path of a spec, with `/` between folders and `.cdsl` at its end", 'for example `from "noise.cdsl" import Noise`'),
        ({"main": f'from "{"b" * 60}" import T\n'}, "E701", f'"{"b" * 60}"', f"`{'b' * 60}` is no relative path of a spec, with `/` between folders and `.cdsl` at its end", 'for example `from "noise.cdsl" import Noise`'),
        ({"main": 'from "l.cdsl" import L\nfrom "r.cdsl" import R as S\n', "l": N + "n: N\n", "r": "model N { v: real }\nn: N\n"}, "E203", "S", "`N`, which `S` nests, is another class of this module already", "rename one of them"),
    ],
)  # fmt: skip
def test_an_import_that_cannot_be_is_refused(
    specs: dict[str, str], code: str, at: str, message: str, help: str, write: Write
) -> None:
    """What is said, word for word, and of which words; and what is used below is not told again."""
    root = write({**specs, "main": specs["main"] + "used: T\n" * ("import T" in specs["main"])})
    with pytest.raises(cdsl.SpecError) as raised:
        cdsl.load(root / "main.cdsl")
    (one,) = raised.value.diagnostics
    assert (one.code, one.message, one.help) == (code, message, help)
    assert one.span is not None
    assert specs["main"][one.span.start : one.span.end] == at


def test_a_name_that_an_import_misspells_is_mended_with_it(write: Write) -> None:
    text = 'from "b.cdsl" import speeds as v\n'
    root = write({"main": text, "b": "type speed = positive\n"})
    with pytest.raises(cdsl.SpecError) as raised:
        cdsl.load(root / "main.cdsl")
    (edit,) = raised.value.diagnostics[0].fix.edits
    assert text[: edit.span.start] + edit.text + text[edit.span.end :] == text.replace("speeds", "speed")


def test_what_several_imports_fail_to_bring_is_told_once(write: Write) -> None:
    main = 'from "b.cdsl" import S, T as U\nfrom "c.cdsl" import V\nx: S\ny: U\nz: V\n'
    assert [code for code, _ in problems(write({"main": main}))] == ["E702", "E702"]


@pytest.mark.parametrize(
    ("specs", "imports"),
    [
        ({"main": 'from "b.cdsl" import B, N as M\nx: B\ny: M\n', "b": N + "w: N\n"}, ["from b import B, BValues, N as M, NValues as MValues"]),
        ({"main": 'from "b.cdsl" import B as C\nx: C\n', "b": 'from "lib/n.cdsl" import N\nw: N\n', "lib/n": N}, ["from b import B as C, BValues as CValues"]),
        ({"main": 'from "lib/b.cdsl" import M\nfrom "a.cdsl" import A\nx: M\ny: A\n', "lib/b": 'from "../n.cdsl" import N as M\n', "a": "w: real\n", "n": N}, ["from a import A, AValues", "from n import N as M, NValues as MValues"]),
        ({"main": 'from "__.cdsl" import N\nx: N\n', "__": N}, ["from __ import N, NValues"]),
        ({"main": 'from "b.cdsl" import N\nfrom "a.cdsl" import A\nx: N\n', "b": N, "a": "w: real\n"}, ["from b import N, NValues"]),
        ({"main": f'from "{"folder/" * 6}{"b" * 23}.cdsl" import N\nx: N\n', f"{'folder/' * 6}{'b' * 23}": N}, [f"from {'folder.' * 6}{'b' * 23} import N, NValues"]),
        ({"main": f'from "{"folder/" * 6}{"b" * 24}.cdsl" import N\nx: N\n', f"{'folder/' * 6}{'b' * 24}": N}, [f"from {'folder.' * 6}{'b' * 24} import (", "    N,", "    NValues,", ")"]),
    ],
)  # fmt: skip
def test_a_module_imports_the_classes_of_others_from_where_they_are_declared(
    specs: dict[str, str], imports: list[str], write: Write
) -> None:
    ran = CliRunner().invoke(command_line, ["compile", str(write(specs) / "main.cdsl"), "--stdout"])
    assert ran.exit_code == 0, ran.output
    assert (
        ran.stdout.partition("from cdsl import runtime as cdsl\n\n")[2].partition("\n\n\n")[0].splitlines() == imports
    )


def test_an_import_that_nothing_uses_is_a_warning(write: Write) -> None:
    """Told of each name, and removed where all of the line can be; a file without values may import for others."""
    text = 'from "b.cdsl" import N as M, t, B\nfrom "b.cdsl" import N\nx: t\nmodel O { y: M }\n'
    root = write({"b": N + "type t = real\nw: real\n", "main": text, "more": 'from "b.cdsl" import N\ntype s = real\n'})
    found = cdsl.check(cdsl.parse(text), files=Files.of(root / "main.cdsl")).diagnostics
    at = [one.span and text[one.span.start : one.span.end] for one in found]
    assert [(one.code, one.message, one.help) for one in found] == [
        ("W202", "the import `B` is not used", ""),
        ("W202", "the import `N` is not used", ""),
    ]
    assert at == ["B", "N"]
    assert [one.fix and [text[edit.span.start : edit.span.end] for edit in one.fix.edits] for one in found] == [
        None,
        ['from "b.cdsl" import N'],
    ]
    more = (root / "more.cdsl").read_text()
    assert cdsl.check(cdsl.parse(more), files=Files.of(root / "more.cdsl")).diagnostics == ()


ESCAPES = [
    "../outside/secret.cdsl",
    "sub/../../outside/secret.cdsl",
    "{absolute}",
    "file:secret.cdsl",
    "secret",
    "link.cdsl",
    "folder/secret.cdsl",
]


@pytest.mark.parametrize("path", ESCAPES)
def test_nothing_outside_the_root_is_read(path: str, write: Write, tmp_path: Path) -> None:
    outside = write({"secret": "model Secret { hidden: real }\n"}, under="outside")
    path = path.format(absolute=outside / "secret.cdsl")
    root = write({"main": f'from "{path}" import Secret, Nothing\nx: Secret\n', "sub/a": "x: real\n"})
    (root / "link.cdsl").symlink_to(outside / "secret.cdsl")
    (root / "folder").symlink_to(outside, target_is_directory=True)
    found = problems(root)
    assert [code for code, _ in found] == ["E701"]
    assert "Nothing" not in str(found), "the file was not looked into"


def test_a_link_inside_the_root_is_the_file_that_it_names(write: Write) -> None:
    root = write(
        {"b": "model N { w: real }\n", "main": 'from "link.cdsl" import N\nfrom "b.cdsl" import N as M\nx: N\ny: M\n'}
    )
    (root / "link.cdsl").symlink_to(root / "b.cdsl")
    assert load(root).raw_names() == ["x.w_raw", "y.w_raw"]


def test_the_root_may_be_named(write: Write, run_cdsl: Any) -> None:
    root = write({"lib/base": "model N { w: real }\n", "app/main": 'from "../lib/base.cdsl" import N\nx: N\n'})
    assert problems(root, "app/main")[0][0] == "E701"
    assert load(root, "app/main", root=root).raw_names() == ["x.w_raw"]
    ran = run_cdsl("compile", "app/main.cdsl", "--root", ".", "--stdout", cwd=root)
    assert "\nfrom lib.base import N, NValues\n" in ran.stdout


def test_imports_nest_16_deep_and_no_deeper(write: Write) -> None:
    chain = {f"f{at}": f'from "f{at + 1}.cdsl" import F{at + 1}\nx: F{at + 1}\n' for at in range(17)}
    root = write({**chain, "f17": "x: real\n"})
    assert load(root, "f1").raw_names() == [".".join("x" * 17) + "_raw"]
    ((code, message),) = problems(root, "f0")
    assert code in ("E102", "E702")
    assert "imports nest at most 16 deep" in message


def test_a_text_alone_imports_nothing() -> None:
    with pytest.raises(cdsl.SpecError) as raised:
        cdsl.loads('from "b.cdsl" import N\nx: N\n')
    assert [one.code for one in raised.value.diagnostics] == ["E701"]


RUN = """
import pickle, sys, torch

def show(model):
    print([round(one, 12) for one in (*model.unconstrain(model()).tolist(), model.z.item(), model.log_abs_det_jacobian().item())])

show(torch.load("model.pt", weights_only=False))
import library, main
model = main.Main(dtype=torch.float64)
model.load_flat_(torch.load("theta.pt"))
assert type(model.n) is library.Noise and type(model.o[0]) is library.Library
assert type(pickle.loads(pickle.dumps(model)).o[1]) is library.Library
show(model)
for name in ("main", "library", "cdsl", *(name for name in sys.modules if name.startswith("cdsl."))):
    sys.modules[name] = None
import alone
model = alone.Main(dtype=torch.float64)
model.load_flat_(torch.load("theta.pt"))
show(model)
"""


def test_compiled_modules_import_each_other_and_standalone_and_pickled_ones_nothing(
    write: Write, python: Any, run_cdsl: Any
) -> None:
    """In one process, since each imports torch."""
    root = write({"library": LIBRARY, "main": MAIN})
    model = load(root)
    theta = torch.arange(1.0, 1 + model.unconstrained_size, dtype=torch.float64) / 8
    model.load_flat_(theta)
    torch.save(model, root / "model.pt")
    torch.save(theta, root / "theta.pt")
    assert run_cdsl("compile", "library.cdsl", "main.cdsl", cwd=root).rc == 0
    assert run_cdsl("compile", "main.cdsl", "--standalone", "-o", "alone.py", cwd=root).rc == 0
    text = (root / "main.py").read_text()
    assert "from library import Library as Other, LibraryValues as OtherValues, Noise, NoiseValues" in text
    assert "class Noise" not in text
    for name in ("library", "main"):
        (root / f"{name}.cdsl").unlink()
    ran = python("-c", RUN, cwd=root)
    expected = [*theta.tolist(), model.z.item(), model.log_abs_det_jacobian().item()]
    assert (ran.stderr, ran.stdout) == ("", f"{[round(one, 12) for one in expected]}\n" * 3)
