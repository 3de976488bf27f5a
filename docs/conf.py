"""The site: `python -m sphinx -W --keep-going -n docs build/site`. It reads nothing from outside, and its pages load nothing from there."""

from __future__ import annotations

from sphinx.application import Sphinx

import cdsl
from cdsl.highlight import CdslLexer

project = "cdsl"
author = "the authors of cdsl"
project_copyright = author
version = release = cdsl.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
myst_url_schemes = ["https", "mailto"]

# Docstrings are plain prose with code between backticks.
default_role = "code"
autodoc_default_options = {"members": True, "member-order": "bysource", "show-inheritance": False}
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
# What an annotation names that is not ours: its documentation is elsewhere, and nothing is fetched.
nitpick_ignore_regex = [(r"py:.*", r"(?!cdsl\b).*")]

html_theme = "furo"
html_title = "cdsl"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
# Greys and colours of 4.5 : 1 against both grounds.
pygments_style, pygments_dark_style = "friendly", "native"


def setup(app: Sphinx) -> None:
    """Blocks of cdsl have its own lexer, where the entry point of the package is not installed too."""
    app.add_lexer("cdsl", CdslLexer)
