# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class LeastValues(NamedTuple):
    """The constrained values of a `Least`."""

    x: torch.Tensor
    """`real via identity`"""


class Least(cdsl.ConstrainedModule["LeastValues"]):
    """The parameters of a `Least`, and the values they stand for."""

    _values = LeastValues
    _declared = (cdsl.Declared("x", cdsl.real.identity),)

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.x_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.reset_parameters()

    def forward(self) -> LeastValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (self.x_raw.squeeze(0),)

    def _evaluate(self, raw: cdsl.Raw) -> LeastValues:
        (x_raw,) = raw
        x = cdsl.real.identity(x_raw)
        return LeastValues(x)

    def _evaluate_with_log_dets(self, raw: cdsl.Raw) -> cdsl.WithLogDets[LeastValues]:
        (x_raw,) = raw
        log_dets: cdsl.LogDets = {}
        x, log_dets["x"] = cdsl.real.identity.with_log_det(x_raw)
        return LeastValues(x), log_dets

    @property
    def x(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.x_raw.squeeze(0))

    @x.setter
    def x(self, value: cdsl.Settable) -> None:
        self.assign_(x=value)


@cdsl.values
class CountedValues(NamedTuple):
    """The constrained values of a `Counted`."""

    least: LeastValues
    """`Least`"""
    above: torch.Tensor
    """`= sum(all_that_was_counted > 1)`"""


class Counted(cdsl.OpenModule["CountedValues"]):
    """The parameters of a `Counted`, and the values they stand for."""

    how_many_there_are: int
    all_that_was_counted: torch.Tensor

    _inputs = (
        cdsl.Dim("how_many_there_are"),
        cdsl.Data("all_that_was_counted", cdsl.real, batch=("how_many_there_are",)),
    )
    _order = ("least",)
    _fixed = ("above",)
    _spec = '{"name":"Counted","doc":"","dims":[{"name":"how_many_there_are","default":null,"doc":""}],"data":[{"name":"all_that_was_counted","domain":"real","arguments":[],"batch":[{"op":"dim","name":"how_many_there_are","kind":"int","plain":true}],"sizes":[],"default":null,"doc":""}],"lets":[{"name":"above","value":{"op":"sum","operands":[{"op":">","operands":[{"op":"data","name":"all_that_was_counted","rank":1},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"bool","rank":1}],"kind":"int"},"shape":[],"doc":""}],"children":[{"name":"least","model":"Least","size":null,"dims":[],"data":[],"doc":""}],"order":["how_many_there_are","all_that_was_counted","least","above"]}'

    def __init__(
        self,
        *,
        all_that_was_counted: cdsl.Settable,
        how_many_there_are: int | None = None,
        dtype: torch.dtype | None = None,
        device: cdsl.Device = None,
    ) -> None:
        super().__init__()
        self._bind(
            {"how_many_there_are": how_many_there_are},
            {"all_that_was_counted": all_that_was_counted},
            dtype,
            device,
        )
        self.least = Least(dtype=dtype, device=device)
        self.reset_parameters()

    def _declarations(self) -> tuple[cdsl.Declared, ...]:
        return ()

    def forward(self) -> CountedValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (self.least._stored(),)

    def _evaluate(self, raw: cdsl.Raw) -> CountedValues:
        (least_raw,) = raw
        least = self.least._evaluate(least_raw)
        above = torch.sum(self.all_that_was_counted > 1, -1)
        return CountedValues(least, above)

    def _evaluate_with_log_dets(self, raw: cdsl.Raw) -> cdsl.WithLogDets[CountedValues]:
        (least_raw,) = raw
        log_dets: cdsl.LogDets = {}
        least = self._nested(self.least, least_raw, "least", log_dets)
        above = torch.sum(self.all_that_was_counted > 1, -1)
        return CountedValues(least, above), log_dets

    @property
    def above(self) -> torch.Tensor:
        """`= sum(all_that_was_counted > 1)`"""
        return self._evaluate(self._raw()).above


@cdsl.values
class BoundLinesValues(NamedTuple):
    """The constrained values of a `BoundLines`."""

    twice: torch.Tensor
    """`= 2 * observed`"""
    counted: CountedValues
    """`Counted(how_many_there_are=2 * N, all_that_was_counted=2 * observed)`"""
    share: torch.Tensor
    """`= counted.above / 3`"""
    low: torch.Tensor
    """`= counted.least.x - 1`"""
    lower: torch.Tensor
    """`= low - share`"""
    x: torch.Tensor
    """`greater_than(lower) via exp`"""


class BoundLines(cdsl.OpenModule["BoundLinesValues"]):
    """What nested models take, in lines that are too long for one; and what follows from what follows from them."""

    _doc = "What nested models take, in lines that are too long for one; and what follows from what follows from them."
    N: int
    observed: torch.Tensor

    _inputs = (
        cdsl.Dim("N", 2),
        cdsl.Data(
            "observed",
            cdsl.real,
            batch=(lambda self: 2 * self.N,),
            default=lambda self: self._arange(2 * self.N),
        ),
    )
    _order = ("counted", "x")
    _fixed = ("twice", "share")
    _spec = '{"name":"BoundLines","doc":"What nested models take, in lines that are too long for one; and what follows from what follows from them.","dims":[{"name":"N","default":2,"doc":""}],"data":[{"name":"observed","domain":"real","arguments":[],"batch":[{"op":"*","operands":[{"op":"number","value":2,"kind":"int","plain":true},{"op":"dim","name":"N","kind":"int","plain":true}],"kind":"int","plain":true}],"sizes":[],"default":{"op":"arange","operands":[{"op":"*","operands":[{"op":"number","value":2,"kind":"int","plain":true},{"op":"dim","name":"N","kind":"int","plain":true}],"kind":"int","plain":true}],"kind":"int","rank":1},"doc":""}],"parameters":[{"name":"x","domain":"greater_than","arguments":[{"op":"let","name":"lower","varies":true}],"batch":[],"sizes":[],"transform":"exp","start":null,"frozen":false,"doc":""}],"lets":[{"name":"twice","value":{"op":"*","operands":[{"op":"number","value":2,"kind":"int","plain":true},{"op":"data","name":"observed","rank":1}],"rank":1},"shape":["2*N"],"doc":""},{"name":"share","value":{"op":"/","operands":[{"op":"member","operands":[{"op":"child","name":"counted","varies":true}],"name":"above","kind":"int"},{"op":"number","value":3,"kind":"int","plain":true}]},"shape":[],"doc":""},{"name":"low","value":{"op":"-","operands":[{"op":"member","operands":[{"op":"member","operands":[{"op":"child","name":"counted","varies":true}],"name":"least","varies":true}],"name":"x","varies":true},{"op":"number","value":1,"kind":"int","plain":true}],"varies":true},"shape":[],"doc":""},{"name":"lower","value":{"op":"-","operands":[{"op":"let","name":"low","varies":true},{"op":"let","name":"share"}],"varies":true},"shape":[],"doc":""}],"children":[{"name":"counted","model":"Counted","size":null,"dims":[["how_many_there_are",{"op":"*","operands":[{"op":"number","value":2,"kind":"int","plain":true},{"op":"dim","name":"N","kind":"int","plain":true}],"kind":"int","plain":true}]],"data":[["all_that_was_counted",{"op":"*","operands":[{"op":"number","value":2,"kind":"int","plain":true},{"op":"data","name":"observed","rank":1}],"rank":1}]],"doc":""}],"models":[{"name":"Least","doc":"","parameters":[{"name":"x","domain":"real","arguments":[],"batch":[],"sizes":[],"transform":"identity","start":null,"frozen":false,"doc":""}]},{"name":"Counted","doc":"","dims":[{"name":"how_many_there_are","default":null,"doc":""}],"data":[{"name":"all_that_was_counted","domain":"real","arguments":[],"batch":[{"op":"dim","name":"how_many_there_are","kind":"int","plain":true}],"sizes":[],"default":null,"doc":""}],"lets":[{"name":"above","value":{"op":"sum","operands":[{"op":">","operands":[{"op":"data","name":"all_that_was_counted","rank":1},{"op":"number","value":1,"kind":"int","plain":true}],"kind":"bool","rank":1}],"kind":"int"},"shape":[],"doc":""}],"children":[{"name":"least","model":"Least","size":null,"dims":[],"data":[],"doc":""}],"order":["how_many_there_are","all_that_was_counted","least","above"]}],"order":["N","observed","twice","counted","share","low","lower","x"]}'

    def __init__(
        self,
        *,
        N: int | None = None,
        observed: cdsl.Settable | None = None,
        dtype: torch.dtype | None = None,
        device: cdsl.Device = None,
    ) -> None:
        super().__init__()
        self._bind({"N": N}, {"observed": observed}, dtype, device)
        self.counted = Counted(
            how_many_there_are=2 * self.N,
            all_that_was_counted=2 * self.observed,
            dtype=dtype,
            device=device,
        )
        self.x_raw = torch.nn.Parameter(self._empty("x", dtype, device))
        self.reset_parameters()

    def _declarations(self) -> tuple[cdsl.Declared, ...]:
        return (cdsl.Declared("x", cdsl.greater_than.exp, arguments=("lower",)),)

    def forward(self) -> BoundLinesValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return self.counted._stored(), self.x_raw.squeeze(0)

    def _evaluate(self, raw: cdsl.Raw) -> BoundLinesValues:
        counted_raw, x_raw = raw
        twice = 2 * self.observed
        counted = self.counted._evaluate(counted_raw)
        share = self._real(counted.above) / 3
        low = counted.least.x - 1
        lower = low - share
        x = cdsl.greater_than.exp(x_raw, lower)
        return BoundLinesValues(twice, counted, share, low, lower, x)

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[BoundLinesValues]:
        counted_raw, x_raw = raw
        log_dets: cdsl.LogDets = {}
        twice = 2 * self.observed
        counted = self._nested(self.counted, counted_raw, "counted", log_dets)
        share = self._real(counted.above) / 3
        low = counted.least.x - 1
        lower = low - share
        x, log_dets["x"] = cdsl.greater_than.exp.with_log_det(x_raw, lower)
        return BoundLinesValues(twice, counted, share, low, lower, x), log_dets

    def _arguments(self, name: str, values: cdsl.Known) -> tuple[cdsl.Argument, ...]:
        if name == "x":
            counted = values["counted"]
            share = self._real(counted.above) / 3
            low = counted.least.x - 1
            lower = low - share
            return (lower,)
        return super()._arguments(name, values)

    def _bindings(self) -> cdsl.Bindings:
        return (
            (
                "counted",
                None,
                {
                    "how_many_there_are": 2 * self.N,
                    "all_that_was_counted": 2 * self.observed,
                },
            ),
        )

    @property
    def twice(self) -> torch.Tensor:
        """`= 2 * observed`"""
        return self._evaluate(self._raw()).twice

    @property
    def share(self) -> torch.Tensor:
        """`= counted.above / 3`"""
        return self._evaluate(self._raw()).share

    @property
    def low(self) -> torch.Tensor:
        """`= counted.least.x - 1`"""
        return self._evaluate(self._raw()).low

    @property
    def lower(self) -> torch.Tensor:
        """`= low - share`"""
        return self._evaluate(self._raw()).lower

    @property
    def x(self) -> torch.Tensor:
        """`greater_than(lower) via exp`"""
        return self._evaluate(self._raw()).x

    @x.setter
    def x(self, value: cdsl.Settable) -> None:
        self.assign_(x=value)
