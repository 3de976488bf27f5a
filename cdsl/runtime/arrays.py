"""Ahead of time, what is computed on the way are arrays on the stack, where that is little: as tensors they take a third of a
microsecond each, which is most of a small call. The classes of inductor that this stands on are private, and are named here alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any

from torch import Tensor

from cdsl.runtime.compiling import Run

MOST_IN_ARRAYS = 12_800
"""Of all arrays of a graph; 100 KB, a small part of the least stack that a thread has (512 KB, on macOS)."""
MOST_INPUTS = 1_000
"""Entries of a graph's inputs, up to which arrays are asked for. Beyond, buffers are to be written in place, and an allocation is a small part."""
ARRAYS = {"aot_inductor.allow_stack_allocation": True, "inplace_buffers": False}
"""Options of inductor. An array that is written in place could be the output."""
ONE_AT_A_TIME = threading.Lock()
"""What is changed for graphs with arrays is changed for all threads, and changed back."""


def may_have_arrays(tensors: Sequence[Tensor]) -> bool:
    """Whether a graph of these inputs may have arrays."""
    return all(tensor.device.type == "cpu" and tensor.numel() <= MOST_INPUTS for tensor in tensors)


@contextmanager
def arrays_on_stack() -> Iterator[None]:
    """Inside, graphs that are compiled with `ARRAYS` have them.

    Inductor has a class that writes such code, but decides whether to take it when the first graph of the process is compiled,
    for all graphs; and what that returns stands in memory which the next call writes into.

    Raises:
        Exception: of whatever kind; torch has no such classes.
    """
    common: Any = import_module("torch._inductor.codegen.common")
    module: Any = import_module("torch._inductor.codegen.cpp_wrapper_cpu_array_ref")

    class Wrapper(module.CppWrapperCpuArrayRef):  # type: ignore[misc]  # torch leaves it without types
        """Of a graph with arrays, but for its outputs, which are tensors of their own."""

        @staticmethod
        def create(*of: Any, **more: Any) -> Any:
            """The class of every other graph, which another thread may compile meanwhile, is the one before"""
            asked = module.config.aot_inductor.allow_stack_allocation
            return Wrapper() if asked else chosen.cpp_wrapper_codegen.create(*of, **more)

        def can_stack_allocate_buffer(self, buffer: Any) -> bool:
            return not is_output(buffer) and super().can_stack_allocate_buffer(buffer)

        def make_buffer_reuse(self, old: Any, new: Any, delete_old: bool) -> Any:
            if is_output(new) and old.get_name() in self.stack_allocated_buffers:
                return self.make_buffer_allocation(new)
            return super().make_buffer_reuse(old, new, delete_old)

    def is_output(buffer: Any) -> bool:
        """Whether the graph returns it."""
        return buffer.get_name() in module.V.graph.get_output_names()

    with ONE_AT_A_TIME:
        common.init_backend_registration()
        chosen, most = common.device_codegens["cpu"], module.MAX_STACK_ALLOCATION_SIZE
        common.device_codegens["cpu"] = replace(chosen, cpp_wrapper_codegen=Wrapper)
        module.MAX_STACK_ALLOCATION_SIZE = MOST_IN_ARRAYS
        try:
            yield
        finally:
            common.device_codegens["cpu"], module.MAX_STACK_ALLOCATION_SIZE = chosen, most


def with_own_outputs(run: Run, tensors: list[Tensor]) -> Run:
    """The same, whose outputs no other call writes into; it calls it twice, to see whether these are copies."""
    first, second = run(list(tensors)), run(list(tensors))
    if not any(one.data_ptr() == other.data_ptr() for one, other in zip(first, second, strict=True)):
        return run
    return lambda inputs: [one.clone() for one in run(inputs)]
