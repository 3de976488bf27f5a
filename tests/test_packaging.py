"""The grammar travels: in a wheel, in a wheel made from the sdist, from a zip, in a plain checkout. What the project stands on is
told: dependencies with their reasons, versions that are locked, a list of parts; and a build can be repeated.
"""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = None  # Python 3.10 has no reader of TOML: the tests that need one run on the others

ROOT = Path(__file__).parents[1]
NOT_OURS = (".git", ".venv", "__pycache__", "dist", ".*_cache", ".coverage*")
COMPILE = "import cdsl, sys; print(cdsl.__file__); sys.stdout.write(cdsl.compile('p: prob', name='Coin'))"


def build(source, target, kind, env=None):
    """A distribution of the project that stands in a folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, env={**os.environ, **(env or {})})
    (built,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The project without what is not its own."""
    copy = tmp_path_factory.mktemp("source") / "cdsl"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_OURS))
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


# -- supply chain ------------------------------------------------------------------------------------------------------

DEPENDENCIES = (ROOT / "docs" / "project" / "dependencies.md").read_text(encoding="utf-8")
NAME = re.compile(r"[\w.-]+")


def project():
    """The table `project` of `pyproject.toml`."""
    if tomllib is None:
        pytest.skip("Python 3.10 has no reader of TOML")
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def names(requirements):
    """The packages that requirements name, without extras of our own."""
    return {NAME.match(one)[0] for one in requirements if not one.startswith("cdsl[")}


def shown(table):
    """The rows of a table of the page of dependencies: what stands in backticks, cell by cell."""
    text = DEPENDENCIES.partition(f"<!-- {table} -->\n")[2].partition("<!-- end -->")[0]
    return [re.findall(r"`([^`]+)`", line.split("|")[1] + line.split("|")[2]) for line in text.splitlines()[2:]]


def test_every_dependency_has_its_reason():
    assert {row[0] for row in shown("dependencies")} == names(project()["dependencies"])


def test_every_extra_is_told_with_what_it_brings():
    extras = project()["optional-dependencies"]
    told = {row[0]: {*row[1:]} for row in shown("extras")}
    assert {*told} == {*extras}
    for extra in {*extras} - {"dev"}:  # of which the page says that it is everything
        assert told[extra] == names(extras[extra])


LICENCES = {"MIT": "MIT", "BSD-3-Clause": "BSD", "PSF-2.0": "PSF"}
"""How the page names a licence, and a word of it in the metadata of a package."""


@pytest.mark.parametrize("name", [row[0] for row in shown("dependencies")])
def test_the_licence_of_a_dependency_is_the_one_that_the_page_says(name):
    told = re.search(rf"\| `{name}` \|[^|]*\| ([^|]*) \|", DEPENDENCIES)[1]
    metadata = importlib.metadata.metadata(name)
    classified = [one for one in metadata.get_all("Classifier", []) if one.startswith("License")]
    said = " ".join([metadata.get("License-Expression") or metadata.get("License") or "", *classified])
    assert LICENCES[told] in said


def locked():
    """The lines of constraints.txt: package, version, and when they hold."""
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            found = re.fullmatch(r"([\w.-]+)==([\w.]+)( ; .+)?", line)
            assert found, f"no pin: {line!r}"
            yield found.groups()


def test_everything_that_the_gate_installs_is_locked():
    """Every package of every extra; twice only where Python versions or platforms differ; no address of an index anywhere."""
    pins = [*locked()]
    extras = project()["optional-dependencies"].values()
    wanted = {name.lower().replace("_", "-") for group in extras for name in names(group)} | names(
        project()["dependencies"]
    )
    assert wanted <= {name for name, _, _ in pins}
    assert len({(name, when) for name, _, when in pins}) == len(pins)
    assert all(when for name, _, when in pins if [other for other, _, _ in pins].count(name) > 1)


def test_what_is_built_twice_is_the_same_to_the_byte(source, tmp_path):
    """With the clock of a commit, and whatever the clock, the umask and the hash seed of the machine."""
    made = []
    for seed in ("1", "2"):
        target = tmp_path / seed
        target.mkdir()
        env = {"SOURCE_DATE_EPOCH": "1700000000", "PYTHONHASHSEED": seed}
        made.append([build(source, target, kind, env).read_bytes() for kind in ("wheel", "sdist")])
        for file in source.rglob("*.py"):
            file.touch()
    assert made[0] == made[1]


def test_the_wheel_has_its_licence_and_nobody_elses(wheel):
    licences = [
        name
        for name in zipfile.ZipFile(wheel).namelist()
        if re.search("licen[cs]e|notice|copying", name, re.IGNORECASE)
    ]
    assert [Path(name).name for name in licences] == ["LICENSE"]
    (metadata,) = (name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".dist-info/METADATA"))
    assert "\nLicense-Expression: Apache-2.0\n" in zipfile.ZipFile(wheel).read(metadata).decode()


def needed(name, found):
    """The distributions that one stands on, itself among them, by name."""
    if name not in found:
        found[name] = importlib.metadata.distribution(name)
        for line in found[name].requires or ():
            required, _, when = line.partition(";")
            installed = [*importlib.metadata.distributions(name=NAME.match(required)[0])]
            if "extra" not in when and installed:
                needed(NAME.match(required)[0], found)
    return found


def test_the_list_of_parts_is_made_and_valid(tmp_path):
    """As docs/project/releasing.md says, of an environment with what cdsl stands on; validated against CycloneDX's own schema."""
    pytest.importorskip("cyclonedx_py", reason="cyclonedx-bom is not installed")
    venv.create(tmp_path / "release", with_pip=False)
    (packages,) = (tmp_path / "release").rglob("site-packages")
    stood_on = {}
    for name in names(project()["dependencies"]):
        needed(name, stood_on)
    for one in stood_on.values():  # what they are, not what they do
        metadata = packages / Path(one._path).name
        metadata.mkdir(exist_ok=True)
        shutil.copy(Path(one._path) / "METADATA", metadata)
    release, file = tmp_path / "release" / "bin" / "python", tmp_path / "cdsl.cdx.json"
    options = [
        "--pyproject",
        ROOT / "pyproject.toml",
        "--output-reproducible",
        "--validate",
        "--of",
        "JSON",
        "-o",
        file,
    ]
    command = [sys.executable, "-m", "cyclonedx_py", "environment", *options, release]
    made = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    found = json.loads(file.read_text(encoding="utf-8"))
    assert (found["bomFormat"], found["metadata"]["component"]["name"]) == ("CycloneDX", "cdsl")
    parts = {one["name"].replace("_", "-"): one["version"] for one in found["components"]}
    for name in names(project()["dependencies"]):
        assert parts[name] == importlib.metadata.version(name)
