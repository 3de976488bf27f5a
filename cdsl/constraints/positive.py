"""`positive`: the numbers above 0; and the *gaps*, the elementwise maps ℝ → (0, ∞) that other domains use too."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cdsl.constraints.base import Bounded, Transform
from cdsl.constraints.prob import hypotenuse

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Gap(Transform):
    """A map ℝ → (0, ∞)."""

    def log_forward(self, raw: Tensor) -> Tensor:
        """log g(x): here of what g(x) is rounded to; a gap that underflows says better."""
        return torch.log(self.forward(raw))


class Exp(Gap):
    """y = exp(x): relative steps. Reaches 0 and ∞ where float64 (float32) does, at x < -745 (-104) and x > 709 (88)."""

    def forward(self, raw: Tensor) -> Tensor:
        """y = exp(x)"""
        return torch.exp(raw)

    def inverse(self, value: Tensor) -> Tensor:
        """x = log y"""
        return torch.log(value)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |dy/dx| = x"""
        return raw

    def log_forward(self, raw: Tensor) -> Tensor:
        """log y = x"""
        return raw


class Softplus(Gap):
    """y = log(1 + exp(x)): like exp far below 0, like x far above."""

    def forward(self, raw: Tensor) -> Tensor:
        """y = log(1 + exp(x)), and x where the two agree to the last bit

        The next term is exp(-x), below half an ulp of x from 40 on in float64, from 20 on in float32. (torch's own
        softplus leaves at 20 in float64 too, which costs 5.7e5 ulp, and is not monotone where its vectors end.)
        At the edge it is x: torch's `clamp` has no slope there from 2.15 on.
        """
        edge = 40.0 if raw.dtype == torch.float64 else 20.0
        return torch.where(raw < edge, torch.log1p(torch.exp(raw.clamp(max=edge))), raw)

    def inverse(self, value: Tensor) -> Tensor:
        """x = log(exp(y) - 1) = y + log(1 - exp(-y))"""
        return value + torch.log(-torch.expm1(-value))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |dy/dx| = log σ(x) = -log(1 + exp(-x))"""
        return -self.forward(-raw)

    def log_forward(self, raw: Tensor) -> Tensor:
        """log log(1 + exp(x)), which is x - exp(x)/2 below -37 to the last bit, where the inner one underflows in the end"""
        edge = -37.0 if raw.dtype == torch.float64 else -17.0
        inner = torch.log(self.forward(raw.clamp(min=edge - 1)))
        return torch.where(raw < edge, raw, inner)


class PowerOfTen(Gap):
    """y = 10^x: raw is the decimal logarithm. Reaches 0 and ∞ at x < -323 (-45) and x > 308 (38)."""

    def forward(self, raw: Tensor) -> Tensor:
        """y = 10^x"""
        return torch.pow(10.0, raw)

    def inverse(self, value: Tensor) -> Tensor:
        """x = log₁₀ y"""
        return torch.log10(value)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |dy/dx| = x log 10 + log log 10, cut where it would be ∞: of a sum of several no ∞ - ∞"""
        largest = torch.finfo(raw.dtype).max
        return (raw * math.log(10) + math.log(math.log(10))).clamp(-largest, largest)

    def log_forward(self, raw: Tensor) -> Tensor:
        """log y = x log 10, cut likewise"""
        largest = torch.finfo(raw.dtype).max
        return (raw * math.log(10)).clamp(-largest, largest)


class Squareplus(Gap):
    """y = (x + √(x² + 4)) / 2, of roots alone: like x far above 0, like -1/x far below; 1 at 0.

    Squareplus (Barron, 2021, arXiv:2112.11687) with b = 4, where g(x) g(-x) = 1.
    """

    def forward(self, raw: Tensor) -> Tensor:
        """y = (x + √(x² + 4)) / 2

        With t = |x|/2 that is t + √(1 + t²) above 0, and 1 over it below, where the sum would cancel.
        """
        return self.value_at(raw, self.larger(raw)[1])

    def inverse(self, value: Tensor) -> Tensor:
        """x = y - 1/y = (y - 1) (y + 1) / y, the first difference exact near 1"""
        return (value - 1) * ((value + 1) / value)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |dy/dx| = log y - ½ log(x² + 4)"""
        return self.log_det_at(raw, *self.larger(raw))

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from one root"""
        root, large = self.larger(raw)
        return self.value_at(raw, large), self.log_det_at(raw, root, large)

    def log_forward(self, raw: Tensor) -> Tensor:
        """log y = ± log g(|x|)"""
        log = torch.log(self.larger(raw)[1])
        return torch.where(raw < 0, -log, log)

    @staticmethod
    def larger(raw: Tensor) -> tuple[Tensor, Tensor]:
        """√(1 + t²) and g(|x|) = t + √(1 + t²), with t = |x|/2"""
        half = torch.where(raw < 0, -raw, raw) / 2
        root = hypotenuse(half)
        return root, half + root

    @staticmethod
    def value_at(raw: Tensor, large: Tensor) -> Tensor:
        """g(x) of g(|x|)"""
        return torch.where(raw < 0, 1 / large, large)

    @staticmethod
    def log_det_at(raw: Tensor, root: Tensor, large: Tensor) -> Tensor:
        """Below 0 the sum of two negative terms; above, y' is 1 - g(-x)/√(x² + 4)"""
        below = -(torch.log(2 * root) + torch.log(large))
        return torch.where(raw < 0, below, torch.log1p(-1 / large / (2 * root)))


class Relu(Gap):
    """y = max(x, 0). Surjective: every x ≤ 0 gives 0, the boundary, where the gradient is 0."""

    surjective = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = max(x, 0)"""
        return torch.relu(raw)

    def inverse(self, value: Tensor) -> Tensor:
        """x = y"""
        return value


class Abs(Gap):
    """y = |x|. Surjective: x and -x give the same value. Reaches 0 at x = 0."""

    surjective = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = |x|"""
        return torch.abs(raw)

    def inverse(self, value: Tensor) -> Tensor:
        """x = y"""
        return value


class Square(Gap):
    """y = x². Surjective: x and -x give the same value. Reaches 0 where x² underflows."""

    surjective = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = x²"""
        return raw * raw

    def inverse(self, value: Tensor) -> Tensor:
        """x = √y"""
        return torch.sqrt(value)


GAPS = {
    "exp": Exp(),
    "softplus": Softplus(),
    "log10": PowerOfTen(),
    "algebraic": Squareplus(),
    "relu": Relu(),
    "abs": Abs(),
    "square": Square(),
}
GAP_ALIASES = {"squareplus": "algebraic"}


class Positive(Bounded):
    """A positive number: a scale, a rate, a concentration."""

    name = "positive"
    notation = "(0, ∞)"
    examples = ("positive", "positive[3]", "positive = 2.5", "positive via softplus")
    starts_at = "1"
    transforms = GAPS
    aliases = GAP_ALIASES

    def start(self, sizes: tuple[int, ...]) -> float:
        return 1.0

    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf
