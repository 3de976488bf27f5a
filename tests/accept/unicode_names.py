# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class UnicodeNamesValues(NamedTuple):
    """The constrained values of a `UnicodeNames`."""

    σ: torch.Tensor
    """`positive via exp`"""
    μ_0: torch.Tensor
    """`real via identity`"""
    λ: torch.Tensor
    """`positive via exp`"""
    größe: torch.Tensor
    """`positive via exp`"""
    переменная: torch.Tensor
    """`real via identity`"""
    变量: torch.Tensor
    """`prob[2] via logistic`"""
    fit: torch.Tensor
    """`prob via logistic`: is `fit` to Python"""
    éclair: torch.Tensor
    """`real via identity`: a letter and its accent"""
    x̂: torch.Tensor
    """`real via identity`"""
    ñ: torch.Tensor
    """`simplex[3] via isometric_log_ratio`"""
    a: torch.Tensor
    """`prob via logistic`"""


class UnicodeNames(cdsl.ConstrainedModule["UnicodeNamesValues"]):
    """Nombres: größer, σ² und λ."""

    _doc = "Nombres: größer, σ² und λ."
    _values = UnicodeNamesValues
    _declared = (
        cdsl.Declared("σ", cdsl.positive.exp, start=0.5),
        cdsl.Declared("μ_0", cdsl.real.identity),
        cdsl.Declared("λ", cdsl.positive.exp),
        cdsl.Declared("größe", cdsl.positive.exp),
        cdsl.Declared("переменная", cdsl.real.identity),
        cdsl.Declared("变量", cdsl.prob.logistic, batch=(2,)),
        cdsl.Declared("fit", cdsl.prob.logistic, doc="is `fit` to Python"),
        cdsl.Declared("éclair", cdsl.real.identity, doc="a letter and its accent"),
        cdsl.Declared("x̂", cdsl.real.identity),
        cdsl.Declared(
            "ñ", cdsl.simplex.isometric_log_ratio, sizes=(3,), start=(0.2, 0.3, 0.5)
        ),
        cdsl.Declared("a", cdsl.prob.logistic),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.σ_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.μ_0_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.λ_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.größe_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.переменная_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.变量_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.fit_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.éclair_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.x̂_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.ñ_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.a_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.reset_parameters()

    def forward(self) -> UnicodeNamesValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.σ_raw.squeeze(0),
            self.μ_0_raw.squeeze(0),
            self.λ_raw.squeeze(0),
            self.größe_raw.squeeze(0),
            self.переменная_raw.squeeze(0),
            self.变量_raw,
            self.fit_raw.squeeze(0),
            self.éclair_raw.squeeze(0),
            self.x̂_raw.squeeze(0),
            self.ñ_raw,
            self.a_raw.squeeze(0),
        )

    def _evaluate(self, raw: cdsl.Raw) -> UnicodeNamesValues:
        (
            σ_raw,
            μ_0_raw,
            λ_raw,
            größe_raw,
            переменная_raw,
            变量_raw,
            fit_raw,
            éclair_raw,
            x̂_raw,
            ñ_raw,
            a_raw,
        ) = raw
        σ = cdsl.positive.exp(σ_raw)
        μ_0 = cdsl.real.identity(μ_0_raw)
        λ = cdsl.positive.exp(λ_raw)
        größe = cdsl.positive.exp(größe_raw)
        переменная = cdsl.real.identity(переменная_raw)
        变量 = cdsl.prob.logistic(变量_raw)
        fit = cdsl.prob.logistic(fit_raw)
        éclair = cdsl.real.identity(éclair_raw)
        x̂ = cdsl.real.identity(x̂_raw)
        ñ = cdsl.simplex.isometric_log_ratio(ñ_raw)
        a = cdsl.prob.logistic(a_raw)
        return UnicodeNamesValues(
            σ, μ_0, λ, größe, переменная, 变量, fit, éclair, x̂, ñ, a
        )

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[UnicodeNamesValues]:
        (
            σ_raw,
            μ_0_raw,
            λ_raw,
            größe_raw,
            переменная_raw,
            变量_raw,
            fit_raw,
            éclair_raw,
            x̂_raw,
            ñ_raw,
            a_raw,
        ) = raw
        log_dets: cdsl.LogDets = {}
        σ, log_dets["σ"] = cdsl.positive.exp.with_log_det(σ_raw)
        μ_0, log_dets["μ_0"] = cdsl.real.identity.with_log_det(μ_0_raw)
        λ, log_dets["λ"] = cdsl.positive.exp.with_log_det(λ_raw)
        größe, log_dets["größe"] = cdsl.positive.exp.with_log_det(größe_raw)
        переменная, log_dets["переменная"] = cdsl.real.identity.with_log_det(
            переменная_raw
        )
        变量, log_dets["变量"] = cdsl.prob.logistic.with_log_det(变量_raw, batch=1)
        fit, log_dets["fit"] = cdsl.prob.logistic.with_log_det(fit_raw)
        éclair, log_dets["éclair"] = cdsl.real.identity.with_log_det(éclair_raw)
        x̂, log_dets["x̂"] = cdsl.real.identity.with_log_det(x̂_raw)
        ñ, log_dets["ñ"] = cdsl.simplex.isometric_log_ratio.with_log_det(ñ_raw)
        a, log_dets["a"] = cdsl.prob.logistic.with_log_det(a_raw)
        return (
            UnicodeNamesValues(
                σ, μ_0, λ, größe, переменная, 变量, fit, éclair, x̂, ñ, a
            ),
            log_dets,
        )

    @property
    def σ(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.σ_raw.squeeze(0))

    @σ.setter
    def σ(self, value: cdsl.Settable) -> None:
        self.assign_(σ=value)

    @property
    def μ_0(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.μ_0_raw.squeeze(0))

    @μ_0.setter
    def μ_0(self, value: cdsl.Settable) -> None:
        self.assign_(μ_0=value)

    @property
    def λ(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.λ_raw.squeeze(0))

    @λ.setter
    def λ(self, value: cdsl.Settable) -> None:
        self.assign_(λ=value)

    @property
    def größe(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.größe_raw.squeeze(0))

    @größe.setter
    def größe(self, value: cdsl.Settable) -> None:
        self.assign_(größe=value)

    @property
    def переменная(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.переменная_raw.squeeze(0))

    @переменная.setter
    def переменная(self, value: cdsl.Settable) -> None:
        self.assign_(переменная=value)

    @property
    def 变量(self) -> torch.Tensor:
        """`prob[2] via logistic`"""
        return cdsl.prob.logistic(self.变量_raw)

    @变量.setter
    def 变量(self, value: cdsl.Settable) -> None:
        self.assign_(变量=value)

    @property
    def fit(self) -> torch.Tensor:
        """`prob via logistic`: is `fit` to Python"""
        return cdsl.prob.logistic(self.fit_raw.squeeze(0))

    @fit.setter
    def fit(self, value: cdsl.Settable) -> None:
        self.assign_(fit=value)

    @property
    def éclair(self) -> torch.Tensor:
        """`real via identity`: a letter and its accent"""
        return cdsl.real.identity(self.éclair_raw.squeeze(0))

    @éclair.setter
    def éclair(self, value: cdsl.Settable) -> None:
        self.assign_(éclair=value)

    @property
    def x̂(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.x̂_raw.squeeze(0))

    @x̂.setter
    def x̂(self, value: cdsl.Settable) -> None:
        self.assign_(x̂=value)

    @property
    def ñ(self) -> torch.Tensor:
        """`simplex[3] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.ñ_raw)

    @ñ.setter
    def ñ(self, value: cdsl.Settable) -> None:
        self.assign_(ñ=value)

    @property
    def a(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.a_raw.squeeze(0))

    @a.setter
    def a(self, value: cdsl.Settable) -> None:
        self.assign_(a=value)
