"""The names that a spec may not give: held against the installed torch and against the module that is generated."""

import keyword

import pytest
import torch

import cdsl
from cdsl import names


def public(thing):
    return {name for name in dir(thing) if not name.startswith("_")}


def test_every_public_member_of_a_torch_module_is_refused():
    assert public(torch.nn.Module()) <= names.MODULE


def test_every_public_member_of_a_generated_module_is_refused():
    module = cdsl.loads("p: prob", name="Coin").Coin()
    assert public(module) - public(torch.nn.Module()) - {"p", "p_raw"} <= names.GENERATED


def test_every_member_of_a_tuple_is_refused():
    assert public(()) == names.TUPLE


@pytest.mark.parametrize("name", sorted({*keyword.kwlist, *names.MODULE, *names.GENERATED, *names.OURS, *names.TUPLE}))
def test_a_taken_name_is_refused_with_a_name_that_works(name):
    reason, instead = names.refuse(name)
    assert reason
    assert names.refuse(instead.split("`")[1]) is None


@pytest.mark.parametrize(
    "name", ["p", "σ", "μ_0", "dim", "data", "via", "prob", "simplex", "theta_raw", "match", "type_"]
)
def test_a_good_name_is_not_refused(name):
    assert names.refuse(name) is None


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("mixture", "Mixture"),
        ("gaussian_mixture", "GaussianMixture"),
        ("my-model", None),
        ("class", None),
        ("2d", None),
    ],
)
def test_the_class_is_named_after_the_file(stem, expected):
    assert names.class_name(stem) == expected


@pytest.mark.parametrize(
    "name", ["_p", "__p__", "_count", "_train", "_class", "_lambda", "_1", "_", "__", "_inf", "_raw", "_ﬁ"]
)
def test_a_leading_underscore_is_refused_with_a_name_that_works(name):
    reason, instead = names.refuse(name)
    assert "begins with `_`" in reason
    assert names.refuse(instead.split("`")[1]) is None


@pytest.mark.parametrize("name", ["p²", "½", "p-q", "p q", "1p", "", "p\u200b"])
def test_what_is_no_identifier_is_refused(name):
    assert names.refuse(name) is not None


def test_names_are_refused_in_the_form_in_which_python_compares_them():
    assert names.refuse("\uff54rain")[0] == names.refuse("train")[0]
    assert names.refuse("\U0001d41class")[0] == "is a keyword of Python"


@pytest.mark.parametrize(
    ("word", "known", "close"),
    [
        ("GROUP", ["GROUPS", "probe"], "GROUPS"),
        ("Noises", ["noisy", "Noise"], "Noise"),
        ("simplx", ["simplex"], "simplex"),
        ("nois", ["noise", "Noise"], "noise"),
    ],
)
def test_a_like_name_is_found_in_whatever_case(word, known, close):
    assert names.closest(word, known) == close
