"""A small engine for TextMate grammars, of what that of cdsl uses: `match`, `begin` and `end`, captures, `include`.

It reads a line at a time. Of the rules that match, the leftmost holds, then the first; the end of a block comes before what is in it.
VS Code's own engine is held to the same result where it is installed.
"""

import functools
import re

regex = functools.cache(re.compile)


def tokens(grammar, text):
    """What a grammar makes of a text: `(start, end, scope)` for each piece that has one."""
    stack, offset = [{"patterns": grammar["patterns"]}], 0
    for line in text.split("\n"):
        for start, end, scope in of_line(grammar, line.removesuffix("\r"), stack):
            yield offset + start, offset + end, scope
        offset += len(line) + 1


def of_line(grammar, line, stack):
    """The pieces of one line; the stack holds the blocks that are open, and changes."""
    position, search = 0, searcher(line)
    while True:
        found = list(candidates(grammar, search, position, stack[-1]))
        if not found:
            return
        match, rule, ends = min(found, key=lambda one: one[0].start())
        yield from captured(match, rule["endCaptures" if ends else "beginCaptures" if "begin" in rule else "captures"])
        if ends:
            stack.pop()
        elif "begin" in rule:
            stack.append(rule)
        elif match.end() == match.start():
            raise AssertionError(f"{rule} matches nothing, for ever")
        position = match.end()


def searcher(line):
    """The first match of a regular expression in a line at or after a position, looked for again when that is behind."""
    known = {}

    def search(wanted, position):
        if wanted not in known or (known[wanted] and known[wanted].start() < position):
            known[wanted] = regex(wanted).search(line, position)
        return known[wanted]

    return search


def candidates(grammar, search, position, block):
    """The first match of each rule, and whether it ends the block."""
    if "end" in block and (match := search(block["end"], position)):
        yield match, block, True
    for rule in flat(grammar, block["patterns"]):
        if match := search(rule["begin"] if "begin" in rule else rule["match"], position):
            yield match, rule, False


def flat(grammar, rules):
    """Rules, with those of the repository in place of their names."""
    for rule in rules:
        if "include" not in rule:
            yield rule
            continue
        named = grammar["repository"][rule["include"].removeprefix("#")]
        yield from flat(grammar, [named] if "match" in named or "begin" in named else named["patterns"])


def captured(match, captures):
    """The groups of a match that have a scope."""
    for group, value in captures.items():
        start, end = match.span(int(group))
        if start < end:
            yield start, end, value["name"]
