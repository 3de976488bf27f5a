"""Running sums and products of formulas, along the last dimension.

Short ones are written out for Dynamo, which compiles the formulas; in the graphs of `value_and_grad`, `runtime/rewrite.py` does that.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor

SHORT = 16
"""Terms, as many sums of which inductor makes in one loop with what is around it: quicker than a call out of its loops."""

PIECE, MOST_PIECES = 2**21, 16
"""Terms of a piece of a long sum, and how many pieces there are at most. What is as large as a piece, 16 MB of one vector, is taken from
memory that the process has; beyond 32 MB glibc takes it from the system, which clears it page by page: half of the time of a long sum."""


BLOCK = 1024
"""Terms of a block of a running maximum."""


def cumsum(terms: Tensor, event: int = 1) -> Tensor:
    """Sums of the terms up to each; `event` dimensions are those of one value"""
    return torch.where(up_to(terms), terms[..., None, :], 0).sum(-1) if are_few(terms, event) else terms.cumsum(-1)


def cumprod(terms: Tensor, event: int = 1) -> Tensor:
    """Products of the terms up to each, likewise; of terms without a derivative: that of a product divides by them, or calls out"""
    return torch.where(up_to(terms), terms[..., None, :], 1).prod(-1) if are_few(terms, event) else terms.cumprod(-1)


def running_max(terms: Tensor) -> Tensor:
    """The largest of the terms up to each; of a long vector in blocks, as CUDA gives a row to as many threads whatever its length"""
    length = terms.shape[-1]
    if length < 2 * BLOCK:
        return torch.cummax(terms, -1).values
    blocks, pad = -(-length // BLOCK), torch.nn.functional.pad
    rows = pad(terms, (0, blocks * BLOCK - length), value=-math.inf).reshape((*terms.shape[:-1], blocks, BLOCK))
    within = torch.cummax(rows, -1).values
    before = pad(running_max(within[..., -1])[..., :-1], (1, 0), value=-math.inf)[..., None]
    return torch.where((before > within) | before.isnan(), before, within).flatten(-2)[..., :length]


def pieces_of(terms: Tensor) -> tuple[Tensor, ...]:
    """Pieces of a long vector, along the last dimension, on a CPU; one, of others"""
    length = terms.shape[-1]
    if length < 2 * PIECE or terms.device.type != "cpu":
        return (terms,)
    return torch.split(terms, max(PIECE, -(-length // MOST_PIECES)), -1)


def are_few(terms: Tensor, event: int) -> bool:
    """Whether `torch.compile` compiles this, for one value of a few terms: of many values the sums are too many"""
    return torch.compiler.is_dynamo_compiling() and terms.ndim == event and terms.shape[-1] <= SHORT


def up_to(terms: Tensor) -> Tensor:
    """Which terms, in columns, are up to which, in rows"""
    at = terms.new_ones(terms.shape[-1], dtype=torch.int64).cumsum(-1)
    return at <= at[:, None]
