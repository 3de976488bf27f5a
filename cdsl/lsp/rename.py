"""Renaming what a spec declares, in every file: all of it or nothing.

The new texts are checked before any edit is given: where a word would come to name something else, or a spec would have
a problem that it does not have now, the renaming is refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cdsl.diagnostics import Diagnostic, Severity
from cdsl.limits import LONGEST_NAME
from cdsl.lsp.analysis import Analysis, Buffers
from cdsl.lsp.index import Index, Word
from cdsl.lsp.project import Project, Use
from cdsl.lsp.scopes import Declared, Kind
from cdsl.lsp.text import Change, applied
from cdsl.names import normal, refuse
from cdsl.source import Span

LANGUAGE: dict[Kind, str] = {
    "domain": "is a type of the language",
    "transform": "is a transform of the language",
    "function": "is a function of the language",
    "argument": "is a name that the language gives",
    "constant": "is a constant of the language",
    "unknown": "is not declared",
    "file": "is named after its file: rename that",
}


class Refused(NamedTuple):
    """Why there is no such renaming."""

    reason: str


Edits = dict[Path | None, tuple[Change, ...]]
"""Of each file; None is the document that was asked about, where it has none."""


def renameable(index: Index, offset: int) -> Span | Refused:
    """The word that would be renamed."""
    word = index.word_at(offset)
    if word is None:
        return Refused("there is no name here")
    declared = word.declared
    if declared is None or declared.kind == "file" or (declared.kind == "import" and declared.name_of_other):
        kind = "unknown" if declared and declared.kind == "import" else declared.kind if declared else word.kind
        return Refused(f"`{word.text}` {LANGUAGE[kind]}")
    return word.span


def rename(index: Index, offset: int, new: str, project: Project) -> Edits | Refused:
    """The edits that give another name to what a word names."""
    span = renameable(index, offset)
    word = index.word_at(offset)
    if isinstance(span, Refused) or word is None or word.declared is None:
        return span if isinstance(span, Refused) else Refused("there is no name here")
    if reason := bad_name(word.declared, new):
        return Refused(reason)
    uses = project.uses(word.declared, index)
    edits: dict[Path | None, list[Change]] = {}
    for use in uses:
        edits.setdefault(use.file, []).append(Change(use.word.span, new))
    found = {file: tuple(changes) for file, changes in edits.items()}
    return verified(index, uses, found, project) or found


def bad_name(declared: Declared, new: str) -> str | None:
    """Why nothing of this kind can have this name, whatever else there is."""
    if not (new.isidentifier() and normal(new).isidentifier()):
        return f"`{shown(new)}` is not a name: use letters, digits and `_`"
    if len(new) > LONGEST_NAME:
        return f"a name has at most {LONGEST_NAME} characters, this has {len(new)}"
    if declared.kind in ("dim", "data", "parameter", "let", "child"):
        helper = declared.kind == "let" and new.startswith("_") and not new.startswith("__")
        if refused := refuse(new.lstrip("_") if helper else new):
            return f"`{new}` {refused[0]}: {refused[1]}"
    return None


def shown(new: str) -> str:
    """What was typed, at most a line of it."""
    line = new.replace("\n", " ").replace("\r", " ")
    return line if len(line) <= 40 else f"{line[:40]}…"


def verified(index: Index, uses: list[Use], edits: Edits, project: Project) -> Refused | None:
    """Why the new texts would not mean the same: nothing, where they do."""
    old = {file: index if file == index.file or file is None else project.index(file) for file in edits}
    changed = {file: applied(one.text, edits[file]) for file, one in old.items() if one}
    there = {file: text for file, text in changed.items() if file is not None}
    after = Project(project.root, project.folders, Buffers(open={**project.buffers.open, **there}))
    for file, one in old.items():
        if one is None:
            return Refused("a file that would change cannot be read")
        analysis = after.analyse(changed[file], file)
        was, now = errors_of(project.known(one.text, file)), errors_of(analysis)
        if len(now) > len(was):
            known = {each.message for each in was}
            first = next((each for each in now if each.message not in known), now[0])
            return Refused(f"{where(file, index)}{first.message}")
        renamed = {use.word.span for use in uses if use.file == file}
        if reason := other_meaning(one.words, after.index_of(analysis, file).words, renamed):
            return Refused(f"{where(file, index)}{reason}")
    return None


def errors_of(analysis: Analysis) -> list[Diagnostic]:
    """The errors of a file."""
    return [one for one in analysis.diagnostics if one.severity is Severity.ERROR]


def other_meaning(old: list[Word], new: list[Word], renamed: set[Span]) -> str | None:
    """Which word would come to name something else, if any: the same words stand in both, in the same order."""
    if len(old) != len(new):
        return "the text would be read in another way"
    places, places_after = first_places(old), first_places(new)
    for one, other in zip(old, new, strict=True):
        same = places[one.declared] == places_after[other.declared]
        if one.kind != other.kind or not same or (one.span not in renamed and one.text != other.text):
            return f"`{other.text}` would name something else"
    return None


def first_places(words: list[Word]) -> dict[Declared | None, int]:
    """Where what is declared is first named; what no spec declares is nowhere."""
    return {**{one.declared: at for at, one in reversed([*enumerate(words)])}, None: -1}


def where(file: Path | None, index: Index) -> str:
    """In which file, where it is another one."""
    return "" if file == index.file or file is None else f"in {file.name}: "
