"""The registry of domains: every file of this package that holds one is in it, by being there; others are registered.

A file is read when its domain is asked for: checking a spec of three domains reads three files.
"""

from __future__ import annotations

import functools
import inspect
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, TypeVar

from cdsl.constraints.base import Domain, Transform

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

OwnDomain = TypeVar("OwnDomain", bound=type[Domain])

GROUP = "cdsl.constraints"
"""Entry points of this group name domains of other packages, or modules that hold them."""


class Registry(Mapping[str, Domain]):
    """Every domain by name: ours in alphabetical order, then those that were registered."""

    def __init__(self) -> None:
        self._files = sorted(
            {found.name for found in pkgutil.iter_modules(__path__)} - {"base", "compensated", "log_ratio", "scans"}
        )
        self._found: dict[str, Domain] = {}
        self._torch: ModuleType | None = None
        self.redefined = 0
        """How often a registered domain was defined again."""

    def __getitem__(self, name: str) -> Domain:
        if name not in self._found and name in self._files:
            self._found[name] = only_domain(import_module(f"{__name__}.{name}"))
            self._bind()
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._files, *self._found]))

    def __len__(self) -> int:
        return len({*self._files, *self._found})

    def add(self, domain: Domain) -> None:
        """Register one that has no file here.

        Raises:
            ValueError: another domain has its name.
        """
        known = self.get(domain.name) or aliases().get(domain.name)
        if known is not None and not same_class(type(known), type(domain)):
            raise ValueError(
                f"`{domain.name}` is a domain already, {type(known).__qualname__}: give yours another name"
            )
        if known is not None:
            self.redefined += 1
            if runtime := sys.modules.get("cdsl.runtime"):
                vars(runtime).pop(domain.name, None)  # the maps that it made of the one before
        self._found[domain.name] = domain
        self._bind()

    def use(self, torch: ModuleType) -> None:
        """Give the files their torch, those that are still to be read as well: they name it and do not import it."""
        self._torch = torch
        self._bind()

    def _bind(self) -> None:
        if self._torch is not None:
            homes = {type(domain).__module__ for domain in self._found.values()}
            for name in [one for one in sys.modules if one.startswith(f"{__name__}.") or one in homes]:
                vars(sys.modules[name]).setdefault("torch", self._torch)


def made_of(domain: Domain, name: str, parts: Iterable[tuple[str, str]]) -> Transform:
    """A domain's transform of this name, with parts by the names of theirs."""
    transform = domain.transforms[name]
    chosen = {part: domains()[transform.parts[part][0]].transforms[one] for part, one in parts}
    return transform.using(**chosen) if chosen else transform


def parts_of(domain: str, transform: str) -> Mapping[str, tuple[str, str]]:
    """The parts of a transform by any of its names; of what there is not, none."""
    found = domains().get(domain)
    one = found and found.transforms.get(found.aliases.get(transform, transform))
    return one.parts if one else {}


def modules() -> tuple[ModuleType, ...]:
    """Every module of this package."""
    return tuple(import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))


def only_domain(module: ModuleType) -> Domain:
    """The domain that a file of this package holds."""
    (found,) = (one for one in vars(module).values() if is_domain(one) and one.__module__ == module.__name__)
    return found()  # type: ignore[no-any-return]  # what a module holds is Any


def is_domain(value: object) -> bool:
    """Whether it is a class of a domain: not one that others derive from."""
    return inspect.isclass(value) and issubclass(value, Domain) and hasattr(value, "name")


def same_class(one: type, other: type) -> bool:
    """Whether two classes are one, perhaps defined again as a notebook does."""
    return (one.__module__, one.__qualname__) == (other.__module__, other.__qualname__)


@functools.cache
def domains() -> Registry:
    """Every domain by name."""
    return Registry()


@functools.cache
def aliases() -> MappingProxyType[str, Domain]:
    """Our domains by the other names that they have, those of Stan and torch."""
    return MappingProxyType({name: domain for domain in domains().values() for name in domain.also})


def constraint(domain: OwnDomain) -> OwnDomain:
    """Register a domain of one's own: a decorator for a subclass of `cdsl.Domain`.

    From then on a spec may use it in this process. Named by an entry point of the group `cdsl.constraints`, as
    `package.module:Class`, it is found wherever its package is installed. `cdsl.testing.check_domain` holds it to the
    laws that hold ours.

    Raises:
        TypeError: it is no subclass of `Domain`, or says too little: a name, transforms, examples, a notation.
        ValueError: another domain has its name, or its name is no identifier.
    """
    if not (inspect.isclass(domain) and issubclass(domain, Domain)):
        raise TypeError(f"expected a subclass of cdsl.Domain, got {domain!r}")
    for said in ("name", "transforms", "examples", "notation", "starts_at"):
        if not getattr(domain, said, None):
            raise TypeError(f"{domain.__qualname__} does not say its `{said}`")
    if not domain.name.isidentifier():
        raise ValueError(f"the name of a domain is an identifier, {domain.name!r} is none")
    domains().add(domain())
    return domain


@functools.cache
def plugins() -> tuple[str, ...]:
    """Load the domains of other packages; what could not be loaded, and why.

    Called where a name is not ours: looking for entry points takes longer than most specs.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415  a spec of our domains does not wait for it

    return tuple(filter(None, map(plugged_in, entry_points(group=GROUP))))


def plugged_in(found: EntryPoint) -> str:
    """Register what an entry point names; why that cannot be, or nothing."""
    try:
        loaded = found.load()
        for one in vars(loaded).values() if inspect.ismodule(loaded) else (loaded,):
            if one is loaded or (is_domain(one) and one.__module__ == loaded.__name__):
                constraint(one)
    except Exception as error:  # whatever the package of another does when it is imported
        return f"`{found.value}` could not be loaded: {type(error).__name__}: {error}"
    return ""
