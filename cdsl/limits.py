"""How much of anything a spec may have. A spec may come from anyone: each limit is far above what people write, and is met before
anything is built that would cost time or memory."""

from __future__ import annotations

from typing import NamedTuple

LONGEST_TEXT = 1 << 20
"""Bytes of UTF-8."""
MOST_TOKENS = 2000
"""Tokens of one declaration."""
DEEPEST_BRACKETS = 100
DEEPEST_EXPRESSION = 200
"""Levels of expression; a chain `a + b + …` counts."""
MOST_OPERATIONS = 2000
"""Of one expression, everything written out that stands behind its names."""
LONGEST_NAME = 100
LONGEST_NUMBER = 64
MOST_BITS = 4096
"""Of a number on the way to a result; float64 spans 2098."""
LARGEST_SIZE = 2**63 - 1
"""What a size of a tensor can be at most, and how many entries it may have."""
DEEPEST_IMPORTS = 16
MOST_LISTED = 10_000
"""Declarations, written out: nested models can double at each level, and so can those who read them not."""


class Limit(NamedTuple):
    """What is counted, how many there may be, and the code of a spec that has more."""

    what: str
    most: str
    code: str


LIMITS = (
    Limit("the text of a file, its imports each by itself", f"{LONGEST_TEXT:,} bytes", "E005"),
    Limit("tokens of a declaration", f"{MOST_TOKENS:,}", "E102"),
    Limit("brackets in brackets, models in models among them", f"{DEEPEST_BRACKETS} deep", "E102"),
    Limit("expressions in expressions; a chain `a + b + …` counts", f"{DEEPEST_EXPRESSION} deep", "E102"),
    Limit("operations of an expression, with what its names stand for", f"{MOST_OPERATIONS:,}", "E102"),
    Limit("a name", f"{LONGEST_NAME} characters", "E102"),
    Limit("a number as written", f"{LONGEST_NUMBER} characters", "E102"),
    Limit("imports of imports", f"{DEEPEST_IMPORTS} deep", "E102"),
    Limit("a number, and each on the way to it", f"float64, {MOST_BITS:,} bits on the way", "E303"),
    Limit("a size; entries of a value", "2⁶³ - 1", "E402"),
    Limit("declarations in a description, nested models written out", f"{MOST_LISTED:,}", "E801"),
)
"""All of them, as docs/reference.md lists them."""
