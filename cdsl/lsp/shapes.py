"""What a parameter's raw values are: their shape, and where they stand in the flat vector."""

from __future__ import annotations

from itertools import takewhile
from typing import NamedTuple

from cdsl.describe import product, stretches
from cdsl.extents import Extent, Shape
from cdsl.limits import MOST_LISTED
from cdsl.model import Model, Parameter
from cdsl.places import Place, places, size_text, written_out


class Raw(NamedTuple):
    """Of a parameter: the shapes of its value and of its raw tensor, and its slice of the flat vector."""

    value: Shape
    raw: Shape
    slice: str
    """Empty where it is constant, or not known."""

    @property
    def total(self) -> Extent:
        """How many raw numbers there are."""
        return product(self.raw)


def raws(model: Model, models: tuple[Model, ...], *, whole: bool) -> dict[str, Raw]:
    """Of each parameter of a model itself, which nests some of these models, each after those that it nests.

    Of a model that is not whole, as declarations of it have errors, no slice is known.
    """
    model = model.model_copy(update={"models": tuple(takewhile(lambda one: one.name != model.name, models))})
    here = Place(model, sizes={one.name: Extent.named(one.name) for one in model.dims})
    slices = slices_of(model) if whole and written_out(model) <= MOST_LISTED else {}
    return {one.name: Raw(here.shape(one), here.raw_shape(one), slices.get(one.name, "")) for one in model.parameters}


def slices_of(model: Model) -> dict[str, str]:
    """`theta[3:6]` for each parameter of the model itself that is not constant."""
    found = list(places(model))
    flat, _ = stretches(found)
    return {
        one.name: f"theta[{size_text(flat[at][0])}:{size_text(flat[at][1])}]"
        for at, (place, one) in enumerate(found)
        if isinstance(one, Parameter) and at in flat and not place.path
    }
