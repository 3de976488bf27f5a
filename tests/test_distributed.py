"""Two processes that train one model: what each of them checked, see `tests/processes.py`, and what they leave to one."""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import torch
import torch.distributed

import cdsl
from cdsl.runtime import SignatureMismatch

if not (torch.distributed.is_available() and torch.distributed.is_gloo_available()):
    pytest.skip("this torch has no gloo", allow_module_level=True)

import torch.distributed.checkpoint as dcp

from tests.processes import CHECKS, KINDS, LAYOUTS, PLAIN, SPECS, model_of
from tests.test_at_home import SPEC
from tests.test_readme import blocks

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "scaling.md"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where the two processes wrote, with the checkpoints of one that they read."""
    if not hasattr(torch.cpu.Stream, "record_event"):
        pytest.skip("fully_shard of torch 2.6 needs a GPU")
    place = tmp_path_factory.mktemp("distributed")
    for spec in SPECS:
        save({"model": model_of(spec).state_dict()}, place / f"one-{spec}")
    (place / "every.cdsl").write_text(SPEC, encoding="utf-8")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [sys.executable, "-m", "tests.processes"]
    both = [
        subprocess.Popen(
            [*command, str(rank), str(place)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in (0, 1)
    ]
    try:
        told = [one.communicate(timeout=300)[0] for one in both]
    finally:
        for one in both:
            one.kill()
    for rank, text in enumerate(told):
        assert (place / f"{rank}.json").exists(), text
    return place


def save(state, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is one process
        dcp.save(state, checkpoint_id=path, no_dist=True)


def load(state, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dcp.load(state, checkpoint_id=path, no_dist=True)


@pytest.mark.parametrize("name", CHECKS)
def test_both_processes_find_that(name, place):
    found = [json.loads((place / f"{rank}.json").read_text(encoding="utf-8"))[name] for rank in (0, 1)]
    assert found == ["", ""], "\n".join(found)


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_what_two_saved_one_loads_in_either_layout(kind, place):
    flat = torch.load(place / f"flat-{'-'.join(kind)}.pt")
    for layout in LAYOUTS:
        model = model_of(kind[0], layout, seed=5)
        state = {"model": model.state_dict()}
        load(state, place / f"two-{'-'.join(kind)}")
        model.load_state_dict(state["model"])
        assert torch.equal(model.to_flat(), flat)


@pytest.mark.untraced
def test_what_two_saved_four_load_and_two_again_and_one(place):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [sys.executable, "-m", "tests.processes", str(place)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    for kind in KINDS:
        model = model_of(kind[0], kind[1], seed=5)
        state = {"model": model.state_dict()}
        load(state, place / f"four-{'-'.join(kind)}")
        model.load_state_dict(state["model"])
        assert torch.equal(model.to_flat(), torch.load(place / f"flat-{'-'.join(kind)}.pt"))


def test_one_refuses_what_two_saved_under_other_constraints(place):
    other = model_of(PLAIN.replace("p: prob", "p: prob via probit"))
    state = {"model": {key: value.clone() for key, value in other.state_dict().items()}}
    before = other.to_flat()
    load(state, place / "two-plain-separate")
    with pytest.raises(SignatureMismatch, match=r"p: the checkpoint was saved under `prob via logistic`"):
        other.load_state_dict(state["model"])
    assert torch.equal(other.to_flat(), before)


@pytest.mark.filterwarnings("ignore")  # its own, of many kinds
def test_the_recipe_of_lightning_runs_where_it_is_installed(tmp_path, monkeypatch):
    pytest.importorskip("lightning", reason="waits for lightning, which is in the extra dev")
    monkeypatch.chdir(tmp_path)
    found = blocks(PAGE)
    (tmp_path / "shops.cdsl").write_text(next(body for kind, body, _ in found if kind == "cdsl"), encoding="utf-8")
    namespace = {"torch": torch, "Shops": cdsl.load("shops.cdsl").Shops}
    exec(next(body for kind, body, _ in found if kind == "text" and "import Callback" in body), namespace)
    logged, model = namespace["trainer"].callback_metrics, namespace["fit"].model
    assert [*logged] == [f"day[{at}]" for at in range(7)]
    assert [value.item() for value in logged.values()] == model.day.tolist()
    assert model.rate.mean() > 1.1
