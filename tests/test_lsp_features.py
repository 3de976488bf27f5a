"""What the language server knows of a text, asked without a client. `|` marks the cursor."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cdsl.cli.specs import check_file
from cdsl.diagnostics import Diagnostic, Edit, Fix
from cdsl.files import read_spec
from cdsl.functions import functions
from cdsl.lsp.actions import fix_all, fixes
from cdsl.lsp.completion import complete
from cdsl.lsp.context import context
from cdsl.lsp.hints import hints
from cdsl.lsp.hover import hover
from cdsl.lsp.navigation import definition, highlights, references
from cdsl.lsp.page import Code, Prose, markdown, plain
from cdsl.lsp.project import Project
from cdsl.lsp.rename import Refused, rename, renameable
from cdsl.lsp.signatures import places, signature
from cdsl.lsp.symbols import folds, links, outline, workspace
from cdsl.lsp.text import Place, Text, applied
from cdsl.lsp.tokens import tokens
from cdsl.source import Span


class Asked:
    """A text with a cursor, checked, among other files."""

    def __init__(self, marked, path=None, **others):
        self.text, self.offset = marked.replace("|", "", 1), max(0, marked.find("|"))
        self.project, self.path = Project(), path and (path / "main.cdsl")
        if path:
            for name, text in others.items():
                (path / f"{name}.cdsl").write_text(text, encoding="utf-8")
            self.project.folders = (path,)
            self.project.buffers.open[self.path] = self.text
        self.analysis = self.project.analyse(self.text, self.path)
        self.index = self.project.index_of(self.analysis, self.path)

    @property
    def items(self):
        return complete(self.text, self.offset, self.index, self.analysis, self.project)

    @property
    def labels(self):
        return [one.label for one in self.items]

    @property
    def hover(self):
        found = hover(self.index, self.analysis, self.offset)
        return found and plain(found.page)

    @property
    def signature(self):
        return signature(self.text, self.offset, self.index)

    @property
    def definition(self):
        found = definition(self.index, self.offset, self.project)
        return found and (found.file and found.file.name, self.in_file(found))

    @property
    def references(self):
        return sorted(
            (one.file and one.file.name, one.span) for one in references(self.index, self.offset, self.project)
        )

    def in_file(self, found):
        text = self.text if found.file in (None, self.path) else found.file.read_text(encoding="utf-8")
        return text[slice(*found.span)]

    def renamed(self, new):
        """The new texts by file, or why not."""
        found = rename(self.index, self.offset, new, self.project)
        if isinstance(found, Refused):
            return found.reason
        texts = {file: self.text if file in (None, self.path) else file.read_text(encoding="utf-8") for file in found}
        changed = {file and file.name: applied(texts[file], changes) for file, changes in found.items()}
        return changed if self.path else changed[None]


NOISE = """model Noise {
    dim K
    df: greater_than(2) = 4  #: heavy tails
    w: simplex[K]
    let twice = 2 * df
    let _help = 1
}
type rate(h=3) = interval(0, h) via probit
own: positive
"""

# -- places ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_characters_are_counted_as_the_client_counts_them(encoding, units):
    text = Text("# 🦊 fox\r\nβ: real\rx: prob", encoding)
    assert text.place(4) == Place(0, 3 + units - 1 + 1)
    assert text.offset(Place(0, 2 + units)) == 3
    assert text.spec[text.offset(Place(1, 0))] == "β"
    assert text.spec[text.offset(Place(2, 0)) :] == "x: prob"  # a lone CR ends a line too
    for offset in range(len(text.spec)):
        if text.spec[offset - 1 : offset + 1] != "\r\n":
            assert text.offset(text.place(offset)) == offset


def test_a_place_in_the_middle_of_a_character_or_beyond_the_text_is_the_nearest_before():
    text = Text("🦊\nab", "utf-16")
    assert [text.offset(Place(*one)) for one in ((0, 1), (0, 9), (1, 9), (7, 0))] == [0, 1, 4, 4]


def test_a_byte_order_mark_counts_for_the_client_and_not_for_the_spec():
    text = Text("\ufeffp: prob")
    assert (text.spec, text.offset(Place(0, 1)), text.place(0)) == ("p: prob", 0, Place(0, 1))
    assert text.changed(Place(0, 1), Place(0, 2), "q").content == "\ufeffq: prob"
    assert text.changed(Place(0, 0), Place(0, 2), "q").content == "q: prob"


def test_changes_are_applied_in_the_units_of_the_client():
    text = Text("# 🦊\np: prob\n", "utf-16")
    assert text.changed(Place(0, 2), Place(0, 4), "x").content == "# x\np: prob\n"
    assert text.changed(Place(1, 0), Place(2, 0), "").content == "# 🦊\n"
    assert text.changed(Place(9, 9), Place(9, 9), "q: prob").content == "# 🦊\np: prob\nq: prob"


@given(st.text("aβ🦊\n\r\ufeff", max_size=12), st.data(), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_any_change_is_applied_where_the_client_means_it(content, data, encoding):
    text = Text(content, encoding)
    size = len(text.spec)
    start, end = sorted(data.draw(st.tuples(st.integers(0, size), st.integers(0, size))))
    assume(not any(text.spec[at - 1 : at + 1] == "\r\n" for at in (start, end)))
    new = data.draw(st.text("xβ🦊\n", max_size=3))
    mark = content[: text.mark]
    assert (
        text.changed(text.place(start), text.place(end), new).content
        == mark + text.spec[:start] + new + text.spec[end:]
    )


# -- hover -------------------------------------------------------------------------------------------------------------


def test_hover_of_a_parameter_says_where_it_lives_and_what_it_is_made_of():
    said = Asked("dim J\n#: shares\nw|: simplex[J, 4]\n").hover
    for part in (
        "w: simplex[J, 4]",
        "shares",
        "a matrix [J, 4]",
        "raw: [J, 3], 3*J in all",
        "isometric_log_ratio",
        "1/K",
        "theta[0:3*J]",
    ):
        assert part in said


def test_hover_of_a_let_says_its_shape_and_of_data_its_kind():
    text = "dim N\ndata X: real[N, 3]\nbeta: real[3]\nlet eta = X @ beta\ndata k: count[N]\n"
    assert "a vector [N]" in Asked(text.replace("let e", "let e|")).hover
    assert "a vector [N], whole" in Asked(text.replace("k:", "k|:")).hover


def test_hover_of_a_value_of_an_imported_model_shows_its_declaration_and_shapes(tmp_path):
    said = Asked('from "lib.cdsl" import Noise as N\nn: N(K=2)\nlet z = n.w|\n', tmp_path, lib=NOISE).hover
    assert said.splitlines()[0] == "w: simplex[K]"
    for part in ("from lib.cdsl", "value: a vector [K]", "raw: [K - 1]", "flat: theta[1:K] of N"):
        assert part in said
    assert "values: df, w, twice" in Asked('from "lib.cdsl" import Noise\nn|: Noise(K=2)\n', tmp_path).hover


def test_hover_of_the_language_shows_its_formulas():
    assert "y = exp(x)" in Asked("s: posi|tive").hover
    assert "log σ(x)" in Asked("s: positive via soft|plus").hover
    assert "set: (0, 1)" in Asked("s: prob|").hover
    assert "the natural logarithm" in Asked("s: real\nlet y = lo|g(s)").hover
    assert "for data alone" in Asked("data k: cou|nt").hover
    assert "π" in Asked("let y = p|i").hover
    assert "a truth value" in Asked("let y = tru|e").hover
    assert "surjective: several raws give one value" in Asked("s: positive via re|lu").hover
    assert "One transform for training" in Asked("s: positive via st|aged(train=exp, eval=softplus)").hover
    assert "how many entries" in Asked("dim N\ndata y: real[N]\nlet n = si|ze(y)").hover
    assert "set: (low, high)" in Asked("s: interval(lo|w=0, high=1)").hover
    assert "sum(x, axis=None)" in Asked("let y = sum(ones(3), ax|is=0)").hover


def test_hover_of_a_constant_says_that_nothing_trains_it():
    said = Asked("frozen g|: positive = 2").hover
    assert "constant: not in the flat vector" in said
    assert "start:" not in said  # which is in the declaration


@pytest.mark.parametrize("name", [one for one in functions() if one.isidentifier()])
def test_every_function_has_a_hover_and_a_signature(name):
    assert functions()[name].about in Asked(f"let y = {name}|(1)").hover
    found = Asked(f"let y = {name}(|1)").signature
    assert found.label == functions()[name].written
    assert [found.label[slice(*one)] for one in places(found)] == list(found.arguments)


def test_every_domain_and_transform_has_a_hover():
    from cdsl.constraints import domains

    for domain in domains().values():
        assert domain.notation in Asked(f"x: {domain.name}|").hover
        for name in [*domain.transforms, *domain.aliases]:
            assert f"{domain.name} via {name}" in Asked(f"x: {domain.name} via {name}|").hover


def test_hover_of_a_problem_says_what_its_code_means():
    assert "E201, an unknown domain" in Asked("p: postive|").hover
    assert Asked("p: prob |  # nothing").hover is None


def test_what_comes_from_a_spec_never_acts_as_markup():
    page = [
        Code("a = 1  # ```\n````"),
        Prose("![x](http://e.org) <b> `c` *d* _e_ snake_case\n# head\n1. one\nwww.e.org"),
    ]
    assert markdown(page) == (
        "`````cdsl\na = 1  # ```\n````\n`````\n\n"
        "!\\[x\\](http\\://e.org) \\<b\\> \\`c\\` \\*d\\* \\_e\\_ snake_case  \n\\# head  \n1\\. one  \nwww\\.e.org"
    )
    assert plain(page).endswith("www.e.org")


# -- completion --------------------------------------------------------------------------------------------------------

BEFORE = "dim N\ndata y: real[N]\nmu: real\ntype rate(h=3) = interval(0, h)\nmodel Noise {\n    dim K\n    df: positive[K]\n}\nn: Noise(K=2)\n"


@pytest.mark.parametrize(
    ("line", "some", "none"),
    [
        ("|", ["dim", "data", "let", "frozen", "model"], ["mu", "exp", "simplex"]),
        ("fr|", ["frozen", "from"], ["mu"]),
        ("x: |", ["simplex", "rate", "Noise"], ["count", "mu", "via", "dim"]),
        ("x: sim|", ["simplex"], ["mu"]),
        ("frozen x: |", ["simplex"], ["count"]),
        ("data x: |", ["simplex", "count", "index"], ["Noise"]),
        ("type r = |", ["simplex", "rate", "count"], ["Noise", "r", "mu"]),
        ("x: positive |", ["via"], ["exp", "mu"]),
        ("x: positive via |", ["softplus", "exp", "staged"], ["probit", "mu"]),
        ("x: rate via pro|", ["probit"], ["softplus"]),
        ("x: rate(2)[N] via |", ["logistic", "probit"], ["softplus"]),
        ("x: positive via staged(|", ["train=", "eval="], []),
        ("x: positive via staged(train=|", ["softplus"], ["mu", "train="]),
        ("x: prob via probit(|", ["loc=", "scale=", "mu"], []),
        ("x: interval(|", ["low=", "high=", "mu", "N", "exp"], ["simplex", "x"]),
        ("x: interval(low=0, |", ["high="], ["low="]),
        ("x: rate(|", ["h=", "mu"], []),
        ("m: Noise(|", ["K="], ["df="]),
        ("x: real[|", ["N", "size", "min"], ["exp", "simplex", "pi"]),
        ("x: real = |", ["mu", "exp", "pi", "n"], ["simplex", "z"]),
        ("let z = mu + |", ["mu", "exp", "y"], ["z", "simplex"]),
        ("let z = sum(y, |", ["axis=", "mu"], []),
        ("let z = sum(y, axis=|", ["mu"], ["axis="]),
        ("let z = n.|", ["df"], ["K", "mu", "exp"]),
        ("let z = n.d|", ["df"], ["mu"]),
        ("let z = y[0].|", [], ["df", "mu"]),
        ("let |", [], ["mu", "exp"]),
        ("x: real  # |", [], ["mu", "dim"]),
        ("x: interval(\n    0,\n    |", ["high=", "mu"], ["dim"]),
        ("x: interval(\n    0,  # low\n    m|", ["mu"], ["dim"]),
        ("model M {\n    |\n}", ["dim", "data"], ["mu"]),
        ("model M { x: |", ["simplex", "Noise"], ["dim"]),
        ("model M {\n    x: real\n    let t = |\n}", ["x", "exp"], ["mu", "y"]),
        ("x: real ~ |", ["mu"], ["simplex"]),
        ("x: cov[3] via log_cholesky(|", ["diagonal="], ["loc=", "scale="]),
        ("x: nothing via |", [], ["exp", "staged", "mu"]),
        ("x: Noise |", [], ["via"]),
    ],
)
def test_what_may_stand_there_is_offered_and_nothing_else(line, some, none):
    labels = Asked(BEFORE + line + "\nbelow: real\n").labels
    assert [one for one in some if one not in labels] == []
    assert [one for one in [*none, "below"] if one in labels] == []


def test_a_completion_takes_the_place_of_the_word_at_the_cursor():
    asked = Asked("x: sim|plex[3]")
    assert {asked.text[slice(*one.span)] for one in asked.items} == {"simplex"}


def test_the_paths_and_names_of_imports_are_completed(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "not-a-module").mkdir()
    asked = Asked('from "|" import a\n', tmp_path, lib=NOISE)
    assert set(asked.labels) == {"lib.cdsl", "lib/"}
    assert asked.items[0].span == Span(6, 6)
    assert Asked('from "lib.cdsl" |', tmp_path).labels == ["import"]
    assert Asked('from "lib.cdsl" import |', tmp_path).labels == ["Noise", "rate", "Lib"]
    assert Asked('from "lib.cdsl" import Noise, |', tmp_path).labels == ["Noise", "rate", "Lib"]
    assert Asked('from "lib.cdsl" import Noise a|', tmp_path).labels == ["as"]


def test_a_soft_keyword_is_a_name_where_it_is_one():
    assert "simplex" in Asked("data: |").labels
    assert "data" in Asked("data: prob\nlet z = |").labels


# -- signatures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "label", "active"),
    [
        ("x: interval(|", "interval(low, high)", 0),
        ("x: interval(0, |)", "interval(low, high)", 1),
        ("x: interval(high=|", "interval(low, high)", 1),
        ("x: simplex[|", "simplex[K]", None),
        ("data k: index(|", "index(K)", 0),
        ("x: prob via probit(0, |", "probit(loc=0, scale=1)", 1),
        ("x: prob via staged(eval=|", "staged(train=…, eval=…)", 1),
        ("type r(a, b=1) = interval(a, b)\nx: r(0, |", "r(a, b=…)", 1),
        ("model M {\n dim K\n x: real[K]\n}\nm: M(|", "M(K=…)", 0),
        ("let z = sum(exp(1), |", "sum(x, axis=None)", 1),
        ("let z = sum((1 + |", "sum(x, axis=None)", 0),
        ("let z = concat(1, 2, 3, |", "concat(*xs, axis=0)", None),
        ("let z = size(|", "size(x, axis=None)", 0),
        ("c: cov[3] via log_cholesky(|", "log_cholesky(diagonal=exp)", 0),
    ],
)
def test_the_signature_of_what_is_being_called(text, label, active):
    found = Asked(text).signature
    if text.startswith("let z = concat"):
        assert found.label == functions()["concat"].written
        return
    assert (found.label, found.active) == (label, active)


@pytest.mark.parametrize("text", ["|", "x: prob |", "let z = (1 + |", "let z = nothing(|", "x: nothing(|", "#: f(|"])
def test_where_nothing_is_called_there_is_no_signature(text):
    assert Asked(text).signature is None


# -- navigation --------------------------------------------------------------------------------------------------------


def test_definitions_are_found_in_the_scope_of_the_name():
    text = "x: real\nmodel A {\n    x: prob\n    let y = x\n}\na: A\nlet z = x + a.x\n"
    at = {
        place: Asked(text[:place] + "|" + text[place:])
        for place in (text.index("= x") + 2, text.index("z = x") + 4, text.index("a.x") + 2, text.index(": A") + 2)
    }
    spans = [definition(one.index, one.offset, one.project).span.start for one in at.values()]
    assert spans == [text.index("x: prob"), 0, text.index("x: prob"), text.index("A {")]


def test_an_argument_by_name_leads_to_what_takes_it():
    assert Asked("type r(h=3) = interval(0, h)\nx: r(h|=2)").definition == (None, "h")
    text = "model M {\n    dim K\n    x: real[K]\n}\nm: M(K|=2)\n"
    assert [span.start for _, span in Asked(text).references] == [18, 32, 42]


def test_definitions_and_references_cross_files(tmp_path):
    main = 'from "lib.cdsl" import Noise as N, rate\nn: N(K=2)[3]\nlet z = n[0].d|f + n[1].twice\nr: rate(h=2)\n'
    asked = Asked(main, tmp_path, lib=NOISE, third='from "main.cdsl" import Main\nm: Main\nlet a = m.n[0].df\n')
    assert asked.definition == ("lib.cdsl", "df")
    assert [file for file, _ in asked.references] == ["lib.cdsl", "lib.cdsl", "main.cdsl", "third.cdsl"]
    assert Asked(main.replace("d|f", "df").replace('"lib', '"li|b'), tmp_path).definition == ("lib.cdsl", "")
    assert Asked(main.replace("d|f", "df").replace("n: N", "n: |N"), tmp_path).definition == ("lib.cdsl", "Noise")


def test_highlights_are_those_of_this_text():
    asked = Asked("x: positive\ny: posi|tive\nlet x2 = exp(x) + exp(y)\n")
    assert [asked.text[slice(*one.span)] for one in highlights(asked.index, asked.offset)] == ["positive"] * 2
    assert [one.defines for one in highlights(asked.index, 0)] == [True, False]
    assert highlights(asked.index, 2) == []


# -- renaming ----------------------------------------------------------------------------------------------------------


def test_a_value_is_renamed_wherever_it_is_used_and_nowhere_else():
    text = "dim N\nx|: real[N]\nmodel A {\n    x: prob\n}\na: A\nlet z = exp(x) + x[0] + a.x  # x\n"
    assert Asked(text).renamed("mu") == text.replace("|", "").replace("x:", "mu:", 1).replace(
        "exp(x) + x[0]", "exp(mu) + mu[0]"
    )


def test_a_model_and_its_dims_are_renamed_across_files_and_aliases_stay(tmp_path):
    main = 'from "lib.cdsl" import Noise|, rate as speed\nn: Noise(K=2)\nr: speed\n'
    third = 'from "lib.cdsl" import Noise as Other\no: Other(K=1)\n'
    assert Asked(main, tmp_path, lib=NOISE, third=third).renamed("Blip") == {
        "main.cdsl": main.replace("|", "").replace("Noise", "Blip"),
        "lib.cdsl": NOISE.replace("Noise", "Blip"),
        "third.cdsl": third.replace("import Noise", "import Blip"),
    }
    other = main.replace("|", "").replace("K=", "K|=")
    changed = Asked(other, tmp_path).renamed("size_")
    assert changed["third.cdsl"] == third.replace("K=", "size_=")
    assert "dim size_" in changed["lib.cdsl"]
    local = main.replace("|", "").replace("r: speed", "r: |speed")
    assert Asked(local, tmp_path).renamed("pace") == {"main.cdsl": main.replace("|", "").replace("speed", "pace")}


@pytest.mark.parametrize(
    ("text", "new", "reason"),
    [
        ("x|: real", "lambda", "keyword of Python"),
        ("x|: real", "train", "torch.nn.Module"),
        ("x|: real", "1x", "is not a name"),
        ("x|: real", "", "is not a name"),
        ("x|: real", "a b", "is not a name"),
        ("x|: real", "_x", "begins with `_`"),
        ("x|: real", "y" * 101, "at most 100 characters"),
        ("x|: real\ny: real", "y", "`y` is declared twice"),
        ("x|: real\ny_raw: real", "y", "raw values of `y`"),
        ("x|: real\nlet z = pi", "pi", "would name something else"),
        ("type r(h|) = interval(0, h + u)\nu: real", "u", "would name something else"),
        ("model A| {\n x: real\n}\nmodel B {\n a: A\n}\nb: B", "B", "is a class of this module already"),
        ("model A| {\n x: real\n}\na: A", "torch", "cannot be the name of a class"),
        ("type r| = prob\nx: r", "simplex", "is a type of the language"),
        ("x: pro|b", "y", "`prob` is a type of the language"),
        ("let z = ex|p(1)", "y", "`exp` is a function of the language"),
        ("let z = p|i", "y", "`pi` is a constant of the language"),
        ("let z = nothing|", "y", "`nothing` is not declared"),
        ("x: real |", "y", "no name here"),
    ],
)  # fmt: skip
def test_a_renaming_that_would_not_mean_the_same_is_refused(text, new, reason):
    assert reason in Asked(text).renamed(new)


def test_a_renaming_is_refused_where_another_file_would_suffer(tmp_path):
    main = 'from "lib.cdsl" import Noise|\nn: Noise(K=2)\n'
    third = 'from "lib.cdsl" import Noise\ntype Blip = prob\nn: Noise(K=1)\nb: Blip\n'
    said = Asked(main, tmp_path, lib=NOISE, third=third).renamed("Blip")
    assert said.startswith("in third.cdsl: ")


def test_what_another_file_does_not_have_or_is_named_after_its_file_keeps_its_name(tmp_path):
    assert "is not declared" in Asked('from "other.cdsl" import No|ne_\n', tmp_path, other="x: real").renamed("y")
    assert "rename that" in Asked('from "other.cdsl" import Other|\no: Other\n', tmp_path).renamed("y")


def test_names_that_python_reads_as_one_are_renamed_together():
    assert Asked("ﬁ|: real\nlet z = fi\n").renamed("mu") == "mu: real\nlet z = mu\n"


def test_a_soft_keyword_is_a_name_that_may_be_given():
    assert Asked("x|: real\nlet z = x\n").renamed("data") == "data: real\nlet z = data\n"


# -- the rest ----------------------------------------------------------------------------------------------------------


def test_the_outline_nests_models():
    asked = Asked("dim N\nmodel A {\n    x: simplex[3]\n    model B { y: real }\n}\nlet z = 1\n")
    (n, a, z) = outline(asked.index.spec.declarations, asked.text)
    assert [n.kind, a.kind, z.kind] == ["dim", "model", "let"]
    assert [(one.name, one.detail) for one in a.inner] == [("x", "simplex[3]"), ("B", "")]
    assert asked.text[slice(*a.name_span)] == "A"


def test_folds_are_models_long_declarations_comments_and_imports():
    text = (
        '# a\n# b\nfrom "a.cdsl" import a\nfrom "b.cdsl" import b\nmodel A {\n    x: real\n}\nx: interval(\n    0, 1)\n'
    )
    for ending in ("\n", "\r\n", "\r"):
        changed = text.replace("\n", ending)
        found = folds(Asked(changed).index.spec, Text(changed))
        wanted = [(0, 1, "comment"), (2, 3, "imports"), (4, 6, "region"), (7, 8, "region")]
        assert found == (wanted if ending != "\r" else found)


def test_links_lead_to_files_that_are_there(tmp_path):
    text = 'from "lib.cdsl" import Noise\nfrom "gone.cdsl" import x\nfrom "/etc/passwd" import y\n'
    asked = Asked(text, tmp_path, lib=NOISE)
    assert [(text[slice(*one.span)], one.file.name) for one in links(asked.index, asked.project)] == [
        ("lib.cdsl", "lib.cdsl")
    ]


def test_symbols_of_the_workspace_are_found_by_their_letters(tmp_path):
    asked = Asked("mixture_weights: simplex[3]\n", tmp_path, lib=NOISE)
    assert [one.symbol.name for one in workspace("mxw", asked.project)] == ["mixture_weights"]
    assert [(one.symbol.name, one.within) for one in workspace("twice", asked.project)] == [("twice", "Noise")]
    assert len(workspace("", asked.project)) > 5


def test_tokens_tell_keywords_from_names_and_names_from_each_other():
    text = "#: doc\ndata: prob\ndata y: real  # c\nfrozen g: positive via exp = 1e-3\nmodel A {\n    x: real\n}\na: A\nlet z = sum(g, axis=0) + a.x + pi + nothing\n"
    asked = Asked(text)
    found = [(text[slice(*one.span)], one.type, one.modifiers) for one in tokens(asked.index)]
    spans = [one.span for one in tokens(asked.index)]
    assert all(one.end <= other.start for one, other in pairwise(spans))
    for one in [
        ("#: doc", "comment", ("documentation",)), ("data", "variable", ("declaration",)), ("data", "keyword", ()),
        ("prob", "type", ("defaultLibrary",)), ("y", "variable", ("declaration", "readonly")), ("frozen", "keyword", ()),
        ("via", "keyword", ()), ("exp", "macro", ("defaultLibrary",)), ("1e-3", "number", ()), ("A", "class", ("declaration",)),
        ("A", "class", ()), ("sum", "function", ("defaultLibrary",)), ("axis", "property", ()), ("x", "property", ()),
        ("pi", "enumMember", ("defaultLibrary",)), ("g", "variable", ()),
    ]:  # fmt: skip
        assert one in found
    assert "nothing" not in [word for word, _, _ in found]


def test_hints_are_the_shapes_that_follow_and_raw_sizes_that_differ():
    text = "dim K\nw: simplex[4]\nL: cholesky_corr[K]\nx: real[K]\nlet z = outer(w, x)\nlet s = sum(w)\nmodel A {\n    v: simplex[3] via softmax\n    u: unit_vector[3]\n    o: simplex[2]\n}\n"
    asked = Asked(text)
    found = hints(asked.index, asked.analysis, Span(0, len(text)))
    assert [(text[: one.offset].splitlines()[-1].strip(), one.text) for one in found] == [
        ("w: simplex[4]", " 3 raw"),
        ("L: cholesky_corr[K]", " K * (K - 1) // 2 raw"),
        ("let z", " [4, K]"),
        ("o: simplex[2]", " 1 raw"),
    ]
    assert hints(asked.index, asked.analysis, Span(0, 6)) == []


def test_fixes_are_offered_where_their_problem_is_and_safe_ones_at_once():
    def problem(start, safe, text):
        edit = Edit(span=Span(start, start + 1), text=text)
        return Diagnostic(code="E201", message="m", span=edit.span, fix=Fix(title=text, edits=(edit,), safe=safe))

    problems = [problem(0, False, "a"), problem(0, True, "b"), problem(2, True, "c"), problem(2, True, "d")]
    assert [(one.title, one.preferred) for one in fixes("ab", problems, Span(0, 1))] == [("b", True), ("a", False)]
    assert [one.text for one in fix_all("xyz", problems).edits] == ["b", "c"]
    assert fix_all("xyz", problems[:1]) is None


# -- specs -------------------------------------------------------------------------------------------------------------

HERE = Path(__file__).parent
SPECS = sorted([*HERE.glob("accept/*.cdsl"), *HERE.glob("reject/*.cdsl")])


def test_the_server_says_what_the_command_says():
    """The analysis stands beside the one of `cdsl check`: this holds them together."""
    project = Project()
    for path in SPECS:
        text = read_spec(path)[0].text
        if "\ufeff" not in text[:1]:
            assert project.analyse(text, path).diagnostics == check_file(path, None)[1].diagnostics, path.name


@pytest.mark.parametrize("path", [one for one in SPECS if one.parent.name == "accept"], ids=lambda path: path.stem)
def test_every_word_of_a_good_spec_is_known(path):
    project = Project()
    text = read_spec(path)[0].text
    index = project.index_of(project.analyse(text, path), path)
    assert [word for word in index.words if word.kind == "unknown"] == []
    assert len({word.span for word in index.words}) == len(index.words)
    assert all(text[slice(*word.span)] == word.text for word in index.words)


@pytest.mark.parametrize(
    "path", [HERE / "accept/nested_models.cdsl", HERE / "accept/soft_keywords.cdsl"], ids=lambda path: path.stem
)
def test_a_renaming_there_and_back_changes_nothing(path):
    text = read_spec(path)[0].text
    for one in {word.declared for word in Asked(text).index.words if word.declared}:
        there = Asked(text[: one.span.start] + "|" + text[one.span.start :]).renamed("other_name")
        start = there.index("other_name")
        assert Asked(there[:start] + "|" + there[start:]).renamed(one.name) == text, one


# -- texts that are no specs -------------------------------------------------------------------------------------------

BROKEN = [
    "", "\n\n", "(((((", "x:", "x: interval(", "model", "model A {", "model A {\n    x: real", "}", "let", "let z =", "from",
    'from "', 'from "lib.cdsl" import', "x: real via", "let z = a.", "let z = a..b", "let z = [", "frozen", "type r(",
    "data", "x: real[", "\ufeff", "x: real ~", "~", "∂: ℝ", "x²: real", "\x00\x01", "\u202e", "# |", "a: A\nmodel A { a: A }",
    "type r = r", "type a = b\ntype b = a\nx: a", "x: " + "(" * 300, "let z = " + "-" * 3000 + "1", "x: real\nx: real",
    "model A {\n" * 150 + "}" * 150, "\r\r\r", "x: prob\r\ny: prob", 'from "main.cdsl" import Main', "let z = " + "[" * 99 + "]" * 99,
    "\ud800: real",
]  # fmt: skip


@pytest.mark.untraced
@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_every_feature_answers_on_a_text_that_is_no_spec(text, tmp_path):
    asked = Asked("mu: real\n" + text + "\nlet after = mu\n", tmp_path)
    for offset in {*range(0, len(asked.text), max(1, len(asked.text) // 40)), len(asked.text)}:
        complete(asked.text, offset, asked.index, asked.analysis, asked.project)
        signature(asked.text, offset, asked.index)
        hover(asked.index, asked.analysis, offset)
        definition(asked.index, offset, asked.project)
        highlights(asked.index, offset)
        renameable(asked.index, offset)
    tokens(asked.index)
    hints(asked.index, asked.analysis, Span(0, len(asked.text)))
    folds(asked.index.spec, Text(asked.text))
    links(asked.index, asked.project)
    outline(asked.index.spec.declarations, asked.text)


@pytest.mark.parametrize(
    "line", ["x:", "let z = (mu", "x: interval(0", "y mu", "x: real via", "x: postive", "let z = nope"]
)
def test_what_is_right_in_a_broken_text_is_known(line):
    asked = Asked(f"mu: simplex[3]\n{line}\nlet after = m|u + 1\n")
    assert asked.analysis.diagnostics
    assert "a vector [3]" in asked.hover
    assert asked.definition == (None, "mu")
    assert "after" in [one.name for one in outline(asked.index.spec.declarations, asked.text)]
    assert " [3]" in [one.text for one in hints(asked.index, asked.analysis, Span(0, 999))]


def test_the_context_of_a_long_text_is_found_near_the_cursor():
    text = "\n".join(f"x_{number}: real" for number in range(50_000)) + "\ny: "
    assert context(text, len(text)).role == "type"
    unicode = "β" * 5000 + "\n" + "ﬁ²" * 5000 + "."
    assert context(unicode, len(unicode)).role == "member"
    deep = "y: interval(\n" + "0,\n" * 100_000
    assert context(deep, len(deep)).role in ("expression", "line", "nothing")
