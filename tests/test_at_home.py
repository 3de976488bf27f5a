"""Every domain wherever torch puts a module: copies, checkpoints, optimizers, hooks; and what users of other tools complain of.

One model declares every domain by its default transform, each under its own name, so that a feature is tried for all of them at
once. The features are the rows of the table in docs/training.md: `python -m tests.test_at_home` writes it.
"""

from __future__ import annotations

import copy
import functools
import inspect
import io
import math
import pickle
import sys
import tempfile
import types
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import safetensors.torch
import torch
from scipy.optimize import Bounds, minimize
from torch import nn
from torch.nn.utils import (
    clip_grad_norm_,
    clip_grad_value_,
    parameters_to_vector,
    parametrizations,
    vector_to_parameters,
)
from torch.optim.swa_utils import SWALR, AveragedModel, get_ema_multi_avg_fn
from torch.utils.checkpoint import checkpoint

import cdsl
from cdsl.constraints import domains
from cdsl.runtime import CheckpointError, DomainError, bounds
from tests.strategies import SHAPES_OF
from tests.test_readme import blocks

PAGE = Path(__file__).parents[1] / "docs" / "training.md"
BEGIN, END = "<!-- features -->\n", "<!-- end of features -->\n"

EVERY = {
    cases[0].domain.name: cases[0]
    for cases in SHAPES_OF.values()
    if cases[0].declared.map.name == cases[0].domain.default
}
SPEC = "".join(f"{name}: {case}\n" for name, case in EVERY.items()) + "frozen constant: positive = 2\n"


LAYOUT = ContextVar("layout", default="separate")
"""The layout in which a row of the table is tried."""


def of(text, **options):
    return cdsl.loads(text, layout=LAYOUT.get()).Model(**{"dtype": torch.float64, **options})


def packed():
    return LAYOUT.get() == "packed"


def hold(model, *names):
    """Freeze, where single parameters can be; where they cannot, it is refused."""
    if not packed():
        model.freeze_(*names)
        return
    with pytest.raises(TypeError, match="has no raw parameter of its own"):
        model.freeze_(*names)


def every(seed=0, **options):
    """A model of every domain, away from its start."""
    model = of(SPEC, **options)
    model.randomize_(1.0, generator=torch.Generator().manual_seed(seed))
    return model


@functools.cache
def target():
    with torch.no_grad():
        return tuple(value.detach().clone() for value in every(seed=1)())


def loss(model):
    """How far each value is from another that is possible."""
    return sum((value - goal).square().mean() for value, goal in zip(model(), target(), strict=True))


def raws(model):
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def assert_equal(one, other):
    """The same raws by name, bit by bit, and the same frozen."""
    left, right = raws(one), raws(other)
    assert {*left} == {*right}
    assert [name for name in left if not torch.equal(left[name], right[name])] == []
    assert one.frozen_names() == other.frozen_names()
    assert [name for name, parameter in other.named_parameters() if not parameter.requires_grad] == [
        f"{name}_raw" for name in other.frozen_names()
    ]
    assert (list(left) == ["raw", "constant_raw"]) == packed() or "constant" not in one.frozen_names()


def assert_inside(model):
    """Every value in its domain, closed."""
    values = model()
    wrong = [
        name for name, case in EVERY.items() if not case.contains(getattr(values, name).detach(), closed=True).all()
    ]
    assert wrong == []


def assert_trains(model):
    """Every parameter that is free has a finite gradient, that of a frozen one is none."""
    model.zero_grad()
    loss(model).backward()
    for leaf in model._leaves():
        gradient = leaf.grad
        assert gradient is None if leaf.frozen else gradient.isfinite().all(), leaf.name


class Feature(NamedTuple):
    name: str
    how: str
    packed: str
    """`as well`, or what is there instead."""
    run: Callable[[Path], None]


FEATURES = []
AS_WELL = "as well"


def feature(name, how, packed=AS_WELL):
    """A row of the table: what it is, what to write, what is different in the packed layout, and the test of it."""

    def register(run):
        FEATURES.append(Feature(name, how, packed, run))
        return run

    return register


# -- copies and checkpoints ---------------------------------------------------------------------------------------------


@feature("`state_dict`, `load_state_dict`", "as of any module, strictly; keys are `p_raw`, … and the signature")
def state_dict(place):
    model, other = every(), every(1)
    keys = other.load_state_dict(model.state_dict())
    assert (keys.missing_keys, keys.unexpected_keys) == ([], [])
    assert_equal(model, other)
    assert_trains(other)


@feature("`torch.save`", "`model.load_state_dict(torch.load(path, weights_only=True))`")
def weights_only(place):
    model, other = every(), every(1)
    torch.save(model.state_dict(), place / "a.pt")
    other.load_state_dict(torch.load(place / "a.pt", weights_only=True))
    assert_equal(model, other)


@feature(
    "`save`, `load`",
    "`model.save(path)`, `Mixture.load(path)`: with data, dims, and what is frozen",
    "as well; what `freeze_` holds is refused",
)
def save(place):
    model = every()
    hold(model, "simplex", "cov")
    model.save(place / "a.safetensors")
    other = type(model).load(place / "a.safetensors")
    assert_equal(model, other)
    assert_trains(other)
    if not packed():
        other.unfreeze_("simplex", "cov")
    assert_trains(other)


@feature(
    "safetensors",
    "`load_file`, `save_file`, `load_model`, `save_model` of the package",
    "all but `save_model`, which takes no views of one tensor",
)
def package(place):
    model = every()
    model.save(place / "a")
    safetensors.torch.save_file(model.state_dict(), place / "b")
    safetensors.torch.save_model(model, str(place / "c"))
    for name in "abc":
        for load in (
            lambda other, path: other.load_state_dict(safetensors.torch.load_file(path)),
            safetensors.torch.load_model,
        ):
            other = every(1)
            load(other, place / name)
            assert_equal(model, other)
        assert_equal(model, type(model).load(place / name))


@feature("pickle", "`pickle.dumps(model)`, `torch.save(model, path)` with `weights_only=False`")
def pickled(place):
    model = every()
    hold(model, "ball")
    torch.save(model, place / "a.pt")
    for other in (pickle.loads(pickle.dumps(model)), torch.load(place / "a.pt", weights_only=False)):
        assert_equal(model, other)
        assert_trains(other)


@feature("`copy.deepcopy`", "a copy that shares nothing")
def deepcopied(place):
    model = every()
    hold(model, "ball")
    kept, other = raws(model), copy.deepcopy(model)
    assert_equal(model, other)
    assert_trains(other)
    other.randomize_()
    assert all(torch.equal(value, kept[name]) for name, value in raws(model).items())


@feature("meta device", '`Mixture(device="meta").to_empty(device="cpu")`, then `reset_parameters()`')
def meta(place):
    shell = every(device="meta")
    shell.to_empty(device="cpu")
    with torch.no_grad():
        for parameter in shell.parameters():
            parameter.fill_(math.nan)
    shell.reset_parameters()
    assert_equal(of(SPEC), shell)
    assert_trains(shell)


@feature("`assign=True`", "`shell.load_state_dict(state, assign=True)`, from the meta device too")
def assigned(place):
    model, shell = every(), every(device="meta")
    shell.load_state_dict(model.state_dict(), assign=True)
    assert_equal(model, shell)
    assert_trains(shell)


@feature("`to`, `double`, `half`", "values are in the dtype of raw")
def moved(place):
    model = every(dtype=torch.float32)
    kept = raws(model)
    assert all(torch.equal(value.float(), kept[name]) for name, value in raws(model.double()).items())
    for dtype in (torch.bfloat16, torch.float16, torch.float32):
        assert {value.dtype for value in model.to(dtype)()} == {dtype}
        assert_inside(model)


@feature("EMA and SWA", "`AveragedModel(model)`: the average of raw values, which is in the domain")
def averaged(place):
    for average in (
        AveragedModel,
        functools.partial(AveragedModel, multi_avg_fn=get_ema_multi_avg_fn(0.5), use_buffers=True),
    ):
        model = every()
        mean, first = average(model), raws(model)
        mean.update_parameters(model)
        model.randomize_(1.0, generator=torch.Generator().manual_seed(2))
        mean.update_parameters(model)
        for name, parameter in mean.module.named_parameters():
            torch.testing.assert_close(parameter.detach(), (first[name] + raws(model)[name]) / 2)
        assert_inside(mean.module)
        other = every(1)
        other.load_state_dict(mean.module.state_dict())
        assert_equal(mean.module, other)
        average(model).load_state_dict(mean.state_dict())


@feature("`share_memory`", "`model.share_memory()`, for processes that train one model")
def shared(place):
    model = every().share_memory()
    assert model.is_shared() if hasattr(model, "is_shared") else all(one.is_shared() for one in model.parameters())
    assert_trains(model)


# -- optimizers ---------------------------------------------------------------------------------------------------------

OPTIMIZERS = {
    name: one
    for name, one in vars(torch.optim).items()
    if inspect.isclass(one) and issubclass(one, torch.optim.Optimizer) and one is not torch.optim.Optimizer
}
"""All of the installed torch."""
RATES = {"Adadelta": 1.0, "LBFGS": 0.1}
"""Where the size of a step is not that of a change of raw."""


def fit(model, optimizer, steps=4):
    def closure():
        optimizer.zero_grad()
        value = loss(model)
        value.backward()
        return value

    for _ in range(steps):
        optimizer.step(closure)


@feature(
    "optimizers", "each of `torch.optim` steps, but SparseAdam, whose gradients are sparse; Muon takes matrices alone"
)
def optimizers(place):
    model = every()
    start, before, first = copy.deepcopy(model.state_dict()), raws(model), loss(model).item()
    for name, optimizer in OPTIMIZERS.items():
        if packed() and name not in ("Adam", "LBFGS", "SGD"):
            continue  # what the others do to one parameter or to forty differs in nothing of ours
        model.load_state_dict(start)
        groups = model.param_groups()
        if name == "Muon":
            groups = [one for one in groups[0]["params"] if one.ndim == 2]
            assert len(groups) > 1
        options = {"max_iter": 3} if name == "LBFGS" else {}
        made = optimizer(groups, lr=RATES.get(name, 0.01), **options)
        if name == "SparseAdam":
            with pytest.raises(RuntimeError, match="does not support dense gradients"):
                fit(model, made, 1)
            continue
        fit(model, made, 2)
        assert loss(model).item() < first, name
        assert_inside(model)
        held = {own: torch.equal(value, before[own]) for own, value in raws(model).items()}
        moving = {id(one) for group in made.param_groups for one in group["params"]}
        assert held == {own: id(one) not in moving for own, one in model.named_parameters()}, name


@feature("fused and foreach", "`torch.optim.AdamW(model.param_groups(), fused=True)`")
def fused(place):
    results = []
    for options in ({"fused": True}, {"foreach": True}, {}):
        model = every()
        fit(model, torch.optim.AdamW(model.param_groups(), lr=0.01, **options), 2)
        results.append(parameters_to_vector(model.parameters()).detach())
    for one in results[:2]:  # the same steps in other orders of operations
        torch.testing.assert_close(one, results[2], rtol=1e-12, atol=1e-12)


@feature(
    "parameter groups",
    '`model.param_groups(no_decay=["s"], lr={"w": 1e-3})`',
    "one group, `model.param_groups(lr=1e-3)`; single parameters are refused",
)
def groups(place):
    model = every()
    found = model.param_groups(no_decay=["simplex", "cov"], lr={"prob": 0.05})
    optimizer = torch.optim.AdamW(found, lr=0.01, weight_decay=0.5)
    assert [(len(one["params"]), one["lr"], one["weight_decay"]) for one in optimizer.param_groups] == [
        (len(EVERY) - 3, 0.01, 0.5),
        (2, 0.01, 0.0),
        (1, 0.05, 0.5),
    ]
    fit(model, optimizer)
    other = every(1)
    again = torch.optim.AdamW(other.param_groups(no_decay=["simplex", "cov"], lr={"prob": 0.05}))
    other.load_state_dict(model.state_dict())
    saved = io.BytesIO()
    torch.save(optimizer.state_dict(), saved)
    saved.seek(0)
    again.load_state_dict(torch.load(saved, weights_only=True))
    fit(model, optimizer)
    fit(other, again)
    assert_equal(model, other)


@feature("learning-rate schedules", "as of any optimizer, over the groups")
def schedules(place):
    model = every()
    groups = model.param_groups() if packed() else model.param_groups(lr={"simplex": 0.1})
    optimizer = torch.optim.Adam(groups, lr=0.01)
    for make in (
        lambda: torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5**step),
        lambda: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10),
        lambda: torch.optim.lr_scheduler.OneCycleLR(optimizer, [0.01, 0.1][: len(groups)], total_steps=10),
        lambda: SWALR(optimizer, swa_lr=0.005),
    ):
        schedule = make()
        fit(model, optimizer, 1)
        before = [group["lr"] for group in optimizer.param_groups]
        schedule.step()
        assert all(group["lr"] != rate for group, rate in zip(optimizer.param_groups, before, strict=True))
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    before = optimizer.param_groups[0]["lr"]
    for _ in range(3):
        plateau.step(1.0)
    assert optimizer.param_groups[0]["lr"] < before


@feature("clipping", "`clip_grad_norm_(model.parameters(), 1.0)`")
def clipping(place):
    model = every()
    assert_trains(model)
    assert clip_grad_norm_(model.parameters(), 1e-3) > 1e-3
    norm = torch.cat([one.grad.flatten() for one in model.parameters() if one.grad is not None]).norm()
    assert abs(norm - 1e-3) < 1e-8  # torch divides by the norm and 1e-6
    clip_grad_value_(model.parameters(), 1e-9)
    assert max(one.grad.abs().max() for one in model.parameters() if one.grad is not None and one.numel()) <= 1e-9


@feature("autocast and `GradScaler`", "values stay in the dtype of raw")
def scaled(place):
    model = every(dtype=torch.float32)
    scaler, optimizer = torch.amp.GradScaler("cpu", init_scale=1024.0), torch.optim.SGD(model.param_groups(), lr=0.001)
    kept = raws(model)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        values = model()
        total = sum((value * value).mean() for value in values)
    assert {value.dtype for value in values} == {torch.float32}
    scaler.scale(total).backward()
    scaler.step(optimizer)
    scaler.update()
    assert scaler.get_scale() == 1024.0, "no gradient was infinite"
    assert any(not torch.equal(value, kept[name]) for name, value in raws(model).items())


@feature(
    "optimizer in the backward pass",
    "`model.p_raw.register_post_accumulate_grad_hook(…)`",
    "as well, of `model.raw`",
)
def in_backward(place):
    model, twin = every(), every()
    optimizers = {one: torch.optim.SGD([one], lr=0.01) for one in model.parameters() if one.requires_grad}
    for parameter, optimizer in optimizers.items():
        parameter.register_post_accumulate_grad_hook(lambda one, own=optimizer: (own.step(), own.zero_grad())[0])
    loss(model).backward()
    fit(twin, torch.optim.SGD(twin.param_groups(), lr=0.01), 1)
    assert_equal(twin, model)


@feature("`zero_grad`, accumulation", "gradients add up, and are zeros or none")
def accumulated(place):
    model = every()
    loss(model).backward()
    once = {name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None}
    loss(model).backward()
    assert all(torch.equal(model.get_parameter(name).grad, 2 * gradient) for name, gradient in once.items())
    model.zero_grad(set_to_none=False)
    assert all(not model.get_parameter(name).grad.any() for name in once)
    model.zero_grad(set_to_none=True)
    assert all(one.grad is None for one in model.parameters())


# -- a module among modules ---------------------------------------------------------------------------------------------


@feature(
    "`nn.ModuleList`, `nn.ModuleDict`, members",
    "keys have the prefix; `nn.Sequential` holds it too, but calls with an input, and a model takes none",
)
def member(place):
    for build in (
        lambda: nn.ModuleList([nn.Linear(2, 2), every()]),
        lambda: nn.ModuleDict({"net": nn.Linear(2, 2), "own": every()}),
        lambda: nn.Sequential(nn.Linear(2, 2), every()),
    ):
        parent, other = build(), build()
        for one in other.modules():
            if isinstance(one, cdsl.runtime.ConstrainedModule):
                one.randomize_()
        other.load_state_dict(parent.state_dict())
        own, twin = (next(one for one in each.modules() if hasattr(one, "frozen_names")) for each in (parent, other))
        assert_equal(own, twin)
        assert len(list(parent.parameters())) == len(list(every().parameters())) + 2
        assert_trains(twin)
    with pytest.raises(TypeError, match="positional argument"):
        parent(torch.ones(2))


@feature(
    "`requires_grad_`",
    "of a parent: what is frozen stays a constant; freeze by name",
    "of `raw`; `freeze_` of single parameters is refused",
)
def requires_grad(place):
    model = every()
    model.freeze_("simplex")
    model.requires_grad_(False)
    assert not any(value.requires_grad for value in model())
    model.requires_grad_(True)
    loss(model).backward()
    assert model.simplex_raw.grad is None
    assert model.constant_raw.grad is None
    assert model.prob_raw.grad is not None


@feature("`parameters_to_vector`", "all raws as one; `to_flat` leaves the frozen out")
def vector(place):
    model, other = every(), every(1)
    whole = parameters_to_vector(model.parameters())
    assert torch.equal(whole[:-1].sort().values, model.to_flat().sort().values), "the constant comes last"
    assert packed() or torch.equal(whole[:-1], model.to_flat())
    vector_to_parameters(whole, other.parameters())
    assert_equal(model, other)


@feature("`parametrize` beside it", "`weight_norm`, `orthogonal`, … of other modules of the same parent")
def parametrized(place):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = parametrizations.weight_norm(nn.Linear(2, 3, dtype=torch.float64))
            self.own = every()

        def forward(self, x):
            return self.net(x) * self.own.prob + self.own().simplex.sum()

    net, other = Net(), Net()
    net(torch.ones(2, dtype=torch.float64)).sum().backward()
    assert all(leaf.grad.isfinite().all() for leaf in net.own._leaves() if leaf.name == "prob")
    other.own.randomize_()
    other.load_state_dict(net.state_dict())
    assert_equal(net.own, other.own)


@feature(
    "hooks",
    "forward, backward and state-dict hooks; the output stays a named tuple",
    "all but those of a backward pass, which torch calls where a module returns a tuple",
)
def hooks(place):
    model, seen = every(), []
    model.register_forward_pre_hook(lambda module, args: seen.append("before"))
    model.register_forward_hook(lambda module, args, values: seen.append(type(values).__name__))
    model.register_full_backward_pre_hook(lambda module, gradients: seen.append(len(gradients)))
    model.register_full_backward_hook(lambda module, inward, outward: seen.append(len(outward)))
    model.register_state_dict_post_hook(lambda module, state, prefix, local: seen.append("saved"))
    model.register_load_state_dict_post_hook(lambda module, keys: seen.append("loaded"))
    values = model()
    assert type(values) is type(every()())
    loss_of_all = sum(value.sum() for value in values)
    loss_of_all.backward()
    model.load_state_dict(model.state_dict())
    count = len(EVERY) + 1
    assert seen == ["before", type(values).__name__, count, count, "saved", "loaded"]
    twin = every()
    sum(value.sum() for value in twin()).backward()
    for name, parameter in model.named_parameters():
        assert (parameter.grad is None) == (twin.get_parameter(name).grad is None), name
        assert parameter.grad is None or torch.equal(parameter.grad, twin.get_parameter(name).grad), name


@feature("activation checkpointing", "`torch.utils.checkpoint.checkpoint(model, use_reentrant=False)`")
def recomputed(place):
    model, twin = every(), every()
    total = checkpoint(lambda: loss(model), use_reentrant=False)
    total.backward()
    loss(twin).backward()
    for name, parameter in model.named_parameters():
        other = twin.get_parameter(name).grad
        assert parameter.grad is None if other is None else torch.equal(parameter.grad, other), name


@feature("anomaly mode, deterministic algorithms", "neither finds anything")
def strict(place):
    torch.use_deterministic_algorithms(True)
    try:
        with torch.autograd.set_detect_anomaly(True):
            assert_trains(every())
    finally:
        torch.use_deterministic_algorithms(False)


@feature("DDP, FSDP2", "`DistributedDataParallel(model)`, `fully_shard(model)`: see [scaling.md](scaling.md)")
def distributed(place):
    """In a group of one; in one of two, see `tests/test_distributed.py`."""
    from torch.distributed.fsdp import fully_shard

    alone = every()
    loss(alone).backward()
    wanted = {name: one.grad for name, one in alone.named_parameters() if one.grad is not None}
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    try:
        for wrap in (nn.parallel.DistributedDataParallel, fully_shard):
            if wrap is fully_shard and not hasattr(torch.cpu.Stream, "record_event"):
                pytest.skip("fully_shard of torch 2.6 needs a GPU")
            model = wrap(every())
            loss(model).backward()
            for name, one in getattr(model, "module", model).named_parameters():
                gradient = one.grad.full_tensor() if hasattr(one.grad, "full_tensor") else one.grad
                assert torch.equal(gradient, wanted[name]) if name in wanted else gradient is None, name
    finally:
        torch.distributed.destroy_process_group()


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")  # as it does for every module that takes no tensor
@pytest.mark.filterwarnings("ignore:FSDP2-wrapped module .* returned a view")  # as some values are
@pytest.mark.parametrize(
    ("one", "layout"),
    [
        pytest.param(one, layout, id=f"{one.name}, {layout}")
        for one in FEATURES
        for layout in ("separate", "packed")
        if layout == "separate" or one.packed.startswith(AS_WELL)
    ],
)
def test_every_domain(one, layout, tmp_path):
    token = LAYOUT.set(layout)
    try:
        one.run(tmp_path)
    finally:
        LAYOUT.reset(token)


# -- parameter groups and bounds ----------------------------------------------------------------------------------------

NESTED = """model Noise {
  df: positive
  range: interval(0, 3)[2]
}
data y: real
a: interval(1, 2)
s: interval(0, a)[2] = 0.5
t: greater_than(y)
p: prob[3] = [0.2, 0.3, 0.4] frozen [true, false, false]
noise: Noise
many: Noise[2]
q: interval([0, -inf], 3)[2]
frozen c: real = 1
"""


def test_groups_are_by_declared_name_the_longest_first():
    model = of(NESTED, y=1.5)
    model.freeze_("many[0].df")
    groups = model.param_groups(no_decay="a", lr={"noise": 1e-3, "noise.df": 1e-2}, betas=(0.9, 0.99))
    ids = {id(leaf.parameter): leaf.name for leaf in model._leaves()}
    named = [{**group, "params": [ids[id(one)] for one in group["params"]]} for group in groups]
    assert named == [
        {"betas": (0.9, 0.99), "weight_decay": 0.0, "params": ["a"]},
        {"betas": (0.9, 0.99), "params": ["s", "t", "p", "many[0].range", "many[1].df", "many[1].range", "q"]},
        {"betas": (0.9, 0.99), "lr": 1e-2, "params": ["noise.df"]},
        {"betas": (0.9, 0.99), "lr": 1e-3, "params": ["noise.range"]},
    ]
    assert [len(group["params"]) for group in model.param_groups()] == [10]
    assert [len(group["params"]) for group in model.param_groups(no_decay=["many", "noise"], weight_decay=0.1)] == [
        5,
        5,
    ]
    constants = of("frozen c: real = 1")
    assert constants.param_groups() == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"no_decay": ["zz"]}, "Model declares no `zz`; it declares a, s, t, p, noise.df, "),
        ({"no_decay": ["a_raw"]}, "Model declares no `a_raw`; it declares"),
        ({"lr": {"many[2]": 1.0}}, r"Model declares no `many\[2\]`; it declares"),
        ({"no_decay": "a", "weight_decay": {"a": 0.1}}, "`a` is in `no_decay`, and `weight_decay` has a number for it"),
    ],
    ids=str,
)
def test_groups_of_a_name_that_there_is_not_are_refused(options, message):
    with pytest.raises(TypeError, match=message):
        of(NESTED, y=1.5).param_groups(**options)


def without_gradient(model, optimizer, steps=60):
    """Steps that decay alone makes."""
    for _ in range(steps):
        for parameter in model.parameters():
            parameter.grad = torch.zeros_like(parameter) if parameter.requires_grad else None
        optimizer.step()


def test_weight_decay_pulls_every_domain_to_what_raw_0_stands_for_and_no_decay_does_not():
    """Each step leaves half of raw, so that 60 leave nothing that float64 adds to 1."""
    model, neutral = every(), of(SPEC)
    with torch.no_grad():
        for name, parameter in neutral.named_parameters():
            if name != "constant_raw":
                parameter.zero_()
    without_gradient(model, torch.optim.AdamW(model.param_groups(), lr=0.5, weight_decay=1.0))
    for name, value, wanted in zip(model()._fields, model(), neutral(), strict=True):
        if name not in ("orthogonal", "unit_vector"):  # signs and direction of raw count, however small it is
            torch.testing.assert_close(value, wanted, rtol=1e-12, atol=1e-12, msg=name)
    model, before = every(), raws(every())
    groups = model.param_groups(no_decay=True)
    without_gradient(model, torch.optim.AdamW(groups, lr=0.5, weight_decay=1.0), 1)
    moved = {name for name, value in raws(model).items() if not torch.equal(value, before[name])}
    assert moved == {"real_raw"}
    assert [len(group["params"]) for group in groups] == [len(EVERY) - 1, 1]
    assert model.param_groups(no_decay=False) == model.param_groups()


def test_muon_takes_no_vectors_and_moves_rows_of_raw_by_the_gradients_of_others():
    """What the page says of it: the second raw of the first row has no gradient, and is moved."""
    if not hasattr(torch.optim, "Muon"):
        pytest.skip("this torch has no Muon")
    with pytest.raises(ValueError, match="2D parameters"):
        torch.optim.Muon(of("s: positive[3]").param_groups())
    moves = {}
    for optimizer in (torch.optim.Muon, torch.optim.Adam):
        model = of("w: simplex[2, 3]", dtype=torch.float32)
        model.w_raw.grad = torch.tensor([[1.0, 0.0], [1.0, 0.1]])
        optimizer(model.param_groups(), lr=0.1, weight_decay=0.0).step()
        moves[optimizer.__name__] = model.w_raw.detach()
    assert moves["Adam"][0, 1] == 0
    assert abs(moves["Muon"][0, 1]) > abs(moves["Muon"][0, 0]) / 4


def test_bounds_are_those_of_values_now():
    model = of(NESTED, y=1.5)
    model.a = 1.25
    found = {name: [end.tolist() for end in ends] for name, ends in bounds(model).items()}
    inf, box = math.inf, [[0.0, 0.0], [3.0, 3.0]]
    assert found == {
        "a": [1.0, 2.0],
        "s": [[0.0, 0.0], [1.25, 1.25]],
        "t": [1.5, inf],
        "p": [[0.2, 0.0, 0.0], [0.2, 1.0, 1.0]],
        "noise.df": [0.0, inf],
        "noise.range": box,
        "many[0].df": [0.0, inf],
        "many[0].range": box,
        "many[1].df": [0.0, inf],
        "many[1].range": box,
        "q": [[0.0, -inf], [3.0, 3.0]],
    }
    with pytest.raises(TypeError, match=r"`w` lies in no box: `simplex\[3\]`"):
        bounds(of("w: simplex[3]"))
    for name, case in EVERY.items():
        if not case.event:
            low, high = bounds(of(f"x: {case}"))["x"]
            neutral = case.forward(torch.zeros(case.raw_event, dtype=torch.float64))
            assert ((low < neutral) & (neutral < high)).all(), name


# -- what users of other tools complain of --------------------------------------------------------------------------------

# Elsewhere: a checkpoint that replaces bounds (gpytorch) in test_checkpoint.py; in test_module.py values that are computed again on
# every read (geotorch#34), freezing by the declared name (gpytorch#689, #773), scalars that cannot be sharded (pytorch#130810), values
# that were not contained (gpytorch#620, geotorch#15), raw taken for the value (gpytorch#849); bounds of another dtype or device
# (gpytorch#699) in test_array_bounds.py; some entries of a vector (gpytorch#1169) in test_held.py.


def test_pytorch_69413_an_average_of_a_copy_trains():
    """A parametrized module could not be copied, so that an average of it broke."""
    model = every()
    average = AveragedModel(copy.deepcopy(model))
    average.update_parameters(model)
    assert_trains(copy.deepcopy(average).module)


def test_ray_23894_and_geotorch_6_a_pickle_is_loaded_where_its_class_is_not(monkeypatch):
    """A class made at run time was gone in the next process; ours goes with its source, or by the name of its file."""
    model = of("w: simplex[3]\nunlike_any_other: real")
    data = pickle.dumps(model)
    monkeypatch.delitem(sys.modules, type(model).__module__)
    assert_equal(model, pickle.loads(data))


def test_pytorch_180968_what_sets_a_value_sets_it_or_raises():
    """`nn.init` on a value fills a temporary, as it does on any result; on raw, or by assignment, it is set."""
    model = of("s: positive[3]")
    model.s = nn.init.uniform_(torch.empty(3, dtype=torch.float64), 1, 2)
    assert ((model.s > 1) & (model.s < 2)).all()
    nn.init.zeros_(model.s_raw)
    assert torch.equal(model.s, torch.ones(3, dtype=torch.float64))
    with pytest.raises(TypeError, match="assign a value, or set `s_raw`"):
        model.s = nn.Parameter(torch.ones(3))
    with pytest.raises(DomainError, match=r"s\[0\] is outside positive\[3\]"):
        model.s = nn.init.zeros_(torch.empty(3))


def test_pytorch_117275_and_pyro_3201_nothing_hangs_on_a_parameter():
    model = every()
    loss(model).backward()
    model.assign_(prob=0.25)
    assert [name for name, parameter in model.named_parameters() if vars(parameter)] == []


def test_pytorch_157452_no_parameter_is_made_after_the_module(monkeypatch):
    model = every()
    made = []
    monkeypatch.setattr(nn.Parameter, "__new__", lambda cls, *rest: made.append(rest))
    loss(model).backward()
    model.assign_(prob=0.25)
    model.constrain_and_log_det(model.to_flat()) if not surjective(model) else model.constrain(model.to_flat())
    model.load_state_dict(model.state_dict())
    assert made == []


def surjective(model):
    return any(not one.map.transform.bijective for one in model._declared)


def test_pytorch_102999_keys_of_the_state_are_the_same_whatever_is_done_to_a_model():
    """`weight_g` became `parametrizations.weight.original0`, and checkpoints loaded as noise."""
    model = every()
    keys = list(model.state_dict())
    assert keys == [*(f"{name}_raw" for name in (*EVERY, "constant")), "_extra_state"]
    model.freeze_("simplex")
    loss(model.eval()).backward()
    model.compile(backend="eager")
    assert list(model.half().state_dict()) == keys


def test_pyro_3438_what_is_frozen_stays_so_through_every_copy(tmp_path):
    """Parameters without gradient became trainable."""
    model = every()
    model.freeze_("simplex", "prob")
    model.save(tmp_path / "a")
    loaded = every()
    loaded.freeze_("simplex", "prob")
    loaded.load_state_dict(every(1).state_dict())
    shell = every(device="meta")
    shell.freeze_("simplex", "prob")
    shell.load_state_dict(model.state_dict(), assign=True)
    copies = (
        type(model).load(tmp_path / "a"),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        model.double(),
        loaded,
        shell,
    )
    for one in copies:
        assert one.frozen_names() == ["prob", "simplex", "constant"]
        assert not one.simplex_raw.requires_grad
        assert not one().simplex.requires_grad


def test_gpytorch_2550_and_botorch_1874_every_state_is_loaded_strictly_before_and_after_use():
    """State appeared with the first use, or was None when saved."""
    fresh, used = of(NESTED, y=1.5), of(NESTED, y=2.5)
    used.set_data_(y=3.0)
    used().s.sum().backward()
    used.to_flat(), used.summary(), used.scalar_dict(), used.freeze_("a")
    used.load_state_dict(fresh.state_dict(), strict=True)
    fresh.load_state_dict(used.state_dict(), strict=True)
    assert all(value is not None for value in used.state_dict().values())


def test_pytorch_28441_a_dirichlet_of_a_log_simplex_has_its_gradient_where_shares_underflow():
    """Of the density of `exp(w)`, which is linear in `w`; torch's own has a logarithm of 0."""
    found = []
    for dtype in (torch.float32, torch.float64):
        model = of("w: log_simplex[4]", dtype=dtype)
        model.load_flat_(torch.tensor([200.0, -300.0, 50.0], dtype=dtype))
        assert (model.w.exp() == 0).any() or dtype == torch.float64
        (model().w * torch.tensor([1.0, 0.5, 2.0, 3.0], dtype=dtype)).sum().backward()
        found.append(model.w_raw.grad.double())
    torch.testing.assert_close(*found, rtol=1e-5, atol=0)  # some eps of float32
    assert found[1].abs().min() > 0.1


def test_gpy_814_and_593_bounds_that_data_move_take_the_value_along_and_no_value_is_stuck_on_one():
    """Raw is the state: under bounds twice as wide the value lies in the same place between them, and still has a gradient."""
    model = of("data k: positive = 2\nx: interval(0, k) = 1.9")
    raw, old = model.x_raw.item(), model.x.item()
    model.set_data_(k=4.0)
    assert model.x_raw.item() == raw
    assert model.x.item() == pytest.approx(2 * old, rel=1e-15)
    model().x.backward()
    assert model.x_raw.grad.item() > 0.1
    with pytest.raises(DomainError, match=r"x is outside interval.*: 4, must be strictly between 0 and 4"):
        model.x = 4.0
    with pytest.raises(cdsl.SpecError, match=r"E501.*2, must be strictly between 0 and 2"):
        cdsl.loads("x: interval(0, 2) = 2")


def test_pytorch_minimize_13_and_40_bounded_optimizers_get_the_box_and_reach_it():
    """The optimum lies on a bound, where no raw value leads: so the values themselves are moved, in their box."""
    model = of("s: interval(0, 2)[2] = 1")

    def distance(x):
        return ((x - np.array([3.0, 0.5])) ** 2).sum()

    low, high = bounds(model)["s"]
    found = minimize(distance, model.s.detach().numpy(), bounds=Bounds(low.numpy(), high.numpy()), method="L-BFGS-B")
    assert found.x == pytest.approx([2.0, 0.5], abs=1e-6)
    with pytest.raises(DomainError, match=r"s\[0\] is outside"):
        model.s = [2.0, 0.5]


def test_geotorch_4_and_15_a_checkpoint_of_rounded_values_is_loaded(tmp_path):
    """What is saved is raw, so that no loaded value is "not contained" in its domain."""
    for dtype in (torch.float16, torch.bfloat16, torch.float32):
        model = every(dtype=dtype)
        model.save(tmp_path / "a")
        assert_inside(type(model).load(tmp_path / "a"))


def test_transformers_33275_a_checkpoint_that_does_not_fit_is_no_warning(tmp_path):
    """Keys that were not found left random weights behind, with a warning among others."""
    of("w: simplex[3]\nx: real").save(tmp_path / "a")
    with pytest.raises(CheckpointError, match="y_raw"):
        cdsl.loads("w: simplex[3]\ny: real").Model.load(tmp_path / "a")


def test_a_value_of_real_is_raw_itself_and_others_are_not():
    """Writing into one changes nothing, or under no_grad, of `real`, raw as well; with gradients torch refuses that."""
    model = of("mu: real[2]\ns: positive[2]\nw: simplex[2]")
    with torch.no_grad():
        for name in ("s", "w"):
            before = raws(model)
            getattr(model, name)[0] = 0.25
            assert all(torch.equal(value, before[own]) for own, value in raws(model).items())
        model.mu[0] = 0.25
    assert model.mu.tolist() == [0.25, 0.0]
    with pytest.raises(RuntimeError, match="in-place operation"):
        model.mu[0] = 0.5


# -- the page -----------------------------------------------------------------------------------------------------------


def table():
    """The features, as the page has them."""
    rows = [f"| {one.name} | {one.how} | {one.packed} |\n" for one in FEATURES]
    count = len([name for name in EVERY if name in domains()])
    return f"Each row holds for all {count} domains, in one test; where it says *as well*, in another for the packed layout.\n\n| what | how | in the packed layout |\n|---|---|---|\n{''.join(rows)}"


@functools.cache
def until_samplers():
    """The names of the page's blocks, run in order as far as those that need more than the tests have."""
    if not hasattr(torch.optim, "Muon"):
        pytest.skip("the page uses Muon, which this torch has not")
    found, namespace = blocks(PAGE), {}
    spec = next(body for kind, body, _ in found if kind == "cdsl")
    namespace["Returns"] = cdsl.loads(spec, name="Returns").Returns
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)  # they save
        for kind, body, _ in found:
            if kind == "python":
                exec(body.replace("from returns import Returns\n", ""), namespace)
    return namespace


@functools.cache
def posterior_means():
    """Of `mu`, `s` and `w`, under the density of the page: sums over a grid of raw, which converge fast for what fades out."""
    page = until_samplers()
    model, loss = page["model"], page["loss"]

    def log_density(theta):
        values, log_det = model.constrain_and_log_det(theta)
        return log_det - loss(values) - values.mu.square() / 8 - values.s

    axis = torch.linspace(-6, 6, 41, dtype=torch.float64)
    grid = torch.cartesian_prod(axis, axis, axis)
    weight = torch.func.vmap(log_density, chunk_size=10_000)(grid).softmax(0)
    values = model.constrain(grid)
    return [(weight * one).sum().item() for one in (values.mu, values.s, values.w[:, 0])]


def assert_draws_have_the_means(values):
    """To four standard errors of 40 independent draws; the posterior's deviations are 0.22, 0.26 and 0.20."""
    found = [values.mu.mean(), values.s.mean(), values.w[..., 0].mean()]
    for mean, wanted, deviation in zip(found, posterior_means(), (0.22, 0.26, 0.2), strict=True):
        assert mean == pytest.approx(wanted, abs=4 * deviation / math.sqrt(40))


def recipe(package):
    return next(body for kind, body, _ in blocks(PAGE) if kind == "text" and f"from {package}" in body)


def stand_in(monkeypatch):
    """What the recipe uses of nutpie, as nutpie 0.16.8 does it: random walks take the place of its sampler."""

    class Drawn(NamedTuple):
        posterior: dict

    def from_pyfunc(ndim, make_logp, make_expand, dtypes, shapes, names):
        assert ([str(one) for one in dtypes], shapes, names) == (["float64"], [(ndim,)], ["theta"])
        return ndim, make_logp(), make_expand(1, 2, 0)

    def sample(model, **options):
        ndim, logp, expand = model
        random = np.random.default_rng(0)
        x, kept = np.zeros(ndim), []
        energy, gradient = logp(x)
        for _ in range(1000):
            new = x + 0.7 * random.standard_normal(ndim)
            proposed, gradient = logp(new)
            assert (type(proposed), gradient.dtype, gradient.shape) == (float, np.float64, (ndim,))
            if np.log(random.uniform()) < proposed - energy:
                x, energy = new, proposed
            kept.append(expand(x)["theta"])
        draws = types.SimpleNamespace(values=np.stack(kept)[None])
        return Drawn({"theta": draws})

    for name in ("nutpie", "nutpie.compiled_pyfunc"):
        monkeypatch.setitem(sys.modules, name, types.SimpleNamespace(from_pyfunc=from_pyfunc, sample=sample))


@pytest.mark.parametrize("package", ["pyro", "nutpie", "stand-in for nutpie"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # of the packages themselves
def test_the_recipe_of_a_sampler_has_the_means_of_quadrature(package, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    if package.startswith("stand-in"):
        stand_in(monkeypatch)
    else:
        pytest.importorskip(package, reason=f"{package} is not among the packages of the tests")
    torch.manual_seed(0)
    namespace = {**until_samplers()}
    text = recipe(package.rpartition(" ")[2])
    assert len([line for line in text.splitlines() if line]) < 10
    exec(text, namespace)
    assert_draws_have_the_means(namespace["values"])


def test_the_recipe_without_a_package_has_the_means_of_quadrature():
    assert_draws_have_the_means(until_samplers()["values"])


def test_the_table_of_the_page_is_fresh():
    assert PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0] == table()


if __name__ == "__main__":
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + table() + END + rest.partition(END)[2], encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
