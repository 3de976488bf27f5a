# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class OneLinerValues(NamedTuple):
    """The constrained values of a `OneLiner`."""

    p: torch.Tensor
    """`prob via logistic`"""


class OneLiner(cdsl.ConstrainedModule["OneLinerValues"]):
    """The parameters of a `OneLiner`, and the values they stand for."""

    _values = OneLinerValues
    _declared = (cdsl.Declared("p", cdsl.prob.logistic),)

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.p_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.reset_parameters()

    def forward(self) -> OneLinerValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (self.p_raw.squeeze(0),)

    def _evaluate(self, raw: cdsl.Raw) -> OneLinerValues:
        (p_raw,) = raw
        p = cdsl.prob.logistic(p_raw)
        return OneLinerValues(p)

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[OneLinerValues]:
        (p_raw,) = raw
        log_dets: cdsl.LogDets = {}
        p, log_dets["p"] = cdsl.prob.logistic.with_log_det(p_raw)
        return OneLinerValues(p), log_dets

    @property
    def p(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.p_raw.squeeze(0))

    @p.setter
    def p(self, value: cdsl.Settable) -> None:
        self.assign_(p=value)
