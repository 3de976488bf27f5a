"""The values of a model as a pytree, so that `torch.export` can save a module that returns them."""

from __future__ import annotations

import hashlib
from typing import TypeVar

from torch.utils import _pytree

NamedTupleType = TypeVar("NamedTupleType", bound=type)


def values(cls: NamedTupleType) -> NamedTupleType:
    """Register a generated NamedTuple under a name that two equal specs share: its fields decide.

    torch has no public way to register a NamedTuple with a serialized name; this is the one place that uses the
    private one. A module must be imported before `torch.export.load` reads what it exported.
    """
    _pytree._register_namedtuple(cls, serialized_type_name=serialized_name(cls))
    return cls


def serialized_name(cls: type, home: str = "cdsl") -> str:
    """The name under which an exported program knows a class of values: two kinds of the same fields are told apart."""
    fields: tuple[str, ...] = cls._fields  # type: ignore[attr-defined]  # values have it, as every NamedTuple
    return f"{home}.{cls.__name__}.{hashlib.sha256(','.join(fields).encode()).hexdigest()[:8]}"
