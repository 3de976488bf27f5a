"""What there is to say about a spec: facts, without a picture of them. Renderers are the other files of this package."""

from __future__ import annotations

from enum import Enum

from pydantic import BaseModel, ConfigDict

from cdsl.source import Span


class Severity(str, Enum):
    """Whether a problem stops the compiler."""

    ERROR = "error"
    WARNING = "warning"


class Diagnostic(BaseModel):
    """One problem: a stable code, one short phrase, the smallest guilty span, and something that works."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    help: str = ""

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
