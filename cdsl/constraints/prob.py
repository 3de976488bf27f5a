"""`prob`: the open unit interval; and the *gates*, the elementwise maps ℝ → (0, 1) that other domains use too.

Every gate is symmetric, 1 - g(x) = g(-x): who needs the complement asks for g(-x) and loses no digit.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING

from cdsl.constraints.base import Bounded, Transform, attach, attach_log

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Gate(Transform):
    """A map ℝ → (0, 1) that is symmetric about ½."""

    def inverse(self, value: Tensor) -> Tensor:
        """x = g⁻¹(y), from y and 1 - y"""
        return self.divide(value, 1 - value)

    @abstractmethod
    def divide(self, below: Tensor, above: Tensor) -> Tensor:
        """The x at which g(x) : 1 - g(x) is below : above; exact near either end of an interval."""

    @abstractmethod
    def centred(self, raw: Tensor) -> Tensor:
        """2 g(x) - 1, exact near 0 too"""


class Logistic(Gate):
    """y = 1 / (1 + exp(-x)). Reaches 0 where exp(x) underflows, and 1 at x > 36 (16 in float32)."""

    def forward(self, raw: Tensor) -> Tensor:
        """y = 1 / (1 + exp(-x)), and exp(x) where the two agree to the last bit

        Below -37 (-17 in float32) 1 + exp(-x) is exp(-x), which overflows where exp(x) is still a number. Each step
        is monotone, and autograd gives y² exp(-x) = σ(x) σ(-x) to full relative accuracy: it is never falsely zero.
        """
        edge = -37.0 if raw.dtype == torch.float64 else -17.0
        body = 1 / (1 + torch.exp(-raw.clamp(min=edge)))
        return torch.where(raw < edge, torch.exp(raw.clamp(max=edge)), body)

    def divide(self, below: Tensor, above: Tensor) -> Tensor:
        """x = log(u / v): as log1p((u - v)/v) within a factor 2, as log u - log v where the ratio leaves the format"""
        ratio, tiny = below / above, torch.finfo(below.dtype).tiny
        near = torch.log1p((below - above) / above)
        far = torch.where((ratio > tiny) & (ratio < 1 / tiny), torch.log(ratio), torch.log(below) - torch.log(above))
        return torch.where((ratio > 0.5) & (ratio < 2), near, far)

    def centred(self, raw: Tensor) -> Tensor:
        """2σ(x) - 1 = tanh(x/2); torch's derivative 1 - tanh² would be falsely zero where tanh rounds to 1"""
        return attach(torch.tanh(raw / 2), 2 * self.forward(raw))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |dy/dx| = log σ(x) + log σ(-x)"""
        logsigmoid = torch.nn.functional.logsigmoid
        return logsigmoid(raw) + logsigmoid(-raw)


class Probit(Gate):
    """y = Φ(x), the standard normal distribution function. Reaches 0 at x < -38.5 (-14.2) and 1 at x > 8.3 (5.5)."""

    def forward(self, raw: Tensor) -> Tensor:
        """y = Φ(x) = ½ erfcx(-x/√2) exp(-x²/2) for x < 0, and 1 - Φ(-x) otherwise

        erfcx is as well conditioned as the tail is not: the whole error of exp(-x²/2) would be that of x². So x is cut
        in two, x = c + (x - c) with c² exact, and exp(-x²/2) = exp(-c²/2) exp(-(x - c)(x + c)/2) (W. J. Cody, 1969).
        The derivative Φ(x) · d log Φ = φ(x) is well conditioned in the logarithm.
        """
        lower = torch.where(raw < 0, raw, -raw).clamp(min=-64)  # Φ(-64) is 0 in every dtype
        cut = (lower * 16).round() / 16
        scaled = torch.special.erfcx(lower * -math.sqrt(0.5)) / 2
        value = scaled * torch.exp(-cut * cut / 2) * torch.exp((cut - lower) * (cut + lower) / 2)
        tail = attach_log(value, torch.log(scaled) - lower * lower / 2)
        return torch.where(raw < 0, tail, 1 - tail)

    def divide(self, below: Tensor, above: Tensor) -> Tensor:
        """x = Φ⁻¹(u / (u + v)), from the smaller side"""
        whole = below + above
        left, right = torch.special.ndtri(below / whole), -torch.special.ndtri(above / whole)
        return torch.where(below < above, left, right)

    def centred(self, raw: Tensor) -> Tensor:
        """2Φ(x) - 1 = erf(x/√2)"""
        return attach(torch.erf(raw * math.sqrt(0.5)), 2 * self.forward(raw))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |dy/dx| = -x²/2 - log √(2π)"""
        return -(raw * raw) / 2 - math.log(math.sqrt(2 * math.pi))


class Tanh(Gate):
    """y = (1 + tanh x) / 2 = σ(2x): logistic with raw halved."""

    logistic = Logistic()

    def forward(self, raw: Tensor) -> Tensor:
        """y = σ(2x)"""
        return self.logistic.forward(2 * raw)

    def divide(self, below: Tensor, above: Tensor) -> Tensor:
        """x = log(u / v) / 2"""
        return self.logistic.divide(below, above) / 2

    def centred(self, raw: Tensor) -> Tensor:
        """2σ(2x) - 1 = tanh x"""
        return self.logistic.centred(2 * raw)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |dy/dx| = log 2 + log σ(2x) + log σ(-2x)"""
        return math.log(2) + self.logistic.log_det(2 * raw)


class HardSigmoid(Gate):
    """y = x/6 + ½, cut at 0 and 1. Surjective: flat beyond ±3, where the gradient is 0."""

    surjective = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = min(max(x/6 + ½, 0), 1)"""
        return (raw / 6 + 0.5).clamp(0, 1)

    def divide(self, below: Tensor, above: Tensor) -> Tensor:
        """x = 3 (u - v) / (u + v)"""
        return 3 * (below - above) / (below + above)

    def centred(self, raw: Tensor) -> Tensor:
        """x/3, cut at -1 and 1"""
        return (raw / 3).clamp(-1, 1)


class Clamp(Transform):
    """y = x, cut at 0 and 1. Surjective: flat outside, where the gradient is 0 and learning stops."""

    surjective = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = min(max(x, 0), 1)"""
        return raw.clamp(0, 1)

    def inverse(self, value: Tensor) -> Tensor:
        """x = y"""
        return value


GATES = {
    "logistic": Logistic(),
    "probit": Probit(),
    "tanh": Tanh(),
    "hard_sigmoid": HardSigmoid(),
    "clamp": Clamp(),
}


class Prob(Bounded):
    """A probability, strictly between 0 and 1."""

    name = "prob"
    notation = "(0, 1)"
    examples = ("prob", "prob[3]", "prob = 0.3", "prob via probit")
    starts_at = "1/2"
    transforms = GATES
    aliases = {"sigmoid": "logistic"}

    def start(self, event: tuple[int, ...]) -> float:
        return 0.5

    def bounds(self) -> tuple[float, float]:
        return 0.0, 1.0
