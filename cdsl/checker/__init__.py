"""Spec → Model: what the words of a spec mean. Every problem is collected, in the order of the source."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

from cdsl.checker.aliases import Aliases, check_alias, expand, refuse_language
from cdsl.checker.data import check_data, check_dim, check_let
from cdsl.checker.ignored import heed, spans_of
from cdsl.checker.imports import Exports, Files, read_exports, shown, take
from cdsl.checker.lints import anew, lints
from cdsl.checker.memory import Memory
from cdsl.checker.models import Interface, Interfaces, check_child
from cdsl.checker.parameters import check_parameter
from cdsl.checker.scope import Known, Scope
from cdsl.diagnostics import Diagnostic, Label, errors, in_order
from cdsl.diagnostics.codes import PEDANTIC
from cdsl.model import Child, Data, Dim, Let, Model, Parameter
from cdsl.names import OURS, normal, raw_name, refuse
from cdsl.source import Span
from cdsl.syntax import ast

Named: TypeAlias = ast.Dim | ast.Data | ast.Let | ast.Parameter


class Checked(NamedTuple):
    """The model, or None where the spec has an error; and all there is to say about the spec."""

    model: Model | None
    diagnostics: tuple[Diagnostic, ...]


def check(spec: ast.Spec, name: str = "Model", files: Files | None = None, *, pedantic: bool = False) -> Checked:
    """The meaning of a spec, as a model whose class has this name. Never raises for what a spec may contain.

    Other specs are imported from `files`; without these, none. `pedantic`: with warnings about what is often meant.
    """
    interface, _, problems = judge(spec, name, Types(files=files))
    return heeding(interface.model, problems, spec.ignores, spans_of(spec.declarations), pedantic=pedantic)


def judge(spec: ast.Spec, name: str, types: Types) -> tuple[Interface, Types, list[Diagnostic]]:
    """What is right in a spec, the types that are known at its end, and all problems, as they are met."""
    problems = [*spec.diagnostics, *refuse_class(name)]
    if not spec.declarations and not errors(tuple(problems)):
        problems.append(nothing_declared(spec))
    interface, known = check_model(spec.declarations, name, spec.doc, types, problems)
    if not errors(tuple(problems)):
        once = anew if types.memory is None else types.memory.once
        problems += lints(spec.declarations, interface.model, once)
    return interface, known, problems


def heeding(
    model: Model,
    problems: list[Diagnostic],
    ignores: tuple[ast.Ignore, ...],
    declared: Iterable[Span],
    *,
    pedantic: bool,
) -> Checked:
    """The model, if it has no error, and what is left to say, in the order of the source."""
    good = not errors(tuple(problems))
    heeded = heed(ignores, declared, problems, whole=good)
    diagnostics = in_order([one for one in heeded if pedantic or one.code not in PEDANTIC])
    return Checked(model if good else None, diagnostics)


def check_imported(spec: ast.Spec, name: str, files: Files) -> tuple[Exports, tuple[Diagnostic, ...]]:
    """What a spec has to give to one that imports it; its own model has no name where the file gives none."""
    problems = [*spec.diagnostics, *(refuse_class(name) if name else [])]
    interface, types = check_model(spec.declarations, name, spec.doc, Types(files=files), problems)
    own = interface.model.model_copy(update={"models": ()})
    gives_own = name and own.order + own.parameters
    models = {**types.models, **({name: Interface(own, interface.known)} if gives_own else {})}
    here = files.module(files.here)
    nested = tuple(with_origin(one, here) for one in (*interface.model.models, own))
    known = {key: Interface(with_origin(one.model, here), one.known) for key, one in models.items()}
    return Exports(types.aliases, known, nested), tuple(problems)


def with_origin(model: Model, module: str) -> Model:
    """A model of an imported spec, with the module that this compiles to."""
    return model if model.origin else model.model_copy(update={"origin": (module, model.name)})


def check_model(
    declarations: tuple[ast.Declaration, ...], name: str, doc: str, types: Types, problems: list[Diagnostic]
) -> tuple[Interface, Types]:
    """The meaning of one model's declarations, with the types of what it stands in. What is wrong is left out."""
    named = [one for one in declarations if isinstance(one, ast.Dim | ast.Data | ast.Let | ast.Parameter)]
    scope = Scope(
        later={normal(one.name.text): one.name for one in named},
        named={normal(one.name.text): one for one in named},
    )
    declares_types = any(isinstance(one, ast.Alias | ast.ModelBlock | ast.Imports) for one in declarations)
    known = ({**types.aliases}, {**types.models}) if declares_types else (types.aliases, types.models)
    meant = Meant(Types(*known, files=types.files, memory=types.memory))
    owner = name if named else ""  # a file that declares no value has no class of its own
    later = {normal(one.name.text) for one in declarations if isinstance(one, ast.Alias | ast.ModelBlock)}
    for one in declarations:
        match one:
            case ast.Later():
                problems.append(not_yet(one))
            case ast.Imports():
                check_imports(one, meant, owner, problems)
            case ast.Alias():
                if normal(one.type.name.text) in later and normal(one.type.name.text) != normal(one.name.text):
                    problems.append(declared_below(one.type.name))
                elif normal(one.type.name.text) not in meant.types.broken:
                    check_alias(one, meant.types.aliases, problems)
                if normal(one.name.text) not in meant.types.aliases:
                    meant.types.broken.add(normal(one.name.text))
                elif types.memory is not None:
                    found = meant.types.aliases[normal(one.name.text)]
                    meant.types.aliases[normal(one.name.text)] = types.memory.same(one, found)
                later.discard(normal(one.name.text))
            case ast.ModelBlock():
                check_block(one, meant, owner, problems)
                later.discard(normal(one.name.text))
            case ast.Data() | ast.Parameter() if normal(one.type.name.text) in later:
                problems.append(declared_below(one.type.name))
                scope.broken.add(normal(one.name.text))
            case _:
                check_declaration(one, scope, meant, problems)
    check_names(named, name, meant.types.models, problems)
    model = Model.model_construct(  # of checked parts
        name=name,
        doc=doc,
        dims=tuple(meant.dims),
        data=tuple(meant.data),
        parameters=tuple(meant.parameters),
        lets=tuple(meant.lets),
        children=tuple(meant.children),
        models=tuple(meant.models.values()),
        order=tuple(meant.order) if len(meant.order) > len(meant.parameters) else (),
    )
    return Interface(model, scope.known), meant.types


def check_block(written: ast.ModelBlock, meant: Meant, owner: str, problems: list[Diagnostic]) -> None:
    """A named model: it sees the types and models above it, and no value."""
    name = normal(written.name.text)
    here = {"span": written.name.span, "help": "give the model another name"}
    problems += [problem.model_copy(update=here) for problem in refuse_class(name)]
    alike = (name, f"{name}Values", name.removesuffix("Values"))
    if any(one and (one == owner or one in meant.models) for one in alike):
        message = f"`{name}` is a class of this module already"
        problems.append(Diagnostic(code="E203", message=message, span=written.name.span, help="give it another name"))
    refused = refuse_language(written.name)
    if refused is None and name in meant.types.aliases:
        refused = Diagnostic(code="E211", message=f"the type `{name}` is declared twice", span=written.name.span)
    problems += [refused] if refused else []
    told = any(one.span is not None and written.span.start <= one.span.start <= written.span.end for one in problems)
    if not written.declarations and not told:  # what was to be declared may not have been read
        message = f"nothing is declared in `{name}`"
        problems.append(
            Diagnostic(code="E103", message=message, span=written.name.span, help="declare parameters in it")
        )
    if any(isinstance(one, ast.Parameter) and normal(one.type.name.text) == name for one in written.declarations):
        message = f"`{name}` nests itself"
        problems.append(
            Diagnostic(code="E212", message=message, span=written.name.span, help="a model nests those above it")
        )
        return
    before = len(problems)
    interface, _ = check_model(written.declarations, name, written.doc, meant.types, problems)
    if errors(tuple(problems[before:])):
        meant.types.broken.add(name)
        return
    for one in interface.model.models:
        meant.models.setdefault(one.name, one)
    inner = interface.model.model_copy(update={"models": ()})
    meant.models[name] = inner
    found, memory = Interface(inner, interface.known), meant.types.memory
    meant.types.models[name] = found if memory is None else memory.same(written, found)


def check_imports(written: ast.Imports, meant: Meant, owner: str, problems: list[Diagnostic]) -> None:
    """The types and models of another file, under the names that they have here."""
    files, before = meant.types.files, len(problems)
    found: Path | Diagnostic | None = None
    if files is None:
        message = "a text alone imports nothing: its file says where others are"
        found = Diagnostic(code="E701", message=message, span=written.path_span, help="use `cdsl.load` of a file")
    else:
        found = files.find(written.path, written.path_span)
    if not isinstance(found, Diagnostic) and files is not None:
        exports = read_exports(files, found, check_imported)
        if isinstance(exports, Exports):
            for here, one in take(written, exports, problems):
                bring(here, one, exports, meant, owner, problems)
        else:
            message = f"`{shown(written.path)}` cannot be imported: {exports.message}"
            help = f"`cdsl check {shown(written.path)}` says where"
            found = Diagnostic(code="E702", message=message, span=written.path_span, help=help)
    if isinstance(found, Diagnostic):
        problems.append(found)
    if len(problems) > before:
        meant.types.broken |= {normal((one.other or one.name).text) for one in written.names}


def bring(
    here: ast.Name,
    one: ast.Alias | Interface,
    exports: Exports,
    meant: Meant,
    owner: str,
    problems: list[Diagnostic],
) -> None:
    """One imported type or model joins those that are known."""
    name, types = normal(here.text), meant.types
    refused = refuse_language(here)
    if refused is None and (
        name in types.aliases or name in types.models or (isinstance(one, Interface) and name == owner)
    ):
        refused = Diagnostic(code="E211", message=f"the type `{name}` is declared twice", span=here.span)
    if refused is None and isinstance(one, Interface):
        refused = next(iter(refuse_class(name)), None)
        refused = refused and refused.model_copy(update={"span": here.span, "help": "give it another name with `as`"})
    if refused is not None:
        problems.append(refused)
    elif isinstance(one, ast.Alias):
        types.aliases[name] = one
    else:
        types.models[name] = one
        for model in (*needed_by(one.model, exports.nested), one.model):
            same = meant.models.setdefault(model.name, model)
            if same is not model and same.model_copy(update={"origin": ()}) != model.model_copy(update={"origin": ()}):
                message = f"`{model.name}`, which `{name}` nests, is another class of this module already"
                problems.append(Diagnostic(code="E203", message=message, span=here.span, help="rename one of them"))


def needed_by(model: Model, nested: tuple[Model, ...]) -> list[Model]:
    """The models that one nests, each after those that it nests itself."""
    needed = {child.model for child in model.children}
    for one in reversed(nested):
        if one.name in needed:
            needed |= {child.model for child in one.children}
    return [one for one in nested if one.name in needed]


@dataclass
class Types:
    """The names that a type may have, beside those of the registry; broken ones have been told."""

    aliases: Aliases = field(default_factory=dict)
    models: Interfaces = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    files: Files | None = None
    """Where imports are read."""
    memory: Memory | None = None
    """Of what an earlier text meant."""

    def known(self, name: str) -> tuple[ast.Alias | None, Interface | None, bool]:
        """What there is to know of a name."""
        return self.aliases.get(name), self.models.get(name), name in self.broken


@dataclass
class Meant:
    """What has been checked so far."""

    types: Types
    dims: list[Dim] = field(default_factory=list)
    data: list[Data] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    lets: list[Let] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)
    models: dict[str, Model] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def add(self, found: Dim | Data | Let | Parameter | Child) -> None:
        """Keep the meaning of a declaration."""
        match found:
            case Dim():
                self.dims.append(found)
            case Data():
                self.data.append(found)
            case Let():
                self.lets.append(found)
            case Child():
                self.children.append(found)
            case Parameter():
                self.parameters.append(found)


def check_declaration(written: Named, scope: Scope, meant: Meant, problems: list[Diagnostic]) -> None:
    """One declaration of a value; its name is known to those that follow, or known to be broken."""
    name, types = normal(written.name.text), meant.types
    if types.memory is None:
        found = meaning(written, scope, types, problems)
    else:
        of_type = types.known(normal(written.type.name.text) if isinstance(written, ast.Data | ast.Parameter) else "")
        found = types.memory.recall(
            written, of_type, scope, problems, lambda warnings: meaning(written, scope, types, warnings)
        )
    scope.later.pop(name, None)
    if found is None:
        scope.broken.add(name)
    else:
        meant.add(found[0])
        scope.known[name] = found[1]
        meant.order.append(name)


def meaning(
    written: Named, scope: Scope, types: Types, problems: list[Diagnostic]
) -> tuple[Dim | Data | Let | Parameter | Child, Known] | None:
    """What a declaration means and what is known of it, or None where it has an error.

    That depends on nothing but the declaration, what is known of the names in it, and its type.
    """
    interface = types.models.get(normal(written.type.name.text)) if isinstance(written, ast.Parameter) else None
    if interface is None and isinstance(written, ast.Data | ast.Parameter):
        if normal(written.type.name.text) in types.broken:
            return None
        via = written.via if isinstance(written, ast.Parameter) else None
        expanded = expand(written.type, via, types.aliases, problems)
        if expanded is None:
            return None
        if expanded[0] is not written.type:
            update = {"type": expanded[0]} | ({"via": expanded[1]} if isinstance(written, ast.Parameter) else {})
            written = written.model_copy(update=update)
    match written:
        case ast.Dim():
            return check_dim(written, scope, problems)
        case ast.Data():
            return check_data(written, scope, problems)
        case ast.Let():
            return check_let(written, scope, problems)
    if interface is not None:
        return check_child(written, interface, scope, problems)
    return check_parameter(written, scope, problems)


def refuse_class(name: str) -> list[Diagnostic]:
    """Why the class of the model may not have this name."""
    plain = name.isidentifier() and name == normal(name) and not keyword.iskeyword(name) and not name.startswith("_")
    if plain and name not in OURS | {"NamedTuple"} | set(dir(builtins)):
        return []
    message = f"`{name}` cannot be the name of a class in the generated module"
    return [Diagnostic(code="E003", message=message, help="give the class another name, for example `--name MyModel`")]


def check_names(named: list[Named], cls: str, models: Interfaces, problems: list[Diagnostic]) -> None:
    """Every name is good, declared once, no parameter's raw, and neither the class of a nested model nor that of values."""
    first: dict[str, ast.Name] = {}
    parameters = {normal(one.name.text) for one in named if isinstance(one, ast.Parameter)}
    names = [one.name for one in named]
    for one in named:
        name = one.name
        helper = isinstance(one, ast.Let) and name.text.startswith("_") and not name.text.startswith("__")
        refused = refuse(name.text.removeprefix("_") if helper else name.text)
        if isinstance(one, ast.Dim | ast.Data) and name.text == "super":
            refused = "is a name that the generated module needs", "write `super_`"
        if refused:
            reason, instead = refused
            problems.append(
                Diagnostic(
                    code="E204", message=f"`{name.text}` {reason}", span=name.span, label="refused", help=instead
                )
            )
        before = first.setdefault(normal(name.text), name)
        if before is not name:
            twin = "" if before.text == name.text else f": Python reads `{before.text}` and `{name.text}` as one name"
            problems.append(
                Diagnostic(
                    code="E203",
                    message=f"`{name.text}` is declared twice{twin}",
                    span=name.span,
                    label="again here",
                    also=(Label(span=before.span, text="first here"),),
                    help="give one of them another name",
                )
            )
    for name in names:
        of_values = normal(name.text).removesuffix("Values")
        if normal(name.text) in models or (
            of_values != normal(name.text) and (of_values == cls or of_values in models)
        ):
            message = f"`{name.text}` is a class of the generated module"
            problems.append(
                Diagnostic(code="E204", message=message, span=name.span, label="refused", help=f"write `{name.text}_`")
            )
        owner = normal(name.text).removesuffix("_raw")
        if raw_name(owner) == normal(name.text) and owner in parameters:
            problems.append(
                Diagnostic(
                    code="E204",
                    message=f"`{name.text}` is where the raw values of `{owner}` are kept",
                    span=name.span,
                    label="refused",
                    help=f"write `{name.text}_`",
                )
            )


def declared_below(name: ast.Name) -> Diagnostic:
    """A type is used above its declaration."""
    message = f"the type `{name.text}` is declared below, and used here"
    return Diagnostic(
        code="E201", message=message, span=name.span, label="not known here", help="move its declaration above this one"
    )


def not_yet(declaration: ast.Later) -> Diagnostic:
    """A form of the language that cdsl reads and does not compile yet."""
    return Diagnostic(
        code="E110",
        message=f"`{declaration.form}` is part of the language, and not yet of this version of cdsl",
        span=declaration.span,
        help="this version compiles everything but densities",
    )


def nothing_declared(spec: ast.Spec) -> Diagnostic:
    """A spec has at least one declaration."""
    return Diagnostic(
        code="E103",
        message="nothing is declared",
        span=Span(spec.span.end, spec.span.end),
        help="a spec declares parameters, one a line, for example `p: prob`",
    )
