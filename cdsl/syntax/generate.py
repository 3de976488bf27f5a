"""Grammar → tables: what lark makes of a grammar, as plain data for the lexer and the parser's loop.

Nothing else of the syntax imports lark, and this is imported where there are no kept tables: without it a command starts a fifth sooner.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lark import Lark, Token
from lark.grammar import Rule, Terminal
from lark.lark import PostLex
from lark.parsers.lalr_analysis import Shift

from cdsl.syntax.lalr import ABSENT


class Kept(PostLex):
    """Terminals that stand in no rule, and are tokens nevertheless; lark itself lexes nothing."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.always_accept = names

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens."""
        return stream


def generated(grammar: str, outside: tuple[str, ...]) -> dict[str, Any]:
    """The tables of a grammar, and the lexer of its terminals, those `outside` all rules among them."""
    made = read_by_lark(grammar, outside)
    return {"lexer": lexer_of(made), "parser": parser_of(made)}


def read_by_lark(grammar: str, outside: tuple[str, ...]) -> Lark:
    """A grammar as lark reads it."""
    return Lark(grammar, parser="lalr", lexer="basic", maybe_placeholders=True, postlex=Kept(outside))


def lexer_of(made: Lark) -> dict[str, Any]:
    """Patterns in lark's order of them; keywords, which match as names; and which terminals are no tokens."""
    lexer = made.parser.lexer.lexer
    matched = lexer.scanner.terminals
    return {
        "patterns": [[terminal.name, terminal.pattern.to_regexp()] for terminal in matched],
        "flags": int(lexer.g_regex_flags),
        "words": {terminal.pattern.value: terminal.name for terminal in lexer.terminals if terminal not in matched},
        "ignored": sorted(lexer.ignore_types),
    }


def parser_of(made: Lark) -> dict[str, Any]:
    """For each state what to do at each symbol: go on to a state, or apply the rule of number n, which is -n - 1."""
    conf = made.parse_interactive("").parser_state.parse_conf
    rules: list[Rule] = []
    numbers: dict[int, int] = {}  # by identity: a rule's hash is that of all its symbols

    def action(kind: Any, target: Any) -> int:
        if kind is Shift:
            return int(target)
        if id(target) not in numbers:
            numbers[id(target)] = len(rules)
            rules.append(target)
        return -numbers[id(target)] - 1

    actions = {
        str(state): {symbol: action(*entry) for symbol, entry in row.items()}
        for state, row in conf.parse_table.states.items()
    }
    actions[str(conf.end_state)] = {"$END": conf.end_state}
    return {"actions": actions, "start": conf.start_state, "rules": list(map(rule_of, rules))}


def rule_of(rule: Rule) -> dict[str, Any]:
    """What lark's tree builder does for a rule, in the words of `Reduction`."""
    origin = str(rule.origin.name)
    kept = list(places(rule))
    inlined = [at for at in kept if at != ABSENT and is_inlined(rule.expansion[at].name)]
    passes = bool(rule.options.expand1 and not rule.alias and len(kept) == 1 and not inlined)
    build = None if passes or is_inlined(origin) else rule.alias or origin
    return {
        "origin": origin,
        "size": len(rule.expansion),
        "kept": kept,
        "inlined": inlined,
        "passes": passes,
        "build": build,
    }


def is_inlined(symbol: str) -> bool:
    """Whether the parts of a rule are those of the rules that use it; names of terminals are capitals."""
    return symbol == "start" or (symbol.startswith("_") and not symbol.isupper())


def places(rule: Rule) -> Iterator[int]:
    """Where the parts of a rule stand that are kept: all but `"punctuation"`, and a place for each absent `[…]`."""
    symbols = iter(enumerate(rule.expansion))
    for absent in rule.options.empty_indices or [False] * len(rule.expansion):
        if absent:
            yield ABSENT
            continue
        at, symbol = next(symbols)
        if rule.options.keep_all_tokens or not (isinstance(symbol, Terminal) and symbol.filter_out):
            yield at
