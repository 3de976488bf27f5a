"""What the words of a spec mean: constants folded exactly, arguments, sizes, aliases; the model as data."""

import json
import math
from fractions import Fraction

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import cdsl
from cdsl.constraints import domains
from cdsl.model import Model, Parameter
from cdsl.names import did_you_mean
from cdsl.written import spelled


def check(text):
    """The model of a text without problems."""
    checked = cdsl.check(cdsl.parse(text))
    assert checked.diagnostics == ()
    return checked.model


def only(text):
    """Its one parameter."""
    (one,) = check(text).parameters
    return one


def codes(text):
    """The codes of a text's problems, in order."""
    return [one.code for one in cdsl.check(cdsl.parse(text)).diagnostics]


def start_of(expression, sizes=""):
    """What an expression is folded to."""
    return only(f"x: real{sizes} = {expression}").start


# -- constants ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("0.1 + 0.2", 0.3),
        ("0.1 * 3", 0.3),
        ("1 - 0.9", 0.1),
        ("1 / 3", 1 / 3),
        ("1 / 3 * 3", 1.0),
        ("2 / 3 - 1 / 3", 1 / 3),
        ("1e16 + 1 - 1e16", 1.0),
        ("1e308 * 10 / 10", 1e308),
        ("1e-300 * 1e-300 * 1e300 * 1e300", 1.0),
        ("10 ** 400 / 10 ** 399", 10.0),
        ("-2**2", -4.0),
        ("(-2)**2", 4.0),
        ("2**-1", 0.5),
        ("2**3**2", 512.0),
        ("(2**3)**2", 64.0),
        ("--2", 2.0),
        ("2 - -2", 4.0),
        ("7 // 2", 3.0),
        ("-7 // 2", -4.0),
        ("7 // -2", -4.0),
        ("7.5 // 0.1", 75.0),
        ("1 / 2 * 4", 2.0),
        ("8 / 2 / 2", 2.0),
        ("0 ** 0", 1.0),
        ("4 ** 0.5", 2.0),
        ("2 ** 0.5", math.sqrt(2)),
        ("(1 / 9) ** (1 / 2)", 1 / 3),
        ("pi", math.pi),
        ("-pi / 2", -math.pi / 2),
        ("2 * pi", math.tau),
        ("1_000.5", 1000.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("0.1", 0.1),
        ("123456789.123456789", 123456789.123456789),
        ("9007199254740993", 9007199254740992.0),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("5e-324", 5e-324),
        ("2.5e-324", 5e-324),
        ("0e-999", 0.0),
        ("0e999999999", 0.0),
        ("2**4095 / 2**4095", 1.0),
        ("0.5**4095 * 2**4095", 1.0),
        ("(1 / 3)**2500 * 3**2500", 1.0),
        ("1**4096", 1.0),
        ("(-1)**-4096", 1.0),
    ],
)
def test_constants_are_folded_exactly_and_rounded_once(expression, value):
    assert start_of(expression) == value


@pytest.mark.parametrize(
    ("expression", "sizes", "value"),
    [
        ("[1, 1, 1] / 3", "[3]", (1 / 3,) * 3),
        ("[1, 2, 3] * 0.1", "[3]", (0.1, 0.2, 0.3)),
        ("[0.1, 1] + 0.2", "[2]", (0.3, 1.2)),
        ("1 - [0.9, 0.1]", "[2]", (0.1, 0.9)),
        ("2 ** [1, 2, -1]", "[3]", (2.0, 4.0, 0.5)),
        ("-[1, -2]", "[2]", (-1.0, 2.0)),
        ("[1, 2] + [0.1, 0.2]", "[2]", (1.1, 2.2)),
        ("[[1, 2], [3, 4]] // 2", "[2, 2]", ((0.0, 1.0), (1.0, 2.0))),
        ("[1 + 1, 2 * 3]", "[2]", (2.0, 6.0)),
        ("[]", "[0]", ()),
        ("[[], []]", "[2, 0]", ((), ())),
    ],
)
def test_arrays_are_folded_entry_by_entry(expression, sizes, value):
    assert start_of(expression, sizes) == value


def test_arrays_of_different_ranks_do_not_silently_mean_something_else():
    """NumPy gives [[10, 200], [30, 400]]; anything else but an error would surprise."""
    checked = cdsl.check(cdsl.parse("x: real[2, 2] = [[1, 2], [3, 4]] * [10, 100]"))
    assert checked.model is None or checked.model.parameters[0].start == ((10.0, 200.0), (30.0, 400.0))


@pytest.mark.parametrize(
    "expression",
    [
        "(10**-400) ** -0.5",
        "(10**400) ** 0.5",
        "0 ** -0.5",
        "(-1) ** 0.5",
        "(10**300) ** 1.5",
        "9**9**9**9",
        "2**2**99",
        "0.5**2**99",
        "(1 / 3) ** 10**6",
        "1 / (1 - 1)",
        "1 // 0",
        "0 / 0",
        "1 / 10**-400",
        "inf * 0",
        "[inf] * 2",
        "inf ** 2",
        "2 ** inf",
        "-inf + inf",
        "[1, 2] ** [0.5, -0.5]",
        "[1] + [1, 2]",
        "[[1], [2, 3]] + 1",
        "1 @ 2",
        "[1] @ [1]",
        "1 == 1",
        "1 < 2",
        "f(1)",
        "pi(1)",
        "pi.real",
        "pi[0]",
        "x",
        "None",
        "1:2",
        "...",
    ],
)
def test_an_expression_never_raises(expression):
    checked = cdsl.check(cdsl.parse(f"x: real = {expression}"))
    assert (checked.model is None) == any(one.code.startswith("E") for one in checked.diagnostics)
    assert all(one.span is not None for one in checked.diagnostics)


def numbers():
    """A number as written, and its exact value."""
    integers = st.integers(0, 10**6).map(str)
    decimals = st.decimals(0, 10**6, places=3, allow_nan=False).map(str)
    return st.one_of(integers, decimals).map(lambda text: (text, Fraction(text)))


def combined(children):
    """An operation of two expressions, and its exact value; None where it has none."""

    def combine(operator, left, right):
        (a, x), (b, y) = left, right
        if x is None or y is None or (operator in "//" and y == 0):
            return f"({a}) {operator} ({b})", None
        value = {"+": x + y, "-": x - y, "*": x * y, "/": x / y if y else None, "//": Fraction(x // y) if y else None}
        return f"({a}) {operator} ({b})", value[operator]

    return st.builds(combine, st.sampled_from(["+", "-", "*", "/", "//"]), children, children)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.recursive(numbers(), combined, max_leaves=8))
def test_folding_agrees_with_exact_arithmetic(written):
    expression, value = written
    checked = cdsl.check(cdsl.parse(f"x: real = {expression}"))
    if value is None:
        assert [one.code for one in checked.diagnostics] == ["E503"]
    else:
        assert checked.model.parameters[0].start == float(value)


def test_pi_is_a_constant_until_a_declaration_takes_the_name():
    assert start_of("pi") == math.pi
    assert check("x: real = pi\npi: prob = 0.5\n").parameters[0].start == math.pi
    assert codes("pi: prob = 0.5\nx: real = pi\n") == ["E503"]


@pytest.mark.parametrize("name", ["_p", "log_dets", "log_dets_", "prob"])
def test_names_of_other_spaces_are_no_constants(name):
    assert codes(f"x: real = {name}") == ["E205"]


# -- types -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    ["interval(1, 2)", "interval(1, high=2)", "interval(low=1, high=2)", "interval(high=2, low=1)", "interval(1, 2,)"],
)
def test_arguments_by_position_and_by_keyword(written):
    assert only(f"x: {written}").arguments == (1.0, 2.0)


def test_arguments_are_folded():
    assert only("x: interval(-pi / 2, 0.1 + 0.2)").arguments == (-math.pi / 2, 0.3)


def test_empty_parentheses_are_none():
    assert only("p: prob()") == only("p: prob")


def test_an_argument_by_position_after_one_by_keyword_is_refused():
    """As in Python: which one it is cannot be seen."""
    assert codes("x: interval(low=0, 1)") != []


@pytest.mark.parametrize(
    ("written", "batch", "event"),
    [
        ("real", (), ()),
        ("real[3]", (3,), ()),
        ("real[2, 3]", (2, 3), ()),
        ("real[0]", (0,), ()),
        ("real[2 * 3, 2**4, 7 // 2]", (6, 16, 3), ()),
        ("real[6 / 2]", (3,), ()),
        ("simplex[3]", (), (3,)),
        ("simplex[2, 3]", (2,), (3,)),
        ("simplex[4, 0, 1]", (4, 0), (1,)),
        ("ordered[5, 2, 3]", (5, 2), (3,)),
        ("real[10**12]", (10**12,), ()),
        ("real[2**63 - 1]", (2**63 - 1,), ()),
        ("real[1_000,]", (1000,), ()),
    ],
)
def test_the_last_sizes_are_the_event_s(written, batch, event):
    one = only(f"x: {written}")
    assert (one.batch, one.sizes) == (batch, event)


@pytest.mark.parametrize(
    ("written", "domain", "transform"),
    [
        ("prob via sigmoid", "prob", "logistic"),
        ("interval(0, 1) via sigmoid", "interval", "logistic"),
        ("simplex[3] via ilr", "simplex", "isometric_log_ratio"),
        ("prob", "prob", "logistic"),
        ("positive", "positive", "exp"),
        ("simplex[3]", "simplex", "isometric_log_ratio"),
        ("prob via logistic()", "prob", "logistic"),
    ],
)
def test_transforms_are_kept_under_their_own_name(written, domain, transform):
    one = only(f"x: {written}")
    assert (one.domain, one.transform) == (domain, transform)


def test_two_stages_of_one_transform_are_that_transform():
    assert only("x: positive via staged(train=exp, eval=exp)") == only("x: positive via exp")


@pytest.mark.parametrize("domain", domains().values(), ids=domains())
def test_every_example_and_every_alias_of_a_domain_is_accepted(domain):
    for example in domain.examples:
        assert only(f"x: {example}").domain == domain.name
        bare = example.split(" = ")[0].split(" via ")[0]
        for word in [*domain.transforms, *domain.aliases]:
            assert only(f"x: {bare} via {word}").transform == domain.aliases.get(word, word)


@pytest.mark.parametrize(
    "text", ["x: greater_than(1e16)", "x: less_than(-1e17)", "x: interval(1, 1 + 2**-52)", "x: interval(0, 5e-324)"]
)
def test_a_neutral_start_that_is_no_number_of_the_domain_is_found_before_the_module_is_built(text):
    """`low + 1` is `low` in float64 where low is large, and between two neighbours there is no number."""
    assert codes(text) != []


@pytest.mark.parametrize("text", ["x: greater_than(1e16) = 1e17", "x: interval(1, 1 + 2**-51) = 1 + 2**-52"])
def test_and_one_that_is_written_helps(text):
    assert codes(text) == []


def test_a_start_is_kept_as_it_is_written_broadcast_or_not():
    assert only("x: positive[2, 3] = 2").start == 2.0
    assert only("w: simplex[5, 2] = [0.25, 0.75]").start == (0.25, 0.75)
    assert only("w: simplex[2, 2] = [[0.25, 0.75], [0.5, 0.5]]").start == ((0.25, 0.75), (0.5, 0.5))
    assert only("w: simplex[2]").start is None


@pytest.mark.parametrize("off", [0.0, 5e-7, -5e-7])
def test_a_simplex_is_accepted_within_its_tolerance(off):
    assert only(f"w: simplex[2] = [0.25, {0.75 + off!r}]").start == (0.25, 0.75 + off)


@pytest.mark.parametrize("off", [2e-6, -2e-6])
def test_a_simplex_is_refused_beyond_it(off):
    assert codes(f"w: simplex[2] = [0.25, {0.75 + off!r}]") == ["E501"]


def test_what_is_suggested_for_a_simplex_that_is_nearly_one_is_accepted():
    for entries in ("0.333, 0.333, 0.333", "0.1667, 0.1667, 0.6667", "0.12345678, 0.87654", "1e-9, 0.9995"):
        count = entries.count(",") + 1
        (problem,) = cdsl.check(cdsl.parse(f"w: simplex[{count}] = [{entries}]")).diagnostics
        assert problem.help.startswith("write `")
        assert codes(f"w: simplex[{count}] = {problem.help.split('`')[1]}") == []


def test_doc_comments_and_frozen_are_kept():
    model = check("#: Both.\n\n#: a\nfrozen g: positive = 9.81  #: b\np: prob\n")
    assert (model.doc, [one.doc for one in model.parameters]) == ("Both.", ["a\nb", ""])
    assert [one.frozen for one in model.parameters] == [True, False]


def test_names_are_kept_as_python_reads_them():
    assert [one.name for one in check("ﬁt: prob\nµ: real\n").parameters] == ["fit", "μ"]


def test_order_is_the_source_s():
    assert [one.name for one in check("b: prob\na: prob\nc: prob\n").parameters] == ["b", "a", "c"]


def sums(many, long):
    """A type whose argument is a sum of as many sums."""
    return f"type a(x) = greater_than({' + '.join('x' * many)})\np: a({' + '.join('1' * long)})"


def nested(depth):
    """`(((x + 1) + 1) + 1)`"""
    return "(" * depth + "x" + " + 1)" * depth


def lets(many, step):
    """Lets that stand on one another, and on a dim."""
    return "dim K\nx: real\nlet l0 = K + 1\n" + "".join(f"let l{at + 1} = {step.format(at)}\n" for at in range(many))


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        (sums(25, 40), "`a`, written out, has more than 2000 operations", f"a({' + '.join('1' * 40)})"),
        (f"type a(x) = greater_than({nested(99)})\ntype b(x) = a({nested(99)})", "`a`, written out, nests expressions more than 200 deep", f"a({nested(99)})"),
        (lets(199, "l{0} + 1"), "`l199` stands on lets that nest more than 200 deep", "l199"),
        (lets(9, "l{0} + l{0}"), "`l9`, with the lets that it is made of, has more than 2000 operations", "l9"),
    ],
)  # fmt: skip
def test_what_is_written_out_has_limits(text, message, at):
    """One problem: what stands on it is not judged."""
    (problem,) = cdsl.check(cdsl.parse(f"{text}\n")).diagnostics
    assert (problem.code, problem.message) == ("E102", message)
    assert text[problem.span.start : problem.span.end] == at


@pytest.mark.parametrize(
    "text",
    [
        sums(27, 37),
        f"type a(x) = greater_than({nested(99)})\ntype b(x) = a({nested(98)})\np: b(1)",
        lets(198, "l{0} + 1"),
        lets(8, "l{0} + l{0}"),
    ],
)
def test_what_is_just_within_them_is_accepted(text):
    check(text)


@pytest.mark.parametrize(
    ("size", "other"),
    [
        ("max(N, 2)", "max(N, 2)"),
        ("where(flag, N, 2)", "where(flag, N, 2)"),
        ("sum(flags)", "sum(flags)"),
        ("size(y) // 2", "size(y) // 2"),
        ("size(X, 1) + 1", "N + 1"),
        ("N**8", "N * N**7"),
        ("-N + 3 * N", "2 * N"),
        ("y[0] + y[N]", "y[N] + y[0]"),
    ],
)
def test_a_size_may_be_computed_and_is_the_same_wherever_it_is(size, other):
    text = "dim N\ndata flag: bool\ndata flags: bool[N]\ndata y: count[N + 1]\ndata X: real[3, N]\n"
    check(f"{text}x: real[{size}]\nlet z = x + zeros({other})\n")
    assert codes(f"{text}x: real[{size}]\nlet z = x + zeros({other} + 1)\n") == ["E403"]


@pytest.mark.parametrize(
    "index",
    ["1", "-1, ..., None", "0, 1:, ::2", "[0, 1, 1, 1, 0]", ":, [0, 2]", ":, :, [3, 0]", "..., None, [3, 0], None",
     ":, [0, 2], [1, 1]", "0, [0, 2]", "None, :, 0, [1, 1, 2]", "[[0, 1, 0]], 2", ":, None, 1, [[0], [3]]"],
)  # fmt: skip
def test_what_an_index_takes_has_the_shape_that_it_has_in_numpy(index):
    (taken,) = check(f"x: real[2, 3, 4]\nlet taken = x[{index}]\n").lets
    assert taken.shape == tuple(map(str, eval(f"numpy.zeros((2, 3, 4))[{index}]", {"numpy": numpy}).shape))


def test_a_list_may_have_a_size_that_a_let_gives_and_truth_values_another_shape():
    text = "dim N\ndata flags: bool[4]\nmodel A { x: real }\nlet M = N + 1\na: A[M]\nlet f = where(reshape(flags, 2, 2), 1, 0)\n"
    model = check(text)
    assert (spelled(model.children[0].size), model.lets[-1].shape) == ("N + 1", ("2", "2"))


def test_an_axis_that_is_none_is_all_of_them():
    assert check("x: real[3, 2]\nlet a = sum(x, axis=None)\n").lets[0].shape == ()


def test_a_constant_is_whole_where_it_is_computed_of_whole_numbers_and_is_one():
    check("x: real[5]\nlet a = x[2 ** [0, 1, 2]] + x[1**-1] + x[6 // 4]\n")
    check("data n: count\nx: real[5]\nlet a = x[n**2] + n**n\n")
    assert (
        codes("data n: count\nx: real[5]\nlet a = x[2 ** [0, -1]]\nlet b = x[4 / 2]\nlet c = x[n**n]\n") == ["E405"] * 3
    )


def test_sizes_and_starts_are_written_without_lets_and_bounds_with_them():
    """Where sizes and starts are computed, no let is known; what it means stands in its place."""
    x = check("dim K\nlet a = K + 1\nlet b = 2 * a\nx: greater_than(a / 2)[b - 1] = 3 * b\n").parameters[0]
    assert spelled(x.batch[0]) == "2 * (K + 1) - 1"
    assert spelled(x.arguments[0]) == "a / 2"
    assert spelled(x.start) == "3 * (2 * (K + 1))"


# -- the class ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Mixture", "mixture", "Größe", "Model", "M1"])
def test_a_class_may_have_the_name_of_any_identifier(name):
    checked = cdsl.check(cdsl.parse("p: prob"), name)
    assert (checked.model.name, checked.diagnostics) == (name, ())
    compile(cdsl.compile("p: prob", name=name), "compiled", "exec")


@pytest.mark.parametrize(
    "name", ["", "my-model", "2d", "class", "None", "torch", "cdsl", "NamedTuple", "self", "super", "_M", "a.b", "x\ny"]
)
def test_other_classes_are_refused(name):
    checked = cdsl.check(cdsl.parse("p: prob"), name)
    (problem,) = checked.diagnostics
    assert (checked.model, problem.code, problem.span) == (None, "E003", None)
    assert problem.message == f"`{name}` cannot be the name of a class in the generated module"
    assert problem.help == "give the class another name, for example `--name MyModel`"


def test_a_nested_model_is_refused_where_it_is_named():
    text = "model list { x: real }\n"
    (problem,) = cdsl.check(cdsl.parse(text)).diagnostics
    assert (problem.code, text[problem.span.start : problem.span.end]) == ("E003", "list")
    assert problem.help == "give the model another name"


@pytest.mark.parametrize("name", ["NamedTuple", "NamedTupleValues", "torchValues", "property", "super", "Tensor"])
def test_a_class_that_is_not_refused_compiles_to_a_module_that_imports(name):
    if cdsl.check(cdsl.parse("p: prob"), name).model is not None:
        model = getattr(cdsl.loads("p: prob\nsuper: real\n", name=name), name)()
        assert model.p.item() == 0.5


@pytest.mark.parametrize("names", [["log_dets", "log_dets_", "log_dets__"], [f"log_dets{'_' * n}" for n in range(20)]])
def test_names_of_the_generated_code_s_own_variables_are_free(names):
    module = cdsl.loads("".join(f"{name}: prob\n" for name in names))
    assert module.Model()()._fields == tuple(names)
    assert module.Model().log_abs_det_jacobian().item() == pytest.approx(len(names) * math.log(0.25))


def test_a_like_name_is_looked_for_twenty_times():
    """Each time takes as long as there are names."""
    text = "groups: real\n" + "".join(f"let a{at} = group\n" for at in range(22))
    helps = [one.help for one in cdsl.check(cdsl.parse(text)).diagnostics]
    assert (
        helps
        == ["did you mean `groups`?"] * 20
        + ["an expression uses dims, data, parameters and lets that stand above it"] * 2
    )


# -- the model as data -------------------------------------------------------------------------------------------------

FULL = """\
#: All there is.

x: real[2, 2] = [[1, 2], [3, 4]]  #: "quoted" \\ σ
tau: interval(-1, 3)[2] via probit = 0.5
w: simplex[4, 3] via stick_breaking = [0.2, 0.3, 0.5]
frozen g: positive = 9.81
none: real[0] = []
"""


def test_a_model_survives_json_both_ways():
    model = check(FULL)
    assert Model.model_validate_json(model.model_dump_json()) == model
    data = json.loads(model.model_dump_json())
    assert Model.model_validate(data) == model
    assert json.loads(Model.model_validate(data).model_dump_json()) == data
    assert data == model.model_dump(mode="json")


def test_a_model_survives_json_to_the_last_bit():
    starts = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 1e16, 123456789.123456789]
    text = "".join(f"x{number}: real = {start!r}\n" for number, start in enumerate(starts))
    model = check(text)
    again = Model.model_validate_json(model.model_dump_json())
    assert [one.start.hex() for one in again.parameters] == [one.start.hex() for one in model.parameters]
    assert again.parameters[4].start == start_of("-0.0")


def test_the_same_model_compiles_to_the_same_text():
    from cdsl.emit import emit

    model = check(FULL)
    assert emit(Model.model_validate_json(model.model_dump_json())) == cdsl.compile(FULL)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"more": 1},
        {"parameters": [{}]},
        {"parameters": None},
        {"doc": None},
    ],
)
def test_what_is_no_model_is_refused(change):
    data = check(FULL).model_dump(mode="json")
    with pytest.raises(ValidationError):
        Model.model_validate({**data, **change})


def test_infinities_are_no_part_of_a_model():
    one = only("x: real = 1")
    with pytest.raises(ValidationError):
        Parameter.model_validate({**one.model_dump(), "start": math.inf})


def test_models_and_parameters_are_frozen():
    model = check(FULL)
    with pytest.raises(ValidationError):
        model.name = "Other"
    with pytest.raises(ValidationError):
        model.parameters[0].start = 3.0


# -- did you mean ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("postive", "positive"),
        ("Prob", "prob"),
        ("SIMPLEX", "simplex"),
        ("intervall", "interval"),
        ("order", "ordered"),
    ],
)
def test_a_close_word_is_suggested(word, meant):
    assert did_you_mean(word, list(domains())) == f"did you mean `{meant}`?"


@pytest.mark.parametrize("word", ["", "x", "zzzzzzzz", "float", "σ"])
def test_a_word_far_from_all_is_not(word):
    assert did_you_mean(word, list(domains())) == ""
