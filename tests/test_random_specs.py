"""Whole specs, drawn at random: what compiles is Python, builds, and keeps its promises whatever it declares."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.func import vmap

import cdsl
from cdsl.constraints import domains
from cdsl.emit import emit
from cdsl.model import Model

Draw = Callable[[st.SearchStrategy[Any]], Any]
Shape = tuple[str, ...]

NUMBERS = (
    "real",
    "positive",
    "negative",
    "nonnegative",
    "prob",
    "interval(-1, 2)",
    "greater_than(0.5)",
    "less_than(-1)",
    "real(1, 2)",
)
BOUNDED = (
    "greater_than({0})",
    "less_than({0})",
    "interval({1} - 1.25, {2} + 1.25)",
    "real({0}, {3})",
    "interval(-{3}, high={3})",
)
"""Bounds that leave room whatever the values: {0} any, {1} and {2} in [-1, 1], {3} in [0.5, 1.5]."""
EVENTS = ("simplex", "ordered", "positive_ordered", "cholesky_corr", "cov", "corr", "scaled_simplex(2)")
BOUNDED_EVENTS = "scaled_simplex({3})", "ordered_in({1} - 1.25, 1.5)"
DATA = (
    "data {0}: positive = 1.5",
    "data {0}: real[{1}] = linspace(-1, 1, {1})",
    "data {0}: prob[{1}] = ones({1}) / 2",
    "data {0}: real[{1}, {2}] = full(0.25, {1}, {2})",
    "data {0}: index({1})[{2}] = 0",
    "data {0}: int(0, 3)[{1}] = arange({1})",
    "data {0}: bool[{1}] = true",
)

FORMS = (
    "(<s> + <b>)",
    "((<b> - <s>) / 2)",
    "(tanh(<s>) * <b>)",
    "(<b> / (1 + square(<s>)))",
    "(-(<s>))",
    "where(<s> > <b>, <s>, <b>)",
    "(inv_logit(<s>) ** 2)",
    "max(<s>, <b>)",
    "log1p(exp(tanh(<s>) - 1))",
    "atan2(<s>, 2 + cos(<b>))",
)
"""Expressions of a shape: <s> is one of that shape, <b> one that broadcasts to it."""
FORMS_OF = (
    (
        "sum(<v>)",
        "mean(<v>)",
        "max(<v>)",
        "logsumexp(<v>)",
        "prod(tanh(<v>))",
        "(<v>)[0]",
        "dot(<v>, <v>) / 4",
        "sum(<v> > 0)",
    ),
    (
        "(tanh(<m>) @ (<v>))",
        "mean(<m>, axis=1)",
        "(<m>)[:, -1]",
        "(<m>)[..., 0] * <b>",
        "transpose(<m>)[0] + <s>",
        "softmax(<s>)",
        "cumsum(<s>) / 3",
        "flip(<s>)",
        "(<s>)[:]",
    ),
    ("outer(<c>, <r>) / 2", "(<c>)[:, None] - <r>", "transpose(<t>)", "softmax(<s>, axis=0)", "(<s>)[:, :]"),
)
"""Those of numbers, vectors and matrices: <v> is a vector, <m> a matrix of as many rows, <c> and <r> a column and a row, <t> transposed."""


@dataclass(frozen=True)
class Value:
    """A name that expressions may use."""

    name: str
    shape: Shape = ()
    kind: str = "real"
    below: str = ""
    """Of an index, the size that it stays below."""


@dataclass
class Drawn:
    """A spec that is being drawn: its lines, and what they have declared."""

    one: Callable[[Any], Any]
    """Chooses among several."""
    sizes: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    count: int = 0

    def name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def size(self) -> str:
        return self.one([*self.sizes, "2"])

    def batch(self, most: int = 2) -> Shape:
        return tuple(self.size() for _ in range(self.one([0, 0, 1, 1, most])))

    def known(self, shape: Shape, *kinds: str) -> list[Value]:
        return [one for one in self.values if one.shape == shape and one.kind in (kinds or ("real", "int"))]

    # -- expressions ----------------------------------------------------------------------------------------------------

    def leaf(self, shape: Shape) -> str:
        """A value of this shape, or what makes one."""
        made = (
            ["0.5", "-2", "1 / 3", *self.sizes]
            if not shape
            else [f"{one}({', '.join(shape)})" for one in ("ones", "zeros")]
        )
        found = [one.name for one in self.known(shape)]
        gathered = [
            f"{vector.name}[{index.name}]"
            for index in self.values
            if index.below and index.shape == shape
            for vector in self.known((index.below,), "real")
        ]
        return self.one([*found, *found, *gathered] or made)

    def part(self, shape: Shape, depth: int) -> str:
        """An expression that broadcasts to this shape."""
        return self.expression(self.one([shape, shape[1:], ()]) if shape else (), depth)

    def expression(self, shape: Shape, depth: int) -> str:
        """An expression of this shape, with a moderate value: a form, and what its letters stand for."""
        if depth == 0:
            return self.leaf(shape)
        size = self.size()
        shapes = {"s": shape, "t": shape[::-1], "v": (size,), "m": (*shape[:1], size), "c": shape[:1], "r": shape[1:]}
        form = self.one((*FORMS, *FORMS_OF[len(shape)]))
        return re.sub(
            "<([a-z])>",
            lambda found: (
                self.part(shape, depth - 1) if found[1] == "b" else self.expression(shapes[found[1]], depth - 1)
            ),
            form,
        )

    def filled(self, text: str, shape: Shape) -> str:
        """A domain with expressions of this shape in the places of its bounds."""
        free, low, high, width = (self.part(shape, self.one([0, 1])) for _ in range(4))
        return text.format(f"tanh({free}) * 3", f"tanh({low})", f"sin({high})", f"(0.5 + inv_logit({width}))")

    # -- declarations ---------------------------------------------------------------------------------------------------

    def dims(self) -> None:
        for at in range(self.one([1, 2])):
            name = f"D{at}"
            self.lines.append(f"dim {name} = {self.one(['1', '2', '3', *(f'{size} + 1' for size in self.sizes)])}")
            self.sizes.append(name)

    def data(self) -> None:
        text, name, sizes = self.one(DATA), self.name("d"), (self.size(), self.size())
        self.lines.append(text.format(name, *sizes))
        kind = "bool" if "bool" in text else "int" if "int" in text or "index" in text else "real"
        shape = sizes[1:] if "index" in text else sizes[: text.partition("=")[0].count("{") - 1]
        self.values.append(Value(name, shape, kind, sizes[0] if "index" in text else ""))

    def alias(self) -> None:
        name, size = self.name("type_"), self.size()
        text, shape = self.one([("interval(0, {0})", ()), ("simplex[{1}]", (size,)), ("real(0, {0})", ())])
        self.lines.append(f"type {name}(high=2) = {text.format('high', size)}")
        batch = self.batch(1)
        argument = self.one(["", "(3)", "(high=0.5)"] + ([f"({self.filled('{3}', ())})"] if not shape else []))
        self.declare(f"{name}{argument}", batch, shape)

    def parameter(self) -> None:
        batch = self.batch()
        if self.one([True, True, False]):
            text = self.filled(self.one([*NUMBERS, *BOUNDED, *BOUNDED]), batch)
            self.declare(text, batch, ())
        else:
            size, text = self.size(), self.one([*EVENTS, *BOUNDED_EVENTS])
            square = text.startswith(("cholesky", "cov", "corr"))
            self.declare(self.filled(text, ()), (*batch[:1], size), (), event=(size, size) if square else (size,))

    def declare(self, type_: str, written: Shape, alias: Shape, event: Shape = ()) -> None:
        """A parameter; its own sizes are the last of those that are written, or the alias's."""
        name, domain = self.name("p"), domains().get(type_.partition("(")[0])
        bijective = [one for one, transform in domain.transforms.items() if transform.bijective] if domain else []
        chosen = [
            f"{one}({part}={other})"
            for one in bijective
            for part, (of, _) in domain.transforms[one].parts.items()
            for other, it in domains()[of].transforms.items()
            if it.bijective
            and other != "log10"  # ten to the power of raw: nine digits of what follows would be too many
        ]
        via = self.one(["", *(f" via {one}" for one in (*bijective, *chosen))])
        sizes = f"[{', '.join(written)}]" if written else ""
        self.lines.append(f"{name}: {type_}{sizes}{via}")
        self.values.append(Value(name, (*written[: len(written) - bool(event)], *event, *alias)))

    def let(self) -> None:
        name, shape = self.one(["let_", "_h"]) + self.name(""), self.batch()
        self.lines.append(f"let {name} = {self.expression(shape, self.one([1, 2]))}")
        self.values.append(Value(name, shape))

    def frozen(self) -> None:
        name, batch = self.name("f"), self.batch(1)
        self.lines.append(f"frozen {name}: positive{f'[{batch[0]}]' if batch else ''} = {self.one(['1.5', '2'])}")
        self.values.append(Value(name, batch))

    def held(self) -> None:
        name, stays = self.name("p"), self.one(["true, false", "false, true"])
        type_, start = self.one([("positive", "[0.5, 2]"), ("interval(-1, [1, 2])", "0.25"), ("real", "[1, 0]")])
        self.lines.append(f"{name}: {type_}[2] = {start} frozen [{stays}]")
        self.values.append(Value(name, ("2",)))

    def several(self, most: int) -> None:
        steps = [self.data, self.parameter, self.parameter, self.let, self.alias, self.frozen, self.held]
        for _ in range(self.one(range(1, most + 1))):
            self.one(steps)()


def spec_of(one: Callable[[Any], Any]) -> str:
    """A spec of dims, data, parameters, lets and aliases, that nests a model of the same, perhaps."""
    outer = Drawn(one)
    outer.dims()
    outer.several(3)
    if one([True, False]):
        inner = Drawn(one, ["M"], ["dim M", "data x: real[M]"], [Value("x", ("M",))], 100)
        inner.several(3)
        inner.parameter()
        size, many = outer.size(), one(["", "[2]"])
        data = [known.name for known in outer.known((size,), "real") if known.name.startswith("d")]
        bound = one([f"linspace(0, 1, {size})", *data])
        outer.lines += ["model Inner {", *(f"    {line}" for line in inner.lines), "}", f"n: Inner(x={bound}){many}"]
        for member in inner.values:
            if member.name[0] in "pfl" and {*member.shape} <= {"M", "2"}:
                shape = tuple(size if part == "M" else part for part in member.shape)
                which = one(["[0]", "[1]", "[-1]"]) if many else ""
                outer.values.append(replace(member, name=f"n{which}.{member.name}", shape=shape))
    outer.several(3)
    outer.parameter()
    return "\n".join(outer.lines) + "\n"


@st.composite
def specs(draw: Draw) -> str:
    return spec_of(lambda choices: draw(st.sampled_from(choices)))


def chart(domain: str, value: Tensor) -> Tensor:
    """As many numbers as raw has: of a simplex all but the last, of a matrix its triangle."""
    if domain.endswith("simplex"):
        return value[..., :-1].reshape(-1)
    if domain in ("cholesky_corr", "corr", "cov"):
        row, column = torch.tril_indices(value.shape[-1], value.shape[-1], -1 if domain.endswith("corr") else 0)
        return value[..., row, column].reshape(-1)
    return value.reshape(-1)


def entries(values: Any) -> list[Tensor]:
    """Every tensor of nested values."""
    return [values] if isinstance(values, Tensor) else [one for part in values for one in entries(part)]


def free(model: Any, values: Any) -> list[tuple[str, Tensor]]:
    """The parameters of the flat vector, each with its domain."""
    found = []
    for leaf in model._free():
        value: Any = values
        for step in leaf.name.replace("]", "").replace("[", ".").split("."):
            value = value[int(step)] if step.isdigit() else getattr(value, step)
        learned = [place for place, held in enumerate(leaf.one.held) if not held]
        found.append((leaf.one.map.domain.name, value[learned] if leaf.one.held else value))
    return found


def assert_close(got: Tensor, expected: Tensor, size: float = 1e-9) -> None:
    """To nine digits of the larger numbers: a log-determinant and an inverse lose some to the slopes of what they undo."""
    torch.testing.assert_close(got, expected, rtol=size, atol=size)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(spec=specs(), seed=st.integers(0, 99))
def test_a_spec_keeps_its_promises(spec: str, seed: int) -> None:
    check(spec, seed)


def check(spec: str, seed: int) -> None:
    python = cdsl.compile(spec)
    ast.parse(python)
    assert cdsl.compile(spec) == python
    meant, diagnostics = cdsl.check(cdsl.parse(spec))
    assert meant is not None
    assert {one.code for one in diagnostics} <= {"W202", "W301", "W302", "W303"}
    again = Model.model_validate_json(meant.model_dump_json())
    assert again == meant
    assert emit(again) == python
    model: Any = cdsl.loads(spec).Model(dtype=torch.float64)
    assert Model.model_validate({**model.spec, "doc": meant.doc}) == meant
    generator = torch.Generator().manual_seed(seed)
    model.randomize_(1.0, generator=generator)
    theta = model.to_flat()

    values, log_det = model.forward_and_log_det()
    assert all(one.isfinite().all() for one in entries(values) if one.is_floating_point())
    for name, value in values._asdict().items():
        if isinstance(value, Tensor):
            assert torch.equal(getattr(model, name), value), name
    assert_close(model.unconstrain(values), theta)

    if not len(theta):
        assert log_det.item() == 0
        return
    jacobian = torch.autograd.functional.jacobian(
        lambda one: torch.cat([one[:0], *(chart(*part) for part in free(model, model.constrain(one)))]), theta
    )
    assert jacobian.shape == (model.unconstrained_size,) * 2
    assert_close(log_det, torch.linalg.slogdet(jacobian).logabsdet)

    several = torch.randn(2, 2, model.unconstrained_size, dtype=torch.float64, generator=generator) / 2
    got, one_by_one = model.constrain_and_log_det(several), vmap(vmap(model.constrain_and_log_det))(several)
    assert_close(got[1], one_by_one[1])
    for one, expected in zip(entries(got[0]), entries(one_by_one[0]), strict=True):
        assert_close(one.to(torch.float64).expand(expected.shape), expected.to(torch.float64))
    assert_close(model.unconstrain(got[0]), several)
