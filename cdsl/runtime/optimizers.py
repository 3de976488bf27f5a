"""What optimizers ask for: groups of parameters by declared name, and of values the box in which they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from cdsl.constraints.base import Bounded
from cdsl.runtime.sharded import whole_raw

DECAY = "weight_decay"


def groups_of(model: Any, no_decay: Sequence[str] | bool, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The free parameters of a `ConstrainedModule`, those with equal options together, in declaration order.

    Raises:
        TypeError: a name that the model does not declare, or two words about the weight decay of one.
    """
    by_name = {option: value for option, value in options.items() if isinstance(value, Mapping)}
    for_all = {option: value for option, value in options.items() if option not in by_name}
    leaves = model._leaves()
    if isinstance(no_decay, bool):
        no_decay = [leaf.name for leaf in leaves if no_decay and leaf.one.map.domain.name != "real"]
    for names in (no_decay, *by_name.values()):
        model._refuse_foreign(names, leaves)
    groups: list[tuple[dict[str, Any], list[Tensor]]] = []
    for leaf in model._free():
        said = dict(for_all)
        for option, values in by_name.items():
            names = [name for name in values if leaf.is_in(name)]
            if names:
                said[option] = values[max(names, key=len)]
        if any(leaf.is_in(name) for name in no_decay):
            if DECAY in by_name and DECAY in said:
                raise TypeError(f"`{leaf.name}` is in `no_decay`, and `weight_decay` has a number for it: one of them")
            said[DECAY] = 0.0
        kept, name = leaf.slot
        if said != for_all and name != leaf.one.raw_name:
            leaf.owner._refuse_apart(leaf.name)
        alike = next((parameters for other, parameters in groups if other == said), None)
        if alike is None:
            groups.append((said, [kept[name]]))
        elif not any(one is kept[name] for one in alike):  # of a packed module all have one
            alike.append(kept[name])
    return [{**said, "params": parameters} for said, parameters in groups]


def bounds(model: Any) -> dict[str, tuple[Tensor, Tensor]]:
    """Of each parameter that is not frozen what its values lie between: low and high, of the value's shape, perhaps infinite.

    This is for optimizers that work on values and take a box, as `scipy.optimize` does. Raw values have no bounds. Bounds that
    depend on other parameters are those of now; an entry that stays is at both of its bounds.

    Raises:
        TypeError: a parameter lies in no box, because its domain is of more than single numbers.
    """
    found: dict[str, tuple[Tensor, Tensor]] = {}
    known: dict[int, Mapping[str, Any]] = {}
    with torch.no_grad(), whole_raw(model):
        for leaf in model._free():
            one, owner, like = leaf.one, leaf.owner, leaf.parameter
            if not isinstance(one.map.domain, Bounded):
                raise TypeError(f"`{leaf.name}` lies in no box: `{one.brief}` says more than two bounds of each number")
            if one.computed:
                if id(owner) not in known:
                    known[id(owner)] = owner._evaluate(owner._raw())._asdict()
                one = one.under(owner._arguments(one.name, known[id(owner)]))
            ends = (torch.as_tensor(end).to(like) for end in one.map.domain.bounds(*one.given_as(like)))
            low, high = (end.expand(one.shape) for end in ends)
            if one.held:
                stays = one.standing().to(like)
                low, high = (torch.where(stays.isfinite(), stays, end) for end in (low, high))
            found[leaf.name] = (low, high)
    return found
