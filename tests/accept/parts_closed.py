# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class PartsClosedValues(NamedTuple):
    """The constrained values of a `PartsClosed`."""

    y: torch.Tensor
    """`ordered[3] via increments(gap=softplus)`"""
    w: torch.Tensor
    """`simplex[4] via stick_breaking(gate=probit)`"""


class PartsClosed(cdsl.ConstrainedModule["PartsClosedValues"]):
    """Steps of a transform by keyword, without dims."""

    _doc = "Steps of a transform by keyword, without dims."
    _values = PartsClosedValues
    _y_map = cdsl.ordered.increments.using(gap=cdsl.positive.softplus)
    _w_map = cdsl.simplex.stick_breaking.using(gate=cdsl.prob.probit)

    _declared = (
        cdsl.Declared("y", _y_map, sizes=(3,), start=(0.0, 1.0, 2.5)),
        cdsl.Declared("w", _w_map, sizes=(4,)),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.y_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.w_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.reset_parameters()

    def forward(self) -> PartsClosedValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return self.y_raw, self.w_raw

    def _evaluate(self, raw: cdsl.Raw) -> PartsClosedValues:
        y_raw, w_raw = raw
        y = self._y_map(y_raw)
        w = self._w_map(w_raw)
        return PartsClosedValues(y, w)

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[PartsClosedValues]:
        y_raw, w_raw = raw
        log_dets: cdsl.LogDets = {}
        y, log_dets["y"] = self._y_map.with_log_det(y_raw)
        w, log_dets["w"] = self._w_map.with_log_det(w_raw)
        return PartsClosedValues(y, w), log_dets

    @property
    def y(self) -> torch.Tensor:
        """`ordered[3] via increments(gap=softplus)`"""
        return self._y_map(self.y_raw)

    @y.setter
    def y(self, value: cdsl.Settable) -> None:
        self.assign_(y=value)

    @property
    def w(self) -> torch.Tensor:
        """`simplex[4] via stick_breaking(gate=probit)`"""
        return self._w_map(self.w_raw)

    @w.setter
    def w(self, value: cdsl.Settable) -> None:
        self.assign_(w=value)
