"""What cdsl says about specs that it refuses or doubts, word for word.

Each file of `reject/` is a spec, then a line `# ---`, then the report as comments; `fixes.txt` lists what their fixes do.
`CDSL_UPDATE=1 pytest tests/test_reject.py` renews them; read the difference as a user would read the message.
"""

import os
import re
from pathlib import Path

import pytest

import cdsl
from cdsl.diagnostics.codes import CODES, PEDANTIC
from cdsl.diagnostics.text import render
from cdsl.source import Source

FIXTURES = sorted((Path(__file__).parent / "reject").glob("*.cdsl"))
FIXES = Path(__file__).parent / "reject" / "fixes.txt"
SEPARATOR = "# ---\n"
OF_FILES = {
    "E001",
    "E002",
    "E003",
    "E005",
    "E006",
    "E007",
    "E008",
    "E009",
    "E702",
    "E703",
    "E801",
    "E802",
    "E803",
    "E804",
    "E805",
    "E901",
    "E902",
    "E903",
}
"""Codes that no text of a sensible length meets: what is wrong is a file, its name or its length, or two specs together."""


def halves(fixture):
    """The spec, and the report that stands below it."""
    spec, separator, report = fixture.read_bytes().decode().partition(SEPARATOR)
    assert separator or os.environ.get("CDSL_UPDATE"), f"no line {SEPARATOR!r}: CDSL_UPDATE=1 writes it"
    return spec, report


def found_in(text, code=""):
    """The problems of a text, also those that are heard where they are asked for, if the code is one of these."""
    return cdsl.check(cdsl.parse(text), pedantic=code in PEDANTIC).diagnostics


def fixes_of(fixture):
    """What would be done about the problems of a fixture, a line for each edit, and whether that is safe."""
    spec, _ = halves(fixture)
    for one in found_in(spec, fixture.stem[:4]):
        for edit in one.fix.edits if one.fix else ():
            title = f"{one.fix.title} (safe)" if one.fix.safe else one.fix.title
            yield f"{fixture.stem} {one.code} {title}: {spec[edit.span.start : edit.span.end]!r} to {edit.text!r}\n"


def as_comments(report):
    """A report as the lines of a fixture."""
    return "".join(f"# {line}".rstrip() + "\n" for line in report.split("\n")[:-1])


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda file: file.stem)
def test_report_is_word_for_word_that_of_the_fixture(fixture):
    spec, expected = halves(fixture)
    report = as_comments(render(found_in(spec, fixture.stem[:4]), Source(spec, fixture.name)))
    if os.environ.get("CDSL_UPDATE"):
        fixture.write_bytes((spec + SEPARATOR + report).encode())
    else:
        assert report == expected


def test_fixes_are_word_for_word_those_of_the_list():
    fixes = "".join(line for fixture in FIXTURES for line in fixes_of(fixture))
    if os.environ.get("CDSL_UPDATE"):
        FIXES.write_text(fixes, encoding="utf-8")
    assert fixes == FIXES.read_text(encoding="utf-8")


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda file: file.stem)
def test_every_report_begins_with_the_code_in_the_name_of_the_fixture(fixture):
    spec, _ = halves(fixture)
    assert fixture.stem[:4] == found_in(spec, fixture.stem[:4])[0].code


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda file: file.stem)
def test_reports_hold_nothing_that_a_terminal_acts_on(fixture):
    _, report = halves(fixture)
    assert not [char for char in report if not char.isprintable() and char != "\n"]


def test_a_limit_is_met_once_and_hides_nothing_below_it():
    """Whatever the goldens say: a declaration that is too long is one problem, and the next line is another declaration."""
    for fixture in FIXTURES:
        if fixture.stem.startswith("E102"):
            found = [one.code for one in found_in(halves(fixture)[0])]
            assert found.count("E102") == 1, fixture.stem
            assert len(found) == 1 + halves(fixture)[0].count("ostive") + halves(fixture)[0].count("Prob"), fixture.stem


def test_every_code_that_a_text_can_meet_has_a_fixture():
    shown = {
        code
        for file in FIXTURES
        for code in re.findall(r"^# (?:error|warning)\[(\w+)\]", halves(file)[1], re.MULTILINE)
    }
    assert shown == set(CODES) - OF_FILES


@pytest.mark.parametrize("code", sorted(set(CODES) - OF_FILES))
def test_the_example_of_a_code_meets_it(code):
    assert code in [one.code for one in found_in(CODES[code].example, code)]


def test_a_text_of_more_than_a_mebibyte_is_not_read():
    most = "p: prob\n" + "#" * ((1 << 20) - 8)
    assert found_in(most) == ()
    (problem,) = found_in(most + "#")
    assert (problem.code, problem.span) == ("E005", None)
    assert str((1 << 20) + 1) in problem.message
