"""The compiler over mutated specs, those of the gate; `python -m tests.fuzz` runs more of them."""

import pytest

import cdsl

from . import fuzz, mutate
from .conftest import THOROUGH
from .mutate import mutant

COUNT = 20_000 if THOROUGH else 3_000
PARTS = 10
pytestmark = pytest.mark.untraced

FOUND = {
    "help with a control character": b"data C:count[n\xc2\x9b]",
    "an infinite start whose size is open": b"dim M = 2\nf: positive[M] = inf\n",
    "an infinite default": b"data y: real = inf\n",
    "an expression deeper than pydantic reads": b"dim N\nx: real[N" + b" + 1" * 120 + b"]\n",
    "a chain of powers": b"f: positive\nx: greater_than(" + b"2 ** " * 90 + b"f)\n",
    "a choice between plain numbers": b"let h = where(1, 3, 3)\np: interval(h - 5, 5)\n",
    "more entries than a machine holds": b"m: simplex[10**12]\n",
    "a default of a hundred powers": b"data y: real[2] = " + b"2 ** " * 100 + b"ones(2)\n",
    "a variation selector in a name": "a\ufe0e: prob\na: prob\n".encode(),
}
"""What was wrong when it was found."""


@pytest.mark.parametrize("data", FOUND.values(), ids=FOUND.keys())
def test_what_was_wrong_once_is_right(data):
    assert fuzz.tried(data) != ""


@pytest.mark.parametrize("part", range(PARTS))
def test_no_mutant_crashes_hangs_or_compiles_to_what_is_not_ours(part):
    said = []
    outcomes = fuzz.run("gate", part * COUNT // PARTS, COUNT // PARTS, every=10, seconds=20, say=said.append)
    assert outcomes["wrong"] == 0, said
    for outcome in ("unreadable", "misspelt", "refused", "accepted"):
        assert outcomes[outcome] > 0, "mutants of every kind"


def test_what_is_accepted_is_built_where_it_is_closed_and_small():
    assert fuzz.run("gate", 0, 60, every=1, seconds=20, say=print)["built"] > 0


def test_a_mutant_is_a_function_of_its_seed():
    before = [mutant(f"x/{at}") for at in range(50)]
    mutate.seeds.cache_clear()
    mutate.pools.cache_clear()
    assert [mutant(f"x/{at}") for at in range(50)] == before
    assert len(set(before)) == 50


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("crash", "RecursionError"),
        ("hang", "Hangs"),
        ("foreign", "AssertionError in emitted"),
        ("unstable", "AssertionError in judged"),
        ("terminal", "AssertionError in reported"),
    ],
)
def test_the_fuzzer_can_fail(broken, said, monkeypatch):
    """Each thing that it looks for, it finds where it is, with a small text that shows it and the way to have it again."""

    def crash(text):
        if "a" in text:
            raise RecursionError
        return cdsl.parse(text)

    def hang(text):
        while "a" in text:
            pass
        return cdsl.parse(text)

    render = fuzz.text.render
    match broken:
        case "crash" | "hang":
            monkeypatch.setattr(fuzz, "parse", crash if broken == "crash" else hang)
        case "foreign":
            monkeypatch.setattr(fuzz, "emit", lambda model, layout: "import os\n")
        case "unstable":
            monkeypatch.setattr(fuzz, "format", lambda text: text + "#\n")
        case "terminal":
            monkeypatch.setattr(fuzz.text, "render", lambda *given: render(*given) + "\x1b")
    lines = []
    outcomes = fuzz.run(
        "can fail", 0, 6, every=1, seconds=0.2 if broken == "hang" else 20, shrink=0.5, say=lines.append
    )
    assert outcomes["wrong"] > 0
    told = next(line for line in lines if line.startswith("mutant "))
    assert said in told
    assert "of seed can fail" in told
