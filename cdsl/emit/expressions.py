"""Expression → Python: torch's own words, every axis counted from the right, so that leading dimensions are a batch."""

from __future__ import annotations

from cdsl.emit.text import number
from cdsl.functions import functions
from cdsl.functions.base import Code, Elementwise, Function
from cdsl.model import Expression, Size
from cdsl.written import LEVELS as SPELLED
from cdsl.written import TIGHTEST

LEVELS = {**SPELLED, "atom": TIGHTEST}
"""How tightly an operator holds what stands beside it: Python's do as a spec's do."""

METHODS = ("outer", "solve", "solve_triangular", "prod")
"""Functions whose operands are written before a bracket or a method."""

SIZED = {"zeros": 0, "ones": 0, "full": 1, "eye": 0, "arange": 0, "linspace": 2, "reshape": 1}
"""Functions that take plain numbers as they are, and from which operand on these are sizes."""


def python(expression: Expression) -> str:
    """An expression as generated source; where its value is a plain number, one of Python's."""
    return coded(expression)[0].text


def tensor(expression: Expression) -> str:
    """The same as a tensor."""
    code, level = coded(expression)
    return f"self._real({code.text})" if expression.plain else within(code.text, level, 0)


def terms(expression: Expression) -> list[str]:
    """The lines of a long sum: its terms, each but the first with its sign."""
    if expression.op not in ("+", "-") or expression.plain:
        return [tensor(expression)]
    left, right = expression.operands
    level = LEVELS[expression.op]
    texts = [within(*operand(right, expression), level + 1)]
    first = terms(left) if same_axes(left, expression) else [within(*operand(left, expression), level)]
    return [*first, f"{expression.op} {texts[0]}"]


def same_axes(part: Expression, whole: Expression) -> bool:
    """Whether an operand stands as it is."""
    return part.rank == whole.rank and (part.kind == whole.kind or part.plain)


def size(written: Size) -> str:
    """A size as generated source, a plain integer."""
    if isinstance(written, int):
        return str(written)
    return python(written) if written.plain else f"self._int({python(written)})"


def aligned(expression: Expression, rank: int) -> str:
    """The expression as an operand of what has this rank: new axes stand between its leading dimensions and its own."""
    code, level = coded(expression)
    return with_axes(code.text, level, expression, rank)[0]


def with_axes(text: str, level: int, part: Expression, rank: int) -> tuple[str, int]:
    """The source of an operand, with these axes where it may have leading dimensions: data broadcast by themselves."""
    if not part.varies or part.rank == rank or part.plain:
        return text, level
    new = ", ".join(["None"] * (rank - part.rank) + [":"] * part.rank)
    return f"{within(text, level, LEVELS['atom'])}[..., {new}]", LEVELS["atom"]


def coded(expression: Expression) -> tuple[Code, int]:
    """The source of an expression, and the level of its outermost operator."""
    text, level = source(expression)
    return Code(text, expression.rank, expression.varies, expression.plain), level


def source(expression: Expression) -> tuple[str, int]:
    """The same as bare text."""
    op, parts = expression.op, expression.operands
    match op:
        case "number":
            return plain_number(expression.value), LEVELS["atom"] if not negative(expression.value) else LEVELS[
                "negate"
            ]
        case "constant":
            return f"self._tensor({nested(expression.value)})", LEVELS["atom"]
        case "dim" | "data":
            return f"self.{expression.name}", LEVELS["atom"]
        case "parameter" | "let" | "child":
            return expression.name, LEVELS["atom"]
        case "member":
            return f"{python(parts[0])}.{expression.name}", LEVELS["atom"]
        case "item":
            return f"{python(parts[0])}[{python(parts[1])}]", LEVELS["atom"]
        case "size":
            return size_of(expression), LEVELS["atom"]
        case "negate":
            return f"-{within(*operand(parts[0], expression), LEVELS['negate'])}", LEVELS["negate"]
        case "index":
            return index(expression), LEVELS["atom"]
        case "@":
            return matmul(expression)
        case "array":
            return called(functions()["stack"], expression), LEVELS["atom"]
    if op == "//" and expression.kind == "real" and not expression.plain:  # torch's own has no derivative
        return f"torch.floor({operator(expression, '/')})", LEVELS["atom"]
    if op in LEVELS:
        return operator(expression, op), LEVELS[op]
    function = functions()[op]
    text = called(function, expression)
    return text, LEVELS["*"] if function.name == "outer" else LEVELS["atom"]


def operator(expression: Expression, op: str) -> str:
    """`a * b`, with the parentheses that Python needs."""
    level = LEVELS[op]
    left, right = (operand(one, expression) for one in expression.operands)
    if op == "**":
        return f"{within(*left, LEVELS['atom'])} ** {within(*right, LEVELS['negate'])}"
    return f"{within(*left, level + (level == 1))} {op} {within(*right, level + 1)}"


def operand(part: Expression, whole: Expression) -> tuple[str, int]:
    """An operand of an operator: aligned to the result, and real where whole numbers become real."""
    needs_real = whole.kind == "real" and part.kind != "real" and not part.plain and part.op != "constant"
    code, level = coded(part)
    text = f"self._real({code.text})" if needs_real else code.text
    level = LEVELS["atom"] if needs_real else level
    return with_axes(text, level, part, whole.rank)


def matmul(expression: Expression) -> tuple[str, int]:
    """`A @ B`, or what does it for vectors with leading dimensions."""
    parts = []
    for at, part in enumerate(expression.operands):
        text, level = real(part)
        bare = (expression.operands[0].rank, expression.operands[1].rank) == (2, 2) or not expression.operands[1].varies
        parts.append(Code(within(text, level, LEVELS["@"] + at if bare else 0), part.rank, part.varies))
    text = functions()["@"].python(parts)
    return text, LEVELS["@"] if " @ " in text and not text.startswith(("cdsl.", "torch.linalg.vecdot")) else LEVELS[
        "atom"
    ]


def real(part: Expression) -> tuple[str, int]:
    """An operand in real numbers."""
    code, level = coded(part)
    if (part.kind == "real" and not part.plain) or part.op == "constant":
        return code.text, level
    return f"self._real({code.text})", LEVELS["atom"]


def called(function: Function, expression: Expression) -> str:
    """A call, its operands as the function needs them."""
    parts = expression.operands
    together = isinstance(function, Elementwise) or (function.name in ("min", "max") and len(parts) == 2)
    codes = []
    for at, part in enumerate(parts):
        text, level = given_to(function, at, expression)
        text, level = with_axes(text, level, part, expression.rank) if together else (text, level)
        atom = function.name in METHODS or (function.name == "reshape" and at == 0)
        codes.append(Code(within(text, level, LEVELS["atom"] if atom else 0), part.rank, part.varies, part.plain))
    return function.python(codes, **{**function.options, **dict(expression.options)})


def given_to(function: Function, at: int, expression: Expression) -> tuple[str, int]:
    """An operand of a call: a plain number where it is a size, a tensor of real numbers where it is computed with."""
    part = expression.operands[at]
    code, level = coded(part)
    if function.name in SIZED and at >= SIZED[function.name]:
        return (code.text, level) if part.plain else (f"self._int({code.text})", LEVELS["atom"])
    condition = function.name == "where" and at == 0
    keeps = (
        expression.plain
        or function.name in SIZED
        or (function.name in ("min", "max") and len(expression.operands) == 2)
    )
    needs_real = part.plain or (part.kind != "real" and (function.real or expression.kind == "real"))
    if condition or (keeps and part.plain) or part.op == "constant" or not needs_real:
        return code.text, level
    return f"self._real({code.text})", LEVELS["atom"]


def index(expression: Expression) -> str:
    """`x[..., i, :]`: operands of the index take the places of `_`."""
    x, *more = expression.operands
    places = expression.name.split(",")
    rest = iter(more)
    texts = []
    for place in places:
        text = "".join(whole(next(rest)) if char == "_" else char for char in place)
        texts.append("None" if place == "N" else text)
    code, level = coded(x)
    text = f"self._real({code.text})" if x.plain else within(code.text, level, LEVELS["atom"])
    return f"{text}[..., {', '.join(texts)}]" if texts else text


def whole(part: Expression) -> str:
    """An index: whole numbers as they are."""
    return f"self._indices({nested(part.value, whole=True)})" if part.op == "constant" else python(part)


def size_of(expression: Expression) -> str:
    """`self.y.shape[-1]`, or how many entries there are."""
    (x,) = expression.operands
    code, level = coded(x)
    text, axis = within(code.text, level, LEVELS["atom"]), dict(expression.options).get("axis")
    if axis is not None or x.rank == 1:
        return f"{text}.shape[{-1 if axis is None else axis}]"
    return " * ".join(f"{text}.shape[{at}]" for at in range(-x.rank, 0)).join("()")


def within(text: str, level: int, needed: int) -> str:
    """The text where an operator of this level stands beside it."""
    return f"({text})" if level < needed else text


def negative(value: object) -> bool:
    """Whether a number is written with a sign."""
    return isinstance(value, int | float) and str(value).startswith("-")


def plain_number(value: object) -> str:
    """A number of Python."""
    return str(value) if isinstance(value, int) else number(value)  # type: ignore[arg-type]


def nested(value: object, *, whole: bool = False) -> str:
    """Numbers as nested tuples."""
    if isinstance(value, tuple):
        return f"({', '.join(nested(one, whole=whole) for one in value)}{',' * (len(value) == 1)})"
    return str(int(value)) if whole and isinstance(value, float) else plain_number(value)
