"""`stationary[K]`: the coefficients of a stationary autoregression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, text
from cdsl.constraints.l1_ball import log_one_plus_tanh, tanh

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class PartialAutocorrelations(Transform):
    """y = the coefficients of the autoregression with partial autocorrelations rₖ = tanh(xₖ), by Durbin and Levinson.

    Barndorff-Nielsen and Schou (1973, doi:10.1016/0047-259X(73)90030-4), Monahan (1984, doi:10.1093/biomet/71.2.403).
    Reaches the boundary where an rₖ rounds to ±1.
    """

    scan = True

    def forward(self, raw: Tensor) -> Tensor:
        """y⁽ᵏ⁾ⱼ = y⁽ᵏ⁻¹⁾ⱼ - rₖ y⁽ᵏ⁻¹⁾ₖ₋ⱼ and y⁽ᵏ⁾ₖ = rₖ, for k = 1 … K

        In log₂ K steps, and to the same accuracy: on the polynomial A = 1 - Σ yⱼ zʲ and its reverse the k-th step is the
        matrix (1, -rₖ z; -rₖ, z), so all of them are a product of matrices of polynomials, (P, Q; Q*, P*) with a * for
        coefficients reversed. Two steps make (1 + r₁ r₂ z, -r₁ z - r₂ z²; …); then neighbours are multiplied until one
        matrix is left, and A is P + Q. Steps with r = 0 fill up to a power of 2, and change nothing.
        """
        size, pad = raw.shape[-1], torch.nn.functional.pad
        full = 2
        while full < size:
            full = 2 * full
        r = pad(tanh(raw), (0, full - size)).reshape((*raw.shape[:-1], full // 2, 2))
        one = torch.stack((torch.ones_like(r[..., 0]), r[..., 0] * r[..., 1]), -1)
        rows = torch.stack((pad(one, (0, 1)), pad(-r, (1, 0))), -2)
        while rows.shape[-3] > 1:
            rows = neighbours_multiplied(rows)
        return -rows.squeeze(-3).sum(-2)[..., 1 : size + 1]

    def inverse(self, value: Tensor) -> Tensor:
        """xₖ = artanh(rₖ), with rₖ = y⁽ᵏ⁾ₖ and y⁽ᵏ⁻¹⁾ⱼ = (y⁽ᵏ⁾ⱼ + rₖ y⁽ᵏ⁾ₖ₋ⱼ) / (1 - rₖ²), for k = K … 1"""
        return torch.atanh(partial_autocorrelations(value))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂y/∂x| = Σₖ (⌊k/2⌋ + 1) log(1 - rₖ) + (⌊(k - 1)/2⌋ + 1) log(1 + rₖ)"""
        k = torch.ones_like(raw).cumsum(-1)
        down, up = torch.floor(k / 2) + 1, torch.floor((k - 1) / 2) + 1
        return (down * log_one_plus_tanh(-raw) + up * log_one_plus_tanh(raw)).sum(-1)


class Stationary(Domain):
    """The coefficients of a stationary autoregression: 1 - Σ yₖ zᵏ has its roots outside the unit circle."""

    name = "stationary"
    sizes = ("K",)
    notation = "{y ∈ ℝᴷ : 1 - Σ yₖ zᵏ ≠ 0 for |z| ≤ 1}"
    examples = ("stationary[2]", "stationary[2, 3]", "stationary[2] = [0.5, 0.3]", "stationary[5]")
    starts_at = "0, …, 0"
    transforms = {"partial_autocorrelations": PartialAutocorrelations()}
    aliases = {"pacf": "partial_autocorrelations"}

    def start(self, sizes: tuple[int, ...]) -> float:
        return 0.0

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        size = partial_autocorrelations(value).abs()
        return (size <= 1 if closed else size < 1).all(-1)

    def violation(self, value: Any) -> Violation | None:
        rest = list(value)
        while rest:
            last = rest[-1]
            if not abs(last) < 1:
                found = f"of partial autocorrelation {text(last)} at lag {len(rest)}"
                return Violation((), found, "have it strictly between -1 and 1", abs(last) - 1)
            pairs = list(zip(rest[:-1], rest[-2::-1], strict=True))
            rest = [((one + other) / (1 - last) + (one - other) / (1 + last)) / 2 for one, other in pairs]
        return None

    def inward(self, value: Tensor, eps: float) -> Tensor:
        """yₖ ρᵏ: its roots are those of y over ρ

        On |z| = ρ a polynomial with no root inside the unit circle is at least (1 - ρ)ᴷ, and what rounding its
        coefficients changes at most ½ eps (1 + ρ)ᴷ; 2 eps are for a map that adds up in the same dtype.
        """
        k = torch.ones_like(value).cumsum(-1)
        return value * torch.pow(max(0.0, 1 - 2 * (2 * eps) ** (1 / value.shape[-1])), k)


def neighbours_multiplied(rows: Tensor) -> Tensor:
    """The first rows (P, Q) of matrices of polynomials `(…, n, 2, m + 1)`, two by two: `(…, n/2, 2, 2m + 1)`

    Of a later matrix times an earlier one, P = P₂ P₁ + Q₂ Q₁* and Q = P₂ Q₁ + Q₂ P₁*. A product of polynomials is the
    table of its terms, summed along diagonals: with m + 1 zeros after each row, and read in rows that are 1 shorter, they
    are columns.
    """
    m = rows.shape[-1] - 1
    earlier, later = rows[..., 0::2, :, :], rows[..., 1::2, :, :]
    both = torch.stack((earlier, earlier.flip((-2, -1))), -2)
    terms = later.unsqueeze(-3).unsqueeze(-1) * both.unsqueeze(-2)
    shifted = torch.nn.functional.pad(terms, (0, m + 1)).flatten(-2)[..., : -m - 1]
    return shifted.reshape((*shifted.shape[:-1], m + 1, 2 * m + 1)).sum((-3, -2))


def partial_autocorrelations(value: Tensor) -> Tensor:
    """rₖ, read off the coefficients of order K, K - 1, …, 1; each order is known only when the one above it is

    The step down, with y reversed for y*, is (y + r y*) / (1 - r²): it divides y + y* by 1 - r, and y - y* by 1 + r. So
    written it does not cancel near r = ±1.
    """
    rest, found = value, value[..., :0]
    for _ in range(value.shape[-1]):
        last, others = rest[..., -1:], rest[..., :-1]
        found = torch.cat((last, found), -1)
        turned = others.flip(-1)
        rest = ((others + turned) / (1 - last) + (others - turned) / (1 + last)) / 2
    return found
