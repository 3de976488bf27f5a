"""A declaration takes the same work whatever is around it: in steps of Python, which no busy machine changes; and the collector waits."""

import gc
import sys
import threading
from functools import cache

import pytest

import cdsl
from benchmarks.growth import SIZES, spec_of
from cdsl.checker import check
from cdsl.collector import put_off
from cdsl.emit import emit
from cdsl.limits import LONGEST_TEXT
from cdsl.syntax.parse import parse

pytestmark = pytest.mark.untraced

FEW = 20


@pytest.fixture
def collecting():
    """The collector is on, and on again afterwards."""
    gc.enable()
    yield
    gc.enable()


def steps(call):
    """How many lines and turns of loops Python runs in a call, and nothing that other tests left to the collector."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    with put_off():
        sys.settrace(trace)
        try:
            call()
        finally:
            sys.settrace(before)
    return count


def bends(work):
    """The second difference of work for FEW, twice and three times as many declarations: 0 where that is a straight line.

    `work(count)` returns a call. One step for each pair of declarations bends it by FEW², half of the pairs by half of that.
    """
    found = []
    for many in (1, 2, 3):
        call = work(many * FEW)
        call()  # what is done once and kept
        found.append(steps(call))
    return found[2] - 2 * found[1] + found[0]


LEAST = FEW**2 // 4
"""Far below what looking through all other declarations for each comes to, and above a few steps more or less."""


def lines(form, before="", after=""):
    """A spec of so many lines of a form with the number of the line; numbers have three digits, so that names are equally long."""
    return lambda count: "\n".join([before, *(form.format(i, i - 1) for i in range(101, 101 + count)), after])


SPECS = {
    "four domains": spec_of,
    "arrays": lines("p{}: interval([0, 1], 3)[2] = [0.5, 2]"),
    "entries that stay": lines("p{}: real[2] = [0.5, 2] frozen [true, false]"),
    "stages and parts": lines(
        "p{0}: prob via staged(train=logistic, eval=probit)\nq{0}: ordered[3] via increments(gap=softplus)"
    ),
    "docs": lines("#: doc\np{}: prob  #: more"),
    "ignores": lines("p{}: interval(0, 1)  # cdsl: ignore[W402]"),
    "warnings": lines("p{}: interval(0, 1)"),
    "dims": lines("dim K{0}\nx{0}: real[K{0}]"),
    "data": lines("data y{}: real[3] = 1", after="p: prob"),
    "lets": lines("let _h{0} = p + 1\nlet a{0} = _h{0} * 2", before="p: prob"),
    "lets of lets": lines("let a{} = a{} + 1", before="a100: real"),
    "bounds that are computed": lines("a{}: greater_than(a{})", before="a100: real"),
    "aliases": lines("type T{0}(a) = interval(0, a)\nx{0}: T{0}(2)"),
    "aliases of aliases": lines("type T{} = T{}\n", before="type T100 = real", after="x: T101"),
    "models": lines("model M{0} {{ x: real }}\nm{0}: M{0}"),
    "models of models": lines("model M{} {{ x: M{} }}", before="model M100 {{ x: real }}".format(), after="m: M101"),
    "uses of a model": lines("m{}: M", before="model M { x: real }"),
    "open models": lines("m{0}: M(K=K)\ny{0}: greater_than(m{0}.x)[K]", before="dim K\nmodel M { dim K\n x: real[K] }"),
}


@pytest.mark.parametrize("kind", SPECS)
def test_the_compiler_is_linear_in_declarations(kind):
    text = SPECS[kind]
    spec = cache(lambda count: parse(text(count)))
    model = cache(lambda count: check(spec(count)).model)
    passes = {
        "parse": lambda count: lambda: parse(text(count)),
        "check": lambda count: (spec(count), lambda: check(spec(count)))[1],
        "emit": lambda count: (model(count), lambda: emit(model(count)))[1],
    }
    assert {name: bend for name, work in passes.items() if abs(bend := bends(work)) > LEAST} == {}


WRONG = {
    "no syntax": lines("p{} prob"),
    "no domain": lines("p{}: nowhere"),
    "no name": lines("p{0}: greater_than(zz{0})"),
    "one name": lines("p: prob"),
    "a class": lines("model M{0} {{ x: real }}\nM{0}Values: real"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_telling_problems_is_linear_in_them(kind):
    text = WRONG[kind]
    assert abs(bends(lambda count: lambda: check(parse(text(count))))) <= LEAST


MADE = ("four domains", "stages and parts", "entries that stay", "dims", "data", "lets", "uses of a model")

WHOLE = {
    "state_dict": lambda model: model.state_dict(),
    "load_state_dict": lambda model: model.load_state_dict(model.state_dict()),
    "to_flat": lambda model: model.to_flat(),
    "load_flat_": lambda model: model.load_flat_(model.to_flat()),
    "raw_names": lambda model: model.raw_names(),
    "summary": lambda model: model.summary(),
    "forward_and_log_det": lambda model: model.forward_and_log_det(),
    "unconstrain": lambda model: model.unconstrain(model()),
    "assign_": lambda model: assign(model, 1),
    "assign_ all": lambda model: assign(model, None),
    "freeze_": lambda model: (model.freeze_(*names(model)), model.unfreeze_(*names(model))),
}
"""What is done to a whole model at once, and to one parameter of it."""


TORCHS_OWN = {("load_state_dict", "uses of a model")}
"""For each module in a module, torch looks through the whole state for what is its own."""


def assign(model, most):
    """Set so many parameters, the first, or all, to the values that they have."""
    values = model()
    model.assign_(**{name: getattr(values, name) for name in model._names()[:most]})


def names(model):
    """The parameters, those of nested models too."""
    return [leaf.name for leaf in model._leaves()]


@pytest.mark.parametrize("kind", MADE)
def test_a_module_is_linear_in_declarations(kind):
    cls = cache(lambda count: cdsl.loads(SPECS[kind](count)).Model)
    dims = [f"K{i}" for i in range(101, 101 + 3 * FEW) if kind == "dims"]
    making = cache(lambda count: (cls(count), dict.fromkeys(dims[:count], 2)))

    def make(count):
        of, given = making(count)
        return of(**given)

    model = cache(lambda count: make(count).requires_grad_(False))  # so that values can be assigned as they are
    bent = {"__init__": bends(lambda count: (making(count), lambda: make(count))[1])}
    for name, whole in WHOLE.items():
        if (name, kind) in TORCHS_OWN:
            continue
        bent[name] = bends(lambda count, whole=whole: (model(count), lambda: whole(model(count)))[1])
    assert {name: bend for name, bend in bent.items() if abs(bend) > LEAST} == {}


def test_a_search_through_all_for_each_is_seen():
    """The tests above can fail."""
    named = cache(lambda count: [f"p{i}" for i in range(count)])
    searched = bends(
        lambda count: (named(count), lambda: [next(a for a in named(count) if a == b) for b in named(count)])[1]
    )
    once = bends(lambda count: (named(count), lambda: [b for b in named(count) if b in set(named(count)[:1])])[1])
    assert searched > LEAST >= abs(once)


def test_what_others_left_is_not_counted(collecting):
    """A collection inside the call would run the finalizers of whatever waits for one, the rest of other tests too."""
    died = []

    class Left:
        def __init__(self):
            self.me = self

        def __del__(self):
            died.append(1)

    def call():
        for _ in range(3 * gc.get_threshold()[0]):
            Left()
        return len(died)

    seen = []
    steps(lambda: seen.append(call()))
    assert (seen, call() > 0) == ([0], True)


def test_the_largest_spec_that_is_measured_is_one():
    text = spec_of(SIZES[-1])
    assert text.count("\n") == SIZES[-1]
    assert len(set(text.split())) == SIZES[-1]
    assert LONGEST_TEXT - 10_000 < len(text) <= LONGEST_TEXT
    assert check(parse(spec_of(100))).diagnostics == ()


# -- the collector -----------------------------------------------------------------------------------------------------


def test_nothing_is_collected_while_a_spec_is_compiled(collecting, monkeypatch):
    seen = []
    monkeypatch.setattr("cdsl.compiler.parse", lambda text: seen.append(gc.isenabled()) or parse(text))
    cdsl.compile("p: prob")
    assert (seen, gc.isenabled()) == ([False], True)


def test_it_is_left_as_it_was_found(collecting):
    gc.disable()
    cdsl.compile("p: prob")
    assert not gc.isenabled()


def test_an_error_turns_it_on_again(collecting):
    with pytest.raises(cdsl.SpecError):
        cdsl.compile("p: postive")
    with pytest.raises(ZeroDivisionError), put_off(), put_off():
        _ = 1 / 0
    assert gc.isenabled()


def test_the_last_to_leave_turns_it_on_again(collecting):
    """Two threads, the first of which leaves before the second."""
    entered, leave = threading.Event(), threading.Event()

    def other():
        with put_off():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with put_off():
        thread.start()
        assert entered.wait(10)
    assert not gc.isenabled()
    leave.set()
    thread.join()
    assert gc.isenabled()
