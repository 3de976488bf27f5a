"""`rotation[K]`: orthogonal matrices of determinant 1; and the Cayley transform, which other matrices use too."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, attach, first_infinite
from cdsl.constraints.lower_triangular import fill, packed, side

if TYPE_CHECKING:
    import torch
    from torch import Tensor

WRITTEN_OUT = 3  # rows: of so many or fewer the third power of a skew matrix is a multiple of it
TURNS = 2.0**18  # the largest entry whose exponential a Newton-Schulz step makes orthogonal to the last digit


class Cayley(Transform):
    """Y = (I - A/2)⁻¹ (I + A/2), with the skew A that holds x below its diagonal: the `cayley` of torch and geotorch.

    Near 0 it is exp(A). It reaches every rotation but those with an eigenvalue -1, half turns, which have measure 0.
    Each is reached once, and orthogonal to a few eps whatever the size of x. Up to K = 3 it is written out. Of a larger K
    an A with entries beyond 2²⁵ (2¹² where there is no float64 to compute in) is scaled down to that: Y is then near its
    limit, and the equation has no more digits.
    """

    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K (K - 1) / 2"""
        return (sizes[0] * (sizes[0] - 1) // 2,)

    def forward(self, raw: Tensor) -> Tensor:
        """Y = (I - A/2)⁻¹ (I + A/2) = 2 (I - A/2)⁻¹ - I"""
        return turn(resolvent(skew(widened(raw)) / 2)).to(raw.dtype)

    def inverse(self, value: Tensor) -> Tensor:
        """A = 2 (Y + I)⁻¹ (Y - I), row by row below its diagonal"""
        return packed(uncayley(widened(value)), -1).to(value.dtype)

    def log_det(self, raw: Tensor) -> Tensor:
        """½ log det JᵀJ = K (K - 1)/4 · log 2 - (K - 1) log det(I + A/2)

        dY = (I - B)⁻¹ dA (I - B)⁻¹ with B = A/2, so that Yᵀ dY = M dA Mᵀ with M = (I + B)⁻¹. On skew matrices this has
        the determinant det(M)^(K - 1), and ‖dY‖² counts each entry below the diagonal twice. As of Jauch, Hoff and
        Dunson (2020, doi:10.3150/19-BEJ1176).
        """
        return self.forward_and_log_det(raw)[1]

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from one (I - A/2)⁻¹"""
        b = skew(widened(raw)) / 2
        k, (m, volume) = b.shape[-1], resolvent_and_log_volume(b)
        return turn(m).to(raw.dtype), (haar(k) - (k - 1) * volume).to(raw.dtype)


class MatrixExponential(Transform):
    """Y = exp(A), with the skew A that holds x below its diagonal: the `matrix_exp` of torch, the `expm` of geotorch.

    Surjective: angles 2π apart give one rotation. It reaches all of them, half turns too. Orthogonal to a few eps
    whatever the size of x; an angle is good to its own eps, as in any formula of it. Beyond entries of 2¹⁸ A is scaled
    down to that.
    """

    surjective = True
    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K (K - 1) / 2"""
        return (sizes[0] * (sizes[0] - 1) // 2,)

    def forward(self, raw: Tensor) -> Tensor:
        """Y = exp(A), made orthogonal to the last digit by a Newton-Schulz step, Y (3 - YᵀY)/2"""
        y = torch.linalg.matrix_exp(shrunk(skew(widened(raw)), TURNS)[0])
        return nearest(y).to(raw.dtype)

    def inverse(self, value: Tensor) -> Tensor:
        """A = log Y, its angles within ±π, row by row below its diagonal; NaN where Y is no rotation to a digit

        √Y is the orthogonal polar factor of Y + I. Of the root of that the angles are a quarter, and sines tell them: those
        of a Hermitian matrix, the skew part times i. Close to half turns this loses digits, but Y is nearly diagonal in
        its eigenvectors V: what is beside the diagonal of Vᴴ Y V counts by the divided difference of log.
        """
        y = widened(value)
        root = polar(polar(y))
        part, zero = (root - root.mT) / 2, torch.zeros_like(y)
        sines, vectors = torch.linalg.eigh(torch.complex(zero, part))
        angle = -4 * torch.asin(sines)
        one, other = angle.unsqueeze(-1), angle.unsqueeze(-2)
        mean, slope = (one + other) / 2, torch.sinc((one - other) / (2 * math.pi)).clamp(min=2.0**-26)
        turned = (vectors.mH @ torch.complex(y, zero) @ vectors) * torch.polar(1 / slope, -mean)
        logs = (turned - turned.mH) / 2 + torch.complex(zero, torch.diag_embed(angle))
        a = (vectors @ logs @ vectors.mH).real
        a = (a - a.mT) / 2
        wrong = (skewness(y) > 0.1) | ~(torch.linalg.slogdet(y).sign > 0)
        return packed(a, -1).masked_fill(wrong[..., None], math.nan).to(value.dtype)


class Rotation(Domain):
    """A rotation: an orthogonal matrix of determinant 1, the group SO(K). No half turns, which have an eigenvalue -1."""

    name = "rotation"
    also = ("special_orthogonal",)
    sizes = ("K",)
    bounded = True
    surface = True
    notation = "{Y ∈ ℝᴷˣᴷ : YᵀY = I, det Y = 1}"
    examples = ("rotation[3]", "rotation[2, 4]", "rotation[2] = [[0.6, -0.8], [0.8, 0.6]]")
    starts_at = "the identity matrix"
    transforms = {"cayley": Cayley(), "matrix_exp": MatrixExponential()}
    aliases = {"expm": "matrix_exp"}

    def event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (sizes[0], sizes[0])

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return torch.eye(sizes[0], dtype=torch.float64)

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        """Half turns are in the closure."""
        proper: Tensor = torch.linalg.slogdet(value).sign > 0
        return proper if closed else proper & (torch.linalg.slogdet(value + identity(value)).sign != 0)

    def residual(self, value: Tensor) -> Tensor:
        return skewness(value)

    def violation(self, value: Any) -> Violation | None:
        if found := first_infinite(value) or first_skewed(value):
            return found
        if sign_of_det(value) <= 0:
            return Violation((), "a reflection, of determinant -1", "have determinant 1")
        if sign_of_det([[entry + (i == j) for j, entry in enumerate(row)] for i, row in enumerate(value)]) == 0:
            return Violation((), "a half turn, with an eigenvalue -1", "have no eigenvalue -1")
        return None


def widened(tensor: Tensor) -> Tensor:
    """In float64 where the device has it: the products of float32 would be autocast to bfloat16"""
    return tensor if tensor.device.type == "mps" else tensor.to(torch.float64)


def skew(raw: Tensor) -> Tensor:
    """The skew matrix with raw row by row below its diagonal"""
    low = fill(raw, side(raw, -1), -1)
    return low - low.mT


def identity(like: Tensor) -> Tensor:
    """That of the size of these matrices"""
    return torch.diag_embed(like.new_ones(like.shape[-1]))


def resolvent(b: Tensor) -> Tensor:
    """M = (I - B)⁻¹ of a skew B, which always exists"""
    return written_out(b)[0] if b.shape[-1] <= WRITTEN_OUT else inverse_of(taken(b))


def resolvent_and_log_volume(b: Tensor) -> tuple[Tensor, Tensor]:
    """M and log det(I + B)"""
    if b.shape[-1] <= WRITTEN_OUT:
        return written_out(b)
    b, shrink = shrunk(b)
    m = inverse_of(b)
    return m, log_volume(b, shrink, m)


def taken(b: Tensor) -> Tensor:
    """What `resolvent` takes of B: as it is where M is written out, and shrunk elsewhere"""
    return b if b.shape[-1] <= WRITTEN_OUT else shrunk(b)[0]


def written_out(b: Tensor) -> tuple[Tensor, Tensor]:
    """I + (B + B²) / (1 + |B|²/2) and log(1 + |B|²/2): of up to three rows, where B³ is -|B|²/2 B

    Where an entry is far, so that powers of it would overflow, of B through the largest.
    """
    top, far = b.detach().abs().amax((-2, -1), keepdim=True), 2.0**100 if b.dtype == torch.float64 else 2.0**20
    part = 1 / top.masked_fill(top <= far, 1.0)
    a = b * part
    square = (a * a).sum((-2, -1), keepdim=True) / 2
    m = identity(b) + (a * part + a @ a) / (part * part + square)
    return m, (torch.log1p(square + (part * part - 1)) - 2 * torch.log(part))[..., 0, 0]


def shrunk(b: Tensor, most: float = 2.0**24) -> tuple[Tensor, Tensor]:
    """B and 1, or where an entry exceeds 2²⁴ (2¹¹ in float32), or less, B scaled down to that, and by how much

    (I - B)⁻¹ is good to ‖B‖ eps. At the bound that is √eps, the most that a Newton-Schulz step mends.
    """
    bound = most if b.dtype == torch.float64 else min(most, 2.0**11)
    shrink = (bound / b.detach().abs().amax((-2, -1))).clamp(max=1)
    return b * shrink[..., None, None], shrink


def inverse_of(b: Tensor) -> Tensor:
    """(I - B)⁻¹"""
    m: Tensor = torch.linalg.inv_ex(identity(b) - b).inverse
    return m


def turn(m: Tensor) -> Tensor:
    """2 M - I, of first columns as well, made orthogonal to the last digit by a Newton-Schulz step, Y (3 - YᵀY)/2"""
    eye, short = identity(m), m.shape[-2] - m.shape[-1]
    return nearest(2 * m - (torch.nn.functional.pad(eye, (0, 0, 0, short)) if short else eye))


def nearest(y: Tensor) -> Tensor:
    """Y (3 - YᵀY)/2, which is orthogonal to the square of what Y misses, with the derivatives of Y

    What is 0 stays 0: who multiplies it by a large number would see what rounding had made of it.
    """
    q = y.detach()
    return attach((q - q @ (q.mT @ q - identity(q)) / 2).masked_fill(q == 0, 0.0), y)


def polar(y: Tensor) -> Tensor:
    """The orthogonal polar factor of Y + I, which is √Y of a rotation: Y + I is √Y times √Y + √Yᵀ ≻ 0"""
    left, _, right = torch.linalg.svd(y + identity(y))
    root: Tensor = left @ right
    return root


def uncayley(value: Tensor) -> Tensor:
    """The skew A of a rotation; NaN of a reflection, which has none"""
    b: Tensor = torch.linalg.solve_ex(value + identity(value), value - identity(value)).result
    improper = ~(torch.linalg.slogdet(value).sign > 0)
    return (b - b.mT).masked_fill(improper[..., None, None], math.nan)


def log_volume(b: Tensor, shrink: Tensor, m: Tensor) -> Tensor:
    """log det(I + B) = Σ log(1 + β²) over B's eigenvalues ±iβ, of a B that was shrunk

    By then 1 + β² is β², for all that do not vanish; there are K - tr M of them, as tr M = Σ 1/(1 + β²). By QR, as
    `vmap` of the hessian of slogdet is wrong in torch 2.13.
    """
    large = (b.shape[-1] - m.diagonal(dim1=-2, dim2=-1).sum(-1)).detach()
    r: Tensor = torch.linalg.qr(identity(b) + b).R.diagonal(dim1=-2, dim2=-1)
    return r.abs().log().sum(-1) - large * torch.log(shrink)


def haar(k: int) -> float:
    """K (K - 1)/4 · log 2: the entries of YᵀdY come in pairs"""
    return k * (k - 1) / 4 * math.log(2)


def skewness(value: Tensor) -> Tensor:
    """max |YᵀY - I|; of what is not finite `contains` speaks"""
    return (value.mT @ value - identity(value)).abs().amax((-2, -1))


def first_skewed(value: list[list[float]]) -> Violation | None:
    """The first two columns whose product is not 0, or the first that has not length 1"""
    columns = list(zip(*value, strict=True))
    for j, right in enumerate(columns):
        for i, left in enumerate(columns[: j + 1]):
            product = sum(a * b for a, b in zip(left, right, strict=True))
            if not abs(product - (i == j)) <= 1e-6:
                if i == j:
                    return Violation((), f"column {j} has the length {math.sqrt(product):.12g}", "have length 1")
                return Violation((), f"columns {i} and {j} have the product {product:.12g}", "have 0", abs(product))
    return None


def sign_of_det(matrix: list[list[float]]) -> int:
    """-1, 0 or 1, by elimination with the largest pivot of each column"""
    if not matrix:
        return 1
    at, pivot = max(enumerate(matrix), key=lambda pair: abs(pair[1][0]))
    if not pivot[0]:
        return 0
    others = [row for i, row in enumerate(matrix) if i != at]
    rest = [[a - row[0] / pivot[0] * b for a, b in zip(row[1:], pivot[1:], strict=True)] for row in others]
    return (1 if (pivot[0] > 0) == (at % 2 == 0) else -1) * sign_of_det(rest)
