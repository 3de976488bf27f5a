"""Mutation testing: `python -m tests.mutation SUITE --every 10` changes one thing in a file at a time, and says what no test notices.

The changes are mutmut's (a number by one, a comparison turned, an argument left out, a word in other letters); mutmut's own
runner keeps every variant of a function in one file behind a switch, which maps cannot be: standalone modules lift their source,
and dynamo reads it. Here a variant is written into a copy of the checkout, and tried there by a fork of a process that has
imported torch and pytest already: by the tests that reach its line, quickest first, until one fails.

Which tests reach a line is seen once, by coverage, when they run on what is not changed. What cannot run in any test as it
stands, as the texts of type hints, is not changed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import coverage
import hypothesis  # noqa: F401  what every fork would import
import lark  # noqa: F401
import mpmath  # noqa: F401
import pydantic  # noqa: F401
import pytest
import torch  # noqa: F401

from tests.mutation import report
from tests.mutation.changes import Variant, sample
from tests.mutation.warm import Warm, wait

ROOT = Path(__file__).parents[2]

LANGUAGE = ("checker", "reject", "array_bounds", "held", "parts", "diagnostics", "names")
"""Test files of what a spec means and what it becomes, those that take seconds."""

QUICK = (
    "not (array_bounds and (compile or export or standalone)) and not compiled_whole and not one_graph and not mypy "
    "and not pyright and not fresh_process and not hash_seed and not standalone_modules and not each_other "
    "and not is_typed and not follows_the_module and not little_time and not installed_package"
)
"""Without tests of torch's compilers, of mypy and of other processes, which take most of the time."""


MAPS = (
    "word_for_word",
    "laws",
    "scalars",
    "lean",
    "accuracy",
    "vectors",
    "triangles",
    "matrices",
    "exact",
    "own_domains",
    "parts",
    "readme",
)
"""Test files of what a map is, and what an oracle says of it."""

NAMED = {
    "__init__": "own_domains or parts",
    "base": "word_for_word or own_domains or (interval and logistic) or symmetric or (corr and tanh) or ball",
    "compensated": "exact",
    "cholesky_corr": "corr",
    "cholesky_cov": "cov",
    "corr": "corr or lkj",
    "cov": "cov or lkj or peers or overflow",
    "grassmann": "grassmann or stiefel or subspace or bases",
    "greater_than": "greater_than or interval",
    "hurwitz": "hurwitz or stable or stability",
    "less_than": "less_than or interval",
    "low_rank": "low_rank or singular",
    "orthogonal": "orthogonal or permutation or weight_decay",
    "prob": "prob or interval or gate",
    "psd_rank": "psd_rank or low_rank or singular",
    "real": "real or step or after or loc",
    "rotation": "rotation or exponential or orthogonal",
    "simplex": "simplex or stick",
    "stiefel": "stiefel or orthonormal",
    "unit_vector": "unit_vector or unit_vectors or raw_of_zeros or failure_11",
}
"""Which of these tests are of a file, where that is more than those that name its domain."""


class Suite(NamedTuple):
    """Files, the tests that are held against them, and pytest's `-k`."""

    files: tuple[str, ...]
    tests: tuple[str, ...]
    chosen: str = ""
    by_file: bool = False
    """Each file has the tests that name it alone."""

    def expression(self, file: str) -> str:
        """What `-k` is given for a file."""
        stem = Path(file).stem
        return f"(catalogue_is_fresh or {NAMED.get(stem, stem)}) and {self.chosen}" if self.by_file else self.chosen


SUITES = {
    "checker": Suite(
        ("cdsl/checker",), (*LANGUAGE, "language", "imports", "session", "accept", "reparameterize"), QUICK
    ),
    "emitter": Suite(("cdsl/emit",), (*LANGUAGE, "accept", "standalone", "module", "imports", "own_domains"), QUICK),
    "maps": Suite(("cdsl/constraints",), MAPS, "not compile and not export", by_file=True),
}


class Notes:
    """A plugin of pytest: how long each test takes, and which lines it reaches."""

    def __init__(self, tracer: coverage.Coverage) -> None:
        self.tracer = tracer
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self.tracer.switch_context(item.nodeid)
        began = time.monotonic()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.monotonic() - began
            self.tracer.switch_context("")


class Chosen:
    """A plugin of pytest: of what is collected, these tests in this order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.order = {test: position for position, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self.order), key=lambda item: self.order[item.nodeid]
        )


QUIET = (
    "-q",
    "-x",
    "--no-header",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:randomly",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
)


class Trial:
    """A copy of the checkout in which tests run in forks of this process."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.place = Path(tempfile.mkdtemp(prefix="cdsl-mutation-"))
        shutil.copytree(
            ROOT, self.place, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__")
        )
        self.reaching: dict[tuple[str, int], set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = {}
        self.seen: set[str] = set()

    def fork(self, work: Callable[[], int]) -> int:
        """A fork that stands in the copy, and ends in what `work` returns."""
        pid = os.fork()
        if not pid:
            code = 70
            try:
                os.setsid()
                log = os.open(self.place / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(log, 1)
                os.dup2(log, 2)
                os.chdir(self.place)
                os.environ |= {"PYTHONPATH": str(self.place), "CDSL_CACHE_DIR": str(self.place / "cache")}
                for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
                    del sys.modules[name]
                sys.path[:] = [str(self.place), *(entry for entry in sys.path if Path(entry).resolve() != ROOT)]
                code = work()
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        return pid

    def see(self, file: str) -> None:
        """Run a file's tests on what is not changed, and note what reaches what."""
        expression = self.suite.expression(file)
        if expression in self.seen:
            return

        def work() -> int:
            tracer = coverage.Coverage(
                data_file=None, config_file=False, include=[str(self.place / file) for file in files_of(self.suite)]
            )
            notes = Notes(tracer)
            tracer.start()
            code = pytest.main([*QUIET, *self.tests(), "-k", expression], plugins=[notes])
            tracer.stop()
            data = tracer.get_data()
            reached = {
                str(Path(file).relative_to(self.place)): data.contexts_by_lineno(file) for file in data.measured_files()
            }
            (self.place / "seen.json").write_text(json.dumps([notes.seconds, reached]), encoding="utf-8")
            return int(code)

        if wait(self.fork(work), 3600) != 0:
            raise SystemExit((self.place / "log").read_text(encoding="utf-8"))
        seconds, reached = json.loads((self.place / "seen.json").read_text(encoding="utf-8"))
        self.seconds |= seconds
        self.seen.add(expression)
        for one, lines in reached.items():
            for line, tests in lines.items():
                self.reaching[one, int(line)] |= {*tests}

    def warm_up(self) -> None:
        """Collect the tests in a fork, which tries changes by `Warm` as long as it is asked."""
        (asks, self.ask), (self.hear, tells) = (
            (os.fdopen(out, encoding="utf-8"), os.fdopen(into, "w", encoding="utf-8"))
            for out, into in (os.pipe(), os.pipe())
        )

        def work() -> int:
            self.ask.close()
            warm = Warm(self.place, files_of(self.suite), asks, tells)
            return int(pytest.main([*QUIET, *self.tests(), "-k", self.suite.chosen], plugins=[warm]))

        self.fork(work)
        asks.close()
        tells.close()

    def tests(self) -> list[str]:
        return [f"tests/test_{name}.py" for name in self.suite.tests]

    def chosen(self, variant: Variant, budget: float) -> list[str]:
        """The tests that reach a changed line, the quickest first, as many as fit; of what an import runs, any of the file."""
        self.see(variant.file)
        reaching = {test for line in variant.lines for test in self.reaching[variant.file, line]}
        if "" in reaching:
            reaching = {test for (file, _), tests in self.reaching.items() for test in tests if file == variant.file}
        quickest = sorted(reaching - {""}, key=self.seconds.__getitem__)
        return [
            test
            for test, total in zip(quickest, accumulate(map(self.seconds.__getitem__, quickest)), strict=True)
            if total < budget
        ]

    def verdict(self, variant: Variant, budget: float) -> str:
        """`killed`, `slow` (as good as killed), `survived`, or `unreached`."""
        tests = self.chosen(variant, budget)
        if not tests:
            return "unreached"

        limit = 30 + 5 * sum(map(self.seconds.__getitem__, tests))
        self.ask.write(json.dumps([variant.file, variant.text, tests, limit]) + "\n")
        self.ask.flush()
        verdict = self.hear.readline().strip()
        if not verdict:
            raise SystemExit((self.place / "log").read_text(encoding="utf-8"))
        if verdict != "survived":
            return verdict

        def work() -> int:
            sys.dont_write_bytecode = True
            os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
            files = sorted({test.partition("::")[0] for test in tests})
            return int(pytest.main([*QUIET, *files], plugins=[Chosen(tests)]))

        file = self.place / variant.file
        original = file.read_text(encoding="utf-8")
        file.write_text(variant.text, encoding="utf-8")
        try:
            code = wait(self.fork(work), limit)
        finally:
            file.write_text(original, encoding="utf-8")
        return "slow" if code is None else "survived" if code == 0 else "killed"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("suite", choices=[*SUITES, []], nargs="*", metavar="SUITE", help=", ".join(SUITES))
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="one in N of the changes, spread over the files"
    )
    parser.add_argument("--first", type=int, metavar="K", help="number of the first change, N // 2 if left out")
    parser.add_argument("--file", action="append", help="only files that end so")
    parser.add_argument("--again", type=Path, help="only what did not fail a test by this file, written with --out")
    parser.add_argument("--budget", type=float, default=20, metavar="SECONDS", help="of tests, for a change")
    parser.add_argument("--out", type=Path, help="a file for every verdict, a line of JSON each")
    parser.add_argument(
        "--report", type=Path, nargs="+", metavar="FILE", help="print what such files say, and run nothing"
    )
    parser.add_argument("--write", action="store_true", help="with --report: into docs/project/mutation.md")
    arguments = parser.parse_args()
    if arguments.report:
        report.show(arguments.report, arguments.write)
    for name in arguments.suite:
        run(name, arguments)


def run(name: str, arguments: argparse.Namespace) -> None:
    trial = Trial(SUITES[name])
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    files = [file for file in files_of(SUITES[name]) if not arguments.file or file.endswith(tuple(arguments.file))]
    first = arguments.every // 2 if arguments.first is None else arguments.first
    again = None
    if arguments.again:
        again = {report.change(told) for told in report.lines(arguments.again) if report.lives(told)}
        files = [file for file in files if any(file == name for name, *_ in again)]
    try:
        trial.warm_up()
        for variant in sample(trial.place, files, arguments.every, first, again):
            told = {
                "suite": name,
                "file": variant.file,
                "line": variant.lines.start,
                "code": variant.code,
                "before": variant.before,
                "after": variant.after,
            }
            told["verdict"] = trial.verdict(variant, arguments.budget)
            counts[variant.file][told["verdict"]] += 1
            if report.lives(told):
                print(f"{variant.file}:{told['line']}: {told['verdict']}: {report.shown(told)}", flush=True)
            if arguments.out:
                with arguments.out.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(told) + "\n")
        for file, those in counts.items():
            print(f"{file}: {dict(those)}")
    finally:
        shutil.rmtree(trial.place)


def files_of(suite: Suite) -> list[str]:
    found = [
        path for file in suite.files for path in ([ROOT / file] if file.endswith(".py") else (ROOT / file).glob("*.py"))
    ]
    return sorted(str(path.relative_to(ROOT)) for path in found)


if __name__ == "__main__":
    main()
