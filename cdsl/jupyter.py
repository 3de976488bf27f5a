"""`%%cdsl` in a notebook, after `%load_ext cdsl`: a cell is a spec, and its models are classes of the notebook.

What is wrong with a spec is an error of its cell, shown with the lines of the cell and without a traceback.
"""

from __future__ import annotations

import sys
from pathlib import Path

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic_arguments import MagicArgumentParser
from IPython.display import Code, display

from cdsl.checker.imports import Files
from cdsl.compiler import SpecError, compile_source
from cdsl.diagnostics.text import render
from cdsl.loader import module_of
from cdsl.source import Source

HERE = Path("<cell>")
"""Where a cell's imports are looked for: in the working directory. No file of this name is one of them."""

OPTIONS = MagicArgumentParser("%%cdsl")
OPTIONS.add_argument("--name", default="Model", help="the class of the cell's own model; `Model` without it")
OPTIONS.add_argument("--show", action="store_true", help="show the Python that the spec compiles to")


class CellError(SpecError):
    """A cell whose spec has problems."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback: the report."""
        return str(self).strip().splitlines()


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What `%load_ext cdsl` calls."""

    def cdsl(line: str, cell: str) -> None:
        """`%%cdsl [--name Mixture] [--show]`: compile the spec in this cell, and bind the classes of its models.

        The cell's own model is the class `Model`, or `--name`; `--show` shows the Python that the spec compiles to.
        """
        try:
            options = OPTIONS.parse_argstring(line)
        except ValueError as error:  # of the shell's quotes
            raise UsageError(f"%%cdsl: {error}") from None
        shell.push(classes(cell, options.name, show=options.show))

    shell.magics_manager.register_function(cdsl, "cell")


def classes(cell: str, name: str, *, show: bool) -> dict[str, type]:
    """The classes of a cell's models by name, its own under the given one.

    Raises:
        CellError: the spec has problems.
    """
    source = Source("\n" + cell, "cell")  # a line for `%%cdsl`, so that lines are counted as the notebook does
    python, diagnostics = compile_source(source, name, files=Files.of(HERE), inline=True)
    if python is None:
        raise CellError(diagnostics, source)
    if diagnostics:
        sys.stderr.write(render(diagnostics, source))
    if show:
        display(Code(python, language="python"))
    module = module_of(python)
    own = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
    return {one.__name__: one for one in own if not issubclass(one, tuple)}
