"""Text → live module, in memory; and the import hook."""

from __future__ import annotations

import hashlib
import importlib.abc
import importlib.machinery
import linecache
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from cdsl.checker.imports import Files
from cdsl.compiler import SpecError, compile_source
from cdsl.constraints import domains
from cdsl.diagnostics import Diagnostic
from cdsl.files import class_of, read_spec
from cdsl.source import Source


def load(
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    root: str | os.PathLike[str] | None = None,
    layout: str = "separate",
) -> ModuleType:
    """Compile a spec file in memory and import the result; its class is named after the file, or `name`.

    It may import other specs below `root`, which is its own directory unless told otherwise.

    Raises:
        SpecError: the file cannot be read, or the spec has problems.
        ValueError: a layout that there is not.
    """
    return module_of(python_of(Path(path), name, None if root is None else Path(root), layout))


def loads(text: str, name: str = "Model", layout: str = "separate") -> ModuleType:
    """Compile a spec's text in memory and import the result; `name` is its class.

    Raises:
        SpecError: the spec has problems.
        ValueError: a layout that there is not.
    """
    return module_of(require(Source(text), name, layout=layout))


def python_of(path: Path, name: str | None = None, root: Path | None = None, layout: str = "separate") -> str:
    """The compiled source of a spec file, which imports others below the root, or below its own directory."""
    source, problems = read_spec(path)
    if problems:
        raise SpecError(problems, source)
    cls = name or class_of(path)
    if isinstance(cls, Diagnostic):
        raise SpecError((cls,), source)
    return require(source, cls, Files.of(path, root), layout)


def require(source: Source, name: str, files: Files | None = None, layout: str = "separate") -> str:
    """The compiled source, imported models inline, or the error that says why there is none."""
    python, diagnostics = compile_source(source, name, layout=layout, files=files, inline=True)
    if python is None:
        raise SpecError(diagnostics, source)
    return python


def module_of(python: str) -> ModuleType:
    """The module of a compiled source, in `sys.modules` under a name made from its text: equal texts, one module.

    A domain of the user's own that was defined again, as a notebook does, means another thing by the same text.

    Its instances pickle into a fresh process: they carry the source, and unpickling runs it, as unpickling does.
    """
    meant = python + f"# {domains().redefined}" * bool(domains().redefined)
    name = f"cdsl_loaded_{hashlib.sha256(meant.encode()).hexdigest()[:16]}"
    if name not in sys.modules:
        module = ModuleType(name)
        module.__file__ = f"<{name}>"
        sys.modules[name] = module
        try:
            exec(code_of(python, module.__file__), module.__dict__)
        except BaseException:
            del sys.modules[name]
            raise
        for cls in vars(module).values():
            if isinstance(cls, type) and cls.__module__ == name:
                cls.__reduce_ex__ = carry_source(python, cls)  # type: ignore[method-assign]  # what pickle calls
    return sys.modules[name]


def code_of(python: str, file: str) -> CodeType:
    """The compiled code, its lines where tracebacks and debuggers look for them."""
    linecache.cache[file] = (len(python), None, python.splitlines(keepends=True), file)
    return compile(python, file, "exec", dont_inherit=True)


def carry_source(python: str, cls: type) -> Any:
    """A `__reduce_ex__` that rebuilds the class from its source where it is unpickled."""

    def reduce(self: Any, protocol: Any) -> str | tuple[Any, ...]:
        if type(self) is not cls:  # a subclass, which lives where it was written
            return object.__reduce_ex__(self, protocol)
        if isinstance(self, tuple):
            return rebuild, (python, cls.__name__, tuple(self))
        return (
            rebuild,
            (python, cls.__name__, None),
            self.__getstate__() if hasattr(self, "__getstate__") else vars(self),
        )

    return reduce


def rebuild(python: str, name: str, values: tuple[Any, ...] | None) -> Any:
    """An instance of a class of a compiled source: a tuple of values, or a module whose state follows."""
    cls = vars(module_of(python))[name]
    return cls.__new__(cls) if values is None else cls(*values)


class SpecFinder(importlib.abc.MetaPathFinder):
    """Finds `specs/mixture.cdsl` for `import specs.mixture`, below one root."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec file of this module's name; a folder without a module of its own is a package of specs."""
        place = self.root.joinpath(*fullname.split("."))
        file = place.with_name(f"{place.name}.cdsl")
        if file.is_file():
            return importlib.machinery.ModuleSpec(fullname, SpecLoader(file), origin=str(file))
        if place.is_dir():
            package = importlib.machinery.ModuleSpec(fullname, None, is_package=True)
            package.submodule_search_locations = [str(place)]
            return package
        return None


class SpecLoader(importlib.abc.Loader):
    """Compiles one spec file when it is imported."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def exec_module(self, module: ModuleType) -> None:
        """Compile the spec and run the result as this module."""
        module.__file__ = str(self.file)
        exec(code_of(python_of(self.file), f"<compiled from {self.file}>"), module.__dict__)


def install_import_hook(root: str | os.PathLike[str] = ".") -> SpecFinder:
    """From here on `import specs.mixture` compiles and imports `root/specs/mixture.cdsl`, where no module of that name is.

    Returns the finder; `sys.meta_path.remove` takes it out again.
    """
    finder = SpecFinder(Path(root).resolve())
    sys.meta_path.append(finder)
    return finder
