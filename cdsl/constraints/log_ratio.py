"""The isometric log-ratio map of a simplex: the softmax of V x, with the Helmert basis V of the vectors that sum to 0."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING

from cdsl.constraints.base import Lean, Transform, attach, summed_over
from cdsl.constraints.compensated import exact, exact_helmert, exact_softmax
from cdsl.constraints.ordered import signed_sum
from cdsl.constraints.scans import cumsum, pieces_of

if TYPE_CHECKING:
    import torch
    from torch import Tensor

SCALE = 64.0  # V x may overflow where its differences are all that counts; dividing by a power of 2 costs no digit


class LeanLogRatio(Lean):
    """`IsometricLogRatio`, from the entries of V x / SCALE, of which the largest is taken off."""

    def forward(self, raw: Tensor, batch: int | None) -> tuple[Tensor, Tensor | None, tuple[Tensor, ...]]:
        """y = e / Σ e with e = exp(z - max z), and -K (max z + log Σ e) + ½ log K, with z = V x"""
        n = self.count(raw)
        root = self.root(n)
        w = torch.div(raw, SCALE).div_(root)
        sums = torch.cumsum(w.flip(-1), -1)
        z = torch.nn.functional.pad(sums.flip(-1), (0, 1))
        z[..., 1:].addcmul_(n, w, value=-1)
        z = self.kept(z)
        top = z.amax(-1, keepdim=True)
        e = z.sub_(top).mul_(SCALE).exp_()
        total = e.sum(-1, keepdim=True)
        value = e.div_(total)
        return value, None if batch is None else self.log_det(top, total, value.shape[-1], batch), (value, root)

    def backward(
        self, raw: Tensor, saved: tuple[Tensor, ...], to_value: Tensor | None, to_log_det: Tensor | None
    ) -> Tensor:
        """Vᵀ d with d = y (g - (Σ y g + K ∂ld)), where g is ∂y less that of the largest entry, as in `softmax`"""
        value, root = saved
        if to_value is None:
            d = value * (to_log_det * -value.shape[-1])  # type: ignore[operator]  # one of the two is given
        else:
            d = to_value - to_value.gather(-1, value.argmax(-1, keepdim=True))
            shift = (value * d).sum(-1, keepdim=True)
            shift = shift if to_log_det is None else shift.add_(to_log_det, alpha=value.shape[-1])
            d = d.sub_(shift).mul_(value)
        return torch.cumsum(d[..., :-1], -1).addcmul_(self.count(root), d[..., 1:], value=-1).div_(root)

    def fusing(self) -> Lean:
        """With z computed once; in pieces where it is long: with less than half of the memory."""
        return FusingLogRatio()

    def kept(self, z: Tensor) -> Tensor:
        """z, which is read more than once"""
        return z

    @staticmethod
    def log_det(top: Tensor, total: Tensor, k: int, batch: int) -> Tensor:
        """-K (max z + log Σ e) + ½ log K"""
        return summed_over(top.mul(SCALE).add_(total.log()).squeeze(-1).mul_(-k).add_(math.log(k) / 2), batch)

    @staticmethod
    def count(like: Tensor, before: int = 0) -> Tensor:
        """1, 2, …, as many as the last dimension has; or going on from so many"""
        return torch.arange(before + 1, before + 1 + like.shape[-1], dtype=like.dtype, device=like.device)

    @staticmethod
    def root(n: Tensor) -> Tensor:
        """√(n (n + 1))"""
        return torch.addcmul(n, n, n).sqrt_()


class FusingLogRatio(LeanLogRatio):
    """`LeanLogRatio` for a compiler of whole loops: nothing but results is as long as they are."""

    def forward(self, raw: Tensor, batch: int | None) -> tuple[Tensor, Tensor | None, tuple[Tensor, ...]]:
        """V x piece by piece, from the last on; max z and Σ e are those of all"""
        pieces = pieces_of(raw)
        if len(pieces) == 1:
            return super().forward(raw, batch)
        nothing = torch.zeros_like(raw[..., :1])
        starts = [0, *accumulate(piece.shape[-1] for piece in pieces)]
        w = [piece / SCALE / self.root(self.count(piece, at)) for at, piece in zip(starts, pieces, strict=False)]
        z, sums = [w[-1][..., -1:] * -starts[-1]], nothing
        for at in reversed(range(len(w))):
            chain = torch.cumsum(torch.cat((sums, w[at].flip(-1)), -1), -1)
            sums = chain[..., -1:]
            before = torch.cat((w[at - 1][..., -1:] if at else nothing, w[at][..., :-1]), -1)
            z.append(torch.addcmul(chain[..., 1:].flip(-1), self.count(before, starts[at] - 1), before, value=-1))
        top = torch.cat([one.amax(-1, keepdim=True) for one in z], -1).amax(-1, keepdim=True)
        e = [torch.exp((one - top) * SCALE) for one in reversed(z)]
        total = torch.cat([one.sum(-1, keepdim=True) for one in e], -1).sum(-1, keepdim=True)
        log_det = None if batch is None else self.log_det(top, total, starts[-1] + 1, batch)
        value = torch.cat([one / total for one in e], -1)
        return value, log_det, (value,)

    def backward(
        self, raw: Tensor, saved: tuple[Tensor, ...], to_value: Tensor | None, to_log_det: Tensor | None
    ) -> Tensor:
        """Vᵀ d piece by piece, from the first on"""
        if len(saved) > 1:
            return super().backward(raw, saved, to_value, to_log_det)
        (value,) = saved
        shift = 0.0 if to_log_det is None else to_log_det * value.shape[-1]
        if to_value is not None:
            highest = to_value.gather(-1, value.argmax(-1, keepdim=True))
            shift = (value * (to_value - highest)).sum(-1, keepdim=True) + shift
        slopes, start, sums = [], 0, torch.zeros_like(value[..., :1])
        for piece in pieces_of(value[..., 1:]):
            here = slice(start, start + piece.shape[-1] + 1)
            d = value[..., here] * (-shift if to_value is None else to_value[..., here] - highest - shift)
            chain = torch.cumsum(torch.cat((sums, d[..., :-1]), -1), -1)
            n, sums, start = self.count(piece, start), chain[..., -1:], here.stop - 1
            slopes.append(torch.addcmul(chain[..., 1:], n, d[..., 1:], value=-1) / self.root(n))
        return torch.cat(slopes, -1)

    def kept(self, z: Tensor) -> Tensor:
        """z as it lies in memory: a view by its strides is of something that is there, and not computed again wherever it is read"""
        return z.as_strided(z.shape, z.stride())


class IsometricLogRatio(Transform):
    """y = softmax(V x), with the K × (K - 1) orthonormal Helmert basis V of the vectors that sum to 0.

    Stan's simplex since 2.37 (Egozcue et al., 2003, doi:10.1023/A:1023818214614). Zeros only where an entry underflows.
    """

    scan = True
    lean_form = LeanLogRatio()

    def lean(self) -> Lean | None:
        """Of what it adds up, and its pivot, in place."""
        return self.lean_form

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K - 1"""
        return (sizes[0] - 1,)

    def forward(self, raw: Tensor) -> Tensor:
        """y = softmax(V x)"""
        return self.forward_at(helmert(raw / SCALE), raw)

    def inverse(self, value: Tensor) -> Tensor:
        """x = Vᵀ log y

        V is orthogonal to constants: log(y / max y) does as well, and is 0 at the uniform simplex; less its mean, its
        sums are small.
        """
        logs = torch.log(value / value.amax(-1, keepdim=True))
        return helmert_transpose(logs - logs.mean(-1, keepdim=True))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(y₁ … y_K₋₁)/∂x| = Σ log yₖ + ½ log K = -K log Σ exp(V x) + ½ log K"""
        return self.log_det_at(helmert(raw / SCALE))

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from one V x"""
        z = helmert(raw / SCALE)
        return self.forward_at(z, raw), self.log_det_at(z)

    @staticmethod
    def forward_at(z: Tensor, raw: Tensor) -> Tensor:
        """softmax(SCALE z), z = V x / SCALE"""
        value = softmax(z, SCALE)
        return attach(exact_softmax(*exact_helmert(raw.detach())), value) if exact.on else value

    @staticmethod
    def log_det_at(z: Tensor) -> Tensor:
        """-K (max z + log Σ exp(z - max z)) + ½ log K: the entries of z sum to 0, so neither term is negative"""
        k, top = z.shape[-1], z.amax(-1, keepdim=True).detach()
        return -k * (SCALE * top.squeeze(-1) + torch.log(torch.exp(SCALE * (z - top)).sum(-1))) + math.log(k) / 2


def helmert(raw: Tensor) -> Tensor:
    """V x: K entries that sum to 0, from K - 1; zₖ = Σₙ₍ₙ≥ₖ₎ wₙ - (k - 1) wₖ₋₁ with wₙ = xₙ / √(n (n + 1))"""
    n = torch.ones_like(raw).cumsum(-1)
    w = raw / torch.sqrt(n * (n + 1))
    pad = torch.nn.functional.pad
    return pad(cumsum(w.flip(-1)).flip(-1), (0, 1)) - pad(n * w, (1, 0))


def helmert_transpose(z: Tensor) -> Tensor:
    """Vᵀ z: xₙ = (z₁ + … + zₙ - n zₙ₊₁) / √(n (n + 1))"""
    first, n = z[..., :-1], torch.ones_like(z[..., 1:]).cumsum(-1)
    return (signed_sum(first) - n * z[..., 1:]) / torch.sqrt(n * (n + 1))


def softmax(z: Tensor, scale: float = 1.0) -> Tensor:
    """exp(z - max z) / Σ exp(z - max z), of scale · z, with its derivative pivoted on the largest entry

    Only differences of the incoming gradient matter; taken against the largest entry they lose nothing, while the
    textbook form cancels where one entry is close to 1. So the largest entry is differentiated as 1 - Σ of the others.
    (torch.softmax is exact to 21 half-ulps in float32 on CPU, this to one.)
    """
    top = z.argmax(-1, keepdim=True)
    e = torch.exp(scale * (z - z.gather(-1, top).detach()))
    p = e / e.sum(-1, keepdim=True)
    is_top = torch.zeros_like(p, dtype=torch.bool).scatter(-1, top, True)
    others = p.masked_fill(is_top, 0.0)
    return torch.where(is_top, attach(p, -others.sum(-1, keepdim=True)), others)
