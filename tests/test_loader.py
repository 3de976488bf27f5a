"""Specs that become live modules: load, loads, the import hook; errors, tracebacks and pickles of what they give."""

import copy
import importlib
import inspect
import linecache
import pickle
import sys
import traceback

import pytest
import torch

import cdsl
from cdsl.diagnostics.text import render
from cdsl.source import Source

GOOD = "#: A coin.\n\np: real = 0.25\nw: simplex[3]\n"
BAD = "p: postive\n#: lost\n\nq: prob = 2\n"


@pytest.fixture
def hook():
    """Installs the import hook, and leaves no trace of it; what it imports goes with the test's own modules."""
    installed = []

    def install(root):
        installed.append(cdsl.install_import_hook(root))
        importlib.invalidate_caches()
        return installed[-1]

    yield install
    for finder in installed:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)


# -- load and loads ----------------------------------------------------------------------------------------------------


def test_load_names_the_class_after_the_file(tmp_path):
    (tmp_path / "fair_coin.cdsl").write_text(GOOD)
    for path in (tmp_path / "fair_coin.cdsl", str(tmp_path / "fair_coin.cdsl")):
        module = cdsl.load(path)
        assert module.FairCoin().p.item() == 0.25
        assert module.FairCoinValues._fields == ("p", "w")


def test_load_and_loads_take_another_name(tmp_path):
    (tmp_path / "my-model.cdsl").write_text(GOOD)
    assert cdsl.load(tmp_path / "my-model.cdsl", name="Mine").Mine().p.item() == 0.25
    assert cdsl.loads(GOOD, name="Mine").Mine().p.item() == 0.25
    assert cdsl.loads(GOOD).Model().p.item() == 0.25


def test_load_reads_the_file_each_time(tmp_path):
    file = tmp_path / "coin.cdsl"
    file.write_text("p: real = 0.25\n")
    first = cdsl.load(file)
    file.write_text("p: real = 0.75\n")
    second = cdsl.load(file)
    assert (first.Coin().p.item(), second.Coin().p.item()) == (0.25, 0.75)


def test_load_writes_nothing(tmp_path):
    (tmp_path / "coin.cdsl").write_text(GOOD)
    cdsl.load(tmp_path / "coin.cdsl")
    assert [path.name for path in tmp_path.iterdir()] == ["coin.cdsl"]


def test_equal_texts_are_one_module():
    first, second = cdsl.loads(GOOD), cdsl.loads(GOOD)
    assert first is second
    assert sys.modules[first.__name__] is first
    assert cdsl.loads(GOOD + "# a comment\n") is first, "what compiles to the same text is the same module"
    assert cdsl.loads(GOOD, name="Other") is not first
    assert cdsl.loads(GOOD + "q: prob\n") is not first


def test_what_is_compiled_is_what_is_loaded():
    module = cdsl.loads(GOOD, name="Coin")
    assert inspect.getsource(module) == cdsl.compile(GOOD, name="Coin")


def test_a_module_that_fails_to_run_is_not_kept(monkeypatch):
    from cdsl import loader

    before = set(sys.modules)
    with pytest.raises(ZeroDivisionError):
        loader.module_of("1 / 0\n")
    assert set(sys.modules) == before


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compiler", [cdsl.loads, cdsl.compile], ids=["loads", "compile"])
def test_a_spec_error_carries_the_diagnostics_and_the_report(compiler):
    with pytest.raises(cdsl.SpecError) as raised:
        compiler(BAD)
    assert isinstance(raised.value, cdsl.CdslError)
    assert raised.value.diagnostics == cdsl.check(cdsl.parse(BAD)).diagnostics
    assert [one.code for one in raised.value.diagnostics] == ["E201", "W101", "E501"]
    assert str(raised.value).strip("\n") == render(raised.value.diagnostics, Source(BAD)).strip("\n")


def test_a_spec_error_of_a_file_names_the_file(tmp_path):
    file = tmp_path / "coin.cdsl"
    file.write_text(BAD)
    with pytest.raises(cdsl.SpecError) as raised:
        cdsl.load(file)
    assert f"--> {file}:1:4" in str(raised.value)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("missing.cdsl", None, "E002"),
        (".", None, "E002"),
        ("coin.cdsl", b"#: caf\xe9\n", "E001"),
        ("my-model.cdsl", b"p: prob\n", "E003"),
        ("coin.cdsl", b"", "E103"),
        ("co\x00in.cdsl", None, "E002"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_a_spec_error(name, data, code, tmp_path):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(cdsl.SpecError) as raised:
        cdsl.load(tmp_path / name)
    assert [one.code for one in raised.value.diagnostics] == [code]


def test_a_spec_error_travels_between_processes():
    """As those of a data loader's workers, or of a pool, do."""
    with pytest.raises(cdsl.SpecError) as raised:
        cdsl.loads(BAD)
    for other in (pickle.loads(pickle.dumps(raised.value)), copy.copy(raised.value), copy.deepcopy(raised.value)):
        assert (str(other), other.diagnostics) == (str(raised.value), raised.value.diagnostics)


def test_warnings_do_not_stop_a_spec():
    assert cdsl.loads("frozen g: positive\n").Model().g.item() == 1


# -- tracebacks --------------------------------------------------------------------------------------------------------


def failing():
    """A traceback that passes through compiled code."""
    model = cdsl.loads(GOOD).Model()
    try:
        model._evaluate(())
    except ValueError as error:
        return model, traceback.format_exception(error)
    raise AssertionError("nothing failed")


def test_tracebacks_show_the_lines_of_the_compiled_source():
    model, lines = failing()
    (shown,) = [line for line in lines if f'File "<{type(model).__module__}>"' in line]
    assert "p_raw, w_raw = raw" in shown


def test_and_after_the_cache_of_lines_was_checked():
    linecache.checkcache()
    _, lines = failing()
    assert any("p_raw, w_raw = raw" in line for line in lines)


def test_debuggers_find_the_source():
    model = cdsl.loads(GOOD).Model()
    assert inspect.getsource(type(model)).startswith("class Model(")
    assert "cdsl.real.identity" in inspect.getsource(type(model)._evaluate)


# -- copies and pickles ------------------------------------------------------------------------------------------------


def test_deep_copies_are_of_the_same_class_and_apart():
    model = cdsl.loads(GOOD).Model()
    other = copy.deepcopy(model)
    assert type(other) is type(model)
    other.p = 0.75
    assert (model.p.item(), other.p.item()) == (0.25, 0.75)
    assert other.p_raw is not model.p_raw


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_in_this_process_are_of_the_same_class(protocol):
    model = cdsl.loads(GOOD).Model()
    model.p = 0.125
    model.freeze_("w")
    other = pickle.loads(pickle.dumps(model, protocol))
    assert type(other) is type(model)
    assert other.p.item() == 0.125
    assert other.frozen_names() == ["w"]
    assert not other.w_raw.requires_grad
    values = pickle.loads(pickle.dumps(type(model())(*(value.detach() for value in model())), protocol))
    assert type(values) is type(model())
    assert values.p.item() == 0.125


UNPICKLE = """
import pickle, sys, torch
kind, file = sys.argv[1:]
if kind == "pickle":
    thing = pickle.load(open(file, "rb"))
else:
    thing = torch.load(file, weights_only=False)
print(type(thing).__name__, type(thing).__module__[:12], float(thing.p.detach()), tuple(thing.w.shape))
if hasattr(thing, "assign_"):
    thing.p = 0.5
    print(float(thing().p.detach()), thing.spec["doc"])
    again = pickle.loads(pickle.dumps(thing))
    print(type(again) is type(thing), float(again.p.detach()))
"""


@pytest.mark.parametrize("kind", ["pickle", "torch"])
def test_pickles_come_alive_in_a_fresh_process(kind, python, tmp_path):
    module = cdsl.loads(GOOD, name="Coin")
    model = module.Coin()
    model.p = 0.125
    if kind == "pickle":
        (tmp_path / "model").write_bytes(pickle.dumps(model))
    else:
        torch.save(model, tmp_path / "model")
    ran = python("-c", UNPICKLE, kind, "model")
    assert (ran.rc, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == ["Coin cdsl_loaded_ 0.125 (3,)", "0.5 A coin.", "True 0.5"]


def test_pickled_values_come_alive_in_a_fresh_process(python, tmp_path):
    module = cdsl.loads(GOOD, name="Coin")
    values = module.Coin()()
    (tmp_path / "values").write_bytes(pickle.dumps(type(values)(*(value.detach() for value in values))))
    ran = python("-c", UNPICKLE, "pickle", "values")
    assert (ran.rc, ran.stderr) == (0, "")
    assert ran.stdout == "CoinValues cdsl_loaded_ 0.25 (3,)\n"


def test_a_subclass_of_a_loaded_class_is_copied_as_itself():
    class Biased(cdsl.loads(GOOD).Model):
        def __init__(self):
            super().__init__()
            self.note = "biased"

    other = copy.deepcopy(Biased())
    assert type(other) is Biased
    assert other.note == "biased"


def test_the_state_of_a_loaded_module_loads_without_pickled_code(tmp_path):
    model = cdsl.loads(GOOD).Model()
    model.p = 0.125
    torch.save(model.state_dict(), tmp_path / "state.pt")
    other = cdsl.loads(GOOD).Model()
    other.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    assert other.p.item() == 0.125


# -- the import hook ---------------------------------------------------------------------------------------------------


def test_the_hook_imports_a_spec(hook, tmp_path):
    (tmp_path / "hooked_coin.cdsl").write_text(GOOD)
    hook(tmp_path)
    module = importlib.import_module("hooked_coin")
    assert module.HookedCoin().p.item() == 0.25
    assert module.__name__ == "hooked_coin"
    assert module.__file__ == str(tmp_path / "hooked_coin.cdsl")
    assert importlib.import_module("hooked_coin") is module


@pytest.mark.parametrize("on_path", [False, True], ids=["root not on sys.path", "root on sys.path"])
def test_the_hook_imports_a_spec_in_a_folder(on_path, hook, tmp_path, monkeypatch):
    (tmp_path / "hooked_specs" / "deeper").mkdir(parents=True)
    (tmp_path / "hooked_specs" / "mixture.cdsl").write_text(GOOD)
    (tmp_path / "hooked_specs" / "deeper" / "coin.cdsl").write_text(GOOD)
    if on_path:
        monkeypatch.syspath_prepend(str(tmp_path))
    hook(tmp_path)
    assert importlib.import_module("hooked_specs.mixture").Mixture().p.item() == 0.25
    assert importlib.import_module("hooked_specs.deeper.coin").Coin().p.item() == 0.25


def test_the_hook_imports_a_spec_beside_modules_of_a_package(hook, tmp_path, monkeypatch):
    package = tmp_path / "hooked_package"
    package.mkdir()
    (package / "__init__.py").write_text("here = True\n")
    (package / "plain.py").write_text("from .coin import Coin\n")
    (package / "coin.cdsl").write_text(GOOD)
    monkeypatch.syspath_prepend(str(tmp_path))
    hook(tmp_path)
    assert importlib.import_module("hooked_package.plain").Coin().p.item() == 0.25
    assert sys.modules["hooked_package"].here


def test_the_hook_leaves_every_other_module_alone(hook, tmp_path, monkeypatch):
    (tmp_path / "hooked_both.py").write_text("plain = True\n")
    (tmp_path / "hooked_both.cdsl").write_text(GOOD)
    (tmp_path / "json.cdsl").write_text(GOOD)
    (tmp_path / "hooked_data").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    hook(tmp_path)
    assert importlib.import_module("hooked_both").plain
    monkeypatch.delitem(sys.modules, "json")
    assert importlib.import_module("json").dumps({}) == "{}"
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("hooked_nothing")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("hooked_data.nothing")


def test_the_hook_can_be_taken_out_again(hook, tmp_path):
    (tmp_path / "hooked_gone.cdsl").write_text(GOOD)
    finder = hook(tmp_path)
    assert finder in sys.meta_path
    sys.meta_path.remove(finder)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("hooked_gone")


def test_two_hooks_have_two_roots(hook, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"hooked_{name}.cdsl").write_text(GOOD)
        hook(tmp_path / name)
    assert importlib.import_module("hooked_one").HookedOne
    assert importlib.import_module("hooked_two").HookedTwo


def test_a_root_is_meant_as_it_is_when_the_hook_is_installed(hook, tmp_path, monkeypatch):
    (tmp_path / "hooked_here.cdsl").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    hook(".")
    monkeypatch.chdir("/")
    assert importlib.import_module("hooked_here").HookedHere


def test_problems_of_a_spec_come_through_an_import(hook, tmp_path):
    (tmp_path / "hooked_bad.cdsl").write_text(BAD)
    hook(tmp_path)
    with pytest.raises(cdsl.SpecError) as raised:
        importlib.import_module("hooked_bad")
    assert [one.code for one in raised.value.diagnostics] == ["E201", "W101", "E501"]
    assert "hooked_bad.cdsl:1:4" in str(raised.value)
    assert "hooked_bad" not in sys.modules
    (tmp_path / "hooked_bad.cdsl").write_text(GOOD)
    assert importlib.import_module("hooked_bad").HookedBad().p.item() == 0.25


def test_tracebacks_through_an_imported_spec_show_the_compiled_source(hook, tmp_path):
    (tmp_path / "hooked_trace.cdsl").write_text(GOOD)
    hook(tmp_path)
    module = importlib.import_module("hooked_trace")
    with pytest.raises(ValueError, match="unpack") as raised:
        module.HookedTrace()._evaluate(())
    assert any("p_raw, w_raw = raw" in line for line in traceback.format_exception(raised.value))
    assert "cdsl.real.identity" in inspect.getsource(module.HookedTrace._evaluate)


def test_an_imported_spec_reloads(hook, tmp_path):
    (tmp_path / "hooked_again.cdsl").write_text("p: real = 0.25\n")
    hook(tmp_path)
    module = importlib.import_module("hooked_again")
    (tmp_path / "hooked_again.cdsl").write_text("p: real = 0.75\n")
    assert importlib.reload(module).HookedAgain().p.item() == 0.75


def test_instances_of_an_imported_spec_pickle(hook, tmp_path):
    (tmp_path / "hooked_pickle.cdsl").write_text(GOOD)
    hook(tmp_path)
    model = importlib.import_module("hooked_pickle").HookedPickle()
    assert type(pickle.loads(pickle.dumps(model))) is type(model)


def test_the_hook_is_not_there_unless_it_is_asked_for(python, tmp_path):
    (tmp_path / "coin.cdsl").write_text(GOOD)
    assert python("-c", "import cdsl, cdsl.loader, coin").rc == 1
    assert python("-c", "import cdsl; cdsl.install_import_hook(); import coin; coin.Coin()").rc == 0


# -- the package -------------------------------------------------------------------------------------------------------


def test_public_names_are_there_and_no_other():
    for name in cdsl.__all__:
        assert getattr(cdsl, name) is not None
    assert set(cdsl.__all__) <= set(dir(cdsl))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        cdsl.nothing  # noqa: B018
    assert not hasattr(cdsl, "__wrapped__")


def test_the_monitor_is_imported_when_it_is_asked_for(monkeypatch):
    monkeypatch.delattr(cdsl, "monitor", raising=False)
    assert cdsl.monitor is importlib.import_module("cdsl.monitor")


def test_public_names_stay_what_they_are_when_their_modules_are_imported():
    """`cdsl.check` is a function, whatever was imported before."""
    for name in ("cdsl.checker", "cdsl.compiler", "cdsl.loader", "cdsl.cli.check", "cdsl.cli.compile"):
        importlib.import_module(name)
    assert all(callable(getattr(cdsl, name)) for name in ("check", "compile", "load", "loads", "parse"))
