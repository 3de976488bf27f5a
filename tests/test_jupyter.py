"""`%%cdsl` in IPython and in a kernel: classes of the notebook, and errors of the cell with its own lines."""

import pytest

pytest.importorskip("IPython")

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from tests.spec_texts import ROOT

NOTEBOOK = ROOT / "examples" / "notebook.ipynb"


@pytest.fixture
def cell(tmp_path, monkeypatch):
    """`cell(text)`: runs a cell, and returns whether it went well, what it printed, and its displays."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell = InteractiveShell.instance()
    with capture_output():
        assert shell.run_cell("%load_ext cdsl").success

    def run(text):
        with capture_output() as out:
            done = shell.run_cell(text)
        return done.success, out.stdout + out.stderr, out.outputs

    run.names = shell.user_ns
    yield run
    shell.restore_sys_module_state()  # it was `__main__`
    InteractiveShell.clear_instance()


def test_a_cell_binds_the_classes_of_its_models(cell):
    assert cell("%%cdsl --name Mixture\np: prob = 0.25\nmodel Noise { s: positive = 2 }\nnoise: Noise\n") == (
        True,
        "",
        [],
    )
    assert cell.names["Mixture"]().scalar_dict() == {"p": 0.25, "noise.s": 2}
    assert cell.names["Noise"]().scalar_dict() == {"s": 2}
    assert "MixtureValues" not in cell.names
    assert "Model" not in cell.names


def test_a_cell_without_a_name_is_a_model(cell):
    assert cell("%%cdsl\np: prob\n")[0]
    assert cell("model = Model()\nassert 'prob' in model._repr_html_()")[0]


def test_a_cell_run_again_with_another_spec_is_another_class(cell):
    cell("%%cdsl\np: prob\n")
    first = cell.names["Model"]
    cell("%%cdsl\np: positive\n")
    assert cell.names["Model"] is not first


def test_problems_are_shown_with_the_lines_of_the_cell_and_no_traceback(cell):
    well, printed, _ = cell("%%cdsl\np: prob\n\nq: prop\nr: interval(2, 1)\n")
    assert not well
    assert "error[E201]" in printed
    assert "cell:4:4" in printed
    assert "4 | q: prop" in printed
    assert "cell:5:" in printed
    assert "Traceback" not in printed
    assert ".py" not in printed
    assert "Model" not in cell.names


def test_a_warning_is_shown_and_the_class_is_bound(cell):
    well, printed, _ = cell("%%cdsl\np: prob\n\n#: documents nothing\n\nq: prob\n")
    assert well
    assert "warning[W" in printed
    assert "cell:4:1" in printed
    assert "q" in repr(cell.names["Model"]())


@pytest.mark.parametrize("line", ["--name", "--nme X", "Mixture"])
def test_a_wrong_option_is_a_usage_error(cell, line):
    well, printed, _ = cell(f"%%cdsl {line}\np: prob\n")
    assert not well
    assert "UsageError: " in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize("line", ["--name class", "--name 'a b'", "--name print", "--name '__import__(\"os\")'"])
def test_a_name_that_is_none_is_a_problem(cell, line):
    well, printed, _ = cell(f"%%cdsl {line}\np: prob\n")
    assert not well
    assert "error[E003]" in printed


@pytest.mark.parametrize(
    "text", ["", "\n", "p: prob\0", "(" * 500, "x: real[", "p: prob  # \u202e", "é: prob }", "p" * 2**20 + ": prob"]
)
def test_no_text_gives_a_traceback(cell, text):
    well, printed, _ = cell(f"%%cdsl\n{text}\n")
    assert not well
    assert "error[E" in printed
    assert "Traceback" not in printed


def test_a_cell_imports_specs_of_the_working_directory(cell, tmp_path):
    (tmp_path / "noise.cdsl").write_text("s: positive = 2\n")
    assert cell('%%cdsl\nfrom "noise.cdsl" import Noise\nnoise: Noise\n')[:2] == (True, "")
    assert cell.names["Model"]().scalar_dict() == {"noise.s": 2}


def test_the_compiled_python_can_be_shown(cell):
    _, _, (shown,) = cell("%%cdsl --show\np: prob #: <b>chance</b>\n")
    assert "class Model(" in shown.data["text/plain"]
    assert "<b>" in shown.data["text/plain"]
    assert "<b>" not in shown.data["text/html"]


def test_the_notebook_runs_and_its_outputs_are_those_that_it_shows(tmp_path, monkeypatch):
    """`jupyter nbconvert --execute --inplace examples/notebook.ipynb` writes them."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    shown = [outputs(one) for one in notebook.cells]
    nbclient.NotebookClient(notebook, timeout=120).execute(cwd=str(tmp_path))
    assert [outputs(one) for one in notebook.cells] == shown
    assert any("<table" in text for one in shown for text in one)
    assert any("error[E" in text for one in shown for text in one)


def outputs(cell):
    """What a cell shows: text, HTML, the report of an error."""
    found = []
    for one in cell.get("outputs", ()):
        if one.output_type == "stream":
            found.append(one.text)
        elif one.output_type == "error":
            found += one.traceback
        else:
            found += [one.data[kind] for kind in ("text/plain", "text/html") if kind in one.data]
    return found
