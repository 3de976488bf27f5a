"""`real(loc, scale)`: any number; and the affine map, that other transforms may begin with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Bounded, Transform, text
from cdsl.constraints.prob import stored

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from cdsl.constraints.base import Scalar


class Identity(Transform):
    """y = x, or y = loc + scale · x: the offset and multiplier of Stan."""

    def forward(self, raw: Tensor, loc: Scalar = 0.0, scale: Scalar = 1.0) -> Tensor:
        """y = loc + scale · x"""
        return raw if is_identity(loc, scale) else loc + scale * raw

    def inverse(self, value: Tensor, loc: Scalar = 0.0, scale: Scalar = 1.0) -> Tensor:
        """x = (y - loc) / scale"""
        return value if is_identity(loc, scale) else (value - loc) / scale

    def log_det(self, raw: Tensor, loc: Scalar = 0.0, scale: Scalar = 1.0) -> Tensor:
        """log |dy/dx| = log scale"""
        zero = raw.new_zeros(()).expand(raw.shape)
        return zero if is_identity(loc, scale) else zero + log_of(scale, raw)


@dataclass(frozen=True)
class After(Transform):
    """y = g(loc + scale · x): a transform of single numbers after an affine step.

    float32 is computed in float64: where g is steep, what the step loses shows.
    """

    transform: Transform
    loc: Scalar
    scale: Scalar

    scan = True

    def step(self, raw: Tensor) -> Tensor:
        """t = loc + scale · x"""
        return self.loc + self.scale * raw

    def forward(self, raw: Tensor, *arguments: Any) -> Tensor:
        """y = g(loc + scale · x)"""
        return self.transform.forward(self.step(raw), *arguments)

    def inverse(self, value: Tensor, *arguments: Any) -> Tensor:
        """x = (g⁻¹(y) - loc) / scale"""
        return (self.transform.inverse(value, *arguments) - self.loc) / self.scale

    def log_det(self, raw: Tensor, *arguments: Any) -> Tensor:
        """log |dy/dx| = log g′(loc + scale · x) + log scale"""
        return self.transform.log_det(self.step(raw), *arguments) + log_of(self.scale, raw)

    def forward_and_log_det(self, raw: Tensor, *arguments: Any) -> tuple[Tensor, Tensor]:
        """Both from one step"""
        value, log_det = self.transform.forward_and_log_det(self.step(raw), *arguments)
        return value, log_det + log_of(self.scale, raw)


class Real(Bounded):
    """Any real number; nothing to constrain. `loc` and `scale` say where and how large it is in units of raw."""

    name = "real"
    arguments = ("loc", "scale")
    defaults = (0.0, 1.0)
    notation = "ℝ"
    examples = ("real", "real[3]", "real[2, 3] = 0.5", "real(10, 2)")
    starts_at = "0, or loc"
    transforms = {"identity": Identity()}

    def refuse_arguments(self, loc: float, scale: float) -> str | None:
        return None if scale > 0 else f"`scale` must be greater than 0, got {text(scale)}"

    def start(self, sizes: tuple[int, ...], loc: Scalar = 0.0, scale: Scalar = 1.0) -> Scalar:
        return loc

    def bounds(self, loc: Scalar = 0.0, scale: Scalar = 1.0) -> tuple[float, float]:
        return -math.inf, math.inf


def is_identity(loc: Scalar | str, scale: Scalar | str) -> bool:
    """Whether loc + scale · x is x, as far as that is known without looking into tensors, or into what is still to be computed"""
    return isinstance(loc, (float, int)) and isinstance(scale, (float, int)) and loc == 0 and scale == 1


def log_of(scale: Scalar, like: Tensor) -> Scalar:
    """log scale, of the scale that the dtype of `like` has"""
    return torch.log(scale) if isinstance(scale, torch.Tensor) else math.log(stored(scale, like))
