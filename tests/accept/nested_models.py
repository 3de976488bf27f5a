# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class SharesValues(NamedTuple):
    """The constrained values of a `Shares`."""

    q: torch.Tensor
    """`simplex[3] via isometric_log_ratio`"""


class Shares(cdsl.ConstrainedModule["SharesValues"]):
    """The parameters of a `Shares`, and the values they stand for."""

    _values = SharesValues
    _declared = (cdsl.Declared("q", cdsl.simplex.isometric_log_ratio, sizes=(3,)),)

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.q_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.reset_parameters()

    def forward(self) -> SharesValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (self.q_raw,)

    def _evaluate(self, raw: cdsl.Raw) -> SharesValues:
        (q_raw,) = raw
        q = cdsl.simplex.isometric_log_ratio(q_raw)
        return SharesValues(q)

    def _evaluate_with_log_dets(self, raw: cdsl.Raw) -> cdsl.WithLogDets[SharesValues]:
        (q_raw,) = raw
        log_dets: cdsl.LogDets = {}
        q, log_dets["q"] = cdsl.simplex.isometric_log_ratio.with_log_det(q_raw)
        return SharesValues(q), log_dets

    @property
    def q(self) -> torch.Tensor:
        """`simplex[3] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.q_raw)

    @q.setter
    def q(self, value: cdsl.Settable) -> None:
        self.assign_(q=value)


@cdsl.values
class NoiseValues(NamedTuple):
    """The constrained values of a `Noise`."""

    df: torch.Tensor
    """`greater_than(2.0)[K] via exp`"""
    width: torch.Tensor
    """`positive via exp`: of all"""
    shares: SharesValues
    """`Shares`"""
    c: torch.Tensor
    """`positive via exp`"""
    scale: torch.Tensor
    """`= width * df`"""
    f: torch.Tensor
    """`= x @ [1, 2]`"""


class Noise(cdsl.OpenModule["NoiseValues"]):
    """Noise of a group."""

    _doc = "Noise of a group."
    K: int
    """how many"""
    N: int
    x: torch.Tensor

    _inputs = (
        cdsl.Dim("K", doc="how many"),
        cdsl.Dim("N"),
        cdsl.Data("x", cdsl.real, batch=("N", 2)),
    )
    _order = ("df", "width", "shares", "c")
    _fixed = ("f",)
    _spec = '{"name":"Noise","doc":"Noise of a group.","dims":[{"name":"K","default":null,"doc":"how many"},{"name":"N","default":null,"doc":""}],"data":[{"name":"x","domain":"real","arguments":[],"batch":[{"op":"dim","name":"N","kind":"int","plain":true},2],"sizes":[],"default":null,"doc":""}],"parameters":[{"name":"df","domain":"greater_than","arguments":[2.0],"batch":[{"op":"dim","name":"K","kind":"int","plain":true}],"sizes":[],"transform":"exp","start":4.0,"frozen":false,"doc":""},{"name":"width","domain":"positive","arguments":[],"batch":[],"sizes":[],"transform":"exp","start":null,"frozen":false,"doc":"of all"},{"name":"c","domain":"positive","arguments":[],"batch":[],"sizes":[],"transform":"exp","start":3.0,"frozen":true,"doc":""}],"lets":[{"name":"scale","value":{"op":"*","operands":[{"op":"parameter","name":"width","varies":true},{"op":"parameter","name":"df","rank":1,"varies":true}],"rank":1,"varies":true},"shape":["K"],"doc":""},{"name":"f","value":{"op":"@","operands":[{"op":"data","name":"x","rank":2},{"op":"constant","value":[1.0,2.0],"kind":"int","rank":1}],"rank":1},"shape":["N"],"doc":""},{"name":"_hidden","value":{"op":"number","value":1,"kind":"int","plain":true},"shape":[],"doc":""}],"children":[{"name":"shares","model":"Shares","size":null,"dims":[],"data":[],"doc":""}],"order":["K","N","x","df","width","shares","c","scale","f","_hidden"]}'

    def __init__(
        self,
        *,
        x: cdsl.Settable,
        K: int | None = None,
        N: int | None = None,
        dtype: torch.dtype | None = None,
        device: cdsl.Device = None,
    ) -> None:
        super().__init__()
        self._bind({"K": K, "N": N}, {"x": x}, dtype, device)
        self.df_raw = torch.nn.Parameter(self._empty("df", dtype, device))
        self.width_raw = torch.nn.Parameter(self._empty("width", dtype, device))
        self.shares = Shares(dtype=dtype, device=device)
        self.c_raw = torch.nn.Parameter(
            self._empty("c", dtype, device), requires_grad=False
        )
        self.reset_parameters()

    def _declarations(self) -> tuple[cdsl.Declared, ...]:
        return (
            cdsl.Declared(
                "df",
                cdsl.greater_than.exp,
                arguments=(2.0,),
                batch=(self.K,),
                start=4.0,
            ),
            cdsl.Declared("width", cdsl.positive.exp, doc="of all"),
            cdsl.Declared("c", cdsl.positive.exp, start=3.0, frozen=True),
        )

    def forward(self) -> NoiseValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.df_raw,
            self.width_raw.squeeze(0),
            self.shares._stored(),
            self.c_raw.squeeze(0),
        )

    def _evaluate(self, raw: cdsl.Raw) -> NoiseValues:
        df_raw, width_raw, shares_raw, c_raw = raw
        df = cdsl.greater_than.exp(df_raw, 2.0)
        width = cdsl.positive.exp(width_raw)
        shares = self.shares._evaluate(shares_raw)
        c = cdsl.positive.exp(c_raw)
        scale = width[..., None] * df
        f = self.x @ self._tensor((1.0, 2.0))
        _hidden = self._real(1)
        return NoiseValues(df, width, shares, c, scale, f)

    def _evaluate_with_log_dets(self, raw: cdsl.Raw) -> cdsl.WithLogDets[NoiseValues]:
        df_raw, width_raw, shares_raw, c_raw = raw
        log_dets: cdsl.LogDets = {}
        df, log_dets["df"] = cdsl.greater_than.exp.with_log_det(df_raw, 2.0, batch=1)
        width, log_dets["width"] = cdsl.positive.exp.with_log_det(width_raw)
        shares = self._nested(self.shares, shares_raw, "shares", log_dets)
        c, log_dets["c"] = cdsl.positive.exp.with_log_det(c_raw)
        scale = width[..., None] * df
        f = self.x @ self._tensor((1.0, 2.0))
        _hidden = self._real(1)
        return NoiseValues(df, width, shares, c, scale, f), log_dets

    @property
    def df(self) -> torch.Tensor:
        """`greater_than(2.0)[K] via exp`"""
        return cdsl.greater_than.exp(self.df_raw, 2.0)

    @df.setter
    def df(self, value: cdsl.Settable) -> None:
        self.assign_(df=value)

    @property
    def width(self) -> torch.Tensor:
        """`positive via exp`: of all"""
        return cdsl.positive.exp(self.width_raw.squeeze(0))

    @width.setter
    def width(self, value: cdsl.Settable) -> None:
        self.assign_(width=value)

    @property
    def c(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.c_raw.squeeze(0))

    @c.setter
    def c(self, value: cdsl.Settable) -> None:
        self.assign_(c=value)

    @property
    def scale(self) -> torch.Tensor:
        """`= width * df`"""
        return self._evaluate(self._raw()).scale

    @property
    def f(self) -> torch.Tensor:
        """`= x @ [1, 2]`"""
        return self._evaluate(self._raw()).f


@cdsl.values
class NestedModelsValues(NamedTuple):
    """The constrained values of a `NestedModels`."""

    a: torch.Tensor
    """`real via identity`"""
    noise: NoiseValues
    """`Noise(K=J, x=z)`: one"""
    many: tuple[NoiseValues, ...]
    """`Noise(K=M + 1, x=2 * z)[M]`: several"""
    b: torch.Tensor
    """`= a * noise.df + noise.f + many[0].f`"""
    c: torch.Tensor
    """`= many[1].shares.q`"""
    above: torch.Tensor
    """`greater_than(noise.width + many[1].width) via exp`"""


class NestedModels(cdsl.OpenModule["NestedModelsValues"]):
    """Models in models: each closed, what it needs bound by name."""

    _doc = "Models in models: each closed, what it needs bound by name."
    J: int
    M: int
    z: torch.Tensor

    _inputs = (
        cdsl.Dim("J", 3),
        cdsl.Dim("M", 2),
        cdsl.Data(
            "z", cdsl.real, batch=("J", 2), default=((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))
        ),
    )
    _order = ("a", "noise", "many", "above")
    _spec = '{"name":"NestedModels","doc":"Models in models: each closed, what it needs bound by name.","dims":[{"name":"J","default":3,"doc":""},{"name":"M","default":2,"doc":""}],"data":[{"name":"z","domain":"real","arguments":[],"batch":[{"op":"dim","name":"J","kind":"int","plain":true},2],"sizes":[],"default":[[1.0,2.0],[3.0,4.0],[5.0,6.0]],"doc":""}],"parameters":[{"name":"a","domain":"real","arguments":[],"batch":[],"sizes":[],"transform":"identity","start":null,"frozen":false,"doc":""},{"name":"above","domain":"greater_than","arguments":[{"op":"+","operands":[{"op":"member","operands":[{"op":"child","name":"noise","varies":true}],"name":"width","varies":true},{"op":"member","operands":[{"op":"item","operands":[{"op":"child","name":"many","varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true}],"name":"width","varies":true}],"varies":true}],"batch":[],"sizes":[],"transform":"exp","start":null,"frozen":false,"doc":""}],"lets":[{"name":"b","value":{"op":"+","operands":[{"op":"+","operands":[{"op":"*","operands":[{"op":"parameter","name":"a","varies":true},{"op":"member","operands":[{"op":"child","name":"noise","varies":true}],"name":"df","rank":1,"varies":true}],"rank":1,"varies":true},{"op":"member","operands":[{"op":"child","name":"noise","varies":true}],"name":"f","rank":1}],"rank":1,"varies":true},{"op":"member","operands":[{"op":"item","operands":[{"op":"child","name":"many","varies":true},{"op":"number","value":0,"kind":"int","plain":true}],"varies":true}],"name":"f","rank":1}],"rank":1,"varies":true},"shape":["J"],"doc":""},{"name":"c","value":{"op":"member","operands":[{"op":"member","operands":[{"op":"item","operands":[{"op":"child","name":"many","varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true}],"name":"shares","varies":true}],"name":"q","rank":1,"varies":true},"shape":["3"],"doc":""}],"children":[{"name":"noise","model":"Noise","size":null,"dims":[["K",{"op":"dim","name":"J","kind":"int","plain":true}]],"data":[["x",{"op":"data","name":"z","rank":2}]],"doc":"one"},{"name":"many","model":"Noise","size":{"op":"dim","name":"M","kind":"int","plain":true},"dims":[["K",{"op":"+","operands":[{"op":"dim","name":"M","kind":"int","plain":true},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"int","plain":true}]],"data":[["x",{"op":"*","operands":[{"op":"number","value":2,"kind":"int","plain":true},{"op":"data","name":"z","rank":2}],"rank":2}]],"doc":"several"}],"models":[{"name":"Shares","doc":"","parameters":[{"name":"q","domain":"simplex","arguments":[],"batch":[],"sizes":[3],"transform":"isometric_log_ratio","start":null,"frozen":false,"doc":""}]},{"name":"Noise","doc":"Noise of a group.","dims":[{"name":"K","default":null,"doc":"how many"},{"name":"N","default":null,"doc":""}],"data":[{"name":"x","domain":"real","arguments":[],"batch":[{"op":"dim","name":"N","kind":"int","plain":true},2],"sizes":[],"default":null,"doc":""}],"parameters":[{"name":"df","domain":"greater_than","arguments":[2.0],"batch":[{"op":"dim","name":"K","kind":"int","plain":true}],"sizes":[],"transform":"exp","start":4.0,"frozen":false,"doc":""},{"name":"width","domain":"positive","arguments":[],"batch":[],"sizes":[],"transform":"exp","start":null,"frozen":false,"doc":"of all"},{"name":"c","domain":"positive","arguments":[],"batch":[],"sizes":[],"transform":"exp","start":3.0,"frozen":true,"doc":""}],"lets":[{"name":"scale","value":{"op":"*","operands":[{"op":"parameter","name":"width","varies":true},{"op":"parameter","name":"df","rank":1,"varies":true}],"rank":1,"varies":true},"shape":["K"],"doc":""},{"name":"f","value":{"op":"@","operands":[{"op":"data","name":"x","rank":2},{"op":"constant","value":[1.0,2.0],"kind":"int","rank":1}],"rank":1},"shape":["N"],"doc":""},{"name":"_hidden","value":{"op":"number","value":1,"kind":"int","plain":true},"shape":[],"doc":""}],"children":[{"name":"shares","model":"Shares","size":null,"dims":[],"data":[],"doc":""}],"order":["K","N","x","df","width","shares","c","scale","f","_hidden"]}],"order":["J","M","z","a","noise","many","b","c","above"]}'

    def __init__(
        self,
        *,
        J: int | None = None,
        M: int | None = None,
        z: cdsl.Settable | None = None,
        dtype: torch.dtype | None = None,
        device: cdsl.Device = None,
    ) -> None:
        super().__init__()
        self._bind({"J": J, "M": M}, {"z": z}, dtype, device)
        self.a_raw = torch.nn.Parameter(self._empty("a", dtype, device))
        self.noise = Noise(K=self.J, x=self.z, dtype=dtype, device=device)
        self.many = self._several(
            Noise,
            self.M,
            least=2,
            K=self.M + 1,
            x=2 * self.z,
            dtype=dtype,
            device=device,
        )
        self.above_raw = torch.nn.Parameter(self._empty("above", dtype, device))
        self.reset_parameters()

    def _declarations(self) -> tuple[cdsl.Declared, ...]:
        return (
            cdsl.Declared("a", cdsl.real.identity),
            cdsl.Declared(
                "above",
                cdsl.greater_than.exp,
                arguments=("noise.width + many[1].width",),
            ),
        )

    def forward(self) -> NestedModelsValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.a_raw.squeeze(0),
            self.noise._stored(),
            self._stored_in(self.many),
            self.above_raw.squeeze(0),
        )

    def _evaluate(self, raw: cdsl.Raw) -> NestedModelsValues:
        a_raw, noise_raw, many_raw, above_raw = raw
        a = cdsl.real.identity(a_raw)
        noise = self.noise._evaluate(noise_raw)
        many = self._each(self.many, many_raw)
        b = a[..., None] * noise.df + noise.f + many[0].f
        c = many[1].shares.q
        above = cdsl.greater_than.exp(above_raw, noise.width + many[1].width)
        return NestedModelsValues(a, noise, many, b, c, above)

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[NestedModelsValues]:
        a_raw, noise_raw, many_raw, above_raw = raw
        log_dets: cdsl.LogDets = {}
        a, log_dets["a"] = cdsl.real.identity.with_log_det(a_raw)
        noise = self._nested(self.noise, noise_raw, "noise", log_dets)
        many = self._nested(self.many, many_raw, "many", log_dets)
        b = a[..., None] * noise.df + noise.f + many[0].f
        c = many[1].shares.q
        above, log_dets["above"] = cdsl.greater_than.exp.with_log_det(
            above_raw, noise.width + many[1].width
        )
        return NestedModelsValues(a, noise, many, b, c, above), log_dets

    def _arguments(self, name: str, values: cdsl.Known) -> tuple[cdsl.Argument, ...]:
        if name == "above":
            noise = values["noise"]
            many = values["many"]
            return (noise.width + many[1].width,)
        return super()._arguments(name, values)

    def _bindings(self) -> cdsl.Bindings:
        return (
            ("noise", None, {"K": self.J, "x": self.z}),
            ("many", self.M, {"K": self.M + 1, "x": 2 * self.z}),
        )

    @property
    def a(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.a_raw.squeeze(0))

    @a.setter
    def a(self, value: cdsl.Settable) -> None:
        self.assign_(a=value)

    @property
    def b(self) -> torch.Tensor:
        """`= a * noise.df + noise.f + many[0].f`"""
        return self._evaluate(self._raw()).b

    @property
    def c(self) -> torch.Tensor:
        """`= many[1].shares.q`"""
        return self._evaluate(self._raw()).c

    @property
    def above(self) -> torch.Tensor:
        """`greater_than(noise.width + many[1].width) via exp`"""
        return self._evaluate(self._raw()).above

    @above.setter
    def above(self, value: cdsl.Settable) -> None:
        self.assign_(above=value)
