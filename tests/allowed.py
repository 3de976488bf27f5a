"""What the emitter may write, and nothing else: the one allow-list that every test of emitted source walks.

`foreign(text, model)` yields each statement, name, attribute, import, string and comment that does not follow from the emitter
and the names of the model. What is allowed stands here word by word, so that `eval`, `getattr`, `__class__` and `torch.load` are
foreign for not being listed, and a change of the emitter is a change here, which somebody reads.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize

from cdsl.constraints import domains
from cdsl.discrete import DISCRETE
from cdsl.emit import MARK
from cdsl.functions import functions
from cdsl.written import given_text

NODES = tuple(
    getattr(ast, name)
    for name in """
    Module alias arguments Assign AnnAssign Return If Call Subscript Slice Tuple Dict UnaryOp USub BinOp Load Store
    Add Sub Mult Div FloorDiv Pow MatMult BitOr Compare Lt LtE Gt GtE Eq NotEq IfExp
    """.split()
)
"""Nodes without a name of their own; `|` is of annotations."""
NAMES = set(
    """
    torch cdsl NamedTuple self raw value super property dtype device tuple int str max min log_dets name values
    _declared _doc _values _inputs _order _spec _fixed
    """.split()
)
OF_TORCH = set(
    """
    Tensor empty nn Parameter Buffer dtype inf shape squeeze unsqueeze setter flatten unflatten clamp minimum maximum diag_embed
    diagonal vecdot logdet slogdet
    """.split()
)
OF_THE_RUNTIME = set(
    """
    values packed_values ConstrainedModule OpenModule PackedModule PackedValues Declared Dim Data Device Known Argument Bindings
    Raw LogDets WithLogDets Settable with_log_det using assign_ __init__ reset_parameters stack concat matvec vecmat raw _raw
    _stored _stored_in _evaluate _arguments _bind _empty _empty_raw _several _each _nested _map _real _int _bool _tensor _indices
    _min _max
    """.split()
)
KEYWORDS = set(
    """
    dtype device requires_grad persistent arguments batch sizes start frozen held doc loc scale eval least default dim1 dim2 upper
    min max
    """.split()
)
ARGUMENTS = set("self raw value dtype device name values".split())
METHODS = set("__init__ forward _declarations _stored _evaluate _evaluate_with_log_dets _arguments _bindings".split())
STATEMENTS = {"super().__init__", "self._bind", "self.reset_parameters", "self.assign_"}
"""Calls whose value nobody takes."""
IMPORTS = {"from typing import NamedTuple", "import torch", "from cdsl import runtime as cdsl"}
COMMENTS = {MARK, "# fmt: skip"}
OF_FUNCTIONS = {word for one in functions().values() for word in (*re.findall(r"\w+", one.torch), f"_{one.name}")}
"""What functions are called in torch, and in a module."""


def foreign(text, model, inline=True):
    """Everything in a compiled text that the emitter has no business to write, for a model of these names; inline, all imported
    models are written into it."""
    nodes = list(ast.walk(ast.parse(text)))
    docs = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    allowed = Allowed(model, inline)
    yield from (one for one in comments_of(text) if one not in COMMENTS)
    yield from (ast.dump(node) for node in nodes if id(node) not in docs and not allowed.has(node))


class Allowed:
    """What the module of a model is made of."""

    def __init__(self, model, inline):
        models = (*model.models, model)
        parameters = [one for each in models for one in each.parameters]
        made = [one for one in parameters if one.parts]
        self.values = {one.name for each in models for one in declared_in(each)}
        self.classes = {name for each in models for name in (each.name, f"{each.name}Values")}
        self.parts = {name for one in made for name, _ in one.parts}
        self.fresh = {f"{name}{'_' * more}" for name in ("log_dets", "name", "values") for more in range(1, 4)}
        ours = self.values | {f"{name}_raw" for name in self.values} | self.classes | self.fresh
        ours |= {f"_{one.name}_{name}" for one in parameters for name in (*domains()[one.domain].arguments, "held")}
        ours |= {f"_{one.name}_map" for one in made}
        maps = {name for one in parameters for name in (one.domain, one.transform, one.eval) if name}
        maps |= {one.domain for each in models for one in each.data}
        maps |= {part for one in made for _, part in one.parts}
        maps |= {of for one in made for of, _ in domains()[one.domain].transforms[one.transform].parts.values()}
        self.names = NAMES | ours
        self.attributes = OF_TORCH | OF_THE_RUNTIME | OF_FUNCTIONS | ours | maps | {*DISCRETE}
        self.strings = written_in(models)
        self.imports = IMPORTS | (set() if inline else imported(model))

    def has(self, node):
        """Whether a node, by itself, is one of these; docstrings are not asked about."""
        match node:
            case ast.Name(id=name):
                return name in self.names
            case ast.Attribute(attr=name):
                return name in self.attributes
            case ast.keyword(arg=name):
                return name in KEYWORDS | self.values | self.parts
            case ast.arg(arg=name):
                return name in ARGUMENTS | self.values | self.fresh
            case ast.Constant(value=str(value)):
                return value in self.strings
            case ast.Constant(value=value):
                return type(value) in (float, int, bool, type(None), type(...))
            case ast.Lambda():
                return ast.unparse(node.args) == "self"
            case ast.FunctionDef(name=name):
                by_name = {"property", f"{name}.setter"}
                return name in METHODS | self.values and {*map(ast.unparse, node.decorator_list)} <= by_name
            case ast.ClassDef(name=name):
                decorated = {*map(ast.unparse, node.decorator_list)}
                return name in self.classes and decorated <= {"cdsl.values", "cdsl.packed_values"}
            case ast.Import() | ast.ImportFrom():
                return ast.unparse(node) in self.imports
            case ast.Expr(value=ast.Call(func=called)):
                return ast.unparse(called) in STATEMENTS
            case ast.Expr(value=ast.Constant(value=str())):
                return True
        return isinstance(node, NODES)


def declared_in(model):
    """Every declaration of a model that has a name of its own."""
    return (*model.dims, *model.data, *model.parameters, *model.lets, *model.children)


def written_in(models):
    """The strings that follow from models: names, documentation, expressions as they are spelled, the model as JSON."""
    found = {text for each in models for text in (f"{each.name}Values", each.doc)}
    found |= {text for each in models for one in declared_in(each) for text in (one.name, one.doc)}
    found |= {given_text(given) for each in models for one in each.parameters for given in (*one.arguments, *one.step)}
    return found | {each.model_dump_json(exclude_defaults=True) for each in models}


def imported(model):
    """How the models of other specs may be imported: name by name, from modules whose names are words."""
    found = {}
    for module, name, here in ((*one.origin, one.name) for one in model.models if one.origin):
        if all(part.isidentifier() for part in module.split(".")):
            pairs = ((name, here), (f"{name}Values", f"{here}Values"))
            found.setdefault(module, []).extend(there if there == to else f"{there} as {to}" for there, to in pairs)
    return {f"from {module} import {', '.join(sorted(names))}" for module, names in found.items()}


def comments_of(text):
    """Every comment, but those that stand alone behind their `#` and are ours."""
    lines = [line for line in text.split("\n") if "#" in line and line != MARK]
    if all(line.count("#") == 1 and line.endswith("  # fmt: skip") for line in lines):
        return []
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]
