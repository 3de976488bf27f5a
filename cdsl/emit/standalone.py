"""The runtime that a module uses, written into it verbatim, so that torch is its only import.

Whole files are lifted, in the order in which they import one another, without their docstrings and imports. Nothing is run:
the sources are read, and so a module can be made standalone where torch is not installed.
"""

from __future__ import annotations

import ast
import functools
import pkgutil
from collections.abc import Iterator

from cdsl.constraints import domains
from cdsl.diagnostics import Diagnostic
from cdsl.discrete import DISCRETE
from cdsl.emit.shape import Form, classes, form_of, is_open
from cdsl.model import Model, Parameter, Typed

ROOTS = ("cdsl.runtime.module", "cdsl.runtime.pytree")
"""Where lifting begins; the domains that the model uses follow."""

SHARED = {
    "ConstrainedModule": "ConstrainedModule[Values]",
    "Declared": "Declared",
    "Device": "Device",
    "LogDets": "LogDets",
    "Raw": "Raw",
    "Settable": "Settable",
    "WithLogDets": "WithLogDets[Values]",
}
"""What generated code uses of the runtime as `cdsl.…`, beside its domains and `cdsl.values`."""


PACKED = {"PackedModule": "PackedModule[Values]", "PackedValues": "PackedValues"}
"""What modules of one raw parameter use beside that."""

OPEN = {
    "Argument": "Argument",
    "Bindings": "Bindings",
    "Data": "Data",
    "Dim": "Dim",
    "Known": "Known",
    "OpenModule": "OpenModule[Values]",
}
"""What modules with dims, data or derived values use beside that."""

FUNCTIONS = ("concat", "matvec", "stack", "vecmat")
"""What expressions use of `cdsl.runtime.functions`."""


def lifted(model: Model, forms: list[Form]) -> str:
    """The imports and the lifted code, ending in a class `cdsl` that holds what the generated code uses under that name."""
    written = classes(model)
    used = sorted({name for each in written for one in typed(each) for name in (one.domain, *of_parts(one))})
    opened = any(map(is_open, written))
    packed = any(form.packed for form in forms)
    shared = {**SHARED, **(PACKED if packed else {}), **(OPEN if opened else {})}
    roots = [*ROOTS, *(("cdsl.runtime.packed",) if packed else ())]
    roots += ("cdsl.runtime.open", "cdsl.runtime.functions") if opened else ()
    files: dict[str, str] = {}
    for root in (*roots, *(type(domains()[name]).__module__ for name in used if name not in DISCRETE)):
        gather(root, files)
    outside = sorted({("typing", "NamedTuple"), *(one for text in files.values() for one in outside_imports(text))})
    blocks = [
        "from __future__ import annotations",
        "\n".join(merged(outside)),
        "# fmt: off",
        *(f"# -- {name.removeprefix('cdsl.')} --\n\n\n{own(text)}" for name, text in files.items()),
        "\n".join(f"_{name}: TypeAlias = {meant}" for name, meant in shared.items()),
        "\n".join(namespace(used, shared, packed, opened)),
        "# fmt: on",
    ]
    return "\n\n\n".join(blocks)


def typed(model: Model) -> tuple[Typed, ...]:
    """What has values in a domain."""
    return (*model.parameters, *model.data)


def of_parts(one: Typed) -> Iterator[str]:
    """The domains whose transforms are parts of that of a parameter."""
    if isinstance(one, Parameter):
        has = domains()[one.domain].transforms[one.transform].parts
        yield from (has[name][0] for name, _ in one.parts)


def refused(model: Model, layout: str = "separate") -> Diagnostic | None:
    """Why the model cannot be made standalone: whose domain is of another package, or what is lifted has its name."""
    for one in (one for each in classes(model) for one in typed(each)):
        home = type(domains()[one.domain]).__module__ if one.domain not in DISCRETE else "cdsl.discrete"
        if not home.startswith("cdsl."):
            message = f"`{one.domain}` is a domain of `{home}`: only those of cdsl are written into a standalone module"
            return Diagnostic(code="E009", message=message, help="compile without `--standalone`")
    text = lifted(model, [form_of(one, model, layout) for one in classes(model)])
    names = {node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    own = next((one.name for one in classes(model) if names & {one.name, f"{one.name}Values"}), None)
    if own is None:
        return None
    message = f"`{own}` is a name of the runtime that is written into a standalone module"
    return Diagnostic(code="E003", message=message, help="give the class another name, for example `--name MyModel`")


def namespace(used: list[str], shared: dict[str, str], packed: bool, with_functions: bool) -> Iterator[str]:
    """`cdsl`, as the generated code knows it."""
    yield "class cdsl:"
    yield '    """What the module below uses of cdsl."""'
    yield ""
    yield from (f"    {name}: TypeAlias = {meant.replace(name, '_' + name)}" for name, meant in shared.items())
    yield "    values = staticmethod(values)"
    if packed:
        yield "    packed_values = staticmethod(packed_values)"
    yield from (f"    {name} = staticmethod({name})" for name in FUNCTIONS if with_functions)
    for name in used:
        made = f'DISCRETE["{name}"]' if name in DISCRETE else f"Maps({type(domains()[name]).__name__}())"
        yield f"    {name} = {made}"


def gather(name: str, files: dict[str, str]) -> None:
    """Add a module's source, after those of the modules of cdsl that it imports."""
    if name in files:
        return
    text = source_of(name)
    for module in inside_imports(text):
        if module != name:
            gather(module, files)
    files.setdefault(name, text)


@functools.cache
def source_of(name: str) -> str:
    """The text of one of our modules, unrun."""
    data = pkgutil.get_data("cdsl", f"{'/'.join(name.split('.')[1:])}.py")
    if data is None:
        raise AssertionError(f"{name} has no source")
    return data.decode()


@functools.cache
def own(text: str) -> str:
    """A module's own code: no docstring, no imports; what stands beside imports for type checkers is kept."""
    tree, lines = ast.parse(text), text.splitlines()
    for position, node in enumerate(tree.body):
        end = node.end_lineno or node.lineno
        is_doc = position == 0 and isinstance(node, ast.Expr)
        if is_doc or isinstance(node, ast.Import | ast.ImportFrom):
            lines[node.lineno - 1 : end] = [""] * (end - node.lineno + 1)
        elif for_type_checkers(node):
            kept = [one for one in ast.walk(node) if isinstance(one, ast.Assign)]
            lines[node.lineno - 1 : end] = [ast.unparse(one) for one in kept] + [""] * (
                end - node.lineno + 1 - len(kept)
            )
    return squeezed(lines)


def squeezed(lines: list[str]) -> str:
    """Lines with at most two blank ones in a row, and none at either end."""
    text = "\n".join(lines).strip("\n")
    while "\n\n\n\n" in text:
        text = text.replace("\n\n\n\n", "\n\n\n")
    return text


def for_type_checkers(node: ast.stmt) -> bool:
    """`if TYPE_CHECKING:`"""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


@functools.cache
def inside_imports(text: str) -> tuple[str, ...]:
    """The modules of cdsl from which a module imports."""
    nodes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom))
    return tuple(node.module for node in nodes if node.module and node.module.startswith("cdsl."))


@functools.cache
def outside_imports(text: str) -> tuple[tuple[str, str], ...]:
    """What a module imports from outside cdsl, as (module, name); the name is empty for `import module`."""
    found: list[tuple[str, str]] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith(("cdsl", "__future__")):
            found += ((node.module, alias.name) for alias in node.names)
    return tuple(found)


def merged(imports: list[tuple[str, str]]) -> Iterator[str]:
    """One line a module: first `import m`, then `from m import a, b`; torch apart from the standard library."""
    for is_torch in (False, True):
        found = [one for one in imports if (one[0].split(".")[0] == "torch") is is_torch]
        if is_torch:
            yield ""
        yield from (f"import {module}" for module, name in found if not name)
        modules = dict.fromkeys(module for module, name in found if name)
        for module in modules:
            yield f"from {module} import {', '.join(name for of, name in found if of == module and name)}"
