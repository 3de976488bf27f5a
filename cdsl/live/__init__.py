"""Live constraints → a spec: a module's parameters, or constraints of `torch.distributions` by name, as they are now.

* Nested modules are flattened: `covar_module.raw_outputscale` of GPyTorch is `covar_module_outputscale`.
* A declaration starts from the value that is there, in the fewest digits that its dtype reads back. What does not train is
  `frozen`.
* Domains are open: a closed interval becomes one without its ends. `nonnegative` and `psd` are closed here too.
* Buffers, priors, and whatever the module computes, are not read.
* Every declaration is checked by itself before it is taken, so that what is written compiles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import torch
from torch import nn

from cdsl.checker import check
from cdsl.constraints import domains
from cdsl.diagnostics import Severity
from cdsl.limits import LONGEST_TEXT
from cdsl.live.constraints import Found, Meant, NoCounterpart, number_text
from cdsl.live.constraints import found_in as in_constraints
from cdsl.live.modules import found_in as in_module
from cdsl.names import bare, normal, raw_name, refuse
from cdsl.syntax.parse import parse

__all__ = ["NoCounterpart", "Problem", "Translated", "spec_of"]

MOST_ENTRIES = 600
"""Of a start value: about what one declaration can hold."""


class Problem(NamedTuple):
    """What has no counterpart in cdsl, by its name in the module, and why."""

    name: str
    message: str


class Translated(NamedTuple):
    """A spec, and what it does not say of the module."""

    spec: str
    problems: tuple[Problem, ...]
    renames: dict[str, str]
    """Names that a spec cannot give, with those that it has instead; that each `.` is a `_` goes without saying."""


def spec_of(live: object) -> Translated:
    """The spec of a module, or of a dictionary of constraints.

    Raises:
        NoCounterpart: it is something else.
    """
    if isinstance(live, nn.Module):
        return written(in_module(live))
    if isinstance(live, Mapping):
        return written(in_constraints(live))
    kind = f"the class `{live.__name__}`" if isinstance(live, type) else f"of type `{type(live).__name__}`"
    raise NoCounterpart(f"expected an `nn.Module` or a dictionary of constraints, and it is {kind}")


def written(found: Iterable[tuple[str, Found | NoCounterpart]]) -> Translated:
    """The declarations, in the order in which they were found."""
    lines, problems, renames = list[str](), list[Problem](), dict[str, str]()
    taken, length = set[str](), 0
    for path, one in found:
        if isinstance(one, NoCounterpart):
            problems.append(Problem(path, str(one)))
            continue
        joined = one.name.replace(".", "_")
        name = free(joined, taken)
        line, why = declaration(name, one, room=length < LONGEST_TEXT // 2)
        problems += [Problem(path, each) for each in why]
        if line:
            lines.append(line)
            taken |= {name, raw_name(name)}
            length += len(line)
            if name != joined:
                renames[path] = name
    return Translated("".join(f"{line}\n" for line in lines), tuple(problems), renames)


def declaration(name: str, one: Found, *, room: bool) -> tuple[str, list[str]]:
    """A line that compiles, or nothing, and what is not as it was."""
    why = [one.meant.doubt] if one.meant.doubt else []
    head = f"{'frozen ' if one.frozen else ''}{name}: {type_text(one.meant, one.shape)}"
    try:
        start = start_text(one, room=room)
        refuse_errors(head + start)
    except NoCounterpart as reason:
        why.append(f"starts elsewhere: {reason}")
    else:
        return head + start, why
    try:
        refuse_errors(head)
    except NoCounterpart as reason:
        return "", [str(reason)]
    return head, why


def refuse_errors(line: str) -> None:
    """Nothing, where a spec of this line has no errors.

    Raises:
        NoCounterpart: the first one.
    """
    for one in check(parse(line)).diagnostics:
        if one.severity is Severity.ERROR:
            raise NoCounterpart(one.message)


def type_text(meant: Meant, shape: tuple[int, ...]) -> str:
    """`interval(0, 10)[3] via probit`"""
    domain = domains()[meant.domain]
    one_size = len(domain.sizes) == 1 or (domain.square and len(shape) == 2 and shape[0] == shape[1])
    sizes = shape[:-1] if meant.event == 2 and one_size else shape
    arguments = f"({', '.join(map(number_text, meant.arguments))})" if meant.arguments else ""
    via = f" via {meant.via}" if meant.via and meant.via != next(iter(domain.transforms)) else ""
    return f"{meant.domain}{arguments}{[*sizes] if sizes else ''}{via}"


def start_text(one: Found, *, room: bool) -> str:
    """` = 0.5`; empty where there is no value.

    Raises:
        NoCounterpart: no start can be written for it.
    """
    value = one.value
    if value is None or value.numel() == 0:
        return ""
    if not bool(torch.isfinite(value).all()):
        raise NoCounterpart("not all of its values are finite")
    if one.meant.event == 0 and bool((value == value.flatten()[0]).all()):
        return f" = {number_text(value.flatten()[0])}"
    if value.numel() > MOST_ENTRIES or not room:
        raise NoCounterpart(f"{value.numel()} values are too many to write: set them with `assign_`")
    return f" = {number_text(value)}"


def free(name: str, taken: set[str]) -> str:
    """A good name like this one: neither it nor its raw is taken."""
    name = re.sub(r"\W", "_", normal(name))
    if not name.isidentifier() or name.startswith("_"):
        name = bare(f"_{name}")
    while refuse(name) or {name, raw_name(name)} & taken:
        name += "_"
    return name
