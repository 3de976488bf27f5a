"""The lean form of a map in autograd, and when it is what runs: in plain eager code."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import is_dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad

from cdsl.constraints.base import Lean, Transform, summed_over
from cdsl.constraints.compensated import exact


class Evaluator:
    """A transform as plain eager code runs it: by its lean form where it has one, with these arguments, or else by its formulas.

    It may stand in the place of a transform that another one is built on, and has what that has. The precision that a
    transform is computed in is the outer one's business: a step is given raw in it.
    """

    def __init__(self, transform: Transform, outer: bool = False) -> None:
        self.transform = transform
        self.wider = wider_dtypes(transform) if outer else {}

    def __getattr__(self, name: str) -> Any:
        if name == "transform":  # not yet, while it is copied
            raise AttributeError(name)
        return getattr(self.transform, name)

    def forward(self, raw: Tensor, *arguments: Any) -> Tensor:
        """raw ↦ value, as a step of another transform"""
        return self.computed(raw, None, arguments)[0] if is_plain(raw) else self.transform.forward(raw, *arguments)

    def forward_and_log_det(self, raw: Tensor, *arguments: Any) -> tuple[Tensor, Tensor]:
        """raw ↦ (value, log |det ∂ value / ∂ raw|), likewise"""
        if is_plain(raw):
            return self.computed(raw, 0, arguments)  # type: ignore[return-value]  # a batch is given
        return self.transform.forward_and_log_det(raw, *arguments)

    def computed(self, raw: Tensor, batch: int | None, arguments: tuple[Any, ...]) -> tuple[Tensor, Tensor | None]:
        """The value, and the log-det where a batch is given, summed over so many dimensions before the event; of what `is_plain`."""
        lean = self.transform.lean(*arguments)
        if lean is None:
            return self.by_formulas(raw, batch, arguments)
        if tracing.on:
            lean = lean.fusing()
        if raw.requires_grad and torch.is_grad_enabled():
            found = fused(raw, (self, lean, batch, arguments))  # type: ignore[no-untyped-call]
            return found if batch is not None else (found, None)
        value, log_det, _ = lean.forward(self.widen(raw), batch, *arguments)
        return value.to(raw.dtype), None if log_det is None else log_det.to(raw.dtype)

    def by_formulas(self, raw: Tensor, batch: int | None, arguments: tuple[Any, ...]) -> tuple[Tensor, Tensor | None]:
        """The same by the formulas of the transform."""
        wide = self.widen(raw)
        if batch is None:
            return self.transform.forward(wide, *arguments).to(raw.dtype), None
        value, log_det = self.transform.forward_and_log_det(wide, *arguments)
        return value.to(raw.dtype), summed_over(log_det, batch).to(raw.dtype)

    def widen(self, tensor: Tensor) -> Tensor:
        """The tensor in the precision that this is computed in."""
        dtype = self.wider.get(tensor.dtype)
        if dtype is None or (dtype is torch.float64 and tensor.device.type == "mps"):
            return tensor
        return tensor.to(dtype)


def wider_dtypes(transform: Transform) -> dict[torch.dtype, torch.dtype]:
    """What a transform is computed in, for each dtype where that is another one."""
    wider = {torch.float16: torch.float32, torch.bfloat16: torch.float32}
    return wider | {torch.float32: torch.float64} if transform.scan else wider


def with_lean_steps(transform: Transform) -> Transform:
    """The transform; of a data class without a lean form, whose steps have some, the same made of their evaluators."""
    if has_lean(transform) or not is_dataclass(transform):
        return transform
    steps = {
        name: Evaluator(one) if has_lean(one) else with_lean_steps(one) for name, one in transform.built_on.items()
    }
    changed = {name: one for name, one in steps.items() if one is not transform.built_on[name]}
    return replace(transform, **changed) if changed else transform


def has_lean(transform: Transform) -> bool:
    """Whether the transform has a lean form, for some arguments at least."""
    return type(transform).lean is not Transform.lean


class Fused(torch.autograd.Function):
    """A transform by its lean form. The way back is lean too, unless it is to be differentiated again, or is mapped over: then
    it is that of the formulas."""

    @staticmethod
    def forward(ctx: Any, raw: Tensor, of: tuple[Evaluator, Lean, int | None, tuple[Any, ...]]) -> Any:
        step, lean, batch, arguments = of
        wide = step.widen(raw) if raw.dtype in step.wider else raw
        value, log_det, saved = lean.forward(wide, batch, *arguments)
        ctx.save_for_backward(raw, *saved)
        ctx.set_materialize_grads(False)
        ctx.of, ctx.dtype = of, wide.dtype
        if wide is not raw:
            value, log_det = value.to(raw.dtype), None if log_det is None else log_det.to(raw.dtype)
        return value if log_det is None else (value, log_det)

    @staticmethod
    def backward(ctx: Any, to_value: Tensor | None, to_log_det: Tensor | None = None) -> Any:
        if to_value is None and to_log_det is None:
            return None, None
        raw, *saved = ctx.saved_tensors
        (step, lean, batch, arguments), dtype = ctx.of, ctx.dtype
        with_graph = torch.is_grad_enabled()
        if with_graph or are_transformed(to_value, to_log_det):
            with torch.enable_grad():
                found = step.by_formulas(raw, batch, arguments)
            return pulled_back(raw, found, (to_value, to_log_det), with_graph), None
        if to_log_det is not None and to_log_det.ndim:  # a dimension of size 1 for each that was summed
            to_log_det = to_log_det.reshape((*to_log_det.shape, *(1,) * (raw.ndim - to_log_det.ndim)))
        if dtype is raw.dtype:
            return lean.backward(raw, saved, to_value, to_log_det, *arguments), None
        to_value, to_log_det = (None if one is None else one.to(dtype) for one in (to_value, to_log_det))
        return lean.backward(raw, saved, to_value, to_log_det, *arguments).to(raw.dtype), None


fused = super(torch.autograd.Function, Fused).apply
"""`Fused.apply`, less what that asks about `torch.func`: where it is called, `is_plain` has said no already."""


def pulled_back(
    raw: Tensor, found: Sequence[Tensor | None], slopes: Sequence[Tensor | None], with_graph: bool
) -> Tensor:
    """The gradient by raw of what was found, by autograd."""
    pairs = [(one, slope) for one, slope in zip(found, slopes, strict=False) if one is not None and slope is not None]
    (gradient,) = torch.autograd.grad(
        [one for one, _ in pairs],
        raw,
        [slope for _, slope in pairs],
        create_graph=with_graph,
        materialize_grads=True,
    )
    return gradient


class Tracing(threading.local):
    """Whether this thread traces functions together with their gradients."""

    on = False


tracing = Tracing()


@contextmanager
def with_gradients() -> Iterator[None]:
    """Inside, `make_fx` traces lean forms: for a function that is traced together with its gradient, by `torch.autograd`, and
    is not differentiated any more."""
    before, tracing.on = tracing.on, True
    try:
        yield
    finally:
        tracing.on = before


def is_watched() -> bool:
    """Whether a mode sees what runs, and is none of `value_and_grad`: a tensor that is made then is no ordinary one."""
    return bool(torch._C._len_torch_dispatch_stack()) and not tracing.on


ORDINARY = (Tensor, nn.Parameter)


def is_plain(tensor: Tensor) -> bool:
    """Whether an ordinary tensor is in ordinary hands: what runs is neither compiled, exported, traced nor transformed, and
    not in exact mode. The private names of torch for that stand in this file alone, and are called where they stand, as
    this is asked before every map."""
    return (
        not is_compiling()
        and type(tensor) in ORDINARY
        and not torch._C._are_functorch_transforms_active()
        and (not torch._C._len_torch_dispatch_stack() or tracing.on)
        and forward_ad._current_level < 0
        and not exact.on
        and torch._C._get_tracing_state() is None
    )


def is_compiling() -> bool:
    """`torch.compiler.is_compiling()`, less what that asks about TorchScript"""
    return torch.compiler.is_dynamo_compiling() or torch.compiler._is_compiling_flag


def are_transformed(to_value: Tensor | None, to_log_det: Tensor | None) -> bool:
    """Whether `torch.func` transforms what runs, or a gradient is one of many that autograd takes at once (`is_grads_batched`)."""
    if torch._C._are_functorch_transforms_active():
        return True
    if is_compiling():
        return False
    is_one_of_many = torch._C._functorch.is_legacy_batchedtensor
    return (to_value is not None and is_one_of_many(to_value)) or (
        to_log_det is not None and is_one_of_many(to_log_det)
    )
