"""What is wrong with a parameter that trains, and what to do about it: said once for each."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite

import torch

from cdsl.monitor.saturation import on_boundary, settled, stuck
from cdsl.monitor.watched import Layout, Watched
from cdsl.runtime.declared import Declared, first_index, index_text
from cdsl.runtime.maps import Map
from cdsl.runtime.module import Leaf
from cdsl.runtime.table import brief


class MonitorWarning(UserWarning):
    """A parameter that no longer trains, or a record that could not be kept."""


@dataclass
class Warner:
    """What has been said, and for how many records in a row a parameter has had no gradient."""

    watched: tuple[Watched, ...]
    layout: Layout
    patience: int
    said: set[tuple[str, str]] = field(default_factory=set)
    without: dict[str, int] = field(default_factory=dict)

    def look(self, step: int, record: Mapping[str, float]) -> None:
        """Warn of what a record shows for the first time."""
        trained = [(one, name, leaf) for one in self.watched for name, leaf in one.leaves() if not leaf.frozen]
        norms = {name: 0.0 if leaf.grad is None else record[f"grad/{name}"] for _, name, leaf in trained}
        any_moves = any(norm > 0 for norm in norms.values())
        for one, name, leaf in trained:
            self.without[name] = self.without.get(name, 0) + 1 if any_moves and norms[name] == 0 else 0
            raw = (record[column] for column in self.layout.names[self.layout.spans[f"raw/{name}"]])
            if not all(map(isfinite, (norms[name], *raw))):
                self.say(step, name, not_finite, one, leaf)
            elif record[f"saturated/{name}"] or record[f"bound/{name}"]:
                self.say(step, name, saturated, one, leaf)
            elif self.without[name] >= self.patience:
                self.say(step, name, vanished, one, leaf)

    def say(self, step: int, name: str, what: Callable[[Watched, Leaf], str], one: Watched, leaf: Leaf) -> None:
        """Warn, unless that has been said of this parameter."""
        if (name, what.__name__) not in self.said:
            self.said.add((name, what.__name__))
            warn(f"step {step}: {what(one, leaf)}")


def warn(message: str) -> None:
    """Warn at the line that stepped, whether that was the monitor or an optimizer that it follows."""
    level, frame = 1, sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in ("cdsl", "torch"):
        level, frame = level + 1, frame.f_back
    warnings.warn(MonitorWarning(message), stacklevel=level)


def saturated(one: Watched, leaf: Leaf) -> str:
    """Of a parameter that has gone as far as its dtype tells numbers apart."""
    under, raw = now(leaf), leaf.parameter.detach().reshape(leaf.one.raw_shape)
    value = under.value_of(raw)
    flat, outside = stuck(under, raw, value), on_boundary(under, value)
    index: tuple[int, ...] = ()
    label = one.path + leaf.name
    if under.map.domain.elementwise and not under.held:
        index = first_index(flat | outside, flat.ndim)
        label = index_text(label, index)
    facts = ["lies on the boundary of its domain"] * bool(outside[index].any())
    facts += ["stays the same when raw goes farther"] * bool(flat[index].any())
    dtype = str(raw.dtype).removeprefix("torch.")
    return (
        f"`{label}` has saturated. Its value is {brief(value[index])}, its raw {brief(raw[index])}; in {dtype} the value "
        f"{' and '.join(facts)}. It is declared `{leaf.one.brief} via {leaf.one.map.written}`. What helps: "
        f"{'; '.join([*ways_out(one, leaf, under), f'hold it there, `{freeze(one, leaf)}`'])}."
    )


def ways_out(one: Watched, leaf: Leaf, under: Declared) -> Iterator[str]:
    """What a saturated parameter can be declared or set to instead, of which each has been tried at this raw."""
    raw = leaf.parameter.detach().reshape(leaf.one.raw_shape)
    domain = under.map.domain
    if domain.elementwise and not under.held:
        others = [name for name, other in domain.transforms.items() if name != under.map.name and other.bijective]
        better = [name for name in others if moves(replace(under, map=Map(domain, name)), raw)]
        if better:
            yield f"{' or '.join(f'`{domain.name} via {name}`' for name in better[:3])}, not flat at this raw"
    if raw.dtype != torch.float64 and raw.device.type != "mps" and moves(under, raw.double()):
        yield "float64, where it still moves"
    if domain.arguments:
        yield "other bounds, if the value belongs beyond these"
    start = brief(leaf.one.start_value()) if not leaf.one.computed and leaf.one.shape == () else "…"
    yield f"set it elsewhere, `{access(one)}.{leaf.name} = {start}`"


def moves(one: Declared, raw: torch.Tensor) -> bool:
    """Whether every entry of raw still moves the value, inside the domain."""
    value = one.value_of(raw)
    return not (stuck(one, raw, value).any() or on_boundary(one, value).any())


def vanished(one: Watched, leaf: Leaf) -> str:
    """Of a parameter that the loss does not reach, or no longer."""
    label, value = one.path + leaf.name, now(leaf).value_of(leaf.parameter.detach().reshape(leaf.one.raw_shape))
    none = leaf.grad is None
    return (
        f"{f'no gradient reaches `{label}`' if none else f'the gradient of `{label}` is 0 to the last bit'}, record after record, "
        f"while others have one. Its value is {brief(value)}, it is declared `{leaf.one.brief} via {leaf.one.map.written}`. If it is "
        f"where it belongs, or the loss does not depend on it, hold it, `{freeze(one, leaf)}`. Otherwise start it elsewhere, and look "
        f"for where its graph ends: at a `.detach()`, a comparison or a clamp, or because the loss uses a value from before the loop."
    )


def not_finite(one: Watched, leaf: Leaf) -> str:
    """Of a parameter that is lost."""
    raw, grad = leaf.parameter.detach(), leaf.grad
    off = [
        f"its {what} {brief(tensor.reshape(leaf.one.raw_shape))}"
        for what, tensor in (("raw is", raw), ("gradient is", grad))
        if tensor is not None and not tensor.isfinite().all()
    ]
    return (
        f"`{one.path}{leaf.name}` is no finite number any more: {', '.join(off) or 'the norm of its gradient is infinite'}. It is "
        f"declared `{leaf.one.brief} via {leaf.one.map.written}`. What helps: go back to the last checkpoint and take smaller "
        f"steps, or `torch.nn.utils.clip_grad_norm_`; `torch.autograd.set_detect_anomaly(True)` shows where it begins."
    )


def now(leaf: Leaf) -> Declared:
    """A declaration with the bounds that it has now."""
    return settled(leaf, leaf.owner._evaluate(leaf.owner._raw())._asdict() if leaf.one.computed else {})


def freeze(one: Watched, leaf: Leaf) -> str:
    """The call that holds a parameter where it is; in the packed layout, which has none, the declaration."""
    if leaf.slot[1] != leaf.one.raw_name:
        return f"frozen {leaf.one.name}: {leaf.one.brief} = …"
    return f'{access(one)}.freeze_("{leaf.name}")'


def access(one: Watched) -> str:
    """A constrained module, as one that has the model gets at it: `model.layers[0]`."""
    parts = one.path.split(".")[:-1]
    return "model" + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in parts)
