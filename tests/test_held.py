"""Entries that stay at their start: raw has the others alone, and everything follows."""

import copy

import pytest
import torch

import cdsl
from cdsl.runtime import DomainError
from cdsl.runtime.errors import SignatureMismatch

SPEC = """
beta: real[3] = [1, 0, 0] frozen [true, false, false]
s: interval(0, [1, 2, 3])[2, 3] via probit = [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]] frozen [[false, true, false], [true, true, false]]
tau: positive[2] via exp(scale=2) = [1, 3] frozen [false, true]
p: prob
"""
OPEN = SPEC + "dim K = 2\nlet total = sum(beta) + K\n"


@pytest.fixture(scope="module", params=[SPEC, OPEN], ids=["closed", "open"])
def cls(request):
    """The class of a spec, closed or open to its caller."""
    return cdsl.loads(request.param).Model


@pytest.fixture
def model(cls):
    """One of these, its raw drawn anew."""
    model = cls(dtype=torch.float64)
    model.randomize_(generator=torch.Generator().manual_seed(0))
    return model


def flat(values):
    """All entries of all parameters."""
    return torch.cat([getattr(values, name).reshape(-1) for name in ("beta", "s", "tau", "p")])


def test_what_stays_is_neither_raw_nor_flat_and_never_moves(model):
    assert {name: tuple(raw.shape) for name, raw in model.named_parameters()} == {
        "beta_raw": (2,),
        "s_raw": (3,),
        "tau_raw": (1,),
        "p_raw": (1,),
    }
    assert model.raw_names() == [
        "beta_raw[0]",
        "beta_raw[1]",
        "s_raw[0]",
        "s_raw[1]",
        "s_raw[2]",
        "tau_raw[0]",
        "p_raw",
    ]
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1, weight_decay=0.5)
    before = model()
    for _ in range(3):
        optimizer.zero_grad()
        flat(model()).square().sum().backward()
        optimizer.step()
    after = model()
    stays = flat(before) == flat(after)
    assert stays.tolist() == [True, False, False, False, True, False, True, True, False, False, True, False]
    assert (model.beta[0], model.s[0, 1], model.s[1, 0], model.tau[1]) == (1, 0.2, 0.4, 3)


def test_log_det_is_that_of_the_entries_that_are_learned(model):
    theta = model.to_flat()
    jacobian = torch.autograd.functional.jacobian(lambda theta: flat(model.constrain(theta)), theta)
    learned = jacobian.abs().sum(1) > 0
    assert learned.sum() == len(theta)
    truth = torch.linalg.slogdet(jacobian[learned]).logabsdet
    torch.testing.assert_close(model.log_abs_det_jacobian(), truth, rtol=1e-12, atol=0)  # a product of 7 slopes


def test_flat_vectors_go_both_ways_in_batches(model):
    theta = torch.randn(5, 2, model.unconstrained_size, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    values, log_det = model.constrain_and_log_det(theta)
    assert (values.s.shape, log_det.shape) == ((5, 2, 2, 3), (5, 2))
    torch.testing.assert_close(model.unconstrain(values), theta, rtol=1e-12, atol=1e-12)  # of probits within 4 of 0
    one, log_det_of_one = model.constrain_and_log_det(theta[3, 1])
    assert torch.equal(one.s, values.s[3, 1])
    torch.testing.assert_close(log_det_of_one, log_det[3, 1], rtol=1e-14, atol=0)


def test_a_value_may_be_set_where_it_agrees_with_what_stays(model):
    model.beta = [1, 5, -6]
    assert model.beta.tolist() == [1, 5, -6]
    with pytest.raises(DomainError, match=r"beta\[0\] is frozen at 1, got 2"):
        model.beta = [2, 5, -6]
    with pytest.raises(DomainError, match=r"s\[0, 1\] is frozen at 0\.2, got 0\.1"):
        model.assign_(s=0.1)
    assert model.beta.tolist() == [1, 5, -6]


def test_values_of_another_precision_agree(cls):
    model, wide = cls(), cls(dtype=torch.float64)
    wide.assign_(**{name: getattr(model(), name).detach() for name in ("beta", "s", "tau", "p")})
    model.assign_(**{name: getattr(wide(), name).detach() for name in ("beta", "s", "tau", "p")})
    assert wide.s[0, 1] == 0.2
    assert model.s[0, 1] == torch.tensor(0.2)


def test_what_stays_follows_the_module(cls, model):
    assert model.to(torch.float32).to(torch.float64).s[0, 1] == 0.2
    assert copy.deepcopy(model).s[0, 1] == 0.2
    meta = cls(device="meta").to_empty(device="cpu")
    meta.reset_parameters()
    assert meta.s[0, 1] == torch.tensor(0.2)
    graph = torch.compile(model, fullgraph=True, backend="aot_eager")
    assert torch.equal(flat(graph()), flat(model()))


def test_checkpoints_know_what_stays(model):
    other = cdsl.loads(SPEC.replace("[true, false, false]", "[false, false, true]")).Model()
    with pytest.raises(SignatureMismatch, match=r"beta: .* with \[1\.0, _, _\] frozen, .* with \[_, _, 0\.0\] frozen;"):
        other.load_state_dict(model.state_dict())
    moved = cdsl.loads(SPEC.replace("[1, 0, 0]", "[2, 0, 0]")).Model()
    with pytest.raises(SignatureMismatch, match="beta"):
        moved.load_state_dict(model.state_dict())
    assert "of 3" in repr(model)


def test_another_transform_leaves_it_where_it_is(model):
    new = cdsl.reparameterize(model, s="logistic", beta="identity")
    torch.testing.assert_close(flat(new()), flat(model()), rtol=1e-12, atol=0)  # one inverse and one map
    assert new.s_raw.shape == (3,)


def test_what_stays_needs_no_raw_value():
    model = cdsl.loads("x: nonnegative[3] = [0, 1, 2] frozen [true, false, false]\n").Model()
    model.x = [0, 3, 4]
    assert model.x.tolist() == [0, 3, 4]
    assert model.x_raw.isfinite().all()
    with pytest.raises(cdsl.SpecError, match="no raw value"):
        cdsl.compile("x: nonnegative[2] = [0, 1] frozen [false, true]\n")


@pytest.mark.parametrize(
    ("spec", "dtype", "message"),
    [
        (
            "x: real[2] = [1e6, 0] frozen [true, false]",
            torch.float16,
            "x[0] is frozen at 1000000.0, which does not fit torch.float16",
        ),
        (
            "x: prob[2] = [1e-50, 0.5] frozen [true, false]",
            torch.float32,
            "x[0] is outside prob[2]: 0, must be strictly between 0 and 1",
        ),
    ],
)
def test_what_stays_fits_the_dtype(spec, dtype, message):
    cls = cdsl.loads(spec).Model
    assert cls(dtype=torch.float64).x.isfinite().all()
    with pytest.raises(DomainError) as found:
        cls(dtype=dtype)
    assert str(found.value) == message


def test_json_keeps_it():
    (one,) = cdsl.check(cdsl.parse("x: real[2] = 0 frozen [true, false]\n")).model.parameters
    assert one.held == (True, False)
    assert type(one).model_validate_json(one.model_dump_json()) == one
