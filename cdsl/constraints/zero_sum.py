"""`zero_sum[K]`: K numbers that sum to 0."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, text
from cdsl.constraints.compensated import attach_finite, exact, exact_helmert, exact_reflection, shifted
from cdsl.constraints.log_ratio import SCALE, helmert_transpose
from cdsl.constraints.ordered import signed_sum

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class ZeroSumIsometric(Transform):
    """y = V x, with the K × (K - 1) orthonormal Helmert basis V of the vectors that sum to 0: Stan's sum_to_zero_vector.

    Lengths and angles stay: standard normal raws are effects of variance 1 - 1/K each, all alike.
    """

    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K - 1"""
        return (sizes[0] - 1,)

    def forward(self, raw: Tensor) -> Tensor:
        """y = V x: yₖ = Σₙ₍ₙ≥ₖ₎ wₙ - (k - 1) wₖ₋₁ with wₙ = xₙ / √(n (n + 1)), of a share of it, as the sums may overflow"""
        n = torch.ones_like(raw).cumsum(-1)
        w = raw / (torch.sqrt(n * (n + 1)) * SCALE)
        pad = torch.nn.functional.pad
        value = (pad(signed_sum(w.flip(-1)).flip(-1), (0, 1)) - pad(n * w, (1, 0))) * SCALE
        if exact.on:
            z, power = exact_helmert(raw.detach())
            return attach_finite(shifted(z[0], power), value)
        return value

    def inverse(self, value: Tensor) -> Tensor:
        """x = Vᵀ y: xₙ = (y₁ + … + yₙ - n yₙ₊₁) / √(n (n + 1))"""
        return helmert_transpose(value)

    def log_det(self, raw: Tensor) -> Tensor:
        """½ log det VᵀV = 0"""
        return torch.zeros_like(raw).sum(-1)


class ZeroSumHouseholder(Transform):
    """yₖ = xₖ - s / (K + √K) and y_K = -s / √K, with s = Σ x: PyMC's and NumPyro's zero-sum vector.

    Orthonormal too, and the first K - 1 entries are alike: reordering them reorders raw.
    """

    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K - 1"""
        return (sizes[0] - 1,)

    def forward(self, raw: Tensor) -> Tensor:
        """y = (x - s / (K + √K), -s / √K), from s / K = Σ (x / K), which does not overflow"""
        size = raw.shape[-1] + 1
        root, share = math.sqrt(size), (raw / size).sum(-1, keepdim=True)
        value = torch.cat((raw - share * (root / (1 + root)), share * -root), -1)
        return attach_finite(exact_reflection(raw.detach()), value) if exact.on else value

    def inverse(self, value: Tensor) -> Tensor:
        """xₖ = yₖ - y_K / (1 + √K)"""
        return value[..., :-1] - value[..., -1:] / (1 + math.sqrt(value.shape[-1]))

    def log_det(self, raw: Tensor) -> Tensor:
        """0: the columns of its matrix are orthonormal"""
        return torch.zeros_like(raw).sum(-1)


class ZeroSum(Domain):
    """A vector of numbers that sum to 0: contrasts, effects of the levels of a factor."""

    name = "zero_sum"
    also = ("sum_to_zero_vector",)
    sizes = ("K",)
    surface = True
    notation = "{y ∈ ℝᴷ : Σ yₖ = 0}"
    examples = ("zero_sum[4]", "zero_sum[2, 3]", "zero_sum[3] = [-1, 0.25, 0.75]", "zero_sum[10] via householder")
    starts_at = "0, …, 0"
    transforms = {"isometric": ZeroSumIsometric(), "householder": ZeroSumHouseholder()}
    aliases = {"helmert": "isometric"}

    def start(self, sizes: tuple[int, ...]) -> float:
        return 0.0

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        return torch.isfinite(value).all(-1)

    def residual(self, value: Tensor) -> Tensor:
        """|Σ y|, beside the largest entry or 1; what is not finite is refused already"""
        top = value.abs().amax(-1, keepdim=True).clamp(min=1)
        return torch.where(top.isfinite(), value / top, torch.zeros_like(value)).sum(-1).abs()

    def violation(self, value: Any) -> Violation | None:
        for k, entry in enumerate(value):
            if not math.isfinite(entry):
                return Violation((k,), text(entry), "be finite")
        top = max(1.0, *map(abs, value))
        off = abs(sum(entry / top for entry in value))
        if off <= 1e-6:
            return None
        must = "sum to 0" if top == 1 else f"sum to 0, to a millionth of its largest entry, {text(top)}"
        return Violation((), f"{sum(value):.12g} in sum", must, abs(sum(value)))
