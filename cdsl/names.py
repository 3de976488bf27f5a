"""Names that a spec may not give, and why; and names made from names."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

MODULE = frozenset(
    # the public attributes of torch.nn.Module, of torch 2.6 up to the newest that a test has seen
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval
    extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia
    named_buffers named_children named_modules named_parameters parameters register_backward_hook register_buffer
    register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
    register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory
    state_dict to to_empty train training type xpu zero_grad
    """.split()
)

GENERATED = frozenset(
    # the members of a generated module, those that are still to come among them
    """
    assign_ constrain constrain_and_log_det forward_and_log_det freeze_ frozen_names load load_flat_ log_abs_det_jacobian
    log_density log_density_raw param_groups randomize_ raw raw_names reset_parameters save scalar_dict set_data_ spec
    summary to_flat unconstrain unconstrained_size unfreeze_ value_and_grad
    """.split()
)

OURS = frozenset({"self", "dtype", "device", "torch", "cdsl", "math", "property"})
TUPLE = frozenset({"count", "index"})
CONSTANTS = frozenset({"inf", "true", "false", "None"})

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""What is shown as nothing, some of it in names of Python: Unicode's `Default_Ignorable_Code_Point` (DerivedCoreProperties)."""

INSTEAD = {"lambda": "`lambda_` or `λ`"}


def raw_name(name: str) -> str:
    """The attribute that holds a parameter's raw values."""
    return f"{name}_raw"


def normal(name: str) -> str:
    """The form in which Python compares names: two names that are equal here are the same name."""
    return unicodedata.normalize("NFKC", name)


def refuse(name: str) -> tuple[str, str] | None:
    """Why a parameter may not have this name, and what to write; None for a good name."""
    instead = f"write {INSTEAD.get(name, f'`{name}_`')}"
    if not (name.isidentifier() and normal(name).isidentifier()):
        return "is not a name in Python", "use letters, digits and `_`"
    if hidden := INVISIBLE.search(name):
        return f"has a character that cannot be seen, U+{ord(hidden.group()):04X}", f"write `{INVISIBLE.sub('', name)}`"
    name = normal(name)
    if keyword.iskeyword(name):
        return "is a keyword of Python", instead
    if name in CONSTANTS:
        return "is a constant of the language", instead
    if name.startswith("_"):
        return "begins with `_`: the fields of a named tuple do not", f"write `{bare(name)}`"
    if name in MODULE:
        return "is a member of every `torch.nn.Module`", instead
    if name in GENERATED:
        return "is a member of the generated module", instead
    if name in OURS:
        return "is a name that the generated module needs", instead
    if name in TUPLE:
        return "is a method of every tuple, and values are returned as one", instead
    return None


def bare(name: str) -> str:
    """A good name like one that begins with `_`."""
    stem = name.strip("_")
    candidates = (stem, f"{stem}_", f"x{stem}") if stem else ()
    return next((one for one in candidates if one.isidentifier() and refuse(one) is None), "x")


def class_name(stem: str) -> str | None:
    """The class of a file's own model: `gaussian_mixture` gives `GaussianMixture`; None for what is no identifier."""
    if not stem.isidentifier() or keyword.iskeyword(stem):
        return None
    return camel(stem) or None


def camel(text: str) -> str:
    """Words joined at `_` and `-`, each with a capital: `my-model` gives `MyModel`."""
    return "".join(word[:1].upper() + word[1:] for word in text.replace("-", "_").split("_"))


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that this one is most like, in whatever case, or nothing where none is like it."""
    by_lower = {one.lower(): one for one in sorted(known, key=str.islower)}  # of two in different case, that in lower
    return next((by_lower[one] for one in get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)), "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean `positive`?` where a known word is close, otherwise nothing."""
    close = closest(word, known)
    return f"did you mean `{close}`?" if close else ""
