"""cdsl: constrained parameters as declarations, compiled to PyTorch modules.

Every public name is loaded when it is first used: `import cdsl` imports neither torch nor the parser.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cdsl import monitor as monitor
    from cdsl.checker import Checked, check
    from cdsl.compiler import SpecError, compile
    from cdsl.constraints import constraint
    from cdsl.constraints.base import Domain, Transform, Violation
    from cdsl.diagnostics import Diagnostic
    from cdsl.errors import CdslError
    from cdsl.loader import install_import_hook, load, loads
    from cdsl.model import Model
    from cdsl.reparameterize import reparameterize
    from cdsl.syntax.ast import Spec
    from cdsl.syntax.format import format
    from cdsl.syntax.parse import parse

__version__ = "0.1.0"

__all__ = [
    "CdslError",
    "Checked",
    "Diagnostic",
    "Domain",
    "Model",
    "Spec",
    "SpecError",
    "Transform",
    "Violation",
    "check",
    "compile",
    "constraint",
    "format",
    "install_import_hook",
    "load",
    "loads",
    "parse",
    "reparameterize",
]

_HOMES = {
    "CdslError": "cdsl.errors",
    "Checked": "cdsl.checker",
    "Diagnostic": "cdsl.diagnostics",
    "Domain": "cdsl.constraints.base",
    "Model": "cdsl.model",
    "Spec": "cdsl.syntax.ast",
    "SpecError": "cdsl.compiler",
    "Transform": "cdsl.constraints.base",
    "Violation": "cdsl.constraints.base",
    "check": "cdsl.checker",
    "compile": "cdsl.compiler",
    "constraint": "cdsl.constraints",
    "format": "cdsl.syntax.format",
    "install_import_hook": "cdsl.loader",
    "load": "cdsl.loader",
    "load_ipython_extension": "cdsl.jupyter",  # what `%load_ext cdsl` looks for; not public
    "loads": "cdsl.loader",
    "parse": "cdsl.syntax.parse",
    "reparameterize": "cdsl.reparameterize",
}


def __getattr__(name: str) -> Any:
    """A public name, from the module that it lives in."""
    if name in _HOMES:
        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value
    if name == "monitor":  # a package that imports torch
        return import_module("cdsl.monitor")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
