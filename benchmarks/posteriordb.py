"""Stan's own numbers for the models of posteriordb: `python -m benchmarks.posteriordb PATH`, PATH a clone of it or its git directory.

For each Stan program (https://github.com/stan-dev/posteriordb) this writes, in `tests/posteriordb/`,

* `NAME.cdsl`: what its data and parameters blocks declare, translated by `cdsl.stan`;
* `NAME.json`: dims and data to build the module with. Sizes are those of posteriordb, of its first data set for that program; but
  of those that size a parameter, what is above 50 becomes 20, and those that size data alone become at most 4 (`SMALLER` has
  one exception). Every other number is made up, inside its domain: a log-Jacobian depends on data through sizes and bounds alone;
* in `reference.json`, what Stan computes, by stanli, of the program's own data, transformed data and parameters blocks with an
  empty model block, from these data. The log density is then the log-Jacobian. At each of two points: the log density; its
  gradient and the constrained values, each as Σᵢ cos(i) · (entry i), in Stan's order. `matrices` names the parameters that Stan
  declares as matrices: it orders them by columns.

Nothing of posteriordb is kept but names and sizes.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import math
import random
import re
import statistics
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import stanli

import cdsl
from cdsl.stan import spec_of
from cdsl.syntax import ast

HOME = Path(__file__).parents[1] / "tests" / "posteriordb"
LARGEST, REDUCED, LOOSE = 50, 20, 4
SMALLER = {("kronecker_gp", "n2"): 12}
"""Stan takes 1 minus a sum of squares along the rows of a `cholesky_factor_corr`: at 30 its log density has 5 digits left."""
IN_PLACE_OF = {"mnist": "mnist_100"}
"""A data set that the repository does not hold, and one of the same columns."""
BLOCKS = ("functions", "data", "transformed data", "parameters")


def main() -> None:
    """Write every fixture and the reference."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("path", type=Path, help="a clone of posteriordb, or its git directory")
    arguments.add_argument("models", nargs="*", help="only these, without writing the reference")
    given = arguments.parse_args()
    repository = Repository(given.path)
    HOME.mkdir(exist_ok=True)
    reference: dict[str, Any] = {}
    for name, text in repository.programs():
        if given.models and name not in given.models:
            continue
        spec = spec_of(text).spec
        try:
            data = made_up(name, spec, repository.data(name))
            reference[name] = stan(text, data, spec_of(text).renames)
        except Exception as error:  # whatever it is, it is told, and the next one has its turn
            print(f"{name}: {type(error).__name__}: {error}")
            continue
        (HOME / f"{name}.cdsl").write_text(spec, encoding="utf-8")
        (HOME / f"{name}.json").write_text(f"{json.dumps(data)}\n", encoding="utf-8")
    print(f"{len(reference)} models")
    if not given.models:
        about = {"posteriordb": repository.commit, "stanli": stanli.__version__}
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(numbers)}" for name, numbers in reference.items())
        whole = f'{{"from": {json.dumps(about)},\n"models": {{\n{lines}\n}}}}\n'
        (HOME / "reference.json").write_text(whole, encoding="utf-8")


class Repository:
    """posteriordb, as git has it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.commit = self.git("rev-parse", "HEAD").decode().strip()
        files = self.git("ls-tree", "-r", "--name-only", "HEAD", "posterior_database").decode().splitlines()
        self.files = [Path(file) for file in files]
        self.sets: dict[str, str] = {}
        for file in self.files:
            if file.parent.name == "posteriors":
                posterior = json.loads(self.show(file))
                self.sets.setdefault(posterior["model_name"], posterior["data_name"])

    def git(self, *arguments: str) -> bytes:
        """What git says."""
        return subprocess.run(["git", "-C", self.path, *arguments], check=True, capture_output=True).stdout

    def show(self, file: Path) -> bytes:
        """A file's content."""
        return self.git("show", f"HEAD:{file}")

    def programs(self) -> Iterator[tuple[str, str]]:
        """Every Stan program by name."""
        for file in self.files:
            if file.suffix == ".stan" and file.parts[-3:-1] == ("models", "stan"):
                yield file.stem, self.show(file).decode()

    def data(self, model: str) -> dict[str, Any]:
        """The first data set of a model."""
        name = IN_PLACE_OF.get(self.sets[model], self.sets[model])
        packed = self.show(Path("posterior_database/data/data") / f"{name}.json.zip")
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            found: dict[str, Any] = json.loads(archive.read(archive.namelist()[0]))
        return found


# -- data --------------------------------------------------------------------------------------------------------------

FUNCTIONS = {
    "size": lambda x, axis=None: np.size(x, axis),
    "sum": np.sum,
    "max": np.max,
    "min": np.min,
    "mean": np.mean,
    "sd": lambda x: statistics.stdev(np.ravel(x)),
    "inf": math.inf,
    "__builtins__": {},
}


def made_up(model: str, spec: str, real: dict[str, Any]) -> dict[str, Any]:
    """Dims and data of a spec, with the sizes of the real data or smaller ones."""
    declarations = cdsl.parse(spec).declarations
    structural = sizes_of_parameters(declarations, spec)
    found: dict[str, Any] = {}
    known: dict[str, Any] = {}
    for one in declarations:
        if isinstance(one, ast.Dim):
            if one.default is not None:
                known[one.name.text] = evaluated(one.default, spec, known)
                continue
            size, sizes_parameter = int(real[one.name.text]), one.name.text in structural
            reduced = (REDUCED if size > LARGEST else size) if sizes_parameter else min(size, LOOSE)
            found[one.name.text] = known[one.name.text] = SMALLER.get((model, one.name.text), reduced)
        elif isinstance(one, ast.Data):
            sizes = [int(evaluated(size, spec, known)) for size in one.type.sizes or ()]
            arguments = [evaluated(argument.value, spec, known) for argument in one.type.arguments or ()]
            if (model, one.name.text) == ("gpcm_latent_reg_irt", "m"):  # what its transformed data compute by a loop
                pairs = list(zip(known["ii"], known["y"], strict=True))
                value = np.array(
                    [max((y for i, y in pairs if i == item), default=0) for item in range(1, sizes[0] + 1)]
                )
            else:
                value = np.reshape([entry(one.type.name.text, arguments, k) for k in range(math.prod(sizes))], sizes)
            known[one.name.text] = value
            found[one.name.text] = value.tolist()
    return found


def sizes_of_parameters(declarations: tuple[ast.Declaration, ...], spec: str) -> set[str]:
    """The dims that size a parameter, directly or through the default of another."""
    sizes = [size for one in declarations if isinstance(one, ast.Parameter) for size in one.type.sizes or ()]
    names = set(itertools.chain.from_iterable(words(size, spec) for size in sizes))
    for one in reversed(declarations):
        if isinstance(one, ast.Dim) and one.default is not None and one.name.text in names:
            names |= words(one.default, spec)
    return names


def words(expression: ast.Expr, spec: str) -> set[str]:
    """The names in an expression."""
    return set(re.findall(r"[^\W\d]\w*", spec[slice(*expression.span)]))


def evaluated(expression: ast.Expr, spec: str, known: dict[str, Any]) -> Any:
    """The value of an expression of a spec that `cdsl.stan` has just written: Python reads it as cdsl does."""
    return eval(spec[slice(*expression.span)], dict(FUNCTIONS), dict(known))


def entry(domain: str, arguments: list[Any], k: int) -> float:
    """The k-th entry of made-up data."""
    match domain:
        case "real":
            return round(math.sin(k + 1), 3)
        case "positive" | "nonnegative":
            return 0.5 + k % 4
        case "prob":
            return (1 + k % 3) / 4
        case "interval":
            low, high = arguments
            return float(low + (high - low) * (1 + k % 3) / 4)
        case "greater_than":
            return float(arguments[0] + 1 + k % 3)
        case "count":
            return k % 4
        case "int":
            low, high = arguments or (0, 3)
            return int(low + k % (min(high, low + 3) - low + 1))
    raise NotImplementedError(domain)


# -- Stan --------------------------------------------------------------------------------------------------------------


def stan(text: str, data: dict[str, Any], renames: dict[str, str]) -> dict[str, Any]:
    """What Stan computes of a program's declarations."""
    back = {new: old for old, new in renames.items()}
    program, parameters = declarations_of(text)
    model = stanli.Model(stan_code=program, data={back.get(name, name): value for name, value in data.items()})
    found = [numbers(model, point) for point in points(model.n_unconstrained)]
    matrices = re.findall(r"\bmatrix\b[^;]*?(\w+)\s*;", parameters)
    return {"size": model.n_unconstrained, "matrices": [renames.get(one, one) for one in matrices], "points": found}


def declarations_of(text: str) -> tuple[str, str]:
    """The blocks that declare, with an empty model block; and the parameters block alone."""
    bare = re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    found: dict[str, str] = {}
    at = 0
    while head := re.compile(r"\s*([a-z ]+?)\s*\{").match(bare, at):
        level, end = 1, head.end()
        while level:
            level += {"{": 1, "}": -1}.get(bare[end], 0)
            end += 1
        found[head[1]] = bare[at:end]
        at = end
    return "".join(found.get(name, "") for name in BLOCKS) + "\nmodel { }\n", found["parameters"]


def points(size: int) -> list[list[float]]:
    """Two unconstrained points: a gentle one, and one of Stan's own range of starting points."""
    rng = random.Random(0)
    return [[0.5 * math.sin(i) for i in range(size)], [rng.uniform(-2, 2) for _ in range(size)]]


def numbers(model: stanli.Model, point: list[float]) -> dict[str, float]:
    """What Stan computes at a point: its sampler, with steps that change nothing, gives the constrained values."""
    density, gradient = model.log_prob_grad(np.array(point))
    still = {"step_size": 1e-300, "adapt_engaged": False, "metric": "unit_e", "refresh": 0}
    fit = model.sample(chains=1, warmup=0, samples=1, inits=np.array(point), **still)
    values = [float(fit[name].ravel()[0]) for name in model.constrained_names]
    return {"log_density": density, "slope": weighted(gradient), "values": weighted(values)}


def weighted(entries: Any) -> float:
    """Σᵢ cos(i) · (entry i)"""
    return math.fsum(math.cos(i) * float(one) for i, one in enumerate(entries))


if __name__ == "__main__":
    main()
