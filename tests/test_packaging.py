"""The grammar travels: in a wheel, in a wheel made from the sdist, from a zip, in a plain checkout."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMPILE = "import cdsl, sys; print(cdsl.__file__); sys.stdout.write(cdsl.compile('p: prob', name='Coin'))"


def build(source, target, kind):
    """A distribution of the project that stands in a folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The project without what is not its own."""
    copy = tmp_path_factory.mktemp("source") / "cdsl"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", "dist", ".*_cache"))
    return copy


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory):
    return build(source, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def sdist(source, tmp_path_factory):
    return build(source, tmp_path_factory.mktemp("sdist"), "sdist")


def compiles(python, path):
    """Whether a spec compiles with this first on the path, and with the cdsl that stands there."""
    ran = python("-c", COMPILE, env={"PYTHONPATH": str(path)})
    home, _, module = ran.stdout.partition("\n")
    return home.startswith(str(path)) and "class Coin(cdsl.ConstrainedModule" in module


def test_a_wheel_holds_the_grammar_and_the_marker_of_types(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"cdsl/grammars/cdsl.lark", "cdsl/py.typed", "cdsl/constraints/prob.py"} <= names
    assert not [name for name in names if name.startswith(("tests", "grammars", "examples"))]


def test_it_runs_from_the_wheel_itself(wheel, python):
    assert compiles(python, wheel)


def test_it_runs_from_an_unpacked_wheel(wheel, python, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    assert compiles(python, tmp_path / "site")


def test_an_sdist_makes_the_same_wheel(sdist, wheel, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    (tmp_path / "dist").mkdir()
    again = build(unpacked, tmp_path / "dist", "wheel")
    assert zipfile.ZipFile(again).namelist() == zipfile.ZipFile(wheel).namelist()


def test_it_runs_in_a_plain_checkout(source, python):
    assert compiles(python, source)


def test_it_runs_from_an_unpacked_sdist(sdist, python, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    assert compiles(python, unpacked)


def test_an_sdist_holds_what_its_readers_need_and_nothing_of_ours(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "pyproject.toml",
        "grammars/cdsl.lark",
        "tests/conftest.py",
    } <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith((".git/", ".venv", "dist"))]
