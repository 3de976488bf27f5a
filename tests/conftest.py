"""What the tests share: a cache directory of their own, and the command line in a process of its own.

As they run by default they are the gate: minutes long, and the same in every run. `CDSL_THOROUGH=1 pytest` takes every
transform and shape where the gate takes one of a kind, and draws other examples each time; it takes half an hour.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

import cdsl.runtime
import cdsl.testing
from cdsl.constraints import domains, plugins

THOROUGH = os.environ.get("CDSL_THOROUGH", "0") != "0"

# no deadline: the machine may be busy
settings.register_profile("gate", derandomize=True, database=None, deadline=None)
settings.register_profile("thorough", deadline=None)
settings.load_profile("thorough" if THOROUGH else "gate")

if "CDSL_TESTS_CACHE" not in os.environ:  # workers of xdist inherit that of the process that started them
    os.environ["CDSL_TESTS_CACHE"] = os.environ["CDSL_CACHE_DIR"] = tempfile.mkdtemp(prefix="cdsl-tests-")
    atexit.register(shutil.rmtree, os.environ["CDSL_CACHE_DIR"], ignore_errors=True)


class Ran(NamedTuple):
    """What a process left behind."""

    rc: int
    stdout: str
    stderr: str


def run_python(*arguments, cwd, stdin=b"", stream=None, env=None, timeout=120):
    """Python with these arguments, in a process of its own; `env` changes its environment, None removes a variable; `stream` is a
    file that it reads as standard input."""
    changed = {**os.environ, **(env or {})}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        **({"stdin": stream} if stream else {"input": stdin.encode() if isinstance(stdin, str) else stdin}),
        capture_output=True,
        env={name: value for name, value in changed.items() if value is not None},
        timeout=timeout,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


@pytest.fixture
def own_domains():
    """Whatever domains a test registers are gone after it, and what was made of them."""
    before = dict(domains()._found)
    yield
    for name in {*domains()._found} - {*before}:
        del domains()._found[name]
        vars(cdsl.runtime).pop(name, None)
    domains().redefined += 1  # modules that were loaded with them are not met again
    plugins.cache_clear()
    cdsl.testing.declare.cache_clear()


@pytest.fixture
def python(tmp_path):
    """`python(*arguments, cwd=…, stdin=…, env=…)`, in the test's own directory unless told otherwise."""

    def run(*arguments, cwd=tmp_path, **options):
        return run_python(*arguments, cwd=cwd, **options)

    return run


@pytest.fixture
def mypy(tmp_path):
    """`mypy(*files)`: the complaints of strict mode. What it has learnt of torch, at 12 seconds, is kept for other tests."""

    def run(*files):
        pytest.importorskip("mypy")
        cache = Path(os.environ["CDSL_TESTS_CACHE"]) / "mypy"
        options = ["--config-file=", "--strict", "--no-error-summary", "--cache-dir", cache]
        ran = run_python("-m", "mypy", *options, *files, cwd=tmp_path, timeout=300)
        return ran.stdout + ran.stderr

    return run


@pytest.fixture
def run_cdsl(python):
    """`run_cdsl("check", "a.cdsl")`: `python -m cdsl`, in the test's own directory unless told otherwise."""

    def run(*arguments, **options):
        return python("-m", "cdsl", *arguments, **options)

    return run
