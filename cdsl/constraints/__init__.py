"""The registry of domains: every file of this package that holds one is in it, by being there."""

from __future__ import annotations

import functools
import inspect
import pkgutil
from importlib import import_module
from types import MappingProxyType, ModuleType

from cdsl.constraints.base import Domain


@functools.cache
def modules() -> tuple[ModuleType, ...]:
    """The modules of this package, in alphabetical order."""
    return tuple(import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))


@functools.cache
def domains() -> MappingProxyType[str, Domain]:
    """Every domain by name, in alphabetical order."""
    found: dict[str, Domain] = {}
    for module in modules():
        for value in vars(module).values():
            if (
                inspect.isclass(value)
                and value.__module__ == module.__name__
                and issubclass(value, Domain)
                and hasattr(value, "name")
            ):
                if value.name in found:
                    raise ImportError(
                        f"two domains are named {value.name!r}: {type(found[value.name]).__name__} and {value.__name__}"
                    )
                found[value.name] = value()
    return MappingProxyType(found)


@functools.cache
def aliases() -> MappingProxyType[str, Domain]:
    """Every domain by the other names that it has, those of Stan and torch."""
    found = {name: domain for domain in domains().values() for name in domain.also}
    if twice := sorted({*found} & {*domains()}) or len(found) < sum(len(one.also) for one in domains().values()):
        raise ImportError(f"two domains share a name: {twice}")
    return MappingProxyType(found)
