"""Who may import whom, by reading imports; and that nothing up to the command line imports torch."""

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.untraced
ROOT = Path(__file__).parents[1] / "cdsl"

RANKS = {
    "errors": 0, "source": 0, "names": 0, "extents": 0, "collector": 0, "limits": 0,
    "diagnostics": 1, "constraints": 1,
    "runs": 1, "discrete": 2, "files": 2, "model": 2, "plot": 2,
    "functions": 3, "syntax": 3, "written": 3,
    "checker": 4, "highlight": 4, "stan": 4,
    "emit": 5, "catalogue": 5, "live": 5,
    "compiler": 6, "places": 6,
    "loader": 7, "describe": 7, "reparameterize": 8, "diff": 8, "jupyter": 8, "lsp": 8,
    "testing": 8, "monitor": 8, "migrate": 9, "show": 10, "cli": 11, "__main__": 12,
}  # fmt: skip
"""What stands higher may import what stands lower, and its own."""

APART = {("syntax", "constraints"), ("constraints", "diagnostics"), ("model", "files"), ("files", "model")}
"""Neighbours that have nothing to say to each other."""

BOTH = ("testing", "migrate", "monitor", "reparameterize", "show")
"""What speaks to the runtime from outside it."""

FILES = [path for path in sorted(ROOT.rglob("*.py")) if path != ROOT / "__init__.py"]


def part(module):
    """`cdsl.syntax.parse` is part of `syntax`."""
    return module.split(".")[1] if module.startswith("cdsl.") else ""


def imports(path):
    """Every module that a file imports when it runs: not under TYPE_CHECKING."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_what_stands_below_it(path):
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for module in imports(path):
        other = part(module)
        if own == "runtime":
            assert other in ("", "runtime", "constraints", "discrete", "errors"), module
            assert module.split(".")[0] not in ("pydantic", "lark", "click"), module
        elif own in BOTH and other == "runtime":
            continue
        elif other and other != own:
            assert RANKS[other] < RANKS[own], f"{path} imports {module}"
            assert (own, other) not in APART, f"{path} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_torch_is_imported_by_the_runtime_the_laws_migrate_and_live_alone(path):
    tops = {module.split(".")[0] for module in imports(path)}
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    assert "torch" not in tops or own in ("runtime", "live", *BOTH)


def test_names_are_told_apart_across_the_runtime_and_domains():
    """A standalone module holds all of these files in one place; a name that two of them define means one of them."""
    homes = {}
    for path in sorted([*(ROOT / "constraints").glob("*.py"), *(ROOT / "runtime").glob("*.py")]):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
            if isinstance(node, ast.Assign):
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            for name in names:
                homes.setdefault(name, []).append(path.name)
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}


def test_constraints_import_the_standard_library_only():
    for path in (ROOT / "constraints").glob("*.py"):
        assert not {module.split(".")[0] for module in imports(path)} & {
            "pydantic",
            "lark",
            "click",
            "typing_extensions",
        }


def unions_asked(tree):
    """The lines where `isinstance` is asked for a union."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "isinstance"
        and isinstance(node.args[1], ast.BinOp)
    ]


def test_what_is_compiled_asks_for_no_union_which_dynamo_of_torch_26_does_not_know():
    assert unions_asked(ast.parse("isinstance(x, int | float)")) == [1]
    for path in (*(ROOT / "runtime").glob("*.py"), *(ROOT / "constraints").glob("*.py")):
        assert unions_asked(ast.parse(path.read_text(encoding="utf-8"))) == [], path


COMMANDS = {
    "import cdsl": "import cdsl",
    "check": "from cdsl.cli import cdsl; cdsl(['check', 'coin.cdsl'], standalone_mode=False)",
    "compile": "from cdsl.cli import cdsl; cdsl(['compile', 'coin.cdsl'], standalone_mode=False)",
    "standalone": "from cdsl.cli import cdsl; cdsl(['compile', '--standalone', 'coin.cdsl'], standalone_mode=False)",
    "types": "from cdsl.cli import cdsl; cdsl(['types'], standalone_mode=False)",
    "types prob": "from cdsl.cli import cdsl; cdsl(['types', 'prob'], standalone_mode=False)",
    "explain": "from cdsl.cli import cdsl; cdsl(['explain', 'E501'], standalone_mode=False)",
    "fmt": "from cdsl.cli import cdsl; cdsl(['fmt', 'coin.cdsl'], standalone_mode=False)",
    "describe": "from cdsl.cli import cdsl; cdsl(['describe', 'coin.cdsl'], standalone_mode=False)",
    "diff": "from cdsl.cli import cdsl; cdsl(['diff', 'coin.cdsl', 'coin.cdsl'], standalone_mode=False)",
    "migrate --help": "from cdsl.cli import cdsl; cdsl(['migrate', '--help'], standalone_mode=False)",
    "new": "from cdsl.cli import cdsl; cdsl(['new', 'die'], standalone_mode=False)",
    "plot --help": "from cdsl.cli import cdsl; cdsl(['plot', '--help'], standalone_mode=False)",
    "show --help": "from cdsl.cli import cdsl; cdsl(['show', '--help'], standalone_mode=False)",
    "import a Stan program": "from cdsl.cli import cdsl; cdsl(['import', '-'], standalone_mode=False)",
    "watch --help": "from cdsl.cli import cdsl; cdsl(['watch', '--help'], standalone_mode=False)",
    "compile in Python": "import cdsl; cdsl.compile('p: prob')",
}

NO_TORCH = "import sys; sys.modules['torch'] = None\n"
"""From here on `import torch` raises ImportError, as where torch is not installed."""

SAY = "\nimport sys; print('torch' in sys.modules)"


@pytest.mark.parametrize("code", COMMANDS.values(), ids=COMMANDS)
def test_torch_stays_unimported(code, python, tmp_path):
    (tmp_path / "coin.cdsl").write_text("p: prob\nw: simplex[3] = [0.2, 0.3, 0.5]\n", encoding="utf-8")
    ran = python("-c", code + SAY)
    assert (ran.rc, ran.stdout.splitlines()[-1:]) == (0, ["False"]), ran.stderr


@pytest.mark.parametrize("code", COMMANDS.values(), ids=COMMANDS)
def test_it_runs_where_torch_is_not_installed(code, python, tmp_path):
    (tmp_path / "coin.cdsl").write_text("p: prob\nw: simplex[3] = [0.2, 0.3, 0.5]\n", encoding="utf-8")
    ran = python("-c", NO_TORCH + code)
    assert ran.rc == 0, ran.stderr


def test_these_tests_can_fail(python):
    assert python("-c", "import cdsl.runtime" + SAY).stdout.split() == ["True"]
    assert python("-c", NO_TORCH + "import cdsl.runtime").rc != 0
