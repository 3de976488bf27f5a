"""What depends on what, as text for Mermaid and Graphviz: a model's own declarations, a nested model as one node."""

from __future__ import annotations

from collections.abc import Iterator

from cdsl.describe import type_text
from cdsl.describe.text import cut
from cdsl.model import Child, Data, Dim, Let, Model, Parameter
from cdsl.places import Declaration, declarations, uses
from cdsl.written import size_text, spelled

FORMS = {"dim": ("[/", "/]"), "data": ("[(", ")]"), "parameter": ("([", "])"), "let": ("[", "]"), "model": ("[[", "]]")}
"""How Mermaid draws each kind of declaration."""

SHAPES = {"dim": "parallelogram", "data": "cylinder", "parameter": "ellipse", "let": "box", "model": "component"}
"""How Graphviz does."""

KINDS: dict[type, str] = {Dim: "dim", Data: "data", Parameter: "parameter", Let: "let", Child: "model"}


def edges(model: Model) -> Iterator[tuple[str, str]]:
    """Pairs of names: what is used, and what uses it."""
    for one in declarations(model):
        yield from ((name, one.name) for name in uses(one))


def label(one: Declaration) -> str:
    """What a node says."""
    match one:
        case Dim():
            return f"dim {one.name}"
        case Data() | Parameter():
            return cut(f"{one.name}: {type_text(one)}")
        case Let():
            return cut(f"{one.name} = {spelled(one.value)}")
        case Child():
            many = "" if one.size is None else f"[{size_text(one.size)}]"
            return cut(f"{one.name}: {one.model}{many}")


def mermaid(model: Model) -> str:
    """The graph of a model's own declarations for Mermaid: an arrow from what is used to what uses it."""
    own = declarations(model)
    ids = {one.name: f"n{at}" for at, one in enumerate(own)}
    lines = ["flowchart TD"]
    for one in own:
        before, after = FORMS[KINDS[type(one)]]
        lines.append(f'    {ids[one.name]}{before}"{entities(label(one))}"{after}')
    lines += [f"    {ids[used]} --> {ids[by]}" for used, by in edges(model)]
    return "\n".join(lines) + "\n"


def entities(text: str) -> str:
    """The text with everything that Mermaid might read as its own as an entity, which it shows as the character."""
    return "".join(char if char.isalnum() or char in " _.,=" else f"#{ord(char)};" for char in text)


def dot(model: Model) -> str:
    """The same for Graphviz."""
    own = declarations(model)
    ids = {one.name: f"n{at}" for at, one in enumerate(own)}
    lines = [f"digraph {quoted(model.name)} {{"]
    lines += [f"    {ids[one.name]} [label={quoted(label(one))}, shape={SHAPES[KINDS[type(one)]]}];" for one in own]
    lines += [f"    {ids[used]} -> {ids[by]};" for used, by in edges(model)]
    return "\n".join([*lines, "}"]) + "\n"


def quoted(text: str) -> str:
    """A string of Graphviz, which reads escapes of its own in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
