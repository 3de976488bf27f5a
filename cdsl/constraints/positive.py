"""`positive`: the numbers above 0; and the *gaps*, the elementwise maps ℝ → (0, ∞) that other domains use too."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cdsl.constraints.base import Bounded, Transform

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Exp(Transform):
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


class Softplus(Transform):
    """y = log(1 + exp(x)): like exp far below 0, like x far above."""

    def forward(self, raw: Tensor) -> Tensor:
        """y = log(1 + exp(x)), and x where the two agree to the last bit

        The next term is exp(-x), below half an ulp of x from 40 on in float64, from 20 on in float32. (torch's own
        softplus leaves at 20 in float64 too, which costs 5.7e5 ulp, and is not monotone where its vectors end.)
        """
        edge = 40.0 if raw.dtype == torch.float64 else 20.0
        return torch.where(raw > edge, raw, torch.log1p(torch.exp(raw.clamp(max=edge))))

    def inverse(self, value: Tensor) -> Tensor:
        """x = log(exp(y) - 1) = y + log(1 - exp(-y))"""
        return value + torch.log(-torch.expm1(-value))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |dy/dx| = log σ(x) = -log(1 + exp(-x))"""
        return -self.forward(-raw)


class Relu(Transform):
    """y = max(x, 0). Surjective: every x ≤ 0 gives 0, the boundary, where the gradient is 0."""

    surjective = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = max(x, 0)"""
        return torch.relu(raw)

    def inverse(self, value: Tensor) -> Tensor:
        """x = y"""
        return value


class Abs(Transform):
    """y = |x|. Surjective: x and -x give the same value. Reaches 0 at x = 0."""

    surjective = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = |x|"""
        return torch.abs(raw)

    def inverse(self, value: Tensor) -> Tensor:
        """x = y"""
        return value


class Square(Transform):
    """y = x². Surjective: x and -x give the same value. Reaches 0 where x² underflows."""

    surjective = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = x²"""
        return raw * raw

    def inverse(self, value: Tensor) -> Tensor:
        """x = √y"""
        return torch.sqrt(value)


GAPS = {"exp": Exp(), "softplus": Softplus(), "relu": Relu(), "abs": Abs(), "square": Square()}


class Positive(Bounded):
    """A positive number: a scale, a rate, a concentration."""

    name = "positive"
    notation = "(0, ∞)"
    examples = ("positive", "positive[3]", "positive = 2.5", "positive via softplus")
    starts_at = "1"
    transforms = GAPS

    def start(self, sizes: tuple[int, ...]) -> float:
        return 1.0

    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf
