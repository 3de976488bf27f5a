"""Every block of the README and the docs runs; what is generated is fresh; the two commands are the gate's."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cdsl import catalogue

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`(\w+\.cdsl)`")


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """Every fenced block: its kind, its text, and the prose before it back to the block before."""
    text, found, end = page.read_text(encoding="utf-8"), [], 0
    for match in FENCE.finditer(text):
        found.append((match["kind"], match["body"], text[end : match.start()]))
        end = match.end()
    return found


def file_of(blocks_after: list[tuple[str, str, str]], prose: str) -> str:
    """The name of a spec block: the last file that the prose before it names, or the first that a command after it does."""
    named = FILE.findall(prose)
    commands = " ".join(body for kind, body, _ in blocks_after if kind == "console")
    return named[-1] if named else re.findall(r"\w+\.cdsl", commands)[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    namespace: dict[str, object] = {}
    found = blocks(page)
    for position, (kind, body, prose) in enumerate(found):
        if kind == "cdsl":
            name = file_of(found[position + 1 :], prose)
            (tmp_path / name).write_text(body, encoding="utf-8")
            if run(["check", name]).returncode == 0:
                assert run(["compile", name]).returncode == 0
                monkeypatch.delitem(sys.modules, Path(name).stem, raising=False)
        elif kind == "python":
            exec(compile(body, f"{page.name}, block {position}", "exec"), namespace)
        elif kind == "console":
            for command, expected in re.findall(r"^\$ cdsl (.*)\n((?:(?!\$ ).*\n)*)", body, re.MULTILINE):
                assert run(shlex.split(command)).stdout == expected
        elif kind == "sh":
            assert page.name == "README.md", "setup commands are the README's, and the gate runs them"
        else:
            assert kind == "text", f"a block of kind {kind!r} is not run"


def run(arguments):
    """`cdsl` with these arguments, its two streams as one."""
    return subprocess.run(
        [sys.executable, "-m", "cdsl", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_table_of_domains_is_fresh():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- cdsl types -->\n```text\n(.*?)```", text, re.DOTALL)
    assert shown is not None
    assert shown[1] == catalogue.table()


def test_the_gate_runs_the_two_commands_of_the_readme():
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = [body for kind, body, _ in blocks(ROOT / "README.md") if kind == "sh"]
    main_job, tests = (command.strip().split(" && ") for command in commands)
    setup, test = " && ".join(tests[:-1]), tests[-1]
    assert f"\n{setup}\n" in gate
    assert gate.endswith(f"\n{test}\n")
    assert f"\n{main_job[-1]}\n" in gate
