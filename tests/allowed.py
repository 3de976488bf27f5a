"""What the emitter may write, and nothing else: the one allow-list that every test of emitted source walks.

`foreign(text, model)` yields each statement, name, attribute, import, string and comment that does not follow from the emitter and the names
of the model. Names, attributes and keywords of Python stand here one by one, so that `eval`, `getattr`, `__class__` or
`torch.load` are foreign for not being listed, and a change of the emitter is a change here, which somebody reads.
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

NODES = (
    *(ast.Module, ast.ImportFrom, ast.Import, ast.alias, ast.ClassDef, ast.FunctionDef, ast.arguments, ast.arg),
    *(ast.Assign, ast.AnnAssign, ast.Expr, ast.Return, ast.If, ast.Call, ast.keyword, ast.Attribute, ast.Name),
    *(
        ast.Subscript,
        ast.Slice,
        ast.Tuple,
        ast.Dict,
        ast.Constant,
        ast.UnaryOp,
        ast.USub,
        ast.BinOp,
        ast.Load,
        ast.Store,
    ),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Pow, ast.MatMult, ast.BitOr),  # `|` of annotations
    *(ast.Compare, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq),
    ast.Lambda,
)
NAMES = {
    *("torch", "cdsl", "NamedTuple", "self", "raw", "value", "super", "property", "dtype", "device"),
    *("tuple", "int", "str", "max", "min"),
    *("log_dets", "name", "values"),
    *("_declared", "_doc", "_values", "_inputs", "_order", "_spec", "_fixed"),
}
OF_TORCH = {
    "Tensor",
    "empty",
    "nn",
    "Parameter",
    "Buffer",
    "dtype",
    "inf",
    "shape",
    "squeeze",
    "unsqueeze",
    "setter",
} | {
    *("flatten", "unflatten", "clamp", "minimum", "maximum", "diag_embed", "diagonal", "vecdot", "logdet", "slogdet"),
}
OF_THE_RUNTIME = {
    *("values", "packed_values", "ConstrainedModule", "OpenModule", "PackedModule", "PackedValues"),
    *(
        "Declared",
        "Dim",
        "Data",
        "Device",
        "Known",
        "Argument",
        "Bindings",
        "Raw",
        "LogDets",
        "WithLogDets",
        "Settable",
    ),
    *("with_log_det", "using", "assign_", "__init__", "reset_parameters", "stack", "concat", "matvec", "vecmat"),
    *("raw", "_raw", "_stored", "_stored_in", "_evaluate", "_arguments", "_bind", "_empty", "_empty_raw", "_several"),
    *("_each", "_nested", "_map", "_real", "_int", "_bool", "_tensor", "_indices", "_min", "_max"),
}
KEYWORDS = {
    *(
        "dtype",
        "device",
        "requires_grad",
        "persistent",
        "arguments",
        "batch",
        "sizes",
        "start",
        "frozen",
        "held",
        "doc",
    ),
    *("loc", "scale", "eval", "least", "default", "dim1", "dim2", "upper", "min", "max"),
}
METHODS = {
    *(
        "__init__",
        "forward",
        "_declarations",
        "_stored",
        "_evaluate",
        "_evaluate_with_log_dets",
        "_arguments",
        "_bindings",
    ),
}
IMPORTS = {"from typing import NamedTuple", "import torch", "from cdsl import runtime as cdsl"}
COMMENTS = {MARK, "# fmt: skip"}

WORDS = {word for one in functions().values() for word in re.findall(r"\w+", one.torch)}
"""What functions are called in torch."""
OF_FUNCTIONS = WORDS | {f"_{name}" for name in functions()}


def foreign(text, model, inline=True):
    """Everything in a compiled text that the emitter has no business to write, for a model of these names; inline, all imported
    models are written into it."""
    models = (*model.models, model)
    declared = [
        one for each in models for one in (*each.parameters, *each.dims, *each.data, *each.lets, *each.children)
    ]
    classes = {name for each in models for name in (each.name, f"{each.name}Values")}
    parameters = [one for each in models for one in each.parameters]
    values = {one.name for one in declared}
    fresh = {f"{name}{'_' * more}" for name in ("log_dets", "name", "values") for more in range(1, 4)}
    ours = values | {f"{name}_raw" for name in values} | classes | fresh
    ours |= {f"_{one.name}_{argument}" for one in parameters for argument in (*domains()[one.domain].arguments, "held")}
    made = [one for one in parameters if one.parts]
    ours |= {f"_{one.name}_map" for one in made}
    maps = {name for one in parameters for name in (one.domain, one.transform, one.eval) if name}
    maps |= {one.domain for each in models for one in each.data}
    maps |= {part for one in made for _, part in one.parts}
    maps |= {of for one in made for of, _ in domains()[one.domain].transforms[one.transform].parts.values()}
    parts = {name for one in made for name, _ in one.parts}
    attributes = OF_TORCH | OF_THE_RUNTIME | OF_FUNCTIONS | ours | maps | {*DISCRETE}
    tree = ast.parse(text)
    yield from (one for one in comments_of(text) if one not in COMMENTS)
    yield from (one for one in imports_of(tree) if one not in IMPORTS | (set() if inline else imported(model)))
    yield from (one for one in strings_of(tree) if one not in written_in(models))
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name):
                allowed = name in NAMES | ours
            case ast.Attribute(attr=name):
                allowed = name in attributes
            case ast.keyword(arg=name):
                allowed = name in KEYWORDS | values | parts
            case ast.arg(arg=name):
                allowed = name in {"self", "raw", "value", "dtype", "device", "name", "values"} | values | fresh
            case ast.FunctionDef(name=name):
                allowed = name in METHODS | values and all(map(is_property, node.decorator_list))
            case ast.ClassDef(name=name):
                allowed = name in classes
            case ast.Constant(value=value):
                allowed = type(value) in (str, float, int, bool, type(None), type(...))
            case ast.Lambda():
                allowed = ast.unparse(node.args) == "self"
            case ast.Expr(value=ast.Constant(value=str())):
                allowed = True
            case ast.Expr(value=ast.Call(func=called)):
                allowed = ast.unparse(called) in {
                    "super().__init__",
                    "self._bind",
                    "self.reset_parameters",
                    "self.assign_",
                }
            case _:
                allowed = isinstance(node, NODES) and not isinstance(node, ast.Expr)
        if not allowed:
            yield ast.dump(node)


def is_property(decorator):
    """`@property`, or `@x.setter`"""
    return ast.unparse(decorator).removesuffix(".setter").isidentifier()


def imports_of(tree):
    """Every import, as written."""
    return [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def imported(model):
    """How the models of other specs may be imported: name by name, of modules whose names are words."""
    found = {}
    for one in model.models:
        if one.origin:
            module, name = one.origin
            assert all(part.isidentifier() for part in module.split(".")), module
            pairs = ((name, one.name), (f"{name}Values", f"{one.name}Values"))
            found.setdefault(module, []).extend(
                there if there == here else f"{there} as {here}" for there, here in pairs
            )
    return {f"from {module} import {', '.join(sorted(names))}" for module, names in found.items()}


def comments_of(text):
    """Every comment, but those that stand alone behind their `#` and are ours."""
    if all(
        "#" not in line or line == MARK or line.count("#") == line.endswith("  # fmt: skip")
        for line in text.split("\n")
    ):
        return []
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def strings_of(tree):
    """Every string that is no docstring."""
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return {node.value for node in strings if id(node) not in docs}


def written_in(models):
    """The strings that follow from a model: names, documentation, expressions as they are spelled, the model as JSON."""
    found = {f"{each.name}Values" for each in models} | {each.doc for each in models}
    for each in models:
        declared = (*each.parameters, *each.dims, *each.data, *each.lets, *each.children)
        found |= {one.name for one in declared} | {one.doc for one in declared}
        found |= {given_text(given) for one in each.parameters for given in (*one.arguments, *one.step)}
    return found | {each.model_dump_json(exclude_defaults=True) for each in models}
