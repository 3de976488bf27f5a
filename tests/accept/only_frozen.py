# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class OnlyFrozenValues(NamedTuple):
    """The constrained values of a `OnlyFrozen`."""

    c: torch.Tensor
    """`positive via exp`"""


class OnlyFrozen(cdsl.ConstrainedModule["OnlyFrozenValues"]):
    """The parameters of a `OnlyFrozen`, and the values they stand for."""

    _values = OnlyFrozenValues
    _declared = (cdsl.Declared("c", cdsl.positive.exp, start=299792458.0, frozen=True),)

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.c_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device), requires_grad=False
        )
        self.reset_parameters()

    def forward(self) -> OnlyFrozenValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (self.c_raw.squeeze(0),)

    def _evaluate(self, raw: cdsl.Raw) -> OnlyFrozenValues:
        (c_raw,) = raw
        c = cdsl.positive.exp(c_raw)
        return OnlyFrozenValues(c)

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[OnlyFrozenValues]:
        (c_raw,) = raw
        log_dets: cdsl.LogDets = {}
        c, log_dets["c"] = cdsl.positive.exp.with_log_det(c_raw)
        return OnlyFrozenValues(c), log_dets

    @property
    def c(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.c_raw.squeeze(0))

    @c.setter
    def c(self, value: cdsl.Settable) -> None:
        self.assign_(c=value)
