# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class PartsValues(NamedTuple):
    """The constrained values of a `Parts`."""

    y: torch.Tensor
    """`ordered[K] via increments(gap=softplus)`"""
    own: torch.Tensor
    """`ordered[K] via increments`"""
    down: torch.Tensor
    """`descending[2, K] via decrements(gap=algebraic)`"""
    up: torch.Tensor
    """`positive_ordered[K] via increments(gap=relu)`"""
    l: torch.Tensor
    """`cholesky_cov[K, K] via log_diagonal(diagonal=softplus)`"""
    s: torch.Tensor
    """`cov[2] via log_cholesky(diagonal=algebraic)`"""
    w: torch.Tensor
    """`simplex[4] via stick_breaking(gate=probit)`"""
    p: torch.Tensor
    """`row_stochastic[2, 3] via stick_breaking(gate=cloglog)`"""
    b: torch.Tensor
    """`scaled_simplex(10.0)[3] via stick_breaking`"""


class Parts(cdsl.OpenModule["PartsValues"]):
    """The parameters of a `Parts`, and the values they stand for."""

    _values = PartsValues
    _y_map = cdsl.ordered.increments.using(gap=cdsl.positive.softplus)
    _down_map = cdsl.descending.decrements.using(gap=cdsl.positive.algebraic)
    _up_map = cdsl.positive_ordered.increments.using(gap=cdsl.positive.relu)
    _l_map = cdsl.cholesky_cov.log_diagonal.using(diagonal=cdsl.positive.softplus)
    _s_map = cdsl.cov.log_cholesky.using(diagonal=cdsl.positive.algebraic)
    _w_map = cdsl.simplex.stick_breaking.using(gate=cdsl.prob.probit)
    _p_map = cdsl.row_stochastic.stick_breaking.using(gate=cdsl.prob.cloglog)

    K: int

    _inputs = (cdsl.Dim("K", 3),)
    _spec = '{"name":"Parts","doc":"","dims":[{"name":"K","default":3,"doc":""}],"parameters":[{"name":"y","domain":"ordered","arguments":[],"batch":[],"sizes":[{"op":"dim","name":"K","kind":"int","plain":true}],"transform":"increments","parts":[["gap","softplus"]],"start":[0.0,1.0,2.5],"frozen":false,"doc":""},{"name":"own","domain":"ordered","arguments":[],"batch":[],"sizes":[{"op":"dim","name":"K","kind":"int","plain":true}],"transform":"increments","start":null,"frozen":false,"doc":""},{"name":"down","domain":"descending","arguments":[],"batch":[2],"sizes":[{"op":"dim","name":"K","kind":"int","plain":true}],"transform":"decrements","parts":[["gap","algebraic"]],"start":null,"frozen":false,"doc":""},{"name":"up","domain":"positive_ordered","arguments":[],"batch":[],"sizes":[{"op":"dim","name":"K","kind":"int","plain":true}],"transform":"increments","parts":[["gap","relu"]],"start":null,"frozen":false,"doc":""},{"name":"l","domain":"cholesky_cov","arguments":[],"batch":[],"sizes":[{"op":"dim","name":"K","kind":"int","plain":true},{"op":"dim","name":"K","kind":"int","plain":true}],"transform":"log_diagonal","parts":[["diagonal","softplus"]],"start":null,"frozen":false,"doc":""},{"name":"s","domain":"cov","arguments":[],"batch":[],"sizes":[2],"transform":"log_cholesky","parts":[["diagonal","algebraic"]],"start":[[2.0,-1.0],[-1.0,3.0]],"frozen":false,"doc":""},{"name":"w","domain":"simplex","arguments":[],"batch":[],"sizes":[4],"transform":"stick_breaking","parts":[["gate","probit"]],"start":null,"frozen":false,"doc":""},{"name":"p","domain":"row_stochastic","arguments":[],"batch":[],"sizes":[2,3],"transform":"stick_breaking","parts":[["gate","cloglog"]],"start":null,"frozen":false,"doc":""},{"name":"b","domain":"scaled_simplex","arguments":[10.0],"batch":[],"sizes":[3],"transform":"stick_breaking","start":[2.0,3.0,5.0],"frozen":true,"doc":""}],"order":["K","y","own","down","up","l","s","w","p","b"]}'

    def __init__(
        self,
        *,
        K: int | None = None,
        dtype: torch.dtype | None = None,
        device: cdsl.Device = None,
    ) -> None:
        super().__init__()
        self._bind({"K": K}, {}, dtype, device)
        self.y_raw = torch.nn.Parameter(self._empty("y", dtype, device))
        self.own_raw = torch.nn.Parameter(self._empty("own", dtype, device))
        self.down_raw = torch.nn.Parameter(self._empty("down", dtype, device))
        self.up_raw = torch.nn.Parameter(self._empty("up", dtype, device))
        self.l_raw = torch.nn.Parameter(self._empty("l", dtype, device))
        self.s_raw = torch.nn.Parameter(self._empty("s", dtype, device))
        self.w_raw = torch.nn.Parameter(self._empty("w", dtype, device))
        self.p_raw = torch.nn.Parameter(self._empty("p", dtype, device))
        self.b_raw = torch.nn.Parameter(
            self._empty("b", dtype, device), requires_grad=False
        )
        self.reset_parameters()

    def _declarations(self) -> tuple[cdsl.Declared, ...]:
        return (
            cdsl.Declared("y", self._y_map, sizes=(self.K,), start=(0.0, 1.0, 2.5)),
            cdsl.Declared("own", cdsl.ordered.increments, sizes=(self.K,)),
            cdsl.Declared("down", self._down_map, batch=(2,), sizes=(self.K,)),
            cdsl.Declared("up", self._up_map, sizes=(self.K,)),
            cdsl.Declared("l", self._l_map, sizes=(self.K, self.K)),
            cdsl.Declared(
                "s", self._s_map, sizes=(2,), start=((2.0, -1.0), (-1.0, 3.0))
            ),
            cdsl.Declared("w", self._w_map, sizes=(4,)),
            cdsl.Declared("p", self._p_map, sizes=(2, 3)),
            cdsl.Declared(
                "b",
                cdsl.scaled_simplex.stick_breaking,
                arguments=(10.0,),
                sizes=(3,),
                start=(2.0, 3.0, 5.0),
                frozen=True,
            ),
        )

    def forward(self) -> PartsValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.y_raw,
            self.own_raw,
            self.down_raw,
            self.up_raw,
            self.l_raw,
            self.s_raw,
            self.w_raw,
            self.p_raw,
            self.b_raw,
        )

    def _evaluate(self, raw: cdsl.Raw) -> PartsValues:
        y_raw, own_raw, down_raw, up_raw, l_raw, s_raw, w_raw, p_raw, b_raw = raw
        y = self._y_map(y_raw)
        own = cdsl.ordered.increments(own_raw)
        down = self._down_map(down_raw)
        up = self._up_map(up_raw)
        l = self._l_map(l_raw, self.K, self.K)
        s = self._s_map(s_raw)
        w = self._w_map(w_raw)
        p = self._p_map(p_raw)
        b = cdsl.scaled_simplex.stick_breaking(b_raw, 10.0)
        return PartsValues(y, own, down, up, l, s, w, p, b)

    def _evaluate_with_log_dets(self, raw: cdsl.Raw) -> cdsl.WithLogDets[PartsValues]:
        y_raw, own_raw, down_raw, up_raw, l_raw, s_raw, w_raw, p_raw, b_raw = raw
        log_dets: cdsl.LogDets = {}
        y, log_dets["y"] = self._y_map.with_log_det(y_raw)
        own, log_dets["own"] = cdsl.ordered.increments.with_log_det(own_raw)
        down, log_dets["down"] = self._down_map.with_log_det(down_raw, batch=1)
        up = self._up_map(up_raw)
        l, log_dets["l"] = self._l_map.with_log_det(l_raw, self.K, self.K)
        s, log_dets["s"] = self._s_map.with_log_det(s_raw)
        w, log_dets["w"] = self._w_map.with_log_det(w_raw)
        p, log_dets["p"] = self._p_map.with_log_det(p_raw)
        b, log_dets["b"] = cdsl.scaled_simplex.stick_breaking.with_log_det(b_raw, 10.0)
        return PartsValues(y, own, down, up, l, s, w, p, b), log_dets

    @property
    def y(self) -> torch.Tensor:
        """`ordered[K] via increments(gap=softplus)`"""
        return self._y_map(self.y_raw)

    @y.setter
    def y(self, value: cdsl.Settable) -> None:
        self.assign_(y=value)

    @property
    def own(self) -> torch.Tensor:
        """`ordered[K] via increments`"""
        return cdsl.ordered.increments(self.own_raw)

    @own.setter
    def own(self, value: cdsl.Settable) -> None:
        self.assign_(own=value)

    @property
    def down(self) -> torch.Tensor:
        """`descending[2, K] via decrements(gap=algebraic)`"""
        return self._down_map(self.down_raw)

    @down.setter
    def down(self, value: cdsl.Settable) -> None:
        self.assign_(down=value)

    @property
    def up(self) -> torch.Tensor:
        """`positive_ordered[K] via increments(gap=relu)`"""
        return self._up_map(self.up_raw)

    @up.setter
    def up(self, value: cdsl.Settable) -> None:
        self.assign_(up=value)

    @property
    def l(self) -> torch.Tensor:
        """`cholesky_cov[K, K] via log_diagonal(diagonal=softplus)`"""
        return self._l_map(self.l_raw, self.K, self.K)

    @l.setter
    def l(self, value: cdsl.Settable) -> None:
        self.assign_(l=value)

    @property
    def s(self) -> torch.Tensor:
        """`cov[2] via log_cholesky(diagonal=algebraic)`"""
        return self._s_map(self.s_raw)

    @s.setter
    def s(self, value: cdsl.Settable) -> None:
        self.assign_(s=value)

    @property
    def w(self) -> torch.Tensor:
        """`simplex[4] via stick_breaking(gate=probit)`"""
        return self._w_map(self.w_raw)

    @w.setter
    def w(self, value: cdsl.Settable) -> None:
        self.assign_(w=value)

    @property
    def p(self) -> torch.Tensor:
        """`row_stochastic[2, 3] via stick_breaking(gate=cloglog)`"""
        return self._p_map(self.p_raw)

    @p.setter
    def p(self, value: cdsl.Settable) -> None:
        self.assign_(p=value)

    @property
    def b(self) -> torch.Tensor:
        """`scaled_simplex(10.0)[3] via stick_breaking`"""
        return cdsl.scaled_simplex.stick_breaking(self.b_raw, 10.0)

    @b.setter
    def b(self, value: cdsl.Settable) -> None:
        self.assign_(b=value)
