# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class SoftKeywordsValues(NamedTuple):
    """The constrained values of a `SoftKeywords`."""

    dim: torch.Tensor
    """`prob via logistic`"""
    data: torch.Tensor
    """`real via identity`"""
    let: torch.Tensor
    """`positive via exp`"""
    model: torch.Tensor
    """`real[2] via identity`"""
    frozen: torch.Tensor
    """`real via identity`"""
    via: torch.Tensor
    """`positive via exp`"""


class SoftKeywords(cdsl.ConstrainedModule["SoftKeywordsValues"]):
    """The parameters of a `SoftKeywords`, and the values they stand for."""

    _values = SoftKeywordsValues
    _declared = (
        cdsl.Declared("dim", cdsl.prob.logistic),
        cdsl.Declared("data", cdsl.real.identity),
        cdsl.Declared("let", cdsl.positive.exp),
        cdsl.Declared("model", cdsl.real.identity, batch=(2,)),
        cdsl.Declared("frozen", cdsl.real.identity, start=3.0),
        cdsl.Declared("via", cdsl.positive.exp),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.dim_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.data_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.let_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.model_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.frozen_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.via_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.reset_parameters()

    def forward(self) -> SoftKeywordsValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.dim_raw.squeeze(0),
            self.data_raw.squeeze(0),
            self.let_raw.squeeze(0),
            self.model_raw,
            self.frozen_raw.squeeze(0),
            self.via_raw.squeeze(0),
        )

    def _evaluate(self, raw: cdsl.Raw) -> SoftKeywordsValues:
        dim_raw, data_raw, let_raw, model_raw, frozen_raw, via_raw = raw
        dim = cdsl.prob.logistic(dim_raw)
        data = cdsl.real.identity(data_raw)
        let = cdsl.positive.exp(let_raw)
        model = cdsl.real.identity(model_raw)
        frozen = cdsl.real.identity(frozen_raw)
        via = cdsl.positive.exp(via_raw)
        return SoftKeywordsValues(dim, data, let, model, frozen, via)

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[SoftKeywordsValues]:
        dim_raw, data_raw, let_raw, model_raw, frozen_raw, via_raw = raw
        log_dets: cdsl.LogDets = {}
        dim, log_dets["dim"] = cdsl.prob.logistic.with_log_det(dim_raw)
        data, log_dets["data"] = cdsl.real.identity.with_log_det(data_raw)
        let, log_dets["let"] = cdsl.positive.exp.with_log_det(let_raw)
        model, log_dets["model"] = cdsl.real.identity.with_log_det(model_raw, batch=1)
        frozen, log_dets["frozen"] = cdsl.real.identity.with_log_det(frozen_raw)
        via, log_dets["via"] = cdsl.positive.exp.with_log_det(via_raw)
        return SoftKeywordsValues(dim, data, let, model, frozen, via), log_dets

    @property
    def dim(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.dim_raw.squeeze(0))

    @dim.setter
    def dim(self, value: cdsl.Settable) -> None:
        self.assign_(dim=value)

    @property
    def data(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.data_raw.squeeze(0))

    @data.setter
    def data(self, value: cdsl.Settable) -> None:
        self.assign_(data=value)

    @property
    def let(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.let_raw.squeeze(0))

    @let.setter
    def let(self, value: cdsl.Settable) -> None:
        self.assign_(let=value)

    @property
    def model(self) -> torch.Tensor:
        """`real[2] via identity`"""
        return cdsl.real.identity(self.model_raw)

    @model.setter
    def model(self, value: cdsl.Settable) -> None:
        self.assign_(model=value)

    @property
    def frozen(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.frozen_raw.squeeze(0))

    @frozen.setter
    def frozen(self, value: cdsl.Settable) -> None:
        self.assign_(frozen=value)

    @property
    def via(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.via_raw.squeeze(0))

    @via.setter
    def via(self, value: cdsl.Settable) -> None:
        self.assign_(via=value)
