"""`cdsl show`: a page that is whole HTML, asks for nothing, runs nothing, and says what the spec says."""

import io
import math
import re
import time
from html.parser import HTMLParser
from itertools import pairwise

import pytest
import torch
from click.testing import CliRunner

import cdsl
from cdsl.cli import cdsl as command_line
from cdsl.constraints import domains
from cdsl.describe import describe
from cdsl.show import page
from cdsl.show.curves import LEFT, RIGHT, WIDE, picture
from cdsl.show.html import VOID, element, escaped
from cdsl.show.layered import GAP, lay_out, packed

from .browser import CHROMIUM, Browser
from .test_accept import SPECS

SPEC = """\
#: Two kinds of tumour & a <few> "others".
dim N                             #: how many
data y: real[N]                   #: radii
share: prob = 0.05                #: of the others
weights: simplex[2]
means: ordered[2] = [12, 20]      #: <script>alert(1)</script> & 'so' on
top: greater_than(max(y))
let spread = means[1] - means[0]
let z = (y - means[0]) / spread
"""


class Page(HTMLParser):
    """A page taken apart: text, elements and attributes; it fails where elements do not close in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.attributes, self.open = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        assert tag in VOID
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)

    def words(self):
        return " ".join(" ".join(self.text).split())


def taken_apart(text):
    """The page, once it is known to be whole, to ask for nothing and to run nothing."""
    found = Page(text)
    assert text.startswith("<!doctype html>")
    assert {"html", "head", "body", "main", "h1", "style", "title"} <= set(found.tags)
    assert not {"script", "link", "iframe", "img", "object", "embed", "base", "form"} & set(found.tags)
    for _, key, value in found.attributes:
        assert not key.startswith("on")
        assert key not in ("src", "style", "action", "srcset")
        assert key != "href" or re.fullmatch(r"#p\d+", value)
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"url\(|@import|//", style)
    ids = [value for _, key, value in found.attributes if key == "id"]
    assert len(ids) == len(set(ids))
    assert {value[1:] for _, key, value in found.attributes if key == "href"} <= set(ids)
    return found


def model_of(text):
    checked = cdsl.check(cdsl.parse(text))
    assert checked.model is not None, checked.diagnostics
    return checked.model


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cells.cdsl").write_text(SPEC, encoding="utf-8")
    return tmp_path


def show(*arguments):
    return CliRunner().invoke(command_line, ["show", *map(str, arguments)])


def test_the_page_says_what_the_spec_says(folder):
    ran = show("cells.cdsl", "-o", "cells.html")
    assert (ran.exit_code, ran.output) == (0, "")
    found = taken_apart((folder / "cells.html").read_text(encoding="utf-8"))
    words = found.words()
    assert 'Two kinds of tumour & a <few> "others".' in words
    assert "<script>alert(1)</script> & 'so' on" in words
    assert "Cells" in words
    assert "4 parameters" in words
    assert "5 unconstrained" in words
    assert "1 dim" in words
    assert "2 derived values" in words
    for word in ("Parameters", "Inputs and derived values", "What depends on what", "Maps", "max(y)", "ordered[2]",
                 "increments", "isometric_log_ratio", "means[1] - means[0]", "[12, 20]", "keyword; shape of y"):  # fmt: skip
        assert word in words, word
    assert found.tags.count("svg") == 1 + 3  # the graph, and the maps but for the one whose bound is computed


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_accepted_spec_has_a_page(path):
    text = path.read_text(encoding="utf-8")
    checked = cdsl.check(cdsl.parse(text), "Model")
    found = taken_apart(page(checked.model, picture))
    cells = set(found.text)
    for one in describe(checked.model).parameters:
        assert one.path in cells
        assert one.type in cells
    places = " ".join(value for _, key, value in found.attributes if key in ("d", "x", "y", "cx", "cy", "y1"))
    assert not re.search(r"nan|inf", places)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "".join(found.text))


def test_the_same_spec_gives_the_same_page():
    model = model_of(SPEC)
    assert page(model, picture) == page(model, picture)
    assert page(model).count("<svg") == 1


def test_text_is_escaped_wherever_it_is():
    assert escaped("<a href='x'>&\0\u202e\ud800\n") == "&lt;a href=&#x27;x&#x27;&gt;&amp;\ufffd\u202e\ufffd\n"
    assert element("td", "a<b", class_='"x"') == '<td class="&quot;x&quot;">a&lt;b</td>'
    assert element("p", element("code", "<")) == "<p><code>&lt;</code></p>"


def test_the_curve_is_that_of_the_map():
    """The path of `prob`, read back from the drawing, is the logistic function to the resolution of the drawing."""
    (one,) = model_of("p: prob").parameters
    drawn = picture(one).drawing
    path = re.search(r'<path d="M([^"]*)" class="curve c0"', drawn)[1]
    frame = dict(re.findall(r'(x|y|width|height)="([\d.]+)"', re.search(r"<rect[^>]*>", drawn)[0]))
    x0, wide = float(frame["x"]), float(frame["width"])
    bounds = sorted(float(y) for y in re.findall(r'y1="([\d.]+)" y2="[\d.]+" class="bound"', drawn))
    points = [tuple(map(float, point.split())) for point in path.split("L")]
    assert len(points) > 100
    for x, y in points:
        raw = -3 + 6 * (x - x0) / wide
        value = (bounds[1] - y) / (bounds[1] - bounds[0])
        assert value == pytest.approx(1 / (1 + math.exp(-raw)), abs=0.003)  # a drawing has tenths of a pixel
    assert all(after[0] > before[0] for before, after in pairwise(points))


def test_every_map_of_the_registry_has_a_true_picture_or_none():
    """Each is drawn, but for those of which there is no small value; nothing in a drawing is no number."""
    without = []
    for domain in domains().values():
        declared = domain.examples[0].partition("=")[0].partition(" via ")[0]
        for transform in domain.transforms:
            (one,) = model_of(f"x: {declared} via {transform}").parameters
            drawn = picture(one)
            if drawn is None:
                without.append(f"{domain.name} via {transform}")
                continue
            taken = Page(drawn.drawing)
            assert taken.tags[0] == "svg"
            assert "curve" in " ".join(value for _, key, value in taken.attributes if key == "class")
            assert not re.search(r"nan|inf\b", drawn.drawing)
    assert without == []


def test_what_has_no_picture_has_its_formula():
    """Bounds that are arrays or computed, values whose differences overflow."""
    text = "a: interval([0, 1], 2)[2]\nb: interval(0, a[0])\nc: real(0, 1e308)\nd: prob via logistic(scale=a[0])"
    assert [picture(one) for one in model_of(text).parameters] == [None] * 4
    assert "y = low + (high" in taken_apart(page(model_of(text), picture)).words()


def test_raws_that_lie_far_out_are_told_and_not_drawn():
    (one,) = model_of("p: positive").parameters
    drawn = picture(one, [(1.0, math.e), (700.0, math.exp(700))])
    assert drawn.drawing.count("<circle") == 1
    assert (
        drawn.words
        == "value against raw; the dots are values of the checkpoint; 1 of its values lie farther out than 30"
    )


def test_a_map_that_parameters_share_is_drawn_once():
    found = taken_apart(page(model_of("a: prob\nb: prob[3]\nc: prob via probit\n" + SHARED), picture))
    titles = [text for text in found.text if " via " in text and not text.startswith(" via")]
    assert titles == ["prob via logistic", "prob via probit", "positive via exp"]
    assert "and 12 more" in found.words()


SHARED = "".join(f"s{at}: positive\n" for at in range(20))


def test_a_thousand_declarations_make_a_page_soon():
    text = "".join(f"p{at}: interval({at % 7}, {at % 7 + 1})  #: the number {at}\n" for at in range(999))
    model = model_of(text + "let all = p0 + p1\n")
    begin = time.perf_counter()
    made = page(model, picture)
    assert time.perf_counter() - begin < 10  # measured: 0.5 s; a busy machine may take longer
    assert "the number 998" in made
    assert len(made) < 1_500_000
    taken_apart(made)
    many = "".join(f"let l{at} = p0 + {at}\n" for at in range(100))
    assert "101 declarations and 100 arrows are too many to draw" in page(model_of("p0: prob\n" + many))


def test_a_spec_without_parameters_has_no_table_of_them():
    found = taken_apart(page(model_of("data y: real[3] = 0\nlet z = 2 * y"), picture))
    assert "Parameters" not in found.text
    assert {"z", "y"} <= set(found.text)


def test_what_a_map_is_called_has_its_arguments_and_no_sizes():
    text = "dim N\nx: interval(0, 2)[(N + 1) * 2]\ny: interval([0, 1, 2, 3, 4, 5], 9)[6] via logistic(scale=2)"
    words = taken_apart(page(model_of(text), picture)).words()
    assert " interval(0, 2) via logistic x" in words
    assert "interval([0, 1, 2, 3, … 2 more], 9) via logistic(scale=2) y" in words


def test_long_names_and_documentation_are_there_whole():
    name = "a" * 100
    made = page(model_of(f"{name}: prob  #: {'word ' * 500}\nlet b = 2 * {name}\n"), picture)
    assert name in taken_apart(made).text
    assert "word word" in made


# -- the graph ----------------------------------------------------------------------------------------------------------


def test_layers_lead_down_and_nodes_do_not_touch():
    edges = [(0, 2), (1, 2), (0, 3), (2, 4), (3, 4), (0, 4), (5, 6), (0, 6), (4, 7), (1, 7)]
    widths = {node: 40.0 + 30 * (node % 3) for node in range(8)}
    found = lay_out(widths, edges)
    assert all(found.layers[used] < found.layers[by] for used, by in edges)
    for layer in range(max(found.layers.values()) + 1):
        row = sorted((node for node in widths if found.layers[node] == layer), key=lambda node: found.centres[node])
        for one, other in pairwise(row):
            assert found.centres[other] - found.centres[one] >= (widths[one] + widths[other]) / 2 + GAP - 1e-6
    for (used, by), route in found.routes.items():
        assert [layer for _, layer in route] == list(range(found.layers[used], found.layers[by] + 1))
        assert (route[0][0], route[-1][0]) == (found.centres[used], found.centres[by])
        for x, layer in route[1:-1]:  # past the nodes between, not through them
            assert all(
                abs(x - found.centres[node]) > widths[node] / 2 for node in widths if found.layers[node] == layer
            )


def test_a_tree_is_drawn_without_crossings():
    edges = [(0, 4), (1, 4), (2, 5), (3, 5), (4, 6), (5, 6)]
    found = lay_out(dict.fromkeys(range(7), 50.0), edges)
    for one in edges:
        for other in edges:
            ends = [(found.centres[one[at]] - found.centres[other[at]]) for at in (0, 1)]
            if found.layers[one[0]] == found.layers[other[0]]:
                assert ends[0] * ends[1] >= 0


def test_packed_nodes_are_as_near_to_their_places_as_may_be():
    size = dict.fromkeys("abc", 10.0)
    assert packed("ab", size, {"a": 0.0, "b": 100.0}) == {"a": 0.0, "b": 100.0}
    assert packed("abc", size, {"a": 0.0, "b": 0.0, "c": 0.0}) == {"a": -28.0, "b": 0.0, "c": 28.0}


# -- checkpoints --------------------------------------------------------------------------------------------------------


def test_the_values_of_a_checkpoint_stand_in_the_table_and_on_the_curve(folder):
    model = cdsl.load("cells.cdsl").Cells(y=torch.tensor([1.0, 2.0, 3.0]))
    model.assign_(share=0.25, weights=[0.75, 0.25], means=[1, 2.5], top=4)
    torch.save(model.state_dict(), "cells.pt")
    torch.save({"y": torch.tensor([1.0, 2.0, 3.0])}, "data.pt")
    ran = show("cells.cdsl", "-o", "cells.html", "--checkpoint", "cells.pt", "--data", "data.pt")
    assert (ran.exit_code, ran.output) == (0, "")
    found = taken_apart((folder / "cells.html").read_text(encoding="utf-8"))
    assert {"0.25", "[0.75, 0.25]", "[1, 2.5]", "4"} <= set(found.text)
    assert "[12, 20]" not in found.text
    dots = [value for tag, key, value in found.attributes if tag == "circle" and key == "cx"]
    raw = math.log(0.25 / 0.75)
    assert float(dots[0]) == pytest.approx(LEFT + (raw + 3) / 6 * (WIDE - LEFT - RIGHT), abs=0.01)
    assert "the dots are values of the checkpoint" in found.words()


def test_safetensors_prefixes_lists_of_models_and_large_values(folder):
    library = pytest.importorskip("safetensors.torch")
    (folder / "net.cdsl").write_text(
        "dim K\nmodel Noise { df: positive }\nmany: Noise[3]\nw: real[K]\n", encoding="utf-8"
    )
    model = cdsl.load("net.cdsl").Net(K=100)
    with torch.no_grad():
        model.w_raw.copy_(torch.arange(100.0))
    state = {f"module.{name}": value for name, value in model.state_dict().items()}
    library.save_file(state, "net.safetensors")
    ran = show("net.cdsl", "-o", "net.html", "--checkpoint", "net.safetensors", "--dim", "K=100")
    assert (ran.exit_code, "`--prefix module.`" in ran.output) == (1, True)
    ran = show("net.cdsl", "-o", "net.html", "--checkpoint", "net.safetensors", "--prefix", "module.")
    assert (ran.exit_code, ran.output) == (0, "")
    words = taken_apart((folder / "net.html").read_text(encoding="utf-8")).words()
    assert "many[2].df = 1" in words
    assert "[0, 1, 2, 3, 4, 5, … 94 more] from 0 to 99, mean 49.5" in words


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("none.cdsl", "-o", "a.html"), 1, "cannot read the spec"),
        (("wrong.cdsl", "-o", "a.html"), 1, "unknown domain `positve`"),
        (("cells.cdsl",), 2, "Missing option '-o'"),
        (("cells.cdsl", "-o", "-"), 2, "-o takes the name of a file"),
        (("cells.cdsl", "-o", "cells.cdsl", "--force"), 2, "cannot be replaced"),
        (("cells.cdsl", "-o", "own.html"), 2, "was not made by cdsl; replace it with `--force`"),
        (("cells.cdsl", "-o", "a.html", "--dim", "N=3"), 2, "are for reading a --checkpoint"),
        (("cells.cdsl", "-o", "a.html", "--checkpoint", "none.pt"), 1, "cannot read `none.pt`"),
        (("cells.cdsl", "-o", "a.html", "--checkpoint", "own.html"), 1, "is no checkpoint"),
        (("cells.cdsl", "-o", "a.html", "--checkpoint", "other.pt"), 1, "pass them with `--data FILE`"),
        (("two.cdsl", "-o", "a.html", "--checkpoint", "other.pt"), 1, "`q_raw` is missing"),
        (("coin.cdsl", "-o", "a.html", "--checkpoint", "other.pt"), 1, "was saved under `prob via logistic`"),
        (("deep.cdsl", "-o", "a.html"), 1, "declarations, when nested models are written out"),
    ],
)
def test_what_cannot_be_shown_is_told_and_nothing_is_written(folder, arguments, code, said):
    (folder / "wrong.cdsl").write_text("x: positve\n", encoding="utf-8")
    (folder / "two.cdsl").write_text("p: prob\nq: prob\n", encoding="utf-8")
    (folder / "coin.cdsl").write_text("p: prob via probit\n", encoding="utf-8")
    levels = "".join(f"model M{at + 1} {{ a: M{at}\nb: M{at} }}\n" for at in range(16))
    (folder / "deep.cdsl").write_text(f"model M0 {{ x: real }}\n{levels}top: M16\n", encoding="utf-8")
    (folder / "own.html").write_text("<p>mine", encoding="utf-8")
    torch.save(cdsl.loads("p: prob").Model().state_dict(), "other.pt")
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    ran = show(*arguments)
    assert ran.exit_code == code
    assert said in ran.output
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == before


@pytest.mark.parametrize("junk", [b"junk", b"", b"\x80\x02}q\x00.", b"PK\x03\x04 cut"], ids=repr)
def test_a_file_that_is_no_checkpoint_is_told_in_words(folder, junk):
    (folder / "junk.pt").write_bytes(junk)
    ran = show("cells.cdsl", "-o", "a.html", "--checkpoint", "junk.pt")
    assert ran.exit_code == 1
    told = ran.output.splitlines()[0]
    assert re.match(r"error\[E802\]: `junk.pt` (is no checkpoint|holds no state dict)", told)
    assert not re.search(r"\d{4}", told)  # what torch says of junk may be a number
    assert not (folder / "a.html").exists()


def test_a_folder_that_is_not_there_is_told_by_the_name_that_was_given(folder):
    assert show("cells.cdsl", "-o", "none/a.html").exception.filename == "none/a.html"
    with pytest.raises(FileNotFoundError) as told:
        cdsl.loads("p: prob").Model().save("none/a.safetensors")
    assert told.value.filename == "none/a.safetensors"
    assert [one.name for one in folder.iterdir()] == ["cells.cdsl"]


def test_a_page_of_ours_is_renewed_without_force(folder):
    assert show("cells.cdsl", "-o", "cells.html").exit_code == 0
    (folder / "cells.cdsl").write_text("only: prob\n", encoding="utf-8")
    assert show("cells.cdsl", "-o", "cells.html").exit_code == 0
    assert "1 parameter ·" in (folder / "cells.html").read_text(encoding="utf-8")


def test_without_torch_there_is_a_page_without_curves(folder, python):
    run = "import sys; sys.modules['torch'] = None\nfrom cdsl.cli import cdsl; cdsl({}, standalone_mode=False)"
    ran = python("-c", run.format(["show", "cells.cdsl", "-o", "cells.html"]), cwd=folder)
    assert ran.rc == 0, ran.stderr
    found = taken_apart((folder / "cells.html").read_text(encoding="utf-8"))
    assert "The curves are drawn where torch is installed." in found.words()
    assert found.tags.count("svg") == 1
    ran = python("-c", run.format(["show", "cells.cdsl", "-o", "cells.html", "--checkpoint", "x.pt"]), cwd=folder)
    assert "a checkpoint is read where torch is installed" in ran.stderr


# -- as a person sees it ------------------------------------------------------------------------------------------------

SCREENS = [(400, False), (400, True), (1200, False), (1200, True)]
HOSTILE = """\
#: <script>document.hit = 1</script><img src=https://example.org/x onerror="document.hit = 1"> </style> <!-- ]]>
a: prob
#: {wide}
{name}: interval(-1.2345e-100, 0)
#: مرحبا, هذا وصف
c: simplex[3]
let {derived} = a * {name} + {name} + c[0]
data {data}: real[3] = 0
""".format(wide="W" * 3000, name="n" * 90, derived="d" * 60, data="y" * 60)

OUTSIDE = """
[...document.querySelectorAll("body *")].filter(one => !one.closest(".scroll") && one.getBoundingClientRect().right > innerWidth)
  .map(one => one.textContent.slice(0, 60))
"""
CUT_OFF = """
[...document.querySelectorAll("svg")].flatMap(svg => [...svg.querySelectorAll("text")].filter(one => {
  const box = one.getBBox(), all = svg.viewBox.baseVal
  return box.x < 0 || box.y < 0 || box.x + box.width > all.width || box.y + box.height > all.height
}).map(one => one.textContent))
"""
SPILT = """
[...document.querySelectorAll("svg g")].filter(group => group.querySelector("rect")).flatMap(group => {
  const room = group.querySelector("rect").getBBox().width
  return [...group.querySelectorAll("text")].filter(one => one.getBBox().width > room - 4).map(one => one.textContent)
})
"""
FAINT = """
(() => {
  const light = colour => {
    const part = colour.match(/[\\d.]+/g).slice(0, 3).map(one => one / 255)
      .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2]
  }
  const probe = document.createElement("i")
  document.body.append(probe)
  const grounds = ["paper", "soft"].map(name => {
    probe.style.color = `var(--${name})`
    return light(getComputedStyle(probe).color)
  })
  probe.remove()
  const words = [...document.querySelectorAll("body *")].filter(one => [...one.childNodes].some(node => node.nodeType === 3))
  return words.filter(one => one.tagName !== "title").map(one => {
    const ink = light(getComputedStyle(one)[one instanceof SVGElement ? "fill" : "color"])
    return [Math.min(...grounds.map(g => (Math.max(g, ink) + 0.05) / (Math.min(g, ink) + 0.05))), one.textContent.slice(0, 60)]
  }).filter(([ratio]) => ratio < 4.5)
})()
"""
"""Words whose contrast is less than what WCAG 2.2 asks of text (1.4.3, AA), on either ground of the page."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip("no Chromium here: what the page looks like is not tested")
    found = Browser(tmp_path_factory.mktemp("profile"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Pages to look at: a small one, one that means harm, and one with every map."""
    every = "".join(f"x{at}: {one.examples[0].partition('=')[0]}\n" for at, one in enumerate(domains().values()))
    place = tmp_path_factory.mktemp("pages")
    for name, text in (("cells", SPEC), ("hostile", HOSTILE), ("every", every)):
        (place / f"{name}.html").write_text(page(model_of(text), picture), encoding="utf-8")
    return place


@pytest.mark.parametrize(("width", "dark"), SCREENS)
def test_the_page_is_drawn_light_and_dark_and_fits(browser, pages, width, dark):
    image = pytest.importorskip("matplotlib.image")
    browser.open(pages / "cells.html", width, dark=dark)
    pixels = image.imread(io.BytesIO(browser.screenshot()))[..., :3]
    assert pixels.shape[1] == width
    paper = pixels[2, 2]
    assert (paper.mean() < 0.3) == dark
    ink = abs(pixels - paper).max(-1) > 0.4
    assert 0.005 < ink.mean() < 0.5
    assert not ink[:, :4].any()
    assert not ink[:, -4:].any()  # nothing is cut off at the right
    assert browser.value("document.querySelector('h1').innerText") == "Model"
    assert "means[1] - means[0]" in browser.value("document.body.innerText")


@pytest.mark.parametrize(("width", "dark"), SCREENS)
@pytest.mark.parametrize("name", ["cells", "hostile", "every"])
def test_every_page_is_legible_and_asks_for_nothing(browser, pages, name, width, dark):
    browser.open(pages / f"{name}.html", width, dark=dark)
    assert browser.value("document.scrollingElement.scrollWidth <= innerWidth")
    assert browser.value(OUTSIDE) == []
    assert browser.value(CUT_OFF) == []
    assert browser.value(SPILT) == []
    assert browser.value(FAINT) == []
    assert [asked["request"]["url"] for asked in browser.said("Network.requestWillBeSent")] == [
        (pages / f"{name}.html").as_uri()
    ]
    assert browser.said("Log.entryAdded") == browser.said("Runtime.exceptionThrown") == []
    assert browser.value("document.scripts.length + document.images.length") == 0
    assert browser.value("document.hit") is None
