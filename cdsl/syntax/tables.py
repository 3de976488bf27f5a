"""The parser's tables, kept between runs: building them is a third of a short command's time.

They are JSON, never a pickle: reading a file of the cache runs nothing. A file is used only where its checksum is right, and
it was made from this grammar by this lark; otherwise the tables are built, as if there were no cache.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lark import PostLex
from lark.lexer import TerminalDef

from cdsl.files import write_whole


def parser_of(grammar: str, postlex: PostLex) -> Lark:
    """The parser of a grammar, from kept tables where there are any."""
    made_from = digest(f"{lark.__version__} {grammar}")
    name = f"grammar-{made_from[:32]}.json"
    parser = restored(name, made_from, postlex)
    if parser is None:
        parser = Lark(
            grammar, parser="lalr", lexer="basic", propagate_positions=True, maybe_placeholders=True, postlex=postlex
        )
        with contextlib.suppress(OSError):  # a cache that cannot be written is no cache
            cache_directory().mkdir(parents=True, exist_ok=True)
            write_whole(cache_directory() / name, kept(parser, made_from))
    return parser


def restored(name: str, made_from: str, postlex: PostLex) -> Lark | None:
    """The parser of a file of the cache; None where it is not there, not whole, or in a form that this lark left.

    lark reads its own tables without checking them: what a foreign file makes it raise is one of these.
    """
    try:
        return restore((cache_directory() / name).read_text(encoding="utf-8"), made_from, postlex)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError):
        return None


def kept(parser: Lark, made_from: str) -> str:
    """A parser's tables as text: a checksum, then JSON."""
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    options = {**data["options"], "postlex": None}  # code, given again when the tables are restored
    text = json.dumps({"made_from": made_from, "data": {**data, "options": options}, "memo": memo})
    return f"{digest(text)}\n{text}"


def restore(text: str, made_from: str, postlex: PostLex) -> Lark:
    """The parser of kept tables.

    Raises:
        ValueError: the text is not whole, or made from another grammar.
    """
    checksum, _, tables = text.partition("\n")
    if digest(tables) != checksum:
        raise ValueError("the checksum is not that of the tables")
    found = with_integer_keys(json.loads(tables))
    if found["made_from"] != made_from:
        raise ValueError("the tables are those of another grammar")
    parser: Lark = Lark._load_from_dict(found["data"], found["memo"], postlex=postlex)
    return parser


def with_integer_keys(value: Any) -> Any:
    """JSON has text for keys where lark has states' and rules' numbers."""
    if isinstance(value, dict):
        return {int(key) if key.isdigit() else key: with_integer_keys(entry) for key, entry in value.items()}
    return [with_integer_keys(entry) for entry in value] if isinstance(value, list) else value


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
