# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class EveryDomainValues(NamedTuple):
    """The constrained values of a `EveryDomain`."""

    x: torch.Tensor
    """`real via identity`"""
    s: torch.Tensor
    """`positive via exp`"""
    n: torch.Tensor
    """`negative via exp`"""
    above: torch.Tensor
    """`greater_than(1.5) via exp`"""
    below: torch.Tensor
    """`less_than(-2.0) via exp`"""
    tau: torch.Tensor
    """`interval(0.1, 10.0) via logistic`"""
    p: torch.Tensor
    """`prob via logistic`"""
    w: torch.Tensor
    """`simplex[4] via isometric_log_ratio`"""
    mu: torch.Tensor
    """`ordered[3] via increments`"""
    nu: torch.Tensor
    """`positive_ordered[3] via increments`"""


class EveryDomain(cdsl.ConstrainedModule["EveryDomainValues"]):
    """Every domain, each with the start value that it documents."""

    _doc = "Every domain, each with the start value that it documents."
    _values = EveryDomainValues
    _declared = (
        cdsl.Declared("x", cdsl.real.identity),
        cdsl.Declared("s", cdsl.positive.exp),
        cdsl.Declared("n", cdsl.negative.exp),
        cdsl.Declared("above", cdsl.greater_than.exp, arguments=(1.5,)),
        cdsl.Declared("below", cdsl.less_than.exp, arguments=(-2.0,)),
        cdsl.Declared("tau", cdsl.interval.logistic, arguments=(0.1, 10.0)),
        cdsl.Declared("p", cdsl.prob.logistic),
        cdsl.Declared("w", cdsl.simplex.isometric_log_ratio, sizes=(4,)),
        cdsl.Declared("mu", cdsl.ordered.increments, sizes=(3,)),
        cdsl.Declared("nu", cdsl.positive_ordered.increments, sizes=(3,)),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.x_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.s_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.n_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.above_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.below_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.tau_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.p_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.w_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.mu_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.nu_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.reset_parameters()

    def forward(self) -> EveryDomainValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.x_raw.squeeze(0),
            self.s_raw.squeeze(0),
            self.n_raw.squeeze(0),
            self.above_raw.squeeze(0),
            self.below_raw.squeeze(0),
            self.tau_raw.squeeze(0),
            self.p_raw.squeeze(0),
            self.w_raw,
            self.mu_raw,
            self.nu_raw,
        )

    def _evaluate(self, raw: cdsl.Raw) -> EveryDomainValues:
        (
            x_raw,
            s_raw,
            n_raw,
            above_raw,
            below_raw,
            tau_raw,
            p_raw,
            w_raw,
            mu_raw,
            nu_raw,
        ) = raw
        x = cdsl.real.identity(x_raw)
        s = cdsl.positive.exp(s_raw)
        n = cdsl.negative.exp(n_raw)
        above = cdsl.greater_than.exp(above_raw, 1.5)
        below = cdsl.less_than.exp(below_raw, -2.0)
        tau = cdsl.interval.logistic(tau_raw, 0.1, 10.0)
        p = cdsl.prob.logistic(p_raw)
        w = cdsl.simplex.isometric_log_ratio(w_raw)
        mu = cdsl.ordered.increments(mu_raw)
        nu = cdsl.positive_ordered.increments(nu_raw)
        return EveryDomainValues(x, s, n, above, below, tau, p, w, mu, nu)

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[EveryDomainValues]:
        (
            x_raw,
            s_raw,
            n_raw,
            above_raw,
            below_raw,
            tau_raw,
            p_raw,
            w_raw,
            mu_raw,
            nu_raw,
        ) = raw
        log_dets: cdsl.LogDets = {}
        x, log_dets["x"] = cdsl.real.identity.with_log_det(x_raw)
        s, log_dets["s"] = cdsl.positive.exp.with_log_det(s_raw)
        n, log_dets["n"] = cdsl.negative.exp.with_log_det(n_raw)
        above, log_dets["above"] = cdsl.greater_than.exp.with_log_det(above_raw, 1.5)
        below, log_dets["below"] = cdsl.less_than.exp.with_log_det(below_raw, -2.0)
        tau, log_dets["tau"] = cdsl.interval.logistic.with_log_det(tau_raw, 0.1, 10.0)
        p, log_dets["p"] = cdsl.prob.logistic.with_log_det(p_raw)
        w, log_dets["w"] = cdsl.simplex.isometric_log_ratio.with_log_det(w_raw)
        mu, log_dets["mu"] = cdsl.ordered.increments.with_log_det(mu_raw)
        nu, log_dets["nu"] = cdsl.positive_ordered.increments.with_log_det(nu_raw)
        return EveryDomainValues(x, s, n, above, below, tau, p, w, mu, nu), log_dets

    @property
    def x(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.x_raw.squeeze(0))

    @x.setter
    def x(self, value: cdsl.Settable) -> None:
        self.assign_(x=value)

    @property
    def s(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.s_raw.squeeze(0))

    @s.setter
    def s(self, value: cdsl.Settable) -> None:
        self.assign_(s=value)

    @property
    def n(self) -> torch.Tensor:
        """`negative via exp`"""
        return cdsl.negative.exp(self.n_raw.squeeze(0))

    @n.setter
    def n(self, value: cdsl.Settable) -> None:
        self.assign_(n=value)

    @property
    def above(self) -> torch.Tensor:
        """`greater_than(1.5) via exp`"""
        return cdsl.greater_than.exp(self.above_raw.squeeze(0), 1.5)

    @above.setter
    def above(self, value: cdsl.Settable) -> None:
        self.assign_(above=value)

    @property
    def below(self) -> torch.Tensor:
        """`less_than(-2.0) via exp`"""
        return cdsl.less_than.exp(self.below_raw.squeeze(0), -2.0)

    @below.setter
    def below(self, value: cdsl.Settable) -> None:
        self.assign_(below=value)

    @property
    def tau(self) -> torch.Tensor:
        """`interval(0.1, 10.0) via logistic`"""
        return cdsl.interval.logistic(self.tau_raw.squeeze(0), 0.1, 10.0)

    @tau.setter
    def tau(self, value: cdsl.Settable) -> None:
        self.assign_(tau=value)

    @property
    def p(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.p_raw.squeeze(0))

    @p.setter
    def p(self, value: cdsl.Settable) -> None:
        self.assign_(p=value)

    @property
    def w(self) -> torch.Tensor:
        """`simplex[4] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.w_raw)

    @w.setter
    def w(self, value: cdsl.Settable) -> None:
        self.assign_(w=value)

    @property
    def mu(self) -> torch.Tensor:
        """`ordered[3] via increments`"""
        return cdsl.ordered.increments(self.mu_raw)

    @mu.setter
    def mu(self, value: cdsl.Settable) -> None:
        self.assign_(mu=value)

    @property
    def nu(self) -> torch.Tensor:
        """`positive_ordered[3] via increments`"""
        return cdsl.positive_ordered.increments(self.nu_raw)

    @nu.setter
    def nu(self, value: cdsl.Settable) -> None:
        self.assign_(nu=value)
