# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class FrozenConstantsValues(NamedTuple):
    """The constrained values of a `FrozenConstants`."""

    g: torch.Tensor
    """`positive via exp`: standard gravity"""
    w: torch.Tensor
    """`simplex[3] via isometric_log_ratio`"""
    table: torch.Tensor
    """`real[2, 2] via identity`"""
    clipped: torch.Tensor
    """`prob via clamp`"""
    free: torch.Tensor
    """`real via identity`"""


class FrozenConstants(cdsl.ConstrainedModule["FrozenConstantsValues"]):
    """The parameters of a `FrozenConstants`, and the values they stand for."""

    _values = FrozenConstantsValues
    _declared = (
        cdsl.Declared(
            "g", cdsl.positive.exp, start=9.81, frozen=True, doc="standard gravity"
        ),
        cdsl.Declared(
            "w",
            cdsl.simplex.isometric_log_ratio,
            sizes=(3,),
            start=(0.2, 0.3, 0.5),
            frozen=True,
        ),
        cdsl.Declared(
            "table",
            cdsl.real.identity,
            batch=(2, 2),
            start=((1.0, 2.0), (3.0, 4.0)),
            frozen=True,
        ),
        cdsl.Declared("clipped", cdsl.prob.clamp, start=0.5, frozen=True),
        cdsl.Declared("free", cdsl.real.identity),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.g_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device), requires_grad=False
        )
        self.w_raw = torch.nn.Parameter(
            torch.empty(2, dtype=dtype, device=device), requires_grad=False
        )
        self.table_raw = torch.nn.Parameter(
            torch.empty((2, 2), dtype=dtype, device=device), requires_grad=False
        )
        self.clipped_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device), requires_grad=False
        )
        self.free_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.reset_parameters()

    def forward(self) -> FrozenConstantsValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.g_raw.squeeze(0),
            self.w_raw,
            self.table_raw,
            self.clipped_raw.squeeze(0),
            self.free_raw.squeeze(0),
        )

    def _evaluate(self, raw: cdsl.Raw) -> FrozenConstantsValues:
        g_raw, w_raw, table_raw, clipped_raw, free_raw = raw
        g = cdsl.positive.exp(g_raw)
        w = cdsl.simplex.isometric_log_ratio(w_raw)
        table = cdsl.real.identity(table_raw)
        clipped = cdsl.prob.clamp(clipped_raw)
        free = cdsl.real.identity(free_raw)
        return FrozenConstantsValues(g, w, table, clipped, free)

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[FrozenConstantsValues]:
        g_raw, w_raw, table_raw, clipped_raw, free_raw = raw
        log_dets: cdsl.LogDets = {}
        g, log_dets["g"] = cdsl.positive.exp.with_log_det(g_raw)
        w, log_dets["w"] = cdsl.simplex.isometric_log_ratio.with_log_det(w_raw)
        table, log_dets["table"] = cdsl.real.identity.with_log_det(table_raw, batch=2)
        clipped = cdsl.prob.clamp(clipped_raw)
        free, log_dets["free"] = cdsl.real.identity.with_log_det(free_raw)
        return FrozenConstantsValues(g, w, table, clipped, free), log_dets

    @property
    def g(self) -> torch.Tensor:
        """`positive via exp`: standard gravity"""
        return cdsl.positive.exp(self.g_raw.squeeze(0))

    @g.setter
    def g(self, value: cdsl.Settable) -> None:
        self.assign_(g=value)

    @property
    def w(self) -> torch.Tensor:
        """`simplex[3] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.w_raw)

    @w.setter
    def w(self, value: cdsl.Settable) -> None:
        self.assign_(w=value)

    @property
    def table(self) -> torch.Tensor:
        """`real[2, 2] via identity`"""
        return cdsl.real.identity(self.table_raw)

    @table.setter
    def table(self, value: cdsl.Settable) -> None:
        self.assign_(table=value)

    @property
    def clipped(self) -> torch.Tensor:
        """`prob via clamp`"""
        return cdsl.prob.clamp(self.clipped_raw.squeeze(0))

    @clipped.setter
    def clipped(self, value: cdsl.Settable) -> None:
        self.assign_(clipped=value)

    @property
    def free(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.free_raw.squeeze(0))

    @free.setter
    def free(self, value: cdsl.Settable) -> None:
        self.assign_(free=value)
