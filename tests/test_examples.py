"""Every example runs as a script, and what it tells is so."""

import io
import os
import re
import runpy
import subprocess
import sys
from contextlib import redirect_stdout
from itertools import pairwise
from pathlib import Path

import pytest
import torch

import cdsl
from cdsl.runtime import ConstrainedModule

EXAMPLES = Path(__file__).parents[1] / "examples"
NEEDS = {
    "clip_or_transform": ["matplotlib"],
    "fit_mixture": ["rich", "sklearn"],
    "schedule": [],
    "second_backward": [],
    "watch": ["tensorboard"],
}
WRITES = {"clip_or_transform": "plot.png", "watch": "log"}


def example(name: str, run_name: str = "example") -> dict:
    """The globals of an example; skipped where what it needs is not installed."""
    for package in NEEDS[name]:
        pytest.importorskip(package)
    return runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name=run_name)


@pytest.fixture
def script(monkeypatch, capsys, tmp_path):
    """Runs an example as `python examples/NAME.py` does, and returns what it prints."""

    def run(name: str) -> str:
        arguments = [str(tmp_path / WRITES[name])] if name in WRITES else []
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *arguments])
        example(name, "__main__")
        return capsys.readouterr().out

    return run


def test_every_example_is_tested_here():
    written = [file for file in EXAMPLES.glob("*.py") if not file.with_suffix(".cdsl").exists()]  # the rest is compiled
    assert sorted(NEEDS) == sorted(file.stem for file in written)


# -- fit_mixture -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixture():
    """`fit_mixture` run as a script: what it prints, its globals, and the model that it prints the summary of. Run once."""
    fitted, summary = [], ConstrainedModule.summary
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as printed:
        patch.setattr(sys, "argv", ["fit_mixture.py"])
        patch.setattr(ConstrainedModule, "summary", lambda model: [fitted.append(model), summary(model)][1])
        ours = example("fit_mixture", "__main__")
    (model,) = fitted
    return printed.getvalue(), ours, model


def test_mixture_prints_its_table(mixture):
    printed, _, _ = mixture
    assert "600/600" in printed
    assert re.search(r"^background +prob +logistic +\(\) +0\.0659 +yes$", printed, re.MULTILINE)
    assert re.search(r"^means +ordered\[2\] +increments +\(2,\) +\[12\.71, 19\.1\] +yes$", printed, re.MULTILINE)
    assert printed.endswith("log-likelihood of the 569 tumours: -1457.098\n")


def test_mixture_alone_reaches_the_optimum_of_scikit_learn():
    """The mixture without its background, which is held at a share that no tumour could notice.

    EM closes a constant share of what is left in each step. When it stops, at a gain of 1e-14 per tumour, sklearn lacks
    about 1e-9 of the maximum, and so, where the maximum is quadratic, about 1e-5 of the parameters.
    """
    ours = example("fit_mixture")
    from sklearn.mixture import GaussianMixture

    x = ours["radii"]()
    model = ours["mixture"].Mixture(dtype=torch.float64)
    model.assign_(background=1e-12)
    model.freeze_("background")
    reached = ours["fit"](model, x)

    theirs = GaussianMixture(2, tol=1e-14, reg_covar=0, max_iter=10_000, random_state=0).fit(x[:, None].numpy())
    order = theirs.means_[:, 0].argsort()
    assert theirs.converged_
    assert reached == pytest.approx(theirs.score(x[:, None].numpy()) * len(x), abs=1e-8)
    assert model.weights.tolist() == pytest.approx(theirs.weights_[order], rel=1e-5)
    assert model.means.tolist() == pytest.approx(theirs.means_[order, 0], rel=1e-5)
    assert model.scales.tolist() == pytest.approx(theirs.covariances_[order, 0, 0] ** 0.5, rel=1e-5)


def test_mixture_with_its_background_reaches_the_optimum_of_em(mixture):
    """The same likelihood by another algorithm, which knows no gradient, no transform and no torch."""
    _, ours, model = mixture
    x = ours["radii"]()
    reached = ours["log_likelihood"](model, x).item()

    log_likelihood, background, weights, means, scales = em(x.numpy())
    assert reached == pytest.approx(log_likelihood, abs=1e-8)
    assert model.background.item() == pytest.approx(background, rel=1e-5)
    assert model.weights.tolist() == pytest.approx(weights, rel=1e-5)
    assert model.means.tolist() == pytest.approx(means, rel=1e-5)
    assert model.scales.tolist() == pytest.approx(scales, rel=1e-5)


def em(x, steps=1000):
    """Expectation and maximisation for two normals and a uniform background; the constants of the normal written out."""
    import numpy as np

    background, weights, means, scales = 0.05, np.array([0.5, 0.5]), np.array([12.0, 20.0]), np.array([3.0, 3.0])
    for _ in range(steps):
        normal = np.exp(-(((x[:, None] - means) / scales) ** 2) / 2) / (scales * np.sqrt(2 * np.pi))
        joint = np.column_stack([(1 - background) * weights * normal, np.full_like(x, background / np.ptp(x))])
        log_likelihood = np.log(joint.sum(1)).sum()
        share = joint / joint.sum(1, keepdims=True)
        kind, total = share[:, :2], share[:, :2].sum(0)
        background, weights = share[:, 2].mean(), total / total.sum()
        means = (kind * x[:, None]).sum(0) / total
        scales = np.sqrt((kind * (x[:, None] - means) ** 2).sum(0) / total)
    return log_likelihood, background, weights, means, scales


# -- the seed story --------------------------------------------------------------------------------------------------


def test_second_backward(script):
    printed = script("second_backward")
    assert "Trying to backward through the graph a second time" in printed
    p = float(re.search(r"after 10,000 steps p = (\S+)", printed)[1])
    # One step of Adam moves raw by at most its learning rate, 1e-3, and so p by at most 1e-3 p (1 - p) = 9e-5.
    assert p == pytest.approx(0.9, abs=9e-5)


def test_second_backward_happens_at_the_second_step():
    ours = example("second_backward")
    ours["train"](ours["Kept"](), steps=1)
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        ours["train"](ours["Kept"](), steps=2)


def test_clipping_gets_stuck_and_the_transform_arrives():
    ours = example("clip_or_transform")
    values, gradients = ours["clipped"]()
    assert values[0] == 0.95
    assert gradients[0] != 0
    assert set(values[1:]) == {0.0}
    assert set(gradients[1:]) == {0.0}

    values, gradients = ours["transformed"]()
    assert values[0] == pytest.approx(0.95)
    assert 0 not in gradients
    # Gradient descent closes a constant share of the distance in each step, here 8 %: less than 1e-4 is left after 100 steps.
    assert values[-1] == pytest.approx(0.8, abs=1e-4)
    assert all(abs(after - 0.8) < abs(before - 0.8) for before, after in pairwise(values))


def test_plot_of_both_paths(script, tmp_path):
    printed = script("clip_or_transform")
    assert "clipped after each step: p = 0.000000, gradient = 0 " in printed
    assert "transformed: p = 0.8000" in printed
    drawn, kept = tmp_path / "plot.png", EXAMPLES / "clip_or_transform.png"
    for file in (drawn, kept):
        assert file.read_bytes().startswith(b"\x89PNG")
        assert 10_000 < file.stat().st_size < 150_000


def test_watch_three_ways(tmp_path):
    ours = example("watch")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    model = ours["cdsl"].loads("p: prob", name="Coin").Coin()
    returned = ours["train"](model, str(tmp_path), steps=50)

    recorded = EventAccumulator(str(tmp_path)).Reload()
    assert recorded.Tags()["scalars"] == ["coin/p"]
    events = recorded.Scalars("coin/p")
    assert [event.step for event in events] == list(range(50))
    assert [event.value for event in events] == returned  # both float32: not a bit is lost
    assert returned[0] == 0.5
    assert model.p.item() not in returned  # read after the last step


def test_watch_finds_the_share_of_heads(script, tmp_path):
    printed = script("watch")
    assert "before training: p = 0.5000" in printed
    assert "after training:  p = 0.7000" in printed
    assert list((tmp_path / "log").glob("events.out.tfevents.*"))


def test_schedule_carries_the_values(script):
    printed = script("schedule")
    assert len(re.findall(r"\[0\.05, 0\.5, 0\.95\] +yes", printed)) == 2

    ours = example("schedule")
    training = ours["gates"]("logistic")
    ours["train"](training, steps=100)
    evaluation = ours["carry"](training, "hard_sigmoid")
    # Through an inverse and back: a few roundings, each half an ulp of a number of at most 3 that is divided by 6.
    torch.testing.assert_close(evaluation.g, training.g, rtol=0, atol=4 * torch.finfo(torch.float32).eps)
    assert not torch.allclose(evaluation.g_raw, training.g_raw)
    expected = ((evaluation.g_raw + 3) / 6).clamp(0, 1)  # as it is computed near 0, and to a rounding elsewhere
    torch.testing.assert_close(evaluation.g, expected, rtol=2 * torch.finfo(torch.float32).eps, atol=0)


# -- distributed -----------------------------------------------------------------------------------------------------


@pytest.mark.untraced
@pytest.mark.filterwarnings("ignore:torch.distributed is disabled")  # as `no_dist` asks
@pytest.mark.skipif(not torch.distributed.is_available(), reason="this torch is built without distributed")
def test_two_processes_train_shops_and_one_reads_what_they_saved(tmp_path):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(EXAMPLES.parent), *sys.path]),
    }
    done = subprocess.run(
        [*command, str(EXAMPLES / "distributed" / "train.py"), str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^step (\d+): loss -?\d+\.\d{3}, Sunday has 0\.\d{3} of a week$", done.stdout, re.MULTILINE) == [
        "30",
        "60",
    ]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["shops.safetensors", "step-30", "step-60"]

    import torch.distributed.checkpoint as dcp

    shops = cdsl.load(EXAMPLES / "distributed" / "shops.cdsl").Shops
    model = shops.load(tmp_path / "shops.safetensors")
    # 40 weeks of about 86,000 visitors: shares are known to 4e-4, and a rate near 3 to sqrt(3 / 280) = 0.1
    torch.testing.assert_close(model.day, torch.tensor([1.0, 1, 1, 1, 1, 4, 5]) / 14, rtol=0, atol=2e-3)
    assert (model.rate - torch.linspace(1, 5, 4096)).abs().mean() < 0.15

    other = shops()
    state = {"model": other.state_dict()}
    dcp.load(state, checkpoint_id=tmp_path / "step-60", no_dist=True)
    other.load_state_dict(state["model"])
    assert torch.equal(other.to_flat(), model.to_flat())
