"""`cholesky_corr[K]`: Cholesky factors of correlation matrices, and the maps that correlation matrices are made of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from cdsl.constraints.base import Domain, Lean, Transform, Violation, attach, first_infinite, in_pairs, summed_over
from cdsl.constraints.compensated import exact, exact_hyperbolic, products_of, shifted, times
from cdsl.constraints.lower_triangular import (
    fill,
    first_above,
    first_not_positive,
    packed,
    places,
    put,
    side,
    upper,
)
from cdsl.constraints.ordered import running_sum
from cdsl.constraints.scans import cumprod, cumsum

if TYPE_CHECKING:
    import torch
    from torch import Tensor


FACTORIALS = [(1 / math.factorial(at), 1 / math.factorial(at + 2)) for at in (3, 7, 11, 15)]
"""Of the series of sinh, in pairs of terms."""


class LeanProducts(Lean):
    """`TanhProducts`, with the running product of a row in one matrix and its tanh in another."""

    def forward(self, raw: Tensor, batch: int | None) -> tuple[Tensor, Tensor | None, tuple[Tensor, ...]]:
        """The products of sech to the left of each entry, times its tanh"""
        k = side(raw, -1)
        lines = torch.tril_indices(k, k, -1, device=raw.device)
        i, j = lines.unbind()
        at = torch.add(j, i, alpha=k)
        tanh, sech, minus_log = self.hyperbolic(raw, with_log=batch is not None)
        log_det = None
        if batch is not None and minus_log is not None:
            log_det = summed_over(minus_log.mul_((i - j).add_(1)).sum(-1).neg_(), batch)
        matrix = (*raw.shape[:-1], k, k)
        left = raw.new_ones((*raw.shape[:-1], k * k)).index_copy_(-1, at + 1, sech).reshape(matrix).cumprod(-1)
        value = put(tanh, at, k)
        value.diagonal(dim1=-2, dim2=-1).fill_(1.0)
        return value.mul_(left), log_det, (value, tanh, sech, left.flatten(-2).index_select(-1, at), lines)

    def backward(
        self, raw: Tensor, saved: tuple[Tensor, ...], to_value: Tensor | None, to_log_det: Tensor | None
    ) -> Tensor:
        """p sech² ∂L - tanh (Σₖ₍ₖ﹥ⱼ₎ Lᵢₖ ∂Lᵢₖ + (i - j + 1) ∂ld), with the product p to the left of an entry

        The sums from the end of each row are taken of the rows turned around, where i K + K - 2 - j is the place of j's.
        """
        value, tanh, sech, left, lines = saved
        k, (i, j) = value.shape[-1], lines.unbind()
        if to_value is None:
            return (j - i).sub_(1) * to_log_det * tanh  # type: ignore[operator]  # one of the two is given
        sums = torch.cumsum((to_value * value).flip(-1), -1).flatten(-2)
        at = torch.add(j, i, alpha=k)
        bend = sums.index_select(-1, torch.sub(at, j, alpha=2).add_(k - 2))
        bend = bend if to_log_det is None else bend.add_((i - j).add_(1) * to_log_det)
        own = to_value.flatten(-2).index_select(-1, at).mul_(left).mul_(sech).mul_(sech)
        return own.addcmul_(bend, tanh, value=-1)

    def hyperbolic(self, raw: Tensor, with_log: bool) -> tuple[Tensor, Tensor, Tensor | None]:
        """tanh, sech and, where it is asked for, -log sech, as in the function of that name, with cosh m = √(1 + sinh² m)"""
        far = raw.abs()
        square = far.clamp(max=20.0)
        far.sub_(square)
        square.sinh_().square_()
        sech = torch.neg(far).exp_().div_((square + 1.0).sqrt_())
        return torch.tanh(raw), sech, far.add_(square.log1p_(), alpha=0.5) if with_log else None

    def fusing(self) -> Lean:
        """With fewer transcendental functions."""
        return FusingProducts()


class FusingProducts(LeanProducts):
    """`LeanProducts` for a compiler of whole loops: an exponential and a logarithm."""

    def hyperbolic(self, raw: Tensor, with_log: bool) -> tuple[Tensor, Tensor, Tensor | None]:
        """From e = exp(-|x|): sech x = 2e/(1 + e²), and from 1 on tanh x = ±(1 - e²)/(1 + e²), -log sech x = |x| - log 2 + log1p(e²)

        These cancel near 0, where sinh x = x + x³/3! + … + x¹⁷/17! gives tanh x = sinh x sech x and -log sech x = ½ log1p(sinh² x).
        """
        size, square = raw.abs(), raw * raw
        e = torch.exp(-size)
        sinh = raw + raw * (square * in_pairs(square, FACTORIALS))
        over = 1 / (1 + e * e)
        sech, is_near = 2 * e * over, size < 1
        far = (1 - e * e) * over
        tanh = torch.where(is_near, sinh * sech, torch.where(raw < 0, -far, far))
        if not with_log:
            return tanh, sech, None
        log = torch.log1p(torch.where(is_near, sinh * sinh, e * e))
        return tanh, sech, torch.where(is_near, log / 2, (size - math.log(2)) + log)


class TanhProducts(Transform):
    """Lᵢⱼ = tanh(xᵢⱼ) Πₖ₍ₖ﹤ⱼ₎ sech(xᵢₖ), with tanh(xᵢᵢ) = 1: canonical partial correlations, row by row, as in Stan.

    Lewandowski, Kurowicka and Joe (2009), doi:10.1016/j.jmva.2009.04.008. The diagonal reaches 0 only by underflow.
    """

    scan = True
    lean_form = LeanProducts()

    def lean(self) -> Lean | None:
        """Of its running products, in place."""
        return self.lean_form

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K (K - 1) / 2"""
        return (sizes[0] * (sizes[0] - 1) // 2,)

    def forward(self, raw: Tensor) -> Tensor:
        """Lᵢⱼ = tanh(xᵢⱼ) Πₖ₍ₖ﹤ⱼ₎ sech(xᵢₖ), and Lᵢᵢ = Πₖ₍ₖ﹤ᵢ₎ sech(xᵢₖ)

        A product, never the root of 1 minus a sum of squares, which cancels and then stays 0.
        """
        k = side(raw, -1)
        return self.forward_at(hyperbolic(raw), places(raw, k, -1), k, raw)

    def inverse(self, value: Tensor) -> Tensor:
        """xᵢⱼ = asinh(Lᵢⱼ / √(Σₖ₍ₖ﹥ⱼ₎ Lᵢₖ²)): no 1 - Σ, no atanh near 1; NaN for a diagonal that is not positive"""
        return only_positive(packed(from_tails(value), -1), value)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂L/∂x| = Σᵢⱼ (i - j + 1) log sech xᵢⱼ: terms of one sign, nothing cancels"""
        k = side(raw, -1)
        return (hyperbolic(raw).log_sech * self.weights(places(raw, k, -1), k)).sum(-1)

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from one set of tanh and sech"""
        k, parts = side(raw, -1), hyperbolic(raw)
        at = places(raw, k, -1)
        return self.forward_at(parts, at, k, raw), (parts.log_sech * self.weights(at, k)).sum(-1)

    @staticmethod
    def forward_at(parts: Hyperbolic, at: Tensor, k: int, raw: Tensor) -> Tensor:
        """The value, from `hyperbolic(raw)`"""
        value = product_of_sech(parts, at, k)
        return attach(exact_product_of_sech(raw.detach(), at, k), value) if exact.on else value

    @staticmethod
    def weights(at: Tensor, k: int) -> Tensor:
        """i - j + 1, from where the entries stand in the flattened matrix: i K + j"""
        return at.div(k, rounding_mode="floor") * (k + 1) + 1 - at


class RowNormalize(Transform):
    """Each row of L is (xᵢ₁, …, xᵢᵢ₋₁, 1) over its length, as in TensorFlow Probability and PyMC: nothing saturates."""

    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K (K - 1) / 2"""
        return (sizes[0] * (sizes[0] - 1) // 2,)

    def forward(self, raw: Tensor) -> Tensor:
        """Lᵢⱼ = xᵢⱼ / √(1 + Σₖ xᵢₖ²), and Lᵢᵢ = 1 / √(1 + Σₖ xᵢₖ²)"""
        return self.forward_and_log_det(raw)[0]

    def inverse(self, value: Tensor) -> Tensor:
        """xᵢⱼ = Lᵢⱼ / Lᵢᵢ; NaN for a diagonal that is not positive"""
        return only_positive(packed(value / value.diagonal(dim1=-2, dim2=-1).unsqueeze(-1), -1), value)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂L/∂x| = -Σᵢ ½ (i + 1) log(1 + Σⱼ xᵢⱼ²) with i = 1, 2, …: of ball coordinates, one row each"""
        return self.forward_and_log_det(raw)[1]

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from the rows over their largest entry or 1, so that no square overflows

        With r that number, log(1 + Σ x²) = 2 log r + log1p(Σ (x/r)² + (r⁻² - 1)): for r = 1, exact near 0.
        """
        k = side(raw, -1)
        rows = fill(raw, k, -1)
        top = rows.detach().abs().amax(-1, keepdim=True).clamp(min=1)
        rows, unit = rows / top, 1 / top
        excess = (rows * rows).sum(-1, keepdim=True) + (unit * unit - 1)
        last = raw.new_ones(k).diag_embed() * unit
        weight = raw.new_ones(k).cumsum(-1) + 1
        logs = torch.log(top) + torch.log1p(excess) / 2
        return (rows + last) / torch.sqrt(1 + excess), -(logs.squeeze(-1) * weight).sum(-1)


class CholeskyCorr(Domain):
    """The Cholesky factor of a correlation matrix: lower triangular, positive diagonal, rows of length 1."""

    name = "cholesky_corr"
    also = ("cholesky_factor_corr", "corr_cholesky")
    sizes = ("K",)
    bounded = True
    notation = "{L ∈ ℝᴷˣᴷ : Lᵢⱼ = 0 for i < j, Lᵢᵢ > 0, Σⱼ Lᵢⱼ² = 1}"
    examples = ("cholesky_corr[3]", "cholesky_corr[2, 3]", "cholesky_corr[2] = [[1, 0], [0.6, 0.8]]")
    starts_at = "the identity matrix"
    transforms = {"tanh": TanhProducts(), "row_normalize": RowNormalize()}

    def event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (sizes[0], sizes[0])

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return torch.eye(sizes[0], dtype=torch.float64)

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        diagonal = value.diagonal(dim1=-2, dim2=-1)
        return (diagonal >= 0 if closed else diagonal > 0).all(-1) & torch.isfinite(value).all((-2, -1))

    def residual(self, value: Tensor) -> Tensor:
        lengths = torch.linalg.vector_norm(value.tril(), dim=-1)
        return torch.maximum(upper(value), (lengths - 1).abs().amax(-1))

    def violation(self, value: Any) -> Violation | None:
        refused = first_infinite(value) or first_not_positive(value) or first_above(value)
        if refused:
            return refused
        for i, row in enumerate(value):
            length = math.hypot(*row[: i + 1])
            if not abs(length - 1) <= 1e-6:
                return Violation((), f"row {i} of length {length:.12g}", "have rows of length 1", abs(length - 1))
        return None

    def chart(self, value: Tensor) -> Tensor:
        """The diagonal follows from the rows' lengths, the rest is 0."""
        return packed(value, -1)


class Hyperbolic(NamedTuple):
    """tanh and sech of a raw, and what their products are differentiated by."""

    tanh: Tensor
    sech: Tensor
    """Its value; no derivative."""
    log_sech: Tensor
    change: Tensor
    """0, with the derivatives of log_sech."""


def hyperbolic(raw: Tensor) -> Hyperbolic:
    """tanh x, sech x and log sech x, each exact to 2 ulp wherever it does not underflow

    With m = min(|x|, 20) and a = |x|: sech x = exp(m - a) / cosh m and -log sech x = ½ log1p(sinh² m) + (a - m), as
    beyond 20 the rest of either is below half an ulp of 1. Derivatives are those of z = -|x|, taken with a constant
    sign, so that they are right at 0 as well: log sech x = z - log1p(exp 2z), up to a constant, and
    tanh x = ±(1 - 2 σ(2z)), whose slope 4 σ σ is exact far out, where that of tanh, 1 - tanh², is lost.
    """
    x = raw.detach()
    size = x.abs()
    near = size.clamp(max=20.0)
    far, sinh = size - near, torch.sinh(near)
    sech = torch.exp(-far) / torch.cosh(near)
    minus_log = torch.add(far, torch.log1p(sinh * sinh), alpha=0.5)
    sign = torch.copysign(torch.ones_like(x), -x)
    z = raw * sign
    log_sech = torch.sub(z, torch.nn.functional.softplus(z, beta=2, threshold=40), alpha=2)
    change = log_sech - log_sech.detach()
    share = torch.sigmoid(2 * z)
    tanh = torch.addcmul(torch.tanh(x), share - share.detach(), sign, value=2)
    return Hyperbolic(tanh, sech, change - minus_log, change)


def product_of_sech(parts: Hyperbolic, at: Tensor, k: int) -> Tensor:
    """tanh(xᵢⱼ) Πₖ₍ₖ﹤ⱼ₎ sech(xᵢₖ), the entries standing at these places of the flattened matrix

    The running product along a row has its derivative as exp of a running sum of logarithms: no product of others over
    a factor that may underflow.
    """
    diagonal = parts.tanh.new_ones((*parts.tanh.shape[:-1], k)).diag_embed().flatten(-2)
    numerators = diagonal.index_copy(-1, at, parts.tanh).reshape((*diagonal.shape[:-1], k, k))
    after = at + 1
    left = cumprod(put(parts.sech, after, k, 1.0), event=2)
    change = cumsum(put(parts.change, after, k), event=2)
    return numerators * (left * torch.exp(change))


def exact_product_of_sech(raw: Tensor, at: Tensor, k: int) -> Tensor:
    """The same in twice the digits, its value only"""
    (tanh, rest), (sech, more), power = exact_hyperbolic(raw)
    numerators = put(tanh, at, k) + tanh.new_ones(k).diag_embed()
    left, to_left = products_of((put(sech, at + 1, k, 1.0), put(more, at + 1, k)), put(power, at + 1, k))
    return shifted(times((numerators, put(rest, at, k)), left)[0], to_left)


def from_tails(value: Tensor) -> Tensor:
    """asinh(Lᵢⱼ / √(Σₖ₍ₖ﹥ⱼ₎ Lᵢₖ²)) below the diagonal, anything elsewhere

    Squares of entries below √tiny underflow. Where a tail is as small as that it consists of such entries alone, and is
    summed after they were multiplied by a power of 2. A ratio that is too large for asinh has its logarithm.
    """
    double = value.dtype == torch.float64
    small, scale, edge = (2.0**-400, 2.0**850, 2.0**500) if double else (2.0**-30, 2.0**88, 2.0**50)
    value = value.tril()
    raised = value.masked_fill(value.abs() >= small, 0.0) * scale
    tails, raised_tails = tail_squares(value), tail_squares(raised)
    is_small = tails < (small / 2) ** 2
    above = torch.where(is_small, value * scale, value)
    below = torch.sqrt(torch.where(is_small, raised_tails, tails))
    is_far = above.abs() > edge * below
    near = torch.asinh(above.masked_fill(is_far, 0.0) / below.masked_fill(is_far, 1.0))
    logs = torch.log(2 * above.abs().masked_fill(~is_far, 1.0)) - torch.log(below.masked_fill(~is_far, 1.0))
    return torch.where(is_far, torch.copysign(logs, above.detach()), near)


def tail_squares(value: Tensor) -> Tensor:
    """Σₖ₍ₖ﹥ⱼ₎ Lᵢₖ² for each j below the diagonal, from the end; 1 on and above it"""
    squares = running_sum((value * value).flip(-1)).flip(-1)
    tails = torch.nn.functional.pad(squares[..., 1:], (0, 1))
    return tails.masked_fill(torch.ones_like(value).triu() > 0, 1.0)


def only_positive(raw: Tensor, value: Tensor) -> Tensor:
    """The raw, NaN where an entry of the value's diagonal is not positive"""
    return raw.masked_fill(~(value.diagonal(dim1=-2, dim2=-1) > 0).all(-1, keepdim=True), math.nan)
