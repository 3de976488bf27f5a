# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class NoParametersValues(NamedTuple):
    """The constrained values of a `NoParameters`."""

    total: torch.Tensor
    """`= sum(x)`"""
    largest: torch.Tensor
    """`= max(x)`"""


class NoParameters(cdsl.OpenModule["NoParametersValues"]):
    """Data alone, and what follows from them."""

    _doc = "Data alone, and what follows from them."
    x: torch.Tensor

    _inputs = (cdsl.Data("x", cdsl.real, batch=(3,), default=(1.0, 2.0, 3.0)),)
    _fixed = ("total", "largest")
    _spec = '{"name":"NoParameters","doc":"Data alone, and what follows from them.","data":[{"name":"x","domain":"real","arguments":[],"batch":[3],"sizes":[],"default":[1.0,2.0,3.0],"doc":""}],"lets":[{"name":"total","value":{"op":"sum","operands":[{"op":"data","name":"x","rank":1}]},"shape":[],"doc":""},{"name":"largest","value":{"op":"max","operands":[{"op":"data","name":"x","rank":1}]},"shape":[],"doc":""}],"order":["x","total","largest"]}'

    def __init__(
        self,
        *,
        x: cdsl.Settable | None = None,
        dtype: torch.dtype | None = None,
        device: cdsl.Device = None,
    ) -> None:
        super().__init__()
        self._bind({}, {"x": x}, dtype, device)
        self.reset_parameters()

    def _declarations(self) -> tuple[cdsl.Declared, ...]:
        return ()

    def forward(self) -> NoParametersValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return ()

    def _evaluate(self, raw: cdsl.Raw) -> NoParametersValues:
        total = torch.sum(self.x, -1)
        largest = torch.amax(self.x, -1)
        return NoParametersValues(total, largest)

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[NoParametersValues]:
        log_dets: cdsl.LogDets = {}
        total = torch.sum(self.x, -1)
        largest = torch.amax(self.x, -1)
        return NoParametersValues(total, largest), log_dets

    @property
    def total(self) -> torch.Tensor:
        """`= sum(x)`"""
        return self._evaluate(self._raw()).total

    @property
    def largest(self) -> torch.Tensor:
        """`= max(x)`"""
        return self._evaluate(self._raw()).largest
