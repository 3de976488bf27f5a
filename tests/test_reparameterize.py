"""`cdsl.reparameterize`: the same values under other transforms; and transforms whose step is computed."""

from pathlib import Path

import pytest
import torch

import cdsl
from cdsl.runtime import DomainError

NESTED = (Path(__file__).parent / "accept" / "nested_models.cdsl").read_text(encoding="utf-8")


def test_values_stay_and_raw_values_change():
    model = cdsl.loads("p: prob = 0.3\ns: positive = 2\nw: simplex[3]\nfrozen g: positive = 3").Model(
        dtype=torch.float64
    )
    model.freeze_("w")
    model.eval()
    other = cdsl.reparameterize(model, s="softplus", w="stick_breaking")
    for ours, theirs in zip(model(), other(), strict=True):
        torch.testing.assert_close(theirs, ours, rtol=1e-15, atol=0)
    assert [row.split()[2] for row in other.summary().splitlines()[2:]] == [
        "logistic",
        "softplus",
        "stick_breaking",
        "exp",
    ]
    assert not torch.equal(other.s_raw, model.s_raw)
    assert other.frozen_names() == ["w", "g"]
    assert (other.training, other.p.dtype) == (False, torch.float64)


def test_dims_data_and_nested_models_come_along():
    model = cdsl.loads(NESTED).Model(J=2, M=3, z=torch.arange(4.0).reshape(2, 2))
    model.randomize_(generator=torch.Generator().manual_seed(0))
    model.freeze_("noise")
    other = cdsl.reparameterize(model, above="softplus")
    assert (other.J, other.M, other.frozen_names()) == (2, 3, model.frozen_names())
    torch.testing.assert_close(other.above, model.above)
    torch.testing.assert_close(other.many[2].df, model.many[2].df)
    torch.testing.assert_close(other.noise.x, model.noise.x)


@pytest.mark.parametrize(
    ("transforms", "message"),
    [({"q": "exp"}, "declares no `q`"), ({"s": "exq"}, "has no transform `exq`; did you mean `exp`?")],
)
def test_what_there_is_not_is_refused(transforms, message):
    model = cdsl.loads("p: prob\ns: positive").Model()
    with pytest.raises(cdsl.CdslError, match=message.replace("?", r"\?")):
        cdsl.reparameterize(model, **transforms)


ANNEALED = """
data temperature: positive = 1
s: positive
p: prob via logistic(scale=1 / temperature) = 0.3
q: prob[2] via probit(loc=s, scale=2)
"""


def test_a_step_may_be_computed_from_data_and_from_parameters():
    model = cdsl.loads(ANNEALED).Model(dtype=torch.float64)
    torch.testing.assert_close(model.p, torch.tensor(0.3, dtype=torch.float64))
    model.randomize_(generator=torch.Generator().manual_seed(1))
    theta = model.to_flat()
    torch.testing.assert_close(model.unconstrain(model()).detach(), theta, rtol=1e-13, atol=1e-13)

    def flat(theta):
        values = model.constrain(theta)
        return torch.cat([values.s[None], values.p[None], values.q])

    expected = torch.linalg.slogdet(torch.func.jacrev(flat)(theta)).logabsdet
    torch.testing.assert_close(model.log_abs_det_jacobian(), expected, rtol=1e-13, atol=1e-13)


def test_a_temperature_is_annealed_by_setting_its_buffer():
    model = cdsl.loads(ANNEALED).Model(dtype=torch.float64)
    raw = model.p_raw.detach().clone()
    model.temperature = 0.1
    assert torch.equal(model.p_raw, raw)
    torch.testing.assert_close(model.p, torch.sigmoid(raw / 0.1).squeeze())
    with pytest.raises(DomainError, match="the scale of its transform is inf"):
        model.temperature = 0.0
    assert model.temperature == 0.1


STAGED = "p: prob[2] via staged(train=logistic, eval=hard_sigmoid) = 0.3\nx: real\n"


def test_a_stage_is_that_of_the_module():
    model = cdsl.loads(STAGED).Model(dtype=torch.float64)
    raw = model.p_raw.detach()
    torch.testing.assert_close(model.p, torch.sigmoid(raw))
    assert model.log_abs_det_jacobian().isfinite()
    model.eval()
    torch.testing.assert_close(model().p, raw / 6 + 0.5)
    torch.testing.assert_close(model.constrain(model.to_flat()).p, raw / 6 + 0.5)
    with pytest.raises(cdsl.runtime.NotBijective, match="hard_sigmoid"):
        model.log_abs_det_jacobian()
    model.p = [0.2, 0.7]  # as it is read now
    torch.testing.assert_close(model.p, torch.tensor([0.2, 0.7], dtype=torch.float64))


def test_both_stages_are_exported():
    model = cdsl.loads(STAGED).Model(dtype=torch.float64)
    for training in (True, False):
        model.train(training)
        exported = torch.export.export(model, ()).module()
        torch.testing.assert_close(exported().p, model.p)


def test_a_checkpoint_knows_its_stages():
    model, other = cdsl.loads(STAGED).Model(), cdsl.loads("p: prob[2]\nx: real\n").Model()
    with pytest.raises(cdsl.runtime.SignatureMismatch, match="staged"):
        other.load_state_dict(model.state_dict())
    model.load_state_dict(model.state_dict())
