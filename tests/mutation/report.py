"""What came of the changes: a table, and every change that no test noticed, with the reason of it, in `docs/project/mutation.md`.

The reasons stand in `reasons.json` and `reasons_maps.json` beside this file, by the change; one that is not there is told as such.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "project" / "mutation.md"
REASONS = tuple(Path(__file__).with_name(name) for name in ("reasons.json", "reasons_maps.json"))
BEGIN, END = "<!-- python -m tests.mutation --report FILE … --write -->\n", "<!-- end -->"
VERDICTS = ("killed", "slow", "survived", "unreached")
AROUND = 40
"""Letters that are shown before and after what changes."""


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """The verdicts that a run has written."""
    with file.open(encoding="utf-8") as text:
        yield from map(json.loads, text)


def lives(told: dict[str, Any]) -> bool:
    """Whether no test noticed the change."""
    return told["verdict"] in ("survived", "unreached")


def change(told: dict[str, Any]) -> tuple[str, str, str, str]:
    """A change, wherever in its file."""
    return told["file"], told["code"], told["before"], told["after"]


def shown(told: dict[str, Any]) -> str:
    """A change in a line: what differs, and some letters around it."""
    before, after = (" ".join(told[side].split()) for side in ("before", "after"))
    head = common(before, after)
    tail = common(before[head:][::-1], after[head:][::-1])
    start = max(before.rfind(" ", 0, max(head - AROUND, 0)) + 1, 0) if head > AROUND else 0
    spare = max(tail - AROUND, 0)
    sides = [f"{'…' * bool(start)}{text[start : len(text) - spare]}{'…' * bool(spare)}" for text in (before, after)]
    return "  →  ".join(side or "(nothing)" for side in sides)


def common(one: str, other: str) -> int:
    """How many letters two texts begin with alike."""
    return next((place for place, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))  # noqa: B905


def table(told: Sequence[dict[str, Any]]) -> str:
    """Counts by suite."""
    rows = [("suite", "changes", *VERDICTS, "killed, in %"), ("---",) * 7]
    for suite in dict.fromkeys(one["suite"] for one in told):
        counts = Counter(one["verdict"] for one in told if one["suite"] == suite)
        share = 100 * (counts["killed"] + counts["slow"]) / counts.total()
        rows.append((suite, *map(str, (counts.total(), *(counts[verdict] for verdict in VERDICTS))), f"{share:.1f}"))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def survivors(told: Sequence[dict[str, Any]]) -> str:
    """What no test noticed, by file, with the reason."""
    reasons = [one for reasoned in REASONS for one in json.loads(reasoned.read_text(encoding="utf-8"))]
    text, file = "", ""
    for one in filter(lives, told):
        if one["file"] != file:
            file = one["file"]
            text += f"\n`{file}`\n\n"
        text += f"* line {one['line']}: `` {shown(one)} ``  \n  {reason(one, reasons)}\n"
    return text


def reason(told: dict[str, Any], reasons: Sequence[dict[str, str]]) -> str:
    """Why no test notices a change; where a file has it on several lines, the reason names its line's code."""
    fits = (one for one in reasons if change({"code": told["code"], **one}) == change(told))
    return next((one["why"] for one in fits), "No reason is known.")


def show(files: Sequence[Path], write: bool) -> None:
    """Print the page's part of these files, or write it there."""
    told = [one for file in files for one in lines(file)]
    part = f"{table(told)}\n{survivors(told)}"
    if not write:
        print(part)
        return
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + begin + part + END + rest.partition(END)[2], encoding="utf-8")
