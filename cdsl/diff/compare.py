"""One parameter, or data, as it was and as it is: whether a checkpoint's entry can be read as before, or carried over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import cycle
from typing import NamedTuple

from cdsl import catalogue
from cdsl.constraints import domains, made_of
from cdsl.constraints.base import Bounded
from cdsl.describe import type_text
from cdsl.diff.meaning import Meanings
from cdsl.discrete import DISCRETE
from cdsl.emit import steps
from cdsl.extents import Shape
from cdsl.model import Data, Expression, Given, Parameter
from cdsl.places import Place, size_text
from cdsl.written import array_text, given_text, spelled


class Verdict(str, Enum):
    """What becomes of an entry of a checkpoint."""

    SAME = "same"
    MIGRATABLE = "migratable"
    BREAKING = "breaking"


class Finding(NamedTuple):
    """A verdict, and its reasons."""

    verdict: Verdict
    why: str = ""
    condition: str = ""
    migrate: str = ""


@dataclass(frozen=True)
class Stood:
    """A declaration where it stands, in the spec whose meanings these are."""

    place: Place
    one: Parameter | Data
    meanings: Meanings

    @property
    def path(self) -> str:
        """Its name in the outermost model."""
        return self.place.path + self.one.name

    @property
    def shape(self) -> Shape:
        """The shape of the value."""
        return self.place.shape(self.one)

    @property
    def type(self) -> str:
        """The domain as its spec writes it, of a parameter with its transform."""
        return type_text(self.one) + (f" via {via(self.one)}" if isinstance(self.one, Parameter) else "")

    def means(self, given: tuple[Given, ...]) -> tuple[str, ...]:
        """The meaning of what stands in ( )."""
        return tuple(self.meanings.of(self.place, one) for one in given)


def via(one: Parameter) -> str:
    """The transform as a spec writes it."""
    given = [f"{name}={part}" for name, part in one.parts]
    given += [
        f"{name}={spelled(value) if isinstance(value, Expression) else array_text(value)}" for name, value in steps(one)
    ]
    step = ", ".join(given)
    train = one.transform + (f"({step})" if step else "")
    return f"staged(train={train}, eval={one.eval})" if one.eval else train


def compare(old: Stood, new: Stood) -> Finding:
    """What becomes of an entry that both specs have."""
    match old.one, new.one:
        case Parameter() as was, Parameter() as now:
            return compare_parameters(old, new, was, now)
        case Data() as was, Data() as now:
            return compare_data(old, new, was, now)
    return Finding(Verdict.BREAKING, "data and parameters are not each other", "", "refuses: `--start` begins anew")


def compare_parameters(old: Stood, new: Stood, was: Parameter, now: Parameter) -> Finding:
    """What becomes of a parameter's raw values."""
    reshaped = compare_shapes(old, new)
    if reshaped.verdict is Verdict.BREAKING:
        return reshaped
    inside = compare_sets(old, new)
    if inside.verdict is Verdict.BREAKING:
        return inside
    staying = compare_held(was, now)
    if staying.verdict is Verdict.BREAKING:
        return staying
    if any((*inside[1:3], *reshaped[1:3], *staying[1:3])):
        why = "; ".join(filter(None, (reshaped.why, inside.why, staying.why)))
        return Finding(
            Verdict.MIGRATABLE,
            why,
            both(reshaped.condition, inside.condition or edge(was, now), staying.condition),
            carried(now),
        )
    transforms = via(was) != via(now) or old.means(was.step) != new.means(now.step)
    if transforms and (was.transform, was.eval, was.parts) != (now.transform, now.eval, now.parts):
        return Finding(Verdict.MIGRATABLE, f"transform {via(was)} → {via(now)}", edge(was, now), carried(now))
    if transforms and old.means(was.step) != new.means(now.step):
        return Finding(Verdict.MIGRATABLE, f"step {via(was)} → {via(now)}", edge(was, now), carried(now))
    if was.domain != now.domain:
        return Finding(
            Verdict.MIGRATABLE, f"`{was.domain}` and `{now.domain}` are one set, written otherwise", "", carried(now)
        )
    if tuple(map(given_text, was.arguments)) != tuple(map(given_text, now.arguments)) or transforms:
        why = "the same values under other names, which a checkpoint's signature has"
        return Finding(Verdict.MIGRATABLE, why, "", "copies raw")
    if old.path != new.path:
        return Finding(Verdict.MIGRATABLE, f"renamed from {old.path}", "", "copies raw")
    return Finding(Verdict.SAME, frozen(was, now))


def compare_held(was: Parameter, now: Parameter) -> Finding:
    """Whether the same entries stay at their start."""
    if was.held == now.held:
        if standing(was) != standing(now):
            return Finding(
                Verdict.BREAKING, "its frozen entries are other numbers", "", "refuses: `--start` begins anew"
            )
        return Finding(Verdict.SAME)
    before = was.held or (False,) * len(now.held)
    more = any(stays and not stayed for stays, stayed in zip(now.held, before, strict=False))
    return Finding(
        Verdict.MIGRATABLE, "other entries are frozen", "those that are frozen now are at their start" * more
    )


def standing(one: Parameter) -> list[float]:
    """The entries that stay, row-major."""
    waiting, numbers = [one.start], list[float]()
    while waiting:
        start = waiting.pop()
        waiting += reversed(start) if isinstance(start, tuple) else ()
        numbers += [start] if isinstance(start, float) else []
    return [number for number, stays in zip(cycle(numbers), one.held, strict=False) if stays] if numbers else []


def both(*conditions: str) -> str:
    """Conditions that all must hold."""
    return " and ".join(filter(None, conditions))


def edge(was: Parameter, now: Parameter) -> str:
    """What must hold of values that a transform can put on the boundary, which does not belong to the new domain."""
    domain = domains()[was.domain]
    if domain.transforms[was.transform].bijective and not made_of(domain, was.transform, was.parts).bijective:
        return f"`{via(was)}` gave no value on the boundary"
    if domain.transforms[was.transform].bijective or not isinstance(domain, Bounded) or now.domain == "real":
        return ""
    return f"`{was.transform}` gave no value on the boundary"


def frozen(was: Parameter, now: Parameter) -> str:
    """What becomes of a constant that a checkpoint has another value for."""
    if was.frozen and not now.frozen:
        return "no longer frozen: it joins the flat vector"
    if now.frozen and not was.frozen:
        return "frozen now, at the checkpoint's value: `--start` takes the spec's"
    if now.frozen and was.start != now.start:
        return "another constant, but a checkpoint brings its own: `--start` takes the spec's"
    return ""


def carried(now: Parameter) -> str:
    """How a value is carried, and how exactly."""
    figures = {} if now.parts else catalogue.measured().get(f"{now.domain} via {now.transform}", {})
    error = f", to {figures['inverse']:.2g} eps" if figures.get("inverse") else ""
    return f"carries the value{error}"


def compare_data(old: Stood, new: Stood, was: Data, now: Data) -> Finding:
    """What becomes of data that checkpoints hold."""
    reshaped = compare_shapes(old, new)
    if reshaped.verdict is Verdict.BREAKING:
        return reshaped
    inside = compare_sets(old, new)
    if inside.verdict is Verdict.BREAKING:
        return inside
    if kind(was) != kind(now):
        whole = (
            ""
            if kind(now) == "real"
            else "the values are whole numbers"
            if kind(now) == "int"
            else "the values are 0 or 1"
        )
        changed = f"{was.domain} → {now.domain}"
        return Finding(Verdict.MIGRATABLE, changed, both(reshaped.condition, whole), "converts the values")
    condition = both(reshaped.condition, inside.condition)
    if condition or reshaped.why:
        return Finding(Verdict.MIGRATABLE, reshaped.why or inside.why, condition, "copies the values")
    if old.path != new.path:
        return Finding(Verdict.MIGRATABLE, f"renamed from {old.path}", "", "copies the values")
    return Finding(Verdict.SAME, inside.why and f"{inside.why}: every value still fits")


def kind(one: Parameter | Data) -> str:
    """Whole numbers, truth values, or real ones."""
    return DISCRETE[one.domain].kind if one.domain in DISCRETE else "real"


def compare_shapes(old: Stood, new: Stood) -> Finding:
    """Whether values of one shape are values of the other: sizes are equal, or turn out to be, or one value serves a batch."""
    was, now = old.shape, new.shape
    changed = f"shape {shape_text(was)} → {shape_text(now)}"
    if was == now:
        return Finding(Verdict.SAME)
    batch = len(new.one.batch)
    if len(was) < len(now) and not old.one.batch and now[batch:] == was and isinstance(new.one, Parameter):
        return Finding(Verdict.MIGRATABLE, f"{changed}, one value for all")
    pairs = [(one, other) for one, other in zip(was, now, strict=False) if one != other]
    if len(was) != len(now) or any(one.number is not None and other.number is not None for one, other in pairs):
        return Finding(
            Verdict.BREAKING, changed, "", "refuses, no rule says which entries are which: `--start` begins anew"
        )
    alike = " and ".join(f"{size_text(one)} = {size_text(other)}" for one, other in pairs)
    return Finding(Verdict.MIGRATABLE, changed, alike)


def compare_sets(old: Stood, new: Stood) -> Finding:
    """Whether values of one domain are values of the other; nothing is said where it is the same set."""
    was, now = old.one, new.one
    changed = f"{type_text(was)} → {type_text(now)}"
    if (was.domain, old.means(was.arguments)) == (now.domain, new.means(now.arguments)):
        if old.shape != new.shape or old.place.event(was) == new.place.event(now):
            return Finding(Verdict.SAME)
        return Finding(Verdict.MIGRATABLE, changed, f"the values lie in `{type_text(now)}`")  # of another rank
    if now.domain in DISCRETE or was.domain in DISCRETE:
        return Finding(Verdict.MIGRATABLE, changed, f"the values lie in `{type_text(now)}`")
    if now.domain == "real":
        return Finding(Verdict.MIGRATABLE, changed)
    ranges = ends(was), ends(now)
    if None not in ranges:
        before, after = (one for one in ranges if one is not None)
        if before.low_least >= after.high_most or before.high_most <= after.low_least:
            return Finding(Verdict.BREAKING, f"{changed}: no value is in both", "", "refuses: `--start` begins anew")
        if after.holds(before):
            equal = before.exact and before == after
            return Finding(Verdict.SAME) if equal else Finding(Verdict.MIGRATABLE, changed)
    same_words = type_text(was) == type_text(now)
    why = "the names in its arguments mean another thing" if same_words else changed
    return Finding(Verdict.MIGRATABLE, why, f"the values lie in `{type_text(now)}`")


class Ends(NamedTuple):
    """The bounds of a domain of numbers: of all entries, the least and the largest of each."""

    low_least: float
    low_most: float
    high_least: float
    high_most: float
    closed: bool

    @property
    def exact(self) -> bool:
        """Whether they are those of every entry."""
        return self.low_least == self.low_most and self.high_least == self.high_most

    def holds(self, other: Ends) -> bool:
        """Whether every entry holds every value of the other."""
        if other.closed and not self.closed:
            return self.low_most < other.low_least and self.high_least >= other.high_most
        return self.low_most <= other.low_least and self.high_least >= other.high_most


def ends(one: Parameter | Data) -> Ends | None:
    """The bounds of a domain of numbers, where they are known."""
    domain = domains()[one.domain]
    if not isinstance(domain, Bounded) or any(isinstance(given, Expression) for given in one.arguments):
        return None
    flat = [sorted(entries(given)) for given in one.arguments]
    if not all(flat):
        return None
    low_least, high_least = domain.bounds(*(numbers[0] for numbers in flat))
    low_most, high_most = domain.bounds(*(numbers[-1] for numbers in flat))
    closed = type(domain).contains is not Bounded.contains
    return Ends(float(low_least), float(low_most), float(high_least), float(high_most), closed)


def entries(given: object) -> Iterator[float]:
    """Every number of an argument."""
    if isinstance(given, tuple):
        for one in given:
            yield from entries(one)
    else:
        yield float(given)  # type: ignore[arg-type]  # a number


def shape_text(shape: Shape) -> str:
    """A shape as Python writes it."""
    return f"({', '.join(map(size_text, shape))}{',' * (len(shape) == 1)})"
