"""A text that is edited: what did not change is neither parsed nor judged again."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import BaseModel

from cdsl.checker import Checked, Types, heeding, judge
from cdsl.checker.ignored import spans_of
from cdsl.checker.imports import Files
from cdsl.checker.memory import Memory
from cdsl.checker.models import Interface
from cdsl.diagnostics import Diagnostic
from cdsl.limits import LONGEST_TEXT
from cdsl.source import Source, Span
from cdsl.syntax import ast
from cdsl.syntax.documentation import comments, each, head, with_docs
from cdsl.syntax.ignores import ignores_in
from cdsl.syntax.parse import Piece, assemble, parse, pieces, refuse_text

RANGE = 2 * LONGEST_TEXT
"""Places that are kept for one text; it has fewer characters."""


@dataclass
class Placed:
    """A piece of the text. Its nodes keep the places that they were given first, `by` larger than where they are now."""

    piece: Piece
    by: int
    docs: list[str]
    declarations: tuple[ast.Declaration, ...]
    """Those of the piece with these docs."""

    @property
    def start(self) -> int:
        """Where it begins now."""
        return self.piece.span.start - self.by

    @property
    def end(self) -> int:
        """Where it ends now."""
        return self.piece.span.end - self.by


class Session:
    """The spec of one file while it is edited.

    `update(text)` is equal to `check(parse(text))` and `spec` to `parse(text)`, whatever the text was before.

    No node moves when something is written above it. Every text that is read has a range of places of its own: its new
    nodes stand there for as long as they live, and a problem is moved to where they are now when it is told.
    """

    def __init__(self, name: str = "Model", files: Files | None = None, *, pedantic: bool = False) -> None:
        self.name, self.files, self.pedantic = name, files, pedantic
        self.source = Source("")
        self.placed: list[Placed] = []
        self.memory = Memory()
        self.range = -RANGE
        """Where the places of the last text begin."""
        self.written: ast.Spec | None = None
        self.interface: Interface
        """What is right in the text, whatever else is wrong, and the types that are known at its end."""
        self.types: Types

    @property
    def spec(self) -> ast.Spec:
        """What is written in the text; nodes are moved when this is asked for."""
        self.written = self.spec_later()()
        return self.written

    def spec_later(self) -> Callable[[], ast.Spec]:
        """What gives the spec of this text, also when the text has become another."""
        if self.written is not None:
            written = self.written
            return lambda: written
        placed, source = [(one.piece, -one.by) for one in self.placed], self.source
        return lambda: assemble([shifted(piece, by) for piece, by in placed], source)

    def update(self, text: str) -> Checked:
        """The meaning of the text as it is now, and what there is to say about it."""
        source = Source(text.removeprefix("\ufeff"))
        refused = any(refuse_text(source.text))
        self.placed = [] if refused else self.read(source)
        self.source, self.written = source, None
        lost: list[Diagnostic] = []
        doc, declarations = self.document(lost)
        if not declarations:
            self.written = parse(text)
            self.interface, self.types, found = judge(self.written, self.name, Types())
            return heeding(self.interface.model, found, self.written.ignores, (), pedantic=self.pedantic)
        problems = tuple(problem for one in self.placed for problem in one.piece.problems)
        spec = ast.Spec(span=Span(0, 0), doc=doc, declarations=declarations, diagnostics=problems)
        self.memory.turn()
        self.interface, self.types, found = judge(spec, self.name, Types(files=self.files, memory=self.memory))
        told, ignores = [*self.told(found), *lost], tuple(ignores_in(source))
        declared = (
            Span(start - one.by, end - one.by) for one in self.placed for start, end in spans_of(one.piece.declarations)
        )
        return heeding(self.interface.model, told, ignores, declared, pedantic=self.pedantic)

    def read(self, source: Source) -> list[Placed]:
        """The pieces of a text: those before the first change and behind the last one are as they were."""
        old, new = self.source.text, source.text
        places = range(min(len(old), len(new)))
        same = bisect_left(places, True, key=lambda at: old[: at + 1] != new[: at + 1])
        rest = bisect_left(places, True, key=lambda at: old[len(old) - at - 1 :] != new[len(new) - at - 1 :])
        # Where a piece ends may depend on the line below it, which is in the next one; the last one may be half a line.
        whole = min(bisect_right(self.placed, same, key=lambda one: one.end), len(self.placed) - 1)
        kept = max(0, whole - 1)
        grown = len(new) - len(old)
        behind = {
            one.start + grown: at for at, one in enumerate(self.placed) if at >= kept and one.start >= len(old) - rest
        }
        before, after = self.placed[:kept], list[Placed]()
        self.range += RANGE
        between: list[Placed] = []
        for piece in pieces(Source(new, first=self.range), self.range + (before[-1].end if before else 0)):
            one = Placed(piece, self.range, [""] * len(list(each(piece.declarations))), tuple(piece.declarations))
            if one.start in behind:
                after = self.placed[behind[one.start] :]
                break
            between.append(one)
        for one in after:
            one.by -= grown
        return [*before, *between, *after]

    def document(self, lost: list[Diagnostic]) -> tuple[str, tuple[ast.Declaration, ...]]:
        """The spec's own doc, and all declarations with theirs."""
        heads = [
            Span(start - one.by, end - one.by)
            for one in self.placed
            for start, end in map(head, each(one.piece.declarations))
        ]
        unread = [Span(start - one.by, end - one.by) for one in self.placed for start, end in one.piece.unread]
        doc, docs = comments(heads, unread, self.source, lost)
        texts = iter(docs)
        for one in self.placed:
            mine = list(islice(texts, len(one.docs)))
            if mine != one.docs:
                one.docs, of_piece = mine, iter(mine)
                one.declarations = tuple(with_docs(declared, of_piece) for declared in one.piece.declarations)
        return doc, tuple(declared for one in self.placed for declared in one.declarations)

    def told(self, problems: list[Diagnostic]) -> list[Diagnostic]:
        """Problems, moved to where their places are now."""
        starts = sorted((one.piece.span.start, one.by) for one in self.placed)
        return [moved(one, lambda at: -starts[bisect_right(starts, (at, math.inf)) - 1][1]) for one in problems]


def shifted(piece: Piece, by: int) -> Piece:
    """A piece as it stands elsewhere."""
    return Piece(*(moved(part, lambda _: by) for part in piece)) if by else piece


def moved(value: Any, by: Callable[[int], int]) -> Any:
    """A node or a diagnostic with all its places moved, each by what its start says."""
    if isinstance(value, str | None):
        return value
    if isinstance(value, Span):
        shift = by(value.start)
        return Span(value.start + shift, value.end + shift)
    if isinstance(value, tuple | list):
        return type(value)([moved(one, by) for one in value])
    if isinstance(value, BaseModel):
        return value.model_copy(
            update={name: moved(old, by) for name, old in value.__dict__.items() if type(old) is not str}
        )
    return value
