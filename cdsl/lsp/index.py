"""What every word of a spec names: found from what is written alone, so that a spec with problems has an index too."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, TypeAlias

from cdsl.constraints import aliases, domains, parts_of
from cdsl.discrete import DISCRETE
from cdsl.lsp.scopes import Declared, Kind, Scope, child_of, domain_of, kind_of, members, nearest, takes
from cdsl.names import CONSTANTS, class_name, normal
from cdsl.source import Span
from cdsl.syntax import ast


class Word(NamedTuple):
    """A name as it stands in the text, and what it names where a spec declares that."""

    span: Span
    kind: Kind
    text: str
    declared: Declared | None = None
    defines: bool = False
    of: str = ""
    """Of a transform or an argument, the domain, transform or function that it belongs to."""


Foreign: TypeAlias = "Callable[[str], Index | None]"
"""The index of another file, by its path as an import has it."""


class Index:
    """Every word of a spec, in order, and its scopes."""

    def __init__(self, spec: ast.Spec, text: str, file: Path | None, foreign: Foreign = lambda path: None) -> None:
        self.spec, self.text, self.file, self.foreign = spec, text, file, foreign
        self.words: list[Word] = []
        self.scopes: list[Scope] = []
        self.blocks: dict[Span, Scope] = {}
        self.imported: list[ast.Imports] = []
        self.top = Scope((), spec.span)
        name = (class_name(file.stem) if file else None) or ""
        self.own = Declared(file, "file", (), name, Span(0, 0), None, self.top, text, self.top)
        self.declare(spec.declarations, self.top)
        self.read(spec.declarations, self.top)
        self.words.sort(key=lambda word: (word.span, word.defines))
        self._starts = [word.span.start for word in self.words]

    def word_at(self, offset: int) -> Word | None:
        """The word that an offset is in, or right behind."""
        at = bisect_right(self._starts, offset)
        for word in reversed(self.words[max(0, at - 2) : at]):
            if word.span.start <= offset <= word.span.end:
                return word
        return None

    def scope_at(self, offset: int) -> Scope:
        """The scope of the innermost model around an offset."""
        around = [one for one in self.scopes if one.span.start < offset < one.span.end]
        return min(around, key=lambda one: one.span.end - one.span.start, default=self.top)

    def exported(self, name: str) -> Declared | None:
        """The type or model of this name that others may import."""
        return self.top.types.get(name) or (self.own if name and name == self.own.name else None)

    # -- declarations --------------------------------------------------------------------------------------------------

    def declare(self, declarations: Iterable[ast.Declaration], scope: Scope) -> None:
        """Every name that is declared in a scope; of those declared twice, the first."""
        self.scopes.append(scope)
        for one in declarations:
            match one:
                case ast.Alias():
                    self.add(scope.types, "alias", one.name, one, scope)
                case ast.ModelBlock():
                    inner = self.blocks[one.span] = Scope((*scope.path, normal(one.name.text)), one.span, outer=scope)
                    self.add(scope.types, "model", one.name, one, scope, inner)
                    self.declare(one.declarations, inner)
                case ast.Imports():
                    self.imported.append(one)
                    self.declare_imported(one, scope)
        for one in declarations:  # a model may be declared below what it is used for
            match one:
                case ast.Dim() | ast.Data() | ast.Let():
                    self.add(scope.values, one.kind, one.name, one, scope)
                case ast.Parameter():
                    of = scope.type(normal(one.type.name.text))
                    kind: Kind = "child" if of and of.meant.inner is not None else "parameter"
                    self.add(scope.values, kind, one.name, one, scope)

    def declare_imported(self, imports: ast.Imports, scope: Scope) -> None:
        """The names that an import brings, and what they are in their own file."""
        other = self.foreign(imports.path)
        for one in imports.names:
            here = one.other or one.name
            target = other.exported(normal(one.name.text)) if other else None
            name = normal(here.text)
            scope.types.setdefault(
                name, Declared(self.file, "import", scope.path, name, here.span, one, scope, self.text, target=target)
            )

    def add(
        self,
        to: dict[str, Declared],
        kind: Kind,
        name: ast.Name,
        node: ast.Declaration,
        scope: Scope,
        inner: Scope | None = None,
    ) -> None:
        """One declared name."""
        key = normal(name.text)
        to.setdefault(key, Declared(self.file, kind, scope.path, key, name.span, node, scope, self.text, inner))

    # -- words ---------------------------------------------------------------------------------------------------------

    def read(self, declarations: Iterable[ast.Declaration], scope: Scope) -> None:
        """Every word of these declarations."""
        for one in declarations:
            match one:
                case ast.Dim(default=expr) | ast.Let(value=expr):
                    self.word(one.name, scope.values, defines=True)
                    self.expression(expr, scope)
                case ast.Data():
                    self.word(one.name, scope.values, defines=True)
                    self.type(one.type, scope)
                    self.expression(one.default, scope)
                case ast.Parameter():
                    self.word(one.name, scope.values, defines=True)
                    self.type(one.type, scope)
                    self.via(one.via, one.type, scope)
                    self.expression(one.start, scope)
                case ast.Alias():
                    self.word(one.name, scope.types, defines=True)
                    own = self.params(one, scope)
                    self.type(one.type, scope, own)
                    self.via(one.via, one.type, scope, own)
                case ast.ModelBlock():
                    self.word(one.name, scope.types, defines=True)
                    self.read(one.declarations, self.blocks[one.span])
                case ast.Imports():
                    self.imports(one, scope)

    def params(self, alias: ast.Alias, scope: Scope) -> dict[str, Declared]:
        """The parameters of a type, which are values in it."""
        within = (*scope.path, normal(alias.name.text))
        own: dict[str, Declared] = {}
        for param in alias.params:
            key = normal(param.name.text)
            own.setdefault(key, Declared(self.file, "param", within, key, param.name.span, param, scope, self.text))
            self.words.append(Word(param.name.span, "param", param.name.text, own[key], defines=True))
            self.expression(param.default, scope)
        return own

    def imports(self, imports: ast.Imports, scope: Scope) -> None:
        """Without `as` a name is the other file's own; with it, the second is one of this file."""
        for one in imports.names:
            here = scope.types.get(normal((one.other or one.name).text))
            declared = here if here is not None and here.node is one else None
            target = declared.target if declared else None
            if one.other is None:
                self.words.append(
                    Word(one.name.span, kind_of(target or declared), one.name.text, target or declared, defines=True)
                )
            else:
                self.words.append(Word(one.name.span, kind_of(target), one.name.text, target))
                self.words.append(Word(one.other.span, kind_of(declared), one.other.text, declared, defines=True))

    def word(self, name: ast.Name, names: dict[str, Declared], *, defines: bool = False) -> None:
        """A name that is declared here, if it is."""
        declared = names.get(normal(name.text))
        self.words.append(Word(name.span, kind_of(declared), name.text, declared, defines))

    def type(self, written: ast.Type, scope: Scope, own: dict[str, Declared] | None = None) -> None:
        """`name(arguments)[sizes]`"""
        declared = scope.type(normal(written.name.text))
        name = written.name.text
        taken: dict[str, Declared] = {}
        if declared is not None:
            declared = nearest(declared)
            self.words.append(Word(written.name.span, kind_of(declared), name, declared))
            taken = takes(declared.meant)
        else:
            known = name in domains() or name in DISCRETE or name in aliases()
            self.words.append(Word(written.name.span, "domain" if known else "unknown", name))
        for argument in written.arguments or ():
            self.argument(argument, taken, "" if declared else name, scope, own)
        for size in written.sizes or ():
            self.expression(size, scope, own)

    def via(self, written: ast.Via | None, of: ast.Type, scope: Scope, own: dict[str, Declared] | None = None) -> None:
        """`via name(arguments)`; those of `staged` are transforms themselves, and so are parts."""
        if written is None:
            return
        domain = domain_of(of.name.text, scope)
        self.words.append(Word(written.name.span, "transform", written.name.text, of=domain))
        parts = parts_of(domain, written.name.text)
        for one in written.arguments or ():
            part = one.name.text if one.name is not None else ""
            if (written.name.text == "staged" or part in parts) and isinstance(one.value, ast.Name):
                of_part = parts[part][0] if part in parts else domain
                self.words.append(Word(one.value.span, "transform", one.value.text, of=of_part))
                if one.name is not None:
                    self.words.append(Word(one.name.span, "argument", part, of=written.name.text))
            else:
                self.argument(one, {}, written.name.text, scope, own)

    def argument(
        self, one: ast.Argument, taken: dict[str, Declared], of: str, scope: Scope, own: dict[str, Declared] | None
    ) -> None:
        """`a`, or `name=a` with the name of what is called."""
        if one.name is not None:
            declared = taken.get(normal(one.name.text))
            kind = kind_of(declared) if declared else "argument"
            self.words.append(Word(one.name.span, kind, one.name.text, declared, of=of))
        self.expression(one.value, scope, own)

    def expression(
        self, node: ast.Expr | ast.Index | None, scope: Scope, own: dict[str, Declared] | None = None
    ) -> None:
        """Every word of an expression; `own` are the parameters of the type that it stands in."""
        match node:
            case ast.Name():
                self.value(node, scope, own or {})
            case ast.Array():
                for entry in node.entries:
                    self.expression(entry, scope, own)
            case ast.Negate():
                self.expression(node.operand, scope, own)
            case ast.Binary():
                self.expression(node.left, scope, own)
                self.expression(node.right, scope, own)
            case ast.Call():
                self.words.append(Word(node.function.span, "function", node.function.text))
                for argument in node.arguments:
                    self.argument(argument, {}, node.function.text, scope, own)
            case ast.Subscript():
                self.expression(node.operand, scope, own)
                for index in node.indices:
                    self.expression(index, scope, own)
            case ast.Slice():
                for part in (node.start, node.stop, node.step):
                    self.expression(part, scope, own)
            case ast.Member():
                self.expression(node.operand, scope, own)
                values = members(child_of(node.operand, scope))
                self.word(node.name, values)

    def value(self, name: ast.Name, scope: Scope, own: dict[str, Declared]) -> None:
        """A value by its name, or a constant."""
        key = normal(name.text)
        declared = own.get(key) or scope.values.get(key)
        constant = declared is None and (key in CONSTANTS or key == "pi")
        self.words.append(Word(name.span, "constant" if constant else kind_of(declared), name.text, declared))
