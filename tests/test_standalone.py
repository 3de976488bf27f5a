"""Standalone modules: torch is the only import, and every bit is the same."""

import ast
import inspect
import subprocess
import sys

import pytest
import torch

import cdsl
from cdsl.constraints import domains
from cdsl.loader import module_of

SPEC = "\n".join(
    f"x{number}_{position}: {example.split(' via ')[0].split(' = ')[0]} via {transform}"
    for number, domain in enumerate(domains().values())
    for position, (example, transform) in enumerate((domain.examples[0], name) for name in domain.transforms)
)
"""Every domain by every transform."""

NO_CDSL = "import sys; sys.modules['cdsl'] = None\n"


@pytest.fixture(scope="module")
def standalone():
    return cdsl.compile(SPEC, name="Everything", standalone=True)


def test_torch_and_the_standard_library_are_its_only_imports(standalone):
    imported = set()
    for node in ast.walk(ast.parse(standalone)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.split(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"torch"}


def test_it_runs_where_cdsl_is_not_installed(standalone, python, tmp_path):
    (tmp_path / "everything.py").write_text(standalone, encoding="utf-8")
    ran = python("-c", NO_CDSL + "import everything; print(everything.Everything().unconstrained_size)")
    assert ran.rc == 0, ran.stderr
    assert int(ran.stdout) == cdsl.loads(SPEC, name="Everything").Everything().unconstrained_size


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_its_values_are_those_of_the_module_that_imports_cdsl(standalone, dtype):
    ours, theirs = (
        cdsl.loads(SPEC, name="Everything").Everything(dtype=dtype),
        module_of(standalone).Everything(dtype=dtype),
    )
    theta = 3 * torch.randn(5, ours.unconstrained_size, dtype=dtype, generator=torch.Generator().manual_seed(0))
    for one, other in zip(ours.constrain(theta), theirs.constrain(theta), strict=True):
        assert torch.equal(one, other)
    surjective = [one.name for one in ours._declared if not one.map.transform.bijective]
    ours.freeze_(*surjective)
    theirs.freeze_(*surjective)
    assert torch.equal(ours.log_abs_det_jacobian(), theirs.log_abs_det_jacobian())


def test_maps_are_lifted_verbatim(standalone):
    for domain in domains().values():
        assert inspect.getsource(type(domain)) in standalone
        for transform in domain.transforms.values():
            assert inspect.getsource(type(transform)) in standalone


ALWAYS = {
    "ConstrainedModule": "ConstrainedModule[Values]",
    "Declared": "Declared",
    "Device": "Device",
    "LogDets": "LogDets",
    "Raw": "Raw",
    "Settable": "Settable",
    "WithLogDets": "WithLogDets[Values]",
}
PACKED = {"PackedModule": "PackedModule[Values]", "PackedValues": "PackedValues"}
OPEN = {name: name for name in ("Argument", "Bindings", "Data", "Dim", "Known")} | {"OpenModule": "OpenModule[Values]"}
FUNCTIONS = [f"{name} = staticmethod({name})" for name in ("concat", "matvec", "stack", "vecmat")]


@pytest.mark.parametrize(
    ("spec", "layout", "shared", "names"),
    [
        ("p: prob", "separate", ALWAYS, ["prob = Maps(Prob())"]),
        (
            "w: simplex[3] via stick_breaking(gate=probit)",  # the gate is a map of prob
            "packed",
            ALWAYS | PACKED,
            ["packed_values = staticmethod(packed_values)", "prob = Maps(Prob())", "simplex = Maps(Simplex())"],
        ),
        (
            "data y: count[2]\ns: positive\nlet z = s * y",
            "separate",
            ALWAYS | OPEN,
            [*FUNCTIONS, 'count = DISCRETE["count"]', "positive = Maps(Positive())"],
        ),
    ],
    ids=["closed", "packed", "open"],
)
def test_what_a_module_uses_of_cdsl_and_nothing_else_is_under_its_name(spec, layout, shared, names):
    text = cdsl.compile(spec, standalone=True, layout=layout)
    aliases, _, rest = text.rpartition('\n\n\nclass cdsl:\n    """What the module below uses of cdsl."""\n\n')
    assert aliases.rpartition("\n\n\n")[2].splitlines() == [f"_{one}: TypeAlias = {of}" for one, of in shared.items()]
    assert rest.partition("\n\n\n# fmt: on\n")[0].splitlines() == [
        *(f"    {one}: TypeAlias = _{of}" for one, of in shared.items()),
        "    values = staticmethod(values)",
        *(f"    {line}" for line in names),
    ]
    assert text.startswith(
        "# Compiled by cdsl. To change this module, change its spec and compile that again.\n\nfrom __"
    )


def test_it_is_formatted(standalone, tmp_path):
    file = tmp_path / "everything.py"
    file.write_text(standalone, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--isolated", "--check", str(file)], check=True)


@pytest.mark.skipif(
    not torch.__version__.startswith("2.13."), reason="torch has other types in every version: the gate's are held"
)
def test_it_is_typed(standalone, mypy, tmp_path):
    (tmp_path / "everything.py").write_text(standalone, encoding="utf-8")
    assert mypy("everything.py") == ""


def test_a_class_that_the_runtime_has_already_is_refused():
    with pytest.raises(cdsl.SpecError) as raised:
        cdsl.compile("w: simplex[3]", name="Simplex", standalone=True)
    (problem,) = raised.value.diagnostics
    message = "`Simplex` is a name of the runtime that is written into a standalone module"
    help = "give the class another name, for example `--name MyModel`"
    assert (problem.code, problem.message, problem.help) == ("E003", message, help)
    assert "class Simplex(" in cdsl.compile("w: simplex[3]", name="Simplex")


def test_the_command_line_writes_it(run_cdsl, python, tmp_path):
    (tmp_path / "coin.cdsl").write_text("p: prob = 0.25\n", encoding="utf-8")
    assert run_cdsl("compile", "--standalone", "coin.cdsl").rc == 0
    assert python("-c", NO_CDSL + "import coin; print(float(coin.Coin().p))").stdout == "0.25\n"
