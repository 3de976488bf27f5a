"""Every code: a title, a paragraph, and a spec that meets it. `cdsl explain` prints them; a test holds that each is met."""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """What a code means; `example` is a spec that meets it, or words where no text of a spec can."""

    title: str
    text: str
    example: str


CODES = {
    "E001": Code(
        "the file is not UTF-8",
        "A spec is text in UTF-8, with or without a byte order mark. The message names the first byte that is not.",
        "a file saved as Latin-1 with an `é` in it",
    ),
    "E002": Code(
        "the spec cannot be read",
        "There is no file of this name, or it is a directory, or it may not be read. The message says which.",
        "cdsl check no-such-file.cdsl",
    ),
    "E003": Code(
        "no class can have this name",
        "The class of a file's own model is named after the file: `gaussian_mixture.cdsl` gives `GaussianMixture`. Where "
        "the file's name is no identifier, or is one that the generated module needs itself, `--name` gives the class.",
        "cdsl compile my-model.cdsl",
    ),
    "E004": Code(
        "a character that reorders the text",
        "Bidirectional control characters make a text look other than it is compiled. They are refused everywhere, in "
        "comments too.",
        "p: prob  # \u202etxet",
    ),
    "E005": Code(
        "the spec is too long",
        "A spec has at most 1 MiB of text.",
        "a file of 2 MiB",
    ),
    "E006": Code(
        "the target is not a file of cdsl's",
        "`cdsl compile` replaces a file only where that was compiled by cdsl, which its first line says. Anything else is "
        "yours: write to another file with `-o`, or let it be replaced with `--force`.",
        "cdsl compile mixture.cdsl -o notes.py",
    ),
    "E007": Code(
        "the compiled file is stale",
        "`cdsl compile --check` writes nothing and compares. The file on disk is not what the spec compiles to now, or is "
        "not there. `cdsl compile` renews it.",
        "cdsl compile --check mixture.cdsl, after mixture.cdsl was changed",
    ),
    "E008": Code(
        "the target cannot be written",
        "The directory is not there, the disk is full, or writing is not allowed. The file that was there before, if any, "
        "is whole.",
        "cdsl compile mixture.cdsl -o /no/such/place/mixture.py",
    ),
    "E009": Code(
        "the model cannot be made standalone",
        "A standalone module holds the source of the domains that it uses. Those of other packages are theirs to ship: "
        "compile without `--standalone`, and let the module import them.",
        "cdsl compile --standalone, of a spec that uses a domain found by entry point",
    ),
    "E101": Code(
        "a syntax error",
        "The text is not of a form that the language has. The message says what could have stood here; the rest of the "
        "line is skipped, and reading goes on with the next.",
        "p prob",
    ),
    "E102": Code(
        "beyond a limit",
        "A spec may come from anyone, so there are limits: 64 characters a number, 100 a name, 100 levels of brackets, "
        "200 levels of expression (a chain `a + b + …` counts), 2000 tokens a declaration.",
        "x: real = 1." + "0" * 70,
    ),
    "E103": Code(
        "nothing is declared",
        "A spec has at least one declaration.",
        "# nothing yet",
    ),
    "E110": Code(
        "not yet in this version",
        "The form belongs to the language, and this version of cdsl reads it without compiling it. What it compiles are "
        "parameters: `name: domain(arguments)[sizes] via transform = start`.",
        "dim K = 3",
    ),
    "E201": Code(
        "an unknown domain",
        "No domain has this name. `cdsl types` lists them all.",
        "p: postive",
    ),
    "E202": Code(
        "an unknown transform",
        "The domain has no transform of this name. `cdsl types DOMAIN` lists those it has.",
        "s: positive via probit",
    ),
    "E203": Code(
        "a name declared twice",
        "A name is declared once. Python compares names in the normal form NFKC, so names that look different can be one.",
        "p: prob\np: real",
    ),
    "E204": Code(
        "a name that cannot be used",
        "Values are attributes of the generated module and fields of a named tuple. Keywords of Python, members of "
        "`torch.nn.Module` and of the generated module, and what a tuple has already are therefore taken.",
        "train: prob",
    ),
    "E301": Code(
        "wrong arguments",
        "A domain takes its arguments by position or by name, each once; those with a default may be left out. A transform of "
        "single numbers takes `loc` and `scale`, an affine step before it; others take none.",
        "tau: interval(0)",
    ),
    "E302": Code(
        "arguments that make no sense",
        "Each argument is a number, but together they describe nothing: an empty interval, a scale that is not positive. Only "
        "a bound may be infinite.",
        "tau: interval(10, 0)",
    ),
    "E303": Code(
        "not a constant number",
        "An argument is a number: a literal, or an expression of literals and `pi`, folded exactly when the spec is "
        "compiled. Of a domain of numbers it may be an array of them, of a shape that broadcasts to the sizes.",
        "tau: interval(0, upper)",
    ),
    "E401": Code(
        "too few sizes",
        "The last of the sizes in brackets are those of one event, all before them are batch: `simplex[5, 3]` is five "
        "simplexes of size three. A domain of vectors needs at least one size.",
        "w: simplex",
    ),
    "E402": Code(
        "not a size",
        "A size is an integer. Batch sizes may be 0, an event has at least the domain's least size.",
        "x: real[1.5]",
    ),
    "E501": Code(
        "a start value outside the domain",
        "Start values are given on the constrained side and must lie strictly inside the domain: on its boundary raw would "
        "be infinite. The message names the first entry that does not, and by how much.",
        "s: positive = -2.5",
    ),
    "E502": Code(
        "a start value of the wrong shape",
        "A start value has the parameter's shape, or that of one event, for the whole batch; a single number does for "
        "every entry of a domain of numbers.",
        "w: simplex[3] = [0.5, 0.5]",
    ),
    "E503": Code(
        "a start value that is no constant",
        "A start value is a number or an array of numbers, or an expression of them and `pi`.",
        "x: real = 1 / 0",
    ),
    "W101": Code(
        "a doc comment that documents nothing",
        "`#:` documents the declaration right below it or the one whose line it ends; at the top of the file, followed by "
        "a blank line, the spec. Anywhere else it is lost; an ordinary comment begins with `#`.",
        "p: prob\n\n#: lost\n\ns: positive",
    ),
    "W201": Code(
        "a constant without a value",
        "A `frozen` parameter stays what it starts at. Without `= …` that is the domain's neutral value, which is seldom "
        "meant.",
        "frozen g: positive",
    ),
}


def explain(code: str) -> str | None:
    """A code's title, paragraph and example, as text; None for a code that there is not."""
    found = CODES.get(code.upper())
    if found is None:
        return None
    example = "\n".join(f"    {line}" for line in found.example.split("\n"))
    return f"{code.upper()}: {found.title}\n\n{found.text}\n\nExample:\n\n{example}\n"
