"""The parser's loop over lark's tables: each rule's node is built when the rule is applied, and no tree between.

lark reads the grammar and computes the tables; what its trees would hold is decided once, when the tables are prepared:
which parts of a rule are kept, which are absent, and which rules only pass their one part on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from lark import Lark, Token
from lark.grammar import Rule, Terminal
from lark.parsers.lalr_analysis import Shift

from cdsl.source import Span

ABSENT = -1


@dataclass(frozen=True, eq=False)
class Reduction:
    """A rule, as it is applied: the last `size` symbols become its origin."""

    origin: str
    size: int
    kept: tuple[int, ...]
    """Where the parts stand that `build` is given; `ABSENT` for a `[…]` of the grammar that is not there."""
    inlined: frozenset[int]
    """Those of them that are lists, whose entries are parts of this rule."""
    passes: bool
    """Whether its one part is passed on as it is: `?atom: "(" expr ")"`."""
    build: Callable[..., Any] | None
    """None where there is nothing to build: its part is passed on, or its parts are inlined where it is used."""
    idle: bool
    """Whether nothing but the symbol's name changes: `?sum: product`."""


Action: TypeAlias = "int | Reduction"
"""The state to go to, or what to do before."""


class Tables(NamedTuple):
    """For each state, what to do at each terminal, and where a rule that was applied there leads."""

    actions: dict[int, dict[str, Action]]
    start: int


class TooDeep(NamedTuple):
    """In the place of a node with more levels than are walked."""

    span: Span


def tables_of(parser: Lark, builder: object) -> Tables:
    """lark's tables, with the builder's method for each rule: of its alias, or of its own name.

    A rule whose name begins with `_` is inlined, as lark has it; so is `start`, which gives the list of what was read.
    """
    conf = parser.parse_interactive("").parser_state.parse_conf
    prepared: dict[int, Reduction] = {}  # by identity: a rule's hash is that of all its symbols

    def action(kind: Any, target: Any) -> Action:
        if kind is Shift:
            return int(target)
        if id(target) not in prepared:
            prepared[id(target)] = reduction(target, builder)
        return prepared[id(target)]

    actions = {
        state: {symbol: action(*entry) for symbol, entry in row.items()}
        for state, row in conf.parse_table.states.items()
    }
    actions[conf.end_state] = {"$END": conf.end_state}
    return Tables(actions, conf.start_state)


def reduction(rule: Rule, builder: object) -> Reduction:
    """What lark's tree builder does for a rule."""
    origin = str(rule.origin.name)
    kept = tuple(places(rule))
    inlined = frozenset(at for at in kept if at != ABSENT and is_inlined(rule.expansion[at].name))
    passes = rule.options.expand1 and not rule.alias and len(kept) == 1 and not inlined
    build = None if passes or is_inlined(origin) else getattr(builder, rule.alias or origin)
    size = len(rule.expansion)
    return Reduction(origin, size, kept, inlined, passes, build, idle=passes and size == 1)


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


@dataclass
class Reader:
    """What was read of a text, line by line. A line is recognised first and built then: what is refused changes nothing."""

    tables: Tables
    deepest: int
    """Levels of nodes; one that has more is `TooDeep`."""
    states: list[int] = field(init=False)
    values: list[Any] = field(default_factory=list)
    """What each state but the first stands for; where that starts, and its levels of nodes:"""
    starts: list[int] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    end: int = 0
    """Where the last token ends, and every rule that is applied after it."""

    def __post_init__(self) -> None:
        self.states = [self.tables.start]

    def take(self, line: Sequence[Token]) -> int:
        """Read a line, if all of it is accepted. Returns how many of its tokens are."""
        states, steps = self.states.copy(), list[Token | Reduction]()
        for count, token in enumerate(line):
            if not self.advance(states, token.type, steps):
                return count
            steps.append(token)
        self.states = states
        for step in steps:
            if isinstance(step, Reduction):
                self.apply(step)
            else:
                self.values.append(step)
                self.starts.append(step.start_pos or 0)
                self.levels.append(0)
                self.end = step.end_pos or 0
        return len(line)

    def wanted(self, line: Sequence[Token]) -> set[str]:
        """The terminals that are accepted after these tokens."""
        states = self.states.copy()
        for token in line:
            self.advance(states, token.type, [])
        terminals = filter(str.isupper, self.tables.actions[states[-1]])
        return {terminal for terminal in terminals if self.advance(states.copy(), terminal, [])}

    def advance(self, states: list[int], terminal: str, steps: list[Token | Reduction]) -> bool:
        """Go on to the state after a terminal; False where it is not accepted, which may show after a few steps only."""
        actions = self.tables.actions
        while True:
            action = actions[states[-1]].get(terminal)
            if isinstance(action, Reduction):
                if not action.idle:
                    steps.append(action)
                del states[len(states) - action.size :]
                states.append(actions[states[-1]][action.origin])  # type: ignore[arg-type]  # a state after any rule
            elif action is None:
                return False
            else:
                states.append(action)
                return True

    def apply(self, rule: Reduction) -> None:
        """Put what a rule makes of the last values in their place. It has some: a text of no tokens is not read."""
        first = len(self.values) - rule.size
        parts = parts_of(rule, self.values[first:])
        level = max(self.levels[first:])
        if rule.build is None:
            value: Any = parts
        elif level == self.deepest:
            value = TooDeep(Span(self.starts[first], self.end))  # and so is all that holds it
        else:
            level += 1
            value = rule.build(Span(self.starts[first], self.end), *parts)
        self.values[first], self.levels[first] = value, level
        del self.values[first + 1 :], self.starts[first + 1 :], self.levels[first + 1 :]


def parts_of(rule: Reduction, values: list[Any]) -> Any:
    """The parts that a rule keeps of its values; the one part that it passes on."""
    values.append(None)  # at `ABSENT`
    if rule.passes:
        return values[rule.kept[0]]
    if not rule.inlined:
        return [values[at] for at in rule.kept]
    parts: list[Any] = []
    for at in rule.kept:
        if at not in rule.inlined:
            parts.append(values[at])
        elif parts:
            parts += values[at]
        else:
            parts = values[at]  # longer by one each time: no other rule has it
    return parts
