"""The parameters of a module → domains: by the constraints of GPyTorch, by parametrizations of torch, or any number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

import torch
from torch import nn
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import _Orthogonal

from cdsl.constraints import domains
from cdsl.live.constraints import Found, Meant, NoCounterpart, between, cut, looked, real_value

Look: TypeAlias = Callable[[], Found]

FUNCTIONS: dict[Any, str] = {
    torch.exp: "exp",
    nn.functional.softplus: "softplus",
    torch.relu: "relu",
    nn.functional.relu: "relu",
    torch.abs: "abs",
    torch.square: "square",
    torch.sigmoid: "logistic",
    nn.functional.sigmoid: "logistic",
    torch.special.expit: "logistic",
    torch.special.ndtr: "probit",
}
"""Transforms of GPyTorch's constraints, and what comes after `via`; layers may be some too."""

LAYERS: dict[type[nn.Module], Meant] = {
    nn.Softplus: Meant("positive", via="softplus"),
    nn.ReLU: Meant("nonnegative", via="relu"),
    nn.Sigmoid: Meant("prob", via="logistic"),
    nn.Tanh: Meant("interval", (-1.0, 1.0), via="tanh"),
    nn.Softmax: Meant("simplex", event=1, via="softmax"),
}
"""Layers that a parameter may be parametrized by."""


def found_in(root: nn.Module) -> Iterator[tuple[str, Found | NoCounterpart]]:
    """Every parameter, module by module; what is shared, once."""
    seen, done = set[int](), list[str]()
    for path, module in root.named_modules():
        prefix = f"{path}." if path else ""
        if any(prefix.startswith(each) for each in done):
            continue
        if any(each.__name__ == "ConstrainedModule" for each in type(module).__mro__):  # standalone ones have their own
            done.append(prefix)
            yield (
                path or type(module).__name__,
                NoCounterpart("is a module of cdsl's: import its spec, and declare it by the name of its model"),
            )
            continue
        looks: dict[str, Look] = {}
        for name, parameter in module.named_parameters(recurse=False):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                looks[name] = partial(constrained, module, prefix, name, parameter)
        if parametrize.is_parametrized(module):
            done.append(f"{prefix}parametrizations.")
            looks |= {name: partial(parametrized, module, prefix, name) for name in module.parametrizations}
        for name, look in looks.items():
            yield prefix + name, looked(look)


# -- constraints of GPyTorch -------------------------------------------------------------------------------------------


def constrained(module: nn.Module, prefix: str, name: str, parameter: nn.Parameter) -> Found:
    """A parameter under the constraint that its module has for it, if it is one that has such.

    Raises:
        NoCounterpart: it holds no real numbers.
    """
    own = getattr(module, "constraint_for_parameter_name", None)
    constraint = own(name) if callable(own) else None
    frozen = not parameter.requires_grad
    if not (parameter.is_floating_point() or parameter.is_complex()):
        raise NoCounterpart("holds whole numbers: a parameter has a gradient")
    if constraint is None:
        return Found(prefix + name, Meant("real"), tuple(parameter.shape), real_value(parameter), frozen)
    value = real_value(constraint.transform(parameter))
    meant = between(constraint.lower_bound, constraint.upper_bound)
    if constraint.enforced:
        meant = under(meant, constraint._transform)
    return Found(prefix + name.removeprefix("raw_"), meant, tuple(value.shape), value, frozen)


def under(meant: Meant, transform: Any) -> Meant:
    """A domain with the transform that a constraint has, or with a doubt where cdsl has no such."""
    via = FUNCTIONS.get(transform, "") if not isinstance(transform, nn.Module) else ""
    if isinstance(transform, nn.Module) and plain(transform):
        via = LAYERS[type(transform)].via
    if via in domains()[meant.domain].transforms:
        return replace(meant, via=via)
    name = cut(getattr(transform, "__name__", type(transform).__name__))
    default = next(iter(domains()[meant.domain].transforms))
    return replace(meant, doubt=f"its transform `{name}` is none of `{meant.domain}`: it is `via {default}` here")


def plain(layer: nn.Module) -> bool:
    """Whether a layer is one of `LAYERS` with the options that it has by itself."""
    return type(layer) in LAYERS and (not isinstance(layer, nn.Softplus) or layer.beta == 1)


# -- parametrizations of torch -----------------------------------------------------------------------------------------


def parametrized(module: nn.Module, prefix: str, name: str) -> Found:
    """A parameter that a layer makes from another one.

    Raises:
        NoCounterpart: cdsl has no such layer, or there are several.
    """
    steps: Any = module.parametrizations[name]  # type: ignore[index]  # a ModuleDict
    value = real_value(getattr(module, name))
    frozen = not any(parameter.requires_grad for parameter in steps.parameters())
    step, last = steps[0], value.dim() - 1
    if len(steps) == 1 and isinstance(step, _Orthogonal) and value.shape[-2] >= value.shape[-1]:
        square = value.shape[-2] == value.shape[-1]
        meant = Meant("rotation" if square else "stiefel", event=2, square=square)
    elif len(steps) == 1 and plain(step) and getattr(step, "dim", last) in (-1, last):
        meant = LAYERS[type(step)]
    else:
        names = " and ".join(cut(type(each).__name__) for each in steps)
        raise NoCounterpart(f"is parametrized by `{names}`, which has no counterpart in cdsl")
    if value.dim() < meant.event:
        raise NoCounterpart("has no axis to sum over")
    return Found(prefix + name, meant, tuple(value.shape), value, frozen)
