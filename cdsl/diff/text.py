"""A comparison of two specs as an aligned table."""

from __future__ import annotations

from collections.abc import Iterator

from cdsl.describe.text import aligned
from cdsl.diff import Change, Difference
from cdsl.diff.compare import Verdict

LONGEST = 120
"""Of a cell, in characters."""

FLAT = {
    "permuted": "the flat vector is permuted: state dicts are read by name, flat vectors and optimizer states by place",
    "changed": "the flat vector is another one: flat vectors and optimizer states of the old spec do not fit",
}


def table(found: Difference) -> str:
    """Every entry of checkpoints with its verdict, then what else there is to say, then the sum."""
    lines = []
    if found.changes:
        rows = [(one.path, one.verdict.value, change(one), one.migrate) for one in found.changes]
        lines += [aligned(("entry", "verdict", "what changed", "migrate"), rows, LONGEST)]
    said = list(remarks(found))
    if said:
        lines += ["\n".join(said) + "\n"]
    return "\n".join([*lines, summary(found) + "\n"])


def change(one: Change) -> str:
    """What changed, and what it hangs on."""
    return one.why + (f"; if {one.condition}" if one.condition else "")


def remarks(found: Difference) -> Iterator[str]:
    """What is no entry of a checkpoint, and what may have been meant."""
    if found.flat in FLAT:
        yield f"note: {FLAT[found.flat]}"
    yield from (f"note: {one}" for one in found.notes)
    yield from (f"hint: {one}" for one in found.hints)


def summary(found: Difference) -> str:
    """How many of each."""
    counts = {verdict: sum(one.verdict is verdict for one in found.changes) for verdict in Verdict}
    told = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)
    depends = sum(bool(one.condition) for one in found.changes if one.verdict is Verdict.MIGRATABLE)
    return (told or "nothing in checkpoints") + f" ({depends} of them under a condition)" * bool(depends)
