# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class EveryTransformValues(NamedTuple):
    """The constrained values of a `EveryTransform`."""

    x: torch.Tensor
    """`real via identity`"""
    s_exp: torch.Tensor
    """`positive via exp`"""
    s_softplus: torch.Tensor
    """`positive via softplus`"""
    s_relu: torch.Tensor
    """`positive via relu`"""
    s_abs: torch.Tensor
    """`positive via abs`"""
    s_square: torch.Tensor
    """`positive via square`"""
    n_exp: torch.Tensor
    """`negative via exp`"""
    n_softplus: torch.Tensor
    """`negative via softplus`"""
    n_relu: torch.Tensor
    """`negative via relu`"""
    n_abs: torch.Tensor
    """`negative via abs`"""
    n_square: torch.Tensor
    """`negative via square`"""
    above_exp: torch.Tensor
    """`greater_than(2.0) via exp`"""
    above_softplus: torch.Tensor
    """`greater_than(2.0) via softplus`"""
    above_relu: torch.Tensor
    """`greater_than(2.0) via relu`"""
    above_abs: torch.Tensor
    """`greater_than(2.0) via abs`"""
    above_square: torch.Tensor
    """`greater_than(2.0) via square`"""
    below_exp: torch.Tensor
    """`less_than(2.0) via exp`"""
    below_softplus: torch.Tensor
    """`less_than(2.0) via softplus`"""
    below_relu: torch.Tensor
    """`less_than(2.0) via relu`"""
    below_abs: torch.Tensor
    """`less_than(2.0) via abs`"""
    below_square: torch.Tensor
    """`less_than(2.0) via square`"""
    p_logistic: torch.Tensor
    """`prob via logistic`"""
    p_probit: torch.Tensor
    """`prob via probit`"""
    p_tanh: torch.Tensor
    """`prob via tanh`"""
    p_hard_sigmoid: torch.Tensor
    """`prob via hard_sigmoid`"""
    p_clamp: torch.Tensor
    """`prob via clamp`"""
    tau_logistic: torch.Tensor
    """`interval(-1.0, 3.0) via logistic`"""
    tau_probit: torch.Tensor
    """`interval(-1.0, 3.0) via probit`"""
    tau_tanh: torch.Tensor
    """`interval(-1.0, 3.0) via tanh`"""
    tau_hard_sigmoid: torch.Tensor
    """`interval(-1.0, 3.0) via hard_sigmoid`"""
    tau_clamp: torch.Tensor
    """`interval(-1.0, 3.0) via clamp`"""
    w_ilr: torch.Tensor
    """`simplex[3] via isometric_log_ratio`"""
    w_stick: torch.Tensor
    """`simplex[3] via stick_breaking`"""
    w_softmax: torch.Tensor
    """`simplex[3] via softmax`"""
    mu: torch.Tensor
    """`ordered[3] via increments`"""
    nu: torch.Tensor
    """`positive_ordered[3] via increments`"""
    p_alias: torch.Tensor
    """`prob via logistic`"""
    tau_alias: torch.Tensor
    """`interval(-1.0, 3.0) via logistic`"""
    w_alias: torch.Tensor
    """`simplex[3] via isometric_log_ratio`"""


class EveryTransform(cdsl.ConstrainedModule["EveryTransformValues"]):
    """The parameters of a `EveryTransform`, and the values they stand for."""

    _values = EveryTransformValues
    _declared = (
        cdsl.Declared("x", cdsl.real.identity),
        cdsl.Declared("s_exp", cdsl.positive.exp),
        cdsl.Declared("s_softplus", cdsl.positive.softplus),
        cdsl.Declared("s_relu", cdsl.positive.relu),
        cdsl.Declared("s_abs", cdsl.positive.abs),
        cdsl.Declared("s_square", cdsl.positive.square),
        cdsl.Declared("n_exp", cdsl.negative.exp),
        cdsl.Declared("n_softplus", cdsl.negative.softplus),
        cdsl.Declared("n_relu", cdsl.negative.relu),
        cdsl.Declared("n_abs", cdsl.negative.abs),
        cdsl.Declared("n_square", cdsl.negative.square),
        cdsl.Declared("above_exp", cdsl.greater_than.exp, arguments=(2.0,)),
        cdsl.Declared("above_softplus", cdsl.greater_than.softplus, arguments=(2.0,)),
        cdsl.Declared("above_relu", cdsl.greater_than.relu, arguments=(2.0,)),
        cdsl.Declared("above_abs", cdsl.greater_than.abs, arguments=(2.0,)),
        cdsl.Declared("above_square", cdsl.greater_than.square, arguments=(2.0,)),
        cdsl.Declared("below_exp", cdsl.less_than.exp, arguments=(2.0,)),
        cdsl.Declared("below_softplus", cdsl.less_than.softplus, arguments=(2.0,)),
        cdsl.Declared("below_relu", cdsl.less_than.relu, arguments=(2.0,)),
        cdsl.Declared("below_abs", cdsl.less_than.abs, arguments=(2.0,)),
        cdsl.Declared("below_square", cdsl.less_than.square, arguments=(2.0,)),
        cdsl.Declared("p_logistic", cdsl.prob.logistic),
        cdsl.Declared("p_probit", cdsl.prob.probit),
        cdsl.Declared("p_tanh", cdsl.prob.tanh),
        cdsl.Declared("p_hard_sigmoid", cdsl.prob.hard_sigmoid),
        cdsl.Declared("p_clamp", cdsl.prob.clamp),
        cdsl.Declared("tau_logistic", cdsl.interval.logistic, arguments=(-1.0, 3.0)),
        cdsl.Declared("tau_probit", cdsl.interval.probit, arguments=(-1.0, 3.0)),
        cdsl.Declared("tau_tanh", cdsl.interval.tanh, arguments=(-1.0, 3.0)),
        cdsl.Declared(
            "tau_hard_sigmoid", cdsl.interval.hard_sigmoid, arguments=(-1.0, 3.0)
        ),
        cdsl.Declared("tau_clamp", cdsl.interval.clamp, arguments=(-1.0, 3.0)),
        cdsl.Declared("w_ilr", cdsl.simplex.isometric_log_ratio, sizes=(3,)),
        cdsl.Declared("w_stick", cdsl.simplex.stick_breaking, sizes=(3,)),
        cdsl.Declared("w_softmax", cdsl.simplex.softmax, sizes=(3,)),
        cdsl.Declared("mu", cdsl.ordered.increments, sizes=(3,)),
        cdsl.Declared("nu", cdsl.positive_ordered.increments, sizes=(3,)),
        cdsl.Declared("p_alias", cdsl.prob.logistic),
        cdsl.Declared("tau_alias", cdsl.interval.logistic, arguments=(-1.0, 3.0)),
        cdsl.Declared("w_alias", cdsl.simplex.isometric_log_ratio, sizes=(3,)),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.x_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.s_exp_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.s_softplus_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.s_relu_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.s_abs_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.s_square_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.n_exp_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.n_softplus_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.n_relu_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.n_abs_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.n_square_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.above_exp_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.above_softplus_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.above_relu_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.above_abs_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.above_square_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.below_exp_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.below_softplus_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.below_relu_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.below_abs_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.below_square_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.p_logistic_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.p_probit_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.p_tanh_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.p_hard_sigmoid_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.p_clamp_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.tau_logistic_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.tau_probit_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.tau_tanh_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.tau_hard_sigmoid_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.tau_clamp_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.w_ilr_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.w_stick_raw = torch.nn.Parameter(
            torch.empty(2, dtype=dtype, device=device)
        )
        self.w_softmax_raw = torch.nn.Parameter(
            torch.empty(3, dtype=dtype, device=device)
        )
        self.mu_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.nu_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.p_alias_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.tau_alias_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.w_alias_raw = torch.nn.Parameter(
            torch.empty(2, dtype=dtype, device=device)
        )
        self.reset_parameters()

    def forward(self) -> EveryTransformValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.x_raw.squeeze(0),
            self.s_exp_raw.squeeze(0),
            self.s_softplus_raw.squeeze(0),
            self.s_relu_raw.squeeze(0),
            self.s_abs_raw.squeeze(0),
            self.s_square_raw.squeeze(0),
            self.n_exp_raw.squeeze(0),
            self.n_softplus_raw.squeeze(0),
            self.n_relu_raw.squeeze(0),
            self.n_abs_raw.squeeze(0),
            self.n_square_raw.squeeze(0),
            self.above_exp_raw.squeeze(0),
            self.above_softplus_raw.squeeze(0),
            self.above_relu_raw.squeeze(0),
            self.above_abs_raw.squeeze(0),
            self.above_square_raw.squeeze(0),
            self.below_exp_raw.squeeze(0),
            self.below_softplus_raw.squeeze(0),
            self.below_relu_raw.squeeze(0),
            self.below_abs_raw.squeeze(0),
            self.below_square_raw.squeeze(0),
            self.p_logistic_raw.squeeze(0),
            self.p_probit_raw.squeeze(0),
            self.p_tanh_raw.squeeze(0),
            self.p_hard_sigmoid_raw.squeeze(0),
            self.p_clamp_raw.squeeze(0),
            self.tau_logistic_raw.squeeze(0),
            self.tau_probit_raw.squeeze(0),
            self.tau_tanh_raw.squeeze(0),
            self.tau_hard_sigmoid_raw.squeeze(0),
            self.tau_clamp_raw.squeeze(0),
            self.w_ilr_raw,
            self.w_stick_raw,
            self.w_softmax_raw,
            self.mu_raw,
            self.nu_raw,
            self.p_alias_raw.squeeze(0),
            self.tau_alias_raw.squeeze(0),
            self.w_alias_raw,
        )

    def _evaluate(self, raw: cdsl.Raw) -> EveryTransformValues:
        (
            x_raw,
            s_exp_raw,
            s_softplus_raw,
            s_relu_raw,
            s_abs_raw,
            s_square_raw,
            n_exp_raw,
            n_softplus_raw,
            n_relu_raw,
            n_abs_raw,
            n_square_raw,
            above_exp_raw,
            above_softplus_raw,
            above_relu_raw,
            above_abs_raw,
            above_square_raw,
            below_exp_raw,
            below_softplus_raw,
            below_relu_raw,
            below_abs_raw,
            below_square_raw,
            p_logistic_raw,
            p_probit_raw,
            p_tanh_raw,
            p_hard_sigmoid_raw,
            p_clamp_raw,
            tau_logistic_raw,
            tau_probit_raw,
            tau_tanh_raw,
            tau_hard_sigmoid_raw,
            tau_clamp_raw,
            w_ilr_raw,
            w_stick_raw,
            w_softmax_raw,
            mu_raw,
            nu_raw,
            p_alias_raw,
            tau_alias_raw,
            w_alias_raw,
        ) = raw
        x = cdsl.real.identity(x_raw)
        s_exp = cdsl.positive.exp(s_exp_raw)
        s_softplus = cdsl.positive.softplus(s_softplus_raw)
        s_relu = cdsl.positive.relu(s_relu_raw)
        s_abs = cdsl.positive.abs(s_abs_raw)
        s_square = cdsl.positive.square(s_square_raw)
        n_exp = cdsl.negative.exp(n_exp_raw)
        n_softplus = cdsl.negative.softplus(n_softplus_raw)
        n_relu = cdsl.negative.relu(n_relu_raw)
        n_abs = cdsl.negative.abs(n_abs_raw)
        n_square = cdsl.negative.square(n_square_raw)
        above_exp = cdsl.greater_than.exp(above_exp_raw, 2.0)
        above_softplus = cdsl.greater_than.softplus(above_softplus_raw, 2.0)
        above_relu = cdsl.greater_than.relu(above_relu_raw, 2.0)
        above_abs = cdsl.greater_than.abs(above_abs_raw, 2.0)
        above_square = cdsl.greater_than.square(above_square_raw, 2.0)
        below_exp = cdsl.less_than.exp(below_exp_raw, 2.0)
        below_softplus = cdsl.less_than.softplus(below_softplus_raw, 2.0)
        below_relu = cdsl.less_than.relu(below_relu_raw, 2.0)
        below_abs = cdsl.less_than.abs(below_abs_raw, 2.0)
        below_square = cdsl.less_than.square(below_square_raw, 2.0)
        p_logistic = cdsl.prob.logistic(p_logistic_raw)
        p_probit = cdsl.prob.probit(p_probit_raw)
        p_tanh = cdsl.prob.tanh(p_tanh_raw)
        p_hard_sigmoid = cdsl.prob.hard_sigmoid(p_hard_sigmoid_raw)
        p_clamp = cdsl.prob.clamp(p_clamp_raw)
        tau_logistic = cdsl.interval.logistic(tau_logistic_raw, -1.0, 3.0)
        tau_probit = cdsl.interval.probit(tau_probit_raw, -1.0, 3.0)
        tau_tanh = cdsl.interval.tanh(tau_tanh_raw, -1.0, 3.0)
        tau_hard_sigmoid = cdsl.interval.hard_sigmoid(tau_hard_sigmoid_raw, -1.0, 3.0)
        tau_clamp = cdsl.interval.clamp(tau_clamp_raw, -1.0, 3.0)
        w_ilr = cdsl.simplex.isometric_log_ratio(w_ilr_raw)
        w_stick = cdsl.simplex.stick_breaking(w_stick_raw)
        w_softmax = cdsl.simplex.softmax(w_softmax_raw)
        mu = cdsl.ordered.increments(mu_raw)
        nu = cdsl.positive_ordered.increments(nu_raw)
        p_alias = cdsl.prob.logistic(p_alias_raw)
        tau_alias = cdsl.interval.logistic(tau_alias_raw, -1.0, 3.0)
        w_alias = cdsl.simplex.isometric_log_ratio(w_alias_raw)
        return EveryTransformValues(
            x,
            s_exp,
            s_softplus,
            s_relu,
            s_abs,
            s_square,
            n_exp,
            n_softplus,
            n_relu,
            n_abs,
            n_square,
            above_exp,
            above_softplus,
            above_relu,
            above_abs,
            above_square,
            below_exp,
            below_softplus,
            below_relu,
            below_abs,
            below_square,
            p_logistic,
            p_probit,
            p_tanh,
            p_hard_sigmoid,
            p_clamp,
            tau_logistic,
            tau_probit,
            tau_tanh,
            tau_hard_sigmoid,
            tau_clamp,
            w_ilr,
            w_stick,
            w_softmax,
            mu,
            nu,
            p_alias,
            tau_alias,
            w_alias,
        )

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[EveryTransformValues]:
        (
            x_raw,
            s_exp_raw,
            s_softplus_raw,
            s_relu_raw,
            s_abs_raw,
            s_square_raw,
            n_exp_raw,
            n_softplus_raw,
            n_relu_raw,
            n_abs_raw,
            n_square_raw,
            above_exp_raw,
            above_softplus_raw,
            above_relu_raw,
            above_abs_raw,
            above_square_raw,
            below_exp_raw,
            below_softplus_raw,
            below_relu_raw,
            below_abs_raw,
            below_square_raw,
            p_logistic_raw,
            p_probit_raw,
            p_tanh_raw,
            p_hard_sigmoid_raw,
            p_clamp_raw,
            tau_logistic_raw,
            tau_probit_raw,
            tau_tanh_raw,
            tau_hard_sigmoid_raw,
            tau_clamp_raw,
            w_ilr_raw,
            w_stick_raw,
            w_softmax_raw,
            mu_raw,
            nu_raw,
            p_alias_raw,
            tau_alias_raw,
            w_alias_raw,
        ) = raw
        log_dets: cdsl.LogDets = {}
        x, log_dets["x"] = cdsl.real.identity.with_log_det(x_raw)
        s_exp, log_dets["s_exp"] = cdsl.positive.exp.with_log_det(s_exp_raw)
        s_softplus, log_dets["s_softplus"] = cdsl.positive.softplus.with_log_det(
            s_softplus_raw
        )
        s_relu = cdsl.positive.relu(s_relu_raw)
        s_abs = cdsl.positive.abs(s_abs_raw)
        s_square = cdsl.positive.square(s_square_raw)
        n_exp, log_dets["n_exp"] = cdsl.negative.exp.with_log_det(n_exp_raw)
        n_softplus, log_dets["n_softplus"] = cdsl.negative.softplus.with_log_det(
            n_softplus_raw
        )
        n_relu = cdsl.negative.relu(n_relu_raw)
        n_abs = cdsl.negative.abs(n_abs_raw)
        n_square = cdsl.negative.square(n_square_raw)
        above_exp, log_dets["above_exp"] = cdsl.greater_than.exp.with_log_det(
            above_exp_raw, 2.0
        )
        above_softplus, log_dets["above_softplus"] = (
            cdsl.greater_than.softplus.with_log_det(above_softplus_raw, 2.0)
        )
        above_relu = cdsl.greater_than.relu(above_relu_raw, 2.0)
        above_abs = cdsl.greater_than.abs(above_abs_raw, 2.0)
        above_square = cdsl.greater_than.square(above_square_raw, 2.0)
        below_exp, log_dets["below_exp"] = cdsl.less_than.exp.with_log_det(
            below_exp_raw, 2.0
        )
        below_softplus, log_dets["below_softplus"] = (
            cdsl.less_than.softplus.with_log_det(below_softplus_raw, 2.0)
        )
        below_relu = cdsl.less_than.relu(below_relu_raw, 2.0)
        below_abs = cdsl.less_than.abs(below_abs_raw, 2.0)
        below_square = cdsl.less_than.square(below_square_raw, 2.0)
        p_logistic, log_dets["p_logistic"] = cdsl.prob.logistic.with_log_det(
            p_logistic_raw
        )
        p_probit, log_dets["p_probit"] = cdsl.prob.probit.with_log_det(p_probit_raw)
        p_tanh, log_dets["p_tanh"] = cdsl.prob.tanh.with_log_det(p_tanh_raw)
        p_hard_sigmoid = cdsl.prob.hard_sigmoid(p_hard_sigmoid_raw)
        p_clamp = cdsl.prob.clamp(p_clamp_raw)
        tau_logistic, log_dets["tau_logistic"] = cdsl.interval.logistic.with_log_det(
            tau_logistic_raw, -1.0, 3.0
        )
        tau_probit, log_dets["tau_probit"] = cdsl.interval.probit.with_log_det(
            tau_probit_raw, -1.0, 3.0
        )
        tau_tanh, log_dets["tau_tanh"] = cdsl.interval.tanh.with_log_det(
            tau_tanh_raw, -1.0, 3.0
        )
        tau_hard_sigmoid = cdsl.interval.hard_sigmoid(tau_hard_sigmoid_raw, -1.0, 3.0)
        tau_clamp = cdsl.interval.clamp(tau_clamp_raw, -1.0, 3.0)
        w_ilr, log_dets["w_ilr"] = cdsl.simplex.isometric_log_ratio.with_log_det(
            w_ilr_raw
        )
        w_stick, log_dets["w_stick"] = cdsl.simplex.stick_breaking.with_log_det(
            w_stick_raw
        )
        w_softmax = cdsl.simplex.softmax(w_softmax_raw)
        mu, log_dets["mu"] = cdsl.ordered.increments.with_log_det(mu_raw)
        nu, log_dets["nu"] = cdsl.positive_ordered.increments.with_log_det(nu_raw)
        p_alias, log_dets["p_alias"] = cdsl.prob.logistic.with_log_det(p_alias_raw)
        tau_alias, log_dets["tau_alias"] = cdsl.interval.logistic.with_log_det(
            tau_alias_raw, -1.0, 3.0
        )
        w_alias, log_dets["w_alias"] = cdsl.simplex.isometric_log_ratio.with_log_det(
            w_alias_raw
        )
        return (
            EveryTransformValues(
                x,
                s_exp,
                s_softplus,
                s_relu,
                s_abs,
                s_square,
                n_exp,
                n_softplus,
                n_relu,
                n_abs,
                n_square,
                above_exp,
                above_softplus,
                above_relu,
                above_abs,
                above_square,
                below_exp,
                below_softplus,
                below_relu,
                below_abs,
                below_square,
                p_logistic,
                p_probit,
                p_tanh,
                p_hard_sigmoid,
                p_clamp,
                tau_logistic,
                tau_probit,
                tau_tanh,
                tau_hard_sigmoid,
                tau_clamp,
                w_ilr,
                w_stick,
                w_softmax,
                mu,
                nu,
                p_alias,
                tau_alias,
                w_alias,
            ),
            log_dets,
        )

    @property
    def x(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.x_raw.squeeze(0))

    @x.setter
    def x(self, value: cdsl.Settable) -> None:
        self.assign_(x=value)

    @property
    def s_exp(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.s_exp_raw.squeeze(0))

    @s_exp.setter
    def s_exp(self, value: cdsl.Settable) -> None:
        self.assign_(s_exp=value)

    @property
    def s_softplus(self) -> torch.Tensor:
        """`positive via softplus`"""
        return cdsl.positive.softplus(self.s_softplus_raw.squeeze(0))

    @s_softplus.setter
    def s_softplus(self, value: cdsl.Settable) -> None:
        self.assign_(s_softplus=value)

    @property
    def s_relu(self) -> torch.Tensor:
        """`positive via relu`"""
        return cdsl.positive.relu(self.s_relu_raw.squeeze(0))

    @s_relu.setter
    def s_relu(self, value: cdsl.Settable) -> None:
        self.assign_(s_relu=value)

    @property
    def s_abs(self) -> torch.Tensor:
        """`positive via abs`"""
        return cdsl.positive.abs(self.s_abs_raw.squeeze(0))

    @s_abs.setter
    def s_abs(self, value: cdsl.Settable) -> None:
        self.assign_(s_abs=value)

    @property
    def s_square(self) -> torch.Tensor:
        """`positive via square`"""
        return cdsl.positive.square(self.s_square_raw.squeeze(0))

    @s_square.setter
    def s_square(self, value: cdsl.Settable) -> None:
        self.assign_(s_square=value)

    @property
    def n_exp(self) -> torch.Tensor:
        """`negative via exp`"""
        return cdsl.negative.exp(self.n_exp_raw.squeeze(0))

    @n_exp.setter
    def n_exp(self, value: cdsl.Settable) -> None:
        self.assign_(n_exp=value)

    @property
    def n_softplus(self) -> torch.Tensor:
        """`negative via softplus`"""
        return cdsl.negative.softplus(self.n_softplus_raw.squeeze(0))

    @n_softplus.setter
    def n_softplus(self, value: cdsl.Settable) -> None:
        self.assign_(n_softplus=value)

    @property
    def n_relu(self) -> torch.Tensor:
        """`negative via relu`"""
        return cdsl.negative.relu(self.n_relu_raw.squeeze(0))

    @n_relu.setter
    def n_relu(self, value: cdsl.Settable) -> None:
        self.assign_(n_relu=value)

    @property
    def n_abs(self) -> torch.Tensor:
        """`negative via abs`"""
        return cdsl.negative.abs(self.n_abs_raw.squeeze(0))

    @n_abs.setter
    def n_abs(self, value: cdsl.Settable) -> None:
        self.assign_(n_abs=value)

    @property
    def n_square(self) -> torch.Tensor:
        """`negative via square`"""
        return cdsl.negative.square(self.n_square_raw.squeeze(0))

    @n_square.setter
    def n_square(self, value: cdsl.Settable) -> None:
        self.assign_(n_square=value)

    @property
    def above_exp(self) -> torch.Tensor:
        """`greater_than(2.0) via exp`"""
        return cdsl.greater_than.exp(self.above_exp_raw.squeeze(0), 2.0)

    @above_exp.setter
    def above_exp(self, value: cdsl.Settable) -> None:
        self.assign_(above_exp=value)

    @property
    def above_softplus(self) -> torch.Tensor:
        """`greater_than(2.0) via softplus`"""
        return cdsl.greater_than.softplus(self.above_softplus_raw.squeeze(0), 2.0)

    @above_softplus.setter
    def above_softplus(self, value: cdsl.Settable) -> None:
        self.assign_(above_softplus=value)

    @property
    def above_relu(self) -> torch.Tensor:
        """`greater_than(2.0) via relu`"""
        return cdsl.greater_than.relu(self.above_relu_raw.squeeze(0), 2.0)

    @above_relu.setter
    def above_relu(self, value: cdsl.Settable) -> None:
        self.assign_(above_relu=value)

    @property
    def above_abs(self) -> torch.Tensor:
        """`greater_than(2.0) via abs`"""
        return cdsl.greater_than.abs(self.above_abs_raw.squeeze(0), 2.0)

    @above_abs.setter
    def above_abs(self, value: cdsl.Settable) -> None:
        self.assign_(above_abs=value)

    @property
    def above_square(self) -> torch.Tensor:
        """`greater_than(2.0) via square`"""
        return cdsl.greater_than.square(self.above_square_raw.squeeze(0), 2.0)

    @above_square.setter
    def above_square(self, value: cdsl.Settable) -> None:
        self.assign_(above_square=value)

    @property
    def below_exp(self) -> torch.Tensor:
        """`less_than(2.0) via exp`"""
        return cdsl.less_than.exp(self.below_exp_raw.squeeze(0), 2.0)

    @below_exp.setter
    def below_exp(self, value: cdsl.Settable) -> None:
        self.assign_(below_exp=value)

    @property
    def below_softplus(self) -> torch.Tensor:
        """`less_than(2.0) via softplus`"""
        return cdsl.less_than.softplus(self.below_softplus_raw.squeeze(0), 2.0)

    @below_softplus.setter
    def below_softplus(self, value: cdsl.Settable) -> None:
        self.assign_(below_softplus=value)

    @property
    def below_relu(self) -> torch.Tensor:
        """`less_than(2.0) via relu`"""
        return cdsl.less_than.relu(self.below_relu_raw.squeeze(0), 2.0)

    @below_relu.setter
    def below_relu(self, value: cdsl.Settable) -> None:
        self.assign_(below_relu=value)

    @property
    def below_abs(self) -> torch.Tensor:
        """`less_than(2.0) via abs`"""
        return cdsl.less_than.abs(self.below_abs_raw.squeeze(0), 2.0)

    @below_abs.setter
    def below_abs(self, value: cdsl.Settable) -> None:
        self.assign_(below_abs=value)

    @property
    def below_square(self) -> torch.Tensor:
        """`less_than(2.0) via square`"""
        return cdsl.less_than.square(self.below_square_raw.squeeze(0), 2.0)

    @below_square.setter
    def below_square(self, value: cdsl.Settable) -> None:
        self.assign_(below_square=value)

    @property
    def p_logistic(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.p_logistic_raw.squeeze(0))

    @p_logistic.setter
    def p_logistic(self, value: cdsl.Settable) -> None:
        self.assign_(p_logistic=value)

    @property
    def p_probit(self) -> torch.Tensor:
        """`prob via probit`"""
        return cdsl.prob.probit(self.p_probit_raw.squeeze(0))

    @p_probit.setter
    def p_probit(self, value: cdsl.Settable) -> None:
        self.assign_(p_probit=value)

    @property
    def p_tanh(self) -> torch.Tensor:
        """`prob via tanh`"""
        return cdsl.prob.tanh(self.p_tanh_raw.squeeze(0))

    @p_tanh.setter
    def p_tanh(self, value: cdsl.Settable) -> None:
        self.assign_(p_tanh=value)

    @property
    def p_hard_sigmoid(self) -> torch.Tensor:
        """`prob via hard_sigmoid`"""
        return cdsl.prob.hard_sigmoid(self.p_hard_sigmoid_raw.squeeze(0))

    @p_hard_sigmoid.setter
    def p_hard_sigmoid(self, value: cdsl.Settable) -> None:
        self.assign_(p_hard_sigmoid=value)

    @property
    def p_clamp(self) -> torch.Tensor:
        """`prob via clamp`"""
        return cdsl.prob.clamp(self.p_clamp_raw.squeeze(0))

    @p_clamp.setter
    def p_clamp(self, value: cdsl.Settable) -> None:
        self.assign_(p_clamp=value)

    @property
    def tau_logistic(self) -> torch.Tensor:
        """`interval(-1.0, 3.0) via logistic`"""
        return cdsl.interval.logistic(self.tau_logistic_raw.squeeze(0), -1.0, 3.0)

    @tau_logistic.setter
    def tau_logistic(self, value: cdsl.Settable) -> None:
        self.assign_(tau_logistic=value)

    @property
    def tau_probit(self) -> torch.Tensor:
        """`interval(-1.0, 3.0) via probit`"""
        return cdsl.interval.probit(self.tau_probit_raw.squeeze(0), -1.0, 3.0)

    @tau_probit.setter
    def tau_probit(self, value: cdsl.Settable) -> None:
        self.assign_(tau_probit=value)

    @property
    def tau_tanh(self) -> torch.Tensor:
        """`interval(-1.0, 3.0) via tanh`"""
        return cdsl.interval.tanh(self.tau_tanh_raw.squeeze(0), -1.0, 3.0)

    @tau_tanh.setter
    def tau_tanh(self, value: cdsl.Settable) -> None:
        self.assign_(tau_tanh=value)

    @property
    def tau_hard_sigmoid(self) -> torch.Tensor:
        """`interval(-1.0, 3.0) via hard_sigmoid`"""
        return cdsl.interval.hard_sigmoid(
            self.tau_hard_sigmoid_raw.squeeze(0), -1.0, 3.0
        )

    @tau_hard_sigmoid.setter
    def tau_hard_sigmoid(self, value: cdsl.Settable) -> None:
        self.assign_(tau_hard_sigmoid=value)

    @property
    def tau_clamp(self) -> torch.Tensor:
        """`interval(-1.0, 3.0) via clamp`"""
        return cdsl.interval.clamp(self.tau_clamp_raw.squeeze(0), -1.0, 3.0)

    @tau_clamp.setter
    def tau_clamp(self, value: cdsl.Settable) -> None:
        self.assign_(tau_clamp=value)

    @property
    def w_ilr(self) -> torch.Tensor:
        """`simplex[3] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.w_ilr_raw)

    @w_ilr.setter
    def w_ilr(self, value: cdsl.Settable) -> None:
        self.assign_(w_ilr=value)

    @property
    def w_stick(self) -> torch.Tensor:
        """`simplex[3] via stick_breaking`"""
        return cdsl.simplex.stick_breaking(self.w_stick_raw)

    @w_stick.setter
    def w_stick(self, value: cdsl.Settable) -> None:
        self.assign_(w_stick=value)

    @property
    def w_softmax(self) -> torch.Tensor:
        """`simplex[3] via softmax`"""
        return cdsl.simplex.softmax(self.w_softmax_raw)

    @w_softmax.setter
    def w_softmax(self, value: cdsl.Settable) -> None:
        self.assign_(w_softmax=value)

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

    @property
    def p_alias(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.p_alias_raw.squeeze(0))

    @p_alias.setter
    def p_alias(self, value: cdsl.Settable) -> None:
        self.assign_(p_alias=value)

    @property
    def tau_alias(self) -> torch.Tensor:
        """`interval(-1.0, 3.0) via logistic`"""
        return cdsl.interval.logistic(self.tau_alias_raw.squeeze(0), -1.0, 3.0)

    @tau_alias.setter
    def tau_alias(self, value: cdsl.Settable) -> None:
        self.assign_(tau_alias=value)

    @property
    def w_alias(self) -> torch.Tensor:
        """`simplex[3] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.w_alias_raw)

    @w_alias.setter
    def w_alias(self, value: cdsl.Settable) -> None:
        self.assign_(w_alias=value)
