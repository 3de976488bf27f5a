"""A text, checked: the one place where the server parses and checks, so that another engine may take its place.

The buffers of an editor count, not what is on disk: an import of an open file reads its buffer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from cdsl.checker import check_imported
from cdsl.checker.imports import Exports, Files
from cdsl.checker.models import Interface
from cdsl.checker.scope import Known
from cdsl.checker.session import Session
from cdsl.diagnostics import Diagnostic, Severity, errors, in_order
from cdsl.files import class_of, read_spec
from cdsl.lsp.shapes import Raw, raws
from cdsl.model import Model
from cdsl.source import Source, Span
from cdsl.syntax import ast
from cdsl.syntax.parse import parse

Stamp: TypeAlias = Any
"""What tells one state of a file from another: the text of an open one, time and size of one on disk, None where there is none."""


@dataclass(frozen=True)
class Analysis:
    """What is known of a text. Of one with problems, all that is right in it."""

    text: str
    spec_later: Callable[[], ast.Spec]
    diagnostics: tuple[Diagnostic, ...]
    model: Model
    known: Mapping[str, Known]
    """The values of the spec by name, with their shapes."""
    models: Mapping[str, Interface]
    """The models that it declares and imports."""
    needs: frozenset[Path] = frozenset()
    """The files that it imports, directly or not; those that are not there as well."""

    @cached_property
    def spec(self) -> ast.Spec:
        """What is written in it."""
        return self.spec_later()

    @cached_property
    def raws(self) -> dict[str, Raw]:
        """The raw values of each parameter of the spec itself."""
        return raws(self.model, self.model.models, whole=not errors(self.diagnostics))

    def raws_in(self, model: Model) -> dict[str, Raw]:
        """Those of a model that it declares or imports."""
        return raws(model, self.model.models, whole=not errors(self.diagnostics))


class Kept(NamedTuple):
    """What a file has to give, and the states of the files that this was made of."""

    exports: Exports
    stamps: Mapping[Path, Stamp]


@dataclass
class Buffers:
    """The open files by path, and what files that are imported were found to have."""

    open: dict[Path, str] = field(default_factory=dict)
    kept: dict[tuple[Path, Path], Kept] = field(default_factory=dict)
    """By root and file."""

    def stamp(self, path: Path) -> Stamp:
        """The state of a file."""
        if path in self.open:
            return self.open[path]
        try:
            found = path.stat()
        except (OSError, ValueError):
            return None
        return found.st_mtime_ns, found.st_size

    def text(self, path: Path) -> tuple[Source, tuple[Diagnostic, ...]]:
        """The text of a file, open or on disk; what is wrong where it cannot be read."""
        return (Source(self.open[path], str(path)), ()) if path in self.open else read_spec(path)

    def fresh(self, root: Path, path: Path) -> Kept | None:
        """What is kept of a file, where nothing that it was made of has changed."""
        kept = self.kept.get((root, path))
        good = kept is not None and all(self.stamp(one) == stamp for one, stamp in kept.stamps.items())
        return kept if good else None


@dataclass
class Imported(Files):
    """The files that a spec may import, as the editor has them."""

    buffers: Buffers = field(default_factory=Buffers)
    needs: set[Path] = field(default_factory=set)

    def find(self, written: str, span: Span) -> Path | Diagnostic:
        """The file that a path in an import means, with what it has to give."""
        found = super().find(written, span)
        if isinstance(found, Path):
            self.needs.add(found)
            if found not in self.read:
                self.read[found] = self.exports(found)
        return found

    def exports(self, found: Path) -> Exports | Diagnostic:
        """What a file has to give, or its first problem."""
        if kept := self.buffers.fresh(self.root, found):
            self.needs.update(kept.stamps)
            return kept.exports
        stamp = self.buffers.stamp(found)
        source, problems = self.buffers.text(found)
        inner = replace(self, here=found, above=(*self.above, self.here), needs=set())
        if not problems:
            name = class_of(found)
            exports, problems = check_imported(parse(source.text), name if isinstance(name, str) else "", inner)
        self.needs |= inner.needs
        if errors(problems):
            return next(one for one in in_order([*problems]) if one.severity is Severity.ERROR)
        stamps = {found: stamp, **{one: self.buffers.stamp(one) for one in inner.needs}}
        self.buffers.kept[self.root, found] = Kept(exports, stamps)
        return exports


def analyse(text: str, path: Path | None, buffers: Buffers, root: Path | None, session: Session) -> Analysis:
    """What `cdsl check` says of a file with this text, and all that could be checked; the session is that of the file.

    A document without a file imports nothing, and its model is named `Model`.
    """
    cls = "Model" if path is None else class_of(path)
    files = None if path is None else Imported(*origin(path, root), buffers=buffers)
    session.name, session.files = cls if isinstance(cls, str) else "Model", files
    diagnostics = session.update(text).diagnostics
    return Analysis(
        text,
        session.spec_later(),
        in_order([cls, *diagnostics]) if isinstance(cls, Diagnostic) else diagnostics,
        session.interface.model,
        session.interface.known,
        session.types.models,
        frozenset(files.needs if files else ()),
    )


def origin(path: Path, root: Path | None) -> tuple[Path, Path]:
    """The root below which a spec imports, and its own place: a root that it does not lie below is not its root."""
    here = path.resolve()
    if root is not None and here.is_relative_to(root.resolve()):
        return root.resolve(), here
    return here.parent, here
