"""A function of a model's values, and its gradient, as one graph: traced once and compiled, then called with tensors alone.

The gradient is traced with the function, so that there is nothing of autograd in the graph (`tracing`); constants are taken out
and short running sums written out (`rewrite`), like steps on like values become one (`lanes`); inductor compiles it
(`compiling`), if that is asked ahead of time (`package`). Nothing of Dynamo is left on the call, nor its guards:
`CompiledGraph.inputs` is the check. Whatever may change between two calls is an input of the graph: theta, buffers, frozen
raws, tensors that the function closes over.
"""

from __future__ import annotations

import inspect
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.fx import GraphModule

from cdsl.runtime.compiling import Run, by_inductor, by_torch_compile, first_line, guard
from cdsl.runtime.lanes import merge_lanes
from cdsl.runtime.package import by_package
from cdsl.runtime.rewrite import Scans, fold_constants, write_out_scans
from cdsl.runtime.tracing import Slot, differentiated, ordinary, traced

Layout: TypeAlias = tuple[type[Tensor], torch.dtype, torch.Size, tuple[int, ...], torch.device]
"""What a compiled graph takes for granted of an input."""

MOST_GRAPHS = 8
PLAIN = (Tensor, nn.Parameter, nn.Buffer)


class ValueAndGrad:
    """theta `(D,)` ↦ (value, gradient `(D,)`) of a function of a model's values; neither has a graph.

    Each dtype, and each set of shapes of data, is traced and compiled when it first comes, up to `MOST_GRAPHS` of them.
    Where that fails, a warning says why, and from then on it runs eagerly. (`model` is a `ConstrainedModule`, whose file
    imports this one.)
    """

    def __init__(
        self, model: Any, fn: Callable[..., Tensor], compile: bool, aot: bool | str | os.PathLike[str] = False
    ) -> None:
        leaves = model._leaves()
        owners = dict.fromkeys(leaf.owner for leaf in leaves)
        self.model = model
        self.fn = fn
        self.size = model.unconstrained_size
        self._compile = compile
        self._aot = aot
        self._folder = None if isinstance(aot, bool) else Path(aot)
        self._asks_log_det = takes_two(fn)
        self._graphs: list[CompiledGraph] = []
        self._latest: CompiledGraph | None = None
        self._names = model.frozen_names()
        self._frozen = [(owner, owner._frozen) for owner in owners]
        self._stages = [(one, one.training) for one in owners if any(own.eval is not None for own in one._declared)]
        self._slots: list[Slot] = []
        for one in model.modules():
            self._slots += [(one._buffers, name) for name, held in one._buffers.items() if held is not None]
        self._slots += [leaf.slot for leaf in leaves if leaf.frozen]
        if hasattr(model, "_inputs"):  # an open module makes constants in the dtype of its first raw
            self._slots += [leaf.slot for leaf in leaves[:1] if not leaf.frozen]
        if self._asks_log_det:
            model._view_now().require_log_det()
        if aot is not False and not compile:
            raise ValueError("aot: what is compiled ahead of time is compiled; expected `compile=True`, got False")
        if self._folder is not None and self._folder.exists() and not self._folder.is_dir():
            raise ValueError(f"aot: expected the path of a directory, for the packages; {self._folder} is a file")

    def __call__(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """The value, a scalar, and its gradient `(D,)`.

        Raises:
            TypeError: theta is no tensor, or has no floating dtype; or the function returns no scalar tensor.
            ValueError: theta has another shape than `(D,)`, or is on another device than the model.
            RuntimeError: a parameter was frozen or unfrozen, or a stage changed, since this was made.
        """
        for owner, frozen in self._frozen:
            if owner._frozen is not frozen and owner._frozen != frozen:
                raise RuntimeError(self._what_changed())
        for owner, training in self._stages:
            if owner.training is not training:
                raise RuntimeError(self._what_changed())
        if (graph := self._latest) is not None and (inputs := graph.inputs(theta)) is not None:
            value, gradient = graph.run(inputs)
            return value, gradient
        return self._first(theta)

    @property
    def compiled(self) -> bool:
        """Whether the last call ran, or was compiled, as a graph."""
        return self._latest is not None

    def __reduce__(self) -> tuple[Any, ...]:
        """Copied and pickled without what was compiled."""
        return ValueAndGrad, (self.model, self.fn, self._compile, self._aot)

    def __repr__(self) -> str:
        return f"value_and_grad of {type(self.model).__name__}, theta ({self.size},), {len(self._graphs)} graphs"

    # -- a theta that is not as the last one ----------------------------------------------------------------------------

    def _first(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """A call that the last graph does not fit: by another one, a new one, or eagerly."""
        theta = self._checked(theta)
        self._latest = None
        for graph in self._graphs:
            if (inputs := graph.inputs(theta)) is not None:
                self._latest = graph
                value, gradient = graph.run(inputs)
                return value, gradient
        found = self._eagerly(theta)  # what is wrong with the function is told as it is, before it is traced
        if self._compile:
            self._add(theta)
        return found

    def _add(self, theta: Tensor) -> None:
        """Trace and compile for inputs like those that there are now."""
        if len(self._graphs) == MOST_GRAPHS:
            self._compile = False
            self._warn(f"{MOST_GRAPHS} graphs were compiled, for as many dtypes or shapes of data; others")
            return
        try:
            with torch.inference_mode(False), torch.no_grad(), warnings.catch_warnings():
                # of torch about itself; where warnings are errors, it could not compile
                warnings.simplefilter("ignore", DeprecationWarning)
                warnings.simplefilter("ignore", FutureWarning)
                warnings.filterwarnings("ignore", "Skipping serialization of", UserWarning)  # torch 2.6, ahead of time
                self._latest = graph_of(self._loss, theta, self._slots, self._aot is not False, self._folder)
        except Exception as error:  # whatever a private interface raises; the reason is told
            self._compile = False
            self._warn(f"it cannot be compiled ({type(error).__name__}: {first_line(error)}); it")
            return
        self._graphs.append(self._latest)

    def _warn(self, why: str) -> None:
        warnings.warn(f"value_and_grad of {type(self.model).__name__}: {why} will run eagerly", stacklevel=5)

    def _checked(self, theta: Tensor) -> Tensor:
        """theta as a plain tensor, of stride 1.

        Raises:
            TypeError: it is no tensor, or of no floating dtype.
            ValueError: it has another shape than `(D,)`, or is on another device than the model.
        """
        if not isinstance(theta, Tensor):
            of = type(theta)
            advice = ": torch.from_numpy(theta) shares its memory" if of.__module__ == "numpy" else ""
            raise TypeError(f"theta: expected a tensor, got {of.__module__}.{of.__qualname__}{advice}")
        if not theta.is_floating_point():
            raise TypeError(f"theta: expected a floating dtype, got {theta.dtype}")
        if theta.shape != (self.size,):
            raise ValueError(f"theta: expected shape ({self.size},), got {tuple(theta.shape)}")
        device = self.model._like().device
        if theta.device != device:
            raise ValueError(f"theta: expected it on {device}, as the model is, got {theta.device}")
        theta = theta.detach().resolve_neg()
        return theta if theta.stride() == (1,) else theta.clone(memory_format=torch.contiguous_format)

    def _eagerly(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """The same by autograd."""
        with torch.inference_mode(False):
            return differentiated(self._loss, ordinary(theta))

    def _loss(self, theta: Tensor) -> Tensor:
        """What the function makes of theta.

        Raises:
            TypeError: no scalar tensor.
        """
        if self._asks_log_det:
            found: Any = self.fn(*self.model.constrain_and_log_det(theta))
        else:
            found = self.fn(self.model.constrain(theta))
        if not isinstance(found, Tensor):
            raise TypeError(f"fn: expected it to return a scalar tensor, got {type(found).__name__}")
        if found.ndim or not found.is_floating_point():
            raise TypeError(f"fn: expected it to return a real scalar, got {found.dtype} of shape {tuple(found.shape)}")
        return found

    def _what_changed(self) -> str:
        """Why this function and its model are no longer of one mind."""
        before, now = self._names, self.model.frozen_names()
        changes = [f"`{name}` was frozen" for name in now if name not in before]
        changes += [f"`{name}` was unfrozen" for name in before if name not in now]
        staged = (owner for owner, training in self._stages if owner.training is not training)
        changes += [f"{type(one).__name__} went to {'train' if one.training else 'eval'} mode" for one in staged]
        return f"{', '.join(changes)} since this function was made: make it anew by `model.value_and_grad(fn)`"


@dataclass(frozen=True, slots=True)
class CompiledGraph:
    """A compiled graph, and what it takes."""

    run: Run
    slots: list[Slot]
    closed: list[Tensor]
    """Tensors that the function closes over, and constants."""
    layouts: list[Layout]
    """Of theta, of what is in the slots, and of what the function closes over."""
    autocast: torch.dtype | None
    """In which matrix products were taken, where that was on."""
    threads: int
    """Inductor writes them into the code."""
    fits: Callable[..., bool] | None
    """Whether inputs are like those that it was made for, and without graph, asked in C++: one call in the place of many. What it
    refuses may fit all the same. None: there is no such question."""

    def inputs(self, theta: Tensor) -> list[Tensor] | None:
        """All that goes in, without graph; None where something is not as the graph takes for granted."""
        tensors = [theta]
        if self.slots:
            tensors += [holder[name] for holder, name in self.slots]
        if self.closed:
            tensors += self.closed
        if self.fits is not None and self.fits(*tensors) and torch.get_num_threads() == self.threads:
            return tensors
        for at, (kind, dtype, shape, stride, device) in enumerate(self.layouts):
            tensor = tensors[at]
            if (
                type(tensor) is not kind
                or tensor.dtype is not dtype
                or tensor.shape != shape
                or tensor.stride() != stride
                or tensor.device != device
                or tensor.is_neg()
            ):
                return None
            if tensor.requires_grad:
                tensors[at] = tensor.detach()
        if autocast_on(theta) is not self.autocast:
            return None
        return tensors if torch.get_num_threads() == self.threads else None


def graph_of(
    loss: Callable[[Tensor], Tensor], theta: Tensor, slots: list[Slot], ahead: bool, folder: Path | None
) -> CompiledGraph:
    """Trace and compile, for inputs like these; ahead of time, and kept in that folder, where that is asked.

    Raises:
        Exception: of whatever kind; it cannot be traced, or not be compiled.
    """
    tensors = [theta, *(holder[name] for holder, name in slots)]
    graph, closed = traced(loss, tensors, slots)
    tensors += closed
    layouts = [layout_of(tensor) for tensor in tensors]
    constants = fold_constants(graph)
    merge_lanes(graph)
    scans = write_out_scans(graph)
    graph.recompile()
    examples = [ordinary(tensor) for tensor in tensors + constants]
    run = compiled(graph, examples, scans, ahead, folder)
    autocast, threads = autocast_on(theta), torch.get_num_threads()
    fits = (
        guard([one.detach() if one.requires_grad else one for one in tensors + constants]) if autocast is None else None
    )
    return CompiledGraph(run, slots, closed + constants, layouts, autocast, threads, fits)


def autocast_on(theta: Tensor) -> torch.dtype | None:
    """The dtype of autocast on a tensor's device, where it is on."""
    kind = theta.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else None


def compiled(graph: GraphModule, tensors: list[Tensor], scans: Scans, ahead: bool, folder: Path | None) -> Run:
    """The graph, compiled: as a package where that is asked, by inductor, or as a backend of `torch.compile`; the next of
    them with a warning if one fails.

    Raises:
        Exception: of whatever kind; none could.
    """
    if ahead:
        try:
            return by_package(graph, tensors, scans, folder)
        except Exception as error:  # whatever a private interface raises
            say_why("not compiled ahead of time", error)
    try:
        return by_inductor(graph, tensors, scans)
    except Exception as error:  # whatever a private interface raises
        run = by_torch_compile(graph, tensors)
        say_why("compiled by torch.compile, some µs slower a call", error)
        return run


def say_why(what: str, error: Exception) -> None:
    """Warn that it is so, because of an error."""
    warnings.warn(f"value_and_grad: {what}, because {type(error).__name__}: {first_line(error)}", stacklevel=7)


def layout_of(tensor: Tensor) -> Layout:
    """What there is to check of an input.

    Raises:
        TypeError: it is no plain tensor, and has no memory that compiled code could read.
    """
    if type(tensor) not in PLAIN:
        raise TypeError(f"{type(tensor).__name__} is no plain tensor")
    return type(tensor), tensor.dtype, tensor.shape, tensor.stride(), tensor.device


def takes_two(fn: Callable[..., Any]) -> bool:
    """Whether a function takes values and log-det; False where it takes values alone."""
    try:
        signature = inspect.signature(fn)
    except (TypeError, ValueError):  # some of those that are written in C
        return True
    try:
        signature.bind(None, None)
    except TypeError:
        return False
    return True
