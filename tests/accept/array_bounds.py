# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class ArrayBoundsValues(NamedTuple):
    """The constrained values of a `ArrayBounds`."""

    tau: torch.Tensor
    """`interval([0.0, -inf, 0.1], [inf, 3.0, 10.0])[3] via logistic`: from above, from below, from both sides"""
    s: torch.Tensor
    """`greater_than([0.0, 1.0])[5, 2] via exp`"""
    low_only: torch.Tensor
    """`interval([0.0, 1.0, -inf], 5.0)[4, 3] via probit`"""
    cut: torch.Tensor
    """`interval(-1.0, [[1.0], [2.0]])[2, 2] via clamp`"""
    offset: torch.Tensor
    """`real([-1.0, 1.0], [[1.0], [2.0]])[2, 2] via identity`"""
    steep: torch.Tensor
    """`less_than([1.0, inf])[2] via softplus(loc=1.0, scale=2.0)`"""
    empty: torch.Tensor
    """`less_than([])[0] via exp`"""
    many: torch.Tensor
    """`greater_than([0.125, 0.25, 0.375, 0.5, … 12 more])[16] via exp`"""
    a_name_that_is_as_long_as_names_seldom_are_in_specs: torch.Tensor
    """`interval([0.0, 0.5], [1.0, 1.5])[2] via logistic`"""


class ArrayBounds(cdsl.ConstrainedModule["ArrayBoundsValues"]):
    """Bounds that are arrays: each entry has its own, and an infinite one is none."""

    _doc = (
        "Bounds that are arrays: each entry has its own, and an infinite one is none."
    )
    _values = ArrayBoundsValues
    _declared = (
        cdsl.Declared(
            "tau",
            cdsl.interval.logistic,
            arguments=((0.0, -torch.inf, 0.1), (torch.inf, 3.0, 10.0)),
            batch=(3,),
            doc="from above, from below, from both sides",
        ),
        cdsl.Declared(
            "s", cdsl.greater_than.exp, arguments=((0.0, 1.0),), batch=(5, 2), start=1.5
        ),
        cdsl.Declared(
            "low_only",
            cdsl.interval.probit,
            arguments=((0.0, 1.0, -torch.inf), 5.0),
            batch=(4, 3),
            start=4.0,
        ),
        cdsl.Declared(
            "cut",
            cdsl.interval.clamp,
            arguments=(-1.0, ((1.0,), (2.0,))),
            batch=(2, 2),
            start=0.25,
            frozen=True,
        ),
        cdsl.Declared(
            "offset",
            cdsl.real.identity,
            arguments=((-1.0, 1.0), ((1.0,), (2.0,))),
            batch=(2, 2),
        ),
        cdsl.Declared(
            "steep",
            cdsl.less_than.softplus,
            arguments=((1.0, torch.inf),),
            batch=(2,),
            loc=1.0,
            scale=2.0,
        ),
        cdsl.Declared("empty", cdsl.less_than.exp, arguments=((),), batch=(0,)),
        cdsl.Declared(
            "many",
            cdsl.greater_than.exp,
            arguments=(
                (
                    0.125,
                    0.25,
                    0.375,
                    0.5,
                    0.625,
                    0.75,
                    0.875,
                    1.0,
                    1.125,
                    1.25,
                    1.375,
                    1.5,
                    1.625,
                    1.75,
                    1.875,
                    2.0,
                ),
            ),
            batch=(16,),
        ),
        cdsl.Declared(
            "a_name_that_is_as_long_as_names_seldom_are_in_specs",
            cdsl.interval.logistic,
            arguments=((0.0, 0.5), (1.0, 1.5)),
            batch=(2,),
        ),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.tau_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self._tau_low = torch.nn.Buffer(
            torch.empty(3, dtype=dtype, device=device), persistent=False
        )
        self._tau_high = torch.nn.Buffer(
            torch.empty(3, dtype=dtype, device=device), persistent=False
        )
        self.s_raw = torch.nn.Parameter(torch.empty((5, 2), dtype=dtype, device=device))
        self._s_low = torch.nn.Buffer(
            torch.empty(2, dtype=dtype, device=device), persistent=False
        )
        self.low_only_raw = torch.nn.Parameter(
            torch.empty((4, 3), dtype=dtype, device=device)
        )
        self._low_only_low = torch.nn.Buffer(
            torch.empty(3, dtype=dtype, device=device), persistent=False
        )
        self.cut_raw = torch.nn.Parameter(
            torch.empty((2, 2), dtype=dtype, device=device), requires_grad=False
        )
        self._cut_high = torch.nn.Buffer(
            torch.empty((2, 1), dtype=dtype, device=device), persistent=False
        )
        self.offset_raw = torch.nn.Parameter(
            torch.empty((2, 2), dtype=dtype, device=device)
        )
        self._offset_loc = torch.nn.Buffer(
            torch.empty(2, dtype=dtype, device=device), persistent=False
        )
        self._offset_scale = torch.nn.Buffer(
            torch.empty((2, 1), dtype=dtype, device=device), persistent=False
        )
        self.steep_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self._steep_high = torch.nn.Buffer(
            torch.empty(2, dtype=dtype, device=device), persistent=False
        )
        self.empty_raw = torch.nn.Parameter(torch.empty(0, dtype=dtype, device=device))
        self._empty_high = torch.nn.Buffer(
            torch.empty(0, dtype=dtype, device=device), persistent=False
        )
        self.many_raw = torch.nn.Parameter(torch.empty(16, dtype=dtype, device=device))
        self._many_low = torch.nn.Buffer(
            torch.empty(16, dtype=dtype, device=device), persistent=False
        )
        self.a_name_that_is_as_long_as_names_seldom_are_in_specs_raw = (
            torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        )
        self._a_name_that_is_as_long_as_names_seldom_are_in_specs_low = torch.nn.Buffer(
            torch.empty(2, dtype=dtype, device=device), persistent=False
        )
        self._a_name_that_is_as_long_as_names_seldom_are_in_specs_high = (
            torch.nn.Buffer(
                torch.empty(2, dtype=dtype, device=device), persistent=False
            )
        )
        self.reset_parameters()

    def forward(self) -> ArrayBoundsValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.tau_raw,
            self.s_raw,
            self.low_only_raw,
            self.cut_raw,
            self.offset_raw,
            self.steep_raw,
            self.empty_raw,
            self.many_raw,
            self.a_name_that_is_as_long_as_names_seldom_are_in_specs_raw,
        )

    def _evaluate(self, raw: cdsl.Raw) -> ArrayBoundsValues:
        (
            tau_raw,
            s_raw,
            low_only_raw,
            cut_raw,
            offset_raw,
            steep_raw,
            empty_raw,
            many_raw,
            a_name_that_is_as_long_as_names_seldom_are_in_specs_raw,
        ) = raw
        tau = cdsl.interval.logistic(tau_raw, self._tau_low, self._tau_high)
        s = cdsl.greater_than.exp(s_raw, self._s_low)
        low_only = cdsl.interval.probit(low_only_raw, self._low_only_low, 5.0)
        cut = cdsl.interval.clamp(cut_raw, -1.0, self._cut_high)
        offset = cdsl.real.identity(offset_raw, self._offset_loc, self._offset_scale)
        steep = cdsl.less_than.softplus(steep_raw, self._steep_high, loc=1.0, scale=2.0)
        empty = cdsl.less_than.exp(empty_raw, self._empty_high)
        many = cdsl.greater_than.exp(many_raw, self._many_low)
        a_name_that_is_as_long_as_names_seldom_are_in_specs = cdsl.interval.logistic(
            a_name_that_is_as_long_as_names_seldom_are_in_specs_raw,
            self._a_name_that_is_as_long_as_names_seldom_are_in_specs_low,
            self._a_name_that_is_as_long_as_names_seldom_are_in_specs_high,
        )
        return ArrayBoundsValues(
            tau,
            s,
            low_only,
            cut,
            offset,
            steep,
            empty,
            many,
            a_name_that_is_as_long_as_names_seldom_are_in_specs,
        )

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[ArrayBoundsValues]:
        (
            tau_raw,
            s_raw,
            low_only_raw,
            cut_raw,
            offset_raw,
            steep_raw,
            empty_raw,
            many_raw,
            a_name_that_is_as_long_as_names_seldom_are_in_specs_raw,
        ) = raw
        log_dets: cdsl.LogDets = {}
        tau, log_dets["tau"] = cdsl.interval.logistic.with_log_det(
            tau_raw, self._tau_low, self._tau_high, batch=1
        )
        s, log_dets["s"] = cdsl.greater_than.exp.with_log_det(
            s_raw, self._s_low, batch=2
        )
        low_only, log_dets["low_only"] = cdsl.interval.probit.with_log_det(
            low_only_raw, self._low_only_low, 5.0, batch=2
        )
        cut = cdsl.interval.clamp(cut_raw, -1.0, self._cut_high)
        offset, log_dets["offset"] = cdsl.real.identity.with_log_det(
            offset_raw, self._offset_loc, self._offset_scale, batch=2
        )
        steep, log_dets["steep"] = cdsl.less_than.softplus.with_log_det(
            steep_raw, self._steep_high, loc=1.0, scale=2.0, batch=1
        )
        empty, log_dets["empty"] = cdsl.less_than.exp.with_log_det(
            empty_raw, self._empty_high, batch=1
        )
        many, log_dets["many"] = cdsl.greater_than.exp.with_log_det(
            many_raw, self._many_low, batch=1
        )
        (
            a_name_that_is_as_long_as_names_seldom_are_in_specs,
            log_dets["a_name_that_is_as_long_as_names_seldom_are_in_specs"],
        ) = cdsl.interval.logistic.with_log_det(
            a_name_that_is_as_long_as_names_seldom_are_in_specs_raw,
            self._a_name_that_is_as_long_as_names_seldom_are_in_specs_low,
            self._a_name_that_is_as_long_as_names_seldom_are_in_specs_high,
            batch=1,
        )
        return (
            ArrayBoundsValues(
                tau,
                s,
                low_only,
                cut,
                offset,
                steep,
                empty,
                many,
                a_name_that_is_as_long_as_names_seldom_are_in_specs,
            ),
            log_dets,
        )

    @property
    def tau(self) -> torch.Tensor:
        """`interval([0.0, -inf, 0.1], [inf, 3.0, 10.0])[3] via logistic`: from above, from below, from both sides"""
        return cdsl.interval.logistic(self.tau_raw, self._tau_low, self._tau_high)

    @tau.setter
    def tau(self, value: cdsl.Settable) -> None:
        self.assign_(tau=value)

    @property
    def s(self) -> torch.Tensor:
        """`greater_than([0.0, 1.0])[5, 2] via exp`"""
        return cdsl.greater_than.exp(self.s_raw, self._s_low)

    @s.setter
    def s(self, value: cdsl.Settable) -> None:
        self.assign_(s=value)

    @property
    def low_only(self) -> torch.Tensor:
        """`interval([0.0, 1.0, -inf], 5.0)[4, 3] via probit`"""
        return cdsl.interval.probit(self.low_only_raw, self._low_only_low, 5.0)

    @low_only.setter
    def low_only(self, value: cdsl.Settable) -> None:
        self.assign_(low_only=value)

    @property
    def cut(self) -> torch.Tensor:
        """`interval(-1.0, [[1.0], [2.0]])[2, 2] via clamp`"""
        return cdsl.interval.clamp(self.cut_raw, -1.0, self._cut_high)

    @cut.setter
    def cut(self, value: cdsl.Settable) -> None:
        self.assign_(cut=value)

    @property
    def offset(self) -> torch.Tensor:
        """`real([-1.0, 1.0], [[1.0], [2.0]])[2, 2] via identity`"""
        return cdsl.real.identity(self.offset_raw, self._offset_loc, self._offset_scale)

    @offset.setter
    def offset(self, value: cdsl.Settable) -> None:
        self.assign_(offset=value)

    @property
    def steep(self) -> torch.Tensor:
        """`less_than([1.0, inf])[2] via softplus(loc=1.0, scale=2.0)`"""
        return cdsl.less_than.softplus(
            self.steep_raw, self._steep_high, loc=1.0, scale=2.0
        )

    @steep.setter
    def steep(self, value: cdsl.Settable) -> None:
        self.assign_(steep=value)

    @property
    def empty(self) -> torch.Tensor:
        """`less_than([])[0] via exp`"""
        return cdsl.less_than.exp(self.empty_raw, self._empty_high)

    @empty.setter
    def empty(self, value: cdsl.Settable) -> None:
        self.assign_(empty=value)

    @property
    def many(self) -> torch.Tensor:
        """`greater_than([0.125, 0.25, 0.375, 0.5, … 12 more])[16] via exp`"""
        return cdsl.greater_than.exp(self.many_raw, self._many_low)

    @many.setter
    def many(self, value: cdsl.Settable) -> None:
        self.assign_(many=value)

    @property
    def a_name_that_is_as_long_as_names_seldom_are_in_specs(self) -> torch.Tensor:
        """`interval([0.0, 0.5], [1.0, 1.5])[2] via logistic`"""
        return cdsl.interval.logistic(
            self.a_name_that_is_as_long_as_names_seldom_are_in_specs_raw,
            self._a_name_that_is_as_long_as_names_seldom_are_in_specs_low,
            self._a_name_that_is_as_long_as_names_seldom_are_in_specs_high,
        )

    @a_name_that_is_as_long_as_names_seldom_are_in_specs.setter
    def a_name_that_is_as_long_as_names_seldom_are_in_specs(
        self, value: cdsl.Settable
    ) -> None:
        self.assign_(a_name_that_is_as_long_as_names_seldom_are_in_specs=value)
