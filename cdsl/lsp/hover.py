"""What there is to know about a word: its declaration and shapes, or the formula of the language's own."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import NamedTuple

from cdsl import catalogue
from cdsl.checker.scope import Known
from cdsl.constraints import aliases, domains, made_of
from cdsl.constraints.base import Domain
from cdsl.diagnostics import Diagnostic
from cdsl.diagnostics.codes import CODES
from cdsl.discrete import DISCRETE
from cdsl.functions import functions
from cdsl.functions.base import described as shape_described
from cdsl.functions.base import shape_text
from cdsl.lsp.analysis import Analysis
from cdsl.lsp.index import Index, Word
from cdsl.lsp.page import Code, Page, Prose
from cdsl.lsp.scopes import Declared, members
from cdsl.model import Model
from cdsl.names import class_name
from cdsl.places import size_text
from cdsl.source import Span
from cdsl.syntax import ast

CONSTANTS = {
    "pi": "π, unless a declaration takes the name",
    "inf": "infinity: a bound that is none",
    "true": "a truth value",
    "false": "a truth value",
    "None": "a new axis, or no choice",
}


class Hover(NamedTuple):
    """What is shown, and for which part of the text."""

    span: Span
    page: Page


def hover(index: Index, analysis: Analysis, offset: int) -> Hover | None:
    """What is known of the word at an offset, and what the problems there mean."""
    word = index.word_at(offset)
    page = about(word, index, analysis) if word is not None else []
    here = [one for one in analysis.diagnostics if one.span and one.span.start <= offset <= one.span.end]
    page += explained(here)
    if not page:
        return None
    return Hover(word.span if word is not None else here[0].span or Span(offset, offset), page)


def explained(problems: list[Diagnostic]) -> Page:
    """What the codes of these problems mean, each once."""
    codes = dict.fromkeys(one.code for one in problems if one.code in CODES)
    return [Prose(f"{code}, {CODES[code].title}: {CODES[code].text}") for code in codes]


def about(word: Word, index: Index, analysis: Analysis) -> Page:
    """What is known of a word."""
    if word.declared is not None:
        return of_declared(word.declared.meant, index, analysis)
    match word.kind:
        case "domain":
            return of_domain(word.text)
        case "transform":
            return of_transform(word.text, word.of)
        case "function":
            return of_function(word.text)
        case "constant":
            return [Code(word.text), Prose(CONSTANTS.get(word.text, "a constant"))]
        case "argument":
            return of_argument(word)
    return []


def of_declared(declared: Declared, index: Index, analysis: Analysis) -> Page:
    """The declaration, its doc, where it is, and what was found of it."""
    page: Page = [Code(written(declared))]
    if declared.node is not None and not isinstance(declared.node, ast.Param | ast.Imported):
        page.append(Prose(declared.node.doc))
    if declared.file is not None and declared.file != index.file:
        page.append(Prose(f"from {declared.file.name}"))
    return [*page, Prose("\n".join(facts_of(declared, index, analysis)))]


def written(declared: Declared) -> str:
    """The declaration as it stands in its file; of a model its first line, and what it takes."""
    node = declared.node
    if isinstance(node, ast.ModelBlock):
        takes = [one.name.text for one in node.declarations if isinstance(one, ast.Dim | ast.Data)]
        return f"model {declared.name}" + (f"  # takes {', '.join(takes)}" if takes else "")
    if declared.kind == "file" or node is None:
        return f"model {declared.name}"
    return declared.text[node.span.start : node.span.end]


def checked_in(declared: Declared, index: Index, analysis: Analysis) -> tuple[Model, Mapping[str, Known]] | None:
    """The model that a value stands in, as it was checked, and what is known of its values."""
    if declared.home is index.top and not declared.within:
        return analysis.model, analysis.known
    if len(declared.within) > 1:
        return None
    name = "".join(declared.within)
    found = next((one for one in analysis.models.values() if is_from(one.model, declared, name)), None)
    if declared.file == index.file:
        found = analysis.models.get(name)
    return (found.model, found.known) if found else None


def is_from(model: Model, declared: Declared, name: str) -> bool:
    """Whether a model is an imported one: of this name, or the own one of the file that declares this."""
    if not model.origin or declared.file is None:
        return False
    module, original = model.origin
    return module.split(".")[-1] == declared.file.stem and original == (name or class_name(declared.file.stem))


def facts_of(declared: Declared, index: Index, analysis: Analysis) -> list[str]:
    """Shape, raw, start and place of a value, as far as they are known."""
    if declared.kind == "child":
        return [f"values: {', '.join(members(declared))}"]
    checked = checked_in(declared, index, analysis)
    if checked is None or declared.kind not in ("data", "parameter", "let") or declared.name not in checked[1]:
        return []
    model, known = checked
    found = known[declared.name]
    facts = [
        f"value: {shape_described(found.shape)}" + {"int": ", whole", "bool": ", truth values"}.get(found.kind, "")
    ]
    parameter = next((one for one in model.parameters if one.name == declared.name), None)
    if parameter is None:
        return facts
    domain = domains()[parameter.domain]
    raw = (analysis.raws if model is analysis.model else analysis.raws_in(model))[declared.name]
    facts.append(f"raw: {shape_text(raw.raw)}" + (f", {size_text(raw.total)} in all" if len(raw.raw) > 1 else ""))
    transform = made_of(domain, parameter.transform, parameter.parts)
    kind = "" if transform.bijective else ", surjective: no log-Jacobian"
    facts.append(f"domain: {domain.notation}")
    given = ", ".join(f"{name}={part}" for name, part in parameter.parts)
    word = f"{parameter.transform}({given})" if given else parameter.transform
    facts.append(f"transform: {word}, {catalogue.formula(transform.forward)}{kind}")
    if parameter.start is None:
        facts.append(f"start: {domain.starts_at}")
    if parameter.frozen:
        facts.append("constant: not in the flat vector")
    elif raw.slice:
        facts.append(f"flat: {raw.slice}" + (f" of {model.name}" if declared.within else ""))
    return facts


def described(declared: Declared, analysis: Analysis, index: Index) -> str:
    """A value in a few words: `parameter, a vector [N]`"""
    checked = checked_in(declared, index, analysis)
    if checked is None or declared.name not in checked[1] or declared.kind in ("dim", "child"):
        return declared.kind
    return f"{declared.kind}, {shape_described(checked[1][declared.name].shape)}"


def of_domain(name: str) -> Page:
    """A domain: how it is written, its set, its start, and the formulas of its transforms."""
    discrete = DISCRETE.get(name)
    if discrete is not None:
        return [Code(discrete.example), Prose(f"{discrete.notation}, for data alone")]
    domain = domains().get(name) or aliases().get(name)
    if domain is None:
        return []
    facts = [f"set: {domain.notation}", f"start: {domain.starts_at}", f"transforms: {catalogue.transforms(domain)}"]
    return [
        Code(catalogue.written(domain)),
        Prose(doc_of(domain)),
        Prose("\n".join(facts)),
        *of_transform(domain.default, domain.name),
        Code("\n".join(f"x: {example}" for example in domain.examples)),
    ]


def doc_of(domain: Domain) -> str:
    """What a domain is, in its own words."""
    return inspect.getdoc(type(domain)) or domain.summary


def of_transform(word: str, of: str) -> Page:
    """A transform of a domain, with its formulas."""
    if word == "staged":
        return [Code("via staged(train=…, eval=…)"), Prose("One transform for training, another for use.")]
    domain = domains().get(of)
    transform = domain.transforms.get(domain.aliases.get(word, word)) if domain is not None else None
    if domain is None or transform is None:
        return []
    formulas = [f"forward: {catalogue.formula(transform.forward)}", f"inverse: {catalogue.formula(transform.inverse)}"]
    formulas += [f"part: {catalogue.part_text(name, *part)}" for name, part in transform.parts.items()]
    if transform.bijective:
        formulas.append(f"log_det: {catalogue.formula(transform.log_det)}")
    else:
        formulas.append("surjective: several raws give one value, and there is no log-Jacobian")
    return [Code(f"{domain.name} via {word}"), Prose(catalogue.first_line(transform)), Prose("\n".join(formulas))]


def of_function(name: str) -> Page:
    """A function of expressions."""
    if name == "size":
        return [Code("size(x, axis=None)"), Prose("how many entries; along an axis")]
    function = functions().get(name)
    return [] if function is None else [Code(function.written), Prose(function.about)]


def of_argument(word: Word) -> Page:
    """The name of an argument: what it belongs to."""
    return of_function(word.of) or of_domain(word.of)
