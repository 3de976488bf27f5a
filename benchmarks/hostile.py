"""The same attacks on cdsl and on other compilers: `python -m benchmarks.hostile`.

Each input is given to each compiler as the text that means the same in its own language, in a process of its own, and what becomes of
it is told: `refused` with a message about the text, `accepted`, `internal error` (a traceback, or what calls itself one), `crash` (a
signal), `hang` (longer than a minute). stanc is that of stanli, which `pip install -e '.[benchmarks]'` brings; protoc (grpcio-tools)
and datamodel-code-generator are measured where `--peers PYTHON` names an interpreter that has them. Mutants are made by the same
edits of bytes, tests/mutate.py, from two valid texts of each; a compiler is imported once, and each mutant is given to a child of
that process. `--write` renews the table of docs/safety.md.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from tests.mutate import BY_BYTES

PAGE = Path(__file__).parents[1] / "docs" / "safety.md"
BEGIN, END = "<!-- python -m benchmarks.hostile --write -->", "<!-- end -->"
LONGEST, SLOW = 60.0, 20.0
"""Seconds of a process: it is stopped, it is told how many they were."""
INTERNAL = (
    "traceback (most recent",
    "internal compiler error",
    "stack overflow",
    "recursionerror",
    "this is a bug",
    "fatal error",
)
SECRET = "a line of a file outside"


class Side(NamedTuple):
    """A compiler: how a text in its language is compiled, its texts, and what surrounds an expression or a level of nesting."""

    command: Callable[[Path], list[str]]
    suffix: str
    valid: tuple[str, ...]
    number: str | None
    """A declaration around `{}`, a number or an expression."""
    level: tuple[str, str, str] | None
    """What opens a level of nesting, what is in the innermost, and what closes one."""
    size: str | None
    outside: str | None
    """An import of the file at `{}`."""
    called: str
    """The same in a process that has imported what it needs: the compiler's command line, from `path`."""


EACH = """
import os, signal, sys, traceback
def compiled(path):
    folder, name = os.path.split(path)
    CALLED
def child(path):
    signal.alarm(int(sys.argv[1]))
    os.dup2(os.open(path + ".said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
    os.dup2(1, 2)
    code = 1
    try:
        code = int(compiled(path) or 0)
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
for path in sys.argv[2:]:
    begun = os.fork()
    if not begun:
        child(path)
    print(os.waitstatus_to_exitcode(os.waitpid(begun, 0)[1]), flush=True)
"""
"""The codes of the children, one a file; what they said is beside it."""
STANC = "import stanli, pathlib, sys; stanli.stan_to_mir(pathlib.Path(sys.argv[1]).read_text(errors='surrogateescape'), include_paths=str(pathlib.Path(sys.argv[1]).parent))"
SIDES = {
    "cdsl": Side(
        lambda path: [sys.executable, "-m", "cdsl", "compile", "--stdout", "--name", "A", str(path)],
        ".cdsl",
        (
            "dim N\ndata y: real[N]\np: prob = 0.25  #: a coin\nw: simplex[3]\nb: interval(-1, 2)[N]\n",
            "s: positive\nlet t = exp(s) / 2\n",
        ),
        "x: real = {}\n",
        ("model A{} {{\n", "x: real\n", "}\n"),
        "x: simplex[{}]\n",
        'from "{}" import T\nx: T\n',
        "sys.argv[1:] = ['compile', '--stdout', '--name', 'A', path]; cdsl.cli.main()",
    ),
    "stanc": Side(
        lambda path: [sys.executable, "-c", STANC, str(path)],
        ".stan",
        (
            "data { int N; vector[N] y; }\nparameters { real<lower=0, upper=1> p; simplex[3] w; vector<lower=-1, upper=2>[N] b; }\n",
            "parameters { real<lower=0> s; }\ntransformed parameters { real t = exp(s) / 2; }\n",
        ),
        "transformed data {{ real x = {}; }}\n",
        ("{{", "real x;", "}"),
        "parameters {{ simplex[{}] x; }}\n",
        '#include "{}"\nparameters {{ real x; }}\n',
        "stanli.stan_to_mir(open(path, errors='surrogateescape').read(), include_paths=folder)",
    ),
    "protoc": Side(
        lambda path: [PEERS, "-m", "grpc_tools.protoc", f"-I{path.parent}", f"--python_out={path.parent}", path.name],
        ".proto",
        (
            'syntax = "proto3";\nmessage A { double p = 1; repeated double w = 2; A b = 3; } // a coin\n',
            'syntax = "proto3";\nenum E { X = 0; Y = 1; }\nmessage B { E s = 1; }\n',
        ),
        'syntax = "proto2";\nmessage A {{ optional double x = 1 [default = {}]; }}\n',
        ("message A {{\n", "", "}\n"),
        'syntax = "proto3";\nmessage A {{ double x = {}; }}\n',
        'syntax = "proto3";\nimport "{}";\nmessage A {{ double x = 1; }}\n',
        "return grpc_tools.protoc.main(['protoc', '-I' + folder, '--python_out=' + folder, name])",
    ),
    "datamodel-codegen": Side(
        lambda path: [
            PEERS,
            "-m",
            "datamodel_code_generator",
            "--input",
            str(path),
            "--input-file-type",
            "jsonschema",
            "--output",
            f"{path}.py",
        ],
        ".json",
        (
            '{"title": "A", "type": "object", "properties": {"p": {"type": "number", "default": 0.25}, "w": {"type": "array", "items": {"type": "number"}}}}',
            '{"title": "B", "type": "object", "properties": {"s": {"enum": ["X", "Y"]}}}',
        ),
        '{{"title": "A", "type": "object", "properties": {{"x": {{"type": "number", "default": {}}}}}}}',
        ('{{"type": "array", "items": ', "{}", "}"),
        '{{"title": "A", "type": "array", "items": {{"type": "number"}}, "minItems": {}}}',
        '{{"title": "A", "type": "object", "properties": {{"x": {{"$ref": "{}"}}}}}}',
        "return datamodel_code_generator.__main__.main(['--input', path, '--input-file-type', 'jsonschema', '--output', path + '.py'])",
    ),
}
PEERS = ""


def inputs(side: Side, folder: Path) -> dict[str, str]:
    """Attacks in a side's own language; those that its language cannot say are left out."""
    found: dict[str, str] = {}
    if side.number is not None:
        for many in (1_000, 10_000, 100_000):
            found[f"{many:,} parentheses"] = side.number.format("(" * many + "1" + ")" * many)
        found["a sum of 100,000"] = side.number.format("1" + "+1" * 100_000)
        found["10,000 digits"] = side.number.format("9" * 10_000)
        found["1e999999"] = side.number.format("1e999999")
    if side.level is not None:
        opening, inner, closing = side.level
        for many in (1_000, 100_000):
            body = "".join(opening.format(at) for at in range(many)) + inner + closing * many
            found[f"{many:,} blocks in blocks"] = f"transformed data {{ {body} }}" if side.suffix == ".stan" else body
    if side.size is not None:
        found["a size of 10²⁴"] = side.size.format(10**24)
    if side.outside is not None:
        found["a file outside"] = side.outside.format(f"../outside/secret{side.suffix}")
    return found


def outcome(side: Side, path: Path) -> tuple[str, float]:
    """What becomes of a file, and the seconds that it took."""
    begun = time.monotonic()
    try:
        done = subprocess.run(
            side.command(path), capture_output=True, timeout=LONGEST, check=False, cwd=path.parent, env=ENVIRONMENT
        )
    except subprocess.TimeoutExpired:
        return "hang", LONGEST
    return judged(side, done.returncode, done.stdout + done.stderr), time.monotonic() - begun


def judged(side: Side, code: int, output: bytes) -> str:
    """What an exit code and what was said amount to."""
    said = output.decode(errors="replace").lower()
    if SECRET in said:
        return "shows its content"
    if side is SIDES["stanc"] and "internal" not in said:
        said = said.replace("traceback (most recent", "")  # stanli raises what stanc says
    if code == -signal.SIGALRM:
        return "hang"
    if code < 0:
        return f"crash (signal {-code})"
    if any(one in said for one in INTERNAL):
        return "internal error"
    return "accepted" if code == 0 else "refused"


def mutated(name: str, count: int, folder: Path) -> Iterator[str]:
    """What becomes of each mutant."""
    side, paths = SIDES[name], []
    for at in range(count):
        rng = random.Random(f"hostile/{at}")
        data = rng.choice(side.valid).encode()
        for _ in range(rng.choice((1, 1, 2, 3, 6))):
            data = rng.choice(BY_BYTES)(data, rng)
        paths.append(folder / f"m{at}{side.suffix}")
        paths[-1].write_bytes(data)
    imports = {
        "cdsl": "import cdsl.cli, cdsl.compiler, cdsl.emit",
        "stanc": "import stanli",
        "protoc": "import grpc_tools.protoc",
        "datamodel-codegen": "import black, isort, datamodel_code_generator.__main__, datamodel_code_generator.parser.jsonschema",
    }
    python = PEERS if name in ("protoc", "datamodel-codegen") else sys.executable
    script = f"{imports[name]}\n{EACH.replace('CALLED', side.called)}"
    command = [python, "-c", script, str(int(LONGEST)), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=folder, env=ENVIRONMENT)
    for path, code in zip(paths, done.stdout.split(), strict=True):
        yield judged(side, int(code), Path(f"{path}.said").read_bytes())


def measured(name: str, mutants: int) -> dict[str, str]:
    """A side's column of the table."""
    side, found = SIDES[name], {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "inside"
        folder.mkdir()
        (Path(place) / "outside").mkdir()
        (Path(place) / "outside" / f"secret{side.suffix}").write_text(f"{SECRET}\n")
        path = folder / f"a{side.suffix}"
        for what, text in inputs(side, folder).items():
            path.write_text(text)
            how, took = outcome(side, path)
            found[what] = f"{how}, {took:.0f} s" if took > SLOW else how
            print(name, what, found[what], flush=True)
        counts = Counter(mutated(name, mutants, folder))
        wrong = {how: count for how, count in counts.items() if how not in ("accepted", "refused")}
        found[f"{mutants} mutants"] = ", ".join(f"{count} {how}" for how, count in wrong.items()) or "0 wrong"
        print(name, counts, flush=True)
    return found


def main() -> None:
    """The command."""
    global PEERS  # noqa: PLW0603  # what the sides are called with
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description="Attacks on compilers.")
    parser.add_argument("--peers", default="", help="an interpreter that has grpcio-tools and datamodel-code-generator")
    parser.add_argument("--mutants", type=int, default=200)
    parser.add_argument("--write", action="store_true", help="renew docs/safety.md")
    options = parser.parse_args()
    PEERS = options.peers
    names = [name for name in SIDES if PEERS or name in ("cdsl", "stanc")]
    columns = {name: measured(name, options.mutants) for name in names}
    rows = list(dict.fromkeys(what for column in columns.values() for what in column))
    lines = [f"| | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
    lines += [f"| {what} | {' | '.join(columns[name].get(what, '–') for name in names)} |" for what in rows]
    versions = [f"Python {sys.version.split()[0]}", f"stanli {version('stanli')}"]
    if PEERS:
        asked = "import importlib.metadata as m, json; print(json.dumps([f'{one} {m.version(one)}' for one in ('grpcio-tools', 'datamodel-code-generator')]))"
        versions += json.loads(subprocess.run([PEERS, "-c", asked], capture_output=True, check=True).stdout)
    table = "\n".join([*lines, "", f"{datetime.now(tz=timezone.utc).date()}, {', '.join(versions)}."])
    print(table)
    if options.write:
        page = PAGE.read_text(encoding="utf-8")
        before, _, rest = page.partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


ENVIRONMENT = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}

if __name__ == "__main__":
    main()
