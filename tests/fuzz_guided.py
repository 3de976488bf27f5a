"""`python -m tests.fuzz_guided`: what tests/fuzz.py holds of every spec, over bytes that are chosen by what of the compiler they reach.

    python -m tests.fuzz_guided -max_total_time=600     # the arguments are libFuzzer's

It begins with the texts of the fixtures and the docs. What goes wrong ends it with a traceback, and is kept in a file `crash-…`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

try:
    import atheris
except ModuleNotFoundError:
    sys.exit("atheris is not installed: `pip install atheris`, which needs no more; or run `python -m tests.fuzz`")

with atheris.instrument_imports(include=["cdsl"]):
    from . import fuzz
    from .mutate import seeds


def one(data: bytes) -> None:
    """One input of libFuzzer's."""
    fuzz.tried(data, builds=False)


def main() -> None:
    """The command."""
    with tempfile.TemporaryDirectory() as corpus:
        for at, text in enumerate(seeds()):
            (Path(corpus) / f"{at}.cdsl").write_bytes(text.encode("utf-8", "surrogatepass"))
        atheris.Setup([*sys.argv, corpus], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
