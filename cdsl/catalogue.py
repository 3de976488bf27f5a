"""The registry for readers: `cdsl types` as text and JSON."""

from __future__ import annotations

import functools
import inspect
import json
import pkgutil
from typing import Any

from cdsl.constraints import domains
from cdsl.constraints.base import Domain, Transform, text
from cdsl.discrete import DISCRETE
from cdsl.functions import functions


def as_dicts() -> list[dict[str, Any]]:
    """Every domain with its transforms, as plain data."""
    return [as_dict(domain) for domain in domains().values()]


def as_dict(domain: Domain) -> dict[str, Any]:
    """One domain, as plain data."""
    return {
        "name": domain.name,
        "summary": domain.summary,
        "set": domain.notation,
        "arguments": list(domain.arguments),
        "defaults": list(domain.defaults),
        "sizes": list(domain.sizes),
        "also": list(domain.also),
        "value_shape": f"[{', '.join(map(str, domain.event(domain.sizes)))}]",  # type: ignore[arg-type]  # of names
        "start": domain.starts_at,
        "examples": list(domain.examples),
        "transforms": [
            {
                "name": name,
                "default": name == domain.default,
                "bijective": transform.bijective,
                "aliases": [alias for alias, of in domain.aliases.items() if of == name],
                "about": first_line(transform),
                "parts": {part: {"domain": of, "default": own} for part, (of, own) in transform.parts.items()},
                "raw_shape": raw_shape(transform, domain),
                "forward": formula(transform.forward),
                "inverse": formula(transform.inverse),
                "log_det": formula(transform.log_det) if transform.bijective else None,
                "measured": measured().get(f"{domain.name} via {name}"),
            }
            for name, transform in domain.transforms.items()
        ],
    }


def functions_table() -> str:
    """Every function of expressions in a line: how it is called, and what it computes."""
    rows = [(one.written if one.name != "@" else "a @ b", one.about) for one in functions().values()]
    rows.append(("size(x, axis=None)", "how many entries; along an axis"))
    return aligned(("function", "what it computes"), rows)


def data_types_table() -> str:
    """Every type that data alone may have."""
    rows = [(one.example, one.notation) for one in DISCRETE.values()]
    return aligned(("type of data", "set"), rows)


def aligned(header: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    """Two columns."""
    widest = max(len(first) for first, _ in (header, *rows))
    return "".join(f"{first.ljust(widest)}  {second}".rstrip() + "\n" for first, second in (header, *rows))


def table() -> str:
    """Every domain in a line: how it is written, the set, its transforms (the default first, surjective ones marked)."""
    header = ("domain", "set", "transforms (* surjective)")
    rows = [(written(one), one.notation, transforms(one)) for one in domains().values()]
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(2)]
    lines = [
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[2])).rstrip()
        for row in (header, *rows)
    ]
    return "\n".join(lines) + "\n"


def page(domain: Domain) -> str:
    """One domain in full: its set, start and examples, and every transform with its formulas."""
    lines = [
        f"{written(domain)}: {domain.summary}",
        "",
        f"  set      {domain.notation}",
        *([f"  shape    {as_dict(domain)['value_shape']}"] if domain.sizes else []),
        f"  start    {domain.starts_at}",
        *([f"  also     {', '.join(domain.also)}"] if domain.also else []),
        f"  examples {domain.examples[0]}",
        *(f"           {example}" for example in domain.examples[1:]),
    ]
    for one in as_dict(domain)["transforms"]:
        marks = [mark for mark, holds in (("default", one["default"]), ("surjective", not one["bijective"])) if holds]
        also = [f"also `{alias}`" for alias in one["aliases"]]
        notes = ", ".join([*marks, *also])
        lines += ["", f"  via {one['name']}" + (f" ({notes})" if notes else ""), f"    {one['about']}"]
        lines += [f"    {key:8} {one[key]}" for key in ("forward", "inverse", "log_det") if one[key]]
        lines += [f"    raw      {one['raw_shape']}"] if domain.sizes else []
        lines += [f"    part     {part_text(name, **part)}" for name, part in one["parts"].items()]
        lines += [f"    measured {errors(one['measured'])}"] if one["measured"] else []
    return "\n".join(lines) + "\n"


def part_text(name: str, domain: str, default: str) -> str:
    """`gap=…, a transform of `positive`; `exp` without it`"""
    return f"{name}=…, a transform of `{domain}`; `{default}` without it"


def written(domain: Domain) -> str:
    """`interval(low, high)`, `real(loc=0, scale=1)`, `simplex[K]`"""
    defaults = [""] * (len(domain.arguments) - len(domain.defaults)) + [f"={text(value)}" for value in domain.defaults]
    pairs = zip(domain.arguments, defaults, strict=True)
    arguments = f"({', '.join(name + default for name, default in pairs)})" if domain.arguments else ""
    return domain.name + arguments + (f"[{', '.join(domain.sizes)}]" if domain.sizes else "")


def transforms(domain: Domain) -> str:
    """The names of a domain's transforms, the default first."""
    return ", ".join(f"{name}{'' if one.bijective else '*'}" for name, one in domain.transforms.items())


def raw_shape(transform: Transform, domain: Domain) -> str:
    """`[K - 1]`: the sizes by name, as the docstring says what becomes of them."""
    said = inspect.getdoc(transform.raw_event) or ""
    unchanged = said == inspect.getdoc(Transform.raw_event)
    return f"[{', '.join(domain.sizes) if unchanged else said.splitlines()[0]}]"


@functools.cache
def measured() -> dict[str, dict[str, Any]]:
    """The worst errors of each map as `benchmarks/accuracy` last found them: float64, raw 3 · N(0, 1)."""
    found: dict[str, dict[str, Any]] = json.loads(pkgutil.get_data("cdsl", "measured.json") or b"{}")
    return found


def errors(figures: dict[str, Any]) -> str:
    """`value 1.8 ulp, inverse 0.9 eps, log_det 0.9 eps`: with what each figure is counted in"""
    names = (name for name in ("value", "inverse", "log_det") if name in figures)
    return ", ".join(f"{name} {figures[name]:.2g} {figures.get(f'{name}_in', 'eps')}" for name in names)


def first_line(transform: Transform) -> str:
    """What the transform is: its docstring's first paragraph."""
    return " ".join((inspect.getdoc(type(transform)) or "").split("\n\n")[0].split())


def formula(method: Any) -> str:
    """The first paragraph of a map's docstring: its formula."""
    return " ".join((inspect.getdoc(method) or "").split("\n\n")[0].split())
