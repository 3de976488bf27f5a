# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class StagesValues(NamedTuple):
    """The constrained values of a `Stages`."""

    p: torch.Tensor
    """`prob[2] via staged(train=logistic, eval=hard_sigmoid)`"""
    tau: torch.Tensor
    """`interval(-1.0, 2.0) via staged(train=probit, eval=logistic)`"""
    s: torch.Tensor
    """`positive via softplus(loc=-1.0, scale=1 / temperature)`"""


class Stages(cdsl.OpenModule["StagesValues"]):
    """One transform while training, another for use."""

    _doc = "One transform while training, another for use."
    temperature: torch.Tensor

    _inputs = (cdsl.Data("temperature", cdsl.positive, default=2.0),)
    _spec = '{"name":"Stages","doc":"One transform while training, another for use.","data":[{"name":"temperature","domain":"positive","arguments":[],"batch":[],"sizes":[],"default":2.0,"doc":""}],"parameters":[{"name":"p","domain":"prob","arguments":[],"batch":[2],"sizes":[],"transform":"logistic","eval":"hard_sigmoid","start":0.3,"frozen":false,"doc":""},{"name":"tau","domain":"interval","arguments":[-1.0,2.0],"batch":[],"sizes":[],"transform":"probit","eval":"logistic","start":null,"frozen":false,"doc":""},{"name":"s","domain":"positive","arguments":[],"batch":[],"sizes":[],"transform":"softplus","step":[-1.0,{"op":"/","operands":[{"op":"number","value":1,"kind":"int","plain":true},{"op":"data","name":"temperature"}]}],"start":3.0,"frozen":false,"doc":""}],"order":["p","tau","temperature","s"]}'

    def __init__(
        self,
        *,
        temperature: cdsl.Settable | None = None,
        dtype: torch.dtype | None = None,
        device: cdsl.Device = None,
    ) -> None:
        super().__init__()
        self._bind({}, {"temperature": temperature}, dtype, device)
        self.p_raw = torch.nn.Parameter(self._empty("p", dtype, device))
        self.tau_raw = torch.nn.Parameter(self._empty("tau", dtype, device))
        self.s_raw = torch.nn.Parameter(self._empty("s", dtype, device))
        self.reset_parameters()

    def _declarations(self) -> tuple[cdsl.Declared, ...]:
        return (
            cdsl.Declared(
                "p",
                cdsl.prob.logistic,
                eval=cdsl.prob.hard_sigmoid,
                batch=(2,),
                start=0.3,
            ),
            cdsl.Declared(
                "tau",
                cdsl.interval.probit,
                eval=cdsl.interval.logistic,
                arguments=(-1.0, 2.0),
            ),
            cdsl.Declared(
                "s",
                cdsl.positive.softplus,
                start=3.0,
                loc=-1.0,
                scale="1 / temperature",
            ),
        )

    def forward(self) -> StagesValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return self.p_raw, self.tau_raw.squeeze(0), self.s_raw.squeeze(0)

    def _evaluate(self, raw: cdsl.Raw) -> StagesValues:
        p_raw, tau_raw, s_raw = raw
        p = self._map("p")(p_raw)
        tau = self._map("tau")(tau_raw, -1.0, 2.0)
        s = cdsl.positive.softplus(s_raw, loc=-1.0, scale=1 / self.temperature)
        return StagesValues(p, tau, s)

    def _evaluate_with_log_dets(self, raw: cdsl.Raw) -> cdsl.WithLogDets[StagesValues]:
        p_raw, tau_raw, s_raw = raw
        log_dets: cdsl.LogDets = {}
        p, log_dets["p"] = self._map("p").with_log_det(p_raw, batch=1)
        tau, log_dets["tau"] = self._map("tau").with_log_det(tau_raw, -1.0, 2.0)
        s, log_dets["s"] = cdsl.positive.softplus.with_log_det(
            s_raw, loc=-1.0, scale=1 / self.temperature
        )
        return StagesValues(p, tau, s), log_dets

    def _arguments(self, name: str, values: cdsl.Known) -> tuple[cdsl.Argument, ...]:
        if name == "s":
            return -1.0, 1 / self.temperature
        return super()._arguments(name, values)

    @property
    def p(self) -> torch.Tensor:
        """`prob[2] via staged(train=logistic, eval=hard_sigmoid)`"""
        return self._map("p")(self.p_raw)

    @p.setter
    def p(self, value: cdsl.Settable) -> None:
        self.assign_(p=value)

    @property
    def tau(self) -> torch.Tensor:
        """`interval(-1.0, 2.0) via staged(train=probit, eval=logistic)`"""
        return self._map("tau")(self.tau_raw.squeeze(0), -1.0, 2.0)

    @tau.setter
    def tau(self, value: cdsl.Settable) -> None:
        self.assign_(tau=value)

    @property
    def s(self) -> torch.Tensor:
        """`positive via softplus(loc=-1.0, scale=1 / temperature)`"""
        return cdsl.positive.softplus(
            self.s_raw.squeeze(0), loc=-1.0, scale=1 / self.temperature
        )

    @s.setter
    def s(self, value: cdsl.Settable) -> None:
        self.assign_(s=value)
