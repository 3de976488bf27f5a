"""Imports: types and models of other spec files, read below the root that the caller names and nowhere else."""

from __future__ import annotations

import keyword
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from cdsl.checker.aliases import Aliases
from cdsl.checker.models import Interface, Interfaces
from cdsl.checker.scope import names_in
from cdsl.diagnostics import Diagnostic, Fix, Severity, errors, in_order
from cdsl.files import class_of, read_spec, real
from cdsl.limits import DEEPEST_IMPORTS
from cdsl.model import Model
from cdsl.names import closest, normal
from cdsl.source import Span
from cdsl.syntax import ast
from cdsl.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Exports:
    """What a file has to give: its type aliases, its models, and the own one under the name of its class."""

    aliases: Aliases
    models: Interfaces
    nested: tuple[Model, ...]
    """Every model, each after those that it nests."""


@dataclass
class Files:
    """The files that a spec may import: those below a root."""

    root: Path
    here: Path
    """The spec that imports."""
    above: tuple[Path, ...] = ()
    """The specs that import it, outermost first."""
    read: dict[Path, Exports | Diagnostic] = field(default_factory=dict)
    """What has been read already, or its first problem."""

    @classmethod
    def of(cls, path: Path, root: Path | None = None) -> Files:
        """The files that a spec at this path may import: below the root, or below its own directory."""
        here = real(path)
        return cls(real(root or here.parent), here)

    def find(self, written: str, span: Span) -> Path | Diagnostic:
        """The file that a path in an import means; never one outside the root, whatever links there are."""
        path = PurePosixPath(written)
        if not written.endswith(".cdsl") or path.is_absolute() or "\\" in written or ":" in written or "\0" in written:
            message = (
                f"`{shown(written)}` is no relative path of a spec, with `/` between folders and `.cdsl` at its end"
            )
            return Diagnostic(
                code="E701", message=message, span=span, help='for example `from "noise.cdsl" import Noise`'
            )
        odd = next((part for part in (*path.parts[:-1], path.stem) if part != ".." and not is_module(part)), None)
        if odd is not None:
            message = f"`{shown(odd)}` cannot be the name of a Python module, which an import names"
            return Diagnostic(code="E701", message=message, span=span, help="rename the file or the folder")
        found = real(self.here.parent / path)
        if not found.is_relative_to(self.root):
            message = f"`{shown(written)}` lies outside the root of imports"
            return Diagnostic(code="E701", message=message, span=span, help="name a root above both with `--root`")
        if found == self.here or found in self.above:
            message = (
                f"`{shown(written)}` imports itself" if found == self.here else f"`{shown(written)}` imports this spec"
            )
            return Diagnostic(code="E702", message=message, span=span, help="move what both need into a third spec")
        if len(self.above) >= DEEPEST_IMPORTS:
            message = f"imports nest at most {DEEPEST_IMPORTS} deep"
            return Diagnostic(code="E102", message=message, span=span)
        return found

    def module(self, found: Path) -> str:
        """The Python module that a spec compiles to, seen from the root."""
        return ".".join(found.relative_to(self.root).with_suffix("").parts)


def is_module(part: str) -> bool:
    """Whether a folder or a file of this name can be imported, and hides nothing that is."""
    return (
        part.isidentifier() and not keyword.iskeyword(part) and part not in sys.stdlib_module_names | {"torch", "cdsl"}
    )


def shown(written: str, most: int = 60) -> str:
    """A path in a message."""
    return written if len(written) <= most else f"{written[:most]}…"


def read_exports(
    files: Files, found: Path, check: Callable[[ast.Spec, str, Files], tuple[Exports, tuple[Diagnostic, ...]]]
) -> Exports | Diagnostic:
    """What a file has to give, or the first problem where it cannot be read or has some of its own."""
    if found not in files.read:
        source, problems = read_spec(found)
        if not problems:
            name = class_of(found)
            inner = replace(files, here=found, above=(*files.above, files.here))
            exports, problems = check(parse(source.text), name if isinstance(name, str) else "", inner)
            files.read[found] = exports
        if errors(problems):
            files.read[found] = next(one for one in in_order([*problems]) if one.severity is Severity.ERROR)
    return files.read[found]


def take(
    written: ast.Imports, exports: Exports, problems: list[Diagnostic]
) -> list[tuple[ast.Name, ast.Alias | Interface]]:
    """What an import names, under the names that it has here."""
    taken: list[tuple[ast.Name, ast.Alias | Interface]] = []
    for one in written.names:
        name, here = normal(one.name.text), one.other or one.name
        alias, model = exports.aliases.get(name), exports.models.get(name)
        if alias is not None:
            foreign = foreign_names(alias)
            if foreign:
                message = f"`{name}` uses `{foreign[0]}` of its own file, which is not known here"
                help = f"give the type a parameter: `type {name}({foreign[0]}) = …`"
                problems.append(Diagnostic(code="E703", message=message, span=one.span, help=help))
            else:
                taken.append((here, alias.model_copy(update={"name": here})))
        elif model is not None:
            moved = model.model.model_copy(update={"name": normal(here.text)})
            taken.append((here, Interface(moved, model.known)))
        else:
            there = [*exports.aliases, *exports.models]
            close = closest(name, there)
            help = f"it has {', '.join(f'`{each}`' for each in there)}" if there else ""
            help = f"did you mean `{close}`?" if close else help
            message = f"`{shown(written.path)}` has no type or model `{name}`"
            fix = Fix.respelling(close, one.name.span)
            problems.append(Diagnostic(code="E703", message=message, span=one.span, help=help, fix=fix))
    return taken


def foreign_names(alias: ast.Alias) -> list[str]:
    """The values that an alias names beside its parameters."""
    own = {normal(one.name.text) for one in alias.params}
    return [name for name in (*names_in(alias.type), *names_in(alias.via)) if name not in {*own, "pi", "inf"}]
