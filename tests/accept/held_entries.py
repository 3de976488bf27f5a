# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class HeldEntriesValues(NamedTuple):
    """The constrained values of a `HeldEntries`."""

    beta: torch.Tensor
    """`real[3] via identity, 1 of 3 entries frozen`: the first loading is 1"""
    scale: torch.Tensor
    """`interval(0.0, [1.0, 2.0, 3.0])[2, 3] via probit, 3 of 6 entries frozen`"""
    tau: torch.Tensor
    """`positive[2] via exp(scale=2.0), 1 of 2 entries frozen`"""
    free: torch.Tensor
    """`real[2] via identity`"""
    frozen: torch.Tensor
    """`real via identity`"""
    total: torch.Tensor
    """`= sum(beta) + frozen`"""


class HeldEntries(cdsl.OpenModule["HeldEntriesValues"]):
    """Entries that stay at their start, beside others that are learned."""

    _doc = "Entries that stay at their start, beside others that are learned."
    _spec = '{"name":"HeldEntries","doc":"Entries that stay at their start, beside others that are learned.","parameters":[{"name":"beta","domain":"real","arguments":[],"batch":[3],"sizes":[],"transform":"identity","start":[1.0,0.0,0.0],"frozen":false,"held":[true,false,false],"doc":"the first loading is 1"},{"name":"scale","domain":"interval","arguments":[0.0,[1.0,2.0,3.0]],"batch":[2,3],"sizes":[],"transform":"probit","start":0.1,"frozen":false,"held":[false,true,false,true,true,false],"doc":""},{"name":"tau","domain":"positive","arguments":[],"batch":[2],"sizes":[],"transform":"exp","step":[0.0,2.0],"start":[1.0,3.0],"frozen":false,"held":[false,true],"doc":""},{"name":"free","domain":"real","arguments":[],"batch":[2],"sizes":[],"transform":"identity","start":1.0,"frozen":false,"doc":""},{"name":"frozen","domain":"real","arguments":[],"batch":[],"sizes":[],"transform":"identity","start":null,"frozen":false,"doc":""}],"lets":[{"name":"total","value":{"op":"+","operands":[{"op":"sum","operands":[{"op":"parameter","name":"beta","rank":1,"varies":true}],"varies":true},{"op":"parameter","name":"frozen","varies":true}],"varies":true},"shape":[],"doc":""}],"order":["beta","scale","tau","free","frozen","total"]}'

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self._bind({}, {}, dtype, device)
        self.beta_raw = torch.nn.Parameter(self._empty("beta", dtype, device))
        self._beta_held = torch.nn.Buffer(
            torch.empty(3, dtype=dtype, device=device), persistent=False
        )
        self.scale_raw = torch.nn.Parameter(self._empty("scale", dtype, device))
        self._scale_high = torch.nn.Buffer(
            torch.empty(3, dtype=dtype, device=device), persistent=False
        )
        self._scale_held = torch.nn.Buffer(
            torch.empty((2, 3), dtype=dtype, device=device), persistent=False
        )
        self.tau_raw = torch.nn.Parameter(self._empty("tau", dtype, device))
        self._tau_held = torch.nn.Buffer(
            torch.empty(2, dtype=dtype, device=device), persistent=False
        )
        self.free_raw = torch.nn.Parameter(self._empty("free", dtype, device))
        self.frozen_raw = torch.nn.Parameter(self._empty("frozen", dtype, device))
        self.reset_parameters()

    def _declarations(self) -> tuple[cdsl.Declared, ...]:
        return (
            cdsl.Declared(
                "beta",
                cdsl.real.identity,
                batch=(3,),
                start=(1.0, 0.0, 0.0),
                held=(True, False, False),
                doc="the first loading is 1",
            ),
            cdsl.Declared(
                "scale",
                cdsl.interval.probit,
                arguments=(0.0, (1.0, 2.0, 3.0)),
                batch=(2, 3),
                start=0.1,
                held=(False, True, False, True, True, False),
            ),
            cdsl.Declared(
                "tau",
                cdsl.positive.exp,
                batch=(2,),
                start=(1.0, 3.0),
                held=(False, True),
                scale=2.0,
            ),
            cdsl.Declared("free", cdsl.real.identity, batch=(2,), start=1.0),
            cdsl.Declared("frozen", cdsl.real.identity),
        )

    def forward(self) -> HeldEntriesValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.beta_raw,
            self.scale_raw,
            self.tau_raw,
            self.free_raw,
            self.frozen_raw.squeeze(0),
        )

    def _evaluate(self, raw: cdsl.Raw) -> HeldEntriesValues:
        beta_raw, scale_raw, tau_raw, free_raw, frozen_raw = raw
        beta = cdsl.real.identity(beta_raw, held=self._beta_held)
        scale = cdsl.interval.probit(
            scale_raw, 0.0, self._scale_high, held=self._scale_held
        )
        tau = cdsl.positive.exp(tau_raw, scale=2.0, held=self._tau_held)
        free = cdsl.real.identity(free_raw)
        frozen = cdsl.real.identity(frozen_raw)
        total = torch.sum(beta, -1) + frozen
        return HeldEntriesValues(beta, scale, tau, free, frozen, total)

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[HeldEntriesValues]:
        beta_raw, scale_raw, tau_raw, free_raw, frozen_raw = raw
        log_dets: cdsl.LogDets = {}
        beta, log_dets["beta"] = cdsl.real.identity.with_log_det(
            beta_raw, held=self._beta_held, batch=1
        )
        scale, log_dets["scale"] = cdsl.interval.probit.with_log_det(
            scale_raw, 0.0, self._scale_high, held=self._scale_held, batch=2
        )
        tau, log_dets["tau"] = cdsl.positive.exp.with_log_det(
            tau_raw, scale=2.0, held=self._tau_held, batch=1
        )
        free, log_dets["free"] = cdsl.real.identity.with_log_det(free_raw, batch=1)
        frozen, log_dets["frozen"] = cdsl.real.identity.with_log_det(frozen_raw)
        total = torch.sum(beta, -1) + frozen
        return HeldEntriesValues(beta, scale, tau, free, frozen, total), log_dets

    @property
    def beta(self) -> torch.Tensor:
        """`real[3] via identity, 1 of 3 entries frozen`: the first loading is 1"""
        return cdsl.real.identity(self.beta_raw, held=self._beta_held)

    @beta.setter
    def beta(self, value: cdsl.Settable) -> None:
        self.assign_(beta=value)

    @property
    def scale(self) -> torch.Tensor:
        """`interval(0.0, [1.0, 2.0, 3.0])[2, 3] via probit, 3 of 6 entries frozen`"""
        return cdsl.interval.probit(
            self.scale_raw, 0.0, self._scale_high, held=self._scale_held
        )

    @scale.setter
    def scale(self, value: cdsl.Settable) -> None:
        self.assign_(scale=value)

    @property
    def tau(self) -> torch.Tensor:
        """`positive[2] via exp(scale=2.0), 1 of 2 entries frozen`"""
        return cdsl.positive.exp(self.tau_raw, scale=2.0, held=self._tau_held)

    @tau.setter
    def tau(self, value: cdsl.Settable) -> None:
        self.assign_(tau=value)

    @property
    def free(self) -> torch.Tensor:
        """`real[2] via identity`"""
        return cdsl.real.identity(self.free_raw)

    @free.setter
    def free(self, value: cdsl.Settable) -> None:
        self.assign_(free=value)

    @property
    def frozen(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.frozen_raw.squeeze(0))

    @frozen.setter
    def frozen(self, value: cdsl.Settable) -> None:
        self.assign_(frozen=value)

    @property
    def total(self) -> torch.Tensor:
        """`= sum(beta) + frozen`"""
        return self._evaluate(self._raw()).total
