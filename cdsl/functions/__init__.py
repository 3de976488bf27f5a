"""The registry of functions that expressions may call. A group is read when the first function is asked for."""

from __future__ import annotations

import functools
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cdsl.functions.base import Function


GROUPS = ("elementwise", "reductions", "linear_algebra", "shaping")


@functools.cache
def functions() -> Mapping[str, Function]:
    """Every function by name."""
    groups = [import_module(f"{__name__}.{group}") for group in GROUPS]
    return MappingProxyType({one.name: one for group in groups for one in group.FUNCTIONS})
