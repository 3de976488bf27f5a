"""`angle`: the directions of a circle, all but one, as numbers between -π and π."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cdsl.constraints.base import Bounded, Transform, attach
from cdsl.constraints.interval import Between
from cdsl.constraints.prob import GATES

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class Turn(Transform):
    """y = π (2 g(x) - 1), with the gate g: ℝ → (0, 1). Reaches -π and π as the interval between them does."""

    between: Between

    def forward(self, raw: Tensor) -> Tensor:
        """y = π (2 g(x) - 1)"""
        return self.between.forward(raw, -math.pi, math.pi)

    def inverse(self, value: Tensor) -> Tensor:
        """x = g⁻¹ at (y + π) : (π - y)"""
        return self.between.inverse(value, -math.pi, math.pi)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |dy/dx| = log 2π + log g′(x)"""
        return self.between.log_det(raw, -math.pi, math.pi)

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from those of the interval"""
        return self.between.forward_and_log_det(raw, -math.pi, math.pi)


class Wrap(Transform):
    """y = x less the nearest whole turns. Surjective: x and x + 2π give the same value. Nothing stops it at π."""

    surjective = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = x - 2π round(x / 2π)

        As the angle of (cos x, sin x): they know π to as many digits as x asks for. The slope is 1.
        """
        return attach(torch.atan2(torch.sin(raw), torch.cos(raw)), raw)

    def inverse(self, value: Tensor) -> Tensor:
        """x = y"""
        return value


class Angle(Bounded):
    """An angle in radians: a phase, a direction. For one without an end at π take a `unit_vector[2]`."""

    name = "angle"
    also = ("circular",)
    notation = "(-π, π)"
    examples = ("angle", "angle[3]", "angle = pi / 2", "angle via arctan")
    starts_at = "0"
    transforms = {name: Turn(Between(gate)) for name, gate in GATES.items() if name != "clamp"} | {"wrap": Wrap()}
    aliases = {"sigmoid": "logistic"}

    def start(self, sizes: tuple[int, ...]) -> float:
        return 0.0

    def bounds(self) -> tuple[float, float]:
        return -math.pi, math.pi

    def inward(self, value: Tensor, eps: float) -> Tensor:
        """π in a shorter format may be more than π."""
        return torch.where(value.abs() <= math.pi * (1 + eps), value.clamp(-math.pi, math.pi), value)
