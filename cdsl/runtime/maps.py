"""A domain's transforms as generated modules call them: the pure formulas, and the precision they are computed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor

from cdsl.constraints.base import Domain, summed_over
from cdsl.constraints.real import After, is_identity
from cdsl.runtime.fused import Evaluator, is_plain, with_lean_steps

Step: TypeAlias = float | str | Tensor
"""Of an affine step: a number, or the text of what is computed and what came out."""


@dataclass
class Ready:
    """In the place of a raw: the value that was made of it, together with those of its like."""

    value: Tensor
    log_det: Any
    """The log-Jacobian of all of them, with the first; None with the others."""


class Map:
    """One transform of one domain, after an affine step where its spec gives `via` one: raw ↦ loc + scale · raw.

    float16 and bfloat16 are computed in float32; float32 is computed in float64 where the transform adds up along the
    event and the device has float64; everything is rounded once.
    """

    def __init__(
        self, domain: Domain, name: str, loc: Step = 0.0, scale: Step = 1.0, parts: Mapping[str, Map] | None = None
    ) -> None:
        self.domain = domain
        self.name = name
        self.loc = loc
        self.scale = scale
        self.parts = parts or {}
        self.transform = domain.transforms[name]
        if parts:
            self.transform = self.transform.using(**{part: one.transform for part, one in parts.items()})
        if not (isinstance(loc, str) or isinstance(scale, str) or is_identity(loc, scale)):
            self.transform = After(self.transform, loc, scale)
        self.bijective = self.transform.bijective
        numbers = isinstance(loc, (int, float)) and isinstance(scale, (int, float))
        self.kind = self.written if numbers else ""
        """What maps that are equal have in common; as text, in which dynamo finds no number to make a variable of."""
        self.formulas = Evaluator(self.transform, outer=True)
        self._lean = Evaluator(with_lean_steps(self.transform), outer=True)

    def after(self, loc: Step = 0.0, scale: Step = 1.0) -> Map:
        """This map after that step."""
        return Map(self.domain, self.name, loc, scale, self.parts)

    def using(self, **parts: Map) -> Map:
        """This map with other steps than its own: `cdsl.ordered.increments.using(gap=cdsl.positive.softplus)`.

        Raises:
            TypeError: it has no such part, or the part takes the maps of another domain.
        """
        has = self.transform.parts
        for name, one in parts.items():
            if name not in has:
                raise TypeError(f"{self!r} has no part {name!r}; there are {', '.join(has) or 'none'}")
            if one.domain.name != has[name][0]:
                raise TypeError(f"the part {name!r} of {self!r} is a map of {has[name][0]}, got {one!r}")
        return Map(self.domain, self.name, self.loc, self.scale, parts)

    def __call__(self, raw: Tensor | Ready, *arguments: Any, held: Tensor | None = None, **step: Step) -> Tensor:
        """raw ↦ value; raw `(…, *raw_event)`, value `(…, *event)`, of one dtype and device.

        Where entries are `held`, numbers in a tensor of the value's shape that is infinite elsewhere, raw `(…, n)` has the
        others alone, row-major.
        """
        if isinstance(raw, Ready):
            return raw.value
        if step:
            return self.after(**step)(raw, *arguments, held=held)
        if held is not None:
            value = self(in_places(raw, held), *arguments)
            return torch.where(held.isinf(), value, held.to(value.dtype))
        computed = self._lean.computed if is_plain(raw) else self.formulas.by_formulas
        return computed(raw, None, arguments)[0]

    def with_log_det(
        self, raw: Tensor | Ready, *arguments: Any, batch: int = 0, held: Tensor | None = None, **step: Step
    ) -> tuple[Tensor, Tensor]:
        """raw ↦ (value, log |det ∂ value / ∂ raw|), the latter summed over the event and `batch` dimensions before it."""
        if isinstance(raw, Ready):
            return raw.value, raw.log_det
        if step:
            return self.after(**step).with_log_det(raw, *arguments, batch=batch, held=held)
        if held is None:
            computed = self._lean.computed if is_plain(raw) else self.formulas.by_formulas
            return computed(raw, batch, arguments)  # type: ignore[return-value]  # a batch is given
        wide, free = self.widen(in_places(raw, held)), held.isinf()
        value, log_det = self.transform.forward_and_log_det(wide, *arguments)
        value, log_det = value.to(raw.dtype), log_det.masked_fill(~free, 0.0)
        return torch.where(free, value, held.to(value.dtype)), summed_over(log_det, batch).to(raw.dtype)

    def inverse(self, value: Tensor, *arguments: Any) -> Tensor:
        """value ↦ raw, unchecked."""
        return self.transform.inverse(self.widen(value), *arguments).to(value.dtype)

    def widen(self, tensor: Tensor) -> Tensor:
        """The tensor in the precision that this map is computed in."""
        return self.formulas.widen(tensor)

    @property
    def written(self) -> str:
        """The transform as a spec writes it: `exp(loc=1.0, scale=2.0)`, `increments(gap=softplus)`."""
        step: dict[str, Step] = {name: one.name for name, one in self.parts.items()}
        step |= {} if is_identity(self.loc, 1.0) else {"loc": self.loc}
        step |= {} if is_identity(0.0, self.scale) else {"scale": self.scale}
        return self.name + (f"({', '.join(f'{name}={value}' for name, value in step.items())})" if step else "")

    def __repr__(self) -> str:
        return f"{self.domain.name}.{self.written}"


def in_places(raw: Tensor, held: Tensor) -> Tensor:
    """raw `(…, n)` of the entries that are not held, in the places of all; `(…, *held.shape)`

    In the others' places stands the raw of an entry before them: some number, which nothing comes of.
    """
    place = (held.isinf().reshape(-1).cumsum(0) - 1).clamp(min=0)
    return raw.index_select(-1, place).reshape((*raw.shape[:-1], *held.shape))


class Maps:
    """The maps of one domain, by the names of its transforms: `positive.softplus`."""

    domain: Domain

    def __init__(self, domain: Domain) -> None:
        self.__dict__.update({name: Map(domain, name) for name in domain.transforms}, domain=domain)

    def __getattr__(self, name: str) -> Map:
        raise AttributeError(f"no transform {name!r}; there are {', '.join(self.domain.transforms)}")
