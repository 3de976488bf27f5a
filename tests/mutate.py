"""Specs made worse: words of the grammar moved about, and bytes.

A mutant is a function of its seed alone. Half of them are made of tokens, so that most still read as declarations and some as
whole specs; the others of bytes, with those that have broken other compilers.
"""

from __future__ import annotations

import functools
import random

from cdsl.constraints import domains
from cdsl.functions import functions
from cdsl.syntax.parse import tokens_in

from .spec_texts import REFUSED, SHOWN
from .test_random_specs import spec_of

LONGEST = 1000
"""Characters of a text to begin with: a longer one takes longer, and shows no more."""
NUMBERS = (
    *"0 -0 1 2 3 7 -1 0.5 1e-9 1e9 1e308 1e309 1e-308 5e-324 1e-400 1e999999 007 1_000 1__0 0x1F 1j 1. .5 1e+5".split(),
    *("9" * 64, "9" * 65, "0." + "3" * 62, "9" * 400, "10**24", "2**63", "2**63 - 1", "2**64", "1 / 3", "0 / 0"),
    *"inf -inf pi true None nan".split(),
)
NAMES = tuple(
    "__class__ __init__ __import__ _ __ self torch cdsl eval exec getattr lambda match forward state_dict x_raw values Values Model "
    "ModelValues log_dets log_dets_ name property fi a x \ufb01 \xb5 \u03bc K \u212a \uff41 \u0430 \u0445 \xe9 e\u0301 \xaa \u017f "
    "\u1e9b\u0323 \U0001d431 \u03c3".split()
)
"""Names of Python's and of the emitter's, and pairs that look alike or that Python takes for one another."""
SNIPPETS = (
    *(
        b"\0",
        b"\x0c",
        b"\r",
        b"\x1b[31m",
        b"\x07",
        b"\x7f",
        b"\xc2\x85",
        b"\xc2\x9b31m",
        b"\xe2\x80\xa8",
        b"\xe2\x80\xa9",
    ),
    *(
        b"\xef\xbb\xbf",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xc0\xaf",
        b"\xe2\x80\xae",
        b"\xe2\x81\xa6",
        b"\xf0\x9f\x98\x80",
    ),
    *(
        b"'''",
        b'"""',
        b'"',
        b"'",
        b"\\",
        b"\\\n",
        b"#",
        b"#:",
        b'#: """\n',
        b"{",
        b"}",
        b"{}",
        b"%s",
        b"%0A::error::",
        b"${x}",
    ),
    *(b"(" * 101, b"[" * 200, b"1+" * 210, b"-" * 250, b"**2" * 120, b"9" * 400, b"a" * 101, b"x" * 1000, b" " * 500),
    *(
        b"__import__('os').system('id')",
        b"<script>alert(1)</script>",
        b"]](javascript:x)",
        b'from "../../../etc/passwd" import x\n',
    ),
    *(b";", b"//", b"^", b"$", b"?", b"!", b"~", b"+=", b"...", b"\t", b"\r\n", b"\n", b"\n\n", b"@", b"`"),
)


@functools.cache
def seeds() -> tuple[str, ...]:
    """The texts to begin with: those of the fixtures and the docs, accepted and refused."""
    specs = (*SHOWN, *(text.partition("# ---\n")[0] for text in REFUSED))
    return tuple(dict.fromkeys(text for text in specs if 0 < len(text) <= LONGEST))


@functools.cache
def pools() -> dict[str, tuple[str, ...]]:
    """Words by the terminal that they are, from all texts, with the worst of each."""
    found: dict[str, dict[str, None]] = {}
    for text in seeds():
        for token in tokens_in(text):
            found.setdefault(token.type, {})[str(token)] = None
    found["NUMBER"] |= dict.fromkeys(NUMBERS)
    found["NAME"] |= dict.fromkeys((*NAMES, *(one for one in domains()), *functions()))
    return {kind: tuple(words) for kind, words in found.items()}


def mutant(seed: str) -> bytes:
    """The mutant of a seed, any text."""
    rng = random.Random(seed)
    text = spec_of(rng.choice) if rng.random() < 0.15 else rng.choice(seeds())
    if rng.random() < 0.6:
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            text = rng.choice(BY_WORDS)(text, rng)
        return text.encode("utf-8", "surrogatepass")
    data = text.encode("utf-8", "surrogatepass")
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        data = rng.choice(BY_BYTES)(data, rng)
    return data


# -- by words ----------------------------------------------------------------------------------------------------------


def exchanged(text: str, rng: random.Random) -> str:
    """A word for another of its kind."""
    if not (tokens := list(tokens_in(text))):
        return text
    one = rng.choice(tokens)
    return text[: one.start_pos] + rng.choice(pools().get(one.type, ("",))) + text[one.end_pos :]


def inserted(text: str, rng: random.Random) -> str:
    """A word more, of any kind."""
    if not (tokens := list(tokens_in(text))):
        return text
    at = rng.choice(tokens).start_pos
    return f"{text[:at]} {rng.choice(pools()[rng.choice(sorted(pools()))])} {text[at:]}"


def dropped(text: str, rng: random.Random) -> str:
    """Some words fewer."""
    if not (tokens := list(tokens_in(text))):
        return text
    first = rng.randrange(len(tokens))
    last = tokens[min(first + rng.choice((0, 0, 1, 4)), len(tokens) - 1)]
    return text[: tokens[first].start_pos] + text[last.end_pos :]


def nested(text: str, rng: random.Random) -> str:
    """A word or a number with brackets, signs or operators around it, many or few."""
    if not (tokens := [one for one in tokens_in(text) if one.type in ("NAME", "NUMBER")]):
        return text
    one, many = rng.choice(tokens), rng.choice((1, 2, 5, 50, 99, 101, 199, 201))
    before, after = rng.choice(
        (("(", ")"), ("[", "]"), ("-", ""), ("exp(", ")"), ("", " + 1"), ("2 ** ", ""), ("", "[0]"))
    )
    return text[: one.start_pos] + before * many + str(one) + after * many + text[one.end_pos :]


def renamed(text: str, rng: random.Random) -> str:
    """One name everywhere, by another of the text or of the worst."""
    names = list(dict.fromkeys(str(one) for one in tokens_in(text) if one.type == "NAME"))
    if not names:
        return text
    old, new, pieces, end = rng.choice(names), rng.choice((*names, *NAMES)), [], 0
    for one in tokens_in(text):
        pieces += [text[end : one.start_pos], new if one == old else str(one)]
        end = one.end_pos
    return "".join(pieces) + text[end:]


def shuffled(text: str, rng: random.Random) -> str:
    """Lines in other places, left out or twice, and those of another text among them."""
    lines = text.split("\n")
    at, other = rng.randrange(len(lines)), rng.choice(seeds()).split("\n")
    match rng.randrange(4):
        case 0:
            lines.insert(rng.randrange(len(lines)), lines.pop(at))
        case 1:
            lines.insert(rng.randrange(len(lines)), lines[at])
        case 2:
            lines.pop(at)
        case _:
            lines[at:at] = other[: rng.randrange(1, 6)]
    return "\n".join(lines)


BY_WORDS = (exchanged, exchanged, exchanged, inserted, dropped, nested, renamed, shuffled)

# -- by bytes ----------------------------------------------------------------------------------------------------------


def flipped(data: bytes, rng: random.Random) -> bytes:
    """One byte for another."""
    at = rng.randrange(len(data) + 1)
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def spliced(data: bytes, rng: random.Random) -> bytes:
    """One of the worst in some place."""
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(SNIPPETS) + data[at:]


def cut(data: bytes, rng: random.Random) -> bytes:
    """A piece left out."""
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.choice((1, 2, 8, 64)) :]


def doubled(data: bytes, rng: random.Random) -> bytes:
    """A piece more than once."""
    at, size = rng.randrange(len(data) + 1), rng.choice((1, 3, 12, 40))
    return data[:at] + data[at : at + size] * rng.choice((1, 2, 30)) + data[at:]


BY_BYTES = (flipped, spliced, spliced, cut, doubled)
