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
    lead = torch.broadcast_shapes(*(one.shape[: one.ndim - rank] for one in arrays))
    return torch.cat([one.expand(*lead, *one.shape[one.ndim - rank :]) for one in arrays], axis)


def stack(arrays: Sequence[Tensor], rank: int) -> Tensor:
    """Arrays of one shape, of this rank, along a new axis before their own, their leading dimensions made alike."""
    return torch.stack(torch.broadcast_tensors(*arrays), -rank - 1)
