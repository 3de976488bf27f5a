"""`simplex[K]`: K probabilities that sum to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, attach, attach_log, text
from cdsl.constraints.compensated import exact, exact_softmax, exact_sticks, single
from cdsl.constraints.log_ratio import IsometricLogRatio, softmax
from cdsl.constraints.ordered import running_sum
from cdsl.constraints.positive import Softplus
from cdsl.constraints.prob import Gate, Logistic
from cdsl.constraints.scans import cumprod, cumsum

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class StickBreaking(Transform):
    """yₖ = σ(tₖ) · what is left, with tₖ = xₖ - log(K - k): the simplex of Stan before 2.37, torch and NumPyro.

    Zeros only where an entry underflows.
    """

    scan = True
    own_parts = {"gate": ("prob", "logistic")}
    logistic = Logistic()
    softplus = Softplus()

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K - 1"""
        return (sizes[0] - 1,)

    def forward(self, raw: Tensor) -> Tensor:
        """yₖ = σ(tₖ) Πⱼ₍ⱼ﹤ₖ₎ σ(-tⱼ): a product of what is left, never 1 minus what is gone

        With n = K - k, σ(tₖ) = exp(xₖ) / (n + exp(xₖ)) has no difference in it to round, nor has the rest of it,
        n / (n + exp(xₖ)), which is 1 - σ(tₖ) below ½, and n exp(-xₖ) where exp(xₖ) would overflow: a product between
        two roots, as in `Logistic`.
        The derivative is that of Σ log σ: no product of others over a factor that may underflow.
        """
        pad, log_sigmoid = torch.nn.functional.pad, self.softplus.log_det
        rest, edge = countdown(raw), 64.0 if raw.dtype == torch.float64 else 40.0
        odds, root = torch.exp(raw.clamp(max=edge)), torch.exp(-raw.clamp(min=edge) / 2)
        taken = odds / (rest + odds)
        left = torch.where(odds < rest, 1 - taken, rest / (rest + odds))
        left = cumprod(torch.where(raw > edge, root * (rest * root), left))
        value = exact_sticks(raw.detach()) if exact.on else pad(taken, (0, 1), value=1.0) * pad(left, (1, 0), value=1.0)
        t = raw - torch.log(rest)
        log_value = pad(log_sigmoid(t), (0, 1)) + pad(cumsum(log_sigmoid(-t)), (1, 0))
        return attach_log(value, log_value.clamp(min=-1e6))  # 0 long before; and -∞ + ∞ is not a number

    def inverse(self, value: Tensor) -> Tensor:
        """xₖ = log(yₖ / Σⱼ₍ⱼ﹥ₖ₎ yⱼ) + log(K - k), the rest summed from its end"""
        rest = running_sum(value.flip(-1)).flip(-1)[..., 1:]
        taken = value[..., :-1]
        return self.logistic.divide(taken, rest, taken - rest) + torch.log(countdown(taken))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(y₁ … y_K₋₁)/∂x| = Σₖ log σ(tₖ) + (K - k) log σ(-tₖ): terms of one sign, nothing cancels"""
        rest = countdown(raw)
        t = raw - torch.log(rest)
        minus = self.softplus.forward(-t) + rest * self.softplus.forward(t)
        return -running_sum(minus)[..., -1:].sum(-1)  # of no term: 0

    def using(self, **parts: Any) -> Transform:
        """The same with another gate than logistic."""
        return GateSticks(**parts)


@dataclass(frozen=True)
class GateSticks(Transform):
    """yₖ = g(tₖ) · what is left, with the gate g: ℝ → (0, 1) and tₖ = xₖ + g⁻¹(1/(K - k + 1)), so that 0 is the uniform one.

    Zeros only where an entry underflows, or g is surjective. In exact mode what it is without: tₖ and each factor are
    rounded.
    """

    gate: Gate
    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K - 1"""
        return (sizes[0] - 1,)

    def forward(self, raw: Tensor) -> Tensor:
        """yₖ = g(tₖ) Πⱼ₍ⱼ﹤ₖ₎ (1 - g(tⱼ)): a product of what is left, never 1 minus what is gone

        The derivative of the product is that of Σ log(1 - g): none of others over a factor that may underflow.
        """
        pad, t = torch.nn.functional.pad, self.shifted(raw)
        left = cumprod(self.gate.complement(t))
        log_left = cumsum(self.gate.log_complement(t))
        left = attach_log(left, log_left.clamp(min=-1e6))  # 0 long before; and -∞ + ∞ is not a number
        return pad(self.gate.forward(t), (0, 1), value=1.0) * pad(left, (1, 0), value=1.0)

    def inverse(self, value: Tensor) -> Tensor:
        """xₖ = g⁻¹ at yₖ : Σⱼ₍ⱼ﹥ₖ₎ yⱼ, the rest summed from its end, less g⁻¹ at 1 : K - k"""
        rest = running_sum(value.flip(-1)).flip(-1)[..., 1:]
        taken = value[..., :-1]
        return self.gate.divide(taken, rest, taken - rest) - self.uniform(taken)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(y₁ … y_K₋₁)/∂x| = Σₖ log g′(tₖ) + (K - k - 1) log(1 - g(tₖ)): terms of one sign, nothing cancels"""
        t = self.shifted(raw)
        left = (countdown(t) - 1)[..., :-1] * self.gate.log_complement(t[..., :-1])  # the last has none: no 0 · ∞
        minus = -self.gate.log_det(t) - torch.nn.functional.pad(left, (0, 1))[..., : t.shape[-1]]
        return -running_sum(minus)[..., -1:].sum(-1)  # of no term: 0

    def shifted(self, raw: Tensor) -> Tensor:
        """t"""
        return raw + self.uniform(raw)

    def uniform(self, like: Tensor) -> Tensor:
        """What t is where every entry is 1/K"""
        n = countdown(like)
        return self.gate.divide(torch.ones_like(n), n, 1 - n)


class Softmax(Transform):
    """y = softmax(x) over K raw values. Surjective: adding a constant to x changes nothing."""

    surjective = True
    scan = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = exp(x) / Σ exp(x)"""
        value = softmax(raw)
        if exact.on:  # half of raw: differences of the largest numbers overflow
            return attach(exact_softmax(single(raw.detach() / 2), torch.ones_like(raw[..., :1])), value)
        return value

    def inverse(self, value: Tensor) -> Tensor:
        """x = log(y / max y)"""
        return torch.log(value / value.amax(-1, keepdim=True))


class Simplex(Domain):
    """A vector of positive numbers that sum to 1: mixture weights, class probabilities."""

    name = "simplex"
    sizes = ("K",)
    bounded = True
    notation = "{y ∈ ℝᴷ : yₖ > 0, Σ yₖ = 1}"
    examples = ("simplex[4]", "simplex[2, 3]", "simplex[3] = [0.2, 0.3, 0.5]", "simplex[4] via stick_breaking")
    starts_at = "1/K, …, 1/K"
    transforms = {
        "isometric_log_ratio": IsometricLogRatio(),
        "stick_breaking": StickBreaking(),
        "softmax": Softmax(),
    }
    aliases = {"ilr": "isometric_log_ratio"}

    def start(self, sizes: tuple[int, ...]) -> float:
        return 1 / sizes[-1]

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        return (value >= 0 if closed else value > 0).all(-1)

    def residual(self, value: Tensor) -> Tensor:
        return (value.sum(-1) - 1).abs()

    def violation(self, value: Any) -> Violation | None:
        for k, entry in enumerate(value):
            if not entry > 0:
                return Violation((k,), text(entry), "be greater than 0", -entry)
        total = sum(value)
        if abs(total - 1) <= 1e-6:
            return None
        return Violation((), f"{total:.12g} in sum", "sum to 1", abs(total - 1))

    def chart(self, value: Tensor) -> Tensor:
        """The last entry follows from the others."""
        return value[..., :-1]


def countdown(like: Tensor) -> Tensor:
    """K - 1, K - 2, …, 1 along the last dimension"""
    return torch.ones_like(like).cumsum(-1).flip(-1)
