"""What there is to say about a spec: facts, without a picture of them. Renderers are the other files of this package."""

from __future__ import annotations

from enum import Enum

from pydantic import BaseModel, ConfigDict

from cdsl.source import Span


class Severity(str, Enum):
    """Whether a problem stops the compiler."""

    ERROR = "error"
    WARNING = "warning"


class Fact(BaseModel):
    """Plain data that does not change."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Label(Fact):
    """What else of the text belongs to a problem: an operand and its shape, where a name was declared before."""

    span: Span
    text: str


class Edit(Fact):
    """A part of the text, and what to write in its place; an empty span inserts."""

    span: Span
    text: str


class Fix(Fact):
    """Edits that solve a problem. A safe one writes what was plainly meant; any other wants a reader's eye."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False

    @classmethod
    def writing(cls, text: str, span: Span, *, safe: bool = False) -> Fix:
        """Another word in the place of one."""
        return cls(title=f"write `{text}`", edits=(Edit(span=span, text=text),), safe=safe)

    @classmethod
    def respelling(cls, text: str, span: Span) -> Fix | None:
        """The known word in the place of one that is like it, where there is one."""
        return cls.writing(text, span) if text else None


class Diagnostic(Fact):
    """One problem: a stable code, one short phrase, the smallest guilty span, and something that works."""

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    also: tuple[Label, ...] = ()
    help: str = ""
    fix: Fix | None = None

    @property
    def severity(self) -> Severity:
        """Decided by the code: `E…` stops the compiler, `W…` does not."""
        return Severity.ERROR if self.code.startswith("E") else Severity.WARNING


def in_order(diagnostics: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """In the order of the source."""
    return tuple(sorted(diagnostics, key=lambda one: (one.span or Span(-1, -1), one.code, one.message)))


def errors(diagnostics: tuple[Diagnostic, ...]) -> bool:
    """Whether any of them stops the compiler."""
    return any(one.severity is Severity.ERROR for one in diagnostics)
