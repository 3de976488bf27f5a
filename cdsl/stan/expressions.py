"""Expressions of Stan as those of cdsl: the same operators by cdsl's names, indices from 0, sizes by `size`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from lark import Token, Tree

from cdsl.stan.read import Node

Base = Literal["int", "real", "bool"]
Form = Literal["", "vector", "row", "matrix"]

COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 7)
"""How tightly cdsl's operators hold what stands beside them."""


class NoCounterpart(Exception):
    """What cdsl has no word for; `line` is where it stands in the Stan program."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Kind(NamedTuple):
    """The type of a value in Stan: arrays of what."""

    base: Base = "real"
    form: Form = ""
    arrays: int = 0

    @property
    def scalar(self) -> bool:
        """Whether it is a single number."""
        return not self.form and not self.arrays

    @property
    def rank(self) -> int:
        """How many axes it has in cdsl, where a vector is no array and both have one."""
        return self.arrays + {"": 0, "vector": 1, "row": 1, "matrix": 2}[self.form]


INT, REAL = Kind("int"), Kind()
VECTOR, ROW, MATRIX = Kind(form="vector"), Kind(form="row"), Kind(form="matrix")


class Written(NamedTuple):
    """An expression of cdsl, how tightly its outermost operator holds, and its type in Stan."""

    text: str
    level: int
    kind: Kind

    def within(self, level: int) -> str:
        """The text where an operator of this level stands beside it."""
        return f"({self.text})" if self.level < level else self.text


class Known(NamedTuple):
    """A name of the program, as cdsl has it."""

    name: str
    kind: Kind


def names_in(node: Node | Token | None) -> set[str]:
    """The names of values that an expression uses."""
    found: set[str] = set()
    waiting: list[object] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Tree):
            if one.data == "reference":
                found.add(str(one.children[0].children[0]))
            waiting += one.children
    return found


class Writer:
    """Writes expressions that use these names."""

    def __init__(self, known: Mapping[str, Known], broken: Mapping[str, int], line: int, *, size: bool = False) -> None:
        self.known = known
        self.broken = broken
        """Names whose declaration has a problem, by its line."""
        self.line = line
        self.size = size
        """What is written is a size: of those, cdsl chooses none."""

    def no(self, message: str) -> NoCounterpart:
        """The reason why there is no such expression."""
        return NoCounterpart(message, self.line)

    def write(self, node: Node) -> Written:
        """An expression.

        Raises:
            NoCounterpart: cdsl has no word for it.
        """
        written: Written = getattr(self, f"of_{node.data}")(*node.children)
        return written

    # -- leaves --------------------------------------------------------------------------------------------------------

    def of_number(self, token: Token) -> Written:
        """A number, as written; cdsl has no leading zeros."""
        self.line = token.line or self.line
        text = str(token)
        whole = text.replace("_", "").isdigit()
        if whole and len(text) > 1 and text.startswith("0"):
            text = text.replace("_", "").lstrip("0") or "0"
        elif text.startswith("0") and text[1:2].isdigit():
            text = "0" * text.lstrip("0_").startswith((".", "e", "E")) + text.lstrip("0_")
        return Written(text, ATOM, INT if whole else REAL)

    def of_reference(self, name: Node) -> Written:
        """A name."""
        token = name.children[0]
        self.line = getattr(token, "line", None) or self.line
        if token in self.broken:
            raise self.no(f"`{token}` is not in the spec: see line {self.broken[str(token)]}")
        if token not in self.known:
            raise self.no(f"`{token}` is not known here")
        found = self.known[str(token)]
        return Written(found.name, ATOM, found.kind)

    def of_row(self, *entries: Node | None) -> Written:
        """`[a, b]`, a row vector or the rows of a matrix."""
        parts = [self.write(one) for one in entries if one is not None]
        form: Form = "matrix" if parts and parts[0].kind.form == "row" else "row"
        return Written(f"[{', '.join(one.text for one in parts)}]", ATOM, Kind(form=form))

    def of_array_of(self, *entries: Node | None) -> Written:
        """`{a, b}`, an array."""
        parts = [self.number(self.write(one)) for one in entries if one is not None]
        kind = parts[0].kind if parts else INT
        base: Base = "int" if all(one.kind.base == "int" for one in parts) else "real"
        return Written(f"[{', '.join(one.text for one in parts)}]", ATOM, Kind(base, kind.form, kind.arrays + 1))

    # -- operators -----------------------------------------------------------------------------------------------------

    def number(self, one: Written) -> Written:
        """A truth value as the 0 or 1 that it is in Stan."""
        return self.where(one.text, "1", "0", INT) if one.kind.base == "bool" else one

    def where(self, condition: str, yes: str, no: str, kind: Kind) -> Written:
        """One of two values."""
        if self.size:
            raise self.no("a size that depends on a condition has no counterpart in cdsl")
        return Written(f"where({condition}, {yes}, {no})", ATOM, kind)

    def of_prefix(self, sign: Token, operand: Node) -> Written:
        """`-a`, `+a`, `!a`"""
        one = self.number(self.write(operand))
        if sign == "+":
            return one
        if sign == "!":
            return Written(f"{one.within(SUM)} == 0", COMPARISON, Kind("bool"))
        return Written(f"-{one.within(SIGN)}", SIGN, one.kind)

    def of_choice(self, condition: Node, then: Node, _: Token, otherwise: Node) -> Written:
        """`c ? a : b`"""
        asked, yes, no = self.write(condition), self.number(self.write(then)), self.number(self.write(otherwise))
        text = asked.text if asked.kind.base == "bool" else f"{asked.within(SUM)} != 0"
        base: Base = "int" if yes.kind.base == no.kind.base == "int" else "real"
        return self.where(text, yes.text, no.text, yes.kind._replace(base=base))

    def of_transpose(self, operand: Node) -> Written:
        """`a'`: vectors have one axis, and rows too."""
        one = self.write(operand)
        if one.kind.form == "matrix":
            return Written(f"transpose({one.text})", ATOM, one.kind)
        return one._replace(kind=one.kind._replace(form="vector" if one.kind.form == "row" else "row"))

    def of_binary(self, left: Node, operator: Token, right: Node) -> Written:
        """An operator with two sides."""
        one, other = self.write(left), self.write(right)
        self.line = operator.line or self.line
        if operator in ("||", "&&"):
            raise self.no(f"`{operator}`: cdsl does not combine truth values")
        one, other = self.number(one), self.number(other)
        kind = together(one.kind, other.kind)
        if kind.arrays and operator not in ("^", ".^"):
            raise self.no(f"`{operator}` of arrays is no Stan")
        match str(operator):
            case "==" | "!=" | "<" | ">" | "<=" | ">=":
                return Written(f"{one.within(SUM)} {operator} {other.within(SUM)}", COMPARISON, Kind("bool"))
            case "+" | "-":
                return Written(f"{one.within(SUM)} {operator} {other.within(PRODUCT)}", SUM, kind)
            case "*":
                return self.times(one, other, kind)
            case "/":
                if other.kind.form == "matrix":
                    raise self.no("`/` by a matrix: write it with `inverse`")
                sign = "//" if one.kind == other.kind == INT else "/"
                return Written(f"{one.within(PRODUCT)} {sign} {other.within(SIGN)}", PRODUCT, kind)
            case ".*" | "./":
                return Written(f"{one.within(PRODUCT)} {str(operator)[1]} {other.within(SIGN)}", PRODUCT, kind)
            case "%/%":
                return Written(f"{one.within(PRODUCT)} // {other.within(SIGN)}", PRODUCT, kind)
            case "%":
                times = f"{other.within(SIGN)} * ({one.within(PRODUCT)} // {other.within(SIGN)})"
                return Written(f"{one.within(SUM)} - {times}", SUM, kind)
            case "\\":
                return Written(f"solve({one.text}, {other.text})", ATOM, other.kind)
        return Written(f"{one.within(ATOM)} ** {other.within(SIGN)}", POWER, kind._replace(base="real"))

    def times(self, one: Written, other: Written, kind: Kind) -> Written:
        """`a * b`: of numbers, or of matrices and vectors."""
        forms: tuple[Form, Form] = (one.kind.form, other.kind.form)
        if "" in forms:
            return Written(f"{one.within(PRODUCT)} * {other.within(SIGN)}", PRODUCT, kind)
        if forms == ("vector", "row"):
            return Written(f"outer({one.text}, {other.text})", ATOM, MATRIX)
        results = {
            ("row", "vector"): REAL,
            ("row", "matrix"): ROW,
            ("matrix", "vector"): VECTOR,
            ("matrix", "matrix"): MATRIX,
        }
        if forms not in results:
            raise self.no(f"`*` of a {forms[0]} and a {forms[1]} is no Stan")
        return Written(f"{one.within(PRODUCT)} @ {other.within(SIGN)}", PRODUCT, results[forms])

    # -- indices -------------------------------------------------------------------------------------------------------

    def of_subscript(self, operand: Node, *indices: Node) -> Written:
        """`x[i, 2 : n]`: cdsl counts from 0, and a slice ends before its end."""
        one = self.write(operand)
        if len(indices) > one.kind.rank:
            raise self.no(f"{len(indices)} indices of what has {one.kind.rank} axes")
        texts, kept, gathers = list[str](), list[bool](), 0
        for index in indices:
            match index.data:
                case "every":
                    texts.append(":")
                    kept.append(True)
                case "slice":
                    start, _, stop = index.children
                    low = "" if start is None else self.before(self.whole(start))  # type: ignore[arg-type]
                    high = "" if stop is None else self.whole(stop).text  # type: ignore[arg-type]
                    texts.append(f"{'' if low == '0' else low}:{high}")
                    kept.append(True)
                case _:
                    at = self.write(index)
                    if at.kind.base != "int" or at.kind.rank > 1:
                        raise self.no("an index is a whole number, or an array of them")
                    gathers += at.kind.arrays
                    texts.append(self.before(at))
                    kept.append(bool(at.kind.arrays))
        if gathers > 1:
            raise self.no("two arrays of indices: cdsl pairs them, Stan takes every pair")
        kept += [True] * (one.kind.rank - len(kept))
        text = f"{one.within(ATOM)}[{', '.join(texts)}]"
        return Written(text, ATOM, Kind(one.kind.base, part(one.kind, kept), sum(kept[: one.kind.arrays])))

    def whole(self, node: Node) -> Written:
        """A bound of a slice."""
        one = self.write(node)
        if one.kind != INT:
            raise self.no("an index is a whole number")
        return one

    def before(self, at: Written) -> str:
        """An index from 1 as one from 0."""
        if at.text.isdigit():
            if at.text == "0":
                raise self.no("index 0: Stan counts from 1")
            return str(int(at.text) - 1)
        return f"{at.within(SUM)} - 1"

    # -- calls ---------------------------------------------------------------------------------------------------------

    def of_call(self, name: Node, *arguments: Node | None) -> Written:
        """A function."""
        token = name.children[0]
        self.line = getattr(token, "line", None) or self.line
        line, function = self.line, str(token)
        parts = [self.number(self.write(one)) for one in arguments if one is not None]
        self.line = line
        made = call(function, parts, pi_is_free="pi" not in {one.name for one in self.known.values()})
        if made is None:
            raise self.no(f"the function `{function}` of {len(parts)} has no counterpart in cdsl")
        return made


def together(one: Kind, other: Kind) -> Kind:
    """The type of an elementwise operator's result."""
    base: Base = "int" if one.base == other.base == "int" else "real"
    return Kind(base, one.form or other.form, max(one.arrays, other.arrays))


def part(kind: Kind, kept: Sequence[bool]) -> Form:
    """What is left of a vector or a matrix where some axes are gone."""
    own = tuple(kept[kind.arrays :])
    if kind.form == "matrix":
        forms: dict[tuple[bool, ...], Form] = {(True, True): "matrix", (False, True): "row", (True, False): "vector"}
        return forms.get(own, "")
    return kind.form if own == (True,) else ""


# -- functions ---------------------------------------------------------------------------------------------------------

ELEMENTWISE = {
    **{name: name for name in ("exp", "log", "log10", "log2", "log1p", "expm1", "exp2", "sqrt", "square", "abs")},
    **{name: name for name in ("floor", "ceil", "round", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh")},
    **{
        name: name for name in ("tanh", "asinh", "acosh", "atanh", "logit", "inv_logit", "log_inv_logit", "erf", "erfc")
    },
    **{name: name for name in ("Phi", "inv_Phi", "lgamma", "digamma", "softmax", "log_softmax")},
    "fabs": "abs",
    "log1p_exp": "softplus",
    "inv_sqrt": "rsqrt",
    "cumulative_sum": "cumsum",
    "reverse": "flip",
}
REDUCTIONS = {"mean": "mean", "sd": "sd", "variance": "var", "log_sum_exp": "logsumexp", "norm2": "norm"}
"""Of all entries, a real number."""
KEEPING = ("sum", "prod", "min", "max")
"""Of all entries, a whole number where they are."""
PAIRS = {"fmin": "min", "fmax": "max", "min": "min", "max": "max", "atan2": "atan2", "log_sum_exp": "logaddexp"}
CONSTANTS = {
    "e": Written("exp(1)", ATOM, REAL),
    "sqrt2": Written("sqrt(2)", ATOM, REAL),
    "log2": Written("log(2)", ATOM, REAL),
    "log10": Written("log(10)", ATOM, REAL),
    "positive_infinity": Written("inf", ATOM, REAL),
    "negative_infinity": Written("-inf", SIGN, REAL),
    "machine_precision": Written("2.220446049250313e-16", ATOM, REAL),
}
OF_MATRIX = {
    "inverse": ("inverse", MATRIX),
    "cholesky_decompose": ("cholesky", MATRIX),
    "log_determinant": ("logdet", REAL),
    "trace": ("trace", REAL),
    "diagonal": ("diag", VECTOR),
}
FILLED = {
    "rep_vector": ("full", VECTOR),
    "rep_row_vector": ("full", ROW),
    "rep_matrix": ("full", MATRIX),
    "rep_array": ("full", Kind()),
    "ones_vector": ("ones", VECTOR),
    "ones_row_vector": ("ones", ROW),
    "zeros_vector": ("zeros", VECTOR),
    "zeros_row_vector": ("zeros", ROW),
    "identity_matrix": ("eye", MATRIX),
}


def call(name: str, parts: list[Written], *, pi_is_free: bool) -> Written | None:
    """A call of one of Stan's functions, where cdsl can say the same."""
    texts = ", ".join(one.text for one in parts)
    match parts:
        case []:
            if name == "pi":
                return Written("pi" if pi_is_free else "3.141592653589793", ATOM, REAL)
            return CONSTANTS.get(name)
        case [one] if name in ELEMENTWISE and (
            one.kind.rank or name not in ("softmax", "log_softmax", "cumulative_sum")
        ):
            keeps = name in ("abs", "cumulative_sum", "reverse")
            return Written(f"{ELEMENTWISE[name]}({texts})", ATOM, one.kind if keeps else one.kind._replace(base="real"))
        case [one] if name in REDUCTIONS and one.kind.rank:
            return Written(f"{REDUCTIONS[name]}({texts})", ATOM, REAL)
        case [one] if name in KEEPING and one.kind.rank:
            return Written(f"{name}({texts})", ATOM, Kind(one.kind.base))
        case [one, other] if name in PAIRS:
            whole = name in ("min", "max") and one.kind == other.kind == INT
            kind = together(one.kind, other.kind)._replace(base="int" if whole else "real")
            return Written(f"{PAIRS[name]}({texts})", ATOM, kind)
        case [one] if name in OF_MATRIX and one.kind.form == "matrix":
            function, kind = OF_MATRIX[name]
            return Written(f"{function}({texts})", ATOM, kind)
        case [one, *sizes] if name in FILLED and name.startswith("rep_"):
            return filled(name, one, sizes)
        case [one] if name in FILLED and one.kind == INT:
            function, kind = FILLED[name]
            return Written(f"{function}({texts})", ATOM, kind)
    special = SPECIAL.get((name, len(parts)))
    return special(*parts) if special else None


def filled(name: str, one: Written, sizes: list[Written]) -> Written | None:
    """`rep_vector(x, n)`: an array of equal numbers."""
    function, kind = FILLED[name]
    wanted = {"rep_vector": 1, "rep_row_vector": 1, "rep_matrix": 2}.get(name, len(sizes))
    if not one.kind.scalar or len(sizes) != wanted or not sizes:
        return None
    if name == "rep_array":
        kind = Kind(one.kind.base, arrays=len(sizes))
    return Written(f"{function}({', '.join(part.text for part in (one, *sizes))})", ATOM, kind)


def count_of(one: Written) -> Written:
    """`num_elements(x)`: all its entries."""
    return Written(f"size({one.text})", ATOM, INT) if one.kind.rank else Written("1", ATOM, INT)


def size_of(one: Written) -> Written:
    """`size(x)`: of an array its first size, of anything else all its entries."""
    if one.kind.arrays and one.kind.rank > 1:
        return Written(f"size({one.text}, 0)", ATOM, INT)
    return count_of(one)


def rows_of(one: Written) -> Written | None:
    """`rows(x)`"""
    texts = {"matrix": f"size({one.text}, 0)", "vector": f"size({one.text})", "row": "1"}
    return Written(texts[one.kind.form], ATOM, INT) if one.kind.form in texts else None


def columns_of(one: Written) -> Written | None:
    """`cols(x)`"""
    texts = {"matrix": f"size({one.text}, 1)", "row": f"size({one.text})", "vector": "1"}
    return Written(texts[one.kind.form], ATOM, INT) if one.kind.form in texts else None


def as_vector(one: Written, kind: Kind) -> Written | None:
    """`to_vector(x)`: what has one axis is one; a matrix goes column by column, and cdsl's by rows."""
    if one.kind.form == "matrix":
        return Written(f"reshape(transpose({one.text}), size({one.text}))", ATOM, kind)
    return one._replace(kind=kind) if one.kind.rank == 1 else None


def concatenated(one: Written, other: Written, *, rows: bool) -> Written | None:
    """`append_row`, or `append_col`: numbers and vectors along this axis, or matrices and what lies across it."""
    along, across = ("vector", "row") if rows else ("row", "vector")
    forms = {one.kind.form, other.kind.form}
    if one.kind.arrays or other.kind.arrays or forms == {""}:
        return None
    if forms <= {"", along}:
        parts = [f"[{part.text}]" if part.kind.scalar else part.text for part in (one, other)]
        return Written(f"concat({', '.join(parts)})", ATOM, VECTOR if rows else ROW)
    if forms <= {"matrix", across}:
        new = "[None, :]" if rows else "[:, None]"
        parts = [f"{part.within(ATOM)}{new}" if part.kind.form == across else part.text for part in (one, other)]
        return Written(f"concat({', '.join(parts)}, axis={0 if rows else 1})", ATOM, MATRIX)
    return None


def vectors(*parts: Written) -> bool:
    """Whether all of them are vectors, or arrays of numbers."""
    return all(one.kind.rank == 1 for one in parts)


SPECIAL: dict[tuple[str, int], Callable[..., Written | None]] = {
    ("num_elements", 1): count_of,
    ("size", 1): size_of,
    ("rows", 1): rows_of,
    ("cols", 1): columns_of,
    ("pow", 2): lambda a, b: Written(
        f"{a.within(ATOM)} ** {b.within(SIGN)}", POWER, together(a.kind, b.kind)._replace(base="real")
    ),
    ("inv", 1): lambda a: Written(f"1 / {a.within(SIGN)}", PRODUCT, a.kind._replace(base="real")),
    ("inv_square", 1): lambda a: Written(f"1 / square({a.text})", PRODUCT, a.kind._replace(base="real")),
    ("log1m", 1): lambda a: Written(f"log1p(-{a.within(SIGN)})", ATOM, a.kind._replace(base="real")),
    ("dot_product", 2): lambda a, b: Written(f"dot({a.text}, {b.text})", ATOM, REAL) if vectors(a, b) else None,
    ("dot_self", 1): lambda a: Written(f"dot({a.text}, {a.text})", ATOM, REAL) if vectors(a) else None,
    ("quad_form", 2): lambda a, b: Written(f"quad_form({a.text}, {b.text})", ATOM, REAL) if vectors(b) else None,
    ("diag_matrix", 1): lambda a: Written(f"diag({a.text})", ATOM, MATRIX) if vectors(a) else None,
    ("linspaced_vector", 3): lambda n, a, b: Written(f"linspace({a.text}, {b.text}, {n.text})", ATOM, VECTOR),
    ("linspaced_row_vector", 3): lambda n, a, b: Written(f"linspace({a.text}, {b.text}, {n.text})", ATOM, ROW),
    ("to_vector", 1): lambda a: as_vector(a, VECTOR),
    ("to_row_vector", 1): lambda a: as_vector(a, ROW),
    ("to_array_1d", 1): lambda a: as_vector(a, Kind(a.kind.base, arrays=1)),
    ("append_row", 2): lambda a, b: concatenated(a, b, rows=True),
    ("append_array", 2): lambda a, b: (
        Written(f"concat({a.text}, {b.text})", ATOM, a.kind) if a.kind.arrays and a.kind == b.kind else None
    ),
    ("append_col", 2): lambda a, b: concatenated(a, b, rows=False),
}
"""What is more than another name, by its name and how many arguments it takes."""
