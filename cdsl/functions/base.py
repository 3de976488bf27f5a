"""What a function of expressions is: which operands it takes, which shape comes out, and how torch computes that.

Shapes are those of one event: every function is batched over leading dimensions, and counts axes from the right.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from cdsl.extents import Extent, Shape
from cdsl.model import Kind


class Operand(NamedTuple):
    """What is known of an operand: its shape, what its entries are, and, of a size, which."""

    shape: Shape
    kind: Kind
    extent: Extent | None = None

    @property
    def rank(self) -> int:
        """How many axes it has."""
        return len(self.shape)


class Code(NamedTuple):
    """An operand as generated source: its text, whether that may stand anywhere, and its rank."""

    text: str
    rank: int
    varies: bool
    plain: bool = False


class Misfit(Exception):
    """Operands that do not fit a function: the message says how, `at` which of them, or none where it is the call."""

    def __init__(self, message: str, *at: int, help: str = "") -> None:
        super().__init__(message)
        self.message, self.at, self.help = message, at, help


@dataclass(frozen=True)
class Function:
    """A function that a spec may call.

    `operands` are its values, by name; a name that ends in `?` may be left out, one that begins with `*` stands for any number.
    `options` are what the compiler must know, an axis or a choice, with their defaults.
    """

    name: str
    about: str
    torch: str = ""
    """The formula, with `{0}`, `{1}` for operands; of one word, a function of torch that takes them."""
    operands: tuple[str, ...] = ("x",)
    options: Mapping[str, Any] = field(default_factory=dict)
    real: bool = True
    """Computes in real numbers, so that whole ones are made real first."""

    @property
    def written(self) -> str:
        """As a spec calls it: `sum(x, axis=None)`."""
        options = (f"{name}={'None' if value is None else str(value).lower()}" for name, value in self.options.items())
        return f"{self.name}({', '.join([*self.operands, *options])})"

    @abstractmethod
    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """The shape of what comes out.

        Raises:
            Misfit: the operands do not fit.
        """

    def kind(self, operands: Sequence[Operand]) -> Kind:
        """What the entries are."""
        return "real"

    def python(self, operands: Sequence[Code], **options: Any) -> str:
        """The call as generated source."""
        texts = [one.text for one in operands]
        return self.torch.format(*texts) if "{" in self.torch else f"{self.torch}({', '.join(texts)})"


@dataclass(frozen=True)
class Elementwise(Function):
    """Of every entry; operands broadcast, and are aligned before they meet."""

    keeps_int: bool = False
    """Whole numbers stay whole."""

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """That of the operands together."""
        return broadcast([one.shape for one in operands], self.name)

    def kind(self, operands: Sequence[Operand]) -> Kind:
        """Real, unless whole numbers stay whole."""
        return "int" if self.keeps_int and all(one.kind != "real" for one in operands) else "real"


def broadcast(shapes: Sequence[Shape], name: str) -> Shape:
    """The shape that several have together, aligned at their last axes.

    Raises:
        Misfit: two sizes differ, and neither is 1.
    """
    together: list[Extent] = []
    for back in range(1, max(map(len, shapes), default=0) + 1):
        sizes = [(at, shape[-back]) for at, shape in enumerate(shapes) if len(shape) >= back]
        wide = [(at, size) for at, size in sizes if size.number != 1]
        for (first, one), (second, other) in pairwise(wide):
            if one != other:
                which = "last sizes" if back == 1 else f"sizes {back} from the end"
                message = f"`{name}` needs equal {which}, got {size_text(one)} and {size_text(other)}"
                raise Misfit(message, first, second)
        together.append(wide[0][1] if wide else Extent.of(1))
    return tuple(reversed(together))


def axis_of(axis: Any, rank: int) -> int:
    """An axis, counted from the end.

    Raises:
        Misfit: there is no such axis.
    """
    if not isinstance(axis, int) or isinstance(axis, bool) or not -rank <= axis < rank:
        there_are = f"its axes are 0 … {rank - 1}" if rank else "a number has none"
        raise Misfit(f"no axis {axis}: {there_are}")
    return axis - rank if axis >= 0 else axis


def size_text(size: Extent) -> str:
    """A size in a message."""
    return f"{size}" if size.number is not None else f"`{size}`"


def shape_text(shape: Shape) -> str:
    """A shape in a message: `[N, D]`; a single number has none."""
    return f"[{', '.join(map(str, shape))}]" if shape else "a single number"


def need_rank(operand: Operand, at: int, ranks: Sequence[int], name: str) -> None:
    """Refuse an operand of another rank.

    Raises:
        Misfit: it has one.
    """
    words = {0: "a number", 1: "a vector", 2: "a matrix"}
    if operand.rank not in ranks:
        wanted = " or ".join(words[rank] for rank in ranks)
        raise Misfit(f"`{name}` takes {wanted}, got {described(operand.shape)}", at)


def described(shape: Shape) -> str:
    """`a vector [N]`"""
    if not shape:
        return "a number"
    return f"{({1: 'a vector', 2: 'a matrix'}).get(len(shape), 'an array')} {shape_text(shape)}"


def need_square(operand: Operand, at: int, name: str) -> Extent:
    """The size of a square matrix.

    Raises:
        Misfit: it is none.
    """
    need_rank(operand, at, (2,), name)
    rows, columns = operand.shape
    if rows != columns:
        message = f"`{name}` takes a square matrix, got {size_text(rows)} rows and {size_text(columns)} columns"
        raise Misfit(message, at)
    return rows


def need_equal(one: Extent, other: Extent, message: str, *at: int) -> None:
    """Refuse two sizes that differ.

    Raises:
        Misfit: they do; the message goes on with both.
    """
    if one != other:
        raise Misfit(f"{message}, got {size_text(one)} and {size_text(other)}", *at)
