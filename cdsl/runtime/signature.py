"""The constraints of a model, carried by its checkpoints: a raw value means nothing without them.

They travel as extra state, not as a buffer: an average of weights would corrupt a buffer and `to_empty` lose it. The text
is JSON in a uint8 tensor, padded with spaces to a power of two, because distributed checkpoints compare sizes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from cdsl.runtime.declared import Declared
from cdsl.runtime.errors import SignatureMismatch

Signature = Mapping[str, Mapping[str, str]]


def encode(declared: Iterable[Declared]) -> Tensor:
    """The constraints as a uint8 vector of 1024, 2048, 4096 … entries."""
    text = json.dumps({one.name: one.signature() for one in declared}).encode()
    padded = text.ljust(max(1024, 1 << (len(text) - 1).bit_length()))
    return torch.frombuffer(bytearray(padded), dtype=torch.uint8)


def decode(state: Tensor) -> Signature:
    """What `encode` was given."""
    try:
        saved = json.loads(bytes(state.cpu().tolist()))
    except (ValueError, AttributeError, TypeError):
        saved = None
    if not isinstance(saved, dict) or not all(isinstance(one, dict) for one in saved.values()):
        raise SignatureMismatch("the checkpoint's extra state is not a signature of cdsl")
    return saved


def require_same(saved: Signature, declared: Iterable[Declared], owner: str) -> None:
    """Refuse a checkpoint whose constraints differ for a parameter that both have.

    Raises:
        SignatureMismatch: names the first such parameter, and what was saved and what is declared.
    """
    for one in declared:
        before = saved.get(one.name)
        if before is not None and dict(before) != one.signature():
            then, now = str(before.get("domain")), one.domain
            raise SignatureMismatch(
                f"{owner}.{one.name}: the checkpoint was saved under `{part(then, now)} via {before.get('transform')}`{stays(before)}, "
                f"this module declares `{part(now, then)} via {one.via}`{stays(one.signature())}; the raw values of one mean nothing in the other. "
                f"`cdsl migrate` carries its values over, from the spec of then to that of now"
            )


def stays(signature: Mapping[str, str]) -> str:
    """The entries that stay, in words; nothing where there are none."""
    return f" with {signature['frozen']} frozen" if "frozen" in signature else ""


def part(text: str, other: str, most: int = 120) -> str:
    """A text, or of a long one the part that begins to differ from the other."""
    if len(text) <= most:
        return text
    pairs = enumerate(zip(text, other, strict=False))
    differs = next((at for at, (one, another) in pairs if one != another), min(len(text), len(other)))
    start = max(0, differs - most // 2)
    return "…" * (start > 0) + text[start : start + most] + "…" * (start + most < len(text))
