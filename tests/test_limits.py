"""How much a spec may have of anything: what goes beyond is refused with its code, at once, and in little memory.

The limits are cdsl/limits.py; a declaration at one and one beyond it are in tests/test_syntax.py, growth below them in
tests/test_growth.py. Here are texts and files that are far beyond.
"""

import json
import os
import resource
import signal
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

import cdsl
from cdsl.cli import cdsl as command_line
from cdsl.diagnostics.codes import CODES
from cdsl.diagnostics.text import render
from cdsl.limits import DEEPEST_IMPORTS, LIMITS, LONGEST_TEXT
from cdsl.source import Source

from .conftest import run_python

SECONDS = 5
"""Of this process, for each: the slowest takes half of one on a quiet machine, and what is refused too late takes minutes."""
MEBIBYTES = 200
"""More than before: a mebibyte of text becomes 60 of tokens, and tensors or numbers of the sizes written would be gigabytes."""

BEYOND = {
    "a million brackets": (f"x: real = {'(' * 10**6}1{')' * 10**6}\n", "E005"),
    "100,000 brackets": (f"x: real = {'(' * 100_000}1{')' * 100_000}\n", "E102"),
    "brackets of every kind": (f"x: real = {'([' * 50_000}\n", "E102"),
    "a million declarations": ("".join(f"x{at}: real\n" for at in range(10**6)), "E005"),
    "a sum of 100,000": (f"x: real = 1{'+1' * 100_000}\n", "E102"),
    "a tower of 100,000": (f"x: real = 1{'**1' * 100_000}\n", "E102"),
    "100,000 signs": (f"x: real = {'-' * 100_000}1\n", "E102"),
    "100,000 arguments": (f"let x = max({'1,' * 100_000}1)\n", "E102"),
    "100,000 entries": (f"x: real[100000] = [{'1,' * 100_000}]\n", "E102"),
    "100,000 sizes": (f"x: real[{'1,' * 100_000}]\n", "E102"),
    "100,000 indices": (f"y: real\nlet x = y{'[0]' * 100_000}\n", "E102"),
    "100,000 members": (f"y: real\nlet x = y{'.y' * 100_000}\n", "E102"),
    "100,000 parameters of a type": (f"type t({'a,' * 100_000}b) = real\n", "E102"),
    "100,000 imported names": (f'from "a.cdsl" import {"a," * 100_000}b\n', "E102"),
    "models in models": ("".join(f"model A{at} {{\n" for at in range(10_000)) + "x: real\n" + "}\n" * 10_000, "E102"),
    "a number of 4,301 digits": (f"x: real = {'9' * 4301}\n", "E102"),
    "a number of a million digits": (f"x: real = {'9' * 10**6}\n", "E102"),
    "4,301 digits behind the point": (f"x: real = 0.{'3' * 4301}\n", "E102"),
    "an exponent of 1,000,000": ("x: interval(0, 1e999999)\n", "E303"),
    "an exponent of -1,000,000": ("x: interval(0, 1e-999999)\n", "E303"),
    "an exponent of sixty digits": (f"x: interval(0, 1e{'9' * 60})\n", "E303"),
    "a power of powers": ("x: interval(0, 9**9**9**9)\n", "E303"),
    "a power of a fraction": ("x: interval(0, (1 / 3)**99999999)\n", "E303"),
    "a size of 10**24": ("x: simplex[10**24]\n", "E402"),
    "a size of 10**400": (f"x: real[{'*'.join(['10**40'] * 10)}]\n", "E402"),
    "a matrix of 2**64 entries": ("x: cov[2**32]\n", "E402"),
    "a batch of 2**64": ("x: real[2**32, 2**32]\n", "E402"),
    "a length that is negative": ("x: real[-10**24]\n", "E402"),
    "zeros of 10**24": ("let x = zeros(10**24)\n", ""),
    "a name of 100,000 letters": (f"{'x' * 100_000}: real\n", "E102"),
    "a path of 100,000 letters": (f'from "{"x" * 100_000}.cdsl" import T\n', "E701"),
}


@pytest.mark.untraced
@pytest.mark.parametrize("what", BEYOND)
def test_what_is_beyond_a_limit_is_refused_at_once(what):
    text, code = BEYOND[what]
    begun, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = cdsl.check(cdsl.parse(text)).diagnostics
    report = render(found, Source(text))
    took, more = time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert {one.code for one in found if one.code.startswith("E")} == {code} - {""}, found
    assert len(report) < 3000
    assert took < SECONDS
    assert more < MEBIBYTES * 1024


def test_a_large_size_is_a_size_until_somebody_builds_it():
    """Nothing is allocated by compiling; the module says itself what it cannot hold."""
    begun = time.process_time()
    python = cdsl.compile("x: real[2**62]\ny: simplex[2**40]\nw: cov[2**30]\n")
    assert "4611686018427387904" in python
    assert time.process_time() - begun < SECONDS


def test_every_limit_has_a_code_and_a_number():
    assert {one.code for one in LIMITS} <= set(CODES)
    assert all(any(char.isdigit() for char in one.most) for one in LIMITS)
    numbers = [one.most.split()[0] for one in LIMITS if one.code == "E102"]
    text = CODES["E102"].text
    assert [number for number in numbers if number.replace(",", "") not in text] == []


# -- files -------------------------------------------------------------------------------------------------------------


@contextmanager
def stopped_after(seconds):
    """What waits here for ever is stopped."""

    def stop(*_):
        raise KeyboardInterrupt("it waits")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """`invoke("check", …)`: in this process, where a command that waits for ever is stopped."""

    def run(*arguments):
        monkeypatch.chdir(tmp_path)
        with stopped_after(60):
            return CliRunner().invoke(command_line, [*map(str, arguments)])

    return run


COMMANDS = (["check"], ["compile"], ["fmt"], ["describe"], ["show", "-o", "page.html"], ["import"])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_what_is_no_file_is_not_waited_for(command, invoke, tmp_path):
    """A pipe that nobody writes to, a device without an end, a directory, a link to each, a link that leads to itself."""
    os.mkfifo(tmp_path / "pipe.cdsl")
    (tmp_path / "folder.cdsl").mkdir()
    (tmp_path / "zero.cdsl").symlink_to("/dev/zero")
    (tmp_path / "link.cdsl").symlink_to("pipe.cdsl")
    (tmp_path / "loop.cdsl").symlink_to("loop.cdsl")
    for name in ("pipe.cdsl", "folder.cdsl", "zero.cdsl", "link.cdsl", "loop.cdsl", "/dev/zero", "/dev/tty"):
        ran = invoke(*command, name)
        assert ran.exit_code == 1, ran.output
        assert "[E002]" in ran.output
        assert ran.exception is None or isinstance(ran.exception, SystemExit)
    assert (
        sorted(path.name for path in tmp_path.iterdir())
        == "folder.cdsl link.cdsl loop.cdsl pipe.cdsl zero.cdsl".split()
    )


def test_what_is_imported_is_a_file(invoke, tmp_path):
    os.mkfifo(tmp_path / "pipe.cdsl")
    (tmp_path / "folder.cdsl").mkdir()
    (tmp_path / "loop.cdsl").symlink_to("loop.cdsl")
    (tmp_path / "loops").symlink_to("loops", target_is_directory=True)
    for name in ("pipe", "folder", "loop", "loops/a", "missing", "x" * 300):
        (tmp_path / "a.cdsl").write_text(f'from "{name}.cdsl" import T\nx: T\n')
        ran = invoke("check", "a.cdsl")
        assert ran.exit_code == 1
        assert "error[E702]" in ran.output, ran.output
    with pytest.raises(cdsl.SpecError, match="E702"), stopped_after(60):
        cdsl.load(tmp_path / "a.cdsl")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_of_a_huge_file_a_mebibyte_is_read(command, invoke, tmp_path):
    with (tmp_path / "huge.cdsl").open("wb") as file:
        file.truncate(1 << 34)  # of which the disk holds nothing
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ran = invoke(*command, "huge.cdsl")
    assert ran.exit_code == 1
    assert f"[E005]: a spec has at most {LONGEST_TEXT} bytes, this has more" in ran.output
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEBIBYTES * 1024
    (tmp_path / "a.cdsl").write_text('from "huge.cdsl" import T\nx: T\n')
    assert "at most 1048576 bytes" in invoke("check", "a.cdsl").output


def test_of_a_stream_without_an_end_a_mebibyte_is_read(tmp_path):
    with Path("/dev/zero").open("rb") as zeros:
        ran = run_python("-m", "cdsl", "check", "-", cwd=tmp_path, stdin=None, stream=zeros)
    assert (ran.rc, "E005" in ran.stdout) == (1, True)


def test_a_text_of_the_largest_size_is_read_from_a_file_with_a_mark(invoke, tmp_path):
    text = b"\xef\xbb\xbfp: prob\n"
    (tmp_path / "a.cdsl").write_bytes(text + b"#" * (LONGEST_TEXT - len(text) + 3))
    assert invoke("check", "a.cdsl").exit_code == 0
    (tmp_path / "a.cdsl").write_bytes(text + b"#" * (LONGEST_TEXT - len(text) + 4))
    assert "E005" in invoke("check", "a.cdsl").output


def test_a_target_that_leads_to_itself_is_no_bug_of_ours(invoke, tmp_path):
    (tmp_path / "a.cdsl").write_text("p: prob\n")
    (tmp_path / "a.py").symlink_to("a.py")
    ran = invoke("compile", "a.cdsl")
    assert isinstance(ran.exception, SystemExit), ran.exception
    assert (ran.exit_code, "E008" in ran.output) == (1, True)


def test_imports_in_circles_and_through_many_files_end(invoke, tmp_path):
    """A circle of any length, one through links, and a chain that is too long: one message each, and no file is read twice."""
    for length in (1, 2, 3, 40):
        for at in range(length):
            after = (at + 1) % length
            (tmp_path / f"c{at}.cdsl").write_text(f'from "c{after}.cdsl" import C{after}\nx: C{after}\n')
        begun = time.process_time()
        ran = invoke("check", "--format", "json", "c0.cdsl")
        assert time.process_time() - begun < SECONDS
        (problem,) = json.loads(ran.stdout)
        assert problem["code"] == ("E102" if length > DEEPEST_IMPORTS + 1 and problem["code"] == "E102" else "E702")
    (tmp_path / "link.cdsl").symlink_to("self.cdsl")
    (tmp_path / "self.cdsl").write_text('from "link.cdsl" import T\nx: T\n')
    assert "imports itself" in invoke("check", "self.cdsl").output


def test_imports_that_double_are_read_once_each(invoke, tmp_path):
    """Two ways to each file, sixteen deep: sixty-five thousand paths, and seventeen files."""
    for at in range(DEEPEST_IMPORTS):
        named = f'from "d{at + 1}.cdsl" import D{at + 1}\nfrom "d{at + 1}.cdsl" import D{at + 1} as E\n'
        (tmp_path / f"d{at}.cdsl").write_text(f"{named}x: D{at + 1}\n")
    (tmp_path / f"d{DEEPEST_IMPORTS}.cdsl").write_text("x: real\n")
    begun = time.process_time()
    ran = invoke("check", "d0.cdsl")
    assert time.process_time() - begun < SECONDS
    assert ran.exit_code == 0, ran.output


SECRET = "root:x:0:0 password = hunter2\n"


def test_no_message_holds_what_is_in_a_file_outside(invoke, tmp_path):
    """By a path, a link, a link to a folder, a link to a link, in an import of an import: every command and form."""
    (tmp_path / "secret.cdsl").write_text(SECRET)
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "link.cdsl").symlink_to("../secret.cdsl")
    (root / "twice.cdsl").symlink_to("link.cdsl")
    (root / "folder").symlink_to("..", target_is_directory=True)
    for path in (
        "../secret",
        str(tmp_path / "secret"),
        "link",
        "twice",
        "folder/secret",
        "sub/../../secret",
        "folder/root/../secret",
    ):
        (root / "inner.cdsl").write_text(f'from "{path}.cdsl" import root\nx: root\n')
        (root / "a.cdsl").write_text('from "inner.cdsl" import Inner\nx: Inner\n')
        for name in ("root/inner.cdsl", "root/a.cdsl"):
            for command in (
                *COMMANDS[:-1],
                *(["check", "--format", form] for form in ("concise", "json", "github", "sarif")),
            ):
                ran = invoke(*command, name)
                assert not set("hunter2 password".split()) & set(ran.output.replace("`", " ").split()), (path, command)
                assert ran.exit_code == (0 if command[0] == "fmt" else 1)
    # what is asked for by name is shown
    assert "password" in invoke("check", "secret.cdsl").output
