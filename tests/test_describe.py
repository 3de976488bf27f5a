"""`cdsl describe`: the table, the JSON and its published schema, the graph; held against the module that the spec compiles to.

`CDSL_UPDATE=1 pytest tests/test_describe.py` renews the schema.
"""

import json
import os
import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import cdsl
from cdsl.cli import cdsl as command_line
from cdsl.constraints import domains
from cdsl.constraints.base import Transform
from cdsl.describe import describe
from cdsl.describe.rows import Description, schema
from cdsl.extents import Extent
from cdsl.limits import MOST_LISTED as MOST
from cdsl.model import Parameter
from cdsl.places import places, size_text, traced, written_out
from cdsl.source import width

ROOT = Path(__file__).parents[1]
SPECS = sorted((ROOT / "tests" / "accept").glob("*.cdsl"))
SCHEMA = ROOT / "docs" / "describe.schema.json"
SIZES = {"J": 3, "D": 2, "N": 4, "K": 4, "M": 2, "P": 3, "size(y)": 4}

TOUR = """
dim K = 3
data y: real[K] = 0
model Noise {
    dim n
    df: greater_than(2)[n]
    width: positive
}
w: simplex[K]
L: cholesky_corr[K]
s: positive via relu
lo: real
hi: greater_than(lo) = 2
frozen g: positive = 9.81
noise: Noise(n=K)
many: Noise(n=2)[4]
let b = w * s
"""


def model_of(text):
    return cdsl.check(cdsl.parse(text), "Model").model


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """A command in this process, in the test's own directory; standard input where it is given."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, stdin=None):
        return CliRunner().invoke(command_line, [*arguments], input=stdin, catch_exceptions=False)

    return run


# -- what is said ------------------------------------------------------------------------------------------------------


def test_the_table_in_full(invoke, tmp_path):
    (tmp_path / "tour.cdsl").write_text(TOUR)
    assert invoke("describe", "tour.cdsl").stdout == TABLE


TABLE = """\
Tour: 2*K + (K * (K - 1) // 2) + 15 unconstrained

parameter      domain              transform            value   raw                  flat                                   start                depends on
w              simplex[K]          isometric_log_ratio  (K,)    (K - 1,)             0:                                     1/K, …, 1/K          K
L              cholesky_corr[K]    tanh                 (K, K)  (K * (K - 1) // 2,)  K - 1:                                 the identity matrix  K
s              positive            relu*                ()      (1,)                 K + (K * (K - 1) // 2) - 1:            1
lo             real                identity             ()      (1,)                 K + (K * (K - 1) // 2):                0
hi             greater_than(lo)    exp                  ()      (1,)                 K + (K * (K - 1) // 2) + 1:            2                    lo
g              positive            exp                  ()      (1,)                 frozen                                 9.81
noise.df       greater_than(2)[n]  exp                  (K,)    (K,)                 K + (K * (K - 1) // 2) + 2:            3                    noise.n
noise.width    positive            exp                  ()      (1,)                 2*K + (K * (K - 1) // 2) + 2:          1
many[*].df     greater_than(2)[n]  exp                  (2,)    (2,)                 2*K + (K * (K - 1) // 2) + 3: every 3  3                    many[*].n
many[*].width  positive            exp                  ()      (1,)                 2*K + (K * (K - 1) // 2) + 5: every 3  1

dim        comes from
K          keyword; shape of y; default 3
noise.n    = K
many[*].n  = 2

data  type     shape  comes from          depends on
y     real[K]  (K,)   keyword; default 0  K

let  value  shape  depends on
b    w * s  (K,)   w, s

nested   model  depends on
noise    Noise  K
many[4]  Noise

* surjective: no log-Jacobian
"""


@pytest.mark.parametrize("spec", SPECS, ids=lambda file: file.stem)
def test_every_spec_is_described_as_the_schema_says(spec, invoke):
    ran = invoke("describe", str(spec), "--json")
    assert ran.exit_code == 0
    found = Description.model_validate_json(ran.stdout, strict=False)
    assert json.loads(found.model_dump_json()) == json.loads(ran.stdout)
    complaints = list(misfits(json.loads(ran.stdout), schema(), schema()))
    assert complaints == []
    assert invoke("describe", str(spec), "--json").stdout == ran.stdout
    lines = invoke("describe", str(spec)).stdout.splitlines()
    assert len(lines) >= len(found.parameters)


@pytest.mark.parametrize(
    ("written", "plain", "nested"),
    [
        ("real[K - 1]", "N - 1", "N"),
        ("real[9 - K]", "-N + 9", "-N + 8"),
        ("real[-K + 9]", "-N + 9", "-N + 8"),
        ("real[2 * K]", "2*N", "2*N + 2"),
        ("real[K**2]", "N*N", "N*N + 2*N + 1"),
        ("real[K**9]", "N**9", "(N + 1)**9"),
        ("real[max(K, 2)]", "max(N, 2)", "max((N + 1), 2)"),
        ("psd_rank[K, 2]", "2*N - 1", "2*N + 1"),
        ("cholesky_corr[K]", "N * (N - 1) // 2", "(N + 1) * N // 2"),
    ],
)
def test_the_size_of_raw_is_in_the_names_of_the_outermost_model(written, plain, nested):
    outer = written.replace("K", "N")
    model = model_of(f"model M {{\n    dim K\n    x: {written}\n}}\ndim N\nx: {outer}\nm: M(K=N + 1)\n")
    found = {place.path: place.raw_shape(one) for place, one in places(model) if isinstance(one, Parameter)}
    assert {path: [size_text(one) for one in shape] for path, shape in found.items()} == {"": [plain], "m.": [nested]}


def test_the_sizes_of_bound_data_are_those_of_what_they_are_bound_to():
    model = model_of(
        "model M {\n    dim K\n    data a: real[K]\n    x: real[K]\n    y: real[max(size(a), 2)]\n}\n"
        "dim N\ndata d: real[N]\nplain: M(a=d)\nmoved: M(a=2 - d)\nmapped: M(a=exp(d))\n"
    )
    found = {
        place.path + one.name: size_text(*place.raw_shape(one))
        for place, one in places(model)
        if isinstance(one, Parameter)
    }
    assert found == {
        "plain.x": "N", "plain.y": "max(size(plain.a), 2)",
        "moved.x": "N", "moved.y": "max(size(moved.a), 2)",
        "mapped.x": "mapped.K", "mapped.y": "max(size(mapped.a), 2)",
    }  # fmt: skip


def test_formulas_of_any_domain_compute_with_sizes_that_are_names():
    sizes = (Extent.named("K"), Extent.of(6))
    found = traced(lambda sizes: (9 - sizes[0], 2 + 3 * sizes[0] - sizes[1], sizes[1] // 4, sizes[0] // 4), sizes)
    assert [size_text(one) for one in found] == ["-K + 9", "3*K - 4", "1", "K // 4"]


def test_the_published_schema_is_fresh():
    text = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("CDSL_UPDATE"):
        SCHEMA.write_text(text, encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == text


def misfits(value, wanted, whole, at="$"):
    """Where JSON is not what a schema asks: of the words that pydantic writes."""
    if "$ref" in wanted:
        wanted = whole["$defs"][wanted["$ref"].rpartition("/")[2]]
    if "anyOf" in wanted:
        if all(list(misfits(value, one, whole, at)) for one in wanted["anyOf"]):
            yield f"{at}: none of anyOf"
        return
    if "const" in wanted and value != wanted["const"]:
        yield f"{at}: {value}"
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    kind = wanted.get("type")
    if kind and not (isinstance(value, kinds[kind]) and not (kind == "integer" and isinstance(value, bool))):
        yield f"{at}: {value!r} is no {kind}"
        return
    if kind == "array":
        for number, one in enumerate(value):
            yield from misfits(one, wanted.get("items", {}), whole, f"{at}[{number}]")
    if kind == "object":
        properties, others = wanted.get("properties", {}), wanted.get("additionalProperties")
        yield from (f"{at}: no {name}" for name in wanted.get("required", []) if name not in value)
        for name, one in value.items():
            if name in properties:
                yield from misfits(one, properties[name], whole, f"{at}.{name}")
            elif others is False:
                yield f"{at}: {name} is not known"
            elif isinstance(others, dict):
                yield from misfits(one, others, whole, f"{at}.{name}")


def test_that_test_can_fail():
    good = json.loads(describe(model_of(TOUR)).model_dump_json())
    assert list(misfits(good, schema(), schema())) == []
    for spoil in (
        lambda found: found.pop("dims"),
        lambda found: found.update(version=2),
        lambda found: found.update(more=1),
        lambda found: found["parameters"][0].update(bijective=1),
        lambda found: found["parameters"][0]["flat"].update(start=None),
    ):
        bad = json.loads(json.dumps(good))
        spoil(bad)
        assert list(misfits(bad, schema(), schema())) != []


# -- held against the module -------------------------------------------------------------------------------------------


def number(size, sizes):
    """A size as a number: arithmetic of names."""
    if isinstance(size, int):
        return size
    for name, value in sizes.items():
        size = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", str(value), size)
    assert re.fullmatch(r"[-+*/() \d]+", size), size
    return eval(size)  # of the test's own specs


@pytest.mark.parametrize(
    ("text", "given"),
    [
        (TOUR, {"K": 4}),
        ((ROOT / "tests" / "accept" / "nested_models.cdsl").read_text(encoding="utf-8"), {"J": 3, "M": 2}),
        ("dim n\ndim k\nx: stiefel[n, k]\ny: psd_rank[n, k]\nz: cov[n]\nw: simplex[2, k]\nc: zero_sum_matrix[n, k]", {"n": 4, "k": 3}),
        ("dim n\nmodel A {\n    dim m\n    x: real[m, 2]\n}\nmodel B {\n    dim m\n    a: A(m=m + 1)[2]\n    y: real\n}\nb: B(m=n)[3]\nz: real", {"n": 2}),
    ],
    ids=["tour", "nested", "matrices", "lists of lists"],
)  # fmt: skip
def test_shapes_and_slices_are_those_of_the_module(text, given):
    model = cdsl.loads(text).Model(**given)
    found = describe(model_of(text))
    assert number(found.unconstrained_size, given) == model.unconstrained_size
    labels = model.raw_names()
    leaves = {leaf.name: leaf for leaf in model._leaves()}
    seen = set()
    for one in found.parameters:
        for name in [name for name in leaves if re.sub(r"\[\d+\]", "[*]", name) == one.path]:
            seen.add(name)
            leaf = leaves[name]
            assert tuple(number(size, given) for size in one.shape) == leaf.one.shape, name
            assert tuple(number(size, given) for size in one.raw_shape) == tuple(leaf.parameter.shape), name
            assert one.frozen == leaf.frozen == (one.flat is None)
            if one.flat is None:
                continue
            indices = map(int, re.findall(r"\[(\d+)\]", name))
            offset = sum(at * number(stride, given) for at, stride in zip(indices, one.flat.strides, strict=True))
            start, stop = (number(size, given) + offset for size in (one.flat.start, one.flat.stop))
            assert {label.partition("_raw")[0] for label in labels[start:stop]} == {name}
    assert seen == {*leaves}


def test_every_domain_tells_its_shapes_by_name():
    """`raw_event` and `event` of every domain, traced with names and then made numbers, against the same with numbers."""
    sizes = {"a": 5, "b": 4, "c": 3}
    for name, domain in domains().items():
        letters = [*sizes][: len(domain.sizes)]
        arguments = f"({', '.join('0.01 0.9'.split()[: len(domain.arguments)])})" if domain.arguments else ""
        if name == "floored_simplex":
            arguments = "(0.01)"
        dims = "".join(f"dim {letter}\n" for letter in sizes)
        for transform in domain.transforms:
            brackets = f"[2, {', '.join(letters)}]" if letters else "[2]"
            model = model_of(f"{dims}x: {name}{arguments}{brackets} via {transform}\n")
            (one,) = describe(model).parameters
            numbers = tuple(sizes[letter] for letter in letters)
            assert tuple(number(size, sizes) for size in one.shape) == (2, *domain.event(numbers)), name
            raw = domain.transforms[transform].raw_event(numbers)
            assert tuple(number(size, sizes) for size in one.raw_shape) == (2, *raw), (name, transform)
            assert one.bijective == domain.transforms[transform].bijective


def test_starts_are_those_of_the_module():
    found = {
        one.path: one.start
        for one in describe(model_of("p: prob\nt: interval(-1, 2)\ns: positive = 2.5\nw: simplex[3]")).parameters
    }
    assert {path: (start.given, start.text) for path, start in found.items()} == {
        "p": (False, "0.5"),
        "t": (False, "0.5"),
        "s": (True, "2.5"),
        "w": (False, "1/K, …, 1/K"),
    }


def test_a_domain_that_asks_sizes_for_numbers_is_described_all_the_same(own_domains):
    class Pick(Transform):
        """What is asked for by number."""

        def raw_event(self, sizes):
            return (range(9)[sizes[0]],)

    class Picked(type(domains()["ordered"])):
        """A vector of a size that is looked up."""

        name = "picked"
        transforms = {"pick": Pick()}
        examples = ("picked[3]",)

    cdsl.constraint(Picked)
    (one,) = describe(model_of("dim n\nx: picked[n]\n")).parameters
    assert (one.shape, one.raw_shape) == (("n",), ("Pick.raw_event(n)",))
    (one,) = describe(model_of("x: picked[3]\n")).parameters
    assert one.raw_shape == (3,)


# -- the graph ---------------------------------------------------------------------------------------------------------


def test_the_graph_says_what_depends_on_what(invoke):
    text = "dim K\nlo: real\nhi: greater_than(lo)[K]\nlet b = lo * hi\n"
    assert invoke("describe", "-", "--graph", "mermaid", stdin=text).stdout == (
        'flowchart TD\n    n0[/"dim K"/]\n    n1(["lo#58; real"])\n    n2(["hi#58; greater_than#40;lo#41;#91;K#93;"])\n'
        '    n3["b = lo #42; hi"]\n    n1 --> n2\n    n0 --> n2\n    n1 --> n3\n    n2 --> n3\n'
    )
    assert invoke("describe", "-", "--graph", "dot", stdin=text).stdout == (
        'digraph "Model" {\n    n0 [label="dim K", shape=parallelogram];\n    n1 [label="lo: real", shape=ellipse];\n'
        '    n2 [label="hi: greater_than(lo)[K]", shape=ellipse];\n    n3 [label="b = lo * hi", shape=box];\n'
        "    n1 -> n2;\n    n0 -> n2;\n    n1 -> n3;\n    n2 -> n3;\n}\n"
    )


@pytest.mark.parametrize("spec", SPECS, ids=lambda file: file.stem)
def test_every_graph_is_well_formed(spec, invoke):
    node = r'    n\d+(\[/|\[\(|\(\[|\[\[|\[)"(?:[\w .,=]|#\d+;)*(?<!\[)"(/\]|\)\]|\]\)|\]\]|\])'
    for line in invoke("describe", str(spec), "--graph", "mermaid").stdout.splitlines()[1:]:
        assert re.fullmatch(rf"{node}|    n\d+ --> n\d+", line), line
    _, *lines, end = invoke("describe", str(spec), "--graph", "dot").stdout.splitlines()
    assert end == "}"
    for line in lines:
        assert re.fullmatch(r'    n\d+ \[label="(?:[^"\\]|\\.)*", shape=\w+\];|    n\d+ -> n\d+;', line), line


# -- what may go wrong -------------------------------------------------------------------------------------------------


def test_a_spec_with_problems_is_reported_and_nothing_else(invoke):
    ran = invoke("describe", "-", stdin="p: postive\n")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "error[E201]" in ran.stderr
    assert invoke("describe", "no-such.cdsl", "--json").exit_code == 1
    assert invoke("describe", "-", "--json", "--graph", "dot", stdin="p: prob\n").exit_code == 2


DOUBLES = "model M0 { x: real }\n" + "".join(
    f"model M{n} {{\n    a: M{n - 1}\n    b: M{n - 1}\n}}\n" for n in range(1, 60)
)


def test_models_that_double_are_refused_at_once(invoke):
    began = time.monotonic()
    ran = invoke("describe", "-", stdin=f"{DOUBLES}top: M59\n")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "error[E801]: more than a billion declarations" in ran.stderr
    assert written_out(model_of(f"{DOUBLES}top: M11\n")) <= MOST
    assert time.monotonic() - began < 5


def test_sizes_that_double_go_by_their_names():
    text = "model M0 {\n    dim n\n    x: real[n]\n}\n"
    text += "".join(f"model M{n} {{\n    dim n\n    a: M{n - 1}(n=n * n)\n}}\n" for n in range(1, 40))
    (one,) = describe(model_of(f"dim n\n{text}top: M39(n=n)\n")).parameters
    assert len(one.shape[0]) < 500


def test_many_open_sizes_take_no_more_than_their_text():
    text = "".join(f"dim K{n}\nx{n}: real[K{n}]\n" for n in range(500))
    began = time.monotonic()
    found = describe(model_of(text))
    assert re.fullmatch(r"stop\(x\d+\)( \+ K\d+)*|.*stop.*", found.parameters[300].flat.start)
    assert len(found.model_dump_json()) < 1_000_000
    assert time.monotonic() - began < 20


def test_a_size_that_is_only_mentioned_costs_nothing(invoke):
    ran = invoke("describe", "-", stdin="x: real[1000000000000]\nmodel A { y: real }\nmany: A[1000000000000]\n")
    assert ran.exit_code == 0
    assert "1000000000000:1000000000001 every 1" in ran.stdout


def test_names_of_any_script_are_aligned(invoke):
    ran = invoke("describe", "-", stdin="σ: positive\n変数: real\nx: real\n")
    lines = ran.stdout.splitlines()[2:]
    assert (
        len(
            {
                width(line[: line.index(word)])
                for line, word in zip(lines, ["domain", "positive", "real", "real"], strict=True)
            }
        )
        == 1
    )
