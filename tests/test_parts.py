"""Transforms that are made of others, chosen by keyword: `ordered[K] via increments(gap=softplus)`.

The laws hold every bijective part in `test_laws.py`; here are the accuracy of each, the surjective ones, and what a part is to
a spec and its module.
"""

import copy
import itertools
import math

import pytest
import torch

import cdsl
import cdsl.runtime
from cdsl.constraints import domains, made_of
from cdsl.constraints.compensated import exact as exact_mode
from cdsl.loader import module_of
from cdsl.model import Model
from cdsl.runtime import NotBijective, SignatureMismatch
from cdsl.testing import DTYPES, LAWS, broken, declare
from tests import oracle
from tests.oracle import exact, mp

EPS = torch.finfo(torch.float64).eps
SPEC = "y: ordered[3] via increments(gap=softplus) = [0, 1, 3]\nw: simplex[4] via stick_breaking(gate=probit)\n"

each_gap = pytest.mark.parametrize("gap", [name for name in oracle.GAPS if name != "exp"])
each_gate = pytest.mark.parametrize("gate", [name for name in oracle.GATES if name != "logistic"])
FAR = [
    s * x
    for s in (1.0, -1.0)
    for x in (1e-300, 1e-8, 0.3, 0.999, 1.0, 1.001, 3.0, 9.0, 40.0, 300.0, 1e4, 1e9, 1e30, 1e150)
]


def made(domain, transform, **parts):
    return made_of(domains()[domain], transform, parts.items())


def raws(size, count=20, spread=2.0):
    generator = torch.Generator().manual_seed(size)
    return spread * torch.randn(count, size, dtype=torch.float64, generator=generator)


def off(got, true, scale):
    """An error in eps of a scale."""
    return float(abs(got - true) / (EPS * scale))


# -- accuracy ----------------------------------------------------------------------------------------------------------


@each_gap
@pytest.mark.parametrize("size", [3, 12])
def test_increments_add_up_to_an_eps_of_the_largest(gap, size):
    transform, truth = made("ordered", "increments", gap=gap), oracle.GAPS[gap]
    for raw in raws(size):
        x = exact(raw)
        true = oracle.prefix_sums([x[0], *map(truth.forward, x[1:])])
        scale = max(map(abs, true))
        assert max(off(got, t, scale) for got, t in zip(transform.forward(raw).tolist(), true, strict=True)) < 1.5
        terms = [truth.log_det(value) for value in x[1:]]
        assert off(transform.log_det(raw).item(), mp.fsum(terms), mp.fsum(map(abs, terms))) < 2


@each_gap
def test_the_logarithm_of_a_gap_is_exact_where_the_gap_underflows(gap):
    of = domains()["positive"].transforms[gap]
    for raw in (x for x in FAR if 1e-8 <= abs(x) <= 1e30 and (gap != "log10" or abs(x) <= 1e4)):
        true = mp.log(oracle.GAPS[gap].forward(mp.mpf(raw))) if gap != "softplus" or raw > -1e4 else mp.mpf(raw)
        assert off(of.log_forward(torch.tensor(raw, dtype=torch.float64)).item(), true, max(abs(true), 1)) < 2, raw


def uniform(gate, size):
    """g⁻¹ at 1 : K - k"""
    return [gate.divide(mp.mpf(1), mp.mpf(size - k)) for k in range(size)]


@each_gate
@pytest.mark.parametrize("size", [2, 9])
def test_sticks_are_as_exact_as_where_they_are_broken(gate, size):
    """tₖ = xₖ + g⁻¹(…) is rounded: to the eps of a product of so many gates comes what that is worth, by their slopes."""
    transform, truth = made("simplex", "stick_breaking", gate=gate), oracle.GATES[gate]
    for raw in raws(size):
        x, shift = exact(raw), uniform(truth, size)
        t = [a + b for a, b in zip(x, shift, strict=True)]
        rounded = [abs(a) + abs(b) for a, b in zip(x, shift, strict=True)]
        left = [mp.mpf(1), *itertools.accumulate(map(truth.complement, t), lambda a, b: a * b)]
        lost = oracle.prefix_sums(
            [mp.mpf(0), *(r * truth.slope(v) / truth.complement(v) for v, r in zip(t, rounded, strict=True))]
        )
        true = [truth.forward(v) * stick for v, stick in zip(t, left, strict=False)] + left[-1:]
        own = [r * truth.slope(v) / truth.forward(v) for v, r in zip(t, rounded, strict=True)] + [mp.mpf(0)]
        scales = [y * (4 + 2 * k + a + b) for k, (y, a, b) in enumerate(zip(true, own, lost, strict=True))]
        value = transform.forward(raw)
        assert max(off(*each) for each in zip(value.tolist(), true, scales, strict=True)) < 1
        slopes = [truth.log_slope(v) for v in t]
        rests = [(size - k - 1) * mp.log(truth.complement(v)) for k, v in enumerate(t)]
        bends = [
            r * abs(truth.bend(v) - (size - k - 1) * truth.slope(v) / truth.complement(v))
            for k, (v, r) in enumerate(zip(t, rounded, strict=True))
        ]
        scale = 2 * mp.fsum(map(abs, slopes + rests)) + mp.fsum(bends)
        assert off(transform.log_det(raw).item(), mp.fsum(slopes + rests), scale) < 1.5


@pytest.mark.parametrize("gate", oracle.GATES)
def test_the_logarithm_of_what_is_left_is_exact_where_it_underflows(gate):
    of, truth = domains()["prob"].transforms[gate], oracle.GATES[gate]
    for raw in (x for x in FAR if gate != "cloglog" or x <= 700):
        x = torch.tensor(raw, dtype=torch.float64, requires_grad=True)
        got = of.log_complement(x)
        (slope,) = torch.autograd.grad(got, x)
        assert slope.isfinite(), raw
        with mp.workdps(400):
            if gate == "probit" and raw > 1e4:  # log Φ(-x) = -x²/2 - log(x √(2π)) + O(1/x²)
                true = -(mp.mpf(raw) ** 2) / 2 - mp.log(mp.mpf(raw) * mp.sqrt(2 * mp.pi))
            elif gate in ("logistic", "tanh") and raw > 1e4:
                true = -mp.mpf(raw) * (2 if gate == "tanh" else 1)
            elif gate == "cloglog":
                true = -mp.exp(raw)
            else:
                true = mp.log(truth.complement(mp.mpf(raw)))
        assert off(got.item(), true, abs(true) + mp.mpf(5e-324) / EPS) < 4, raw


# -- surjective parts, the default, starts -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spec",
    [
        "ordered[3] via increments(gap=relu)",
        "positive_ordered[3] via increments(gap=abs)",
        "descending[3] via decrements(gap=square)",
        "cholesky_cov[3] via log_diagonal(diagonal=square)",
        "cov[2] via log_cholesky(diagonal=relu)",
        "simplex[4] via stick_breaking(gate=hard_sigmoid)",
        "simplex[4] via stick_breaking(gate=clamp)",
    ],
)
def test_a_surjective_part_keeps_the_laws_of_a_surjective_transform(spec):
    case = declare(spec)
    assert not case.transform.bijective
    tries = [
        (law, *dtype)
        for law in LAWS
        if law.bijective in (None, False)
        for dtype in ([(one,) for one in DTYPES] if law.every_dtype else [()])
    ]
    assert [found for law, *dtype in tries if (found := broken(law, case, *dtype))] == []
    with pytest.raises(
        NotBijective, match=rf"because `{next(iter(case.declared.map.parts.values())).name}` is surjective"
    ):
        case.model().log_abs_det_jacobian()
    assert ".with_log_det(" not in cdsl.compile(f"x: {spec}")


@pytest.mark.parametrize("gate", domains()["prob"].transforms)
def test_every_gate_starts_from_equal_shares(gate):
    for size in (2, 5, 40):
        raw = torch.zeros(size - 1, dtype=torch.float64)
        value = made("simplex", "stick_breaking", gate=gate).forward(raw)
        torch.testing.assert_close(value, torch.full_like(value, 1 / size), rtol=8 * EPS * size, atol=0)


def test_starts_are_those_of_the_domain():
    model = cdsl.loads(SPEC).Model(dtype=torch.float64)
    torch.testing.assert_close(model.y, torch.tensor([0.0, 1.0, 3.0], dtype=torch.float64), rtol=1e-15, atol=0)
    torch.testing.assert_close(model.w, torch.full((4,), 0.25, dtype=torch.float64), rtol=1e-15, atol=0)
    assert model.y_raw[1].item() == pytest.approx(math.log(math.e - 1))


def test_the_part_that_a_transform_has_anyway_is_no_choice():
    chosen = "y: ordered[3] via increments(gap=exp)\nw: simplex[3] via stick_breaking(gate=sigmoid)\n"
    plain = "y: ordered[3] via increments\nw: simplex[3] via stick_breaking\n"
    assert cdsl.compile(chosen) == cdsl.compile(plain)


def test_every_part_has_its_own_choice_as_default():
    for domain in domains().values():
        for name, transform in domain.transforms.items():
            for part, (of, own) in transform.parts.items():
                shape = transform.raw_event((3,) * len(domain.sizes))
                raw = raws(math.prod(shape), 4).reshape(4, *shape)
                given = (*([0.1] * len(domain.arguments))[:1], 2.0)[: len(domain.arguments)]
                given += (3,) * len(domain.sizes) if domain.sized else ()
                same = made(domain.name, name, **{part: own})
                torch.testing.assert_close(same.forward(raw, *given), transform.forward(raw, *given))
                torch.testing.assert_close(same.log_det(raw, *given), transform.log_det(raw, *given))
                assert domains()[of].transforms[own].bijective


# -- specs and modules -------------------------------------------------------------------------------------------------


def test_a_part_is_named_by_what_reads_a_model():
    model = cdsl.loads(SPEC).Model()
    assert "increments(gap=softplus)" in model.summary()
    assert model._declared[1].signature()["transform"] == "stick_breaking(gate=probit)"
    meant = cdsl.check(cdsl.parse(SPEC)).model
    assert Model.model_validate(model.spec) == meant == Model.model_validate_json(meant.model_dump_json())
    with pytest.raises(SignatureMismatch, match=r"via increments\(gap=softplus\)"):
        cdsl.loads("y: ordered[3]\nw: simplex[4]").Model().load_state_dict(model.state_dict())
    copy.deepcopy(model).load_state_dict(model.state_dict())


def test_another_part_is_another_raw_to_those_who_compare_specs(run_cdsl, tmp_path):
    (tmp_path / "old.cdsl").write_text("y: ordered[3]\nz: ordered[3] via increments(gap=relu)\n")
    (tmp_path / "new.cdsl").write_text("y: ordered[3] via increments(gap=softplus)\nz: ordered[3]\n")
    said = run_cdsl("diff", "old.cdsl", "new.cdsl").stdout
    assert "transform increments → increments(gap=softplus)" in said
    assert "`increments(gap=relu)` gave no value on the boundary" in said
    said = run_cdsl("describe", "old.cdsl").stdout
    assert "increments*(gap=relu)" in said


def test_an_alias_has_the_parts_of_its_transform():
    spec = "type rising(g) = ordered[3] via increments(gap=g)\na: rising(softplus)\nb: rising(exp)\n"
    assert [one.parts for one in cdsl.check(cdsl.parse(spec)).model.parameters] == [(("gap", "softplus"),), ()]


def test_names_of_parts_are_no_values():
    spec = "y: ordered[3] via increments(gap=softplus)\nsoftplus: real\nlet z = softplus + y\n"
    assert cdsl.check(cdsl.parse(spec)).diagnostics == ()


def test_a_model_changes_its_parts():
    model = cdsl.loads("y: ordered[3]\nw: simplex[3] = [0.2, 0.3, 0.5]").Model(dtype=torch.float64)
    other = cdsl.reparameterize(model, y="increments(gap = softplus)", w="stick_breaking(gate=cloglog)")
    torch.testing.assert_close(other.w, model.w, rtol=1e-15, atol=0)
    assert [one.via for one in other._declared] == ["increments(gap=softplus)", "stick_breaking(gate=cloglog)"]
    back = cdsl.reparameterize(other, y="increments", w="ilr")
    assert [one.via for one in back._declared] == ["increments", "isometric_log_ratio"]


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        ("increments(gap=soft)", "`positive` has no transform `soft`; did you mean `softplus`?"),
        ("increments(gip=exp)", "takes 1 argument (gap), no `gip`; for example `via increments(gap=softplus)`"),
        ("increments(softplus)", "takes its parts by keyword: gap"),
        ("increments(gap=exp)\nz: real", "is no transform"),
        ("increments = [0, 1, 2]", "is no transform"),
        ("", "is no transform"),
    ],
)
def test_a_part_that_there_is_not_is_refused(transform, message):
    model = cdsl.loads("y: ordered[3]").Model()
    with pytest.raises(cdsl.CdslError) as caught:
        cdsl.reparameterize(model, y=transform)
    assert message in str(caught.value)


def test_a_transform_without_parts_takes_none_at_run_time():
    ordered, positive, prob = (getattr(cdsl.runtime, name) for name in ("ordered", "positive", "prob"))
    with pytest.raises(TypeError, match=r"positive\.exp has no part 'gap'; there are none"):
        positive.exp.using(gap=positive.exp)
    with pytest.raises(
        TypeError, match=r"the part 'gap' of ordered\.increments is a map of positive, got prob\.probit"
    ):
        ordered.increments.using(gap=prob.probit)
    assert repr(ordered.increments.using(gap=positive.softplus)) == "ordered.increments(gap=softplus)"


def test_a_module_with_parts_is_compiled_whole():
    model = cdsl.loads(SPEC).Model(dtype=torch.float64)
    model.randomize_(generator=torch.Generator().manual_seed(0))
    compiled = torch.compile(model.forward_and_log_det, backend="aot_eager", fullgraph=True)
    leaves = torch.utils._pytree.tree_leaves
    for got, expected in zip(leaves(compiled()), leaves(model.forward_and_log_det()), strict=True):
        torch.testing.assert_close(got, expected)


def test_the_exact_mode_has_the_ordinary_sticks_and_sums_of_ordinary_increments():
    model = cdsl.loads(SPEC).Model(dtype=torch.float64)
    model.randomize_(generator=torch.Generator().manual_seed(0))
    ordinary = model()
    with exact_mode():
        held = model()
    assert torch.equal(held.w, ordinary.w)
    torch.testing.assert_close(held.y, ordinary.y, rtol=4 * EPS, atol=4 * EPS)


def test_a_standalone_module_brings_the_domains_of_its_parts():
    spec = SPEC + "p: column_stochastic[2, 2] via stick_breaking(gate=clamp)\n"
    text, model = cdsl.compile(spec, standalone=True), cdsl.loads(spec).Model()
    for ours, theirs in zip(model(), module_of(text).Model()(), strict=True):
        assert torch.equal(ours, theirs)
