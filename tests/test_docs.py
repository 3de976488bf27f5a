"""What the docs claim of others: each row of the tables of `docs/coming_from` is imported, or compared by value."""

import inspect
import re
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.distributions import constraints, transforms
from torch.nn.utils import parametrizations, parametrize

import cdsl
import cdsl.live
from cdsl import stan
from cdsl.constraints import domains

PAGES = Path(__file__).parents[1] / "docs" / "coming_from"


def rows(page, table):
    """The cells of a table that stands below a marker, without the backticks of code; `-` is none."""
    text = (PAGES / page).read_text(encoding="utf-8").partition(f"<!-- {table} -->\n")[2].partition("\n<!-- end -->")[0]
    lines = text.splitlines()[2:]
    assert len(lines) > 5, f"{page} has no table `{table}`"
    return [[None if cell == "-" else cell[1:-1] for cell in re.split(r" \| ", line[2:-2])] for line in lines]


def imported(live):
    """How something live is declared, without its start; None where it is refused."""
    found = cdsl.live.spec_of(live)
    return found.spec.partition(" = ")[0].strip() or None


def parametrized(layer):
    """A weight of three rows and columns under a parametrization."""
    weight = nn.Linear(3, 3, bias=False)
    weight.weight.data = torch.eye(3) + 0.1  # near a rotation
    if inspect.isfunction(layer):
        return layer(weight)
    parametrize.register_parametrization(weight, "weight", layer)
    return weight


# -- Stan --------------------------------------------------------------------------------------------------------------


def of_stan(declared):
    """How a parameter of Stan is declared; None where it is refused."""
    data = "int M; int N; int K; real low; real high;"
    spec = stan.spec_of(f"data {{ {data} }} parameters {{ {declared}; }}").spec or ""
    found = re.search(r"^x *:.*$", spec, re.MULTILINE)
    return re.sub(r": +", ": ", found[0]) if found else None


@pytest.mark.parametrize(("theirs", "ours"), rows("stan.md", "Stan to cdsl"))
def test_a_type_of_stan_is_what_the_page_says(theirs, ours):
    assert of_stan(theirs) == ours


def test_every_type_of_stan_is_on_its_page():
    told = {word for theirs, _ in rows("stan.md", "Stan to cdsl") for word in re.findall(r"\w+", theirs)}
    assert told >= {*stan.TYPES}


# -- torch and Pyro ----------------------------------------------------------------------------------------------------


def sized(constraint):
    """Enough sizes for a constraint; some cannot say how many they need."""
    return (3,) * (0 if isinstance(constraint, type(constraints.dependent)) else constraint.event_dim)


@pytest.mark.parametrize(("theirs", "ours"), rows("pyro.md", "torch to cdsl"))
def test_a_constraint_of_torch_is_what_the_page_says(theirs, ours):
    constraint = eval(theirs, vars(constraints).copy())
    assert imported({"x": (constraint, sized(constraint))}) == ours


def test_every_constraint_of_torch_is_on_its_page():
    told = {re.split(r"\W", theirs)[0] for theirs, _ in rows("pyro.md", "torch to cdsl")}
    assert told == {*constraints.__all__} - {"Constraint", "is_dependent"}  # a base class, a question


@pytest.mark.parametrize(("theirs", "ours"), rows("pyro.md", "transforms to cdsl"))
def test_a_transform_of_torch_is_the_map_that_the_page_says(theirs, ours):
    model = cdsl.loads(ours).Model(dtype=torch.float64)
    raw = torch.randn(40, model.unconstrained_size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    theirs = eval(theirs, vars(transforms).copy())
    value = model.constrain(raw).x
    torch.testing.assert_close(theirs(raw).reshape(value.shape), value, rtol=1e-9, atol=1e-9)


def drawn(spec):
    """Forty values of a declaration, and its module."""
    model = cdsl.loads(spec).Model(dtype=torch.float64)
    raw = torch.randn(40, model.unconstrained_size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    return model.constrain(raw).x, model


def pyro_constraints():
    """Those of Pyro."""
    return pytest.importorskip("pyro", reason="pyro-ppl is not installed").distributions.constraints


@pytest.mark.parametrize(("theirs", "ours"), [row for row in rows("pyro.md", "Pyro to cdsl") if row[1]])
def test_a_constraint_of_pyro_is_the_set_that_the_page_says(theirs, ours):
    """Our values satisfy it; and what its own transform makes is taken, where it has one."""
    from torch.distributions import transform_to

    constraint = getattr(pyro_constraints(), theirs)
    values, model = drawn(ours)
    assert torch.as_tensor(constraint.check(values)).all()
    try:
        theirs_of_raw = transform_to(constraint)
    except NotImplementedError:
        assert theirs == "sphere"
        return
    raw = torch.randn(theirs_of_raw.inverse_shape(values[0].shape), dtype=torch.float64)
    model.x = theirs_of_raw(raw)


def test_every_constraint_of_pyro_is_on_its_page():
    told = {theirs for theirs, _ in rows("pyro.md", "Pyro to cdsl")}
    assert told == {*pyro_constraints().__all__} - {*constraints.__all__}


# -- GPyTorch ----------------------------------------------------------------------------------------------------------


class Part(nn.Module):
    """A module that has a constraint for its parameter, as GPyTorch's modules have."""

    def __init__(self, constraint):
        super().__init__()
        self.raw_x = nn.Parameter(torch.tensor([-0.7, 0.4]))
        self.constraint = constraint

    def constraint_for_parameter_name(self, name):
        return self.constraint


def gpytorch_constraint(written):
    """One of GPyTorch's constraints."""
    found = pytest.importorskip("gpytorch", reason="gpytorch is not installed").constraints
    return eval(written, {**vars(found), "torch": torch, "low": 0.5, "high": 2.5})


@pytest.mark.parametrize(("theirs", "ours"), rows("gpytorch.md", "GPyTorch to cdsl"))
def test_a_constraint_of_gpytorch_is_what_the_page_says_with_its_value(theirs, ours):
    part = Part(gpytorch_constraint(theirs))
    assert imported(part) == ours
    model = cdsl.loads(cdsl.live.spec_of(part).spec).Model()
    torch.testing.assert_close(model.x.detach(), part.constraint.transform(part.raw_x).detach())


def test_gpytorch_has_no_other_constraints():
    found = pytest.importorskip("gpytorch", reason="gpytorch is not installed").constraints
    assert {*found.__all__} == {theirs.partition("(")[0] for theirs, _ in rows("gpytorch.md", "GPyTorch to cdsl")}


# -- parametrize -------------------------------------------------------------------------------------------------------


def layer_of(written):
    """A parametrization of torch."""
    return eval(written, {"nn": nn, **{name: getattr(parametrizations, name) for name in parametrizations.__all__}})


@pytest.mark.parametrize(("theirs", "ours"), rows("parametrize.md", "parametrize to cdsl"))
def test_a_parametrization_is_what_the_page_says_with_its_value(theirs, ours):
    weight = parametrized(layer_of(theirs))
    assert imported(weight) == ours
    if ours:
        model = cdsl.loads(cdsl.live.spec_of(weight).spec).Model()
        torch.testing.assert_close(model.weight.detach(), weight.weight.detach())


def test_every_parametrization_of_torch_is_on_its_page():
    assert {theirs for theirs, _ in rows("parametrize.md", "parametrize to cdsl")} >= {*parametrizations.__all__}


# -- every domain ------------------------------------------------------------------------------------------------------

EVERY = rows("index.md", "every domain")


def test_every_domain_has_its_row():
    assert [row[0] for row in EVERY] == [*domains()]


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row[0])
def test_the_names_that_others_have_for_a_domain_are_its_own(row):
    """Each is imported; Pyro's, which are not read, are those of its own page."""
    ours, of_stan_, of_torch, of_pyro, of_gpytorch, of_parametrize = row
    bounds = {"low": 0.5, "high": 2.5}
    if of_stan_:
        assert name_of(of_stan(f"{of_stan_} x")) == ours
    if of_torch:
        constraint = eval(of_torch, {**vars(constraints), **bounds})
        assert name_of(imported({"x": (constraint, sized(constraint))})) == ours
    if of_pyro:
        assert ours in {name_of(declared) for theirs, declared in rows("pyro.md", "Pyro to cdsl") if theirs == of_pyro}
    if of_gpytorch:
        assert name_of(imported(Part(gpytorch_constraint(of_gpytorch)))) == ours
    if of_parametrize:
        assert ours == "stiefel" or name_of(imported(parametrized(layer_of(of_parametrize)))) == ours


def name_of(declared):
    """The domain of a declaration."""
    return re.match(r"\w+: (\w+)", declared)[1]


def test_no_name_that_others_have_is_missing_from_the_table():
    """What a page of theirs maps to a domain stands in the row of that domain, or beside a name that does."""
    told = {row[0]: row[1:] for row in EVERY}
    for page, table, column in (
        ("stan.md", "Stan to cdsl", 0),
        ("pyro.md", "torch to cdsl", 1),
        ("pyro.md", "Pyro to cdsl", 2),
        ("gpytorch.md", "GPyTorch to cdsl", 3),
        ("parametrize.md", "parametrize to cdsl", 4),
    ):
        for theirs, ours in rows(page, table):
            assert not ours or told[name_of(ours)][column] or (theirs, name_of(ours)) in TWICE, (theirs, ours)


TWICE = {("corr_cholesky_constraint", "cholesky_corr")}
"""Names of Pyro for what torch has."""
