"""Doc comments: which `#:` belongs to which declaration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cdsl.diagnostics import Diagnostic, Edit, Fix
from cdsl.source import Source, Span
from cdsl.syntax import ast
from cdsl.syntax.ignores import PRAGMA, without_pragma

COMMENT = re.compile(r'(?P<code>(?:[^"#]|"[^"]*")*)#:(?P<text>.*)')


def document(
    declarations: Sequence[ast.Declaration], unread: Sequence[Span], source: Source, diagnostics: list[Diagnostic]
) -> tuple[str, tuple[ast.Declaration, ...]]:
    """The spec's own doc, and the declarations with theirs."""
    spec, docs = comments([head(one) for one in each(declarations)], unread, source, diagnostics)
    texts = iter(docs)
    return spec, tuple(with_docs(one, texts) for one in declarations)


def comments(
    heads: Sequence[Span], unread: Sequence[Span], source: Source, diagnostics: list[Diagnostic]
) -> tuple[str, list[str]]:
    """The spec's own doc, and that of each declaration.

    A block of comment lines documents the declaration right below it; a comment at the end of a declaration documents
    that; a block at the top of the file, with a blank line below it, documents the spec. Any other is a warning, but
    those of what could not be read: that may have been a declaration.
    """
    spans = [*heads, *unread]
    first_last = list(reversed([*enumerate(spans)]))  # of `model A { x: real }` both comments are the model's
    begins = {source.position(span.start).line: index for index, span in first_last}
    ends = {source.position(span.end).line: index for index, span in first_last}
    spec: list[str] = []
    docs: list[list[str]] = [[] for _ in spans]
    block: list[tuple[int, str]] = []
    at_top = True
    for number, line in enumerate(source.text.split("\n"), start=1):
        comment = COMMENT.fullmatch(line.rstrip("\r")) if "#:" in line else None
        if comment and not comment["code"].strip():
            block.append((number, without_pragma(comment["text"]).removeprefix(" ").rstrip()))
            continue
        if block and PRAGMA.fullmatch(line.strip()):
            continue  # it speaks of the line below, as the block does
        texts = [text for _, text in block]
        if number in begins:
            docs[begins[number]] += texts
        elif block and at_top and not line.strip():
            spec = texts
        else:
            diagnostics += [orphan(source, at) for at, _ in block]
        at_top = at_top and not block and not line.strip()
        block = []
        if comment and number in ends:
            docs[ends[number]].append(without_pragma(comment["text"]).strip())
        elif comment:
            diagnostics.append(orphan(source, number))
    if at_top and block and not heads:
        spec = [text for _, text in block]
    else:
        diagnostics += [orphan(source, at) for at, _ in block]
    return joined(spec), [joined(lines) for lines in docs[: len(heads)]]


def each(declarations: Sequence[ast.Declaration]) -> Iterator[ast.Declaration]:
    """Every declaration, those of a model after it."""
    for one in declarations:
        yield one
        if isinstance(one, ast.ModelBlock):
            yield from each(one.declarations)


def head(one: ast.Declaration) -> Span:
    """Where a declaration stands; of a model, up to its name."""
    return Span(one.span.start, one.name.span.end) if isinstance(one, ast.ModelBlock) else one.span


def with_docs(one: ast.Declaration, texts: Iterator[str]) -> ast.Declaration:
    """A declaration with the next text, those of a model with those after it."""
    update: dict[str, object] = {}
    if doc := next(texts):
        update["doc"] = doc
    if isinstance(one, ast.ModelBlock):
        inside = tuple(with_docs(inner, texts) for inner in one.declarations)
        if any(new is not old for new, old in zip(inside, one.declarations, strict=True)):
            update["declarations"] = inside
    return one.model_copy(update=update) if update else one


def joined(lines: list[str]) -> str:
    """A block of comments as one text; of half a character, which no file can hold, a `?`."""
    return "\n".join(lines).strip().encode(errors="replace").decode()


def orphan(source: Source, number: int) -> Diagnostic:
    """The warning for a doc comment on this line, which documents nothing."""
    line = source.line(number)
    start = source.start_of(number) + line.index("#:")
    return Diagnostic(
        code="W101",
        message="a doc comment that documents nothing",
        span=Span(start, start + len(line) - line.index("#:")),
        help="put it right above a declaration or at the end of its line, or begin it with `#` alone",
        fix=Fix(title="begin it with `#`", edits=(Edit(span=Span(start, start + 2), text="#"),), safe=True),
    )
