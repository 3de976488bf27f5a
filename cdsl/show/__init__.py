"""A spec as one page of HTML: its declarations, what depends on what, what each map does, and the values of a checkpoint.

The page asks for nothing from outside and runs no script. Pictures of maps are computed, so they need torch.
"""

from __future__ import annotations

from cdsl.describe import describe
from cdsl.describe.rows import Description
from cdsl.model import Model
from cdsl.show.cards import cards
from cdsl.show.graph import drawing
from cdsl.show.html import Markup, element
from cdsl.show.parts import Draw, Values
from cdsl.show.style import CSS
from cdsl.show.tables import doc, others, parameters

MARK = "<!doctype html>\n<!-- made by cdsl show -->\n"
"""What every page begins with."""


def page(model: Model, draw: Draw | None = None, values: Values | None = None) -> str:
    """The page of a model whose declarations, written out, are at most `MOST_LISTED`; with these values, by path."""
    found = describe(model)
    body = [
        heading(found),
        section("Parameters", parameters(found, values)),
        section("Inputs and derived values", *others(found)),
        section("What depends on what", drawing(model)),
        section("Maps", cards(found, model, draw, values or {})),
    ]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", found.name),
        element("style", Markup(CSS)),
    )
    main = element("main", *(part for part in body if part))
    return f"{MARK}{element('html', head, element('body', main), lang='en')}\n"


def heading(found: Description) -> Markup:
    """The name, what it is for, and how much there is."""
    counts = [
        counted(len(found.parameters), "parameter"),
        f"{found.unconstrained_size} unconstrained",
        *(counted(len(rows), word) for rows, word in ((found.dims, "dim"), (found.lets, "derived value")) if rows),
        *([f"{len(found.data):,} data"] if found.data else []),
        *([counted(len(found.models), "nested model")] if found.models else []),
    ]
    return element(
        "header", element("h1", found.name), doc(found.doc), element("p", " · ".join(counts), class_="quiet")
    )


def counted(many: int, word: str) -> str:
    """`1 parameter`, `2 parameters`"""
    return f"{many:,} {word}{'s' * (many != 1)}"


def section(title: str, *content: Markup | None) -> Markup:
    """A part of the page; nothing where it is empty."""
    parts = [part for part in content if part]
    return element("section", element("h2", title), *parts) if parts else Markup("")
