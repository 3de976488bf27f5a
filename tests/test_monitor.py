"""`cdsl.monitor`: what is recorded and where, what it costs between records, and what is warned of."""

import csv
import itertools
import math
import sys
import time
import warnings

import pytest
import torch
from torch import nn

import cdsl
from cdsl.constraints import domains
from cdsl.monitor import Monitor, MonitorWarning
from cdsl.monitor.live import sparkline
from cdsl.monitor.saturation import on_boundary, stuck
from cdsl.monitor.sinks import tag
from cdsl.runs import RunError, read
from cdsl.runtime.module import named

SPEC = """\
p: prob = 0.3
s: positive = 2
w: simplex[3]
L: cholesky_corr[2]
tau: interval(0, 2 * s)
wide: real[40]
let twice = 2 * p
"""


def model_of(text=SPEC, dtype=torch.float32, **given):
    return cdsl.loads(text).Model(dtype=dtype, **given)


def everything(values):
    """A loss that no parameter is at rest under."""
    return sum((value * torch.linspace(0.5, 1, value.numel()).reshape(value.shape)).sum() for value in values)


def steps_of(model, monitor, many, loss=everything, rate=0.1):
    """So many steps of gradient descent, each of them told."""
    optimizer = torch.optim.SGD([one for one in model.parameters() if one.requires_grad], lr=rate)
    for _ in range(many):
        optimizer.zero_grad()
        loss(model()).backward()
        optimizer.step()
        monitor.step()


def told(model, loss, many=30, rate=0.1, **options):
    """What is warned of in so many steps, all recorded."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        steps_of(model, Monitor(model, every=1, **options), many, loss, rate)
    return [str(one.message) for one in said if issubclass(one.category, MonitorWarning)]


def test_a_record_has_values_raws_and_norms_of_gradients_by_declared_name():
    model, seen = model_of(), []
    steps_of(model, Monitor(model, every=10, to=lambda step, record: seen.append((step, record))), 25)
    assert [step for step, _ in seen] == [10, 20]
    model, again = model_of(), []
    monitor = Monitor(model, every=20, to=lambda step, record: again.append(record))
    steps_of(model, monitor, 20)
    record = monitor.record()
    for name, number in model.scalar_dict().items():
        assert name.startswith("wide") or record[f"value/{name}"] == number
    assert record["raw/p"] == model.p_raw.item()
    assert record["raw/w[1]"] == model.w_raw[1].item()
    assert record["grad/w"] == pytest.approx(model.w_raw.grad.double().norm().item())
    assert record["value/wide:max"] == model.wide.max().item()
    assert "value/wide[0]" not in record
    assert again[0]["raw/p"] == seen[1][1]["raw/p"]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_run_file_is_plain_csv_and_reads_back_to_the_last_bit(dtype, tmp_path):
    model, seen, path = model_of(dtype=dtype), [], tmp_path / "run.csv"
    with Monitor(model, every=3, to=[path, lambda step, record: seen.append(record)]) as monitor:
        steps_of(model, monitor, 10)
    run = read(path)
    assert run.steps == [3, 6, 9]
    for column, numbers in zip(seen[0], run.columns.values(), strict=True):
        as_recorded = torch.tensor([record[column] for record in seen], dtype=dtype)
        assert torch.equal(torch.tensor(numbers, dtype=dtype), as_recorded), column
    with path.open(newline="") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["3", "6", "9"]


def test_a_run_is_gone_on_with_where_asked_and_never_replaced(tmp_path):
    path, model = tmp_path / "run.csv", model_of()
    with Monitor(model, every=2, to=path) as monitor:
        steps_of(model, monitor, 4)
    before = path.read_bytes()
    with pytest.raises(RunError, match="there already: go on with it by `resume=True`"):
        Monitor(model, to=path)
    assert path.read_bytes() == before
    path.write_bytes(before + b"6,0.12")  # killed as nothing of ours is: half a line
    with Monitor(model, every=2, to=path, resume=True) as monitor:
        assert monitor.steps == 4
        steps_of(model, monitor, 3)
    assert path.read_bytes().startswith(before)
    assert read(path).steps == [2, 4, 6]
    held = path.read_bytes()
    with pytest.raises(RunError, match="of another model, it has no column `value/other`"):
        Monitor(model_of("other: prob"), to=path, resume=True)
    assert path.read_bytes() == held


def test_a_file_without_records_is_nobodys_run(tmp_path):
    path = tmp_path / "run.csv"
    Monitor(model_of(), to=path).close()
    Monitor(model_of(), to=path).close()
    assert len(path.read_bytes().splitlines()) == 1


def test_a_full_disk_is_told_once_training_goes_on_and_who_is_killed_leaves_whole_lines(python, tmp_path):
    """And `cdsl.monitor` is there without an import of its own."""
    pytest.importorskip("resource")
    (tmp_path / "train.py").write_text(
        "import cdsl, os, resource\n"
        "monitor = cdsl.monitor.Monitor(cdsl.loads('p: prob').Model(), every=1, to='run.csv')\n"
        "for _ in range(50): monitor.step()\n"
        "room = os.stat('run.csv').st_size + 7  # the next line has more bytes\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))\n"
        "for _ in range(3): monitor.step()\n"
        "print(monitor.steps, flush=True)\nos.kill(os.getpid(), 9)\n",
        encoding="utf-8",
    )
    ran = python("train.py")
    assert (ran.rc, ran.stdout) == (-9, "53\n")
    assert ran.stderr.count("MonitorWarning") == 1
    assert "nothing more is recorded there" in ran.stderr
    run = read(tmp_path / "run.csv")
    assert (run.steps, run.notes) == (list(range(1, 51)), ())


def test_an_optimizer_is_followed_until_the_monitor_is_closed():
    model, seen = model_of(), []
    optimizer = torch.optim.Adam(model.parameters())
    with Monitor(model, every=2, to=lambda step, record: seen.append(step), optimizer=optimizer):
        for _ in range(5):
            model().p.backward()
            optimizer.step()
    optimizer.step()
    assert seen == [2, 4]


def test_constrained_modules_inside_others_and_nested_models_have_their_paths():
    text = "model Noise { df: positive }\nnoise: Noise\nmany: Noise[2]\nscale: interval(0, noise.df + 1)"

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.head, self.body = nn.Linear(2, 2), cdsl.loads(text).Model()

    record = Monitor(Net()).record()
    assert {"value/body.noise.df", "raw/body.many[1].df", "grad/body.scale", "bound/body.noise.df"} < {*record}
    assert all(column.split("/")[1].startswith("body.") for column in record)


def test_modules_of_any_name_are_recorded_and_got_at(tmp_path):
    net = nn.ModuleDict({"a-b c": nn.Sequential(nn.Linear(1, 1), model_of("p: prob[2]"))})
    net["a-b c"][1].load_flat_(torch.tensor([0.0, 60.0]))
    monitor = Monitor(net, every=1, to=tmp_path / "run.csv")
    with pytest.warns(MonitorWarning) as said:
        monitor.step()
    monitor.close()
    assert read(tmp_path / "run.csv").names() == ["a-b c.1.p"]
    assert "`a-b c.1.p[1]` has saturated" in str(said[0].message)
    net = nn.Sequential(model_of("p: prob"))
    net[0].load_flat_(torch.tensor([60.0]))
    with pytest.warns(MonitorWarning, match=r"`model\[0\]\.p = 0\.5`; hold it there, `model\[0\]\.freeze_"):
        Monitor(net).record()


def test_columns_of_every_name_are_read_again(tmp_path):
    """`min` is a parameter's name, and `:min` a summary's."""
    text = "model Noise { min: positive[20] }\nnoise: Noise\nmany: Noise[2]\nM: cov[2]\ngröße: prob[17]"
    with Monitor(cdsl.loads(text).Model(), every=1, to=tmp_path / "run.csv") as monitor:
        record = monitor.record()
    run = read(tmp_path / "run.csv")
    assert [f"{one.kind}/{one.name}{one.entry}" for one in run.columns] == list(record)
    assert run.names() == ["noise.min", "many[0].min", "many[1].min", "M", "größe"]


def test_sizes_that_change_leave_cells_empty_and_columns_as_they_are():
    model = model_of("dim N\ndata x: real[N]\na: real\nlet y = a * x", x=torch.ones(3))
    monitor = Monitor(model)
    columns = list(monitor.record())
    model.set_data_(x=torch.ones(5))
    record = monitor.record()
    assert list(record) == columns
    assert record["value/y[2]"] != record["value/y[2]"]
    assert record["value/a"] == 0


def test_tensorboard_gets_every_number(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from torch.utils.tensorboard import SummaryWriter

    model, writer = model_of(), SummaryWriter(tmp_path)
    with Monitor(model, every=5, to=writer) as monitor:
        steps_of(model, monitor, 10)
        record = monitor.record()
    writer.close()
    events = EventAccumulator(str(tmp_path)).Reload()
    assert {*events.Tags()["scalars"]} == {*map(tag, record)}
    assert [(one.step, one.value) for one in events.Scalars("value/w.2")][-1] == (
        10,
        pytest.approx(record["value/w[2]"]),
    )


def test_the_live_table_shows_values_and_their_course(capsys):
    pytest.importorskip("rich")
    model = model_of()
    with Monitor(model, every=1, to="live") as monitor:
        steps_of(model, monitor, 12)
    shown = capsys.readouterr().out
    assert "step 12" in shown
    assert "wide:mean" in shown
    assert any(bar in shown for bar in "▂▃▄▅▆▇")


def test_a_sparkline_has_a_bar_for_each_number():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([3, 3]) == "▅▅"
    assert sparkline([0, float("nan"), 1, float("inf")]) == "▁ █ "
    assert sparkline([float("nan")]) == " "


def test_without_rich_the_live_table_says_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.live", None)
    monkeypatch.setitem(sys.modules, "rich", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'cdsl\[monitor\]'"):
        Monitor(model_of(), to="live")


@pytest.mark.parametrize(
    ("error", "match", "options"),
    [
        (ValueError, r"expected a path that ends in `\.csv`, or \"live\", got 'run\.txt'", {"to": "run.txt"}),
        (TypeError, "expected a path, a SummaryWriter, a callable or a list of these, got int", {"to": 3}),
        (ValueError, "every: expected a whole number from 1, got 0", {"every": 0}),
    ],
)
def test_what_it_cannot_use_is_refused(error, match, options):
    with pytest.raises(error, match=match):
        Monitor(model_of(), **options)


def test_a_model_without_constrained_parameters_is_refused():
    with pytest.raises(TypeError, match="a module that cdsl compiled, or one that holds some, got Linear"):
        Monitor(nn.Linear(1, 1))


def test_between_records_nothing_is_asked_of_the_model(monkeypatch):
    model = model_of()
    monitor = Monitor(model, every=1000)
    monkeypatch.setattr(type(model), "_evaluate", None)
    for _ in range(999):
        monitor.step()
    with pytest.raises(TypeError):
        monitor.step()


def test_a_step_without_a_record_costs_nothing_beside_a_step_of_training():
    model = model_of()
    monitor = Monitor(model, every=10**9)

    def least(call, many):
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            for _ in range(many):
                call()
            times.append((time.perf_counter() - begin) / many)
        return min(times)

    train = least(lambda: sum(value.sum() for value in model()).backward(), 5)
    assert least(monitor.step, 500) < train / 100  # measured: 1/20,000; a busy machine may stop either


# -- warnings -----------------------------------------------------------------------------------------------------------


def test_a_saturated_parameter_is_told_once_with_value_raw_domain_and_what_to_do():
    (said,) = told(model_of("p: prob\nq: prob"), lambda values: -values.p * 10 + values.q, many=40, rate=10.0)[:1]
    assert said.startswith("step ")
    assert "`p` has saturated. Its value is 1, its raw " in said
    assert "in float32 the value lies on the boundary of its domain" in said
    assert "declared `prob via logistic`" in said
    assert "`prob via algebraic`" in said
    assert "float64, where it still moves" in said
    assert "`model.p = 0.5`" in said
    assert '`model.freeze_("p")`' in said


def test_what_is_said_to_help_does():
    """The transforms that a warning names, and float64, are tried: at the same raw they are not flat."""
    model = model_of("p: prob")
    model.load_flat_(torch.tensor([25.0]))
    with pytest.warns(MonitorWarning, match="saturated") as said:
        Monitor(model).record()
    helps = str(said[0].message).partition("What helps")[2]
    named_there = [word for word in domains()["prob"].transforms if f"`prob via {word}`" in helps]
    assert named_there
    assert "probit" not in named_there
    for word, dtype in [*((word, torch.float32) for word in named_there), ("logistic", torch.float64)]:
        other = model_of(f"p: prob via {word}", dtype)
        other.load_flat_(torch.tensor([25.0]))
        other.p.backward()
        assert other.p < 1
        assert other.p_raw.grad > 0


def test_of_a_vector_the_entry_is_named():
    model = model_of("x: greater_than(5)[3]")
    model.load_flat_(torch.tensor([0.0, -40.0, 0.0]))
    with pytest.warns(MonitorWarning, match=r"`x\[1\]` has saturated. Its value is 5, its raw -40"):
        Monitor(model).record()
    assert Monitor(model, to=lambda *_: None)._warner.said == set()


def test_a_simplex_that_is_all_in_one_entry_has_saturated():
    model = model_of("w: simplex[3]")
    model.load_flat_(torch.tensor([200.0, 0.0]))
    with pytest.warns(MonitorWarning, match="`w` has saturated"):
        assert Monitor(model).record()["bound/w"] == 1


def test_of_many_events_those_are_counted_that_have_saturated():
    """In a batch each event by itself, entry by entry; where events are large, all of their entries or none."""
    model = model_of("w: simplex[5, 3]")
    with torch.no_grad():
        model.w_raw[1] = torch.tensor([300.0, 10.0])
        model.w_raw[4] = torch.tensor([-300.0, 0.0])
    with pytest.warns(MonitorWarning, match="`w` has saturated"):
        record = Monitor(model).record()
    assert (record["saturated/w"], record["bound/w"]) == (4, 2)
    model = model_of("w: simplex[2, 1200]")
    with torch.no_grad():
        model.w_raw[1] = 1e6 * torch.randn(1199, generator=torch.Generator().manual_seed(0))
    with pytest.warns(MonitorWarning, match="`w` has saturated"):
        assert Monitor(model).record()["saturated/w"] == 1199


@pytest.mark.parametrize(
    "text", ["w: simplex[1]", "x: real[0]", "x: simplex[0, 3]", "x: positive[0, 2]", "L: cholesky_corr[1]"]
)
def test_parameters_without_entries_are_recorded_as_they_are(text):
    record = Monitor(model_of(text + "\np: prob")).record()
    assert not any(math.isnan(number) for name, number in record.items() if not name.startswith("grad"))
    assert [number for name, number in record.items() if name.startswith("saturated")] == [0, 0]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_narrow_numbers_saturate_early(dtype):
    model = model_of("p: prob", dtype)
    with torch.no_grad():
        model.p_raw.fill_(12.0)
    with pytest.warns(MonitorWarning, match=f"in {str(dtype).removeprefix('torch.')} the value lies on the boundary"):
        Monitor(model).record()


def test_computed_bounds_are_those_of_now():
    model = model_of("s: positive = 3\nt: interval(0, s)")
    with torch.no_grad():
        model.t_raw.fill_(40)
    with pytest.warns(MonitorWarning, match=r"`t` has saturated. Its value is 3, its raw 40") as said:
        Monitor(model).record()
    assert "declared `interval(0.0, s)" in str(said[0].message)


def test_frozen_parameters_are_not_told_of():
    model = model_of("p: prob\nq: prob")
    model.load_flat_(torch.tensor([60.0, 0.0]))
    model.freeze_("p")
    assert told(model, lambda values: values.q, many=10) == []


def test_a_gradient_that_vanishes_is_told_after_so_many_records_and_only_while_others_move():
    text = "p: prob\nq: prob"
    said = told(model_of(text), lambda values: values.p + values.q.detach(), many=4)
    assert said == []
    (said,) = told(model_of(text), lambda values: values.p + values.q.detach(), many=30)
    assert said.startswith("step 5: no gradient reaches `q`")
    assert 'model.freeze_("q")' in said
    (said,) = told(model_of(text), lambda values: values.p + 0 * values.q, many=30)
    assert said.startswith("step 5: the gradient of `q` is 0 to the last bit")
    assert told(model_of(text), lambda values: 0 * (values.p + values.q), many=30) == []


def test_what_is_not_finite_is_told_with_gradient_and_raw():
    (said,) = told(model_of("s: positive"), lambda values: values.s * float("nan"), many=3)
    assert said.startswith("step 1: `s` is no finite number any more: its raw is nan, its gradient is nan")
    assert "clip_grad_norm_" in said


def test_a_warning_points_at_the_line_that_stepped():
    model = model_of("s: positive")
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    monitor = Monitor(model, every=1, optimizer=optimizer)
    (model().s * float("nan")).backward()
    with pytest.warns(MonitorWarning) as said:
        optimizer.step()
    assert said[0].filename == __file__
    monitor.close()


FLAT = ("relu", "clamp")
"""Transforms that are flat over half of their raws, by what they are."""


def test_no_parameter_of_any_domain_is_said_to_have_saturated_in_the_middle_of_its_domain():
    for domain in domains().values():
        declared = domain.examples[0].partition("=")[0].partition(" via ")[0]
        for transform in domain.transforms:
            model = model_of(f"x: {declared} via {transform}")
            for seed in range(2) if transform not in FLAT else ():
                (leaf,) = model._leaves()
                with torch.no_grad():
                    value = dict(named(model(), ""))["x"]
                    raw = leaf.parameter.reshape(leaf.one.raw_shape)
                    assert not stuck(leaf.one, raw, value).any(), (declared, transform)
                    assert not on_boundary(leaf.one, value).any(), (declared, transform)
                model.randomize_(radius=2.0, generator=torch.Generator().manual_seed(seed))


def test_every_elementwise_transform_is_said_to_have_saturated_where_its_gradient_is_zero():
    """Wherever autograd finds no slope in float32, the last bit of the value stays as well; and not where the slope is large."""
    raws = torch.tensor([-1e4, -200.0, -90.0, -0.5, 0.5, 90.0, 200.0, 1e4])
    many = len(raws)
    for domain in domains().values():
        declared = domain.examples[0].partition("=")[0].partition(" via ")[0].partition("[")[0]
        for transform in domain.transforms if domain.elementwise else ():
            model = model_of(f"x: {declared}[{many}] via {transform}")
            with torch.no_grad():
                model.x_raw.copy_(raws)
            model().x.sum().backward()
            (leaf,) = model._leaves()
            with torch.no_grad():
                flat = stuck(leaf.one, model.x_raw, model.x)
            slope = model.x_raw.grad
            none, steep = slope == 0, (slope.abs() > 1e-3) & model.x.isfinite()
            assert flat[none].all() or domain.name == "angle", (declared, transform)
            assert not flat[steep].any(), (declared, transform)


def test_a_large_raw_of_the_identity_has_not_saturated():
    model = model_of("x: real[2]")
    model.load_flat_(torch.tensor([1e30, -3e8]))
    assert Monitor(model).record()["saturated/x"] == 0


# -- files that are none ------------------------------------------------------------------------------------------------

GOOD = "step,value/p,raw/p\n1,0.5,0\n2,0.6,0.4\n"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "is empty"),
        ("step,value/p\n", "has columns and no records"),
        ("step,value/p", "its first line names no columns"),
        ("a,b\n1,2\n", "is no run file, its first line names no columns"),
        ("step,loss\n1,2\n", "is no run file, a column is `loss`"),
        ("step,value/p,value/p\n1,2,3\n", "two columns have one name"),
        (GOOD + "3,0.5\n", "line 4: expected 3 cells, found 2"),
        (GOOD + "three,0.5,0\n", "line 4: expected a step, found `three`"),
        (GOOD + "3,much,0\n", "line 4: could not convert string to float: 'much'"),
        ("step,value/\n1,2\n", "a column is `value/`"),
        ("\0\0\0\n", "is no run file"),
        ("\x89PNG\r\n\x1a\n", "is no run file"),
    ],
)
def test_what_is_no_run_file_is_refused_with_the_reason(tmp_path, text, match):
    (tmp_path / "run.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(RunError, match=match):
        read(tmp_path / "run.csv")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(RunError, match=r"cannot read .*No such file"):
        read(tmp_path / "run.csv")


def test_a_line_that_was_never_finished_is_left_out_and_steps_that_come_again_replace_those_before(tmp_path):
    (tmp_path / "run.csv").write_text(GOOD + "3,0.7,nan\n2,,0.8\n4,0.1,inf\n5,0.", encoding="utf-8")
    run = read(tmp_path / "run.csv")
    assert run.steps == [1, 2, 4]
    assert run.notes == ("the last line was never finished, and is left out",)
    raw, value = run.of("raw", "p")[""], run.of("value", "p")[""]
    assert raw == [0, 0.8, float("inf")]
    assert value[1] != value[1]
    assert list(itertools.compress(value, (1, 0, 1))) == [0.5, 0.1]


def test_a_model_without_parameters_is_recorded_and_a_packed_one_is_told_what_it_can_do():
    derived = cdsl.loads("data y: real[2]\nlet z = sum(y)").Model(y=[1.0, 2.0])
    assert Monitor(derived).record() == {"value/z": 3.0}
    model = cdsl.loads("p: prob\nq: prob", layout="packed").Model()
    monitor = Monitor(model, every=1)
    model().q.backward()
    for _ in range(4):
        monitor.step()
    with pytest.warns(MonitorWarning, match="hold it, `frozen p: prob = …`"):
        monitor.step()


def test_a_run_that_was_ended_in_its_first_line_is_begun_again(tmp_path):
    (tmp_path / "run.csv").write_text("step,val")
    monitor = Monitor(cdsl.loads("mu: real").Model(), to=tmp_path / "run.csv", resume=True)
    monitor.record()
    assert len((tmp_path / "run.csv").read_text().splitlines()) == 2
    monitor.close()
