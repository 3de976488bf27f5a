"""A live model under other transforms, with the values that it has."""

from __future__ import annotations

from typing import Any

from cdsl.checker.parameters import resolve_parts, resolve_transform
from cdsl.constraints import domains
from cdsl.diagnostics import Diagnostic
from cdsl.emit import emit
from cdsl.errors import CdslError
from cdsl.loader import module_of
from cdsl.model import Model, Parameter
from cdsl.names import did_you_mean
from cdsl.runtime import ConstrainedModule, PackedModule
from cdsl.runtime.module import by_name
from cdsl.syntax import ast
from cdsl.syntax.parse import parse


def reparameterize(model: ConstrainedModule[Any], **transforms: str) -> ConstrainedModule[Any]:
    """A new model with the values of this one, parameters of these names under other transforms: `"increments(gap=softplus)"`.

    It is compiled in memory from what this one was checked to be; dtype, device, data, what is frozen and whether it trains
    are this one's. Raw values are others, so that optimizers and checkpoints of this one are not the new one's.

    Raises:
        CdslError: a name that is no parameter of the model's own, or a transform that its domain does not have.
        DomainError: a value that the other transform does not reach.
    """
    meant = Model.model_validate(model.spec)
    own = {one.name: one for one in meant.parameters}
    for name in transforms:
        if name not in own:
            hint = did_you_mean(name, [*own]) or f"it declares {', '.join(own)}"
            raise CdslError(f"{meant.name} declares no `{name}`; {hint}")
    changed = tuple(under(one, transforms.get(one.name)) for one in meant.parameters)
    layout = "packed" if isinstance(model, PackedModule) else "separate"
    module = module_of(emit(meant.model_copy(update={"parameters": changed}), inline=True, layout=layout))
    dims = {one.name: getattr(model, one.name) for one in meant.dims}
    data = {one.name: getattr(model, one.name) for one in meant.data}
    like = model._like()
    new: ConstrainedModule[Any] = getattr(module, meant.name)(**dims, **data, dtype=like.dtype, device=like.device)
    values = detached(model())
    new.assign_(**by_name(values, [one.name for one in (*meant.parameters, *meant.children)]))
    new.freeze_(*(name for name in model.frozen_names() if name not in new.frozen_names()))
    return new.train(model.training)


def under(one: Parameter, transform: str | None) -> Parameter:
    """A parameter under another transform, without the step before the one that it had."""
    if transform is None:
        return one
    domain = domains()[one.domain]
    written, problems = read(transform), list[Diagnostic]()
    name = resolve_transform(domain, written.name, problems)
    parts = resolve_parts(domain, name, written, problems) if name else None
    if name is None or parts is None:
        raise CdslError("; ".join(filter(None, (problems[0].message, problems[0].help))))
    return one.model_copy(update={"transform": name, "eval": "", "step": (), "parts": parts})


def read(transform: str) -> ast.Via:
    """A transform as a spec writes it after `via`: `softplus`, `increments(gap=softplus)`."""
    spec = parse(f"x: real via {transform}")
    match spec.declarations:
        case (ast.Parameter(via=ast.Via() as via, start=None, prior=None),) if not spec.diagnostics:
            return via
    raise CdslError(f"`{transform}` is no transform; for example `softplus`, or `increments(gap=softplus)`")


def detached(values: Any) -> Any:
    """Values without their graphs."""
    if hasattr(values, "_asdict"):
        found = {name: detached(value) for name, value in values._asdict().items()}
        return type(values)(**found) if isinstance(values, tuple) else found
    return tuple(map(detached, values)) if isinstance(values, tuple) else values.detach()
