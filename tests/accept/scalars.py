# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class ScalarsValues(NamedTuple):
    """The constrained values of a `Scalars`."""

    x: torch.Tensor
    """`real(10.0) via identity`"""
    y: torch.Tensor
    """`real(10.0, 2.0)[3] via identity`"""
    z: torch.Tensor
    """`real(0.0, 0.5) via identity`"""
    open_above: torch.Tensor
    """`interval(0.0, inf) via logistic`"""
    open_below: torch.Tensor
    """`interval(-inf, 3.0)[2] via probit`"""
    open: torch.Tensor
    """`interval(-inf, inf) via logistic`"""
    unbounded: torch.Tensor
    """`greater_than(-inf) via softplus`"""
    boundless: torch.Tensor
    """`less_than(inf) via exp`"""
    s: torch.Tensor
    """`positive via exp(loc=1.0, scale=2.0)`"""
    t: torch.Tensor
    """`positive[2] via softplus(loc=-0.5)`"""
    p: torch.Tensor
    """`prob via probit(scale=1e+300)`"""
    tau: torch.Tensor
    """`interval(0.1, 10.0) via logistic(loc=0.25, scale=1.702)`: the logistic that is nearest to the normal"""
    relu: torch.Tensor
    """`nonnegative[2] via relu(scale=2.0)`"""
    s_log10: torch.Tensor
    """`positive via log10`"""
    s_algebraic: torch.Tensor
    """`positive via algebraic`"""
    n_log10: torch.Tensor
    """`negative via log10`"""
    n_algebraic: torch.Tensor
    """`negative via algebraic`"""
    above_log10: torch.Tensor
    """`greater_than(2.0) via log10`"""
    above_algebraic: torch.Tensor
    """`greater_than(2.0) via algebraic`"""
    below_log10: torch.Tensor
    """`less_than(2.0) via log10`"""
    below_algebraic: torch.Tensor
    """`less_than(2.0) via algebraic`"""
    amount: torch.Tensor
    """`nonnegative via exp`"""
    a_softplus: torch.Tensor
    """`nonnegative via softplus`"""
    a_log10: torch.Tensor
    """`nonnegative via log10`"""
    a_algebraic: torch.Tensor
    """`nonnegative via algebraic`"""
    a_abs: torch.Tensor
    """`nonnegative via abs`"""
    a_square: torch.Tensor
    """`nonnegative via square`"""
    p_arctan: torch.Tensor
    """`prob via arctan`"""
    p_algebraic: torch.Tensor
    """`prob via algebraic`"""
    p_cloglog: torch.Tensor
    """`prob via cloglog`"""
    tau_arctan: torch.Tensor
    """`interval(-1.0, 3.0) via arctan`"""
    tau_algebraic: torch.Tensor
    """`interval(-1.0, 3.0) via algebraic`"""
    tau_cloglog: torch.Tensor
    """`interval(-1.0, 3.0) via cloglog`"""
    phase: torch.Tensor
    """`angle via logistic`"""
    phi_probit: torch.Tensor
    """`angle via probit`"""
    phi_tanh: torch.Tensor
    """`angle via tanh`"""
    phi_arctan: torch.Tensor
    """`angle via arctan`"""
    phi_algebraic: torch.Tensor
    """`angle via algebraic`"""
    phi_cloglog: torch.Tensor
    """`angle via cloglog`"""
    phi_hard: torch.Tensor
    """`angle via hard_sigmoid`"""
    phi_wrap: torch.Tensor
    """`angle via wrap`"""


class Scalars(cdsl.ConstrainedModule["ScalarsValues"]):
    """Numbers: optional arguments, infinite bounds, a step before a transform."""

    _doc = "Numbers: optional arguments, infinite bounds, a step before a transform."
    _values = ScalarsValues
    _declared = (
        cdsl.Declared("x", cdsl.real.identity, arguments=(10.0,)),
        cdsl.Declared(
            "y", cdsl.real.identity, arguments=(10.0, 2.0), batch=(3,), start=12.0
        ),
        cdsl.Declared("z", cdsl.real.identity, arguments=(0.0, 0.5)),
        cdsl.Declared("open_above", cdsl.interval.logistic, arguments=(0.0, torch.inf)),
        cdsl.Declared(
            "open_below",
            cdsl.interval.probit,
            arguments=(-torch.inf, 3.0),
            batch=(2,),
            start=1.5,
        ),
        cdsl.Declared(
            "open", cdsl.interval.logistic, arguments=(-torch.inf, torch.inf)
        ),
        cdsl.Declared("unbounded", cdsl.greater_than.softplus, arguments=(-torch.inf,)),
        cdsl.Declared("boundless", cdsl.less_than.exp, arguments=(torch.inf,)),
        cdsl.Declared("s", cdsl.positive.exp, start=2.5, loc=1.0, scale=2.0),
        cdsl.Declared("t", cdsl.positive.softplus, batch=(2,), loc=-0.5),
        cdsl.Declared("p", cdsl.prob.probit, scale=1e300),
        cdsl.Declared(
            "tau",
            cdsl.interval.logistic,
            arguments=(0.1, 10.0),
            doc="the logistic that is nearest to the normal",
            loc=0.25,
            scale=1.702,
        ),
        cdsl.Declared(
            "relu", cdsl.nonnegative.relu, batch=(2,), start=(0.0, 1.0), scale=2.0
        ),
        cdsl.Declared("s_log10", cdsl.positive.log10),
        cdsl.Declared("s_algebraic", cdsl.positive.algebraic),
        cdsl.Declared("n_log10", cdsl.negative.log10),
        cdsl.Declared("n_algebraic", cdsl.negative.algebraic),
        cdsl.Declared("above_log10", cdsl.greater_than.log10, arguments=(2.0,)),
        cdsl.Declared("above_algebraic", cdsl.greater_than.algebraic, arguments=(2.0,)),
        cdsl.Declared("below_log10", cdsl.less_than.log10, arguments=(2.0,)),
        cdsl.Declared("below_algebraic", cdsl.less_than.algebraic, arguments=(2.0,)),
        cdsl.Declared("amount", cdsl.nonnegative.exp),
        cdsl.Declared("a_softplus", cdsl.nonnegative.softplus),
        cdsl.Declared("a_log10", cdsl.nonnegative.log10),
        cdsl.Declared("a_algebraic", cdsl.nonnegative.algebraic),
        cdsl.Declared("a_abs", cdsl.nonnegative.abs, start=0.0),
        cdsl.Declared("a_square", cdsl.nonnegative.square, start=0.0),
        cdsl.Declared("p_arctan", cdsl.prob.arctan),
        cdsl.Declared("p_algebraic", cdsl.prob.algebraic),
        cdsl.Declared("p_cloglog", cdsl.prob.cloglog),
        cdsl.Declared("tau_arctan", cdsl.interval.arctan, arguments=(-1.0, 3.0)),
        cdsl.Declared("tau_algebraic", cdsl.interval.algebraic, arguments=(-1.0, 3.0)),
        cdsl.Declared("tau_cloglog", cdsl.interval.cloglog, arguments=(-1.0, 3.0)),
        cdsl.Declared("phase", cdsl.angle.logistic, start=1.5707963267948966),
        cdsl.Declared("phi_probit", cdsl.angle.probit),
        cdsl.Declared("phi_tanh", cdsl.angle.tanh),
        cdsl.Declared("phi_arctan", cdsl.angle.arctan),
        cdsl.Declared("phi_algebraic", cdsl.angle.algebraic),
        cdsl.Declared("phi_cloglog", cdsl.angle.cloglog),
        cdsl.Declared("phi_hard", cdsl.angle.hard_sigmoid),
        cdsl.Declared("phi_wrap", cdsl.angle.wrap, start=-3.0),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.x_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.y_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.z_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.open_above_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.open_below_raw = torch.nn.Parameter(
            torch.empty(2, dtype=dtype, device=device)
        )
        self.open_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.unbounded_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.boundless_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.s_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.t_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.p_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.tau_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.relu_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.s_log10_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.s_algebraic_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.n_log10_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.n_algebraic_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.above_log10_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.above_algebraic_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.below_log10_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.below_algebraic_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.amount_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.a_softplus_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.a_log10_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.a_algebraic_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.a_abs_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.a_square_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.p_arctan_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.p_algebraic_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.p_cloglog_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.tau_arctan_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.tau_algebraic_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.tau_cloglog_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.phase_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.phi_probit_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.phi_tanh_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.phi_arctan_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.phi_algebraic_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.phi_cloglog_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.phi_hard_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.phi_wrap_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.reset_parameters()

    def forward(self) -> ScalarsValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.x_raw.squeeze(0),
            self.y_raw,
            self.z_raw.squeeze(0),
            self.open_above_raw.squeeze(0),
            self.open_below_raw,
            self.open_raw.squeeze(0),
            self.unbounded_raw.squeeze(0),
            self.boundless_raw.squeeze(0),
            self.s_raw.squeeze(0),
            self.t_raw,
            self.p_raw.squeeze(0),
            self.tau_raw.squeeze(0),
            self.relu_raw,
            self.s_log10_raw.squeeze(0),
            self.s_algebraic_raw.squeeze(0),
            self.n_log10_raw.squeeze(0),
            self.n_algebraic_raw.squeeze(0),
            self.above_log10_raw.squeeze(0),
            self.above_algebraic_raw.squeeze(0),
            self.below_log10_raw.squeeze(0),
            self.below_algebraic_raw.squeeze(0),
            self.amount_raw.squeeze(0),
            self.a_softplus_raw.squeeze(0),
            self.a_log10_raw.squeeze(0),
            self.a_algebraic_raw.squeeze(0),
            self.a_abs_raw.squeeze(0),
            self.a_square_raw.squeeze(0),
            self.p_arctan_raw.squeeze(0),
            self.p_algebraic_raw.squeeze(0),
            self.p_cloglog_raw.squeeze(0),
            self.tau_arctan_raw.squeeze(0),
            self.tau_algebraic_raw.squeeze(0),
            self.tau_cloglog_raw.squeeze(0),
            self.phase_raw.squeeze(0),
            self.phi_probit_raw.squeeze(0),
            self.phi_tanh_raw.squeeze(0),
            self.phi_arctan_raw.squeeze(0),
            self.phi_algebraic_raw.squeeze(0),
            self.phi_cloglog_raw.squeeze(0),
            self.phi_hard_raw.squeeze(0),
            self.phi_wrap_raw.squeeze(0),
        )

    def _evaluate(self, raw: cdsl.Raw) -> ScalarsValues:
        (
            x_raw,
            y_raw,
            z_raw,
            open_above_raw,
            open_below_raw,
            open_raw,
            unbounded_raw,
            boundless_raw,
            s_raw,
            t_raw,
            p_raw,
            tau_raw,
            relu_raw,
            s_log10_raw,
            s_algebraic_raw,
            n_log10_raw,
            n_algebraic_raw,
            above_log10_raw,
            above_algebraic_raw,
            below_log10_raw,
            below_algebraic_raw,
            amount_raw,
            a_softplus_raw,
            a_log10_raw,
            a_algebraic_raw,
            a_abs_raw,
            a_square_raw,
            p_arctan_raw,
            p_algebraic_raw,
            p_cloglog_raw,
            tau_arctan_raw,
            tau_algebraic_raw,
            tau_cloglog_raw,
            phase_raw,
            phi_probit_raw,
            phi_tanh_raw,
            phi_arctan_raw,
            phi_algebraic_raw,
            phi_cloglog_raw,
            phi_hard_raw,
            phi_wrap_raw,
        ) = raw
        x = cdsl.real.identity(x_raw, 10.0)
        y = cdsl.real.identity(y_raw, 10.0, 2.0)
        z = cdsl.real.identity(z_raw, 0.0, 0.5)
        open_above = cdsl.interval.logistic(open_above_raw, 0.0, torch.inf)
        open_below = cdsl.interval.probit(open_below_raw, -torch.inf, 3.0)
        open = cdsl.interval.logistic(open_raw, -torch.inf, torch.inf)
        unbounded = cdsl.greater_than.softplus(unbounded_raw, -torch.inf)
        boundless = cdsl.less_than.exp(boundless_raw, torch.inf)
        s = cdsl.positive.exp(s_raw, loc=1.0, scale=2.0)
        t = cdsl.positive.softplus(t_raw, loc=-0.5)
        p = cdsl.prob.probit(p_raw, scale=1e300)
        tau = cdsl.interval.logistic(tau_raw, 0.1, 10.0, loc=0.25, scale=1.702)
        relu = cdsl.nonnegative.relu(relu_raw, scale=2.0)
        s_log10 = cdsl.positive.log10(s_log10_raw)
        s_algebraic = cdsl.positive.algebraic(s_algebraic_raw)
        n_log10 = cdsl.negative.log10(n_log10_raw)
        n_algebraic = cdsl.negative.algebraic(n_algebraic_raw)
        above_log10 = cdsl.greater_than.log10(above_log10_raw, 2.0)
        above_algebraic = cdsl.greater_than.algebraic(above_algebraic_raw, 2.0)
        below_log10 = cdsl.less_than.log10(below_log10_raw, 2.0)
        below_algebraic = cdsl.less_than.algebraic(below_algebraic_raw, 2.0)
        amount = cdsl.nonnegative.exp(amount_raw)
        a_softplus = cdsl.nonnegative.softplus(a_softplus_raw)
        a_log10 = cdsl.nonnegative.log10(a_log10_raw)
        a_algebraic = cdsl.nonnegative.algebraic(a_algebraic_raw)
        a_abs = cdsl.nonnegative.abs(a_abs_raw)
        a_square = cdsl.nonnegative.square(a_square_raw)
        p_arctan = cdsl.prob.arctan(p_arctan_raw)
        p_algebraic = cdsl.prob.algebraic(p_algebraic_raw)
        p_cloglog = cdsl.prob.cloglog(p_cloglog_raw)
        tau_arctan = cdsl.interval.arctan(tau_arctan_raw, -1.0, 3.0)
        tau_algebraic = cdsl.interval.algebraic(tau_algebraic_raw, -1.0, 3.0)
        tau_cloglog = cdsl.interval.cloglog(tau_cloglog_raw, -1.0, 3.0)
        phase = cdsl.angle.logistic(phase_raw)
        phi_probit = cdsl.angle.probit(phi_probit_raw)
        phi_tanh = cdsl.angle.tanh(phi_tanh_raw)
        phi_arctan = cdsl.angle.arctan(phi_arctan_raw)
        phi_algebraic = cdsl.angle.algebraic(phi_algebraic_raw)
        phi_cloglog = cdsl.angle.cloglog(phi_cloglog_raw)
        phi_hard = cdsl.angle.hard_sigmoid(phi_hard_raw)
        phi_wrap = cdsl.angle.wrap(phi_wrap_raw)
        return ScalarsValues(
            x,
            y,
            z,
            open_above,
            open_below,
            open,
            unbounded,
            boundless,
            s,
            t,
            p,
            tau,
            relu,
            s_log10,
            s_algebraic,
            n_log10,
            n_algebraic,
            above_log10,
            above_algebraic,
            below_log10,
            below_algebraic,
            amount,
            a_softplus,
            a_log10,
            a_algebraic,
            a_abs,
            a_square,
            p_arctan,
            p_algebraic,
            p_cloglog,
            tau_arctan,
            tau_algebraic,
            tau_cloglog,
            phase,
            phi_probit,
            phi_tanh,
            phi_arctan,
            phi_algebraic,
            phi_cloglog,
            phi_hard,
            phi_wrap,
        )

    def _evaluate_with_log_dets(self, raw: cdsl.Raw) -> cdsl.WithLogDets[ScalarsValues]:
        (
            x_raw,
            y_raw,
            z_raw,
            open_above_raw,
            open_below_raw,
            open_raw,
            unbounded_raw,
            boundless_raw,
            s_raw,
            t_raw,
            p_raw,
            tau_raw,
            relu_raw,
            s_log10_raw,
            s_algebraic_raw,
            n_log10_raw,
            n_algebraic_raw,
            above_log10_raw,
            above_algebraic_raw,
            below_log10_raw,
            below_algebraic_raw,
            amount_raw,
            a_softplus_raw,
            a_log10_raw,
            a_algebraic_raw,
            a_abs_raw,
            a_square_raw,
            p_arctan_raw,
            p_algebraic_raw,
            p_cloglog_raw,
            tau_arctan_raw,
            tau_algebraic_raw,
            tau_cloglog_raw,
            phase_raw,
            phi_probit_raw,
            phi_tanh_raw,
            phi_arctan_raw,
            phi_algebraic_raw,
            phi_cloglog_raw,
            phi_hard_raw,
            phi_wrap_raw,
        ) = raw
        log_dets: cdsl.LogDets = {}
        x, log_dets["x"] = cdsl.real.identity.with_log_det(x_raw, 10.0)
        y, log_dets["y"] = cdsl.real.identity.with_log_det(y_raw, 10.0, 2.0, batch=1)
        z, log_dets["z"] = cdsl.real.identity.with_log_det(z_raw, 0.0, 0.5)
        open_above, log_dets["open_above"] = cdsl.interval.logistic.with_log_det(
            open_above_raw, 0.0, torch.inf
        )
        open_below, log_dets["open_below"] = cdsl.interval.probit.with_log_det(
            open_below_raw, -torch.inf, 3.0, batch=1
        )
        open, log_dets["open"] = cdsl.interval.logistic.with_log_det(
            open_raw, -torch.inf, torch.inf
        )
        unbounded, log_dets["unbounded"] = cdsl.greater_than.softplus.with_log_det(
            unbounded_raw, -torch.inf
        )
        boundless, log_dets["boundless"] = cdsl.less_than.exp.with_log_det(
            boundless_raw, torch.inf
        )
        s, log_dets["s"] = cdsl.positive.exp.with_log_det(s_raw, loc=1.0, scale=2.0)
        t, log_dets["t"] = cdsl.positive.softplus.with_log_det(t_raw, loc=-0.5, batch=1)
        p, log_dets["p"] = cdsl.prob.probit.with_log_det(p_raw, scale=1e300)
        tau, log_dets["tau"] = cdsl.interval.logistic.with_log_det(
            tau_raw, 0.1, 10.0, loc=0.25, scale=1.702
        )
        relu = cdsl.nonnegative.relu(relu_raw, scale=2.0)
        s_log10, log_dets["s_log10"] = cdsl.positive.log10.with_log_det(s_log10_raw)
        s_algebraic, log_dets["s_algebraic"] = cdsl.positive.algebraic.with_log_det(
            s_algebraic_raw
        )
        n_log10, log_dets["n_log10"] = cdsl.negative.log10.with_log_det(n_log10_raw)
        n_algebraic, log_dets["n_algebraic"] = cdsl.negative.algebraic.with_log_det(
            n_algebraic_raw
        )
        above_log10, log_dets["above_log10"] = cdsl.greater_than.log10.with_log_det(
            above_log10_raw, 2.0
        )
        above_algebraic, log_dets["above_algebraic"] = (
            cdsl.greater_than.algebraic.with_log_det(above_algebraic_raw, 2.0)
        )
        below_log10, log_dets["below_log10"] = cdsl.less_than.log10.with_log_det(
            below_log10_raw, 2.0
        )
        below_algebraic, log_dets["below_algebraic"] = (
            cdsl.less_than.algebraic.with_log_det(below_algebraic_raw, 2.0)
        )
        amount, log_dets["amount"] = cdsl.nonnegative.exp.with_log_det(amount_raw)
        a_softplus, log_dets["a_softplus"] = cdsl.nonnegative.softplus.with_log_det(
            a_softplus_raw
        )
        a_log10, log_dets["a_log10"] = cdsl.nonnegative.log10.with_log_det(a_log10_raw)
        a_algebraic, log_dets["a_algebraic"] = cdsl.nonnegative.algebraic.with_log_det(
            a_algebraic_raw
        )
        a_abs = cdsl.nonnegative.abs(a_abs_raw)
        a_square = cdsl.nonnegative.square(a_square_raw)
        p_arctan, log_dets["p_arctan"] = cdsl.prob.arctan.with_log_det(p_arctan_raw)
        p_algebraic, log_dets["p_algebraic"] = cdsl.prob.algebraic.with_log_det(
            p_algebraic_raw
        )
        p_cloglog, log_dets["p_cloglog"] = cdsl.prob.cloglog.with_log_det(p_cloglog_raw)
        tau_arctan, log_dets["tau_arctan"] = cdsl.interval.arctan.with_log_det(
            tau_arctan_raw, -1.0, 3.0
        )
        tau_algebraic, log_dets["tau_algebraic"] = cdsl.interval.algebraic.with_log_det(
            tau_algebraic_raw, -1.0, 3.0
        )
        tau_cloglog, log_dets["tau_cloglog"] = cdsl.interval.cloglog.with_log_det(
            tau_cloglog_raw, -1.0, 3.0
        )
        phase, log_dets["phase"] = cdsl.angle.logistic.with_log_det(phase_raw)
        phi_probit, log_dets["phi_probit"] = cdsl.angle.probit.with_log_det(
            phi_probit_raw
        )
        phi_tanh, log_dets["phi_tanh"] = cdsl.angle.tanh.with_log_det(phi_tanh_raw)
        phi_arctan, log_dets["phi_arctan"] = cdsl.angle.arctan.with_log_det(
            phi_arctan_raw
        )
        phi_algebraic, log_dets["phi_algebraic"] = cdsl.angle.algebraic.with_log_det(
            phi_algebraic_raw
        )
        phi_cloglog, log_dets["phi_cloglog"] = cdsl.angle.cloglog.with_log_det(
            phi_cloglog_raw
        )
        phi_hard = cdsl.angle.hard_sigmoid(phi_hard_raw)
        phi_wrap = cdsl.angle.wrap(phi_wrap_raw)
        return (
            ScalarsValues(
                x,
                y,
                z,
                open_above,
                open_below,
                open,
                unbounded,
                boundless,
                s,
                t,
                p,
                tau,
                relu,
                s_log10,
                s_algebraic,
                n_log10,
                n_algebraic,
                above_log10,
                above_algebraic,
                below_log10,
                below_algebraic,
                amount,
                a_softplus,
                a_log10,
                a_algebraic,
                a_abs,
                a_square,
                p_arctan,
                p_algebraic,
                p_cloglog,
                tau_arctan,
                tau_algebraic,
                tau_cloglog,
                phase,
                phi_probit,
                phi_tanh,
                phi_arctan,
                phi_algebraic,
                phi_cloglog,
                phi_hard,
                phi_wrap,
            ),
            log_dets,
        )

    @property
    def x(self) -> torch.Tensor:
        """`real(10.0) via identity`"""
        return cdsl.real.identity(self.x_raw.squeeze(0), 10.0)

    @x.setter
    def x(self, value: cdsl.Settable) -> None:
        self.assign_(x=value)

    @property
    def y(self) -> torch.Tensor:
        """`real(10.0, 2.0)[3] via identity`"""
        return cdsl.real.identity(self.y_raw, 10.0, 2.0)

    @y.setter
    def y(self, value: cdsl.Settable) -> None:
        self.assign_(y=value)

    @property
    def z(self) -> torch.Tensor:
        """`real(0.0, 0.5) via identity`"""
        return cdsl.real.identity(self.z_raw.squeeze(0), 0.0, 0.5)

    @z.setter
    def z(self, value: cdsl.Settable) -> None:
        self.assign_(z=value)

    @property
    def open_above(self) -> torch.Tensor:
        """`interval(0.0, inf) via logistic`"""
        return cdsl.interval.logistic(self.open_above_raw.squeeze(0), 0.0, torch.inf)

    @open_above.setter
    def open_above(self, value: cdsl.Settable) -> None:
        self.assign_(open_above=value)

    @property
    def open_below(self) -> torch.Tensor:
        """`interval(-inf, 3.0)[2] via probit`"""
        return cdsl.interval.probit(self.open_below_raw, -torch.inf, 3.0)

    @open_below.setter
    def open_below(self, value: cdsl.Settable) -> None:
        self.assign_(open_below=value)

    @property
    def open(self) -> torch.Tensor:
        """`interval(-inf, inf) via logistic`"""
        return cdsl.interval.logistic(self.open_raw.squeeze(0), -torch.inf, torch.inf)

    @open.setter
    def open(self, value: cdsl.Settable) -> None:
        self.assign_(open=value)

    @property
    def unbounded(self) -> torch.Tensor:
        """`greater_than(-inf) via softplus`"""
        return cdsl.greater_than.softplus(self.unbounded_raw.squeeze(0), -torch.inf)

    @unbounded.setter
    def unbounded(self, value: cdsl.Settable) -> None:
        self.assign_(unbounded=value)

    @property
    def boundless(self) -> torch.Tensor:
        """`less_than(inf) via exp`"""
        return cdsl.less_than.exp(self.boundless_raw.squeeze(0), torch.inf)

    @boundless.setter
    def boundless(self, value: cdsl.Settable) -> None:
        self.assign_(boundless=value)

    @property
    def s(self) -> torch.Tensor:
        """`positive via exp(loc=1.0, scale=2.0)`"""
        return cdsl.positive.exp(self.s_raw.squeeze(0), loc=1.0, scale=2.0)

    @s.setter
    def s(self, value: cdsl.Settable) -> None:
        self.assign_(s=value)

    @property
    def t(self) -> torch.Tensor:
        """`positive[2] via softplus(loc=-0.5)`"""
        return cdsl.positive.softplus(self.t_raw, loc=-0.5)

    @t.setter
    def t(self, value: cdsl.Settable) -> None:
        self.assign_(t=value)

    @property
    def p(self) -> torch.Tensor:
        """`prob via probit(scale=1e+300)`"""
        return cdsl.prob.probit(self.p_raw.squeeze(0), scale=1e300)

    @p.setter
    def p(self, value: cdsl.Settable) -> None:
        self.assign_(p=value)

    @property
    def tau(self) -> torch.Tensor:
        """`interval(0.1, 10.0) via logistic(loc=0.25, scale=1.702)`: the logistic that is nearest to the normal"""
        return cdsl.interval.logistic(
            self.tau_raw.squeeze(0), 0.1, 10.0, loc=0.25, scale=1.702
        )

    @tau.setter
    def tau(self, value: cdsl.Settable) -> None:
        self.assign_(tau=value)

    @property
    def relu(self) -> torch.Tensor:
        """`nonnegative[2] via relu(scale=2.0)`"""
        return cdsl.nonnegative.relu(self.relu_raw, scale=2.0)

    @relu.setter
    def relu(self, value: cdsl.Settable) -> None:
        self.assign_(relu=value)

    @property
    def s_log10(self) -> torch.Tensor:
        """`positive via log10`"""
        return cdsl.positive.log10(self.s_log10_raw.squeeze(0))

    @s_log10.setter
    def s_log10(self, value: cdsl.Settable) -> None:
        self.assign_(s_log10=value)

    @property
    def s_algebraic(self) -> torch.Tensor:
        """`positive via algebraic`"""
        return cdsl.positive.algebraic(self.s_algebraic_raw.squeeze(0))

    @s_algebraic.setter
    def s_algebraic(self, value: cdsl.Settable) -> None:
        self.assign_(s_algebraic=value)

    @property
    def n_log10(self) -> torch.Tensor:
        """`negative via log10`"""
        return cdsl.negative.log10(self.n_log10_raw.squeeze(0))

    @n_log10.setter
    def n_log10(self, value: cdsl.Settable) -> None:
        self.assign_(n_log10=value)

    @property
    def n_algebraic(self) -> torch.Tensor:
        """`negative via algebraic`"""
        return cdsl.negative.algebraic(self.n_algebraic_raw.squeeze(0))

    @n_algebraic.setter
    def n_algebraic(self, value: cdsl.Settable) -> None:
        self.assign_(n_algebraic=value)

    @property
    def above_log10(self) -> torch.Tensor:
        """`greater_than(2.0) via log10`"""
        return cdsl.greater_than.log10(self.above_log10_raw.squeeze(0), 2.0)

    @above_log10.setter
    def above_log10(self, value: cdsl.Settable) -> None:
        self.assign_(above_log10=value)

    @property
    def above_algebraic(self) -> torch.Tensor:
        """`greater_than(2.0) via algebraic`"""
        return cdsl.greater_than.algebraic(self.above_algebraic_raw.squeeze(0), 2.0)

    @above_algebraic.setter
    def above_algebraic(self, value: cdsl.Settable) -> None:
        self.assign_(above_algebraic=value)

    @property
    def below_log10(self) -> torch.Tensor:
        """`less_than(2.0) via log10`"""
        return cdsl.less_than.log10(self.below_log10_raw.squeeze(0), 2.0)

    @below_log10.setter
    def below_log10(self, value: cdsl.Settable) -> None:
        self.assign_(below_log10=value)

    @property
    def below_algebraic(self) -> torch.Tensor:
        """`less_than(2.0) via algebraic`"""
        return cdsl.less_than.algebraic(self.below_algebraic_raw.squeeze(0), 2.0)

    @below_algebraic.setter
    def below_algebraic(self, value: cdsl.Settable) -> None:
        self.assign_(below_algebraic=value)

    @property
    def amount(self) -> torch.Tensor:
        """`nonnegative via exp`"""
        return cdsl.nonnegative.exp(self.amount_raw.squeeze(0))

    @amount.setter
    def amount(self, value: cdsl.Settable) -> None:
        self.assign_(amount=value)

    @property
    def a_softplus(self) -> torch.Tensor:
        """`nonnegative via softplus`"""
        return cdsl.nonnegative.softplus(self.a_softplus_raw.squeeze(0))

    @a_softplus.setter
    def a_softplus(self, value: cdsl.Settable) -> None:
        self.assign_(a_softplus=value)

    @property
    def a_log10(self) -> torch.Tensor:
        """`nonnegative via log10`"""
        return cdsl.nonnegative.log10(self.a_log10_raw.squeeze(0))

    @a_log10.setter
    def a_log10(self, value: cdsl.Settable) -> None:
        self.assign_(a_log10=value)

    @property
    def a_algebraic(self) -> torch.Tensor:
        """`nonnegative via algebraic`"""
        return cdsl.nonnegative.algebraic(self.a_algebraic_raw.squeeze(0))

    @a_algebraic.setter
    def a_algebraic(self, value: cdsl.Settable) -> None:
        self.assign_(a_algebraic=value)

    @property
    def a_abs(self) -> torch.Tensor:
        """`nonnegative via abs`"""
        return cdsl.nonnegative.abs(self.a_abs_raw.squeeze(0))

    @a_abs.setter
    def a_abs(self, value: cdsl.Settable) -> None:
        self.assign_(a_abs=value)

    @property
    def a_square(self) -> torch.Tensor:
        """`nonnegative via square`"""
        return cdsl.nonnegative.square(self.a_square_raw.squeeze(0))

    @a_square.setter
    def a_square(self, value: cdsl.Settable) -> None:
        self.assign_(a_square=value)

    @property
    def p_arctan(self) -> torch.Tensor:
        """`prob via arctan`"""
        return cdsl.prob.arctan(self.p_arctan_raw.squeeze(0))

    @p_arctan.setter
    def p_arctan(self, value: cdsl.Settable) -> None:
        self.assign_(p_arctan=value)

    @property
    def p_algebraic(self) -> torch.Tensor:
        """`prob via algebraic`"""
        return cdsl.prob.algebraic(self.p_algebraic_raw.squeeze(0))

    @p_algebraic.setter
    def p_algebraic(self, value: cdsl.Settable) -> None:
        self.assign_(p_algebraic=value)

    @property
    def p_cloglog(self) -> torch.Tensor:
        """`prob via cloglog`"""
        return cdsl.prob.cloglog(self.p_cloglog_raw.squeeze(0))

    @p_cloglog.setter
    def p_cloglog(self, value: cdsl.Settable) -> None:
        self.assign_(p_cloglog=value)

    @property
    def tau_arctan(self) -> torch.Tensor:
        """`interval(-1.0, 3.0) via arctan`"""
        return cdsl.interval.arctan(self.tau_arctan_raw.squeeze(0), -1.0, 3.0)

    @tau_arctan.setter
    def tau_arctan(self, value: cdsl.Settable) -> None:
        self.assign_(tau_arctan=value)

    @property
    def tau_algebraic(self) -> torch.Tensor:
        """`interval(-1.0, 3.0) via algebraic`"""
        return cdsl.interval.algebraic(self.tau_algebraic_raw.squeeze(0), -1.0, 3.0)

    @tau_algebraic.setter
    def tau_algebraic(self, value: cdsl.Settable) -> None:
        self.assign_(tau_algebraic=value)

    @property
    def tau_cloglog(self) -> torch.Tensor:
        """`interval(-1.0, 3.0) via cloglog`"""
        return cdsl.interval.cloglog(self.tau_cloglog_raw.squeeze(0), -1.0, 3.0)

    @tau_cloglog.setter
    def tau_cloglog(self, value: cdsl.Settable) -> None:
        self.assign_(tau_cloglog=value)

    @property
    def phase(self) -> torch.Tensor:
        """`angle via logistic`"""
        return cdsl.angle.logistic(self.phase_raw.squeeze(0))

    @phase.setter
    def phase(self, value: cdsl.Settable) -> None:
        self.assign_(phase=value)

    @property
    def phi_probit(self) -> torch.Tensor:
        """`angle via probit`"""
        return cdsl.angle.probit(self.phi_probit_raw.squeeze(0))

    @phi_probit.setter
    def phi_probit(self, value: cdsl.Settable) -> None:
        self.assign_(phi_probit=value)

    @property
    def phi_tanh(self) -> torch.Tensor:
        """`angle via tanh`"""
        return cdsl.angle.tanh(self.phi_tanh_raw.squeeze(0))

    @phi_tanh.setter
    def phi_tanh(self, value: cdsl.Settable) -> None:
        self.assign_(phi_tanh=value)

    @property
    def phi_arctan(self) -> torch.Tensor:
        """`angle via arctan`"""
        return cdsl.angle.arctan(self.phi_arctan_raw.squeeze(0))

    @phi_arctan.setter
    def phi_arctan(self, value: cdsl.Settable) -> None:
        self.assign_(phi_arctan=value)

    @property
    def phi_algebraic(self) -> torch.Tensor:
        """`angle via algebraic`"""
        return cdsl.angle.algebraic(self.phi_algebraic_raw.squeeze(0))

    @phi_algebraic.setter
    def phi_algebraic(self, value: cdsl.Settable) -> None:
        self.assign_(phi_algebraic=value)

    @property
    def phi_cloglog(self) -> torch.Tensor:
        """`angle via cloglog`"""
        return cdsl.angle.cloglog(self.phi_cloglog_raw.squeeze(0))

    @phi_cloglog.setter
    def phi_cloglog(self, value: cdsl.Settable) -> None:
        self.assign_(phi_cloglog=value)

    @property
    def phi_hard(self) -> torch.Tensor:
        """`angle via hard_sigmoid`"""
        return cdsl.angle.hard_sigmoid(self.phi_hard_raw.squeeze(0))

    @phi_hard.setter
    def phi_hard(self, value: cdsl.Settable) -> None:
        self.assign_(phi_hard=value)

    @property
    def phi_wrap(self) -> torch.Tensor:
        """`angle via wrap`"""
        return cdsl.angle.wrap(self.phi_wrap_raw.squeeze(0))

    @phi_wrap.setter
    def phi_wrap(self, value: cdsl.Settable) -> None:
        self.assign_(phi_wrap=value)
