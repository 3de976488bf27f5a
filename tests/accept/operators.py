# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class OperatorsValues(NamedTuple):
    """The constrained values of a `Operators`."""

    x: torch.Tensor
    """`real via identity`"""
    y: torch.Tensor
    """`positive via exp`"""
    v: torch.Tensor
    """`real[3] via identity`"""
    w: torch.Tensor
    """`positive[3] via exp`"""
    A: torch.Tensor
    """`real[3, 3] via identity`"""
    B: torch.Tensor
    """`real[2, 3] via identity`"""
    minus: torch.Tensor
    """`= -x - -y - -x`"""
    powers: torch.Tensor
    """`= (-x)**2 + -x**2 + y**-x + (y**x)**2 + y**x**2 + (x * y)**2 + (2 * x)**-1 + 2**-n`"""
    quotients: torch.Tensor
    """`= x / (y * 3) + x * y / 3 + x / y / 3 + x / (y / 3) + (x + y) / (x - y) + 1 / n`"""
    differences: torch.Tensor
    """`= x - (y - 1) - (x + y) + (x - y) - 1 + (x + (y + 1))`"""
    wholes: torch.Tensor
    """`= n // 2 * 2 - (n - 1) // (N - 1) + n * (N // 2) - n**2`"""
    floors: torch.Tensor
    """`= (x + 1) // y + x // (y + 1) + n // y - v[0] // 2`"""
    compared: torch.Tensor
    """`= sum([x, y] + 1 < y) + sum(-v <= w * 2) + sum(v - 1 == 0) + sum(v * 2 != x + 1)`"""
    chosen: torch.Tensor
    """`= where(x + 1 > y, x - 1, -y) + where(flags, v, -w)[0] + sum(where(v > w, 1, n))`"""
    axes: torch.Tensor
    """`= x * v + v[:, None] * w - (v + x)[None, :] * 2`"""
    rows: torch.Tensor
    """`= B * v + B[:, 0][:, None] - (B * 2)[0, :]`"""
    inner: torch.Tensor
    """`= A @ v @ w * 2 + (v @ A @ w)**2 + 2 * (v @ w) - v @ w**2`"""
    products: torch.Tensor
    """`= A @ (M @ v) + A @ M @ v + v @ A @ M + (A + M) @ (v - w) + 2 * (A @ v) + -A @ v + (v - w) @ A`"""
    squares: torch.Tensor
    """`= (A @ A - A) @ (A * 2) + M @ M + A @ M + M @ A`"""
    of_data: torch.Tensor
    """`= u @ M + M @ u + M @ u @ u + v @ M + M @ v + u @ A + (M @ u @ u)**2`"""
    made: torch.Tensor
    """`= outer(v, w) * 2 + outer(v + 1, -w) / 2 + prod(v) * prod(v + 1) + prod(A, axis=0)`"""
    solved: torch.Tensor
    """`= solve(A + M, v) - solve_triangular(A, v - 1, lower=false) + solve(M, A)[0, :] + solve(M, u)`"""
    shaped: torch.Tensor
    """`= reshape(v * 2, 3, 1) + reshape(-v, 1, 3) + full(x + 1, 3, 3) + full(n, 3, 3) + eye(3)`"""
    least: torch.Tensor
    """`= min(x + 1, y) + max(n, 2) + min(v) + max(A, axis=1)[0] + min(n + 1, N) + max(x, n)`"""
    picked: torch.Tensor
    """`= v[k] + (v + w)[k] + A[k, :][0] + A[:, k][None - 1] + (-v)[0] + B[:, -1][0] + u[n - 2]`"""
    sliced: torch.Tensor
    """`= sum(v[1:]) + sum(v[:n]) + sum(v[n - 1:None]) + sum(A[::2, 1:]) + sum(v[[0, 2]]) + sum(A[[0, 1], k])`"""
    scaled: torch.Tensor
    """`= v / sum(v**2) - (v - mean(v)) / (sd(v) + 1) + softmax(v + x) * N - cumsum(-v)`"""
    several: torch.Tensor
    """`= [x, n, 1] + [1, 2, 3] * x + [x + 1, -y, v[0]] + concat(v[:1], [x, 0])`"""
    sized: torch.Tensor
    """`= 3 * x + 3 - 2 + zeros(N)[0] + ones(N - 1)[0] + arange(N)[1] + linspace(x, y, N)[1]`"""


class Operators(cdsl.OpenModule["OperatorsValues"]):
    """Every operator beside every other, on numbers, vectors and matrices, of parameters and of data."""

    _doc = "Every operator beside every other, on numbers, vectors and matrices, of parameters and of data."
    N: int
    P: int
    n: torch.Tensor
    k: torch.Tensor
    u: torch.Tensor
    spread: torch.Tensor
    M: torch.Tensor
    flags: torch.Tensor

    _inputs = (
        cdsl.Dim("N", 3),
        cdsl.Dim(
            "P",
            lambda self: (
                (self.N + 1) * (self.N + 2) * (self.N + 3) // (self.N + 4) + (self.N + 5) * (self.N + 6) - (self.N + 7) * (self.N + 8) + 200
            ),
        ),
        cdsl.Data("n", cdsl.int, arguments=(1.0, 9.0), default=2.0),
        cdsl.Data("k", cdsl.index, arguments=(3.0,), default=1.0),
        cdsl.Data("u", cdsl.real, batch=(3,), default=2.0),
        cdsl.Data(
            "spread",
            cdsl.real,
            default=lambda self: (
                torch.sum(self.u, -1) * (self.N + 1) * (self.N + 2) * (self.N + 3) - torch.sum(self.u, -1) * (self.N + 4) + torch.sum(self.u, -1) * (self.N + 5) * (self.N + 6) - 200
            ),
        ),
        cdsl.Data("M", cdsl.real, batch=(3, 3), default=lambda self: self._eye(3)),
        cdsl.Data(
            "flags", cdsl.bool, batch=(3,), default=lambda self: self._real(True)
        ),
    )  # fmt: skip
    _fixed = ("wholes",)
    _spec = '{"name":"Operators","doc":"Every operator beside every other, on numbers, vectors and matrices, of parameters and of data.","dims":[{"name":"N","default":3,"doc":""},{"name":"P","default":{"op":"+","operands":[{"op":"-","operands":[{"op":"+","operands":[{"op":"//","operands":[{"op":"*","operands":[{"op":"*","operands":[{"op":"+","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"int","plain":true},{"op":"+","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":2,"kind":"int","plain":true}],"kind":"int","plain":true}],"kind":"int","plain":true},{"op":"+","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":3,"kind":"int","plain":true}],"kind":"int","plain":true}],"kind":"int","plain":true},{"op":"+","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":4,"kind":"int","plain":true}],"kind":"int","plain":true}],"kind":"int","plain":true},{"op":"*","operands":[{"op":"+","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":5,"kind":"int","plain":true}],"kind":"int","plain":true},{"op":"+","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":6,"kind":"int","plain":true}],"kind":"int","plain":true}],"kind":"int","plain":true}],"kind":"int","plain":true},{"op":"*","operands":[{"op":"+","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":7,"kind":"int","plain":true}],"kind":"int","plain":true},{"op":"+","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":8,"kind":"int","plain":true}],"kind":"int","plain":true}],"kind":"int","plain":true}],"kind":"int","plain":true},{"op":"number","value":200,"kind":"int","plain":true}],"kind":"int","plain":true},"doc":""}],"data":[{"name":"n","domain":"int","arguments":[1.0,9.0],"batch":[],"sizes":[],"default":2.0,"doc":""},{"name":"k","domain":"index","arguments":[3.0],"batch":[],"sizes":[],"default":1.0,"doc":""},{"name":"u","domain":"real","arguments":[],"batch":[3],"sizes":[],"default":2.0,"doc":""},{"name":"spread","domain":"real","arguments":[],"batch":[],"sizes":[],"default":{"op":"-","operands":[{"op":"+","operands":[{"op":"-","operands":[{"op":"*","operands":[{"op":"*","operands":[{"op":"*","operands":[{"op":"sum","operands":[{"op":"data","name":"u","rank":1}]},{"op":"+","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"int","plain":true}]},{"op":"+","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":2,"kind":"int","plain":true}],"kind":"int","plain":true}]},{"op":"+","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":3,"kind":"int","plain":true}],"kind":"int","plain":true}]},{"op":"*","operands":[{"op":"sum","operands":[{"op":"data","name":"u","rank":1}]},{"op":"+","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":4,"kind":"int","plain":true}],"kind":"int","plain":true}]}]},{"op":"*","operands":[{"op":"*","operands":[{"op":"sum","operands":[{"op":"data","name":"u","rank":1}]},{"op":"+","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":5,"kind":"int","plain":true}],"kind":"int","plain":true}]},{"op":"+","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":6,"kind":"int","plain":true}],"kind":"int","plain":true}]}]},{"op":"number","value":200,"kind":"int","plain":true}]},"doc":""},{"name":"M","domain":"real","arguments":[],"batch":[3,3],"sizes":[],"default":{"op":"eye","operands":[{"op":"number","value":3,"kind":"int","plain":true}],"rank":2},"doc":""},{"name":"flags","domain":"bool","arguments":[],"batch":[3],"sizes":[],"default":{"op":"number","value":true,"kind":"bool","plain":true},"doc":""}],"parameters":[{"name":"x","domain":"real","arguments":[],"batch":[],"sizes":[],"transform":"identity","start":0.5,"frozen":false,"doc":""},{"name":"y","domain":"positive","arguments":[],"batch":[],"sizes":[],"transform":"exp","start":2.0,"frozen":false,"doc":""},{"name":"v","domain":"real","arguments":[],"batch":[3],"sizes":[],"transform":"identity","start":1.0,"frozen":false,"doc":""},{"name":"w","domain":"positive","arguments":[],"batch":[3],"sizes":[],"transform":"exp","start":2.0,"frozen":false,"doc":""},{"name":"A","domain":"real","arguments":[],"batch":[3,3],"sizes":[],"transform":"identity","start":[[2.0,0.0,0.0],[0.0,2.0,0.0],[0.0,0.0,2.0]],"frozen":false,"doc":""},{"name":"B","domain":"real","arguments":[],"batch":[2,3],"sizes":[],"transform":"identity","start":1.0,"frozen":false,"doc":""}],"lets":[{"name":"minus","value":{"op":"-","operands":[{"op":"-","operands":[{"op":"negate","operands":[{"op":"parameter","name":"x","varies":true}],"varies":true},{"op":"negate","operands":[{"op":"parameter","name":"y","varies":true}],"varies":true}],"varies":true},{"op":"negate","operands":[{"op":"parameter","name":"x","varies":true}],"varies":true}],"varies":true},"shape":[],"doc":""},{"name":"powers","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"**","operands":[{"op":"negate","operands":[{"op":"parameter","name":"x","varies":true}],"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"varies":true},{"op":"negate","operands":[{"op":"**","operands":[{"op":"parameter","name":"x","varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"varies":true}],"varies":true}],"varies":true},{"op":"**","operands":[{"op":"parameter","name":"y","varies":true},{"op":"negate","operands":[{"op":"parameter","name":"x","varies":true}],"varies":true}],"varies":true}],"varies":true},{"op":"**","operands":[{"op":"**","operands":[{"op":"parameter","name":"y","varies":true},{"op":"parameter","name":"x","varies":true}],"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"varies":true}],"varies":true},{"op":"**","operands":[{"op":"parameter","name":"y","varies":true},{"op":"**","operands":[{"op":"parameter","name":"x","varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"varies":true}],"varies":true}],"varies":true},{"op":"**","operands":[{"op":"*","operands":[{"op":"parameter","name":"x","varies":true},{"op":"parameter","name":"y","varies":true}],"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"varies":true}],"varies":true},{"op":"**","operands":[{"op":"*","operands":[{"op":"number","value":2,"kind":"int","plain":true},{"op":"parameter","name":"x","varies":true}],"varies":true},{"op":"number","value":-1,"kind":"int","plain":true}],"varies":true}],"varies":true},{"op":"**","operands":[{"op":"number","value":2,"kind":"int","plain":true},{"op":"negate","operands":[{"op":"data","name":"n","kind":"int"}],"kind":"int"}]}],"varies":true},"shape":[],"doc":""},{"name":"quotients","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"/","operands":[{"op":"parameter","name":"x","varies":true},{"op":"*","operands":[{"op":"parameter","name":"y","varies":true},{"op":"number","value":3,"kind":"int","plain":true}],"varies":true}],"varies":true},{"op":"/","operands":[{"op":"*","operands":[{"op":"parameter","name":"x","varies":true},{"op":"parameter","name":"y","varies":true}],"varies":true},{"op":"number","value":3,"kind":"int","plain":true}],"varies":true}],"varies":true},{"op":"/","operands":[{"op":"/","operands":[{"op":"parameter","name":"x","varies":true},{"op":"parameter","name":"y","varies":true}],"varies":true},{"op":"number","value":3,"kind":"int","plain":true}],"varies":true}],"varies":true},{"op":"/","operands":[{"op":"parameter","name":"x","varies":true},{"op":"/","operands":[{"op":"parameter","name":"y","varies":true},{"op":"number","value":3,"kind":"int","plain":true}],"varies":true}],"varies":true}],"varies":true},{"op":"/","operands":[{"op":"+","operands":[{"op":"parameter","name":"x","varies":true},{"op":"parameter","name":"y","varies":true}],"varies":true},{"op":"-","operands":[{"op":"parameter","name":"x","varies":true},{"op":"parameter","name":"y","varies":true}],"varies":true}],"varies":true}],"varies":true},{"op":"/","operands":[{"op":"number","value":1,"kind":"int","plain":true},{"op":"data","name":"n","kind":"int"}]}],"varies":true},"shape":[],"doc":""},{"name":"differences","value":{"op":"+","operands":[{"op":"-","operands":[{"op":"+","operands":[{"op":"-","operands":[{"op":"-","operands":[{"op":"parameter","name":"x","varies":true},{"op":"-","operands":[{"op":"parameter","name":"y","varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true}],"varies":true},{"op":"+","operands":[{"op":"parameter","name":"x","varies":true},{"op":"parameter","name":"y","varies":true}],"varies":true}],"varies":true},{"op":"-","operands":[{"op":"parameter","name":"x","varies":true},{"op":"parameter","name":"y","varies":true}],"varies":true}],"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true},{"op":"+","operands":[{"op":"parameter","name":"x","varies":true},{"op":"+","operands":[{"op":"parameter","name":"y","varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true}],"varies":true}],"varies":true},"shape":[],"doc":""},{"name":"wholes","value":{"op":"-","operands":[{"op":"+","operands":[{"op":"-","operands":[{"op":"*","operands":[{"op":"//","operands":[{"op":"data","name":"n","kind":"int"},{"op":"number","value":2,"kind":"int","plain":true}],"kind":"int"},{"op":"number","value":2,"kind":"int","plain":true}],"kind":"int"},{"op":"//","operands":[{"op":"-","operands":[{"op":"data","name":"n","kind":"int"},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"int"},{"op":"-","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"int","plain":true}],"kind":"int"}],"kind":"int"},{"op":"*","operands":[{"op":"data","name":"n","kind":"int"},{"op":"//","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":2,"kind":"int","plain":true}],"kind":"int","plain":true}],"kind":"int"}],"kind":"int"},{"op":"**","operands":[{"op":"data","name":"n","kind":"int"},{"op":"number","value":2,"kind":"int","plain":true}],"kind":"int"}],"kind":"int"},"shape":[],"doc":""},{"name":"floors","value":{"op":"-","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"//","operands":[{"op":"+","operands":[{"op":"parameter","name":"x","varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true},{"op":"parameter","name":"y","varies":true}],"varies":true},{"op":"//","operands":[{"op":"parameter","name":"x","varies":true},{"op":"+","operands":[{"op":"parameter","name":"y","varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true}],"varies":true}],"varies":true},{"op":"//","operands":[{"op":"data","name":"n","kind":"int"},{"op":"parameter","name":"y","varies":true}],"varies":true}],"varies":true},{"op":"//","operands":[{"op":"index","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"name":"_","varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"varies":true}],"varies":true},"shape":[],"doc":""},{"name":"compared","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"sum","operands":[{"op":"<","operands":[{"op":"+","operands":[{"op":"array","operands":[{"op":"parameter","name":"x","varies":true},{"op":"parameter","name":"y","varies":true}],"rank":1,"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"rank":1,"varies":true},{"op":"parameter","name":"y","varies":true}],"kind":"bool","rank":1,"varies":true}],"kind":"int","varies":true},{"op":"sum","operands":[{"op":"<=","operands":[{"op":"negate","operands":[{"op":"parameter","name":"v","rank":1,"varies":true}],"rank":1,"varies":true},{"op":"*","operands":[{"op":"parameter","name":"w","rank":1,"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"rank":1,"varies":true}],"kind":"bool","rank":1,"varies":true}],"kind":"int","varies":true}],"kind":"int","varies":true},{"op":"sum","operands":[{"op":"==","operands":[{"op":"-","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"rank":1,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"kind":"bool","rank":1,"varies":true}],"kind":"int","varies":true}],"kind":"int","varies":true},{"op":"sum","operands":[{"op":"!=","operands":[{"op":"*","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"rank":1,"varies":true},{"op":"+","operands":[{"op":"parameter","name":"x","varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true}],"kind":"bool","rank":1,"varies":true}],"kind":"int","varies":true}],"kind":"int","varies":true},"shape":[],"doc":""},{"name":"chosen","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"where","operands":[{"op":">","operands":[{"op":"+","operands":[{"op":"parameter","name":"x","varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true},{"op":"parameter","name":"y","varies":true}],"kind":"bool","varies":true},{"op":"-","operands":[{"op":"parameter","name":"x","varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true},{"op":"negate","operands":[{"op":"parameter","name":"y","varies":true}],"varies":true}],"varies":true},{"op":"index","operands":[{"op":"where","operands":[{"op":"data","name":"flags","kind":"bool","rank":1},{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"negate","operands":[{"op":"parameter","name":"w","rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"name":"_","varies":true}],"varies":true},{"op":"sum","operands":[{"op":"where","operands":[{"op":">","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"parameter","name":"w","rank":1,"varies":true}],"kind":"bool","rank":1,"varies":true},{"op":"number","value":1,"kind":"int","plain":true},{"op":"data","name":"n","kind":"int"}],"kind":"int","rank":1,"varies":true}],"kind":"int","varies":true}],"varies":true},"shape":[],"doc":""},{"name":"axes","value":{"op":"-","operands":[{"op":"+","operands":[{"op":"*","operands":[{"op":"parameter","name":"x","varies":true},{"op":"parameter","name":"v","rank":1,"varies":true}],"rank":1,"varies":true},{"op":"*","operands":[{"op":"index","operands":[{"op":"parameter","name":"v","rank":1,"varies":true}],"name":":,N","rank":2,"varies":true},{"op":"parameter","name":"w","rank":1,"varies":true}],"rank":2,"varies":true}],"rank":2,"varies":true},{"op":"*","operands":[{"op":"index","operands":[{"op":"+","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"parameter","name":"x","varies":true}],"rank":1,"varies":true}],"name":"N,:","rank":2,"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"rank":2,"varies":true}],"rank":2,"varies":true},"shape":["3","3"],"doc":""},{"name":"rows","value":{"op":"-","operands":[{"op":"+","operands":[{"op":"*","operands":[{"op":"parameter","name":"B","rank":2,"varies":true},{"op":"parameter","name":"v","rank":1,"varies":true}],"rank":2,"varies":true},{"op":"index","operands":[{"op":"index","operands":[{"op":"parameter","name":"B","rank":2,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"name":":,_","rank":1,"varies":true}],"name":":,N","rank":2,"varies":true}],"rank":2,"varies":true},{"op":"index","operands":[{"op":"*","operands":[{"op":"parameter","name":"B","rank":2,"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"rank":2,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"name":"_,:","rank":1,"varies":true}],"rank":2,"varies":true},"shape":["2","3"],"doc":""},{"name":"inner","value":{"op":"-","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"*","operands":[{"op":"@","operands":[{"op":"@","operands":[{"op":"parameter","name":"A","rank":2,"varies":true},{"op":"parameter","name":"v","rank":1,"varies":true}],"rank":1,"varies":true},{"op":"parameter","name":"w","rank":1,"varies":true}],"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"varies":true},{"op":"**","operands":[{"op":"@","operands":[{"op":"@","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"parameter","name":"A","rank":2,"varies":true}],"rank":1,"varies":true},{"op":"parameter","name":"w","rank":1,"varies":true}],"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"varies":true}],"varies":true},{"op":"*","operands":[{"op":"number","value":2,"kind":"int","plain":true},{"op":"@","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"parameter","name":"w","rank":1,"varies":true}],"varies":true}],"varies":true}],"varies":true},{"op":"@","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"**","operands":[{"op":"parameter","name":"w","rank":1,"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"rank":1,"varies":true}],"varies":true}],"varies":true},"shape":[],"doc":""},{"name":"products","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"@","operands":[{"op":"parameter","name":"A","rank":2,"varies":true},{"op":"@","operands":[{"op":"data","name":"M","rank":2},{"op":"parameter","name":"v","rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"@","operands":[{"op":"@","operands":[{"op":"parameter","name":"A","rank":2,"varies":true},{"op":"data","name":"M","rank":2}],"rank":2,"varies":true},{"op":"parameter","name":"v","rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"@","operands":[{"op":"@","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"parameter","name":"A","rank":2,"varies":true}],"rank":1,"varies":true},{"op":"data","name":"M","rank":2}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"@","operands":[{"op":"+","operands":[{"op":"parameter","name":"A","rank":2,"varies":true},{"op":"data","name":"M","rank":2}],"rank":2,"varies":true},{"op":"-","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"parameter","name":"w","rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"*","operands":[{"op":"number","value":2,"kind":"int","plain":true},{"op":"@","operands":[{"op":"parameter","name":"A","rank":2,"varies":true},{"op":"parameter","name":"v","rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"@","operands":[{"op":"negate","operands":[{"op":"parameter","name":"A","rank":2,"varies":true}],"rank":2,"varies":true},{"op":"parameter","name":"v","rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"@","operands":[{"op":"-","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"parameter","name":"w","rank":1,"varies":true}],"rank":1,"varies":true},{"op":"parameter","name":"A","rank":2,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},"shape":["3"],"doc":""},{"name":"squares","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"@","operands":[{"op":"-","operands":[{"op":"@","operands":[{"op":"parameter","name":"A","rank":2,"varies":true},{"op":"parameter","name":"A","rank":2,"varies":true}],"rank":2,"varies":true},{"op":"parameter","name":"A","rank":2,"varies":true}],"rank":2,"varies":true},{"op":"*","operands":[{"op":"parameter","name":"A","rank":2,"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"rank":2,"varies":true}],"rank":2,"varies":true},{"op":"@","operands":[{"op":"data","name":"M","rank":2},{"op":"data","name":"M","rank":2}],"rank":2}],"rank":2,"varies":true},{"op":"@","operands":[{"op":"parameter","name":"A","rank":2,"varies":true},{"op":"data","name":"M","rank":2}],"rank":2,"varies":true}],"rank":2,"varies":true},{"op":"@","operands":[{"op":"data","name":"M","rank":2},{"op":"parameter","name":"A","rank":2,"varies":true}],"rank":2,"varies":true}],"rank":2,"varies":true},"shape":["3","3"],"doc":""},{"name":"of_data","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"@","operands":[{"op":"data","name":"u","rank":1},{"op":"data","name":"M","rank":2}],"rank":1},{"op":"@","operands":[{"op":"data","name":"M","rank":2},{"op":"data","name":"u","rank":1}],"rank":1}],"rank":1},{"op":"@","operands":[{"op":"@","operands":[{"op":"data","name":"M","rank":2},{"op":"data","name":"u","rank":1}],"rank":1},{"op":"data","name":"u","rank":1}]}],"rank":1},{"op":"@","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"data","name":"M","rank":2}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"@","operands":[{"op":"data","name":"M","rank":2},{"op":"parameter","name":"v","rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"@","operands":[{"op":"data","name":"u","rank":1},{"op":"parameter","name":"A","rank":2,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"**","operands":[{"op":"@","operands":[{"op":"@","operands":[{"op":"data","name":"M","rank":2},{"op":"data","name":"u","rank":1}],"rank":1},{"op":"data","name":"u","rank":1}]},{"op":"number","value":2,"kind":"int","plain":true}]}],"rank":1,"varies":true},"shape":["3"],"doc":""},{"name":"made","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"*","operands":[{"op":"outer","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"parameter","name":"w","rank":1,"varies":true}],"rank":2,"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"rank":2,"varies":true},{"op":"/","operands":[{"op":"outer","operands":[{"op":"+","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"rank":1,"varies":true},{"op":"negate","operands":[{"op":"parameter","name":"w","rank":1,"varies":true}],"rank":1,"varies":true}],"rank":2,"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"rank":2,"varies":true}],"rank":2,"varies":true},{"op":"*","operands":[{"op":"prod","operands":[{"op":"parameter","name":"v","rank":1,"varies":true}],"varies":true},{"op":"prod","operands":[{"op":"+","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"rank":1,"varies":true}],"varies":true}],"varies":true}],"rank":2,"varies":true},{"op":"prod","operands":[{"op":"parameter","name":"A","rank":2,"varies":true}],"options":[["axis",0]],"rank":1,"varies":true}],"rank":2,"varies":true},"shape":["3","3"],"doc":""},{"name":"solved","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"-","operands":[{"op":"solve","operands":[{"op":"+","operands":[{"op":"parameter","name":"A","rank":2,"varies":true},{"op":"data","name":"M","rank":2}],"rank":2,"varies":true},{"op":"parameter","name":"v","rank":1,"varies":true}],"rank":1,"varies":true},{"op":"solve_triangular","operands":[{"op":"parameter","name":"A","rank":2,"varies":true},{"op":"-","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"rank":1,"varies":true}],"options":[["lower",false]],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"index","operands":[{"op":"solve","operands":[{"op":"data","name":"M","rank":2},{"op":"parameter","name":"A","rank":2,"varies":true}],"rank":2,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"name":"_,:","rank":1,"varies":true}],"rank":1,"varies":true},{"op":"solve","operands":[{"op":"data","name":"M","rank":2},{"op":"data","name":"u","rank":1}],"rank":1}],"rank":1,"varies":true},"shape":["3"],"doc":""},{"name":"shaped","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"reshape","operands":[{"op":"*","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"rank":1,"varies":true},{"op":"number","value":3,"kind":"int","plain":true},{"op":"number","value":1,"kind":"int","plain":true}],"rank":2,"varies":true},{"op":"reshape","operands":[{"op":"negate","operands":[{"op":"parameter","name":"v","rank":1,"varies":true}],"rank":1,"varies":true},{"op":"number","value":1,"kind":"int","plain":true},{"op":"number","value":3,"kind":"int","plain":true}],"rank":2,"varies":true}],"rank":2,"varies":true},{"op":"full","operands":[{"op":"+","operands":[{"op":"parameter","name":"x","varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true},{"op":"number","value":3,"kind":"int","plain":true},{"op":"number","value":3,"kind":"int","plain":true}],"rank":2,"varies":true}],"rank":2,"varies":true},{"op":"full","operands":[{"op":"data","name":"n","kind":"int"},{"op":"number","value":3,"kind":"int","plain":true},{"op":"number","value":3,"kind":"int","plain":true}],"rank":2}],"rank":2,"varies":true},{"op":"eye","operands":[{"op":"number","value":3,"kind":"int","plain":true}],"rank":2}],"rank":2,"varies":true},"shape":["3","3"],"doc":""},{"name":"least","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"min","operands":[{"op":"+","operands":[{"op":"parameter","name":"x","varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true},{"op":"parameter","name":"y","varies":true}],"varies":true},{"op":"max","operands":[{"op":"data","name":"n","kind":"int"},{"op":"number","value":2,"kind":"int","plain":true}],"kind":"int"}],"varies":true},{"op":"min","operands":[{"op":"parameter","name":"v","rank":1,"varies":true}],"varies":true}],"varies":true},{"op":"index","operands":[{"op":"max","operands":[{"op":"parameter","name":"A","rank":2,"varies":true}],"options":[["axis",1]],"rank":1,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"name":"_","varies":true}],"varies":true},{"op":"min","operands":[{"op":"+","operands":[{"op":"data","name":"n","kind":"int"},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"int"},{"op":"dim","name":"N","kind":"int","plain":true}],"kind":"int"}],"varies":true},{"op":"max","operands":[{"op":"parameter","name":"x","varies":true},{"op":"data","name":"n","kind":"int"}],"varies":true}],"varies":true},"shape":[],"doc":""},{"name":"picked","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"index","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"data","name":"k","kind":"int"}],"name":"_","varies":true},{"op":"index","operands":[{"op":"+","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"parameter","name":"w","rank":1,"varies":true}],"rank":1,"varies":true},{"op":"data","name":"k","kind":"int"}],"name":"_","varies":true}],"varies":true},{"op":"index","operands":[{"op":"index","operands":[{"op":"parameter","name":"A","rank":2,"varies":true},{"op":"data","name":"k","kind":"int"}],"name":"_,:","rank":1,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"name":"_","varies":true}],"varies":true},{"op":"index","operands":[{"op":"index","operands":[{"op":"parameter","name":"A","rank":2,"varies":true},{"op":"data","name":"k","kind":"int"}],"name":":,_","rank":1,"varies":true},{"op":"-","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"int","plain":true}],"name":"_","varies":true}],"varies":true},{"op":"index","operands":[{"op":"negate","operands":[{"op":"parameter","name":"v","rank":1,"varies":true}],"rank":1,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"name":"_","varies":true}],"varies":true},{"op":"index","operands":[{"op":"index","operands":[{"op":"parameter","name":"B","rank":2,"varies":true},{"op":"number","value":-1,"kind":"int","plain":true}],"name":":,_","rank":1,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"name":"_","varies":true}],"varies":true},{"op":"index","operands":[{"op":"data","name":"u","rank":1},{"op":"-","operands":[{"op":"data","name":"n","kind":"int"},{"op":"number","value":2,"kind":"int","plain":true}],"kind":"int"}],"name":"_"}],"varies":true},"shape":[],"doc":""},{"name":"sliced","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"sum","operands":[{"op":"index","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"name":"_:","rank":1,"varies":true}],"varies":true},{"op":"sum","operands":[{"op":"index","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"data","name":"n","kind":"int"}],"name":":_","rank":1,"varies":true}],"varies":true}],"varies":true},{"op":"sum","operands":[{"op":"index","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"-","operands":[{"op":"data","name":"n","kind":"int"},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"int"},{"op":"dim","name":"N","kind":"int","plain":true}],"name":"_:_","rank":1,"varies":true}],"varies":true}],"varies":true},{"op":"sum","operands":[{"op":"index","operands":[{"op":"parameter","name":"A","rank":2,"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"name":"::2,_:","rank":2,"varies":true}],"varies":true}],"varies":true},{"op":"sum","operands":[{"op":"index","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"constant","value":[0.0,2.0],"kind":"int","rank":1}],"name":"_","rank":1,"varies":true}],"varies":true}],"varies":true},{"op":"sum","operands":[{"op":"index","operands":[{"op":"parameter","name":"A","rank":2,"varies":true},{"op":"constant","value":[0.0,1.0],"kind":"int","rank":1},{"op":"data","name":"k","kind":"int"}],"name":"_,_","rank":1,"varies":true}],"varies":true}],"varies":true},"shape":[],"doc":""},{"name":"scaled","value":{"op":"-","operands":[{"op":"+","operands":[{"op":"-","operands":[{"op":"/","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"sum","operands":[{"op":"**","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"rank":1,"varies":true}],"varies":true}],"rank":1,"varies":true},{"op":"/","operands":[{"op":"-","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"mean","operands":[{"op":"parameter","name":"v","rank":1,"varies":true}],"varies":true}],"rank":1,"varies":true},{"op":"+","operands":[{"op":"sd","operands":[{"op":"parameter","name":"v","rank":1,"varies":true}],"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"*","operands":[{"op":"softmax","operands":[{"op":"+","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"parameter","name":"x","varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"dim","name":"N","kind":"int","plain":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"cumsum","operands":[{"op":"negate","operands":[{"op":"parameter","name":"v","rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},"shape":["3"],"doc":""},{"name":"several","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"array","operands":[{"op":"parameter","name":"x","varies":true},{"op":"data","name":"n","kind":"int"},{"op":"number","value":1,"kind":"int","plain":true}],"rank":1,"varies":true},{"op":"*","operands":[{"op":"constant","value":[1.0,2.0,3.0],"kind":"int","rank":1},{"op":"parameter","name":"x","varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"array","operands":[{"op":"+","operands":[{"op":"parameter","name":"x","varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true},{"op":"negate","operands":[{"op":"parameter","name":"y","varies":true}],"varies":true},{"op":"index","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"name":"_","varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"concat","operands":[{"op":"index","operands":[{"op":"parameter","name":"v","rank":1,"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"name":":_","rank":1,"varies":true},{"op":"array","operands":[{"op":"parameter","name":"x","varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},"shape":["3"],"doc":""},{"name":"sized","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"-","operands":[{"op":"+","operands":[{"op":"*","operands":[{"op":"number","value":3,"kind":"int","plain":true},{"op":"parameter","name":"x","varies":true}],"varies":true},{"op":"number","value":3,"kind":"int","plain":true}],"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"varies":true},{"op":"index","operands":[{"op":"zeros","operands":[{"op":"dim","name":"N","kind":"int","plain":true}],"rank":1},{"op":"number","value":0,"kind":"int","plain":true}],"name":"_"}],"varies":true},{"op":"index","operands":[{"op":"ones","operands":[{"op":"-","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"int","plain":true}],"rank":1},{"op":"number","value":0,"kind":"int","plain":true}],"name":"_"}],"varies":true},{"op":"index","operands":[{"op":"arange","operands":[{"op":"dim","name":"N","kind":"int","plain":true}],"kind":"int","rank":1},{"op":"number","value":1,"kind":"int","plain":true}],"name":"_","kind":"int"}],"varies":true},{"op":"index","operands":[{"op":"linspace","operands":[{"op":"parameter","name":"x","varies":true},{"op":"parameter","name":"y","varies":true},{"op":"dim","name":"N","kind":"int","plain":true}],"rank":1,"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"name":"_","varies":true}],"varies":true},"shape":[],"doc":""}],"order":["N","P","n","k","u","spread","M","flags","x","y","v","w","A","B","minus","powers","quotients","differences","wholes","floors","compared","chosen","axes","rows","inner","products","squares","of_data","made","solved","shaped","least","picked","sliced","scaled","several","sized"]}'

    def __init__(
        self,
        *,
        N: int | None = None,
        P: int | None = None,
        n: cdsl.Settable | None = None,
        k: cdsl.Settable | None = None,
        u: cdsl.Settable | None = None,
        spread: cdsl.Settable | None = None,
        M: cdsl.Settable | None = None,
        flags: cdsl.Settable | None = None,
        dtype: torch.dtype | None = None,
        device: cdsl.Device = None,
    ) -> None:
        super().__init__()
        self._bind(
            {"N": N, "P": P},
            {"n": n, "k": k, "u": u, "spread": spread, "M": M, "flags": flags},
            dtype,
            device,
        )
        self.x_raw = torch.nn.Parameter(self._empty("x", dtype, device))
        self.y_raw = torch.nn.Parameter(self._empty("y", dtype, device))
        self.v_raw = torch.nn.Parameter(self._empty("v", dtype, device))
        self.w_raw = torch.nn.Parameter(self._empty("w", dtype, device))
        self.A_raw = torch.nn.Parameter(self._empty("A", dtype, device))
        self.B_raw = torch.nn.Parameter(self._empty("B", dtype, device))
        self.reset_parameters()

    def _declarations(self) -> tuple[cdsl.Declared, ...]:
        return (
            cdsl.Declared("x", cdsl.real.identity, start=0.5),
            cdsl.Declared("y", cdsl.positive.exp, start=2.0),
            cdsl.Declared("v", cdsl.real.identity, batch=(3,), start=1.0),
            cdsl.Declared("w", cdsl.positive.exp, batch=(3,), start=2.0),
            cdsl.Declared(
                "A",
                cdsl.real.identity,
                batch=(3, 3),
                start=((2.0, 0.0, 0.0), (0.0, 2.0, 0.0), (0.0, 0.0, 2.0)),
            ),
            cdsl.Declared("B", cdsl.real.identity, batch=(2, 3), start=1.0),
        )

    def forward(self) -> OperatorsValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.x_raw.squeeze(0),
            self.y_raw.squeeze(0),
            self.v_raw,
            self.w_raw,
            self.A_raw,
            self.B_raw,
        )

    def _evaluate(self, raw: cdsl.Raw) -> OperatorsValues:
        x_raw, y_raw, v_raw, w_raw, A_raw, B_raw = raw
        x = cdsl.real.identity(x_raw)
        y = cdsl.positive.exp(y_raw)
        v = cdsl.real.identity(v_raw)
        w = cdsl.positive.exp(w_raw)
        A = cdsl.real.identity(A_raw)
        B = cdsl.real.identity(B_raw)
        minus = -x - -y - -x
        powers = (
            (-x) ** 2
            + -x ** 2
            + y ** -x
            + (y ** x) ** 2
            + y ** x ** 2
            + (x * y) ** 2
            + (2 * x) ** -1
            + 2 ** self._real(-self.n)
        )  # fmt: skip
        quotients = (
            x / (y * 3)
            + x * y / 3
            + x / y / 3
            + x / (y / 3)
            + (x + y) / (x - y)
            + 1 / self._real(self.n)
        )  # fmt: skip
        differences = x - (y - 1) - (x + y) + (x - y) - 1 + (x + (y + 1))
        wholes = (
            self.n // 2 * 2
            - (self.n - 1) // (self.N - 1)
            + self.n * (self.N // 2)
            - self.n ** 2
        )  # fmt: skip
        floors = (
            torch.floor((x + 1) / y)
            + torch.floor(x / (y + 1))
            + torch.floor(self._real(self.n) / y)
            - torch.floor(v[..., 0] / 2)
        )  # fmt: skip
        compared = (
            torch.sum(cdsl.stack((x, y), 0) + 1 < y[..., None], -1)
            + torch.sum(-v <= w * 2, -1)
            + torch.sum(v - 1 == 0, -1)
            + torch.sum(v * 2 != (x + 1)[..., None], -1)
        )  # fmt: skip
        chosen = (
            torch.where(x + 1 > y, x - 1, -y)
            + torch.where(self.flags, v, -w)[..., 0]
            + self._real(torch.sum(torch.where(v > w, self._real(1), self.n), -1))
        )  # fmt: skip
        axes = (
            (x[..., None] * v)[..., None, :]
            + v[..., :, None] * w[..., None, :]
            - (v + x[..., None])[..., None, :] * 2
        )  # fmt: skip
        rows = (
            B * v[..., None, :]
            + B[..., :, 0][..., :, None]
            - (B * 2)[..., 0, :][..., None, :]
        )  # fmt: skip
        inner = (
            torch.linalg.vecdot(cdsl.matvec(A, v), w) * 2
            + torch.linalg.vecdot(cdsl.vecmat(v, A), w) ** 2
            + 2 * torch.linalg.vecdot(v, w)
            - torch.linalg.vecdot(v, w ** 2)
        )  # fmt: skip
        products = (
            cdsl.matvec(A, cdsl.matvec(self.M, v))
            + cdsl.matvec(A @ self.M, v)
            + cdsl.vecmat(cdsl.vecmat(v, A), self.M)
            + cdsl.matvec(A + self.M, v - w)
            + 2 * cdsl.matvec(A, v)
            + cdsl.matvec(-A, v)
            + cdsl.vecmat(v - w, A)
        )  # fmt: skip
        squares = (A @ A - A) @ (A * 2) + self.M @ self.M + A @ self.M + self.M @ A
        of_data = (
            cdsl.vecmat(self.u, self.M)
            + self.M @ self.u
            + torch.linalg.vecdot(self.M @ self.u, self.u)
            + cdsl.vecmat(v, self.M)
            + cdsl.matvec(self.M, v)
            + cdsl.vecmat(self.u, A)
            + torch.linalg.vecdot(self.M @ self.u, self.u) ** 2
        )  # fmt: skip
        made = (
            v[..., :, None] * w[..., None, :] * 2
            + (v + 1)[..., :, None] * (-w)[..., None, :] / 2
            + (torch.prod(v, -1) * torch.prod((v + 1), -1))[..., None, None]
            + torch.prod(A, -2)[..., None, :]
        )  # fmt: skip
        solved = (
            torch.linalg.solve((A + self.M), v.unsqueeze(-1)).squeeze(-1)
            - torch.linalg.solve_triangular(A, (v - 1).unsqueeze(-1), upper=True).squeeze(-1)
            + torch.linalg.solve(self.M, A)[..., 0, :]
            + torch.linalg.solve(self.M, self.u.unsqueeze(-1)).squeeze(-1)
        )  # fmt: skip
        shaped = (
            torch.unflatten((v * 2), -1, (3, 1))
            + torch.unflatten((-v), -1, (1, 3))
            + self._full(x + 1, 3, 3)
            + self._full(self._real(self.n), 3, 3)
            + self._eye(3)
        )  # fmt: skip
        least = (
            torch.minimum(x + 1, y)
            + self._real(torch.clamp(self.n, min=2))
            + torch.amin(v, -1)
            + torch.amax(A, -1)[..., 0]
            + self._real(torch.clamp(self.n + 1, max=self.N))
            + torch.maximum(x, self._real(self.n))
        )  # fmt: skip
        picked = (
            v[..., self.k]
            + (v + w)[..., self.k]
            + A[..., self.k, :][..., 0]
            + A[..., :, self.k][..., self.N - 1]
            + (-v)[..., 0]
            + B[..., :, -1][..., 0]
            + self.u[..., self.n - 2]
        )  # fmt: skip
        sliced = (
            torch.sum(v[..., 1:], -1)
            + torch.sum(v[..., :self.n], -1)
            + torch.sum(v[..., self.n - 1:self.N], -1)
            + torch.sum(A[..., ::2, 1:], (-2, -1))
            + torch.sum(v[..., self._indices((0, 2))], -1)
            + torch.sum(A[..., self._indices((0, 1)), self.k], -1)
        )  # fmt: skip
        scaled = (
            v / torch.sum(v ** 2, -1)[..., None]
            - (v - torch.mean(v, -1)[..., None]) / (torch.std(v, -1) + 1)[..., None]
            + torch.softmax(v + x[..., None], -1) * self.N
            - torch.cumsum(-v, -1)
        )  # fmt: skip
        several = (
            cdsl.stack((x, self._real(self.n), self._real(1)), 0)
            + self._tensor((1.0, 2.0, 3.0)) * x[..., None]
            + cdsl.stack((x + 1, -y, v[..., 0]), 0)
            + cdsl.concat((v[..., :1], cdsl.stack((x, self._real(0)), 0)), 1, -1)
        )  # fmt: skip
        sized = (
            3 * x
            + 3
            - 2
            + self._zeros(self.N)[..., 0]
            + self._ones(self.N - 1)[..., 0]
            + self._real(self._arange(self.N)[..., 1])
            + self._linspace(x, y, self.N)[..., 1]
        )  # fmt: skip
        return OperatorsValues(
            x,
            y,
            v,
            w,
            A,
            B,
            minus,
            powers,
            quotients,
            differences,
            wholes,
            floors,
            compared,
            chosen,
            axes,
            rows,
            inner,
            products,
            squares,
            of_data,
            made,
            solved,
            shaped,
            least,
            picked,
            sliced,
            scaled,
            several,
            sized,
        )

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[OperatorsValues]:
        x_raw, y_raw, v_raw, w_raw, A_raw, B_raw = raw
        log_dets: cdsl.LogDets = {}
        x, log_dets["x"] = cdsl.real.identity.with_log_det(x_raw)
        y, log_dets["y"] = cdsl.positive.exp.with_log_det(y_raw)
        v, log_dets["v"] = cdsl.real.identity.with_log_det(v_raw, batch=1)
        w, log_dets["w"] = cdsl.positive.exp.with_log_det(w_raw, batch=1)
        A, log_dets["A"] = cdsl.real.identity.with_log_det(A_raw, batch=2)
        B, log_dets["B"] = cdsl.real.identity.with_log_det(B_raw, batch=2)
        minus = -x - -y - -x
        powers = (
            (-x) ** 2
            + -x ** 2
            + y ** -x
            + (y ** x) ** 2
            + y ** x ** 2
            + (x * y) ** 2
            + (2 * x) ** -1
            + 2 ** self._real(-self.n)
        )  # fmt: skip
        quotients = (
            x / (y * 3)
            + x * y / 3
            + x / y / 3
            + x / (y / 3)
            + (x + y) / (x - y)
            + 1 / self._real(self.n)
        )  # fmt: skip
        differences = x - (y - 1) - (x + y) + (x - y) - 1 + (x + (y + 1))
        wholes = (
            self.n // 2 * 2
            - (self.n - 1) // (self.N - 1)
            + self.n * (self.N // 2)
            - self.n ** 2
        )  # fmt: skip
        floors = (
            torch.floor((x + 1) / y)
            + torch.floor(x / (y + 1))
            + torch.floor(self._real(self.n) / y)
            - torch.floor(v[..., 0] / 2)
        )  # fmt: skip
        compared = (
            torch.sum(cdsl.stack((x, y), 0) + 1 < y[..., None], -1)
            + torch.sum(-v <= w * 2, -1)
            + torch.sum(v - 1 == 0, -1)
            + torch.sum(v * 2 != (x + 1)[..., None], -1)
        )  # fmt: skip
        chosen = (
            torch.where(x + 1 > y, x - 1, -y)
            + torch.where(self.flags, v, -w)[..., 0]
            + self._real(torch.sum(torch.where(v > w, self._real(1), self.n), -1))
        )  # fmt: skip
        axes = (
            (x[..., None] * v)[..., None, :]
            + v[..., :, None] * w[..., None, :]
            - (v + x[..., None])[..., None, :] * 2
        )  # fmt: skip
        rows = (
            B * v[..., None, :]
            + B[..., :, 0][..., :, None]
            - (B * 2)[..., 0, :][..., None, :]
        )  # fmt: skip
        inner = (
            torch.linalg.vecdot(cdsl.matvec(A, v), w) * 2
            + torch.linalg.vecdot(cdsl.vecmat(v, A), w) ** 2
            + 2 * torch.linalg.vecdot(v, w)
            - torch.linalg.vecdot(v, w ** 2)
        )  # fmt: skip
        products = (
            cdsl.matvec(A, cdsl.matvec(self.M, v))
            + cdsl.matvec(A @ self.M, v)
            + cdsl.vecmat(cdsl.vecmat(v, A), self.M)
            + cdsl.matvec(A + self.M, v - w)
            + 2 * cdsl.matvec(A, v)
            + cdsl.matvec(-A, v)
            + cdsl.vecmat(v - w, A)
        )  # fmt: skip
        squares = (A @ A - A) @ (A * 2) + self.M @ self.M + A @ self.M + self.M @ A
        of_data = (
            cdsl.vecmat(self.u, self.M)
            + self.M @ self.u
            + torch.linalg.vecdot(self.M @ self.u, self.u)
            + cdsl.vecmat(v, self.M)
            + cdsl.matvec(self.M, v)
            + cdsl.vecmat(self.u, A)
            + torch.linalg.vecdot(self.M @ self.u, self.u) ** 2
        )  # fmt: skip
        made = (
            v[..., :, None] * w[..., None, :] * 2
            + (v + 1)[..., :, None] * (-w)[..., None, :] / 2
            + (torch.prod(v, -1) * torch.prod((v + 1), -1))[..., None, None]
            + torch.prod(A, -2)[..., None, :]
        )  # fmt: skip
        solved = (
            torch.linalg.solve((A + self.M), v.unsqueeze(-1)).squeeze(-1)
            - torch.linalg.solve_triangular(A, (v - 1).unsqueeze(-1), upper=True).squeeze(-1)
            + torch.linalg.solve(self.M, A)[..., 0, :]
            + torch.linalg.solve(self.M, self.u.unsqueeze(-1)).squeeze(-1)
        )  # fmt: skip
        shaped = (
            torch.unflatten((v * 2), -1, (3, 1))
            + torch.unflatten((-v), -1, (1, 3))
            + self._full(x + 1, 3, 3)
            + self._full(self._real(self.n), 3, 3)
            + self._eye(3)
        )  # fmt: skip
        least = (
            torch.minimum(x + 1, y)
            + self._real(torch.clamp(self.n, min=2))
            + torch.amin(v, -1)
            + torch.amax(A, -1)[..., 0]
            + self._real(torch.clamp(self.n + 1, max=self.N))
            + torch.maximum(x, self._real(self.n))
        )  # fmt: skip
        picked = (
            v[..., self.k]
            + (v + w)[..., self.k]
            + A[..., self.k, :][..., 0]
            + A[..., :, self.k][..., self.N - 1]
            + (-v)[..., 0]
            + B[..., :, -1][..., 0]
            + self.u[..., self.n - 2]
        )  # fmt: skip
        sliced = (
            torch.sum(v[..., 1:], -1)
            + torch.sum(v[..., :self.n], -1)
            + torch.sum(v[..., self.n - 1:self.N], -1)
            + torch.sum(A[..., ::2, 1:], (-2, -1))
            + torch.sum(v[..., self._indices((0, 2))], -1)
            + torch.sum(A[..., self._indices((0, 1)), self.k], -1)
        )  # fmt: skip
        scaled = (
            v / torch.sum(v ** 2, -1)[..., None]
            - (v - torch.mean(v, -1)[..., None]) / (torch.std(v, -1) + 1)[..., None]
            + torch.softmax(v + x[..., None], -1) * self.N
            - torch.cumsum(-v, -1)
        )  # fmt: skip
        several = (
            cdsl.stack((x, self._real(self.n), self._real(1)), 0)
            + self._tensor((1.0, 2.0, 3.0)) * x[..., None]
            + cdsl.stack((x + 1, -y, v[..., 0]), 0)
            + cdsl.concat((v[..., :1], cdsl.stack((x, self._real(0)), 0)), 1, -1)
        )  # fmt: skip
        sized = (
            3 * x
            + 3
            - 2
            + self._zeros(self.N)[..., 0]
            + self._ones(self.N - 1)[..., 0]
            + self._real(self._arange(self.N)[..., 1])
            + self._linspace(x, y, self.N)[..., 1]
        )  # fmt: skip
        return (
            OperatorsValues(
                x,
                y,
                v,
                w,
                A,
                B,
                minus,
                powers,
                quotients,
                differences,
                wholes,
                floors,
                compared,
                chosen,
                axes,
                rows,
                inner,
                products,
                squares,
                of_data,
                made,
                solved,
                shaped,
                least,
                picked,
                sliced,
                scaled,
                several,
                sized,
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
    def y(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.y_raw.squeeze(0))

    @y.setter
    def y(self, value: cdsl.Settable) -> None:
        self.assign_(y=value)

    @property
    def v(self) -> torch.Tensor:
        """`real[3] via identity`"""
        return cdsl.real.identity(self.v_raw)

    @v.setter
    def v(self, value: cdsl.Settable) -> None:
        self.assign_(v=value)

    @property
    def w(self) -> torch.Tensor:
        """`positive[3] via exp`"""
        return cdsl.positive.exp(self.w_raw)

    @w.setter
    def w(self, value: cdsl.Settable) -> None:
        self.assign_(w=value)

    @property
    def A(self) -> torch.Tensor:
        """`real[3, 3] via identity`"""
        return cdsl.real.identity(self.A_raw)

    @A.setter
    def A(self, value: cdsl.Settable) -> None:
        self.assign_(A=value)

    @property
    def B(self) -> torch.Tensor:
        """`real[2, 3] via identity`"""
        return cdsl.real.identity(self.B_raw)

    @B.setter
    def B(self, value: cdsl.Settable) -> None:
        self.assign_(B=value)

    @property
    def minus(self) -> torch.Tensor:
        """`= -x - -y - -x`"""
        return self._evaluate(self._raw()).minus

    @property
    def powers(self) -> torch.Tensor:
        """`= (-x)**2 + -x**2 + y**-x + (y**x)**2 + y**x**2 + (x * y)**2 + (2 * x)**-1 + 2**-n`"""
        return self._evaluate(self._raw()).powers

    @property
    def quotients(self) -> torch.Tensor:
        """`= x / (y * 3) + x * y / 3 + x / y / 3 + x / (y / 3) + (x + y) / (x - y) + 1 / n`"""
        return self._evaluate(self._raw()).quotients

    @property
    def differences(self) -> torch.Tensor:
        """`= x - (y - 1) - (x + y) + (x - y) - 1 + (x + (y + 1))`"""
        return self._evaluate(self._raw()).differences

    @property
    def wholes(self) -> torch.Tensor:
        """`= n // 2 * 2 - (n - 1) // (N - 1) + n * (N // 2) - n**2`"""
        return self._evaluate(self._raw()).wholes

    @property
    def floors(self) -> torch.Tensor:
        """`= (x + 1) // y + x // (y + 1) + n // y - v[0] // 2`"""
        return self._evaluate(self._raw()).floors

    @property
    def compared(self) -> torch.Tensor:
        """`= sum([x, y] + 1 < y) + sum(-v <= w * 2) + sum(v - 1 == 0) + sum(v * 2 != x + 1)`"""
        return self._evaluate(self._raw()).compared

    @property
    def chosen(self) -> torch.Tensor:
        """`= where(x + 1 > y, x - 1, -y) + where(flags, v, -w)[0] + sum(where(v > w, 1, n))`"""
        return self._evaluate(self._raw()).chosen

    @property
    def axes(self) -> torch.Tensor:
        """`= x * v + v[:, None] * w - (v + x)[None, :] * 2`"""
        return self._evaluate(self._raw()).axes

    @property
    def rows(self) -> torch.Tensor:
        """`= B * v + B[:, 0][:, None] - (B * 2)[0, :]`"""
        return self._evaluate(self._raw()).rows

    @property
    def inner(self) -> torch.Tensor:
        """`= A @ v @ w * 2 + (v @ A @ w)**2 + 2 * (v @ w) - v @ w**2`"""
        return self._evaluate(self._raw()).inner

    @property
    def products(self) -> torch.Tensor:
        """`= A @ (M @ v) + A @ M @ v + v @ A @ M + (A + M) @ (v - w) + 2 * (A @ v) + -A @ v + (v - w) @ A`"""
        return self._evaluate(self._raw()).products

    @property
    def squares(self) -> torch.Tensor:
        """`= (A @ A - A) @ (A * 2) + M @ M + A @ M + M @ A`"""
        return self._evaluate(self._raw()).squares

    @property
    def of_data(self) -> torch.Tensor:
        """`= u @ M + M @ u + M @ u @ u + v @ M + M @ v + u @ A + (M @ u @ u)**2`"""
        return self._evaluate(self._raw()).of_data

    @property
    def made(self) -> torch.Tensor:
        """`= outer(v, w) * 2 + outer(v + 1, -w) / 2 + prod(v) * prod(v + 1) + prod(A, axis=0)`"""
        return self._evaluate(self._raw()).made

    @property
    def solved(self) -> torch.Tensor:
        """`= solve(A + M, v) - solve_triangular(A, v - 1, lower=false) + solve(M, A)[0, :] + solve(M, u)`"""
        return self._evaluate(self._raw()).solved

    @property
    def shaped(self) -> torch.Tensor:
        """`= reshape(v * 2, 3, 1) + reshape(-v, 1, 3) + full(x + 1, 3, 3) + full(n, 3, 3) + eye(3)`"""
        return self._evaluate(self._raw()).shaped

    @property
    def least(self) -> torch.Tensor:
        """`= min(x + 1, y) + max(n, 2) + min(v) + max(A, axis=1)[0] + min(n + 1, N) + max(x, n)`"""
        return self._evaluate(self._raw()).least

    @property
    def picked(self) -> torch.Tensor:
        """`= v[k] + (v + w)[k] + A[k, :][0] + A[:, k][None - 1] + (-v)[0] + B[:, -1][0] + u[n - 2]`"""
        return self._evaluate(self._raw()).picked

    @property
    def sliced(self) -> torch.Tensor:
        """`= sum(v[1:]) + sum(v[:n]) + sum(v[n - 1:None]) + sum(A[::2, 1:]) + sum(v[[0, 2]]) + sum(A[[0, 1], k])`"""
        return self._evaluate(self._raw()).sliced

    @property
    def scaled(self) -> torch.Tensor:
        """`= v / sum(v**2) - (v - mean(v)) / (sd(v) + 1) + softmax(v + x) * N - cumsum(-v)`"""
        return self._evaluate(self._raw()).scaled

    @property
    def several(self) -> torch.Tensor:
        """`= [x, n, 1] + [1, 2, 3] * x + [x + 1, -y, v[0]] + concat(v[:1], [x, 0])`"""
        return self._evaluate(self._raw()).several

    @property
    def sized(self) -> torch.Tensor:
        """`= 3 * x + 3 - 2 + zeros(N)[0] + ones(N - 1)[0] + arange(N)[1] + linspace(x, y, N)[1]`"""
        return self._evaluate(self._raw()).sized
