"""One spec, four ways to its module: a file, in memory, standalone, packed. What each gives is held against the others.

A file and a module in memory are one text; a standalone module runs the same operations, so that values, log-determinants and
gradients are the same bit for bit, in either layout. The packed layout maps like declarations together, and torch computes what
fills its registers otherwise than what is left: an entry's last bits depend on what stands beside it. There the bounds are those
of tests/test_packed.py, which holds all that is promised of that layout.
"""

import importlib
import random

import pytest
import torch

import cdsl
from cdsl.emit import LAYOUTS, emit
from cdsl.files import class_of
from cdsl.loader import module_of

from .conftest import THOROUGH
from .test_accept import HUGE, SPECS
from .test_packed import leaves
from .test_random_specs import spec_of

FIXTURES = {one.stem: (one.read_bytes().decode("utf-8-sig"), class_of(one)) for one in SPECS if one.stem not in HUGE}
CASES = FIXTURES if THOROUGH else dict([*FIXTURES.items()][::4])
CASES |= {f"random {seed}": (spec_of(random.Random(seed).choice), "Model") for seed in range(60 if THOROUGH else 6)}


def computed(module, name, theta=None):
    """What a module computes at some raw: values, gradients of a function of all of them, and where there is one the log-det."""
    model = getattr(module, name)(dtype=torch.float64)
    model.randomize_(1.0, generator=torch.Generator().manual_seed(0))
    theta = (model.to_flat() if theta is None else theta).requires_grad_()
    bijective = all(leaf.one.map.transform.bijective for leaf in model._free())
    values, log_det = model.constrain_and_log_det(theta) if bijective else (model.constrain(theta), theta.sum())
    found = leaves(values)
    whole = sum((one.double().cos().sum() / at for at, one in enumerate(found.values(), 1)), log_det)
    (gradient,) = torch.autograd.grad(whole, theta) if whole.requires_grad else (theta,)
    own = {f"own {place}": one.detach() for place, one in leaves(model()).items()}
    return {**found, **own, "log-det": log_det.detach(), "gradient": gradient}, theta.detach()


@pytest.mark.parametrize("case", CASES)
def test_the_ways_to_a_module_give_the_same(case, tmp_path, monkeypatch):
    text, name = CASES[case]
    model = cdsl.check(cdsl.parse(text), name).model
    found, theta = {}, None
    for layout in LAYOUTS:
        python = emit(model, layout=layout)
        assert python == cdsl.compile(text, name=name, layout=layout)
        (tmp_path / f"of_{layout}.py").write_text(python, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        for way, module in {
            "file": importlib.import_module(f"of_{layout}"),
            "memory": cdsl.loads(text, name, layout),
            "standalone": module_of(emit(model, layout=layout, standalone=True)),
        }.items():
            found[layout, way], theta = computed(module, name, theta)
        for way in ("memory", "standalone"):
            for what, expected in found[layout, "file"].items():
                assert same(found[layout, way][what], expected), (layout, way, what)
    for what, expected in found["separate", "file"].items():
        near = {"rtol": 1e-12, "atol": 1e-12} if what in ("log-det", "gradient") else {"rtol": 1e-13, "atol": 1e-13}
        torch.testing.assert_close(found["packed", "file"][what], expected, equal_nan=True, **near)


def same(one, other):
    """Whether every bit is, of numbers and of what is none."""
    return (
        one.dtype == other.dtype
        and one.shape == other.shape
        and torch.equal(one.isnan(), other.isnan())
        and torch.equal(one[~one.isnan()], other[~other.isnan()])
    )


def test_imported_models_are_the_same_imported_or_written_in(tmp_path, monkeypatch, run_cdsl):
    """What a compiled module imports from others, a module in memory and a standalone one have themselves."""
    (tmp_path / "inner.cdsl").write_text(
        "type unit(k) = scaled_simplex(k)[3]\nmodel Noise {\n    s: unit(2)\n    d: cov[2]\n}\n"
    )
    (tmp_path / "outer_spec.cdsl").write_text(
        'from "inner.cdsl" import Noise as Other, unit\np: prob\nn: Other[2]\nu: unit(3)\nlet m = n[0].s * p\n'
    )
    assert run_cdsl("compile", "inner.cdsl", "outer_spec.cdsl").rc == 0
    monkeypatch.syspath_prepend(tmp_path)
    expected, theta = computed(importlib.import_module("outer_spec"), "OuterSpec")
    assert run_cdsl("compile", "--standalone", "outer_spec.cdsl", "-o", "alone_spec.py").rc == 0
    for module in (cdsl.load(tmp_path / "outer_spec.cdsl"), importlib.import_module("alone_spec")):
        found, _ = computed(module, "OuterSpec", theta)
        assert all(same(found[what], one) for what, one in expected.items())


def test_this_can_tell_two_modules_apart():
    one, theta = computed(cdsl.loads("p: prob\n"), "Model")
    other, _ = computed(cdsl.loads("p: prob via arctan\n"), "Model", theta)
    assert not same(one["p"], other["p"])
    assert not same(one["log-det"], other["log-det"])
    assert not same(one["gradient"], other["gradient"])
    assert not same(torch.tensor([0.0, torch.nan]), torch.tensor([torch.nan, 0.0]))
