"""The catalogue of the docs, from the registry: `python docs/make.py` writes `docs/domains.md` and a picture for every domain.

A domain of numbers is drawn as its transforms, raw against value; one of vectors as values of three entries, with raws from
N(0, 1), in space; one of matrices as four such values. What the registry gains the page gains; a test holds that it is fresh.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import torch
from torch import Tensor

import cdsl
from cdsl import catalogue
from cdsl.constraints import domains
from cdsl.constraints.base import Domain
from cdsl.diagnostics.codes import CODES
from cdsl.limits import LIMITS
from cdsl.syntax.parse import grammar_text

DOCS = Path(__file__).parent
PICTURES = DOCS / "pictures"
COLOURS = plt.get_cmap("tab10").colors
SIDE = {1: (4,), 2: (4, 3), 3: (4, 3, 1)}
"""Sizes of a matrix to draw, by how many sizes a spec writes for it."""


def page() -> str:
    """`docs/domains.md`."""
    blocks = [
        "# Domains",
        "Made by `docs/make.py` from the registry. `cdsl types NAME` prints one of these at the terminal.",
    ]
    for domain in domains().values():
        blocks += [
            f"## `{catalogue.written(domain)}`",
            f"![{domain.name}: {domain.summary}](pictures/{domain.name}.png)",
            f"```text\n{catalogue.page(domain)}```",
        ]
    return "\n\n".join(blocks) + "\n"


def reference() -> str:
    """`docs/reference.md`."""
    codes = "".join(f"{code}  {one.title}\n" for code, one in CODES.items())
    limits = [
        "| what | at most | beyond it |",
        "| --- | --- | --- |",
        *(f"| {one.what} | {one.most} | {one.code} |" for one in LIMITS),
    ]
    blocks = [
        "# Reference",
        "Made by `docs/make.py` from the grammar and the registries. [spec.md](spec.md) tells what each of it means.",
        "## Grammar",
        "LALR(1), as lark has it. Names of domains, transforms and functions are data, looked up in registries.",
        f"```text\n{grammar_text()}```",
        "## Types of data",
        "Beside every domain of [domains.md](domains.md), closed.",
        f"```text\n{catalogue.data_types_table()}```",
        "## Functions",
        "Elementwise ones broadcast. A reduction runs over everything, or along `axis`; a scan along its last axis, or `axis`.",
        f"```text\n{catalogue.functions_table()}```",
        "## Limits",
        "A spec may come from anyone. What goes beyond a limit is told with its code before anything is built.",
        "\n".join(limits),
        "A file is read as far as a spec may go, and only if it is a regular one: no device, no pipe (`-` reads a stream). Imports stay below "
        "their root, wherever links lead. How large a tensor a module may make is for the machine to say, when it is built.",
        "## Diagnostics",
        "`E…` stops the compiler, `W…` does not; `cdsl explain CODE` says more.",
        f"```text\n{codes}```",
    ]
    return "\n\n".join(blocks) + "\n"


def declared(domain: Domain, sizes: tuple[int, ...], transform: str) -> Any:
    """A model of one parameter, with the arguments of the domain's first example."""
    arguments = domain.examples[0].partition("[")[0]
    written = f"[{', '.join(map(str, sizes))}]" if sizes else ""
    return cdsl.loads(f"x: {arguments}{written} via {transform}").Model(dtype=torch.float64)


def values(domain: Domain, sizes: tuple[int, ...], many: int) -> Tensor:
    """So many values by the default transform, of raws from N(0, 1)."""
    model = declared(domain, sizes, domain.default)
    theta = torch.randn(many, model.unconstrained_size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        drawn: Tensor = model.constrain(theta).x
    return drawn


def draw(domain: Domain) -> Any:
    """The picture of one domain."""
    event = domain.event(size_of(domain))
    figure = plt.figure(figsize=(4.2, 2.8), dpi=90, layout="constrained")
    (draw_numbers, draw_vectors, draw_matrices)[len(event)](figure, domain)
    return figure


def size_of(domain: Domain) -> tuple[int, ...]:
    """The sizes that it is drawn with."""
    if not domain.sizes:
        return ()
    return (3,) if len(domain.event((3,) * len(domain.sizes))) == 1 else SIDE[len(domain.sizes)]


def draw_numbers(figure: Any, domain: Domain) -> None:
    """Raw against value, a line for each transform; surjective ones dashed."""
    axes, raw = figure.add_subplot(), torch.linspace(-4, 4, 401, dtype=torch.float64)
    for index, (name, transform) in enumerate(domain.transforms.items()):
        model = declared(domain, (len(raw),), name)
        with torch.no_grad():
            value = model.constrain(raw).x
        style = "-" if transform.bijective else "--"
        axes.plot(raw, value, style, color=COLOURS[index % 10], linewidth=1.6, label=name)
    start = torch.as_tensor(declared(domain, (1,), domain.default).x.detach())
    axes.axhline(start.item(), color="0.8", linewidth=0.8, zorder=0)
    axes.set(xlabel="raw", ylabel="value", title=f"{domain.name}  {domain.notation}")
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, -11), min(high, 11))
    axes.legend(fontsize=7, frameon=False)


def draw_vectors(figure: Any, domain: Domain) -> None:
    """Values of three entries as points in space."""
    axes = figure.add_subplot(projection="3d")
    points = values(domain, size_of(domain), 1500).T
    axes.scatter(*points, s=2, c=points[0], cmap="viridis", linewidths=0)
    axes.view_init(elev=25, azim=40)
    axes.set_title(f"{domain.name}[3], raw ~ N(0, 1)", fontsize=9)
    axes.set(xlabel="y₁", ylabel="y₂", zlabel="y₃")
    axes.tick_params(labelsize=6)


def draw_matrices(figure: Any, domain: Domain) -> None:
    """Four values, blue below 0 and red above."""
    drawn = values(domain, size_of(domain), 4)
    top = drawn.abs().max().item()
    for position, value in enumerate(drawn, 1):
        axes = figure.add_subplot(1, 4, position)
        image = axes.imshow(value, cmap="RdBu_r", vmin=-top, vmax=top)
        axes.set(xticks=[], yticks=[])
    figure.colorbar(image, ax=figure.axes, shrink=0.6)
    figure.suptitle(f"{domain.name}{list(size_of(domain))}, raw ~ N(0, 1)", fontsize=9)


def main() -> None:
    """Write the page and the pictures."""
    PICTURES.mkdir(exist_ok=True)
    (DOCS / "domains.md").write_text(page(), encoding="utf-8")
    (DOCS / "reference.md").write_text(reference(), encoding="utf-8")
    for domain in domains().values():
        figure = draw(domain)
        figure.savefig(PICTURES / f"{domain.name}.png", metadata={"Software": None})
        plt.close(figure)


if __name__ == "__main__":
    main()
