"""A parser's tables, kept between runs: lark, and what it makes of a grammar, would be half of a short command's time.

They are JSON, never a pickle: reading a file of the cache runs nothing. A file is used only where its checksum is right, and
it was made from this grammar by this version; otherwise the tables are made, as if there were no cache.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from cdsl import __version__
from cdsl.files import write_whole

FORM = 2
"""Of the data that are kept; another one for each change of what their readers expect."""

FOREIGN = (
    OSError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, re.error,
)  # fmt: skip
"""What a file makes a reader raise that is not there, not whole, or of another form."""

Parser = TypeVar("Parser")


def parser_of(grammar: str, make: Callable[[], Any], read: Callable[[Any], Parser]) -> Parser:
    """What `read` makes of a grammar's tables, plain data: of kept ones, or of those that `make` gives, which are kept then."""
    made_from = digest(f"{__version__} {FORM} {grammar}")
    name = f"grammar-{made_from[:32]}.json"
    with contextlib.suppress(*FOREIGN):
        return read(restored((cache_directory() / name).read_text(encoding="utf-8"), made_from))
    text = kept(make(), made_from)
    with contextlib.suppress(OSError):  # a cache that cannot be written is no cache
        cache_directory().mkdir(parents=True, exist_ok=True)
        write_whole(cache_directory() / name, text)
    return read(restored(text, made_from))


def kept(tables: Any, made_from: str) -> str:
    """Tables as text: a checksum, then JSON."""
    text = json.dumps({"made_from": made_from, "tables": tables}, separators=(",", ":"))
    return f"{digest(text)}\n{text}"


def restored(text: str, made_from: str) -> Any:
    """Kept tables.

    Raises:
        ValueError: the text is not whole, or made from another grammar.
    """
    checksum, _, found = text.partition("\n")
    if digest(found) != checksum:
        raise ValueError("the checksum is not that of the tables")
    whole = json.loads(found)
    if whole["made_from"] != made_from:
        raise ValueError("the tables are those of another grammar")
    return whole["tables"]


def cache_directory() -> Path:
    """`$CDSL_CACHE_DIR`, or `cdsl` in the user's cache directory.

    Raises:
        OSError: there is no such directory: the user has no home.
    """
    own = os.environ.get("CDSL_CACHE_DIR")
    shared = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    if own or shared:
        return Path(own) if own else Path(shared or "") / "cdsl"
    try:
        return Path("~/.cache/cdsl").expanduser()
    except RuntimeError as error:
        raise OSError(str(error)) from None


def digest(text: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
