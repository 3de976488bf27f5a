"""`prob`: the open unit interval; and the *gates*, the elementwise maps ℝ → (0, 1) that other domains use too.

Every gate is symmetric, 1 - g(x) = g(-x): who needs the complement asks for g(-x) and loses no digit.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING

from cdsl.constraints.base import Bounded, Transform, attach

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from cdsl.constraints.base import Scalar

ROOT_HALF, ROOT_HALF_REST = 46341 / 65536, -7.627587649755991556e-07  # √½ to 16 bits, and its rest


class Gate(Transform):
    """A map ℝ → (0, 1) that is symmetric about ½.

    With a `width`, forward and log_det are those of width · g(x), which need not underflow where g(x) does.
    """

    @abstractmethod
    def forward(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """raw ↦ width · value."""

    def inverse(self, value: Tensor) -> Tensor:
        """x = g⁻¹(y), from y and 1 - y"""
        return self.divide(value, 1 - value, 2 * value - 1)

    @abstractmethod
    def divide(self, below: Tensor, above: Tensor, apart: Tensor) -> Tensor:
        """The x at which g(x) : 1 - g(x) is below : above; exact near either end, and near 0 as `apart` is.

        `apart` is below - above: the caller may know it better.
        """

    @abstractmethod
    def centred(self, raw: Tensor) -> Tensor:
        """2 g(x) - 1, exact near 0 too: the value only, derivatives are forward's."""


class Logistic(Gate):
    """y = 1 / (1 + exp(-x)). Reaches 0 where exp(x) underflows, and 1 at x > 36 (16 in float32)."""

    def forward(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """y = 1 / (1 + exp(-x)), and exp(x) where the two agree to the last bit

        Below -37 (-17 in float32) 1 + exp(-x) is exp(-x), which overflows where exp(x) is still a number. There exp(x)
        is the product of two square roots of it, and `width` comes between them: none of the three is subnormal.
        Each step is monotone, and autograd gives y² exp(-x) = σ(x) σ(-x) to full relative accuracy, never falsely zero.
        """
        edge = -37.0 if raw.dtype == torch.float64 else -17.0
        root = torch.exp(raw.clamp(max=edge) / 2)
        body = width / (1 + torch.exp(-raw.clamp(min=edge)))
        return torch.where(raw < edge, root * (width * root), body)

    def divide(self, below: Tensor, above: Tensor, apart: Tensor) -> Tensor:
        """x = log(u / v): as log1p((u - v)/v) within a factor 2, as log u - log v where the ratio leaves the format"""
        ratio, tiny = below / above, torch.finfo(below.dtype).tiny
        near = torch.log1p(apart / above)
        far = torch.where((ratio > tiny) & (ratio < 1 / tiny), torch.log(ratio), torch.log(below) - torch.log(above))
        return torch.where((ratio > 0.5) & (ratio < 2), near, far)

    def centred(self, raw: Tensor) -> Tensor:
        """2σ(x) - 1 = tanh(x/2)"""
        return torch.tanh(raw / 2)

    def log_det(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """log |dy/dx| = log σ(x) + log σ(-x) = -|x| - 2 log(1 + exp(-|x|)) = -log 4 - log(1 + sinh²(x/2))

        A width above 1 may cancel it: far out log width meets -|x| first; near 0 the last form has no 1 to round, so
        that for a width of 4 it keeps its digits down to x = 0.
        """
        minus = torch.where(raw < 0, raw, -raw)  # not -|x|: its slope at 0 is 0
        log_width, rest = log_in_two(width, raw)
        far = (log_width + minus) + (rest - 2 * torch.log1p(torch.exp(minus)))
        if isinstance(width, float) and width <= 1:
            return far
        sinh = torch.sinh(raw.clamp(-2, 2) / 2)
        near = log_in_two(width / 4, raw)[0] - torch.log1p(sinh * sinh)
        return torch.where(raw.abs() < 2, near, far)


class Probit(Gate):
    """y = Φ(x), the standard normal distribution function. Reaches 0 at x < -38.5 (-14.2) and 1 at x > 8.3 (5.5)."""

    def forward(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """y = Φ(x) = ½ erfc(-x/√2)

        In the tail the roundings of x/√2 and of its square would be all of the error, up to x² ulp. So their rests are
        carried along: with w = -x/√2 as rounded and δ its rest, ½ erfc(w + δ) = ½ erfc(w) - δ exp(-w²)/√π. Above -1
        the correction is less than the rounding of y, and would break its monotony. The derivative, which torch
        takes to be exp(-w²)/√(2π), is in truth less by exp(-(x²/2 - w²)).
        """
        w = raw * -math.sqrt(0.5)
        half = torch.erfc(w) / 2
        cut = (raw.clamp(-64, 64) * 16).round() / 16
        delta = (cut * -ROOT_HALF - w) - ((raw - cut) * math.sqrt(0.5) + cut * ROOT_HALF_REST)
        tail = half - delta * torch.exp(-w * w) / math.sqrt(math.pi)
        value = torch.where((raw < -1) & (raw > -64), tail, half)  # Φ(-64) is 0 in every dtype
        return width * attach(value, half * (1 - half_square(raw, w * w)).detach())

    def divide(self, below: Tensor, above: Tensor, apart: Tensor) -> Tensor:
        """x = Φ⁻¹(u / (u + v)), from the smaller side, and √2 erf⁻¹((u - v)/(u + v)) within a factor 2"""
        whole = below + above
        left, right = torch.special.ndtri(below / whole), -torch.special.ndtri(above / whole)
        near = math.sqrt(2) * torch.erfinv(apart / whole)
        return torch.where((below < 2 * above) & (above < 2 * below), near, torch.where(below < above, left, right))

    def centred(self, raw: Tensor) -> Tensor:
        """2Φ(x) - 1 = erf(x/√2)"""
        return torch.erf(raw * math.sqrt(0.5))

    def log_det(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """log |dy/dx| = -x²/2 - log √(2π), and log width, which it may cancel"""
        square = raw * raw / 2
        log_width, rest = log_in_two(width / math.sqrt(2 * math.pi), raw)
        return (log_width - square) + (rest - half_square(raw, square)).detach()


class Tanh(Gate):
    """y = (1 + tanh x) / 2 = σ(2x): logistic with raw halved."""

    logistic = Logistic()

    def forward(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """y = σ(2x)"""
        return self.logistic.forward(2 * raw, width)

    def divide(self, below: Tensor, above: Tensor, apart: Tensor) -> Tensor:
        """x = log(u / v) / 2"""
        return self.logistic.divide(below, above, apart) / 2

    def centred(self, raw: Tensor) -> Tensor:
        """2σ(2x) - 1 = tanh x"""
        return torch.tanh(raw)

    def log_det(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """log |dy/dx| = log 2 + log σ(2x) + log σ(-2x)"""
        return self.logistic.log_det(2 * raw, 2 * width)


class HardSigmoid(Gate):
    """y = x/6 + ½, cut at 0 and 1. Surjective: flat beyond ±3, where the gradient is 0."""

    surjective = True

    def forward(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """y = min(max(x/6 + ½, 0), 1)"""
        return width * (raw / 6 + 0.5).clamp(0, 1)

    def divide(self, below: Tensor, above: Tensor, apart: Tensor) -> Tensor:
        """x = 3 (u - v) / (u + v)"""
        return 3 * apart / (below + above)

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

    def start(self, sizes: tuple[int, ...]) -> float:
        return 0.5

    def bounds(self) -> tuple[float, float]:
        return 0.0, 1.0


def stored(number: Scalar, like: Tensor) -> Scalar:
    """The number as the dtype of `like` has it, which is what torch computes with (Veltkamp's splitting)."""
    if isinstance(number, torch.Tensor) or like.dtype != torch.float32:
        return number
    spread = number * (2**29 + 1)
    return spread - (spread - number)


def log_in_two(width: Scalar, like: Tensor) -> tuple[Scalar, Scalar]:
    """log width as the dtype of `like` has it, and what its rounding lost: log w = l + log(w / exp(l))"""
    if isinstance(width, torch.Tensor):
        log = torch.log(width)
        return log, (width - torch.exp(log)).detach() / width.detach()
    rounded = stored(math.log(width), like)
    return rounded, (width - math.exp(rounded)) / width


def half_square(raw: Tensor, rounded: Tensor) -> Tensor:
    """x²/2 - rounded, to the last digit, for |x| < 64: of x = c + (x - c), c² is exact"""
    cut = (raw.clamp(-64, 64) * 16).round() / 16
    rest = (cut * cut / 2 - rounded) + (raw - cut) * (raw + cut) / 2
    return torch.where(raw.abs() < 64, rest, torch.zeros_like(rest))
