"""The open documents, and the files around them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import NamedTuple

from cdsl.checker.imports import Files
from cdsl.checker.session import Session
from cdsl.limits import DEEPEST_IMPORTS
from cdsl.lsp.analysis import Analysis, Buffers, Stamp, analyse, origin
from cdsl.lsp.index import Foreign, Index, Word
from cdsl.lsp.scopes import Declared
from cdsl.lsp.text import Text
from cdsl.source import Span
from cdsl.syntax import ast
from cdsl.syntax.parse import parse

MOST_FILES, MOST_FOLDERS = 2000, 10_000
"""Of a workspace, that are looked at for what spans several files."""
SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages"})


@dataclass
class Document:
    """An open document: its text, and the last that was found of it, which may be of an earlier text."""

    uri: str
    path: Path | None
    version: int | None
    text: Text
    analysis: Analysis | None = None

    @property
    def current(self) -> bool:
        """Whether what was found is of this text."""
        return self.analysis is not None and self.analysis.text == self.text.spec


class Built(NamedTuple):
    """An index, and the states of the files that it was made of."""

    made: Index
    stamps: Mapping[Path, Stamp]


class Use(NamedTuple):
    """A word of a file."""

    file: Path | None
    word: Word


@dataclass
class Project:
    """What is open, and what else there is below the folders of the workspace."""

    root: Path | None = None
    """Where imports are seen from; without it, from each spec's own directory."""
    folders: tuple[Path, ...] = ()
    buffers: Buffers = field(default_factory=Buffers)
    specs: dict[Path, tuple[Stamp, ast.Spec]] = field(default_factory=dict)
    built: dict[Path, Built] = field(default_factory=dict)
    sessions: dict[Path | None, Session] = field(default_factory=dict)
    busy: RLock = field(default_factory=RLock)
    """One text at a time: a session is of one thread."""
    last: dict[Path | None, Analysis] = field(default_factory=dict)
    """What was last found of each file."""

    def analyse(self, text: str, path: Path | None) -> Analysis:
        """A text, checked."""
        with self.busy:
            session = self.sessions.setdefault(path, Session())
            self.last[path] = analyse(text, path, self.buffers, self.root, session)
            return self.last[path]

    def known(self, text: str, path: Path | None) -> Analysis:
        """The same, where it is not known."""
        last = self.last.get(path)
        return last if last is not None and last.text == text else self.analyse(text, path)

    # -- files ---------------------------------------------------------------------------------------------------------

    def text(self, path: Path) -> str:
        """The text of a file, open or on disk; empty where it cannot be read."""
        return self.buffers.text(path)[0].text.removeprefix("\ufeff")

    def find(self, path: Path | None, written: str) -> Path | None:
        """The file that an import of a spec means, where it may be imported."""
        if path is None:
            return None
        found = Files(*origin(path, self.root)).find(written, Span(0, 0))
        return found if isinstance(found, Path) else None

    def files(self) -> Iterator[Path]:
        """The specs of the workspace, open ones first."""
        seen, walked = dict.fromkeys(self.buffers.open), 0
        yield from [*seen]
        for folder in self.folders or dict.fromkeys(path.parent for path in seen):
            for place, folders, names in os.walk(folder):
                walked += 1
                folders[:] = sorted(one for one in folders if not one.startswith(".") and one not in SKIPPED)
                for name in sorted(names):
                    path = Path(place, name)
                    if name.endswith(".cdsl") and path not in seen:
                        seen[path] = None
                        yield path
                if len(seen) >= MOST_FILES or walked >= MOST_FOLDERS:
                    return

    # -- indices -------------------------------------------------------------------------------------------------------

    def index_of(self, analysis: Analysis, path: Path | None) -> Index:
        """The index of a document, of the text that was analysed."""
        if path is None:
            return Index(analysis.spec, analysis.text, None)
        if self.buffers.open.get(path) == analysis.text:
            self.specs[path] = analysis.text, analysis.spec
            return self.index(path) or Index(analysis.spec, analysis.text, path)
        built = self.built.get(path)
        if built is not None and built.made.text == analysis.text:
            return built.made
        return Index(analysis.spec, analysis.text, path, self.foreign(path, (), {}))

    def index(self, path: Path, above: tuple[Path, ...] = ()) -> Index | None:
        """The index of a file; None where there is none, or it imports itself."""
        if path in above or len(above) > DEEPEST_IMPORTS:
            return None
        built = self.built.get(path)
        if built is not None and all(self.buffers.stamp(one) == stamp for one, stamp in built.stamps.items()):
            return built.made
        stamp = self.buffers.stamp(path)
        if stamp is None:
            return None
        stamps: dict[Path, Stamp] = {path: stamp}
        text = self.text(path)
        index = Index(self.spec(path, text, stamp), text, path, self.foreign(path, above, stamps))
        self.built[path] = Built(index, stamps)
        return index

    def foreign(self, path: Path, above: tuple[Path, ...], stamps: dict[Path, Stamp]) -> Foreign:
        """The indices of the files that one imports; their states join those that its own index is made of."""

        def index(written: str) -> Index | None:
            other = self.find(path, written)
            if other is None:
                return None
            found = self.index(other, (*above, path))
            stamps.update(self.built[other].stamps if found else {other: self.buffers.stamp(other)})
            return found

        return index

    def spec(self, path: Path, text: str, stamp: Stamp) -> ast.Spec:
        """What is written in a file of this text."""
        known = self.specs.get(path)
        if known is None or known[0] != stamp:
            known = self.specs[path] = stamp, parse(text)
        return known[1]

    # -- across files --------------------------------------------------------------------------------------------------

    def uses(self, declared: Declared, index: Index) -> list[Use]:
        """Every word that names this, here and in the files that may import it."""
        indices = {index.file: index}
        if declared.file is not None and declared.kind != "import":  # whose name no other file knows
            home = self.index(declared.file)
            indices |= {declared.file: home} if home else {}
            indices |= self.importers(declared.file)
        return [Use(file, word) for file, one in indices.items() for word in one.words if word.declared == declared]

    def importers(self, path: Path) -> dict[Path | None, Index]:
        """The files of the workspace that import a file, directly or not."""
        found: dict[Path | None, Index] = {}
        texts = {one: text for one in self.files() if "import" in (text := self.text(one))}
        reached = {path}
        while True:
            near = [one for one, text in texts.items() if any(other.name in text for other in reached - {one})]
            new = [one for one in near if one not in found]
            for one in new:
                index = self.index(one)
                texts.pop(one)
                if index is not None and reached & {*self.built[one].stamps}:
                    found[one] = index
            if not reached < {*reached, *(one for one in found if one)}:
                return found
            reached |= {one for one in found if one}
