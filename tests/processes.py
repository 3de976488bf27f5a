"""What each of two processes checks, for `tests/test_distributed.py`: `python -m tests.processes RANK FOLDER`.

Every check runs on both at the same time, and what came of it is written to `FOLDER/RANK.json` by name, an empty text where
it holds. One start of two processes takes longer than all the checks.
"""

from __future__ import annotations

import datetime
import json
import os
import sys
import time
import traceback
import warnings
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch import nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method
from torch.distributed.tensor import DTensor, Replicate, Shard, distribute_module, distribute_tensor
from torch.nn.parallel import DistributedDataParallel

import cdsl
from cdsl.runtime import CheckpointError, DomainError, SignatureMismatch, bounds

PLAIN = """
w: simplex[1000]
s: positive[4096]
p: prob
L: cholesky_corr[4]
b: interval([0, 1], 3)[2]
frozen c: positive = 2
"""
OPEN = f"""
model Noise {{
    scale: positive
    df: greater_than(1)
}}
{PLAIN}
t: greater_than(p)
noise: Noise
let total = sum(s) * noise.scale
"""
SPECS = {"plain": PLAIN, "open": OPEN}
LAYOUTS = ("separate", "packed")
KINDS = [(spec, layout) for spec in SPECS for layout in LAYOUTS]
CHECKS = {}


def check(run):
    """One of the checks, by its name."""
    CHECKS[run.__name__] = run
    return run


def model_of(spec="open", layout="separate", seed=0, **options):
    """Away from its start, the same on every process."""
    model = cdsl.loads(SPECS.get(spec, spec), layout=layout).Model(dtype=torch.float64, **options)
    if not options:
        model.randomize_(1.0, generator=torch.Generator().manual_seed(seed))
    return model


def tensors(values):
    """Every value, those of nested models too."""
    for value in values:
        yield from (value,) if isinstance(value, torch.Tensor) else tensors(value)


def loss(values, rank):
    """Another one on each process, as other rows of data make it."""
    return sum((value * (rank + at / 4)).cos().mean() for at, value in enumerate(tensors(values), 1))


def gradients(model):
    """Whole, by name."""
    found = {name: one.grad for name, one in model.named_parameters() if one.grad is not None}
    return {name: one.full_tensor() if isinstance(one, DTensor) else one for name, one in found.items()}


def expected(model, of=loss):
    """The mean over both processes, computed by this one alone; halves add up as they do on the wire."""
    parts = []
    for rank in (0, 1):
        model.zero_grad()
        of(model(), rank).backward()
        parts.append(gradients(model))
    model.zero_grad()
    return {name: one / 2 + parts[1][name] / 2 for name, one in parts[0].items()}


def assert_same(found, wanted):
    """Bit by bit."""
    assert {*found} == {*wanted}
    assert [name for name, one in wanted.items() if not torch.equal(found[name], one)] == []


def assert_equal(model, alone):
    """The same values, read of what is sharded."""
    assert torch.equal(model.to_flat(), alone.to_flat())
    assert model.scalar_dict() == alone.scalar_dict()


ALIASES = "a: real\nb: real[3]\nc: real(1, 2)[3]\nd: lower_triangular[3]\nfrozen e: real[2] = 2\np: prob"


class Pair(nn.Module):
    """A module that uses values of one inside it, and of one of a list, after their forward passes."""

    def __init__(self, layout):
        super().__init__()
        self.model = model_of(ALIASES, layout)
        self.more = model_of(f"model Inner {{\n{ALIASES}\n}}\nx: real[2]\ninner: Inner", layout)

    def forward(self, rank):
        values, others = self.model(), self.more()
        again = self.model.constrain(torch.linspace(-1, 1, self.model.unconstrained_size, dtype=torch.float64))
        return loss(values, rank) + loss(others, rank) + loss(again, rank)


@check
def values_outlive_the_raw_that_they_were_made_of(rank, place):
    """Raw is given back after the forward pass of each part, where it would be in the values of `real` otherwise."""
    for layout in LAYOUTS:
        around, alone = Pair(layout), Pair(layout)
        for one in (around.model, around.more):
            fully_shard(one, reshard_after_forward=True)
        fully_shard(around)
        parts = []
        for at in (0, 1):
            alone.zero_grad()
            alone(at).backward()
            parts.append(gradients(alone))
        found = around(rank)
        assert torch.equal(found, alone(rank))
        found.backward()
        assert_same(gradients(around), {name: part / 2 + parts[1][name] / 2 for name, part in parts[0].items()})


def sharded(spec="open", layout="separate", **options):
    model = fully_shard(model_of(spec, layout, **options))
    assert {type(one) for one in model.parameters()} == {DTensor}
    return model


@check
def gradients_of_ddp_are_those_of_one_process(rank, place):
    for kind in KINDS:
        ddp = DistributedDataParallel(model_of(*kind))
        loss(ddp(), rank).backward()
        assert_same(gradients(ddp.module), expected(model_of(*kind)))


@check
def gradients_of_fully_shard_are_those_of_one_process(rank, place):
    for kind in KINDS:
        model, alone = sharded(*kind), model_of(*kind)
        values = model()
        for ours, theirs in zip(tensors(values), tensors(alone()), strict=True):
            assert torch.equal(ours, theirs)
        loss(values, rank).backward()
        assert_same(gradients(model), expected(alone))
        pieces = [one.to_local().numel() for one in model.parameters()]
        assert sum(pieces) < 0.51 * sum(one.numel() for one in alone.parameters())


@check
def pytorch_113415_what_is_compiled_trains_under_ddp(rank, place):
    """Around it, where what DDP itself does stays outside of the graph, and inside, as one graph."""
    spec = "w: simplex[5]\np: prob"
    wanted = expected(model_of(spec))
    around, inside = model_of(spec), model_of(spec)
    for model, whole in (
        (around, torch.compile(DistributedDataParallel(around), backend="eager")),
        (inside, DistributedDataParallel(torch.compile(inside, backend="eager", fullgraph=True))),
    ):
        loss(whole(), rank).backward()
        # what is compiled are the formulas, and eager code runs lean forms: each within some eps of the truth
        torch.testing.assert_close(gradients(model), wanted, rtol=1e-13, atol=1e-16)


@check
def pytorch_144045_one_process_that_shards_has_gradients_of_small_raws(rank, place):
    spec = "p: prob\ns: positive[1]\nw: simplex[2]"
    alone, mesh = model_of(spec), init_device_mesh("cpu", (2, 1), mesh_dim_names=("apart", "alone"))
    model = fully_shard(model_of(spec), mesh=mesh["alone"])
    for one in (model, alone):
        loss(one(), rank).backward()
    assert_same(gradients(model), gradients(alone))
    assert all(one.abs().min() > 0 for one in gradients(model).values())


@check
def every_domain_is_read_and_trained_in_pieces(rank, place):
    spec = (place / "every.cdsl").read_text(encoding="utf-8")
    for layout in LAYOUTS:
        model, alone = sharded(spec, layout), model_of(spec, layout)
        assert_equal(model, alone)
        for name in alone._names():
            assert torch.equal(getattr(model, name), getattr(alone, name))
        loss(model(), rank).backward()
        assert_same(gradients(model), expected(alone))


@check
def a_log_jacobian_asks_to_be_registered(rank, place):
    for kind in KINDS:
        model, alone = sharded(*kind), model_of(*kind)
        for member in (model.forward_and_log_det, model.log_abs_det_jacobian):
            with pytest.raises(
                RuntimeError, match=r"Model: its raw values are sharded now.*register_fsdp_forward_method"
            ):
                member()
        with torch.no_grad():
            assert torch.equal(model.log_abs_det_jacobian(), alone.log_abs_det_jacobian())
        register_fsdp_forward_method(model, "forward_and_log_det")
        values, log_det = model.forward_and_log_det()
        assert torch.equal(log_det, alone.log_abs_det_jacobian())
        (loss(values, rank) - log_det).backward()

        def of(values, rank, alone=alone):
            return loss(values, rank) - alone.log_abs_det_jacobian()

        for name, one in expected(
            alone, of
        ).items():  # values are computed twice here, and gradients add up in another order
            torch.testing.assert_close(gradients(model)[name], one, rtol=1e-13, atol=1e-15)


class Density(nn.Module):
    """A module around the model, whose forward is the loss: whatever the model has may be called there."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, rank):
        values, log_det = self.model.forward_and_log_det()
        return loss(values, rank) - log_det + self.model.p


@check
def a_module_around_it_may_call_whatever_there_is(rank, place):
    for kind in KINDS:
        found = []
        for wrap in (fully_shard, DistributedDataParallel):
            around = wrap(Density(model_of(*kind)))
            around(rank).backward()
            found.append({name.removeprefix("module."): one for name, one in gradients(around).items()})
        one = Density(model_of(*kind))
        parts = []
        for at in (0, 1):
            one.zero_grad()
            one(at).backward()
            parts.append(gradients(one))
        wanted = {name: part / 2 + parts[1][name] / 2 for name, part in parts[0].items()}
        assert_same(found[0], wanted)
        assert_same(found[1], wanted)


@check
def what_is_read_is_gathered_and_has_no_gradient(rank, place):
    for kind in KINDS:
        model, alone = sharded(*kind), model_of(*kind)
        names = [name for name in alone._names() if name != "noise"]
        for name in (*names, *(["total"] if kind[0] == "open" else [])):
            value = getattr(model, name)
            assert type(value) is torch.Tensor
            assert torch.equal(value, getattr(alone, name))
            assert not value.requires_grad
        if kind[0] == "open":
            assert torch.equal(model.noise.df, alone.noise.df)
        assert_equal(model, alone)
        assert model.summary() == alone.summary()
        assert model.raw_names() == alone.raw_names()
        assert torch.equal(model.unconstrain(alone()), alone.unconstrain(alone()))
        theta = torch.linspace(-1, 1, alone.unconstrained_size, dtype=torch.float64)
        for ours, theirs in zip(
            tensors(model.constrain_and_log_det(theta)), tensors(alone.constrain_and_log_det(theta)), strict=True
        ):
            assert torch.equal(ours, theirs)
        f = model.value_and_grad(lambda values, log_det: loss(values, 0) + log_det, compile=False)
        g = alone.value_and_grad(lambda values, log_det: loss(values, 0) + log_det, compile=False)
        assert all(map(torch.equal, f(theta), g(theta)))
        assert {type(one) for one in model.parameters()} == {DTensor}
    box = sharded("s: positive[64]\nt: interval(0, 2)[3]")
    assert bounds(box)["t"][1].tolist() == [2, 2, 2]


@check
def what_is_set_is_set_on_every_process(rank, place):
    for kind in KINDS:
        model, alone = sharded(*kind), model_of(*kind)
        for one in (model, alone):
            one.p = 0.25
            one.assign_(w=[1 / 1000] * 1000, b=[1.0, 2.5])
        assert_equal(model, alone)
        before = model.to_flat()
        with pytest.raises(DomainError, match="outside"):
            model.assign_(p=0.5, s=torch.full((4096,), -1.0))
        assert torch.equal(model.to_flat(), before)
        for one in (model, alone):
            one.load_flat_(before.flip(0).clone())
        assert_equal(model, alone)
        for one in (model, alone):
            one.randomize_(generator=torch.Generator().manual_seed(3))
        assert_equal(model, alone)
        for one in (model, alone):
            one.reset_parameters()
        assert_equal(model, alone)


@check
def what_is_set_after_a_pass_is_not_lost_with_its_copies(rank, place):
    """After a forward pass without a backward pass torch leaves whole copies in the places of the pieces."""
    for kind in KINDS:
        model, alone = sharded(*kind), model_of(*kind)
        around = fully_shard(Density(model_of(*kind)))
        alone.p = 0.25
        with torch.no_grad():
            model()
            around(rank)
        for one in (model, around.model):
            one.p = 0.25
            one.load_flat_(one.to_flat())
        model.reshard()
        around.reshard()
        for one in (model, around.model):
            assert torch.equal(one.p, alone.p)
        assert torch.equal(model().p, alone.p)


@check
def what_is_frozen_stays(rank, place):
    model, alone = model_of(), model_of()
    for one in (model, alone):
        one.freeze_("s", "noise.df")
    fully_shard(model)
    theta = alone.to_flat()
    assert torch.equal(model.to_flat(), theta)
    assert torch.equal(model.constrain(theta).s, alone.s)
    loss(model(), rank).backward()
    assert_same(gradients(model), expected(alone))
    model.freeze_("w")
    assert model.frozen_names() == ["w", "s", "c", "noise.df"]
    model.unfreeze_("w")


@check
def optimizers_take_the_same_steps(rank, place):
    for kind in KINDS:
        model, ddp, alone = sharded(*kind), DistributedDataParallel(model_of(*kind)), model_of(*kind)
        made = [torch.optim.AdamW(one.param_groups(lr=0.01)) for one in (model, ddp.module, alone)]
        for _ in range(3):
            for one, optimizer in zip((model, ddp), made, strict=False):
                optimizer.zero_grad()
                loss(one(), rank).backward()
                nn.utils.clip_grad_norm_(one.parameters(), 1e6)
                optimizer.step()
            wanted = expected(alone)
            for name, parameter in alone.named_parameters():
                parameter.grad = wanted.get(name)
            made[2].step()
        assert torch.equal(ddp.module.to_flat(), alone.to_flat())
        # pieces are of other lengths, so that kernels round the last entries of vectors in another way; measured: 2 eps
        torch.testing.assert_close(model.to_flat(), alone.to_flat(), rtol=1e-14, atol=1e-14)


@check
def a_meta_model_is_sharded_and_then_written(rank, place):
    for kind in KINDS:
        model = fully_shard(model_of(*kind, device="meta"))
        model.to_empty(device="cpu")
        model.reset_parameters()
        assert_equal(model, cdsl.loads(SPECS[kind[0]]).Model(dtype=torch.float64))
        loss(model(), rank).backward()


@check
def a_file_is_written_of_the_whole_and_state_dicts_move(rank, place):
    for kind in KINDS:
        model, alone = sharded(*kind), model_of(*kind)
        with pytest.raises(CheckpointError, match=r"raw values of this `FSDPModel` are sharded.*get_model_state_dict"):
            model.save(place / f"refused{rank}")
        state = get_model_state_dict(model, options=StateDictOptions(full_state_dict=True))
        assert {*state} == {*alone.state_dict()}
        for layout in LAYOUTS:
            other = model_of(kind[0], layout, seed=1)
            other.load_state_dict(state)
            assert_equal(other, alone)
        other.save(place / f"{rank}.safetensors")
        assert_equal(type(other).load(place / f"{rank}.safetensors"), alone)
        for layout in LAYOUTS:
            fresh = sharded(kind[0], layout, seed=1)
            if layout == "packed":
                fresh.load_state_dict(state)
            else:
                set_model_state_dict(fresh, dict(state), options=StateDictOptions(full_state_dict=True))
            assert_equal(fresh, alone)
        ddp = DistributedDataParallel(model_of(*kind, seed=1))
        ddp.module.load_state_dict(state)
        assert_equal(ddp.module, alone)


@check
def a_distributed_checkpoint_moves(rank, place):
    for kind in KINDS:
        name, model = "-".join(kind), sharded(*kind, seed=1)
        state = {"model": model.state_dict()}
        dcp.load(state, checkpoint_id=place / f"one-{kind[0]}")
        model.load_state_dict(state["model"])
        assert_equal(model, model_of(*kind))
        optimizer = torch.optim.Adam(model.param_groups(lr=0.01))
        loss(model(), rank).backward()
        optimizer.step()
        saved = {"model": model.state_dict()}
        if kind[1] == "separate":
            saved["optimizer"] = get_optimizer_state_dict(model, optimizer)
        dcp.save(saved, checkpoint_id=place / f"two-{name}")
        flat = model.to_flat()
        if rank == 0:
            torch.save(flat, place / f"flat-{name}.pt")
        if kind[1] == "separate":
            other = sharded(*kind, seed=2)
            again = torch.optim.Adam(other.param_groups(lr=0.01))
            state = {"model": other.state_dict(), "optimizer": get_optimizer_state_dict(other, again)}
            dcp.load(state, checkpoint_id=place / f"two-{name}")
            other.load_state_dict(state["model"])
            set_optimizer_state_dict(other, again, state["optimizer"])
            for one, by in ((model, optimizer), (other, again)):
                one.zero_grad()
                loss(one(), rank).backward()
                by.step()
            assert_equal(other, model)


@check
def other_constraints_are_refused(rank, place):
    for layout in LAYOUTS:
        other = sharded(PLAIN.replace("s: positive[4096]", "s: positive[4096] via softplus"), layout)
        state, before = {"model": other.state_dict()}, other.to_flat()
        dcp.load(state, checkpoint_id=place / "one-plain")
        if layout == "packed":
            with pytest.raises(SignatureMismatch, match="s: the checkpoint was saved under"):
                other.load_state_dict(state["model"])
            assert torch.equal(other.to_flat(), before)
        else:  # what is sharded is read in its place
            with pytest.raises(SignatureMismatch, match="s: the checkpoint was saved under"):
                other.load_state_dict(state["model"])


@check
def ddp_and_a_parameter_that_the_loss_ignores(rank, place):
    def steps(ddp):
        for _ in range(2):
            ddp.zero_grad()
            values = ddp()
            (values.w * (rank + 1)).cos().mean().backward()

    spec = "w: simplex[5]\np: prob"
    with pytest.raises(RuntimeError, match="Expected to have finished reduction"):
        steps(DistributedDataParallel(model_of(spec)))
    steps(DistributedDataParallel(model_of(spec), find_unused_parameters=True))
    frozen = model_of(spec)
    frozen.freeze_("p")
    steps(DistributedDataParallel(frozen))
    steps(DistributedDataParallel(model_of(spec, "packed")))  # which has one parameter


BY_HAND = """
s: positive[5, 3]
rate: interval([[0], [1], [2], [3], [4]], 9)[5, 3] via logistic(scale=2)
w: simplex[5, 4]
L: cholesky_cov[4, 3, 3]
u: unit_vector[3]
p: prob
kept: positive[6] = [1, 2, 1, 1, 3, 1] frozen [false, true, false, false, true, false]
frozen c: positive[3] = 2
"""


def by_hand(model, mesh, kind, only=""):
    """Its parameters, or one of them, as DTensors, along a dimension that they have."""
    for module in model.modules():
        for name, one in list(module.named_parameters(recurse=False)):
            if only in ("", name):
                of = kind if not isinstance(kind, Shard) or kind.dim < one.ndim else Replicate()
                shared = nn.Parameter(distribute_tensor(one.detach(), mesh, [of]), requires_grad=one.requires_grad)
                setattr(module, name, shared)
    return model


def one_loss(values, log_det):
    """The same on each process, of DTensors or of tensors."""
    return sum((value * (1 + at / 4)).cos().sum() / value.numel() for at, value in enumerate(values)) - log_det


@check
def what_was_sharded_by_hand_trains_in_pieces(rank, place):
    mesh = init_device_mesh("cpu", (2,))
    for kind in (Shard(0), Shard(1), Replicate()):
        alone, model = model_of(BY_HAND), by_hand(model_of(BY_HAND), mesh, kind)
        (wanted, theirs), (values, log_det) = alone.forward_and_log_det(), model.forward_and_log_det()
        assert {type(one) for one in values} == {type(log_det)} == {DTensor}
        whole = {name: one.full_tensor() for name, one in values._asdict().items()}
        assert all(one.is_contiguous() and one.to_local().is_contiguous() for one in values)
        for found in (whole, {name: one.full_tensor() for name, one in model()._asdict().items()}):
            # pieces have other lengths, so that kernels round the last entries of vectors in another way
            torch.testing.assert_close(found, wanted._asdict(), rtol=1e-15, atol=0)
        # its terms add up in another order
        torch.testing.assert_close(log_det.full_tensor(), theirs, rtol=1e-14, atol=0)
        one_loss(values, log_det).backward()
        one_loss(wanted, theirs).backward()
        # the means of the loss do as well, and each gradient is a sum of two terms
        torch.testing.assert_close(gradients(model), gradients(alone), rtol=1e-14, atol=1e-16)
        assert values.s.placements == model.s_raw.placements == model.s_raw.grad.placements == (kind,)
        assert values.w.placements == ((Replicate(),) if kind == Shard(1) else (kind,))  # which would cut its event
        assert values.p.placements == values.kept.placements == (Replicate(),)
        assert log_det.placements == (Replicate(),)
        assert values.c.requires_grad is False
        with torch.no_grad():
            assert type(model().s) is DTensor
        assert_equal(model, alone)
        optimizers = [torch.optim.Adam(one.param_groups(lr=0.1)) for one in (model, alone)]
        for optimizer in optimizers:
            optimizer.step()
        torch.testing.assert_close(model.to_flat(), alone.to_flat(), rtol=1e-12, atol=1e-12)


@check
def beside_what_was_sharded_by_hand_others_are_whole(rank, place):
    """Of one declaration: the values of others stay ordinary tensors, and the log-Jacobian is that of all."""
    mesh = init_device_mesh("cpu", (2,))
    alone, model = model_of(BY_HAND), by_hand(model_of(BY_HAND), mesh, Shard(0), "s_raw")
    (wanted, theirs), (values, log_det) = alone.forward_and_log_det(), model.forward_and_log_det()
    assert {name for name, one in values._asdict().items() if type(one) is DTensor} == {"s"}
    (values.s.sum() - log_det).backward()
    (wanted.s.sum() - theirs).backward()
    torch.testing.assert_close(gradients(model), gradients(alone), rtol=1e-14, atol=1e-16)
    given = distribute_module(model_of(BY_HAND), mesh)  # which makes DTensors of buffers as well
    values, log_det = given.forward_and_log_det()
    one_loss(values, log_det).backward()
    alone.zero_grad()
    one_loss(*alone.forward_and_log_det()).backward()
    assert_same(gradients(given), gradients(alone))
    for one, foreach in ((alone, False), (given, True)):  # as torch does by itself on CUDA
        torch.nn.utils.clip_grad_norm_(one.parameters(), 0.1)
        torch.optim.Adam(one.param_groups(lr=0.1), foreach=foreach).step()
    torch.testing.assert_close(given.to_flat(), alone.to_flat(), rtol=1e-12, atol=1e-12)


@check
def what_was_sharded_by_hand_is_read_and_elsewhere_not_trained(rank, place):
    """Where a vector was cut without regard to declarations, or values follow from others."""
    mesh = init_device_mesh("cpu", (2,))
    for kind in (Shard(0), Replicate()):
        for spec, layout in (("plain", "packed"), ("open", "packed"), ("open", "separate")):
            model, alone = by_hand(model_of(spec, layout), mesh, kind), model_of(spec, layout)
            assert_equal(model, alone)
            with torch.no_grad():
                assert all(map(torch.equal, tensors(model()), tensors(alone())))
            for member in (model, model.forward_and_log_det):
                with pytest.raises(
                    RuntimeError, match=r"Expected `torch.*fully_shard\(model\)`.*`layout=\"separate\"`"
                ):
                    member()


@check
def copies_are_averaged_in_pieces(rank, place):
    model = sharded()
    mean = torch.optim.swa_utils.AveragedModel(model_of())
    fully_shard(mean.module)
    mean.update_parameters(model)
    assert_equal(mean.module, model_of())


def main(rank, folder):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    place = Path(folder)
    dist.init_process_group(
        "gloo", f"file://{place}/store", rank=rank, world_size=2, timeout=datetime.timedelta(seconds=30)
    )
    found = {}
    for name, run in CHECKS.items():
        began = time.perf_counter()
        try:
            run(rank, place)
            found[name] = ""
            sys.stdout.write(f"{name} {time.perf_counter() - began:.1f} s\n")
        except BaseException:  # whatever it is, it is told by the test
            found[name] = traceback.format_exc()
    (place / f"{rank}.json").write_text(json.dumps(found), encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)  # a process that waits for another that failed would not end


# -- a checkpoint of two, by four, by two again -------------------------------------------------------------------------


def moves_on(rank, count, place):
    """Load what other processes saved, and save it anew; each has its own part of everything."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    dist.init_process_group(
        "gloo", f"file://{place}/store{count}", rank=rank, world_size=count, timeout=datetime.timedelta(seconds=60)
    )
    before = {4: "two", 2: "four"}[count]
    for kind in KINDS:
        name, model = "-".join(kind), sharded(*kind, seed=7)
        optimizer = torch.optim.Adam(model.param_groups(lr=0.01))
        state = {"model": model.state_dict()}
        if kind[1] == "separate":
            state["optimizer"] = get_optimizer_state_dict(model, optimizer)
        dcp.load(state, checkpoint_id=place / f"{before}-{name}")
        model.load_state_dict(state["model"])
        if kind[1] == "separate":
            set_optimizer_state_dict(model, optimizer, state["optimizer"])
        assert torch.equal(model.to_flat(), torch.load(place / f"flat-{name}.pt"))
        share = sum(one.to_local().numel() for one in model.parameters()) / sum(
            one.numel() for one in model.parameters()
        )
        assert share < 1.1 / count
        if count == 4:
            dcp.save(state, checkpoint_id=place / f"four-{name}")


def in_turn(place):
    """Four processes, then two, forked: torch is imported once. What went wrong is raised."""
    for count in (4, 2):
        children = []
        for rank in range(count):
            if (child := os.fork()) == 0:
                try:
                    moves_on(rank, count, place)
                except BaseException:  # the parent has the rest
                    traceback.print_exc()
                    sys.stderr.flush()
                    os._exit(1)
                os._exit(0)
            children.append(child)
        ended = [os.waitpid(child, 0)[1] for child in children]
        if any(ended):
            sys.exit(f"{count} processes ended with {ended}")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        in_turn(Path(sys.argv[1]))
    else:
        main(int(sys.argv[1]), sys.argv[2])
