"""What generated code calls where torch has no one word for it that is batched over leading dimensions."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def matvec(matrix: Tensor, vector: Tensor) -> Tensor:
    """A x, `(…, N, K)` and `(…, K)` to `(…, N)`"""
    return torch.matmul(matrix, vector.unsqueeze(-1)).squeeze(-1)


def vecmat(vector: Tensor, matrix: Tensor) -> Tensor:
    """xᵀ A, `(…, N)` and `(…, N, K)` to `(…, K)`"""
    return torch.matmul(vector.unsqueeze(-2), matrix).squeeze(-2)


def concat(arrays: Sequence[Tensor], rank: int, axis: int) -> Tensor:
    """Arrays of this rank one after another along an axis, their leading dimensions made alike."""
    lead = together([tuple(one.shape[: one.ndim - rank]) for one in arrays])
    return torch.cat([one.expand(*lead, *one.shape[one.ndim - rank :]) for one in arrays], axis)


def stack(arrays: Sequence[Tensor], rank: int) -> Tensor:
    """Arrays of one shape, of this rank, along a new axis before their own, their leading dimensions made alike."""
    shape = together([tuple(one.shape) for one in arrays])
    return torch.stack([one.expand(shape) for one in arrays], -rank - 1)


def together(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The shape that several broadcast to; that they do is known."""
    # lists, as dynamo of torch 2.6 reads neither the largest of a `map` nor `next` with a default
    longest = max([len(shape) for shape in shapes])
    padded = [(1,) * (longest - len(shape)) + shape for shape in shapes]
    return tuple(([size for size in sizes if size != 1] or [1])[0] for sizes in zip(*padded, strict=True))
