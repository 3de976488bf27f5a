"""Stan → spec: what the data, transformed data and parameters blocks of a Stan program declare, as a cdsl spec.

* An `int` that is a size is a `dim`; any other value of the data block is `data`, with Stan's numbers, from 1 where they are
  indices. Bounds of a size are not kept: a dim is a whole number ≥ 0.
* Transformed data are declared where parameters need them: a size as `dim N = …`, anything else as `let`. What is computed
  by statements becomes data, to be passed in, and is a problem.
* An array's sizes come before those of what it holds. Matrices have rows first, as in Stan; but Stan stores them by columns, so
  the unconstrained values of a matrix of numbers are in another order.
* Division of whole numbers rounds down in cdsl and towards 0 in Stan: the same, but for negative ones.

Priors, likelihoods and generated quantities are not read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from lark import Tree

from cdsl.names import raw_name, refuse
from cdsl.stan.expressions import INT, Base, Form, Kind, Known, NoCounterpart, Writer, Written, names_in
from cdsl.stan.read import Declared, Node, Problem, Program, read, type_word

__all__ = ["Problem", "Translated", "spec_of"]


class Translated(NamedTuple):
    """A spec, and what it does not say of the Stan program."""

    spec: str
    problems: tuple[Problem, ...]
    """In the order of the program."""
    renames: dict[str, str]
    """Names of Stan that cdsl refuses, with those that the spec has instead."""


class Type(NamedTuple):
    """A type of Stan, as cdsl has it."""

    domain: str
    form: Form = ""
    sizes: tuple[int, ...] = (0,)
    """How many sizes it may be written with."""
    bounded: bool = False
    """Takes bounds, or an offset and a multiplier."""


TYPES = {
    "int": Type("int", bounded=True),
    "real": Type("real", bounded=True),
    "vector": Type("real", "vector", (1,), bounded=True),
    "row_vector": Type("real", "row", (1,), bounded=True),
    "matrix": Type("real", "matrix", (2,), bounded=True),
    "simplex": Type("simplex", "vector", (1,)),
    "ordered": Type("ordered", "vector", (1,)),
    "positive_ordered": Type("positive_ordered", "vector", (1,)),
    "unit_vector": Type("unit_vector", "vector", (1,)),
    "sum_to_zero_vector": Type("zero_sum", "vector", (1,)),
    "sum_to_zero_matrix": Type("zero_sum_matrix", "matrix", (2,)),
    "cov_matrix": Type("cov", "matrix", (1,)),
    "corr_matrix": Type("corr", "matrix", (1,)),
    "cholesky_factor_corr": Type("cholesky_corr", "matrix", (1,)),
    "cholesky_factor_cov": Type("cholesky_cov", "matrix", (1, 2)),
    "row_stochastic_matrix": Type("row_stochastic", "matrix", (2,)),
    "column_stochastic_matrix": Type("column_stochastic", "matrix", (2,)),
}


def spec_of(text: str) -> Translated:
    """The spec of a Stan program. Never raises for what a text may contain."""
    problems: list[Problem] = []
    program = read(text, problems)
    translation = Translation(program, problems, renames(program))
    return translation.translated()


@dataclass
class Translation:
    """A program on its way."""

    program: Program
    problems: list[Problem]
    renames: dict[str, str]
    known: dict[str, Known] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)

    def translated(self) -> Translated:
        """The spec, block by block."""
        transformed = self.needed()
        sizes = self.sizes(transformed)
        blocks = (
            [self.data(one, sizes) for one in self.program.data],
            [self.transformed(one, sizes) for one in transformed],
            [self.declaration(one, "") for one in self.program.parameters],
        )
        written = ("".join(f"{line}\n" for line in block if line) for block in blocks)
        spec = "\n".join(block for block in written if block)
        told = tuple(sorted(dict.fromkeys(self.problems), key=lambda one: one.line))
        return Translated(spec, told, {old: new for old, new in self.renames.items() if old in self.known})

    # -- what is needed ------------------------------------------------------------------------------------------------

    def needed(self) -> list[Declared]:
        """The transformed data that parameters need, directly or not."""
        by_name = {one.name: one for one in self.program.transformed}
        waiting, found = used_by(self.program.parameters), set[str]()
        while waiting:
            name = waiting.pop()
            if name in by_name and name not in found:
                found.add(name)
                waiting |= used_by([by_name[name]])
        return [one for one in self.program.transformed if one.name in found]

    def sizes(self, transformed: list[Declared]) -> set[str]:
        """The names that sizes are made of."""
        found: set[str] = set()
        for one in (*self.program.data, *transformed, *self.program.parameters):
            found |= names_in(one.type.children[2]) | set().union(*map(names_in, one.arrays))
        for one in reversed(transformed):
            found |= names_in(one.value) if one.name in found else set()
        return found

    # -- declarations --------------------------------------------------------------------------------------------------

    def data(self, one: Declared, sizes: set[str]) -> str:
        """A line for a value of the data block."""
        if one.name in sizes and type_word(one.type) == "int" and not one.arrays:
            return f"dim {self.know(one, INT)}"
        return self.declaration(one, "data ")

    def transformed(self, one: Declared, sizes: set[str]) -> str:
        """A line for a value of the transformed data block."""
        size = one.name in sizes and type_word(one.type) == "int" and not one.arrays
        writer = Writer(self.known, self.broken, one.line, size=size)
        why = "it is computed by statements"
        if one.value is not None:
            try:
                value, kind = writer.number(writer.write(one.value)), self.kind(one, writer)
            except NoCounterpart as reason:
                why = reason.message
            else:
                return f"{'dim' if size else 'let'} {self.know(one, kind)} = {value.text}"
        self.problems.append(Problem(one.line, f"`{one.name}` is to be passed in: {why}"))
        return self.data(one, sizes)

    def declaration(self, one: Declared, keyword: str) -> str:
        """`data y: real[N]`, or a parameter; nothing where that has no counterpart, which is told."""
        writer = Writer(self.known, self.broken, one.line)
        try:
            kind = self.kind(one, writer)
            if kind.base == "int" and not keyword:
                raise NoCounterpart(f"`{one.name}` is a whole number: a parameter has a gradient", one.line)
            domain = self.domain(one, writer, data=bool(keyword))
            sizes = self.sizes_of(one, Writer(self.known, self.broken, one.line, size=True))
        except NoCounterpart as reason:
            self.problems.append(Problem(reason.line, reason.message))
            self.broken[one.name] = one.line
            return ""
        return f"{keyword}{self.know(one, kind)}: {domain}{sizes}"

    def know(self, one: Declared, kind: Kind) -> str:
        """The name that the spec has for it, known from here on."""
        if one.name in self.known:
            self.problems.append(Problem(one.line, f"`{one.name}` is declared twice"))
        name = self.renames.get(one.name, one.name)
        self.known[one.name] = Known(name, kind)
        return name

    def kind(self, one: Declared, writer: Writer) -> Kind:
        """Its type in Stan.

        Raises:
            NoCounterpart: there is no such type in cdsl.
        """
        word = type_word(one.type)
        if word not in TYPES:
            raise writer.no(f"the type `{word}` has no counterpart in cdsl")
        base: Base = "int" if word == "int" else "real"
        return Kind(base, TYPES[word].form, len(one.arrays))

    def sizes_of(self, one: Declared, writer: Writer) -> str:
        """`[N, K]`: sizes of arrays first.

        Raises:
            NoCounterpart: one cannot be written, or there are too many.
        """
        word, own = type_word(one.type), one.type.children[2]
        event = own.children if isinstance(own, Tree) else []
        if len(event) not in TYPES[word].sizes:
            wanted = " or ".join(map(str, TYPES[word].sizes))
            raise writer.no(f"`{word}` takes {wanted} sizes, got {len(event)}: an array is `array[…] {word}`")
        if len(event) == 1 and TYPES[word].sizes == (1, 2) and one.arrays:
            event = [*event, *event]  # the spec's last two sizes
        written = [writer.write(size) for size in (*one.arrays, *event)]  # type: ignore[arg-type]  # the grammar's `expr`
        if any(size.kind != INT for size in written):
            raise writer.no("a size is a whole number")
        return f"[{', '.join(size.text for size in written)}]" if written else ""

    def domain(self, one: Declared, writer: Writer, *, data: bool) -> str:
        """The domain and its arguments.

        Raises:
            NoCounterpart: a bound cannot be written.
        """
        word, bounds = type_word(one.type), one.type.children[1]
        type_ = TYPES[word]
        given: dict[str, Written] = {}
        for bound in bounds.children[1:-1] if isinstance(bounds, Tree) else ():
            key, value = bound.children  # type: ignore[union-attr]  # the grammar's `bound`
            name = str(key.children[0])  # type: ignore[union-attr]
            allowed = ("lower", "upper") if word == "int" else ("lower", "upper", "offset", "multiplier")
            if not type_.bounded or name not in allowed or name in given:
                raise writer.no(f"`{name}` is no bound of `{word}`, or given twice")
            given[name] = writer.number(writer.write(value))  # type: ignore[arg-type]
        if {*given} & {"lower", "upper"} and {*given} & {"offset", "multiplier"}:
            raise writer.no("bounds and an offset or multiplier exclude each other")
        lower, upper = given.get("lower"), given.get("upper")
        lower = None if is_number(lower, -math.inf) else lower
        upper = None if is_number(upper, math.inf) else upper
        if word == "int":
            return whole(lower, upper)
        if lower or upper:
            return between(lower, upper, "nonnegative" if data else "positive")
        return affine(given.get("offset"), given.get("multiplier"), type_.domain)


def used_by(declared: Iterable[Declared]) -> set[str]:
    """The names that these declarations use."""
    nodes: list[Node | None] = [node for one in declared for node in (one.type, one.value, *one.arrays)]
    return set().union(*map(names_in, nodes))


def is_number(written: Written | None, number: float) -> bool:
    """Whether a bound is this number, written out."""
    try:
        return written is not None and float(written.text) == number
    except ValueError:
        return False


def whole(lower: Written | None, upper: Written | None) -> str:
    """The domain of whole numbers between bounds, both included."""
    if upper is None:
        return "int" if lower is None else "count" if is_number(lower, 0) else f"int({lower.text}, inf)"
    return f"int({lower.text if lower else '-inf'}, {upper.text})"


def between(lower: Written | None, upper: Written | None, above_0: str) -> str:
    """The domain of real numbers between bounds."""
    if lower is None:
        return "negative" if is_number(upper, 0) else f"less_than({upper.text})"  # type: ignore[union-attr]  # there is one
    if upper is None:
        return above_0 if is_number(lower, 0) else f"greater_than({lower.text})"
    if is_number(lower, 0) and is_number(upper, 1):
        return "prob"
    return f"interval({lower.text}, {upper.text})"


def affine(offset: Written | None, multiplier: Written | None, domain: str) -> str:
    """The domain of all real numbers, from an offset and in units of a multiplier; any other domain as it is."""
    if multiplier is None:
        return domain if offset is None else f"{domain}({offset.text})"
    return f"{domain}({f'{offset.text}, ' if offset else 'scale='}{multiplier.text})"


def renames(program: Program) -> dict[str, str]:
    """Another name for each that cdsl refuses: with `_` behind it."""
    declared = list(dict.fromkeys(one.name for one in (*program.data, *program.transformed, *program.parameters)))
    taken, found = {*declared}, dict[str, str]()
    for name in declared:
        if refuse(name):
            found[name] = free(name, taken)
    raws = {raw_name(found.get(one.name, one.name)) for one in program.parameters}
    for name in declared:
        if found.get(name, name) in raws:
            found[name] = free(name, taken | raws)
    return found


def free(name: str, taken: set[str]) -> str:
    """A good name like this one; it is taken from here on."""
    while refuse(name) or name in taken:
        name += "_"
    taken.add(name)
    return name
