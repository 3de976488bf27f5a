"""What the tests share: a cache directory of their own, and the command line in a process of its own.

As they run by default they are the gate: minutes long, and the same in every run, but for their order. `CDSL_THOROUGH=1 pytest`
takes every transform and shape where the gate takes one of a kind, and draws other examples each time; it takes half an hour.
"""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from hypothesis import settings

import cdsl.runtime
import cdsl.testing
from cdsl.constraints import domains, plugins

ROOT = Path(__file__).parents[1]
THOROUGH = os.environ.get("CDSL_THOROUGH", "0") != "0"

# no deadline: the machine may be busy
settings.register_profile("gate", derandomize=True, database=None, deadline=None)
settings.register_profile("thorough", deadline=None)
settings.load_profile("thorough" if THOROUGH else "gate")

if "CDSL_TESTS_CACHE" not in os.environ:  # workers of xdist inherit that of the process that started them
    os.environ["CDSL_TESTS_CACHE"] = os.environ["CDSL_CACHE_DIR"] = tempfile.mkdtemp(prefix="cdsl-tests-")
    atexit.register(shutil.rmtree, os.environ["CDSL_CACHE_DIR"], ignore_errors=True)


BRANCHES = pytest.StashKey[tuple[float, float]]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session):
    """Branches alone are held to what pytest-cov, which has counted when this goes on, holds lines and branches together to."""
    done, cov = (yield), session.config.pluginmanager.getplugin("_cov")
    required = cov and cov.options.cov_fail_under  # what pytest-cov was told, or found in pyproject.toml
    if not required or session.config.option.collectonly or hasattr(session.config, "workerinput"):
        return done
    from coverage import Coverage

    report = Path(os.environ["CDSL_TESTS_CACHE"], "coverage.json")
    measured = Coverage(config_file=str(ROOT / "pyproject.toml"))
    measured.load()
    if measured.get_data().measured_files():
        measured.json_report(outfile=str(report))
        totals = json.loads(report.read_text(encoding="utf-8"))["totals"]
        reached = 100 * totals["covered_branches"] / totals["num_branches"]
        session.config.stash[BRANCHES] = reached, required
        session.testsfailed += reached < required
    return done


def pytest_terminal_summary(terminalreporter, config):
    """How many of the branches were reached; and the seed of the order, which `-q` leaves out."""
    if BRANCHES in config.stash:
        reached, required = config.stash[BRANCHES]
        verdict = "FAIL: of" if reached < required else "Of"
        terminalreporter.write_line(f"{verdict} branches alone {reached:.2f}% were reached, {required}% are required")
    if (seed := getattr(config.option, "randomly_seed", "default")) != "default":
        terminalreporter.write_line(f"In this order again: --randomly-seed={seed}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Coverage does not see what is marked `untraced`, nor the processes that it starts."""
    process = os.environ.get("COVERAGE_PROCESS_CONFIG")
    if process is None or item.get_closest_marker("untraced") is None:
        return (yield)
    tracer = sys.gettrace()
    sys.settrace(None)
    del os.environ["COVERAGE_PROCESS_CONFIG"]
    try:
        return (yield)
    finally:
        os.environ["COVERAGE_PROCESS_CONFIG"] = process
        sys.settrace(tracer)


@pytest.fixture(autouse=True)
def drawn_by_torch():
    """What a test draws without a generator of its own does not depend on which tests came before."""
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def own_modules(request):
    """What a test imported from its own directory is gone after it: another may have files of the same names."""
    if "tmp_path" not in request.fixturenames:
        yield
        return
    place, before = str(request.getfixturevalue("tmp_path")), set(sys.modules)
    yield
    new = {name: sys.modules[name] for name in set(sys.modules) - before}
    for name in [name for name, module in new.items() if any(str(file).startswith(place) for file in files_of(module))]:
        del sys.modules[name]


def files_of(module):
    """Where a module is; of a namespace its directories, which are asked while its parent is there."""
    return [file] if (file := getattr(module, "__file__", None)) else list(getattr(module, "__path__", ()))


class Ran(NamedTuple):
    """What a process left behind."""

    rc: int
    stdout: str
    stderr: str


def run_python(*arguments, cwd, stdin=b"", stream=None, env=None, timeout=120):
    """Python with these arguments, in a process of its own; `env` changes its environment, None removes a variable; `stream` is a
    file that it reads as standard input. Coverage sees what the command line does so, and nothing else: with it, an import of torch takes a
    second more."""
    changed = {**os.environ, **(env or {})}
    if arguments[:2] != ("-m", "cdsl"):
        changed.pop("COVERAGE_PROCESS_CONFIG", None)
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
    """`mypy(*files)`: the complaints of strict mode.

    What it learns of torch takes half a minute. It is kept for other tests, and taken over from the checkout's own types, if these
    were looked at before.
    """

    def run(*files):
        pytest.importorskip("mypy")
        cache = Path(os.environ["CDSL_TESTS_CACHE"]) / f"mypy-{os.getpid()}"
        if not cache.exists() and (known := ROOT / ".mypy_cache").is_dir():
            shutil.copytree(known, cache)
        options = ["--config-file=", "--strict", "--python-version=3.10", "--no-error-summary", "--cache-dir", cache]
        ran = run_python("-m", "mypy", *options, *files, cwd=tmp_path, timeout=300)
        return ran.stdout + ran.stderr

    return run


@pytest.fixture
def run_cdsl(python):
    """`run_cdsl("check", "a.cdsl")`: `python -m cdsl`, in the test's own directory unless told otherwise."""

    def run(*arguments, **options):
        return python("-m", "cdsl", *arguments, **options)

    return run
