# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class TallLayoutValues(NamedTuple):
    """The constrained values of a `TallLayout`."""

    tau: torch.Tensor
    """`interval(0.1, 10.0)[3] via probit`"""
    indented: torch.Tensor
    """`real via identity`"""
    w: torch.Tensor
    """`simplex[3] via isometric_log_ratio`"""
    x: torch.Tensor
    """`real via identity`"""


class TallLayout(cdsl.ConstrainedModule["TallLayoutValues"]):
    """The parameters of a `TallLayout`, and the values they stand for."""

    _values = TallLayoutValues
    _declared = (
        cdsl.Declared("tau", cdsl.interval.probit, arguments=(0.1, 10.0), batch=(3,)),
        cdsl.Declared("indented", cdsl.real.identity),
        cdsl.Declared(
            "w", cdsl.simplex.isometric_log_ratio, sizes=(3,), start=(0.2, 0.3, 0.5)
        ),
        cdsl.Declared("x", cdsl.real.identity, start=1.0),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.tau_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.indented_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.w_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.x_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.reset_parameters()

    def forward(self) -> TallLayoutValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.tau_raw,
            self.indented_raw.squeeze(0),
            self.w_raw,
            self.x_raw.squeeze(0),
        )

    def _evaluate(self, raw: cdsl.Raw) -> TallLayoutValues:
        tau_raw, indented_raw, w_raw, x_raw = raw
        tau = cdsl.interval.probit(tau_raw, 0.1, 10.0)
        indented = cdsl.real.identity(indented_raw)
        w = cdsl.simplex.isometric_log_ratio(w_raw)
        x = cdsl.real.identity(x_raw)
        return TallLayoutValues(tau, indented, w, x)

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[TallLayoutValues]:
        tau_raw, indented_raw, w_raw, x_raw = raw
        log_dets: cdsl.LogDets = {}
        tau, log_dets["tau"] = cdsl.interval.probit.with_log_det(
            tau_raw, 0.1, 10.0, batch=1
        )
        indented, log_dets["indented"] = cdsl.real.identity.with_log_det(indented_raw)
        w, log_dets["w"] = cdsl.simplex.isometric_log_ratio.with_log_det(w_raw)
        x, log_dets["x"] = cdsl.real.identity.with_log_det(x_raw)
        return TallLayoutValues(tau, indented, w, x), log_dets

    @property
    def tau(self) -> torch.Tensor:
        """`interval(0.1, 10.0)[3] via probit`"""
        return cdsl.interval.probit(self.tau_raw, 0.1, 10.0)

    @tau.setter
    def tau(self, value: cdsl.Settable) -> None:
        self.assign_(tau=value)

    @property
    def indented(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.indented_raw.squeeze(0))

    @indented.setter
    def indented(self, value: cdsl.Settable) -> None:
        self.assign_(indented=value)

    @property
    def w(self) -> torch.Tensor:
        """`simplex[3] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.w_raw)

    @w.setter
    def w(self, value: cdsl.Settable) -> None:
        self.assign_(w=value)

    @property
    def x(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.x_raw.squeeze(0))

    @x.setter
    def x(self, value: cdsl.Settable) -> None:
        self.assign_(x=value)
