"""A plugin of pytest that has collected the tests, and tries them on functions whose code it changes as they are.

That takes a tenth of the time of an import of what has changed. What was worked out when modules were imported stays as it
was; so it is believed where a test fails, and not where all pass, or where the change is outside of any function.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType
from typing import IO, Any

import pytest


class Warm:
    """Reads a change and the tests of it from `asked`, a line of JSON each, and writes to `told` the verdict."""

    def __init__(self, place: Path, files: Sequence[str], asked: IO[str], told: IO[str]) -> None:
        self.place, self.files, self.asked, self.told = place, files, asked, told
        self.trying = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.trying and report.failed:
            os._exit(1)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for file in self.files:  # also those that tests import when they run
            import_module(file.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        items = {item.nodeid: item for item in session.items}
        functions: dict[tuple[str, int, str], list[FunctionType]] = defaultdict(list)
        for one in gc.get_objects():
            if type(one) is FunctionType:  # a deprecated object warns of a look at its class
                functions[place_of(one.__code__)].append(one)
        for line in self.asked:
            file, text, tests, limit = json.loads(line)
            codes = [*pairs(str(self.place / file), (self.place / file).read_text(encoding="utf-8"), text)]
            changes = [(function, new) for old, new in codes for function in functions[place_of(old)]]
            verdict = self.verdict(changes, [items[test] for test in tests], limit) if changes else "survived"
            self.told.write(f"{verdict}\n")
            self.told.flush()
        return True

    def verdict(
        self, changes: Sequence[tuple[FunctionType, CodeType]], tests: Sequence[pytest.Item], limit: float
    ) -> str:
        """What the tests say when the functions have this code."""
        pid = os.fork()
        if not pid:
            code = 70
            try:
                os.setsid()
                self.trying = True
                for function, new in changes:
                    if len(function.__code__.co_freevars) != len(new.co_freevars):
                        os._exit(0)  # another closure: not by this way
                    function.__code__ = new
                for test, following in zip(tests, [*tests[1:], None], strict=True):
                    test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
                code = 0
            finally:
                os._exit(code)
        code = wait(pid, limit)
        return "slow" if code is None else "survived" if code == 0 else "killed"


def wait(pid: int, limit: float) -> int | None:
    """How a fork ends, which leads a group; None where it takes longer than `limit`, and is ended with its group."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


def place_of(code: CodeType) -> tuple[str, int, str]:
    return code.co_filename, code.co_firstlineno, code.co_name


def pairs(file: str, before: str, after: str) -> Iterator[tuple[CodeType, CodeType]]:
    """The code of each function in both texts; none where they differ outside of functions."""
    both = [compile(text, file, "exec", dont_inherit=True) for text in (before, after)]
    outside: list[Any] = [[], []]
    functions: list[list[CodeType]] = [[], []]
    for code, around, inside in zip(both, outside, functions, strict=True):
        split(code, around, inside)
    if repr(outside[0]) == repr(outside[1]):
        yield from zip(*functions, strict=True)


def split(code: CodeType, outside: list[Any], functions: list[CodeType]) -> None:
    """What runs when a module does, also in the bodies of its classes, and what its functions will run."""
    outside.append((code.co_code, code.co_names, [one for one in code.co_consts if not isinstance(one, CodeType)]))
    for one in code.co_consts:
        if isinstance(one, CodeType):
            if one.co_flags & 2 or one.co_name.startswith(
                "<"
            ):  # the locals of a function are fast, those of a class are not
                functions.append(one)
            else:
                split(one, outside, functions)
