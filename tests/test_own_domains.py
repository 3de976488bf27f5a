"""Domains of the user's own: registered, found by entry point, compiled; and laws that notice every way of breaking them."""

import math
import textwrap

import pytest
import torch

import cdsl
from cdsl.constraints import domains
from cdsl.testing import LAWS, LawBroken, check_domain
from tests.conftest import THOROUGH


class Scale(cdsl.Transform):
    """y = sinh x: symmetric, and steep far out."""

    def forward(self, raw):
        """y = sinh x"""
        return torch.sinh(raw)

    def inverse(self, value):
        """x = asinh y"""
        return torch.asinh(value)

    def log_det(self, raw):
        """log cosh x = |x| + log(1 + exp(-2|x|)) - log 2"""
        size = raw.abs()
        return size - math.log(2) + torch.log1p(torch.exp(-2 * size))


class Wide(cdsl.Domain):
    """A number of any size."""

    name = "wide"
    notation = "ℝ"
    examples = ("wide", "wide[3]", "wide = 4")
    starts_at = "0"
    transforms = {"sinh": Scale()}

    def start(self, sizes):
        return 0.0

    def contains(self, value, *, closed=False):
        return torch.isfinite(value)

    def violation(self, value):
        return None if math.isfinite(value) else cdsl.Violation((), str(value), "be finite")


pytestmark = pytest.mark.usefixtures("own_domains")


def test_a_registered_domain_is_a_domain_like_any_other():
    assert cdsl.constraint(Wide) is Wide
    model = cdsl.loads("x: wide[2] = 4").Model(dtype=torch.float64)
    torch.testing.assert_close(model.x, torch.full((2,), 4.0, dtype=torch.float64))
    torch.testing.assert_close(model.log_abs_det_jacobian().item(), 2 * math.log(math.cosh(math.asinh(4.0))))
    with pytest.raises(cdsl.runtime.DomainError, match=r"x\[1\] is outside wide\[2\]: inf, must be finite"):
        model.x = [0.0, math.inf]
    assert cdsl.loads("x: wide").Model().spec["parameters"][0]["domain"] == "wide"


def test_a_domain_that_is_defined_again_is_the_new_one():
    cdsl.constraint(Wide)
    assert cdsl.loads("x: wide").Model(dtype=torch.float64).constrain(torch.ones(1, dtype=torch.float64)).x.item() > 1
    cdsl.constraint(variant(forward=lambda self, raw: raw * 0.5, inverse=lambda self, value: value * 2))
    assert (
        cdsl.loads("x: wide").Model(dtype=torch.float64).constrain(torch.ones(1, dtype=torch.float64)).x.item() == 0.5
    )


def test_a_good_domain_keeps_every_law():
    check_domain(Wide, declarations=["wide[2, 2]"])
    assert "wide" in domains()


def variant(**members):
    """`Wide` by a transform that is wrong in one way."""
    wrong = type("Wrong", (Scale,), {"__doc__": "Wrong.", **members})
    return type("Wide", (Wide,), {"transforms": {"sinh": wrong()}, "__module__": __name__, "__qualname__": "Wide"})


def of_domain(**members):
    """`Wide` that is wrong in one way."""
    return type("Wide", (Wide,), {**members, "__module__": __name__, "__qualname__": "Wide"})


BROKEN = {
    "1. image in domain": variant(forward=lambda self, raw: torch.where(raw > 5, torch.nan, torch.sinh(raw))),
    "2. round trip": variant(inverse=lambda self, value: torch.asinh(value) * (1 + 1e-9)),
    "2. value back": variant(inverse=lambda self, value: torch.log(value)),
    "2. explained": of_domain(violation=lambda self, value: None),
    "3. jacobian": variant(log_det=lambda self, raw: raw),
    "3. refused": variant(surjective=True),
    "4. batched": variant(forward=lambda self, raw: torch.sinh(raw - raw.mean() if raw.numel() > 1 else raw)),
    "5. dtype kept": variant(inverse=lambda self, value: torch.asinh(value.double()).round().to(torch.int64)),
    "6. finite": variant(
        log_det=lambda self, raw: torch.log(torch.cosh(raw)),
    ),
}


def test_every_law_has_a_domain_that_breaks_it():
    assert set(BROKEN) == {law.name for law in LAWS}


@pytest.mark.parametrize("law", BROKEN)
def test_a_broken_domain_is_told_which_law_it_breaks(law):
    cdsl.constraint(BROKEN[law])
    with pytest.raises(LawBroken) as caught:
        check_domain(BROKEN[law])
    lines = str(caught.value).splitlines()
    assert lines[0] == "`wide` breaks its contract:"
    assert any(line.startswith(f"{law}: `x: wide") for line in lines), lines


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (int, TypeError, "expected a subclass of cdsl.Domain"),
        (of_domain(examples=()), TypeError, "does not say its `examples`"),
        (of_domain(name="not a name"), ValueError, "is an identifier"),
        (of_domain(name="prob"), ValueError, "`prob` is a domain already, Prob"),
        (of_domain(name="unit_lower_triangular_of_nobody", transforms={}), TypeError, "does not say its `transforms`"),
    ],
)
def test_what_is_no_domain_is_not_registered(wrong, error, said):
    with pytest.raises(error, match=said):
        cdsl.constraint(wrong)


PACKAGE = '''
"""A package with a domain."""
import math
import torch
import cdsl

class Twice(cdsl.Transform):
    """y = 2x"""
    def forward(self, raw):
        """y = 2x"""
        return 2 * raw
    def inverse(self, value):
        """x = y/2"""
        return value / 2
    def log_det(self, raw):
        """log 2"""
        return torch.full_like(raw, math.log(2))

class Doubled(cdsl.Domain):
    """A number, twice."""
    name, notation, examples, starts_at = "doubled", "ℝ", ("doubled",), "0"
    transforms = {"twice": Twice()}
    def start(self, sizes): return 0.0
    def contains(self, value, *, closed=False): return torch.isfinite(value)
    def violation(self, value): return None if math.isfinite(value) else cdsl.Violation((), str(value), "be finite")
'''


def installed(tmp_path, text, target):
    """A package that names a domain by entry point, as pip would leave it."""
    (tmp_path / "own_domains.py").write_text(textwrap.dedent(text), encoding="utf-8")
    info = tmp_path / "own_domains-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: own-domains\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[cdsl.constraints]\nanything = {target}\n")
    return {"PYTHONPATH": str(tmp_path)}


@pytest.mark.untraced
@pytest.mark.parametrize("target", ["own_domains:Doubled", "own_domains"])
def test_a_domain_of_an_installed_package_is_found(target, tmp_path, run_cdsl, python):
    """By every command, each a process that imports torch: with one way to name it by all of them, with the other by two."""
    env = installed(tmp_path, PACKAGE, target)
    (tmp_path / "spec.cdsl").write_text("x: doubled = 3\np: prob\n")
    assert run_cdsl("compile", "spec.cdsl", env=env).rc == 0
    assert "A number, twice." in run_cdsl("types", "doubled", env=env).stdout
    if target == "own_domains" and not THOROUGH:
        return
    assert run_cdsl("check", "spec.cdsl", env=env).rc == 0
    ran = python("-c", "import spec; print(spec.Spec().x.item())", env=env)
    assert (ran.rc, ran.stdout) == (0, "3.0\n")
    assert "doubled" in run_cdsl("types", env=env).stdout


def test_a_package_that_cannot_be_loaded_is_named_where_a_domain_is_missing(tmp_path, run_cdsl):
    env = installed(tmp_path, "raise RuntimeError('no licence')", "own_domains:Doubled")
    (tmp_path / "spec.cdsl").write_text("x: doubled\n")
    ran = run_cdsl("check", "spec.cdsl", env=env)
    assert ran.rc == 1
    report = ran.stdout + ran.stderr
    assert "unknown domain `doubled`" in report
    assert "`own_domains:Doubled` could not be loaded: RuntimeError: no licence" in report
    (tmp_path / "fine.cdsl").write_text("x: prob\n")
    assert run_cdsl("check", "fine.cdsl", env=env).rc == 0


def test_a_standalone_module_refuses_a_domain_of_another_package():
    cdsl.constraint(Wide)
    with pytest.raises(cdsl.SpecError) as raised:
        cdsl.compile("x: wide", standalone=True)
    (problem,) = raised.value.diagnostics
    message = f"`wide` is a domain of `{Wide.__module__}`: only those of cdsl are written into a standalone module"
    assert (problem.code, problem.message, problem.help) == ("E009", message, "compile without `--standalone`")


def test_ours_are_not_looked_for_elsewhere(python):
    code = "import cdsl, cdsl.constraints as c; cdsl.compile('p: prob'); print(c.plugins.cache_info().currsize)"
    assert python("-c", code).stdout == "0\n"
