"""`cdsl new`, `cdsl watch` and `cdsl completion`, as a person at a shell meets them."""

import re
import signal
import subprocess
import sys
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread
from time import monotonic

import pytest
from click.testing import CliRunner

import cdsl
from cdsl.cli import COMMANDS
from cdsl.cli import cdsl as commands
from cdsl.cli.new import STARTER


@pytest.fixture
def command(tmp_path, monkeypatch):
    """`command("new", …)` in this process, in a directory of its own."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **options: CliRunner().invoke(commands, arguments, **options)


# -- new ---------------------------------------------------------------------------------------------------------------


def examples():
    """The blocks of lines of the starter that are commented out, as they read without that."""
    lines = [line.removeprefix("# ") if line.startswith("# ") else None for line in STARTER.split("\n")]
    sentences = [line is not None and line[0].isupper() | (line[0] == "`") and line.endswith(".") for line in lines]
    blocks = [[]]
    for line, sentence in zip(lines, sentences, strict=True):
        if line is None or sentence:
            blocks.append([])
        else:
            blocks[-1].append(line)
    return ["\n".join(block) for block in blocks if block]


def test_the_starter_has_no_problems_and_is_laid_out_already():
    assert cdsl.check(cdsl.parse(STARTER), pedantic=True).diagnostics == ()
    assert cdsl.format(STARTER) == STARTER
    assert cdsl.check(cdsl.parse(STARTER)).model.doc.startswith("What the parameters are for.")


def test_every_example_of_the_starter_works_when_it_is_no_comment():
    assert len(examples()) == 5
    for block in examples():
        assert cdsl.parse(block).diagnostics == (), block
        assert len(cdsl.parse(block).declarations) == len(re.findall(r"^\w[^\n]*[^}]$", block, re.MULTILINE)), block
        for line in block.split("\n"):
            if "{" not in line and "}" not in line:
                assert cdsl.parse(line).diagnostics == (), line
        with_it = STARTER.replace("\n".join(f"# {line}" for line in block.split("\n")), block)
        assert with_it != STARTER
        assert cdsl.check(cdsl.parse(with_it)).diagnostics == (), block
    everything = STARTER
    for block in examples():
        everything = everything.replace("\n".join(f"# {line}" for line in block.split("\n")), block)
    assert cdsl.check(cdsl.parse(everything)).diagnostics == ()
    assert cdsl.loads(everything).Model(y=[1.0, 2.0]).noise.df == 4


def test_new_writes_a_spec_and_names_its_class(command, tmp_path):
    ran = command("new", "gaussian_mixture")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout == "wrote gaussian_mixture.cdsl: the class `GaussianMixture`; `cdsl compile` writes its module\n"
    assert (tmp_path / "gaussian_mixture.cdsl").read_text(encoding="utf-8") == STARTER
    assert command("check", "--warn", "error", "gaussian_mixture.cdsl").exit_code == 0
    assert command("compile", "gaussian_mixture.cdsl").exit_code == 0
    assert command("fmt", "--check", "gaussian_mixture.cdsl").exit_code == 0


def test_new_replaces_nothing_unless_told(command, tmp_path):
    (tmp_path / "mine.cdsl").write_text("p: prob\n")
    (tmp_path / "folder.cdsl").mkdir()
    again = command("new", "mine.cdsl")
    assert (again.exit_code, "replace it with `--force`" in again.stderr) == (2, True)
    assert (tmp_path / "mine.cdsl").read_text() == "p: prob\n"
    assert command("new", "mine", "--force").exit_code == 0
    assert (tmp_path / "mine.cdsl").read_text() == STARTER
    folder = command("new", "folder", "--force")
    assert (folder.exit_code, "is a directory" in folder.stderr) == (2, True)


NO_NAMES = {
    "my-model": "my_model",
    "a b": "a_b",
    "3x": "model_3x",
    "class": "class_model",
    "torch": "torch_model",
    "typing": "typing_model",
    "": "cdsl_model",
    "+": "my_model",
    "cdsl": "cdsl_model",
    "a\x1b[31mb": "a__31mb",
    "specs/my-model": "specs/my_model",
}


@pytest.mark.parametrize(("name", "instead"), NO_NAMES.items())
def test_new_refuses_what_names_no_module_and_says_what_works(name, instead, command, tmp_path):
    (tmp_path / "specs").mkdir()
    ran = command("new", name)
    assert ran.exit_code == 1
    assert ran.stderr.startswith("error[E003]: ")
    assert f"= help: for example `cdsl new {instead}`" in ran.stderr
    assert "\x1b[31m" not in ran.stderr.split("\n")[0]
    assert not [*tmp_path.rglob("*.cdsl")]
    assert command("new", instead).exit_code == 0


def test_new_in_a_directory_that_is_not_there(command):
    ran = command("new", "nowhere/mixture")
    assert (ran.exit_code, ran.stderr[:13]) == (1, "error[E008]: ")


# -- watch -------------------------------------------------------------------------------------------------------------

LONGEST = 60
"""Seconds until a test gives up; nothing waits for as long where something happens."""


INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell has ignored for what it runs in the background
from cdsl.cli import main
main()
"""


class Watching:
    """`cdsl watch` in a process, and what it says."""

    def __init__(self, folder, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, "-c", INTERRUPTIBLE, "watch", *arguments],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.lines, self.said = Queue(), []
        Thread(target=lambda: [*map(self.lines.put, self.process.stdout)], daemon=True).start()

    def wait_for(self, text):
        """Lines up to one with this text."""
        before, end = len(self.said), monotonic() + LONGEST
        while not self.said[before:] or text not in self.said[-1]:
            line = self.next_line(end - monotonic())
            assert line, f"no {text!r} in {self.said}"
            self.said.append(line)
        return "".join(self.said[before:])

    def next_line(self, seconds):
        """The next line; nothing where none comes."""
        with suppress(Empty):
            return self.lines.get(timeout=max(0, seconds))

    def interrupt(self):
        """Ctrl-C, and the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=LONGEST)


@pytest.fixture
def watching(tmp_path):
    """`watching("a.cdsl", …)`: the process, ended with the test."""
    started = []

    def start(*arguments):
        started.append(Watching(tmp_path, *arguments))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()
        one.process.stdout.close()


def replace(path, text):
    """As editors save: another file takes the place."""
    beside = path.with_name("beside.tmp")
    beside.write_text(text)
    beside.replace(path)


def test_watch_compiles_at_every_change_of_a_spec_or_of_what_it_imports(watching, tmp_path):
    main, noise, out = tmp_path / "main.cdsl", tmp_path / "parts" / "noise.cdsl", tmp_path / "out"
    noise.parent.mkdir()
    out.mkdir()
    main.write_text("p: prob\n")
    other = tmp_path / "other.cdsl"
    other.write_text("q: prob\n")

    run = watching("main.cdsl", "other.cdsl", "--out-dir", "out")
    assert run.wait_for("Ctrl-C") == "main.cdsl: compiled\nother.cdsl: compiled\nwatching; Ctrl-C ends it\n"

    main.write_text("p: positive\n")  # in place: it may be met while it is empty
    while "positive" not in (out / "main.py").read_text():
        assert run.wait_for("compiled") == "main.cdsl: compiled\n"

    replace(main, "p: postive\n")
    told = run.wait_for("1 error")
    assert "error[E2" in told
    assert "did you mean" in told
    replace(main, 'from "parts/noise.cdsl" import Noise\nnoise: Noise\n')
    assert "E702" in run.wait_for("1 error")

    replace(noise, "width: positive\n")  # which was not there, in a folder that was not watched
    assert run.wait_for("compiled") == "main.cdsl: compiled\n"
    replace(noise, "width: positive\ndf: positive\n")
    assert run.wait_for("compiled") == "main.cdsl: compiled\n"

    other.unlink()
    assert "E002" in run.wait_for("1 error")
    replace(other, "q: positive\n")
    assert run.wait_for("compiled") == "other.cdsl: compiled\n"
    assert run.interrupt() == 0
    assert not run.lines.qsize() or run.lines.get() == "\n"
    assert [path.name for path in sorted(out.iterdir())] == ["main.py", "other.py"]


def test_watch_needs_watchfiles(python):
    hidden = "import sys; sys.modules['watchfiles'] = None; from cdsl.cli import main; main()"
    ran = python("-c", hidden, "watch", "a.cdsl")
    assert ran.rc == 2
    assert "pip install 'cdsl[watch]'" in ran.stderr


def test_watch_refuses_what_it_cannot_do(command, tmp_path):
    assert "standard input does not change" in command("watch", "-").stderr
    (tmp_path / "b").mkdir()
    ran = command("watch", "a.cdsl", "b/a.cdsl", "--out-dir", ".")
    assert (ran.exit_code, "two specs would be written to one file" in ran.stderr) == (2, True)


# -- completion --------------------------------------------------------------------------------------------------------


def completed(command, *words):
    """What the last of these words may be, as fish would be told: by click's own protocol, through the environment."""
    env = {"_CDSL_COMPLETE": "fish_complete", "COMP_WORDS": " ".join(["cdsl", *words[:-1]]), "COMP_CWORD": words[-1]}
    ran = command(env=env, prog_name="cdsl")
    assert ran.exit_code == 0
    kinds = [line.split("\t")[0].partition(",") for line in ran.stdout.splitlines()]
    return [(kind, value) for kind, _, value in kinds]


def test_commands_and_options_are_completed(command):
    assert completed(command, "") == [("plain", name) for name in COMMANDS]
    assert completed(command, "co") == [("plain", "compile"), ("plain", "completion")]
    assert ("plain", "--out-dir") in completed(command, "watch", "--")
    assert completed(command, "compile", "--emit", "p") == [("plain", "python")]
    assert completed(command, "completion", "") == [("plain", shell) for shell in ("bash", "zsh", "fish")]


def test_specs_are_completed(command, tmp_path):
    (tmp_path / "specs").mkdir()
    for name in ("a.cdsl", "ab.cdsl", "b.cdsl", "a.py", ".hidden.cdsl", "a\n.cdsl", "specs/deep.cdsl"):
        (tmp_path / name).write_text("")
    assert completed(command, "watch", "a") == [("dir", "a"), ("plain", "a.cdsl"), ("plain", "ab.cdsl")]
    assert completed(command, "watch", "")[1:] == [("plain", name) for name in ("a.cdsl", "ab.cdsl", "b.cdsl")]
    assert completed(command, "watch", ".h")[1:] == [("plain", ".hidden.cdsl")]
    assert completed(command, "watch", "a.cdsl", "specs/")[1:] == [("plain", "specs/deep.cdsl")]
    for nothing in ("nowhere/x", "~nobody-of-this-name/x"):
        assert completed(command, "watch", nothing) == [("dir", nothing)]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_script_of_a_shell(shell, command):
    ran = command("completion", shell)
    assert ran.exit_code == 0
    assert f"_CDSL_COMPLETE={shell}_complete" in ran.stdout
    assert command("completion", "tcsh").exit_code == 2
