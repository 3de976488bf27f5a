"""The parser's loop over kept tables: each rule's node is built when the rule is applied, and no tree between.

lark computes the tables (`generate`); what its trees would hold is decided then: which parts of a rule are kept, which are
absent, and which rules only pass their one part on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from cdsl.source import Span
from cdsl.syntax.tokens import Token

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


def tables_of(kept: Any, builders: Mapping[str, Callable[..., Any]]) -> Tables:
    """The tables of kept ones, with the builder for each rule: of its alias, or of its own name.

    A rule whose name begins with `_` is inlined, as lark has it; so is `start`, which gives the list of what was read.
    """
    rules = [
        Reduction(
            origin=str(rule["origin"]),
            size=int(rule["size"]),
            kept=tuple(map(int, rule["kept"])),
            inlined=frozenset(map(int, rule["inlined"])),
            passes=bool(rule["passes"]),
            build=None if rule["build"] is None else builders[rule["build"]],
            idle=bool(rule["passes"]) and rule["size"] == 1,
        )
        for rule in kept["rules"]
    ]
    actions: dict[int, dict[str, Action]] = {
        int(state): {symbol: rules[-1 - action] if action < 0 else action for symbol, action in row.items()}
        for state, row in kept["actions"].items()
    }
    return Tables(actions, int(kept["start"]))


Seen: TypeAlias = "dict[tuple[tuple[int, ...], tuple[str, ...]], tuple[list[int], list[Reduction | None]]]"
"""Of the states before a line and the types of its tokens: the states behind it, and each rule that is applied, None for a token
that is read. Most lines of a text are like another one."""


@dataclass
class Reader:
    """What was read of a text, line by line. A line is recognised first and built then: what is refused changes nothing."""

    tables: Tables
    deepest: int
    """Levels of nodes; one that has more is `TooDeep`."""
    seen: Seen = field(default_factory=dict)
    """Lines that were recognised, of other readers too."""
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
        like = tuple(self.states), tuple([token.type for token in line])
        if like not in self.seen:
            states, steps = self.states.copy(), list[Reduction | None]()
            for count, token in enumerate(line):
                if not self.advance(states, token.type, steps):
                    return count
                steps.append(None)
            self.seen[like] = states, steps
        self.states, steps = self.seen[like]
        tokens = iter(line)
        for step in steps:
            if step is not None:
                self.apply(step)
                continue
            token = next(tokens)
            self.values.append(token)
            self.starts.append(token.start_pos)
            self.levels.append(0)
            self.end = token.end_pos
        return len(line)

    def wanted(self, line: Sequence[Token]) -> set[str]:
        """The terminals that are accepted after these tokens."""
        states = self.states.copy()
        for token in line:
            self.advance(states, token.type, [])
        terminals = filter(str.isupper, self.tables.actions[states[-1]])
        return {terminal for terminal in terminals if self.advance(states.copy(), terminal, [])}

    def advance(self, states: list[int], terminal: str, steps: list[Reduction | None]) -> bool:
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
        values, levels, size = self.values, self.levels, rule.size
        first = len(values) - size
        level = levels[first] if size == 1 else max(levels[first:])
        parts = parts_of(rule, values[first:])
        if rule.build is None:
            value: Any = parts
        elif level == self.deepest:
            value = TooDeep(Span(self.starts[first], self.end))  # and so is all that holds it
        else:
            level += 1
            value = rule.build(Span(self.starts[first], self.end), *parts)
        values[first], levels[first] = value, level
        if size > 1:
            del values[first + 1 :], self.starts[first + 1 :], levels[first + 1 :]


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
