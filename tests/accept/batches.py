# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class BatchesValues(NamedTuple):
    """The constrained values of a `Batches`."""

    x: torch.Tensor
    """`real[2, 3, 4] via identity`"""
    s: torch.Tensor
    """`positive[1] via exp`"""
    p: torch.Tensor
    """`prob[5] via probit`"""
    tau: torch.Tensor
    """`interval(-1.0, 1.0)[2, 2] via logistic`"""
    w: torch.Tensor
    """`simplex[5, 3] via isometric_log_ratio`"""
    one: torch.Tensor
    """`simplex[1] via isometric_log_ratio`"""
    v: torch.Tensor
    """`simplex[2, 5, 3] via softmax`"""
    mu: torch.Tensor
    """`ordered[2, 4] via increments`"""
    single: torch.Tensor
    """`ordered[1] via increments`"""
    nu: torch.Tensor
    """`positive_ordered[4, 1] via increments`"""
    none: torch.Tensor
    """`real[0] via identity`"""
    no_rows: torch.Tensor
    """`simplex[0, 3] via isometric_log_ratio`"""


class Batches(cdsl.ConstrainedModule["BatchesValues"]):
    """The parameters of a `Batches`, and the values they stand for."""

    _values = BatchesValues
    _declared = (
        cdsl.Declared("x", cdsl.real.identity, batch=(2, 3, 4)),
        cdsl.Declared("s", cdsl.positive.exp, batch=(1,)),
        cdsl.Declared("p", cdsl.prob.probit, batch=(5,)),
        cdsl.Declared(
            "tau", cdsl.interval.logistic, arguments=(-1.0, 1.0), batch=(2, 2)
        ),
        cdsl.Declared("w", cdsl.simplex.isometric_log_ratio, batch=(5,), sizes=(3,)),
        cdsl.Declared("one", cdsl.simplex.isometric_log_ratio, sizes=(1,)),
        cdsl.Declared("v", cdsl.simplex.softmax, batch=(2, 5), sizes=(3,)),
        cdsl.Declared("mu", cdsl.ordered.increments, batch=(2,), sizes=(4,)),
        cdsl.Declared("single", cdsl.ordered.increments, sizes=(1,)),
        cdsl.Declared("nu", cdsl.positive_ordered.increments, batch=(4,), sizes=(1,)),
        cdsl.Declared("none", cdsl.real.identity, batch=(0,)),
        cdsl.Declared(
            "no_rows", cdsl.simplex.isometric_log_ratio, batch=(0,), sizes=(3,)
        ),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.x_raw = torch.nn.Parameter(
            torch.empty((2, 3, 4), dtype=dtype, device=device)
        )
        self.s_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.p_raw = torch.nn.Parameter(torch.empty(5, dtype=dtype, device=device))
        self.tau_raw = torch.nn.Parameter(
            torch.empty((2, 2), dtype=dtype, device=device)
        )
        self.w_raw = torch.nn.Parameter(torch.empty((5, 2), dtype=dtype, device=device))
        self.one_raw = torch.nn.Parameter(torch.empty(0, dtype=dtype, device=device))
        self.v_raw = torch.nn.Parameter(
            torch.empty((2, 5, 3), dtype=dtype, device=device)
        )
        self.mu_raw = torch.nn.Parameter(
            torch.empty((2, 4), dtype=dtype, device=device)
        )
        self.single_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.nu_raw = torch.nn.Parameter(
            torch.empty((4, 1), dtype=dtype, device=device)
        )
        self.none_raw = torch.nn.Parameter(torch.empty(0, dtype=dtype, device=device))
        self.no_rows_raw = torch.nn.Parameter(
            torch.empty((0, 2), dtype=dtype, device=device)
        )
        self.reset_parameters()

    def forward(self) -> BatchesValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.x_raw,
            self.s_raw,
            self.p_raw,
            self.tau_raw,
            self.w_raw,
            self.one_raw,
            self.v_raw,
            self.mu_raw,
            self.single_raw,
            self.nu_raw,
            self.none_raw,
            self.no_rows_raw,
        )

    def _evaluate(self, raw: cdsl.Raw) -> BatchesValues:
        (
            x_raw,
            s_raw,
            p_raw,
            tau_raw,
            w_raw,
            one_raw,
            v_raw,
            mu_raw,
            single_raw,
            nu_raw,
            none_raw,
            no_rows_raw,
        ) = raw
        x = cdsl.real.identity(x_raw)
        s = cdsl.positive.exp(s_raw)
        p = cdsl.prob.probit(p_raw)
        tau = cdsl.interval.logistic(tau_raw, -1.0, 1.0)
        w = cdsl.simplex.isometric_log_ratio(w_raw)
        one = cdsl.simplex.isometric_log_ratio(one_raw)
        v = cdsl.simplex.softmax(v_raw)
        mu = cdsl.ordered.increments(mu_raw)
        single = cdsl.ordered.increments(single_raw)
        nu = cdsl.positive_ordered.increments(nu_raw)
        none = cdsl.real.identity(none_raw)
        no_rows = cdsl.simplex.isometric_log_ratio(no_rows_raw)
        return BatchesValues(x, s, p, tau, w, one, v, mu, single, nu, none, no_rows)

    def _evaluate_with_log_dets(self, raw: cdsl.Raw) -> cdsl.WithLogDets[BatchesValues]:
        (
            x_raw,
            s_raw,
            p_raw,
            tau_raw,
            w_raw,
            one_raw,
            v_raw,
            mu_raw,
            single_raw,
            nu_raw,
            none_raw,
            no_rows_raw,
        ) = raw
        log_dets: cdsl.LogDets = {}
        x, log_dets["x"] = cdsl.real.identity.with_log_det(x_raw, batch=3)
        s, log_dets["s"] = cdsl.positive.exp.with_log_det(s_raw, batch=1)
        p, log_dets["p"] = cdsl.prob.probit.with_log_det(p_raw, batch=1)
        tau, log_dets["tau"] = cdsl.interval.logistic.with_log_det(
            tau_raw, -1.0, 1.0, batch=2
        )
        w, log_dets["w"] = cdsl.simplex.isometric_log_ratio.with_log_det(w_raw, batch=1)
        one, log_dets["one"] = cdsl.simplex.isometric_log_ratio.with_log_det(one_raw)
        v = cdsl.simplex.softmax(v_raw)
        mu, log_dets["mu"] = cdsl.ordered.increments.with_log_det(mu_raw, batch=1)
        single, log_dets["single"] = cdsl.ordered.increments.with_log_det(single_raw)
        nu, log_dets["nu"] = cdsl.positive_ordered.increments.with_log_det(
            nu_raw, batch=1
        )
        none, log_dets["none"] = cdsl.real.identity.with_log_det(none_raw, batch=1)
        no_rows, log_dets["no_rows"] = cdsl.simplex.isometric_log_ratio.with_log_det(
            no_rows_raw, batch=1
        )
        return (
            BatchesValues(x, s, p, tau, w, one, v, mu, single, nu, none, no_rows),
            log_dets,
        )

    @property
    def x(self) -> torch.Tensor:
        """`real[2, 3, 4] via identity`"""
        return cdsl.real.identity(self.x_raw)

    @x.setter
    def x(self, value: cdsl.Settable) -> None:
        self.assign_(x=value)

    @property
    def s(self) -> torch.Tensor:
        """`positive[1] via exp`"""
        return cdsl.positive.exp(self.s_raw)

    @s.setter
    def s(self, value: cdsl.Settable) -> None:
        self.assign_(s=value)

    @property
    def p(self) -> torch.Tensor:
        """`prob[5] via probit`"""
        return cdsl.prob.probit(self.p_raw)

    @p.setter
    def p(self, value: cdsl.Settable) -> None:
        self.assign_(p=value)

    @property
    def tau(self) -> torch.Tensor:
        """`interval(-1.0, 1.0)[2, 2] via logistic`"""
        return cdsl.interval.logistic(self.tau_raw, -1.0, 1.0)

    @tau.setter
    def tau(self, value: cdsl.Settable) -> None:
        self.assign_(tau=value)

    @property
    def w(self) -> torch.Tensor:
        """`simplex[5, 3] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.w_raw)

    @w.setter
    def w(self, value: cdsl.Settable) -> None:
        self.assign_(w=value)

    @property
    def one(self) -> torch.Tensor:
        """`simplex[1] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.one_raw)

    @one.setter
    def one(self, value: cdsl.Settable) -> None:
        self.assign_(one=value)

    @property
    def v(self) -> torch.Tensor:
        """`simplex[2, 5, 3] via softmax`"""
        return cdsl.simplex.softmax(self.v_raw)

    @v.setter
    def v(self, value: cdsl.Settable) -> None:
        self.assign_(v=value)

    @property
    def mu(self) -> torch.Tensor:
        """`ordered[2, 4] via increments`"""
        return cdsl.ordered.increments(self.mu_raw)

    @mu.setter
    def mu(self, value: cdsl.Settable) -> None:
        self.assign_(mu=value)

    @property
    def single(self) -> torch.Tensor:
        """`ordered[1] via increments`"""
        return cdsl.ordered.increments(self.single_raw)

    @single.setter
    def single(self, value: cdsl.Settable) -> None:
        self.assign_(single=value)

    @property
    def nu(self) -> torch.Tensor:
        """`positive_ordered[4, 1] via increments`"""
        return cdsl.positive_ordered.increments(self.nu_raw)

    @nu.setter
    def nu(self, value: cdsl.Settable) -> None:
        self.assign_(nu=value)

    @property
    def none(self) -> torch.Tensor:
        """`real[0] via identity`"""
        return cdsl.real.identity(self.none_raw)

    @none.setter
    def none(self, value: cdsl.Settable) -> None:
        self.assign_(none=value)

    @property
    def no_rows(self) -> torch.Tensor:
        """`simplex[0, 3] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.no_rows_raw)

    @no_rows.setter
    def no_rows(self, value: cdsl.Settable) -> None:
        self.assign_(no_rows=value)
