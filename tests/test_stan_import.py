"""Reading Stan: each form of declaration, expressions, names, problems with their lines, and whatever else a text may hold."""

import itertools
import math
import re
from time import process_time

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark

import cdsl
from cdsl.diagnostics.text import render
from cdsl.source import Source
from cdsl.stan import Problem, spec_of
from cdsl.stan.read import Whole
from cdsl.syntax.parse import grammar_text


def translated(data="", transformed="", parameters=""):
    """The spec of these blocks, which has no problems and which cdsl accepts."""
    text = f"data {{ {data} }} transformed data {{ {transformed} }} parameters {{ {parameters} }} model {{ }}"
    found = spec_of(text)
    assert found.problems == ()
    checked = cdsl.check(cdsl.parse(found.spec))
    assert checked.model is not None, render(checked.diagnostics, Source(found.spec))
    return found.spec


def problems(text):
    """The problems of a program."""
    return list(spec_of(text).problems)


# -- declarations ------------------------------------------------------------------------------------------------------

BEFORE = "int<lower=0> N; int<lower=1> K; real u; vector[N] v; array[N] real a; array[K] int n;"

PARAMETERS = {
    "real x": "x: real",
    "real<lower=0> x": "x: positive",
    "real<lower=0.0> x": "x: positive",
    "real<upper=0> x": "x: negative",
    "real<lower=-2> x": "x: greater_than(-2)",
    "real<upper=2.5> x": "x: less_than(2.5)",
    "real<lower=0, upper=1> x": "x: prob",
    "real<upper=1, lower=0> x": "x: prob",
    "real<lower=-1, upper=1> x": "x: interval(-1, 1)",
    "real<lower=u, upper=u + 1> x": "x: interval(u, u + 1)",
    "real<lower=negative_infinity(), upper=u> x": "x: less_than(u)",
    "real<lower=u, upper=positive_infinity()> x": "x: greater_than(u)",
    "real<lower=negative_infinity()> x": "x: real",
    "real<offset=u> x": "x: real(u)",
    "real<multiplier=2> x": "x: real(scale=2)",
    "real<offset=1, multiplier=2> x": "x: real(1, 2)",
    "vector[N] x": "x: real[N]",
    "row_vector[3] x": "x: real[3]",
    "matrix[N, K + 1] x": "x: real[N, K + 1]",
    "vector<lower=v>[N] x": "x: greater_than(v)[N]",
    "vector<offset=u, multiplier=exp(u)>[N] x": "x: real(u, exp(u))[N]",
    "matrix<lower=0>[N, K] x": "x: positive[N, K]",
    "simplex[K] x": "x: simplex[K]",
    "ordered[K] x": "x: ordered[K]",
    "positive_ordered[K] x": "x: positive_ordered[K]",
    "unit_vector[K + 1] x": "x: unit_vector[K + 1]",
    "sum_to_zero_vector[K] x": "x: zero_sum[K]",
    "sum_to_zero_matrix[K, N] x": "x: zero_sum_matrix[K, N]",
    "cov_matrix[K] x": "x: cov[K]",
    "corr_matrix[K] x": "x: corr[K]",
    "cholesky_factor_corr[K] x": "x: cholesky_corr[K]",
    "cholesky_factor_cov[K] x": "x: cholesky_cov[K]",
    "cholesky_factor_cov[4, 2] x": "x: cholesky_cov[4, 2]",
    "row_stochastic_matrix[K, N] x": "x: row_stochastic[K, N]",
    "column_stochastic_matrix[K, N] x": "x: column_stochastic[K, N]",
    "array[N] real<lower=0> x": "x: positive[N]",
    "array[N, 2] real x": "x: real[N, 2]",
    "array[N] vector[K] x": "x: real[N, K]",
    "array[N, 2] simplex[K] x": "x: simplex[N, 2, K]",
    "array[N] cholesky_factor_cov[K] x": "x: cholesky_cov[N, K, K]",
    "array[N] cholesky_factor_cov[4, 2] x": "x: cholesky_cov[N, 4, 2]",
    "array[N] corr_matrix[K] x": "x: corr[N, K]",
    "real x, y": "x: real\ny: real",
    "real<lower=0> x; real<upper=x> y": "x: positive\ny: less_than(x)",
    "vector[n[1]] x": "x: real[n[0]]",
}


@pytest.mark.parametrize("declaration", PARAMETERS)
def test_a_parameter(declaration):
    spec = translated(BEFORE, parameters=f"{declaration};")
    assert spec.partition("\n\n")[2] == f"{PARAMETERS[declaration]}\n"


DATA = {
    "int N; array[N] real y;": "dim N\ndata y: real[N]",
    "int<lower=0, upper=1> flag;": "data flag: int(0, 1)",
    "int k;": "data k: int",
    "int<lower=0> k;": "data k: count",
    "int<lower=1> k;": "data k: int(1, inf)",
    "int<upper=3> k;": "data k: int(-inf, 3)",
    "int K; array[7] int<lower=1, upper=K> z;": "data K: int\ndata z: int(1, K)[7]",
    "int K; array[K] int<lower=1, upper=K> z;": "dim K\ndata z: int(1, K)[K]",
    "real<lower=0> s;": "data s: nonnegative",
    "int N; int M; matrix[M, N] X; vector<lower=0, upper=1>[M] p;": "dim N\ndim M\ndata X: real[M, N]\ndata p: prob[M]",
    "int J; array[J] matrix[2, 3] X;": "dim J\ndata X: real[J, 2, 3]",
    "array[2] simplex[3] q; cov_matrix[2] S;": "data q: simplex[2, 3]\ndata S: cov[2]",
    "real t0; array[3] real<lower=t0> ts;": "data t0: real\ndata ts: greater_than(t0)[3]",
}


@pytest.mark.parametrize("declarations", DATA)
def test_data(declarations):
    assert translated(declarations, parameters="real x;") == f"{DATA[declarations]}\n\nx: real\n"


def test_a_size_of_parameters_alone_is_a_dim():
    assert translated("int K;", parameters="vector[K - 1] b;") == "dim K\n\nb: real[K - 1]\n"


TRANSFORMED = {
    ("int L = 2;", "vector[L] b;"): "dim L = 2\n\nb: real[L]",
    ("int L; L = max(n);", "vector[L] b;"): "dim L = max(n)\n\nb: real[L]",
    ("int A = N; int B = A * 2;", "vector[B] b;"): "dim A = N\ndim B = A * 2\n\nb: real[B]",
    ("int A; int B; B = N + 1; A = B * 2;", "vector[A] b;"): "dim B = N + 1\ndim A = B * 2\n\nb: real[A]",
    ("real top = max(v) + 1;", "real<upper=top> b;"): "let top = max(v) + 1\n\nb: less_than(top)",
    ("vector[N] top = v .* v + 1;", "vector<upper=top>[N] b;"): "let top = v * v + 1\n\nb: less_than(top)[N]",
    ("real w = u; for (i in 1:N) { print(w); }", "real<lower=w> b;"): "let w = u\n\nb: greater_than(w)",
    ("vector[N] z; for (i in 1:N) z[i] = v[i]; int L = 3;", "vector[L] b;"): "dim L = 3\n\nb: real[L]",
    ("array[2] real c = {1, 2}; int L = 3;", "vector[L] b;"): "dim L = 3\n\nb: real[L]",
    ('if (N > 2) { reject("} ; {"); } else { print(N); } int L = 1;', "vector[L] b;"): "dim L = 1\n\nb: real[L]",
}


@pytest.mark.parametrize(("transformed", "parameters"), TRANSFORMED)
def test_transformed_data_that_parameters_need(transformed, parameters):
    spec = translated(BEFORE, transformed, parameters)
    assert spec.partition("\n\n")[2] == f"{TRANSFORMED[transformed, parameters]}\n"


COMPUTED = {
    "int K = 0; for (i in 1:N) K = K + 1;": "dim K",
    "int K; for (i in 1:N) { K = i; }": "dim K",
    "int K; if (N > 2) K = 1; else K = 2;": "dim K",
    "int K = 1; K += 1;": "dim K",
    "int K; K = 1; K = 2;": "dim K",
    "int K;": "dim K",
    "int K = my_function(N);": "dim K",
    "int K = N > 2 ? 1 : 2;": "dim K",
}


@pytest.mark.parametrize("transformed", COMPUTED)
def test_what_statements_compute_is_passed_in(transformed):
    found = spec_of(f"data {{ int N; }}\ntransformed data {{\n {transformed} }} parameters {{ vector[K] b; }}")
    assert found.spec.endswith(f"{COMPUTED[transformed]}\n\nb: real[K]\n")
    assert [(one.line, "`K` is to be passed in: " in one.message) for one in found.problems] == [(3, True)]


def test_an_array_that_statements_compute_is_data():
    found = spec_of("""
        data { int I; }
        transformed data {
          array[I] int m;
          for (i in 1 : I) {
            m[i] = i;
          }
        }
        parameters { vector[sum(m) - 1] b; }
    """)
    assert found.spec == "dim I\n\ndata m: int[I]\n\nb: real[sum(m) - 1]\n"
    assert found.problems == (Problem(4, "`m` is to be passed in: it is computed by statements"),)


# -- expressions -------------------------------------------------------------------------------------------------------

VALUES = """
    int N; int K; real u; real w; vector[N] v; row_vector[N] r; matrix[N, N] M; array[N] real a; array[K] int n;
    array[N] vector[K] va; vector[K] q; array[K] int<lower=1, upper=N> at; int flag;
"""

EXPRESSIONS = {
    "1 - u": "1 - u",
    "(1 - u)": "1 - u",
    "1 - (u - w)": "1 - (u - w)",
    "1 - u - w": "1 - u - w",
    "u * (1 + w)": "u * (1 + w)",
    "u / (w * 2)": "u / (w * 2)",
    "u ^ 2": "u ** 2",
    "-u ^ 2": "-u ** 2",
    "(-u) ^ 2": "(-u) ** 2",
    "u ^ -w": "u ** -w",
    "u ^ w ^ 2": "u ** w ** 2",
    "(u ^ w) ^ 2": "(u ** w) ** 2",
    "+u": "u",
    "-(u + w)": "-(u + w)",
    "N / K": "N // K",
    "N %/% K": "N // K",
    "N / 2.0": "N / 2.0",
    "u / 2": "u / 2",
    "N % K": "N - K * (N // K)",
    "N * 1_000": "N * 1_000",
    "u + 1e-3": "u + 1e-3",
    "u + 007": "u + 7",
    "u + 00.5": "u + 0.5",
    "u + 1.": "u + 1.",
    "mean(v) - 3 * sd(v)": "mean(v) - 3 * sd(v)",
    "variance(a)": "var(a)",
    "fabs(u) + square(w)": "abs(u) + square(w)",
    "fmax(u, w)": "max(u, w)",
    "max(n)": "max(n)",
    "max({u, w})": "max([u, w])",
    "pow(u, 2)": "u ** 2",
    "inv(u + 1)": "1 / (u + 1)",
    "log1m(u)": "log1p(-u)",
    "log_sum_exp(v)": "logsumexp(v)",
    "log_sum_exp(u, w)": "logaddexp(u, w)",
    "num_elements(v) + rows(M) + cols(M)": "size(v) + size(M, 0) + size(M, 1)",
    "size(a) + size(va) + num_elements(va) + cols(r) + rows(r)": "size(a) + size(va, 0) + size(va) + size(r) + 1",
    "sum(M[1])": "sum(M[0])",
    "v[1]": "v[0]",
    "v[N]": "v[N - 1]",
    "v[N - K]": "v[N - K - 1]",
    "v[n[2]]": "v[n[1] - 1]",
    "sum(v[at])": "sum(v[at - 1])",
    "sum(v[2 : K])": "sum(v[1:K])",
    "sum(v[K : ])": "sum(v[K - 1:])",
    "sum(v[ : 3])": "sum(v[:3])",
    "sum(M[ , 2])": "sum(M[:, 1])",
    "sum(M[ : , 2])": "sum(M[:, 1])",
    "M[1, 2]": "M[0, 1]",
    "va[1][2] + va[1, 2]": "va[0][1] + va[0, 1]",
    "r * v": "r @ v",
    "sum(M * v)": "sum(M @ v)",
    "sum(u * v)": "sum(u * v)",
    "sum(v * r)": "sum(outer(v, r))",
    "sum(v .* v ./ 2)": "sum(v * v / 2)",
    "sum(v .^ 2)": "sum(v ** 2)",
    "v' * v": "v @ v",
    "sum(M' * M)": "sum(transpose(M) @ M)",
    "sum(M \\ v)": "sum(solve(M, v))",
    "dot_self(v) + dot_product(v, r)": "dot(v, v) + dot(v, r)",
    "sum(rep_vector(u, 3))": "sum(full(u, 3))",
    "sum(append_row(v, q))": "sum(concat(v, q))",
    "sum(append_row(u, v))": "sum(concat([u], v))",
    "sum(append_row(M, r)[4])": "sum(concat(M, r[None, :], axis=0)[3])",
    "sum(append_col(M, v)[ , 4])": "sum(concat(M, v[:, None], axis=1)[:, 3])",
    "sum(append_col(v, v)[1])": "sum(concat(v[:, None], v[:, None], axis=1)[0])",
    "sum(append_array(a, {u, w}))": "sum(concat(a, [u, w]))",
    "sum(a ^ 2)": "sum(a ** 2)",
    "u > w": "where(u > w, 1, 0)",
    "sum(to_vector(a) + v)": "sum(a + v)",
    "u > 1 ? u : w": "where(u > 1, u, w)",
    "flag ? u : w": "where(flag != 0, u, w)",
    "(u > w) + 1": "where(u > w, 1, 0) + 1",
    "(u <= w) == 0 ? 1 : 2": "where(where(u <= w, 1, 0) == 0, 1, 2)",
    "!flag ? 1 : 2": "where(flag == 0, 1, 2)",
    "pi() + e() + sqrt2()": "pi + exp(1) + sqrt(2)",
    "log2() + log10() + log10(u)": "log(2) + log(10) + log10(u)",
    "u /* the larger } */ + w // of two }\n": "u + w",
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression(expression):
    spec = translated(VALUES, parameters=f"vector[K] k; real<lower=({expression})> x;")
    assert spec.splitlines()[-1] == f"x: greater_than({EXPRESSIONS[expression]})"


def test_the_value_of_an_expression_is_that_of_stan():
    """Of those above: stanli's number and ours, as a lower bound at raw 0, which is 1 above it."""
    stanli = pytest.importorskip("stanli")
    data = {
        "N": 3, "K": 2, "u": 0.25, "w": 1.5, "v": [0.5, 1.25, 2.0], "r": [1.0, -1.0, 0.5], "a": [0.1, 0.7, 0.4],
        "M": [[2.0, 0.5, 0.1], [0.3, 3.0, 0.2], [0.4, 0.6, 4.0]], "n": [1, 2], "va": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
        "q": [0.3, 0.6], "at": [3, 1], "flag": 1,
    }  # fmt: skip
    told = [one.removesuffix("// of two }\n") for one in EXPRESSIONS if "fabs" not in one]  # which Stan had until 2.33
    declared = " ".join(f"real<lower=({one})> x{at};" for at, one in enumerate(told))
    found = spec_of(f"data {{ {VALUES} }} parameters {{ vector[K] k; {declared} }}")
    assert found.problems == ()
    model = cdsl.loads(found.spec).Model(**data, dtype=torch.float64)
    ours = [value.item() for value in model.constrain(torch.zeros(2 + len(told), dtype=torch.float64))[1:]]
    stan = stanli.Model(
        stan_code=f"data {{ {VALUES} }} parameters {{ vector[K] k; {declared} }} model {{ }}", data=data
    )
    theirs = stan.unconstrain({"k": [0.0, 0.0], **{f"x{at}": value for at, value in enumerate(ours)}})
    assert theirs.tolist() == pytest.approx([0.0] * len(theirs), abs=1e-12)


def test_the_spec_of_every_form_has_the_density_of_stan():
    """All forms in one program: the log-Jacobian is Stan's, at raws that are in the same order, but for matrices of numbers."""
    stanli = pytest.importorskip("stanli")
    forms = [
        one for one in PARAMETERS if one.endswith(" x") and ";" not in one and "stochastic" not in one
    ]  # stanli has none
    declared = "".join(re.sub(r"\bx$", f"x{at}", one) + ";\n" for at, one in enumerate(forms))
    data = {"N": 3, "K": 2, "u": 0.25, "v": [0.5, 1.25, 2.0], "a": [0.1, 0.7, 0.4], "n": [2, 1]}
    program = f"data {{ {BEFORE} }}\nparameters {{\n{declared} }}\n"
    stan = stanli.Model(stan_code=f"{program} model {{ }}", data=data)
    found = spec_of(program)
    assert found.problems == ()
    model = cdsl.loads(found.spec).Model(**data, dtype=torch.float64)
    assert model.unconstrained_size == stan.n_unconstrained
    theta = torch.tensor([math.sin(i) for i in range(stan.n_unconstrained)], dtype=torch.float64)
    density, _ = stan.log_prob_grad(theta.numpy())
    assert model.constrain_and_log_det(theta)[1].item() == pytest.approx(density, rel=1e-12)


# -- names -------------------------------------------------------------------------------------------------------------


def test_names_that_cdsl_refuses_are_renamed_wherever_they_stand():
    found = spec_of("""
        data { int train; vector[train] lambda; }
        parameters { real<lower=max(lambda)> x; real x_raw; vector[train] forward; real forward_; real theta_raw; }
    """)
    assert found.spec == (
        "dim train_\ndata lambda_: real[train_]\n\n"
        "x: greater_than(max(lambda_))\nx_raw_: real\nforward__: real[train_]\nforward_: real\ntheta_raw: real\n"
    )
    assert found.renames == {"train": "train_", "lambda": "lambda_", "forward": "forward__", "x_raw": "x_raw_"}
    assert cdsl.check(cdsl.parse(found.spec)).diagnostics == ()


def test_pi_of_the_program_is_not_the_number():
    spec = translated("int K;", parameters="simplex[K] pi; real<lower=-pi(), upper=pi()> angle;")
    assert spec.endswith("pi: simplex[K]\nangle: interval(-3.141592653589793, 3.141592653589793)\n")


def test_the_words_of_cdsl_are_names_like_any_other():
    translated("int dim; vector[dim] let;", parameters="real via; real<lower=via> type; real frozen;")


# -- problems ----------------------------------------------------------------------------------------------------------

PROBLEMS = {
    "data {\n int N;\n int x[N];\n}": [(3, "sizes behind the name are no longer Stan: write `array[…] int x`")],
    "parameters {\n vector[2] x[3, 4];\n}": [
        (2, "sizes behind the name are no longer Stan: write `array[…] vector x`")
    ],
    "parameters {\n\n complex z;\n real x;\n}": [(3, "the type `complex` has no counterpart in cdsl")],
    "parameters {\n tuple(real, real) z;\n}": [(2, "`(` is not expected here")],
    "parameters {\n int k;\n}": [(2, "`k` is a whole number: a parameter has a gradient")],
    "parameters {\n real<lower=a> x;\n}": [(2, "`a` is not known here")],
    "parameters {\n real<lower=\n f(1)> x;\n}": [(3, "the function `f` of 1 has no counterpart in cdsl")],
    "parameters {\n real<middle=1> x;\n}": [(2, "`middle` is no bound of `real`, or given twice")],
    "parameters {\n simplex<lower=0>[3] x;\n}": [(2, "`lower` is no bound of `simplex`, or given twice")],
    "parameters {\n real<lower=0, offset=1> x;\n}": [(2, "bounds and an offset or multiplier exclude each other")],
    "parameters {\n vector x;\n}": [(2, "`vector` takes 1 sizes, got 0: an array is `array[…] vector`")],
    "parameters {\n real[3] x;\n}": [(2, "`real` takes 0 sizes, got 1: an array is `array[…] real`")],
    "parameters {\n vector[2.5] x;\n}": [(2, "a size is a whole number")],
    "data { int f; }\nparameters {\n vector[f ? 2 : 0] x;\n}": [
        (3, "a size that depends on a condition has no counterpart in cdsl")
    ],
    "data { complex z;\n}\nparameters {\n real<lower=z> x;\n}": [
        (1, "the type `complex` has no counterpart in cdsl"),
        (4, "`z` is not in the spec: see line 1"),
    ],
    "data {\n int N;\n int N;\n}": [(3, "`N` is declared twice")],
    "data {\n real x = 2;\n}": [(2, "`x` has a value: only transformed data have")],
    "parameters {\n x = 2;\n}": [(2, "expected a declaration, found an assignment")],
    "parameters {\n real x\n}": [(2, "expected `;` after `x`")],
    "parameters {\n real;\n}": [(2, "something is missing after `real`")],
    "parameters {\n real x <- 2;\n real y;\n}": [(2, "`<-` is not expected here")],
    "parameters {\n real<lower=0 x;\n real y;\n}": [(2, "`x` is not expected here")],
    "parameters {\n real x; # old\n}": [(2, "no Stan: `#`")],
    "#include data.stan\nparameters { real x; }": [(1, "`#include` is not followed: put the text itself here")],
    "data {\n#include data.stan\n}": [(2, "`#include` is not followed: put the text itself here")],
    "parameters {\n real x;\n": [(1, "`{` is not closed")],
    "parameters { real x; }\n/* and": [(2, "`/*` is not closed")],
    "parameters { real x;\n/* and }": [(1, "`{` is not closed"), (2, "`/*` is not closed")],
    "parameter {\n real x;\n}": [(1, "no block of Stan: `parameter`")],
    "parameters { }\nparameters { }": [(2, "a second block `parameters`")],
    "{ }": [(1, "a block without a name")],
    "real x;\nparameters { real y; }": [(1, "`real` stands in no block")],
    "data { array[2] real a; }\nparameters {\n real<lower=a + 1> x;\n}": [(3, "`+` of arrays is no Stan")],
    "data { real a; }\nparameters {\n real<lower=a[1]> x;\n}": [(3, "1 indices of what has 0 axes")],
    "data { vector[2] a; }\nparameters {\n real<lower=a[0]> x;\n}": [(3, "index 0: Stan counts from 1")],
    "data { vector[2] a; }\nparameters {\n real<lower=a[1.5]> x;\n}": [
        (3, "an index is a whole number, or an array of them")
    ],
    "data { vector[2] a; }\nparameters {\n real<lower=sum(a * a)> x;\n}": [
        (3, "`*` of a vector and a vector is no Stan")
    ],
    "data { real a; }\nparameters {\n real<lower=(a > 1 && a < 2)> x;\n}": [
        (3, "`&&`: cdsl does not combine truth values")
    ],
    "data { matrix[2, 2] a; array[2] int i; }\nparameters {\n real<lower=sum(a[i, i])> x;\n}": [
        (3, "two arrays of indices: cdsl pairs them, Stan takes every pair")
    ],
    f"parameters {{\n real<lower={'-' * 300}1> x;\n}}": [
        (2, "expressions nest at most 200 deep; a chain of operators counts")
    ],
    f"parameters {{\n real<lower={'1 + ' * 2000}1> x;\n}}": [(2, "a declaration has at most 2000 tokens")],
    " " * 2**20 + "x": [(1, "a program has at most 1048576 bytes")],
}


@pytest.mark.parametrize("text", PROBLEMS, ids=itertools.count())
def test_a_problem_has_its_line(text):
    assert problems(text) == PROBLEMS[text]


def test_a_bad_declaration_hides_no_other():
    found = spec_of("parameters {\n real a;\n complex b;\n real<lower=> c;\n vector[2] d[3];\n real<lower=a> e;\n}")
    assert [one.line for one in found.problems] == [3, 4, 5]
    assert found.spec == "a: real\nd: real[3, 2]\ne: greater_than(a)\n"


def test_blocks_that_hold_no_declarations_are_passed_over():
    spec = spec_of("""
        functions { real f(real x) { return x > 0 ? x : -x; } }  // { not open
        parameters { real x; }  /* { nor this */
        transformed parameters { real y = f(x); { real z = y; } }
        model { print("} \\t {"); target += -y ~ 2; }
        generated quantities { array[2] int k = {1, 2}; }
    """)
    assert spec == ("x: real\n", (), {})


@pytest.mark.parametrize("text", ["", " \n", "// nothing\n", "model { }", "\ufeffparameters { }"])
def test_nothing_declared_is_an_empty_spec(text):
    assert spec_of(text) == ("", (), {})


def test_line_ends_of_windows():
    assert spec_of("parameters {\r\n  real x; // one\r\n  int k;\r\n}\r\n").problems[0].line == 3


# -- any text ----------------------------------------------------------------------------------------------------------

WORDS = """
    data { } parameters transformed int real vector matrix simplex array x y N K ; ; ; [ ] ( ) < > = lower upper , 1 2.5 + - * / ^
    ? : ! ' & | && == .* %/% "a" "b # /* */ // @ for if else in max size mean \\ += ~ é \n \x00 ٣
""".split(" ")


def assert_reads(text):
    """The reader does not raise, and the parser reads what it writes."""
    found = spec_of(text)
    assert cdsl.parse(found.spec).diagnostics == ()


@given(st.lists(st.sampled_from(WORDS), max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_words_raise(words):
    assert_reads(" ".join(words))


@given(st.lists(st.sampled_from(WORDS), max_size=30))
@settings(max_examples=300, deadline=None)
def test_no_declarations_raise(words):
    words = " ".join(words)
    assert_reads(f"data {{ int N; vector[N] y; }} parameters {{ real<lower={words}> x; }}")
    assert_reads(f"data {{ int N; }} transformed data {{ {words} }} parameters {{ vector[K] x; real<lower=y> z; }}")


EXPRESSION = st.recursive(
    st.sampled_from(["N", "u", "v", "M", "n", "v[1]", "1", "2.5", "1.", "0_1", "007", "1e3", "pi()"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+ - * / ^ .* ./ % %/% == < > && ?".split()), inner).map(
            lambda one: f"({one[0]} {one[1]} {one[2]}{': 1' * (one[1] == '?')})"
        ),
        st.tuples(st.sampled_from(["-", "+", "!", "sum", "max", "exp", "inv", "size", "to_vector"]), inner).map(
            lambda one: f"{one[0]}({one[1]})"
        ),
        st.tuples(inner, st.sampled_from(["'", "[1]", "[N]", "[1 : 2]", "[ : , 1]", "[n]"])).map("".join),
        st.tuples(inner, inner).map(lambda two: f"{{{two[0]}, {two[1]}}}"),
    ),
    max_leaves=8,
)


@given(EXPRESSION)
@settings(max_examples=500, deadline=None)
def test_every_expression_is_written_as_one_or_is_a_problem(expression):
    declared = "int N; real u; vector[N] v; matrix[N, N] M; array[N] int n;"
    found = spec_of(f"data {{ {declared} }} parameters {{ real<lower=({expression})> x; }}")
    assert cdsl.parse(found.spec).diagnostics == ()
    assert len(found.problems) == 1 - found.spec.count("x: ")


@given(st.text(max_size=200))
def test_no_text_raises(text):
    assert_reads(text)
    assert_reads(f"parameters {{ {text} }}")


@pytest.mark.untraced
@pytest.mark.parametrize("opening", ["(", "-(", "{", "[", "f(", "x[", "{ ", "1 ? 2 : ", "1 ^ "])
def test_deep_nesting_does_not_raise(opening):
    for times in (50, 150, 190, 1000, 10_000):
        spec_of(f"data {{ vector[3] x; }} parameters {{ real<lower={opening * times}> y; }} {opening * times}")
        closed = opening * times + "1" + {"(": ")", "{": "}", "[": "]"}.get(opening.strip()[-1], "") * times
        spec_of(f"data {{ vector[3] x; }} parameters {{ real<lower=({closed})> y; }}")


@pytest.mark.untraced
def test_a_long_program_takes_time_in_proportion():
    def seconds(count):
        declarations = "".join(f"real<lower=0> x{at};\n" for at in range(count))
        start = process_time()
        assert len(spec_of(f"parameters {{\n{declarations}}}").spec.splitlines()) == count
        return process_time() - start

    few, many = (min(seconds(count) for _ in range(3)) for count in (500, 4000))
    assert many < 30 * few  # 8 is in proportion, 64 is the square


@pytest.mark.untraced
@pytest.mark.parametrize(
    "unit", ["/*", "/* */", "*", "{", "}", "(", "x ", "x;", "real x;", "'", '"', "#", "1_", "array["]
)
def test_no_text_of_the_largest_size_hangs(unit):
    start = process_time()
    spec_of(f"data {{ {unit * (50_000 // len(unit))}")
    spec_of(f"/* {unit * (1_000_000 // len(unit))}")
    spec_of(unit * (25_000 // len(unit)))
    assert process_time() - start < 20  # about 1 s; the square of it would take minutes


# -- the grammar -------------------------------------------------------------------------------------------------------


def test_the_grammar_has_no_conflict():
    pytest.importorskip("interegular")
    Lark(grammar_text("stan"), parser="lalr", lexer="basic", strict=True, postlex=Whole())


@pytest.mark.parametrize(
    "code", ["import cdsl.stan", "from cdsl.stan import spec_of; spec_of('parameters { real x; }')"]
)
def test_torch_stays_unimported(code, python):
    ran = python("-c", f"{code}\nimport sys; print('torch' in sys.modules)")
    assert (ran.rc, ran.stdout.split()) == (0, ["False"]), ran.stderr
