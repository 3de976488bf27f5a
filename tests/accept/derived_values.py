# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class DerivedValuesValues(NamedTuple):
    """The constrained values of a `DerivedValues`."""

    beta: torch.Tensor
    """`real[D] via identity`"""
    mu: torch.Tensor
    """`real via identity`"""
    tau: torch.Tensor
    """`positive via exp`"""
    theta: torch.Tensor
    """`real(mu, tau)[J] via identity`"""
    alpha1: torch.Tensor
    """`prob via logistic`"""
    beta1: torch.Tensor
    """`interval(0.0, 1 - alpha1) via logistic`"""
    both: torch.Tensor
    """`interval(-tau, [[1.0], [2.0]])[2, J] via logistic`"""
    later: torch.Tensor
    """`greater_than(max(y))[size(y)] via exp`"""
    s: torch.Tensor
    """`positive[D] via exp`"""
    L: torch.Tensor
    """`cholesky_corr[D] via tanh`"""
    packed: torch.Tensor
    """`real[P] via identity`"""
    rows: torch.Tensor
    """`simplex[J, D + 1] via isometric_log_ratio`"""
    budget: torch.Tensor
    """`scaled_simplex(tau)[J] via isometric_log_ratio`"""
    cuts: torch.Tensor
    """`ordered_in(-tau, tau)[J - 1] via isometric_log_ratio`"""
    r: torch.Tensor
    """`interval(0.0, 10.0)[J] via probit`"""
    g: torch.Tensor
    """`positive via exp`"""
    Sigma: torch.Tensor
    """`= outer(s, s) * (L @ transpose(L))`"""
    eta: torch.Tensor
    """`= X @ beta + theta[group]`"""
    ll: torch.Tensor
    """`= sum(weights * where(known, y * log_inv_logit(eta) + (1 - y) * log_inv_logit(-eta), 0))`"""
    picked: torch.Tensor
    """`= _first[0] + exp(-2) + X[:, 0] @ X[:, 1] + both[1, 2] - rows[:, -1][0]`"""
    shifted: torch.Tensor
    """`= both - mean(both, axis=1)[:, None] + (-tau)**2 / -(1 - tau) - -4`"""
    scaled: torch.Tensor
    """`= (s + 1) * (s - 1) / (s * 2) // 1`"""
    solved: torch.Tensor
    """`= solve(Sigma, beta) + solve_triangular(L, beta) @ Sigma + quad_form(Sigma, s) - logdet(Sigma)`"""
    longest: torch.Tensor
    """`= concat(beta, s, [tau, 0.5]) + softmax(concat(theta[:1], full(mu, 3), zeros(size(packed) - P + 2), theta)[:2 * D + 2])`"""
    number: torch.Tensor
    """`= 2 * N - 1`"""
    counted: torch.Tensor
    """`= sum(eta > 0) + min(N, J) + max(1, tau) + size(X) + size(X, axis=-1) - sum(ids) // 2`"""
    every_other: torch.Tensor
    """`= reshape(X, N * D)[::2][1:]`"""


class DerivedValues(cdsl.OpenModule["DerivedValuesValues"]):
    """A regression with groups: sizes, data, bounds that depend on parameters, and what follows from them."""

    _doc = "A regression with groups: sizes, data, bounds that depend on parameters, and what follows from them."
    N: int
    """observations"""
    D: int
    J: int
    P: int
    X: torch.Tensor
    """one row each"""
    y: torch.Tensor
    group: torch.Tensor
    known: torch.Tensor
    temperature: torch.Tensor
    weights: torch.Tensor
    ids: torch.Tensor

    _inputs = (
        cdsl.Dim("N", 5, doc="observations"),
        cdsl.Dim("D", 2),
        cdsl.Dim("J", 3),
        cdsl.Dim("P", lambda self: self.D * (self.D + 1) // 2),
        cdsl.Data(
            "X",
            cdsl.real,
            batch=("N", "D"),
            default=lambda self: self._ones(self.N, self.D) / 2,
            doc="one row each",
        ),
        cdsl.Data("y", cdsl.int, arguments=(0.0, 1.0), batch=("N",), default=0.0),
        cdsl.Data(
            "group",
            cdsl.index,
            arguments=(lambda self: self.J,),
            batch=("N",),
            default=0.0,
        ),
        cdsl.Data(
            "known", cdsl.bool, batch=("N",), default=lambda self: self._real(True)
        ),
        cdsl.Data("temperature", cdsl.positive, default=1.0),
        cdsl.Data(
            "weights",
            cdsl.simplex,
            sizes=("N",),
            default=lambda self: self._ones(self.N) / self.N,
        ),
        cdsl.Data(
            "ids", cdsl.count, batch=("N",), default=lambda self: self._arange(self.N)
        ),
    )
    _fixed = ("number", "every_other")
    _spec = '{"name":"DerivedValues","doc":"A regression with groups: sizes, data, bounds that depend on parameters, and what follows from them.","dims":[{"name":"N","default":5,"doc":"observations"},{"name":"D","default":2,"doc":""},{"name":"J","default":3,"doc":""},{"name":"P","default":{"op":"//","operands":[{"op":"*","operands":[{"op":"dim","name":"D","kind":"int","plain":true},{"op":"+","operands":[{"op":"dim","name":"D","kind":"int","plain":true},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"int","plain":true}],"kind":"int","plain":true},{"op":"number","value":2,"kind":"int","plain":true}],"kind":"int","plain":true},"doc":""}],"data":[{"name":"X","domain":"real","arguments":[],"batch":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"dim","name":"D","kind":"int","plain":true}],"sizes":[],"default":{"op":"/","operands":[{"op":"ones","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"dim","name":"D","kind":"int","plain":true}],"rank":2},{"op":"number","value":2,"kind":"int","plain":true}],"rank":2},"doc":"one row each"},{"name":"y","domain":"int","arguments":[0.0,1.0],"batch":[{"op":"dim","name":"N","kind":"int","plain":true}],"sizes":[],"default":0.0,"doc":""},{"name":"group","domain":"index","arguments":[{"op":"dim","name":"J","kind":"int","plain":true}],"batch":[{"op":"dim","name":"N","kind":"int","plain":true}],"sizes":[],"default":0.0,"doc":""},{"name":"known","domain":"bool","arguments":[],"batch":[{"op":"dim","name":"N","kind":"int","plain":true}],"sizes":[],"default":{"op":"number","value":true,"kind":"bool","plain":true},"doc":""},{"name":"temperature","domain":"positive","arguments":[],"batch":[],"sizes":[],"default":1.0,"doc":""},{"name":"weights","domain":"simplex","arguments":[],"batch":[],"sizes":[{"op":"dim","name":"N","kind":"int","plain":true}],"default":{"op":"/","operands":[{"op":"ones","operands":[{"op":"dim","name":"N","kind":"int","plain":true}],"rank":1},{"op":"dim","name":"N","kind":"int","plain":true}],"rank":1},"doc":""},{"name":"ids","domain":"count","arguments":[],"batch":[{"op":"dim","name":"N","kind":"int","plain":true}],"sizes":[],"default":{"op":"arange","operands":[{"op":"dim","name":"N","kind":"int","plain":true}],"kind":"int","rank":1},"doc":""}],"parameters":[{"name":"beta","domain":"real","arguments":[],"batch":[{"op":"dim","name":"D","kind":"int","plain":true}],"sizes":[],"transform":"identity","start":null,"frozen":false,"doc":""},{"name":"mu","domain":"real","arguments":[],"batch":[],"sizes":[],"transform":"identity","start":null,"frozen":false,"doc":""},{"name":"tau","domain":"positive","arguments":[],"batch":[],"sizes":[],"transform":"exp","start":2.0,"frozen":false,"doc":""},{"name":"theta","domain":"real","arguments":[{"op":"parameter","name":"mu","varies":true},{"op":"parameter","name":"tau","varies":true}],"batch":[{"op":"dim","name":"J","kind":"int","plain":true}],"sizes":[],"transform":"identity","start":null,"frozen":false,"doc":""},{"name":"alpha1","domain":"prob","arguments":[],"batch":[],"sizes":[],"transform":"logistic","start":null,"frozen":false,"doc":""},{"name":"beta1","domain":"interval","arguments":[0.0,{"op":"-","operands":[{"op":"number","value":1,"kind":"int","plain":true},{"op":"parameter","name":"alpha1","varies":true}],"varies":true}],"batch":[],"sizes":[],"transform":"logistic","start":null,"frozen":false,"doc":""},{"name":"both","domain":"interval","arguments":[{"op":"negate","operands":[{"op":"parameter","name":"tau","varies":true}],"varies":true},[[1.0],[2.0]]],"batch":[2,{"op":"dim","name":"J","kind":"int","plain":true}],"sizes":[],"transform":"logistic","start":null,"frozen":false,"doc":""},{"name":"later","domain":"greater_than","arguments":[{"op":"max","operands":[{"op":"data","name":"y","kind":"int","rank":1}],"kind":"int"}],"batch":[{"op":"size","operands":[{"op":"data","name":"y","kind":"int","rank":1}],"kind":"int","plain":true}],"sizes":[],"transform":"exp","start":null,"frozen":false,"doc":""},{"name":"s","domain":"positive","arguments":[],"batch":[{"op":"dim","name":"D","kind":"int","plain":true}],"sizes":[],"transform":"exp","start":{"op":"linspace","operands":[{"op":"number","value":1,"kind":"int","plain":true},{"op":"number","value":2,"kind":"int","plain":true},{"op":"dim","name":"D","kind":"int","plain":true}],"rank":1},"frozen":false,"doc":""},{"name":"L","domain":"cholesky_corr","arguments":[],"batch":[],"sizes":[{"op":"dim","name":"D","kind":"int","plain":true}],"transform":"tanh","start":null,"frozen":false,"doc":""},{"name":"packed","domain":"real","arguments":[],"batch":[{"op":"dim","name":"P","kind":"int","plain":true}],"sizes":[],"transform":"identity","start":null,"frozen":false,"doc":""},{"name":"rows","domain":"simplex","arguments":[],"batch":[{"op":"dim","name":"J","kind":"int","plain":true}],"sizes":[{"op":"+","operands":[{"op":"dim","name":"D","kind":"int","plain":true},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"int","plain":true}],"transform":"isometric_log_ratio","start":null,"frozen":false,"doc":""},{"name":"budget","domain":"scaled_simplex","arguments":[{"op":"parameter","name":"tau","varies":true}],"batch":[],"sizes":[{"op":"dim","name":"J","kind":"int","plain":true}],"transform":"isometric_log_ratio","start":null,"frozen":false,"doc":""},{"name":"cuts","domain":"ordered_in","arguments":[{"op":"negate","operands":[{"op":"parameter","name":"tau","varies":true}],"varies":true},{"op":"parameter","name":"tau","varies":true}],"batch":[],"sizes":[{"op":"-","operands":[{"op":"dim","name":"J","kind":"int","plain":true},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"int","plain":true}],"transform":"isometric_log_ratio","start":null,"frozen":false,"doc":""},{"name":"r","domain":"interval","arguments":[0.0,10.0],"batch":[{"op":"dim","name":"J","kind":"int","plain":true}],"sizes":[],"transform":"probit","start":5.0,"frozen":false,"doc":""},{"name":"g","domain":"positive","arguments":[],"batch":[],"sizes":[],"transform":"exp","start":{"op":"data","name":"temperature"},"frozen":true,"doc":""}],"lets":[{"name":"Sigma","value":{"op":"*","operands":[{"op":"outer","operands":[{"op":"parameter","name":"s","rank":1,"varies":true},{"op":"parameter","name":"s","rank":1,"varies":true}],"rank":2,"varies":true},{"op":"@","operands":[{"op":"parameter","name":"L","rank":2,"varies":true},{"op":"transpose","operands":[{"op":"parameter","name":"L","rank":2,"varies":true}],"rank":2,"varies":true}],"rank":2,"varies":true}],"rank":2,"varies":true},"shape":["D","D"],"doc":""},{"name":"eta","value":{"op":"+","operands":[{"op":"@","operands":[{"op":"data","name":"X","rank":2},{"op":"parameter","name":"beta","rank":1,"varies":true}],"rank":1,"varies":true},{"op":"index","operands":[{"op":"parameter","name":"theta","rank":1,"varies":true},{"op":"data","name":"group","kind":"int","rank":1}],"name":"_","rank":1,"varies":true}],"rank":1,"varies":true},"shape":["N"],"doc":""},{"name":"ll","value":{"op":"sum","operands":[{"op":"*","operands":[{"op":"data","name":"weights","rank":1},{"op":"where","operands":[{"op":"data","name":"known","kind":"bool","rank":1},{"op":"+","operands":[{"op":"*","operands":[{"op":"data","name":"y","kind":"int","rank":1},{"op":"log_inv_logit","operands":[{"op":"let","name":"eta","rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"*","operands":[{"op":"-","operands":[{"op":"number","value":1,"kind":"int","plain":true},{"op":"data","name":"y","kind":"int","rank":1}],"kind":"int","rank":1},{"op":"log_inv_logit","operands":[{"op":"negate","operands":[{"op":"let","name":"eta","rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"rank":1,"varies":true}],"rank":1,"varies":true}],"varies":true},"shape":[],"doc":""},{"name":"_first","value":{"op":"array","operands":[{"op":"parameter","name":"mu","varies":true},{"op":"number","value":1,"kind":"int","plain":true},{"op":"number","value":2.6666666666666665,"plain":true}],"rank":1,"varies":true},"shape":["3"],"doc":""},{"name":"picked","value":{"op":"-","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"index","operands":[{"op":"let","name":"_first","rank":1,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"name":"_","varies":true},{"op":"exp","operands":[{"op":"number","value":-2,"kind":"int","plain":true}]}],"varies":true},{"op":"@","operands":[{"op":"index","operands":[{"op":"data","name":"X","rank":2},{"op":"number","value":0,"kind":"int","plain":true}],"name":":,_","rank":1},{"op":"index","operands":[{"op":"data","name":"X","rank":2},{"op":"number","value":1,"kind":"int","plain":true}],"name":":,_","rank":1}]}],"varies":true},{"op":"index","operands":[{"op":"parameter","name":"both","rank":2,"varies":true},{"op":"number","value":1,"kind":"int","plain":true},{"op":"number","value":2,"kind":"int","plain":true}],"name":"_,_","varies":true}],"varies":true},{"op":"index","operands":[{"op":"index","operands":[{"op":"parameter","name":"rows","rank":2,"varies":true},{"op":"number","value":-1,"kind":"int","plain":true}],"name":":,_","rank":1,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"name":"_","varies":true}],"varies":true},"shape":[],"doc":""},{"name":"shifted","value":{"op":"-","operands":[{"op":"+","operands":[{"op":"-","operands":[{"op":"parameter","name":"both","rank":2,"varies":true},{"op":"index","operands":[{"op":"mean","operands":[{"op":"parameter","name":"both","rank":2,"varies":true}],"options":[["axis",1]],"rank":1,"varies":true}],"name":":,N","rank":2,"varies":true}],"rank":2,"varies":true},{"op":"/","operands":[{"op":"**","operands":[{"op":"negate","operands":[{"op":"parameter","name":"tau","varies":true}],"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"varies":true},{"op":"negate","operands":[{"op":"-","operands":[{"op":"number","value":1,"kind":"int","plain":true},{"op":"parameter","name":"tau","varies":true}],"varies":true}],"varies":true}],"varies":true}],"rank":2,"varies":true},{"op":"number","value":-4,"kind":"int","plain":true}],"rank":2,"varies":true},"shape":["2","J"],"doc":""},{"name":"scaled","value":{"op":"//","operands":[{"op":"/","operands":[{"op":"*","operands":[{"op":"+","operands":[{"op":"parameter","name":"s","rank":1,"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"rank":1,"varies":true},{"op":"-","operands":[{"op":"parameter","name":"s","rank":1,"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"*","operands":[{"op":"parameter","name":"s","rank":1,"varies":true},{"op":"number","value":2,"kind":"int","plain":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"rank":1,"varies":true},"shape":["D"],"doc":""},{"name":"solved","value":{"op":"-","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"solve","operands":[{"op":"let","name":"Sigma","rank":2,"varies":true},{"op":"parameter","name":"beta","rank":1,"varies":true}],"rank":1,"varies":true},{"op":"@","operands":[{"op":"solve_triangular","operands":[{"op":"parameter","name":"L","rank":2,"varies":true},{"op":"parameter","name":"beta","rank":1,"varies":true}],"rank":1,"varies":true},{"op":"let","name":"Sigma","rank":2,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"quad_form","operands":[{"op":"let","name":"Sigma","rank":2,"varies":true},{"op":"parameter","name":"s","rank":1,"varies":true}],"varies":true}],"rank":1,"varies":true},{"op":"logdet","operands":[{"op":"let","name":"Sigma","rank":2,"varies":true}],"varies":true}],"rank":1,"varies":true},"shape":["D"],"doc":""},{"name":"longest","value":{"op":"+","operands":[{"op":"concat","operands":[{"op":"parameter","name":"beta","rank":1,"varies":true},{"op":"parameter","name":"s","rank":1,"varies":true},{"op":"array","operands":[{"op":"parameter","name":"tau","varies":true},{"op":"number","value":0.5,"plain":true}],"rank":1,"varies":true}],"rank":1,"varies":true},{"op":"softmax","operands":[{"op":"index","operands":[{"op":"concat","operands":[{"op":"index","operands":[{"op":"parameter","name":"theta","rank":1,"varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"name":":_","rank":1,"varies":true},{"op":"full","operands":[{"op":"parameter","name":"mu","varies":true},{"op":"number","value":3,"kind":"int","plain":true}],"rank":1,"varies":true},{"op":"zeros","operands":[{"op":"+","operands":[{"op":"-","operands":[{"op":"size","operands":[{"op":"parameter","name":"packed","rank":1,"varies":true}],"kind":"int","plain":true},{"op":"dim","name":"P","kind":"int","plain":true}],"kind":"int","plain":true},{"op":"number","value":2,"kind":"int","plain":true}],"kind":"int","plain":true}],"rank":1},{"op":"parameter","name":"theta","rank":1,"varies":true}],"rank":1,"varies":true},{"op":"+","operands":[{"op":"*","operands":[{"op":"number","value":2,"kind":"int","plain":true},{"op":"dim","name":"D","kind":"int","plain":true}],"kind":"int","plain":true},{"op":"number","value":2,"kind":"int","plain":true}],"kind":"int","plain":true}],"name":":_","rank":1,"varies":true}],"rank":1,"varies":true}],"rank":1,"varies":true},"shape":["2*D + 2"],"doc":""},{"name":"number","value":{"op":"-","operands":[{"op":"*","operands":[{"op":"number","value":2,"kind":"int","plain":true},{"op":"dim","name":"N","kind":"int","plain":true}],"kind":"int","plain":true},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"int","plain":true},"shape":[],"doc":""},{"name":"counted","value":{"op":"-","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"+","operands":[{"op":"sum","operands":[{"op":">","operands":[{"op":"let","name":"eta","rank":1,"varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"kind":"bool","rank":1,"varies":true}],"kind":"int","varies":true},{"op":"min","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"dim","name":"J","kind":"int","plain":true}],"kind":"int","plain":true}],"kind":"int","varies":true},{"op":"max","operands":[{"op":"number","value":1,"kind":"int","plain":true},{"op":"parameter","name":"tau","varies":true}],"varies":true}],"varies":true},{"op":"size","operands":[{"op":"data","name":"X","rank":2}],"kind":"int","plain":true}],"varies":true},{"op":"size","operands":[{"op":"data","name":"X","rank":2}],"options":[["axis",-1]],"kind":"int","plain":true}],"varies":true},{"op":"//","operands":[{"op":"sum","operands":[{"op":"data","name":"ids","kind":"int","rank":1}],"kind":"int"},{"op":"number","value":2,"kind":"int","plain":true}],"kind":"int"}],"varies":true},"shape":[],"doc":""},{"name":"every_other","value":{"op":"index","operands":[{"op":"index","operands":[{"op":"reshape","operands":[{"op":"data","name":"X","rank":2},{"op":"*","operands":[{"op":"dim","name":"N","kind":"int","plain":true},{"op":"dim","name":"D","kind":"int","plain":true}],"kind":"int","plain":true}],"rank":1}],"name":"::2","rank":1},{"op":"number","value":1,"kind":"int","plain":true}],"name":"_:","rank":1},"shape":["((D*N + 1) // 2) - 1"],"doc":""}],"order":["N","D","J","P","X","y","group","known","temperature","weights","ids","beta","mu","tau","theta","alpha1","beta1","both","later","s","L","packed","rows","budget","cuts","r","g","Sigma","eta","ll","_first","picked","shifted","scaled","solved","longest","number","counted","every_other"]}'

    def __init__(
        self,
        *,
        N: int | None = None,
        D: int | None = None,
        J: int | None = None,
        P: int | None = None,
        X: cdsl.Settable | None = None,
        y: cdsl.Settable | None = None,
        group: cdsl.Settable | None = None,
        known: cdsl.Settable | None = None,
        temperature: cdsl.Settable | None = None,
        weights: cdsl.Settable | None = None,
        ids: cdsl.Settable | None = None,
        dtype: torch.dtype | None = None,
        device: cdsl.Device = None,
    ) -> None:
        super().__init__()
        self._bind(
            {"N": N, "D": D, "J": J, "P": P},
            {
                "X": X,
                "y": y,
                "group": group,
                "known": known,
                "temperature": temperature,
                "weights": weights,
                "ids": ids,
            },
            dtype,
            device,
        )
        self.beta_raw = torch.nn.Parameter(self._empty("beta", dtype, device))
        self.mu_raw = torch.nn.Parameter(self._empty("mu", dtype, device))
        self.tau_raw = torch.nn.Parameter(self._empty("tau", dtype, device))
        self.theta_raw = torch.nn.Parameter(self._empty("theta", dtype, device))
        self.alpha1_raw = torch.nn.Parameter(self._empty("alpha1", dtype, device))
        self.beta1_raw = torch.nn.Parameter(self._empty("beta1", dtype, device))
        self.both_raw = torch.nn.Parameter(self._empty("both", dtype, device))
        self._both_high = torch.nn.Buffer(
            torch.empty((2, 1), dtype=dtype, device=device), persistent=False
        )
        self.later_raw = torch.nn.Parameter(self._empty("later", dtype, device))
        self.s_raw = torch.nn.Parameter(self._empty("s", dtype, device))
        self.L_raw = torch.nn.Parameter(self._empty("L", dtype, device))
        self.packed_raw = torch.nn.Parameter(self._empty("packed", dtype, device))
        self.rows_raw = torch.nn.Parameter(self._empty("rows", dtype, device))
        self.budget_raw = torch.nn.Parameter(self._empty("budget", dtype, device))
        self.cuts_raw = torch.nn.Parameter(self._empty("cuts", dtype, device))
        self.r_raw = torch.nn.Parameter(self._empty("r", dtype, device))
        self.g_raw = torch.nn.Parameter(
            self._empty("g", dtype, device), requires_grad=False
        )
        self.reset_parameters()

    def _declarations(self) -> tuple[cdsl.Declared, ...]:
        return (
            cdsl.Declared("beta", cdsl.real.identity, batch=(self.D,)),
            cdsl.Declared("mu", cdsl.real.identity),
            cdsl.Declared("tau", cdsl.positive.exp, start=2.0),
            cdsl.Declared(
                "theta", cdsl.real.identity, arguments=("mu", "tau"), batch=(self.J,)
            ),
            cdsl.Declared("alpha1", cdsl.prob.logistic),
            cdsl.Declared(
                "beta1", cdsl.interval.logistic, arguments=(0.0, "1 - alpha1")
            ),
            cdsl.Declared(
                "both",
                cdsl.interval.logistic,
                arguments=("-tau", ((1.0,), (2.0,))),
                batch=(2, self.J),
            ),
            cdsl.Declared(
                "later",
                cdsl.greater_than.exp,
                arguments=("max(y)",),
                batch=(self.y.shape[-1],),
            ),
            cdsl.Declared(
                "s",
                cdsl.positive.exp,
                batch=(self.D,),
                start=self._linspace(1, 2, self.D),
            ),
            cdsl.Declared("L", cdsl.cholesky_corr.tanh, sizes=(self.D,)),
            cdsl.Declared("packed", cdsl.real.identity, batch=(self.P,)),
            cdsl.Declared(
                "rows",
                cdsl.simplex.isometric_log_ratio,
                batch=(self.J,),
                sizes=(self.D + 1,),
            ),
            cdsl.Declared(
                "budget",
                cdsl.scaled_simplex.isometric_log_ratio,
                arguments=("tau",),
                sizes=(self.J,),
            ),
            cdsl.Declared(
                "cuts",
                cdsl.ordered_in.isometric_log_ratio,
                arguments=("-tau", "tau"),
                sizes=(self.J - 1,),
            ),
            cdsl.Declared(
                "r",
                cdsl.interval.probit,
                arguments=(0.0, 10.0),
                batch=(self.J,),
                start=5.0,
            ),
            cdsl.Declared("g", cdsl.positive.exp, start=self.temperature, frozen=True),
        )

    def forward(self) -> DerivedValuesValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.beta_raw,
            self.mu_raw.squeeze(0),
            self.tau_raw.squeeze(0),
            self.theta_raw,
            self.alpha1_raw.squeeze(0),
            self.beta1_raw.squeeze(0),
            self.both_raw,
            self.later_raw,
            self.s_raw,
            self.L_raw,
            self.packed_raw,
            self.rows_raw,
            self.budget_raw,
            self.cuts_raw,
            self.r_raw,
            self.g_raw.squeeze(0),
        )

    def _evaluate(self, raw: cdsl.Raw) -> DerivedValuesValues:
        (
            beta_raw,
            mu_raw,
            tau_raw,
            theta_raw,
            alpha1_raw,
            beta1_raw,
            both_raw,
            later_raw,
            s_raw,
            L_raw,
            packed_raw,
            rows_raw,
            budget_raw,
            cuts_raw,
            r_raw,
            g_raw,
        ) = raw
        beta = cdsl.real.identity(beta_raw)
        mu = cdsl.real.identity(mu_raw)
        tau = cdsl.positive.exp(tau_raw)
        theta = cdsl.real.identity(theta_raw, mu[..., None], tau[..., None])
        alpha1 = cdsl.prob.logistic(alpha1_raw)
        beta1 = cdsl.interval.logistic(beta1_raw, 0.0, 1 - alpha1)
        both = cdsl.interval.logistic(
            both_raw, (-tau)[..., None, None], self._both_high
        )
        later = cdsl.greater_than.exp(later_raw, torch.amax(self.y, -1))
        s = cdsl.positive.exp(s_raw)
        L = cdsl.cholesky_corr.tanh(L_raw)
        packed = cdsl.real.identity(packed_raw)
        rows = cdsl.simplex.isometric_log_ratio(rows_raw)
        budget = cdsl.scaled_simplex.isometric_log_ratio(budget_raw, tau)
        cuts = cdsl.ordered_in.isometric_log_ratio(cuts_raw, -tau, tau)
        r = cdsl.interval.probit(r_raw, 0.0, 10.0)
        g = cdsl.positive.exp(g_raw)
        Sigma = s[..., :, None] * s[..., None, :] * (L @ torch.transpose(L, -2, -1))
        eta = cdsl.matvec(self.X, beta) + theta[..., self.group]
        ll = torch.sum(self.weights * torch.where(self.known, self._real(self.y) * torch.nn.functional.logsigmoid(eta) + self._real(1 - self.y) * torch.nn.functional.logsigmoid(-eta), self._real(0)), -1)  # fmt: skip
        _first = cdsl.stack((mu, self._real(1), self._real(2.6666666666666665)), 0)
        picked = (
            _first[..., 0]
            + torch.exp(self._real(-2))
            + torch.linalg.vecdot(self.X[..., :, 0], self.X[..., :, 1])
            + both[..., 1, 2]
            - rows[..., :, -1][..., 0]
        )  # fmt: skip
        shifted = (
            both
            - torch.mean(both, -1)[..., :, None]
            + ((-tau) ** 2 / -(1 - tau))[..., None, None]
            - -4
        )  # fmt: skip
        scaled = torch.floor((s + 1) * (s - 1) / (s * 2) / 1)
        solved = (
            torch.linalg.solve(Sigma, beta.unsqueeze(-1)).squeeze(-1)
            + cdsl.vecmat(torch.linalg.solve_triangular(L, beta.unsqueeze(-1), upper=False).squeeze(-1), Sigma)
            + torch.linalg.vecdot(s, cdsl.matvec(Sigma, s))[..., None]
            - torch.linalg.slogdet(Sigma).logabsdet[..., None]
        )  # fmt: skip
        longest = (
            cdsl.concat((beta, s, cdsl.stack((tau, self._real(0.5)), 0)), 1, -1)
            + torch.softmax(cdsl.concat((theta[..., :1], self._full(mu, 3), self._zeros(packed.shape[-1] - self.P + 2), theta), 1, -1)[..., :2 * self.D + 2], -1)
        )  # fmt: skip
        number = self._real(2 * self.N - 1)
        counted = (
            self._real(torch.sum(eta > 0, -1) + self._min(self.N, self.J))
            + torch.clamp(tau, min=1)
            + (self.X.shape[-2] * self.X.shape[-1])
            + self.X.shape[-1]
            - self._real(torch.sum(self.ids, -1) // 2)
        )  # fmt: skip
        every_other = torch.unflatten(self.X.flatten(-2), -1, (self.N * self.D,))[..., ::2][..., 1:]  # fmt: skip
        return DerivedValuesValues(
            beta,
            mu,
            tau,
            theta,
            alpha1,
            beta1,
            both,
            later,
            s,
            L,
            packed,
            rows,
            budget,
            cuts,
            r,
            g,
            Sigma,
            eta,
            ll,
            picked,
            shifted,
            scaled,
            solved,
            longest,
            number,
            counted,
            every_other,
        )

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[DerivedValuesValues]:
        (
            beta_raw,
            mu_raw,
            tau_raw,
            theta_raw,
            alpha1_raw,
            beta1_raw,
            both_raw,
            later_raw,
            s_raw,
            L_raw,
            packed_raw,
            rows_raw,
            budget_raw,
            cuts_raw,
            r_raw,
            g_raw,
        ) = raw
        log_dets: cdsl.LogDets = {}
        beta, log_dets["beta"] = cdsl.real.identity.with_log_det(beta_raw, batch=1)
        mu, log_dets["mu"] = cdsl.real.identity.with_log_det(mu_raw)
        tau, log_dets["tau"] = cdsl.positive.exp.with_log_det(tau_raw)
        theta, log_dets["theta"] = cdsl.real.identity.with_log_det(
            theta_raw, mu[..., None], tau[..., None], batch=1
        )
        alpha1, log_dets["alpha1"] = cdsl.prob.logistic.with_log_det(alpha1_raw)
        beta1, log_dets["beta1"] = cdsl.interval.logistic.with_log_det(
            beta1_raw, 0.0, 1 - alpha1
        )
        both, log_dets["both"] = cdsl.interval.logistic.with_log_det(
            both_raw, (-tau)[..., None, None], self._both_high, batch=2
        )
        later, log_dets["later"] = cdsl.greater_than.exp.with_log_det(
            later_raw, torch.amax(self.y, -1), batch=1
        )
        s, log_dets["s"] = cdsl.positive.exp.with_log_det(s_raw, batch=1)
        L, log_dets["L"] = cdsl.cholesky_corr.tanh.with_log_det(L_raw)
        packed, log_dets["packed"] = cdsl.real.identity.with_log_det(
            packed_raw, batch=1
        )
        rows, log_dets["rows"] = cdsl.simplex.isometric_log_ratio.with_log_det(
            rows_raw, batch=1
        )
        budget, log_dets["budget"] = (
            cdsl.scaled_simplex.isometric_log_ratio.with_log_det(budget_raw, tau)
        )
        cuts, log_dets["cuts"] = cdsl.ordered_in.isometric_log_ratio.with_log_det(
            cuts_raw, -tau, tau
        )
        r, log_dets["r"] = cdsl.interval.probit.with_log_det(r_raw, 0.0, 10.0, batch=1)
        g, log_dets["g"] = cdsl.positive.exp.with_log_det(g_raw)
        Sigma = s[..., :, None] * s[..., None, :] * (L @ torch.transpose(L, -2, -1))
        eta = cdsl.matvec(self.X, beta) + theta[..., self.group]
        ll = torch.sum(self.weights * torch.where(self.known, self._real(self.y) * torch.nn.functional.logsigmoid(eta) + self._real(1 - self.y) * torch.nn.functional.logsigmoid(-eta), self._real(0)), -1)  # fmt: skip
        _first = cdsl.stack((mu, self._real(1), self._real(2.6666666666666665)), 0)
        picked = (
            _first[..., 0]
            + torch.exp(self._real(-2))
            + torch.linalg.vecdot(self.X[..., :, 0], self.X[..., :, 1])
            + both[..., 1, 2]
            - rows[..., :, -1][..., 0]
        )  # fmt: skip
        shifted = (
            both
            - torch.mean(both, -1)[..., :, None]
            + ((-tau) ** 2 / -(1 - tau))[..., None, None]
            - -4
        )  # fmt: skip
        scaled = torch.floor((s + 1) * (s - 1) / (s * 2) / 1)
        solved = (
            torch.linalg.solve(Sigma, beta.unsqueeze(-1)).squeeze(-1)
            + cdsl.vecmat(torch.linalg.solve_triangular(L, beta.unsqueeze(-1), upper=False).squeeze(-1), Sigma)
            + torch.linalg.vecdot(s, cdsl.matvec(Sigma, s))[..., None]
            - torch.linalg.slogdet(Sigma).logabsdet[..., None]
        )  # fmt: skip
        longest = (
            cdsl.concat((beta, s, cdsl.stack((tau, self._real(0.5)), 0)), 1, -1)
            + torch.softmax(cdsl.concat((theta[..., :1], self._full(mu, 3), self._zeros(packed.shape[-1] - self.P + 2), theta), 1, -1)[..., :2 * self.D + 2], -1)
        )  # fmt: skip
        number = self._real(2 * self.N - 1)
        counted = (
            self._real(torch.sum(eta > 0, -1) + self._min(self.N, self.J))
            + torch.clamp(tau, min=1)
            + (self.X.shape[-2] * self.X.shape[-1])
            + self.X.shape[-1]
            - self._real(torch.sum(self.ids, -1) // 2)
        )  # fmt: skip
        every_other = torch.unflatten(self.X.flatten(-2), -1, (self.N * self.D,))[..., ::2][..., 1:]  # fmt: skip
        return (
            DerivedValuesValues(
                beta,
                mu,
                tau,
                theta,
                alpha1,
                beta1,
                both,
                later,
                s,
                L,
                packed,
                rows,
                budget,
                cuts,
                r,
                g,
                Sigma,
                eta,
                ll,
                picked,
                shifted,
                scaled,
                solved,
                longest,
                number,
                counted,
                every_other,
            ),
            log_dets,
        )

    def _arguments(self, name: str, values: cdsl.Known) -> tuple[cdsl.Argument, ...]:
        if name == "theta":
            mu = values["mu"]
            tau = values["tau"]
            return mu[..., None], tau[..., None]
        if name == "beta1":
            alpha1 = values["alpha1"]
            return 0.0, 1 - alpha1
        if name == "both":
            tau = values["tau"]
            return (-tau)[..., None, None], ((1.0,), (2.0,))
        if name == "later":
            return (torch.amax(self.y, -1),)
        if name == "budget":
            tau = values["tau"]
            return (tau,)
        if name == "cuts":
            tau = values["tau"]
            return -tau, tau
        return super()._arguments(name, values)

    @property
    def beta(self) -> torch.Tensor:
        """`real[D] via identity`"""
        return cdsl.real.identity(self.beta_raw)

    @beta.setter
    def beta(self, value: cdsl.Settable) -> None:
        self.assign_(beta=value)

    @property
    def mu(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.mu_raw.squeeze(0))

    @mu.setter
    def mu(self, value: cdsl.Settable) -> None:
        self.assign_(mu=value)

    @property
    def tau(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.tau_raw.squeeze(0))

    @tau.setter
    def tau(self, value: cdsl.Settable) -> None:
        self.assign_(tau=value)

    @property
    def theta(self) -> torch.Tensor:
        """`real(mu, tau)[J] via identity`"""
        return self._evaluate(self._raw()).theta

    @theta.setter
    def theta(self, value: cdsl.Settable) -> None:
        self.assign_(theta=value)

    @property
    def alpha1(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.alpha1_raw.squeeze(0))

    @alpha1.setter
    def alpha1(self, value: cdsl.Settable) -> None:
        self.assign_(alpha1=value)

    @property
    def beta1(self) -> torch.Tensor:
        """`interval(0.0, 1 - alpha1) via logistic`"""
        return self._evaluate(self._raw()).beta1

    @beta1.setter
    def beta1(self, value: cdsl.Settable) -> None:
        self.assign_(beta1=value)

    @property
    def both(self) -> torch.Tensor:
        """`interval(-tau, [[1.0], [2.0]])[2, J] via logistic`"""
        return self._evaluate(self._raw()).both

    @both.setter
    def both(self, value: cdsl.Settable) -> None:
        self.assign_(both=value)

    @property
    def later(self) -> torch.Tensor:
        """`greater_than(max(y))[size(y)] via exp`"""
        return cdsl.greater_than.exp(self.later_raw, torch.amax(self.y, -1))

    @later.setter
    def later(self, value: cdsl.Settable) -> None:
        self.assign_(later=value)

    @property
    def s(self) -> torch.Tensor:
        """`positive[D] via exp`"""
        return cdsl.positive.exp(self.s_raw)

    @s.setter
    def s(self, value: cdsl.Settable) -> None:
        self.assign_(s=value)

    @property
    def L(self) -> torch.Tensor:
        """`cholesky_corr[D] via tanh`"""
        return cdsl.cholesky_corr.tanh(self.L_raw)

    @L.setter
    def L(self, value: cdsl.Settable) -> None:
        self.assign_(L=value)

    @property
    def packed(self) -> torch.Tensor:
        """`real[P] via identity`"""
        return cdsl.real.identity(self.packed_raw)

    @packed.setter
    def packed(self, value: cdsl.Settable) -> None:
        self.assign_(packed=value)

    @property
    def rows(self) -> torch.Tensor:
        """`simplex[J, D + 1] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.rows_raw)

    @rows.setter
    def rows(self, value: cdsl.Settable) -> None:
        self.assign_(rows=value)

    @property
    def budget(self) -> torch.Tensor:
        """`scaled_simplex(tau)[J] via isometric_log_ratio`"""
        return self._evaluate(self._raw()).budget

    @budget.setter
    def budget(self, value: cdsl.Settable) -> None:
        self.assign_(budget=value)

    @property
    def cuts(self) -> torch.Tensor:
        """`ordered_in(-tau, tau)[J - 1] via isometric_log_ratio`"""
        return self._evaluate(self._raw()).cuts

    @cuts.setter
    def cuts(self, value: cdsl.Settable) -> None:
        self.assign_(cuts=value)

    @property
    def r(self) -> torch.Tensor:
        """`interval(0.0, 10.0)[J] via probit`"""
        return cdsl.interval.probit(self.r_raw, 0.0, 10.0)

    @r.setter
    def r(self, value: cdsl.Settable) -> None:
        self.assign_(r=value)

    @property
    def g(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.g_raw.squeeze(0))

    @g.setter
    def g(self, value: cdsl.Settable) -> None:
        self.assign_(g=value)

    @property
    def Sigma(self) -> torch.Tensor:
        """`= outer(s, s) * (L @ transpose(L))`"""
        return self._evaluate(self._raw()).Sigma

    @property
    def eta(self) -> torch.Tensor:
        """`= X @ beta + theta[group]`"""
        return self._evaluate(self._raw()).eta

    @property
    def ll(self) -> torch.Tensor:
        """`= sum(weights * where(known, y * log_inv_logit(eta) + (1 - y) * log_inv_logit(-eta), 0))`"""
        return self._evaluate(self._raw()).ll

    @property
    def picked(self) -> torch.Tensor:
        """`= _first[0] + exp(-2) + X[:, 0] @ X[:, 1] + both[1, 2] - rows[:, -1][0]`"""
        return self._evaluate(self._raw()).picked

    @property
    def shifted(self) -> torch.Tensor:
        """`= both - mean(both, axis=1)[:, None] + (-tau)**2 / -(1 - tau) - -4`"""
        return self._evaluate(self._raw()).shifted

    @property
    def scaled(self) -> torch.Tensor:
        """`= (s + 1) * (s - 1) / (s * 2) // 1`"""
        return self._evaluate(self._raw()).scaled

    @property
    def solved(self) -> torch.Tensor:
        """`= solve(Sigma, beta) + solve_triangular(L, beta) @ Sigma + quad_form(Sigma, s) - logdet(Sigma)`"""
        return self._evaluate(self._raw()).solved

    @property
    def longest(self) -> torch.Tensor:
        """`= concat(beta, s, [tau, 0.5]) + softmax(concat(theta[:1], full(mu, 3), zeros(size(packed) - P + 2), theta)[:2 * D + 2])`"""
        return self._evaluate(self._raw()).longest

    @property
    def number(self) -> torch.Tensor:
        """`= 2 * N - 1`"""
        return self._evaluate(self._raw()).number

    @property
    def counted(self) -> torch.Tensor:
        """`= sum(eta > 0) + min(N, J) + max(1, tau) + size(X) + size(X, axis=-1) - sum(ids) // 2`"""
        return self._evaluate(self._raw()).counted

    @property
    def every_other(self) -> torch.Tensor:
        """`= reshape(X, N * D)[::2][1:]`"""
        return self._evaluate(self._raw()).every_other
