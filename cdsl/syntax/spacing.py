"""One declaration as lines of text: where a blank stands between its tokens, and where a long one is broken."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from cdsl.source import width
from cdsl.syntax.tokens import Token

WIDEST = 100
"""Columns of a declaration that is not broken; the comment after it does not count."""
INDENT = "    "

WORDS = ("NAME", "DIM", "DATA", "LET", "TYPE", "MODEL", "FROM", "IMPORT", "AS", "FROZEN", "VIA")
OPENING, CLOSING = ("LPAR", "LSQB"), ("RPAR", "RSQB")
OPERANDS = (*WORDS, *CLOSING, "NUMBER", "ELLIPSIS")
"""What may end an operand: a bracket after it belongs to it, and a minus after it has two sides."""
LOOSENESS = {"COMPARE": 3, "PLUS": 2, "MINUS": 2, "MULOP": 1}
"""Operators that a line may be broken before, inside brackets."""

STAGES = {
    "PARAMETER": ("COLON", "VIA", "EQUAL", "FROZEN", "TILDE"),
    "FROZEN": ("COLON", "VIA", "EQUAL", "FROZEN", "TILDE"),
    "DATA": ("COLON", "EQUAL"),
    "DIM": ("EQUAL",),
    "LET": ("EQUAL",),
    "TYPE": ("EQUAL", "VIA"),
}
"""What may follow the name in a declaration of each kind, in this order: neighbours have it in columns."""


@dataclass
class Pair:
    """A pair of brackets: the places of its tokens, of the commas and of the colons right inside it."""

    opening: int
    closing: int = -1
    commas: list[int] = field(default_factory=list)
    colons: list[int] = field(default_factory=list)
    operators: bool = False
    """Whether the entry that is being read has an operator."""
    group: bool = False
    """Whether these are parentheses around an expression, where no comma may stand."""

    @property
    def breakable(self) -> bool:
        """Whether each entry may have a line: a line that begins `a:` would be taken for a declaration."""
        return not self.colons and self.closing > self.opening + 1

    @property
    def tall(self) -> bool:
        """Whether a comma after the last entry asks for a line each."""
        return self.breakable and self.commas[-1:] == [self.closing - 1]


class Line:
    """A declaration's tokens with their blanks, before it is known at which column it begins."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.kind = kind_of(tokens)
        self.blanks = [""] * len(tokens)
        self.pairs: dict[int, Pair] = {}
        self.top: list[int] = []
        """The tokens outside all brackets."""
        self._space()
        self.tall = [pair.opening for pair in self.pairs.values() if pair.tall]
        words = [blank + token for blank, token in zip(self.blanks, tokens, strict=True)]
        for pair in self.pairs.values():
            if pair.commas[-1:] == [pair.closing - 1] and not pair.tall:
                words[pair.closing - 1] = ""
        self.words = words
        self.ends = [0, *accumulate(map(width, words))]

    def _space(self) -> None:
        """Fill in blanks, pairs and top."""
        open_pairs: list[Pair] = []
        previous, unary = "", False
        for at, token in enumerate(self.tokens):
            kind, inner = token.type, open_pairs[-1] if open_pairs else None
            if kind in CLOSING and inner:
                self._entry(inner, at)
                inner.closing = at
                open_pairs.pop()
            if kind in OPENING:
                self.pairs[at] = Pair(at, group=kind == "LPAR" and previous not in OPERANDS)
                open_pairs.append(self.pairs[at])
            elif not open_pairs:
                self.top.append(at)
            if at and not self._tight(previous, kind, unary, inner is not None):
                self.blanks[at] = " "
            unary = kind == "MINUS" and previous not in OPERANDS
            if inner and kind == "COMMA":
                self._entry(inner, at)
                inner.commas.append(at)
            elif inner and kind == "COLON":
                inner.colons.append(at)
            elif inner and kind in LOOSENESS and not unary:
                inner.operators = True
            previous = "" if kind == "FROZEN" and self._held(at) else kind  # what follows is no part of it

    @staticmethod
    def _tight(previous: str, kind: str, unary: bool, inside: bool) -> bool:
        """Whether no blank stands between two tokens; a minus before them with one side is unary."""
        if previous == "NUMBER" and kind == "DOT":
            return False  # `1.a` would be the number `1.` and a name
        if unary or previous in (*OPENING, "DOT", "POW") or kind in (*CLOSING, "COMMA", "DOT", "POW"):
            return True
        if kind == "COLON":
            return previous != "COMMA"
        if inside and ("EQUAL" in (previous, kind) or previous == "COLON"):
            return True
        return kind in OPENING and previous in OPERANDS

    def _entry(self, pair: Pair, end: int) -> None:
        """Of an entry of a pair that ends here: `a:b`, but `a + 1 : b`."""
        begin = (pair.commas or [pair.opening])[-1]
        if pair.operators:
            for colon in pair.colons[-2:]:  # an entry has two at most
                if colon > begin:
                    self.blanks[colon] = " " * (self.tokens[colon - 1].type in (*OPERANDS, "COMMA"))
                    self.blanks[colon + 1] = " " * (colon + 1 < end and self.tokens[colon + 1].type != "COLON")
        pair.operators = False

    def _held(self, at: int) -> bool:
        """Whether a `frozen` is the word before the entries that stay at their start, and no name."""
        before = self.tokens[at - 1].type
        return at > 1 and before in OPERANDS and before not in ("VIA", "IMPORT", "AS")

    def cells(self) -> Iterator[tuple[str, str]]:
        """The name, then each stage that the declaration has with its text."""
        stages, begin, stage = list(STAGES.get(self.kind, ())), 0, ""
        for at in self.top:
            kind = self.tokens[at].type
            if kind not in (stages if stage else stages[:1]):
                continue  # `via` may be the name
            if kind == "FROZEN" and not self._held(at):
                continue
            if kind != "VIA" or self.tokens[at - 1].type in OPERANDS:  # or that of a type
                end = at + (kind == "COLON")
                yield stage, self.flat(begin, end)
                del stages[: stages.index(kind) + 1]
                begin, stage = end, kind
        yield stage, self.flat(begin, len(self.tokens))

    def _tall_inside(self, pair: Pair) -> bool:
        """Whether a pair, or one inside it, asks for a line for each entry."""
        at = bisect_left(self.tall, pair.opening)
        return at < len(self.tall) and self.tall[at] < pair.closing

    def flat(self, begin: int = 0, end: int | None = None) -> str:
        """These tokens on one line."""
        return "".join(self.words[begin:end]).lstrip(" ")

    def _wide(self, begin: int, end: int, room: int) -> bool:
        """Whether these tokens are too wide for a line with so much room."""
        return self.ends[end] - self.ends[begin] - len(self.blanks[begin]) > room

    def broken(self, depth: int) -> list[str]:
        """The declaration on one line, or where that is too wide, or a trailing comma asks for it, on several."""
        return list(self._broken(0, len(self.tokens), depth, ""))

    def _broken(self, begin: int, end: int, depth: int, comma: str) -> Iterator[str]:
        """These tokens and a comma: as they are, or at their loosest operators inside brackets, or inside outermost
        brackets, the widest first."""
        outer, operators = self._outermost(begin, end)
        room = WIDEST - len(INDENT) * depth - len(comma)
        if operators and begin and self._wide(begin, end, room):
            for first, last in pairwise([begin, *operators, end]):
                yield from self._broken(first, last, depth, comma * (last == end))
            return
        chosen = {pair.opening: pair for pair in outer if self._tall_inside(pair)}
        segments = [(begin, end)]
        for pair in chosen.values():
            segments[-1:] = [(segments[-1][0], pair.opening + 1), (pair.closing, end)]
        parts = []
        while segments:
            first, last = segments.pop()
            inside = [pair for pair in outer if first <= pair.opening and pair.closing < last]
            if inside and self._wide(first, last, room):
                widest = max(inside, key=lambda pair: self.ends[pair.closing] - self.ends[pair.opening])
                chosen[widest.opening] = widest
                segments += [(first, widest.opening + 1), (widest.closing, last)]
            else:
                parts.append((first, last))
        for first, last in reversed(parts):
            yield INDENT * depth + self.flat(first, last) + comma * (last == end)
            if opened := chosen.get(last - 1):
                for before, after in pairwise([opened.opening, *opened.commas, opened.closing]):
                    if before + 1 < after:
                        yield from self._broken(before + 1, after, depth + 1, "" if opened.group else ",")

    def _outermost(self, begin: int, end: int) -> tuple[list[Pair], list[int]]:
        """The outermost pairs of these tokens that may be broken, and the loosest operators outside them."""
        outer, operators, at = list[Pair](), list[int](), begin
        while at < end:
            kind = self.tokens[at].type
            if pair := self.pairs.get(at):
                outer += [pair] * pair.breakable
                at = pair.closing
            elif kind in LOOSENESS and self.tokens[at - 1].type in OPERANDS and at > begin:
                loosest = LOOSENESS[self.tokens[operators[-1]].type] if operators else 0
                if LOOSENESS[kind] >= loosest:
                    operators = [*operators, at] if LOOSENESS[kind] == loosest else [at]
            at += 1
        return outer, operators


def kind_of(tokens: Sequence[Token]) -> str:
    """A kind of `STAGES`, or none of them."""
    first, second = (*(token.type for token in tokens[:2]), "")[:2]
    if second == "COLON":
        return "PARAMETER"
    return first if first in STAGES and second in WORDS else ""
