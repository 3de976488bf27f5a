"""A traced graph compiled ahead of time by AOTInductor: a package, which is called without Python in it, and may be kept on disk.

A package is code: who loads one runs it. So packages are read from the directory alone that a caller names, where each has the
name of what it was made of and of what is in it: a stale one is never found, and a damaged one is not loaded.
"""

from __future__ import annotations

import hashlib
import platform
import tempfile
import warnings
from pathlib import Path

import torch
from torch import Tensor
from torch.fx import GraphModule

from cdsl.runtime.arrays import ARRAYS, MOST_IN_ARRAYS, arrays_on_stack, may_have_arrays, with_own_outputs
from cdsl.runtime.compiling import Run, first_line, options_of
from cdsl.runtime.rewrite import Scans


def by_package(graph: GraphModule, tensors: list[Tensor], scans: Scans, folder: Path | None) -> Run:
    """The graph as a package: the one that is in the folder, or a new one, which is put there. None: it is kept nowhere.

    Raises:
        Exception: of whatever kind; it cannot be exported or compiled, or the folder cannot be written.
    """
    made_of = digest_of(graph, tensors, scans)
    if folder is not None:
        for path in sorted(folder.glob(f"{made_of}-*.pt2")):
            if (run := from_file(path, tensors)) is not None:
                return run
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=folder) as beside:
        path = package(graph, tensors, scans, Path(beside))
        run = loaded(path, tensors)
        if folder is not None:
            path.replace(folder / f"{made_of}-{digest_of_file(path)}.pt2")
    return run


def package(graph: GraphModule, tensors: list[Tensor], scans: Scans, folder: Path) -> Path:
    """A new package in this folder."""
    program = torch.export.export(graph, tuple(tensors))
    path, options = folder / "graph.pt2", options_of(scans)
    if may_have_arrays(tensors):
        try:
            with arrays_on_stack():
                torch._inductor.aoti_compile_and_package(
                    program, package_path=str(path), inductor_configs=options | ARRAYS
                )
            loaded(path, tensors)
            return path
        except Exception as error:  # whatever a private interface raises
            warnings.warn(f"value_and_grad: compiled without arrays, because {first_line(error)}", stacklevel=9)
    torch._inductor.aoti_compile_and_package(program, package_path=str(path), inductor_configs=options)
    return path


def loaded(path: Path, tensors: list[Tensor]) -> Run:
    """What a package does to a list of tensors, of which it checks nothing; it is called, so that what fails does so here."""
    return with_own_outputs(torch._inductor.aoti_load_package(str(path)).loader.run, tensors)


def from_file(path: Path, tensors: list[Tensor]) -> Run | None:
    """What a kept package does; None, with a warning, where it is not as it was written, or cannot be loaded."""
    try:
        if path.stem.rpartition("-")[2] != digest_of_file(path):
            path.unlink()
            raise ValueError("its contents are not those that were written")
        return loaded(path, tensors)
    except Exception as error:  # whatever a private interface raises
        warnings.warn(f"value_and_grad: {path} is compiled anew: {error}", stacklevel=8)
        return None


def digest_of_file(path: Path) -> str:
    """The digest of what is in a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:32]


def digest_of(graph: GraphModule, tensors: list[Tensor], scans: Scans) -> str:
    """The digest of all that a package is made of: the graph, what it takes for granted of its inputs, and torch, processor and
    threads that it is compiled by and for."""
    of = hashlib.sha256()
    made_by = (
        torch.__version__,
        torch.version.git_version,
        processor(),
        *accelerators(tensors),
        torch.get_num_threads(),
        options_of(scans),
        (ARRAYS, MOST_IN_ARRAYS) if may_have_arrays(tensors) else (),
    )
    for part in (*made_by, *((one.dtype, one.shape, one.stride(), one.device) for one in tensors)):
        of.update(f"{part}\0".encode())
    for module in graph.modules():
        if isinstance(module, GraphModule):
            of.update(module.code.encode())
            for node in module.graph.nodes:
                if node.op == "get_attr" and isinstance(held := getattr(module, node.target), Tensor):
                    of.update(f"{node.target}{held.dtype}{held.tolist()}".encode())
    return of.hexdigest()[:32]


def processor() -> str:
    """What code for this processor may use: its name, and where the system tells them, its features."""
    told = [platform.machine(), platform.processor(), torch.backends.cpu.get_cpu_capability()]
    if (file := Path("/proc/cpuinfo")).exists():
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        told += sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))})
    return "\n".join(told)


def accelerators(tensors: list[Tensor]) -> list[str]:
    """What code for the accelerators that these tensors are on may use."""
    devices = {tensor.device for tensor in tensors if tensor.device.type == "cuda"}
    return sorted(f"{torch.cuda.get_device_name(one)} {torch.cuda.get_device_capability(one)}" for one in devices)
