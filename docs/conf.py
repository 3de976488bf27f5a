"""The site: `python -m sphinx -W --keep-going -n docs build/site`. It reads nothing from outside, and its pages load nothing from there."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

import cdsl
from cdsl.highlight import CdslLexer

project = "cdsl"
author = "the authors of cdsl"
project_copyright = author
version = release = cdsl.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
myst_url_schemes = ["https", "mailto"]

# Docstrings are plain prose with code between backticks.
default_role = "code"
autodoc_default_options = {"members": True, "member-order": "bysource", "show-inheritance": False}
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
# A public name of ours must be on the page. What else an annotation names is documented elsewhere, or in its file; nothing is fetched.
nitpick_ignore_regex = [(r"py:.*", r"(?!cdsl\.(runtime\.)?[A-Z]\w+$).*")]

html_theme = "furo"
html_title = "cdsl"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
pygments_style, pygments_dark_style = "friendly", "github-dark"


CODE_OR_SIGN = re.compile(r"(`[^`]*`)|([|*_])")


def as_restructured(app: Sphinx, what: str, name: str, described: object, options: object, lines: list[str]) -> None:
    """Docstrings are prose and formulas: outside of code `|`, `*` and `_` are these characters."""
    lines[:] = [CODE_OR_SIGN.sub(lambda found: found[1] or f"\\{found[2]}", line) for line in lines]


OUTSIDE = re.compile(
    r"""<(?:script|img|iframe|source|object|embed)\b[^>]*\b(?:src|data)\s*=\s*["']?(?:https?:)?//"""
    r"""|<link\b[^>]*\bhref\s*=\s*["']?(?:https?:)?//|@import\s|url\(\s*["']?(?:https?:)?//""",
    re.IGNORECASE,
)
"""What a browser would fetch from elsewhere when it shows a page; links that somebody follows are not among it."""


def load_nothing_from_outside(app: Sphinx, failed: Exception | None) -> None:
    """No page and no style asks another host for anything.

    Raises:
        ExtensionError: one does.
    """
    if failed is None:
        pages = (file for kind in ("html", "css") for file in Path(app.outdir).rglob(f"*.{kind}"))
        hits = ((page, OUTSIDE.search(page.read_text(encoding="utf-8"))) for page in pages)
        found = [f"{page}: {hit[0]}" for page, hit in hits if hit]
        if found:
            raise ExtensionError("loaded from outside: " + ", ".join(found))


def setup(app: Sphinx) -> None:
    """Blocks of cdsl have its own lexer, where the entry point of the package is not installed too."""
    app.add_lexer("cdsl", CdslLexer)
    app.connect("autodoc-process-docstring", as_restructured, priority=900)
    app.connect("build-finished", load_nothing_from_outside)
