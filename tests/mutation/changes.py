"""The changes that mutmut knows of a file's code, one in so many of them, and the file's text with each."""

from __future__ import annotations

import ast
import os
from collections.abc import Container, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import NamedTuple

import libcst
from libcst.metadata import CodePosition, MetadataWrapper, PositionProvider, WhitespaceInclusivePositionProvider


class Variant(NamedTuple):
    """A file with one change."""

    file: str
    lines: range
    code: str
    """The first of these lines, as it is."""
    before: str
    after: str
    text: str


def sample(
    root: Path, files: Sequence[str], every: int, first: int, again: Container[tuple[str, ...]] | None = None
) -> Iterator[Variant]:
    """One in `every` of the changes of these files one after the other, from number `first` on, or those of them in `again`.

    They come in an order of chance, which is the same each time: those until a run is stopped are a sample as well.
    """
    places = [
        (changes, number) for changes in (Changes(root, file) for file in files) for number in range(len(changes))
    ]
    chosen = places[first::every]
    Random(0).shuffle(chosen)
    for changes, number in chosen:
        if again is not None and changes.name(number) not in again:
            continue
        if (variant := changes.variant(number)) is not None:
            yield variant


class Changes:
    """What can be changed in a file, but for annotations; where it stands is seen once, and texts are made when asked for."""

    def __init__(self, root: Path, file: str) -> None:
        os.environ.setdefault("MUTMUT_SOURCE_PATHS", "cdsl")
        from mutmut.mutation.file_mutation import MutationVisitor  # reads its configuration when it is imported
        from mutmut.mutation.mutators import mutation_operators
        from mutmut.mutation.pragma_handling import IgnoredCode

        self.file = file
        self.text = (root / file).read_text(encoding="utf-8")
        self.same = {meaning(self.text)}
        wrapper = MetadataWrapper(libcst.parse_module(self.text))
        visitor = MutationVisitor(mutation_operators, IgnoredCode(set(), set(), set()))
        self.module = wrapper.visit(visitor)
        self.mutations = visitor.mutations
        self.places = wrapper.resolve(PositionProvider)
        self.whole = wrapper.resolve(WhitespaceInclusivePositionProvider)
        self.begins = [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]

    def __len__(self) -> int:
        return len(self.mutations)

    def name(self, number: int) -> tuple[str, str, str, str]:
        """A change wherever in its file: that, the first line of what changes, and this before and after."""
        mutation = self.mutations[number]
        before, after = map(self.module.code_for_node, (mutation.original_node, mutation.mutated_node))
        line = self.places[mutation.original_node].start.line
        return self.file, self.text[self.begins[line - 1] : self.begins[line]].strip(), before, after

    def variant(self, number: int) -> Variant | None:
        """The file with one change; None where that is no Python, or means what the file means or a change tried before."""
        mutation = self.mutations[number]
        _, code, before, after = self.name(number)
        whole = self.whole[mutation.original_node]
        start, stop = self.offset(whole.start), self.offset(whole.end)
        if self.text[start:stop] == before:
            text = self.text[:start] + after + self.text[stop:]
        else:  # a statement of more than a line, whose indentation its node does not know
            text = self.module.deep_replace(mutation.original_node, mutation.mutated_node).code
        try:
            meant = meaning(text)
        except SyntaxError:
            return None
        if meant in self.same:
            return None
        self.same.add(meant)
        place = self.places[mutation.original_node]
        return Variant(self.file, range(place.start.line, place.end.line + 1), code, before, after, text)

    def offset(self, position: CodePosition) -> int:
        return self.begins[position.line - 1] + position.column


def meaning(text: str) -> str:
    """What Python reads in a text, where it compiles it."""
    tree = ast.parse(text)
    compile(tree, "", "exec", dont_inherit=True)
    return ast.dump(tree)
