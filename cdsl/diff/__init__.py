"""What a change of spec does to saved checkpoints: two models compared as data, parameter by parameter.

A checkpoint holds raw values by name, data that have a default, and the constraints under which it was saved. So a
declaration stays the *same* where its raw values load and mean what they meant; it is *migratable* where `cdsl migrate` can
carry its values over, perhaps under a condition that only the values can meet; and it is *breaking* where something would be
lost, or no value is defined.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from cdsl.describe import start_of
from cdsl.diff.compare import Finding, Stood, Verdict, compare
from cdsl.diff.meaning import Meanings
from cdsl.errors import CdslError
from cdsl.extents import Extent, Shape
from cdsl.model import Child, Data, Dim, Let, Model, Parameter
from cdsl.names import did_you_mean
from cdsl.places import size_text
from cdsl.written import size_text as written_size

MOST_HINTS, MOST_ALIKE = 50, 100
"""For how many names that went a rename is suggested, and out of how many."""


class Compared(BaseModel):
    """A part of a comparison."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Change(Compared):
    """One entry of checkpoints: what it was, what it is now, and what becomes of it.

    `condition` is what must hold of a checkpoint for migrate to carry it over.
    """

    kind: Literal["parameter", "data", "list"]
    path: str
    before: str | None
    after: str | None
    verdict: Verdict
    why: str = ""
    condition: str = ""
    migrate: str = ""


class Difference(Compared):
    """Two specs compared. `flat` tells whether saved flat vectors are still read alike; notes are what checkpoints do not feel."""

    version: Literal[1] = 1
    old: str
    new: str
    verdict: Verdict
    changes: tuple[Change, ...]
    flat: Literal["same", "permuted", "changed"]
    notes: tuple[str, ...]
    hints: tuple[str, ...]

    @property
    def breaking(self) -> bool:
        """Whether anything is."""
        return self.verdict is Verdict.BREAKING


class Unknown(CdslError):
    """A rename or a drop that names nothing."""


def diff(
    old: Model, new: Model, rename: Mapping[str, str] | None = None, drop: Sequence[str] = (), start: Sequence[str] = ()
) -> Difference:
    """What the change from one spec to the other does to checkpoints; each has at most `MOST_LISTED` declarations, written out.

    `rename` has names of the old spec, or of nested models in it, with those of the new one; `drop` names what may be
    lost, `start` what of the new spec begins anew.

    Raises:
        Unknown: a name that there is not.
    """
    told = Told(rename, drop, start)
    before, after = Meanings(old, told), Meanings(new)
    was, now = held(before), held(after)
    told.require(*([place.path + one.name for place, one in each.found] for each in (before, after)))
    by_path = {pattern(told(one.path)): one for one in was if not told.drops(one.path)}
    changes = [entry(by_path.pop(one.path, None), one, told) for one in now]
    changes += [gone(one, False) for one in by_path.values()]
    changes += [gone(one, True) for one in was if told.drops(one.path)]
    changes += compare_lists(before, after, told)
    worst = max((one.verdict for one in changes), key=list(Verdict).index, default=Verdict.SAME)
    return Difference(
        old=old.name,
        new=new.name,
        verdict=worst,
        changes=tuple(changes),
        flat=compare_flat(before, after, told),
        notes=tuple(unfelt(before, after, told)),
        hints=tuple(hints([*by_path.values()], now, changes)),
    )


class Told:
    """What the user says of names: `rename` and `drop` of those of the old spec, `start` of those of the new one."""

    def __init__(self, rename: Mapping[str, str] | None, drop: Sequence[str], start: Sequence[str]) -> None:
        self._renames = rename or {}
        self._drop = drop
        self._start = start

    def __call__(self, path: str) -> str:
        """A path of the old spec as the new one has it: itself or what it stands in renamed, by the longest name that fits."""
        fits = [name for name in self._renames if begins(path, name)]
        name = max(fits, key=len, default="")
        return self._renames[name] + path[len(name) :] if name else path

    def drops(self, path: str) -> bool:
        """Whether it may be lost."""
        return any(begins(path, name) for name in self._drop)

    def starts(self, path: str) -> bool:
        """Whether it is to begin anew."""
        return any(begins(path, name) for name in self._start)

    def require(self, old: Sequence[str], new: Sequence[str]) -> None:
        """Hold every name against those that there are, and two that become one.

        Raises:
            Unknown: one is not.
        """
        for spec, names, paths in (
            ("old", [*self._renames, *self._drop], old),
            ("new", [*self._renames.values(), *self._start], new),
        ):
            for name in names:
                if not any(begins(path, name) or begins(path, pattern(name)) for path in paths):
                    meant = did_you_mean(name, [*paths])
                    raise Unknown(f"the {spec} spec has no `{name}`{', ' * bool(meant)}{meant}")
        counts = Counter(self(path) for path in old if not self.drops(path))
        twice = next((path for path, count in counts.items() if count > 1), None)
        if twice is not None:
            raise Unknown(f"two names of the old spec become `{twice}`: rename or drop the other one as well")


def pattern(path: str) -> str:
    """A path with `[*]` for one of a list of models, which are declared alike."""
    return re.sub(r"\[\d+\]", "[*]", path)


def begins(path: str, name: str) -> bool:
    """Whether a path is this name, or stands in what has it."""
    return path == name or path.startswith((f"{name}.", f"{name}["))


def held(meanings: Meanings) -> list[Stood]:
    """What checkpoints hold of a spec: parameters, and data that have a default and are not bound."""
    return [
        Stood(place, one, meanings)
        for place, one in meanings.found
        if isinstance(one, Parameter)
        or (isinstance(one, Data) and one.default is not None and place.given(one.name) is None)
    ]


def entry(old: Stood | None, new: Stood, told: Told) -> Change:
    """An entry that the new spec has."""
    begins_anew = (
        f"takes its start, {start_of(new.one).text}" if isinstance(new.one, Parameter) else "takes its default"
    )
    if old is None:
        finding = Finding(Verdict.MIGRATABLE, "added", "", begins_anew)
    elif told.starts(new.path):
        finding = Finding(Verdict.MIGRATABLE, "told to begin anew", "", begins_anew)
    else:
        finding = compare(old, new)
    before = None if old is None else old.type
    return Change(kind=kind_of(new), path=new.path, before=before, after=new.type, **finding._asdict())


def kind_of(one: Stood) -> Literal["parameter", "data"]:
    """What a declaration is."""
    return "parameter" if isinstance(one.one, Parameter) else "data"


def gone(old: Stood, dropped: bool) -> Change:
    """An entry that the new spec does not have."""
    finding = Finding(Verdict.BREAKING, "removed", "", "refuses to lose it: `--rename` or `--drop`")
    if dropped:
        finding = Finding(Verdict.MIGRATABLE, "removed", "", "drops it")
    return Change(kind=kind_of(old), path=old.path, before=old.type, after=None, **finding._asdict())


def compare_lists(before: Meanings, after: Meanings, told: Told) -> Iterator[Change]:
    """Lists of nested models whose number is another."""
    was = {told(path): (path, count) for path, count in counts(before)}
    for path, count in counts(after):
        name, old = was.get(path, ("", count))
        if old == count:
            continue
        finding = Finding(Verdict.MIGRATABLE, "another number of models", f"{size_text(old)} = {size_text(count)}")
        if old.number is not None and count.number is not None:
            finding = Finding(Verdict.MIGRATABLE, "more models", "", "begins the new ones at their starts")
            if old.number > count.number:
                ends = {count.number, old.number - 1}
                finding = Finding(
                    Verdict.BREAKING, "fewer models", "", f"refuses to lose them: `--drop '{name}[{count}]'` …"
                )
                if all(told.drops(f"{name}[{at}]") for at in ends):
                    finding = Finding(Verdict.MIGRATABLE, "fewer models", "", "drops them")
        sizes = f"[{size_text(old)}]", f"[{size_text(count)}]"
        yield Change(kind="list", path=path, before=sizes[0], after=sizes[1], **finding._asdict())


def counts(meanings: Meanings) -> Iterator[tuple[str, Extent]]:
    """Every list of nested models, and how many it holds."""
    for place, one in meanings.found:
        if isinstance(one, Child) and one.size is not None:
            yield place.path + one.name, place.extent(one.size)


def compare_flat(before: Meanings, after: Meanings, told: Told) -> Literal["same", "permuted", "changed"]:
    """Whether the flat vector has the same entries in the same places."""
    was = [(told(path), shape) for path, shape in flat(before)]
    now = flat(after)
    if was == now:
        return "same"
    return "permuted" if dict(was) == dict(now) else "changed"


def flat(meanings: Meanings) -> list[tuple[str, Shape]]:
    """The parameters of the flat vector, in its order, each with how many there are of it and the shape of its raw."""
    return [
        (place.path + one.name, (*(count for _, count in place.lists), *place.raw_shape(one)))
        for place, one in meanings.found
        if isinstance(one, Parameter) and not one.frozen
    ]


def unfelt(before: Meanings, after: Meanings, told: Told) -> Iterator[str]:
    """What changed and is in no checkpoint: starts, derived values, data that the caller passes, defaults of dims."""
    was = {told(place.path + one.name): (place, one) for place, one in before.found}
    now = {place.path + one.name: (place, one) for place, one in after.found}
    for path, (place, one) in now.items():
        old_place, old = was.get(path, (None, None))
        match one, old:
            case Parameter(), Parameter() if one.start != old.start and not one.frozen:
                yield f"{path} starts elsewhere"
            case Let(), Let() if old_place and before.of(old_place, old.value) != after.of(place, one.value):
                yield f"{path} is computed otherwise"
            case Let(), None:
                yield f"{path} is a new derived value"
            case Dim(), Dim() if one.default != old.default and place.child is None:
                texts = ("none" if each.default is None else written_size(each.default) for each in (old, one))
                yield f"{path} has another default, {' → '.join(texts)}: build the module with that of the checkpoint"
            case Data(), Data() if (
                None in (one.default, old.default) and one.default != old.default and place.child is None
            ):
                what = "no longer in checkpoints: pass it" if one.default is None else "in checkpoints from now on"
                yield f"{path} is {what}"
    for path, (_, old) in was.items():
        if isinstance(old, Let) and path not in now:
            yield f"{path} is no longer derived"


def hints(lost: Sequence[Stood], now: Sequence[Stood], changes: Sequence[Change]) -> Iterator[str]:
    """Renames that are likely: what went, and what came with the same declaration."""
    added = {one.path for one in changes if one.why == "added"}
    alike: dict[tuple[str, Shape], list[str]] = {}
    for new in now:
        if new.path in added:
            alike.setdefault((new.type, new.shape), []).append(new.path)
    told: set[str] = set()
    for old in lost[:MOST_HINTS]:
        paths = alike.get((old.type, old.shape), [])
        near = did_you_mean(old.path, paths[:MOST_ALIKE]).split("`")
        name = near[1] if len(near) > 1 else paths[0] if len(paths) == 1 else ""
        if not name:
            continue
        first, _, rest = old.path.partition(".")
        other, _, other_rest = name.partition(".")
        pair = f"{first}={other}" if rest and rest == other_rest else f"{old.path}={name}"
        pair = pair.replace("[*]", "")
        if pair not in told:
            told.add(pair)
            yield f"`--rename {pair}`? {old.path} went and {name} came, declared alike"
