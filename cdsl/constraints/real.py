"""`real`: any number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cdsl.constraints.base import Bounded, Transform

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Identity(Transform):
    """y = x"""

    def forward(self, raw: Tensor) -> Tensor:
        """y = x"""
        return raw

    def inverse(self, value: Tensor) -> Tensor:
        """x = y"""
        return value

    def log_det(self, raw: Tensor) -> Tensor:
        """log |dy/dx| = 0"""
        return torch.zeros_like(raw)


class Real(Bounded):
    """Any real number; nothing to constrain."""

    name = "real"
    notation = "ℝ"
    examples = ("real", "real[3]", "real[2, 3] = 0.5")
    starts_at = "0"
    transforms = {"identity": Identity()}

    def start(self, sizes: tuple[int, ...]) -> float:
        return 0.0

    def bounds(self) -> tuple[float, float]:
        return -math.inf, math.inf
