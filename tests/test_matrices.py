"""The accuracy of stochastic matrices and of manifolds against a 60-digit oracle; Stan's own; and what peers get wrong.

Bounds are the goals of the design's table of accuracy where it has one, for simplexes and `rotation`; for the others
what is measured, with room of about 2, beside them. Units: *ulp* is the distance between floats at the exact result,
*eps* that at 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.func import jacrev

import cdsl
import cdsl.runtime  # binds torch to the maps
from cdsl.constraints import domains
from cdsl.constraints.base import Transform
from cdsl.constraints.low_rank import singular_values
from tests import oracle_matrices
from tests.oracle import Real, Vec, exact, mp, ulps

pytestmark = pytest.mark.untraced

DTYPES = [pytest.param(torch.float64, id="float64"), pytest.param(torch.float32, id="float32")]
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


@dataclass(frozen=True)
class Case:
    """A map at a size, and its goals in float64; float32 is computed in float64 and rounded once."""

    domain: str
    via: str
    sizes: tuple[int, ...]
    forward: float
    """In eps of the largest entry."""
    ulp: float = math.inf
    """Of each entry, where entries are relatively exact."""
    log_det: float = 2.0
    """In eps of max(1, |log_det|), or of what is added up for it."""
    gradient: float = 4.0
    """Of Σ cos(k) yₖ and of log_det, in eps of the largest sum of absolute terms."""
    inverse: float = 4.0
    """In eps of max(1, |x|)."""
    conditioned: bool = False
    """The inverse also has the condition of the value, by which its rounding counts."""
    spread: float = 3.0
    """Of the raws."""

    def __str__(self) -> str:
        return f"{self.domain}[{', '.join(map(str, self.sizes))}] via {self.via}"

    @property
    def map(self) -> Transform:
        return domains()[self.domain].transforms[self.via]

    @property
    def oracle(self) -> oracle_matrices.Map:
        return oracle_matrices.MAPS[self.domain, self.via]

    @property
    def given(self) -> tuple[int, ...]:
        return self.sizes if domains()[self.domain].sized else ()


CASES = [
    # a row of up to 8 entries is off by a few ulp, as the logarithms of its entries are large; the goal is that of simplex
    *(
        Case(f"{line}_stochastic", "isometric_log_ratio", sizes, forward=5, ulp=40, inverse=8)
        for line, sizes in (("row", (3, 4)), ("row", (2, 50)), ("column", (4, 3)), ("column", (50, 2)))
    ),
    *(
        Case(f"{line}_stochastic", "stick_breaking", sizes, forward=4, ulp=40, log_det=1.5, inverse=4)
        for line, sizes in (("row", (3, 4)), ("row", (2, 50)), ("column", (4, 3)))
    ),
    # sums of both signs: tier A of sum_to_zero, 1.3 eps of the largest entry, once for the rows and once for the columns
    *(Case("zero_sum_matrix", "isometric", sizes, forward=2.6, log_det=0) for sizes in ((2, 2), (3, 4), (20, 10))),
    # measured: forward 1.5 eps, log_det 2.1, gradients 4.8, inverse 9.2 of N = 10, which loses what is left of 1 + cos
    *(Case("rotation", "cayley", (k,), forward=3, log_det=4, gradient=10, inverse=3 + 2 * k) for k in (2, 3, 4, 10)),
    *(
        Case("stiefel", "cayley", sizes, forward=3, log_det=4, gradient=10, inverse=3 + 2 * sizes[0])
        for sizes in ((3, 1), (4, 2), (12, 3), (5, 5))
    ),
    # measured: forward 2.5 eps, log_det 1.5, gradients 2.4, inverse 1.4
    *(
        Case("grassmann", "graph", sizes, forward=5, log_det=3, gradient=6, inverse=4)
        for sizes in ((2, 1), (4, 2), (8, 3))
    ),
    # measured: forward 1.3 eps, log_det 1.1, gradients 2.4; the inverse of 150 raws 0.8 times the condition of the value
    *(
        Case("invertible", "rotation_triangle", (k,), forward=4, log_det=4, gradient=10, inverse=2, conditioned=True)
        for k in (2, 3)
    ),
    *(
        # measured: forward 3.2 eps, log_det 3.7; the inverse 220, of matrices whose condition is 1e4
        Case("special_linear", "rotation_triangle", (k,), forward=6, log_det=6, gradient=10, inverse=400)
        for k in (2, 3)
    ),
    # measured: forward 1.1 eps, log_det 5.2, gradients 7, inverse 14; each raw has the condition of its G
    *(Case("hurwitz", "lyapunov", (k,), forward=4, log_det=10, gradient=14, inverse=100, spread=1.0) for k in (2, 3)),
    # measured: forward 1.2 eps, an entry 14 ulp, log_det 2.6, gradients 3, inverse 2; of raws that spread by 10, 2, 40, 2.1,
    # 5 and 4, as Z + g is rounded by eps of its size
    *(Case("doubly_stochastic", "sinkhorn", (k,), forward=3, ulp=30, log_det=4, gradient=8) for k in (2, 3, 5)),
    *(
        Case("doubly_stochastic", "sinkhorn", (k,), forward=4, ulp=80, log_det=4, gradient=10, inverse=8, spread=10.0)
        for k in (3, 5)
    ),
    *(
        Case("generator", via, sizes, forward=2, ulp=2.5 + sizes[0] / 4, inverse=2)
        for via in ("exp", "softplus")
        for sizes in ((2,), (10,))
    ),
]
each_case = pytest.mark.parametrize("case", CASES, ids=str)


def test_every_bijection_of_the_oracle_has_a_case() -> None:
    assert {(case.domain, case.via) for case in CASES} == set(oracle_matrices.MAPS)


def raws(case: Case, dtype: torch.dtype) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    shape = case.map.raw_event(case.sizes)
    return [case.spread * torch.randn(shape, dtype=torch.float64, generator=generator).to(dtype) for _ in range(4)]


def compute(case: Case, raw: Tensor) -> tuple[Tensor, Tensor]:
    """Value and log_det as the library computes them: float32 through float64."""
    assert case.map.scan
    value, log_det = case.map.forward_and_log_det(raw.double(), *case.given)
    return value.to(raw.dtype), log_det.to(raw.dtype)


def flat(tensor: Tensor) -> Vec:
    return exact(tensor.detach().flatten())


def off(got: Tensor, true: Vec, scale: Real, dtype: torch.dtype) -> float:
    """The largest error in eps of a scale, beyond the subnormal that an underflow costs."""
    assert got.isfinite().all()
    worst = max(abs(g - t) for g, t in zip(flat(got), true, strict=True)) - mp.mpf(torch.finfo(dtype).tiny)
    return float(max(worst, 0) / scale / torch.finfo(dtype).eps)


def hold(worst: float, goal: float, dtype: torch.dtype) -> None:
    """What is computed in float64 and rounded once is off by half an eps, and by a trace of the float64 error."""
    assert worst <= (goal if dtype == torch.float64 else 0.51)


@each_case
@each_dtype
def test_forward(case: Case, dtype: torch.dtype) -> None:
    for raw in raws(case, dtype):
        value, _ = compute(case, raw)
        true = case.oracle.forward(case.sizes, flat(raw))
        hold(off(value, true, max(map(abs, true)), dtype), case.forward, dtype)
        if math.isfinite(case.ulp):
            hold(max(ulps(float(g), t, dtype) for g, t in zip(flat(value), true, strict=True)), case.ulp, dtype)


@each_case
@each_dtype
def test_inverse(case: Case, dtype: torch.dtype) -> None:
    """Against the exact inverse of the value computed: of a manifold's as near to it as float64 has them."""
    for raw in raws(case, dtype):
        value = compute(case, raw)[0]
        got = case.map.inverse(value.double(), *case.given).to(dtype)
        true = case.oracle.inverse(case.sizes, flat(value))
        rows = zip(flat(got), true, strict=True)
        eps, goal = torch.finfo(dtype).eps, case.inverse
        goal *= float(torch.linalg.cond(value.double())) if case.conditioned else 1
        hold(float(max(abs(g - t) / max(1, abs(t)) for g, t in rows) / eps), goal, dtype)


@each_case
@each_dtype
def test_log_det(case: Case, dtype: torch.dtype) -> None:
    for raw in raws(case, dtype):
        leaf, x = raw.clone().requires_grad_(), flat(raw)
        log_det = compute(case, leaf)[1]
        true = case.oracle.log_det(case.sizes, x)
        scale = max(1, abs(true)) if case.via != "exp" else mp.fsum(map(abs, x))
        hold(off(log_det, [true], scale, dtype), case.log_det, dtype)
        gradient = torch.zeros_like(raw)
        if log_det.requires_grad:
            (gradient,) = torch.autograd.grad(log_det, leaf)
        trues = case.oracle.log_det_gradient(case.sizes, x)
        hold(off(gradient, trues, max(1, *map(abs, trues)), dtype), case.gradient, dtype)


@each_case
@each_dtype
def test_gradient(case: Case, dtype: torch.dtype) -> None:
    """Terms of both signs: beside what they are without them, by the Jacobian in float64."""
    for raw in raws(case, dtype):
        leaf = raw.clone().requires_grad_()
        value = compute(case, leaf)[0]
        weights = torch.cos(torch.arange(value.numel(), dtype=dtype)).reshape(value.shape)
        (gradient,) = torch.autograd.grad((value * weights).sum(), leaf)
        true = case.oracle.pullback(case.sizes, flat(raw), flat(weights))
        jacobian = torch.func.jacrev(lambda x: case.map.forward(x, *case.given))(raw.double())
        terms = weights.double().abs().flatten() @ jacobian.abs().reshape(value.numel(), -1)
        hold(off(gradient, true, mp.mpf(terms.max().item()), dtype), case.gradient + 2, dtype)


EXTREMES = [1e-300, 1e-8, 1.0, 30.0, 1e3, 1e6]


@pytest.mark.parametrize("case", [case for case in CASES if case.via in ("cayley", "graph")], ids=str)
@pytest.mark.parametrize("size", EXTREMES)
def test_forward_and_log_det_far_out(case: Case, size: float) -> None:
    """(I - B)⁻¹ is good to eps times the size of B where B has a null vector, as it has for odd K: so is the value, and
    log_det, which is N - 1 times a sum of N logarithms."""
    shape = case.map.raw_event(case.sizes)
    generator = torch.Generator().manual_seed(1)
    for raw in (
        torch.full(shape, size, dtype=torch.float64),
        size * torch.randn(shape, dtype=torch.float64, generator=generator),
    ):
        value, log_det = compute(case, raw)
        x = flat(raw)
        assert off(value, case.oracle.forward(case.sizes, x), 1, torch.float64) <= 10 * max(1, size)
        true = case.oracle.log_det(case.sizes, x)
        assert off(log_det, [true], max(case.sizes[0], abs(true)), torch.float64) <= 10 * max(1, size)


# ---- rotations: orthogonal to the last digit, which is where peers fail -------------------------------------------------


def defect(value: Tensor) -> float:
    """max |YᵀY - I| in eps, of the numbers as they are."""
    wide = value.double()
    gram = wide.mT @ wide
    return float((gram - torch.eye(gram.shape[-1])).abs().max() / torch.finfo(value.dtype).eps)


@each_dtype
@pytest.mark.parametrize("size", [2, 3, 10, 50])
@pytest.mark.parametrize("scale", [1.0, 1e4, 1e8, 1e16, 1e30])
def test_rotations_are_orthogonal_at_any_scale(size: int, scale: float, dtype: torch.dtype) -> None:
    """numerics.md: 6 eps for K ≤ 50. At scale 1e4 torch's matrix_exp is off by 5e5 eps, its cayley by 16 (float32: 74)."""
    ours = domains()["rotation"].transforms["cayley"]
    generator = torch.Generator().manual_seed(size)
    for _ in range(3):
        raw = (scale * torch.randn(ours.raw_event((size,)), dtype=torch.float64, generator=generator)).to(dtype)
        value = ours.forward(raw.double()).to(dtype)
        assert defect(value) <= 6
        assert torch.linalg.det(value.double()) > 0.9


@pytest.mark.parametrize("scale", [1.0, 1e4, 1e16, 1e300])
@pytest.mark.parametrize(
    ("domain", "sizes"), [("stiefel", (50, 7)), ("stiefel", (9, 8)), ("grassmann", (50, 7)), ("orthogonal", (25,))]
)
def test_orthonormal_columns_at_any_scale(domain: str, sizes: tuple[int, ...], scale: float) -> None:
    ours = next(iter(domains()[domain].transforms.values()))
    raw = scale * torch.randn(ours.raw_event(sizes), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    given = sizes if domains()[domain].sized else ()
    assert defect(ours.forward(raw, *given)) <= 6


@pytest.mark.parametrize("size", [2, 3, 4, 7])
def test_log_volume_of_the_largest_rotations(size: int) -> None:
    """Where B is scaled down, what that took from log det(I + B) is added: to 1e-6 up to the largest number."""
    ours = domains()["rotation"].transforms["cayley"]
    generator = torch.Generator().manual_seed(size)
    for scale in (1e9, 1e100, 1e307):
        raw = scale * torch.rand(ours.raw_event((size,)), dtype=torch.float64, generator=generator)
        with mp.workdps(700):  # 1 beside the square of the largest
            true = oracle_matrices.ROTATION.log_det((size,), flat(raw))
        assert abs(ours.log_det(raw).item() / float(true) - 1) < 1e-6


def test_failure_7_weight_decay_of_an_orthogonal_matrix() -> None:
    """torch keeps the signs of its householder on the raw diagonal and reads them by `.int()`: one step of AdamW, and the
    matrix is 0."""
    reflection = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    model = cdsl.loads(f"q: orthogonal[3] = {reflection}").Model(dtype=torch.float64)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1, weight_decay=0.1)
    for _ in range(20):
        optimizer.zero_grad()
        (model().q * torch.arange(9.0).reshape(3, 3)).sum().backward()
        optimizer.step()
        assert defect(model().q.detach()) <= 6
        assert torch.linalg.det(model().q.detach()) < -0.9


@pytest.mark.parametrize("sizes", [(3,), (4,), (9,)])
def test_an_orthogonal_matrix_of_either_component_is_kept(sizes: tuple[int, ...]) -> None:
    ours = domains()["orthogonal"].transforms["cayley"]
    raw = torch.randn(50, *ours.raw_event(sizes), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    value = ours.forward(raw)
    assert torch.equal(torch.linalg.slogdet(value).sign, torch.sign(raw[:, -sizes[0] :]).prod(-1))
    back = ours.inverse(value)
    torch.testing.assert_close(ours.forward(back), value, rtol=0, atol=1e-13)
    assert back.abs().max() <= 4 * 2 ** sizes[0], "far from the singular"


@pytest.mark.parametrize("seed", range(6))
def test_every_signed_permutation_is_reached(seed: int) -> None:
    """Those are half turns, most of them, that Cayley's transform alone does not reach; so are reflections."""
    ours = domains()["orthogonal"].transforms["cayley"]
    generator = torch.Generator().manual_seed(seed)
    for size in (1, 2, 3, 6):
        signs = torch.randint(0, 2, (size,), generator=generator).double() * 2 - 1
        value = torch.eye(size, dtype=torch.float64)[torch.randperm(size, generator=generator)] * signs
        raw = ours.inverse(value)
        assert raw.isfinite().all()
        torch.testing.assert_close(ours.forward(raw), value, rtol=0, atol=1e-14)
        mirror = torch.randn(size, dtype=torch.float64, generator=generator)
        value = value - 2 * torch.outer(mirror, mirror @ value) / mirror.dot(mirror)
        torch.testing.assert_close(ours.forward(ours.inverse(value)), value, rtol=0, atol=1e-13)


def test_a_rotation_has_the_derivative_of_exp_at_the_identity() -> None:
    """The convention of torch and geotorch: A/2, so that small steps are those of matrix_exp; and torch's very values."""
    ours = domains()["rotation"].transforms["cayley"]
    a = torch.randn(5, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).tril(-1)
    raw = torch.cat([a[i, :i] for i in range(1, 5)])
    linear = torch.nn.Linear(5, 5, bias=False, dtype=torch.float64)
    torch.nn.utils.parametrizations.orthogonal(linear, orthogonal_map="cayley", use_trivialization=False)
    linear.parametrizations.weight.original.data = a
    torch.testing.assert_close(ours.forward(raw), linear.weight.detach(), rtol=0, atol=1e-14)
    small = 1e-6 * raw
    torch.testing.assert_close(ours.forward(small), torch.matrix_exp(1e-6 * (a - a.mT)), rtol=0, atol=1e-16)


# ---- the exponential ------------------------------------------------------------------------------------------------------


@each_dtype
@pytest.mark.parametrize("size", [2, 3, 4, 10])
def test_the_exponential_of_a_skew_matrix(size: int, dtype: torch.dtype) -> None:
    """Measured 2 eps for angles of about 5, and 12 for the 30 of K = 10: an eps of the largest angle."""
    ours = domains()["rotation"].transforms["matrix_exp"]
    generator = torch.Generator().manual_seed(size)
    for _ in range(3):
        raw = (3 * torch.randn(ours.raw_event((size,)), dtype=torch.float64, generator=generator)).to(dtype)
        true = oracle_matrices.exponential(size, flat(raw))
        angle = float(torch.linalg.vector_norm(raw.double()))
        hold(off(ours.forward(raw.double()).to(dtype), true, 1, dtype), 4 + angle, dtype)


@each_dtype
@pytest.mark.parametrize("size", [2, 3, 10, 50])
@pytest.mark.parametrize("scale", [1.0, 1e4, 1e8, 1e16, 1e30])
def test_exponentials_are_orthogonal_at_any_scale(size: int, scale: float, dtype: torch.dtype) -> None:
    """numerics.md: 6 eps for K ≤ 50, where torch's own, of scale 1e4, is off by 5e5 eps."""
    ours = domains()["rotation"].transforms["matrix_exp"]
    generator = torch.Generator().manual_seed(size)
    raw = (scale * torch.randn(ours.raw_event((size,)), dtype=torch.float64, generator=generator)).to(dtype)
    value = ours.forward(raw.double()).to(dtype)
    assert defect(value) <= 6
    assert torch.linalg.det(value.double()) > 0.9


@pytest.mark.parametrize("size", [2, 3, 4, 7, 20])
@pytest.mark.parametrize("near", [0.0, 1e-3, 1e-6])
def test_the_inverse_of_the_exponential_is_the_principal_logarithm(size: int, near: float) -> None:
    """Angles within ±π, close to ±π too, and those that are equal; back to the value within 20 eps, measured 8."""
    generator = torch.Generator().manual_seed(size)
    basis = torch.linalg.qr(torch.randn(size, size, dtype=torch.float64, generator=generator)).Q
    angles = torch.rand(size // 2, dtype=torch.float64, generator=generator) * math.pi
    if near:
        angles[:2] = math.pi - near
    a = torch.zeros(size, size, dtype=torch.float64)
    for i, angle in enumerate(angles):
        a[2 * i + 1, 2 * i], a[2 * i, 2 * i + 1] = angle, -angle
    a = basis @ a @ basis.mT
    raw = torch.cat([a[i, :i] for i in range(1, size)])
    ours = domains()["rotation"].transforms["matrix_exp"]
    value = ours.forward(raw)
    back = ours.inverse(value)
    assert torch.linalg.vector_norm(back) <= torch.linalg.vector_norm(angles) + 1e-9
    assert (ours.forward(back) - value).abs().max() <= 20 * torch.finfo(torch.float64).eps
    if not near:
        torch.testing.assert_close(back, raw, rtol=0, atol=1e-11)


def test_the_exponential_is_torchs() -> None:
    """The very values of `torch.nn.utils.parametrizations.orthogonal`, its derivatives, and small steps of `cayley`."""
    ours, cayley = (domains()["rotation"].transforms[name] for name in ("matrix_exp", "cayley"))
    a = torch.randn(5, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).tril(-1)
    raw = torch.cat([a[i, :i] for i in range(1, 5)])

    def theirs(x: Tensor) -> Tensor:
        low = torch.zeros(25, dtype=torch.float64).index_copy(0, torch.ones(5, 5).tril(-1).flatten().nonzero()[:, 0], x)
        low = low.unflatten(0, (5, 5))
        return torch.linalg.matrix_exp(low - low.mT)

    torch.testing.assert_close(ours.forward(raw), theirs(raw), rtol=0, atol=1e-14)
    mine, other = torch.func.jacrev(ours.forward)(raw), torch.func.jacrev(theirs)(raw)
    torch.testing.assert_close(mine, other, rtol=0, atol=1e-13)
    torch.testing.assert_close(ours.forward(1e-6 * raw), cayley.forward(1e-6 * raw), rtol=0, atol=3e-16)


@pytest.mark.parametrize("size", [2, 3, 6, 10])
def test_special_linear_comes_back(size: int) -> None:
    """Applied to what `inverse` found, forward is within 16 eps of the value's largest entry: measured 11.4; without a step
    of Newton 68. What is left is the determinant's: all that a value misses of 1 is made up for by one entry."""
    case = Case("special_linear", "rotation_triangle", (size,), forward=16)
    generator = torch.Generator().manual_seed(size)
    for raw in 3 * torch.randn(2, *case.map.raw_event(case.sizes), dtype=torch.float64, generator=generator):
        value = case.map.forward(raw)
        true = case.oracle.forward(case.sizes, flat(case.map.inverse(value)))
        scale = mp.mpf(value.abs().max().item())
        assert off(value, true, scale, torch.float64) <= case.forward


# ---- stable, and doubly stochastic ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 5, 10])
def test_stability_without_torch(size: int) -> None:
    """Routh's scheme says what eigenvalues say, just inside and just outside."""
    hurwitz = domains()["hurwitz"]
    generator = torch.Generator().manual_seed(size)
    for _ in range(3):
        matrix = torch.randn(size, size, dtype=torch.float64, generator=generator)
        matrix = matrix - torch.linalg.eigvals(matrix).real.max() * torch.eye(size, dtype=torch.float64)
        for step in (1e-6, 1e-3, 10.0):
            shift = step * torch.eye(size, dtype=torch.float64)
            assert hurwitz.contains(matrix - shift)
            assert hurwitz.violation((matrix - shift).tolist()) is None
            assert not hurwitz.contains(matrix + shift)
            assert hurwitz.violation((matrix + shift).tolist()) is not None


@pytest.mark.parametrize("size", [2, 5, 12])
def test_stable_matrices_are_those_of_a_lyapunov_equation(size: int) -> None:
    """Any stable matrix has a raw; and its log-Jacobian is that of autograd."""
    ours = domains()["hurwitz"].transforms["lyapunov"]
    generator = torch.Generator().manual_seed(size)
    matrix = torch.randn(4, size, size, dtype=torch.float64, generator=generator) - 2 * math.sqrt(size) * torch.eye(
        size
    )
    raw = ours.inverse(matrix)
    torch.testing.assert_close(ours.forward(raw), matrix, rtol=0, atol=1e-12)
    jacobian = torch.func.vmap(torch.func.jacrev(lambda x: ours.forward(x).flatten()))(raw)
    torch.testing.assert_close(ours.log_det(raw), torch.linalg.slogdet(jacobian).logabsdet, rtol=1e-11, atol=0)
    assert ours.inverse(-matrix).isnan().all()


def test_the_log_jacobian_of_a_stable_matrix_that_turns_as_fast_as_it_may() -> None:
    """For K = 2 the eigenvalues' sum does not turn: all that the turn a adds is log(1 + a²). From 2²⁴ on to √eps of
    that, as a is scaled down to there."""
    log_det = domains()["hurwitz"].transforms["lyapunov"].log_det
    turns = torch.tensor([0.0, 0.5, 1e3, 2.0**24, 2.0**26, 1e12, 1e30, 1e100], dtype=torch.float64)
    raw = torch.stack([turns, *torch.tensor([0.3, -0.2, 0.7], dtype=torch.float64)[:, None].expand(3, len(turns))], -1)
    added = torch.where(turns < 1e9, torch.log1p(turns * turns), 2 * torch.log(turns))
    rest = log_det(raw) - added
    assert ((rest - rest[0]).abs() <= torch.where(turns < 2.0**24, 1e-13, 2.0**-25 * added)).all(), rest


def test_the_log_jacobian_of_a_stable_matrix_whose_turn_is_scaled_down() -> None:
    """For K = 3, of turns up to 2²⁶, against autograd and LU: these lose 2²⁶ of 2⁵³, and are good to a thousandth."""
    one = domains()["hurwitz"].transforms["lyapunov"]
    raw = torch.tensor([2.0**26, -(2.0**25), 2.0**24, 0.3, -0.2, 0.7, 0.4, -0.5, 0.1], dtype=torch.float64)
    slopes = jacrev(one.forward)(raw).reshape(9, 9)
    assert abs(one.log_det(raw) - torch.linalg.slogdet(slopes).logabsdet) < 1e-3


@pytest.mark.parametrize("size", [2, 3, 10, 50])
def test_doubly_stochastic_is_the_limit_of_sinkhorn(size: int) -> None:
    """Of any matrix of logarithms: what is constant in its rows or columns changes nothing."""
    ours, zero_sum = domains()["doubly_stochastic"].transforms["sinkhorn"], domains()["zero_sum_matrix"]
    generator = torch.Generator().manual_seed(size)
    logs, row, column = (torch.randn(9, size, n, dtype=torch.float64, generator=generator) for n in (size, 1, 1))
    limit = torch.exp(logs)
    for _ in range(2000):
        limit = limit / limit.sum(-1, keepdim=True)
        limit = limit / limit.sum(-2, keepdim=True)
    raw = zero_sum.transforms["isometric"].inverse(logs + row + column.mT)
    torch.testing.assert_close(ours.forward(raw), limit, rtol=1e-13, atol=0)
    torch.testing.assert_close(ours.inverse(limit), raw, rtol=0, atol=1e-13)


@pytest.mark.parametrize("size", [2, 3, 5, 10, 30])
@pytest.mark.parametrize("spread", [1.0, 3.0, 10.0, 30.0])
def test_doubly_stochastic_is_found(size: int, spread: float) -> None:
    """Measured: sums within 2.5 eps, and back to raw within 4."""
    domain, eps = domains()["doubly_stochastic"], torch.finfo(torch.float64).eps
    generator = torch.Generator().manual_seed(size)
    raw = spread * torch.randn(100, size - 1, size - 1, dtype=torch.float64, generator=generator)
    value = domain.transforms["sinkhorn"].forward(raw)
    assert domain.residual(value).max() <= 4 * eps
    back = domain.transforms["sinkhorn"].inverse(value)
    assert ((back - raw).abs().amax((-2, -1)) <= 8 * eps * raw.abs().amax((-2, -1)).clamp(min=1)).all()


@pytest.mark.parametrize("size", [2, 3, 5, 10])
@pytest.mark.parametrize("spread", [30.0, 60.0])
def test_doubly_stochastic_next_to_a_permutation(size: int, spread: float) -> None:
    """Entries of e⁻²⁰⁰ beside 1, each good to eps of what is in the exponent, which is all that raw has; and log_det to
    eps of itself, its gradient to eps of the largest raw: measured 1.5, 2.4 and 0.6 of them."""
    ours, truth = domains()["doubly_stochastic"].transforms["sinkhorn"], oracle_matrices.DOUBLY_STOCHASTIC
    generator, eps = torch.Generator().manual_seed(size), torch.finfo(torch.float64).eps
    for _ in range(3):
        raw = spread * torch.randn(size - 1, size - 1, dtype=torch.float64, generator=generator)
        leaf, x = raw.requires_grad_(), flat(raw)
        value, log_det = ours.forward_and_log_det(leaf)
        true, volume = truth.forward((size,), x), truth.log_det((size,), x)
        worst = max(abs(mp.log(mp.mpf(got) / entry)) for got, entry in zip(flat(value), true, strict=True))
        largest = max(1.0, raw.abs().max().item())
        assert worst <= 3 * size * largest * eps
        assert off(log_det[None], [volume], max(1, abs(volume)), torch.float64) <= 4
        (slope,) = torch.autograd.grad(log_det, leaf)
        slopes = truth.log_det_gradient((size,), x)
        assert off(slope, slopes, max(1, *map(abs, slopes)), torch.float64) <= max(4, largest)


@pytest.mark.parametrize("scale", [100.0, 1e3, 1e8, 1e30, 1e300])
@pytest.mark.parametrize("size", [2, 5, 30])
def test_doubly_stochastic_sums_to_1_for_every_raw(size: int, scale: float) -> None:
    """Where Newton may not arrive: to K eps for what mends it, and 5 for what needs none; log_det and gradients are numbers."""
    domain = domains()["doubly_stochastic"]
    generator = torch.Generator().manual_seed(size)
    raw = scale * torch.randn(20, size - 1, size - 1, dtype=torch.float64, generator=generator)
    raw.requires_grad_()
    value, log_det = domain.transforms["sinkhorn"].forward_and_log_det(raw)
    assert (value >= 0).all()
    assert domain.residual(value).max() <= max(5, size) * torch.finfo(torch.float64).eps
    assert log_det.isfinite().all()
    weights = torch.cos(torch.arange(value.numel(), dtype=value.dtype)).reshape(value.shape)
    for result in ((value * weights).sum(), log_det.sum()):
        assert torch.autograd.grad(result, raw, retain_graph=True)[0].isfinite().all()


@pytest.mark.parametrize("size", [2, 3, 5, 10])
@pytest.mark.parametrize("scale", [1.0, 30.0, 300.0])
def test_doubly_stochastic_is_a_mean_of_permutations_that_are_as_good(size: int, scale: float) -> None:
    """The identity and a cycle: halves, at any scale."""
    ours, zero_sum = domains()["doubly_stochastic"].transforms["sinkhorn"], domains()["zero_sum_matrix"]
    eye = torch.eye(size, dtype=torch.float64)
    both = eye + eye.roll(1, 0)
    value = ours.forward(zero_sum.transforms["isometric"].inverse(scale * both))
    expected = torch.exp(scale * (both - 1))
    torch.testing.assert_close(value, expected / expected.sum(-1, keepdim=True), rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("basis", [[[3.0, 1.0], [4.0, 2.0], [0.0, 5.0]], [[1.0, 1.0], [1.0, 0.0], [2.0, -3.0]]])
def test_a_subspace_is_the_same_by_any_of_its_bases(basis: list[list[float]]) -> None:
    """Any orthonormal basis may be set; projector and raw depend on the subspace alone."""
    q = torch.linalg.qr(torch.tensor(basis, dtype=torch.float64)).Q
    turned = q @ torch.tensor([[0.6, -0.8], [0.8, 0.6]], dtype=torch.float64)
    graph = domains()["grassmann"].transforms["graph"]
    torch.testing.assert_close(graph.inverse(q), graph.inverse(turned), rtol=1e-14, atol=1e-14)
    value = graph.forward(graph.inverse(turned))
    torch.testing.assert_close(value @ value.mT, q @ q.mT, rtol=0, atol=1e-14)


# ---- rank -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(3, 4, 2), (5, 2, 1), (20, 30, 4)])
def test_low_rank_is_the_product_and_its_inverse_has_balanced_factors(sizes: tuple[int, ...]) -> None:
    m, n, r = sizes
    ours, domain = domains()["low_rank"].transforms["factors"], domains()["low_rank"]
    raw = 3 * torch.randn(ours.raw_event(sizes), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    value = ours.forward(raw, *sizes)
    rows = [exact(row) for row in raw]
    true = [mp.fdot(u, v) for u in rows[:m] for v in rows[m:]]
    assert off(value, true, 9 * r, torch.float64) <= 1 + math.sqrt(r)
    # Rounding moves each entry by about an eps of the largest, all of them together (Frobenius) by √(M N) of it: no singular
    # value moves further (Weyl). In which order a product is summed is the processor's business.
    assert domain.residual(value, *sizes) <= math.sqrt(m * n) * torch.finfo(torch.float64).eps
    assert domain.violation(value.tolist(), *sizes) is None
    back = ours.inverse(value, *sizes)
    torch.testing.assert_close(ours.forward(back, *sizes), value, rtol=0, atol=1e-13 * value.abs().max().item())
    left, right = back[:m], back[m:]
    torch.testing.assert_close(left.mT @ left, right.mT @ right, rtol=0, atol=1e-11)


def test_singular_values_without_torch() -> None:
    for seed, shape in enumerate([(3, 5), (6, 4), (1, 3), (4, 4)]):
        matrix = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
        matrix[-1] = matrix[0]
        got = singular_values(matrix.tolist())
        torch.testing.assert_close(
            torch.tensor(got, dtype=torch.float64), torch.linalg.svdvals(matrix), rtol=1e-14, atol=1e-14
        )


# ---- Stan -----------------------------------------------------------------------------------------------------------------


@cache
def stans(declaration: str) -> Any:
    """Its log density is the log-Jacobian of its transform."""
    stanli = pytest.importorskip("stanli")
    return stanli.Model(stan_code=f"parameters {{ {declaration} y; }} model {{ }}")


@pytest.mark.parametrize("sizes", [(2, 2), (2, 5), (7, 3), (50, 10)])
@pytest.mark.parametrize("seed", range(2))
def test_stans_zero_sum_matrix(sizes: tuple[int, int], seed: int) -> None:
    """The same basis, and raw in the same order."""
    ours = domains()["zero_sum_matrix"].transforms["isometric"]
    raw = torch.randn(ours.raw_event(sizes), dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    model = stans(f"sum_to_zero_matrix[{sizes[0]}, {sizes[1]}]")
    density, slope = model.log_prob_grad(raw.flatten().numpy())
    assert density == ours.log_det(raw).item() == 0
    assert not slope.any()
    value = ours.forward(raw)
    theirs = torch.as_tensor(model.unconstrain({"y": value.tolist()}))
    torch.testing.assert_close(ours.inverse(value).flatten(), theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("sizes", [(2, 2), (3, 5), (4, 50)])
@pytest.mark.parametrize("line", ["row", "column"])
def test_stans_simplexes(sizes: tuple[int, int], line: str) -> None:
    """stanli has no stochastic matrices: an array of simplexes is the same but for the order, which is that of columns."""
    many, length = sizes
    ours = domains()[f"{line}_stochastic"].transforms["isometric_log_ratio"]
    written = sizes if line == "row" else (length, many)
    raw = torch.randn(ours.raw_event(written), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    leaf = raw.clone().requires_grad_()
    value, log_det = ours.forward_and_log_det(leaf)
    (gradient,) = torch.autograd.grad(log_det, leaf)
    each, slopes, rows = (raw.mT, gradient.mT, value) if line == "row" else (raw, gradient, value.mT)
    model = stans(f"array[{many}] simplex[{length}]")
    density, slope = model.log_prob_grad(each.flatten().numpy())
    torch.testing.assert_close(log_det.item(), density, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(slopes.flatten(), torch.as_tensor(slope), rtol=1e-9, atol=1e-9)
    theirs = torch.as_tensor(model.unconstrain({"y": rows.tolist()}))
    torch.testing.assert_close(each.flatten(), theirs, rtol=1e-9, atol=1e-9)


# ---- the oracle itself ----------------------------------------------------------------------------------------------------

SMALLEST = {case.domain + case.via: case for case in reversed(CASES) if math.prod(case.map.raw_event(case.sizes)) < 13}


@pytest.mark.parametrize("case", SMALLEST.values(), ids=str)
def test_the_oracles_derivatives_are_those_of_its_forward(case: Case) -> None:
    """And its inverse is one. (That its log_det is that of the Jacobian is the law 3 of every map that agrees with it.)"""
    truth, sizes = case.oracle, case.sizes
    x = [mp.mpf(value) for value in raws(case, torch.float64)[0].flatten().tolist()]
    g = [mp.cos(k) for k in range(len(truth.forward(sizes, x)))]

    def at(k: int, t: Real) -> Vec:
        return [*x[:k], t, *x[k + 1 :]]

    slopes = zip(truth.pullback(sizes, x, g), truth.log_det_gradient(sizes, x), strict=True)
    for k, (of_value, of_log_det) in enumerate(slopes):
        value = mp.diff(lambda t, k=k: mp.fdot(g, truth.forward(sizes, at(k, t))), x[k])
        log_det = mp.diff(lambda t, k=k: truth.log_det(sizes, at(k, t)), x[k])
        assert abs(value - of_value) < 1e-20 * max(1, abs(of_value))
        assert abs(log_det - of_log_det) < 1e-20
    back = truth.inverse(sizes, truth.forward(sizes, x))
    assert max(abs(b - v) for b, v in zip(back, x, strict=True)) < 1e-40


@pytest.mark.parametrize("k", [3, 4])
@pytest.mark.parametrize("far", [1e9, 1e12])
def test_the_inverse_of_special_linear_makes_no_long_step_near_half_turns(k: int, far: float) -> None:
    """Of four rows on B is shrunk to 2²⁴, and what a step adds, (I + B) Ω (I - B) with an Ω of up to 2⁻²², is below 2²⁶."""
    rotation = torch.eye(k, dtype=torch.float64)
    rotation[:2, :2] = torch.tensor([[1 - far**2 / 4, -far], [far, 1 - far**2 / 4]], dtype=torch.float64) / (
        1 + far**2 / 4
    )
    got = domains()["special_linear"].transforms["rotation_triangle"].inverse(rotation)[0].item()
    assert abs(got - far) <= (2.0**26 if k > 3 else 4 * torch.finfo(torch.float64).eps * far)
