"""`ordered[K]`: increasing vectors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Lean, Transform, Violation, sum_of, summed_over, text
from cdsl.constraints.compensated import attach_finite, exact, exact_increments
from cdsl.constraints.scans import cumsum, pieces_of, running_max

if TYPE_CHECKING:
    import torch
    from torch import Tensor

GAP = {"gap": ("positive", "exp")}
"""What each entry lies above the one before it, as the part of a transform."""
FEW = 8  # terms, whose sums lose too little to be worth more


class LeanIncrements(Lean):
    """`Increments`; and with `positive` `PositiveIncrements`, whose first entry is exp(x₁) too."""

    def __init__(self, positive: bool = False) -> None:
        self.first = 0 if positive else 1
        """The first entry that is an exponential."""

    def forward(self, raw: Tensor, batch: int | None) -> tuple[Tensor, Tensor | None, tuple[Tensor, ...]]:
        """y = cumsum(x₁, exp x₂, …, exp x_K), and the derivatives exp x₂, …, exp x_K of the terms"""
        steps = torch.exp(raw[..., self.first :])
        value = running_sum(torch.cat((raw[..., :1], steps), -1) if self.first else steps)
        log_det = None if batch is None else summed_over(sum_of(raw[..., self.first :]), batch)
        return value, log_det, (steps,)

    def backward(
        self, raw: Tensor, saved: tuple[Tensor, ...], to_value: Tensor | None, to_log_det: Tensor | None
    ) -> Tensor:
        """Σⱼ₍ⱼ≥ₖ₎ ∂yⱼ times the derivative of the term"""
        if to_value is None:
            slopes = to_log_det.expand(raw[..., self.first :].shape)  # type: ignore[union-attr]  # one of the two is given
            return torch.nn.functional.pad(slopes, (self.first, 0))
        (steps,) = saved
        above = to_value.flip(-1).cumsum_(-1).flip(-1)
        slopes = above[..., self.first :].mul_(steps)
        if to_log_det is not None:
            slopes.add_(to_log_det)
        return above

    def fusing(self) -> Lean:
        """In pieces where it is long: with a third of the memory."""
        return FusingIncrements(positive=not self.first)


class FusingIncrements(LeanIncrements):
    """`LeanIncrements` for a compiler of whole loops: nothing but results is as long as they are."""

    def forward(self, raw: Tensor, batch: int | None) -> tuple[Tensor, Tensor | None, tuple[Tensor, ...]]:
        """Piece by piece, each going on from where the sums of the one before it have ended"""
        pieces = pieces_of(raw)
        if len(pieces) == 1:
            return super().forward(raw, batch)
        values, steps, sums = [], [], (torch.zeros_like(raw[..., :1]),) * 2
        for at, piece in enumerate(pieces):
            first = 0 if at else self.first
            steps.append(torch.exp(piece[..., first:]))
            terms = torch.cat((piece[..., :1], steps[-1]), -1) if first else steps[-1]
            value, sums = summed_on(terms, *sums)
            values.append(value)
        log_det = None if batch is None else summed_over(sum_of(raw[..., self.first :]), batch)
        return torch.cat(values, -1), log_det, tuple(steps)

    def backward(
        self, raw: Tensor, saved: tuple[Tensor, ...], to_value: Tensor | None, to_log_det: Tensor | None
    ) -> Tensor:
        """Piece by piece, from the last on"""
        if to_value is None or len(saved) == 1:
            return super().backward(raw, saved, to_value, to_log_det)
        slopes, sums = [], torch.zeros_like(to_value[..., :1])
        for at, piece in reversed([*enumerate(pieces_of(to_value))]):
            above = torch.cumsum(torch.cat((sums, piece.flip(-1)), -1), -1)
            sums = above[..., -1:]
            above, first = above[..., 1:].flip(-1), 0 if at else self.first
            slope = above[..., first:] * saved[at]
            slope = slope if to_log_det is None else slope + to_log_det
            slopes.append(torch.cat((above[..., :1], slope), -1) if first else slope)
        return torch.cat(slopes[::-1], -1)


class Increments(Transform):
    """y₁ = x₁, yₖ = yₖ₋₁ + exp(xₖ), as in Stan. Ties where an increment is below half an ulp."""

    scan = True
    own_parts = GAP
    lean_form = LeanIncrements()

    def forward(self, raw: Tensor) -> Tensor:
        """y = cumsum(x₁, exp x₂, …, exp x_K)"""
        value = running_sum(torch.cat((raw[..., :1], torch.exp(raw[..., 1:])), -1))
        if exact.on:
            return attach_finite(exact_increments(raw[..., :1].detach(), raw[..., 1:].detach()), value)
        return value

    def inverse(self, value: Tensor) -> Tensor:
        """x₁ = y₁, xₖ = log(yₖ - yₖ₋₁)"""
        return torch.cat((value[..., :1], torch.log(torch.diff(value, dim=-1))), -1)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂y/∂x| = Σₖ₌₂ xₖ"""
        return sum_of(raw[..., 1:])

    def using(self, **parts: Any) -> Transform:
        """The same with another gap than exp."""
        return IncrementsBy(**parts)

    def lean(self) -> Lean | None:
        """Of what it adds up, in place."""
        return self.lean_form


@dataclass(frozen=True)
class IncrementsBy(Transform):
    """y₁ = x₁, yₖ = yₖ₋₁ + g(xₖ), with the gap g: ℝ → (0, ∞). Ties where an increment is below half an ulp.

    In exact mode the sums are exact to about an ulp, of increments that are rounded once.
    """

    gap: Transform
    scan = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = cumsum(x₁, g(x₂), …, g(x_K))"""
        return running_sum(torch.cat((raw[..., :1], self.gap.forward(raw[..., 1:])), -1))

    def inverse(self, value: Tensor) -> Tensor:
        """x₁ = y₁, xₖ = g⁻¹(yₖ - yₖ₋₁)"""
        return torch.cat((value[..., :1], self.gap.inverse(torch.diff(value, dim=-1))), -1)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂y/∂x| = Σₖ₌₂ log g′(xₖ)"""
        return sum_of(self.gap.log_det(raw[..., 1:]))


class Ordered(Domain):
    """A vector whose entries increase."""

    name = "ordered"
    also = ("ordered_vector",)
    sizes = ("K",)
    notation = "{y ∈ ℝᴷ : y₁ < … < y_K}"
    examples = ("ordered[3]", "ordered[2, 3]", "ordered[3] = [-1, 0, 2.5]")
    starts_at = "0, 1, …, K - 1"
    transforms = {"increments": Increments()}

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return torch.arange(sizes[-1], dtype=torch.float64)

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        steps = torch.diff(value, dim=-1)
        return (steps >= 0 if closed else steps > 0).all(-1) & torch.isfinite(value).all(-1)

    def violation(self, value: Any) -> Violation | None:
        return first_descent(value)


def running_sum(terms: Tensor) -> Tensor:
    """Prefix sums of terms that are not negative, beside the first: each to about one rounding, and never decreasing.

    One after the other, as on CPU, the sums and their corrected values keep the order; a parallel scan, as on other
    devices, needs the running maximum on top.
    """
    sums = signed_sum(terms)
    return sums if terms.device.type == "cpu" else running_max(sums)


def signed_sum(terms: Tensor, few: int = FEW) -> Tensor:
    """Prefix sums, each to about one rounding

    What each addition lost is known exactly and added up as well. A few terms lose too little to be
    worth it, unless they cancel.
    """
    sums = cumsum(terms)
    if exact.on or terms.shape[-1] > few:
        known = sums.detach()
        rest = cumsum(lost_between(known, terms.detach()[..., 1:]))
        sums = torch.cat((sums[..., :1], sums[..., 1:] + rest), -1)
    return sums


def summed_on(terms: Tensor, sums: Tensor, rest: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """`signed_sum` of terms that go on from those before them, of which these are the sum and what it has lost; and those of all"""
    chain = torch.cumsum(torch.cat((sums, terms), -1), -1)
    more = torch.cumsum(torch.cat((rest, lost_between(chain, terms)), -1), -1)
    return chain[..., 1:] + more[..., 1:], (chain[..., -1:], more[..., -1:])


def lost_between(sums: Tensor, terms: Tensor) -> Tensor:
    """What each addition of a term to the sum before it has lost, exactly (Knuth's two-sum); of an overflow nothing"""
    before, after = sums[..., :-1], sums[..., 1:]
    added = after - before
    return ((before - (after - added)) + (terms - added)).nan_to_num(0.0, 0.0, 0.0)


def first_descent(value: list[float]) -> Violation | None:
    """The first entry that is not finite or not above the one before."""
    for k, entry in enumerate(value):
        if not math.isfinite(entry):
            return Violation((k,), text(entry), "be finite")
        if k and entry <= value[k - 1]:
            must = f"be greater than the entry before it, {text(value[k - 1])}"
            return Violation((k,), text(entry), must, value[k - 1] - entry)
    return None
