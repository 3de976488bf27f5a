"""Functions of vectors and matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdsl.extents import Shape
from cdsl.functions.base import Code, Function, Misfit, Operand, need_equal, need_rank, need_square


@dataclass(frozen=True)
class OfSquare(Function):
    """Of a square matrix: a matrix like it, or a number."""

    number: bool = False

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """That of the matrix, or none."""
        (operand,) = operands
        need_square(operand, 0, self.name)
        return () if self.number else operand.shape


@dataclass(frozen=True)
class Matmul(Function):
    """`a @ b`, as NumPy has it, for vectors and matrices."""

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """Rows of the one, columns of the other."""
        a, b = operands
        for at, operand in enumerate(operands):
            need_rank(operand, at, (1, 2), self.name)
        inner = "equal sizes" if a.rank == b.rank == 1 else "as many columns on the left as rows on the right"
        inner = "as many columns as the vector has entries" if (a.rank, b.rank) == (2, 1) else inner
        inner = "as many rows as the vector has entries" if (a.rank, b.rank) == (1, 2) else inner
        need_equal(a.shape[-1], b.shape[0], f"`{self.name}` needs {inner}", 0, 1)
        return a.shape[:-1] + b.shape[1:]

    def python(self, operands: Sequence[Code], **options: Any) -> str:
        """A vector with leading dimensions is none to torch's `@`."""
        a, b = operands
        if (a.rank, b.rank) == (2, 2) or (not b.varies and (a.rank, b.rank) == (2, 1)):
            return f"{a.text} @ {b.text}"
        if (a.rank, b.rank) == (2, 1):
            return f"cdsl.matvec({a.text}, {b.text})"
        if (a.rank, b.rank) == (1, 2):
            return f"cdsl.vecmat({a.text}, {b.text})"
        return f"torch.linalg.vecdot({a.text}, {b.text})"


@dataclass(frozen=True)
class Dot(Function):
    """Of two vectors."""

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """A number."""
        for at, operand in enumerate(operands):
            need_rank(operand, at, (1,), self.name)
        need_equal(operands[0].shape[0], operands[1].shape[0], f"`{self.name}` needs equal sizes", 0, 1)
        return ()


@dataclass(frozen=True)
class Outer(Function):
    """Of two vectors."""

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """Rows from the first, columns from the second."""
        for at, operand in enumerate(operands):
            need_rank(operand, at, (1,), self.name)
        return operands[0].shape + operands[1].shape


@dataclass(frozen=True)
class Transpose(Function):
    """Of a matrix, or of the last two axes."""

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """The last two sizes, swapped."""
        (operand,) = operands
        if operand.rank < 2:
            need_rank(operand, 0, (2,), self.name)
        return (*operand.shape[:-2], operand.shape[-1], operand.shape[-2])


@dataclass(frozen=True)
class Diag(Function):
    """Both ways: of a vector the diagonal matrix, of a matrix its diagonal."""

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """K × K of K, K of K × K."""
        (operand,) = operands
        need_rank(operand, 0, (1, 2), self.name)
        return operand.shape * 2 if operand.rank == 1 else (need_square(operand, 0, self.name),)

    def python(self, operands: Sequence[Code], **options: Any) -> str:
        """torch has two functions for it."""
        (x,) = operands
        return f"torch.diag_embed({x.text})" if x.rank == 1 else f"torch.diagonal({x.text}, dim1=-2, dim2=-1)"


@dataclass(frozen=True)
class Solve(Function):
    """A x = b, for a vector or the columns of a matrix."""

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """That of b."""
        a, b = operands
        size = need_square(a, 0, self.name)
        need_rank(b, 1, (1, 2), self.name)
        need_equal(size, b.shape[0], f"`{self.name}` needs as many rows on both sides", 0, 1)
        return b.shape

    def python(self, operands: Sequence[Code], **options: Any) -> str:
        """A vector is a matrix of one column to torch."""
        a, b = operands
        right = f"{b.text}.unsqueeze(-1)" if b.rank == 1 else b.text
        solved = self.torch.format(a.text, right, upper=not options.get("lower", True))
        return f"{solved}.squeeze(-1)" if b.rank == 1 else solved


@dataclass(frozen=True)
class Quadratic(Function):
    """xᵀ A x."""

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """A number."""
        a, x = operands
        size = need_square(a, 0, self.name)
        need_rank(x, 1, (1,), self.name)
        if size != x.shape[0]:
            raise Misfit(f"`{self.name}` needs as many entries as the matrix has rows", 0, 1)
        return ()


FUNCTIONS = (
    Matmul("@", "the product of matrices", operands=("a", "b")),
    Dot("dot", "Σ xᵢ yᵢ", "torch.linalg.vecdot", ("x", "y")),
    Outer("outer", "xᵢ yⱼ", "{0}[..., :, None] * {1}[..., None, :]", ("x", "y")),
    Quadratic("quad_form", "xᵀ A x", "torch.linalg.vecdot({1}, cdsl.matvec({0}, {1}))", ("A", "x")),
    Transpose("transpose", "rows for columns", "torch.transpose({0}, -2, -1)", real=False),
    Diag("diag", "of a vector the diagonal matrix, of a matrix its diagonal"),
    OfSquare("trace", "the sum of the diagonal", "torch.diagonal({0}, dim1=-2, dim2=-1).sum(-1)", ("A",), number=True),
    OfSquare("logdet", "log |det A|", "torch.linalg.slogdet({0}).logabsdet", ("A",), number=True),
    OfSquare("cholesky", "the lower triangle L with L Lᵀ = A", "torch.linalg.cholesky", ("A",)),
    OfSquare("inverse", "A⁻¹", "torch.linalg.inv", ("A",)),
    Solve("solve", "x with A x = b", "torch.linalg.solve({0}, {1})", ("A", "b")),
    Solve("solve_triangular", "the same of a triangle", "torch.linalg.solve_triangular({0}, {1}, upper={upper})",
          ("A", "b"), {"lower": True}),
)  # fmt: skip
