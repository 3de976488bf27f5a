"""What the language promises, at run time: sizes, data, derived values, computed bounds and nested models."""

from __future__ import annotations

import ast
import copy
import io
import math
import pickle
from collections.abc import Callable
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

import cdsl
from cdsl.functions import functions
from cdsl.runtime import DomainError

EPS = torch.finfo(torch.float64).eps


def model_of(spec: str, **given: Any) -> Any:
    return cdsl.loads(spec).Model(**{"dtype": torch.float64, **given})


# -- functions and operators --------------------------------------------------------------------------------------------

NAMES = """\
dim K = 3
data n: int[3] = [-2, 0, 2]
data at: index(3)[2, 2] = [[2, 0], [1, 1]]
data X: real[2, 3] = [[0.5, -1, 2], [1.5, 0.25, -0.75]]
data Q: real[3, 3] = [[2, 0.5, 0], [0.25, 1, -1], [0.5, 0, 3]]
data on: bool[3] = [1, 0, 1]
a: real
q: prob
x: real[3]
y: real[3]
p: prob[3]
s: positive[3]
M: real[2, 3]
T: real[2, 3, 2]
A: invertible[3]
C: cov[3]
L: cholesky_cov[3]
"""
"""What the expressions below are about: numbers, vectors and matrices; parameters, data and dims."""


def of_every_number(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of mpmath, for arrays."""
    return np.vectorize(lambda x: float(function(mpmath.mpf(float(x)))), otypes=[float])


def over(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's own reduction, or ours of two operands."""

    def call(x: Any, y: Any = None, axis: int | None = None) -> Any:
        return (
            function(np.asarray(x), axis=axis)
            if y is None
            else {np.amax: np.maximum, np.amin: np.minimum}[function](x, y)
        )

    return call


def exponentials(x: Any, axis: int = -1) -> Any:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def solve_triangular(a: Any, b: Any, lower: bool = True) -> Any:
    return np.linalg.solve(np.tril(a) if lower else np.triu(a), b)


BY_NUMPY: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(np, name)
        for name in "exp exp2 expm1 log log2 log10 log1p sqrt square abs sign floor ceil".split()
    },
    **{name: getattr(np, name) for name in "round sin cos tan sinh cosh tanh logaddexp where".split()},
    **{name: getattr(np, f"arc{name[1:]}") for name in "asin acos atan atan2 asinh acosh atanh".split()},
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "logit": lambda p: np.log(p / (1 - np.asarray(p))),
    "inv_logit": lambda x: 1 / (1 + np.exp(-np.asarray(x))),
    "log_inv_logit": lambda x: -np.logaddexp(0, -np.asarray(x)),
    "softplus": lambda x: np.logaddexp(0, x),
    "relu": lambda x: np.maximum(x, 0),
    "erf": of_every_number(mpmath.erf),
    "erfc": of_every_number(mpmath.erfc),
    "Phi": of_every_number(mpmath.ncdf),
    "log_Phi": of_every_number(lambda x: mpmath.log(mpmath.ncdf(x))),
    "inv_Phi": of_every_number(lambda p: mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1)),
    "lgamma": of_every_number(lambda x: mpmath.log(abs(mpmath.gamma(x)))),
    "digamma": of_every_number(mpmath.digamma),
    **{name: getattr(np, name) for name in "sum prod mean".split()},
    "sd": lambda x, axis=None: np.std(x, axis=axis, ddof=1),
    "var": lambda x, axis=None: np.var(x, axis=axis, ddof=1),
    "norm": lambda x, axis=None: np.sqrt(np.sum(np.square(x), axis=axis)),
    "logsumexp": lambda x, axis=None: np.log(np.sum(np.exp(x), axis=axis)),
    "min": over(np.amin),
    "max": over(np.amax),
    "cumsum": lambda x, axis=-1: np.cumsum(x, axis),
    "cumprod": lambda x, axis=-1: np.cumprod(x, axis),
    "flip": lambda x, axis=-1: np.flip(x, axis),
    "softmax": exponentials,
    "log_softmax": lambda x, axis=-1: np.log(exponentials(x, axis)),
    "@": np.matmul,
    "dot": np.dot,
    "outer": np.outer,
    "quad_form": lambda a, x: x @ a @ x,
    "transpose": np.transpose,
    "diag": np.diag,
    "trace": np.trace,
    "logdet": lambda a: np.linalg.slogdet(a)[1],
    "cholesky": np.linalg.cholesky,
    "inverse": np.linalg.inv,
    "solve": np.linalg.solve,
    "solve_triangular": solve_triangular,
    "zeros": lambda *sizes: np.zeros(sizes),
    "ones": lambda *sizes: np.ones(sizes),
    "full": lambda value, *sizes: np.full(sizes, value),
    "eye": np.eye,
    "arange": np.arange,
    "linspace": np.linspace,
    "concat": lambda *arrays, axis=0: np.concatenate(arrays, axis),
    "stack": lambda *arrays: np.stack(arrays),
    "reshape": lambda x, *sizes: np.reshape(x, sizes),
}
"""The functions of the language, as NumPy has them; `log_Phi` and others that it lacks, as mpmath has them."""

ONE = (
    "{0}(x)",
    "{0}(a)",
    "{0}(M)",
    "{0}(X)",
    "{0}(0.5)",
    "{0}([0.5, -0.25])",
    "{0}(1)",
    "{0}(n)",
    "{0}(-K)",
    "{0}([a, 2])",
)
POSITIVE = (
    "{0}(s)",
    "{0}(q)",
    "{0}(exp(M))",
    "{0}(exp(X))",
    "{0}(0.5)",
    "{0}([0.5, 0.25])",
    "{0}(2)",
    "{0}(n ** 2 + 1)",
    "{0}(K)",
)
INSIDE = "{0}(p)", "{0}(q)", "{0}(inv_logit(M))", "{0}(0.25)", "{0}([0.5, 0.25])"
AXES = (
    "{0}(x)", "{0}(M)", "{0}(T)", "{0}(M, axis=0)", "{0}(M, axis=-1)", "{0}(T, axis=1)", "{0}(T, axis=-3)", "{0}(X)", "{0}(X, axis=1)",
    "{0}(n)", "{0}([0.5, 2, 1])", "{0}([1, 3, 2])", "{0}([[a, 1], [2, a]], axis=0)", "{0}(T[..., 0])", "{0}(X + x, axis=1)",
)  # fmt: skip
SCANS = (*(text for text in AXES if text != "{0}(n)"), "{0}(M, 0)")
SQUARE = (
    "{0}(A)",
    "{0}(C)",
    "{0}(Q)",
    "{0}(Q @ transpose(Q) + A @ transpose(A))",
    "{0}([[2, 0], [0, 3]])",
    "{0}([[3, 1], [q, 2]])",
)
SOLVED = (
    "{0}(L, x)",
    "{0}(L, transpose(M))",
    "{0}(Q, x)",
    "{0}(C, [1, 2, 3])",
    "{0}(L, n)",
    "{0}(Q, transpose(X))",
    "{0}([[2, 0], [0, 1]], x[:2])",
)
BETWEEN = (
    "{0}(x, y)", "{0}(x, a)", "{0}(a, x)", "{0}(M, x)", "{0}(x, M)", "{0}(M, T[:, :, 0])", "{0}(X, x)", "{0}(q, a)", "{0}(0.5, x)",
    "{0}(x, -1)", "{0}(K, a)", "{0}(n, x)", "{0}(x, [1, 2, 3])", "{0}(K, 2)", "{0}(x[:, None], y)",
)  # fmt: skip

CASES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys("exp exp2 expm1 square abs sign floor ceil round sin cos tan asinh atan sinh cosh tanh".split(), ONE),
    **dict.fromkeys("inv_logit log_inv_logit softplus relu erf erfc Phi log_Phi".split(), ONE),
    **dict.fromkeys("log log2 log10 log1p sqrt rsqrt lgamma digamma".split(), POSITIVE),
    **dict.fromkeys("asin acos atanh logit inv_Phi".split(), INSIDE),
    "acosh": ("acosh(s + 1)", "acosh(1.5)", "acosh(K)", "acosh(exp(X) + 1)"),
    "atan2": BETWEEN,
    "logaddexp": BETWEEN,
    "where": (
        "where(x > 0, x, y)", "where(x > y, x, 0)", "where(on, x, y)", "where(on, M, a)", "where(M > 0, x, 1)", "where(a > 0, x, M)",
        "where(X > 0, n, 0)", "where(K > 2, x, y)", "where(K > 2, 1, 0)", "where(true, a, 2)", "where(n == 0, 1, n)", "where(x > 0, n, K)",
        "where(on, [1, 2, 3], [a, a, 0])", "where(q < 0.5, 1.5, -1)", "where(M > x, T[..., 0], -T[..., 1])",
    ),
    **dict.fromkeys("sum prod mean sd var norm logsumexp".split(), AXES),
    "sum": (*AXES, "sum(x > 0)", "sum(M > 0, axis=0)", "sum(on)", "sum(M, 1)"),
    **dict.fromkeys(("min", "max"), (*AXES, *BETWEEN)),
    **dict.fromkeys("cumsum cumprod flip softmax log_softmax".split(), SCANS),
    "@": (
        "x @ y", "M @ x", "x @ A", "M @ A", "X @ x", "n @ x", "x @ n", "x @ transpose(X)", "X @ A", "A @ Q", "X @ Q", "X[0] @ Q", "Q @ X[0]",
        "X[0] @ X[1]", "n @ n", "[1, 2, 3] @ x", "Q @ [1, 2, 3]", "[1, a] @ M", "M @ [a, 1, 0]", "(M + x) @ (x - y)", "-x @ y", "-(M @ x)",
        "2 * M @ x", "M @ A @ x", "M @ (A @ x)", "(x @ y) * (M @ x)", "M @ x - X @ y", "(M @ x)[0] + x @ A",
    ),
    "dot": ("dot(x, y)", "dot(x, X[0])", "dot(X[1], x)", "dot(X[0], X[1])", "dot(n, x)", "dot([1, 2, 3], x)", "dot(x + a, y * 2)"),
    "outer": ("outer(x, y)", "outer(x, M[:, 0])", "outer(X[0], x)", "outer(x, n)", "outer(X[0], X[1])", "outer([1, 2], x)", "outer(x + y, -x)"),
    "quad_form": ("quad_form(A, x)", "quad_form(Q, x)", "quad_form(A, X[0])", "quad_form(Q, X[0])", "quad_form(A, n)"),
    "transpose": ("transpose(M)", "transpose(X)", "transpose([[1, a]])", "transpose(M + x)"),
    "diag": ("diag(x)", "diag(A)", "diag(Q)", "diag(X[0])", "diag([1, a])", "diag(n)", "diag(x - a)"),
    **dict.fromkeys(("trace", "logdet", "inverse"), SQUARE),
    "cholesky": ("cholesky(C)", "cholesky(Q @ transpose(Q))", "cholesky([[4, 2], [2, 3]])"),
    "solve": (*SOLVED, "solve(A, x)", "solve(A, transpose(M))", "solve(A, X[0])", "solve(Q + 0 * a, M[0] - x)"),
    "solve_triangular": (*SOLVED, "solve_triangular(transpose(L), x, lower=false)", "solve_triangular(A, x, lower=false)"),
    **dict.fromkeys(("zeros", "ones"), ("{0}(3)", "{0}(2, K) + 1", "{0}(K - 1)", "{0}(size(x), 2)", "{0}(0)")),
    "full": ("full(a, 2, K)", "full(0.5, 3)", "full(2, K)", "full(a * q, 2)", "full(K, 2)", "full(a, 3) + M", "full(n[0], 2)"),
    "eye": ("eye(K)", "eye(3) * x", "eye(K) + 1", "eye(2)"),
    "arange": ("arange(K)", "arange(3) * x", "arange(K - 1)", "x[arange(2)]"),
    "linspace": (
        "linspace(0, 1, 5)", "linspace(-1, K, K)", "linspace(a, 1, 4)", "linspace(0, a, 3)", "linspace(a, q, K)", "linspace(x[0], y[1], 3) * x",
        "linspace(X[0, 0], X[1, 1], 4)", "linspace(a, 2 * a, 1)",
    ),
    "concat": (
        "concat(x, y)", "concat(x, [a, 1])", "concat(x, X[0])", "concat(X[0], X[1])", "concat(M, X)", "concat(M, X, axis=1)", "concat(M, T[..., 0], axis=-1)",
        "concat(x)", "concat(x, n)", "concat(zeros(2), x, ones(1))", "concat(n, n)", "concat([1, 2], [3])",
    ),
    "stack": ("stack(x, y)", "stack(a, q, 1)", "stack(x, X[0])", "stack(M, X)", "stack(1, 2)", "stack(n, n)", "stack(x, n)"),
    "reshape": (
        "reshape(x, 3, 1)", "reshape(M, 6)", "reshape(M, 3, 2)", "reshape(T, 4, 3)", "reshape(a, 1)", "reshape(X, 3, 2)", "reshape(x + y, 1, K)",
        "reshape(n, 3, 1)", "reshape(T, K * 2, 2)", "reshape([1, 2, 3, 4], 2, 2)", "reshape(x, 1, 3, 1)",
    ),
}  # fmt: skip
"""Of every function, expressions with numbers, vectors and matrices, of parameters, data, dims and constants."""

GRAMMAR: dict[str, tuple[str, ...]] = {
    "precedence": (
        "-a ** 2", "-2 ** 2", "2 ** 3 ** 2", "2 ** -1", "-a * q", "a - q - 1", "a / q / 2", "a / (q / 2)", "a - (q - 1)", "a + q * 2", "(a + q) * 2", "1 / 2",
        "7 // 2", "-7 // 2", "7 // -2", "a // 1", "-(a * q)", "- -a", "a * -q", "2 * -a ** 2", "K / 2", "K // 2", "K ** 2", "n / 2",
        "n // 2", "-n // 2", "n * K - 1", "(a + 1) ** 2 ** 0", "a - -1", "2 - a * (q - (1 - q))", "s ** -2", "2 ** x", "q ** x", "n ** 2", "n ** 0", "2.0 ** n",
        "a < q", "a + 1 >= q * 2", "x == x", "n != 0", "K > 2", "-x < y", "1 - x <= y + x", "a * q / 2 * 3", "x // 0.5", "M // s", "x * 2 // 1 / 2", "1e3 / 4",
        "K ** -1", "K // 2 * 2", "K - K // 2", "(K - 1) * (K + 1) // 2", "-K ** 2", "n - n // 2", "x - x / 2 - (y - 1)", "(x > 0) == (y > 0)", "s ** 2 ** q",
    ),
    "broadcasting": (
        "a + x", "x + M", "x * X", "X + a", "M + T[:, :, 0]", "x[:, None] * y", "x[:, None] - y[None, :]", "x[:, None] + a", "T + x[:, None]", "T * M[..., None]",
        "[1, 2, 3] + M", "[[1], [2]] * x", "[a, q, 1] * x", "n + M", "M / K", "X / x", "x / X", "X[0] - M", "[a, 2] + T", "1 - M", "M > x", "(M - x) ** 2", "-M + a * x",
        "x + y[:1]", "M[:, :1] - M",
    ),
    "indices": (
        "x[0]", "x[-1]", "M[0]", "M[1, 2]", "M[-1, -3]", "M[:, 0]", "M[0, :]", "M[..., 1]", "T[0, ..., 1]", "T[..., 0]", "T[1]", "T[:, 1]", "T[:, 1, 0]", "X[1]", "X[:, -1]",
        "x[None]", "x[:, None]", "x[None, :, None]", "M[:, None, :]", "M[..., None]", "M[None, ..., None]", "T[0, None, :, 1]", "a + x[0] * X[0, 0]", "x[K - 1]", "M[0][1]",
        "(x + y)[1]", "(-x)[1]", "[a, q, 2][1]", "[5, 6, 7][n[1]]", "M[:][0]", "x[...]", "M[..., :]", "T[:, :, :]", "T[..., None, 0]", "exp(x)[2]", "n[0]", "x[n[2] - 1]",
    ),
    "slices": (
        "x[1:]", "x[:2]", "x[1:2]", "x[:-1]", "x[-2:]", "x[::2]", "x[1::2]", "x[-2:-1]", "M[:, 1:]", "M[0, ::2]", "M[1:, :2]", "T[:, 1:, 0]", "T[..., 1:]", "X[:, :2] * M[:, 1:]",
        "x[:K - 1]", "x[K - 2:]", "x[1:1]", "x[5:]", "x[:7]", "x[-7:2]", "x[2:1]", "x[0:3:2]", "n[1:]", "sum(x[1:2])", "x[1:] - x[:-1]", "M[1:][0]", "T[0:1, ::2, 1:]",
        "x[::5]", "x[1:3][0]", "x[-1:]", "x[:-3]",
    ),
    "gathering": (
        "x[n]", "x[at]", "x[at[0]]", "M[:, at[0]]", "M[0, at]", "X[:, at[1]]", "M[:, at]", "T[0, at[0]]", "T[:, at[0], 1]", "x[n[:2]]", "x[arange(K)]", "x[arange(2) + 1]",
        "M[[1, 0]]", "x[[0, 2, 2, 1]]", "x[[-1, 0]]", "M[[1, 0], [2, 1]]", "T[:, [1, 0], [0, 1]]", "T[[0, 1], :, 0]", "T[[1], [2]]", "M[[[0], [1]], [[0, 2]]]", "M[[1, 0], 1]", "M[1, [2, 0]]", "T[0, [2, 1], 0]", "M[None, [1, 0]]", "T[[0, 1], [2, 1], None]", "X[[1, 0], [2, 1]]", "T[[1, 0], 2, :]", "T[1, [2, 0], [0, 1]]", "T[:, [1, 0]][0]",
        "A[at, at]", "n[at]", "T[at[0] // 2, at[1], 0]",
    ),
    "sizes": ("size(x)", "size(M)", "size(M, 0)", "size(X, 1) + a", "size(T, -2) * x", "size(x) / 2", "size(at)", "size(x[1:])", "size(M[:, None], 1)"),
    "arrays": (
        "[a, q]", "[[a, 1], [q, 2]]", "[x, y]", "[1, 2, 3]", "[[1, 2], [3, 4]] / 4", "[1, 2] + [a, q]", "[a]", "[[a]]", "[x[0], X[0, 0], K, n[0]]", "[n[0], K, 1]",
        "-[1, 2]", "[1, 2] ** 2", "[a, 1] * [2, 3]", "[[1, 2], [3, 4]] @ [a, 1]", "[M, X]",
    ),
    "constants": ("pi", "2 * pi * a", "-pi", "1e-3", "1_000", "0.1 + 0.2", "pi / 2", "true", "false", "x > pi"),
}  # fmt: skip
"""Operators, indices and arrays, which mean in a spec what they mean in NumPy."""


class Arrays(ast.NodeTransformer):
    """`[a, b]` is an array."""

    def visit_List(self, node: ast.List) -> ast.AST:
        return ast.Call(ast.Name("array", ast.Load()), [self.generic_visit(node)], [])


def by_numpy(text: str, values: dict[str, Any]) -> Any:
    tree = ast.fix_missing_locations(Arrays().visit(ast.parse(text, mode="eval")))
    names = {**BY_NUMPY, "size": np.size, "array": np.array, "true": True, "false": False, "pi": math.pi}
    return eval(compile(tree, text, "eval"), {**names, **values})


def assert_close(got: Any, expected: Any, why: str = "") -> None:
    """Both are rounded a few times, a solved system by its condition."""
    expected = np.asarray(expected, dtype=float)
    got = np.asarray(got.detach().to(torch.float64) if isinstance(got, Tensor) else got)
    assert got.shape == expected.shape, f"{why}: shape {got.shape}, expected {expected.shape}"
    assert np.allclose(got, expected, rtol=1e-12, atol=1e-13), f"{why}: {got}, expected {expected}"


def test_every_function_has_expressions_and_a_meaning_here() -> None:
    assert set(CASES) == set(functions())
    assert set(BY_NUMPY) == set(functions())


# of no event at all torch counts degrees of freedom, and finds none
@pytest.mark.filterwarnings("ignore:(std|var).{4}degrees of freedom is <= 0:UserWarning")
@pytest.mark.parametrize(("name", "texts"), [*CASES.items(), *GRAMMAR.items()], ids=[*CASES, *GRAMMAR])
def test_an_expression_means_what_it_means_in_numpy_and_is_batched(name: str, texts: tuple[str, ...]) -> None:
    texts = tuple(text.format(name) for text in texts)
    model = model_of(NAMES + "".join(f"let r{at} = {text}\n" for at, text in enumerate(texts)))
    thetas = torch.randn(6, model.unconstrained_size, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    data = {"K": 3, **{name: getattr(model, name).numpy() for name in ("n", "at", "X", "Q", "on")}}
    alone = [model.constrain(theta) for theta in thetas]
    named = [{**data, **{name: value.detach().numpy() for name, value in one._asdict().items()}} for one in alone]
    batched = [model.constrain(thetas[:3]), model.constrain(thetas.reshape(2, 3, -1)), model.constrain(thetas[:0])]
    for at, text in enumerate(texts):
        single = [getattr(one, f"r{at}").detach() for one in alone]
        for value, values in zip(single, named, strict=True):
            assert_close(value, by_numpy(text, values), text)
        stacked = torch.stack(single)
        wanted = (stacked[:3], stacked.reshape(2, 3, *stacked.shape[1:]), stacked[:0])
        for one, expected in zip(batched, wanted, strict=True):
            got = getattr(one, f"r{at}")
            got = got.expand_as(expected) if got.shape == single[0].shape else got  # of data and constants alone
            assert got.dtype == expected.dtype, text
            assert_close(got, expected.to(torch.float64).numpy(), f"{text}, batched")


# -- dims ---------------------------------------------------------------------------------------------------------------

SIZED = "dim N = 5\ndim M = 2 * N\ndata y: real[N] = 0\nmu: real[M]\n"


@pytest.mark.parametrize(
    ("given", "sizes"),
    [
        ({}, (5, 10)),
        ({"N": 3}, (3, 6)),
        ({"M": 3}, (5, 3)),
        ({"N": 1, "M": 0}, (1, 0)),
        ({"y": [1, 2, 3]}, (3, 6)),
        ({"y": [], "N": 0}, (0, 0)),
        ({"y": [1, 2], "N": 2, "M": 7}, (2, 7)),
    ],
)
def test_a_dim_is_that_of_the_keyword_or_of_data_or_its_default(given: dict[str, Any], sizes: tuple[int, int]) -> None:
    model = model_of(SIZED, **given)
    assert sizes == (model.N, model.M)
    assert all(type(size) is int for size in (model.N, model.M))
    assert model.y.shape == (sizes[0],)
    assert model().mu.shape == (sizes[1],)


@pytest.mark.parametrize(
    ("spec", "given", "message"),
    [
        (SIZED, {"N": 4, "y": [1, 2, 3]}, r"^N: 4 by `N=4`, 3 by the shape \(3,\) of `y`$"),
        ("dim N\ndata y: real[N]\ndata X: real[2, N]\n", {"y": [1], "X": [[1, 2]] * 2}, r"^N: 1 by .* of `y`, 2 by .*\(2, 2\) of `X` \(size 1\)$"),
        ("dim N\nx: real[N]\n", {}, r"^N: expected a size"),
        ("dim N\ndata y: real[2 * N]\nx: real\n", {"y": [1, 2]}, r"^N: expected a size"),
        ("dim N\ndata y: real[2 * N]\nx: real\n", {"y": [1, 2], "N": 2}, r"^y: expected shape \(4,\), got \(2,\)$"),
        ("dim N\nx: real[N]\n", {"N": -1}, "N: expected a whole number ≥ 0, got -1"),
        ("dim N\nx: real[N]\n", {"N": 2.0}, "N: expected a whole number ≥ 0, got 2.0"),
        ("dim N\nx: real[N]\n", {"N": True}, "N: expected a whole number ≥ 0, got True"),
        ("dim N = 2\ndim M = N - 3\nx: real\n", {}, "M: its default is -1"),
        ("dim K = 0\nw: simplex[K]\n", {}, r"w: `simplex\[0\]` has a size of 0, expected one ≥ 1"),
        ("dim N\ndata y: real[N, 2]\nx: real\n", {"y": [1, 2]}, r"y: expected 2 sizes, \[N, 2\], got shape \(2,\)"),
        ("dim J\ndata g: index(J)[2]\nx: real\n", {"g": [0, 1]}, r"^J: expected a size"),
    ],
)  # fmt: skip
def test_sizes_that_are_missing_or_contradict_each_other_are_refused(
    spec: str, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(DomainError, match=message):
        model_of(spec, **given)


REGRESSION = """\
dim N
dim D
data X: real[N, D]
data y: int(0, 1)[N]
b: real[D] = 0.5
let eta = X @ b
let hits = sum((eta > 0) == (y > 0))
"""


def regression(**given: Any) -> Any:
    return model_of(REGRESSION, X=torch.ones(3, 2), y=torch.zeros(3), **given)


def held(model: Any) -> dict[str, Any]:
    """All that a model is, to see that nothing changed."""
    tensors = {name: one.clone() for name, one in [*model.named_buffers(), *model.named_parameters()]}
    return {**tensors, "N": model.N, "D": model.D, "declared": model._declared}


def assert_unchanged(model: Any, before: dict[str, Any]) -> None:
    after = held(model)
    assert after.keys() == before.keys()
    for name, one in before.items():
        assert torch.equal(after[name], one) if isinstance(one, Tensor) else after[name] == one, name


@pytest.mark.parametrize("rows", [0, 1, 7])
def test_loose_dims_are_inferred_anew_when_data_are_set(rows: int) -> None:
    model = regression()
    raw = model.b_raw
    model.set_data_(X=2 * torch.ones(rows, 2), y=[1] * rows)
    assert (rows, 2) == (model.N, model.D)
    assert model().eta.tolist() == model.eta.tolist() == [2.0] * rows
    assert model().hits.item() == rows
    assert model.b_raw is raw
    assert model.constrain(torch.zeros(4, 2, dtype=torch.float64)).eta.shape == (4, rows)
    model.eta.sum().backward()
    assert model.b_raw.grad.tolist() == [2.0 * rows] * 2


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ({"X": [[1, 2]]}, DomainError, r"N: 1 by the shape \(1, 2\) of `X` \(size 0\), 3 by the shape \(3,\) of `y`"),
        ({"X": [[1, 2]], "y": [2]}, DomainError, r"y\[0\] is outside `int`: 2, must be at least 0 and at most 1"),
        ({"X": [[1, 2]], "y": [0.5]}, DomainError, r"y\[0\] is 0.5, must be a whole number"),
        ({"X": [[1, math.nan]], "y": [0]}, DomainError, r"X\[0, 1\] is outside `real`: nan"),
        ({"X": torch.ones(3, 3)}, DomainError, r"b: these data would change its shape from \(2,\) to \(3,\)"),
        ({"X": torch.ones(3, 2, requires_grad=True)}, DomainError, "detach"),
        ({"y": [0, 0, 1], "Z": 1}, TypeError, "Model has no data `Z`; it has X, y"),
        ({"N": 3}, TypeError, "no data `N`"),
        ({"eta": 3}, TypeError, "no data `eta`"),
    ],
)
def test_data_that_do_not_fit_change_nothing(data: dict[str, Any], error: type[Exception], message: str) -> None:
    model = regression()
    before = held(model)
    with pytest.raises(error, match=message):
        model.set_data_(**data)
    assert_unchanged(model, before)


def test_one_datum_is_set_as_an_attribute_and_a_size_is_not() -> None:
    model = regression()
    model.y = torch.tensor([True, False, True])
    assert (model.y.dtype, model.y.tolist()) == (torch.int64, [1, 0, 1])
    with pytest.raises(DomainError, match="N: "):
        model.y = [1]
    with pytest.raises(TypeError, match="`N` is a size"):
        model.N = 4
    for name in ("eta", "hits"):
        with pytest.raises(AttributeError):
            setattr(model, name, 1.0)
    assert model.y.tolist() == [1, 0, 1]


def test_a_dim_that_follows_from_a_loose_one_follows_it() -> None:
    spec = "dim N\ndata y: real[N]\ndim M = 2 * N\nmu: real\nlet z = mu + zeros(M)\n"
    model = model_of(spec, y=[1, 2, 3])
    model.y = [1]
    assert (model.N, model.M, model.z.shape) == (1, 2, (2,))
    kept = model_of(spec, y=[1, 2, 3], M=5)
    kept.y = [1]
    assert (kept.N, kept.M) == (1, 5), "that was given by keyword"


# -- data ---------------------------------------------------------------------------------------------------------------

DATA = [
    ("real", torch.float32, [-3.5, 2], [[math.nan, 0], [0, math.inf]]),
    ("prob", torch.float32, [0, 1], [[0, -0.1], [1.5, 0]]),
    ("positive", torch.float32, [0, 7], [[-1, 1], [1, math.inf]]),
    ("interval(-1, 2)", torch.float32, [-1, 2], [[-1.5, 0], [0, 2.5]]),
    ("ordered", torch.float32, [1, 1], [[2, 1]]),
    ("simplex", torch.float32, [0, 1], [[0.5, 0.4], [1.5, -0.5]]),
    ("int", torch.int64, [-7, 7.0], [[0.5, 0], [0, math.nan], [math.inf, 0]]),
    ("int(-1, 2)", torch.int64, [-1, 2], [[-2, 0], [0, 3], [0, 1.5]]),
    ("count", torch.int64, [0, 2**40], [[-1, 0]]),
    ("index(3)", torch.int64, [0, 2], [[-1, 0], [0, 3]]),
    ("bool", torch.bool, [True, 0.0], [[1, 2], [0.5, 0]]),
]


@pytest.mark.parametrize(("domain", "kind", "inside", "outside"), DATA, ids=[name for name, *_ in DATA])
def test_data_are_of_their_domain_which_is_closed(
    domain: str, kind: torch.dtype, inside: list[Any], outside: list[Any]
) -> None:
    spec = f"data y: {domain}[2]\nx: real\n"
    for form in (
        inside,
        tuple(inside),
        np.array(inside),
        torch.tensor(inside),
        torch.tensor(inside, dtype=torch.float64),
    ):
        model = model_of(spec, y=form, dtype=torch.float32)
        assert model.y.dtype == kind
        assert model.y.tolist() == [float(one) for one in inside]
    for wrong in outside:
        with pytest.raises(DomainError, match=r"^y(\[[01]\])? is "):
            model_of(spec, y=wrong)
        with pytest.raises(DomainError, match=r"^y(\[[01]\])? is "):
            model.y = wrong
        assert model.y.tolist() == [float(one) for one in inside]
    for other in ([0], [[0, 1]], 0, None, "ab", [1j, 0]):
        with pytest.raises(DomainError, match=r"^y: expected"):
            model_of(spec, y=other)


def test_an_index_of_the_size_says_that_cdsl_counts_from_0() -> None:
    with pytest.raises(
        DomainError, match=r"g\[1\] is outside `index`: 3, must be at least 0 and less than 3: cdsl counts from 0"
    ):
        model_of("dim J = 3\ndata g: index(J)[2]\nx: real[J]\n", g=[0, 3])


def test_data_are_told_the_rule_of_the_closed_domain() -> None:
    with pytest.raises(DomainError, match=r"Σ yₖ = 1} by 0.1"):
        model_of("data w: simplex[3]\nx: real\n", w=[1, 0, 0.1])


def test_data_are_a_copy_in_the_modules_dtype() -> None:
    given = torch.arange(3.0, dtype=torch.float64)
    model = model_of("data y: real[3]\ndata k: positive = 0.1\nx: real\nlet z = x + y\n", y=given, dtype=torch.float32)
    assert (model.y.dtype, model.k.dtype, model().z.dtype) == (torch.float32,) * 3
    given[0] = 7
    assert model.y.tolist() == [0, 1, 2]
    model.to(torch.float64)
    assert (model.y.dtype, model.x_raw.dtype, model().z.dtype) == (torch.float64,) * 3
    model.y = torch.ones(3, dtype=torch.float16)
    assert model.y.dtype == torch.float64
    model.half()
    with pytest.raises(DomainError, match=r"k: a number does not fit torch.float16"):
        model.k = 1e6
    assert model.k.item() == pytest.approx(0.1, rel=1e-3)


def test_data_with_a_default_are_saved_and_data_that_are_passed_are_not() -> None:
    spec = "dim N\ndata y: real[N]\ndata k: positive = 2\ndata on: bool[2] = true\nx: interval(0, k)\n"
    model = model_of(spec, y=[1, 2])
    assert set(model.state_dict()) == {"x_raw", "k", "on", "_extra_state"}
    assert {name for name, _ in model.named_buffers()} == {"y", "k", "on"}
    model.set_data_(k=8, on=[True, False])
    other = model_of(spec, y=[3])
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    other.load_state_dict(torch.load(file, weights_only=True))
    assert (other.y.tolist(), other.k.item(), other.on.tolist(), other.x.item()) == ([3], 8, [True, False], 4)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))], ids=["deepcopy", "pickle"]
)
def test_a_copy_has_its_own_data_and_sizes(copied: Callable[[Any], Any]) -> None:
    model = regression()
    other = copied(model)
    other.set_data_(X=torch.zeros(1, 2), y=[1])
    assert (other.N, model.N) == (1, 3)
    assert other.eta.tolist() == [0]
    assert model.eta.tolist() == [1, 1, 1]


def test_what_a_module_on_meta_lacks_comes_with_reset_parameters() -> None:
    with torch.device("meta"):
        model = cdsl.loads(REGRESSION).Model(X=torch.ones(3, 2), y=[0, 1, 1])
    assert all(one.is_meta for one in (*model.parameters(), *model.buffers()))
    model.to_empty(device="cpu")
    model.reset_parameters(X=torch.ones(3, 2), y=[0, 1, 1])
    assert model().eta.tolist() == [1, 1, 1]
    assert model.y.tolist() == [0, 1, 1]


def test_data_with_a_default_come_back_on_a_module_that_was_on_meta() -> None:
    model = cdsl.loads("data k: positive = 2\nmodel A { data w: real[2] = 3 }\na: A\nx: interval(0, k)\n").Model(
        device="meta"
    )
    model.to_empty(device="cpu")
    for one in model.buffers():
        one.fill_(7)  # in place of what memory happens to hold
    model.reset_parameters()
    assert (model.k.item(), model.a.w.tolist(), model.x.item()) == (2, [3, 3], 1)


# -- computed bounds ----------------------------------------------------------------------------------------------------

BOUNDS = {
    "a chain": "lo: real\nhi: greater_than(lo)\ntop: greater_than(hi)[2]\n",
    "through lets": "lo: real\nlet _shift = exp(lo)\nlet mid = lo + _shift\nhi: interval(lo, mid)[3] via probit\nlet span = hi - lo\nlast: less_than(min(hi))\n",
    "arrays": "a: real[3]\nb: greater_than(a)[2, 3]\nc: less_than(b[0][:, None])[3, 2]\nd: interval(min(a) - 1, a)[3]\n",
    "data": "data k: positive[2] = [1, 3]\nx: interval(-k, k)[2]\ny: real(x, k)[3, 2]\nz: interval(0, sum(k))\n",
    "events": "t: positive\nw: scaled_simplex(t)[3]\nc: ordered_in(-t, t + w[0])[2, 2]\nq: floored_simplex(0.1)[3]\n",
    "location and scale": "mu: real\ntau: positive\ntheta: real(mu, tau)[4]\nphi: real(theta, [1, 2, 3, 4])[2, 4]\n",
    "frozen": "frozen g: positive = 2\nfrozen h: greater_than(g) = 3\nx: interval(g, h)[2]\n",
    "nested": "model A { data d: positive = 1\n u: real\n v: interval(u, u + d)[2] }\na: A(d=3)\nb: A[2]\nc: positive[2]\n",
    "nested, and bounds of them": "model A { u: real }\na: A\nb: A[2]\nc: greater_than(a.u)[2]\nd: less_than(b[1].u)\n",
}  # fmt: skip
each_bound = pytest.mark.parametrize("spec", BOUNDS.values(), ids=BOUNDS.keys())


def drawn(spec: str, **given: Any) -> Any:
    model = model_of(spec, **given)
    model.randomize_(1.5, generator=torch.Generator().manual_seed(3))
    return model


def chart(values: Any, frozen: tuple[str, ...], path: str = "") -> list[Tensor]:
    """The entries of a model's parameters, of nested ones too: of a simplex all but the last."""
    found: list[Tensor] = []
    for name, value in values._asdict().items():
        if isinstance(value, Tensor):
            found += [value] if path + name not in frozen else []
        elif hasattr(value, "_asdict"):
            found += chart(value, frozen, f"{path}{name}.")
        else:
            for at, one in enumerate(value):
                found += chart(one, frozen, f"{path}{name}[{at}].")
    return found


def coordinates(model: Any, theta: Tensor) -> Tensor:
    """theta ↦ as many numbers of the values, of a simplex all but the last entry."""
    values, numbers = model.constrain(theta), []
    for leaf in model._leaves():
        if leaf.frozen:
            continue
        value: Any = values
        for step in leaf.name.replace("]", "").replace("[", ".").split("."):
            value = value[int(step)] if step.isdigit() else getattr(value, step)
        numbers.append((value[..., :-1] if "simplex" in leaf.one.map.domain.name else value).reshape(-1))
    return torch.cat(numbers)


@each_bound
def test_the_log_jacobian_is_that_of_the_flat_map(spec: str) -> None:
    model = drawn(spec)
    theta = model.to_flat()
    jacobian = torch.autograd.functional.jacobian(lambda one: coordinates(model, one), theta)
    got = model.log_abs_det_jacobian()
    torch.testing.assert_close(got, torch.linalg.slogdet(jacobian).logabsdet, rtol=1e-11, atol=1e-11)
    torch.testing.assert_close(model.constrain_and_log_det(theta)[1], got, rtol=0, atol=0)


@each_bound
def test_unconstrain_is_the_inverse_whatever_the_leading_dimensions(spec: str) -> None:
    model = drawn(spec)
    torch.testing.assert_close(model.unconstrain(model()), model.to_flat(), rtol=1e-12, atol=1e-12)
    for lead in ((3,), (2, 3), (0,)):
        theta = torch.randn(
            *lead, model.unconstrained_size, dtype=torch.float64, generator=torch.Generator().manual_seed(5)
        )
        torch.testing.assert_close(model.unconstrain(model.constrain(theta)), theta, rtol=1e-11, atol=1e-11)


@each_bound
def test_raw_is_the_state_and_values_follow(spec: str) -> None:
    model = drawn(spec)
    other = model_of(spec)
    other.load_flat_(model.to_flat())
    for one, expected in zip(chart(other(), ()), chart(model(), ()), strict=True):
        assert torch.equal(one, expected)
    other.load_state_dict(drawn(spec).state_dict())
    assert torch.equal(other.to_flat(), model.to_flat())


def test_assigning_a_parent_moves_what_depends_on_it_unless_that_is_named_too() -> None:
    model = model_of("lo: real\nhi: greater_than(lo)\n")
    model.assign_(lo=3, hi=5)
    model.lo = 4
    assert (model.lo.item(), model.hi.item()) == (4, 6)
    model.assign_(hi=8, lo=-2)
    assert (model.lo.item(), model.hi.item()) == pytest.approx((-2, 8), rel=4 * EPS)
    model.assign_(lo=3, hi=model.hi.detach())
    assert (model.lo.item(), model.hi.item()) == pytest.approx((3, 8), rel=4 * EPS)


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"lo": 10, "hi": 5}, DomainError, r"^hi is outside greater_than\(10.0\): 5, must be greater than 10, off by 5$"),
        ({"hi": 0}, DomainError, r"^hi is outside greater_than\(0.0\)"),
        ({"lo": math.inf}, DomainError, "^lo"),
        ({"mid": 1}, TypeError, "declares no `mid`; it declares lo, hi"),
        ({"lo": 1, "y": 2}, TypeError, "declares no `y`"),
        ({"hi": [4, 5]}, DomainError, r"^hi: expected shape \(\)"),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_the_new_bounds_change_nothing(
    values: dict[str, Any], error: type[Exception], message: str
) -> None:
    model = model_of("data y: real = 0\nlo: real\nlet mid = lo + y\nhi: greater_than(mid)\n")
    with pytest.raises(error, match=message):
        model.assign_(**values)
    assert model.to_flat().tolist() == [0, 0]


@pytest.mark.parametrize("value", [0, -1, math.nan])
def test_data_that_leave_a_bound_no_room_change_nothing(value: float) -> None:
    model = model_of("data k: real = 2\nx: interval(0, k)\n")
    with pytest.raises(DomainError, match=r"^x: the interval|^k is outside"):
        model.k = value
    assert (model.k.item(), model.x.item()) == (2, 1)


def test_starts_are_checked_when_the_module_is_built_and_moved_by_no_data() -> None:
    spec = "data k: positive\nx: interval(0, k) = 0.5\n"
    with pytest.raises(DomainError, match=r"^x is outside interval\(0.0, 0.25\): 0.5"):
        model_of(spec, k=0.25)
    model = model_of(spec, k=1)
    model.k = 4
    assert model.x.item() == 2
    model.reset_parameters()
    assert model.x.item() == pytest.approx(0.5, rel=4 * EPS)
    model.reset_parameters(k=1)
    assert model.x.item() == pytest.approx(0.5, rel=4 * EPS)


@pytest.mark.parametrize(
    "spec", ["a: real\nb: interval(a, a)\n", "data k: real = 0\nb: real(0, k)\n", "a: real\nb: real(0, a)\n"]
)
def test_bounds_that_leave_no_room_at_the_start_are_refused_when_the_module_is_built(spec: str) -> None:
    with pytest.raises(DomainError, match=r"^b: "):
        model_of(spec)


def test_unconstrain_broadcasts_a_value_under_batched_parents() -> None:
    model = model_of("lo: real\nhi: greater_than(lo)\n")
    got = model.unconstrain({"lo": torch.tensor([1.0, 2.0]), "hi": 9.0})
    assert_close(got, [[1, math.log(8)], [2, math.log(7)]])


# -- lets ---------------------------------------------------------------------------------------------------------------


def test_lets_are_returned_in_their_places_and_hidden_ones_are_not() -> None:
    model = model_of("dim N = 2\nlet a = 3\nx: real[N] = 1\nlet _b = a * x\nlet c = _b + N\nlet whole = 7 // 2\n")
    values = model()
    assert values._fields == ("a", "x", "c", "whole")
    assert [one.tolist() for one in values] == [3, [1, 1], [5, 5], 3]
    assert {one.dtype for one in values} == {torch.float64}
    assert not hasattr(model, "_b")
    assert model.c.tolist() == [5, 5]
    assert model.scalar_dict() == {"a": 3, "x[0]": 1, "x[1]": 1, "c[0]": 5, "c[1]": 5, "whole": 3}
    assert model.raw_names() == ["x_raw[0]", "x_raw[1]"]
    assert list(model.state_dict()) == ["x_raw", "_extra_state"]
    (c_of_x,) = torch.autograd.grad(model.c.sum(), model.x_raw)
    assert c_of_x.tolist() == [3, 3]


def test_a_spec_may_declare_no_parameter() -> None:
    model = model_of("dim N = 2\ndata y: real[N] = 1\nlet s = sum(y)\n")
    assert (model().s.item(), model.unconstrained_size, model.to_flat().shape) == (2, 0, (0,))
    values, log_det = model.forward_and_log_det()
    assert (values.s.item(), log_det.item()) == (2, 0)
    assert cdsl.loads("dim N = 2\n").Model(N=3).N == 3


def test_a_large_whole_number_is_a_number() -> None:
    assert model_of("x: real\nlet z = 10 ** 30 + x\n").z.item() == 1e30


def test_every_value_has_the_leading_dimensions_of_theta() -> None:
    model = model_of(
        "data y: real[2] = 1\nlet s = 2 * y\nfrozen g: positive = 3\nlet t = g + 1\nx: real\nmodel A { let z = 3 }\na: A\n"
    )
    values = model.constrain(torch.zeros(4, 1, dtype=torch.float64))
    assert (values.x.shape, values.g.shape) == ((4,), (4,))
    assert (values.s.shape, values.t.shape, values.a.z.shape) == ((4, 2), (4,), (4,))


@pytest.mark.parametrize(
    "spec", ["let k = 2 + pi\nb: greater_than(k)\n", "data y: real = 1\nlet j = y\nlet k = 2 * j\nb: interval(j, k)\n"]
)
def test_a_bound_may_be_a_let_that_no_parameter_moves(spec: str) -> None:
    model = model_of(spec)
    assert model.b.item() == model().b.item()


def test_dims_and_data_reach_what_is_computed_from_them() -> None:
    spec = "dim K = 3\ndata s: positive = 2\nx: real[K] = linspace(0, s, K)\nlet z = x / K + size(x)\nfrozen g: positive[K] = s\nw: simplex[K] = ones(K) / K\n"
    model = model_of(spec, K=5, s=4)
    assert model.x.tolist() == [0, 1, 2, 3, 4]
    assert_close(model.z, np.arange(5) / 5 + 5)
    assert_close(model.g, [4.0] * 5)
    assert_close(model.w, [0.2] * 5)


def test_aliases_stand_for_their_types() -> None:
    spec = """\
dim D = 2
type rate(high, low=0) = interval(low, high) via probit
type fast = rate(100)
type row = simplex[D + 1]
type label = index(D)
data g: label[4] = [0, 1, 1, 0]
tau: positive = 3
r: rate(tau)[2]
s: rate(high=4, low=2) via logistic = 2.5
t: fast = 50
rows: row[2]
let of_rows = rows[g]
"""
    model = model_of(spec)
    written = {one.name: f"{one.map.domain.name} via {one.map.name}" for one in model._declared}
    assert written["r"] == written["t"] == "interval via probit"
    assert written["s"] == "interval via logistic"
    assert_close(model.r, [1.5, 1.5])
    assert (model.s.item(), model.t.item()) == (2.5, 50)
    assert (model.rows.shape, model.of_rows.shape) == ((2, 3), (4, 3))


# -- frozen -------------------------------------------------------------------------------------------------------------


def test_frozen_means_constant_and_part_of_no_flat_vector() -> None:
    model = model_of(
        "data k: positive = 2\nfrozen g: positive = k\nfrozen h: greater_than(g) = k + 1\nx: interval(g, h)\nlet z = x * h\n"
    )
    assert (model.raw_names(), model.frozen_names(), model.unconstrained_size) == (["x_raw"], ["g", "h"], 1)
    assert [name for name, one in model.named_parameters() if one.requires_grad] == ["x_raw"]
    assert {"g_raw", "h_raw"} < set(model.state_dict())
    model.z.backward()
    assert (model.g_raw.grad, model.h_raw.grad) == (None, None)
    with pytest.raises(TypeError, match="`g` is declared `frozen`"):
        model.unfreeze_("g")
    before = model().h.item()
    model.randomize_()
    assert model().h.item() == before
    assert_close(
        model.log_abs_det_jacobian(), torch.log((model.x - model.g) * (model.h - model.x) / (model.h - model.g)).item()
    )


# -- nested models ------------------------------------------------------------------------------------------------------

NESTED = """\
dim J
data z: real[J]
model Shares { q: simplex[2] }
model Noise {
    dim K
    data x: real[K]
    data c: positive = 2
    df: greater_than(c)[K] = 4
    shares: Shares
    width: positive
    frozen k: positive = 3
    let f = width * x + shares.q[0]
}
a: real
one: Noise(x=2 * z)
many: Noise(K=2, x=z[:2])[2]
let b = a * one.f + many[1].df[0]
above: greater_than(one.width + many[0].width)
"""
NAMES_OF_RAW = [
    "a_raw",
    *(f"one.{name}" for name in ("df_raw[0]", "df_raw[1]", "df_raw[2]", "shares.q_raw[0]", "width_raw")),
    *(f"many[{at}].{name}" for at in (0, 1) for name in ("df_raw[0]", "df_raw[1]", "shares.q_raw[0]", "width_raw")),
    "above_raw",
]


def nested(dtype: torch.dtype = torch.float64) -> Any:
    model = model_of(NESTED, z=[1, 2, 3], dtype=dtype)
    model.randomize_(1.0, generator=torch.Generator().manual_seed(0))
    return model


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_nested_models_stand_in_their_places(dtype: torch.dtype) -> None:
    model = nested(dtype)
    values = model()
    assert model.raw_names() == NAMES_OF_RAW
    assert (model.unconstrained_size, model.one.K, model.many[0].K) == (len(NAMES_OF_RAW), 3, 2)
    assert type(model.many) is nn.ModuleList
    assert values._fields == ("a", "one", "many", "b", "above")
    assert [type(one).__name__ for one in (values.one, *values.many, values.one.shares)] == ["NoiseValues"] * 3 + [
        "SharesValues"
    ]
    assert torch.equal(values.one.df, model.one.df)
    assert torch.equal(values.many[1].shares.q, model.many[1].shares.q)
    assert {one.dtype for one in chart(values, ())} == {dtype}
    flat = [parameter.reshape(-1) for name, parameter in model.named_parameters()]
    assert (
        sorted(torch.cat(flat).tolist()) == sorted([*model.to_flat().tolist(), *[math.log(3)] * 3])
        or dtype == torch.float32
    )
    theta = torch.arange(1.0, model.unconstrained_size + 1, dtype=dtype) / 10
    model.load_flat_(theta)
    assert torch.equal(model.to_flat(), theta)
    assert torch.equal(model.one.df_raw, theta[1:4])
    assert torch.equal(model.many[1].width_raw, theta[13:14])
    assert torch.equal(model.above_raw, theta[14:])
    parts = (model.log_abs_det_jacobian(), sum(one.log_abs_det_jacobian() for one in (model.one, *model.many)))
    assert (parts[0] - parts[1]).item() == pytest.approx(theta[-1].item(), rel=1e-5)
    assert_same_values(model.constrain(theta), model())


def assert_same_values(one: Any, other: Any) -> None:
    for got, expected in zip(chart(one, ()), chart(other, ()), strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-6, atol=1e-6)


def test_a_nested_model_is_frozen_by_its_name_or_by_that_of_a_value() -> None:
    model = nested()
    model.freeze_("many[0]", "one.width")
    assert model.frozen_names() == [
        "one.width",
        "one.k",
        "many[0].df",
        "many[0].shares.q",
        "many[0].width",
        "many[0].k",
        "many[1].k",
    ]
    assert model.raw_names() == [name for name in NAMES_OF_RAW if not name.startswith(("many[0]", "one.width"))]
    assert not model.many[0].shares.q_raw.requires_grad
    theta = model.to_flat()
    assert theta.shape == (model.unconstrained_size,) == (10,)
    torch.testing.assert_close(model.unconstrain(model()), theta, rtol=1e-12, atol=1e-12)
    assert_same_values(model.constrain(theta), model())
    model.log_abs_det_jacobian().backward()
    assert model.one.width_raw.grad is None
    model.unfreeze_("many", "one")
    assert model.frozen_names() == ["one.k", "many[0].k", "many[1].k"]
    assert model.raw_names() == NAMES_OF_RAW
    for unknown in ("many[2]", "one.nope", "noise", "one.f"):
        with pytest.raises(TypeError, match="declares no"):
            model.freeze_(unknown)


def test_values_are_assigned_through_nested_models_in_declaration_order() -> None:
    model = nested()
    model.assign_(one={"width": 3, "shares": {"q": [0.25, 0.75]}}, many=[{"df": [5, 6]}, {}], above=20)
    model.many[0].width = 2
    assert_close(model.one.width, 3.0)
    assert_close(model.one.shares.q, [0.25, 0.75])
    assert_close(model.many[0].df, [5.0, 6.0])
    before = model.to_flat()
    for values, error, message in (
        ({"one": {"width": 4}, "above": 5.5}, DomainError, r"^above is outside greater_than\(6"),
        ({"above": 9, "one": {"width": -1}}, DomainError, r"width is outside positive: -1"),
        ({"a": 1, "one": {"nope": 1}}, TypeError, "Noise declares no `nope`"),
        ({"a": 1, "many": [{}]}, DomainError, "many: expected the values of 2 models, in a list"),
        ({"a": 1, "many": {"width": 1}}, DomainError, "many: expected the values of 2 models"),
        ({"a": 1, "one": {"df": [4, 4, 2]}}, DomainError, r"df\[2\] is outside"),
    ):
        with pytest.raises(error, match=message):
            model.assign_(**values)
        assert torch.equal(model.to_flat(), before)


def test_errors_below_a_nested_model_say_where() -> None:
    with pytest.raises(DomainError, match=r"^many\[1\]\.width is outside"):
        nested().assign_(many=[{}, {"width": -1}])


def test_a_nested_models_own_values_can_be_assigned() -> None:
    model = nested()
    with torch.no_grad():
        values = model()
    raw = model.to_flat()
    model.randomize_(1.0, generator=torch.Generator().manual_seed(1))
    model.assign_(one=values.one, many=values.many)
    torch.testing.assert_close(model.to_flat()[1:-1], raw[1:-1], rtol=1e-12, atol=1e-12)


def test_data_reach_the_models_that_they_are_bound_to() -> None:
    model = nested()
    assert model.one.x.tolist() == [2, 4, 6]
    assert model.many[1].x.tolist() == [1, 2]
    model.many[0].c = 1
    model.z = [5, 6, 7]
    assert model.one.x.tolist() == [10, 12, 14]
    assert [one.x.tolist() for one in model.many] == [[5, 6]] * 2
    assert (model.many[0].c.item(), model.many[1].c.item()) == (1, 2), "what is not bound stays"
    before = model.to_flat()
    with pytest.raises(DomainError, match=r"df: these data would change its shape"):
        model.z = [1, 2, 3, 4]
    with pytest.raises(DomainError, match="z"):
        model.z = [1, math.nan, 3]
    assert (model.z.tolist(), model.one.x.tolist(), model.one.K, model.J) == ([5, 6, 7], [10, 12, 14], 3, 3)
    assert torch.equal(model.to_flat(), before)


def test_a_default_that_nobody_passed_follows_what_it_depends_on() -> None:
    model = model_of("dim N\ndata y: real[N]\ndata w: real[N] = y / 2\nmu: real\n", y=[2, 4])
    model.y = [2, 4, 6]
    assert model.w.tolist() == [1, 2, 3]
    model.y = [8, 8, 8]
    assert model.w.tolist() == [4, 4, 4]
    model.w = [0, 0, 0]
    model.y = [2, 2, 2]
    assert model.w.tolist() == [0, 0, 0], "what was passed is kept"


@pytest.mark.parametrize("text", ["T[0, :, [1, 0]]", "T[0, None, [0, 1]]"])
def test_a_number_and_an_array_apart_are_refused_or_mean_what_they_mean_in_numpy(text: str) -> None:
    spec = f"data T: real[2, 3, 2] = reshape(arange(12), 2, 3, 2)\nlet r = {text}\n"
    codes = [one.code for one in cdsl.check(cdsl.parse(spec)).diagnostics]
    assert codes in ([], ["E405"])
    if not codes:
        assert_close(model_of(spec).r, by_numpy(text, {"T": np.arange(12).reshape(2, 3, 2)}), text)


def test_loose_dims_of_nested_models_follow_their_data() -> None:
    spec = "dim N\ndata y: real[N]\nmodel A { dim K\n data x: real[K]\n s: positive\n let f = s * x }\na: A(x=2 * y)\nlet g = a.f + y\n"
    model = model_of(spec, y=[1, 2])
    model.y = [1, 2, 3]
    assert (model.N, model.a.K, model.g.tolist()) == (3, 3, [3, 6, 9])
    model.y = []
    assert (model.N, model.a.K, model.g.shape) == (0, 0, (0,))


def test_how_many_models_there_are_is_fixed() -> None:
    model = model_of("dim N\ndata y: real[N]\nmodel A { s: positive }\na: A[N]\n", y=[1, 2])
    with pytest.raises(DomainError, match="a"):
        model.y = [1, 2, 3]


def test_a_checkpoint_does_not_part_what_is_bound() -> None:
    spec = "data q: positive\nmodel A { data c: positive = 2\n x: interval(0, c) }\na: A(c=q)\n"
    one, other = model_of(spec, q=5), model_of(spec, q=7)
    other.load_state_dict(one.state_dict())
    assert (other.q.item(), other.a.c.item()) == (7, 7)


def test_bound_data_are_not_set_by_themselves() -> None:
    model = nested()
    with pytest.raises((TypeError, DomainError), match="bound"):
        model.one.x = [1, 1, 1]


@pytest.mark.parametrize("given", [{"M": 0}, {"M": 1}])
def test_a_list_that_is_shorter_than_its_use_is_refused(given: dict[str, int]) -> None:
    with pytest.raises(DomainError, match=f"a list of `A` has a size of {given['M']}, expected one ≥ 2"):
        model_of("dim M = 2\nmodel A { w: positive }\nmany: A[M]\nb: greater_than(many[1].w)\n", **given)


def test_data_may_be_bound_to_numbers_and_dims() -> None:
    spec = "dim J\ndata z: real[J]\nmodel A { data c: positive\n data k: real\n s: interval(0, c) }\na: A(c=3, k=J)\n"
    model = model_of(spec, z=[1, 2])
    model.z = [1]
    assert (model.a.c.item(), model.a.k.item(), model.a.s.item()) == (3, 1, 1.5)


def test_lists_may_be_empty() -> None:
    model = model_of("dim M = 0\nmodel A { w: positive }\nmany: A[M]\nb: real\n")
    assert (model().many, len(model.many), model.raw_names()) == ((), 0, ["b_raw"])
    assert model.unconstrain(model()).tolist() == [0]
    with pytest.raises(DomainError, match="M: "):
        model_of("dim M\nmodel A { w: positive }\nmany: A[M]\nb: real\n", M=-1)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))], ids=["deepcopy", "pickle"]
)
def test_a_copy_of_nested_models_is_apart(copied: Callable[[Any], Any]) -> None:
    model = nested()
    model.freeze_("one.width")
    other = copied(model)
    assert_same_values(other(), model())
    assert other.frozen_names() == model.frozen_names()
    other.z = [7, 8, 9]
    other.many[0].width = 9
    assert (other.one.x.tolist(), model.one.x.tolist()) == ([14, 16, 18], [2, 4, 6])
    assert model.many[0].width.item() != 9


def test_the_state_of_nested_models_is_that_of_modules() -> None:
    model = nested()
    of_noise = {"df_raw", "width_raw", "k_raw", "c", "_extra_state", "shares.q_raw", "shares._extra_state"}
    own = {"a_raw", "above_raw", "_extra_state"}
    expected = own | {f"{name}.{key}" for name in ("one", "many.0", "many.1") for key in of_noise}
    assert set(model.state_dict()) == expected
    other = model_of(NESTED, z=[1, 2, 3])
    other.load_state_dict(model.state_dict())
    assert torch.equal(other.to_flat(), model.to_flat())
    changed = NESTED.replace("width: positive", "width: greater_than(1)")
    with pytest.raises(Exception, match="width"):
        model_of(changed, z=[1, 2, 3]).load_state_dict(model.state_dict())


def outputs(model: Any) -> tuple[Tensor, ...]:
    values, log_det = model.forward_and_log_det()
    return (values.b, values.above, values.many[1].f, log_det)


def test_nested_models_are_one_graph() -> None:
    torch._dynamo.reset()
    model = nested()
    compiled = torch.compile(outputs, fullgraph=True, backend="eager")
    for seed in (1, 2):
        model.randomize_(1.0, generator=torch.Generator().manual_seed(seed))
        for got, expected in zip(compiled(model), outputs(model), strict=True):
            assert torch.equal(got, expected)
    sum(one.sum() for one in compiled(model)).backward()
    assert all(one.grad is not None for name, one in model.named_parameters() if not name.endswith("k_raw"))
    torch._dynamo.reset()


def test_nested_models_are_functions_of_their_parameters() -> None:
    model = nested()
    raws = {name: torch.stack([one.detach(), one.detach() / 2]) for name, one in model.named_parameters()}
    got = vmap(lambda raw: functional_call(model, raw, ()))(raws)
    for at in (0, 1):
        one = functional_call(model, {name: raw[at] for name, raw in raws.items()}, ())
        for value, expected in zip(chart(got, ()), chart(one, ()), strict=True):
            torch.testing.assert_close(
                value[at] if value.ndim > expected.ndim else value, expected, rtol=1e-13, atol=1e-13
            )


@pytest.mark.parametrize(("type_", "brought"), [("prob", 1.5), ("interval(0, K)", 3.0), ("count", -1)])
def test_a_checkpoint_brings_no_datum_from_outside_its_domain(type_, brought):
    model = cdsl.loads(f"dim K = 2\ndata a: {type_} = 0\np: prob\n").Model()
    state = model.state_dict()
    state["a"] = torch.tensor(brought, dtype=state["a"].dtype)
    with pytest.raises(DomainError, match="a is outside"):
        model.load_state_dict(state)
