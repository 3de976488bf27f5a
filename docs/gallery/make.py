"""The gallery, from its examples: `python docs/gallery/make.py [NAME …]` runs them, and renews pictures and pages.

A page is prose, up to the mark, and behind it what is made: the picture, the spec, the script, and what the script printed.
The index has the first sentence of each page. A test holds that all of it is what the examples are and do.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PAGES = Path(__file__).parent
EXAMPLES = PAGES.parents[1] / "examples" / "gallery"
MARK = "<!-- made by docs/gallery/make.py -->\n"


def names() -> list[str]:
    """Of the examples: each has a spec."""
    return sorted(file.stem for file in EXAMPLES.glob("*.cdsl"))


def prose(name: str) -> str:
    """What a page says before the mark."""
    return (PAGES / f"{name}.md").read_text(encoding="utf-8").partition(MARK)[0]


def page(name: str, printed: str) -> str:
    """The whole page of an example that printed this."""
    title = prose(name).partition("\n")[0].lstrip("# ")
    spec, script = ((EXAMPLES / f"{name}{end}").read_text(encoding="utf-8") for end in (".cdsl", ".py"))
    return (
        f"{prose(name)}{MARK}\n![{title}]({name}.png)\n\nThe spec, `{name}.cdsl`:\n\n```cdsl\n{spec}```\n\n"
        f"The script, `{name}.py`, with [tools.py](../../examples/gallery/tools.py) beside it:\n\n```python\n{script}```\n\n"
        f"What it prints:\n\n```text\n{printed}```\n"
    )


def index() -> str:
    """`index.md`: a picture and a sentence of each."""
    rows = []
    for name in names():
        title, _, text = prose(name).partition("\n")
        sentence = " ".join(text.split()).partition(". ")[0].rstrip(".")
        rows.append(
            f"| [![{title.lstrip('# ')}]({name}.png)]({name}.md) | **[{title.lstrip('# ')}]({name}.md)**: {sentence}. |\n"
        )
    return f"{prose('index')}{MARK}\n| | |\n|---|---|\n{''.join(rows)}"


def run(name: str) -> str:
    """What an example prints; its picture is renewed."""
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), str(PAGES / f"{name}.png")]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True).stdout


def main() -> None:
    """Renew the pages that are named, or all."""
    for name in sys.argv[1:] or names():
        (PAGES / f"{name}.md").write_text(page(name, run(name)), encoding="utf-8")
    (PAGES / "index.md").write_text(index(), encoding="utf-8")


if __name__ == "__main__":
    main()
