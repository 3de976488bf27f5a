"""Every code: a title, a paragraph, and a spec that meets it. `cdsl explain` prints them; a test holds that each is met."""

from __future__ import annotations

from typing import NamedTuple

from cdsl.limits import (
    DEEPEST_BRACKETS,
    DEEPEST_EXPRESSION,
    DEEPEST_IMPORTS,
    LONGEST_NAME,
    LONGEST_NUMBER,
    MOST_OPERATIONS,
    MOST_TOKENS,
)


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
        "There is no file of this name, or it is a directory, a device or a pipe, or it may not be read. The message says which. A stream "
        "is read as `-`, standard input.",
        "cdsl check no-such-file.cdsl",
    ),
    "E003": Code(
        "no class can have this name",
        "The class of a file's own model is named after the file: `gaussian_mixture.cdsl` gives `GaussianMixture`. Where "
        "the file's name is no identifier, or is one that the generated module needs itself, `--name` gives the class.",
        "cdsl compile my-model.cdsl",
    ),
    "E004": Code(
        "a character that makes the text look other than it is",
        "Bidirectional control characters reorder what a reader sees. They are refused everywhere, in comments too. Characters "
        "that are shown as nothing, as variation selectors, are refused in names: such a name looks like another one.",
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
        f"A spec may come from anyone, so there are limits: {LONGEST_NUMBER} characters a number, {LONGEST_NAME} a name, "
        f"{DEEPEST_BRACKETS} levels of brackets, {DEEPEST_EXPRESSION} levels of expression (a chain `a + b + …` counts), "
        f"{MOST_TOKENS} tokens a declaration, {MOST_OPERATIONS} operations behind a name, {DEEPEST_IMPORTS} levels of import.",
        "x: real = 1." + "0" * 70,
    ),
    "E103": Code(
        "nothing is declared",
        "A spec has at least one declaration.",
        "# nothing yet",
    ),
    "E110": Code(
        "not yet in this version",
        "The form belongs to the language, and this version of cdsl reads it without compiling it: densities, `~` and `target +=`.",
        "x: real\nx ~ normal(0, 1)",
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
    "E205": Code(
        "an unknown name",
        "An expression uses dims, data, parameters and lets that stand above it. What is declared below is not known yet, and "
        "declarations that need one another in a circle never are.",
        "tau: interval(0, upper)",
    ),
    "E206": Code(
        "a constant that depends on a variable",
        "A frozen parameter is constant: its domain may depend on data, dims and frozen parameters only.",
        "lo: real\nfrozen hi: greater_than(lo) = 3",
    ),
    "E207": Code(
        "a discrete parameter",
        "Whole numbers and truth values have no gradient, so that data alone can be discrete: `data y: count[N]`. A discrete "
        "parameter is summed out of the density.",
        "k: count",
    ),
    "E211": Code(
        "an alias that cannot be",
        "`type name = …` names a type once, and under a name that no type of the language has.",
        "type prob = interval(0, 1)",
    ),
    "E212": Code(
        "a model that cannot be used so",
        "A nested model takes dims and data by name and, for a list, one size; its parameters say themselves where they start and "
        "which are frozen. No model nests itself.",
        "model A { x: real }\na: A = 3",
    ),
    "E213": Code(
        "a model without what it needs",
        "A model is closed: it sees no value of what it stands in. Its dims and data without a default are bound where it is used, "
        "a dim also by the shape of bound data.",
        "model A {\n    dim K\n    x: real[K]\n}\na: A",
    ),
    "E301": Code(
        "wrong arguments",
        "A domain takes its arguments by position or by name, each once; those with a default may be left out. A transform of "
        "single numbers takes `loc` and `scale`, an affine step before it; one that is made of others takes these by keyword, "
        "`increments(gap=softplus)`; the rest take none.",
        "tau: interval(0)",
    ),
    "E302": Code(
        "arguments that make no sense",
        "Each argument is a number, but together they describe nothing: an empty interval, a scale that is not positive. Only "
        "a bound may be infinite.",
        "tau: interval(10, 0)",
    ),
    "E303": Code(
        "an argument that is no number",
        "An argument is a number, or an array of numbers of a shape that broadcasts to the sizes before the event's own. Constants "
        "are folded exactly when the spec is compiled; what depends on data or parameters is computed when the module runs.",
        "tau: interval(0, 1 / 0)",
    ),
    "E304": Code(
        "entries that cannot stay",
        "Behind the start value `frozen [true, false, …]` names the entries of a parameter that stay at it: of a domain of single numbers, "
        "with sizes and bounds that are numbers, one truth value for each entry. Raw has the other entries alone.",
        "w: simplex[3] = [0.2, 0.3, 0.5] frozen [true, false, false]",
    ),
    "E401": Code(
        "too few sizes",
        "The last of the sizes in brackets are those of one event, all before them are batch: `simplex[5, 3]` is five "
        "simplexes of size three. A domain of vectors needs at least one size.",
        "w: simplex",
    ),
    "E402": Code(
        "not a size",
        "A size is an integer of numbers, dims, sizes of data and whole data. Batch sizes may be 0, an event has at least the "
        "domain's least size.",
        "x: real[1.5]",
    ),
    "E403": Code(
        "shapes that do not fit",
        "Operands broadcast as in NumPy: aligned at their last axes, sizes are equal or 1. Two sizes are equal where the spec "
        "makes them so: `N` and `N`, `2 * K` and `K + K`, but not `N` and `K`.",
        "dim N\ndim D\ndata X: real[N, D]\nbeta: real[N]\nlet eta = X @ beta",
    ),
    "E404": Code(
        "operands of the wrong kind",
        "Truth values are chosen by (`where`), counted (`sum`) and compared, not reckoned with; `size` takes an array.",
        "x: real\nlet y = (x > 0) + 1",
    ),
    "E405": Code(
        "a wrong index",
        "An index is a whole number, an array of them, a slice, `None` or `...`, counted from 0, as in NumPy. Arrays of indices "
        "are data, of type `index(K)` best of all: these are checked against K when they are passed in.",
        "x: real[3]\nlet y = x[3]",
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
        "a value that depends on what is not known yet",
        "A start value, and a default of data, is known when the module is built: made of numbers, dims and data, not of "
        "parameters.",
        "x: real = 1 / 0",
    ),
    "E601": Code(
        "an unknown function",
        "No function has this name. Functions are of a registry: what is not there cannot be called.",
        "x: real\nlet y = eval(x)",
    ),
    "E602": Code(
        "wrong arguments of a function",
        "A function takes its operands by position or by name, and options, as `axis=`, that are known when the spec is read.",
        "x: real\nlet y = exp(x, x, x)",
    ),
    "E701": Code(
        "an import that names no spec",
        "The path of an import is relative to the file, with `/` between folders and `.cdsl` at its end, its parts are names of Python "
        "modules, and it stays below the root of imports, links followed: the spec's own directory or that of `--root`.",
        'from "/etc/passwd" import x',
    ),
    "E702": Code(
        "a spec that cannot be imported",
        "The imported file is not there, has problems of its own, or imports the file that imports it.",
        'from "nothing.cdsl" import x, in a directory without that file',
    ),
    "E703": Code(
        "nothing of that name to import",
        "An import names types and models of a file, its own model by the name of its class. A type that uses values of its file "
        "cannot leave it.",
        'from "noise.cdsl" import Nois',
    ),
    "E801": Code(
        "too many declarations to list",
        "`cdsl describe`, `diff` and `migrate` write nested models out. Models that nest two of another at every level double "
        "with each, and beyond 10,000 declarations nobody reads them.",
        "model A { x: real } and model B { a: A, b: A } and so on, twenty levels",
    ),
    "E802": Code(
        "the checkpoint cannot be read",
        "A checkpoint is a state dict, written by `torch.save` and read back with `weights_only=True`, or a `.safetensors` "
        "file. A file that holds other objects than tensors is not opened: loading those can run code.",
        "cdsl migrate old.cdsl new.cdsl notes.txt -o new.pt",
    ),
    "E803": Code(
        "the checkpoint is not of the old spec",
        "Entries are missing, or of other shapes, or were saved under other constraints than the old spec declares; a "
        "raw value means nothing without those. A state dict of a larger module has a prefix: `--prefix`.",
        "cdsl migrate new.cdsl new.cdsl old.pt -o new.pt",
    ),
    "E804": Code(
        "the checkpoint cannot be carried over whole",
        "A value does not lie in its new domain, or has no place in the new spec. `--drop NAME` leaves a value of the old "
        "spec out, `--start NAME` takes the new spec's start value, `--rename OLD=NEW` says where it belongs.",
        "cdsl migrate of `x: real` to `x: positive`, where x is -1",
    ),
    "E805": Code(
        "a size or data are missing",
        "Sizes are read from the checkpoint where they can be, data from nowhere: where a size or a bound depends on what "
        "cannot be known, give it with `--dim K=3` or `--data FILE`.",
        "cdsl migrate of `x: greater_than(max(y))` without --data",
    ),
    "E901": Code(
        "a part of a Stan program that is not imported",
        "`cdsl import` reads the data and parameters blocks. What is no Stan, or has no counterpart in cdsl, is told with its "
        "line; the spec says the rest.",
        "cdsl import model.stan, where a parameter is `complex z`",
    ),
    "E902": Code(
        "a part of a module that is not imported",
        "`cdsl import --torch` reads parameters, the constraints of GPyTorch and torch, and values. What has no counterpart in "
        "cdsl is told by its name: left out, or declared with another transform or start where the message says so.",
        "cdsl import --torch model:constraints, where one of them is `constraints.integer_interval(0, 9)`",
    ),
    "E903": Code(
        "no module to import",
        "`cdsl import --torch MODULE:OBJECT` imports MODULE, which runs it, and takes OBJECT: an `nn.Module`, or a dictionary "
        "of `torch.distributions.constraints` by name. There is no such module or object, running it raised an error, or the "
        "object is something else.",
        "cdsl import --torch no_such_module:model",
    ),
    "W101": Code(
        "a doc comment that documents nothing",
        "`#:` documents the declaration right below it or the one whose line it ends; at the top of the file, followed by "
        "a blank line, the spec. Anywhere else it is lost; an ordinary comment begins with `#`.",
        "p: prob\n\n#: lost\n\ns: positive",
    ),
    "W102": Code(
        "an ignore that ignores nothing",
        "`# cdsl: ignore[W202]` at the end of a declaration, or on a line of its own above it, leaves that warning of it out. Errors "
        "cannot be ignored; a warning that is not there need not be.",
        "p: prob  # cdsl: ignore[W202]",
    ),
    "W201": Code(
        "a constant without a value",
        "A `frozen` parameter stays what it starts at. Without `= …` that is the domain's neutral value, which is seldom "
        "meant.",
        "frozen g: positive",
    ),
    "W202": Code(
        "nothing uses it",
        "A dim that is no size of anything has to be passed in for nothing; a helper, `let _x`, is seen by the spec alone; an import "
        "brings a type or a model that no declaration has. Other types and models may be meant for the specs that import this one.",
        "dim K\np: prob",
    ),
    "W203": Code(
        "a constant is hidden",
        "`pi` is 3.14159… until a declaration takes the name, as many models of mixtures do; `--warn all` alone says so.",
        "pi: simplex[3]",
    ),
    "W301": Code(
        "a start in the middle of wide bounds",
        "Without `= …` an `interval` starts in its middle. An upper bound that stands there for safety moves that to where no value is "
        "expected, and the first steps of an optimizer with it.",
        "s: interval(0, 1e10)",
    ),
    "W302": Code(
        "a batch of matrices, each as large as the batch",
        "A domain of square matrices takes one size, and every size before it is batch: `cholesky_corr[5, 5]` are five matrices.",
        "L: cholesky_corr[5, 5]",
    ),
    "W303": Code(
        "a parameter with one value",
        "The set has a single element, so that raw is empty and no step of an optimizer changes it.",
        "w: simplex[1]",
    ),
    "W401": Code(
        "a transform without a log-Jacobian",
        "Several raws give one value, so a density of the value says nothing about raw. It trains; sampling and maximum a posteriori need "
        "a bijective transform. `--warn all` alone says so: who trains need not know.",
        "p: prob via hard_sigmoid",
    ),
    "W402": Code(
        "a set that has a name of its own",
        "`interval(0, 1)` is `prob`. `--warn all` alone says so; transforms may differ between the two.",
        "p: interval(0, 1)",
    ),
}

PEDANTIC = frozenset({"W203", "W401", "W402"})
"""Warnings about what is often meant: heard where they are asked for."""


def explain(code: str) -> str | None:
    """A code's title, paragraph and example, as text; None for a code that there is not."""
    found = CODES.get(code.upper())
    if found is None:
        return None
    example = "\n".join(f"    {line}" for line in found.example.split("\n"))
    return f"{code.upper()}: {found.title}\n\n{found.text}\n\nExample:\n\n{example}\n"
